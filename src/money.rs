//! Money as whole numbers: a millionth of a millionth of a dollar.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};

const PICO: u64 = 1_000_000_000_000;
const DIGITS: usize = 12;

/// An amount of US dollars, kept in whole pico-dollars (10⁻¹² USD): a price in dollars for a million
/// tokens is a whole number of them for one token, so that sums of many small calls lose nothing.
///
/// The largest amount is 18,446,744 dollars, where sums stay. A `Cost` is an estimate wherever a
/// [`PriceBook`](crate::llm::PriceBook) made it.
///
/// # Examples
///
/// ```
/// use lightship::llm::Cost;
///
/// let cost = Cost::from_pico_usd(750_000) + Cost::from_usd(0.25).unwrap();
/// assert_eq!(cost.to_string(), "$0.25000075");
/// assert_eq!(format!("{cost:.2}"), "$0.25");
/// assert_eq!(cost.usd(), 0.25000075);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cost(u64);

impl Cost {
    /// Nothing at all, which a free model costs. What a model of unknown price costs is no `Cost`.
    pub const ZERO: Cost = Cost(0);

    /// So many millionths of a millionth of a dollar.
    #[must_use]
    pub const fn from_pico_usd(pico: u64) -> Self {
        Cost(pico)
    }

    /// An amount in dollars, to the nearest pico-dollar.
    ///
    /// `None` for what is no amount: negative, infinite, not a number, or more than fits.
    ///
    /// # Examples
    ///
    /// ```
    /// use lightship::llm::Cost;
    ///
    /// assert_eq!(Cost::from_usd(0.000_000_75), Some(Cost::from_pico_usd(750_000)));
    /// assert_eq!(Cost::from_usd(f64::NAN), None);
    /// assert_eq!(Cost::from_usd(-1.0), None);
    /// ```
    #[must_use]
    pub fn from_usd(usd: f64) -> Option<Self> {
        // What rounds to nothing may be negative: -0.0.
        let pico = (usd * PICO as f64).round();
        // Not `<=`: as a float, the largest number is one more than it.
        (usd >= 0.0 && pico < u64::MAX as f64).then_some(Cost(pico as u64))
    }

    /// In whole pico-dollars.
    #[must_use]
    pub const fn pico_usd(self) -> u64 {
        self.0
    }

    /// In dollars, as nearly as a float can be: for what is exported, not for sums.
    #[must_use]
    pub fn usd(self) -> f64 {
        self.0 as f64 / PICO as f64
    }

    /// What is left after `other` was taken, and nothing where that is more.
    #[must_use]
    pub const fn saturating_sub(self, other: Cost) -> Cost {
        Cost(self.0.saturating_sub(other.0))
    }
}

impl Add for Cost {
    type Output = Cost;

    fn add(self, other: Cost) -> Cost {
        Cost(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Cost) {
        *self = *self + other;
    }
}

impl Sum for Cost {
    fn sum<I: Iterator<Item = Cost>>(costs: I) -> Cost {
        costs.fold(Cost::ZERO, Add::add)
    }
}

impl<'a> Sum<&'a Cost> for Cost {
    fn sum<I: Iterator<Item = &'a Cost>>(costs: I) -> Cost {
        costs.copied().sum()
    }
}

/// All digits that count, two at least, or as many as the precision says.
impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(precision) = f.precision() else {
            let fraction = format!("{:012}", self.0 % PICO);
            let needed = fraction.trim_end_matches('0').len().max(2);
            return write!(f, "${}.{}", self.0 / PICO, &fraction[..needed]);
        };
        let kept = precision.min(DIGITS);
        let unit = 10_u64.pow((DIGITS - kept) as u32);
        // In 128 bits, for rounding up must not wrap.
        let rounded = (u128::from(self.0) + u128::from(unit / 2)) / u128::from(unit);
        let scale = u128::from(PICO / unit);
        match kept {
            0 => write!(f, "${rounded}"),
            _ => write!(f, "${}.{:0kept$}", rounded / scale, rounded % scale),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shown_in_dollars() {
        for (pico, shown) in [
            (0, "$0.00"),
            (750_000, "$0.00000075"),
            (1, "$0.000000000001"),
            (12_500_000_000_000, "$12.50"),
            (u64::MAX, "$18446744.073709551615"),
        ] {
            assert_eq!(Cost::from_pico_usd(pico).to_string(), shown);
        }
        let cost = Cost::from_pico_usd(1_999_999_999_999);
        assert_eq!(format!("{cost:.0} {cost:.3} {cost:.40}"), "$2 $2.000 $1.999999999999");
        assert_eq!(format!("{:.0}", Cost::from_pico_usd(u64::MAX)), "$18446744");
    }

    #[test]
    fn what_is_no_amount_is_none() {
        for usd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1e-9, 18_446_745.0, 1e300] {
            assert_eq!(Cost::from_usd(usd), None, "{usd}");
        }
        assert_eq!(Cost::from_usd(-0.0), Some(Cost::ZERO));
        assert_eq!(Cost::from_usd(18_000_000.0).map(Cost::usd), Some(18_000_000.0));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn sums_are_exact_and_stay_at_the_top(picos in proptest::collection::vec(any::<u64>(), 0..9)) {
            let sum: Cost = picos.iter().map(|&pico| Cost::from_pico_usd(pico)).sum();
            let exact: u128 = picos.iter().map(|&pico| u128::from(pico)).sum();
            prop_assert_eq!(u128::from(sum.pico_usd()), exact.min(u128::from(u64::MAX)));
        }

        #[test]
        fn dollars_and_back(pico in 0..1_u64 << 50) {
            prop_assert_eq!(Cost::from_usd(Cost::from_pico_usd(pico).usd()).unwrap().pico_usd(), pico);
        }

        #[test]
        fn any_float_is_survived(usd in any::<f64>()) {
            prop_assert_eq!(Cost::from_usd(usd).is_some(), (0.0..18_446_744.0).contains(&usd) || usd == 0.0);
        }
    }
}

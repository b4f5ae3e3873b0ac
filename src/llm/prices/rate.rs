//! What one unit costs, and from how much input on it costs something else.

/// The price of one unit in attodollars (10⁻¹⁸ USD): what tables give as a fraction of a pico-dollar a token
/// is still right after a million of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Rate(pub(crate) u64);

impl Rate {
    /// A price in dollars for 10^`power` units, as text: `0.15`, `2.5e-7`. `None` for what is no price, and
    /// for more than 18 dollars a unit.
    pub(crate) fn parse(text: &str, power: i32) -> Option<Rate> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse().ok()?),
            None => (text, 0_i32),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty()
            || digits.len() > 36
            || !digits.bytes().all(|digit| digit.is_ascii_digit())
        {
            return None;
        }
        let number: u128 = digits.parse().ok()?;
        let shift = exponent.checked_add(18 - power)?.checked_sub(fraction.len() as i32)?;
        let scale = 10_u128.checked_pow(shift.unsigned_abs());
        let atto = match scale {
            Some(scale) if shift >= 0 => number.checked_mul(scale)?,
            Some(scale) => (number + scale / 2) / scale,
            None if shift >= 0 && number > 0 => return None,
            None => 0,
        };
        u64::try_from(atto).ok().map(Rate)
    }
}

/// A rate, or several by how large the input is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Price {
    base: Rate,
    /// By the input that must be exceeded, which grows.
    steps: Vec<(u64, Rate)>,
}

impl Price {
    pub(crate) fn flat(rate: Rate) -> Self {
        Price { base: rate, steps: Vec::new() }
    }

    /// With these rates once the input is larger than the number beside them; the last of a number counts.
    pub(crate) fn stepped(base: Rate, steps: impl IntoIterator<Item = (u64, Rate)>) -> Self {
        let mut price = Price::flat(base);
        for (above, rate) in steps {
            match price.steps.binary_search_by_key(&above, |(above, _)| *above) {
                Ok(at) => price.steps[at].1 = rate,
                Err(at) => price.steps.insert(at, (above, rate)),
            }
        }
        price
    }

    /// For the whole of a request, not for what is above the step.
    pub(crate) fn at(&self, input: u64) -> Rate {
        let exceeded = self.steps.partition_point(|(above, _)| input > *above);
        exceeded.checked_sub(1).map_or(self.base, |last| self.steps[last].1)
    }

    pub(crate) fn base(&self) -> Rate {
        self.base
    }

    pub(crate) fn steps(&self) -> &[(u64, Rate)] {
        &self.steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_read_exactly() {
        for (text, power, atto) in [
            ("2.5", 6, 2_500_000_000_000),
            ("0.075", 6, 75_000_000_000),
            ("2.5e-7", 0, 250_000_000_000),
            ("1E-7", 0, 100_000_000_000),
            ("0.0000025", 0, 2_500_000_000_000),
            ("10", 3, 10_000_000_000_000_000),
            ("0.041666666666666664", 6, 41_666_666_667),
            ("0.000015000020000000002", 0, 15_000_020_000_000),
            ("0.0", 0, 0),
            ("1e-30", 0, 0),
            ("1e-99", 0, 0),
            ("0e99", 0, 0),
            ("18.4", 0, 18_400_000_000_000_000_000),
        ] {
            assert_eq!(Rate::parse(text, power), Some(Rate(atto)), "{text}");
        }
        for text in
            ["", ".", "-1", "NaN", "inf", "1e", "1e99", "19", "1e2147483647", "0x1", "1,5", "1_0"]
        {
            assert_eq!(Rate::parse(text, 0), None, "{text}");
        }
    }

    #[test]
    fn a_step_is_taken_when_it_is_exceeded() {
        let price = Price::stepped(Rate(1), [(500, Rate(9)), (200, Rate(3)), (200, Rate(2))]);
        let rates = [0, 200, 201, 500, 501, u64::MAX].map(|input| price.at(input).0);
        assert_eq!(rates, [1, 1, 2, 2, 9, 9]);
    }
}

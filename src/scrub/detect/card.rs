//! Payment cards.

use super::super::kind::Sensitive;
use super::Finding;
use super::number::{Number, has_luhn};
use super::scan::Scan;

impl Scan<'_> {
    pub(super) fn card(&self, at: usize) -> Option<Finding> {
        let groups = self.groups(at);
        let shapes: [&[u8]; 4] = [&[4, 4, 4, 4, 3], &[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4]];
        let grouped = shapes.iter().filter_map(|shape| groups.first(shape));
        let is_one = |number: &Number<'_>| {
            !matches!(self.get(number.end), b'+' | b'-')
                && self.ends_number(number.end)
                && is_card(number.digits)
        };
        let number = groups.head().into_iter().chain(grouped).find(is_one)?;
        match self.before(at) {
            b'+' => None,
            _ => self.hit(Sensitive::Card, at, number.end),
        }
    }
}

/// Whether an issuer gives such numbers, and the check digit is right.
fn is_card(digits: &[u8]) -> bool {
    let first = |count: usize| {
        digits.iter().take(count).fold(0_u32, |number, digit| number * 10 + u32::from(*digit))
    };
    let fits = match digits.len() {
        13 | 19 => first(1) == 4 || (digits.len() == 19 && is_long(first(2), first(4))),
        14 => matches!(first(3), 300..=305) || matches!(first(2), 36 | 38 | 39),
        15 => matches!(first(2), 34 | 37),
        16 => {
            first(1) == 4
                || matches!(first(2), 51..=55)
                || matches!(first(4), 2221..=2720 | 3528..=3589)
                || is_long(first(2), first(4))
        }
        _ => false,
    };
    let is_varied = digits.iter().any(|digit| *digit != digits[0]);
    fits && is_varied && has_luhn(digits)
}

/// Those that come with up to 19 digits.
fn is_long(two: u32, four: u32) -> bool {
    matches!(two, 62 | 65) || four == 6011 || matches!(four / 10, 644..=649)
}

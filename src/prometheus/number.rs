//! Numbers in forms that every parser reads.

use std::fmt::Write;

/// A sample's value. Plain digits where they are few, else an exponent: `1e300`, `5e-324`.
pub(super) fn write_f64(page: &mut String, value: f64) {
    // Writing into a `String` does not fail.
    let _ = match value {
        v if v.is_nan() => write!(page, "NaN"),
        f64::INFINITY => write!(page, "+Inf"),
        f64::NEG_INFINITY => write!(page, "-Inf"),
        v if v == 0.0 || (1e-5..1e16).contains(&v.abs()) => write!(page, "{v}"),
        v => write!(page, "{v:e}"),
    };
}

/// A whole number, exact beyond 2^53 too.
pub(super) fn write_u64(page: &mut String, mut value: u64) {
    // Most lines of a page end in one of these; the standard formatting takes twice as long.
    let mut digits = [0; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    page.push_str(str::from_utf8(&digits[start..]).unwrap_or_default());
}

/// A bucket's bound, in the one spelling that OpenMetrics asks for (`1.0`, `1e+06`). Both formats
/// use it: the series must not change with the format that a scraper takes.
pub(super) fn bound(value: f64) -> String {
    if !value.is_finite() {
        let mut text = String::new();
        write_f64(&mut text, value);
        return text;
    }
    // Adding zero turns -0.0 into 0.0.
    let value = value + 0.0;
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.parse::<i32>() {
        Ok(exponent) if (-4..6).contains(&exponent) => format!("{value:?}"),
        Ok(exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
        }
        Err(_) => scientific,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn float(value: f64) -> String {
        let mut text = String::new();
        write_f64(&mut text, value);
        text
    }

    #[test]
    fn values_stay_short() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (42.0, "42"),
            (0.1, "0.1"),
            (-1.5, "-1.5"),
            (1e300, "1e300"),
            (-1e-300, "-1e-300"),
            (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
            (5e-324, "5e-324"),
            (9_007_199_254_740_993.0, "9007199254740992"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(float(value), text);
        }
    }

    #[test]
    fn bounds_are_canonical() {
        for (value, text) in [
            (0.0, "0.0"),
            (-0.0, "0.0"),
            (0.005, "0.005"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (2.5, "2.5"),
            (10.0, "10.0"),
            (100_000.0, "100000.0"),
            (1e6, "1e+06"),
            (1_234_567.0, "1.234567e+06"),
            (1e10, "1e+10"),
            (1e300, "1e+300"),
            (-1.0, "-1.0"),
            (f64::INFINITY, "+Inf"),
        ] {
            assert_eq!(bound(value), text);
        }
    }

    proptest! {
        #[test]
        fn every_float_reads_back_as_itself(bits: u64) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            prop_assert_eq!(float(value).parse::<f64>().unwrap().to_bits(), bits);
            prop_assert_eq!(bound(value).parse::<f64>().unwrap(), value);
        }

        #[test]
        fn every_integer_is_exact(value: u64) {
            let mut text = String::new();
            write_u64(&mut text, value);
            prop_assert_eq!(text, value.to_string());
        }
    }
}

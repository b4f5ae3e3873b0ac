//! What can be recorded into a histogram or set on a gauge.

use std::time::Duration;

/// A number that can be recorded: floats, integers, and durations, which count in seconds.
///
/// Integers beyond 2^53 lose their last digits, as every backend keeps measurements as floats;
/// counters don't.
///
/// # Examples
///
/// ```
/// use lightship::Measure;
/// use std::time::Duration;
///
/// assert_eq!(1_500_u32.measure(), 1_500.0);
/// assert_eq!(Duration::from_millis(1_500).measure(), 1.5);
/// ```
pub trait Measure {
    /// The number as recorded.
    fn measure(self) -> f64;
}

macro_rules! measures {
    ($($type:ty),*) => {
        $(impl Measure for $type {
            #[inline]
            fn measure(self) -> f64 {
                self as f64
            }
        })*
    };
}

measures!(f64, f32, u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);

impl Measure for Duration {
    #[inline]
    fn measure(self) -> f64 {
        self.as_secs_f64()
    }
}

//! What must not leave the process.

use super::{Made, REDACTED};
use std::fmt::{self, Display};

/// Something that must not leave the process; made by [`secret`].
#[derive(Clone, Copy)]
pub struct Secret<T>(#[allow(dead_code, reason = "held, never looked at")] T);

/// Something that must not leave the process, whatever the key is that it stands below: on metrics the
/// tag is left out and counted, on spans and in logs it is `[REDACTED]`. It is never formatted, and
/// need not be something that can be.
///
/// # Costs
///
/// None: nothing is looked at. A reference will do for `value`.
///
/// # Examples
///
/// ```
/// use lightship::secret;
///
/// struct Form { diagnosis: String }
///
/// let form = Form { diagnosis: "J45".to_owned() };
/// tracing::info!(diagnosis = %secret(&form.diagnosis), "submitted");
/// assert_eq!(secret(&form).to_string(), "[REDACTED]");
/// ```
pub fn secret<T>(value: T) -> Secret<T> {
    Secret(value)
}

impl<T> Secret<T> {
    #[inline]
    pub(super) fn made(&self) -> Made<'_> {
        Made::Secret
    }
}

/// `[REDACTED]`, everywhere.
impl<T> Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

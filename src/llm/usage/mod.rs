//! What a call used: the normal form, and readers of what providers send.

mod error;
mod fields;
mod gemini;
mod normal;
mod providers;
mod reading;
mod stream;
#[cfg(test)]
mod tests;
mod tier;

pub use error::UsageError;
pub use normal::Usage;
pub use reading::{Api, Reading};
pub use stream::UsageStream;
pub use tier::ServiceTier;

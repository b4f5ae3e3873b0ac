//! What a call used: the normal form, and readers of what providers send.

mod error;
mod normal;
mod tier;

pub use error::UsageError;
pub use normal::Usage;
pub use tier::ServiceTier;

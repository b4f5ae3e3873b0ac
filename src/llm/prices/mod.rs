//! What models cost: tables, how a model is found in them, and what a usage costs by them.
//!
//! ```text
//! tables: code > file (genai-prices | litellm) > builtin
//! provider, model -> entry -> prices at that time, of that tier -> counts by kind -> cost
//! ```

mod book;
mod clause;
mod error;
mod estimate;
mod file;
mod genai;
mod layers;
mod litellm;
mod name;
mod off_peak;
mod own;
mod place;
mod rate;
mod rates;
mod rows;
mod table;
#[cfg(test)]
mod tests;
mod when;

pub use book::PriceBook;
pub use error::PriceError;
pub use estimate::{Estimate, Unpriced};
pub use own::ModelPrices;

//! What `#[observe]` leaves behind in a function: a span, a count and a duration for each call.
//!
//! ```text
//! Call::new(span, meter) -> body -> Call::ends(..) -> dropped: counted, timed, the span closed
//! ```

mod build_info;
mod call;
mod error_text;
mod error_type;
mod future;
mod inside;
mod meter;
mod outcome;
mod returned;
mod shown;
#[cfg(feature = "llm")]
mod workflow;

pub(crate) use build_info::build_info;
pub use call::Call;
pub use error_text::ErrorText;
pub use error_type::ErrorType;
pub use future::Observed;
pub use inside::{Inside, tag};
pub use meter::{Function, Meter, Metered, Tagged, TaggedFunction, Unmetered};
pub use outcome::{Outcome, Unless};
pub use returned::{
    Fallible, Probe, ProbeAny, ProbeResult, Returned, ReturnsAny, ReturnsNamed, ReturnsTyped,
    failed, succeeded,
};
pub use shown::Field;
#[cfg(feature = "llm")]
pub use workflow::Workflow;

use std::fmt::{Debug, Display};
use tracing::{Value, field};

/// Calls a body at once. A function of its own, so that nobody takes the closure for redundant.
#[inline(always)]
pub fn run<R>(body: impl FnOnce() -> R) -> R {
    body()
}

/// A body that is called once, and may give away what it has.
#[inline(always)]
pub fn once<R, F: FnOnce() -> R>(body: F) -> F {
    body
}

/// A field's value, to be asked for where it is written.
#[inline(always)]
pub fn value<F: Field>(value: &F) -> impl Value {
    value.shown()
}

/// The same for `?value`.
#[inline(always)]
pub fn debug<V: Debug>(value: &V) -> impl Value {
    field::debug(value)
}

/// The same for `%value`.
#[inline(always)]
pub fn display<V: Display>(value: &V) -> impl Value {
    field::display(value)
}

/// Stands, in code that never runs, for a value whose type is to be known.
pub fn never<R>() -> R {
    // Cannot be reached, and need not panic to say so.
    loop {
        std::thread::park();
    }
}

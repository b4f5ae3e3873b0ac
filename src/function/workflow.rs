//! A function that is a workflow: its meter measures a workflow in the place of a call.

use super::meter::Meter;
use super::outcome::Outcome;
use crate::context::Place;
use crate::tag::{OwnedTag, TagRef};
use crate::workflow::{Ending, Run};
use std::borrow::Cow;
use tracing::Span;

/// What `#[workflow]` has in a call.
#[derive(Debug)]
#[doc(hidden)]
pub struct Workflow(Run);

impl Workflow {
    pub fn start(name: &'static str) -> Self {
        Workflow(Run::start(Cow::Borrowed(name)))
    }

    pub fn span(&self) -> Span {
        self.0.span.clone()
    }
}

impl Meter for Workflow {
    type Place = Place;

    fn place(&self) -> Place {
        self.0.enter()
    }

    /// Whoever asks which workflow runs wants to know.
    fn is_live(&self) -> bool {
        true
    }

    /// The call tells the span how it ended.
    fn record(&self, outcome: Outcome) {
        self.0.measure(match outcome {
            Outcome::Ok => Ending::Succeeded,
            Outcome::Error(error_type) => Ending::Failed(TagRef::text(error_type)),
            Outcome::Cancelled => Ending::Cancelled,
            Outcome::Panic => Ending::Panicked,
        });
    }

    /// Tags are the span's alone.
    fn record_tagged(&self, outcome: Outcome, _given: &[(&'static str, OwnedTag)]) {
        self.record(outcome);
    }
}

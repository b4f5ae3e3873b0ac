//! Pairs that go where the work goes, to other tasks and to other processes.

mod wire;

pub(super) use wire::{extract, inject};

use super::within::Within;
use crate::trace;
use opentelemetry::Context;
use opentelemetry::baggage::{Baggage as Stored, BaggageExt, BaggageMetadata};
use std::fmt;
use std::sync::Arc;

/// Pairs that go where the work goes, to other tasks and to other processes: a tenant, a release, an
/// experiment.
///
/// They live in OpenTelemetry's own context, where other libraries see them, follow
/// [`Context`](crate::Context), [`carry`](crate::carry) and `spawn`, and leave the process with every
/// [`inject`](super::inject) where [`Propagator::Baggage`](crate::Propagator) is among the propagators.
/// So they reach whoever is called: say nothing in them that is not for everybody. Keys that name a
/// secret or a person, such as `password`, stay in the process.
///
/// Bounded by [`limits`](crate::limits); a lookup is a walk over at most 64 members, and reading the
/// current baggage copies it.
///
/// # Examples
///
/// ```
/// use lightship::propagation::Baggage;
///
/// Baggage::current().with("tenant", "acme").run(|| {
///     assert_eq!(Baggage::current().get("tenant"), Some("acme"));
/// });
/// assert_eq!(Baggage::current().get("tenant"), None);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Baggage {
    /// Sorted by key.
    members: Arc<[Member]>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Member {
    key: String,
    value: String,
    /// As they came, without the first `;`.
    properties: String,
}

impl Baggage {
    /// No pairs.
    pub fn new() -> Self {
        Baggage::default()
    }

    /// The baggage of the running code.
    pub fn current() -> Self {
        trace::with_current_context(of).unwrap_or_default()
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.members.iter().find(|member| member.key == key).map(|member| &*member.value)
    }

    /// All pairs, by their keys.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.members.iter().map(|member| (&*member.key, &*member.value))
    }

    /// How many pairs there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The same with one pair more, in the place of what the key had. A key has visible ASCII characters
    /// without `(),/:;<=>?@[\]{}"`; a pair with another key, or that would go past the
    /// [bounds](crate::limits), is left out.
    pub fn with(&self, key: impl Into<String>, value: impl Into<String>) -> Self {
        let mut stored = self.stored();
        stored.insert(key.into(), value.into());
        copy(&stored)
    }

    /// The same without a key.
    pub fn without(&self, key: &str) -> Self {
        let others = self.members.iter().filter(|member| member.key != key);
        Baggage { members: others.cloned().collect() }
    }

    /// Runs `body` with this baggage, in the place of what is current, on this thread.
    pub fn run<R>(&self, body: impl FnOnce() -> R) -> R {
        trace::in_context(&self.context(), body)
    }

    /// Lets a future run with this baggage, on whatever thread it is polled, in the context that is
    /// current now.
    pub fn wrap<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        Within::new(future, self.context())
    }

    fn context(&self) -> Context {
        trace::current_context().with_baggage(self.stored())
    }

    fn stored(&self) -> Stored {
        let mut stored = Stored::new();
        for Member { key, value, properties } in self.members.iter() {
            let properties = BaggageMetadata::from(properties.as_str());
            stored.insert_with_metadata(key.clone(), value.clone(), properties);
        }
        stored
    }
}

/// The baggage of a context.
pub(super) fn of(context: &Context) -> Baggage {
    copy(context.baggage())
}

fn copy(stored: &Stored) -> Baggage {
    let member =
        |(key, (value, properties)): (&opentelemetry::Key, &(_, BaggageMetadata))| Member {
            key: key.as_str().to_owned(),
            value: opentelemetry::StringValue::as_str(value).to_owned(),
            properties: properties.as_str().to_owned(),
        };
    let mut members: Vec<_> = stored.iter().map(member).collect();
    members.sort_by(|a, b| a.key.cmp(&b.key));
    Baggage { members: members.into() }
}

/// Keys alone, for values are anybody's.
impl fmt::Debug for Baggage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys = self.members.iter().map(|member| &member.key);
        f.debug_list().entries(keys).finish()
    }
}

//! How often the policy had to act, by what and where.

use super::kind::{Kind, Sensitive};
use std::sync::atomic::{AtomicU64, Ordering};

/// Where a value was on its way to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sink {
    Metrics,
    Spans,
    Logs,
    Baggage,
    /// Event texts, error contexts and the like.
    Texts,
}

impl Sink {
    pub(crate) const ALL: [Sink; 5] =
        [Sink::Metrics, Sink::Spans, Sink::Logs, Sink::Baggage, Sink::Texts];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Sink::Metrics => "metrics",
            Sink::Spans => "spans",
            Sink::Logs => "logs",
            Sink::Baggage => "baggage",
            Sink::Texts => "texts",
        }
    }
}

/// Why the policy acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    Found(Kind),
    /// The key names a secret or a person, or the value was made with `secret`.
    DeniedKey,
    /// The key names somebody, whose name was replaced.
    PseudonymKey,
    IpKey,
    /// Strict rules do not list the key.
    UnlistedKey,
    /// A detector of the user's panicked, or did not answer in time.
    Unjudged,
}

/// How many detectors a user may have.
pub(crate) const MAX_CUSTOM: usize = 32;
const KEY_CAUSES: [&str; 5] = ["denied_key", "pseudonym_key", "ip_key", "unlisted_key", "unjudged"];
const BUILT_IN: usize = Sensitive::ALL.len();
const CAUSES: usize = KEY_CAUSES.len() + BUILT_IN + MAX_CUSTOM;

/// One counter for each cause and sink.
#[derive(Debug)]
pub(crate) struct Counts([[AtomicU64; CAUSES]; Sink::ALL.len()]);

impl Counts {
    pub(super) const fn new() -> Self {
        Counts([const { [const { AtomicU64::new(0) }; CAUSES] }; Sink::ALL.len()])
    }

    pub(super) fn add(&self, sink: Sink, cause: Cause) {
        self.0[sink as usize][index(cause)].fetch_add(1, Ordering::Relaxed);
    }

    /// What happened so far: kind, sink, how often. `custom` has the names of the user's detectors.
    pub(super) fn list(&self, custom: &[&'static str]) -> Vec<(&'static str, &'static str, u64)> {
        let built_in = Sensitive::ALL.iter().map(|kind| kind.as_str());
        let names: Vec<_> =
            KEY_CAUSES.into_iter().chain(built_in).chain(custom.iter().copied()).collect();
        let of = |sink: Sink| {
            let counts = &self.0[sink as usize];
            names
                .iter()
                .zip(counts)
                .map(move |(name, count)| (*name, sink.as_str(), count.load(Ordering::Relaxed)))
        };
        Sink::ALL.into_iter().flat_map(of).filter(|(.., count)| *count > 0).collect()
    }
}

fn index(cause: Cause) -> usize {
    match cause {
        Cause::DeniedKey => 0,
        Cause::PseudonymKey => 1,
        Cause::IpKey => 2,
        Cause::UnlistedKey => 3,
        Cause::Unjudged => 4,
        Cause::Found(Kind::BuiltIn(kind)) => KEY_CAUSES.len() + kind as usize,
        Cause::Found(Kind::Custom(at)) => {
            KEY_CAUSES.len() + BUILT_IN + usize::from(at).min(MAX_CUSTOM - 1)
        }
    }
}

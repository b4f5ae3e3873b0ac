//! Why something was dropped, and how often.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! drop_reasons {
    ($($(#[$doc:meta])* $variant:ident => $name:literal,)*) => {
        /// Why telemetry was dropped or changed on its way; every drop is counted under one of these.
        ///
        /// The text form is the label value of `lightship_dropped_total{reason}`.
        ///
        /// # Examples
        ///
        /// ```
        /// assert_eq!(lightship::DropReason::NotFinite.to_string(), "not_finite");
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum DropReason {
            $($(#[$doc])* $variant,)*
        }

        impl DropReason {
            /// Every reason there is.
            pub(crate) const ALL: &'static [DropReason] = &[$(DropReason::$variant,)*];

            /// The name as it stands on the Prometheus page, such as `series_limit`.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(DropReason::$variant => $name,)*
                }
            }
        }
    };
}

drop_reasons! {
    /// Recorded while no `Telemetry` was installed: before `install` or after `shutdown`.
    BeforeInit => "before_init",
    /// NaN or an infinity.
    NotFinite => "not_finite",
    /// A negative duration.
    NegativeDuration => "negative_duration",
    /// An amount of money that is none: negative, or more than can be kept.
    InvalidCost => "invalid_cost",
    /// The name is in use for a metric of another kind.
    KindMismatch => "kind_mismatch",
    /// The metric's name is empty.
    EmptyName => "empty_name",
    /// A tag value past the limit of its key, folded into `_other`.
    TagValueLimit => "tag_value_limit",
    /// A series past the metric's or the process's limit, folded into the metric's overflow series.
    SeriesLimit => "series_limit",
    /// A metric that came when the process had all the series it may have.
    ProcessLimit => "process_limit",
    /// A tag that the policy does not let out, such as `password`; the point itself is kept.
    TagDenied => "tag_denied",
    /// A tag whose key or value had to be changed or cut to fit.
    TagChanged => "tag_changed",
    /// A name or a text, such as an event's, that had to be changed or cut to fit.
    TextChanged => "text_changed",
    /// A tag whose key another tag of the same call has already.
    TagDuplicate => "tag_duplicate",
    /// The cap on metric memory is reached.
    MemoryLimit => "memory_limit",
    /// A member past the limit of a set.
    SetLimit => "set_limit",
    /// A handle made before `install`, past the limit of those that can be kept.
    EarlyHandleLimit => "early_handle_limit",
    /// A gauge's callback panicked.
    CallbackPanic => "callback_panic",
    /// Two names or series are one and the same for this backend, and can't be merged.
    Collision => "collision",
    /// Longer than one payload.
    Oversize => "oversize",
    /// A header that should carry a trace or baggage, and makes no sense or is too long.
    MalformedContext => "malformed_context",
    /// A bounded queue is full, or the admin listener has all the clients it can take.
    QueueFull => "queue_full",
    /// The collector answered that it does not take it, wholly or in part.
    Rejected => "rejected",
    /// What waits for a collector that is away took all the memory it may have; the oldest went.
    SpoolFull => "spool_full",
    /// It waited for a collector for longer than it may.
    SpoolExpired => "spool_expired",
    /// An export panicked, and what it held is gone.
    ExportPanic => "export_panic",
    /// Still not accepted when the deadline of `shutdown` came.
    Shutdown => "shutdown",
    /// Cut in the middle of a stream, or never answered: it may or may not have arrived. Lines and deltas
    /// of metrics are never sent twice; spans are, and count here where nobody answered to the end.
    Unknown => "unknown",
    /// The process forked; the child has no pipelines until its own `init`.
    Forked => "forked",
    /// The request was malformed, too large or too slow, or nobody read the answer.
    BadRequest => "bad_request",
}

impl DropReason {
    /// Whether a pipeline can drop for this reason; the page shows those from 0 on, for a counter
    /// that appears with its first drop hides that drop from `increase()`.
    pub(crate) fn is_expected_of(self, pipeline: &str) -> bool {
        match self {
            DropReason::TagDenied | DropReason::TagChanged | DropReason::TagDuplicate => true,
            DropReason::Unknown | DropReason::Forked => matches!(pipeline, "dogstatsd" | "otlp"),
            DropReason::Oversize => matches!(pipeline, "dogstatsd" | "otlp" | "logs"),
            DropReason::Shutdown => matches!(pipeline, "dogstatsd" | "otlp" | "logs"),
            DropReason::Rejected
            | DropReason::SpoolFull
            | DropReason::SpoolExpired
            | DropReason::ExportPanic => pipeline == "otlp",
            DropReason::QueueFull => pipeline != "facade",
            DropReason::Collision => matches!(pipeline, "dogstatsd" | "prometheus"),
            DropReason::BadRequest => pipeline == "prometheus",
            DropReason::InvalidCost => cfg!(feature = "llm") && pipeline == "facade",
            _ => pipeline == "facade",
        }
    }

    /// Whether a point is gone, and not just kept under another tag or series.
    pub(crate) fn is_loss(self) -> bool {
        !matches!(
            self,
            DropReason::TagValueLimit
                | DropReason::SeriesLimit
                | DropReason::TagDenied
                | DropReason::TagChanged
                | DropReason::TagDuplicate
                | DropReason::TextChanged
                | DropReason::MalformedContext
                | DropReason::BadRequest
                | DropReason::Unknown
        )
    }
}

impl fmt::Display for DropReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One counter a reason.
#[derive(Debug)]
pub(crate) struct Drops([AtomicU64; DropReason::ALL.len()]);

impl Drops {
    pub(crate) const fn new() -> Self {
        Drops([const { AtomicU64::new(0) }; DropReason::ALL.len()])
    }

    pub(crate) fn add(&self, reason: DropReason, count: u64) {
        self.0[reason as usize].fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn get(&self, reason: DropReason) -> u64 {
        self.0[reason as usize].load(Ordering::Relaxed)
    }

    /// The reasons that happened, with their counts.
    pub(crate) fn list(&self) -> Vec<(DropReason, u64)> {
        DropReason::ALL
            .iter()
            .map(|&reason| (reason, self.get(reason)))
            .filter(|&(_, count)| count > 0)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_counts_stay_apart() {
        let drops = Drops::new();
        for (n, &reason) in DropReason::ALL.iter().enumerate() {
            drops.add(reason, n as u64 + 1);
        }
        let mut names: Vec<_> = drops.list().iter().map(|(reason, _)| reason.as_str()).collect();
        assert_eq!(drops.get(DropReason::BeforeInit), 1);
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), DropReason::ALL.len());
    }
}

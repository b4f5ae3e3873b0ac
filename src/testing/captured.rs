//! What a capture saw.

use super::{SpanTree, isolated::Isolated};
use crate::metrics::reading::{Reading, Recent, Series, Source, dollars};
use crate::status::DropReason;
use crate::trace::CapturedSpan;
use std::sync::Arc;

/// What was recorded within a capture.
///
/// Tags are compared as a backend sees them: scrubbed, and in any order.
///
/// # Examples
///
/// ```
/// let (_, seen) = lightship::testing::capture(|| {
///     lightship::counter!("api.requests", "endpoint" => "/users").increment(2);
/// });
/// assert_eq!(seen.counter("api.requests", &[("endpoint", "/users")]), 2);
/// assert_eq!(seen.counter("api.requests", &[("endpoint", "/none")]), 0);
/// println!("{seen}");
/// ```
#[derive(Debug, Clone)]
pub struct Captured {
    series: Vec<(Arc<Series>, Reading)>,
    dropped: Vec<(DropReason, u64)>,
    spans: Vec<CapturedSpan>,
    logs: Vec<String>,
}

/// What a histogram, distribution or timer took in.
///
/// # Examples
///
/// ```
/// let (_, seen) = lightship::testing::capture(|| {
///     lightship::distribution!("pages").record(3);
///     lightship::distribution!("pages").record(5);
/// });
/// let pages = seen.histogram("pages", &[]);
/// assert_eq!((pages.count, pages.sum), (2, 8.0));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[non_exhaustive]
pub struct Recorded {
    /// How many values.
    pub count: u64,
    /// All of them added up; seconds for a timer.
    pub sum: f64,
}

impl Captured {
    pub(super) fn of(isolated: &Isolated) -> Self {
        let mut series = Vec::new();
        let registry = &isolated.scope.registry;
        registry.collect(Recent::Take, &mut |one, reading| {
            series.push((Arc::clone(one), reading));
        });
        let (spans, logs) = (isolated.take_spans(), isolated.take_lines());
        let mut dropped = isolated.dropped();
        dropped.extend(registry.refused().into_iter().filter(|(_, count)| *count > 0));
        Captured { series, dropped, spans, logs }
    }

    /// A counter's total; 0 if it was never incremented.
    pub fn counter(&self, name: &str, tags: &[(&str, &str)]) -> u64 {
        match self.find(name, tags) {
            Some(Reading::Counter(total)) => *total,
            _ => 0,
        }
    }

    /// All series of a counter together, whatever their tags.
    pub fn counter_total(&self, name: &str) -> u64 {
        let of_name = self.series.iter().filter(|(series, _)| &*series.family.name == name);
        of_name
            .map(|(_, reading)| match reading {
                Reading::Counter(total) => *total,
                _ => 0,
            })
            .sum()
    }

    /// What a counter of US dollars came to, such as `llm_cost_usd`; 0 if nothing was added to it.
    #[cfg(feature = "llm")]
    pub fn usd(&self, name: &str, tags: &[(&str, &str)]) -> f64 {
        match self.find(name, tags) {
            Some(Reading::Cost(pico)) => dollars(*pico),
            _ => 0.0,
        }
    }

    /// A gauge's value; none if it was never set.
    pub fn gauge(&self, name: &str, tags: &[(&str, &str)]) -> Option<f64> {
        match self.find(name, tags) {
            Some(Reading::Gauge(gauge)) if gauge.version > 0 => Some(gauge.value),
            _ => None,
        }
    }

    /// What a histogram, distribution or timer recorded; all zero if it never did.
    pub fn histogram(&self, name: &str, tags: &[(&str, &str)]) -> Recorded {
        match self.find(name, tags) {
            Some(Reading::Histogram(reading)) => {
                Recorded { count: reading.count, sum: reading.sum }
            }
            _ => Recorded::default(),
        }
    }

    /// How many distinct values a set took in.
    pub fn set(&self, name: &str, tags: &[(&str, &str)]) -> usize {
        match self.find(name, tags) {
            Some(Reading::Set(set)) => set.fresh.len(),
            _ => 0,
        }
    }

    /// Every span that ended, in the order of their ends.
    pub fn spans(&self) -> &[CapturedSpan] {
        &self.spans
    }

    /// The first span of this name to end.
    pub fn span(&self, name: &str) -> Option<&CapturedSpan> {
        self.spans.iter().find(|span| span.name == name)
    }

    /// The traces, as trees to compare with what [`span_tree!`](crate::span_tree) makes: siblings in
    /// the order of their starts.
    pub fn span_trees(&self) -> Vec<SpanTree> {
        SpanTree::of(&self.spans)
    }

    /// The log lines, one JSON object each, without their ends.
    pub fn logs(&self) -> &[String] {
        &self.logs
    }

    /// The first log line that has this text in it, in its message or anywhere else.
    pub fn log(&self, text: &str) -> Option<&str> {
        self.logs.iter().map(String::as_str).find(|line| line.contains(text))
    }

    /// How often something was dropped or changed for this reason.
    pub fn dropped(&self, reason: DropReason) -> u64 {
        self.dropped.iter().filter(|(r, _)| *r == reason).map(|(_, count)| count).sum()
    }

    /// Every series, as `name{key=value,...}`, in the order of their first use.
    pub fn series(&self) -> Vec<String> {
        self.series.iter().map(|(series, _)| written(series)).collect()
    }

    fn find(&self, name: &str, tags: &[(&str, &str)]) -> Option<&Reading> {
        let mut wanted = tags.to_vec();
        wanted.sort_unstable();
        let is_it = |series: &Series| {
            &*series.family.name == name && series.tags.iter().eq(wanted.iter().copied())
        };
        self.series.iter().find(|(series, _)| is_it(series)).map(|(_, reading)| reading)
    }
}

/// Series, spans and log lines, for the message of a failed assertion.
impl std::fmt::Display for Captured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (series, reading) in &self.series {
            write!(f, "{} ", written(series))?;
            match reading {
                Reading::Counter(total) => writeln!(f, "{total}"),
                Reading::Cost(pico) => writeln!(f, "${}", dollars(*pico)),
                Reading::Gauge(gauge) => writeln!(f, "{}", gauge.value),
                Reading::Histogram(read) => writeln!(f, "count {} sum {}", read.count, read.sum),
                Reading::Set(set) => writeln!(f, "{} distinct", set.fresh.len()),
            }?;
        }
        self.span_trees().iter().try_for_each(|tree| write!(f, "{tree}"))?;
        self.logs.iter().try_for_each(|line| writeln!(f, "{line}"))?;
        self.dropped.iter().try_for_each(|(reason, n)| writeln!(f, "dropped {n} ({reason})"))
    }
}

fn written(series: &Series) -> String {
    let tags: Vec<_> = series.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    format!("{}{{{}}}", series.family.name, tags.join(","))
}

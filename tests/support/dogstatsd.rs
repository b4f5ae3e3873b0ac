//! A strict DogStatsD parser: it takes what both of Datadog's agents take, and nothing else.
//!
//! Where an agent would skip, cut or repair something, this refuses the line and says why.

#![allow(dead_code, missing_docs, unreachable_pub, clippy::unwrap_used, clippy::expect_used)]

#[path = "dogstatsd_agent.rs"]
mod agent;
#[path = "dogstatsd_parser.rs"]
mod parser;

pub use agent::{FakeAgent, Kind, Vacant, understand};
pub use parser::{parse_line, parse_payload};

/// One line, understood.
#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    Metric(Metric),
    Event(Event),
    Check(Check),
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Metric {
    pub name: String,
    /// `c`, `g`, `h`, `d`, `s` or `ms`.
    pub kind: String,
    /// Empty for a set.
    pub values: Vec<f64>,
    /// The value of a set, as it is.
    pub member: Option<String>,
    pub rate: f64,
    pub timestamp: Option<u64>,
    pub tags: Vec<String>,
    pub origin: Origin,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Event {
    /// With the line breaks that the agent puts back.
    pub title: String,
    pub text: String,
    pub timestamp: Option<u64>,
    pub hostname: Option<String>,
    pub aggregation_key: Option<String>,
    pub source_type: Option<String>,
    pub priority: Option<String>,
    pub alert_type: Option<String>,
    pub tags: Vec<String>,
    pub origin: Origin,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Check {
    pub name: String,
    pub status: u8,
    pub timestamp: Option<u64>,
    pub hostname: Option<String>,
    pub message: Option<String>,
    pub tags: Vec<String>,
    pub origin: Origin,
}

/// The fields `c:`, `e:` and `card:`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Origin {
    pub container: Option<String>,
    pub external: Option<String>,
    pub cardinality: Option<String>,
}

impl Metric {
    /// How many recorded values each value stands for: the agent truncates.
    pub fn weight(&self) -> u64 {
        (1.0 / self.rate) as u64
    }

    /// What the agent adds to its count.
    pub fn count(&self) -> u64 {
        self.weight() * self.values.len() as u64
    }

    /// What the agent adds to its sum, in the line's own unit.
    pub fn sum(&self) -> f64 {
        self.values.iter().map(|value| value * (1.0 / self.rate)).sum()
    }

    pub fn tag(&self, key: &str) -> Option<&str> {
        self.tags.iter().find_map(|tag| tag.strip_prefix(key)?.strip_prefix(':'))
    }
}

impl Line {
    pub fn metric(&self) -> Option<&Metric> {
        if let Line::Metric(metric) = self { Some(metric) } else { None }
    }

    pub fn event(&self) -> Option<&Event> {
        if let Line::Event(event) = self { Some(event) } else { None }
    }

    pub fn check(&self) -> Option<&Check> {
        if let Line::Check(check) = self { Some(check) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_agents_take_is_taken() {
        for line in [
            "a:1|c",
            "a.b_C:1.5:-2:3e-7|h|@0.5|#a:b,c|c:ci-0f|e:it-false,cn-a|card:low",
            "a:1|g|T1700000000",
            "a:-9223372036854775808|s|#a",
            "a:x:y|s",
            "a:0.25|ms",
            "_e{1,1}:a|b",
            "_e{3,6}:a|b|c|\\nd|d:1|h:web 1|k:k|p:low|s:s|t:error|#a:b|c:in-12",
            "_sc|db up-1.x|2|d:5|h:a|#a:b|m:all m: down",
        ] {
            let parsed = parse_line(line);
            let event_with_wrong_length = line.starts_with("_e{3,6}");
            assert_eq!(parsed.is_ok(), !event_with_wrong_length, "{parsed:?}");
        }
        let line = parse_line("_e{3,4}:a|b|c|\\n|d:1").unwrap();
        let event = line.event().unwrap();
        assert_eq!((event.title.as_str(), event.text.as_str()), ("a|b", "c|\n"));
    }

    #[test]
    fn what_one_agent_refuses_is_refused() {
        for line in [
            "",
            "a",
            "a:1",
            "a:|c",
            ":1|c",
            "a:1|m",
            "a:1:|h",
            "a::1|h",
            "a:nan|g",
            "a:inf|d",
            "a:1|c|",
            "a:1|c|x",
            "a:1|c|@0",
            "a:1|c|@1.1",
            "a:1|c|@0.5|@0.5",
            "a:1|h|T5",
            "a:1|c|T0",
            "a:1|c|T-1",
            "a:1|c|@0.5|T5",
            "a:1|c|#",
            "a:1|c|#a,",
            "a:1|c|#A:b",
            "a:1|c|#1a",
            "a:1|c|#a:b,a:b",
            "a:1|c|#a:",
            "a:1|c|#a b",
            "a:1|c|c:0f",
            "a:1|c|e:A",
            "a:1|c|card:all",
            "1a:1|c",
            "a-b:1|c",
            "a b:1|c",
            "ä:1|c",
            "a:1|c\r",
            "a: 1|c",
            "_e{0,1}:|b",
            "_e{1,0}:a|",
            "_e{1,2}:a|b",
            "_e{1,1}:a|bc",
            "_e{1,1}:a|b|t:bad",
            "_e{1,1}:a|b|h:a:b",
            "_sc|a|4",
            "_sc||0",
            "_sc|a|0|m:",
            "_sc|a|0|x",
        ] {
            assert!(parse_line(line).is_err(), "{line:?} was taken");
        }
    }

    #[test]
    fn a_weighted_value_counts_and_adds_up_as_in_the_agent() {
        let line = parse_line("a:2:3|h|@0.25").unwrap();
        let metric = line.metric().unwrap();
        assert_eq!((metric.weight(), metric.count(), metric.sum()), (4, 8, 20.0));
    }

    #[test]
    fn empty_lines_are_skipped_and_wrong_ones_are_not() {
        assert_eq!(parse_payload(b"a:1|c\n\nb:2|g\n").unwrap().len(), 2);
        assert!(parse_payload(b"a:1|c\nb\n").is_err());
        assert!(parse_payload(b"a:1|c\n\xff").is_err());
        assert!(parse_payload(b"\n").unwrap().is_empty());
    }
}

//! Metric names become family names.

use super::Format;
use crate::metrics::Unit;
use crate::metrics::reading::Kind;
use metrics_exporter_prometheus::formatting::sanitize_metric_name;
use std::borrow::Cow;

/// What Prometheus takes a family for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    Counter,
    Gauge,
    Histogram,
    /// A gauge that is 1 for ever; a type of its own in OpenMetrics.
    Info,
}

impl From<Kind> for Type {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Counter | Kind::Cost => Type::Counter,
            Kind::Gauge | Kind::Set => Type::Gauge,
            Kind::Histogram | Kind::Distribution | Kind::Timer => Type::Histogram,
        }
    }
}

/// A family as the page knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FamilyName {
    /// The name in OpenMetrics, without `_total` and `_info`.
    pub(super) base: String,
    pub(super) kind: Type,
    /// The unit that the name ends in.
    pub(super) unit: Option<&'static str>,
}

impl FamilyName {
    /// Sanitises, and adds the unit unless the name ends in it.
    pub(super) fn new(raw: &str, kind: Kind, unit: Option<Unit>) -> Self {
        let mut base = sanitize_metric_name(raw);
        if base.is_empty() {
            base.push('_');
        }
        if matches!(kind, Kind::Counter | Kind::Cost) {
            // A name that is nothing but the suffix keeps it.
            if let Some(rest) = base.strip_suffix("_total").filter(|rest| !rest.is_empty()) {
                base.truncate(rest.len());
            }
        }
        // A plain count has no unit to tell, and a set's number of values is not in the unit of
        // the values.
        let unit = unit.filter(|&unit| unit != Unit::Count && kind != Kind::Set);
        let unit = unit.map(|unit| unit.as_str());
        match unit {
            Some(unit) if base == unit => FamilyName { base, kind: kind.into(), unit: None },
            Some(unit) => {
                if base.strip_suffix(unit).is_none_or(|rest| !rest.ends_with('_')) {
                    base.push('_');
                    base.push_str(unit);
                }
                FamilyName { base, kind: kind.into(), unit: Some(unit) }
            }
            None => FamilyName { base, kind: kind.into(), unit: None },
        }
    }

    /// The name in HELP and TYPE lines.
    pub(super) fn in_metadata(&self, format: Format) -> Cow<'_, str> {
        match (format, self.kind) {
            (Format::Text, Type::Counter | Type::Info) => Cow::Owned(self.of_sample()),
            _ => Cow::Borrowed(&self.base),
        }
    }

    /// The type in TYPE lines.
    pub(super) fn type_in(&self, format: Format) -> &'static str {
        match (self.kind, format) {
            (Type::Counter, _) => "counter",
            (Type::Histogram, _) => "histogram",
            (Type::Info, Format::OpenMetrics) => "info",
            (Type::Gauge | Type::Info, _) => "gauge",
        }
    }

    /// What a sample is called; those of a histogram have further suffixes.
    pub(super) fn of_sample(&self) -> String {
        let suffix = match self.kind {
            Type::Counter => "_total",
            Type::Info => "_info",
            Type::Gauge | Type::Histogram => "",
        };
        format!("{}{suffix}", self.base)
    }

    /// Every name that nobody else may use, in either format: the family's own, and those of all
    /// samples that a parser would take for its.
    pub(super) fn claims(&self) -> impl Iterator<Item = String> {
        let suffixes: &[&str] = match self.kind {
            Type::Counter => &["", "_total", "_created"],
            Type::Gauge => &[""],
            Type::Histogram => &["", "_bucket", "_sum", "_count", "_created"],
            Type::Info => &["", "_info"],
        };
        suffixes.iter().map(|suffix| format!("{}{suffix}", self.base))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(raw: &str, kind: Kind, unit: Option<Unit>) -> (String, String) {
        let name = FamilyName::new(raw, kind, unit);
        (name.of_sample(), name.in_metadata(Format::OpenMetrics).into_owned())
    }

    #[test]
    fn names_follow_the_kind() {
        for (raw, kind, unit, sample, family) in [
            ("api.requests", Kind::Counter, None, "api_requests_total", "api_requests"),
            ("x_total", Kind::Counter, None, "x_total", "x"),
            ("total", Kind::Counter, None, "total_total", "total"),
            ("_total", Kind::Counter, None, "_total_total", "_total"),
            ("sent", Kind::Counter, Some(Unit::Bytes), "sent_bytes_total", "sent_bytes"),
            (
                "sent_bytes_total",
                Kind::Counter,
                Some(Unit::Bytes),
                "sent_bytes_total",
                "sent_bytes",
            ),
            ("x_total", Kind::Gauge, None, "x_total", "x_total"),
            ("users", Kind::Set, Some(Unit::Bytes), "users", "users"),
            ("cpu", Kind::Gauge, Some(Unit::Percent), "cpu_percent", "cpu_percent"),
            ("open", Kind::Gauge, Some(Unit::Count), "open", "open"),
            ("1st", Kind::Gauge, None, "_st", "_st"),
            ("日本", Kind::Gauge, None, "__", "__"),
        ] {
            assert_eq!(name(raw, kind, unit), (sample.into(), family.into()), "{raw}");
        }
    }

    #[test]
    fn a_unit_is_added_once() {
        for (raw, unit, base, told) in [
            ("db.query", Unit::Seconds, "db_query_seconds", Some("seconds")),
            ("db.query.seconds", Unit::Seconds, "db_query_seconds", Some("seconds")),
            ("lag_milliseconds", Unit::Seconds, "lag_milliseconds_seconds", Some("seconds")),
            ("seconds", Unit::Seconds, "seconds", None),
        ] {
            let name = FamilyName::new(raw, Kind::Histogram, Some(unit));
            assert_eq!((name.base.as_str(), name.unit), (base, told));
        }
    }

    #[test]
    fn process_metrics_keep_their_names() {
        for (raw, kind, unit) in [
            ("process_cpu_seconds_total", Kind::Counter, Unit::Seconds),
            ("process_open_fds", Kind::Gauge, Unit::Count),
            ("process_virtual_memory_max_bytes", Kind::Gauge, Unit::Bytes),
            ("process_start_time_seconds", Kind::Gauge, Unit::Seconds),
        ] {
            assert_eq!(name(raw, kind, Some(unit)).0, raw);
        }
    }

    #[test]
    fn metadata_carries_the_suffix_in_text_alone() {
        let counter = FamilyName::new("api.requests", Kind::Counter, None);
        assert_eq!(counter.in_metadata(Format::Text), "api_requests_total");
        let info = FamilyName { base: "target".into(), kind: Type::Info, unit: None };
        assert_eq!(info.in_metadata(Format::Text), "target_info");
        assert_eq!(info.type_in(Format::Text), "gauge");
        assert_eq!(info.type_in(Format::OpenMetrics), "info");
    }
}

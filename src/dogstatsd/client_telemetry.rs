//! What the official clients tell of themselves: `datadog.dogstatsd.client.*`, every ten seconds.

use super::cursor::{Advance, Cursors};
use super::line::{Constants, Identity, LineWriter};
use super::payload::Payload;
use crate::metrics::reading::Kind;
use std::time::{Duration, Instant};

const INTERVAL: Duration = Duration::from_secs(10);

/// The counters, in the order of their names below.
#[derive(Debug, Clone, Copy)]
enum Field {
    Metrics,
    Events,
    ServiceChecks,
    PacketsSent,
    BytesSent,
    PacketsDropped,
    PacketsDroppedWriter,
    BytesDropped,
    BytesDroppedWriter,
    Contexts,
    Count,
    Gauge,
    Histogram,
    Distribution,
    Timing,
    Set,
}

/// Name and, where several counters share it, the tag `metrics_type`.
const FIELDS: [(&str, Option<&str>); 16] = [
    ("metrics", None),
    ("events", None),
    ("service_checks", None),
    ("packets_sent", None),
    ("bytes_sent", None),
    ("packets_dropped", None),
    ("packets_dropped_writer", None),
    ("bytes_dropped", None),
    ("bytes_dropped_writer", None),
    ("aggregated_context", None),
    ("metrics_by_type", Some("count")),
    ("metrics_by_type", Some("gauge")),
    ("metrics_by_type", Some("histogram")),
    ("metrics_by_type", Some("distribution")),
    ("metrics_by_type", Some("timing")),
    ("metrics_by_type", Some("set")),
];

/// Totals, and how far each was accepted.
#[derive(Debug)]
pub(super) struct ClientTelemetry {
    totals: [u64; FIELDS.len()],
    accepted: [u64; FIELDS.len()],
    due: Option<Instant>,
}

impl ClientTelemetry {
    pub(super) fn new(on: bool, now: Instant) -> Self {
        ClientTelemetry {
            totals: [0; FIELDS.len()],
            accepted: [0; FIELDS.len()],
            due: on.then(|| now + INTERVAL),
        }
    }

    fn add(&mut self, field: Field, by: u64) {
        self.totals[field as usize] += by;
    }

    /// Counts points of one kind.
    pub(super) fn add_metrics(&mut self, kind: Kind, points: u64) {
        self.add(Field::Metrics, points);
        let by_type = match kind {
            Kind::Counter | Kind::Cost => Field::Count,
            Kind::Gauge => Field::Gauge,
            Kind::Histogram => Field::Histogram,
            Kind::Distribution => Field::Distribution,
            Kind::Timer => Field::Timing,
            Kind::Set => Field::Set,
        };
        self.add(by_type, points);
    }

    /// Counts an accepted payload; one that holds nothing but this telemetry would feed on itself.
    pub(super) fn add_sent(&mut self, payload: &Payload, cursors: &Cursors) {
        if payload.points == 0 {
            return;
        }
        self.add(Field::PacketsSent, 1);
        self.add(Field::BytesSent, payload.bytes.len() as u64);
        self.add(Field::Events, payload.events);
        self.add(Field::ServiceChecks, payload.service_checks);
        let mut previous = None;
        for advance in &payload.advances {
            let series = advance.series();
            if let Some(kind) = series.and_then(|series| cursors.kind(series)) {
                self.add_metrics(kind, advance.points());
                self.add(Field::Contexts, u64::from(series != previous));
            }
            previous = series;
        }
    }

    pub(super) fn add_unknown(&mut self, bytes: u64) {
        for (packets, dropped) in [
            (Field::PacketsDropped, Field::BytesDropped),
            (Field::PacketsDroppedWriter, Field::BytesDroppedWriter),
        ] {
            self.add(packets, 1);
            self.add(dropped, bytes);
        }
    }

    pub(super) fn accept(&mut self, field: usize, by: u64) {
        self.accepted[field] += by;
    }

    #[cfg(test)]
    pub(super) fn make_due(&mut self) {
        self.due = Some(Instant::now());
    }

    /// The lines that are due, none of them zero.
    pub(super) fn lines(
        &mut self,
        now: Instant,
        writer: &LineWriter,
        constants: &Constants,
        transport: &str,
    ) -> Vec<(String, Advance)> {
        if self.due.is_none_or(|due| now < due) {
            return Vec::new();
        }
        self.due = Some(now + INTERVAL);
        let moved = |&field: &usize| self.totals[field] > self.accepted[field];
        let line = |field: usize| {
            let (name, metrics_type) = FIELDS[field];
            let mut tags = vec![
                ("client", "rust"),
                ("client_version", env!("CARGO_PKG_VERSION")),
                ("client_transport", transport),
            ];
            tags.extend(metrics_type.map(|metrics_type| ("metrics_type", metrics_type)));
            let name = format!("datadog.dogstatsd.client.{name}");
            let by = self.totals[field] - self.accepted[field];
            let line = writer.counter(&Identity::own(&name, &tags, constants), by, None);
            (line, Advance::ClientTelemetry { field, by })
        };
        (0..FIELDS.len()).filter(moved).map(line).collect()
    }
}

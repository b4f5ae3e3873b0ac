//! What the page says of the service and of the pipelines.

use super::Format;
use super::header::Header;
use super::label::{Labels, write_label};
use super::name::{FamilyName, Type};
use super::number::{write_f64, write_u64};
use crate::resource::Resource;
use crate::scrub;
use crate::status::{
    CardinalityOverflow, DropReason, Pipeline, PipelineState, PipelineStatus, RedactionCount,
    Status,
};
use std::time::{SystemTime, UNIX_EPOCH};

/// The longest resource attribute on the page, in characters.
const MAX_ATTRIBUTE_CHARS: usize = 1_000;

/// Who we are, as `target_info`: the same on every page.
#[derive(Debug)]
pub(super) struct TargetInfo {
    header: Header,
    sample: String,
}

impl TargetInfo {
    pub(super) fn new(resource: &Resource, pipeline: &Pipeline) -> Self {
        let cleaned: Vec<_> = resource
            .otel_attributes()
            .map(|(key, value)| (key, scrub::text(value, MAX_ATTRIBUTE_CHARS)))
            .collect();
        let labels = Labels::new(cleaned.iter().map(|(key, value)| (*key, &**value)), false);
        pipeline.dropped(DropReason::TagChanged, labels.renamed);
        pipeline.dropped(DropReason::Collision, labels.collided);
        let name = target_info();
        let sample = match labels.text.as_str() {
            "" => format!("{} 1\n", name.of_sample()),
            labels => format!("{}{{{labels}}} 1\n", name.of_sample()),
        };
        TargetInfo { header: Header::new(&name, "The service that this page is of."), sample }
    }

    pub(super) fn write(&self, page: &mut String, format: Format) {
        page.push_str(self.header.lines(format));
        page.push_str(&self.sample);
    }
}

fn target_info() -> FamilyName {
    FamilyName { base: "target".into(), kind: Type::Info, unit: None }
}

/// One of the SDK's own families: its name, its help, and its samples.
struct Own {
    base: &'static str,
    kind: Type,
    unit: Option<&'static str>,
    help: &'static str,
    samples: Samples,
}

/// Where a family's samples come from.
enum Samples {
    /// Every pipeline.
    Pipelines(fn(&PipelineStatus, &mut Lines<'_>)),
    /// The whole.
    Status(fn(&Status, &mut Lines<'_>)),
}

const OWN: [Own; 8] = [
    Own {
        base: "lightship_pipeline_up",
        kind: Type::Gauge,
        unit: None,
        help: "Whether the pipeline is delivering, as far as it can be told.",
        samples: Samples::Pipelines(|pipeline, lines| {
            let up = matches!(pipeline.state, PipelineState::Up | PipelineState::Unverified);
            lines.integer(&[], u64::from(up));
        }),
    },
    Own {
        base: "lightship_pipeline_state",
        kind: Type::Gauge,
        unit: None,
        help: "1 for the state that the pipeline is in, 0 for the others.",
        samples: Samples::Pipelines(|pipeline, lines| {
            for state in ["disabled", "starting", "up", "unverified", "degraded"] {
                let value = u64::from(pipeline.state.name() == state);
                lines.integer(&[("state", state)], value);
            }
        }),
    },
    Own {
        base: "lightship_sent",
        kind: Type::Counter,
        unit: None,
        help: "What was delivered: lines, spans, pages.",
        samples: Samples::Pipelines(|pipeline, lines| lines.integer(&[], pipeline.sent)),
    },
    Own {
        base: "lightship_dropped",
        kind: Type::Counter,
        unit: None,
        help: "What was dropped or changed on its way, by reason.",
        // Reasons that may happen are there as 0: of a series that begins at 1, `increase` would not
        // see the first drop.
        samples: Samples::Pipelines(|pipeline, lines| {
            for &reason in DropReason::ALL {
                let count = pipeline.dropped_for(reason);
                if count > 0 || reason.is_expected_of(pipeline.name) {
                    lines.integer(&[("reason", reason.as_str())], count);
                }
            }
        }),
    },
    Own {
        base: "lightship_spooled_bytes",
        kind: Type::Gauge,
        unit: Some("bytes"),
        help: "What waits to be delivered.",
        samples: Samples::Pipelines(|pipeline, lines| lines.integer(&[], pipeline.spooled_bytes)),
    },
    Own {
        base: "lightship_last_success_timestamp_seconds",
        kind: Type::Gauge,
        unit: Some("seconds"),
        help: "When something was last delivered, in seconds since 1970.",
        samples: Samples::Pipelines(|pipeline, lines| {
            if let Some(at) = pipeline.last_success {
                lines.float(seconds(at));
            }
        }),
    },
    Own {
        base: "lightship_redactions",
        kind: Type::Counter,
        unit: None,
        help: "How often the rules kept something out, by kind and by where it was going.",
        samples: Samples::Status(|status, lines| {
            for RedactionCount { kind, sink, count } in &status.redactions {
                lines.integer(&[("kind", kind), ("sink", sink)], *count);
            }
        }),
    },
    Own {
        base: "lightship_cardinality_overflow",
        kind: Type::Counter,
        unit: None,
        help: "How often a value of a tag, or a series, was past its limit and was folded.",
        samples: Samples::Status(|status, lines| {
            for CardinalityOverflow { metric, key, count } in &status.overflows {
                lines.integer(&[("metric", metric), ("key", key)], *count);
            }
        }),
    },
];

impl Own {
    fn name(&self) -> FamilyName {
        FamilyName { base: self.base.into(), kind: self.kind, unit: self.unit }
    }
}

/// The names that no metric of the host can have.
pub(super) fn families() -> impl Iterator<Item = FamilyName> {
    OWN.iter().map(Own::name).chain([target_info()])
}

/// Writes the families of the SDK.
pub(super) fn write(page: &mut String, format: Format, status: &Status) {
    for own in &OWN {
        let name = own.name();
        let sample = name.of_sample();
        let mut samples = String::new();
        let mut lines = Lines { page: &mut samples, name: &sample, pipeline: None };
        match own.samples {
            Samples::Pipelines(write) => status.pipelines.iter().for_each(|pipeline| {
                lines.pipeline = Some(pipeline.name);
                write(pipeline, &mut lines);
            }),
            Samples::Status(write) => write(status, &mut lines),
        }
        if !samples.is_empty() {
            page.push_str(Header::new(&name, own.help).lines(format));
            page.push_str(&samples);
        }
    }
}

/// Writes the samples of one family.
struct Lines<'a> {
    page: &'a mut String,
    name: &'a str,
    pipeline: Option<&'static str>,
}

impl Lines<'_> {
    fn integer(&mut self, labels: &[(&str, &str)], value: u64) {
        self.start(labels);
        write_u64(self.page, value);
        self.page.push('\n');
    }

    fn float(&mut self, value: f64) {
        self.start(&[]);
        write_f64(self.page, value);
        self.page.push('\n');
    }

    fn start(&mut self, further: &[(&str, &str)]) {
        let mut labels = String::new();
        let pipeline = self.pipeline.map(|name| ("pipeline", name));
        for (key, value) in pipeline.iter().chain(further) {
            write_label(&mut labels, key, value);
        }
        self.page.extend([self.name, "{", &labels, "} "]);
    }
}

fn seconds(at: SystemTime) -> f64 {
    at.duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

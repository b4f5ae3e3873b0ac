//! Lines: `cadence` writes the metric, this adds what it has no word for.

use super::sanitise::{self, Tag};
use crate::config::settings::DogStatsdSettings;
use crate::metrics::reading::{Kind, Series};
use crate::scrub::{self, Policy};
use crate::status::{DropReason, Drops};
use crate::tag::{OwnedTag, RawTag, TagRef, TagValue};
use cadence::ext::{
    MetricValue, ToCounterValue, ToDistributionValue, ToHistogramValue, ToTimerValue,
};
use cadence::prelude::*;
use cadence::{Metric, MetricBuilder, MetricResult, MetricSink, StatsdClient};
use std::fmt::{self, Write};
use std::io;
use std::sync::Arc;

/// What every line carries: the tags of the whole service and where it comes from.
#[derive(Debug, Clone)]
pub(super) struct Constants {
    tags: Arc<[String]>,
    /// The field `c:`.
    container: Option<Arc<str>>,
    /// `|e:…|card:…`, as far as they are known; `cadence` has no word for either.
    suffix: Arc<str>,
    /// What events and service checks pass.
    policy: Arc<Policy>,
}

/// What a series is called on its lines, cleaned once.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) kind: Kind,
    name: Box<str>,
    /// All tags, joined.
    tags: Box<str>,
}

impl Constants {
    pub(super) fn new(
        settings: &DogStatsdSettings,
        container: Option<&str>,
        drops: &Drops,
    ) -> Self {
        let mut tags = Vec::new();
        for (key, value) in &settings.tags {
            // One by one, for `DD_TAGS` may hold several values of one key.
            let pair = [(key.as_str(), TagRef::text(value))];
            tags.extend(scrubbed(pair.into_iter(), &settings.policy, drops));
        }
        let entity = settings.entity_id.as_deref().filter(|id| !id.is_empty());
        tags.extend(entity.map(|id| sanitise::own_tag("dd.internal.entity_id", id)));
        Constants {
            tags: texts(tags, drops).into(),
            container: container.map(Into::into),
            suffix: suffix(settings).into(),
            policy: Arc::clone(&settings.policy),
        }
    }

    /// Writes `|#…`: the given tags, scrubbed and in order, before those of the service.
    pub(super) fn push_tags(&self, line: &mut String, tags: &[(String, OwnedTag)], drops: &Drops) {
        let raw = tags.iter().map(|(key, value)| (key.as_str(), value.tag_ref()));
        let joined = self.join(scrubbed(raw, &self.policy, drops), drops);
        if !joined.is_empty() {
            line.push_str("|#");
            line.push_str(&joined);
        }
    }

    pub(super) fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Where a line comes from, for lines that `cadence` does not write.
    pub(super) fn origin(&self) -> String {
        let container = self.container.as_deref().map(|id| format!("|c:{id}"));
        container.unwrap_or_default() + &self.suffix
    }

    fn origin_len(&self) -> usize {
        self.container.as_deref().map_or(0, |id| "|c:".len() + id.len()) + self.suffix.len()
    }

    /// The constant tags and `own`, joined. A series may have a tag of a constant's key: both go
    /// out, as with Datadog's own clients, but never twice the same.
    fn join(&self, mut own: Vec<Tag>, drops: &Drops) -> String {
        own.sort();
        let mut tags = texts(own, drops);
        let constants = self.tags.iter().filter(|tag| !tags.contains(tag)).cloned();
        let constants: Vec<String> = constants.collect();
        tags.extend(constants);
        tags.join(",")
    }
}

fn suffix(settings: &DogStatsdSettings) -> String {
    let external = settings.external_data.as_deref().map(sanitise::external_data);
    let external = external.filter(|data| !data.is_empty()).map(|data| format!("|e:{data}"));
    let cardinality = settings.cardinality.map(|level| format!("|card:{level}"));
    external.unwrap_or_default() + &cardinality.unwrap_or_default()
}

fn scrubbed<'a>(
    raw: impl Iterator<Item = (&'a str, TagRef<'a>)>,
    policy: &Policy,
    drops: &Drops,
) -> Vec<Tag> {
    let raw = raw.map(|(key, value)| RawTag { key, value, literal: false });
    let tags = scrub::tags(raw, policy, drops);
    tags.iter().map(|(key, value)| sanitise::tag(key, value)).collect()
}

/// The texts in their order, none of them twice.
fn texts(tags: Vec<Tag>, drops: &Drops) -> Vec<String> {
    let changed = tags.iter().filter(|tag| tag.changed).count();
    drops.add(DropReason::TagChanged, changed as u64);
    let mut texts: Vec<String> = Vec::with_capacity(tags.len());
    for tag in tags {
        // Few enough to look through.
        if !texts.contains(&tag.text) {
            texts.push(tag.text);
        }
    }
    texts
}

impl Identity {
    pub(super) fn new(series: &Series, constants: &Constants, drops: &Drops) -> Self {
        let name = sanitise::name(&series.family.name);
        drops.add(DropReason::TextChanged, u64::from(name != *series.family.name));
        let tags = series.tags.iter().map(|(key, value)| sanitise::tag(key, value)).collect();
        Identity {
            kind: series.family.kind,
            name: name.into(),
            tags: constants.join(tags, drops).into(),
        }
    }

    /// An identity of the pipeline's own telemetry; both texts are clean already.
    pub(super) fn own(name: &str, tags: &[(&str, &str)], constants: &Constants) -> Self {
        let own = tags.iter().map(|(key, value)| sanitise::tag(key, value)).collect();
        let tags = constants.join(own, &Drops::new()).into();
        Identity { kind: Kind::Counter, name: name.into(), tags }
    }
}

/// Writes the lines of metrics.
#[derive(Debug)]
pub(super) struct LineWriter {
    client: StatsdClient,
    constants: Constants,
}

impl LineWriter {
    pub(super) fn new(constants: &Constants) -> Self {
        // No tags of the client's own: a series has all of its tags in one text, joined once.
        let mut client = StatsdClient::builder("", Discard);
        if let Some(container) = &constants.container {
            client = client.with_container_id(container);
        }
        LineWriter { client: client.build(), constants: constants.clone() }
    }

    pub(super) fn counter(&self, to: &Identity, delta: u64, time: Option<u64>) -> String {
        self.finish(self.client.count_with_tags(&to.name, delta), to, None, time)
    }

    /// An increment in dollars. Agents take fractions here, as of every value.
    pub(super) fn cost(&self, to: &Identity, dollars: f64) -> String {
        self.finish(self.client.count_with_tags(&to.name, Dollars(dollars)), to, None, None)
    }

    pub(super) fn gauge(&self, to: &Identity, value: f64, time: Option<u64>) -> String {
        self.finish(self.client.gauge_with_tags(&to.name, value), to, None, time)
    }

    /// A member of a set: the bits of its hash, as the signed number that `cadence` takes.
    pub(super) fn member(&self, to: &Identity, member: u64) -> String {
        self.finish(self.client.set_with_tags(&to.name, member as i64), to, None, None)
    }

    /// Several values of equal weight in one line.
    pub(super) fn packed(&self, to: &Identity, values: Vec<f64>, rate: Option<f64>) -> String {
        let values = Packed(values);
        match to.kind {
            Kind::Timer => {
                self.finish(self.client.time_with_tags(&to.name, values), to, rate, None)
            }
            Kind::Distribution => {
                self.finish(self.client.distribution_with_tags(&to.name, values), to, rate, None)
            }
            _ => self.finish(self.client.histogram_with_tags(&to.name, values), to, rate, None),
        }
    }

    /// What [`packed`](Self::packed) writes besides the values.
    pub(super) fn packed_overhead(&self, to: &Identity, rate: Option<f64>) -> usize {
        let rate = rate.map_or(0, |rate| "|@".len() + printed_len(rate));
        let tags = if to.tags.is_empty() { 0 } else { "|#".len() + to.tags.len() };
        to.name.len() + ":|ms".len() + rate + tags + self.constants.origin_len()
    }

    fn finish<'a, M: Metric + From<String>>(
        &self,
        mut line: MetricBuilder<'a, '_, M>,
        to: &'a Identity,
        rate: Option<f64>,
        time: Option<u64>,
    ) -> String {
        if let Some(rate) = rate {
            line = line.with_sampling_rate(rate);
        }
        if !to.tags.is_empty() {
            line = line.with_tag_value(&to.tags);
        }
        if let Some(time) = time {
            line = line.with_timestamp(time);
        }
        // It could only fail in a sink or a conversion, and ours don't.
        let line = line.try_send().map(|line| line.as_metric_str().to_owned());
        line.unwrap_or_default() + &self.constants.suffix
    }
}

/// `cadence` hands every line to a sink and then back to the caller, who takes it there.
#[derive(Debug)]
struct Discard;

impl MetricSink for Discard {
    fn emit(&self, line: &str) -> io::Result<usize> {
        Ok(line.len())
    }
}

/// Values as they are, for each type that may be packed: `cadence` has no timers of fractions.
struct Packed(Vec<f64>);

macro_rules! packed {
    ($($conversion:ident),*) => {
        $(impl $conversion for Packed {
            fn try_to_value(self) -> MetricResult<MetricValue> {
                Ok(MetricValue::PackedFloat(self.0))
            }
        })*
    };
}

packed!(ToTimerValue, ToHistogramValue, ToDistributionValue);

/// A count that is a fraction, which `cadence` has none of.
struct Dollars(f64);

impl ToCounterValue for Dollars {
    fn try_to_value(self) -> MetricResult<MetricValue> {
        Ok(MetricValue::Float(self.0))
    }
}

/// How many characters a number takes on a line.
pub(super) fn printed_len(value: f64) -> usize {
    struct Length(usize);
    impl fmt::Write for Length {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0 += text.len();
            Ok(())
        }
    }
    let mut length = Length(0);
    let _ = write!(length, "{value}");
    length.0
}

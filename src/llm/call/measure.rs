//! The metrics of calls.

use super::NewCall;
use crate::llm::names;
use crate::llm::{Estimate, Reading, Unpriced, Usage};
use crate::metrics::{
    Counter, CounterCell, DynamicSite, Histogram, HistogramCell, Kind, TimerHandle,
};
use crate::tag::{TagList, TagRef};
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

static DURATION: DynamicSite = DynamicSite::new(Kind::Timer);
static CHUNK: DynamicSite = DynamicSite::new(Kind::Timer);
static TOKENS: DynamicSite = DynamicSite::new(Kind::Histogram);
static UNPRICED: DynamicSite = DynamicSite::new(Kind::Counter);

/// So many models without a price are warned of.
const MAX_TOLD: usize = 100;

/// How a call ended.
pub(super) struct Ended<'e> {
    pub(super) answer: Option<&'e Reading>,
    pub(super) estimate: Option<&'e Result<Estimate, Unpriced>>,
    pub(super) error_type: Option<&'e str>,
}

pub(super) fn chunk(new: &NewCall<'_>, name: &'static str, elapsed: Duration) {
    let tags = common(new);
    TimerHandle(CHUNK.by_all::<HistogramCell>(name, tags.as_slice())).record(elapsed);
}

pub(super) fn end(new: &NewCall<'_>, duration: Duration, ended: &Ended<'_>) {
    let mut tags = common(new);
    let model = ended.answer.and_then(|answer| answer.response_model.as_deref());
    tags.add(names::RESPONSE_MODEL, model.map(TagRef::text));
    let usage = ended.answer.and_then(|answer| answer.usage.as_ref());
    if let Some(usage) = usage {
        tokens(&tags, usage);
    }
    if let Some(Err(why)) = ended.estimate {
        unpriced(new, why);
    }
    let server = new.server.as_ref();
    tags.add("server.address", server.map(|(address, _)| TagRef::text(address)));
    tags.add("server.port", server.map(|(_, port)| TagRef::unsigned(u64::from(*port))));
    tags.add(names::ERROR_TYPE, ended.error_type.map(TagRef::text));
    let timer = DURATION.by_all::<HistogramCell>(names::DURATION, tags.as_slice());
    TimerHandle(timer).record(duration);
}

fn tokens(tags: &TagList<'_>, usage: &Usage) {
    for (kind, count) in [("input", usage.input_tokens()), ("output", usage.output_tokens())] {
        let mut tags = *tags;
        tags.add(names::TOKEN_TYPE, Some(TagRef::one_of(kind)));
        let tokens = TOKENS.by_all::<HistogramCell>(names::TOKEN_USAGE, tags.as_slice());
        Histogram(tokens).record(count as f64);
    }
}

/// Counts a call that has no price, and says so once a model.
fn unpriced(new: &NewCall<'_>, why: &Unpriced) {
    if matches!(why, Unpriced::UnknownModel | Unpriced::NoPrice) && is_new(new) {
        tracing::warn!(
            target: "lightship::llm",
            { gen_ai.provider.name = new.provider.as_str(), gen_ai.request.model = &*new.model },
            "{why}: its calls have no cost until one is set with `llm::prices()`"
        );
    }
    let mut tags = common(new);
    tags.add("reason", Some(TagRef::one_of(why.as_str())));
    Counter(UNPRICED.by_all::<CounterCell>(names::UNPRICED_CALLS, tags.as_slice())).increment(1);
}

/// Whether nobody was told of this model yet. Only so many are.
fn is_new(new: &NewCall<'_>) -> bool {
    static TOLD: Mutex<BTreeSet<(&str, String)>> = Mutex::new(BTreeSet::new());
    let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
    told.len() < MAX_TOLD && told.insert((new.provider.as_str(), new.model.to_string()))
}

fn common<'t>(new: &'t NewCall<'_>) -> TagList<'t> {
    let mut tags = TagList::default();
    tags.add(names::OPERATION, Some(TagRef::one_of(new.operation.as_str())));
    tags.add(names::PROVIDER, Some(TagRef::one_of(new.provider.as_str())));
    tags.add(names::REQUEST_MODEL, Some(TagRef::text(&new.model)));
    tags
}

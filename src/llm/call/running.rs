//! A call while it lasts.

use super::measure::{self, Ended};
use super::{Finished, NewCall};
use crate::context::{Attribute, set_on};
use crate::llm::budget::Reservation;
use crate::llm::names;
use crate::llm::{Cost, Reading, Unpriced, Usage, UsageError};
use crate::metrics::current;
use crate::tag::TagRef;
use crate::workflow::{self, LlmCost};
use std::borrow::Cow;
use std::time::{Duration, Instant, SystemTime};
use tracing::{Span, info_span};

/// What `error.type` says of a call that was dropped before it ended.
const CANCELLED: &str = "cancelled";
/// What it says of one that panicked.
const PANIC: &str = "panic";

/// A call to a model while it lasts; made by [`NewCall::start`].
///
/// One that is dropped counts as cancelled, or as `panic` where its thread panics: its duration is kept, and
/// it has no cost, as nobody said what it used.
///
/// # Examples
///
/// ```
/// use lightship::llm::{self, Api, Provider, UsageStream};
///
/// # fn chunks() -> Vec<&'static [u8]> { vec![b"data: {\"choices\": []}\n\n"] }
/// # fn main() -> Result<(), lightship::llm::UsageError> {
/// let mut call = llm::call(Provider::OpenAi, "gpt-4o").stream().start();
/// let mut stream = UsageStream::new(Api::OpenAiChat);
/// for bytes in chunks() {
///     call.chunk();
///     stream.feed(bytes);
/// }
/// let finished = call.finish(stream.finish()?);
/// assert!(finished.time_to_first_chunk().is_some());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a call that is not kept counts as cancelled at once"]
pub struct Call<'a> {
    new: NewCall<'a>,
    span: Span,
    start: Instant,
    /// From the start to the first chunk, and when the last one came.
    chunks: Option<(Duration, Instant)>,
    reservation: Option<Reservation>,
    workflow: Option<workflow::Current>,
    has_ended: bool,
}

impl<'a> Call<'a> {
    pub(super) fn start(
        new: NewCall<'a>,
        workflow: Option<workflow::Current>,
        reservation: Option<Reservation>,
    ) -> Self {
        let (span, start) = (span(&new), Instant::now());
        Call { new, span, start, chunks: None, reservation, workflow, has_ended: false }
    }

    /// The call's span, for what belongs to it.
    #[must_use]
    pub fn span(&self) -> &Span {
        &self.span
    }

    /// Runs `body` inside the call's span.
    pub fn in_scope<R>(&self, body: impl FnOnce() -> R) -> R {
        self.span.in_scope(body)
    }

    /// A piece of the answer has come. The first is measured from the start, any other from the one before.
    ///
    /// Costs some 100 ns.
    pub fn chunk(&mut self) {
        let now = Instant::now();
        let (first, elapsed, name) = match self.chunks {
            None => {
                let elapsed = now - self.start;
                (elapsed, elapsed, names::TIME_TO_FIRST_CHUNK)
            }
            Some((first, last)) => (first, now - last, names::TIME_PER_CHUNK),
        };
        self.chunks = Some((first, now));
        if !current::nothing_installed() {
            measure::chunk(&self.new, name, elapsed);
        }
    }

    /// Ends the call with what it used: a [`Usage`], or the [`Reading`] of an answer or a stream. Returns
    /// what it cost by the [book of prices](crate::llm::prices).
    ///
    /// Costs some seven microseconds, most of them for metrics.
    pub fn finish(mut self, answer: impl Into<Answer>) -> Finished {
        let answer = answer.into();
        let duration = self.start.elapsed();
        let usage = answer.0.usage.as_ref();
        let estimate = match usage {
            Some(usage) => crate::llm::prices().estimate(
                self.new.provider,
                &self.new.model,
                usage,
                SystemTime::now(),
            ),
            None => Err(Unpriced::NoUsage),
        };
        let output = usage.map_or(0, Usage::output_tokens);
        let finished = Finished {
            estimate,
            duration,
            time_to_first_chunk: self.chunks.map(|(first, _)| first),
            output_tokens_per_second: self.speed(output, duration),
        };
        self.show(&answer.0, &finished);
        self.charge(usage, finished.cost());
        let ended =
            Ended { answer: Some(&answer.0), estimate: Some(&finished.estimate), error_type: None };
        self.end(duration, &ended);
        finished
    }

    /// Tells the budgets and the workflow.
    fn charge(&mut self, usage: Option<&Usage>, cost: Option<Cost>) {
        if let Some(reservation) = self.reservation.take() {
            reservation.settle(cost);
        }
        let [input, output] =
            usage.map_or([0; 2], |usage| [usage.input_tokens(), usage.output_tokens()]);
        if let Some(workflow) = &self.workflow {
            workflow.add_llm(cost, input, output);
        }
        if let Some(cost) = cost {
            let tokens = input.saturating_add(output);
            let (model, operation) = (&*self.new.model, self.new.operation.as_str());
            LlmCost { cost, model, operation, tokens }.record();
        }
    }

    /// Ends the call without an answer: `timeout`, `429`, a class of errors of which there are few. There is
    /// no cost, as most providers ask for none.
    pub fn fail(mut self, error_type: impl Into<Cow<'static, str>>) {
        self.end_with(&error_type.into());
    }

    fn end_with(&mut self, error_type: &str) {
        if !self.span.is_disabled() {
            self.span.record("otel.status_code", "ERROR");
            self.span.record(names::ERROR_TYPE, error_type);
        }
        let ended = Ended { answer: None, estimate: None, error_type: Some(error_type) };
        self.end(self.start.elapsed(), &ended);
    }

    fn end(&mut self, duration: Duration, ended: &Ended<'_>) {
        self.has_ended = true;
        if let Some((first, _)) = self.chunks {
            set_on(&self.span, names::FIRST_CHUNK, Attribute::Float(first.as_secs_f64()));
        }
        if !current::nothing_installed() {
            measure::end(&self.new, duration, ended);
        }
    }

    /// Output tokens a second from the first chunk on.
    fn speed(&self, tokens: u64, duration: Duration) -> Option<f64> {
        let streamed = duration.checked_sub(self.chunks?.0)?.as_secs_f64();
        (tokens > 0 && streamed > 0.0).then(|| tokens as f64 / streamed)
    }

    fn show(&self, answer: &Reading, finished: &Finished) {
        if self.span.is_disabled() {
            return;
        }
        let text = |key, value: &str| set_on(&self.span, key, Attribute::Tag(TagRef::text(value)));
        if let Some(model) = &answer.response_model {
            text(names::RESPONSE_MODEL, model);
        }
        if let Some(id) = &answer.response_id {
            text(names::RESPONSE_ID, id);
        }
        if !answer.finish_reasons.is_empty() {
            text(names::FINISH_REASONS, &answer.finish_reasons.join(","));
        }
        if let Some(usage) = &answer.usage {
            self.show_usage(usage);
        }
        let float = |key, value| set_on(&self.span, key, Attribute::Float(value));
        if let Some(speed) = finished.output_tokens_per_second {
            float(names::TOKENS_PER_SECOND, speed);
        }
        match &finished.estimate {
            Ok(estimate) => {
                float(names::COST, estimate.cost().usd());
                text(names::PRICED_AS, estimate.priced_as());
                text(names::PRICE_BOOK, estimate.book_version());
            }
            Err(why) => text(names::UNPRICED, why.as_str()),
        }
    }

    fn show_usage(&self, usage: &Usage) {
        let count =
            |key, count: u64| set_on(&self.span, key, Attribute::Tag(TagRef::unsigned(count)));
        count(names::INPUT_TOKENS, usage.input_tokens());
        count(names::OUTPUT_TOKENS, usage.output_tokens());
        for (key, part) in [
            (names::CACHE_READ_TOKENS, usage.cache_read_tokens()),
            (names::CACHE_WRITE_TOKENS, usage.cache_write_tokens()),
            (names::REASONING_TOKENS, usage.reasoning_tokens()),
        ] {
            if part > 0 {
                count(key, part);
            }
        }
    }
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        if !self.has_ended {
            self.end_with(if std::thread::panicking() { PANIC } else { CANCELLED });
        }
    }
}

/// What [`Call::finish`] takes: a [`Usage`], a [`Reading`], or the result of reading one, of which an error
/// counts as an answer that does not say what it used.
#[derive(Debug, Clone)]
pub struct Answer(Reading);

impl From<Usage> for Answer {
    fn from(usage: Usage) -> Self {
        let response_model = usage.model().map(str::to_owned);
        Answer(Reading { usage: Some(usage), response_model, ..Reading::default() })
    }
}

impl From<Reading> for Answer {
    fn from(reading: Reading) -> Self {
        Answer(reading)
    }
}

impl From<Result<Reading, UsageError>> for Answer {
    fn from(reading: Result<Reading, UsageError>) -> Self {
        Answer(reading.unwrap_or_default())
    }
}

fn span(new: &NewCall<'_>) -> Span {
    use tracing::field::Empty;
    info_span!(
        target: "lightship::llm",
        "llm.call",
        otel.name = format_args!("{} {}", new.operation, new.model),
        otel.kind = "client",
        otel.status_code = Empty,
        gen_ai.operation.name = new.operation.as_str(),
        gen_ai.provider.name = new.provider.as_str(),
        gen_ai.request.model = &*new.model,
        gen_ai.request.stream = new.is_stream.then_some(true),
        gen_ai.conversation.id = new.conversation.as_deref(),
        server.address = new.server.as_ref().map(|(address, _)| &**address),
        server.port = new.server.as_ref().map(|(_, port)| i64::from(*port)),
        error.type = Empty,
    )
}

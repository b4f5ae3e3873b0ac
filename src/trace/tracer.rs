//! The tracer below tracing-opentelemetry: it starts a span in the trace that was drawn for it.

use super::current::{Legacy, RANDOM};
use opentelemetry::trace::{
    Span, SpanBuilder, SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState,
    Tracer,
};
use opentelemetry::{Array, Context, Key, KeyValue, Value};
use std::borrow::Cow;
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Where a span belongs if nobody gives it a parent before it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// It is the root of this trace.
    Root { trace_id: u128 },
    /// Below a span that is not sampled.
    Unsampled { trace_id: u128, span_id: u64 },
}

thread_local! {
    /// For the builder that is made next.
    static ORIGIN: Cell<Option<Origin>> = const { Cell::new(None) };
    /// For the span that starts next.
    static TRACE_ID: Cell<Option<u128>> = const { Cell::new(None) };
    /// Whether a span is starting, with its lock held.
    static STARTING: Cell<bool> = const { Cell::new(false) };
}

/// Runs `make`, which makes a builder; that remembers `origin`.
pub(super) fn with_origin(origin: Origin, make: impl FnOnce()) {
    ORIGIN.set(Some(origin));
    make();
    ORIGIN.set(None);
}

/// The id that was drawn for the trace that starts now.
pub(super) fn drawn_trace_id() -> Option<u128> {
    TRACE_ID.take()
}

/// Whether the running thread is about to start a span: whoever asks for a span's ids now, such as
/// an event of the SDK itself, might wait for a lock that its own thread holds.
pub(super) fn is_starting() -> bool {
    STARTING.get()
}

/// A tracer that knows where spans belong.
#[derive(Debug)]
pub(crate) struct EarlyTracer<T> {
    inner: T,
    /// Raised when a span turns out unsampled.
    unsampled: Arc<AtomicBool>,
}

impl<T> EarlyTracer<T> {
    pub(super) fn new(inner: T, unsampled: Arc<AtomicBool>) -> Self {
        EarlyTracer { inner, unsampled }
    }
}

impl<T: Tracer> Tracer for EarlyTracer<T> {
    type Span = T::Span;

    fn span_builder<N>(&self, name: N) -> SpanBuilder
    where
        N: Into<Cow<'static, str>>,
    {
        let mut builder = self.inner.span_builder(name);
        if let Some(origin) = ORIGIN.take() {
            builder.attributes = Some(vec![origin.into_attribute()]);
        }
        builder
    }

    fn build_with_context(&self, mut builder: SpanBuilder, parent: &Context) -> Self::Span {
        let _starting = Starting::begin();
        let origin =
            Origin::take(&mut builder).filter(|_| !parent.span().span_context().is_valid());
        let span = match origin {
            None => self.inner.build_with_context(builder, parent),
            Some(Origin::Unsampled { trace_id, span_id }) => {
                let legacy = Legacy::around(trace_id);
                let parent = parent.with_remote_span_context(unsampled(trace_id, span_id, legacy));
                self.inner.build_with_context(builder, &parent)
            }
            Some(Origin::Root { trace_id }) => {
                TRACE_ID.set(Some(trace_id));
                let span = self.inner.build_with_context(builder, parent);
                TRACE_ID.set(None);
                span
            }
        };
        if !span.span_context().is_sampled() && !self.unsampled.load(Ordering::Relaxed) {
            self.unsampled.store(true, Ordering::Relaxed);
        }
        span
    }
}

/// A span of this process that is not recorded, for others to refer to.
pub(super) fn unsampled(trace_id: u128, span_id: u64, legacy: Option<Legacy>) -> SpanContext {
    let (state, flags) = match legacy {
        Some(Legacy { state, is_random: true, .. }) => (state, RANDOM),
        Some(Legacy { state, .. }) => (state, TraceFlags::default()),
        None => (TraceState::default(), TraceFlags::default()),
    };
    SpanContext::new(TraceId::from(trace_id), SpanId::from(span_id), flags, false, state)
}

/// A builder has no other place to keep it: the parent's context may be replaced as a whole.
const ATTRIBUTE: &str = "lightship.origin";

impl Origin {
    fn into_attribute(self) -> KeyValue {
        let (trace_id, span_id) = match self {
            Origin::Root { trace_id } => (trace_id, 0),
            Origin::Unsampled { trace_id, span_id } => (trace_id, span_id),
        };
        let words = [(trace_id >> 64) as u64, trace_id as u64, span_id];
        let words = words.map(u64::cast_signed).to_vec();
        KeyValue::new(Key::from_static_str(ATTRIBUTE), Value::Array(Array::I64(words)))
    }

    fn take(builder: &mut SpanBuilder) -> Option<Self> {
        let attributes = builder.attributes.as_mut()?;
        if attributes.first()?.key.as_str() != ATTRIBUTE {
            return None;
        }
        let Value::Array(Array::I64(words)) = attributes.remove(0).value else { return None };
        let [high, low, span_id] = *<&[i64; 3]>::try_from(words.as_slice()).ok()?;
        let word = |signed: i64| u128::from(signed.cast_unsigned());
        let trace_id = (word(high) << 64) | word(low);
        Some(match span_id.cast_unsigned() {
            0 => Origin::Root { trace_id },
            span_id => Origin::Unsampled { trace_id, span_id },
        })
    }
}

struct Starting {
    before: bool,
}

impl Starting {
    fn begin() -> Self {
        Starting { before: STARTING.replace(true) }
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        STARTING.set(self.before);
    }
}

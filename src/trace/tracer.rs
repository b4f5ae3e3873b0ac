//! The tracer below tracing-opentelemetry: it starts a span in the trace that was drawn for it.

use super::current::{Legacy, RANDOM};
use opentelemetry::trace::{
    Span, SpanBuilder, SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState,
    Tracer,
};
use opentelemetry::{Array, Context, Key, KeyValue, Value};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Where a span belongs if nobody gives it a parent before it starts.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Origin {
    /// Below this span of another process, whatever others say.
    Remote(Box<SpanContext>),
    /// It is the root of this trace.
    Root { trace_id: u128 },
    /// Below a span that is not sampled.
    Unsampled { trace_id: u128, span_id: u64 },
}

thread_local! {
    /// For the builder that is made next.
    static ORIGIN: RefCell<Option<Origin>> = const { RefCell::new(None) };
    /// For the span that starts next.
    static TRACE_ID: Cell<Option<u128>> = const { Cell::new(None) };
    /// Whether a span is starting, with its lock held.
    static STARTING: Cell<bool> = const { Cell::new(false) };
}

/// Runs `make`, which makes a builder; that remembers `origin`.
pub(super) fn with_origin(origin: Origin, make: impl FnOnce()) {
    ORIGIN.replace(Some(origin));
    make();
    ORIGIN.take();
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
            builder.attributes = Some(origin.into_attributes());
        }
        builder
    }

    fn build_with_context(&self, mut builder: SpanBuilder, parent: &Context) -> Self::Span {
        let _starting = Starting::begin();
        let known = parent.span().span_context().is_valid();
        let origin = Origin::take(&mut builder)
            .filter(|origin| !known || matches!(origin, Origin::Remote(_)));
        let span = match origin {
            Some(Origin::Remote(remote)) => {
                let parent = parent.with_remote_span_context(*remote);
                self.inner.build_with_context(builder, &parent)
            }
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
/// The state of a remote trace, behind its ids.
const STATE: &str = "lightship.origin.state";

/// What the last of the words says.
const ROOT: i64 = 0;
const UNSAMPLED: i64 = 1;
const REMOTE: i64 = 2;

impl Origin {
    fn into_attributes(self) -> Vec<KeyValue> {
        let words = |trace_id: u128, span_id: u64, what: i64| {
            let [high, low] = [(trace_id >> 64) as u64, trace_id as u64].map(u64::cast_signed);
            let words = Array::I64(vec![high, low, span_id.cast_signed(), what]);
            KeyValue::new(Key::from_static_str(ATTRIBUTE), Value::Array(words))
        };
        match self {
            Origin::Root { trace_id } => vec![words(trace_id, 0, ROOT)],
            Origin::Unsampled { trace_id, span_id } => vec![words(trace_id, span_id, UNSAMPLED)],
            Origin::Remote(remote) => {
                let trace_id = u128::from_be_bytes(remote.trace_id().to_bytes());
                let span_id = u64::from_be_bytes(remote.span_id().to_bytes());
                let flags = i64::from(remote.trace_flags().to_u8());
                let state = remote.trace_state().header();
                vec![
                    words(trace_id, span_id, REMOTE + (flags << 8)),
                    KeyValue::new(Key::from_static_str(STATE), state),
                ]
            }
        }
    }

    fn take(builder: &mut SpanBuilder) -> Option<Self> {
        let attributes = builder.attributes.as_mut()?;
        if attributes.first()?.key.as_str() != ATTRIBUTE {
            return None;
        }
        let Value::Array(Array::I64(words)) = attributes.remove(0).value else { return None };
        let [high, low, span_id, what] = *<&[i64; 4]>::try_from(words.as_slice()).ok()?;
        let word = |signed: i64| u128::from(signed.cast_unsigned());
        let (trace_id, span_id) = ((word(high) << 64) | word(low), span_id.cast_unsigned());
        Some(match what & 0xff {
            ROOT => Origin::Root { trace_id },
            UNSAMPLED => Origin::Unsampled { trace_id, span_id },
            _ => {
                let state = attributes.remove(0).value.as_str().parse().unwrap_or_default();
                let flags = TraceFlags::new((what >> 8) as u8);
                let (trace_id, span_id) = (TraceId::from(trace_id), SpanId::from(span_id));
                Origin::Remote(Box::new(SpanContext::new(trace_id, span_id, flags, true, state)))
            }
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

//! `traceparent` and `tracestate`, by the W3C.

use super::{Extract, Inject};
use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

const PARENT: &str = "traceparent";

pub(super) fn extract(headers: &impl Extract) -> Option<SpanContext> {
    let mut found = None;
    headers.values(PARENT, &mut |value| found = parse(value.trim()));
    found
}

pub(super) fn inject(span: &SpanContext, headers: &mut impl Inject) {
    if !super::is_worth_saying(span) {
        return;
    }
    let flags = span.trace_flags() & TraceFlags::SAMPLED;
    let parent = format!("00-{}-{}-{:02x}", span.trace_id(), span.span_id(), flags.to_u8());
    headers.set(PARENT, &parent);
}

fn parse(text: &str) -> Option<SpanContext> {
    let mut parts = text.split('-');
    let mut next = |digits: usize| {
        let part = parts.next()?;
        let hex = part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        (part.len() == digits && hex).then_some(part)
    };
    let (version, trace, span, flags) = (next(2)?, next(32)?, next(16)?, next(2)?);
    if version == "ff" || (version == "00" && parts.next().is_some()) {
        return None;
    }
    let trace = TraceId::from(u128::from_str_radix(trace, 16).ok()?);
    let span = SpanId::from(u64::from_str_radix(span, 16).ok()?);
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?) & TraceFlags::SAMPLED;
    let context = SpanContext::new(trace, span, flags, true, TraceState::default());
    context.is_valid().then_some(context)
}

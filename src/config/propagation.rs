//! In which headers the context of a trace travels between processes.

/// A format of headers that carry a trace, or baggage, from one process to the next.
///
/// # Examples
///
/// ```
/// use lightship::Propagator;
///
/// let telemetry = lightship::builder("api")
///     .propagators([Propagator::TraceContext, Propagator::Datadog, Propagator::Baggage])
///     .build()?;
/// # Ok::<(), lightship::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Propagator {
    /// `traceparent` and `tracestate`, by the W3C: `tracecontext`.
    TraceContext,
    /// `baggage`, by the W3C: pairs that go where the trace goes.
    Baggage,
    /// `x-datadog-trace-id` and its siblings: `datadog`.
    Datadog,
    /// The single header `b3`, of Zipkin: `b3`.
    B3,
    /// `x-b3-traceid` and its siblings: `b3multi`.
    B3Multi,
}

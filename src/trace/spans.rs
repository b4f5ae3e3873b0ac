//! The core of our layer as far as spans go: decides about each, and hands those that are recorded
//! to tracing-opentelemetry.

use super::current::Legacy;
use super::decision::{Around, Decision, child_of_unsampled};
use super::table::{Fate, Table};
use super::tracer::{self, EarlyTracer};
use super::{SpanIds, activation, entrance, kind, sampler::Sampler};
use crate::quiet;
use crate::tag;
use opentelemetry::trace::{SpanContext, TraceContextExt, Tracer};
use opentelemetry_sdk::trace::SdkTracer;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use tracing::dispatcher::WeakDispatch;
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Subscriber};
use tracing_opentelemetry::{OpenTelemetryLayer, get_otel_context};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

/// Decides about spans of the subscriber `S`, and records them with `T`.
///
/// The tracer's provider must have our `Sampler` (the same one) and our `Ids`.
pub(crate) struct Spans<S, T = SdkTracer> {
    inner: OpenTelemetryLayer<S, EarlyTracer<T>>,
    sampler: Sampler,
    context_activation: bool,
    /// Whether there may be unsampled spans. Before the first, all that a span costs beyond
    /// tracing-opentelemetry is to look here, or whether there is a table.
    looking: Arc<AtomicBool>,
    /// All spans that are not sampled from the start; made when it is first needed.
    table: OnceLock<Table>,
    dispatch: OnceLock<WeakDispatch>,
}

impl<S, T> Spans<S, T>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    T: Tracer + 'static,
    T::Span: Send + Sync,
{
    pub(crate) fn new(tracer: T, sampler: Sampler, context_activation: bool) -> Self {
        let looking = Arc::new(AtomicBool::new(!sampler.keeps_all()));
        let table = OnceLock::new();
        if !sampler.keeps_all() {
            let _ = table.set(Table::default());
        }
        let inner = OpenTelemetryLayer::new(EarlyTracer::new(tracer, Arc::clone(&looking)))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_level(false)
            .with_tracked_inactivity(false)
            .with_context_activation(context_activation);
        Spans { inner, sampler, context_activation, looking, table, dispatch: OnceLock::new() }
    }

    /// What our layer must answer a `downcast_raw` with, for `OpenTelemetrySpanExt` to work.
    pub(crate) fn inner(&self) -> &OpenTelemetryLayer<S, EarlyTracer<T>> {
        &self.inner
    }

    pub(crate) fn on_register_dispatch(&self, dispatch: &Dispatch) {
        let _ = self.dispatch.set(dispatch.downgrade());
        self.inner.on_register_dispatch(dispatch);
    }

    pub(crate) fn on_layer(&mut self, subscriber: &mut S) {
        self.inner.on_layer(subscriber);
    }

    #[inline]
    pub(crate) fn on_new_span(&self, attrs: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        // A span that is made while another starts is the SDK's own, or its processor's.
        if quiet::is_this_thread() || tracer::is_starting() {
            return;
        }
        if self.sampler.keeps_all()
            && !self.looking.load(Ordering::Relaxed)
            && !entrance::is_entered()
        {
            return self.record_new(attrs, id, ctx);
        }
        match self.decide(attrs, &ctx) {
            Decision::Drop(fate) => self.drop(id, fate),
            Decision::DropHeir(fate) => {
                self.drop(id, fate);
                leave(ctx.span(id), fate.trace_id().and_then(Legacy::around));
            }
            Decision::Record => self.record_new(attrs, id, ctx),
            Decision::RecordIn(origin) => {
                tracer::with_origin(origin, || self.record_new(attrs, id, ctx));
            }
            Decision::Wait(origin) => {
                self.table().insert(id, Fate::Undecided);
                match origin {
                    None => self.record_new(attrs, id, ctx),
                    Some(origin) => {
                        tracer::with_origin(origin, || self.record_new(attrs, id, ctx));
                    }
                }
            }
        }
    }

    /// Made values are marked in what is recorded, for the policy that it passes on our own thread.
    #[inline]
    fn record_new(&self, attrs: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        tag::recording(|| self.inner.on_new_span(attrs, id, ctx));
    }

    /// A span that is not recorded, for which others have to look from now on.
    #[inline]
    fn drop(&self, id: &Id, fate: Fate) {
        self.table().insert(id, fate);
        if !self.looking.load(Ordering::Relaxed) {
            self.looking.store(true, Ordering::Relaxed);
        }
    }

    pub(crate) fn on_record(&self, id: &Id, values: &Record<'_>, ctx: Context<'_, S>) {
        if self.is_recorded(id) {
            tag::recording(|| self.inner.on_record(id, values, ctx));
        }
    }

    pub(crate) fn on_follows_from(&self, id: &Id, follows: &Id, ctx: Context<'_, S>) {
        if self.is_recorded(id) && self.is_recorded(follows) {
            self.inner.on_follows_from(id, follows, ctx);
        }
    }

    /// Becomes an event of the span it is in, if that is recorded.
    pub(crate) fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        if quiet::is_this_thread() {
            return;
        }
        if let Some(table) = self.table.get() {
            let span = match event.parent() {
                Some(parent) => Some(parent.clone()),
                None if event.is_contextual() => ctx.lookup_current().map(|span| span.id()),
                None => None,
            };
            if !span.is_some_and(|span| is_recorded(table.get(&span))) {
                return;
            }
        }
        tag::recording(|| self.inner.on_event(event, ctx));
    }

    #[inline]
    pub(crate) fn on_enter(&self, id: &Id, ctx: Context<'_, S>) {
        if !self.context_activation {
            return;
        }
        match self.table.get().and_then(|table| table.get(id)) {
            Some(Fate::Unsampled { .. }) => {
                if let Some(place) = self.place(id) {
                    activation::enter(id, place);
                }
            }
            fate if is_recorded(fate) => self.inner.on_enter(id, ctx),
            _ => {}
        }
    }

    #[inline]
    pub(crate) fn on_exit(&self, id: &Id, ctx: Context<'_, S>) {
        match self.table.get().and_then(|table| table.get(id)) {
            Some(Fate::Unsampled { .. }) if self.context_activation => activation::exit(id),
            // Takes note of the time: a span ends when it was last left.
            fate if is_recorded(fate) => self.inner.on_exit(id, ctx),
            _ => {}
        }
    }

    #[inline]
    pub(crate) fn on_close(&self, id: Id, ctx: Context<'_, S>) {
        if is_recorded(self.table.get().and_then(|table| table.remove(&id))) {
            self.inner.on_close(id, ctx);
        }
    }

    /// Where a span stands, sampled or not. `None` outside of any trace.
    ///
    /// It starts a sampled span if it has not: no other parent can be given to it then.
    pub(crate) fn ids(&self, id: &Id) -> Option<SpanIds> {
        match self.table.get().and_then(|table| table.get(id)) {
            Some(Fate::Unsampled { trace_id, span_id }) => {
                Some(SpanIds { trace_id, span_id, sampled: false })
            }
            Some(Fate::Nameless) => None,
            Some(Fate::Undecided | Fate::Sampled) | None => {
                let started = self.started(id)?;
                started.is_valid().then(|| SpanIds {
                    trace_id: u128::from_be_bytes(started.trace_id().to_bytes()),
                    span_id: u64::from_be_bytes(started.span_id().to_bytes()),
                    sampled: started.is_sampled(),
                })
            }
        }
    }

    /// Where a span stands, for whoever carries its trace to another process: as [`ids`](Self::ids),
    /// and with the trace's state.
    pub(crate) fn place(&self, id: &Id) -> Option<SpanContext> {
        match self.table.get().and_then(|table| table.get(id)) {
            Some(Fate::Unsampled { trace_id, span_id }) => {
                Some(tracer::unsampled(trace_id, span_id, self.legacy(id, trace_id)))
            }
            Some(Fate::Nameless) => None,
            Some(Fate::Undecided | Fate::Sampled) | None => {
                let started = self.started(id).filter(SpanContext::is_valid)?;
                // The SDK forgets all flags of what it doesn't keep.
                let trace_id = u128::from_be_bytes(started.trace_id().to_bytes());
                let legacy = if started.is_sampled() { None } else { Legacy::around(trace_id) };
                let span_id = u64::from_be_bytes(started.span_id().to_bytes());
                match legacy {
                    Some(legacy) => Some(tracer::unsampled(trace_id, span_id, Some(legacy))),
                    None => Some(started),
                }
            }
        }
    }

    /// What is to be passed on with a trace, which nobody keeps with spans that are not sampled: it is
    /// around the running code, or was when the first of them was made.
    fn legacy(&self, id: &Id, trace_id: u128) -> Option<Legacy> {
        Legacy::around(trace_id).or_else(|| {
            let dispatch = self.dispatch.get()?.upgrade()?;
            let span = dispatch.downcast_ref::<S>()?.span(id)?;
            let left = |span: SpanRef<'_, S>| span.extensions().get::<Legacy>().cloned();
            span.scope().find_map(left).filter(|legacy| legacy.trace_id == trace_id)
        })
    }

    fn decide(&self, attrs: &Attributes<'_>, ctx: &Context<'_, S>) -> Decision {
        let arrived = attrs.is_contextual() && entrance::is_here(ctx.current_span().id());
        if arrived && let Some(decision) = self.sampler.arrived() {
            return decision;
        }
        // Where contexts follow spans, what was attached last counts, as tracing-opentelemetry has it.
        if self.context_activation && attrs.is_contextual() {
            match self.sampler.below(Around::here()) {
                Some(Decision::Drop(Fate::Unsampled { .. }) | Decision::DropHeir(_))
                    if kind::is_entrance(attrs) =>
                {
                    return Decision::Wait(None);
                }
                Some(decision) => return decision,
                None => {}
            }
        }
        let Some(mut parent) = parent(attrs, ctx) else { return self.sampler.root(attrs, arrived) };
        let mut fate = self.fate(&parent);
        if fate.is_none() && attrs.is_contextual() {
            // In a host's subscriber the current span may be one that we don't want.
            let Some(wanted) = ctx.lookup_current() else {
                return self.sampler.root(attrs, arrived);
            };
            if wanted.id() != parent {
                parent = wanted.id();
                fate = self.fate(&parent);
            }
        }
        match fate {
            Some(Fate::Unsampled { trace_id, span_id }) => {
                child_of_unsampled(attrs, arrived, trace_id, span_id)
            }
            Some(Fate::Nameless) => Decision::Drop(Fate::Nameless),
            _ => Decision::Record,
        }
    }

    /// What became of a span, which somebody must know now.
    fn fate(&self, id: &Id) -> Option<Fate> {
        let table = self.table.get()?;
        let fate = table.get(id)?;
        if fate != Fate::Undecided {
            return Some(fate);
        }
        let started = self.started(id)?;
        let fate = match (started.is_sampled(), started.is_valid()) {
            (true, _) => Fate::Sampled,
            (false, false) => Fate::Nameless,
            (false, true) => Fate::Unsampled {
                trace_id: u128::from_be_bytes(started.trace_id().to_bytes()),
                span_id: u64::from_be_bytes(started.span_id().to_bytes()),
            },
        };
        if fate.trace_id().is_some() {
            let dispatch = self.dispatch.get()?.upgrade()?;
            leave(dispatch.downcast_ref::<S>()?.span(id), Legacy::of(&started));
        }
        table.settle(id, fate);
        Some(fate)
    }

    /// Starts a span that was handed to tracing-opentelemetry.
    fn started(&self, id: &Id) -> Option<SpanContext> {
        if tracer::is_starting() {
            return None;
        }
        let dispatch = self.dispatch.get()?.upgrade()?;
        // It expects that there is such a span.
        dispatch.downcast_ref::<S>()?.span_data(id)?;
        let context = get_otel_context(id, &dispatch)?;
        let span = context.span();
        Some(span.span_context().clone())
    }

    /// Whether tracing-opentelemetry has it, so that what is set on it may be seen.
    pub(crate) fn is_recorded(&self, id: &Id) -> bool {
        is_recorded(self.table.get().and_then(|table| table.get(id)))
    }

    fn table(&self) -> &Table {
        self.table.get_or_init(Table::default)
    }

    #[cfg(test)]
    pub(super) fn with_table(mut self, table: Table) -> Self {
        self.table = OnceLock::from(table);
        self
    }

    /// How many spans are in the table, and how many of them behind its lock.
    #[cfg(test)]
    pub(super) fn tabled(&self) -> (usize, usize) {
        self.table.get().map_or((0, 0), Table::len)
    }
}

/// Whether tracing-opentelemetry has a span of which the table says this.
fn is_recorded(fate: Option<Fate>) -> bool {
    matches!(fate, None | Some(Fate::Undecided | Fate::Sampled))
}

/// Keeps with a span what is to be passed on with its trace.
fn leave<S: for<'lookup> LookupSpan<'lookup>>(
    span: Option<SpanRef<'_, S>>,
    legacy: Option<Legacy>,
) {
    if let Some((span, legacy)) = span.zip(legacy) {
        span.extensions_mut().replace(legacy);
    }
}

fn parent<S>(attrs: &Attributes<'_>, ctx: &Context<'_, S>) -> Option<Id>
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    match attrs.parent() {
        Some(parent) => Some(parent.clone()),
        // Past spans that a filter of an embedding subscriber hides from us.
        None if attrs.is_contextual() => ctx.lookup_current().map(|span| span.id()),
        None => None,
    }
}

impl<S, T> std::fmt::Debug for Spans<S, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spans").field("sampler", &self.sampler).finish_non_exhaustive()
    }
}

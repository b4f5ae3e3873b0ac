//! What a handle can do with spans.

use super::TelemetryHandle;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::registry::LookupSpan;

impl TelemetryHandle {
    /// The latest `traces` whole traces that were sampled, as trees, each span with what it took; of
    /// the last 512 spans. For a person at a terminal; empty where spans are not exported.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), lightship::Error> {
    /// let telemetry = lightship::builder("api").build()?;
    /// telemetry.scope(|| {
    ///     let _upload = tracing::info_span!("POST /documents").entered();
    ///     tracing::info_span!("storage.put").in_scope(|| {});
    /// });
    /// let text = telemetry.trace_text(1);
    /// assert!(text.contains("└── storage.put"), "{text}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn trace_text(&self, traces: usize) -> String {
        self.core.otlp.as_ref().map_or_else(String::new, |otlp| otlp.trace_text(traces))
    }

    /// A layer for a subscriber of the host's, where [`install`](crate::Builder::install) must not
    /// claim the global one: it makes spans of this instance, and writes log lines if the instance
    /// has logs. It has a filter of its own, and takes nothing from other layers.
    ///
    /// What the host filters for its whole subscriber never gets here; a filter of one layer, set with
    /// `with_filter`, is for that layer alone. A span has room for one layer of `tracing-opentelemetry`,
    /// which is inside of this one: with a second in the same subscriber, that crate panics.
    ///
    /// # Examples
    ///
    /// ```
    /// use tracing_subscriber::layer::SubscriberExt;
    ///
    /// # fn main() -> Result<(), lightship::Error> {
    /// let telemetry = lightship::builder("api").without_subscriber().install()?;
    /// let subscriber = tracing_subscriber::registry()
    ///     .with(telemetry.layer())
    ///     .with(tracing_subscriber::fmt::layer());
    /// tracing::subscriber::with_default(subscriber, || {
    ///     tracing::info_span!("storage.put").in_scope(|| tracing::info!("stored"));
    /// });
    /// # Ok(())
    /// # }
    /// ```
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    {
        self.core.subscriber.0.layer()
    }
}

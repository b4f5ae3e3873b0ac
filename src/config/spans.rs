//! The options of spans: which traces are kept, how large a span may get, how many wait.

use std::time::Duration;

/// How large a span may get, and how many wait for their export.
///
/// Setters never fail; `build` and `install` check everything together. What goes past a limit is
/// cut off or left out, and counted.
///
/// # Examples
///
/// ```
/// use lightship::Spans;
///
/// let telemetry = lightship::builder("api")
///     .spans(Spans::default().max_attributes(64).max_value_length(1_000))
///     .build()?;
/// # Ok::<(), lightship::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Spans {
    pub(crate) max_attributes: Option<u32>,
    pub(crate) max_events: Option<u32>,
    pub(crate) max_links: Option<u32>,
    pub(crate) max_event_attributes: Option<u32>,
    pub(crate) max_link_attributes: Option<u32>,
    pub(crate) max_value_length: Option<usize>,
    pub(crate) queue: Option<usize>,
    pub(crate) batch: Option<usize>,
    pub(crate) delay: Option<Duration>,
    pub(crate) context_activation: Option<bool>,
}

impl Spans {
    /// Attributes of a span, events of a span, links of a span, attributes of an event, and
    /// attributes of a link, unless told otherwise.
    pub const DEFAULT_MAX_COUNT: u32 = 128;
    /// Characters of an attribute's value, unless told otherwise.
    pub const DEFAULT_MAX_VALUE_LENGTH: usize = 4_096;
    /// Spans that wait for their export, unless told otherwise.
    pub const DEFAULT_QUEUE: usize = 2_048;
    /// Spans in one request, unless told otherwise.
    pub const DEFAULT_BATCH: usize = 512;
    /// How long a span waits for others, unless told otherwise.
    pub const DEFAULT_DELAY: Duration = Duration::from_secs(5);

    /// How many attributes a span keeps, at most 10,000.
    #[must_use]
    pub fn max_attributes(mut self, count: u32) -> Self {
        self.max_attributes = Some(count);
        self
    }

    /// How many events a span keeps, at most 10,000.
    #[must_use]
    pub fn max_events(mut self, count: u32) -> Self {
        self.max_events = Some(count);
        self
    }

    /// How many links a span keeps, at most 10,000.
    #[must_use]
    pub fn max_links(mut self, count: u32) -> Self {
        self.max_links = Some(count);
        self
    }

    /// How many attributes an event keeps, at most 10,000.
    #[must_use]
    pub fn max_event_attributes(mut self, count: u32) -> Self {
        self.max_event_attributes = Some(count);
        self
    }

    /// How many attributes a link keeps, at most 10,000.
    #[must_use]
    pub fn max_link_attributes(mut self, count: u32) -> Self {
        self.max_link_attributes = Some(count);
        self
    }

    /// How many characters of an attribute's value are kept, 1 to 1,048,576.
    #[must_use]
    pub fn max_value_length(mut self, characters: usize) -> Self {
        self.max_value_length = Some(characters);
        self
    }

    /// How many ended spans may wait for their export, 1 to 100,000; further ones are dropped and
    /// counted.
    #[must_use]
    pub fn queue(mut self, spans: usize) -> Self {
        self.queue = Some(spans);
        self
    }

    /// How many spans go into one request, 1 to as many as the queue holds.
    #[must_use]
    pub fn batch(mut self, spans: usize) -> Self {
        self.batch = Some(spans);
        self
    }

    /// How long an ended span waits for others to go with it, 1 ms to 10 minutes.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = Some(delay);
        self
    }

    /// Whether `opentelemetry::Context::current` follows the current span, for libraries that ask
    /// it; off unless set, for it makes every entering of a span dearer.
    #[must_use]
    pub fn context_activation(mut self, on: bool) -> Self {
        self.context_activation = Some(on);
        self
    }
}

/// Which traces are kept.
///
/// A trace that came in from another service goes on as that one decided, so that it is kept whole
/// or not at all; [`ignoring_parent`](Self::ignoring_parent) changes that.
///
/// # Examples
///
/// ```
/// use lightship::Sampler;
///
/// let telemetry = lightship::builder("api").sampler(Sampler::ratio(0.1)).build()?;
/// # Ok::<(), lightship::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampler {
    pub(crate) ratio: f64,
    pub(crate) parent_based: bool,
}

impl Sampler {
    /// Keeps every trace that begins here; what counts unless set.
    #[must_use]
    pub const fn always_on() -> Self {
        Sampler::ratio(1.0)
    }

    /// Keeps no trace that begins here.
    #[must_use]
    pub const fn always_off() -> Self {
        Sampler::ratio(0.0)
    }

    /// Keeps this share, 0 to 1, of the traces that begin here, chosen by their ids.
    #[must_use]
    pub const fn ratio(share: f64) -> Self {
        Sampler { ratio: share, parent_based: true }
    }

    /// Decides in the same way on traces that began elsewhere, whatever was decided there.
    #[must_use]
    pub const fn ignoring_parent(self) -> Self {
        Sampler { parent_based: false, ..self }
    }
}

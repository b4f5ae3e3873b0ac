//! Events: something that happened, for people to read beside the graphs.

use super::line::Constants;
use super::sanitise;
use crate::scrub::{self, Policy, Sink};
use crate::status::{DropReason, Drops};
use crate::tag::{OwnedTag, TagValue};
use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

/// Something that happened, such as a deployment; shown in Datadog beside the graphs.
///
/// Nothing is checked here and nothing fails: texts are cleaned, cut and counted when the event is
/// handed to `Telemetry::event`, and tags pass the same policy as a metric's. A line break in a
/// title becomes `_`, one in a text stays one.
///
/// # Examples
///
/// ```
/// use lightship::{AlertType, Event};
///
/// let telemetry = lightship::builder("api").build()?;
/// telemetry.event(
///     Event::new("deploy", "1.4.2 is out")
///         .alert_type(AlertType::Success)
///         .aggregation_key("deploys")
///         .tag("region", "eu-1"),
/// );
/// # Ok::<(), lightship::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "hand it to `Telemetry::event`"]
pub struct Event {
    title: String,
    text: String,
    time: Option<SystemTime>,
    hostname: Option<String>,
    aggregation_key: Option<String>,
    source_type: Option<String>,
    priority: Priority,
    alert_type: AlertType,
    tags: Vec<(String, OwnedTag)>,
}

/// How much an [`Event`] matters.
///
/// # Examples
///
/// ```
/// use lightship::{Event, Priority};
///
/// let quiet = Event::new("cache warmed", "in 3 s").priority(Priority::Low);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Priority {
    /// Shown.
    #[default]
    Normal,
    /// Hidden unless asked for.
    Low,
}

/// The colour of an [`Event`].
///
/// # Examples
///
/// ```
/// use lightship::{AlertType, Event};
///
/// let event = Event::new("disk full", "/var is at 100 %").alert_type(AlertType::Error);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AlertType {
    /// For information.
    #[default]
    Info,
    /// It worked.
    Success,
    /// Somebody should look.
    Warning,
    /// Somebody must look.
    Error,
}

impl Event {
    /// The longest title, in characters; the rest is cut.
    pub const MAX_TITLE_CHARS: usize = 500;
    /// The longest text, in characters; the rest is cut. Over UDP a datagram of 1,432 bytes has
    /// to hold all of the event.
    pub const MAX_TEXT_CHARS: usize = 4_000;

    /// An event of normal priority, for information. An empty text becomes the title.
    pub fn new(title: impl Into<String>, text: impl Into<String>) -> Self {
        Event {
            title: title.into(),
            text: text.into(),
            time: None,
            hostname: None,
            aggregation_key: None,
            source_type: None,
            priority: Priority::default(),
            alert_type: AlertType::default(),
            tags: Vec::new(),
        }
    }

    /// When it happened, to the second; the time of arrival unless set.
    pub fn timestamp(mut self, time: SystemTime) -> Self {
        self.time = Some(time);
        self
    }

    /// Where it happened; the agent's own host unless set.
    pub fn hostname(mut self, hostname: impl Into<String>) -> Self {
        self.hostname = Some(hostname.into());
        self
    }

    /// Events of one key are shown as one.
    pub fn aggregation_key(mut self, key: impl Into<String>) -> Self {
        self.aggregation_key = Some(key.into());
        self
    }

    /// The kind of system that it comes from, such as `nginx`.
    pub fn source_type(mut self, source: impl Into<String>) -> Self {
        self.source_type = Some(source.into());
        self
    }

    /// How much it matters.
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// Its colour.
    pub fn alert_type(mut self, alert_type: AlertType) -> Self {
        self.alert_type = alert_type;
        self
    }

    /// One more tag, besides those of every line.
    pub fn tag(mut self, key: impl Into<String>, value: impl TagValue) -> Self {
        self.tags.push((key.into(), OwnedTag::of(&value)));
        self
    }

    /// The finished line, or nothing where even the shortest text would not fit into `limit`.
    pub(super) fn line(
        &self,
        constants: &Constants,
        limit: usize,
        drops: &Drops,
    ) -> Option<String> {
        let (title, text) = self.texts(constants.policy());
        let changed = title != self.title || (text != self.text && !self.text.trim().is_empty());
        let text = sanitise::multiline(&text);
        let fields = self.fields(constants, drops);
        let head = format!("_e{{{},{}}}:{title}|", title.len(), text.len());
        let room = limit.checked_sub(head.len() + fields.len())?;
        let kept = cut(&text, room, Self::MAX_TEXT_CHARS);
        if kept.is_empty() {
            return None;
        }
        if kept.len() < text.len() || changed {
            drops.add(DropReason::TextChanged, 1);
        }
        Some(format!("_e{{{},{}}}:{title}|{kept}{fields}", title.len(), kept.len()))
    }

    /// Title and text, scrubbed and then cut. An empty text becomes the title.
    fn texts(&self, policy: &Policy) -> (String, String) {
        let scrub = |text, max_chars| policy.text(text, max_chars, Sink::Texts);
        // Before it is one line, for a line's end may end what a detector looks for.
        let title = scrub(&self.title, Self::MAX_TITLE_CHARS);
        let title = match scrub::text(&title, Self::MAX_TITLE_CHARS).into_owned() {
            title if title.is_empty() => "(no title)".to_owned(),
            title => title,
        };
        let text = match self.text.trim().is_empty() {
            true => title.clone(),
            false => scrub(&self.text, Self::MAX_TEXT_CHARS).into_owned(),
        };
        (title, text)
    }

    fn fields(&self, constants: &Constants, drops: &Drops) -> String {
        let mut fields = String::new();
        if let Some(seconds) = self.time.and_then(unix_seconds) {
            // Writing to a `String` does not fail.
            let _ = write!(fields, "|d:{seconds}");
        }
        let mut push = |name: &str, value: &Option<String>| {
            let scrub = |value| sanitise::scrubbed_field(value, constants.policy());
            let value = value.as_deref().map(scrub).filter(|value| !value.is_empty());
            if let Some(value) = value {
                let _ = write!(fields, "|{name}:{value}");
            }
        };
        push("h", &self.hostname);
        push("k", &self.aggregation_key);
        if self.priority == Priority::Low {
            push("p", &Some("low".to_owned()));
        }
        push("s", &self.source_type);
        fields.push_str(match self.alert_type {
            AlertType::Info => "",
            AlertType::Success => "|t:success",
            AlertType::Warning => "|t:warning",
            AlertType::Error => "|t:error",
        });
        constants.push_tags(&mut fields, &self.tags, drops);
        fields.push_str(&constants.origin());
        fields
    }
}

/// At most so many bytes and characters of an escaped text, without leaving half an escape behind.
pub(super) fn cut(text: &str, max_bytes: usize, max_chars: usize) -> &str {
    let end = text.char_indices().nth(max_chars).map_or(text.len(), |(at, _)| at);
    let mut end = end.min(max_bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let kept = &text[..end];
    if end < text.len() { kept.strip_suffix('\\').unwrap_or(kept) } else { kept }
}

/// Whole seconds since the epoch, where the agent would take them for a time.
pub(super) fn unix_seconds(time: SystemTime) -> Option<u64> {
    let seconds = time.duration_since(UNIX_EPOCH).ok()?.as_secs();
    (seconds >= 1).then_some(seconds)
}

//! Service checks: whether something works, as one of four words.

use super::event::{cut, unix_seconds};
use super::line::Constants;
use super::sanitise;
use crate::scrub::{self, Sink};
use crate::status::{DropReason, Drops};
use crate::tag::{OwnedTag, TagValue};
use std::fmt::Write;
use std::time::SystemTime;

/// Whether something works.
///
/// # Examples
///
/// ```
/// use lightship::CheckStatus;
///
/// let telemetry = lightship::builder("api").build()?;
/// telemetry.service_check("db", CheckStatus::Ok);
/// # Ok::<(), lightship::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckStatus {
    /// It works.
    Ok,
    /// It works, but not well.
    Warning,
    /// It does not work.
    Critical,
    /// Nobody could tell.
    Unknown,
}

/// A [`CheckStatus`] with all that can be said about it.
///
/// Nothing is checked here and nothing fails, see [`Event`](super::Event).
///
/// # Examples
///
/// ```
/// use lightship::{CheckStatus, ServiceCheck};
///
/// let check = ServiceCheck::new("db", CheckStatus::Critical)
///     .message("no connection for 30 s")
///     .tag("shard", 3);
/// ```
#[derive(Debug, Clone)]
#[must_use = "hand it to `Telemetry`"]
pub struct ServiceCheck {
    name: String,
    status: CheckStatus,
    message: Option<String>,
    time: Option<SystemTime>,
    hostname: Option<String>,
    tags: Vec<(String, OwnedTag)>,
}

impl ServiceCheck {
    /// The longest message, in characters; the rest is cut.
    pub const MAX_MESSAGE_CHARS: usize = 500;

    /// What was checked, and how it is.
    pub fn new(name: impl Into<String>, status: CheckStatus) -> Self {
        ServiceCheck {
            name: name.into(),
            status,
            message: None,
            time: None,
            hostname: None,
            tags: Vec::new(),
        }
    }

    /// Why it is so.
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// When it was so, to the second; the time of arrival unless set.
    pub fn timestamp(mut self, time: SystemTime) -> Self {
        self.time = Some(time);
        self
    }

    /// Where it is so; the agent's own host unless set.
    pub fn hostname(mut self, hostname: impl Into<String>) -> Self {
        self.hostname = Some(hostname.into());
        self
    }

    /// One more tag, besides those of every line.
    pub fn tag(mut self, key: impl Into<String>, value: impl TagValue) -> Self {
        self.tags.push((key.into(), OwnedTag::of(&value)));
        self
    }

    /// The finished line, or nothing where it would not fit into `limit` even without its message.
    pub(super) fn line(
        &self,
        constants: &Constants,
        limit: usize,
        drops: &Drops,
    ) -> Option<String> {
        let policy = constants.policy();
        let name = policy.name(&self.name, scrub::MAX_NAME_CHARS, Sink::Texts);
        let name = sanitise::check_name(&name);
        let mut changed = name != self.name;
        let mut line = format!("_sc|{name}|{}", self.status as u8);
        if let Some(seconds) = self.time.and_then(unix_seconds) {
            // Writing to a `String` does not fail.
            let _ = write!(line, "|d:{seconds}");
        }
        let hostname = self.hostname.as_deref();
        let hostname = hostname.map(|hostname| sanitise::scrubbed_field(hostname, policy));
        if let Some(hostname) = hostname.filter(|hostname| !hostname.is_empty()) {
            let _ = write!(line, "|h:{hostname}");
        }
        constants.push_tags(&mut line, &self.tags, drops);
        let origin = constants.origin();
        let room = limit.checked_sub(line.len() + origin.len())?;
        if let Some(raw) = self.message.as_deref() {
            let scrubbed = policy.text(raw, Self::MAX_MESSAGE_CHARS, Sink::Texts);
            changed |= scrubbed != raw;
            let message = sanitise::message(&scrubbed);
            let kept = cut(&message, room.saturating_sub("|m:".len()), Self::MAX_MESSAGE_CHARS);
            changed |= kept.len() < message.len();
            if !kept.is_empty() {
                let _ = write!(line, "|m:{kept}");
            }
        }
        line.push_str(&origin);
        drops.add(DropReason::TextChanged, u64::from(changed));
        Some(line)
    }
}

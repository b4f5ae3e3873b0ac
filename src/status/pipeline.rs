//! One pipeline's state and counters.

use super::{DropReason, Drops, Notices};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// How long a degraded pipeline must go without an error before it counts as up again.
const RECOVERY: Duration = Duration::from_secs(5);
/// The shortest time between two notices of one pipeline.
const NOTICE_INTERVAL: Duration = Duration::from_secs(60);

/// What a pipeline is doing.
///
/// # Examples
///
/// ```
/// use lightship::PipelineState;
///
/// let state = PipelineState::Disabled { reason: "by configuration".into() };
/// assert_eq!(state.to_string(), "disabled: by configuration");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PipelineState {
    /// Not running, and why.
    Disabled {
        /// Who or what turned it off.
        reason: String,
    },
    /// Running; nothing was sent or asked for yet.
    Starting,
    /// Delivering.
    Up,
    /// Sending to where nobody can tell whether it arrives: UDP to another host, or a page that
    /// nobody scraped yet.
    Unverified,
    /// Failing; it goes on trying, and what can be kept is kept.
    Degraded {
        /// When the first failure since it was last up happened.
        since: SystemTime,
        /// The latest failure, in words.
        reason: String,
    },
}

impl PipelineState {
    /// One word for the state, as on the status page: `up`, `degraded`, ...
    pub fn name(&self) -> &'static str {
        match self {
            PipelineState::Disabled { .. } => "disabled",
            PipelineState::Starting => "starting",
            PipelineState::Up => "up",
            PipelineState::Unverified => "unverified",
            PipelineState::Degraded { .. } => "degraded",
        }
    }
}

impl fmt::Display for PipelineState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            PipelineState::Disabled { reason } | PipelineState::Degraded { reason, .. } => {
                write!(f, ": {reason}")
            }
            _ => Ok(()),
        }
    }
}

/// A pipeline's state and counters at one moment.
///
/// # Examples
///
/// ```
/// let telemetry = lightship::builder("api").build()?;
/// for pipeline in &telemetry.status().pipelines {
///     println!("{} is {}, sent {}", pipeline.name, pipeline.state, pipeline.sent);
/// }
/// # Ok::<(), lightship::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PipelineStatus {
    /// `facade`, `otlp`, `dogstatsd`, `prometheus` or `logs`.
    pub name: &'static str,
    /// What it is doing.
    pub state: PipelineState,
    /// What was delivered: lines accepted by the kernel, spans and data points answered for, pages
    /// fetched, log lines written.
    pub sent: u64,
    /// What was dropped, by reason; reasons that never happened are left out.
    pub dropped: Vec<(DropReason, u64)>,
    /// What waits to be delivered, in bytes.
    pub spooled_bytes: u64,
    /// When something was last delivered.
    pub last_success: Option<SystemTime>,
    /// The latest failure, in words, even if it is over.
    pub last_error: Option<String>,
}

impl PipelineStatus {
    /// All drops of this pipeline together.
    pub fn dropped_total(&self) -> u64 {
        self.dropped.iter().map(|(_, count)| count).sum()
    }

    /// The drops for one reason.
    pub fn dropped_for(&self, reason: DropReason) -> u64 {
        self.dropped.iter().filter(|(r, _)| *r == reason).map(|(_, count)| count).sum()
    }
}

impl fmt::Display for PipelineStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<10} {}; sent {}", self.name, self.state, self.sent)?;
        for (reason, count) in &self.dropped {
            write!(f, ", dropped {count} ({reason})")?;
        }
        Ok(())
    }
}

/// The live side: shared by the pipeline, which writes, and whoever asks.
#[derive(Debug)]
pub(crate) struct Pipeline {
    name: &'static str,
    notices: Notices,
    sent: AtomicU64,
    spooled_bytes: AtomicU64,
    drops: &'static Drops,
    health: Mutex<Health>,
}

#[derive(Debug)]
struct Health {
    state: PipelineState,
    last_success: Option<SystemTime>,
    last_error: Option<String>,
    failed_at: Option<Instant>,
    noticed_at: Option<Instant>,
    /// The state that the latest notice told of; a change that was not told yet waits for its turn.
    told: &'static str,
}

impl Pipeline {
    pub(crate) fn new(name: &'static str, notices: Notices) -> Arc<Self> {
        // Leaked because cells, which live as long as the process, count their drops here; a few
        // hundred bytes for each `Telemetry`.
        Self::with_drops(name, notices, Box::leak(Box::new(Drops::new())))
    }

    pub(crate) fn with_drops(
        name: &'static str,
        notices: Notices,
        drops: &'static Drops,
    ) -> Arc<Self> {
        Arc::new(Pipeline {
            name,
            notices,
            sent: AtomicU64::new(0),
            spooled_bytes: AtomicU64::new(0),
            drops,
            health: Mutex::new(Health {
                state: PipelineState::Starting,
                last_success: None,
                last_error: None,
                failed_at: None,
                noticed_at: None,
                told: "starting",
            }),
        })
    }

    /// Takes the pipeline out of service: by configuration, at shutdown.
    pub(crate) fn disable(&self, reason: impl Into<String>) {
        let mut health = self.health();
        health.state = PipelineState::Disabled { reason: reason.into() };
        health.told = "disabled";
    }

    /// Like [`disable`](Self::disable), but leaves the reason of one that is off already.
    pub(crate) fn disable_if_running(&self, reason: &str) {
        let mut health = self.health();
        if !matches!(health.state, PipelineState::Disabled { .. }) {
            health.state = PipelineState::Disabled { reason: reason.to_owned() };
        }
    }

    /// Counts what was delivered, and was seen to be.
    pub(crate) fn delivered(&self, count: u64) {
        self.succeed(count, PipelineState::Up, Instant::now());
    }

    /// Counts what was sent to where nobody can tell.
    pub(crate) fn sent_unverified(&self, count: u64) {
        self.succeed(count, PipelineState::Unverified, Instant::now());
    }

    /// Takes note of a failure; `reason` says what would mend it where that is known.
    pub(crate) fn failed(&self, reason: impl Into<String>) {
        self.fail(reason.into(), Instant::now());
    }

    pub(crate) fn dropped(&self, reason: DropReason, count: u64) {
        self.drops.add(reason, count);
    }

    pub(crate) fn set_spooled_bytes(&self, bytes: u64) {
        self.spooled_bytes.store(bytes, Ordering::Relaxed);
    }

    pub(crate) fn drops(&self) -> &'static Drops {
        self.drops
    }

    pub(crate) fn status(&self) -> PipelineStatus {
        let health = self.health();
        PipelineStatus {
            name: self.name,
            state: health.state.clone(),
            sent: self.sent.load(Ordering::Relaxed),
            dropped: self.drops.list(),
            spooled_bytes: self.spooled_bytes.load(Ordering::Relaxed),
            last_success: health.last_success,
            last_error: health.last_error.clone(),
        }
    }

    fn succeed(&self, count: u64, state: PipelineState, now: Instant) {
        self.sent.fetch_add(count, Ordering::Relaxed);
        let mut health = self.health();
        if matches!(health.state, PipelineState::Disabled { .. }) {
            return;
        }
        if count > 0 {
            health.last_success = Some(SystemTime::now());
        }
        let degraded = matches!(health.state, PipelineState::Degraded { .. });
        let quiet = health.failed_at.is_none_or(|at| now.duration_since(at) >= RECOVERY);
        if !degraded || quiet {
            health.state = state;
        }
        self.tell(health, now);
    }

    fn fail(&self, reason: String, now: Instant) {
        // What a peer said may be a part of it.
        let reason = self.notices.shown(&reason).into_owned();
        let mut health = self.health();
        if matches!(health.state, PipelineState::Disabled { .. }) {
            return;
        }
        let since = match &health.state {
            PipelineState::Degraded { since, .. } => *since,
            _ => SystemTime::now(),
        };
        health.last_error = Some(reason.clone());
        health.failed_at = Some(now);
        health.state = PipelineState::Degraded { since, reason };
        self.tell(health, now);
    }

    /// Writes a line if the state is not the one told last, at most once a minute. What is not worth
    /// a line of its own: the first success, and up against unverified.
    fn tell(&self, mut health: MutexGuard<'_, Health>, now: Instant) {
        let degraded = health.state.name() == "degraded";
        let was_degraded = health.told == "degraded";
        let due = health.noticed_at.is_none_or(|at| now.duration_since(at) >= NOTICE_INTERVAL);
        if degraded == was_degraded || !due {
            return;
        }
        health.told = health.state.name();
        health.noticed_at = Some(now);
        let line = format!("{} is {}", self.name, health.state);
        // The sink is the host's code: it must not run under our lock.
        drop(health);
        self.notices.write(&line);
    }

    fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pipeline() -> (Arc<Pipeline>, Arc<Mutex<Vec<String>>>) {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&lines);
        let notices = Notices::new(move |line| sink.lock().unwrap().push(line.to_owned()));
        (Pipeline::new("dogstatsd", notices), lines)
    }

    #[test]
    fn degraded_is_left_after_five_quiet_seconds() {
        let (pipeline, _) = pipeline();
        let start = Instant::now();
        pipeline.fail("nobody listens".into(), start);
        pipeline.succeed(1, PipelineState::Up, start + Duration::from_secs(4));
        assert_eq!(pipeline.status().state.name(), "degraded");
        pipeline.succeed(1, PipelineState::Up, start + Duration::from_secs(5));
        assert_eq!(pipeline.status().state, PipelineState::Up);
        assert_eq!(pipeline.status().sent, 2);
    }

    #[test]
    fn a_flapping_pipeline_writes_at_most_one_line_a_minute() {
        let (pipeline, lines) = pipeline();
        let start = Instant::now();
        for second in 0..600 {
            let now = start + Duration::from_secs(second);
            match (second / 10) % 2 {
                0 => pipeline.fail("nobody listens".into(), now),
                _ => pipeline.succeed(1, PipelineState::Up, now),
            }
        }
        let lines = lines.lock().unwrap();
        assert!((2..=10).contains(&lines.len()), "{lines:?}");
        assert_eq!(lines[0], "dogstatsd is degraded: nobody listens");
    }

    #[test]
    fn a_pipeline_that_just_works_writes_nothing() {
        let (pipeline, lines) = pipeline();
        let start = Instant::now();
        for second in 0..100 {
            pipeline.succeed(1, PipelineState::Up, start + Duration::from_secs(second));
        }
        assert!(lines.lock().unwrap().is_empty());
    }

    #[test]
    fn a_disabled_pipeline_stays_so() {
        let (pipeline, lines) = pipeline();
        pipeline.disable("by configuration");
        pipeline.failed("late");
        pipeline.delivered(1);
        assert_eq!(pipeline.status().state.name(), "disabled");
        assert!(lines.lock().unwrap().is_empty());
    }

    #[test]
    fn a_sink_that_panics_harms_nobody() {
        let pipeline = Pipeline::new("dogstatsd", Notices::new(|_| panic!("the host's sink")));
        pipeline.failed("nobody listens");
        assert_eq!(pipeline.status().state.name(), "degraded");
    }
}

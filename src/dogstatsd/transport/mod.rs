//! Transport: from a payload to the kernel, and an honest word on what became of it.

mod background;
mod fault;
#[cfg(unix)]
mod frame;
mod udp;
#[cfg(unix)]
mod unix;

pub(super) use fault::Fault;

use super::payload::Payload;
use crate::config::settings::{Address, DogStatsdSettings};
use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

/// The longest that one payload waits for room in the agent's queue.
const WRITE_TIMEOUT: Duration = Duration::from_millis(100);

/// What became of a payload.
#[derive(Debug)]
pub(super) enum Delivery {
    /// The kernel has taken it.
    Accepted,
    /// The kernel has taken its beginning; the rest is the transport's to send. What becomes of
    /// it, [`Transport::settled`] tells.
    Begun,
    /// Nothing of it was sent.
    Refused(Fault),
    /// Nothing of it was sent, for it is too long for this socket.
    TooLong,
}

/// What became of payloads that were handed over before.
#[derive(Debug, Default)]
pub(super) struct Settled {
    /// Lines of payloads that are complete now.
    pub(super) delivered: u64,
    /// Points that may or may not have arrived.
    pub(super) unknown: u64,
    /// The bytes of those.
    pub(super) unknown_bytes: u64,
    /// What went wrong, if anything.
    pub(super) fault: Option<String>,
}

/// A way to an agent. One for real sockets, others for tests and previews.
pub(super) trait Transport {
    /// Opens what is closed and finishes what was begun. Costs one or two system calls while
    /// nobody listens.
    fn prepare(&mut self, deadline: Instant) -> Result<(), Fault>;

    /// Hands one payload to the kernel, waiting no longer than [`WRITE_TIMEOUT`].
    fn deliver(&mut self, payload: &Payload, deadline: Instant) -> Delivery;

    /// What became of earlier payloads since the last call.
    fn settled(&mut self) -> Settled {
        Settled::default()
    }

    /// Gives up what was begun; [`settled`](Self::settled) tells what that was.
    fn close(&mut self) {}

    /// Whether an accepted payload is known to have found somebody.
    fn is_verified(&self) -> bool {
        true
    }

    /// `udp`, `uds` or `uds-stream`, as Datadog's own clients call it.
    fn name(&self) -> &'static str;
}

/// The transport that the settings ask for.
pub(super) fn connect_to(settings: &DogStatsdSettings) -> Box<dyn Transport + Send> {
    match &settings.address {
        Address::Udp { host, port } => Box::new(udp::Udp::new(host, *port)),
        #[cfg(unix)]
        Address::Unix { path, socket } => Box::new(unix::Unix::new(path, *socket)),
        #[cfg(not(unix))]
        Address::Unix { path, .. } => Box::new(Unsupported(path.display().to_string())),
    }
}

/// How long a write may take now: [`WRITE_TIMEOUT`], or what is left until the deadline.
fn write_timeout(deadline: Instant) -> Duration {
    let left = deadline.saturating_duration_since(Instant::now());
    // Zero would mean no timeout at all.
    left.clamp(Duration::from_millis(1), WRITE_TIMEOUT)
}

/// Repeats a call that a signal broke off, but not for ever.
fn uninterrupted<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    for _ in 0..8 {
        match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
    call()
}

#[cfg(not(unix))]
struct Unsupported(String);

#[cfg(not(unix))]
impl Transport for Unsupported {
    fn prepare(&mut self, _deadline: Instant) -> Result<(), Fault> {
        Err(Fault::down(format!("{}: this system has no Unix sockets; use udp://", self.0)))
    }

    fn deliver(&mut self, _payload: &Payload, _deadline: Instant) -> Delivery {
        Delivery::Refused(Fault::down("this system has no Unix sockets"))
    }

    fn name(&self) -> &'static str {
        "uds"
    }
}

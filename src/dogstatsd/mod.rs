//! DogStatsD: what the source has, as lines, in payloads, to an agent.
//!
//! ```text
//! series -> (cursor: what is new) -> line (cadence) -> payload -> transport -> the kernel
//!              ^                                                      |
//!              +------------ moves for what was accepted -------------+
//! ```
//!
//! Everything happens on one thread. A refused payload costs nothing: what it held is still beyond
//! the cursors and goes out with a later flush, however long that takes.

mod client_telemetry;
mod cursor;
mod event;
mod flush;
mod histogram;
mod line;
mod orders;
mod origin;
mod payload;
mod sanitise;
mod series;
mod service_check;
#[cfg(test)]
mod tests;
mod transport;
mod worker;

pub use event::{AlertType, Event, Priority};
pub use service_check::{CheckStatus, ServiceCheck};

use crate::config::settings::{Address, DogStatsdSettings};
use crate::metrics::reading::Source;
use crate::status::{DropReason, Pipeline};
use flush::{Flusher, Queues};
use line::Constants;
use orders::Orders;
use payload::{MAX_UDP_PAYLOAD, MAX_UNIX_PAYLOAD, Queue};
use std::io;
use std::process;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use worker::Worker;

/// The bounds that are part of the public documentation.
pub(crate) mod limits {
    pub use super::payload::{
        MAX_QUEUED_BYTES, MAX_QUEUED_LINES, MAX_UDP_PAYLOAD, MAX_UNIX_PAYLOAD,
    };
}

/// How long a preview is waited for.
const PREVIEW_TIMEOUT: Duration = Duration::from_secs(1);

/// The running pipeline.
#[derive(Debug)]
pub(crate) struct DogStatsdPipeline {
    orders: Arc<Orders>,
    events: Arc<Queue>,
    constants: Constants,
    limit: usize,
    pipeline: Arc<Pipeline>,
    /// The process that has the thread. After a fork the child has only this handle, and locks
    /// that may never open again.
    process: u32,
}

impl DogStatsdPipeline {
    /// Starts the thread. Nobody has to listen, no name has to resolve: only the operating system's
    /// refusal of a thread is an error.
    pub(crate) fn start(
        settings: DogStatsdSettings,
        source: Arc<dyn Source>,
        pipeline: Arc<Pipeline>,
    ) -> io::Result<Self> {
        let container = settings.origin_detection.then(origin::detect).flatten();
        let constants = Constants::new(&settings, container.as_deref(), pipeline.drops());
        let limit = match settings.address {
            Address::Udp { .. } => MAX_UDP_PAYLOAD,
            Address::Unix { .. } => MAX_UNIX_PAYLOAD,
        };
        let queue = || Arc::new(Queue::new(Arc::clone(&pipeline)));
        let queues = Queues { events: queue(), timestamped: queue() };
        let events = Arc::clone(&queues.events);
        let orders = Arc::new(Orders::default());
        let worker = Worker {
            orders: Arc::clone(&orders),
            flusher: Flusher::new(
                source,
                Arc::clone(&pipeline),
                constants.clone(),
                queues,
                transport::connect_to(&settings),
                limit,
                settings.client_telemetry,
            ),
            pipeline: Arc::clone(&pipeline),
            interval: settings.flush_interval.max(Duration::from_millis(1)),
        };
        thread::Builder::new().name("lightship-dogstatsd".into()).spawn(move || worker.run())?;
        Ok(DogStatsdPipeline { orders, events, constants, limit, pipeline, process: process::id() })
    }

    /// Puts an event into the queue; it goes out with the next flush.
    pub(crate) fn event(&self, event: &Event) {
        self.enqueue(|| event.line(&self.constants, self.limit - 1, self.pipeline.drops()));
    }

    /// Puts a service check into the queue; it goes out with the next flush.
    pub(crate) fn service_check(&self, check: &ServiceCheck) {
        self.enqueue(|| check.line(&self.constants, self.limit - 1, self.pipeline.drops()));
    }

    fn enqueue(&self, line: impl FnOnce() -> Option<String>) {
        if !self.is_owner() {
            return self.pipeline.dropped(DropReason::Forked, 1);
        }
        match line() {
            Some(line) => self.events.push(line),
            None => self.pipeline.dropped(DropReason::Oversize, 1),
        }
    }

    /// Sends what is pending; `true` if all of it was accepted. Waits no longer than the timeout,
    /// and hardly at all where nobody listens.
    pub(crate) fn flush(&self, timeout: Duration) -> bool {
        self.is_owner() && self.orders.flush(timeout)
    }

    /// Flushes a last time and ends the thread, within the timeout even where something hangs;
    /// `true` if nothing stayed behind. What did is counted with the reason `shutdown`, in points.
    pub(crate) fn shutdown(&self, timeout: Duration) -> bool {
        self.is_owner() && self.orders.stop(timeout).is_some_and(|left_behind| left_behind == 0)
    }

    /// The lines that a flush would send now; nothing is sent and no cursor moves.
    pub(crate) fn preview(&self) -> Vec<String> {
        if !self.is_owner() {
            return Vec::new();
        }
        self.orders.preview(PREVIEW_TIMEOUT)
    }

    fn is_owner(&self) -> bool {
        process::id() == self.process
    }
}

impl Drop for DogStatsdPipeline {
    fn drop(&mut self) {
        // Whoever wants a last flush asks for it before.
        self.shutdown(Duration::ZERO);
    }
}

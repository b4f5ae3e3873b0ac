//! The transport as the pipeline sees it: start it, flush it, end it.

use super::backoff::Pace;
use super::lines::Lines;
use super::orders::Orders;
use super::request::Periodic;
use super::sender::Sender;
use super::spool::Spool;
use super::worker::{Drain, Metrics, Worker};
use crate::config::settings::OtlpSettings;
use crate::scrub::Policy;
use crate::status::Pipeline;
use std::io;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// The thread that sends, from outside. Dropping it ends the thread without waiting; what is still
/// spooled is then counted as lost.
#[derive(Debug)]
pub(super) struct Transport {
    spool: Arc<Spool>,
}

impl Transport {
    /// Starts the thread; nothing is connected before there is something to send.
    pub(super) fn start(
        settings: &OtlpSettings,
        spool: Arc<Spool>,
        pipeline: Arc<Pipeline>,
        policy: Arc<Policy>,
        metrics: Option<(Duration, Box<dyn Periodic>)>,
        drain: Drain,
    ) -> io::Result<Self> {
        Self::start_with(settings, spool, pipeline, policy, metrics, drain, Pace::DEFAULT)
    }

    pub(super) fn start_with(
        settings: &OtlpSettings,
        spool: Arc<Spool>,
        pipeline: Arc<Pipeline>,
        policy: Arc<Policy>,
        metrics: Option<(Duration, Box<dyn Periodic>)>,
        drain: Drain,
        pace: Pace,
    ) -> io::Result<Self> {
        let orders = Arc::clone(spool.orders());
        let lines = Lines::new(settings, orders, Arc::clone(&pipeline), policy, pace);
        let metrics = metrics.map(|(interval, periodic)| {
            let interval = interval.max(Duration::from_millis(1));
            Metrics { periodic, interval, due: Instant::now() + interval }
        });
        let sender = Sender::new(Arc::clone(&spool), pipeline, lines);
        let worker = Worker { sender, metrics, drain, told: 0 };
        thread::Builder::new().name("lightship-otlp".into()).spawn(move || {
            crate::quiet::this_thread();
            let _suppressed = opentelemetry::Context::enter_telemetry_suppressed_scope();
            worker.run();
        })?;
        Ok(Transport { spool })
    }

    /// Orders that everything recorded so far is sent; waiting is up to the ticket.
    pub(super) fn start_flush(&self, deadline: Instant) -> Ticket {
        if !self.spool.is_owner() {
            return Ticket(None);
        }
        let request = Some(self.spool.orders().flush(deadline));
        Ticket(Some(Awaited { spool: Arc::clone(&self.spool), request, deadline }))
    }

    /// Orders a last flush, after which the thread ends; the first such order says until when.
    pub(super) fn start_shutdown(&self, deadline: Instant) -> Ticket {
        if !self.spool.is_owner() {
            return Ticket(None);
        }
        self.spool.orders().stop(deadline);
        Ticket(Some(Awaited { spool: Arc::clone(&self.spool), request: None, deadline }))
    }

    /// Spans and data points that wait to be sent.
    pub(super) fn spooled_items(&self) -> u64 {
        self.spool.items()
    }
}

impl Drop for Transport {
    fn drop(&mut self) {
        // Whoever wants a last flush asks for it before.
        if self.spool.is_owner() {
            self.spool.orders().stop(Instant::now());
        }
    }
}

/// Something that was ordered; nothing in a forked child.
#[derive(Debug)]
pub(crate) struct Ticket(Option<Awaited>);

#[derive(Debug)]
struct Awaited {
    spool: Arc<Spool>,
    /// The flush; `None` for the end.
    request: Option<u64>,
    deadline: Instant,
}

impl Ticket {
    /// Waits, until the deadline at the latest; whether all of it was accepted, and nothing was
    /// lost since the last flush.
    pub(crate) fn wait(self) -> bool {
        let Some(Awaited { spool, request, deadline }) = self.0 else { return false };
        let orders: &Orders = spool.orders();
        match request {
            Some(request) => orders.wait_for_flush(request, deadline),
            None => orders.wait_for_end(deadline).unwrap_or_else(|| {
                // The thread hangs where nothing can reach it; what it leaves is counted now.
                spool.close();
                false
            }),
        }
    }
}

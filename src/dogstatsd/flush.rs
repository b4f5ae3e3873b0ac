//! One flush: from readings to accepted payloads.

use super::client_telemetry::ClientTelemetry;
use super::cursor::{Advance, Cursors};
use super::line::{Constants, LineWriter};
use super::payload::{Payload, Queue};
use super::transport::{Delivery, Fault, Transport};
use crate::metrics::reading::Source;
use crate::status::{DropReason, Pipeline};
use std::sync::Arc;
use std::time::Instant;

/// Below this a payload is not made smaller, whatever the socket says.
const MIN_PAYLOAD: usize = 512;

/// Lines that wait for a flush, made before it.
#[derive(Debug, Clone)]
pub(super) struct Queues {
    pub(super) events: Arc<Queue>,
    pub(super) timestamped: Arc<Queue>,
}

/// Turns what a source has into accepted payloads, and knows what was accepted.
pub(super) struct Flusher {
    pub(super) source: Arc<dyn Source>,
    pub(super) pipeline: Arc<Pipeline>,
    pub(super) constants: Constants,
    pub(super) writer: LineWriter,
    pub(super) cursors: Cursors,
    pub(super) queues: Queues,
    transport: Box<dyn Transport + Send>,
    pub(super) client: ClientTelemetry,
    payload: Payload,
    pub(super) limit: usize,
    /// Why this flush sends no more.
    stalled: Option<Fault>,
    /// Where lines go instead, while somebody only wants to see them.
    preview: Option<Vec<String>>,
    deadline: Instant,
    /// Whether somebody waits for this flush to send everything.
    pub(super) asked: bool,
    /// A flush failed, and the pipeline is not known to be up again.
    is_recovering: bool,
}

/// How a flush went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Everything was accepted.
    Complete,
    /// The agent is there and slow: another flush at once may get further.
    Slow,
    /// Another flush at once would fail as well.
    Down,
}

impl Flusher {
    pub(super) fn new(
        source: Arc<dyn Source>,
        pipeline: Arc<Pipeline>,
        constants: Constants,
        queues: Queues,
        transport: Box<dyn Transport + Send>,
        limit: usize,
        client_telemetry: bool,
    ) -> Self {
        let now = Instant::now();
        Flusher {
            writer: LineWriter::new(&constants),
            client: ClientTelemetry::new(client_telemetry, now),
            cursors: Cursors::default(),
            payload: Payload::default(),
            stalled: None,
            preview: None,
            deadline: now,
            asked: false,
            is_recovering: false,
            source,
            pipeline,
            constants,
            queues,
            transport,
            limit,
        }
    }

    /// Sends everything that is new since it was last accepted, and stops at the first refusal.
    pub(super) fn flush(&mut self, deadline: Instant, asked: bool) -> Outcome {
        self.begin(deadline);
        self.asked = asked;
        self.queue_timestamped();
        self.stalled = self.transport.prepare(deadline).err();
        self.settle();
        self.ship_queue(&Arc::clone(&self.queues.events));
        self.ship_queue(&Arc::clone(&self.queues.timestamped));
        // Readings stay where they are while nobody is there to send them to.
        if !self.is_stalled() {
            self.write_series();
            self.write_client_telemetry();
            self.ship();
        }
        self.pipeline.set_spooled_bytes(self.spooled_bytes());
        self.outcome()
    }

    /// The lines that a flush would send now, without the client's telemetry.
    pub(super) fn preview(&mut self) -> Vec<String> {
        self.begin(Instant::now());
        self.queue_timestamped();
        let queued = [&self.queues.events, &self.queues.timestamped];
        self.preview = Some(queued.into_iter().flat_map(|queue| queue.lines()).collect());
        self.write_series();
        self.preview.take().unwrap_or_default()
    }

    /// Counts what no flush will send any more, in points, and gives up what was begun. After a
    /// flush that was `complete` no series is asked again, for asking measures anew.
    pub(super) fn abandon(&mut self, complete: bool) -> u64 {
        self.begin(Instant::now());
        self.queue_timestamped();
        self.transport.close();
        self.settle();
        let in_series = if complete { 0 } else { self.pending() };
        let lost = self.queues.events.close() + self.queues.timestamped.close() + in_series;
        self.pipeline.dropped(DropReason::Shutdown, lost);
        self.pipeline.set_spooled_bytes(0);
        lost
    }

    /// Whether nothing waits to be sent.
    pub(super) fn is_idle(&mut self) -> bool {
        self.queues.events.is_empty() && self.queues.timestamped.is_empty() && self.pending() == 0
    }

    pub(super) fn spooled_bytes(&self) -> u64 {
        (self.queues.events.bytes() + self.queues.timestamped.bytes()) as u64
    }

    pub(super) fn is_stalled(&self) -> bool {
        self.stalled.is_some()
    }

    /// Takes one line up into the payload; `advances` move once that is accepted. A line that is
    /// longer than any payload is dropped and accounted for, so that it is counted once.
    pub(super) fn put(&mut self, line: String, advances: &[Advance]) {
        if let Some(preview) = &mut self.preview {
            return preview.push(line);
        }
        if self.is_stalled() {
            return;
        }
        if Payload::cost(&line) > self.limit {
            let points = advances.iter().map(|advance| advance.points()).sum();
            self.pipeline.dropped(DropReason::Oversize, points);
            return advances.iter().for_each(|&advance| self.accept(advance));
        }
        if self.payload.bytes.len() + Payload::cost(&line) > self.limit {
            self.ship();
        }
        if !self.is_stalled() {
            self.payload.push(&line, advances);
        }
    }

    fn begin(&mut self, deadline: Instant) {
        // The last flush may have ended in a panic, anywhere.
        self.queues.events.release(false);
        self.queues.timestamped.release(false);
        self.payload.clear();
        self.preview = None;
        self.stalled = None;
        self.deadline = deadline;
    }

    fn write_client_telemetry(&mut self) {
        let (now, transport) = (Instant::now(), self.transport.name());
        for (line, advance) in self.client.lines(now, &self.writer, &self.constants, transport) {
            self.put(line, &[advance]);
        }
    }

    fn ship(&mut self) {
        if !self.payload.is_empty() {
            self.deliver();
        }
        self.payload.clear();
    }

    fn ship_queue(&mut self, queue: &Queue) {
        while !self.is_stalled() && !queue.is_empty() {
            self.payload.clear();
            queue.fill(&mut self.payload, self.limit);
            if self.payload.is_empty() {
                queue.drop_front(DropReason::Oversize);
            } else {
                let gone = self.deliver();
                queue.release(gone);
            }
        }
        self.payload.clear();
    }

    /// Hands the payload over; returns whether its lines are done with.
    fn deliver(&mut self) -> bool {
        let delivery = self.transport.deliver(&self.payload, self.deadline);
        self.settle();
        match delivery {
            Delivery::Accepted => self.delivered(self.payload.lines),
            Delivery::Begun => {
                self.stalled = Some(Fault::passing("the agent reads slowly"));
            }
            Delivery::Refused(fault) => {
                self.stalled = Some(fault);
                return false;
            }
            Delivery::TooLong => return self.shorten(),
        }
        self.client.add_sent(&self.payload, &self.cursors);
        self.accept_payload();
        true
    }

    /// The socket takes less than we thought: smaller payloads from now on. A single line that is
    /// too long is dropped.
    fn shorten(&mut self) -> bool {
        if self.payload.lines > 1 && self.limit > MIN_PAYLOAD {
            self.limit = (self.limit / 2).max(MIN_PAYLOAD);
            self.stalled =
                Some(Fault::passing(format!("payloads are cut to {} bytes", self.limit)));
            return false;
        }
        self.pipeline.dropped(DropReason::Oversize, self.payload.points);
        self.accept_payload();
        true
    }

    fn accept_payload(&mut self) {
        for advance in std::mem::take(&mut self.payload.advances) {
            self.accept(advance);
        }
    }

    fn accept(&mut self, advance: Advance) {
        match advance {
            Advance::ClientTelemetry { field, by } => self.client.accept(field, by),
            advance => self.cursors.accept(advance),
        }
    }

    /// Takes note of what became of earlier payloads.
    fn settle(&mut self) {
        let settled = self.transport.settled();
        if settled.delivered > 0 {
            self.delivered(settled.delivered);
        }
        if settled.unknown > 0 {
            self.pipeline.dropped(DropReason::Unknown, settled.unknown);
            self.client.add_unknown(settled.unknown_bytes);
        }
        if let Some(fault) = settled.fault {
            self.is_recovering = true;
            self.pipeline.failed(fault);
        }
    }

    fn delivered(&self, lines: u64) {
        match self.transport.is_verified() {
            true => self.pipeline.delivered(lines),
            false => self.pipeline.sent_unverified(lines),
        }
    }

    fn outcome(&mut self) -> Outcome {
        let Some(fault) = self.stalled.take() else {
            // The way is free again, even if there was nothing to send on it.
            if self.is_recovering {
                self.delivered(0);
                self.is_recovering = self.pipeline.status().state.name() == "degraded";
            }
            return Outcome::Complete;
        };
        self.is_recovering = true;
        let outcome = if fault.passing { Outcome::Slow } else { Outcome::Down };
        self.pipeline.failed(fault.text);
        outcome
    }
}

impl std::fmt::Debug for Flusher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Flusher").field("limit", &self.limit).finish_non_exhaustive()
    }
}

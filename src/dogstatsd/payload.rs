//! Payloads: lines packed for one datagram, with what their acceptance will move.

use super::cursor::Advance;
use crate::status::{DropReason, Pipeline};
use std::collections::VecDeque;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most bytes in one UDP datagram: it passes any Ethernet unbroken.
pub const MAX_UDP_PAYLOAD: usize = 1_432;
/// The most bytes in one Unix datagram or frame: the size of the agent's buffer.
pub const MAX_UNIX_PAYLOAD: usize = 8_192;
/// The most lines that wait in one queue.
pub const MAX_QUEUED_LINES: usize = 1_024;
/// The most bytes that wait in one queue.
pub const MAX_QUEUED_BYTES: usize = 1 << 20;
/// The most queued lines in one payload, so that a queue always has one that it may drop.
const MAX_QUEUED_LINES_PER_PAYLOAD: usize = MAX_QUEUED_LINES / 2;

/// Lines on their way, each ended by a newline.
#[derive(Debug, Default)]
pub(super) struct Payload {
    pub(super) bytes: Vec<u8>,
    pub(super) lines: u64,
    /// See [`Advance::points`]; and one for each line of a queue.
    pub(super) points: u64,
    pub(super) advances: Vec<Advance>,
    pub(super) events: u64,
    pub(super) service_checks: u64,
}

impl Payload {
    /// The bytes that a line takes.
    pub(super) fn cost(line: &str) -> usize {
        line.len() + 1
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines == 0
    }

    pub(super) fn push(&mut self, line: &str, advances: &[Advance]) {
        self.bytes.extend_from_slice(line.as_bytes());
        self.bytes.push(b'\n');
        self.lines += 1;
        self.points += advances.iter().map(|advance| advance.points()).sum::<u64>();
        self.advances.extend_from_slice(advances);
    }

    /// Takes a line that moves no cursor: a point of its own.
    pub(super) fn push_queued(&mut self, line: &str) {
        self.push(line, &[]);
        self.points += 1;
        self.events += u64::from(line.starts_with("_e{"));
        self.service_checks += u64::from(line.starts_with("_sc|"));
    }

    pub(super) fn clear(&mut self) {
        let (mut bytes, mut advances) = (mem::take(&mut self.bytes), mem::take(&mut self.advances));
        bytes.clear();
        advances.clear();
        *self = Payload { bytes, advances, ..Payload::default() };
    }
}

/// A bounded queue of finished lines that wait for an agent: events, service checks, timestamped
/// values. Where it is full, the oldest goes first.
#[derive(Debug)]
pub(super) struct Queue {
    pipeline: Arc<Pipeline>,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    lines: VecDeque<Arc<str>>,
    bytes: usize,
    /// How many lines at the front are in a payload right now, and must not be dropped.
    in_payload: usize,
    closed: bool,
}

impl Queue {
    pub(super) fn new(pipeline: Arc<Pipeline>) -> Self {
        Queue { pipeline, waiting: Mutex::default() }
    }

    pub(super) fn push(&self, line: String) {
        let mut waiting = self.lock();
        if waiting.closed {
            drop(waiting);
            return self.pipeline.dropped(DropReason::Shutdown, 1);
        }
        waiting.bytes += line.len();
        waiting.lines.push_back(line.into());
        let mut dropped = 0;
        while waiting.lines.len() > MAX_QUEUED_LINES || waiting.bytes > MAX_QUEUED_BYTES {
            let oldest = waiting.in_payload;
            let Some(oldest) = waiting.lines.remove(oldest) else { break };
            waiting.bytes -= oldest.len();
            dropped += 1;
        }
        drop(waiting);
        self.pipeline.dropped(DropReason::QueueFull, dropped);
    }

    /// Copies lines from the front into an empty payload, as many as fit. They stay in the queue
    /// until [`release`](Self::release).
    pub(super) fn fill(&self, payload: &mut Payload, limit: usize) {
        let mut waiting = self.lock();
        for line in &waiting.lines {
            let fits = payload.bytes.len() + Payload::cost(line) <= limit;
            if !fits || payload.lines as usize == MAX_QUEUED_LINES_PER_PAYLOAD {
                break;
            }
            payload.push_queued(line);
        }
        waiting.in_payload = payload.lines as usize;
    }

    /// Ends what `fill` began: removes the lines if they were accepted.
    pub(super) fn release(&self, accepted: bool) {
        let mut waiting = self.lock();
        let count = mem::take(&mut waiting.in_payload);
        if accepted {
            let gone: usize = waiting.lines.drain(..count).map(|line| line.len()).sum();
            waiting.bytes -= gone;
        }
    }

    /// Drops the line at the front.
    pub(super) fn drop_front(&self, reason: DropReason) {
        let mut waiting = self.lock();
        if let Some(line) = waiting.lines.pop_front() {
            waiting.bytes -= line.len();
            drop(waiting);
            self.pipeline.dropped(reason, 1);
        }
    }

    /// Takes no more lines, and forgets those it has; returns their number.
    pub(super) fn close(&self) -> u64 {
        let mut waiting = self.lock();
        waiting.closed = true;
        waiting.bytes = 0;
        mem::take(&mut waiting.lines).len() as u64
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.lock().lines.iter().map(|line| line.to_string()).collect()
    }

    pub(super) fn bytes(&self) -> usize {
        self.lock().bytes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lock().lines.is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::Notices;

    fn queue() -> (Queue, Arc<Pipeline>) {
        let pipeline = Pipeline::new("dogstatsd", Notices::default());
        (Queue::new(Arc::clone(&pipeline)), pipeline)
    }

    fn drain(queue: &Queue) -> Vec<String> {
        let mut lines = Vec::new();
        while !queue.is_empty() {
            let mut payload = Payload::default();
            queue.fill(&mut payload, MAX_UDP_PAYLOAD);
            assert!(!payload.is_empty() && payload.bytes.len() <= MAX_UDP_PAYLOAD);
            queue.release(true);
            let text = String::from_utf8(payload.bytes).unwrap();
            lines.extend(text.lines().map(str::to_owned));
        }
        lines
    }

    #[test]
    fn the_oldest_line_goes_first_and_is_counted() {
        let (queue, pipeline) = queue();
        (0..MAX_QUEUED_LINES + 10).for_each(|n| queue.push(format!("line {n}")));
        assert_eq!(pipeline.drops().get(DropReason::QueueFull), 10);
        let lines = drain(&queue);
        assert_eq!((lines.len(), lines[0].as_str()), (MAX_QUEUED_LINES, "line 10"));
        assert_eq!(queue.bytes(), 0);
    }

    #[test]
    fn bytes_are_bounded_too() {
        let (queue, pipeline) = queue();
        (0..300).for_each(|_| queue.push("x".repeat(4_096)));
        assert!(queue.bytes() <= MAX_QUEUED_BYTES);
        assert_eq!(pipeline.drops().get(DropReason::QueueFull), 300 - 256);
    }

    #[test]
    fn a_line_in_a_payload_is_never_dropped() {
        let (queue, pipeline) = queue();
        (0..MAX_QUEUED_LINES).for_each(|n| queue.push(format!("line {n}")));
        let mut payload = Payload::default();
        queue.fill(&mut payload, 40);
        let in_payload = payload.lines;
        (0..3_000).for_each(|n| queue.push(format!("late {n}")));
        queue.release(true);
        assert_eq!(pipeline.drops().get(DropReason::QueueFull), 3_000);
        assert_eq!(drain(&queue).len() as u64, MAX_QUEUED_LINES as u64 - in_payload);
    }

    #[test]
    fn what_was_not_accepted_stays() {
        let (queue, _) = queue();
        queue.push("a".into());
        queue.fill(&mut Payload::default(), 100);
        queue.release(false);
        assert_eq!(drain(&queue), ["a"]);
    }

    #[test]
    fn a_closed_queue_counts_what_comes_late() {
        let (queue, pipeline) = queue();
        queue.push("a".into());
        assert_eq!(queue.close(), 1);
        queue.push("b".into());
        assert!(queue.is_empty());
        assert_eq!(pipeline.drops().get(DropReason::Shutdown), 1);
    }
}

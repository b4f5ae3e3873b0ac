//! The thread that writes.

use super::Direct;
use super::queue::Queue;
use super::target::Target;
use crate::logs::limits::{MAX_LOG_LINE_BYTES, MAX_LOG_QUEUE_BYTES};
use crate::quiet;
use crate::status::{DropReason, Pipeline};
use std::io::{self, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Between two tries where standard output does not block and is full.
const SLOW_PAUSE: Duration = Duration::from_millis(5);
/// Between two tries where it can't be written to.
const FAILED_PAUSE: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Worker {
    pub(super) queue: Arc<Queue>,
    pub(super) direct: Arc<Mutex<Option<Direct>>>,
    pub(super) target: Box<dyn Target>,
    pub(super) pipeline: Arc<Pipeline>,
    /// Of the lines that found the queue full, those that were told of.
    pub(super) overflow: u64,
}

impl Worker {
    pub(super) fn run(mut self) {
        quiet::this_thread();
        let mut batch = Vec::with_capacity(MAX_LOG_QUEUE_BYTES);
        let mut mid_line = false;
        while self.queue.next(&mut batch).is_some() {
            let taken = self.write(&batch);
            if taken < batch.len() {
                mid_line = taken > 0 && batch[taken - 1] != b'\n';
                break;
            }
        }
        self.pipeline.set_spooled_bytes(0);
        // The target first: from the end on, who logs takes it from there.
        let direct = Direct { target: self.target, mid_line };
        *self.direct.lock().unwrap_or_else(PoisonError::into_inner) = Some(direct);
        self.queue.end(self.pipeline.drops());
    }

    /// Writes it all, however long it takes; returns how much was written when the end came.
    fn write(&mut self, batch: &[u8]) -> usize {
        let mut at = 0;
        while at < batch.len() {
            let lines = whole_lines(&batch[at..]);
            let (taken, result) = write_contained(&mut *self.target, lines);
            let count = lines[..taken].iter().filter(|&&byte| byte == b'\n').count() as u64;
            at += taken;
            let spooled = (batch.len() - at + self.queue.pending_bytes()) as u64;
            let is_open = count == 0
                || self.queue.written(count, || {
                    self.pipeline.set_spooled_bytes(spooled);
                    self.pipeline.delivered(count);
                });
            if !is_open {
                break;
            }
            let goes_on = match result {
                Ok(()) => true,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.queue.pause(SLOW_PAUSE, false)
                }
                Err(error) => {
                    self.pipeline.failed(format!("standard output can't be written to: {error}"));
                    self.queue.pause(FAILED_PAUSE, true)
                }
            };
            if !goes_on {
                break;
            }
        }
        self.tell_overflow();
        at
    }

    /// Says once that lines were dropped, when the stall that made it so is over.
    fn tell_overflow(&mut self) {
        let overflow = self.pipeline.drops().get(DropReason::QueueFull);
        if overflow > self.overflow {
            self.overflow = overflow;
            self.pipeline.failed("standard output is read too slowly; lines were dropped");
        }
    }
}

/// As many lines as go out at once, so that what is written is counted in time.
fn whole_lines(bytes: &[u8]) -> &[u8] {
    let head = &bytes[..bytes.len().min(MAX_LOG_LINE_BYTES)];
    let end = head.iter().rposition(|&byte| byte == b'\n').map_or(head.len(), |at| at + 1);
    &head[..end]
}

/// Writes to a target that may panic, as one of a test can.
pub(super) fn write_contained(target: &mut dyn Target, lines: &[u8]) -> (usize, io::Result<()>) {
    catch_unwind(AssertUnwindSafe(|| target.write_lines(lines))).unwrap_or_else(|panic| {
        std::mem::forget(panic);
        (0, Err(io::Error::other("the write panicked")))
    })
}

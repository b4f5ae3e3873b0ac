//! From lines to standard output, past whatever holds it up.

mod queue;
pub(super) mod target;
#[cfg(test)]
mod tests;
mod worker;

use super::owner::Owner;
use crate::status::{DropReason, Pipeline};
use queue::{Pushed, Queue};
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};
use target::Target;
use worker::{Worker, write_contained};

/// How long the thread may go on when nobody waits for it.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How often a line is tried past the queue where standard output does not block and is full.
const DIRECT_TRIES: u32 = 20;
const DIRECT_PAUSE: Duration = Duration::from_millis(1);

/// Takes lines from every thread; one of its own writes them.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Arc<Queue>,
    /// The target, once the thread is done with it.
    direct: Arc<Mutex<Option<Direct>>>,
    pipeline: Arc<Pipeline>,
    /// The process that has the thread.
    owner: Owner,
}

impl Writer {
    pub(super) fn start(target: Box<dyn Target>, pipeline: Arc<Pipeline>) -> io::Result<Self> {
        let queue = Arc::new(Queue::new());
        let direct = Arc::default();
        let worker = Worker {
            queue: Arc::clone(&queue),
            direct: Arc::clone(&direct),
            target,
            pipeline: Arc::clone(&pipeline),
            overflow: pipeline.drops().get(DropReason::QueueFull),
        };
        thread::Builder::new().name("lightship-logs".into()).spawn(move || worker.run())?;
        Ok(Writer { queue, direct, pipeline, owner: Owner::this() })
    }

    /// Takes one line with its end. Never waits while the thread runs; after it, and in a forked
    /// child, the line is written at once.
    pub(super) fn push(&self, line: &[u8], urgent: bool, now: SystemTime) {
        if !self.owner.is_this_process_at(now) {
            // Not even a counter with a lock is safe here.
            if !write_patiently(line, target::write_unlocked).0 {
                self.pipeline.dropped(DropReason::Forked, 1);
            }
            return;
        }
        match self.queue.push(line, urgent) {
            Pushed::Queued => {}
            Pushed::Full => self.pipeline.dropped(DropReason::QueueFull, 1),
            Pushed::Ended if self.write_directly(line) => self.pipeline.delivered(1),
            Pushed::Ended => self.pipeline.dropped(DropReason::Shutdown, 1),
        }
    }

    /// Waits until what was taken before is written; `false` at the deadline, or where it fails.
    pub(super) fn flush(&self, deadline: Instant) -> bool {
        self.owner.is_this_process() && self.queue.flush(deadline)
    }

    /// Lets the thread write what it has and end, by the deadline. What is left then is counted with
    /// the reason `shutdown`; `true` if nothing is.
    pub(super) fn shutdown(&self, deadline: Instant) -> bool {
        if !self.owner.is_this_process() {
            return false;
        }
        self.queue.stop(deadline);
        self.queue.wait_for_end(deadline, self.pipeline.drops())
    }

    #[cfg(test)]
    pub(super) fn hold_all_locks(&self) -> impl Sized {
        (self.direct.lock().unwrap(), self.queue.hold())
    }

    fn write_directly(&self, line: &[u8]) -> bool {
        let mut direct = self.direct.lock().unwrap_or_else(PoisonError::into_inner);
        // Where the thread hangs in a write, this one would hang too.
        direct.as_mut().is_some_and(|direct| direct.write(line))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Whoever wants to wait has done so; the thread may write what is left.
        if self.owner.is_this_process() {
            self.queue.stop(Instant::now() + LAST_WORDS);
        }
    }
}

/// The target without the thread.
#[derive(Debug)]
struct Direct {
    target: Box<dyn Target>,
    /// Whether what was written last does not end a line.
    mid_line: bool,
}

impl Direct {
    fn write(&mut self, line: &[u8]) -> bool {
        let end_of_other: &[u8] = if self.mid_line { b"\n" } else { b"" };
        [end_of_other, line].into_iter().all(|bytes| {
            let target = &mut *self.target;
            let (whole, taken) = write_patiently(bytes, |rest| write_contained(target, rest));
            self.mid_line = bytes[..taken].last().map_or(self.mid_line, |&byte| byte != b'\n');
            whole
        })
    }
}

/// Tries again for a moment while standard output is full; `true` if everything was taken, and how
/// much.
fn write_patiently(
    bytes: &[u8],
    mut write: impl FnMut(&[u8]) -> (usize, io::Result<()>),
) -> (bool, usize) {
    let mut at = 0;
    for _ in 0..DIRECT_TRIES {
        let (taken, result) = write(&bytes[at..]);
        at += taken;
        match result {
            Ok(()) => return (true, at),
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(DIRECT_PAUSE),
            Err(_) => break,
        }
    }
    (false, at)
}

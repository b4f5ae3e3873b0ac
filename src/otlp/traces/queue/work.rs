//! For the worker: batches out of the queue, and what became of them.

use super::{Phase, Queue, State, wait};
use crate::otlp::traces::exporter::Fate;
use crate::status::DropReason;
use opentelemetry_sdk::trace::SpanData;
use std::time::Instant;

impl Queue {
    /// The next batch; `None` when there is nothing more to do, for good.
    pub(in crate::otlp::traces) fn next(&self) -> Option<Vec<SpanData>> {
        let mut due = Instant::now() + self.delay;
        let spare = self.chunk();
        let mut state = self.lock();
        state.spare.get_or_insert(spare);
        self.put_down(&mut state);
        loop {
            let now = Instant::now();
            let is_wanted = state.settled < state.wanted || state.phase != Phase::Open;
            let chunk = match state.full.pop_front() {
                None if is_wanted || now >= due => std::mem::take(&mut state.growing),
                chunk => chunk.unwrap_or_default(),
            };
            if !chunk.is_empty() {
                state.queued -= chunk.len();
                state.in_work = chunk.len() as u64;
                return Some(chunk);
            }
            if state.phase != Phase::Open {
                return None;
            }
            if now >= due {
                due = now + self.delay;
            }
            state = wait(&self.work, state, due - now);
        }
    }

    /// What became of some of the spans that it holds.
    pub(in crate::otlp::traces) fn settle(&self, fate: Fate) {
        let mut state = self.lock();
        let items = match &fate {
            Fate::Encoded(request) => request.items,
            Fate::Lost(items) => *items,
        };
        // After `abandon` it holds nothing: they were counted as dropped, and must not arrive.
        if state.in_work < items {
            return;
        }
        state.in_work -= items;
        match fate {
            Fate::Encoded(request) => {
                state.exported += items;
                drop(state);
                self.sink.push(request);
            }
            Fate::Lost(_) => self.drops.add(DropReason::ExportPanic, items),
        }
    }

    /// The worker holds nothing any more: whoever drains finds it in the spool by now.
    fn put_down(&self, state: &mut State) {
        // Nothing, unless telling a fate was cut short by a panic.
        self.drops.add(DropReason::ExportPanic, std::mem::take(&mut state.in_work));
        state.settled = state.entered - state.queued as u64;
        self.done.notify_all();
    }

    /// The last word: there is no worker any more.
    pub(in crate::otlp::traces) fn end(&self) {
        self.lock().ended = true;
        self.done.notify_all();
    }
}

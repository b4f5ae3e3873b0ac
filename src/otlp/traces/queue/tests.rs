use super::*;
use crate::otlp::traces::tests::{pipeline, span_data};

#[derive(Debug)]
struct Nowhere;

impl Sink for Nowhere {
    fn push(&self, _: Request) {
        panic!("the child exports");
    }
}

fn queue(capacity: usize, batch: usize) -> Queue {
    let sink = Arc::new(Nowhere);
    Queue::new(sink, pipeline().drops(), (capacity, batch), Duration::from_secs(5))
}

/// As it would be found in a child: made by another process.
fn forked(capacity: usize, batch: usize) -> Queue {
    Queue { process: process::id() + 1, ..queue(capacity, batch) }
}

#[test]
fn a_forked_child_keeps_and_counts_nothing() {
    let queue = forked(8, 4);
    (0..100).for_each(|_| queue.offer(span_data("a")));
    let state = queue.lock();
    assert!(state.growing.is_empty() && state.full.is_empty());
    drop(state);
    assert!(queue.drops.list().is_empty());
    assert_eq!(queue.counts(), Counts::default());
    // Nobody would answer.
    assert!(!queue.drain(Duration::from_secs(3_600)));
    assert!(!queue.shutdown(Duration::from_secs(3_600)));
    assert!(queue.drops.list().is_empty());
}

#[test]
fn a_forked_child_does_not_wait_for_a_lock_that_was_inherited_locked() {
    let queue = forked(8, 4);
    let held = queue.lock();
    queue.offer(span_data("a"));
    assert_eq!(queue.counts(), Counts::default());
    assert!(!queue.drain(Duration::from_secs(3_600)));
    drop(held);
}

#[test]
fn odd_sizes_and_delays_are_made_useful() {
    for (capacity, batch) in [(0, 0), (1, 100), (usize::MAX, usize::MAX)] {
        let queue = queue(capacity, batch);
        assert!(queue.capacity >= 1 && (1..=queue.capacity).contains(&queue.batch));
        queue.offer(span_data("a"));
        assert_eq!(queue.counts().waiting, 1);
    }
    let endless = Queue::new(Arc::new(Nowhere), pipeline().drops(), (8, 4), Duration::MAX);
    assert_eq!(endless.delay, MAX_DELAY);
    let busy = Queue::new(Arc::new(Nowhere), pipeline().drops(), (8, 4), Duration::ZERO);
    assert_eq!(busy.delay, MIN_DELAY);
}

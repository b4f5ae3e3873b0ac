//! Spans that end where nobody expects them to.

use crate::testing::capture;
use tracing::info_span;

/// A span whose parent only it keeps alive, handed out of its scope.
fn child_of_nobody_else() -> tracing::Span {
    let parent = info_span!("parent");
    info_span!(parent: &parent, "child")
}

#[test]
fn a_parent_is_closed_where_it_belongs_wherever_its_last_child_is_dropped() {
    let (child, seen) = capture(|| {
        let (sender, receiver) = std::sync::mpsc::channel();
        sender.send(child_of_nobody_else()).unwrap();
        // A thread that no scope follows to.
        std::thread::spawn(move || drop(receiver)).join().unwrap();
        child_of_nobody_else()
    });
    assert_eq!(seen.spans().len(), 2, "{seen}");
    // Another's scope has no such span, and is not asked.
    let ((), other) = capture(|| drop(child));
    assert!(other.spans().is_empty());
}

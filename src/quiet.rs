//! Threads of our own: what libraries log or trace there never reaches our pipelines, for what an
//! export logs would be exported, and so on without end.

use std::cell::Cell;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Declares the running thread one of ours, for good.
pub(crate) fn this_thread() {
    let _ = QUIET.try_with(|quiet| quiet.set(true));
}

/// Whether the running thread is one of ours.
#[inline]
pub(crate) fn is_this_thread() -> bool {
    QUIET.try_with(Cell::get).unwrap_or(true)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_thread_is_quiet_for_itself_alone() {
        let thread = std::thread::spawn(|| {
            super::this_thread();
            super::is_this_thread()
        });
        assert!(thread.join().unwrap());
        assert!(!super::is_this_thread());
    }
}

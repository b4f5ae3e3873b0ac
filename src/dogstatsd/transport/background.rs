//! One slow call at a time, on a thread of its own: DNS and connecting may hang for minutes.

use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// A call that may be under way.
#[derive(Debug)]
pub(super) struct Background<T> {
    thread_name: &'static str,
    answer: Option<Receiver<T>>,
}

/// What a call has come to.
#[derive(Debug, PartialEq)]
pub(super) enum Progress<T> {
    Idle,
    Running,
    Done(T),
}

impl<T: Send + 'static> Background<T> {
    pub(super) fn new(thread_name: &'static str) -> Self {
        Background { thread_name, answer: None }
    }

    /// Starts the call unless one is under way. That one may outlive this value; it then ends
    /// without anybody listening.
    pub(super) fn start(&mut self, call: impl FnOnce() -> T + Send + 'static) -> io::Result<()> {
        if self.answer.is_some() {
            return Ok(());
        }
        let (sender, receiver) = mpsc::channel();
        thread::Builder::new().name(self.thread_name.into()).spawn(move || {
            // Nobody listens any more: fine.
            let _ = sender.send(call());
        })?;
        self.answer = Some(receiver);
        Ok(())
    }

    /// Waits for the answer no longer than `wait`.
    pub(super) fn poll(&mut self, wait: Duration) -> Progress<T> {
        let Some(receiver) = &self.answer else { return Progress::Idle };
        let answer = receiver.recv_timeout(wait);
        if !matches!(answer, Err(RecvTimeoutError::Timeout)) {
            self.answer = None;
        }
        match answer {
            Ok(answer) => Progress::Done(answer),
            Err(RecvTimeoutError::Timeout) => Progress::Running,
            // The call panicked.
            Err(RecvTimeoutError::Disconnected) => Progress::Idle,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn a_hanging_call_holds_nobody_up() {
        let (release, wait) = mpsc::channel::<()>();
        let mut background = Background::new("test");
        background.start(move || wait.recv().is_ok()).unwrap();
        let start = Instant::now();
        assert_eq!(background.poll(Duration::ZERO), Progress::Running);
        assert_eq!(background.poll(Duration::from_millis(10)), Progress::Running);
        assert!(start.elapsed() < Duration::from_secs(5));
        background.start(|| panic!("one at a time")).unwrap();
        release.send(()).unwrap();
        assert_eq!(background.poll(Duration::from_secs(5)), Progress::Done(true));
        assert_eq!(background.poll(Duration::ZERO), Progress::Idle);
    }
}

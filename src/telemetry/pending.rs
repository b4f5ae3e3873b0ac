//! A future of something that blocks, on a thread of its own: for async code of any runtime.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// Ready when the thread is done.
#[derive(Debug)]
pub(super) struct Pending<T>(Arc<Mutex<State<T>>>);

#[derive(Debug)]
struct State<T> {
    result: Option<T>,
    waker: Option<Waker>,
}

impl<T: Send + 'static> Pending<T> {
    /// Runs `blocking` on a thread; here and now if the system refuses one.
    pub(super) fn start(blocking: impl FnOnce() -> T + Send + 'static) -> Self {
        let state = Arc::new(Mutex::new(State { result: None, waker: None }));
        let done = Arc::clone(&state);
        // In a cell that both can reach, so that a refused thread has not swallowed it.
        let blocking = Arc::new(Mutex::new(Some(blocking)));
        let run = {
            let blocking = Arc::clone(&blocking);
            move || {
                let blocking = blocking.lock().unwrap_or_else(PoisonError::into_inner).take();
                let Some(blocking) = blocking else { return };
                let result = blocking();
                let mut state = done.lock().unwrap_or_else(PoisonError::into_inner);
                state.result = Some(result);
                let waker = state.waker.take();
                drop(state);
                if let Some(waker) = waker {
                    waker.wake();
                }
            }
        };
        let run = Arc::new(run);
        let on_thread = Arc::clone(&run);
        let thread = std::thread::Builder::new().name("lightship-flush".into());
        if thread.spawn(move || on_thread()).is_err() {
            run();
        }
        Pending(state)
    }
}

impl<T> Future for Pending<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match state.result.take() {
            Some(result) => Poll::Ready(result),
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

//! Requests that go on after their response: connections that became something else.

use super::exchange::{End, Exchange};
use crate::context::{Context, Scoped};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Keeps a request open whose connection becomes something else than HTTP, such as a websocket.
///
/// Every request that asks for an upgrade has one in its extensions. If the response is `101`, the
/// request (its span, its duration) lasts until all clones of it are dropped; if nobody took one, it
/// ends with its response.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "axum")]
/// # mod example {
/// use axum::Extension;
/// use lightship::http::Ongoing;
///
/// async fn chat(Extension(ongoing): Extension<Ongoing>) {
///     // In axum: `upgrade.on_upgrade(move |socket| ongoing.wrap(talk(socket)))`
///     tokio::spawn(ongoing.wrap(async { /* talk */ }));
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct Ongoing(Arc<Held>);

struct Held {
    context: Context,
    exchange: Mutex<Option<Box<Exchange>>>,
}

impl Ongoing {
    pub(super) fn new(context: Context) -> Self {
        Ongoing(Arc::new(Held { context, exchange: Mutex::default() }))
    }

    /// Lets a future run in the request's span and context, and the request last as long as it.
    pub fn wrap<F: Future>(self, future: F) -> Scoped<impl Future<Output = F::Output> + use<F>> {
        let context = self.0.context.clone();
        context.wrap(async move {
            let _open = self;
            future.await
        })
    }

    /// Leaves the exchange to whoever has clones.
    pub(super) fn keep(self, exchange: Box<Exchange>) {
        *self.0.exchange.lock().unwrap_or_else(PoisonError::into_inner) = Some(exchange);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let exchange = self.exchange.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(exchange) = exchange.take() {
            // Left only now, the span ends now.
            exchange.run(|| {});
            exchange.end(End::Answered);
        }
    }
}

impl fmt::Debug for Ongoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ongoing").finish_non_exhaustive()
    }
}

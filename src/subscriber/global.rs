//! The process's own subscriber: claimed once, for one `Telemetry` after the other.

use super::SubscriberHandle;
use std::sync::{Mutex, PoisonError};
use tracing::dispatcher;
use tracing::subscriber::NoSubscriber;

/// The one that was claimed. It serves nothing until it is told to, and again after a shutdown.
static CLAIMED: Mutex<Option<SubscriberHandle>> = Mutex::new(None);

/// The global that another library holds already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Taken;

/// Whether another library holds it, so that a claim would fail.
pub(crate) fn is_taken() -> bool {
    let claimed = CLAIMED.lock().unwrap_or_else(PoisonError::into_inner);
    if claimed.is_some() {
        return false;
    }
    // This thread may be in a scope of another subscriber; a new one sees the global one.
    let look = || dispatcher::get_default(|global| !global.is::<NoSubscriber>());
    std::thread::Builder::new().spawn(look).is_ok_and(|thread| thread.join().unwrap_or(false))
}

/// Claims the global subscriber, which serves nothing yet; ours already is fine.
pub(crate) fn claim(context_activation: bool) -> Result<SubscriberHandle, Taken> {
    let mut claimed = CLAIMED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = &*claimed {
        return Ok(handle.clone());
    }
    let handle = SubscriberHandle::new(context_activation);
    dispatcher::set_global_default(handle.dispatch()).map_err(|_| Taken)?;
    *claimed = Some(handle.clone());
    Ok(handle)
}

//! The process's own subscriber: claimed once, for one `Telemetry` after the other.

use super::SubscriberHandle;
use std::sync::{Mutex, PoisonError};
use tracing::dispatcher;

/// The one that was claimed. It serves nothing until it is told to, and again after a shutdown.
static CLAIMED: Mutex<Option<SubscriberHandle>> = Mutex::new(None);

/// The global that another library holds already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Taken;

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

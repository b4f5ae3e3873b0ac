//! What belongs to the process: claimed as inert shells, one after the other, so that a failure needs
//! no way back but for what can be seen beforehand.

use crate::config::Builder;
use crate::config::settings::Settings;
use crate::error::Error;
use crate::metrics::GlobalBridge;
use crate::subscriber::{SubscriberHandle, claim, is_taken};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the `metrics` crate's global recorder is ours. Once it is, it stays so, and does
/// nothing while nothing is installed.
static RECORDER_IS_OURS: AtomicBool = AtomicBool::new(false);

/// Claims what the builder does not leave to the host; the subscriber, if it is claimed, serves
/// nothing yet.
pub(super) fn claim_globals(
    builder: &Builder,
    settings: &Settings,
) -> Result<Option<SubscriberHandle>, Error> {
    let needed = settings.logs.is_ok() || settings.otlp.as_ref().is_ok_and(|o| o.traces.is_some());
    let wanted = needed && !builder.without_subscriber;
    // A recorder can't be given back: it is not claimed for an installation that is bound to fail.
    if wanted && is_taken() {
        return Err(subscriber_taken());
    }
    if !builder.without_recorder {
        claim_recorder()?;
    }
    match wanted {
        true => claim(settings.spans.context_activation).map(Some).map_err(|_| subscriber_taken()),
        false => Ok(None),
    }
}

fn subscriber_taken() -> Error {
    Error::global_taken(
        "subscriber of the `tracing` crate",
        "call `without_subscriber()` on the builder and add `telemetry.layer()` to that one",
    )
}

fn claim_recorder() -> Result<(), Error> {
    if RECORDER_IS_OURS.load(Ordering::Acquire) {
        return Ok(());
    }
    metrics::set_global_recorder(GlobalBridge).map_err(|_| {
        Error::global_taken(
            "recorder of the `metrics` crate",
            "call `without_recorder()` on the builder and let that one pass on to \
             `telemetry.recorder()`",
        )
    })?;
    RECORDER_IS_OURS.store(true, Ordering::Release);
    Ok(())
}

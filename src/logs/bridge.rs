//! Records of the `log` crate, as events.

use crate::quiet;
use log::{Metadata, Record, SetLoggerError};
use std::sync::atomic::{AtomicBool, Ordering};
use tracing::dispatcher;
use tracing::level_filters::LevelFilter;
use tracing_log::{AsLog, AsTrace, format_trace};

static BRIDGE: Bridge = Bridge;
static IS_INSTALLED: AtomicBool = AtomicBool::new(false);

/// Hands records to whatever subscriber is the current one, under their own targets.
struct Bridge;

impl log::Log for Bridge {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level().as_trace() <= LevelFilter::current()
            && !quiet::is_this_thread()
            && dispatcher::get_default(|dispatch| dispatch.enabled(&metadata.as_trace()))
    }

    fn log(&self, record: &Record<'_>) {
        // `format_trace` asks the subscriber; the rest costs less.
        if record.level().as_trace() <= LevelFilter::current() && !quiet::is_this_thread() {
            let _ = format_trace(record);
        }
    }

    fn flush(&self) {}
}

/// Makes the bridge the logger of the process. An error says that another logger is; a bridge that is
/// there already is none.
pub(crate) fn install_log_bridge() -> Result<(), SetLoggerError> {
    match log::set_logger(&BRIDGE) {
        Ok(()) => {
            IS_INSTALLED.store(true, Ordering::Release);
            Ok(())
        }
        Err(_) if IS_INSTALLED.load(Ordering::Acquire) => Ok(()),
        Err(taken) => Err(taken),
    }
}

/// Tells the `log` crate the most verbose level that anybody wants, so that a record beyond it costs
/// one comparison. To be called with a bridge that is installed, and with `OFF` when nobody listens.
pub(crate) fn set_log_max_level(level: LevelFilter) {
    log::set_max_level(level.as_log());
}

//! Records of the `log` crate, as events.

use super::escape::{Place, escape, is_control};
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
        if record.level().as_trace() > LevelFilter::current() || quiet::is_this_thread() {
            return;
        }
        // Of all that goes into a line only this could be anything and is not ours to format.
        let _ = match record.target().chars().any(is_control) {
            false => format_trace(record),
            true => format_trace(
                &Record::builder()
                    .metadata(record.metadata().clone())
                    .target(&escaped(record.target()))
                    .args(*record.args())
                    .module_path(record.module_path())
                    .file(record.file())
                    .line(record.line())
                    .build(),
            ),
        };
    }

    fn flush(&self) {}
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    escape(&mut escaped, text, Place::Bare);
    escaped
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

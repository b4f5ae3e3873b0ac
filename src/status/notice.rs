//! The one line that a pipeline writes when its state changes.

use std::fmt;
use std::sync::Arc;

/// Where notices go: standard error unless the host takes them.
#[derive(Clone)]
pub(crate) struct Notices(Arc<dyn Fn(&str) + Send + Sync>);

impl Notices {
    pub(crate) fn new(sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Notices(Arc::new(sink))
    }

    /// Writes one line; a panic of the host's sink ends here.
    pub(crate) fn write(&self, line: &str) {
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (self.0)(line)));
    }
}

impl Default for Notices {
    fn default() -> Self {
        Notices::new(|line| {
            use std::io::Write;
            // `eprintln!` would panic where standard error is closed.
            let _ = writeln!(std::io::stderr().lock(), "lightship: {line}");
        })
    }
}

impl fmt::Debug for Notices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Notices")
    }
}

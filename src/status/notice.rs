//! The one line that a pipeline writes when its state changes.

use std::borrow::Cow;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Where notices go: standard error unless the host takes them.
#[derive(Clone)]
pub(crate) struct Notices {
    sink: Arc<dyn Fn(&str) + Send + Sync>,
    shown: Arc<Shown>,
}

type Shown = dyn for<'t> Fn(&'t str) -> Cow<'t, str> + Send + Sync;

impl Notices {
    pub(crate) fn new(sink: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Notices { sink: Arc::new(sink), shown: Arc::new(|text| Cow::Borrowed(text)) }
    }

    /// The same for who repeats what others say: `shown` has every text before anybody else.
    pub(crate) fn passing(
        &self,
        shown: impl for<'t> Fn(&'t str) -> Cow<'t, str> + Send + Sync + 'static,
    ) -> Self {
        Notices { sink: Arc::clone(&self.sink), shown: Arc::new(shown) }
    }

    /// A text as it may be shown.
    pub(crate) fn shown<'t>(&self, text: &'t str) -> Cow<'t, str> {
        (self.shown)(text)
    }

    /// Writes one line; a panic of the host's sink ends here.
    pub(crate) fn write(&self, line: &str) {
        let line = self.shown(line);
        let _ = catch_unwind(AssertUnwindSafe(|| (self.sink)(&line)));
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

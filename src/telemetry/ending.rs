//! Flushing and ending: one deadline over all pipelines, which work side by side.

use super::pipelines::End;
use super::{Core, Report};
use crate::metrics::current;
use std::time::{Duration, Instant};

impl Core {
    /// Sends what is pending, and waits for that until the deadline at the latest.
    pub(crate) fn flush(&self, timeout: Duration) -> Report {
        if self.pipelines.is_forked() {
            // The threads are the parent's; here there is nobody to wait for.
            return self.pipelines.report(|_| End::of(false));
        }
        let deadline = Deadline::after(timeout);
        // The collector may take its time: it gets the order first and is waited for last.
        let otlp = self.otlp.as_ref().map(|otlp| otlp.start_flush(deadline.0));
        let dogstatsd =
            self.dogstatsd.as_ref().is_none_or(|dogstatsd| dogstatsd.flush(deadline.left()));
        let otlp = otlp.is_none_or(|flush| flush.wait());
        // What the others logged on their way goes out as well.
        let logs = self.logs.as_ref().is_none_or(|logs| logs.flush(deadline.0));
        self.report([("otlp", otlp), ("dogstatsd", dogstatsd), ("logs", logs)])
    }

    /// Sends what is still to be sent, and stops everything.
    pub(super) fn end(&self, timeout: Duration) -> Report {
        current::uninstall(&self.registry);
        let (subscriber, served) = &self.subscriber;
        subscriber.stop(served);
        if self.pipelines.is_forked() {
            return self.pipelines.report(|_| End::of(false));
        }
        let deadline = Deadline::after(timeout);
        let otlp = self.otlp.as_ref().map(|otlp| otlp.start_shutdown(deadline.0));
        let dogstatsd =
            self.dogstatsd.as_ref().is_none_or(|dogstatsd| dogstatsd.shutdown(deadline.left()));
        let otlp = otlp.is_none_or(|shutdown| shutdown.wait());
        if let Some(otlp) = &self.otlp {
            otlp.close();
        }
        let prometheus = self.admin.as_ref().is_none_or(|admin| admin.shutdown(deadline.left()));
        let logs = self.logs.as_ref().is_none_or(|logs| logs.shutdown(deadline.0));
        let report = self.report([
            ("otlp", otlp),
            ("dogstatsd", dogstatsd),
            ("prometheus", prometheus),
            ("logs", logs),
        ]);
        self.pipelines.end("shut down");
        report
    }

    fn report<const N: usize>(&self, complete: [(&str, bool); N]) -> Report {
        self.pipelines.report(|name| End {
            complete: complete.iter().find(|(of, _)| *of == name).is_none_or(|(_, all)| *all),
            kept: match (name, &self.otlp) {
                ("otlp", Some(otlp)) => otlp.waiting(),
                _ => 0,
            },
        })
    }
}

#[derive(Debug, Clone, Copy)]
struct Deadline(Instant);

impl Deadline {
    /// A timeout too long for the clock is a day: as good as none.
    fn after(timeout: Duration) -> Self {
        let now = Instant::now();
        Deadline(now.checked_add(timeout).unwrap_or(now + Duration::from_secs(86_400)))
    }

    fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}

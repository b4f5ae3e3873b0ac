//! The last flush where a panic ends the process, for then nothing is dropped any more.

use crate::quiet;
use crate::telemetry::Core;
use std::panic;
use std::sync::{Mutex, Once, PoisonError, Weak};
use std::thread::{self, Thread};
use std::time::Duration;

/// How long a panic may be held up.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Whom to flush: the latest that was installed and wants it.
static SERVED: Mutex<Option<Weak<Core>>> = Mutex::new(None);
static HOOK: Once = Once::new();

/// From now on a panic flushes this one, after the hooks that were there before have run; `None` ends
/// that.
pub(super) fn serve(core: Option<Weak<Core>>) {
    let wanted = core.is_some();
    *SERVED.lock().unwrap_or_else(PoisonError::into_inner) = core;
    if wanted {
        HOOK.call_once(|| {
            let earlier = panic::take_hook();
            panic::set_hook(Box::new(move |info| {
                earlier(info);
                flush();
            }));
        });
    }
}

fn flush() {
    // A thread of ours would wait for itself. Of several that panic at once, one flush is enough.
    if is_ours(&thread::current()) {
        return;
    }
    let Ok(served) = SERVED.try_lock() else { return };
    if let Some(core) = served.as_ref().and_then(Weak::upgrade) {
        core.flush(TIMEOUT);
    }
}

/// Not all of ours are quiet: a gauge's callback may log on DogStatsD's.
fn is_ours(thread: &Thread) -> bool {
    quiet::is_this_thread() || thread.name().is_some_and(|name| name.starts_with("lightship-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_threads_are_known_by_name_where_they_are_not_quiet() {
        for (name, ours) in
            [("lightship-dogstatsd", true), ("lightship-admin", true), ("api", false)]
        {
            let named = thread::Builder::new().name(name.into());
            let found = named.spawn(|| is_ours(&thread::current())).unwrap().join().unwrap();
            assert_eq!(found, ours, "{name}");
        }
    }
}

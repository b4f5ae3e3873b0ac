//! Code of the user's that may hang or panic, kept away from those who record.

use super::Unjudged;
use crate::quiet;
use crate::status::Notices;
use std::fmt;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// How long one value may take, waiting for others included.
const PATIENCE: Duration = Duration::from_millis(100);
/// Values that wait for the thread; more than that, and nobody judges them.
const WAITING: usize = 64;

type Find = dyn Fn(&str) -> Vec<Range<usize>> + Send + Sync;
type Ranges = Vec<Range<usize>>;

/// A detector's function, and the thread that it runs on from its first use on.
pub(super) struct Watched {
    find: Arc<Find>,
    worker: OnceLock<Option<Worker>>,
    progress: Arc<Progress>,
    notices: OnceLock<(&'static str, Notices)>,
}

struct Worker {
    orders: SyncSender<Order>,
    /// A child of this process has no such thread.
    process: u32,
}

struct Order {
    number: u64,
    text: String,
    answer: SyncSender<Result<Ranges, Unjudged>>,
}

/// By the orders' numbers, which begin at 1.
#[derive(Debug, Default)]
struct Progress {
    ordered: AtomicU64,
    answered: AtomicU64,
    /// The last one that somebody waited for in vain.
    missed: AtomicU64,
    warned: AtomicBool,
}

impl Progress {
    /// Whether what was missed has still not come.
    fn hangs(&self) -> bool {
        self.missed.load(Ordering::Acquire) > self.answered.load(Ordering::Acquire)
    }
}

impl Watched {
    pub(super) fn new(find: Box<Find>) -> Self {
        Watched {
            find: find.into(),
            worker: OnceLock::new(),
            progress: Arc::default(),
            notices: OnceLock::new(),
        }
    }

    pub(super) fn warn_with(&self, name: &'static str, notices: Notices) {
        let _ = self.notices.set((name, notices));
    }

    /// Asks the function, and waits for it as long as it may take. While it hangs nobody waits.
    pub(super) fn find(&self, text: &str) -> Result<Ranges, Unjudged> {
        let worker = self.worker.get_or_init(|| self.start()).as_ref().ok_or(Unjudged)?;
        if self.progress.hangs() || worker.process != std::process::id() {
            return Err(Unjudged);
        }
        let (answer, answered) = sync_channel(1);
        let number = self.progress.ordered.fetch_add(1, Ordering::Relaxed) + 1;
        let order = Order { number, text: text.to_owned(), answer };
        worker.orders.try_send(order).map_err(|_| Unjudged)?;
        answered.recv_timeout(PATIENCE).unwrap_or_else(|_| {
            self.miss(number);
            Err(Unjudged)
        })
    }

    fn miss(&self, number: u64) {
        self.progress.missed.fetch_max(number, Ordering::AcqRel);
        if !self.progress.warned.swap(true, Ordering::Relaxed)
            && let Some((name, notices)) = self.notices.get()
        {
            notices.write(&format!(
                "the detector `{name}` took longer than {PATIENCE:?}: values that it does not judge in \
                 time are redacted whole"
            ));
        }
    }

    /// `None` where the system refuses a thread.
    fn start(&self) -> Option<Worker> {
        let (orders, received) = sync_channel(WAITING);
        let (find, progress) = (Arc::clone(&self.find), Arc::clone(&self.progress));
        let thread = std::thread::Builder::new().name("lightship-detector".into());
        thread.spawn(move || serve(&*find, &progress, &received)).ok()?;
        Some(Worker { orders, process: std::process::id() })
    }
}

/// Until the last of those who ask is gone.
fn serve(find: &Find, progress: &Progress, orders: &Receiver<Order>) {
    quiet::this_thread();
    while let Ok(Order { number, text, answer }) = orders.recv() {
        let found = catch_unwind(AssertUnwindSafe(|| find(&text)));
        // Who waited may be gone.
        let _ = answer.send(found.map_err(|panic| {
            // Dropping it could panic again.
            std::mem::forget(panic);
            Unjudged
        }));
        progress.answered.fetch_max(number, Ordering::AcqRel);
    }
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").field("progress", &self.progress).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use std::sync::mpsc::channel;
    use std::time::Instant;

    fn watched(find: impl Fn(&str) -> Ranges + Send + Sync + 'static) -> Watched {
        Watched::new(Box::new(find))
    }

    fn whole(bytes: usize) -> Ranges {
        std::iter::once(0..bytes).collect()
    }

    #[test]
    fn what_is_found_comes_back() {
        let watched = watched(|text| whole(text.len()));
        for _ in 0..3 {
            assert_eq!(watched.find("abc"), Ok(whole(3)));
        }
    }

    #[test]
    fn a_panic_is_nobody_elses() {
        let watched = watched(|text| match text {
            "bad" => std::panic::resume_unwind(Box::new("as a panic does, without its message")),
            _ => Vec::new(),
        });
        assert_eq!(watched.find("bad"), Err(Unjudged));
        assert_eq!(watched.find("good"), Ok(Vec::new()));
    }

    #[test]
    fn nobody_waits_for_what_hangs_and_it_may_come_back() {
        let (release, released) = channel();
        let released = Mutex::new(released);
        let watched = watched(move |text| {
            if text == "hang" {
                let _ = released.lock().unwrap().recv();
            }
            Vec::new()
        });
        let (written, lines) = channel();
        let notices = Notices::new(move |line| written.send(line.to_owned()).unwrap());
        watched.warn_with("staff_number", notices);
        assert_eq!(watched.find("hang"), Err(Unjudged));
        // That it answers at once is to be seen from how many it answers.
        for _ in 0..1_000 {
            assert_eq!(watched.find("good"), Err(Unjudged));
        }
        release.send(()).unwrap();
        let deadline = Instant::now() + Duration::from_secs(30);
        while watched.find("good") == Err(Unjudged) && Instant::now() < deadline {
            std::thread::yield_now();
        }
        assert_eq!(watched.find("good"), Ok(Vec::new()));
        let lines: Vec<String> = lines.try_iter().collect();
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].contains("`staff_number`"), "{lines:?}");
    }

    #[test]
    fn many_threads_may_ask() {
        let watched = watched(|text| whole(text.len()));
        std::thread::scope(|scope| {
            for n in 1..5 {
                let watched = &watched;
                scope.spawn(move || {
                    let text = "x".repeat(n);
                    for _ in 0..200 {
                        // On a machine that is very busy somebody may wait for too long.
                        let found = watched.find(&text);
                        assert!(found == Ok(whole(n)) || found == Err(Unjudged), "{found:?}");
                    }
                });
            }
        });
    }
}

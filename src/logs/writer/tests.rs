//! Standard outputs that stall, break, trickle and come back.

use super::target::{Target, write_to};
use super::*;
use crate::logs::limits::MAX_LOG_QUEUE_BYTES;
use crate::status::{Notices, PipelineState};
use std::collections::VecDeque;
use std::sync::Condvar;

const GENEROUS: Duration = Duration::from_secs(30);

/// A standard output that does what it is told.
#[derive(Debug, Clone, Default)]
struct Told(Arc<(Mutex<Orders>, Condvar)>);

#[derive(Debug, Default)]
struct Orders {
    taken: Vec<u8>,
    /// Whether a write waits, as it does on a pipe that is full.
    stalls: bool,
    is_in_write: bool,
    /// What the next writes come to: so many bytes, or an error.
    results: VecDeque<Result<usize, ErrorKind>>,
    /// What all others come to.
    broken: Option<ErrorKind>,
    panics: bool,
}

impl Told {
    fn change(&self, change: impl FnOnce(&mut Orders)) {
        change(&mut self.0.0.lock().unwrap());
        self.0.1.notify_all();
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.0.lock().unwrap().taken.clone()).unwrap()
    }

    fn wait_until(&self, is_so: impl Fn(&Orders) -> bool) {
        let orders = self.0.0.lock().unwrap();
        let waited = self.0.1.wait_timeout_while(orders, GENEROUS, |orders| !is_so(orders));
        assert!(!waited.unwrap().1.timed_out());
    }
}

impl io::Write for Told {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut orders = self.0.0.lock().unwrap();
        orders.is_in_write = true;
        self.0.1.notify_all();
        orders = self.0.1.wait_while(orders, |orders| orders.stalls).unwrap();
        orders.is_in_write = false;
        if std::mem::take(&mut orders.panics) {
            drop(orders);
            panic!("a target of the test");
        }
        let next = orders.results.pop_front();
        let result = next.unwrap_or_else(|| orders.broken.map_or(Ok(bytes.len()), Err));
        let taken = result.map_err(io::Error::from)?.min(bytes.len());
        orders.taken.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Target for Told {
    fn write_lines(&mut self, lines: &[u8]) -> (usize, io::Result<()>) {
        write_to(self, lines)
    }
}

fn start() -> (Writer, Told, Arc<Pipeline>, Arc<Mutex<Vec<String>>>) {
    let told = Told::default();
    let notices = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&notices);
    let pipeline =
        Pipeline::new("logs", Notices::new(move |line| sink.lock().unwrap().push(line.into())));
    let writer = Writer::start(Box::new(told.clone()), Arc::clone(&pipeline)).unwrap();
    (writer, told, pipeline, notices)
}

fn soon() -> Instant {
    Instant::now() + GENEROUS
}

fn push(writer: &Writer, line: &[u8], urgent: bool) {
    writer.push(line, urgent, SystemTime::now());
}

fn line(n: usize) -> String {
    format!("line {n:06}, which is as long as lines are: {:-<200}\n", "")
}

fn expected(lines: std::ops::Range<usize>) -> String {
    lines.map(line).collect()
}

#[test]
fn lines_come_out_whole_and_in_order() {
    let (writer, told, pipeline, notices) = start();
    told.change(|orders| {
        orders.results = [
            Ok(7),
            Err(ErrorKind::Interrupted),
            Ok(1),
            Err(ErrorKind::WouldBlock),
            Ok(3),
            Err(ErrorKind::WouldBlock),
        ]
        .into();
    });
    for n in 0..2_000 {
        push(&writer, line(n).as_bytes(), n % 100 == 0);
    }
    assert!(writer.flush(soon()));
    assert_eq!(told.text(), expected(0..2_000));
    assert_eq!(pipeline.status().sent, 2_000);
    assert_eq!(pipeline.status().state, PipelineState::Up);
    assert!(notices.lock().unwrap().is_empty());
}

#[test]
fn nobody_waits_for_a_stalled_pipe_and_every_line_is_accounted_for() {
    let (writer, told, pipeline, notices) = start();
    told.change(|orders| orders.stalls = true);
    push(&writer, line(0).as_bytes(), true);
    told.wait_until(|orders| orders.is_in_write);
    const LINES: usize = 20_000;
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..LINES / 4).for_each(|n| push(&writer, line(n).as_bytes(), true)));
        }
    });
    // Those who logged are done, though nothing was written.
    assert_eq!(told.text(), "");
    let waiting = 1 + MAX_LOG_QUEUE_BYTES / line(0).len();
    let full = pipeline.drops().get(DropReason::QueueFull);
    assert_eq!(1 + LINES as u64, full + waiting as u64);
    assert!(!writer.flush(Instant::now() + Duration::from_millis(20)));
    told.change(|orders| orders.stalls = false);
    assert!(writer.flush(soon()));
    assert_eq!(told.text().lines().count(), waiting);
    assert_eq!(pipeline.status().sent, waiting as u64);
    // Where it is over, it is told of.
    while notices.lock().unwrap().is_empty() {
        thread::sleep(Duration::from_millis(1));
    }
    assert!(notices.lock().unwrap()[0].contains("too slowly"));
}

#[test]
fn a_broken_pipe_is_told_once_and_kept_lines_go_to_the_next_reader() {
    let (writer, told, pipeline, notices) = start();
    told.change(|orders| orders.broken = Some(ErrorKind::BrokenPipe));
    let start = Instant::now();
    for n in 0..5 {
        push(&writer, line(n).as_bytes(), false);
        assert!(!writer.flush(soon()));
    }
    // What fails is not waited for.
    assert!(start.elapsed() < GENEROUS / 2);
    assert_eq!(pipeline.status().state.name(), "degraded");
    assert_eq!(notices.lock().unwrap().len(), 1);
    assert!(notices.lock().unwrap()[0].contains("broken pipe"), "{notices:?}");
    told.change(|orders| orders.broken = None);
    assert!(writer.flush(soon()));
    assert_eq!(told.text(), expected(0..5));
    assert_eq!(pipeline.status().sent, 5);
    assert_eq!(pipeline.drops().list(), []);
}

#[test]
fn shutdown_writes_what_there_is_and_later_lines_at_once() {
    let (writer, told, pipeline, _) = start();
    (0..100).for_each(|n| push(&writer, line(n).as_bytes(), false));
    assert!(writer.shutdown(soon()));
    assert_eq!(told.text(), expected(0..100));
    push(&writer, line(100).as_bytes(), false);
    assert_eq!(told.text(), expected(0..101));
    assert_eq!(pipeline.status().sent, 101);
    assert!(writer.shutdown(Instant::now()) && writer.flush(Instant::now()));
    // A line that can't be written then is lost, and counted.
    told.change(|orders| orders.broken = Some(ErrorKind::BrokenPipe));
    push(&writer, line(101).as_bytes(), false);
    assert_eq!(pipeline.drops().list(), [(DropReason::Shutdown, 1)]);
}

#[test]
fn shutdown_keeps_its_deadline_and_counts_what_is_left() {
    let (writer, told, pipeline, _) = start();
    told.change(|orders| orders.stalls = true);
    push(&writer, line(0).as_bytes(), true);
    told.wait_until(|orders| orders.is_in_write);
    (1..10).for_each(|n| push(&writer, line(n).as_bytes(), false));
    assert!(!writer.shutdown(Instant::now() + Duration::from_millis(20)));
    assert_eq!(pipeline.drops().list(), [(DropReason::Shutdown, 10)]);
    // The thread still hangs in its write, and no host is to hang there with it.
    push(&writer, line(10).as_bytes(), false);
    assert_eq!(pipeline.drops().list(), [(DropReason::Shutdown, 11)]);
    assert!(!writer.shutdown(Instant::now()) && !writer.flush(soon()));
    // What gets out after all has been counted.
    told.change(|orders| orders.stalls = false);
    while !writer.write_directly(b"") {
        thread::sleep(Duration::from_millis(1));
    }
    push(&writer, line(11).as_bytes(), false);
    assert_eq!(told.text(), line(0) + &line(11));
    assert_eq!(pipeline.status().sent, 1);
}

#[test]
fn shutdown_gives_up_on_what_is_broken_and_ends_a_line_that_was_cut() {
    let (writer, told, pipeline, _) = start();
    told.change(|orders| {
        orders.results = [Ok(20)].into();
        orders.broken = Some(ErrorKind::BrokenPipe);
    });
    push(&writer, line(0).as_bytes(), false);
    push(&writer, line(1).as_bytes(), false);
    let start = Instant::now();
    assert!(!writer.shutdown(soon()));
    assert!(start.elapsed() < GENEROUS / 2);
    assert_eq!(pipeline.drops().list(), [(DropReason::Shutdown, 2)]);
    told.change(|orders| orders.broken = None);
    push(&writer, line(2).as_bytes(), false);
    assert_eq!(told.text(), format!("{}\n{}", &line(0)[..20], line(2)));
}

#[test]
fn a_target_that_never_takes_more_keeps_no_deadline_from_being_kept() {
    let (writer, told, pipeline, _) = start();
    told.change(|orders| orders.broken = Some(ErrorKind::WouldBlock));
    push(&writer, line(0).as_bytes(), false);
    assert!(!writer.flush(Instant::now() + Duration::from_millis(20)));
    assert!(!writer.shutdown(Instant::now() + Duration::from_millis(20)));
    assert_eq!(pipeline.drops().list(), [(DropReason::Shutdown, 1)]);
    // Past the thread it is tried for a moment only.
    while writer.direct.lock().unwrap().is_none() {
        thread::sleep(Duration::from_millis(1));
    }
    push(&writer, line(1).as_bytes(), false);
    assert_eq!(pipeline.drops().list(), [(DropReason::Shutdown, 2)]);
}

#[test]
fn a_panic_of_a_target_is_an_error_like_others() {
    let (writer, told, pipeline, _) = start();
    told.change(|orders| orders.panics = true);
    push(&writer, line(0).as_bytes(), false);
    assert!(!writer.flush(soon()) || pipeline.status().last_error.is_some());
    assert!(writer.flush(soon()));
    assert_eq!(told.text(), line(0));
    assert!(pipeline.status().last_error.unwrap().contains("panicked"));
}

#[test]
fn what_waits_is_written_when_the_handle_is_dropped() {
    let (writer, told, pipeline, _) = start();
    (0..10).for_each(|n| push(&writer, line(n).as_bytes(), false));
    drop(writer);
    told.wait_until(|orders| orders.taken == expected(0..10).as_bytes());
    while pipeline.status().sent < 10 {
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn flushes_and_shutdowns_from_many_threads_at_once() {
    let (writer, told, pipeline, _) = start();
    thread::scope(|scope| {
        for thread in 0..8 {
            let writer = &writer;
            scope.spawn(move || {
                for n in 0..200 {
                    push(writer, line(n).as_bytes(), n % 7 == 0);
                    if n % 50 == thread {
                        writer.flush(soon());
                    }
                }
                writer.shutdown(soon());
            });
        }
    });
    let status = pipeline.status();
    assert_eq!(status.sent + status.dropped_total(), 1_600);
    assert_eq!(told.text().lines().count() as u64, status.sent);
}

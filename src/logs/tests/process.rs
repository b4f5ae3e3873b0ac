//! The real standard output, of processes of their own.

use super::*;
use crate::other_process;
use std::io::{Read, Write};
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use tracing::info;

const THREADS: usize = 4;
const LINES: usize = 500;

/// The whole path of a test of this file.
fn path(test: &str) -> String {
    format!("logs::tests::process::{test}")
}

fn real() -> (Rig, Dispatch) {
    let rig = Rig::new(LogLines::Json);
    let settings = LogsSettings { format: LogLines::Json, filter: rig.filter.clone() };
    let logs = Logs::new(
        &settings,
        &Resource::default(),
        Policy::shared_default(),
        Arc::clone(&rig.pipeline),
    )
    .unwrap();
    let rig = Rig { logs: Arc::new(logs), ..rig };
    let dispatch = rig.dispatch();
    (rig, dispatch)
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

/// Prints and logs by turns, on several threads.
fn log_and_print(dispatch: &Dispatch) {
    // Ends the line that the test's harness began.
    let _ = writeln!(io::stdout());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                tracing::dispatcher::with_default(dispatch, || {
                    for n in 0..LINES {
                        info!(n, "of ours");
                        // Where nobody reads, `println!` would panic.
                        let _ = writeln!(io::stdout(), "of the host: {n}");
                    }
                });
            });
        }
    });
}

#[test]
fn logs_and_prints() {
    if !other_process::is_here() {
        return;
    }
    let (rig, dispatch) = real();
    log_and_print(&dispatch);
    assert!(rig.logs.shutdown(soon()));
    tracing::dispatcher::with_default(&dispatch, || info!("the last words"));
    assert_eq!(rig.pipeline.status().sent, (THREADS * LINES + 1) as u64);
}

#[test]
fn lines_stay_whole_beside_those_that_the_host_prints() {
    let mut process = other_process::of(&path("logs_and_prints"));
    let mut child = process.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let (mut text, mut stdout) = (Vec::new(), child.stdout.take().unwrap());
    // A slow reader: writes then end in the middle of a line, wherever the pipe is full.
    while (&mut stdout).take(4096).read_to_end(&mut text).unwrap() > 0 {
        thread::sleep(Duration::from_millis(2));
    }
    assert!(child.wait().unwrap().success());
    let text = String::from_utf8(text).unwrap();
    let ours: Vec<_> = text.lines().filter(|line| line.contains("\"message\":")).collect();
    for line in &ours {
        serde_json::from_str::<serde_json::Value>(line).unwrap_or_else(|_| panic!("{line}"));
    }
    let of_the_host = |line: &&str| {
        line.strip_prefix("of the host: ").is_some_and(|n| n.parse::<usize>().is_ok())
    };
    assert_eq!(ours.len(), THREADS * LINES + 1);
    assert_eq!(text.lines().filter(of_the_host).count(), THREADS * LINES);
    assert!(ours.last().unwrap().contains("the last words"));
}

#[test]
fn logs_for_nobody() {
    if !other_process::is_here() {
        return;
    }
    let (rig, dispatch) = real();
    log_and_print(&dispatch);
    let flushed = rig.logs.flush(soon());
    let complete = rig.logs.shutdown(soon());
    tracing::dispatcher::with_default(&dispatch, || info!("the last words"));
    let status = rig.pipeline.status();
    eprintln!(
        "FOUND {flushed} {complete} {} {} {}",
        status.sent + status.dropped_total(),
        status.state.name(),
        status.last_error.unwrap_or_default()
    );
}

/// What `logs_for_nobody` found, started with a standard output made so by a shell.
fn found(redirection: &str) -> String {
    let mut process = other_process::of_by_shell(&path("logs_for_nobody"), redirection);
    let output = process.output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    let found = text.lines().find_map(|line| line.split_once("FOUND ").map(|(_, found)| found));
    found.unwrap_or_else(|| panic!("{text}")).to_owned()
}

#[test]
fn a_reader_that_leaves_ends_nothing_and_everything_is_counted() {
    // The test's harness needs the first lines.
    let left = found("| head -n 20 > /dev/null");
    let all = THREADS * LINES + 1;
    assert!(left.starts_with(&format!("false false {all} degraded standard output")), "{left}");
}

#[test]
fn logs_as_a_forked_child() {
    if !other_process::is_here() {
        return;
    }
    let (rig, dispatch) = real();
    // Threads of the parent held all there is to hold when it forked.
    let (held, all_held) = mpsc::channel();
    let logs = Arc::clone(&rig.logs);
    thread::spawn(move || {
        let _locks = (io::stdout().lock(), logs.sink.writer.hold_all_locks());
        held.send(()).unwrap();
        loop {
            thread::park();
        }
    });
    all_held.recv().unwrap();
    crate::logs::owner::become_another_process();
    tracing::dispatcher::with_default(&dispatch, || info!("of the child"));
    assert!(!rig.logs.flush(soon()) && !rig.logs.shutdown(soon()));
    drop(rig);
    // The test's harness would want the lock.
    std::process::exit(0);
}

#[test]
fn a_forked_child_writes_past_every_lock() {
    let mut process = other_process::of(&path("logs_as_a_forked_child"));
    let mut child = process.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut text = String::new();
    let deadline = soon();
    while child.try_wait().unwrap().is_none() && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(5));
    }
    let _ = child.kill();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(child.wait().unwrap().success(), "{text}");
    assert_eq!(text.matches("\"message\":\"of the child\"").count(), 1, "{text}");
}

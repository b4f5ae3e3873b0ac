//! Lines for people, records of the `log` crate, threads that end.

use super::*;
use std::cell::RefCell;
use tracing::{error, info, info_span};

fn rig() -> Rig {
    Rig::new(LogLines::Text { colours: false })
}

/// A line without its time.
fn rest(line: &str) -> &str {
    let (time, rest) = line.split_at(24);
    assert!(time.starts_with("20") && time.ends_with('Z'), "{line}");
    rest
}

#[test]
fn a_line_is_tracing_subscribers_with_the_trace_behind_it() {
    let rig = Rig { ids: Some(IDS), ..rig() };
    let line = rig.line(|| {
        let _outer = info_span!("request", password = "hunter2").entered();
        let _inner = info_span!("store").entered();
        info!(target: "upload::http", documents = 3, kind = "a \"b\"", shown = %"y z", "stored");
    });
    assert_eq!(
        rest(&line),
        "  INFO request:store: upload::http: stored documents=3 kind=\"a \\\"b\\\"\" shown=y z \
         trace_id=4bf92f3577b34da6a3ce929d0e0e4736"
    );
}

#[test]
fn no_value_ends_the_line_or_drives_the_terminal() {
    let rig = rig();
    let hostile = "\u{1b}[2Jx\r\ny\0\u{9b}\u{2028}";
    let line = rig.line(|| {
        error!(password = "hunter2", error = &failure() as &dyn std::error::Error, hostile,
               shown = %hostile, "{hostile}");
    });
    assert!(!line.chars().any(char::is_control), "{line:?}");
    let shown = r"\u001b[2Jx\r\ny\u0000\u009b\u2028";
    assert!(line.contains(&format!("logs::tests::text: {shown} password=[REDACTED]")), "{line}");
    assert!(line.contains(r"error=upload failed: connection\nreset"), "{line}");
    assert!(line.ends_with(&format!("hostile=\"{shown}\" shown={shown}")), "{line}");
}

#[test]
fn colours_are_ours_alone() {
    let rig = Rig::new(LogLines::Text { colours: true });
    let line = rig.line(|| info!(kind = "\u{1b}[31mred", "x"));
    assert!(
        line.contains("\u{1b}[3mkind\u{1b}[0m\u{1b}[2m=\u{1b}[0m\"\\u001b[31mred\""),
        "{line:?}"
    );
}

#[test]
fn records_of_the_log_crate_come_under_their_own_targets() {
    // The one test that logs by that crate; what others of this process log is not for its subscriber.
    bridge::install_log_bridge().unwrap();
    bridge::install_log_bridge().unwrap();
    bridge::set_log_max_level(tracing::level_filters::LevelFilter::DEBUG);
    let record = || {
        log::info!(target: "library::io", "read {} bytes", 7);
        log::debug!(target: "h2::frames", "of no interest");
        log::warn!(target: "two\nlines", "x");
        log::trace!(target: "library::io", "beyond the level");
    };
    let filter = Filter::parse("debug,library::quiet=off").unwrap();
    let rig = Rig { filter: filter.clone(), ..rig() };
    let text = rig.text(record);
    let lines: Vec<_> = text.lines().map(rest).collect();
    assert_eq!(lines, ["  INFO library::io: read 7 bytes", "  WARN two\\nlines: x"]);

    let rig = Rig { filter, ..Rig::new(LogLines::Json) };
    let text = rig.text(|| {
        record();
        log::info!(target: "library::quiet::part", "unwanted");
    });
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(
        (&lines[0]["target"], &lines[1]["target"]),
        (&"library::io".into(), &"two\\nlines".into())
    );
    assert!(lines[0].as_object().unwrap().keys().all(|key| !key.starts_with("log.")));

    let colourful = Rig::new(LogLines::Text { colours: true });
    let line = colourful.line(|| log::warn!(target: "\u{1b}[2Jlibrary", "x"));
    assert!(line.contains("\\u001b[2Jlibrary") && !line.contains("\u{1b}[2J"), "{line:?}");

    let from_our_thread = rig.clone();
    std::thread::spawn(move || {
        crate::quiet::this_thread();
        assert_eq!(from_our_thread.text(record), "");
    })
    .join()
    .unwrap();
    bridge::set_log_max_level(tracing::level_filters::LevelFilter::OFF);
    assert_eq!(rig.text(record), "");
}

/// Logs when its thread ends, after all that was used later is gone.
struct LogsLast(RefCell<Option<Dispatch>>);

impl Drop for LogsLast {
    fn drop(&mut self) {
        let dispatch = self.0.take().unwrap();
        emit(&dispatch, "the last words", &"pdf");
    }
}

thread_local! {
    static LOGS_LAST: LogsLast = const { LogsLast(RefCell::new(None)) };
}

#[test]
fn a_destructor_of_a_thread_can_log() {
    for format in [LogLines::Json, LogLines::Text { colours: false }] {
        let rig = Rig::new(format);
        let inside = rig.clone();
        std::thread::spawn(move || {
            LOGS_LAST.with(|last| *last.0.borrow_mut() = Some(inside.dispatch()));
            inside.line(|| info!("the first words"));
        })
        .join()
        .unwrap();
        let line = rig.line(|| {});
        assert!(line.contains("the last words") && line.contains("pdf"), "{line}");
        assert!(line.contains("[REDACTED]") && !line.contains("hunter2"), "{line}");
    }
}

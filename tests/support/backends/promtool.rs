//! Prometheus's own linter.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

#[derive(Debug, Clone)]
pub struct Promtool(PathBuf);

impl Promtool {
    pub fn find() -> Option<Self> {
        super::program("LIGHTSHIP_TEST_PROMTOOL").map(Self)
    }

    /// `promtool check metrics`: its complaints when the text does not parse or is bad style.
    pub fn check_metrics(&self, text: &str) -> Result<(), String> {
        let output = pipe_through(Command::new(&self.0).args(["check", "metrics"]), text);
        if output.status.success() { Ok(()) } else { Err(complaints(&output)) }
    }
}

/// Runs `command` with `input` on its stdin.
pub(super) fn pipe_through(command: &mut Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("starting {command:?}: {error}"));
    let stdin = child.stdin.take();
    // On a thread, as a child that answers before it has read everything would block both sides.
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // A child that stops reading says why in its own words.
            stdin.map(|mut stdin| stdin.write_all(input.as_bytes()))
        });
        child.wait_with_output()
    })
    .unwrap_or_else(|error| panic!("waiting for {command:?}: {error}"))
}

/// What a failed program said, with how it ended.
pub(super) fn complaints(output: &Output) -> String {
    let (stdout, stderr) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    format!("{}\n{stdout}{stderr}", output.status)
}

//! A test that runs again in a process of its own, for what a process has one of or ends by.
//!
//! ```ignore
//! #[test]
//! fn something_global() {
//!     if let Some(argument) = child::argument() {
//!         return; // in the child, after what it is for
//!     }
//!     let output = child::run(child::command(this_test!(), "argument"));
//! }
//! ```
#![allow(dead_code, missing_docs, unreachable_pub, clippy::unwrap_used)]

use std::io::Read;
use std::process::{Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

const ARGUMENT: &str = "LIGHTSHIP_TEST_CHILD";
/// How long a child may take: a loaded machine is slow.
const PATIENCE: Duration = Duration::from_secs(60);

/// The name of the test that this stands in, as libtest has it.
macro_rules! this_test {
    () => {{
        fn here() {}
        let path = std::any::type_name_of_val(&here).strip_suffix("::here").unwrap();
        path.split_once("::").unwrap().1
    }};
}
pub(crate) use this_test;

#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

/// What the parent says, in a child.
pub fn argument() -> Option<String> {
    #[allow(clippy::disallowed_methods, reason = "this is the tests' environment, not the crate's")]
    let argument = std::env::var(ARGUMENT).ok()?;
    // Ends the line that libtest began.
    println!();
    Some(argument)
}

/// This binary with this test alone, and with no variables but the argument.
pub fn command(test: &str, argument: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "--nocapture", "--test-threads=1", test]);
    command.env_clear().env(ARGUMENT, argument);
    command
}

/// Runs it to its end, and for a minute at most.
///
/// # Panics
///
/// If it takes longer, or if it ran no test.
pub fn run(mut command: Command) -> Ended {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let stdout = collect(child.stdout.take().unwrap());
    let stderr = collect(child.stderr.take().unwrap());
    let start = Instant::now();
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break Some(status),
            None if start.elapsed() > PATIENCE => break None,
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    if status.is_none() {
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let (stdout, stderr) = (stdout.join().unwrap(), stderr.join().unwrap());
    let status = status.unwrap_or_else(|| panic!("the child hangs: {stdout}\n{stderr}"));
    assert!(stdout.contains("running 1 test"), "{stdout}");
    Ended { status, stdout, stderr }
}

impl Ended {
    /// # Panics
    ///
    /// If the test failed in the child.
    pub fn succeeded(self) -> Self {
        assert!(self.status.success(), "{}\n{}\n{}", self.status, self.stdout, self.stderr);
        self
    }

    /// The lines of standard output that are log lines of ours.
    pub fn log_lines(&self) -> Vec<serde_json::Value> {
        let lines = self.stdout.lines().filter(|line| line.starts_with('{'));
        lines.map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn collect(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut text = String::new();
        let _ = pipe.read_to_string(&mut text);
        text
    })
}

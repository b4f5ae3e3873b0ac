//! A service in a process of its own: a process has one service's name, and one can be killed.

use std::io::{self, BufRead, BufReader};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// What stands before the address of the service on its standard output.
pub const LISTENING_AT: &str = "listening at ";
/// What stands before the address of its Prometheus page.
pub const METRICS_AT: &str = "metrics at ";
/// How long it may take to start: a loaded machine is slow.
const START: Duration = Duration::from_secs(30);
const TICK: Duration = Duration::from_millis(10);
/// Its log lines that are kept, the first ones.
const MAX_LINES: usize = 10_000;

/// A running service. Dropping it kills it.
#[derive(Debug)]
pub struct Service {
    child: Child,
    /// It stops when this is dropped.
    stdin: Option<ChildStdin>,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Service {
    /// Starts `command`, which is to be one of this crate's services with free ports, and waits
    /// until it listens.
    ///
    /// # Errors
    ///
    /// If it cannot be started, or ends, or says nothing for half a minute.
    pub async fn start(mut command: Command) -> io::Result<Self> {
        command.arg("--until-stdin-ends").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let lines = Arc::new(Mutex::new(Vec::new()));
        if let Some(stdout) = stdout {
            let lines = Arc::clone(&lines);
            // To its end, whatever is kept: a full pipe would cost it its logs.
            thread::spawn(move || {
                for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                    let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
                    if lines.len() < MAX_LINES {
                        lines.push(line);
                    }
                }
            });
        }
        let mut service = Service { child, stdin, lines };
        let began = Instant::now();
        while service.url().is_none() {
            if let Some(status) = service.child.try_wait()? {
                return Err(io::Error::other(format!("a service ended at once: {status}")));
            }
            if began.elapsed() > START {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "a service does not start"));
            }
            tokio::time::sleep(TICK).await;
        }
        Ok(service)
    }

    /// Its base URL.
    pub fn url(&self) -> Option<String> {
        self.said(LISTENING_AT)
    }

    /// The URL of its Prometheus page, if it has one.
    pub fn metrics_url(&self) -> Option<String> {
        self.said(METRICS_AT)
    }

    /// What it has logged by now.
    pub fn log(&self) -> Vec<String> {
        let lines = self.lines();
        lines.into_iter().filter(|line| line.starts_with('{')).collect()
    }

    /// Ends it at once.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub fn kill(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }

    /// Asks it to stop, and waits until it has, but at most for `patience`; says whether it went well.
    ///
    /// # Errors
    ///
    /// What the system says.
    pub async fn stop(&mut self, patience: Duration) -> io::Result<bool> {
        self.stdin = None;
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status.success());
            }
            if began.elapsed() > patience {
                return Ok(false);
            }
            tokio::time::sleep(TICK).await;
        }
    }

    fn said(&self, before: &str) -> Option<String> {
        self.lines().iter().find_map(|line| line.strip_prefix(before).map(str::to_owned))
    }

    fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // One that has ended is as good.
        let _ = self.kill();
    }
}

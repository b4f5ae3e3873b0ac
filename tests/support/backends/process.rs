//! A server process in a directory of its own: ready when `launch` returns, gone after drop.

use std::fs::{self, File};
use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

const READY_WITHIN: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(20);
/// A free port can be taken by somebody else before the server binds it.
const ATTEMPTS: u32 = 3;

/// A directory under the system's temporary one, removed on drop.
#[derive(Debug)]
pub struct TempDir(PathBuf);

impl TempDir {
    pub fn new(name: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path =
            std::env::temp_dir().join(format!("lightship-{name}-{}-{number}", std::process::id()));
        // Only a process that died without cleaning up can have left it: its id came round again.
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap_or_else(|error| panic!("creating {path:?}: {error}"));
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    // After the child, so that nobody writes into it when it is removed.
    directory: TempDir,
}

impl Process {
    /// Starts what `command` makes of a fresh directory and fresh ports, and waits until it is
    /// `ready`. Panics with the server's own log when it never is.
    pub(super) fn launch<P>(
        name: &str,
        command: impl Fn(&Path) -> (Command, P),
        ready: impl Fn(&P) -> bool,
    ) -> (Self, P) {
        let mut failure = String::new();
        for _ in 0..ATTEMPTS {
            let directory = TempDir::new(name);
            let (command, ports) = command(directory.path());
            let mut process = Self { child: spawn(command, directory.path()), directory };
            match process.wait_until(|| ready(&ports)) {
                Ok(()) => return (process, ports),
                Err(reason) => failure = reason,
            }
        }
        panic!("{name} did not start: {failure}");
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// What the server wrote to stdout and stderr.
    pub(super) fn log(&self) -> String {
        let log = fs::read(log_path(self.directory())).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    /// Whether the server in this directory wrote so many times that it is ready: surer than to
    /// connect, where somebody else may have got the port.
    pub(super) fn has_said(directory: &Path, text: &str, times: usize) -> bool {
        let log = fs::read(log_path(directory)).unwrap_or_default();
        String::from_utf8_lossy(&log).matches(text).count() >= times
    }

    /// The end of what the server wrote to stdout and stderr.
    pub(super) fn log_tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }

    /// Ends the server, as a crash would, and keeps what it wrote.
    pub(super) fn kill(&mut self) {
        // A reaped child is not signalled again, so its id cannot be somebody else's by now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Starts a killed server again where it was. Panics with its log when it is never `ready`.
    pub(super) fn restart(&mut self, command: impl Fn() -> Command, ready: impl Fn() -> bool) {
        let mut failure = String::new();
        for _ in 0..ATTEMPTS {
            self.kill();
            self.child = spawn(command(), self.directory.path());
            match self.wait_until(&ready) {
                Ok(()) => return,
                Err(reason) => failure = reason,
            }
            // Somebody's outgoing connection may have got the port in the meantime.
            sleep(Duration::from_secs(1));
        }
        panic!("it did not start again: {failure}");
    }

    fn wait_until(&mut self, ready: impl Fn() -> bool) -> Result<(), String> {
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("it ended with {status}\n{}", self.log_tail()));
            }
            if ready() {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(format!("not ready after {READY_WITHIN:?}\n{}", self.log_tail()));
            }
            sleep(POLL);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(mut command: Command, directory: &Path) -> Child {
    let log = File::options()
        .create(true)
        .append(true)
        .open(log_path(directory))
        .unwrap_or_else(|error| panic!("creating a log in {directory:?}: {error}"));
    let log_again = log.try_clone().unwrap_or_else(|error| panic!("cloning a log: {error}"));
    command
        .current_dir(directory)
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(log_again)
        .spawn()
        .unwrap_or_else(|error| panic!("starting {command:?}: {error}"))
}

fn log_path(directory: &Path) -> PathBuf {
    directory.join("log")
}

pub(super) fn free_tcp_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .unwrap_or_else(|error| panic!("looking for a free TCP port: {error}"))
        .port()
}

pub(super) fn free_udp_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0")
        .and_then(|socket| socket.local_addr())
        .unwrap_or_else(|error| panic!("looking for a free UDP port: {error}"))
        .port()
}

/// Asks every 20 ms until there is an answer; the last refusal when there is none `within`.
pub(super) fn poll<T>(
    within: Duration,
    mut ask: impl FnMut() -> Result<T, String>,
) -> Result<T, String> {
    let deadline = Instant::now() + within;
    loop {
        match ask() {
            Ok(answer) => return Ok(answer),
            Err(reason) if Instant::now() > deadline => {
                return Err(format!("after {within:?}: {reason}"));
            }
            Err(_) => sleep(POLL),
        }
    }
}

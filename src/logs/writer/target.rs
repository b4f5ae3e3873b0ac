//! Where lines go in the end.

use std::fmt::Debug;
use std::io::{self, ErrorKind, Write};

/// Takes lines, on the thread that writes.
pub(in crate::logs) trait Target: Send + Debug {
    /// Writes whole lines; returns how many bytes were taken, and why not more if it was not all.
    fn write_lines(&mut self, lines: &[u8]) -> (usize, io::Result<()>);
}

/// Keeps all lines.
#[cfg(feature = "testing")]
#[derive(Debug)]
pub(in crate::logs) struct Memory(pub(in crate::logs) std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

#[cfg(feature = "testing")]
impl Target for Memory {
    fn write_lines(&mut self, lines: &[u8]) -> (usize, io::Result<()>) {
        let mut kept = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        kept.extend_from_slice(lines);
        (lines.len(), Ok(()))
    }
}

/// The process's standard output, as it is at the time of writing.
#[derive(Debug)]
pub(in crate::logs) struct Stdout;

impl Target for Stdout {
    fn write_lines(&mut self, lines: &[u8]) -> (usize, io::Result<()>) {
        // Whoever prints waits for whole lines of ours, and we for theirs.
        let mut stdout = io::stdout().lock();
        if let Err(error) = stdout.flush() {
            return (0, Err(error));
        }
        match unlocked::stdout() {
            Ok(mut file) => write_to(&mut file, lines),
            Err(error) if unlocked::is_closed(&error) => (0, Err(error)),
            // No file is left to open: standard output's own buffer will do.
            Err(_) => {
                let (taken, result) = write_to(&mut stdout, lines);
                (taken, result.and_then(|()| stdout.flush()))
            }
        }
    }
}

/// Writes a line past every lock: in a forked child, threads that are gone may hold them.
pub(super) fn write_unlocked(line: &[u8]) -> (usize, io::Result<()>) {
    match unlocked::stdout() {
        Ok(mut file) => write_to(&mut file, line),
        Err(error) => (0, Err(error)),
    }
}

/// Writes as much as is taken; an interruption is no reason to stop.
pub(in crate::logs) fn write_to(
    out: &mut (impl Write + ?Sized),
    bytes: &[u8],
) -> (usize, io::Result<()>) {
    let mut taken = 0;
    while taken < bytes.len() {
        match out.write(&bytes[taken..]) {
            Ok(0) => return (taken, Err(ErrorKind::WriteZero.into())),
            Ok(more) => taken += more.min(bytes.len() - taken),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return (taken, Err(error)),
        }
    }
    (taken, Ok(()))
}

#[cfg(unix)]
mod unlocked {
    use std::fs::File;
    use std::io;
    use std::os::fd::AsFd;

    /// The error number of a file that is not open, the same on every Unix.
    const BAD_FILE: i32 = 9;

    /// A second handle on what is standard output now. It tells how much was written where only a
    /// part could be, which the buffer of the first does not.
    pub(super) fn stdout() -> io::Result<File> {
        Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?))
    }

    pub(super) fn is_closed(error: &io::Error) -> bool {
        error.raw_os_error() == Some(BAD_FILE)
    }
}

#[cfg(not(unix))]
mod unlocked {
    use std::io;

    pub(super) fn stdout() -> io::Result<io::Stdout> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn is_closed(_: &io::Error) -> bool {
        false
    }
}

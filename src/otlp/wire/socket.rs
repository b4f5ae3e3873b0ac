//! A connected socket that keeps to a deadline.

use super::Patience;
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::time::Duration;

#[derive(Debug)]
pub(super) enum Socket {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

/// For each call on either kind of socket.
macro_rules! either {
    ($socket:expr, $stream:ident => $call:expr) => {
        match $socket {
            Socket::Tcp($stream) => $call,
            #[cfg(unix)]
            Socket::Unix($stream) => $call,
        }
    };
}

impl Socket {
    fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
        either!(self, stream => stream.set_nonblocking(nonblocking))
    }

    fn set_timeout(&self, timeout: Duration) -> io::Result<()> {
        either!(self, stream => {
            stream.set_read_timeout(Some(timeout))?;
            stream.set_write_timeout(Some(timeout))
        })
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        either!(self, stream => stream.read(buffer))
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        either!(self, stream => stream.write(bytes))
    }
}

/// Reads and writes while there is patience, and not a moment longer.
#[derive(Debug)]
pub(super) struct Stream {
    socket: Socket,
    patience: Patience,
    probing: bool,
    timeout: Option<Duration>,
}

impl Stream {
    pub(super) fn new(socket: Socket, patience: Patience) -> Self {
        Stream { socket, patience, probing: false, timeout: None }
    }

    pub(super) fn set_patience(&mut self, patience: Patience) {
        self.patience = patience;
    }

    /// While probing, a read says at once that there is nothing.
    pub(super) fn set_probing(&mut self, probing: bool) -> io::Result<()> {
        self.probing = probing;
        self.socket.set_nonblocking(probing)
    }

    fn patiently<T>(
        &mut self,
        mut call: impl FnMut(&mut Socket) -> io::Result<T>,
    ) -> io::Result<T> {
        loop {
            if !self.probing {
                let slice = self.patience.slice().ok_or(ErrorKind::TimedOut)?;
                if self.timeout != Some(slice) {
                    self.socket.set_timeout(slice)?;
                    self.timeout = Some(slice);
                }
            }
            match call(&mut self.socket) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error)
                    if !self.probing
                        && matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                result => return result,
            }
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.patiently(|socket| socket.read(buffer))
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.patiently(|socket| socket.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

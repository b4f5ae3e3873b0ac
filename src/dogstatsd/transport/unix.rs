//! Unix sockets, datagram or stream: nothing is lost that was not in the agent's queue.

use super::background::{Background, Progress};
use super::fault::{Fault, is_too_long, is_wrong_kind};
use super::frame::{Framed, Written};
use super::{Delivery, Settled, Transport, uninterrupted, write_timeout};
use crate::config::settings::UnixSocket;
use crate::dogstatsd::payload::Payload;
use std::io::{self, ErrorKind};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The longest that one flush waits for a listener to accept.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(super) struct Unix {
    path: PathBuf,
    target: String,
    wanted: UnixSocket,
    link: Link,
    connector: Background<io::Result<UnixStream>>,
    settled: Settled,
}

#[derive(Debug)]
enum Link {
    Closed,
    Datagram(UnixDatagram),
    Stream(Framed<UnixStream>),
}

impl Unix {
    pub(super) fn new(path: &Path, wanted: UnixSocket) -> Self {
        Unix {
            path: path.to_owned(),
            target: path.display().to_string(),
            wanted,
            link: Link::Closed,
            connector: Background::new("lightship-connect"),
            settled: Settled::default(),
        }
    }

    fn open(&mut self, deadline: Instant) -> Result<(), Fault> {
        if !matches!(self.link, Link::Closed) {
            return Ok(());
        }
        self.link = match self.wanted {
            UnixSocket::Stream => self.stream(deadline)?,
            wanted => match self.datagram() {
                Err(error) if wanted == UnixSocket::Either && is_wrong_kind(&error) => {
                    self.stream(deadline)?
                }
                link => link.map_err(|error| self.fault(&error))?,
            },
        };
        Ok(())
    }

    fn datagram(&self) -> io::Result<Link> {
        let socket = UnixDatagram::unbound()?;
        socket.connect(&self.path)?;
        Ok(Link::Datagram(socket))
    }

    /// Connecting waits while the listener's backlog is full, and can't be told to hurry.
    fn stream(&mut self, deadline: Instant) -> Result<Link, Fault> {
        let path = self.path.clone();
        let started = self.connector.start(move || UnixStream::connect(path));
        started.map_err(|error| self.fault(&error))?;
        let left = deadline.saturating_duration_since(Instant::now());
        match self.connector.poll(CONNECT_TIMEOUT.min(left)) {
            Progress::Done(Ok(stream)) => Ok(Link::Stream(Framed::new(stream))),
            Progress::Done(Err(error)) => Err(self.fault(&error)),
            Progress::Idle | Progress::Running => Err(Fault::passing(format!(
                "the agent at {} does not accept the connection",
                self.target
            ))),
        }
    }

    fn close_link(&mut self) {
        if let Link::Stream(framed) = std::mem::replace(&mut self.link, Link::Closed) {
            framed.abandon(&mut self.settled);
        }
    }

    /// Finishes a frame that was begun.
    fn finish(&mut self, deadline: Instant) -> Result<(), Fault> {
        let Link::Stream(framed) = &mut self.link else { return Ok(()) };
        let timeout = Some(write_timeout(deadline));
        let result = match framed.stream.set_write_timeout(timeout) {
            Ok(()) => framed.finish(&mut self.settled),
            error => error,
        };
        match result {
            Err(error) if is_passing(&error) => Err(self.fault(&error)),
            Err(error) => {
                self.settled.fault = Some(self.fault(&error).text);
                self.close_link();
                self.open(deadline)
            }
            Ok(()) => Ok(()),
        }
    }

    /// One try; an error that is not passing has closed the link.
    fn try_deliver(&mut self, payload: &Payload, deadline: Instant) -> io::Result<Delivery> {
        let timeout = Some(write_timeout(deadline));
        let result = match &mut self.link {
            Link::Closed => Err(ErrorKind::NotConnected.into()),
            Link::Datagram(socket) => socket
                .set_write_timeout(timeout)
                .and_then(|()| uninterrupted(|| socket.send(&payload.bytes)))
                .map(|_| Delivery::Accepted),
            Link::Stream(framed) => match framed.stream.set_write_timeout(timeout) {
                Ok(()) => match framed.write(payload) {
                    Written::All => Ok(Delivery::Accepted),
                    Written::Some => Ok(Delivery::Begun),
                    Written::Nothing(error) => Err(error),
                },
                Err(error) => Err(error),
            },
        };
        match result {
            Err(error) if is_too_long(&error) => Ok(Delivery::TooLong),
            Err(error) if is_passing(&error) => Ok(Delivery::Refused(self.fault(&error))),
            Err(error) => {
                self.close_link();
                Err(error)
            }
            delivery => delivery,
        }
    }

    fn fault(&self, error: &io::Error) -> Fault {
        Fault::from_io(error, &self.target)
    }
}

impl Transport for Unix {
    fn prepare(&mut self, deadline: Instant) -> Result<(), Fault> {
        self.open(deadline)?;
        self.finish(deadline)
    }

    fn deliver(&mut self, payload: &Payload, deadline: Instant) -> Delivery {
        let mut fault = None;
        // Twice: an agent that restarted has left a dead connection behind and listens again.
        for _ in 0..2 {
            if let Err(fault) = self.prepare(deadline) {
                return Delivery::Refused(fault);
            }
            match self.try_deliver(payload, deadline) {
                Ok(delivery) => return delivery,
                Err(error) => fault = Some(self.fault(&error)),
            }
        }
        Delivery::Refused(fault.unwrap_or_else(|| Fault::down("not connected")))
    }

    fn settled(&mut self) -> Settled {
        std::mem::take(&mut self.settled)
    }

    fn close(&mut self) {
        self.close_link();
    }

    fn name(&self) -> &'static str {
        match (&self.link, self.wanted) {
            (Link::Stream(_), _) | (Link::Closed, UnixSocket::Stream) => "uds-stream",
            _ => "uds",
        }
    }
}

fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

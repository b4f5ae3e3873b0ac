//! The thread that holds the port.

use super::connection;
use super::response::header_value;
use super::routes::Routes;
use super::shared::{Listening, Shared, Slot};
use super::{LIMITS, Limits};
use crate::status::{DropReason, Pipeline};
use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// How long the thread waits where the system can't give it a connection, and how often
/// `shutdown` knocks.
const PAUSE: Duration = Duration::from_millis(100);

/// The listener. Dropping it stops it without waiting.
#[derive(Debug)]
pub(crate) struct AdminListener {
    shared: Arc<Shared>,
}

impl AdminListener {
    /// Starts the thread. A port that can't be had is no error: it degrades the pipeline, and is
    /// tried again. One that can be had is held when this returns.
    pub(crate) fn start(
        address: SocketAddr,
        routes: Routes,
        service: &str,
        pipeline: Arc<Pipeline>,
    ) -> io::Result<Self> {
        Self::start_with(address, routes, service, pipeline, LIMITS)
    }

    pub(super) fn start_with(
        address: SocketAddr,
        routes: Routes,
        service: &str,
        pipeline: Arc<Pipeline>,
        limits: Limits,
    ) -> io::Result<Self> {
        let shared = Shared::new(routes, header_value(service), pipeline, limits);
        let first = bind(address, &shared);
        let listening = Listening(Arc::clone(&shared));
        thread::Builder::new()
            .name("lightship-admin".into())
            .spawn(move || run(address, first, &listening.0))?;
        Ok(AdminListener { shared })
    }

    /// Where it listens; `None` while the port is taken.
    pub(crate) fn local_addr(&self) -> Option<SocketAddr> {
        self.shared.address()
    }

    /// Stops listening, lets the answers that are being taken finish, and cuts the others off.
    /// Whether everything was over in time; the port is free then.
    pub(crate) fn shutdown(&self, timeout: Duration) -> bool {
        let deadline = Instant::now() + timeout;
        self.shared.stop_by(deadline);
        loop {
            // Asked anew, as the thread may just have got the port.
            knock(self.shared.address());
            let left = deadline.saturating_duration_since(Instant::now());
            if self.shared.wait_for_end(left.min(PAUSE)) {
                return true;
            }
            if left.is_zero() {
                return false;
            }
        }
    }
}

impl Drop for AdminListener {
    fn drop(&mut self) {
        self.shutdown(Duration::ZERO);
    }
}

fn run(address: SocketAddr, mut listener: Option<TcpListener>, shared: &Arc<Shared>) {
    while shared.stop().is_none() {
        match listener.take() {
            Some(listener) => serve(&listener, shared),
            None => {
                shared.pause(shared.limits.retry);
                if shared.stop().is_none() {
                    listener = bind(address, shared);
                }
            }
        }
    }
}

fn bind(address: SocketAddr, shared: &Shared) -> Option<TcpListener> {
    match TcpListener::bind(address) {
        Ok(listener) => {
            shared.set_address(listener.local_addr().ok());
            // Nobody scraped yet.
            shared.pipeline.sent_unverified(0);
            Some(listener)
        }
        Err(error) => {
            shared.pipeline.failed(why(address, &error, shared.limits.retry));
            None
        }
    }
}

fn why(address: SocketAddr, error: &io::Error, retry: Duration) -> String {
    let (ip, port, retry) = (address.ip(), address.port(), retry.as_secs());
    let trouble = match error.kind() {
        ErrorKind::AddrInUse => format!("port {port} on {ip} is taken by another process"),
        ErrorKind::PermissionDenied => {
            format!("this process is not allowed to listen on port {port} of {ip}")
        }
        ErrorKind::AddrNotAvailable => {
            format!("{ip}, where port {port} is wanted, is no address of this host")
        }
        _ => format!("listening on port {port} of {ip} failed: {error}"),
    };
    format!("{trouble}; trying again every {retry} s")
}

/// Accepts until `shutdown` knocks.
fn serve(listener: &TcpListener, shared: &Arc<Shared>) {
    loop {
        let accepted = listener.accept();
        if shared.stop().is_some() {
            return;
        }
        match accepted {
            Ok((stream, _)) => admit(stream, shared),
            // The client's doing.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::ConnectionAborted
                        | ErrorKind::ConnectionReset
                        | ErrorKind::Interrupted
                ) => {}
            Err(error) => {
                shared.pipeline.failed(format!("no connection can be accepted: {error}"));
                shared.pause(PAUSE);
            }
        }
    }
}

fn admit(stream: TcpStream, shared: &Arc<Shared>) {
    let Some(slot) = Slot::take(shared) else {
        shared.pipeline.dropped(DropReason::QueueFull, 1);
        connection::refuse(stream, &shared.service);
        return;
    };
    let connection = thread::Builder::new()
        .name("lightship-admin-connection".into())
        .spawn(move || connection::serve(stream, &slot.0));
    if connection.is_err() {
        // The stream went with the closure, which closed it.
        shared.pipeline.dropped(DropReason::QueueFull, 1);
    }
}

/// Wakes the thread out of `accept`, which has no other way to be woken.
fn knock(address: Option<SocketAddr>) {
    let Some(mut address) = address else { return };
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    // Where this fails the queue is full, and the thread awake.
    let _ = TcpStream::connect_timeout(&address, PAUSE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_a_failure_names_port_and_remedy() {
        let address: SocketAddr = "127.0.0.1:9464".parse().unwrap();
        let why = |kind: ErrorKind| why(address, &kind.into(), LIMITS.retry);
        assert_eq!(
            why(ErrorKind::AddrInUse),
            "port 9464 on 127.0.0.1 is taken by another process; trying again every 5 s"
        );
        for kind in [ErrorKind::PermissionDenied, ErrorKind::AddrNotAvailable, ErrorKind::Other] {
            let text = why(kind);
            assert!(text.contains("port 9464") && text.contains("127.0.0.1"), "{text}");
        }
    }
}

//! One connection: one request, one answer, and an end to both.

use super::MAX_HEAD;
use super::request::{self, Malformed, Request};
use super::response::Response;
use super::shared::Shared;
use crate::status::DropReason;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// How often a connection that waits looks at its deadline.
const TICK: Duration = Duration::from_millis(100);
/// How long and how much of what a client still sends is read away after the answer.
const LINGER: Duration = Duration::from_millis(300);
const MAX_LINGER_BYTES: usize = 64 * 1024;

/// Why a request's head did not come.
enum Unread {
    Malformed(Malformed),
    TooSlow,
    /// Hung up, or we are stopping: nobody to answer.
    Gone,
}

/// Answers one request within the limits, whatever the client does.
pub(super) fn serve(mut stream: TcpStream, shared: &Shared) {
    // Without these a client could hold the thread for ever.
    if stream.set_read_timeout(Some(TICK)).is_err() || stream.set_write_timeout(Some(TICK)).is_err()
    {
        return;
    }
    let (mut response, with_body) = match read_request(&mut stream, shared) {
        Ok(request) => (shared.routes.answer(&request, &shared.service), request.method != "HEAD"),
        Err(Unread::Gone) => return,
        Err(Unread::TooSlow) => (bad(shared, 408, "The request did not come in time.\n"), true),
        Err(Unread::Malformed(Malformed::Garbage)) => {
            (bad(shared, 400, "This is no HTTP request.\n"), true)
        }
        Err(Unread::Malformed(Malformed::TooLarge)) => {
            (bad(shared, 431, "The request's head is too large.\n"), true)
        }
    };
    let delivered = response.take_delivered().filter(|_| with_body);
    let bytes = response.into_bytes(&shared.service, with_body);
    match write_answer(&mut stream, &bytes, shared) {
        Ok(()) => {
            if let Some(delivered) = delivered {
                let _ = catch_unwind(AssertUnwindSafe(delivered));
            }
            linger(&mut stream, shared);
        }
        Err(error) if error.kind() == ErrorKind::TimedOut => {
            shared.pipeline.dropped(DropReason::BadRequest, 1);
        }
        // It hung up.
        Err(_) => {}
    }
}

/// A 503, as far as it can be had without waiting for anything.
pub(super) fn refuse(mut stream: TcpStream, service: &str) {
    if stream.set_nonblocking(true).is_err() {
        return;
    }
    let response =
        Response::text(503, "Too many connections at once.\n").header("Retry-After", "1");
    // What was read can't make the close reset the connection before the answer is read.
    let _ = stream.read(&mut [0; MAX_HEAD]);
    let _ = stream.write(&response.into_bytes(service, true));
    let _ = stream.shutdown(Shutdown::Write);
}

fn bad(shared: &Shared, status: u16, text: &str) -> Response {
    shared.pipeline.dropped(DropReason::BadRequest, 1);
    Response::text(status, text)
}

fn read_request(stream: &mut TcpStream, shared: &Shared) -> Result<Request, Unread> {
    let deadline = Instant::now() + shared.limits.head;
    let mut head = Vec::with_capacity(1024);
    let mut chunk = [0; 1024];
    loop {
        match read(stream, &mut chunk) {
            Ok(Some(0)) | Err(_) => return Err(Unread::Gone),
            Ok(Some(length)) => head.extend_from_slice(&chunk[..length]),
            Ok(None) => {}
        }
        // Whole before late: what came together with the deadline is answered.
        if let Some(request) = request::parse(&head).map_err(Unread::Malformed)? {
            return Ok(request);
        }
        if shared.stop().is_some() {
            return Err(Unread::Gone);
        }
        if Instant::now() >= deadline {
            return Err(Unread::TooSlow);
        }
    }
}

/// Goes on as long as the client takes something, until the deadline; when stopping, one tick
/// without progress is the end.
fn write_answer(stream: &mut TcpStream, mut rest: &[u8], shared: &Shared) -> io::Result<()> {
    let deadline = Instant::now() + shared.limits.answer;
    while !rest.is_empty() {
        let stop = shared.stop();
        if Instant::now() >= stop.map_or(deadline, |stop| stop.min(deadline)) {
            return Err(ErrorKind::TimedOut.into());
        }
        // In chunks, so that the deadline is looked at however much the kernel would wait for.
        match stream.write(&rest[..rest.len().min(64 * 1024)]) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(length) => rest = &rest[length..],
            Err(error) if is_tick(&error) && stop.is_none() => {}
            Err(error) if is_tick(&error) => return Err(ErrorKind::TimedOut.into()),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Waits for the client to close. To close with something unread would reset the connection,
/// and a client might lose the end of its answer.
fn linger(stream: &mut TcpStream, shared: &Shared) {
    if stream.shutdown(Shutdown::Write).is_err() {
        return;
    }
    let deadline = Instant::now() + LINGER;
    let (mut chunk, mut total) = ([0; 4096], 0);
    while total < MAX_LINGER_BYTES && Instant::now() < deadline && shared.stop().is_none() {
        match read(stream, &mut chunk) {
            Ok(Some(0)) | Err(_) => return,
            Ok(Some(length)) => total += length,
            Ok(None) => {}
        }
    }
}

/// Reads what is there; `None` after a tick without anything.
fn read(stream: &mut TcpStream, chunk: &mut [u8]) -> io::Result<Option<usize>> {
    match stream.read(chunk) {
        Ok(length) => Ok(Some(length)),
        Err(error) if is_tick(&error) || error.kind() == ErrorKind::Interrupted => Ok(None),
        Err(error) => Err(error),
    }
}

/// What a timeout on a socket is called differs between systems.
fn is_tick(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

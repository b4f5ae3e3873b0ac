//! One HTTP/1.1 request and its answer.

use http::{HeaderMap, StatusCode};
use std::io::{self, Read, Write};
use ureq_proto::BodyMode;
use ureq_proto::client::state::{RecvBody, RecvResponse, SendRequest};
use ureq_proto::client::{Call, RecvBodyResult, RecvResponseResult, SendRequestResult};

/// The longest head of an answer, in bytes.
const MAX_HEAD: usize = 32 * 1024;
/// What is read of an answer's body, in bytes.
const MAX_BODY: usize = 64 * 1024;

#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// Whether that is all of the body.
    pub(super) is_whole: bool,
    /// Whether the connection is good for another request.
    pub(super) is_reusable: bool,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Broken {
    /// Not all of the request left.
    Unsent(io::Error),
    /// It left whole, and then nothing, or half an answer, came.
    Unanswered(io::Error),
    /// What came is not HTTP/1.1.
    Garbage,
    /// Our own fault: no request to speak of.
    Malformed(String),
}

/// Sends the request and reads the answer; how long that takes is up to the stream.
pub(super) fn exchange(
    stream: &mut (impl Read + Write),
    request: http::Request<()>,
    body: &[u8],
) -> Result<Reply, Broken> {
    let malformed = |error: ureq_proto::Error| Broken::Malformed(error.to_string());
    let room = room_for(&request);
    let mut call = Call::new(request).map_err(malformed)?.proceed();
    let head = head(&mut call, room).map_err(malformed)?;
    let written = stream.write_all(&head).and_then(|()| stream.write_all(body));
    let call = match call.proceed().map_err(malformed)? {
        Some(SendRequestResult::SendBody(mut call)) => {
            call.consume_direct_write(body.len()).map_err(malformed)?;
            call.proceed()
        }
        Some(SendRequestResult::RecvResponse(call)) => Some(call),
        _ => None,
    };
    let call = call.ok_or_else(|| Broken::Malformed("a body of another length".into()))?;
    let written = written.and_then(|()| stream.flush());
    // Who refuses a request may say so, and close, before having read all of it.
    match (receive(stream, call), written) {
        (Ok(reply), Ok(())) => Ok(reply),
        (Ok(reply), Err(_)) => Ok(Reply { is_reusable: false, ..reply }),
        (Err(Broken::Unanswered(_)), Err(error)) => Err(Broken::Unsent(error)),
        (Err(broken), _) => Err(broken),
    }
}

/// More than the head can take.
fn room_for(request: &http::Request<()>) -> usize {
    let headers: usize =
        request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    2 * request.uri().to_string().len() + headers + 256
}

fn head(call: &mut Call<SendRequest>, room: usize) -> Result<Vec<u8>, ureq_proto::Error> {
    let mut head = vec![0; room];
    let mut used = 0;
    while !call.can_proceed() {
        used += call.write(&mut head[used..])?;
    }
    head.truncate(used);
    Ok(head)
}

fn receive(stream: &mut impl Read, mut call: Call<RecvResponse>) -> Result<Reply, Broken> {
    let mut input = Vec::with_capacity(1_024);
    let response = loop {
        let (used, response) = call.try_response(&input, false).map_err(|_| Broken::Garbage)?;
        input.drain(..used);
        match response {
            Some(response) => break response,
            None if used > 0 => continue,
            None if input.len() > MAX_HEAD => return Err(Broken::Garbage),
            None => read_more(stream, &mut input).map_err(Broken::Unanswered)?,
        }
    };
    let (parts, ()) = response.into_parts();
    let (body, is_whole, is_reusable) = match call.proceed() {
        Some(RecvResponseResult::RecvBody(call)) => receive_body(stream, call, input),
        Some(RecvResponseResult::Cleanup(call)) => {
            (Vec::new(), true, !call.must_close_connection() && input.is_empty())
        }
        _ => (Vec::new(), true, false),
    };
    Ok(Reply { status: parts.status, headers: parts.headers, body, is_whole, is_reusable })
}

/// Reads the body as far as it comes and we care; returns whether that was all of it, and whether
/// the connection is good for more.
fn receive_body(
    stream: &mut impl Read,
    mut call: Call<RecvBody>,
    mut input: Vec<u8>,
) -> (Vec<u8>, bool, bool) {
    let ends_with_the_stream = call.body_mode() == BodyMode::CloseDelimited;
    let mut body = Vec::new();
    let mut chunk = [0; 4_096];
    let is_whole = loop {
        let Ok((used, got)) = call.read(&input, &mut chunk) else { break false };
        input.drain(..used);
        body.extend_from_slice(&chunk[..got]);
        if !ends_with_the_stream && call.can_proceed() {
            break true;
        }
        if body.len() >= MAX_BODY || input.len() >= MAX_BODY {
            break false;
        }
        let moved = used > 0 || got > 0;
        if moved && !input.is_empty() {
            continue;
        }
        match read_more(stream, &mut input) {
            Ok(()) => {}
            Err(error) => break ends_with_the_stream && is_end(&error),
        }
    };
    body.truncate(MAX_BODY);
    let is_reusable = is_whole
        && input.is_empty()
        && match call.proceed() {
            Some(RecvBodyResult::Cleanup(call)) => !call.must_close_connection(),
            _ => false,
        };
    (body, is_whole, is_reusable)
}

fn read_more(stream: &mut impl Read, input: &mut Vec<u8>) -> io::Result<()> {
    let mut buffer = [0; 4_096];
    match stream.read(&mut buffer)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        read => {
            input.extend_from_slice(&buffer[..read]);
            Ok(())
        }
    }
}

fn is_end(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::UnexpectedEof
}

//! What an HTTP answer means, by its status first.

use super::exchange::Reply;
use super::fault::ENDPOINT;
use super::place::Place;
use crate::otlp::answer::{RpcStatus, Verdict, Wait, partial_success};
use crate::otlp::request::Request;
use http::header::{CONTENT_TYPE, HeaderName, LOCATION, RETRY_AFTER};
use prost::Message;
use std::time::{Duration, SystemTime};

pub(super) fn judge(reply: &Reply, request: &Request, place: &Place, path: &str) -> Verdict {
    match reply.status.as_u16() {
        200..=299 if is_page(reply) => Verdict::Refused {
            reason: format!(
                "{} answered with a web page: not an OTLP endpoint; set {ENDPOINT}",
                place.name
            ),
        },
        200..=299 => accepted(reply, request, place),
        429 | 502 | 503 | 504 => Verdict::NotTaken {
            reason: format!("{}, to be tried again", answered(reply, place)),
            wait: retry_after(reply).map_or(Wait::Later, Wait::For),
        },
        status => Verdict::Refused {
            reason: format!("{}; {}", answered(reply, place), mend(status, reply, place, path)),
        },
    }
}

fn accepted(reply: &Reply, request: &Request, place: &Place) -> Verdict {
    let name = &place.name;
    let content = header(reply, &CONTENT_TYPE);
    let (rejected, remark) = match partial_success(request.signal, &reply.body) {
        _ if !reply.is_whole => (0, Some(format!("{name} accepted, and broke off its answer"))),
        // JSON, or a word: whoever answers so takes the request and has nothing to add.
        _ if !content.is_empty() && !content.contains("protobuf") => (0, None),
        Ok((rejected, message)) => {
            (rejected, remark(rejected.min(request.items), request.items, &message, place))
        }
        Err(_) => {
            (0, Some(format!("{name} accepted, but its answer is not one of an OTLP endpoint")))
        }
    };
    Verdict::Accepted { rejected, remark }
}

/// What a partial success says, in words; `None` where it says nothing.
pub(super) fn remark(rejected: u64, items: u64, message: &str, place: &Place) -> Option<String> {
    let (name, message) = (&place.name, place.quote(message));
    match (rejected, message.is_empty()) {
        (0, true) => None,
        (0, false) => Some(format!("{name} accepted, and remarked: {message}")),
        (_, true) => Some(format!("{name} rejected {rejected} of {items} items")),
        (_, false) => Some(format!("{name} rejected {rejected} of {items} items: {message}")),
    }
}

/// Who answered what, and the text that came with it.
fn answered(reply: &Reply, place: &Place) -> String {
    let phrase = reply.status.canonical_reason().unwrap_or("no status that is known");
    let said = said(reply, place);
    let said = if said.is_empty() { said } else { format!(": {said}") };
    format!("{} answered {} ({phrase}){said}", place.name, reply.status.as_u16())
}

fn said(reply: &Reply, place: &Place) -> String {
    if is_page(reply) {
        return "a web page".into();
    }
    let protobuf = header(reply, &CONTENT_TYPE).contains("protobuf");
    let status = protobuf.then(|| RpcStatus::decode(&*reply.body).ok()).flatten();
    match status {
        Some(status) => place.quote(&status.message),
        None if protobuf => String::new(),
        None => place.quote(&String::from_utf8_lossy(&reply.body)),
    }
}

fn mend(status: u16, reply: &Reply, place: &Place, path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    match status {
        300..=399 => {
            let to = place.quote(header(reply, &LOCATION));
            format!("redirects are not followed: set {ENDPOINT} to where it leads ({to})")
        }
        401 | 403 => "set the right credentials in OTEL_EXPORTER_OTLP_HEADERS".into(),
        404 | 405 => format!("nothing takes OTLP at {path}: set {ENDPOINT}"),
        413 => "let the collector take larger requests, or send smaller ones \
                (OTEL_BSP_MAX_EXPORT_BATCH_SIZE, OTEL_EXPORTER_OTLP_COMPRESSION=gzip)"
            .into(),
        415 => "it does not take protobuf, or not compressed: set another endpoint, or \
                OTEL_EXPORTER_OTLP_COMPRESSION=none"
            .into(),
        400 => "it could not read the request: is it an OTLP/HTTP endpoint?".into(),
        _ => format!("see the log of the collector, or set {ENDPOINT}"),
    }
}

/// Seconds, or a date.
fn retry_after(reply: &Reply) -> Option<Duration> {
    let text = header(reply, &RETRY_AFTER).trim();
    match text.parse() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => httpdate::parse_http_date(text).ok()?.duration_since(SystemTime::now()).ok(),
    }
}

fn is_page(reply: &Reply) -> bool {
    let start = reply.body.trim_ascii_start();
    let starts_with =
        |tag: &str| start.get(..tag.len()).is_some_and(|s| s.eq_ignore_ascii_case(tag.as_bytes()));
    let kind = header(reply, &CONTENT_TYPE);
    kind.contains("html")
        || (!kind.contains("protobuf") && (starts_with("<!doctype html") || starts_with("<html")))
}

fn header<'a>(reply: &'a Reply, name: &HeaderName) -> &'a str {
    reply.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

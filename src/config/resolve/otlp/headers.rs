//! Headers of requests: from code and from lists in variables.

use super::signal::Signal;
use crate::config::explanation::Sourced;
use crate::config::otlp::Otlp;
use crate::config::resolve::findings::{Findings, Wrong};
use crate::config::resolve::pairs::{MAX_ITEMS, complain, percent_decoded};
use crate::config::settings::Secret;
use crate::config::variables::Variable;

/// The longest name and the longest value, in bytes.
const MAX_NAME_BYTES: usize = 200;
const MAX_VALUE_BYTES: usize = 8_192;
const WANTED: &str = "take letters, digits and dashes for a name, and visible ASCII for a value";

/// One header; its name in lower case.
pub(super) type Header = (String, Secret);

/// What code sets, then what a variable sets under other names. A signal's variable takes the place
/// of the general one, for another collector must not get to see the general one's secrets.
pub(super) fn resolve(
    options: &Otlp,
    signal: &Signal,
    findings: &mut Findings<'_>,
) -> Vec<Sourced<Header>> {
    let mut headers: Vec<Sourced<Header>> = Vec::new();
    for (n, (name, value)) in options.headers.iter().enumerate() {
        let checked = header(name, value.expose().trim())
            .map_err(|why| Wrong::new(format!("header {} {why}", n + 1), WANTED));
        if let Some(header) = findings.code("otlp.header", checked) {
            headers.retain(|earlier| earlier.value.0 != header.value.0);
            headers.push(header);
        }
    }
    let own = signal.own(|family| family.headers).and_then(|variable| list(variable, findings));
    let general =
        signal.general(|family| family.headers).and_then(|variable| list(variable, findings));
    for header in own.or(general).unwrap_or_default() {
        if headers.iter().all(|earlier| earlier.value.0 != header.value.0) {
            headers.push(header);
        }
    }
    headers
}

/// The usable headers of a variable, each name once; `None` if there are none.
fn list(variable: Variable, findings: &mut Findings<'_>) -> Option<Vec<Sourced<Header>>> {
    let mut headers: Vec<Header> = Vec::new();
    let mut complaints = Vec::new();
    let items: Vec<_> = findings.raw(variable)?.split(',').collect();
    if items.len() > MAX_ITEMS {
        complaints.push(format!("there are more than {MAX_ITEMS} items"));
    }
    for (n, item) in items.into_iter().take(MAX_ITEMS).enumerate() {
        match item_of_list(item.trim()) {
            None => {}
            Some(Ok(header)) => {
                headers.retain(|earlier| earlier.0 != header.0);
                headers.push(header);
            }
            // By its place: the text itself may be a part of a secret.
            Some(Err(complaint)) => complaints.push(format!("item {} {complaint}", n + 1)),
        }
    }
    complain(findings, variable, complaints);
    let sourced = |value| Sourced::variable(variable, value);
    (!headers.is_empty()).then(|| headers.into_iter().map(sourced).collect())
}

fn item_of_list(item: &str) -> Option<Result<Header, &'static str>> {
    if item.is_empty() {
        return None;
    }
    let Some((name, value)) = item.split_once('=') else { return Some(Err("has no `=`")) };
    Some(match (percent_decoded(name), percent_decoded(value)) {
        (Some(name), Some(value)) => header(&name, value.trim()),
        _ => Err("is not percent-encoded UTF-8"),
    })
}

/// Never shows the name: of a pair that is written wrongly it may be a part of the secret.
fn header(name: &str, value: &str) -> Result<Header, &'static str> {
    let name = name.trim().to_ascii_lowercase();
    match name.as_str() {
        "" => Err("has no name"),
        _ if name.len() > MAX_NAME_BYTES => Err("has a name of more than 200 bytes"),
        _ if !name.bytes().all(is_allowed_in_name) => Err("has characters that no name has"),
        "content-type" | "content-encoding" | "content-length" | "transfer-encoding" => {
            Err("says what the content is, which is ours to say")
        }
        "host" => Err("is `host`, which the endpoint says"),
        "connection" | "expect" | "keep-alive" | "proxy-connection" | "te" | "trailer"
        | "upgrade" => Err("rules the connection, which is ours to rule"),
        _ if name.starts_with("grpc-") || name.ends_with("-bin") => {
            Err("has a name that gRPC keeps to itself")
        }
        _ if value.is_empty() => Err("has no value"),
        _ if value.len() > MAX_VALUE_BYTES => Err("has a value of more than 8192 bytes"),
        _ if !value.bytes().all(|byte| matches!(byte, b' '..=b'~')) => {
            Err("has a value with control characters or letters beyond ASCII")
        }
        _ => Ok((name, Secret::new(value))),
    }
}

/// RFC 9110's token.
fn is_allowed_in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

//! The header `baggage`, by the W3C: `key=value;property,key=value`.

use super::super::carrier::Inject;
use super::super::headers::{Headers, is_printable, trim};
use super::super::limits::{MAX_BAGGAGE_BYTES, MAX_BAGGAGE_MEMBER_BYTES, MAX_BAGGAGE_MEMBERS};
use super::Stored;
use crate::scrub::{KeyClass, Policy, Sink};
use opentelemetry::baggage::BaggageMetadata;
use std::borrow::Cow;

const BAGGAGE: &str = "baggage";

/// `None` if nothing came. What goes past a bound, or makes no sense, is left out.
pub(in super::super) fn extract(headers: &Headers<'_>) -> Option<Stored> {
    let (mut stored, mut bytes) = (Stored::new(), 0);
    headers.all(BAGGAGE, |value| {
        for member in value.split(',') {
            let member = trim(member);
            if member.is_empty() || bytes > MAX_BAGGAGE_BYTES {
                continue;
            }
            bytes += member.len() + usize::from(bytes > 0);
            let is_short = bytes <= MAX_BAGGAGE_BYTES && member.len() <= MAX_BAGGAGE_MEMBER_BYTES;
            let fits = is_short && add(member, &mut stored) == Some(true);
            if !fits {
                headers.ignore();
            }
        }
    });
    (!stored.is_empty()).then_some(stored)
}

/// How many members were left out because of what the policy says of them.
pub(in super::super) fn inject(stored: &Stored, policy: &Policy, headers: &mut dyn Inject) -> u64 {
    if stored.is_empty() {
        return 0;
    }
    let mut members: Vec<_> = stored.iter().collect();
    members.sort_by_key(|(key, _)| *key);
    let (mut line, mut count, mut denied) = (String::new(), 0, 0);
    for (key, (value, properties)) in members {
        let Some(value) = scrubbed(key.as_str(), value.as_str(), policy) else {
            denied += 1;
            continue;
        };
        let before = line.len();
        if before > 0 {
            line.push(',');
        }
        let start = line.len();
        line.push_str(key.as_str());
        line.push('=');
        encode(&value, &mut line);
        if is_properties(properties.as_str()) {
            push_properties(properties.as_str(), policy, &mut line);
        }
        let is_long = line.len() - start > MAX_BAGGAGE_MEMBER_BYTES;
        if is_long || line.len() > MAX_BAGGAGE_BYTES || count == MAX_BAGGAGE_MEMBERS {
            line.truncate(before);
        } else {
            count += 1;
        }
    }
    match line.is_empty() {
        true => headers.remove(BAGGAGE),
        false => headers.set(BAGGAGE, &line),
    }
    denied
}

/// What may leave of a member's value, if it may leave. Some tracers encode keys as well, and values
/// twice: they are judged as they are and as they are meant.
fn scrubbed<'v>(key: &str, value: &'v str, policy: &Policy) -> Option<Cow<'v, str>> {
    let meant = decoded(key);
    if !policy.is_key_clean(&meant, Sink::Baggage) {
        return None;
    }
    if meant != key {
        policy.member(key, "", 0)?;
    }
    if value.contains('%') && matches!(policy.class(&meant), KeyClass::Plain(_)) {
        policy.member(&meant, &decoded(value), MAX_BAGGAGE_MEMBER_BYTES)?;
    }
    policy.member(&meant, value, MAX_BAGGAGE_MEMBER_BYTES)
}

/// The properties of a member, each with its `;`, without those that the policy keeps here.
fn push_properties(properties: &str, policy: &Policy, line: &mut String) {
    for property in properties.split(';') {
        let (key, value) = property.split_once('=').unwrap_or((property, ""));
        let (key, meant) = (trim(key), decoded(trim(value)));
        if scrubbed(key, &meant, policy).is_some_and(|kept| kept == meant) {
            line.push(';');
            line.push_str(property);
        }
    }
}

/// One member of a header, and whether all of it; none if it makes no sense.
fn add(member: &str, stored: &mut Stored) -> Option<bool> {
    let (pair, properties) = member.split_once(';').unwrap_or((member, ""));
    let (key, value) = pair.split_once('=')?;
    let (key, value, properties) = (trim(key), trim(value), trim(properties));
    let is_readable = is_printable(member) && !value.contains(['"', '\\']);
    if !is_readable || !is_token(key) || stored.len() == MAX_BAGGAGE_MEMBERS {
        return None;
    }
    let is_whole = properties.is_empty() || is_properties(properties);
    let metadata = BaggageMetadata::from(if is_whole { properties } else { "" });
    let value = decoded(value).into_owned();
    stored.insert_with_metadata(key.to_owned(), value, metadata);
    stored.get(key).map(|_| is_whole)
}

fn is_token(key: &str) -> bool {
    let is_right = |byte: u8| byte.is_ascii_graphic() && !b"(),/:;<=>?@[\\]{}\"".contains(&byte);
    !key.is_empty() && key.bytes().all(is_right)
}

/// Whether there are any that can be passed on as they are.
fn is_properties(text: &str) -> bool {
    !text.is_empty() && is_printable(text) && !text.contains([',', '"', '\\'])
}

fn encode(value: &str, line: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' => {
                line.push(char::from(byte));
            }
            _ => {
                line.push('%');
                line.push(char::from(DIGITS[usize::from(byte >> 4)]));
                line.push(char::from(DIGITS[usize::from(byte & 0xf)]));
            }
        }
    }
}

/// What is no code stays as it is, and what is no UTF-8 becomes U+FFFD, as the W3C has it.
fn decoded(value: &str) -> Cow<'_, str> {
    if !value.contains('%') {
        return Cow::Borrowed(value);
    }
    let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16).map(|digit| digit as u8);
    let bytes = value.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(&byte) = bytes.get(at) {
        match (byte, digit(bytes.get(at + 1)), digit(bytes.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                out.push(high << 4 | low);
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&out).into_owned())
}

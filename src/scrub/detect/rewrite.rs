//! A text without what was found in it.

use super::super::cut;
use super::super::kind::{Kind, Sensitive};
use super::{Finding, ip};
use std::borrow::Cow;

/// Replaces what was found, then cuts; borrowed where nothing changes.
///
/// What lies behind the first `max_chars` characters of the text is left out whatever is replaced before,
/// since it was looked at only for what begins before. A placeholder is never cut: it is there or not.
pub(in super::super) fn rewrite<'t>(
    text: &'t str,
    findings: &[Finding],
    max_chars: usize,
    name: impl Fn(Kind) -> &'static str,
) -> Cow<'t, str> {
    let kept = cut(text, max_chars);
    let Some(first) = findings.first().filter(|first| first.start < kept.len()) else {
        return Cow::Borrowed(without_joiner(kept, text.len()));
    };
    let mut out = String::with_capacity(kept.len() + 32);
    let mut room = max_chars;
    let mut at = 0;
    let mut finding = Some(first);
    let mut rest = findings[1..].iter();
    loop {
        let end = finding.map_or(kept.len(), |finding| finding.start);
        let piece = text.get(at..end.max(at)).unwrap_or_default();
        let fitting = cut(piece, room);
        out.push_str(fitting);
        if fitting.len() < piece.len() {
            break;
        }
        let Some(replaced) = finding else { break };
        room -= fitting.chars().count();
        let before = out.len();
        placeholder(text, replaced, &name, &mut out);
        let chars = out[before..].chars().count();
        if chars > room {
            out.truncate(before);
            break;
        }
        room -= chars;
        at = replaced.end;
        finding = rest.next().filter(|next| next.start < kept.len());
    }
    let whole = if kept.len() < text.len() || room == 0 { usize::MAX } else { out.len() };
    let length = without_joiner(&out, whole).len();
    out.truncate(length);
    Cow::Owned(out)
}

fn placeholder(
    text: &str,
    finding: &Finding,
    name: impl Fn(Kind) -> &'static str,
    out: &mut String,
) {
    let found = text.get(finding.start..finding.end).unwrap_or_default();
    if finding.kind == Kind::BuiltIn(Sensitive::Ip)
        && let Some(network) = ip::masked(found)
    {
        return out.push_str(&network);
    }
    out.push_str("[REDACTED:");
    out.push_str(name(finding.kind));
    out.push(']');
}

/// A cut leaves nothing at the end that would have joined what is gone to what is there.
fn without_joiner(text: &str, whole: usize) -> &str {
    match text.len() < whole {
        true => text.trim_end_matches(['\u{200D}', '\u{FE0E}', '\u{FE0F}']),
        false => text,
    }
}

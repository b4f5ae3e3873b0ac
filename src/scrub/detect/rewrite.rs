//! A text without what was found in it.

use super::super::cut;
use super::super::kind::{Kind, Sensitive};
use super::{Finding, ip};
use std::borrow::Cow;

/// No placeholder is longer, in bytes: names of detectors have at most 40.
const MAX_PLACEHOLDER: usize = 64;

/// So often what was encoded is looked at again.
const MAX_TIMES: usize = 4;

/// Replaces what was found, and in a text that was encoded also what shows once that is replaced: what was
/// judged as it reads decoded may have hidden in what was judged as it stands.
pub(in super::super) fn replace<'t>(
    text: &'t str,
    findings: &[Finding],
    max_chars: usize,
    find: impl Fn(&str) -> Vec<Finding>,
    name: impl Fn(Kind) -> &'static str,
) -> Cow<'t, str> {
    let mut replaced = rewrite(text, findings, max_chars, &name);
    if findings.is_empty() || !text.contains('%') {
        return replaced;
    }
    for _ in 0..MAX_TIMES {
        let more = find(&replaced);
        if more.is_empty() {
            break;
        }
        replaced = Cow::Owned(rewrite(&replaced, &more, max_chars, &name).into_owned());
    }
    replaced
}

/// Replaces what was found, then cuts; borrowed where nothing changes.
///
/// What lies behind the first `max_chars` characters of the text is left out whatever is replaced before,
/// since it was looked at only for what begins before. A placeholder is never cut: it is there or not.
fn rewrite<'t>(
    text: &'t str,
    findings: &[Finding],
    max_chars: usize,
    name: impl Fn(Kind) -> &'static str,
) -> Cow<'t, str> {
    let kept = cut(text, max_chars);
    let behind = findings.iter().position(|finding| finding.start >= kept.len());
    let findings = &findings[..behind.unwrap_or(findings.len())];
    if findings.is_empty() {
        return Cow::Borrowed(match kept.len() < text.len() {
            true => shortened(kept, max_chars),
            false => text,
        });
    }
    let mut out = String::with_capacity(kept.len() + MAX_PLACEHOLDER);
    // Characters are counted only where they could be too many.
    let most = findings.len().saturating_mul(MAX_PLACEHOLDER).saturating_add(text.len());
    let mut chars = 0;
    let mut at = 0;
    for finding in findings {
        let from = out.len();
        out.push_str(text.get(at..finding.start).unwrap_or_default());
        let before = out.len();
        let found = text.get(finding.start..finding.end).unwrap_or_default();
        placeholder(found, finding.kind, &name, &mut out);
        at = finding.end;
        if most > max_chars {
            chars += out[from..].chars().count();
            if chars > max_chars {
                out.truncate(before);
                return Cow::Owned(shortened(&out, max_chars).to_owned());
            }
        }
    }
    out.push_str(text.get(at..kept.len()).unwrap_or_default());
    match kept.len() < text.len() || out.len() > max_chars {
        true => Cow::Owned(shortened(&out, max_chars).to_owned()),
        false => Cow::Owned(out),
    }
}

/// A cut leaves nothing at the end that would have joined what is gone to what is there.
fn shortened(text: &str, max_chars: usize) -> &str {
    cut(text, max_chars).trim_end_matches(['\u{200D}', '\u{FE0E}', '\u{FE0F}'])
}

/// What stands in the place of what was found.
pub(super) fn placeholder(
    found: &str,
    kind: Kind,
    name: impl Fn(Kind) -> &'static str,
    out: &mut String,
) {
    if kind == Kind::BuiltIn(Sensitive::Ip)
        && let Some(network) = ip::masked(found)
    {
        return out.push_str(&network);
    }
    out.push_str("[REDACTED:");
    out.push_str(name(kind));
    out.push(']');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(text: &str, found: &[(usize, usize)], max_chars: usize) -> String {
        let finding = |&(start, end): &(usize, usize)| Finding {
            start,
            end,
            kind: Kind::BuiltIn(Sensitive::Token),
        };
        let findings: Vec<_> = found.iter().map(finding).collect();
        rewrite(text, &findings, max_chars, |_| "token").into_owned()
    }

    #[test]
    fn what_is_found_is_replaced_and_the_rest_stays() {
        assert_eq!(rewritten("a secret b", &[(2, 8)], 100), "a [REDACTED:token] b");
        assert_eq!(rewritten("secret", &[(0, 6)], 100), "[REDACTED:token]");
        assert_eq!(
            rewritten("one two", &[(0, 3), (4, 7)], 100),
            "[REDACTED:token] [REDACTED:token]"
        );
        let clean = rewrite("clean", &[], 100, |_| "token");
        assert!(matches!(clean, Cow::Borrowed("clean")));
    }

    #[test]
    fn a_cut_keeps_placeholders_whole_and_drops_what_lies_behind() {
        let text = "ab secret cd";
        assert_eq!(rewritten(text, &[(3, 9)], 12), "ab ");
        assert_eq!(rewritten(text, &[(3, 9)], 2), "ab");
        // The first 19 characters have room for it, and nothing behind the cut comes back.
        let long = format!("ab {} cd", "s".repeat(40));
        assert_eq!(rewritten(&long, &[(3, 43)], 19), "ab [REDACTED:token]");
        assert_eq!(rewritten(&long, &[(3, 43)], 45), "ab [REDACTED:token] c");
        let wide = "\u{e9}".repeat(30);
        assert_eq!(
            rewritten(&wide, &[(0, 2)], 20),
            format!("[REDACTED:token]{}", "\u{e9}".repeat(4))
        );
    }

    #[test]
    fn a_cut_leaves_no_joiner() {
        assert_eq!(rewritten("a\u{1f469}\u{200d}\u{1f4bb}", &[], 3), "a\u{1f469}");
        assert_eq!(rewritten("a\u{2764}\u{fe0f}b", &[], 3), "a\u{2764}");
        assert_eq!(rewritten("a\u{2764}\u{fe0f}", &[], 3), "a\u{2764}\u{fe0f}");
    }
}

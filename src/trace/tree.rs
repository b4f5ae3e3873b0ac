//! A trace as people draw it: spans under their parents, with what they took.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write;
use std::time::{Duration, SystemTime};

/// As much of a finished span as a drawing needs.
#[derive(Debug, Clone)]
pub(crate) struct FinishedSpan {
    pub(crate) trace_id: u128,
    pub(crate) span_id: u64,
    /// 0 for a root.
    pub(crate) parent_id: u64,
    pub(crate) name: Cow<'static, str>,
    pub(crate) start: SystemTime,
    pub(crate) end: SystemTime,
    pub(crate) failed: bool,
}

/// A span with those that it is the parent of, by their starts.
#[derive(Debug, Clone)]
pub(crate) struct Branch<'a> {
    pub(crate) span: &'a FinishedSpan,
    pub(crate) children: Vec<Branch<'a>>,
}

/// The roots of all traces among these spans, by their starts. A span whose parent is not among them
/// counts as a root.
pub(crate) fn grow(spans: &[FinishedSpan]) -> Vec<Branch<'_>> {
    let mut sorted: Vec<&FinishedSpan> = spans.iter().collect();
    sorted.sort_by_key(|span| span.start);
    let known: HashMap<(u128, u64), &FinishedSpan> =
        spans.iter().map(|span| ((span.trace_id, span.span_id), span)).collect();
    let mut children: HashMap<(u128, u64), Vec<&FinishedSpan>> = HashMap::new();
    let mut roots = Vec::new();
    for span in sorted {
        let parent = (span.trace_id, span.parent_id);
        match known.contains_key(&parent) && span.parent_id != span.span_id {
            true => children.entry(parent).or_default().push(span),
            false => roots.push(span),
        }
    }
    roots.into_iter().map(|root| branch(root, &mut children)).collect()
}

/// Takes each span's children out, so that spans which are each other's parents can't go on forever.
fn branch<'a>(
    span: &'a FinishedSpan,
    children: &mut HashMap<(u128, u64), Vec<&'a FinishedSpan>>,
) -> Branch<'a> {
    let own = children.remove(&(span.trace_id, span.span_id)).unwrap_or_default();
    Branch { span, children: own.into_iter().map(|child| branch(child, children)).collect() }
}

/// One line a span, its duration at the end.
pub(crate) fn draw(roots: &[Branch<'_>]) -> String {
    let mut lines = Vec::new();
    roots.iter().for_each(|root| line(root, String::new(), "", &mut lines));
    let width = lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, span) in lines {
        let took = span.end.duration_since(span.start).unwrap_or_default();
        let failed = if span.failed { "  error" } else { "" };
        let _ = writeln!(text, "{name:<width$}  {:>9}{failed}", milliseconds(took));
    }
    text
}

fn line<'a>(
    Branch { span, children }: &Branch<'a>,
    before: String,
    below: &str,
    lines: &mut Vec<(String, &'a FinishedSpan)>,
) {
    lines.push((format!("{before}{}", span.name), span));
    for (n, child) in children.iter().enumerate() {
        let (joint, under) = match n + 1 == children.len() {
            true => ("└── ", "    "),
            false => ("├── ", "│   "),
        };
        line(child, format!("{below}{joint}"), &format!("{below}{under}"), lines);
    }
}

fn milliseconds(took: Duration) -> String {
    format!("{:.2} ms", took.as_secs_f64() * 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(span_id: u64, parent_id: u64, name: &'static str, start: u64) -> FinishedSpan {
        let start = SystemTime::UNIX_EPOCH + Duration::from_millis(start);
        FinishedSpan {
            trace_id: 1,
            span_id,
            parent_id,
            name: name.into(),
            start,
            end: start + Duration::from_millis(5),
            failed: name == "storage.put",
        }
    }

    #[test]
    fn children_stand_under_their_parents_in_the_order_of_their_starts() {
        let spans = [
            span(4, 2, "model.infer", 3),
            span(3, 1, "INSERT documents", 9),
            span(2, 1, "POST /classify", 2),
            span(1, 0, "POST /documents/upload", 0),
            span(5, 1, "storage.put", 1),
            span(6, 77, "elsewhere", 20),
        ];
        let expected = "\
            POST /documents/upload    5.00 ms\n\
            ├── storage.put           5.00 ms  error\n\
            ├── POST /classify        5.00 ms\n\
            │   └── model.infer       5.00 ms\n\
            └── INSERT documents      5.00 ms\n\
            elsewhere                 5.00 ms\n";
        let drawn = draw(&grow(&spans));
        let squeezed = |text: &str| {
            let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
            text.lines().map(words).collect::<Vec<_>>()
        };
        assert_eq!(squeezed(&drawn), squeezed(expected), "{drawn}");
        assert!(drawn.contains("│   └── model.infer"), "{drawn}");
    }

    #[test]
    fn spans_that_are_each_other_s_parents_do_not_go_on_forever() {
        let drawn = draw(&grow(&[span(1, 2, "a", 0), span(2, 1, "b", 1), span(3, 3, "c", 2)]));
        assert!(drawn.starts_with('c'), "{drawn}");
    }
}

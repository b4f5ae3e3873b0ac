//! Traces as indented text, for an assertion that shows what is wrong.

use super::Span;
use std::collections::BTreeSet;

/// One line a span, children indented by two spaces below their parent and siblings by their start;
/// the attributes named in `keys` follow the name, then what is remarkable:
///
/// ```text
/// POST /users status=201
///   insert table=users [error: the disk is full]
/// ```
///
/// A span whose parent is not among `spans` is marked `[parent elsewhere]`. Traces come one after
/// the other, by the start of their first span.
pub fn tree(spans: &[Span], keys: &[&str]) -> String {
    let mut sorted: Vec<&Span> = spans.iter().collect();
    sorted.sort_by(|a, b| (a.start, &a.name, &a.id).cmp(&(b.start, &b.name, &b.id)));
    let ids: BTreeSet<_> = sorted.iter().map(|span| (&span.trace_id, &span.id)).collect();
    let has_parent = |span: &Span| {
        span.parent.as_ref().is_some_and(|parent| ids.contains(&(&span.trace_id, parent)))
    };
    let mut traces: Vec<&str> = Vec::new();
    for span in &sorted {
        if !traces.contains(&span.trace_id.as_str()) {
            traces.push(&span.trace_id);
        }
    }
    let mut text = String::new();
    for trace in traces {
        for root in sorted.iter().filter(|it| it.trace_id == trace && !has_parent(it)) {
            write_branch(&mut text, &sorted, root, 0, keys);
        }
    }
    text
}

fn write_branch(text: &mut String, spans: &[&Span], span: &Span, depth: usize, keys: &[&str]) {
    text.push_str(&"  ".repeat(depth));
    text.push_str(&span.name);
    for key in keys {
        if let Some(value) = span.attribute(key) {
            text.push_str(&format!(" {key}={value}"));
        }
    }
    if depth == 0 && span.parent.is_some() {
        text.push_str(" [parent elsewhere]");
    }
    match (span.is_error(), span.status_message.as_str()) {
        (false, _) => {}
        (true, "") => text.push_str(" [error]"),
        (true, message) => text.push_str(&format!(" [error: {message}]")),
    }
    text.push('\n');
    for child in spans {
        if child.trace_id == span.trace_id && child.parent.as_ref() == Some(&span.id) {
            write_branch(text, spans, child, depth + 1, keys);
        }
    }
}

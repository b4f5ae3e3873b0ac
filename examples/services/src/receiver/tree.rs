//! Traces as trees of text.

use super::Span;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;

/// A trace is not deeper, or it is none.
const MAX_DEPTH: usize = 64;

/// One line a span, `service: name`, below the one that it is a part of and in the order of their
/// starts; `details` adds to a line. A span whose parent did not arrive stands by itself, and says so.
///
/// # Examples
///
/// ```
/// use lightship_services::receiver::{Span, tree};
///
/// let (service, trace_id) = ("shop".to_owned(), "1".repeat(32));
/// let root = Span { service, trace_id, id: "a".into(), name: "checkout".into(), ..Span::default() };
/// let child = Span { id: "b".into(), parent: Some("a".into()), name: "pay".into(), ..root.clone() };
/// let text = tree(&[child, root], |span| format!(" ({})", span.id));
/// assert_eq!(text, "shop: checkout (a)\n└── shop: pay (b)\n");
/// ```
pub fn tree(spans: &[Span], details: impl Fn(&Span) -> String) -> String {
    let mut sorted: Vec<&Span> = spans.iter().collect();
    sorted.sort_by_key(|span| (span.start, span.end, &span.id));
    let here: BTreeSet<_> = sorted.iter().map(|span| (&span.trace_id, &span.id)).collect();
    let mut children: HashMap<_, Vec<&Span>> = HashMap::new();
    let mut roots = Vec::new();
    for span in &sorted {
        match span.parent.as_ref().filter(|parent| here.contains(&(&span.trace_id, *parent))) {
            Some(parent) => children.entry((&span.trace_id, parent)).or_default().push(span),
            None => roots.push(*span),
        }
    }
    let mut branches = Branches { children, details, text: String::new(), written: 0 };
    for root in roots {
        branches.line("", root);
        branches.below("", root, 1);
    }
    let left = spans.len() - branches.written;
    if left > 0 {
        let _ = writeln!(branches.text, "[{left} spans that no root leads to]");
    }
    branches.text
}

struct Branches<'a, D> {
    children: HashMap<(&'a String, &'a String), Vec<&'a Span>>,
    details: D,
    text: String,
    written: usize,
}

impl<'a, D: Fn(&Span) -> String> Branches<'a, D> {
    fn line(&mut self, before: &str, span: &Span) {
        let elsewhere = if before.is_empty() && span.parent.is_some() {
            " [its parent did not arrive]"
        } else {
            ""
        };
        let details = (self.details)(span);
        // Text can always be written to.
        let _ = writeln!(self.text, "{before}{}: {}{details}{elsewhere}", span.service, span.name);
        self.written += 1;
    }

    /// Takes each family once, so that an id that comes twice leads nowhere twice.
    fn below(&mut self, before: &str, span: &'a Span, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let children = self.children.remove(&(&span.trace_id, &span.id)).unwrap_or_default();
        let last = children.len().saturating_sub(1);
        for (number, child) in children.into_iter().enumerate() {
            let (branch, trunk) =
                if number == last { ("└── ", "    ") } else { ("├── ", "│   ") };
            self.line(&format!("{before}{branch}"), child);
            self.below(&format!("{before}{trunk}"), child, depth + 1);
        }
    }
}

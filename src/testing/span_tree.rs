//! A trace as a tree, to compare with one that a test writes down.

use crate::trace::CapturedSpan;
use crate::trace::tree::{Branch, FinishedSpan, grow};
use std::fmt;

/// A span's name, and the spans under it in the order of their starts.
///
/// Written with [`span_tree!`](crate::span_tree); what a capture saw comes from
/// [`Captured::span_trees`](super::Captured::span_trees).
///
/// # Examples
///
/// ```
/// use lightship::testing::SpanTree;
///
/// let tree = SpanTree::new("upload", [SpanTree::new("storage.put", [])]);
/// assert_eq!(tree, lightship::span_tree! { "upload" { "storage.put" } });
/// assert_eq!(tree.to_string(), "upload\n└── storage.put\n");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SpanTree {
    name: String,
    children: Vec<SpanTree>,
}

impl SpanTree {
    /// A span of this name over these.
    pub fn new(name: impl Into<String>, children: impl IntoIterator<Item = SpanTree>) -> Self {
        SpanTree { name: name.into(), children: children.into_iter().collect() }
    }

    pub(super) fn of(spans: &[CapturedSpan]) -> Vec<SpanTree> {
        let places: Vec<FinishedSpan> = spans.iter().map(|span| span.place.clone()).collect();
        grow(&places).iter().map(Self::of_branch).collect()
    }

    fn of_branch(branch: &Branch<'_>) -> Self {
        let children = branch.children.iter().map(Self::of_branch).collect();
        SpanTree { name: branch.span.name.to_string(), children }
    }

    fn draw(&self, f: &mut fmt::Formatter<'_>, below: &str) -> fmt::Result {
        writeln!(f, "{}", self.name)?;
        for (n, child) in self.children.iter().enumerate() {
            let (joint, under) = match n + 1 == self.children.len() {
                true => ("└── ", "    "),
                false => ("├── ", "│   "),
            };
            write!(f, "{below}{joint}")?;
            child.draw(f, &format!("{below}{under}"))?;
        }
        Ok(())
    }
}

impl fmt::Display for SpanTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.draw(f, "")
    }
}

/// As drawn, which is how a failed assertion is read best.
impl fmt::Debug for SpanTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

/// Writes down the trace that a test expects, as a [`SpanTree`](crate::testing::SpanTree): a span's
/// name, and in braces those under it, in the order of their starts.
///
/// # Examples
///
/// ```
/// use lightship::{span_tree, testing};
/// use tracing::info_span;
///
/// let (_, seen) = testing::capture(|| {
///     let _upload = info_span!("POST /documents").entered();
///     info_span!("storage.put").in_scope(|| info_span!("connect").in_scope(|| {}));
///     info_span!("INSERT documents").in_scope(|| {});
/// });
/// assert_eq!(
///     seen.span_trees(),
///     [span_tree! {
///         "POST /documents" {
///             "storage.put" { "connect" }
///             "INSERT documents"
///         }
///     }]
/// );
/// ```
#[macro_export]
macro_rules! span_tree {
    ($name:literal $({ $($children:tt)* })?) => {
        $crate::testing::SpanTree::new($name, $crate::__span_trees!([] $($($children)*)?))
    };
}

/// Gathers the trees that stand one after the other.
#[doc(hidden)]
#[macro_export]
macro_rules! __span_trees {
    ([$($done:expr,)*]) => {
        ::std::vec![$($done,)*]
    };
    ([$($done:expr,)*] $name:literal { $($children:tt)* } $($rest:tt)*) => {
        $crate::__span_trees!([$($done,)* $crate::span_tree!($name { $($children)* }),] $($rest)*)
    };
    ([$($done:expr,)*] $name:literal $($rest:tt)*) => {
        $crate::__span_trees!([$($done,)* $crate::span_tree!($name),] $($rest)*)
    };
}

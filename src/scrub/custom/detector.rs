//! A detector as a user writes it.

use super::Unjudged;
use super::prefixed::Prefixed;
use super::watched::Watched;
use crate::status::Notices;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A detector of your own: finds in a text what must not leave the process. What it finds is replaced by
/// `[REDACTED:name]` on spans, in logs and in texts; a metric's tag that has it is `redacted`.
///
/// It comes before the built-in ones: where the two find something at the same place, its name counts. A
/// value that it could not judge, because it panicked or took longer than a tenth of a second, is replaced
/// whole, by `[REDACTED:unjudged]`, and counted.
///
/// # Examples
///
/// ```
/// use lightship::{Detector, Redaction};
///
/// let redactor = Redaction::default()
///     .detector(Detector::prefixed("acme_key", "acme_", 16))
///     .detector(Detector::new("staff_number", |text| {
///         let ends = |at: usize| (at + 12).min(text.len());
///         text.match_indices("STAFF-").map(|(at, _)| at..ends(at)).collect()
///     }))
///     .build()?;
/// assert_eq!(redactor.text("seen by STAFF-004711"), "seen by [REDACTED:staff_number]");
/// assert_eq!(redactor.text("with acme_0123456789abcdef"), "with [REDACTED:acme_key]");
/// assert_eq!(redactor.text("the acme_service"), "the acme_service");
/// # Ok::<(), lightship::Error>(())
/// ```
#[derive(Clone)]
pub struct Detector {
    pub(in crate::scrub) name: &'static str,
    /// Or why it can't be used.
    finder: Result<Finder, String>,
}

#[derive(Clone)]
enum Finder {
    Prefixed(Prefixed),
    #[cfg(feature = "regex")]
    Pattern(regex::Regex),
    Watched(Arc<Watched>),
}

impl Detector {
    /// A function that says where in a text something is, as ranges of bytes. A range that ends inside of
    /// a character, or beyond the text, is widened or cut to fit.
    ///
    /// It runs on a thread of its own, so that it may hang, panic or take its time without harm to who
    /// records: each value costs two changes of threads, some ten microseconds. What it records or logs
    /// itself is not seen.
    pub fn new<F>(name: &'static str, find: F) -> Self
    where
        F: Fn(&str) -> Vec<Range<usize>> + Send + Sync + 'static,
    {
        Detector { name, finder: Ok(Finder::Watched(Arc::new(Watched::new(Box::new(find))))) }
    }

    /// Tokens that begin with `prefix`, where a word begins, and go on for at least `min_chars`
    /// characters of `A-Z`, `a-z`, `0-9`, `_` and `-`. Costs a search for the prefix.
    pub fn prefixed(name: &'static str, prefix: &'static str, min_chars: usize) -> Self {
        Detector { name, finder: Prefixed::new(prefix, min_chars).map(Finder::Prefixed) }
    }

    /// All matches of a regular expression, in the syntax of the crate `regex`, whose time is linear in
    /// the text's length. One that is wrong, or larger than 1 MiB when compiled, is a problem of the
    /// configuration.
    ///
    /// # Examples
    ///
    /// ```
    /// use lightship::{Detector, Redaction};
    ///
    /// let plates = Detector::pattern("number_plate", r"\b[A-Z]{1,3}-[A-Z]{2} \d{1,4}\b");
    /// let redactor = Redaction::default().detector(plates).build()?;
    /// assert_eq!(redactor.text("parked: HH-LS 42"), "parked: [REDACTED:number_plate]");
    /// # Ok::<(), lightship::Error>(())
    /// ```
    #[cfg(feature = "regex")]
    pub fn pattern(name: &'static str, pattern: &str) -> Self {
        let compiled = regex::RegexBuilder::new(pattern).size_limit(1 << 20).build();
        let finder = compiled.map(Finder::Pattern).map_err(|error| error.to_string());
        Detector { name, finder }
    }

    /// Why it can't be used, if it can't.
    pub(in crate::scrub) fn problem(&self) -> Option<&str> {
        self.finder.as_ref().err().map(String::as_str)
    }

    /// Where something is; any ranges.
    pub(super) fn find(&self, text: &str) -> Result<Vec<Range<usize>>, Unjudged> {
        match &self.finder {
            Ok(Finder::Prefixed(prefixed)) => Ok(prefixed.find(text)),
            #[cfg(feature = "regex")]
            Ok(Finder::Pattern(pattern)) => {
                Ok(pattern.find_iter(text).map(|found| found.range()).collect())
            }
            Ok(Finder::Watched(watched)) => watched.find(text),
            Err(_) => Ok(Vec::new()),
        }
    }

    /// Says there when it starts to hang, once.
    pub(super) fn warn_with(&self, notices: &Notices) {
        if let Ok(Finder::Watched(watched)) = &self.finder {
            watched.warn_with(self.name, notices.clone());
        }
    }
}

impl fmt::Debug for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Detector").field("name", &self.name).finish_non_exhaustive()
    }
}

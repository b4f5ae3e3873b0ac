//! Detectors that the user brings.

use super::detect::Finding;
use super::kind::Kind;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

type Find = dyn Fn(&str) -> Vec<Range<usize>> + Send + Sync;

/// A detector of your own: finds, in a text, what must not leave the process.
///
/// # Examples
///
/// ```
/// use lightship::{Detector, Redaction};
///
/// let staff = Detector::new("staff_number", |text| {
///     text.match_indices("STAFF-").map(|(at, _)| at..(at + 12).min(text.len())).collect()
/// });
/// let redactor = Redaction::default().detector(staff).build()?;
/// assert_eq!(redactor.text("seen by STAFF-004711"), "seen by [REDACTED:staff_number]");
/// # Ok::<(), lightship::Error>(())
/// ```
#[derive(Clone)]
pub struct Detector {
    pub(super) name: &'static str,
    find: Arc<Find>,
}

impl Detector {
    /// A detector with a name for what it finds: 1 to 40 characters `a-z`, `0-9` and `_`.
    pub fn new<F>(name: &'static str, find: F) -> Self
    where
        F: Fn(&str) -> Vec<Range<usize>> + Send + Sync + 'static,
    {
        Detector { name, find: Arc::new(find) }
    }
}

impl fmt::Debug for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Detector").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A detector panicked or hung: nobody knows what the text has.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unjudged;

/// All detectors of the user.
#[derive(Debug)]
pub(super) struct Custom {
    detectors: Vec<Detector>,
    names: Vec<&'static str>,
}

impl Custom {
    pub(super) fn new(detectors: &[Detector]) -> Self {
        let names = detectors.iter().map(|detector| detector.name).collect();
        Custom { detectors: detectors.to_vec(), names }
    }

    pub(super) fn names(&self) -> &[&'static str] {
        &self.names
    }

    pub(super) fn name(&self, at: u8) -> &'static str {
        self.names.get(usize::from(at)).copied().unwrap_or("custom")
    }

    /// Adds what the user's detectors find; those of ours that it overlaps go. Sorted as before.
    pub(super) fn add(&self, text: &str, findings: &mut Vec<Finding>) -> Result<(), Unjudged> {
        for (at, detector) in (0_u8..).zip(&self.detectors) {
            for found in (detector.find)(text) {
                let Range { start, end } = found;
                if start < end && text.get(start..end).is_some() {
                    findings.retain(|other| other.end <= start || end <= other.start);
                    findings.push(Finding { start, end, kind: Kind::Custom(at) });
                }
            }
        }
        findings.sort_by_key(|finding| finding.start);
        Ok(())
    }
}

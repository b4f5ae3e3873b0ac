//! Everybody's scores on the same corpus, beside each other.

use crate::corpus::{self, Scores, Tally};
use crate::peers::Side;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

pub(crate) struct Comparison {
    cases: usize,
    sides: Vec<(&'static str, Scores)>,
}

impl Comparison {
    /// Of the corpus that comes with the crate, if there are no files.
    pub(crate) fn of(sides: &[Side], files: &[PathBuf]) -> Self {
        let files = if files.is_empty() { corpus::files() } else { files.to_vec() };
        let cases = corpus::load(&files);
        let score = |side: &Side| {
            let scores = Scores::of(&cases, |case| side.scrub(&case.key, &case.text).into_owned());
            (side.name, scores)
        };
        Comparison { cases: cases.len(), sides: sides.iter().map(score).collect() }
    }

    fn line(
        &self,
        f: &mut fmt::Formatter<'_>,
        name: &str,
        rate: impl Fn(&Scores) -> Option<f64>,
    ) -> fmt::Result {
        write!(f, "{name:<28}")?;
        for (_, scores) in &self.sides {
            match rate(scores) {
                Some(rate) => write!(f, " {rate:>10.3}")?,
                None => write!(f, " {:>10}", "-")?,
            }
        }
        writeln!(f)
    }

    fn part(
        &self,
        f: &mut fmt::Formatter<'_>,
        tallies: impl Fn(&Scores) -> &BTreeMap<String, Tally>,
    ) -> fmt::Result {
        let Some((_, first)) = self.sides.first() else { return Ok(()) };
        for (name, tally) in tallies(first) {
            let label = format!("  {name} ({})", tally.cases);
            self.line(f, &label, |scores| tallies(scores).get(name).map(|tally| tally.rate()))?;
        }
        Ok(())
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<28}", format!("scores of {} texts", self.cases))?;
        self.sides.iter().try_for_each(|(name, _)| write!(f, " {name:>10}"))?;
        writeln!(f)?;
        self.line(f, "recall", |scores| Some(scores.recall()))?;
        self.line(f, "look-alikes unchanged", |scores| Some(scores.unchanged()))?;
        self.line(f, "F1", |scores| Some(scores.f1()))?;
        self.line(f, "context kept", |scores| Some(scores.context.rate()))?;
        writeln!(f, "recall by category:")?;
        self.part(f, |scores| &scores.positives)?;
        writeln!(f, "unchanged by category:")?;
        self.part(f, |scores| &scores.negatives)?;
        let Some((name, ours)) = self.sides.first() else { return Ok(()) };
        writeln!(f, "misses of {name}: {}", ours.misses.len())?;
        for (case, output) in &ours.misses {
            writeln!(f, "  {}: [{}] {:?} -> {output:?}", case.category, case.key, case.text)?;
        }
        Ok(())
    }
}

//! The labelled strings of `tests/scrub_corpus`, and how somebody's scrubbing of them is scored. The
//! benchmarks score peers with the same file.
//!
//! A line is a JSON object: `text`; `key`, which is empty for a body; `category`; `secrets`, which must not
//! survive; `must_keep`, which must. A text without secrets has to come back as it went in. Every value is
//! invented: nobody's address, account, card or token.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// One labelled string.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) text: String,
    pub(crate) key: String,
    pub(crate) category: String,
    pub(crate) secrets: Vec<String>,
    pub(crate) must_keep: Vec<String>,
}

impl Case {
    /// One line; `None` if a field is missing or of another type.
    fn read(line: &str) -> Option<Case> {
        let line: Value = serde_json::from_str(line).ok()?;
        let text = |name: &str| line.get(name)?.as_str().map(str::to_owned);
        let texts = |name: &str| -> Option<Vec<String>> {
            line.get(name)?
                .as_array()?
                .iter()
                .map(|part| part.as_str().map(str::to_owned))
                .collect()
        };
        Some(Case {
            text: text("text")?,
            key: text("key")?,
            category: text("category")?,
            secrets: texts("secrets")?,
            must_keep: texts("must_keep")?,
        })
    }

    pub(crate) fn is_positive(&self) -> bool {
        !self.secrets.is_empty()
    }

    /// Whether nothing of what must go is left; or, where nothing has to go, whether nothing is missing.
    pub(crate) fn is_right(&self, output: &str) -> bool {
        match self.is_positive() {
            true => !self.secrets.iter().any(|secret| output.contains(secret)),
            false => output == self.text,
        }
    }

    fn keeps_its_context(&self, output: &str) -> bool {
        self.must_keep.iter().all(|part| output.contains(part))
    }
}

/// The files of the corpus that comes with the crate.
pub(crate) fn files() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // The benchmarks are a package one folder below.
    let folder = [root.join("tests/scrub_corpus"), root.join("../tests/scrub_corpus")];
    let folder =
        folder.iter().find(|folder| folder.is_dir()).expect("the corpus is in the repository");
    let entries = fs::read_dir(folder).expect("the corpus can be listed");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("the corpus can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    files.sort();
    files
}

pub(crate) fn load(files: &[PathBuf]) -> Vec<Case> {
    let mut cases = Vec::new();
    for file in files {
        let name = file.display();
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{name}: {error}"));
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
            let case = Case::read(line).unwrap_or_else(|| panic!("{name}:{}: no case", at + 1));
            cases.push(case);
        }
    }
    cases
}

/// How many there were, and how many came out right.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) cases: usize,
    pub(crate) right: usize,
}

impl Tally {
    fn add(&mut self, is_right: bool) {
        self.cases += 1;
        self.right += usize::from(is_right);
    }

    /// Of none, all are right.
    pub(crate) fn rate(self) -> f64 {
        if self.cases == 0 { 1.0 } else { self.right as f64 / self.cases as f64 }
    }
}

/// What somebody made of a corpus.
#[derive(Debug, Default)]
pub(crate) struct Scores {
    pub(crate) positives: BTreeMap<String, Tally>,
    pub(crate) negatives: BTreeMap<String, Tally>,
    /// Of the positives, how many keep what is around the secret.
    pub(crate) context: Tally,
    /// The case, and what it became.
    pub(crate) misses: Vec<(Case, String)>,
}

impl Scores {
    pub(crate) fn of<'c>(
        cases: impl IntoIterator<Item = &'c Case>,
        mut scrub: impl FnMut(&Case) -> String,
    ) -> Self {
        let mut scores = Scores::default();
        for case in cases {
            let output = scrub(case);
            let is_right = case.is_right(&output);
            let categories = match case.is_positive() {
                true => &mut scores.positives,
                false => &mut scores.negatives,
            };
            categories.entry(case.category.clone()).or_default().add(is_right);
            if case.is_positive() {
                scores.context.add(case.keeps_its_context(&output));
            }
            if !is_right {
                scores.misses.push((case.clone(), output));
            }
        }
        scores
    }

    /// Of the texts with secrets, how many lost all of them.
    pub(crate) fn recall(&self) -> f64 {
        sum(&self.positives).rate()
    }

    /// Of the texts without, how many came back as they were.
    pub(crate) fn unchanged(&self) -> f64 {
        sum(&self.negatives).rate()
    }

    pub(crate) fn f1(&self) -> f64 {
        let (positives, negatives) = (sum(&self.positives), sum(&self.negatives));
        let found = positives.right as f64;
        let false_alarms = (negatives.cases - negatives.right) as f64;
        let missed = (positives.cases - positives.right) as f64;
        2.0 * found / (2.0 * found + false_alarms + missed).max(1.0)
    }

    /// Categories of some size, by their names, positive ones first.
    pub(crate) fn categories(&self) -> impl Iterator<Item = (&str, Tally)> {
        self.positives.iter().chain(&self.negatives).map(|(name, tally)| (name.as_str(), *tally))
    }
}

fn sum(tallies: &BTreeMap<String, Tally>) -> Tally {
    tallies.values().fold(Tally::default(), |sum, tally| Tally {
        cases: sum.cases + tally.cases,
        right: sum.right + tally.right,
    })
}

impl fmt::Display for Scores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, tally) in self.categories() {
            writeln!(f, "{name:<24} {:>3}/{:<3} {:.3}", tally.right, tally.cases, tally.rate())?;
        }
        for (case, output) in &self.misses {
            let Case { category, key, text, secrets, .. } = case;
            writeln!(f, "MISS {category}: [{key}] {text:?} -> {output:?}, secrets {secrets:?}")?;
        }
        let (recall, unchanged, context) = (self.recall(), self.unchanged(), self.context.rate());
        let f1 = self.f1();
        writeln!(
            f,
            "recall {recall:.3}, unchanged {unchanged:.3}, F1 {f1:.3}, context kept {context:.3}"
        )
    }
}

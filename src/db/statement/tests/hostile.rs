//! Statements that nobody should write.

use super::super::text::MAX_TEXT_CHARS;
use super::{DIALECTS, Dialect, MAX_SUMMARY_CHARS, parse};
use proptest::prelude::*;
use std::time::{Duration, Instant};

/// Pieces that open something, and others.
const PIECES: &[&str] = &[
    "'", "''", "\"", "`", "[", "]", "\\", "\\'", "$", "$$", "$a$", "--", "--\r", "#", "/*", "*/",
    "/*!", "(", ")", ",", ";", ".", "?", "?1", ":", "::", ":a", "@", "@@", "E'", "q'", "q'[", "N'",
    "x'", "\n", "\r", "\0", " ", "1", "1e", "1e+", ".5", "0x", "é", "\u{2028}", "🦀", "a",
    "SELECT", "FROM", "INSERT", "INTO", "JOIN", "WITH", "AS", "UPDATE", "SET", "CREATE", "TABLE",
    "IN", "IN (", "t", "MERGE", "USING",
];

fn within_bounds(statement: &str) {
    for dialect in DIALECTS {
        let parsed = parse(statement, dialect);
        assert_eq!(parsed, parse(statement, dialect));
        assert!(parsed.text.chars().count() <= MAX_TEXT_CHARS);
        let summary = parsed.summary.unwrap_or_default();
        assert!(summary.chars().count() <= MAX_SUMMARY_CHARS);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_mixture_is_read_within_bounds(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        within_bounds(&pieces.concat());
    }

    #[test]
    fn any_text_is_read_within_bounds(text in "\\PC{0,200}|(?s).{0,200}") {
        within_bounds(&text);
    }
}

/// The quickest of some tries: a machine may be busy once, but not each time.
fn time_of(statement: &str, dialect: Dialect) -> Duration {
    let time = |_| {
        let started = Instant::now();
        drop(parse(statement, dialect));
        started.elapsed()
    };
    (0..5).map(time).find(|time| *time < PLENTY).unwrap_or(PLENTY)
}

/// A hundred times what it takes without optimization; a loop within the loop takes four times as long.
const PLENTY: Duration = Duration::from_secs(4);

#[test]
fn a_megabyte_of_anything_is_read_in_no_time() {
    let frames =
        [("", ""), ("SELECT * FROM t WHERE a = ", " 'x"), ("INSERT INTO t VALUES ('", "')")];
    for (n, piece) in PIECES.iter().enumerate() {
        let (before, after) = frames[n % frames.len()];
        let statement = format!("{before}{}{after}", piece.repeat(1_000_000 / piece.len()));
        for dialect in DIALECTS {
            assert!(time_of(&statement, dialect) < PLENTY, "{dialect:?}: {piece}");
        }
    }
}

#[test]
fn a_long_statement_is_cut_and_says_so() {
    let columns: Vec<String> = (0..2_000).map(|n| format!("column{n}")).collect();
    let parsed = parse(&format!("SELECT {} FROM t", columns.join(", ")), super::Dialect::Sqlite);
    assert!(parsed.text.ends_with('…') && parsed.text.len() > 4_000, "{}", parsed.text.len());
    assert_eq!(parsed.summary.as_deref(), Some("SELECT t"));
}

//! Nothing of a literal is ever shown.

use super::super::Dialect;
use super::{DIALECTS, parse};
use proptest::prelude::*;

/// What stands in every planted literal, in letters and in digits.
const SECRET: &str = "hunter";
const DIGITS: &str = "8675309";

/// How a dialect writes a text with this content.
fn literals(dialect: Dialect, content: &str) -> Vec<String> {
    let doubled = content.replace('\'', "''");
    let mut literals = vec![format!("'{doubled}'"), format!("N'{doubled}'")];
    match dialect {
        Dialect::Postgresql => {
            let escaped = content.replace('\\', "\\\\").replace('\'', "\\'");
            literals.push(format!("E'{escaped}'"));
            literals.push(format!("e'x'\n  '{escaped}'"));
            literals.push(format!("$${}$$", content.replace('$', "")));
            literals.push(format!("$tag${}$tag$", content.replace("$tag$", "")));
        }
        Dialect::Mysql => {
            let escaped = content.replace('\\', "\\\\").replace('\'', "\\'").replace('"', "\\\"");
            literals =
                vec![format!("'{escaped}'"), format!("\"{escaped}\""), format!("_utf8'{escaped}'")];
            let plain = content.replace('\\', "");
            literals.push(format!("'{}'", plain.replace('\'', "''")));
            literals.push(format!("\"{}\"", plain.replace('"', "\"\"")));
        }
        Dialect::Sqlite => literals.push(format!("\"{}\"", content.replace('"', "\"\""))),
        Dialect::Oracle => literals.push(format!("q'[{}]'", content.replace(']', ""))),
        Dialect::SqlServer => {}
        Dialect::Unknown => {
            literals.push(format!("\"{}\"", content.replace('"', "\"\"")));
            literals.push(format!("$${}$$", content.replace('$', "")));
        }
    }
    literals
}

/// Where values stand.
const FRAMES: &[&str] = &[
    "SELECT a, {} FROM documents WHERE b = {} AND c IN ({}, {}, {}) OR d LIKE {}",
    "INSERT INTO documents (a, b) VALUES ({}, {}), ({}, {}) ON CONFLICT (a) DO UPDATE SET b = {}",
    "UPDATE documents SET a = {}, b = f({}) WHERE c BETWEEN {} AND {} -- {}\n AND d = {}",
    "DELETE FROM documents WHERE a = {} /* {} */ AND b={}",
    "WITH x AS (SELECT {} FROM t) SELECT * FROM x JOIN y ON y.a = {} LIMIT {}",
    "{} {}",
    "SELECT a FROM {}, {} JOIN {}",
    "CALL f({}, {}); SELECT {}",
];

fn numbers() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        DIGITS,
        "1.8675309",
        "0x8675309",
        "8675309e-5",
        ".8675309",
        "8675309abc",
    ])
    .prop_map(str::to_owned)
}

fn fill(frame: &str, literals: &[String]) -> String {
    let mut literals = literals.iter().cycle();
    let mut parts = frame.split("{}");
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // In a comment quotes mean nothing, and may not end it.
        filled.push_str(literals.next().map_or("0", String::as_str));
        filled.push_str(part);
    }
    filled
}

/// What people and attackers put into texts.
fn contents() -> impl Strategy<Value = String> {
    let noise = prop::sample::select(vec![
        "", "'", "''", "\"", "`", "\\", "\\\\", "--", "-- ", "/*", "#", ";", "(", ")", "?", "$",
        "$1", ":a", "é", "🦀", "\n", " FROM ", " SELECT ", "[", ",", ".", " ", "E", "%",
    ]);
    prop::collection::vec(noise, 0..6).prop_map(|parts| {
        let (before, after) = parts.split_at(parts.len() / 2);
        format!("{}{SECRET}{}{SECRET}", before.concat(), after.concat())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn a_planted_literal_shows_nowhere(
        dialect in prop::sample::select(DIALECTS.to_vec()),
        frame in prop::sample::select(FRAMES),
        contents in prop::collection::vec((contents(), any::<prop::sample::Index>()), 1..5),
        number in numbers(),
    ) {
        let mut planted: Vec<String> = contents
            .iter()
            .map(|(content, which)| which.get(&literals(dialect, content)).clone())
            .collect();
        planted.push(number);
        // A comment ends where its line or its star does, whatever was meant.
        let is_comment = frame.contains("--") || frame.contains("/*");
        if is_comment {
            planted.retain(|literal| !literal.contains('\n') && !literal.contains("/*"));
        }
        // Where a table must stand SQLite takes what is quoted for its name.
        if frame.contains("FROM {}") {
            planted.retain(|literal| !literal.contains('"'));
        }
        let statement = fill(frame, &planted);
        let parsed = parse(&statement, dialect);
        let summary = parsed.summary.unwrap_or_default();
        for shown in [&parsed.text, &summary] {
            let hidden = !shown.contains(SECRET) && !shown.contains(DIGITS);
            prop_assert!(hidden, "{:?}: {} -> {}", dialect, statement, shown);
        }
    }
}

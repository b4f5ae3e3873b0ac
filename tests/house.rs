//! The order of the house: who may know whom, how long a file may get, what the docs promise.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// From the ground up: a module may use those before it, and those beside it never.
const FLOORS: &[&[&str]] = &[
    &["error", "status", "tag", "filter", "quiet", "other_process", "money"],
    &["scrub"],
    &["resource"],
    &["config"],
    &["metrics"],
    &["trace"],
    &["logs"],
    &["otlp", "dogstatsd", "prometheus", "admin"],
    &["subscriber"],
    &["propagation"],
    &["context"],
    &["workflow"],
    &["db", "function", "http", "llm"],
    &["telemetry"],
    &["init"],
    &["testing", "limits", "__private"],
];
/// A file that is longer than this wants to be two.
const MAX_LINES: usize = 450;

fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src"), root.join("macros/src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            match path.extension().is_some_and(|extension| extension == "rs") {
                true => found.push((path.clone(), fs::read_to_string(&path).unwrap())),
                false if path.is_dir() => folders.push(path),
                false => {}
            }
        }
    }
    found
}

/// The module of a file in `src`: `dogstatsd` for `src/dogstatsd/line.rs`.
fn module(path: &Path) -> Option<String> {
    let inside = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).ok()?;
    let first = inside.components().next()?.as_os_str().to_str()?;
    Some(first.trim_end_matches(".rs").to_owned())
}

#[test]
fn modules_use_only_what_lies_below_them() {
    let floors: BTreeMap<&str, usize> = FLOORS
        .iter()
        .enumerate()
        .flat_map(|(floor, modules)| modules.iter().map(move |module| (*module, floor)))
        .collect();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        // Tests may look across the house.
        if path.components().any(|part| part.as_os_str() == "tests") || path.ends_with("tests.rs") {
            continue;
        }
        let Some(user) = module(&path).filter(|module| module != "lib") else { continue };
        let floor = *floors.get(user.as_str()).unwrap_or_else(|| panic!("{user} has no floor"));
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        // What a macro names as `$crate::` it names in the user's crate.
        let code = code.map(|line| line.replace("$crate::", ""));
        for used in code
            .flat_map(|line| line.split("crate::").skip(1).map(str::to_owned).collect::<Vec<_>>())
        {
            let used: String =
                used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let allowed =
                used == user || floors.get(used.as_str()).is_none_or(|&below| below < floor);
            if !allowed {
                wrong.push(format!("{}: {user} uses {used}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_stay_livable() {
    let long: Vec<_> = sources()
        .into_iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > MAX_LINES)
        .collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn nothing_is_left_unfinished() {
    for (path, text) in sources() {
        for word in ["todo!(", "unimplemented!(", "dbg!(", "FIXME"] {
            assert!(!text.contains(word), "{} has {word}", path.display());
        }
    }
}

#[test]
fn the_readme_shows_the_quickstart_and_the_two_commands() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    for command in ["cargo run --example quickstart", "scripts/test"] {
        assert!(readme.contains(command), "README.md does not name `{command}`");
    }
    let example = readme.split("```rust").nth(1).unwrap().split("```").next().unwrap();
    assert!(example.trim().lines().count() <= 15, "the first example is too long");
}

/// What other crates' types a user of this crate meets; each binds us to that crate's version.
#[test]
fn few_types_of_other_crates_are_public() {
    let mut foreign = Vec::new();
    for (path, text) in sources() {
        // Elsewhere `metrics` is our own module.
        let in_metrics = module(&path).as_deref() == Some("metrics");
        for line in text.lines().filter_map(|line| line.trim().strip_prefix("pub use ")) {
            let is_foreign = match line.split("::").next().unwrap_or_default() {
                "metrics" => in_metrics,
                first => ["cadence", "quanta", "httparse", "tokio"].contains(&first),
            };
            if is_foreign {
                foreign.push(line.to_owned());
            }
        }
    }
    assert_eq!(foreign, ["metrics::Unit;"]);
}

/// The types are private to where they are made; this is about who may call what makes them.
#[test]
fn series_have_no_other_tags_than_scrubbed_ones() {
    for (path, text) in sources() {
        let is_test = path.components().any(|part| part.as_os_str() == "tests");
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for (what, home) in
            [("ScrubbedTags(", "src/scrub/tags.rs"), ("Candidates(", "src/scrub/tags.rs")]
        {
            let made = code.match_indices(what).any(|(at, _)| {
                let before = code[..at].rsplit('\n').next().unwrap().trim_end();
                !before.ends_with("struct") && !code[..at].ends_with(char::is_alphanumeric)
            });
            assert!(!made || is_test || path.ends_with(home), "{} makes {what}", path.display());
        }
    }
}

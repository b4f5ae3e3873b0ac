//! What the compiler says of the files in `tests/ui`: to the letter, by the one compiler that the
//! letters are of.
//!
//! They are compiled against the crate as it was built for this test. What came out instead is left
//! beside the build, to be looked at and copied.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The compiler whose messages are written down.
const TOOLCHAIN: &str = "1.95.";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui")
}

/// Whether there is the right compiler. If not, that is said past libtest, which would keep it.
fn is_there(program: &str, version: &str, test: &str) -> bool {
    let output = Command::new(program).arg("--version").output();
    let found = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let why = match found {
        Ok(found) if found.contains(version) => return true,
        Ok(found) => format!("the messages are those of {program} {version}*, not {found}"),
        Err(error) => format!("{program} can't be run: {error}"),
    };
    let line = format!("SKIPPED TEST: macros::ui::{test}: {}\n", why.trim());
    std::io::stderr().write_all(line.as_bytes()).unwrap();
    false
}

/// The newest build of the crate, which is that of this test or one of the same sources.
fn library(folder: &Path) -> PathBuf {
    let is_library = |path: &PathBuf| {
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        name.starts_with("liblightship-") && name.ends_with(".rlib")
    };
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let age = |path: &PathBuf| fs::metadata(path).and_then(|data| data.modified()).unwrap();
    files.filter(is_library).max_by_key(age).unwrap()
}

/// What `program` says of a file, and whether it compiles.
fn compile(program: &str, name: &str) -> (bool, String) {
    let built = std::env::current_exe().unwrap();
    let built = built.parent().unwrap();
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ui");
    fs::create_dir_all(&out).unwrap();
    let output = Command::new(program)
        .args(["--edition=2024", "--crate-type=bin", "--emit=metadata", "--error-format=human"])
        .arg("--color=never")
        .arg(format!("--extern=lightship={}", library(built).display()))
        .arg(format!("-Ldependency={}", built.display()))
        .arg("--out-dir")
        .arg(&out)
        .arg(folder().join(name).with_extension("rs"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

/// What is the same on every machine, and with every version of what we depend on: what the compiler
/// says of these files, and not what it shows of others.
fn normalised(said: &str) -> String {
    let said = said.replace(&format!("{}/", env!("CARGO_MANIFEST_DIR")), "");
    let (mut kept, mut elsewhere) = (String::new(), false);
    for line in said.lines() {
        let text = line.trim_start();
        let number: String = text.chars().take_while(char::is_ascii_digit).collect();
        let rest = text[number.len()..].trim();
        let is_place = rest.starts_with("-->") || rest.starts_with(":::");
        let in_margin = is_place || !number.is_empty() || rest.starts_with(['|', '=']);
        let is_shown = rest.starts_with('|') || !in_margin && (rest == "..." || line != text);
        elsewhere = match is_place {
            true => !rest.contains("tests/ui/"),
            false => elsewhere && is_shown,
        };
        // Which those are changes with every version.
        elsewhere |= rest.contains("other types implement trait");
        if elsewhere || rest.contains("full name for the type") {
            continue;
        }
        // The width of the margin is that of the largest number.
        match in_margin {
            true => kept.push_str(format!("{number:>4} {rest}").trim_end()),
            false => kept.push_str(line.trim_end()),
        }
        kept.push('\n');
    }
    kept
}

fn check(name: &str, compiles: bool) {
    if !is_there("rustc", TOOLCHAIN, name) {
        return;
    }
    let (compiled, said) = compile("rustc", name);
    let said = normalised(&said);
    let path = folder().join(name).with_extension("stderr");
    if fs::read_to_string(&path).unwrap_or_default() != said {
        let actual = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name).with_extension("stderr");
        fs::write(&actual, &said).unwrap();
        panic!("differs from {}, see {}:\n{said}", path.display(), actual.display());
    }
    assert_eq!(compiled, compiles, "{said}");
}

#[test]
fn mistakes_in_options_are_told_where_they_are() {
    check("options", false);
}

#[test]
fn what_cannot_be_observed_is_refused() {
    check("items", false);
}

#[test]
fn types_are_told_as_ever() {
    check("types", false);
}

#[test]
fn lints_are_those_of_the_function() {
    check("lints", true);
}

#[test]
fn nothing_that_is_added_is_linted() {
    if !is_there("clippy-driver", "0.1.95", "nothing_that_is_added_is_linted") {
        return;
    }
    let (compiled, said) = compile("clippy-driver", "clean");
    assert!(compiled && said.is_empty(), "{said}");
}

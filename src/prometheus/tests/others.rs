//! Readers of another make, where they are installed.

use super::hostile::pages;
use crate::prometheus::Format;
use std::io::Write;
use std::process::{Command, Stdio};

/// Reads pages that end in a NUL each; says which one it refuses.
const PYTHON: &str = "
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as text
parse = open_metrics if sys.argv[1] == 'OpenMetrics' else text
for page in sys.stdin.buffer.read().decode().split('\\0')[:-1]:
    try:
        samples = [sample for family in parse(page) for sample in family.samples]
        assert any(sample.name == 'lightship_pipeline_up' for sample in samples)
    except Exception as error:
        sys.exit(f'{error!r}\\n{page}')
";

/// The program that `variable` names; without it the test says that it is skipped.
fn program(variable: &str) -> Option<Command> {
    #[allow(clippy::disallowed_methods, reason = "this is the tests' environment, not the crate's")]
    let path = std::env::var_os(variable).filter(|path| !path.is_empty());
    if path.is_none() {
        let test = std::thread::current().name().unwrap_or("unnamed").to_owned();
        let line = format!("SKIPPED TEST: lightship::{test}: {variable} is not set\n");
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
    path.map(Command::new)
}

/// Runs the program over the input; its exit status and what it complained about.
fn run(command: &mut Command, input: &str) -> (Option<i32>, String) {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        // One that stops reading says why on its standard error.
        scope.spawn(move || stdin.write_all(input.as_bytes()));
        child.wait_with_output().unwrap()
    });
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn prometheus_client_reads_hostile_pages() {
    let Some(python) = program("LIGHTSHIP_TEST_PYTHON") else { return };
    let path = python.get_program().to_owned();
    for format in [Format::Text, Format::OpenMetrics] {
        let mut command = Command::new(&path);
        command.args(["-I", "-c", PYTHON, &format!("{format:?}")]);
        let input: String = pages(format, 150).into_iter().map(|page| page + "\0").collect();
        let (status, complaints) = run(&mut command, &input);
        assert_eq!(status, Some(0), "{complaints}");
    }
}

#[test]
fn promtool_reads_hostile_pages() {
    let Some(promtool) = program("LIGHTSHIP_TEST_PROMTOOL") else { return };
    let path = promtool.get_program().to_owned();
    for page in pages(Format::Text, 40) {
        let (status, complaints) = run(Command::new(&path).args(["check", "metrics"]), &page);
        // 3 finds fault with the style of names that are hostile; 1 can't read them.
        assert!(matches!(status, Some(0 | 3)), "{complaints}\n{page}");
    }
}

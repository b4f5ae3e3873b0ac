//! Tests that need a process of their own: another test starts them there, alone.

use std::process::Command;

const VARIABLE: &str = "LIGHTSHIP_OTHER_PROCESS";

/// This test binary again, with one of its tests, by its whole path.
pub(crate) fn of(test: &str) -> Command {
    let program = std::env::current_exe().unwrap_or_default();
    let mut command = Command::new(program);
    command.args(["--exact", "--nocapture", "--test-threads=1", test]).env(VARIABLE, test);
    command
}

/// The same by way of a shell, which may redirect it.
pub(crate) fn of_by_shell(test: &str, redirection: &str) -> Command {
    let inner = of(test);
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("\"$0\" \"$@\" {redirection}"));
    shell.arg(inner.get_program()).args(inner.get_args()).env(VARIABLE, test);
    shell
}

/// Whether this is such a process; anywhere else the test has nothing to do.
#[expect(clippy::disallowed_methods, reason = "it is the tests' own")]
pub(crate) fn is_here() -> bool {
    std::env::var_os(VARIABLE).is_some()
}

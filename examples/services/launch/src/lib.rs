//! Hands over to the package `lightship-services`, which has a web framework and a database among its
//! dependencies. Were it a default member of the workspace itself, then so would everybody who tries
//! `cargo run --example quickstart`: cargo builds a dependency with what all default members ask of it.

use std::path::Path;
use std::process::{Command, ExitCode};

/// Builds the services and becomes what `what` names, with this program's arguments.
pub fn run(what: &str) -> ExitCode {
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("Cargo.toml");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["run", "--quiet", "--manifest-path"]).arg(package);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    cargo.args(["--", what]).args(std::env::args_os().skip(1));
    println!("Building and starting {what}; the first time takes a few minutes ...");
    become_it(cargo)
}

/// With its process id too, so that who stops this stops that.
#[cfg(unix)]
fn become_it(mut command: Command) -> ExitCode {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    eprintln!("cargo does not start: {error}");
    ExitCode::FAILURE
}

#[cfg(not(unix))]
fn become_it(mut command: Command) -> ExitCode {
    match command.status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("cargo does not start: {error}");
            ExitCode::FAILURE
        }
    }
}

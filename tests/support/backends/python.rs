//! The reference implementations that live in Python.

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

use super::promtool::{complaints, pipe_through};

/// The strict OpenMetrics parser of `prometheus_client`.
#[derive(Debug, Clone)]
pub struct OpenMetrics(PathBuf);

impl OpenMetrics {
    pub fn find() -> Option<Self> {
        super::program("LIGHTSHIP_TEST_PYTHON").map(Self)
    }

    /// The families of `text` with their samples, in order; see `openmetrics.py` for the shape.
    pub fn parse(&self, text: &str) -> Result<Value, String> {
        let mut python = Command::new(&self.0);
        let output = pipe_through(python.args(["-I", "-c", include_str!("openmetrics.py")]), text);
        if !output.status.success() {
            return Err(complaints(&output));
        }
        serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
    }
}

/// Runs `script` where `import datadog` gives Datadog's own client, the reference for what a
/// DogStatsD sender writes. `arguments` are its `sys.argv[1:]`.
pub fn python_datadog(script: &str, arguments: &[&str]) -> Option<Output> {
    let mut python = Command::new(super::program("LIGHTSHIP_TEST_PYTHON")?);
    // The client takes tags and addresses from `DD_*` variables.
    #[allow(clippy::disallowed_methods, reason = "this is the tests' environment, not the crate's")]
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("DD_") {
            python.env_remove(name);
        }
    }
    let output = python.args(["-I", "-c", script]).args(arguments).output();
    Some(output.unwrap_or_else(|error| panic!("starting {python:?}: {error}")))
}

//! The whole way from builder and variables to settings; no test reads the process's environment.

mod logs;
mod otlp;
mod precedence;
mod problems;
mod propagation;
mod property;
mod rows;
mod secrets;
mod spans;
mod tls;
mod warnings;

use super::*;
use crate::config::{
    DogStatsd, Explanation, Logs, Otlp, Prometheus, Protocol, Sampler, Spans, Temporality,
};

/// A build with everything in it, on a machine without an agent's socket.
const PLAIN: Surroundings = Surroundings {
    exists: |_| false,
    stdout_is_terminal: false,
    has_otlp: true,
    has_grpc: true,
    has_dogstatsd: true,
    has_prometheus: true,
};

fn environment(variables: &[(&str, &str)]) -> Environment {
    variables.iter().copied().collect()
}

fn resolved(builder: &Builder, variables: &[(&str, &str)]) -> Resolved {
    resolve_in(builder, &environment(variables), &PLAIN).unwrap()
}

fn problems(builder: &Builder, variables: &[(&str, &str)]) -> Vec<String> {
    let error = resolve_in(builder, &environment(variables), &PLAIN).unwrap_err();
    error.problems().iter().map(ToString::to_string).collect()
}

fn plain() -> Builder {
    Builder::new("api")
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// A setting's effective value and its source, as the explanation has them.
fn effective(explanation: &Explanation, setting: &str) -> Option<(String, String)> {
    let found = explanation.get(setting)?;
    Some((found.value().to_owned(), found.source().to_string()))
}

/// A file of this test alone, removed at its end.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new(name: &str, content: impl AsRef<[u8]>) -> Self {
        let name = format!("lightship-config-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, content).unwrap();
        Scratch(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

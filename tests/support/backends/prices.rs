//! The public tables of prices, and what the packages they come with say that calls cost.

use super::process::TempDir;
use super::promtool::{complaints, pipe_through};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

/// genai-prices and litellm.
#[derive(Debug, Clone)]
pub struct PriceTables(PathBuf);

/// Both tables as JSON, and what the packages answered.
#[derive(Debug)]
pub struct PriceAnswers {
    pub genai: Vec<u8>,
    pub litellm: Vec<u8>,
    /// For each case dollars by `genai` and by `litellm`, or null.
    pub answers: Vec<Value>,
}

impl PriceTables {
    pub fn find() -> Option<Self> {
        super::program("LIGHTSHIP_TEST_PRICES").map(Self)
    }

    /// See `prices.py` for the shape of a case.
    pub fn ask(&self, cases: &[Value]) -> PriceAnswers {
        let directory = TempDir::new("prices");
        let mut python = Command::new(&self.0);
        python.args(["-I", "-c", include_str!("prices.py")]).arg(directory.path());
        let cases: String = cases.iter().map(|case| format!("{case}\n")).collect();
        let output = pipe_through(&mut python, &cases);
        assert!(output.status.success(), "{}", complaints(&output));
        let parse = |line: &[u8]| {
            serde_json::from_slice(line).unwrap_or_else(|error| panic!("an answer: {error}"))
        };
        let lines = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let read = |name: &str| {
            let path = directory.path().join(name);
            std::fs::read(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"))
        };
        PriceAnswers {
            genai: read("genai.json"),
            litellm: read("litellm.json"),
            answers: lines.map(parse).collect(),
        }
    }
}

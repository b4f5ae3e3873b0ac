//! A workflow that makes reports with the help of a language model: what each section costs, a budget that
//! stops it, and a table at the end.
//!
//! `cargo run --example medical_report --features llm`. No model is asked, and no network: what one would
//! answer is made here, in the provider's own JSON.

use lightship::llm::{self, Api, Budget, BudgetExceeded, BudgetScope, Cost, OnExceed, Provider};
use lightship::{ErrorType, Telemetry, short, workflow};
use std::fmt;
use std::time::Duration;
use tracing::info_span;

const SECTIONS: [(&str, &str); 4] = [
    ("summary", "gpt-4o"),
    ("findings", "claude-sonnet-4-6"),
    ("references", "gpt-4o-mini"),
    ("recommendations", "in-house-7b"),
];
const REPORTS: usize = 6;

/// What stops a report.
#[derive(Debug)]
enum ReportError {
    Budget(BudgetExceeded),
}

impl ErrorType for ReportError {
    fn error_type(&self) -> &'static str {
        "budget_exceeded"
    }
}

impl fmt::Display for ReportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ReportError::Budget(exceeded) = self;
        exceeded.fmt(f)
    }
}

/// A section with what it cost, if anybody knows.
struct Section {
    name: &'static str,
    model: &'static str,
    tokens: u64,
    cost: Option<Cost>,
}

fn main() -> Result<(), lightship::Error> {
    let telemetry = lightship::init("report-service")?;
    // For all reports of this process; the next one after it is used up is denied.
    let budget = Budget::total(0.09).scope(BudgetScope::Workflow);
    llm::budget::set([budget.warn_at(0.8).on_exceed(OnExceed::Deny)]);

    println!("report session  sections     cost outcome");
    let mut sections = Vec::new();
    for number in 0..REPORTS {
        let session = format!("5f2b9c1e-77d0-{number:04}");
        let (outcome, made) = match report(number, &session, &mut sections) {
            Ok(made) => ("made".to_owned(), made),
            Err((error, made)) => (error.to_string(), made),
        };
        let cost: Cost =
            sections[sections.len() - made..].iter().filter_map(|part| part.cost).sum();
        println!(
            "{number:>6} {:<8} {made:>8} {:>8} {outcome}",
            short(&session),
            format!("{cost:.4}")
        );
    }
    show_sections(&sections);
    show_telemetry(&telemetry);
    print!("\n{}", telemetry.shutdown(Duration::from_secs(2)));
    Ok(())
}

/// One report. How many sections there are of it, also where it was stopped.
fn report(
    number: usize,
    session: &str,
    sections: &mut Vec<Section>,
) -> Result<usize, (ReportError, usize)> {
    let report = workflow::start("medical_report");
    lightship::detail("session.id", short(session));
    let biomarkers = fetch_biomarkers(number);
    report.items("biomarkers", biomarkers);
    for (made, (name, model)) in SECTIONS.into_iter().enumerate() {
        match write_section(name, model, biomarkers) {
            Ok(section) => sections.push(section),
            Err(error) => {
                report.sections(made as u64);
                report.fail(error.error_type());
                return Err((error, made));
            }
        }
    }
    report.sections(SECTIONS.len() as u64);
    report.succeed();
    Ok(SECTIONS.len())
}

fn fetch_biomarkers(number: usize) -> u64 {
    let _span = info_span!("fetch_biomarkers", db.system.name = "postgresql").entered();
    12 + number as u64
}

fn write_section(
    name: &'static str,
    model: &'static str,
    biomarkers: u64,
) -> Result<Section, ReportError> {
    let (provider, api) = match model {
        "claude-sonnet-4-6" => (Provider::Anthropic, Api::Anthropic),
        "in-house-7b" => (Provider::Other("in_house"), Api::OpenAiChat),
        _ => (Provider::OpenAi, Api::OpenAiChat),
    };
    let call = llm::call(provider, model).try_start().map_err(ReportError::Budget)?;
    let answer = call.in_scope(|| ask(api, model, biomarkers));
    let reading = api.read(answer.as_bytes());
    let tokens = reading.as_ref().ok().and_then(|reading| reading.usage.as_ref());
    let tokens = tokens.map_or(0, |usage| usage.input_tokens() + usage.output_tokens());
    let finished = call.finish(reading);
    Ok(Section { name, model, tokens, cost: finished.cost() })
}

/// What the model would answer, after a while.
fn ask(api: Api, model: &str, biomarkers: u64) -> String {
    std::thread::sleep(Duration::from_millis(5));
    let (input, output) = (900 + 60 * biomarkers, 350);
    match api {
        Api::Anthropic => format!(
            r#"{{"id": "msg_1", "model": "{model}", "stop_reason": "end_turn", "usage":
                {{"input_tokens": {}, "cache_read_input_tokens": 800, "output_tokens": {output}}}}}"#,
            input - 800
        ),
        _ => format!(
            r#"{{"id": "c1", "model": "{model}", "choices": [{{"finish_reason": "stop"}}], "usage":
                {{"prompt_tokens": {input}, "completion_tokens": {output}}}}}"#
        ),
    }
}

fn show_sections(sections: &[Section]) {
    println!("\nsection          model               made  tokens   cost, an estimate");
    for (name, model) in SECTIONS {
        let own: Vec<_> = sections.iter().filter(|section| section.name == name).collect();
        let tokens: u64 = own.iter().map(|section| section.tokens).sum();
        let cost: Option<Cost> = own.iter().map(|section| section.cost).sum();
        let shown = cost.map_or("unknown".to_owned(), |cost| cost.to_string());
        let model = own.first().map_or(model, |section| section.model);
        println!("{name:<16} {model:<18} {:>5} {tokens:>7}   {shown}", own.len());
    }
    for state in llm::budget::states() {
        let key = state.key.as_deref().unwrap_or("all");
        println!("\nbudget of {key}: {} of {} spent", state.spent, state.limit);
    }
}

fn show_telemetry(telemetry: &Telemetry) {
    println!("\n== What Prometheus scrapes (an excerpt) ==\n");
    let wanted = ["llm_cost_usd", "workflow_executions", "unpriced_calls", "llm_budget_spent"];
    for line in telemetry.prometheus_text().lines() {
        if !line.starts_with('#') && wanted.iter().any(|name| line.contains(name)) {
            println!("   {line}");
        }
    }
    println!("\n== The latest trace ==\n");
    println!("{}", telemetry.trace_text(1));
}

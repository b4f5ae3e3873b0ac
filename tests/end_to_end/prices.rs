//! What calls cost by our book, against what the packages say whose tables it reads. The numbers:
//! `scripts/test --test end_to_end prices -- --nocapture`.

use super::support::backends::{PriceAnswers, PriceTables};
use lightship::llm::{PriceBook, Provider, ServiceTier, Usage};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// In dollars; a pico-dollar is a thousandth of it.
const TOLERANCE: f64 = 1e-9;
/// Of calls that both packages agree on.
const MIN_COMPARED: usize = 200;
/// Noon of a Sunday.
const AT: u64 = 1_795_348_800;

/// Ours, theirs by either name, and models.
const MODELS: &[(Provider, &str, &str, &[&str])] = &[
    (
        Provider::OpenAi,
        "openai",
        "openai",
        &[
            "gpt-3.5-turbo",
            "gpt-4-turbo",
            "gpt-4o",
            "gpt-4o-2024-05-13",
            "gpt-4o-2024-08-06",
            "gpt-4o-mini",
            "gpt-4.1",
            "gpt-4.1-mini",
            "gpt-4.1-nano",
            "gpt-5",
            "gpt-5-2025-08-07",
            "gpt-5-mini",
            "gpt-5-nano",
            "gpt-5-pro",
            "gpt-5.1",
            "gpt-5.2",
            "gpt-5.4",
            "gpt-5.4-mini",
            "gpt-5.4-nano",
            "gpt-5.5",
            "gpt-6-sol",
            "gpt-6-luna",
            "gpt-6-astra",
            "gpt-6.1-sol",
            "o1",
            "o3",
            "o3-mini",
            "o3-pro",
            "o4-mini",
            "ft:gpt-4o-2024-08-06",
            "ft:gpt-4o-mini-2024-07-18",
            "gpt-0",
        ],
    ),
    (
        Provider::Anthropic,
        "anthropic",
        "anthropic",
        &[
            "claude-haiku-4-5",
            "claude-haiku-4-5-20251001",
            "claude-haiku-5-5",
            "claude-sonnet-4-5",
            "claude-sonnet-4-5-20250929",
            "claude-sonnet-4-6",
            "claude-sonnet-5",
            "claude-sonnet-5-5",
            "claude-opus-4-5",
            "claude-opus-4-6",
            "claude-opus-4-7",
            "claude-opus-4-8",
            "claude-opus-5",
            "claude-opus-5-5",
            "claude-fable-5",
            "claude-fable-5-1",
        ],
    ),
    (
        Provider::Gemini,
        "google",
        "gemini",
        &[
            "gemini-2.5-flash-lite",
            "gemini-2.5-flash",
            "gemini-2.5-pro",
            "gemini-3-flash-preview",
            "gemini-3.1-pro-preview",
            "gemini-3.1-flash-lite",
            "gemini-3.5-flash-lite",
            "gemini-3.6-flash",
            "gemini-4-argon",
        ],
    ),
    (
        Provider::Bedrock,
        "aws",
        "bedrock",
        &[
            "global.anthropic.claude-haiku-4-5-20251001-v1:0",
            "us.anthropic.claude-haiku-4-5-20251001-v1:0",
            "eu.anthropic.claude-haiku-4-5-20251001-v1:0",
            "global.anthropic.claude-sonnet-4-6",
            "us.anthropic.claude-sonnet-4-6",
            "eu.anthropic.claude-sonnet-4-6",
            "global.anthropic.claude-opus-4-6-v1",
            "us.anthropic.claude-opus-4-6-v1",
            "us.amazon.nova-micro-v1:0",
            "us.amazon.nova-lite-v1:0",
            "us.amazon.nova-pro-v1:0",
            "amazon.nova-pro-v1:0",
        ],
    ),
    (
        Provider::Mistral,
        "mistral",
        "mistral",
        &[
            "mistral-medium-latest",
            "mistral-small-latest",
            "ministral-8b-latest",
            "mistral-large-latest",
        ],
    ),
    (Provider::XAi, "x-ai", "xai", &["grok-4.5", "grok-4.6", "grok-4.7"]),
    (Provider::Groq, "groq", "groq", &["openai/gpt-oss-120b", "openai/gpt-oss-20b"]),
    (
        Provider::Cohere,
        "cohere",
        "cohere",
        &["command-a-03-2025", "command-r-08-2024", "command-r7b-12-2024"],
    ),
    (Provider::Moonshot, "moonshotai", "moonshot", &["kimi-k2.5"]),
];

/// Counts of a call, and the tier it was served in.
const CALLS: &[(&str, &[(&str, u64)])] = &[
    ("standard", &[("input", 1_000), ("output", 100)]),
    ("standard", &[("input", 0), ("output", 0)]),
    ("standard", &[("input", 1), ("output", 0)]),
    ("standard", &[("input", 12_345), ("output", 678), ("cache_read", 10_240), ("reasoning", 512)]),
    ("standard", &[("input", 199_999), ("output", 7)]),
    ("standard", &[("input", 200_000), ("output", 7)]),
    ("standard", &[("input", 200_001), ("output", 7), ("cache_read", 100_000)]),
    ("standard", &[("input", 272_000), ("output", 7), ("cache_read", 272_000)]),
    ("standard", &[("input", 272_001), ("output", 70_000), ("cache_read", 1)]),
    (
        "standard",
        &[("input", 50_000), ("output", 10), ("cache_write", 40_000), ("cache_write_1h", 30_000)],
    ),
    (
        "standard",
        &[("input", 250_000), ("output", 10), ("cache_write", 40_000), ("cache_read", 200_000)],
    ),
    ("standard", &[("input", 5_000), ("output", 10), ("input_audio", 4_000)]),
    ("batch", &[("input", 54_321), ("output", 1_234)]),
    ("flex", &[("input", 54_321), ("output", 1_234), ("cache_read", 50_000)]),
    ("priority", &[("input", 54_321), ("output", 1_234), ("cache_read", 50_000)]),
];

struct Case {
    provider: Provider,
    model: String,
    usage: Usage,
    at: SystemTime,
    asked: Value,
}

fn case(
    provider: Provider,
    names: [Option<&str>; 2],
    model: &str,
    call: (&str, &[(&str, u64)]),
    at: u64,
) -> Case {
    let (tier, counts) = call;
    let count =
        |name: &str| counts.iter().find(|(kind, _)| *kind == name).map_or(0, |(_, count)| *count);
    let long = count("cache_write_1h");
    let usage = Usage::new(count("input"), count("output"))
        .cache_read(count("cache_read"))
        .cache_write(count("cache_write") - long)
        .cache_write_1h(long)
        .input_audio(count("input_audio"))
        .reasoning(count("reasoning"))
        .web_searches(count("web_searches"))
        .tier(ServiceTier::named(tier).unwrap());
    let counts: Map<_, _> =
        counts.iter().map(|(kind, count)| ((*kind).to_owned(), json!(count))).collect();
    let asked = json!({
        "genai": names[0], "litellm": names[1], "model": model, "usage": counts, "tier": tier, "at": at,
    });
    Case {
        provider,
        model: model.to_owned(),
        usage,
        at: UNIX_EPOCH + Duration::from_secs(at),
        asked,
    }
}

fn ask(tables: &PriceTables, cases: &[Case]) -> PriceAnswers {
    let asked: Vec<_> = cases.iter().map(|case| case.asked.clone()).collect();
    let answers = tables.ask(&asked);
    assert_eq!(answers.answers.len(), cases.len());
    answers
}

/// By one table alone.
fn books(answers: &PriceAnswers) -> [PriceBook; 2] {
    let (genai, litellm) = (PriceBook::empty(), PriceBook::empty());
    genai.load_genai_prices_json(&answers.genai, SystemTime::now()).unwrap();
    litellm.load_litellm_json(&answers.litellm, SystemTime::now()).unwrap();
    [genai, litellm]
}

fn ours(book: &PriceBook, case: &Case) -> Option<f64> {
    book.price(case.provider, &case.model, &case.usage, case.at)
        .map(|estimate| estimate.cost().usd())
}

fn agree(one: f64, other: f64) -> bool {
    (one - other).abs() <= TOLERANCE
}

#[test]
fn costs_are_those_that_both_packages_agree_on() {
    let Some(tables) = PriceTables::find() else { return };
    let mut cases = Vec::new();
    for (provider, genai, litellm, models) in MODELS {
        for (model, call) in
            models.iter().flat_map(|model| CALLS.iter().map(move |call| (model, call)))
        {
            cases.push(case(*provider, [Some(genai), Some(litellm)], model, *call, AT));
        }
    }
    let answers = ask(&tables, &cases);
    let [genai, litellm] = books(&answers);
    let builtin = PriceBook::builtin();
    let (mut compared, mut by_builtin, mut disagreed, mut unknown) = (0, 0, 0, 0);
    let mut wrong = Vec::new();
    for (case, answer) in cases.iter().zip(&answers.answers) {
        let (Some(first), Some(second)) = (answer["genai"].as_f64(), answer["litellm"].as_f64())
        else {
            unknown += 1;
            continue;
        };
        if !agree(first, second) {
            disagreed += 1;
            continue;
        }
        compared += 1;
        let found = [&genai, &litellm].map(|book| ours(book, case));
        if !found.iter().all(|found| found.is_some_and(|found| agree(found, first))) {
            wrong.push(format!("{found:?}, not {first}: {}", case.asked));
        }
        if let Some(found) = ours(&builtin, case) {
            by_builtin += 1;
            if !agree(found, first) {
                wrong.push(format!("builtin {found}, not {first}: {}", case.asked));
            }
        }
    }
    println!(
        "prices: {compared} calls compared, {by_builtin} of them by the builtin table, too; the packages disagree on \
         {disagreed} more, and one knows nothing of {unknown}"
    );
    assert!(wrong.is_empty(), "{} of {compared}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(compared >= MIN_COMPARED && by_builtin >= MIN_COMPARED, "too few");
}

/// Whatever the other says: all entries of genai-prices, and dates and searches, which the other has not.
#[test]
fn the_whole_table_of_genai_prices_is_read_as_its_package_does() {
    let Some(tables) = PriceTables::find() else { return };
    let mut cases = Vec::new();
    let table: Value = serde_json::from_slice(&tables.ask(&[]).genai).unwrap();
    for vendor in table.as_array().unwrap() {
        let id = vendor["id"].as_str().unwrap();
        let provider = Provider::Other(String::leak(id.to_owned()));
        for model in vendor["models"].as_array().unwrap() {
            // Where only input has a price, there is no output but by mistake, and no cost of ours.
            let is_embedding = !model["prices"].to_string().contains("\"output_mtok\"");
            // Minutes, pages and letters are no tokens: there, too, we have no cost, and they one of nothing.
            if !model["prices"].to_string().contains("_mtok\"") {
                continue;
            }
            let model = model["id"].as_str().unwrap();
            for (call, at) in [
                (
                    ("standard", &[("input", 150_000), ("output", 0), ("cache_read", 140_000)][..]),
                    AT,
                ),
                (
                    (
                        "standard",
                        &[
                            ("input", 300_000),
                            ("output", 77),
                            ("cache_write", 9),
                            ("web_searches", 2),
                        ][..],
                    ),
                    AT,
                ),
                (("batch", &[("input", 54_321), ("output", 1_234)][..]), AT),
                (("priority", &[("input", 54_321), ("output", 1_234), ("cache_read", 5)][..]), AT),
                // Before some dates, and at night.
                (
                    ("standard", &[("input", 54_321), ("output", 1_234)][..]),
                    AT - 530 * 86_400 - 43_200,
                ),
            ] {
                let (tier, mut counts) = (call.0, call.1.to_vec());
                counts.retain(|(kind, _)| *kind != "output" || !is_embedding);
                cases.push(case(provider, [Some(id), None], model, (tier, &counts), at));
            }
        }
    }
    let answers = ask(&tables, &cases);
    let [genai, _] = books(&answers);
    let (mut compared, mut wrong) = (0, Vec::new());
    for (case, answer) in cases.iter().zip(&answers.answers) {
        let (wanted, found) = (answer["genai"].as_f64(), ours(&genai, case));
        compared += usize::from(wanted.is_some() && found.is_some());
        match (wanted, found) {
            (None, None) => {}
            (Some(wanted), Some(found)) if agree(wanted, found) => {}
            _ => wrong.push(format!("{found:?}, not {wanted:?}: {}", case.asked)),
        }
    }
    println!("prices: {compared} of {} calls have a cost by genai-prices", cases.len());
    wrong.truncate(40);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 5_000, "{compared}");
}

/// All chat models of providers with names of their own.
#[test]
fn the_table_of_litellm_is_read_as_its_package_does() {
    let Some(tables) = PriceTables::find() else { return };
    let mut cases = Vec::new();
    let table: BTreeMap<String, Value> = serde_json::from_slice(&tables.ask(&[]).litellm).unwrap();
    for (model, entry) in &table {
        let vendor = entry["litellm_provider"].as_str().unwrap_or_default();
        // Fireworks' prices of cached tokens are in litellm's code, and prices of requests are not in its sums.
        let is_apart = vendor == "fireworks_ai" || entry.get("input_cost_per_request").is_some();
        if entry["mode"] != "chat" || is_apart {
            continue;
        }
        let vendor = match vendor {
            "bedrock_converse" => "bedrock",
            vendor if vendor.starts_with("vertex_ai") => "vertex_ai",
            vendor => vendor,
        };
        let provider = Provider::named(String::leak(vendor.to_owned()));
        for call in [
            ("standard", &[("input", 150_000), ("output", 10), ("cache_read", 140_000)][..]),
            (
                "standard",
                &[("input", 300_000), ("output", 77), ("cache_write", 9), ("reasoning", 7)][..],
            ),
            ("flex", &[("input", 300_000), ("output", 1_234)][..]),
            ("priority", &[("input", 54_321), ("output", 1_234), ("cache_read", 5)][..]),
        ] {
            cases.push(case(provider, [None, Some(vendor)], model, call, AT));
        }
    }
    let answers = ask(&tables, &cases);
    let [_, litellm] = books(&answers);
    let (mut compared, mut wrong) = (0, Vec::new());
    for (case, answer) in cases.iter().zip(&answers.answers) {
        let (Some(wanted), Some(found)) = (answer["litellm"].as_f64(), ours(&litellm, case)) else {
            continue;
        };
        compared += 1;
        if !agree(wanted, found) {
            wrong.push(format!("{found}, not {wanted}: {}", case.asked));
        }
    }
    println!("prices: {compared} of {} calls have a cost by litellm", cases.len());
    wrong.truncate(40);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 5_000, "{compared}");
}

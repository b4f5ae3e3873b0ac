//! Files that are not taken.

use super::super::PriceError;
use super::{cost, now};
use crate::llm::{PriceBook, Provider, Usage};
use proptest::prelude::*;

fn shown(error: PriceError) -> String {
    error.to_string()
}

/// Files, and what is said of them.
const GENAI: &[(&str, &str)] = &[
    ("", "file: is empty"),
    (" \n", "file: is empty"),
    ("[]", "line 1: file: has no prices"),
    ("{}", "line 1: file: is no list"),
    ("[\n{\"id\": \"a\"}]", "line 2: [a]: has no `models`"),
    ("[{\"id\": \"a\", \"models\":\n {}}]", "line 2: [a].models: is no list"),
    (
        "[{\"id\": \"a\", \"models\": [\n{\"id\": \"b\", \"match\": {}, \"prices\": {}}]}]",
        "line 2: [a].models[b].match: is no clause: it has not one field",
    ),
    (
        "[{\"x\": \"]}\\\"\", \"id\": \"a\", \"models\": [{},\n\n{\"id\": \"b\"}]}]",
        "line 1: [a].models[0]: has no `id`",
    ),
    (
        "[{\"x\": [\"]}\\\"\", {}], \"id\": \"a\", \"models\": [\n{\"id\": \"b\", \"match\": {\"equals\": \"b\"},\n\"prices\": {\"input_mtok\":\n\"1\"}}]}]",
        "line 4: [a].models[b].prices.input_mtok: is no number",
    ),
    (
        "[{\"id\": \"a\", \"models\": [{\"id\": \"b\", \"match\": {\"like\": \"b\"}, \"prices\": {}}]}]",
        "line 1: [a].models[b].match: has a clause that is not known: `like`",
    ),
    (
        "[{\"id\": \"a\", \"models\": [{\"id\": \"b\", \"match\": {\"regex\": \"(\"}, \"prices\": {}}]}]",
        "line 1: [a].models[b].match.regex: is no expression that is known",
    ),
    (
        "[{\"id\": \"a\", \"models\": [{\"id\": \"b\", \"match\": {\"equals\": \"b\"}, \"prices\":\n[{\"constraint\":\n{\"start_date\": \"June\"}, \"prices\": {}}]}]}]",
        "line 3: [a].models[b].prices[0].constraint.start_date: is no date",
    ),
    (
        "[{\"id\": \"a\", \"models\": [{\"id\": \"b\", \"match\": {\"equals\": \"b\"}, \"prices\": {\"input_mtok\": {\"base\": 1, \"tiers\": [{\"start\": -1}]}}}]}]",
        "line 1: [a].models[b].prices.input_mtok.tiers[0].start: is no count",
    ),
    (
        "[{\"id\": \"a\", \"models\": [",
        "line 1: file: is not JSON: EOF while parsing a list at line 1 column 24",
    ),
];

const LITELLM: &[(&str, &str)] = &[
    ("{}", "line 1: file: has no prices"),
    ("[]", "line 1: file: is no object"),
    ("{\"a\": 1}", "line 1: a: is no object"),
    ("{\"m\": {\"litellm_provider\": \"x\", \"mode\": \"chat\"}}", "line 1: file: has no prices"),
    ("{\n\"m\": {\"litellm_provider\": 7}}", "line 2: m.litellm_provider: is no text"),
    (
        "{\"l\": {},\n \"m\": {\"litellm_provider\": \"x\",\n\"input_cost_per_token\": -1e-6}}",
        "line 3: m.input_cost_per_token: is negative",
    ),
    (
        "{\"m\": {\"litellm_provider\": \"x\", \"output_cost_per_token_batches\": 1e6}}",
        "line 1: m.output_cost_per_token_batches: is more than a price can be",
    ),
    (
        "{\"m\": {\"litellm_provider\": \"x\", \"input_cost_per_token_above_manyk_tokens\": 1e-6}}",
        "line 1: m.input_cost_per_token_above_manyk_tokens: is above no number",
    ),
    (
        "{\"m\": {\"litellm_provider\": \"x\", \"off_peak_pricing\": {\"hours_utc\": \"noon\"}}}",
        "line 1: m.off_peak_pricing.hours_utc: is no time of day",
    ),
];

#[test]
fn errors_name_line_and_field_and_nothing_is_replaced() {
    let book = PriceBook::empty();
    let good = r#"{"m": {"litellm_provider": "openai", "input_cost_per_token": 1e-6}}"#;
    book.load_litellm_json(good.as_bytes(), now()).unwrap();
    for (json, error) in GENAI {
        let found = book.load_genai_prices_json(json.as_bytes(), now()).unwrap_err();
        assert_eq!(shown(found), *error, "{json}");
    }
    for (json, error) in LITELLM {
        let found = book.load_litellm_json(json.as_bytes(), now()).unwrap_err();
        assert_eq!(shown(found), *error, "{json}");
    }
    let huge = vec![b' '; 33 * 1024 * 1024];
    let error = book.load_litellm_json(&huge, now()).unwrap_err();
    assert_eq!(shown(error), "file: is larger than 33554432 bytes");
    assert!(book.load_file("/nowhere/prices.json").is_err());
    // The last good one is still there.
    assert_eq!(cost(&book, Provider::OpenAi, "m", &Usage::new(1_000_000, 0)), "$1.00");
}

#[test]
fn files_of_both_kinds() {
    let path = std::env::temp_dir().join(format!("lightship-prices-{}.json", std::process::id()));
    let book = PriceBook::empty();
    let usage = Usage::new(1_000_000, 0);
    for (json, wanted) in [
        (r#" {"m": {"litellm_provider": "openai", "input_cost_per_token": 1e-6}}"#, "$1.00"),
        (
            r#"[{"id": "openai", "models": [{"id": "m", "match": {"equals": "m"}, "prices": {"input_mtok": 2}}]}]"#,
            "$2.00",
        ),
    ] {
        std::fs::write(&path, json).unwrap();
        book.load_file(&path).unwrap();
        assert_eq!(cost(&book, Provider::OpenAi, "m", &usage), wanted);
        assert_eq!(book.age_days(std::time::SystemTime::now()), Some(0));
    }
    std::fs::write(&path, "[").unwrap();
    assert!(book.load_file(&path).is_err());
    assert_eq!(cost(&book, Provider::OpenAi, "m", &usage), "$2.00");
    std::fs::remove_file(&path).unwrap();
}

fn crumbs() -> impl Strategy<Value = String> {
    let crumbs = vec![
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "1",
        "-1",
        "\"id\"",
        "\"a\"",
        "\"models\"",
        "\"match\"",
        "\"equals\"",
        "\"regex\"",
        "\"prices\"",
        "\"input_mtok\"",
        "\"litellm_provider\"",
        "\"input_cost_per_token\"",
        "null",
        "\"tiered_pricing\"",
        "\"off_peak_pricing\"",
        "\n",
        "\"\\\"\"",
    ];
    proptest::collection::vec(proptest::sample::select(crumbs), 0..40).prop_map(|all| all.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics(text in crumbs(), cut in 0..800_usize, noise in any::<u8>()) {
        let book = PriceBook::empty();
        let _ = book.load_genai_prices_json(text.as_bytes(), now());
        let _ = book.load_litellm_json(text.as_bytes(), now());
        let mut bent = br#"[{"id": "openai", "provider_match": {"contains": "open"}, "models": [{"id": "m",
            "match": {"or": [{"equals": "m"}, {"regex": "^m-\\d+$"}]}, "prices": [{"constraint": {"start_date":
            "2025-06-10"}, "prices": {"input_mtok": {"base": 1.5, "tiers": [{"start": 200000, "price": 3}]}}}],
            "price_variants": [{"when": {"processing": "batch"}, "prices": {"input_mtok": 1}}]}]}]"#.to_vec();
        let at = cut % bent.len();
        bent[at] = noise;
        let _ = book.load_genai_prices_json(&bent, now());
        let mut bent = br#"{"m": {"litellm_provider": "openai", "input_cost_per_token_above_200k_tokens_flex": 1e-6,
            "tiered_pricing": [{"range": [0, 1000.0], "input_cost_per_token": 1e-6}], "off_peak_pricing":
            {"windows": [{"hours_utc": ["00:00-01:00"], "weekdays": [1, 7]}], "input_cost_per_token": 1e-7}}}"#.to_vec();
        let at = cut % bent.len();
        bent[at] = noise;
        let _ = book.load_litellm_json(&bent, now());
    }
}

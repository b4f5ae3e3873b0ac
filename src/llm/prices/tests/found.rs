//! Which entry of which table is taken.

use super::{cost, genai, litellm, now, price};
use crate::llm::{ModelPrices, PriceBook, Provider, ServiceTier, Unpriced, Usage};
use std::time::Duration;

const GENAI: &str = r#"[
  {"id": "openai", "models": [
    {"id": "tuned", "match": {"starts_with": "ft:gpt-4o-2024-"}, "prices": {"input_mtok": 9}},
    {"id": "first", "match": {"or": [{"equals": "A-1"}, {"and": [{"contains": "mini"}, {"ends_with": "-x"}]}]},
     "prices": {"input_mtok": 1}},
    {"id": "second", "match": {"contains": "a-1"}, "prices": {"input_mtok": 2}},
    {"id": "dated", "match": {"equals": "d-2024-08-06"}, "prices": {"input_mtok": 3}},
    {"id": "pattern", "match": {"regex": "^p-\\d+$"}, "prices": {"input_mtok": 4}},
    {"id": "empty", "match": {"equals": "empty"}, "prices": {}},
    {"id": "minutes", "match": {"equals": "minutes"}, "prices": {"audio_hours": 4}},
    {"id": "tiers", "match": {"equals": "tiers"}, "prices": {"input_mtok": 8, "output_mtok": 8}, "price_variants": [
       {"when": {"processing": "batch"}, "prices": {"input_mtok": 4}, "constraint": {"start_date": "2026-11-22"}},
       {"when": {"processing": "batch"}, "prices": {"input_mtok": 5, "output_mtok": 6}},
       {"when": {"route": "eu"}, "prices": {"input_mtok": 99}}]},
    {"id": "night", "match": {"equals": "night"}, "prices": [{"prices": {"input_mtok": 2}},
       {"constraint": {"start_time": "16:30:00Z", "end_time": "00:30:00Z"}, "prices": {"input_mtok": 1}}]}]},
  {"id": "azure", "fallback_model_providers": ["openai", "nobody"], "models": []},
  {"id": "far", "provider_match": {"contains": "router"}, "fallback_model_providers": ["azure"], "models": [
    {"id": "own", "match": {"equals": "own"}, "prices": {"input_mtok": 7}}]}
]"#;

#[test]
fn clauses_and_fallbacks() {
    let book = genai(GENAI);
    let usage = Usage::new(1_000_000, 0);
    for (provider, model, wanted) in [
        (Provider::OpenAi, "a-1", "$1.00"),
        (Provider::OpenAi, "gpt-MINI-x", "$1.00"),
        (Provider::OpenAi, "aa-11", "$2.00"),
        (Provider::OpenAi, "d-20240806", "$3.00"),
        (Provider::OpenAi, "p-17", "$4.00"),
        (Provider::OpenAi, "p-17b", "none"),
        (Provider::OpenAi, "ft:gpt-4o-2024-08-06:org", "$9.00"),
        // Met by `contains` alone: it is another model.
        (Provider::OpenAi, "ft:a-1:org", "none"),
        (Provider::OpenAi, "empty", "none"),
        (Provider::OpenAi, "minutes", "none"),
        (Provider::AzureOpenAi, "a-1", "$1.00"),
        (Provider::Other("myRouter"), "own", "$7.00"),
        // One hop, not two.
        (Provider::Other("myRouter"), "a-1", "none"),
        (Provider::Other("unheard"), "a-1", "none"),
    ] {
        assert_eq!(cost(&book, provider, model, &usage), wanted, "{provider} {model}");
    }
    let why = |model: &str| book.estimate(Provider::OpenAi, model, &usage, now()).unwrap_err();
    assert_eq!([why("gpt-0"), why("empty")], [Unpriced::UnknownModel, Unpriced::NoPrice]);
}

#[test]
fn variants_times_and_fallbacks_of_tiers() {
    let book = genai(GENAI);
    let usage = Usage::new(1_000_000, 1_000_000).tier(ServiceTier::Batch);
    // The first that counts, each for its kinds.
    assert_eq!(cost(&book, Provider::OpenAi, "tiers", &usage), "$10.00");
    let before = now() - Duration::from_secs(86_400);
    let earlier = book.price(Provider::OpenAi, "tiers", &usage, before).unwrap();
    assert_eq!(earlier.cost().to_string(), "$11.00");
    // Whose prices they are has such a tier, not who serves it.
    let other = price(&book, Provider::AzureOpenAi, "tiers", &usage).unwrap();
    assert_eq!(
        (other.cost().to_string(), other.tier()),
        ("$16.00".to_owned(), ServiceTier::Standard)
    );
    let input = Usage::new(1_000_000, 0);
    let at = |hours: u64| {
        let time = now() + Duration::from_secs(hours * 3_600);
        book.price(Provider::OpenAi, "night", &input, time).unwrap().cost().to_string()
    };
    assert_eq!([at(0), at(5), at(12), at(13)], ["$2.00", "$1.00", "$1.00", "$2.00"]);
}

#[test]
fn layers() {
    let book = genai(GENAI);
    let usage = Usage::new(1_000_000, 0);
    book.set(Provider::OpenAi, "Own-1", ModelPrices::per_million(20.0, 1.0)).unwrap();
    book.set(Provider::OpenAi, "a-1", ModelPrices::per_million(30.0, 1.0)).unwrap();
    book.set(Provider::OpenAi, "A-1", ModelPrices::per_million(31.0, 1.0)).unwrap();
    assert_eq!(cost(&book, Provider::OpenAi, "a-1", &usage), "$31.00");
    assert_eq!(cost(&book, Provider::OpenAi, "own-1", &usage), "$20.00");
    assert_eq!(price(&book, Provider::OpenAi, "a-1", &usage).unwrap().book_version(), "code");
    assert!(
        book.version().unwrap().starts_with("genai-prices 2026-11-22 "),
        "{:?}",
        book.version()
    );
    // What is set stays when a file comes.
    let other = r#"{"p-1": {"litellm_provider": "openai", "input_cost_per_token": 6e-6}}"#;
    book.load_litellm_json(other.as_bytes(), now()).unwrap();
    assert_eq!(cost(&book, Provider::OpenAi, "a-1", &usage), "$31.00");
    assert_eq!(cost(&book, Provider::OpenAi, "p-1", &usage), "$6.00");
    assert_eq!(cost(&book, Provider::OpenAi, "p-2", &usage), "none");
    for price in [f64::NAN, f64::INFINITY, -1.0, 1e9] {
        let error =
            book.set(Provider::OpenAi, "a-1", ModelPrices::per_million(1.0, 2.0).request(price));
        assert_eq!(error.unwrap_err().field(), "openai/a-1.requests");
    }
    assert_eq!(cost(&book, Provider::OpenAi, "a-1", &usage), "$31.00");
    // A file is over what is built in.
    let book = PriceBook::builtin();
    let file = r#"{"gpt-5": {"litellm_provider": "openai", "input_cost_per_token": 0}}"#;
    book.load_litellm_json(file.as_bytes(), now()).unwrap();
    assert_eq!(cost(&book, Provider::OpenAi, "gpt-5", &usage), "$0.00");
    assert_eq!(cost(&book.clone(), Provider::OpenAi, "gpt-5-nano", &usage), "$0.05");
}

#[test]
fn who_answered_and_who_was_asked() {
    let book = litellm(
        r#"{"m": {"litellm_provider": "openai", "input_cost_per_token": 1e-6},
            "m-2026-01-01": {"litellm_provider": "openai", "input_cost_per_token": 2e-6},
            "us.m": {"litellm_provider": "bedrock_converse", "input_cost_per_token": 3e-6},
            "m-1": {"litellm_provider": "bedrock", "input_cost_per_token": 1e-6}}"#,
    );
    let usage = Usage::new(1_000_000, 0);
    let answered = |model: &str| usage.clone().response_model(model);
    assert_eq!(cost(&book, Provider::OpenAi, "m", &answered("m-2026-01-01")), "$2.00");
    assert_eq!(cost(&book, Provider::OpenAi, "m", &answered("unknown")), "$1.00");
    assert_eq!(cost(&book, Provider::Bedrock, "us.m", &answered("m-1")), "$3.00");
    assert_eq!(cost(&book, Provider::Bedrock, "eu.m", &usage), "none");
    // A name of one's own, for which the program set a price, whatever is behind it.
    book.set(Provider::OpenAi, "mine", ModelPrices::per_million(5.0, 5.0)).unwrap();
    assert_eq!(cost(&book, Provider::OpenAi, "mine", &answered("m-2026-01-01")), "$5.00");
    let wrong = usage.clone().cache_read(2_000_000);
    let why = book.estimate(Provider::OpenAi, "m", &wrong, now()).unwrap_err();
    assert!(matches!(why, Unpriced::BadUsage(error) if error.field() == "cache_read"));
}

#[test]
fn names_of_litellm() {
    let book = litellm(
        r#"{"sample_spec": {"litellm_provider": "one of ..", "input_cost_per_token": 0.0},
            "gemini/Gem": {"litellm_provider": "gemini", "input_cost_per_token": 1e-6},
            "gem": {"litellm_provider": "vertex_ai-language-models", "input_cost_per_token": 2e-6},
            "azure/eu/m": {"litellm_provider": "azure", "input_cost_per_token": 3e-6},
            "ft:m-2024-08-06": {"litellm_provider": "openai", "input_cost_per_token": 4e-6},
            "deepseek-chat": {"litellm_provider": "deepseek", "input_cost_per_token": 6e-6},
            "deepseek/deepseek-chat": {"litellm_provider": "deepseek", "input_cost_per_token": 5e-6},
            "perplexity/sonar": {"litellm_provider": "perplexity", "input_cost_per_token": 7e-6},
            "perplexity/perplexity/sonar": {"litellm_provider": "perplexity", "input_cost_per_token": 8e-6},
            "none": {"litellm_provider": "openai", "mode": "chat"}}"#,
    );
    let usage = Usage::new(1_000_000, 0);
    for (provider, model, wanted) in [
        (Provider::Gemini, "gem", "$1.00"),
        (Provider::VertexAi, "gem", "$2.00"),
        (Provider::AzureOpenAi, "eu/m", "$3.00"),
        (Provider::AzureOpenAi, "m", "none"),
        (Provider::OpenAi, "ft:m-2024-08-06:org:name:id", "$4.00"),
        (Provider::OpenAi, "FT:m-20240806:org", "$4.00"),
        (Provider::DeepSeek, "deepseek-chat", "$5.00"),
        (Provider::Perplexity, "sonar", "$7.00"),
        (Provider::Perplexity, "perplexity/sonar", "$7.00"),
        (Provider::Perplexity, "perplexity/perplexity/sonar", "$8.00"),
        (Provider::OpenAi, "none", "none"),
        (Provider::OpenAi, "sample_spec", "none"),
    ] {
        assert_eq!(cost(&book, provider, model, &usage), wanted, "{provider} {model}");
    }
}

/// However many names are thought up.
#[test]
fn what_is_remembered_is_bounded_and_right() {
    let book = genai(GENAI);
    let usage = Usage::new(1_000_000, 0);
    for round in 0..3_000 {
        assert_eq!(cost(&book, Provider::OpenAi, &format!("unknown {round}"), &usage), "none");
        assert_eq!(cost(&book, Provider::OpenAi, "a-1", &usage), "$1.00");
    }
    assert_eq!(cost(&book, Provider::OpenAi, &"a-1".repeat(100), &usage), "none");
}

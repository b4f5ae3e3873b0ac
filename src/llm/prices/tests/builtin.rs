//! The table in the crate.

use super::super::rows;
use super::{cost, now, price};
use crate::llm::{PriceBook, Provider, ServiceTier, Usage};
use std::time::{Duration, UNIX_EPOCH};

#[test]
fn every_line_is_understood() {
    let table = rows::table(include_str!("../builtin.txt")).unwrap();
    let entries: Vec<_> = table.vendors.iter().flat_map(|vendor| &vendor.entries).collect();
    assert!(entries.len() >= 60, "{}", entries.len());
    assert!(entries.iter().all(|entry| entry.prices.iter().all(|(_, rates)| !rates.is_empty())));
    for broken in [
        "",
        "as_of 2026-11-22\nmodel in=1",
        "as_of 2026-02-30\nvendor a",
        "as_of 2026-11-22\nvendor a\nmodel in=x",
        "as_of 2026-11-22\nvendor a\nmodel gold.in=1",
        "as_of 2026-11-22\nvendor a\nmodel in>5=1",
        "as_of 2026-11-22\nvendor a\nmodel batch=x0.5",
        "as_of 2026-11-22\nvendor a\nmodel in=1 @soon in=2",
    ] {
        assert!(rows::table(broken).is_none(), "{broken}");
    }
}

#[test]
fn models_by_their_names() {
    let book = PriceBook::builtin();
    let usage = Usage::new(1_000_000, 0);
    for (provider, model, wanted) in [
        (Provider::OpenAi, "gpt-5-nano", "$0.05"),
        (Provider::OpenAi, "GPT-5-Nano-2025-08-07", "$0.05"),
        (Provider::OpenAi, "gpt-5-nano-20250807", "$0.05"),
        (Provider::OpenAi, "gpt-4o-2024-05-13", "$5.00"),
        (Provider::OpenAi, "gpt-4o-20240513", "$5.00"),
        (Provider::OpenAi, "ft:gpt-4o-2024-08-06:org::id", "none"),
        (Provider::OpenAi, "gpt-4o-audio-preview", "none"),
        (Provider::OpenAi, "", "none"),
        (Provider::AzureOpenAi, "gpt-5-nano", "$0.05"),
        (Provider::Anthropic, "claude-sonnet-4-20250514", "$3.00"),
        (Provider::Anthropic, "gpt-5-nano", "none"),
        (Provider::VertexAi, "gemini-2.5-flash", "$0.30"),
        (Provider::Gemini, "gemini-2.5-flash", "$0.30"),
        (Provider::XAi, "grok-4.5", "$4.00"),
        // Another region may cost more, or less.
        (Provider::Bedrock, "us.anthropic.claude-haiku-4-5-20251001-v1:0", "$1.10"),
        (Provider::Bedrock, "global.anthropic.claude-haiku-4-5-20251001-v1:0", "$1.00"),
        (Provider::Bedrock, "jp.anthropic.claude-haiku-4-5-20251001-v1:0", "none"),
        (Provider::Other("openai"), "gpt-5-nano", "$0.05"),
        (Provider::Other("mine"), "gpt-5-nano", "none"),
    ] {
        assert_eq!(cost(&book, provider, model, &usage), wanted, "{provider} {model}");
    }
}

#[test]
fn tiers_and_dates() {
    let book = PriceBook::builtin();
    let usage = Usage::new(1_000_000, 0);
    let tiered =
        |tier| price(&book, Provider::OpenAi, "gpt-5-mini", &usage.clone().tier(tier)).unwrap();
    let costs =
        [ServiceTier::Standard, ServiceTier::Batch, ServiceTier::Flex, ServiceTier::Priority]
            .map(|tier| tiered(tier).cost().to_string());
    assert_eq!(costs, ["$0.25", "$0.125", "$0.125", "$0.45"]);
    assert_eq!(tiered(ServiceTier::Flex).tier(), ServiceTier::Flex);
    // What isn't known costs what it usually does, and says so.
    assert_eq!(tiered(ServiceTier::Fast).tier(), ServiceTier::Standard);
    assert_eq!(tiered(ServiceTier::Fast).cost().to_string(), "$0.25");

    let day = UNIX_EPOCH + Duration::from_secs(20_249 * 86_400); // 2025-06-10
    let at = |time| book.price(Provider::OpenAi, "o3", &usage, time).unwrap().cost().to_string();
    assert_eq!([at(day - Duration::from_secs(1)), at(day)], ["$10.00", "$2.00"]);
    assert_eq!(book.age_days(now()), Some(0));
    assert_eq!(book.age_days(now() + Duration::from_secs(90 * 86_400)), Some(90));
    assert_eq!(book.version().as_deref(), Some("builtin 2026-11-22"));
    assert_eq!(PriceBook::empty().age_days(now()), None);
}

//! Sums.

use super::super::rate::{Price, Rate};
use super::super::rates::Rates;
use super::{cost, litellm, now, price};
use crate::llm::kind::Kind;
use crate::llm::{Provider, ServiceTier, Usage};
use proptest::prelude::*;
use std::time::Duration;

const LITELLM: &str = r#"{
    "flat": {"litellm_provider": "openai", "input_cost_per_token": 2e-6, "output_cost_per_token": 8e-6},
    "cached": {"litellm_provider": "openai", "input_cost_per_token": 4e-6, "output_cost_per_token": 8e-6,
        "cache_read_input_token_cost": 1e-6, "cache_creation_input_token_cost": 5e-6,
        "cache_creation_input_token_cost_above_1hr": 8e-6, "input_cost_per_audio_token": 3e-5,
        "output_cost_per_reasoning_token": 9e-6, "search_context_cost_per_query": {"search_context_size_medium": 0.01}},
    "steps": {"litellm_provider": "openai", "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6,
        "input_cost_per_token_above_200k_tokens": 3e-6, "input_cost_per_token_flex": 5e-7,
        "input_cost_per_token_batches": 5e-7},
    "images": {"litellm_provider": "openai", "output_cost_per_image": 0.04, "input_cost_per_request": 0.005},
    "both": {"litellm_provider": "openai", "input_cost_per_token": 1e-6, "output_cost_per_token": 1e-6,
        "output_cost_per_image": 0.04, "output_cost_per_image_token": 3e-5},
    "input": {"litellm_provider": "openai", "input_cost_per_token": 1e-6},
    "ranges": {"litellm_provider": "openai", "tiered_pricing": [
        {"range": [0, 256000.0], "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6},
        {"range": [256000.0, 1e6], "input_cost_per_token": 3e-6, "output_cost_per_token": 4e-6,
         "output_cost_per_reasoning_token": 9e-6}]},
    "peak": {"litellm_provider": "openai", "input_cost_per_token": 3e-6, "off_peak_pricing":
        {"input_cost_per_token": 1e-6, "windows": [{"hours_utc": "00:00-00:00", "weekdays": [6, 7]}]}},
    "grok": {"litellm_provider": "xai", "input_cost_per_token": 1e-6, "input_cost_per_token_above_200k_tokens": 2e-6}
}"#;

#[test]
fn kinds_are_billed_once() {
    let book = litellm(LITELLM);
    for (model, usage, wanted) in [
        ("flat", Usage::new(0, 0), "$0.00"),
        ("flat", Usage::new(1, 0), "$0.000002"),
        ("flat", Usage::new(1_000, 100), "$0.0028"),
        // Without prices of their own they cost what they are part of does.
        (
            "flat",
            Usage::new(1_000, 100).cache_read(500).cache_write_1h(9).reasoning(50).input_audio(7),
            "$0.0028",
        ),
        ("cached", Usage::new(100, 0).cache_read(60), "$0.00022"),
        (
            "cached",
            Usage::new(100, 0).cache_write_5m(10).cache_write_1h(20).cache_write(5),
            "$0.000495",
        ),
        ("cached", Usage::new(0, 10).reasoning(4), "$0.000084"),
        ("cached", Usage::new(100, 0).input_audio(50), "$0.0017"),
        // What was heard from the cache costs what the cache does.
        (
            "cached",
            Usage::new(100, 0).cache_read(60).input_audio(50).cache_read_audio(50),
            "$0.00022",
        ),
        ("cached", Usage::new(0, 0).web_searches(3), "$0.03"),
        ("images", Usage::new(0, 0).output_images(2), "$0.085"),
        ("images", Usage::new(0, 0).requests(4), "$0.02"),
        ("images", Usage::new(1, 0), "none"),
        ("both", Usage::new(0, 1_290).output_image(1_290).output_images(1), "$0.0387"),
        ("both", Usage::new(0, 0).output_images(1), "$0.04"),
        ("input", Usage::new(1_000, 0), "$0.001"),
        ("input", Usage::new(1_000, 1), "none"),
    ] {
        assert_eq!(cost(&book, Provider::OpenAi, model, &usage), wanted, "{model} {usage:?}");
    }
    let searched =
        price(&book, Provider::OpenAi, "flat", &Usage::new(1, 1).web_searches(1)).unwrap();
    assert!(searched.is_partial());
    assert!(
        !price(&book, Provider::OpenAi, "cached", &Usage::new(1, 1).web_searches(1))
            .unwrap()
            .is_partial()
    );
}

/// At the limit, the whole request changes its price.
#[test]
fn steps() {
    let book = litellm(LITELLM);
    let flex = |usage: Usage| usage.tier(ServiceTier::Flex);
    let batch = |usage: Usage| usage.tier(ServiceTier::Batch);
    for (model, usage, wanted) in [
        ("steps", Usage::new(200_000, 1), "$0.200002"),
        ("steps", Usage::new(200_001, 1), "$0.600005"),
        // With what came from the cache.
        ("steps", Usage::new(200_001, 0).cache_read(200_000), "$0.600003"),
        ("steps", flex(Usage::new(200_000, 0)), "$0.10"),
        ("steps", flex(Usage::new(200_001, 0)), "$0.600003"),
        ("steps", batch(Usage::new(200_002, 0)), "$0.100001"),
        ("ranges", Usage::new(256_000, 1), "$0.256002"),
        ("ranges", Usage::new(256_001, 1).reasoning(1), "$0.768012"),
        ("ranges", Usage::new(256_000, 1).reasoning(1), "$0.256002"),
    ] {
        assert_eq!(cost(&book, Provider::OpenAi, model, &usage), wanted, "{model} {usage:?}");
    }
    assert_eq!(cost(&book, Provider::XAi, "grok", &Usage::new(199_999, 0)), "$0.199999");
    assert_eq!(cost(&book, Provider::XAi, "grok", &Usage::new(200_000, 0)), "$0.40");
    // A Sunday, and the Monday after.
    let usage = Usage::new(1_000_000, 0);
    let costs = [0, 1].map(|day| {
        let at = now() + Duration::from_secs(day * 86_400);
        book.price(Provider::OpenAi, "peak", &usage, at).unwrap().cost().to_string()
    });
    assert_eq!(costs, ["$1.00", "$3.00"]);
}

fn any_rates() -> impl Strategy<Value = Rates> {
    // Dearer above, as all are.
    let price = (any::<u32>(), any::<u32>(), proptest::option::of(0..1_000_u64));
    proptest::collection::vec(proptest::option::of(price), Kind::ALL.len()).prop_map(|prices| {
        let mut rates = Rates::default();
        for (kind, price) in Kind::ALL.into_iter().zip(prices) {
            let Some((base, more, above)) = price else { continue };
            let base = u64::from(base) * 1_000_000;
            let steps = above.map(|above| (above, Rate(base + u64::from(more) * 1_000_000)));
            rates.set(kind, Price::stepped(Rate(base), steps));
        }
        rates
    })
}

/// Parts that don't overlap, so that the bill can be made by hand.
fn any_usage() -> impl Strategy<Value = (Usage, [u64; 7])> {
    proptest::array::uniform7(prop_oneof![Just(0), 0..600_u64, 0..1_u64 << 40]).prop_map(|parts| {
        let [plain, read, write, short, long, output, reasoning] = parts;
        let usage = Usage::new(plain + read + write + short + long, output + reasoning)
            .cache_read(read)
            .cache_write(write)
            .cache_write_5m(short)
            .cache_write_1h(long)
            .reasoning(reasoning);
        (usage, parts)
    })
}

fn rate_of(rates: &Rates, kinds: &[Kind], input: u64) -> Option<u128> {
    kinds.iter().find_map(|kind| rates.get(*kind)).map(|price| u128::from(price.at(input).0))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Each part at the price of the nearest kind that has one.
    #[test]
    fn to_the_last_pico_dollar(rates in any_rates(), (usage, parts) in any_usage()) {
        use Kind::*;
        let kinds: [&[Kind]; 7] = [
            &[Input], &[CacheRead, Input], &[CacheWrite, Input], &[CacheWrite5m, CacheWrite, Input],
            &[CacheWrite1h, CacheWrite, Input], &[Output], &[Reasoning, Output],
        ];
        let mut wanted = rate_of(&rates, &[Requests], usage.input_tokens()).map(|rate| rate / 1_000_000).or(Some(0));
        for (part, kinds) in parts.into_iter().zip(kinds) {
            let rate = rate_of(&rates, kinds, usage.input_tokens()).map(|rate| rate / 1_000_000);
            let rate = if part == 0 { Some(0) } else { rate };
            wanted = wanted.zip(rate).map(|(sum, rate)| sum + u128::from(part) * rate);
        }
        let found = rates.bill(&usage).map(|bill| u128::from(bill.cost.pico_usd()));
        let wanted = wanted.map(|pico| pico.min(u128::from(u64::MAX)));
        prop_assert_eq!(found, wanted.filter(|_| !rates.is_empty()));
    }

    #[test]
    fn more_costs_no_less(rates in any_rates(), (usage, parts) in any_usage(), more in 0..1_u64 << 40) {
        let [.., reasoning] = parts;
        let again = |input: u64, output: u64| {
            Usage::new(usage.input_tokens() + input, usage.output_tokens() + output)
                .cache_read(usage.cache_read_tokens())
                .cache_write(usage.cache_write_tokens())
                .reasoning(reasoning)
        };
        let Some(less) = rates.bill(&again(0, 0)) else { return Ok(()) };
        for usage in [again(more, 0), again(0, more)] {
            if let Some(bill) = rates.bill(&usage) {
                prop_assert!(bill.cost >= less.cost);
            }
        }
    }

    #[test]
    fn nothing_panics(rates in any_rates(), counts in proptest::array::uniform8(any::<u64>())) {
        let [input, output, read, write, long, audio, images, searches] = counts;
        let usage = Usage::new(input, output).cache_read(read).cache_write(write).cache_write_1h(long)
            .input_audio(audio).cache_read_audio(audio).reasoning(read).output_images(images)
            .web_searches(searches).requests(images);
        let _ = rates.bill(&usage);
    }
}

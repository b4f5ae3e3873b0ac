//! Calls as the backends get them.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crate::llm::{
    self, Api, Budget, BudgetScope, Cost, ModelPrices, OnExceed, Operation, Provider, Unpriced,
    Usage, UsageStream,
};
use crate::testing::{self, Captured, CapturedSpan};
use crate::workflow;

const DURATION: &str = "gen_ai.client.operation.duration";
const TOKENS: &str = "gen_ai.client.token.usage";
const COMMON: [(&str, &str); 3] = [
    ("gen_ai.operation.name", "chat"),
    ("gen_ai.provider.name", "openai"),
    ("gen_ai.request.model", "gpt-4o"),
];

fn usd(dollars: f64) -> Cost {
    Cost::from_usd(dollars).unwrap()
}

fn with<'t>(more: &[(&'t str, &'t str)]) -> Vec<(&'t str, &'t str)> {
    COMMON.iter().chain(more).copied().collect()
}

fn span<'s>(seen: &'s Captured, name: &str) -> &'s CapturedSpan {
    seen.span(name).unwrap_or_else(|| panic!("no span {name}: {seen}"))
}

#[test]
fn a_call_is_described_in_full() {
    let usage =
        Usage::new(1_200, 350).cache_read(1_024).reasoning(64).response_model("gpt-4o-2024-08-06");
    let (finished, seen) = testing::capture(|| {
        let call = llm::call(Provider::OpenAi, "gpt-4o")
            .conversation("c-17")
            .server("api.openai.com", 443)
            .start();
        call.finish(usage)
    });
    // 176 at 2.5, 1,024 at 1.25 and 350 at 10 dollars a million.
    assert_eq!(finished.cost().unwrap().to_string(), "$0.00522");
    assert!(finished.time_to_first_chunk().is_none());
    let span = span(&seen, "chat gpt-4o");
    assert_eq!((span.kind, span.failed()), ("client", false));
    for (key, value) in with(&[
        ("gen_ai.conversation.id", "c-17"),
        ("gen_ai.response.model", "gpt-4o-2024-08-06"),
        ("gen_ai.usage.input_tokens", "1200"),
        ("gen_ai.usage.output_tokens", "350"),
        ("gen_ai.usage.cache_read.input_tokens", "1024"),
        ("gen_ai.usage.reasoning.output_tokens", "64"),
        ("lightship.llm.cost_usd", "0.00522"),
        ("lightship.llm.priced_as", "openai/gpt-4o"),
        ("server.address", "api.openai.com"),
        ("server.port", "443"),
    ]) {
        assert_eq!(span.attribute(key), Some(value), "{key} {seen}");
    }
    assert!(span.attribute("lightship.llm.price_book").is_some());
    for absent in
        ["error.type", "gen_ai.request.stream", "gen_ai.usage.cache_creation.input_tokens"]
    {
        assert_eq!(span.attribute(absent), None, "{absent}");
    }
    let answered = ("gen_ai.response.model", "gpt-4o-2024-08-06");
    for (kind, count) in [("input", 1_200.0), ("output", 350.0)] {
        let recorded = seen.histogram(TOKENS, &with(&[answered, ("gen_ai.token.type", kind)]));
        assert_eq!((recorded.count, recorded.sum), (1, count), "{seen}");
    }
    let server = [answered, ("server.address", "api.openai.com"), ("server.port", "443")];
    assert_eq!(seen.histogram(DURATION, &with(&server)).count, 1, "{seen}");
}

#[test]
fn chunks_are_measured_one_from_the_other() {
    let (finished, seen) = testing::capture(|| {
        let mut call = llm::call(Provider::OpenAi, "gpt-4o").stream().start();
        let mut stream = UsageStream::new(Api::OpenAiChat);
        for piece in 0..4 {
            call.chunk();
            stream.event(&format!("{{\"id\": \"c1\", \"choices\": [{{\"index\": {piece}}}]}}"));
        }
        stream.event(r#"{"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 4}}"#);
        call.finish(stream.finish())
    });
    assert!(finished.time_to_first_chunk().unwrap() <= finished.duration());
    assert!(finished.output_tokens_per_second().unwrap() > 0.0);
    let first = "gen_ai.client.operation.time_to_first_chunk";
    let other = "gen_ai.client.operation.time_per_output_chunk";
    assert_eq!(seen.histogram(first, &COMMON).count, 1, "{seen}");
    assert_eq!(seen.histogram(other, &COMMON).count, 3, "{seen}");
    let span = span(&seen, "chat gpt-4o");
    assert_eq!(span.attribute("gen_ai.request.stream"), Some("true"));
    assert_eq!(span.attribute("gen_ai.response.id"), Some("c1"));
    assert!(span.attribute("gen_ai.response.time_to_first_chunk").is_some());
}

#[test]
fn an_unknown_model_has_no_cost_and_is_counted() {
    let (finished, seen) = testing::capture(|| {
        let ended =
            |_| llm::call(Provider::OpenAi, "gpt-unheard-of").start().finish(Usage::new(1, 1));
        (0..3).map(ended).collect::<Vec<_>>()
    });
    for finished in finished {
        assert_eq!((finished.cost(), finished.estimate()), (None, Err(&Unpriced::UnknownModel)));
    }
    let tags = [
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.provider.name", "openai"),
        ("gen_ai.request.model", "gpt-unheard-of"),
        ("reason", "unknown_model"),
    ];
    assert_eq!(seen.counter("llm.unpriced_calls", &tags), 3, "{seen}");
    let warnings = seen.logs().iter().filter(|line| line.contains("gpt-unheard-of")).count();
    assert_eq!(warnings, 1, "{seen}");
    let span = span(&seen, "chat gpt-unheard-of");
    assert_eq!(span.attribute("lightship.llm.cost_usd"), None);
    assert_eq!(span.attribute("lightship.llm.unpriced"), Some("unknown_model"));
}

#[test]
fn usage_that_is_missing_or_wrong_costs_nothing_known() {
    let ((missing, wrong), seen) = testing::capture(|| {
        let unread =
            llm::call(Provider::OpenAi, "gpt-4o").start().finish(Api::OpenAiChat.read(b"{"));
        let wrong = Usage::new(10, 1).cache_read(11);
        (unread, llm::call(Provider::OpenAi, "gpt-4o").start().finish(wrong))
    });
    assert_eq!(missing.estimate(), Err(&Unpriced::NoUsage));
    assert!(matches!(wrong.estimate(), Err(Unpriced::BadUsage(_))));
    for reason in ["no_usage", "bad_usage"] {
        let tags = with(&[("reason", reason)]);
        assert_eq!(seen.counter("llm.unpriced_calls", &tags), 1, "{reason} {seen}");
    }
    assert_eq!(seen.histogram(TOKENS, &with(&[("gen_ai.token.type", "input")])).count, 1, "{seen}");
}

#[test]
fn what_does_not_end_well_says_so() {
    let (_, seen) = testing::capture(|| {
        llm::call(Provider::OpenAi, "gpt-4o").start().fail("timeout");
        drop(llm::call(Provider::OpenAi, "gpt-4o").start());
        let panicking = || {
            let _call = llm::call(Provider::OpenAi, "gpt-4o").start();
            std::panic::resume_unwind(Box::new("of the host"));
        };
        assert!(std::panic::catch_unwind(panicking).is_err());
    });
    for error_type in ["timeout", "cancelled", "panic"] {
        let tags = with(&[("error.type", error_type)]);
        assert_eq!(seen.histogram(DURATION, &tags).count, 1, "{error_type} {seen}");
    }
    let ends: Vec<_> = seen.spans().iter().map(|span| span.attribute("error.type")).collect();
    assert_eq!(ends, [Some("timeout"), Some("cancelled"), Some("panic")]);
    assert!(seen.spans().iter().all(CapturedSpan::failed));
    assert_eq!(seen.counter_total("llm.unpriced_calls"), 0, "{seen}");
}

#[test]
fn names_are_those_of_the_operation() {
    let (_, seen) = testing::capture(|| {
        let call = llm::call(Provider::Bedrock, String::from("us.amazon.nova-lite-v1:0"));
        call.operation(Operation::Embeddings).start().finish(Usage::new(3, 0));
    });
    let span = span(&seen, "embeddings us.amazon.nova-lite-v1:0");
    assert_eq!(span.attribute("gen_ai.provider.name"), Some("aws.bedrock"));
}

#[test]
fn a_cost_counts_in_the_services_metrics_and_in_the_workflow() {
    let (report, seen) = testing::capture(|| {
        let report = workflow::start("medical_report");
        for _ in 0..2 {
            llm::call(Provider::OpenAi, "gpt-4o").start().finish(Usage::new(1_000, 100));
        }
        llm::call(Provider::OpenAi, "gpt-0").start().finish(Usage::new(1, 1));
        llm::call(Provider::OpenAi, "gpt-4o").start().fail("timeout");
        let totals = report.llm();
        report.succeed();
        totals
    });
    assert_eq!((report.calls, report.unpriced_calls, report.tokens), (3, 1, 2_202));
    assert_eq!(report.cost.to_string(), "$0.007");
    let tags = [("model", "gpt-4o"), ("operation", "chat")];
    assert_eq!(seen.usd("llm_cost_usd", &tags), 0.007, "{seen}");
    let each = seen.histogram("llm_cost", &tags);
    assert_eq!((each.count, each.sum), (2, 0.007), "{seen}");
    assert_eq!(seen.histogram("llm_cost_per_token", &tags).count, 2, "{seen}");
    let parents: Vec<_> = seen.spans().iter().filter(|span| span.name == "chat gpt-4o").collect();
    assert_eq!(parents.len(), 3, "{seen}");
}

#[test]
fn a_budget_denies_what_asks_and_counts_what_does_not() {
    // Of each model, so that calls of other tests have others.
    let model = "in-house-7b";
    let one_dollar = ModelPrices::per_million(1.0, 0.0);
    llm::prices().set(Provider::Other("in_house"), model, one_dollar).unwrap();
    let budget = Budget::total(1.0).scope(BudgetScope::Model).on_exceed(OnExceed::Deny);
    llm::budget::set([budget]);
    let spent = || {
        let states = llm::budget::states();
        let own = states.iter().find(|state| state.key.as_deref() == Some(model)).unwrap();
        (own.spent.usd(), own.reserved.usd())
    };
    let call = || llm::call(Provider::Other("in_house"), model).expected_cost(usd(0.75));
    let (_, seen) = testing::capture(|| {
        let first = call().try_start().unwrap();
        assert_eq!(spent(), (0.0, 0.75));
        let denied = call().try_start().unwrap_err();
        assert_eq!(denied.asked(), Some(usd(0.75)));
        first.finish(Usage::new(500_000, 0));
        assert_eq!(spent(), (0.5, 0.0));
        // Nobody was asked, and all the same it counts.
        call().start().finish(Usage::new(750_000, 0));
        assert_eq!(spent(), (1.25, 0.0));
        assert!(llm::call(Provider::Other("in_house"), model).try_start().is_err());
        // What does not end costs nothing.
        drop(call().start());
        assert_eq!(spent(), (1.25, 0.0));
    });
    llm::budget::set([]);
    assert_eq!(seen.spans().len(), 3, "{seen}");
}

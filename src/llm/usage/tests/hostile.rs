//! What no provider should send.

use crate::llm::{Api, UsageStream};
use proptest::prelude::*;
use serde_json::{Value, json};

const APIS: [Api; 7] = [
    Api::OpenAiChat,
    Api::OpenAiResponses,
    Api::Anthropic,
    Api::Gemini,
    Api::Bedrock,
    Api::Mistral,
    Api::Ollama,
];

#[test]
fn errors_name_the_field_and_not_its_value() {
    for (api, body, error) in [
        (
            Api::OpenAiChat,
            r#"{"usage": {"prompt_tokens": "ada"}}"#,
            "usage.prompt_tokens: is a text, not a count",
        ),
        (
            Api::OpenAiChat,
            r#"{"usage": {"prompt_tokens": -1}}"#,
            "usage.prompt_tokens: is negative, not a count",
        ),
        (
            Api::OpenAiChat,
            r#"{"usage": {"completion_tokens": 1.5}}"#,
            "usage.completion_tokens: is a fraction, not a count",
        ),
        (
            Api::OpenAiChat,
            r#"{"usage": {"completion_tokens": 1e300}}"#,
            "usage.completion_tokens: is too large, not a count",
        ),
        (Api::OpenAiChat, r#"{"usage": {"total_tokens": 3}}"#, "usage.prompt_tokens: is missing"),
        (Api::OpenAiChat, r#"{"usage": [1]}"#, "usage: is a list, not an object"),
        (
            Api::OpenAiChat,
            r#"{"usage": {"prompt_tokens": 1, "prompt_tokens_details": {"cached_tokens": true}}}"#,
            "usage.prompt_tokens_details.cached_tokens: is true or false, not a count",
        ),
        (
            Api::OpenAiChat,
            r#"{"usage": {"prompt_tokens": 1, "prompt_tokens_details": {"cached_tokens": 2}}}"#,
            "cache_read: 2 tokens are more than the input's 1",
        ),
        (
            Api::Anthropic,
            r#"{"usage": {"input_tokens": {}}}"#,
            "usage.input_tokens: is an object, not a count",
        ),
        (
            Api::Gemini,
            r#"{"usageMetadata": {"trafficType": "X"}}"#,
            "usageMetadata.promptTokenCount: is missing",
        ),
        (
            Api::Gemini,
            r#"{"usageMetadata": {"promptTokenCount": 1, "promptTokensDetails": [7]}}"#,
            "usageMetadata.promptTokensDetails[0]: is a number, not an object",
        ),
        (
            Api::Bedrock,
            r#"{"usage": {"inputTokens": []}}"#,
            "usage.inputTokens: is a list, not a count",
        ),
        (Api::Ollama, r#"{"done": true, "eval_count": "9"}"#, "eval_count: is a text, not a count"),
        (Api::Mistral, "{\n\"usage\": }", "body: is not JSON: line 2, column 10"),
        (Api::Mistral, "", "body: is not JSON: line 1, column 0"),
    ] {
        assert_eq!(api.read(body.as_bytes()).unwrap_err().to_string(), error, "{body}");
    }
}

#[test]
fn nothing_is_no_error() {
    for api in APIS {
        for body in [
            "{}",
            "[]",
            "null",
            "7",
            r#"{"usage": null, "usageMetadata": null}"#,
            r#"{"usage": {}}"#,
        ] {
            assert_eq!(api.read(body.as_bytes()).unwrap().usage, None, "{body}");
        }
        let nulls = r#"{"id": null, "model": 7, "choices": null, "candidates": [null], "done": true,
            "usage": {"prompt_tokens": 1.0, "input_tokens": 1, "inputTokens": 1, "prompt_tokens_details": null,
                "input_tokens_details": null, "cache_creation": null, "cacheDetails": null},
            "usageMetadata": {"promptTokenCount": 1, "cacheTokensDetails": null}, "prompt_eval_count": 1}"#;
        assert_eq!(api.read(nulls.as_bytes()).unwrap().usage.unwrap().input_tokens(), 1, "{api:?}");
    }
}

/// An event that can't be read costs nothing where the usage comes all the same.
#[test]
fn broken_events() {
    let broken = b"data: {\"usage\": {\"prompt_tok\n\n";
    let good = b"data: {\"usage\": {\"prompt_tokens\": 1}}\n\n";
    let mut stream = UsageStream::new(Api::OpenAiChat);
    stream.feed(broken);
    assert_eq!(stream.finish().unwrap_err().field(), "event");
    let mut stream = UsageStream::new(Api::OpenAiChat);
    stream.feed(broken);
    stream.feed(good);
    assert_eq!(stream.finish().unwrap().usage.unwrap().input_tokens(), 1);
    let mut stream = UsageStream::new(Api::OpenAiChat);
    for _ in 0..9 {
        stream.feed(&[b'{'; 1024 * 1024]);
    }
    assert_eq!(stream.finish().unwrap_err().field(), "stream");
}

fn any_json() -> impl Strategy<Value = Value> {
    let keys = prop::sample::select(vec![
        "usage",
        "usageMetadata",
        "response",
        "message",
        "metadata",
        "delta",
        "choices",
        "candidates",
        "done",
        "prompt_tokens",
        "completion_tokens",
        "input_tokens",
        "output_tokens",
        "inputTokens",
        "promptTokenCount",
        "thoughtsTokenCount",
        "cacheDetails",
        "cache_creation",
        "prompt_tokens_details",
        "total_tokens",
        "model",
        "cache_read_input_tokens",
        "cache_creation_input_tokens",
        "eval_count",
        "promptTokensDetails",
        "serviceTier",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (0..50_u64).prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        any::<i64>().prop_map(Value::from),
        "[a-z]{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 6, move |inner| {
        let object = prop::collection::btree_map(keys.clone(), inner.clone(), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            object.prop_map(|fields| fields
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// And what is read can be right.
    #[test]
    fn nothing_panics(value in any_json(), bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        for api in APIS {
            let _ = api.read(&bytes);
            let body = value.to_string();
            if let Ok(reading) = api.read(body.as_bytes()) {
                prop_assert!(reading.usage.is_none_or(|usage| usage.check().is_ok()));
            }
            let mut stream = UsageStream::new(api);
            stream.feed(&bytes);
            stream.event(&body);
            let _ = stream.finish();
        }
    }
}

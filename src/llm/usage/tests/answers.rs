//! Whole answers.

use crate::llm::{Api, Reading, ServiceTier, Usage};

fn read(api: Api, body: &str) -> Reading {
    api.read(body.as_bytes()).unwrap_or_else(|error| panic!("{error}: {body}"))
}

fn usage(api: Api, body: &str) -> Usage {
    read(api, body).usage.unwrap()
}

#[test]
fn openai_chat() {
    let body = r#"{"id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-5-2025-08-07",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"},
                    {"index": 1, "message": {"content": "Ho"}, "finish_reason": "length"}],
        "usage": {"prompt_tokens": 1200, "completion_tokens": 350, "total_tokens": 1550,
            "prompt_tokens_details": {"cached_tokens": 1024, "audio_tokens": 10},
            "completion_tokens_details": {"reasoning_tokens": 64, "audio_tokens": 5,
                "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0}},
        "service_tier": "flex", "system_fingerprint": null}"#;
    let reading = read(Api::OpenAiChat, body);
    let wanted =
        Usage::new(1200, 350).cache_read(1024).input_audio(10).reasoning(64).output_audio(5);
    let wanted = wanted.tier(ServiceTier::Flex).response_model("gpt-5-2025-08-07");
    assert_eq!(reading.usage, Some(wanted));
    assert_eq!(reading.response_id.as_deref(), Some("chatcmpl-1"));
    assert_eq!(reading.finish_reasons, ["stop", "length"]);
}

#[test]
fn openai_responses() {
    let body = r#"{"id": "resp_1", "status": "completed", "model": "gpt-5.1", "service_tier": "default",
        "output": [{"type": "web_search_call"}, {"type": "reasoning"}, {"type": "web_search_call"}],
        "usage": {"input_tokens": 36, "input_tokens_details": {"cached_tokens": 30, "cache_write_tokens": 4},
            "output_tokens": 87, "output_tokens_details": {"reasoning_tokens": 80}, "total_tokens": 123}}"#;
    let reading = read(Api::OpenAiResponses, body);
    let wanted = Usage::new(36, 87).cache_read(30).cache_write(4).reasoning(80).web_searches(2);
    assert_eq!(reading.usage, Some(wanted.tier(ServiceTier::Standard).response_model("gpt-5.1")));
    assert_eq!(reading.finish_reasons, ["completed"]);
    let cut = r#"{"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}"#;
    assert_eq!(read(Api::OpenAiResponses, cut).finish_reasons, ["max_output_tokens"]);
}

/// xAI counts reasoning beside the completion, and its total says so.
#[test]
fn reasoning_apart() {
    let body = r#"{"usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 115,
        "completion_tokens_details": {"reasoning_tokens": 100}}}"#;
    assert_eq!(usage(Api::OpenAiChat, body), Usage::new(10, 105).reasoning(100));
    let body = body.replace("115", "15");
    let error = Api::OpenAiChat.read(body.as_bytes()).unwrap_err();
    assert_eq!(error.field(), "reasoning");
}

#[test]
fn names_of_compatible_servers() {
    let deepseek =
        r#"{"usage": {"prompt_tokens": 10, "completion_tokens": 5, "prompt_cache_hit_tokens": 8}}"#;
    assert_eq!(usage(Api::OpenAiChat, deepseek).cache_read_tokens(), 8);
    let embeddings = r#"{"model": "e", "usage": {"prompt_tokens": 8, "total_tokens": 8}}"#;
    assert_eq!(usage(Api::OpenAiChat, embeddings), Usage::new(8, 0).response_model("e"));
    let images = r#"{"usage": {"input_tokens": 50, "input_tokens_details": {"text_tokens": 10, "image_tokens": 40},
        "output_tokens": 50}}"#;
    assert_eq!(usage(Api::OpenAiResponses, images), Usage::new(50, 50).input_image(40));
}

/// Input comes without the cache.
#[test]
fn anthropic() {
    let body = r#"{"id": "msg_1", "type": "message", "model": "claude-sonnet-4-5-20250929",
        "stop_reason": "end_turn", "stop_sequence": null, "content": [{"type": "text", "text": "Hi"}],
        "usage": {"input_tokens": 2095, "cache_creation_input_tokens": 2051, "cache_read_input_tokens": 100,
            "cache_creation": {"ephemeral_5m_input_tokens": 51, "ephemeral_1h_input_tokens": 1900},
            "output_tokens": 503, "server_tool_use": {"web_search_requests": 3}, "service_tier": "batch"}}"#;
    let reading = read(Api::Anthropic, body);
    let wanted = Usage::new(2095 + 2051 + 100, 503)
        .cache_read(100)
        .cache_write_5m(51)
        .cache_write_1h(1900)
        .cache_write(100)
        .web_searches(3)
        .tier(ServiceTier::Batch)
        .response_model("claude-sonnet-4-5-20250929");
    assert_eq!(wanted.cache_write_tokens(), 2051);
    assert_eq!(reading.usage, Some(wanted));
    assert_eq!(reading.finish_reasons, ["end_turn"]);
    let fast = r#"{"usage": {"input_tokens": 1, "output_tokens": 1, "service_tier": "standard", "speed": "fast"}}"#;
    assert_eq!(usage(Api::Anthropic, fast).service_tier(), Some(ServiceTier::Fast));
}

/// Thoughts come beside the candidates, tools beside the prompt.
#[test]
fn gemini() {
    let body = r#"{"candidates": [{"content": {}, "finishReason": "STOP"}], "responseId": "r1",
        "modelVersion": "gemini-2.5-pro", "usageMetadata": {"promptTokenCount": 1000, "candidatesTokenCount": 40,
            "thoughtsTokenCount": 60, "toolUsePromptTokenCount": 5, "totalTokenCount": 1105,
            "cachedContentTokenCount": 700, "trafficType": "ON_DEMAND_PRIORITY",
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 400}, {"modality": "AUDIO", "tokenCount": 600}],
            "cacheTokensDetails": [{"modality": "AUDIO", "tokenCount": 500}],
            "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 30}]}}"#;
    let reading = read(Api::Gemini, body);
    let wanted = Usage::new(1005, 100)
        .cache_read(700)
        .input_audio(600)
        .cache_read_audio(500)
        .reasoning(60)
        .output_image(30)
        .tier(ServiceTier::Priority)
        .response_model("gemini-2.5-pro");
    assert_eq!(reading.usage, Some(wanted));
    assert_eq!(
        (reading.response_id.as_deref(), &reading.finish_reasons[..]),
        (Some("r1"), &["STOP".to_owned()][..])
    );
}

#[test]
fn bedrock() {
    let body = r#"{"output": {"message": {"role": "assistant", "content": [{"text": "Hi"}]}}, "stopReason": "end_turn",
        "usage": {"inputTokens": 30, "outputTokens": 628, "totalTokens": 708, "cacheReadInputTokens": 20,
            "cacheWriteInputTokens": 30, "cacheDetails": [{"ttl": "1h", "inputTokens": 25}]},
        "metrics": {"latencyMs": 1275}, "serviceTier": {"type": "priority"}}"#;
    let reading = read(Api::Bedrock, body);
    let wanted = Usage::new(80, 628).cache_read(20).cache_write_1h(25).cache_write(5);
    assert_eq!(reading.usage, Some(wanted.tier(ServiceTier::Priority)));
    assert_eq!(reading.finish_reasons, ["end_turn"]);
}

#[test]
fn mistral_and_ollama() {
    let mistral = r#"{"id": "m1", "model": "mistral-large-latest", "choices": [{"finish_reason": "stop"}],
        "usage": {"prompt_tokens": 16, "completion_tokens": 34, "total_tokens": 50}}"#;
    let wanted = Usage::new(16, 34).response_model("mistral-large-latest");
    assert_eq!(usage(Api::Mistral, mistral), wanted);
    let ollama = r#"{"model": "llama3.2", "created_at": "2026-11-01T00:00:00Z", "message": {"content": "Hi"},
        "done_reason": "stop", "done": true, "total_duration": 4, "prompt_eval_count": 26, "eval_count": 298}"#;
    let reading = read(Api::Ollama, ollama);
    assert_eq!(reading.usage, Some(Usage::new(26, 298).response_model("llama3.2")));
    assert_eq!(reading.finish_reasons, ["stop"]);
    // A prompt that was evaluated before.
    let again = r#"{"model": "llama3.2", "done": true, "eval_count": 3}"#;
    assert_eq!(usage(Api::Ollama, again).input_tokens(), 0);
}

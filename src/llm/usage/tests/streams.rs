//! Answers in pieces.

use crate::llm::{Api, Reading, Usage, UsageStream};

/// The same however the stream is cut.
fn stream(api: Api, body: &str) -> Reading {
    let read = |size: usize| {
        let mut stream = UsageStream::new(api);
        body.as_bytes().chunks(size).for_each(|chunk| stream.feed(chunk));
        stream.finish().unwrap_or_else(|error| panic!("{error}: {body}"))
    };
    let whole = read(body.len());
    for size in [1, 2, 7, 64] {
        assert_eq!(read(size), whole, "in pieces of {size}");
    }
    whole
}

#[test]
fn openai_chat_sends_it_last() {
    let body = concat!(
        "data: {\"id\":\"c1\",\"model\":\"gpt-4o-2024-08-06\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"é\"},",
        "\"finish_reason\":null}],\"usage\":null}\r\n\r\n",
        "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n",
        ": keep-alive\n\n",
        "data: {\"id\":\"c1\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":12}}\n\n",
        "data: [DONE]\n\n",
    );
    let reading = stream(Api::OpenAiChat, body);
    assert_eq!(reading.usage, Some(Usage::new(9, 12).response_model("gpt-4o-2024-08-06")));
    assert_eq!(reading.finish_reasons, ["stop"]);
    assert_eq!(reading.response_id.as_deref(), Some("c1"));
}

#[test]
fn or_never() {
    let body = "data: {\"id\":\"c1\",\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n";
    let reading = stream(Api::OpenAiChat, body);
    assert_eq!(reading.usage, None);
    assert_eq!(reading.response_id.as_deref(), Some("c1"));
    assert_eq!(UsageStream::new(Api::Anthropic).finish().unwrap(), Reading::default());
}

#[test]
fn openai_responses() {
    let body = concat!(
        "event: response.created\n",
        "data: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\",\"status\":\"in_progress\",\"usage\":null}}\n\n",
        "event: response.output_text.delta\n",
        "data: {\"type\":\"response.output_text.delta\",\"item_id\":\"i\",\"delta\":\"Hi\"}\n\n",
        "event: response.completed\n",
        "data: {\"type\":\"response.completed\",\"response\":{\"id\":\"resp_1\",\"model\":\"gpt-5\",\"status\":\"completed\",",
        "\"usage\":{\"input_tokens\":37,\"output_tokens\":11,\"output_tokens_details\":{\"reasoning_tokens\":3}}}}\n\n",
    );
    let reading = stream(Api::OpenAiResponses, body);
    assert_eq!(reading.usage, Some(Usage::new(37, 11).reasoning(3).response_model("gpt-5")));
    assert_eq!(reading.finish_reasons, ["completed"]);
}

/// The input at the start, the output at the end, growing.
#[test]
fn anthropic_sends_it_in_two() {
    let body = concat!(
        "event: message_start\n",
        "data: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"model\":\"claude-opus-4-1\",\"stop_reason\":null,",
        "\"usage\":{\"input_tokens\":25,\"cache_read_input_tokens\":75,\"output_tokens\":1}}}\n\n",
        "event: content_block_delta\n",
        "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\n",
        "event: message_delta\n",
        "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"max_tokens\"},\"usage\":{\"output_tokens\":15}}\n\n",
        "event: message_stop\n",
        "data: {\"type\":\"message_stop\"}",
    );
    let reading = stream(Api::Anthropic, body);
    let wanted = Usage::new(100, 15).cache_read(75).response_model("claude-opus-4-1");
    assert_eq!(reading.usage, Some(wanted));
    assert_eq!(reading.finish_reasons, ["max_tokens"]);
    // Broken off: what is known up to there.
    let cut = &body[..body.find("event: message_delta").unwrap()];
    assert_eq!(stream(Api::Anthropic, cut).usage.unwrap().output_tokens(), 1);
}

/// All along, each time the whole of it.
#[test]
fn gemini() {
    let event = |candidates: u32, thoughts: &str| {
        format!(
            "data: {{\"candidates\":[{{\"content\":{{}}}}],\"modelVersion\":\"gemini-2.5-flash\",\"usageMetadata\":\
             {{\"promptTokenCount\":8,\"candidatesTokenCount\":{candidates}{thoughts}}}}}\n\n"
        )
    };
    let body = event(3, "") + &event(10, ",\"thoughtsTokenCount\":20");
    let wanted = Usage::new(8, 30).reasoning(20).response_model("gemini-2.5-flash");
    assert_eq!(stream(Api::Gemini, &body).usage, Some(wanted.clone()));
    // As one JSON list, which comes without `alt=sse`.
    let list = body.replace("data: ", "").trim_end().replace("\n\n", ",");
    assert_eq!(Api::Gemini.read(format!("[{list}]").as_bytes()).unwrap().usage, Some(wanted));
}

#[test]
fn bedrock_as_clients_decode_it() {
    let mut stream = UsageStream::new(Api::Bedrock);
    stream.event(r#"{"contentBlockDelta": {"delta": {"text": "Hi"}}}"#);
    stream.event(r#"{"messageStop": {"stopReason": "end_turn"}}"#);
    stream.event(
        r#"{"metadata": {"usage": {"inputTokens": 5, "outputTokens": 7, "totalTokens": 12}}}"#,
    );
    let reading = stream.finish().unwrap();
    assert_eq!(reading.usage, Some(Usage::new(5, 7)));
    assert_eq!(reading.finish_reasons, ["end_turn"]);
}

#[test]
fn ollama_and_mistral() {
    let body = "{\"model\":\"llama3.2\",\"message\":{\"content\":\"H\"},\"done\":false}\n\
                {\"model\":\"llama3.2\",\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":26,\"eval_count\":4}\n";
    let reading = stream(Api::Ollama, body);
    assert_eq!(reading.usage, Some(Usage::new(26, 4).response_model("llama3.2")));
    let body = "data: {\"id\":\"m\",\"model\":\"mistral-small\",\"choices\":[{\"finish_reason\":\"stop\"}],\
                \"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\ndata: [DONE]\n";
    assert_eq!(stream(Api::Mistral, body).usage.unwrap().input_tokens(), 3);
}

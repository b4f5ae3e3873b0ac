//! Answers in the shapes that providers stream them in, through a server on the loopback: what a call says it
//! used, when its first piece came, what it cost, and what is left of one that is given up.

use lightship::llm::{self, Api, Finished, Provider, UsageStream};
use lightship::testing::{self, Captured};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

/// Before each piece.
const PAUSE: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(30);

/// What one provider streams.
struct Recording {
    api: Api,
    provider: Provider,
    model: &'static str,
    pieces: &'static [&'static str],
    /// Input and output tokens, where they are told.
    tokens: Option<(u64, u64)>,
    cost: Option<&'static str>,
}

const RECORDINGS: &[Recording] = &[
    Recording {
        api: Api::OpenAiChat,
        provider: Provider::OpenAi,
        model: "gpt-4o",
        pieces: &[
            "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-4o-2024-08-06\",\"choices\":[{\"index\":0,",
            "\"delta\":{\"content\":\"Hi\"},\"finish_reason\":null}],\"usage\":null}\n\n",
            "data: {\"id\":\"c1\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n",
            "data: {\"id\":\"c1\",\"choices\":[],\"usage\":{\"prompt_tokens\":2000,\"completion_tokens\":100,",
            "\"prompt_tokens_details\":{\"cached_tokens\":1024}}}\n\ndata: [DONE]\n\n",
        ],
        tokens: Some((2_000, 100)),
        // 976 at 2.5, 1,024 at 1.25 and 100 at 10 dollars a million.
        cost: Some("$0.00472"),
    },
    Recording {
        api: Api::OpenAiChat,
        provider: Provider::OpenAi,
        model: "gpt-4o",
        pieces: &[
            "data: {\"id\":\"c2\",\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n",
            "data: [DONE]\n\n",
        ],
        // Nobody asked for it.
        tokens: None,
        cost: None,
    },
    Recording {
        api: Api::OpenAiResponses,
        provider: Provider::OpenAi,
        model: "gpt-4o",
        pieces: &[
            "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"r1\",\"usage\":null}}\n\n",
            "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"id\":\"r1\",\"model\":\"gpt-4o\",",
            "\"status\":\"completed\",\"usage\":{\"input_tokens\":1000,\"output_tokens\":10}}}\n\n",
        ],
        tokens: Some((1_000, 10)),
        cost: Some("$0.0026"),
    },
    Recording {
        api: Api::Anthropic,
        provider: Provider::Anthropic,
        model: "claude-sonnet-4-6",
        pieces: &[
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m1\",\"model\":\"claude-sonnet-4-6\",",
            "\"usage\":{\"input_tokens\":100,\"cache_read_input_tokens\":900,\"output_tokens\":1}}}\n\n",
            "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},",
            "\"usage\":{\"output_tokens\":200}}\n\n",
        ],
        // The cache comes on top of what Anthropic calls input.
        tokens: Some((1_000, 200)),
        // 100 at 3, 900 at 0.3 and 200 at 15 dollars a million.
        cost: Some("$0.00357"),
    },
    Recording {
        api: Api::Gemini,
        provider: Provider::Gemini,
        model: "gemini-2.5-flash",
        pieces: &[
            "data: {\"candidates\":[{}],\"modelVersion\":\"gemini-2.5-flash\",\"usageMetadata\":{\"promptTokenCount\":1000,",
            "\"candidatesTokenCount\":1}}\n\ndata: {\"candidates\":[{\"finishReason\":\"STOP\"}],\"usageMetadata\":",
            "{\"promptTokenCount\":1000,\"candidatesTokenCount\":60,\"thoughtsTokenCount\":40}}\n\n",
        ],
        // Thoughts come on top of what Gemini calls candidates.
        tokens: Some((1_000, 100)),
        // 1,000 at 0.3 and 100 at 2.5 dollars a million.
        cost: Some("$0.00055"),
    },
    Recording {
        api: Api::Bedrock,
        provider: Provider::Bedrock,
        model: "amazon.nova-lite-v1:0",
        pieces: &[
            "{\"contentBlockDelta\": {\"delta\": {\"text\": \"Hi\"}}}\n",
            "{\"metadata\": {\"usage\": {\"inputTokens\": 1000, \"outputTokens\": 100, \"totalTokens\": 1100}}}\n",
        ],
        tokens: Some((1_000, 100)),
        // 1,000 at 0.06 and 100 at 0.24 dollars a million.
        cost: Some("$0.000084"),
    },
    Recording {
        api: Api::Mistral,
        provider: Provider::Mistral,
        model: "mistral-small-latest",
        pieces: &[
            "data: {\"id\":\"m1\",\"model\":\"mistral-small-latest\",\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n",
            "data: {\"id\":\"m1\",\"model\":\"mistral-small-latest\",\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],",
            "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}\n\ndata: [DONE]\n\n",
        ],
        tokens: Some((3, 4)),
        // 3 at 0.15 and 4 at 0.6 dollars a million.
        cost: Some("$0.00000285"),
    },
    Recording {
        api: Api::Ollama,
        provider: Provider::Ollama,
        model: "llama3.2",
        pieces: &[
            "{\"model\":\"llama3.2\",\"message\":{\"content\":\"H\"},\"done\":false}\n",
            "{\"model\":\"llama3.2\",\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":26,\"eval_count\":4}\n",
        ],
        tokens: Some((26, 4)),
        // A model of one's own has no price, which is not a price of zero.
        cost: None,
    },
];

/// Answers one request with these pieces, a pause before each; whoever asked may be gone before the end.
fn serve(pieces: &'static [&'static str]) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
        for piece in pieces {
            std::thread::sleep(PAUSE);
            let _ = stream.write_all(piece.as_bytes());
        }
    });
    address
}

/// The body of an answer, as it comes.
fn ask(address: SocketAddr) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(b"POST /v1/chat HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    let mut answer = BufReader::new(stream);
    let mut line = String::new();
    while answer.read_line(&mut line).unwrap() > 2 {
        line.clear();
    }
    answer
}

fn replay(recording: &Recording) -> (Finished, Captured) {
    let address = serve(recording.pieces);
    testing::capture(|| {
        let mut call = llm::call(recording.provider, recording.model).stream().start();
        let mut answer = ask(address);
        let mut stream = UsageStream::new(recording.api);
        let mut bytes = [0; 4_096];
        loop {
            match answer.read(&mut bytes).unwrap() {
                0 => break call.finish(stream.finish()),
                count => {
                    call.chunk();
                    stream.feed(&bytes[..count]);
                }
            }
        }
    })
}

fn tags<'t>(recording: &Recording, more: &[(&'t str, &'t str)]) -> Vec<(&'t str, &'t str)> {
    let mut tags = vec![
        ("gen_ai.operation.name", "chat"),
        ("gen_ai.provider.name", recording.provider.as_str()),
        ("gen_ai.request.model", recording.model),
    ];
    tags.extend(more);
    tags
}

#[test]
fn every_providers_stream_says_what_it_used() {
    for recording in RECORDINGS {
        let name = format!("{:?} {}", recording.api, recording.model);
        let (finished, seen) = replay(recording);
        let cost = finished.cost().map(|cost| cost.to_string());
        assert_eq!(cost.as_deref(), recording.cost, "{name}");
        let first = finished.time_to_first_chunk().unwrap();
        assert!(first >= PAUSE && first <= finished.duration(), "{name}: {first:?}");
        let span = seen.span(&format!("chat {}", recording.model)).unwrap();
        let counts =
            recording.tokens.map(|(input, output)| (input.to_string(), output.to_string()));
        let shown = |key| span.attribute(key).map(str::to_owned);
        let both = shown("gen_ai.usage.input_tokens").zip(shown("gen_ai.usage.output_tokens"));
        assert_eq!(both, counts, "{name}");
        assert!(!span.failed(), "{name}");
        let metric = "gen_ai.client.operation.time_to_first_chunk";
        assert_eq!(seen.histogram(metric, &tags(recording, &[])).count, 1, "{name} {seen}");
        let is_priced = seen.counter_total("llm.unpriced_calls") == 0;
        assert_eq!(is_priced, recording.cost.is_some(), "{name} {seen}");
    }
}

#[test]
fn a_stream_that_is_given_up_keeps_its_times_and_has_no_cost() {
    let recording = &RECORDINGS[0];
    let address = serve(recording.pieces);
    let (_, seen) = testing::capture(|| {
        let mut call = llm::call(recording.provider, recording.model).stream().start();
        let mut answer = ask(address);
        let mut bytes = [0; 4_096];
        assert!(answer.read(&mut bytes).unwrap() > 0);
        call.chunk();
    });
    let span = seen.span("chat gpt-4o").unwrap();
    assert_eq!(span.attribute("error.type"), Some("cancelled"));
    assert_eq!(span.attribute("lightship.llm.cost_usd"), None);
    let first = span.attribute("gen_ai.response.time_to_first_chunk").unwrap();
    assert!(first.parse::<f64>().unwrap() >= PAUSE.as_secs_f64(), "{first}");
    let cancelled = tags(recording, &[("error.type", "cancelled")]);
    assert_eq!(seen.histogram("gen_ai.client.operation.duration", &cancelled).count, 1, "{seen}");
}

//! Where each provider keeps what, and what it counts into what.

use super::fields::{Fields, Object};
use super::reading::{Api, Parts};
use super::{ServiceTier, Usage, UsageError};
use serde_json::Value;

/// Finds what there is in an answer or in an event of one; nothing is missed where nothing is.
pub(super) fn parts(api: Api, value: &Value) -> Parts<'_> {
    match api {
        Api::OpenAiChat | Api::Mistral => Parts {
            usage: value.get("usage"),
            id: value.get("id"),
            model: value.get("model"),
            tier: value.get("service_tier"),
            finish_reasons: each(value, "choices", "finish_reason"),
            ..Parts::default()
        },
        Api::OpenAiResponses => responses_parts(within(value, "response")),
        Api::Anthropic => {
            let message = within(value, "message");
            let ended = within(value, "delta").get("stop_reason").or(message.get("stop_reason"));
            Parts {
                usage: message.get("usage"),
                id: message.get("id"),
                model: message.get("model"),
                finish_reasons: ended.into_iter().collect(),
                ..Parts::default()
            }
        }
        Api::Gemini => Parts {
            usage: value.get("usageMetadata"),
            id: value.get("responseId"),
            model: value.get("modelVersion"),
            finish_reasons: each(value, "candidates", "finishReason"),
            ..Parts::default()
        },
        Api::Bedrock => {
            let metadata = within(value, "metadata");
            Parts {
                usage: metadata.get("usage"),
                tier: metadata.get("serviceTier").and_then(|tier| tier.get("type")),
                finish_reasons: within(value, "messageStop")
                    .get("stopReason")
                    .into_iter()
                    .collect(),
                ..Parts::default()
            }
        }
        Api::Ollama => Parts {
            usage: (value.get("done") == Some(&Value::Bool(true))).then_some(value),
            model: value.get("model"),
            finish_reasons: value.get("done_reason").into_iter().collect(),
            ..Parts::default()
        },
    }
}

fn responses_parts(response: &Value) -> Parts<'_> {
    let reason = response.get("incomplete_details").and_then(|details| details.get("reason"));
    let ended = reason.or(response.get("status")).filter(|status| *status != "in_progress");
    let output = response.get("output").and_then(Value::as_array);
    let is_search = |item: &&Value| item.get("type").is_some_and(|it| it == "web_search_call");
    Parts {
        usage: response.get("usage"),
        id: response.get("id"),
        model: response.get("model"),
        tier: response.get("service_tier"),
        finish_reasons: ended.into_iter().collect(),
        web_searches: output.map_or(0, |items| items.iter().filter(is_search).count() as u64),
    }
}

/// What an event wraps, or the answer itself.
fn within<'a>(value: &'a Value, key: &str) -> &'a Value {
    value.get(key).filter(|inside| inside.is_object()).unwrap_or(value)
}

fn each<'a>(value: &'a Value, list: &str, key: &str) -> Vec<&'a Value> {
    let items = value.get(list).and_then(Value::as_array);
    items.into_iter().flatten().filter_map(|item| item.get(key)).collect()
}

pub(super) fn usage_path(api: Api) -> &'static str {
    match api {
        Api::Gemini => "usageMetadata",
        Api::Ollama => "",
        _ => "usage",
    }
}

/// Whether a field beside the usage is one of it: Ollama keeps both in one object.
pub(super) fn is_usage(api: Api, key: &str) -> bool {
    api != Api::Ollama || ["prompt_eval_count", "eval_count"].contains(&key)
}

/// `None` where the object says nothing at all.
pub(super) fn usage(api: Api, object: &Object) -> Result<Option<Usage>, UsageError> {
    if object.is_empty() {
        return Ok(None);
    }
    let fields = Fields::new(object, usage_path(api));
    match api {
        Api::OpenAiChat | Api::Mistral => openai(&fields, ["prompt", "completion"]),
        Api::OpenAiResponses => openai(&fields, ["input", "output"]),
        Api::Anthropic => anthropic(&fields),
        Api::Gemini => super::gemini::usage(&fields),
        Api::Bedrock => bedrock(&fields),
        Api::Ollama => ollama(&fields),
    }
    .map(Some)
}

/// Input and output, of which one at least has to be there.
pub(super) fn both(
    fields: &Fields<'_>,
    names: [&str; 2],
    found: [Option<u64>; 2],
) -> Result<[u64; 2], UsageError> {
    match found {
        [None, None] => Err(fields.missing(names[0])),
        [input, output] => Ok([input.unwrap_or(0), output.unwrap_or(0)]),
    }
}

/// Input includes what was cached, output includes reasoning, except where the total says that it does not.
fn openai(fields: &Fields<'_>, [input, output]: [&str; 2]) -> Result<Usage, UsageError> {
    let names = [format!("{input}_tokens"), format!("{output}_tokens")];
    let names = [names[0].as_str(), names[1].as_str()];
    let [input_tokens, mut output_tokens] =
        both(fields, names, [fields.count(names[0])?, fields.count(names[1])?])?;
    let given = fields.inside(&format!("{input}_tokens_details"))?;
    let made = fields.inside(&format!("{output}_tokens_details"))?;
    let cached = match given.count("cached_tokens")? {
        Some(cached) => cached,
        // DeepSeek's name and Moonshot's.
        None => fields.either("prompt_cache_hit_tokens", "cached_tokens")?.unwrap_or(0),
    };
    let reasoning = made.count_or_zero("reasoning_tokens")?;
    let apart = input_tokens.checked_add(output_tokens).and_then(|sum| sum.checked_add(reasoning));
    // xAI counts reasoning apart.
    if reasoning > 0 && fields.count("total_tokens")?.is_some_and(|total| Some(total) == apart) {
        output_tokens = output_tokens.saturating_add(reasoning);
    }
    let cached_kinds = given.inside("cached_tokens_details")?;
    Ok(Usage::new(input_tokens, output_tokens)
        .cache_read(cached)
        .cache_write(given.count_or_zero("cache_write_tokens")?)
        .reasoning(reasoning)
        .input_audio(given.count_or_zero("audio_tokens")?)
        .input_image(given.count_or_zero("image_tokens")?)
        .cache_read_audio(cached_kinds.count_or_zero("audio_tokens")?)
        .cache_read_image(cached_kinds.count_or_zero("image_tokens")?)
        .output_audio(made.count_or_zero("audio_tokens")?)
        .output_image(made.count_or_zero("image_tokens")?))
}

/// Input excludes what was read from and written to the cache.
fn anthropic(fields: &Fields<'_>) -> Result<Usage, UsageError> {
    let names = ["input_tokens", "output_tokens"];
    let [input, output] = both(fields, names, [fields.count(names[0])?, fields.count(names[1])?])?;
    let read = fields.count_or_zero("cache_read_input_tokens")?;
    let by_time = fields.inside("cache_creation")?;
    let short = by_time.count_or_zero("ephemeral_5m_input_tokens")?;
    let long = by_time.count_or_zero("ephemeral_1h_input_tokens")?;
    let written = fields.count("cache_creation_input_tokens")?;
    let usage = exclusive([input, output], read, written, [short, long]);
    let tier = match (fields.text("speed"), fields.text("service_tier")) {
        (Some("fast"), _) => Some(ServiceTier::Fast),
        (_, tier) => tier.and_then(ServiceTier::named),
    };
    let mut usage = usage
        .reasoning(fields.inside("output_tokens_details")?.count_or_zero("thinking_tokens")?)
        .web_searches(fields.inside("server_tool_use")?.count_or_zero("web_search_requests")?);
    usage.set_tier(tier);
    Ok(usage)
}

/// Input excludes what was read from and written to the cache.
fn bedrock(fields: &Fields<'_>) -> Result<Usage, UsageError> {
    let names = ["inputTokens", "outputTokens"];
    let [input, output] = both(fields, names, [fields.count(names[0])?, fields.count(names[1])?])?;
    let read = fields.either("cacheReadInputTokens", "cacheReadInputTokenCount")?.unwrap_or(0);
    let written = fields.either("cacheWriteInputTokens", "cacheWriteInputTokenCount")?;
    let mut times = [0; 2];
    for detail in fields.list("cacheDetails")? {
        let slot = match detail.text("ttl") {
            Some("5m") => 0,
            Some("1h") => 1,
            _ => continue,
        };
        times[slot] = detail.count_or_zero("inputTokens")?.saturating_add(times[slot]);
    }
    Ok(exclusive([input, output], read, written, times))
}

/// Adds what was counted apart. The times are of what was written, where they are known.
fn exclusive(tokens: [u64; 2], read: u64, written: Option<u64>, times: [u64; 2]) -> Usage {
    let timed = times[0].saturating_add(times[1]);
    let unknown = written.unwrap_or(0).saturating_sub(timed);
    let input = [tokens[0], read, timed, unknown].into_iter().fold(0, u64::saturating_add);
    Usage::new(input, tokens[1])
        .cache_read(read)
        .cache_write(unknown)
        .cache_write_5m(times[0])
        .cache_write_1h(times[1])
}

/// Prompts that were evaluated before are not counted at all.
fn ollama(fields: &Fields<'_>) -> Result<Usage, UsageError> {
    let names = ["prompt_eval_count", "eval_count"];
    let [input, output] = both(fields, names, [fields.count(names[0])?, fields.count(names[1])?])?;
    Ok(Usage::new(input, output))
}

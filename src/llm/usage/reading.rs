//! From an answer, or the events of one, to what it used.

use super::fields::{Object, text, type_of};
use super::{ServiceTier, Usage, UsageError, providers};
use serde_json::Value;

/// Whose form an answer has.
///
/// Many servers answer in OpenAI's form of chat; [`OpenAiChat`](Self::OpenAiChat) reads them, whoever they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Api {
    /// Chat completions, and embeddings
    OpenAiChat,
    /// Responses, and images
    OpenAiResponses,
    /// Messages
    Anthropic,
    /// `generateContent` and `streamGenerateContent`, of Gemini and of Vertex AI
    Gemini,
    /// Converse and the decoded events of ConverseStream
    Bedrock,
    /// Chat completions
    Mistral,
    /// `/api/chat` and `/api/generate`
    Ollama,
}

/// What an answer says of itself.
///
/// # Examples
///
/// ```
/// use lightship::llm::Api;
///
/// let answer = br#"{"id": "msg_1", "model": "claude-sonnet-4-5", "stop_reason": "end_turn",
///     "usage": {"input_tokens": 10, "cache_read_input_tokens": 90, "output_tokens": 5}}"#;
/// let reading = Api::Anthropic.read(answer)?;
/// assert_eq!(reading.usage.unwrap().input_tokens(), 100); // with the cache
/// assert_eq!(reading.response_model.as_deref(), Some("claude-sonnet-4-5"));
/// assert_eq!(reading.finish_reasons, ["end_turn"]);
/// # Ok::<(), lightship::llm::UsageError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Reading {
    /// What was used, in the normal form, with tier and model; `None` where the answer doesn't say.
    pub usage: Option<Usage>,
    /// The model that answered.
    pub response_model: Option<String>,
    /// The answer's id.
    pub response_id: Option<String>,
    /// Why each choice ended, in the provider's words.
    pub finish_reasons: Vec<String>,
}

impl Api {
    /// Reads an answer's body: JSON, or a list of JSON objects as Gemini streams them.
    ///
    /// # Errors
    ///
    /// What is no JSON, or has a usage that can't be read or can't be right; the error names the field. An
    /// answer without a usage is no error.
    pub fn read(self, body: &[u8]) -> Result<Reading, UsageError> {
        let mut answer = Answer::default();
        answer.absorb(self, &parse(body, "body")?)?;
        answer.reading(self)
    }
}

pub(super) fn parse(json: &[u8], what: &'static str) -> Result<Value, UsageError> {
    serde_json::from_slice(json).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        UsageError::new(what, format!("is not JSON: {place}"))
    })
}

/// What one answer or event says, not yet understood.
#[derive(Default)]
pub(super) struct Parts<'a> {
    pub(super) usage: Option<&'a Value>,
    pub(super) id: Option<&'a Value>,
    pub(super) model: Option<&'a Value>,
    pub(super) tier: Option<&'a Value>,
    pub(super) finish_reasons: Vec<&'a Value>,
    pub(super) web_searches: u64,
}

/// What was said so far. What is said later counts, field by field.
#[derive(Debug, Default)]
pub(super) struct Answer {
    usage: Option<Object>,
    id: Option<String>,
    model: Option<String>,
    tier: Option<ServiceTier>,
    finish_reasons: Vec<String>,
    web_searches: u64,
}

/// No answer has more choices.
const MAX_FINISH_REASONS: usize = 128;

impl Answer {
    pub(super) fn absorb(&mut self, api: Api, value: &Value) -> Result<(), UsageError> {
        if let Value::Array(events) = value {
            // One level: what is in there in lists is nothing of ours.
            return events
                .iter()
                .filter(|event| event.is_object())
                .try_for_each(|event| self.absorb(api, event));
        }
        let parts = providers::parts(api, value);
        match parts.usage {
            None | Some(Value::Null) => {}
            Some(Value::Object(usage)) => {
                let fields = usage.iter().filter(|(key, _)| providers::is_usage(api, key));
                let known = fields.map(|(key, value)| (key.clone(), value.clone()));
                self.usage.get_or_insert_default().extend(known);
            }
            Some(other) => {
                let problem = format!("is {}, not an object", type_of(other));
                return Err(UsageError::new(providers::usage_path(api), problem));
            }
        }
        let later = |new: Option<&Value>| text(new).map(str::to_owned);
        self.id = later(parts.id).or(self.id.take());
        self.model = later(parts.model).or(self.model.take());
        self.tier = text(parts.tier).and_then(ServiceTier::named).or(self.tier);
        self.web_searches = self.web_searches.max(parts.web_searches);
        for reason in parts.finish_reasons.into_iter().filter_map(|reason| text(Some(reason))) {
            if self.finish_reasons.len() < MAX_FINISH_REASONS {
                self.finish_reasons.push(reason.to_owned());
            }
        }
        Ok(())
    }

    pub(super) fn has_usage(&self) -> bool {
        self.usage.is_some()
    }

    pub(super) fn reading(self, api: Api) -> Result<Reading, UsageError> {
        let usage = match &self.usage {
            None => None,
            Some(usage) => providers::usage(api, usage)?,
        };
        let usage = usage.map(|mut usage| {
            let tier = usage.service_tier().or(self.tier);
            usage.set_tier(tier);
            if usage.web_search_count() == 0 {
                usage = usage.web_searches(self.web_searches);
            }
            match &self.model {
                Some(model) => usage.response_model(model.as_str()),
                None => usage,
            }
        });
        if let Some(usage) = &usage {
            usage.check()?;
        }
        Ok(Reading {
            usage,
            response_model: self.model,
            response_id: self.id,
            finish_reasons: self.finish_reasons,
        })
    }
}

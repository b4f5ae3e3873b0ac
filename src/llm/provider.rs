//! Whose model it is.

use std::fmt;

/// Who serves a model, by the names of `gen_ai.provider.name` in OpenTelemetry's conventions v1.41.
///
/// The same model costs different amounts with different providers, so the price is asked for by both.
///
/// # Examples
///
/// ```
/// use lightship::llm::Provider;
///
/// assert_eq!(Provider::Bedrock.as_str(), "aws.bedrock");
/// assert_eq!(Provider::named("bedrock"), Provider::Bedrock);
/// assert_eq!(Provider::named("openrouter"), Provider::Other("openrouter"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Provider {
    /// `anthropic`
    Anthropic,
    /// `azure.ai.inference`
    AzureInference,
    /// `azure.ai.openai`
    AzureOpenAi,
    /// `aws.bedrock`
    Bedrock,
    /// `cohere`
    Cohere,
    /// `deepseek`
    DeepSeek,
    /// `gcp.gemini`, the Gemini API of AI Studio
    Gemini,
    /// `gcp.gen_ai`, where it is not known which of Google's it is
    Google,
    /// `groq`
    Groq,
    /// `mistral_ai`
    Mistral,
    /// `moonshot_ai`
    Moonshot,
    /// `ollama`, which has no name in the conventions
    Ollama,
    /// `openai`
    OpenAi,
    /// `perplexity`
    Perplexity,
    /// `gcp.vertex_ai`
    VertexAi,
    /// `ibm.watsonx.ai`
    Watsonx,
    /// `x_ai`
    XAi,
    /// Anybody else, by a name of your choice; prices are looked up under it.
    Other(&'static str),
}

/// Each with its name in the conventions and what else it is called.
const NAMES: &[(Provider, &str, &[&str])] = &[
    (Provider::Anthropic, "anthropic", &["claude"]),
    (Provider::AzureInference, "azure.ai.inference", &["azure_ai"]),
    (Provider::AzureOpenAi, "azure.ai.openai", &["azure", "azure_openai"]),
    (Provider::Bedrock, "aws.bedrock", &["bedrock", "aws"]),
    (Provider::Cohere, "cohere", &[]),
    (Provider::DeepSeek, "deepseek", &[]),
    (Provider::Gemini, "gcp.gemini", &["gemini"]),
    (Provider::Google, "gcp.gen_ai", &["google"]),
    (Provider::Groq, "groq", &[]),
    (Provider::Mistral, "mistral_ai", &["mistral"]),
    (Provider::Moonshot, "moonshot_ai", &["moonshot", "moonshotai"]),
    (Provider::Ollama, "ollama", &[]),
    (Provider::OpenAi, "openai", &[]),
    (Provider::Perplexity, "perplexity", &[]),
    (Provider::VertexAi, "gcp.vertex_ai", &["vertex_ai", "vertex"]),
    (Provider::Watsonx, "ibm.watsonx.ai", &["watsonx"]),
    (Provider::XAi, "x_ai", &["xai", "x-ai"]),
];

impl Provider {
    /// The value of `gen_ai.provider.name`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        if let Provider::Other(name) = self {
            return name;
        }
        NAMES.iter().find(|(provider, ..)| *provider == self).map_or("_OTHER", |(_, name, _)| name)
    }

    /// The provider of a name: one of the conventions' or a usual short one, such as `azure`; the case does
    /// not matter. Any other name is [`Other`](Self::Other).
    #[must_use]
    pub fn named(name: &'static str) -> Self {
        let is_it = |known: &str| known.eq_ignore_ascii_case(name);
        NAMES
            .iter()
            .find(|(_, known, also)| is_it(known) || also.iter().copied().any(is_it))
            .map_or(Provider::Other(name), |(provider, ..)| *provider)
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_one_name_and_is_found_by_it() {
        for (provider, name, also) in NAMES {
            assert_eq!(provider.as_str(), *name);
            for name in [name].into_iter().chain(*also) {
                assert_eq!(Provider::named(name), *provider, "{name}");
            }
        }
        assert_eq!(Provider::named("OpenAI"), Provider::OpenAi);
        assert_eq!(Provider::Other("mine").to_string(), "mine");
    }

    /// A variant without a row would be called `_OTHER`.
    #[test]
    fn none_is_forgotten() {
        use Provider::*;
        let all = [
            Anthropic,
            AzureInference,
            AzureOpenAi,
            Bedrock,
            Cohere,
            DeepSeek,
            Gemini,
            Google,
            Groq,
            Mistral,
            Moonshot,
            Ollama,
            OpenAi,
            Perplexity,
            VertexAi,
            Watsonx,
            XAi,
        ];
        assert_eq!(all.len(), NAMES.len());
        assert!(all.iter().all(|provider| provider.as_str() != "_OTHER"));
    }
}

//! All names of OpenTelemetry's conventions for generative AI that we write, v1.41, and our own beside them.

pub(super) const OPERATION: &str = "gen_ai.operation.name";
pub(super) const PROVIDER: &str = "gen_ai.provider.name";
pub(super) const REQUEST_MODEL: &str = "gen_ai.request.model";
pub(super) const RESPONSE_MODEL: &str = "gen_ai.response.model";
pub(super) const RESPONSE_ID: &str = "gen_ai.response.id";
pub(super) const FINISH_REASONS: &str = "gen_ai.response.finish_reasons";
/// In seconds.
pub(super) const FIRST_CHUNK: &str = "gen_ai.response.time_to_first_chunk";
pub(super) const INPUT_TOKENS: &str = "gen_ai.usage.input_tokens";
pub(super) const OUTPUT_TOKENS: &str = "gen_ai.usage.output_tokens";
pub(super) const CACHE_READ_TOKENS: &str = "gen_ai.usage.cache_read.input_tokens";
pub(super) const CACHE_WRITE_TOKENS: &str = "gen_ai.usage.cache_creation.input_tokens";
pub(super) const REASONING_TOKENS: &str = "gen_ai.usage.reasoning.output_tokens";
pub(super) const TOKEN_TYPE: &str = "gen_ai.token.type";
pub(super) const ERROR_TYPE: &str = "error.type";

// The conventions have none for these.
pub(super) const COST: &str = "lightship.llm.cost_usd";
pub(super) const PRICED_AS: &str = "lightship.llm.priced_as";
pub(super) const PRICE_BOOK: &str = "lightship.llm.price_book";
pub(super) const UNPRICED: &str = "lightship.llm.unpriced";
pub(super) const TOKENS_PER_SECOND: &str = "lightship.llm.output_tokens_per_second";

/// Histogram, in tokens.
pub(super) const TOKEN_USAGE: &str = "gen_ai.client.token.usage";
// Histograms, in seconds.
pub(super) const DURATION: &str = "gen_ai.client.operation.duration";
pub(super) const TIME_TO_FIRST_CHUNK: &str = "gen_ai.client.operation.time_to_first_chunk";
pub(super) const TIME_PER_CHUNK: &str = "gen_ai.client.operation.time_per_output_chunk";
/// Counter of calls that have no price.
pub(super) const UNPRICED_CALLS: &str = "llm.unpriced_calls";

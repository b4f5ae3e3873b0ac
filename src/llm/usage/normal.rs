//! The one form that every provider's usage is brought into.

use super::{ServiceTier, UsageError};
use crate::llm::kind::{KINDS, Kind};

/// What a call used, in the form of OpenTelemetry's conventions: **input includes** what was read from and
/// written to the cache, **output includes** reasoning. All counts are tokens unless their name says else.
///
/// Readers for providers' own forms are at [`Api::read`](super::Api::read).
///
/// # Examples
///
/// ```
/// use lightship::llm::{ServiceTier, Usage};
///
/// let usage = Usage::new(1_200, 350)
///     .cache_read(1_024)
///     .reasoning(64)
///     .tier(ServiceTier::Flex)
///     .response_model("gpt-5-2025-08-07");
/// assert_eq!(usage.input_tokens(), 1_200);
/// assert!(usage.check().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    counts: [u64; KINDS],
    tier: Option<ServiceTier>,
    response_model: Option<String>,
}

/// Parts that don't overlap, and together are no more than the whole.
const PARTITIONS: &[(Kind, &[Kind])] = &[
    (Kind::CacheWrite, &[Kind::CacheWrite5m, Kind::CacheWrite1h]),
    (Kind::Input, &[Kind::CacheRead, Kind::CacheWrite]),
    (Kind::Input, &[Kind::InputAudio, Kind::InputImage, Kind::InputVideo]),
    (Kind::CacheRead, &[Kind::CacheReadAudio, Kind::CacheReadImage]),
    (Kind::InputAudio, &[Kind::CacheReadAudio]),
    (Kind::InputImage, &[Kind::CacheReadImage]),
    (Kind::Output, &[Kind::Reasoning]),
    (Kind::Output, &[Kind::OutputAudio, Kind::OutputImage, Kind::OutputVideo]),
];

macro_rules! counts {
    ($($(#[$doc:meta])* $setter:ident, $getter:ident: $kind:ident;)*) => {
        $(
            $(#[$doc])*
            #[must_use]
            pub fn $setter(self, count: u64) -> Self {
                self.with(Kind::$kind, count)
            }
        )*
        $(
            #[doc = concat!("What [`", stringify!($setter), "`](Self::", stringify!($setter), ") said.")]
            #[must_use]
            pub fn $getter(&self) -> u64 {
                self.count(Kind::$kind)
            }
        )*
    };
}

impl Usage {
    /// So many tokens of input and output, in one request. Both may be zero.
    #[must_use]
    pub fn new(input: u64, output: u64) -> Self {
        Usage { counts: [0; KINDS], tier: None, response_model: None }
            .with(Kind::Input, input)
            .with(Kind::Output, output)
            .with(Kind::Requests, 1)
    }

    counts! {
        /// Of the input, what was read from a cache.
        cache_read, cache_read_tokens: CacheRead;
        /// Of the input, what was written to a cache for five minutes. Adds to
        /// [`cache_write`](Self::cache_write).
        cache_write_5m, cache_write_5m_tokens: CacheWrite5m;
        /// Of the input, what was written to a cache for an hour. Adds to
        /// [`cache_write`](Self::cache_write).
        cache_write_1h, cache_write_1h_tokens: CacheWrite1h;
        /// Of the output, what the model thought and did not say.
        reasoning, reasoning_tokens: Reasoning;
        /// Of the input, what was heard.
        input_audio, input_audio_tokens: InputAudio;
        /// Of the input, what was seen.
        input_image, input_image_tokens: InputImage;
        /// Of the input, what was seen moving.
        input_video, input_video_tokens: InputVideo;
        /// Of what was read from a cache, what was heard.
        cache_read_audio, cache_read_audio_tokens: CacheReadAudio;
        /// Of what was read from a cache, what was seen.
        cache_read_image, cache_read_image_tokens: CacheReadImage;
        /// Of the output, what can be heard.
        output_audio, output_audio_tokens: OutputAudio;
        /// Of the output, what can be seen.
        output_image, output_image_tokens: OutputImage;
        /// Of the output, what can be seen moving.
        output_video, output_video_tokens: OutputVideo;
        /// Requests, for models that cost something each time; one unless said.
        requests, request_count: Requests;
        /// Searches of the web that the model made.
        web_searches, web_search_count: WebSearches;
        /// Images sent, for models that cost something for each rather than for their tokens.
        input_images, input_image_count: InputImages;
        /// Images made, for models that cost something for each rather than for their tokens.
        output_images, output_image_count: OutputImages;
    }

    /// Of the input, what was written to a cache for a time that isn't known, beside what was written for
    /// five minutes and for an hour.
    #[must_use]
    pub fn cache_write(mut self, count: u64) -> Self {
        let slot = Kind::CacheWrite as usize;
        self.counts[slot] = count;
        self
    }

    /// How the request was served; unless said, as everybody's.
    #[must_use]
    pub fn tier(mut self, tier: ServiceTier) -> Self {
        self.tier = Some(tier);
        self
    }

    /// The model that answered, which may be dated where the one that was asked for is not.
    #[must_use]
    pub fn response_model(mut self, model: impl Into<String>) -> Self {
        self.response_model = Some(model.into());
        self
    }

    fn with(mut self, kind: Kind, count: u64) -> Self {
        self.counts[kind as usize] = count;
        self
    }

    /// How many tokens went in, with those of caches.
    #[must_use]
    pub fn input_tokens(&self) -> u64 {
        self.count(Kind::Input)
    }

    /// How many tokens came out, with those of reasoning.
    #[must_use]
    pub fn output_tokens(&self) -> u64 {
        self.count(Kind::Output)
    }

    /// What was written to caches for any time.
    #[must_use]
    pub fn cache_write_tokens(&self) -> u64 {
        self.count(Kind::CacheWrite)
    }

    /// What [`tier`](Self::tier) or the provider said.
    #[must_use]
    pub fn service_tier(&self) -> Option<ServiceTier> {
        self.tier
    }

    /// What [`response_model`](Self::response_model) or the provider said.
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.response_model.as_deref()
    }

    /// Whether a part is more than the whole: cached tokens more than the input, reasoning more than the
    /// output. Nobody knows what such a call cost, so it has no price.
    ///
    /// # Errors
    ///
    /// Names the part.
    pub fn check(&self) -> Result<(), UsageError> {
        for (whole, parts) in PARTITIONS {
            let sum = parts.iter().fold(0_u64, |sum, part| sum.saturating_add(self.count(*part)));
            if sum <= self.count(*whole) {
                continue;
            }
            let largest = parts.iter().max_by_key(|part| self.count(**part));
            let (name, whole_name) = (largest.map_or("", |part| part.name()), whole.name());
            let among =
                if parts.len() > 1 && self.count_of(largest) != sum { " in all" } else { "" };
            let problem = format!(
                "{sum} tokens{among} are more than the {whole_name}'s {}",
                self.count(*whole)
            );
            return Err(UsageError::new(name, problem));
        }
        Ok(())
    }

    fn count_of(&self, kind: Option<&Kind>) -> u64 {
        kind.map_or(0, |kind| self.count(*kind))
    }

    pub(crate) fn count(&self, kind: Kind) -> u64 {
        let own = self.counts[kind as usize];
        match kind {
            Kind::CacheWrite => own
                .saturating_add(self.counts[Kind::CacheWrite5m as usize])
                .saturating_add(self.counts[Kind::CacheWrite1h as usize]),
            _ => own,
        }
    }

    pub(super) fn set_tier(&mut self, tier: Option<ServiceTier>) {
        self.tier = tier;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_fine() {
        assert!(Usage::new(0, 0).check().is_ok());
        assert_eq!(Usage::new(0, 0).request_count(), 1);
    }

    #[test]
    fn writes_add_up() {
        let usage = Usage::new(60, 0).cache_write(10).cache_write_5m(20).cache_write_1h(30);
        assert_eq!(usage.cache_write_tokens(), 60);
        assert!(usage.check().is_ok());
        let error = usage.cache_read(1).check().unwrap_err();
        assert_eq!(error.to_string(), "cache_write: 61 tokens in all are more than the input's 60");
    }

    #[test]
    fn a_part_that_is_more_than_the_whole_is_named() {
        let usage = Usage::new(10, 10);
        for (usage, field) in [
            (usage.clone().cache_read(11), "cache_read"),
            (usage.clone().cache_write_1h(11), "cache_write"),
            (usage.clone().input_audio(6).input_image(5), "input_audio"),
            (usage.clone().cache_read(3).cache_read_audio(4), "cache_read_audio"),
            (usage.clone().cache_read(3).cache_read_image(2), "cache_read_image"),
            (usage.clone().reasoning(11), "reasoning"),
            (usage.clone().output_image(11), "output_image"),
            (usage.clone().cache_read(u64::MAX).cache_write(u64::MAX), "cache_write"),
        ] {
            assert_eq!(usage.check().unwrap_err().field(), field);
        }
    }
}

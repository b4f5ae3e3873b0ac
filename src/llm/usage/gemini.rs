//! Gemini's counts: thoughts beside the candidates, tools beside the prompt, lists by what was sent.

use super::fields::Fields;
use super::providers::both;
use super::{ServiceTier, Usage, UsageError};

pub(super) fn usage(fields: &Fields<'_>) -> Result<Usage, UsageError> {
    let prompt = fields.count("promptTokenCount")?;
    let tools = fields.count_or_zero("toolUsePromptTokenCount")?;
    let thoughts = fields.count("thoughtsTokenCount")?;
    // Live sessions have another name for it.
    let candidates = fields.either("candidatesTokenCount", "responseTokenCount")?;
    let names = ["promptTokenCount", "candidatesTokenCount"];
    let [prompt, candidates] = both(fields, names, [prompt, candidates.or(thoughts.map(|_| 0))])?;
    let thoughts = thoughts.unwrap_or(0);

    let mut given = Modalities::default();
    given.add(fields, "promptTokensDetails")?;
    given.add(fields, "toolUsePromptTokensDetails")?;
    let mut cached = Modalities::default();
    cached.add(fields, "cacheTokensDetails")?;
    let mut made = Modalities::default();
    made.add(fields, "candidatesTokensDetails")?;
    made.add(fields, "responseTokensDetails")?;

    let tier = fields.text("trafficType").or(fields.text("serviceTier"));
    let mut usage = Usage::new(prompt.saturating_add(tools), candidates.saturating_add(thoughts))
        .cache_read(fields.count_or_zero("cachedContentTokenCount")?)
        .reasoning(thoughts)
        .input_audio(given.audio)
        .input_image(given.image)
        .input_video(given.video)
        .cache_read_audio(cached.audio)
        .cache_read_image(cached.image)
        .output_audio(made.audio)
        .output_image(made.image)
        .output_video(made.video);
    usage.set_tier(tier.and_then(ServiceTier::named));
    Ok(usage)
}

#[derive(Default)]
struct Modalities {
    audio: u64,
    image: u64,
    video: u64,
}

impl Modalities {
    fn add(&mut self, fields: &Fields<'_>, list: &str) -> Result<(), UsageError> {
        for detail in fields.list(list)? {
            let slot = match detail.text("modality") {
                Some("AUDIO") => &mut self.audio,
                // A document costs what its pages cost as images.
                Some("IMAGE" | "DOCUMENT") => &mut self.image,
                Some("VIDEO") => &mut self.video,
                _ => continue,
            };
            *slot = slot.saturating_add(detail.count_or_zero("tokenCount")?);
        }
        Ok(())
    }
}

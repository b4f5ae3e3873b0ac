//! What is counted and priced, and what is part of what.

/// One thing that a price table may have a price for.
///
/// Tokens are ordered by containment: audio read from the cache is part of what was read from the cache, of
/// audio, and of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Input,
    CacheRead,
    CacheWrite,
    CacheWrite5m,
    CacheWrite1h,
    InputAudio,
    InputImage,
    InputVideo,
    CacheReadAudio,
    CacheReadImage,
    Output,
    Reasoning,
    OutputAudio,
    OutputImage,
    OutputVideo,
    /// From here on they are no tokens, and part of nothing.
    Requests,
    WebSearches,
    InputImages,
    OutputImages,
}

pub(crate) const KINDS: usize = Kind::OutputImages as usize + 1;

impl Kind {
    /// From what contains to what is contained.
    pub(crate) const ALL: [Kind; KINDS] = [
        Kind::Input,
        Kind::CacheRead,
        Kind::CacheWrite,
        Kind::CacheWrite5m,
        Kind::CacheWrite1h,
        Kind::InputAudio,
        Kind::InputImage,
        Kind::InputVideo,
        Kind::CacheReadAudio,
        Kind::CacheReadImage,
        Kind::Output,
        Kind::Reasoning,
        Kind::OutputAudio,
        Kind::OutputImage,
        Kind::OutputVideo,
        Kind::Requests,
        Kind::WebSearches,
        Kind::InputImages,
        Kind::OutputImages,
    ];

    /// What this is part of, if it is part of something, nearest first.
    pub(crate) fn containers(self) -> &'static [Kind] {
        use Kind::*;
        match self {
            CacheRead | CacheWrite | InputAudio | InputImage | InputVideo => &[Input],
            CacheWrite5m | CacheWrite1h => &[CacheWrite, Input],
            CacheReadAudio => &[CacheRead, InputAudio, Input],
            CacheReadImage => &[CacheRead, InputImage, Input],
            Reasoning | OutputAudio | OutputImage | OutputVideo => &[Output],
            Input | Output | Requests | WebSearches | InputImages | OutputImages => &[],
        }
    }

    pub(crate) fn is_token(self) -> bool {
        (self as usize) < Kind::Requests as usize
    }

    /// As users meet it in errors.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Input => "input",
            Kind::CacheRead => "cache_read",
            Kind::CacheWrite => "cache_write",
            Kind::CacheWrite5m => "cache_write_5m",
            Kind::CacheWrite1h => "cache_write_1h",
            Kind::InputAudio => "input_audio",
            Kind::InputImage => "input_image",
            Kind::InputVideo => "input_video",
            Kind::CacheReadAudio => "cache_read_audio",
            Kind::CacheReadImage => "cache_read_image",
            Kind::Output => "output",
            Kind::Reasoning => "reasoning",
            Kind::OutputAudio => "output_audio",
            Kind::OutputImage => "output_image",
            Kind::OutputVideo => "output_video",
            Kind::Requests => "requests",
            Kind::WebSearches => "web_searches",
            Kind::InputImages => "input_images",
            Kind::OutputImages => "output_images",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn containers_come_first_and_contain_theirs() {
        for (at, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, at);
            for container in kind.containers() {
                assert!((*container as usize) < at, "{kind:?}");
                let wider = container.containers();
                assert!(wider.iter().all(|wider| kind.containers().contains(wider)), "{kind:?}");
                assert_eq!(container.is_token(), kind.is_token());
            }
        }
    }
}

//! How a request was served, which decides the price list.

/// What a request was billed as.
///
/// A provider says in its answer how it served a request, except for batches, which the caller knows of:
/// [`Usage::tier`](super::Usage::tier). Where a price table knows no prices of a tier, its standard prices count.
///
/// # Examples
///
/// ```
/// use lightship::llm::ServiceTier;
///
/// assert_eq!(ServiceTier::named("on_demand_priority"), Some(ServiceTier::Priority));
/// assert_eq!(ServiceTier::named("auto"), None); // a wish, not an answer
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServiceTier {
    /// As everybody is.
    Standard,
    /// Later, for less.
    Batch,
    /// When there is room, for less.
    Flex,
    /// Before others, for more.
    Priority,
    /// Faster than others, for more.
    Fast,
}

impl ServiceTier {
    /// The tier that a provider's answer names; the case does not matter. `None` for names that say nothing
    /// about the price.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "default" | "standard" | "on_demand" => ServiceTier::Standard,
            "batch" => ServiceTier::Batch,
            "flex" | "on_demand_flex" => ServiceTier::Flex,
            "priority" | "on_demand_priority" => ServiceTier::Priority,
            "fast" => ServiceTier::Fast,
            _ => return None,
        })
    }

    /// Its usual name, such as `flex`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ServiceTier::Standard => "standard",
            ServiceTier::Batch => "batch",
            ServiceTier::Flex => "flex",
            ServiceTier::Priority => "priority",
            ServiceTier::Fast => "fast",
        }
    }
}

//! Who we are: the service, in each backend's words.

/// The service as resolved from code and environment; every text is bounded and one line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Resource {
    pub(crate) service: String,
    pub(crate) environment: Option<String>,
    pub(crate) version: Option<String>,
    /// Further attributes (`OTEL_RESOURCE_ATTRIBUTES`, `DD_TAGS`, code), first come first kept.
    pub(crate) attributes: Vec<(String, String)>,
}

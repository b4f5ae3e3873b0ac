//! The options of the lines on standard output.

/// How log lines look, and which are written.
///
/// Setters never fail; `build` and `install` check everything together. With nothing set, events
/// from `info` on are written to standard output: as text where that is a terminal, as JSON
/// otherwise.
///
/// # Examples
///
/// ```
/// use lightship::Logs;
///
/// let telemetry = lightship::builder("api")
///     .logs(Logs::default().json().filter("info,api::storage=debug"))
///     .build()?;
/// # Ok::<(), lightship::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Logs {
    pub(crate) disabled: bool,
    pub(crate) format: Option<LogFormat>,
    pub(crate) filter: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

impl Logs {
    /// What is written unless told otherwise.
    pub const DEFAULT_FILTER: &'static str = "info";

    /// No lines at all.
    pub fn disabled() -> Self {
        Logs { disabled: true, ..Logs::default() }
    }

    /// One JSON object for each event, also on a terminal.
    #[must_use]
    pub fn json(mut self) -> Self {
        self.format = Some(LogFormat::Json);
        self
    }

    /// Text for people, also where nobody seems to look; coloured on a terminal alone, unless
    /// `NO_COLOR` is set.
    #[must_use]
    pub fn text(mut self) -> Self {
        self.format = Some(LogFormat::Text);
        self
    }

    /// Which events are written: levels, and levels of targets, by commas, such as
    /// `info,api::storage=debug,h2=off`; before `RUST_LOG`. Says nothing about spans.
    #[must_use]
    pub fn filter(mut self, directives: impl Into<String>) -> Self {
        self.filter = Some(directives.into());
        self
    }
}

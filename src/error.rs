//! The one error of the crate: what was wrong, where, and what would be right.

use std::fmt;

/// Why telemetry could not be set up.
///
/// Set-up is the only part of the crate that fails: recording never does. All problems of a
/// configuration are reported together, see [`problems`](Self::problems).
///
/// # Examples
///
/// ```
/// let error = lightship::builder("").build().unwrap_err();
/// assert!(error.is_invalid_configuration());
/// assert_eq!(error.problems()[0].setting(), "service");
/// ```
#[derive(Debug)]
pub struct Error {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    InvalidConfiguration(Vec<Problem>),
    AlreadyInstalled { service: String },
    GlobalTaken { global: &'static str, instead: &'static str },
    Thread(std::io::Error),
}

/// One thing that is wrong with a configuration.
///
/// # Examples
///
/// ```
/// use lightship::DogStatsd;
///
/// let error = lightship::builder("api")
///     .dogstatsd(DogStatsd::default().address("tcp://agent:8125"))
///     .build()
///     .unwrap_err();
/// let problem = &error.problems()[0];
/// assert_eq!(problem.setting(), "dogstatsd.address");
/// assert!(problem.to_string().contains("udp://"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    setting: &'static str,
    found: String,
    wanted: String,
}

impl Problem {
    pub(crate) fn new(
        setting: &'static str,
        found: impl Into<String>,
        wanted: impl Into<String>,
    ) -> Self {
        Problem { setting, found: found.into(), wanted: wanted.into() }
    }

    /// The setting that is wrong, as `explain` names it, such as `dogstatsd.address`.
    pub fn setting(&self) -> &'static str {
        self.setting
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.setting, self.found, self.wanted)
    }
}

impl Error {
    pub(crate) fn invalid_configuration(problems: Vec<Problem>) -> Self {
        Error { kind: Kind::InvalidConfiguration(problems) }
    }

    pub(crate) fn already_installed(service: impl Into<String>) -> Self {
        Error { kind: Kind::AlreadyInstalled { service: service.into() } }
    }

    /// `instead` is what to do where the other library is to keep it.
    pub(crate) fn global_taken(global: &'static str, instead: &'static str) -> Self {
        Error { kind: Kind::GlobalTaken { global, instead } }
    }

    pub(crate) fn thread(source: std::io::Error) -> Self {
        Error { kind: Kind::Thread(source) }
    }

    /// Whether the configuration in code is wrong; [`problems`](Self::problems) lists how.
    pub fn is_invalid_configuration(&self) -> bool {
        matches!(self.kind, Kind::InvalidConfiguration(_))
    }

    /// Whether a `Telemetry` is installed in this process already. That one goes on unchanged.
    pub fn is_already_installed(&self) -> bool {
        matches!(self.kind, Kind::AlreadyInstalled { .. })
    }

    /// Whether another library holds a global that `install` needs; the message names it.
    pub fn is_global_taken(&self) -> bool {
        matches!(self.kind, Kind::GlobalTaken { .. })
    }

    /// Everything that is wrong with the configuration; empty for other errors.
    pub fn problems(&self) -> &[Problem] {
        match &self.kind {
            Kind::InvalidConfiguration(problems) => problems,
            _ => &[],
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::InvalidConfiguration(problems) => {
                let plural = if problems.len() == 1 { "" } else { "s" };
                write!(f, "invalid configuration ({} problem{plural})", problems.len())?;
                problems.iter().try_for_each(|problem| write!(f, "\n  - {problem}"))
            }
            Kind::AlreadyInstalled { service } => write!(
                f,
                "lightship is installed in this process already, for service `{service}`; keep \
                 the first `Telemetry`, or use `build()` for an instance without globals"
            ),
            Kind::GlobalTaken { global, instead } => write!(
                f,
                "another library has installed the global {global}; remove that call, or {instead}"
            ),
            Kind::Thread(_) => write!(f, "the operating system refused a background thread"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            Kind::Thread(source) => Some(source),
            _ => None,
        }
    }
}

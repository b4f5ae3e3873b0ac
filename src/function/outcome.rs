//! How a call can end.

/// What a call came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[doc(hidden)]
pub enum Outcome {
    Ok,
    /// With the type of the error.
    Error(&'static str),
    Cancelled,
    Panic,
}

/// What it means when a call is over and nobody said how it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[doc(hidden)]
pub enum Unless {
    /// Code that always says so was interrupted.
    Panics,
    /// The future was dropped.
    Cancelled,
    /// The function returned, with an error of this type if it can have left by `?` alone; it
    /// panicked if the thread does.
    Returns(Option<&'static str>),
}

/// The type of an error that nobody could look at, in OpenTelemetry's words.
pub(super) const OTHER: &str = "_OTHER";

impl Outcome {
    /// The value of the tag `outcome`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Error(_) => "error",
            Outcome::Cancelled => "cancelled",
            Outcome::Panic => "panic",
        }
    }

    /// The value of the tag `result`: what autometrics' dashboards divide by. A call that was
    /// cancelled neither succeeded nor failed.
    pub(super) fn result(self) -> Option<&'static str> {
        match self {
            Outcome::Ok => Some("ok"),
            Outcome::Error(_) | Outcome::Panic => Some("error"),
            Outcome::Cancelled => None,
        }
    }

    pub(super) fn error_type(self) -> Option<&'static str> {
        match self {
            Outcome::Error(error_type) => Some(error_type),
            _ => None,
        }
    }
}

impl Unless {
    pub(super) fn outcome(self) -> Outcome {
        match self {
            Unless::Panics => Outcome::Panic,
            Unless::Cancelled => Outcome::Cancelled,
            Unless::Returns(_) if std::thread::panicking() => Outcome::Panic,
            Unless::Returns(None) => Outcome::Ok,
            Unless::Returns(Some(error_type)) => Outcome::Error(error_type),
        }
    }
}

//! What stands between us and the agent, in words that say how to mend it.

use std::io::{self, ErrorKind};

/// Why a payload was not accepted.
#[derive(Debug)]
pub(in crate::dogstatsd) struct Fault {
    pub(in crate::dogstatsd) text: String,
    /// Whether somebody is there and only slow, so that trying on before the deadline is worth it.
    pub(in crate::dogstatsd) passing: bool,
}

impl Fault {
    pub(in crate::dogstatsd) fn down(text: impl Into<String>) -> Self {
        Fault { text: text.into(), passing: false }
    }

    pub(in crate::dogstatsd) fn passing(text: impl Into<String>) -> Self {
        Fault { text: text.into(), passing: true }
    }

    /// The error of a socket call on the way to `target`.
    pub(super) fn from_io(error: &io::Error, target: &str) -> Self {
        match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                Fault::passing(format!("the agent at {target} does not read, its queue is full"))
            }
            ErrorKind::ConnectionRefused => Fault::down(format!(
                "nobody listens on {target} (connection refused); start the agent or set \
                 DD_DOGSTATSD_URL"
            )),
            ErrorKind::NotFound => Fault::down(format!(
                "there is no socket at {target}; start the agent, mount its directory or set \
                 DD_DOGSTATSD_URL"
            )),
            ErrorKind::PermissionDenied => Fault::down(format!(
                "no permission to write to {target}; let the service's user write to it"
            )),
            _ if is_wrong_kind(error) => Fault::down(format!(
                "the socket at {target} is of another kind; `unix://` takes both, `unixgram://` \
                 and `unixstream://` one each"
            )),
            _ => Fault::down(format!("{target}: {error}")),
        }
    }
}

/// `EMSGSIZE`, which the standard library has no kind for.
pub(super) fn is_too_long(error: &io::Error) -> bool {
    error.raw_os_error() == Some(if cfg!(target_os = "linux") { 90 } else { 40 })
}

/// `EPROTOTYPE`: a stream where a datagram socket was asked for, or the other way round.
pub(super) fn is_wrong_kind(error: &io::Error) -> bool {
    error.raw_os_error() == Some(if cfg!(target_os = "linux") { 91 } else { 41 })
}

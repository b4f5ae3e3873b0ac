//! What can be said on the command line.

use std::fmt::{self, Display, Formatter};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// What is said where the arguments are not understood.
pub const USAGE: &str = "\
upload_service          [--listen ADDRESS] [--classification URL] [--directory PATH] [--timeout SECONDS]
classification_service  [--listen ADDRESS]
seed_trace              [--rounds NUMBER] [--print]

Addresses are of the loopback by default: 127.0.0.1:8080 for uploads, 127.0.0.1:8081 for
classification; port 0 takes a free one. With --until-stdin-ends a service stops when its standard
input does. --timeout is how long an upload waits for its turn, and then for classification; 5 and 2
seconds by default. With --print the traces are printed even if Jaeger is there to show them.";

/// What to run, and with what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// The upload service.
    Upload {
        /// Where to listen.
        listen: SocketAddr,
        /// The base URL of the classification service.
        classification: String,
        /// Where documents are kept.
        directory: PathBuf,
        /// How long an upload waits for its turn, and then for classification, if not as long as usual.
        timeout: Option<Duration>,
        /// Whether to stop when the standard input ends.
        until_stdin_ends: bool,
    },
    /// The classification service.
    Classification {
        /// Where to listen.
        listen: SocketAddr,
        /// Whether to stop when the standard input ends.
        until_stdin_ends: bool,
    },
    /// Both, and a trace of some uploads.
    SeedTrace {
        /// How often everything is uploaded.
        rounds: usize,
        /// Whether to print the traces even if Jaeger is there to show them.
        print: bool,
    },
}

/// An argument that is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownArgument(String);

/// What `--rounds` may say.
const MAX_ROUNDS: usize = 100;

impl Command {
    /// Understands the arguments that follow the program's name.
    ///
    /// # Errors
    ///
    /// [`UnknownArgument`], the first of them.
    ///
    /// # Examples
    ///
    /// ```
    /// use lightship_services::command_line::Command;
    ///
    /// let arguments = ["seed_trace", "--rounds", "3"].map(str::to_owned);
    /// assert_eq!(Command::parse(arguments), Ok(Command::SeedTrace { rounds: 3, print: false }));
    /// ```
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, UnknownArgument> {
        let mut arguments = arguments.into_iter();
        let what = arguments.next().unwrap_or_default();
        let mut command = match what.as_str() {
            "upload_service" => Command::Upload {
                listen: ([127, 0, 0, 1], 8080).into(),
                classification: "http://127.0.0.1:8081".to_owned(),
                directory: std::env::temp_dir().join("lightship-documents"),
                timeout: None,
                until_stdin_ends: false,
            },
            "classification_service" => Command::Classification {
                listen: ([127, 0, 0, 1], 8081).into(),
                until_stdin_ends: false,
            },
            "seed_trace" => Command::SeedTrace { rounds: 1, print: false },
            _ => return Err(UnknownArgument(what)),
        };
        while let Some(name) = arguments.next() {
            if command.set(&name, &mut arguments).is_none() {
                return Err(UnknownArgument(name));
            }
        }
        Ok(command)
    }

    fn set(&mut self, name: &str, values: &mut impl Iterator<Item = String>) -> Option<()> {
        match (name, self) {
            (
                "--until-stdin-ends",
                Command::Upload { until_stdin_ends, .. }
                | Command::Classification { until_stdin_ends, .. },
            ) => *until_stdin_ends = true,
            (
                "--listen",
                Command::Upload { listen, .. } | Command::Classification { listen, .. },
            ) => {
                *listen = values.next()?.parse().ok()?;
            }
            ("--classification", Command::Upload { classification, .. }) => {
                *classification = values.next()?;
            }
            ("--directory", Command::Upload { directory, .. }) => {
                *directory = values.next()?.into()
            }
            ("--timeout", Command::Upload { timeout, .. }) => {
                *timeout = Some(Duration::from_secs(values.next()?.parse::<u32>().ok()?.into()));
            }
            ("--rounds", Command::SeedTrace { rounds, .. }) => {
                *rounds = values.next()?.parse().ok().filter(|it| (1..=MAX_ROUNDS).contains(it))?;
            }
            ("--print", Command::SeedTrace { print, .. }) => *print = true,
            _ => return None,
        }
        Some(())
    }
}

impl Display for UnknownArgument {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "the argument {:?} is not understood\n\n{USAGE}", self.0)
    }
}

impl std::error::Error for UnknownArgument {}

#[cfg(test)]
mod tests {
    use super::Command;
    use std::time::Duration;

    fn parse(line: &str) -> Result<Command, String> {
        let arguments = line.split_whitespace().map(str::to_owned);
        Command::parse(arguments).map_err(|error| error.0)
    }

    #[test]
    fn services_are_set() {
        let line = "upload_service --listen 127.0.0.1:0 --classification http://127.0.0.1:1 \
                    --directory uploads --timeout 60 --until-stdin-ends";
        let expected = Command::Upload {
            listen: ([127, 0, 0, 1], 0).into(),
            classification: "http://127.0.0.1:1".to_owned(),
            directory: "uploads".into(),
            timeout: Some(Duration::from_secs(60)),
            until_stdin_ends: true,
        };
        assert_eq!(parse(line), Ok(expected));
        let both = Command::SeedTrace { rounds: 2, print: true };
        assert_eq!(parse("seed_trace --print --rounds 2"), Ok(both));
        let listen = ([127, 0, 0, 1], 8081).into();
        let expected = Command::Classification { listen, until_stdin_ends: false };
        assert_eq!(parse("classification_service"), Ok(expected));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (line, wrong) in [
            ("", ""),
            ("upload", "upload"),
            ("upload_service --port 80", "--port"),
            ("upload_service --listen", "--listen"),
            ("upload_service --listen nowhere", "--listen"),
            ("upload_service --timeout -1", "--timeout"),
            ("classification_service --directory /tmp", "--directory"),
            ("seed_trace --rounds 0", "--rounds"),
            ("seed_trace --rounds 101", "--rounds"),
            ("seed_trace 3", "3"),
        ] {
            assert_eq!(parse(line), Err(wrong.to_owned()), "{line}");
        }
    }
}

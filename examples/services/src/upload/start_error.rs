//! What keeps the service from starting.

use std::error::Error;
use std::fmt::{self, Display, Formatter};
use std::io;

/// Why the upload service does not run.
#[derive(Debug)]
pub enum StartError {
    /// The directory for documents cannot be made.
    Directory(io::Error),
    /// The database cannot be opened.
    Database(sqlx::Error),
    /// The classification service's URL is no `http://` URL.
    ClassificationUrl,
    /// The HTTP client cannot be made.
    Client(reqwest::Error),
    /// The listener is of no use any more.
    Listener(io::Error),
}

impl Display for StartError {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            StartError::Directory(_) => "the directory for documents cannot be used",
            StartError::Database(_) => "the database cannot be opened",
            StartError::ClassificationUrl => "the classification service needs an http:// URL",
            StartError::Client(_) => "the HTTP client cannot be made",
            StartError::Listener(_) => "the listener failed",
        })
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            StartError::Directory(error) | StartError::Listener(error) => Some(error),
            StartError::Database(error) => Some(error),
            StartError::Client(error) => Some(error),
            StartError::ClassificationUrl => None,
        }
    }
}

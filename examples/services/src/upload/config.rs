//! What can be set, and what it is otherwise.

use std::path::PathBuf;
use std::time::Duration;

/// The settings of the upload service; every wait and every size has a bound.
///
/// # Examples
///
/// ```
/// use lightship_services::upload::Config;
///
/// let config = Config { max_bytes: 1 << 20, ..Config::new("/var/lib/documents", "http://127.0.0.1:8081") };
/// assert_eq!(config.max_at_once, 32);
/// ```
#[derive(Debug, Clone)]
pub struct Config {
    /// Where documents are kept, and the database beside them.
    pub directory: PathBuf,
    /// The base URL of the classification service.
    pub classification_url: String,
    /// Of a document, packed or not.
    pub max_bytes: usize,
    /// So many uploads are worked on at once, and so many documents are in memory at most.
    pub max_at_once: usize,
    /// How long a request waits for its turn.
    pub turn_timeout: Duration,
    /// How long a body may take to arrive.
    pub body_timeout: Duration,
    /// How long classification may take, all in all, before an upload goes on without.
    pub classification_timeout: Duration,
    /// Connections to the database.
    pub connections: u32,
    /// How long a query waits for a connection, and then for the database's lock.
    pub database_timeout: Duration,
    /// What is under way has this long to end, after the service was told to stop.
    pub drain_timeout: Duration,
}

impl Config {
    /// The usual bounds, for documents in `directory` and a classification service at this URL.
    pub fn new(directory: impl Into<PathBuf>, classification_url: impl Into<String>) -> Self {
        Config {
            directory: directory.into(),
            classification_url: classification_url.into(),
            max_bytes: 10 << 20,
            max_at_once: 32,
            turn_timeout: Duration::from_secs(5),
            body_timeout: Duration::from_secs(30),
            classification_timeout: Duration::from_secs(2),
            connections: 4,
            database_timeout: Duration::from_secs(3),
            drain_timeout: Duration::from_secs(10),
        }
    }
}

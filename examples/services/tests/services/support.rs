//! Services in this process, others that misbehave, and a client.

use axum::Router;
use axum::response::IntoResponse;
use lightship_services::answer::Refusal;
use lightship_services::seed::pdf;
use lightship_services::upload::{Config, StartError, Uploaded, serve};
use lightship_services::{classification, upload};
use reqwest::{Client, Response};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long something that has to happen may take: a loaded machine is slow.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// For a wait that is to end by itself.
pub const BRIEF: Duration = Duration::from_millis(150);
/// Where nobody listens.
pub const NOWHERE: &str = "http://127.0.0.1:9";

/// A directory that goes with its test.
#[derive(Debug)]
pub struct Directory(pub PathBuf);

impl Directory {
    pub fn new() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("lightship-services-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Directory(path)
    }

    /// The documents in it, and what is left of some.
    pub fn files(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().path());
        let is_database = |path: &Path| path.to_string_lossy().contains("documents.sqlite");
        entries.filter(|path| !is_database(path)).collect()
    }

    pub async fn rows(&self) -> i64 {
        let count = sqlx::query_scalar("SELECT count(*) FROM documents");
        count.fetch_one(&mut self.connection().await).await.unwrap()
    }

    /// To the database of the service, as another program would have one.
    pub async fn connection(&self) -> sqlx::SqliteConnection {
        use sqlx::ConnectOptions;
        let options = sqlx::sqlite::SqliteConnectOptions::new();
        options.filename(self.0.join("documents.sqlite")).connect().await.unwrap()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// An upload service in this process.
pub struct Running {
    pub url: String,
    pub directory: Directory,
    pub stop: Option<oneshot::Sender<()>>,
    pub serving: JoinHandle<Result<(), StartError>>,
}

impl Running {
    /// With short waits, and what `change` changes.
    pub async fn start(classification: &str, change: impl FnOnce(&mut Config)) -> Self {
        let directory = Directory::new();
        let mut config = Config::new(&directory.0, classification);
        config.max_bytes = 64 << 10;
        config.classification_timeout = PATIENCE;
        config.turn_timeout = PATIENCE;
        config.database_timeout = PATIENCE;
        change(&mut config);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let stopped = async { drop(stopped.await) };
        let serving = tokio::spawn(serve(config, listener, stopped));
        Running { url, directory, stop: Some(stop), serving }
    }

    pub async fn upload(&self, body: Vec<u8>, headers: &[(&str, &str)]) -> Response {
        let mut request = client().post(format!("{}/documents/upload", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(body).send().await.unwrap()
    }

    pub async fn upload_named(&self, name: &str) -> Response {
        self.upload(pdf("an invoice"), &[PDF, ("x-filename", name)]).await
    }

    /// Stops it, and says how it ended.
    pub async fn end(mut self) -> (Directory, Result<(), StartError>) {
        drop(self.stop.take());
        let ended = tokio::time::timeout(PATIENCE, self.serving).await.unwrap().unwrap();
        (self.directory, ended)
    }

    pub fn address(&self) -> &str {
        self.url.strip_prefix("http://").unwrap()
    }
}

pub const PDF: (&str, &str) = ("content-type", "application/pdf");
pub const NAMED: (&str, &str) = ("x-filename", "invoice.pdf");

pub fn client() -> Client {
    Client::builder().no_proxy().timeout(PATIENCE).build().unwrap()
}

/// A real classification service; it goes on as long as the test.
pub async fn classification_service() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let config = classification::Config::default();
    tokio::spawn(classification::serve(config, listener, std::future::pending()));
    url
}

/// Something else where the classification service should be.
pub async fn instead<F, R>(answer: impl Fn() -> F + Clone + Send + Sync + 'static) -> String
where
    F: Future<Output = R> + Send + 'static,
    R: IntoResponse + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(answer);
    tokio::spawn(async { axum::serve(listener, router).await });
    url
}

pub async fn uploaded(answer: Response) -> Uploaded {
    assert_eq!(answer.status(), 201);
    assert_eq!(answer.headers()["content-type"], "application/json");
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

pub async fn is_refused(answer: Response, status: u16, code: &str) -> String {
    assert_eq!(answer.status(), status, "{code}");
    assert_eq!(answer.headers()["content-type"], "application/json");
    let refusal: Refusal = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(refusal.error.code, code);
    refusal.error.message
}

/// Sends these bytes as they are, and reads until the other side ends.
pub async fn raw(address: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // A server that has heard enough may close before all is sent.
    let _ = stream.write_all(bytes).await;
    let mut answer = Vec::new();
    let reading = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap();
    assert!(reading.is_ok() || !answer.is_empty(), "{reading:?}");
    String::from_utf8(answer).unwrap()
}

/// Waits until something is so.
pub async fn until(what: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "not {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// An upload that is sent from a task of its own.
pub fn in_background(url: &str) -> JoinHandle<reqwest::Result<Response>> {
    let request = client().post(format!("{url}/documents/upload")).header(PDF.0, PDF.1);
    let request = request.header(NAMED.0, NAMED.1).body(pdf("an invoice"));
    tokio::spawn(request.send())
}

pub fn start_error(ended: Result<(), StartError>) -> upload::StartError {
    ended.unwrap_err()
}

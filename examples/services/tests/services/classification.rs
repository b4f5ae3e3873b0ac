//! The classification service by itself.

use crate::support::{classification_service, client, is_refused, raw};
use lightship_services::classification::{Classification, Config, Label, MODEL_VERSION, serve};
use reqwest::Response;
use tokio::net::TcpListener;

const JSON: &str = "application/json";

async fn ask(url: &str, content_type: &str, body: String) -> Response {
    let request = client().post(format!("{url}/classify")).header("content-type", content_type);
    request.body(body).send().await.unwrap()
}

fn question(id: &str, name: &str, size: &str, excerpt: &str) -> String {
    format!(r#"{{"document_id":{id:?},"file_name":{name:?},"size":{size},"excerpt":{excerpt:?}}}"#)
}

#[tokio::test]
async fn it_says_what_a_document_is() {
    let url = classification_service().await;
    let asked = question("a1-b2", "x.pdf", "17", "This agreement between the parties");
    let answer = ask(&url, "application/json; charset=utf-8", asked).await;
    assert_eq!(answer.status(), 200);
    let answer: Classification = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!((answer.label, answer.model_version.as_str()), (Label::Contract, MODEL_VERSION));
    assert!((0.5..1.0).contains(&answer.confidence), "{answer:?}");
}

#[tokio::test]
async fn what_it_is_not_asked_properly_it_refuses() {
    let url = classification_service().await;
    let good = || question("a", "x.pdf", "1", "");
    let invalid = "the field ";
    for (content_type, body, status, code, message) in [
        ("text/plain", good(), 415, "unsupported_media_type", "the Content-Type"),
        (JSON, String::new(), 400, "invalid_json", "the body"),
        (JSON, "[]".to_owned(), 400, "invalid_json", "the body"),
        (JSON, good() + "x", 400, "invalid_json", "the body"),
        (JSON, good().replace("size", "length"), 400, "invalid_json", "the body"),
        (JSON, good().replace('{', r#"{"more":1,"#), 400, "invalid_json", "the body"),
        (JSON, question("a", "x", "-1", ""), 400, "invalid_json", "the body"),
        (JSON, question("", "x", "1", ""), 422, "invalid_field", "the field document_id"),
        (JSON, question("a/b", "x", "1", ""), 422, "invalid_field", "the field document_id"),
        (JSON, question(&"a".repeat(65), "x", "1", ""), 422, "invalid_field", invalid),
        (JSON, question("a", "", "1", ""), 422, "invalid_field", "the field file_name"),
        (JSON, question("a", &"x".repeat(256), "1", ""), 422, "invalid_field", invalid),
        (JSON, question("a", "x", "0", ""), 422, "invalid_field", "the field size"),
        (
            JSON,
            question("a", "x", "1", &"x".repeat(4097)),
            422,
            "invalid_field",
            "the field excerpt",
        ),
        (JSON, " ".repeat(33 << 10), 413, "too_large", "the body"),
    ] {
        let said = is_refused(ask(&url, content_type, body).await, status, code).await;
        assert!(said.starts_with(message), "{said}");
    }
}

#[tokio::test]
async fn other_paths_methods_and_health() {
    let url = classification_service().await;
    let get = |path: &str| client().get(format!("{url}{path}")).send();
    is_refused(get("/").await.unwrap(), 404, "not_found").await;
    is_refused(get("/classify").await.unwrap(), 405, "method_not_allowed").await;
    assert_eq!(get("/health").await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_body_has_its_time_and_its_length() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let config = Config { body_timeout: crate::support::BRIEF, ..Config::default() };
    tokio::spawn(serve(config, listener, std::future::pending()));
    let head = "POST /classify HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                Connection: close\r\nContent-Length: ";
    let answer = raw(&address, format!("{head}10\r\n\r\n{{").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("body_timed_out"), "{answer}");
    let answer = raw(&address, format!("{head}99999999\r\n\r\n").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("too_large"), "{answer}");
}

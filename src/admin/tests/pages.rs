//! The pages as they will be assembled: metrics, status and the index.

use super::clients::{Server, status};
use crate::admin::{Response, Routes, status_json};
use crate::metrics::reading::{Reading, Recent, Series, Source, Timestamped};
use crate::prometheus::{Format, PrometheusPage};
use crate::resource::Resource;
use crate::status::{Notices, Pipeline, Status};
use std::sync::Arc;

#[derive(Debug)]
struct Empty;

impl Source for Empty {
    fn collect(&self, _: Recent, _: &mut dyn FnMut(&Arc<Series>, Reading)) {}

    fn take_timestamped(&self) -> Vec<Timestamped> {
        Vec::new()
    }
}

/// The routes over a page, and the pipeline that counts its scrapes.
fn routes(token: Option<&str>) -> (Routes, Arc<Pipeline>) {
    let pipeline = Pipeline::new("prometheus", Notices::new(|_| {}));
    let resource = Resource { service: "upload-service".into(), ..Resource::default() };
    let asked = Arc::clone(&pipeline);
    let status = move || Status::new("upload-service", vec![asked.status()]);
    let of_page = status.clone();
    let page = PrometheusPage::new(Arc::new(Empty), &resource, Arc::clone(&pipeline), of_page);
    let scraped = Arc::clone(&pipeline);
    let routes = Routes::new()
        .get_with_token("/metrics", token, move |request| {
            let format = Format::negotiate(request.accept());
            let scraped = Arc::clone(&scraped);
            Response::new(200, format.content_type(), page.render(format))
                .on_delivered(move || scraped.delivered(1))
        })
        .get_with_token("/status", token, move |_| Response::json(200, status_json(&status())));
    (routes, pipeline)
}

#[test]
fn metrics_come_in_the_format_that_was_asked_for() {
    let (routes, pipeline) = routes(None);
    let server = Server::start(routes);
    let text = server.ask("GET /metrics HTTP/1.1\r\nAccept: */*\r\n\r\n");
    assert!(text.contains("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    assert!(text.contains("\ntarget_info{service_name=\"upload-service\"} 1\n"), "{text}");
    let open = server.ask(
        "GET /metrics HTTP/1.1\r\nAccept: application/openmetrics-text;version=1.0.0,*/*;q=0.1\r\n\r\n",
    );
    assert!(open.contains("\r\nContent-Type: application/openmetrics-text; version=1.0.0;"));
    assert!(open.ends_with("\n# EOF\n"));
    assert_eq!((pipeline.status().sent, pipeline.status().state.name()), (2, "up"));
    let head = server.ask("HEAD /metrics HTTP/1.1\r\n\r\n");
    assert!(head.ends_with("\r\n\r\n") && status(&head) == 200, "{head}");
    assert_eq!(pipeline.status().sent, 2, "a HEAD takes no page");
}

#[test]
fn every_answer_says_whose_it_is_and_is_kept_by_nobody() {
    let server = Server::start(routes(Some("s3cret")).0);
    for request in
        ["GET / HTTP/1.1", "GET /metrics HTTP/1.1", "PUT / HTTP/1.1", "GET /x HTTP/1.0", "?"]
    {
        let answer = server.ask(&format!("{request}\r\n\r\n"));
        for header in [
            "Server: lightship",
            "X-Service: upload_service",
            "Cache-Control: no-store",
            "Connection: close",
        ] {
            assert!(answer.contains(&format!("\r\n{header}\r\n")), "{request}: {answer}");
        }
    }
}

#[test]
fn a_token_guards_metrics_and_status() {
    let server = Server::start(routes(Some("s3cret")).0);
    for path in ["/metrics", "/status"] {
        for (header, wanted) in [
            ("Authorization: Bearer s3cret\r\n", 200),
            ("authorization: bearer s3cret\r\n", 200),
            ("", 401),
            ("Authorization: Bearer\r\n", 401),
            ("Authorization: Bearer s3cre\r\n", 401),
            ("Authorization: Bearer s3cretly\r\n", 401),
            ("Authorization: Basic s3cret\r\n", 401),
        ] {
            let answer = server.ask(&format!("GET {path} HTTP/1.1\r\n{header}\r\n"));
            assert_eq!(status(&answer), wanted, "{path} {header}");
            assert_eq!(answer.contains("upload-service"), wanted == 200, "{answer}");
        }
    }
}

#[test]
fn the_status_is_json() {
    let server = Server::start(routes(None).0);
    let answer = server.ask("GET /status HTTP/1.1\r\n\r\n");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("\r\nContent-Type: application/json\r\n"), "{head}");
    let status: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(status["service"], "upload-service");
    assert_eq!(status["pipelines"][0]["name"], "prometheus");
}

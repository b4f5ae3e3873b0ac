//! Canaries in every place of a request that somebody can write to.

use super::{CANARY, assert_safe, post, told_of};
use axum::Router;
use axum::body::Bytes;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use lightship::http::{ErrorContext, ErrorNote};
use lightship::{Redaction, testing};
use std::error::Error;
use std::fmt;

/// Has a cause, as many do.
#[derive(Debug)]
struct Failed(String, Option<Box<Failed>>);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Failed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_deref().map(|cause| cause as _)
    }
}

fn failed() -> Failed {
    let cause = Failed(format!("refused: {CANARY}"), None);
    Failed(format!("{CANARY} was lost"), Some(Box::new(cause)))
}

#[tokio::test]
async fn nothing_that_was_planted_comes_out() {
    let handler = |_: Bytes| async {
        let mut response: Response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.headers_mut().insert("x-canary", CANARY.parse().unwrap());
        response.extensions_mut().insert(ErrorNote::of(&failed()).user(CANARY));
        response
    };
    let router = Router::new().route("/{*rest}", any(handler));
    let headers = [
        format!("authorization: Bearer {CANARY}"),
        format!("proxy-authorization: Basic {CANARY}"),
        format!("cookie: session={CANARY}; a=b"),
        format!("x-api-key: {CANARY}"),
        format!("x-forwarded-for: {CANARY}"),
        format!("x-{CANARY}: 1"),
        format!("referer: http://a/{CANARY}"),
        format!("user-agent: curl/8 ({CANARY})"),
        format!("x-request-id: {CANARY}"),
        format!("content-type: application/json; x={CANARY}"),
        format!("traceparent: {CANARY}"),
        format!("baggage: a={CANARY}"),
    ];
    let headers = headers.map(|header| header + "\r\n").concat();
    let body = format!(r#"{{"password":"{CANARY}","{CANARY}":[{{"a":["{CANARY}",1]}}]}}"#);
    let target = format!("/{CANARY}?password={CANARY}&q={CANARY}&%70assword={CANARY}&page=2");
    let request = post(&target, &headers, body.as_bytes());
    let told = told_of(router, |told| told.layer().body_preview(), [request]).await;
    let context = told.one();
    assert_eq!(context.get("http.route"), Some("/{*rest}"));
    let query = context.get("url.query").unwrap();
    assert!(query.ends_with("&page=2") && query.contains("q=[REDACTED:planted]"), "{query}");
    assert_eq!(context.get("user_agent.original"), Some("curl/8 ([REDACTED:planted])"));
    assert_eq!(context.get("http.request.header.x-request-id"), Some("[REDACTED:planted]"));
    assert_eq!(context.get("http.request.header.content-type"), Some("application/json"));
    assert_eq!(context.get("user.short_id"), Some("[REDACTED]"));
    assert_eq!(
        context.get("exception.message"),
        Some("[REDACTED:planted] was lost: refused: [REDACTED:planted]")
    );
    assert!(context.get("error.type").unwrap().ends_with("::Failed"));
    assert_eq!(
        context.get("http.request.body.preview"),
        Some(r#"{"password":"[REDACTED]","[REDACTED:planted]":[{"a":["[REDACTED:planted]",1]}]}"#)
    );
}

/// A request with what the default rules promise to find. Written so that nobody takes it for real.
fn personal() -> (Request<String>, Vec<String>) {
    let token = format!("ghp_{}", "a1".repeat(18));
    let mail = ["ada", "@", "canary.example"].concat();
    let card = ["4111", "1111", "1111", "1111"].concat();
    let body = format!(
        r#"{{"to":"{mail}","note":"call {token}","card":"{card}","inside":"{{\"mail\":\"{mail}\"}}",
            "n":{card},"escaped":"ada\u0040canary.example"}}"#
    );
    let request = Request::post(format!("/?q={token}&to={mail}&page=2"))
        .header("user-agent", format!("bot (+mailto:{mail})"))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .body(body)
        .unwrap();
    (request, vec![token, mail, card])
}

#[test]
fn what_the_default_rules_find_stays_here() {
    let (request, secrets) = personal();
    let [token, mail, card] = &secrets[..] else { panic!("three") };
    let error = Failed(format!("{mail} sent {token}"), Some(Box::new(Failed(card.clone(), None))));
    let context = ErrorContext::of(&request).body(request.body()).error(&error).user(mail);
    let line = context.to_string();
    for secret in &secrets {
        assert!(!line.contains(secret.as_str()), "{secret}: {line}");
    }
    assert!(!line.contains("canary.example"), "{line}");
    assert!(line.contains("page=2"), "{line}");
    assert_eq!(context.get("user.short_id"), Some("[REDACTED]"));
    assert_safe(&context);
}

#[test]
fn rules_of_the_telemetry_around_count() {
    let request = Request::post("/?maiden_name=canary")
        .header("user-agent", CANARY)
        .header("content-type", "application/json")
        .body(r#"{"maidenName":"canary"}"#)
        .unwrap();
    let context = || ErrorContext::of(&request).body(request.body());
    assert_eq!(context().get("user_agent.original"), Some(CANARY), "the default rules let it pass");
    let telemetry = super::telemetry();
    let inside = telemetry.scope(context);
    assert_eq!(inside.get("user_agent.original"), Some("[REDACTED:planted]"));
    assert_safe(&inside);
}

#[test]
fn what_was_scrubbed_passes_again_unchanged() {
    let (request, _) = personal();
    let context = ErrorContext::of(&request).body(request.body()).error(&failed());
    let again = Redaction::default().build().unwrap();
    for (key, value) in context.iter() {
        assert_eq!(again.attribute(key, value), value, "{key}");
    }
}

#[test]
fn a_context_may_be_a_field_or_a_line() {
    let request = Request::get("/?a=1").header("user-agent", "a \"b\" \\ c").body(());
    let context = ErrorContext::of(&request.unwrap())
        .status(StatusCode::CONFLICT)
        .message("line\none\u{2028}two");
    assert_safe(&context);
    let ((), seen) = testing::capture(|| {
        let _span = tracing::info_span!("work").entered();
        tracing::error!(context = %context, "upload failed");
        context.record();
    });
    let line: serde_json::Value = serde_json::from_str(seen.log("upload failed").unwrap()).unwrap();
    assert!(line.to_string().contains("user_agent.original"), "{line}");
    let span = seen.span("work").unwrap();
    assert_eq!(span.attribute("user_agent.original"), Some("a \"b\" \\ c"));
    assert_eq!(span.attribute("http.response.status_code"), Some("409"));
    assert_eq!(span.attribute("exception.message"), Some("line_one_two"));
}

#[test]
fn everything_is_bounded() {
    let long = "\"é\\".repeat(20_000);
    let request = Request::post(format!("/?{}", "a=b&".repeat(8_000)))
        .header("user-agent", "x".repeat(50_000))
        .header("content-type", "application/json")
        .body(long.clone())
        .unwrap();
    let context = ErrorContext::of(&request)
        .route(&long)
        .user(&long)
        .body(&long)
        .error(&Failed(long.clone(), None))
        .error_type(&long);
    assert_safe(&context);
    assert_eq!(context.get("exception.message").unwrap().chars().count(), 200);
    assert_eq!(context.get("user.short_id").unwrap().chars().count(), 8);
    assert!(context.get("http.request.body.preview").unwrap().len() <= 4_096);
}

//! What is told of a request that went wrong.

use super::http::raw;
use super::spans::Failed;
use super::{Backend, EVENTS, Fits, Place, World};
use crate::canary::Planted;
use axum::http::Request;
use lightship::http::ErrorContext;
use serde_json::json;
use tracing::{error, info_span};

pub(crate) const PLACES: &[Place] = &[
    Place { name: "error context", plant: context, ..CONTEXTS },
    Place { name: "user, route and type of an error context", plant: named, ..CONTEXTS },
    Place { name: "text of an error context", takes: Fits::All, plant: shown, ..CONTEXTS },
    Place {
        name: "request that failed",
        takes: Fits::All,
        beside: &[Backend::Traces, Backend::Stdout],
        plant: served,
        ..CONTEXTS
    },
];
const CONTEXTS: Place =
    Place { name: "", takes: Fits::Looks, beside: EVENTS, within: &[], plant: context };

/// A body with the secret as values, as a key, in texts that are JSON, and beyond what is kept.
fn body(it: &Planted) -> String {
    let inside = json!({ it.key: it.value, "list": [it.canary] }).to_string();
    let body = match it.is_keyed() {
        true => json!({ "a": it.beside, it.key: it.value, "deep": [{ it.key: [it.value] }] }),
        false => json!({
            "a": it.beside,
            it.key: it.value,
            "deep": [{ "list": [it.value, 1] }],
            "inside": inside,
            it.canary.as_str(): "x",
            "long": "x ".repeat(1_000),
            "late": it.value,
        }),
    };
    body.to_string()
}

fn request(it: &Planted) -> Request<String> {
    let query = super::baggage::encoded(&it.canary);
    let mut target = format!("/?q={query}&page=2");
    target.truncate(60_000);
    let (secret, plain) = (&it.secrets[0], it.value.replace(['\n', '\r'], " "));
    Request::post(target)
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {secret}"))
        .header("cookie", format!("sid={secret}"))
        .header("x-api-key", secret)
        .header("user-agent", plain)
        .body(body(it))
        .unwrap()
}

fn context(_: &World, it: &Planted) {
    let request = request(it);
    let context = ErrorContext::of(&request).body(request.body()).error(&Failed::of(it));
    let _span = info_span!("failed", mark = it.beside).entered();
    context.record();
    context.log();
}

fn named(_: &World, it: &Planted) {
    let request = request(it);
    let context = ErrorContext::of(&request).body(request.body());
    let context = context.user(&it.canary).route(&it.value).error_type(&it.value);
    let _span = info_span!("failed", mark = it.beside).entered();
    context.message(&it.value).log();
}

fn shown(_: &World, it: &Planted) {
    let request = Request::post("/").header("content-type", "application/json");
    let request = request.body(body(it)).unwrap();
    let context = ErrorContext::of(&request).body(request.body());
    let _span = info_span!("failed", mark = it.beside).entered();
    error!(%context, again = ?context, "failed");
}

/// By a client without manners, to a service that fails.
fn served(world: &World, it: &Planted) {
    let cookie = format!("sid={}", it.secrets[0]);
    let headers = [("content-type", "application/json"), ("cookie", cookie.as_str())];
    raw(world, it, "POST /documents", "api.test", &headers, &body(it));
}

//! Requests that are sent and served: their URLs, headers, methods, and what they carry along.

use super::baggage::{encoded, exchange};
use super::spans::Failed;
use super::{Backend, Fits, Place, World};
use crate::canary::Planted;
use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Request, StatusCode};
use axum::response::IntoResponse;
use axum::{Extension, Router};
use lightship::http::reqwest::ObservedRequest;
use lightship::http::{ClientLayer, ErrorNote, ServerLayer};
use lightship::propagation::Baggage;
use std::net::SocketAddr;
use tokio::runtime::Runtime;
use tower_layer::Layer;
use tower_service::Service;
use tracing::{Instrument, info_span};

const TRACES: &[Backend] = &[Backend::Traces];
const PEER: &[Backend] = &[Backend::Peer];
pub(crate) const PLACES: &[Place] = &[
    Place { name: "path of a URL", takes: Fits::Url, plant: path, ..REQUESTS },
    Place { name: "query of a URL", takes: Fits::Url, plant: query, ..REQUESTS },
    Place { name: "secret's key in a query", takes: Fits::Tokens, plant: query_key, ..REQUESTS },
    Place { name: "user and password of a URL", takes: Fits::Tokens, plant: userinfo, ..REQUESTS },
    Place { name: "host of a URL that can't be found", takes: Fits::Host, plant: host, ..REQUESTS },
    Place { name: "header of a request that is sent", plant: header, ..REQUESTS },
    Place { name: "name and template of a request", takes: Fits::Looks, plant: named, ..REQUESTS },
    Place {
        name: "header of a request that is served",
        takes: Fits::OneLine,
        plant: served_header,
        ..REQUESTS
    },
    Place {
        name: "target of a request that is served",
        takes: Fits::Url,
        plant: served_target,
        ..REQUESTS
    },
    Place {
        name: "method of a request that is served",
        takes: Fits::Tokens,
        plant: served_method,
        ..REQUESTS
    },
    Place {
        name: "host of a request that is served",
        takes: Fits::Url,
        plant: served_host,
        ..REQUESTS
    },
    Place { name: "id of a request", takes: Fits::Url, plant: request_id, ..REQUESTS },
    Place { name: "forwarded address", takes: Fits::Keyed, plant: forwarded, ..REQUESTS },
    Place {
        name: "baggage of a client of reqwest",
        takes: Fits::All,
        beside: PEER,
        plant: carried,
        ..REQUESTS
    },
    Place {
        name: "baggage of a client of tower",
        takes: Fits::All,
        beside: PEER,
        plant: carried_by_tower,
        ..REQUESTS
    },
];
const REQUESTS: Place =
    Place { name: "", takes: Fits::OneLine, beside: TRACES, within: &[], plant: path };

/// A service of ours, as long as the runtime lives: it answers everything with an error, and says there
/// what it was asked.
pub(crate) fn serve(runtime: &Runtime) -> SocketAddr {
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let answer = async |request: Request<Body>| {
        let head = format!("{} {} {:?}", request.method(), request.uri(), request.headers());
        let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap_or_default();
        let text = format!("{head} {}", String::from_utf8_lossy(&body));
        let failed = Failed { text: text.clone(), cause: None };
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        (status, Extension(ErrorNote::of(&failed)), text).into_response()
    };
    let forwarded =
        |head: &Parts| head.headers.get("x-forwarded-for")?.to_str().ok()?.trim().parse().ok();
    let layer = ServerLayer::new().body_preview().client_address(forwarded);
    let layer = layer.on_error(|context| context.log());
    let router = Router::new().fallback(answer).layer(layer);
    runtime.spawn(async move { axum::serve(listener, router).await });
    address
}

/// Keeps no connections.
fn client() -> reqwest::Client {
    reqwest::Client::builder().pool_max_idle_per_host(0).no_proxy().build().unwrap()
}

fn get(world: &World, it: &Planted, url: String) {
    let request = client().get(url).header("user-agent", &it.beside).observed();
    send(world, it, async { drop(request.send().await) });
}

fn send(world: &World, it: &Planted, work: impl Future<Output = ()>) {
    world.runtime.block_on(work.instrument(info_span!("sending", mark = it.beside)));
}

fn path(world: &World, it: &Planted) {
    get(world, it, format!("http://{}/users/{}/files", world.service, it.canary));
}

fn query(world: &World, it: &Planted) {
    let service = world.service;
    get(world, it, format!("http://{service}/search?q={}&page={}", it.canary, encoded(&it.value)));
}

fn query_key(world: &World, it: &Planted) {
    // Without what it is known by: the key has to do.
    let secret = &it.secrets[0];
    let keys = ["token", "api_key", "password", "sig", "X-Amz-Signature", "code", "access_token"];
    for key in keys {
        get(world, it, format!("http://{}/files?page=2&{key}={secret}", world.service));
    }
}

fn userinfo(world: &World, it: &Planted) {
    get(world, it, format!("http://ada:{}@{}/", it.secrets[0], world.service));
    get(world, it, format!("http://{}@{}/", it.canary, world.service));
}

fn host(world: &World, it: &Planted) {
    get(world, it, format!("http://{}.invalid:1/", it.canary.replace('_', "%5F")));
}

/// Headers of which nothing is ever recorded, whatever stands in them, and one of which something is.
fn header(world: &World, it: &Planted) {
    let request = client()
        .get(format!("http://{}/headers", world.service))
        .header("authorization", format!("Bearer {}", it.secrets[0]))
        .header("cookie", format!("sid={}", it.secrets[0]))
        .header("x-api-key", &it.secrets[0])
        .header("referer", format!("https://a.test/?token={}", it.secrets[0]))
        .header("user-agent", &it.value)
        .observed();
    send(world, it, async { drop(request.send().await) });
}

fn named(world: &World, it: &Planted) {
    let request = client().get(format!("http://{}/", world.service)).observed();
    let request = request.name(it.value.clone()).template(it.value.clone());
    send(world, it, async { drop(request.send().await) });
}

/// Bytes, as nobody's client would send them.
pub(super) fn raw(
    world: &World,
    it: &Planted,
    target: &str,
    host: &str,
    headers: &[(&str, &str)],
    body: &str,
) {
    let mut request = format!("{target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    request.push_str(&format!("content-length: {}\r\n", body.len()));
    let user_agent = [("user-agent", it.beside.as_str())];
    let has_user_agent = headers.iter().any(|(name, _)| *name == "user-agent");
    for (name, value) in headers.iter().chain(&user_agent[usize::from(has_user_agent)..]) {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    exchange(world.service, &format!("{request}\r\n{body}"));
    info_span!("sent", mark = it.beside).in_scope(|| {});
}

fn served_header(world: &World, it: &Planted) {
    let (secret, bearer) = (it.secrets[0].as_str(), format!("Bearer {}", it.secrets[0]));
    let headers = [
        ("authorization", bearer.as_str()),
        ("proxy-authorization", secret),
        ("cookie", secret),
        ("x-api-key", secret),
        ("x-csrf-token", secret),
        ("referer", it.canary.as_str()),
        ("user-agent", it.value.as_str()),
    ];
    raw(world, it, "GET /headers", "api.test", &headers, "");
}

fn served_target(world: &World, it: &Planted) {
    let canary = &it.canary;
    let target = format!("GET /users/{canary}?q={canary}&access_token={}", it.secrets[0]);
    raw(world, it, &target, "api.test", &[], "");
}

fn served_method(world: &World, it: &Planted) {
    raw(world, it, &format!("{} /", it.canary), "api.test", &[], "");
}

fn served_host(world: &World, it: &Planted) {
    raw(world, it, "GET /", &it.canary, &[], "");
    let forwarded = format!("host={};proto={}", it.canary, it.canary);
    let headers = [("x-forwarded-host", it.canary.as_str()), ("forwarded", forwarded.as_str())];
    raw(world, it, "GET /", "api.test", &headers, "");
}

fn request_id(world: &World, it: &Planted) {
    raw(world, it, "GET /", "api.test", &[("x-request-id", &it.canary)], "");
}

fn forwarded(world: &World, it: &Planted) {
    if it.key == "client.address" {
        let forwarded = format!("for=\"[{}]\"", it.canary);
        let headers = [
            ("x-forwarded-for", it.canary.as_str()),
            ("x-real-ip", it.canary.as_str()),
            ("forwarded", forwarded.as_str()),
        ];
        return raw(world, it, "GET /", "api.test", &headers, "");
    }
    raw(world, it, "GET /", "api.test", &[], "");
}

fn baggage(it: &Planted) -> Baggage {
    Baggage::current().with("mark", &it.beside).with(it.key, &it.value)
}

fn carried(world: &World, it: &Planted) {
    let request = client().get(format!("http://{}/", world.peer.unwrap())).observed();
    let sent = baggage(it).wrap(async { request.send().await.unwrap().status() });
    world.runtime.block_on(sent);
}

fn carried_by_tower(world: &World, it: &Planted) {
    let mut client = ClientLayer::new().layer(client());
    let url = format!("http://{}/", world.peer.unwrap());
    let sent = baggage(it).wrap(async move {
        let request = reqwest::Client::new().get(url).build().unwrap();
        client.call(request).await.unwrap().status()
    });
    world.runtime.block_on(sent);
}

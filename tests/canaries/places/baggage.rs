//! Baggage, as the server that is called gets it.

use super::{Backend, Fits, Place, World};
use crate::canary::Planted;
use lightship::propagation::{self, Baggage};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use tracing::info_span;

const PEER: &[Backend] = &[Backend::Peer];
pub(crate) const PLACES: &[Place] = &[
    Place { name: "value of baggage", takes: Fits::All, plant: value, ..BAGGAGE },
    Place { name: "key of baggage", plant: key, ..BAGGAGE },
    Place { name: "property of baggage", plant: property, ..BAGGAGE },
    Place { name: "baggage that came in", takes: Fits::All, plant: passed_on, ..BAGGAGE },
];
const BAGGAGE: Place =
    Place { name: "", takes: Fits::Looks, beside: PEER, within: &[], plant: value };

/// Calls the peer with what a propagator writes, and nothing else of the secret.
fn call(peer: SocketAddr) {
    let mut headers: Vec<(String, String)> = Vec::new();
    info_span!("calling").in_scope(|| propagation::inject(&mut headers));
    let mut request = format!("GET / HTTP/1.1\r\nhost: {peer}\r\nconnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    exchange(peer, &format!("{request}\r\n"));
}

/// Sends bytes and reads to the end.
pub(crate) fn exchange(to: SocketAddr, request: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    answer
}

fn marked(it: &Planted) -> Baggage {
    Baggage::current().with("mark", &it.beside)
}

fn value(world: &World, it: &Planted) {
    marked(it).with(it.key, &it.value).run(|| call(world.peer.unwrap()));
}

fn key(world: &World, it: &Planted) {
    marked(it).with(&it.canary, "x").run(|| call(world.peer.unwrap()));
}

/// Which only come in.
fn property(world: &World, it: &Planted) {
    let header =
        format!("mark={},detail=x;{};note={}", it.beside, encoded(&it.canary), encoded(&it.canary));
    came_in(header, world);
}

fn passed_on(world: &World, it: &Planted) {
    came_in(format!("mark={},{}={}", it.beside, it.key, encoded(&it.value)), world);
}

fn came_in(baggage: String, world: &World) {
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let headers =
        vec![("traceparent".to_owned(), parent.to_owned()), ("baggage".to_owned(), baggage)];
    propagation::extract(&headers).run(|| call(world.peer.unwrap()));
}

/// As RFC 3986 wants it.
pub(crate) fn encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

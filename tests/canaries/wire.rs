//! Every place, every shape, over every transport.

use crate::backends::{Backends, Socket, check, leaks};
use crate::places::Backend;
use crate::service::{self, Twist};
use crate::support::child::{self, this_test};

const ALL: &[Backend] = &[
    Backend::DogStatsd,
    Backend::Traces,
    Backend::Metrics,
    Backend::Page,
    Backend::OpenMetrics,
    Backend::Stdout,
    Backend::Peer,
    Backend::Shown,
];

fn nothing_leaks(test: &str, socket: Socket, grpc: bool, gzip: bool, json: bool) {
    if let Some(argument) = child::argument() {
        return service::run(&argument);
    }
    let backends = Backends::start(socket, grpc);
    let setup = backends.setup(gzip, json);
    let ended = child::run(setup.command(test)).succeeded();
    check(&backends.received(&ended, gzip), ALL);
}

#[test]
fn udp_and_otlp_over_http_and_json() {
    nothing_leaks(this_test!(), Socket::Udp, false, false, true);
}

#[test]
fn datagrams_and_otlp_with_gzip_and_text() {
    nothing_leaks(this_test!(), Socket::Datagram, false, true, false);
}

#[test]
#[cfg(feature = "grpc")]
fn streams_and_grpc_and_json() {
    nothing_leaks(this_test!(), Socket::Stream, true, false, true);
}

#[test]
#[cfg(feature = "grpc")]
fn streams_and_grpc_with_gzip_and_text() {
    nothing_leaks(this_test!(), Socket::Stream, true, true, false);
}

/// That the search finds what is there.
#[test]
fn what_is_allowed_to_leak_is_found_everywhere() {
    if let Some(argument) = child::argument() {
        return service::run(&argument);
    }
    let backends = Backends::start(Socket::Udp, false);
    let mut setup = backends.setup(true, true);
    setup.twist = Twist::Allowed;
    let ended = child::run(setup.command(this_test!())).succeeded();
    let leaks = leaks(&backends.received(&ended, true));
    for backend in ALL {
        for shape in ["email", "github", "jwt", "card", "assignment", "pem"] {
            let (shape, backend) = (format!("/ {shape} /"), format!("/ {backend:?}:"));
            let is_there = |line: &String| line.contains(&shape) && line.contains(&backend);
            assert!(leaks.iter().any(is_there), "no {shape} {backend} in {leaks:#?}");
        }
    }
    // Only that key was let through.
    let denied = |line: &&String| line.contains("/ password /") || line.contains("/ user_id /");
    assert_eq!(leaks.iter().find(denied), None);
}

//! What a server layer costs: axum on loopback with it and without it, by turns.
//!
//! ```text
//! cargo bench -p lightship-benches --bench http                about half a minute
//! cargo bench -p lightship-benches --bench http -- --smoke     a second or two: does it run?
//! ```
//!
//! Both servers run on one thread, all backends on, with one trace in a hundred kept; the clients run on
//! another, over connections that are kept open. What counts is how long a request takes when all
//! are busy, that is, requests per second, as the ratio of the medians within one run.
//!
//! Ends with status 1 if a row misses its bar, except in a smoke run, whose numbers mean nothing.
#![allow(clippy::expect_used, reason = "a benchmark that can't run says why and ends")]

#[path = "harness/allocations.rs"]
mod allocations;
#[path = "http/clients.rs"]
mod clients;
#[path = "harness/harness.rs"]
#[allow(dead_code, reason = "not every bench needs all of it")]
mod harness;
#[path = "http/server.rs"]
mod server;
#[path = "harness/table.rs"]
#[allow(dead_code, reason = "not every bench needs all of it")]
mod table;

use clients::{Clients, Question};
use harness::median;
use lightship::{DogStatsd, Logs, Otlp, Prometheus, Sampler, Telemetry};
use server::{Layered, Server};
use std::net::UdpSocket;
use std::process::ExitCode;
use std::time::Duration;
use table::{Row, Table};

/// At least 0.9 times the requests per second, as the time that one takes.
const BAR: f64 = 1.11;
const AIM: f64 = 1.05;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let smoke = arguments.iter().any(|argument| argument == "--smoke");
    let wanted = arguments.iter().find(|argument| !argument.starts_with("--")).cloned();
    let (rounds, requests) = if smoke { (2, 200) } else { (31, 10_000) };
    let mut table = Table::new(wanted, smoke);

    let agent = UdpSocket::bind("127.0.0.1:0").expect("there is a free port");
    for (name, question, share) in [
        (
            "a text from axum with the layer, 1 % of traces kept, against none",
            Question::hello(),
            0.01,
        ),
        ("1 kB of JSON in and out, 1 % of traces kept, against none", Question::json(), 0.01),
        ("a text, every trace kept", Question::hello(), 1.0),
    ] {
        if !table.wants(name) {
            continue;
        }
        let telemetry = install(share, &agent);
        let [ours, peer] = by_turns(&question, rounds, requests);
        let row = Row::nanos(name, Some(ours), Some(peer));
        table.add(if share < 1.0 { row.ratio(BAR, AIM) } else { row });
        table.note(format!(
            "{:.0} and {:.0} requests per second, {:.3}x of them ({share} kept)",
            1e9 / ours,
            1e9 / peer,
            peer / ours
        ));
        telemetry.shutdown(Duration::from_secs(5));
    }
    println!("\n{table}");
    ExitCode::from(u8::from(table.misses_a_bar()))
}

/// All backends on: an agent that takes datagrams, and no collector.
fn install(share: f64, agent: &UdpSocket) -> Telemetry {
    let agent = agent.local_addr().expect("it is bound");
    lightship::builder("bench")
        .without_environment()
        .sampler(Sampler::ratio(share))
        .otlp(Otlp::default().endpoint("http://127.0.0.1:9"))
        .dogstatsd(DogStatsd::default().address(agent.to_string()))
        .prometheus(Prometheus::default().no_listener())
        .logs(Logs::disabled())
        .notices(|_| {})
        .install()
        .expect("nothing else is installed in this process")
}

/// Nanoseconds a request with our layer, and without it.
fn by_turns(question: &Question, rounds: usize, requests: usize) -> [f64; 2] {
    let mut sides = [Layered::Yes, Layered::No].map(|layered| {
        let server = Server::start(layered);
        let clients = Clients::connect(server.address);
        (server, clients, Vec::new())
    });
    for (_, clients, _) in &mut sides {
        clients.ask(question, requests / 10 + 1);
    }
    for round in 0..rounds {
        // Whoever is first is not so all the time.
        for side in if round % 2 == 0 { [0, 1] } else { [1, 0] } {
            let (_, clients, taken) = &mut sides[side];
            taken.push(clients.ask(question, requests).as_nanos() as f64 / requests as f64);
        }
    }
    sides.map(|(_, _, taken)| median(taken))
}

//! The port: taken, freed, given back.

use super::clients::{QUICK, Server, eventually, hello, status};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

/// Enough for the thread to be where only a knock wakes it.
const ASLEEP: Duration = Duration::from_millis(100);

#[test]
fn port_zero_is_a_free_port_that_is_known_at_once() {
    let server = Server::start(hello());
    assert_ne!(server.address().port(), 0);
    assert_eq!(server.pipeline.status().state.name(), "unverified");
    assert_eq!(status(&server.ask("GET /hello HTTP/1.0\r\n\r\n")), 200);
}

#[test]
fn a_taken_port_degrades_and_is_taken_over_when_it_is_free() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap();
    let server = Server::start_at(&address.to_string(), hello(), QUICK);
    assert_eq!(server.listener.local_addr(), None);
    let state = server.pipeline.status().state.to_string();
    let wanted = format!("degraded: port {} on 127.0.0.1 is taken by another", address.port());
    assert!(state.starts_with(&wanted), "{state}");
    drop(other);
    eventually("taking over", || server.listener.local_addr() == Some(address));
    assert_eq!(status(&server.ask("GET /hello HTTP/1.1\r\n\r\n")), 200);
}

#[test]
fn with_the_real_limits_a_freed_port_ends_the_degradation() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap();
    let server = Server::start_at(&address.to_string(), hello(), crate::admin::LIMITS);
    assert!(server.pipeline.status().state.to_string().ends_with("trying again every 5 s"));
    drop(other);
    eventually("taking over", || server.listener.local_addr() == Some(address));
    eventually("recovery", || server.pipeline.status().state.name() == "unverified");
}

#[test]
fn shutdown_gives_the_port_back() {
    for address in ["127.0.0.1:0", "0.0.0.0:0"] {
        let server = Server::start_at(address, hello(), QUICK);
        let address = server.address();
        let idle = TcpStream::connect(("127.0.0.1", address.port())).unwrap();
        std::thread::sleep(ASLEEP);
        assert!(server.listener.shutdown(Duration::from_secs(5)));
        assert_eq!(server.listener.local_addr(), None);
        drop(idle);
        TcpListener::bind(address).expect("the port is free");
        assert!(server.listener.shutdown(Duration::from_secs(5)), "again");
    }
}

#[test]
fn shutdown_does_not_wait_for_the_next_try() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let server = Server::start_at(&address, hello(), crate::admin::LIMITS);
    std::thread::sleep(ASLEEP);
    let start = Instant::now();
    assert!(server.listener.shutdown(Duration::from_secs(4)));
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}

#[test]
fn dropping_it_frees_the_port_too() {
    let server = Server::start(hello());
    let address = server.address();
    std::thread::sleep(ASLEEP);
    drop(server);
    eventually("a free port", || TcpListener::bind(address).is_ok());
}

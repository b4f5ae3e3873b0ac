//! Clients that nobody would wish for.

use super::clients::{Server, answer, eventually, hello, status};
use crate::admin::{Response, Routes};
use crate::status::DropReason::{BadRequest, QueueFull};
use std::io::{Read, Write};
use std::time::{Duration, Instant};

#[test]
fn a_request_that_comes_too_slowly_is_cut_off() {
    let server = Server::start(hello());
    let mut stream = server.connect();
    let start = Instant::now();
    // Faster than any timeout for a single read would notice.
    let mut writer = stream.try_clone().unwrap();
    let drip = std::thread::spawn(move || {
        for byte in b"GET /hello HTTP/1.1\r\n".iter().chain([b'x'; 100].iter()) {
            if writer.write_all(&[*byte]).is_err() {
                return;
            }
            std::thread::sleep(Duration::from_millis(30));
        }
    });
    assert_eq!(status(&answer(&mut stream)), 408);
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    assert_eq!(server.dropped(BadRequest), 1);
    drip.join().unwrap();
}

#[test]
fn half_a_request_and_silence_are_cut_off_too() {
    let server = Server::start(hello());
    for half in ["", "GET /hello HT"] {
        assert_eq!(status(&server.ask(half)), 408, "{half}");
    }
    assert_eq!(server.dropped(BadRequest), 2);
}

#[test]
fn who_hangs_up_is_not_counted() {
    let server = Server::start(hello());
    for half in ["", "GET /hello HT"] {
        server.connect().write_all(half.as_bytes()).unwrap();
    }
    assert_eq!(status(&server.ask("GET /hello HTTP/1.1\r\n\r\n")), 200);
    assert!(server.listener.shutdown(Duration::from_secs(5)));
    assert_eq!(server.dropped(BadRequest), 0);
}

#[test]
fn garbage_is_refused_and_counted() {
    let server = Server::start(hello());
    let long = format!("GET /hello HTTP/1.1\r\nx: {}\r\n\r\n", "y".repeat(10_000));
    let many = format!("GET /hello HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(100));
    for (request, wanted) in [
        ("\u{16}\u{3}\u{1}\0\u{1}\0", 400),
        ("GET\r\n\r\n", 400),
        ("GET hello HTTP/1.1\r\n\r\n", 400),
        ("GET /hello HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (&long, 431),
        (&many, 431),
    ] {
        assert_eq!(status(&server.ask(request)), wanted, "{request:.40}");
    }
    assert_eq!(server.dropped(BadRequest), 6);
}

#[test]
fn what_follows_the_head_is_ignored_and_the_answer_whole() {
    let server = Server::start(hello());
    for tail in ["\u{1}garbage".repeat(10), "GET /hello HTTP/1.1\r\n\r\n".repeat(100)] {
        let answer = server.ask(&format!("GET /hello HTTP/1.1\r\nContent-Length: 5\r\n\r\n{tail}"));
        assert!(answer.ends_with("\r\n\r\nhello\n"), "{answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1);
    }
    let body = format!("POST /hello HTTP/1.1\r\n\r\n{}", "x".repeat(50_000));
    assert_eq!(status(&server.ask(&body)), 405);
}

#[test]
fn a_body_that_nobody_wanted_does_not_cost_the_end_of_the_answer() {
    let text = "x".repeat(400_000);
    let server = Server::start(
        Routes::new().get_with_token("/large", None, move |_| Response::text(200, &*text)),
    );
    let mut stream = server.connect();
    stream.write_all(b"GET /large HTTP/1.1\r\n\r\n").unwrap();
    stream.write_all(&[b'y'; 3_000]).unwrap();
    std::thread::sleep(Duration::from_millis(600));
    let answer = answer(&mut stream);
    assert_eq!(answer.split_once("\r\n\r\n").unwrap().1.len(), 400_000);
}

#[test]
fn of_twenty_clients_that_stall_four_are_told_to_come_back() {
    let server = Server::patient();
    let stalled: Vec<_> = (0..16)
        .map(|_| {
            let mut stream = server.connect();
            stream.write_all(b"GET /hello HTTP/1.1\r\n").unwrap();
            stream
        })
        .collect();
    for _ in 0..4 {
        let answer = server.ask("GET /hello HTTP/1.1\r\n\r\n");
        assert_eq!(status(&answer), 503, "{answer}");
        assert!(answer.contains("\r\nRetry-After: 1\r\n"));
    }
    assert_eq!(server.dropped(QueueFull), 4);
    for mut stream in stalled {
        stream.write_all(b"\r\n").unwrap();
        assert_eq!(status(&answer(&mut stream)), 200);
    }
    eventually("a free slot", || status(&server.ask("GET /hello HTTP/1.1\r\n\r\n")) == 200);
}

#[test]
fn twenty_clients_that_behave_are_all_answered_in_the_end() {
    let server = Server::patient();
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| {
                eventually("an answer", || {
                    let answer = server.ask("GET /hello HTTP/1.1\r\n\r\n");
                    assert!(matches!(status(&answer), 200 | 503), "{answer}");
                    answer.ends_with("\r\n\r\nhello\n")
                });
            });
        }
    });
}

#[test]
fn a_client_that_never_reads_is_cut_off_and_gets_nothing_delivered() {
    let delivered = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let flag = std::sync::Arc::clone(&delivered);
    let server = Server::start(hello().get_with_token("/large", None, move |_| {
        let flag = std::sync::Arc::clone(&flag);
        Response::text(200, "x".repeat(64 << 20))
            .on_delivered(move || flag.store(true, std::sync::atomic::Ordering::Relaxed))
    }));
    let mut stream = server.connect();
    stream.write_all(b"GET /large HTTP/1.1\r\n\r\n").unwrap();
    eventually("the cut", || server.dropped(BadRequest) == 1);
    assert!(!delivered.load(std::sync::atomic::Ordering::Relaxed));
    assert_eq!(status(&server.ask("GET /hello HTTP/1.1\r\n\r\n")), 200);
    // One that reads, slowly, gets everything that fits the time.
    let mut first = [0; 12];
    stream.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
}

#[test]
fn shutdown_waits_for_nobody_who_stalls() {
    let large =
        Routes::new().get_with_token("/large", None, |_| Response::text(200, "x".repeat(64 << 20)));
    let server = Server::start_at("127.0.0.1:0", large, crate::admin::LIMITS);
    let silent = server.connect();
    let mut half = server.connect();
    half.write_all(b"GET /lar").unwrap();
    let mut deaf = server.connect();
    deaf.write_all(b"GET /large HTTP/1.1\r\n\r\n").unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let start = Instant::now();
    assert!(server.listener.shutdown(Duration::from_secs(5)));
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    drop((silent, half, deaf));
}

#[test]
fn shutdown_keeps_its_deadline_when_a_handler_does_not_return() {
    let (release, released) = std::sync::mpsc::channel::<()>();
    let released = std::sync::Mutex::new(released);
    let stuck = Routes::new().get_with_token("/stuck", None, move |_| {
        let _ = released.lock().unwrap().recv();
        Response::text(200, "late")
    });
    let server = Server::start(stuck);
    let address = server.address();
    server.connect().write_all(b"GET /stuck HTTP/1.1\r\n\r\n").unwrap();
    std::thread::sleep(Duration::from_millis(100));
    let start = Instant::now();
    assert!(!server.listener.shutdown(Duration::from_millis(300)));
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    assert!(std::net::TcpListener::bind(address).is_ok(), "the port is free all the same");
    release.send(()).unwrap();
    assert!(server.listener.shutdown(Duration::from_secs(5)));
}

//! The key of hashes: whose it is, what it makes of an id, and that a random one is told of.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "support/child.rs"]
mod child;

use child::this_test;
use lightship::{DogStatsd, Logs, Otlp, Prometheus, counter, hashed, set};
use std::sync::{Arc, Mutex};

const KEY: &str = "a key that two processes have";
/// Computed with Python's hmac: the key above, messages b"user\0ada" and b"\0ada".
const IN_TAG: &str = "dd0f699c8bc8db2c";
const IN_MESSAGE: &str = "c3bd68b1bfda5f2c";

/// What the page has of a user, what a message would, and what was told to the operator.
fn hashes(code: Option<&str>) -> (String, String, Vec<String>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let told_to = Arc::clone(&told);
    let mut builder = lightship::builder("hashes")
        .otlp(Otlp::disabled())
        .dogstatsd(DogStatsd::disabled())
        .prometheus(Prometheus::default().no_listener())
        .logs(Logs::disabled())
        .notices(move |line| told_to.lock().unwrap().push(line.to_owned()));
    if let Some(key) = code {
        builder = builder.hash_key(key);
    }
    let telemetry = builder.install().unwrap();
    set!("users").insert("ada");
    assert!(told.lock().unwrap().is_empty(), "what a set counts is not joined with anything");
    for id in ["ada", "bob", "ada"] {
        counter!("seen", "user" => hashed(id)).increment(1);
    }
    let page = telemetry.prometheus_text();
    let line = page.lines().find(|line| line.starts_with("seen_total") && line.ends_with(" 2"));
    let hash = line.unwrap().split('"').nth(1).unwrap().to_owned();
    let told = told.lock().unwrap().clone();
    (hash, hashed("ada").to_string(), told)
}

#[test]
fn a_key_makes_the_same_hash_in_every_process_and_code_beats_the_environment() {
    match child::argument().as_deref() {
        None => {}
        Some(argument) => {
            let code = (argument == "code").then_some(KEY);
            let (user, message, told) = hashes(code);
            assert_eq!((&*user, &*message), (IN_TAG, IN_MESSAGE));
            assert!(told.is_empty(), "{told:?}");
            return;
        }
    }
    for (argument, variable) in [("environment", KEY), ("code", "another key altogether")] {
        let mut command = child::command(this_test!(), argument);
        command.env("LIGHTSHIP_HASH_KEY", variable);
        let ended = child::run(command).succeeded();
        let all = ended.stdout + &ended.stderr;
        assert!(!all.contains(KEY) && !all.contains(variable), "{all}");
    }
}

#[test]
fn a_random_key_is_told_of_once_and_is_another_in_each_process() {
    if child::argument().is_some() {
        let (user, message, told) = hashes(None);
        assert!(told.len() == 1 && told[0].contains("LIGHTSHIP_HASH_KEY"), "{told:?}");
        assert_ne!(user, message);
        println!("hash {user}");
        return;
    }
    let test = this_test!();
    let hash = || {
        let ended = child::run(child::command(test, "random")).succeeded();
        let line = ended.stdout.lines().find(|line| line.starts_with("hash ")).map(str::to_owned);
        line.unwrap()
    };
    assert_ne!(hash(), hash());
}

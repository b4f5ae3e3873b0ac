//! Where names mean something else, or nothing.

#![no_implicit_prelude]

use ::lightship::{counted, observe, timed};

mod core {}
mod std {}
mod tracing {}
mod lightship {}
struct Result;
struct Option;
struct Some;
struct None;
struct Ok;
struct Err;
struct Vec;
struct String;

#[observe(
    kind = "client",
    fields(call, span = %result, ?meter, empty = Empty),
    tags(values = values, literal = 7),
    err,
    ret,
)]
fn full(call: u8, span: u8, meter: u8, result: u8, values: &str) -> super::Plain {
    let (error, text, value, entered) = (1_u8, 2_u8, 3_u8, 4_u8);
    if call == 0 {
        return super::Plain::Err(super::Wrong);
    }
    super::Plain::Ok(call + span + meter + result + error + text + value + entered)
}

#[observe(err(Debug), ret, tags(a = true))]
async fn later(call: u8) -> super::Plain {
    if call == 0 { super::Plain::Err(super::Wrong) } else { super::Plain::Ok(call) }
}

#[observe]
#[track_caller]
fn tracked(call: u8) -> super::Plain {
    if call == 0 {
        return super::Plain::Err(super::Wrong);
    }
    super::Plain::Ok(call)
}

#[timed("hygienic", "k" => _timer)]
#[counted("hygienic.count", "k" => "v")]
fn metered(_timer: u8) -> u8 {
    _timer
}

#[observe]
fn nothing() {
    let _ = (Result, Option, Some, None, Ok, Err, Vec, String);
}

#[test]
fn the_expansion_names_what_it_means() {
    let work = async {
        ::core::assert!(full(1, 2, 3, 4, "a").is_ok_and(|sum| sum == 20));
        ::core::assert!(full(0, 2, 3, 4, "a").is_err());
        ::core::assert!(later(1).await.is_ok() && later(0).await.is_err());
        ::core::assert!(tracked(1).is_ok() && tracked(0).is_err());
        metered(1);
        nothing();
    };
    let seen = ::lightship::testing::capture_async(work);
    let runtime = ::tokio::runtime::Builder::new_current_thread().build();
    let ((), seen) = runtime.expect("a thread is all that it takes").block_on(seen);
    ::core::assert_eq!(seen.counter_total("function.calls"), 7);
    ::core::assert_eq!(seen.counter_total("hygienic.count"), 1);
    ::core::assert_eq!(seen.spans().len(), 7);
}

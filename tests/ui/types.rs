//! What the compiler says of types: of the function's own mistakes as ever, and of an option's where
//! the option is.
#![allow(unused)]

use lightship::{observe, timed};

struct Opaque;

#[observe(err)]
fn no_result() -> Option<u8> {
    None
}

#[observe(err)]
fn no_display() -> Result<u8, Opaque> {
    Err(Opaque)
}

#[observe(err(Debug))]
async fn no_debug() -> Result<u8, Opaque> {
    Err(Opaque)
}

#[observe(ret)]
fn no_debug_either() -> Opaque {
    Opaque
}

#[observe(tags(a = Opaque), fields(b = Opaque))]
fn no_values() {}

#[observe]
fn wrong_type(n: u8) -> String {
    n + 1
}

#[observe]
async fn wrong_type_later(n: u8) -> Result<String, Opaque> {
    if n == 1 {
        return Ok(n);
    }
    Ok("a")
}

#[observe]
fn wrong_question() -> Result<u8, Opaque> {
    let n: u8 = "1".parse()?;
    Ok(n)
}

#[observe]
fn wrong_name() {
    nobody(call, span, meter);
}

#[observe]
fn moved(text: String) -> String {
    drop(text);
    text
}

#[timed("a", "k" => Opaque)]
fn no_value() {}

fn main() {}

//! Where the attributes can't stand.
#![allow(unused)]

use lightship::{ErrorType, Tag, counted, observe, timed};
use std::future::Future;
use std::pin::Pin;

#[observe]
const fn constant() -> u8 {
    1
}

#[timed("a")]
pub const unsafe fn constant_too() {}

#[observe]
struct Structure;

#[counted("a")]
impl Structure {}

#[observe]
trait Trait {
    #[observe]
    fn without_a_body(&self);
}

#[observe]
fn passes_on(text: String) -> impl Future<Output = u8> {
    later(text)
}

#[observe]
fn boxes(text: String) -> Pin<Box<dyn Future<Output = u8> + Send>> {
    Box::pin(later(text))
}

#[timed("a")]
fn only_made(text: String) -> impl Future<Output = u8> {
    later(text)
}

async fn later(_: String) -> u8 {
    1
}

#[derive(ErrorType)]
struct Wrong;

#[derive(ErrorType)]
enum Mistaken {
    #[error_type(name = "a")]
    First,
    #[error_type(rename = "")]
    Second,
}

#[derive(Tag)]
enum Open {
    Any(String),
}

fn main() {}

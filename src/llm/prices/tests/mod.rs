//! What the book says, and of what.

mod arithmetic;
mod broken;
mod builtin;
mod found;

use super::{Estimate, PriceBook};
use crate::llm::{Provider, Usage};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Noon of 2026-11-22, a Sunday.
fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(20_779 * 86_400 + 43_200)
}

fn litellm(json: &str) -> PriceBook {
    let book = PriceBook::empty();
    book.load_litellm_json(json.as_bytes(), now()).unwrap_or_else(|error| panic!("{error}"));
    book
}

fn genai(json: &str) -> PriceBook {
    let book = PriceBook::empty();
    book.load_genai_prices_json(json.as_bytes(), now()).unwrap_or_else(|error| panic!("{error}"));
    book
}

fn price(book: &PriceBook, provider: Provider, model: &str, usage: &Usage) -> Option<Estimate> {
    book.price(provider, model, usage, now())
}

/// In dollars, as it is shown.
fn cost(book: &PriceBook, provider: Provider, model: &str, usage: &Usage) -> String {
    price(book, provider, model, usage)
        .map_or("none".to_owned(), |estimate| estimate.cost().to_string())
}

//! Nothing that an attribute adds is anybody's business to lint.
#![deny(warnings, clippy::all, clippy::pedantic, clippy::nursery)]
#![allow(clippy::missing_errors_doc, clippy::must_use_candidate, clippy::missing_panics_doc, clippy::manual_async_fn)]

use lightship::{ErrorType, counted, observe, timed};
use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;

/// An error.
#[derive(Debug, ErrorType)]
pub enum Wrong {
    /// One.
    One,
    /// With a number.
    Two(u8),
}

impl Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("wrong")
    }
}

#[observe(name = "a", kind = "client", tags(n = n, b = "c"), fields(m = n, later = Empty), err, ret)]
pub fn full(n: u8) -> Result<u8, Wrong> {
    let checked = n.checked_add(1).ok_or(Wrong::One)?;
    if checked == 3 {
        return Err(Wrong::Two(3));
    }
    Ok(checked)
}

#[observe(err(Debug, level = "warn"), ret(Display), tags(n = n), metrics = false)]
pub async fn full_later(n: u8) -> Result<u8, Wrong> {
    std::future::ready(()).await;
    full(n)
}

#[observe]
pub fn unit(text: &mut String) {
    text.push('a');
}

#[observe]
pub fn boxed(n: u8) -> Pin<Box<dyn Future<Output = u8> + Send>> {
    Box::pin(async move { std::future::ready(n).await })
}

#[observe]
pub fn opaque(n: u8) -> impl Future<Output = Result<u8, Wrong>> {
    async move { full_later(n).await }
}

#[observe]
#[track_caller]
pub fn tracked(n: u8) -> Result<u8, Wrong> {
    if n == 0 {
        return Ok(full(n)? + 1);
    }
    Ok(n)
}

#[observe]
pub fn panics() -> ! {
    panic!("at once")
}

#[timed("a", "b" => n)]
#[counted("c")]
pub async fn metered(n: u8) -> u8 {
    std::future::ready(n).await
}

/// A thing.
pub struct Thing(u8);

impl Thing {
    #[observe]
    pub fn new(n: u8) -> Self {
        Self(n)
    }

    #[observe(fields(n = self.0))]
    pub fn get(&self) -> &u8 {
        &self.0
    }

    #[observe(fields(n = self.0))]
    pub async fn grow(&mut self, by: u8) -> Option<&mut Self> {
        self.0 = self.0.checked_add(full_later(by).await.ok()?)?;
        Some(self)
    }
}

fn main() {}

//! Mistakes in options, each told where it is, and all at once.
#![allow(unused)]

use lightship::{counted, observe, timed};

#[observe(feilds(a), lvel = "info", name = "fine")]
fn unknown(a: u8) {}

#[observe(name = "a", name = "b", err, err)]
fn twice() -> Result<(), std::fmt::Error> {
    Ok(())
}

#[observe(level = "loud", kind = "srv", metrics = 1, level)]
fn values() {}

#[observe(level = 7)]
fn number() {}

#[observe(skip(body, request), skip_all)]
fn arguments(path: &str, (left, right): (u8, u8), body: &[u8]) {}

#[observe(skip(self))]
fn no_arguments() {}

#[observe(err, ret)]
fn nothing() {}

#[observe(err(Dbg, level = "loud"), ret(level), name = 7, fields = 1, parent)]
fn deeper() -> Result<u8, u8> {
    Ok(1)
}

#[observe(kind = "client", fields(otel.kind = "server", a = 1, a = 2, "b"), tags(a = 3, outcome = "x", c))]
fn fields() {}

#[observe(tags(a = 1, b = 1, c = 1, d = 1, e = 1, f = 1, g = 1, h = 1, i = 1))]
fn too_many() {}

#[observe(name = "a" level = "info", , err = )]
fn commas() {}

#[timed]
fn no_name() {}

#[timed(name = "a")]
fn named() {}

#[counted("a", "k" => 1, "k" => 2, "l")]
fn tags() {}

fn main() {}

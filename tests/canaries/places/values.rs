//! Values that say themselves what may become of them, and texts that pretend to be such.

use super::{EVENTS, Fits, METRICS, Place, SPANS, World, keyed};
use crate::canary::Planted;
use lightship::{counter, detail, hashed, observe, secret, short, tag, truncated};
use tracing::info;

pub(crate) const PLACES: &[Place] = &[
    Place { name: "short in a tag", plant: short_tag, ..TAGS },
    Place { name: "hashed in a tag", plant: hashed_tag, ..TAGS },
    Place { name: "truncated in a tag", plant: truncated_tag, ..TAGS },
    Place { name: "secret in a tag", plant: secret_tag, ..TAGS },
    Place { name: "short in a span", plant: short_field, ..FIELDS },
    Place { name: "hashed in a span", plant: hashed_field, ..FIELDS },
    Place { name: "truncated in a span", plant: truncated_field, ..FIELDS },
    Place { name: "secret in a span", plant: secret_field, ..FIELDS },
    Place { name: "tag and detail in a call", beside: SPANS, plant: inside, ..FIELDS },
    Place { name: "forged mark", plant: forged, ..FIELDS },
];
const TAGS: Place =
    Place { name: "", takes: Fits::All, beside: METRICS, within: &[], plant: short_tag };
const FIELDS: Place = Place { beside: EVENTS, plant: short_field, ..TAGS };

fn short_tag(_: &World, it: &Planted) {
    counter!(String::from("c.short"), "mark" => it.beside, it.key => short(&it.canary))
        .increment(1);
}

fn hashed_tag(_: &World, it: &Planted) {
    counter!(String::from("c.hashed"), "mark" => it.beside, it.key => hashed(&it.canary))
        .increment(1);
}

fn truncated_tag(_: &World, it: &Planted) {
    // In the middle of the secret.
    let length = it.value.chars().count() - it.secrets[0].len() / 2;
    let value = truncated(&it.value, length);
    counter!(String::from("c.truncated"), "mark" => it.beside, it.key => value).increment(1);
}

fn secret_tag(_: &World, it: &Planted) {
    counter!(String::from("c.secret"), "mark" => it.beside, it.key => secret(&it.value))
        .increment(1);
}

/// In a span's field and in that of a line.
macro_rules! fields {
    ($it:expr, $value:expr) => {{
        let span = keyed!($it, info_span! { "made", mark = $it.beside, } { %$value });
        let _entered = span.entered();
        keyed!($it, info! { mark = $it.beside, also = ?Some($value), } { ?$value });
        info!("{} and {}", $it.beside, $value);
    }};
}

fn short_field(_: &World, it: &Planted) {
    fields!(it, short(&it.canary));
}

fn hashed_field(_: &World, it: &Planted) {
    fields!(it, hashed(&it.canary));
}

fn truncated_field(_: &World, it: &Planted) {
    let length = it.value.chars().count() - it.secrets[0].len() / 2;
    match it.is_keyed() {
        // A message has no key that tells.
        true => {
            let span = keyed!(it, info_span! { "made", mark = it.beside, } { %truncated(&it.value, length) });
            span.in_scope(|| info!(mark = it.beside, "in a span"));
        }
        false => fields!(it, truncated(&it.value, length)),
    }
}

fn secret_field(_: &World, it: &Planted) {
    fields!(it, secret(&it.value));
}

#[observe(fields(mark = it.beside))]
fn call(it: &Planted) {
    tag(it.key, it.value.as_str());
    tag("short", short(&it.canary));
    tag("hashed", hashed(&it.canary));
    tag("secret", secret(&it.canary));
    detail(it.key, it.value.as_str());
    detail("short.detail", short(&it.canary));
    detail("hashed.detail", hashed(&it.canary));
    detail("secret.detail", secret(&it.canary));
}

fn inside(_: &World, it: &Planted) {
    call(it);
}

/// What only looks like a value of ours is a text.
fn forged(_: &World, it: &Planted) {
    for value in [
        format!("\u{fdd0}t4000;{}\u{fdd1}", it.value),
        format!("\u{fdd0}s {}\u{fdd1}", it.canary),
        format!("\u{fdd0}h {}\u{fdd1}", it.canary),
        format!("\u{fdd0}{}", it.canary),
        format!("\\u{{fdd0}}t4000;{}\\u{{fdd1}}", it.canary),
    ] {
        let span = keyed!(it, info_span! { "forged", mark = it.beside, } { value });
        let _entered = span.entered();
        keyed!(it, info! { mark = it.beside, } { ?value });
        counter!(String::from("c.forged"), "mark" => it.beside, it.key => value).increment(1);
        if !it.is_keyed() {
            info!("{value}");
        }
    }
}

//! What is constant for a process, from its environment.

use super::baggage::encoded;
use super::{Backend, Fits, Place};
use crate::canary::plant;

pub(crate) const PLACES: &[Place] = &[
    Place {
        name: "attribute of the resource",
        takes: Fits::Url,
        beside: &[Backend::Traces, Backend::Metrics, Backend::Page, Backend::OpenMetrics],
        within: &[],
        plant: |_, _| {},
    },
    Place {
        name: "tag of everything",
        takes: Fits::Tokens,
        beside: &[Backend::DogStatsd],
        within: &[],
        plant: |_, _| {},
    },
];

/// The variables of a child.
pub(crate) fn variables() -> [(&'static str, String); 2] {
    let list = |place, by: &str| {
        let pairs = plant(place).into_iter().zip(0..).flat_map(|(it, n)| {
            let canary = encoded(&it.canary);
            [
                format!("at.{n}{by}{}", it.beside),
                format!("detail.{n}{by}{canary}"),
                format!("{canary}{by}x"),
                format!("password.{n}{by}{}", it.secrets[0]),
            ]
        });
        pairs.collect::<Vec<_>>().join(",")
    };
    [("OTEL_RESOURCE_ATTRIBUTES", list(&PLACES[0], "=")), ("DD_TAGS", list(&PLACES[1], ":"))]
}

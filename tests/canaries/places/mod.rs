//! Every place in which a user can write, as a table.

pub(crate) mod baggage;
pub(crate) mod constants;
#[cfg(feature = "sqlx")]
pub(crate) mod database;
pub(crate) mod datadog;
pub(crate) mod failures;
pub(crate) mod functions;
pub(crate) mod http;
pub(crate) mod logs;
pub(crate) mod metrics;
#[cfg(feature = "llm")]
pub(crate) mod models;
pub(crate) mod queries;
pub(crate) mod spans;
pub(crate) mod values;

use crate::canary::{self, Planted};
use lightship::Telemetry;
use std::net::SocketAddr;
use tokio::runtime::Runtime;

/// One place.
pub(crate) struct Place {
    pub(crate) name: &'static str,
    pub(crate) takes: Fits,
    /// Where what stands beside the secret must arrive: an empty wire proves nothing.
    pub(crate) beside: &'static [Backend],
    /// Where the rest of the value must arrive, too.
    pub(crate) within: &'static [Backend],
    pub(crate) plant: fn(&World, &Planted),
}

/// Which shapes a place can hold.
#[derive(Clone, Copy)]
pub(crate) enum Fits {
    All,
    /// Those that are known by their looks.
    Looks,
    /// Those that are known by their key.
    Keyed,
    /// Those without quotes or line ends.
    Unquoted,
    Url,
    /// Those that stay what they are in lower case.
    Host,
    Tokens,
    OneLine,
}

/// What receives, or shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Backend {
    DogStatsd,
    Traces,
    Metrics,
    Page,
    OpenMetrics,
    StatusPage,
    Stdout,
    Stderr,
    /// A server that is called with contexts of ours.
    Peer,
    /// What `Telemetry` shows the program itself.
    Shown,
    Capture,
}

/// What places need.
pub(crate) struct World {
    /// None in a capture.
    pub(crate) telemetry: Option<Telemetry>,
    pub(crate) runtime: Runtime,
    /// A server that keeps what it is sent.
    pub(crate) peer: Option<SocketAddr>,
    /// A service of ours.
    pub(crate) service: SocketAddr,
}

/// Metrics go to everybody.
pub(crate) const METRICS: &[Backend] = &[
    Backend::DogStatsd,
    Backend::Metrics,
    Backend::Page,
    Backend::OpenMetrics,
    Backend::Shown,
    Backend::Capture,
];
/// What comes by the `metrics` crate's recorder, which is the process's.
pub(crate) const FOREIGN: &[Backend] =
    &[Backend::DogStatsd, Backend::Metrics, Backend::Page, Backend::OpenMetrics, Backend::Shown];
pub(crate) const SPANS: &[Backend] = &[Backend::Traces, Backend::Capture];
/// What is logged in a span becomes an event of it.
pub(crate) const LOGS: &[Backend] = &[Backend::Stdout, Backend::Capture];
pub(crate) const EVENTS: &[Backend] = &[Backend::Traces, Backend::Stdout, Backend::Capture];

pub(crate) fn places() -> Vec<&'static Place> {
    let mut tables = vec![
        // First, for their panics flush what there is.
        functions::PLACES,
        metrics::PLACES,
        spans::PLACES,
        logs::PLACES,
        baggage::PLACES,
        http::PLACES,
        failures::PLACES,
        queries::PLACES,
        datadog::PLACES,
        values::PLACES,
        constants::PLACES,
    ];
    #[cfg(feature = "llm")]
    tables.push(models::PLACES);
    #[cfg(feature = "sqlx")]
    tables.push(database::PLACES);
    tables.into_iter().flatten().collect()
}

/// Everything that is ever planted by the table.
pub(crate) fn all() -> Vec<Planted> {
    places().into_iter().flat_map(canary::plant).collect()
}

/// Plants every shape in every place that one of these backends hears of.
pub(crate) fn play(world: &World, heard: impl Fn(Backend) -> bool) {
    for place in places().into_iter().filter(|place| place.beside.iter().any(|it| heard(*it))) {
        for planted in canary::plant(place) {
            (place.plant)(world, &planted);
        }
    }
}

/// `keyed!(planted, info_span! { "name", } { value })`: with the key of the shape, which `tracing` wants
/// to know when it is compiled.
macro_rules! keyed {
    ($planted:expr, $macro:ident! { $($before:tt)* } { $($value:tt)* }) => {
        match $planted.key {
            "detail" => tracing::$macro!($($before)* detail = $($value)*),
            "password" => tracing::$macro!($($before)* password = $($value)*),
            "db.password" => tracing::$macro!($($before)* db.password = $($value)*),
            "user.id" => tracing::$macro!($($before)* user.id = $($value)*),
            "patient.full_name" => tracing::$macro!($($before)* patient.full_name = $($value)*),
            "client.address" => tracing::$macro!($($before)* client.address = $($value)*),
            other => panic!("{other} is no key of a shape"),
        }
    };
}
pub(crate) use keyed;

//! Calls to databases: statements, where they go, how they fail.

use super::{Fits, Place, SPANS, World};
use crate::canary::Planted;
use lightship::db::{Query, System};
use tracing::info_span;

pub(crate) const PLACES: &[Place] = &[
    Place { name: "literal of a statement", takes: Fits::All, plant: literal, ..QUERIES },
    Place {
        name: "double-quoted text of a statement",
        takes: Fits::Unquoted,
        plant: quoted,
        ..QUERIES
    },
    Place { name: "comment of a statement", takes: Fits::OneLine, plant: comment, ..QUERIES },
    Place { name: "namespace of a call", plant: namespace, ..QUERIES },
    Place { name: "server of a call", plant: server, ..QUERIES },
    Place { name: "summary of a call", plant: summary, ..QUERIES },
    Place { name: "operation and collection of a call", plant: collection, ..QUERIES },
    Place { name: "type and code of a failed call", takes: Fits::Looks, plant: failure, ..QUERIES },
];
const QUERIES: Place =
    Place { name: "", takes: Fits::Looks, beside: SPANS, within: &[], plant: literal };

/// Runs it, and lets it fail with the secret.
fn run(it: &Planted, query: Query<'_>) {
    let _span = info_span!("calling", mark = it.beside).entered();
    let result = query.run_blocking(|| Err::<(), _>(it.value.clone()));
    assert!(result.is_err());
}

fn literal(_: &World, it: &Planted) {
    let literal = it.value.replace('\'', "''");
    let statement = format!("UPDATE users SET a = '{literal}', b = $1 WHERE c IN ('{literal}')");
    run(it, Query::new(System::Postgresql, &statement));
    let cut = format!("INSERT INTO users (a) VALUES ('{literal}");
    run(it, Query::new(System::Postgresql, &cut));
}

fn quoted(_: &World, it: &Planted) {
    let statement = format!("SELECT * FROM users WHERE a = \"{}\"", it.value.replace('"', ""));
    run(it, Query::new(System::Mysql, &statement));
    run(it, Query::new(System::Postgresql, &statement));
}

fn comment(_: &World, it: &Planted) {
    let statement = format!("SELECT 1 /* {} */ FROM users -- {}", it.value, it.value);
    run(it, Query::new(System::Postgresql, &statement));
}

fn namespace(_: &World, it: &Planted) {
    run(it, Query::new(System::Postgresql, "SELECT 1 FROM users").namespace(&it.value));
}

fn server(_: &World, it: &Planted) {
    run(it, Query::new(System::Postgresql, "SELECT 2 FROM users").server(&it.value, 5_432));
}

fn summary(_: &World, it: &Planted) {
    run(it, Query::new(System::Postgresql, "SELECT 3 FROM users").summary(&it.value));
}

fn collection(_: &World, it: &Planted) {
    run(it, Query::command(System::Redis, &it.value).collection(&it.value));
}

fn failure(_: &World, it: &Planted) {
    let failure = |error: &String| lightship::db::Failure::new(error.clone());
    let _span = info_span!("calling", mark = it.beside).entered();
    let query = Query::new(System::Mysql, "SELECT 4 FROM users");
    let result = query.run_blocking_or(|| Err::<(), _>(it.value.clone()), failure);
    assert!(result.is_err());
    let failure = |error: &String| lightship::db::Failure::code(error.clone());
    let query = Query::new(System::Mysql, "SELECT 5 FROM users");
    let result = query.run_blocking_or(|| Err::<(), _>(it.value.clone()), failure);
    assert!(result.is_err());
}

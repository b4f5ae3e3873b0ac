//! Statements that a driver runs, against a real SQLite.

use super::{Fits, Place, SPANS, World};
use crate::canary::Planted;
use lightship::db::sqlx::Observer;
use sqlx::{Connection, SqliteConnection};
use tracing::{Instrument, info_span};

pub(crate) const PLACES: &[Place] = &[Place {
    name: "statement of sqlx",
    takes: Fits::All,
    beside: SPANS,
    within: &[],
    plant: statement,
}];

fn statement(world: &World, it: &Planted) {
    let literal = it.value.replace('\'', "''");
    let work = async {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        // What only a key tells can't be told there.
        let place = if it.is_keyed() { "documents" } else { it.value.as_str() };
        let observer = Observer::new().namespace(place).server(place, 1);
        let select = format!("SELECT '{literal}' AS a");
        let observed = observer.observe(&mut connection);
        sqlx::query(&select).execute(observed).await.unwrap();
        // Of what SQLite says to this, the secret is a part.
        let name =
            if it.is_keyed() { "users".to_owned() } else { it.canary.replace(['"', '\\'], "") };
        for wrong in [format!("SELECT * FROM \"{name}\""), format!("SELECT '{literal}")] {
            let observed = observer.observe(&mut connection);
            sqlx::query(&wrong).execute(observed).await.unwrap_err();
        }
        let observed = observer.observe(&mut connection);
        let bound = sqlx::query("SELECT ? AS b").bind(&it.value);
        bound.execute(observed).await.unwrap();
    };
    world.runtime.block_on(work.instrument(info_span!("statement", mark = it.beside)));
}

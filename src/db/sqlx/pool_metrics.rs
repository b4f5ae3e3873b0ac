//! What a pool says of itself.

use crate::{counter, gauge, timer};
use sqlx::{Database, Error, Pool};
use std::sync::{Arc, Weak};
use std::time::Instant;

const POOL: &str = "db.client.connection.pool.name";
const STATE: &str = "db.client.connection.state";

/// Has a pool's state read whenever a backend reads, for as long as there is the pool.
pub(super) fn watch<DB: Database>(pool: &Arc<Pool<DB>>, name: &str) {
    let options = pool.options();
    gauge!("db.client.connection.max", POOL => name).set(options.get_max_connections());
    gauge!("db.client.connection.idle.min", POOL => name).set(options.get_min_connections());
    let (used, idle) = (Arc::downgrade(pool), Arc::downgrade(pool));
    gauge!("db.client.connection.count", POOL => name, STATE => "used")
        .observe(move || read(&used, |pool| pool.size().saturating_sub(pool.num_idle() as u32)));
    gauge!("db.client.connection.count", POOL => name, STATE => "idle")
        .observe(move || read(&idle, |pool| pool.num_idle() as u32));
}

/// A pool that is gone has no connections.
fn read<DB: Database>(pool: &Weak<Pool<DB>>, count: impl Fn(&Pool<DB>) -> u32) -> f64 {
    pool.upgrade().map_or(0.0, |pool| f64::from(count(&pool)))
}

/// Waits for a connection, and measures that.
pub(super) async fn wait<T>(
    pool: &str,
    connection: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let (waiting, start) = (Waiting::new(pool), Instant::now());
    let result = connection.await;
    drop(waiting);
    match &result {
        Ok(_) => {
            let elapsed = start.elapsed();
            timer!("db.client.connection.wait_time", POOL => pool).handle().record(elapsed);
        }
        Err(Error::PoolTimedOut) => {
            counter!("db.client.connection.timeouts", POOL => pool).increment(1);
        }
        Err(_) => {}
    }
    result
}

/// Counts who waits, for as long as it waits.
struct Waiting<'p>(&'p str);

impl<'p> Waiting<'p> {
    fn new(pool: &'p str) -> Self {
        gauge!("db.client.connection.pending_requests", POOL => pool).increment(1);
        Waiting(pool)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        gauge!("db.client.connection.pending_requests", POOL => self.0).decrement(1);
    }
}

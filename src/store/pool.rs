//! A few connections, kept for the next operation.
//!
//! ```text
//!  operation ──▶ a place (bounded) ──▶ an idle connection that still answers, or a new one
//!                                           │ done            │ failed, or given up half way
//!                                           ▼ idle again      ▼ closed
//!  session ────▶ the same, beside the bound; never given back
//! ```
//!
//! Invariant: an idle connection has no transaction, no temporary table and no lock, because only one whose operation
//! was done whole comes back. What is idle is asked for a sign of life before it is used: a server that was started
//! anew costs a new connection, not an operation.
//!
//! Not the driver's own pool: that one takes a refused connection for a server about to start, tries again until its
//! time is over, and then says only that time is over. Here the first refusal is told at once, with its cause. It would
//! also need a type of its own beside a session's, and it hands connections back by tasks, which need a runtime
//! even where something is merely dropped.

use super::connection::{self, Absent, Connection};
use super::error::StoreError;
use crate::config::{DatabaseKind, DatabaseUrl};
use std::sync::{Mutex, MutexGuard};
use tokio::sync::Semaphore;

/// Connections for operations to a PostgreSQL server, besides those of sessions.
const POSTGRES_CONNECTIONS_MAX: usize = 4;
/// The same for a SQLite file: one may be waiting for another writer while the other reads.
const SQLITE_CONNECTIONS_MAX: usize = 2;

/// Connections to one database, opened when there is need.
#[derive(Debug)]
pub(super) struct Pool {
    url: DatabaseUrl,
    places: Semaphore,
    idle: Mutex<Vec<Connection>>,
}

impl Pool {
    /// A pool with its first connection.
    pub(super) fn new(url: &DatabaseUrl, first: Connection) -> Self {
        let places = match url.kind() {
            DatabaseKind::Postgres => POSTGRES_CONNECTIONS_MAX,
            DatabaseKind::Sqlite => SQLITE_CONNECTIONS_MAX,
        };
        Self { url: url.clone(), places: Semaphore::new(places), idle: Mutex::new(vec![first]) }
    }

    /// Where they lead.
    pub(super) fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Does one operation, as soon as a place is free.
    pub(super) async fn run<T>(
        &self,
        operation: impl AsyncFnOnce(&mut Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let _place = self.places.acquire().await.expect("the places are never closed");
        let mut connection = self.take().await?;
        let done = operation(&mut connection).await?;
        self.idle().push(connection);
        Ok(done)
    }

    /// A connection for a caller who keeps it, in the time that connecting may take. One that does not answer any
    /// more takes the others with it: they were idle for longer.
    pub(super) async fn take(&self) -> Result<Connection, StoreError> {
        let take = async {
            if let Some(mut connection) = self.pop() {
                if connection.answers().await {
                    return Ok(connection);
                }
                self.idle().clear();
            }
            Connection::open(&self.url, Absent::Refuse).await
        };
        // What the driver keeps while it connects is large, and rarely needed: not in every operation.
        connection::in_time(&self.url, Box::pin(take)).await
    }

    /// Ends idle connections in good order.
    pub(super) async fn close(&self) {
        while let Some(connection) = self.pop() {
            connection.close().await;
        }
    }

    /// Apart, so that the lock is not held while somebody waits.
    fn pop(&self) -> Option<Connection> {
        self.idle().pop()
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().expect("nobody panics while holding it")
    }
}

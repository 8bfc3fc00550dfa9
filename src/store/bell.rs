//! A bell that rings when something was put into the queue, by whatever program.
//!
//! PostgreSQL tells it (`listen`); whoever hears has to look anyway, and has to look now and then without having heard:
//! not every way to a server lets it tell (a pooler between may not).

use super::Store;
use super::connection::Connection;
use super::error::{self, StoreError};
use super::sql::Sql;
use crate::config::{DatabaseKind, DatabaseUrl};
use sqlx::postgres::PgListener;

/// The channel on which workers hear that something waits.
const CHANNEL: &str = "feedgate_queue";

const RING: Sql = Sql { postgres: "notify feedgate_queue", sqlite: "select 1" };

/// Hears what other programs put into the queue.
#[derive(Debug)]
pub struct Bell {
    listener: PgListener,
    database: String,
}

impl Bell {
    /// Listens; `None` where the database does not tell.
    async fn open(url: &DatabaseUrl) -> Result<Option<Self>, StoreError> {
        if url.kind() == DatabaseKind::Sqlite {
            return Ok(None);
        }
        let connected = PgListener::connect(url.secret()).await;
        let mut listener = connected.map_err(|source| error::of_connect(url, source))?;
        let database = url.to_string();
        let listening = listener.listen(CHANNEL).await;
        listening.map_err(|source| error::of_query(&database, "listen to its queue", source))?;
        Ok(Some(Self { listener, database }))
    }

    /// Waits until it rings, or has been deaf for a moment and may have missed it.
    pub async fn rung(&mut self) -> Result<(), StoreError> {
        let heard = self.listener.try_recv().await;
        heard.map(drop).map_err(|source| error::of_query(&self.database, "listen to its queue", source))
    }
}

impl Store {
    /// Hears what other programs put into the queue; `None` where the database does not tell.
    pub async fn bell(&self) -> Result<Option<Bell>, StoreError> {
        Bell::open(self.pool.url()).await
    }
}

/// Wakes workers, once the transaction stands.
pub(super) async fn ring(connection: &mut Connection) -> Result<(), StoreError> {
    match connection.kind() {
        DatabaseKind::Postgres => connection.execute("wake the workers", RING, &[]).await.map(drop),
        DatabaseKind::Sqlite => Ok(()),
    }
}

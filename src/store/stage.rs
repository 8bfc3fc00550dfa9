//! Staging: rows of a feed wait beside the shop's tables until the whole feed is judged.
//!
//! ```text
//!  Rows (buffers) ──COPY / json_each──▶ staged_* (temporary) ──one transaction──▶ product, …
//!   while the feed is being read            of this session         when it was accepted
//! ```
//!
//! The `staged_*` tables are temporary: they cost no write-ahead log, no other session sees them,
//! and a killed import leaves nothing behind, because they die with its session. Every row bears a
//! number (`seq`) that rises in the order of the feeds, so that a feed can be dropped from its first number on, and
//! the later of two records with one reference wins.

use super::columns::{
    Date, PartRow, ProductRow, Quarantine, QuarantineRow, Release, Staged, Table, Withdrawal,
};
use super::connection::Connection;
use super::error::StoreError;
use super::row::RowBuffer;
use super::sql::Sql;
use super::{Digest, FindingView, RecordDate};
use crate::config::DatabaseKind;
use crate::judgement::RecordContext;
use crate::product::{Facts, Fingerprint, Product, RecordReference};
use crate::xml::Place;
use std::sync::LazyLock;

/// The temporary tables. lz4 takes half of pglz's time; a server built without it keeps its default.
static CREATE: LazyLock<Sql> = LazyLock::new(|| {
    let table = |table| Sql::both("create temporary table staged_{table} ({typed})").filled(table, &[]);
    let beside = Sql {
        postgres: "do $$
            begin
                execute 'alter table staged_product alter column attributes set compression lz4';
            exception when feature_not_supported or syntax_error then
                null;
            end
            $$",
        sqlite: "create index temp.staged_quarantine_digest on staged_quarantine (bytes_digest);
            create index temp.staged_release_reference on staged_release (source, record_reference)",
    };
    Sql::script(&[&Table::ALL.map(table)[..], &[beside]].concat())
});

/// Takes rows: as the lines of `COPY`, as a JSON array.
static TAKE: LazyLock<[Sql; Table::ALL.len()]> = LazyLock::new(|| {
    let take = Sql {
        postgres: "copy staged_{table} ({staged}) from stdin",
        sqlite: "insert into staged_{table} ({staged})
            select {unfolded}
            from json_each($1)",
    };
    Table::ALL.map(|table| take.filled(table, &[]))
});

/// Takes back what was staged from a number on.
static DROP_FROM: LazyLock<[Sql; Table::ALL.len()]> = LazyLock::new(|| {
    Table::ALL.map(|table| Sql::both("delete from staged_{table} where seq >= $1").filled(table, &[]))
});

/// Empties all of them; on PostgreSQL by `truncate`, which gives the space back.
static EMPTY: LazyLock<Sql> = LazyLock::new(|| {
    let empty = Sql { postgres: "truncate staged_{table}", sqlite: "delete from staged_{table}" };
    Sql::script(&Table::ALL.map(|table| empty.filled(table, &[])))
});

/// Where a staged row belongs.
#[derive(Clone, Copy, Debug)]
pub struct StagedAt<'a> {
    /// Rises with every staged row.
    pub seq: i64,
    /// The feed it comes from.
    pub feed_version_id: i64,
    /// The sender.
    pub source: &'a str,
}

/// A refused record on its way into quarantine.
#[derive(Clone, Copy, Debug)]
pub struct Refused<'a> {
    /// Name of the feed.
    pub feed: &'a str,
    /// Format and version.
    pub format: &'a str,
    /// Version of the profile.
    pub profile_version: u32,
    /// What is needed to read it alone.
    pub context: &'a RecordContext,
    /// Key, if it could be read.
    pub reference: Option<&'a RecordReference>,
    /// Number in the feed.
    pub ordinal: u64,
    /// Where it begins.
    pub place: Place,
    /// The record byte for byte.
    pub bytes: &'a [u8],
    /// Why it was refused.
    pub findings: &'a [FindingView],
}

/// Rows that wait to be sent to the staged tables; reused.
#[derive(Debug)]
pub struct Rows {
    /// By [`Table`].
    buffers: [RowBuffer; Table::ALL.len()],
}

impl Rows {
    /// Empty buffers in the form the database takes.
    pub(super) fn new(database: DatabaseKind) -> Self {
        Self { buffers: Table::ALL.map(|_| RowBuffer::new(database)) }
    }

    /// Buffers whose rows no database will read: for counting what would be written.
    #[must_use]
    pub fn nowhere() -> Self {
        Self::new(DatabaseKind::Postgres)
    }

    /// Bytes that wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.buffers.iter().map(RowBuffer::len).sum()
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.buffers.iter().all(|buffer| buffer.rows() == 0)
    }

    /// Forgets all rows, keeps the buffers.
    pub fn clear(&mut self) {
        self.buffers.iter_mut().for_each(RowBuffer::clear);
    }

    /// A product to insert (`fresh`) or to write over its row.
    pub fn product(
        &mut self,
        at: StagedAt<'_>,
        product_id: i64,
        fresh: bool,
        product: &Product,
        (fingerprint, facts, changed): (Fingerprint, Facts, RecordDate),
    ) {
        self.push::<Product>(&ProductRow { at, product_id, fresh, product, fingerprint, facts, changed });
        self.parts(at.seq, product_id, &product.identifiers);
        self.parts(at.seq, product_id, &product.contributors);
        self.parts(at.seq, product_id, &product.prices);
    }

    fn parts<T: for<'a> Staged<Row<'a> = PartRow<'a, T>>>(&mut self, seq: i64, product_id: i64, parts: &[T]) {
        for (position, part) in (0..).zip(parts) {
            self.push::<T>(&PartRow { seq, product_id, position, part });
        }
    }

    /// A product of whose record only the date is new.
    pub fn date(&mut self, at: StagedAt<'_>, product_id: i64, changed: RecordDate) {
        self.push::<Date>(&(at.seq, product_id, changed));
    }

    /// A product to withdraw.
    pub fn withdrawal(&mut self, at: StagedAt<'_>, product_id: i64) {
        self.push::<Withdrawal>(&(at, product_id));
    }

    /// A refused record.
    pub fn refused(&mut self, at: StagedAt<'_>, refused: Refused<'_>) {
        let bytes_digest = Digest::of(refused.bytes);
        self.push::<Quarantine>(&QuarantineRow { at, refused, bytes_digest });
    }

    /// A record that was accepted while an earlier version of it lies in quarantine.
    pub fn release(&mut self, at: StagedAt<'_>, reference: &RecordReference) {
        self.push::<Release>(&(at, reference));
    }

    fn push<'a, S: Staged>(&mut self, row: &'a S::Row<'a>) {
        let columns = S::OWN.iter().chain(S::CONTENT);
        self.buffers[S::TABLE as usize].push(columns.map(|column| (column.take)(row)));
    }
}

/// Makes the temporary tables of a session.
pub(super) async fn create(connection: &mut Connection) -> Result<(), StoreError> {
    connection.script("make its temporary tables", *CREATE).await
}

/// Sends the rows and empties the buffers.
pub(super) async fn send(connection: &mut Connection, rows: &mut Rows) -> Result<(), StoreError> {
    for ((table, sql), buffer) in Table::ALL.into_iter().zip(*TAKE).zip(&mut rows.buffers) {
        if buffer.rows() > 0 {
            connection.send(table.doing(), sql, buffer.finished()).await?;
            buffer.clear();
        }
    }
    Ok(())
}

/// Takes back what was staged from this number on.
pub(super) async fn drop_from(connection: &mut Connection, seq: i64) -> Result<(), StoreError> {
    for sql in *DROP_FROM {
        connection.execute("drop staged rows", sql, &[seq.into()]).await?;
    }
    Ok(())
}

/// Empties the temporary tables.
pub(super) async fn empty(connection: &mut Connection) -> Result<(), StoreError> {
    connection.script("empty its temporary tables", *EMPTY).await
}

/// The statements of staging, finished.
#[cfg(test)]
pub(super) fn statements() -> Vec<Sql> {
    [&[*CREATE][..], &*TAKE, &*DROP_FROM, &[*EMPTY]].concat()
}

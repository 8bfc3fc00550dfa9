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
            create index temp.staged_quarantine_reference on staged_quarantine (source, record_reference);
            create index temp.staged_quarantine_entry on staged_quarantine (entry_id) where entry_id is not null;
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

/// Empties all of them where there is little in them. `truncate` makes every table a new file, and the server plan
/// every statement anew.
static EMPTY_OF_FEW: LazyLock<Sql> = LazyLock::new(|| {
    let empty = Sql::both("delete from staged_{table}");
    let all = Table::ALL.map(|table| empty.filled(table, &[]));
    let one = |number: usize| format!("emptied_{number} as ({})", all[number].postgres);
    let others: Vec<_> = (1..all.len()).map(one).collect();
    let postgres = format!("with {} {}", others.join(",\n"), all[0].postgres);
    Sql { postgres: postgres.leak(), sqlite: Sql::script(&all).sqlite }
});

/// Rows that are deleted one by one before the tables are truncated: so much of what is deleted a session of PostgreSQL
/// carries along, because nobody else can clean its temporary tables.
const DELETED_ROWS_MAX: u64 = 1_000;

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
    /// Products among them that are to be inserted.
    fresh: u64,
}

impl Rows {
    /// Empty buffers in the form the database takes.
    pub(super) fn new(database: DatabaseKind) -> Self {
        Self { buffers: Table::ALL.map(|_| RowBuffer::new(database)), fresh: 0 }
    }

    /// Buffers whose rows no database will read: for counting what would be written.
    #[must_use]
    pub fn nowhere() -> Self {
        Self::new(DatabaseKind::Postgres)
    }

    /// Rows that wait.
    #[must_use]
    pub fn count(&self) -> usize {
        let rows: u64 = self.buffers.iter().map(RowBuffer::rows).sum();
        usize::try_from(rows).unwrap_or(usize::MAX)
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
        self.fresh = 0;
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
        self.fresh += u64::from(fresh);
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

/// How many rows of each kind are staged, at most: those that were taken back count, too. What has none needs no
/// statement.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StagedRows {
    /// By [`Table`].
    rows: [u64; Table::ALL.len()],
    fresh: u64,
}

impl StagedRows {
    /// Whether there may be rows of this table.
    pub(super) fn has(&self, table: Table) -> bool {
        self.rows[table as usize] > 0
    }

    /// Whether there may be products to insert.
    pub(super) fn has_fresh(&self) -> bool {
        self.fresh > 0
    }

    /// Whether there may be products to write over their rows.
    pub(super) fn has_changed(&self) -> bool {
        self.rows[Table::Product as usize] > self.fresh
    }

    /// Whether something may be there that changes entries of the quarantine.
    pub(super) fn has_entries(&self) -> bool {
        self.has(Table::Quarantine) || self.has(Table::Release)
    }

    fn sum(&self) -> u64 {
        self.rows.iter().sum()
    }

    fn add(&mut self, rows: &Rows) {
        for (sum, buffer) in self.rows.iter_mut().zip(&rows.buffers) {
            *sum += buffer.rows();
        }
        self.fresh += rows.fresh;
    }
}

/// The temporary tables of a session.
#[derive(Debug, Default)]
pub(super) struct Staging {
    is_made: bool,
    staged: StagedRows,
    /// Rows deleted one by one since the tables were truncated.
    deleted: u64,
}

impl Staging {
    /// Whether the tables are there.
    pub(super) const fn is_made(&self) -> bool {
        self.is_made
    }

    /// What is in them.
    pub(super) const fn staged(&self) -> StagedRows {
        self.staged
    }

    /// Makes them, once.
    pub(super) async fn make(&mut self, connection: &mut Connection) -> Result<(), StoreError> {
        if !self.is_made {
            connection.script("make its temporary tables", *CREATE).await?;
            self.is_made = true;
        }
        Ok(())
    }

    /// Sends the rows and empties the buffers.
    pub(super) async fn send(
        &mut self,
        connection: &mut Connection,
        rows: &mut Rows,
    ) -> Result<(), StoreError> {
        self.make(connection).await?;
        self.staged.add(rows);
        for ((table, sql), buffer) in Table::ALL.into_iter().zip(*TAKE).zip(&mut rows.buffers) {
            if buffer.rows() > 0 {
                connection.send(table.doing(), sql, buffer.finished()).await?;
            }
        }
        rows.clear();
        Ok(())
    }

    /// Takes back what was staged from this number on.
    pub(super) async fn drop_from(
        &mut self,
        connection: &mut Connection,
        seq: i64,
    ) -> Result<(), StoreError> {
        if self.staged.sum() > 0 {
            for sql in *DROP_FROM {
                connection.execute("drop staged rows", sql, &[seq.into()]).await?;
            }
        }
        Ok(())
    }

    /// Empties them.
    pub(super) async fn empty(&mut self, connection: &mut Connection) -> Result<(), StoreError> {
        let rows = self.staged.sum();
        if rows == 0 {
            return Ok(());
        }
        self.deleted += rows;
        if self.deleted > DELETED_ROWS_MAX {
            connection.script("empty its temporary tables", *EMPTY).await?;
            self.deleted = 0;
        } else {
            connection.execute("empty its temporary tables", *EMPTY_OF_FEW, &[]).await?;
        }
        self.staged = StagedRows::default();
        Ok(())
    }
}

/// The statements of staging, finished.
#[cfg(test)]
pub(super) fn statements() -> Vec<Sql> {
    [&[*CREATE][..], &*TAKE, &*DROP_FROM, &[*EMPTY, *EMPTY_OF_FEW]].concat()
}

#[cfg(test)]
mod tests {
    use super::super::connection::Absent;
    use super::*;

    /// The temporary tables of a session with a database of its own.
    struct Session {
        connection: Connection,
        staging: Staging,
        _folder: tempfile::TempDir,
    }

    impl Session {
        async fn open() -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let url = format!("sqlite://{}", folder.path().join("feedgate.db").display());
            let url = url.parse().expect("an address");
            let connection = Connection::open(&url, Absent::Create).await.expect("it opens");
            Self { connection, staging: Staging::default(), _folder: folder }
        }

        /// Stages so many rows and empties the tables; gives back how many rows were deleted one by one since they
        /// were truncated.
        async fn empty(&mut self, rows: u64) -> u64 {
            let Self { connection, staging, .. } = self;
            let mut waiting = Rows::new(connection.kind());
            for seq in (0..).take(usize::try_from(rows).expect("a few")) {
                waiting.withdrawal(StagedAt { seq, feed_version_id: 1, source: "A" }, seq);
            }
            staging.send(connection, &mut waiting).await.expect("they are staged");
            staging.empty(connection).await.expect("they are emptied");
            let count = Sql::both("select cast(count(*) as text) from staged_withdrawal");
            let left: Option<u64> = connection.row("count", count, &[]).await.expect("they are counted");
            assert_eq!((left, staging.staged().sum()), (Some(0), 0));
            staging.deleted
        }
    }

    #[tokio::test]
    async fn deleted_rows_max() {
        let mut session = Session::open().await;
        assert_eq!(session.empty(DELETED_ROWS_MAX - 1).await, DELETED_ROWS_MAX - 1);
        assert_eq!(session.empty(1).await, DELETED_ROWS_MAX, "at the limit they are deleted one by one");
        assert_eq!(session.empty(0).await, DELETED_ROWS_MAX, "what is empty needs nothing");
        assert_eq!(session.empty(1).await, 0, "one above, the tables are truncated");
        assert_eq!(session.empty(DELETED_ROWS_MAX + 1).await, 0, "one above at once, too");
    }
}

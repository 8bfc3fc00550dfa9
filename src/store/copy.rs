//! The last feeds of each source that were applied: which they are, and their bytes as they were delivered.
//! Those of feeds that were only checked or refused are kept as well, so that somebody can look at their records.
//!
//! Invariant: of a source, only the last few feeds of each state have bytes. The transaction that keeps those of a feed
//! removes those of older ones.

use super::Store;
use super::asked::Asked;
use super::chunk::{CHUNK_BYTES, ChunkError, Chunks};
use super::connection::Connection;
use super::error::StoreError;
use super::held::PackedFeed;
use super::run::{Attempt, RunId};
use super::sql::Sql;
use super::transaction;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{self, Read, Seek};

/// Applied feeds of each source whose bytes are kept, unless it is said otherwise.
pub const KEPT_VERSIONS: u32 = 5;

/// Which applied feeds to list.
#[derive(Clone, Copy, Debug)]
pub struct VersionFilter<'a> {
    /// Only of this sender.
    pub source: &'a str,
    /// Only those older than this one: the last of the page before.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// An applied feed. Moments are UTC, `2026-11-23T04:03:51.123Z`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionView {
    /// Its number.
    pub id: i64,
    /// The run that applied it.
    pub run: RunId,
    /// The run that rolled that one back.
    pub rolled_back_by: Option<RunId>,
    /// The sender.
    pub source: String,
    /// Name of the feed.
    pub feed: String,
    /// Format and version.
    pub format: String,
    /// Message number of the header.
    pub message_number: Option<String>,
    /// SHA-256 of its bytes, hexadecimal.
    pub digest: Option<String>,
    /// When it was applied.
    pub imported_at: String,
    /// Bytes in it, decompressed.
    pub bytes: u64,
    /// Records in it.
    pub records: u64,
    /// New products.
    pub inserted: u64,
    /// Changed products.
    pub updated: u64,
    /// Withdrawn products.
    pub withdrawn: u64,
    /// Refused records.
    pub refused: u64,
    /// Bytes that are kept, packed; `None` when there are none.
    pub packed_bytes: Option<u64>,
}

const CHUNKS: Chunks = Chunks {
    insert: Sql::both("insert into feed_copy (feed_version_id, position, bytes) values ($1, $2, $3)"),
    read: Sql {
        postgres: "select to_json(encode(bytes, 'hex'))::text
                   from feed_copy where feed_version_id = $1 and position = $2",
        sqlite: "select json_quote(hex(bytes)) from feed_copy where feed_version_id = $1 and position = $2",
    },
    forget: Sql::both("delete from feed_copy where feed_version_id = $1"),
};
/// Source and state of a feed whose bytes may be kept: a held one has its own. `$1` feed, `$2` run.
const KIND_OF: Sql = Sql {
    postgres: "select json_build_array(source, state)::text from feed_version
               where id = $1 and run_id = $2 and state in ('applied', 'checked', 'refused')",
    sqlite: "select json_array(source, state) from feed_version
             where id = $1 and run_id = $2 and state in ('applied', 'checked', 'refused')",
};
/// `$1` source, `$2` state, `$3` how many are kept.
const PRUNE: Sql = Sql {
    postgres: "delete from feed_copy where feed_version_id in (
            select v.id from feed_copy c join feed_version v on v.id = c.feed_version_id
            where c.position = 0 and v.source = $1 and v.state = $2 and v.id not in (
                select id from feed_version where source = $1 and state = $2 order by id desc limit $3))",
    // Few copies first.
    sqlite: "delete from feed_copy where feed_version_id in (
            select v.id from feed_copy c cross join feed_version v on v.id = c.feed_version_id
            where c.position = 0 and v.source = $1 and v.state = $2 and v.id not in (
                select id from feed_version where source = $1 and state = $2 order by id desc limit $3))",
};
/// The same at once for what is one part: `$1` feed, `$2` run, `$3` bytes, `$4` how many are kept. Says whether the
/// feed is one of the run whose bytes may be kept.
const KEEP_ONE: Sql = Sql {
    postgres: "with its as (select source, state from feed_version
            where id = $1 and run_id = $2 and state in ('applied', 'checked', 'refused')),
        kept as (insert into feed_copy (feed_version_id, position, bytes) select $1, 0, $3 from its where $4 > 0
            on conflict (feed_version_id, position) do update set bytes = excluded.bytes),
        others as (delete from feed_copy
            where feed_version_id = $1 and position > 0 and exists (select 1 from its)),
        old as (delete from feed_copy where feed_version_id in (
            select v.id from its, feed_copy c join feed_version v on v.id = c.feed_version_id
            where c.position = 0 and v.source = its.source and v.state = its.state and v.id not in (
                select id from feed_version where source = its.source and state = its.state
                order by id desc limit $4)))
        select to_json(exists (select 1 from its))::text",
    sqlite: "insert into feed_copy (feed_version_id, position, bytes)
            select $1, 0, $3 from feed_version
            where id = $1 and run_id = $2 and state in ('applied', 'checked', 'refused') and $4 > 0
            on conflict (feed_version_id, position) do update set bytes = excluded.bytes;
        delete from feed_copy where feed_version_id = $1 and position > 0 and exists (select 1 from feed_version
            where id = $1 and run_id = $2 and state in ('applied', 'checked', 'refused'));
        delete from feed_copy where feed_version_id in (
            select v.id from feed_copy c cross join feed_version v on v.id = c.feed_version_id
            where c.position = 0
                and (v.source, v.state) = (select source, state from feed_version
                    where id = $1 and run_id = $2 and state in ('applied', 'checked', 'refused'))
                and v.id not in (select id from feed_version where source = v.source and state = v.state
                    order by id desc limit $4));
        select iif(exists (select 1 from feed_version
            where id = $1 and run_id = $2 and state in ('applied', 'checked', 'refused')), 'true', 'false')",
};
const IS_KEPT: Sql = Sql {
    postgres: "select to_json(exists (select 1 from feed_copy where feed_version_id = $1))::text",
    sqlite: "select iif(exists (select 1 from feed_copy where feed_version_id = $1), 'true', 'false')",
};
const LIST: Sql = Sql {
    postgres: "select json_build_object('id', v.id, 'run', v.run_id, 'rolled_back_by', r.rolled_back_by,
            'source', v.source, 'feed', v.feed, 'format', v.format, 'message_number', v.message_number,
            'digest', encode(v.digest, 'hex'),
            'imported_at', to_char(v.imported_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
            'bytes', v.bytes, 'records', v.records, 'inserted', v.inserted, 'updated', v.updated,
            'withdrawn', v.withdrawn, 'refused', v.refused,
            'packed_bytes', (select sum(length(c.bytes)) from feed_copy c where c.feed_version_id = v.id))::text
        from feed_version v join run r on r.id = v.run_id
        where v.state = 'applied' and {where} order by v.id desc limit {limit}",
    sqlite: "select json_object('id', v.id, 'run', v.run_id, 'rolled_back_by', r.rolled_back_by,
            'source', v.source, 'feed', v.feed, 'format', v.format, 'message_number', v.message_number,
            'digest', iif(v.digest is null, null, lower(hex(v.digest))), 'imported_at', v.imported_at,
            'bytes', v.bytes, 'records', v.records, 'inserted', v.inserted, 'updated', v.updated,
            'withdrawn', v.withdrawn, 'refused', v.refused,
            'packed_bytes', (select sum(length(c.bytes)) from feed_copy c where c.feed_version_id = v.id))
        from feed_version v join run r on r.id = v.run_id
        where v.state = 'applied' and {where} order by v.id desc limit {limit}",
};
const COUNT: Sql = Sql {
    postgres: "select count(*)::text from feed_version v where v.state = 'applied' and {where}",
    sqlite: "select cast(count(*) as text) from feed_version v where v.state = 'applied' and {where}",
};
const ONE: Sql = Sql::both("v.id = {0}");
const SOURCE: Sql = Sql::both("v.source = {0}");
const BEFORE: Sql = Sql::both("v.id < {0}");

impl Store {
    /// Keeps the bytes of a feed that an attempt of a run has applied, checked or refused, and those of the last `keep`
    /// feeds of its kind and source alone; `false` when it is none of that run, or nothing is to be kept. Fails when
    /// this attempt does not run any more.
    pub async fn keep_version(
        &self,
        attempt: Attempt,
        feed_version_id: i64,
        packed: &PackedFeed,
        keep: u32,
    ) -> Result<bool, StoreError> {
        let keep = async |connection: &mut Connection| {
            self::keep(connection, attempt, feed_version_id, packed, keep).await
        };
        self.pool.run(keep).await
    }

    /// Writes the kept bytes of a feed, packed by zstd, into a file; gives back how many.
    pub async fn version_bytes(&self, id: i64, file: &mut File) -> Result<u64, StoreError> {
        self.pool.run(async |connection| read(connection, id, file).await).await
    }

    /// Applied feeds of a source, newest first.
    pub async fn versions(&self, filter: VersionFilter<'_>) -> Result<Vec<VersionView>, StoreError> {
        self.pool.run(async |connection| list(connection, filter).await).await
    }

    /// How many applied feeds of a source there are.
    pub async fn version_count(&self, source: &str) -> Result<u64, StoreError> {
        let asked = Asked::of(&[]).and(SOURCE, &[source.into()]);
        self.pool.run(async |connection| asked.count(connection, "count applied feeds", COUNT).await).await
    }

    /// Whether the bytes of a feed are kept.
    pub async fn is_kept(&self, id: i64) -> Result<bool, StoreError> {
        let values = [id.into()];
        let look = async |connection: &mut Connection| {
            connection.row("look whether the bytes of a feed are kept", IS_KEPT, &values).await
        };
        Ok(self.pool.run(look).await?.unwrap_or(false))
    }

    /// One applied feed; `None` as well when whoever asks may not see it.
    pub async fn version(
        &self,
        id: i64,
        visible_source: Option<&str>,
    ) -> Result<Option<VersionView>, StoreError> {
        self.pool.run(async |connection| view(connection, id, visible_source).await).await
    }
}

/// Keeps the bytes of a feed of an attempt of a run, and those of the last `keep` of its kind and source alone; `false`
/// when it is none of that run, or nothing is to be kept.
async fn keep(
    connection: &mut Connection,
    attempt: Attempt,
    id: i64,
    packed: &PackedFeed,
    keep: u32,
) -> Result<bool, StoreError> {
    transaction::within_attempt(connection, attempt, async |connection| {
        insert(connection, attempt.run, id, packed, keep).await
    })
    .await
}

/// The same, in a transaction that has looked whether the run is still ours.
pub(super) async fn insert(
    connection: &mut Connection,
    run: RunId,
    id: i64,
    packed: &PackedFeed,
    keep: u32,
) -> Result<bool, StoreError> {
    if let Some(bytes) = at_hand(packed).map_err(|error| failed(id, error.into()))? {
        let values = [id.into(), run.0.into(), bytes.as_slice().into(), i64::from(keep).into()];
        let is_its: Option<bool> = connection.row("keep the bytes of a feed", KEEP_ONE, &values).await?;
        return Ok(is_its == Some(true) && keep > 0);
    }
    let values = [id.into(), run.0.into()];
    let kind: Option<(String, String)> = connection.row("look up a feed of a run", KIND_OF, &values).await?;
    let Some((source, state)) = kind else { return Ok(false) };
    CHUNKS.forget(connection, &[id.into()]).await?;
    if keep > 0 {
        let written = CHUNKS.write(connection, &[id.into()], &packed.file).await;
        written.map_err(|error| failed(id, error))?;
    }
    let values = [(&source).into(), (&state).into(), i64::from(keep).into()];
    connection.execute("forget the bytes of older feeds", PRUNE, &values).await?;
    Ok(keep > 0)
}

/// The bytes, when they are one part.
fn at_hand(PackedFeed { file, bytes }: &PackedFeed) -> io::Result<Option<Vec<u8>>> {
    if *bytes > CHUNK_BYTES as u64 {
        return Ok(None);
    }
    let (mut file, mut read) = (file, Vec::new());
    file.rewind()?;
    file.read_to_end(&mut read)?;
    Ok(Some(read))
}

/// Writes the kept bytes of a feed, packed, into a file; gives back how many.
async fn read(connection: &mut Connection, id: i64, file: &mut File) -> Result<u64, StoreError> {
    CHUNKS.read(connection, &[id.into()], file).await.map_err(|error| failed(id, error))
}

fn failed(id: i64, error: ChunkError) -> StoreError {
    error.of(|source| StoreError::PackedBytes { what: "the applied feed", id, source })
}

/// Applied feeds of a source, newest first.
async fn list(
    connection: &mut Connection,
    filter: VersionFilter<'_>,
) -> Result<Vec<VersionView>, StoreError> {
    let asked = Asked::of(&[]).and(SOURCE, &[filter.source.into()]).and_if(BEFORE, filter.before);
    asked.rows(connection, "list applied feeds", LIST, filter.limit).await
}

/// One applied feed, if whoever asks may see it.
async fn view(
    connection: &mut Connection,
    id: i64,
    visible_source: Option<&str>,
) -> Result<Option<VersionView>, StoreError> {
    let asked = Asked::of(&[]).and(ONE, &[id.into()]).and_if(SOURCE, visible_source);
    Ok(asked.rows(connection, "look up an applied feed", LIST, 1).await?.pop())
}

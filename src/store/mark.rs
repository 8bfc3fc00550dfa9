//! High-water marks: the newest message of each source and format that was applied.

use super::before::Images;
use super::connection::Connection;
use super::error::StoreError;
use super::run::RunId;
use super::sql::Sql;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// The place of a message among those of its source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Message number.
    pub number: Option<u64>,
    /// How often it was repeated under that number.
    pub repeat: u64,
    /// When it was sent, in seconds since 1970.
    pub sent: Option<i64>,
    /// The run that applied it; 0 when it is not applied yet.
    pub run: RunId,
}

/// A mark that a transaction moves.
#[derive(Clone, Debug, Serialize)]
pub struct MovedMark {
    /// The source.
    pub source: String,
    /// The format.
    pub format: String,
    /// Where it stands now.
    #[serde(flatten)]
    pub mark: Mark,
}

/// `$1` run, `$2` the marks.
const MOVE: Sql = Sql {
    postgres: "insert into message_mark (source, format, number, repeat, sent, run_id)
               select source, format, number, repeat, sent, $1
               from jsonb_to_recordset($2::jsonb) as m (source text, format text, number bigint, repeat bigint,
                   sent bigint)
               on conflict (source, format) do update set number = excluded.number, repeat = excluded.repeat,
                   sent = excluded.sent, run_id = excluded.run_id",
    sqlite: "insert into message_mark (source, format, number, repeat, sent, run_id)
             select value->>'source', value->>'format', value->>'number', value->>'repeat', value->>'sent', $1
             from json_each($2) where true
             on conflict (source, format) do update set number = excluded.number, repeat = excluded.repeat,
                 sent = excluded.sent, run_id = excluded.run_id",
};

/// A product that a message withdrew and that is not there.
#[derive(Clone, Debug, Serialize)]
pub struct Tombstone {
    /// The source.
    pub source: String,
    /// The product.
    pub record_reference: String,
    /// The feed.
    pub feed_version_id: i64,
}

/// `$1` the tombstones, each product once.
const BURY: Sql = Sql {
    postgres: "insert into tombstone (source, record_reference, feed_version_id)
               select source, record_reference, feed_version_id
               from jsonb_to_recordset($1::jsonb) as t (source text, record_reference text, feed_version_id bigint)
               on conflict (source, record_reference) do update set feed_version_id = excluded.feed_version_id",
    sqlite: "insert into tombstone (source, record_reference, feed_version_id)
             select value->>'source', value->>'record_reference', value->>'feed_version_id'
             from json_each($1) where true
             on conflict (source, record_reference) do update set feed_version_id = excluded.feed_version_id",
};

/// Notes products that were withdrawn and are not there.
pub(super) async fn bury(
    connection: &mut Connection,
    images: &mut Images,
    tombstones: &[Tombstone],
) -> Result<(), StoreError> {
    if tombstones.is_empty() {
        return Ok(());
    }
    // Of two of one product the later stands.
    let last: HashMap<_, _> =
        tombstones.iter().map(|each| ((&each.source, &each.record_reference), each)).collect();
    let rows = serde_json::to_string(&last.values().collect::<Vec<_>>()).expect("texts and numbers are JSON");
    images.tombstones(connection, &rows).await?;
    connection.execute("note withdrawals of unknown products", BURY, &[(&rows).into()]).await.map(drop)
}

/// Moves marks; each source and format at most once.
pub(super) async fn advance(
    connection: &mut Connection,
    run: RunId,
    images: &mut Images,
    marks: &[MovedMark],
) -> Result<(), StoreError> {
    if marks.is_empty() {
        return Ok(());
    }
    let rows = serde_json::to_string(marks).expect("texts and numbers are JSON");
    images.marks(connection, &rows).await?;
    connection.execute("move the marks", MOVE, &[run.0.into(), (&rows).into()]).await.map(drop)
}

//! What imported feeds told, kept beside them: when their very bytes come again, they are recognised and not read.
//!
//! ```text
//!  size of a file known?  ─▶ its digest  ─▶ feeds with that digest that stand  ─▶ told again
//! ```
//!
//! A feed stands while it was applied and its run was not rolled back.

use super::connection::Connection;
use super::error::StoreError;
use super::row;
use super::run::RunId;
use super::session::Session;
use super::sql::Sql;
use crate::judgement::KeptTelling;
use serde::{Deserialize, Deserializer, Serialize};

/// Feeds that are asked for at once.
pub const RECALLED_AT_ONCE_MAX: usize = 1_000;
/// Bytes of what a feed told that come along when it is looked for; more are fetched when its turn comes.
pub const TOLD_ALONG_BYTES_MAX: usize = 4 << 10;

/// What an imported feed told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldFeed {
    /// Its row.
    pub feed_version_id: i64,
    /// Digest of the program and of the settings that decide what it tells.
    pub judged_with: String,
    /// Its bytes as delivered.
    pub delivered_bytes: u64,
    /// What it told.
    pub kept: KeptTelling,
}

/// A feed that stands, and whose bytes come again.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct StandingFeed {
    /// Its row.
    pub id: i64,
    /// SHA-256 of its bytes.
    #[serde(deserialize_with = "of_hex")]
    pub digest: [u8; 32],
    /// The run that imported it.
    pub run: RunId,
    /// When, UTC, `2026-11-23T04:03:51.123Z`.
    pub since: String,
    /// The sender.
    pub source: String,
    /// Format and version.
    pub format: String,
    /// Digest of what it was judged by.
    pub judged_by: String,
    /// What its header said.
    pub head: String,
    /// All the rest it told, where it is little.
    pub told: Option<String>,
}

#[derive(Serialize)]
struct ToldRow<'a> {
    id: i64,
    judged_with: &'a str,
    bytes: u64,
    head: &'a str,
    told: &'a str,
}

/// `$1` the rows. One that was told by the same program stays as it is.
const KEEP: Sql = Sql {
    postgres: "insert into feed_told (feed_version_id, judged_with, delivered_bytes, head, told)
        select id, judged_with, bytes, head, told
        from jsonb_to_recordset($1::jsonb) as t (id bigint, judged_with text, bytes bigint, head text, told text)
        on conflict (feed_version_id) do update set judged_with = excluded.judged_with,
            delivered_bytes = excluded.delivered_bytes, head = excluded.head, told = excluded.told
        where feed_told.judged_with <> excluded.judged_with",
    sqlite: "insert into feed_told (feed_version_id, judged_with, delivered_bytes, head, told)
        select value->>'id', value->>'judged_with', value->>'bytes', value->>'head', value->>'told'
        from json_each($1) where true
        on conflict (feed_version_id) do update set judged_with = excluded.judged_with,
            delivered_bytes = excluded.delivered_bytes, head = excluded.head, told = excluded.told
        where feed_told.judged_with <> excluded.judged_with",
};
/// `$1` sizes as an array, `$2` by what feeds are judged.
const SIZES: Sql = Sql {
    postgres: "select distinct delivered_bytes::text from feed_told
               where delivered_bytes in (select jsonb_array_elements_text($1::jsonb)::bigint) and judged_with = $2",
    sqlite: "select distinct cast(delivered_bytes as text) from feed_told
             where delivered_bytes in (select value from json_each($1)) and judged_with = $2",
};
/// `$1` digests as an array, hexadecimal, `$2` by what feeds are judged, `$3` bytes that come along.
const STANDING: Sql = Sql {
    postgres: "select json_build_object('id', v.id, 'digest', encode(v.digest, 'hex'), 'run', v.run_id,
            'since', to_char(v.imported_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
            'source', v.source, 'format', v.format, 'judged_by', v.judged_by, 'head', t.head,
            'told', case when octet_length(t.told) <= $3 then t.told end)::text
        from feed_version v join feed_told t on t.feed_version_id = v.id
        where v.digest in (select decode(jsonb_array_elements_text($1::jsonb), 'hex'))
            and v.state = 'applied' and v.judged_by is not null and t.judged_with = $2
            and not exists (select 1 from run r where r.id = v.run_id and r.rolled_back_by is not null)
        order by v.id",
    sqlite: "select json_object('id', v.id, 'digest', lower(hex(v.digest)), 'run', v.run_id,
            'since', v.imported_at, 'source', v.source, 'format', v.format, 'judged_by', v.judged_by,
            'head', t.head, 'told', iif(length(cast(t.told as blob)) <= $3, t.told, null))
        from feed_version v join feed_told t on t.feed_version_id = v.id
        where v.digest in (select unhex(value) from json_each($1))
            and v.state = 'applied' and v.judged_by is not null and t.judged_with = $2
            and not exists (select 1 from run r where r.id = v.run_id and r.rolled_back_by is not null)
        order by v.id",
};
const TOLD: Sql = Sql {
    postgres: "select to_json(told)::text from feed_told where feed_version_id = $1",
    sqlite: "select json_quote(told) from feed_told where feed_version_id = $1",
};

impl Session {
    /// Which of these sizes some feed has that told something and was judged like this; at most
    /// [`RECALLED_AT_ONCE_MAX`].
    pub async fn known_sizes(&mut self, sizes: &[u64], judged_with: &str) -> Result<Vec<u64>, StoreError> {
        let sizes = json(sizes);
        let values = [(&sizes).into(), judged_with.into()];
        self.connection().rows("look for feeds of these sizes", SIZES, &values).await
    }

    /// Feeds that stand with one of these digests (SHA-256) and were judged like this, oldest first; of
    /// at most [`RECALLED_AT_ONCE_MAX`].
    pub async fn standing_feeds(
        &mut self,
        digests: &[[u8; 32]],
        judged_with: &str,
    ) -> Result<Vec<StandingFeed>, StoreError> {
        let digests: Vec<String> = digests.iter().map(|digest| row::to_hex(digest)).collect();
        let digests = json(&digests);
        let along = i64::try_from(TOLD_ALONG_BYTES_MAX).unwrap_or(i64::MAX);
        let values = [(&digests).into(), judged_with.into(), along.into()];
        self.connection().rows("look for feeds of these bytes", STANDING, &values).await
    }

    /// All that a feed told but its header.
    pub async fn told(&mut self, feed_version_id: i64) -> Result<Option<String>, StoreError> {
        self.connection().row("fetch what a feed told", TOLD, &[feed_version_id.into()]).await
    }
}

fn json(values: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(values).expect("numbers and texts are JSON")
}

fn of_hex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
    let text = String::deserialize(deserializer)?;
    let bytes = row::from_hex(&text).and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| serde::de::Error::custom("no digest"))
}

/// Keeps what feeds told; each of them once.
pub(super) async fn keep(connection: &mut Connection, told: &[ToldFeed]) -> Result<(), StoreError> {
    if told.is_empty() {
        return Ok(());
    }
    let rows = json(&told.iter().map(row).collect::<Vec<_>>());
    connection.execute("keep what feeds told", KEEP, &[(&rows).into()]).await.map(drop)
}

fn row(feed: &ToldFeed) -> ToldRow<'_> {
    ToldRow {
        id: feed.feed_version_id,
        judged_with: &feed.judged_with,
        bytes: feed.delivered_bytes,
        head: &feed.kept.head,
        told: &feed.kept.told,
    }
}

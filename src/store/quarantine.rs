//! Refused records: kept byte for byte until they are replayed, superseded by a later version, or discarded.
//!
//! ```text
//!  open ──▶ replayed    read again, accepted, imported
//!   │├────▶ superseded  a later feed brought the record, and it was right
//!   │└────▶ discarded   somebody decided so
//!   └─▶ open            a later feed brought the record, and it was refused: bytes and findings are those of the last
//!                       time, number and moment those of the first
//! ```
//!
//! A record is known again by its sender and key; one without a key by its bytes.

use super::Store;
use super::asked::Asked;
use super::audit::{self, AuditAction, Decision};
use super::connection::Connection;
use super::error::StoreError;
use super::finding::FindingView;
use super::row;
use super::run::{self, RunId};
use super::sql::Sql;
use crate::judgement::RecordContext;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeSet;
use std::str::FromStr;

/// How an entry of the quarantine stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum QuarantineState {
    /// Waits for somebody.
    Open,
    /// Read again and imported.
    Replayed,
    /// A later feed brought the record, and it was right.
    Superseded,
    /// Not wanted any more.
    Discarded,
}

impl QuarantineState {
    /// The state as the tables write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Replayed => "replayed",
            Self::Superseded => "superseded",
            Self::Discarded => "discarded",
        }
    }
}

/// A refused record without its bytes. Moments are UTC, `2026-11-23T04:03:51.123Z`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantineEntry {
    /// Its number.
    pub id: i64,
    /// How it stands.
    pub state: QuarantineState,
    /// When it was refused first.
    pub created_at: String,
    /// The run that refused it first.
    pub first_run: RunId,
    /// The last run that refused it.
    pub last_run: RunId,
    /// When it was replayed, superseded or discarded.
    pub resolved_at: Option<String>,
    /// The sender.
    pub source: String,
    /// Name of the feed that brought it last.
    pub feed: String,
    /// Row of that feed.
    pub feed_version_id: i64,
    /// Key, if it could be read.
    pub reference: Option<String>,
    /// Number in the feed, from 1.
    pub ordinal: u64,
    /// Line in the feed, from 1.
    pub line: u64,
    /// Column, from 1.
    pub column: u64,
    /// Byte in the feed, from 0.
    pub byte: u64,
    /// Format and version.
    pub format: String,
    /// Version of the profile it was judged by.
    pub profile_version: u32,
    /// How many bytes it has.
    pub size: u64,
    /// Their digest, hexadecimal: a later feed may have brought the record with others.
    pub digest: String,
    /// How many the corrected record has that was imported in its place.
    pub mended_size: Option<u64>,
    /// Why it was refused.
    pub findings: Vec<FindingView>,
}

/// A refused record with all that is needed to read it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantinedRecord {
    /// Where it came from and why it was refused.
    pub entry: QuarantineEntry,
    /// Encoding, root and prefixes.
    pub context: RecordContext,
    /// The record byte for byte.
    pub bytes: Vec<u8>,
    /// The file of the corrected record that was imported in its place.
    pub mended: Option<Vec<u8>>,
}

/// An entry that is imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayedEntry {
    /// Its number.
    pub id: i64,
    /// The corrected record, when it is not the kept one that is imported.
    pub mended: Option<Vec<u8>>,
    /// The refused record that was looked at; with another one nothing is done.
    pub seen: Option<SeenDigest>,
}

/// Hexadecimal digits that tell one record from others.
const SEEN_DIGITS_MIN: usize = 12;
/// Hexadecimal digits of a whole digest.
const SEEN_DIGITS_MAX: usize = 32;

/// The digest of a record ([`QuarantineEntry::digest`]) as somebody says it again, or how it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenDigest(String);

/// What was said is no digest, and no beginning of one that tells records apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a digest has {SEEN_DIGITS_MIN} to {SEEN_DIGITS_MAX} hexadecimal digits, as the entry of the quarantine tells it"
)]
pub struct NoDigest;

impl SeenDigest {
    /// Whether the record of the entry is the one that was looked at.
    #[must_use]
    pub fn is_of(&self, entry: &QuarantineEntry) -> bool {
        entry.digest.starts_with(&self.0)
    }
}

impl FromStr for SeenDigest {
    type Err = NoDigest;

    fn from_str(text: &str) -> Result<Self, NoDigest> {
        let digest = text.trim().to_ascii_lowercase();
        let is_long_enough = (SEEN_DIGITS_MIN..=SEEN_DIGITS_MAX).contains(&digest.len());
        let is_digest = is_long_enough && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_digest { Ok(Self(digest)) } else { Err(NoDigest) }
    }
}

/// Bytes that travel as hexadecimal digits.
struct Hex(Vec<u8>);

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        row::from_hex(&text).map(Self).ok_or_else(|| serde::de::Error::custom("not hexadecimal"))
    }
}

/// Which entries to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct QuarantineFilter<'a> {
    /// Only in this state.
    pub state: Option<QuarantineState>,
    /// Only refused by this run, first or last.
    pub run: Option<RunId>,
    /// Only of this sender.
    pub source: Option<&'a str>,
    /// Only of sources, or from feeds, that have this in their name, in any case.
    pub part: Option<&'a str>,
    /// Only with this number in its feed.
    pub ordinal: Option<u64>,
    /// Only with this key.
    pub reference: Option<&'a str>,
    /// Only with this in their key, in any case.
    pub reference_part: Option<&'a str>,
    /// Only refused for this clause or rule, among others.
    pub code: Option<&'a str>,
    /// With `code`: only where it is broken by an element or attribute (`@kind`) of this name.
    pub field: Option<&'a str>,
    /// What whoever asks may see: only of this sender.
    pub visible_source: Option<&'a str>,
    /// Only behind this entry: the last of the page before.
    pub after: Option<i64>,
}

/// Why an entry cannot be replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outdated {
    /// It is not open.
    Closed(QuarantineState),
    /// A newer feed has written the product since.
    Newer,
    /// Another record of its feed has its reference, and that one is in the shop.
    Taken,
    /// A later feed brought the record again, wrong still, with other bytes than those that were seen.
    Changed,
}

const LIST: Sql = Sql {
    postgres: "select json_build_object('id', id, 'state', state,
            'created_at', to_char(created_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
            'first_run', first_run, 'last_run', last_run,
            'resolved_at', to_char(resolved_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
            'source', source, 'feed', feed, 'feed_version_id', feed_version_id, 'reference', record_reference,
            'ordinal', ordinal, 'line', line_number, 'column', column_number, 'byte', byte_offset,
            'format', format, 'profile_version', profile_version, 'size', length(bytes),
            'digest', encode(bytes_digest, 'hex'), 'mended_size', length(mended), 'findings', findings)::text
         from quarantine where {where} order by id limit {limit}",
    sqlite: "select json_object('id', id, 'state', state, 'created_at', created_at, 'first_run', first_run,
            'last_run', last_run, 'resolved_at', resolved_at, 'source', source, 'feed', feed,
            'feed_version_id', feed_version_id, 'reference', record_reference, 'ordinal', ordinal,
            'line', line_number, 'column', column_number, 'byte', byte_offset, 'format', format,
            'profile_version', profile_version, 'size', length(bytes), 'digest', lower(hex(bytes_digest)),
            'mended_size', length(mended), 'findings', json(findings))
         from quarantine where {where} order by id limit {limit}",
};
/// How many there are in all.
const COUNT: Sql = Sql {
    postgres: "select count(*)::text from quarantine where {where}",
    sqlite: "select cast(count(*) as text) from quarantine where {where}",
};
const ONE: Sql = Sql::both("id = {0}");
const AFTER: Sql = Sql::both("id > {0}");
const OPEN: Sql = Sql::both("state = 'open'");
const CLOSED: Sql = Sql::both("state <> 'open' and state = {0}");
const RUN: Sql = Sql::both("(first_run = {0} or last_run = {0})");
const SOURCE: Sql = Sql::both("source = {0}");
/// The same where no state is asked for: an index of open entries beside one of the others, so that none of all entries
/// is there for an import to take by mistake.
const SOURCE_WHOLE: Sql = Sql::both(
    "id in (select id from quarantine where state = 'open' and source = {0}
            union all select id from quarantine where state <> 'open' and source = {0})",
);
const REFERENCE_PART: Sql = Sql {
    postgres: "strpos(lower(coalesce(record_reference, '')), lower({0}::text)) > 0",
    sqlite: "instr(lower(coalesce(record_reference, '')), lower({0})) > 0",
};
/// `{0}` the part.
const PART: Sql = Sql {
    postgres: "(strpos(lower(source), lower({0}::text)) > 0 or feed_version_id in
        (select v.id from feed_version v where strpos(lower(v.feed), lower({0}::text)) > 0))",
    sqlite: "(instr(lower(source), lower({0})) > 0 or feed_version_id in
        (select v.id from feed_version v where instr(lower(v.feed), lower({0})) > 0))",
};
const ORDINAL: Sql = Sql::both("ordinal = {0}");
const REFERENCE: Sql = Sql::both("record_reference = {0}");
const CODE: Sql = Sql {
    postgres: "exists (select 1 from jsonb_array_elements(findings) f where f->>'code' = {0})",
    sqlite: "exists (select 1 from json_each(findings) f where f.value->>'code' = {0})",
};
/// The name of the element or attribute that a finding `f` stands at: the last step of its path.
macro_rules! field {
    (postgres) => {
        r"regexp_replace(f->>'path', '^.*/|\[[0-9]+\]', '', 'g')"
    };
    (sqlite) => {
        // What stands behind the last slash, up to a bracket.
        "substr(
            replace(f.value->>'path', rtrim(f.value->>'path', replace(f.value->>'path', '/', '')), ''), 1,
            instr(replace(f.value->>'path', rtrim(f.value->>'path', replace(f.value->>'path', '/', '')), '') || '[',
                '[') - 1)"
    };
}
pub(super) use field;
const CODE_AT: Sql = Sql {
    postgres: concat!(
        "exists (select 1 from jsonb_array_elements(findings) f where f->>'code' = {0} and ",
        field!(postgres),
        " = {1})"
    ),
    sqlite: concat!(
        "exists (select 1 from json_each(findings) f where f.value->>'code' = {0} and ",
        field!(sqlite),
        " = {1})"
    ),
};
const CONTENT: Sql = Sql {
    postgres: "select json_build_array(context, encode(bytes, 'hex'), encode(mended, 'hex'))::text
               from quarantine where id = $1",
    // The digits of nothing are none, not null.
    sqlite: "select json_array(json(context), hex(bytes), iif(mended is null, null, hex(mended)))
             from quarantine where id = $1",
};
/// `$1` entry, `$2` its key when it was read only now. 2: the message that changed the product last is newer than the
/// one that brought the entry; where messages have no place, the later one to arrive is. 1: it is the same, and another
/// record of it has this key.
const OVERTAKEN: Sql = Sql {
    postgres: "select coalesce(max(case when v.id = w.id then case when $2::text is null then 0 else 1 end
                   when v.place_sent <> w.place_sent then case when v.place_sent > w.place_sent then 2 else 0 end
                   when v.place_number <> w.place_number
                       then case when v.place_number > w.place_number then 2 else 0 end
                   when v.id > w.id then 2 else 0 end), 0)::text from product p
               join quarantine q on q.source = p.source
               join feed_version v on v.id = p.feed_version_id join feed_version w on w.id = q.feed_version_id
               where q.id = $1 and p.record_reference = coalesce($2::text, q.record_reference)",
    sqlite: "select cast(coalesce(max(case when v.id = w.id then case when $2 is null then 0 else 1 end
                   when v.place_sent <> w.place_sent then case when v.place_sent > w.place_sent then 2 else 0 end
                   when v.place_number <> w.place_number
                       then case when v.place_number > w.place_number then 2 else 0 end
                   when v.id > w.id then 2 else 0 end), 0) as text) from product p
               join quarantine q on q.source = p.source
               join feed_version v on v.id = p.feed_version_id join feed_version w on w.id = q.feed_version_id
               where q.id = $1 and p.record_reference = coalesce($2, q.record_reference)",
};
/// `$4` the mended bytes as hexadecimal digits, or null.
const RESOLVE: Sql = Sql {
    postgres: "update quarantine set state = $2, resolved_at = $3::timestamptz, mended = decode($4, 'hex')
               where id = $1 and state = 'open'",
    sqlite: "update quarantine set state = $2, resolved_at = $3, mended = unhex($4)
             where id = $1 and state = 'open'",
};

/// `$1` entry. A batch has one moment.
const SUPERSEDING: Sql = Sql {
    postgres: "select to_json(v.run_id)::text from quarantine q
               join feed_version v on v.source = q.source and v.imported_at = q.resolved_at
               where q.id = $1 and q.state = 'superseded' order by v.id desc limit 1",
    sqlite: "select json_quote(v.run_id) from quarantine q
             join feed_version v on v.source = q.source and v.imported_at = q.resolved_at
             where q.id = $1 and q.state = 'superseded' order by v.id desc limit 1",
};
const SOURCE_OF: Sql = Sql {
    postgres: "select to_json(source)::text from quarantine where id = $1",
    sqlite: "select json_quote(source) from quarantine where id = $1",
};

impl Store {
    /// Refused records, oldest first.
    pub async fn quarantine(
        &self,
        filter: QuarantineFilter<'_>,
        limit: u32,
    ) -> Result<Vec<QuarantineEntry>, StoreError> {
        self.pool.run(async |connection| list(connection, filter, limit).await).await
    }

    /// How many refused records there are.
    pub async fn quarantine_count(&self, filter: QuarantineFilter<'_>) -> Result<u64, StoreError> {
        let count = async |connection: &mut Connection| {
            asked(filter).count(connection, "count the quarantine", COUNT).await
        };
        self.pool.run(count).await
    }

    /// The run whose feed brought a record anew, after which its entry waited no more; `None` where none did.
    pub async fn superseding_run(&self, id: i64) -> Result<Option<RunId>, StoreError> {
        let look = async |connection: &mut Connection| {
            connection.row("look who brought a record anew", SUPERSEDING, &[id.into()]).await
        };
        self.pool.run(look).await
    }

    /// One refused record without its bytes; `None` as well when whoever asks may not see it.
    pub async fn quarantine_entry(
        &self,
        id: i64,
        visible_source: Option<&str>,
    ) -> Result<Option<QuarantineEntry>, StoreError> {
        let found = self.pool.run(async |connection| entry(connection, id).await).await?;
        Ok(found.filter(|entry| visible_source.is_none_or(|source| source == entry.source)))
    }

    /// One refused record with its bytes.
    pub async fn quarantined(&self, id: i64) -> Result<Option<QuarantinedRecord>, StoreError> {
        self.pool.run(async |connection| record(connection, id).await).await
    }

    /// One refused record with its bytes; `None` as well when whoever asks may not see it.
    pub async fn quarantined_of(
        &self,
        id: i64,
        visible_source: Option<&str>,
    ) -> Result<Option<QuarantinedRecord>, StoreError> {
        let found = self.quarantined(id).await?;
        Ok(found.filter(|record| visible_source.is_none_or(|source| source == record.entry.source)))
    }

    /// Gives up an open entry of the quarantine; `false` when it was not open.
    pub async fn discard(&self, id: i64, now: Timestamp, decision: &Decision) -> Result<bool, StoreError> {
        Ok(self.discard_all(&BTreeSet::from([id]), now, decision).await?.is_ok())
    }

    /// Gives up open entries, all of them or none: the first that is not open where there is one.
    pub async fn discard_all(
        &self,
        ids: &BTreeSet<i64>,
        now: Timestamp,
        decision: &Decision,
    ) -> Result<Result<(), i64>, StoreError> {
        self.pool.run(async |connection| discard_all(connection, ids, now, decision).await).await
    }
}

/// Entries that fit, oldest first.
async fn list(
    connection: &mut Connection,
    filter: QuarantineFilter<'_>,
    limit: u32,
) -> Result<Vec<QuarantineEntry>, StoreError> {
    asked(filter).rows(connection, "list the quarantine", LIST, limit).await
}

/// What is asked for.
fn asked(filter: QuarantineFilter<'_>) -> Asked<'_> {
    let asked = Asked::of(&[]).and_if(AFTER, filter.after).and_if(RUN, filter.run.map(|run| run.0));
    let asked = match filter.state {
        None => asked,
        Some(QuarantineState::Open) => asked.and(OPEN, &[]),
        Some(closed) => asked.and(CLOSED, &[closed.as_str().into()]),
    };
    let source = if filter.state.is_some() { SOURCE } else { SOURCE_WHOLE };
    let asked = match (filter.code, filter.field) {
        (Some(code), Some(field)) => asked.and(CODE_AT, &[code.into(), field.into()]),
        (code, _) => asked.and_if(CODE, code),
    };
    asked
        .and_if(source, filter.source)
        .and_if(source, filter.visible_source)
        .and_if(PART, filter.part)
        .and_if(ORDINAL, filter.ordinal.map(|ordinal| i64::try_from(ordinal).unwrap_or(i64::MAX)))
        .and_if(REFERENCE, filter.reference)
        .and_if(REFERENCE_PART, filter.reference_part)
}

/// One entry without its bytes.
async fn entry(connection: &mut Connection, id: i64) -> Result<Option<QuarantineEntry>, StoreError> {
    let asked = Asked::of(&[]).and(ONE, &[id.into()]);
    Ok(asked.rows(connection, "look up an entry of the quarantine", LIST, 1).await?.pop())
}

/// One entry with its bytes.
async fn record(connection: &mut Connection, id: i64) -> Result<Option<QuarantinedRecord>, StoreError> {
    let Some(entry) = entry(connection, id).await? else { return Ok(None) };
    let content: Option<Content> =
        connection.row("read a record in quarantine", CONTENT, &[id.into()]).await?;
    Ok(content.map(|Content(context, bytes, mended)| QuarantinedRecord {
        entry,
        context,
        bytes: bytes.0,
        mended: mended.map(|mended| mended.0),
    }))
}

#[derive(Deserialize)]
struct Content(RecordContext, Hex, Option<Hex>);

/// Whether the entry must not be replayed any more; `reference` is its key when it was kept without one.
pub(super) async fn outdated(
    connection: &mut Connection,
    id: i64,
    reference: Option<&str>,
) -> Result<Option<Outdated>, StoreError> {
    let entry = entry(connection, id).await?;
    if let Some(entry) = entry.filter(|entry| entry.state != QuarantineState::Open) {
        return Ok(Some(Outdated::Closed(entry.state)));
    }
    let values = [id.into(), reference.into()];
    let overtaken: Option<i64> = connection.row("look for a newer version", OVERTAKEN, &values).await?;
    Ok(match overtaken {
        Some(2..) => Some(Outdated::Newer),
        Some(1) => Some(Outdated::Taken),
        _ => None,
    })
}

/// Gives up open entries in one transaction; the first that is not open takes it back.
async fn discard_all(
    connection: &mut Connection,
    ids: &BTreeSet<i64>,
    now: Timestamp,
    decision: &Decision,
) -> Result<Result<(), i64>, StoreError> {
    let now = run::moment(now);
    connection.begin().await?;
    for id in ids {
        match discard(connection, *id, &now, decision).await {
            Ok(true) => {}
            Ok(false) => {
                connection.rollback().await;
                return Ok(Err(*id));
            }
            Err(error) => {
                connection.rollback().await;
                return Err(error);
            }
        }
    }
    connection.commit().await.map(Ok)
}

/// Gives up an open entry; `false` when it was not open.
async fn discard(
    connection: &mut Connection,
    id: i64,
    now: &str,
    decision: &Decision,
) -> Result<bool, StoreError> {
    let is_done = resolve(connection, id, QuarantineState::Discarded, now, None).await?;
    if is_done {
        let of = (id, SOURCE_OF);
        audit::write_sourced(connection, now, decision, AuditAction::QuarantineDiscard, of).await?;
    }
    Ok(is_done)
}

/// Closes an open entry; `false` when it was not open.
async fn resolve(
    connection: &mut Connection,
    id: i64,
    state: QuarantineState,
    now: &str,
    mended: Option<&str>,
) -> Result<bool, StoreError> {
    let values = [id.into(), state.as_str().into(), now.into(), mended.into()];
    Ok(connection.execute("close an entry of the quarantine", RESOLVE, &values).await? == 1)
}

/// Notes that these were imported; part of the transaction that does.
pub(super) async fn mark_replayed(
    connection: &mut Connection,
    now: &str,
    entries: &[ReplayedEntry],
    decision: Option<&Decision>,
) -> Result<(), StoreError> {
    for ReplayedEntry { id, mended, .. } in entries {
        let mended = mended.as_ref().map(|bytes| {
            let mut digits = String::new();
            row::push_hex(bytes, &mut digits);
            digits
        });
        let replayed = QuarantineState::Replayed;
        let is_done = resolve(connection, *id, replayed, now, mended.as_deref()).await?;
        if let Some(decision) = decision.filter(|_| is_done) {
            let of = (*id, SOURCE_OF);
            audit::write_sourced(connection, now, decision, AuditAction::QuarantineReplay, of).await?;
        }
    }
    Ok(())
}

//! Feeds that are held until somebody decides: what each would do, and its bytes.
//!
//! ```text
//!  open ──▶ released    somebody looked at the plan and let it in
//!    ├────▶ refused     somebody looked and does not want it
//!    ├────▶ superseded  a newer feed passed, and says all that this one says
//!    └────▶ expired     nobody decided while it was kept
//! ```
//!
//! The bytes are kept while the feed is open, as they were delivered, packed, in rows of
//! [`CHUNK_BYTES`](super::CHUNK_BYTES): any program that reaches the database can let the feed in.

use super::Store;
use super::asked::Asked;
use super::audit::{self, AuditAction, Decision};
use super::chunk::Chunks;
use super::connection::Connection;
use super::error::StoreError;
use super::mark::Mark;
use super::run::{self, RunId};
use super::sql::Sql;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs::File;

/// How a held feed stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HeldState {
    /// Waits for somebody.
    Open,
    /// Let in.
    Released,
    /// Not wanted.
    Refused,
    /// A newer feed says what it says.
    Superseded,
    /// Nobody decided in time.
    Expired,
}

impl HeldState {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Open, Self::Released, Self::Refused, Self::Superseded, Self::Expired];

    /// The state as the tables write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Released => "released",
            Self::Refused => "refused",
            Self::Superseded => "superseded",
            Self::Expired => "expired",
        }
    }
}

/// Bytes of a feed as they were delivered, packed by zstd.
#[derive(Debug)]
pub struct PackedFeed {
    /// A file with all of them.
    pub file: File,
    /// How many they are, packed.
    pub bytes: u64,
}

/// A feed to hold; its row among the feeds is of the same batch.
#[derive(Debug)]
pub struct HeldFeed {
    /// Its row in `feed_version`.
    pub feed_version_id: i64,
    /// Until when it is kept.
    pub keep_until: Timestamp,
    /// What it would do, JSON.
    pub plan: String,
    /// The plan's digest.
    pub plan_digest: String,
    /// Its bytes, if they could be had.
    pub packed: Option<PackedFeed>,
}

/// What a run makes of a feed that was held before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeldChange {
    /// It was let in, for this reason.
    Released(String),
    /// A newer feed passed.
    Superseded,
    /// It would do something else by now: the new plan and its digest.
    Replanned(String, String),
}

/// An open held feed as an import has to know it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct OpenHeld {
    /// Its number.
    pub feed_version_id: i64,
    /// The run that held it.
    pub run: RunId,
    /// Format and version.
    pub format: String,
    /// Number of its message.
    pub number: Option<u64>,
    /// When it was sent, in seconds since 1970.
    pub sent: Option<i64>,
    /// SHA-256 of its bytes, hexadecimal.
    pub digest: Option<String>,
    /// It is held because it is older than what was applied.
    pub is_stale: bool,
}

impl OpenHeld {
    /// Whether a message with that place came before the other one; where messages have no place, the held one did.
    #[must_use]
    pub fn is_before(&self, place: &Mark) -> bool {
        match (self.sent.zip(place.sent), self.number.zip(place.number)) {
            (Some((held, other)), _) if held != other => held < other,
            (_, Some((held, other))) => held <= other,
            _ => true,
        }
    }
}

/// Which held feeds to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct HeldFilter<'a> {
    /// Only in this state.
    pub state: Option<HeldState>,
    /// Only of this sender.
    pub source: Option<&'a str>,
    /// What whoever asks may see: only of this sender.
    pub visible_source: Option<&'a str>,
    /// Only behind this feed: the last of the page before.
    pub after: Option<i64>,
}

/// A held feed for people. Moments are UTC, `2026-11-23T04:03:51.123Z`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldView {
    /// Its number.
    pub id: i64,
    /// How it stands.
    pub state: HeldState,
    /// The run that held it.
    pub run: RunId,
    /// The sender.
    pub source: String,
    /// Name of the feed.
    pub feed: String,
    /// Format and version.
    pub format: String,
    /// Message number of the header.
    pub message_number: Option<String>,
    /// Records in it.
    pub records: u64,
    /// When it was held.
    pub held_at: String,
    /// Until when it is kept.
    pub keep_until: String,
    /// What it would do.
    pub plan: serde_json::Value,
    /// The plan's digest.
    pub plan_digest: String,
    /// Bytes that are kept, packed; 0 when there are none.
    pub packed_bytes: u64,
    /// When it was decided, and by which run or why.
    pub resolved_at: Option<String>,
    /// The run that let it in, or whose feed superseded it.
    pub resolved_run: Option<RunId>,
    /// Why, in somebody's words.
    pub reason: Option<String>,
}

/// What an earlier feed of a sender did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierRun {
    /// Its run.
    pub run: RunId,
    /// When.
    pub at: String,
    /// What became of it.
    pub state: String,
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
}

/// `$1` feed, `$2` now, `$3` until, `$4` plan, `$5` its digest, `$6` bytes.
const HOLD: Sql = Sql {
    postgres:
        "insert into held_feed (feed_version_id, state, held_at, keep_until, plan, plan_digest, packed_bytes)
               values ($1, 'open', $2::timestamptz, $3::timestamptz, $4::jsonb, $5, $6)",
    sqlite:
        "insert into held_feed (feed_version_id, state, held_at, keep_until, plan, plan_digest, packed_bytes)
             values ($1, 'open', $2, $3, $4, $5, $6)",
};
const CHUNKS: Chunks = Chunks {
    insert: Sql::both("insert into held_chunk (feed_version_id, position, bytes) values ($1, $2, $3)"),
    read: Sql {
        postgres: "select to_json(encode(bytes, 'hex'))::text
                   from held_chunk where feed_version_id = $1 and position = $2",
        sqlite: "select json_quote(hex(bytes)) from held_chunk where feed_version_id = $1 and position = $2",
    },
    forget: Sql::both("delete from held_chunk where feed_version_id = $1"),
};
/// `$1` feed, `$2` state, `$3` now, `$4` run or 0, `$5` reason.
const RESOLVE: Sql = Sql {
    postgres: "update held_feed set state = $2, resolved_at = $3::timestamptz, resolved_run = nullif($4, 0), reason = $5
               where feed_version_id = $1 and state = 'open'",
    sqlite: "update held_feed set state = $2, resolved_at = $3, resolved_run = nullif($4, 0), reason = $5
             where feed_version_id = $1 and state = 'open'",
};
const SOURCE_OF: Sql = Sql {
    postgres: "select to_json(source)::text from feed_version where id = $1",
    sqlite: "select json_quote(source) from feed_version where id = $1",
};
const REPLAN: Sql = Sql {
    postgres: "update held_feed set plan = $2::jsonb, plan_digest = $3 where feed_version_id = $1 and state = 'open'",
    sqlite: "update held_feed set plan = $2, plan_digest = $3 where feed_version_id = $1 and state = 'open'",
};
/// `$1` now.
const EXPIRE: [Sql; 2] = [
    Sql {
        postgres: "update held_feed set state = 'expired', resolved_at = $1::timestamptz
                   where state = 'open' and keep_until <= $1::timestamptz",
        sqlite: "update held_feed set state = 'expired', resolved_at = $1 where state = 'open' and keep_until <= $1",
    },
    Sql {
        postgres: "delete from held_chunk c using held_feed h
                   where h.feed_version_id = c.feed_version_id and h.state = 'expired' and $1::text is not null",
        sqlite: "delete from held_chunk where $1 is not null
                   and feed_version_id in (select feed_version_id from held_feed where state = 'expired')",
    },
];
const LIST: Sql = Sql {
    postgres: "select json_build_object('id', v.id, 'state', h.state, 'run', v.run_id, 'source', v.source,
            'feed', v.feed, 'format', v.format, 'message_number', v.message_number, 'records', v.records,
            'held_at', to_char(h.held_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
            'keep_until', to_char(h.keep_until at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
            'plan', h.plan, 'plan_digest', h.plan_digest, 'packed_bytes', h.packed_bytes,
            'resolved_at', to_char(h.resolved_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
            'resolved_run', h.resolved_run, 'reason', h.reason)::text
        from held_feed h join feed_version v on v.id = h.feed_version_id
        where {where} order by h.feed_version_id limit {limit}",
    sqlite: "select json_object('id', v.id, 'state', h.state, 'run', v.run_id, 'source', v.source, 'feed', v.feed,
            'format', v.format, 'message_number', v.message_number, 'records', v.records, 'held_at', h.held_at,
            'keep_until', h.keep_until, 'plan', json(h.plan), 'plan_digest', h.plan_digest,
            'packed_bytes', h.packed_bytes, 'resolved_at', h.resolved_at, 'resolved_run', h.resolved_run,
            'reason', h.reason)
        from held_feed h join feed_version v on v.id = h.feed_version_id
        where {where} order by h.feed_version_id limit {limit}",
};
/// How many there are in all.
const COUNT: Sql = Sql {
    postgres: "select count(*)::text from held_feed h join feed_version v on v.id = h.feed_version_id
        where {where}",
    sqlite: "select cast(count(*) as text) from held_feed h join feed_version v on v.id = h.feed_version_id
        where {where}",
};
const ONE: Sql = Sql::both("h.feed_version_id = {0}");
const AFTER: Sql = Sql::both("h.feed_version_id > {0}");
const STATE: Sql = Sql::both("h.state = {0}");
const SOURCE: Sql = Sql::both("v.source = {0}");
/// `$1` feed, as the audit names it.
const DECIDER: Sql = Sql {
    postgres: "select to_json(who)::text from audit
               where object = $1 and action in ('held.release', 'held.refuse') order by id desc limit 1",
    sqlite: "select json_quote(who) from audit
             where object = $1 and action in ('held.release', 'held.refuse') order by id desc limit 1",
};
/// `$1` feed, `$2` limit: what the feeds of the same sender and format before it did.
const EARLIER: Sql = Sql {
    postgres: "select json_build_object('run', v.run_id,
                   'at', to_char(v.imported_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
                   'state', v.state, 'records', v.records, 'inserted', v.inserted, 'updated', v.updated,
                   'withdrawn', v.withdrawn, 'refused', v.refused)::text
               from feed_version v join feed_version h on h.source = v.source and h.format = v.format
               where h.id = $1 and v.id < h.id order by v.id desc limit $2",
    sqlite: "select json_object('run', v.run_id, 'at', v.imported_at, 'state', v.state, 'records', v.records,
                 'inserted', v.inserted, 'updated', v.updated, 'withdrawn', v.withdrawn, 'refused', v.refused)
             from feed_version v join feed_version h on h.source = v.source and h.format = v.format
             where h.id = $1 and v.id < h.id order by v.id desc limit $2",
};

impl Store {
    /// Feeds that are or were held, oldest first.
    pub async fn held(&self, filter: HeldFilter<'_>, limit: u32) -> Result<Vec<HeldView>, StoreError> {
        self.pool.run(async |connection| list(connection, filter, limit).await).await
    }

    /// How many held feeds there are.
    pub async fn held_count(&self, filter: HeldFilter<'_>) -> Result<u64, StoreError> {
        let count = async |connection: &mut Connection| {
            asked(filter).count(connection, "count held feeds", COUNT).await
        };
        self.pool.run(count).await
    }

    /// Who let a held feed in or gave it up.
    pub async fn held_decider(&self, id: i64) -> Result<Option<String>, StoreError> {
        let object = format!("held {id}");
        let decider = async |connection: &mut Connection| {
            connection.row("look up who decided about a held feed", DECIDER, &[(&object).into()]).await
        };
        self.pool.run(decider).await
    }

    /// One feed that is or was held.
    pub async fn held_feed(&self, id: i64) -> Result<Option<HeldView>, StoreError> {
        self.held_feed_of(id, None).await
    }

    /// One feed that is or was held; `None` as well when whoever asks may not see it.
    pub async fn held_feed_of(
        &self,
        id: i64,
        visible_source: Option<&str>,
    ) -> Result<Option<HeldView>, StoreError> {
        self.pool.run(async |connection| view(connection, id, visible_source).await).await
    }

    /// What feeds of the same sender and format did before a held one came, newest first.
    pub async fn before_held(&self, id: i64, limit: u32) -> Result<Vec<EarlierRun>, StoreError> {
        self.pool.run(async |connection| earlier(connection, id, limit).await).await
    }

    /// Writes the bytes of a held feed, packed by zstd, into a file; gives back how many.
    pub async fn held_bytes(&self, id: i64, file: &mut File) -> Result<u64, StoreError> {
        self.pool.run(async |connection| read(connection, id, file).await).await
    }

    /// Gives up a held feed; `false` when it was not open.
    pub async fn refuse_held(
        &self,
        id: i64,
        now: Timestamp,
        decision: &Decision,
    ) -> Result<bool, StoreError> {
        self.pool.run(async |connection| refuse(connection, id, now, decision).await).await
    }

    /// Gives up held feeds about which nobody has decided in time; says how many.
    pub async fn expire_held(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.pool.run(async |connection| expire(connection, now).await).await
    }
}

/// Holds feeds, within the transaction that writes their rows.
pub(super) async fn hold(
    connection: &mut Connection,
    now: &str,
    feeds: &[HeldFeed],
) -> Result<(), StoreError> {
    for feed in feeds {
        let until = run::moment(feed.keep_until);
        let packed = feed.packed.as_ref().map_or(0, |packed| packed.bytes);
        let values = [
            feed.feed_version_id.into(),
            now.into(),
            (&until).into(),
            (&feed.plan).into(),
            (&feed.plan_digest).into(),
            i64::try_from(packed).unwrap_or(i64::MAX).into(),
        ];
        connection.execute("hold a feed", HOLD, &values).await?;
        if let Some(packed) = &feed.packed {
            let id = feed.feed_version_id;
            let written = CHUNKS.write(connection, &[id.into()], &packed.file).await;
            written.map_err(|error| error.of(|source| StoreError::HeldBytes { id, source }))?;
        }
    }
    Ok(())
}

/// Makes of feeds that were held before what a run has made of them, within its transaction.
pub(super) async fn change(
    connection: &mut Connection,
    run: RunId,
    now: &str,
    changes: &[(i64, HeldChange)],
    decision: Option<&Decision>,
) -> Result<(), StoreError> {
    for (id, change) in changes {
        match change {
            HeldChange::Released(reason) => {
                // Somebody else may have decided since it was looked at: then nothing of it is applied.
                if !resolve(connection, *id, HeldState::Released, now, Some(run), Some(reason)).await? {
                    return Err(StoreError::HeldClosed { id: *id });
                }
                if let Some(decision) = decision {
                    let of = (*id, SOURCE_OF);
                    audit::write_sourced(connection, now, decision, AuditAction::HeldRelease, of).await?;
                }
            }
            HeldChange::Superseded => {
                resolve(connection, *id, HeldState::Superseded, now, Some(run), None).await?;
            }
            HeldChange::Replanned(plan, digest) => {
                let values = [(*id).into(), plan.into(), digest.into()];
                connection.execute("plan a held feed anew", REPLAN, &values).await?;
            }
        }
    }
    Ok(())
}

async fn resolve(
    connection: &mut Connection,
    id: i64,
    state: HeldState,
    now: &str,
    run: Option<RunId>,
    reason: Option<&str>,
) -> Result<bool, StoreError> {
    let run = run.map_or(0, |run| run.0);
    let values = [id.into(), state.as_str().into(), now.into(), run.into(), reason.into()];
    if connection.execute("decide about a held feed", RESOLVE, &values).await? == 0 {
        return Ok(false);
    }
    CHUNKS.forget(connection, &[id.into()]).await?;
    Ok(true)
}

/// Gives up a held feed; `false` when it was not open.
async fn refuse(
    connection: &mut Connection,
    id: i64,
    now: Timestamp,
    decision: &Decision,
) -> Result<bool, StoreError> {
    let now = run::moment(now);
    let work = async |connection: &mut Connection| {
        let refused = HeldState::Refused;
        let is_done = resolve(connection, id, refused, &now, None, decision.reason()).await?;
        if is_done {
            let of = (id, SOURCE_OF);
            audit::write_sourced(connection, &now, decision, AuditAction::HeldRefuse, of).await?;
        }
        Ok(is_done)
    };
    connection.transaction(work).await
}

/// Gives up what nobody has decided about in time.
async fn expire(connection: &mut Connection, now: Timestamp) -> Result<u64, StoreError> {
    let now = run::moment(now);
    let work = async |connection: &mut Connection| {
        let expired = connection.execute("give up old held feeds", EXPIRE[0], &[(&now).into()]).await?;
        if expired > 0 {
            connection.execute("forget the bytes of old held feeds", EXPIRE[1], &[(&now).into()]).await?;
        }
        Ok(expired)
    };
    connection.transaction(work).await
}

/// Held feeds that fit, oldest first.
async fn list(
    connection: &mut Connection,
    filter: HeldFilter<'_>,
    limit: u32,
) -> Result<Vec<HeldView>, StoreError> {
    asked(filter).rows(connection, "list held feeds", LIST, limit).await
}

/// What is asked for.
fn asked(filter: HeldFilter<'_>) -> Asked<'_> {
    Asked::of(&[])
        .and_if(AFTER, filter.after)
        .and_if(STATE, filter.state.map(HeldState::as_str))
        .and_if(SOURCE, filter.source)
        .and_if(SOURCE, filter.visible_source)
}

/// One held feed, if whoever asks may see it.
async fn view(
    connection: &mut Connection,
    id: i64,
    visible_source: Option<&str>,
) -> Result<Option<HeldView>, StoreError> {
    let asked = Asked::of(&[]).and(ONE, &[id.into()]).and_if(SOURCE, visible_source);
    Ok(asked.rows(connection, "look up a held feed", LIST, 1).await?.pop())
}

/// What the feeds of the same sender and format before a held one did, newest first.
async fn earlier(connection: &mut Connection, id: i64, limit: u32) -> Result<Vec<EarlierRun>, StoreError> {
    connection.rows("look for earlier feeds", EARLIER, &[id.into(), i64::from(limit).into()]).await
}

/// Writes the kept bytes of a held feed, packed, into a file; gives back how many.
async fn read(connection: &mut Connection, id: i64, file: &mut File) -> Result<u64, StoreError> {
    let read = CHUNKS.read(connection, &[id.into()], file).await;
    read.map_err(|error| error.of(|source| StoreError::HeldBytes { id, source }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(held: (Option<u64>, Option<i64>), other: (Option<u64>, Option<i64>), is_before: bool) {
        let open = OpenHeld {
            feed_version_id: 1,
            run: RunId(1),
            format: "onix/3.0".to_owned(),
            number: held.0,
            sent: held.1,
            digest: None,
            is_stale: false,
        };
        let place = Mark { number: other.0, sent: other.1, ..Mark::default() };
        assert_eq!(open.is_before(&place), is_before, "{held:?} {other:?}");
    }

    #[test]
    fn a_held_message_has_its_place_among_others() {
        case((Some(7), Some(10)), (Some(8), Some(20)), true);
        case((Some(7), Some(20)), (Some(8), Some(10)), false);
        case((Some(7), Some(10)), (Some(6), Some(10)), false);
        case((Some(7), None), (Some(8), Some(10)), true);
        case((None, Some(10)), (None, Some(5)), false);
        case((None, None), (Some(1), None), true);
    }
}

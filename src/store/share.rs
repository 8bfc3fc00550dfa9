//! Links by which somebody without a token looks at one refused record.
//!
//! ```text
//!  open ──▶ expired  its days are over
//!    └────▶ revoked  somebody decided so
//! ```
//!
//! A link knows its record by number: whoever follows it sees what the record is by then.

use super::Store;
use super::audit::{self, AuditAction, Decision};
use super::connection::{Connection, Parameter};
use super::error::StoreError;
use super::run;
use super::sql::Sql;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Bytes of the hash by which a link is known.
pub const SHARE_HASH_BYTES: usize = 32;

/// A link to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewShare<'a> {
    /// SHA-256 of its secret.
    pub hash: &'a [u8; SHARE_HASH_BYTES],
    /// The entry of the quarantine that it shows.
    pub entry: i64,
    /// From when on it does not count any more.
    pub expires_at: Timestamp,
}

/// What a link shows, while it counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedEntry {
    /// The entry.
    pub entry: i64,
    /// Until when it counts: UTC, `2026-11-23T04:03:51.123Z`.
    pub expires_at: String,
}

/// A link for people. Moments are UTC, `2026-11-23T04:03:51.123Z`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareView {
    /// Its number.
    pub id: i64,
    /// The entry that it shows.
    pub entry: i64,
    /// Key of the record, if it has one.
    pub key: Option<String>,
    /// Who made it.
    pub who: String,
    /// When.
    pub created_at: String,
    /// Until when it counts.
    pub expires_at: String,
}

/// `$1` hash, `$2` entry, `$3` who, `$4` now, `$5` until when.
const CREATE: Sql = Sql {
    postgres: "insert into share (hash, quarantine_id, who, created_at, expires_at)
               values ($1, $2, $3, $4::timestamptz, $5::timestamptz) returning id::text",
    sqlite: "insert into share (hash, quarantine_id, who, created_at, expires_at) values ($1, $2, $3, $4, $5)
             returning cast(id as text)",
};
/// `$1` hash, `$2` now.
const FIND: Sql = Sql {
    postgres: "select json_build_object('entry', quarantine_id,
                   'expires_at', to_char(expires_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'))::text
               from share where hash = $1 and revoked_at is null and expires_at > $2::timestamptz",
    sqlite: "select json_object('entry', quarantine_id, 'expires_at', expires_at)
             from share where hash = $1 and revoked_at is null and expires_at > $2",
};
/// `$1` source, `$2` now, `$3` limit.
const LIST: Sql = Sql {
    postgres: "select json_build_object('id', s.id, 'entry', s.quarantine_id, 'key', q.record_reference, 'who', s.who,
                   'created_at', to_char(s.created_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
                   'expires_at', to_char(s.expires_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'))::text
               from share s join quarantine q on q.id = s.quarantine_id
               where q.source = $1 and s.revoked_at is null and s.expires_at > $2::timestamptz
               order by s.id desc limit $3",
    // Few links first.
    sqlite: "select json_object('id', s.id, 'entry', s.quarantine_id, 'key', q.record_reference, 'who', s.who,
                 'created_at', s.created_at, 'expires_at', s.expires_at)
             from share s cross join quarantine q on q.id = s.quarantine_id
             where q.source = $1 and s.revoked_at is null and s.expires_at > $2
             order by s.id desc limit $3",
};
/// `$1` link.
const SOURCE_OF: Sql = Sql {
    postgres: "select to_json(q.source)::text from share s join quarantine q on q.id = s.quarantine_id where s.id = $1",
    sqlite: "select json_quote(q.source) from share s join quarantine q on q.id = s.quarantine_id where s.id = $1",
};
/// `$1` link, `$2` now.
const REVOKE: Sql = Sql {
    postgres: "update share set revoked_at = $2::timestamptz where id = $1 and revoked_at is null",
    sqlite: "update share set revoked_at = $2 where id = $1 and revoked_at is null",
};
/// `$1` now.
const SWEEP: Sql = Sql {
    postgres: "delete from share where expires_at <= $1::timestamptz or revoked_at is not null",
    sqlite: "delete from share where expires_at <= $1 or revoked_at is not null",
};

impl Store {
    /// Makes a link; gives back its number.
    pub async fn create_share(
        &self,
        share: NewShare<'_>,
        now: Timestamp,
        decision: &Decision,
    ) -> Result<Option<i64>, StoreError> {
        self.pool.run(async |connection| create(connection, share, now, decision).await).await
    }

    /// What the link with this hash shows; `None` when it does not count, or there is none.
    pub async fn shared(
        &self,
        hash: &[u8; SHARE_HASH_BYTES],
        now: Timestamp,
    ) -> Result<Option<SharedEntry>, StoreError> {
        let now = run::moment(now);
        let find = async |connection: &mut Connection| {
            connection.row("look up a link", FIND, &[hash.as_slice().into(), (&now).into()]).await
        };
        self.pool.run(find).await
    }

    /// The links to records of a source that count, the newest first.
    pub async fn shares(
        &self,
        source: &str,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<ShareView>, StoreError> {
        let now = run::moment(now);
        let values: [Parameter<'_>; 3] = [source.into(), (&now).into(), i64::from(limit).into()];
        self.pool.run(async |connection| connection.rows("list links", LIST, &values).await).await
    }

    /// Whose record a link shows; `None` when there is none.
    pub async fn share_source(&self, id: i64) -> Result<Option<String>, StoreError> {
        let find = async |connection: &mut Connection| {
            connection.row("look up whose record a link shows", SOURCE_OF, &[id.into()]).await
        };
        self.pool.run(find).await
    }

    /// Revokes a link; `false` when it was revoked already, or there is none.
    pub async fn revoke_share(
        &self,
        id: i64,
        now: Timestamp,
        decision: &Decision,
    ) -> Result<bool, StoreError> {
        self.pool.run(async |connection| revoke(connection, id, now, decision).await).await
    }

    /// Forgets links that do not count any more; says how many. Who made and who revoked them stays written down.
    pub async fn forget_shares(&self, now: Timestamp) -> Result<u64, StoreError> {
        let now = run::moment(now);
        let sweep = async |connection: &mut Connection| {
            connection.execute("forget links", SWEEP, &[(&now).into()]).await
        };
        self.pool.run(sweep).await
    }
}

async fn create(
    connection: &mut Connection,
    share: NewShare<'_>,
    now: Timestamp,
    decision: &Decision,
) -> Result<Option<i64>, StoreError> {
    let (now, until) = (run::moment(now), run::moment(share.expires_at));
    let work = async |connection: &mut Connection| {
        let values: [Parameter<'_>; 5] = [
            share.hash.as_slice().into(),
            share.entry.into(),
            decision.who().into(),
            (&now).into(),
            (&until).into(),
        ];
        let id: Option<i64> = connection.row("make a link", CREATE, &values).await?;
        if let Some(id) = id {
            let of = (id, SOURCE_OF);
            audit::write_sourced(connection, &now, decision, AuditAction::ShareCreate, of).await?;
        }
        Ok(id)
    };
    connection.transaction(work).await
}

async fn revoke(
    connection: &mut Connection,
    id: i64,
    now: Timestamp,
    decision: &Decision,
) -> Result<bool, StoreError> {
    let now = run::moment(now);
    let work = async |connection: &mut Connection| {
        let is_done = connection.execute("revoke a link", REVOKE, &[id.into(), (&now).into()]).await? == 1;
        if is_done {
            let of = (id, SOURCE_OF);
            audit::write_sourced(connection, &now, decision, AuditAction::ShareRevoke, of).await?;
        }
        Ok(is_done)
    };
    connection.transaction(work).await
}

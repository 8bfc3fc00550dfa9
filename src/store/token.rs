//! Tokens: who may call the service. Only their hashes are here; what scopes mean is said elsewhere.
//!
//! ```text
//!  valid ──▶ expired   its time is over
//!    └─────▶ revoked   somebody decided so
//! ```
//!
//! A row stays for good, and so does its name: what a token did is written down under it.

use super::Store;
use super::audit::{self, AuditAction, Decision};
use super::connection::{Connection, Parameter};
use super::error::StoreError;
use super::row;
use super::run;
use super::sql::Sql;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

/// Bytes of a token's hash.
pub const TOKEN_HASH_BYTES: usize = 32;

/// A token to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewToken<'a> {
    /// Its name; no two tokens have one.
    pub name: &'a str,
    /// SHA-256 of its text.
    pub hash: &'a [u8; TOKEN_HASH_BYTES],
    /// What it may do, words with spaces between.
    pub scopes: &'a str,
    /// The only source it may see and submit.
    pub source: Option<&'a str>,
    /// From when on it does not count any more.
    pub expires_at: Option<Timestamp>,
}

/// How a token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenState {
    /// It counts.
    Valid,
    /// Its time is over.
    Expired,
    /// Somebody has revoked it.
    Revoked,
}

impl TokenState {
    /// The state as a word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// A token for people. Moments are UTC, `2026-11-23T04:03:51.123Z`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenView {
    /// Its name.
    pub name: String,
    /// How it stands.
    pub state: TokenState,
    /// What it may do, words with spaces between.
    pub scopes: String,
    /// The only source it may see and submit.
    pub source: Option<String>,
    /// When it was made.
    pub created_at: String,
    /// From when on it does not count any more.
    pub expires_at: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<String>,
    /// When it was used last, to the minute or so.
    pub last_used_at: Option<String>,
}

/// A token as whoever checks one has to know it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct KnownToken {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// SHA-256 of its text.
    #[serde(deserialize_with = "hash")]
    pub hash: [u8; TOKEN_HASH_BYTES],
    /// What it may do, words with spaces between.
    pub scopes: String,
    /// The only source it may see and submit.
    pub source: Option<String>,
    /// From when on it does not count any more.
    #[serde(deserialize_with = "moment")]
    pub expires_at: Option<Timestamp>,
    /// Whether somebody has revoked it.
    pub is_revoked: bool,
    /// When it was used last, as far as that is noted.
    #[serde(deserialize_with = "moment")]
    pub last_used_at: Option<Timestamp>,
}

impl std::fmt::Debug for KnownToken {
    /// Without the hash.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KnownToken").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// What came of revoking a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// It is revoked.
    Done,
    /// It was before.
    Before,
    /// There is no such token.
    Unknown,
}

impl Store {
    /// Makes a token; `false` when there is, or was, one of that name.
    pub async fn create_token(
        &self,
        token: NewToken<'_>,
        now: Timestamp,
        decision: &Decision,
    ) -> Result<bool, StoreError> {
        self.pool.run(async |connection| create(connection, token, now, decision).await).await
    }

    /// Tokens and how they stand now, oldest first.
    pub async fn tokens(&self, now: Timestamp, limit: u32) -> Result<Vec<TokenView>, StoreError> {
        self.pool.run(async |connection| list(connection, now, limit).await).await
    }

    /// How many tokens there are, however they stand.
    pub async fn token_count(&self) -> Result<u64, StoreError> {
        let counted = self.pool.run(async |connection| connection.row("count tokens", COUNT, &[]).await);
        Ok(counted.await?.unwrap_or_default())
    }

    /// Revokes a token by its name.
    pub async fn revoke_token(
        &self,
        name: &str,
        now: Timestamp,
        decision: &Decision,
    ) -> Result<Revocation, StoreError> {
        self.pool.run(async |connection| revoke(connection, name, now, decision).await).await
    }

    /// The token with this hash, however it stands.
    pub async fn token_of_hash(
        &self,
        hash: &[u8; TOKEN_HASH_BYTES],
    ) -> Result<Option<KnownToken>, StoreError> {
        self.pool.run(async |connection| find(connection, hash).await).await
    }

    /// Notes that a token was used, unless a use after `noted_since` is noted; says whether it was noted now.
    pub async fn note_token_use(
        &self,
        id: i64,
        now: Timestamp,
        noted_since: Timestamp,
    ) -> Result<bool, StoreError> {
        self.pool.run(async |connection| note_use(connection, id, now, noted_since).await).await
    }

    /// How many tokens are valid now.
    pub async fn valid_tokens(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.pool.run(async |connection| count_valid(connection, now).await).await
    }
}

fn hash<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; TOKEN_HASH_BYTES], D::Error> {
    let bytes = row::from_hex(&String::deserialize(deserializer)?);
    let hash = bytes.and_then(|bytes| bytes.try_into().ok());
    hash.ok_or_else(|| serde::de::Error::custom("no hash of a token"))
}

fn moment<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
}

/// `$1` name, `$2` hash, `$3` scopes, `$4` source, `$5` now, `$6` expiry.
const CREATE: Sql = Sql {
    postgres: "insert into token (name, hash, scopes, source, created_at, expires_at)
               values ($1, $2, $3, $4, $5::timestamptz, $6::timestamptz) on conflict (name) do nothing",
    sqlite: "insert into token (name, hash, scopes, source, created_at, expires_at)
             values ($1, $2, $3, $4, $5, $6) on conflict (name) do nothing",
};
/// `$1` now, `$2` limit.
const LIST: Sql = Sql {
    postgres: "select json_build_object('name', name, 'state', case when revoked_at is not null then 'revoked'
                       when expires_at <= $1::timestamptz then 'expired' else 'valid' end,
                   'scopes', scopes, 'source', source,
                   'created_at', to_char(created_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
                   'expires_at', to_char(expires_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
                   'revoked_at', to_char(revoked_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
                   'last_used_at', to_char(last_used_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')
               )::text
               from token order by id limit $2",
    sqlite: "select json_object('name', name, 'state', case when revoked_at is not null then 'revoked'
                     when expires_at <= $1 then 'expired' else 'valid' end,
                 'scopes', scopes, 'source', source, 'created_at', created_at, 'expires_at', expires_at,
                 'revoked_at', revoked_at, 'last_used_at', last_used_at)
             from token order by id limit $2",
};
/// How many there are.
const COUNT: Sql = Sql {
    postgres: "select count(*)::text from token where true",
    sqlite: "select cast(count(*) as text) from token where true",
};
/// `$1` hash.
const FIND: Sql = Sql {
    postgres: "select json_build_object('id', id, 'name', name, 'hash', encode(hash, 'hex'), 'scopes', scopes,
                   'source', source,
                   'expires_at', to_char(expires_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
                   'is_revoked', revoked_at is not null,
                   'last_used_at', to_char(last_used_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')
               )::text
               from token where hash = $1",
    sqlite: "select json_object('id', id, 'name', name, 'hash', hex(hash), 'scopes', scopes, 'source', source,
                 'expires_at', expires_at, 'is_revoked', json(iif(revoked_at is null, 'false', 'true')),
                 'last_used_at', last_used_at)
             from token where hash = $1",
};
/// `$1` name, `$2` now.
const REVOKE: Sql = Sql {
    postgres: "update token set revoked_at = $2::timestamptz where name = $1 and revoked_at is null",
    sqlite: "update token set revoked_at = $2 where name = $1 and revoked_at is null",
};
/// `$1` name: a row when there is such a token, with its source.
const SOURCE: Sql = Sql {
    postgres: "select json_build_array(source)::text from token where name = $1",
    sqlite: "select json_array(source) from token where name = $1",
};
/// `$1` token, `$2` now, `$3` how long ago the last use that is noted has to be.
const USE: Sql = Sql {
    postgres: "update token set last_used_at = $2::timestamptz
               where id = $1 and (last_used_at is null or last_used_at <= $3::timestamptz)",
    sqlite: "update token set last_used_at = $2 where id = $1 and (last_used_at is null or last_used_at <= $3)",
};
/// `$1` now.
const VALID: Sql = Sql {
    postgres: "select count(*)::text from token
               where revoked_at is null and (expires_at is null or expires_at > $1::timestamptz)",
    sqlite: "select cast(count(*) as text) from token
             where revoked_at is null and (expires_at is null or expires_at > $1)",
};

/// Makes a token; `false` when there is one of that name.
async fn create(
    connection: &mut Connection,
    token: NewToken<'_>,
    now: Timestamp,
    decision: &Decision,
) -> Result<bool, StoreError> {
    let now = run::moment(now);
    let expires_at = token.expires_at.map(run::moment);
    let values: [Parameter<'_>; 6] = [
        token.name.into(),
        token.hash.as_slice().into(),
        token.scopes.into(),
        token.source.into(),
        (&now).into(),
        expires_at.as_deref().into(),
    ];
    let work = async |connection: &mut Connection| {
        if connection.execute("make a token", CREATE, &values).await? == 0 {
            return Ok(false);
        }
        let (action, name) = (AuditAction::TokenCreate, token.name);
        audit::write(connection, &now, decision, action, name, token.source).await?;
        Ok(true)
    };
    connection.transaction(work).await
}

/// Tokens, oldest first.
async fn list(connection: &mut Connection, now: Timestamp, limit: u32) -> Result<Vec<TokenView>, StoreError> {
    let now = run::moment(now);
    connection.rows("list tokens", LIST, &[(&now).into(), i64::from(limit).into()]).await
}

/// The token with this hash, however it stands.
async fn find(
    connection: &mut Connection,
    hash: &[u8; TOKEN_HASH_BYTES],
) -> Result<Option<KnownToken>, StoreError> {
    connection.row("look for a token", FIND, &[hash.as_slice().into()]).await
}

/// Revokes a token.
async fn revoke(
    connection: &mut Connection,
    name: &str,
    now: Timestamp,
    decision: &Decision,
) -> Result<Revocation, StoreError> {
    let now = run::moment(now);
    let work = async |connection: &mut Connection| {
        let values = [name.into(), (&now).into()];
        let is_done = connection.execute("revoke a token", REVOKE, &values).await? == 1;
        let found: Option<(Option<String>,)> =
            connection.row("look for a token", SOURCE, &[name.into()]).await?;
        match (is_done, found) {
            (true, Some((source,))) => {
                let (action, source) = (AuditAction::TokenRevoke, source.as_deref());
                audit::write(connection, &now, decision, action, name, source).await?;
                Ok(Revocation::Done)
            }
            (_, Some(_)) => Ok(Revocation::Before),
            (_, None) => Ok(Revocation::Unknown),
        }
    };
    connection.transaction(work).await
}

/// Notes that a token was used, unless a use since `noted_since` is noted; says whether it was noted now.
async fn note_use(
    connection: &mut Connection,
    id: i64,
    now: Timestamp,
    noted_since: Timestamp,
) -> Result<bool, StoreError> {
    let (now, since) = (run::moment(now), run::moment(noted_since));
    let values = [id.into(), (&now).into(), (&since).into()];
    Ok(connection.execute("note the use of a token", USE, &values).await? == 1)
}

/// Counts tokens that are valid.
async fn count_valid(connection: &mut Connection, now: Timestamp) -> Result<u64, StoreError> {
    let now = run::moment(now);
    let count: Option<u64> = connection.row("count tokens", VALID, &[(&now).into()]).await?;
    Ok(count.unwrap_or(0))
}

//! Who is signed in with a browser, and by which token.
//!
//! A row counts until its hour, and only while its token does: both are asked in one statement, so whoever revokes a
//! token ends what was begun with it.

use super::Store;
use super::connection::{Connection, Parameter};
use super::error::StoreError;
use super::run;
use super::sql::Sql;
use super::token::{KnownToken, TOKEN_HASH_BYTES};
use jiff::Timestamp;

/// Bytes of the hash by which somebody is known who is signed in.
pub const SIGN_IN_HASH_BYTES: usize = 32;

/// `$1` hash, `$2` hash of the token, `$3` now, `$4` until when.
const CREATE: Sql = Sql {
    postgres: "insert into sign_in (hash, token_id, created_at, expires_at)
               select $1, id, $3::timestamptz, $4::timestamptz from token
               where hash = $2 and revoked_at is null and (expires_at is null or expires_at > $3::timestamptz)",
    sqlite: "insert into sign_in (hash, token_id, created_at, expires_at)
             select $1, id, $3, $4 from token
             where hash = $2 and revoked_at is null and (expires_at is null or expires_at > $3)",
};
/// `$1` hash, `$2` now.
const FIND: Sql = Sql {
    postgres: "select json_build_object('id', t.id, 'name', t.name, 'hash', encode(t.hash, 'hex'),
                   'scopes', t.scopes, 'source', t.source,
                   'expires_at', to_char(t.expires_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
                   'is_revoked', false,
                   'last_used_at', to_char(t.last_used_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')
               )::text
               from sign_in s join token t on t.id = s.token_id
               where s.hash = $1 and s.expires_at > $2::timestamptz
                 and t.revoked_at is null and (t.expires_at is null or t.expires_at > $2::timestamptz)",
    sqlite: "select json_object('id', t.id, 'name', t.name, 'hash', hex(t.hash), 'scopes', t.scopes,
                 'source', t.source, 'expires_at', t.expires_at, 'is_revoked', json('false'),
                 'last_used_at', t.last_used_at)
             from sign_in s join token t on t.id = s.token_id
             where s.hash = $1 and s.expires_at > $2
               and t.revoked_at is null and (t.expires_at is null or t.expires_at > $2)",
};
/// `$1` hash.
const END: Sql = Sql::both("delete from sign_in where hash = $1");
/// `$1` now.
const SWEEP: Sql = Sql {
    postgres: "delete from sign_in s using token t
               where t.id = s.token_id and (s.expires_at <= $1::timestamptz or t.revoked_at is not null)",
    sqlite: "delete from sign_in where expires_at <= $1
               or token_id in (select id from token where revoked_at is not null)",
};

impl Store {
    /// Signs somebody in by the token with this hash; `false` when that does not count now.
    pub async fn sign_in(
        &self,
        hash: &[u8; SIGN_IN_HASH_BYTES],
        token: &[u8; TOKEN_HASH_BYTES],
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        self.pool.run(async |connection| create(connection, hash, token, now, until).await).await
    }

    /// The token of whoever is signed in under this hash; `None` when nobody is, or the token does not count now.
    pub async fn signed_in(
        &self,
        hash: &[u8; SIGN_IN_HASH_BYTES],
        now: Timestamp,
    ) -> Result<Option<KnownToken>, StoreError> {
        self.pool.run(async |connection| find(connection, hash, now).await).await
    }

    /// Signs somebody out.
    pub async fn sign_out(&self, hash: &[u8; SIGN_IN_HASH_BYTES]) -> Result<(), StoreError> {
        let end = async |connection: &mut Connection| {
            connection.execute("sign somebody out", END, &[hash.as_slice().into()]).await
        };
        self.pool.run(end).await.map(drop)
    }

    /// Forgets what does not count any more; says how many.
    pub async fn forget_sign_ins(&self, now: Timestamp) -> Result<u64, StoreError> {
        let now = run::moment(now);
        let sweep = async |connection: &mut Connection| {
            connection.execute("forget who was signed in", SWEEP, &[(&now).into()]).await
        };
        self.pool.run(sweep).await
    }
}

async fn create(
    connection: &mut Connection,
    hash: &[u8; SIGN_IN_HASH_BYTES],
    token: &[u8; TOKEN_HASH_BYTES],
    now: Timestamp,
    until: Timestamp,
) -> Result<bool, StoreError> {
    let (now, until) = (run::moment(now), run::moment(until));
    let values: [Parameter<'_>; 4] =
        [hash.as_slice().into(), token.as_slice().into(), (&now).into(), (&until).into()];
    Ok(connection.execute("sign somebody in", CREATE, &values).await? == 1)
}

async fn find(
    connection: &mut Connection,
    hash: &[u8; SIGN_IN_HASH_BYTES],
    now: Timestamp,
) -> Result<Option<KnownToken>, StoreError> {
    let now = run::moment(now);
    connection.row("look who is signed in", FIND, &[hash.as_slice().into(), (&now).into()]).await
}

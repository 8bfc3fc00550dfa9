//! Feeds that are submitted: each is put at the end of the queue, or was there before.

use crate::store::Store;
use crate::store::connection::Connection;
use crate::store::error::StoreError;
use crate::store::row;
use crate::store::run::{RunId, moment};
use crate::store::sql::Sql;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What is done with a submitted feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubmissionMode {
    /// What is right in it is imported.
    #[default]
    Import,
    /// It is judged, and the shop stays as it is.
    Check,
}

impl SubmissionMode {
    /// The mode as the tables write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Check => "check",
        }
    }
}

/// A feed that is submitted; its bytes are in the spool.
#[derive(Clone, Debug)]
pub struct Submission<'a> {
    /// Who submits it; empty where nobody has to say.
    pub token: &'a str,
    /// What is done with it.
    pub mode: SubmissionMode,
    /// The format that it is said to have.
    pub format: Option<&'a str>,
    /// Whose products it brings.
    pub source: Option<&'a str>,
    /// That was asked for, whatever the header says.
    pub source_asked: bool,
    /// What it waits behind; `None` waits for nobody.
    pub lane: Option<&'a str>,
    /// Its name.
    pub feed: &'a str,
    /// Bytes as delivered.
    pub bytes: u64,
    /// SHA-256 of them.
    pub digest: [u8; 32],
    /// What the same submission is known by; `None` is never the same as another.
    pub identity: Option<&'a str>,
    /// Where its bytes are in the spool.
    pub spool: &'a str,
    /// The trace that it was uploaded in.
    pub traceparent: Option<&'a str>,
}

/// What became of a submission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enqueued {
    /// It waits.
    New(RunId),
    /// The same was submitted before.
    Same(RunId),
    /// Other bytes were submitted under the same key before.
    OtherBytes(RunId),
}

const FIND: Sql = Sql {
    postgres: "select json_build_array(run_id, encode(digest, 'hex'))::text from submission where identity = $1",
    sqlite: "select json_array(run_id, lower(hex(digest))) from submission where identity = $1",
};
/// The run, its submission, and a word to the workers.
const QUEUE: Sql = Sql {
    postgres: "with queued as (insert into run (state, lease_owner, lease_until, attempt, lane)
            values ('queued', '', $1::timestamptz, 0, $13) returning id),
        submitted as (insert into submission (run_id, received_at, token, mode, format, source, source_asked, feed,
                bytes, digest, identity, spool, traceparent)
            select id, $1::timestamptz, $2, $3, $4, $5, $6::bigint = 1, $7, $8, $9, $10, $11, $12 from queued)
        select id::text from queued cross join pg_notify('feedgate_queue', '')",
    sqlite: "begin immediate;
        insert into run (state, lease_owner, lease_until, attempt, lane)
        values ('queued', '', $1, 0, $13) returning cast(id as text);
        insert into submission (run_id, received_at, token, mode, format, source, source_asked, feed,
            bytes, digest, identity, spool, traceparent)
        values (last_insert_rowid(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12);
        commit",
};

impl Store {
    /// Puts a feed at the end of the queue, or finds that the same was submitted before.
    pub async fn enqueue(&self, submission: &Submission<'_>, now: Timestamp) -> Result<Enqueued, StoreError> {
        self.pool.run(async |connection| enqueue(connection, submission, now).await).await
    }
}

/// Puts a feed at the end of the queue, or finds that it was submitted before.
async fn enqueue(
    connection: &mut Connection,
    submission: &Submission<'_>,
    now: Timestamp,
) -> Result<Enqueued, StoreError> {
    if let Some(before) = same(connection, submission).await? {
        return Ok(before);
    }
    match insert(connection, submission, now).await {
        // Somebody submitted the same at the same time, and was first.
        Err(error) if error.is_taken() => same(connection, submission).await?.ok_or(error),
        inserted => inserted.map(Enqueued::New),
    }
}

async fn same(
    connection: &mut Connection,
    submission: &Submission<'_>,
) -> Result<Option<Enqueued>, StoreError> {
    let Some(identity) = submission.identity else { return Ok(None) };
    let found: Option<(RunId, String)> =
        connection.row("look for the same submission", FIND, &[identity.into()]).await?;
    let mut digest = String::new();
    row::push_hex(&submission.digest, &mut digest);
    Ok(found
        .map(|(run, before)| if before == digest { Enqueued::Same(run) } else { Enqueued::OtherBytes(run) }))
}

async fn insert(
    connection: &mut Connection,
    submission: &Submission<'_>,
    now: Timestamp,
) -> Result<RunId, StoreError> {
    let now = moment(now);
    let values = [
        (&now).into(),
        submission.token.into(),
        submission.mode.as_str().into(),
        submission.format.into(),
        submission.source.into(),
        i64::from(submission.source_asked).into(),
        submission.feed.into(),
        i64::try_from(submission.bytes).unwrap_or(i64::MAX).into(),
        submission.digest.as_slice().into(),
        submission.identity.into(),
        submission.spool.into(),
        submission.traceparent.into(),
        submission.lane.into(),
    ];
    let run = connection.whole("queue a run", QUEUE, &values).await?;
    Ok(run.expect("an insert that returns gives back its row"))
}

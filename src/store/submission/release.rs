//! Held feeds that are let in by a run of the queue.

use super::enqueue::Enqueued;
use crate::store::Store;
use crate::store::audit::Decision;
use crate::store::bell::ring;
use crate::store::connection::Connection;
use crate::store::error::StoreError;
use crate::store::run::{RunId, moment};
use crate::store::sql::Sql;
use jiff::Timestamp;
use serde::Deserialize;

/// A held feed that somebody lets in; its bytes are kept with it.
#[derive(Clone, Copy, Debug)]
pub struct ReleaseOrder<'a> {
    /// Name of the token of whoever decides; empty where nobody has to say.
    pub token: &'a str,
    /// Its number.
    pub held: i64,
    /// Digest of the plan that was seen.
    pub plan: &'a str,
    /// Who lets it in, and why.
    pub decision: &'a Decision,
    /// The trace that it was decided in.
    pub traceparent: Option<&'a str>,
}

impl ReleaseOrder<'_> {
    /// What the same wish is known by.
    fn identity(&self) -> String {
        format!("release {} {}", self.held, self.plan)
    }
}

/// A run that is or was to let a held feed in. Its moment is UTC, `2026-11-23T04:03:51.123Z`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct TriedRelease {
    /// The run.
    pub run: RunId,
    /// When it was asked for.
    pub at: String,
    /// Whether it is not over yet.
    pub is_going_on: bool,
    /// Why, in somebody's words.
    pub reason: String,
}

/// `$1` source, `$2` held feed.
const LAST_RELEASE: Sql = Sql {
    postgres: "select json_build_object('run', s.run_id,
                   'at', to_char(s.received_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
                   'is_going_on', r.state in ('queued', 'running'), 'reason', coalesce(s.release_reason, ''))::text
               from submission s join run r on r.id = s.run_id
               where s.source = $1 and s.release_held = $2 order by s.run_id desc limit 1",
    sqlite: "select json_object('run', s.run_id, 'at', s.received_at,
                 'is_going_on', json(iif(r.state in ('queued', 'running'), 'true', 'false')),
                 'reason', coalesce(s.release_reason, ''))
             from submission s join run r on r.id = s.run_id
             where s.source = $1 and s.release_held = $2 order by s.run_id desc limit 1",
};

/// `$1` end of the lease, `$2` held feed.
const QUEUE_RELEASE: Sql = Sql {
    postgres: "insert into run (state, lease_owner, lease_until, attempt, lane)
               select 'queued', '', $1::timestamptz, 0, v.source
               from held_feed h join feed_version v on v.id = h.feed_version_id
               where h.feed_version_id = $2 and h.state = 'open' returning id::text",
    sqlite: "insert into run (state, lease_owner, lease_until, attempt, lane)
             select 'queued', '', $1, 0, v.source
             from held_feed h join feed_version v on v.id = h.feed_version_id
             where h.feed_version_id = $2 and h.state = 'open' returning cast(id as text)",
};
/// `$1` run, `$2` now, `$3` token, `$4` identity, `$5` held feed, `$6` plan, `$7` reason, `$8` who,
/// `$9` trace.
const SUBMIT_RELEASE: Sql = Sql {
    postgres:
        "insert into submission (run_id, received_at, token, mode, format, source, source_asked, feed, bytes,
                   digest, identity, release_held, release_plan, release_reason, decided_by, traceparent)
               select $1, $2::timestamptz, $3, 'import', v.format, v.source, true, v.feed, v.bytes, v.digest, $4,
                   v.id, $6, $7, $8, $9
               from feed_version v where v.id = $5",
    sqlite:
        "insert into submission (run_id, received_at, token, mode, format, source, source_asked, feed, bytes,
                 digest, identity, release_held, release_plan, release_reason, decided_by, traceparent)
             select $1, $2, $3, 'import', v.format, v.source, 1, v.feed, v.bytes, v.digest, $4,
                 v.id, $6, $7, $8, $9
             from feed_version v where v.id = $5",
};
const FIND_RELEASE: Sql = Sql {
    postgres: "select run_id::text from submission where identity = $1",
    sqlite: "select cast(run_id as text) from submission where identity = $1",
};

impl Store {
    /// The last run that was to let a held feed of a source in.
    pub async fn last_release(&self, source: &str, held: i64) -> Result<Option<TriedRelease>, StoreError> {
        let values = [source.into(), held.into()];
        let last = async |connection: &mut Connection| {
            connection.row("look up the last release of a held feed", LAST_RELEASE, &values).await
        };
        self.pool.run(last).await
    }

    /// Puts a run at the end of the queue that lets a held feed in, or finds the one that is to do so already; `None`
    /// when the feed is not open.
    pub async fn enqueue_release(
        &self,
        order: &ReleaseOrder<'_>,
        now: Timestamp,
    ) -> Result<Option<Enqueued>, StoreError> {
        self.pool.run(async |connection| enqueue_release(connection, order, now).await).await
    }
}

/// Puts a run at the end of the queue that lets a held feed in, or finds the one that is to do so already; `None` when
/// the feed is not open.
async fn enqueue_release(
    connection: &mut Connection,
    order: &ReleaseOrder<'_>,
    now: Timestamp,
) -> Result<Option<Enqueued>, StoreError> {
    if let Some(run) = same_release(connection, order).await? {
        return Ok(Some(Enqueued::Same(run)));
    }
    match connection.transaction(async |connection| insert_release(connection, order, now).await).await {
        // Somebody else wanted the same at the same time, and was first.
        Err(error) if error.is_taken() => {
            let run = same_release(connection, order).await?.ok_or(error)?;
            Ok(Some(Enqueued::Same(run)))
        }
        inserted => Ok(inserted?.map(Enqueued::New)),
    }
}

async fn same_release(
    connection: &mut Connection,
    order: &ReleaseOrder<'_>,
) -> Result<Option<RunId>, StoreError> {
    let identity = order.identity();
    connection.row("look for the same release", FIND_RELEASE, &[(&identity).into()]).await
}

async fn insert_release(
    connection: &mut Connection,
    order: &ReleaseOrder<'_>,
    now: Timestamp,
) -> Result<Option<RunId>, StoreError> {
    let (now, identity) = (moment(now), order.identity());
    let values = [(&now).into(), order.held.into()];
    let Some(run) = connection.row::<RunId>("queue a release", QUEUE_RELEASE, &values).await? else {
        return Ok(None);
    };
    let values = [
        run.0.into(),
        (&now).into(),
        order.token.into(),
        (&identity).into(),
        order.held.into(),
        order.plan.into(),
        order.decision.reason().unwrap_or_default().into(),
        order.decision.who().into(),
        order.traceparent.into(),
    ];
    connection.execute("store a release", SUBMIT_RELEASE, &values).await?;
    ring(connection).await?;
    Ok(Some(run))
}

//! Runs that end, with what is kept of them.

use crate::config::DatabaseKind;
use crate::judgement::Acceptance;
use crate::store::Store;
use crate::store::connection::Connection;
use crate::store::copy;
use crate::store::error::StoreError;
use crate::store::held::PackedFeed;
use crate::store::report::{self, PackedReport};
use crate::store::run::{Attempt, RunEnd, RunId, RunState, moment};
use crate::store::sql::Sql;
use jiff::Timestamp;

/// How a claimed run ends, and what is kept of it.
#[derive(Clone, Copy, Debug)]
pub struct Completion<'a> {
    /// What it came to.
    pub end: RunEnd<'a>,
    /// Its reports.
    pub reports: &'a [PackedReport],
    /// The feed that it has applied (number of its version), its bytes, and of how many feeds of its source they are
    /// kept.
    pub copy: Option<(i64, &'a PackedFeed, u32)>,
}

const END: Sql = Sql {
    postgres: "update submission set spool = null, summary = coalesce($2, summary),
                   identity = case when $3 = 1 and release_held is null then identity end
               where run_id = $1",
    sqlite: "update submission set spool = null, summary = coalesce($2, summary),
                 identity = case when $3 = 1 and release_held is null then identity end
             where run_id = $1",
};
/// `$1` run, `$2` attempt, `$3` state, `$4` now, `$5` exit status, `$6` message, `$7` and `$8` as in [`END`]. On SQLite
/// the run last: as long as it runs, the others are its own.
const FINISH: Sql = Sql {
    postgres: "with ended as (update run
            set state = $3, finished_at = $4::timestamptz, exit_status = $5::bigint, message = $6
            where id = $1 and attempt = $2 and state = 'running' returning id),
        freed as (delete from lease where run_id = $1 and exists (select 1 from ended)),
        submitted as (update submission set spool = null, summary = coalesce($7, summary),
                identity = case when $8::bigint = 1 and release_held is null then identity end
            where run_id = $1 and exists (select 1 from ended))
        select id::text from ended",
    sqlite: "update submission set spool = null, summary = coalesce($7, summary),
            identity = case when $8 = 1 and release_held is null then identity end
        where run_id = $1
            and exists (select 1 from run where id = $1 and attempt = $2 and state = 'running');
        delete from lease where run_id = $1
            and exists (select 1 from run where id = $1 and attempt = $2 and state = 'running');
        update run set state = $3, finished_at = $4, exit_status = $5, message = $6
        where id = $1 and attempt = $2 and state = 'running' returning cast(id as text)",
};

impl Store {
    /// Ends a run; fails when another attempt at it is under way, or it was taken over.
    pub async fn finish_run(
        &self,
        attempt: impl Into<Attempt>,
        now: Timestamp,
        end: RunEnd<'_>,
    ) -> Result<(), StoreError> {
        let attempt = attempt.into();
        self.pool.run(async |connection| finish(connection, attempt, now, end).await).await
    }

    /// Ends a claimed run with all that is kept of it, in one transaction; fails when another attempt at it is under
    /// way.
    pub async fn complete_run(
        &self,
        attempt: Attempt,
        now: Timestamp,
        completion: &Completion<'_>,
    ) -> Result<(), StoreError> {
        let complete = async |connection: &mut Connection| {
            finish_within(connection, attempt, now, completion.end).await?;
            report::insert(connection, attempt.run, completion.reports).await?;
            if let Some((id, packed, keep)) = completion.copy {
                copy::insert(connection, attempt.run, id, packed, keep).await?;
            }
            Ok(())
        };
        self.pool.run(async |connection| connection.transaction(complete).await).await
    }
}

/// Writes what a run came to beside its submission, if it has one: its bytes are not needed any more, and when it has
/// failed or was cancelled, the same may be submitted again.
pub(super) async fn end(
    connection: &mut Connection,
    run: RunId,
    acceptance: Acceptance,
    summary: Option<&str>,
) -> Result<(), StoreError> {
    let values = [run.0.into(), summary.into(), i64::from(is_known_again(acceptance)).into()];
    connection.execute("end a submission", END, &values).await.map(drop)
}

/// Ends a run, frees its sources and ends its submission, if it has one; fails when it is another attempt's by now, or
/// was taken over.
async fn finish(
    connection: &mut Connection,
    attempt: Attempt,
    now: Timestamp,
    end: RunEnd<'_>,
) -> Result<(), StoreError> {
    match connection.kind() {
        DatabaseKind::Postgres => finish_within(connection, attempt, now, end).await,
        DatabaseKind::Sqlite => {
            let finish =
                async |connection: &mut Connection| finish_within(connection, attempt, now, end).await;
            connection.transaction(finish).await
        }
    }
}

/// The same, in a transaction that is under way.
async fn finish_within(
    connection: &mut Connection,
    attempt: Attempt,
    now: Timestamp,
    end: RunEnd<'_>,
) -> Result<(), StoreError> {
    let now = moment(now);
    let values = [
        attempt.run.0.into(),
        attempt.number.into(),
        RunState::of(end.acceptance).as_str().into(),
        (&now).into(),
        i64::from(end.acceptance.exit_status()).into(),
        end.message.into(),
        end.summary.into(),
        i64::from(is_known_again(end.acceptance)).into(),
    ];
    let ended: Option<RunId> = connection.row("end the run", FINISH, &values).await?;
    ended.map(drop).ok_or(StoreError::LeaseLost { run: attempt.run.0 })
}

/// Whether the same, submitted again, is the same run.
const fn is_known_again(acceptance: Acceptance) -> bool {
    !matches!(acceptance, Acceptance::Failed | Acceptance::Cancelled)
}

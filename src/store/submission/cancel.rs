//! Runs that somebody does not want any more.

use super::end::end;
use crate::judgement::Acceptance;
use crate::store::Store;
use crate::store::audit::{self, AuditAction, Decision};
use crate::store::connection::Connection;
use crate::store::error::StoreError;
use crate::store::run::{RunId, RunState, moment};
use crate::store::sql::Sql;
use jiff::Timestamp;

/// What became of the wish to cancel a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cancelling {
    /// It waited, and is cancelled; its bytes are of no use any more, wherever they are in the spool.
    Done(Option<String>),
    /// It runs: its worker learns of it.
    Asked,
    /// It runs, and somebody wanted the same before: nothing is new.
    AskedBefore,
    /// It had ended before, as this.
    Ended(RunState),
    /// It was not submitted: a command works on it.
    NotSubmitted,
    /// There is no such run.
    Unknown,
}

const STATE: Sql = Sql {
    postgres: "select json_build_array(state, exists (select 1 from submission s where s.run_id = run.id))::text
               from run where id = $1",
    sqlite: "select json_array(state,
                 iif(exists (select 1 from submission s where s.run_id = run.id), json('true'), json('false')))
             from run where id = $1",
};
const CANCEL_QUEUED: Sql = Sql {
    postgres: "update run set state = 'cancelled', finished_at = $2::timestamptz, exit_status = 5,
                   message = 'cancelled before it began'
               where id = $1 and state = 'queued'",
    sqlite: "update run set state = 'cancelled', finished_at = $2, exit_status = 5,
                 message = 'cancelled before it began'
             where id = $1 and state = 'queued'",
};
const SPOOL: Sql = Sql {
    postgres: "select coalesce(to_json(spool), 'null')::text from submission where run_id = $1",
    sqlite: "select iif(spool is null, 'null', json_quote(spool)) from submission where run_id = $1",
};
const ASK: Sql =
    Sql::both("update submission set cancel_asked = true where run_id = $1 and not cancel_asked");

impl Store {
    /// Cancels a run that waits, or asks the worker of one that runs; writes down who did.
    pub async fn cancel(
        &self,
        run: RunId,
        now: Timestamp,
        decision: &Decision,
    ) -> Result<Cancelling, StoreError> {
        self.pool.run(async |connection| cancel(connection, run, now, decision).await).await
    }
}

/// Cancels a run that waits, or asks the worker of one that runs.
async fn cancel(
    connection: &mut Connection,
    run: RunId,
    now: Timestamp,
    decision: &Decision,
) -> Result<Cancelling, StoreError> {
    connection
        .transaction(async |connection| {
            let cancelling = try_cancel(connection, run, now).await?;
            if matches!(cancelling, Cancelling::Done(_) | Cancelling::Asked) {
                let object = run.to_string();
                audit::note(connection, now, decision, AuditAction::RunCancel, &object, None).await?;
            }
            Ok(cancelling)
        })
        .await
}

async fn try_cancel(
    connection: &mut Connection,
    run: RunId,
    now: Timestamp,
) -> Result<Cancelling, StoreError> {
    let now = moment(now);
    if connection.execute("cancel a run", CANCEL_QUEUED, &[run.0.into(), (&now).into()]).await? == 1 {
        let spool: Option<Option<String>> =
            connection.row("look where its bytes are", SPOOL, &[run.0.into()]).await?;
        end(connection, run, Acceptance::Cancelled, None).await?;
        return Ok(Cancelling::Done(spool.flatten()));
    }
    let found: Option<(RunState, bool)> =
        connection.row("look how a run stands", STATE, &[run.0.into()]).await?;
    match found {
        None => Ok(Cancelling::Unknown),
        Some((state, _)) if state.is_final() => Ok(Cancelling::Ended(state)),
        Some((_, false)) => Ok(Cancelling::NotSubmitted),
        Some((_, true)) => {
            let asked = connection.execute("ask to cancel a run", ASK, &[run.0.into()]).await?;
            Ok(if asked == 1 { Cancelling::Asked } else { Cancelling::AskedBefore })
        }
    }
}

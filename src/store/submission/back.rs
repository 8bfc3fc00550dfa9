//! Runs that wait again: their worker gave them back, or was lost.

use super::end::end;
use crate::judgement::Acceptance;
use crate::store::Store;
use crate::store::bell::ring;
use crate::store::connection::Connection;
use crate::store::error::StoreError;
use crate::store::run::{self, Attempt, RunId, moment};
use crate::store::sql::Sql;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// How often a run may lose its worker.
pub const LOST_MAX: i64 = 3;
/// How often when that happens to more others than one for each time: then it is not the run that takes workers down. A
/// run that does takes along what the second worker of its process was at, and no more.
const LOST_AMONG_OTHERS_MAX: i64 = 30;
/// How long a lost worker counts for others.
const LOST_MINUTES: i64 = 10;
/// Seconds before a run is begun again, by how often it has lost its worker: what is oldest would else be the first to
/// be hit by the next kill, too.
const LOST_PAUSES: [i64; 3] = [2, 5, 10];
const GIVE_BACK: Sql = Sql::both(
    "update run set state = 'queued', lease_owner = '', started_at = null
     where id = $1 and attempt = $2 and state = 'running'",
);
const LATER: Sql = Sql {
    postgres: "update submission set not_before = $2::timestamptz where run_id = $1",
    sqlite: "update submission set not_before = $2 where run_id = $1",
};
/// `$1` run, `$2` now, `$3` since when others count.
const LOSE: Sql = Sql {
    postgres: "update submission set lost = lost + 1, lost_at = $2::timestamptz where run_id = $1
               returning json_build_array(lost, (select count(*) from submission other
                   where other.run_id <> $1 and other.lost_at > $3::timestamptz))::text",
    sqlite: "update submission set lost = lost + 1, lost_at = $2 where run_id = $1
             returning json_array(lost, (select count(*) from submission other
                 where other.run_id <> $1 and other.lost_at > $3))",
};
const FAIL: Sql = Sql {
    postgres: "update run set state = 'failed', started_at = coalesce(started_at, $2::timestamptz),
                   finished_at = $2::timestamptz, exit_status = 2, message = $3
               where id = $1 and state = 'queued'",
    sqlite: "update run set state = 'failed', started_at = coalesce(started_at, $2), finished_at = $2, exit_status = 2,
                 message = $3
             where id = $1 and state = 'queued'",
};

impl Store {
    /// Gives a claimed run back, to be begun again, not before a moment; `false` when it is not ours any more.
    pub async fn give_back(
        &self,
        attempt: Attempt,
        not_before: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        self.pool.run(async |connection| give_back(connection, attempt, not_before).await).await
    }
}

/// Gives a run back, to be begun again at once or not before a moment; `false` when it is another attempt's by now.
async fn give_back(
    connection: &mut Connection,
    attempt: Attempt,
    not_before: Option<Timestamp>,
) -> Result<bool, StoreError> {
    connection
        .transaction(async |connection| {
            let values = [attempt.run.0.into(), attempt.number.into()];
            if connection.execute("give a run back", GIVE_BACK, &values).await? != 1 {
                return Ok(false);
            }
            if let Some(at) = not_before {
                put_off(connection, attempt.run, at).await?;
            }
            run::free(connection, attempt.run).await?;
            ring(connection).await?;
            Ok(true)
        })
        .await
}

async fn put_off(connection: &mut Connection, run: RunId, until: Timestamp) -> Result<(), StoreError> {
    let until = moment(until);
    connection.execute("put a run off", LATER, &[run.0.into(), (&until).into()]).await.map(drop)
}

/// How often a run has lost its worker, and how many others did of late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
struct Lost(i64, i64);

impl Lost {
    const fn is_too_often(self) -> bool {
        let Self(lost, others) = self;
        lost >= if others > lost { LOST_AMONG_OTHERS_MAX } else { LOST_MAX }
    }

    /// Before it is begun again.
    fn pause(self) -> SignedDuration {
        let at = usize::try_from(self.0 - 1).unwrap_or_default().min(LOST_PAUSES.len() - 1);
        SignedDuration::from_secs(LOST_PAUSES[at])
    }
}

async fn lose(connection: &mut Connection, run: RunId, now: Timestamp) -> Result<Lost, StoreError> {
    let since = now.saturating_sub(SignedDuration::from_mins(LOST_MINUTES)).unwrap_or(Timestamp::MIN);
    let (now, since) = (moment(now), moment(since));
    let values = [run.0.into(), (&now).into(), (&since).into()];
    let lost: Option<Lost> = connection.row("count a lost worker", LOSE, &values).await?;
    Ok(lost.unwrap_or(Lost(LOST_AMONG_OTHERS_MAX, 0)))
}

/// The worker of an attempt gives no sign of life any more: the run waits again, or has failed for good.
pub(in crate::store) async fn lost(
    connection: &mut Connection,
    attempt: Attempt,
    now: Timestamp,
) -> Result<(), StoreError> {
    connection
        .transaction(async |connection| {
            // Under the number of the attempt, as all that is written for it: who has finished meanwhile has finished.
            let values = [attempt.run.0.into(), attempt.number.into()];
            if connection.execute("take a run from a lost worker", GIVE_BACK, &values).await? != 1 {
                return Ok(());
            }
            let lost = lose(connection, attempt.run, now).await?;
            if lost.is_too_often() {
                return fail(connection, attempt.run, lost, now).await;
            }
            put_off(connection, attempt.run, now.saturating_add(lost.pause()).unwrap_or(now)).await?;
            run::free(connection, attempt.run).await?;
            ring(connection).await
        })
        .await
}

async fn fail(
    connection: &mut Connection,
    run: RunId,
    Lost(lost, _): Lost,
    now: Timestamp,
) -> Result<(), StoreError> {
    let now = moment(now);
    let message = format!(
        "took its worker down {lost} times and is not tried again: look at the logs and the memory of the workers, \
         mend what is wrong there or in the feed, and submit it again"
    );
    connection.execute("give up a run", FAIL, &[run.0.into(), (&now).into(), (&message).into()]).await?;
    end(connection, run, Acceptance::Failed, None).await?;
    run::free(connection, run).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(lost: i64, others: i64, too_often: bool) {
        assert_eq!(Lost(lost, others).is_too_often(), too_often, "{lost} times, {others} others");
    }

    #[test]
    fn lost_max() {
        case(LOST_MAX - 1, 0, false);
        case(LOST_MAX, 0, true);
        case(LOST_MAX, LOST_MAX, true);
    }

    #[test]
    fn a_run_is_not_to_blame_when_others_lose_their_workers_too() {
        case(LOST_MAX, LOST_MAX + 1, false);
        case(10, 11, false);
        case(10, 10, true);
        case(LOST_AMONG_OTHERS_MAX - 1, 100, false);
        case(LOST_AMONG_OTHERS_MAX, 100, true);
    }

    #[test]
    fn the_more_often_the_later_it_is_begun_again() {
        assert_eq!([1, 2, 3, 9].map(|lost| Lost(lost, 9).pause().as_secs()), [2, 5, 10, 10]);
    }
}

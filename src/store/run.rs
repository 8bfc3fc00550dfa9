//! Runs: begun with a lease, kept alive by a heartbeat, ended with a state, or taken over.
//!
//! ```text
//!  queued ──▶ running ──▶ succeeded   nothing refused, no error
//!    ▲           ├──────▶ deviations  done, and something was refused
//!    │           ├──────▶ held        done, and a feed waits for somebody to decide
//!    │           ├──────▶ failed      could not be done, or not all of it: what could not be read changed nothing
//!    │           ├──────▶ cancelled   a signal ended it: what was not read whole by then was dropped
//!    │           ├──────▶ killed      no sign of life: noticed by a later run
//!    └───────────┘ one that was submitted is begun again instead, by another attempt (`submission`)
//! ```
//!
//! What is written for a run is written by an [`Attempt`] at it, and holds only while that is the one under way.

use super::Store;
use super::connection::Connection;
use super::error::StoreError;
use super::owner::Owner;
use super::sql::Sql;
use super::submission;
use super::waiting;
use crate::judgement::Acceptance;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Number of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub i64);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A run as one worker has begun it. Runs of commands are begun once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Attempt {
    /// The run.
    pub run: RunId,
    /// How often it has been begun, this time included.
    pub number: i64,
}

impl From<RunId> for Attempt {
    fn from(run: RunId) -> Self {
        Self { run, number: 1 }
    }
}

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// Its turn has not come.
    Queued,
    /// Somebody works on it.
    Running,
    /// Done, nothing wrong.
    Succeeded,
    /// Done, with findings at error severity.
    Deviations,
    /// Could not be done.
    Failed,
    /// Done, and a feed waits for somebody to decide.
    Held,
    /// A signal ended it before its time.
    Cancelled,
    /// Its program ended without a word.
    Killed,
}

impl RunState {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Queued,
        Self::Running,
        Self::Succeeded,
        Self::Deviations,
        Self::Failed,
        Self::Held,
        Self::Cancelled,
        Self::Killed,
    ];

    /// Whether nothing more will come of it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }

    /// How a run ends that came to this.
    pub(super) const fn of(acceptance: Acceptance) -> Self {
        match acceptance {
            Acceptance::Accepted => Self::Succeeded,
            Acceptance::NotFullyChecked | Acceptance::Deviations => Self::Deviations,
            Acceptance::Held => Self::Held,
            Acceptance::Failed => Self::Failed,
            Acceptance::Cancelled => Self::Cancelled,
        }
    }

    /// The state as the tables write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Deviations => "deviations",
            Self::Failed => "failed",
            Self::Held => "held",
            Self::Cancelled => "cancelled",
            Self::Killed => "killed",
        }
    }
}

impl fmt::Display for RunState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What became of records, exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Bytes read, decompressed.
    pub bytes: u64,
    /// Records read.
    pub records: u64,
    /// Products that were not there.
    pub inserted: u64,
    /// Products that changed, among them those that came back.
    pub updated: u64,
    /// Products already there just so, and withdrawals of what is not there.
    pub unchanged: u64,
    /// Products withdrawn.
    pub withdrawn: u64,
    /// Records refused.
    pub refused: u64,
    /// Records that were passed over, because a newer version was there.
    pub stale: u64,
    /// Findings at severity notice.
    pub notices: u64,
    /// Findings at severity warning.
    pub warnings: u64,
    /// Findings at severity error.
    pub errors: u64,
    /// Findings at severity fatal.
    pub fatals: u64,
}

impl Counts {
    /// Adds another feed's counts.
    pub fn merge(&mut self, other: &Self) {
        self.bytes += other.bytes;
        self.records += other.records;
        self.inserted += other.inserted;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.withdrawn += other.withdrawn;
        self.refused += other.refused;
        self.stale += other.stale;
        self.notices += other.notices;
        self.warnings += other.warnings;
        self.errors += other.errors;
        self.fatals += other.fatals;
    }

    /// Rows of `product` that changed.
    #[must_use]
    pub fn changed(&self) -> u64 {
        self.inserted + self.updated + self.withdrawn
    }
}

/// A run, as a person or a client sees it. Moments are UTC, `2026-11-23T04:03:51.123Z`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunView {
    /// Its number.
    pub id: RunId,
    /// How it stands.
    pub state: RunState,
    /// When it began; nothing while it is queued.
    pub started_at: Option<String>,
    /// When it ended.
    pub finished_at: Option<String>,
    /// What it came to.
    #[serde(rename = "exit_status")]
    pub acceptance: Option<Acceptance>,
    /// Why it failed.
    pub message: Option<String>,
    /// The run that it rolled back.
    #[serde(default)]
    pub rolls_back: Option<RunId>,
    /// The run that rolled it back.
    #[serde(default)]
    pub rolled_back_by: Option<RunId>,
    /// Trace it belongs to.
    pub trace_id: Option<String>,
    /// Feeds read.
    pub feeds: u64,
    /// What became of the records.
    pub counts: Counts,
}

/// How a run ends.
#[derive(Clone, Copy, Debug)]
pub struct RunEnd<'a> {
    /// What it came to.
    pub acceptance: Acceptance,
    /// Why it failed.
    pub message: Option<&'a str>,
    /// What it came to in full, JSON; kept with a submission.
    pub summary: Option<&'a str>,
}

impl Store {
    /// Begins a run that is ours until `lease_until`, after marking as killed those that nobody works on
    /// any more.
    pub async fn begin_run(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
        trace_id: Option<&str>,
    ) -> Result<RunId, StoreError> {
        let begin = async |connection: &mut Connection| {
            take_over(connection, now).await?;
            begin(connection, now, lease_until, trace_id).await
        };
        let database = self.pool.url().to_string();
        waiting::patiently("the right to write", &database, self.pool.run(begin)).await
    }

    /// Extends the lease of a run; fails when another run has taken over.
    pub async fn heartbeat(
        &self,
        attempt: impl Into<Attempt>,
        lease_until: Timestamp,
    ) -> Result<(), StoreError> {
        let attempt = attempt.into();
        self.pool.run(async |connection| extend(connection, attempt, lease_until).await).await
    }

    /// Takes runs from those who give no sign of life any more: submitted ones wait again, or have failed after
    /// [`LOST_MAX`](super::LOST_MAX) times; the others were killed.
    pub async fn take_over(&self, now: Timestamp) -> Result<(), StoreError> {
        self.pool.run(async |connection| take_over(connection, now).await).await
    }

    /// The newest runs, newest first.
    pub async fn runs(&self, limit: u32) -> Result<Vec<RunView>, StoreError> {
        self.pool.run(async |connection| list(connection, limit).await).await
    }

    /// How many runs there are.
    pub async fn run_count(&self) -> Result<u64, StoreError> {
        let counted = self.pool.run(async |connection| connection.row("count runs", COUNT, &[]).await);
        Ok(counted.await?.unwrap_or_default())
    }

    /// One run.
    pub async fn run(&self, run: RunId) -> Result<Option<RunView>, StoreError> {
        self.pool.run(async |connection| show(connection, run).await).await
    }
}

/// A moment as both databases read it.
pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

const ALIVE: Sql = Sql {
    postgres: "select json_build_array(id, attempt, lease_owner, lease_until < $1::timestamptz,
                   exists (select 1 from submission s where s.run_id = run.id))::text
               from run where state = 'running'",
    sqlite: "select json_array(id, attempt, lease_owner, iif(lease_until < $1, json('true'), json('false')),
                 iif(exists (select 1 from submission s where s.run_id = run.id), json('true'), json('false')))
             from run where state = 'running'",
};
const MARK_KILLED: Sql = Sql {
    postgres: "update run set state = 'killed', finished_at = $3::timestamptz,
                   message = 'gave no sign of life and was taken over'
               where id = $1 and attempt = $2 and state = 'running'",
    sqlite: "update run set state = 'killed', finished_at = $3,
                 message = 'gave no sign of life and was taken over'
             where id = $1 and attempt = $2 and state = 'running'",
};
const BEGIN: Sql = Sql {
    postgres: "insert into run (started_at, state, lease_owner, lease_until, trace_id)
               values ($1::timestamptz, 'running', $2, $3::timestamptz, $4) returning id::text",
    sqlite: "insert into run (started_at, state, lease_owner, lease_until, trace_id)
             values ($1, 'running', $2, $3, $4) returning cast(id as text)",
};
const EXTEND: Sql = Sql {
    postgres: "update run set lease_until = $3::timestamptz where id = $1 and attempt = $2 and state = 'running'",
    sqlite: "update run set lease_until = $3 where id = $1 and attempt = $2 and state = 'running'",
};
const FREE_LEASES: Sql = Sql::both("delete from lease where run_id = $1");
/// How many there are.
const COUNT: Sql = Sql {
    postgres: "select count(*)::text from run where true",
    sqlite: "select cast(count(*) as text) from run where true",
};
const SHOW: Sql = Sql {
    postgres: "select json_build_object('id', id, 'state', state,
            'started_at', to_char(started_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
            'finished_at', to_char(finished_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
            'exit_status', exit_status, 'message', message, 'trace_id', trace_id, 'feeds', feeds,
            'rolls_back', rolls_back, 'rolled_back_by', rolled_back_by,
            'counts', json_build_object('bytes', bytes, 'records', records, 'inserted', inserted,
                'updated', updated, 'unchanged', unchanged, 'withdrawn', withdrawn, 'refused', refused, 'stale', stale,
                'notices', notices, 'warnings', warnings, 'errors', errors, 'fatals', fatals))::text
         from run where $1::bigint = 0 or id = $1::bigint order by id desc limit $2",
    sqlite:
        "select json_object('id', id, 'state', state, 'started_at', started_at, 'finished_at', finished_at,
            'exit_status', exit_status, 'message', message, 'trace_id', trace_id, 'feeds', feeds,
            'rolls_back', rolls_back, 'rolled_back_by', rolled_back_by,
            'counts', json_object('bytes', bytes, 'records', records, 'inserted', inserted,
                'updated', updated, 'unchanged', unchanged, 'withdrawn', withdrawn, 'refused', refused, 'stale', stale,
                'notices', notices, 'warnings', warnings, 'errors', errors, 'fatals', fatals))
         from run where $1 = 0 or id = $1 order by id desc limit $2",
};

/// Takes runs from those who do not work on them any more: what was submitted is begun again, the others were killed.
async fn take_over(connection: &mut Connection, now: Timestamp) -> Result<(), StoreError> {
    for (attempt, is_submitted) in gone(connection, now).await? {
        if is_submitted {
            submission::lost(connection, attempt, now).await?;
        } else {
            let now = moment(now);
            let values = [attempt.run.0.into(), attempt.number.into(), (&now).into()];
            connection.execute("mark a killed run", MARK_KILLED, &values).await?;
        }
    }
    Ok(())
}

/// Runs that are said to be running and that nobody works on any more.
pub(super) async fn dead(connection: &mut Connection, now: Timestamp) -> Result<Vec<RunId>, StoreError> {
    Ok(gone(connection, now).await?.into_iter().map(|(attempt, _)| attempt.run).collect())
}

/// The same, with whether they were submitted.
async fn gone(connection: &mut Connection, now: Timestamp) -> Result<Vec<(Attempt, bool)>, StoreError> {
    let now = moment(now);
    let running: Vec<(RunId, i64, String, bool, bool)> =
        connection.rows("list running runs", ALIVE, &[(&now).into()]).await?;
    let gone = running.into_iter().filter(|(.., owner, expired, _)| *expired || Owner::is_gone(owner));
    Ok(gone.map(|(run, number, .., is_submitted)| (Attempt { run, number }, is_submitted)).collect())
}

/// Begins a run that is ours until `lease_until`.
async fn begin(
    connection: &mut Connection,
    now: Timestamp,
    lease_until: Timestamp,
    trace_id: Option<&str>,
) -> Result<RunId, StoreError> {
    let (now, until, owner) = (moment(now), moment(lease_until), Owner::current().to_string());
    let values = [(&now).into(), (&owner).into(), (&until).into(), trace_id.into()];
    let id: Option<i64> = connection.row("begin a run", BEGIN, &values).await?;
    Ok(RunId(id.expect("an insert that returns gives back its row")))
}

/// Extends the lease; fails when another run has taken over.
pub(super) async fn extend(
    connection: &mut Connection,
    attempt: Attempt,
    lease_until: Timestamp,
) -> Result<(), StoreError> {
    let until = moment(lease_until);
    let values = [attempt.run.0.into(), attempt.number.into(), (&until).into()];
    let held = connection.execute("extend the lease", EXTEND, &values).await?;
    if held == 1 { Ok(()) } else { Err(StoreError::LeaseLost { run: attempt.run.0 }) }
}

/// Frees the sources of a run that nobody works on.
pub(super) async fn free(connection: &mut Connection, run: RunId) -> Result<(), StoreError> {
    connection.execute("free the sources of the run", FREE_LEASES, &[run.0.into()]).await.map(drop)
}

/// The newest runs, newest first.
async fn list(connection: &mut Connection, limit: u32) -> Result<Vec<RunView>, StoreError> {
    connection.rows("list runs", SHOW, &[0.into(), i64::from(limit).into()]).await
}

/// One run.
async fn show(connection: &mut Connection, run: RunId) -> Result<Option<RunView>, StoreError> {
    connection.row("show a run", SHOW, &[run.0.into(), 1.into()]).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_to_the_millisecond() {
        let at = Timestamp::from_millisecond(1_795_406_631_007).expect("a moment in range");
        assert_eq!(moment(at), "2026-11-23T04:03:51.007Z");
    }

    #[test]
    fn states_are_named_as_serde_names_them() {
        for state in RunState::ALL {
            assert_eq!(serde_json::to_value(state).expect("an enum is a string"), state.as_str());
        }
    }
}

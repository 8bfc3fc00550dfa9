//! What the records of a source look like that were applied, run by run; which drifts from that were called expected.
//!
//! Invariant: of each source and format the last [`STRUCTURES_KEPT_MAX`] runs that stand have a profile. It is written
//! in the transaction that applies what it was gathered from, which removes older ones.

use super::Store;
use super::audit::{self, AuditAction, Decision};
use super::connection::{Connection, Parameter};
use super::error::StoreError;
use super::row;
use super::run::{self, RunId};
use super::sql::Sql;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Runs of each source and format whose profile is kept. Twice as many as a baseline needs of one kind of record: not
/// every run has records of each.
pub const STRUCTURES_KEPT_MAX: u32 = 40;

/// What a run applied of one source and format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Structure {
    /// The sender.
    pub source: String,
    /// Format and version.
    pub format: String,
    /// Feeds it was gathered from, all that the run has applied so far.
    pub feeds: u64,
    /// Records in them.
    pub records: u64,
    /// The profile, packed.
    pub packed: Vec<u8>,
}

/// The profile of an earlier run that stands. The moment is UTC, `2026-11-23T04:03:51.123Z`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierStructure {
    /// The run.
    pub run: RunId,
    /// When it began.
    pub started_at: String,
    /// Feeds it was gathered from.
    pub feeds: u64,
    /// Records in them.
    pub records: u64,
    /// The profile, packed.
    pub packed: Vec<u8>,
}

/// A drift that was called expected. The moment is UTC, `2026-11-23T04:03:51.123Z`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftAcceptance {
    /// What the records ask for; empty for all kinds.
    pub kind: String,
    /// The path; empty for all of the kind's.
    pub path: String,
    /// The first run that counts for what is usual there.
    pub since: RunId,
    /// Who said so.
    pub who: String,
    /// When.
    pub accepted_at: String,
}

/// Whose profiles there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StructureView {
    /// The sender.
    pub source: String,
    /// Format and version.
    pub format: String,
    /// Runs with a profile.
    pub runs: u64,
    /// The oldest of them.
    pub first: RunId,
    /// The newest.
    pub last: RunId,
}

/// What is called expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpectedDrifts<'a> {
    /// The sender.
    pub source: &'a str,
    /// Format and version.
    pub format: &'a str,
    /// What records ask for, empty for all kinds, and a path; an empty one is for all of the kind's, so that learning
    /// begins anew.
    pub paths: &'a [(&'a str, &'a str)],
    /// The first run that counts.
    pub since: RunId,
}

#[derive(Deserialize)]
struct Row {
    run: RunId,
    started_at: String,
    feeds: u64,
    records: u64,
    packed: String,
}

#[derive(Deserialize)]
struct OfRun {
    source: String,
    format: String,
    feeds: u64,
    records: u64,
    packed: String,
}

/// `$1` run, `$2` source, `$3` format, `$4` feeds, `$5` records, `$6` profile.
const KEEP: Sql = Sql::both(
    "insert into structure_profile (run_id, source, format, feeds, records, packed)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (run_id, source, format)
         do update set feeds = excluded.feeds, records = excluded.records, packed = excluded.packed",
);
/// `$1` source, `$2` format, `$3` how many are kept.
const PRUNE: Sql = Sql::both(
    "delete from structure_profile where source = $1 and format = $2 and run_id < (
         select min(run_id) from (
             select p.run_id from structure_profile p join run r on r.id = p.run_id
             where p.source = $1 and p.format = $2 and r.rolled_back_by is null
             order by p.run_id desc limit $3) as last)",
);
/// `$1` source, `$2` format, `$3` the run that they come before, `$4` limit.
const EARLIER: Sql = Sql {
    postgres: "select json_build_object('run', p.run_id,
            'started_at', to_char(r.started_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
            'feeds', p.feeds, 'records', p.records, 'packed', encode(p.packed, 'hex'))::text
        from structure_profile p join run r on r.id = p.run_id
        where p.source = $1 and p.format = $2 and p.run_id < $3 and r.rolled_back_by is null
        order by p.run_id desc limit $4",
    sqlite: "select json_object('run', p.run_id, 'started_at', r.started_at, 'feeds', p.feeds, 'records', p.records,
            'packed', hex(p.packed))
        from structure_profile p join run r on r.id = p.run_id
        where p.source = $1 and p.format = $2 and p.run_id < $3 and r.rolled_back_by is null
        order by p.run_id desc limit $4",
};
/// `$1` run, `$2` source, or null for all; `$3` format, or null for all.
const OF_RUN: Sql = Sql {
    postgres:
        "select json_build_object('source', source, 'format', format, 'feeds', feeds, 'records', records,
            'packed', encode(packed, 'hex'))::text
        from structure_profile
        where run_id = $1 and ($2::text is null or source = $2) and ($3::text is null or format = $3)
        order by source, format",
    sqlite: "select json_object('source', source, 'format', format, 'feeds', feeds, 'records', records,
            'packed', hex(packed))
        from structure_profile
        where run_id = $1 and ($2 is null or source = $2) and ($3 is null or format = $3)
        order by source, format",
};
/// `$1` source, or null for all; `$2` limit.
const LIST: Sql = Sql {
    postgres: "select json_build_object('source', p.source, 'format', p.format, 'runs', count(*),
            'first', min(p.run_id), 'last', max(p.run_id))::text
        from structure_profile p join run r on r.id = p.run_id
        where ($1::text is null or p.source = $1) and r.rolled_back_by is null
        group by p.source, p.format order by p.source, p.format limit $2",
    sqlite: "select json_object('source', p.source, 'format', p.format, 'runs', count(*),
            'first', min(p.run_id), 'last', max(p.run_id))
        from structure_profile p join run r on r.id = p.run_id
        where ($1 is null or p.source = $1) and r.rolled_back_by is null
        group by p.source, p.format order by p.source, p.format limit $2",
};
/// `$1` source, `$2` format.
const ACCEPTED: Sql = Sql {
    postgres: "select json_build_object('kind', kind, 'path', path, 'since', since, 'who', who,
            'accepted_at', to_char(accepted_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'))::text
        from drift_acceptance where source = $1 and format = $2 order by kind, path",
    sqlite: "select json_object('kind', kind, 'path', path, 'since', since, 'who', who, 'accepted_at', accepted_at)
        from drift_acceptance where source = $1 and format = $2 order by kind, path",
};
/// `$1` source, `$2` format, `$3` kind, `$4` path, `$5` run, `$6` who, `$7` now.
const ACCEPT: Sql = Sql {
    postgres: "insert into drift_acceptance (source, format, kind, path, since, who, accepted_at)
        values ($1, $2, $3, $4, $5, $6, $7::timestamptz)
        on conflict (source, format, kind, path)
            do update set since = excluded.since, who = excluded.who, accepted_at = excluded.accepted_at",
    sqlite: "insert into drift_acceptance (source, format, kind, path, since, who, accepted_at)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (source, format, kind, path)
            do update set since = excluded.since, who = excluded.who, accepted_at = excluded.accepted_at",
};
/// What was accepted below goes with it: `$1` source, `$2` format, `$3` kind or empty.
const SUPERSEDED: Sql = Sql::both(
    "delete from drift_acceptance where source = $1 and format = $2 and path <> '' and ($3 = '' or kind = $3)",
);
/// `$1` source, `$2` format: acceptances of it.
const ACCEPTANCES_OF: Sql = Sql {
    postgres: "select count(*)::text from drift_acceptance where source = $1 and format = $2",
    sqlite: "select cast(count(*) as text) from drift_acceptance where source = $1 and format = $2",
};

/// Acceptances of one source and format; more are refused, as nobody reads them: begin anew instead.
pub const ACCEPTANCES_MAX: u64 = 1_000;

impl Store {
    /// Profiles of runs that stand, the newest first, all before this run; [`STRUCTURES_KEPT_MAX`] at most.
    pub async fn structures(
        &self,
        source: &str,
        format: &str,
        before: Option<RunId>,
    ) -> Result<Vec<EarlierStructure>, StoreError> {
        self.pool.run(async |connection| earlier(connection, source, format, before).await).await
    }

    /// What a run has applied, by source and format; nothing when its profiles are not kept any more.
    pub async fn structures_of_run(&self, run: RunId) -> Result<Vec<Structure>, StoreError> {
        self.pool.run(async |connection| of_run(connection, run, None).await).await
    }

    /// Of which sources and formats there are profiles, by name.
    pub async fn structures_of(
        &self,
        source: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StructureView>, StoreError> {
        let values = [source.into(), i64::from(limit).into()];
        self.pool.run(async |connection| connection.rows("list baselines", LIST, &values).await).await
    }

    /// The drifts of a source that were called expected.
    pub async fn accepted_drifts(
        &self,
        source: &str,
        format: &str,
    ) -> Result<Vec<DriftAcceptance>, StoreError> {
        self.pool.run(async |connection| accepted(connection, source, format).await).await
    }

    /// Calls drifts expected: what is usual there is learned anew. `false`, and nothing is done, when there would be
    /// more than [`ACCEPTANCES_MAX`].
    pub async fn accept_drifts(
        &self,
        expected: ExpectedDrifts<'_>,
        now: Timestamp,
        decision: &Decision,
    ) -> Result<bool, StoreError> {
        self.pool.run(async |connection| accept(connection, expected, now, decision).await).await
    }
}

/// The same within a session.
pub(super) async fn earlier(
    connection: &mut Connection,
    source: &str,
    format: &str,
    before: Option<RunId>,
) -> Result<Vec<EarlierStructure>, StoreError> {
    let before = before.map_or(i64::MAX, |run| run.0);
    let values: [Parameter<'_>; 4] =
        [source.into(), format.into(), before.into(), i64::from(STRUCTURES_KEPT_MAX).into()];
    let rows: Vec<Row> = connection.rows("look up what is usual", EARLIER, &values).await?;
    Ok(rows.into_iter().map(Row::read).collect())
}

/// What a run has applied so far, all of it or of one source and format.
pub(super) async fn of_run(
    connection: &mut Connection,
    run: RunId,
    of: Option<(&str, &str)>,
) -> Result<Vec<Structure>, StoreError> {
    let (source, format) = of.unzip();
    let values: [Parameter<'_>; 3] = [run.0.into(), source.into(), format.into()];
    let rows: Vec<OfRun> = connection.rows("look up what a run applied", OF_RUN, &values).await?;
    let read = |OfRun { source, format, feeds, records, packed }| {
        let packed = row::from_hex(&packed).unwrap_or_default();
        Structure { source, format, feeds, records, packed }
    };
    Ok(rows.into_iter().map(read).collect())
}

impl Row {
    fn read(self) -> EarlierStructure {
        let Self { run, started_at, feeds, records, packed } = self;
        // Bytes that the database itself has written as digits.
        let packed = row::from_hex(&packed).unwrap_or_default();
        EarlierStructure { run, started_at, feeds, records, packed }
    }
}

/// The same within a session.
pub(super) async fn accepted(
    connection: &mut Connection,
    source: &str,
    format: &str,
) -> Result<Vec<DriftAcceptance>, StoreError> {
    let values = [source.into(), format.into()];
    connection.rows("look up which drifts are expected", ACCEPTED, &values).await
}

/// Keeps what a run has applied, within the transaction that does.
pub(super) async fn keep(
    connection: &mut Connection,
    run: RunId,
    structures: &[Structure],
) -> Result<(), StoreError> {
    let int = |value: u64| Parameter::Int(i64::try_from(value).unwrap_or(i64::MAX));
    for each in structures {
        let Structure { source, format, feeds, records, packed } = each;
        let values = [
            run.0.into(),
            source.into(),
            format.into(),
            int(*feeds),
            int(*records),
            Parameter::Bytes(packed.as_slice()),
        ];
        connection.execute("keep what is usual", KEEP, &values).await?;
        let kept = [source.into(), format.into(), i64::from(STRUCTURES_KEPT_MAX).into()];
        connection.execute("forget what was usual", PRUNE, &kept).await?;
    }
    Ok(())
}

async fn accept(
    connection: &mut Connection,
    expected: ExpectedDrifts<'_>,
    now: Timestamp,
    decision: &Decision,
) -> Result<bool, StoreError> {
    let now = run::moment(now);
    let work = async |connection: &mut Connection| {
        let ExpectedDrifts { source, format, paths, .. } = expected;
        let there: Option<u64> =
            connection.row("count expected drifts", ACCEPTANCES_OF, &[source.into(), format.into()]).await?;
        if there.unwrap_or(0) + paths.len() as u64 > ACCEPTANCES_MAX && !paths.contains(&("", "")) {
            return Ok(false);
        }
        for &at in paths {
            accept_one(connection, expected, at, &now, decision).await?;
        }
        Ok(true)
    };
    connection.transaction(work).await
}

async fn accept_one(
    connection: &mut Connection,
    expected: ExpectedDrifts<'_>,
    (kind, path): (&str, &str),
    now: &str,
    decision: &Decision,
) -> Result<(), StoreError> {
    let ExpectedDrifts { source, format, since, paths: _ } = expected;
    if path.is_empty() {
        let values = [source.into(), format.into(), kind.into()];
        connection.execute("forget drifts that were expected", SUPERSEDED, &values).await?;
    }
    let values = [
        source.into(),
        format.into(),
        kind.into(),
        path.into(),
        since.0.into(),
        decision.who().into(),
        now.into(),
    ];
    connection.execute("call a drift expected", ACCEPT, &values).await?;
    let action = if path.is_empty() { AuditAction::BaselineReset } else { AuditAction::BaselineAccept };
    let what: Vec<&str> = [format, kind, path].into_iter().filter(|part| !part.is_empty()).collect();
    audit::write(connection, now, decision, action, what.join(" "), Some(source)).await
}

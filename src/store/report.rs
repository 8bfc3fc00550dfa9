//! Reports of runs, packed, as long as they are kept.

use super::Store;
use super::chunk::{ChunkError, Chunks};
use super::connection::Connection;
use super::error::StoreError;
use super::run::{self, Attempt, RunId};
use super::sql::Sql;
use super::{row, transaction};
use jiff::Timestamp;
use std::fs::File;
use std::io::Write;

/// A report to keep.
#[derive(Debug)]
pub struct PackedReport {
    /// Its form: `json`, `html`, …
    pub form: String,
    /// Its bytes, packed by zstd; a report of none is not kept.
    pub bytes: PackedBytes,
}

/// Packed bytes on their way into the database.
#[derive(Debug)]
pub enum PackedBytes {
    /// At hand; at most [`CHUNK_BYTES`](super::CHUNK_BYTES).
    Memory(Vec<u8>),
    /// In a file.
    File(File),
}

/// The key is run and form; to forget, the run alone.
const CHUNKS: Chunks = Chunks {
    insert: Sql::both("insert into run_report (run_id, form, position, bytes) values ($1, $2, $3, $4)"),
    read: Sql {
        postgres: "select to_json(encode(bytes, 'hex'))::text
                   from run_report where run_id = $1 and form = $2 and position = $3",
        sqlite: "select json_quote(hex(bytes)) from run_report where run_id = $1 and form = $2 and position = $3",
    },
    forget: Sql::both("delete from run_report where run_id = $1"),
};
/// `$1` run, `$2` an array of `[form, bytes in hexadecimal]`.
const INSERT: Sql = Sql {
    postgres: "insert into run_report (run_id, form, position, bytes)
               select $1, e->>0, 0, decode(e->>1, 'hex') from jsonb_array_elements($2::jsonb) e",
    sqlite: "insert into run_report (run_id, form, position, bytes)
             select $1, value->>0, 0, unhex(value->>1) from json_each($2)",
};
const FORMS: Sql = Sql {
    postgres: "select to_json(form)::text from run_report where run_id = $1 and position = 0 order by form",
    sqlite: "select json_quote(form) from run_report where run_id = $1 and position = 0 order by form",
};
/// `$1` moment, `$2` how many runs: those of the lowest numbers.
const OLD: Sql = Sql {
    postgres: "select p.run_id::text from run_report p join run r on r.id = p.run_id
               where r.finished_at < $1::timestamptz group by p.run_id order by p.run_id limit $2",
    sqlite: "select cast(p.run_id as text) from run_report p join run r on r.id = p.run_id
             where r.finished_at < $1 group by p.run_id order by p.run_id limit $2",
};

impl Store {
    /// Keeps the reports of a run, in place of all that are there; fails when this attempt does not run any more.
    pub async fn write_reports(&self, attempt: Attempt, reports: &[PackedReport]) -> Result<(), StoreError> {
        self.pool.run(async |connection| write(connection, attempt, reports).await).await
    }

    /// Hands over a report, packed by zstd; gives back how many bytes it has, 0 when there is none.
    pub async fn report(
        &self,
        run: RunId,
        form: &str,
        out: &mut (impl Write + Send),
    ) -> Result<u64, StoreError> {
        self.pool.run(async |connection| read(connection, run, form, out).await).await
    }

    /// Forms of the reports of a run that are kept.
    pub async fn report_forms(&self, run: RunId) -> Result<Vec<String>, StoreError> {
        self.pool.run(async |connection| forms(connection, run).await).await
    }

    /// Removes the reports of runs that ended before a moment, of at most so many runs; says of how many.
    pub async fn forget_reports(&self, before: Timestamp, runs_max: u32) -> Result<u64, StoreError> {
        self.pool.run(async |connection| forget_old(connection, before, runs_max).await).await
    }
}

/// Keeps the reports of a run in place of all that an earlier attempt left, while this attempt runs.
async fn write(
    connection: &mut Connection,
    attempt: Attempt,
    reports: &[PackedReport],
) -> Result<(), StoreError> {
    let run = attempt.run;
    transaction::within_attempt(connection, attempt, async |connection| {
        CHUNKS.forget(connection, &[run.0.into()]).await?;
        insert(connection, run, reports).await
    })
    .await
}

/// Keeps the reports of a run that has none; those that are at hand by one statement.
pub(super) async fn insert(
    connection: &mut Connection,
    run: RunId,
    reports: &[PackedReport],
) -> Result<(), StoreError> {
    let mut at_hand = Vec::new();
    for PackedReport { form, bytes } in reports {
        match bytes {
            PackedBytes::Memory(bytes) if bytes.is_empty() => {}
            PackedBytes::Memory(bytes) => {
                at_hand.push((form, row::to_hex(bytes)));
            }
            PackedBytes::File(file) => {
                let written = CHUNKS.write(connection, &[run.0.into(), form.into()], file).await;
                written.map_err(|error| failed(run, error))?;
            }
        }
    }
    if at_hand.is_empty() {
        return Ok(());
    }
    let rows = serde_json::to_string(&at_hand).expect("texts are JSON");
    connection.execute("keep reports", INSERT, &[run.0.into(), (&rows).into()]).await.map(drop)
}

/// Hands over a report, packed; gives back how many bytes it has, 0 when there is none.
async fn read(
    connection: &mut Connection,
    run: RunId,
    form: &str,
    out: &mut (impl Write + Send),
) -> Result<u64, StoreError> {
    let read = CHUNKS.read(connection, &[run.0.into(), form.into()], out).await;
    read.map_err(|error| failed(run, error))
}

fn failed(run: RunId, error: ChunkError) -> StoreError {
    error.of(|source| StoreError::PackedBytes { what: "the report of run", id: run.0, source })
}

/// Forms of the reports of a run that are kept.
async fn forms(connection: &mut Connection, run: RunId) -> Result<Vec<String>, StoreError> {
    connection.rows("list the reports of a run", FORMS, &[run.0.into()]).await
}

/// Removes the reports of runs that ended before a moment, of at most so many runs; says of how many.
async fn forget_old(
    connection: &mut Connection,
    before: Timestamp,
    runs_max: u32,
) -> Result<u64, StoreError> {
    let before = run::moment(before);
    let values = [(&before).into(), i64::from(runs_max).into()];
    let old: Vec<i64> = connection.rows("look for old reports", OLD, &values).await?;
    for run in &old {
        CHUNKS.forget(connection, &[(*run).into()]).await?;
    }
    Ok(old.len() as u64)
}

//! A run, as it is told.

use super::auth::Caller;
use super::service::Service;
use super::upload::ModeWord;
use super::verdict::Verdict;
use crate::judgement::Acceptance;
use crate::store::{self, RunRecord, RunState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a run stands.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum StateWord {
    /// Its turn has not come.
    Queued,
    /// Somebody works on it.
    Running,
    /// Done, nothing wrong.
    Succeeded,
    /// Done, with findings at error severity, or not checked fully.
    Deviations,
    /// Done, and a feed waits for somebody to decide.
    Held,
    /// Could not be done.
    Failed,
    /// Ended before its time, on request.
    Cancelled,
    /// Its program ended without a word.
    Killed,
}

impl StateWord {
    /// All of them.
    pub(super) const ALL: [Self; 8] = [
        Self::Queued,
        Self::Running,
        Self::Succeeded,
        Self::Deviations,
        Self::Held,
        Self::Failed,
        Self::Cancelled,
        Self::Killed,
    ];

    /// As the tables write it.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Deviations => "deviations",
            Self::Held => "held",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Killed => "killed",
        }
    }
}

impl From<RunState> for StateWord {
    fn from(state: RunState) -> Self {
        match state {
            RunState::Queued => Self::Queued,
            RunState::Running => Self::Running,
            RunState::Succeeded => Self::Succeeded,
            RunState::Deviations => Self::Deviations,
            RunState::Held => Self::Held,
            RunState::Failed => Self::Failed,
            RunState::Cancelled => Self::Cancelled,
            RunState::Killed => Self::Killed,
        }
    }
}

/// Whether nothing more will come of a run in that state.
pub(super) fn is_final(state: &str) -> bool {
    ![StateWord::Queued, StateWord::Running].map(StateWord::as_str).contains(&state)
}

/// A run. Moments are UTC. What was submitted is `null` where a command started it, and when the run has ended so long
/// ago that it is not kept any more; what is told of other sources than the token's own is `null`, too.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!(super::examples::run()))]
pub(super) struct Run {
    /// Its number.
    pub(super) id: i64,
    /// Where it is.
    pub(super) location: String,
    /// How it stands.
    #[schema(value_type = StateWord)]
    pub(super) state: String,
    /// Somebody asked to end it.
    pub(super) cancel_asked: bool,
    /// `import`, `check` or `rollback`.
    pub(super) command: String,
    /// What was asked for with the feed.
    #[schema(value_type = Option<ModeWord>)]
    pub(super) mode: Option<String>,
    /// Who submitted it: name of a token, empty where nobody had to say; told on pages.
    #[serde(skip)]
    pub(super) sent_by: Option<String>,
    /// When it was submitted.
    pub(super) received_at: Option<String>,
    /// When somebody began to work on it.
    pub(super) started_at: Option<String>,
    /// When it ended.
    pub(super) finished_at: Option<String>,
    /// How often it was begun.
    pub(super) attempt: i64,
    /// Whose products the feed brings: as was asked for, or as its header says.
    pub(super) source: Option<String>,
    /// Name of the feed that was submitted.
    pub(super) feed: Option<String>,
    /// The format that was asked for.
    pub(super) format: Option<String>,
    /// Bytes that were submitted.
    pub(super) bytes: Option<u64>,
    /// SHA-256 of them, hexadecimal.
    pub(super) digest: Option<String>,
    /// What it came to, as the program would exit.
    pub(super) exit_status: Option<u8>,
    /// What it came to, in a word.
    pub(super) acceptance: Option<&'static str>,
    /// Why it failed, or was ended.
    pub(super) message: Option<String>,
    /// Trace it belongs to.
    pub(super) trace_id: Option<String>,
    /// Where the trace is shown.
    pub(super) trace_url: Option<String>,
    /// The run that it rolled back.
    pub(super) rolls_back: Option<i64>,
    /// The run that rolled it back.
    pub(super) rolled_back_by: Option<i64>,
    /// Feeds read; of a token that is bound to a source, those of that source.
    pub(super) feeds: u64,
    /// Those that could not be read; told on pages.
    #[serde(skip)]
    pub(super) feeds_unread: u64,
    /// Those that were held; told on pages.
    #[serde(skip)]
    pub(super) feeds_held: u64,
    /// Sources that they are of; told on pages.
    #[serde(skip)]
    pub(super) sources: u64,
    /// The first of them.
    pub(super) read: Vec<RunFeed>,
    /// How far it is.
    pub(super) progress: RunProgress,
    /// What became of the records.
    pub(super) counts: Option<Counts>,
    /// What was checked, and how far.
    pub(super) verdict: Option<Verdict>,
    /// Forms of the reports that are kept: `/v1/runs/{id}/report.FORM`.
    pub(super) reports: Vec<String>,
}

/// A feed that a run has read.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RunFeed {
    /// Its number, also in `/v1/diff`.
    pub(super) id: i64,
    /// The sender.
    pub(super) source: String,
    /// Its name.
    pub(super) feed: String,
    /// Format and version.
    pub(super) format: String,
    /// What became of it.
    pub(super) state: String,
    /// What it came to, in a word.
    pub(super) acceptance: Option<String>,
}

/// How far a run is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RunProgress {
    /// Bytes read, as they were delivered.
    pub(super) bytes: u64,
    /// Bytes to read.
    pub(super) bytes_all: Option<u64>,
    /// Records read.
    pub(super) records: u64,
    /// Records refused.
    pub(super) refused: u64,
}

/// What became of the records of a run, exactly.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Counts {
    /// Bytes read, decompressed.
    pub(super) bytes: u64,
    /// Records read.
    pub(super) records: u64,
    /// Products that were not there.
    pub(super) inserted: u64,
    /// Products that changed.
    pub(super) updated: u64,
    /// Products that were there just so.
    pub(super) unchanged: u64,
    /// Products withdrawn.
    pub(super) withdrawn: u64,
    /// Records refused.
    pub(super) refused: u64,
    /// Records passed over, because a newer version was there.
    pub(super) stale: u64,
    /// Findings at severity notice.
    pub(super) notices: u64,
    /// Findings at severity warning.
    pub(super) warnings: u64,
    /// Findings at severity error.
    pub(super) errors: u64,
    /// Findings at severity fatal.
    pub(super) fatals: u64,
}

impl From<store::Counts> for Counts {
    fn from(counts: store::Counts) -> Self {
        let store::Counts { bytes, records, inserted, updated, unchanged, withdrawn, refused, stale, .. } =
            counts;
        let store::Counts { notices, warnings, errors, fatals, .. } = counts;
        Self {
            bytes,
            records,
            inserted,
            updated,
            unchanged,
            withdrawn,
            refused,
            stale,
            notices,
            warnings,
            errors,
            fatals,
        }
    }
}

impl From<store::RunFeed> for RunFeed {
    fn from(feed: store::RunFeed) -> Self {
        let store::RunFeed { id, source, feed, format, state, acceptance } = feed;
        Self { id, source, feed, format, state, acceptance }
    }
}

/// Takes away what tells of other sources.
fn without_others(record: RunRecord, caller: &Caller) -> RunRecord {
    let came_to = |word: &str| {
        record.read.iter().filter(|feed| feed.acceptance.as_deref() == Some(word)).count() as u64
    };
    let own = record.source.as_ref().is_some_and(|source| caller.0.sees(source));
    RunRecord {
        source: record.source.filter(|_| own),
        feed: record.feed.filter(|_| own),
        digest: record.digest.filter(|_| own),
        bytes: record.bytes.filter(|_| own),
        feeds: record.read.len() as u64,
        feeds_unread: came_to("failed"),
        feeds_held: came_to("held"),
        sources: 1,
        exit_status: None,
        message: None,
        summary: None,
        progress: store::RunProgress::default(),
        reports: Vec::new(),
        ..record
    }
}

impl Run {
    /// What a caller is told of a run.
    pub(super) fn told(service: &Service, caller: &Caller, record: RunRecord) -> Self {
        let counts = (!record.has_others).then(|| counts(&record));
        let record = if record.has_others { without_others(record, caller) } else { record };
        let id = record.id.0;
        let trace_url = record.trace_id.as_deref().and_then(|trace| service.trace_url(trace));
        let acceptance = record.exit_status.map(|status| Acceptance::of_exit_status(status).as_str());
        let progress = progress(&record);
        Self {
            id,
            location: format!("/v1/runs/{id}"),
            cancel_asked: record.cancel_asked,
            command: command(&record).to_owned(),
            state: record.state,
            mode: record.mode,
            sent_by: record.token,
            received_at: record.received_at,
            started_at: record.started_at,
            finished_at: record.finished_at,
            attempt: record.attempt,
            source: record.source,
            feed: record.feed,
            format: record.format,
            bytes: record.bytes,
            digest: record.digest,
            exit_status: record.exit_status,
            acceptance,
            message: record.message,
            trace_id: record.trace_id,
            trace_url,
            rolls_back: record.rolls_back.map(|run| run.0),
            rolled_back_by: record.rolled_back_by.map(|run| run.0),
            feeds: record.feeds,
            feeds_unread: record.feeds_unread,
            feeds_held: record.feeds_held,
            sources: record.sources,
            read: record.read.into_iter().map(RunFeed::from).collect(),
            progress,
            counts,
            verdict: record.summary.as_deref().and_then(Verdict::of_summary),
            reports: record.reports,
        }
    }
}

/// What the last sign of life said; once it is done, what it came to.
/// What became of the records. Refused are all that a report tells as refused: of those that a newer message speaks of,
/// none comes into quarantine.
fn counts(record: &RunRecord) -> Counts {
    let mut counts = Counts::from(record.counts);
    // Of a run that was cancelled nothing counts.
    if counts.records > 0 {
        counts.refused = counts.refused.max(reported(record).unwrap_or_default());
    }
    counts
}

/// Refused records, as the stored summary of the run has them.
fn reported(record: &RunRecord) -> Option<u64> {
    #[derive(Deserialize)]
    struct Summary {
        refused: u64,
    }
    serde_json::from_str(record.summary.as_deref()?).ok().map(|Summary { refused }| refused)
}

fn progress(record: &RunRecord) -> RunProgress {
    let (store::RunProgress { bytes, records, refused }, bytes_all) = (record.progress, record.bytes);
    if is_final(&record.state) && record.counts.records > 0 && !record.has_others {
        let Counts { records, refused, .. } = counts(record);
        return RunProgress { bytes: bytes_all.unwrap_or(bytes), bytes_all, records, refused };
    }
    RunProgress { bytes, bytes_all, records, refused }
}

fn command(record: &RunRecord) -> &str {
    match &record.mode {
        Some(mode) => mode,
        None if record.rolls_back.is_some() => "rollback",
        // What was submitted is forgotten.
        None if record.read.first().is_some_and(|feed| feed.state == "checked") => "check",
        None => "import",
    }
}

#[cfg(test)]
pub(super) mod testing {
    //! Runs made by hand.

    use super::*;
    use crate::serve::verdict::{Check, CheckWord};

    /// A feed of a source, of which nothing was taken.
    pub(in crate::serve) fn feed(source: &str) -> RunFeed {
        let [feed, format, state] = ["katalog.xml", "catalogue/1.0", "refused"].map(str::to_owned);
        RunFeed { id: 3, source: source.to_owned(), feed, format, state, acceptance: None }
    }

    /// An import that stands so, and has read and refused so many records.
    pub(in crate::serve) fn run(state: &str, exit_status: Option<u8>, records: u64, refused: u64) -> Run {
        let begun = (state != "queued").then(|| "2026-11-27T02:10:00.000Z".to_owned());
        let parts = vec!["xs:assert".to_owned()];
        let check = Check { check: "rules".to_owned(), state: CheckWord::Partial, parts };
        Run {
            id: 7,
            location: "/v1/runs/7".to_owned(),
            state: state.to_owned(),
            cancel_asked: false,
            command: "import".to_owned(),
            mode: Some("import".to_owned()),
            sent_by: None,
            received_at: Some("2026-11-27T02:09:58.000Z".to_owned()),
            started_at: begun,
            finished_at: is_final(state).then(|| "2026-11-27T02:10:07.000Z".to_owned()),
            attempt: 1,
            source: Some("Verlag".to_owned()),
            feed: Some("katalog.xml".to_owned()),
            format: None,
            bytes: Some(1_000),
            digest: None,
            exit_status,
            acceptance: None,
            message: None,
            trace_id: None,
            trace_url: None,
            rolls_back: None,
            rolled_back_by: None,
            feeds: 1,
            feeds_unread: u64::from(state == "failed"),
            feeds_held: u64::from(state == "held"),
            sources: 1,
            read: Vec::new(),
            progress: RunProgress { bytes: 1_000, bytes_all: Some(1_000), records, refused },
            counts: Some(store::Counts { records, refused, ..store::Counts::default() }.into()),
            verdict: Some(Verdict { checks: vec![check] }),
            reports: Vec::new(),
        }
    }
}

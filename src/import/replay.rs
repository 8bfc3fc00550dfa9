//! Replay: a record from quarantine is read again and, when it is accepted now, imported.
//!
//! It is imported as what it is, a record of the feed that once brought it: so a newer version of the
//! record, from a later feed, is never overwritten.

use super::error::ImportError;
use super::guard::Exceeded;
use super::import::Import;
use super::plan::ImportPlan;
use super::writer::Writer;
use crate::judgement::{Acceptance, FeedStart, Finding, Outcome};
use crate::product::RecordReference;
use crate::store::{Outdated, QuarantinedRecord, ReplayedEntry, StoreError};
use crate::telemetry::RunTelemetry;
use std::error::Error;
use std::sync::Arc;

/// Reads a record again, as if it stood in its feed.
pub trait Revalidate: Send {
    /// Judges the record with the format as it is now. The place in the outcome is that within the record or the
    /// original one, as is at hand. An error means that it cannot be judged: the format is gone, say. Where the entry
    /// has [mended](QuarantinedRecord::mended) bytes, those are the record.
    fn revalidate(&mut self, record: &QuarantinedRecord) -> Result<Outcome, Box<dyn Error + Send + Sync>>;
}

/// What became of one entry.
#[derive(Debug)]
pub enum Replayed {
    /// Accepted and imported.
    Imported,
    /// Still refused, for these reasons.
    Refused(Vec<Finding>),
    /// Not replayed: closed before, or overtaken by a newer version.
    Outdated(Outdated),
    /// The corrected record has another key than the refused one.
    OtherKey {
        /// Key of the entry.
        expected: String,
        /// Key of the corrected record.
        found: RecordReference,
    },
    /// Right, and not imported: with those that were before it, it exceeds these limits.
    Held(Vec<Exceeded>),
    /// There is no such entry.
    Unknown,
    /// It could not be judged.
    Unjudged(Box<dyn Error + Send + Sync>),
}

/// How the message of a run begins that was a replay.
pub const REPLAY: &str = "replay of ";

/// Entries of a replay that the row of its run names.
const NAMED_MAX: usize = 5;

/// Which entries are replayed, in words.
fn replay_of(entries: &[i64]) -> String {
    let named: Vec<String> = entries.iter().take(NAMED_MAX).map(i64::to_string).collect();
    match (entries.len(), named.join(", ")) {
        (1, id) => format!("{REPLAY}entry {id} of the quarantine"),
        (count, ids) if count <= NAMED_MAX => format!("{REPLAY}entries {ids} of the quarantine"),
        (count, ids) => format!("{REPLAY}{count} entries of the quarantine ({ids}, …)"),
    }
}

/// What a replay did.
#[derive(Debug)]
pub struct ReplayReport {
    /// Entries in the order asked for.
    pub entries: Vec<(i64, Replayed)>,
}

impl ReplayReport {
    /// What it came to: failed when some could not be judged.
    #[must_use]
    pub fn acceptance(&self) -> Acceptance {
        let of = |replayed: &Replayed| match replayed {
            Replayed::Imported => Acceptance::Accepted,
            Replayed::Refused(_) | Replayed::Outdated(_) | Replayed::OtherKey { .. } | Replayed::Unknown => {
                Acceptance::Deviations
            }
            Replayed::Held(_) => Acceptance::Held,
            Replayed::Unjudged(_) => Acceptance::Failed,
        };
        self.entries.iter().map(|(_, replayed)| of(replayed)).max().unwrap_or_default()
    }

    /// What the row of the run says of it.
    fn message(&self) -> String {
        let count =
            |of: fn(&Replayed) -> bool| self.entries.iter().filter(|(_, replayed)| of(replayed)).count();
        let told = [
            (count(|replayed| matches!(replayed, Replayed::Refused(_))), "still refused"),
            (count(|replayed| matches!(replayed, Replayed::Held(_))), "held"),
            (count(|replayed| matches!(replayed, Replayed::Unjudged(_))), "could not be judged"),
        ];
        let imported = count(|replayed| matches!(replayed, Replayed::Imported));
        let more =
            told.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!(", {count} {what}"));
        let entries: Vec<i64> = self.entries.iter().map(|(id, _)| *id).collect();
        format!("{}: {imported} imported{}", replay_of(&entries), more.collect::<String>())
    }
}

/// Replays entries of the quarantine, each in a transaction of its own.
pub async fn replay(
    plan: ImportPlan,
    telemetry: RunTelemetry,
    entries: &[i64],
    revalidate: &mut dyn Revalidate,
) -> Result<ReplayReport, ImportError> {
    let entry = |id: &i64| ReplayedEntry { id: *id, mended: None, seen: None };
    let entries = entries.iter().map(entry).collect();
    // Large, and so kept apart from every future around it.
    Box::pin(replay_entries(plan, telemetry, entries, revalidate)).await
}

/// Replays one entry, with the file of a corrected record where there is one, which is kept beside the refused one.
pub async fn replay_one_entry(
    plan: ImportPlan,
    telemetry: RunTelemetry,
    entry: ReplayedEntry,
    revalidate: &mut dyn Revalidate,
) -> Result<ReplayReport, ImportError> {
    Box::pin(replay_entries(plan, telemetry, vec![entry], revalidate)).await
}

async fn replay_entries(
    plan: ImportPlan,
    telemetry: RunTelemetry,
    entries: Vec<ReplayedEntry>,
    revalidate: &mut dyn Revalidate,
) -> Result<ReplayReport, ImportError> {
    let ids: Vec<i64> = entries.iter().map(|entry| entry.id).collect();
    let mut import = Import::open(plan, telemetry).await?;
    let replayed = replay_all(import.writer(), entries, revalidate).await;
    match &replayed {
        Ok(report) => import.close(report.acceptance(), Some(&report.message())).await?,
        // What went wrong first counts for more than what goes wrong at closing.
        Err(error) => {
            let message = format!("{}: {error}", replay_of(&ids));
            let _ = import.close(Acceptance::Failed, Some(&message)).await;
        }
    }
    replayed
}

async fn replay_all(
    writer: &mut Writer,
    entries: Vec<ReplayedEntry>,
    revalidate: &mut dyn Revalidate,
) -> Result<ReplayReport, ImportError> {
    let mut replayed = Vec::with_capacity(entries.len());
    for entry in entries {
        replayed.push((entry.id, replay_one(writer, entry, revalidate).await?));
    }
    writer.finish().await?;
    Ok(ReplayReport { entries: replayed })
}

async fn replay_one(
    writer: &mut Writer,
    entry: ReplayedEntry,
    revalidate: &mut dyn Revalidate,
) -> Result<Replayed, StoreError> {
    let Some(mut record) = writer.target().quarantined(entry.id).await? else {
        return Ok(Replayed::Unknown);
    };
    if entry.seen.as_ref().is_some_and(|seen| !seen.is_of(&record.entry)) {
        return Ok(Replayed::Outdated(Outdated::Changed));
    }
    record.mended.clone_from(&entry.mended);
    writer.target().link(record.entry.last_run).await;
    // The source is locked before anything is decided: from here on nobody imports a newer version.
    writer.begin_replay(start(&record), record.entry.feed_version_id).await?;
    match judged(writer, &record, revalidate).await? {
        Ok(mut outcome) => {
            let before = outcome.findings.len();
            writer.outcome(&mut outcome).await?;
            writer.end_replay(entry, outcome.findings.split_off(before)).await
        }
        Err(not_imported) => {
            writer.drop_replay();
            Ok(not_imported)
        }
    }
}

/// The record as it is judged now, or why it is not imported.
async fn judged(
    writer: &mut Writer,
    record: &QuarantinedRecord,
    revalidate: &mut dyn Revalidate,
) -> Result<Result<Outcome, Replayed>, StoreError> {
    let id = record.entry.id;
    let now = writer.target().quarantined(id).await?;
    if now.is_none_or(|now| now.entry.digest != record.entry.digest) {
        // It came with a later feed before its source was locked.
        return Ok(Err(Replayed::Outdated(Outdated::Changed)));
    }
    let taken = is_second(record) && writer.holds(record);
    let outdated = writer.target().outdated(id, None).await?.or(taken.then_some(Outdated::Taken));
    if let Some(outdated) = outdated {
        return Ok(Err(Replayed::Outdated(outdated)));
    }
    let outcome = match revalidate.revalidate(record) {
        Err(error) => return Ok(Err(Replayed::Unjudged(error))),
        Ok(outcome) => outcome,
    };
    match (&record.entry.reference, &outcome.key) {
        (Some(expected), Some(found)) if expected != found.as_str() => {
            let (expected, found) = (expected.clone(), found.clone());
            return Ok(Err(Replayed::OtherKey { expected, found }));
        }
        (None, Some(key)) if !outcome.is_refused() => {
            // Only now is it known which product it speaks of.
            if let Some(outdated) = writer.target().outdated(id, Some(key)).await? {
                return Ok(Err(Replayed::Outdated(outdated)));
            }
        }
        _ => {}
    }
    Ok(if outcome.is_refused() { Err(Replayed::Refused(outcome.findings)) } else { Ok(outcome) })
}

/// Whether the record was refused because another one of its feed has its reference: judged alone, it is right.
fn is_second(record: &QuarantinedRecord) -> bool {
    const CODES: [&str; 3] =
        ["rule.duplicate-reference", "cvc-identity-constraint.4.1", "cvc-identity-constraint.4.2.2"];
    record.entry.findings.iter().any(|finding| CODES.contains(&finding.code.as_str()))
}

/// The feed the record came from, as far as it is kept.
fn start(record: &QuarantinedRecord) -> FeedStart {
    FeedStart {
        name: Arc::from(record.entry.feed.as_str()),
        format: Some(Arc::from(record.entry.format.as_str())),
        profile_version: Some(record.entry.profile_version),
        sender: Some(record.entry.source.clone()),
        context: record.context.clone(),
        ..FeedStart::default()
    }
}

//! Replay: a record from quarantine is read again and, when it is accepted now, imported.
//!
//! It is imported as what it is, a record of the feed that once brought it: so a newer version of the
//! record, from a later feed, is never overwritten.

use super::error::ImportError;
use super::import::Import;
use super::plan::ImportPlan;
use super::writer::Writer;
use crate::judgement::{Acceptance, FeedStart, Finding, Outcome};
use crate::store::{Outdated, QuarantinedRecord, StoreError};
use crate::telemetry::RunTelemetry;
use std::error::Error;
use std::sync::Arc;

/// Reads a record again, as if it stood in its feed.
pub trait Revalidate: Send {
    /// Judges the record with the format as it is now. The place in the outcome is that within the record or the
    /// original one, as is at hand. An error means that it cannot be judged: the format is gone, say.
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
    /// There is no such entry.
    Unknown,
    /// It could not be judged.
    Unjudged(Box<dyn Error + Send + Sync>),
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
            Replayed::Refused(_) | Replayed::Outdated(_) | Replayed::Unknown => Acceptance::Deviations,
            Replayed::Unjudged(_) => Acceptance::Failed,
        };
        self.entries.iter().map(|(_, replayed)| of(replayed)).max().unwrap_or_default()
    }

    fn failure(&self) -> Option<String> {
        let unjudged = |(_, replayed): &&(i64, Replayed)| matches!(replayed, Replayed::Unjudged(_));
        match self.entries.iter().filter(unjudged).count() {
            0 => None,
            count => Some(format!("{count} of {} records could not be judged", self.entries.len())),
        }
    }
}

/// Replays entries of the quarantine, each in a transaction of its own.
pub async fn replay(
    plan: ImportPlan,
    telemetry: RunTelemetry,
    entries: &[i64],
    revalidate: &mut dyn Revalidate,
) -> Result<ReplayReport, ImportError> {
    let mut import = Import::open(plan, telemetry).await?;
    let replayed = replay_all(import.writer(), entries, revalidate).await;
    match &replayed {
        Ok(report) => import.close(report.acceptance(), report.failure().as_deref()).await?,
        // What went wrong first counts for more than what goes wrong at closing.
        Err(error) => _ = import.close(Acceptance::Failed, Some(&error.to_string())).await,
    }
    replayed
}

async fn replay_all(
    writer: &mut Writer,
    entries: &[i64],
    revalidate: &mut dyn Revalidate,
) -> Result<ReplayReport, ImportError> {
    let mut replayed = Vec::with_capacity(entries.len());
    for &id in entries {
        replayed.push((id, replay_one(writer, id, revalidate).await?));
    }
    writer.finish().await?;
    Ok(ReplayReport { entries: replayed })
}

async fn replay_one(
    writer: &mut Writer,
    id: i64,
    revalidate: &mut dyn Revalidate,
) -> Result<Replayed, StoreError> {
    let Some(record) = writer.target().quarantined(id).await? else { return Ok(Replayed::Unknown) };
    // The source is locked before anything is decided: from here on nobody imports a newer version.
    writer.begin_replay(start(&record), record.entry.feed_version_id).await?;
    let taken = is_second(&record) && writer.holds(&record);
    let outdated = writer.target().outdated(id).await?;
    let judged = match outdated.or(taken.then_some(Outdated::Taken)) {
        Some(outdated) => Err(Replayed::Outdated(outdated)),
        None => match revalidate.revalidate(&record) {
            Err(error) => Err(Replayed::Unjudged(error)),
            Ok(outcome) if outcome.is_refused() => Err(Replayed::Refused(outcome.findings)),
            Ok(outcome) => Ok(outcome),
        },
    };
    match judged {
        Ok(mut outcome) => {
            let before = outcome.findings.len();
            writer.outcome(&mut outcome).await?;
            writer.end_replay(id, outcome.findings.split_off(before)).await
        }
        Err(not_imported) => {
            writer.drop_replay();
            Ok(not_imported)
        }
    }
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

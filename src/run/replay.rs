//! Records from quarantine, judged again with the formats as they are now.

use crate::import::{self, ImportError, ImportPlan, ReplayReport, Revalidate};
use crate::judgement::{Action, Outcome};
use crate::pipeline::{FeedLimits, FormatPlans, draft_record, judge_mended, judge_record};
use crate::store::{QuarantinedRecord, ReplayedEntry};
use crate::telemetry::RunTelemetry;
use std::error::Error;
use std::sync::Arc;

/// Judges entries of the quarantine again and imports those that are right now, each in a transaction of its own.
pub async fn replay(
    plan: ImportPlan,
    telemetry: RunTelemetry,
    entries: &[i64],
    formats: Arc<FormatPlans>,
    limits: FeedLimits,
) -> Result<ReplayReport, ImportError> {
    import::replay(plan, telemetry, entries, &mut Again { formats, limits }).await
}

/// Judges one entry again, or the file of a corrected record in its place, and imports it when it is right.
pub async fn replay_one_entry(
    plan: ImportPlan,
    telemetry: RunTelemetry,
    entry: ReplayedEntry,
    formats: Arc<FormatPlans>,
    limits: FeedLimits,
) -> Result<ReplayReport, ImportError> {
    import::replay_one_entry(plan, telemetry, entry, &mut Again { formats, limits }).await
}

/// Judges an entry of the quarantine, or its corrected record where it has one; nothing becomes of it.
pub fn judge_again(
    record: &QuarantinedRecord,
    formats: &FormatPlans,
    limits: &FeedLimits,
) -> Result<Outcome, Box<dyn Error + Send + Sync>> {
    let plan = formats.plan_of(&record.entry.format, &record.context)?;
    Ok(match &record.mended {
        Some(mended) => judge_mended(mended, &record.context, &plan, limits)?,
        None => judge_record(&record.bytes, &record.context, &plan, limits)?,
    })
}

/// What an entry of the quarantine wants as far as it can be read, were nothing wrong with it, or its corrected record
/// where it has one; `None` where nothing can be read.
#[must_use]
pub fn draft_again(record: &QuarantinedRecord, formats: &FormatPlans, limits: &FeedLimits) -> Option<Action> {
    let plan = formats.plan_of(&record.entry.format, &record.context).ok()?;
    draft_record(record.mended.as_ref().unwrap_or(&record.bytes), &record.context, &plan, limits)
}

struct Again {
    formats: Arc<FormatPlans>,
    limits: FeedLimits,
}

impl Revalidate for Again {
    fn revalidate(&mut self, record: &QuarantinedRecord) -> Result<Outcome, Box<dyn Error + Send + Sync>> {
        judge_again(record, &self.formats, &self.limits)
    }
}

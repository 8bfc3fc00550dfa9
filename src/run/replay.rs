//! Records from quarantine, judged again with the formats as they are now.

use crate::import::{self, ImportError, ImportPlan, ReplayReport, Revalidate};
use crate::judgement::Outcome;
use crate::pipeline::{FeedLimits, FormatPlans, judge_record};
use crate::store::QuarantinedRecord;
use crate::telemetry::RunTelemetry;
use std::error::Error;

/// Judges entries of the quarantine again and imports those that are right now, each in a transaction of its own.
pub async fn replay(
    plan: ImportPlan,
    telemetry: RunTelemetry,
    entries: &[i64],
    formats: FormatPlans,
    limits: FeedLimits,
) -> Result<ReplayReport, ImportError> {
    import::replay(plan, telemetry, entries, &mut Again { formats, limits }).await
}

struct Again {
    formats: FormatPlans,
    limits: FeedLimits,
}

impl Revalidate for Again {
    fn revalidate(&mut self, record: &QuarantinedRecord) -> Result<Outcome, Box<dyn Error + Send + Sync>> {
        let plan = self.formats.plan_of(&record.entry.format, &record.context)?;
        Ok(judge_record(&record.bytes, &record.context, &plan, &self.limits)?)
    }
}

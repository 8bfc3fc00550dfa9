//! Rollback: what a run changed goes back to what it was, by a run of its own.
//!
//! ```text
//!  look (no run yet) ─▶ refused, or a dry run: nothing has happened
//!                    └▶ run begun ─▶ sources locked ─▶ looked at again and done, in one transaction ─▶ run ended
//! ```

use super::error::ImportError;
use super::import::Import;
use super::plan::{ImportPlan, Mode};
use super::target::Target;
use crate::judgement::Acceptance;
use crate::store::{RollbackOrder, RollbackOutcome, RollbackRefusal, RunId, StoreError};
use crate::telemetry::RunTelemetry;

/// A rollback, settled.
#[derive(Clone, Debug)]
pub struct RollbackPlan {
    /// The database, and whether it is changed.
    pub import: ImportPlan,
    /// Which run, and what happens to later changes.
    pub order: RollbackOrder,
    /// Why; kept with the run.
    pub reason: Option<String>,
}

/// What a rollback did, or would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RollbackReport {
    /// The run that did it; `None` when none was begun.
    pub run: Option<RunId>,
    /// What it did, or why it did nothing.
    pub outcome: Result<RollbackOutcome, RollbackRefusal>,
}

impl RollbackReport {
    /// What it came to: deviations when later changes are in the way.
    #[must_use]
    pub fn acceptance(&self) -> Acceptance {
        match &self.outcome {
            Ok(_) => Acceptance::Accepted,
            Err(refusal) if refusal.is_later() => Acceptance::Deviations,
            Err(_) => Acceptance::Failed,
        }
    }
}

/// Rolls a run back, or looks what that would do.
pub async fn rollback(plan: RollbackPlan, telemetry: RunTelemetry) -> Result<RollbackReport, ImportError> {
    // Large, and so kept apart from every future around it.
    Box::pin(roll_back(plan, telemetry)).await
}

async fn roll_back(plan: RollbackPlan, telemetry: RunTelemetry) -> Result<RollbackReport, ImportError> {
    let outlook = look(&plan, telemetry.clone()).await?;
    let outcome = match (outlook, plan.import.mode) {
        (Ok(outlook), Mode::Write) => outlook,
        (outcome, _) => return Ok(RollbackReport { run: None, outcome }),
    };
    let mut import = Import::open(plan.import.clone(), telemetry).await?;
    let run = import.run();
    match perform(import.writer().target(), &plan, &outcome).await {
        Ok(outcome) => {
            let report = RollbackReport { run, outcome };
            import.close(report.acceptance(), Some(&plan.message(&report.outcome))).await?;
            Ok(report)
        }
        Err(error) => {
            // What went wrong first counts for more than what goes wrong at closing.
            let _ = import.close(Acceptance::Failed, Some(&error.to_string())).await;
            Err(error.into())
        }
    }
}

impl RollbackPlan {
    fn message(&self, outcome: &Result<RollbackOutcome, RollbackRefusal>) -> String {
        let run = self.order.run;
        match (outcome, &self.reason) {
            (Ok(_), None) => format!("rolled back run {run}"),
            (Ok(_), Some(reason)) => format!("rolled back run {run}: {reason}"),
            (Err(refusal), _) => refusal.to_string(),
        }
    }
}

/// Looks what the rollback would do, without a run.
async fn look(
    plan: &RollbackPlan,
    telemetry: RunTelemetry,
) -> Result<Result<RollbackOutcome, RollbackRefusal>, ImportError> {
    let import = ImportPlan { mode: Mode::DryRun, ..plan.import.clone() };
    let mut target = Target::open(&import, telemetry).await?;
    let looked = target.look_back(plan.order, &import).await;
    target.close(&import, Acceptance::Accepted, None).await?;
    Ok(looked?.unwrap_or(Err(RollbackRefusal::Unknown(plan.order.run))))
}

async fn perform(
    target: &mut Target,
    plan: &RollbackPlan,
    outlook: &RollbackOutcome,
) -> Result<Result<RollbackOutcome, RollbackRefusal>, StoreError> {
    for source in &outlook.sources {
        target.lock(&source.source).await?;
    }
    let rolled = target.roll_back(plan.order, &plan.import).await?;
    Ok(rolled.unwrap_or(Err(RollbackRefusal::Unknown(plan.order.run))))
}

//! `feedgate rollback`.

use super::context::{Context, block_on};
use super::decision::{DeciderArgs, decided};
use super::output;
use super::runs::existing;
use crate::import::{ImportPlan, Mode, RollbackPlan, RollbackReport, rollback};
use crate::judgement::Acceptance;
use crate::report::escape::{clean, shown};
use crate::store::{LaterChanges, RollbackOrder, RollbackOutcome, RollbackRefusal, RunId, SourceRollback};
use clap::Args;
use std::fmt::Write;

/// Take back what a run did
///
/// Products, marks and the quarantine are again what they were before the run, and its feeds can be imported
/// again. This is a run itself, and can be rolled back. What was there before is kept for the last runs
/// that changed something; the setting `rollback.runs` says for how many.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate rollback 12 --dry-run
  feedgate rollback 12 --reason 'prices without tax'
  feedgate rollback 12 --keep-later

Exit status:
  0  rolled back
  1  refused, because later runs changed the same products; nothing is changed
  2  could not do it: no such run, not kept any more, rolled back already, no database")]
pub(super) struct RollbackArgs {
    /// Number of a run
    #[arg(value_parser = output::number)]
    run: i64,
    /// Products that later runs changed stay as they are
    #[arg(long, conflicts_with = "undo_later")]
    keep_later: bool,
    /// Products that later runs changed go back, too; what those runs did to them is lost
    #[arg(long)]
    undo_later: bool,
    /// Why; kept with the run, and in `feedgate audit`
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    decider: DeciderArgs,
    /// Tell what would go back, change nothing
    #[arg(long)]
    dry_run: bool,
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

impl RollbackArgs {
    fn later(&self) -> LaterChanges {
        match (self.keep_later, self.undo_later) {
            (true, _) => LaterChanges::Keep,
            (false, true) => LaterChanges::Undo,
            (false, false) => LaterChanges::Refuse,
        }
    }
}

pub(super) fn run(args: RollbackArgs, mut context: Context) -> anyhow::Result<Acceptance> {
    context.flag("database", args.database.as_ref());
    let settings = context.settle()?;
    // Looked at first: a rollback is no reason to make a database.
    block_on(async { existing(&settings.database).await })??;
    context.telemetry("rollback", &settings)?;
    let order = RollbackOrder { run: RunId(args.run), later: args.later() };
    let import = ImportPlan {
        mode: if args.dry_run { Mode::DryRun } else { Mode::Write },
        lease: settings.lease,
        kept_runs: settings.rollback_runs,
        decision: Some(decided(&context, &args.decider, args.reason.as_deref())?),
        ..ImportPlan::new(settings.database.clone())
    };
    let plan = RollbackPlan { import, order, reason: args.reason };
    let report = block_on(rollback(plan, context.messages().run()))??;
    match &report.outcome {
        Ok(outcome) => output::print(&told(order.run, report.run, outcome))?,
        Err(refusal) if refusal.is_later() => context.messages().notice(&refused(refusal)),
        Err(refusal) => return Err(anyhow::Error::new(refusal.clone())),
    }
    Ok(RollbackReport::acceptance(&report))
}

/// What went back, source by source.
fn told(run: RunId, rollback: Option<RunId>, outcome: &RollbackOutcome) -> String {
    let mut text = match rollback {
        Some(rollback) => format!("run {run} is rolled back, by run {rollback}\n"),
        None => format!("run {run} would be rolled back\n"),
    };
    for source in &outcome.sources {
        writeln!(text, "  {}: {}", shown(&source.source), counted(source)).expect("writes to memory");
    }
    text
}

fn counted(source: &SourceRollback) -> String {
    let products = |count: u64| if count == 1 { "product" } else { "products" };
    let marks = |count: u64| if count == 1 { "mark" } else { "marks" };
    let mut parts = vec![
        format!("{} {} restored", source.restored, products(source.restored)),
        format!("{} removed", source.removed),
        format!("{} brought back", source.returned),
    ];
    if source.kept > 0 {
        parts.push(format!("{} kept as later runs left them", source.kept));
    }
    parts.push(format!("{} {} moved back", source.marks, marks(source.marks)));
    if source.marks_kept > 0 {
        let count = source.marks_kept;
        parts.push(format!("{count} {} kept where later runs moved them", marks(count)));
    }
    parts.join(", ")
}

/// Why nothing went back, with the ways there are.
fn refused(refusal: &RollbackRefusal) -> String {
    let mut text = format!("refused: {}", clean(&refusal.to_string()));
    if matches!(refusal, RollbackRefusal::Changed { .. }) {
        text.push_str(
            "\n  --keep-later leaves those products as they are\
             \n  --undo-later takes them back, too: what later runs did to them is lost",
        );
    }
    text
}

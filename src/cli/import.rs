//! `feedgate import`.

use super::context::{Context, block_on};
use super::formats::known;
use super::reading::ReadArgs;
use super::reports;
use super::stop;
use crate::config::Settings;
use crate::import::{FeedReport, ImportPlan, ImportReport, Mode, Unread, run_import};
use crate::pipeline::FormatPlans;
use crate::report::{ExitStatus, ImportCounts, ReportSink};
use crate::source::Digesting;
use crate::store::{self, FeedState, Store};
use crate::telemetry::{self, RunTrace, SENDERS_MAX, Standing, Trail};
use clap::Args;
use std::time::Instant;

/// Validate feeds and import what is right
///
/// Accepted records are written into the shop database, a feed as a whole or not at all; refused records
/// are kept in quarantine. Products that are the same already are not written again.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate import samples/catalogue/good.xml
  feedgate import --database postgres://shop@db.example/shop feeds/
  feedgate import --dry-run feed.xml.gz

Exit status:
  0  everything is imported
  1  deviations at error severity: what was right is imported, what was not is in quarantine
  2  could not do it: usage, a feed that cannot be read, the database; other feeds are imported
  3  held by the guard: nothing of the feed is imported
  4  not fully checked: the schema uses constructs that the engine does not check
  5  cancelled by SIGTERM or SIGINT; what was not applied by then was dropped")]
pub(super) struct ImportArgs {
    #[command(flatten)]
    read: ReadArgs,
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Read, compare with the database, write nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(args: ImportArgs, mut context: Context) -> anyhow::Result<ExitStatus> {
    let started = Instant::now();
    context.flag("database", args.database);
    let plan = args.read.settle("import", &mut context)?;
    let plans = FormatPlans::new(known(&context, &plan.settings, args.read.format.as_deref())?);
    let mut import = ImportPlan::new(plan.settings.database.clone());
    import.lease = plan.settings.lease;
    import.mode = if args.dry_run { Mode::DryRun } else { Mode::Write };
    import.missing =
        plans.formats().iter().map(|known| (known.profile.id(), known.profile.missing)).collect();

    import.stop = plan.stop.clone();
    import.trace_id = telemetry::trace().map(RunTrace::trace_id);

    let mut report = plan.report("import");
    let mut trail = telemetry::trail();
    let imported = run_import(&import, |sink| {
        plan.read(&plans, Digesting::WhileReading, &mut report, &mut trail, Some(sink))?;
        Ok(Unread(report.summary().feeds_failed))
    });
    if let Ok(imported) = &imported {
        tell(imported, &mut report, trail.as_mut());
    }
    report.summary().elapsed = started.elapsed();
    report.summary().dry_run = args.dry_run;
    stop::note(&plan.stop, &mut report);
    let run = report.summary().run.clone();
    let status = reports::end_of(&plan.settings, report, imported.map_err(anyhow::Error::new));
    if let Some(mut trail) = trail {
        trail.compiled(&plans.compiled());
        let status = status.as_ref().copied().unwrap_or(ExitStatus::Failed);
        telemetry::conclude(trail, status, run.as_deref(), standing(&plan.settings).as_ref());
    }
    status
}

/// What became of the feeds in the database.
fn tell(imported: &ImportReport, report: &mut ReportSink<'static>, mut trail: Option<&mut Trail>) {
    for feed in &imported.feeds {
        for finding in &feed.findings {
            if let Some(trail) = &mut trail {
                trail.late_finding(&feed.feed, finding);
            }
            report.late_finding(&feed.feed, finding);
        }
    }
    if let Some(trail) = trail {
        trail.imported(imported.feeds.iter().map(|feed| feed.exit_status));
    }
    let summary = report.summary();
    summary.run = imported.run.map(|run| run.to_string());
    summary.import = Some(counts(imported));
    summary.status = summary.status.and(ExitStatus::of_code(imported.exit_status()));
}

/// What the database holds now, for gauges; what cannot be asked is not told.
fn standing(settings: &Settings) -> Option<Standing> {
    let asked = block_on(async {
        let store = Store::open_existing(&settings.database).await.ok()??;
        store.standing(SENDERS_MAX).await.ok()
    });
    let store::Standing { quarantined, last_good } = asked.ok()??;
    let last_good = last_good.into_iter().map(|(sender, at)| (sender, at.into())).collect();
    Some(Standing { quarantined, last_good })
}

fn counts(imported: &ImportReport) -> ImportCounts {
    let known = |feed: &&FeedReport| feed.state == FeedState::Repeated;
    ImportCounts {
        imported: imported.counts.inserted + imported.counts.updated,
        unchanged: imported.counts.unchanged,
        withdrawn: imported.counts.withdrawn,
        quarantined: imported.counts.refused,
        feeds_known: imported.feeds.iter().filter(known).count() as u64,
    }
}

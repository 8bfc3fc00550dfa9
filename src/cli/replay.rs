//! `feedgate quarantine replay`.

use super::context::{Context, block_on};
use super::formats::known;
use super::output;
use super::quarantine::FilterArgs;
use super::runs::existing;
use crate::config::{DatabaseUrl, Settings};
use crate::import::{ImportPlan, Replayed};
use crate::judgement::{Acceptance, Finding};
use crate::pipeline::{FeedLimits, FormatPlans};
use crate::report::escape::shown;
use crate::run::replay;
use crate::store::{Outdated, QuarantineState};
use anyhow::bail;
use clap::Args;
use std::fmt::Write;
use std::path::PathBuf;

/// Entries that one replay takes.
const ENTRIES_MAX: u32 = 100_000;

/// Judge refused records again and import those that are right now
///
/// For records that a schema, a profile or this program judged wrongly. A record that has to change comes
/// right with the sender's next feed. A record of which a newer version was imported stays as it is.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate quarantine replay 7 8
  feedgate quarantine replay --all --run 12

Exit status:
  0  all were imported
  1  some were not: still refused, closed before, or overtaken by a newer version
  2  could not do it: no database, a format or schema that is missing")]
pub(super) struct ReplayArgs {
    /// Numbers of entries
    #[arg(required_unless_present = "all")]
    entries: Vec<i64>,
    /// All entries that the filters leave
    #[arg(long, conflicts_with = "entries")]
    all: bool,
    #[arg(long, value_name = "DIR")]
    schemas: Option<PathBuf>,
    #[command(flatten)]
    filter: FilterArgs,
}

impl ReplayArgs {
    /// Lays the flags over the other layers.
    pub(super) fn settle(&self, context: &mut Context) {
        context.flag("schemas", self.schemas.as_ref().map(|path| path.to_string_lossy()));
    }

    fn numbers(&self, url: &DatabaseUrl) -> anyhow::Result<Vec<i64>> {
        if !self.all {
            return Ok(self.entries.clone());
        }
        let found = block_on(async {
            let store = existing(url).await?;
            Ok::<_, anyhow::Error>(store.quarantine(self.filter.filter(), ENTRIES_MAX).await?)
        })??;
        Ok(found.iter().map(|entry| entry.id).collect())
    }
}

pub(super) fn run(args: &ReplayArgs, settings: &Settings, context: &Context) -> anyhow::Result<Acceptance> {
    let numbers = args.numbers(&settings.database)?;
    if numbers.is_empty() {
        output::notice("no such entries in quarantine");
        return Ok(Acceptance::Accepted);
    }
    // Looked at first: a replay is no reason to make a database.
    block_on(async { existing(&settings.database).await })??;
    let limits = FeedLimits { xml: settings.limits.xml, ..FeedLimits::default() };
    let formats = FormatPlans::new(known(context, settings, None)?);
    context.telemetry("replay", settings)?;
    let kept_runs = settings.rollback_runs;
    let plan = ImportPlan { kept_runs, ..ImportPlan::new(settings.database.clone()) };
    let report = block_on(replay(plan, context.messages().run(), &numbers, formats, limits))??;
    let text: String = report.entries.iter().map(|(entry, replayed)| told(*entry, replayed)).collect();
    output::print(&text)?;
    if report.entries.len() != numbers.len() {
        bail!("the replay ended early: {} of {} entries were looked at", report.entries.len(), numbers.len());
    }
    Ok(report.acceptance())
}

fn told(entry: i64, replayed: &Replayed) -> String {
    match replayed {
        Replayed::Imported => format!("{entry}: imported\n"),
        Replayed::Refused(findings) => {
            let mut text = format!("{entry}: still refused\n");
            for finding in findings {
                text.push_str(&reason(finding));
            }
            text
        }
        Replayed::Outdated(Outdated::Taken) => {
            format!("{entry}: not imported, another record of its feed with the same reference was\n")
        }
        Replayed::Outdated(Outdated::Newer) => {
            format!("{entry}: not imported, a newer version of the record was\n")
        }
        Replayed::Outdated(Outdated::Closed(QuarantineState::Superseded)) => {
            format!("{entry}: not imported, a later feed brought the record again\n")
        }
        Replayed::Outdated(Outdated::Closed(state)) => {
            format!("{entry}: not imported, it was {} before\n", state.as_str())
        }
        Replayed::Unknown => format!("{entry}: there is no such entry\n"),
        Replayed::Unjudged(error) => {
            let mut text = format!("{entry}: could not be judged: {}", shown(&error.to_string()));
            let mut source = error.source();
            while let Some(cause) = source {
                write!(text, ": {}", shown(&cause.to_string())).expect("writes to memory");
                source = cause.source();
            }
            text + "\n"
        }
    }
}

fn reason(finding: &Finding) -> String {
    let Finding { place, severity, sentence, code, path, .. } = finding;
    format!("  line {} of the record: {severity}: {} [{code}] {}\n", place.line, shown(sentence), shown(path))
}

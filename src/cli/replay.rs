//! `feedgate quarantine replay`.

use super::context::{Context, block_on};
use super::decision::{DeciderArgs, decided};
use super::formats::known;
use super::import::settled;
use super::output;
use super::quarantine::FilterArgs;
use super::runs::existing;
use crate::config::{DatabaseUrl, Settings};
use crate::import::{ImportPlan, Replayed};
use crate::judgement::{Acceptance, Finding};
use crate::pipeline::{FeedLimits, FormatPlans};
use crate::report::escape::{clean, shown};
use crate::run::{replay, replay_one_entry};
use crate::store::{Outdated, QuarantineState, ReplayedEntry, SeenDigest};
use anyhow::{Context as _, bail};
use clap::Args;
use std::fmt::Write;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Entries that one replay takes.
const ENTRIES_MAX: u32 = 100_000;

/// Judge refused records again and import those that are right now
///
/// For records that a schema, a profile or this program judged wrongly. A record that has to change comes
/// right with the sender's next feed, or by `--with`: the file holds the record alone, as `quarantine export` writes
/// it, corrected. A record of which a newer version was imported stays as it is.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate quarantine replay 7 8
  feedgate quarantine replay --all --run 12
  feedgate quarantine replay 7 --with corrected.xml --seen 3f9a0c27d1b5

Exit status:
  0  all were imported
  1  some were not: still refused, of another key, closed before, or overtaken by a newer version
  2  could not do it: no database, a file that cannot be read, a format or schema that is missing")]
pub(super) struct ReplayArgs {
    /// Numbers of entries
    #[arg(required_unless_present = "all", value_parser = output::number)]
    entries: Vec<i64>,
    /// All entries that the filters leave
    #[arg(long, conflicts_with = "entries")]
    all: bool,
    #[arg(long, value_name = "DIR")]
    schemas: Option<PathBuf>,
    #[command(flatten)]
    filter: FilterArgs,
    /// Judge and import the corrected record in this file, or `-`, in place of the entry's; both are kept
    #[arg(long, value_name = "FILE", conflicts_with = "all")]
    with: Option<PathBuf>,
    /// Only if the refused record still is the one with this digest, as `quarantine show` tells it
    ///
    /// A later feed may have brought the record anew, under the same number.
    #[arg(long, value_name = "DIGEST", conflicts_with = "all")]
    seen: Option<SeenDigest>,
    /// Why; kept in `feedgate audit`
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    decider: DeciderArgs,
}

impl ReplayArgs {
    /// Lays the flags over the other layers.
    pub(super) fn settle(&self, context: &mut Context) {
        context.flag("schemas", self.schemas.as_ref().map(|path| path.to_string_lossy()));
    }

    /// The one entry that is named, where what is said is of one: its corrected record, and what was looked at.
    fn single(&self, numbers: &[i64], bytes_max: usize) -> anyhow::Result<Option<ReplayedEntry>> {
        if self.with.is_none() && self.seen.is_none() {
            return Ok(None);
        }
        let [id] = *numbers else {
            bail!("`--with` and `--seen` are about the record of one entry: name one");
        };
        let mended = self.with.as_ref().map(|file| read(file, bytes_max)).transpose()?;
        Ok(Some(ReplayedEntry { id, mended, seen: self.seen.clone() }))
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
    let single = args.single(&numbers, limits.xml.record_bytes_max)?;
    let decision = Some(decided(context, &args.decider, args.reason.as_deref())?);
    context.telemetry("replay", settings)?;
    let plan = ImportPlan { decision, ..settled(settings, &formats) };
    let formats = Arc::new(formats);
    let run = context.messages().run();
    let report = match single {
        Some(entry) => block_on(replay_one_entry(plan, run, entry, formats, limits))??,
        None => block_on(replay(plan, run, &numbers, formats, limits))??,
    };
    let record =
        args.with.as_ref().map_or_else(|| "the record".to_owned(), |file| file.display().to_string());
    let told = |(entry, replayed): &(i64, Replayed)| told(*entry, replayed, &record);
    output::print(&report.entries.iter().map(told).collect::<String>())?;
    if report.entries.len() != numbers.len() {
        bail!("the replay ended early: {} of {} entries were looked at", report.entries.len(), numbers.len());
    }
    Ok(report.acceptance())
}

/// A file, or standard input, no larger than a record may be.
fn read(file: &Path, bytes_max: usize) -> anyhow::Result<Vec<u8>> {
    let unread = || format!("cannot read `{}`", file.display());
    let input: Box<dyn Read> = if file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(file).with_context(unread)?)
    };
    let mut bytes = Vec::new();
    input.take(bytes_max as u64 + 1).read_to_end(&mut bytes).with_context(unread)?;
    if bytes.len() > bytes_max {
        bail!(
            "`{}` is larger than a record may be: `limits.record_bytes_max` is {bytes_max} bytes",
            file.display()
        );
    }
    Ok(bytes)
}

/// What became of an entry; `record` names where the lines are counted.
fn told(entry: i64, replayed: &Replayed, record: &str) -> String {
    match replayed {
        Replayed::Imported => format!("{entry}: imported\n"),
        Replayed::Refused(findings) => {
            let mut text = format!("{entry}: still refused\n");
            for finding in findings {
                text.push_str(&reason(finding, record));
            }
            text
        }
        Replayed::Outdated(Outdated::Taken) => {
            format!("{entry}: not imported, another record of its feed with the same reference was\n")
        }
        Replayed::Outdated(Outdated::Changed) => format!(
            "{entry}: not imported, a later feed brought the record again, with other bytes: look at it again\n"
        ),
        Replayed::Outdated(Outdated::Newer) => {
            format!("{entry}: not imported, a newer version of the record was\n")
        }
        Replayed::Outdated(Outdated::Closed(QuarantineState::Superseded)) => {
            format!("{entry}: not imported, a later feed brought the record again\n")
        }
        Replayed::Outdated(Outdated::Closed(state)) => {
            format!("{entry}: not imported, it was {} before\n", state.as_str())
        }
        Replayed::OtherKey { expected, found } => format!(
            "{entry}: not imported, the record in {} has the key `{}` and the entry `{}`\n",
            clean(record),
            shown(found.as_str()),
            shown(expected)
        ),
        Replayed::Held(exceeded) => {
            let mut text =
                format!("{entry}: held, with what was imported before it in this run it is too much\n");
            for each in exceeded {
                let setting = each.setting().unwrap_or_default();
                writeln!(text, "  it {}; `{setting}` allows {}", each.predicate(), each.limit)
                    .expect("writes to memory");
            }
            text
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

fn reason(finding: &Finding, record: &str) -> String {
    let Finding { place, severity, sentence, code, path, .. } = finding;
    let (line, record) = (place.line, clean(record));
    format!("  line {line} of {record}: {severity}: {} [{code}] {}\n", shown(sentence), shown(path))
}

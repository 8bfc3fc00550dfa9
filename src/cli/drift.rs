//! `feedgate drift`.

use super::context::Context;
use super::formats::known;
use super::output;
use super::progress::{Extent, ProgressDisplay, Work, look_at};
use super::runs::existing;
use crate::config::Settings;
use crate::drift::{ALARMS_MAX, Baseline, Judgement, Profile, Remembered, WINDOW_RUNS, judge};
use crate::judgement::{Acceptance, EventSink, FeedEnd, FeedEvent, Flow};
use crate::pipeline::{FeedLimits, FeedReader, FormatPlans, Plans, Progress, StopFlag, Structure};
use crate::report::drift::{Looked, write_json, write_profile_json, write_profile_text, write_text};
use crate::run::block_on;
use crate::source::{Digesting, FeedSource, Input, InputLimits, Inputs};
use crate::store::{RunId, Structure as AppliedStructure};
use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The form of the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum DriftForm {
    /// For people: each drift with its sentence, the first record that shows it, and a line of the feeds before
    #[default]
    Text,
    /// JSON lines, a drift each, for programs
    Json,
}

/// Tell what a valid feed has that feeds before had not, and what it lacks
///
/// What the accepted records of a feed look like is counted: which elements and attributes stand in how many of them,
/// how often, in which order, and in which form their texts are written. That is held against feeds before, oldest
/// first; from five on, what differs from feed to feed is learned. Without them, what the feed looks like is shown.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate drift --against yesterday.xml today.xml
  feedgate drift --against mon.xml --against tue.xml --against wed.xml thu.xml
  feedgate drift --report json --against old.xml new.xml | jq -r 'select(.type==\"drift\") | .sentence'
  feedgate drift feed.xml
  feedgate drift --against 311 --against 312 feed.xml

Exit status:
  0  nothing that is no chance; or no feed was given to hold it against
  1  drift
  2  could not do it: usage, a feed that cannot be read to its end, feeds of different formats")]
pub(super) struct DriftArgs {
    /// The feed: a file, or `-` for standard input
    feed: PathBuf,
    /// A feed before it, or the number of a run: what it has applied; may be given often, oldest first, of which the
    /// last 20 count
    #[arg(long, value_name = "FEED|RUN")]
    against: Vec<PathBuf>,
    /// Whose feeds of the runs are meant, where those applied feeds of several senders in the format
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Tell at most so many drifts; the rest is counted
    #[arg(long, value_name = "N", default_value_t = ALARMS_MAX)]
    limit: usize,
    /// Form of the report
    #[arg(long, value_name = "FORM", value_enum, default_value_t)]
    report: DriftForm,
    /// Format of the feeds, such as `onix` or `onix/3.0`; without it, each feed's root element decides
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    #[arg(long, value_name = "DIR")]
    schemas: Option<PathBuf>,
    #[arg(long, value_name = "FORM")]
    progress: Option<String>,
}

/// A feed that was read to its end.
struct Read {
    name: String,
    format: Arc<str>,
    digest: [u8; 32],
    profile: Profile,
}

pub(super) fn run(args: &DriftArgs, mut context: Context) -> anyhow::Result<Acceptance> {
    context.flag("database", args.database.as_ref());
    context.flag("schemas", args.schemas.as_ref().map(|path| path.to_string_lossy()));
    context.flag("progress", args.progress.as_ref());
    let settings = context.settle()?;
    let all = looked_at(args)?;
    let feeds: Vec<FeedSource> = all.iter().filter_map(LookedAt::feed).cloned().collect();
    let mut inputs = Inputs::default();
    inputs.feeds(&feeds);
    inputs.admit_streams()?;
    let plans = FormatPlans::new(known(&context, &settings, args.format.as_deref())?);
    let mut of_files = read_all(&feeds, &plans, &settings, &context)?;
    let feed = of_files.pop().expect("the feed itself is among them");
    let read = in_order(&all, of_files, &settings, (&feed.format, args.source.as_deref()))?;
    if let Some(other) = read.iter().find(|other| other.format != feed.format) {
        let Read { name, format, .. } = other;
        bail!("`{}` is of format {}, `{name}` of {format}: give feeds of one format", feed.name, feed.format);
    }
    tell(args, &feed, read)
}

/// Something that was given to be looked at.
enum LookedAt {
    Feed(FeedSource),
    /// What a run has applied.
    Run(RunId),
}

impl LookedAt {
    fn feed(&self) -> Option<&FeedSource> {
        match self {
            Self::Feed(feed) => Some(feed),
            Self::Run(_) => None,
        }
    }
}

/// The number of a run, unless a file has that name.
fn run_number(path: &Path) -> Option<RunId> {
    let text = path.to_str().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
    text.parse().ok().filter(|_| !path.exists()).map(RunId)
}

/// All that is given but the feed itself, in its order: feeds that were read, and runs out of the database.
fn in_order(
    all: &[LookedAt],
    of_files: Vec<Read>,
    settings: &Settings,
    (format, source): (&str, Option<&str>),
) -> anyhow::Result<Vec<Read>> {
    let runs: Vec<RunId> = all
        .iter()
        .filter_map(|each| match each {
            LookedAt::Run(run) => Some(*run),
            LookedAt::Feed(_) => None,
        })
        .collect();
    let of_runs = if runs.is_empty() { Vec::new() } else { applied(&runs, settings, (format, source))? };
    let (mut of_files, mut of_runs) = (of_files.into_iter(), of_runs.into_iter());
    let next = |each: &LookedAt| match each {
        LookedAt::Feed(_) => of_files.next(),
        LookedAt::Run(_) => of_runs.next(),
    };
    Ok(all.iter().filter_map(next).collect())
}

/// What runs have applied in a format, each of the same source.
fn applied(
    runs: &[RunId],
    settings: &Settings,
    (format, source): (&str, Option<&str>),
) -> anyhow::Result<Vec<Read>> {
    block_on(async {
        let store = existing(&settings.database).await?;
        let mut read = Vec::with_capacity(runs.len());
        for run in runs {
            let mut of_run = store.structures_of_run(*run).await?;
            of_run.retain(|each| each.format == format && source.is_none_or(|source| each.source == source));
            read.push(of_source(*run, of_run, format)?);
        }
        store.close().await;
        Ok(read)
    })?
}

fn of_source(run: RunId, mut of_run: Vec<AppliedStructure>, format: &str) -> anyhow::Result<Read> {
    if of_run.len() > 1 {
        let sources: Vec<_> = of_run.iter().map(|each| format!("`{}`", each.source)).collect();
        bail!("run {run} has applied feeds of {}: say whose with `--source`", sources.join(", "));
    }
    let structure = of_run.pop().with_context(|| {
        format!("of run {run} it is not kept what feeds of {format} look like that it has applied")
    })?;
    let mut digest = [0; 32];
    digest[..8].copy_from_slice(&run.0.to_be_bytes());
    Ok(Read {
        name: format!("run {run}"),
        format: structure.format.as_str().into(),
        digest,
        profile: Profile::unpack(&structure.packed)?,
    })
}

/// What is given in its order, the feed itself last.
fn looked_at(args: &DriftArgs) -> anyhow::Result<Vec<LookedAt>> {
    let is_stdin = |path: &&PathBuf| *path == Path::new("-");
    let all = || args.against.iter().chain([&args.feed]);
    if all().filter(is_stdin).count() > 1 {
        bail!("two feeds are `-`: only one can come from standard input");
    }
    let source = |path: &PathBuf| {
        if is_stdin(&path) {
            return Ok(FeedSource::stdin());
        }
        if path.is_dir() {
            bail!("`{}` is a folder: name a file", path.display());
        }
        Ok(FeedSource::file(path.clone()))
    };
    let against = |path: &PathBuf| match run_number(path) {
        Some(run) => Ok(LookedAt::Run(run)),
        None => source(path).map(LookedAt::Feed),
    };
    // Older ones than count need not be read.
    let older = args.against.len().saturating_sub(WINDOW_RUNS);
    let feed = std::iter::once(source(&args.feed).map(LookedAt::Feed));
    args.against.iter().skip(older).map(against).chain(feed).collect()
}

fn read_all(
    feeds: &[FeedSource],
    plans: &FormatPlans,
    settings: &Settings,
    context: &Context,
) -> anyhow::Result<Vec<Read>> {
    let progress = Arc::new(Progress::default());
    let bytes = feeds.iter().map(FeedSource::delivered_bytes).sum();
    let extent = Extent { work: Work::Reading, feeds: feeds.len() as u64, bytes };
    let _display =
        ProgressDisplay::start(settings.progress, extent, look_at(&progress), false, context.messages());
    let limits = FeedLimits { xml: settings.limits.xml, ..FeedLimits::default() };
    let mut reader = FeedReader::new(limits, StopFlag::default()).with_structure(Structure::Gathered);
    feeds.iter().map(|feed| read(feed, &mut reader, (plans, settings), &progress)).collect()
}

/// What a feed looks like that is read to its end; whether it is valid is not asked here.
fn read(
    feed: &FeedSource,
    reader: &mut FeedReader,
    (plans, settings): (&dyn Plans, &Settings),
    progress: &Progress,
) -> anyhow::Result<Read> {
    let limits = InputLimits {
        decoded_bytes_max: settings.limits.decoded_bytes_max,
        ratio_max: settings.limits.ratio_max,
        ratio_free_bytes: settings.limits.ratio_free_bytes,
    };
    let input = Input::open(feed, &limits, Digesting::WhileReading)?;
    let name = Arc::clone(input.name());
    let mut told = Told::default();
    reader.read(input, &name, plans, progress, &mut told)?;
    let end = told.end.with_context(|| format!("`{name}` has no end"))?;
    let Some(structure) = end.structure else {
        let why = end.failure.map(|failure| failure.one_line()).or(told.fatal).unwrap_or_default();
        bail!("`{name}` cannot be read to its end: {why}");
    };
    Ok(Read {
        format: end.start.format.with_context(|| format!("`{name}` is of no format"))?,
        digest: end.digest.unwrap_or_default(),
        profile: Profile::unpack(&structure)?,
        name: name.to_string(),
    })
}

/// Keeps of a feed its end, and what broke it off.
#[derive(Default)]
struct Told {
    end: Option<FeedEnd>,
    fatal: Option<String>,
}

impl EventSink for Told {
    fn take(&mut self, event: FeedEvent) -> Flow {
        match event {
            FeedEvent::End(end) => self.end = Some(end),
            FeedEvent::Finding(finding) => self.fatal = Some(finding.sentence),
            FeedEvent::Start(_) | FeedEvent::Outcome(_) | FeedEvent::Failed(..) => {}
        }
        Flow::Continue
    }
}

fn tell(args: &DriftArgs, feed: &Read, before: Vec<Read>) -> anyhow::Result<Acceptance> {
    let against: Vec<String> = before.iter().map(|read| read.name.clone()).collect();
    let looked = Looked { feed: &feed.name, format: &feed.format, profile: &feed.profile, against: &against };
    let mut out = output::results();
    if before.is_empty() {
        match args.report {
            DriftForm::Text => write_profile_text(&mut out, looked)?,
            DriftForm::Json => write_profile_json(&mut out, looked)?,
        }
        return Ok(Acceptance::Accepted);
    }
    let judged = held_against(before, &feed.profile, args.limit);
    let status = if judged.drifts() == 0 { Acceptance::Accepted } else { Acceptance::Deviations };
    match args.report {
        DriftForm::Text => write_text(&mut out, looked, &judged)?,
        DriftForm::Json => write_json(&mut out, looked, &judged, status.exit_status())?,
    }
    Ok(status)
}

fn held_against(before: Vec<Read>, profile: &Profile, alarms_max: usize) -> Judgement {
    let mut baseline = Baseline::default();
    for (Read { digest, profile, .. }, number) in before.into_iter().zip(1..) {
        baseline.add(Remembered { number, digest, profile });
    }
    judge(&baseline, profile, alarms_max)
}

//! `feedgate diff`.

use super::context::Context;
use super::output;
use super::progress::{Extent, ProgressDisplay, Work, look_at};
use super::reports;
use crate::config::Settings;
use crate::diff::{Compared, DiffOptions, Filter, Pattern, compare};
use crate::feed::{FeedProfile, Value};
use crate::judgement::Acceptance;
use crate::pipeline::{KnownFormat, Progress, StopFlag};
use crate::report::Paint;
use crate::report::changes::{TextForm, write_html, write_json, write_text};
use crate::source::{FeedSource, InputLimits, Inputs};
use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A report that goes to a file.
#[derive(Clone, Debug)]
struct ReportFile {
    form: DiffForm,
    path: PathBuf,
}

/// `FORM=PATH`.
fn report_file(text: &str) -> Result<ReportFile, String> {
    let (form, path) =
        text.split_once('=').filter(|(_, path)| !path.is_empty()).ok_or("FORM=PATH is wanted")?;
    Ok(ReportFile { form: DiffForm::from_str(form, false)?, path: path.into() })
}

/// The form of the report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum DiffForm {
    /// For people: the summary, then a heading for each record and a line for each path
    #[default]
    Text,
    /// JSON lines, a change event each, for programs
    Json,
    /// One page to look at
    Html,
}

/// Tell what changed between two versions of a feed, record by record
///
/// Records are matched by the key of their format, whatever their order. Lists inside are matched by the keys
/// that the format's profile names, else by content. White space, the order of attributes and elements, prefixes,
/// comments and CDATA make no difference. Nothing is validated: a feed only has to be well-formed.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate diff yesterday.xml today.xml
  feedgate diff --summary old.xml.gz new.xml.zst
  feedgate diff --ignore //@changed --only prices old.xml new.xml
  feedgate diff --records HN-4711,HN-4712 old.xml new.xml
  feedgate diff --summary --report-file html=changes.html old.xml new.xml
  feedgate diff --report json old.xml new.xml | jq -r 'select(.type==\"change\") | .key'

Paths name elements from the record inwards, such as `prices/price/amount` or `price/@currency`; `//amount`
means anywhere, `*` any name. A path takes in everything below it.

Exit status:
  0  the same, as far as it counts
  1  different, or records that cannot be matched: without key, or with a key that stands twice
  2  could not compare: usage, a feed that cannot be read to its end, feeds of different formats")]
pub(super) struct DiffArgs {
    /// The earlier version: a file, or `-` for standard input
    old: PathBuf,
    /// The later version
    new: PathBuf,
    /// Where the key of a record stands, seen from the record, instead of what the format says
    #[arg(long, value_name = "PATH")]
    key: Option<String>,
    /// Tell the summary only
    #[arg(long)]
    summary: bool,
    /// Only changes at this path count; may be repeated
    #[arg(long, value_name = "PATH")]
    only: Vec<Pattern>,
    /// Changes at this path do not count, for the exit status either; may be repeated
    #[arg(long, value_name = "PATH")]
    ignore: Vec<Pattern>,
    /// Only records with these keys
    #[arg(long, value_name = "KEY", value_delimiter = ',')]
    records: Vec<String>,
    /// Tell at most so many records; the summary counts all
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Form of the report
    #[arg(long, value_name = "FORM", value_enum, default_value_t)]
    report: DiffForm,
    /// Write a report to a file as well, in any form; may be repeated
    ///
    /// The file is replaced as a whole when the feeds are compared. One whose folder is not there, or that would take
    /// the place of what is read, is refused at once.
    #[arg(long, value_name = "FORM=PATH", value_parser = report_file)]
    report_file: Vec<ReportFile>,
    /// Format of the feeds, such as `onix` or `onix/3.0`; without it, each feed's root element decides
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    #[arg(long, value_name = "DIR")]
    schemas: Option<PathBuf>,
    #[arg(long, value_name = "FORM")]
    progress: Option<String>,
    #[arg(long, value_name = "N")]
    threads: Option<String>,
}

impl DiffArgs {
    /// The form of every report.
    fn forms(&self) -> impl Iterator<Item = DiffForm> {
        std::iter::once(self.report).chain(self.report_file.iter().map(|file| file.form))
    }
}

pub(super) fn run(args: &DiffArgs, mut context: Context) -> anyhow::Result<Acceptance> {
    context.flag("schemas", args.schemas.as_ref().map(|path| path.to_string_lossy()));
    context.flag("progress", args.progress.as_ref());
    context.flag("threads", args.threads.as_ref());
    let settings = context.settle()?;
    let feeds = sources(args)?;
    let mut inputs = Inputs::default();
    inputs.feeds(&feeds);
    settings.schemas.iter().for_each(|folder| inputs.documents(folder));
    args.report_file.iter().try_for_each(|file| inputs.admit(&file.path))?;
    inputs.admit_streams()?;
    let [old, new] = feeds;
    let profiles = profiles(args, &context, &settings)?;
    let compared = {
        let progress = Arc::new(Progress::default());
        let bytes = old.delivered_bytes().zip(new.delivered_bytes()).map(|(old, new)| old + new);
        let _display = ProgressDisplay::start(
            settings.progress,
            Extent { work: Work::Reading, feeds: 2, bytes },
            look_at(&progress),
            false,
            context.messages(),
        );
        compare(&old, &new, &profiles, &options(args, &settings), &progress, &StopFlag::default())?
    };
    let status = if compared.summary.is_same() { Acceptance::Accepted } else { Acceptance::Deviations };
    write(args, &context, &settings, compared, status)?;
    Ok(status)
}

/// The two feeds; only one of them can be standard input.
fn sources(args: &DiffArgs) -> anyhow::Result<[FeedSource; 2]> {
    let is_stdin = |path: &Path| path == Path::new("-");
    if is_stdin(&args.old) && is_stdin(&args.new) {
        bail!("both feeds are `-`: only one can come from standard input");
    }
    let source = |path: &PathBuf| {
        if is_stdin(path) {
            return Ok(FeedSource::stdin());
        }
        if path.is_dir() {
            bail!("`{}` is a folder: name the two files to compare", path.display());
        }
        Ok(FeedSource::file(path.clone()))
    };
    Ok([source(&args.old)?, source(&args.new)?])
}

/// The profiles of the formats, with the key that was asked for.
fn profiles(
    args: &DiffArgs,
    context: &Context,
    settings: &Settings,
) -> anyhow::Result<Vec<Arc<FeedProfile>>> {
    let known = super::formats::known(context, settings, args.format.as_deref())?;
    let Some(key) = &args.key else { return Ok(known.into_iter().map(|known| known.profile).collect()) };
    let keyed = |known: KnownFormat| {
        let path = Value::parse(key).context("`--key` is no path to a value")?;
        let profile = FeedProfile::parse_with_key(&known.format.profile, &known.format.profile_file, path)?;
        Ok(Arc::new(profile))
    };
    known.into_iter().map(keyed).collect()
}

fn options(args: &DiffArgs, settings: &Settings) -> DiffOptions {
    let limits = &settings.limits;
    DiffOptions {
        xml: limits.xml,
        input: InputLimits {
            decoded_bytes_max: limits.decoded_bytes_max,
            ratio_max: limits.ratio_max,
            ratio_free_bytes: limits.ratio_free_bytes,
        },
        filter: Filter { only: args.only.clone(), ignore: args.ignore.clone() },
        records: args.records.iter().cloned().collect(),
        // Files have all that is told, whatever standard output says.
        told_max: if args.summary && args.report_file.is_empty() {
            0
        } else {
            args.limit.unwrap_or(u64::MAX)
        },
        with_source: args.forms().any(|form| form == DiffForm::Json),
        threads: settings.threads,
        ..DiffOptions::default()
    }
}

/// Writes every report that was asked for; a file is whole or what it was.
fn write(
    args: &DiffArgs,
    context: &Context,
    settings: &Settings,
    mut compared: Compared,
    status: Acceptance,
) -> anyhow::Result<()> {
    let paint = output::paint(settings.color, context.environment());
    let shown = write_form(&mut output::results(), args.report, paint, args.summary, &mut compared, status);
    // Whoever reads standard output may have gone: the files are written all the same.
    args.report_file.iter().try_for_each(|file| write_file(file, &mut compared, status))?;
    shown
}

fn write_file(file: &ReportFile, compared: &mut Compared, status: Acceptance) -> anyhow::Result<()> {
    let mut written = reports::passed_on(Some(&file.path));
    let mut wrong = Ok(());
    written.tell(|mut out| {
        wrong = write_form(&mut out, file.form, Paint::Plain, false, compared, status);
        Ok(())
    });
    wrong?;
    Ok(written.finish(std::io::Write::flush)?)
}

fn write_form(
    out: &mut impl Write,
    form: DiffForm,
    paint: Paint,
    summary_only: bool,
    compared: &mut Compared,
    status: Acceptance,
) -> anyhow::Result<()> {
    let Compared { summary, surroundings, changes } = compared;
    let changes = changes.read().context("cannot read the temporary file with the changes")?;
    let changes = changes.take(if summary_only { 0 } else { usize::MAX });
    match form {
        DiffForm::Text => write_text(out, TextForm { paint, summary_only }, summary, changes)?,
        DiffForm::Json => write_json(out, summary, surroundings, changes, status.exit_status())?,
        DiffForm::Html => write_html(out, summary, changes)?,
    }
    Ok(())
}

//! `feedgate baseline`: what is usual of a sender, and what is called expected.

use super::columns::{Columns, Side};
use super::context::{Context, block_on};
use super::decision::{DeciderArgs, decided};
use super::output;
use super::rows::{self, ListForm, RowsArgs};
use super::runs::existing;
use crate::config::{DatabaseUrl, DriftPolicy, DriftSettings};
use crate::drift::{LEARNING_RUNS, Profile, RecordKind, WINDOW_RUNS};
use crate::import::{Expectation, Expected, expect_drifts, format_of};
use crate::judgement::Acceptance;
use crate::report::drift::{Looked, write_profile_text};
use crate::report::escape::{clean, shown};
use crate::store::{DriftAcceptance, EarlierStructure, RunId, Store, StructureView};
use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use serde::Serialize;
use std::fmt::Write;

/// Senders that are listed.
const LISTED_MAX: u32 = 10_000;

/// See what is usual of a sender's feeds, and call drifts expected
///
/// What the accepted records of a sender's feeds look like is kept for the last runs. The next feed is held against
/// that, and what differs beyond chance is told as drift. A drift that is right is called expected here: from then on,
/// only feeds from that run on say what is usual there.
#[derive(Debug, Args)]
pub(super) struct BaselineArgs {
    #[command(subcommand)]
    command: BaselineCommand,
    #[arg(long, value_name = "URL", global = true)]
    database: Option<String>,
}

#[derive(Debug, Subcommand)]
enum BaselineCommand {
    Show(ShowArgs),
    Accept(AcceptArgs),
    Reset(ResetArgs),
}

/// Show of which senders something is known, or what is usual of one
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate baseline show                                  the senders, and how much is known of each
  feedgate baseline show 'GLN 4012345000009'              its runs, what was called expected, what its records hold
  feedgate baseline show --json | jq 'select(.runs < 5)'

Exit status:
  0  shown, also when there is nothing
  2  could not do it: no such sender, no database")]
struct ShowArgs {
    /// The sender
    #[arg(value_name = "SENDER")]
    source: Option<String>,
    /// Format and version, such as `onix/3.0`; needed only where the sender has feeds of several
    #[arg(long, value_name = "FORMAT", requires = "source")]
    format: Option<String>,
    #[command(flatten)]
    list: RowsArgs,
}

/// Call drifts at some paths expected
///
/// What was usual there, and below, is forgotten: only what came from the last run on (or from `--since` on) says what
/// is usual. All else stays as it is learned. Printed is a piece of the settings file that says what is done when it
/// changes again; nothing writes it anywhere: look at it first.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate baseline accept 'GLN 4012345000009' --path Price/Tax --reason 'tax is told per country now'
  feedgate baseline accept Harmonia --path Title --path Title/@language --reason 'told by mail'
  feedgate baseline accept Harmonia --path encoding --policy hold --reason 'UTF-8 from now on'

Exit status:
  0  it is expected from now on
  2  could not do it: no such sender or path, no database")]
struct AcceptArgs {
    #[command(flatten)]
    whose: WhoseArgs,
    /// Path from the record inwards as findings tell it, or a fact of the feed such as `encoding`; may be repeated
    #[arg(long, value_name = "PATH", required = true)]
    path: Vec<String>,
    /// What is done when it changes again, in the piece of settings that is printed
    #[arg(long, value_name = "POLICY", value_enum, default_value_t)]
    policy: PolicyWord,
}

/// What is done about a drift.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum PolicyWord {
    /// It is told as a notice
    Observe,
    /// It is told as a warning
    #[default]
    Warn,
    /// It is told as a warning, and nothing of the feed is imported before somebody has looked
    Hold,
}

impl From<PolicyWord> for DriftPolicy {
    fn from(word: PolicyWord) -> Self {
        match word {
            PolicyWord::Observe => Self::Observe,
            PolicyWord::Warn => Self::Warn,
            PolicyWord::Hold => Self::Hold,
        }
    }
}

/// Forget what is usual of a sender, and learn it anew
///
/// Runs that were imported so far say nothing any more. Until five more were, nothing is told as drift.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate baseline reset 'GLN 4012345000009' --reason 'they have another system'
  feedgate baseline reset Harmonia --kind delete --reason 'deletions come as short records now'
  feedgate baseline reset Harmonia --since 118 --reason 'another system since then'

Exit status:
  0  it is learned anew from now on
  2  could not do it: no such sender, no database")]
struct ResetArgs {
    #[command(flatten)]
    whose: WhoseArgs,
}

/// Whose baseline, and since when.
#[derive(Debug, Args)]
struct WhoseArgs {
    /// The sender
    #[arg(value_name = "SENDER")]
    source: String,
    /// Format and version, such as `onix/3.0`; needed only where the sender has feeds of several
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    /// Only of records of this kind: `new`, `update`, `amend`, `delete` or `ignore`
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Option<RecordKind>,
    /// The first run that says what is usual from now on
    #[arg(long, value_name = "RUN", value_parser = output::number)]
    since: Option<i64>,
    /// Why; kept with it
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    decider: DeciderArgs,
}

fn kind(word: &str) -> Result<RecordKind, String> {
    let words = || RecordKind::ALL.map(RecordKind::as_str).join(", ");
    RecordKind::of_word(word)
        .ok_or_else(|| format!("there is no such kind of record: use one of {}", words()))
}

pub(super) fn run(args: BaselineArgs, mut context: Context) -> anyhow::Result<Acceptance> {
    context.flag("database", args.database);
    match args.command {
        BaselineCommand::Show(args) => show(&args, &context.settle()?.database),
        BaselineCommand::Accept(args) => accept(&args, &context),
        BaselineCommand::Reset(args) => reset(&args.whose, &context),
    }
}

fn show(args: &ShowArgs, url: &DatabaseUrl) -> anyhow::Result<Acceptance> {
    let text = block_on(async {
        let store = existing(url).await?;
        match &args.source {
            None => Ok(listed(&store.structures_of(None, LISTED_MAX).await?, args.list.form())),
            Some(source) => {
                let format = format_of(&store, source, args.format.as_deref()).await?;
                Usual::read(&store, source, format).await.map(|usual| usual.told(args.list.form()))
            }
        }
    })??;
    output::print(&text)?;
    Ok(Acceptance::Accepted)
}

const COLUMNS: &[&str] = &["source", "format", "runs", "first", "last"];

fn listed(views: &[StructureView], form: ListForm) -> String {
    let rows = || views.iter().map(|view| rows::row("baseline", view)).collect::<Vec<_>>();
    match form {
        ListForm::Json => rows::json_lines(&rows()),
        ListForm::Csv => rows::csv(COLUMNS, &rows()),
        ListForm::Text if views.is_empty() => {
            "nothing is known yet: imports learn what is usual\n".to_owned()
        }
        ListForm::Text => {
            let (left, right) = (Side::Left, Side::Right);
            let mut columns =
                Columns::new(&[("sender", left), ("format", left), ("runs", right), ("", left)]);
            for view in views {
                let known = usize::try_from(view.runs).unwrap_or(usize::MAX);
                let state = if known < LEARNING_RUNS {
                    format!("learning, {known} of {LEARNING_RUNS}")
                } else {
                    format!("the last {} count", known.min(WINDOW_RUNS))
                };
                columns.row(&[view.source.clone(), view.format.clone(), view.runs.to_string(), state]);
            }
            columns.render()
        }
    }
}

/// What is usual of a sender's feeds of one format.
struct Usual {
    source: String,
    format: String,
    /// The newest first.
    runs: Vec<EarlierStructure>,
    accepted: Vec<DriftAcceptance>,
}

/// A run, as a row for programs.
#[derive(Serialize)]
struct RunRow<'a> {
    run: RunId,
    started_at: &'a str,
    feeds: u64,
    records: u64,
}

impl Usual {
    async fn read(store: &Store, source: &str, format: String) -> anyhow::Result<Self> {
        let runs = store.structures(source, &format, None).await?;
        let accepted = store.accepted_drifts(source, &format).await?;
        Ok(Self { source: source.to_owned(), format, runs, accepted })
    }

    fn told(&self, form: ListForm) -> String {
        let rows = self.runs.iter().map(|EarlierStructure { run, started_at, feeds, records, .. }| {
            let row = RunRow { run: *run, started_at, feeds: *feeds, records: *records };
            rows::row("baseline_run", &row)
        });
        let rows: Vec<_> = rows.collect();
        match form {
            ListForm::Text => self.text(),
            ListForm::Csv => rows::csv(&["run", "started_at", "feeds", "records"], &rows),
            ListForm::Json => {
                let expected = self.accepted.iter().map(|each| rows::row("expected", each));
                rows::json_lines(&rows.into_iter().chain(expected).collect::<Vec<_>>())
            }
        }
    }

    fn text(&self) -> String {
        let mut text =
            format!("{}, {}\n\nruns that are remembered, newest first\n", shown(&self.source), self.format);
        let right = Side::Right;
        let mut columns =
            Columns::new(&[("run", right), ("started", Side::Left), ("feeds", right), ("records", right)]);
        for run in &self.runs {
            let EarlierStructure { run, started_at, feeds, records, .. } = run;
            columns.row(&[run.to_string(), started_at.clone(), feeds.to_string(), records.to_string()]);
        }
        text.push_str(&columns.render());
        if !self.accepted.is_empty() {
            text.push_str("\ncalled expected\n");
        }
        for accepted in &self.accepted {
            writeln!(text, "  {}", said(accepted)).expect("writes to memory");
        }
        text.push_str("\nwhat the records of the last run hold\n");
        text.push_str(&self.last());
        text
    }

    /// What the last run brought.
    fn last(&self) -> String {
        let Some((run, profile)) =
            self.runs.first().and_then(|run| Some((run, Profile::unpack(&run.packed).ok()?)))
        else {
            return "it was written by another version of feedgate: the next run replaces it\n".to_owned();
        };
        let name = format!("run {}", run.run);
        let looked = Looked { feed: &name, format: &self.format, profile: &profile, against: &[] };
        let mut told = Vec::new();
        write_profile_text(&mut told, looked).expect("writes to memory");
        String::from_utf8_lossy(&told).into_owned()
    }
}

fn said(accepted: &DriftAcceptance) -> String {
    let DriftAcceptance { kind, path, since, who, accepted_at } = accepted;
    let what = if path.is_empty() { "everything".to_owned() } else { format!("`{}`", clean(path)) };
    let of = if kind.is_empty() { String::new() } else { format!(" of records of the kind {}", clean(kind)) };
    format!("{what}{of}, learned from run {since} on: {}, {accepted_at}", shown(who))
}

impl WhoseArgs {
    /// Calls these paths expected, or everything.
    fn expect(&self, paths: &[&str], context: &Context) -> anyhow::Result<Expected> {
        let decision = decided(context, &self.decider, Some(&self.reason))?;
        let expectation = Expectation {
            source: &self.source,
            format: self.format.as_deref(),
            kind: self.kind,
            paths,
            since: self.since.map(RunId),
        };
        let url = context.settle()?.database;
        block_on(async {
            let store = existing(&url).await?;
            Ok(expect_drifts(&store, expectation, Timestamp::now(), &decision).await?)
        })?
    }
}

fn accept(args: &AcceptArgs, context: &Context) -> anyhow::Result<Acceptance> {
    let paths: Vec<&str> = args.path.iter().map(String::as_str).collect();
    let expected = args.whose.expect(&paths, context)?;
    let (source, since) = (shown(&args.whose.source), expected.since);
    let paths: Vec<_> = paths.iter().map(|path| format!("`{}`", clean(path))).collect();
    let paths = paths.join(", ");
    output::notice(&format!(
        "{source} ({}): {paths} is learned anew from run {since} on; what runs before it brought says nothing any more",
        expected.format
    ));
    output::print(&args.patch(&context.settle()?.drift))?;
    Ok(Acceptance::Accepted)
}

impl AcceptArgs {
    /// The piece of the settings file, with what is said for the sender already.
    fn patch(&self, settings: &DriftSettings) -> String {
        let paths: Vec<&str> = self.path.iter().map(String::as_str).collect();
        let patch = settings.patch(&self.whose.source, &paths, self.policy.into());
        format!(
            "# What is done when it changes again: look at it, then put it into the settings file.\n{patch}"
        )
    }
}

fn reset(args: &WhoseArgs, context: &Context) -> anyhow::Result<Acceptance> {
    let expected = args.expect(&[], context)?;
    output::notice(&format!(
        "{} ({}): what is usual is learned anew from run {} on",
        shown(&args.source),
        expected.format,
        expected.since
    ));
    Ok(Acceptance::Accepted)
}

//! `feedgate runs`.

use super::columns::{Columns, Side};
use super::context::{Context, block_on};
use super::output;
use super::rows::{self, ListForm, RowsArgs};
use crate::config::TraceUrl;
use crate::import::REPLAY;
use crate::judgement::Acceptance;
use crate::report::escape::{clean, shown};
use crate::store::{Counts, FindingFilter, GroupView, RunId, RunView, SampleView, Store, StoreError};
use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::Value;
use std::fmt::Write;

/// Groups of deviations that one run shows.
const GROUPS_SHOWN_MAX: u32 = 50;

/// Samples of deviations that one run shows.
const SAMPLES_SHOWN_MAX: u32 = 20;

/// List the last imports, or show one
///
/// Without RUN, lists the last runs with what became of their records. With RUN, shows that run with
/// its deviations, grouped and with samples.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate runs                     the last 20 imports
  feedgate runs 12                  import 12 with its deviations
  feedgate runs --output csv        for a spreadsheet
  feedgate runs --json | jq 'select(.exit_status != 0) | .id'

Exit status:
  0  listed or shown
  2  could not do it: no such run, no database")]
pub(super) struct RunsArgs {
    /// Number of a run
    #[arg(value_parser = output::number)]
    run: Option<i64>,
    /// How many runs are listed
    #[arg(long, value_name = "N", value_parser = output::limit, default_value_t = 20, conflicts_with = "run")]
    limit: u32,
    #[command(flatten)]
    list: RowsArgs,
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

pub(super) fn run(args: RunsArgs, mut context: Context) -> anyhow::Result<Acceptance> {
    context.flag("database", args.database);
    let settings = context.settle()?;
    let (url, trace_url) = (settings.database, settings.telemetry.trace_url);
    let (text, left_out) = block_on(async {
        let store = existing(&url).await?;
        match args.run {
            None => {
                let (runs, all) = (store.runs(args.limit).await?, store.run_count().await?);
                let text = match args.list.form() {
                    ListForm::Text => listed(&runs),
                    form => rendered(form, &runs.iter().map(row_of).collect::<Vec<_>>()),
                };
                Ok::<_, anyhow::Error>((text, Some((runs.len(), all))))
            }
            Some(id) => {
                let id = RunId(id);
                let Some(run) = store.run(id).await? else {
                    bail!("there is no run {id} in `{url}`: `feedgate runs` lists those there are")
                };
                let deviations = Deviations::of(&store, id).await?;
                let text = match args.list.form() {
                    ListForm::Text => told(&run, trace_url.as_ref(), &deviations),
                    form => rendered(form, &[whole_row(&run, &deviations)]),
                };
                Ok((text, None))
            }
        }
    })??;
    output::print(&text)?;
    if let Some((listed, all)) = left_out {
        output::left_out(listed, all, "runs");
    }
    Ok(Acceptance::Accepted)
}

/// The deviations of a run, those that are shown, and how many there are.
struct Deviations {
    groups: Vec<GroupView>,
    groups_all: u64,
    /// Deviations in all groups.
    grouped: u64,
    samples: Vec<SampleView>,
    samples_all: u64,
}

impl Deviations {
    async fn of(store: &Store, run: RunId) -> Result<Self, StoreError> {
        let (groups_all, grouped) = store.group_count(run, FindingFilter::default()).await?;
        Ok(Self {
            groups: store.groups(run, GROUPS_SHOWN_MAX).await?,
            groups_all,
            grouped,
            samples: store.samples(run, SAMPLES_SHOWN_MAX).await?,
            samples_all: store.finding_count(run, FindingFilter::default()).await?,
        })
    }
}

/// What a spreadsheet gets of a run.
const COLUMNS: &[&str] = &[
    "id",
    "state",
    "started_at",
    "finished_at",
    "exit_status",
    "feeds",
    "counts.bytes",
    "counts.records",
    "counts.inserted",
    "counts.updated",
    "counts.unchanged",
    "counts.withdrawn",
    "counts.stale",
    "counts.refused",
    "counts.notices",
    "counts.warnings",
    "counts.errors",
    "counts.fatals",
    "rolls_back",
    "rolled_back_by",
    "trace_id",
    "message",
];

fn rendered(form: ListForm, rows: &[Value]) -> String {
    if form == ListForm::Csv { rows::csv(COLUMNS, rows) } else { rows::json_lines(rows) }
}

/// A run for programs, under the names of `/v1/runs`.
fn row_of(run: &RunView) -> Value {
    let mut row = rows::row("run", run);
    row["acceptance"] = run.acceptance.map(Acceptance::as_str).into();
    row
}

/// The same, with its deviations.
fn whole_row(run: &RunView, deviations: &Deviations) -> Value {
    let mut row = row_of(run);
    row["groups"] = serde_json::to_value(&deviations.groups).expect("texts and numbers are JSON");
    row["groups_total"] = deviations.groups_all.into();
    row["findings_total"] = all_findings(&run.counts).into();
    row["samples"] = serde_json::to_value(&deviations.samples).expect("texts and numbers are JSON");
    row["samples_total"] = deviations.samples_all.into();
    row
}

/// All deviations of a run, also those beyond what is kept of a record.
fn all_findings(counts: &Counts) -> u64 {
    counts.notices + counts.warnings + counts.errors + counts.fatals
}

/// The database, which must be one that feedgate has imported into.
pub(super) async fn existing(url: &crate::config::DatabaseUrl) -> anyhow::Result<Store> {
    output::detail(|| format!("the database is `{url}`"));
    Store::open_existing(url).await?.with_context(|| {
        format!("nothing was ever imported into `{url}`: check `--database`, or import first")
    })
}

fn listed(runs: &[RunView]) -> String {
    if runs.is_empty() {
        return "no runs yet\n".to_owned();
    }
    let (left, right) = (Side::Left, Side::Right);
    let mut columns = Columns::new(&[
        ("run", right),
        ("started", left),
        ("state", left),
        ("exit", right),
        ("feeds", right),
        ("records", right),
        ("imported", right),
        ("unchanged", right),
        ("withdrawn", right),
        ("refused", right),
        ("", left),
    ]);
    for run in runs {
        let counts = &run.counts;
        columns.row(&[
            run.id.to_string(),
            run.started_at.clone().unwrap_or_default(),
            run.state.to_string(),
            run.acceptance.map_or_else(|| "-".to_owned(), |acceptance| acceptance.exit_status().to_string()),
            run.feeds.to_string(),
            counts.records.to_string(),
            (counts.inserted + counts.updated).to_string(),
            counts.unchanged.to_string(),
            counts.withdrawn.to_string(),
            counts.refused.to_string(),
            undoing(run),
        ]);
    }
    columns.render()
}

/// What a run did beside reading feeds.
fn undoing(run: &RunView) -> String {
    let replayed = run.message.clone().filter(|said| run.feeds == 0 && said.starts_with(REPLAY));
    let rolls_back = run.rolls_back.map(|other| format!("rolled back run {other}"));
    let rolled_back = run.rolled_back_by.map(|other| format!("rolled back by run {other}"));
    [replayed, rolls_back, rolled_back].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn told(run: &RunView, trace_url: Option<&TraceUrl>, deviations: &Deviations) -> String {
    let mut text = String::new();
    let mut line = |label: &str, value: &str| {
        writeln!(text, "{label:12}{}", clean(value)).expect("writes to memory");
    };
    let counts = &run.counts;
    line("run", &run.id.to_string());
    line("state", run.state.as_str());
    line("started", run.started_at.as_deref().unwrap_or("not yet"));
    line("finished", run.finished_at.as_deref().unwrap_or("-"));
    if let Some(acceptance) = run.acceptance {
        line("exit status", &format!("{}: {}", acceptance.exit_status(), acceptance.meaning()));
    }
    if let Some(other) = run.rolls_back {
        line("rolled back", &format!("run {other}"));
    }
    if let Some(other) = run.rolled_back_by {
        line("undone", &format!("rolled back by run {other}"));
    }
    if let Some(message) = &run.message {
        line("message", message);
    }
    if let Some(trace) = &run.trace_id {
        line("trace", trace);
        if let Some(url) = trace_url {
            // No span of it is the one to see first.
            line("", &url.of(trace, ""));
        }
    }
    line("feeds", &run.feeds.to_string());
    line("records", &counts.records.to_string());
    line("  new", &counts.inserted.to_string());
    line("  changed", &counts.updated.to_string());
    line("  unchanged", &counts.unchanged.to_string());
    line("  withdrawn", &counts.withdrawn.to_string());
    if counts.stale > 0 {
        line("  older", &format!("{}, passed over", counts.stale));
    }
    line("  refused", &counts.refused.to_string());
    line("deviations", &all_findings(counts).to_string());
    text.push_str(&told_deviations(all_findings(counts), deviations));
    text
}

fn told_deviations(all: u64, deviations: &Deviations) -> String {
    let Deviations { groups, groups_all, grouped, samples, samples_all } = deviations;
    let mut text = String::new();
    if !groups.is_empty() {
        text.push('\n');
    }
    for GroupView { feed, group } in groups {
        writeln!(
            text,
            "{:>7}  {} {} [{}] {} in {}",
            group.count,
            group.severity,
            shown(&group.sentence),
            clean(&group.code),
            shown(&group.path),
            shown(feed)
        )
        .expect("writes to memory");
    }
    if groups.len() as u64 != *groups_all {
        writeln!(text, "the first {} of {groups_all} groups are shown", groups.len())
            .expect("writes to memory");
    }
    if let more @ 1.. = all.saturating_sub(*grouped) {
        writeln!(text, "{more:>7}  more were counted, and are in no group").expect("writes to memory");
    }
    match samples.len() as u64 {
        0 => {}
        shown if shown == *samples_all => text.push_str("\nsamples\n"),
        shown => writeln!(text, "\nsamples, the first {shown} of {samples_all}").expect("writes to memory"),
    }
    for SampleView { feed, finding } in samples {
        let key = finding.reference.as_deref().unwrap_or("-");
        writeln!(
            text,
            "{}:{}:{}: {}: {} [{}] [{}] [{}]",
            clean(feed),
            finding.line,
            finding.column,
            finding.severity,
            shown(&finding.sentence),
            clean(&finding.code),
            shown(&finding.path),
            shown(key)
        )
        .expect("writes to memory");
    }
    text
}

//! `feedgate held`: feeds that wait for somebody to decide.

use super::columns::{Columns, Side};
use super::context::{Context, block_on};
use super::decision::{DeciderArgs, decided};
use super::formats::known;
use super::import::settled;
use super::output;
use super::reading::ReadOptions;
use super::reports;
use super::rows::{self, ListForm};
use super::runs::existing;
use crate::config::DatabaseUrl;
use crate::import::{Changes, GuardKind, HeldPlan, ImportPlan, Release};
use crate::judgement::Acceptance;
use crate::pipeline::FormatPlans;
use crate::report::escape::{clean, shown};
use crate::run::held_feed;
use crate::source::{Digesting, Inputs};
use crate::store::{EarlierRun, HeldFilter, HeldState, HeldView, Store};
use anyhow::{Context as _, bail};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use serde_json::Value;
use std::fmt::Write;
use std::sync::Arc;

/// Earlier feeds of the same sender that are shown.
const EARLIER_SHOWN_MAX: u32 = 10;

/// See feeds that are held, and decide about them
///
/// A feed that would change too much, or is older than what was imported, is held: nothing of it is imported until
/// somebody has looked at what it would do. Its bytes are kept in the database, for `held.keep`.
#[derive(Debug, Args)]
pub(super) struct HeldArgs {
    #[command(subcommand)]
    command: HeldCommand,
    #[arg(long, value_name = "URL", global = true)]
    database: Option<String>,
}

#[derive(Debug, Subcommand)]
enum HeldCommand {
    List(ListArgs),
    Show(ShowArgs),
    Release(ReleaseArgs),
    Refuse(RefuseArgs),
}

/// List held feeds, oldest first
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate held list                         everything that waits
  feedgate held list --output csv            for a spreadsheet
  feedgate held list --state all --source 'GLN 4012345000009'

Exit status:
  0  listed, also when there is nothing
  2  could not do it")]
struct ListArgs {
    /// Only feeds in this state
    #[arg(long, value_name = "STATE", default_value = "open")]
    #[arg(value_parser = PossibleValuesParser::new(["open", "released", "refused", "superseded", "expired", "all"]))]
    state: String,
    /// Only feeds of this sender
    #[arg(long, value_name = "SENDER")]
    source: Option<String>,
    /// How many feeds are listed
    #[arg(long, value_name = "N", value_parser = output::limit, default_value_t = 100)]
    limit: u32,
    #[command(flatten)]
    list: rows::RowsArgs,
}

/// Show what a held feed would do
///
/// Which limits it exceeds and by how much, what earlier feeds of the sender did, how much of each kind it would
/// change, and a few of the changes with what stands now.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate held show 17
  feedgate held show 17 --json | jq .plan.samples

Exit status:
  0  shown
  2  could not do it: no such feed, no database")]
struct ShowArgs {
    /// Number of the held feed
    #[arg(value_parser = output::number)]
    feed: i64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Let a held feed in
///
/// It is read and judged again. It is imported when it would do what was seen, and nothing else: the digest of the
/// plan says so. Limits do not hold it a second time. Products that a newer message has changed stay as they are.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate held release 17 --plan 3f9a0c27d1b5 --reason 'autumn prices, confirmed by the publisher'

Exit status:
  0  imported
  1  imported, but for records that are refused: they are in quarantine
  2  could not do it: no such feed, not open any more, bytes not kept, database
  3  still held: it would do something else by now; look again
  4  not fully checked: the schema uses constructs that the engine does not check
  5  cancelled by SIGTERM or SIGINT: nothing of it is imported")]
struct ReleaseArgs {
    /// Number of the held feed
    #[arg(value_parser = output::number)]
    feed: i64,
    /// Digest of the plan that was seen, as `held show` tells it
    #[arg(long, value_name = "DIGEST")]
    plan: String,
    /// Why it is let in; kept with the feed
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    decider: DeciderArgs,
    #[command(flatten)]
    read: ReadOptions,
}

/// Give up a held feed that is not wanted
///
/// Its bytes are forgotten; that it was held, and why it was refused, is kept.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate held refuse 17 --reason 'sent by mistake, a right one will come'

Exit status:
  0  refused
  2  could not do it: no such feed, or not open any more")]
struct RefuseArgs {
    /// Number of the held feed
    #[arg(value_parser = output::number)]
    feed: i64,
    /// Why; kept with the feed
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    decider: DeciderArgs,
}

pub(super) fn run(args: HeldArgs, mut context: Context) -> anyhow::Result<Acceptance> {
    context.flag("database", args.database);
    match args.command {
        HeldCommand::Release(args) => release(&args, context),
        HeldCommand::List(args) => list(&args, &context.settle()?.database),
        HeldCommand::Show(args) => show(&args, &context.settle()?.database),
        HeldCommand::Refuse(args) => refuse(&args, &context),
    }
}

fn list(args: &ListArgs, url: &DatabaseUrl) -> anyhow::Result<Acceptance> {
    let state = HeldState::ALL.into_iter().find(|state| state.as_str() == args.state);
    let filter = HeldFilter { state, source: args.source.as_deref(), ..HeldFilter::default() };
    let (feeds, all) = block_on(async {
        let store = existing(url).await?;
        Ok::<_, anyhow::Error>((store.held(filter, args.limit).await?, store.held_count(filter).await?))
    })??;
    let text = match args.list.form() {
        ListForm::Text => listed(&feeds),
        ListForm::Json => rows::json_lines(&feeds.iter().map(|feed| row_of(feed, &[])).collect::<Vec<_>>()),
        ListForm::Csv => rows::csv(COLUMNS, &feeds.iter().map(|feed| row_of(feed, &[])).collect::<Vec<_>>()),
    };
    output::print(&text)?;
    output::left_out(feeds.len(), all, "held feeds");
    Ok(Acceptance::Accepted)
}

fn listed(feeds: &[HeldView]) -> String {
    if feeds.is_empty() {
        return "no such held feeds\n".to_owned();
    }
    let (left, right) = (Side::Left, Side::Right);
    let mut columns = Columns::new(&[
        ("held", right),
        ("state", left),
        ("since", left),
        ("run", right),
        ("sender", left),
        ("feed", left),
        ("records", right),
        ("why", left),
    ]);
    for feed in feeds {
        columns.row(&[
            feed.id.to_string(),
            feed.state.as_str().to_owned(),
            feed.held_at.clone(),
            feed.run.to_string(),
            feed.source.clone(),
            feed.feed.clone(),
            feed.records.to_string(),
            plan_of(feed).map(|plan| reason(&plan)).unwrap_or_default(),
        ]);
    }
    columns.render()
}

fn plan_of(feed: &HeldView) -> anyhow::Result<HeldPlan> {
    serde_json::from_value(feed.plan.clone())
        .context("the plan of the feed was written by another version of feedgate")
}

/// Why the feed is held, in a few words: the first limit it exceeds.
fn reason(plan: &HeldPlan) -> String {
    match (&plan.stale, plan.exceeded.first()) {
        (Some(_), _) => "older than what was applied".to_owned(),
        (None, Some(first)) => match first.setting() {
            Some(setting) if first.kind == GuardKind::Drift => {
                format!("{setting}: {} ({})", first.count, first.limit)
            }
            Some(setting) => format!("{setting}: {} of {} ({})", first.count, first.base, first.limit),
            None => "no records".to_owned(),
        },
        (None, None) => String::new(),
    }
}

fn show(args: &ShowArgs, url: &DatabaseUrl) -> anyhow::Result<Acceptance> {
    let (feed, earlier) = block_on(async {
        let store = existing(url).await?;
        let feed = fetched(&store, url, args.feed).await?;
        let earlier = store.before_held(feed.id, EARLIER_SHOWN_MAX).await?;
        Ok::<_, anyhow::Error>((feed, earlier))
    })??;
    let text = if args.json {
        output::json_line(&row_of(&feed, &earlier))
    } else {
        told(&feed, &plan_of(&feed)?, &earlier)
    };
    output::print(&text)?;
    Ok(Acceptance::Accepted)
}

async fn fetched(store: &Store, url: &DatabaseUrl, id: i64) -> anyhow::Result<HeldView> {
    store.held_feed(id).await?.with_context(|| {
        format!(
            "there is no held feed {id} in `{url}`: `feedgate held list --state all` lists those there are"
        )
    })
}

/// A feed for programs.
fn row_of(feed: &HeldView, earlier: &[EarlierRun]) -> Value {
    let mut row = rows::row("held_feed", feed);
    if !earlier.is_empty() {
        row["earlier"] = serde_json::to_value(earlier).expect("texts and numbers are JSON");
    }
    row
}

/// What a spreadsheet gets of a held feed.
const COLUMNS: &[&str] = &[
    "id",
    "state",
    "run",
    "source",
    "feed",
    "format",
    "message_number",
    "records",
    "held_at",
    "keep_until",
    "plan_digest",
    "packed_bytes",
    "resolved_at",
    "resolved_run",
    "reason",
];

fn told(feed: &HeldView, plan: &HeldPlan, earlier: &[EarlierRun]) -> String {
    let mut text = head(feed, plan);
    text.push_str("\nheld because\n");
    for reason in plan.reasons() {
        writeln!(text, "  {}", shown(&reason)).expect("writes to memory");
    }
    for drift in &plan.drifts {
        writeln!(text, "    {}", shown(drift)).expect("writes to memory");
    }
    text.push_str("\nit would change, of what stands\n");
    text.push_str(&counted(plan));
    if !earlier.is_empty() {
        text.push_str("\nearlier feeds of the sender\n");
        text.push_str(&past(earlier));
    }
    if !plan.samples.is_empty() {
        text.push_str("\nsome of the changes\n");
    }
    for sample in &plan.samples {
        let (kind, key, title) = (&sample.kind, shown(&sample.key), shown(&sample.title));
        writeln!(text, "  {kind:12}{key} “{title}”").expect("writes to memory");
        for (name, old, new) in &sample.fields {
            writeln!(text, "    {name}: {} → {}", value(old), value(new)).expect("writes to memory");
        }
    }
    text.push_str(&decision(feed, plan));
    text
}

fn head(feed: &HeldView, plan: &HeldPlan) -> String {
    let mut text = String::new();
    let mut line = |label: &str, value: &str| {
        writeln!(text, "{label:10}{}", shown(value)).expect("writes to memory");
    };
    line("held", &feed.id.to_string());
    line("state", feed.state.as_str());
    line("sender", &feed.source);
    let message =
        feed.message_number.as_ref().map(|number| format!(", message {number}")).unwrap_or_default();
    line("feed", &format!("{}, {}, {} records{message}", feed.feed, feed.format, feed.records));
    line("since", &format!("{}, by run {}", feed.held_at, feed.run));
    if feed.state == HeldState::Open {
        line("until", &feed.keep_until);
    }
    if let Some(at) = &feed.resolved_at {
        let run = feed.resolved_run.map(|run| format!(", by run {run}")).unwrap_or_default();
        let why = feed.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        line(feed.state.as_str(), &format!("{at}{run}{why}"));
    }
    line("plan", &plan.digest);
    text
}

fn value(text: &str) -> String {
    if text.is_empty() { "nothing".to_owned() } else { shown(text) }
}

fn counted(plan: &HeldPlan) -> String {
    let Changes { withdrawn, unavailable, prices, price_jumps, updated, created, same_titles, .. } =
        plan.changes;
    let mut columns = Columns::new(&[("", Side::Left), ("products", Side::Right), ("of", Side::Right)]);
    let rows = [
        ("withdrawn", withdrawn),
        ("unavailable", unavailable),
        ("prices", prices),
        ("prices beyond the factor", price_jumps),
        ("updated", updated),
        ("created", created),
        ("titles that others get, too", same_titles),
    ];
    for (label, count) in rows {
        let least = if label == rows[3].0 && plan.has_unseen_prices { "at least " } else { "" };
        columns.row(&[format!("  {label}"), format!("{least}{count}"), plan.live.to_string()]);
    }
    let mut text = columns.render();
    let usual = plan.usual_records.map(|usual| format!("; {usual} are usual")).unwrap_or_default();
    let Changes { records, refused, .. } = plan.changes;
    writeln!(text, "  {records} records, {refused} of them refused{usual}").expect("writes to memory");
    text
}

fn past(earlier: &[EarlierRun]) -> String {
    let right = Side::Right;
    let mut columns = Columns::new(&[
        ("  run", right),
        ("when", Side::Left),
        ("state", Side::Left),
        ("records", right),
        ("created", right),
        ("updated", right),
        ("withdrawn", right),
        ("refused", right),
    ]);
    for feed in earlier {
        let numbers = [feed.records, feed.inserted, feed.updated, feed.withdrawn, feed.refused];
        let mut row = vec![feed.run.to_string(), feed.at.clone(), feed.state.clone()];
        row.extend(numbers.map(|number| number.to_string()));
        columns.row(&row);
    }
    columns.render()
}

/// What can be done now.
fn decision(feed: &HeldView, plan: &HeldPlan) -> String {
    let HeldView { id, .. } = feed;
    match (feed.state, &plan.not_kept) {
        (HeldState::Open, Some(why)) => format!(
            "\nIts bytes were not kept ({}): to import it, raise the limit and deliver it again.\n",
            shown(why)
        ),
        (HeldState::Open, None) => format!(
            "\nto let it in:    feedgate held release {id} --plan {} --reason TEXT\n\
             to give it up:   feedgate held refuse {id} --reason TEXT\n",
            plan.digest
        ),
        _ => String::new(),
    }
}

fn release(args: &ReleaseArgs, mut context: Context) -> anyhow::Result<Acceptance> {
    // Looked at first: what cannot be let in begins no run.
    let url = context.settle()?.database;
    let decision = decided(&context, &args.decider, Some(&args.reason))?;
    let (feed, source, copy) = block_on(async {
        let store = existing(&url).await?;
        let feed = fetched(&store, &url, args.feed).await?;
        check(&feed)?;
        let (source, copy) = held_feed(&store, &feed).await?;
        Ok::<_, anyhow::Error>((feed, source, copy))
    })??;
    let mut plan = args.read.settle("release", &mut context)?;
    plan.feeds = vec![source];
    reports::admit(&plan.settings, &context, Inputs::default())?;
    let formats = FormatPlans::new(known(&context, &plan.settings, Some(&feed.format))?);
    let reason = args.reason.trim().to_owned();
    let import = ImportPlan {
        source: Some(feed.source.clone()),
        decision: Some(decision),
        release: Some(Release { held: feed.id, plan: args.plan.trim().to_lowercase(), reason }),
        ..settled(&plan.settings, &formats)
    };
    let status = plan.run("release", Arc::new(formats), Digesting::WhileReading, Some(import));
    drop(copy);
    status
}

/// Whether a feed can be let in.
fn check(feed: &HeldView) -> anyhow::Result<()> {
    let id = feed.id;
    if feed.state != HeldState::Open {
        bail!(
            "held feed {id} is {} and waits for nobody: `feedgate held show {id}` tells more",
            feed.state.as_str()
        );
    }
    if feed.packed_bytes == 0 {
        bail!(
            "the bytes of held feed {id} were not kept: raise the limit that holds it and deliver it again"
        );
    }
    Ok(())
}

fn refuse(args: &RefuseArgs, context: &Context) -> anyhow::Result<Acceptance> {
    let url = &context.settle()?.database;
    let decision = decided(context, &args.decider, Some(&args.reason))?;
    block_on(async {
        let store = existing(url).await?;
        let feed = fetched(&store, url, args.feed).await?;
        if !store.refuse_held(feed.id, jiff::Timestamp::now(), &decision).await? {
            bail!("held feed {} is {} and waits for nobody", feed.id, feed.state.as_str());
        }
        Ok(())
    })??;
    output::notice(&format!("held feed {} is given up: {}", args.feed, clean(args.reason.trim())));
    Ok(Acceptance::Accepted)
}

//! `feedgate quarantine`: see, write out, give up. Replay has a file of its own.

use super::columns::{Columns, Side};
use super::context::{Context, block_on};
use super::decision::{DeciderArgs, decided};
use super::output;
use super::replay::{self, ReplayArgs};
use super::rows::{self, ListForm};
use super::runs::existing;
use crate::config::DatabaseUrl;
use crate::judgement::Acceptance;
use crate::report::escape::{clean, shown};
use crate::report::mended_diff;
use crate::store::{
    FindingView, QuarantineEntry, QuarantineFilter, QuarantineState, QuarantinedRecord, RunId, Store,
};
use anyhow::{Context as _, bail};
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::io::{self, IsTerminal, Write as _};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Lines of a refused record that are shown.
const RECORD_LINES_SHOWN_MAX: usize = 200;
/// Digits of a digest that tell it from others.
const DIGITS_SHOWN: usize = 12;

/// Entries that are looked up at a time before they are discarded.
const DISCARD_AT_ONCE: u32 = 1_000;

/// Entries that one export writes.
const EXPORT_ENTRIES_MAX: u32 = 100_000;

/// See and repair refused records
///
/// A refused record is kept byte for byte with its deviations until a later feed brings it right, or
/// somebody replays or discards it.
#[derive(Debug, Args)]
pub(super) struct QuarantineArgs {
    #[command(subcommand)]
    command: QuarantineCommand,
    #[arg(long, value_name = "URL", global = true)]
    database: Option<String>,
}

#[derive(Debug, Subcommand)]
enum QuarantineCommand {
    List(ListArgs),
    Show(ShowArgs),
    Export(ExportArgs),
    Replay(ReplayArgs),
    Discard(DiscardArgs),
}

/// Which entries are meant.
#[derive(Debug, Args)]
pub(super) struct FilterArgs {
    /// Only entries in this state
    #[arg(long, value_name = "STATE", default_value = "open")]
    #[arg(value_parser = PossibleValuesParser::new(["open", "replayed", "superseded", "discarded", "all"]))]
    state: String,
    /// Only entries refused by this run
    #[arg(long, value_name = "RUN")]
    run: Option<i64>,
    /// Only entries of this sender
    #[arg(long, value_name = "SENDER")]
    source: Option<String>,
    /// Only entries with this record key
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

impl FilterArgs {
    pub(super) fn filter(&self) -> QuarantineFilter<'_> {
        use QuarantineState::{Discarded, Open, Replayed, Superseded};
        let states = [Open, Replayed, Superseded, Discarded];
        QuarantineFilter {
            state: states.into_iter().find(|state| state.as_str() == self.state),
            run: self.run.map(RunId),
            source: self.source.as_deref(),
            reference: self.key.as_deref(),
            ..QuarantineFilter::default()
        }
    }
}

/// List refused records, oldest first
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate quarantine list                   everything that waits
  feedgate quarantine list --run 12          what run 12 refused and still waits
  feedgate quarantine list --output csv      for a spreadsheet
  feedgate quarantine list --json | jq -r 'select(.findings[].code == \"rule.gtin\") | .key'

Exit status:
  0  listed, also when there is nothing
  2  could not do it")]
struct ListArgs {
    #[command(flatten)]
    filter: FilterArgs,
    /// How many entries are listed
    #[arg(long, value_name = "N", value_parser = output::limit, default_value_t = 100)]
    limit: u32,
    #[command(flatten)]
    list: rows::RowsArgs,
}

/// Show a refused record with its deviations
#[derive(Debug, Args)]
#[command(after_long_help = "\
Exit status:
  0  shown
  2  could not do it: no such entry, no database")]
struct ShowArgs {
    /// Number of the entry
    #[arg(value_parser = output::number)]
    entry: i64,
}

/// Write refused records, byte for byte
///
/// One entry goes to standard output unless a folder is named. With a folder, each entry becomes a file
/// `<number>.xml` there; without numbers, all entries that the filters leave. A file that is there already stays
/// as it is: if it holds something else, nothing more is written.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate quarantine export 7 > record.xml
  feedgate quarantine export --to refused/ --run 12
  feedgate quarantine export --mended 7 > corrected.xml

Exit status:
  0  written
  2  could not do it: no such entry, no database, folder not writable")]
struct ExportArgs {
    /// Numbers of entries
    #[arg(value_parser = output::number)]
    entries: Vec<i64>,
    /// Folder for the files; made when absent
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
    #[command(flatten)]
    filter: FilterArgs,
    /// Write the corrected record that was imported in place of the refused one; entries without one are left out of
    /// a folder
    #[arg(long)]
    mended: bool,
}

impl ExportArgs {
    /// What is to be written of an entry.
    fn bytes(&self, record: QuarantinedRecord) -> Option<Vec<u8>> {
        if self.mended { record.mended } else { Some(record.bytes) }
    }
}

/// Give up refused records that are not wanted any more
///
/// Which they are is said by their numbers, or by `--all`, `--run` or `--key`; then somebody at a terminal is
/// asked, and everybody else says `--yes`. They stay in the database, marked as discarded. When one of them is
/// not open, none is discarded.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate quarantine discard 7 8 --reason 'test records of the sender'
  feedgate quarantine discard --run 12 --yes --reason 'sent by mistake'
  feedgate quarantine discard --key HN-4711 --yes

Exit status:
  0  discarded
  2  could not do it: no such entry, or not open any more")]
struct DiscardArgs {
    /// Numbers of entries
    #[arg(value_parser = output::number)]
    entries: Vec<i64>,
    #[command(flatten)]
    chosen: ChosenArgs,
    /// Do not ask whether all that were found are meant; of entries that are named nobody is asked
    #[arg(long)]
    yes: bool,
    /// Why; kept in `feedgate audit`
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    decider: DeciderArgs,
}

/// Open entries that are meant, in place of their numbers.
#[derive(Debug, Args)]
struct ChosenArgs {
    /// Every open entry
    #[arg(long, conflicts_with_all = ["run", "key", "entries"])]
    all: bool,
    /// Open entries that this run refused
    #[arg(long, value_name = "RUN", value_parser = output::number, conflicts_with = "entries")]
    run: Option<i64>,
    /// Open entries with this record key
    #[arg(long, value_name = "KEY", conflicts_with = "entries")]
    key: Option<String>,
}

impl ChosenArgs {
    fn is_any(&self) -> bool {
        self.all || self.run.is_some() || self.key.is_some()
    }

    /// Which they are.
    fn words(&self) -> String {
        let run = self.run.map(|run| format!("was refused by run {run}"));
        let key = self.key.as_ref().map(|key| format!("is of the record `{}`", shown(key)));
        run.into_iter().chain(key).collect::<Vec<_>>().join(" and ")
    }

    fn filter(&self) -> QuarantineFilter<'_> {
        QuarantineFilter {
            state: Some(QuarantineState::Open),
            run: self.run.map(RunId),
            reference: self.key.as_deref(),
            ..QuarantineFilter::default()
        }
    }
}

impl QuarantineArgs {
    /// How traces and metrics name the run, where the command is one.
    pub(super) fn run(&self) -> Option<&'static str> {
        matches!(self.command, QuarantineCommand::Replay(_)).then_some("replay")
    }
}

pub(super) fn run(args: QuarantineArgs, mut context: Context) -> anyhow::Result<Acceptance> {
    context.flag("database", args.database);
    if let QuarantineCommand::Replay(replay) = &args.command {
        replay.settle(&mut context);
    }
    let settings = context.settle()?;
    let url = &settings.database;
    match args.command {
        QuarantineCommand::List(args) => list(&args, url),
        QuarantineCommand::Show(args) => show(&args, url),
        QuarantineCommand::Export(args) => export(&args, url),
        QuarantineCommand::Replay(args) => replay::run(&args, &settings, &context),
        QuarantineCommand::Discard(args) => discard(&args, url, &context),
    }
}

fn list(args: &ListArgs, url: &DatabaseUrl) -> anyhow::Result<Acceptance> {
    let (entries, all) = block_on(async {
        let (store, filter) = (existing(url).await?, args.filter.filter());
        let entries = store.quarantine(filter, args.limit).await?;
        Ok::<_, anyhow::Error>((entries, store.quarantine_count(filter).await?))
    })??;
    let rows = || entries.iter().map(row_of).collect::<Vec<_>>();
    output::print(&match args.list.form() {
        ListForm::Text => listed(&entries),
        ListForm::Json => rows::json_lines(&rows()),
        ListForm::Csv => rows::csv(COLUMNS, &rows()),
    })?;
    output::left_out(entries.len(), all, "entries");
    Ok(Acceptance::Accepted)
}

/// What a spreadsheet gets of an entry; of its findings the first.
const COLUMNS: &[&str] = &[
    "id",
    "state",
    "created_at",
    "first_run",
    "last_run",
    "resolved_at",
    "source",
    "feed",
    "key",
    "ordinal",
    "line",
    "column",
    "byte",
    "format",
    "size",
    "findings_count",
    "findings.0.code",
    "findings.0.sentence",
    "findings.0.path",
];

/// An entry for programs, under the names of `/v1/quarantine`.
fn row_of(entry: &QuarantineEntry) -> Value {
    let mut row = rows::row("quarantine_entry", entry);
    let fields = row.as_object_mut().expect("a row has fields");
    let key = fields.remove("reference").unwrap_or_default();
    fields.insert("key".to_owned(), key);
    for finding in fields["findings"].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        // The entry says which record it is.
        finding.retain(|name, _| name != "ordinal" && name != "reference");
    }
    fields.insert("findings_count".to_owned(), entry.findings.len().into());
    row
}

fn listed(entries: &[QuarantineEntry]) -> String {
    if entries.is_empty() {
        return "no such entries in quarantine\n".to_owned();
    }
    let (left, right) = (Side::Left, Side::Right);
    let mut columns = Columns::new(&[
        ("entry", right),
        ("state", left),
        ("record", left),
        ("place", left),
        ("bytes", right),
        ("run", right),
        ("first deviation", left),
    ]);
    for entry in entries {
        columns.row(&[
            entry.id.to_string(),
            entry.state.as_str().to_owned(),
            entry.reference.clone().unwrap_or_else(|| format!("number {}", entry.ordinal)),
            format!("{}:{}:{}", entry.feed, entry.line, entry.column),
            entry.size.to_string(),
            entry.last_run.to_string(),
            entry.findings.first().map(|finding| finding.sentence.clone()).unwrap_or_default(),
        ]);
    }
    columns.render()
}

fn show(args: &ShowArgs, url: &DatabaseUrl) -> anyhow::Result<Acceptance> {
    let record = block_on(async { fetched(&existing(url).await?, url, args.entry).await })??;
    output::print(&told(&record))?;
    Ok(Acceptance::Accepted)
}

async fn fetched(store: &Store, url: &DatabaseUrl, id: i64) -> anyhow::Result<QuarantinedRecord> {
    let found = store.quarantined(id).await?;
    found.with_context(|| {
        format!("there is no entry {id} in the quarantine of `{url}`: `feedgate quarantine list` lists those there are")
    })
}

fn told(record: &QuarantinedRecord) -> String {
    let entry = &record.entry;
    let mut text = String::new();
    let mut line = |label: &str, value: &str| {
        writeln!(text, "{label:10}{}", shown(value)).expect("writes to memory");
    };
    line("entry", &entry.id.to_string());
    line("state", entry.state.as_str());
    line("record", entry.reference.as_deref().unwrap_or("without a key"));
    line("sender", &entry.source);
    line("feed", &format!("{}:{}:{}, record number {}", entry.feed, entry.line, entry.column, entry.ordinal));
    line("format", &format!("{}, profile {}", entry.format, entry.profile_version));
    line(
        "refused",
        &format!("{} by run {}, last by run {}", entry.created_at, entry.first_run, entry.last_run),
    );
    if let Some(resolved) = &entry.resolved_at {
        line("resolved", resolved);
    }
    text.push('\n');
    for finding in &entry.findings {
        text.push_str(&deviation(&entry.feed, finding));
    }
    let encoding = clean(&record.context.encoding);
    if record.bytes.is_empty() {
        text.push_str("\nits text was not kept: the record is larger than `limits.record_bytes_max`\n");
    } else {
        let (size, digest) = (entry.size, &entry.digest[..DIGITS_SHOWN.min(entry.digest.len())]);
        write!(text, "\n{size} bytes, {encoding}, digest {digest}\n{}", source(&record.bytes))
            .expect("writes to memory");
    }
    if let Some(mended) = &record.mended {
        write!(
            text,
            "\nmended: a record of {} bytes was imported in its place\n{}",
            mended.len(),
            mended_diff(&record.bytes, mended, &record.context.encoding)
        )
        .expect("writes to memory");
    }
    text
}

fn deviation(feed: &str, finding: &FindingView) -> String {
    let (line, column) = (finding.line, finding.column);
    let mut text = format!(
        "{}: {} [{}]\n  {}:{line}:{column}\n  {}\n",
        finding.severity,
        shown(&finding.sentence),
        clean(&finding.code),
        clean(feed),
        shown(&finding.path)
    );
    if !finding.excerpt.is_empty() {
        let excerpt = shown(&finding.excerpt);
        let room = excerpt.chars().count();
        let caret = usize::try_from(finding.caret).unwrap_or(room).min(room);
        let width = usize::try_from(finding.caret_width).unwrap_or(1).clamp(1, (room - caret).max(1));
        writeln!(text, "  | {excerpt}\n  | {}{}", " ".repeat(caret), "^".repeat(width))
            .expect("writes to memory");
    }
    text
}

/// The record as text, each line made harmless.
fn source(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.lines().take(RECORD_LINES_SHOWN_MAX).map(|line| format!("  {}\n", shown(line)));
    let mut source: String = lines.collect();
    let more = text.lines().count().saturating_sub(RECORD_LINES_SHOWN_MAX);
    if more > 0 {
        writeln!(source, "  and {more} more lines; `feedgate quarantine export` writes all")
            .expect("writes to memory");
    }
    source
}

fn export(args: &ExportArgs, url: &DatabaseUrl) -> anyhow::Result<Acceptance> {
    match (&args.to, args.entries.as_slice()) {
        (Some(folder), _) => export_to(folder, args, url),
        (None, [entry]) => export_one(*entry, args, url),
        (None, _) => bail!("name one entry, or a folder for several with `--to FOLDER`"),
    }
}

fn export_one(entry: i64, args: &ExportArgs, url: &DatabaseUrl) -> anyhow::Result<Acceptance> {
    if io::stdout().is_terminal() {
        bail!(
            "a refused record is not written to a terminal byte for byte: use `--to FOLDER` or `> FILE`; \
             `quarantine show` shows it"
        );
    }
    let record = block_on(async { fetched(&existing(url).await?, url, entry).await })??;
    let bytes = args.bytes(record).with_context(|| {
        format!("no corrected record was imported for entry {entry}: without `--mended` the refused one is written")
    })?;
    let mut out = io::stdout().lock();
    out.write_all(&bytes)?;
    out.flush()?;
    Ok(Acceptance::Accepted)
}

fn export_to(folder: &Path, args: &ExportArgs, url: &DatabaseUrl) -> anyhow::Result<Acceptance> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    let count = block_on(async {
        let store = existing(url).await?;
        let entries = if args.entries.is_empty() {
            let found = store.quarantine(args.filter.filter(), EXPORT_ENTRIES_MAX).await?;
            found.iter().map(|entry| entry.id).collect()
        } else {
            args.entries.clone()
        };
        for id in &entries {
            let entry = store.quarantine_entry(*id, None).await?;
            entry.with_context(|| {
                format!("there is no entry {id} in the quarantine of `{url}`: nothing is written")
            })?;
        }
        let mut written = 0;
        for id in &entries {
            let Some(bytes) = args.bytes(fetched(&store, url, *id).await?) else { continue };
            put(folder, &format!("{id}.xml"), &bytes)?;
            written += 1;
        }
        Ok::<_, anyhow::Error>(written)
    })??;
    output::notice(&format!("{count} records written to `{}`", folder.display()));
    Ok(Acceptance::Accepted)
}

/// Writes a file that is not there yet, all of it or nothing.
fn put(folder: &Path, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let path = folder.join(name);
    let unwritten = || format!("cannot write `{}`", path.display());
    if fs::symlink_metadata(&path).is_ok() {
        // Somebody may have corrected it, or it is a feed of that name.
        return match fs::read(&path) {
            Ok(there) if there == bytes => Ok(()),
            _ => bail!("`{}` is there already and holds something else: name another folder", path.display()),
        };
    }
    let mut file = tempfile::Builder::new()
        .prefix(".feedgate-export-")
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder)
        .with_context(unwritten)?;
    file.write_all(bytes).with_context(unwritten)?;
    file.persist_noclobber(&path).map_err(|error| error.error).with_context(unwritten)?;
    Ok(())
}

fn discard(args: &DiscardArgs, url: &DatabaseUrl, context: &Context) -> anyhow::Result<Acceptance> {
    if args.entries.is_empty() && !args.chosen.is_any() {
        bail!("name the entries, or say which: `--run RUN`, `--key KEY`, or `--all` of them");
    }
    let decision = decided(context, &args.decider, args.reason.as_deref())?;
    let count = block_on(async {
        let store = existing(url).await?;
        let entries = meant(args, &store).await?;
        if entries.is_empty() && !args.chosen.all {
            bail!("no open entry {}: `feedgate quarantine list` lists those there are", args.chosen.words());
        }
        if args.entries.is_empty() && !entries.is_empty() && !args.yes {
            confirm(entries.len())?;
        }
        if let Err(id) = store.discard_all(&entries, jiff::Timestamp::now(), &decision).await? {
            bail!(
                "entry {id} is not open in the quarantine of `{url}`, and nothing is discarded: `feedgate quarantine \
                 list` lists those that are"
            );
        }
        Ok(entries.len())
    })??;
    output::notice(&format!("{} discarded", counted(count)));
    Ok(Acceptance::Accepted)
}

/// The entries that are to be discarded.
async fn meant(args: &DiscardArgs, store: &Store) -> anyhow::Result<BTreeSet<i64>> {
    if !args.entries.is_empty() {
        return Ok(args.entries.iter().copied().collect());
    }
    let mut filter = args.chosen.filter();
    let mut found = BTreeSet::new();
    loop {
        let some = store.quarantine(filter, DISCARD_AT_ONCE).await?;
        found.extend(some.iter().map(|entry| entry.id));
        filter.after = some.last().map(|entry| entry.id);
        if some.len() < DISCARD_AT_ONCE as usize {
            return Ok(found);
        }
    }
}

/// Asks whether so many are meant; where nobody can be asked, it has to be said beforehand.
fn confirm(count: usize) -> anyhow::Result<()> {
    let found = counted(count);
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        bail!("{found} would be discarded: `--yes` says that all of them are meant");
    }
    let mut asked = io::stderr().lock();
    write!(asked, "{found} will be discarded; type the number to go on: ")?;
    asked.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    if answer.trim() != count.to_string() {
        bail!("nothing is discarded: `{}` is not {count}", clean(answer.trim()));
    }
    Ok(())
}

fn counted(count: usize) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}

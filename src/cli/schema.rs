//! `feedgate schema`.

use super::columns::{Columns, Side};
use super::context::Context;
use super::formats::known;
use super::output;
use super::schema_check::{self, CheckArgs};
use crate::judgement::Acceptance;
use crate::pipeline::KnownFormat;
use crate::report::JSON_SCHEMA;
use crate::report::escape::{clean, shown};
use crate::source::{DocumentState, Format, FormatId, Installation, formats, install};
use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// See, install and check formats and schema documents
///
/// A format is a profile and its schema documents. Documents whose licence forbids us to pass them
/// on are installed from where their publisher offers them.
#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    #[command(subcommand)]
    command: SchemaCommand,
    #[arg(long, value_name = "DIR", global = true)]
    schemas: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum SchemaCommand {
    List(ListArgs),
    Install(InstallArgs),
    Check(CheckArgs),
    Report(ReportArgs),
}

/// Print the JSON Schema of what is printed as JSON
///
/// It describes every line of the JSON report of runs, of `schema check` and of `diff`, and the rows of lists that
/// `--json` prints.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate schema report > feedgate.schema.json

Exit status:
  0  printed")]
struct ReportArgs {}

/// List formats, versions, and whether their schema documents are there
#[derive(Debug, Args)]
#[command(after_long_help = "\
Exit status:
  0  listed
  1  documents were changed after they were installed
  2  could not do it")]
struct ListArgs {}

/// Install the schema documents of a format from its publisher's package
///
/// Takes the documents that the format's profile names, and what they include, from a folder or a zip
/// archive; compiles them; copies them and records their digests. Installing again replaces them.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate schema install onix/3.0 onix-3.0.zip
  feedgate schema install onix/3.1 downloads/onix-3.1/ --schemas ./schemas

Exit status:
  0  installed
  2  could not do it: documents lacking or not right, folder not writable; nothing was installed
  4  installed, but the engine does not check all of what the schema says")]
struct InstallArgs {
    /// Format and version, such as `onix/3.0`
    format: String,
    /// Folder or zip archive with the schema documents
    package: PathBuf,
}

pub(super) fn run(args: SchemaArgs, mut context: Context) -> anyhow::Result<Acceptance> {
    context.flag("schemas", args.schemas.map(|path| path.to_string_lossy().into_owned()));
    match args.command {
        SchemaCommand::List(ListArgs {}) => list(&context),
        SchemaCommand::Install(args) => install_package(&args, &context),
        SchemaCommand::Check(args) => schema_check::run(&args, context),
        SchemaCommand::Report(ReportArgs {}) => {
            output::print(JSON_SCHEMA)?;
            Ok(Acceptance::Accepted)
        }
    }
}

fn list(context: &Context) -> anyhow::Result<Acceptance> {
    let settings = context.settle()?;
    let formats = formats(&context.schema_folder(&settings))?;
    let mut columns =
        Columns::new(&[("format", Side::Left), ("documents", Side::Left), ("profile", Side::Left)]);
    let mut status = Acceptance::Accepted;
    for format in &formats {
        let state = state(format)?;
        if matches!(state, DocumentState::Changed(_)) {
            status = Acceptance::Deviations;
        }
        columns.row(&[format.id.to_string(), state_text(&state), format.profile_file.clone()]);
    }
    output::print(&columns.render())?;
    Ok(status)
}

fn state(format: &Format) -> anyhow::Result<DocumentState> {
    let failed = || format!("cannot read the record of the installation of {}", format.id);
    format.document_state().with_context(failed)
}

fn state_text(state: &DocumentState) -> String {
    match state {
        DocumentState::Embedded => "part of the program".to_owned(),
        DocumentState::Installed => "installed".to_owned(),
        DocumentState::Changed(names) => format!("changed since they were installed: {}", names.join(", ")),
        DocumentState::Unrecorded => "there, without a record of an installation".to_owned(),
        DocumentState::Missing => "not installed: see `feedgate schema install --help`".to_owned(),
    }
}

fn install_package(args: &InstallArgs, context: &Context) -> anyhow::Result<Acceptance> {
    let settings = context.settle()?;
    let id: FormatId = args.format.parse()?;
    let into = context.schema_folder(&settings);
    let Some(into) = into.path() else {
        bail!("there is no place for schema documents: name a folder by `--schemas`");
    };
    // The folder is about to be made, so it may be named although it is not there yet.
    std::fs::create_dir_all(into).with_context(|| format!("cannot make the folder `{}`", into.display()))?;
    let found = known(context, &settings, Some(&args.format))?;
    let [profile] = found.as_slice() else { bail!("`{id}` is no single format") };
    let installed = install(&Installation {
        id: &id,
        main: &profile.main_documents(),
        expected: &profile.profile.schema.documents,
        from: &args.package,
        into,
        now: &jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    })
    .with_context(|| format!("nothing was installed; where to get the documents: {}", source(profile)))?;
    output::notice(&format!("{id}: documents installed in `{}`", installed.folder.display()));
    let mut columns = Columns::new(&[("document", Side::Left), ("SHA-256", Side::Left)]);
    for (name, digest) in &installed.record.documents {
        columns.row(&[name.clone(), digest.clone()]);
    }
    output::print(&columns.render())?;
    Ok(checked(&args.format, &installed.not_checked))
}

fn source(profile: &KnownFormat) -> &str {
    &profile.profile.schema.source
}

/// What the engine leaves out is told, and makes the status.
fn checked(name: &str, not_checked: &[String]) -> Acceptance {
    for construct in not_checked {
        output::notice(&format!("notice: {}: not checked: {}", clean(name), shown(construct)));
    }
    if not_checked.is_empty() { Acceptance::Accepted } else { Acceptance::NotFullyChecked }
}

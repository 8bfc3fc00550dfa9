//! `feedgate schema check`.

use super::context::Context;
use super::output;
use crate::config::{ReportForm, Settings};
use crate::report::{CheckedSchema, ExitStatus, SchemaForm, SchemaReport};
use crate::source::{Documents, LoadError, load, load_from};
use crate::xsd::{CompiledSchema, SchemaFault, Surroundings, explain};
use anyhow::bail;
use clap::Args;
use clap::builder::PossibleValuesParser;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Forms of the report; the others are about feeds.
const FORMS: [&str; 3] = ["text", "lines", "json"];

/// Compile schema documents and tell their faults
///
/// Documents they include or import are looked for in the folder of each and in `--schemas`; nothing is
/// fetched. Each FILE is judged as a schema of its own.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate schema check catalogue.xsd
  feedgate schema check --report lines schemas/*.xsd | sort
  generate-schema | feedgate schema check -

The JSON report is described in the README: JSON lines, each with `version` and `type`.

Exit status:
  0  all compile
  1  faults were found
  2  could not do it: a document cannot be read
  4  all compile, but the engine does not check all of what they say")]
pub(super) struct CheckArgs {
    /// Schema documents; `-` for standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Form of the report [variable: `FEEDGATE_REPORT`, default: text]
    #[arg(long, value_name = "FORM", value_parser = PossibleValuesParser::new(FORMS))]
    report: Option<String>,
}

pub(super) fn run(args: &CheckArgs, mut context: Context) -> anyhow::Result<ExitStatus> {
    context.flag("--report", "report", args.report.as_ref());
    let settings = context.settle()?;
    if args.files.iter().filter(|file| file.as_os_str() == "-").count() > 1 {
        bail!("standard input can be read once: `-` may be named once");
    }
    let mut report = SchemaReport::begin(output::results(), form(&settings, &context)?, args.files.len())?;
    for file in &args.files {
        check(file, &settings, &mut report)?;
    }
    Ok(report.finish()?)
}

fn form(settings: &Settings, context: &Context) -> anyhow::Result<SchemaForm> {
    Ok(match settings.report {
        ReportForm::Text => SchemaForm::Text(output::paint(settings.color, context.environment())),
        ReportForm::Lines => SchemaForm::Lines,
        ReportForm::Json => SchemaForm::Json,
        other => bail!(
            "there is no report on schemas in the form `{other}`: choose one by `--report {}`",
            FORMS.join("|")
        ),
    })
}

fn check(
    file: &Path,
    settings: &Settings,
    report: &mut SchemaReport<impl std::io::Write>,
) -> anyhow::Result<()> {
    let name = file.to_string_lossy();
    let beside: Vec<PathBuf> = settings.schemas.iter().cloned().collect();
    let documents = Documents::folder(file.parent().unwrap_or(Path::new(".")), &beside);
    let mut given = Vec::new();
    let loaded = if name == "-" { from_input(&documents, &mut given) } else { load(&documents, &name) };
    match loaded {
        Ok(schema) => {
            let not_checked = schema.not_checked();
            report.checked(&CheckedSchema {
                name: &name,
                size: Some(schema.size()),
                faults: &[],
                more: 0,
                not_checked,
            })?;
        }
        Err(LoadError::Schema(error)) => {
            let more = error.more;
            let faults = explained(&documents, &given, error.faults);
            let refused = CheckedSchema { name: &name, size: None, faults: &faults, more, not_checked: &[] };
            report.checked(&refused)?;
        }
        Err(error) => {
            let error = anyhow::Error::new(error);
            report.failed(&name, &output::one_line(&error))?;
            output::error(&error);
        }
    }
    Ok(())
}

/// The schema on standard input; what it refers to is looked for in the working folder.
fn from_input(documents: &Documents, given: &mut Vec<u8>) -> Result<Arc<CompiledSchema>, LoadError> {
    let input: &mut dyn Read = &mut std::io::stdin().lock();
    load_from(documents, "-", input, given)
}

/// Each fault with what stands around it in its document, which is read once more.
fn explained(
    documents: &Documents,
    given: &[u8],
    faults: Vec<SchemaFault>,
) -> Vec<(SchemaFault, Surroundings)> {
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, fault) in faults.iter().enumerate() {
        places.entry(&fault.document).or_default().push(number);
    }
    let mut around = vec![Surroundings::default(); faults.len()];
    for (document, numbers) in places {
        let bytes = if document == "-" { Ok(given.to_vec()) } else { documents.fetch(document) };
        // One that has gone since leaves its faults unexplained, not untold.
        let Ok(bytes) = bytes else { continue };
        let here: Vec<_> = numbers.iter().map(|&number| faults[number].place).collect();
        for (number, surroundings) in numbers.into_iter().zip(explain(&bytes, &here)) {
            around[number] = surroundings;
        }
    }
    faults.into_iter().zip(around).collect()
}

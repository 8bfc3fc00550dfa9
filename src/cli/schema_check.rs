//! `feedgate schema check`.

use super::context::Context;
use super::output;
use super::reports::{self, ReportArgs};
use super::validate::documents_of;
use crate::config::{ReportForm, Settings};
use crate::judgement::{Acceptance, Failure, FeedEvent};
use crate::report::{
    CheckedSchema, Finished, Paint, ReportError, ReportSink, RunStart, SchemaForm, SchemaReport, Written,
    tell_schema,
};
use crate::source::{Documents, FeedSource, Inputs, LoadError, load, load_from};
use crate::xsd::{CompiledSchema, SchemaFault, Surroundings, explain};
use anyhow::bail;
use clap::Args;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Compile schema documents and tell their faults
///
/// Documents they include or import are looked for in the folder of each, in `--schema-root` and in `--schemas`;
/// nothing is fetched. Each FILE is judged as a schema of its own.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate schema check catalogue.xsd
  feedgate schema check --report lines schemas/*.xsd | sort
  feedgate schema check --schema-root ubl ubl/maindoc/*.xsd
  feedgate schema check --report-file junit=junit.xml schemas/*.xsd
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
    /// A folder that documents they refer to may lie in, beside that of each FILE; may be given often
    #[arg(long, value_name = "DIR")]
    schema_root: Vec<PathBuf>,
    #[command(flatten)]
    reports: ReportArgs,
}

pub(super) fn run(args: &CheckArgs, mut context: Context) -> anyhow::Result<Acceptance> {
    args.reports.settle(&mut context)?;
    let settings = context.settle()?;
    if args.files.iter().filter(|file| file.as_os_str() == "-").count() > 1 {
        bail!("standard input can be read once: `-` may be named once");
    }
    reports::admit(&settings, &context, inputs(&args.files))?;
    let of_file = |file| documents_of(file, &args.schema_root, &settings);
    let documents = args.files.iter().map(|file| of_file(file)).collect::<anyhow::Result<Vec<_>>>()?;
    let paint = output::paint(settings.color, context.environment());
    let mut reports = Reports::begin(&settings, paint, args.files.len());
    for (file, documents) in args.files.iter().zip(documents) {
        check(file, &documents, &mut reports);
    }
    Ok(reports.end())
}

/// What no report may take the place of.
fn inputs(files: &[PathBuf]) -> Inputs {
    let mut inputs = Inputs::default();
    for file in files {
        if file.as_os_str() == "-" {
            inputs.feeds(&[FeedSource::stdin()]);
        } else {
            inputs.file(file, format!("the schema document `{}`", file.display()));
            inputs.documents(file);
        }
    }
    inputs
}

/// Reports on schemas: those that have words of their own for them, and those that know feeds.
struct Reports {
    own: Vec<Written<SchemaReport<Box<dyn Write>>>>,
    feeds: ReportSink<'static>,
    status: Acceptance,
}

impl Reports {
    fn begin(settings: &Settings, paint: Paint, schemas: usize) -> Self {
        let (mut own, mut feeds) = (Vec::new(), Vec::new());
        for (form, path) in reports::outputs(settings) {
            let form = match form {
                ReportForm::Text if path.is_some() => SchemaForm::Text(Paint::Plain),
                ReportForm::Text => SchemaForm::Text(paint),
                ReportForm::Lines => SchemaForm::Lines,
                ReportForm::Json => SchemaForm::Json,
                ReportForm::Junit | ReportForm::Sarif | ReportForm::Gitlab | ReportForm::Html => {
                    feeds.push(reports::written(form, path, paint, settings));
                    continue;
                }
            };
            let report = |out| Box::new(SchemaReport::new(out, form, schemas));
            own.push(match path {
                None => Written::to_output(report(Box::new(output::results()) as Box<dyn Write>)),
                Some(path) => Written::to_file(path, |out| report(Box::new(out))),
            });
        }
        for report in &mut own {
            report.tell(SchemaReport::begin);
        }
        let start = RunStart {
            command: "schema check",
            feeds: schemas as u64,
            started: Some(Timestamp::now()),
            trace: None,
        };
        Self { own, feeds: ReportSink::new(feeds, &start), status: Acceptance::Accepted }
    }

    fn checked(&mut self, schema: &CheckedSchema<'_>) {
        for report in &mut self.own {
            report.tell(|report| report.checked(schema));
        }
        tell_schema(&mut self.feeds, schema);
        self.status = self.status.and(schema.status());
    }

    fn failed(&mut self, schema: &str, error: &str) {
        for report in &mut self.own {
            report.tell(|report| report.failed(schema, error));
        }
        let failure = Failure { kind: "schema", causes: vec![error.to_owned()] };
        self.feeds.see(&FeedEvent::Failed(schema.into(), failure), None);
        self.status = self.status.and(Acceptance::Failed);
    }

    fn end(self) -> Acceptance {
        let own = self.own.into_iter().map(|report| report.finish(|last| last.finish().map(drop)));
        let mut failures: Vec<ReportError> = own.filter_map(Result::err).collect();
        let Finished { failures: others, .. } = self.feeds.finish();
        failures.extend(others);
        let status = if failures.is_empty() { Acceptance::Accepted } else { Acceptance::Failed };
        for failure in failures {
            output::error(&anyhow::Error::new(failure));
        }
        self.status.and(status)
    }
}

fn check(file: &Path, documents: &Documents, report: &mut Reports) {
    let name = file.to_string_lossy();
    let mut given = Vec::new();
    let loaded = if name == "-" { from_input(documents, &mut given) } else { load(documents, &name) };
    match loaded {
        Ok(schema) => {
            let not_checked = schema.not_checked();
            report.checked(&CheckedSchema {
                name: &name,
                size: Some(schema.size()),
                faults: &[],
                more: 0,
                not_checked,
            });
        }
        Err(LoadError::Schema(error)) => {
            let more = error.more;
            let faults = explained(documents, &given, error.faults);
            let refused = CheckedSchema { name: &name, size: None, faults: &faults, more, not_checked: &[] };
            report.checked(&refused);
        }
        Err(error) => {
            let error = anyhow::Error::new(error);
            report.failed(&name, &output::one_line(&error));
            output::error(&error);
        }
    }
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

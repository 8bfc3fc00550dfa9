//! Which reports a command makes, and how it ends them.

use super::context::Context;
use super::output;
use crate::config::{ReportForm, Settings};
use crate::report::{
    GitlabReporter, HtmlReporter, JsonReporter, JunitReporter, LinesReporter, Paint, ReportSink, Reporter,
    RunStart, SarifReporter, TextReporter, Written,
};
use crate::source::Inputs;
use anyhow::{Context as _, bail};
use clap::Args;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

/// Arguments of every command that reports.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    #[arg(long, value_name = "FORM")]
    report: Option<String>,
    /// Write a report to a file as well, in any form; may be repeated [variables:
    /// `FEEDGATE_REPORT_FILE_JUNIT` and so on]
    ///
    /// The file is replaced as a whole when the run is over. One whose folder is not there, or that would take
    /// the place of what is read, is refused at once. One that cannot be written in the end stops nothing; it
    /// makes the exit status 2.
    #[arg(long, value_name = "FORM=PATH")]
    report_file: Vec<String>,
    #[arg(long, value_name = "N")]
    samples: Option<String>,
}

impl ReportArgs {
    /// Lays the flags over the other layers.
    pub(super) fn settle(&self, context: &mut Context) -> anyhow::Result<()> {
        context.flag("report", self.report.as_ref());
        context.flag("samples", self.samples.as_ref());
        settle_files(&self.report_file, context)
    }
}

/// Lays `FORM=PATH` of report files over the other layers.
pub(super) fn settle_files(files: &[String], context: &mut Context) -> anyhow::Result<()> {
    let mut said = BTreeMap::new();
    for file in files {
        let wrong = || format!("`--report-file {file}` says no FORM=PATH, such as `junit=report.xml`");
        let (form, path) = file.split_once('=').with_context(wrong)?;
        let form: ReportForm = form.parse().with_context(wrong)?;
        if path.is_empty() {
            bail!(wrong());
        }
        if let Some(other) = said.insert(form.to_string(), path) {
            bail!(
                "`--report-file` names two files for {form}, `{other}` and `{path}`: one is written for each form"
            );
        }
        context.flag(&form.file_key(), Some(path));
    }
    Ok(())
}

/// Whether every file that gets a report is a place for one: nothing has been read yet, and nothing is when not.
pub(super) fn admit(settings: &Settings, context: &Context, mut inputs: Inputs) -> anyhow::Result<()> {
    if let Some(file) = context.layers().file() {
        inputs.file(file, format!("the settings file `{}`", file.display()));
    }
    if let Some(file) = settings.database.file() {
        inputs.database(file, &format!("the database `{}`", settings.database));
    }
    settings.schemas.iter().for_each(|folder| inputs.documents(folder));
    for (_, path) in &settings.report_files {
        inputs.admit(path)?;
    }
    Ok(inputs.admit_streams()?)
}

/// Begins the reports of a run.
pub(super) fn begin(settings: &Settings, paint: Paint, start: &RunStart) -> ReportSink<'static> {
    let written = outputs(settings).map(|(form, path)| written(form, path, paint, settings));
    ReportSink::new(written.collect(), start)
}

/// Every report that was asked for: standard output, then files.
pub(super) fn outputs(settings: &Settings) -> impl Iterator<Item = (ReportForm, Option<&Path>)> {
    let files = settings.report_files.iter().map(|(form, path)| (*form, Some(path.as_path())));
    std::iter::once((settings.report, None)).chain(files)
}

/// One of them, about feeds.
pub(super) fn written(
    form: ReportForm,
    path: Option<&Path>,
    paint: Paint,
    settings: &Settings,
) -> Written<dyn Reporter> {
    match path {
        None => Written::to_output(on_output(form, paint, settings)),
        Some(path) => Written::to_file(path, |out| reporter(form, out, Paint::Plain, settings)),
    }
}

/// One that was written elsewhere and is passed on as it is.
pub(super) fn passed_on(path: Option<&Path>) -> Written<dyn Write + Send> {
    match path {
        None => Written::to_output(Box::new(output::results())),
        Some(path) => Written::to_file(path, |out| -> Box<dyn Write + Send> { Box::new(out) }),
    }
}

/// A reporter to standard output, where `--quiet` leaves out the table.
fn on_output(form: ReportForm, paint: Paint, settings: &Settings) -> Box<dyn Reporter> {
    let out = output::results();
    if form == ReportForm::Text && output::is_quiet() {
        return Box::new(text(out, paint, settings).without_table());
    }
    reporter(form, out, paint, settings)
}

fn text<W: Write>(out: W, paint: Paint, settings: &Settings) -> TextReporter<W> {
    TextReporter::new(out, paint, settings.samples).in_language(settings.language)
}

fn reporter(
    form: ReportForm,
    out: impl Write + Send + 'static,
    paint: Paint,
    settings: &Settings,
) -> Box<dyn Reporter> {
    match form {
        ReportForm::Text => Box::new(text(out, paint, settings)),
        ReportForm::Lines => Box::new(LinesReporter::new(out)),
        ReportForm::Json => Box::new(JsonReporter::new(out)),
        ReportForm::Junit => Box::new(JunitReporter::new(out)),
        ReportForm::Sarif => Box::new(SarifReporter::new(out)),
        ReportForm::Gitlab => Box::new(GitlabReporter::new(out)),
        ReportForm::Html => Box::new(HtmlReporter::new(out, settings.samples).in_language(settings.language)),
    }
}

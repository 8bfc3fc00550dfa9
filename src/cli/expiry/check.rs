//! `feedgate expiry check`.

use super::InventoryArgs;
use crate::cli::context::Context;
use crate::cli::{output, reports};
use crate::expiry::{Scan, State};
use crate::judgement::Acceptance;
use crate::report::Paint;
use crate::report::expiry::{calendar, junit, scan_row, sentence, text, thing_row};
use anyhow::bail;
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::HashSet;
use std::path::PathBuf;

/// Look at everything once, and tell how it stands
///
/// What needs a hand first stands in front. The exit status is 0 only when everything is known and ok.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate expiry check --inventory expiry.toml
  feedgate expiry check --inventory expiry.toml --output json | jq 'select(.state == \"expired\")'
  feedgate expiry check --inventory expiry.toml --report-file ics=expiry.ics --report-file junit=junit.xml
  feedgate expiry check --inventory expiry.toml --at 2027-03-01      how it will stand on that day

The JSON is described in the README: JSON lines, each with `version` and `type`.

Exit status:
  0  everything is ok
  1  something has expired or will soon, or is not known: see the list
  2  the inventory cannot be used, or a report cannot be written")]
pub(super) struct CheckArgs {
    #[command(flatten)]
    inventory: InventoryArgs,
    /// Form of what is printed
    #[arg(long, value_name = "FORM", value_enum, default_value_t)]
    output: ScanForm,
    /// Write a form to a file as well; may be repeated
    #[arg(long, value_name = "FORM=PATH", value_parser = scan_file)]
    report_file: Vec<(ScanForm, PathBuf)>,
    /// Judge by this moment instead of now: a date, or a moment such as 2027-03-01T12:00:00Z
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    at: Option<Timestamp>,
}

/// The form of a scan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, ValueEnum)]
enum ScanForm {
    /// For people: a table of 80 columns
    #[default]
    Text,
    /// JSON lines, one for each thing and one for all, for programs
    Json,
    /// A calendar file with an entry for each end
    Ics,
    /// `JUnit`, a case for each thing
    Junit,
}

impl ScanForm {
    fn render(self, scan: &Scan, paint: Paint) -> Vec<u8> {
        match self {
            Self::Text => text(scan, paint).into_bytes(),
            Self::Json => {
                let things = scan.standings.iter().map(|standing| thing_row(standing, scan.at));
                things
                    .chain([scan_row(scan)])
                    .map(|row| output::json_line(&row))
                    .collect::<String>()
                    .into_bytes()
            }
            Self::Ics => calendar(scan).into_bytes(),
            Self::Junit => {
                let mut told = Vec::new();
                junit(scan, &mut told).expect("writes to memory");
                told
            }
        }
    }
}

/// `FORM=PATH`.
fn scan_file(text: &str) -> Result<(ScanForm, PathBuf), String> {
    let wrong = || "write FORM=PATH, such as `junit=junit.xml`".to_owned();
    let (form, path) = text.split_once('=').filter(|(_, path)| !path.is_empty()).ok_or_else(wrong)?;
    let form = ScanForm::from_str(form, false)
        .map_err(|_| format!("`{form}` is no form: use text, json, ics or junit"))?;
    Ok((form, PathBuf::from(path)))
}

/// A moment, or the beginning of a day in UTC.
fn moment(text: &str) -> Result<Timestamp, String> {
    let day = || Some(text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp());
    text.parse().ok().or_else(day).ok_or_else(|| "write a date or a moment, such as 2027-03-01".to_owned())
}

pub(super) fn run(args: &CheckArgs, mut context: Context) -> anyhow::Result<Acceptance> {
    args.inventory.settle(&mut context);
    let settings = context.settle()?;
    context.job_telemetry(&settings)?;
    admit(&args.report_file)?;
    let survey = args.inventory.open(settings.expiry.inventory.as_ref())?;
    let variables = |name: &str| context.environment().get(name).map(str::to_owned);
    let scan = survey.scan(&variables, args.at.unwrap_or_else(Timestamp::now));
    if args.at.is_none() && args.inventory.asks_for_all() {
        // What would be on another day is no news, and of a part nobody could tell what became of the rest.
        context.messages().telemetry().expiry(&scan, None, |standing| sentence(standing, scan.at));
    }
    let paint = output::paint(settings.color, context.environment());
    let status = write(&scan, args);
    output::print_bytes(&args.output.render(&scan, paint))?;
    let stands = if scan.state() == State::Ok { Acceptance::Accepted } else { Acceptance::Deviations };
    Ok(stands.and(status))
}

/// Lets pass when each file gets one form.
fn admit(files: &[(ScanForm, PathBuf)]) -> anyhow::Result<()> {
    let mut paths = HashSet::new();
    for (_, path) in files {
        if !paths.insert(path) {
            bail!("`--report-file` names `{}` twice: each form goes to a file of its own", path.display());
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
            bail!("there is no folder `{}` for the report: make it first", folder.display());
        }
    }
    Ok(())
}

/// Writes the files. One that cannot be written is told and hides nothing of the others.
fn write(scan: &Scan, args: &CheckArgs) -> Acceptance {
    let mut status = Acceptance::Accepted;
    for (form, path) in &args.report_file {
        let bytes = form.render(scan, Paint::Plain);
        if let Err(failure) = reports::passed_on(Some(path)).finish(|out| out.write_all(&bytes)) {
            output::error(&anyhow::Error::new(failure));
            status = Acceptance::Failed;
        }
    }
    status
}

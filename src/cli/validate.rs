//! `feedgate validate`.

use super::context::Context;
use super::formats::known;
use super::reading::{ReadArgs, ReadPlan};
use super::reports;
use super::stop;
use crate::pipeline::{FeedPlan, FormatPlans, Plans};
use crate::report::ExitStatus;
use crate::source::{Digesting, Documents, load};
use crate::telemetry;
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// Validate feeds, change nothing
///
/// Every record is checked against the schema of its format and the format's own rules. With `--schema`, any
/// XML document is checked against any schema, without a format.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate validate samples/catalogue/good.xml
  feedgate validate --report lines feeds/ | sort | less
  feedgate validate --report-file junit=junit.xml --report-file gitlab=quality.json feeds/
  feedgate validate --report html feed.xml > report.html
  feedgate validate --schema order.xsd order.xml
  zcat feed.xml.gz | feedgate validate -

Exit status:
  0  every feed is valid and was checked as a whole
  1  deviations at error severity
  2  could not do it: usage, a feed that cannot be read, a schema that is missing
  4  not fully checked: the schema uses constructs that the engine does not check
  5  cancelled by SIGTERM or SIGINT")]
pub(super) struct ValidateArgs {
    #[command(flatten)]
    read: ReadArgs,
    /// Validate against this schema document, without a format
    #[arg(long, value_name = "XSD", conflicts_with = "format")]
    schema: Option<PathBuf>,
}

pub(super) fn run(args: &ValidateArgs, mut context: Context) -> anyhow::Result<ExitStatus> {
    let started = Instant::now();
    let plan = args.read.settle("validate", &mut context)?;
    let formats = match &args.schema {
        Some(_) => Vec::new(),
        None => known(&context, &plan.settings, args.read.format.as_deref())?,
    };
    let formats = FormatPlans::new(formats);
    let schema = args.schema.as_ref().map(|schema| of_schema(schema, &plan)).transpose()?;
    let plans: &dyn Plans = schema.as_ref().map_or(&formats, |schema| schema);
    let mut report = plan.report("validate");
    let mut trail = telemetry::trail();
    let read = plan.read(plans, Digesting::Never, &mut report, &mut trail, None);
    report.summary().elapsed = started.elapsed();
    stop::note(&plan.stop, &mut report);
    let status = reports::end_of(&plan.settings, report, read);
    if let Some(mut trail) = trail {
        trail.compiled(&formats.compiled());
        let status = status.as_ref().copied().unwrap_or(ExitStatus::Failed);
        telemetry::conclude(trail, status, None, None);
    }
    status
}

/// One plan for all feeds: a schema and no format.
fn of_schema(schema: &Path, plan: &ReadPlan) -> anyhow::Result<Arc<FeedPlan>> {
    let beside: Vec<PathBuf> = plan.settings.schemas.iter().cloned().collect();
    let documents = Documents::folder(schema.parent().unwrap_or(Path::new(".")), &beside);
    let schema = load(&documents, &schema.to_string_lossy())?;
    Ok(Arc::new(FeedPlan { schema, profile: None, assumed: None }))
}

//! `feedgate validate`.

use super::context::Context;
use super::formats::known;
use super::reading::{EmptyFolder, ReadArgs, ReadPlan};
use crate::config::Settings;
use crate::judgement::Acceptance;
use crate::pipeline::{FeedPlan, FormatPlans, Plans};
use crate::source::{Digesting, Documents, load};
use anyhow::bail;
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Validate feeds, change nothing
///
/// Every record is checked against the schema of its format and the format's own rules. A record alone, as
/// `quarantine export` writes it, is checked without what it leaves to the header of its feed. With `--schema`,
/// any XML document is checked against any schema, without a format.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate validate samples/catalogue/good.xml
  feedgate validate --report lines feeds/ | sort | less
  feedgate validate --report-file junit=junit.xml --report-file gitlab=quality.json feeds/
  feedgate validate --report html feed.xml > report.html
  feedgate validate --schema order.xsd order.xml
  feedgate validate --schema ubl/maindoc/Order.xsd --schema-root ubl order.xml
  feedgate validate --format catalogue corrected.xml
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
    /// With `--schema`: a folder that documents it refers to may lie in, beside that of XSD; may be given often
    #[arg(long, value_name = "DIR", requires = "schema")]
    schema_root: Vec<PathBuf>,
}

pub(super) fn run(args: &ValidateArgs, mut context: Context) -> anyhow::Result<Acceptance> {
    let documents: Vec<PathBuf> = args.schema.iter().chain(&args.schema_root).cloned().collect();
    let plan = args.read.settle("validate", EmptyFolder::Error, &documents, &mut context)?;
    let plans: Arc<dyn Plans> = if let Some(schema) = &args.schema {
        Arc::new(of_schema(schema, &args.schema_root, &plan)?)
    } else {
        let formats = known(&context, &plan.settings, args.read.format.as_deref())?;
        Arc::new(FormatPlans::new(formats).with_lone_records())
    };
    plan.run("validate", plans, Digesting::Never, None)
}

/// One plan for all feeds: a schema and no format.
fn of_schema(schema: &Path, roots: &[PathBuf], plan: &ReadPlan) -> anyhow::Result<Arc<FeedPlan>> {
    let documents = documents_of(schema, roots, &plan.settings)?;
    let schema = load(&documents, &schema.to_string_lossy())?;
    Ok(Arc::new(FeedPlan {
        schema,
        profile: None,
        assumed: None,
        misspelt: None,
        alone: None,
        judged_by: None,
    }))
}

/// The documents that a schema may refer to: in its folder, in the roots that were named, among those installed.
///
/// # Errors
///
/// A root is no folder.
pub(super) fn documents_of(
    schema: &Path,
    roots: &[PathBuf],
    settings: &Settings,
) -> anyhow::Result<Documents> {
    if schema.is_dir() {
        bail!(
            "`--schema {}` names a folder: name the schema document in it that feeds begin with",
            schema.display()
        );
    }
    if let Some(root) = roots.iter().find(|root| !root.is_dir()) {
        bail!("`--schema-root {}` names no folder", root.display());
    }
    let others: Vec<PathBuf> = roots.iter().chain(&settings.schemas).cloned().collect();
    let documents = Documents::folder(schema.parent().unwrap_or(Path::new(".")), &others);
    Ok(documents.within(settings.limits.schema))
}

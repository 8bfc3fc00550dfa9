//! `feedgate expiry init`.

use crate::cli::output;
use crate::expiry::{INVENTORY_EXAMPLE, INVENTORY_SCHEMA};
use crate::judgement::Acceptance;
use clap::Args;

/// Print a commented inventory to begin with
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate expiry init > expiry.toml
  feedgate expiry init --schema > expiry.schema.json

Exit status:
  0  printed")]
pub(super) struct InitArgs {
    /// Print what an inventory is like as JSON Schema, for editors and pipelines
    #[arg(long)]
    schema: bool,
}

pub(super) fn run(args: &InitArgs) -> anyhow::Result<Acceptance> {
    output::print(if args.schema { INVENTORY_SCHEMA } else { INVENTORY_EXAMPLE })?;
    Ok(Acceptance::Accepted)
}

//! `feedgate expiry list`.

use super::InventoryArgs;
use crate::cli::columns::{Columns, Side};
use crate::cli::context::Context;
use crate::cli::output;
use crate::cli::rows::{self, ListForm, RowsArgs};
use crate::expiry::Thing;
use crate::judgement::Acceptance;
use clap::Args;
use serde_json::{Value, json};
use std::sync::Arc;

/// List what is watched, without looking at it
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate expiry list --inventory expiry.toml
  feedgate expiry list --inventory expiry.toml --tag payment --output csv

Exit status:
  0  listed, also when there is nothing
  2  the inventory cannot be used")]
pub(super) struct ListArgs {
    #[command(flatten)]
    inventory: InventoryArgs,
    #[command(flatten)]
    list: RowsArgs,
}

const FIELDS: [&str; 8] =
    ["name", "kind", "place", "owner", "contact", "source", "warning_seconds", "critical_seconds"];

pub(super) fn run(args: &ListArgs, mut context: Context) -> anyhow::Result<Acceptance> {
    args.inventory.settle(&mut context);
    let settings = context.settle()?;
    let survey = args.inventory.open(settings.expiry.inventory.as_ref())?;
    let things = &survey.inventory.things;
    let rows = || things.iter().map(|thing| row(thing)).collect::<Vec<_>>();
    output::print(&match args.list.form() {
        ListForm::Text => listed(things),
        ListForm::Json => rows::json_lines(&rows()),
        ListForm::Csv => rows::csv(&FIELDS, &rows()),
    })?;
    Ok(Acceptance::Accepted)
}

fn row(thing: &Thing) -> Value {
    json!({
        "version": 1,
        "type": "expiry_listed",
        "name": thing.name.as_str(),
        "kind": thing.kind().as_str(),
        "place": thing.place(),
        "owner": thing.owner,
        "contact": thing.contact,
        "runbook": thing.runbook,
        "source": thing.source,
        "tags": thing.tags,
        "warning_seconds": thing.thresholds.warning,
        "critical_seconds": thing.thresholds.critical,
    })
}

fn listed(things: &[Arc<Thing>]) -> String {
    if things.is_empty() {
        return "nothing is watched\n".to_owned();
    }
    let left = Side::Left;
    let mut columns = Columns::new(&[("thing", left), ("kind", left), ("owner", left), ("place", left)]);
    for thing in things {
        let kind = thing.kind().as_str().to_owned();
        columns.row(&[thing.name.to_string(), kind, thing.owner.clone(), thing.place()]);
    }
    columns.render()
}

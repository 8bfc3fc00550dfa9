//! `feedgate audit`.

use super::columns::{Columns, Side};
use super::context::{Context, block_on};
use super::output;
use super::rows::{self, ListForm, RowsArgs};
use super::runs::existing;
use crate::judgement::Acceptance;
use crate::store::AuditView;
use clap::Args;

/// List what people decided, newest first
///
/// Who let a held feed in or gave it up, replayed or discarded refused records, took a run back, made or revoked a
/// token; when and why. What was asked for and not done is not listed.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate audit
  feedgate audit --output csv
  feedgate audit --limit 1000 --json | jq 'select(.action == \"held.release\")'

Exit status:
  0  listed, also when there is nothing
  2  could not do it")]
pub(super) struct AuditArgs {
    /// How many decisions are listed
    #[arg(long, value_name = "N", value_parser = output::limit, default_value_t = 100)]
    limit: u32,
    /// Only those before the decision of this number
    #[arg(long, value_name = "NUMBER")]
    before: Option<i64>,
    #[command(flatten)]
    list: RowsArgs,
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

pub(super) fn run(args: AuditArgs, mut context: Context) -> anyhow::Result<Acceptance> {
    context.flag("database", args.database);
    let url = context.settle()?.database;
    let (decisions, all) = block_on(async {
        let store = existing(&url).await?;
        let decisions = store.audit(args.before, args.limit).await?;
        Ok::<_, anyhow::Error>((decisions, store.audit_count(args.before).await?))
    })??;
    let rows = || decisions.iter().map(|decision| rows::row("decision", decision)).collect::<Vec<_>>();
    let text = match args.list.form() {
        ListForm::Text => listed(&decisions),
        ListForm::Json => rows::json_lines(&rows()),
        ListForm::Csv => rows::csv(&["id", "at", "who", "action", "object", "source", "reason"], &rows()),
    };
    output::print(&text)?;
    output::left_out(decisions.len(), all, "decisions");
    Ok(Acceptance::Accepted)
}

fn listed(decisions: &[AuditView]) -> String {
    if decisions.is_empty() {
        return "no such decisions\n".to_owned();
    }
    let left = Side::Left;
    let mut columns = Columns::new(&[
        ("number", Side::Right),
        ("when", left),
        ("who", left),
        ("action", left),
        ("what", left),
        ("sender", left),
        ("why", left),
    ]);
    for decision in decisions {
        columns.row(&[
            decision.id.to_string(),
            decision.at.clone(),
            decision.who.clone(),
            decision.action.clone(),
            decision.object.clone(),
            decision.source.clone().unwrap_or_default(),
            decision.reason.clone().unwrap_or_default(),
        ]);
    }
    columns.render()
}

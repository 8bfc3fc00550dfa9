//! `feedgate migrate`.

use super::context::{Context, block_on};
use super::output;
use crate::judgement::Acceptance;
use crate::store::{Store, Tables, TablesFound};
use clap::Args;

/// Bring the tables of the database up to date
///
/// Makes the tables of this program, or changes those of an older one; several may do it at once. An import does the
/// same where its account may: this is for the one that may create tables, when that of the imports may not.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate migrate
  feedgate migrate --database postgres://shop_owner@db.example/shop
  feedgate migrate --check

Exit status:
  0  the tables are current
  1  migrations are wanted (--check alone)
  2  could not do it: no database, an account that may not, tables of a newer feedgate")]
pub(super) struct MigrateArgs {
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Tell whether migrations are wanted, change nothing
    #[arg(long)]
    check: bool,
}

pub(super) fn run(args: MigrateArgs, mut context: Context) -> anyhow::Result<Acceptance> {
    context.flag("database", args.database);
    let url = context.settle()?.database;
    if args.check {
        let found = block_on(Store::tables(&url))??;
        output::print(&format!("{}: {}\n", url, looked_at(found)))?;
        return Ok(if found.tables == Tables::Current {
            Acceptance::Accepted
        } else {
            Acceptance::Deviations
        });
    }
    let found = block_on(Store::migrate(&url))??;
    output::print(&format!("{}: {}\n", url, done(found)))?;
    Ok(Acceptance::Accepted)
}

/// What stands, and what is wanted.
fn looked_at(TablesFound { tables, known }: TablesFound) -> String {
    match tables {
        Tables::None => format!("there are no tables; `feedgate migrate` makes those of migration {known}"),
        Tables::Behind { at, .. } => {
            format!("the tables are at migration {at}; `feedgate migrate` brings them to {known}")
        }
        Tables::Current => current(known),
    }
}

/// What was done.
fn done(TablesFound { tables, known }: TablesFound) -> String {
    match tables {
        Tables::None => format!("the tables are made, at migration {known}"),
        Tables::Behind { at, .. } => format!("the tables were at migration {at} and are at {known} now"),
        Tables::Current => current(known),
    }
}

fn current(known: i64) -> String {
    format!("the tables are current, at migration {known}")
}

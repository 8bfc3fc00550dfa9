//! `feedgate expiry watch`.

use super::InventoryArgs;
use crate::cli::context::Context;
use crate::cli::{output, stop};
use crate::expiry::{Scan, State};
use crate::judgement::Acceptance;
use crate::pipeline::StopFlag;
use crate::report::expiry::sentence;
use crate::serve::Operators;
use anyhow::Error;
use clap::Args;
use jiff::Timestamp;
use std::time::{Duration, Instant};

/// How often it is looked whether it is time, or whether to stop.
const LOOK: Duration = Duration::from_millis(100);
/// How often it is told what the collector did not get.
const LOSSES: Duration = Duration::from_secs(1);

/// Look again and again, and tell what changes
///
/// The first look tells what is not ok, each further one what stands otherwise. The inventory is read anew each time;
/// one that cannot be used any more is told, and the moment of the last whole look (`feedgate.expiry.last_scan`) stays
/// behind.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate expiry watch --inventory expiry.toml --listen 0.0.0.0:9464
  feedgate expiry watch --inventory expiry.toml --every 15min

Exit status:
  0  stopped by SIGTERM or SIGINT
  2  could not begin: an inventory that cannot be used, an address that is taken")]
pub(super) struct WatchArgs {
    #[command(flatten)]
    inventory: InventoryArgs,
    #[arg(long, value_name = "TIME")]
    every: Option<String>,
    /// Address at which `/healthz` and `/metrics` are answered, without sign-in
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
}

pub(super) fn run(args: &WatchArgs, mut context: Context) -> anyhow::Result<Acceptance> {
    args.inventory.settle(&mut context);
    context.flag("expiry.every", args.every.clone());
    context.flag("expiry.listen", args.listen.clone());
    let settings = context.settle()?;
    context.process_telemetry(&settings)?;
    let stop = stop::listen(context.messages().clone());
    let mut last = Some(scan(args, &context, settings.expiry.inventory.as_ref(), None)?);
    let telemetry = context.messages().telemetry();
    let operators =
        settings.expiry.listen.map(|address| Operators::open(address, telemetry.clone())).transpose()?;
    if let Some(operators) = &operators {
        output::notice(&format!("for operators: http://{}", operators.address()));
    }
    while pause(settings.expiry.every, &stop, || telemetry.tell_losses()) {
        match scan(args, &context, settings.expiry.inventory.as_ref(), last.as_ref()) {
            Ok(scan) => last = Some(scan),
            Err(error) if output::is_closed_pipe(&error) => return Err(error),
            Err(error) => context.messages().error(&error),
        }
    }
    Ok(Acceptance::Accepted)
}

/// Looks once, and tells what stands otherwise than before.
fn scan(
    args: &WatchArgs,
    context: &Context,
    inventory: Option<&std::path::PathBuf>,
    last: Option<&Scan>,
) -> Result<Scan, Error> {
    let variables = |name: &str| context.environment().get(name).map(str::to_owned);
    let scan = args.inventory.open(inventory)?.scan(&variables, Timestamp::now());
    context.messages().telemetry().expiry(&scan, last, |standing| sentence(standing, scan.at));
    output::print(&told(&scan, last))?;
    Ok(scan)
}

/// A line for each change.
fn told(scan: &Scan, last: Option<&Scan>) -> String {
    let at = scan.at.strftime("%Y-%m-%dT%H:%M:%SZ");
    let change = scan.changes(last).into_iter().map(|change| {
        let (standing, before) = (change.standing, change.before.map_or("", State::words));
        let was = if before.is_empty() { String::new() } else { format!(" (was {before})") };
        let (name, state) = (&standing.thing.name, standing.state);
        format!("{at} {name}: {state}{was}: {}\n", sentence(standing, scan.at))
    });
    let gone = scan.gone(last).into_iter().map(|thing| format!("{at} {}: no longer watched\n", thing.name));
    change.chain(gone).collect()
}

/// Waits for the next look; `false` when it is to stop.
fn pause(every: Duration, stop: &StopFlag, losses: impl Fn()) -> bool {
    let begun = Instant::now();
    let mut told = begun;
    while begun.elapsed() < every {
        if stop.is_raised() {
            return false;
        }
        if told.elapsed() >= LOSSES {
            losses();
            told = Instant::now();
        }
        std::thread::sleep(LOOK.min(every));
    }
    !stop.is_raised()
}

//! `feedgate expiry`.

mod check;
mod init;
mod list;
mod watch;

use super::context::Context;
use crate::expiry::Thing;
use crate::judgement::Acceptance;
use crate::survey::Survey;
use crate::telemetry::Instance;
use anyhow::Context as _;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// The name of the job in telemetry: what one check tells replaces what the one before has told.
const JOB: &str = "expiry";

/// Watch what expires: certificates, key stores, lists, keys, agreements
///
/// An inventory lists what is watched and whose it is: files that no probe sees, endpoints, and dates that stand in no
/// file. What cannot be read, opened, reached or found is told as loudly as what has expired. Nothing is changed.
#[derive(Debug, Args)]
pub(super) struct ExpiryArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::CheckArgs),
    Watch(watch::WatchArgs),
    List(list::ListArgs),
    Init(init::InitArgs),
}

impl ExpiryArgs {
    /// Who tells of it.
    pub(super) fn instance(&self) -> Instance {
        match self.command {
            Command::Check(_) => Instance::Job(JOB.into()),
            Command::Watch(_) | Command::List(_) | Command::Init(_) => Instance::Process,
        }
    }
}

pub(super) fn run(args: ExpiryArgs, context: Context) -> anyhow::Result<Acceptance> {
    match args.command {
        Command::Check(args) => check::run(&args, context),
        Command::Watch(args) => watch::run(&args, context),
        Command::List(args) => list::run(&args, context),
        Command::Init(args) => init::run(&args),
    }
}

/// Which things are looked at.
#[derive(Debug, Args)]
struct InventoryArgs {
    #[arg(long, value_name = "FILE")]
    inventory: Option<PathBuf>,
    /// Only things with this tag; may be repeated, for things with any of them
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
    /// Only things of this source of feeds
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
}

impl InventoryArgs {
    /// Lays the flag over the other layers.
    fn settle(&self, context: &mut Context) {
        context.flag("expiry.inventory", self.inventory.as_ref().map(|path| path.to_string_lossy()));
    }

    /// Reads the inventory, as far as it was asked for.
    fn open(&self, inventory: Option<&PathBuf>) -> anyhow::Result<Survey> {
        let path = inventory.context(
            "there is no inventory: name one with `--inventory FILE`; `feedgate expiry init` prints one to begin with",
        )?;
        Ok(Survey::open(path)?.select(|thing| self.is_asked(thing)))
    }

    /// Whether it is about all things of the inventory.
    fn asks_for_all(&self) -> bool {
        self.tag.is_empty() && self.source.is_none()
    }

    fn is_asked(&self, thing: &Thing) -> bool {
        let is_tagged = self.tag.is_empty() || self.tag.iter().any(|tag| thing.tags.contains(tag));
        is_tagged && (self.source.is_none() || self.source == thing.source)
    }
}

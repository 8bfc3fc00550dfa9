//! `feedgate import`.

use super::context::Context;
use super::formats::known;
use super::reading::{EmptyFolder, ReadArgs};
use crate::config::Settings;
use crate::feed::FeedProfile;
use crate::import::{FormatRules, ImportPlan, Mode, OldNews, QuarantineLimits, Shard};
use crate::judgement::Acceptance;
use crate::pipeline::FormatPlans;
use crate::run::KnownFeeds;
use crate::source::Digesting;
use clap::Args;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Validate feeds and import what is right
///
/// Accepted records are written into the shop database, a feed as a whole or not at all; refused records
/// are kept in quarantine. Products that are the same already are not written again.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate import samples/catalogue/good.xml
  feedgate import --database postgres://shop@db.example/shop feeds/
  feedgate import --dry-run feed.xml.gz
  feedgate import --shard 2 --shards 8 --deviations-ok feeds/

Several at once: each process takes the feeds of its sources. The part of a source is the first eight bytes
of the SHA-256 of its name as a number, modulo the number of parts; of a feed whose source cannot be read,
that of the feed's name.

Exit status:
  0  everything is imported
  1  deviations at error severity: what was right is imported, what was not is in quarantine
  2  could not do it: usage, a feed that cannot be read, the database; other feeds are imported
  3  held: the feed is older than what was imported, or the guard holds it; nothing of it is imported
  4  not fully checked: the schema uses constructs that the engine does not check
  5  cancelled by SIGTERM or SIGINT; what was not read whole by then was dropped")]
pub(super) struct ImportArgs {
    #[command(flatten)]
    read: ReadArgs,
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// Read, compare with the database, write nothing
    #[arg(long)]
    dry_run: bool,
    /// Whose products the feeds bring, whatever their headers say; needed for feeds that name no sender
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Import messages that are older than what was imported of their sender, instead of holding them; products that
    /// a newer message has changed stay as they are
    #[arg(long)]
    accept_old: bool,
    /// Take only a part of the feeds, of several that are imported at once: the number of this one, from 0
    #[arg(long, value_name = "NUMBER", requires = "shards", conflicts_with = "dry_run")]
    shard: Option<u32>,
    /// How many parts there are; a source belongs to one of them, whatever its feeds are called
    #[arg(long, value_name = "COUNT", requires = "shard")]
    shards: Option<u32>,
    /// Read feeds again whose very bytes were imported before; without it, they are recognised and told as they were
    /// then
    #[arg(long)]
    revalidate: bool,
    #[command(flatten)]
    tolerance: ToleranceArgs,
}

/// What is no failure, where it would be one.
#[derive(Debug, Args)]
struct ToleranceArgs {
    /// End with 0 although records were refused or feeds are held: reports, the run's row and metrics say so all the
    /// same
    #[arg(long)]
    deviations_ok: bool,
    /// Take a folder without feeds for one with nothing to do: it is told, and the run has none of its feeds
    #[arg(long)]
    empty_ok: bool,
}

impl ToleranceArgs {
    fn empty(&self) -> EmptyFolder {
        if self.empty_ok { EmptyFolder::Told } else { EmptyFolder::Error }
    }
}

impl ImportArgs {
    /// Who tells of the run.
    pub(super) fn instance(&self) -> Cow<'static, str> {
        self.shard.map_or(Cow::Borrowed(self.told_as()), |shard| format!("import-{shard}").into())
    }

    /// The command as telemetry tells it: a dry run is no import that took place.
    const fn told_as(&self) -> &'static str {
        if self.dry_run { "import-dry-run" } else { "import" }
    }
}

pub(super) fn run(args: ImportArgs, mut context: Context) -> anyhow::Result<Acceptance> {
    let told_as = args.told_as();
    context.flag("database", args.database);
    let shard = args.shard.zip(args.shards).map(|(index, shards)| Shard::new(index, shards)).transpose()?;
    let mut plan = args.read.settle(told_as, args.tolerance.empty(), &[], &mut context)?;
    if args.revalidate {
        plan.known = KnownFeeds::Read;
    }
    if args.tolerance.deviations_ok {
        context.messages().tolerate_deviations();
    }
    let formats = FormatPlans::new(known(&context, &plan.settings, args.read.format.as_deref())?);
    let import = ImportPlan {
        mode: if args.dry_run { Mode::DryRun } else { Mode::Write },
        source: args.source,
        old_news: if args.accept_old { OldNews::Accept } else { OldNews::Hold },
        ..settled(&plan.settings, &formats)
    };
    if let Some(shard) = shard {
        plan.take_part(shard, &formats, &import)?;
    }
    plan.run("import", Arc::new(formats), Digesting::WhileReading, Some(import))
}

/// An import as settings and profiles say.
pub(super) fn settled(settings: &Settings, formats: &FormatPlans) -> ImportPlan {
    ImportPlan {
        lease: settings.lease,
        kept_runs: settings.rollback_runs,
        aliases: settings.aliases.clone(),
        formats: rules(formats),
        guard: settings.guard.clone(),
        drift: settings.drift.clone(),
        held_keep: settings.held_keep,
        quarantine: QuarantineLimits {
            feed_max: settings.quarantine_feed_max,
            source_max: settings.quarantine_source_max,
        },
        ..ImportPlan::new(settings.database.clone())
    }
}

/// What profiles say that matters to an import, by format.
fn rules(formats: &FormatPlans) -> BTreeMap<String, FormatRules> {
    let of = |profile: &FeedProfile| FormatRules {
        feeds: profile.feeds,
        unavailable: profile.unavailable.clone(),
    };
    formats.formats().iter().map(|known| (known.profile.id(), of(&known.profile))).collect()
}

//! From staged to live: one transaction for all feeds of a batch, or nothing.

use super::audit::Decision;
use super::before::{Images, Keeping};
use super::columns::Table;
use super::connection::{Connection, Parameter};
use super::error::StoreError;
use super::finding::{self, FindingGroup, FindingView};
use super::held::{HeldChange, HeldFeed};
use super::mark::{self, Mark, MovedMark, Tombstone};
use super::quarantine::ReplayedEntry;
use super::run::{self, Attempt, Counts, RunId};
use super::sql::Sql;
use super::stage::StagedRows;
use super::structure::{self, Structure};
use super::told::{self, ToldFeed};
use super::{held, quarantine, row};
use crate::judgement::{Acceptance, Coverage};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// What became of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FeedState {
    /// Its accepted records stand.
    Applied,
    /// The same bytes had been applied before, judged by the same: nothing to do, whatever came later.
    Repeated,
    /// It would change too much: nothing of it was applied, somebody has to look.
    Held,
    /// Nothing of it was applied.
    Refused,
    /// It was judged only: its counts say what it would have done.
    Checked,
}

impl FeedState {
    /// The state as the tables write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Repeated => "repeated",
            Self::Held => "held",
            Self::Refused => "refused",
            Self::Checked => "checked",
        }
    }
}

/// One feed of a batch.
#[derive(Clone, Debug)]
pub struct FeedVersion {
    /// Its number, handed out before.
    pub id: i64,
    /// The sender.
    pub source: String,
    /// Name of the feed.
    pub feed: String,
    /// Format and version.
    pub format: String,
    /// Version of the profile.
    pub profile_version: u32,
    /// Message number of the header.
    pub message_number: Option<String>,
    /// Its place among the messages of its sender.
    pub place: Mark,
    /// Digest of what it was judged by.
    pub judged_by: Option<String>,
    /// SHA-256 of the feed as delivered.
    pub digest: Option<[u8; 32]>,
    /// What became of it.
    pub state: FeedState,
    /// What it came to.
    pub acceptance: Acceptance,
    /// Whether it spoke of all products of its sender; `None` when it was not applied.
    pub extent: Option<Coverage>,
    /// Products of its sender that stand after it; `None` when it was not applied.
    pub standing: Option<u64>,
    /// The held feed that it is, let in.
    pub released_from: Option<i64>,
    /// The feed of the same bytes that was told in its place.
    pub recognised_as: Option<i64>,
    /// What became of its records.
    pub counts: Counts,
}

/// What one transaction writes besides what is staged.
#[derive(Debug, Default)]
pub struct Batch {
    /// Feeds in their order.
    pub feeds: Vec<FeedVersion>,
    /// Groups of findings, with the feed they belong to.
    pub groups: Vec<(i64, FindingGroup)>,
    /// Findings with their place, with the feed they belong to.
    pub samples: Vec<(i64, FindingView)>,
    /// Some product is staged or withdrawn more than once.
    pub overlaps: bool,
    /// Entries of the quarantine that are staged as products now.
    pub replayed: Vec<ReplayedEntry>,
    /// Marks that its feeds move, each source and format once.
    pub marks: Vec<MovedMark>,
    /// Products that were withdrawn and are not there.
    pub tombstones: Vec<Tombstone>,
    /// Feeds that are held.
    pub held: Vec<HeldFeed>,
    /// What becomes of feeds that were held before.
    pub held_changes: Vec<(i64, HeldChange)>,
    /// What became of records that belong to none of the feeds: replayed ones.
    pub beside: Counts,
    /// What feeds told, each of them once.
    pub told: Vec<ToldFeed>,
    /// Who lets held feeds in or replays entries, and why: written down for each.
    pub decision: Option<Decision>,
    /// What the records look like that the run has applied so far, of each source and format that its feeds are of.
    pub structures: Vec<Structure>,
}

impl Batch {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.feeds.is_empty() && self.replayed.is_empty() && self.held_changes.is_empty()
    }
}

/// The row of a feed version as it travels to the database.
#[derive(Serialize)]
struct FeedRow<'a> {
    id: i64,
    source: &'a str,
    feed: &'a str,
    format: &'a str,
    profile_version: u32,
    message_number: Option<&'a str>,
    place_number: Option<u64>,
    place_sent: Option<i64>,
    judged_by: Option<&'a str>,
    digest: Option<String>,
    state: &'static str,
    acceptance: &'static str,
    extent: Option<&'static str>,
    standing: Option<u64>,
    released_from: Option<i64>,
    recognised_as: Option<i64>,
    #[serde(flatten)]
    counts: Counts,
}

/// `$1` run, `$2` now, `$3` the feeds.
const FEEDS: Sql = Sql {
    postgres: "insert into feed_version (id, run_id, source, feed, format, profile_version, message_number,
            digest, state, acceptance, extent, standing, released_from, recognised_as, judged_by,
            place_number, place_sent, imported_at, bytes, records, inserted, updated, unchanged, withdrawn,
            refused, stale)
        select id, $1, source, feed, format, profile_version, message_number, decode(digest, 'hex'), state,
            acceptance, extent, standing, released_from, recognised_as, judged_by, place_number, place_sent,
            $2::timestamptz,
            bytes, records, inserted, updated, unchanged, withdrawn, refused, stale
        from jsonb_to_recordset($3::jsonb) as f (id bigint, source text, feed text, format text,
            profile_version bigint, message_number text, digest text, state text, acceptance text, extent text,
            standing bigint, released_from bigint, recognised_as bigint, judged_by text,
            place_number bigint, place_sent bigint, bytes bigint, records bigint,
            inserted bigint, updated bigint, unchanged bigint, withdrawn bigint, refused bigint,
            stale bigint)",
    sqlite: "insert into feed_version (id, run_id, source, feed, format, profile_version, message_number,
            digest, state, acceptance, extent, standing, released_from, recognised_as, judged_by,
            place_number, place_sent, imported_at, bytes, records, inserted, updated, unchanged, withdrawn,
            refused, stale)
        select value->>'id', $1, value->>'source', value->>'feed', value->>'format', value->>'profile_version',
            value->>'message_number', unhex(value->>'digest'), value->>'state', value->>'acceptance',
            value->>'extent', value->>'standing', value->>'released_from', value->>'recognised_as', value->>'judged_by',
            value->>'place_number', value->>'place_sent', $2, value->>'bytes', value->>'records',
            value->>'inserted', value->>'updated', value->>'unchanged', value->>'withdrawn',
            value->>'refused', value->>'stale'
        from json_each($3)",
};
/// The fence, with the counts and a sign of life.
const COUNT: Sql = Sql {
    postgres: "update run set lease_until = $3::timestamptz, feeds = feeds + $4, bytes = bytes + $5,
         records = records + $6, inserted = inserted + $7, updated = updated + $8, unchanged = unchanged + $9,
         withdrawn = withdrawn + $10, refused = refused + $11, notices = notices + $12, warnings = warnings + $13,
         errors = errors + $14, fatals = fatals + $15, stale = stale + $16
     where id = $1 and attempt = $2 and state = 'running'",
    sqlite: "update run set lease_until = $3, feeds = feeds + $4, bytes = bytes + $5,
         records = records + $6, inserted = inserted + $7, updated = updated + $8, unchanged = unchanged + $9,
         withdrawn = withdrawn + $10, refused = refused + $11, notices = notices + $12, warnings = warnings + $13,
         errors = errors + $14, fatals = fatals + $15, stale = stale + $16
     where id = $1 and attempt = $2 and state = 'running'",
};

/// Of two records with one reference, the later one stands. A product staged again is still new when it was.
static OVERLAPS: LazyLock<Vec<Sql>> = LazyLock::new(|| {
    let whole = [
        Sql::both(
            "delete from staged_withdrawal where exists (select 1 from staged_product later
                 where later.product_id = staged_withdrawal.product_id and later.seq > staged_withdrawal.seq)",
        ),
        Sql {
            postgres: "delete from staged_product s using staged_product later
                       where later.product_id = s.product_id and later.seq > s.seq",
            sqlite: "delete from staged_product where seq not in
                         (select max(seq) from staged_product group by product_id)",
        },
    ];
    let part = Sql::both("delete from staged_{table} where seq not in (select seq from staged_product)");
    whole.into_iter().chain(Table::PARTS.map(|table| part.filled(table, &[]))).collect()
});

static INSERT: LazyLock<Sql> = LazyLock::new(|| {
    Sql::both(
        "insert into product (id, source, record_reference, fingerprint, facts, first_run, last_changed_run,
             feed_version_id, changed_at, {columns})
         select product_id, source, record_reference, fingerprint, facts, $1, $1, feed_version_id, changed_at,
             {columns}
         from staged_product where fresh = 1 order by seq",
    )
    .filled(Table::Product, &[])
});
static UPDATE: LazyLock<Sql> = LazyLock::new(|| {
    Sql::both(
        "update product set fingerprint = s.fingerprint, facts = s.facts, withdrawn_at = null, last_changed_run = $1,
             feed_version_id = s.feed_version_id, changed_at = s.changed_at, {changes}
         from staged_product s where product.id = s.product_id and s.fresh = 0",
    )
    .filled(Table::Product, &[])
});
/// The parts of products that were there: those that are the same stay, which is most of them, and cheaper than to
/// write them again; the others go, and what differs comes.
static PARTS: LazyLock<[[Sql; 2]; Table::PARTS.len()]> = LazyLock::new(|| {
    let delete = Sql::both(
        "delete from product_{table} as here
         where product_id in (select product_id from staged_product where fresh = 0)
             and not exists (select 1 from staged_{table} there
                 where there.product_id = here.product_id and there.position = here.position and {same})",
    );
    let insert = Sql::both(
        "insert into product_{table} (product_id, position, {columns})
         select product_id, position, {columns}
         from staged_{table} as here
         where not exists (select 1 from product_{table} there
             where there.product_id = here.product_id and there.position = here.position)",
    );
    Table::PARTS.map(|table| [delete, insert].map(|sql| sql.filled(table, &[])))
});
/// What SQLite needs to compare parts, made while it does: an index costs more than it gives where nothing is compared.
/// PostgreSQL hashes.
static COMPARE: LazyLock<[Sql; 2]> = LazyLock::new(|| {
    let of_all = |sqlite| {
        let one = |table| Sql { postgres: "select 1", sqlite }.filled(table, &[]);
        Sql::script(&Table::PARTS.map(one))
    };
    [
        of_all("create index temp.staged_{table}_place on staged_{table} (product_id, position)"),
        of_all("drop index temp.staged_{table}_place"),
    ]
});
/// The parts of new products alone: there is nothing to compare.
static NEW_PARTS: LazyLock<[Sql; Table::PARTS.len()]> = LazyLock::new(|| {
    let insert = Sql::both(
        "insert into product_{table} (product_id, position, {columns})
         select product_id, position, {columns}
         from staged_{table}",
    );
    Table::PARTS.map(|table| insert.filled(table, &[]))
});
static WITHDRAW: LazyLock<Sql> = LazyLock::new(|| {
    Sql::both(
        "update product set withdrawn_at = cast($2 as {moment}), last_changed_run = $1,
             feed_version_id = s.feed_version_id
         from staged_withdrawal s where product.id = s.product_id and product.withdrawn_at is null",
    )
    .filled(Table::Withdrawal, &[])
});

/// Dates only move on, and behind those of products that were written.
const DATE: Sql = Sql::both(
    "update product set changed_at = s.changed_at
         from (select product_id, max(changed_at) as changed_at from staged_date group by product_id) s
         where product.id = s.product_id and (product.changed_at is null or product.changed_at < s.changed_at)",
);

/// Refused records that are told better by another one: of the same bytes in one feed the first, the others are refused
/// for being there again; of one key those of the last feed, and of no key those of the last feed with the same bytes.
pub(super) const TOLD_BETTER: [&str; 2] = [
    "exists (select 1 from staged_quarantine o
                 where o.source = s.source and o.bytes_digest = s.bytes_digest
                     and coalesce(o.record_reference, '') = coalesce(s.record_reference, '')
                     and (o.feed_version_id > s.feed_version_id
                         or (o.feed_version_id = s.feed_version_id and o.seq < s.seq)))",
    "exists (select 1 from staged_quarantine o
                 where o.source = s.source and o.record_reference = s.record_reference
                     and o.feed_version_id > s.feed_version_id)",
];
/// The record was accepted behind the refused one: nothing waits of that.
pub(super) const RELEASED: &str = "exists (select 1 from staged_release r
                 where r.source = s.source and r.record_reference = s.record_reference and r.seq > s.seq)";
/// Drops those.
static REFUSED_ONCE: LazyLock<[Sql; 2]> = LazyLock::new(|| {
    let drop = Sql::both("delete from staged_quarantine as s where {told}");
    TOLD_BETTER.map(|told| drop.filled(Table::Quarantine, &[("{told}", told)]))
});
/// Finds the entry that a refused record has already: one of the same bytes, else one of the same key. Where there are
/// several of a key, the first of them has the first entry.
static FIND_ENTRIES: LazyLock<[Sql; 2]> = LazyLock::new(|| {
    let template = Sql::both(
        "update staged_quarantine set entry_id = found.id
         from (select fresh.seq, waiting.id
             from (select s.seq, s.source, s.{by},
                       row_number() over (partition by s.source, s.{by} order by s.seq) as place
                   from staged_quarantine s
                   where s.entry_id is null and s.{by} is not null and not {released}) as fresh
             join (select q.id, q.source, q.{by},
                       row_number() over (partition by q.source, q.{by} order by q.id) as place
                   from quarantine q
                   join (select distinct source, {by} from staged_quarantine) as wanted
                       on wanted.source = q.source and wanted.{by} = q.{by}
                   where q.state = 'open'
                       and not exists (select 1 from staged_quarantine had where had.entry_id = q.id)) as waiting
                 on waiting.source = fresh.source and waiting.{by} = fresh.{by} and waiting.place = fresh.place
             ) as found
         where staged_quarantine.seq = found.seq",
    );
    let by = |column| template.filled(Table::Quarantine, &[("{by}", column), ("{released}", RELEASED)]);
    ["bytes_digest", "record_reference"].map(by)
});

/// Nobody has counted the rows of a temporary table, nor those of a table that was empty a moment ago: a server that
/// takes them for few would hold each against each.
const NO_LOOPS: [Sql; 2] = [
    Sql { postgres: "set local enable_nestloop = off", sqlite: "select 1" },
    Sql { postgres: "set local enable_nestloop = on", sqlite: "select 1" },
];

/// Refused again: the entry keeps its number and when it was refused first; all else is told of the record as it came
/// last. Bytes that are the same are not written anew.
static REFUSED_AGAIN: LazyLock<Sql> = LazyLock::new(|| {
    Sql::both(
        "update quarantine set last_run = $1, feed_version_id = s.feed_version_id,
             record_reference = s.record_reference, bytes_digest = s.bytes_digest,
             bytes = case when quarantine.bytes_digest = s.bytes_digest then quarantine.bytes else s.bytes end,
             {changes}
         from staged_quarantine s
         where quarantine.id = s.entry_id and quarantine.state = 'open'",
    )
    .filled(Table::Quarantine, &[])
});
/// Accepted since, or refused since and told by another entry.
static SUPERSEDE: LazyLock<[Sql; 2]> = LazyLock::new(|| {
    let accepted = Sql::both(
        "update quarantine set state = 'superseded', resolved_at = cast($1 as {moment})
         from staged_release r
         where quarantine.state = 'open' and quarantine.source = r.source
             and quarantine.record_reference = r.record_reference
             and not exists (select 1 from staged_quarantine s where s.entry_id = quarantine.id)",
    );
    let refused = Sql::both(
        "update quarantine set state = 'superseded', resolved_at = cast($1 as {moment})
         from staged_quarantine s
         where quarantine.state = 'open' and quarantine.source = s.source
             and quarantine.record_reference = s.record_reference
             and quarantine.feed_version_id <> s.feed_version_id
             and not exists (select 1 from staged_quarantine same where same.entry_id = quarantine.id)",
    );
    [accepted, refused].map(|sql| sql.filled(Table::Quarantine, &[]))
});
/// A record accepted later in the same batch is stored, too: what was refused once can be looked up.
static REFUSED: LazyLock<Sql> = LazyLock::new(|| {
    Sql::both(
        "insert into quarantine (state, resolved_at, created_at, first_run, last_run, feed_version_id,
             source, record_reference, bytes, bytes_digest, {columns})
         select case when released then 'superseded' else 'open' end,
             case when released then cast($2 as {moment}) end, cast($2 as {moment}), $1, $1, feed_version_id,
             source, record_reference, bytes, bytes_digest, {columns}
         from (select s.*, {released} as released from staged_quarantine s where s.entry_id is null) as s
         order by seq",
    )
    .filled(Table::Quarantine, &[("{released}", RELEASED)])
});

/// The statements that move staged rows on, finished.
#[cfg(test)]
pub(super) fn statements() -> Vec<Sql> {
    let rest = [*INSERT, *UPDATE, *WITHDRAW, DATE, *REFUSED_AGAIN, *REFUSED];
    OVERLAPS
        .iter()
        .chain(PARTS.iter().flatten())
        .chain(&*NEW_PARTS)
        .chain(&*COMPARE)
        .chain(&*REFUSED_ONCE)
        .chain(&*FIND_ENTRIES)
        .chain(&*SUPERSEDE)
        .copied()
        .chain(rest)
        .collect()
}

/// When, and by which attempt at which run, until when the run is alive then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stamp {
    pub(super) attempt: Attempt,
    pub(super) now: Timestamp,
    pub(super) lease_until: Timestamp,
}

/// Switches what is staged live, with everything that belongs to it, in one transaction. On an error
/// nothing stands; the staged rows are then of no use and the session is to be given up.
pub(super) async fn batch(
    connection: &mut Connection,
    stamp: Stamp,
    keeping: &mut Keeping,
    (batch, staged): (&Batch, StagedRows),
) -> Result<(), StoreError> {
    let work = async |connection: &mut Connection| within(connection, stamp, keeping, (batch, staged)).await;
    let done = connection.transaction(work).await;
    done.map_err(|error| error.of_feeds(batch.feeds.iter().map(|feed| &*feed.feed)))
}

async fn within(
    connection: &mut Connection,
    stamp: Stamp,
    keeping: &mut Keeping,
    (batch, staged): (&Batch, StagedRows),
) -> Result<(), StoreError> {
    // First of all: a run that was taken over must not write any more.
    count(connection, stamp, batch).await?;
    let (run, now) = (stamp.attempt.run, run::moment(stamp.now));
    let mut images = Images::begin(connection, run, keeping).await?;
    feeds(connection, run, &now, &batch.feeds).await?;
    held::hold(connection, &now, &batch.held).await?;
    held::change(connection, run, &now, &batch.held_changes, batch.decision.as_ref()).await?;
    mark::advance(connection, run, &mut images, &batch.marks).await?;
    mark::bury(connection, &mut images, &batch.tombstones).await?;
    structure::keep(connection, run, &batch.structures).await?;
    if batch.overlaps {
        for &sql in OVERLAPS.iter() {
            connection.execute("settle records that came twice", sql, &[]).await?;
        }
    }
    images.staged_products(connection, staged).await?;
    products(connection, run, &now, staged).await?;
    if staged.has(Table::Quarantine) {
        find_entries(connection).await?;
    }
    if staged.has_entries() || !batch.replayed.is_empty() {
        images.entries(connection, &batch.replayed).await?;
    }
    // Before the rest of the quarantine: a replayed record would else count as one that a later feed brought.
    quarantine::mark_replayed(connection, &now, &batch.replayed, batch.decision.as_ref()).await?;
    refused(connection, run, &now, staged).await?;
    if staged.has(Table::Quarantine) {
        images.new_entries(connection).await?;
    }
    images.end(connection, keeping).await?;
    told::keep(connection, &batch.told).await?;
    finding::insert(connection, run, &batch.groups, &batch.samples).await
}

async fn feeds(
    connection: &mut Connection,
    run: RunId,
    now: &str,
    feeds: &[FeedVersion],
) -> Result<(), StoreError> {
    let rows = feed_rows(feeds.iter());
    connection.execute("store the feeds", FEEDS, &[run.0.into(), now.into(), (&rows).into()]).await.map(drop)
}

/// Counts the batch and extends the lease; fails when another attempt has begun, or the run was taken over.
async fn count(connection: &mut Connection, stamp: Stamp, batch: &Batch) -> Result<(), StoreError> {
    let (attempt, until) = (stamp.attempt, run::moment(stamp.lease_until));
    let mut sum = batch.beside;
    batch.feeds.iter().for_each(|feed| sum.merge(&feed.counts));
    let int = |value: u64| Parameter::Int(i64::try_from(value).unwrap_or(i64::MAX));
    let values = [
        attempt.run.0.into(),
        attempt.number.into(),
        (&until).into(),
        int(batch.feeds.len() as u64),
        int(sum.bytes),
        int(sum.records),
        int(sum.inserted),
        int(sum.updated),
        int(sum.unchanged),
        int(sum.withdrawn),
        int(sum.refused),
        int(sum.notices),
        int(sum.warnings),
        int(sum.errors),
        int(sum.fatals),
        int(sum.stale),
    ];
    let held = connection.execute("extend the lease and count", COUNT, &values).await?;
    if held == 1 { Ok(()) } else { Err(StoreError::LeaseLost { run: attempt.run.0 }) }
}

/// Feed versions as a JSON array.
fn feed_rows<'a>(feeds: impl Iterator<Item = &'a FeedVersion>) -> String {
    let rows: Vec<FeedRow<'_>> = feeds.map(feed_row).collect();
    serde_json::to_string(&rows).expect("texts and numbers are JSON")
}

fn feed_row(feed: &FeedVersion) -> FeedRow<'_> {
    FeedRow {
        id: feed.id,
        source: &feed.source,
        feed: &feed.feed,
        format: &feed.format,
        profile_version: feed.profile_version,
        message_number: feed.message_number.as_deref(),
        place_number: feed.place.number,
        place_sent: feed.place.sent,
        judged_by: feed.judged_by.as_deref(),
        digest: feed.digest.map(|digest| row::to_hex(&digest)),
        state: feed.state.as_str(),
        acceptance: feed.acceptance.as_str(),
        extent: feed.extent.map(Coverage::as_str),
        standing: feed.standing,
        released_from: feed.released_from,
        recognised_as: feed.recognised_as,
        counts: feed.counts,
    }
}

async fn products(
    connection: &mut Connection,
    run: RunId,
    now: &str,
    staged: StagedRows,
) -> Result<(), StoreError> {
    if staged.has_fresh() {
        connection.execute("insert products", *INSERT, &[run.0.into()]).await?;
    }
    let updated = if staged.has_changed() {
        connection.execute("update products", *UPDATE, &[run.0.into()]).await?
    } else {
        0
    };
    parts(connection, updated, staged).await?;
    if staged.has(Table::Withdrawal) {
        connection.execute("withdraw products", *WITHDRAW, &[run.0.into(), now.into()]).await?;
    }
    if staged.has(Table::Date) {
        connection.execute("date products", DATE, &[]).await?;
    }
    Ok(())
}

/// Parts of products that were updated are compared; else all there are belong to new ones.
async fn parts(connection: &mut Connection, updated: u64, staged: StagedRows) -> Result<(), StoreError> {
    const DOING: &str = "replace the parts of products";
    if updated == 0 {
        for (_, &sql) in Table::PARTS.into_iter().zip(&*NEW_PARTS).filter(|(table, _)| staged.has(*table)) {
            connection.execute(DOING, sql, &[]).await?;
        }
        return Ok(());
    }
    connection.script("prepare to compare parts", COMPARE[0]).await?;
    for (table, [delete, insert]) in Table::PARTS.into_iter().zip(*PARTS) {
        connection.execute(DOING, delete, &[]).await?;
        if staged.has(table) {
            connection.execute(DOING, insert, &[]).await?;
        }
    }
    connection.script("end comparing parts", COMPARE[1]).await
}

/// Finds the entries that refused records have already.
async fn find_entries(connection: &mut Connection) -> Result<(), StoreError> {
    connection.script("prepare to look for records refused before", NO_LOOPS[0]).await?;
    for &sql in REFUSED_ONCE.iter() {
        connection.execute("settle records refused twice", sql, &[]).await?;
    }
    for &sql in FIND_ENTRIES.iter() {
        connection.execute("look for records refused before", sql, &[]).await?;
    }
    connection.script("end looking for records refused before", NO_LOOPS[1]).await
}

async fn refused(
    connection: &mut Connection,
    run: RunId,
    now: &str,
    staged: StagedRows,
) -> Result<(), StoreError> {
    if staged.has(Table::Release) {
        connection.execute("supersede accepted records in quarantine", SUPERSEDE[0], &[now.into()]).await?;
    }
    if staged.has(Table::Quarantine) {
        connection.execute("note records refused again", *REFUSED_AGAIN, &[run.0.into()]).await?;
        connection.execute("supersede older records in quarantine", SUPERSEDE[1], &[now.into()]).await?;
        connection.execute("quarantine refused records", *REFUSED, &[run.0.into(), now.into()]).await?;
    }
    Ok(())
}

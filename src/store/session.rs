//! The session of one import: locks, ids, what is known, what is staged, and the switch to live.

use super::apply::{self, Batch, RELEASED, Stamp, TOLD_BETTER};
use super::audit::Decision;
use super::before::Keeping;
use super::columns::Table;
use super::connection::Connection;
use super::error::StoreError;
use super::held::OpenHeld;
use super::identity::{self, Holder, Numbers};
use super::known::{
    Digest, EARLIER_FEEDS_MAX, EarlierFeed, Known, KnownProduct, RecordDate, USUAL_FEEDS_MAX,
};
use super::load::{self, Origin};
use super::mark::Mark;
use super::quarantine::{self, Outdated};
use super::rollback::{self, RollbackOrder, RollbackOutcome, RollbackRefusal};
use super::run::{Attempt, RunId};
use super::sql::Sql;
use super::stage::{Rows, Staging};
use super::structure::{self, DriftAcceptance, EarlierStructure, Structure};
use super::{lock, row};
use crate::judgement::Acceptance;
use crate::product::{Facts, Fingerprint, Price, Product, RecordReference};
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::LazyLock;

/// Ids of products asked for at a time.
const PRODUCT_IDS_AT_ONCE: u32 = 1_000;
/// The most ids of feeds asked for at a time.
const FEED_IDS_AT_ONCE_MAX: u32 = 100;

/// Runs that can be rolled back, unless it is said otherwise.
pub const KEPT_RUNS: u32 = 10;

/// What an id is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdKind {
    /// A row of `product`.
    Product,
    /// A row of `feed_version`.
    FeedVersion,
}

const KNOWN: Sql = Sql {
    postgres: "select json_build_array(id, record_reference, encode(fingerprint, 'hex'),
                   withdrawn_at is not null, facts, changed_at)::text
               from product where source = $1",
    sqlite: "select json_array(id, record_reference, hex(fingerprint),
                 json(iif(withdrawn_at is null, 'false', 'true')), facts, changed_at)
             from product where source = $1",
};
const PRODUCT_IDS: Sql = Sql {
    postgres: "select nextval('product_id_seq')::text from generate_series(1, $1::bigint)",
    sqlite: "update id_block set next = next + $1 where name = 'product' returning cast(next as text)",
};
const FEED_VERSION_IDS: Sql = Sql {
    postgres: "select nextval('feed_version_id_seq')::text from generate_series(1, $1::bigint)",
    sqlite: "update id_block set next = next + $1 where name = 'feed_version' returning cast(next as text)",
};
/// All that is known of a source but its products: each row is one [`Fact`]. `$1` source, `$2` applied feeds at most,
/// `$3` feeds of each format at most that tell what is usual: the last full ones, from one that was let in. `{alike}`
/// says of which bytes applied feeds are; how many feeds a source ever had costs nothing then.
const FACTS: Sql = Sql {
    postgres: "select json_build_object('products', json_build_array(count(*), exists (select 1 from feed_version
                where source = $1 and state = 'applied' and judged_by is not null
                    and not exists (select 1 from run r where r.id = run_id and r.rolled_back_by is not null))))::text
        from product where source = $1
        union all
        select json_build_object('quarantined', record_reference)::text from quarantine
        where state = 'open' and source = $1 and record_reference is not null
        union all
        select * from (select json_build_object('feed',
                json_build_array(id, encode(digest, 'hex'), format, judged_by, run_id, acceptance))::text
            from feed_version
            where source = $1 and state = 'applied' and {alike} and judged_by is not null
                and not exists (select 1 from run r where r.id = run_id and r.rolled_back_by is not null)
            order by id desc limit $2) as earlier
        union all
        select json_build_object('mark', json_build_array(format,
            json_build_object('number', number, 'repeat', repeat, 'sent', sent, 'run', run_id)))::text
        from message_mark where source = $1
        union all
        select json_build_object('held', json_build_object('feed_version_id', v.id, 'run', v.run_id,
            'format', v.format, 'number', v.place_number, 'sent', v.place_sent, 'digest', encode(v.digest, 'hex'),
            'is_stale', h.plan->>'stale' is not null))::text
        from held_feed h join feed_version v on v.id = h.feed_version_id
        where h.state = 'open' and v.source = $1
        union all
        select json_build_object('usual', json_build_array(last.id, f.format, last.records, last.standing))::text
        from (with recursive formats as (
                  select min(format) as format from feed_version
                  where source = $1 and state = 'applied' and extent = 'full'
                  union all
                  select (select min(v.format) from feed_version v
                      where v.source = $1 and v.state = 'applied' and v.extent = 'full' and v.format > formats.format)
                  from formats where formats.format is not null)
              select format, coalesce((select max(v.id) from feed_version v
                  where v.source = $1 and v.state = 'applied' and v.extent = 'full' and v.format = formats.format
                      and v.released_from is not null), 0) as let_in
              from formats where format is not null) f
        cross join lateral (select v.id, v.records, v.standing from feed_version v
            where v.source = $1 and v.state = 'applied' and v.extent = 'full' and v.format = f.format
                and v.id >= f.let_in
                and exists (select 1 from run r where r.id = v.run_id and r.rolled_back_by is null)
            order by v.id desc limit $3) last",
    sqlite: "select json_object('products', json_array(count(*), json(iif(exists (select 1 from feed_version
                where source = $1 and state = 'applied' and judged_by is not null
                    and not exists (select 1 from run r where r.id = run_id and r.rolled_back_by is not null)),
                'true', 'false'))))
        from product where source = $1
        union all
        select json_object('quarantined', record_reference) from quarantine
        where state = 'open' and source = $1 and record_reference is not null
        union all
        select * from (select json_object('feed',
                json_array(id, hex(digest), format, judged_by, run_id, acceptance))
            from feed_version
            where source = $1 and state = 'applied' and {alike} and judged_by is not null
                and not exists (select 1 from run r where r.id = run_id and r.rolled_back_by is not null)
            order by id desc limit $2)
        union all
        select json_object('mark', json_array(format,
            json_object('number', number, 'repeat', repeat, 'sent', sent, 'run', run_id)))
        from message_mark where source = $1
        union all
        select json_object('held', json_object('feed_version_id', v.id, 'run', v.run_id,
            'format', v.format, 'number', v.place_number, 'sent', v.place_sent, 'digest', lower(hex(v.digest)),
            'is_stale', json(iif(h.plan->>'stale' is null, 'false', 'true'))))
        from held_feed h join feed_version v on v.id = h.feed_version_id
        where h.state = 'open' and v.source = $1
        union all
        select json_object('usual', json_array(last.id, last.format, last.records, last.standing))
        from (with recursive formats as (
                  select min(format) as format from feed_version
                  where source = $1 and state = 'applied' and extent = 'full'
                  union all
                  select (select min(v.format) from feed_version v
                      where v.source = $1 and v.state = 'applied' and v.extent = 'full' and v.format > formats.format)
                  from formats where formats.format is not null)
              select format, coalesce((select max(v.id) from feed_version v
                  where v.source = $1 and v.state = 'applied' and v.extent = 'full' and v.format = formats.format
                      and v.released_from is not null), 0) as let_in
              from formats where format is not null) f
        cross join feed_version last on last.id in (select v.id from feed_version v
            where v.source = $1 and v.state = 'applied' and v.extent = 'full' and v.format = f.format
                and v.id >= f.let_in
                and exists (select 1 from run r where r.id = v.run_id and r.rolled_back_by is null)
            order by v.id desc limit $3)",
};
/// Of whatever bytes.
static FACTS_OF_ALL: LazyLock<Sql> =
    LazyLock::new(|| FACTS.filled(Table::Product, &[("{alike}", "digest is not null")]));
/// Of those with a digest: `$4`, hexadecimal.
static FACTS_OF_ONE: LazyLock<Sql> = LazyLock::new(|| {
    let of = |alike| FACTS.filled(Table::Product, &[("{alike}", alike)]);
    Sql { postgres: of("digest = decode($4, 'hex')").postgres, sqlite: of("digest = unhex($4)").sqlite }
});
/// The statements that ask what is known of a source, finished.
#[cfg(test)]
pub(super) fn statements() -> Vec<Sql> {
    vec![*FACTS_OF_ALL, *FACTS_OF_ONE, *QUARANTINE_GROWTH]
}
/// `$1` source, `$2` number and `$3` time of a message: products that a newer one changed last, or would have withdrawn
/// had they been there.
const CHANGED_AFTER: Sql = Sql {
    postgres: "select to_json(p.record_reference)::text from product p
             join feed_version v on v.id = p.feed_version_id
             where p.source = $1
                 and case when v.place_sent <> $3::text::bigint then v.place_sent > $3::text::bigint
                     else v.place_number > $2::text::bigint end
             union select to_json(p.record_reference)::text from tombstone p
             join feed_version v on v.id = p.feed_version_id
             where p.source = $1
                 and case when v.place_sent <> $3::text::bigint then v.place_sent > $3::text::bigint
                     else v.place_number > $2::text::bigint end",
    sqlite: "select json_quote(p.record_reference) from product p
             join feed_version v on v.id = p.feed_version_id
             where p.source = $1
                 and case when v.place_sent <> cast($3 as integer) then v.place_sent > cast($3 as integer)
                     else v.place_number > cast($2 as integer) end
             union select json_quote(p.record_reference) from tombstone p
             join feed_version v on v.id = p.feed_version_id
             where p.source = $1
                 and case when v.place_sent <> cast($3 as integer) then v.place_sent > cast($3 as integer)
                     else v.place_number > cast($2 as integer) end",
};

/// `$1` source: entries that will be open with what is staged, and how many more these are than now.
static QUARANTINE_GROWTH: LazyLock<Sql> = LazyLock::new(|| {
    let names = [("{bytes}", TOLD_BETTER[0]), ("{key}", TOLD_BETTER[1]), ("{released}", RELEASED)];
    Sql {
        postgres:
            "with now as (select count(*) as open from quarantine q where q.state = 'open' and q.source = $1),
            {after}
            select json_build_array(staying + refused, greatest(staying + refused - open, 0))::text
            from now, untouched, told",
        sqlite:
            "with now as (select count(*) as open from quarantine q where q.state = 'open' and q.source = $1),
            {after}
            select json_array(staying + refused, max(staying + refused - open, 0)) from now, untouched, told",
    }
    .filled(Table::Quarantine, &[("{after}", QUARANTINE_AFTER)])
    .filled(Table::Quarantine, &names)
});
const QUARANTINE_AFTER: &str =
    "untouched as (select count(*) as staying from quarantine q where q.state = 'open' and q.source = $1
                and not exists (select 1 from staged_release r where r.source = q.source
                    and r.record_reference = q.record_reference)
                and not exists (select 1 from staged_quarantine s where s.source = q.source
                    and s.record_reference = q.record_reference)
                and not exists (select 1 from staged_quarantine s where s.source = q.source
                    and s.bytes_digest = q.bytes_digest)),
            told as (select count(*) as refused from staged_quarantine s where s.source = $1
                and not {bytes} and not {key} and not {released})";

/// `$1` source, `$2` the held feed: products that a feed changed last that came after it. One that was let in came when
/// it was held.
const CHANGED_SINCE: Sql = Sql {
    postgres: "select to_json(p.record_reference)::text from product p
             join feed_version v on v.id = p.feed_version_id
             where p.source = $1 and coalesce(v.released_from, v.id) > $2
             union select to_json(p.record_reference)::text from tombstone p
             join feed_version v on v.id = p.feed_version_id
             where p.source = $1 and coalesce(v.released_from, v.id) > $2",
    sqlite: "select json_quote(p.record_reference) from product p
             join feed_version v on v.id = p.feed_version_id
             where p.source = $1 and coalesce(v.released_from, v.id) > $2
             union select json_quote(p.record_reference) from tombstone p
             join feed_version v on v.id = p.feed_version_id
             where p.source = $1 and coalesce(v.released_from, v.id) > $2",
};
const REFERENCES: Sql = Sql {
    postgres: "select to_json(record_reference)::text from product
               where id in (select jsonb_array_elements_text($1::jsonb)::bigint) order by id",
    sqlite: "select json_quote(record_reference) from product
             where id in (select value from json_each($1)) order by id",
};
const STORED: Sql = Sql {
    postgres: "select count(*)::text from (select 1 from feed_version where source = $1 limit 1) as found",
    sqlite: "select cast(count(*) as text) from (select 1 from feed_version where source = $1 limit 1)",
};
/// `$1` the old name, `$2` the new one.
const RENAME: [Sql; 10] = [
    Sql::both("update product set source = $2 where source = $1"),
    Sql::both("update quarantine set source = $2 where source = $1"),
    Sql::both("update feed_version set source = $2 where source = $1"),
    Sql::both("update message_mark set source = $2 where source = $1"),
    Sql::both("update tombstone set source = $2 where source = $1"),
    Sql::both("update product_before set source = $2 where source = $1"),
    Sql::both(
        "update message_mark_before set source = $2
         where source = $1 and not exists (select 1 from message_mark_before other
             where other.run_id = message_mark_before.run_id and other.source = $2
                 and other.format = message_mark_before.format)",
    ),
    Sql::both(
        "update tombstone_before set source = $2
         where source = $1 and not exists (select 1 from tombstone_before other
             where other.run_id = tombstone_before.run_id and other.source = $2
                 and other.record_reference = tombstone_before.record_reference)",
    ),
    Sql::both(
        "update structure_profile set source = $2
         where source = $1 and not exists (select 1 from structure_profile other
             where other.run_id = structure_profile.run_id and other.source = $2
                 and other.format = structure_profile.format)",
    ),
    Sql::both(
        "update drift_acceptance set source = $2
         where source = $1 and not exists (select 1 from drift_acceptance other
             where other.source = $2 and other.format = drift_acceptance.format
                 and other.kind = drift_acceptance.kind and other.path = drift_acceptance.path)",
    ),
];

/// The session of one import. Whatever it has staged dies with it.
#[derive(Debug)]
pub struct Session {
    connection: Connection,
    attempt: Attempt,
    /// Digest of the only feed that will come.
    expected: Option<[u8; 32]>,
    /// Boxed: sessions move a lot.
    staging: Box<Staging>,
    keeping: Keeping,
    /// They serve the next run, too.
    product_ids: VecDeque<i64>,
    /// They go with the run: the ids of a source's feeds rise in the order in which they came.
    feed_ids: VecDeque<i64>,
    /// How many are asked for next.
    feed_ids_next: u32,
}

impl Session {
    pub(super) fn new(connection: Connection, attempt: Attempt) -> Self {
        let keeping = Keeping { runs: KEPT_RUNS, begun: false };
        Self {
            connection,
            attempt,
            expected: None,
            staging: Box::default(),
            keeping,
            product_ids: VecDeque::new(),
            feed_ids: VecDeque::new(),
            feed_ids_next: 1,
        }
    }

    /// The session for another run: it has its temporary tables already, and ids of products.
    pub(super) fn again(self, attempt: Attempt) -> Self {
        let keeping = Keeping { runs: KEPT_RUNS, begun: false };
        Self { attempt, expected: None, keeping, feed_ids: VecDeque::new(), feed_ids_next: 1, ..self }
    }

    /// The connection, for what is asked beside.
    pub(super) fn connection(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Whether the other side still answers.
    pub(super) async fn answers(&mut self) -> bool {
        self.connection.answers().await
    }

    /// Lets go of all that belongs to the run, so that the session may serve another one.
    pub(super) async fn let_go(&mut self) -> Result<(), StoreError> {
        lock::free_all(&mut self.connection).await?;
        self.staging.empty(&mut self.connection).await
    }

    /// How many runs, this one among them, can be rolled back from now on; without it, [`KEPT_RUNS`].
    pub fn keep(&mut self, runs: u32) {
        self.keeping.runs = runs;
    }

    /// Says that one feed will come, and its bytes: of the applied ones, only those of the same bytes are known then.
    pub fn expect(&mut self, digest: [u8; 32]) {
        self.expected = Some(digest);
    }

    /// Buffers for what this session stages.
    #[must_use]
    pub fn rows(&self) -> Rows {
        Rows::new(self.connection.kind())
    }

    /// Takes a source for this run, or says who has it. It is free again when the session ends.
    pub async fn lock(&mut self, source: &str) -> Result<(), StoreError> {
        lock::source(&mut self.connection, source, self.attempt.run).await
    }

    /// What is there of a source: products, records in quarantine and applied feeds as digests, and its marks.
    pub async fn known(&mut self, source: &str) -> Result<Known, StoreError> {
        let at_most = [EARLIER_FEEDS_MAX, USUAL_FEEDS_MAX].map(|count| i64::from(count).into());
        let digest = self.expected.map(|digest| row::to_hex(&digest));
        let (sql, count) = if digest.is_some() { (*FACTS_OF_ONE, 4) } else { (*FACTS_OF_ALL, 3) };
        let values = [source.into(), at_most[0], at_most[1], digest.as_deref().into()];
        let mut facts = OfSource::default();
        let take = |fact| facts.take(fact);
        self.connection.each("read what is known of a source", sql, &values[..count], take).await?;
        let (mut known, products) = facts.known();
        if products > 0 {
            known.products.reserve(products);
            let take = |row: KnownRow| {
                known.products.insert(Digest::of(row.1.as_bytes()), entry(row));
            };
            self.connection.each("read the fingerprints of products", KNOWN, &values[..1], take).await?;
        }
        Ok(known)
    }

    /// The id of a row to come; nobody else gets it.
    ///
    /// # Panics
    /// When the database hands out none, and says that it did.
    pub async fn id(&mut self, kind: IdKind) -> Result<i64, StoreError> {
        let (ids, count) = match kind {
            IdKind::Product => (&mut self.product_ids, PRODUCT_IDS_AT_ONCE),
            IdKind::FeedVersion => (&mut self.feed_ids, self.feed_ids_next),
        };
        if let Some(id) = ids.pop_front() {
            return Ok(id);
        }
        let mut more = VecDeque::from(self.allocate(kind, count).await?);
        let id = more.pop_front().expect("as many ids as asked for, and that is more than none");
        match kind {
            IdKind::Product => self.product_ids = more,
            IdKind::FeedVersion => {
                self.feed_ids = more;
                self.feed_ids_next = (count * 10).min(FEED_IDS_AT_ONCE_MAX);
            }
        }
        Ok(id)
    }

    /// Hands out ids that nobody else gets. Those that are not used leave gaps.
    pub async fn allocate(&mut self, kind: IdKind, count: u32) -> Result<Vec<i64>, StoreError> {
        let sql = match kind {
            IdKind::Product => PRODUCT_IDS,
            IdKind::FeedVersion => FEED_VERSION_IDS,
        };
        let count = i64::from(count);
        let mut ids: Vec<i64> = self.connection.rows("hand out ids", sql, &[count.into()]).await?;
        if let (crate::config::DatabaseKind::Sqlite, [next]) = (self.connection.kind(), ids.as_slice()) {
            ids = (*next - count..*next).collect();
        }
        Ok(ids)
    }

    /// Gives all that is stored under one source to another one that has nothing yet; `false` when there is nothing
    /// to give. Both must be ours: the new one is locked by the caller, the old one here.
    pub async fn rename(&mut self, from: &str, to: &str) -> Result<bool, StoreError> {
        let there: Option<i64> =
            self.connection.row("look for a source by its name", STORED, &[from.into()]).await?;
        if there.unwrap_or(0) == 0 {
            return Ok(false);
        }
        self.lock(from).await?;
        self.connection.begin().await?;
        for sql in RENAME {
            if let Err(error) =
                self.connection.execute("rename a source", sql, &[from.into(), to.into()]).await
            {
                self.connection.rollback().await;
                return Err(error);
            }
        }
        self.connection.commit().await?;
        Ok(true)
    }

    /// What the records of a source looked like that earlier runs applied, the newest first;
    /// [`STRUCTURES_KEPT_MAX`](super::STRUCTURES_KEPT_MAX) at most.
    pub async fn structures(
        &mut self,
        source: &str,
        format: &str,
    ) -> Result<Vec<EarlierStructure>, StoreError> {
        // A dry run has no number, and comes behind all runs.
        let before = Some(self.attempt.run).filter(|run| run.0 > 0);
        structure::earlier(&mut self.connection, source, format, before).await
    }

    /// What the records of a source look like that this run has applied so far.
    pub async fn applied_structure(
        &mut self,
        source: &str,
        format: &str,
    ) -> Result<Option<Structure>, StoreError> {
        let found = structure::of_run(&mut self.connection, self.attempt.run, Some((source, format))).await?;
        Ok(found.into_iter().next())
    }

    /// The drifts of a source that were called expected.
    pub async fn accepted_drifts(
        &mut self,
        source: &str,
        format: &str,
    ) -> Result<Vec<DriftAcceptance>, StoreError> {
        structure::accepted(&mut self.connection, source, format).await
    }

    /// Products of a source whose last change came with a message that is newer than this one.
    pub async fn changed_after(&mut self, source: &str, place: &Mark) -> Result<Vec<String>, StoreError> {
        let text = |number: Option<i64>| number.map(|number| number.to_string());
        let number = text(place.number.and_then(|number| i64::try_from(number).ok()));
        let sent = text(place.sent);
        let values = [source.into(), number.as_deref().into(), sent.as_deref().into()];
        self.connection.rows("look for newer products", CHANGED_AFTER, &values).await
    }

    /// How many refused records of a source would wait with what is staged, and how many more these are than wait now.
    pub async fn quarantine_growth(&mut self, source: &str) -> Result<Option<(u64, u64)>, StoreError> {
        self.connection.row("count what waits in quarantine", *QUARANTINE_GROWTH, &[source.into()]).await
    }

    /// Products of a source whose last change came with a feed that arrived after a held one.
    pub async fn changed_since(&mut self, source: &str, held: i64) -> Result<Vec<String>, StoreError> {
        let values = [source.into(), held.into()];
        self.connection.rows("look for products changed since", CHANGED_SINCE, &values).await
    }

    /// The references of products, by their ids.
    pub async fn references(&mut self, product_ids: &[i64]) -> Result<Vec<RecordReference>, StoreError> {
        let keys = numbers(product_ids);
        self.connection.rows("look up references", REFERENCES, &[(&keys).into()]).await
    }

    /// The prices of products as they stand, by the products' ids.
    pub async fn prices(&mut self, product_ids: &[i64]) -> Result<HashMap<i64, Vec<Price>>, StoreError> {
        load::prices(&mut self.connection, product_ids).await
    }

    /// Sends rows to the staged tables and empties the buffers.
    pub async fn stage(&mut self, rows: &mut Rows) -> Result<(), StoreError> {
        self.staging.send(&mut self.connection, rows).await
    }

    /// Takes back what was staged with this number and later.
    pub async fn unstage(&mut self, from: i64) -> Result<(), StoreError> {
        self.staging.drop_from(&mut self.connection, from).await
    }

    /// Products of a source, whole.
    pub async fn load(
        &mut self,
        origin: Origin,
        source: &str,
        references: &[&RecordReference],
    ) -> Result<HashMap<RecordReference, Product>, StoreError> {
        if origin == Origin::Staged && !self.staging.is_made() {
            return Ok(HashMap::new());
        }
        load::products(&mut self.connection, origin, source, references).await
    }

    /// Numbers of products that stand, and the digests of their references.
    pub async fn numbers(
        &mut self,
        source: &str,
        numbers: Numbers<'_>,
    ) -> Result<Vec<(u64, Digest)>, StoreError> {
        identity::live(&mut self.connection, source, numbers).await
    }

    /// Products that have these numbers once what is staged stands, in order; also those that it withdraws.
    pub async fn holders(&mut self, source: &str, numbers: &[u64]) -> Result<Vec<Holder>, StoreError> {
        self.staging.make(&mut self.connection).await?;
        identity::holders(&mut self.connection, source, numbers).await
    }

    /// Whether an entry of the quarantine must not be replayed any more; `reference` is its key when it was kept
    /// without one. Ask after [`lock`](Self::lock).
    pub async fn outdated(
        &mut self,
        id: i64,
        reference: Option<&RecordReference>,
    ) -> Result<Option<Outdated>, StoreError> {
        quarantine::outdated(&mut self.connection, id, reference.map(RecordReference::as_str)).await
    }

    /// Makes what is staged stand, in one transaction. After an error nothing of it does, and the session
    /// is to be given up.
    pub async fn apply(
        &mut self,
        batch: &Batch,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<(), StoreError> {
        self.staging.make(&mut self.connection).await?;
        let stamp = Stamp { attempt: self.attempt, now, lease_until };
        let staged = self.staging.staged();
        apply::batch(&mut self.connection, stamp, &mut self.keeping, (batch, staged)).await?;
        self.staging.empty(&mut self.connection).await
    }

    /// Looks what a rollback would do, and changes nothing.
    pub async fn look_back(
        &mut self,
        order: RollbackOrder,
        now: Timestamp,
    ) -> Result<Result<RollbackOutcome, RollbackRefusal>, StoreError> {
        rollback::look(&mut self.connection, order, now).await
    }

    /// Rolls a run back, in one transaction, or refuses to and changes nothing. Its sources must be ours:
    /// [`look_back`](Self::look_back) tells them. Who decided so is written down with it.
    pub async fn roll_back(
        &mut self,
        order: RollbackOrder,
        decision: Option<&Decision>,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Result<RollbackOutcome, RollbackRefusal>, StoreError> {
        let stamp = Stamp { attempt: self.attempt, now, lease_until };
        rollback::perform(&mut self.connection, stamp, &mut self.keeping, order, decision).await
    }

    /// Ends the session in good order.
    pub async fn close(self) {
        self.connection.close().await;
    }
}

/// Numbers as a JSON array.
fn numbers(all: &[i64]) -> String {
    serde_json::to_string(all).expect("numbers are JSON")
}

/// A row of what is known of a source.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Fact {
    /// How many products there are, withdrawn ones among them, and whether a feed stands.
    Products((usize, bool)),
    /// The reference of a record that lies in quarantine.
    Quarantined(String),
    /// An applied feed: id, digest, format, what it was judged by, run, what it came to.
    Feed((i64, String, String, String, RunId, Option<String>)),
    /// The mark of a format.
    Mark((String, Mark)),
    /// A feed that is held.
    Held(OpenHeld),
    /// A full feed: id, format, records, products that stood after it.
    Usual((i64, String, u64, u64)),
}

/// What is known of a source, row by row: a union has no order.
#[derive(Default)]
struct OfSource {
    known: Known,
    products: usize,
    feeds: BTreeMap<i64, (Digest, EarlierFeed)>,
    usual: BTreeMap<i64, (String, u64, u64)>,
}

impl OfSource {
    fn take(&mut self, fact: Fact) {
        match fact {
            Fact::Products((count, was_fed)) => {
                self.products = count;
                self.known.was_fed = was_fed;
            }
            Fact::Quarantined(reference) => {
                self.known.quarantined.insert(Digest::of(reference.as_bytes()));
            }
            Fact::Feed((id, digest, format, judged_by, run, word)) => {
                let digest = row::from_hex(&digest).unwrap_or_default();
                let acceptance = word.and_then(|word| Acceptance::of_word(&word)).unwrap_or_default();
                let key = Digest::of_feed(&digest, &format, &judged_by);
                self.feeds.insert(id, (key, EarlierFeed { feed_version_id: id, run, acceptance }));
            }
            Fact::Mark((format, mark)) => {
                self.known.marks.insert(format, mark);
            }
            Fact::Held(held) => self.known.held.push(held),
            Fact::Usual((id, format, records, standing)) => {
                self.usual.insert(id, (format, records, standing));
            }
        }
    }

    /// All of it but the products, and how many those are.
    fn known(self) -> (Known, usize) {
        let mut known = self.known;
        // Of equal ones the newest counts.
        known.feeds = self.feeds.into_values().collect();
        known.held.sort_by_key(|held| held.feed_version_id);
        for (format, records, standing) in self.usual.into_values().rev() {
            known.usual.entry(format).or_default().add_older(records, standing);
        }
        (known, self.products)
    }
}

/// Id, reference, fingerprint, whether it is withdrawn, facts, date.
type KnownRow = (i64, String, String, bool, Option<i64>, Option<i64>);

fn entry((product_id, _, fingerprint, withdrawn, facts, changed): KnownRow) -> KnownProduct {
    // A fingerprint of another length equals none: the product is written again, which is right.
    let fingerprint = row::from_hex(&fingerprint).and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; 16]);
    KnownProduct {
        product_id,
        fingerprint: Fingerprint(fingerprint),
        facts: Facts::of_stored(facts),
        changed: RecordDate::from(changed),
        withdrawn,
        fresh: false,
        staged_in: 0,
        seen_in: 0,
    }
}

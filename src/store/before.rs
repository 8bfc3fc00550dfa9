//! Pre-images: what was there before a run changed it, so that the run can be rolled back.
//!
//! ```text
//!  a transaction ─▶ place drawn ─▶ what it is about to change ──copy──▶ *_before, once for each run
//!                              └▶ rollback_point: this run can be rolled back, older ones than the last N cannot
//! ```
//!
//! * They are written in the transaction that changes the shop: a killed run left both or none.
//! * `place` numbers transactions. It is drawn while the source is locked, so two pre-images of one product stand in
//!   the order of their changes; the numbers of runs need not, as runs overlap.
//! * When those of a run are kept, those of every later change of its products are: the oldest place goes first, runs
//!   under way keep theirs, and a run that keeps none drops all there are.
//!
//! Not here: going back (`rollback`).

use super::columns::Table;
use super::connection::Connection;
use super::error::StoreError;
use super::quarantine::ReplayedEntry;
use super::run::RunId;
use super::sql::Sql;
use super::stage::StagedRows;
use std::sync::LazyLock;

/// What a session keeps of its run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keeping {
    /// How many runs can be rolled back; 0 for none.
    pub(super) runs: u32,
    /// This run is one of them by now.
    pub(super) begun: bool,
}

/// The pre-images of one transaction.
#[derive(Debug)]
pub(super) struct Images {
    run: RunId,
    /// `None` when none are kept.
    place: Option<i64>,
    written: u64,
}

const PLACE: Sql = Sql {
    postgres: "select nextval('rollback_place')::text",
    sqlite: "update id_block set next = next + 1 where name = 'rollback_place'
             returning cast(next as text)",
};
/// Between those that drop pre-images and those that read them.
pub(super) const ALONE: Sql = Sql {
    postgres: "select pg_advisory_xact_lock(hashtextextended('feedgate rollback', 0))",
    sqlite: "select 1",
};
/// The same at once, as [`ALONE`].
const POINT: Sql = Sql {
    postgres: "insert into rollback_point (run_id, place)
               select $1, $2 from pg_advisory_xact_lock(hashtextextended('feedgate rollback', 0))",
    sqlite: "insert into rollback_point (run_id, place) values ($1, $2)",
};
const MOVE_POINT: Sql = Sql::both("update rollback_point set place = $2 where run_id = $1");
/// `$1` how many ended runs stay.
const DROP_POINTS: Sql = Sql {
    postgres: "delete from rollback_point where run_id in
                   (select p.run_id from rollback_point p join run r on r.id = p.run_id
                    where r.state <> 'running' order by p.place desc offset $1)
               returning run_id::text",
    sqlite: "delete from rollback_point where run_id in
                 (select p.run_id from rollback_point p join run r on r.id = p.run_id
                  where r.state <> 'running' order by p.place desc limit -1 offset $1)
             returning cast(run_id as text)",
};
const DROP_ALL_POINTS: Sql = Sql {
    postgres: "delete from rollback_point returning run_id::text",
    sqlite: "delete from rollback_point returning cast(run_id as text)",
};
const DROP: Sql = Sql {
    postgres: "with fresh as (delete from rollback_fresh where run_id = $1),
            product as (delete from product_before where run_id = $1),
            identifier as (delete from product_identifier_before where run_id = $1),
            contributor as (delete from product_contributor_before where run_id = $1),
            price as (delete from product_price_before where run_id = $1),
            mark as (delete from message_mark_before where run_id = $1),
            tombstone as (delete from tombstone_before where run_id = $1)
        delete from quarantine_before where run_id = $1",
    sqlite: "delete from rollback_fresh where run_id = $1;
        delete from product_before where run_id = $1;
        delete from product_identifier_before where run_id = $1;
        delete from product_contributor_before where run_id = $1;
        delete from product_price_before where run_id = $1;
        delete from message_mark_before where run_id = $1;
        delete from tombstone_before where run_id = $1;
        delete from quarantine_before where run_id = $1",
};

/// Products with rows that are about to change: by what is staged, by a rollback.
const TOUCHED: [&str; 2] = [
    // What the run itself has inserted before was not there before it.
    "select id from product where first_run <> $1 and id in
                 (select product_id from staged_product where fresh = 0
                  union select product_id from staged_withdrawal)",
    "select product_id from rolled_product where there = 1",
];
/// Products without one that are about to get one: by what is staged, by a rollback. `$1` run, `$2` place.
const FRESH: [Sql; 2] = [
    Sql {
        postgres: "insert into rollback_fresh (run_id, place, product_ids)
                   select $1, $2, jsonb_agg(product_id) from staged_product where fresh = 1 having count(*) > 0",
        sqlite: "insert into rollback_fresh (run_id, place, product_ids)
                 select $1, $2, json_group_array(product_id) from staged_product where fresh = 1
                 having count(*) > 0",
    },
    Sql::both(
        "insert into product_before (run_id, place, product_id, was_there, source, record_reference)
         select $1, $2, product_id, 0, source, record_reference
         from rolled_product where there = 0",
    ),
];
/// Makes rows of what was inserted, for a rollback to read. A product that is gone by now was kept when it went.
const UNFOLD: [Sql; 3] = [
    Sql {
        postgres:
            "insert into product_before (run_id, place, product_id, was_there, source, record_reference)
                   select f.run_id, f.place, p.id, 0, p.source, p.record_reference
                   from rollback_fresh f cross join jsonb_array_elements_text(f.product_ids) as e (product_id)
                   join product p on p.id = e.product_id::bigint
                   on conflict (run_id, product_id) do nothing",
        sqlite: "insert into product_before (run_id, place, product_id, was_there, source, record_reference)
                 select f.run_id, f.place, p.id, 0, p.source, p.record_reference
                 from rollback_fresh f join json_each(f.product_ids) as e
                 join product p on p.id = e.value
                 where true
                 on conflict (run_id, product_id) do nothing",
    },
    Sql {
        postgres:
            "insert into product_before (run_id, place, product_id, was_there, source, record_reference)
                   select f.run_id, f.place, p.product_id, 0, p.source, p.record_reference
                   from rollback_fresh f cross join jsonb_array_elements_text(f.product_ids) as e (product_id)
                   join product_before p on p.product_id = e.product_id::bigint and p.was_there = 1
                   on conflict (run_id, product_id) do nothing",
        sqlite: "insert into product_before (run_id, place, product_id, was_there, source, record_reference)
                 select f.run_id, f.place, p.product_id, 0, p.source, p.record_reference
                 from rollback_fresh f join json_each(f.product_ids) as e
                 join product_before p on p.product_id = e.value and p.was_there = 1
                 where true
                 on conflict (run_id, product_id) do nothing",
    },
    Sql::both("delete from rollback_fresh"),
];
/// Entries of the quarantine that are about to change: by what is staged, `$3` being those that are replayed; by a
/// rollback.
const ENTRIES: [Sql; 2] = [
    Sql {
        postgres: "select q.id from quarantine q join staged_release r
                       on r.source = q.source and r.record_reference = q.record_reference where q.state = 'open'
                   union select q.id from quarantine q join staged_quarantine s
                       on s.source = q.source and s.record_reference = q.record_reference where q.state = 'open'
                   union select q.id from quarantine q join staged_quarantine s
                       on s.source = q.source and s.bytes_digest = q.bytes_digest where q.state = 'open'
                   union select value::bigint from jsonb_array_elements_text($3::jsonb)",
        sqlite: "select q.id from quarantine q join staged_release r
                     on r.source = q.source and r.record_reference = q.record_reference where q.state = 'open'
                 union select q.id from quarantine q join staged_quarantine s
                     on s.source = q.source and s.record_reference = q.record_reference where q.state = 'open'
                 union select q.id from quarantine q join staged_quarantine s
                     on s.source = q.source and s.bytes_digest = q.bytes_digest where q.state = 'open'
                 union select value from json_each($3)",
    },
    Sql::both("select quarantine_id from rolled_entry"),
];

/// Has the pre-images of all runs as rows of `product_before`.
pub(super) async fn unfold(connection: &mut Connection) -> Result<(), StoreError> {
    for sql in UNFOLD {
        connection.execute("unfold what was inserted", sql, &[]).await?;
    }
    Ok(())
}

/// What a change is made by: place in the tables above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Staged,
    Rolled,
}

/// Of products: their parts, themselves, and that there was none. `$1` run, `$2` place.
struct ProductImages {
    parts: [Sql; Table::PARTS.len()],
    whole: Sql,
    fresh: Sql,
}

static PRODUCTS: LazyLock<[ProductImages; 2]> =
    LazyLock::new(|| [Change::Staged, Change::Rolled].map(product_images));

fn product_images(change: Change) -> ProductImages {
    let names = [("{touched}", TOUCHED[change as usize])];
    // Before the products themselves: those tell which are there already.
    let part = Sql::both(
        "insert into product_{table}_before (run_id, product_id, position, {columns})
         select $1, product_id, position, {columns}
         from product_{table} as part
         where product_id in ({touched})
             and not exists (select 1 from product_before b
                 where b.run_id = $1 and b.product_id = part.product_id)",
    );
    let whole = Sql::both(
        "insert into product_before (run_id, place, product_id, was_there, source, record_reference, fingerprint, facts,
             withdrawn_at, first_run, last_changed_run, feed_version_id, changed_at, {columns})
         select $1, $2, id, 1, source, record_reference, fingerprint, facts,
             withdrawn_at, first_run, last_changed_run, feed_version_id, changed_at, {columns}
         from product
         where id in ({touched})
             and not exists (select 1 from product_before b
                 where b.run_id = $1 and b.product_id = product.id)",
    );
    ProductImages {
        parts: Table::PARTS.map(|table| part.filled(table, &names)),
        whole: whole.filled(Table::Product, &names),
        fresh: FRESH[change as usize],
    }
}

/// The entries among them that get other bytes or another key, with that told in `rewritten`.
const REWRITTEN: [&str; 2] = [
    "select n.entry_id, 1 as rewritten from staged_quarantine n join quarantine q on q.id = n.entry_id
                 where n.bytes_digest <> q.bytes_digest or n.record_reference is distinct from q.record_reference",
    "select quarantine_id as entry_id, rewritten from rolled_entry where rewritten = 1",
];
/// `$1` run, `$2` place. Bytes are large, and mostly stay: those that do are not copied, until a later transaction of
/// the run writes over them.
static ENTRIES_BEFORE: LazyLock<[Sql; 2]> = LazyLock::new(|| {
    let before = |change: Change| {
        let (entries, rewritten) = (ENTRIES[change as usize], REWRITTEN[change as usize]);
        let template = Sql::both(
            "insert into quarantine_before (run_id, place, quarantine_id, was_there, state, resolved_at, last_run,
                 feed_version_id, {columns}, record_reference, bytes_digest, bytes)
             select $1, $2, id, 1, state, resolved_at, last_run, feed_version_id, {columns},
                 case when rewritten = 1 then record_reference end, case when rewritten = 1 then bytes_digest end,
                 case when rewritten = 1 then bytes end
             from quarantine left join ({rewritten}) as fresh on fresh.entry_id = quarantine.id
             where id in ({entries})
             on conflict (run_id, quarantine_id) do update set record_reference = excluded.record_reference,
                 bytes_digest = excluded.bytes_digest, bytes = excluded.bytes
             where quarantine_before.was_there = 1 and quarantine_before.bytes is null and excluded.bytes is not null",
        );
        let of =
            |text| template.filled(Table::Quarantine, &[("{entries}", text), ("{rewritten}", rewritten)]);
        Sql { postgres: of(entries.postgres).postgres, sqlite: of(entries.sqlite).sqlite }
    };
    [Change::Staged, Change::Rolled].map(before)
});
/// Entries that this transaction made and left open. `$1` run, `$2` place.
const NEW_ENTRIES: Sql = Sql::both(
    "insert into quarantine_before (run_id, place, quarantine_id, was_there)
     select $1, $2, id, 0
     from quarantine
     where id in (select q.id from quarantine q join staged_quarantine s
             on s.source = q.source and s.bytes_digest = q.bytes_digest
         where q.state = 'open' and q.first_run = $1)
     on conflict (run_id, quarantine_id) do nothing",
);
/// `$1` run, `$2` place, `$3` marks with their source and format.
const MARKS: Sql = Sql {
    postgres:
        "insert into message_mark_before (run_id, place, source, format, number, repeat, sent, mark_run)
               select $1, $2, m.source, m.format, k.number, k.repeat, k.sent, k.run_id
               from jsonb_to_recordset($3::jsonb) as m (source text, format text)
               left join message_mark k on k.source = m.source and k.format = m.format
               on conflict (run_id, source, format) do nothing",
    sqlite: "insert into message_mark_before (run_id, place, source, format, number, repeat, sent, mark_run)
             select $1, $2, m.value->>'source', m.value->>'format', k.number, k.repeat, k.sent, k.run_id
             from json_each($3) as m
             left join message_mark k on k.source = m.value->>'source' and k.format = m.value->>'format'
             where true
             on conflict (run_id, source, format) do nothing",
};
/// `$1` run, `$2` place, `$3` tombstones with their source and product.
const TOMBSTONES: Sql = Sql {
    postgres: "insert into tombstone_before (run_id, place, source, record_reference, feed_version_id)
               select $1, $2, m.source, m.record_reference, k.feed_version_id
               from jsonb_to_recordset($3::jsonb) as m (source text, record_reference text)
               left join tombstone k on k.source = m.source and k.record_reference = m.record_reference
               on conflict (run_id, source, record_reference) do nothing",
    sqlite: "insert into tombstone_before (run_id, place, source, record_reference, feed_version_id)
             select $1, $2, m.value->>'source', m.value->>'record_reference', k.feed_version_id
             from json_each($3) as m
             left join tombstone k on k.source = m.value->>'source'
                 and k.record_reference = m.value->>'record_reference'
             where true
             on conflict (run_id, source, record_reference) do nothing",
};

/// The statements that copy what is about to change, finished.
#[cfg(test)]
pub(super) fn statements() -> Vec<Sql> {
    let of = |images: &ProductImages| [&images.parts[..], &[images.whole, images.fresh]].concat();
    let rest = [NEW_ENTRIES, MARKS, TOMBSTONES];
    let products = PRODUCTS.iter().flat_map(of).collect();
    [products, ENTRIES_BEFORE.to_vec(), rest.to_vec(), UNFOLD.to_vec()].concat()
}

impl Images {
    /// Begins those of a transaction.
    pub(super) async fn begin(
        connection: &mut Connection,
        run: RunId,
        keeping: &mut Keeping,
    ) -> Result<Self, StoreError> {
        let mut images = Self { run, place: None, written: 0 };
        if keeping.runs > 0 {
            let place: Option<i64> = connection.row("number the transaction", PLACE, &[]).await?;
            images.place = place;
            if keeping.begun && !images.moves_point(connection).await? {
                // Another run keeps none and has dropped ours: half of them would be worse than none.
                *keeping = Keeping { runs: 0, begun: false };
            }
        }
        if keeping.runs == 0 {
            images.place = None;
        }
        Ok(images)
    }

    async fn moves_point(&self, connection: &mut Connection) -> Result<bool, StoreError> {
        let values = [self.run.0.into(), self.place.unwrap_or_default().into()];
        Ok(connection.execute("number the run", MOVE_POINT, &values).await? == 1)
    }

    /// Copies the products that are about to change by what is staged.
    pub(super) async fn staged_products(
        &mut self,
        connection: &mut Connection,
        staged: StagedRows,
    ) -> Result<(), StoreError> {
        let is_touching = staged.has_changed() || staged.has(Table::Withdrawal);
        self.products(connection, Change::Staged, (is_touching, staged.has_fresh())).await
    }

    /// Copies the products that a rollback is about to change.
    pub(super) async fn rolled_products(&mut self, connection: &mut Connection) -> Result<(), StoreError> {
        self.products(connection, Change::Rolled, (true, true)).await
    }

    async fn products(
        &mut self,
        connection: &mut Connection,
        change: Change,
        (is_touching, is_inserting): (bool, bool),
    ) -> Result<(), StoreError> {
        let Some(place) = self.place else { return Ok(()) };
        let images = &PRODUCTS[change as usize];
        let values = [self.run.0.into(), place.into()];
        if is_touching {
            for sql in images.parts {
                connection.execute("keep the parts of products", sql, &values[..1]).await?;
            }
            self.written += connection.execute("keep products", images.whole, &values).await?;
        }
        if is_inserting {
            self.written += connection.execute("keep products", images.fresh, &values).await?;
        }
        Ok(())
    }

    /// Copies the entries of the quarantine that are about to change by what is staged, or because they are replayed.
    pub(super) async fn entries(
        &mut self,
        connection: &mut Connection,
        replayed: &[ReplayedEntry],
    ) -> Result<(), StoreError> {
        let replayed: Vec<i64> = replayed.iter().map(|entry| entry.id).collect();
        let replayed = serde_json::to_string(&replayed).expect("numbers are JSON");
        self.copy(connection, ENTRIES_BEFORE[Change::Staged as usize], Some(&replayed)).await
    }

    /// Copies the entries of the quarantine that a rollback is about to change.
    pub(super) async fn rolled_entries(&mut self, connection: &mut Connection) -> Result<(), StoreError> {
        self.copy(connection, ENTRIES_BEFORE[Change::Rolled as usize], None).await
    }

    /// Notes the entries of the quarantine that are new.
    pub(super) async fn new_entries(&mut self, connection: &mut Connection) -> Result<(), StoreError> {
        self.copy(connection, NEW_ENTRIES, None).await
    }

    /// Copies the marks that are about to move, told as JSON.
    pub(super) async fn marks(&mut self, connection: &mut Connection, rows: &str) -> Result<(), StoreError> {
        self.copy(connection, MARKS, Some(rows)).await
    }

    /// Copies the tombstones that are about to be set, told as JSON.
    pub(super) async fn tombstones(
        &mut self,
        connection: &mut Connection,
        rows: &str,
    ) -> Result<(), StoreError> {
        self.copy(connection, TOMBSTONES, Some(rows)).await
    }

    async fn copy(
        &mut self,
        connection: &mut Connection,
        sql: Sql,
        rows: Option<&str>,
    ) -> Result<(), StoreError> {
        let Some(place) = self.place else { return Ok(()) };
        let values = [Some(self.run.0.into()), Some(place.into()), rows.map(Into::into)];
        let values: Vec<_> = values.into_iter().flatten().collect();
        self.written += connection.execute("keep what is about to change", sql, &values).await?;
        Ok(())
    }

    /// Ends them: from the first on that was written, the run can be rolled back, and the oldest no more. Not before
    /// the end: a rollback needs those that go.
    pub(super) async fn end(
        self,
        connection: &mut Connection,
        keeping: &mut Keeping,
    ) -> Result<(), StoreError> {
        let Some(place) = self.place else {
            connection.execute("wait for rollbacks", ALONE, &[]).await?;
            let dropped = connection.rows("drop pre-images", DROP_ALL_POINTS, &[]).await?;
            return drop_of(connection, &dropped).await;
        };
        if self.written == 0 || keeping.begun {
            return Ok(());
        }
        connection.execute("number the run", POINT, &[self.run.0.into(), place.into()]).await?;
        keeping.begun = true;
        // The run itself is under way, and stays beside those that ended.
        let others = i64::from(keeping.runs.saturating_sub(1));
        let dropped = connection.rows("drop the oldest pre-images", DROP_POINTS, &[others.into()]).await?;
        drop_of(connection, &dropped).await
    }
}

async fn drop_of(connection: &mut Connection, runs: &[RunId]) -> Result<(), StoreError> {
    for run in runs {
        connection.execute("drop pre-images", DROP, &[run.0.into()]).await?;
    }
    Ok(())
}

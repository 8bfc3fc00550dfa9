//! Going back to what was there before a run, by the pre-images that it left.
//!
//! ```text
//!  rollback_fresh ─▶ product_before
//!  product_before of the run ─▶ rolled_later    products that later runs changed
//!                            └▶ rolled_product  what goes back: put back or removed, there now or not
//!  of what goes back, pre-images of the rollback itself; then rows, parts, marks, tombstones, quarantine
//! ```
//!
//! A later change counts unless it is undone without a rest: its run was rolled back whole, or it is itself a whole
//! rollback of a change that is later, too. Whatever came of a rollback that was not whole counts, it and what it
//! undid: then this refuses, and the way is to roll back the newest first.

use super::apply::Stamp;
use super::audit::{self, AuditAction, Decision};
use super::before::{self, ALONE, Images, Keeping};
use super::columns::Table;
use super::connection::Connection;
use super::error::StoreError;
use super::run::{self, RunId, RunState};
use super::sql::Sql;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::LazyLock;

/// Products that a refusal names.
const NAMED_MAX: i64 = 5;
/// Products that are told one by one where it is looked what a rollback would do.
pub const ROLLED_PRODUCTS_MAX: u32 = 50;
/// Marks that are followed back through rolled back runs.
const MARK_STEPS_MAX: usize = 1_000;

/// What happens to products that later runs have changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LaterChanges {
    /// The run is not rolled back.
    #[default]
    Refuse,
    /// They stay as they are.
    Keep,
    /// They go back with the others; what later runs did to them is lost.
    Undo,
}

/// A rollback, settled.
#[derive(Clone, Copy, Debug)]
pub struct RollbackOrder {
    /// The run that is rolled back.
    pub run: RunId,
    /// What happens to products that later runs have changed.
    pub later: LaterChanges,
}

/// What a rollback does to one source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceRollback {
    /// The source.
    pub source: String,
    /// Products that are again what they were.
    pub restored: u64,
    /// Products that had not been there.
    pub removed: u64,
    /// Products that are there again.
    pub returned: u64,
    /// Products that stay as later runs left them.
    pub kept: u64,
    /// Marks that are again where they were.
    pub marks: u64,
    /// Marks that stay where later runs moved them.
    pub marks_kept: u64,
}

/// What a rollback does to a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProductFate {
    /// It is again what it was.
    Restored,
    /// It had not been there, and is not any more.
    Removed,
    /// It is there again.
    Returned,
    /// It stays as later runs left it.
    Kept,
}

/// A product that a rollback is about.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RolledProduct {
    /// The source.
    pub source: String,
    /// Its key.
    pub reference: String,
    /// Its edition number as it stands, or as it was.
    pub edition_number: Option<String>,
    /// Its title as it stands, or as it was.
    pub title: Option<String>,
    /// What happens to it.
    pub fate: ProductFate,
}

/// What a rollback does, by source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RollbackOutcome {
    /// All sources of the run, in the order of their names.
    pub sources: Vec<SourceRollback>,
    /// The first products by source and key, at most [`ROLLED_PRODUCTS_MAX`]; told only where it is looked what a
    /// rollback would do.
    pub products: Vec<RolledProduct>,
}

impl RollbackOutcome {
    /// The source, when there is one and no other.
    fn only_source(&self) -> Option<&str> {
        match self.sources.as_slice() {
            [only] => Some(&only.source),
            _ => None,
        }
    }
}

/// A product that later runs have changed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct LaterChange {
    /// The source.
    pub source: String,
    /// The product.
    pub reference: String,
    /// The runs.
    pub runs: Vec<RunId>,
}

/// Why a run is not rolled back; nothing is changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RollbackRefusal {
    /// There is no such run.
    #[error("there is no run {0}")]
    Unknown(RunId),
    /// It has not ended.
    #[error("run {0} has not ended yet")]
    Running(RunId),
    /// It is rolled back already.
    #[error("run {run} was rolled back by run {by}: to go forward again, roll back run {by}")]
    RolledBack {
        /// The run.
        run: RunId,
        /// The rollback.
        by: RunId,
    },
    /// It changed nothing.
    #[error("run {0} changed nothing that could go back")]
    Unchanging(RunId),
    /// What was there before it is not kept any more.
    #[error(
        "what was there before run {0} is not kept any more: the setting `rollback.runs` says for how many runs it is"
    )]
    Unkept(RunId),
    /// Later runs have changed its products.
    #[error("later runs changed {count} of the products of run {run}: {}", named(first, *count))]
    Changed {
        /// The run.
        run: RunId,
        /// How many products.
        count: u64,
        /// The first of them.
        first: Vec<LaterChange>,
    },
    /// Nothing of it would go back.
    #[error("later runs changed everything that run {0} changed: nothing would go back")]
    AllKept(RunId),
    /// A later rollback has changed its products.
    #[error("run {by} is a rollback and changed the same products after run {run}: roll back run {by} first")]
    Entangled {
        /// The run.
        run: RunId,
        /// The rollback.
        by: RunId,
    },
}

impl RollbackRefusal {
    /// Whether later changes are the reason, and not the run itself.
    #[must_use]
    pub const fn is_later(&self) -> bool {
        matches!(self, Self::Changed { .. } | Self::AllKept(_) | Self::Entangled { .. })
    }
}

fn named(first: &[LaterChange], count: u64) -> String {
    let mut text = String::new();
    for (index, LaterChange { source, reference, runs }) in first.iter().enumerate() {
        let runs: Vec<String> = runs.iter().map(ToString::to_string).collect();
        let comma = if index == 0 { "" } else { ", " };
        let noun = if runs.len() == 1 { "run" } else { "runs" };
        write!(text, "{comma}`{reference}` of `{source}` ({noun} {})", runs.join(", "))
            .expect("writes to memory");
    }
    match count.saturating_sub(first.len() as u64) {
        0 => text,
        more => format!("{text} and {more} more"),
    }
}

/// The run as it stands: state, what rolled it back, products changed, whether it can go back.
const STANDING: Sql = Sql {
    postgres: "select json_build_array(state, rolled_back_by, inserted + updated + withdrawn,
                   exists (select 1 from rollback_point p where p.run_id = run.id))::text
               from run where id = $1",
    sqlite: "select json_array(state, rolled_back_by, inserted + updated + withdrawn,
                 json(iif(exists (select 1 from rollback_point p where p.run_id = run.id), 'true', 'false')))
             from run where id = $1",
};
const SOURCES: Sql = Sql {
    postgres: "select to_json(source)::text from
                   (select source from product_before where run_id = $1
                    union select source from message_mark_before where run_id = $1
                    union select source from tombstone_before where run_id = $1
                    union select q.source from quarantine_before b join quarantine q on q.id = b.quarantine_id
                        where b.run_id = $1) as its
               order by source",
    sqlite: "select json_quote(source) from
                 (select source from product_before where run_id = $1
                  union select source from message_mark_before where run_id = $1
                  union select source from tombstone_before where run_id = $1
                  union select q.source from quarantine_before b join quarantine q on q.id = b.quarantine_id
                      where b.run_id = $1) as its
             order by source",
};
/// Temporary tables of the transaction.
static CREATE: LazyLock<Sql> = LazyLock::new(|| {
    let tables = [
        "rolled_later (product_id bigint, source text, record_reference text, run_id bigint)",
        "rolled_product (product_id bigint primary key, source text, record_reference text, put_back integer,
             there integer)",
        "rolled_tombstone (source text, record_reference text, feed_version_id bigint)",
        "rolled_entry (quarantine_id bigint primary key, rewritten integer)",
    ];
    let create = |table| {
        Sql {
            postgres: "create temporary table {rolled} on commit drop",
            sqlite: "create temporary table {rolled}",
        }
        .filled(Table::Product, &[("{rolled}", table)])
    };
    Sql::script(&tables.map(create))
});
const EMPTY: Sql = Sql {
    postgres: "select 1",
    sqlite: "drop table rolled_later; drop table rolled_product; drop table rolled_tombstone; drop table rolled_entry",
};

/// Whether `l`, a pre-image of the same thing as `b`, tells of a later change that counts; `{same}` compares `t` to
/// `l`.
const COUNTS: &str = "l.run_id <> b.run_id and l.place > b.place
             and exists (select 1 from run x left join run undone on undone.id = x.rolled_back_by
                 where x.id = l.run_id and coalesce(undone.rollback_scope, '') <> 'whole'
                     and not (coalesce(x.rollback_scope, '') = 'whole'
                         and exists (select 1 from {before} t
                             where t.run_id = x.rolls_back and {same} and t.place > b.place)))";

fn counting(template: Sql, table: Table, before: &str, same: &str) -> Sql {
    template.filled(table, &[("{counts}", COUNTS), ("{before}", before), ("{same}", same)])
}

/// `$1` the run, as in all that follow.
static LATER: LazyLock<Sql> = LazyLock::new(|| {
    let template = Sql::both(
        "insert into rolled_later (product_id, source, record_reference, run_id)
         select b.product_id, b.source, b.record_reference, l.run_id
         from product_before b
         join product_before l on l.source = b.source and l.record_reference = b.record_reference
         where b.run_id = $1 and {counts}",
    );
    counting(template, Table::Product, "product_before", "t.product_id = l.product_id")
});
const LATER_COUNTS: Sql = Sql {
    postgres: "select json_build_array(source, count(distinct product_id))::text from rolled_later group by source",
    sqlite: "select json_array(source, count(distinct product_id)) from rolled_later group by source",
};
const LATER_NAMED: Sql = Sql {
    postgres:
        "select json_build_object('source', source, 'reference', record_reference,
                   'runs', json_agg(distinct run_id))::text
               from rolled_later group by source, record_reference order by source, record_reference limit $1",
    sqlite: "select json_object('source', source, 'reference', record_reference,
                 'runs', json_group_array(distinct run_id))
             from rolled_later group by source, record_reference order by source, record_reference limit $1",
};
const LATER_ROLLBACK: Sql = Sql {
    postgres: "select max(l.run_id)::text from rolled_later l join run r on r.id = l.run_id
               where r.rollback_scope is not null having max(l.run_id) is not null",
    sqlite: "select cast(max(l.run_id) as text) from rolled_later l join run r on r.id = l.run_id
             where r.rollback_scope is not null having max(l.run_id) is not null",
};
/// What goes back, but for what later runs changed; all of it.
static TAKE: LazyLock<[Sql; 2]> = LazyLock::new(|| {
    let template = Sql::both(
        "insert into rolled_product (product_id, source, record_reference, put_back, there)
         select b.product_id, b.source, b.record_reference, b.was_there, case when p.id is null then 0 else 1 end
         from product_before b left join product p on p.id = b.product_id
         where b.run_id = $1 and (b.was_there = 1 or p.id is not null){but}",
    );
    let but = "
             and not exists (select 1 from rolled_later k where k.product_id = b.product_id)";
    [but, ""].map(|but| template.filled(Table::Product, &[("{but}", but)]))
});
/// Rows that later runs made for the same products.
const TAKE_OTHERS: Sql = Sql::both(
    "insert into rolled_product (product_id, source, record_reference, put_back, there)
     select distinct p.id, p.source, p.record_reference, 0, 1
     from rolled_later k join product p on p.source = k.source and p.record_reference = k.record_reference
     where not exists (select 1 from rolled_product r where r.product_id = p.id)",
);
const TAKEN: Sql = Sql {
    postgres: "select json_build_array(source, put_back, there, count(*))::text from rolled_product
               group by source, put_back, there",
    sqlite: "select json_array(source, put_back, there, count(*)) from rolled_product
             group by source, put_back, there",
};
/// `$1` the run, `$2` how many.
const TAKEN_NAMED: Sql = Sql {
    postgres: "select json_build_object('source', t.source, 'reference', t.record_reference,
                   'edition_number', coalesce(p.edition_number, b.edition_number),
                   'title', coalesce(p.title, b.title), 'fate', t.fate)::text
               from (select product_id, source, record_reference,
                         case when put_back = 0 then 'removed' when there = 1 then 'restored' else 'returned' end
                             as fate
                     from rolled_product
                     union all
                     select distinct l.product_id, l.source, l.record_reference, 'kept' from rolled_later l
                     where not exists (select 1 from rolled_product r where r.product_id = l.product_id)) t
               left join product p on p.id = t.product_id
               left join product_before b on b.product_id = t.product_id and b.run_id = $1
               order by t.source, t.record_reference limit $2",
    sqlite: "select json_object('source', t.source, 'reference', t.record_reference,
                 'edition_number', coalesce(p.edition_number, b.edition_number),
                 'title', coalesce(p.title, b.title), 'fate', t.fate)
             from (select product_id, source, record_reference,
                       case when put_back = 0 then 'removed' when there = 1 then 'restored' else 'returned' end
                           as fate
                   from rolled_product
                   union all
                   select distinct l.product_id, l.source, l.record_reference, 'kept' from rolled_later l
                   where not exists (select 1 from rolled_product r where r.product_id = l.product_id)) t
             left join product p on p.id = t.product_id
             left join product_before b on b.product_id = t.product_id and b.run_id = $1
             order by t.source, t.record_reference limit $2",
};
static MARKS: LazyLock<Sql> = LazyLock::new(|| {
    let template = Sql {
        postgres: "select json_build_object('source', b.source, 'format', b.format, 'number', b.number,
                       'repeat', b.repeat, 'sent', b.sent, 'run', b.mark_run,
                       'later', exists (select 1 from message_mark_before l
                           where l.source = b.source and l.format = b.format and {counts}))::text
                   from message_mark_before b where b.run_id = $1",
        sqlite: "select json_object('source', b.source, 'format', b.format, 'number', b.number,
                     'repeat', b.repeat, 'sent', b.sent, 'run', b.mark_run,
                     'later', json(iif(exists (select 1 from message_mark_before l
                         where l.source = b.source and l.format = b.format and {counts}), 'true', 'false')))
                 from message_mark_before b where b.run_id = $1",
    };
    counting(template, Table::Product, "message_mark_before", "t.source = l.source and t.format = l.format")
});
/// A mark of run `$1` that is rolled back, but not by `$4`: what was there before it. `$2` source, `$3` format.
const MARK_BEFORE: Sql = Sql {
    postgres: "select json_build_object('source', b.source, 'format', b.format, 'number', b.number,
                   'repeat', b.repeat, 'sent', b.sent, 'run', b.mark_run, 'later', false)::text
               from message_mark_before b join run r on r.id = b.run_id
               where b.run_id = $1 and b.source = $2 and b.format = $3
                   and r.rolled_back_by is not null and r.rolled_back_by <> $4",
    sqlite: "select json_object('source', b.source, 'format', b.format, 'number', b.number,
                 'repeat', b.repeat, 'sent', b.sent, 'run', b.mark_run, 'later', json('false'))
             from message_mark_before b join run r on r.id = b.run_id
             where b.run_id = $1 and b.source = $2 and b.format = $3
                 and r.rolled_back_by is not null and r.rolled_back_by <> $4",
};
/// `$1` marks.
const PUT_MARKS: [Sql; 2] = [
    Sql {
        postgres: "delete from message_mark where exists
                       (select 1 from jsonb_to_recordset($1::jsonb) as m (source text, format text, run bigint)
                        where m.source = message_mark.source and m.format = message_mark.format
                            and m.run is null)",
        sqlite: "delete from message_mark where exists
                     (select 1 from json_each($1) as m
                      where m.value->>'source' = message_mark.source
                          and m.value->>'format' = message_mark.format and m.value->>'run' is null)",
    },
    Sql {
        postgres: "insert into message_mark (source, format, number, repeat, sent, run_id)
                   select source, format, number, repeat, sent, run
                   from jsonb_to_recordset($1::jsonb) as m (source text, format text, number bigint,
                       repeat bigint, sent bigint, run bigint)
                   where run is not null
                   on conflict (source, format) do update set number = excluded.number,
                       repeat = excluded.repeat, sent = excluded.sent, run_id = excluded.run_id",
        sqlite: "insert into message_mark (source, format, number, repeat, sent, run_id)
                 select value->>'source', value->>'format', value->>'number', value->>'repeat', value->>'sent',
                     value->>'run'
                 from json_each($1) where value->>'run' is not null
                 on conflict (source, format) do update set number = excluded.number,
                     repeat = excluded.repeat, sent = excluded.sent, run_id = excluded.run_id",
    },
];

/// Removes what had not been there, puts back what had, as it was.
static PUT_PRODUCTS: LazyLock<Vec<(bool, Sql)>> = LazyLock::new(|| {
    let part = |template: Sql| Table::PARTS.map(|table| template.filled(table, &[]));
    let of_run = |template: Sql| (true, template.filled(Table::Product, &[]));
    let mut all: Vec<(bool, Sql)> = part(Sql::both(
        "delete from product_{table} where product_id in (select product_id from rolled_product where there = 1)",
    ))
    .map(|sql| (false, sql))
    .to_vec();
    all.push((
        false,
        Sql::both(
            "delete from product where id in
                 (select product_id from rolled_product where put_back = 0 and there = 1)",
        ),
    ));
    all.push(of_run(Sql::both(
        "update product set fingerprint = s.fingerprint, facts = s.facts, withdrawn_at = s.withdrawn_at,
             first_run = s.first_run, last_changed_run = s.last_changed_run,
             feed_version_id = s.feed_version_id, changed_at = s.changed_at, {changes}
         from product_before s
         where s.run_id = $1 and product.id = s.product_id and s.product_id in
             (select product_id from rolled_product where put_back = 1 and there = 1)",
    )));
    all.push(of_run(Sql::both(
        "insert into product (id, source, record_reference, fingerprint, facts, withdrawn_at, first_run,
             last_changed_run, feed_version_id, changed_at, {columns})
         select product_id, source, record_reference, fingerprint, facts, withdrawn_at, first_run, last_changed_run,
             feed_version_id, changed_at, {columns}
         from product_before
         where run_id = $1 and product_id in
             (select product_id from rolled_product where put_back = 1 and there = 0)",
    )));
    let parts = Sql::both(
        "insert into product_{table} (product_id, position, {columns})
         select product_id, position, {columns}
         from product_{table}_before
         where run_id = $1 and product_id in (select product_id from rolled_product where put_back = 1)",
    );
    all.extend(part(parts).map(|sql| (true, sql)));
    all
});

static TAKE_TOMBSTONES: LazyLock<Sql> = LazyLock::new(|| {
    let template = Sql::both(
        "insert into rolled_tombstone (source, record_reference, feed_version_id)
         select b.source, b.record_reference, b.feed_version_id
         from tombstone_before b
         where b.run_id = $1 and not exists (select 1 from tombstone_before l
             where l.source = b.source and l.record_reference = b.record_reference and {counts})",
    );
    let same = "t.source = l.source and t.record_reference = l.record_reference";
    counting(template, Table::Product, "tombstone_before", same)
});
const TAKEN_TOMBSTONES: Sql = Sql {
    postgres: "select json_build_object('source', source, 'record_reference', record_reference)::text
               from rolled_tombstone",
    sqlite: "select json_object('source', source, 'record_reference', record_reference) from rolled_tombstone",
};
const PUT_TOMBSTONES: [Sql; 2] = [
    Sql::both(
        "delete from tombstone where exists (select 1 from rolled_tombstone r
             where r.source = tombstone.source and r.record_reference = tombstone.record_reference
                 and r.feed_version_id is null)",
    ),
    Sql::both(
        "insert into tombstone (source, record_reference, feed_version_id)
         select source, record_reference, feed_version_id
         from rolled_tombstone where feed_version_id is not null
         on conflict (source, record_reference) do update set feed_version_id = excluded.feed_version_id",
    ),
];

/// Entries that somebody discarded stay so; none opens beside an open one of a later run with the same bytes or key.
static TAKE_ENTRIES: LazyLock<Sql> = LazyLock::new(|| {
    let template = Sql::both(
        "insert into rolled_entry (quarantine_id, rewritten)
         select b.quarantine_id, case when b.bytes is null then 0 else 1 end
         from quarantine_before b join quarantine q on q.id = b.quarantine_id
         where b.run_id = $1 and q.state <> 'discarded'
             and not exists (select 1 from quarantine_before l
                 where l.quarantine_id = b.quarantine_id and {counts})
             and not (b.was_there = 1 and b.state = 'open' and q.state <> 'open'
                 and exists (select 1 from quarantine other
                     join quarantine_before fresh on fresh.quarantine_id = other.id
                     where other.state = 'open' and other.source = q.source
                         and (other.bytes_digest = q.bytes_digest
                             or other.record_reference = q.record_reference)
                         and fresh.was_there = 0 and fresh.run_id <> $1 and fresh.place > b.place))",
    );
    counting(template, Table::Quarantine, "quarantine_before", "t.quarantine_id = l.quarantine_id")
});
/// `$2` now.
static CLOSE_ENTRIES: LazyLock<Sql> = LazyLock::new(|| {
    Sql::both(
        "update quarantine set state = 'superseded', resolved_at = cast($2 as {moment})
         from quarantine_before s
         where s.run_id = $1 and s.was_there = 0 and quarantine.id = s.quarantine_id and quarantine.state = 'open'
             and s.quarantine_id in (select quarantine_id from rolled_entry)",
    )
    .filled(Table::Quarantine, &[])
});
/// Where no bytes were kept, those that are there were not changed.
static PUT_ENTRIES: LazyLock<Sql> = LazyLock::new(|| {
    Sql::both(
        "update quarantine set state = s.state, resolved_at = s.resolved_at, last_run = s.last_run,
             feed_version_id = s.feed_version_id, {changes},
             record_reference = case when s.bytes is null then quarantine.record_reference
                 else s.record_reference end,
             bytes_digest = coalesce(s.bytes_digest, quarantine.bytes_digest),
             bytes = coalesce(s.bytes, quarantine.bytes)
         from quarantine_before s
         where s.run_id = $1 and s.was_there = 1 and quarantine.id = s.quarantine_id
             and s.quarantine_id in (select quarantine_id from rolled_entry)",
    )
    .filled(Table::Quarantine, &[])
});

/// `$2` the rollback.
const UNDONE: Sql = Sql::both("update run set rolled_back_by = $2 where id = $1");
const REDONE: Sql = Sql::both("update run set rolled_back_by = null where id = $1");
const ROLLS_BACK: Sql = Sql {
    postgres: "select rolls_back::text from run where id = $1 and rolls_back is not null",
    sqlite: "select cast(rolls_back as text) from run where id = $1 and rolls_back is not null",
};
/// `$2` the rollback, `$3` its scope, `$4` to `$6` its counts.
const DID: Sql = Sql::both(
    "update run set rolls_back = $1, rollback_scope = $3, inserted = $4, updated = $5, withdrawn = $6 where id = $2",
);

/// The statements of a rollback, finished.
#[cfg(test)]
pub(super) fn statements() -> Vec<Sql> {
    let put = PUT_PRODUCTS.iter().map(|(_, sql)| *sql);
    let marks = [*MARKS, MARK_BEFORE, PUT_MARKS[0], PUT_MARKS[1]];
    let rest = [*TAKE_TOMBSTONES, *TAKE_ENTRIES, *CLOSE_ENTRIES, *PUT_ENTRIES];
    [*CREATE, *LATER, TAKE[0], TAKE[1], TAKE_OTHERS].into_iter().chain(put).chain(marks).chain(rest).collect()
}

/// A mark as it was before a run; `run` is that which moved it there, and none where there was no mark.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct MarkBefore {
    source: String,
    format: String,
    number: Option<i64>,
    repeat: Option<i64>,
    sent: Option<i64>,
    run: Option<i64>,
    #[serde(skip_serializing)]
    later: bool,
}

/// What is going to happen, with the temporary tables filled.
struct Plan {
    outcome: RollbackOutcome,
    scope: &'static str,
    marks: Vec<MarkBefore>,
}

/// Looks what a rollback would do.
pub(super) async fn look(
    connection: &mut Connection,
    order: RollbackOrder,
    now: Timestamp,
) -> Result<Result<RollbackOutcome, RollbackRefusal>, StoreError> {
    connection.begin().await?;
    let planned = told(connection, order, now).await;
    connection.rollback().await;
    planned
}

/// What a rollback would do, with its first products by name.
async fn told(
    connection: &mut Connection,
    order: RollbackOrder,
    now: Timestamp,
) -> Result<Result<RollbackOutcome, RollbackRefusal>, StoreError> {
    let outcome = match plan(connection, order, now).await? {
        Ok(plan) => plan.outcome,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let values = [order.run.0.into(), i64::from(ROLLED_PRODUCTS_MAX).into()];
    let products = connection.rows("name what goes back", TAKEN_NAMED, &values).await?;
    Ok(Ok(RollbackOutcome { products, ..outcome }))
}

/// Rolls a run back.
pub(super) async fn perform(
    connection: &mut Connection,
    stamp: Stamp,
    keeping: &mut Keeping,
    order: RollbackOrder,
    decision: Option<&Decision>,
) -> Result<Result<RollbackOutcome, RollbackRefusal>, StoreError> {
    connection.begin().await?;
    match within(connection, stamp, keeping, order, decision).await {
        Ok(Ok(outcome)) => {
            connection.commit().await?;
            Ok(Ok(outcome))
        }
        not_done => {
            connection.rollback().await;
            not_done
        }
    }
}

async fn within(
    connection: &mut Connection,
    stamp: Stamp,
    keeping: &mut Keeping,
    order: RollbackOrder,
    decision: Option<&Decision>,
) -> Result<Result<RollbackOutcome, RollbackRefusal>, StoreError> {
    run::extend(connection, stamp.attempt, stamp.lease_until).await?;
    let plan = match plan(connection, order, stamp.now).await? {
        Ok(plan) => plan,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut images = Images::begin(connection, stamp.attempt.run, keeping).await?;
    products(connection, &mut images, order.run).await?;
    marks(connection, &mut images, &plan.marks).await?;
    tombstones(connection, &mut images).await?;
    entries(connection, &mut images, order.run, &run::moment(stamp.now)).await?;
    note(connection, stamp.attempt.run, order.run, &plan).await?;
    images.end(connection, keeping).await?;
    connection.script("drop its temporary tables", EMPTY).await?;
    if let Some(decision) = decision {
        let now = run::moment(stamp.now);
        let source = plan.outcome.only_source();
        audit::write(connection, &now, decision, AuditAction::RunRollback, order.run, source).await?;
    }
    Ok(Ok(plan.outcome))
}

async fn plan(
    connection: &mut Connection,
    order: RollbackOrder,
    now: Timestamp,
) -> Result<Result<Plan, RollbackRefusal>, StoreError> {
    // From here on nobody drops the pre-images.
    connection.execute("wait for those that drop pre-images", ALONE, &[]).await?;
    if let Some(refusal) = unfit(connection, order.run, now).await? {
        return Ok(Err(refusal));
    }
    before::unfold(connection).await?;
    connection.script("make its temporary tables", *CREATE).await?;
    connection.execute("look for later changes", *LATER, &[order.run.0.into()]).await?;
    let later: Vec<(String, u64)> = connection.rows("count later changes", LATER_COUNTS, &[]).await?;
    if !later.is_empty()
        && let Some(refusal) = overtaken(connection, order, &later).await?
    {
        return Ok(Err(refusal));
    }
    let marks = marks_before(connection, order.run).await?;
    let outcome = take(connection, order, &later, &marks).await?;
    if !later.is_empty() && outcome.sources.iter().all(|each| each.changed() == 0) {
        return Ok(Err(RollbackRefusal::AllKept(order.run)));
    }
    let scope = match (later.is_empty(), order.later) {
        (true, _) => "whole",
        (false, LaterChanges::Undo) => "undid_later",
        (false, _) => "kept_later",
    };
    let marks = marks.into_iter().filter(|mark| !mark.later).collect();
    Ok(Ok(Plan { outcome, scope, marks }))
}

impl SourceRollback {
    /// Products that go back.
    #[must_use]
    pub const fn changed(&self) -> u64 {
        self.restored + self.removed + self.returned
    }
}

/// Why the run itself cannot be rolled back.
async fn unfit(
    connection: &mut Connection,
    run: RunId,
    now: Timestamp,
) -> Result<Option<RollbackRefusal>, StoreError> {
    type Standing = (RunState, Option<RunId>, u64, bool);
    let found: Option<Standing> = connection.row("look at the run", STANDING, &[run.0.into()]).await?;
    let Some((state, rolled_back_by, changed, is_kept)) = found else {
        return Ok(Some(RollbackRefusal::Unknown(run)));
    };
    let works = state == RunState::Running && !run::dead(connection, now).await?.contains(&run);
    if works || state == RunState::Queued {
        return Ok(Some(RollbackRefusal::Running(run)));
    }
    Ok(match rolled_back_by {
        Some(by) => Some(RollbackRefusal::RolledBack { run, by }),
        None if is_kept => None,
        None if changed == 0 => Some(RollbackRefusal::Unchanging(run)),
        None => Some(RollbackRefusal::Unkept(run)),
    })
}

/// Why later changes keep the run from being rolled back, as things are to be done.
async fn overtaken(
    connection: &mut Connection,
    order: RollbackOrder,
    later: &[(String, u64)],
) -> Result<Option<RollbackRefusal>, StoreError> {
    let run = order.run;
    match order.later {
        LaterChanges::Keep => Ok(None),
        LaterChanges::Refuse => {
            let first = connection.rows("name later changes", LATER_NAMED, &[NAMED_MAX.into()]).await?;
            let count = later.iter().map(|(_, count)| count).sum();
            Ok(Some(RollbackRefusal::Changed { run, count, first }))
        }
        LaterChanges::Undo => {
            let by: Option<RunId> = connection.row("look for later rollbacks", LATER_ROLLBACK, &[]).await?;
            Ok(by.map(|by| RollbackRefusal::Entangled { run, by }))
        }
    }
}

/// Fills what goes back, and counts it.
async fn take(
    connection: &mut Connection,
    order: RollbackOrder,
    later: &[(String, u64)],
    marks: &[MarkBefore],
) -> Result<RollbackOutcome, StoreError> {
    let values = [order.run.0.into()];
    let undoes = order.later == LaterChanges::Undo;
    connection.execute("look what goes back", TAKE[usize::from(undoes)], &values).await?;
    if undoes {
        connection.execute("look what goes back", TAKE_OTHERS, &[]).await?;
    }
    connection.execute("look which tombstones go back", *TAKE_TOMBSTONES, &values).await?;
    connection.execute("look which entries go back", *TAKE_ENTRIES, &values).await?;
    let names: Vec<String> = connection.rows("list the sources of the run", SOURCES, &values).await?;
    let of = |source: &String| SourceRollback { source: source.clone(), ..SourceRollback::default() };
    let mut sources: BTreeMap<String, SourceRollback> =
        names.iter().map(|name| (name.clone(), of(name))).collect();
    let mut add = |source: &String, add: &dyn Fn(&mut SourceRollback)| {
        add(sources.entry(source.clone()).or_insert_with(|| of(source)));
    };
    let taken: Vec<(String, u8, u8, u64)> = connection.rows("count what goes back", TAKEN, &[]).await?;
    for (source, put_back, there, count) in &taken {
        add(source, &|each| match (put_back, there) {
            (1, 1) => each.restored += count,
            (1, _) => each.returned += count,
            _ => each.removed += count,
        });
    }
    for (source, count) in later.iter().filter(|_| !undoes) {
        add(source, &|each| each.kept += count);
    }
    for mark in marks {
        add(&mark.source, &|each| if mark.later { each.marks_kept += 1 } else { each.marks += 1 });
    }
    Ok(RollbackOutcome { sources: sources.into_values().collect(), products: Vec::new() })
}

/// The marks of a run as they were before it. One that a rolled back run had set goes back further.
async fn marks_before(connection: &mut Connection, run: RunId) -> Result<Vec<MarkBefore>, StoreError> {
    let mut marks: Vec<MarkBefore> =
        connection.rows("look which marks go back", *MARKS, &[run.0.into()]).await?;
    for mark in marks.iter_mut().filter(|mark| !mark.later) {
        for _ in 0..MARK_STEPS_MAX {
            let Some(by) = mark.run else { break };
            let values = [by.into(), (&mark.source).into(), (&mark.format).into(), run.0.into()];
            let before: Option<MarkBefore> =
                connection.row("look for an older mark", MARK_BEFORE, &values).await?;
            let Some(before) = before else { break };
            *mark = before;
        }
    }
    Ok(marks)
}

async fn products(connection: &mut Connection, images: &mut Images, run: RunId) -> Result<(), StoreError> {
    images.rolled_products(connection).await?;
    for (of_run, sql) in PUT_PRODUCTS.iter() {
        let values = [run.0.into()];
        let values = if *of_run { &values[..] } else { &[] };
        connection.execute("put products back", *sql, values).await?;
    }
    Ok(())
}

async fn marks(
    connection: &mut Connection,
    images: &mut Images,
    marks: &[MarkBefore],
) -> Result<(), StoreError> {
    if marks.is_empty() {
        return Ok(());
    }
    let rows = serde_json::to_string(marks).expect("texts and numbers are JSON");
    images.marks(connection, &rows).await?;
    for sql in PUT_MARKS {
        connection.execute("put marks back", sql, &[(&rows).into()]).await?;
    }
    Ok(())
}

async fn tombstones(connection: &mut Connection, images: &mut Images) -> Result<(), StoreError> {
    let taken: Vec<serde_json::Value> =
        connection.rows("list tombstones that go back", TAKEN_TOMBSTONES, &[]).await?;
    if taken.is_empty() {
        return Ok(());
    }
    let rows = serde_json::to_string(&taken).expect("texts are JSON");
    images.tombstones(connection, &rows).await?;
    for sql in PUT_TOMBSTONES {
        connection.execute("put tombstones back", sql, &[]).await?;
    }
    Ok(())
}

async fn entries(
    connection: &mut Connection,
    images: &mut Images,
    run: RunId,
    now: &str,
) -> Result<(), StoreError> {
    images.rolled_entries(connection).await?;
    connection
        .execute("close entries of the quarantine", *CLOSE_ENTRIES, &[run.0.into(), now.into()])
        .await?;
    connection.execute("put entries of the quarantine back", *PUT_ENTRIES, &[run.0.into()]).await.map(drop)
}

/// Notes which run rolled back which, and what it came to.
async fn note(
    connection: &mut Connection,
    rollback: RunId,
    run: RunId,
    plan: &Plan,
) -> Result<(), StoreError> {
    let sum = |of: fn(&SourceRollback) -> u64| {
        let sum = plan.outcome.sources.iter().map(of).sum::<u64>();
        i64::try_from(sum).unwrap_or(i64::MAX)
    };
    let (returned, restored, removed) =
        (sum(|each| each.returned), sum(|each| each.restored), sum(|each| each.removed));
    undo(connection, run, rollback).await?;
    let values = [
        run.0.into(),
        rollback.0.into(),
        plan.scope.into(),
        returned.into(),
        restored.into(),
        removed.into(),
    ];
    connection.execute("note the rollback", DID, &values).await.map(drop)
}

/// Notes that a run is undone. What it had rolled back is in effect again; was that a rollback, what it had rolled back
/// is undone again; and so on.
async fn undo(connection: &mut Connection, run: RunId, by: RunId) -> Result<(), StoreError> {
    let (mut undone, mut by) = (run, by);
    loop {
        connection.execute("note the rollback", UNDONE, &[undone.0.into(), by.0.into()]).await?;
        let Some(redone) = rolls_back(connection, undone).await? else { return Ok(()) };
        connection.execute("note the rollback", REDONE, &[redone.0.into()]).await?;
        let Some(next) = rolls_back(connection, redone).await? else { return Ok(()) };
        (undone, by) = (next, redone);
    }
}

async fn rolls_back(connection: &mut Connection, run: RunId) -> Result<Option<RunId>, StoreError> {
    connection.row("look what a run rolled back", ROLLS_BACK, &[run.0.into()]).await
}

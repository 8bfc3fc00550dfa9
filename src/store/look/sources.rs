//! Sources by name, each with what is known of it.

use crate::store::Store;
use crate::store::asked::Asked;
use crate::store::connection::Connection;
use crate::store::error::StoreError;
use crate::store::held::EarlierRun;
use crate::store::mark::Mark;
use crate::store::quarantine::field;
use crate::store::run::RunId;
use crate::store::sql::Sql;
use serde::{Deserialize, Serialize};

/// Entries of the quarantine whose codes are counted.
pub const CODED_ENTRIES_MAX: u32 = 5_000;

/// Records that wait for the same reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeCount {
    /// Clause or rule.
    pub code: String,
    /// The element or attribute (`@kind`) that breaks it, by its name; empty where it is broken by the record.
    pub field: String,
    /// Records that have it, among other codes.
    pub records: u64,
}

/// The last feed of a source of which something was imported, and not rolled back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastGoodFeed {
    /// Its number.
    pub id: i64,
    /// Its run.
    pub run: RunId,
    /// When: UTC, `2026-11-23T04:03:51.123Z`.
    pub at: String,
    /// Records in it.
    pub records: u64,
    /// Refused records.
    pub refused: u64,
}

/// The newest message of a format that was applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceMark {
    /// Format and version.
    pub format: String,
    /// The place of the message.
    #[serde(flatten)]
    pub mark: Mark,
}

/// A source with what is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceView {
    /// The sender.
    pub source: String,
    /// Products that stand: not withdrawn.
    pub products: u64,
    /// Records that wait in quarantine.
    pub quarantined: u64,
    /// Feeds that are held.
    pub held: u64,
    /// The last feed that was imported.
    pub last_good: Option<LastGoodFeed>,
    /// Its newest messages, by format.
    pub marks: Vec<SourceMark>,
    /// Feeds whose bytes are kept.
    pub kept: u64,
}

/// How it stands with a source, as far as lists are sorted by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceStanding {
    /// The sender.
    pub source: String,
    /// Whether any of its products stands.
    pub has_products: bool,
    /// Records that wait in quarantine.
    pub quarantined: u64,
    /// Feeds that are held.
    pub held: u64,
    /// When something of a feed was imported last: UTC, `2026-11-23T04:03:51.123Z`.
    pub last_good: Option<String>,
}

/// When the last feeds of a source came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceMoments {
    /// The sender.
    pub source: String,
    /// The moments, newest first: UTC, `2026-11-23T04:03:51.123Z`. What was only checked did not come, and what was
    /// held and let in came once.
    pub moments: Vec<String>,
}

/// Refused records of a source that wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceWaiting {
    /// The sender.
    pub source: String,
    /// Its records that wait.
    pub records: u64,
    /// How many sources have any, whatever the limit.
    pub all_sources: u64,
    /// How many records wait in all, whatever the limit.
    pub all_records: u64,
}

/// A run that has changed products of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceChange {
    /// Its number.
    pub run: RunId,
    /// The run that it rolled back.
    pub rolls_back: Option<RunId>,
}

/// Names of sources: of the many feeds of each only the first is looked at to find it. `$1` the source that may be
/// seen, or null. `{where}` is about the first name alone.
macro_rules! names {
    (postgres) => {
        "with recursive names (source) as (
            select min(f.source) from feed_version f where {where}
            union all
            select (select min(f.source) from feed_version f where f.source > n.source)
            from names n where n.source is not null and $1::text is null
        )"
    };
    (sqlite) => {
        "with recursive names (source) as (
            select min(f.source) from feed_version f where {where}
            union all
            select (select min(f.source) from feed_version f where f.source > n.source)
            from names n where n.source is not null and $1 is null
        )"
    };
}

/// Feeds whose bytes are kept, by source. SQLite joins `cross` in the order that is written: few rows first.
macro_rules! kept {
    (postgres) => {
        "kept (source, feeds) as (
            select v.source, count(*) from feed_copy c join feed_version v on v.id = c.feed_version_id
            where c.position = 0 group by v.source
        )"
    };
    (sqlite) => {
        "kept (source, feeds) as materialized (
            select v.source, count(*) from feed_copy c cross join feed_version v on v.id = c.feed_version_id
            where c.position = 0 group by v.source
        )"
    };
}

/// Feeds that are held, by source.
macro_rules! waiting {
    (postgres) => {
        "waiting (source, feeds) as (
            select v.source, count(*) from held_feed h join feed_version v on v.id = h.feed_version_id
            where h.state = 'open' group by v.source
        )"
    };
    (sqlite) => {
        "waiting (source, feeds) as materialized (
            select v.source, count(*) from held_feed h cross join feed_version v on v.id = h.feed_version_id
            where h.state = 'open' group by v.source
        )"
    };
}

/// The last feeds of a source `n` of which something was imported, and not rolled back.
macro_rules! good {
    () => {
        "from feed_version v join run r on r.id = v.run_id
                where v.source = n.source and v.state in ('applied', 'repeated') and r.rolled_back_by is null
                  and (v.refused < v.records or v.records = 0)
                order by v.id desc limit 1"
    };
}

/// All that is told of a source `n`.
macro_rules! view {
    (postgres) => {
        concat!("
        select json_build_object('source', n.source,
            'products', (select count(*) from product p where p.source = n.source and p.withdrawn_at is null),
            'quarantined', (select count(*) from quarantine q where q.source = n.source and q.state = 'open'),
            'held', coalesce((select w.feeds from waiting w where w.source = n.source), 0),
            'last_good', (select json_build_object('id', v.id, 'run', v.run_id,
                    'at', to_char(v.imported_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
                    'records', v.records, 'refused', v.refused)
                ", good!(), "),
            'marks', coalesce((select json_agg(json_build_object('format', m.format, 'number', m.number,
                    'repeat', m.repeat, 'sent', m.sent, 'run', m.run_id) order by m.format)
                from message_mark m where m.source = n.source), '[]'),
            'kept', coalesce((select k.feeds from kept k where k.source = n.source), 0))::text")
    };
    (sqlite) => {
        concat!("
        select json_object('source', n.source,
            'products', (select count(*) from product p where p.source = n.source and p.withdrawn_at is null),
            'quarantined', (select count(*) from quarantine q where q.source = n.source and q.state = 'open'),
            'held', coalesce((select w.feeds from waiting w where w.source = n.source), 0),
            'last_good', json((select json_object('id', v.id, 'run', v.run_id, 'at', v.imported_at,
                    'records', v.records, 'refused', v.refused)
                ", good!(), ")),
            'marks', json((select json_group_array(json_object('format', m.format, 'number', m.number,
                    'repeat', m.repeat, 'sent', m.sent, 'run', m.run_id))
                from (select * from message_mark where source = n.source order by format) m)),
            'kept', coalesce((select k.feeds from kept k where k.source = n.source), 0))")
    };
}

/// As above.
const SOURCES: Sql = Sql {
    postgres: concat!(
        names!(postgres),
        ", ",
        kept!(postgres),
        ", ",
        waiting!(postgres),
        view!(postgres),
        " from (select source from names where source is not null limit {limit}) n order by n.source"
    ),
    sqlite: concat!(
        names!(sqlite),
        ", ",
        kept!(sqlite),
        ", ",
        waiting!(sqlite),
        view!(sqlite),
        " from (select source from names where source is not null limit {limit}) n order by n.source"
    ),
};
/// `$1` names of sources, as a JSON array.
const NAMED: Sql = Sql {
    postgres: concat!(
        "with ",
        kept!(postgres),
        ", ",
        waiting!(postgres),
        view!(postgres),
        " from (select value as source from jsonb_array_elements_text($1::jsonb)) n order by n.source"
    ),
    sqlite: concat!(
        "with ",
        kept!(sqlite),
        ", ",
        waiting!(sqlite),
        view!(sqlite),
        " from (select value as source from json_each($1)) n order by n.source"
    ),
};
/// How it stands with each: what costs the same however many products a source has. As above.
const STANDINGS: Sql = Sql {
    postgres: concat!(
        names!(postgres),
        ", ",
        waiting!(postgres),
        " select json_build_object('source', n.source,
            'has_products', exists (select 1 from product p where p.source = n.source and p.withdrawn_at is null),
            'quarantined', (select count(*) from quarantine q where q.source = n.source and q.state = 'open'),
            'held', coalesce((select w.feeds from waiting w where w.source = n.source), 0),
            'last_good', (select to_char(v.imported_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') ",
        good!(),
        "))::text from (select source from names where source is not null limit {limit}) n order by n.source"
    ),
    sqlite: concat!(
        names!(sqlite),
        ", ",
        waiting!(sqlite),
        " select json_object('source', n.source,
            'has_products', json(iif(exists (select 1 from product p
                where p.source = n.source and p.withdrawn_at is null), 'true', 'false')),
            'quarantined', (select count(*) from quarantine q where q.source = n.source and q.state = 'open'),
            'held', coalesce((select w.feeds from waiting w where w.source = n.source), 0),
            'last_good', (select v.imported_at ",
        good!(),
        ")) from (select source from names where source is not null limit {limit}) n order by n.source"
    ),
};
/// `$1` the source that may be seen, or null. As above, name by name.
const COUNT: Sql = Sql {
    postgres: "with recursive names (source) as (
            select min(f.source) from feed_version f where $1::text is null or f.source = $1
            union all
            select (select min(f.source) from feed_version f where f.source > n.source)
            from names n where n.source is not null and $1::text is null
        )
        select count(source)::text from names",
    sqlite: "with recursive names (source) as (
            select min(f.source) from feed_version f where $1 is null or f.source = $1
            union all
            select (select min(f.source) from feed_version f where f.source > n.source)
            from names n where n.source is not null and $1 is null
        )
        select cast(count(source) as text) from names",
};
/// Whether a feed `f` came: it was not only checked; and what was held and let in, or was to be, came once.
macro_rules! came {
    () => {
        "f.state <> 'checked'
            and not exists (select 1 from submission s where s.run_id = f.run_id
                and (s.mode = 'check' or s.release_held is not null and f.state = 'held'))
            and not exists (select 1 from held_feed h where h.feed_version_id = f.id and h.state = 'released')"
    };
}

/// `$1` the source that may be seen, or null; `$2` feeds of each, `$3` sources. As above, name by name.
const MOMENTS: Sql = Sql {
    postgres: concat!(
        "with recursive names (source) as (
            select min(f.source) from feed_version f where $1::text is null or f.source = $1
            union all
            select (select min(f.source) from feed_version f where f.source > n.source)
            from names n where n.source is not null and $1::text is null
        )
        select json_build_object('source', n.source, 'moments', coalesce((
            select json_agg(to_char(v.imported_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')
                order by v.id desc)
            from (select f.id, f.imported_at from feed_version f where f.source = n.source and ",
        came!(),
        "
                  order by f.id desc limit $2) v), '[]'))::text
        from (select source from names where source is not null limit $3) n order by n.source"
    ),
    sqlite: concat!(
        "with recursive names (source) as (
            select min(f.source) from feed_version f where $1 is null or f.source = $1
            union all
            select (select min(f.source) from feed_version f where f.source > n.source)
            from names n where n.source is not null and $1 is null
        )
        select json_object('source', n.source, 'moments', json((
            select json_group_array(v.imported_at)
            from (select f.imported_at from feed_version f where f.source = n.source and ",
        came!(),
        "
                  order by f.id desc limit $2) v)))
        from (select source from names where source is not null limit $3) n order by n.source"
    ),
};
/// `$1` the source that may be seen, or null; `$2` limit.
const WAITING: Sql = Sql {
    postgres: "select json_build_object('source', source, 'records', count(*),
                   'all_sources', count(*) over (), 'all_records', sum(count(*)) over ())::text
               from quarantine where state = 'open' and ($1::text is null or source = $1)
               group by source order by count(*) desc, source limit $2",
    sqlite: "select json_object('source', source, 'records', count(*),
                 'all_sources', count(*) over (), 'all_records', sum(count(*)) over ())
             from quarantine where state = 'open' and ($1 is null or source = $1)
             group by source order by count(*) desc, source limit $2",
};
/// `$1` source, `$2` limit.
const FEEDS: Sql = Sql {
    postgres: concat!(
        "select json_build_object('run', run_id,
                   'at', to_char(imported_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
                   'state', state, 'records', records, 'inserted', inserted, 'updated', updated,
                   'withdrawn', withdrawn, 'refused', refused)::text
               from feed_version f where f.source = $1 and ",
        came!(),
        " order by f.id desc limit $2"
    ),
    sqlite: concat!(
        "select json_object('run', run_id, 'at', imported_at, 'state', state, 'records', records,
                 'inserted', inserted, 'updated', updated, 'withdrawn', withdrawn, 'refused', refused)
             from feed_version f where f.source = $1 and ",
        came!(),
        " order by f.id desc limit $2"
    ),
};
/// `$1` source, `$2` behind which run.
const CHANGED: Sql = Sql {
    postgres: "select json_build_object('run', r.id, 'rolls_back', r.rolls_back)::text from run r
               where r.id > $2 and exists (select 1 from feed_version v
                   where v.run_id = coalesce(r.rolls_back, r.id) and v.source = $1 and v.state = 'applied')
               order by r.id desc limit 1",
    sqlite: "select json_object('run', r.id, 'rolls_back', r.rolls_back) from run r
             where r.id > $2 and exists (select 1 from feed_version v
                 where v.run_id = coalesce(r.rolls_back, r.id) and v.source = $1 and v.state = 'applied')
             order by r.id desc limit 1",
};
/// One step in the index for each name, however many feeds it has sent. `$1` limit.
const NAMES: Sql = Sql {
    postgres: "with recursive names as (
            (select source from feed_version order by source limit 1)
            union all
            select (select v.source from feed_version v where v.source > n.source order by v.source limit 1)
            from names n where n.source is not null)
        select to_json(source)::text from names where source is not null limit $1",
    sqlite: "with recursive names(source) as (
            select min(source) from feed_version
            union all
            select (select min(v.source) from feed_version v where v.source > n.source)
            from names n where n.source is not null)
        select json_quote(source) from names where source is not null limit $1",
};
/// `$1` source, `$2` entries that are looked at, `$3` limit.
const CODES: Sql = Sql {
    postgres: concat!(
        "select json_build_object('code', code, 'field', field, 'records', count(distinct id))::text
         from (select q.id, f->>'code' as code, ",
        field!(postgres),
        " as field
             from (select id, findings from quarantine where state = 'open' and source = $1 limit $2) q,
                 jsonb_array_elements(q.findings) f) x
         group by code, field order by count(distinct id) desc, code, field limit $3"
    ),
    sqlite: concat!(
        "select json_object('code', code, 'field', field, 'records', count(distinct id))
         from (select q.id, f.value->>'code' as code, ",
        field!(sqlite),
        " as field
             from (select id, findings from quarantine where state = 'open' and source = $1 limit $2) q,
                 json_each(q.findings) f) x
         group by code, field order by count(distinct id) desc, code, field limit $3"
    ),
};
const AFTER: Sql = Sql::both("f.source > {0}");
const VISIBLE: Sql = Sql::both("f.source = {0}");

impl Store {
    /// Sources by name, those behind `after`; only the one that whoever asks may see.
    pub async fn sources(
        &self,
        visible_source: Option<&str>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<SourceView>, StoreError> {
        self.pool.run(async |connection| sources(connection, visible_source, after, limit).await).await
    }

    /// These sources, by name.
    pub async fn sources_named(&self, names: &[&str]) -> Result<Vec<SourceView>, StoreError> {
        let names = serde_json::json!(names).to_string();
        let values = [(&names).into()];
        self.pool.run(async |connection| connection.rows("list sources by name", NAMED, &values).await).await
    }

    /// How it stands with sources, by name: those behind `after`; only the one that whoever asks may see.
    pub async fn source_standings(
        &self,
        visible_source: Option<&str>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<SourceStanding>, StoreError> {
        let list = async |connection: &mut Connection| {
            let asked = seen(visible_source, after);
            asked.rows(connection, "list how it stands with sources", STANDINGS, limit).await
        };
        self.pool.run(list).await
    }

    /// The names of all sources that have sent feeds, in their order, at most so many.
    pub async fn source_names(&self, limit: u32) -> Result<Vec<String>, StoreError> {
        let values = [i64::from(limit).into()];
        self.pool.run(async |connection| connection.rows("list names of sources", NAMES, &values).await).await
    }

    /// What came of a source, whatever became of it, newest first. What was only checked did not come, and what was
    /// held and let in came once.
    pub async fn source_feeds(&self, source: &str, limit: u32) -> Result<Vec<EarlierRun>, StoreError> {
        let values = [source.into(), i64::from(limit).into()];
        self.pool
            .run(async |connection| connection.rows("list feeds of a source", FEEDS, &values).await)
            .await
    }

    /// The last run behind another that has imported a feed of a source, or rolled back one that had.
    pub async fn source_changed(
        &self,
        source: &str,
        behind: RunId,
    ) -> Result<Option<SourceChange>, StoreError> {
        let values = [source.into(), behind.0.into()];
        let last = async |connection: &mut Connection| {
            connection.row("look up who changed a source last", CHANGED, &values).await
        };
        self.pool.run(last).await
    }

    /// When the last feeds of each source came, by name of the source.
    pub async fn source_moments(
        &self,
        visible_source: Option<&str>,
        feeds: u32,
        limit: u32,
    ) -> Result<Vec<SourceMoments>, StoreError> {
        let values = [visible_source.into(), i64::from(feeds).into(), i64::from(limit).into()];
        let list = async |connection: &mut Connection| {
            connection.rows("list when feeds came", MOMENTS, &values).await
        };
        self.pool.run(list).await
    }

    /// Why records of a source wait in quarantine: codes, each with what breaks it, by how many records have them, the
    /// most first. At most
    /// [`CODED_ENTRIES_MAX`] entries are looked at.
    pub async fn source_codes(&self, source: &str, limit: u32) -> Result<Vec<CodeCount>, StoreError> {
        let values = [source.into(), i64::from(CODED_ENTRIES_MAX).into(), i64::from(limit).into()];
        let counted = async |connection: &mut Connection| {
            connection.rows("count codes of a source", CODES, &values).await
        };
        self.pool.run(counted).await
    }

    /// Sources whose refused records wait, of those that whoever asks may see: the most records first, then by name.
    pub async fn sources_waiting(
        &self,
        visible_source: Option<&str>,
        limit: u32,
    ) -> Result<Vec<SourceWaiting>, StoreError> {
        let values = [visible_source.into(), i64::from(limit).into()];
        let list = async |connection: &mut Connection| {
            connection.rows("count records that wait by source", WAITING, &values).await
        };
        self.pool.run(list).await
    }

    /// How many sources there are, of those that whoever asks may see.
    pub async fn source_count(&self, visible_source: Option<&str>) -> Result<u64, StoreError> {
        let values = [visible_source.into()];
        let counted = self.pool.run(async |connection| connection.row("count sources", COUNT, &values).await);
        Ok(counted.await?.unwrap_or_default())
    }
}

/// Sources by name, those behind `after`; only the one that whoever asks may see.
async fn sources(
    connection: &mut Connection,
    visible_source: Option<&str>,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<SourceView>, StoreError> {
    seen(visible_source, after).rows(connection, "list sources", SOURCES, limit).await
}

/// Those behind `after` that whoever asks may see.
fn seen<'a>(visible_source: Option<&'a str>, after: Option<&'a str>) -> Asked<'a> {
    Asked::of(&[visible_source.into()]).and_if(AFTER, after).and_if(VISIBLE, visible_source)
}

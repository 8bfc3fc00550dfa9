//! Kinds of findings of a run, as people go through them: searched, with a few samples of each, and held against the
//! runs of the same source before.

use crate::judgement::Severity;
use crate::store::Store;
use crate::store::asked::Asked;
use crate::store::connection::Connection;
use crate::store::error::StoreError;
use crate::store::finding::{self, FindingView, GroupView};
use crate::store::run::RunId;
use crate::store::sql::Sql;
use serde::{Deserialize, Serialize};

/// Runs of a source that a run is held against.
pub const EARLIER_RUNS_MAX: i64 = 30;

/// Which kinds of findings of a run to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct KindFilter<'a> {
    /// Only of this weight.
    pub severity: Option<Severity>,
    /// Only of this clause or rule.
    pub code: Option<&'a str>,
    /// Only in feeds of this source.
    pub source: Option<&'a str>,
    /// Only those that have a sample with this in the record's key, what was found or the line around it, or of whose
    /// product it is an identifier, the edition number or in the title, as the shop has it.
    pub text: Option<&'a str>,
    /// What whoever asks may see: only those in feeds of this source.
    pub visible_source: Option<&'a str>,
    /// At most so many.
    pub limit: u32,
}

/// How many kinds of findings there are of a weight, clause and source, and how many findings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindCount {
    /// The weight.
    pub severity: Severity,
    /// Clause or rule.
    pub code: String,
    /// The source.
    pub source: String,
    /// Kinds.
    pub kinds: u64,
    /// Findings.
    pub findings: u64,
}

/// A finding of a kind, with what editors know its record by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindSample {
    /// Name of the feed.
    pub feed: String,
    /// The finding.
    pub finding: FindingView,
    /// The entry of the quarantine that keeps its record, if that has a key.
    pub entry: Option<i64>,
    /// Edition number of the product with the record's key, as the shop has it.
    pub edition_number: Option<String>,
    /// Its title.
    pub title: Option<String>,
}

/// An earlier run of a source, and which of the kinds that were asked for it had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierKinds {
    /// The run.
    pub run: RunId,
    /// Fingerprints of the kinds it had, too.
    pub fingerprints: Vec<String>,
}

/// How many kinds of findings a run has that the run of its source before had not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewKinds {
    /// The run.
    pub run: RunId,
    /// So many; `None` where there is no run before.
    pub kinds: Option<u64>,
}

const RUN: Sql = Sql::both("x.run_id = {0}");
const SEVERITY: Sql = Sql::both("x.severity = {0}");
const CODE: Sql = Sql::both("x.code = {0}");
const SOURCE: Sql = Sql::both("v.source = {0}");
/// `{0}` run, `{1}` text. Samples are few, and of those of a run alone the product is looked up.
const TEXT: Sql = Sql {
    postgres: "(x.feed_version_id, x.fingerprint) in (select d.feed_version_id, d.fingerprint
        from deviation d join feed_version w on w.id = d.feed_version_id
        where d.run_id = {0} and (strpos(lower(coalesce(d.record_reference, '')), lower({1}::text)) > 0
            or strpos(lower(d.found), lower({1}::text)) > 0 or strpos(lower(d.excerpt), lower({1}::text)) > 0
            or exists (select 1 from product p
                where p.source = w.source and p.record_reference = d.record_reference
                  and (strpos(lower(p.title), lower({1}::text)) > 0 or p.edition_number = {1}::text
                    or exists (select 1 from product_identifier i
                        where i.product_id = p.id and i.value = {1}::text)))))",
    sqlite: "(x.feed_version_id, x.fingerprint) in (select d.feed_version_id, d.fingerprint
        from deviation d join feed_version w on w.id = d.feed_version_id
        where d.run_id = {0} and (instr(lower(coalesce(d.record_reference, '')), lower({1})) > 0
            or instr(lower(d.found), lower({1})) > 0 or instr(lower(d.excerpt), lower({1})) > 0
            or exists (select 1 from product p
                where p.source = w.source and p.record_reference = d.record_reference
                  and (instr(lower(p.title), lower({1})) > 0 or p.edition_number = {1}
                    or exists (select 1 from product_identifier i
                        where i.product_id = p.id and i.value = {1})))))",
};
/// `{0}` the run that has them no more.
const GONE: Sql =
    Sql::both("x.fingerprint not in (select n.fingerprint from deviation_group n where n.run_id = {0})");

const COUNTS: Sql = Sql {
    postgres: "select json_build_object('severity', x.severity, 'code', x.code, 'source', v.source,
                   'kinds', count(*), 'findings', sum(x.count))::text
               from deviation_group x join feed_version v on v.id = x.feed_version_id
               where {where} group by x.severity, x.code, v.source
               order by sum(x.count) desc, x.code, v.source limit {limit}",
    sqlite: "select json_object('severity', x.severity, 'code', x.code, 'source', v.source,
                 'kinds', count(*), 'findings', sum(x.count))
             from deviation_group x join feed_version v on v.id = x.feed_version_id
             where {where} group by x.severity, x.code, v.source
             order by sum(x.count) desc, x.code, v.source limit {limit}",
};
/// `$1` run, `$2` fingerprints, `$3` samples of each kind, `$4` the source that may be seen, or null.
const FEW: Sql = Sql {
    postgres: "select json_build_object('feed', v.feed, 'edition_number', p.edition_number, 'title', p.title,
            'entry', (select max(q.id) from quarantine q where q.record_reference = x.record_reference
                and q.source = v.source and (q.first_run = $1 or q.last_run = $1)),
            'finding', json_build_object('code', x.code,
            'severity', x.severity, 'sentence', x.sentence, 'path', x.path, 'line', x.line_number,
            'column', x.column_number, 'byte', x.byte_offset, 'ordinal', x.ordinal,
            'reference', x.record_reference, 'found', x.found, 'expected', x.expected, 'excerpt', x.excerpt,
            'caret', x.caret, 'caret_width', x.caret_width, 'fingerprint', x.fingerprint))::text
        from (select d.*, row_number() over (partition by d.feed_version_id, d.fingerprint order by d.id) as place
              from deviation d where d.run_id = $1
                and d.fingerprint in (select jsonb_array_elements_text($2::jsonb))) x
            join feed_version v on v.id = x.feed_version_id
            left join product p on p.source = v.source and p.record_reference = x.record_reference
        where x.place <= $3 and ($4::text is null or v.source = $4) order by x.id",
    sqlite: "select json_object('feed', v.feed, 'edition_number', p.edition_number, 'title', p.title,
            'entry', (select max(q.id) from quarantine q where q.record_reference = x.record_reference
                and q.source = v.source and (q.first_run = $1 or q.last_run = $1)),
            'finding', json_object('code', x.code,
            'severity', x.severity, 'sentence', x.sentence, 'path', x.path, 'line', x.line_number,
            'column', x.column_number, 'byte', x.byte_offset, 'ordinal', x.ordinal,
            'reference', x.record_reference, 'found', x.found, 'expected', x.expected, 'excerpt', x.excerpt,
            'caret', x.caret, 'caret_width', x.caret_width, 'fingerprint', x.fingerprint))
        from (select d.*, row_number() over (partition by d.feed_version_id, d.fingerprint order by d.id) as place
              from deviation d where d.run_id = $1 and d.fingerprint in (select value from json_each($2))) x
            join feed_version v on v.id = x.feed_version_id
            left join product p on p.source = v.source and p.record_reference = x.record_reference
        where x.place <= $3 and ($4 is null or v.source = $4) order by x.id",
};
/// `$1` source, `$2` run, `$3` fingerprints, `$4` how many. What was only known again was not judged, what was not
/// read to its end may have had more.
const EARLIER: Sql = Sql {
    postgres: "select json_build_object('run', r.run_id, 'fingerprints',
            coalesce((select json_agg(distinct g.fingerprint)
                from deviation_group g join feed_version f on f.id = g.feed_version_id
                where g.run_id = r.run_id and f.source = $1
                  and g.fingerprint in (select jsonb_array_elements_text($3::jsonb))), '[]'))::text
        from (select distinct run_id from feed_version
              where source = $1 and run_id < $2 and state <> 'repeated'
                and coalesce(acceptance, '') not in ('failed', 'cancelled')
              order by run_id desc limit $4) r
        order by r.run_id desc",
    sqlite: "select json_object('run', r.run_id, 'fingerprints',
            json((select json_group_array(distinct g.fingerprint)
                from deviation_group g join feed_version f on f.id = g.feed_version_id
                where g.run_id = r.run_id and f.source = $1
                  and g.fingerprint in (select value from json_each($3)))))
        from (select distinct run_id from feed_version
              where source = $1 and run_id < $2 and state <> 'repeated'
                and coalesce(acceptance, '') not in ('failed', 'cancelled')
              order by run_id desc limit $4) r
        order by r.run_id desc",
};

/// `$1` runs. Of those that read one feed; what was only known again was not judged, what
/// was not read to its end may have had more.
const NEW: Sql = Sql {
    postgres: "select json_build_object('run', x.run_id, 'kinds', case when x.before is not null then
            (select count(*) from (
                select g.fingerprint from deviation_group g where g.run_id = x.run_id
                except
                select e.fingerprint from deviation_group e join feed_version f on f.id = e.feed_version_id
                where e.run_id = x.before and f.source = x.source) n) end)::text
        from (select v.run_id, v.source, (select max(p.run_id) from feed_version p
                  where p.source = v.source and p.run_id < v.run_id and p.state <> 'repeated'
                    and coalesce(p.acceptance, '') not in ('failed', 'cancelled')) as before
              from run r join feed_version v on v.run_id = r.id
              where r.id in (select value::bigint from jsonb_array_elements_text($1::jsonb)) and r.feeds = 1) x",
    sqlite: "select json_object('run', x.run_id, 'kinds', case when x.before is not null then
            (select count(*) from (
                select g.fingerprint from deviation_group g where g.run_id = x.run_id
                except
                select e.fingerprint from deviation_group e join feed_version f on f.id = e.feed_version_id
                where e.run_id = x.before and f.source = x.source) n) end)
        from (select v.run_id, v.source, (select max(p.run_id) from feed_version p
                  where p.source = v.source and p.run_id < v.run_id and p.state <> 'repeated'
                    and coalesce(p.acceptance, '') not in ('failed', 'cancelled')) as before
              from run r join feed_version v on v.run_id = r.id
              where r.id in (select value from json_each($1)) and r.feeds = 1) x",
};

impl Store {
    /// Kinds of findings of a run that fit, those that stand in most records first.
    pub async fn kinds(&self, run: RunId, filter: KindFilter<'_>) -> Result<Vec<GroupView>, StoreError> {
        let list = async |connection: &mut Connection| {
            fitting(run, filter)
                .rows(connection, "list kinds of findings", finding::KINDS, filter.limit)
                .await
        };
        self.pool.run(list).await
    }

    /// How many kinds and findings fit, by weight, clause and source.
    pub async fn kind_counts(
        &self,
        run: RunId,
        filter: KindFilter<'_>,
    ) -> Result<Vec<KindCount>, StoreError> {
        let count = async |connection: &mut Connection| {
            fitting(run, filter).rows(connection, "count kinds of findings", COUNTS, filter.limit).await
        };
        self.pool.run(count).await
    }

    /// A few samples of each of these kinds, in the order of the feeds.
    pub async fn few_samples(
        &self,
        run: RunId,
        fingerprints: &[&str],
        each: u32,
        visible_source: Option<&str>,
    ) -> Result<Vec<KindSample>, StoreError> {
        let fingerprints = listed(fingerprints);
        let values = [run.0.into(), (&fingerprints).into(), i64::from(each).into(), visible_source.into()];
        let few = async |connection: &mut Connection| connection.rows("list samples", FEW, &values).await;
        self.pool.run(few).await
    }

    /// The runs that read feeds of a source before this one, newest first, with those of these kinds that each had.
    pub async fn earlier_kinds(
        &self,
        source: &str,
        run: RunId,
        fingerprints: &[&str],
    ) -> Result<Vec<EarlierKinds>, StoreError> {
        let fingerprints = listed(fingerprints);
        let values = [source.into(), run.0.into(), (&fingerprints).into(), EARLIER_RUNS_MAX.into()];
        let look = async |connection: &mut Connection| {
            connection.rows("look for earlier findings", EARLIER, &values).await
        };
        self.pool.run(look).await
    }

    /// How many kinds of findings each of these runs has that the run of its source before had not. Runs of several
    /// feeds are left out.
    pub async fn new_kinds(&self, runs: &[RunId]) -> Result<Vec<NewKinds>, StoreError> {
        let runs = format!("[{}]", runs.iter().map(|run| run.0.to_string()).collect::<Vec<_>>().join(","));
        let values = [(&runs).into()];
        let count = async |connection: &mut Connection| {
            connection.rows("count new kinds of findings", NEW, &values).await
        };
        self.pool.run(count).await
    }

    /// Kinds that an earlier run had in feeds of a source, and this one has no more.
    pub async fn gone_kinds(
        &self,
        earlier: RunId,
        run: RunId,
        source: &str,
        limit: u32,
    ) -> Result<Vec<GroupView>, StoreError> {
        let filter = KindFilter { source: Some(source), ..KindFilter::default() };
        let list = async |connection: &mut Connection| {
            let asked = fitting(earlier, filter).and(GONE, &[run.0.into()]);
            asked.rows(connection, "list findings that are gone", finding::KINDS, limit).await
        };
        self.pool.run(list).await
    }
}

fn listed(fingerprints: &[&str]) -> String {
    serde_json::to_string(fingerprints).expect("texts are JSON")
}

fn fitting(run: RunId, filter: KindFilter<'_>) -> Asked<'_> {
    let asked = Asked::of(&[])
        .and(RUN, &[run.0.into()])
        .and_if(SEVERITY, filter.severity.map(Severity::as_str))
        .and_if(CODE, filter.code)
        .and_if(SOURCE, filter.source)
        .and_if(SOURCE, filter.visible_source);
    match filter.text {
        Some(text) => asked.and(TEXT, &[run.0.into(), text.into()]),
        None => asked,
    }
}

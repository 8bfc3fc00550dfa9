//! Findings of a run, those that fit.

use crate::judgement::Severity;
use crate::store::Store;
use crate::store::asked::Asked;
use crate::store::connection::Connection;
use crate::store::error::StoreError;
use crate::store::finding::{self, GroupView, SampleView};
use crate::store::run::RunId;
use crate::store::sql::Sql;
use serde::{Deserialize, Serialize};

/// Which findings of a run to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct FindingFilter<'a> {
    /// Only of this weight.
    pub severity: Option<Severity>,
    /// Only of this clause or rule.
    pub code: Option<&'a str>,
    /// Only where this stands anywhere in the element path without positions: `Price/PriceAmount`.
    pub path: Option<&'a str>,
    /// Only in records with this key; of groups those that have a sample with it.
    pub key: Option<&'a str>,
    /// Only samples in records of this number.
    pub ordinal: Option<u64>,
    /// What whoever asks may see: only those in feeds of this source.
    pub visible_source: Option<&'a str>,
    /// Only samples behind this one: the last of the page before. Groups have no pages.
    pub after: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// A sample with its number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberedSample {
    /// Its number.
    pub id: i64,
    /// The sample.
    #[serde(flatten)]
    pub sample: SampleView,
}

const RUN: Sql = Sql::both("x.run_id = {0}");
const AFTER: Sql = Sql::both("x.id > {0}");
const SEVERITY: Sql = Sql::both("x.severity = {0}");
const CODE: Sql = Sql::both("x.code = {0}");
const VISIBLE: Sql = Sql::both("v.source = {0}");
const ORDINAL: Sql = Sql::both("x.ordinal = {0}");
const KEY: Sql = Sql::both("x.record_reference = {0}");
const PATH: Sql = Sql { postgres: "strpos(x.path, {0}) > 0", sqlite: "instr(x.path, {0}) > 0" };
/// `{0}` run, `{1}` a part of the path.
const GROUP_PATH: Sql = Sql {
    postgres: "(x.feed_version_id, x.fingerprint) in (select g.feed_version_id, g.fingerprint
                   from deviation_group g where g.run_id = {0} and strpos(g.path, {1}) > 0)",
    sqlite: "(x.feed_version_id, x.fingerprint) in (select g.feed_version_id, g.fingerprint
                 from deviation_group g where g.run_id = {0} and instr(g.path, {1}) > 0)",
};
/// `{0}` run, `{1}` key.
const SAMPLE_KEY: Sql = Sql::both(
    "(x.feed_version_id, x.fingerprint) in (select d.feed_version_id, d.fingerprint
         from deviation d where d.run_id = {0} and d.record_reference = {1})",
);

const COUNT: Sql = Sql {
    postgres: "select count(*)::text from deviation x join feed_version v on v.id = x.feed_version_id where {where}",
    sqlite: "select cast(count(*) as text) from deviation x join feed_version v on v.id = x.feed_version_id
             where {where}",
};
/// Groups, and the findings in them.
const GROUP_COUNT: Sql = Sql {
    postgres: "select json_build_array(count(*), coalesce(sum(x.count), 0))::text
               from deviation_group x join feed_version v on v.id = x.feed_version_id where {where}",
    sqlite: "select json_array(count(*), coalesce(sum(x.count), 0))
             from deviation_group x join feed_version v on v.id = x.feed_version_id where {where}",
};

impl Store {
    /// Groups of equal findings of a run, largest first.
    pub async fn groups(&self, run: RunId, limit: u32) -> Result<Vec<GroupView>, StoreError> {
        self.finding_groups(run, FindingFilter { limit, ..FindingFilter::default() }).await
    }

    /// Samples of the findings of a run, in the order of its feeds.
    pub async fn samples(&self, run: RunId, limit: u32) -> Result<Vec<SampleView>, StoreError> {
        let samples = self.findings(run, FindingFilter { limit, ..FindingFilter::default() }).await?;
        Ok(samples.into_iter().map(|numbered| numbered.sample).collect())
    }

    /// Samples of the findings of a run that fit, in the order of their numbers.
    pub async fn findings(
        &self,
        run: RunId,
        filter: FindingFilter<'_>,
    ) -> Result<Vec<NumberedSample>, StoreError> {
        self.pool.run(async |connection| samples(connection, run, filter).await).await
    }

    /// Groups of equal findings of a run that fit, largest first.
    pub async fn finding_groups(
        &self,
        run: RunId,
        filter: FindingFilter<'_>,
    ) -> Result<Vec<GroupView>, StoreError> {
        self.pool.run(async |connection| groups(connection, run, filter).await).await
    }

    /// How many samples of a run fit, whatever the limit.
    pub async fn finding_count(&self, run: RunId, filter: FindingFilter<'_>) -> Result<u64, StoreError> {
        let count = async |connection: &mut Connection| {
            asked_samples(run, filter).count(connection, "count findings", COUNT).await
        };
        self.pool.run(count).await
    }

    /// How many groups of a run fit, whatever the limit, and how many findings are in them.
    pub async fn group_count(&self, run: RunId, filter: FindingFilter<'_>) -> Result<(u64, u64), StoreError> {
        let count = async |connection: &mut Connection| {
            asked_groups(run, filter).count(connection, "count groups of findings", GROUP_COUNT).await
        };
        self.pool.run(count).await
    }
}

/// Samples that fit, in the order of their numbers, which is that of their feeds.
async fn samples(
    connection: &mut Connection,
    run: RunId,
    filter: FindingFilter<'_>,
) -> Result<Vec<NumberedSample>, StoreError> {
    asked_samples(run, filter).rows(connection, "list findings", finding::SAMPLES, filter.limit).await
}

fn asked_samples(run: RunId, filter: FindingFilter<'_>) -> Asked<'_> {
    let asked = common(run, &filter).and_if(AFTER, filter.after).and_if(KEY, filter.key);
    let asked =
        asked.and_if(ORDINAL, filter.ordinal.map(|ordinal| i64::try_from(ordinal).unwrap_or(i64::MAX)));
    match filter.path {
        Some(path) => asked.and(GROUP_PATH, &[run.0.into(), path.into()]),
        None => asked,
    }
}

/// Groups that fit, largest first.
async fn groups(
    connection: &mut Connection,
    run: RunId,
    filter: FindingFilter<'_>,
) -> Result<Vec<GroupView>, StoreError> {
    asked_groups(run, filter).rows(connection, "list groups of findings", finding::GROUPS, filter.limit).await
}

fn asked_groups(run: RunId, filter: FindingFilter<'_>) -> Asked<'_> {
    let asked = common(run, &filter).and_if(PATH, filter.path);
    match filter.key {
        Some(key) => asked.and(SAMPLE_KEY, &[run.0.into(), key.into()]),
        None => asked,
    }
}

fn common<'a>(run: RunId, filter: &FindingFilter<'a>) -> Asked<'a> {
    Asked::of(&[])
        .and(RUN, &[run.0.into()])
        .and_if(SEVERITY, filter.severity.map(Severity::as_str))
        .and_if(CODE, filter.code)
        .and_if(VISIBLE, filter.visible_source)
}

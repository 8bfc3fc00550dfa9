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
}

/// Samples that fit, in the order of their numbers, which is that of their feeds.
async fn samples(
    connection: &mut Connection,
    run: RunId,
    filter: FindingFilter<'_>,
) -> Result<Vec<NumberedSample>, StoreError> {
    let mut asked = common(run, &filter).and_if(AFTER, filter.after).and_if(KEY, filter.key);
    if let Some(path) = filter.path {
        asked = asked.and(GROUP_PATH, &[run.0.into(), path.into()]);
    }
    asked.rows(connection, "list findings", finding::SAMPLES, filter.limit).await
}

/// Groups that fit, largest first.
async fn groups(
    connection: &mut Connection,
    run: RunId,
    filter: FindingFilter<'_>,
) -> Result<Vec<GroupView>, StoreError> {
    let mut asked = common(run, &filter).and_if(PATH, filter.path);
    if let Some(key) = filter.key {
        asked = asked.and(SAMPLE_KEY, &[run.0.into(), key.into()]);
    }
    asked.rows(connection, "list groups of findings", finding::GROUPS, filter.limit).await
}

fn common<'a>(run: RunId, filter: &FindingFilter<'a>) -> Asked<'a> {
    Asked::of(&[])
        .and(RUN, &[run.0.into()])
        .and_if(SEVERITY, filter.severity.map(Severity::as_str))
        .and_if(CODE, filter.code)
        .and_if(VISIBLE, filter.visible_source)
}

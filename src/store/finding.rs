//! Findings in the database: groups with exact counts, samples with their place.

use super::connection::Connection;
use super::error::StoreError;
use super::run::RunId;
use super::sql::Sql;
use crate::judgement::{Finding, Severity};
use serde::{Deserialize, Serialize};

/// A finding as it is stored and read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingView {
    /// Clause or rule.
    pub code: String,
    /// How much it weighs.
    pub severity: Severity,
    /// One English sentence.
    pub sentence: String,
    /// Element path with positions.
    pub path: String,
    /// Line in the feed, from 1.
    pub line: u64,
    /// Column in characters, from 1.
    pub column: u64,
    /// Byte in the feed, from 0.
    pub byte: u64,
    /// Number of the record, from 1.
    pub ordinal: Option<u64>,
    /// Key of the record.
    pub reference: Option<String>,
    /// What was found.
    pub found: String,
    /// What was expected.
    pub expected: String,
    /// The line around the place.
    pub excerpt: String,
    /// Where the caret stands in it, in characters.
    pub caret: u64,
    /// How wide the caret is.
    pub caret_width: u64,
    /// Groups equal findings.
    pub fingerprint: String,
}

impl From<&Finding> for FindingView {
    fn from(finding: &Finding) -> Self {
        Self {
            code: finding.code.to_owned(),
            severity: finding.severity,
            sentence: finding.sentence.clone(),
            path: finding.path.clone(),
            line: finding.place.line,
            column: finding.place.column,
            byte: finding.place.byte.0,
            ordinal: finding.record.map(|ordinal| ordinal.0),
            reference: finding.key.as_ref().map(ToString::to_string),
            found: finding.found.clone(),
            expected: finding.expected.clone(),
            excerpt: finding.excerpt.text.clone(),
            caret: finding.excerpt.caret as u64,
            caret_width: finding.excerpt.width as u64,
            fingerprint: fingerprint_text(finding.fingerprint),
        }
    }
}

/// A fingerprint as the tables and reports write it.
#[must_use]
pub fn fingerprint_text(fingerprint: u64) -> String {
    format!("{fingerprint:016x}")
}

/// Equal findings of one feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingGroup {
    /// What they share.
    pub fingerprint: String,
    /// Clause or rule.
    pub code: String,
    /// How much it weighs.
    pub severity: Severity,
    /// Element path without positions.
    pub path: String,
    /// How many there were.
    pub count: u64,
    /// The sentence of the first of them.
    pub sentence: String,
}

/// A group with the feed it was found in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupView {
    /// Name of the feed.
    pub feed: String,
    /// The group.
    pub group: FindingGroup,
}

/// A sample with the feed it was found in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleView {
    /// Name of the feed.
    pub feed: String,
    /// The finding.
    pub finding: FindingView,
}

/// `$1` run, `$2` an array of `[feed version, group]`.
const INSERT_GROUPS: Sql = Sql {
    postgres: "insert into deviation_group
            (run_id, feed_version_id, fingerprint, code, severity, path, count, sentence)
        select $1, (e->>0)::bigint, g->>'fingerprint', g->>'code', g->>'severity', g->>'path',
            (g->>'count')::bigint, g->>'sentence'
        from jsonb_array_elements($2::jsonb) as e, lateral (select e->1 as g) as group_of",
    sqlite: "insert into deviation_group
            (run_id, feed_version_id, fingerprint, code, severity, path, count, sentence)
        select $1, value->>0, value->>'$[1].fingerprint', value->>'$[1].code', value->>'$[1].severity',
            value->>'$[1].path', value->>'$[1].count', value->>'$[1].sentence'
        from json_each($2)",
};
/// `$1` run, `$2` an array of `[feed version, finding]`.
const INSERT_SAMPLES: Sql = Sql {
    postgres: "insert into deviation
            (run_id, feed_version_id, fingerprint, code, severity, sentence, path, line_number, column_number,
             byte_offset, ordinal, record_reference, found, expected, excerpt, caret, caret_width)
        select $1, (e->>0)::bigint, f->>'fingerprint', f->>'code', f->>'severity', f->>'sentence', f->>'path',
            (f->>'line')::bigint, (f->>'column')::bigint, (f->>'byte')::bigint, (f->>'ordinal')::bigint,
            f->>'reference', f->>'found', f->>'expected', f->>'excerpt', (f->>'caret')::bigint,
            (f->>'caret_width')::bigint
        from jsonb_array_elements($2::jsonb) with ordinality as entry (e, position),
            lateral (select e->1 as f) as finding
        order by position",
    sqlite: "insert into deviation
            (run_id, feed_version_id, fingerprint, code, severity, sentence, path, line_number, column_number,
             byte_offset, ordinal, record_reference, found, expected, excerpt, caret, caret_width)
        select $1, value->>0, value->>'$[1].fingerprint', value->>'$[1].code', value->>'$[1].severity',
            value->>'$[1].sentence', value->>'$[1].path', value->>'$[1].line', value->>'$[1].column',
            value->>'$[1].byte', value->>'$[1].ordinal', value->>'$[1].reference', value->>'$[1].found',
            value->>'$[1].expected', value->>'$[1].excerpt', value->>'$[1].caret', value->>'$[1].caret_width'
        from json_each($2)",
};
const GROUPS: Sql = Sql {
    postgres: "select json_build_object('feed', v.feed, 'group', json_build_object('fingerprint', g.fingerprint,
            'code', g.code, 'severity', g.severity, 'path', g.path, 'count', g.count, 'sentence', g.sentence))::text
        from deviation_group g join feed_version v on v.id = g.feed_version_id
        where g.run_id = $1 order by g.count desc, g.code, g.path, v.id limit $2",
    sqlite: "select json_object('feed', v.feed, 'group', json_object('fingerprint', g.fingerprint,
            'code', g.code, 'severity', g.severity, 'path', g.path, 'count', g.count, 'sentence', g.sentence))
        from deviation_group g join feed_version v on v.id = g.feed_version_id
        where g.run_id = $1 order by g.count desc, g.code, g.path, v.id limit $2",
};
const SAMPLES: Sql = Sql {
    postgres: "select json_build_object('feed', v.feed, 'finding', json_build_object('code', d.code,
            'severity', d.severity, 'sentence', d.sentence, 'path', d.path, 'line', d.line_number,
            'column', d.column_number, 'byte', d.byte_offset, 'ordinal', d.ordinal,
            'reference', d.record_reference, 'found', d.found, 'expected', d.expected, 'excerpt', d.excerpt,
            'caret', d.caret, 'caret_width', d.caret_width, 'fingerprint', d.fingerprint))::text
        from deviation d join feed_version v on v.id = d.feed_version_id
        where d.run_id = $1 order by d.id limit $2",
    sqlite: "select json_object('feed', v.feed, 'finding', json_object('code', d.code,
            'severity', d.severity, 'sentence', d.sentence, 'path', d.path, 'line', d.line_number,
            'column', d.column_number, 'byte', d.byte_offset, 'ordinal', d.ordinal,
            'reference', d.record_reference, 'found', d.found, 'expected', d.expected, 'excerpt', d.excerpt,
            'caret', d.caret, 'caret_width', d.caret_width, 'fingerprint', d.fingerprint))
        from deviation d join feed_version v on v.id = d.feed_version_id
        where d.run_id = $1 order by d.id limit $2",
};

pub(super) async fn insert(
    connection: &mut Connection,
    run: RunId,
    groups: &[(i64, FindingGroup)],
    samples: &[(i64, FindingView)],
) -> Result<(), StoreError> {
    let json = |value: Result<String, serde_json::Error>| value.expect("findings are texts and numbers");
    if !groups.is_empty() {
        let groups = json(serde_json::to_string(groups));
        let values = [run.0.into(), (&groups).into()];
        connection.execute("store groups of findings", INSERT_GROUPS, &values).await?;
    }
    if !samples.is_empty() {
        let samples = json(serde_json::to_string(samples));
        let values = [run.0.into(), (&samples).into()];
        connection.execute("store findings", INSERT_SAMPLES, &values).await?;
    }
    Ok(())
}

/// Groups of a run, largest first.
pub(super) async fn groups(
    connection: &mut Connection,
    run: RunId,
    limit: u32,
) -> Result<Vec<GroupView>, StoreError> {
    connection.rows("list groups of findings", GROUPS, &[run.0.into(), i64::from(limit).into()]).await
}

/// Samples of a run, in the order of its feeds.
pub(super) async fn samples(
    connection: &mut Connection,
    run: RunId,
    limit: u32,
) -> Result<Vec<SampleView>, StoreError> {
    connection.rows("list findings", SAMPLES, &[run.0.into(), i64::from(limit).into()]).await
}

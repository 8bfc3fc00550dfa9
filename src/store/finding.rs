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
    /// In how many records: 0 where they are about the feed as a whole; `None` where nobody counted.
    pub records: Option<u64>,
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
            (run_id, feed_version_id, fingerprint, code, severity, path, count, records, sentence)
        select $1, (e->>0)::bigint, g->>'fingerprint', g->>'code', g->>'severity', g->>'path',
            (g->>'count')::bigint, (g->>'records')::bigint, g->>'sentence'
        from jsonb_array_elements($2::jsonb) as e, lateral (select e->1 as g) as group_of",
    sqlite: "insert into deviation_group
            (run_id, feed_version_id, fingerprint, code, severity, path, count, records, sentence)
        select $1, value->>0, value->>'$[1].fingerprint', value->>'$[1].code', value->>'$[1].severity',
            value->>'$[1].path', value->>'$[1].count', value->>'$[1].records', value->>'$[1].sentence'
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
/// Aliases: `x` the row, `v` its feed.
pub(super) const GROUPS: Sql = Sql {
    postgres:
        "select json_build_object('feed', v.feed, 'group', json_build_object('fingerprint', x.fingerprint,
            'code', x.code, 'severity', x.severity, 'path', x.path, 'count', x.count, 'records', x.records,
            'sentence', x.sentence))::text
        from deviation_group x join feed_version v on v.id = x.feed_version_id
        where {where} order by x.count desc, x.code, x.path, v.id limit {limit}",
    sqlite: "select json_object('feed', v.feed, 'group', json_object('fingerprint', x.fingerprint,
            'code', x.code, 'severity', x.severity, 'path', x.path, 'count', x.count, 'records', x.records,
            'sentence', x.sentence))
        from deviation_group x join feed_version v on v.id = x.feed_version_id
        where {where} order by x.count desc, x.code, x.path, v.id limit {limit}",
};
/// The same in the order in which people mend them: what the whole feed is refused for, then what stands in most
/// records. Aliases as above.
pub(super) const KINDS: Sql = Sql {
    postgres:
        "select json_build_object('feed', v.feed, 'group', json_build_object('fingerprint', x.fingerprint,
            'code', x.code, 'severity', x.severity, 'path', x.path, 'count', x.count, 'records', x.records,
            'sentence', x.sentence))::text
        from deviation_group x join feed_version v on v.id = x.feed_version_id
        where {where}
        order by case when x.severity = 'fatal' or (x.severity = 'error' and x.records = 0) then 0 else 1 end,
            coalesce(x.records, x.count) desc, x.count desc, x.code, x.path, v.id limit {limit}",
    sqlite: "select json_object('feed', v.feed, 'group', json_object('fingerprint', x.fingerprint,
            'code', x.code, 'severity', x.severity, 'path', x.path, 'count', x.count, 'records', x.records,
            'sentence', x.sentence))
        from deviation_group x join feed_version v on v.id = x.feed_version_id
        where {where}
        order by case when x.severity = 'fatal' or (x.severity = 'error' and x.records = 0) then 0 else 1 end,
            coalesce(x.records, x.count) desc, x.count desc, x.code, x.path, v.id limit {limit}",
};
/// Aliases: `x` the row, `v` its feed.
pub(super) const SAMPLES: Sql = Sql {
    postgres:
        "select json_build_object('id', x.id, 'feed', v.feed, 'finding', json_build_object('code', x.code,
            'severity', x.severity, 'sentence', x.sentence, 'path', x.path, 'line', x.line_number,
            'column', x.column_number, 'byte', x.byte_offset, 'ordinal', x.ordinal,
            'reference', x.record_reference, 'found', x.found, 'expected', x.expected, 'excerpt', x.excerpt,
            'caret', x.caret, 'caret_width', x.caret_width, 'fingerprint', x.fingerprint))::text
        from deviation x join feed_version v on v.id = x.feed_version_id
        where {where} order by x.id limit {limit}",
    sqlite: "select json_object('id', x.id, 'feed', v.feed, 'finding', json_object('code', x.code,
            'severity', x.severity, 'sentence', x.sentence, 'path', x.path, 'line', x.line_number,
            'column', x.column_number, 'byte', x.byte_offset, 'ordinal', x.ordinal,
            'reference', x.record_reference, 'found', x.found, 'expected', x.expected, 'excerpt', x.excerpt,
            'caret', x.caret, 'caret_width', x.caret_width, 'fingerprint', x.fingerprint))
        from deviation x join feed_version v on v.id = x.feed_version_id
        where {where} order by x.id limit {limit}",
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

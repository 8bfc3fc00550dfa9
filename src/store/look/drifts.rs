//! Drifts that were told of the feeds of a source.

use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::finding::FindingView;
use crate::store::run::RunId;
use crate::store::sql::Sql;
use serde::{Deserialize, Serialize};

/// Feeds of a source whose drifts are told; checks do not count.
pub const DRIFT_FEEDS_MAX: u32 = 40;

/// A drift that was told of a feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftView {
    /// The run.
    pub run: RunId,
    /// Name of the feed.
    pub feed: String,
    /// Format and version.
    pub format: String,
    /// What was told, at the first record that shows it.
    pub finding: FindingView,
}

/// `$1` source, `$2` feeds, `$3` limit.
const DRIFTS: Sql = Sql {
    postgres: "select json_build_object('run', x.run_id, 'feed', v.feed, 'format', v.format,
            'finding', json_build_object('code', x.code, 'severity', x.severity, 'sentence', x.sentence,
                'path', x.path, 'line', x.line_number, 'column', x.column_number, 'byte', x.byte_offset,
                'ordinal', x.ordinal, 'reference', x.record_reference, 'found', x.found,
                'expected', x.expected, 'excerpt', x.excerpt, 'caret', x.caret,
                'caret_width', x.caret_width, 'fingerprint', x.fingerprint))::text
        from (select id, run_id, feed, format from feed_version
              where source = $1 and state <> 'checked' order by id desc limit $2) as v
        join deviation x on x.run_id = v.run_id and x.feed_version_id = v.id
        where x.code like 'drift.%' order by x.id desc limit $3",
    sqlite: "select json_object('run', x.run_id, 'feed', v.feed, 'format', v.format,
            'finding', json_object('code', x.code, 'severity', x.severity, 'sentence', x.sentence,
                'path', x.path, 'line', x.line_number, 'column', x.column_number, 'byte', x.byte_offset,
                'ordinal', x.ordinal, 'reference', x.record_reference, 'found', x.found,
                'expected', x.expected, 'excerpt', x.excerpt, 'caret', x.caret,
                'caret_width', x.caret_width, 'fingerprint', x.fingerprint))
        from (select id, run_id, feed, format from feed_version
              where source = $1 and state <> 'checked' order by id desc limit $2) as v
        join deviation x on x.run_id = v.run_id and x.feed_version_id = v.id
        where x.code like 'drift.%' order by x.id desc limit $3",
};

impl Store {
    /// What was told as drift of the last [`DRIFT_FEEDS_MAX`] feeds of a source, the newest first; of a run that found
    /// much else it is what was kept as a sample.
    pub async fn drifts(&self, source: &str, limit: u32) -> Result<Vec<DriftView>, StoreError> {
        let values = [source.into(), i64::from(DRIFT_FEEDS_MAX).into(), i64::from(limit).into()];
        self.pool.run(async |connection| connection.rows("list drifts", DRIFTS, &values).await).await
    }
}

//! Records of the quarantine that runs judged again: whose they are, and who let them in.

use crate::store::Store;
use crate::store::connection::Connection;
use crate::store::error::StoreError;
use crate::store::sql::Sql;
use serde::{Deserialize, Serialize};

/// Decisions about a record that are told, the last ones.
const DECISIONS_MAX: i64 = 5;

/// A record of the quarantine, as lists name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayedRecord {
    /// Number of its entry.
    pub id: i64,
    /// The sender.
    pub source: String,
    /// Key of the record, if it has one.
    pub reference: Option<String>,
    /// Whether a corrected record is kept beside it.
    pub is_mended: bool,
    /// Who imported it, the last one first.
    pub decisions: Vec<ReplayDecision>,
}

/// That somebody imported a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayDecision {
    /// When: UTC, `2026-11-23T04:03:51.123Z`.
    pub at: String,
    /// Who.
    pub who: String,
    /// Why, if that was said.
    pub reason: Option<String>,
}

/// `$1` numbers of entries, as a JSON array; `$2` the source that may be seen, or null; `$3` decisions of each.
const REPLAYED: Sql = Sql {
    postgres: "select json_build_object('id', q.id, 'source', q.source, 'reference', q.record_reference,
            'is_mended', q.mended is not null,
            'decisions', coalesce((select json_agg(json_build_object('who', d.who, 'reason', d.reason,
                    'at', to_char(d.at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')) order by d.id desc)
                from (select * from audit a where a.object = 'entry ' || q.id and a.action = 'quarantine.replay'
                      order by a.id desc limit $3) d), '[]'))::text
        from quarantine q
        where q.id in (select value::bigint from jsonb_array_elements_text($1::jsonb))
            and ($2::text is null or q.source = $2)
        order by q.id",
    sqlite: "select json_object('id', q.id, 'source', q.source, 'reference', q.record_reference,
            'is_mended', json(iif(q.mended is null, 'false', 'true')),
            'decisions', json((select json_group_array(json_object('who', d.who, 'reason', d.reason, 'at', d.at))
                from (select * from audit a where a.object = 'entry ' || q.id and a.action = 'quarantine.replay'
                      order by a.id desc limit $3) d)))
        from quarantine q
        where q.id in (select value from json_each($1)) and ($2 is null or q.source = $2)
        order by q.id",
};

impl Store {
    /// These entries of the quarantine, by number; those of other sources than the one that may be seen are left out.
    pub async fn replayed_records(
        &self,
        entries: &[i64],
        visible_source: Option<&str>,
    ) -> Result<Vec<ReplayedRecord>, StoreError> {
        let entries = serde_json::json!(entries).to_string();
        let values = [(&entries).into(), visible_source.into(), DECISIONS_MAX.into()];
        let doing = "name records that were judged again";
        let look = async |connection: &mut Connection| connection.rows(doing, REPLAYED, &values).await;
        self.pool.run(look).await
    }
}

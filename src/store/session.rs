//! The session of one import: locks, ids, what is known, what is staged, and the switch to live.

use super::apply::{self, Batch, FeedVersion, Stamp};
use super::connection::{Connection, Parameter};
use super::error::StoreError;
use super::known::{Digest, Known, KnownProduct};
use super::load::{self, Origin};
use super::quarantine::{self, Outdated};
use super::run::RunId;
use super::sql::Sql;
use super::stage::{self, Rows};
use super::{lock, row};
use crate::product::{Fingerprint, Product, RecordReference};
use jiff::Timestamp;
use std::collections::HashMap;

/// What an id is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdKind {
    /// A row of `product`.
    Product,
    /// A row of `feed_version`.
    FeedVersion,
}

const COUNT_KNOWN: Sql = Sql {
    postgres: "select count(*)::text from product where source = $1",
    sqlite: "select cast(count(*) as text) from product where source = $1",
};
const KNOWN: Sql = Sql {
    postgres: "select json_build_array(id, record_reference, encode(fingerprint, 'hex'),
                   withdrawn_at is not null)::text
               from product where source = $1",
    sqlite: "select json_array(id, record_reference, hex(fingerprint),
                 json(iif(withdrawn_at is null, 'false', 'true')))
             from product where source = $1",
};
const QUARANTINED: Sql = Sql {
    postgres: "select to_json(record_reference)::text from quarantine
               where state = 'open' and source = $1 and record_reference is not null",
    sqlite: "select json_quote(record_reference) from quarantine
             where state = 'open' and source = $1 and record_reference is not null",
};
const PRODUCT_IDS: Sql = Sql {
    postgres: "select nextval('product_id_seq')::text from generate_series(1, $1::bigint)",
    sqlite: "update id_block set next = next + $1 where name = 'product' returning cast(next as text)",
};
const FEED_VERSION_IDS: Sql = Sql {
    postgres: "select nextval('feed_version_id_seq')::text from generate_series(1, $1::bigint)",
    sqlite: "update id_block set next = next + $1 where name = 'feed_version' returning cast(next as text)",
};
/// `$1` an array of feed versions: those that were applied before with the same bytes. SQLite is told which
/// index to take: left alone it takes that of the source, and looks at all feeds of a sender for each of them.
const IMPORTED: Sql = Sql {
    postgres: "select json_build_array(f.id, max(v.run_id))::text
               from jsonb_to_recordset($1::jsonb) as f (id bigint, digest text, source text, format text,
                    profile_version bigint)
               join feed_version v on v.digest = decode(f.digest, 'hex') and v.source = f.source
                    and v.format = f.format and v.profile_version = f.profile_version and v.state = 'applied'
               group by f.id",
    sqlite: "select json_array(f.value->>'id', max(v.run_id))
             from json_each($1) as f
             join feed_version v indexed by feed_version_digest
                  on v.digest = unhex(f.value->>'digest') and v.source = f.value->>'source'
                  and v.format = f.value->>'format' and v.profile_version = f.value->>'profile_version'
                  and v.state = 'applied'
             group by f.value->>'id'",
};

/// The session of one import. Whatever it has staged dies with it.
#[derive(Debug)]
pub struct Session {
    connection: Connection,
    run: RunId,
    staging: bool,
}

impl Session {
    pub(super) fn new(connection: Connection, run: RunId) -> Self {
        Self { connection, run, staging: false }
    }

    /// Buffers for what this session stages.
    #[must_use]
    pub fn rows(&self) -> Rows {
        Rows::new(self.connection.kind())
    }

    /// Takes a source for this run, or says who has it. It is free again when the session ends.
    pub async fn lock(&mut self, source: &str) -> Result<(), StoreError> {
        lock::source(&mut self.connection, source, self.run).await
    }

    /// The products of a source, and the records of it that lie in quarantine, as digests.
    pub async fn known(&mut self, source: &str) -> Result<Known, StoreError> {
        let values = [source.into()];
        let mut known = Known::default();
        let count: Option<usize> = self.connection.row("count products", COUNT_KNOWN, &values).await?;
        known.products.reserve(count.unwrap_or(0));
        let take = |(product_id, reference, fingerprint, withdrawn): (i64, String, String, bool)| {
            known
                .products
                .insert(Digest::of(reference.as_bytes()), entry(product_id, &fingerprint, withdrawn));
        };
        self.connection.each("read the fingerprints of products", KNOWN, &values, take).await?;
        let take = |reference: String| {
            known.quarantined.insert(Digest::of(reference.as_bytes()));
        };
        self.connection.each("read the keys in quarantine", QUARANTINED, &values, take).await?;
        Ok(known)
    }

    /// Hands out ids that nobody else gets. Those that are not used leave gaps.
    pub async fn allocate(&mut self, kind: IdKind, count: u32) -> Result<Vec<i64>, StoreError> {
        let sql = match kind {
            IdKind::Product => PRODUCT_IDS,
            IdKind::FeedVersion => FEED_VERSION_IDS,
        };
        let count = i64::from(count);
        let mut ids: Vec<i64> = self.connection.rows("hand out ids", sql, &[count.into()]).await?;
        if let (crate::config::DatabaseKind::Sqlite, [next]) = (self.connection.kind(), ids.as_slice()) {
            ids = (*next - count..*next).collect();
        }
        Ok(ids)
    }

    /// Those of the feeds whose very bytes were applied before in the same way, with the latest run that did.
    pub async fn imported_before(&mut self, feeds: &[&FeedVersion]) -> Result<Vec<(i64, RunId)>, StoreError> {
        let rows = apply::feed_rows(feeds.iter().copied());
        self.connection.rows("look for earlier imports", IMPORTED, &[Parameter::Text(&rows)]).await
    }

    /// Sends rows to the staged tables and empties the buffers.
    pub async fn stage(&mut self, rows: &mut Rows) -> Result<(), StoreError> {
        if !self.staging {
            stage::create(&mut self.connection).await?;
            self.staging = true;
        }
        stage::send(&mut self.connection, rows).await
    }

    /// Takes back what was staged with this number and later.
    pub async fn unstage(&mut self, from: i64) -> Result<(), StoreError> {
        if self.staging { stage::drop_from(&mut self.connection, from).await } else { Ok(()) }
    }

    /// Products of a source, whole.
    pub async fn load(
        &mut self,
        origin: Origin,
        source: &str,
        references: &[&RecordReference],
    ) -> Result<HashMap<RecordReference, Product>, StoreError> {
        if origin == Origin::Staged && !self.staging {
            return Ok(HashMap::new());
        }
        load::products(&mut self.connection, origin, source, references).await
    }

    /// Whether an entry of the quarantine must not be replayed any more. Ask after [`lock`](Self::lock).
    pub async fn outdated(&mut self, id: i64) -> Result<Option<Outdated>, StoreError> {
        quarantine::outdated(&mut self.connection, id).await
    }

    /// Makes what is staged stand, in one transaction. After an error nothing of it does, and the session
    /// is to be given up.
    pub async fn apply(
        &mut self,
        batch: &Batch,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<(), StoreError> {
        if !self.staging {
            stage::create(&mut self.connection).await?;
            self.staging = true;
        }
        let stamp = Stamp { run: self.run, now, lease_until };
        apply::batch(&mut self.connection, stamp, batch).await
    }

    /// Ends the session in good order.
    pub async fn close(self) {
        self.connection.close().await;
    }
}

fn entry(product_id: i64, fingerprint: &str, withdrawn: bool) -> KnownProduct {
    // A fingerprint of another length equals none: the product is written again, which is right.
    let fingerprint = row::from_hex(fingerprint).and_then(|bytes| bytes.try_into().ok()).unwrap_or([0; 16]);
    KnownProduct {
        product_id,
        fingerprint: Fingerprint(fingerprint),
        withdrawn,
        fresh: false,
        staged_in: 0,
        seen_in: 0,
    }
}

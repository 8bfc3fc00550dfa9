//! Staging: rows of a feed wait beside the shop's tables until the whole feed is judged.
//!
//! ```text
//!  Rows (buffers) ──COPY / json_each──▶ staged_* (temporary) ──one transaction──▶ product, …
//!   while the feed is being read            of this session         when it was accepted
//! ```
//!
//! The `staged_*` tables are temporary: they cost no write-ahead log, no other session sees them,
//! and a killed import leaves nothing behind, because they die with its session. Every row bears a
//! number (`seq`) that rises in the order of the feeds, so that a feed can be dropped from its first number on, and
//! the later of two records with one reference wins.

use super::connection::{Connection, Sql, Value};
use super::error::StoreError;
use super::row::{Form, RowBuffer};
use crate::config::DatabaseKind;
use crate::judgement::RecordContext;
use crate::product::{
    Fingerprint, Identifier, IdentifierKind, Language, MediaLink, Product, RecordReference, RelatedProduct,
    Series, Subject, Text,
};
use crate::store::{Digest, FindingView};
use crate::xml::Place;
use serde::{Deserialize, Serialize};

/// The temporary tables.
const CREATE: Sql =
    Sql { postgres: include_str!("staged.postgres.sql"), sqlite: include_str!("staged.sqlite.sql") };

/// How one staged table takes its rows.
struct Target {
    doing: &'static str,
    copy: &'static str,
    json: &'static str,
}

const PRODUCTS: Target = Target {
    doing: "stage products",
    copy: "copy staged_product from stdin",
    json: "insert into staged_product
           select value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7,
                  value->>8, value->>9, value->>10, value->>11, value->>12, value->>13, value->>14,
                  value->>15, value->>16, value->>17, value->>18, value->>19, value->>20, value->>21,
                  value->>22, unhex(value->>23), value->24
           from json_each($1)",
};
const IDENTIFIERS: Target = Target {
    doing: "stage identifiers",
    copy: "copy staged_identifier from stdin",
    json: "insert into staged_identifier
           select value->>0, value->>1, value->>2, value->>3, value->>4 from json_each($1)",
};
const CONTRIBUTORS: Target = Target {
    doing: "stage contributors",
    copy: "copy staged_contributor from stdin",
    json: "insert into staged_contributor
           select value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7,
                  value->>8
           from json_each($1)",
};
const PRICES: Target = Target {
    doing: "stage prices",
    copy: "copy staged_price from stdin",
    json: "insert into staged_price
           select value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7,
                  value->>8, value->>9, value->>10
           from json_each($1)",
};
const WITHDRAWALS: Target = Target {
    doing: "stage withdrawals",
    copy: "copy staged_withdrawal from stdin",
    json: "insert into staged_withdrawal select value->>0, value->>1, value->>2 from json_each($1)",
};
const QUARANTINE: Target = Target {
    doing: "stage refused records",
    copy: "copy staged_quarantine from stdin",
    json: "insert into staged_quarantine
           select value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6, value->>7,
                  value->>8, value->>9, value->>10, value->11, unhex(value->>12), unhex(value->>13), value->14
           from json_each($1)",
};
const RELEASES: Target = Target {
    doing: "stage releases from quarantine",
    copy: "copy staged_release from stdin",
    json: "insert into staged_release select value->>0, value->>1, value->>2 from json_each($1)",
};

/// Takes back what was staged from a number on.
const DROP_FROM: [Sql; 7] = [
    Sql::both("delete from staged_product where seq >= $1"),
    Sql::both("delete from staged_identifier where seq >= $1"),
    Sql::both("delete from staged_contributor where seq >= $1"),
    Sql::both("delete from staged_price where seq >= $1"),
    Sql::both("delete from staged_withdrawal where seq >= $1"),
    Sql::both("delete from staged_quarantine where seq >= $1"),
    Sql::both("delete from staged_release where seq >= $1"),
];

/// Empties all of them; on PostgreSQL by `truncate`, which gives the space back.
const EMPTY: Sql = Sql {
    postgres:
        "truncate staged_product, staged_identifier, staged_contributor, staged_price, staged_withdrawal,
                        staged_quarantine, staged_release",
    sqlite: "delete from staged_product; delete from staged_identifier; delete from staged_contributor;
             delete from staged_price; delete from staged_withdrawal; delete from staged_quarantine;
             delete from staged_release",
};

/// The parts of a product that have no table of their own.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Attributes {
    pub(super) languages: Vec<Language>,
    pub(super) series: Vec<Series>,
    pub(super) texts: Vec<Text>,
    pub(super) media: Vec<MediaLink>,
    pub(super) subjects: Vec<Subject>,
    pub(super) related: Vec<RelatedProduct>,
}

/// The same, borrowed from the product; empty lists are left out.
#[derive(Serialize)]
struct AttributesRef<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    languages: &'a [Language],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    series: &'a [Series],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    texts: &'a [Text],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    media: &'a [MediaLink],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    subjects: &'a [Subject],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    related: &'a [RelatedProduct],
}

/// Where a staged row belongs.
#[derive(Clone, Copy, Debug)]
pub struct StagedAt<'a> {
    /// Rises with every staged row.
    pub seq: i64,
    /// The feed it comes from.
    pub feed_version_id: i64,
    /// The sender.
    pub source: &'a str,
}

/// A refused record on its way into quarantine.
#[derive(Clone, Copy, Debug)]
pub struct Refused<'a> {
    /// Name of the feed.
    pub feed: &'a str,
    /// Format and version.
    pub format: &'a str,
    /// Version of the profile.
    pub profile_version: u32,
    /// What is needed to read it alone.
    pub context: &'a RecordContext,
    /// Key, if it could be read.
    pub reference: Option<&'a RecordReference>,
    /// Number in the feed.
    pub ordinal: u64,
    /// Where it begins.
    pub place: Place,
    /// The record byte for byte.
    pub bytes: &'a [u8],
    /// Why it was refused.
    pub findings: &'a [FindingView],
}

/// Rows that wait to be sent to the staged tables; reused.
#[derive(Debug)]
pub struct Rows {
    products: RowBuffer,
    identifiers: RowBuffer,
    contributors: RowBuffer,
    prices: RowBuffer,
    withdrawals: RowBuffer,
    quarantine: RowBuffer,
    releases: RowBuffer,
}

impl Rows {
    /// Empty buffers in the form the database takes.
    pub(super) fn new(kind: DatabaseKind) -> Self {
        let buffer = || {
            RowBuffer::new(match kind {
                DatabaseKind::Postgres => Form::Copy,
                DatabaseKind::Sqlite => Form::Json,
            })
        };
        Self {
            products: buffer(),
            identifiers: buffer(),
            contributors: buffer(),
            prices: buffer(),
            withdrawals: buffer(),
            quarantine: buffer(),
            releases: buffer(),
        }
    }

    /// Buffers whose rows no database will read: for counting what would be written.
    #[must_use]
    pub fn nowhere() -> Self {
        Self::new(DatabaseKind::Postgres)
    }

    /// Bytes that wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all().iter().map(|buffer| buffer.len()).sum()
    }

    /// Whether nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all().iter().all(|buffer| buffer.rows() == 0)
    }

    fn all(&self) -> [&RowBuffer; 7] {
        [
            &self.products,
            &self.identifiers,
            &self.contributors,
            &self.prices,
            &self.withdrawals,
            &self.quarantine,
            &self.releases,
        ]
    }

    /// Forgets all rows, keeps the buffers.
    pub fn clear(&mut self) {
        for buffer in [
            &mut self.products,
            &mut self.identifiers,
            &mut self.contributors,
            &mut self.prices,
            &mut self.withdrawals,
            &mut self.quarantine,
            &mut self.releases,
        ] {
            buffer.clear();
        }
    }

    /// A product to insert (`fresh`) or to write over its row.
    pub fn product(
        &mut self,
        at: StagedAt<'_>,
        product_id: i64,
        fresh: bool,
        product: &Product,
        fingerprint: Fingerprint,
    ) {
        self.core(at, product_id, fresh, product, fingerprint);
        let key = |rows: &mut RowBuffer, position: usize| {
            rows.int(at.seq).int(product_id).int(i64::try_from(position).unwrap_or(i64::MAX));
        };
        for (position, identifier) in product.identifiers.iter().enumerate() {
            let rows = &mut self.identifiers;
            key(rows, position);
            rows.text(kind_name(identifier)).text(&identifier.value).end();
        }
        for (position, one) in product.contributors.iter().enumerate() {
            let rows = &mut self.contributors;
            key(rows, position);
            rows.int(one.sequence.into()).text(&one.role).text(&one.name);
            rows.optional(one.sort_name.as_deref()).optional(one.born.as_deref());
            rows.optional(one.died.as_deref()).end();
        }
        for (position, price) in product.prices.iter().enumerate() {
            let rows = &mut self.prices;
            key(rows, position);
            rows.text(&price.kind).decimal(Some(price.amount)).text(&price.currency);
            rows.optional(price.tax_code.as_deref()).decimal(price.tax_percent);
            rows.optional(price.territory.as_deref()).optional(price.valid_from.as_deref());
            rows.optional(price.valid_until.as_deref()).end();
        }
    }

    fn core(&mut self, at: StagedAt<'_>, id: i64, fresh: bool, product: &Product, fingerprint: Fingerprint) {
        let rows = &mut self.products;
        rows.int(at.seq).int(id).int(fresh.into()).int(at.feed_version_id).text(at.source);
        rows.text(product.reference.as_str()).optional(product.edition_number.as_deref());
        rows.text(&product.title).optional(product.subtitle.as_deref());
        rows.optional(product.instrumentation.as_deref()).optional(product.form.as_deref());
        rows.optional(product.binding.as_deref()).optional(product.publisher.as_deref());
        rows.optional(product.imprint.as_deref()).optional_int(product.pages.map(i64::from));
        let measured = &product.measurements;
        rows.decimal(measured.weight_g).decimal(measured.height_mm);
        rows.decimal(measured.width_mm).decimal(measured.thickness_mm);
        rows.optional(product.publication_date.as_deref()).optional(product.publishing_status.as_deref());
        rows.optional(product.availability.as_deref()).optional_int(product.stock);
        rows.bytes(&fingerprint.0);
        rows.json(&AttributesRef {
            languages: &product.languages,
            series: &product.series,
            texts: &product.texts,
            media: &product.media,
            subjects: &product.subjects,
            related: &product.related,
        });
        rows.end();
    }

    /// A product to withdraw.
    pub fn withdrawal(&mut self, at: StagedAt<'_>, product_id: i64) {
        self.withdrawals.int(at.seq).int(product_id).int(at.feed_version_id).end();
    }

    /// A refused record.
    pub fn refused(&mut self, at: StagedAt<'_>, refused: Refused<'_>) {
        let int = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        let rows = &mut self.quarantine;
        rows.int(at.seq).int(at.feed_version_id).text(at.source).text(refused.feed);
        rows.optional(refused.reference.map(RecordReference::as_str)).int(int(refused.ordinal));
        rows.int(int(refused.place.line)).int(int(refused.place.column)).int(int(refused.place.byte.0));
        rows.text(refused.format).int(refused.profile_version.into()).json(refused.context);
        rows.bytes(refused.bytes).bytes(Digest::of(refused.bytes).bytes()).json(&refused.findings).end();
    }

    /// A record that was accepted while an earlier version of it lies in quarantine.
    pub fn release(&mut self, at: StagedAt<'_>, reference: &RecordReference) {
        self.releases.int(at.seq).text(at.source).text(reference.as_str()).end();
    }
}

/// The name of an identifier's scheme in the tables; the one serde gives it.
fn kind_name(identifier: &Identifier) -> &'static str {
    match identifier.kind {
        IdentifierKind::Proprietary => "proprietary",
        IdentifierKind::Gtin13 => "gtin13",
        IdentifierKind::Isbn13 => "isbn13",
        IdentifierKind::Isbn10 => "isbn10",
        IdentifierKind::Ismn => "ismn",
        IdentifierKind::Doi => "doi",
        IdentifierKind::Other => "other",
    }
}

/// Makes the temporary tables of a session.
pub(super) async fn create(connection: &mut Connection) -> Result<(), StoreError> {
    connection.script("make its temporary tables", CREATE).await
}

/// Sends the rows and empties the buffers.
pub(super) async fn send(connection: &mut Connection, rows: &mut Rows) -> Result<(), StoreError> {
    for (target, buffer) in [
        (PRODUCTS, &mut rows.products),
        (IDENTIFIERS, &mut rows.identifiers),
        (CONTRIBUTORS, &mut rows.contributors),
        (PRICES, &mut rows.prices),
        (WITHDRAWALS, &mut rows.withdrawals),
        (QUARANTINE, &mut rows.quarantine),
        (RELEASES, &mut rows.releases),
    ] {
        if buffer.rows() == 0 {
            continue;
        }
        match connection.kind() {
            DatabaseKind::Postgres => {
                connection.copy(target.doing, target.copy, buffer.finished().as_bytes()).await?;
            }
            DatabaseKind::Sqlite => {
                let sql = Sql::both(target.json);
                connection.execute(target.doing, sql, &[Value::Text(buffer.finished())]).await?;
            }
        }
        buffer.clear();
    }
    Ok(())
}

/// Takes back what was staged from this number on.
pub(super) async fn drop_from(connection: &mut Connection, seq: i64) -> Result<(), StoreError> {
    for sql in DROP_FROM {
        connection.execute("drop staged rows", sql, &[seq.into()]).await?;
    }
    Ok(())
}

/// Empties the temporary tables.
pub(super) async fn empty(connection: &mut Connection) -> Result<(), StoreError> {
    connection.script("empty its temporary tables", EMPTY).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_are_named_as_serde_names_them() {
        use IdentifierKind::{Doi, Gtin13, Isbn10, Isbn13, Ismn, Other, Proprietary};
        for kind in [Proprietary, Gtin13, Isbn13, Isbn10, Ismn, Doi, Other] {
            let named = kind_name(&Identifier { kind, value: String::new() });
            assert_eq!(serde_json::to_value(kind).expect("an enum is a string"), named);
        }
    }
}

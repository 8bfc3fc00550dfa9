//! The columns that an import fills, each said once.
//!
//! ```text
//!  Table::Product   staged_product      ──▶ product
//!  Table::PARTS     staged_identifier … ──▶ product_identifier …
//!  the others       staged_quarantine … ──▶ what happens to rows that are there
//!
//!  a column = its name, what it holds, and how its value is taken from a row
//! ```
//!
//! From here come the staged tables, the rows that are sent to them (`stage`) and every list of columns in the
//! statements that move them on (`apply`) and read them back (`load`). A statement is written out in SQL with
//! places in braces for the lists; [`filled`](Sql::filled) puts them in, once for the life of the program.
//!
//! | place | what stands there, for the column `pages` |
//! |---|---|
//! | `{columns}` | `pages` |
//! | `{changes}` | `pages = s.pages` |
//! | `{members}` | `'pages', pages`: the arguments of a JSON object |
//! | `{staged}` | `pages`; the columns of staging itself are listed, too |
//! | `{typed}` | `pages bigint`, for a staged table |
//! | `{unfolded}` | `value->>15`: the column's place in a row of a JSON array |
//! | `{table}`, `{moment}` | no lists: the table's name, the type of a moment |
//!
//! To add a column of the shop: a migration for each database, one line here, one field of the product (or of
//! its part) with the same name. Columns that staging adds, and those that say whose row it is, stand
//! apart ([`Staged::OWN`]): statements name them one by one, because each is used in its own way.

use super::attributes::Attributes;
use super::known::{Digest, RecordDate};
use super::row::Datum;
use super::sql::Sql;
use super::stage::{Refused, StagedAt};
use crate::config::DatabaseKind;
use crate::product::{
    Contributor, Facts, Fingerprint, Identifier, IdentifierKind, Price, Product, RecordReference,
};
use ColumnType::{Bytes, Decimal, Int, Json, Number, Text};

/// A staged table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    Product,
    Identifier,
    Contributor,
    Price,
    Withdrawal,
    Date,
    Quarantine,
    Release,
}

impl Table {
    /// All of them, as declared.
    pub(super) const ALL: [Self; 8] = [
        Self::Product,
        Self::Identifier,
        Self::Contributor,
        Self::Price,
        Self::Withdrawal,
        Self::Date,
        Self::Quarantine,
        Self::Release,
    ];
    /// Those that hold the parts of products.
    pub(super) const PARTS: [Self; 3] = [Self::Identifier, Self::Contributor, Self::Price];

    /// Its name after `staged_`.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Identifier => "identifier",
            Self::Contributor => "contributor",
            Self::Price => "price",
            Self::Withdrawal => "withdrawal",
            Self::Date => "date",
            Self::Quarantine => "quarantine",
            Self::Release => "release",
        }
    }

    /// What sending rows to it is called.
    pub(super) const fn doing(self) -> &'static str {
        match self {
            Self::Product => "stage products",
            Self::Identifier => "stage identifiers",
            Self::Contributor => "stage contributors",
            Self::Price => "stage prices",
            Self::Withdrawal => "stage withdrawals",
            Self::Date => "stage dates of records",
            Self::Quarantine => "stage refused records",
            Self::Release => "stage releases from quarantine",
        }
    }

    /// Its columns: first those of its own, then from a place on its content.
    fn columns(self) -> (Vec<Outline>, usize) {
        fn of<S: Staged>() -> (Vec<Outline>, usize) {
            let columns = S::OWN.iter().chain(S::CONTENT).enumerate();
            let outline = |(place, column): (usize, &Column<S>)| (place, column.name, column.holds);
            (columns.map(outline).collect(), S::OWN.len())
        }
        match self {
            Self::Product => of::<Product>(),
            Self::Identifier => of::<Identifier>(),
            Self::Contributor => of::<Contributor>(),
            Self::Price => of::<Price>(),
            Self::Withdrawal => of::<Withdrawal>(),
            Self::Date => of::<Date>(),
            Self::Quarantine => of::<Quarantine>(),
            Self::Release => of::<Release>(),
        }
    }

    /// What stands in the places of its statements.
    pub(super) fn places(self, database: DatabaseKind) -> [(&'static str, String); 9] {
        let (all, own) = self.columns();
        let (all, content) = (&all[..], &all[own..]);
        let member = |name, holds: ColumnType| format!("'{name}', {}", holds.told(name, database));
        let same = |name, holds: ColumnType| {
            let [here, there] = ["here", "there"].map(|row| holds.told(&format!("{row}.{name}"), database));
            format!("{here} is not distinct from {there}")
        };
        let same = content.iter().map(|(_, name, holds)| same(*name, *holds));
        [
            ("{same}", same.collect::<Vec<_>>().join(" and ")),
            ("{columns}", list(content, |(_, name, _)| name.to_owned())),
            ("{changes}", list(content, |(_, name, _)| format!("{name} = s.{name}"))),
            ("{members}", list(content, |(_, name, holds)| member(name, holds))),
            ("{staged}", list(all, |(_, name, _)| name.to_owned())),
            ("{typed}", list(all, |(_, name, holds)| format!("{name} {}", holds.sql(database)))),
            ("{unfolded}", list(all, |(place, _, holds)| holds.unfolded(place))),
            ("{table}", self.name().to_owned()),
            ("{moment}", Sql { postgres: "timestamptz", sqlite: "text" }.of(database).to_owned()),
        ]
    }
}

/// A column without its rows: its place in them, its name, what it holds.
type Outline = (usize, &'static str, ColumnType);

fn list(columns: &[Outline], one: impl Fn(Outline) -> String) -> String {
    columns.iter().copied().map(one).collect::<Vec<_>>().join(", ")
}

/// The columns of the shop's tables, and of the quarantine, that an import fills from what it reads: table, column,
/// and its type in this database. Not those that say whose row it is, or which run wrote it.
#[must_use]
pub fn shop_columns(database: DatabaseKind) -> Vec<(String, &'static str, &'static str)> {
    let parts = Table::PARTS.map(|part| (part, format!("product_{}", part.name())));
    let whole = [Table::Product, Table::Quarantine].map(|table| (table, table.name().to_owned()));
    let columns = |(table, live): (Table, String)| {
        let (columns, own) = table.columns();
        columns.into_iter().skip(own).map(move |(_, name, holds)| (live.clone(), name, holds.sql(database)))
    };
    whole.into_iter().chain(parts).flat_map(columns).collect()
}

/// What a column holds, in the words of both databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ColumnType {
    /// An integer that numbers the rows of the table.
    Number,
    Int,
    Text,
    /// An exact decimal: SQLite's numbers would round it, so it is kept as text there.
    Decimal,
    Bytes,
    Json,
}

impl ColumnType {
    /// Its type in a table.
    const fn sql(self, database: DatabaseKind) -> &'static str {
        match (database, self) {
            (DatabaseKind::Postgres, Number | Int) => "bigint",
            (DatabaseKind::Postgres, Decimal) => "numeric",
            (DatabaseKind::Postgres, Bytes) => "bytea",
            (DatabaseKind::Postgres, Json) => "jsonb",
            (DatabaseKind::Sqlite, Number) => "integer primary key",
            (DatabaseKind::Sqlite, Int) => "integer",
            (DatabaseKind::Sqlite, Bytes) => "blob",
            (_, Text) | (DatabaseKind::Sqlite, Decimal | Json) => "text",
        }
    }

    /// The column as a value of a JSON object, exact and whole.
    fn told(self, name: &str, database: DatabaseKind) -> String {
        match (database, self) {
            (DatabaseKind::Postgres, Decimal) => format!("{name}::text"),
            (DatabaseKind::Sqlite, Json) => format!("json({name})"),
            _ => name.to_owned(),
        }
    }

    /// What `json_each` gives for the column in this place of a row; SQLite only.
    fn unfolded(self, place: usize) -> String {
        match self {
            Json => format!("value->{place}"),
            Bytes => format!("unhex(value->>{place})"),
            _ => format!("value->>{place}"),
        }
    }
}

/// A column of a staged table.
pub(super) struct Column<S: Staged + ?Sized> {
    name: &'static str,
    holds: ColumnType,
    pub(super) take: for<'a> fn(&'a S::Row<'a>) -> Datum<'a>,
}

/// Short, because the tables below are to be read as tables.
const fn of<S: Staged>(
    name: &'static str,
    holds: ColumnType,
    take: for<'a> fn(&'a S::Row<'a>) -> Datum<'a>,
) -> Column<S> {
    Column { name, holds, take }
}

/// What a staged table holds.
pub(super) trait Staged: 'static {
    /// One row, borrowed from what is imported.
    type Row<'a>;
    /// The table.
    const TABLE: Table;
    /// Columns that staging adds, or that say whose row it is.
    const OWN: &'static [Column<Self>];
    /// Columns that the shop's table has under the same names, to be written and read as they are.
    const CONTENT: &'static [Column<Self>] = &[];
}

/// A product to insert (`fresh`) or to write over its row.
pub(super) struct ProductRow<'a> {
    pub(super) at: StagedAt<'a>,
    pub(super) product_id: i64,
    pub(super) fresh: bool,
    pub(super) product: &'a Product,
    pub(super) fingerprint: Fingerprint,
    pub(super) facts: Facts,
    pub(super) changed: RecordDate,
}

impl Staged for Product {
    type Row<'a> = ProductRow<'a>;
    const TABLE: Table = Table::Product;
    const OWN: &'static [Column<Self>] = &[
        of("seq", Number, |row| row.at.seq.into()),
        of("product_id", Int, |row| row.product_id.into()),
        of("fresh", Int, |row| i64::from(row.fresh).into()),
        of("feed_version_id", Int, |row| row.at.feed_version_id.into()),
        of("source", Text, |row| row.at.source.into()),
        of("record_reference", Text, |row| row.product.reference.as_str().into()),
        of("fingerprint", Bytes, |row| row.fingerprint.0.as_slice().into()),
        of("facts", Int, |row| row.facts.to_stored().into()),
        of("changed_at", Int, |row| row.changed.seconds().into()),
    ];
    const CONTENT: &'static [Column<Self>] = &[
        of("edition_number", Text, |row| row.product.edition_number.as_deref().into()),
        of("title", Text, |row| row.product.title.as_str().into()),
        of("subtitle", Text, |row| row.product.subtitle.as_deref().into()),
        of("instrumentation", Text, |row| row.product.instrumentation.as_deref().into()),
        of("form", Text, |row| row.product.form.as_deref().into()),
        of("binding", Text, |row| row.product.binding.as_deref().into()),
        of("publisher", Text, |row| row.product.publisher.as_deref().into()),
        of("imprint", Text, |row| row.product.imprint.as_deref().into()),
        of("pages", Int, |row| row.product.pages.into()),
        of("weight_g", Decimal, |row| row.product.measurements.weight_g.into()),
        of("height_mm", Decimal, |row| row.product.measurements.height_mm.into()),
        of("width_mm", Decimal, |row| row.product.measurements.width_mm.into()),
        of("thickness_mm", Decimal, |row| row.product.measurements.thickness_mm.into()),
        of("publication_date", Text, |row| row.product.publication_date.as_deref().into()),
        of("publishing_status", Text, |row| row.product.publishing_status.as_deref().into()),
        of("availability", Text, |row| row.product.availability.as_deref().into()),
        of("stock", Int, |row| row.product.stock.into()),
        of("unpriced_reason", Text, |row| row.product.unpriced_reason.as_deref().into()),
        of("attributes", Json, |row| Datum::json(&Attributes::of(row.product))),
    ];
}

/// A part of a product, with its place among those of its kind.
pub(super) struct PartRow<'a, T> {
    pub(super) seq: i64,
    pub(super) product_id: i64,
    pub(super) position: u64,
    pub(super) part: &'a T,
}

/// Where a part belongs.
const fn part<T: for<'a> Staged<Row<'a> = PartRow<'a, T>>>() -> [Column<T>; 3] {
    [
        of("seq", Int, |row| row.seq.into()),
        of("product_id", Int, |row| row.product_id.into()),
        of("position", Int, |row| row.position.into()),
    ]
}

impl Staged for Identifier {
    type Row<'a> = PartRow<'a, Self>;
    const TABLE: Table = Table::Identifier;
    const OWN: &'static [Column<Self>] = &part();
    const CONTENT: &'static [Column<Self>] = &[
        of("kind", Text, |row| kind_name(row.part.kind).into()),
        of("value", Text, |row| row.part.value.as_str().into()),
    ];
}

impl Staged for Contributor {
    type Row<'a> = PartRow<'a, Self>;
    const TABLE: Table = Table::Contributor;
    const OWN: &'static [Column<Self>] = &part();
    const CONTENT: &'static [Column<Self>] = &[
        of("sequence", Int, |row| row.part.sequence.into()),
        of("role", Text, |row| row.part.role.as_str().into()),
        of("name", Text, |row| row.part.name.as_str().into()),
        of("sort_name", Text, |row| row.part.sort_name.as_deref().into()),
        of("born", Text, |row| row.part.born.as_deref().into()),
        of("died", Text, |row| row.part.died.as_deref().into()),
    ];
}

impl Staged for Price {
    type Row<'a> = PartRow<'a, Self>;
    const TABLE: Table = Table::Price;
    const OWN: &'static [Column<Self>] = &part();
    const CONTENT: &'static [Column<Self>] = &[
        of("kind", Text, |row| row.part.kind.as_str().into()),
        of("qualifier", Text, |row| row.part.qualifier.as_deref().into()),
        of("minimum_quantity", Int, |row| row.part.minimum_quantity.into()),
        of("conditions", Text, |row| row.part.conditions.as_deref().into()),
        of("amount", Decimal, |row| row.part.amount.into()),
        of("currency", Text, |row| row.part.currency.as_str().into()),
        of("tax_code", Text, |row| row.part.tax_code.as_deref().into()),
        of("tax_percent", Decimal, |row| row.part.tax_percent.into()),
        of("territory", Text, |row| row.part.territory.as_deref().into()),
        of("valid_from", Text, |row| row.part.valid_from.as_deref().into()),
        of("valid_until", Text, |row| row.part.valid_until.as_deref().into()),
    ];
}

/// A product to withdraw: its id.
pub(super) enum Withdrawal {}

impl Staged for Withdrawal {
    type Row<'a> = (StagedAt<'a>, i64);
    const TABLE: Table = Table::Withdrawal;
    const OWN: &'static [Column<Self>] = &[
        of("seq", Number, |row| row.0.seq.into()),
        of("product_id", Int, |row| row.1.into()),
        of("feed_version_id", Int, |row| row.0.feed_version_id.into()),
    ];
}

/// The date of a record of which nothing else is new.
pub(super) enum Date {}

impl Staged for Date {
    type Row<'a> = (i64, i64, RecordDate);
    const TABLE: Table = Table::Date;
    const OWN: &'static [Column<Self>] = &[
        of("seq", Number, |row| row.0.into()),
        of("product_id", Int, |row| row.1.into()),
        of("changed_at", Int, |row| row.2.seconds().into()),
    ];
}

/// A refused record.
pub(super) enum Quarantine {}

/// A refused record with the digest of its bytes.
pub(super) struct QuarantineRow<'a> {
    pub(super) at: StagedAt<'a>,
    pub(super) refused: Refused<'a>,
    pub(super) bytes_digest: Digest,
}

impl Staged for Quarantine {
    type Row<'a> = QuarantineRow<'a>;
    const TABLE: Table = Table::Quarantine;
    const OWN: &'static [Column<Self>] = &[
        of("seq", Number, |row| row.at.seq.into()),
        of("feed_version_id", Int, |row| row.at.feed_version_id.into()),
        of("source", Text, |row| row.at.source.into()),
        of("record_reference", Text, |row| row.refused.reference.map(RecordReference::as_str).into()),
        of("bytes", Bytes, |row| row.refused.bytes.into()),
        of("bytes_digest", Bytes, |row| row.bytes_digest.bytes().into()),
        // The entry that it has already, found when it is applied.
        of("entry_id", Int, |_| Datum::Null),
    ];
    const CONTENT: &'static [Column<Self>] = &[
        of("feed", Text, |row| row.refused.feed.into()),
        of("ordinal", Int, |row| row.refused.ordinal.into()),
        of("line_number", Int, |row| row.refused.place.line.into()),
        of("column_number", Int, |row| row.refused.place.column.into()),
        of("byte_offset", Int, |row| row.refused.place.byte.0.into()),
        of("format", Text, |row| row.refused.format.into()),
        of("profile_version", Int, |row| row.refused.profile_version.into()),
        of("context", Json, |row| Datum::json(row.refused.context)),
        of("findings", Json, |row| Datum::json(&row.refused.findings)),
    ];
}

/// A record that was accepted while an earlier version of it lies in quarantine: its key.
pub(super) enum Release {}

impl Staged for Release {
    type Row<'a> = (StagedAt<'a>, &'a RecordReference);
    const TABLE: Table = Table::Release;
    const OWN: &'static [Column<Self>] = &[
        of("seq", Int, |row| row.0.seq.into()),
        of("source", Text, |row| row.0.source.into()),
        of("record_reference", Text, |row| row.1.as_str().into()),
    ];
}

/// The name of an identifier's scheme in the tables; the one serde gives it.
const fn kind_name(kind: IdentifierKind) -> &'static str {
    match kind {
        IdentifierKind::Proprietary => "proprietary",
        IdentifierKind::Gtin13 => "gtin13",
        IdentifierKind::Isbn13 => "isbn13",
        IdentifierKind::Isbn10 => "isbn10",
        IdentifierKind::Ismn => "ismn",
        IdentifierKind::Doi => "doi",
        IdentifierKind::Other => "other",
    }
}

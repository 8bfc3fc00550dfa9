//! Products read back whole: what was stored equals what is loaded.

use super::connection::{Connection, Sql, Value};
use super::error::StoreError;
use super::stage::Attributes;
use crate::product::{Contributor, Identifier, Measurements, Price, Product, RecordReference};
use rust_decimal::Decimal;
use serde::Deserialize;
use sqlx::{AssertSqlSafe, SqlSafeStr};
use std::collections::HashMap;

/// Where to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The shop's tables.
    Live,
    /// What this session has staged and not applied yet.
    Staged,
}

// `{p}` becomes the prefix of the tables, `{key}` the name of the id in `product`; the rest of the text is
// fixed. Staged tables have the columns of the live ones, so one text serves both.
const PRODUCTS: Sql = Sql {
    postgres: "select json_build_object(
            'product_id', {key}, 'reference', record_reference, 'edition_number', edition_number, 'title', title,
            'subtitle', subtitle, 'instrumentation', instrumentation, 'form', form, 'binding', binding,
            'publisher', publisher, 'imprint', imprint, 'pages', pages, 'weight_g', weight_g::text,
            'height_mm', height_mm::text, 'width_mm', width_mm::text, 'thickness_mm', thickness_mm::text,
            'publication_date', publication_date, 'publishing_status', publishing_status,
            'availability', availability, 'stock', stock, 'attributes', attributes)::text
        from {p}product
        where source = $1 and record_reference in (select jsonb_array_elements_text($2::jsonb))
        order by {last}",
    sqlite: "select json_object(
            'product_id', {key}, 'reference', record_reference, 'edition_number', edition_number, 'title', title,
            'subtitle', subtitle, 'instrumentation', instrumentation, 'form', form, 'binding', binding,
            'publisher', publisher, 'imprint', imprint, 'pages', pages, 'weight_g', weight_g,
            'height_mm', height_mm, 'width_mm', width_mm, 'thickness_mm', thickness_mm,
            'publication_date', publication_date, 'publishing_status', publishing_status,
            'availability', availability, 'stock', stock, 'attributes', json(attributes))
        from {p}product
        where source = $1 and record_reference in (select value from json_each($2))
        order by {last}",
};
const IDENTIFIERS: Sql = Sql {
    postgres: "select json_build_array({owner}, json_build_object('kind', kind, 'value', value))::text
        from {p}product_identifier where {owner} in (select jsonb_array_elements_text($1::jsonb)::bigint)
        order by {owner}, position",
    sqlite: "select json_array({owner}, json_object('kind', kind, 'value', value))
        from {p}product_identifier where {owner} in (select value from json_each($1))
        order by {owner}, position",
};
const CONTRIBUTORS: Sql = Sql {
    postgres:
        "select json_build_array({owner}, json_build_object('sequence', sequence, 'role', role, 'name', name,
            'sort_name', sort_name, 'born', born, 'died', died))::text
        from {p}product_contributor where {owner} in (select jsonb_array_elements_text($1::jsonb)::bigint)
        order by {owner}, position",
    sqlite: "select json_array({owner}, json_object('sequence', sequence, 'role', role, 'name', name,
            'sort_name', sort_name, 'born', born, 'died', died))
        from {p}product_contributor where {owner} in (select value from json_each($1))
        order by {owner}, position",
};
const PRICES: Sql = Sql {
    postgres: "select json_build_array({owner}, json_build_object('kind', kind, 'amount', amount::text,
            'currency', currency, 'tax_code', tax_code, 'tax_percent', tax_percent::text, 'territory', territory,
            'valid_from', valid_from, 'valid_until', valid_until))::text
        from {p}product_price where {owner} in (select jsonb_array_elements_text($1::jsonb)::bigint)
        order by {owner}, position",
    sqlite: "select json_array({owner}, json_object('kind', kind, 'amount', amount,
            'currency', currency, 'tax_code', tax_code, 'tax_percent', tax_percent, 'territory', territory,
            'valid_from', valid_from, 'valid_until', valid_until))
        from {p}product_price where {owner} in (select value from json_each($1))
        order by {owner}, position",
};

/// A row of `product`. `key` is the row's id in the live table, the staging number in the staged one:
/// a product may be staged twice, and its parts belong to one of the two.
#[derive(Deserialize)]
struct Core {
    product_id: i64,
    reference: RecordReference,
    edition_number: Option<String>,
    title: String,
    subtitle: Option<String>,
    instrumentation: Option<String>,
    form: Option<String>,
    binding: Option<String>,
    publisher: Option<String>,
    imprint: Option<String>,
    pages: Option<u32>,
    weight_g: Option<Decimal>,
    height_mm: Option<Decimal>,
    width_mm: Option<Decimal>,
    thickness_mm: Option<Decimal>,
    publication_date: Option<String>,
    publishing_status: Option<String>,
    availability: Option<String>,
    stock: Option<i64>,
    attributes: Attributes,
}

/// The products of a source with these references, whole. Of a product staged twice, the later one.
pub(super) async fn products(
    connection: &mut Connection,
    origin: Origin,
    source: &str,
    references: &[&RecordReference],
) -> Result<HashMap<RecordReference, Product>, StoreError> {
    if references.is_empty() {
        return Ok(HashMap::new());
    }
    let wanted = serde_json::to_string(references).expect("references are strings");
    let mut cores: HashMap<RecordReference, Core> = HashMap::new();
    let values = [source.into(), Value::Text(&wanted)];
    each(connection, origin, PRODUCTS, &values, |core: Core| {
        cores.insert(core.reference.clone(), core);
    })
    .await?;
    let keys: Vec<i64> = cores.values().map(|core| core.product_id).collect();
    let keys = serde_json::to_string(&keys).expect("numbers are JSON");
    let mut identifiers = parts::<Identifier>(connection, origin, IDENTIFIERS, &keys).await?;
    let mut contributors = parts::<Contributor>(connection, origin, CONTRIBUTORS, &keys).await?;
    let mut prices = parts::<Price>(connection, origin, PRICES, &keys).await?;
    let whole = |(reference, core): (RecordReference, Core)| {
        let key = core.product_id;
        let mut product = product(core);
        product.identifiers = identifiers.remove(&key).unwrap_or_default();
        product.contributors = contributors.remove(&key).unwrap_or_default();
        product.prices = prices.remove(&key).unwrap_or_default();
        (reference, product)
    };
    Ok(cores.into_iter().map(whole).collect())
}

/// The rows of one child table, by the product they belong to.
async fn parts<T: serde::de::DeserializeOwned + Send>(
    connection: &mut Connection,
    origin: Origin,
    sql: Sql,
    keys: &str,
) -> Result<HashMap<i64, Vec<T>>, StoreError> {
    let mut found: HashMap<i64, Vec<T>> = HashMap::new();
    each(connection, origin, sql, &[keys.into()], |(owner, part): (i64, T)| {
        found.entry(owner).or_default().push(part);
    })
    .await?;
    Ok(found)
}

async fn each<T: serde::de::DeserializeOwned>(
    connection: &mut Connection,
    origin: Origin,
    sql: Sql,
    values: &[Value<'_>],
    take: impl FnMut(T) + Send,
) -> Result<(), StoreError> {
    let text = connection.dialect(sql);
    let text = match origin {
        Origin::Live => text
            .replace("{p}product", "product")
            .replace("{key}", "id")
            .replace("{owner}", "product_id")
            .replace("{last}", "id"),
        Origin::Staged => text
            .replace("{p}product_", "staged_")
            .replace("{p}product", "staged_product")
            .replace("{key}", "seq")
            .replace("{owner}", "seq")
            .replace("{last}", "seq"),
    };
    connection.each("load products", AssertSqlSafe(text).into_sql_str(), values, take).await
}

fn product(core: Core) -> Product {
    let Attributes { languages, series, texts, media, subjects, related } = core.attributes;
    Product {
        reference: core.reference,
        edition_number: core.edition_number,
        title: core.title,
        subtitle: core.subtitle,
        identifiers: Vec::new(),
        contributors: Vec::new(),
        instrumentation: core.instrumentation,
        form: core.form,
        binding: core.binding,
        languages,
        series,
        publisher: core.publisher,
        imprint: core.imprint,
        pages: core.pages,
        measurements: Measurements {
            weight_g: core.weight_g,
            height_mm: core.height_mm,
            width_mm: core.width_mm,
            thickness_mm: core.thickness_mm,
        },
        publication_date: core.publication_date,
        publishing_status: core.publishing_status,
        availability: core.availability,
        stock: core.stock,
        prices: Vec::new(),
        texts,
        media,
        subjects,
        related,
    }
}

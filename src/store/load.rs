//! Products read back whole: what was stored equals what is loaded.

use super::columns::Table;
use super::connection::{Connection, Parameter};
use super::error::StoreError;
use super::sql::Sql;
use crate::product::{Contributor, Identifier, Price, Product, RecordReference};
use serde::Deserialize;
use serde::de::{DeserializeOwned, Error as _};
use serde_json::{Map, Value as Json};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Where to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The shop's tables.
    Live,
    /// What this session has staged and not applied yet.
    Staged,
}

const DOING: &str = "load products";
/// `{key}` is the row's id in the live table, the staging number in the staged one: a product may be staged twice,
/// and its parts belong to one of the two.
const PRODUCTS: Sql = Sql {
    postgres: "select json_build_array({key}, record_reference, json_build_object({members}))::text
        from {from}
        where source = $1 and record_reference in (select jsonb_array_elements_text($2::jsonb))
        order by {key}",
    sqlite: "select json_array({key}, record_reference, json_object({members}))
        from {from}
        where source = $1 and record_reference in (select value from json_each($2))
        order by {key}",
};
const PARTS: Sql = Sql {
    postgres: "select json_build_array({owner}, json_build_object({members}))::text
        from {from}_{table} where {owner} in (select jsonb_array_elements_text($1::jsonb)::bigint)
        order by {owner}, position",
    sqlite: "select json_array({owner}, json_object({members}))
        from {from}_{table} where {owner} in (select value from json_each($1))
        order by {owner}, position",
};

/// The statements for one origin.
struct Selects {
    products: Sql,
    parts: [Sql; Table::PARTS.len()],
}

static LIVE: LazyLock<Selects> = LazyLock::new(|| Selects {
    products: PRODUCTS.filled(Table::Product, &[("{from}", "product"), ("{key}", "id")]),
    parts: Table::PARTS.map(|part| PARTS.filled(part, &[("{from}", "product"), ("{owner}", "product_id")])),
});
static STAGED: LazyLock<Selects> = LazyLock::new(|| Selects {
    products: PRODUCTS.filled(Table::Product, &[("{from}", "staged_product"), ("{key}", "seq")]),
    parts: Table::PARTS.map(|part| PARTS.filled(part, &[("{from}", "staged"), ("{owner}", "seq")])),
});

/// The statements that read products, finished.
#[cfg(test)]
pub(super) fn statements() -> Vec<Sql> {
    [&*LIVE, &*STAGED].into_iter().flat_map(|each| [&[each.products][..], &each.parts].concat()).collect()
}

/// A row of `product`: its key, and the product without its parts.
#[derive(Deserialize)]
#[serde(try_from = "(i64, RecordReference, Map<String, Json>)")]
struct Core(i64, Product);

impl TryFrom<(i64, RecordReference, Map<String, Json>)> for Core {
    type Error = serde_json::Error;

    /// Puts each column where an empty product has a field of its name.
    fn try_from(
        (key, reference, columns): (i64, RecordReference, Map<String, Json>),
    ) -> Result<Self, Self::Error> {
        let mut whole = serde_json::to_value(Product::new(reference))?;
        for (name, value) in columns {
            match value {
                Json::Object(attributes) if name == "attributes" => {
                    whole.as_object_mut().expect("a product is an object").extend(attributes);
                }
                value => *field(&mut whole, &name)? = value,
            }
        }
        Ok(Self(key, serde_json::from_value(whole)?))
    }
}

/// The field of a product, or of its measurements, with the name of a column.
fn field<'a>(product: &'a mut Json, name: &str) -> Result<&'a mut Json, serde_json::Error> {
    let inner = if product.get(name).is_some() { product } else { &mut product["measurements"] };
    inner.get_mut(name).ok_or_else(|| serde_json::Error::custom(format!("no field for the column `{name}`")))
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
    let selects = match origin {
        Origin::Live => &*LIVE,
        Origin::Staged => &*STAGED,
    };
    let mut cores: HashMap<RecordReference, Core> = HashMap::new();
    let values = [source.into(), Parameter::Text(&wanted)];
    let take = |core: Core| {
        cores.insert(core.1.reference.clone(), core);
    };
    connection.each(DOING, selects.products, &values, take).await?;
    let keys: Vec<i64> = cores.values().map(|core| core.0).collect();
    let keys = serde_json::to_string(&keys).expect("numbers are JSON");
    let [identifiers, contributors, prices] = selects.parts;
    let mut identifiers = parts::<Identifier>(connection, identifiers, &keys).await?;
    let mut contributors = parts::<Contributor>(connection, contributors, &keys).await?;
    let mut prices = parts::<Price>(connection, prices, &keys).await?;
    let whole = |(reference, Core(key, mut product)): (RecordReference, Core)| {
        product.identifiers = identifiers.remove(&key).unwrap_or_default();
        product.contributors = contributors.remove(&key).unwrap_or_default();
        product.prices = prices.remove(&key).unwrap_or_default();
        (reference, product)
    };
    Ok(cores.into_iter().map(whole).collect())
}

/// The live prices of products, by the products' ids.
pub(super) async fn prices(
    connection: &mut Connection,
    product_ids: &[i64],
) -> Result<HashMap<i64, Vec<Price>>, StoreError> {
    let [_, _, prices] = LIVE.parts;
    let keys = serde_json::to_string(product_ids).expect("numbers are JSON");
    parts(connection, prices, &keys).await
}

/// The rows of one child table, by the product they belong to.
async fn parts<T: DeserializeOwned + Send>(
    connection: &mut Connection,
    sql: Sql,
    keys: &str,
) -> Result<HashMap<i64, Vec<T>>, StoreError> {
    let mut found: HashMap<i64, Vec<T>> = HashMap::new();
    let take = |(owner, part): (i64, T)| found.entry(owner).or_default().push(part);
    connection.each(DOING, sql, &[keys.into()], take).await?;
    Ok(found)
}

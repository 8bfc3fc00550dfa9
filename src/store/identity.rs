//! Who has which product number: the numbers that mean one product everywhere, EAN, ISBN and ISMN.
//!
//! An ISBN-10 counts as the thirteen digits it stands for.

use super::connection::Connection;
use super::error::StoreError;
use super::known::Digest;
use super::sql::Sql;
use crate::product::{Identifier, IdentifierKind};

/// A number, and the record reference of a product that has it.
pub type Holder = (u64, String);

/// `$1` source. What stands, without what is staged.
const ALL: Sql = Sql {
    postgres: "select json_build_array(i.kind, i.value, p.record_reference)::text
               from product p join product_identifier i on i.product_id = p.id
               where p.source = $1 and p.withdrawn_at is null and i.kind in ('gtin13', 'isbn13', 'isbn10', 'ismn')",
    sqlite: "select json_array(i.kind, i.value, p.record_reference)
             from product p join product_identifier i on i.product_id = p.id
             where p.source = $1 and p.withdrawn_at is null and i.kind in ('gtin13', 'isbn13', 'isbn10', 'ismn')",
};
/// `$1` source, `$2` values. The same of some numbers.
const LIVE: Sql = Sql {
    postgres: "select json_build_array(i.kind, i.value, p.record_reference)::text
               from product_identifier i join product p on p.id = i.product_id
               where i.value in (select jsonb_array_elements_text($2::jsonb))
                   and i.kind in ('gtin13', 'isbn13', 'isbn10', 'ismn')
                   and p.source = $1 and p.withdrawn_at is null",
    // The plus: numbers are found by their value, not among all of a source.
    sqlite: "select json_array(i.kind, i.value, p.record_reference)
             from product_identifier i join product p on p.id = i.product_id
             where i.value in (select value from json_each($2))
                 and i.kind in ('gtin13', 'isbn13', 'isbn10', 'ismn')
                 and +p.source = $1 and p.withdrawn_at is null",
};
/// `$1` source, `$2` values. Of some numbers, with what is staged; a product staged twice is as it was staged last.
const STAGED: Sql = Sql {
    postgres: "with staged as (
                   select product_id, max(seq) as seq from staged_product where source = $1 group by product_id
               )
               select json_build_array(i.kind, i.value, s.record_reference)::text
               from staged join staged_product s on s.seq = staged.seq join staged_identifier i on i.seq = s.seq
               where i.value in (select jsonb_array_elements_text($2::jsonb))
                   and i.kind in ('gtin13', 'isbn13', 'isbn10', 'ismn')
               union all
               select json_build_array(i.kind, i.value, p.record_reference)::text
               from product_identifier i join product p on p.id = i.product_id
               where i.value in (select jsonb_array_elements_text($2::jsonb))
                   and i.kind in ('gtin13', 'isbn13', 'isbn10', 'ismn')
                   and p.source = $1 and p.withdrawn_at is null
                   and not exists (select 1 from staged where staged.product_id = p.id)",
    sqlite: "with staged as materialized (
                 select product_id, max(seq) as seq from staged_product where source = $1 group by product_id
             )
             select json_array(i.kind, i.value, s.record_reference)
             from staged_identifier i join staged on staged.seq = i.seq join staged_product s on s.seq = i.seq
             where i.value in (select value from json_each($2))
                 and i.kind in ('gtin13', 'isbn13', 'isbn10', 'ismn')
             union all
             select json_array(i.kind, i.value, p.record_reference)
             from product_identifier i join product p on p.id = i.product_id
             where i.value in (select value from json_each($2))
                 and i.kind in ('gtin13', 'isbn13', 'isbn10', 'ismn')
                 and +p.source = $1 and p.withdrawn_at is null
                 and not exists (select 1 from staged where staged.product_id = p.id)",
};

/// An identifier, and the record reference of its product.
type Row = (IdentifierKind, String, String);

/// Which numbers of a source to look at.
#[derive(Clone, Copy, Debug)]
pub enum Numbers<'a> {
    /// All.
    All,
    /// These.
    These(&'a [u64]),
}

/// Numbers that stand and the products that have them, these by digest of their references.
pub(super) async fn live(
    connection: &mut Connection,
    source: &str,
    numbers: Numbers<'_>,
) -> Result<Vec<(u64, Digest)>, StoreError> {
    let mut found = Vec::new();
    let take = |row: Row| {
        let holder = holder(row).map(|(number, reference)| (number, Digest::of(reference.as_bytes())));
        found.extend(holder);
    };
    match numbers {
        Numbers::All => connection.each("read product numbers", ALL, &[source.into()], take).await?,
        Numbers::These(numbers) => {
            let values = values(numbers);
            connection
                .each("look for product numbers", LIVE, &[source.into(), (&values).into()], take)
                .await?;
        }
    }
    Ok(found)
}

/// Products that have these numbers once what is staged stands; whether they are withdrawn by then is not looked at.
pub(super) async fn holders(
    connection: &mut Connection,
    source: &str,
    numbers: &[u64],
) -> Result<Vec<Holder>, StoreError> {
    let values = values(numbers);
    let rows: Vec<Row> =
        connection.rows("compare product numbers", STAGED, &[source.into(), (&values).into()]).await?;
    let mut found: Vec<Holder> = rows.into_iter().filter_map(holder).collect();
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn holder((kind, value, reference): Row) -> Option<Holder> {
    Some((Identifier { kind, value }.number()?, reference))
}

/// All forms in which these numbers are stored, as JSON.
fn values(numbers: &[u64]) -> String {
    let forms: Vec<String> = numbers.iter().flat_map(|number| Identifier::forms(*number)).collect();
    serde_json::to_string(&forms).expect("texts are JSON")
}

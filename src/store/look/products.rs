//! One product, as the shop has it.

use crate::product::{Product, RecordReference};
use crate::store::Store;
use crate::store::connection::Connection;
use crate::store::error::StoreError;
use crate::store::load::{self, Origin};
use crate::store::run::RunId;
use crate::store::sql::Sql;
use serde::Deserialize;

/// A product of the shop, and how it stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShopProduct {
    /// The product.
    pub product: Product,
    /// Its row is kept, and it is not offered any more.
    pub is_withdrawn: bool,
    /// The run that changed it last.
    pub last_changed_run: RunId,
}

/// `$1` source, `$2` key.
const STANDING: Sql = Sql {
    postgres: "select json_build_array(withdrawn_at is not null, last_changed_run)::text
               from product where source = $1 and record_reference = $2",
    sqlite: "select json_array(json(iif(withdrawn_at is null, 'false', 'true')), last_changed_run)
             from product where source = $1 and record_reference = $2",
};

#[derive(Deserialize)]
struct Standing(bool, RunId);

impl Store {
    /// The product of a source with this key, withdrawn or not; `None` where the shop has none.
    pub async fn shop_product(
        &self,
        source: &str,
        reference: &RecordReference,
    ) -> Result<Option<ShopProduct>, StoreError> {
        self.pool.run(async |connection| found(connection, source, reference).await).await
    }
}

async fn found(
    connection: &mut Connection,
    source: &str,
    reference: &RecordReference,
) -> Result<Option<ShopProduct>, StoreError> {
    let values = [source.into(), reference.as_str().into()];
    let standing: Option<Standing> = connection.row("look up a product", STANDING, &values).await?;
    let Some(Standing(is_withdrawn, last_changed_run)) = standing else { return Ok(None) };
    let mut products = load::products(connection, Origin::Live, source, &[reference]).await?;
    let product = products.remove(reference);
    Ok(product.map(|product| ShopProduct { product, is_withdrawn, last_changed_run }))
}

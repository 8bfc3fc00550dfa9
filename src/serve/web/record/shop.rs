//! What the shop has of a record's product, and would have.

use super::super::language::Language;
use super::super::product::{Changed, changes};
use super::super::words::RecordWords;
use crate::judgement::Action;
use crate::product::{Product, RecordReference};
use crate::run::draft_again;
use crate::serve::problem::Problem;
use crate::serve::quarantine::{Entry, EntryState};
use crate::serve::service::Service;
use crate::store::{QuarantinedRecord, ShopProduct};
use std::sync::Arc;

/// What the shop has, and would have.
pub(super) enum Shop {
    /// A sentence says it all.
    Words(&'static str),
    /// These fields would become other.
    Changes(&'static str, Vec<Changed>),
}

/// What the record wants, or the corrected one where there is one.
pub(in crate::serve::web) async fn drafted(
    service: &Arc<Service>,
    kept: QuarantinedRecord,
) -> Result<(QuarantinedRecord, Option<Action>), Problem> {
    let (formats, limits) = (Arc::clone(service.formats()), service.plan.reading.limits);
    let work = move || {
        let draft = draft_again(&kept, &formats, &limits);
        (kept, draft)
    };
    service.cpu.run(work).await
}

/// The product of the same key.
pub(super) async fn in_shop(
    service: &Service,
    kept: &QuarantinedRecord,
    draft: Option<&Action>,
) -> Result<Option<ShopProduct>, Problem> {
    let of_entry = kept.entry.reference.as_deref().and_then(RecordReference::new);
    let of_draft = || match draft? {
        Action::Upsert(product, _) => Some(product.reference.clone()),
        Action::Amend(amendment) => Some(amendment.change.reference.clone()),
        Action::Withdraw | Action::Ignore => None,
    };
    let Some(key) = of_entry.or_else(of_draft) else { return Ok(None) };
    Ok(service.store.shop_product(&kept.entry.source, &key).await?)
}

/// The product as it would be; of a withdrawal, as the shop has it.
pub(in crate::serve::web) fn product(draft: &Action, shop: Option<&ShopProduct>) -> Option<Product> {
    match draft {
        Action::Upsert(product, _) => Some((**product).clone()),
        Action::Amend(amendment) => {
            let change = (**amendment).clone();
            Some(shop.map_or_else(|| change.change.clone(), |shop| change.clone().of(shop.product.clone())))
        }
        Action::Withdraw | Action::Ignore => shop.map(|shop| shop.product.clone()),
    }
}

impl Shop {
    pub(super) fn of(
        language: Language,
        draft: Option<Action>,
        shop: Option<ShopProduct>,
        entry: &Entry,
    ) -> Self {
        let words = RecordWords::of(language);
        let draft = match draft {
            _ if entry.state != EntryState::Open => return Self::Words(words.gone),
            None => return Self::Words(words.unreadable),
            Some(Action::Ignore) => return Self::Words(words.shop_ignored),
            Some(Action::Withdraw) => {
                return Self::Words(if shop.is_some() { words.shop_withdraw } else { words.shop_same });
            }
            Some(draft) => draft,
        };
        let Some(shop) = shop else {
            return Self::Words(if entry.key.is_some() { words.shop_none } else { words.shop_keyless });
        };
        let Some(new) = product(&draft, Some(&shop)) else { return Self::Words(words.shop_ignored) };
        let changed = changes(language, &shop.product, &new);
        let told = if shop.is_withdrawn { words.shop_withdrawn } else { words.shop_stays };
        match changed.is_empty() {
            true if shop.is_withdrawn => Self::Words(words.shop_withdrawn),
            true => Self::Words(words.shop_same),
            false => Self::Changes(told, changed),
        }
    }
}

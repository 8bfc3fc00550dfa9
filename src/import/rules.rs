//! What only an import can find wrong, because it takes the database to see it.

use crate::judgement::{Finding, Outcome, Severity};
use crate::xml::Place;

/// A partial update of a product that is not there.
const AMENDS_UNKNOWN: &str = "rule.amend-unknown";
/// A partial update of a product that was withdrawn.
const AMENDS_WITHDRAWN: &str = "rule.amend-withdrawn";
/// Products missing from a full feed were left alone.
const MISSING_KEPT: &str = "rule.missing-kept";
/// The feed would withdraw too much.
const HELD: &str = "rule.guard";

/// Why an amendment has nothing to amend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The product was never imported.
    Unknown,
    /// The product was withdrawn.
    Withdrawn,
}

/// The record changes a product that is not there: it neither invents one nor brings one back.
pub(super) fn amends_nothing(record: &Outcome, refusal: Refusal) -> Finding {
    let key = record.key.as_ref().map_or("without key", |key| key.as_str());
    let (code, why) = match refusal {
        Refusal::Unknown => (AMENDS_UNKNOWN, "that product was never imported"),
        Refusal::Withdrawn => (AMENDS_WITHDRAWN, "that product was withdrawn"),
    };
    let sentence = format!("The record says what changed in product \"{key}\", but {why}.");
    Finding {
        record: Some(record.ordinal),
        key: record.key.clone(),
        found: key.to_owned(),
        expected: "a complete record first".to_owned(),
        ..Finding::new(Severity::Error, code, sentence, record.place)
    }
}

/// A refused record had no readable key, so nobody knows which product it stands for.
pub(super) fn missing_unknown() -> Finding {
    told(Severity::Notice, MISSING_KEPT, "Products that the feed does not mention were left alone, because a refused record has no readable key \
         and may stand for one of them."
            .to_owned(),
    )
}

/// More products are missing than the guard lets pass.
pub(super) fn held(missing: u64, all: u64, guard_percent: u8) -> Finding {
    Finding {
        found: format!("{missing} of {all}"),
        expected: format!("at most {guard_percent} percent"),
        ..told(
            Severity::Warning,
            HELD,
            format!(
                "The feed does not mention {missing} of {all} products and would withdraw them, which is more than \
                 {guard_percent} percent: it is held and nothing of it was imported."
            ),
        )
    }
}

/// A finding of the import's own, which has no place.
fn told(severity: Severity, code: &'static str, sentence: String) -> Finding {
    Finding::new(severity, code, sentence, Place::default())
}

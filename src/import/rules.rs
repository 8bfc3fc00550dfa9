//! What only an import can find wrong, because it takes the database to see it.

use super::guard::{Exceeded, GuardKind};
use super::held::Release;
use crate::judgement::{FeedStart, Finding, Outcome, Severity};
use crate::store::{OpenHeld, RunId};
use crate::xml::Place;

/// A partial update of a product that is not there.
const AMENDS_UNKNOWN: &str = "rule.amend-unknown";
/// A partial update of a product that was withdrawn.
const AMENDS_WITHDRAWN: &str = "rule.amend-withdrawn";
/// Products missing from a full feed were left alone.
const MISSING_KEPT: &str = "rule.missing-kept";
/// The feed would change too much.
const HELD: &str = "rule.guard";
/// A held feed would do something else by now.
const PLAN_CHANGED: &str = "rule.plan-changed";
/// The bytes of a held feed are not there.
const NOT_KEPT: &str = "rule.held-not-kept";
/// A held feed was let in.
const RELEASED: &str = "rule.held-released";
/// A held feed is of no use any more.
const SUPERSEDED: &str = "rule.held-superseded";

/// The feed does not say who sends it.
const QUARANTINE_FULL: &str = "rule.quarantine-full";
const NO_SENDER: &str = "rule.no-sender";
/// A source is known by an identifier from now on.
const RENAMED: &str = "rule.source-renamed";
/// A feed counts for another source than its header names.
const SOURCE_DOUBTED: &str = "rule.source-doubted";
/// A record withdraws a product that is not there.
const WITHDRAWS_UNKNOWN: &str = "rule.withdraw-unknown";
/// The message is older than what was applied.
const STALE: &str = "rule.stale";
/// Records of which a newer version was imported before: by their messages, or by their own dates.
const STALE_RECORDS: &str = "rule.stale-records";
/// Messages are missing before this one.
const GAP: &str = "rule.message-gap";
/// The numbering began anew.
const RESET: &str = "rule.message-reset";
/// The message says it was sent in the future.
const AHEAD: &str = "rule.message-ahead";

/// Two products of a sender have one number.
const IDENTIFIER_SHARED: &str = "rule.identifier-shared";
/// A product is known by another reference.
const REFERENCE_CHANGED: &str = "rule.reference-changed";

/// Products that are both sold have one number; two of them are named.
pub(super) fn identifier_shared(number: u64, [one, other]: [&str; 2], products: usize) -> Finding {
    let who = match products {
        0..=2 => format!("two products of this sender, \"{one}\" and \"{other}\""),
        _ => format!("{products} products of this sender, among them \"{one}\" and \"{other}\""),
    };
    let sentence = format!("Number {number:013} stands on {who}: it can be that of one only.");
    Finding { found: format!("{number:013}"), ..told(Severity::Warning, IDENTIFIER_SHARED, sentence) }
}

/// There are so many more of such numbers.
pub(super) fn more_identifiers_shared(count: usize) -> Finding {
    let sentence = format!("{count} numbers more stand on several products of this sender.");
    Finding { found: count.to_string(), ..told(Severity::Warning, IDENTIFIER_SHARED, sentence) }
}

/// A product is withdrawn, and another one comes with its number.
pub(super) fn reference_changed(number: u64, before: &str, now: &str) -> Finding {
    let sentence = format!(
        "Product \"{before}\" is \"{now}\" now: the feed withdraws it, and number {number:013} stands on that one."
    );
    Finding { found: now.to_owned(), ..told(Severity::Notice, REFERENCE_CHANGED, sentence) }
}

/// There are so many more of them.
pub(super) fn more_references_changed(count: usize) -> Finding {
    let sentence = format!("{count} numbers more stand on a product of another reference than before.");
    Finding { found: count.to_string(), ..told(Severity::Notice, REFERENCE_CHANGED, sentence) }
}

/// The record withdraws a product that was never imported: was it sent under another reference, or by another sender?
pub(super) fn withdraws_nothing(record: &Outcome) -> Finding {
    let key = record.key.as_ref().map_or("without key", |key| key.as_str());
    let sentence =
        format!("The record withdraws product \"{key}\", which was never imported from this sender.");
    Finding {
        record: Some(record.ordinal),
        key: record.key.clone(),
        found: key.to_owned(),
        ..Finding::new(Severity::Notice, WITHDRAWS_UNKNOWN, sentence, record.place)
    }
}

/// How a held feed can be looked at, where it is kept.
fn see(held: Option<i64>) -> String {
    held.map(|id| format!(" `feedgate held show {id}` tells what it would do.")).unwrap_or_default()
}

/// The message is older than one that was applied: it is held.
pub(super) fn stale(start: &FeedStart, newest: RunId, held: Option<i64>) -> Finding {
    let (number, sent) = (start.message_number.as_deref(), start.sent.as_deref());
    let found = [number.map(|number| format!("message {number}")), sent.map(|sent| format!("sent {sent}"))];
    let found = found.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let sentence = format!(
        "The feed ({found}) is older than what run {newest} has applied of this sender: it is held and nothing of it \
         was imported. `--accept-old` lets it in.{}",
        see(held)
    );
    Finding { found, expected: "a newer message".to_owned(), ..told(Severity::Warning, STALE, sentence) }
}

/// The feed does not say whose products it brings.
pub(super) fn no_sender() -> Finding {
    let sentence = "The feed does not say who sends it, or its sender is not valid, so nobody knows whose products \
                    these are: nothing of it was imported. `--source NAME` says it.";
    let found = told(Severity::Error, NO_SENDER, sentence.to_owned());
    Finding { expected: "the sender in the header".to_owned(), ..found }
}

/// More records of the feed are refused than are kept.
pub(super) fn quarantine_feed_full(refused: u64, max: u64) -> Finding {
    let sentence = format!(
        "{refused} records of the feed are refused, more than `quarantine.feed_max` allows ({max}): nothing of the \
         feed was imported, and none of its records is kept."
    );
    Finding { found: refused.to_string(), ..told(Severity::Error, QUARANTINE_FULL, sentence) }
}

/// More refused records of the source would wait than may.
pub(super) fn quarantine_source_full(source: &str, waiting: u64, max: u64) -> Finding {
    let sentence = format!(
        "With this feed, {waiting} refused records of \"{source}\" would wait, more than `quarantine.source_max` \
         allows ({max}): nothing of the feed was imported. `feedgate quarantine list --source` shows those that wait, \
         `quarantine discard` gives them up."
    );
    Finding { found: waiting.to_string(), ..told(Severity::Error, QUARANTINE_FULL, sentence) }
}

/// What was known by a name is known by an identifier from now on.
pub(super) fn renamed(name: &str, source: &str) -> Finding {
    let sentence = format!(
        "The products of \"{name}\" are those of \"{source}\" from now on: the feed names the sender by this \
         identifier."
    );
    Finding { found: name.to_owned(), ..told(Severity::Notice, RENAMED, sentence) }
}

/// Somebody has said a source by hand, and the header names another one: more than a notice when nothing was known of
/// the one that was said, as with a name that is mistyped.
pub(super) fn source_doubted(said: &str, source: &str, is_first: bool) -> Finding {
    let (severity, new) = if is_first {
        (Severity::Warning, ", a source that had no products yet")
    } else {
        (Severity::Notice, "")
    };
    let sentence = format!(
        "The header names \"{said}\" as the sender; as was asked, the feed counts for \"{source}\"{new}."
    );
    Finding {
        found: said.to_owned(),
        expected: source.to_owned(),
        ..told(severity, SOURCE_DOUBTED, sentence)
    }
}

/// What stands outside of records is wrong, and may be a product.
pub(super) fn missing_outside() -> Finding {
    let sentence = "Products that the feed does not mention were left alone, because something outside of \
        its records is wrong and may stand for one of them.";
    told(Severity::Notice, MISSING_KEPT, sentence.to_owned())
}

/// Records were passed over: some of an older message, some older by their own dates.
pub(super) fn stale_records(of_message: u64, by_date: u64) -> Finding {
    let count = of_message + by_date;
    let message = "a newer message has changed their products";
    let date = "a version with a later date of its own was imported before";
    let why = match (of_message, by_date) {
        (_, 0) => message.to_owned(),
        (0, _) => date.to_owned(),
        _ => format!("{message} ({of_message}), or {date} ({by_date})"),
    };
    let sentence = format!("{count} records were passed over, because {why}.");
    Finding { found: count.to_string(), ..told(Severity::Notice, STALE_RECORDS, sentence) }
}

/// So many messages are missing between the last one and this.
pub(super) fn gap(missing: u64, number: &str) -> Finding {
    Finding { found: missing.to_string(), ..told(Severity::Notice, GAP, gap_sentence(missing, number)) }
}

/// That so many messages are missing before this one.
#[must_use]
pub fn gap_sentence(missing: u64, number: &str) -> String {
    match missing {
        1 => format!(
            "1 message of this sender is missing before message {number}: what it changed is not in the shop."
        ),
        _ => format!(
            "{missing} messages of this sender are missing before message {number}: what they changed is not in the \
             shop."
        ),
    }
}

/// The number is lower than before, the time later.
pub(super) fn reset(number: &str) -> Finding {
    let sentence = format!(
        "Message {number} was sent later than the last one, under a lower number: the sender has begun to count anew."
    );
    Finding { found: number.to_owned(), ..told(Severity::Warning, RESET, sentence) }
}

/// The message says that it will be sent.
pub(super) fn ahead(sent: &str) -> Finding {
    let sentence = format!(
        "The feed says that it was sent at {sent}, more than a day from now: it is imported, and not counted as the \
         newest message."
    );
    Finding { found: sent.to_owned(), ..told(Severity::Warning, AHEAD, sentence) }
}

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
    told(
        Severity::Notice,
        MISSING_KEPT,
        "Products that the feed does not mention were left alone, because a refused record has no readable \
         key and may stand for one of them."
            .to_owned(),
    )
}

/// The feed would do more than a limit allows.
pub(super) fn held(exceeded: &Exceeded, held: Option<i64>) -> Finding {
    let allowed = match exceeded.setting() {
        Some(setting) if exceeded.kind == GuardKind::Drift => {
            format!(", and `{setting}` is `{}`", exceeded.limit)
        }
        Some(setting) => format!(", beyond what `{setting}` allows ({})", exceeded.limit),
        None => String::new(),
    };
    let sentence = format!(
        "The feed {}{allowed}: it is held and nothing of it was imported.{}",
        exceeded.predicate(),
        see(held)
    );
    let found = format!("{} of {}", exceeded.count, exceeded.base);
    Finding { found, expected: exceeded.limit.clone(), ..told(Severity::Warning, HELD, sentence) }
}

/// The held feed would do something else by now than what somebody has seen.
pub(super) fn plan_changed(release: &Release, now: &str) -> Finding {
    let Release { held, plan, .. } = release;
    let sentence = format!(
        "Held feed {held} would do something else by now than what was seen: its plan is {now}, not {plan}, and \
         nothing of it was imported. Look again with `feedgate held show {held}`."
    );
    Finding {
        found: now.to_owned(),
        expected: plan.clone(),
        ..told(Severity::Warning, PLAN_CHANGED, sentence)
    }
}

/// The bytes of a held feed could not be kept.
pub(super) fn not_kept(why: &str) -> Finding {
    let sentence = format!(
        "The bytes of the feed could not be kept ({why}): it cannot be let in by `feedgate held release`; to import \
         it, raise the limit and deliver it again."
    );
    Finding { found: why.to_owned(), ..told(Severity::Warning, NOT_KEPT, sentence) }
}

/// A held feed was let in.
pub(super) fn released(release: &Release) -> Finding {
    let sentence = format!("Held feed {} is let in: {}", release.held, release.reason);
    Finding { found: release.held.to_string(), ..told(Severity::Notice, RELEASED, sentence) }
}

/// A held feed is of no use any more.
pub(super) fn superseded(held: &OpenHeld) -> Finding {
    let OpenHeld { feed_version_id: id, run, .. } = held;
    let sentence = format!(
        "Held feed {id} of run {run} is not needed any more: this one is newer, full, and was not held."
    );
    Finding { found: id.to_string(), ..told(Severity::Notice, SUPERSEDED, sentence) }
}

/// A finding of the import's own, which has no place.
fn told(severity: Severity, code: &'static str, sentence: String) -> Finding {
    Finding::new(severity, code, sentence, Place::default())
}

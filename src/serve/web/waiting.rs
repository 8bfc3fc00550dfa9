//! What waits for somebody: held feeds, oldest first; sources that are late; refused records by source.

use super::asked::address;
use super::held_words::{state_told, waits};
use super::language::Language;
use super::moment::Moment;
use super::rhythm::{FEEDS_MAX, Rhythm, long};
use super::sources::{name_of, source_address};
use super::visit::Viewer;
use crate::import::NO_SENDER;
use crate::judgement::Acceptance;
use crate::report::filters::{class_of, sign_of};
use crate::serve::held::{HeldItem, HeldWord};
use crate::serve::problem::Problem;
use crate::serve::service::Service;
use crate::store::{SourceMoments, SourceWaiting};
use jiff::Timestamp;
use std::cmp::Reverse;

/// Held feeds that are told.
const HELD_MAX: usize = 5;
/// Sources that are looked at.
const SOURCES_MAX: u32 = 200;
/// Sources that are told as late, and as having refused records.
const LATE_MAX: usize = 5;
const REFUSED_MAX: u32 = 10;

const REFUSED_RECORDS: [[&str; 2]; 2] = [
    ["record in quarantine", "records in quarantine"],
    ["Datensatz in Quarantäne", "Datensätze in Quarantäne"],
];
const MORE_REFUSED: [[&str; 2]; 2] =
    [["more source", "more sources"], ["weiterer Absender", "weitere Absender"]];
const MORE_HELD: [[&str; 2]; 2] = [
    ["more held feed", "more held feeds"],
    ["weitere angehaltene Lieferung", "weitere angehaltene Lieferungen"],
];
const MORE_LATE: [[&str; 2]; 2] = [
    ["more late source", "more late sources"],
    ["weiterer verspäteter Absender", "weitere verspätete Absender"],
];

/// Something that waits for somebody.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) address: String,
    pub(super) class: &'static str,
    pub(super) sign: &'static str,
    /// Whose it is.
    pub(super) source: String,
    pub(super) words: String,
    pub(super) at: Option<Moment>,
}

/// What waits, with the held feeds that wait.
pub(super) async fn waiting(
    service: &Service,
    viewer: &Viewer,
    now: Timestamp,
    held: &[HeldItem],
) -> Result<Vec<Waiting>, Problem> {
    let (language, caller) = (viewer.visit.language, &viewer.caller);
    let refused = service.store.sources_waiting(caller.0.source(), REFUSED_MAX).await?;
    let moments = service.store.source_moments(caller.0.source(), FEEDS_MAX, SOURCES_MAX).await?;
    let waiting = self::held(language, now, held).into_iter();
    Ok(waiting.chain(late(language, now, &moments)).chain(self::refused(language, &refused)).collect())
}

fn held(language: Language, now: Timestamp, held: &[HeldItem]) -> Vec<Waiting> {
    let open: Vec<&HeldItem> = held.iter().filter(|item| item.state == HeldWord::Open).collect();
    let told = open.iter().take(HELD_MAX).map(|item| Waiting::held(language, now, item));
    let more = Waiting::more(language, open.len(), HELD_MAX, MORE_HELD, "/held", Acceptance::Held);
    told.chain(more).collect()
}

/// Sources that are late, the last to become so first: one that sends no more is no news.
fn late(language: Language, now: Timestamp, sources: &[SourceMoments]) -> Vec<Waiting> {
    let mut late: Vec<(&str, Timestamp, Rhythm)> = sources
        .iter()
        .filter(|of| of.source != NO_SENDER)
        .filter_map(|of| {
            let moments = moments(&of.moments);
            let rhythm = Rhythm::of(&moments).filter(|rhythm| rhythm.is_late(now))?;
            Some((of.source.as_str(), *moments.first()?, rhythm))
        })
        .collect();
    late.sort_by_key(|(_, _, rhythm)| Reverse(rhythm.late_from));
    let told = late.iter().take(LATE_MAX).map(|of| Waiting::late(language, now, of));
    let more = Waiting::more(language, late.len(), LATE_MAX, MORE_LATE, "/sources", Acceptance::Cancelled);
    told.chain(more).collect()
}

/// Moments as the store tells them.
pub(super) fn moments(said: &[String]) -> Vec<Timestamp> {
    said.iter().filter_map(|at| at.parse().ok()).collect()
}

/// Sources whose records wait, the most records first, and what is left of them.
fn refused(language: Language, sources: &[SourceWaiting]) -> Vec<Waiting> {
    let more = Waiting::more_refused(language, sources);
    sources.iter().map(|source| Waiting::refused(language, source)).chain(more).collect()
}

impl Waiting {
    fn held(language: Language, now: Timestamp, item: &HeldItem) -> Self {
        let words = waits(language, item).unwrap_or_else(|| state_told(language, HeldWord::Open).to_owned());
        Self {
            address: format!("/held/{}", item.id),
            class: class_of(Acceptance::Held),
            sign: sign_of(Acceptance::Held),
            source: item.source.clone(),
            words,
            at: Moment::told(language, now, &item.held_at),
        }
    }

    fn late(language: Language, now: Timestamp, (source, last, rhythm): &(&str, Timestamp, Rhythm)) -> Self {
        let usual = long(language, rhythm.usual);
        let words = match language {
            Language::English => format!("Late: a feed is usual every {usual}"),
            Language::German => format!("Verspätet: Üblich ist eine Lieferung alle {usual}"),
        };
        Self {
            address: source_address(source),
            class: "warning",
            sign: "▲",
            source: (*source).to_owned(),
            words,
            at: Some(Moment::of(language, now, *last)),
        }
    }

    fn refused(language: Language, source: &SourceWaiting) -> Self {
        Self {
            address: address("/quarantine", &[("source", &source.source)]),
            class: class_of(Acceptance::Deviations),
            sign: sign_of(Acceptance::Deviations),
            words: language.counted(source.records, REFUSED_RECORDS),
            source: name_of(language, &source.source).to_owned(),
            at: None,
        }
    }

    /// Of the sources that are not told one by one: how many there are, and how many of their records wait.
    fn more_refused(language: Language, told: &[SourceWaiting]) -> Option<Self> {
        let first = told.first()?;
        let sources = first.all_sources.saturating_sub(told.len() as u64);
        let records = first.all_records.saturating_sub(told.iter().map(|source| source.records).sum());
        Some(Self {
            address: "/quarantine".to_owned(),
            class: class_of(Acceptance::Deviations),
            sign: sign_of(Acceptance::Deviations),
            source: language.counted((sources > 0).then_some(sources)?, MORE_REFUSED),
            words: language.counted(records, REFUSED_RECORDS),
            at: None,
        })
    }

    /// What is not told one by one.
    fn more(
        language: Language,
        all: usize,
        told: usize,
        nouns: [[&str; 2]; 2],
        address: &str,
        look: Acceptance,
    ) -> Option<Self> {
        let more = all.saturating_sub(told) as u64;
        (more > 0).then(|| Self {
            address: address.to_owned(),
            class: class_of(look),
            sign: sign_of(look),
            source: String::new(),
            words: language.counted(more, nouns),
            at: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A source that sent every night until so many days ago.
    fn nightly(source: &str, days_ago: i64) -> SourceMoments {
        let moment = |night: i64| format!("{:.3}", at(-24 * (days_ago + night)));
        SourceMoments { source: source.to_owned(), moments: (0..10).map(moment).collect() }
    }

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hours * 3_600).expect("in range")
    }

    #[test]
    fn sources_are_told_as_late_the_last_first_and_nobody_is_not() {
        let sources = [nightly("A", 9), nightly("B", 1), nightly("C", 3), nightly(NO_SENDER, 5)];
        let told = late(Language::English, at(0), &sources);
        let told: Vec<_> = told.iter().map(|of| (of.source.as_str(), of.words.as_str())).collect();
        let words = "Late: a feed is usual every 24 h";
        assert_eq!(told, [("C", words), ("A", words)]);
    }

    #[test]
    fn records_of_sources_that_have_no_line_are_counted() {
        let source = |records, all_sources| SourceWaiting {
            source: "A".to_owned(),
            records,
            all_sources,
            all_records: 59,
        };
        let of = |all_sources| {
            let told = refused(Language::English, &[source(30, all_sources), source(1, all_sources)]);
            told.iter().map(|each| format!("{}, {}", each.words, each.source)).collect::<Vec<_>>()
        };
        let told = ["30 records in quarantine, A", "1 record in quarantine, A"];
        assert_eq!(of(2), told);
        assert_eq!(of(21), [&told[..], &["28 records in quarantine, 19 more sources"]].concat());
        assert!(refused(Language::German, &[]).is_empty());
    }

    #[test]
    fn late_max() {
        let of = |number: i64| {
            let sources: Vec<_> = (0..number).map(|each| nightly(&each.to_string(), 3 + each)).collect();
            let told = late(Language::German, at(0), &sources);
            (told.len(), told.last().map(|last| last.words.clone()).unwrap_or_default())
        };
        let (all, last) = of(5);
        assert!((all, last.starts_with("Verspätet")) == (LATE_MAX, true), "{last}");
        assert_eq!(of(6), (LATE_MAX + 1, "1 weiterer verspäteter Absender".to_owned()));
    }
}

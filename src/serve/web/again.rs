//! Records of the quarantine that a run judged again: it reads no feed, and is told by them.

use super::headline::Headline;
use super::language::Language;
use super::sources::source_address;
use super::visit::Viewer;
use super::who::who;
use super::words::RunWords;
use crate::access::Scope;
use crate::import::REPLAY;
use crate::serve::problem::Problem;
use crate::serve::run::Run;
use crate::serve::service::Service;
use crate::store::ReplayedRecord;
use std::collections::HashMap;

const RECORDS: [[&str; 2]; 2] = [["record", "records"], ["Datensatz", "Datensätze"]];

/// What the message of such a run says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Again {
    /// How many there were.
    records: u64,
    /// None where they could not be judged.
    imported: Option<u64>,
    /// Entries that are named: all, where they are few.
    entries: Vec<i64>,
}

/// One of these records, as a run is told by it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct JudgedAgain {
    /// Where it is shown.
    pub(super) address: String,
    /// Its key, or which entry it is.
    pub(super) name: String,
    pub(super) source: String,
    /// A corrected record took its place.
    pub(super) is_mended: bool,
    /// Who imported it by this run, and why, for those who may know.
    pub(super) by: Option<(String, Option<String>)>,
}

impl Again {
    /// Of a run, if it is one; its message says so.
    pub(super) fn of(run: &Run) -> Option<Self> {
        let said = run.message.as_deref().filter(|_| run.feeds == 0)?.strip_prefix(REPLAY)?;
        let (entries, outcome) = said.split_once(": ")?;
        let numbers = |text: &str| text.split(", ").filter_map(|number| number.parse().ok()).collect();
        let (records, entries): (u64, Vec<i64>) = match entries.split_once(' ')? {
            ("entry" | "entries", rest) => {
                let entries: Vec<i64> = numbers(rest.split(" of ").next()?);
                (entries.len() as u64, entries)
            }
            (number, rest) => {
                (number.parse().ok()?, numbers(rest.split_once('(')?.1.trim_end_matches(", …)")))
            }
        };
        Some(Self { records, imported: outcome.split(' ').next()?.parse().ok(), entries })
    }

    /// Whether it was one record.
    pub(super) const fn is_one(&self) -> bool {
        self.records == 1
    }

    /// Why a run that was to judge records again could not.
    pub(super) fn failure(language: Language, run: &Run) -> Option<String> {
        let (_, why) = run.message.as_deref()?.strip_prefix(REPLAY)?.split_once(": ")?;
        Self::of(run).filter(|again| again.imported.is_none())?;
        Some(language.sentence(&without_holder(why)))
    }

    /// What became of it, in one sentence.
    pub(super) fn headline(&self, language: Language) -> Headline {
        let records = language.counted(self.records, RECORDS);
        let imported = self.imported.map(|imported| language.grouped(imported));
        let words = match (language, imported) {
            (Language::English, Some(imported)) => {
                format!("{records} of the quarantine checked again: {imported} imported")
            }
            (Language::German, Some(imported)) => {
                format!("{records} der Quarantäne erneut geprüft: {imported} importiert")
            }
            (Language::English, None) => format!("{records} of the quarantine could not be checked again"),
            (Language::German, None) => format!("{records} der Quarantäne: erneute Prüfung nicht möglich"),
        };
        let (class, sign) =
            if self.imported == Some(self.records) { ("good", "✓") } else { ("plain", "○") };
        Headline { words, class, sign }
    }

    /// The same of a run that imported one record with corrections.
    pub(super) fn headline_of(&self, language: Language, judged: &[JudgedAgain]) -> Headline {
        let told = self.headline(language);
        match judged {
            [one] if self.records == 1 && self.imported == Some(1) && one.is_mended => {
                let words = language.pick("Mended record imported", "Berichtigter Datensatz importiert");
                Headline { words: words.to_owned(), ..told }
            }
            _ => told,
        }
    }

    /// How many of them are not named.
    pub(super) fn unnamed(&self, language: Language, judged: &[JudgedAgain]) -> Option<String> {
        let more = self.records.saturating_sub(judged.len() as u64);
        let records = [["more record", "more records"], ["weiterer Datensatz", "weitere Datensätze"]];
        (more > 0).then(|| language.counted(more, records))
    }
}

/// The records that these runs judged again, by run, as far as they are named.
pub(super) async fn judged_again(
    service: &Service,
    viewer: &Viewer,
    runs: &[&Run],
) -> Result<HashMap<i64, Vec<JudgedAgain>>, Problem> {
    let named: Vec<(&Run, Again)> = runs.iter().filter_map(|run| Some((*run, Again::of(run)?))).collect();
    let all: Vec<i64> = named.iter().flat_map(|(_, again)| again.entries.iter().copied()).collect();
    if all.is_empty() {
        return Ok(HashMap::new());
    }
    let records = service.store.replayed_records(&all, viewer.caller.0.source()).await?;
    // Who decided is told as `/v1/audit` tells it.
    let may_know = viewer.may(Scope::Operate) && viewer.caller.sees_all().is_ok();
    let of = |(run, again): (&Run, Again)| {
        let its = records.iter().filter(|record| again.entries.contains(&record.id));
        let judged = its.map(|record| JudgedAgain::of(viewer.visit.language, run, record, may_know));
        (run.id, judged.collect())
    };
    Ok(named.into_iter().map(of).collect())
}

impl JudgedAgain {
    /// Where its source is shown.
    pub(super) fn source_address(&self) -> String {
        source_address(&self.source)
    }

    fn of(language: Language, run: &Run, record: &ReplayedRecord, may_know: bool) -> Self {
        let entry = || format!("{} {}", RunWords::of(language).entry, record.id);
        // What another run imported, before or after it was taken back, somebody else may have decided.
        let (from, to) = (run.started_at.as_deref(), run.finished_at.as_deref());
        let is_its = |at: &str| from.is_some_and(|from| from <= at) && to.is_none_or(|to| at <= to);
        let decided = record.decisions.iter().find(|decided| is_its(&decided.at));
        Self {
            address: format!("/quarantine/{}", record.id),
            name: record.reference.clone().unwrap_or_else(entry),
            source: record.source.clone(),
            is_mended: record.is_mended && decided.is_some(),
            by: decided
                .filter(|_| may_know)
                .map(|decided| (who(language, &decided.who), decided.reason.clone())),
        }
    }
}

/// A sentence without who holds a lock, which tells people nothing: `run 42 (host/17/28334/8346911)`.
fn without_holder(sentence: &str) -> String {
    let holder = |(before, rest): (&str, &str)| {
        let (inside, after) = rest.split_once(')')?;
        (inside.matches('/').count() > 1).then(|| format!("{before}{after}"))
    };
    sentence.split_once(" (").and_then(holder).unwrap_or_else(|| sentence.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::headline::headline;
    use super::*;
    use crate::serve::run::testing::run;
    use crate::store::ReplayDecision;

    #[test]
    fn who_holds_a_lock_is_left_out() {
        let of = without_holder;
        assert_eq!(of("A is imported by run 42 (vm/40/28/83): wait"), "A is imported by run 42: wait");
        assert_eq!(of("A (Berlin) is imported"), "A (Berlin) is imported");
    }

    #[test]
    fn records_that_were_judged_again_are_no_feed() {
        let of = |message: &str| {
            let mut again = run("deviations", None, 0, 0);
            (again.feeds, again.message) = (0, Some(message.to_owned()));
            headline(Language::English, &again, None)
        };
        let told = of("replay of 100 entries of the quarantine (24, 31, …): 3 imported, 97 still refused");
        assert_eq!(told.words, "100 records of the quarantine checked again: 3 imported");
        assert_eq!(told.class, "plain");
        let three = of("replay of entries 1, 2, 3 of the quarantine: 0 imported, 3 still refused");
        assert_eq!(three.words, "3 records of the quarantine checked again: 0 imported");
        let none = of("replay of entry 30 of the quarantine: products of `A` are being imported by run 42");
        assert_eq!(none.words, "1 record of the quarantine could not be checked again");
        let mut none = run("failed", None, 0, 0);
        let why = "products of `A` are being imported by run 42 (vm/1/2/3): wait until it ends";
        (none.feeds, none.message) = (0, Some(format!("replay of entry 30 of the quarantine: {why}")));
        let why = "Produkte von `A` importiert gerade Lauf 42: dessen Ende abwarten";
        assert_eq!(Again::failure(Language::German, &none).as_deref(), Some(why));
        let one = of("replay of entry 12 of the quarantine: 1 imported");
        assert_eq!(
            (one.words.as_str(), one.class),
            ("1 record of the quarantine checked again: 1 imported", "good")
        );
    }

    #[test]
    fn a_run_of_one_mended_record_names_it_and_who_let_it_in() {
        let mut again = run("succeeded", None, 0, 0);
        again.feeds = 0;
        again.message = Some("replay of entry 12 of the quarantine: 1 imported".to_owned());
        let decided =
            |at: &str, who: &str| ReplayDecision { at: at.to_owned(), who: who.to_owned(), reason: None };
        let record = ReplayedRecord {
            id: 12,
            source: "Verlag".to_owned(),
            reference: Some("r-1".to_owned()),
            is_mended: true,
            decisions: vec![
                decided("2026-11-28T02:10:00.000Z", "token:otto"),
                decided("2026-11-27T02:10:05.000Z", "token:maria"),
            ],
        };
        let judged = JudgedAgain::of(Language::German, &again, &record, true);
        assert_eq!((judged.name.as_str(), judged.address.as_str()), ("r-1", "/quarantine/12"));
        assert_eq!(judged.by, Some(("maria".to_owned(), None)));
        assert_eq!(JudgedAgain::of(Language::German, &again, &record, false).by, None);
        let told = Again::of(&again).expect("it is one").headline_of(Language::German, &[judged]);
        assert_eq!((told.words.as_str(), told.class), ("Berichtigter Datensatz importiert", "good"));
    }

    #[test]
    fn entries_that_are_not_named_are_counted() {
        let of = |message: &str| {
            let mut again = run("deviations", None, 0, 0);
            (again.feeds, again.message) = (0, Some(message.to_owned()));
            Again::of(&again).expect("it is one")
        };
        let many = of("replay of 100 entries of the quarantine (24, 31, …): 3 imported, 97 still refused");
        assert_eq!(many.entries, [24, 31]);
        assert_eq!(many.unnamed(Language::German, &[]).as_deref(), Some("100 weitere Datensätze"));
        assert_eq!(of("replay of entries 1, 2 of the quarantine: 0 imported").entries, [1, 2]);
    }
}

//! What became of a run, in one sentence: the one that its report begins with.

use super::held_words::{settled, state_look};
use super::language::Language;
use crate::import::{NO_SENDER, REPLAY};
use crate::judgement::Acceptance;
use crate::report::headline::{Deed, Ended, Things};
use crate::serve::held::HeldItem;
use crate::serve::run::{Run, is_final};

pub(super) use crate::report::headline::Headline;

/// Of a run as it stands; of a held one, what it would do beyond a limit, if that is known.
pub(super) fn headline(language: Language, run: &Run, would: Option<String>) -> Headline {
    if let Some(again) = Again::of(run) {
        return again.headline(language);
    }
    match acceptance(run).filter(|_| is_final(&run.state)) {
        Some(status) if run.rolled_back_by.is_some() => taken_back(language, run, status),
        Some(status) => Headline::of(language, &Ended { would, ..ended(run, status) }),
        None => Headline { words: unfinished(language, run).to_owned(), class: "notice", sign: "…" },
    }
}

/// Of a run that another one has rolled back: what it came to holds no more.
fn taken_back(language: Language, run: &Run, status: Acceptance) -> Headline {
    let was = Headline::of(language, &ended(run, status)).words;
    let by = run.rolled_back_by.unwrap_or_default();
    let words = match language {
        Language::English => format!("Rolled back by run {by}. Before that: {was}"),
        Language::German => format!("Durch Lauf {by} zurückgenommen. Davor: {was}"),
    };
    Headline { words, class: "plain", sign: "○" }
}

impl Headline {
    /// The same of a run whose held feed waits no more, if it does not.
    pub(super) fn settled(self, language: Language, held: Option<&HeldItem>) -> Self {
        let settled = held.and_then(|held| Some((settled(language, held)?, held.state)));
        match settled {
            Some((words, state)) => {
                let (class, sign) = state_look(state);
                Self { words, class, sign }
            }
            None => self,
        }
    }
}

/// Records of the quarantine that a run judged again: it reads no feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Again {
    records: u64,
    /// None where they could not be judged.
    imported: Option<u64>,
}

impl Again {
    /// Of a run, if it is one; its message says so.
    pub(super) fn of(run: &Run) -> Option<Self> {
        let said = run.message.as_deref().filter(|_| run.feeds == 0)?.strip_prefix(REPLAY)?;
        let (entries, outcome) = said.split_once(": ")?;
        let records = match entries.split(' ').next()? {
            "entry" | "entries" => 1 + entries.matches(',').count() as u64,
            number => number.parse().ok()?,
        };
        Some(Self { records, imported: outcome.split(' ').next()?.parse().ok() })
    }

    /// Why a run that was to judge records again could not.
    pub(super) fn failure(language: Language, run: &Run) -> Option<String> {
        let (_, why) = run.message.as_deref()?.strip_prefix(REPLAY)?.split_once(": ")?;
        Self::of(run).filter(|again| again.imported.is_none())?;
        Some(language.sentence(&without_holder(why)))
    }

    fn headline(self, language: Language) -> Headline {
        let nouns = [["record", "records"], ["Datensatz", "Datensätze"]];
        let records = language.counted(self.records, nouns);
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
}

/// A sentence without who holds a lock, which tells people nothing: `run 42 (host/17/28334/8346911)`.
fn without_holder(sentence: &str) -> String {
    let holder = |(before, rest): (&str, &str)| {
        let (inside, after) = rest.split_once(')')?;
        (inside.matches('/').count() > 1).then(|| format!("{before}{after}"))
    };
    sentence.split_once(" (").and_then(holder).unwrap_or_else(|| sentence.to_owned())
}

/// Whether a run reads feeds; what judges records again or takes a run back does not.
pub(super) fn reads_feeds(run: &Run) -> bool {
    Again::of(run).is_none() && run.rolls_back.is_none()
}

/// What a run came to; of one that tells no exit status, by how it stands.
pub(super) fn acceptance(run: &Run) -> Option<Acceptance> {
    match (run.exit_status, run.state.as_str()) {
        (_, "queued" | "running") => None,
        (Some(status), _) => Some(Acceptance::of_exit_status(status)),
        (None, "succeeded") => Some(Acceptance::Accepted),
        (None, "deviations") => Some(Acceptance::Deviations),
        (None, "held") => Some(Acceptance::Held),
        (None, "cancelled") => Some(Acceptance::Cancelled),
        (None, _) => Some(Acceptance::Failed),
    }
}

fn unfinished(language: Language, run: &Run) -> &'static str {
    match run.state.as_str() {
        _ if run.cancel_asked => language.pick("Being cancelled", "Wird abgebrochen"),
        "queued" => language.pick("Waiting for its turn", "Wartet, bis er an der Reihe ist"),
        _ => language.pick("Being checked", "Wird geprüft"),
    }
}

/// Whether a run was to import one feed, and nobody knows whose it is.
pub(super) fn is_nobodys(run: &Run) -> bool {
    let is_one = run.feeds == 1 && run.command == "import";
    is_one && run.read.first().is_some_and(|feed| feed.source == NO_SENDER)
}

fn ended(run: &Run, status: Acceptance) -> Ended<'_> {
    let checks = run.verdict.iter().flat_map(|verdict| &verdict.checks);
    let mut unchecked: Vec<&str> = checks.flat_map(|check| &check.parts).map(String::as_str).collect();
    unchecked.dedup();
    Ended {
        status,
        things: Things::Feeds,
        deed: if run.command == "check" { Deed::Check } else { Deed::Import },
        feeds: run.feeds,
        unread: run.feeds_unread,
        held: run.feeds_held,
        known: 0,
        turned_down: run.read.iter().filter(|feed| feed.state == "refused").count() as u64,
        records: run.progress.records,
        refused: run.progress.refused,
        findings: super::run::all_findings(run),
        fatals: run.counts.as_ref().map_or(0, |counts| counts.fatals),
        is_nobodys: is_nobodys(run),
        unchecked,
        rolls_back: run.rolls_back,
        would: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serve::run::testing::{feed, run};

    #[track_caller]
    fn case(run: &Run, english: &str, german: &str) {
        assert_eq!(headline(Language::English, run, None).words, english);
        assert_eq!(headline(Language::German, run, None).words, german);
    }

    #[test]
    fn a_run_is_told_in_one_sentence() {
        case(&run("queued", None, 0, 0), "Waiting for its turn", "Wartet, bis er an der Reihe ist");
        case(&run("running", None, 7, 0), "Being checked", "Wird geprüft");
        let ended = |state, acceptance: Acceptance, records, refused| {
            run(state, Some(acceptance.exit_status()), records, refused)
        };
        case(
            &ended("succeeded", Acceptance::Accepted, 20_000, 0),
            "All 20,000 records accepted",
            "Alle 20.000 Datensätze angenommen",
        );
        case(
            &ended("deviations", Acceptance::NotFullyChecked, 3, 0),
            "Not fully checked: xs:assert",
            "Nicht vollständig geprüft: xs:assert",
        );
        case(
            &run("failed", None, 0, 0),
            "The feed could not be read",
            "Die Lieferung konnte nicht gelesen werden",
        );
        case(&run("killed", None, 5, 0), "Broken off before the end", "Vor dem Ende abgerissen");
        assert_ne!(headline(Language::English, &run("running", None, 1, 0), None).class, "good");
    }

    #[test]
    fn what_was_rolled_back_is_not_told_as_accepted() {
        let mut back = run("succeeded", Some(0), 200, 0);
        back.rolled_back_by = Some(50);
        let told = headline(Language::English, &back, None);
        assert_eq!(told.words, "Rolled back by run 50. Before that: All 200 records accepted");
        assert_eq!(told.class, "plain");
    }

    #[test]
    fn a_feed_of_nobody_is_told_as_such() {
        let mut nobodys = run("deviations", Some(Acceptance::Deviations.exit_status()), 1, 0);
        nobodys.read = vec![feed(NO_SENDER)];
        case(
            &nobodys,
            "Nothing imported: the feed names no valid sender",
            "Nichts importiert: Die Lieferung nennt keinen gültigen Absender",
        );
        nobodys.read = vec![feed("Verlag")];
        assert!(!is_nobodys(&nobodys), "it is that of somebody");
    }

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
    fn a_held_run_says_what_it_would_do() {
        let told = headline(Language::English, &run("held", None, 5, 0), Some("withdraw 4 of 5".to_owned()));
        assert_eq!(told.words, "Held: it would withdraw 4 of 5");
    }
}

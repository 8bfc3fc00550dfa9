//! What a page says first of a run: what came of it, in one sentence, in the report and in the service alike.

use super::filters::{class_of, sign_of};
use crate::judgement::{Acceptance, Language};

/// Constructs that are named in the sentence; the rest stands with the checks.
const NAMED_MAX: usize = 3;

const RECORDS: [[&str; 2]; 2] = [["record", "records"], ["Datensatz", "Datensätze"]];
const OF_RECORDS: [[&str; 2]; 2] = [["record", "records"], ["Datensatz", "Datensätzen"]];
const OF_FEEDS: [[&str; 2]; 2] = [["feed", "feeds"], ["Lieferung", "Lieferungen"]];
const OF_DOCUMENTS: [[&str; 2]; 2] = [["document", "documents"], ["Dokument", "Dokumenten"]];
const DEVIATIONS: [[&str; 2]; 2] = [["deviation", "deviations"], ["Abweichung", "Abweichungen"]];

/// The sentence, how it looks, and a sign that goes with it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Headline {
    pub(crate) words: String,
    pub(crate) class: &'static str,
    pub(crate) sign: &'static str,
}

/// What a run was over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Things {
    #[default]
    Feeds,
    /// Documents of schemas.
    Documents,
}

/// What was to be done with feeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Deed {
    #[default]
    Import,
    Check,
}

/// What there is to say of a run that is over.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ended<'a> {
    pub(crate) status: Acceptance,
    pub(crate) things: Things,
    pub(crate) deed: Deed,
    /// Feeds, or documents.
    pub(crate) feeds: u64,
    /// Those that could not be read.
    pub(crate) unread: u64,
    /// Those that are held.
    pub(crate) held: u64,
    /// Those that were imported before.
    pub(crate) known: u64,
    /// Those that were read, and of which nothing was taken for what is wrong with them as a whole.
    pub(crate) turned_down: u64,
    pub(crate) records: u64,
    pub(crate) refused: u64,
    /// Deviations of any severity.
    pub(crate) findings: u64,
    /// Those for which a feed is refused as a whole.
    pub(crate) fatals: u64,
    /// The one feed names no sender that is valid: nobody knows whose it is.
    pub(crate) is_nobodys: bool,
    /// What was not checked.
    pub(crate) unchecked: Vec<&'a str>,
    /// The run that it took back.
    pub(crate) rolls_back: Option<i64>,
    /// What the held feed would do beyond a limit, without a subject.
    pub(crate) would: Option<String>,
}

impl Headline {
    /// Of a run that is over.
    pub(crate) fn of(language: Language, ended: &Ended<'_>) -> Self {
        let status = match ended.status {
            // What refuses a feed as a whole leaves nothing of it, whatever the exit status says.
            Acceptance::Deviations if is_broken(ended) => Acceptance::Failed,
            status => status,
        };
        Self { words: words(language, ended), class: class_of(status), sign: sign_of(status) }
    }
}

/// Whether there is one feed, and nothing of it counts.
fn is_broken(ended: &Ended<'_>) -> bool {
    ended.fatals > 0 && ended.feeds == 1 && ended.things == Things::Feeds
}

fn words(language: Language, ended: &Ended<'_>) -> String {
    match ended.status {
        Acceptance::Accepted => accepted(language, ended),
        Acceptance::NotFullyChecked => not_fully_checked(language, &ended.unchecked),
        Acceptance::Deviations if is_broken(ended) => failed(language, &Ended { unread: 1, ..ended.clone() }),
        Acceptance::Deviations => deviations(language, ended),
        Acceptance::Held => held(language, ended),
        Acceptance::Failed => failed(language, ended),
        Acceptance::Cancelled => {
            language.pick("Cancelled before the end", "Vor dem Ende abgebrochen").to_owned()
        }
    }
}

fn accepted(language: Language, ended: &Ended<'_>) -> String {
    let said = |english, german| language.pick(english, german).to_owned();
    match *ended {
        Ended { rolls_back: Some(other), .. } => match language {
            Language::English => format!("Run {other} was rolled back"),
            Language::German => format!("Lauf {other} wurde zurückgenommen"),
        },
        Ended { feeds: 0, records: 0, .. } => said("No feed was read", "Keine Lieferung wurde gelesen"),
        Ended { records: 0, things: Things::Documents, .. } => {
            said("The schema is in order", "Das Schema ist in Ordnung")
        }
        Ended { records: 0, feeds, known, .. } if feeds == known => {
            said("Nothing new: this was imported before", "Nichts Neues: Das wurde schon importiert")
        }
        Ended { records: 0, .. } => {
            said("Everything was checked and nothing is wrong", "Alles geprüft, nichts zu beanstanden")
        }
        Ended { records: 1, .. } => said("1 record accepted", "1 Datensatz angenommen"),
        Ended { records, .. } => match language {
            Language::English => format!("All {} accepted", language.counted(records, RECORDS)),
            Language::German => format!("Alle {} angenommen", language.counted(records, RECORDS)),
        },
    }
}

fn not_fully_checked(language: Language, unchecked: &[&str]) -> String {
    let mut unchecked: Vec<String> = unchecked.iter().map(|said| construct(said)).collect();
    unchecked.dedup();
    let names = unchecked[..unchecked.len().min(NAMED_MAX)].join(", ");
    let more = unchecked.len().saturating_sub(NAMED_MAX);
    if names.is_empty() {
        let nothing = "Nothing wrong was found, but not all of it was checked";
        return language.pick(nothing, "Nichts zu beanstanden, aber nicht alles wurde geprüft").to_owned();
    }
    let said = language.pick("Not fully checked", "Nicht vollständig geprüft");
    match (more, language) {
        (0, _) => format!("{said}: {names}"),
        (more, Language::English) => format!("{said}: {names} and {more} more"),
        (more, Language::German) => format!("{said}: {names} und {more} weitere"),
    }
}

/// What was not checked, in few words: `xs:assert (catalogue.xsd)` of "`xs:assert` of XML Schema 1.1 in
/// `/schemas/catalogue.xsd`".
fn construct(said: &str) -> String {
    let mut named = said.split('`').skip(1).step_by(2);
    let Some(first) = named.next() else { return said.to_owned() };
    let file = named.last().and_then(|path| path.rsplit_once(['/', '\\'])).map(|(_, file)| file);
    file.map_or_else(|| first.to_owned(), |file| format!("{first} ({file})"))
}

fn deviations(language: Language, ended: &Ended<'_>) -> String {
    if ended.is_nobodys {
        let nothing = "Nothing imported: the feed names no valid sender";
        return language
            .pick(nothing, "Nichts importiert: Die Lieferung nennt keinen gültigen Absender")
            .to_owned();
    }
    let findings = language.counted(ended.findings, DEVIATIONS);
    if let Ended { turned_down: 1.., feeds: 1, deed, .. } = ended {
        let nothing = match deed {
            Deed::Import => language.pick("Nothing was imported", "Nichts wurde importiert"),
            Deed::Check => language.pick("Nothing would be imported", "Nichts würde importiert"),
        };
        return format!("{nothing}: {findings}");
    }
    if ended.refused > 0 {
        return refused(language, ended);
    }
    if ended.findings == 0 {
        return language.pick("Deviations were found", "Es wurden Abweichungen gefunden").to_owned();
    }
    match (ended, language) {
        (Ended { records: 0, .. }, _) => findings,
        (Ended { deed: Deed::Import, .. }, Language::English) => format!("{findings}, no record refused"),
        (_, Language::English) => format!("{findings}, no record would be refused"),
        (Ended { deed: Deed::Import, .. }, Language::German) => {
            format!("{findings}, kein Datensatz abgewiesen")
        }
        (_, Language::German) => format!("{findings}, kein Datensatz würde abgewiesen"),
    }
}

fn refused(language: Language, ended: &Ended<'_>) -> String {
    let (refused, records) = (ended.refused, ended.records);
    let verb = match (ended.deed, language) {
        (Deed::Import, _) => language.pick("refused", "abgewiesen"),
        (Deed::Check, Language::English) => "would be refused",
        (Deed::Check, Language::German) if refused == 1 => "würde abgewiesen",
        (Deed::Check, Language::German) => "würden abgewiesen",
    };
    match (refused, records, ended.deed) {
        (1, 1, Deed::Import) => {
            language.pick("The one record was refused", "Der einzige Datensatz wurde abgewiesen").to_owned()
        }
        (1, 1, Deed::Check) => {
            format!("{} {verb}", language.pick("The one record", "Der einzige Datensatz"))
        }
        (refused, records, _) if refused == records => {
            format!("{} {} {verb}", language.pick("All", "Alle"), language.counted(records, RECORDS))
        }
        (refused, records, _) => format!("{} {verb}", some_of(language, refused, records, OF_RECORDS)),
    }
}

/// `2 of 12 feeds`.
fn some_of(language: Language, some: u64, all: u64, nouns: [[&str; 2]; 2]) -> String {
    let of = language.pick("of", "von");
    format!("{} {of} {}", language.grouped(some), language.counted(all, nouns))
}

fn held(language: Language, ended: &Ended<'_>) -> String {
    let said = |english, german| language.pick(english, german).to_owned();
    match (ended, &ended.would) {
        (Ended { feeds: feeds @ 2.., held, .. }, _) => {
            let some = some_of(language, *held, *feeds, OF_FEEDS);
            format!("{some} {}", language.pick("held for approval", "zur Freigabe angehalten"))
        }
        (Ended { deed: Deed::Check, .. }, None) => {
            said("It would be held for approval", "Die Lieferung würde zur Freigabe angehalten")
        }
        (Ended { deed: Deed::Check, .. }, Some(would)) => match language {
            Language::English => format!("It would be held: it would {would}"),
            Language::German => format!("Die Lieferung würde angehalten: Sie würde {would}"),
        },
        (_, Some(would)) => match language {
            Language::English => format!("Held: it would {would}"),
            Language::German => format!("Angehalten: Die Lieferung würde {would}"),
        },
        (_, None) => said(
            "Held for approval: nothing of it was imported",
            "Zur Freigabe angehalten: Nichts davon wurde importiert",
        ),
    }
}

fn failed(language: Language, ended: &Ended<'_>) -> String {
    let nouns = if ended.things == Things::Documents { OF_DOCUMENTS } else { OF_FEEDS };
    let failed = match ended {
        Ended { unread: 0, .. } => {
            return language.pick("Broken off before the end", "Vor dem Ende abgerissen").to_owned();
        }
        Ended { feeds: ..=1, records: 0, .. } => return unreadable(language, ended.things).to_owned(),
        Ended { feeds: ..=1, .. } => return broken_off(language, ended),
        Ended { feeds, unread, .. } => {
            let some = some_of(language, *unread, *feeds, nouns);
            let verb = match (unread, language) {
                (_, Language::English) => "could not be read",
                (1, Language::German) => "konnte nicht gelesen werden",
                (_, Language::German) => "konnten nicht gelesen werden",
            };
            format!("{some} {verb}")
        }
    };
    if ended.refused > 0 { format!("{failed}, {}", lower(&refused(language, ended))) } else { failed }
}

const fn unreadable(language: Language, things: Things) -> &'static str {
    match things {
        Things::Feeds => {
            language.pick("The feed could not be read", "Die Lieferung konnte nicht gelesen werden")
        }
        Things::Documents => {
            language.pick("The document could not be read", "Das Dokument konnte nicht gelesen werden")
        }
    }
}

/// Of the one feed a part could be read.
fn broken_off(language: Language, ended: &Ended<'_>) -> String {
    let nothing = match ended.deed {
        Deed::Check => "",
        Deed::Import => language.pick(": nothing was imported", ": Nichts wurde importiert"),
    };
    match language {
        Language::English => {
            format!("Broken off after {}{nothing}", language.counted(ended.records, RECORDS))
        }
        Language::German => {
            format!("Nach {} abgerissen{nothing}", language.counted(ended.records, OF_RECORDS))
        }
    }
}

/// For the middle of a sentence.
fn lower(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Acceptance::{Accepted, Cancelled, Deviations, Failed, Held, NotFullyChecked};

    fn ended(status: Acceptance, records: u64, refused: u64) -> Ended<'static> {
        Ended { status, feeds: 1, records, refused, findings: refused, ..Ended::default() }
    }

    #[track_caller]
    fn case(ended: &Ended<'_>, english: &str, german: &str) {
        assert_eq!(Headline::of(Language::English, ended).words, english);
        assert_eq!(Headline::of(Language::German, ended).words, german);
    }

    #[test]
    fn what_was_accepted_is_told_in_one_sentence() {
        case(&ended(Accepted, 20_000, 0), "All 20,000 records accepted", "Alle 20.000 Datensätze angenommen");
        case(&ended(Accepted, 1, 0), "1 record accepted", "1 Datensatz angenommen");
        case(
            &ended(Accepted, 0, 0),
            "Everything was checked and nothing is wrong",
            "Alles geprüft, nichts zu beanstanden",
        );
        case(&Ended::default(), "No feed was read", "Keine Lieferung wurde gelesen");
        case(
            &Ended { known: 1, ..ended(Accepted, 0, 0) },
            "Nothing new: this was imported before",
            "Nichts Neues: Das wurde schon importiert",
        );
        case(
            &Ended { rolls_back: Some(7), ..ended(Accepted, 0, 0) },
            "Run 7 was rolled back",
            "Lauf 7 wurde zurückgenommen",
        );
        case(
            &Ended { things: Things::Documents, ..ended(Accepted, 0, 0) },
            "The schema is in order",
            "Das Schema ist in Ordnung",
        );
    }

    #[test]
    fn what_was_refused_is_told_in_one_sentence() {
        case(
            &ended(Deviations, 20_131, 12),
            "12 of 20,131 records refused",
            "12 von 20.131 Datensätzen abgewiesen",
        );
        case(
            &ended(Deviations, 1, 1),
            "The one record was refused",
            "Der einzige Datensatz wurde abgewiesen",
        );
        case(
            &ended(Deviations, 1_200, 1_200),
            "All 1,200 records refused",
            "Alle 1.200 Datensätze abgewiesen",
        );
        case(&ended(Deviations, 3, 0), "Deviations were found", "Es wurden Abweichungen gefunden");
        case(&ended(Cancelled, 5, 1), "Cancelled before the end", "Vor dem Ende abgebrochen");
        let mut outside = Ended { findings: 1_500, ..ended(Deviations, 7, 0) };
        case(
            &outside,
            "1,500 deviations, no record refused",
            "1.500 Abweichungen, kein Datensatz abgewiesen",
        );
        outside.turned_down = 1;
        case(
            &outside,
            "Nothing was imported: 1,500 deviations",
            "Nichts wurde importiert: 1.500 Abweichungen",
        );
        outside.deed = Deed::Check;
        case(
            &outside,
            "Nothing would be imported: 1,500 deviations",
            "Nichts würde importiert: 1.500 Abweichungen",
        );
        outside.turned_down = 0;
        case(
            &outside,
            "1,500 deviations, no record would be refused",
            "1.500 Abweichungen, kein Datensatz würde abgewiesen",
        );
        outside.records = 0;
        case(&outside, "1,500 deviations", "1.500 Abweichungen");
    }

    #[test]
    fn of_a_feed_of_nobody_it_says_that_nothing_was_imported() {
        for (records, refused) in [(0, 0), (1, 0), (1, 1), (9, 2)] {
            case(
                &Ended { is_nobodys: true, ..ended(Deviations, records, refused) },
                "Nothing imported: the feed names no valid sender",
                "Nichts importiert: Die Lieferung nennt keinen gültigen Absender",
            );
        }
    }

    #[test]
    fn a_check_refuses_nothing_and_says_what_would_be_refused() {
        let checked = |records, refused| Ended { deed: Deed::Check, ..ended(Deviations, records, refused) };
        case(
            &checked(20_131, 12),
            "12 of 20,131 records would be refused",
            "12 von 20.131 Datensätzen würden abgewiesen",
        );
        case(&checked(5, 1), "1 of 5 records would be refused", "1 von 5 Datensätzen würde abgewiesen");
        case(&checked(1, 1), "The one record would be refused", "Der einzige Datensatz würde abgewiesen");
        case(&checked(3, 3), "All 3 records would be refused", "Alle 3 Datensätze würden abgewiesen");
    }

    #[test]
    fn a_feed_that_could_not_be_read_to_its_end_is_said_to_leave_nothing() {
        let unread = Ended { unread: 1, ..ended(Failed, 0, 0) };
        case(&unread, "The feed could not be read", "Die Lieferung konnte nicht gelesen werden");
        let cut = Ended { records: 99, ..unread };
        case(
            &cut,
            "Broken off after 99 records: nothing was imported",
            "Nach 99 Datensätzen abgerissen: Nichts wurde importiert",
        );
        case(
            &Ended { deed: Deed::Check, records: 1, ..cut.clone() },
            "Broken off after 1 record",
            "Nach 1 Datensatz abgerissen",
        );
        case(&Ended { unread: 0, ..cut }, "Broken off before the end", "Vor dem Ende abgerissen");
        let fatal = Ended { findings: 1, fatals: 1, ..ended(Deviations, 0, 0) };
        case(&fatal, "The feed could not be read", "Die Lieferung konnte nicht gelesen werden");
        let Headline { class, sign, .. } = Headline::of(Language::English, &fatal);
        assert_eq!((class, sign), ("error", "■"));
    }

    #[test]
    fn of_several_feeds_it_says_how_many() {
        let several = Ended { feeds: 12, unread: 2, ..ended(Failed, 5, 1) };
        case(
            &several,
            "2 of 12 feeds could not be read, 1 of 5 records refused",
            "2 von 12 Lieferungen konnten nicht gelesen werden, 1 von 5 Datensätzen abgewiesen",
        );
        case(
            &Ended { feeds: 23, unread: 1, ..ended(Failed, 5, 0) },
            "1 of 23 feeds could not be read",
            "1 von 23 Lieferungen konnte nicht gelesen werden",
        );
        case(
            &Ended { feeds: 1_002, held: 2, ..ended(Held, 5, 0) },
            "2 of 1,002 feeds held for approval",
            "2 von 1.002 Lieferungen zur Freigabe angehalten",
        );
    }

    #[test]
    fn a_held_feed_says_what_it_would_do() {
        let mut held = ended(Held, 3, 0);
        case(
            &held,
            "Held for approval: nothing of it was imported",
            "Zur Freigabe angehalten: Nichts davon wurde importiert",
        );
        held.would = Some("x".to_owned());
        case(&held, "Held: it would x", "Angehalten: Die Lieferung würde x");
        held.deed = Deed::Check;
        case(&held, "It would be held: it would x", "Die Lieferung würde angehalten: Sie würde x");
        held.would = None;
        case(&held, "It would be held for approval", "Die Lieferung würde zur Freigabe angehalten");
    }

    #[test]
    fn what_was_not_checked_is_named() {
        let mut partly = ended(NotFullyChecked, 5, 0);
        case(
            &partly,
            "Nothing wrong was found, but not all of it was checked",
            "Nichts zu beanstanden, aber nicht alles wurde geprüft",
        );
        partly.unchecked = vec!["a", "b", "c"];
        case(&partly, "Not fully checked: a, b, c", "Nicht vollständig geprüft: a, b, c");
        let long = "`xs:assert` of XML Schema 1.1 in `/schemas/1.0/catalogue.xsd`";
        let named = Ended { unchecked: vec![long, long], ..partly.clone() };
        case(
            &named,
            "Not fully checked: xs:assert (catalogue.xsd)",
            "Nicht vollständig geprüft: xs:assert (catalogue.xsd)",
        );
        partly.unchecked.extend(["d", "e"]);
        case(
            &partly,
            "Not fully checked: a, b, c and 2 more",
            "Nicht vollständig geprüft: a, b, c und 2 weitere",
        );
    }

    #[test]
    fn only_what_was_accepted_and_checked_is_green() {
        let class = |status| Headline::of(Language::English, &ended(status, 1, 0)).class;
        assert_eq!(class(Accepted), "good");
        for other in [NotFullyChecked, Deviations, Held, Failed, Cancelled] {
            assert_ne!(class(other), "good", "{other:?}");
        }
    }
}

//! What the page says first: what came of it, in one sentence.

use crate::judgement::Acceptance;
use crate::report::Summary;
use crate::report::counted;
use crate::report::filters::{class_of, sign_of};
use crate::report::summary_table::grouped;

/// Constructs that are named in the sentence; the rest stands with the checks.
const NAMED_MAX: usize = 3;

/// The sentence, how it looks, and a sign that goes with it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Headline {
    pub(super) words: String,
    pub(super) class: &'static str,
    pub(super) sign: &'static str,
}

impl Headline {
    /// Of a run over feeds, or over documents of schemas.
    pub(super) fn of(summary: &Summary, of_schemas: bool) -> Self {
        let status = summary.status;
        Self { words: words(summary, of_schemas), class: class_of(status), sign: sign_of(status) }
    }
}

fn words(summary: &Summary, of_schemas: bool) -> String {
    match summary.status {
        Acceptance::Accepted => accepted(summary, of_schemas),
        Acceptance::NotFullyChecked => not_fully_checked(summary),
        Acceptance::Deviations => deviations(summary),
        Acceptance::Held => held(summary),
        Acceptance::Failed => failed(summary, of_schemas),
        Acceptance::Cancelled => "Cancelled before the end".to_owned(),
    }
}

fn accepted(summary: &Summary, of_schemas: bool) -> String {
    let (records, feeds) = (summary.tally.records, summary.all_feeds());
    let known = summary.import.map_or(0, |import| import.feeds_known);
    match (records, feeds) {
        (_, 0) => "No feed was read".to_owned(),
        (0, _) if of_schemas => "The schema is in order".to_owned(),
        (0, feeds) if known == feeds => "Nothing new: this was imported before".to_owned(),
        (0, _) => "Everything was checked and nothing is wrong".to_owned(),
        (1, _) => "1 record accepted".to_owned(),
        (records, _) => format!("All {} records accepted", grouped(records)),
    }
}

fn not_fully_checked(summary: &Summary) -> String {
    let names: Vec<&str> = summary.checks.unchecked.iter().map(String::as_str).take(NAMED_MAX).collect();
    let more = summary.checks.unchecked.len() - names.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    if names.is_empty() {
        return "Nothing wrong was found, but not all of it was checked".to_owned();
    }
    format!("Not fully checked: {}{more}", names.join(", "))
}

fn deviations(summary: &Summary) -> String {
    let tally = &summary.tally;
    if tally.refused > 0 {
        return refused(summary);
    }
    let number = tally.findings.values().sum();
    let outside = if tally.records > 0 { " outside of the records" } else { "" };
    format!("{}{outside}", counted(number, "deviation"))
}

fn refused(summary: &Summary) -> String {
    let tally = &summary.tally;
    match (tally.refused, tally.records) {
        (1, 1) => "The one record was refused".to_owned(),
        (refused, records) if refused == records => format!("All {} records refused", grouped(records)),
        (refused, records) => format!("{} of {} refused", grouped(refused), counted(records, "record")),
    }
}

fn held(summary: &Summary) -> String {
    match (summary.feeds(Acceptance::Held), summary.all_feeds()) {
        (_, 1) => "Held for approval: nothing of it was imported".to_owned(),
        (held, all) => format!("{} of {} held for approval", grouped(held), counted(all, "feed")),
    }
}

fn failed(summary: &Summary, of_schemas: bool) -> String {
    let unread = summary.feeds(Acceptance::Failed);
    let thing = if of_schemas { "document" } else { "feed" };
    let failed = match (unread, summary.all_feeds()) {
        (0, _) => return "Broken off before the end".to_owned(),
        (_, 1) => return format!("The {thing} could not be read"),
        (unread, all) => format!("{} of {} could not be read", grouped(unread), counted(all, thing)),
    };
    if summary.tally.refused > 0 { format!("{failed}, {}", lower(&refused(summary))) } else { failed }
}

/// For the middle of a sentence.
fn lower(words: &str) -> String {
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::{Severity, Tally};
    use crate::report::ImportCounts;

    fn summary(status: Acceptance, records: u64, refused: u64) -> Summary {
        let findings = [(("rule.gtin", Severity::Error), refused)].into();
        Summary {
            status,
            verdicts: [(status, 1)].into(),
            tally: Tally { feeds: 1, records, refused, findings, ..Tally::default() },
            ..Summary::default()
        }
    }

    #[track_caller]
    fn case(summary: &Summary, words: &str) {
        assert_eq!(Headline::of(summary, false).words, words);
    }

    #[test]
    fn a_run_is_told_in_one_sentence() {
        use Acceptance::{Accepted, Cancelled, Deviations, Failed, Held, NotFullyChecked};
        case(&summary(Accepted, 20_000, 0), "All 20,000 records accepted");
        case(&summary(Accepted, 1, 0), "1 record accepted");
        case(&summary(Accepted, 0, 0), "Everything was checked and nothing is wrong");
        case(&Summary::default(), "No feed was read");
        case(&summary(Deviations, 20_000, 383), "383 of 20,000 records refused");
        case(&summary(Deviations, 1, 1), "The one record was refused");
        case(&summary(Deviations, 1_200, 1_200), "All 1,200 records refused");
        case(&summary(Held, 3, 0), "Held for approval: nothing of it was imported");
        case(&summary(Failed, 0, 0), "The feed could not be read");
        case(&summary(Cancelled, 5, 1), "Cancelled before the end");
        let nothing = "Nothing wrong was found, but not all of it was checked";
        case(&summary(NotFullyChecked, 5, 0), nothing);
        let known = ImportCounts { feeds_known: 1, ..ImportCounts::default() };
        case(
            &Summary { import: Some(known), ..summary(Accepted, 0, 0) },
            "Nothing new: this was imported before",
        );
    }

    #[test]
    fn of_several_feeds_it_says_how_many() {
        let mut several = summary(Acceptance::Failed, 5, 1);
        several.verdicts = [(Acceptance::Failed, 2), (Acceptance::Accepted, 10)].into();
        case(&several, "2 of 12 feeds could not be read, 1 of 5 records refused");
        several.status = Acceptance::Held;
        several.verdicts = [(Acceptance::Held, 2), (Acceptance::Accepted, 1_000)].into();
        case(&several, "2 of 1,002 feeds held for approval");
        several.verdicts.clear();
        several.status = Acceptance::Failed;
        case(&several, "Broken off before the end");
    }

    #[test]
    fn what_stands_outside_of_records_and_what_was_not_checked_is_named() {
        let mut outside = summary(Acceptance::Deviations, 7, 0);
        outside.tally.findings = [(("cvc-elt.1", Severity::Error), 1_500)].into();
        case(&outside, "1,500 deviations outside of the records");
        outside.tally.records = 0;
        case(&outside, "1,500 deviations");
        outside.status = Acceptance::NotFullyChecked;
        outside.checks.unchecked = ["a", "b", "c", "d", "e"].map(str::to_owned).into();
        case(&outside, "Not fully checked: a, b, c and 2 more");
    }
}

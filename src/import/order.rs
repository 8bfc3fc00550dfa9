//! The order of messages: what is older than what was applied must not overwrite it.
//!
//! ```text
//!                      sent earlier       sent at the same time     sent later
//!  lower number        old                old                       newer, numbering was reset
//!  the same number     old                same                      newer
//!  higher number       newer, or old      newer                     newer
//!                      when by a day
//! ```
//!
//! Where numbers or times are missing, the others decide alone; where both are, nothing does. Messages that are the
//! same (thousands of files under one number) are not older than each other.

use super::plan::ImportPlan;
use crate::judgement::FeedStart;
use crate::product::moment;
use crate::store::Mark;
use jiff::Timestamp;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A day, in seconds: clocks of senders are not exact, and some give a date only.
const DAY_SECONDS: i64 = 86_400;

/// How a message stands to what was applied of its sender and format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// Nothing was applied yet, or neither has a place in the order.
    Unordered,
    /// As new as what was applied.
    Same,
    /// Newer, and the next one.
    Newer,
    /// Newer, and so many messages are missing between.
    Gap(u64),
    /// Sent later under a lower number.
    Reset,
    /// Older than what was applied.
    Old,
}

/// The place of a message in the order, as far as its header says.
pub(super) fn place(start: &FeedStart) -> Mark {
    let number = |text: &Option<String>| {
        let number: u64 = text.as_ref()?.trim().parse().ok()?;
        // What no database can hold is no number of a message.
        i64::try_from(number).is_ok().then_some(number)
    };
    Mark {
        number: number(&start.message_number),
        repeat: number(&start.message_repeat).unwrap_or(0),
        sent: start.sent.as_deref().and_then(moment),
        ..Mark::default()
    }
}

/// Whether a message says that it was sent more than a day after now.
pub(super) fn is_ahead(place: &Mark, now: Timestamp) -> bool {
    place.sent.is_some_and(|sent| is_to_come(sent, now))
}

/// Whether a moment is more than a day after now.
pub(super) fn is_to_come(moment: i64, now: Timestamp) -> bool {
    moment > now.as_second() + DAY_SECONDS
}

/// How a message stands to the newest that was applied.
pub(super) fn age(message: &Mark, applied: Option<&Mark>) -> Age {
    let Some(applied) = applied else { return Age::Unordered };
    let by_number = message.number.zip(applied.number).map(|(message_number, applied_number)| {
        (message_number, message.repeat).cmp(&(applied_number, applied.repeat))
    });
    let by_time = message.sent.zip(applied.sent).map(|(message, applied)| message - applied);
    match (by_number, by_time) {
        (None, None) => Age::Unordered,
        (None, Some(later)) => match later.cmp(&0) {
            Ordering::Less => Age::Old,
            Ordering::Equal => Age::Same,
            Ordering::Greater => Age::Newer,
        },
        (Some(Ordering::Less), Some(1..)) => Age::Reset,
        (Some(Ordering::Less), _) => Age::Old,
        (Some(Ordering::Equal), later) => match later.unwrap_or(0).cmp(&0) {
            Ordering::Less => Age::Old,
            Ordering::Equal => Age::Same,
            Ordering::Greater => Age::Newer,
        },
        (Some(Ordering::Greater), Some(later)) if later < -DAY_SECONDS => Age::Old,
        (Some(Ordering::Greater), _) => {
            let step = message.number.zip(applied.number).map_or(0, |(new, old)| new.saturating_sub(old));
            if step > 1 { Age::Gap(step - 1) } else { Age::Newer }
        }
    }
}

/// The order in which feeds are to be imported: those of one source and format by their messages, in the places that
/// they have among all others. Feeds without a head, or whose messages have no order, stay where they are.
#[must_use]
pub fn in_message_order(plan: &ImportPlan, heads: &[Option<FeedStart>]) -> Vec<usize> {
    let mut groups: BTreeMap<(String, &str), Vec<usize>> = BTreeMap::new();
    for (at, head) in heads.iter().enumerate() {
        let Some(head) = head else { continue };
        let format = head.format.as_deref().unwrap_or_default();
        if let Some(source) = plan.source_of(head) {
            groups.entry((source, format)).or_default().push(at);
        }
    }
    let mut order: Vec<usize> = (0..heads.len()).collect();
    for places in groups.into_values() {
        let marks: Vec<Mark> = places.iter().filter_map(|at| heads[*at].as_ref()).map(place).collect();
        let timed = marks.iter().all(|mark| mark.sent.is_some());
        let numbered = marks.iter().all(|mark| mark.number.is_some());
        if !timed && !numbered {
            continue;
        }
        let key = |at: &usize| {
            let mark = marks[*at];
            (mark.sent.filter(|_| timed), mark.number.filter(|_| numbered || timed), mark.repeat)
        };
        let mut sorted: Vec<usize> = (0..places.len()).collect();
        sorted.sort_by_key(key);
        for (at, from) in places.iter().zip(sorted) {
            order[*at] = places[from];
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message as `NUMBER SENT`, `-` for what it does not say.
    fn mark(text: &str) -> Mark {
        let (number, sent) = text.split_once(' ').expect("two parts");
        let said = |text: &str| (text != "-").then(|| text.to_owned());
        place(&FeedStart { message_number: said(number), sent: said(sent), ..FeedStart::default() })
    }

    #[track_caller]
    fn case(applied: &str, message: &str, expected: Age) {
        assert_eq!(age(&mark(message), Some(&mark(applied))), expected);
    }

    #[test]
    fn messages_have_an_order() {
        case("7 20240102", "8 20240103", Age::Newer);
        case("7 20240102", "10 20240103", Age::Gap(2));
        case("7 20240102", "7 20240102", Age::Same);
        case("7 20240102", "7 20240101", Age::Old);
        case("7 20240102", "7 20240103", Age::Newer);
        case("7 20240102", "6 20240102", Age::Old);
        case("7 20240102", "6 20240101", Age::Old);
        case("7 20240102", "1 20240103", Age::Reset);
        // A clock that goes wrong by some hours is no older message; by more than a day, it is.
        case("7 20240102T1200", "8 20240102T0100", Age::Newer);
        case("7 20240103", "8 20240101", Age::Old);
    }

    #[test]
    fn what_is_missing_decides_nothing() {
        case("7 -", "6 -", Age::Old);
        case("7 -", "6 20240103", Age::Old);
        case("7 -", "8 -", Age::Newer);
        case("- 20240102", "- 20240101", Age::Old);
        case("- 20240102", "5 20240102", Age::Same);
        case("- 20240102", "- 20240103", Age::Newer);
        case("- -", "- -", Age::Unordered);
        case("7 -", "- 20240103", Age::Unordered);
        case("seven -", "six -", Age::Unordered);
        assert_eq!(age(&mark("1 -"), None), Age::Unordered);
    }

    #[test]
    fn a_repeated_message_is_newer_than_the_first() {
        let repeat = |count: &str| Mark { repeat: count.parse().expect("a number"), ..mark("7 20240102") };
        assert_eq!(age(&repeat("2"), Some(&repeat("1"))), Age::Newer);
        assert_eq!(age(&repeat("1"), Some(&repeat("2"))), Age::Old);
    }

    #[test]
    fn feeds_of_one_source_are_put_in_order_and_others_stay() {
        let plan = ImportPlan::new("sqlite://nowhere.db".parse().expect("an address"));
        let head = |sender: &str, number: &str, sent: &str| {
            let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            let sender = said(sender);
            Some(FeedStart { sender, message_number: said(number), sent: said(sent), ..FeedStart::default() })
        };
        let order = |heads: &[Option<FeedStart>]| in_message_order(&plan, heads);
        let heads = [head("a", "3", ""), head("b", "9", ""), head("a", "1", ""), None, head("a", "2", "")];
        assert_eq!(order(&heads), [2, 1, 4, 3, 0]);
        // The time decides, then the number.
        let heads = [head("a", "9", "20240101"), head("a", "1", "20240102"), head("a", "8", "20240101")];
        assert_eq!(order(&heads), [2, 0, 1]);
        // Where some say nothing, nothing is guessed.
        assert_eq!(order(&[head("a", "3", ""), head("a", "", "20240101"), head("a", "1", "")]), [0, 1, 2]);
    }

    #[test]
    fn a_message_from_tomorrow_is_ahead() {
        let now: Timestamp = "2024-01-15T12:00:00Z".parse().expect("a moment");
        assert!(!is_ahead(&mark("1 20240116T1200"), now));
        assert!(is_ahead(&mark("1 20240116T1201"), now));
    }
}

//! What is said of a thing, in words.

use crate::expiry::{Item, Role, Standing, State, Term, Trouble};
use crate::report::escape::{clean, shown};
use jiff::Timestamp;

/// One sentence on why a thing stands as it does: the gravest reason.
#[must_use]
pub fn sentence(standing: &Standing, now: Timestamp) -> String {
    sentences(standing, now).into_iter().next().unwrap_or_else(|| "nothing is wrong with it".to_owned())
}

/// All that is to say, the gravest first; nothing of a thing that is ok.
pub(super) fn sentences(standing: &Standing, now: Timestamp) -> Vec<String> {
    let troubles = standing.troubles.iter().map(|trouble| (trouble.state, of_trouble(trouble)));
    let items = standing.items.iter().filter(|item| item.counts && item.state != State::Ok);
    let items = items.map(|item| (item.state, of_item(item, now)));
    let mut all: Vec<(State, String)> = troubles.chain(items).collect();
    all.sort_by_key(|(state, _)| std::cmp::Reverse(*state));
    all.into_iter().map(|(_, sentence)| sentence).collect()
}

fn of_trouble(trouble: &Trouble) -> String {
    let sentence = shown(&trouble.sentence);
    if trouble.place.is_empty() { sentence } else { format!("{}: {sentence}", shown(&trouble.place)) }
}

fn of_item(item: &Item, now: Timestamp) -> String {
    let what = named(item);
    match item.state {
        State::Warning if item.dated.role == Role::Cache => {
            format!("{what} was to be used until {} (`cacheDuration`): fetch it anew", end(item))
        }
        State::NotYetValid => {
            format!("{what} holds only from {} on", item.dated.from.map(moment).unwrap_or_default())
        }
        State::Expired => format!("{what} has ended on {}", end(item)),
        _ => format!("{what} ends on {}, in {}", end(item), left(item.dated.until, now)),
    }
}

fn end(item: &Item) -> String {
    item.dated.until.and_then(Term::moment).map(moment).unwrap_or_default()
}

/// What it is: its role, its name and its place, as far as they say something.
fn named(item: &Item) -> String {
    let mut text = item.dated.role.words().to_owned();
    for part in [&item.dated.name, &item.place] {
        if !part.is_empty() {
            text = format!("{text} {}{}", if part == &item.place { "in " } else { "" }, quoted(part));
        }
    }
    text
}

fn quoted(text: &str) -> String {
    format!("`{}`", shown(text))
}

/// A moment to the second, in UTC.
pub(super) fn moment(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// The time that is left, in the unit that fits; with `-` for what is over.
pub(super) fn left(until: Option<Term>, now: Timestamp) -> String {
    let Some(until) = until else { return "-".to_owned() };
    let Some(until) = until.moment() else { return "never".to_owned() };
    let seconds = until.as_second() - now.as_second();
    let (sign, size) = (if seconds < 0 { "-" } else { "" }, seconds.unsigned_abs());
    match size {
        0..120 => format!("{sign}{size}s"),
        120..7_200 => format!("{sign}{}min", size / 60),
        7_200..172_800 => format!("{sign}{}h", size / 3_600),
        _ => format!("{sign}{}d", size / 86_400),
    }
}

/// Whose it is, whom to ask and what to do, each as its own text.
pub(super) fn whose(standing: &Standing) -> Vec<String> {
    let thing = &standing.thing;
    let parts = [("owner", &thing.owner), ("contact", &thing.contact), ("runbook", &thing.runbook)];
    let said = parts.into_iter().filter(|(_, text)| !text.is_empty());
    said.map(|(word, text)| format!("{word} {}", clean(text))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_is_told_in_the_unit_that_fits() {
        let now = Timestamp::from_second(1_800_000_000).expect("a moment");
        let of = |seconds: i64| left(Some(Term::of_second(1_800_000_000 + seconds)), now);
        assert_eq!(of(0), "0s");
        assert_eq!(of(119), "119s");
        assert_eq!(of(120), "2min");
        assert_eq!(of(7_199), "119min");
        assert_eq!(of(-7_200), "-2h");
        assert_eq!(of(172_799), "47h");
        assert_eq!(of(-172_800), "-2d");
        assert_eq!(left(Some(Term::Never), now), "never");
        assert_eq!(left(None, now), "-");
    }
}

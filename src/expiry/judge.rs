//! From what was seen of a thing to how it stands.

use super::dated::Dated;
use super::sight::{Item, Sight, Standing, Trouble};
use super::state::{Reason, State};
use super::term::Term;
use super::thing::{Confirmation, Counting, Thing, Watched};
use super::thresholds::Thresholds;
use super::{Role, chain::settle_roles};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

/// How a thing stands at a moment, by what was seen of it.
#[must_use]
pub fn judge(thing: Arc<Thing>, sight: Sight, now: Timestamp) -> Standing {
    let Sight { found, mut troubles, passed_over } = sight;
    let items = items(found, &thing.thresholds, counting(&thing.watched), now);
    troubles.extend(absence(&items, &troubles));
    troubles.sort_by_key(|trouble| Reverse(trouble.state));
    let dates = items.iter().filter(|item| item.counts).map(|item| item.state);
    let state = dates.chain(troubles.iter().map(|trouble| trouble.state)).max().unwrap_or(State::Ok);
    let ends = |item: &Item| item.counts && item.dated.until.is_some() && item.dated.role != Role::Cache;
    let earliest = items.iter().position(ends);
    let until = earliest.and_then(|index| items[index].dated.until);
    Standing { thing, state, until, earliest, items, troubles, shared_with: Vec::new(), passed_over }
}

impl Thing {
    /// What is known of it without looking anywhere; `None` when it has to be looked at.
    #[must_use]
    pub fn known(&self, now: Timestamp) -> Option<Sight> {
        let (until, trouble) = match &self.watched {
            Watched::Date { expires, confirmed } => (*expires, confirmed.trouble(now)),
            Watched::Edition { issued, age_max } => (later(*issued, *age_max), None),
            Watched::Files { .. } | Watched::Endpoint(_) => return None,
        };
        let dated = Dated::new(Role::Date, "").until(Term::Until(until));
        let troubles = trouble.into_iter().collect();
        Some(Sight { found: vec![(String::new(), dated)], troubles, passed_over: 0 })
    }
}

impl Confirmation {
    fn trouble(&self, now: Timestamp) -> Option<Trouble> {
        let is_old = now.as_second() > later(self.on, self.age_max).as_second();
        let sentence = || {
            let day = self.on.strftime("%Y-%m-%d");
            format!("`{}` has confirmed the date on {day}, too long ago: have it confirmed again", self.by)
        };
        is_old.then(|| Trouble::new(State::Warning, Reason::Confirmation, sentence()))
    }
}

fn later(moment: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_second(moment.as_second().saturating_add(seconds)).unwrap_or(Timestamp::MAX)
}

fn counting(watched: &Watched) -> Counting {
    match watched {
        Watched::Files { counting, .. } => *counting,
        Watched::Endpoint(endpoint) => endpoint.counting,
        Watched::Date { .. } | Watched::Edition { .. } => Counting::All,
    }
}

/// All that was found, judged: what counts first, and of that the earliest end.
fn items(
    found: Vec<(String, Dated)>,
    thresholds: &Thresholds,
    counting: Counting,
    now: Timestamp,
) -> Vec<Item> {
    let item = |(place, dated): (String, Dated)| {
        let state = state(&dated, thresholds, now);
        let counts = !(counting == Counting::Leaf && dated.role.vouches());
        Item { dated, place, state, counts }
    };
    let mut items: Vec<Item> = found.into_iter().map(item).collect();
    if counting == Counting::Newest {
        leave_newest(&mut items, now);
    }
    items.sort_by_key(|item| (!item.counts, item.dated.until.is_none(), item.dated.until));
    items
}

/// A copy that should have been fetched anew is worth a word, and neither an end nor something to tell ahead of time.
fn state(dated: &Dated, thresholds: &Thresholds, now: Timestamp) -> State {
    let Some(until) = dated.until else { return State::Ok };
    let state = thresholds.state(dated.from, until, now);
    match dated.role {
        Role::Cache if state == State::Expired => State::Warning,
        Role::Cache => State::Ok,
        _ => state,
    }
}

/// Of those with one role and name only the one with the latest end counts, once it holds.
fn leave_newest(items: &mut [Item], now: Timestamp) {
    let mut newest: HashMap<(Role, String), usize> = HashMap::new();
    for (index, item) in items.iter().enumerate() {
        let holds = item.dated.from.is_none_or(|from| from <= now);
        if holds && item.dated.until.is_some() {
            let best = newest.entry((item.dated.role, item.dated.name.clone())).or_insert(index);
            if items[*best].dated.until < item.dated.until {
                *best = index;
            }
        }
    }
    for (index, item) in items.iter_mut().enumerate() {
        let best = newest.get(&(item.dated.role, item.dated.name.clone()));
        item.counts = best.is_none_or(|best| *best == index);
    }
}

/// What it means that nothing, or nothing with an end, was found.
fn absence(items: &[Item], troubles: &[Trouble]) -> Option<Trouble> {
    let counted = items.iter().filter(|item| item.counts && item.dated.role != Role::Cache);
    if counted.clone().any(|item| item.dated.until.is_some()) {
        return None;
    }
    let nothing = |reason, sentence: &str| Some(Trouble::new(State::NothingFound, reason, sentence));
    match counted.count() {
        // Why nothing is there is told already.
        0 if !troubles.is_empty() => None,
        0 if !items.is_empty() => nothing(
            Reason::Nothing,
            "only certificates that vouch for others were found, and `counts` leaves those out",
        ),
        0 => nothing(Reason::Nothing, "nothing that expires was found: check `path` and `kind`"),
        _ => nothing(
            Reason::Undated,
            "what was found says no end: watch it as kind `date`, with the day on which it is to be changed",
        ),
    }
}

/// Certificates that came together, with their roles.
#[must_use]
pub(super) fn settled(mut dated: Vec<Dated>) -> Vec<Dated> {
    settle_roles(&mut dated);
    dated
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::expiry::{Form, ThingName};

    pub(in crate::expiry) const NOW: i64 = 1_800_000_000;
    const DAY: i64 = 86_400;

    pub(in crate::expiry) fn moment(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a moment")
    }

    pub(in crate::expiry) fn thing(name: &str, watched: Watched) -> Arc<Thing> {
        Arc::new(Thing {
            name: ThingName::new(name).expect("a name"),
            watched,
            owner: String::new(),
            contact: String::new(),
            runbook: String::new(),
            source: None,
            tags: Vec::new(),
            thresholds: Thresholds::default(),
        })
    }

    pub(in crate::expiry) fn files(counting: Counting) -> Watched {
        let (form, path) = (Form::Certificates, "x.pem".to_owned());
        Watched::Files { form, path, password: None, counting, except: Vec::new() }
    }

    fn dated(role: Role, name: &str, days: i64) -> (String, Dated) {
        (String::new(), Dated::new(role, name).until(Term::of_second(NOW + days * DAY)))
    }

    #[track_caller]
    fn case(counting: Counting, found: Vec<(String, Dated)>, expected: (State, Option<i64>)) {
        let sight = Sight { found, ..Sight::default() };
        let standing = judge(thing("t", files(counting)), sight, moment(NOW));
        let days = standing.until.map(|until| (until.second() - NOW) / DAY);
        assert_eq!((standing.state, days), expected, "{standing:?}");
    }

    #[test]
    fn the_earliest_end_that_counts_decides() {
        let chain =
            || vec![dated(Role::Leaf, "a", 90), dated(Role::Issuer, "ca", 3), dated(Role::Root, "r", -1)];
        case(Counting::All, chain(), (State::Expired, Some(-1)));
        case(Counting::Leaf, chain(), (State::Ok, Some(90)));
        let renewed =
            || vec![dated(Role::Leaf, "a", -3), dated(Role::Leaf, "a", 80), dated(Role::Leaf, "b", 20)];
        case(Counting::Newest, renewed(), (State::Warning, Some(20)));
        case(Counting::All, renewed(), (State::Expired, Some(-3)));
    }

    #[test]
    fn one_that_is_renewed_counts_once_it_holds() {
        let mut next = dated(Role::Leaf, "a", 80);
        next.1.from = Some(moment(NOW + 1));
        case(Counting::Newest, vec![dated(Role::Leaf, "a", 5), next.clone()], (State::Critical, Some(5)));
        next.1.from = Some(moment(NOW));
        case(Counting::Newest, vec![dated(Role::Leaf, "a", 5), next], (State::Ok, Some(80)));
    }

    #[test]
    fn not_knowing_is_never_ok() {
        case(Counting::All, Vec::new(), (State::NothingFound, None));
        case(Counting::Leaf, vec![dated(Role::Root, "r", 90)], (State::NothingFound, None));
        case(Counting::All, vec![(String::new(), Dated::new(Role::Key, "k"))], (State::NothingFound, None));
        let never = (String::new(), Dated::new(Role::Key, "k").until(Term::Never));
        let standing = judge(
            thing("t", files(Counting::All)),
            Sight { found: vec![never], ..Sight::default() },
            moment(NOW),
        );
        assert_eq!((standing.state, standing.until), (State::Ok, Some(Term::Never)));
    }

    #[test]
    fn trouble_beside_a_good_date_is_told() {
        let trouble = Trouble::new(State::Unreadable, Reason::Form, "no certificate").at("b.pem");
        let sight =
            Sight { found: vec![dated(Role::Leaf, "a", 90)], troubles: vec![trouble], passed_over: 1 };
        let standing = judge(thing("t", files(Counting::All)), sight, moment(NOW));
        assert_eq!((standing.state, standing.troubles.len()), (State::Unreadable, 1));
        assert_eq!(standing.until, Some(Term::of_second(NOW + 90 * DAY)));
    }

    #[track_caller]
    fn known(watched: Watched, now: i64, expected: State) {
        let thing = thing("t", watched);
        let sight = thing.known(moment(now)).expect("known without looking");
        assert_eq!(judge(thing, sight, moment(now)).state, expected, "at {}", now - NOW);
    }

    #[test]
    fn dates_and_ages_hold_to_the_second() {
        let edition = || Watched::Edition { issued: moment(NOW - 365 * DAY), age_max: 365 * DAY };
        known(edition(), NOW, State::Critical);
        known(edition(), NOW + 1, State::Expired);
        let confirmed = Confirmation { by: "a partner".to_owned(), on: moment(NOW - 100), age_max: 100 };
        let date = || Watched::Date { expires: moment(NOW + 300 * DAY), confirmed: confirmed.clone() };
        known(date(), NOW, State::Ok);
        known(date(), NOW + 1, State::Warning);
        known(date(), NOW + 300 * DAY + 1, State::Expired);
    }
}

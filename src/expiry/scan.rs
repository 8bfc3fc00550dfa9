//! How everything stands, and what has changed since.

use super::dated::KeyDigest;
use super::sight::Standing;
use super::state::State;
use super::thing::Thing;
use super::{Role, Term};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// How all things of an inventory stand, what needs a hand first in front.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scan {
    /// The moment that they are judged by.
    pub at: Timestamp,
    /// The things.
    pub standings: Vec<Standing>,
}

/// A thing stands otherwise than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<'a> {
    /// How it stands.
    pub standing: &'a Standing,
    /// How it stood; `None` when it was not watched.
    pub before: Option<State>,
}

impl Scan {
    /// Sorts what stands, and finds keys that several things share.
    #[must_use]
    pub fn new(at: Timestamp, mut standings: Vec<Standing>) -> Self {
        tell_shared_keys(&mut standings);
        let end = |standing: &Standing| standing.until.unwrap_or(Term::Never);
        standings.sort_by(|one, other| {
            let order = |standing: &Standing| (Reverse(standing.state), end(standing));
            order(one).cmp(&order(other)).then_with(|| one.thing.name.cmp(&other.thing.name))
        });
        Self { at, standings }
    }

    /// The gravest state of all; [`State::Ok`] of none.
    #[must_use]
    pub fn state(&self) -> State {
        self.standings.iter().map(|standing| standing.state).max().unwrap_or(State::Ok)
    }

    /// How many things are in each state, the gravest first; states of none are left out.
    #[must_use]
    pub fn counts(&self) -> Vec<(State, usize)> {
        let of = |state| self.standings.iter().filter(|standing| standing.state == state).count();
        State::ALL.into_iter().rev().map(|state| (state, of(state))).filter(|(_, count)| *count > 0).collect()
    }

    /// What stands otherwise than in an earlier scan. Without one, everything that is not ok.
    #[must_use]
    pub fn changes<'a>(&'a self, earlier: Option<&Self>) -> Vec<Change<'a>> {
        let before: HashMap<_, _> = earlier
            .into_iter()
            .flat_map(|scan| &scan.standings)
            .map(|standing| (&standing.thing.name, standing.state))
            .collect();
        let change = |standing: &'a Standing| {
            let before = before.get(&standing.thing.name).copied();
            let is_changed = before.unwrap_or(State::Ok) != standing.state;
            is_changed.then_some(Change { standing, before })
        };
        self.standings.iter().filter_map(change).collect()
    }

    /// Things that were watched in an earlier scan and are no more.
    #[must_use]
    pub fn gone(&self, earlier: Option<&Self>) -> Vec<Arc<Thing>> {
        let here: BTreeSet<_> = self.standings.iter().map(|standing| &standing.thing.name).collect();
        let things = earlier.into_iter().flat_map(|scan| &scan.standings).map(|standing| &standing.thing);
        things.filter(|thing| !here.contains(&thing.name)).cloned().collect()
    }
}

/// Who vouches for others is the same for many, and that is right.
fn own_keys(standing: &Standing) -> BTreeSet<KeyDigest> {
    let own = standing.items.iter().filter(|item| matches!(item.dated.role, Role::Leaf | Role::Key));
    own.filter_map(|item| item.dated.key).collect()
}

fn tell_shared_keys(standings: &mut [Standing]) {
    let keys: Vec<BTreeSet<KeyDigest>> = standings.iter().map(own_keys).collect();
    let mut holders: BTreeMap<KeyDigest, Vec<usize>> = BTreeMap::new();
    for (index, keys) in keys.iter().enumerate() {
        for key in keys {
            holders.entry(*key).or_default().push(index);
        }
    }
    for (index, keys) in keys.iter().enumerate() {
        let others = keys.iter().flat_map(|key| &holders[key]).filter(|other| **other != index);
        let names: BTreeSet<String> = others.map(|other| standings[*other].thing.name.to_string()).collect();
        standings[index].shared_with = names.into_iter().collect();
    }
}

#[cfg(test)]
mod tests {
    use super::super::judge::tests::{NOW, files, moment, thing};
    use super::*;
    use crate::expiry::{Counting, Dated, Sight, judge};

    fn standing(name: &str, days: i64, key: Option<&str>) -> Standing {
        let mut dated = Dated::new(Role::Leaf, name).until(Term::of_second(NOW + days * 86_400));
        dated.key = key.map(|key| KeyDigest::of(key.as_bytes()));
        let sight = Sight { found: vec![(String::new(), dated)], ..Sight::default() };
        judge(thing(name, files(Counting::All)), sight, moment(NOW))
    }

    fn nothing(name: &str) -> Standing {
        judge(thing(name, files(Counting::All)), Sight::default(), moment(NOW))
    }

    fn scan(standings: Vec<Standing>) -> Scan {
        Scan::new(moment(NOW), standings)
    }

    #[test]
    fn what_needs_a_hand_first_comes_first() {
        let scan = scan(vec![
            standing("fine", 90, None),
            standing("b", 3, None),
            nothing("gone"),
            standing("a", 3, None),
            standing("sooner", 2, None),
            standing("over", -1, None),
        ]);
        let names: Vec<_> = scan.standings.iter().map(|standing| standing.thing.name.as_str()).collect();
        assert_eq!(names, ["over", "gone", "sooner", "a", "b", "fine"]);
        assert_eq!(scan.state(), State::Expired);
        let counts = [(State::Expired, 1), (State::NothingFound, 1), (State::Critical, 3), (State::Ok, 1)];
        assert_eq!(scan.counts(), counts);
    }

    #[test]
    fn two_things_with_one_key_are_told() {
        let scan = scan(vec![
            standing("a", 9, Some("k")),
            standing("b", 8, Some("k")),
            standing("c", 7, Some("other")),
        ]);
        let shared: Vec<_> = scan
            .standings
            .iter()
            .map(|standing| (standing.thing.name.as_str(), standing.shared_with.join(" ")))
            .collect();
        assert_eq!(shared, [("c", String::new()), ("b", "a".to_owned()), ("a", "b".to_owned())]);
    }

    #[test]
    fn changes_are_told_and_a_renewal_clears() {
        let first = scan(vec![standing("a", 3, None), standing("b", 90, None)]);
        let told = |scan: &Scan, earlier: Option<&Scan>| -> Vec<(String, Option<State>, State)> {
            let change = |change: &Change<'_>| {
                (change.standing.thing.name.to_string(), change.before, change.standing.state)
            };
            scan.changes(earlier).iter().map(change).collect()
        };
        assert_eq!(told(&first, None), [("a".to_owned(), None, State::Critical)]);
        let second = scan(vec![standing("a", 90, None)]);
        assert_eq!(told(&second, Some(&first)), [("a".to_owned(), Some(State::Critical), State::Ok)]);
        assert_eq!(told(&second, Some(&second)), []);
        assert_eq!(second.gone(Some(&first))[0].name.as_str(), "b");
    }
}

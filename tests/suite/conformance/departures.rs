//! Cases that we answer otherwise than the suite expects, each with its reason.

use super::run::Outcome;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The list of `tests/data/conformance.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Departures {
    /// The test or its metadata is wrong, or it asks for something outside of XSD 1.0.
    #[serde(default)]
    pub(super) departure: Vec<Departure>,
    /// We are wrong.
    #[serde(default)]
    pub(super) known: Vec<Departure>,
}

/// A case with the reason for answering otherwise.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Departure {
    pub(super) id: String,
    pub(super) theme: String,
    pub(super) clause: String,
    pub(super) reason: String,
}

impl Departures {
    pub(super) fn read() -> Self {
        let text = include_str!("../../data/conformance.toml");
        toml::from_str(text).expect("tests/data/conformance.toml is what it should be")
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Departure> {
        self.departure.iter().chain(&self.known)
    }

    /// How many departures each theme has.
    pub(super) fn themes(&self) -> BTreeMap<&str, usize> {
        self.departure.iter().fold(BTreeMap::new(), |mut themes, each| {
            *themes.entry(&*each.theme).or_default() += 1;
            themes
        })
    }

    /// Where the list and the run do not agree, a line for each.
    pub(super) fn disagreements(&self, outcomes: &[Outcome<'_>]) -> Vec<String> {
        let scored = outcomes.iter().filter(|each| each.is_scored());
        let scored: BTreeMap<&str, &Outcome<'_>> = scored.map(|each| (&*each.row.id, each)).collect();
        let mut listed = BTreeMap::new();
        let mut found = Vec::new();
        for each in self.all() {
            if [&each.theme, &each.clause, &each.reason].iter().any(|text| text.trim().is_empty()) {
                found.push(format!("{}: theme, clause and reason must say something", each.id));
            }
            if listed.insert(&*each.id, each).is_some() {
                found.push(format!("{}: is listed twice", each.id));
            }
            match scored.get(&*each.id) {
                None => found.push(format!("{}: no such case is scored", each.id)),
                Some(outcome) if outcome.wrong.is_none() => {
                    found.push(format!("{}: is answered as expected now: take it off the list", each.id));
                }
                Some(_) => {}
            }
        }
        for (id, outcome) in scored {
            if outcome.wrong.is_some() && !listed.contains_key(id) {
                let (row, answer) = (outcome.row, &outcome.answer);
                found.push(format!(
                    "{id}: expected {}, answered {:?} {}",
                    row.expected, answer.verdict, answer.detail
                ));
            }
        }
        found
    }
}

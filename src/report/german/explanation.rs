//! What a code means, in German.

use super::{Skeleton, TABLES};
use crate::report::Explanation;
use crate::report::explanation::first_sentence;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What is to be said of a code, in German.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GermanExplanation {
    /// What is asked for under it, in one sentence, where there is one for this code alone.
    pub demand: Option<String>,
    /// What a deviation with this code says, and what comes of it.
    pub meaning: &'static str,
    /// What to do.
    pub action: &'static str,
    /// An example that breaks it, where that is told in words.
    pub breaks: Option<&'static str>,
    /// An example that holds, where that is told in words.
    pub holds: Option<&'static str>,
}

impl GermanExplanation {
    /// One line that says what the code is about.
    #[must_use]
    pub fn line(&self) -> &str {
        self.demand.as_deref().unwrap_or_else(|| first_sentence(self.meaning))
    }
}

/// An entry of the data.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    meaning: String,
    action: String,
    breaks: Option<String>,
    holds: Option<String>,
}

/// Entries of codes: ours and those of documents, and then those of schemas in files as the English ones.
const TEXTS: &[&str] = &[
    include_str!("explanations.toml"),
    include_str!("explanations/drift.toml"),
    include_str!("explanations/s4s.toml"),
    include_str!("explanations/documents.toml"),
    include_str!("explanations/names.toml"),
    include_str!("explanations/declarations.toml"),
    include_str!("explanations/keys.toml"),
    include_str!("explanations/complex.toml"),
    include_str!("explanations/derivation.toml"),
    include_str!("explanations/groups.toml"),
    include_str!("explanations/particles.toml"),
    include_str!("explanations/simple.toml"),
    include_str!("explanations/lengths.toml"),
    include_str!("explanations/bounds_upper.toml"),
    include_str!("explanations/bounds_lower.toml"),
    include_str!("explanations/digits.toml"),
];

/// Every entry, by its code.
pub(super) static ENTRIES: LazyLock<BTreeMap<String, Entry>> =
    LazyLock::new(|| TEXTS.iter().flat_map(|text| entries(text)).collect());

/// The entries of one file.
fn entries(text: &str) -> BTreeMap<String, Entry> {
    toml::from_str(text).expect("the data of ours is TOML")
}

/// What is to be said of this code in German; nothing of one that the program never tells.
#[must_use]
pub fn explanation(code: &str) -> Option<GermanExplanation> {
    let english = Explanation::of(code)?;
    let entry = ENTRIES.get(english.code)?;
    Some(GermanExplanation {
        demand: english.demand.and_then(demand),
        meaning: &entry.meaning,
        action: &entry.action,
        breaks: entry.breaks.as_deref(),
        holds: entry.holds.as_deref(),
    })
}

/// A demand in German, if there is one.
fn demand(english: &str) -> Option<String> {
    TABLES.words("demand", &Skeleton::of(english, &[])?)
}

//! What a code means, told at length: for `feedgate explain`, and for pages that show codes.
//!
//! Kept as data in `explanations/*.toml`, which are part of the program: a table for each code with meaning, examples
//! and advice; `family.toml` has those for what begins alike and has no entry of its own. The suite holds them to the
//! engine: what is said to break a code breaks it, and what is said to hold holds.

use super::codes;
use crate::xsd::{Clause, Rule};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use toml::{Table, Value};

/// Entries of codes, in the order in which codes are listed.
const OWN: &[&str] = &[
    include_str!("explanations/xml.toml"),
    include_str!("explanations/feed.toml"),
    include_str!("explanations/rule.toml"),
    include_str!("explanations/limit.toml"),
    include_str!("explanations/cvc.toml"),
];

/// Entries of families; the first whose name a code begins with counts.
const FAMILIES: &str = include_str!("explanations/family.toml");

/// How alike an unknown code and a suggestion are at least, from 0 to 1.
const ALIKE_MIN: f64 = 0.8;

/// What an example is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExampleKind {
    /// A description in words.
    #[default]
    Words,
    /// A whole document, of which no schema is asked.
    Document,
    /// A whole feed.
    Feed,
    /// A whole document, under the declarations in [`Explanation::schema`].
    Instance,
    /// Declarations of a schema.
    Schema,
    /// An element of a product of the format `catalogue`.
    Record,
}

/// What is to be said of a code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The code.
    pub code: &'static str,
    /// What is asked for under it, in one sentence, where there is one for this code alone.
    pub demand: Option<&'static str>,
    /// What a deviation with this code says, and what comes of it.
    pub meaning: &'static str,
    /// What the examples are.
    pub example: ExampleKind,
    /// The code that the first example breaks: this one, or another of its family.
    pub shows: &'static str,
    /// The declarations that the examples stand under.
    pub schema: Option<&'static str>,
    /// An example that breaks it.
    pub breaks: &'static str,
    /// An example that holds.
    pub holds: &'static str,
    /// What to do.
    pub action: &'static str,
    /// Where the Recommendation says so.
    pub reference: Option<String>,
}

/// An entry of the data.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    meaning: String,
    #[serde(default)]
    example: ExampleKind,
    shows: Option<String>,
    schema: Option<String>,
    breaks: String,
    holds: String,
    action: String,
    reference: Option<String>,
}

/// All entries.
struct Entries {
    own: Vec<(String, Entry)>,
    families: Vec<(String, Entry)>,
}

static ENTRIES: LazyLock<Entries> = LazyLock::new(|| Entries {
    own: OWN.iter().flat_map(|text| entries(text)).collect(),
    families: entries(FAMILIES),
});

/// Every code there is.
static CODES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let own = ENTRIES.own.iter().map(|(code, _)| &**code).filter(|code| !code.starts_with("cvc-"));
    let clauses = Clause::ALL.iter().map(|clause| clause.code());
    let rules = Rule::ALL.iter().map(|rule| rule.code());
    let mut told = BTreeSet::new();
    own.chain(clauses).chain(rules).filter(|code| told.insert(*code)).collect()
});

/// The entries of one file, longer names first, so that the closest family is found first.
fn entries(text: &str) -> Vec<(String, Entry)> {
    let table: Table = toml::from_str(text).expect("the data of ours is TOML");
    let entry = |value: Value| value.try_into().expect("an entry of ours is whole");
    let mut entries: Vec<_> = table.into_iter().map(|(code, value)| (code, entry(value))).collect();
    entries.sort_by_key(|(code, _)| std::cmp::Reverse(code.len()));
    entries
}

/// The entry of a code, or that of its family.
fn found(code: &str) -> Option<&'static (String, Entry)> {
    let Entries { own, families } = &*ENTRIES;
    let own = own.iter().find(|(known, _)| known == code);
    own.or_else(|| families.iter().find(|(family, _)| code.starts_with(family)))
}

impl Explanation {
    /// What is to be said of this code; nothing of one that the program never tells.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        let code = *CODES.iter().find(|known| **known == code)?;
        let (_, entry) = found(code)?;
        Some(Self {
            code,
            demand: codes::own_demand(code),
            meaning: &entry.meaning,
            example: if entry.schema.is_some() { ExampleKind::Instance } else { entry.example },
            shows: entry.shows.as_deref().unwrap_or(code),
            schema: entry.schema.as_deref().map(str::trim),
            breaks: entry.breaks.trim_matches('\n'),
            holds: entry.holds.trim_matches('\n'),
            action: &entry.action,
            reference: entry.reference.clone().or_else(|| codes::reference(code)),
        })
    }

    /// The name of the entry that says it: the code, or what its family begins with.
    pub(super) fn entry(&self) -> &'static str {
        found(self.code).map_or(self.code, |(name, _)| name)
    }

    /// Every code that the program can tell.
    #[must_use]
    pub fn codes() -> &'static [&'static str] {
        &CODES
    }

    /// Codes that may be meant by one that is not known: those below it, else those that look like it.
    #[must_use]
    pub fn nearest(code: &str) -> Vec<&'static str> {
        let parts = |known: &&str| known.strip_prefix(code).is_some_and(|rest| rest.starts_with(['.', '-']));
        let below: Vec<_> = CODES.iter().copied().filter(parts).collect();
        if !below.is_empty() {
            return below;
        }
        let alike = CODES.iter().map(|known| (strsim::jaro_winkler(code, known), *known));
        let best = alike.max_by(|(one, _), (other, _)| one.total_cmp(other));
        best.filter(|(alike, _)| *alike >= ALIKE_MIN).map(|(_, known)| known).into_iter().collect()
    }

    /// One line that says what the code is about.
    #[must_use]
    pub fn line(&self) -> &'static str {
        self.demand.unwrap_or_else(|| first_sentence(self.meaning))
    }

    /// Whether the entry is that of this code, and not of its family.
    #[must_use]
    pub fn is_own(&self) -> bool {
        ENTRIES.own.iter().any(|(code, _)| code == self.code)
    }
}

/// The text up to its first full stop that ends a sentence.
pub(super) fn first_sentence(text: &str) -> &str {
    text.find(". ").map_or(text, |end| &text[..=end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_explained_in_whole_sentences() {
        for code in Explanation::codes() {
            let told = Explanation::of(code).unwrap_or_else(|| panic!("nothing explains `{code}`"));
            for sentence in [told.line(), told.meaning, told.action] {
                assert!(sentence.ends_with(['.', '?']), "{code}: {sentence}");
            }
            assert!(told.breaks != told.holds, "{code}");
            assert!(!told.holds.is_empty(), "{code}");
        }
    }

    #[test]
    fn an_entry_is_of_a_code_that_can_be_told() {
        let clauses = |code: &str| Clause::ALL.iter().any(|clause| clause.code() == code);
        for (code, _) in ENTRIES.own.iter().filter(|(code, _)| code.starts_with("cvc-")) {
            assert!(clauses(code), "`{code}` is no clause");
        }
        for (family, entry) in &ENTRIES.families {
            let shows = entry.shows.as_deref().expect("a family shows one of its codes");
            assert!(CODES.contains(&shows) && shows.starts_with(family), "{family}: {shows}");
        }
    }

    #[test]
    fn a_code_without_entry_is_explained_by_its_family_and_its_own_demand() {
        let told = Explanation::of("rcase-Recurse.2.1").or_else(|| Explanation::of("rcase-Recurse.2"));
        let told = told.expect("a clause");
        assert!(!told.is_own() && told.demand.is_some() && told.meaning.contains("restriction"), "{told:?}");
        assert!(Explanation::of("cvc-elt.1").expect("a clause").is_own());
    }

    #[test]
    fn what_is_no_code_has_neighbours() {
        assert_eq!(Explanation::of("xml.cutoff"), None);
        assert_eq!(Explanation::nearest("xml.cutoff"), ["xml.cut-off"]);
        assert_eq!(Explanation::nearest("cvc-id"), ["cvc-id.1", "cvc-id.2"]);
        assert_eq!(Explanation::nearest("?"), [""; 0]);
    }
}

//! What a code means, told at length: for `feedgate explain`, and for pages that show codes.
//!
//! Kept as data in `explanations/*.toml`, which are part of the program: a table for each code with meaning, examples
//! and advice. Every code has an entry of its own. The suite holds them to the engine: what is said to break a code
//! breaks that one and no other, and what is said to hold holds.

use super::codes;
use crate::xsd::{Clause, Rule};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use toml::{Table, Value};

/// Entries of codes; those that are not of the engine are listed in this order.
const TEXTS: &[&str] = &[
    include_str!("explanations/xml.toml"),
    include_str!("explanations/feed.toml"),
    include_str!("explanations/rule.toml"),
    include_str!("explanations/drift.toml"),
    include_str!("explanations/limit.toml"),
    include_str!("explanations/cvc.toml"),
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
    /// A whole schema document.
    SchemaDocument,
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
    /// The declarations that the examples stand under.
    pub schema: Option<&'static str>,
    /// Schema documents, by their names, that lie beside the one of the examples.
    pub documents: &'static BTreeMap<String, String>,
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
    schema: Option<String>,
    #[serde(default)]
    documents: BTreeMap<String, String>,
    breaks: String,
    holds: String,
    action: String,
    reference: Option<String>,
}

/// Every entry, with its code.
static ENTRIES: LazyLock<Vec<(String, Entry)>> =
    LazyLock::new(|| TEXTS.iter().flat_map(|text| entries(text)).collect());

/// Every code there is: ours, and then those of the engine in its order.
static CODES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let engine: Vec<_> = Clause::ALL
        .iter()
        .map(|clause| clause.code())
        .chain(Rule::ALL.iter().map(|rule| rule.code()))
        .collect();
    let ours = ENTRIES.iter().map(|(code, _)| &**code).filter(|code| !engine.contains(code));
    let mut told = BTreeSet::new();
    ours.chain(engine.iter().copied()).filter(|code| told.insert(*code)).collect()
});

/// The entries of one file.
fn entries(text: &str) -> Vec<(String, Entry)> {
    let table: Table = toml::from_str(text).expect("the data of ours is TOML");
    let entry = |value: Value| value.try_into().expect("an entry of ours is whole");
    table.into_iter().map(|(code, value)| (code, entry(value))).collect()
}

impl Explanation {
    /// What is to be said of this code; nothing of one that the program never tells.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        let code = *CODES.iter().find(|known| **known == code)?;
        let (_, entry) = ENTRIES.iter().find(|(known, _)| known == code)?;
        Some(Self {
            code,
            demand: codes::own_demand(code),
            meaning: &entry.meaning,
            example: if entry.schema.is_some() { ExampleKind::Instance } else { entry.example },
            schema: entry.schema.as_deref().map(str::trim),
            documents: &entry.documents,
            breaks: entry.breaks.trim_matches('\n'),
            holds: entry.holds.trim_matches('\n'),
            action: &entry.action,
            reference: entry.reference.clone().or_else(|| codes::reference(code)),
        })
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
    fn a_code_has_one_entry_and_each_entry_of_a_clause_is_of_one_that_can_be_told() {
        let codes: BTreeSet<_> = ENTRIES.iter().map(|(code, _)| &**code).collect();
        assert_eq!(codes.len(), ENTRIES.len(), "a code has two entries");
        let is_ours = |code: &str| {
            ["xml.", "feed.", "rule.", "limit.", "run.", "schema.", "import.", "drift."]
                .iter()
                .any(|family| code.starts_with(family))
        };
        let engine: BTreeSet<_> = Clause::ALL
            .iter()
            .map(|clause| clause.code())
            .chain(Rule::ALL.iter().map(|rule| rule.code()))
            .collect();
        let unknown: Vec<_> = codes.iter().filter(|code| !is_ours(code) && !engine.contains(*code)).collect();
        assert!(unknown.is_empty(), "neither clause nor rule: {unknown:?}");
    }

    #[test]
    fn documents_beside_an_example_are_those_that_it_names() {
        let with = ENTRIES.iter().filter(|(_, entry)| !entry.documents.is_empty());
        for (code, entry) in with {
            for name in entry.documents.keys() {
                let named = format!("schemaLocation=\"{name}\"");
                assert!(entry.breaks.contains(&named) || entry.holds.contains(&named), "{code}: {name}");
            }
        }
    }

    #[test]
    fn what_is_no_code_has_neighbours() {
        assert_eq!(Explanation::of("xml.cutoff"), None);
        assert_eq!(Explanation::nearest("xml.cutoff"), ["xml.cut-off"]);
        assert_eq!(Explanation::nearest("cvc-id"), ["cvc-id.1", "cvc-id.2"]);
        assert_eq!(Explanation::nearest("?"), [""; 0]);
    }
}

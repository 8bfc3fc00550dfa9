//! Tables of patterns, found by a word that only few of them have.

use super::pattern::Pattern;
use super::skeleton::Skeleton;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;
use toml::Value;

/// Tables, a row each: English, German.
pub(super) const SENTENCES: &[&str] =
    &[include_str!("sentences.toml"), include_str!("schema_faults.toml"), include_str!("demands.toml")];

/// Patterns that are tried for one sentence at most; what takes more stays English.
pub(super) const TRIES_MAX: u32 = 20_000;

/// How deep words stand in words at most; a list is as deep as it is long.
pub(super) const DEPTH_MAX: u32 = 128;

/// All of them, made ready once.
pub(super) static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables::read(SENTENCES));

/// Tables by name.
#[derive(Debug, Default)]
pub(super) struct Tables(HashMap<String, Table>);

/// Patterns, those with more words first.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) patterns: Vec<Pattern>,
    /// For a word, the patterns that need it; each stands under its rarest word.
    by_word: HashMap<String, Vec<usize>>,
    wordless: Vec<usize>,
}

impl Tables {
    fn read(texts: &[&str]) -> Self {
        let mut rows: BTreeMap<String, Vec<Pattern>> = BTreeMap::new();
        for text in texts {
            for (name, table) in toml::from_str::<toml::Table>(text).expect("the tables of ours are TOML") {
                let Value::Table(table) = table else { panic!("`{name}` is no table") };
                rows.entry(name).or_default().extend(table.into_iter().map(pattern));
            }
        }
        Self(rows.into_iter().map(|(name, patterns)| (name, Table::new(patterns))).collect())
    }

    /// What a table says for the whole of a sentence.
    pub(super) fn words(&self, table: &str, skeleton: &Skeleton<'_>) -> Option<String> {
        self.within(table, skeleton, TRIES_MAX)
    }

    /// The same, within so many tries.
    pub(super) fn within(&self, table: &str, skeleton: &Skeleton<'_>, tries: u32) -> Option<String> {
        let (depth, failed) = (0, HashSet::new());
        let mut search = Search { tables: self, skeleton, tries, depth, failed };
        search.words(table, 0, skeleton.text.len())
    }

    #[cfg(test)]
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Table)> {
        self.0.iter().map(|(name, table)| (&**name, table))
    }
}

fn pattern((english, german): (String, Value)) -> Pattern {
    let Value::String(german) = german else { panic!("{english}: no text") };
    Pattern::new(&english, &german).unwrap_or_else(|error| panic!("{english} = {german}: {error}"))
}

impl Table {
    fn new(mut patterns: Vec<Pattern>) -> Self {
        patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.weight()));
        let mut common: HashMap<&str, usize> = HashMap::new();
        patterns.iter().flat_map(Pattern::words).for_each(|word| *common.entry(word).or_default() += 1);
        let (mut by_word, mut wordless) = (HashMap::<String, Vec<usize>>::new(), Vec::new());
        for (index, pattern) in patterns.iter().enumerate() {
            match pattern.words().min_by_key(|word| common[word]) {
                Some(word) => by_word.entry(word.to_owned()).or_default().push(index),
                None => wordless.push(index),
            }
        }
        Self { patterns, by_word, wordless }
    }

    /// The patterns that may match, in their order.
    fn candidates(&self, text: &str) -> Vec<usize> {
        let words = text.split(|c: char| !c.is_ascii_alphabetic());
        let by_word = words.filter_map(|word| self.by_word.get(word)).flatten();
        let mut candidates: Vec<usize> = by_word.chain(&self.wordless).copied().collect();
        candidates.sort_unstable();
        candidates.dedup();
        candidates
    }
}

/// A sentence that is being translated.
pub(super) struct Search<'a> {
    tables: &'a Tables,
    pub(super) skeleton: &'a Skeleton<'a>,
    tries: u32,
    depth: u32,
    /// Pieces that a table is known to have no words for.
    failed: HashSet<(&'a str, usize, usize)>,
}

impl Search<'_> {
    /// What a table says for a piece of the sentence.
    pub(super) fn words(&mut self, name: &str, from: usize, to: usize) -> Option<String> {
        let (name, table) = self.tables.0.get_key_value(name)?;
        if self.depth == DEPTH_MAX || self.failed.contains(&(&**name, from, to)) {
            return None;
        }
        self.depth += 1;
        let words = self.first_match(table, from, to);
        self.depth -= 1;
        if words.is_none() {
            self.failed.insert((name, from, to));
        }
        words
    }

    fn first_match(&mut self, table: &Table, from: usize, to: usize) -> Option<String> {
        table.candidates(&self.skeleton.text[from..to]).into_iter().find_map(|index| {
            self.tries = self.tries.checked_sub(1)?;
            table.patterns[index].translate(from, to, self)
        })
    }
}

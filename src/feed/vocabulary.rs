//! The element names a profile speaks of, numbered; and every name met in a feed, numbered too.
//!
//! ```text
//!  feed: "b221" ──▶ NameBook ──▶ name 17 ──┬─ as written: "b221"
//!                                          └─ Key 4 = "ProductIDType"   ◀── paths of the profile
//! ```
//!
//! Aliases end here: short and reference names of one element share a [`Key`], so one set of paths
//! serves both. Names the profile does not speak of have no key and are kept for paths and markup.

use crate::xml::Name;
use foldhash::{HashMap, HashMapExt};
use std::num::NonZeroU32;
use std::sync::Arc;

/// Number of an element name that a profile speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(NonZeroU32);

/// The element names of a profile, aliases included; never changes once built.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    keys: HashMap<Box<str>, Key>,
}

impl Vocabulary {
    /// The key of a local name, its own or that of the name it is an alias of.
    #[must_use]
    pub fn get(&self, local: &str) -> Option<Key> {
        self.keys.get(local).copied()
    }

    /// Every name with a key, aliases included.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.keys.keys().map(AsRef::as_ref)
    }

    /// The key of a name, new or known.
    pub(super) fn intern(&mut self, local: &str) -> Key {
        if let Some(known) = self.get(local) {
            return known;
        }
        let number = u32::try_from(self.keys.len() + 1).ok().and_then(NonZeroU32::new);
        let key = Key(number.expect("a profile is smaller than 2^32 bytes"));
        self.keys.insert(local.into(), key);
        key
    }

    /// Lets `alias` stand for `local` from now on.
    pub(super) fn alias(&mut self, alias: &str, local: &str) {
        let key = self.intern(local);
        self.keys.insert(alias.into(), key);
    }
}

/// Number of a name as written, within one [`NameBook`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NameNumber(pub(super) u32);

/// How many different names a book keeps from record to record.
pub(super) const NAMES_KEPT_MAX: usize = 4096;

/// The names met so far. Feeds repeat the same few hundred, so they are learned, not looked up.
#[derive(Clone, Debug)]
pub(super) struct NameBook {
    vocabulary: Arc<Vocabulary>,
    written: Vec<(Box<str>, Option<Key>)>,
    by_local: HashMap<Box<str>, NameNumber>,
    /// Index: number of the schema's name. A feed has one schema, so this is the fast way.
    by_id: Vec<Option<NameNumber>>,
    /// How often everything was forgotten.
    epoch: u64,
}

impl NameBook {
    pub(super) fn new(vocabulary: Arc<Vocabulary>) -> Self {
        Self { vocabulary, written: Vec::new(), by_local: HashMap::new(), by_id: Vec::new(), epoch: 0 }
    }

    pub(super) fn number(&mut self, name: Name<'_>) -> NameNumber {
        let Some(id) = name.id else { return self.number_of(name.local()) };
        if let Some(Some(known)) = self.by_id.get(id.index()) {
            return *known;
        }
        let number = self.number_of(name.local());
        if self.by_id.len() <= id.index() {
            self.by_id.resize(id.index() + 1, None);
        }
        self.by_id[id.index()] = Some(number);
        number
    }

    fn number_of(&mut self, local: &str) -> NameNumber {
        if let Some(known) = self.by_local.get(local) {
            return *known;
        }
        let number = NameNumber(u32::try_from(self.written.len()).expect("a record's nodes are limited"));
        self.written.push((local.into(), self.vocabulary.get(local)));
        self.by_local.insert(local.into(), number);
        number
    }

    pub(super) fn written(&self, number: NameNumber) -> &str {
        &self.written[number.0 as usize].0
    }

    pub(super) fn key(&self, number: NameNumber) -> Option<Key> {
        self.written[number.0 as usize].1
    }

    /// Numbers of one epoch stand for the same names; those of two do not.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Forgets what a hostile feed made it learn; to be called where no number is in use.
    pub(super) fn trim(&mut self) {
        if self.written.len() > NAMES_KEPT_MAX {
            self.forget();
        }
    }

    /// Forgets everything: the next feed may come with another schema.
    pub(super) fn forget(&mut self) {
        self.epoch += 1;
        self.written.clear();
        self.by_local.clear();
        self.by_id.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(words: &[(&str, &str)]) -> NameBook {
        let mut vocabulary = Vocabulary::default();
        for (alias, local) in words {
            vocabulary.alias(alias, local);
        }
        NameBook::new(Arc::new(vocabulary))
    }

    fn name(qname: &str) -> Name<'_> {
        Name { id: None, qname, namespace: "" }
    }

    #[test]
    fn an_alias_shares_the_key_and_keeps_its_spelling() {
        let mut book = book(&[("b221", "ProductIDType"), ("b244", "IDValue")]);
        let [short, long, other] = ["b221", "x:ProductIDType", "b244"].map(|qname| book.number(name(qname)));
        assert_eq!(book.key(short), book.key(long));
        assert_ne!(book.key(short), book.key(other));
        assert_eq!((book.written(short), book.written(long)), ("b221", "ProductIDType"));
    }

    #[test]
    fn a_name_outside_the_profile_has_no_key() {
        let mut book = book(&[]);
        let number = book.number(name("Audience"));
        assert_eq!((book.key(number), book.written(number)), (None, "Audience"));
    }

    #[test]
    fn learned_names_are_kept_up_to_the_limit() {
        let mut book = book(&[]);
        for count in [NAMES_KEPT_MAX, NAMES_KEPT_MAX + 1] {
            for index in 0..count {
                book.number(name(&format!("n{index}")));
            }
            book.trim();
            assert_eq!(book.written.len(), if count > NAMES_KEPT_MAX { 0 } else { count });
        }
    }
}

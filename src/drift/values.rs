//! The texts at one path while a feed is read: a vocabulary while it is small, and the form of all others.
//!
//! ```text
//!  text ─▶ vocabulary: at most 64 values of at most 32 bytes, counted exactly ─ all that is wanted is known by them
//!              └ grown too large ─▶ given up for good: each text by its class, its length and, a number, its bin
//! ```

use super::lexical::{CLASSES, LexicalClass, Shape, shape};
use super::limits::VALUE_BYTES_MAX;
use super::number::{BINS, bin};
use super::profile::{ClassCount, Texts, ValueCount, length_bin};
use smallvec::SmallVec;

/// Texts at one path.
#[derive(Debug)]
pub(super) struct Values {
    vocabulary: Option<Vocabulary>,
    forms: Forms,
}

/// A value and how often it stands there.
#[derive(Debug)]
struct Entry {
    key: u64,
    value: Box<str>,
    count: u32,
    first: u32,
}

/// The values, those that are met often before the others.
#[derive(Debug, Default)]
struct Vocabulary(Vec<Entry>);

/// What is known of texts beside their values.
#[derive(Debug, Default)]
struct Forms {
    classes: SmallVec<[(LexicalClass, u32, u32); 2]>,
    lengths: [u32; super::profile::LENGTHS],
    longest: u32,
    at_longest: u32,
    numbers: Option<Box<[u32; BINS]>>,
}

/// Whether a text was the first of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Novelty {
    First,
    Known,
}

impl Default for Values {
    fn default() -> Self {
        Self { vocabulary: Some(Vocabulary::default()), forms: Forms::default() }
    }
}

impl Values {
    /// Counts a text of the record with this number.
    pub(super) fn add(&mut self, text: &str, ordinal: u32, values_max: usize) -> Novelty {
        if let Some(vocabulary) = &mut self.vocabulary {
            if let Some(novelty) = vocabulary.add(text, ordinal, values_max) {
                return novelty;
            }
            self.give_up();
        }
        self.forms.add(shape(text), text, 1, ordinal)
    }

    /// Counts a text that is mixed with elements, of which only this is looked at.
    pub(super) fn add_mixed(&mut self, text: &str, ordinal: u32) -> Novelty {
        self.give_up();
        let Shape { chars, .. } = shape(text);
        self.forms.add(Shape { class: LexicalClass::Markup, chars }, "", 1, ordinal)
    }

    /// Gives the vocabulary up when it has more values than are allowed by now.
    pub(super) fn within(&mut self, values_max: usize) {
        if self.vocabulary.as_ref().is_some_and(|vocabulary| vocabulary.0.len() > values_max) {
            self.give_up();
        }
    }

    fn give_up(&mut self) {
        for entry in self.vocabulary.take().map(|vocabulary| vocabulary.0).unwrap_or_default() {
            self.forms.add(shape(&entry.value), &entry.value, entry.count, entry.first);
        }
    }

    /// The records in which something was first.
    pub(super) fn firsts(&self) -> impl Iterator<Item = u32> {
        let values = self.vocabulary.iter().flat_map(|vocabulary| &vocabulary.0).map(|entry| entry.first);
        values.chain(self.forms.classes.iter().map(|(_, _, first)| *first))
    }

    /// Bytes that are held beside the values themselves.
    pub(super) fn heap_bytes(&self) -> usize {
        let values = self.vocabulary.as_ref().map_or(0, |vocabulary| {
            let texts: usize = vocabulary.0.iter().map(|entry| entry.value.len()).sum();
            vocabulary.0.capacity() * size_of::<Entry>() + texts
        });
        let classes = if self.forms.classes.spilled() { self.forms.classes.capacity() * 12 } else { 0 };
        values + classes + self.forms.numbers.as_ref().map_or(0, |_| BINS * 4)
    }

    /// All that is known, in an order of its own.
    pub(super) fn texts(&self) -> Texts {
        let mut forms = self.forms.clone_counts();
        let vocabulary = self.vocabulary.as_ref().map(|vocabulary| {
            let counts = vocabulary.0.iter().map(|entry| {
                forms.add(shape(&entry.value), &entry.value, entry.count, entry.first);
                let count = ValueCount { count: entry.count.into(), first: entry.first.into() };
                (entry.value.clone(), count)
            });
            counts.collect()
        });
        forms.into_texts(vocabulary)
    }
}

impl Vocabulary {
    /// `None` when it has no room for the value.
    fn add(&mut self, text: &str, ordinal: u32, values_max: usize) -> Option<Novelty> {
        let key = key(text.as_bytes());
        // Of few bytes, the key says all.
        let equal = |entry: &Entry| text.len() <= KEY_BYTES || *entry.value == *text;
        let same = |entry: &Entry| entry.key == key && entry.value.len() == text.len() && equal(entry);
        if let Some(at) = self.0.iter().position(same) {
            self.0[at].count = self.0[at].count.saturating_add(1);
            // One step to the front with each use: what is met often is found at once.
            if at > 0 {
                self.0.swap(at, at - 1);
            }
            return Some(Novelty::Known);
        }
        if self.0.len() >= values_max || text.len() > VALUE_BYTES_MAX {
            return None;
        }
        self.0.push(Entry { key, value: text.into(), count: 1, first: ordinal });
        Some(Novelty::First)
    }
}

/// Bytes of a text that its key holds all of.
const KEY_BYTES: usize = 8;

/// A few bytes of both ends and of the middle: equal of equal texts, and seldom of others. Of two texts that are of one
/// length, of at most [`KEY_BYTES`] bytes, it is never equal unless they are.
fn key(bytes: &[u8]) -> u64 {
    let part =
        |at: usize| u64::from(u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]));
    let length = bytes.len();
    match length {
        0 => 0,
        1..4 => {
            let [first, middle, last] = [bytes[0], bytes[length / 2], bytes[length - 1]].map(u64::from);
            first | middle << 8 | last << 16
        }
        4..=KEY_BYTES => part(0) | part(length - 4) << 32,
        _ => (part(0) | part(length - 4) << 32) ^ part(length / 2 - 2).rotate_left(17),
    }
}

impl Forms {
    fn add(&mut self, shape: Shape, text: &str, count: u32, ordinal: u32) -> Novelty {
        self.measure(shape.chars, count);
        if shape.class.is_number() {
            let bins = self.numbers.get_or_insert_with(|| Box::new([0; BINS]));
            let bin = &mut bins[bin(text)];
            *bin = bin.saturating_add(count);
        }
        for (class, counted, first) in &mut self.classes {
            if *class == shape.class {
                *counted = counted.saturating_add(count);
                *first = ordinal.min(*first);
                return Novelty::Known;
            }
        }
        self.classes.push((shape.class, count, ordinal));
        Novelty::First
    }

    fn measure(&mut self, chars: u32, count: u32) {
        let length = &mut self.lengths[length_bin(chars)];
        *length = length.saturating_add(count);
        match chars.cmp(&self.longest) {
            std::cmp::Ordering::Less => {}
            std::cmp::Ordering::Equal => self.at_longest = self.at_longest.saturating_add(count),
            std::cmp::Ordering::Greater => (self.longest, self.at_longest) = (chars, count),
        }
    }

    fn clone_counts(&self) -> Self {
        Self {
            classes: self.classes.clone(),
            lengths: self.lengths,
            longest: self.longest,
            at_longest: self.at_longest,
            numbers: self.numbers.clone(),
        }
    }

    fn into_texts(self, vocabulary: Option<std::collections::BTreeMap<Box<str>, ValueCount>>) -> Texts {
        debug_assert!(self.classes.len() <= CLASSES);
        let count = |(class, count, first): (LexicalClass, u32, u32)| {
            (class, ClassCount { count: count.into(), first: first.into() })
        };
        let mut texts = Texts {
            vocabulary,
            classes: self.classes.into_iter().map(count).collect(),
            lengths: self.lengths.map(u64::from).to_vec(),
            longest: self.longest.into(),
            at_longest: self.at_longest.into(),
            ..Texts::default()
        };
        let bins = self.numbers.iter().flat_map(|bins| bins.iter()).enumerate();
        bins.filter(|(_, count)| **count > 0)
            .for_each(|(bin, count)| texts.numbers.add(bin, u64::from(*count)));
        texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::limits::VALUES_MAX;

    fn values(texts: impl IntoIterator<Item = String>) -> Texts {
        let mut values = Values::default();
        for (at, text) in (1..).zip(texts) {
            values.add(&text, at, VALUES_MAX);
        }
        values.texts()
    }

    #[test]
    fn a_small_vocabulary_is_counted_exactly() {
        let texts = values(["EUR", "CHF", "EUR"].map(str::to_owned));
        let vocabulary = texts.vocabulary.as_ref().unwrap();
        assert_eq!(vocabulary["EUR"], ValueCount { count: 2, first: 1 });
        assert_eq!(vocabulary["CHF"], ValueCount { count: 1, first: 2 });
        assert_eq!(texts.classes[&LexicalClass::Code], ClassCount { count: 3, first: 1 });
        assert_eq!((texts.longest, texts.at_longest, texts.total()), (3, 3, 3));
    }

    #[test]
    fn a_vocabulary_is_given_up_above_its_values() {
        let many = |count: usize| values((0..count).map(|at| format!("v{at:03}x")));
        assert_eq!(many(VALUES_MAX).vocabulary.map(|values| values.len()), Some(VALUES_MAX));
        let above = many(VALUES_MAX + 1);
        assert_eq!((above.vocabulary.is_some(), above.total()), (false, VALUES_MAX as u64 + 1));
        assert_eq!(above.classes[&LexicalClass::Word].first, 1);
    }

    #[test]
    fn a_vocabulary_is_given_up_for_a_long_value() {
        let of = |bytes: usize| values(["a".to_owned(), "x".repeat(bytes)]).vocabulary.is_some();
        assert_eq!((of(VALUE_BYTES_MAX), of(VALUE_BYTES_MAX + 1)), (true, false));
    }

    /// Whether a vocabulary is given up early or late, the forms are the same.
    #[test]
    fn forms_do_not_depend_on_when_a_vocabulary_is_given_up() {
        let texts: Vec<_> = (0..200).map(|at| format!("{}.50", at % 90)).collect();
        let late = values(texts.iter().cloned());
        let mut early = Values::default();
        for (at, text) in (1..).zip(&texts) {
            early.add(text, at, 1);
        }
        assert_eq!(early.texts(), late);
        assert_eq!(late.numbers.total(), 200);
    }

    #[test]
    fn keys_of_short_texts_tell_them_apart() {
        let texts = [
            "", "a", "aa", "aaa", "aba", "ab", "ba", "aaaa", "aaab", "baaa", "aaaaa", "abcdefgh", "abcdxfgh",
        ];
        let keys: std::collections::BTreeSet<_> =
            texts.iter().map(|text| (text.len(), key(text.as_bytes()))).collect();
        assert_eq!(keys.len(), texts.len());
    }
}

//! What a feed looks like: every field a sum, a minimum, a maximum or a union, so that profiles of parts merge to that
//! of the whole, byte for byte.
//!
//! ```text
//!  Profile ─┬─ FeedFacts    encoding, line ends, namespaces, values of the header
//!           ├─ kinds        for each kind of record by its notification type:
//!           │    └─ paths   presence, occurrences, neighbours, and the texts there: values, classes, lengths, numbers
//!           └─ places       of the records in which something was first: line and key
//! ```

use super::lexical::{CLASSES, LexicalClass};
use super::limits::{
    Allowance, DEPTH_MAX, FACT_BYTES_MAX, Firsts, KEY_BYTES_MAX, NAME_BYTES_MAX, NEIGHBOURS_MAX, PATHS_MAX,
    PREFIXES_MAX, VALUE_BYTES_MAX, VALUES_MAX,
};
use super::number::Numbers;
use crate::feed::NotificationKind;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Bins of how often an element stands in its parent: 1, 2, 3, 4, 5 to 8, 9 to 16, more.
pub const OCCURRENCES: usize = 7;
/// Bins of lengths, each twice as long as the one before: 0, 1, 2 to 3, 4 to 7, …
pub const LENGTHS: usize = 24;

/// What a record wants, by its notification type: records of different kinds look different by nature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RecordKind {
    /// Complete records of new products.
    New,
    /// Complete records that replace what is known.
    Update,
    /// Records of what changed.
    Amend,
    /// Records that withdraw products.
    Delete,
    /// Records for reading only.
    Ignore,
}

impl RecordKind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::New, Self::Update, Self::Amend, Self::Delete, Self::Ignore];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Update => "update",
            Self::Amend => "amend",
            Self::Delete => "delete",
            Self::Ignore => "ignore",
        }
    }

    /// The one of that word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Of a notification type; a record without one is taken as the mapper takes it.
    pub(super) fn of(kind: Option<NotificationKind>) -> Self {
        match kind {
            None | Some(NotificationKind::New) => Self::New,
            Some(NotificationKind::Update) => Self::Update,
            Some(NotificationKind::Amend) => Self::Amend,
            Some(NotificationKind::Delete) => Self::Delete,
            Some(NotificationKind::Ignore) => Self::Ignore,
        }
    }
}

/// What is known of a feed as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedFacts {
    /// Label of its encoding.
    pub encoding: String,
    /// How its lines end, as far as its beginning shows: `LF`, `CRLF`, `CR`; empty of a feed in one line.
    pub line_ends: String,
    /// Name of the root element as written.
    pub root: String,
    /// Prefixes bound around records, with their namespaces.
    pub namespaces: BTreeMap<String, String>,
    /// Values of the header that stay the same from feed to feed, by what they are.
    pub header: BTreeMap<String, String>,
}

/// Where a record stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordPlace {
    /// Line of its start tag, from 1.
    pub line: u64,
    /// Its key, cut to [`KEY_BYTES_MAX`]; empty of a record without one.
    pub key: Box<str>,
}

/// How often a lexical class was met, and in which record first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassCount {
    /// Texts.
    pub count: u64,
    /// Number of the first record.
    pub first: u64,
}

/// How often a value was met, and in which record first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueCount {
    /// Texts.
    pub count: u64,
    /// Number of the first record.
    pub first: u64,
}

/// The texts at a path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Texts {
    /// All values, while they are few and short.
    pub vocabulary: Option<BTreeMap<Box<str>, ValueCount>>,
    /// Texts by lexical class.
    pub classes: BTreeMap<LexicalClass, ClassCount>,
    /// Texts by length in characters, see [`LENGTHS`].
    pub lengths: Vec<u64>,
    /// Characters of the longest.
    pub longest: u64,
    /// Texts of just that length.
    pub at_longest: u64,
    /// Those that are numbers.
    pub numbers: Numbers,
}

impl Texts {
    /// How many there are.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.classes.values().map(|class| class.count).sum()
    }

    fn merge(&mut self, other: Self) {
        self.vocabulary = match (self.vocabulary.take(), other.vocabulary) {
            (Some(ours), Some(theirs)) => Some(merged(ours, theirs, |a, b| ValueCount {
                count: a.count + b.count,
                first: a.first.min(b.first),
            })),
            _ => None,
        };
        self.classes = merged(std::mem::take(&mut self.classes), other.classes, |a, b| ClassCount {
            count: a.count + b.count,
            first: a.first.min(b.first),
        });
        self.lengths.iter_mut().zip(other.lengths).for_each(|(ours, theirs)| *ours += theirs);
        match self.longest.cmp(&other.longest) {
            std::cmp::Ordering::Less => (self.longest, self.at_longest) = (other.longest, other.at_longest),
            std::cmp::Ordering::Equal => self.at_longest += other.at_longest,
            std::cmp::Ordering::Greater => {}
        }
        self.numbers.merge(&other.numbers);
    }

    pub(super) fn within(&mut self, values_max: usize) {
        if self.vocabulary.as_ref().is_some_and(|values| values.len() > values_max) {
            self.vocabulary = None;
        }
    }

    fn is_sound(&self) -> bool {
        self.lengths.len() == LENGTHS
            && self.classes.len() <= CLASSES
            && self.numbers.is_sound()
            && self.vocabulary.iter().all(|values| {
                values.len() <= VALUES_MAX && values.keys().all(|value| value.len() <= VALUE_BYTES_MAX)
            })
    }
}

/// Those of a path without texts.
pub(super) static NO_TEXTS: Texts = Texts {
    vocabulary: None,
    classes: BTreeMap::new(),
    lengths: Vec::new(),
    longest: 0,
    at_longest: 0,
    numbers: Numbers::none(),
};

/// The bin of a length.
pub(super) fn length_bin(chars: u32) -> usize {
    (32 - chars.leading_zeros() as usize).min(LENGTHS - 1)
}

/// The lengths of a bin, for people.
pub(super) fn length_words(bin: usize) -> String {
    match bin {
        0 => "no characters".to_owned(),
        1 => "1 character".to_owned(),
        _ if bin == LENGTHS - 1 => format!("{} characters and more", 1_u64 << (bin - 1)),
        _ => format!("{} to {} characters", 1_u64 << (bin - 1), (1_u64 << bin) - 1),
    }
}

/// The bin of so many occurrences in one parent; there is at least one.
pub(super) fn occurrence_bin(count: u32) -> usize {
    match count {
        0..=4 => count.saturating_sub(1) as usize,
        5..=8 => 4,
        9..=16 => 5,
        _ => 6,
    }
}

/// The occurrences of a bin, for people.
pub(super) const fn occurrence_words(bin: usize) -> &'static str {
    match bin {
        0 => "once",
        1 => "twice",
        2 => "three times",
        3 => "four times",
        4 => "five to eight times",
        5 => "nine to sixteen times",
        _ => "more than sixteen times",
    }
}

/// One element path or attribute in records of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathProfile {
    /// Records that have it.
    pub records: u64,
    /// Elements or attributes, over all records.
    pub instances: u64,
    /// Parents in which it stands, by how often it stands there, see [`OCCURRENCES`].
    pub occurrences: Vec<u64>,
    /// The highest bin of them, and the first record that has it.
    pub most: (u8, u64),
    /// Elements with text between their child elements: what is below is not looked at.
    pub mixed: u64,
    /// Names of elements that stood just before it in its parent; empty when it stood first. `None` when they are too
    /// many.
    pub neighbours: Option<BTreeSet<Box<str>>>,
    /// The first record that has it.
    pub first: u64,
    /// The first record that has it not.
    pub absent: Option<u64>,
    /// The texts of elements without child elements, or of the attribute.
    pub texts: Option<Texts>,
}

impl PathProfile {
    /// The texts there, none of a path that has only elements.
    pub(super) fn texts(&self) -> &Texts {
        self.texts.as_ref().unwrap_or(&NO_TEXTS)
    }

    /// Parents in which it stands.
    #[must_use]
    pub fn parents(&self) -> u64 {
        self.occurrences.iter().sum()
    }

    fn merge(&mut self, other: Self) {
        self.records += other.records;
        self.instances += other.instances;
        self.occurrences.iter_mut().zip(other.occurrences).for_each(|(ours, theirs)| *ours += theirs);
        self.most = match self.most.0.cmp(&other.most.0) {
            std::cmp::Ordering::Less => other.most,
            std::cmp::Ordering::Equal => (self.most.0, self.most.1.min(other.most.1)),
            std::cmp::Ordering::Greater => self.most,
        };
        self.mixed += other.mixed;
        self.neighbours = match (self.neighbours.take(), other.neighbours) {
            (Some(ours), Some(theirs)) => Some(&ours | &theirs).filter(|all| all.len() <= NEIGHBOURS_MAX),
            _ => None,
        };
        self.first = self.first.min(other.first);
        self.absent = earlier(self.absent, other.absent);
        match (&mut self.texts, other.texts) {
            (Some(ours), Some(theirs)) => ours.merge(theirs),
            (ours @ None, theirs) => *ours = theirs,
            (Some(_), None) => {}
        }
    }

    fn firsts(&self, firsts: Firsts) -> impl Iterator<Item = u64> {
        let texts = self.texts.iter().filter(move |_| firsts == Firsts::All).flat_map(|texts| {
            let values = texts.vocabulary.iter().flatten().map(|(_, value)| value.first);
            values.chain(texts.classes.values().map(|class| class.first))
        });
        let most = (firsts == Firsts::All).then_some(self.most.1);
        std::iter::once(self.first).chain(self.absent).chain(most).chain(texts)
    }

    fn is_sound(&self) -> bool {
        self.occurrences.len() == OCCURRENCES
            && usize::from(self.most.0) < OCCURRENCES
            && self.neighbours.iter().all(|names| {
                names.len() <= NEIGHBOURS_MAX && names.iter().all(|name| name.len() <= NAME_BYTES_MAX)
            })
            && self.texts.iter().all(Texts::is_sound)
    }
}

/// The records of one kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindProfile {
    /// How many of them were looked at.
    pub records: u64,
    /// The first of them.
    pub first: u64,
    /// What stands in them, by path from the record inwards: `Price/Tax`, `Price/@currency`; the record itself is the
    /// empty path.
    pub paths: BTreeMap<Box<str>, PathProfile>,
}

impl KindProfile {
    fn merge(&mut self, other: Self) {
        for (path, theirs) in &mut self.paths {
            if !other.paths.contains_key(path) {
                theirs.absent = earlier(theirs.absent, Some(other.first));
            }
        }
        for (path, mut theirs) in other.paths {
            if let Some(ours) = self.paths.get_mut(&path) {
                ours.merge(theirs);
            } else {
                theirs.absent = earlier(theirs.absent, Some(self.first));
                self.paths.insert(path, theirs);
            }
        }
        self.records += other.records;
        self.first = self.first.min(other.first);
    }
}

/// What a feed looks like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The feed as a whole.
    pub facts: FeedFacts,
    /// Records that were accepted; those that were looked at stand with their kinds.
    pub records: u64,
    /// Records that were refused.
    pub refused: u64,
    /// Bytes of the feed, unpacked.
    pub bytes: u64,
    /// The records, by kind.
    pub kinds: BTreeMap<RecordKind, KindProfile>,
    /// Elements and attributes that are not looked at, since there are too many paths, or too deep or long ones.
    pub beyond: u64,
    /// Where the records stand in which something was first.
    pub places: BTreeMap<u64, RecordPlace>,
}

impl Profile {
    /// Paths over all kinds.
    #[must_use]
    pub fn paths(&self) -> usize {
        self.kinds.values().map(|kind| kind.paths.len()).sum()
    }

    /// Adds what another part of the same feed looks like.
    pub fn merge(&mut self, other: Self) {
        if self.facts == FeedFacts::default() {
            self.facts = other.facts;
        }
        self.records += other.records;
        self.refused += other.refused;
        self.bytes += other.bytes;
        self.beyond += other.beyond;
        for (kind, theirs) in other.kinds {
            match self.kinds.get_mut(&kind) {
                Some(ours) => ours.merge(theirs),
                None => drop(self.kinds.insert(kind, theirs)),
            }
        }
        self.places.extend(other.places);
        self.settle();
    }

    /// Adds what another feed looks like, to be held against later ones: places of records are of no use any more.
    pub fn add_feed(&mut self, other: Self) {
        self.places.clear();
        self.merge(Self { places: BTreeMap::new(), ..other });
    }

    /// Keeps what there is room for.
    pub(super) fn settle(&mut self) {
        self.drop_paths();
        let allowance = Allowance::of(self.paths());
        let kinds = self.kinds.values_mut().flat_map(|kind| kind.paths.values_mut());
        kinds.filter_map(|path| path.texts.as_mut()).for_each(|texts| texts.within(allowance.values));
        if self.places.is_empty() {
            return;
        }
        let wanted = self.wanted_places(allowance.firsts);
        self.places.retain(|ordinal, _| wanted.contains(ordinal));
    }

    fn wanted_places(&self, firsts: Firsts) -> BTreeSet<u64> {
        let paths = self.kinds.values().flat_map(|kind| kind.paths.values());
        let kinds = self.kinds.values().map(|kind| kind.first);
        paths.flat_map(|path| path.firsts(firsts)).chain(kinds).collect()
    }

    /// Lets go of the paths that come last in the order in which they are kept.
    fn drop_paths(&mut self) {
        let more = self.paths().saturating_sub(PATHS_MAX);
        if more == 0 {
            return;
        }
        let of = |(kind, profile): (&RecordKind, &KindProfile)| {
            let ranked = profile.paths.keys().map(|path| (Rank::of(*kind, path), *kind, path.clone()));
            ranked.collect::<Vec<_>>()
        };
        let mut ranks: Vec<_> = self.kinds.iter().flat_map(of).collect();
        ranks.sort_unstable();
        for (_, kind, path) in ranks.drain(PATHS_MAX..) {
            let paths = self.kinds.get_mut(&kind).map(|kind| &mut kind.paths);
            let dropped = paths.and_then(|paths| paths.remove(&path));
            self.beyond += dropped.map_or(0, |path| path.instances);
        }
    }

    /// Whether it is one that could have been gathered, as far as sizes go.
    pub(super) fn is_sound(&self) -> bool {
        let fits = |text: &String| text.len() <= FACT_BYTES_MAX;
        let FeedFacts { encoding, line_ends, root, namespaces, header } = &self.facts;
        let facts = [encoding, line_ends, root].into_iter();
        let paths = self.kinds.values().flat_map(|kind| &kind.paths);
        self.paths() <= PATHS_MAX
            && namespaces.len() <= PREFIXES_MAX
            && header.len() <= PREFIXES_MAX
            && facts.chain(namespaces.iter().chain(header).flat_map(|(a, b)| [a, b])).all(fits)
            && paths.into_iter().all(|(path, profile)| is_path(path) && profile.is_sound())
            && self.places.values().all(|place| place.key.len() <= KEY_BYTES_MAX)
    }
}

fn is_path(path: &str) -> bool {
    let steps = path.split('/').filter(|step| !step.is_empty());
    steps.clone().count() <= usize::from(DEPTH_MAX)
        && steps.into_iter().all(|step| step.trim_start_matches('@').len() <= NAME_BYTES_MAX)
}

/// The order in which paths are kept: the shallowest first, those of one depth by a number of their own.
///
/// A path is kept with all paths above it, and what is let go never comes back, so that what is kept was counted from
/// its first record on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Rank {
    pub(super) depth: u16,
    pub(super) number: u64,
}

impl Rank {
    /// Of a record.
    pub(super) fn record(kind: RecordKind) -> Self {
        Self { depth: 0, number: 0xCBF2_9CE4_8422_2325 ^ kind as u64 }
    }

    /// Of an element or attribute (with its `@`) in one.
    pub(super) fn inside(self, step: &str) -> Self {
        // FNV-1a: the same on every machine, for ever.
        let add = |number: u64, byte: &u8| (number ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3);
        Self { depth: self.depth + 1, number: step.as_bytes().iter().fold(add(self.number, &b'/'), add) }
    }

    /// Which of so many parts a key falls into.
    pub(super) fn part(key: &str, parts: u64) -> u64 {
        // Mixed once more: bits of this number follow those of the last byte.
        let number = Self { depth: 0, number: 0xCBF2_9CE4_8422_2325 }.inside(key).number;
        ((number ^ (number >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD) >> 33) % parts
    }

    fn of(kind: RecordKind, path: &str) -> Self {
        let steps = path.split('/').filter(|step| !step.is_empty());
        steps.fold(Self::record(kind), Self::inside)
    }
}

fn earlier(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        _ => one.or(other),
    }
}

fn merged<K: Ord, V: Copy>(
    mut ours: BTreeMap<K, V>,
    theirs: BTreeMap<K, V>,
    join: impl Fn(V, V) -> V,
) -> BTreeMap<K, V> {
    for (key, value) in theirs {
        ours.entry(key).and_modify(|known| *known = join(*known, value)).or_insert(value);
    }
    ours
}

impl FeedFacts {
    /// The same with what is too long cut, and what is too much left out.
    pub(super) fn within_limits(self) -> Self {
        let short = |text: String| super::limits::cut(&text, FACT_BYTES_MAX).to_owned();
        let some = |facts: BTreeMap<String, String>| {
            facts.into_iter().take(PREFIXES_MAX).map(|(name, value)| (short(name), short(value))).collect()
        };
        Self {
            encoding: short(self.encoding),
            line_ends: short(self.line_ends),
            root: short(self.root),
            namespaces: some(self.namespaces),
            header: some(self.header),
        }
    }
}

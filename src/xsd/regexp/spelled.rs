//! Large patterns in an alphabet of their own: `(\w{1,64}/){0,32}`.
//!
//! An automaton over the bytes of a text takes the ranges of a set once for each place where the set stands, and a
//! pattern has thousands of places once its quantifiers are written out. What a pattern says of a character is only in
//! which of its sets it is: characters that are in the same ones are one letter, and there are few letters.
//!
//! ```text
//!   pattern     (\w{1,64}/){0,32}      sets      \w  /
//!   letters     a  in \w    b  /    c  in neither
//!   text        K ö c h e l / 6 2 6    spelled   aaaaaabaaa    matched with   (a{1,64}b){0,32}
//! ```

use std::collections::{BTreeMap, HashMap};

use regex_syntax::hir::{Class, HirKind};

use super::parse::{Atom, Branches};
use super::{PatternError, PatternLimits, nesting_of_translation, refuse_large, translate, well_formed};

/// What is estimated at less is matched as it stands, which is faster.
const SPELLED_BYTES_MIN: u64 = 256 * 1024;

/// What a letter takes at one place of the automaton and of its reverse.
const LETTER_BYTES: u64 = 96;

/// What a stretch of characters takes in the alphabet.
const STRETCH_BYTES: u64 = 5;

/// Patterns of more sets, or of sets of more ranges, are matched as they stand.
const SETS_MAX: usize = 256;
const RANGES_MAX: usize = 20_000;

/// Alternatives that are matched letter by letter.
#[derive(Clone, Debug)]
pub(super) struct Spelled {
    alphabet: Alphabet,
    regex: regex::bytes::Regex,
    bytes: u64,
}

impl Spelled {
    /// Alternatives that would be large otherwise; `None` for others, and where no alphabet is large enough.
    pub(super) fn if_large(plain: &[Branches], limits: &PatternLimits) -> Result<Option<Self>, PatternError> {
        if plain.iter().map(Branches::bytes).fold(0, u64::saturating_add) < SPELLED_BYTES_MIN {
            return Ok(None);
        }
        Self::whatever_it_takes(plain, limits)
    }

    /// The same for alternatives of any size.
    pub(super) fn whatever_it_takes(
        plain: &[Branches],
        limits: &PatternLimits,
    ) -> Result<Option<Self>, PatternError> {
        let Some((alphabet, sets)) = Alphabet::of(plain) else { return Ok(None) };
        let automaton = plain.iter().map(|branches| branches.bytes_by(&|_| LETTER_BYTES));
        let bytes = automaton.fold(alphabet.bytes(), u64::saturating_add);
        refuse_large(bytes, limits)?;
        let push_letters = |atom: &Atom, out: &mut String| push_class(&sets[&written(atom)], out);
        let mut builder = regex::bytes::RegexBuilder::new(&translate::anchored(plain, &push_letters));
        builder
            .unicode(false)
            .size_limit(limits.compiled_bytes_max)
            .nest_limit(nesting_of_translation(limits));
        let regex = well_formed(builder.build(), limits)?;
        Ok(Some(Self { alphabet, regex, bytes }))
    }

    /// About how many bytes it takes.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether the whole of a text matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        let spelled: Vec<u8> = text.chars().map(|character| self.alphabet.letter(character)).collect();
        self.regex.is_match(&spelled)
    }
}

/// Writes letters as a class of bytes.
fn push_class(letters: &[u8], out: &mut String) {
    use std::fmt::Write as _;
    if letters.is_empty() {
        out.push_str("[a&&b]");
        return;
    }
    out.push('[');
    for letter in letters {
        write!(out, r"\x{letter:02X}").expect("a String takes whatever is written");
    }
    out.push(']');
}

/// The letter of each character.
#[derive(Clone, Debug)]
struct Alphabet {
    /// Those of the characters of one byte.
    ascii: [u8; 128],
    /// Where each stretch of characters of one letter begins, in order, and the letter.
    starts: Box<[u32]>,
    letters: Box<[u8]>,
}

/// The letters of each set, by how it is written.
type SetLetters = HashMap<String, Vec<u8>>;

/// The different sets of a pattern, as they are written, with their numbers.
type Sets = HashMap<String, usize>;

impl Alphabet {
    /// The alphabet that tells the sets of these patterns apart, and the letters of each; `None` if it were too large.
    fn of(patterns: &[Branches]) -> Option<(Self, SetLetters)> {
        let mut sets = Sets::new();
        patterns.iter().try_for_each(|branches| collect(branches, &mut sets))?;
        let mut stretches = Stretches::default();
        let mut within = vec![false; sets.len()];
        let mut letters = HashMap::new();
        for (start, changed) in std::iter::once((0, Vec::new())).chain(changes(&sets)?) {
            for set in changed {
                within[set] = !within[set];
            }
            let next = letters.len();
            let letter = *letters.entry(within.clone()).or_insert(next);
            stretches.add(start, u8::try_from(letter).ok()?);
        }
        let letters: BTreeMap<usize, Vec<bool>> =
            letters.into_iter().map(|(sets, letter)| (letter, sets)).collect();
        let of_set = |set: usize| (0..=u8::MAX).zip(letters.values()).filter(move |(_, sets)| sets[set]);
        let of_sets =
            sets.into_iter().map(|(set, number)| (set, of_set(number).map(|(letter, _)| letter).collect()));
        Some((stretches.alphabet(), of_sets.collect()))
    }

    fn bytes(&self) -> u64 {
        STRETCH_BYTES * self.starts.len() as u64
    }

    fn letter(&self, character: char) -> u8 {
        let code = u32::from(character);
        let ascii = self.ascii.get(code as usize).copied();
        ascii.unwrap_or_else(|| letter_of(&self.starts, &self.letters, code))
    }
}

/// The letter of the stretch that a character is in; the first begins at zero.
fn letter_of(starts: &[u32], letters: &[u8], code: u32) -> u8 {
    letters[starts.partition_point(|&start| start <= code) - 1]
}

/// Stretches of characters of one letter, as they are found.
#[derive(Default)]
struct Stretches {
    starts: Vec<u32>,
    letters: Vec<u8>,
}

impl Stretches {
    fn add(&mut self, start: u32, letter: u8) {
        if self.starts.last() == Some(&start) {
            self.letters.pop();
        } else {
            self.starts.push(start);
        }
        self.letters.push(letter);
    }

    fn alphabet(self) -> Alphabet {
        let Self { starts, letters } = self;
        let mut ascii = [0; 128];
        for (code, letter) in (0..).zip(&mut ascii) {
            *letter = letter_of(&starts, &letters, code);
        }
        Alphabet { ascii, starts: starts.into(), letters: letters.into() }
    }
}

/// Adds the sets of a pattern; `None` when there are too many.
fn collect(branches: &Branches, sets: &mut Sets) -> Option<()> {
    for piece in branches.0.iter().flatten() {
        if let Atom::Group(inner) = &piece.atom {
            collect(inner, sets)?;
            continue;
        }
        let number = sets.len();
        sets.entry(written(&piece.atom)).or_insert(number);
        if sets.len() > SETS_MAX {
            return None;
        }
    }
    Some(())
}

fn written(atom: &Atom) -> String {
    let mut written = String::new();
    translate::push_atom(atom, &mut written);
    written
}

/// Which sets begin or end at which character, in order; `None` when there are too many ranges.
fn changes(sets: &Sets) -> Option<BTreeMap<u32, Vec<usize>>> {
    let mut changes = BTreeMap::<u32, Vec<usize>>::new();
    for (written, &set) in sets {
        for (first, last) in ranges(written) {
            changes.entry(first).or_default().push(set);
            changes.entry(last + 1).or_default().push(set);
        }
        if changes.len() > RANGES_MAX {
            return None;
        }
    }
    Some(changes)
}

/// The characters of a set, as ranges in order.
fn ranges(set: &str) -> Vec<(u32, u32)> {
    let set = regex_syntax::parse(set).expect("a translated set is well-formed");
    match set.kind() {
        HirKind::Literal(literal) => {
            let text = str::from_utf8(&literal.0).expect("a character");
            text.chars().map(|character| (character.into(), character.into())).collect()
        }
        HirKind::Class(Class::Unicode(class)) => {
            class.iter().map(|range| (range.start().into(), range.end().into())).collect()
        }
        HirKind::Class(Class::Bytes(class)) => {
            class.iter().map(|range| (range.start().into(), range.end().into())).collect()
        }
        other => unreachable!("a set is a class of characters, not {other:?}"),
    }
}

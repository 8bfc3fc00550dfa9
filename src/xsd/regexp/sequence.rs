//! Character sets one after another, each so and so often: `\s*\w{1,5000}`.
//!
//! An automaton of five thousand copies of all letters takes hundreds of megabytes, and says no more than
//! this: from which places of the text the next set can go on. Those places are few intervals.
//!
//! ```text
//!   text         a a a b b b b c          [ab]{2,5} b{1,9} c?
//!   before       0
//!   [ab]{2,5}        2 . . 5
//!   b{1,9}               4 . . 7
//!   c?                   4 . . . 8        8 is the end: it matches
//! ```

use super::PatternError;
use super::parse::{Atom, Branches, Piece, Quantifier};

/// More of the alternatives of one pattern are not told apart.
const SEQUENCES_MAX: usize = 64;

/// Longer ones are left to an automaton: each step is a pass over the text.
const STEPS_MAX: usize = 64;

/// What is estimated at less is left to an automaton, which is faster.
const SEQUENCE_BYTES_MIN: u64 = 1 << 20;

/// A step: a set of characters, as often as it stands somewhere, and how often it may.
#[derive(Clone, Debug)]
pub(super) struct Step {
    set: regex::Regex,
    quantifier: Quantifier,
    /// About how many bytes the set takes.
    bytes: u64,
}

/// Steps that a text is taken by, one after another.
#[derive(Clone, Debug)]
pub(super) struct Sequence(Box<[Step]>);

/// Places of a text, from the first to the last, as numbers of characters before them.
type Places = (u64, u64);

impl Sequence {
    /// The sequences that a branch stands for, if it is made of nothing else and would take much otherwise.
    pub(super) fn of(
        branch: &[Piece],
        compile: impl Fn(&Branches) -> Result<regex::Regex, PatternError>,
    ) -> Option<Result<Vec<Self>, PatternError>> {
        if Branches(vec![branch.to_vec()]).bytes() < SEQUENCE_BYTES_MIN {
            return None;
        }
        Self::whatever_it_takes(branch, compile)
    }

    /// The same for a branch of any size.
    pub(super) fn whatever_it_takes(
        branch: &[Piece],
        compile: impl Fn(&Branches) -> Result<regex::Regex, PatternError>,
    ) -> Option<Result<Vec<Self>, PatternError>> {
        let sequences = flattened(branch)?;
        if sequences.iter().any(|pieces| pieces.len() > STEPS_MAX) {
            return None;
        }
        let step = |piece: Piece| {
            let set = Piece { atom: piece.atom, quantifier: Quantifier { min: 1, max: None } };
            let set = Branches(vec![vec![set]]);
            let (quantifier, bytes) = (piece.quantifier, set.bytes());
            compile(&set).map(|set| Step { set, quantifier, bytes })
        };
        let sequence = |pieces: Vec<Piece>| pieces.into_iter().map(step).collect::<Result<_, _>>().map(Self);
        Some(sequences.into_iter().map(sequence).collect())
    }

    /// Whether it takes the whole of a text.
    pub(super) fn matches(&self, text: &str) -> bool {
        let mut reached = vec![(0, 0)];
        for step in &self.0 {
            reached = step.from(&reached, text);
            if reached.is_empty() {
                return false;
            }
        }
        let end = text.chars().count() as u64;
        reached.last().is_some_and(|&(_, last)| last == end)
    }

    /// About how many bytes it takes.
    pub(super) fn bytes(&self) -> u64 {
        self.0.iter().map(|step| step.bytes).fold(0, u64::saturating_add)
    }
}

impl Step {
    /// Where it can lead from these places, which are in order and apart.
    fn from(&self, places: &[Places], text: &str) -> Vec<Places> {
        let Quantifier { min, max } = self.quantifier;
        let mut reached = Reached::default();
        let mut runs = Runs::of(&self.set, text).peekable();
        for &(first, last) in places {
            if min == 0 {
                reached.add((first, last));
            }
            while runs.next_if(|run| run.1 <= first).is_some() {}
            while let Some(&run) = runs.peek().filter(|run| run.0 <= last) {
                reached.extend(within(run, (first, last), u64::from(min), max.map(u64::from)));
                if run.1 > last {
                    break;
                }
                runs.next();
            }
        }
        reached.0
    }
}

/// Where so many characters of a run lead from some places.
fn within(run: Places, places: Places, min: u64, max: Option<u64>) -> Option<Places> {
    let (first, last) = (places.0.max(run.0), places.1.min(run.1 - 1));
    let last = last.min(run.1.checked_sub(min)?);
    let most = max.map_or(run.1, |max| run.1.min(last.saturating_add(max)));
    (first <= last).then_some((first + min, most))
}

/// Places in order, apart from each other.
#[derive(Default)]
struct Reached(Vec<Places>);

impl Reached {
    /// Adds places that begin nowhere before the last ones did, but for what those hold.
    fn add(&mut self, (first, last): Places) {
        while let Some(before) = self.0.pop() {
            if before.1 + 1 < first {
                self.0.push(before);
                self.0.push((first, last));
                return;
            }
            if before.0 <= first {
                self.0.push((before.0, before.1.max(last)));
                return;
            }
        }
        self.0.push((first, last));
    }

    fn extend(&mut self, places: Option<Places>) {
        if let Some(places) = places {
            self.add(places);
        }
    }
}

/// Where the characters of a set stand in a text, as far as they follow each other: the first of them, and what is
/// behind the last.
struct Runs<'a> {
    found: regex::Matches<'a, 'a>,
    text: &'a str,
    /// Bytes and characters that are counted.
    counted: (usize, u64),
}

impl<'a> Runs<'a> {
    fn of(set: &'a regex::Regex, text: &'a str) -> Self {
        Self { found: set.find_iter(text), text, counted: (0, 0) }
    }

    /// How many characters stand before a byte behind those that are counted.
    fn place(&mut self, byte: usize) -> u64 {
        let (bytes, characters) = self.counted;
        let characters = characters + self.text[bytes..byte].chars().count() as u64;
        self.counted = (byte, characters);
        characters
    }
}

impl Iterator for Runs<'_> {
    type Item = Places;

    fn next(&mut self) -> Option<Places> {
        let run = self.found.next()?;
        Some((self.place(run.start()), self.place(run.end())))
    }
}

/// Sequences of sets that stand for a branch: groups that occur at most once are one part of them or another.
fn flattened(branch: &[Piece]) -> Option<Vec<Vec<Piece>>> {
    if branch.len() > STEPS_MAX {
        return None;
    }
    let mut sequences = vec![Vec::new()];
    for piece in branch {
        let parts = parts(piece)?;
        if sequences.len() * parts.len() > SEQUENCES_MAX {
            return None;
        }
        let with = |before: &Vec<Piece>| {
            let before = before.clone();
            parts.iter().map(move |part| [before.clone(), part.clone()].concat()).collect::<Vec<_>>()
        };
        sequences = sequences.iter().flat_map(with).collect();
    }
    Some(sequences)
}

/// What a piece can be in a sequence.
fn parts(piece: &Piece) -> Option<Vec<Vec<Piece>>> {
    if let Some(atom) = piece.atom.one_character() {
        return Some(vec![vec![Piece { atom, quantifier: piece.quantifier }]]);
    }
    let Atom::Group(branches) = &piece.atom else { return None };
    let mut parts = match piece.quantifier {
        Quantifier { min: 0, max: Some(1) } => vec![Vec::new()],
        Quantifier::ONCE => Vec::new(),
        _ => return None,
    };
    for branch in &branches.0 {
        parts.extend(flattened(branch)?);
        if parts.len() > SEQUENCES_MAX {
            return None;
        }
    }
    Some(parts)
}

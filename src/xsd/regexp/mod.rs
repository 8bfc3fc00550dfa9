//! Regular expressions of the Recommendation (Part 2, appendix F).
//!
//! ```text
//!  "[a-z-[aeiou]]+" ─ parse ─▶ tree ─ translate ─▶ syntax of the regex crate ─ compile ─▶ Expression
//! ```
//!
//! The grammar is read by our own parser, so what the Recommendation forbids is refused even where
//! the regex crate would read it (`\b`, `(?:`, `a*?`), and what it allows means what it says there:
//! an expression matches the whole literal, `^` and `$` are ordinary characters, `.` is any
//! character but line ends, `\d` is any decimal digit of Unicode.
//!
//! Invariant: no expression needs more memory or time than [`PatternLimits`] allow; matching is linear in the text.
//! Sets that are repeated hundreds of times are counted beside the automata ([`sequence`]); groups of them are matched
//! in an alphabet of their own, in which a set of a thousand ranges is one letter ([`spelled`]). What all expressions
//! of a schema need together is for whoever has the schema to count, by [`Expression::bytes`].

mod blocks;
mod parse;
mod sequence;
mod size;
mod spelled;
mod translate;

use std::fmt;

use parse::{Branches, CountedSet, Quantifier};
use sequence::Sequence;
use spelled::Spelled;

use super::limits::PatternLimits;

/// Why an expression cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// The grammar of appendix F does not allow it.
    #[error("{what} at character {at} of the pattern")]
    Syntax {
        /// What is wrong.
        what: SyntaxFault,
        /// Which character, from 1.
        at: usize,
    },
    /// Longer than is allowed.
    #[error("the pattern is longer than {max} bytes (limit `pattern_bytes_max`); shorten it")]
    TooLong {
        /// Bytes that are allowed.
        max: usize,
    },
    /// Nested deeper than is allowed.
    #[error("groups of the pattern are nested deeper than {max} (limit `pattern_nesting_max`); flatten it")]
    TooDeep {
        /// Groups in groups that are allowed.
        max: u32,
    },
    /// A quantifier above what is allowed.
    #[error(
        "a quantifier of the pattern counts beyond {max} (limit `pattern_repeat_max`); use a length facet"
    )]
    RepeatsTooOften {
        /// What may be counted to.
        max: u32,
    },
    /// Compiles to more than is allowed.
    #[error(
        "the pattern needs more than {max} bytes compiled (limit `pattern_compiled_bytes_max`); lower its quantifiers, \
         or raise `limits.pattern_compiled_bytes_max`"
    )]
    TooLarge {
        /// Bytes that are allowed.
        max: usize,
    },
}

impl PatternError {
    /// Whether one of our limits, not the Recommendation, refuses the expression.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        !matches!(self, Self::Syntax { .. })
    }
}

/// What the grammar does not allow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SyntaxFault {
    /// The expression ends inside a construct.
    #[error("the pattern ends too early")]
    EndsEarly,
    /// `)` without `(`.
    #[error("`)` closes no group")]
    GroupNotOpen,
    /// `(` without `)`.
    #[error("`(` is never closed")]
    GroupNotClosed,
    /// A quantifier without an atom before it.
    #[error("a quantifier has nothing to repeat")]
    NothingToRepeat,
    /// `{` without a well-formed quantity.
    #[error("`{{` does not begin `{{n}}`, `{{n,}}` or `{{n,m}}`")]
    QuantityMalformed,
    /// `{n,m}` with n > m.
    #[error("the quantifier's lower number is greater than its upper number")]
    QuantityReversed,
    /// A metacharacter where a character was expected.
    #[error("`{0}` must be escaped")]
    MustEscape(char),
    /// `\` and a character that is no escape.
    #[error("`\\{0}` is no escape")]
    UnknownEscape(char),
    /// `\p{…}` with a name that is neither category nor block.
    #[error("`{0}` names no category and no block")]
    UnknownProperty(String),
    /// `[]` or `[^]`.
    #[error("a character class is empty")]
    ClassEmpty,
    /// `[b-a]`.
    #[error("a range of a character class ends before it begins")]
    RangeReversed,
    /// A `-` that neither begins nor ends a class nor makes a range.
    #[error("`-` may only begin or end a character class or stand inside a range")]
    DashMisplaced,
    /// Something follows a class subtraction.
    #[error("a class subtraction must end its character class")]
    SubtractionNotLast,
}

/// A compiled expression; matches whole literals.
#[derive(Clone)]
pub struct Expression {
    /// What is matched as it stands; absent where there is none.
    regex: Option<regex::Regex>,
    /// What is matched by letters of its own, as it would be large otherwise.
    spelled: Option<Spelled>,
    /// Repeated character sets, without how often, which is counted beside.
    counted: Box<[(regex::Regex, Quantifier)]>,
    /// Sets one after another, counted likewise.
    sequences: Vec<Sequence>,
    bytes: u64,
}

/// A pattern that keeps to the grammar, not compiled yet.
#[derive(Clone, Debug)]
pub struct Pattern(Branches);

impl Pattern {
    /// Reads a pattern.
    pub fn parse(source: &str, limits: &PatternLimits) -> Result<Self, PatternError> {
        parse::parse(source, limits).map(Self)
    }
}

impl Expression {
    /// Compiles alternatives: the expression matches what any of `patterns` matches.
    pub fn new<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Result<Self, PatternError> {
        let limits = PatternLimits::default();
        let read = |pattern| Pattern::parse(pattern, &limits);
        let parsed = patterns.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Self::of(&parsed, &limits)
    }

    /// Compiles alternatives that are read.
    pub fn of(alternatives: &[Pattern], limits: &PatternLimits) -> Result<Self, PatternError> {
        let (mut counted, mut plain) = (Vec::new(), Vec::new());
        for Pattern(branches) in alternatives {
            let (sets, left) = branches.split_counted();
            counted.extend(sets);
            plain.extend(left);
        }
        let sequences = take_sequences(&mut plain, limits)?;
        let spelled = Spelled::if_large(&plain, limits)?;
        if spelled.is_some() {
            plain.clear();
        }
        let open = counted.iter().map(|(open, _)| open);
        let bytes = plain.iter().chain(open).map(Branches::bytes).fold(0, u64::saturating_add);
        let bytes = sequences.iter().map(Sequence::bytes).fold(bytes, u64::saturating_add);
        let bytes = bytes.saturating_add(spelled.as_ref().map_or(0, Spelled::bytes));
        refuse_large(bytes, limits)?;
        let set = |(open, quantifier): &CountedSet| Ok((compile(&anchored([open]), limits)?, *quantifier));
        let regex = (!plain.is_empty()).then(|| compile(&anchored(&plain), limits)).transpose()?;
        let counted = counted.iter().map(set).collect::<Result<_, PatternError>>()?;
        Ok(Self { regex, spelled, counted, sequences, bytes })
    }

    /// About how many bytes it takes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether the whole of `text` matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.counted.iter().any(|(set, quantifier)| quantifier.admits(text) && set.is_match(text))
            || self.sequences.iter().any(|sequence| sequence.matches(text))
            || self.regex.as_ref().is_some_and(|regex| regex.is_match(text))
            || self.spelled.as_ref().is_some_and(|spelled| spelled.matches(text))
    }
}

/// What is estimated at so many times what is allowed is as good as beyond it: it is not tried.
const ESTIMATED_FACTOR: u64 = 4;

fn refuse_large(estimated: u64, limits: &PatternLimits) -> Result<(), PatternError> {
    let max = limits.compiled_bytes_max;
    let is_large = estimated > ESTIMATED_FACTOR.saturating_mul(max as u64);
    if is_large { Err(PatternError::TooLarge { max }) } else { Ok(()) }
}

/// Takes out the branches that are sequences of sets.
fn take_sequences(plain: &mut Vec<Branches>, limits: &PatternLimits) -> Result<Vec<Sequence>, PatternError> {
    let mut sequences = Vec::new();
    for branches in plain.iter_mut() {
        let mut left = Vec::new();
        for branch in std::mem::take(&mut branches.0) {
            match Sequence::of(&branch, |set| compile(&translated(set), limits)) {
                Some(found) => sequences.extend(found?),
                None => left.push(branch),
            }
        }
        branches.0 = left;
    }
    plain.retain(|branches| !branches.0.is_empty());
    Ok(sequences)
}

fn translated(branches: &Branches) -> String {
    let mut translated = String::new();
    translate::translate(branches, &translate::push_atom, &mut translated);
    translated
}

fn anchored<'a>(alternatives: impl IntoIterator<Item = &'a Branches>) -> String {
    translate::anchored(alternatives, &translate::push_atom)
}

fn compile(translated: &str, limits: &PatternLimits) -> Result<regex::Regex, PatternError> {
    let mut builder = regex::RegexBuilder::new(translated);
    builder.size_limit(limits.compiled_bytes_max).nest_limit(nesting_of_translation(limits));
    well_formed(builder.build(), limits)
}

/// The nesting of the translation: each level of ours costs at most a group, a repetition and a class.
fn nesting_of_translation(limits: &PatternLimits) -> u32 {
    limits.nesting_max.saturating_mul(4).saturating_add(16)
}

fn well_formed<T>(compiled: Result<T, regex::Error>, limits: &PatternLimits) -> Result<T, PatternError> {
    compiled.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => PatternError::TooLarge { max: limits.compiled_bytes_max },
        error => unreachable!("a translated pattern is well-formed: {error}"),
    })
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = self.counted.iter().map(|(set, quantifier)| (set.as_str(), quantifier));
        f.debug_tuple("Expression")
            .field(&self.regex.as_ref().map(regex::Regex::as_str))
            .field(&self.spelled)
            .field(&counted.collect::<Vec<_>>())
            .field(&self.sequences)
            .finish()
    }
}

#[cfg(test)]
mod tests;

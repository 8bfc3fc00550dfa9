//! A deviation: what the engine saw, where, and what it expected.

use crate::xml::Span;
use crate::xsd::clause::Clause;
use std::collections::BTreeMap;
use std::fmt;

/// Longest text quoted from a feed in `found`, in characters.
pub(super) const QUOTED_CHARS_MAX: usize = 80;

/// One rule broken at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// The rule.
    pub clause: Clause,
    /// The stretch of the feed it is about: a tag, an attribute's name, a text.
    pub at: Span,
    /// Element path with positions above 1, such as `/ONIXMessage/Product[3]/ProductForm`; an
    /// attribute stands behind `/@`.
    pub path: String,
    /// What kind of operand it is about, for grouping: the offending name, or the type of the value.
    pub operand: String,
    /// One English sentence, without the place.
    pub sentence: String,
    /// What was found, cut to [`QUOTED_CHARS_MAX`]; empty when nothing was.
    pub found: String,
    /// What was expected: names or a rule in words; empty when nothing could be.
    pub expected: String,
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}] {}", self.sentence, self.clause.code(), self.path)
    }
}

/// Deviations on their way to the caller, who drains them after each event; bounded, with exact totals.
#[derive(Debug)]
pub struct DeviationBuffer {
    kept: Vec<Deviation>,
    limit: usize,
    cut: BTreeMap<Clause, u64>,
}

impl DeviationBuffer {
    /// A buffer that keeps at most `limit` deviations between two drains and counts the rest.
    #[must_use]
    pub fn with_limit(limit: usize) -> Self {
        Self { kept: Vec::new(), limit, cut: BTreeMap::new() }
    }

    /// Adds a deviation, or counts it when the buffer is full.
    pub fn push(&mut self, deviation: Deviation) {
        if self.kept.len() < self.limit {
            self.kept.push(deviation);
        } else {
            *self.cut.entry(deviation.clause).or_default() += 1;
        }
    }

    /// Whether nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Takes out what is kept, in the order it was found.
    pub fn drain(&mut self) -> impl Iterator<Item = Deviation> + '_ {
        self.kept.drain(..)
    }

    /// How many deviations of each clause did not fit, since the beginning.
    #[must_use]
    pub fn cut(&self) -> &BTreeMap<Clause, u64> {
        &self.cut
    }
}

/// What a list leaves out: `1 other`, `3 others`.
pub(crate) fn others(count: usize) -> String {
    if count == 1 { "1 other".to_owned() } else { format!("{count} others") }
}

/// Text of a feed for a message: white space made visible as blanks, cut.
#[must_use]
pub(crate) fn quoted(text: &str) -> String {
    let mut shown = String::new();
    write_quoted(text, &mut shown);
    shown
}

/// The same, behind what `shown` holds already.
pub(crate) fn write_quoted(text: &str, shown: &mut String) {
    shown.extend(text.chars().take(QUOTED_CHARS_MAX).map(|c| if c.is_control() { ' ' } else { c }));
    if text.chars().nth(QUOTED_CHARS_MAX).is_some() {
        shown.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::{Deviation, DeviationBuffer, QUOTED_CHARS_MAX, quoted};
    use crate::xml::Span;
    use crate::xsd::clause::Clause;

    #[test]
    fn a_full_buffer_counts_what_it_does_not_keep() {
        let one = Deviation {
            clause: Clause::Pattern,
            at: Span::default(),
            path: String::new(),
            operand: String::new(),
            sentence: String::new(),
            found: String::new(),
            expected: String::new(),
        };
        let mut buffer = DeviationBuffer::with_limit(2);
        for _ in 0..3 {
            buffer.push(one.clone());
        }
        assert_eq!(buffer.cut()[&Clause::Pattern], 1);
        assert_eq!(buffer.drain().count(), 2);
        assert!(buffer.is_empty());
    }

    #[test]
    fn quotes_are_cut_behind_the_limit() {
        assert_eq!(quoted(&"x".repeat(QUOTED_CHARS_MAX)), "x".repeat(QUOTED_CHARS_MAX));
        assert!(quoted(&"x".repeat(QUOTED_CHARS_MAX + 1)).ends_with("x…"));
        assert_eq!(quoted("a\u{1b}[0m\n"), "a [0m ");
    }
}

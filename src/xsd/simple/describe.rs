//! A type's rules in words.

use super::{Detail, Shape, SimpleType};
use crate::xsd::clause::Clause;
use crate::xsd::deviation::others;
use crate::xsd::facet::Facet;
use crate::xsd::value::Primitive;
use std::sync::Arc;

/// So many values of an enumeration are spelled out; of a longer one, the nearest.
pub(super) const LISTED_MAX: usize = 8;
/// So many values are compared with the one found; further ones are not spelled out.
const COMPARED_MAX: usize = 5_000;
/// So many characters of a pattern are shown.
const PATTERN_CHARS_MAX: usize = 60;
/// So many alternatives of a pattern or union are shown.
const ALTERNATIVES_MAX: usize = 3;
/// So many characters of a value take part in the comparison.
const COMPARED_CHARS_MAX: usize = 32;

impl SimpleType {
    /// What the type as a whole asks for: `a date such as 2026-11-23`, `one of …`.
    #[must_use]
    pub fn words(&self) -> String {
        match (&self.facets.enumeration, &self.shape) {
            (Some(_), _) => self.listed_near(""),
            (None, Shape::List(item)) => format!("a list, each item {}", item.words()),
            (None, Shape::Union(members)) => self.union_words(members),
            (None, Shape::Atomic(_)) if !self.facets.patterns.is_empty() => {
                self.pattern_words(Detail::Pattern(self.facets.patterns.len() - 1))
            }
            (None, _) => self.nearest_builtin().map_or("text", |row| row.words).to_owned(),
        }
    }

    /// What one clause asks for.
    pub(super) fn expected_by(&self, clause: Clause, detail: Detail, found: &str) -> String {
        let facets = &self.facets;
        let counted = |facet: Option<Facet<u64>>| self.counted(facet.map_or(0, |facet| facet.value));
        let bound = || facets.bounds.of_clause(clause).map_or("", |bound| &*bound.literal);
        let digits = |facet: Option<Facet<u64>>| plural(facet.map_or(0, |facet| facet.value), "digit");
        match clause {
            Clause::Enumeration => self.listed_near(found),
            Clause::Pattern => self.pattern_words(detail),
            Clause::DatatypeAtomic if self.is_of_patterns(found) => {
                self.nearest_builtin().map_or("text", |row| row.words).to_owned()
            }
            Clause::Length => format!("exactly {}", counted(facets.lengths.exact)),
            Clause::MinLength => format!("at least {}", counted(facets.lengths.min)),
            Clause::MaxLength => format!("at most {}", counted(facets.lengths.max)),
            Clause::MinInclusive => format!("{} or more", bound()),
            Clause::MinExclusive => format!("more than {}", bound()),
            Clause::MaxInclusive => format!("{} or less", bound()),
            Clause::MaxExclusive => format!("less than {}", bound()),
            Clause::TotalDigits => format!("at most {}", digits(facets.digits.total)),
            Clause::FractionDigits => {
                format!("at most {} behind the decimal point", digits(facets.digits.fraction))
            }
            _ => self.words(),
        }
    }

    /// Whether it has patterns and this matches them all, so that something else is wrong with it.
    fn is_of_patterns(&self, found: &str) -> bool {
        let patterns = &self.facets.patterns;
        let is_plain = self.facets.enumeration.is_none() && matches!(self.shape, Shape::Atomic(_));
        is_plain && !patterns.is_empty() && patterns.iter().all(|step| step.admits(found))
    }

    fn pattern_words(&self, detail: Detail) -> String {
        let Detail::Pattern(step) = detail else { return self.words() };
        let sources = self.facets.patterns.get(step).map_or(&[][..], |step| step.sources());
        match (sources, self.title()) {
            ([only], _) => format!("a match of the pattern {}", quote(&shortened(only))),
            (_, Some(title)) => self.titled(title),
            _ => one_of_patterns(sources.iter().map(AsRef::as_ref)),
        }
    }

    /// What the schema document calls a type that has no single rule to tell.
    fn titled(&self, title: &str) -> String {
        let name = self.name().map_or_else(|| "a value".to_owned(), |name| format!("a value of `{name}`"));
        format!("{name} ({title})")
    }

    /// The members of a union in words: those that are patterns together, each other by itself, once.
    fn union_words(&self, members: &[Arc<Self>]) -> String {
        if let Some(title) = self.title().filter(|_| self.is_manifold()) {
            return self.titled(title);
        }
        let (by_pattern, others): (Vec<_>, Vec<_>) =
            members.iter().partition(|member| member.last_patterns().is_some());
        let mut each: Vec<String> = Vec::new();
        for words in others.iter().map(|member| member.words()) {
            if !each.contains(&words) {
                each.push(words);
            }
        }
        let patterns: Vec<&str> = by_pattern
            .iter()
            .filter_map(|member| member.last_patterns())
            .flatten()
            .map(AsRef::as_ref)
            .collect();
        match patterns.as_slice() {
            [] => {}
            [only] => each.push(format!("a match of the pattern {}", quote(&shortened(only)))),
            several => each.push(one_of_patterns(several.iter().copied())),
        }
        alternatives(&each, ", or ")
    }

    /// The patterns of the last step, of an atomic type that is described by them.
    fn last_patterns(&self) -> Option<&[Box<str>]> {
        let described = self.facets.enumeration.is_none() && matches!(self.shape, Shape::Atomic(_));
        self.facets.patterns.last().filter(|_| described).map(|step| step.sources())
    }

    /// What the type asks for; of a long list, the values nearest to `found`.
    pub(super) fn words_near(&self, found: &str) -> String {
        if self.facets.enumeration.is_some() { self.listed_near(found) } else { self.words() }
    }

    /// A length with what it counts.
    pub(super) fn counted(&self, length: u64) -> String {
        let unit = match (&self.shape, self.primitive()) {
            (Shape::List(_), _) => "item",
            (_, Some(Primitive::HexBinary | Primitive::Base64Binary)) => "byte",
            _ => "character",
        };
        plural(length, unit)
    }

    /// The values of the enumeration; of a long one, those nearest to `found`.
    fn listed_near(&self, found: &str) -> String {
        let literals = self.enumeration();
        match literals {
            [] => "no value at all".to_owned(),
            [only] => quote(only),
            _ if literals.len() <= LISTED_MAX => {
                format!(
                    "one of {}",
                    literals.iter().map(|literal| quote(literal)).collect::<Vec<_>>().join(", ")
                )
            }
            _ => {
                let mut nearest: Vec<&str> = literals.iter().take(COMPARED_MAX).map(AsRef::as_ref).collect();
                nearest.sort_by_key(|literal| distance(found, literal));
                nearest.truncate(LISTED_MAX);
                let listed = nearest.into_iter().map(quote).collect::<Vec<_>>().join(", ");
                format!("one of {} values, such as {listed}", literals.len())
            }
        }
    }
}

/// Several patterns of which one has to match: the shortest as an example, since it is read most easily.
fn one_of_patterns<'a>(sources: impl Iterator<Item = &'a str> + Clone) -> String {
    let count = sources.clone().count();
    let shortest = sources.min_by_key(|source| source.chars().count()).unwrap_or_default();
    format!("a match of one of {count} patterns, such as {}", quote(&shortened(shortest)))
}

/// The first of several ways to be right; the rest is counted.
fn alternatives(each: &[String], between: &str) -> String {
    let more = each.len().saturating_sub(ALTERNATIVES_MAX);
    let shown = each[..each.len() - more].join(between);
    if more == 0 { shown } else { format!("{shown}{between}{}", others(more)) }
}

/// A pattern, cut where it would fill the screen.
fn shortened(pattern: &str) -> String {
    let mut shown: String = pattern.chars().take(PATTERN_CHARS_MAX).collect();
    if shown.len() < pattern.len() {
        shown.push('…');
    }
    shown
}

fn quote(text: &str) -> String {
    format!("`{text}`")
}

fn plural(count: u64, unit: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{ending}")
}

/// Edit distance by characters, case aside.
fn distance(one: &str, other: &str) -> usize {
    let lowered = |text: &str| -> Vec<char> {
        text.chars().flat_map(char::to_lowercase).take(COMPARED_CHARS_MAX).collect()
    };
    let (one, other) = (lowered(one), lowered(other));
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, character) in one.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, against) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(character != against);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn distance_counts_edits() {
        for (one, other, expected) in
            [("", "", 0), ("a", "", 1), ("kitten", "sitting", 3), ("EUR", "eur", 0), ("ab", "ba", 2)]
        {
            assert_eq!(distance(one, other), expected, "{one} {other}");
        }
    }
}

//! `maxInclusive`, `maxExclusive`, `minInclusive`, `minExclusive`.
//!
//! Some orders are partial (a `dateTime` without zone, a `duration` of a month). A value that is
//! incomparable with a bound is outside of it.

use std::cmp::Ordering;
use std::sync::Arc;

use super::{Facet, FacetKind, Step};
use crate::xsd::clause::Clause;
use crate::xsd::fault::Rule;
use crate::xsd::value::decimal::Digits;
use crate::xsd::value::{Duration, Float, Instant, Lexical, Value};

/// A bound: its value, and the literal it was declared with.
#[derive(Clone, Debug)]
pub struct Bound {
    /// The value.
    pub value: Value,
    /// The normalised literal, for messages.
    pub literal: Box<str>,
}

impl PartialEq for Bound {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

/// The bound a value does not keep.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outside {
    pub(crate) clause: Clause,
    /// Whether the value has an order with the bound at all.
    pub(crate) comparable: bool,
}

/// A bound as a restriction declares it, with the index of its declaration.
pub(crate) type DeclaredBound = (usize, Facet<Arc<Bound>>);

/// The four facets, as far as a type has them.
#[derive(Clone, Debug, Default)]
pub struct Bounds {
    /// `maxInclusive`.
    pub max_inclusive: Option<Facet<Arc<Bound>>>,
    /// `maxExclusive`.
    pub max_exclusive: Option<Facet<Arc<Bound>>>,
    /// `minInclusive`.
    pub min_inclusive: Option<Facet<Arc<Bound>>>,
    /// `minExclusive`.
    pub min_exclusive: Option<Facet<Arc<Bound>>>,
}

/// The kinds in the order in which an instance is held against them.
const KINDS: [FacetKind; 4] =
    [FacetKind::MinInclusive, FacetKind::MinExclusive, FacetKind::MaxInclusive, FacetKind::MaxExclusive];

impl Bounds {
    /// Whether there is anything to check.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.declared().next().is_none()
    }

    fn get(&self, kind: FacetKind) -> Option<&Facet<Arc<Bound>>> {
        match kind {
            FacetKind::MaxInclusive => self.max_inclusive.as_ref(),
            FacetKind::MaxExclusive => self.max_exclusive.as_ref(),
            FacetKind::MinInclusive => self.min_inclusive.as_ref(),
            FacetKind::MinExclusive => self.min_exclusive.as_ref(),
            _ => None,
        }
    }

    fn declared(&self) -> impl Iterator<Item = (FacetKind, &Bound)> {
        KINDS.into_iter().filter_map(|kind| Some((kind, &*self.get(kind)?.value)))
    }

    /// The bound behind a clause, for messages.
    #[must_use]
    pub fn of_clause(&self, clause: Clause) -> Option<&Bound> {
        self.declared().find(|(kind, _)| clause_of(*kind) == clause).map(|(_, bound)| bound)
    }

    /// The facets of a derived type. `parse` reads a literal in the value space of the base type,
    /// bounds aside.
    pub(crate) fn restrict(
        base: &Self,
        step: &mut Step<'_>,
        parse: &mut dyn FnMut(&mut Step<'_>, FacetKind) -> Option<DeclaredBound>,
    ) -> Self {
        let mut merge = |kind| {
            let declared = parse(step, kind).filter(|(index, facet)| {
                let old = base.declared().find(|(old, bound)| !may_follow(kind, &facet.value, *old, bound));
                if let Some((old, bound)) = old {
                    let literal = &facet.value.literal;
                    let message =
                        format!("`{kind}` {literal} is not within the base type's `{old}` {}", bound.literal);
                    step.fault(*index, restriction_rule(kind, old), message);
                }
                old.is_none()
            });
            step.merge(base.get(kind), declared)
        };
        let merged = Self {
            max_inclusive: merge(FacetKind::MaxInclusive),
            max_exclusive: merge(FacetKind::MaxExclusive),
            min_inclusive: merge(FacetKind::MinInclusive),
            min_exclusive: merge(FacetKind::MinExclusive),
        };
        refuse_pairs_of_one_step(step);
        merged.check_pairs(step);
        merged
    }

    /// The lower bounds must lie below the upper ones.
    fn check_pairs(&self, step: &mut Step<'_>) {
        use FacetKind::{MaxExclusive, MaxInclusive, MinExclusive, MinInclusive};
        let pairs = [
            (MinInclusive, MaxInclusive, Rule::MinInclusiveAboveMaxInclusive, true),
            (MinExclusive, MaxExclusive, Rule::MinExclusiveAboveMaxExclusive, true),
            (MinExclusive, MaxInclusive, Rule::MinExclusiveNotBelowMaxInclusive, false),
            (MinInclusive, MaxExclusive, Rule::MinInclusiveNotBelowMaxExclusive, false),
        ];
        for (low_kind, high_kind, rule, may_be_equal) in pairs {
            let (Some(low), Some(high)) = (self.get(low_kind), self.get(high_kind)) else { continue };
            let crossed = match low.value.value.compare(&high.value.value) {
                Some(Ordering::Greater) => true,
                Some(Ordering::Equal) => !may_be_equal,
                _ => false,
            };
            if crossed {
                let (low, high) = (&low.value.literal, &high.value.literal);
                let message = format!("`{low_kind}` {low} does not lie below `{high_kind}` {high}");
                step.fault_of([low_kind, high_kind], rule, message);
            }
        }
    }

    /// The four clauses, for a decimal.
    #[inline]
    pub(crate) fn admit_digits(&self, digits: Digits<'_>) -> Result<(), Outside> {
        self.admit(|bound| match &bound.value {
            Value::Decimal(bound) => Some(digits.compare(bound.digits())),
            _ => None,
        })
    }

    /// The four clauses, for a literal of the type's lexical space.
    pub(crate) fn admit_literal(&self, text: &str) -> Result<(), Outside> {
        self.admit(|bound| compare_literal(text, &bound.value).ok().flatten())
    }

    /// `cvc-minInclusive-valid` and its three siblings.
    fn admit(&self, compare: impl Fn(&Bound) -> Option<Ordering>) -> Result<(), Outside> {
        for (kind, bound) in self.declared() {
            let order = compare(bound);
            let within = match (kind, order) {
                (_, None) => false,
                (FacetKind::MinInclusive, Some(order)) => order.is_ge(),
                (FacetKind::MinExclusive, Some(order)) => order.is_gt(),
                (FacetKind::MaxInclusive, Some(order)) => order.is_le(),
                (_, Some(order)) => order.is_lt(),
            };
            if !within {
                return Err(Outside { clause: clause_of(kind), comparable: order.is_some() });
            }
        }
        Ok(())
    }
}

/// Compares without boxing a value.
fn compare_literal(text: &str, bound: &Value) -> Result<Option<Ordering>, Lexical> {
    Ok(match bound {
        Value::Decimal(bound) => Some(Digits::parse(text)?.compare(bound.digits())),
        Value::Float(bound) => Float::single(text)?.compare(*bound),
        Value::Double(bound) => Float::double(text)?.compare(*bound),
        Value::Duration(bound) => Duration::parse(text)?.compare(bound),
        Value::Instant(primitive, bound) => Instant::parse(*primitive, text)?.compare(bound),
        _ => None,
    })
}

/// `maxInclusive-maxExclusive`, `minInclusive-minExclusive`: not both in one step.
fn refuse_pairs_of_one_step(step: &mut Step<'_>) {
    let pairs = [
        (FacetKind::MaxInclusive, FacetKind::MaxExclusive, Rule::MaxInclusiveAndExclusive),
        (FacetKind::MinInclusive, FacetKind::MinExclusive, Rule::MinInclusiveAndExclusive),
    ];
    for (inclusive, exclusive, rule) in pairs {
        if let (Some(_), Some((index, _))) = (step.single(inclusive), step.single(exclusive)) {
            step.fault(index, rule, format!("`{inclusive}` and `{exclusive}` cannot both be declared"));
        }
    }
}

/// Whether a bound may stand on a type whose base has `old_bound` (4.3.7.4, 4.3.8.4, 4.3.9.4,
/// 4.3.10.4). A bound that is incomparable with the base's is not in its value space.
fn may_follow(kind: FacetKind, bound: &Bound, old: FacetKind, old_bound: &Bound) -> bool {
    use FacetKind::{MaxExclusive, MaxInclusive, MinExclusive, MinInclusive};
    let Some(order) = bound.value.compare(&old_bound.value) else { return false };
    match (kind, old) {
        (MaxInclusive | MinInclusive | MinExclusive, MaxExclusive) => order.is_lt(),
        (_, MaxInclusive | MaxExclusive) => order.is_le(),
        (MinInclusive | MaxInclusive | MaxExclusive, MinExclusive) | (MaxExclusive, MinInclusive) => {
            order.is_gt()
        }
        _ => order.is_ge(),
    }
}

/// The clause about a bound and that of the base which it does not keep to.
fn restriction_rule(kind: FacetKind, old: FacetKind) -> Rule {
    use FacetKind::{MaxExclusive, MaxInclusive, MinExclusive, MinInclusive};
    match (kind, old) {
        (MaxInclusive, MaxInclusive) => Rule::MaxInclusiveByMaxInclusive,
        (MaxInclusive, MaxExclusive) => Rule::MaxInclusiveByMaxExclusive,
        (MaxInclusive, MinInclusive) => Rule::MaxInclusiveByMinInclusive,
        (MaxInclusive, _) => Rule::MaxInclusiveByMinExclusive,
        (MaxExclusive, MaxExclusive) => Rule::MaxExclusiveByMaxExclusive,
        (MaxExclusive, MaxInclusive) => Rule::MaxExclusiveByMaxInclusive,
        (MaxExclusive, MinInclusive) => Rule::MaxExclusiveByMinInclusive,
        (MaxExclusive, _) => Rule::MaxExclusiveByMinExclusive,
        (MinInclusive, MinInclusive) => Rule::MinInclusiveByMinInclusive,
        (MinInclusive, MaxInclusive) => Rule::MinInclusiveByMaxInclusive,
        (MinInclusive, MinExclusive) => Rule::MinInclusiveByMinExclusive,
        (MinInclusive, _) => Rule::MinInclusiveByMaxExclusive,
        (_, MinExclusive) => Rule::MinExclusiveByMinExclusive,
        (_, MaxInclusive) => Rule::MinExclusiveByMaxInclusive,
        (_, MinInclusive) => Rule::MinExclusiveByMinInclusive,
        _ => Rule::MinExclusiveByMaxExclusive,
    }
}

fn clause_of(kind: FacetKind) -> Clause {
    match kind {
        FacetKind::MaxInclusive => Clause::MaxInclusive,
        FacetKind::MaxExclusive => Clause::MaxExclusive,
        FacetKind::MinInclusive => Clause::MinInclusive,
        _ => Clause::MinExclusive,
    }
}

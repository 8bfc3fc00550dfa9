//! `length`, `minLength`, `maxLength`: characters of a string, octets of binary data, items of a list.

use super::{Facet, FacetKind, Step, parse_count};
use crate::xsd::clause::Clause;
use crate::xsd::fault::Rule;

/// The three facets, as far as a type has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lengths {
    /// `length`.
    pub exact: Option<Facet<u64>>,
    /// `minLength`.
    pub min: Option<Facet<u64>>,
    /// `maxLength`.
    pub max: Option<Facet<u64>>,
}

impl Lengths {
    /// Whether there is anything to check.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.exact.is_none() && self.min.is_none() && self.max.is_none()
    }

    /// The facets of a derived type. `ancestors` are those of the base type and its bases.
    pub(crate) fn restrict(base: &Self, ancestors: &[Self], step: &mut Step<'_>) -> Self {
        let merged = Self {
            exact: merge(base.exact, FacetKind::Length, step),
            min: merge(base.min, FacetKind::MinLength, step),
            max: merge(base.max, FacetKind::MaxLength, step),
        };
        merged.check_min_against_max(step);
        merged.check_exact(ancestors, step);
        merged
    }

    /// `minLength-less-than-equal-to-maxLength`.
    fn check_min_against_max(&self, step: &mut Step<'_>) {
        if let (Some(min), Some(max)) = (self.min, self.max)
            && min.value > max.value
        {
            let message = format!("`minLength` {} is greater than `maxLength` {}", min.value, max.value);
            let kinds = [FacetKind::MinLength, FacetKind::MaxLength];
            step.fault_of(kinds, Rule::MinLengthAboveMaxLength, message);
        }
    }

    /// `length-minLength-maxLength`: beside `length`, the other two may only be left over from a type
    /// that had no `length` yet, and must leave room for it.
    fn check_exact(&self, ancestors: &[Self], step: &mut Step<'_>) {
        let Some(exact) = self.exact else { return };
        let stood_before = |same: &dyn Fn(&Self) -> bool| {
            ancestors.iter().any(|ancestor| ancestor.exact.is_none() && same(ancestor))
        };
        if let Some(min) = self.min {
            let left_over =
                stood_before(&|ancestor| ancestor.min.map(|facet| facet.value) == Some(min.value));
            if min.value > exact.value || !left_over {
                conflict(FacetKind::MinLength, min.value, exact.value, step);
            }
        }
        if let Some(max) = self.max {
            let left_over =
                stood_before(&|ancestor| ancestor.max.map(|facet| facet.value) == Some(max.value));
            if max.value < exact.value || !left_over {
                conflict(FacetKind::MaxLength, max.value, exact.value, step);
            }
        }
    }

    /// `cvc-length-valid`, `cvc-minLength-valid`, `cvc-maxLength-valid`.
    #[inline]
    pub(crate) fn admits(&self, length: u64) -> Result<(), Clause> {
        if self.exact.is_some_and(|exact| length != exact.value) {
            Err(Clause::Length)
        } else if self.min.is_some_and(|min| length < min.value) {
            Err(Clause::MinLength)
        } else if self.max.is_some_and(|max| length > max.value) {
            Err(Clause::MaxLength)
        } else {
            Ok(())
        }
    }
}

fn conflict(kind: FacetKind, value: u64, exact: u64, step: &mut Step<'_>) {
    let message = format!("`{kind}` {value} and `length` {exact} cannot stand together");
    let rule = if kind == FacetKind::MinLength { Rule::LengthAndMinLength } else { Rule::LengthAndMaxLength };
    step.fault_of([kind, FacetKind::Length], rule, message);
}

/// `length-valid-restriction`, `minLength-valid-restriction`, `maxLength-valid-restriction`: the first
/// may not change, the others may only tighten.
fn merge(base: Option<Facet<u64>>, kind: FacetKind, step: &mut Step<'_>) -> Option<Facet<u64>> {
    let declared = step.single(kind).and_then(|(index, facet)| {
        let value = parse_count(step, index, facet)?;
        let old = base.map_or(value, |base| base.value);
        let (broken, rule) = match kind {
            FacetKind::Length => (value != old, Rule::LengthChanged),
            FacetKind::MinLength => (value < old, Rule::MinLengthLowered),
            _ => (value > old, Rule::MaxLengthRaised),
        };
        if broken {
            step.fault(index, rule, format!("`{kind}` {value} is not within the base type's {old}"));
            return None;
        }
        Some((index, Facet { value, fixed: facet.fixed }))
    });
    step.merge(base.as_ref(), declared)
}

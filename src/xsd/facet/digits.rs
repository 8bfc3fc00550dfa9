//! `totalDigits` and `fractionDigits` of decimals.

use super::{Facet, FacetKind, Step, parse_count};
use crate::xsd::clause::Clause;
use crate::xsd::fault::Rule;
use crate::xsd::value::decimal::Digits;

/// The two facets, as far as a type has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DigitFacets {
    /// `totalDigits`.
    pub total: Option<Facet<u64>>,
    /// `fractionDigits`.
    pub fraction: Option<Facet<u64>>,
}

impl DigitFacets {
    /// Whether there is anything to check.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.total.is_none() && self.fraction.is_none()
    }

    /// The facets of a derived type.
    pub(crate) fn restrict(base: &Self, step: &mut Step<'_>) -> Self {
        let merged = Self {
            total: merge(base.total, FacetKind::TotalDigits, step),
            fraction: merge(base.fraction, FacetKind::FractionDigits, step),
        };
        // `fractionDigits-totalDigits`
        if let (Some(total), Some(fraction)) = (merged.total, merged.fraction)
            && fraction.value > total.value
        {
            let message =
                format!("`fractionDigits` {} is greater than `totalDigits` {}", fraction.value, total.value);
            let kinds = [FacetKind::FractionDigits, FacetKind::TotalDigits];
            step.fault_of(kinds, Rule::FractionDigitsAboveTotalDigits, message);
        }
        merged
    }

    /// `cvc-totalDigits-valid`, `cvc-fractionDigits-valid`; on failure with what was found.
    #[inline]
    pub(crate) fn admits(&self, digits: Digits<'_>) -> Result<(), (Clause, u64)> {
        if self.total.is_some_and(|total| digits.total() > total.value) {
            Err((Clause::TotalDigits, digits.total()))
        } else if self.fraction.is_some_and(|fraction| digits.fraction() > fraction.value) {
            Err((Clause::FractionDigits, digits.fraction()))
        } else {
            Ok(())
        }
    }
}

/// `totalDigits-valid-restriction`, `fractionDigits-valid-restriction`: may only tighten.
fn merge(base: Option<Facet<u64>>, kind: FacetKind, step: &mut Step<'_>) -> Option<Facet<u64>> {
    let declared = step.single(kind).and_then(|(index, facet)| {
        let value = parse_count(step, index, facet)?;
        if kind == FacetKind::TotalDigits && value == 0 {
            step.fault(index, Rule::AttributeValue, "`totalDigits` must be at least 1".to_owned());
            return None;
        }
        let old = base.map_or(value, |base| base.value);
        if value > old {
            let rule = match kind {
                FacetKind::TotalDigits => Rule::TotalDigitsRaised,
                _ => Rule::FractionDigitsRaised,
            };
            step.fault(index, rule, format!("`{kind}` {value} is greater than the base type's {old}"));
            return None;
        }
        Some((index, Facet { value, fixed: facet.fixed }))
    });
    step.merge(base.as_ref(), declared)
}

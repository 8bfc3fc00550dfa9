//! The twelve facets, one file per family: what a facet says, what it may be derived to, what it
//! admits.
//!
//! ```text
//!  declared on a restriction ─ restrict(base) ─▶ family, tightened or faults ─ admits(value) ─▶ instance
//!
//!  length  minLength  maxLength                      length.rs
//!  minInclusive … maxExclusive                       bounds.rs
//!  totalDigits  fractionDigits                       digits.rs
//!  enumeration  pattern  whiteSpace                  a file each
//! ```
//!
//! Invariant: what a type admits, its base admits. Every `restrict` holds to it.

pub mod bounds;
pub mod digits;
pub mod enumeration;
pub mod length;
pub mod pattern;
pub mod white_space;

use std::fmt;

use crate::xsd::fault::Rule;
use crate::xsd::limits::PatternLimits;
use crate::xsd::value::{Namespaces, Primitive};
pub use bounds::Bounds;
pub use digits::DigitFacets;
pub use enumeration::Enumeration;
pub use length::Lengths;
pub use pattern::PatternStep;
pub use white_space::WhiteSpace;

/// The twelve constraining facets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is the facet of that name in the Recommendation")]
pub enum FacetKind {
    Length,
    MinLength,
    MaxLength,
    Pattern,
    Enumeration,
    WhiteSpace,
    MaxInclusive,
    MaxExclusive,
    MinInclusive,
    MinExclusive,
    TotalDigits,
    FractionDigits,
}

impl FacetKind {
    /// Every kind, in the order of the Recommendation.
    pub const ALL: [Self; 12] = [
        Self::Length,
        Self::MinLength,
        Self::MaxLength,
        Self::Pattern,
        Self::Enumeration,
        Self::WhiteSpace,
        Self::MaxInclusive,
        Self::MaxExclusive,
        Self::MinInclusive,
        Self::MinExclusive,
        Self::TotalDigits,
        Self::FractionDigits,
    ];

    /// Local name of the element that declares the facet.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::MinLength => "minLength",
            Self::MaxLength => "maxLength",
            Self::Pattern => "pattern",
            Self::Enumeration => "enumeration",
            Self::WhiteSpace => "whiteSpace",
            Self::MaxInclusive => "maxInclusive",
            Self::MaxExclusive => "maxExclusive",
            Self::MinInclusive => "minInclusive",
            Self::MinExclusive => "minExclusive",
            Self::TotalDigits => "totalDigits",
            Self::FractionDigits => "fractionDigits",
        }
    }

    /// The kind an element of the schema namespace declares.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether one restriction may declare the facet more than once.
    #[must_use]
    pub const fn may_repeat(self) -> bool {
        matches!(self, Self::Pattern | Self::Enumeration)
    }

    /// `cos-applicable-facets` (4.1.5) for an atomic type.
    #[must_use]
    pub(crate) fn applies_to(self, primitive: Primitive) -> bool {
        match self {
            Self::Pattern | Self::WhiteSpace => true,
            Self::Enumeration => primitive != Primitive::Boolean,
            Self::Length | Self::MinLength | Self::MaxLength => has_length(primitive),
            Self::MaxInclusive | Self::MaxExclusive | Self::MinInclusive | Self::MinExclusive => {
                primitive != Primitive::Boolean && !has_length(primitive)
            }
            Self::TotalDigits | Self::FractionDigits => primitive == Primitive::Decimal,
        }
    }

    /// `cos-applicable-facets` for a list.
    #[must_use]
    pub(crate) const fn applies_to_list(self) -> bool {
        matches!(
            self,
            Self::Length
                | Self::MinLength
                | Self::MaxLength
                | Self::Pattern
                | Self::Enumeration
                | Self::WhiteSpace
        )
    }

    /// `cos-applicable-facets` for a union.
    #[must_use]
    pub(crate) const fn applies_to_union(self) -> bool {
        matches!(self, Self::Pattern | Self::Enumeration)
    }
}

impl fmt::Display for FacetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The types with length facets are those without order.
fn has_length(primitive: Primitive) -> bool {
    matches!(
        primitive,
        Primitive::String
            | Primitive::HexBinary
            | Primitive::Base64Binary
            | Primitive::AnyUri
            | Primitive::QName
            | Primitive::Notation
    )
}

/// A facet as a restriction declares it.
#[derive(Clone, Copy)]
pub struct FacetDeclaration<'a> {
    /// Which facet.
    pub kind: FacetKind,
    /// The `value` attribute.
    pub value: &'a str,
    /// The `fixed` attribute.
    pub fixed: bool,
    /// Prefixes in scope at the declaration, for values of type `QName` and `NOTATION`.
    pub namespaces: &'a dyn Namespaces,
}

impl fmt::Debug for FacetDeclaration<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={:?}", self.kind, self.value)
    }
}

/// A facet that a restriction may not declare so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FacetFault {
    /// Which of the declared facets, from 0; absent when the restriction as a whole is at fault.
    pub facet: Option<usize>,
    /// The schema constraint that is broken.
    pub rule: Rule,
    /// What is wrong.
    pub message: String,
}

/// A facet of a type: what it says, and whether derived types may still change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facet<T> {
    /// What it says.
    pub value: T,
    /// `{fixed}`.
    pub fixed: bool,
}

/// The facets one restriction declares, and the faults found in them.
pub(crate) struct Step<'a> {
    declared: &'a [FacetDeclaration<'a>],
    faults: Vec<FacetFault>,
    refused: Vec<bool>,
    /// What its patterns may take.
    patterns: PatternLimits,
}

impl<'a> Step<'a> {
    pub(crate) fn new(declared: &'a [FacetDeclaration<'a>], patterns: PatternLimits) -> Self {
        Self { declared, faults: Vec::new(), refused: vec![false; declared.len()], patterns }
    }

    /// What its patterns may take.
    pub(crate) fn patterns(&self) -> PatternLimits {
        self.patterns
    }

    /// Facets that do not apply are faults and are not looked at again.
    pub(crate) fn refuse_inapplicable(&mut self, applies: impl Fn(FacetKind) -> bool, to: &str) {
        for (index, facet) in self.declared.iter().enumerate() {
            if !applies(facet.kind) {
                self.refused[index] = true;
                self.fault(
                    index,
                    Rule::FacetNotApplicable,
                    format!("`{}` does not apply to {to}", facet.kind),
                );
            }
        }
    }

    /// `src-single-facet-value`: all but two facets stand at most once.
    pub(crate) fn refuse_repeated(&mut self) {
        let mut seen: Vec<FacetKind> = Vec::new();
        for (index, facet) in self.declared.iter().enumerate().filter(|(_, facet)| !facet.kind.may_repeat()) {
            let kind = facet.kind;
            if seen.contains(&kind) {
                self.refused[index] = true;
                self.fault(index, Rule::FacetTwice, format!("`{kind}` is declared twice"));
            } else {
                seen.push(kind);
            }
        }
    }

    /// The declarations of a kind with their index.
    pub(crate) fn all(&self, kind: FacetKind) -> Vec<(usize, FacetDeclaration<'a>)> {
        let stands = |index: &usize| self.declared[*index].kind == kind && !self.refused[*index];
        (0..self.declared.len()).filter(stands).map(|index| (index, self.declared[index])).collect()
    }

    /// The one declaration of a kind.
    pub(crate) fn single(&self, kind: FacetKind) -> Option<(usize, FacetDeclaration<'a>)> {
        self.all(kind).first().copied()
    }

    pub(crate) fn fault(&mut self, facet: usize, rule: Rule, message: String) {
        self.faults.push(FacetFault { facet: Some(facet), rule, message });
    }

    /// A fault between two facets, laid to the one declared here.
    pub(crate) fn fault_of(&mut self, kinds: [FacetKind; 2], rule: Rule, message: String) {
        let facet = kinds.into_iter().find_map(|kind| self.single(kind)).map(|(index, _)| index);
        self.faults.push(FacetFault { facet, rule, message });
    }

    /// A declared facet with a parsed value, held against the base's: the declared one counts, unless
    /// the base's is fixed to another value.
    pub(crate) fn merge<T: Clone + PartialEq>(
        &mut self,
        base: Option<&Facet<T>>,
        declared: Option<(usize, Facet<T>)>,
    ) -> Option<Facet<T>> {
        let Some((index, facet)) = declared else { return base.cloned() };
        match base {
            Some(base) if base.fixed && base.value != facet.value => {
                let kind = self.declared[index].kind;
                let rule = fixed_rule(kind);
                self.fault(index, rule, format!("`{kind}` is fixed in the base type"));
                Some(base.clone())
            }
            Some(base) => Some(Facet { value: facet.value, fixed: facet.fixed || base.fixed }),
            None => Some(facet),
        }
    }

    /// All faults, or what was made.
    pub(crate) fn finish<T>(self, made: T) -> Result<T, Vec<FacetFault>> {
        if self.faults.is_empty() { Ok(made) } else { Err(self.faults) }
    }
}

/// The {fixed} property of each facet (4.3.1.1 and following).
fn fixed_rule(kind: FacetKind) -> Rule {
    match kind {
        FacetKind::MinLength => Rule::MinLengthFixed,
        FacetKind::MaxLength => Rule::MaxLengthFixed,
        FacetKind::MaxInclusive => Rule::MaxInclusiveFixed,
        FacetKind::MaxExclusive => Rule::MaxExclusiveFixed,
        FacetKind::MinInclusive => Rule::MinInclusiveFixed,
        FacetKind::MinExclusive => Rule::MinExclusiveFixed,
        FacetKind::TotalDigits => Rule::TotalDigitsFixed,
        FacetKind::FractionDigits => Rule::FractionDigitsFixed,
        FacetKind::WhiteSpace => Rule::WhiteSpaceFixed,
        FacetKind::Length | FacetKind::Pattern | FacetKind::Enumeration => {
            unreachable!("`length` never changes, and the other two cannot be fixed")
        }
    }
}

/// A `nonNegativeInteger` of a facet; beyond 64 bits it counts as the largest of them.
pub(crate) fn parse_count(step: &mut Step<'_>, index: usize, facet: FacetDeclaration<'_>) -> Option<u64> {
    let text = white_space::trim(facet.value);
    let digits = text.strip_prefix('+').unwrap_or(text);
    let is_zero = |digits: &str| !digits.is_empty() && digits.bytes().all(|digit| digit == b'0');
    if text.strip_prefix('-').is_some_and(is_zero) {
        return Some(0);
    }
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        let message = format!("`{text}` of `{}` is not a whole number from 0 up", facet.kind);
        step.fault(index, Rule::AttributeValue, message);
        return None;
    }
    let add = |sum: u64, digit: u8| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
    Some(digits.bytes().fold(0, add))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn applicability_is_the_table_of_the_recommendation() {
        let applicable = |primitive| {
            let names: Vec<_> = FacetKind::ALL
                .into_iter()
                .filter(|kind| kind.applies_to(primitive))
                .map(FacetKind::name)
                .collect();
            names.join(" ")
        };
        let ordered =
            "pattern enumeration whiteSpace maxInclusive maxExclusive minInclusive minExclusive".to_owned();
        assert_eq!(
            applicable(Primitive::String),
            "length minLength maxLength pattern enumeration whiteSpace"
        );
        assert_eq!(applicable(Primitive::QName), applicable(Primitive::String));
        assert_eq!(applicable(Primitive::Boolean), "pattern whiteSpace");
        assert_eq!(applicable(Primitive::Double), ordered);
        assert_eq!(applicable(Primitive::GMonth), ordered);
        assert_eq!(applicable(Primitive::Decimal), format!("{ordered} totalDigits fractionDigits"));
    }

    #[test]
    fn names_lead_back_to_kinds() {
        for kind in FacetKind::ALL {
            assert_eq!(FacetKind::from_name(kind.name()), Some(kind));
        }
        assert_eq!(FacetKind::from_name("assertion"), None);
    }
}

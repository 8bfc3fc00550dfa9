//! Derivation by restriction: a base and the facets declared on it make a type, or all the faults.

use std::sync::Arc;

use super::check::Bounds as WithBounds;
use super::{FacetDeclaration, FacetFault, FacetKind, Facets, Scratch, Shape, SimpleType, WhiteSpace};
use crate::xsd::facet::bounds::{Bound, DeclaredBound};
use crate::xsd::facet::{Bounds, DigitFacets, Enumeration, Facet, Lengths, PatternStep, Step};
use crate::xsd::fault::Rule;
use crate::xsd::limits::PatternLimits;
use crate::xsd::value::{Grammar, Primitive};

impl SimpleType {
    /// `st-restrict-facets`: the base restricted by facets in the order they are declared. Several
    /// patterns are alternatives, several enumerations one set.
    pub fn restriction(
        base: &Arc<Self>,
        name: Option<&str>,
        facets: &[FacetDeclaration<'_>],
    ) -> Result<Arc<Self>, Vec<FacetFault>> {
        Self::restriction_within(PatternLimits::default(), base, name, facets)
    }

    /// The same, with patterns within these limits.
    pub fn restriction_within(
        patterns: PatternLimits,
        base: &Arc<Self>,
        name: Option<&str>,
        facets: &[FacetDeclaration<'_>],
    ) -> Result<Arc<Self>, Vec<FacetFault>> {
        Self::restricted(patterns, base, name, facets).map(Arc::new)
    }

    pub(super) fn restricted(
        patterns: PatternLimits,
        base: &Arc<Self>,
        name: Option<&str>,
        declared: &[FacetDeclaration<'_>],
    ) -> Result<Self, Vec<FacetFault>> {
        let shape = base.shape_of_restriction()?;
        let mut step = Step::new(declared, patterns);
        step.refuse_inapplicable(|kind| base.takes(kind), &base.described());
        step.refuse_repeated();
        let facets = base.restrict_facets(&mut step);
        let accepts_all = base.accepts_all && facets.are_empty();
        step.finish(Self {
            name: name.map(Into::into),
            base: Some(Arc::clone(base)),
            shape,
            facets,
            id_kind: base.id_kind,
            builtin: None,
            accepts_all,
            notes: None,
        })
    }

    /// `cos-st-restricts.1.1`: `anySimpleType` is no base of a restriction.
    fn shape_of_restriction(&self) -> Result<Shape, Vec<FacetFault>> {
        match &self.shape {
            Shape::Any => Err(vec![FacetFault {
                facet: None,
                rule: Rule::SimpleBaseNotAtomic,
                message: "`anySimpleType` cannot be restricted".to_owned(),
            }]),
            Shape::Atomic(grammar) => Ok(Shape::Atomic(*grammar)),
            Shape::List(item) => Ok(Shape::List(Arc::clone(item))),
            Shape::Union(members) => Ok(Shape::Union(members.clone())),
        }
    }

    /// `cos-applicable-facets` (4.1.5).
    fn takes(&self, kind: FacetKind) -> bool {
        match &self.shape {
            Shape::Any => false,
            Shape::Atomic(grammar) => kind.applies_to(grammar.primitive()),
            Shape::List(_) => kind.applies_to_list(),
            Shape::Union(_) => kind.applies_to_union(),
        }
    }

    fn described(&self) -> String {
        match &self.shape {
            Shape::List(_) => "a list".to_owned(),
            Shape::Union(_) => "a union".to_owned(),
            _ => format!("a type derived from `{}`", self.nearest_builtin().map_or("", |row| row.name)),
        }
    }

    fn restrict_facets(&self, step: &mut Step<'_>) -> Facets {
        let base = &self.facets;
        let ancestors: Vec<_> = self.ancestry().map(|ancestor| ancestor.facets.lengths).collect();
        Facets {
            white_space: WhiteSpace::restrict(base.white_space, step),
            lengths: Lengths::restrict(&base.lengths, &ancestors, step),
            digits: DigitFacets::restrict(&base.digits, step),
            bounds: Bounds::restrict(&base.bounds, step, &mut |step, kind| self.parse_bound(step, kind)),
            patterns: PatternStep::restrict(&base.patterns, step),
            enumeration: self.restrict_enumeration(step),
        }
    }

    /// A bound must be in the value space of the base type; its other bounds are compared later.
    fn parse_bound(&self, step: &mut Step<'_>, kind: FacetKind) -> Option<DeclaredBound> {
        let (index, facet) = step.single(kind)?;
        let Shape::Atomic(grammar) = self.shape else { return None };
        let mut scratch = Scratch::default();
        let checked = self.check_facets(facet.value, facet.namespaces, &mut scratch, WithBounds::Ignored);
        if let Err(fault) = checked {
            let message =
                format!("`{kind}` is no value of the base type: {}", fault.sentence(self, facet.value));
            step.fault(index, value_rule(kind), message);
            return None;
        }
        let literal: Box<str> = self.normalise(facet.value, &mut scratch.text).into();
        let value = grammar.value(&literal, facet.namespaces).ok()?;
        Some((index, Facet { value: Arc::new(Bound { value, literal }), fixed: facet.fixed }))
    }

    /// `enumeration-valid-restriction`: each value must be one of the base type.
    fn restrict_enumeration(&self, step: &mut Step<'_>) -> Option<Arc<Enumeration>> {
        let declared = step.all(FacetKind::Enumeration);
        if declared.is_empty() {
            return self.facets.enumeration.clone();
        }
        let mut scratch = Scratch::default();
        let mut values = Vec::with_capacity(declared.len());
        for (index, facet) in declared {
            match self.enumerated(facet, &mut scratch) {
                Ok(value) => values.push(value),
                Err(sentence) => {
                    let message = format!("`enumeration` is no value of the base type: {sentence}");
                    step.fault(index, Rule::EnumerationInvalid, message);
                }
            }
        }
        let is_text = |grammar: Grammar| matches!(grammar.primitive(), Primitive::String | Primitive::AnyUri);
        let texts = matches!(self.shape, Shape::Atomic(grammar) if is_text(grammar));
        Some(Arc::new(if texts {
            Enumeration::of_texts(values.into_iter().map(|(literal, _)| literal).collect())
        } else {
            Enumeration::of_keys(values)
        }))
    }

    /// The normalised literal and its key, or what is wrong with it.
    fn enumerated(
        &self,
        facet: FacetDeclaration<'_>,
        scratch: &mut Scratch,
    ) -> Result<(Box<str>, Box<[u8]>), String> {
        let mut key = Vec::new();
        self.check(facet.value, facet.namespaces, scratch)
            .and_then(|()| self.canonical_key(facet.value, facet.namespaces, &mut key))
            .map_err(|fault| fault.sentence(self, facet.value))?;
        Ok((self.normalise(facet.value, &mut scratch.text).into(), key.into()))
    }
}

/// The {value} property of a bound (4.3.7.1 and following).
fn value_rule(kind: FacetKind) -> Rule {
    match kind {
        FacetKind::MaxInclusive => Rule::MaxInclusiveValue,
        FacetKind::MaxExclusive => Rule::MaxExclusiveValue,
        FacetKind::MinInclusive => Rule::MinInclusiveValue,
        _ => Rule::MinExclusiveValue,
    }
}

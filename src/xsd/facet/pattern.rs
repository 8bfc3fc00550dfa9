//! `pattern`: alternatives within one derivation step, conjunction over the steps (4.3.4).

use std::sync::Arc;

use super::{FacetKind, Step};
use crate::xsd::fault::Rule;
use crate::xsd::regexp::{Expression, Pattern, PatternError};

/// The patterns of one derivation step.
#[derive(Clone, Debug)]
pub struct PatternStep {
    sources: Box<[Box<str>]>,
    expression: Expression,
}

impl PatternStep {
    /// The patterns as declared.
    #[must_use]
    pub fn sources(&self) -> &[Box<str>] {
        &self.sources
    }

    /// About how many bytes they take compiled.
    pub(crate) fn bytes(&self) -> u64 {
        self.expression.bytes()
    }

    /// `cvc-pattern-valid`, for this step.
    #[inline]
    #[must_use]
    pub fn admits(&self, text: &str) -> bool {
        self.expression.matches(text)
    }

    /// The steps of a derived type: those of the base and, if it declares patterns, one more.
    pub(crate) fn restrict(base: &[Arc<Self>], step: &mut Step<'_>) -> Vec<Arc<Self>> {
        let mut steps = base.to_vec();
        steps.extend(Self::declared(step).map(Arc::new));
        steps
    }

    fn declared(step: &mut Step<'_>) -> Option<Self> {
        let declared = step.all(FacetKind::Pattern);
        let last = declared.last()?.0;
        // Each is read by itself, so that a fault belongs to its facet, and all are compiled as one.
        let limits = step.patterns();
        let mut patterns = Vec::with_capacity(declared.len());
        for (index, facet) in &declared {
            match Pattern::parse(facet.value, &limits) {
                Ok(pattern) => patterns.push(pattern),
                Err(error) => report(step, *index, facet.value, &error),
            }
        }
        if patterns.len() < declared.len() {
            return None;
        }
        let expression = match Expression::of(&patterns, &limits) {
            Ok(expression) => expression,
            Err(error) => {
                let source = if patterns.len() == 1 { declared[0].1.value } else { "the patterns together" };
                report(step, last, source, &error);
                return None;
            }
        };
        let sources = declared.iter().map(|(_, facet)| facet.value.into()).collect();
        Some(Self { sources, expression })
    }
}

fn report(step: &mut Step<'_>, index: usize, source: &str, error: &PatternError) {
    let rule = match error {
        PatternError::Syntax { .. } => Rule::PatternInvalid,
        PatternError::TooLong { .. } => Rule::PatternBytesLimit,
        PatternError::TooDeep { .. } => Rule::PatternNestingLimit,
        PatternError::RepeatsTooOften { .. } => Rule::PatternRepeatLimit,
        PatternError::TooLarge { .. } => Rule::PatternCompiledLimit,
    };
    let source: String = source.chars().take(200).collect();
    step.fault(index, rule, format!("`{source}` cannot be used: {error}"));
}

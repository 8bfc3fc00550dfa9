//! A literal held against a type: the hot path.

use super::fault::{Detail, TextFault};
use super::{Facets, Namespaces, Scratch, Shape, SimpleType};
use crate::xsd::clause::Clause;
use crate::xsd::facet::Enumeration;
use crate::xsd::facet::white_space::{self, WhiteSpace, tokens};
use crate::xsd::value::decimal::Digits;
use crate::xsd::value::{Grammar, Primitive, binary, string};

impl SimpleType {
    /// `cvc-datatype-valid`: white space is normalised here, `lexical` is what stands in the document.
    #[inline]
    pub fn check(
        &self,
        lexical: &str,
        namespaces: &dyn Namespaces,
        scratch: &mut Scratch,
    ) -> Result<(), TextFault> {
        if self.accepts_all {
            return Ok(());
        }
        self.check_facets(lexical, namespaces, scratch, Bounds::Checked)
    }

    /// The type with or without its bounds; without, for a literal that is to be a new bound.
    pub(super) fn check_facets(
        &self,
        lexical: &str,
        namespaces: &dyn Namespaces,
        scratch: &mut Scratch,
        bounds: Bounds,
    ) -> Result<(), TextFault> {
        match &self.shape {
            Shape::Any => Ok(()),
            Shape::Atomic(grammar) => {
                let Scratch { text: buffer, key } = scratch;
                let text = normalise_atomic(self.white_space(), *grammar, lexical, buffer);
                self.check_atomic(*grammar, text, namespaces, key, bounds)
            }
            Shape::List(item) => self.check_list(item, lexical, namespaces, scratch),
            Shape::Union(_) => self.check_union(lexical, namespaces, scratch),
        }
    }

    fn check_atomic(
        &self,
        grammar: Grammar,
        text: &str,
        namespaces: &dyn Namespaces,
        key: &mut Vec<u8>,
        bounds: Bounds,
    ) -> Result<(), TextFault> {
        let facets = &self.facets;
        if grammar.primitive() == Primitive::Decimal {
            return self.check_decimal(grammar, text, key, bounds);
        }
        grammar.check(text, namespaces).map_err(TextFault::lexical)?;
        facets.check_patterns(text)?;
        self.check_enumeration(text, namespaces, key)?;
        if !facets.lengths.is_empty() {
            facets.check_length(grammar.primitive(), text)?;
        }
        if bounds == Bounds::Checked && !facets.bounds.is_empty() {
            facets.bounds.admit_literal(text).map_err(TextFault::bound)?;
        }
        Ok(())
    }

    /// Decimals are read once for everything.
    fn check_decimal(
        &self,
        grammar: Grammar,
        text: &str,
        key: &mut Vec<u8>,
        bounds: Bounds,
    ) -> Result<(), TextFault> {
        let facets = &self.facets;
        let digits = match grammar {
            Grammar::Integer => Digits::parse_integer(text),
            _ => Digits::parse(text),
        };
        let digits = digits.map_err(TextFault::lexical)?;
        facets.check_patterns(text)?;
        self.check_enumeration(text, &super::NoNamespaces, key)?;
        if bounds == Bounds::Checked {
            facets.bounds.admit_digits(digits).map_err(TextFault::bound)?;
        }
        facets.digits.admits(digits).map_err(|(clause, found)| TextFault::new(clause, Detail::Digits(found)))
    }

    fn check_list(
        &self,
        item: &Self,
        lexical: &str,
        namespaces: &dyn Namespaces,
        scratch: &mut Scratch,
    ) -> Result<(), TextFault> {
        let mut count = 0;
        for text in tokens(lexical) {
            count += 1;
            item.check(text, namespaces, scratch).map_err(|fault| fault.in_item(count))?;
        }
        let facets = &self.facets;
        let Scratch { text: buffer, key } = scratch;
        if !facets.patterns.is_empty() {
            facets.check_patterns(WhiteSpace::Collapse.normalise(lexical, buffer))?;
        }
        self.check_enumeration(lexical, namespaces, key)?;
        let count = u64::from(count);
        facets.lengths.admits(count).map_err(|clause| TextFault::new(clause, Detail::Length(count)))
    }

    fn check_union(
        &self,
        lexical: &str,
        namespaces: &dyn Namespaces,
        scratch: &mut Scratch,
    ) -> Result<(), TextFault> {
        let Some(member) = self.accepting(lexical, namespaces, scratch) else {
            return Err(TextFault::new(Clause::DatatypeUnion, Detail::NoMember));
        };
        let Scratch { text: buffer, key } = scratch;
        let text = member.normalise(lexical, buffer);
        self.facets.check_patterns(text)?;
        // The value is that of the member found: the normalised text might suit an earlier one.
        member.hold_against(self.facets.enumeration.as_deref(), text, namespaces, key)
    }

    /// The member of a union that accepts a literal: the first that does; of unions within unions,
    /// the innermost. For other types, the type itself if it accepts the literal.
    pub fn accepting(
        &self,
        lexical: &str,
        namespaces: &dyn Namespaces,
        scratch: &mut Scratch,
    ) -> Option<&Self> {
        let Shape::Union(members) = &self.shape else {
            return self.check(lexical, namespaces, scratch).is_ok().then_some(self);
        };
        let first = members.iter().find(|member| member.check(lexical, namespaces, scratch).is_ok())?;
        first.accepting(lexical, namespaces, scratch)
    }

    /// The literal with its white space as the type wants it; for a union, as it stands.
    pub fn normalise<'a>(&self, lexical: &'a str, buffer: &'a mut String) -> &'a str {
        self.white_space().normalise(lexical, buffer)
    }

    fn check_enumeration(
        &self,
        text: &str,
        namespaces: &dyn Namespaces,
        key: &mut Vec<u8>,
    ) -> Result<(), TextFault> {
        self.hold_against(self.facets.enumeration.as_deref(), text, namespaces, key)
    }

    /// `cvc-enumeration-valid` for a literal of this type.
    fn hold_against(
        &self,
        enumeration: Option<&Enumeration>,
        text: &str,
        namespaces: &dyn Namespaces,
        key: &mut Vec<u8>,
    ) -> Result<(), TextFault> {
        let Some(enumeration) = enumeration else { return Ok(()) };
        let listed = enumeration.admits(text, move || {
            key.clear();
            // The literal is in the lexical space by now; were it not, its key would be in no set.
            let _ = self.canonical_key(text, namespaces, key);
            key.as_slice()
        });
        if listed { Ok(()) } else { Err(TextFault::new(Clause::Enumeration, Detail::NotListed)) }
    }
}

/// Whether a check includes the four bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bounds {
    Checked,
    Ignored,
}

/// Where no white space is legal inside a literal, cutting it off at the ends is collapsing: what is
/// left inside makes the literal wrong either way.
fn normalise_atomic<'a>(
    white_space: WhiteSpace,
    grammar: Grammar,
    lexical: &'a str,
    buffer: &'a mut String,
) -> &'a str {
    let may_have_inner = matches!(
        grammar,
        Grammar::Primitive(Primitive::String | Primitive::AnyUri | Primitive::Base64Binary)
    );
    if white_space == WhiteSpace::Collapse && !may_have_inner {
        white_space::trim(lexical)
    } else {
        white_space.normalise(lexical, buffer)
    }
}

impl Facets {
    /// `cvc-pattern-valid`: every step must match.
    #[inline]
    fn check_patterns(&self, text: &str) -> Result<(), TextFault> {
        match self.patterns.iter().position(|step| !step.admits(text)) {
            None => Ok(()),
            Some(step) => Err(TextFault::new(Clause::Pattern, Detail::Pattern(step))),
        }
    }

    /// Characters are counted only where the number of bytes leaves the answer open.
    fn check_length(&self, primitive: Primitive, text: &str) -> Result<(), TextFault> {
        let lengths = &self.lengths;
        let length = match primitive {
            Primitive::HexBinary => binary::hex_length(text),
            Primitive::Base64Binary => binary::base64_length(text),
            // Every value is facet-valid (cvc-length-valid.1.3).
            Primitive::QName | Primitive::Notation => return Ok(()),
            _ => {
                let within = lengths.exact.is_none()
                    && lengths.min.is_none_or(|min| string::has_chars_at_least(text, min.value))
                    && lengths.max.is_none_or(|max| string::has_chars_at_most(text, max.value));
                if within {
                    return Ok(());
                }
                string::char_count(text)
            }
        };
        lengths.admits(length).map_err(|clause| TextFault::new(clause, Detail::Length(length)))
    }
}

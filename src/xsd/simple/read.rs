//! The value of a literal, and its key.

use super::fault::{Detail, TextFault};
use super::{Namespaces, Scratch, Shape, SimpleType};
use crate::xsd::clause::Clause;
use crate::xsd::facet::white_space::tokens;
use crate::xsd::value::decimal::Digits;
use crate::xsd::value::{self, LIST_TAG, Primitive, Value};

impl SimpleType {
    /// The value of a literal, which must be valid.
    pub fn value(&self, lexical: &str, namespaces: &dyn Namespaces) -> Result<Value, TextFault> {
        let mut scratch = Scratch::default();
        self.check(lexical, namespaces, &mut scratch)?;
        self.read(lexical, namespaces, &mut scratch)
    }

    fn read(
        &self,
        lexical: &str,
        namespaces: &dyn Namespaces,
        scratch: &mut Scratch,
    ) -> Result<Value, TextFault> {
        match &self.shape {
            Shape::Any => Ok(Value::String(lexical.into())),
            Shape::Atomic(grammar) => {
                let text = self.normalise(lexical, &mut scratch.text);
                grammar.value(text, namespaces).map_err(TextFault::lexical)
            }
            Shape::List(item) => {
                let items: Result<Box<[Value]>, TextFault> =
                    tokens(lexical).map(|text| item.read(text, namespaces, scratch)).collect();
                items.map(Value::List)
            }
            Shape::Union(_) => {
                let member = self.accepting_or_fault(lexical, namespaces, scratch)?;
                member.read(lexical, namespaces, scratch)
            }
        }
    }

    /// Appends bytes that are the same for equal values and differ for any two others, of whatever
    /// types. Facets are not checked; a literal outside the lexical space is a fault.
    pub fn canonical_key(
        &self,
        lexical: &str,
        namespaces: &dyn Namespaces,
        out: &mut Vec<u8>,
    ) -> Result<(), TextFault> {
        self.write_key(lexical, namespaces, &mut Scratch::default(), out)
    }

    fn write_key(
        &self,
        lexical: &str,
        namespaces: &dyn Namespaces,
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
    ) -> Result<(), TextFault> {
        match &self.shape {
            Shape::Any => write_text(Primitive::String, lexical, out),
            Shape::Atomic(grammar) => {
                let text = self.normalise(lexical, &mut scratch.text);
                match grammar.primitive() {
                    Primitive::String => write_text(Primitive::String, text, out),
                    Primitive::Decimal => write_decimal(text, out)?,
                    _ => grammar.value(text, namespaces).map_err(TextFault::lexical)?.write_key(out),
                }
            }
            Shape::List(item) => {
                out.push(LIST_TAG);
                value::write_length(tokens(lexical).count(), out);
                for text in tokens(lexical) {
                    item.write_key(text, namespaces, scratch, out)?;
                }
            }
            Shape::Union(_) => {
                let member = self.accepting_or_fault(lexical, namespaces, scratch)?;
                member.write_key(lexical, namespaces, scratch, out)?;
            }
        }
        Ok(())
    }

    fn accepting_or_fault(
        &self,
        lexical: &str,
        namespaces: &dyn Namespaces,
        scratch: &mut Scratch,
    ) -> Result<&Self, TextFault> {
        let fault = TextFault::new(Clause::DatatypeUnion, Detail::NoMember);
        self.accepting(lexical, namespaces, scratch).ok_or(fault)
    }
}

fn write_text(primitive: Primitive, text: &str, out: &mut Vec<u8>) {
    out.push(value::key_tag(primitive));
    value::write_bytes(text.as_bytes(), out);
}

fn write_decimal(text: &str, out: &mut Vec<u8>) -> Result<(), TextFault> {
    let digits = Digits::parse(text).map_err(TextFault::lexical)?;
    out.push(value::key_tag(Primitive::Decimal));
    digits.write_key(out);
    Ok(())
}

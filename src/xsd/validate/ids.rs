//! ID and IDREF over a document (`cvc-id`, 3.15.4): fixed-size digests, whatever the length of a name.

use super::Machine;
use super::report::Words;
use crate::xml::{Bindings, Span};
use crate::xsd::clause::Clause;
use crate::xsd::compile::CompiledSchema;
use crate::xsd::deviation::{Deviation, DeviationBuffer, quoted};
use crate::xsd::simple::{IdKind, SimpleType};
use crate::xsd::validate::keys::Digester;
use std::collections::{HashMap, HashSet};

/// What is kept of a reference until the document ends.
#[derive(Debug)]
struct Reference {
    at: Span,
    path: String,
    name: String,
}

/// IDs seen, and references whose ID has not been seen yet.
#[derive(Debug, Default)]
pub(super) struct Ids {
    digester: Digester,
    seen: HashSet<u128>,
    waiting: HashMap<u128, Reference>,
}

impl Ids {
    pub(super) fn clear(&mut self) {
        self.seen.clear();
        self.waiting.clear();
    }

    /// Clause 1 of `cvc-id`: every IDREF has its ID.
    pub(super) fn dangling(&mut self, found: &mut DeviationBuffer) {
        let mut waiting: Vec<Reference> = self.waiting.drain().map(|(_, reference)| reference).collect();
        waiting.sort_by_key(|reference| reference.at.start);
        for Reference { at, path, name } in waiting {
            found.push(Deviation {
                clause: Clause::IdrefDangling,
                at,
                path,
                sentence: format!("nothing in the document has the ID `{name}`"),
                operand: "IDREF".to_owned(),
                found: name,
                expected: "the ID of an element of this document".to_owned(),
            });
        }
    }
}

impl Machine {
    /// Notes the identifiers in a valid value of a type that has some.
    pub(super) fn identifiers(
        &mut self,
        schema: &CompiledSchema,
        simple: &SimpleType,
        text: &str,
        bindings: &Bindings,
        at: Span,
        found: &mut DeviationBuffer,
    ) {
        let mut names: Vec<(IdKind, String)> = Vec::new();
        simple.visit_identifiers(text, bindings, &mut self.scratch, &mut |kind, name| {
            names.push((kind, name.to_owned()));
        });
        for (kind, name) in names {
            let digest = self.ids.digester.digest(name.as_bytes());
            match kind {
                IdKind::Id => self.identify(schema, digest, &name, at, found),
                IdKind::Idref => self.refer_to(schema, digest, &name, at),
                // Entities need a DTD, and a feed's DTD is refused.
                _ => {}
            }
        }
    }

    /// Clause 2 of `cvc-id`: no ID twice.
    fn identify(
        &mut self,
        schema: &CompiledSchema,
        digest: u128,
        name: &str,
        at: Span,
        found: &mut DeviationBuffer,
    ) {
        self.ids.waiting.remove(&digest);
        if self.ids.seen.insert(digest) {
            return;
        }
        self.report(schema, Clause::IdDuplicate, at, found, |_| Words {
            sentence: format!("the ID `{}` is used a second time", quoted(name)),
            found: quoted(name),
            expected: "an ID that no other element has".to_owned(),
            operand: "ID".to_owned(),
            step: None,
        });
    }

    fn refer_to(&mut self, schema: &CompiledSchema, digest: u128, name: &str, at: Span) {
        if !self.ids.seen.contains(&digest) && !self.ids.waiting.contains_key(&digest) {
            let reference = Reference { at, path: self.path(schema, None), name: quoted(name) };
            self.ids.waiting.insert(digest, reference);
        }
    }
}

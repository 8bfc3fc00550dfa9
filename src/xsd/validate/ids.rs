//! ID and IDREF over a document (`cvc-id`, 3.15.4): fixed-size digests, whatever the length of a name.

use super::Assessment;
use super::keys::{Digester, Inserted, KEYS_MAX, KeyTable, REFERENCES_MAX, Reference, References};
use super::report::{Words, step_of};
use crate::xml::{Name, Span};
use crate::xsd::clause::Clause;
use crate::xsd::deviation::{Deviation, DeviationBuffer, quoted};
use crate::xsd::simple::{IdKind, Namespaces, SimpleType};

/// IDs seen, and references whose ID has not been seen yet.
#[derive(Debug, Default)]
pub(super) struct Ids {
    digester: Digester,
    seen: KeyTable,
    waiting: References,
}

impl Ids {
    pub(super) fn clear(&mut self) {
        self.seen.clear();
        self.waiting.clear();
    }

    /// Clause 1 of `cvc-id`: every IDREF has its ID.
    pub(super) fn dangling(&mut self, found: &mut DeviationBuffer) {
        for Reference { at, path, shown } in self.waiting.dangling() {
            found.push(Deviation {
                clause: Clause::IdrefDangling,
                at,
                path,
                sentence: format!("nothing in the document has the ID `{shown}`"),
                operand: "IDREF".to_owned(),
                found: shown,
                expected: "the ID of an element of this document".to_owned(),
            });
        }
    }
}

/// What bears an identifier: the innermost element, or an attribute of it.
#[derive(Clone, Copy)]
pub(super) struct Bearer<'a> {
    pub(super) at: Span,
    pub(super) attribute: Option<&'a Name<'a>>,
}

impl Bearer<'_> {
    fn step(&self) -> Option<String> {
        self.attribute.map(step_of)
    }
}

impl Assessment<'_> {
    /// Notes the identifiers in a valid value of a type that has some.
    pub(super) fn identifiers(
        &mut self,
        simple: &SimpleType,
        text: &str,
        namespaces: &dyn Namespaces,
        bearer: Bearer<'_>,
    ) {
        let mut names: Vec<(IdKind, String)> = Vec::new();
        simple.visit_identifiers(text, namespaces, &mut self.memory.scratch, &mut |kind, name| {
            names.push((kind, name.to_owned()));
        });
        for (kind, name) in names {
            let digest = self.memory.ids.digester.digest(name.as_bytes());
            match kind {
                IdKind::Id => self.identify(digest, &name, bearer),
                IdKind::Idref => self.refer_to(digest, &name, bearer),
                _ => self.undeclared_entity(simple, &name, bearer),
            }
        }
    }

    /// Clause 2 of `cvc-simple-type`: entities are declared by a DTD, and a document with one is refused.
    fn undeclared_entity(&mut self, simple: &SimpleType, name: &str, bearer: Bearer<'_>) {
        let single = simple.id_kind() == IdKind::Entity;
        let clause = if single { Clause::EntityUndeclared } else { Clause::EntitiesUndeclared };
        self.report(
            clause,
            bearer.at,
            Words {
                sentence: format!("the document declares no unparsed entity `{}`", quoted(name)),
                found: quoted(name),
                expected: "the name of an unparsed entity of the document's DTD".to_owned(),
                operand: "ENTITY".to_owned(),
                step: bearer.step(),
            },
        );
    }

    /// Clause 2 of `cvc-id`: no ID twice.
    fn identify(&mut self, digest: u128, name: &str, bearer: Bearer<'_>) {
        self.memory.ids.waiting.settle(digest);
        let name = quoted(name);
        let (clause, sentence) = match self.memory.ids.seen.insert(digest) {
            Inserted::New => return,
            Inserted::Known => (Clause::IdDuplicate, format!("the ID `{name}` is used a second time")),
            Inserted::Full => (
                Clause::KeysLimit,
                format!(
                    "the ID `{name}` is not checked: the document has more than {KEYS_MAX} (limit `keys_max`)"
                ),
            ),
        };
        self.report(
            clause,
            bearer.at,
            Words {
                sentence,
                found: name,
                expected: "an ID that no other element has".to_owned(),
                operand: "ID".to_owned(),
                step: bearer.step(),
            },
        );
    }

    fn refer_to(&mut self, digest: u128, name: &str, bearer: Bearer<'_>) {
        let at = bearer.at;
        if self.memory.ids.seen.contains(digest) || self.memory.ids.waiting.contains(digest) {
            return;
        }
        let reference = Reference {
            at,
            path: self.memory.open.path(self.schema.names(), bearer.step().as_deref()),
            shown: quoted(name),
        };
        if let Err(Reference { shown, .. }) = self.memory.ids.waiting.add(digest, reference) {
            self.report_unheld_reference(shown, at);
        }
    }

    /// A reference that cannot be kept until its target may come: said, so that nothing passes unjudged.
    pub(super) fn report_unheld_reference(&mut self, shown: String, at: Span) {
        self.report(Clause::ReferencesLimit, at, Words {
            sentence: format!(
                "the reference `{shown}` is not checked: more than {REFERENCES_MAX} wait for what they refer to \
                 (limit `references_max`)"
            ),
            found: shown,
            operand: "reference".to_owned(),
            ..Words::default()
        });
    }
}

//! ID and IDREF over a document (`cvc-id`, 3.15.4): fixed-size digests, whatever the length of a name.

use super::keys::Occurrence;
use super::report::{Words, step_of};
use super::{Assessment, Memory};
use crate::xml::{Name, Span};
use crate::xsd::clause::Clause;
use crate::xsd::deviation::quoted;
use crate::xsd::simple::{IdKind, Namespaces, SimpleType};

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
            let Memory { open, keys, identity, .. } = &mut *self.memory;
            let digest = identity.digester().digest(name.as_bytes());
            let occurrence = || Occurrence {
                at: bearer.at,
                path: open.path(self.schema.names(), bearer.step().as_deref()),
                shown: quoted(&name),
            };
            let broken = match kind {
                IdKind::Id => keys.id(self.schema, digest, occurrence),
                IdKind::Idref => keys.idref(self.schema, digest, occurrence),
                _ => {
                    self.undeclared_entity(simple, &name, bearer);
                    continue;
                }
            };
            self.tell(broken);
        }
    }

    /// Clause 2 of `cvc-simple-type`: entities are declared by a DTD, and a document with one is refused.
    fn undeclared_entity(&mut self, simple: &SimpleType, name: &str, bearer: Bearer<'_>) {
        let single = simple.id_kind() == IdKind::Entity;
        let clause = if single { Clause::EntityUndeclared } else { Clause::EntitiesUndeclared };
        let words = Words {
            sentence: format!("the document declares no unparsed entity `{}`", quoted(name)),
            found: quoted(name),
            expected: "the name of an unparsed entity of the document's DTD".to_owned(),
            operand: "ENTITY".to_owned(),
            step: bearer.step(),
        };
        self.report(clause, bearer.at, words);
    }
}

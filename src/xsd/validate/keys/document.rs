//! Keys, references and IDs of a document, taken in its order.

use super::Note;
use super::table::{Inserted, KeyTable, Occurrence, References};
use crate::xml::Offset;
use crate::xsd::clause::Clause;
use crate::xsd::compile::CompiledSchema;
use crate::xsd::component::identity::{IdentityConstraint, IdentityKind};
use crate::xsd::deviation::{Deviation, quoted};
use crate::xsd::limits::DocumentLimits;

/// What a document has said so far.
#[derive(Debug, Default)]
pub(super) struct DocumentKeys {
    scopes: Vec<ScopeKeys>,
    ids: KeyTable,
    /// IDREFs whose ID has not been seen yet.
    idrefs: References,
    /// Where references stand that wait since somebody asked last; at most as many as may wait.
    fresh: Vec<Offset>,
}

/// The keys of one open scope.
#[derive(Debug)]
struct ScopeKeys {
    constraint: u32,
    table: KeyTable,
    /// For a keyref: what was referred to and not seen yet.
    waiting: References,
}

impl DocumentKeys {
    pub(super) fn clear(&mut self) {
        self.scopes.clear();
        self.ids.clear();
        self.idrefs.clear();
        self.fresh.clear();
    }

    /// Takes what was noted down in a stretch; what it breaks.
    pub(super) fn take(&mut self, schema: &CompiledSchema, note: Note) -> Vec<Deviation> {
        let broken = match note {
            Note::Open(constraint) => {
                self.open(constraint);
                None
            }
            Note::Close(from) => return self.close(schema, from),
            Note::Key { scope, key, occurrence } => self.key(schema, scope, key, || occurrence),
            Note::HandOver(constraint, digests) => {
                self.hand_over(schema, constraint, &digests);
                None
            }
            Note::Id(id, occurrence) => self.id(schema, id, || occurrence),
            Note::Idref(id, occurrence) => self.idref(schema, id, || occurrence),
        };
        broken.into_iter().collect()
    }

    /// Where references stand that have begun to wait since this was asked last.
    pub(super) fn take_fresh(&mut self) -> Vec<Offset> {
        std::mem::take(&mut self.fresh)
    }

    /// Where all references stand that wait.
    pub(super) fn waiting(&self) -> impl Iterator<Item = Offset> {
        let keyrefs = self.scopes.iter().flat_map(|scope| scope.waiting.positions());
        keyrefs.chain(self.idrefs.positions())
    }

    fn wait(&mut self, at: Offset, limits: DocumentLimits) {
        if self.fresh.len() < limits.references_max {
            self.fresh.push(at);
        }
    }

    pub(super) fn open(&mut self, constraint: u32) {
        self.scopes.push(ScopeKeys {
            constraint,
            table: KeyTable::default(),
            waiting: References::default(),
        });
    }

    /// A selected element with values in all fields, of a key, a unique or a keyref.
    pub(super) fn key(
        &mut self,
        schema: &CompiledSchema,
        scope: usize,
        key: u128,
        occurrence: impl FnOnce() -> Occurrence,
    ) -> Option<Deviation> {
        let limits = schema.limits;
        let scope = &mut self.scopes[scope];
        let constraint = &schema.constraints[scope.constraint as usize];
        if constraint.kind == IdentityKind::Keyref {
            if scope.table.contains(key) || scope.waiting.contains(key) {
                return None;
            }
            let occurrence = occurrence();
            let at = occurrence.at.start;
            let unheld = scope.waiting.add(key, occurrence, limits.references_max).err();
            self.wait(at, limits);
            return unheld.map(|reference| unheld_reference(reference, limits));
        }
        match scope.table.insert(key, limits.keys_max) {
            Inserted::New => None,
            inserted => Some(repeated_key(constraint, inserted, occurrence(), limits)),
        }
    }

    /// Leaves the scopes from `from` on. Keys first, so that the references of the same element find them.
    pub(super) fn close(&mut self, schema: &CompiledSchema, from: usize) -> Vec<Deviation> {
        if !schema.has_keyrefs {
            self.scopes.truncate(from);
            return Vec::new();
        }
        let closing: Vec<ScopeKeys> = self.scopes.drain(from..).collect();
        let (mut references, keys): (Vec<ScopeKeys>, Vec<ScopeKeys>) = closing
            .into_iter()
            .partition(|scope| schema.constraints[scope.constraint as usize].kind == IdentityKind::Keyref);
        for key in &keys {
            hand_over(
                schema,
                references.iter_mut().chain(&mut self.scopes),
                key.constraint,
                &key.table.keys(),
            );
        }
        references.into_iter().flat_map(|scope| dangling_keyrefs(schema, scope)).collect()
    }

    /// The keys of a scope that was closed elsewhere, for references in the open ones.
    pub(super) fn hand_over(&mut self, schema: &CompiledSchema, constraint: u32, keys: &[u128]) {
        hand_over(schema, self.scopes.iter_mut(), constraint, &keys.iter().copied());
    }

    /// Keys of the scopes from `from` on, by constraint.
    pub(super) fn keys(&self, from: usize) -> impl Iterator<Item = (u32, impl Iterator<Item = u128>)> {
        self.scopes[from..].iter().map(|scope| (scope.constraint, scope.table.keys()))
    }

    /// Clause 2 of `cvc-id`: no ID twice.
    pub(super) fn id(
        &mut self,
        schema: &CompiledSchema,
        id: u128,
        occurrence: impl FnOnce() -> Occurrence,
    ) -> Option<Deviation> {
        self.idrefs.settle(id);
        match self.ids.insert(id, schema.limits.keys_max) {
            Inserted::New => None,
            inserted => Some(repeated_id(inserted, occurrence(), schema.limits)),
        }
    }

    pub(super) fn idref(
        &mut self,
        schema: &CompiledSchema,
        id: u128,
        occurrence: impl FnOnce() -> Occurrence,
    ) -> Option<Deviation> {
        if self.ids.contains(id) || self.idrefs.contains(id) {
            return None;
        }
        let occurrence = occurrence();
        let limits = schema.limits;
        self.wait(occurrence.at.start, limits);
        let unheld = self.idrefs.add(id, occurrence, limits.references_max).err();
        unheld.map(|reference| unheld_reference(reference, limits))
    }

    /// Clause 1 of `cvc-id`, at the end of the document: every IDREF has its ID.
    pub(super) fn dangling_idrefs(&mut self) -> impl Iterator<Item = Deviation> {
        self.idrefs.dangling().into_iter().map(|Occurrence { at, path, shown }| Deviation {
            clause: Clause::IdrefDangling,
            at,
            path,
            sentence: format!("nothing in the document has the ID `{shown}`"),
            operand: "IDREF".to_owned(),
            found: shown,
            expected: "the ID of an element of this document".to_owned(),
        })
    }
}

/// Gives keys to those of the scopes whose references mean them.
fn hand_over<'a>(
    schema: &CompiledSchema,
    scopes: impl Iterator<Item = &'a mut ScopeKeys>,
    constraint: u32,
    keys: &(impl Iterator<Item = u128> + Clone),
) {
    for scope in scopes.filter(|scope| schema.refers(scope.constraint, constraint)) {
        for key in keys.clone() {
            scope.table.insert(key, schema.limits.keys_max);
            scope.waiting.settle(key);
        }
    }
}

fn repeated_key(
    constraint: &IdentityConstraint,
    inserted: Inserted,
    occurrence: Occurrence,
    limits: DocumentLimits,
) -> Deviation {
    let most = limits.keys_max;
    let Occurrence { at, path, shown } = occurrence;
    let (name, element) = (&constraint.name, element(&path));
    let sentence = if inserted == Inserted::Full {
        format!("uniqueness is not checked further: `{name}` has more than {most} keys (limit `keys_max`)")
    } else {
        format!(
            "the value `{shown}` appears a second time; in every `{element}` it has to be another one (`{name}`)"
        )
    };
    Deviation {
        clause: match (inserted, constraint.kind) {
            (Inserted::Full, _) => Clause::KeysLimit,
            (_, IdentityKind::Unique) => Clause::UniqueDuplicate,
            _ => Clause::KeyDuplicate,
        },
        at,
        path,
        operand: name.to_string(),
        sentence,
        found: shown,
        expected: "a value that was not used before".to_owned(),
    }
}

/// Clause 4.3 of `cvc-identity-constraint`: every reference has its key.
fn dangling_keyrefs(schema: &CompiledSchema, mut scope: ScopeKeys) -> impl Iterator<Item = Deviation> {
    let constraint = &schema.constraints[scope.constraint as usize];
    scope.waiting.dangling().into_iter().map(|Occurrence { at, path, shown }| Deviation {
        clause: Clause::KeyrefDangling,
        at,
        path,
        sentence: format!("the value `{shown}` refers to nothing (`{}`)", constraint.name),
        operand: constraint.name.to_string(),
        found: shown,
        expected: "the key of something in this document".to_owned(),
    })
}

fn repeated_id(inserted: Inserted, occurrence: Occurrence, limits: DocumentLimits) -> Deviation {
    let most = limits.keys_max;
    let Occurrence { at, path, shown } = occurrence;
    let (clause, sentence) = match inserted {
        Inserted::Full => (
            Clause::KeysLimit,
            format!("the ID `{shown}` is not checked: the document has more than {most} (limit `keys_max`)"),
        ),
        _ => (Clause::IdDuplicate, format!("the ID `{shown}` is used a second time")),
    };
    Deviation {
        clause,
        at,
        path,
        operand: "ID".to_owned(),
        sentence,
        found: shown,
        expected: "an ID that no other element has".to_owned(),
    }
}

/// A reference that cannot be kept until its target may come: said, so that nothing passes unjudged.
fn unheld_reference(reference: Occurrence, limits: DocumentLimits) -> Deviation {
    let most = limits.references_max;
    let Occurrence { at, path, shown } = reference;
    let shown = quoted(&shown);
    Deviation {
        clause: Clause::ReferencesLimit,
        at,
        path,
        operand: "reference".to_owned(),
        sentence: format!(
            "the reference `{shown}` is not checked: more than {most} wait for what they refer to (limit \
              `references_max`)"
        ),
        found: shown,
        expected: String::new(),
    }
}

/// The name of the element a path leads to.
fn element(path: &str) -> &str {
    let last = path.rsplit('/').next().unwrap_or_default();
    last.split('[').next().unwrap_or_default()
}

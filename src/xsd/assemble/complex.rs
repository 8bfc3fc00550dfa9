//! Complex type definitions (part 1, 3.4.2).

use super::At;
use super::builder::{Builder, Stage};
use super::particles::is_all;
use crate::xsd::component::{
    AttributeSet, ComplexType, ComplexTypeId, Compositor, Content, Derivation, Derivations, Occurrence,
    Particle, Term, TypeDefinition,
};
use crate::xsd::document::{Kind, Node};
use crate::xsd::fault::Rule;
use crate::xsd::simple::{SimpleType, Variety};
use std::sync::Arc;

/// A type's parts before its name and flags are put to it.
struct Body {
    base: TypeDefinition,
    derivation: Derivation,
    attributes: AttributeSet,
    content: Content,
}

impl Body {
    /// What is left of a type whose content cannot be known.
    fn without_content(base: TypeDefinition, derivation: Derivation, attributes: AttributeSet) -> Self {
        let lacks = attributes.lacks || matches!(base, TypeDefinition::Absent);
        Self { base, derivation, attributes: AttributeSet { lacks, ..attributes }, content: Content::Absent }
    }
}

impl<'a> Builder<'a> {
    /// The id of the type a `complexType` element declares; its content comes later.
    pub(super) fn complex_id(&mut self, at: At) -> ComplexTypeId {
        if let Some(&known) = self.complex_ids.get(&at) {
            return known;
        }
        let placeholder = ComplexType {
            name: self.node(at).token("name").map(Into::into),
            base: Some(TypeDefinition::Complex(self.schema.any_type)),
            derivation: Derivation::Restriction,
            is_abstract: false,
            block: Derivations::default(),
            finals: Derivations::default(),
            origin: self.origin(at),
            attributes: AttributeSet::default(),
            content: Content::Empty,
        };
        let id = self.schema.complex_types.push(placeholder);
        self.stages.push(Stage::Pending(at));
        self.complex_ids.insert(at, id);
        id
    }

    /// Makes every complex type that was only promised.
    pub(super) fn work_off(&mut self) {
        while self.made < self.stages.len() && !self.schema.work.is_spent() {
            if let Stage::Pending(at) = self.stages[self.made] {
                let id = self.complex_ids[&at];
                self.complete(id, at);
            }
            self.made += 1;
        }
    }

    /// Makes sure that a type is complete; `None` when it is being made already.
    fn completed(&mut self, id: ComplexTypeId, user: At) -> Option<ComplexTypeId> {
        match self.stages[id.index()] {
            Stage::Done => Some(id),
            Stage::Building => {
                let name = self.schema.complex_types[id].name.clone().unwrap_or_else(|| "(anonymous)".into());
                let sentence = format!("the complex type `{name}` is derived from itself");
                self.fault(user, Rule::TypeCircular, sentence);
                None
            }
            Stage::Pending(at) => self.deeper(user, |builder| {
                builder.complete(id, at);
                Some(id)
            }),
        }
    }

    fn complete(&mut self, id: ComplexTypeId, at: At) {
        self.stages[id.index()] = Stage::Building;
        self.within.push(at);
        let mut body = self.body(at);
        if !self.is_sound(at) {
            body.content = Content::Absent;
            body.attributes.lacks = true;
        }
        let is_abstract = self.flag(at, "abstract");
        let block = self.derivations(at, "block", "blockDefault");
        let finals = self.derivations(at, "final", "finalDefault");
        self.within.pop();
        let made = &mut self.schema.complex_types[id];
        made.is_abstract = is_abstract;
        made.block = block;
        made.finals = finals;
        made.base = Some(body.base);
        made.derivation = body.derivation;
        made.attributes = body.attributes;
        made.content = body.content;
        self.stages[id.index()] = Stage::Done;
    }

    /// Whether nothing was wrong with the elements that say what kind of type it is.
    fn is_sound(&self, at: At) -> bool {
        let below = self.content_element(at);
        let step = below.and_then(|(content, _)| self.children(content).next());
        self.node(at).sound && [below, step].iter().flatten().all(|(_, node)| node.sound)
    }

    fn content_element(&self, at: At) -> Option<(At, &'a Node)> {
        self.children(at).find(|(_, child)| matches!(child.kind, Kind::SimpleContent | Kind::ComplexContent))
    }

    fn body(&mut self, at: At) -> Body {
        match self.content_element(at) {
            Some((content, node)) => self.derived_body(at, content, node),
            None => self.plain_body(at),
        }
    }

    /// Without `simpleContent` or `complexContent` a type is a restriction of the ur-type.
    fn plain_body(&mut self, at: At) -> Body {
        let mixed = self.flag(at, "mixed");
        let explicit = self.explicit_content(at);
        let attributes = self.attribute_set(at);
        let content = effective(explicit, mixed);
        let base = TypeDefinition::Complex(self.schema.any_type);
        Body { base, derivation: Derivation::Restriction, attributes, content }
    }

    fn derived_body(&mut self, at: At, content: At, node: &Node) -> Body {
        let nothing = AttributeSet { lacks: true, ..AttributeSet::default() };
        let Some((step, derivation)) = self.children(content).next() else {
            return Body::without_content(TypeDefinition::Absent, Derivation::Restriction, nothing);
        };
        let base = self.base_type(at, step, derivation);
        let derivation =
            if derivation.kind == Kind::Extension { Derivation::Extension } else { Derivation::Restriction };
        if node.kind == Kind::SimpleContent {
            return self.simple_content(step, base, derivation);
        }
        let mixed = if node.attribute("mixed").is_some() {
            self.flag(content, "mixed")
        } else {
            self.flag(at, "mixed")
        };
        self.complex_content(step, base, derivation, mixed)
    }

    /// The base of a derivation, complete.
    fn base_type(&mut self, at: At, step: At, derivation: &Node) -> TypeDefinition {
        let named = derivation.token("base").and_then(|name| self.type_named(step, name));
        match named {
            Some(TypeDefinition::Complex(id)) if !self.can_build_on(id, at, step) => TypeDefinition::Absent,
            Some(base) => base,
            None => TypeDefinition::Absent,
        }
    }

    /// Whether a base is complete, and not too long a chain of bases itself.
    fn can_build_on(&mut self, base: ComplexTypeId, at: At, step: At) -> bool {
        if self.completed(base, step).is_none() {
            return false;
        }
        let depth = self.type_depths.get(&base).copied().unwrap_or_default();
        let allowed = self.allows_depth(step, depth);
        if allowed {
            self.type_depths.insert(self.complex_ids[&at], depth + 1);
        }
        allowed
    }

    fn simple_content(&mut self, at: At, base: TypeDefinition, derivation: Derivation) -> Body {
        let own = self.attribute_set(at);
        if let Some((inline, _)) = self.children(at).find(|(_, child)| child.kind == Kind::SimpleType) {
            // Whatever becomes of the base, its faults are told.
            self.simple_at(inline);
        }
        let (simple, attributes) = match (&base, derivation) {
            (TypeDefinition::Absent, _) => (None, own),
            (TypeDefinition::Simple(simple), Derivation::Extension) => {
                self.check_final(at, simple, |finals| finals.extension, Rule::ExtensionSimpleFinal);
                (Some(Arc::clone(simple)), own)
            }
            (TypeDefinition::Simple(_), Derivation::Restriction) => {
                let sentence = "a simple type can only be extended by `xs:simpleContent`; restrict it with \
                    `xs:simpleType`";
                self.fault(at, Rule::SimpleContentBase, sentence.to_owned());
                (None, own)
            }
            (TypeDefinition::Complex(id), _) => {
                let simple = self.restricted_content(at, *id, derivation);
                (simple, self.derived_attributes(at, own, *id, derivation))
            }
        };
        match simple {
            Some(simple) => Body { base, derivation, attributes, content: Content::Simple(simple) },
            None => Body::without_content(base, derivation, attributes),
        }
    }

    /// The simple type of a type whose base is complex: the base's, or its restriction.
    fn restricted_content(
        &mut self,
        at: At,
        base: ComplexTypeId,
        derivation: Derivation,
    ) -> Option<Arc<SimpleType>> {
        let inherited = match &self.schema.complex_types[base].content {
            Content::Simple(simple) => Some(Arc::clone(simple)),
            Content::Absent => return None,
            _ => None,
        };
        let inline = self.children(at).find(|(_, child)| child.kind == Kind::SimpleType).map(|(id, _)| id);
        let may_become_simple = derivation == Derivation::Restriction
            && match &self.schema.complex_types[base].content {
                Content::Mixed(particle) => particle.as_ref().is_none_or(Particle::is_emptiable),
                _ => false,
            };
        if inherited.is_none() && !may_become_simple {
            let sentence = "the base of `xs:simpleContent` has no simple content, and none can be made of it";
            self.fault(at, Rule::SimpleContentBase, sentence.to_owned());
            return None;
        }
        if inherited.is_none() && inline.is_none() {
            let sentence = "the base has mixed content: an `xs:simpleType` has to say what becomes of it";
            self.fault(at, Rule::SimpleContentType, sentence.to_owned());
            return None;
        }
        if derivation == Derivation::Extension {
            return inherited;
        }
        let base = match inline {
            Some(inline) => self.simple_at(inline)?,
            None => inherited?,
        };
        if base.variety() == Variety::AnySimple && !self.children(at).any(|(_, child)| child.kind.is_facet())
        {
            return Some(base);
        }
        self.restrict(at, &base, None)
    }

    fn derived_attributes(
        &mut self,
        at: At,
        own: AttributeSet,
        base: ComplexTypeId,
        derivation: Derivation,
    ) -> AttributeSet {
        let inherited = &self.schema.complex_types[base].attributes;
        let bytes = inherited.bytes();
        let comparisons = (own.uses.len() + own.prohibited.len()) as u64 * inherited.uses.len() as u64;
        if !self.keep(at, bytes) || !self.steps(at, comparisons) {
            return AttributeSet { lacks: true, ..own };
        }
        let base = self.schema.complex_types[base].attributes.clone();
        match derivation {
            Derivation::Extension => self.extend_uses(at, own, &base),
            Derivation::Restriction => {
                let mut own = own;
                Self::inherit_uses(&mut own, &base);
                own
            }
        }
    }

    fn complex_content(&mut self, at: At, base: TypeDefinition, derivation: Derivation, mixed: bool) -> Body {
        let own = self.attribute_set(at);
        let explicit = self.explicit_content(at);
        let TypeDefinition::Complex(id) = base else {
            if matches!(base, TypeDefinition::Simple(_)) {
                let sentence = "the base of `xs:complexContent` has to be a complex type".to_owned();
                self.fault(at, Rule::ComplexContentBase, sentence);
            }
            return Body::without_content(base, derivation, own);
        };
        let attributes = self.derived_attributes(at, own, id, derivation);
        let content = effective(explicit, mixed);
        let content = match derivation {
            Derivation::Restriction => content,
            Derivation::Extension => self.extended(at, content, id),
        };
        Body { base, derivation, attributes, content }
    }

    /// Content of an extension: the base's, then its own (3.4.2, clause 2 of content type).
    fn extended(&mut self, at: At, own: Content, base: ComplexTypeId) -> Content {
        let inherited = self.schema.complex_types[base].content.clone();
        match (&inherited, &own) {
            (Content::Absent, _)
            | (_, Content::Absent)
            | (Content::ElementOnly(_) | Content::Mixed(_), Content::Simple(_)) => Content::Absent,
            (_, Content::Empty) => inherited,
            (Content::Empty, _) => own,
            (Content::Simple(_), _) => {
                let sentence =
                    "a type with simple content can only be extended by `xs:simpleContent`".to_owned();
                self.fault(at, Rule::ExtensionContent, sentence);
                Content::Absent
            }
            (Content::Mixed(first), Content::Mixed(second)) => {
                let whole = self.join(at, first.as_ref(), second.as_ref());
                effective(whole, true)
            }
            (Content::ElementOnly(first), Content::ElementOnly(second)) => {
                let whole = self.join(at, Some(first), Some(second));
                effective(whole, false)
            }
            (Content::Mixed(_), Content::ElementOnly(_)) | (Content::ElementOnly(_), Content::Mixed(_)) => {
                let sentence = "an extension has to be mixed if and only if its base is".to_owned();
                self.fault(at, Rule::ExtensionMixed, sentence);
                Content::Absent
            }
        }
    }

    /// The base's content, then the extension's; mixed content without a group stands for an empty
    /// sequence, which an `all` group may not stand beside either.
    fn join(&mut self, at: At, first: Option<&Particle>, second: Option<&Particle>) -> Option<Particle> {
        if first.is_some_and(is_all) || second.is_some_and(is_all) {
            let sentence =
                "a type whose content is an `xs:all` group cannot be extended by more, nor extend others";
            self.fault(at, Rule::AllLimited, sentence.to_owned());
            return Some(Particle { occurs: Occurrence::ONCE, term: Term::Absent });
        }
        let (Some(first), Some(second)) = (first, second) else { return first.or(second).cloned() };
        let term = self.group(at, Compositor::Sequence, vec![first.clone(), second.clone()]);
        Some(Particle { occurs: Occurrence::ONCE, term })
    }

    /// The group below a type or derivation; `None` when there is nothing to match (3.4.2, explicit content).
    fn explicit_content(&mut self, at: At) -> Option<Particle> {
        let is_group =
            |node: &Node| matches!(node.kind, Kind::Group | Kind::All | Kind::Choice | Kind::Sequence);
        let (group, node) = self.children(at).find(|(_, node)| is_group(node))?;
        let particle = self.particle(group)?;
        if is_all(&particle) && particle.occurs.max != Some(1) {
            let sentence = "an `xs:all` group may occur once at most".to_owned();
            self.fault(at, Rule::AllLimited, sentence);
            return Some(Particle { term: Term::Absent, ..particle });
        }
        // Children as written count: of those that may not occur, and of a group referred to,
        // element-only content is left, which takes white space.
        let is_childless = self.children(group).next().is_none();
        let vanishes = match node.kind {
            Kind::Sequence | Kind::All => is_childless,
            Kind::Choice => is_childless && particle.occurs.min == 0,
            _ => false,
        };
        (!vanishes).then_some(particle)
    }
}

/// Explicit content and `mixed` to the effective content.
fn effective(explicit: Option<Particle>, mixed: bool) -> Content {
    match (explicit, mixed) {
        (Some(particle), _) if particle.lacks() => Content::Absent,
        (explicit, true) => Content::Mixed(explicit),
        (Some(particle), false) => Content::ElementOnly(particle),
        (None, false) => Content::Empty,
    }
}

//! Particle Valid (Restriction): `cos-particle-restrict` and its cases (3.9.6).
//!
//! Both sides are looked at without what is pointless: groups of nothing, groups of one that occur
//! once, a sequence in a sequence. A declaration that heads a substitution group counts as a choice
//! of its members. The table of the Recommendation then says how to go on:
//!
//! ```text
//!  restriction ╲ base   element        wildcard          all         choice      sequence
//!  element              NameAndTypeOK  NSCompat          RecurseAsIfGroup (all three)
//!  wildcard             -              NSSubset          -           -           -
//!  all                  -              CheckCardinality  Recurse     -           -
//!  choice               -              CheckCardinality  -           RecurseLax  -
//!  sequence             -              CheckCardinality  Unordered   MapAndSum   Recurse
//! ```

use crate::xsd::component::substitution::Substitutions;
use crate::xsd::component::wildcard::Wildcard;
use crate::xsd::component::{
    Compositor, Derivations, ElementId, ModelGroup, Occurrence, Particle, Schema, Term, TypeDefinition,
    ValueConstraintKind,
};
use crate::xsd::fault::Rule;
use std::cell::Cell;
use std::rc::Rc;

/// What comparing a pair takes, with the words for why it does not fit.
const WORK_OF_STEP: u64 = 40;

/// A clause that does not hold, and why in words.
#[derive(Clone, Debug)]
pub(crate) struct Broken {
    pub(crate) rule: Rule,
    pub(crate) what: String,
}

/// `range-ok` of a particle, as the clause that asks for it.
fn occurs_rule(kind: &NodeKind) -> Rule {
    match kind {
        NodeKind::Element(_) => Rule::NameAndTypeOccurs,
        NodeKind::Wildcard(_) => Rule::NsSubsetOccurs,
        NodeKind::Group(Compositor::Choice, _) => Rule::RecurseLaxOccurs,
        NodeKind::Group(..) => Rule::RecurseOccurs,
    }
}

type Verdict = Result<(), Broken>;

fn broken(rule: Rule, what: impl Into<String>) -> Verdict {
    Err(Broken { rule, what: what.into() })
}

/// A particle as it is looked at: without what is pointless, substitution groups opened.
#[derive(Clone, Debug)]
struct Node {
    occurs: Occurrence,
    kind: NodeKind,
    /// What it was made of: two of one make are the same.
    made_of: MadeOf,
}

#[derive(Clone, Debug)]
enum NodeKind {
    Element(ElementId),
    Wildcard(Rc<Wildcard>),
    Group(Compositor, Rc<[Node]>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MadeOf {
    Element(ElementId),
    Wildcard(*const Wildcard),
    Group(*const ModelGroup),
    /// One particle taken as a group.
    Nothing,
}

impl Node {
    /// The effective total range.
    fn total_range(&self) -> Occurrence {
        let NodeKind::Group(compositor, members) = &self.kind else { return self.occurs };
        let turn = compositor.range(members.iter().map(Self::total_range));
        self.occurs.times(turn)
    }

    fn is_emptiable(&self) -> bool {
        self.total_range().min == 0
    }
}

/// One restriction being checked.
pub(crate) struct Restriction<'s> {
    schema: &'s Schema,
    substitutions: &'s Substitutions,
    steps: Cell<u32>,
}

impl<'s> Restriction<'s> {
    pub(crate) fn new(schema: &'s Schema, substitutions: &'s Substitutions) -> Self {
        Self { schema, substitutions, steps: Cell::new(0) }
    }

    /// Whether one content model is a valid restriction of another.
    pub(crate) fn check(&self, own: &Particle, base: &Particle) -> Verdict {
        let (own, base) = (self.node(own), self.node(base));
        self.within_limit()?;
        match (own, base) {
            (None, None) => Ok(()),
            (None, Some(base)) => self.emptied(&base, Rule::RecurseRequired),
            (Some(_), None) => broken(Rule::ParticlesForbidden, "the base holds no elements"),
            (Some(own), Some(base)) => self.particle(&own, &base),
        }
    }

    /// A particle without what is pointless; `None` when nothing is left of it.
    fn node(&self, particle: &Particle) -> Option<Node> {
        let occurs = particle.occurs;
        let (kind, made_of) = match &particle.term {
            Term::Absent => return None,
            Term::Element(id) => (self.element(*id), MadeOf::Element(*id)),
            Term::Wildcard(wildcard) => {
                (NodeKind::Wildcard(Rc::clone(wildcard)), MadeOf::Wildcard(Rc::as_ptr(wildcard)))
            }
            Term::Group(group) => {
                let mut members = self.members(group);
                let pointless = group.compositor != Compositor::Choice || occurs.min == 0;
                if members.is_empty() && pointless {
                    return None;
                }
                if members.len() == 1 && occurs == Occurrence::ONCE {
                    return members.pop();
                }
                (NodeKind::Group(group.compositor, members.into()), MadeOf::Group(Rc::as_ptr(group)))
            }
        };
        Some(Node { occurs, kind, made_of })
    }

    /// A declaration; the head of a substitution group as the choice it stands for.
    fn element(&self, id: ElementId) -> NodeKind {
        let members = self.substitutions.members(id);
        if members.len() == 1 {
            return NodeKind::Element(id);
        }
        let member = |&(_, id)| Node {
            occurs: Occurrence::ONCE,
            kind: NodeKind::Element(id),
            made_of: MadeOf::Element(id),
        };
        // In the order of the schema, so that a group of this one's members maps onto it.
        let mut nodes: Vec<Node> = members.iter().map(member).collect();
        nodes.sort_by_key(|node| match node.made_of {
            MadeOf::Element(id) => Some(id),
            _ => None,
        });
        NodeKind::Group(Compositor::Choice, nodes.into())
    }

    /// The members of a group; a sequence in a sequence and a choice in a choice are opened.
    fn members(&self, group: &ModelGroup) -> Vec<Node> {
        let mut members = Vec::with_capacity(group.particles.len());
        for particle in group.particles.iter().filter(|_| self.step()) {
            match self.node(particle) {
                None => {}
                Some(Node { occurs: Occurrence::ONCE, kind: NodeKind::Group(inner, nodes), .. })
                    if inner == group.compositor && inner != Compositor::All =>
                {
                    members.extend(nodes.iter().cloned());
                }
                Some(other) => members.push(other),
            }
        }
        members
    }

    /// Counts a step; `false` beyond the limit.
    fn step(&self) -> bool {
        self.steps.set(self.steps.get().saturating_add(1));
        self.schema.work.steps(WORK_OF_STEP) && self.steps.get() <= self.steps_max()
    }

    fn steps_max(&self) -> u32 {
        self.schema.work.limits().restriction_steps_max
    }

    fn within_limit(&self) -> Verdict {
        // Where the work is spent, that is told, and nothing about this restriction.
        let most = self.steps_max();
        if self.steps.get() <= most || self.schema.work.is_spent() {
            return Ok(());
        }
        let what = format!("it takes more than {most} steps to tell (limit `restriction_steps_max`)");
        broken(Rule::RestrictionStepsLimit, what)
    }

    /// No counterpart was found, unless the search was cut short.
    fn unmapped(&self, rule: Rule, what: String) -> Verdict {
        self.within_limit()?;
        broken(rule, what)
    }

    fn emptied(&self, base: &Node, required: Rule) -> Verdict {
        if base.is_emptiable() {
            return Ok(());
        }
        broken(required, format!("{} is left out, which the base requires", self.called(base)))
    }

    /// `cos-particle-restrict`, for particles without pointless ones.
    fn particle(&self, own: &Node, base: &Node) -> Verdict {
        self.step();
        self.within_limit()?;
        if self.schema.work.is_spent() {
            return Ok(());
        }
        if own.made_of == base.made_of && own.made_of != MadeOf::Nothing {
            return self.range(own, base, occurs_rule(&own.kind));
        }
        match (&own.kind, &base.kind) {
            (NodeKind::Element(a), NodeKind::Element(b)) => self.name_and_type(own, *a, base, *b),
            (NodeKind::Element(id), NodeKind::Wildcard(wildcard)) => self.ns_compat(own, *id, base, wildcard),
            (NodeKind::Element(_), NodeKind::Group(compositor, _)) => {
                let kind = NodeKind::Group(*compositor, Rc::new([own.clone()]));
                let group = Node { occurs: Occurrence::ONCE, kind, made_of: MadeOf::Nothing };
                self.particle(&group, base)
            }
            (NodeKind::Wildcard(a), NodeKind::Wildcard(b)) => self.ns_subset(own, a, base, b),
            (NodeKind::Group(_, members), NodeKind::Wildcard(wildcard)) => {
                self.cardinality(own, members, base, wildcard)
            }
            (NodeKind::Group(a, own_members), NodeKind::Group(b, base_members)) => {
                self.groups((own, *a, own_members), (base, *b, base_members))
            }
            (NodeKind::Wildcard(_) | NodeKind::Group(..), _) => self.forbidden(own, base),
        }
    }

    fn groups(
        &self,
        (own, a, own_members): (&Node, Compositor, &[Node]),
        (base, b, base_members): (&Node, Compositor, &[Node]),
    ) -> Verdict {
        use Compositor::{All, Choice, Sequence};
        match (a, b) {
            (All, All) | (Sequence, Sequence) => self.recurse(own, own_members, base, base_members),
            (Choice, Choice) => self.recurse_lax(own, own_members, base, base_members),
            (Sequence, All) => self.recurse_unordered(own, own_members, base, base_members),
            (Sequence, Choice) => self.map_and_sum(own, own_members, base, base_members),
            (All | Choice, _) => self.forbidden(own, base),
        }
    }

    fn forbidden(&self, own: &Node, base: &Node) -> Verdict {
        let what = format!("{} cannot restrict {}", self.called(own), self.called(base));
        broken(Rule::ParticlesForbidden, what)
    }

    /// `range-ok`.
    fn range(&self, own: &Node, base: &Node, rule: Rule) -> Verdict {
        if own.occurs.lies_within(base.occurs) {
            return Ok(());
        }
        broken(rule, format!("{} may occur at other counts than the base allows", self.called(own)))
    }

    /// `rcase-NameAndTypeOK`.
    fn name_and_type(&self, own: &Node, a: ElementId, base: &Node, b: ElementId) -> Verdict {
        let (a, b) = (&self.schema.elements[a], &self.schema.elements[b]);
        let name = self.called(own);
        if a.name != b.name {
            return broken(Rule::NameAndTypeName, format!("{name} stands for {}", self.called(base)));
        }
        if a.nillable && !b.nillable {
            return broken(Rule::NameAndTypeNillable, format!("{name} is nillable, that of the base is not"));
        }
        self.range(own, base, Rule::NameAndTypeOccurs)?;
        if let Some(fixed) = b.value.as_ref().filter(|value| value.kind == ValueConstraintKind::Fixed) {
            let simple = self.schema.simple_content(&b.type_definition);
            let same = |value: &crate::xsd::component::ValueConstraint| match &simple {
                Some(simple) => value.is_fixed_to(fixed, simple),
                None => value.kind == fixed.kind && value.lexical == fixed.lexical,
            };
            if !a.value.as_ref().is_some_and(same) {
                let what = format!("{name} is not fixed to `{}` as in the base", fixed.lexical);
                return broken(Rule::NameAndTypeFixed, what);
            }
        }
        if !a.constraints.iter().all(|own| b.constraints.contains(own)) {
            let what = format!("{name} has an identity constraint that the base does not have");
            return broken(Rule::NameAndTypeConstraints, what);
        }
        let (own_block, base_block) = (a.block, b.block);
        if (base_block.extension && !own_block.extension)
            || (base_block.restriction && !own_block.restriction)
            || (base_block.substitution && !own_block.substitution)
        {
            return broken(Rule::NameAndTypeBlock, format!("{name} blocks less than in the base"));
        }
        let extension = Derivations { restriction: false, substitution: false, ..Derivations::ALL };
        let known = self.schema.has_known_bases(&a.type_definition)
            && !matches!(b.type_definition, TypeDefinition::Absent);
        if known && !self.schema.is_derived(&a.type_definition, &b.type_definition, extension) {
            let what = format!("the type of {name} is no restriction of that in the base");
            return broken(Rule::NameAndTypeType, what);
        }
        Ok(())
    }

    /// `rcase-NSCompat`.
    fn ns_compat(&self, own: &Node, id: ElementId, base: &Node, wildcard: &Wildcard) -> Verdict {
        let name = self.schema.names.name(self.schema.elements[id].name);
        if !wildcard.namespaces.allows(name.namespace) {
            let what = format!("the wildcard of the base does not let {} through", self.called(own));
            return broken(Rule::NsCompatNamespace, what);
        }
        self.range(own, base, Rule::NsCompatOccurs)
    }

    /// `rcase-NSSubset`.
    fn ns_subset(&self, own: &Node, a: &Wildcard, base: &Node, b: &Wildcard) -> Verdict {
        self.range(own, base, Rule::NsSubsetOccurs)?;
        if !a.namespaces.is_subset_of(&b.namespaces) {
            return broken(Rule::NsSubsetNamespace, "a wildcard lets more through than that of the base");
        }
        if !a.process.is_as_strong_as(b.process) {
            return broken(Rule::NsSubsetProcess, "a wildcard checks less than that of the base");
        }
        Ok(())
    }

    /// `rcase-NSRecurseCheckCardinality`; how often the members occur is judged for all together.
    fn cardinality(&self, own: &Node, members: &[Node], base: &Node, wildcard: &Rc<Wildcard>) -> Verdict {
        let kind = NodeKind::Wildcard(Rc::clone(wildcard));
        let any = Node { occurs: Occurrence { min: 0, max: None }, kind, made_of: MadeOf::Nothing };
        members.iter().try_for_each(|each| self.particle(each, &any))?;
        if own.total_range().lies_within(base.occurs) {
            return Ok(());
        }
        let what = "there may be more or fewer children than the wildcard of the base takes";
        broken(Rule::NsRecurseOccurs, what)
    }

    /// `rcase-Recurse`: in the order of the base, what is left out may be absent.
    fn recurse(&self, own: &Node, a: &[Node], base: &Node, b: &[Node]) -> Verdict {
        self.range(own, base, Rule::RecurseOccurs)?;
        let mut left = b.iter();
        for each in a {
            let mut last =
                broken(Rule::RecurseMapping, format!("{} has no counterpart in the base", self.called(each)));
            loop {
                let Some(other) = left.next() else { return self.within_limit().and(last) };
                match self.particle(each, other) {
                    Ok(()) => break,
                    Err(why) if !other.is_emptiable() => return Err(why),
                    why => last = why.or(last),
                }
            }
        }
        left.try_for_each(|each| self.emptied(each, Rule::RecurseRequired))
    }

    /// `rcase-RecurseLax`: in the order of the base, any may be left out.
    fn recurse_lax(&self, own: &Node, a: &[Node], base: &Node, b: &[Node]) -> Verdict {
        self.range(own, base, Rule::RecurseLaxOccurs)?;
        let mut left = b.iter();
        for each in a {
            if !left.any(|other| self.particle(each, other).is_ok()) {
                let what = format!("{} has no counterpart in the choice of the base", self.called(each));
                return self.unmapped(Rule::RecurseLaxMapping, what);
            }
        }
        Ok(())
    }

    /// `rcase-RecurseUnordered`.
    fn recurse_unordered(&self, own: &Node, a: &[Node], base: &Node, b: &[Node]) -> Verdict {
        self.range(own, base, Rule::RecurseUnorderedOccurs)?;
        let mut left: Vec<&Node> = b.iter().collect();
        for each in a {
            let Some(index) = left.iter().position(|other| self.particle(each, other).is_ok()) else {
                let what = format!("{} has no counterpart in the base", self.called(each));
                return self.unmapped(Rule::RecurseUnorderedMapping, what);
            };
            left.remove(index);
        }
        left.into_iter().try_for_each(|each| self.emptied(each, Rule::RecurseUnorderedRequired))
    }

    /// `rcase-MapAndSum`.
    fn map_and_sum(&self, own: &Node, a: &[Node], base: &Node, b: &[Node]) -> Verdict {
        for each in a {
            if !b.iter().any(|other| self.particle(each, other).is_ok()) {
                let what = format!("{} has no counterpart in the choice of the base", self.called(each));
                return self.unmapped(Rule::MapAndSumMapping, what);
            }
        }
        let count = u32::try_from(a.len()).unwrap_or(u32::MAX);
        let sum = Occurrence {
            min: own.occurs.min.saturating_mul(count),
            max: own.occurs.max.map(|max| max.saturating_mul(count)),
        };
        if sum.lies_within(base.occurs) {
            return Ok(());
        }
        broken(Rule::MapAndSumOccurs, "it takes more or fewer turns than the choice of the base")
    }

    /// A particle in words.
    fn called(&self, particle: &Node) -> String {
        match &particle.kind {
            NodeKind::Element(id) => {
                format!("`{}`", self.schema.names.name(self.schema.elements[*id].name).local)
            }
            NodeKind::Wildcard(_) => "a wildcard".to_owned(),
            NodeKind::Group(compositor, _) => match compositor {
                Compositor::All => "an `xs:all`".to_owned(),
                Compositor::Choice => "a choice".to_owned(),
                Compositor::Sequence => "a sequence".to_owned(),
            },
        }
    }
}

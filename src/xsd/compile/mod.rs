//! Stage 3 result: the compiled schema, immutable, shared by all threads.
//!
//! Components refer to each other by plain indices into a few flat arrays; names are numbers; content
//! models are states of one table. What the engine recognises and does not check is listed in
//! [`CompiledSchema::not_checked`] and makes every verdict *not fully checked*.

mod derivation;

use crate::xml::{ExpandedName, NameId, NameTable, Place};
use crate::xsd::automaton::table::{TableBuilder, Tables};
use crate::xsd::automaton::{ContentModel, Members, ModelError, build};
use crate::xsd::check;
use crate::xsd::clause::Clause;
use crate::xsd::component::identity::{IdentityConstraint, IdentityKind};
use crate::xsd::component::substitution::Substitutions;
use crate::xsd::component::wildcard::Wildcard;
use crate::xsd::component::{
    self, AttributeDeclaration, AttributeUse, Content, Derivation, Derivations, ElementId, Origin, Schema,
    TypeDefinition, ValueConstraint, ValueConstraintKind,
};
use crate::xsd::fault::{SchemaError, SchemaFault};
use crate::xsd::faults::Faults;
use crate::xsd::limits::DocumentLimits;
use crate::xsd::namespaces::INSTANCE_NAMESPACE;
use crate::xsd::simple::{IdKind, SimpleType};
use crate::xsd::work::Work;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

/// Index of a type in [`CompiledSchema::types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TypeIndex(pub(crate) u32);

/// A schema ready to validate with.
#[derive(Debug)]
pub struct CompiledSchema {
    names: Arc<NameTable>,
    pub(crate) elements: Vec<CompiledElement>,
    pub(crate) types: Vec<CompiledType>,
    pub(crate) constraints: Vec<IdentityConstraint>,
    /// Whether any of them is a `keyref`; without one, keys are forgotten with their scope.
    pub(crate) has_keyrefs: bool,
    pub(crate) tables: Tables,
    /// What may stand in the place of each abstract element that heads a substitution group.
    stand_ins: HashMap<ElementId, Box<[ElementId]>>,
    /// Global declaration of each name, by its index.
    global_elements: Vec<Option<ElementId>>,
    pub(crate) global_attributes: HashMap<NameId, CompiledAttribute>,
    global_types: HashMap<NameId, TypeIndex>,
    pub(crate) any_type: TypeIndex,
    pub(crate) xsi: InstanceNames,
    not_checked: Vec<String>,
    /// What is kept of a document at most.
    pub(crate) limits: DocumentLimits,
}

/// The four attributes every element may carry (2.6).
#[derive(Clone, Debug)]
pub(crate) struct InstanceNames {
    pub(crate) type_name: NameId,
    pub(crate) nil: NameId,
    schema_location: NameId,
    no_namespace_schema_location: NameId,
}

impl InstanceNames {
    pub(crate) fn contains(&self, name: NameId) -> bool {
        [self.type_name, self.nil, self.schema_location, self.no_namespace_schema_location].contains(&name)
    }

    /// The type of such an attribute (2.6); `None` for every other name.
    pub(crate) fn type_of(&self, name: Option<NameId>) -> Option<Arc<SimpleType>> {
        let name = name.filter(|name| self.contains(*name))?;
        let builtin = |local| SimpleType::builtin(local).expect("a built-in type");
        Some(match name {
            _ if name == self.type_name => builtin("QName"),
            _ if name == self.nil => builtin("boolean"),
            _ if name == self.no_namespace_schema_location => builtin("anyURI"),
            _ => SimpleType::list(&builtin("anyURI"), None).expect("a list of an atomic type"),
        })
    }
}

/// An element declaration, compiled.
#[derive(Debug)]
pub(crate) struct CompiledElement {
    pub(crate) name: NameId,
    pub(crate) type_index: TypeIndex,
    pub(crate) nillable: bool,
    pub(crate) is_abstract: bool,
    pub(crate) value: Option<Box<ValueConstraint>>,
    pub(crate) constraints: Box<[u32]>,
    pub(crate) block: Derivations,
}

/// A type definition, compiled.
#[derive(Debug)]
pub(crate) struct CompiledType {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) content: ContentPlan,
    pub(crate) attributes: AttributePlan,
    /// No element may be of it, unless `xsi:type` names another.
    pub(crate) is_abstract: bool,
    /// It, or something it is made of, is absent: no element may be of it, and those that are, are
    /// assessed laxly. Such a type is abstract as well.
    pub(crate) is_absent: bool,
    pub(crate) is_complex: bool,
    pub(crate) block: Derivations,
    base: Option<(TypeIndex, Derivation)>,
    simple: Option<Arc<SimpleType>>,
}

/// What stands between the tags.
#[derive(Debug)]
pub(crate) enum ContentPlan {
    Empty,
    Simple(Arc<SimpleType>),
    Children {
        model: ContentModel,
        mixed: bool,
    },
    /// Character data only, of no type.
    MixedText,
}

/// The attributes of a type.
#[derive(Debug, Default)]
pub(crate) struct AttributePlan {
    pub(crate) uses: Box<[CompiledAttribute]>,
    /// Their names, side by side for the search.
    pub(crate) names: Box<[NameId]>,
    pub(crate) wildcard: Option<Wildcard>,
    /// Whether a tag without any attribute is in order.
    pub(crate) none_required: bool,
}

/// An attribute use or global declaration, compiled.
#[derive(Clone, Debug)]
pub(crate) struct CompiledAttribute {
    pub(crate) name: NameId,
    /// `None`: absent.
    pub(crate) simple: Option<Arc<SimpleType>>,
    pub(crate) required: bool,
    pub(crate) value: Option<Box<ValueConstraint>>,
    /// The clause that a value other than the fixed one breaks: of the use or of the declaration.
    pub(crate) fixed_by: Clause,
    pub(crate) id_kind: IdKind,
}

impl CompiledAttribute {
    /// Whether there is something to do when it is left out: it is required, or its default is an
    /// IDREF.
    pub(crate) fn minds_absence(&self) -> bool {
        self.required || (self.id_kind != IdKind::None && self.value.is_some())
    }

    pub(crate) fn fixed(&self) -> Option<&ValueConstraint> {
        self.value.as_deref().filter(|value| value.kind == ValueConstraintKind::Fixed)
    }
}

impl CompiledSchema {
    /// The names the schema knows, for the cursor that reads a feed.
    #[must_use]
    pub fn names(&self) -> &Arc<NameTable> {
        &self.names
    }

    /// Constructs of the schema that are recognised and not checked; empty for a full verdict.
    #[must_use]
    pub fn not_checked(&self) -> &[String] {
        &self.not_checked
    }

    /// Whether a root element of this name has a declaration.
    #[must_use]
    pub fn declares(&self, name: ExpandedName<'_>) -> bool {
        self.names.get(name).is_some_and(|id| self.global_element(id).is_some())
    }

    /// How many element declarations and types the schema has.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        (self.elements.len(), self.types.len())
    }

    pub(crate) fn global_element(&self, name: NameId) -> Option<ElementId> {
        self.global_elements.get(name.index()).copied().flatten()
    }

    pub(crate) fn global_type(&self, name: ExpandedName<'_>) -> Option<TypeIndex> {
        self.global_types.get(&self.names.get(name)?).copied()
    }

    pub(crate) fn element(&self, id: ElementId) -> &CompiledElement {
        &self.elements[id.index()]
    }

    pub(crate) fn type_at(&self, index: TypeIndex) -> &CompiledType {
        &self.types[index.0 as usize]
    }

    /// The elements that may stand where a declaration is named, for messages: itself, or those of its
    /// substitution group that are not abstract where it is.
    pub(crate) fn offered<'a>(&'a self, declared: &'a ElementId) -> &'a [ElementId] {
        if self.element(*declared).is_abstract {
            self.stand_ins.get(declared).map_or(&[], |members| members)
        } else {
            std::slice::from_ref(declared)
        }
    }

    /// The namespaces in which a root element of this local name has a declaration.
    pub fn namespaces_of<'a>(&'a self, local: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.namesakes(local).map(|id| self.names.name(self.element(id).name).namespace)
    }

    /// Global elements of this local name, whatever their namespace.
    pub(crate) fn namesakes<'a>(&'a self, local: &'a str) -> impl Iterator<Item = ElementId> + 'a {
        let elements = self.global_elements.iter().flatten().copied();
        elements.filter(move |id| self.names.name(self.element(*id).name).local == local)
    }

    /// Whether a constraint is a `keyref` to the key of another.
    pub(crate) fn refers(&self, keyref: u32, key: u32) -> bool {
        self.constraints[keyref as usize].refer.is_some_and(|refer| short(refer.index()) == key)
    }

    /// Checks what could be made of a schema and compiles it, unless something is or was at fault.
    pub(crate) fn compile(schema: Schema, faults: Faults) -> Result<Self, SchemaError> {
        Compiler::new(schema, faults).run()
    }
}

struct Compiler {
    schema: Schema,
    types: Vec<CompiledType>,
    simple: HashMap<*const SimpleType, TypeIndex>,
    /// The type that stands for all that are absent.
    absent: Option<TypeIndex>,
    tables: TableBuilder,
    faults: Faults,
}

impl Compiler {
    fn new(schema: Schema, faults: Faults) -> Self {
        Self {
            schema,
            types: Vec::new(),
            simple: HashMap::new(),
            absent: None,
            tables: TableBuilder::default(),
            faults,
        }
    }

    fn run(mut self) -> Result<CompiledSchema, SchemaError> {
        let xsi = self.instance_names();
        let substitutions = Substitutions::of(&self.schema);
        check::run(&self.schema, &substitutions, &mut self.faults);
        if self.schema.work.is_spent()
            && let Some(error) = std::mem::take(&mut self.faults).into_error()
        {
            return Err(error);
        }
        self.complex_types(&substitutions);
        let elements = self.elements();
        let stand_ins = self.stand_ins(&substitutions);
        let global_types = self.schema.global_types.clone();
        let global_types =
            global_types.into_iter().map(|(name, each)| (name, self.type_index(&each))).collect();
        let global_attributes = self
            .schema
            .global_attributes
            .iter()
            .map(|(name, each)| (*name, declared_attribute(each)))
            .collect();
        if let Some(error) = std::mem::take(&mut self.faults).into_error() {
            return Err(error);
        }
        let constraints = std::mem::take(&mut self.schema.constraints).into_items();
        let names = std::mem::take(&mut self.schema.names).freeze();
        let mut global_elements = vec![None; names.len()];
        for (name, id) in &self.schema.global_elements {
            global_elements[name.index()] = Some(*id);
        }
        Ok(CompiledSchema {
            names: Arc::new(names),
            elements,
            types: self.types,
            has_keyrefs: constraints.iter().any(|each| each.kind == IdentityKind::Keyref),
            constraints,
            tables: self.tables.finish(),
            stand_ins,
            global_elements,
            global_attributes,
            global_types,
            any_type: TypeIndex(short(self.schema.any_type.index())),
            xsi,
            not_checked: self.schema.not_checked,
            limits: self.schema.work.limits().document,
        })
    }

    fn instance_names(&mut self) -> InstanceNames {
        let names = &mut self.schema.names;
        let mut name = |local| names.intern(ExpandedName { namespace: INSTANCE_NAMESPACE, local });
        InstanceNames {
            type_name: name("type"),
            nil: name("nil"),
            schema_location: name("schemaLocation"),
            no_namespace_schema_location: name("noNamespaceSchemaLocation"),
        }
    }

    /// Complex types keep their numbers; simple types come behind them as they are met.
    fn complex_types(&mut self, substitutions: &Substitutions) {
        let members = |id| substitutions.members(id);
        let told: BTreeSet<(Arc<str>, Place)> =
            self.faults.iter().map(|fault| (Arc::clone(&fault.document), fault.place)).collect();
        let any = &self.schema.complex_types[self.schema.any_type];
        for (_, complex) in self.schema.complex_types.iter() {
            let Origin { document, place } = &complex.origin;
            let is_absent = matches!(complex.content, Content::Absent) || complex.attributes.lacks;
            let complex_or_any = if is_absent { any } else { complex };
            // A model that is at fault already is not built: its size would be no fault of its own.
            let content = if told.contains(&(Arc::clone(document), *place)) {
                Ok(ContentPlan::MixedText)
            } else {
                content_plan(&complex_or_any.content, &members, &mut self.tables, &self.schema.work)
            };
            let content = content.unwrap_or_else(|error| {
                let name = complex.name.as_deref().unwrap_or("(anonymous)");
                let sentence = match error {
                    ModelError::Work(_) => match self.schema.work.tell() {
                        Some(sentence) => sentence,
                        None => return ContentPlan::MixedText,
                    },
                    _ => format!("complex type `{name}`: {error}"),
                };
                let document = Arc::clone(document);
                self.faults.push(SchemaFault { document, place: *place, rule: error.rule(), sentence });
                ContentPlan::MixedText
            });
            self.types.push(CompiledType {
                name: complex.name.clone(),
                content,
                attributes: attribute_plan(&complex_or_any.attributes),
                is_abstract: complex.is_abstract || is_absent,
                is_absent,
                is_complex: true,
                block: complex.block,
                base: None,
                simple: None,
            });
        }
        for index in 0..self.types.len() {
            let complex = &self.schema.complex_types[component::arena::Id::from_index(index)];
            let (base, derivation) = (complex.base.clone(), complex.derivation);
            self.types[index].base = base.map(|base| (self.type_index(&base), derivation));
        }
    }

    fn elements(&mut self) -> Vec<CompiledElement> {
        let count = self.schema.elements.len();
        (0..count)
            .map(|index| {
                let type_definition =
                    self.schema.elements[component::arena::Id::from_index(index)].type_definition.clone();
                let type_index = self.type_index(&type_definition);
                let element = &self.schema.elements[component::arena::Id::from_index(index)];
                CompiledElement {
                    name: element.name,
                    type_index,
                    nillable: element.nillable,
                    is_abstract: element.is_abstract,
                    value: element.value.clone().map(Box::new),
                    constraints: element.constraints.iter().map(|id| short(id.index())).collect(),
                    block: element.block,
                }
            })
            .collect()
    }

    fn stand_ins(&self, substitutions: &Substitutions) -> HashMap<ElementId, Box<[ElementId]>> {
        let elements = &self.schema.elements;
        let heads = elements.iter().filter(|(_, element)| element.is_abstract);
        heads
            .map(|(head, _)| {
                let members = substitutions.members(head);
                let concrete = members.iter().map(|(_, id)| *id).filter(|id| !elements[*id].is_abstract);
                (head, concrete.collect())
            })
            .collect()
    }

    fn type_index(&mut self, definition: &TypeDefinition) -> TypeIndex {
        let simple = match definition {
            TypeDefinition::Absent => return self.absent_type(),
            TypeDefinition::Complex(id) => return TypeIndex(short(id.index())),
            TypeDefinition::Simple(simple) => simple,
        };
        if let Some(&known) = self.simple.get(&Arc::as_ptr(simple)) {
            return known;
        }
        let base = match simple.base() {
            Some(base) => self.type_index(&TypeDefinition::Simple(Arc::clone(base))),
            None => TypeIndex(short(self.schema.any_type.index())),
        };
        let index = TypeIndex(short(self.types.len()));
        self.types.push(CompiledType {
            name: simple.name().map(Into::into),
            content: ContentPlan::Simple(Arc::clone(simple)),
            attributes: AttributePlan { none_required: true, ..AttributePlan::default() },
            is_abstract: false,
            is_absent: false,
            is_complex: false,
            block: Derivations::default(),
            base: Some((base, Derivation::Restriction)),
            simple: Some(Arc::clone(simple)),
        });
        self.simple.insert(Arc::as_ptr(simple), index);
        index
    }

    /// Like the ur-type, which anything may stand for, but nothing may be of it.
    fn absent_type(&mut self) -> TypeIndex {
        if let Some(known) = self.absent {
            return known;
        }
        let any = &self.schema.complex_types[self.schema.any_type];
        let alone = |_| Rc::from([]);
        let content = content_plan(&any.content, &alone, &mut self.tables, &Work::default());
        let index = TypeIndex(short(self.types.len()));
        self.types.push(CompiledType {
            name: None,
            content: content.expect("one wildcard keeps to every limit"),
            attributes: attribute_plan(&any.attributes),
            is_abstract: true,
            is_absent: true,
            is_complex: true,
            block: Derivations::default(),
            base: None,
            simple: None,
        });
        self.absent = Some(index);
        index
    }
}

fn content_plan(
    content: &Content,
    members: Members<'_>,
    tables: &mut TableBuilder,
    work: &Work,
) -> Result<ContentPlan, ModelError> {
    Ok(match content {
        Content::Empty => ContentPlan::Empty,
        Content::Simple(simple) => ContentPlan::Simple(Arc::clone(simple)),
        Content::Mixed(None) | Content::Absent => ContentPlan::MixedText,
        Content::Mixed(Some(particle)) => {
            ContentPlan::Children { model: build(particle, members, tables, work)?, mixed: true }
        }
        Content::ElementOnly(particle) => {
            ContentPlan::Children { model: build(particle, members, tables, work)?, mixed: false }
        }
    })
}

fn attribute_plan(set: &component::AttributeSet) -> AttributePlan {
    let uses: Box<[CompiledAttribute]> = set.uses.iter().map(used_attribute).collect();
    let none_required = !uses.iter().any(CompiledAttribute::minds_absence);
    let names = uses.iter().map(|each| each.name).collect();
    AttributePlan { uses, names, wildcard: set.wildcard.clone(), none_required }
}

fn used_attribute(each: &AttributeUse) -> CompiledAttribute {
    let fixed_by =
        if each.value.is_some() { Clause::AttributeUseFixedDiffers } else { Clause::AttributeFixedDiffers };
    CompiledAttribute {
        required: each.required,
        value: each.value_constraint().cloned().map(Box::new),
        fixed_by,
        ..declared_attribute(&each.declaration)
    }
}

fn declared_attribute(declaration: &AttributeDeclaration) -> CompiledAttribute {
    CompiledAttribute {
        name: declaration.name,
        simple: declaration.type_definition.clone(),
        required: false,
        value: declaration.value.clone().map(Box::new),
        fixed_by: Clause::AttributeFixedDiffers,
        id_kind: declaration.id_kind(),
    }
}

fn short(index: usize) -> u32 {
    u32::try_from(index).expect("limits keep schemas below 2^32 components of a kind")
}

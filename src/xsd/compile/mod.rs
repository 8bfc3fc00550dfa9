//! Stage 3 result: the compiled schema, immutable, shared by all threads.
//!
//! Components refer to each other by plain indices into a few flat arrays; names are numbers; content
//! models are states of one table. What the engine recognises and does not check is listed in
//! [`CompiledSchema::not_checked`] and makes every verdict *not fully checked*.

mod derivation;

use crate::xml::{ExpandedName, NameId, NameTable};
use crate::xsd::automaton::table::{TableBuilder, Tables};
use crate::xsd::automaton::{ContentModel, build};
use crate::xsd::check;
use crate::xsd::clause::Clause;
use crate::xsd::component::identity::{IdentityConstraint, IdentityKind};
use crate::xsd::component::substitution::Substitutions;
use crate::xsd::component::wildcard::Wildcard;
use crate::xsd::component::{
    self, AttributeDeclaration, AttributeUse, Content, Derivation, Derivations, ElementId, Schema,
    TypeDefinition, ValueConstraint, ValueConstraintKind,
};
use crate::xsd::document::INSTANCE_NAMESPACE;
use crate::xsd::fault::{SchemaError, SchemaFault};
use crate::xsd::simple::{IdKind, SimpleType};
use std::collections::HashMap;
use std::sync::Arc;

/// Index of a type in [`CompiledSchema::types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TypeIndex(pub(crate) u32);

/// A schema ready to validate with.
#[derive(Debug)]
pub struct CompiledSchema {
    names: Arc<NameTable>,
    pub(crate) elements: Vec<Element>,
    pub(crate) types: Vec<Type>,
    pub(crate) constraints: Vec<IdentityConstraint>,
    /// Whether any of them is a `keyref`; without one, keys are forgotten with their scope.
    pub(crate) has_keyrefs: bool,
    pub(crate) tables: Tables,
    /// Global declaration of each name, by its index.
    global_elements: Vec<Option<ElementId>>,
    pub(crate) global_attributes: HashMap<NameId, Attribute>,
    global_types: HashMap<NameId, TypeIndex>,
    pub(crate) any_type: TypeIndex,
    pub(crate) xsi: InstanceNames,
    not_checked: Vec<String>,
}

/// The four attributes every element may carry (2.6).
#[derive(Clone, Copy, Debug)]
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
}

/// An element declaration, compiled.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) name: NameId,
    pub(crate) type_index: TypeIndex,
    pub(crate) nillable: bool,
    pub(crate) is_abstract: bool,
    pub(crate) value: Option<ValueConstraint>,
    pub(crate) constraints: Box<[u32]>,
    pub(crate) block: Derivations,
}

/// A type definition, compiled.
#[derive(Debug)]
pub(crate) struct Type {
    pub(crate) name: Option<Arc<str>>,
    pub(crate) content: ContentPlan,
    pub(crate) attributes: AttributePlan,
    pub(crate) is_abstract: bool,
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
    pub(crate) uses: Box<[Attribute]>,
    /// Their names, side by side for the search.
    pub(crate) names: Box<[NameId]>,
    pub(crate) wildcard: Option<Wildcard>,
    /// Whether a tag without any attribute is in order.
    pub(crate) none_required: bool,
}

/// An attribute use or global declaration, compiled.
#[derive(Clone, Debug)]
pub(crate) struct Attribute {
    pub(crate) name: NameId,
    pub(crate) simple: Arc<SimpleType>,
    pub(crate) required: bool,
    pub(crate) value: Option<ValueConstraint>,
    /// The clause that a value other than the fixed one breaks: of the use or of the declaration.
    pub(crate) fixed_by: Clause,
    pub(crate) id_kind: IdKind,
}

impl Attribute {
    /// Whether there is something to do when it is left out: it is required, or its default is an
    /// IDREF.
    pub(crate) fn minds_absence(&self) -> bool {
        self.required || (self.id_kind != IdKind::None && self.value.is_some())
    }

    pub(crate) fn fixed(&self) -> Option<&ValueConstraint> {
        self.value.as_ref().filter(|value| value.kind == ValueConstraintKind::Fixed)
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

    pub(crate) fn element(&self, id: ElementId) -> &Element {
        &self.elements[id.index()]
    }

    pub(crate) fn type_at(&self, index: TypeIndex) -> &Type {
        &self.types[index.0 as usize]
    }

    pub(crate) fn compile(schema: Schema) -> Result<Self, SchemaError> {
        Compiler::new(schema).run()
    }
}

struct Compiler {
    schema: Schema,
    types: Vec<Type>,
    simple: HashMap<*const SimpleType, TypeIndex>,
    tables: TableBuilder,
    faults: Vec<SchemaFault>,
}

impl Compiler {
    fn new(schema: Schema) -> Self {
        Self {
            schema,
            types: Vec::new(),
            simple: HashMap::new(),
            tables: TableBuilder::default(),
            faults: Vec::new(),
        }
    }

    fn run(mut self) -> Result<CompiledSchema, SchemaError> {
        let xsi = self.instance_names();
        let substitutions = Substitutions::of(&self.schema);
        let faults = check::run(&self.schema, &substitutions);
        if !faults.is_empty() {
            return Err(SchemaError { faults });
        }
        self.complex_types(&substitutions);
        let elements = self.elements();
        let global_types = self.schema.global_types.clone();
        let global_types =
            global_types.into_iter().map(|(name, each)| (name, self.type_index(&each))).collect();
        let global_attributes = self
            .schema
            .global_attributes
            .iter()
            .map(|(name, each)| (*name, declared_attribute(each)))
            .collect();
        if !self.faults.is_empty() {
            return Err(SchemaError { faults: self.faults });
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
            global_elements,
            global_attributes,
            global_types,
            any_type: TypeIndex(short(self.schema.any_type.index())),
            xsi,
            not_checked: self.schema.not_checked,
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
        for (_, complex) in self.schema.complex_types.iter() {
            let content = match &complex.content {
                Content::Empty => ContentPlan::Empty,
                Content::Simple(simple) => ContentPlan::Simple(Arc::clone(simple)),
                Content::Mixed(None) => ContentPlan::MixedText,
                Content::Mixed(Some(particle)) | Content::ElementOnly(particle) => {
                    let mixed = matches!(complex.content, Content::Mixed(_));
                    match build(particle, &members, &mut self.tables) {
                        Ok(model) => ContentPlan::Children { model, mixed },
                        Err(error) => {
                            let name = complex.name.as_deref().unwrap_or("(anonymous)");
                            self.faults.push(SchemaFault {
                                document: Arc::clone(&complex.origin.document),
                                place: complex.origin.place,
                                rule: error.rule(),
                                sentence: format!("complex type `{name}`: {error}"),
                            });
                            ContentPlan::MixedText
                        }
                    }
                }
            };
            let attributes = attribute_plan(&complex.attributes);
            self.types.push(Type {
                name: complex.name.clone(),
                content,
                attributes,
                is_abstract: complex.is_abstract,
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

    fn elements(&mut self) -> Vec<Element> {
        let count = self.schema.elements.len();
        (0..count)
            .map(|index| {
                let type_definition =
                    self.schema.elements[component::arena::Id::from_index(index)].type_definition.clone();
                let type_index = self.type_index(&type_definition);
                let element = &self.schema.elements[component::arena::Id::from_index(index)];
                Element {
                    name: element.name,
                    type_index,
                    nillable: element.nillable,
                    is_abstract: element.is_abstract,
                    value: element.value.clone(),
                    constraints: element.constraints.iter().map(|id| short(id.index())).collect(),
                    block: element.block,
                }
            })
            .collect()
    }

    fn type_index(&mut self, definition: &TypeDefinition) -> TypeIndex {
        let simple = match definition {
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
        self.types.push(Type {
            name: simple.name().map(Into::into),
            content: ContentPlan::Simple(Arc::clone(simple)),
            attributes: AttributePlan { none_required: true, ..AttributePlan::default() },
            is_abstract: false,
            is_complex: false,
            block: Derivations::default(),
            base: Some((base, Derivation::Restriction)),
            simple: Some(Arc::clone(simple)),
        });
        self.simple.insert(Arc::as_ptr(simple), index);
        index
    }
}

fn attribute_plan(set: &component::AttributeSet) -> AttributePlan {
    let uses: Box<[Attribute]> = set.uses.iter().map(used_attribute).collect();
    let none_required = !uses.iter().any(Attribute::minds_absence);
    let names = uses.iter().map(|each| each.name).collect();
    AttributePlan { uses, names, wildcard: set.wildcard.clone(), none_required }
}

fn used_attribute(each: &AttributeUse) -> Attribute {
    let fixed_by =
        if each.value.is_some() { Clause::AttributeUseFixedDiffers } else { Clause::AttributeFixedDiffers };
    Attribute {
        required: each.required,
        value: each.value_constraint().cloned(),
        fixed_by,
        ..declared_attribute(&each.declaration)
    }
}

fn declared_attribute(declaration: &AttributeDeclaration) -> Attribute {
    Attribute {
        name: declaration.name,
        simple: Arc::clone(&declaration.type_definition),
        required: false,
        value: declaration.value.clone(),
        fixed_by: Clause::AttributeFixedDiffers,
        id_kind: declaration.type_definition.id_kind(),
    }
}

fn short(index: usize) -> u32 {
    u32::try_from(index).expect("limits keep schemas below 2^32 components of a kind")
}

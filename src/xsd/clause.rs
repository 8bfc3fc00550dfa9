//! Every clause of the Recommendation that an instance can break, with the code it is known by.

/// A validation rule that a document broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Clause {
    /// The root element has no declaration (or an element in a strict wildcard has none).
    ElementUndeclared,
    /// The element is declared abstract.
    ElementAbstract,
    /// `xsi:nil` on an element that is not nillable.
    NotNillable,
    /// A nilled element has content.
    NilledHasContent,
    /// A nilled element has a fixed value.
    NilledFixed,
    /// `xsi:type` is no QName or names no type.
    XsiTypeUnresolved,
    /// `xsi:type` names a type that is not validly derived from the declared one.
    XsiTypeNotDerived,
    /// The default or fixed value of an empty element does not fit the type that `xsi:type` names.
    DefaultInvalid,
    /// Content of an element with a fixed value has child elements.
    FixedHasChildren,
    /// Mixed content differs from the fixed value.
    FixedMixedDiffers,
    /// The value differs from the fixed value.
    FixedValueDiffers,
    /// The type definition is absent (its name resolved to nothing).
    TypeAbsent,
    /// The type definition is abstract.
    TypeAbstract,
    /// An element of simple type has attributes other than the four `xsi` ones.
    SimpleTypeAttributes,
    /// An element of simple type has child elements.
    SimpleTypeChildren,
    /// Empty content was declared, something stands there.
    ContentNotEmpty,
    /// Simple content was declared, child elements stand there.
    SimpleContentChildren,
    /// Element-only content has character data.
    ElementOnlyText,
    /// A child that may not stand here.
    ChildUnexpected,
    /// The content ends although something required is missing.
    ContentIncomplete,
    /// A child matched a strict wildcard but has no declaration.
    WildcardChildUndeclared,
    /// A child where the content model allows nothing more.
    ChildAfterEnd,
    /// An attribute that is not declared.
    AttributeUndeclared,
    /// A required attribute is missing.
    AttributeMissing,
    /// Two attributes of type ID by wildcards.
    AttributeTwoWildIds,
    /// An attribute of type ID by wildcard beside a declared one.
    AttributeWildIdBesideDeclared,
    /// An attribute differs from its fixed value.
    AttributeFixedDiffers,
    /// The attribute declaration or its type is absent.
    AttributeTypeAbsent,
    /// Not in the lexical space of the type.
    DatatypeAtomic,
    /// An item of a list is not valid.
    DatatypeList,
    /// No member type of a union accepts the value.
    DatatypeUnion,
    /// `length` facet.
    Length,
    /// `minLength` facet.
    MinLength,
    /// `maxLength` facet.
    MaxLength,
    /// `pattern` facet.
    Pattern,
    /// `enumeration` facet.
    Enumeration,
    /// `maxInclusive` facet.
    MaxInclusive,
    /// `maxExclusive` facet.
    MaxExclusive,
    /// `minInclusive` facet.
    MinInclusive,
    /// `minExclusive` facet.
    MinExclusive,
    /// `totalDigits` facet.
    TotalDigits,
    /// `fractionDigits` facet.
    FractionDigits,
    /// A value of an ID appears twice.
    IdDuplicate,
    /// An IDREF without its ID.
    IdrefDangling,
    /// An ENTITY that no DTD declares.
    EntityUndeclared,
    /// A field selects more than one node, or one without simple type.
    FieldNotSingle,
    /// A key sequence appears twice under `unique`.
    UniqueDuplicate,
    /// A field of a `key` is absent.
    KeyFieldMissing,
    /// A key sequence appears twice under `key`.
    KeyDuplicate,
    /// A field of a key is nillable.
    KeyFieldNillable,
    /// A `keyref` refers to no key.
    KeyrefDangling,
    /// A key table is full: uniqueness is no longer known. A limit of this program, not a clause.
    KeysLimit,
    /// A content model leaves too many ways open. A limit of this program, not a clause.
    ConfigurationsLimit,
    /// Too many references wait for what they refer to. A limit of this program, not a clause.
    ReferencesLimit,
}

impl Clause {
    /// The identifier the Recommendation gives the clause; stable, so reports may be filtered by it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ElementUndeclared => "cvc-elt.1",
            Self::ElementAbstract => "cvc-elt.2",
            Self::NotNillable => "cvc-elt.3.1",
            Self::NilledHasContent => "cvc-elt.3.2.1",
            Self::NilledFixed => "cvc-elt.3.2.2",
            Self::XsiTypeUnresolved => "cvc-elt.4.2",
            Self::XsiTypeNotDerived => "cvc-elt.4.3",
            Self::DefaultInvalid => "cvc-elt.5.1.1",
            Self::FixedHasChildren => "cvc-elt.5.2.2.1",
            Self::FixedMixedDiffers => "cvc-elt.5.2.2.2.1",
            Self::FixedValueDiffers => "cvc-elt.5.2.2.2.2",
            Self::TypeAbsent => "cvc-type.1",
            Self::TypeAbstract => "cvc-type.2",
            Self::SimpleTypeAttributes => "cvc-type.3.1.1",
            Self::SimpleTypeChildren => "cvc-type.3.1.2",
            Self::ContentNotEmpty => "cvc-complex-type.2.1",
            Self::SimpleContentChildren => "cvc-complex-type.2.2",
            Self::ElementOnlyText => "cvc-complex-type.2.3",
            Self::ChildUnexpected => "cvc-complex-type.2.4.a",
            Self::ContentIncomplete => "cvc-complex-type.2.4.b",
            Self::WildcardChildUndeclared => "cvc-complex-type.2.4.c",
            Self::ChildAfterEnd => "cvc-complex-type.2.4.d",
            Self::AttributeUndeclared => "cvc-complex-type.3.2.2",
            Self::AttributeMissing => "cvc-complex-type.4",
            Self::AttributeTwoWildIds => "cvc-complex-type.5.1",
            Self::AttributeWildIdBesideDeclared => "cvc-complex-type.5.2",
            Self::AttributeFixedDiffers => "cvc-attribute.4",
            Self::AttributeTypeAbsent => "cvc-attribute.1",
            Self::DatatypeAtomic => "cvc-datatype-valid.1.2.1",
            Self::DatatypeList => "cvc-datatype-valid.1.2.2",
            Self::DatatypeUnion => "cvc-datatype-valid.1.2.3",
            Self::Length => "cvc-length-valid",
            Self::MinLength => "cvc-minLength-valid",
            Self::MaxLength => "cvc-maxLength-valid",
            Self::Pattern => "cvc-pattern-valid",
            Self::Enumeration => "cvc-enumeration-valid",
            Self::MaxInclusive => "cvc-maxInclusive-valid",
            Self::MaxExclusive => "cvc-maxExclusive-valid",
            Self::MinInclusive => "cvc-minInclusive-valid",
            Self::MinExclusive => "cvc-minExclusive-valid",
            Self::TotalDigits => "cvc-totalDigits-valid",
            Self::FractionDigits => "cvc-fractionDigits-valid",
            Self::IdDuplicate => "cvc-id.2",
            Self::IdrefDangling => "cvc-id.1",
            Self::EntityUndeclared => "cvc-simple-type.2",
            Self::FieldNotSingle => "cvc-identity-constraint.3",
            Self::UniqueDuplicate => "cvc-identity-constraint.4.1",
            Self::KeyFieldMissing => "cvc-identity-constraint.4.2.1",
            Self::KeyDuplicate => "cvc-identity-constraint.4.2.2",
            Self::KeyFieldNillable => "cvc-identity-constraint.4.2.3",
            Self::KeyrefDangling => "cvc-identity-constraint.4.3",
            Self::KeysLimit => "limit.keys_max",
            Self::ConfigurationsLimit => "limit.configurations_max",
            Self::ReferencesLimit => "limit.references_max",
        }
    }
}

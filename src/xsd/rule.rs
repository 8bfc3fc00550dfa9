//! Every clause of the Recommendation that a schema can break: its code and what it demands (flat table).
//!
//! Codes are those of the Recommendation, down to the numbered clause: `src-…` constraints on how a
//! schema is written (part 1, 3.x.3 and 4.2), all others on what the components must hold to (3.x.6;
//! part 2, chapter 4). `s4s-…` is the schema for schemas (part 1, appendix A). `xml.…`, `document.…` and
//! `limit.…` are not the Recommendation's but ours. Codes are stable, so reports may be filtered by them.
//!
//! Each row has its case in `tests/data/clauses` and at least one place that reports it; the suite
//! holds the table to both. A clause with parts of which one has to hold is told as itself, a clause
//! whose parts must all hold as the part that does not.
//!
#![doc = include_str!("CLAUSES.md")]

macro_rules! rules {
    ($($variant:ident $code:literal $demand:literal)*) => {
        /// A clause that a schema broke.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $(#[doc = concat!("`", $code, "`: ", $demand)] $variant,)*
        }

        impl Rule {
            /// Every rule, in the order of the Recommendation.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The identifier the Recommendation gives the clause.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// What the clause demands, in one sentence.
            #[must_use]
            pub const fn demands(self) -> &'static str {
                match self { $(Self::$variant => $demand,)* }
            }
        }
    };
}

rules! {
    // Schema documents as XML, and the schema for schemas.
    NotWellFormed "xml.not-well-formed" "A schema document is well-formed XML that can be read to its end."
    Root "s4s-root" "The root of a schema document is `xs:schema`."
    ElementNotAllowed "s4s-elt-not-allowed" "An element stands where the schema for schemas has a place for it."
    ElementMissing "s4s-elt-missing" "An element holds all the children it cannot be without."
    AttributeNotAllowed "s4s-att-not-allowed"
        "An element has only the attributes the schema for schemas gives it, and those of other namespaces."
    AttributeMissing "s4s-att-missing" "An element has all the attributes it cannot be without."
    AttributeValue "s4s-att-value" "The value of an attribute is of the type the schema for schemas gives it."
    IdRepeated "s4s-id" "No two elements of a schema document have the same `id`."
    TextNotAllowed "s4s-text" "Character data stands in annotations only."

    // Documents that make up a schema (part 1, 4.2).
    DocumentUnavailable "document.unavailable"
        "Each document that is included or redefined, and each that is imported and needed, is there and may be read."
    IncludeNotSchema "src-include.1" "What is included is a schema document."
    IncludeNamespace "src-include.2"
        "An included document has the target namespace of the one that includes it, or none."
    ImportOwnNamespace "src-import.1.1" "An import names another namespace than that of its document."
    ImportNoNamespace "src-import.1.2" "An import without a namespace stands in a document that has one."
    ImportNotSchema "src-import.2" "What is imported is a schema document."
    ImportOtherNamespace "src-import.3.1" "An imported document has the target namespace that the import names."
    ImportUnexpectedNamespace "src-import.3.2" "A document imported without a namespace has no target namespace."
    RedefineUnavailable "src-redefine.1" "A document of which something is redefined can be had."
    RedefineNotSchema "src-redefine.2" "What is redefined is a schema document."
    RedefineNamespace "src-redefine.3"
        "A redefined document has the target namespace of the one that redefines it, or none."
    RedefineTypeMissing "src-expredef" "A type that is redefined is defined in the redefined document."
    RedefineBase "src-redefine.5" "A redefined type is derived from what it was."
    RedefineGroupTwice "src-redefine.6.1.1" "A redefined group refers to what it was once at most."
    RedefineGroupOccurs "src-redefine.6.1.2" "A redefined group holds what it was exactly once."
    RedefineGroupMissing "src-redefine.6.2.1" "A group that is redefined is defined in the redefined document."
    RedefineGroupRestriction "src-redefine.6.2.2"
        "A redefined group that does not refer to what it was is a restriction of it."
    RedefineAttributesTwice "src-redefine.7.1" "A redefined attribute group refers to what it was once at most."
    RedefineAttributesMissing "src-redefine.7.2.1"
        "An attribute group that is redefined is defined in the redefined document."
    RedefineAttributesRestriction "src-redefine.7.2.2"
        "A redefined attribute group that does not refer to what it was is a restriction of it."

    // Names (part 1, 3.15).
    NameTwice "sch-props-correct.2" "No two components of one kind have the same name."
    PrefixUndeclared "src-qname" "The prefix of a name is bound to a namespace where the name stands."
    TypeUnresolved "src-resolve.1.1" "The name of a type is that of a type of the kind that is needed."
    AttributeUnresolved "src-resolve.1.2" "The name of an attribute is that of a global attribute declaration."
    ElementUnresolved "src-resolve.1.3" "The name of an element is that of a global element declaration."
    AttributeGroupUnresolved "src-resolve.1.4" "The name of an attribute group is that of one that is defined."
    GroupUnresolved "src-resolve.1.5" "The name of a model group is that of one that is defined."
    NotationUnresolved "src-resolve.1.6" "The name of a notation is that of one that is declared."
    NoNamespaceNotImported "src-resolve.4.1" "A name in no namespace stands in a document that has none or imports it."
    NamespaceNotImported "src-resolve.4.2" "A name's namespace is the document's own or one it imports."

    // Attribute declarations and uses (part 1, 3.2 and 3.5).
    AttributeDefaultAndFixed "src-attribute.1" "An attribute has a default or a fixed value, not both."
    AttributeDefaultRequired "src-attribute.2" "An attribute with a default is optional."
    AttributeNameOrRef "src-attribute.3.1" "A local attribute has either a `name` or a `ref`."
    AttributeRefExtra "src-attribute.3.2" "An attribute with `ref` has no type and no form of its own."
    AttributeTypeTwice "src-attribute.4" "An attribute has a `type` or a type inside, not both."
    AttributeValueInvalid "a-props-correct.2" "The default or fixed value of an attribute is of its type."
    AttributeValueOfId "a-props-correct.3" "An attribute of type ID has no default and no fixed value."
    AttributeCalledXmlns "no-xmlns" "No attribute is called `xmlns`."
    AttributeInXsi "no-xsi" "No attribute is declared in the namespace of `xsi:type`."
    UseValueInvalid "au-props-correct.1" "The default or fixed value of an attribute use is of the attribute's type."
    UseValueNotFixed "au-props-correct.2" "Where an attribute is declared with a fixed value, its uses give no other."

    // Element declarations (part 1, 3.3).
    ElementDefaultAndFixed "src-element.1" "An element has a default or a fixed value, not both."
    ElementNameOrRef "src-element.2.1" "A local element has either a `name` or a `ref`."
    ElementRefExtra "src-element.2.2" "An element with `ref` has no type, no value and no other property of its own."
    ElementTypeTwice "src-element.3" "An element has a `type` or a type inside, not both."
    SubstitutionType "e-props-correct.4"
        "The type of a member of a substitution group is derived from that of its head in a way the head \
         does not exclude."
    ElementValueOfId "e-props-correct.5" "An element of type ID has no default and no fixed value."
    SubstitutionCircular "e-props-correct.6" "No element stands in its own substitution group."
    ValueOfSimpleType "cos-valid-default.1" "The default or fixed value of an element of simple type is of that type."
    ValueWithoutText "cos-valid-default.2.1" "An element with a default or fixed value has simple or mixed content."
    ValueOfSimpleContent "cos-valid-default.2.2.1"
        "The default or fixed value of an element with simple content is of that content's type."
    ValueNotEmptiable "cos-valid-default.2.2.2"
        "An element with mixed content and a default or fixed value can do without child elements."

    // Complex type definitions (part 1, 3.4).
    ComplexContentBase "src-ct.1" "The base of `xs:complexContent` is a complex type."
    SimpleContentBase "src-ct.2.1"
        "The base of `xs:simpleContent` has simple content, or is a simple type that is extended, or has mixed \
         content without required children that is restricted."
    SimpleContentType "src-ct.2.2"
        "Mixed content is restricted to simple content by an `xs:simpleType` that says which."
    TypeWildcardIntersection "src-ct.4"
        "The attribute wildcards of a type and its attribute groups have an intersection that can be written as \
         a wildcard."
    TypeWildcardUnion "src-ct.5"
        "The attribute wildcards of a type and of the base it extends have a union that can be written as a wildcard."
    TypeCircular "ct-props-correct.3" "No complex type is derived from itself."
    TypeAttributeTwice "ct-props-correct.4" "No two attributes of a complex type have the same name."
    TypeIdTwice "ct-props-correct.5" "A complex type has one attribute of type ID at most."
    ExtensionFinal "cos-ct-extends.1.1" "A complex type that is extended is not final for extension."
    ExtensionContent "cos-ct-extends.1.4" "A complex type with simple content is extended by no elements."
    ExtensionMixed "cos-ct-extends.1.4.3.2.2.1" "An extension that adds elements is mixed if and only if its base is."
    ExtensionAfterRestriction "cos-ct-extends.1.5"
        "An attribute that a restriction took away is not added again by an extension as something else."
    ExtensionSimpleFinal "cos-ct-extends.2.2" "A simple type that is extended by attributes is not final for extension."
    RestrictionFinal "derivation-ok-restriction.1" "A complex type that is restricted is not final for restriction."
    RestrictionAttributeOptional "derivation-ok-restriction.2.1.1"
        "A restriction leaves no attribute optional that its base requires."
    RestrictionAttributeType "derivation-ok-restriction.2.1.2"
        "The type of an attribute in a restriction is derived from its type in the base."
    RestrictionAttributeFixed "derivation-ok-restriction.2.1.3"
        "An attribute that the base gives a fixed value keeps it in a restriction."
    RestrictionAttributeNew "derivation-ok-restriction.2.2"
        "A restriction has only attributes that its base declares or lets through."
    RestrictionAttributeMissing "derivation-ok-restriction.3"
        "A restriction keeps every attribute that its base requires."
    RestrictionWildcardNew "derivation-ok-restriction.4.1"
        "A restriction has an attribute wildcard only where its base has one."
    RestrictionWildcardSubset "derivation-ok-restriction.4.2"
        "The attribute wildcard of a restriction lets nothing through that its base does not."
    RestrictionWildcardProcess "derivation-ok-restriction.4.3"
        "The attribute wildcard of a restriction checks no less than that of its base."
    RestrictionSimpleContent "derivation-ok-restriction.5.2.2.1"
        "The simple content of a restriction is derived from that of its base."
    RestrictionEmpty "derivation-ok-restriction.5.3.2" "A restriction is empty only if its base may be."
    RestrictionMixed "derivation-ok-restriction.5.4.1.2" "A restriction is mixed only if its base is."
    RestrictionParticle "derivation-ok-restriction.5.4.2" "A restriction holds elements only if its base does."

    // Attribute groups (part 1, 3.6).
    GroupWildcardIntersection "src-attribute_group.2"
        "The attribute wildcards of an attribute group and of those it refers to have an intersection that can be \
         written as a wildcard."
    AttributeGroupCircular "src-attribute_group.3" "No attribute group contains itself."
    GroupAttributeTwice "ag-props-correct.2" "No two attributes of an attribute group have the same name."
    GroupIdTwice "ag-props-correct.3" "An attribute group has one attribute of type ID at most."

    // Model groups and particles (part 1, 3.8 and 3.9).
    GroupCircular "mg-props-correct.2" "No model group contains itself."
    AllLimited "cos-all-limited.1.2" "An `xs:all` group is the whole content of a type and occurs once at most."
    TypesInconsistent "cos-element-consistent" "Elements of one name have one type throughout a content model."
    Ambiguous "cos-nonambig" "It is clear from the children so far which particle the next child belongs to."
    OccursReversed "p-props-correct.2.1" "A particle occurs no fewer times at most than at least."
    ParticlesForbidden "cos-particle-restrict.2"
        "The kind of a particle in a restriction fits the kind of its counterpart in the base."
    NameAndTypeName "rcase-NameAndTypeOK.1" "An element of a restriction has the name of its counterpart in the base."
    NameAndTypeNillable "rcase-NameAndTypeOK.2" "An element of a restriction is nillable only if its counterpart is."
    NameAndTypeOccurs "rcase-NameAndTypeOK.3" "An element of a restriction occurs within the bounds of its counterpart."
    NameAndTypeFixed "rcase-NameAndTypeOK.4" "An element of a restriction keeps the fixed value of its counterpart."
    NameAndTypeConstraints "rcase-NameAndTypeOK.5"
        "An element of a restriction has no identity constraints but those of its counterpart."
    NameAndTypeBlock "rcase-NameAndTypeOK.6" "An element of a restriction blocks what its counterpart blocks."
    NameAndTypeType "rcase-NameAndTypeOK.7"
        "The type of an element of a restriction is a restriction of its counterpart's."
    NsCompatNamespace "rcase-NSCompat.1"
        "An element that takes the place of a wildcard is one the wildcard lets through."
    NsCompatOccurs "rcase-NSCompat.2" "An element that takes the place of a wildcard occurs within its bounds."
    NsSubsetOccurs "rcase-NSSubset.1" "A wildcard of a restriction occurs within the bounds of its counterpart."
    NsSubsetNamespace "rcase-NSSubset.2"
        "A wildcard of a restriction lets nothing through that its counterpart does not."
    NsSubsetProcess "rcase-NSSubset.3" "A wildcard of a restriction checks no less than its counterpart."
    NsRecurseOccurs "rcase-NSRecurseCheckCardinality.2"
        "A group that takes the place of a wildcard holds as many children as the wildcard takes."
    RecurseOccurs "rcase-Recurse.1"
        "A sequence or `xs:all` of a restriction occurs within the bounds of its counterpart."
    RecurseMapping "rcase-Recurse.2"
        "Each particle of a restricted sequence has a counterpart in the base, in the same order."
    RecurseRequired "rcase-Recurse.2.2" "A restricted sequence leaves out only what may be absent."
    RecurseUnorderedOccurs "rcase-RecurseUnordered.1"
        "A sequence that takes the place of an `xs:all` occurs within its bounds."
    RecurseUnorderedMapping "rcase-RecurseUnordered.2"
        "Each particle of a sequence that takes the place of an `xs:all` has a counterpart of its own in it."
    RecurseUnorderedRequired "rcase-RecurseUnordered.2.3"
        "A sequence that takes the place of an `xs:all` leaves out only what may be absent."
    RecurseLaxOccurs "rcase-RecurseLax.1" "A choice of a restriction occurs within the bounds of its counterpart."
    RecurseLaxMapping "rcase-RecurseLax.2"
        "Each alternative of a restricted choice has a counterpart in the base, in the same order."
    MapAndSumMapping "rcase-MapAndSum.1"
        "Each particle of a sequence that takes the place of a choice has a counterpart in it."
    MapAndSumOccurs "rcase-MapAndSum.2"
        "A sequence that takes the place of a choice holds as many particles as the choice takes turns."

    // Identity constraints and notations (part 1, 3.11 and 3.12).
    KeyMissing "c-props-correct.1" "A `keyref` refers to a key or a unique constraint."
    KeyFields "c-props-correct.2" "A `keyref` has as many fields as the key it refers to."
    SelectorUnreadable "c-selector-xpath.1" "A selector can be read as a path, and its prefixes are bound."
    SelectorSubset "c-selector-xpath.2" "A selector is a path of child steps."
    FieldUnreadable "c-fields-xpaths.1" "A field can be read as a path, and its prefixes are bound."
    FieldSubset "c-fields-xpaths.2" "A field is a path of child steps that may end with an attribute."
    NotationUnidentified "n-props-correct" "A notation has a public or a system identifier."

    // Simple type definitions (part 1, 3.14; part 2, 4.1).
    SimpleBaseOrInside "src-simple-type.2" "The base of a restriction is named or stands inside: one of the two."
    ItemNamedOrInside "src-simple-type.3" "The item type of a list is named or stands inside: one of the two."
    UnionCircular "src-simple-type.4" "No union has itself among its members."
    UnionWithoutMembers "src-union-memberTypes-or-simpleTypes" "A union has at least one member type."
    FacetTwice "src-single-facet-value" "Every facet but `pattern` and `enumeration` is declared once at most."
    SimpleCircular "st-props-correct.2" "No simple type is defined by itself."
    SimpleFinal "st-props-correct.3" "A simple type that is restricted is not final for restriction."
    SimpleBaseNotAtomic "cos-st-restricts.1.1" "The base of a restriction is not `xs:anySimpleType`."
    ItemNotAtomic "cos-st-restricts.2.1" "The item type of a list is atomic, or a union without lists."
    ItemFinal "cos-st-restricts.2.3.1.1" "The item type of a list is not final for lists."
    MemberNotSimple "cos-st-restricts.3.1" "The members of a union are atomic types, lists and unions."
    MemberFinal "cos-st-restricts.3.3.1.1" "The members of a union are not final for unions."
    FacetNotApplicable "cos-applicable-facets" "A facet applies to the type it is declared on."
    NotationNotEnumerated "enumeration-required-notation"
        "`xs:NOTATION` is used only through types that enumerate notations."

    // Facets (part 2, 4.3).
    LengthChanged "length-valid-restriction" "A restriction does not change `length`."
    LengthAndMinLength "length-minLength-maxLength.1"
        "`minLength` stands beside `length` only where it was there before and leaves room for it."
    LengthAndMaxLength "length-minLength-maxLength.2"
        "`maxLength` stands beside `length` only where it was there before and leaves room for it."
    MinLengthLowered "minLength-valid-restriction" "A restriction does not lower `minLength`."
    MinLengthFixed "minLength-fixed" "A `minLength` that is fixed is not changed."
    MinLengthAboveMaxLength "minLength-less-than-equal-to-maxLength" "`minLength` is not greater than `maxLength`."
    MaxLengthRaised "maxLength-valid-restriction" "A restriction does not raise `maxLength`."
    MaxLengthFixed "maxLength-fixed" "A `maxLength` that is fixed is not changed."
    PatternInvalid "src-pattern-value" "A pattern is a regular expression of the Recommendation."
    EnumerationInvalid "enumeration-valid-restriction" "An enumerated value is a value of the base type."
    WhiteSpaceCollapsed "whiteSpace-valid-restriction.1" "Where the base collapses white space, a restriction does too."
    WhiteSpaceReplaced "whiteSpace-valid-restriction.2"
        "Where the base replaces white space, a restriction does not preserve it."
    WhiteSpaceFixed "whiteSpace-fixed" "A `whiteSpace` that is fixed is not changed."
    MaxInclusiveAndExclusive "maxInclusive-maxExclusive"
        "A restriction declares `maxInclusive` or `maxExclusive`, not both."
    MinInclusiveAndExclusive "minInclusive-minExclusive"
        "A restriction declares `minInclusive` or `minExclusive`, not both."
    MinInclusiveAboveMaxInclusive "minInclusive-less-than-equal-to-maxInclusive"
        "`minInclusive` is not greater than `maxInclusive`."
    MinExclusiveAboveMaxExclusive "minExclusive-less-than-equal-to-maxExclusive"
        "`minExclusive` is not greater than `maxExclusive`."
    MinExclusiveNotBelowMaxInclusive "minExclusive-less-than-maxInclusive" "`minExclusive` is less than `maxInclusive`."
    MinInclusiveNotBelowMaxExclusive "minInclusive-less-than-maxExclusive" "`minInclusive` is less than `maxExclusive`."
    MaxInclusiveValue "maxInclusive-value" "`maxInclusive` is a value of the base type."
    MaxInclusiveFixed "maxInclusive-fixed" "A `maxInclusive` that is fixed is not changed."
    MaxInclusiveByMaxInclusive "maxInclusive-valid-restriction.1" "`maxInclusive` is not greater than that of the base."
    MaxInclusiveByMaxExclusive "maxInclusive-valid-restriction.2"
        "`maxInclusive` is less than `maxExclusive` of the base."
    MaxInclusiveByMinInclusive "maxInclusive-valid-restriction.3"
        "`maxInclusive` is not less than `minInclusive` of the base."
    MaxInclusiveByMinExclusive "maxInclusive-valid-restriction.4"
        "`maxInclusive` is greater than `minExclusive` of the base."
    MaxExclusiveValue "maxExclusive-value" "`maxExclusive` is a value of the base type."
    MaxExclusiveFixed "maxExclusive-fixed" "A `maxExclusive` that is fixed is not changed."
    MaxExclusiveByMaxExclusive "maxExclusive-valid-restriction.1" "`maxExclusive` is not greater than that of the base."
    MaxExclusiveByMaxInclusive "maxExclusive-valid-restriction.2"
        "`maxExclusive` is not greater than `maxInclusive` of the base."
    MaxExclusiveByMinInclusive "maxExclusive-valid-restriction.3"
        "`maxExclusive` is greater than `minInclusive` of the base."
    MaxExclusiveByMinExclusive "maxExclusive-valid-restriction.4"
        "`maxExclusive` is greater than `minExclusive` of the base."
    MinInclusiveValue "minInclusive-value" "`minInclusive` is a value of the base type."
    MinInclusiveFixed "minInclusive-fixed" "A `minInclusive` that is fixed is not changed."
    MinInclusiveByMinInclusive "minInclusive-valid-restriction.1" "`minInclusive` is not less than that of the base."
    MinInclusiveByMaxInclusive "minInclusive-valid-restriction.2"
        "`minInclusive` is not greater than `maxInclusive` of the base."
    MinInclusiveByMinExclusive "minInclusive-valid-restriction.3"
        "`minInclusive` is greater than `minExclusive` of the base."
    MinInclusiveByMaxExclusive "minInclusive-valid-restriction.4"
        "`minInclusive` is less than `maxExclusive` of the base."
    MinExclusiveValue "minExclusive-value" "`minExclusive` is a value of the base type."
    MinExclusiveFixed "minExclusive-fixed" "A `minExclusive` that is fixed is not changed."
    MinExclusiveByMinExclusive "minExclusive-valid-restriction.1" "`minExclusive` is not less than that of the base."
    MinExclusiveByMaxInclusive "minExclusive-valid-restriction.2"
        "`minExclusive` is not greater than `maxInclusive` of the base."
    MinExclusiveByMinInclusive "minExclusive-valid-restriction.3"
        "`minExclusive` is not less than `minInclusive` of the base."
    MinExclusiveByMaxExclusive "minExclusive-valid-restriction.4"
        "`minExclusive` is less than `maxExclusive` of the base."
    TotalDigitsRaised "totalDigits-valid-restriction" "A restriction does not raise `totalDigits`."
    TotalDigitsFixed "totalDigits-fixed" "A `totalDigits` that is fixed is not changed."
    FractionDigitsRaised "fractionDigits-valid-restriction" "A restriction does not raise `fractionDigits`."
    FractionDigitsFixed "fractionDigits-fixed" "A `fractionDigits` that is fixed is not changed."
    FractionDigitsAboveTotalDigits "fractionDigits-totalDigits" "`fractionDigits` is not greater than `totalDigits`."

    // Limits of this program.
    DocumentsLimit "limit.documents_max" "A schema consists of no more documents than this program reads."
    DefinitionDepthLimit "limit.definition_depth_max"
        "Definitions build on each other no deeper than this program follows."
    ModelDepthLimit "limit.model_depth_max" "Model groups are nested no deeper than this program follows."
    RestrictionChainLimit "limit.restriction_chain_max"
        "Simple types restrict each other no more often than this program follows."
    RestrictionStepsLimit "limit.restriction_steps_max"
        "A restriction is compared with its base in no more steps than this program takes."
    PositionsLimit "limit.positions_max" "A content model has no more places for a child than this program keeps."
    EdgesLimit "limit.edges_max" "A content model has no more transitions than this program keeps."
    WorkLimit "limit.work_max" "A schema is put together and checked with no more work than this program spends on one."
    MembersLimit "limit.members_max" "A union has no more member types than this program tries for one literal."
    PathsLimit "limit.paths_max" "A selector or field has no more paths than this program follows."
    PathStepsLimit "limit.path_steps_max" "A path of a selector or field has no more steps than this program follows."
    FieldsLimit "limit.fields_max" "An identity constraint has no more fields than this program keeps for a key."
    PatternBytesLimit "limit.pattern_bytes_max" "A pattern is no longer than this program reads."
    PatternNestingLimit "limit.pattern_nesting_max" "A pattern is nested no deeper than this program reads."
    PatternRepeatLimit "limit.pattern_repeat_max" "A quantifier of a pattern counts no further than this program does."
    PatternCompiledLimit "limit.pattern_compiled_bytes_max" "A pattern compiles to no more than this program keeps."
}

/// Clauses of the Recommendation that a schema breaks under another name, or that no schema document
/// can break: the code, and where it is seen instead.
pub const PASSED_ON: &[(&str, &str)] = &[
    ("src-attribute_group.1", "the clauses of the component, as all `src-` clauses that only ask for it"),
    ("src-ct.3", "the clauses of the component"),
    ("src-element.4", "the clauses of the component"),
    ("src-simple-type.1", "the clauses of the component"),
    ("src-identity-constraint", "c-props-correct, c-selector-xpath, c-fields-xpaths"),
    ("src-model_group, src-model_group_defn, src-particle, src-wildcard", "the clauses of the component"),
    ("src-notation", "n-props-correct"),
    ("src-annotation", "s4s-elt-not-allowed"),
    (
        "src-multiple-enumerations, src-multiple-patterns",
        "no schema breaks them: they say what several facets mean",
    ),
    ("src-redefine.4", "the clauses of the redefined document"),
    ("src-redefine.6.1, src-redefine.6.2, src-redefine.7.2", "their parts"),
    ("src-resolve.2, src-resolve.3", "src-resolve.1: name and namespace are what is looked up"),
    ("src-restriction-base-or-simpleType", "src-simple-type.2"),
    ("src-list-itemType-or-simpleType", "src-simple-type.3"),
    ("cos-no-circular-unions", "src-simple-type.4"),
    (
        "sch-props-correct.1, a-props-correct.1, e-props-correct.1, ct-props-correct.1, ag-props-correct.1, \
         p-props-correct.1, mg-props-correct.1, mgd-props-correct, st-props-correct.1, w-props-correct, \
         an-props-correct",
        "s4s and src-resolve: a property that is not as it should be has no way to be written",
    ),
    ("e-props-correct.2", "cos-valid-default"),
    ("e-props-correct.3", "s4s-att-not-allowed: `substitutionGroup` stands on global elements only"),
    ("ct-props-correct.2", "src-ct.1, src-ct.2.1"),
    (
        "cos-ct-extends.1.2, cos-ct-extends.1.3",
        "no schema breaks them: an extension's attributes are made of those of its base; ct-props-correct.4, src-ct.5",
    ),
    (
        "cos-ct-extends.1.4.1, cos-ct-extends.1.4.2, cos-ct-extends.1.4.3.1, cos-ct-extends.2.1",
        "no schema breaks them: content is inherited where nothing is added",
    ),
    (
        "cos-ct-extends.1.4.3.2.2.2, cos-particle-extend",
        "no schema breaks them: what is added stands behind what is there; cos-all-limited.1.2",
    ),
    ("derivation-ok-restriction.5.1", "no schema breaks it: it says that anything restricts the ur-type"),
    ("derivation-ok-restriction.5.2.2.2", "src-ct.2.1, src-ct.2.2"),
    (
        "derivation-ok-restriction.5.4.2",
        "where both hold elements: cos-particle-restrict and the rcase clause of the first pair that does not fit",
    ),
    ("cos-all-limited.1.1", "cos-all-limited.1.2"),
    ("cos-all-limited.2", "s4s-att-value: `maxOccurs` of an element in `xs:all` is 0 or 1"),
    ("p-props-correct.2.2", "no schema breaks it: a particle that may not occur is none"),
    ("range-ok", "the clause that asks for it: rcase-NameAndTypeOK.3 and its like"),
    ("rcase-RecurseAsIfGroup", "rcase-Recurse, rcase-RecurseLax, rcase-RecurseUnordered"),
    (
        "rcase-NSRecurseCheckCardinality.1, rcase-Recurse.2.1, rcase-RecurseUnordered.2.2",
        "the clause that the pair of particles breaks, where it is clear which pair is meant",
    ),
    ("rcase-RecurseUnordered.2.1, rcase-RecurseLax.2.1", "rcase-RecurseUnordered.2, rcase-RecurseLax.2"),
    (
        "cos-aw-intersect, cos-aw-union, cos-ns-subset",
        "src-ct.4, src-ct.5, src-attribute_group.2; derivation-ok-restriction.4, rcase-NSSubset",
    ),
    (
        "cos-equiv-class, cos-equiv-derived-ok-rec, cos-ct-derived-ok, cos-st-derived-ok",
        "the clauses that ask for them, such as e-props-correct.4",
    ),
    ("cos-st-restricts.1.2, cos-st-restricts.2.3.2.2, cos-st-restricts.3.3.2.2", "st-props-correct.3"),
    (
        "cos-st-restricts.1.3, cos-st-restricts.2.3.2.4, cos-st-restricts.3.3.2.4, st-restrict-facets",
        "cos-applicable-facets and the clauses of the facets",
    ),
    (
        "cos-st-restricts.2.3.1.2, cos-st-restricts.3.3.1.2",
        "no schema breaks them: facets stand on restrictions only",
    ),
    ("cos-list-of-atomic", "cos-st-restricts.2.1"),
    ("length-fixed", "length-valid-restriction: `length` does not change, fixed or not"),
];

#[cfg(test)]
mod tests {
    use super::Rule;

    #[test]
    fn codes_are_different_and_demands_are_sentences() {
        for (index, rule) in Rule::ALL.iter().enumerate() {
            let (code, demand) = (rule.code(), rule.demands());
            assert!(Rule::ALL[..index].iter().all(|other| other.code() != code), "{code} stands twice");
            assert!(Rule::ALL[..index].iter().all(|other| other.demands() != demand), "{code}: {demand}");
            assert!(demand.ends_with(['.']) && demand.starts_with(|c: char| c == '`' || c.is_uppercase()));
        }
    }
}

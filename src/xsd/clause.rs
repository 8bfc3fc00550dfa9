//! Every clause of the Recommendation that an instance can break: code, what it demands, in one table.
//!
//! A clause that only hands on to another (`cvc-attribute.3` to the datatype, `cvc-elt.6` to the
//! identity constraints) is never reported itself: what is reported is the clause at the end of the
//! chain, which says most. [`PASSED_ON`] lists those, so that nothing of the Recommendation is
//! missing from the two tables together.

/// A row a clause: its documentation, its name here, its code, what it demands.
macro_rules! clauses {
    ($($(#[$doc:meta])* $name:ident $code:literal $demands:literal)*) => {
        /// A validation rule that a document broke, or a limit of this program that left one unjudged.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Clause {
            $(
                #[doc = concat!("`", $code, "`: ", $demands)]
                $(#[$doc])*
                $name,
            )*
        }

        impl Clause {
            /// Every clause, in the order of the Recommendation.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The identifier the Recommendation gives the clause; stable, so reports may be filtered by it.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// What the clause asks of a document, in one sentence.
            #[must_use]
            pub const fn demands(self) -> &'static str {
                match self {
                    $(Self::$name => $demands,)*
                }
            }
        }
    };
}

clauses! {
    // Elements (part 1, 3.3.4).
    ElementUndeclared "cvc-elt.1"
        "The root element has a declaration in the schema, or names its type with `xsi:type`."
    ElementAbstract "cvc-elt.2"
        "An element whose declaration is abstract is replaced by a member of its substitution group."
    NotNillable "cvc-elt.3.1"
        "`xsi:nil` stands only on an element that is declared nillable, whatever its value."
    NilledHasContent "cvc-elt.3.2.1"
        "An element that `xsi:nil` declares nil holds neither text nor elements."
    NilledFixed "cvc-elt.3.2.2"
        "An element with a fixed value is not nil."
    XsiTypeMalformed "cvc-elt.4.1"
        "The value of `xsi:type` is a qualified name whose prefix is declared."
    XsiTypeUnresolved "cvc-elt.4.2"
        "`xsi:type` names a type of the schema."
    XsiTypeNotDerived "cvc-elt.4.3"
        "The type that `xsi:type` names is derived from the declared one, in a way that is not blocked."
    DefaultInvalid "cvc-elt.5.1.1"
        "The default or fixed value of an empty element fits the type that its `xsi:type` names."
    FixedHasChildren "cvc-elt.5.2.2.1"
        "An element with a fixed value has no child elements."
    FixedMixedDiffers "cvc-elt.5.2.2.2.1"
        "Mixed content with a fixed value is that value, character by character."
    FixedValueDiffers "cvc-elt.5.2.2.2.2"
        "The value of an element equals the fixed value of its declaration."

    // Types (part 1, 3.3.4).
    TypeAbsent "cvc-type.1"
        "The type of an element is in the schema."
    TypeAbstract "cvc-type.2"
        "The type of an element is not abstract; `xsi:type` names one derived from an abstract type."
    SimpleTypeAttributes "cvc-type.3.1.1"
        "An element of a simple type has no attributes but the four of the `xsi` namespace."
    SimpleTypeChildren "cvc-type.3.1.2"
        "An element of a simple type has no child elements."

    // Complex types (part 1, 3.4.4).
    ContentNotEmpty "cvc-complex-type.2.1"
        "An element whose content is declared empty holds neither text nor elements, not even white space."
    SimpleContentChildren "cvc-complex-type.2.2"
        "An element with simple content has no child elements."
    ElementOnlyText "cvc-complex-type.2.3"
        "Between the children of element-only content stands white space and no other text."
    ChildUnexpected "cvc-complex-type.2.4.a"
        "Each child element is one that the content model allows at its place."
    ContentIncomplete "cvc-complex-type.2.4.b"
        "The content does not end before all required child elements were there."
    WildcardChildUndeclared "cvc-complex-type.2.4.c"
        "A child that only a strict wildcard allows has a declaration, or names its type with `xsi:type`."
    ChildAfterEnd "cvc-complex-type.2.4.d"
        "No child element follows once the content model is complete."
    AttributeUndeclared "cvc-complex-type.3.2.1"
        "An attribute is declared for the type of its element, which has no attribute wildcard."
    AttributeNotAdmitted "cvc-complex-type.3.2.2"
        "An attribute that is not declared is in a namespace that the attribute wildcard admits."
    AttributeMissing "cvc-complex-type.4"
        "Every required attribute is there."
    AttributeTwoWildIds "cvc-complex-type.5.1"
        "At most one of the attributes that a wildcard lets through is of type ID."
    AttributeWildIdBesideDeclared "cvc-complex-type.5.2"
        "No attribute of type ID comes through a wildcard where the type declares one itself."

    // Attributes (part 1, 3.2.4, 3.5.4).
    AttributeWildUndeclared "cvc-assess-attr.1"
        "An attribute that only a strict wildcard allows has a declaration."
    AttributeTypeAbsent "cvc-attribute.2"
        "The type of an attribute is in the schema."
    AttributeFixedDiffers "cvc-attribute.4"
        "The value of an attribute equals the fixed value of its global declaration."
    AttributeUseFixedDiffers "cvc-au"
        "The value of an attribute equals the value fixed where the type uses it."

    // Simple types (part 1, 3.14.4; part 2, 4.1.4).
    EntityUndeclared "cvc-simple-type.2.1"
        "A value of type ENTITY is the name of an unparsed entity of the document's DTD."
    EntitiesUndeclared "cvc-simple-type.2.2"
        "Every item of a value of type ENTITIES is the name of an unparsed entity of the document's DTD."
    DatatypeAtomic "cvc-datatype-valid.1.2.1"
        "A value is written as its type asks: in its lexical space."
    DatatypeList "cvc-datatype-valid.1.2.2"
        "Every item of a list is a value of the item type."
    DatatypeUnion "cvc-datatype-valid.1.2.3"
        "At least one member type of a union accepts the value."

    // Facets (part 2, 4.3).
    Length "cvc-length-valid"
        "A value is exactly as long as `length` says: in characters, octets or items."
    MinLength "cvc-minLength-valid"
        "A value is at least as long as `minLength` says: in characters, octets or items."
    MaxLength "cvc-maxLength-valid"
        "A value is at most as long as `maxLength` says: in characters, octets or items."
    Pattern "cvc-pattern-valid"
        "A text matches one of the patterns of each derivation step."
    Enumeration "cvc-enumeration-valid"
        "A value equals one of the enumerated values."
    MaxInclusive "cvc-maxInclusive-valid"
        "A value is not greater than `maxInclusive`."
    MaxExclusive "cvc-maxExclusive-valid"
        "A value is less than `maxExclusive`."
    MinInclusive "cvc-minInclusive-valid"
        "A value is not less than `minInclusive`."
    MinExclusive "cvc-minExclusive-valid"
        "A value is greater than `minExclusive`."
    TotalDigits "cvc-totalDigits-valid"
        "A decimal has no more significant digits than `totalDigits` says."
    FractionDigits "cvc-fractionDigits-valid"
        "A decimal has no more significant digits behind the point than `fractionDigits` says."

    // Identities over the document (part 1, 3.11.4, 3.15.4).
    IdrefDangling "cvc-id.1"
        "An IDREF names an ID of the same document."
    IdDuplicate "cvc-id.2"
        "An ID belongs to one element only."
    FieldNotSingle "cvc-identity-constraint.3"
        "A field selects at most one node of each selected element, and that node has a simple type."
    UniqueDuplicate "cvc-identity-constraint.4.1"
        "No two selected elements have equal values in all fields of a `unique`."
    KeyFieldMissing "cvc-identity-constraint.4.2.1"
        "Every selected element has a value in every field of a `key`."
    KeyDuplicate "cvc-identity-constraint.4.2.2"
        "No two selected elements have equal values in all fields of a `key`."
    KeyFieldNillable "cvc-identity-constraint.4.2.3"
        "No element that is a field of a `key` is declared nillable."
    KeyrefDangling "cvc-identity-constraint.4.3"
        "The fields of a `keyref` have the values of a key it refers to."

    // Limits of this program.
    KeysLimit "limit.keys_max"
        "A table of keys or IDs does not grow beyond `keys_max`; uniqueness beyond it is not judged."
    ConfigurationsLimit "limit.configurations_max"
        "A content model leaves no more ways open than `configurations_max`; beyond it the order of children \
         is not judged."
    ReferencesLimit "limit.references_max"
        "No more references than `references_max` wait for what they refer to; those beyond it are not judged."
}

impl Clause {
    /// Whether this is a limit of this program instead of a clause of the Recommendation.
    #[must_use]
    pub fn is_limit(self) -> bool {
        matches!(self, Self::KeysLimit | Self::ConfigurationsLimit | Self::ReferencesLimit)
    }
}

/// Clauses of the Recommendation that hand on to others, or that no document can break: the code, and
/// where it is seen instead.
pub const PASSED_ON: &[(&str, &str)] = &[
    ("cvc-elt.5.1.2", "the clauses of the type and of the value"),
    ("cvc-elt.5.2.1", "the clauses of the type and of the value"),
    ("cvc-elt.6", "cvc-identity-constraint"),
    ("cvc-elt.7", "cvc-id"),
    ("cvc-assess-elt.1", "cvc-elt.1, cvc-complex-type.2.4.c"),
    ("cvc-type.3.1.3", "cvc-simple-type"),
    ("cvc-type.3.2", "cvc-complex-type"),
    ("cvc-complex-type.1", "cvc-type.2"),
    ("cvc-complex-type.3.1", "cvc-attribute, cvc-au"),
    ("cvc-attribute.1", "cvc-type.1: a type that lacks a part is not there itself"),
    ("cvc-attribute.3", "cvc-simple-type"),
    ("cvc-simple-type.1", "cvc-datatype-valid"),
    ("cvc-datatype-valid.1.1", "cvc-pattern-valid"),
    ("cvc-datatype-valid.2", "the clauses of the other facets"),
    ("cvc-facet-valid", "the clauses of the facets"),
    ("cvc-accept", "cvc-complex-type.2.4"),
    ("cvc-model-group", "cvc-complex-type.2.4"),
    ("cvc-particle", "cvc-complex-type.2.4"),
    ("cvc-wildcard", "cvc-complex-type.2.4, cvc-complex-type.3.2.2, cvc-assess-attr.1"),
    ("cvc-wildcard-namespace", "cvc-complex-type.2.4.a, cvc-complex-type.3.2.2"),
    ("cvc-resolve-instance", "cvc-elt.1, cvc-elt.4.2"),
    ("cvc-identity-constraint.1", "no document breaks it: a selector always has a node set"),
    ("cvc-identity-constraint.2", "no document breaks it: the grammar of selectors leaves elements only"),
];

#[cfg(test)]
mod tests {
    use super::{Clause, PASSED_ON};
    use std::collections::HashSet;

    #[test]
    fn codes_are_unique() {
        let codes: HashSet<_> = Clause::ALL.iter().map(|clause| clause.code()).collect();
        assert_eq!(codes.len(), Clause::ALL.len());
        assert!(PASSED_ON.iter().all(|(code, _)| !codes.contains(code)));
    }

    #[test]
    fn limits_are_told_from_clauses() {
        for clause in Clause::ALL {
            let prefix = if clause.is_limit() { "limit." } else { "cvc-" };
            assert!(clause.code().starts_with(prefix), "{clause:?}");
        }
    }

    #[test]
    fn demands_are_whole_sentences() {
        for clause in Clause::ALL {
            let sentence = clause.demands();
            let begins_well = sentence.starts_with(|first: char| first.is_uppercase() || first == '`');
            assert!(begins_well && sentence.ends_with('.'), "{clause:?}: {sentence}");
        }
    }
}

//! Types as a schema would build them, literals as a document would hold them.

use super::*;
use crate::xsd::clause::Clause;

/// `decimal minInclusive=0 pattern=\d+`: a base and facets, one step per `;`.
fn build(recipe: &str) -> Result<Arc<SimpleType>, Vec<FacetFault>> {
    let mut steps = recipe.split("; ");
    let (name, first) = split(steps.next().expect("a base"));
    let base = SimpleType::builtin(name).unwrap_or_else(|| panic!("{name} is built in"));
    let steps = first.into_iter().chain(steps);
    steps.into_iter().try_fold(base, |base, step| restrict(&base, step))
}

fn split(step: &str) -> (&str, Option<&str>) {
    step.split_once(' ').map_or((step, None), |(name, facets)| (name, Some(facets)))
}

fn restrict(base: &Arc<SimpleType>, step: &str) -> Result<Arc<SimpleType>, Vec<FacetFault>> {
    let facets: Vec<_> = step.split(' ').filter(|facet| !facet.is_empty()).map(declaration).collect();
    SimpleType::restriction(base, None, &facets)
}

/// `kind=value`, `kind!value` when fixed; `_` stands for a space.
fn declaration(facet: &str) -> FacetDeclaration<'static> {
    let at = facet.find(['=', '!']).expect("a facet with a value");
    let kind = FacetKind::from_name(&facet[..at]).expect("a facet");
    let value: &'static str = Box::leak(facet[at + 1..].replace('_', " ").into_boxed_str());
    FacetDeclaration { kind, value, fixed: facet.as_bytes()[at] == b'!', namespaces: &NoNamespaces }
}

fn made(recipe: &str) -> Arc<SimpleType> {
    build(recipe).unwrap_or_else(|faults| panic!("{recipe}: {faults:?}"))
}

fn check(simple_type: &SimpleType, literal: &str) -> Result<(), Clause> {
    simple_type.check(literal, &NoNamespaces, &mut Scratch::default()).map_err(|fault| fault.clause)
}

#[track_caller]
fn good(recipe: &str, literals: &[&str]) {
    for literal in literals {
        assert_eq!(check(&made(recipe), literal), Ok(()), "{recipe}: {literal:?}");
    }
}

#[track_caller]
fn bad(recipe: &str, clause: Clause, literals: &[&str]) {
    for literal in literals {
        assert_eq!(check(&made(recipe), literal), Err(clause), "{recipe}: {literal:?}");
    }
}

/// The restriction breaks exactly these rules.
#[track_caller]
fn faulty(recipe: &str, rules: &[&str]) {
    let faults = build(recipe).expect_err(recipe);
    let found: Vec<_> = faults.iter().map(|fault| fault.rule.code()).collect();
    assert_eq!(found, rules, "{recipe}: {faults:?}");
    assert!(faults.iter().all(|fault| !fault.message.is_empty()));
}

#[test]
fn all_built_in_types_stand_with_their_bases() {
    assert_eq!(SimpleType::builtin_names().count(), 45);
    for name in SimpleType::builtin_names() {
        let simple_type = SimpleType::builtin(name).expect(name);
        assert_eq!(simple_type.name(), Some(name));
        assert_eq!(simple_type.base().is_none(), name == "anySimpleType");
        assert!(!simple_type.words().is_empty());
    }
    assert!(SimpleType::builtin("anyType").is_none());
    assert!(SimpleType::builtin("precisionDecimal").is_none());
}

#[test]
fn the_built_in_tree_is_that_of_the_recommendation() {
    let lineage = |name| {
        let simple_type = SimpleType::builtin(name).unwrap();
        let names: Vec<_> = simple_type.ancestry().filter_map(SimpleType::name).collect();
        names.join(" ")
    };
    assert_eq!(lineage("ID"), "ID NCName Name token normalizedString string anySimpleType");
    assert_eq!(lineage("byte"), "byte short int long integer decimal anySimpleType");
    assert_eq!(
        lineage("unsignedByte"),
        "unsignedByte unsignedShort unsignedInt unsignedLong nonNegativeInteger integer decimal anySimpleType"
    );
    assert_eq!(
        lineage("negativeInteger"),
        "negativeInteger nonPositiveInteger integer decimal anySimpleType"
    );
    assert_eq!(lineage("NMTOKENS"), "NMTOKENS anySimpleType");
    let white_space = |name| SimpleType::builtin(name).unwrap().white_space();
    assert_eq!(white_space("string"), WhiteSpace::Preserve);
    assert_eq!(white_space("normalizedString"), WhiteSpace::Replace);
    assert_eq!(white_space("NCName"), WhiteSpace::Collapse);
    assert_eq!(white_space("dateTime"), WhiteSpace::Collapse);
}

#[test]
fn the_integer_tower_has_its_bounds() {
    let bounds = [
        ("long", "-9223372036854775808", "9223372036854775807"),
        ("int", "-2147483648", "2147483647"),
        ("short", "-32768", "32767"),
        ("byte", "-128", "127"),
        ("unsignedLong", "0", "18446744073709551615"),
        ("unsignedInt", "0", "4294967295"),
        ("unsignedShort", "0", "65535"),
        ("unsignedByte", "0", "255"),
    ];
    for (name, least, greatest) in bounds {
        good(name, &[least, greatest, "+0", "-0", "007", " 1\n"]);
        bad(name, Clause::MaxInclusive, &[&format!("{greatest}0")]);
        bad(name, Clause::MinInclusive, &[&format!("-{greatest}9")]);
        bad(name, Clause::DatatypeAtomic, &["1.0", "", "1 2", "1e1"]);
    }
    good("positiveInteger", &["1", "99999999999999999999999999"]);
    bad("positiveInteger", Clause::MinInclusive, &["0", "-0"]);
    bad("negativeInteger", Clause::MaxInclusive, &["0", "1"]);
    good("nonPositiveInteger", &["0", "-1"]);
}

#[test]
fn white_space_is_normalised_first() {
    good("string length=3", &[" a ", "a\nb"]);
    good("normalizedString pattern=a_b", &["a\tb"]);
    bad("normalizedString pattern=a_b", Clause::Pattern, &["a  b", " a b"]);
    good("token pattern=a_b", &["\n a \t b "]);
    good("token maxLength=1 minLength=1", &["   a   "]);
    good("boolean", &[" true ", "0"]);
    bad("boolean", Clause::DatatypeAtomic, &["TRUE", "yes", "", "tr ue"]);
    good("string whiteSpace=collapse enumeration=a_b", &["a b"]);
    good("string whiteSpace=collapse; enumeration=_a__b_", &["a b", " a   b"]);
    good("base64Binary", &[" TWFu\n TWFu "]);
}

#[test]
fn lengths_count_what_the_type_is_made_of() {
    good("string minLength=2 maxLength=3", &["äö", "日本語"]);
    bad("string minLength=2 maxLength=3", Clause::MinLength, &["", "ä"]);
    bad("string minLength=2 maxLength=3", Clause::MaxLength, &["abcd", "日本語日"]);
    bad("string length=3", Clause::Length, &["ab", "abcd", ""]);
    good("hexBinary length=2", &["0FB7"]);
    bad("hexBinary length=2", Clause::Length, &["0F", "0FB70F"]);
    good("base64Binary maxLength=3", &["TWFu", "TQ==", "T W F u"]);
    bad("base64Binary maxLength=3", Clause::MaxLength, &["TWFuTQ=="]);
    good("NMTOKENS maxLength=2", &["a b", " a\n"]);
    bad("NMTOKENS maxLength=2", Clause::MaxLength, &["a b c"]);
    bad("NMTOKENS", Clause::MinLength, &["", "  "]);
    good("anyURI length=1", &["é"]);
    good("QName length=1", &["abc"]);
}

#[test]
fn patterns_are_alternatives_in_a_step_and_conjunction_over_steps() {
    good("string pattern=a+ pattern=b+", &["aa", "b"]);
    bad("string pattern=a+ pattern=b+", Clause::Pattern, &["ab", ""]);
    good("string pattern=[a-c]+; pattern=.{2}", &["ab"]);
    bad("string pattern=[a-c]+; pattern=.{2}", Clause::Pattern, &["abc", "xy"]);
    good("decimal pattern=\\d+\\.\\d{2}", &["12.50"]);
    bad("decimal pattern=\\d+\\.\\d{2}", Clause::Pattern, &["12.5", "012"]);
}

#[test]
fn enumerations_are_of_values() {
    good("string enumeration=a enumeration=b_c", &["a", "b c"]);
    bad("string enumeration=a enumeration=b_c", Clause::Enumeration, &["", "a ", "b"]);
    good("decimal enumeration=1.0 enumeration=2", &["1", "+01.00", "2.0"]);
    bad("decimal enumeration=1.0 enumeration=2", Clause::Enumeration, &["1.01"]);
    good("double enumeration=NaN enumeration=0", &["NaN", "-0"]);
    good("dateTime enumeration=2000-01-01T00:00:00Z", &["2000-01-01T02:00:00+02:00"]);
    bad("dateTime enumeration=2000-01-01T00:00:00Z", Clause::Enumeration, &["2000-01-01T00:00:00"]);
    good("hexBinary enumeration=ab", &["AB"]);
    good("NMTOKENS enumeration=a_b", &["a b", " a  b"]);
    bad("NMTOKENS enumeration=a_b", Clause::Enumeration, &["b a", "a", "a b c"]);
    good("string enumeration=a enumeration=b; enumeration=b", &["b"]);
    bad("string enumeration=a enumeration=b; enumeration=b", Clause::Enumeration, &["a"]);
    good("anyURI enumeration=http://example.com/very/long", &["http://example.com/very/long"]);
}

#[test]
fn bounds_follow_the_order_of_the_type() {
    good("decimal minInclusive=0.5 maxExclusive=1", &["0.50", "0.999999999999999999999"]);
    bad("decimal minInclusive=0.5 maxExclusive=1", Clause::MinInclusive, &["0.4999", "-1"]);
    bad("decimal minInclusive=0.5 maxExclusive=1", Clause::MaxExclusive, &["1.0", "2"]);
    good("float maxInclusive=INF", &["INF", "-INF", "0"]);
    bad("float maxInclusive=INF", Clause::MaxInclusive, &["NaN"]);
    good("double minInclusive=NaN", &["NaN"]);
    bad("double minInclusive=NaN", Clause::MinInclusive, &["0", "INF"]);
    good("date minInclusive=2026-01-01", &["2026-01-01", "2027-01-01", "2026-01-02Z"]);
    bad("date minInclusive=2026-01-01", Clause::MinInclusive, &["2025-12-31", "2026-01-01Z"]);
    good("duration maxExclusive=P1M", &["P27D", "-P1Y"]);
    bad("duration maxExclusive=P1M", Clause::MaxExclusive, &["P1M", "P30D", "P2M"]);
    good("gMonth minExclusive=--02", &["--03"]);
    bad("gMonth minExclusive=--02", Clause::MinExclusive, &["--02", "--01"]);
    good("integer maxInclusive=10; maxExclusive=10", &["9"]);
    bad("integer maxInclusive=10; maxExclusive=10", Clause::MaxExclusive, &["10"]);
}

#[test]
fn digits_are_those_of_the_value() {
    good("decimal totalDigits=3 fractionDigits=2", &["1.23", "012.30", "999", "0.01", "1.2300"]);
    bad("decimal totalDigits=3 fractionDigits=2", Clause::TotalDigits, &["1000", "12.34", "0.001234"]);
    bad("decimal totalDigits=3 fractionDigits=2", Clause::FractionDigits, &["0.123"]);
    good("integer totalDigits=2", &["0012", "-99"]);
}

#[test]
fn lists_name_the_item_that_is_wrong() {
    let list = SimpleType::list(&made("integer maxInclusive=9"), Some("digits")).unwrap();
    assert_eq!(check(&list, " 1 2\t3\n"), Ok(()));
    assert_eq!(check(&list, ""), Ok(()));
    let fault = list.check("1 2 x", &NoNamespaces, &mut Scratch::default()).unwrap_err();
    assert_eq!((fault.clause, fault.within, fault.item), (Clause::DatatypeList, Clause::DatatypeAtomic, 3));
    let fault = list.check("1 12", &NoNamespaces, &mut Scratch::default()).unwrap_err();
    assert_eq!((fault.clause, fault.within, fault.item), (Clause::DatatypeList, Clause::MaxInclusive, 2));
    let narrowed = restrict(&list, "pattern=(\\d_?)+ maxLength=2").unwrap();
    assert_eq!(check(&narrowed, " 1  2 "), Ok(()));
    assert_eq!(check(&narrowed, "1 2 3"), Err(Clause::MaxLength));
    assert_eq!(check(&narrowed, "-1"), Err(Clause::Pattern));
}

#[test]
fn an_item_is_atomic_or_a_union_of_atomic_types() {
    let list = SimpleType::builtin("NMTOKENS").unwrap();
    let union = SimpleType::union(&[made("integer"), Arc::clone(&list)], None).unwrap();
    let fault = Err(SimpleTypeFault::ItemNotAtomic);
    assert_eq!(SimpleType::list(&list, None).map(drop), fault);
    assert_eq!(SimpleType::list(&union, None).map(drop), fault);
    assert_eq!(SimpleType::list(&made("anySimpleType"), None).map(drop), fault);
    let atoms = SimpleType::union(&[made("integer"), made("boolean")], None).unwrap();
    let list = SimpleType::list(&atoms, None).unwrap();
    assert_eq!(check(&list, "1 true 2"), Ok(()));
    assert_eq!(check(&list, "1 x"), Err(Clause::DatatypeList));
}

#[test]
fn unions_try_their_members_in_order() {
    let union =
        SimpleType::union(&[made("integer"), made("NMTOKEN"), made("string enumeration=_x_")], None).unwrap();
    for literal in ["1", " a ", " x "] {
        assert_eq!(check(&union, literal), Ok(()), "{literal:?}");
    }
    assert_eq!(check(&union, "a b"), Err(Clause::DatatypeUnion));
    let mut scratch = Scratch::default();
    let accepting = |literal, scratch: &mut Scratch| {
        union.accepting(literal, &NoNamespaces, scratch).and_then(SimpleType::name).map(str::to_owned)
    };
    assert_eq!(accepting("1", &mut scratch).as_deref(), Some("integer"));
    assert_eq!(accepting("a", &mut scratch).as_deref(), Some("NMTOKEN"));
    let narrowed = restrict(&union, "pattern=[1a]+ enumeration=1 enumeration=a").unwrap();
    assert_eq!(check(&narrowed, "01"), Err(Clause::Pattern));
    assert_eq!(check(&narrowed, " 1 "), Ok(()));
    assert_eq!(check(&narrowed, "11"), Err(Clause::Enumeration));
    assert_eq!(SimpleType::union(&[], None).map(drop), Err(SimpleTypeFault::NoMembers));
}

#[test]
fn an_enumerated_union_compares_values_of_the_member_found() {
    let union = SimpleType::union(&[made("string enumeration=5"), made("int")], None).unwrap();
    let narrowed = restrict(&union, "enumeration=5").unwrap();
    assert_eq!(check(&narrowed, "5"), Ok(()));
    // With its blanks it is no string of the first member, so it is the number five, not the text.
    assert_eq!(check(&union, " 5 "), Ok(()));
    assert_eq!(check(&narrowed, " 5 "), Err(Clause::Enumeration));
}

#[test]
fn unions_within_unions_are_flattened_unless_they_have_facets() {
    let inner = SimpleType::union(&[made("integer"), made("boolean")], None).unwrap();
    let narrowed = restrict(&inner, "pattern=1").unwrap();
    let flat = SimpleType::union(&[inner, made("date")], None).unwrap();
    assert_eq!(flat.members().len(), 3);
    let kept = SimpleType::union(&[narrowed, made("date")], None).unwrap();
    assert_eq!(kept.members().len(), 2);
    assert_eq!(check(&kept, "1"), Ok(()));
    assert_eq!(check(&kept, "2"), Err(Clause::DatatypeUnion));
}

#[test]
fn values_are_compared_not_literals() {
    let value = |recipe: &str, literal: &str| made(recipe).value(literal, &NoNamespaces).unwrap();
    assert_eq!(value("decimal", "1.0"), value("integer", " 1 "));
    assert_ne!(value("string", "1"), value("integer", "1"));
    assert_ne!(value("string", " 1"), value("string", "1"));
    assert_eq!(value("NMTOKENS", "a  b"), value("NMTOKENS", "a b"));
    assert_ne!(value("NMTOKENS", "a"), value("NMTOKEN", "a"));
    assert!(made("integer").value("x", &NoNamespaces).is_err());
    let key = |recipe: &str, literal: &str| {
        let mut out = Vec::new();
        made(recipe).canonical_key(literal, &NoNamespaces, &mut out).unwrap();
        out
    };
    for (recipe, literal) in
        [("integer", " 01"), ("string", " a"), ("NMTOKENS", "a  b"), ("date", "2026-11-23Z")]
    {
        let mut out = Vec::new();
        value(recipe, literal).write_key(&mut out);
        assert_eq!(key(recipe, literal), out, "{recipe} {literal}");
    }
    let union = SimpleType::union(&[made("integer"), made("string")], None).unwrap();
    assert_eq!(union.value("01", &NoNamespaces).unwrap(), value("decimal", "1"));
    assert_eq!(union.value("x", &NoNamespaces).unwrap(), value("string", "x"));
}

#[test]
fn facets_must_apply() {
    faulty("boolean enumeration=true", &["cos-applicable-facets"]);
    faulty("string totalDigits=1 minInclusive=a", &["cos-applicable-facets", "cos-applicable-facets"]);
    faulty("double length=1", &["cos-applicable-facets"]);
    faulty("date fractionDigits=1", &["cos-applicable-facets"]);
    faulty("NMTOKENS minInclusive=a", &["cos-applicable-facets"]);
    faulty("anySimpleType length=1", &["cos-st-restricts.1.1"]);
    faulty("string length=1 length=1", &["src-single-facet-value"]);
    let union = SimpleType::union(&[made("string")], None).unwrap();
    assert_eq!(restrict(&union, "length=1").unwrap_err()[0].rule.code(), "cos-applicable-facets");
    assert_eq!(restrict(&union, "whiteSpace=collapse").unwrap_err()[0].rule.code(), "cos-applicable-facets");
}

#[test]
fn lengths_only_tighten() {
    made("string minLength=1; minLength=2; maxLength=5; maxLength=5");
    made("string minLength=2 maxLength=5; length=3");
    made("string length=3; length=3");
    made("string minLength=2; length=3; minLength=2");
    made("string maxLength=99999999999999999999999999");
    faulty("string minLength=2; minLength=1", &["minLength-valid-restriction"]);
    faulty("string maxLength=2; maxLength=3", &["maxLength-valid-restriction"]);
    faulty("string length=2; length=3", &["length-valid-restriction"]);
    faulty("string minLength=3 maxLength=2", &["minLength-less-than-equal-to-maxLength"]);
    faulty("string length=3 minLength=2", &["length-minLength-maxLength.1"]);
    faulty("string length=3 maxLength=3", &["length-minLength-maxLength.2"]);
    faulty("string length=3; maxLength=3", &["length-minLength-maxLength.2"]);
    faulty("string minLength=2; length=1", &["length-minLength-maxLength.1"]);
    faulty("string minLength=2; length=3; minLength=3", &["length-minLength-maxLength.1"]);
    faulty("string maxLength!2; maxLength=1", &["maxLength-fixed"]);
    made("string maxLength!2; maxLength=2");
    faulty("string length=-1", &["s4s-att-value"]);
    faulty("string length=", &["s4s-att-value"]);
    faulty("string maxLength=1.0", &["s4s-att-value"]);
}

#[test]
fn digits_only_tighten() {
    made("decimal totalDigits=5 fractionDigits=2; totalDigits=4 fractionDigits=0");
    made("integer fractionDigits=0");
    faulty("decimal totalDigits=5; totalDigits=6", &["totalDigits-valid-restriction"]);
    faulty("decimal fractionDigits=2; fractionDigits=3", &["fractionDigits-valid-restriction"]);
    faulty("decimal totalDigits=2 fractionDigits=3", &["fractionDigits-totalDigits"]);
    faulty("integer fractionDigits=1", &["fractionDigits-valid-restriction"]);
    faulty("decimal totalDigits=0", &["s4s-att-value"]);
}

#[test]
fn bounds_only_tighten() {
    made(
        "integer minInclusive=1 maxInclusive=9; minExclusive=1 maxExclusive=9; minInclusive=2 maxInclusive=8",
    );
    made("integer maxExclusive=9; maxExclusive=9");
    made("integer minInclusive=5 maxInclusive=5");
    made("integer minExclusive=5 maxExclusive=5");
    faulty("integer maxInclusive=9; maxInclusive=10", &["maxInclusive-valid-restriction.1"]);
    faulty("integer maxExclusive=9; maxInclusive=9", &["maxInclusive-valid-restriction.2"]);
    faulty("integer minInclusive=5; maxInclusive=4", &["maxInclusive-valid-restriction.3"]);
    faulty("integer maxInclusive=9; maxExclusive=10", &["maxExclusive-valid-restriction.2"]);
    faulty("integer maxExclusive=9; maxExclusive=10", &["maxExclusive-valid-restriction.1"]);
    faulty("integer minInclusive=1; minInclusive=0", &["minInclusive-valid-restriction.1"]);
    faulty("integer minExclusive=1; minInclusive=1", &["minInclusive-valid-restriction.3"]);
    faulty("integer minInclusive=1; minExclusive=0", &["minExclusive-valid-restriction.3"]);
    faulty("integer maxExclusive=9; minExclusive=9", &["minExclusive-valid-restriction.4"]);
    faulty("integer maxInclusive=9 maxExclusive=10", &["maxInclusive-maxExclusive"]);
    faulty("integer minInclusive=1 minExclusive=0", &["minInclusive-minExclusive"]);
    faulty("integer minInclusive=2 maxInclusive=1", &["minInclusive-less-than-equal-to-maxInclusive"]);
    faulty("integer minExclusive=2 maxExclusive=1", &["minExclusive-less-than-equal-to-maxExclusive"]);
    faulty("integer minExclusive=1 maxInclusive=1", &["minExclusive-less-than-maxInclusive"]);
    faulty("integer minInclusive=1 maxExclusive=1", &["minInclusive-less-than-maxExclusive"]);
    faulty("date minInclusive=2026-01-01; minInclusive=2026-01-01Z", &["minInclusive-valid-restriction.1"]);
    faulty("byte maxInclusive=128", &["maxInclusive-valid-restriction.1"]);
    faulty("integer maxInclusive=1.0", &["maxInclusive-value"]);
    faulty("decimal totalDigits=2; maxInclusive=100", &["maxInclusive-value"]);
    faulty("integer maxInclusive!9; maxInclusive=8", &["maxInclusive-fixed"]);
}

#[test]
fn other_facets_are_checked_when_declared() {
    faulty("string pattern=[ pattern=(", &["src-pattern-value", "src-pattern-value"]);
    faulty("string pattern=a{1000001}", &["limit.pattern_repeat_max"]);
    faulty("integer enumeration=1 enumeration=x enumeration=1.0", &["enumeration-valid-restriction"; 2]);
    faulty("string enumeration=a; enumeration=b", &["enumeration-valid-restriction"]);
    faulty("string maxLength=1; enumeration=ab", &["enumeration-valid-restriction"]);
    faulty("QName enumeration=p:a", &["enumeration-valid-restriction"]);
    faulty("token whiteSpace=replace", &["whiteSpace-valid-restriction.1"]);
    faulty("normalizedString whiteSpace=preserve", &["whiteSpace-valid-restriction.2"]);
    faulty("decimal whiteSpace=replace", &["whiteSpace-valid-restriction.1"]);
    faulty("string whiteSpace=trim", &["s4s-att-value"]);
    made("decimal whiteSpace=collapse");
    faulty("string maxLength=x pattern=[ minLength=3", &["s4s-att-value", "src-pattern-value"]);
}

#[test]
fn a_fault_names_its_facet() {
    let faults = build("string pattern=a maxLength=x pattern=[").unwrap_err();
    let mut indices: Vec<_> = faults.iter().map(|fault| fault.facet).collect();
    indices.sort();
    assert_eq!(indices, [Some(1), Some(2)]);
}

#[test]
fn derivation_is_known_by_identity() {
    let integer = made("integer");
    let narrowed = restrict(&integer, "maxInclusive=9").unwrap();
    assert!(narrowed.is_derived_from(&integer));
    assert!(narrowed.is_derived_from(&made("decimal")));
    assert!(narrowed.is_derived_from(&made("anySimpleType")));
    assert!(narrowed.is_derived_from(&narrowed));
    assert!(!integer.is_derived_from(&narrowed));
    let union = SimpleType::union(&[made("decimal"), made("date")], None).unwrap();
    assert!(narrowed.is_derived_from(&union));
    assert!(!made("string").is_derived_from(&union));
    assert!(union.is_derived_from(&made("anySimpleType")));
}

fn identifiers(simple_type: &SimpleType, literal: &str) -> Vec<(IdKind, String)> {
    let mut found = Vec::new();
    simple_type.visit_identifiers(literal, &NoNamespaces, &mut Scratch::default(), &mut |kind, name| {
        found.push((kind, name.to_owned()));
    });
    found
}

#[test]
fn identifiers_are_found_in_whatever_holds_them() {
    let kind = |name| SimpleType::builtin(name).unwrap().id_kind();
    assert_eq!(kind("NCName"), IdKind::None);
    assert_eq!((kind("ID"), kind("IDREF"), kind("IDREFS")), (IdKind::Id, IdKind::Idref, IdKind::Idrefs));
    assert_eq!((kind("ENTITY"), kind("ENTITIES")), (IdKind::Entity, IdKind::Entities));
    assert_eq!(made("ID maxLength=3").id_kind(), IdKind::Id);
    assert_eq!(identifiers(&made("ID"), " a "), [(IdKind::Id, "a".to_owned())]);
    assert_eq!(identifiers(&made("IDREFS"), "a b").len(), 2);
    assert_eq!(identifiers(&made("NCName"), "a"), []);
    let union = SimpleType::union(&[made("integer"), made("IDREF")], None).unwrap();
    assert_eq!(union.id_kind(), IdKind::Varies);
    assert_eq!(identifiers(&union, "1"), []);
    assert_eq!(identifiers(&union, "a"), [(IdKind::Idref, "a".to_owned())]);
    let list = SimpleType::list(&union, None).unwrap();
    assert_eq!(identifiers(&list, "1 a 2 b").len(), 2);
}

#[test]
fn notation_wants_an_enumeration() {
    assert!(made("NOTATION").lacks_notation_enumeration());
    assert!(!made("NOTATION enumeration=jpeg").lacks_notation_enumeration());
    assert!(!made("QName").lacks_notation_enumeration());
}

#[track_caller]
fn says(recipe: &str, literal: &str, expected: &str) {
    let simple_type = made(recipe);
    let fault = simple_type.check(literal, &NoNamespaces, &mut Scratch::default()).unwrap_err();
    assert_eq!(fault.sentence(&simple_type, literal), expected);
}

#[test]
fn sentences_are_for_people() {
    says("decimal", "12,50", "`12,50` is not a decimal number such as 12.50");
    says("date", "23.11.2026", "`23.11.2026` is not a date such as 2026-11-23");
    says("date", "2026-02-30", "`2026-02-30` names a day that does not exist");
    says("date", "", "an empty value is not a date such as 2026-11-23");
    says("string maxLength=3", "abcd", "`abcd` has 4 characters, expected at most 3 characters");
    says("string minLength=1", "", "an empty value has 0 characters, expected at least 1 character");
    says("positiveInteger", "0", "`0` is out of range, expected 1 or more");
    says(
        "string pattern=\\d{13}",
        "12",
        r"`12` does not have the required form, expected a match of the pattern `\d{13}`",
    );
    says(
        "decimal fractionDigits=2",
        "1.234",
        "`1.234` has too many digits, expected at most 2 digits behind the decimal point",
    );
    says("string enumeration=a enumeration=b", "c", "`c` is not an allowed value, expected one of `a`, `b`");
    says("IDREFS", "a 1", "item 2, `1`, is not the identifier of another element");
    says(
        "string maxLength=1",
        &"x".repeat(100),
        &format!("`{}…` has 100 characters, expected at most 1 character", "x".repeat(60)),
    );
}

#[test]
fn a_long_code_list_is_shortened_to_the_nearest() {
    let codes: Vec<String> = (100..300).map(|code| format!("enumeration={code}")).collect();
    let simple_type = made(&format!("string {}", codes.join(" ")));
    let fault = simple_type.check("1777", &NoNamespaces, &mut Scratch::default()).unwrap_err();
    let expected = fault.expected(&simple_type, "1777");
    assert!(expected.starts_with("one of 200 values, such as `177`, "), "{expected}");
    assert_eq!(expected.matches('`').count(), 16);
}

#[test]
fn a_union_has_a_limit_of_members_however_they_come_together() {
    let union = |members: &[Arc<SimpleType>]| SimpleType::union(members, None);
    let date = SimpleType::builtin("date").unwrap();
    let half = union(&vec![Arc::clone(&date); MEMBERS_MAX / 2]).unwrap();
    let whole = union(&[Arc::clone(&half), Arc::clone(&half)]).unwrap();
    assert_eq!(whole.members().len(), MEMBERS_MAX);
    assert_eq!(
        union(&[half, whole, date]).map(drop),
        Err(SimpleTypeFault::TooManyMembers { max: MEMBERS_MAX })
    );
}

//! Equality across types, order between values, keys.

use super::*;

fn key(primitive: Primitive, text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    Grammar::Primitive(primitive).value(text, &NoNamespaces).expect("a value").write_key(&mut out);
    out
}

#[test]
fn equal_values_have_equal_keys() {
    let equal = [
        (Primitive::Decimal, "1.0", "+01.00"),
        (Primitive::Decimal, "-0", "0"),
        (Primitive::Float, "1e1", "10"),
        (Primitive::Double, "-0", "0.0"),
        (Primitive::Boolean, "1", "true"),
        (Primitive::HexBinary, "ab", "AB"),
        (Primitive::Base64Binary, "TWFu", "T W F u"),
        (Primitive::DateTime, "2000-01-01T00:00:00Z", "2000-01-01T01:00:00+01:00"),
        (Primitive::Duration, "P1Y", "P12M"),
        (Primitive::QName, "a", "a"),
    ];
    for (primitive, a, b) in equal {
        assert_eq!(key(primitive, a), key(primitive, b), "{a} {b}");
    }
}

#[test]
fn different_values_have_different_keys() {
    let all = [
        (Primitive::String, "1"),
        (Primitive::String, "1.0"),
        (Primitive::String, ""),
        (Primitive::Decimal, "1"),
        (Primitive::Decimal, "11"),
        (Primitive::Decimal, "1.1"),
        (Primitive::Decimal, "-1"),
        (Primitive::Float, "1"),
        (Primitive::Double, "1"),
        (Primitive::Boolean, "1"),
        (Primitive::HexBinary, "31"),
        (Primitive::Base64Binary, "MQ=="),
        (Primitive::AnyUri, "1"),
        (Primitive::GYear, "2000"),
        (Primitive::Date, "2000-01-01"),
        (Primitive::Date, "2000-01-01Z"),
        (Primitive::DateTime, "2000-01-01T00:00:00"),
        (Primitive::QName, "a"),
        (Primitive::Notation, "a"),
    ];
    let keys: Vec<_> = all.iter().map(|(primitive, text)| key(*primitive, text)).collect();
    for (at, one) in keys.iter().enumerate() {
        for (other_at, other) in keys.iter().enumerate().filter(|(other_at, _)| *other_at != at) {
            assert!(!other.starts_with(one), "{:?} {:?}", all[at], all[other_at]);
        }
    }
}

#[test]
fn lengths_are_written_in_sevens() {
    let length = |length| {
        let mut out = Vec::new();
        write_length(length, &mut out);
        out
    };
    assert_eq!(length(0), [0]);
    assert_eq!(length(127), [127]);
    assert_eq!(length(128), [0x80, 1]);
    assert_eq!(length(300), [0xAC, 2]);
}

#[test]
fn values_of_different_types_are_incomparable() {
    let value = |primitive, text| Grammar::Primitive(primitive).value(text, &NoNamespaces).unwrap();
    assert_eq!(value(Primitive::Float, "1").compare(&value(Primitive::Double, "1")), None);
    assert_eq!(value(Primitive::Date, "2000-01-01").compare(&value(Primitive::GYear, "2000")), None);
    assert_eq!(value(Primitive::String, "a").compare(&value(Primitive::String, "b")), None);
    assert_eq!(
        value(Primitive::Boolean, "1").compare(&value(Primitive::Boolean, "true")),
        Some(Ordering::Equal)
    );
}

#[test]
fn a_derived_grammar_checks_before_it_values() {
    assert_eq!(Grammar::Integer.value("1.0", &NoNamespaces), Err(Lexical::Form));
    assert!(Grammar::Integer.value("10", &NoNamespaces).is_ok());
}

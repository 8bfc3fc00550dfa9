//! Schema documents and text, made of pieces.

use std::fmt::Write;

pub(super) const HEAD: &str = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">"#;

pub(super) fn one(declarations: &str) -> Vec<String> {
    vec![format!("{HEAD}{declarations}</xs:schema>")]
}

/// `piece` for each number from 0 up; `#` stands for the number, `@` for the one before it.
pub(super) fn many(count: usize, piece: &str) -> String {
    let mut text = String::new();
    for number in 0..count {
        let before = number.saturating_sub(1);
        let piece = piece.replace('#', &number.to_string()).replace('@', &before.to_string());
        text.push_str(&piece);
    }
    text
}

/// `inner` in `count` nested pairs of `open` and `close`.
pub(super) fn nested(count: usize, open: &str, inner: &str, close: &str) -> String {
    format!("{}{inner}{}", open.repeat(count), close.repeat(count))
}

/// A root element with the content model or other content of its type.
pub(super) fn root(content: &str) -> String {
    format!(r#"<xs:element name="r"><xs:complexType>{content}</xs:complexType></xs:element>"#)
}

pub(super) fn simple(name: &str, content: &str) -> String {
    format!(r#"<xs:simpleType name="{name}">{content}</xs:simpleType>"#)
}

pub(super) fn restricted(name: &str, base: &str, facets: &str) -> String {
    simple(name, &format!(r#"<xs:restriction base="{base}">{facets}</xs:restriction>"#))
}

pub(super) fn pattern(value: &str) -> String {
    one(&restricted("t", "xs:string", &format!(r#"<xs:pattern value="{value}"/>"#))).remove(0)
}

/// Groups each of which holds the next one twice; `last` is what the innermost holds.
pub(super) fn doubling(levels: usize, occurs: &str, last: &str) -> String {
    let mut text = String::new();
    for number in 0..levels {
        let next = number + 1;
        let pair = format!(r#"<xs:group ref="g{next}" {occurs}/>"#).repeat(2);
        write!(text, r#"<xs:group name="g{number}"><xs:sequence>{pair}</xs:sequence></xs:group>"#).unwrap();
    }
    write!(text, r#"<xs:group name="g{levels}"><xs:sequence>{last}</xs:sequence></xs:group>"#).unwrap();
    text + &root(r#"<xs:group ref="g0"/>"#)
}

/// An element that holds itself, of the type `t`, with constraints.
pub(super) fn recursive(constraints: &str) -> Vec<String> {
    one(&format!(
        "<xs:complexType name='t'><xs:sequence><xs:element ref='r' minOccurs='0' maxOccurs='unbounded'/>\
         </xs:sequence><xs:attribute name='a'/></xs:complexType>\
         <xs:element name='r' type='t'>{constraints}</xs:element>"
    ))
}

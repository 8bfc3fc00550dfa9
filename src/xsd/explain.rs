//! What stands around the faults of a schema document: the named component and the source line.
//!
//! The document is read a second time, and only when it has faults: what is said of them then costs
//! nothing where there are none, and is known even of places that never became a component.

use crate::xml::{ByteOffset, Cursor, Event, Excerpt, Limits, Offset, Place, Span};
use crate::xsd::namespaces::SCHEMA_NAMESPACE;

/// What a fault stands in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The named component, such as ``element `price` of complex type `Product` ``; empty outside of all.
    pub component: String,
    /// The source line; empty when it is not at hand.
    pub excerpt: Excerpt,
}

/// What stands around each of these places of a schema document, in their order.
#[must_use]
pub fn explain(document: &[u8], places: &[Place]) -> Vec<Surroundings> {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by_key(|&index| places[index].byte);
    let mut reader = Reader {
        places,
        order: &order,
        next: 0,
        open: Vec::new(),
        found: vec![Surroundings::default(); places.len()],
    };
    reader.read(document);
    reader.found
}

/// What a named element of a schema document declares, in words.
const COMPONENTS: &[(&str, &str)] = &[
    ("attribute", "attribute"),
    ("attributeGroup", "attribute group"),
    ("complexType", "complex type"),
    ("element", "element"),
    ("group", "model group"),
    ("key", "key"),
    ("keyref", "keyref"),
    ("notation", "notation"),
    ("simpleType", "simple type"),
    ("unique", "unique"),
];

struct Reader<'a> {
    places: &'a [Place],
    /// Their numbers, by byte.
    order: &'a [usize],
    /// How many of them are done with.
    next: usize,
    /// Open elements, as components where they are some.
    open: Vec<Option<String>>,
    found: Vec<Surroundings>,
}

/// A piece of markup or text.
enum Piece {
    Start(Option<String>),
    End,
    Text,
}

impl Reader<'_> {
    fn read(&mut self, document: &[u8]) {
        let mut cursor = Cursor::new(document, Limits::default());
        while let Ok(Some(mut block)) = cursor.block() {
            while let Ok(Some(event)) = block.next() {
                let (piece, span) = match &event {
                    Event::Start(tag) => (Piece::Start(component(tag)), tag.span),
                    Event::End(tag) => (Piece::End, tag.span),
                    Event::Text(text) => (Piece::Text, text.span),
                };
                if self.next == self.order.len() {
                    return;
                }
                let byte = |at: Offset| block.locate(at).byte;
                self.piece(piece, byte(span.start), byte(span.end), |place| {
                    // A place within the piece is the piece's: only its beginning is known exactly.
                    let at =
                        if place.byte == byte(span.start) { span } else { Span { end: span.start, ..span } };
                    block.excerpt(at)
                });
            }
        }
        // Reading ends early where the document is not well-formed.
        let excerpt = cursor.error_excerpt();
        self.settle(None, |_| excerpt.clone());
    }

    fn piece(
        &mut self,
        piece: Piece,
        start: ByteOffset,
        end: ByteOffset,
        excerpt: impl Fn(Place) -> Excerpt,
    ) {
        self.settle(Some(start), |_| Excerpt::default());
        match piece {
            Piece::Start(component) => {
                self.open.push(component);
                self.settle(Some(end), excerpt);
            }
            Piece::End => {
                self.settle(Some(end), excerpt);
                self.open.pop();
            }
            Piece::Text => self.settle(Some(end), excerpt),
        }
    }

    /// Answers for all places before a byte, or for all that are left.
    fn settle(&mut self, before: Option<ByteOffset>, excerpt: impl Fn(Place) -> Excerpt) {
        while let Some(&index) = self.order.get(self.next) {
            let place = self.places[index];
            if before.is_some_and(|before| place.byte >= before) {
                return;
            }
            self.found[index] = Surroundings { component: self.component(), excerpt: excerpt(place) };
            self.next += 1;
        }
    }

    /// The innermost component that is open, and the outermost.
    fn component(&self) -> String {
        let mut named = self.open.iter().flatten();
        match (named.next(), named.next_back()) {
            (None, _) => String::new(),
            (Some(only), None) => only.clone(),
            (Some(outer), Some(inner)) => format!("{inner} of {outer}"),
        }
    }
}

fn component(tag: &crate::xml::StartTag<'_>) -> Option<String> {
    if tag.name.namespace != SCHEMA_NAMESPACE {
        return None;
    }
    let (_, word) = COMPONENTS.iter().find(|(local, _)| *local == tag.name.local())?;
    Some(format!("{word} `{}`", tag.attributes.get("", "name")?.value.trim()))
}

#[cfg(test)]
mod tests {
    use super::explain;
    use crate::xml::{ByteOffset, Place};

    const DOCUMENT: &str = "<s:schema xmlns:s='http://www.w3.org/2001/XMLSchema'>
  <s:complexType name='Product'>
    <s:sequence>
      <s:element name='price' type='x'/> text
      <s:element ref='y'/>
    </s:sequence>
  </s:complexType>
  <s:simpleType name='Small'><s:restriction base='s:int'/></s:simpleType>
</s:schema>";

    /// `mark` is where the fault is.
    #[track_caller]
    fn case(document: &str, mark: &str, component: &str, underlined: &str) {
        let byte = document.find(mark).expect("the mark is there");
        let place = Place { byte: ByteOffset(byte as u64), ..Place::default() };
        let found = explain(document.as_bytes(), &[place, place]);
        assert_eq!(found[0], found[1]);
        assert_eq!(found[0].component, component);
        let excerpt = &found[0].excerpt;
        let marked: String = excerpt.text.chars().skip(excerpt.caret).take(excerpt.width).collect();
        assert_eq!(marked, underlined);
    }

    #[test]
    fn a_fault_stands_in_the_innermost_and_the_outermost_component() {
        case(DOCUMENT, "<s:schema", "", "<s:schema xmlns:s='http://www.w3.org/2001/XMLSchema'>");
        case(DOCUMENT, "<s:complexType", "complex type `Product`", "<s:complexType name='Product'>");
        case(
            DOCUMENT,
            "<s:element name",
            "element `price` of complex type `Product`",
            "<s:element name='price' type='x'/>",
        );
        case(DOCUMENT, "<s:element ref", "complex type `Product`", "<s:element ref='y'/>");
        case(DOCUMENT, "<s:restriction", "simple type `Small`", "<s:restriction base='s:int'/>");
        case(DOCUMENT, "</s:schema", "", "</s:schema>");
    }

    #[test]
    fn a_document_that_ends_early_is_explained_as_far_as_it_goes() {
        let cut = DOCUMENT.replace("ref='y'", "ref='y");
        case(
            &cut,
            "<s:element name",
            "element `price` of complex type `Product`",
            "<s:element name='price' type='x'/>",
        );
        let found = explain(cut.as_bytes(), &[Place { byte: ByteOffset(100_000), ..Place::default() }]);
        assert_eq!(found[0].component, "complex type `Product`");
        assert_eq!(explain(b"", &[Place::default()]).len(), 1);
    }
}

//! Reading a stretch of a document apart from the rest, which somebody else reads.
//!
//! ```text
//!  cursor   <shop> … <item> … </item> <item> … </item> <item> … </item> …
//!             │      └────── Stretch, copied ────────┘
//!             └ Surroundings: what is open and bound around ─▶ Apart ─▶ Block ─▶ events, at the same offsets
//! ```
//!
//! Events are those that the document's own cursor gives from the same offset on, as long as it would be between two
//! events there, inside of the same elements. Nobody has to know where an element ends: a stretch that ends too early
//! has no further events, as a block has none whose last token is cut.
//!
//! Not here: places and excerpts. Whoever reads the document has them, by offset.

use super::block::Block;
use super::encoding::Encoding;
use super::limits::Limits;
use super::name::NameTable;
use super::namespace::Bindings;
use super::open::OpenElements;
use super::position::Offset;
use super::state::DocumentState;
use super::window::Window;
use std::sync::Arc;

/// Bytes of a document, decoded.
#[derive(Clone, Debug)]
pub struct Stretch {
    pub(super) start: Offset,
    pub(super) bytes: Vec<u8>,
}

/// What a stretch stands in: open elements and bindings.
#[derive(Clone, Debug)]
pub struct Surroundings {
    limits: Limits,
    encoding: Encoding,
    names: Arc<NameTable>,
    bindings: Bindings,
    open: OpenElements,
}

impl Surroundings {
    pub(super) fn of(state: &DocumentState, encoding: Encoding) -> Self {
        Self {
            limits: state.limits,
            encoding,
            names: Arc::clone(state.names.table()),
            bindings: state.bindings.clone(),
            open: state.open.clone(),
        }
    }

    /// How many elements are open around.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.open.depth()
    }

    /// Where the innermost of them begins.
    #[must_use]
    pub fn innermost_start(&self) -> Option<Offset> {
        self.open.last().map(|(element, _)| element.start)
    }
}

/// Reads stretches that stand in the same surroundings, one after the other.
#[derive(Debug)]
pub struct Apart {
    window: Window,
    state: DocumentState,
    encoding: Encoding,
    depth: usize,
    namespaces: usize,
}

impl Apart {
    /// Ready to read what stands in these surroundings.
    #[must_use]
    pub fn new(around: &Surroundings) -> Self {
        let Surroundings { limits, encoding, names, bindings, open } = around.clone();
        Self {
            window: Window::new(0),
            encoding,
            depth: open.depth(),
            namespaces: bindings.namespaces(),
            state: DocumentState::inside(limits, names, bindings, open),
        }
    }

    /// A block of a stretch, wherever the last one ended.
    pub fn block(&mut self, stretch: Stretch) -> Block<'_> {
        self.state.return_to(self.depth);
        self.window.hold(stretch.bytes, stretch.start, self.encoding);
        Block::new(&self.window, &mut self.state)
    }

    /// Whether another stretch can be read: nothing was wrong, and no namespace was met that is new to the document,
    /// which counts them all.
    #[must_use]
    pub fn is_fit(&self) -> bool {
        !self.state.failed
            && self.state.open.depth() >= self.depth
            && self.state.bindings.namespaces() == self.namespaces
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Cursor, Event, ExpandedName, NameTableBuilder, Span};
    use super::*;

    fn told(event: &Event<'_>) -> String {
        match event {
            Event::Start(tag) => {
                let attributes: Vec<String> = tag
                    .attributes
                    .iter()
                    .map(|each| format!("{}={}@{}", each.name.expanded(), each.value, each.at.0))
                    .collect();
                format!("<{} {attributes:?} {:?}", tag.name.expanded(), tag.span)
            }
            Event::End(tag) => format!(">{} {} {:?}", tag.name.expanded(), tag.start.0, tag.span),
            Event::Text(text) => format!("{} {:?}", text.text, text.span),
        }
    }

    const DOCUMENT: &str = "<shop xmlns='urn:s' xmlns:p='urn:p'><list p:of='x'> <i p:a='1&lt;'>ü&amp;\
        <p:b/><![CDATA[</i>]]></i>\r\n\
        <i xmlns:p='urn:q'><p:b p:a=''>]</p:b></i><i/><!-- </i> --><i>last</i></list><i>out</i></shop>";

    /// What a document's own cursor tells between these offsets.
    fn whole() -> (Vec<(Offset, String)>, Surroundings) {
        let mut cursor = Cursor::new(DOCUMENT.as_bytes(), Limits::default());
        let mut names = NameTableBuilder::default();
        names.intern(ExpandedName { namespace: "urn:s", local: "i" });
        cursor.set_names(Arc::new(names.freeze()));
        let (mut events, mut around) = (Vec::new(), None);
        let mut block = cursor.block().unwrap().unwrap();
        while let Some(event) = block.next().unwrap() {
            let is_list = matches!(&event, Event::Start(tag) if tag.name.local() == "list");
            let event = told(&event);
            events.push((block.position(), event));
            if is_list {
                around = Some(block.surroundings());
            }
        }
        (events, around.unwrap())
    }

    #[test]
    fn a_stretch_has_the_events_of_its_document() {
        let (events, around) = whole();
        assert_eq!(around.depth(), 2);
        let mut cursor = Cursor::new(DOCUMENT.as_bytes(), Limits::default());
        let block = cursor.block().unwrap().unwrap();
        let mut apart = Apart::new(&around);
        // From between any two children of the list, to anywhere.
        let starts = ["> <i", "\r\n", "<i xmlns", "<i/>", "<!--", "<i>last", "</list>"];
        for start in starts.map(|text| DOCUMENT.find(text).unwrap() + usize::from(text.starts_with('>'))) {
            for end in start..=DOCUMENT.len() {
                let span = Span { start: Offset(start as u64), end: Offset(end as u64) };
                let mut stretch = apart.block(block.stretch(span).unwrap());
                let mut expected = events.iter().filter(|(behind, _)| behind.0 > start as u64);
                while let Ok(Some(event)) = stretch.next() {
                    assert_eq!(
                        Some(&told(&event)),
                        expected.next().map(|(_, event)| event),
                        "{start}..{end}"
                    );
                    if matches!(event, Event::End(_)) && stretch.depth() <= around.depth() {
                        break;
                    }
                }
                if !apart.is_fit() {
                    apart = Apart::new(&around);
                }
            }
        }
    }

    #[test]
    fn a_namespace_that_is_new_makes_it_unfit() {
        let (_, around) = whole();
        let mut apart = Apart::new(&around);
        let mut read = |text: &str| {
            let mut block = apart.block(Stretch { start: Offset(9), bytes: text.as_bytes().to_vec() });
            while block.next().is_ok_and(|event| event.is_some()) {}
            apart.is_fit()
        };
        assert!(read("<i xmlns='urn:p'/>") && read("<i") && read("<i><i><p:x xmlns:p='urn:s'>"));
        assert!(!read("<i xmlns='urn:new'/>"));
    }

    #[test]
    fn an_element_that_was_read_apart_is_passed_over() {
        let find = |text: &str| Offset(DOCUMENT.find(text).unwrap() as u64);
        let list = find("<list");
        let ends = [(find("<i p:a"), find("\r\n<i")), (find("<i/>"), find("<!-- <"))];
        let mut cursor = Cursor::new(DOCUMENT.as_bytes(), Limits::default());
        let mut block = cursor.block().unwrap().unwrap();
        let mut names = Vec::new();
        while let Some(event) = block.next().unwrap() {
            let Event::Start(tag) = event else { continue };
            let (name, start) = (tag.name.local().to_owned(), tag.span.start);
            names.push(name);
            if let Some((_, end)) = ends.iter().find(|(at, _)| *at == start) {
                assert_eq!(block.last_start_tag().span.start, start);
                assert_eq!(block.parent_start(), Some(list));
                block.pass_to(*end);
                assert_eq!(block.innermost_start(), Some(list));
            }
        }
        assert_eq!(names, ["shop", "list", "i", "i", "b", "i", "i", "i"]);
    }
}

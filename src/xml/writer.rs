//! Markup on its way out: elements, attributes and text that are well-formed whatever stands in them.
//!
//! Everything is escaped on the way, a character that XML 1.0 does not allow becomes U+FFFD, and an
//! element that was begun is ended by its name.

use super::character::is_char;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use std::borrow::Cow;
use std::io::{self, Write};

/// How markup is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Each element on a line of its own, indented by its depth; text stays as it is.
    Indented,
    /// As it comes.
    Plain,
}

/// Writes markup.
pub struct MarkupWriter<W: Write> {
    writer: Writer<W>,
    open: Vec<&'static str>,
}

impl<W: Write> MarkupWriter<W> {
    /// Writes to `out`.
    pub fn new(out: W, layout: Layout) -> Self {
        let writer = match layout {
            Layout::Indented => Writer::new_with_indent(out, b' ', 2),
            Layout::Plain => Writer::new(out),
        };
        Self { writer, open: Vec::new() }
    }

    /// The XML declaration.
    pub fn declaration(&mut self) -> io::Result<()> {
        self.writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))
    }

    /// Begins an element.
    pub fn start(&mut self, name: &'static str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.open.push(name);
        self.writer.write_event(Event::Start(tag(name, attributes)))
    }

    /// Ends the element that was begun last.
    ///
    /// # Panics
    /// When none is open.
    pub fn end(&mut self) -> io::Result<()> {
        let name = self.open.pop().expect("as many ends as starts");
        self.writer.write_event(Event::End(BytesEnd::new(name)))
    }

    /// An element without content.
    pub fn empty(&mut self, name: &'static str, attributes: &[(&str, &str)]) -> io::Result<()> {
        self.writer.write_event(Event::Empty(tag(name, attributes)))
    }

    /// Text in the element that is open.
    pub fn text(&mut self, text: &str) -> io::Result<()> {
        self.writer.write_event(Event::Text(BytesText::new(&allowed(text))))
    }

    /// An element that has text only.
    pub fn element(&mut self, name: &'static str, attributes: &[(&str, &str)], text: &str) -> io::Result<()> {
        self.start(name, attributes)?;
        self.text(text)?;
        self.end()
    }

    /// Ends the last line and sees that everything is written.
    pub fn finish(&mut self) -> io::Result<()> {
        self.writer.get_mut().write_all(b"\n")?;
        self.writer.get_mut().flush()
    }
}

fn tag<'a>(name: &'static str, attributes: &[(&'a str, &'a str)]) -> BytesStart<'a> {
    let mut tag = BytesStart::new(name);
    for (name, value) in attributes {
        tag.push_attribute((*name, allowed(value)));
    }
    tag
}

fn allowed(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_char) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if is_char(c) { c } else { '\u{FFFD}' }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(say: impl FnOnce(&mut MarkupWriter<&mut Vec<u8>>) -> io::Result<()>, expected: &str) {
        let mut out = Vec::new();
        say(&mut MarkupWriter::new(&mut out, Layout::Plain)).expect("writes to memory");
        assert_eq!(String::from_utf8(out).expect("text"), expected);
    }

    #[test]
    fn nothing_breaks_out_of_text_or_attribute() {
        case(|xml| xml.element("a", &[], "x]]><b>&amp;"), "<a>x]]&gt;&lt;b&gt;&amp;amp;</a>");
        case(|xml| xml.empty("a", &[("b", "\"'><&")]), "<a b=\"&quot;&apos;&gt;&lt;&amp;\"/>");
    }

    #[test]
    fn what_xml_does_not_allow_is_replaced() {
        case(
            |xml| xml.element("a", &[], "\0\u{1b}[m\u{fffe}\u{ffff}"),
            "<a>\u{fffd}\u{fffd}[m\u{fffd}\u{fffd}</a>",
        );
        case(|xml| xml.empty("a", &[("b", "\u{8}")]), "<a b=\"\u{fffd}\"/>");
    }

    #[test]
    fn elements_end_by_their_names() {
        let nested = |xml: &mut MarkupWriter<&mut Vec<u8>>| {
            xml.start("a", &[])?;
            xml.start("b", &[("c", "d")])?;
            xml.end()?;
            xml.end()
        };
        case(nested, "<a><b c=\"d\"></b></a>");
    }
}

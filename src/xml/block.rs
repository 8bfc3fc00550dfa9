//! A block: events out of the bytes that are at hand.
//!
//! Common tokens are taken as they are, quick-xml finds the others; what both let pass and XML 1.0
//! forbids is refused here. Nothing is kept between two tokens but how much is consumed, so every token
//! may be found either way. A look that is nearly never needed costs nearly nothing: one pass over the
//! window says where the next byte stands that could be a forbidden character, a carriage return or
//! `]]>`, and every token that ends before it is known to be plain.

use super::alien::{self, Alien};
use super::apart::{Stretch, Surroundings};
use super::attributes::AttributeList;
use super::character::{first_forbidden, is_qname, is_space, next_suspicious, normalise_line_ends};
use super::common::{Common, Tag, valid_utf8};
use super::control::control_in;
use super::cursor::{RootAttribute, RootTag, limit_of};
use super::declaration;
use super::doctype::{self, Doctype, DoctypeFault};
use super::encoding::{Encoding, SNIFFED_BYTES};
use super::error::{Opened, Piece, XmlError, XmlErrorKind, quoted};
use super::event::{EndTag, Event, Name, StartTag, Text};
use super::limits::Limit;
use super::markup::{misplaced_hyphens, open_quote, piece, refused_markup, swallows_end, wrong_target};
use super::namespace::Bindings;
use super::open::OpenElement;
use super::position::{Offset, Place, Span};
use super::reference;
use super::state::{DocumentState, PassedDoctype, Stage};
use super::window::{Excerpt, Window};
use quick_xml::Reader;
use quick_xml::encoding::EncodingError;
use quick_xml::errors::Error;
use quick_xml::events::{BytesStart, Event as Token};
use std::borrow::Cow;

/// A stretch of a document, parsed from memory.
#[derive(Debug)]
pub struct Block<'c> {
    window: &'c Window,
    state: &'c mut DocumentState,
    /// The bytes from `valid_from` on, as far as they are UTF-8; empty after an error.
    valid: &'c str,
    valid_from: usize,
    /// The start tag that was handed out last, if it has attributes.
    tag: &'c str,
    /// The text that was handed out last, if it is as written.
    text: &'c str,
    /// Where the event that was handed out last stands.
    span: Span,
    /// No byte before this index needs a closer look.
    plain_to: usize,
}

/// What comes next; the event itself is made from what the block and its state hold.
///
/// Kept apart from [`Event`], which is large: made in one place, where it is wanted, it is never
/// copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Start,
    End,
    /// As written.
    Text,
    /// As in the scratch buffer.
    Scratch,
    /// Nothing more in this block.
    Done,
}

/// What kind of characters are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// Text, where `]]>` is forbidden.
    Text,
    /// Anything else.
    Markup,
}

impl<'c> Block<'c> {
    pub(super) fn new(window: &'c Window, state: &'c mut DocumentState) -> Self {
        let valid_from = state.consumed;
        let plain_to = next_suspicious(window.bytes(), valid_from);
        let valid = valid_utf8(&window.bytes()[valid_from..]);
        Self { window, state, valid, valid_from, tag: "", text: "", span: Span::default(), plain_to }
    }

    /// The next event; `None` when this block has no more, the cursor may have another.
    #[expect(clippy::should_implement_trait, reason = "events are lent until the next pull, items are not")]
    #[expect(clippy::inline_always, reason = "an event copied on its way out costs a tenth of the speed")]
    #[inline(always)]
    pub fn next(&mut self) -> Result<Option<Event<'_>>, XmlError> {
        let step = self.advance()?;
        Ok(self.event(step))
    }

    #[expect(clippy::inline_always, reason = "an event copied on its way out costs a tenth of the speed")]
    #[inline(always)]
    fn event(&self, step: Next) -> Option<Event<'_>> {
        let span = self.span;
        Some(match step {
            Next::Start => {
                let (name, element) = self.innermost();
                let bindings = &self.state.bindings;
                let at = Offset(element.start.0 + 1);
                let attributes =
                    AttributeList { parsed: &self.state.attributes, tag: self.tag, at, bindings };
                Event::Start(StartTag { name, attributes, span, bindings })
            }
            Next::End => {
                let (name, element) = self.innermost();
                Event::End(EndTag { name, span, start: element.start, bindings: &self.state.bindings })
            }
            Next::Text => Event::Text(Text { text: self.text, span }),
            Next::Scratch => Event::Text(Text { text: &self.state.scratch, span }),
            Next::Done => return None,
        })
    }

    #[inline]
    fn innermost(&self) -> (Name<'_>, &OpenElement) {
        let (element, qname) = self.state.open.last().expect("an element that starts or ends is open");
        let namespace = self.state.bindings.namespace(element.resolved.namespace);
        (Name { id: element.resolved.id, qname, namespace }, element)
    }

    /// Moves on to the next event.
    fn advance(&mut self) -> Result<Next, XmlError> {
        self.state.settle();
        if let Some(at) = self.state.owed.take() {
            self.span = Span { start: at, end: at };
            self.state.closing = true;
            return Ok(Next::End);
        }
        let start = self.state.consumed;
        match self.common(start) {
            Some(Common::Text(text)) => {
                self.text = text;
                self.text(start, start + text.len())
            }
            Some(Common::Start(tag)) => self.start_tag(tag, start, start + tag.content.len() + 2),
            Some(Common::End(bytes)) => self.end_of_innermost(start, start + bytes),
            Some(Common::Empty(tag)) => self.empty_tag(tag, start, start + tag.content.len() + 3),
            Some(Common::Reference(name)) => self.reference(name, start, start + name.len() + 2),
            None => self.other(),
        }
    }

    /// The next token, if it is a common one.
    #[inline]
    fn common(&self, start: usize) -> Option<Common<'c>> {
        #[cfg(any(test, fuzzing))]
        if self.state.tokens == super::state::Tokens::ByReader {
            return None;
        }
        let common = || Common::first(self.rest(start), &self.state.open);
        if self.state.stage == Stage::Content { common() } else { None }
    }

    /// What is valid from `start` on.
    #[inline]
    fn rest(&self, start: usize) -> &'c str {
        self.valid.get(start - self.valid_from..).unwrap_or_default()
    }

    /// Moves on to the next event by the reader.
    #[cold]
    fn other(&mut self) -> Result<Next, XmlError> {
        if self.state.failed || self.state.starved {
            return Ok(Next::Done);
        }
        let mut reader = reader(&self.window.bytes()[self.state.consumed..]);
        loop {
            let start = self.state.consumed;
            let token = reader.read_event();
            let end = self.window.ready() - reader.get_ref().len();
            match token {
                Ok(Token::Start(tag)) => return self.start_tag(self.valid_tag(&tag, start), start, end),
                Ok(Token::Empty(tag)) => return self.empty_tag(self.valid_tag(&tag, start), start, end),
                Ok(Token::End(tag)) => return self.end_tag(tag.name().as_ref(), start, end),
                Ok(Token::Text(text)) => {
                    if self.is_cut(end) {
                        return self.starve(start);
                    }
                    if self.state.stage == Stage::Content {
                        self.text = borrowed(&text.into_inner());
                        return self.text(start, end);
                    }
                    self.outside(start, end)?;
                }
                Ok(Token::CData(text)) if self.state.stage == Stage::Content => {
                    // An empty section is no character data.
                    self.text = borrowed(&text.into_inner());
                    if !self.text.is_empty() {
                        return self.cdata(start, end);
                    }
                    self.accept(start, end, Limit::TextBytes)?;
                }
                Ok(Token::GeneralRef(name)) if self.state.stage == Stage::Content => {
                    return self.reference(borrowed(&name.into_inner()), start, end);
                }
                Ok(Token::Eof) => return self.withheld(start),
                Ok(other) => self.pass_over(&other, start, end)?,
                Err(error) => return self.interrupted(&error, start, end),
            }
        }
    }

    /// A tag of the reader, which begins at `start`; it has seen that it is UTF-8.
    fn valid_tag(&self, tag: &BytesStart<'_>, start: usize) -> Tag<'c> {
        Tag { content: &self.rest(start + 1)[..tag.len()], name_bytes: tag.name().as_ref().len() }
    }

    /// The start tag of the root, if it is complete, without moving on.
    pub(super) fn peek_root(&mut self) -> Result<Option<RootTag>, XmlError> {
        if self.state.stage != Stage::Prolog {
            let what = "the root was read before it was looked at";
            return Err(self.error(self.state.consumed, XmlErrorKind::OutOfOrder { what }));
        }
        let step = self.advance()?;
        let Some(Event::Start(tag)) = self.event(step) else { return Ok(None) };
        let owned = |(prefix, name): (&str, &str)| (prefix.to_owned(), name.to_owned());
        let root = RootTag {
            name: tag.name.qname.to_owned(),
            namespace: tag.name.namespace.to_owned(),
            attributes: tag.attributes.iter().map(RootAttribute::from).collect(),
            bindings: tag.bindings.in_scope().map(owned).collect(),
            doctype: self.state.doctype.as_ref().and_then(|passed| passed.external.clone()),
            place: self.locate(tag.span.start),
            encoding: self.window.encoding,
        };
        let start = self.window.index(tag.span.start).expect("a token is in the window");
        self.state.take_back_root(start);
        Ok(Some(root))
    }

    /// Where a position stands in the source. Exact for everything in this block, everything since
    /// the mark, and the beginning of every open element; other positions are moved into the block.
    #[must_use]
    pub fn locate(&self, at: Offset) -> Place {
        let known = if self.window.holds(at) { None } else { self.state.open.place(at) };
        known.unwrap_or_else(|| self.window.locate(at))
    }

    /// Whether [`locate`](Self::locate) is exact for a position.
    #[must_use]
    pub fn is_at_hand(&self, at: Offset) -> bool {
        self.window.holds(at) || self.state.open.place(at).is_some()
    }

    /// Whether control characters of the second set stand somewhere in the bytes of this block, as they are;
    /// references to them are not looked for.
    #[must_use]
    pub fn has_controls(&self) -> bool {
        control_in(self.valid).is_some()
    }

    /// How lines end here, by the first that does: `LF`, `CRLF` or `CR`; empty when none ends.
    #[must_use]
    pub fn line_ends(&self) -> &'static str {
        let bytes = self.valid.as_bytes();
        match memchr::memchr2(b'\n', b'\r', bytes).map(|at| &bytes[at..]) {
            None => "",
            Some([b'\n', ..]) => "LF",
            Some([b'\r', b'\n', ..]) => "CRLF",
            Some(_) => "CR",
        }
    }

    /// The source line around a span, cut, for a caret below it; empty when it is not at hand.
    #[must_use]
    pub fn excerpt(&self, span: Span) -> Excerpt {
        self.window.excerpt(span)
    }

    /// The start tag that was handed out last, as long as nothing else was.
    #[must_use]
    pub fn last_start_tag(&self) -> StartTag<'_> {
        match self.event(Next::Start) {
            Some(Event::Start(tag)) => tag,
            _ => unreachable!("it was asked for"),
        }
    }

    /// Passes over the rest of the element whose start tag was handed out last: it was read apart, and ends at `end`,
    /// in this block. What is handed out next stands behind it.
    ///
    /// # Panics
    /// When that is not in this block.
    pub fn pass_to(&mut self, end: Offset) {
        let end = self.window.index(end).filter(|&end| end <= self.window.ready());
        self.state.consumed = end.expect("what is passed over is in the block");
        self.state.owed = None;
        self.state.closing = true;
    }

    /// Where the innermost element begins that is open behind the last event.
    pub fn innermost_start(&mut self) -> Option<Offset> {
        self.state.settle();
        self.state.open.last().map(|(element, _)| element.start)
    }

    /// Where the element begins that is around the innermost one.
    #[must_use]
    pub fn parent_start(&self) -> Option<Offset> {
        self.state.open.parent().map(|element| element.start)
    }

    /// What stands around the next event.
    pub fn surroundings(&mut self) -> Surroundings {
        self.state.settle();
        Surroundings::of(self.state, self.window.encoding)
    }

    /// A copy of a stretch of this block, to be read [apart](super::Apart); `None` of one that is not in it.
    #[must_use]
    pub fn stretch(&self, span: Span) -> Option<Stretch> {
        let bytes = self.window.bytes().get(self.window.index(span.start)?..self.window.index(span.end)?)?;
        Some(Stretch { start: span.start, bytes: bytes.to_vec() })
    }

    /// Where these bytes stand in the block, from an offset on, whatever they are part of.
    pub fn find<'a>(&'a self, bytes: &'a [u8], from: Offset) -> impl Iterator<Item = Span> + 'a {
        let from = self.window.index(from).unwrap_or(self.window.ready()).min(self.window.ready());
        let found = memchr::memmem::find_iter(&self.window.bytes()[from..], bytes);
        found.map(move |at| self.span(from + at, from + at + bytes.len()))
    }

    /// Where the block ends.
    #[must_use]
    pub fn end(&self) -> Offset {
        self.window.offset(self.window.ready())
    }

    /// Whether no bytes follow this block.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.window.is_released()
    }

    /// Keeps the source from `at` on until [`unmark`](Self::unmark), for [`source_bytes`](Self::source_bytes); `at`
    /// must be in this block. What grows beyond [`Limits::record_bytes_max`](super::Limits::record_bytes_max) is not
    /// kept.
    pub fn mark(&mut self, at: Offset) {
        self.state.set_mark(Some(at));
    }

    /// Whether what was marked grew too large to be kept.
    #[must_use]
    pub fn is_mark_lost(&self) -> bool {
        self.state.record_lost
    }

    /// Lets go of what was marked.
    pub fn unmark(&mut self) {
        self.state.set_mark(None);
    }

    /// The bytes of a span as they stand in the source, in its encoding; `None` when they are not at
    /// hand any more.
    #[must_use]
    pub fn source_bytes(&self, span: Span) -> Option<Cow<'_, [u8]>> {
        let bytes = &self.window.bytes()[self.window.index(span.start)?..self.window.index(span.end)?];
        match self.window.encoding {
            Encoding::Utf8 => Some(Cow::Borrowed(bytes)),
            encoding => std::str::from_utf8(bytes).ok().map(|text| encoding.encode(text)),
        }
    }

    /// How many elements are open; an element counts until the pull after its end tag.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.state.open.depth()
    }

    /// Names of the open elements as written, outermost first.
    pub fn open_names(&self) -> impl Iterator<Item = &str> {
        self.state.open.names()
    }

    /// Prefixes in scope.
    #[must_use]
    pub fn bindings(&self) -> &Bindings {
        &self.state.bindings
    }

    /// Prefixes in scope just around the innermost open element, with their namespaces.
    #[must_use]
    pub fn bindings_outside(&self) -> Vec<(String, String)> {
        let owned = |(prefix, name): (&str, &str)| (prefix.to_owned(), name.to_owned());
        let bindings = &self.state.bindings;
        match self.state.open.last() {
            Some((element, _)) if element.declares => bindings.in_scope_outside().map(owned).collect(),
            _ => bindings.in_scope().map(owned).collect(),
        }
    }

    /// Encoding of the source.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.window.encoding
    }

    /// The position behind the last event.
    #[must_use]
    pub fn position(&self) -> Offset {
        self.window.offset(self.state.consumed)
    }

    /// Whether a text that ends here may go on in bytes not yet read.
    #[inline]
    fn is_cut(&self, end: usize) -> bool {
        end == self.window.ready() && !self.window.ended
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span { start: self.window.offset(start), end: self.window.offset(end) }
    }

    #[cold]
    fn error(&mut self, index: usize, kind: XmlErrorKind) -> XmlError {
        self.valid = "";
        self.state.error(self.window, index, kind)
    }

    /// Takes a token that is under `limit`.
    #[inline]
    fn accept(&mut self, start: usize, end: usize, limit: Limit) -> Result<(), XmlError> {
        if let Some(limit) = self.state.exceeded(end - start, self.window.offset(end), limit) {
            return Err(self.beyond(start, limit));
        }
        self.state.consumed = end;
        Ok(())
    }

    #[cold]
    fn beyond(&mut self, start: usize, limit: Limit) -> XmlError {
        let max = limit.of(&self.state.limits);
        let (at, kind) = match open_quote(self.window.bytes()[start..].get(..max).unwrap_or_default()) {
            Some(inside) if limit == Limit::TagBytes => (start + inside, XmlErrorKind::LessThanInValue),
            _ => (start, XmlErrorKind::Limit { limit, max }),
        };
        self.error(at, kind)
    }

    #[inline]
    fn start_tag(&mut self, tag: Tag<'c>, start: usize, end: usize) -> Result<Next, XmlError> {
        self.open_element(tag, start, end)?;
        self.state.consumed = end;
        self.span = self.span(start, end);
        Ok(Next::Start)
    }

    fn empty_tag(&mut self, tag: Tag<'c>, start: usize, end: usize) -> Result<Next, XmlError> {
        let step = self.start_tag(tag, start, end)?;
        self.state.owed = Some(self.window.offset(end));
        Ok(step)
    }

    #[inline]
    fn open_element(&mut self, tag: Tag<'c>, start: usize, end: usize) -> Result<(), XmlError> {
        if let Some(limit) = self.state.exceeded(end - start, self.window.offset(end), Limit::TagBytes) {
            return Err(self.beyond(start, limit));
        }
        if end > self.plain_to {
            self.look(start, end, Look::Markup)?;
        }
        let at = self.window.offset(start);
        let opened = if tag.is_plain() {
            self.state.open_plain(tag.content, at)
        } else {
            self.tag = tag.content;
            self.state.open_element(tag.content, tag.name(), at)
        };
        opened.map_err(|(inside, kind)| {
            // What concerns the element as a whole is told at its `<`.
            let index = if inside == 0 { start } else { start + 1 + inside };
            self.error(index, kind)
        })
    }

    fn end_tag(&mut self, name: &str, start: usize, end: usize) -> Result<Next, XmlError> {
        match self.state.open.last() {
            Some((_, expected)) if expected == name => self.end_of_innermost(start, end),
            _ => {
                self.accept(start, end, Limit::TagBytes)?;
                Err(self.wrong_end_tag(name, start))
            }
        }
    }

    #[inline]
    fn end_of_innermost(&mut self, start: usize, end: usize) -> Result<Next, XmlError> {
        self.accept(start, end, Limit::TagBytes)?;
        self.span = self.span(start, end);
        self.state.closing = true;
        Ok(Next::End)
    }

    #[cold]
    fn wrong_end_tag(&mut self, name: &str, start: usize) -> XmlError {
        let found = quoted(name);
        let kind = match self.state.open.last() {
            _ if !is_qname(name) => XmlErrorKind::Name { name: found },
            None => XmlErrorKind::StrayEndTag { found },
            Some((element, expected)) => {
                let expected = Opened { name: quoted(expected), place: self.locate(element.start) };
                XmlErrorKind::MismatchedTag { found, expected }
            }
        };
        self.error(start, kind)
    }

    #[inline]
    fn text(&mut self, start: usize, end: usize) -> Result<Next, XmlError> {
        self.accept(start, end, Limit::TextBytes)?;
        self.span = self.span(start, end);
        if end > self.plain_to {
            return self.special_text(start, end, Look::Text);
        }
        Ok(Next::Text)
    }

    /// The reader has no more: either that is so, or what follows was withheld from it.
    #[cold]
    fn withheld(&mut self, start: usize) -> Result<Next, XmlError> {
        let bytes = &self.window.bytes()[start..];
        if !bytes.starts_with(MARK) {
            return Ok(Next::Done);
        }
        let end = start + memchr::memchr2(b'<', b'&', bytes).unwrap_or(bytes.len());
        if self.is_cut(end) || self.state.stage != Stage::Content {
            return self.starve(start);
        }
        self.text = match std::str::from_utf8(&self.window.bytes()[start..end]) {
            Ok(text) => text,
            Err(error) => return self.interrupted(&error.into(), start, end),
        };
        self.text(start, end)
    }

    fn cdata(&mut self, start: usize, end: usize) -> Result<Next, XmlError> {
        self.accept(start, end, Limit::TextBytes)?;
        self.span = self.span(start, end);
        self.special_text(start, end, Look::Markup)
    }

    /// Text in which something may be forbidden or need normalising.
    #[cold]
    fn special_text(&mut self, start: usize, end: usize, look: Look) -> Result<Next, XmlError> {
        self.look(start, end, look)?;
        if !self.text.contains('\r') {
            return Ok(Next::Text);
        }
        self.state.scratch.clear();
        normalise_line_ends(self.text, &mut self.state.scratch);
        Ok(Next::Scratch)
    }

    fn reference(&mut self, name: &str, start: usize, end: usize) -> Result<Next, XmlError> {
        self.accept(start, end, Limit::NameBytes)?;
        let c = reference::resolve(name).map_err(|kind| self.error(start, kind))?;
        self.span = self.span(start, end);
        self.state.scratch.clear();
        self.state.scratch.push(c);
        Ok(Next::Scratch)
    }

    /// Looks at the characters of a token one by one.
    #[cold]
    fn look(&mut self, start: usize, end: usize, look: Look) -> Result<(), XmlError> {
        let bytes = &self.window.bytes()[start..end];
        // The reader has seen that it is UTF-8.
        let text = String::from_utf8_lossy(bytes);
        if let Some((at, code)) = first_forbidden(&text) {
            return Err(self.error(start + at, XmlErrorKind::Character { code }));
        }
        if let Some(at) = text.find("]]>").filter(|_| look == Look::Text) {
            return Err(self.error(start + at, XmlErrorKind::CdataEnd));
        }
        self.plain_to = next_suspicious(self.window.bytes(), end);
        Ok(())
    }

    /// Outside of the root nothing but white space is text.
    fn outside(&mut self, start: usize, end: usize) -> Result<(), XmlError> {
        let text = &self.window.bytes()[start..end];
        match text.iter().position(|&byte| !is_space(byte)) {
            Some(at) => Err(self.stray(start + at)),
            None => self.accept(start, end, Limit::TextBytes),
        }
    }

    /// Characters that stand outside of the root; where they are the first of the document, it is probably no XML.
    #[cold]
    fn stray(&mut self, at: usize) -> XmlError {
        if self.state.stage == Stage::Epilog && self.window.bytes()[at..].starts_with(MARK) {
            // A byte order mark stands at the beginning of a document.
            return self.error(at, XmlErrorKind::SecondDocument { inside: String::new() });
        }
        if self.state.stage == Stage::Epilog {
            return self.behind(at);
        }
        let kind = self.state.alien.filter(|_| self.state.is_untouched());
        self.error(at, kind.map_or(XmlErrorKind::TextOutsideRoot, |what| XmlErrorKind::NotXml { what }))
    }

    /// Characters behind the root element; where they begin something that has a name, that is told.
    #[cold]
    fn behind(&mut self, at: usize) -> XmlError {
        let rest = &self.window.bytes()[at..];
        let what = alien::recognise(&rest[..rest.len().min(SNIFFED_BYTES)]);
        let behind = |what: Alien| XmlErrorKind::Behind { what: what.named() };
        self.error(at, what.map_or(XmlErrorKind::TextOutsideRoot, behind))
    }

    /// Judges what is no event: comments, instructions, the declaration, what stands outside the root.
    #[cold]
    fn pass_over(&mut self, token: &Token<'_>, start: usize, end: usize) -> Result<(), XmlError> {
        // Refused however it goes on, so before any limit.
        if let Token::GeneralRef(_) = token {
            return Err(self.stray(start));
        }
        self.accept(start, end, limit_of(&self.window.bytes()[start..end]))?;
        let refused = match token {
            Token::Comment(text) => misplaced_hyphens(text).map(|at| (4 + at, XmlErrorKind::CommentHyphens)),
            Token::PI(text) => wrong_target(text.target()).map(|kind| (2, kind)),
            Token::DocType(text) => self.doctype(text, start, end).err().map(|kind| (0, kind)),
            Token::Decl(text) if self.window.offset(start) == Offset(0) => {
                let content = text.strip_prefix("xml").unwrap_or_default();
                declaration::check(content, self.window.encoding).err().map(|(at, kind)| (5 + at, kind))
            }
            Token::Decl(_) => Some((0, self.late_declaration())),
            _ => Some((0, XmlErrorKind::TextOutsideRoot)),
        };
        self.state.touched = true;
        match refused {
            Some((at, kind)) => Err(self.error(start + at, kind)),
            None if end > self.plain_to => self.look(start, end, Look::Markup),
            None => Ok(()),
        }
    }

    /// A document type declaration is passed over unread, where that is wanted.
    fn doctype(&mut self, text: &str, start: usize, end: usize) -> Result<(), XmlErrorKind> {
        if self.state.stage != Stage::Prolog {
            return Err(self.late_declaration());
        }
        let is_first = self.state.doctype.is_none();
        let markup = &self.window.bytes()[start..end];
        let Doctype { name, external, internal } =
            doctype::judge(markup, text, is_first, self.state.limits.doctype)?;
        let place = self.window.place(start);
        self.state.doctype = Some(PassedDoctype { name, external, internal, place });
        Ok(())
    }

    /// An XML declaration that is not the first thing: where a document is over, or not at its end, another begins.
    #[cold]
    fn late_declaration(&self) -> XmlErrorKind {
        match self.state.stage {
            Stage::Prolog => XmlErrorKind::DeclarationMisplaced,
            Stage::Content | Stage::Epilog => {
                let inside = self.state.open.last().map(|(_, name)| quoted(name));
                XmlErrorKind::SecondDocument { inside: inside.unwrap_or_default() }
            }
        }
    }

    /// The document ends within a piece that is not complete.
    #[cold]
    fn cut_off(&mut self, at: usize, within: Piece) -> XmlError {
        let kind = self.state.cut_off(self.window, Some(within), self.window.rest);
        self.error(at, kind)
    }

    /// A piece of markup that goes on to the end of the document: that is cut off, or the end of the piece forgotten.
    #[cold]
    fn endless(&mut self, start: usize) -> XmlError {
        let rest = &self.window.bytes()[start..];
        if let Some(at) = open_quote(rest) {
            return self.error(start + at, XmlErrorKind::LessThanInValue);
        }
        let piece = piece(rest);
        let is_over = self.state.stage == Stage::Epilog;
        if piece != Piece::Tag && !is_over && swallows_end(rest, self.state.open.names().next()) {
            return self.error(start, piece.unclosed());
        }
        self.cut_off(self.window.ready(), piece)
    }

    /// Whether the document ends within this reference, or within the bytes of a character, and where.
    fn ends_within(&self, error: &Error, start: usize, end: usize) -> Option<(usize, Piece)> {
        if end != self.window.ready() || !self.window.ended {
            return None;
        }
        let rest = &self.window.bytes()[start..];
        match error {
            Error::Encoding(EncodingError::Utf8(error)) if error.error_len().is_none() => {
                Some((start + error.valid_up_to(), Piece::Character))
            }
            Error::IllFormed(_) if is_reference_begun(rest) => Some((end, Piece::Reference)),
            _ => None,
        }
    }

    /// The reader could not go on: the token is not complete, or not right.
    #[cold]
    fn interrupted(&mut self, error: &Error, start: usize, end: usize) -> Result<Next, XmlError> {
        let bytes = self.window.bytes();
        let in_text = !bytes[start..].starts_with(b"<");
        if in_text && self.state.stage != Stage::Content {
            self.outside(start, end.max(start + 1))?;
        }
        if let Some((at, within)) = self.ends_within(error, start, end) {
            return Err(self.cut_off(at, within));
        }
        // What is refused however it goes on is refused so before its end is seen, or what is in it.
        let refused = refused_markup(&bytes[start..]).filter(|_| matches!(error, Error::Encoding(_)));
        if let Some(kind) = refused {
            return Err(self.error(start, kind));
        }
        // A limit comes first, as it does where the token is met piece by piece.
        let beyond = self.state.exceeded_by(&bytes[start..end]);
        if let Some(limit) = beyond.filter(|_| !matches!(error, Error::Syntax(_))) {
            return Err(self.beyond(start, limit));
        }
        let cut = self.is_cut(end);
        let (at, kind) = match error {
            Error::Syntax(_) if end == start => match refused_markup(&bytes[start..]) {
                Some(kind) => (start, kind),
                None if self.window.ended => return Err(self.endless(start)),
                None => return self.starve(start),
            },
            Error::IllFormed(_) | Error::Encoding(_) if cut => return self.starve(start),
            Error::Encoding(EncodingError::Utf8(error)) => {
                let encoding = self.window.encoding.label();
                (start + error.valid_up_to(), XmlErrorKind::Undecodable { encoding })
            }
            _ if in_text => (start, XmlErrorKind::Ampersand),
            Error::IllFormed(_) => (start, XmlErrorKind::Doctype { why: DoctypeFault::Nameless }),
            _ => (start, XmlErrorKind::Markup),
        };
        Err(self.error(at, kind))
    }

    /// Leaves a token to the next block, which will have more of it.
    #[cold]
    fn starve(&mut self, start: usize) -> Result<Next, XmlError> {
        let pending = &self.window.bytes()[start..];
        let in_text = !pending.starts_with(b"<");
        let stray = pending.iter().position(|&byte| !is_space(byte));
        if let Some(at) = stray.filter(|_| in_text && self.state.stage != Stage::Content) {
            return Err(self.stray(start + at));
        }
        self.state.starved = true;
        Ok(Next::Done)
    }
}

/// Whether this begins a reference, and nothing in it forbids that it would have become one.
fn is_reference_begun(rest: &[u8]) -> bool {
    let may_follow = |byte: &u8| {
        matches!(byte, b'#' | b'_' | b'-' | b'.') || byte.is_ascii_alphanumeric() || !byte.is_ascii()
    };
    rest.strip_prefix(b"&").is_some_and(|name| name.iter().all(may_follow))
}

/// A fresh reader drops this at its start; it is a byte order mark only at the start of a document,
/// where the source has dropped it already.
const MARK: &[u8] = "\u{FEFF}".as_bytes();

/// A reader in the middle of a document. What begins with U+FEFF is withheld from it.
fn reader(bytes: &[u8]) -> Reader<&[u8]> {
    let mut reader = Reader::from_reader(if bytes.starts_with(MARK) { &[] } else { bytes });
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    reader
}

/// Text out of a slice.
#[inline]
fn borrowed<'a>(text: &Cow<'a, str>) -> &'a str {
    match text {
        Cow::Borrowed(text) => text,
        Cow::Owned(_) => unreachable!("what is read from a slice is borrowed from it"),
    }
}

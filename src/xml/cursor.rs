//! The cursor: keeps the window filled and hands it out block by block.
//!
//! A block ends where its bytes do, always between two events: a tag or a text that is not complete
//! waits for the next block, in a window that was moved on and grows when it must.

use super::block::Block;
use super::encoding::Encoding;
use super::error::{XmlError, XmlErrorKind};
use super::event::{Attribute, Event};
use super::limits::{Limit, Limits};
use super::markup::open_quote;
use super::name::NameTable;
use super::position::{Place, Span};
use super::source::{Filled, Source};
use super::state::{DocumentState, PassedDoctype};
use super::window::{Excerpt, Window};
use std::io::Read;
use std::sync::Arc;

/// Bytes of a window, unless a token or a marked record needs more.
const WINDOW_BYTES: usize = 256 << 10;

/// Reads one XML document from bytes.
///
/// ```
/// use feedgate::xml::{Cursor, Event, Limits};
///
/// let mut cursor = Cursor::new("<greeting>Grüß Gott</greeting>".as_bytes(), Limits::default());
/// let mut text = String::new();
/// while let Some(mut block) = cursor.block()? {
///     while let Some(event) = block.next()? {
///         if let Event::Text(piece) = event {
///             text.push_str(piece.text);
///         }
///     }
/// }
/// assert_eq!(text, "Grüß Gott");
/// # Ok::<(), feedgate::xml::XmlError>(())
/// ```
#[derive(Debug)]
pub struct Cursor<R> {
    source: Source<R>,
    window: Window,
    state: DocumentState,
    opened: bool,
    /// Why no more bytes come, once everything before that is handed out.
    failing: Option<XmlErrorKind>,
}

/// The start tag of a root element, kept: enough to tell which format a document has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootTag {
    /// Name as written.
    pub name: String,
    /// Its namespace, empty for none.
    pub namespace: String,
    /// Its attributes in document order.
    pub attributes: Vec<RootAttribute>,
    /// Prefixes it declares, with their namespaces; the empty prefix is the default namespace.
    pub bindings: Vec<(String, String)>,
    /// The address in the DOCTYPE before it, if that names one.
    pub doctype: Option<String>,
    /// Where it begins.
    pub place: Place,
    /// Encoding of the source.
    pub encoding: Encoding,
}

impl RootTag {
    /// The local part of its name.
    #[must_use]
    pub fn local(&self) -> &str {
        self.name.split_once(':').map_or(&self.name, |(_, local)| local)
    }

    /// The value of an attribute by expanded name; namespace empty for none.
    #[must_use]
    pub fn attribute(&self, namespace: &str, local: &str) -> Option<&str> {
        let wanted = |each: &&RootAttribute| each.namespace == namespace && each.local == local;
        self.attributes.iter().find(wanted).map(|each| each.value.as_str())
    }
}

/// An attribute of a [`RootTag`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootAttribute {
    /// Its namespace, empty for none.
    pub namespace: String,
    /// The local part of its name.
    pub local: String,
    /// Its value, normalised.
    pub value: String,
}

impl<R: Read> Cursor<R> {
    /// A cursor at the beginning of `input`; nothing is read yet.
    pub fn new(input: R, limits: Limits) -> Self {
        Self::with_window(input, limits, WINDOW_BYTES)
    }

    /// The same with a window of another size; results do not depend on it.
    pub fn with_window(input: R, limits: Limits, window_bytes: usize) -> Self {
        Self {
            source: Source::new(input),
            window: Window::new(window_bytes.max(16)),
            state: DocumentState::new(limits),
            opened: false,
            failing: None,
        }
    }

    /// A cursor at the beginning of another input, with the same limits; the memory is kept, and what
    /// is known of names.
    pub fn reuse<S: Read>(self, input: S) -> Cursor<S> {
        let Self { source, mut window, mut state, .. } = self;
        window.restart();
        state.restart();
        Cursor { source: source.reuse(input), window, state, opened: false, failing: None }
    }

    /// Gives names their numbers from `names`; to be called before the first block.
    pub fn set_names(&mut self, names: Arc<NameTable>) {
        self.state.set_names(names);
    }

    /// Reads elements without namespace as if `xmlns="uri"` stood on the root; without effect when the
    /// root declares a default namespace itself. To be called before the first block.
    pub fn assume_namespace(&mut self, uri: &str) {
        self.state.assume_namespace(uri);
    }

    /// Reads namespace names that misspell `uri` ([`is_misspelt`](super::is_misspelt)) as if they were it. To be called
    /// before the first block.
    pub fn mend_namespace(&mut self, uri: &str) {
        self.state.mend_namespace(uri);
    }

    /// Begins in the middle of a document: `input` is one element of it, in this encoding, around which
    /// these prefixes are bound to these namespaces. Places are counted from its first byte. To be called
    /// before the first block; refused where a document could not bind so.
    pub fn begin_inside(
        &mut self,
        encoding: Encoding,
        bindings: &[(String, String)],
    ) -> Result<(), XmlError> {
        self.opened = true;
        self.source.decode_from(encoding);
        self.window.open(encoding, 0);
        self.state.bind_around(bindings).map_err(|kind| self.fail(kind))
    }

    /// The start tag of the root, which stays to be read.
    pub fn peek_root(&mut self) -> Result<RootTag, XmlError> {
        while self.ready()? {
            match Block::new(&self.window, &mut self.state).peek_root() {
                Ok(Some(root)) => return Ok(root),
                Ok(None) => {}
                Err(error) => return Err(self.named(error)),
            }
        }
        Err(self.fail(XmlErrorKind::NoRoot))
    }

    /// The next block; `None` when the document is complete and well-formed to its last byte.
    pub fn block(&mut self) -> Result<Option<Block<'_>>, XmlError> {
        if self.ready()? { Ok(Some(Block::new(&self.window, &mut self.state))) } else { Ok(None) }
    }

    /// Reads on until so many bytes are at hand that are not parsed, if the source has them. To be called between two
    /// blocks, once there was one.
    pub fn look_ahead(&mut self, bytes: usize) {
        while !self.window.is_released() && self.window.ready() - self.state.consumed < bytes {
            self.fill();
        }
    }

    /// The document type declaration that was passed over, known with the root.
    #[must_use]
    pub fn doctype(&self) -> Option<&PassedDoctype> {
        self.state.doctype.as_ref()
    }

    /// Hands every event to `each`, until the document ends.
    pub fn for_each_event<E: From<XmlError>>(
        &mut self,
        mut each: impl FnMut(Event<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(mut block) = self.block()? {
            while let Some(event) = block.next()? {
                each(event)?;
            }
        }
        Ok(())
    }

    /// The place up to which the document was read.
    #[must_use]
    pub fn position(&self) -> Place {
        self.window.place(self.state.consumed)
    }

    /// The source line around the last error.
    #[must_use]
    pub fn error_excerpt(&self) -> Excerpt {
        let at = self.state.failed_at;
        self.window.excerpt(Span { start: at, end: at })
    }

    /// Encoding of the source, known after the first block or [`peek_root`](Self::peek_root).
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.window.encoding
    }

    /// Leaves every token to quick-xml; results do not depend on it.
    #[cfg(any(test, fuzzing))]
    #[must_use]
    pub fn by_reader_alone(mut self) -> Self {
        self.state.tokens = super::state::Tokens::ByReader;
        self
    }

    /// Bytes that were looked at for places and excerpts.
    #[cfg(test)]
    pub(super) fn looked_at(&self) -> u64 {
        self.window.looked_at()
    }

    /// Bytes held for the window.
    #[cfg(test)]
    pub(super) fn window_bytes(&self) -> usize {
        self.window.size()
    }

    /// Makes sure that there is something to parse; `false` at the end of the document.
    fn ready(&mut self) -> Result<bool, XmlError> {
        if self.state.failed {
            let what = "reading went on after an error";
            return Err(self.fail(XmlErrorKind::OutOfOrder { what }));
        }
        if !self.opened {
            self.open()?;
        }
        while self.state.needs_bytes(self.window.ready()) {
            if let Some(kind) = self.failing.take() {
                let kind = self.state.broken_off(&self.window, kind);
                return Err(self.state.error(&self.window, self.window.ready(), kind));
            }
            if self.window.ended {
                return self.finish().map(|()| false);
            }
            self.refill()?;
        }
        Ok(true)
    }

    fn open(&mut self) -> Result<(), XmlError> {
        self.opened = true;
        let sniffed = self.source.open().map_err(|kind| self.state.error(&self.window, 0, kind))?;
        self.window.open(sniffed.encoding, sniffed.mark);
        self.state.alien = sniffed.alien;
        self.state.page = sniffed.page;
        Ok(())
    }

    fn refill(&mut self) -> Result<(), XmlError> {
        let pending = &self.window.bytes()[self.state.consumed..];
        if let Some(limit) = self.state.exceeded_by(pending) {
            let max = limit.of(&self.state.limits);
            let inside = open_quote(&pending[..max]).filter(|_| limit == Limit::TagBytes);
            let kind = inside.map_or(XmlErrorKind::Limit { limit, max }, |_| XmlErrorKind::LessThanInValue);
            let at = self.state.consumed + inside.unwrap_or(0);
            return Err(self.state.error(&self.window, at, kind));
        }
        self.fill();
        Ok(())
    }

    /// Moves the window on.
    fn fill(&mut self) {
        self.state.leave(&mut self.window);
        match self.source.fill(self.window.space()) {
            Ok(Filled::Bytes(count)) => self.window.grow(count),
            Ok(Filled::End) => {
                self.window.ended = true;
                self.window.release();
            }
            Err(kind) => {
                self.failing = Some(kind);
                self.window.release();
            }
        }
        self.window.rest = self.source.rest();
    }

    /// The tags of HTML pages are mostly none of XML: what is wrong with the first says less than what it is.
    fn named(&self, error: XmlError) -> XmlError {
        match self.state.page {
            Some(what) if what.is_meant_by(&error) => {
                XmlError { kind: XmlErrorKind::NotXml { what }, ..error }
            }
            _ => error,
        }
    }

    fn finish(&mut self) -> Result<(), XmlError> {
        match self.state.missing(&self.window) {
            Some(kind) => Err(self.state.error(&self.window, self.window.ready(), kind)),
            None => Ok(()),
        }
    }

    fn fail(&mut self, kind: XmlErrorKind) -> XmlError {
        self.state.error(&self.window, self.state.consumed, kind)
    }
}

impl From<Attribute<'_>> for RootAttribute {
    fn from(attribute: Attribute<'_>) -> Self {
        Self {
            namespace: attribute.name.namespace.to_owned(),
            local: attribute.name.local().to_owned(),
            value: attribute.value.to_owned(),
        }
    }
}

/// What kind of token begins with `pending`, by the limit it is under.
pub(super) fn limit_of(pending: &[u8]) -> Limit {
    match pending {
        [b'<', b'!', b'[', ..] => Limit::TextBytes,
        [b'<', b'!' | b'?', ..] => Limit::CommentBytes,
        [b'<', ..] => Limit::TagBytes,
        [b'&', ..] => Limit::NameBytes,
        _ => Limit::TextBytes,
    }
}

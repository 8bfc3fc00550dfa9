//! What a document's reading remembers from block to block.

use super::alien::Alien;
use super::attributes::{Declares, ParsedAttributes};
use super::character::is_ncname;
use super::cursor::limit_of;
use super::error::{Fault, PackingCutOff, PackingFault, Piece, Rest, XmlError, XmlErrorKind, quoted};
use super::limits::{Limit, Limits};
use super::name::NameTable;
use super::name_cache::NameResolver;
use super::namespace::Bindings;
use super::open::OpenElements;
use super::position::{Offset, Place};
use super::window::Window;
use std::sync::Arc;

/// How far the document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Before the root element.
    Prolog,
    /// Inside.
    Content,
    /// After it.
    Epilog,
}

/// A document type declaration that was passed over, unread: nothing that it names is fetched, nothing that it
/// declares is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassedDoctype {
    /// The name of the root element that it is for.
    pub name: String,
    /// The address of the external subset, if it names one.
    pub external: Option<String>,
    /// Whether it has an internal subset.
    pub internal: bool,
    /// Where it begins.
    pub place: Place,
}

/// Who finds the common tokens.
#[cfg(any(test, fuzzing))]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tokens {
    /// We do, where that is certain.
    #[default]
    Common,
    /// quick-xml, as it does all others.
    ByReader,
}

/// What lasts from block to block.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "facts that do not exclude each other")]
pub(super) struct DocumentState {
    pub(super) limits: Limits,
    pub(super) names: NameResolver,
    pub(super) bindings: Bindings,
    pub(super) open: OpenElements,
    pub(super) attributes: ParsedAttributes,
    /// Text that is not as written.
    pub(super) scratch: String,
    pub(super) stage: Stage,
    assumed: Option<Box<str>>,
    /// Index in the window of the first byte that is not parsed.
    pub(super) consumed: usize,
    /// What follows is not complete.
    pub(super) starved: bool,
    /// The end tag of the innermost element was handed out; it is closed with the next pull.
    pub(super) closing: bool,
    /// Where the end tag stands that an empty-element tag stands for.
    pub(super) owed: Option<Offset>,
    pub(super) mark: Option<Offset>,
    /// The position from which on a record is not kept any more.
    record_end_max: u64,
    /// The record that was marked became too large to be kept.
    pub(super) record_lost: bool,
    /// What the document seems to be instead of XML, by its first bytes.
    pub(super) alien: Option<Alien>,
    /// What is like XML and may be such, by its first bytes.
    pub(super) page: Option<Alien>,
    /// A comment, an instruction or a declaration was met.
    pub(super) touched: bool,
    /// The document type declaration that was passed over.
    pub(super) doctype: Option<PassedDoctype>,
    /// Where the last error is.
    pub(super) failed_at: Offset,
    /// Nothing can be read any more.
    pub(super) failed: bool,
    #[cfg(any(test, fuzzing))]
    pub(super) tokens: Tokens,
}

impl DocumentState {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            names: NameResolver::new(Arc::default()),
            bindings: Bindings::default(),
            open: OpenElements::default(),
            attributes: ParsedAttributes::default(),
            scratch: String::new(),
            stage: Stage::Prolog,
            assumed: None,
            consumed: 0,
            starved: false,
            closing: false,
            owed: None,
            mark: None,
            record_end_max: u64::MAX,
            record_lost: false,
            alien: None,
            page: None,
            touched: false,
            doctype: None,
            failed_at: Offset::default(),
            failed: false,
            #[cfg(any(test, fuzzing))]
            tokens: Tokens::default(),
        }
    }

    /// As it is where records stand, inside of these elements and bindings.
    pub(super) fn inside(
        limits: Limits,
        names: Arc<NameTable>,
        bindings: Bindings,
        open: OpenElements,
    ) -> Self {
        let names = NameResolver::new(names);
        Self { names, bindings, open, stage: Stage::Content, ..Self::new(limits) }
    }

    /// Leaves all elements that are open beyond `depth`, for another stretch.
    pub(super) fn return_to(&mut self, depth: usize) {
        if self.open.depth() > depth {
            self.settle();
        }
        while self.open.depth() > depth {
            self.closing = true;
            self.settle();
        }
        self.set_mark(None);
        (self.closing, self.owed, self.starved, self.consumed) = (false, None, false, 0);
    }

    /// Ready for another document. Names keep their meaning under bindings that are known.
    pub(super) fn restart(&mut self) {
        let fresh = Self::new(self.limits);
        let DocumentState { mut names, mut bindings, .. } = std::mem::replace(self, fresh);
        if !bindings.restart() {
            names.forget();
        }
        (self.names, self.bindings) = (names, bindings);
    }

    pub(super) fn set_names(&mut self, names: Arc<NameTable>) {
        self.names.set_table(names);
    }

    pub(super) fn assume_namespace(&mut self, uri: &str) {
        self.assumed = Some(uri.into());
    }

    pub(super) fn mend_namespace(&mut self, uri: &str) {
        self.bindings.mend(uri);
    }

    /// Binds prefixes around the root.
    pub(super) fn bind_around(&mut self, bindings: &[(String, String)]) -> Result<(), XmlErrorKind> {
        self.bindings.open();
        for (prefix, namespace) in bindings {
            if !prefix.is_empty() && !is_ncname(prefix) {
                return Err(XmlErrorKind::Name { name: quoted(prefix) });
            }
            self.bindings.declare(prefix, namespace, &self.limits)?;
        }
        self.bindings.seal();
        Ok(())
    }

    /// Whether nothing can be handed out without more bytes than `filled`.
    pub(super) fn needs_bytes(&self, filled: usize) -> bool {
        self.owed.is_none() && (self.starved || self.consumed == filled)
    }

    /// The limit that an incomplete token is beyond.
    pub(super) fn exceeded_by(&self, pending: &[u8]) -> Option<Limit> {
        let limit = limit_of(pending);
        (pending.len() > limit.of(&self.limits)).then_some(limit)
    }

    /// Moves the window on: what is parsed and not marked goes.
    pub(super) fn leave(&mut self, window: &mut Window) {
        let marked = self.mark.and_then(|mark| window.index(mark)).unwrap_or(self.consumed);
        let edge = marked.min(self.consumed);
        self.open.leave(window, edge);
        self.consumed -= window.shift(edge);
        self.starved = false;
    }

    /// Keeps everything from `at` on in the window.
    pub(super) fn set_mark(&mut self, at: Option<Offset>) {
        self.mark = at;
        self.record_lost = false;
        let reach = |at: Offset| at.0.saturating_add(self.limits.record_bytes_max as u64);
        self.record_end_max = at.map_or(u64::MAX, reach);
    }

    /// The limit that the token of `length` bytes up to `end` is beyond, if it is beyond `limit`; a record that it
    /// makes too large is let go.
    #[inline]
    pub(super) fn exceeded(&mut self, length: usize, end: Offset, limit: Limit) -> Option<Limit> {
        if end.0 > self.record_end_max {
            self.lose_record();
        }
        (length > limit.of(&self.limits)).then_some(limit)
    }

    /// The record that is marked is too large: its bytes are let go, and it is read on.
    #[cold]
    fn lose_record(&mut self) {
        self.set_mark(None);
        self.record_lost = true;
    }

    /// Whether nothing but white space was met yet.
    pub(super) fn is_untouched(&self) -> bool {
        self.stage == Stage::Prolog && !self.touched
    }

    /// Why no more bytes came, with the elements that are open where the input ended before its time.
    #[cold]
    pub(super) fn broken_off(&mut self, window: &Window, kind: XmlErrorKind) -> XmlErrorKind {
        self.settle();
        let within = match kind {
            XmlErrorKind::CutOff { within, .. } => within,
            XmlErrorKind::Io(error) => match PackingCutOff::told_by(&error) {
                Some(cut) => return self.cut_off(window, Some(Piece::Packing), cut.rest),
                None => return packing_fault(error),
            },
            kind => return kind,
        };
        self.cut_off(window, within, window.rest)
    }

    /// The complaint that the document ends here, before its time.
    #[cold]
    pub(super) fn cut_off(&self, window: &Window, within: Option<Piece>, rest: Rest) -> XmlErrorKind {
        XmlErrorKind::CutOff { within, open: self.open.listed(window), rest }
    }

    /// What a document without a character is: without a byte, or cut off behind its byte order mark.
    fn nothing(window: &Window) -> XmlErrorKind {
        if window.place(0).byte.0 == 0 && window.rest == Rest::Absent {
            XmlErrorKind::Empty
        } else {
            XmlErrorKind::CutOff { within: None, open: Vec::new(), rest: window.rest }
        }
    }

    /// What a document that ends here lacks.
    pub(super) fn missing(&mut self, window: &Window) -> Option<XmlErrorKind> {
        self.settle();
        match self.stage {
            Stage::Prolog if window.offset(window.ready()) == Offset(0) => Some(Self::nothing(window)),
            Stage::Prolog if self.is_untouched() && window.rest == Rest::Absent => Some(XmlErrorKind::NoRoot),
            Stage::Prolog | Stage::Content => Some(self.cut_off(window, None, window.rest)),
            Stage::Epilog => (window.rest == Rest::Zeros).then_some(XmlErrorKind::ZerosBehind),
        }
    }

    /// An error at a byte of the window; nothing can be read after it.
    #[cold]
    pub(super) fn error(&mut self, window: &Window, index: usize, kind: XmlErrorKind) -> XmlError {
        self.failed = true;
        self.failed_at = window.offset(index);
        XmlError { place: window.place(index), kind }
    }

    /// Closes the element whose end tag was handed out.
    #[inline]
    pub(super) fn settle(&mut self) {
        if self.closing {
            self.closing = false;
            if self.open.pop().is_some_and(|element| element.declares) {
                self.bindings.close();
            }
            if self.open.depth() == 0 {
                self.stage = Stage::Epilog;
            }
        }
    }

    /// Opens the element of a start tag that is nothing but its name.
    #[inline]
    pub(super) fn open_plain(&mut self, name: &str, at: Offset) -> Result<(), Fault> {
        self.attributes.clear();
        if self.stage != Stage::Content {
            return self.open_element(name, name, at);
        }
        self.enter(name, at, Declares::Nothing)
    }

    /// Opens the element of a start tag; `tag` is what stands between `<` and `>`.
    pub(super) fn open_element(&mut self, tag: &str, name: &str, at: Offset) -> Result<(), Fault> {
        // `<<<<<<<` is what is left of two versions that were merged.
        if name.is_empty() || name.starts_with('<') {
            return Err((0, XmlErrorKind::Markup));
        }
        let mut declares = self.attributes.parse(tag, name.len(), &self.limits)?;
        if self.stage != Stage::Content {
            declares = self.open_root(tag, name, declares)?;
        } else if declares == Declares::Namespaces {
            self.declare(tag, None)?;
        }
        self.enter(name, at, declares)?;
        self.attributes.resolve(tag, &mut self.names, &self.bindings, &self.limits)
    }

    #[inline]
    fn enter(&mut self, name: &str, at: Offset, declares: Declares) -> Result<(), Fault> {
        if self.open.depth() == self.limits.depth_max {
            return Err((0, XmlErrorKind::Limit { limit: Limit::Depth, max: self.limits.depth_max }));
        }
        let resolved = self.names.element(name, &self.bindings, &self.limits).map_err(|kind| (0, kind))?;
        self.open.push(name, resolved, at, declares == Declares::Namespaces);
        Ok(())
    }

    /// Undoes the opening of the root, which was only looked at and begins at `start`.
    pub(super) fn take_back_root(&mut self, start: usize) {
        self.consumed = start;
        self.owed = None;
        self.closing = true;
        self.settle();
        self.stage = Stage::Prolog;
    }

    #[cold]
    fn open_root(&mut self, tag: &str, name: &str, declares: Declares) -> Result<Declares, Fault> {
        if self.stage == Stage::Epilog {
            return Err((0, XmlErrorKind::SecondRoot { name: quoted(name) }));
        }
        self.stage = Stage::Content;
        let assumed = self.assumed.clone().filter(|_| !self.attributes.declares_default(tag));
        if assumed.is_none() && declares == Declares::Nothing {
            return Ok(Declares::Nothing);
        }
        self.declare(tag, assumed.as_deref())?;
        Ok(Declares::Namespaces)
    }

    #[cold]
    fn declare(&mut self, tag: &str, assumed: Option<&str>) -> Result<(), Fault> {
        self.bindings.open();
        self.attributes.declare(tag, &mut self.bindings, &self.limits)?;
        if let Some(uri) = assumed {
            self.bindings.declare("", uri, &self.limits).map_err(|kind| (0, kind))?;
        }
        self.bindings.seal();
        Ok(())
    }
}

/// An error of reading: of the packing, or of the system.
fn packing_fault(error: std::io::Error) -> XmlErrorKind {
    match PackingFault::told_by(&error) {
        Some(fault) => XmlErrorKind::Packing(fault.clone()),
        None => XmlErrorKind::Io(error),
    }
}

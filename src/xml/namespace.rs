//! Prefix bindings in scope.
//!
//! Every set of bindings has a number. Names are resolved once per number and remembered
//! (`name_cache`); a start tag without declarations keeps the number, and a declaration repeated on
//! every record leads to the same number each time.

use super::error::{XmlErrorKind, quoted};
use super::limits::{Limit, Limits};
use std::collections::HashMap;
use std::fmt::Write;

/// The namespace the prefix `xml` is always bound to.
pub const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace of namespace declarations; nothing can be bound to it.
pub(super) const XMLNS_NAMESPACE: &str = "http://www.w3.org/2000/xmlns/";

/// Index into the namespace names of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct NamespaceIndex(u32);

impl NamespaceIndex {
    /// No namespace.
    pub(super) const NONE: Self = Self(0);
    const XML: Self = Self(1);
}

/// Number of a set of bindings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ScopeId(u32);

/// How many sets of bindings are recognised when they come back.
const SCOPES_REMEMBERED: usize = 256;
/// Declarations longer than this are not remembered.
const SCOPE_KEY_BYTES: usize = 1024;

/// So many namespace names are kept from document to document.
const NAMESPACES_KEPT_MAX: usize = 64;

#[derive(Clone, Debug)]
struct Binding {
    prefix: Box<str>,
    namespace: NamespaceIndex,
}

/// Stack of prefix bindings.
#[derive(Clone, Debug)]
pub struct Bindings {
    /// Namespace names in order of appearance; never shrinks, bounded by `namespaces_max`.
    namespaces: Vec<Box<str>>,
    stack: Vec<Binding>,
    /// Number and size of each set outside the current one.
    outer: Vec<(ScopeId, usize)>,
    current: ScopeId,
    last: ScopeId,
    remembered: HashMap<Box<str>, ScopeId>,
    key: String,
    /// The namespace that names which misspell it are read as.
    mended: Option<Box<str>>,
}

impl Default for Bindings {
    fn default() -> Self {
        Self {
            namespaces: vec!["".into(), XML_NAMESPACE.into()],
            stack: Vec::new(),
            outer: Vec::new(),
            current: ScopeId(0),
            last: ScopeId(0),
            remembered: HashMap::new(),
            key: String::new(),
            mended: None,
        }
    }
}

impl Bindings {
    /// The namespace a prefix is bound to; the empty prefix asks for the default namespace.
    /// `Some("")` means: no namespace (default undeclared); `None`: prefix not declared.
    #[must_use]
    pub fn resolve(&self, prefix: &str) -> Option<&str> {
        self.index(prefix).map(|namespace| self.namespace(namespace))
    }

    /// How many namespace names were met so far.
    pub(super) fn namespaces(&self) -> usize {
        self.namespaces.len()
    }

    /// Every prefix in scope with its namespace, `xml` left out; the empty prefix is the default
    /// namespace.
    pub fn in_scope(&self) -> impl Iterator<Item = (&str, &str)> {
        self.within(self.stack.len())
    }

    /// A number of the bindings in scope: where it is the same in one document, they are.
    #[must_use]
    pub fn scope_number(&self) -> u32 {
        self.current.0
    }

    /// The same without the scope that was opened last.
    pub(super) fn in_scope_outside(&self) -> impl Iterator<Item = (&str, &str)> {
        self.within(self.outer.last().map_or(0, |&(_, length)| length))
    }

    fn within(&self, length: usize) -> impl Iterator<Item = (&str, &str)> {
        let stack = &self.stack[..length];
        stack
            .iter()
            .enumerate()
            .filter(|(at, binding)| stack[at + 1..].iter().all(|later| later.prefix != binding.prefix))
            .filter(|(_, binding)| binding.namespace != NamespaceIndex::NONE)
            .map(|(_, binding)| (&*binding.prefix, self.namespace(binding.namespace)))
    }

    /// Leaves every scope, for another document. `false` when numbers of scopes begin anew, because too
    /// many namespaces were met.
    pub(super) fn restart(&mut self) -> bool {
        if self.namespaces.len() > NAMESPACES_KEPT_MAX {
            *self = Self::default();
            return false;
        }
        self.mended = None;
        self.stack.clear();
        self.outer.clear();
        self.current = ScopeId(0);
        true
    }

    pub(super) fn index(&self, prefix: &str) -> Option<NamespaceIndex> {
        match prefix {
            "xml" => Some(NamespaceIndex::XML),
            _ => match self.stack.iter().rev().find(|binding| *binding.prefix == *prefix) {
                Some(binding) => Some(binding.namespace),
                None => prefix.is_empty().then_some(NamespaceIndex::NONE),
            },
        }
    }

    pub(super) fn namespace(&self, index: NamespaceIndex) -> &str {
        &self.namespaces[index.0 as usize]
    }

    pub(super) fn scope(&self) -> ScopeId {
        self.current
    }

    /// Begins the scope of a start tag that has declarations.
    pub(super) fn open(&mut self) {
        self.outer.push((self.current, self.stack.len()));
        self.key.clear();
        let _ = write!(self.key, "{}", self.current.0);
    }

    /// Adds a declaration to the scope that was opened last; `prefix` empty for the default.
    pub(super) fn declare(&mut self, prefix: &str, name: &str, limits: &Limits) -> Result<(), XmlErrorKind> {
        check_declaration(prefix, name)?;
        let exceeded = |limit: Limit| Err(XmlErrorKind::Limit { limit, max: limit.of(limits) });
        if name.len().max(prefix.len()) > limits.name_bytes_max {
            return exceeded(Limit::NameBytes);
        }
        if self.stack.len() >= limits.bindings_max {
            return exceeded(Limit::Bindings);
        }
        let mended = self.mended.clone().filter(|right| is_misspelt(name, right));
        let Some(namespace) = self.intern(mended.as_deref().unwrap_or(name), limits.namespaces_max) else {
            return exceeded(Limit::Namespaces);
        };
        if prefix != "xml" {
            let _ = write!(self.key, "\n{prefix}={}", namespace.0);
            self.stack.push(Binding { prefix: prefix.into(), namespace });
        }
        Ok(())
    }

    /// Ends the declarations of the scope that was opened last: it gets its number.
    pub(super) fn seal(&mut self) {
        if let Some(&known) = self.remembered.get(&*self.key) {
            self.current = known;
            return;
        }
        self.last = ScopeId(self.last.0.checked_add(1).expect("fewer than 2^32 scopes"));
        self.current = self.last;
        if self.remembered.len() == SCOPES_REMEMBERED {
            self.remembered.clear();
        }
        if self.key.len() <= SCOPE_KEY_BYTES {
            self.remembered.insert(self.key.as_str().into(), self.current);
        }
    }

    /// Leaves the scope that was opened last.
    pub(super) fn close(&mut self) {
        let (scope, length) = self.outer.pop().expect("scopes close as often as they open");
        self.current = scope;
        self.stack.truncate(length);
    }

    /// Reads names that misspell this one as if they were it.
    pub(super) fn mend(&mut self, namespace: &str) {
        self.mended = Some(namespace.into());
    }

    fn intern(&mut self, name: &str, namespaces_max: usize) -> Option<NamespaceIndex> {
        let known = self.namespaces.iter().position(|namespace| **namespace == *name);
        let at = known.or_else(|| {
            // The two that are always there are not counted.
            (self.namespaces.len() < namespaces_max.saturating_add(2)).then(|| {
                self.namespaces.push(name.into());
                self.namespaces.len() - 1
            })
        })?;
        u32::try_from(at).ok().map(NamespaceIndex)
    }
}

/// Whether `found` is another namespace than `right`, but one that people write for it: they differ in the scheme, in
/// `www.` or `ns.` before the host, in letters of another case, in blanks around or in a slash or hash at the end.
#[must_use]
pub fn is_misspelt(found: &str, right: &str) -> bool {
    found != right && !found.is_empty() && bare(found).eq_ignore_ascii_case(bare(right))
}

/// What is left of a namespace name without what people confuse.
fn bare(name: &str) -> &str {
    let name = name.trim();
    let name = ["http://", "https://"].iter().find_map(|scheme| without(name, scheme)).unwrap_or(name);
    let name = ["www.", "ns."].iter().find_map(|host| without(name, host)).unwrap_or(name);
    name.trim_end_matches(['/', '#'])
}

/// The text behind a beginning, letters in any case.
fn without<'a>(text: &'a str, beginning: &str) -> Option<&'a str> {
    let (first, rest) = text.split_at_checked(beginning.len())?;
    first.eq_ignore_ascii_case(beginning).then_some(rest)
}

/// The constraints of Namespaces in XML 1.0 on declarations.
fn check_declaration(prefix: &str, name: &str) -> Result<(), XmlErrorKind> {
    let why = match (prefix, name) {
        ("xmlns", _) => "the prefix `xmlns` must not be declared",
        ("xml", XML_NAMESPACE) => return Ok(()),
        ("xml", _) => "the prefix `xml` belongs to one namespace",
        (_, XML_NAMESPACE) => "this namespace belongs to the prefix `xml`",
        (_, XMLNS_NAMESPACE) => "this namespace must not be declared",
        ("", _) => return Ok(()),
        (_, "") => "a prefix cannot be undeclared, its namespace name is empty",
        _ => return Ok(()),
    };
    let name = if prefix.is_empty() { "xmlns".to_owned() } else { quoted(&format!("xmlns:{prefix}")) };
    Err(XmlErrorKind::NamespaceDeclaration { name, why })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(bindings: &mut Bindings, declarations: &[(&str, &str)]) {
        bindings.open();
        for (prefix, name) in declarations {
            bindings.declare(prefix, name, &Limits::default()).unwrap();
        }
        bindings.seal();
    }

    #[test]
    fn inner_declarations_hide_outer_ones_until_they_end() {
        let mut bindings = Bindings::default();
        assert_eq!((bindings.resolve(""), bindings.resolve("p")), (Some(""), None));
        assert_eq!(bindings.resolve("xml"), Some(XML_NAMESPACE));
        scope(&mut bindings, &[("", "urn:a"), ("p", "urn:p")]);
        scope(&mut bindings, &[("", ""), ("p", "urn:q")]);
        assert_eq!((bindings.resolve(""), bindings.resolve("p")), (Some(""), Some("urn:q")));
        assert_eq!(bindings.in_scope().collect::<Vec<_>>(), [("p", "urn:q")]);
        bindings.close();
        assert_eq!((bindings.resolve(""), bindings.resolve("p")), (Some("urn:a"), Some("urn:p")));
        bindings.close();
        assert_eq!(bindings.resolve("p"), None);
    }

    #[test]
    fn the_same_declarations_in_the_same_place_have_the_same_number() {
        let mut bindings = Bindings::default();
        scope(&mut bindings, &[("", "urn:a")]);
        let first = bindings.scope();
        bindings.close();
        assert_ne!(bindings.scope(), first);
        scope(&mut bindings, &[("", "urn:a")]);
        assert_eq!(bindings.scope(), first);
        scope(&mut bindings, &[("", "urn:a")]);
        assert_ne!(bindings.scope(), first, "another parent, another number");
        bindings.close();
        bindings.close();
        scope(&mut bindings, &[("p", "urn:a")]);
        assert_ne!(bindings.scope(), first);
    }

    #[track_caller]
    fn refused(prefix: &str, name: &str) {
        let mut bindings = Bindings::default();
        bindings.open();
        let error = bindings.declare(prefix, name, &Limits::default()).unwrap_err();
        assert_eq!(error.code(), "xml.namespace-declaration");
    }

    #[test]
    fn reserved_names_stay_reserved() {
        refused("xmlns", "urn:a");
        refused("xml", "urn:a");
        refused("p", XML_NAMESPACE);
        refused("", XML_NAMESPACE);
        refused("", XMLNS_NAMESPACE);
        refused("p", "");
        let mut bindings = Bindings::default();
        scope(&mut bindings, &[("xml", XML_NAMESPACE)]);
        assert_eq!(bindings.in_scope().count(), 0);
    }
}

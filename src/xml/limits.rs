//! How much of anything a document may hold. Whatever input can grow has a bound with a name.

use super::doctype::DoctypePolicy;
use std::fmt;

/// Bounds on one document; every one names itself when it refuses.
///
/// The defaults let every feed through that we ever saw, with a wide margin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Elements open at one time.
    pub depth_max: usize,
    /// Attributes of one start tag, namespace declarations included.
    pub attributes_max: usize,
    /// Bytes of one tag, from `<` to `>`.
    pub tag_bytes_max: usize,
    /// Bytes of one piece of text or one CDATA section.
    pub text_bytes_max: usize,
    /// Bytes of one comment or processing instruction.
    pub comment_bytes_max: usize,
    /// Bytes of one name, one reference or one namespace name.
    pub name_bytes_max: usize,
    /// Bytes kept of one record, counted from its mark; a larger one is let go, and reading goes on.
    pub record_bytes_max: usize,
    /// Namespace declarations in scope at one time.
    pub bindings_max: usize,
    /// Different namespace names in one document.
    pub namespaces_max: usize,
    /// Which document type declarations are passed over.
    pub doctype: DoctypePolicy,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth_max: 256,
            attributes_max: 256,
            tag_bytes_max: 256 << 10,
            text_bytes_max: 16 << 20,
            comment_bytes_max: 1 << 20,
            name_bytes_max: 1 << 10,
            record_bytes_max: 16 << 20,
            bindings_max: 1 << 10,
            namespaces_max: 1 << 10,
            doctype: DoctypePolicy::External,
        }
    }
}

/// Which bound was exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// [`Limits::depth_max`].
    Depth,
    /// [`Limits::attributes_max`].
    Attributes,
    /// [`Limits::tag_bytes_max`].
    TagBytes,
    /// [`Limits::text_bytes_max`].
    TextBytes,
    /// [`Limits::comment_bytes_max`].
    CommentBytes,
    /// [`Limits::name_bytes_max`].
    NameBytes,
    /// [`Limits::bindings_max`].
    Bindings,
    /// [`Limits::namespaces_max`].
    Namespaces,
}

impl Limit {
    /// Name of the setting.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Depth => "depth_max",
            Self::Attributes => "attributes_max",
            Self::TagBytes => "tag_bytes_max",
            Self::TextBytes => "text_bytes_max",
            Self::CommentBytes => "comment_bytes_max",
            Self::NameBytes => "name_bytes_max",
            Self::Bindings => "bindings_max",
            Self::Namespaces => "namespaces_max",
        }
    }

    /// Stable code of the refusal.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Depth => "xml.limit.depth",
            Self::Attributes => "xml.limit.attributes",
            Self::TagBytes => "xml.limit.tag-bytes",
            Self::TextBytes => "xml.limit.text-bytes",
            Self::CommentBytes => "xml.limit.comment-bytes",
            Self::NameBytes => "xml.limit.name-bytes",
            Self::Bindings => "xml.limit.bindings",
            Self::Namespaces => "xml.limit.namespaces",
        }
    }

    /// The bound as it is set.
    #[must_use]
    pub const fn of(self, limits: &Limits) -> usize {
        match self {
            Self::Depth => limits.depth_max,
            Self::Attributes => limits.attributes_max,
            Self::TagBytes => limits.tag_bytes_max,
            Self::TextBytes => limits.text_bytes_max,
            Self::CommentBytes => limits.comment_bytes_max,
            Self::NameBytes => limits.name_bytes_max,
            Self::Bindings => limits.bindings_max,
            Self::Namespaces => limits.namespaces_max,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Depth => "elements are nested deeper than",
            Self::Attributes => "a start tag has more attributes than",
            Self::TagBytes => "a tag has more bytes than",
            Self::TextBytes => "a piece of text has more bytes than",
            Self::CommentBytes => "a comment, processing instruction or DOCTYPE has more bytes than",
            Self::NameBytes => "a name or reference has more bytes than",
            Self::Bindings => "more namespace declarations are in scope than",
            Self::Namespaces => "the document uses more different namespaces than",
        })
    }
}

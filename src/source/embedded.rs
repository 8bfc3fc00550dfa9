//! The formats that are part of the program.

/// A schema document that is part of the program.
#[derive(Debug)]
pub(crate) struct EmbeddedDocument {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

/// A format that is part of the program; its documents too, where their licence lets us.
#[derive(Debug)]
pub(crate) struct EmbeddedFormat {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    pub(crate) profile: &'static str,
    pub(crate) documents: &'static [EmbeddedDocument],
}

/// Every format of `schemas/`.
pub(crate) const FORMATS: &[EmbeddedFormat] = &[];

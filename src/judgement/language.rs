//! The language in which people are told.

/// A language of sentences. Programs are told English, whatever people are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English, in which all sentences are made.
    #[default]
    English,
    /// German, for what has German words; the rest stays English.
    German,
}

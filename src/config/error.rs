//! Why the settings cannot be used.

use super::layers::SetBy;
use super::value::Refusal;
use std::io;
use std::path::PathBuf;

/// Why the settings cannot be used; says which one and where it came from.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A settings file that was asked for cannot be read.
    #[error("cannot read the settings file `{}`", .path.display())]
    File {
        /// Its path.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A settings file that is not TOML.
    #[error("the settings file `{}` is not valid TOML", .path.display())]
    Toml {
        /// Its path.
        path: PathBuf,
        /// Where and why.
        #[source]
        source: TomlFault,
    },
    /// A setting that does not exist.
    #[error(
        "unknown setting `{key}`{}{}",
        place(.set_by.as_ref()),
        .nearest.map(|near| format!(": did you mean `{near}`?")).unwrap_or_default()
    )]
    Unknown {
        /// What was written.
        key: String,
        /// Where, when it was to be set.
        set_by: Option<SetBy>,
        /// What may have been meant.
        nearest: Option<&'static str>,
    },
    /// A setting for one format or sender that holds for all or not at all.
    #[error("setting `{key}`{} cannot be set for one {word}", place(.set_by.as_ref()))]
    Unscoped {
        /// Its name.
        key: String,
        /// `format` or `sender`.
        word: &'static str,
        /// Where, when it was to be set.
        set_by: Option<SetBy>,
    },
    /// A setting for one format or sender that does not say which, or nothing of it.
    #[error(
        "`{word}`{} says nothing without a name and a key: write `{word}.\"NAME\".KEY`",
        place(.set_by.as_ref())
    )]
    Unnamed {
        /// `format` or `sender`.
        word: &'static str,
        /// Where, when it was to be set.
        set_by: Option<SetBy>,
    },
    /// A setting whose value cannot be used.
    #[error("setting `{key}` from {set_by} cannot be used")]
    Value {
        /// Its name.
        key: String,
        /// Where it was set.
        set_by: SetBy,
        /// What is wrong with the value.
        #[source]
        source: Refusal,
    },
    /// `--set` without `=`.
    #[error("`--set` sets nothing without a value: write `--set KEY=VALUE`")]
    NoValue,
}

impl ConfigError {
    pub(super) fn unknown(key: &str, nearest: Option<&'static str>, set_by: Option<&SetBy>) -> Self {
        Self::Unknown { key: key.to_owned(), set_by: set_by.cloned(), nearest }
    }

    pub(super) fn unnamed(word: &'static str, set_by: Option<&SetBy>) -> Self {
        Self::Unnamed { word, set_by: set_by.cloned() }
    }
}

/// Where a setting was to be set, as part of a sentence.
fn place(set_by: Option<&SetBy>) -> String {
    set_by.map(|by| format!(" in {by}")).unwrap_or_default()
}

/// Where a settings file is wrong. Unlike the parser's own message it does not repeat the line,
/// which may hold a password.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct TomlFault {
    line: usize,
    message: String,
}

impl TomlFault {
    pub(super) fn new(text: &str, error: &toml::de::Error) -> Self {
        let at = error.span().map_or(0, |span| span.start);
        Self { line: line_of(text, at), message: error.message().to_owned() }
    }
}

/// The line of a place in a text, counted from 1.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or_default().matches('\n').count() + 1
}

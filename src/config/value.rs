//! What a setting may be: the type it is read as says what may be written, and how much of that may be shown.

use super::choice::Choice;
use super::quantity::QuantityError;
use std::any::TypeId;
use std::error::Error;
use std::path::PathBuf;
use std::str::FromStr;

/// Why a value cannot be used; the same whoever set it.
pub(super) type Refusal = Box<dyn Error + Send + Sync>;

/// A type that settings are read as.
pub(super) trait SettingValue: Sized + 'static {
    /// What may be written, in a word; words of a choice are told instead.
    const NOUN: &'static str;

    /// Reads what was written.
    fn read(text: &str) -> Result<Self, Refusal>;

    /// The only words that may be written; empty when it is no choice.
    fn words() -> Vec<&'static str> {
        Vec::new()
    }

    /// What was written without its secrets, also when it cannot be used.
    fn shown(text: &str) -> String {
        text.to_owned()
    }
}

impl<T: Choice> SettingValue for T {
    const NOUN: &'static str = "word";

    fn read(text: &str) -> Result<Self, Refusal> {
        Ok(Self::of(text.trim())?)
    }

    fn words() -> Vec<&'static str> {
        Self::WORDS.iter().map(|(word, _)| *word).collect()
    }
}

fn count<T: FromStr>(text: &str) -> Result<T, Refusal> {
    text.trim().parse().map_err(|_| QuantityError::Count(text.to_owned()).into())
}

impl SettingValue for usize {
    const NOUN: &'static str = "number";

    fn read(text: &str) -> Result<Self, Refusal> {
        count(text)
    }
}

impl SettingValue for u32 {
    const NOUN: &'static str = usize::NOUN;

    fn read(text: &str) -> Result<Self, Refusal> {
        count(text)
    }
}

impl SettingValue for u64 {
    const NOUN: &'static str = usize::NOUN;

    fn read(text: &str) -> Result<Self, Refusal> {
        count(text)
    }
}

impl SettingValue for PathBuf {
    const NOUN: &'static str = "path";

    fn read(text: &str) -> Result<Self, Refusal> {
        Ok(Self::from(text))
    }
}

/// Nothing written is nothing set.
impl<T: SettingValue> SettingValue for Option<T> {
    const NOUN: &'static str = T::NOUN;

    fn read(text: &str) -> Result<Self, Refusal> {
        if text.is_empty() { Ok(None) } else { T::read(text).map(Some) }
    }

    fn words() -> Vec<&'static str> {
        T::words()
    }

    fn shown(text: &str) -> String {
        T::shown(text)
    }
}

/// The type of a setting, for a table of settings of all types.
#[derive(Debug)]
pub(super) struct ValueKind {
    pub(super) type_id: fn() -> TypeId,
    noun: &'static str,
    pub(super) words: fn() -> Vec<&'static str>,
    pub(super) shown: fn(&str) -> String,
}

impl ValueKind {
    pub(super) const fn of<T: SettingValue>() -> Self {
        Self { type_id: TypeId::of::<T>, noun: T::NOUN, words: T::words, shown: T::shown }
    }

    /// What may be written, for the documentation.
    pub(super) fn accepted(&self) -> String {
        match (self.words)().split_last() {
            Some((last, others)) => format!("{} or {last}", others.join(", ")),
            None => self.noun.to_owned(),
        }
    }
}

//! Settings that choose one of a few words.

use std::fmt;
use std::str::FromStr;

/// The word is none of those that may be chosen.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is none of {}", .known.join(", "))]
pub struct ChoiceError {
    word: String,
    known: &'static [&'static str],
}

/// The form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportForm {
    /// For people: grouped, with excerpts and a summary table.
    Text,
    /// One line per deviation, for grep and editors.
    Lines,
    /// JSON lines, for programs.
    Json,
    /// The XML of `JUnit`: a suite for each feed, a case for each refused record.
    Junit,
    /// SARIF 2.1.0.
    Sarif,
    /// GitLab Code Quality.
    Gitlab,
    /// One page for people, without anything it would have to fetch.
    Html,
}

/// How progress is shown on standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProgressForm {
    /// Bars on a terminal, nothing elsewhere.
    Auto,
    /// A line every few seconds.
    Plain,
    /// Nothing.
    None,
}

/// When the text report is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl ReportForm {
    /// The words that choose one.
    pub const WORDS: &'static [&'static str] = &["text", "lines", "json", "junit", "sarif", "gitlab", "html"];
    /// All of them.
    pub const VALUES: &'static [Self] =
        &[Self::Text, Self::Lines, Self::Json, Self::Junit, Self::Sarif, Self::Gitlab, Self::Html];

    /// The setting that names a file for this form.
    #[must_use]
    pub fn file_key(self) -> String {
        format!("report_file.{self}")
    }
}

impl ProgressForm {
    /// The words that choose one.
    pub const WORDS: &'static [&'static str] = &["auto", "plain", "none"];
    const VALUES: &'static [Self] = &[Self::Auto, Self::Plain, Self::None];
}

impl ColorChoice {
    /// The words that choose one.
    pub const WORDS: &'static [&'static str] = &["auto", "always", "never"];
    const VALUES: &'static [Self] = &[Self::Auto, Self::Always, Self::Never];
}

pub(super) fn choose<T: Copy>(
    word: &str,
    words: &'static [&'static str],
    values: &[T],
) -> Result<T, ChoiceError> {
    let at = words.iter().position(|each| *each == word);
    at.map(|at| values[at]).ok_or_else(|| ChoiceError { word: word.to_owned(), known: words })
}

impl FromStr for ReportForm {
    type Err = ChoiceError;

    fn from_str(word: &str) -> Result<Self, ChoiceError> {
        choose(word, Self::WORDS, Self::VALUES)
    }
}

impl FromStr for ProgressForm {
    type Err = ChoiceError;

    fn from_str(word: &str) -> Result<Self, ChoiceError> {
        choose(word, Self::WORDS, Self::VALUES)
    }
}

impl FromStr for ColorChoice {
    type Err = ChoiceError;

    fn from_str(word: &str) -> Result<Self, ChoiceError> {
        choose(word, Self::WORDS, Self::VALUES)
    }
}

impl fmt::Display for ReportForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = Self::VALUES.iter().position(|each| each == self).expect("every form is listed");
        f.write_str(Self::WORDS[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_chooses_and_another_is_refused() {
        assert_eq!("lines".parse(), Ok(ReportForm::Lines));
        assert_eq!("none".parse(), Ok(ProgressForm::None));
        assert_eq!("never".parse(), Ok(ColorChoice::Never));
        assert_eq!(ReportForm::Json.to_string(), "json");
        let error = "xml".parse::<ReportForm>().expect_err("no such form");
        assert_eq!(error.to_string(), "`xml` is none of text, lines, json, junit, sarif, gitlab, html");
    }
}

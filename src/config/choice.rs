//! Settings that choose one of a few words.

use crate::judgement::Language;
use crate::xml::DoctypePolicy;
use std::fmt;
use std::str::FromStr;

/// One of a few words.
pub(super) trait Choice: Copy + PartialEq + 'static {
    /// The words, each with what it chooses.
    const WORDS: &'static [(&'static str, Self)];

    /// What a word chooses.
    fn of(word: &str) -> Result<Self, ChoiceError> {
        let found = Self::WORDS.iter().find(|(each, _)| *each == word);
        found.map(|(_, choice)| *choice).ok_or_else(|| ChoiceError {
            word: word.to_owned(),
            known: Self::WORDS.iter().map(|(each, _)| *each).collect(),
        })
    }
}

/// The word is none of those that may be chosen.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is none of {}", .known.join(", "))]
pub struct ChoiceError {
    word: String,
    known: Vec<&'static str>,
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

impl Choice for ReportForm {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("text", Self::Text),
        ("lines", Self::Lines),
        ("json", Self::Json),
        ("junit", Self::Junit),
        ("sarif", Self::Sarif),
        ("gitlab", Self::Gitlab),
        ("html", Self::Html),
    ];
}

impl Choice for ProgressForm {
    const WORDS: &'static [(&'static str, Self)] =
        &[("auto", Self::Auto), ("plain", Self::Plain), ("none", Self::None)];
}

impl Choice for ColorChoice {
    const WORDS: &'static [(&'static str, Self)] =
        &[("auto", Self::Auto), ("always", Self::Always), ("never", Self::Never)];
}

impl Choice for DoctypePolicy {
    const WORDS: &'static [(&'static str, Self)] =
        &[("external", Self::External), ("refused", Self::Refused), ("any", Self::Any)];
}

impl Choice for Language {
    const WORDS: &'static [(&'static str, Self)] = &[("en", Self::English), ("de", Self::German)];
}

impl ReportForm {
    /// The setting that names a file for this form.
    #[must_use]
    pub fn file_key(self) -> String {
        format!("report_file.{self}")
    }
}

impl FromStr for ReportForm {
    type Err = ChoiceError;

    fn from_str(word: &str) -> Result<Self, ChoiceError> {
        Self::of(word)
    }
}

impl fmt::Display for ReportForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, _) = Self::WORDS.iter().find(|(_, each)| each == self).expect("every form is listed");
        f.write_str(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_chooses_and_another_is_refused() {
        assert_eq!("lines".parse(), Ok(ReportForm::Lines));
        assert_eq!(ProgressForm::of("none"), Ok(ProgressForm::None));
        assert_eq!(ColorChoice::of("never"), Ok(ColorChoice::Never));
        assert_eq!(ReportForm::Json.to_string(), "json");
        let error = "xml".parse::<ReportForm>().expect_err("no such form");
        assert_eq!(error.to_string(), "`xml` is none of text, lines, json, junit, sarif, gitlab, html");
    }
}

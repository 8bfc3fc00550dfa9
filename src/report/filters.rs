//! What templates say of a value: `{{ feed.name|shown }}`.
//!
//! Everything is escaped for HTML behind these; whatever stems from a feed passes [`shown`] or [`clean`] before.

#![expect(
    unreachable_pub,
    clippy::inline_always,
    clippy::unused_self,
    reason = "what the macro of filters makes"
)]
#![expect(clippy::unnecessary_wraps, reason = "what the macro of filters asks for")]

use super::{Explanation, codes, escape};
use crate::judgement::{Acceptance, Language, Severity};
use askama::{Result, Values, filter_fn};
use std::borrow::Borrow;

/// Steps of a path that are shown where the whole path stands nearby.
const STEPS_SHOWN_MAX: usize = 4;

/// On one line, harmless and cut.
#[filter_fn]
pub(crate) fn shown<T: AsRef<str>>(text: T, _: &dyn Values) -> Result<String> {
    Ok(escape::shown(text.as_ref()))
}

/// On one line and harmless, however long.
#[filter_fn]
pub(crate) fn clean<T: AsRef<str>>(text: T, _: &dyn Values) -> Result<String> {
    Ok(escape::clean(text.as_ref()).into_owned())
}

/// A number, however many loops and macros it was lent through.
pub(crate) trait Number {
    fn get(&self) -> u64;
}

impl Number for u64 {
    fn get(&self) -> u64 {
        *self
    }
}

impl Number for usize {
    fn get(&self) -> u64 {
        *self as u64
    }
}

impl<N: Number> Number for &N {
    fn get(&self) -> u64 {
        (**self).get()
    }
}

/// With its thousands set apart, as a language does.
#[filter_fn]
pub(crate) fn parted<N: Number, L: Borrow<Language>>(
    number: N,
    _: &dyn Values,
    language: L,
) -> Result<String> {
    Ok(language.borrow().grouped(number.get()))
}

/// Where the Recommendation says so.
#[filter_fn]
pub(crate) fn reference(code: &str, _: &dyn Values) -> Result<Option<String>> {
    Ok(codes::reference(code))
}

/// What is to be said of a code at length.
#[filter_fn]
pub(crate) fn explanation(code: &str, _: &dyn Values) -> Result<Option<Explanation>> {
    Ok(Explanation::of(code))
}

/// The style of a verdict.
#[filter_fn]
pub(crate) fn class<A: Borrow<Acceptance>>(acceptance: A, _: &dyn Values) -> Result<&'static str> {
    Ok(class_of(*acceptance.borrow()))
}

/// The style of a verdict.
pub(crate) fn class_of(acceptance: Acceptance) -> &'static str {
    match acceptance {
        Acceptance::Accepted => "good",
        Acceptance::Held => "held",
        Acceptance::NotFullyChecked | Acceptance::Cancelled => "warning",
        Acceptance::Deviations | Acceptance::Failed => "error",
    }
}

/// What has a sign beside its word, for those who see no colours.
pub(crate) trait Signed {
    fn sign(&self) -> &'static str;
}

impl Signed for Acceptance {
    fn sign(&self) -> &'static str {
        sign_of(*self)
    }
}

impl Signed for Severity {
    fn sign(&self) -> &'static str {
        match self {
            Self::Fatal => "■",
            Self::Error => "●",
            Self::Warning => "▲",
            Self::Notice => "◆",
        }
    }
}

impl<S: Signed> Signed for &S {
    fn sign(&self) -> &'static str {
        (**self).sign()
    }
}

/// The sign of a verdict.
pub(crate) fn sign_of(acceptance: Acceptance) -> &'static str {
    match acceptance {
        Acceptance::Accepted => "✓",
        Acceptance::NotFullyChecked => "○",
        Acceptance::Deviations => "●",
        Acceptance::Held => "‖",
        Acceptance::Failed => "■",
        Acceptance::Cancelled => "▲",
    }
}

/// A sign beside a word.
#[filter_fn]
pub(crate) fn sign<S: Signed>(of: S, _: &dyn Values) -> Result<&'static str> {
    Ok(of.sign())
}

/// On one line, harmless and cut, in parts: whether they stood in backticks, and what.
#[filter_fn]
pub(crate) fn spans<T: AsRef<str>>(text: T, _: &dyn Values) -> Result<Vec<(bool, String)>> {
    Ok(code_spans(&escape::shown(text.as_ref())))
}

/// A text in parts: whether they stood in backticks, and what. One that is never closed is a backtick like any letter.
fn code_spans(text: &str) -> Vec<(bool, String)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, from)) = rest.split_once('`')
        && let Some((code, after)) = from.split_once('`')
    {
        parts.extend((!before.is_empty()).then(|| (false, before.to_owned())));
        parts.extend((!code.is_empty()).then(|| (true, code.to_owned())));
        rest = after;
    }
    parts.extend((!rest.is_empty()).then(|| (false, rest.to_owned())));
    parts
}

/// On one line, harmless and cut, in parts that a line may end behind: a name of a file is no word.
#[filter_fn]
pub(crate) fn breaking<T: AsRef<str>>(text: T, _: &dyn Values) -> Result<Vec<String>> {
    let shown = escape::shown(text.as_ref());
    Ok(shown.split_inclusive(['/', '_', '-', '.']).map(str::to_owned).collect())
}

/// The end of a path, as people read it: `Product › Price › PriceAmount`.
#[filter_fn]
pub(crate) fn short_path<T: AsRef<str>>(path: T, _: &dyn Values) -> Result<String> {
    Ok(shortened(&escape::shown(path.as_ref())))
}

/// The last steps of a path.
fn shortened(path: &str) -> String {
    let steps: Vec<&str> = path.split('/').filter(|step| !step.is_empty()).collect();
    let from = steps.len().saturating_sub(STEPS_SHOWN_MAX);
    let left_out = if from > 1 { "… › " } else { "" };
    // The root is the same everywhere.
    let from = if steps.len() > 1 { from.max(1) } else { from };
    format!("{left_out}{}", steps[from..].join(" › "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_backticks_is_a_part_of_its_own() {
        let parts = |text: &str| code_spans(text).into_iter().map(|(_, part)| part).collect::<Vec<_>>();
        assert_eq!(
            code_spans("`a` is no `b`, see"),
            [(true, "a"), (false, " is no "), (true, "b"), (false, ", see")]
                .map(|(is_code, part)| (is_code, part.to_owned()))
        );
        assert_eq!(parts("a ` b"), ["a ` b"]);
        assert_eq!(parts("`` x ``"), [" x "]);
        assert_eq!(parts("`a` ` b"), ["a", " ` b"]);
    }

    #[test]
    fn a_path_is_shortened_from_its_beginning() {
        assert_eq!(shortened("/feed/product/price"), "product › price");
        assert_eq!(shortened("/feed/a/b/c/d/e"), "… › b › c › d › e");
        assert_eq!(shortened("/feed/a/b/c/d"), "a › b › c › d");
        assert_eq!(shortened("/feed"), "feed");
        assert_eq!(shortened(""), "");
    }
}

//! The languages of the page, and what each writes in its own way.

use super::asked::local;
use super::visit::Visit;
use crate::report::{Explanation, german};
use crate::serve::problem::Problem;
use axum::extract::{Path, Query};
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_LANGUAGE, SET_COOKIE};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

/// The cookie of whoever has chosen one.
const COOKIE: &str = "lang";
/// How long a choice holds.
const CHOICE_SECONDS: u32 = 365 * 24 * 60 * 60;

/// A language of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Language {
    /// Where nobody says another one.
    #[default]
    English,
    /// German.
    German,
}

/// What is to be said of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Advice {
    /// What a deviation with it says, and what comes of it.
    pub(super) meaning: &'static str,
    /// What to do.
    pub(super) action: &'static str,
}

impl Language {
    /// All of them.
    pub(super) const ALL: [Self; 2] = [Self::English, Self::German];

    /// As it was chosen, or as the browser prefers it.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let chosen = super::visit::cookie(headers, COOKIE).and_then(Self::tagged);
        let preferred = || headers.get(ACCEPT_LANGUAGE).and_then(|said| preferred(said.to_str().ok()?));
        chosen.or_else(preferred).unwrap_or_default()
    }

    /// As HTML names it (BCP 47).
    pub(super) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// A sentence of the program in this language; as it is where there is none for it.
    pub(super) fn sentence(self, english: String) -> String {
        match self {
            Self::English => english,
            Self::German => german::sentence(&english).into_owned(),
        }
    }

    /// What is to be said of a code.
    pub(super) fn advice(self, code: &str) -> Option<Advice> {
        match self {
            Self::English => {
                Explanation::of(code).map(|told| Advice { meaning: told.meaning, action: told.action })
            }
            Self::German => {
                german::explanation(code).map(|told| Advice { meaning: told.meaning, action: told.action })
            }
        }
    }

    /// As it calls itself.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::German => "Deutsch",
        }
    }

    /// The language of a tag, whatever its region.
    fn tagged(tag: &str) -> Option<Self> {
        let main = tag.split('-').next().unwrap_or(tag).trim();
        Self::ALL.into_iter().find(|each| each.tag().eq_ignore_ascii_case(main))
    }

    /// One of two texts.
    pub(super) const fn pick(self, english: &'static str, german: &'static str) -> &'static str {
        match self {
            Self::English => english,
            Self::German => german,
        }
    }

    /// A number with its thousands set apart: `20,131`, `20.131`.
    pub(super) fn grouped(self, number: u64) -> String {
        let (digits, mark) = (number.to_string(), self.pick(",", "."));
        let mut text = String::with_capacity(digits.len() + digits.len() / 3);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at) % 3 == 0 {
                text.push_str(mark);
            }
            text.push(digit);
        }
        text
    }

    /// So many of something: `1 record`, `2.000 Datensätze`.
    pub(super) fn counted(self, number: u64, nouns: [[&str; 2]; 2]) -> String {
        let [one, many] = match self {
            Self::English => nouns[0],
            Self::German => nouns[1],
        };
        format!("{} {}", self.grouped(number), if number == 1 { one } else { many })
    }
}

/// The language of ours that a list (RFC 9110, section 12.5.4) prefers.
fn preferred(said: &str) -> Option<Language> {
    let mut best: Option<(f32, Language)> = None;
    for range in said.split(',') {
        let (tag, weight) = range.split_once(';').unwrap_or((range, ""));
        let weight = weight.trim().strip_prefix("q=").and_then(|said| said.parse().ok()).unwrap_or(1.0);
        let Some(language) = Language::tagged(tag) else { continue };
        if weight > best.map_or(0.0, |(before, _)| before) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

/// Where to go afterwards.
#[derive(Debug, Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    to: String,
}

/// Chooses a language, and goes back.
pub(super) async fn choose(
    _: Visit,
    Path(chosen): Path<String>,
    Query(back): Query<Back>,
) -> Result<Response, Problem> {
    let none = || Problem::not_found("there is no page in that language");
    let tag = Language::tagged(&chosen).ok_or_else(none)?.tag();
    let cookie = format!("{COOKIE}={tag}; Path=/; Max-Age={CHOICE_SECONDS}; HttpOnly; SameSite=Lax");
    Ok(([(SET_COOKIE, cookie)], Redirect::to(local(&back.to))).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_and_advice_are_told_in_each_language() {
        let english = || "`availability` is missing before `stock`".to_owned();
        assert_eq!(Language::English.sentence(english()), english());
        assert!(Language::German.sentence(english()).contains("fehlt"));
        let advice = Language::ALL.map(|language| language.advice("rule.gtin").expect("it is explained"));
        assert_ne!(advice[0], advice[1]);
        assert_eq!(Language::German.advice("rule.nothing"), None);
    }

    #[test]
    fn the_preferred_language_is_that_of_the_greatest_weight() {
        use Language::{English, German};
        for (said, expected) in [
            ("de", Some(German)),
            ("de-AT,en;q=0.8", Some(German)),
            ("en-GB,de;q=0.9", Some(English)),
            ("fr, de;q=0.4, en;q=0.3", Some(German)),
            ("en;q=0, de;q=0.1", Some(German)),
            ("fr", None),
            ("*", None),
            (";;q=,", None),
        ] {
            assert_eq!(preferred(said), expected, "{said}");
        }
    }

    #[test]
    fn a_choice_goes_before_what_the_browser_prefers() {
        let mut headers = HeaderMap::new();
        assert_eq!(Language::of(&headers), Language::English);
        headers.insert(ACCEPT_LANGUAGE, "de".parse().expect("a header"));
        assert_eq!(Language::of(&headers), Language::German);
        headers.insert("cookie", "lang=en".parse().expect("a header"));
        assert_eq!(Language::of(&headers), Language::English);
        headers.insert("cookie", "lang=xx".parse().expect("a header"));
        assert_eq!(Language::of(&headers), Language::German);
    }

    #[test]
    fn thousands_are_set_apart_as_the_language_does() {
        let of = |number| [Language::English, Language::German].map(|language| language.grouped(number));
        assert_eq!(of(7), ["7", "7"]);
        assert_eq!(of(999), ["999", "999"]);
        assert_eq!(of(20_131), ["20,131", "20.131"]);
        assert_eq!(of(1_000_000), ["1,000,000", "1.000.000"]);
        let nouns = [["record", "records"], ["Datensatz", "Datensätze"]];
        assert_eq!(Language::German.counted(1, nouns), "1 Datensatz");
        assert_eq!(Language::English.counted(2_000, nouns), "2,000 records");
    }
}

//! The languages of the page: which one somebody is told in.

use super::asked::local;
use super::visit::Visit;
use super::words::action_on_page;
pub(super) use crate::judgement::Language;
use crate::report::kind::{self, Alike};
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

/// What is to be said of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Advice {
    /// What a deviation with it says, and what comes of it.
    pub(super) meaning: &'static str,
    /// What to do.
    pub(super) action: &'static str,
}

impl Advice {
    /// What it means in few words: up to where its first sentence goes into detail.
    pub(super) fn gist(self) -> &'static str {
        let end = [". ", ": "].into_iter().filter_map(|end| self.meaning.find(end)).min();
        self.meaning[..end.unwrap_or(self.meaning.len())].trim_end_matches('.')
    }
}

impl Language {
    /// As it was chosen, or as the browser prefers it.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let chosen = super::visit::cookie(headers, COOKIE).and_then(Self::tagged);
        let preferred = || headers.get(ACCEPT_LANGUAGE).and_then(|said| preferred(said.to_str().ok()?));
        chosen.or_else(preferred).unwrap_or_default()
    }

    /// A sentence of the program in this language, without what it says of commands; in English where there is none for
    /// it.
    pub(super) fn sentence(self, english: &str) -> String {
        let english = without_commands(english);
        let told = match self {
            Self::English => english.to_owned(),
            Self::German => german::sentence(english).into_owned(),
        };
        self.for_people(&told)
    }

    /// A sentence of the program as it stands on a page: it begins with a capital letter, ends without a full stop if
    /// it is the only one, and says places and paths as pages do.
    pub(super) fn for_people(self, told: &str) -> String {
        let told = told.strip_suffix('.').filter(|only| !only.contains(". ")).unwrap_or(told);
        let told = self.with_place(&told.replace("` > ", "` › ").replace("… > ", "… › "));
        let mut chars = told.chars();
        chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
    }

    /// `(opened at 3101:7)` in words.
    fn with_place(self, told: &str) -> String {
        let [begin, line, column] = match self {
            Self::English => ["(opened at ", "opened in line", "column"],
            Self::German => ["(geöffnet bei ", "geöffnet in Zeile", "Spalte"],
        };
        let place = |(before, rest): (&str, &str)| {
            let (place, after) = rest.split_once(')')?;
            let (at, in_it) = place.split_once(':')?;
            let at = self.grouped(at.parse().ok()?);
            Some(format!("{before}({line} {at}, {column} {in_it}){after}"))
        };
        told.split_once(begin).and_then(place).unwrap_or_else(|| told.to_owned())
    }

    /// The same of a kind of findings, from the sentence of the first.
    pub(super) fn of_kind(self, first: &str, operands: &[&str], alike: Alike) -> String {
        kind::of_kind(self, without_commands(first), operands, alike)
    }

    /// What is to be said of a code.
    pub(super) fn advice(self, code: &str) -> Option<Advice> {
        let (meaning, action) = match self {
            Self::English => Explanation::of(code).map(|told| (told.meaning, told.action)),
            Self::German => german::explanation(code).map(|told| (told.meaning, told.action)),
        }?;
        Some(Advice { meaning, action: action_on_page(self, code).unwrap_or(action) })
    }

    /// The language of a tag, whatever its region.
    fn tagged(tag: &str) -> Option<Self> {
        let main = tag.split('-').next().unwrap_or(tag).trim();
        Self::ALL.into_iter().find(|each| each.tag().eq_ignore_ascii_case(main))
    }
}

/// What sentences say of commands, behind all else: on a page there is a button or a link in its place.
fn without_commands(sentence: &str) -> &str {
    const FIXED: [&str; 3] = [
        " `--accept-old` lets it in.",
        " `--source NAME` says it.",
        " `feedgate quarantine list --source` shows those that wait, `quarantine discard` gives them up.",
    ];
    const HELD: [[&str; 2]; 2] = [
        [" `feedgate held show ", "` tells what it would do."],
        [" Look again with `feedgate held show ", "`."],
    ];
    let numbered = |[start, end]: [&str; 2]| {
        let (before, number) = sentence.strip_suffix(end)?.rsplit_once(start)?;
        number.bytes().all(|byte| byte.is_ascii_digit()).then_some(before)
    };
    let shorter = HELD.into_iter().find_map(numbered).unwrap_or(sentence);
    FIXED.into_iter().find_map(|tail| shorter.strip_suffix(tail)).unwrap_or(shorter)
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
        let english = "`availability` is missing before `stock`";
        assert_eq!(Language::English.sentence(english), english);
        assert!(Language::German.sentence(english).contains("fehlt"));
        let advice = Language::ALL.map(|language| language.advice("rule.gtin").expect("it is explained"));
        assert_ne!(advice[0], advice[1]);
        assert_eq!(Language::German.advice("rule.nothing"), None);
        let gist = |meaning| Advice { meaning, action: "" }.gist();
        assert_eq!((gist("A; a: b. C."), gist("A is b. C."), gist("A is b.")), ("A; a", "A is b", "A is b"));
    }

    #[test]
    fn sentences_of_a_page_are_written_in_one_way() {
        let of = |said: &str| Language::English.for_people(said);
        assert_eq!((of("it is so."), of("It is. So it is.")), ("It is so".into(), "It is. So it is.".into()));
        assert_eq!(
            of("`a` > … > `b` (opened at 3101:7): end"),
            "`a` › … › `b` (opened in line 3,101, column 7): end"
        );
        let german = Language::German.for_people("ende in `a` (geöffnet bei 3101:7)");
        assert_eq!(german, "Ende in `a` (geöffnet in Zeile 3.101, Spalte 7)");
        assert_eq!(of("x (opened at the end)"), "X (opened at the end)");
    }

    #[test]
    fn a_page_says_nothing_of_commands() {
        let of = |sentence: &str| without_commands(sentence).to_owned();
        assert_eq!(of("It is held. `feedgate held show 11` tells what it would do."), "It is held.");
        assert_eq!(of("Not so. Look again with `feedgate held show 11`."), "Not so.");
        let old = "Old. `--accept-old` lets it in. `feedgate held show 1` tells what it would do.";
        assert_eq!(of(old), "Old.");
        let other = "Held. `feedgate held show x; y` tells what it would do.";
        assert_eq!(of(other), other);
        for code in ["rule.guard", "feed.held", "rule.stale", "rule.no-sender", "rule.quarantine-full"] {
            for language in Language::ALL {
                let action = language.advice(code).expect("it is explained").action;
                assert!(!action.contains("feedgate ") && !action.contains("--"), "{code}: {action}");
            }
        }
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
}

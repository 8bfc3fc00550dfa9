//! The tokens among the strings: `language`, `NMTOKEN`, `Name`, `NCName`; length in characters.

use super::Lexical;
use super::name_chars::{is_name_char, is_name_start};

/// `[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*` (3.3.3).
pub(super) fn language(text: &str) -> Result<(), Lexical> {
    let mut subtags = text.split('-');
    let primary = subtags.next().unwrap_or_default();
    let lengths = |tag: &str| (1..=8).contains(&tag.len());
    let is_language = lengths(primary)
        && primary.bytes().all(|byte| byte.is_ascii_alphabetic())
        && subtags.all(|tag| lengths(tag) && tag.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    form(is_language)
}

/// `\c+` (3.3.4).
pub(super) fn nm_token(text: &str) -> Result<(), Lexical> {
    form(!text.is_empty() && text.chars().all(is_name_char))
}

/// `\i\c*` (3.3.6).
pub(super) fn name(text: &str) -> Result<(), Lexical> {
    let mut chars = text.chars();
    form(chars.next().is_some_and(is_name_start) && chars.all(is_name_char))
}

/// `[\i-[:]][\c-[:]]*` (3.3.7).
pub(super) fn nc_name(text: &str) -> Result<(), Lexical> {
    form(!text.bytes().any(|byte| byte == b':'))?;
    name(text)
}

fn form(holds: bool) -> Result<(), Lexical> {
    if holds { Ok(()) } else { Err(Lexical::Form) }
}

/// Length in characters, counted only where the number of bytes leaves it open: at least `min`?
pub(crate) fn has_chars_at_least(text: &str, min: u64) -> bool {
    let bytes = text.len() as u64;
    bytes >= min && (bytes / 4 >= min || char_count(text) >= min)
}

/// Length in characters, counted only where the number of bytes leaves it open: at most `max`?
pub(crate) fn has_chars_at_most(text: &str, max: u64) -> bool {
    text.len() as u64 <= max || char_count(text) <= max
}

/// Length in characters.
pub(crate) fn char_count(text: &str) -> u64 {
    text.chars().count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(check: fn(&str) -> Result<(), Lexical>, good: &[&str], bad: &[&str]) {
        for text in good {
            assert_eq!(check(text), Ok(()), "{text:?}");
        }
        for text in bad {
            assert_eq!(check(text), Err(Lexical::Form), "{text:?}");
        }
    }

    #[test]
    fn tokens_follow_their_patterns() {
        case(
            language,
            &["de", "en-GB", "i-klingon", "x-12345678-a"],
            &["", "de-", "deutschen", "d1", "de_AT", "-"],
        );
        case(nm_token, &["a", "1.5-x:y_", "é"], &["", "a b", "a,b", "a/b"]);
        case(name, &["a", ":", "_a.b-c:d", "Ätna"], &["", "1a", "-a", ".a", "a b", "a$"]);
        case(nc_name, &["a", "_a.b-c", "あ"], &["", "a:b", ":", "1a"]);
    }

    #[test]
    fn length_is_in_characters() {
        for (text, length) in [("", 0), ("abc", 3), ("äöü", 3), ("𝄞𝄞", 2), ("日本語", 3)] {
            for bound in 0..12 {
                assert_eq!(has_chars_at_least(text, bound), length >= bound, "{text} at least {bound}");
                assert_eq!(has_chars_at_most(text, bound), length <= bound, "{text} at most {bound}");
            }
        }
    }
}

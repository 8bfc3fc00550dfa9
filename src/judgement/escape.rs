//! Text of a feed on its way to a terminal, a report or a collector: one line, no control over the terminal, not too
//! long.

use std::borrow::Cow;
use std::fmt::Write;

/// Characters of a feed's text that one line of a report shows.
const SHOWN_CHARS_MAX: usize = 400;

/// The text on one line with every character visible or harmless.
#[must_use]
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut cleaned = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => cleaned.push_str("\\n"),
            '\r' => cleaned.push_str("\\r"),
            '\t' => cleaned.push_str("\\t"),
            c if is_unsafe(c) => write!(cleaned, "\\u{{{:x}}}", u32::from(c)).expect("writes to memory"),
            c => cleaned.push(c),
        }
    }
    Cow::Owned(cleaned)
}

/// The text cleaned and cut to what a line may show.
#[must_use]
pub fn shown(text: &str) -> String {
    cut(&clean(text), SHOWN_CHARS_MAX).into_owned()
}

/// At most so many characters, with `…` for what was cut.
#[must_use]
pub fn cut(text: &str, chars_max: usize) -> Cow<'_, str> {
    if text.chars().nth(chars_max).is_none() {
        return Cow::Borrowed(text);
    }
    let end = text.char_indices().nth(chars_max.saturating_sub(1)).map_or(0, |(at, _)| at);
    Cow::Owned(format!("{}…", &text[..end]))
}

/// Controls of terminals, line breaks of any alphabet, and marks that turn the direction of writing
/// or hide: what is shown must be what is there.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_as_a_command() {
        assert_eq!(clean("\x1b[2J\x07\u{9b}31m"), "\\u{1b}[2J\\u{7}\\u{9b}31m");
        assert_eq!(clean("a\nb\r\tc"), "a\\nb\\r\\tc");
        assert_eq!(clean("abc\u{202e}def\u{2028}"), "abc\\u{202e}def\\u{2028}");
        assert_eq!(clean("a\u{7f}"), "a\\u{7f}");
    }

    #[test]
    fn plain_text_of_any_alphabet_stays() {
        for text in ["", "Klavierstücke", "ピアノ", "Дворжак", "a\\b"] {
            assert!(matches!(clean(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn a_cut_text_is_as_long_as_it_may_be() {
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("äöüß", 3), "äö…");
        assert_eq!(shown(&"x".repeat(SHOWN_CHARS_MAX)).chars().count(), SHOWN_CHARS_MAX);
        let longer = shown(&"x".repeat(SHOWN_CHARS_MAX + 1));
        assert_eq!(longer.chars().count(), SHOWN_CHARS_MAX);
        assert!(longer.ends_with('…'));
    }
}

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

/// JSON lets C1 controls, line separators and marks of direction stand bare; terminals, line readers and eyes do not.
/// The same JSON, with escapes for them.
#[must_use]
pub fn json_safe(json: &str) -> Cow<'_, str> {
    let bare = |c: char| c != '\n' && is_unsafe(c);
    if !json.chars().any(bare) {
        return Cow::Borrowed(json);
    }
    let mut units = [0; 2];
    Cow::Owned(json.chars().fold(String::with_capacity(json.len() + 16), |mut text, c| {
        if bare(c) {
            for unit in c.encode_utf16(&mut units) {
                write!(text, "\\u{unit:04x}").expect("writes to memory");
            }
        } else {
            text.push(c);
        }
        text
    }))
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
    fn json_is_the_same_and_turns_nothing_round() {
        let text = "a\u{202e}b\u{61c}c\u{2066}d\u{200f}\u{85}\u{e0001}";
        let json = serde_json::to_string(text).expect("a text is JSON");
        let safe = json_safe(&json);
        assert!(safe.is_ascii() && safe.contains("\\u202eb\\u061cc"), "{safe}");
        assert_eq!(serde_json::from_str::<String>(&safe).expect("it is JSON"), text);
        assert!(matches!(json_safe("{\"a\": \"ä\"}\n"), Cow::Borrowed(_)));
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

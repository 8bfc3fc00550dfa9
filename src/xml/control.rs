//! Control characters of the second set (C1, U+0080 to U+009F): XML allows them, and no text has them on purpose.
//!
//! They come from bytes of Windows-1252 that were read as ISO-8859-1, or written as references (`&#150;`). What was
//! meant is the character that Windows-1252 has in that place.

use memchr::memchr_iter;

/// The first byte of each of them in UTF-8.
const LEAD: u8 = 0xC2;

/// What Windows-1252 has in the places 0x80 to 0x9F; a replacement character where it has nothing.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž', '\u{fffd}',
    '\u{fffd}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}', 'ž', 'Ÿ',
];

/// A control character in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Control {
    /// Bytes of the text before it.
    pub at: usize,
    /// The character.
    pub character: char,
    /// What Windows-1252 has in its place, if anything.
    pub meant: Option<char>,
}

/// The first control character of the second set in a text.
#[must_use]
pub fn control_in(text: &str) -> Option<Control> {
    let bytes = text.as_bytes();
    memchr_iter(LEAD, bytes).find_map(|at| {
        let second = *bytes.get(at + 1)?;
        let meant = *WINDOWS_1252.get(usize::from(second).checked_sub(0x80)?)?;
        let meant = (meant != '\u{fffd}').then_some(meant);
        Some(Control { at, character: char::from(second), meant })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: Option<(usize, char, Option<char>)>) {
        assert_eq!(
            control_in(text).map(|found| (found.at, found.character, found.meant)),
            expected,
            "{text:?}"
        );
    }

    #[test]
    fn what_was_meant_is_what_windows_1252_has_there() {
        case("Sonate \u{96} Trio", Some((7, '\u{96}', Some('–'))));
        case("\u{80}", Some((0, '\u{80}', Some('€'))));
        case("\u{9f}", Some((0, '\u{9f}', Some('Ÿ'))));
        case("a\u{81}", Some((1, '\u{81}', None)));
    }

    #[test]
    fn other_characters_are_none_of_them() {
        case("", None);
        case("plain", None);
        case("© 2026 ü \u{a0} \u{7f}", None);
        case("©\u{85}", Some((2, '\u{85}', Some('…'))));
    }
}

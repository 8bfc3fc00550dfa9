//! Which characters XML 1.0 allows, how line ends are normalised, and a fast way to see that a stretch
//! holds nothing special.

/// `Char`: what may stand in a document at all.
pub(super) fn is_char(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// The four characters of white space.
pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// `NameStartChar` without the colon.
fn is_name_start(c: char) -> bool {
    matches!(c, 'A'..='Z' | '_' | 'a'..='z'
        | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}'
        | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}'
        | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

/// `NameChar` without the colon.
fn is_name_char(c: char) -> bool {
    is_name_start(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// A name without a colon.
pub(super) fn is_ncname(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(is_name_start) && characters.all(is_name_char)
}

/// A name with at most one colon, between two names.
pub(super) fn is_qname(name: &str) -> bool {
    match name.split_once(':') {
        Some((prefix, local)) => is_ncname(prefix) && is_ncname(local),
        None => is_ncname(name),
    }
}

/// Bytes that call for a closer look: control characters except tab and line feed (a carriage return
/// is to be normalised, the others are forbidden), `]` (perhaps `]]>`), and the first byte of
/// U+F000 to U+FFFF (perhaps U+FFFE).
const fn is_suspicious(byte: u8) -> bool {
    (byte < 0x20 && byte != b'\t' && byte != b'\n') || byte == b']' || byte == 0xEF
}

/// Index of the first suspicious byte at or after `from`, or the length.
///
/// One pass over a whole window lets nearly every token pass with one comparison.
pub(super) fn next_suspicious(bytes: &[u8], from: usize) -> usize {
    const LANES: usize = 64;
    let mut at = from;
    let mut chunks = bytes[from..].chunks_exact(LANES);
    for chunk in &mut chunks {
        // No early exit inside: that is what lets the compiler use vectors.
        if chunk.iter().fold(false, |any, &byte| any | is_suspicious(byte)) {
            break;
        }
        at += LANES;
    }
    bytes[at..].iter().position(|&byte| is_suspicious(byte)).map_or(bytes.len(), |found| at + found)
}

/// Index and code of the first character that XML does not allow.
pub(super) fn first_forbidden(text: &str) -> Option<(usize, u32)> {
    text.char_indices().find(|&(_, c)| !is_char(c)).map(|(at, c)| (at, u32::from(c)))
}

/// Appends `text` with every CR LF and lone CR turned into LF (XML 1.0, 2.11).
pub(super) fn normalise_line_ends(text: &str, target: &mut String) {
    let mut pieces = text.split('\r');
    target.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        if !piece.starts_with('\n') {
            target.push('\n');
        }
        target.push_str(piece);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_at_most_one_colon_and_start_with_a_letter() {
        for good in ["a", "_a", "a:b", "Übung", "a-1.b", "日本"] {
            assert!(is_qname(good), "{good}");
        }
        for bad in ["", "1a", "-a", ":a", "a:", "a:b:c", "a b", "a:1", "a\u{D7}", "a=b", "a<"] {
            assert!(!is_qname(bad), "{bad}");
        }
        assert!(!is_ncname("a:b"));
    }

    #[test]
    fn suspicious_bytes_are_found_wherever_they_stand() {
        for at in [0, 1, 63, 64, 65, 127, 128, 200] {
            for byte in [0, b'\r', 0x1F, b']', 0xEF] {
                let mut bytes = vec![b'x'; 201];
                bytes[at] = byte;
                assert_eq!(next_suspicious(&bytes, 0), at);
                assert_eq!(next_suspicious(&bytes, at), at);
                assert_eq!(next_suspicious(&bytes, at + 1), 201);
            }
        }
        assert_eq!(
            next_suspicious("tab\t, line\n, ü, \u{7F}".as_bytes(), 0),
            "tab\t, line\n, ü, \u{7F}".len()
        );
    }

    #[test]
    fn forbidden_characters_are_those_of_the_production() {
        for good in ['\t', '\n', '\r', ' ', '\u{7F}', '\u{85}', '\u{FFFD}', '\u{E000}', '\u{10FFFF}'] {
            assert!(is_char(good), "{good:?}");
        }
        for bad in ['\0', '\u{8}', '\u{B}', '\u{1F}', '\u{FFFE}', '\u{FFFF}'] {
            assert!(!is_char(bad), "{bad:?}");
        }
        assert_eq!(first_forbidden("ab\u{1}c"), Some((2, 1)));
    }
}

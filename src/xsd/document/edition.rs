//! What a schema document says of itself and its types in prose, for messages: an edition, titles.

/// So much of a documentation is read.
pub(super) const NOTED_BYTES_MAX: usize = 2_048;
/// So much of what stands before the root element is looked at.
const PROLOG_BYTES_MAX: usize = 16 * 1_024;
/// Longest documentation that is used as a title, in characters.
const TITLE_CHARS_MAX: usize = 120;

/// The edition that a comment before the root element tells.
pub(super) fn of_comments(document: &[u8]) -> Option<Box<str>> {
    let prolog = &document[..document.len().min(PROLOG_BYTES_MAX)];
    let mut rest = &*String::from_utf8_lossy(prolog);
    // Up to the first tag; a comment that is longer than what is looked at counts as far as it goes.
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            let end = comment.find("-->").unwrap_or(comment.len());
            if let Some(edition) = of_text(&comment[..end]) {
                return Some(edition);
            }
            rest = &comment[end..];
        } else if !rest.starts_with(['?', '!']) {
            return None;
        }
    }
    None
}

/// `issue 75`, where a text says `Issue: 75`, `ISSUE 75` or the like.
pub(super) fn of_text(text: &str) -> Option<Box<str>> {
    let lower = text.to_ascii_lowercase();
    lower.match_indices("issue").find_map(|(at, word)| {
        let before = lower[..at].chars().next_back();
        let behind = lower[at + word.len()..].trim_start_matches([' ', '\t', ':', '#']);
        let end = behind.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(behind.len());
        let number = behind[..end].trim_end_matches('.');
        let stands_alone = before.is_none_or(|c| !c.is_alphanumeric());
        (stands_alone && (1..=12).contains(&number.len())).then(|| format!("issue {number}").into())
    })
}

/// A documentation as a title: on one line, if it is short.
pub(super) fn title(text: &str) -> Option<Box<str>> {
    let title = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let length = title.chars().count();
    (1..=TITLE_CHARS_MAX).contains(&length).then(|| title.trim_end_matches('.').into())
}

#[cfg(test)]
mod tests {
    use super::{PROLOG_BYTES_MAX, TITLE_CHARS_MAX, of_comments, of_text, title};

    #[test]
    fn an_issue_is_read_however_it_is_written() {
        let read = |text| of_text(text).unwrap_or_default().into_string();
        assert_eq!(read("*   ISSUE: 75    *"), "issue 75");
        assert_eq!(read("Code lists Issue 74 (July)"), "issue 74");
        assert_eq!(read("issue #3.1."), "issue 3.1");
        assert_eq!(read("an issue was found; tissue 5"), "");
    }

    #[test]
    fn comments_before_the_root_tell_an_edition() {
        let read = |text: &str| of_comments(text.as_bytes()).unwrap_or_default().into_string();
        assert_eq!(read("<?xml version='1.0'?><!-- old --><!-- Issue: 7 --><s/>"), "issue 7");
        assert_eq!(read("<s/><!-- Issue: 7 -->"), "");
        let behind = |blanks: usize| format!("<!--{}issue 7-->", " ".repeat(blanks));
        assert_eq!(read(&behind(PROLOG_BYTES_MAX - 11)), "issue 7");
        assert_eq!(read(&behind(PROLOG_BYTES_MAX - 10)), "");
    }

    #[test]
    fn a_title_is_short() {
        assert_eq!(title("  Product\n form detail. ").as_deref(), Some("Product form detail"));
        assert_eq!(title(" "), None);
        assert!(title(&"x".repeat(TITLE_CHARS_MAX)).is_some());
        assert!(title(&"x".repeat(TITLE_CHARS_MAX + 1)).is_none());
    }
}

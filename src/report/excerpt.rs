//! A piece of a feed on a line, with a mark below what is meant.

use super::escape::{clean, cut};
use crate::judgement::Excerpt;

/// Characters of an excerpt that are shown.
const EXCERPT_CHARS_MAX: usize = 200;

/// An excerpt that is safe to show, in its three parts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MarkedExcerpt {
    /// What stands before the mark.
    pub(crate) before: String,
    /// What is meant.
    pub(crate) meant: String,
    /// What stands behind it.
    pub(crate) after: String,
    /// Length of the mark, at least 1: a mark at the end of the line stands below nothing.
    pub(crate) width: usize,
}

impl MarkedExcerpt {
    /// The excerpt, if there is one.
    pub(crate) fn of(excerpt: &Excerpt) -> Option<Self> {
        if excerpt.text.is_empty() {
            return None;
        }
        let text = clean(&excerpt.text);
        let text = cut(&text, EXCERPT_CHARS_MAX);
        let length = text.chars().count();
        let caret = excerpt.caret.min(length);
        let width = excerpt.width.clamp(1, (length - caret).max(1));
        let part = |from: usize, to: usize| text.chars().skip(from).take(to - from).collect();
        let end = (caret + width).min(length);
        Some(Self { before: part(0, caret), meant: part(caret, end), after: part(end, length), width })
    }

    /// The line.
    pub(crate) fn line(&self) -> String {
        [self.before.as_str(), &self.meant, &self.after].concat()
    }

    /// What stands below it: blanks up to the mark, and the mark.
    pub(crate) fn below(&self) -> (String, String) {
        (" ".repeat(self.before.chars().count()), "^".repeat(self.width))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, caret: usize, width: usize, parts: [&str; 3]) {
        let marked = MarkedExcerpt::of(&Excerpt { text: text.to_owned(), caret, width }).expect("an excerpt");
        assert_eq!([marked.before.as_str(), &marked.meant, &marked.after], parts);
        assert_eq!(marked.line(), parts.concat());
        assert_eq!(marked.below().1.len(), marked.width);
    }

    #[test]
    fn a_mark_stays_inside_its_line() {
        case("<a>äb</a>", 3, 2, ["<a>", "äb", "</a>"]);
        case("abc", 3, 1, ["abc", "", ""]);
        case("abc", 99, usize::MAX, ["abc", "", ""]);
        case("abc", 0, 0, ["", "a", "bc"]);
        assert_eq!(MarkedExcerpt::of(&Excerpt::default()), None);
    }
}

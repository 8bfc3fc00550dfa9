//! What was changed in a record by hand: a unified diff of two byte sequences.

use super::escape::shown;
use crate::xml::Encoding;
use similar::TextDiff;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::time::Duration;

/// Lines that are shown at most.
const LINES_MAX: usize = 400;
/// A line that is longer is broken between its tags: a record may be one line.
const LINE_BYTES_MAX: usize = 200;
/// How long the comparison may take; what is left then is marked coarsely.
const TIME_MAX: Duration = Duration::from_millis(500);

/// How a corrected record differs from the refused one, which stood in a feed of this encoding.
#[must_use]
pub fn mended_diff(original: &[u8], mended: &[u8], encoding: &str) -> String {
    let around = Encoding::from_label(encoding).unwrap_or_default();
    let (of_mended, mark) = Encoding::of_part(mended, around).unwrap_or((around, 0));
    let (old, new) = (around.decode(original), of_mended.decode(&mended[mark..]));
    let (old, new) = (lines(&old), lines(&new));
    let diff = TextDiff::configure().timeout(TIME_MAX).diff_lines(&*old, &*new);
    let unified = diff.unified_diff().context_radius(2).header("original", "mended").to_string();
    let count = unified.lines().count();
    let mut text = String::new();
    for line in unified.lines().take(LINES_MAX) {
        text.push_str(&shown(line));
        text.push('\n');
    }
    if count > LINES_MAX {
        writeln!(text, "and {} more lines", count - LINES_MAX).expect("writes to memory");
    }
    text
}

/// The text with an end to its last line, and no line of many tags.
fn lines(text: &str) -> Cow<'_, str> {
    let text = text.trim_end();
    let is_long = text.lines().any(|line| line.len() > LINE_BYTES_MAX);
    let text = if is_long { text.replace("><", ">\n<") } else { text.to_owned() };
    Cow::Owned(text + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_changed_is_marked_whatever_the_encoding() {
        let diff =
            mended_diff(b"<a>\n<b>\xFC</b>\n</a>", "\u{FEFF}<a>\n<b>ö</b>\n</a>\n".as_bytes(), "ISO-8859-1");
        assert_eq!(diff, "--- original\n+++ mended\n@@ -1,3 +1,3 @@\n <a>\n-<b>ü</b>\n+<b>ö</b>\n </a>\n");
    }

    #[test]
    fn a_record_of_one_line_is_compared_tag_by_tag() {
        let record = |price: &str| format!("<a>{}<price>{price}</price></a>", "<b>1</b>".repeat(40));
        let diff = mended_diff(record("1,5").as_bytes(), record("1.5").as_bytes(), "UTF-8");
        assert!(diff.contains("-<price>1,5</price>\n+<price>1.5</price>\n"), "{diff}");
        assert!(diff.lines().count() < 10, "{diff}");
    }

    #[test]
    fn lines_max() {
        let record = |text: &str| format!("{text}\n").repeat(LINES_MAX);
        let diff = mended_diff(record("a").as_bytes(), record("b").as_bytes(), "UTF-8");
        assert!(diff.ends_with(&format!("and {} more lines\n", LINES_MAX + 3)), "{diff}");
    }
}

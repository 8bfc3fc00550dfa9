//! The text of a record as it is mended in a field: what is sent back, and what of it is a correction.

use super::super::language::Language;
use super::super::words::RecordWords;
use crate::report::record::text;
use crate::serve::problem::{Kind, Problem};
use crate::store::QuarantinedRecord;
use std::fmt::Write;

/// Bytes of a record that can be mended on a page.
pub(super) const MEND_BYTES_MAX: usize = 256 << 10;
/// Lines of the field that are seen at once.
const ROWS_MAX: usize = 40;
/// A text with a longer line is shown on several.
const LINE_BYTES_MAX: usize = 500;
/// Unseen characters whose places are told.
const UNSEEN_MAX: usize = 10;
/// A byte order mark, by which a corrected record says that it is UTF-8 whatever its feed was.
const MARK: &str = "\u{FEFF}";

/// The text field.
pub(super) struct Mend {
    pub(super) text: String,
    pub(super) reason: String,
    pub(super) rows: usize,
    pub(super) is_lossy: bool,
    /// Characters that cannot be seen stand there as references.
    pub(super) unseen: Vec<String>,
    pub(super) is_too_large: bool,
    /// Its lines are too long for a field.
    pub(super) is_wrapped: bool,
}

/// The corrected record that a text is; none when it is the refused one, unchanged.
pub(super) fn mended(kept: &QuarantinedRecord, said: &str) -> Result<Option<Vec<u8>>, Problem> {
    let lines = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
    let said = lines(&said[indentation(said)..]);
    let before = lines(&text(&kept.bytes, &kept.context.encoding));
    if said.len() > MEND_BYTES_MAX {
        let told = format!("{MEND_BYTES_MAX} bytes may be sent by the page, and nothing of it was kept");
        return Err(Problem::new(Kind::TooLarge, told));
    }
    let is_same = said == before || said == seen_whole(&before) || said.trim().is_empty();
    let says_it = !said.is_ascii();
    Ok((!is_same).then(|| if says_it { format!("{MARK}{said}") } else { said }.into_bytes()))
}

/// Bytes that a text is indented by.
pub(super) fn indentation(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\t']).len()
}

/// What the last line of a text is indented by: the first one of a record is cut off from what stands before it.
pub(super) fn missing_indentation(text: &str) -> &str {
    let last = text.rsplit_once('\n').map_or("", |(_, last)| last);
    let indentation = &last[..indentation(last)];
    if last[indentation.len()..].starts_with("</") { indentation } else { "" }
}

/// Whether a character cannot be seen, or turns others around.
const fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// Where there are such characters: the line and the character.
fn unseen(language: Language, text: &str) -> Vec<String> {
    let line = RecordWords::of(language).line;
    let of = |(at, text): (usize, &str)| {
        let found: Vec<String> = text.chars().filter(|c| is_unseen(*c)).map(code_point).collect();
        (!found.is_empty()).then(|| format!("{line} {}: {}", at + 1, found.join(", ")))
    };
    text.split('\n').enumerate().filter_map(of).take(UNSEEN_MAX).collect()
}

fn code_point(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

/// A text in which every character can be seen: those that cannot, and those that turn others around, stand as
/// references, which say the same in XML.
fn seen_whole(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut seen, c| {
        if is_unseen(c) {
            write!(seen, "&#x{:X};", u32::from(c)).expect("writes to memory");
        } else {
            seen.push(c);
        }
        seen
    })
}

impl Mend {
    pub(super) fn of(language: Language, said: &str, reason: String) -> Self {
        let (unseen, text) = (unseen(language, said), seen_whole(said));
        let is_wrapped = text.lines().any(|line| line.len() > LINE_BYTES_MAX);
        Self {
            reason,
            unseen,
            rows: (text.lines().count() + 1 + if is_wrapped { text.len() / 120 } else { 0 })
                .clamp(8, ROWS_MAX),
            is_lossy: text.contains(char::REPLACEMENT_CHARACTER),
            is_too_large: text.len() > MEND_BYTES_MAX,
            is_wrapped,
            text: if text.len() > MEND_BYTES_MAX { String::new() } else { text },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judgement::RecordContext;

    fn kept(bytes: &[u8], encoding: &str) -> QuarantinedRecord {
        let entry = r#"{"id": 7, "state": "open", "created_at": "", "first_run": 1, "last_run": 1, "resolved_at": null,
            "source": "A", "feed": "f", "feed_version_id": 1, "reference": "r", "ordinal": 1, "line": 1, "column": 1,
            "byte": 0, "format": "catalogue/1.0", "profile_version": 1, "size": 1, "digest": "", "mended_size": null,
            "findings": []}"#;
        QuarantinedRecord {
            entry: serde_json::from_str(entry).expect("an entry"),
            context: RecordContext { encoding: encoding.to_owned(), ..RecordContext::default() },
            bytes: bytes.to_vec(),
            mended: None,
        }
    }

    #[test]
    fn a_text_that_was_not_changed_is_no_corrected_record() {
        let kept = kept(b"<a>\n\xFC</a>", "ISO-8859-1");
        let of = |text: &str| mended(&kept, text).expect("it is small");
        assert_eq!((of("<a>\r\nü</a>"), of(" \r\n")), (None, None));
        assert_eq!(of("<a>\r\nu</a>").as_deref(), Some(b"<a>\nu</a>".as_slice()));
        assert_eq!(of("<a>ö</a>"), Some("\u{FEFF}<a>ö</a>".into()), "it says that it is UTF-8");
    }

    #[test]
    fn what_cannot_be_seen_stands_as_a_reference_and_changes_nothing() {
        let kept = kept("<a b=\"\u{202E}c\"/>".as_bytes(), "UTF-8");
        let of = |text: &str| Mend::of(Language::English, text, String::new());
        let field = of("<a b=\"\u{202E}c\"/>");
        assert_eq!(field.text, "<a b=\"&#x202E;c\"/>");
        assert_eq!(field.unseen, ["Line 1: U+202E"]);
        assert_eq!(mended(&kept, &field.text).expect("it is small"), None);
        assert!(of("<a>ä\n</a>").unseen.is_empty());
    }

    #[test]
    fn unseen_max() {
        let of = |lines: usize| unseen(Language::English, &"\u{202E}\n".repeat(lines)).len();
        assert_eq!((of(UNSEEN_MAX), of(UNSEEN_MAX + 1)), (UNSEEN_MAX, UNSEEN_MAX));
    }

    #[test]
    fn the_first_line_is_indented_as_the_last_and_that_changes_nothing() {
        let record = "<a>\n    <b/>\n  </a>";
        let field = missing_indentation(record).to_owned() + record;
        assert_eq!(field, "  <a>\n    <b/>\n  </a>");
        let kept = kept(record.as_bytes(), "UTF-8");
        assert_eq!(mended(&kept, &field).expect("it is small"), None);
        assert_eq!(mended(&kept, "\t <c/>").expect("it is small").as_deref(), Some(b"<c/>".as_slice()));
        assert_eq!(missing_indentation("<a>x</a>"), "");
        assert_eq!(missing_indentation("<a>\n   x</a>"), "");
    }

    #[test]
    fn mend_bytes_max() {
        let kept = kept(b"<a/>", "UTF-8");
        let of = |length: usize| mended(&kept, &"x".repeat(length));
        assert!(of(MEND_BYTES_MAX).is_ok());
        assert_eq!(of(MEND_BYTES_MAX + 1).map_err(|why| why.kind()), Err(Kind::TooLarge));
        let field =
            |length: usize| Mend::of(Language::English, &"x".repeat(length), String::new()).is_too_large;
        assert!(!field(MEND_BYTES_MAX) && field(MEND_BYTES_MAX + 1));
    }
}

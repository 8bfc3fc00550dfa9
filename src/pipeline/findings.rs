//! Deviations, faults and errors, each made into a finding while its bytes are at hand.

use crate::feed::Rule;
use crate::judgement::{Excerpt, Finding, Severity, fingerprint};
use crate::map::MappingFault;
use crate::xml::{self, Block, Control, Offset, PassedDoctype, Place, Span, XmlError, XmlErrorKind};
use crate::xsd::Deviation;

impl From<xml::Excerpt> for Excerpt {
    fn from(excerpt: xml::Excerpt) -> Self {
        let xml::Excerpt { text, caret, width } = excerpt;
        Self { text, caret, width }
    }
}

/// What the engine saw.
pub(super) fn of_deviation(deviation: Deviation, severity: Severity, block: &Block<'_>) -> Finding {
    let Deviation { clause, at, path, operand, sentence, found, expected } = deviation;
    Finding {
        fingerprint: fingerprint(clause.code(), &path, &operand),
        path,
        found,
        expected,
        excerpt: block.excerpt(at).into(),
        ..Finding::new(severity, clause.code(), sentence, block.locate(at.start))
    }
}

/// The same once its bytes are gone, with the last known place before it.
pub(super) fn of_gone(deviation: Deviation, severity: Severity, place: Place) -> Finding {
    let Deviation { clause, at: _, path, operand, sentence, found, expected } = deviation;
    Finding {
        fingerprint: fingerprint(clause.code(), &path, &operand),
        path,
        found,
        expected,
        ..Finding::new(severity, clause.code(), sentence, place)
    }
}

/// What a rule beyond the schema saw.
pub(super) fn of_fault(fault: MappingFault, block: &Block<'_>) -> Finding {
    let MappingFault { rule, level, at, path, found, expected, sentence } = fault;
    Finding {
        fingerprint: fingerprint(rule.code(), &path, ""),
        path,
        found,
        expected,
        excerpt: block.excerpt(here(at)).into(),
        ..Finding::new(level.into(), rule.code(), sentence, block.locate(at))
    }
}

/// A record that is too large to be kept.
pub(super) fn of_size((place, path): (Place, String), bytes: u64, bytes_max: usize) -> Finding {
    let code = Rule::RecordSize.code();
    let sentence = format!(
        "The record has {bytes} bytes, and `record_bytes_max` is {bytes_max}: it is refused, and its text is not kept; \
         have it made smaller, or raise `limits.record_bytes_max`"
    );
    Finding {
        fingerprint: fingerprint(code, &path, ""),
        path,
        found: format!("{bytes} bytes"),
        expected: "a smaller record".to_owned(),
        ..Finding::new(Severity::Error, code, sentence, place)
    }
}

/// A control character where nobody means one.
pub(super) const CONTROL: &str = "xml.c1-control";

/// A control character of the second set in a text.
pub(super) fn of_control(
    control: Control,
    at: Offset,
    (severity, path): (Severity, String),
    block: &Block<'_>,
) -> Finding {
    let code = u32::from(control.character);
    let declared = block.encoding().label();
    let meant = control.meant.map_or_else(
        || "which no text has on purpose".to_owned(),
        |meant| {
            format!(
                "which no text has on purpose: in Windows-1252 its byte is `{meant}`, so the text was probably \
                 written in Windows-1252 and passed on as {declared}"
            )
        },
    );
    let sentence = format!("The text has the control character U+{code:04X}, {meant}");
    Finding {
        fingerprint: fingerprint(CONTROL, &path, ""),
        path,
        found: format!("U+{code:04X}"),
        expected: control.meant.map(String::from).unwrap_or_default(),
        excerpt: block.excerpt(here(at)).into(),
        ..Finding::new(severity, CONTROL, sentence, block.locate(at))
    }
}

/// Code of the notice that a document type declaration was passed over.
pub(super) const DOCTYPE_UNREAD: &str = "xml.doctype-unread";

/// What a document type declaration leaves unsaid.
pub(super) fn of_doctype(passed: &PassedDoctype) -> Finding {
    let external =
        passed.external.as_ref().map(|address| format!(", `{address}` is not fetched")).unwrap_or_default();
    let sentence = format!(
        "The DOCTYPE is passed over unread{external}: entities and defaults that a DTD declares are not known here"
    );
    Finding::new(Severity::Notice, DOCTYPE_UNREAD, sentence, passed.place)
}

/// Why the document could not be read on.
pub(super) fn of_xml_error(error: &XmlError, path: String, excerpt: xml::Excerpt) -> Finding {
    let sentence = capital(&error.to_string());
    Finding {
        fingerprint: fingerprint(error.code(), &path, ""),
        path,
        excerpt: excerpt.into(),
        ..Finding::new(Severity::Fatal, error.code(), sentence, error.place)
    }
}

/// The same of a record without its feed, which may lack what the feed says before it.
pub(super) fn of_lone(error: &XmlError, finding: Finding) -> Finding {
    if !matches!(error.kind, XmlErrorKind::UndeclaredPrefix { .. } | XmlErrorKind::Undecodable { .. }) {
        return finding;
    }
    let sentence = format!(
        "{}. The document is a record without its feed, and what the feed declares is missing here: `feedgate \
         quarantine replay ENTRY --with FILE` reads it as it stood there",
        finding.sentence
    );
    Finding { sentence, ..finding }
}

/// The name that a text begins with.
pub(super) fn name_of(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.'));
    &text[..end.unwrap_or(text.len())]
}

fn here(at: Offset) -> Span {
    Span { start: at, end: at }
}

/// The sentence with a capital letter.
pub(super) fn capital(sentence: &str) -> String {
    let mut rest = sentence.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

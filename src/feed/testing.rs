//! A few lines of XML, enough to drive records in tests without a cursor.

use super::cut::{CutStep, Cutter};
use super::record::Record;
use crate::xml::{Attribute, Name, Offset};

/// One event.
#[derive(Debug)]
pub(crate) enum Step {
    Start { qname: String, attributes: Vec<(String, String, Offset)>, at: Offset },
    Text(String),
    End,
}

impl Step {
    pub(crate) fn apply(&self, cutter: &mut Cutter) -> CutStep {
        match self {
            Self::Start { qname, attributes, at } => cutter.start(name(qname), lend(attributes), *at),
            Self::Text(text) => cutter.text(text),
            Self::End => cutter.end(),
        }
    }
}

/// Fills a record with the events of a document.
pub(crate) fn fill(record: &mut Record, document: &str) {
    drive(document, |step| match &step {
        Step::Start { qname, attributes, at } => record.start(name(qname), lend(attributes), *at),
        Step::Text(text) => record.text(text),
        Step::End => record.end(),
    });
}

/// Calls `sink` for every event of a document that is known to be well-formed.
pub(crate) fn drive(document: &str, mut sink: impl FnMut(Step)) {
    let mut index = 0;
    while index < document.len() {
        let rest = &document[index..];
        if !rest.starts_with('<') {
            let length = rest.find('<').unwrap_or(rest.len());
            sink(Step::Text(resolve(&rest[..length])));
            index += length;
            continue;
        }
        let length = rest.find('>').expect("a tag ends") + 1;
        if rest.starts_with("<!--") || rest.starts_with("<?") {
            index += if rest.starts_with("<?") { length } else { rest.find("-->").expect("it ends") + 3 };
            continue;
        }
        tag(&rest[1..length - 1], index + 1, Offset(index as u64), &mut sink);
        index += length;
    }
}

fn tag(inside: &str, start: usize, at: Offset, sink: &mut impl FnMut(Step)) {
    if inside.starts_with('/') {
        return sink(Step::End);
    }
    let empty = inside.ends_with('/');
    let inside = inside.trim_end_matches('/');
    let qname = inside.split_whitespace().next().expect("a tag has a name");
    let mut attributes = Vec::new();
    let mut rest = &inside[qname.len()..];
    while let Some(equals) = rest.find('=') {
        let name = rest[..equals].trim();
        let quote = rest[equals + 1..].chars().next().expect("a value follows");
        let (value, tail) = rest[equals + 2..].split_once(quote).expect("the value is closed");
        let name_at = start + (name.as_ptr() as usize - inside.as_ptr() as usize);
        if !name.starts_with("xmlns") {
            attributes.push((name.to_owned(), resolve(value), Offset(name_at as u64)));
        }
        rest = tail;
    }
    sink(Step::Start { qname: qname.to_owned(), attributes, at });
    if empty {
        sink(Step::End);
    }
}

fn resolve(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

fn name(qname: &str) -> Name<'_> {
    Name { id: None, qname, namespace: "" }
}

fn lend(attributes: &[(String, String, Offset)]) -> impl Iterator<Item = Attribute<'_>> {
    attributes.iter().map(|(qname, value, at)| Attribute { name: name(qname), value, at: *at })
}

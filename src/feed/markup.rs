//! Mixed content written back as XHTML source: what a shop page can show.
//!
//! Names lose their prefixes and namespace declarations are not repeated: the format's text markup is
//! a subset of XHTML, and that is where it goes.

use super::record::{NodeId, Record};

/// Appends the content of an element, escaped, with its inner elements.
pub(super) fn write_content(record: &Record, node: NodeId, out: &mut String) {
    let (mut from, end) = record.text_range(node);
    for child in record.children(node) {
        let (child_start, child_end) = record.text_range(child);
        escape(record.text_between(from, child_start), Place::Content, out);
        write_element(record, child, out);
        from = child_end;
    }
    escape(record.text_between(from, end), Place::Content, out);
}

fn write_element(record: &Record, node: NodeId, out: &mut String) {
    out.push('<');
    out.push_str(record.name(node));
    for (name, value) in record.attributes_of(node) {
        out.push(' ');
        out.push_str(name);
        out.push_str("=\"");
        escape(value, Place::AttributeValue, out);
        out.push('"');
    }
    let (start, end) = record.text_range(node);
    if start == end && record.children(node).next().is_none() {
        out.push_str("/>");
        return;
    }
    out.push('>');
    write_content(record, node, out);
    out.push_str("</");
    out.push_str(record.name(node));
    out.push('>');
}

#[derive(Clone, Copy, PartialEq)]
enum Place {
    Content,
    AttributeValue,
}

fn escape(text: &str, place: Place, out: &mut String) {
    let mut rest = text;
    while let Some(index) = rest.find(['&', '<', '>', '"']) {
        let (plain, special) = rest.split_at(index);
        out.push_str(plain);
        out.push_str(match special.as_bytes()[0] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            _ if place == Place::AttributeValue => "&quot;",
            _ => "\"",
        });
        rest = &special[1..];
    }
    out.push_str(rest);
}

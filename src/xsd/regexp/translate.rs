//! The tree in the syntax of the regex crate.
//!
//! Every character is written as `\u{…}`, so nothing of ours can be read as theirs by accident.

use std::fmt::Write as _;

use super::blocks;
use super::parse::{Atom, Branches, Class, Part, Piece, Polarity, Quantifier, Set};
use crate::xsd::value::name_chars;

/// How one character is written: an atom that is no group.
pub(super) type PushAtom<'a> = &'a dyn Fn(&Atom, &mut String);

/// Writes branches, their atoms as said.
pub(super) fn translate(branches: &Branches, push_atom: PushAtom<'_>, out: &mut String) {
    for (index, branch) in branches.0.iter().enumerate() {
        if index > 0 {
            out.push('|');
        }
        for piece in branch {
            translate_piece(piece, push_atom, out);
        }
    }
}

/// Alternatives of which one has to take the whole text.
pub(super) fn anchored<'a>(
    alternatives: impl IntoIterator<Item = &'a Branches>,
    push_atom: PushAtom<'_>,
) -> String {
    let mut translated = String::from(r"\A(?:");
    for (index, branches) in alternatives.into_iter().enumerate() {
        if index > 0 {
            translated.push('|');
        }
        translate(branches, push_atom, &mut translated);
    }
    translated.push_str(r")\z");
    translated
}

fn translate_piece(piece: &Piece, push_atom: PushAtom<'_>, out: &mut String) {
    if let Atom::Group(branches) = &piece.atom {
        out.push_str("(?:");
        translate(branches, push_atom, out);
        out.push(')');
    } else {
        push_atom(&piece.atom, out);
    }
    push_quantifier(piece.quantifier, out);
}

/// An atom by its characters.
pub(super) fn push_atom(atom: &Atom, out: &mut String) {
    match atom {
        Atom::Char(character) => push_char(*character, out),
        Atom::Any => out.push_str(r"[^\n\r]"),
        Atom::Set(set) => push_set(*set, out),
        Atom::Class(class) => push_class(class, out),
        Atom::Group(branches) => translate(branches, &push_atom, out),
    }
}

fn push_quantifier(quantifier: Quantifier, out: &mut String) {
    match quantifier {
        Quantifier::ONCE => {}
        Quantifier { min: 0, max: Some(1) } => out.push('?'),
        Quantifier { min: 0, max: None } => out.push('*'),
        Quantifier { min: 1, max: None } => out.push('+'),
        Quantifier { min, max: None } => push(out, format_args!("{{{min},}}")),
        Quantifier { min, max: Some(max) } => push(out, format_args!("{{{min},{max}}}")),
    }
}

fn push_class(class: &Class, out: &mut String) {
    if class.subtracted.is_some() {
        out.push('[');
    }
    out.push_str(if class.negative { "[^" } else { "[" });
    for part in &class.parts {
        match part {
            Part::Range(start, end) => push_range(*start, *end, out),
            Part::Set(set) => push_set(*set, out),
        }
    }
    out.push(']');
    if let Some(subtracted) = &class.subtracted {
        out.push_str("--");
        push_class(subtracted, out);
        out.push(']');
    }
}

fn push_set(set: Set, out: &mut String) {
    match set {
        Set::Space(polarity) => push_listed(polarity, out, |out| out.push_str(r"\x20\t\n\r")),
        Set::NameStart(polarity) => push_listed(polarity, out, |out| push_ranges(name_chars::STARTS, out)),
        Set::NameChar(polarity) => push_listed(polarity, out, |out| {
            push_ranges(name_chars::STARTS, out);
            push_ranges(name_chars::OTHERS, out);
        }),
        Set::Digit(polarity) => push_category("Nd", polarity, out),
        // All characters except the sets of punctuation, separators and others.
        Set::Word(Polarity::Of) => out.push_str(r"[^\p{P}\p{Z}\p{C}]"),
        Set::Word(Polarity::Except) => out.push_str(r"[\p{P}\p{Z}\p{C}]"),
        Set::Category(name, polarity) => push_category(name, polarity, out),
        Set::Block(name, polarity) => push_block(name, polarity, out),
    }
}

fn push_category(name: &str, polarity: Polarity, out: &mut String) {
    let letter = if polarity == Polarity::Of { 'p' } else { 'P' };
    push(out, format_args!("\\{letter}{{{name}}}"));
}

/// A block of surrogates has no characters; the regex crate writes the empty set as `[a&&b]`.
fn push_block(name: &str, polarity: Polarity, out: &mut String) {
    let mut listed = String::new();
    for (start, end) in blocks::ranges(name) {
        if let (Some(start), Some(end)) = (char::from_u32(start), char::from_u32(end)) {
            push_range(start, end, &mut listed);
        }
    }
    match (listed.is_empty(), polarity) {
        (true, Polarity::Of) => out.push_str("[a&&b]"),
        (true, Polarity::Except) => out.push_str(r"[\u{0}-\u{10FFFF}]"),
        (false, _) => push_listed(polarity, out, |out| out.push_str(&listed)),
    }
}

fn push_listed(polarity: Polarity, out: &mut String, list: impl FnOnce(&mut String)) {
    out.push_str(if polarity == Polarity::Of { "[" } else { "[^" });
    list(out);
    out.push(']');
}

fn push_ranges(ranges: &[(u32, u32)], out: &mut String) {
    for &(start, end) in ranges {
        push(out, format_args!("\\u{{{start:X}}}-\\u{{{end:X}}}"));
    }
}

fn push_range(start: char, end: char, out: &mut String) {
    push_char(start, out);
    out.push('-');
    push_char(end, out);
}

fn push_char(character: char, out: &mut String) {
    push(out, format_args!("\\u{{{:X}}}", u32::from(character)));
}

fn push(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    out.write_fmt(arguments).expect("a String takes whatever is written");
}

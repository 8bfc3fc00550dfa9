//! Why a literal is refused, where a few words say more than the rule: white space that does not show, a day that
//! does not exist, a code that is not in its list.

use super::describe::LISTED_MAX;
use super::fault::{Detail, TextFault, lexical_reason};
use super::{NoNamespaces, Notes, Scratch, Shape, SimpleType};
use crate::xsd::facet::white_space::tokens;

/// Longest literal for which a reason is looked for, in bytes.
pub const REASONED_BYTES_MAX: usize = 4 * 1024;

/// Why a literal is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A relative clause behind the literal: `names a day that does not exist`.
    Which(String),
    /// A relative clause that makes further words about what was expected needless or complete.
    Whole(String),
    /// A sentence of its own: `the value has a line break, which the pattern does not allow`.
    Sentence(String),
}

impl TextFault {
    /// Why `found` is refused, if a few words say more than the rule.
    #[must_use]
    pub fn reason(&self, simple_type: &SimpleType, found: &str) -> Option<Reason> {
        let (own, part) = self.part(simple_type, found);
        if let Detail::Lexical(lexical) = self.detail {
            return lexical_reason(lexical).map(|reason| Reason::Which(reason.to_owned()));
        }
        let looked_into = matches!(self.detail, Detail::Pattern(_) | Detail::NotListed | Detail::NoMember);
        if !looked_into || part.len() > REASONED_BYTES_MAX {
            return None;
        }
        own.white_space_reason(part, self.detail)
            .map(Reason::Sentence)
            .or_else(|| own.date_reason(part).map(|reason| Reason::Which(reason.to_owned())))
            .or_else(|| own.list_reason(part).map(Reason::Whole))
    }
}

impl SimpleType {
    fn takes_literal(&self, text: &str) -> bool {
        self.check(text, &NoNamespaces, &mut Scratch::default()).is_ok()
    }

    /// White space that makes the literal wrong: without it, or with a plain blank for it, it would be right.
    fn white_space_reason(&self, text: &str, detail: Detail) -> Option<String> {
        let fault = white_space_fault(text, &|mended| self.takes_literal(mended))?;
        let who = match detail {
            Detail::Pattern(_) => "the pattern does",
            Detail::NotListed => "the list of values does",
            _ => "its type does",
        };
        Some(format!("the value {fault}, which {who} not allow"))
    }

    /// A day, month or time of day that does not exist, where another would be right.
    fn date_reason(&self, text: &str) -> Option<&'static str> {
        let members = self.members().iter();
        let of_member = members.filter_map(|member| {
            let fault = member.check(text, &NoNamespaces, &mut Scratch::default()).err()?;
            match fault.detail {
                Detail::Lexical(lexical) => lexical_reason(lexical),
                _ => None,
            }
        });
        of_member.into_iter().next().or_else(|| no_such_day(text, &|mended| self.takes_literal(mended)))
    }

    /// That a code is not in its list: which list, which edition of it.
    fn list_reason(&self, text: &str) -> Option<String> {
        let literals = self.enumeration();
        let (name, Notes { title, edition }) = self.list_notes()?;
        let is_issue = edition.as_ref().is_some_and(|edition| edition.starts_with("issue "));
        let is_long = literals.len() > LISTED_MAX;
        if !is_issue && (title.is_none() || !is_long) {
            return None;
        }
        let title = title.as_ref().map_or_else(String::new, |title| format!(" ({title})"));
        let told = edition.as_ref().map_or_else(String::new, |edition| format!(", {edition}"));
        let words = format!("is not in {}{title}{told}", list_name(name));
        Some(match edition {
            Some(_) if is_issue && is_long => format!("{words}: {}", newer(literals, text)),
            Some(_) => format!("{words}; expected {}, or {NEWER}", self.words_near(text)),
            None => format!("{words}; expected {}", self.words_near(text)),
        })
    }

    /// The name and notes of the type that lists the values.
    fn list_notes(&self) -> Option<(&str, &Notes)> {
        let lists = |each: &&Self| each.facets.enumeration.is_some();
        let noted = |each: &'_ Self| each.name.is_some() && each.notes.is_some();
        let own = self.ancestry().take_while(lists).find(|each| noted(each))?;
        Some((own.name.as_deref()?, own.notes.as_deref()?))
    }

    /// What a named type is said to be in its schema document.
    pub(super) fn title(&self) -> Option<&str> {
        self.notes.as_ref()?.title.as_deref()
    }

    /// Whether it has members or patterns of which no single one says what is wrong.
    pub(super) fn is_manifold(&self) -> bool {
        matches!(&self.shape, Shape::Union(members) if members.len() > 1)
            || self.members().iter().any(|member| member.is_manifold())
            || self.facets.patterns.iter().any(|step| step.sources().len() > 1)
    }
}

/// What a code may be beside wrong.
const NEWER: &str = "the code is newer than the installed list";

/// What is said of a code that is in no list: it may be newer; or another is meant, if exactly one is near.
fn newer(literals: &[Box<str>], text: &str) -> String {
    match nearest(literals, text) {
        Some(near) => format!("`{near}` may be meant, or {NEWER}"),
        None => NEWER.replacen("is newer", "may be newer", 1),
    }
}

/// `List 175` for `List175`: the names that code lists have; others as they are.
fn list_name(name: &str) -> String {
    let number = name.strip_prefix("List").unwrap_or_default();
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { format!("List {number}") } else { format!("`{name}`") }
}

/// The value that differs by case only; or else the only one that one edit makes of the text.
fn nearest<'a>(literals: &'a [Box<str>], text: &str) -> Option<&'a str> {
    let by_case = || literals.iter().find(|each| each.to_lowercase() == text.to_lowercase());
    let mut by_edit = literals.iter().filter(|each| is_one_edit(each, text));
    let only = by_edit.next().filter(|_| by_edit.next().is_none());
    by_case().or(only).map(AsRef::as_ref)
}

/// Whether one character more, less or other makes one text of the other.
fn is_one_edit(one: &str, other: &str) -> bool {
    if one.len().abs_diff(other.len()) > 4 {
        return false;
    }
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let same = short.iter().zip(&long).take_while(|(a, b)| a == b).count();
    match long.len() - short.len() {
        0 => same < short.len() && short[same + 1..] == long[same + 1..],
        1 => short[same..] == long[same + 1..],
        _ => false,
    }
}

const BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];

/// Characters that look like nothing or like a blank.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
}

/// What is wrong with the white space of a text, if `is_right` once that is mended.
fn white_space_fault(text: &str, is_right: &dyn Fn(&str) -> bool) -> Option<String> {
    let trimmed = text.trim_matches(BLANKS);
    let has = |what: &str| Some(format!("has a {what}"));
    if trimmed.is_empty() {
        return None;
    }
    if trimmed.len() < text.len() && is_right(trimmed) {
        return Some(at_ends(text, trimmed));
    }
    if text.contains(['\n', '\r']) && is_right(&tokens(text).collect::<Vec<_>>().join(" ")) {
        return has("line break");
    }
    if text.contains('\t') && is_right(&text.replace('\t', " ")) {
        return has("tab");
    }
    if text.contains("  ") && is_right(&tokens(text).collect::<Vec<_>>().join(" ")) {
        return Some("has several blanks in a row".to_owned());
    }
    if text.contains(is_invisible) && is_right(&text.replace(is_invisible, "")) {
        return has("character that does not show");
    }
    if text.contains('\u{A0}')
        && [" ", ""].iter().any(|mended| is_right(text.replace('\u{A0}', mended).trim()))
    {
        return has("no-break space");
    }
    let without = || tokens(text).collect::<String>();
    (text.contains(BLANKS) && is_right(&without())).then(|| "has white space inside".to_owned())
}

/// Where the white space around a text is, and of which kind.
fn at_ends(text: &str, trimmed: &str) -> String {
    let behind = text.trim_start_matches(BLANKS).strip_prefix(trimmed).unwrap_or_default();
    let before = &text[..text.len() - trimmed.len() - behind.len()];
    match (kind_of_blank(before), kind_of_blank(behind)) {
        ("line break", _) | (_, "line break") => "has a line break".to_owned(),
        ("", kind) => format!("ends with a {kind}"),
        (kind, "") => format!("begins with a {kind}"),
        _ => "begins and ends with blanks".to_owned(),
    }
}

fn kind_of_blank(blanks: &str) -> &'static str {
    match blanks {
        "" => "",
        _ if blanks.contains(['\n', '\r']) => "line break",
        _ if blanks.contains('\t') => "tab",
        _ => "blank",
    }
}

/// Year, month and day as numbers, with the places of the latter two.
struct Written<'a> {
    text: &'a str,
    year: u32,
    month: u32,
    day: u32,
    month_at: usize,
    day_at: usize,
}

impl<'a> Written<'a> {
    /// `YYYYMMDD` or `YYYY-MM-DD`, whatever follows.
    fn read(text: &'a str) -> Option<Self> {
        let dashed = text.as_bytes().get(4) == Some(&b'-');
        let (month_at, day_at) = if dashed { (5, 8) } else { (4, 6) };
        if dashed && text.as_bytes().get(7) != Some(&b'-') {
            return None;
        }
        let number = |from: usize, to: usize| {
            let digits = text.get(from..to)?;
            digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
        };
        let (year, month) = (number(0, 4)?, number(month_at, month_at + 2)?);
        Some(Self { text, year, month, day: number(day_at, day_at + 2)?, month_at, day_at })
    }

    /// The same with the first day of the month, or of the year.
    fn with_first(&self, month_too: bool) -> String {
        let mut text = self.text.to_owned();
        text.replace_range(self.day_at..self.day_at + 2, "01");
        if month_too {
            text.replace_range(self.month_at..self.month_at + 2, "01");
        }
        text
    }

    fn days(&self) -> u32 {
        let leap =
            self.year.is_multiple_of(4) && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        match self.month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }
}

/// What of a date does not exist, if `is_right` with another day or month.
fn no_such_day(text: &str, is_right: &dyn Fn(&str) -> bool) -> Option<&'static str> {
    let date = Written::read(text)?;
    if !(1..=12).contains(&date.month) {
        return is_right(&date.with_first(true)).then_some("names a month that does not exist");
    }
    let exists = (1..=date.days()).contains(&date.day);
    (!exists && is_right(&date.with_first(false))).then_some("names a day that does not exist")
}

#[cfg(test)]
mod tests {
    use super::{is_one_edit, list_name, nearest, no_such_day, white_space_fault};

    #[test]
    fn white_space_is_named_where_it_is_what_is_wrong() {
        let fault = |text: &str| white_space_fault(text, &|mended| ["a b", "ab", "1"].contains(&mended));
        for (text, expected) in [
            ("\n 1\n", "has a line break"),
            ("a\n  b", "has a line break"),
            ("1 ", "ends with a blank"),
            ("\t1", "begins with a tab"),
            (" 1 ", "begins and ends with blanks"),
            ("a\tb", "has a tab"),
            ("a  b", "has several blanks in a row"),
            ("a\u{A0}b", "has a no-break space"),
            ("1\u{200B}", "has a character that does not show"),
            ("\u{FEFF}1", "has a character that does not show"),
        ] {
            assert_eq!(fault(text).as_deref(), Some(expected), "{text:?}");
        }
        for text in ["", " ", "\n", "c\nd", "2 "] {
            assert_eq!(fault(text), None, "{text:?}");
        }
        assert_eq!(
            white_space_fault("1 2", &|mended| mended == "12").as_deref(),
            Some("has white space inside")
        );
    }

    #[test]
    fn days_and_months_that_do_not_exist_are_named_where_dates_are_asked_for() {
        let day = Some("names a day that does not exist");
        let month = Some("names a month that does not exist");
        for (text, expected) in [
            ("20230229", day),
            ("2023-02-29T10:00", day),
            ("20240229", None),
            ("19000229", day),
            ("20240431", day),
            ("20240400", day),
            ("20241301", month),
            ("2024-00-10", month),
            ("2024-1-10", None),
            ("2024", None),
            ("2024é229", None),
        ] {
            assert_eq!(no_such_day(text, &|_| true), expected, "{text}");
            assert_eq!(no_such_day(text, &|_| false), None, "{text}");
        }
    }

    #[test]
    fn one_edit_is_a_character_more_less_or_other() {
        for (one, other, expected) in [
            ("ab", "ac", true),
            ("ab", "abc", true),
            ("bc", "abc", true),
            ("", "a", true),
            ("ab", "ab", false),
            ("ab", "ba", false),
            ("a", "abc", false),
            ("ä", "a", true),
        ] {
            assert_eq!(is_one_edit(one, other), expected, "{one} {other}");
            assert_eq!(is_one_edit(other, one), expected, "{other} {one}");
        }
    }

    #[test]
    fn the_nearest_code_is_told_when_there_is_one() {
        let list: Vec<Box<str>> = ["A101", "B102", "b201"].map(Into::into).into();
        assert_eq!(nearest(&list, "a101"), Some("A101"));
        assert_eq!(nearest(&list, "B103"), Some("B102"));
        assert_eq!(nearest(&list, "B101"), None, "two are as near");
        assert_eq!(nearest(&list, "Z999"), None);
        assert_eq!((list_name("List175"), list_name("Kind2")), ("List 175".to_owned(), "`Kind2`".to_owned()));
    }

    #[test]
    fn a_reason_is_looked_for_up_to_a_length() {
        use super::{REASONED_BYTES_MAX, Reason};
        use crate::xsd::simple::{FacetDeclaration, FacetKind, NoNamespaces, Scratch, SimpleType};
        let base = SimpleType::builtin("string").expect("a built-in type");
        let facet = FacetDeclaration {
            kind: FacetKind::Pattern,
            value: "a+",
            fixed: false,
            namespaces: &NoNamespaces,
        };
        let simple = SimpleType::restriction(&base, None, &[facet]).expect("a pattern is allowed");
        let reason = |length: usize| {
            let text = format!("{} ", "a".repeat(length - 1));
            let fault = simple.check(&text, &NoNamespaces, &mut Scratch::default()).expect_err("a blank");
            fault.reason(&simple, &text)
        };
        assert!(matches!(reason(REASONED_BYTES_MAX), Some(Reason::Sentence(_))));
        assert_eq!(reason(REASONED_BYTES_MAX + 1), None);
    }
}

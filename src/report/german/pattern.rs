//! One pattern: English with placeholders, and German with the same ones.

use super::skeleton::{MARK, Skeleton};
use super::table::Search;

/// A piece of an English pattern. Numbers are those of placeholders.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    /// An operand that is always this.
    Fixed(String),
    Operand(usize),
    Number(usize),
    Word(usize),
    Text(usize),
    /// Words of a table, by its name.
    Words(usize, String),
}

/// A piece of a German pattern.
#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Placeholder(usize),
}

/// What begins the name of a placeholder that German may leave out: notes that a schema has in English.
const LEFT_OUT: char = '_';

/// A row of a table.
#[derive(Debug)]
pub(super) struct Pattern {
    parts: Vec<Part>,
    german: Vec<Piece>,
    placeholders: usize,
}

impl Pattern {
    /// Reads both sides; the error says what is wrong with them.
    pub(super) fn new(english: &str, german: &str) -> Result<Self, String> {
        let mut names = Vec::new();
        let parts = parts(english, &mut names)?;
        let german = pieces(german, &names)?;
        for (index, name) in names.iter().enumerate() {
            if !name.starts_with(LEFT_OUT) && !german.contains(&Piece::Placeholder(index)) {
                return Err(format!("`{{{name}}}` is lost"));
            }
        }
        Ok(Self { parts, german, placeholders: names.len() })
    }

    /// How many bytes of words it has: what says more is tried first.
    pub(super) fn weight(&self) -> usize {
        let bytes = self.parts.iter().map(|part| match part {
            Part::Literal(text) | Part::Fixed(text) => text.len(),
            _ => 0,
        });
        bytes.sum()
    }

    /// Whole words that stand in whatever it matches.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        let last = self.parts.len() - 1;
        self.parts.iter().enumerate().flat_map(move |(index, part)| match part {
            Part::Literal(text) => whole_words(text, index > 0, index < last),
            _ => Vec::new(),
        })
    }

    /// The names of the tables that it needs.
    #[cfg(test)]
    pub(super) fn tables(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Words(_, table) => Some(&**table),
            _ => None,
        })
    }

    /// The German words for a piece of a sentence, if the whole of it matches.
    pub(super) fn translate(&self, from: usize, to: usize, search: &mut Search<'_>) -> Option<String> {
        let mut found = vec![String::new(); self.placeholders];
        if !matches(&self.parts, (from, to), &mut found, search) {
            return None;
        }
        Some(self.german.iter().fold(String::new(), |text, piece| match piece {
            Piece::Literal(literal) => text + literal,
            Piece::Placeholder(index) => text + &found[*index],
        }))
    }
}

/// Words of a literal that are whole whatever stands beside it.
fn whole_words(text: &str, is_joined_before: bool, is_joined_behind: bool) -> Vec<&str> {
    let is_letter = |c: char| c.is_ascii_alphabetic();
    let mut words: Vec<&str> = text.split(|c| !is_letter(c)).collect();
    if is_joined_behind {
        words.pop();
    }
    if is_joined_before && !words.is_empty() {
        words.remove(0);
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether the parts match from one place to the other, to the end.
fn matches(
    parts: &[Part],
    (from, to): (usize, usize),
    found: &mut [String],
    search: &mut Search<'_>,
) -> bool {
    let Some((first, rest)) = parts.split_first() else { return from == to };
    let skeleton: &Skeleton<'_> = search.skeleton;
    let text = &skeleton.text[from..to];
    match first {
        Part::Literal(literal) => {
            text.starts_with(&**literal) && matches(rest, (from + literal.len(), to), found, search)
        }
        Part::Fixed(fixed) => {
            text.starts_with(MARK)
                && skeleton.operand(from) == Some(fixed)
                && matches(rest, (from + MARK.len_utf8(), to), found, search)
        }
        Part::Operand(index) => {
            let Some(operand) = skeleton.operand(from).filter(|_| text.starts_with(MARK)) else {
                return false;
            };
            operand.clone_into(&mut found[*index]);
            matches(rest, (from + MARK.len_utf8(), to), found, search)
        }
        Part::Number(index) => {
            let length = text.find(|c: char| !c.is_ascii_digit() && c != ',').unwrap_or(text.len());
            let length = text[..length].trim_end_matches(',').len();
            found[*index] = text[..length].replace(',', ".");
            length > 0 && matches(rest, (from + length, to), found, search)
        }
        Part::Word(index) => ends(text, rest).into_iter().any(|length| {
            let is_word = !text[..length].contains(' ');
            is_word && {
                found[*index] = skeleton.original(from, from + length);
                matches(rest, (from + length, to), found, search)
            }
        }),
        Part::Text(index) => ends(text, rest).into_iter().any(|length| {
            found[*index] = skeleton.original(from, from + length);
            matches(rest, (from + length, to), found, search)
        }),
        Part::Words(index, table) => ends(text, rest).into_iter().any(|length| {
            let Some(words) = search.words(table, from, from + length) else { return false };
            found[*index] = words;
            matches(rest, (from + length, to), found, search)
        }),
    }
}

/// Lengths that a placeholder at the beginning of `text` may have: up to where what follows it stands.
fn ends(text: &str, rest: &[Part]) -> Vec<usize> {
    match rest.first() {
        None if text.is_empty() => Vec::new(),
        None => vec![text.len()],
        Some(Part::Literal(literal)) => {
            text.match_indices(&**literal).map(|(at, _)| at).filter(|at| *at > 0).collect()
        }
        Some(_) => text.char_indices().map(|(at, _)| at).skip(1).collect(),
    }
}

/// The parts of an English pattern; its placeholders are put into `names`.
fn parts(english: &str, names: &mut Vec<String>) -> Result<Vec<Part>, String> {
    let mut parts = Parts::default();
    for (index, text) in english.split('`').enumerate() {
        if index > 0 {
            parts.literal("`");
        }
        match name_of(text) {
            Some(name) if index % 2 == 1 => parts.0.push(Part::Operand(number(name, names))),
            _ if index % 2 == 1 => parts.0.push(Part::Fixed(text.to_owned())),
            _ => parts.outside(text, names)?,
        }
    }
    if english.matches('`').count() % 2 == 1 {
        return Err("a backtick is missing".to_owned());
    }
    if parts.0.is_empty() { Err("it is empty".to_owned()) } else { Ok(parts.0) }
}

/// `{name}` and nothing else.
fn name_of(text: &str) -> Option<&str> {
    let name = text.strip_prefix('{')?.strip_suffix('}')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase());
    is_name.then_some(name)
}

/// The number of a placeholder.
fn number(name: &str, names: &mut Vec<String>) -> usize {
    names.push(name.to_owned());
    names.len() - 1
}

#[derive(Default)]
struct Parts(Vec<Part>);

impl Parts {
    fn literal(&mut self, text: &str) {
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(Part::Literal(before)) => before.push_str(text),
            _ => self.0.push(Part::Literal(text.to_owned())),
        }
    }

    /// What stands outside of backticks.
    fn outside(&mut self, text: &str, names: &mut Vec<String>) -> Result<(), String> {
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('{') {
            let (inside, behind) = behind.split_once('}').ok_or("a brace is not closed")?;
            self.literal(before);
            self.0.push(placeholder(inside, names)?);
            rest = behind;
        }
        self.literal(rest);
        Ok(())
    }
}

fn placeholder(inside: &str, names: &mut Vec<String>) -> Result<Part, String> {
    if let Some((name, table)) = inside.split_once(':') {
        return Ok(Part::Words(number(name, names), table.to_owned()));
    }
    let unclear = || format!("`{{{inside}}}` does not say what it stands for");
    let (name, sign) = inside.split_at_checked(inside.len().saturating_sub(1)).ok_or_else(unclear)?;
    Ok(match sign {
        "#" => Part::Number(number(name, names)),
        "." => Part::Word(number(name, names)),
        "~" => Part::Text(number(name, names)),
        _ => return Err(unclear()),
    })
}

/// The pieces of a German pattern.
fn pieces(german: &str, names: &[String]) -> Result<Vec<Piece>, String> {
    let (mut pieces, mut rest) = (Vec::new(), german);
    while let Some((before, behind)) = rest.split_once('{') {
        let (name, behind) = behind.split_once('}').ok_or("a brace is not closed")?;
        let known = names.iter().position(|known| known == name);
        pieces.push(Piece::Literal(before.to_owned()));
        pieces.push(Piece::Placeholder(known.ok_or_else(|| format!("`{{{name}}}` is not in the English"))?));
        rest = behind;
    }
    pieces.push(Piece::Literal(rest.to_owned()));
    Ok(pieces)
}

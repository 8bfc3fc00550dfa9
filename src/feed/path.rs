//! A small path language over [`Record`]: where in a product a value stands.
//!
//! ```text
//!  RecordReference                                       child element
//!  Price[PriceType=02|04]/PriceAmount                    a step may be conditioned; | separates values
//!  Measure[MeasureType=08][not Note]/Measurement         several conditions; `not` turns one round
//!  //Date    *    .    ..    ../TextType                 anywhere inside, any child, here, one up
//!  Text/@language    @unit                               an attribute
//!  'g'                                                   a constant
//!  NamesBeforeKey + KeyNames                             joined by a space, absent parts left out
//!  ["PersonName", "CorporateName"]                       a list in the profile: the first that says something
//! ```
//!
//! A path is parsed while the profile is loaded, then bound to the profile's [`Vocabulary`]: the type
//! parameter says which of the two it is, and only a bound path can be evaluated.

use super::vocabulary::{Key, Vocabulary};
use serde::Deserialize;
use std::fmt;

/// Why a text is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` is no path: {reason}")]
pub struct PathError {
    path: String,
    reason: &'static str,
}

/// An element name as the profile writes it.
pub(super) type Word = Box<str>;

/// Steps from one element to others, or to one of their attributes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String", bound = "Path<N>: TryFrom<String, Error = PathError>")]
pub struct Path<N = Key> {
    pub(super) steps: Vec<Step<N>>,
    pub(super) attribute: Option<Box<str>>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step<N> {
    pub(super) axis: Axis,
    /// `None` for any name.
    pub(super) name: Option<N>,
    pub(super) conditions: Vec<Condition<N>>,
}

/// Which elements a step looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axis {
    Child,
    Inside,
    Parent,
}

/// A condition on an element: that a path leads somewhere, or to one of these values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Condition<N> {
    pub(super) negated: bool,
    pub(super) path: Path<N>,
    pub(super) values: Vec<Box<str>>,
}

/// Part of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Term<N> {
    Constant(Box<str>),
    Path(Path<N>),
}

/// How to get a text from a record: alternatives, each a sum of terms.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "OneOrMany", bound = "Value<N>: TryFrom<OneOrMany, Error = PathError>")]
pub struct Value<N = Key> {
    pub(super) alternatives: Vec<Vec<Term<N>>>,
}

/// A value as the profile writes it.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a path, or a list of paths of which the first that says something counts")]
pub enum OneOrMany {
    /// One path.
    One(String),
    /// Paths in order of preference.
    Many(Vec<String>),
}

impl TryFrom<OneOrMany> for Value<Word> {
    type Error = PathError;

    fn try_from(written: OneOrMany) -> Result<Self, PathError> {
        let written = match written {
            OneOrMany::One(one) => vec![one],
            OneOrMany::Many(many) => many,
        };
        if written.is_empty() {
            return Err(PathError { path: "[]".to_owned(), reason: "name at least one path" });
        }
        let alternatives =
            written.iter().map(|text| Parser::whole(text, Parser::sum)).collect::<Result<_, _>>()?;
        Ok(Self { alternatives })
    }
}

impl TryFrom<String> for Path<Word> {
    type Error = PathError;

    fn try_from(text: String) -> Result<Self, PathError> {
        Parser::whole(&text, Parser::path)
    }
}

impl Value {
    /// The value of one path.
    pub(super) fn of_path(path: Path) -> Self {
        Self { alternatives: vec![vec![Term::Path(path)]] }
    }
}

impl Value<Word> {
    /// Reads one path, or a sum of paths.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        OneOrMany::One(text.to_owned()).try_into()
    }

    /// The value over the keys of a vocabulary.
    #[must_use]
    pub fn bind(self, words: &mut Vocabulary) -> Value {
        let sum = |sum: Vec<Term<Word>>| sum.into_iter().map(|term| term.bind(words)).collect();
        Value { alternatives: self.alternatives.into_iter().map(sum).collect() }
    }
}

impl Term<Word> {
    fn bind(self, words: &mut Vocabulary) -> Term<Key> {
        match self {
            Self::Constant(text) => Term::Constant(text),
            Self::Path(path) => Term::Path(path.bind(words)),
        }
    }
}

impl Path<Word> {
    /// The path over the keys of a vocabulary.
    #[must_use]
    pub fn bind(self, words: &mut Vocabulary) -> Path {
        let steps = self.steps.into_iter().map(|step| step.bind(words)).collect();
        Path { steps, attribute: self.attribute }
    }

    /// The names of a path of plain child steps, or `None` for any other.
    pub(super) fn plain(&self) -> Option<Vec<&str>> {
        let plain = |step: &Step<Word>| step.axis == Axis::Child && step.conditions.is_empty();
        if self.attribute.is_some() || !self.steps.iter().all(plain) {
            return None;
        }
        self.steps.iter().map(|step| step.name.as_deref()).collect()
    }
}

impl Step<Word> {
    fn bind(self, words: &mut Vocabulary) -> Step<Key> {
        let name = self.name.map(|word| words.intern(&word));
        let conditions = self.conditions.into_iter().map(|each| each.bind(words)).collect();
        Step { axis: self.axis, name, conditions }
    }
}

impl Condition<Word> {
    fn bind(self, words: &mut Vocabulary) -> Condition<Key> {
        Condition { negated: self.negated, path: self.path.bind(words), values: self.values }
    }
}

/// Reads one path from left to right.
struct Parser<'a> {
    rest: &'a str,
}

/// What is wrong, without the path it is wrong in.
type Fault = &'static str;

impl<'a> Parser<'a> {
    fn whole<T>(text: &'a str, read: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, PathError> {
        let mut parser = Parser { rest: text.trim() };
        let result = read(&mut parser).and_then(|value| {
            if parser.rest.is_empty() { Ok(value) } else { Err("there is something after its end") }
        });
        result.map_err(|reason| PathError { path: text.to_owned(), reason })
    }

    fn sum(&mut self) -> Result<Vec<Term<Word>>, Fault> {
        let mut terms = vec![self.term()?];
        while self.takes("+") {
            terms.push(self.term()?);
        }
        Ok(terms)
    }

    fn term(&mut self) -> Result<Term<Word>, Fault> {
        self.skip_space();
        if self.takes("'") {
            let (constant, rest) = self.rest.split_once('\'').ok_or("a quote is not closed")?;
            self.rest = rest.trim_start();
            return Ok(Term::Constant(constant.into()));
        }
        self.path().map(Term::Path)
    }

    fn path(&mut self) -> Result<Path<Word>, Fault> {
        self.skip_space();
        let mut path = Path { steps: Vec::new(), attribute: None };
        let mut axis = if self.takes("//") { Axis::Inside } else { Axis::Child };
        loop {
            if self.takes("@") {
                path.attribute = Some(self.name()?.into());
                break;
            }
            if let Some(step) = self.step(axis)? {
                path.steps.push(step);
            }
            axis = Axis::Child;
            if !self.takes("/") {
                break;
            }
        }
        self.skip_space();
        Ok(path)
    }

    /// One step; none for `.`, which goes nowhere.
    fn step(&mut self, axis: Axis) -> Result<Option<Step<Word>>, Fault> {
        if self.takes("..") {
            return Ok(Some(Step { axis: Axis::Parent, name: None, conditions: self.conditions()? }));
        }
        if self.takes(".") {
            return Ok(None);
        }
        let name = if self.takes("*") { None } else { Some(self.name()?.into()) };
        Ok(Some(Step { axis, name, conditions: self.conditions()? }))
    }

    fn conditions(&mut self) -> Result<Vec<Condition<Word>>, Fault> {
        let mut conditions = Vec::new();
        while self.takes("[") {
            conditions.push(self.condition()?);
        }
        Ok(conditions)
    }

    fn condition(&mut self) -> Result<Condition<Word>, Fault> {
        self.skip_space();
        let negated = self.takes("not ");
        let path = self.path()?;
        let (inside, rest) = self.rest.split_once(']').ok_or("a `[` is not closed")?;
        self.rest = rest;
        let values = match inside.strip_prefix('=') {
            Some(values) => values.split('|').map(|value| value.trim().into()).collect(),
            None if inside.trim().is_empty() => Vec::new(),
            None => return Err("a condition is a path, or a path `=` values"),
        };
        Ok(Condition { negated, path, values })
    }

    fn name(&mut self) -> Result<&'a str, Fault> {
        let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        let end = self.rest.find(|c| !part(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        if !name.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            return Err("a name is missing; prefixes are not written");
        }
        self.rest = rest;
        Ok(name)
    }

    fn takes(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }
}

impl fmt::Display for Path<Word> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.steps.iter().enumerate() {
            match step.axis {
                Axis::Inside => f.write_str("//")?,
                _ if index > 0 => f.write_str("/")?,
                _ => {}
            }
            match (step.axis, &step.name) {
                (Axis::Parent, _) => f.write_str("..")?,
                (_, name) => f.write_str(name.as_deref().unwrap_or("*"))?,
            }
            step.conditions.iter().try_for_each(|condition| write!(f, "{condition}"))?;
        }
        match &self.attribute {
            Some(name) if self.steps.is_empty() => write!(f, "@{name}"),
            Some(name) => write!(f, "/@{name}"),
            None if self.steps.is_empty() => f.write_str("."),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Condition<Word> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not = if self.negated { "not " } else { "" };
        let equals = if self.values.is_empty() { "" } else { "=" };
        write!(f, "[{not}{}{equals}{}]", self.path, self.values.join("|"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: &str) {
        let found = Path::try_from(text.to_owned());
        assert_eq!(found.map_or_else(|error| error.to_string(), |path| path.to_string()), expected);
    }

    #[test]
    fn paths_are_read_and_written() {
        case(" RecordReference ", "RecordReference");
        case("A/B[C=02|04]/D", "A/B[C=02|04]/D");
        case(
            "Measure[MeasureType=08][not @old]/Measurement",
            "Measure[MeasureType=08][not @old]/Measurement",
        );
        case("//Date[../Role= 01 ]", "//Date[../Role=01]");
        case("../*/@unit", "../*/@unit");
        case("@unit", "@unit");
        case(".", ".");
        case("./@unit", "@unit");
    }

    #[test]
    fn what_is_no_path_says_why() {
        case("", "`` is no path: a name is missing; prefixes are not written");
        case("A//B", "`A//B` is no path: a name is missing; prefixes are not written");
        case("onix:A", "`onix:A` is no path: there is something after its end");
        case("A[B=1", "`A[B=1` is no path: a `[` is not closed");
        case("A[B C]", "`A[B C]` is no path: a condition is a path, or a path `=` values");
        case("@a/B", "`@a/B` is no path: there is something after its end");
        case("A + B", "`A + B` is no path: there is something after its end");
    }

    #[test]
    fn values_are_sums_and_alternatives() {
        let value = Value::try_from(OneOrMany::Many(vec!["A + 'x y' + B/@c".into(), "D".into()])).unwrap();
        assert_eq!(value.alternatives.iter().map(Vec::len).collect::<Vec<_>>(), [3, 1]);
        assert_eq!(value.alternatives[0][1], Term::Constant("x y".into()));
        let error = |written: OneOrMany| Value::try_from(written).unwrap_err().to_string();
        assert_eq!(error(OneOrMany::One("'x".into())), "`'x` is no path: a quote is not closed");
        assert_eq!(error(OneOrMany::Many(Vec::new())), "`[]` is no path: name at least one path");
    }

    #[test]
    fn a_plain_path_is_a_list_of_names() {
        let plain =
            |text: &str| Path::try_from(text.to_owned()).unwrap().plain().map(|names| names.join(" "));
        assert_eq!(plain("Header/Sender").as_deref(), Some("Header Sender"));
        assert_eq!(plain("Header/*"), None);
        assert_eq!(plain("Header/@a"), None);
    }
}

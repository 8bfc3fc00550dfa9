//! The grammar of appendix F, read by recursive descent into a tree.

use super::{PatternError, PatternLimits, SyntaxFault, blocks};
use crate::xsd::value::string;

/// `regExp ::= branch ('|' branch)*`; a branch is a sequence of pieces.
#[derive(Clone, Debug)]
pub(super) struct Branches(pub(super) Vec<Vec<Piece>>);

/// `piece ::= atom quantifier?`
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) atom: Atom,
    pub(super) quantifier: Quantifier,
}

/// How often; `max` absent: without end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quantifier {
    pub(super) min: u32,
    pub(super) max: Option<u32>,
}

impl Quantifier {
    pub(super) const ONCE: Self = Self { min: 1, max: Some(1) };

    /// Whether a text has as many characters.
    pub(super) fn admits(self, text: &str) -> bool {
        let within = |max: u32| string::has_chars_at_most(text, u64::from(max));
        string::has_chars_at_least(text, u64::from(self.min)) && self.max.is_none_or(within)
    }
}

/// From so many repetitions on, a character set is matched without count and the text counted.
const COUNTED_FROM: u32 = 32;

/// A character set without bounds, and the bounds that a text is held to beside it.
pub(super) type CountedSet = (Branches, Quantifier);

impl Branches {
    /// For a pattern such as `\w{1,1000}`: the same without bounds, and the bounds. A count costs
    /// nothing, an automaton of a thousand copies of all letters does.
    fn one_counted_set(branch: &[Piece]) -> Option<CountedSet> {
        let [piece] = branch else { return None };
        let quantifier = piece.quantifier;
        if quantifier.max.unwrap_or(quantifier.min) < COUNTED_FROM {
            return None;
        }
        let atom = piece.atom.one_character()?;
        let open = Piece { atom, quantifier: Quantifier { min: 0, max: None } };
        Some((Self(vec![vec![open]]), quantifier))
    }

    /// The alternatives that are counted sets, and what is left of the others.
    pub(super) fn split_counted(&self) -> (Vec<CountedSet>, Option<Self>) {
        let (mut counted, mut left) = (Vec::new(), Vec::new());
        for branch in &self.0 {
            match Self::one_counted_set(branch) {
                Some(set) => counted.push(set),
                None => match branch.as_slice() {
                    // A group that is the whole alternative says what it holds.
                    [Piece { atom: Atom::Group(inner), quantifier: Quantifier::ONCE }] => {
                        let (inner_counted, inner_left) = inner.split_counted();
                        counted.extend(inner_counted);
                        left.extend(inner_left.into_iter().flat_map(|branches| branches.0));
                    }
                    _ => left.push(branch.clone()),
                },
            }
        }
        let left = (!left.is_empty()).then_some(Self(left));
        (counted, left)
    }
}

impl Atom {
    /// The atom, if it stands for exactly one character; a group such as `(\w|-)` as a group of that, since the
    /// regex crate makes one class of it.
    pub(super) fn one_character(&self) -> Option<Self> {
        let single = |branch: &Vec<Piece>| match branch.as_slice() {
            [piece] => piece.quantifier == Quantifier::ONCE && piece.atom.one_character().is_some(),
            _ => false,
        };
        match self {
            Self::Group(branches) if !branches.0.iter().all(single) => None,
            _ => Some(self.clone()),
        }
    }
}

/// `atom ::= Char | charClass | '(' regExp ')'`
#[derive(Clone, Debug)]
pub(super) enum Atom {
    Char(char),
    Any,
    Set(Set),
    Class(Class),
    Group(Branches),
}

/// `charClassExpr`: a positive or negative group, less another class.
#[derive(Clone, Debug)]
pub(super) struct Class {
    pub(super) negative: bool,
    pub(super) parts: Vec<Part>,
    pub(super) subtracted: Option<Box<Class>>,
}

/// One part of a character group.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Range(char, char),
    Set(Set),
}

/// A set named by an escape.
#[derive(Clone, Copy, Debug)]
pub(super) enum Set {
    Space(Polarity),
    NameStart(Polarity),
    NameChar(Polarity),
    Digit(Polarity),
    Word(Polarity),
    Category(&'static str, Polarity),
    Block(&'static str, Polarity),
}

/// A set, or its complement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Polarity {
    Of,
    Except,
}

/// `IsCategory`; surrogates (`Cs`) are no characters and not named here.
const CATEGORIES: [&str; 36] = [
    "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps",
    "Pe", "Pi", "Pf", "Po", "Z", "Zs", "Zl", "Zp", "S", "Sm", "Sc", "Sk", "So", "C", "Cc", "Cf", "Co", "Cn",
];

pub(super) fn parse(pattern: &str, limits: &PatternLimits) -> Result<Branches, PatternError> {
    if pattern.len() > limits.bytes_max {
        return Err(PatternError::TooLong { max: limits.bytes_max });
    }
    let mut parser = Parser { chars: pattern.chars().collect(), at: 0, depth: 0, limits: *limits };
    let branches = parser.branches()?;
    match parser.peek() {
        None => Ok(branches),
        Some(_) => Err(parser.fault(SyntaxFault::GroupNotOpen)),
    }
}

struct Parser {
    chars: Vec<char>,
    at: usize,
    depth: u32,
    limits: PatternLimits,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn peek_second(&self) -> Option<char> {
        self.chars.get(self.at + 1).copied()
    }

    fn eat(&mut self, expected: char) -> bool {
        let here = self.peek() == Some(expected);
        self.at += usize::from(here);
        here
    }

    fn next(&mut self) -> Result<char, PatternError> {
        let next = self.peek().ok_or_else(|| self.fault(SyntaxFault::EndsEarly))?;
        self.at += 1;
        Ok(next)
    }

    fn fault(&self, what: SyntaxFault) -> PatternError {
        PatternError::Syntax { what, at: self.at + 1 }
    }

    /// A fault about the character just read.
    fn fault_before(&self, what: SyntaxFault) -> PatternError {
        PatternError::Syntax { what, at: self.at }
    }

    fn descend(&mut self) -> Result<(), PatternError> {
        self.depth += 1;
        let max = self.limits.nesting_max;
        if self.depth > max { Err(PatternError::TooDeep { max }) } else { Ok(()) }
    }

    fn branches(&mut self) -> Result<Branches, PatternError> {
        let mut branches = vec![self.branch()?];
        while self.eat('|') {
            branches.push(self.branch()?);
        }
        Ok(Branches(branches))
    }

    fn branch(&mut self) -> Result<Vec<Piece>, PatternError> {
        let mut pieces = Vec::new();
        while !matches!(self.peek(), None | Some('|' | ')')) {
            let atom = self.atom()?;
            let quantifier = self.quantifier()?;
            pieces.push(Piece { atom, quantifier });
        }
        Ok(pieces)
    }

    fn atom(&mut self) -> Result<Atom, PatternError> {
        match self.next()? {
            '(' => self.group(),
            '[' => Ok(Atom::Class(self.class()?)),
            '\\' => Ok(match self.escape()? {
                Escape::Char(character) => Atom::Char(character),
                Escape::Set(set) => Atom::Set(set),
            }),
            '.' => Ok(Atom::Any),
            '?' | '*' | '+' => Err(self.fault_before(SyntaxFault::NothingToRepeat)),
            metacharacter @ ('{' | '}' | ']') => {
                Err(self.fault_before(SyntaxFault::MustEscape(metacharacter)))
            }
            character => Ok(Atom::Char(character)),
        }
    }

    fn group(&mut self) -> Result<Atom, PatternError> {
        self.descend()?;
        let branches = self.branches()?;
        if !self.eat(')') {
            return Err(self.fault(SyntaxFault::GroupNotClosed));
        }
        self.depth -= 1;
        Ok(Atom::Group(branches))
    }

    fn quantifier(&mut self) -> Result<Quantifier, PatternError> {
        let quantifier = match self.peek() {
            Some('?') => Quantifier { min: 0, max: Some(1) },
            Some('*') => Quantifier { min: 0, max: None },
            Some('+') => Quantifier { min: 1, max: None },
            Some('{') => {
                self.at += 1;
                return self.quantity();
            }
            _ => return Ok(Quantifier::ONCE),
        };
        self.at += 1;
        Ok(quantifier)
    }

    /// `quantity ::= quantRange | quantMin | QuantExact`, past the `{`.
    fn quantity(&mut self) -> Result<Quantifier, PatternError> {
        let min = self.number()?;
        let max = if !self.eat(',') {
            Some(min)
        } else if self.peek() == Some('}') {
            None
        } else {
            Some(self.number()?)
        };
        if !self.eat('}') {
            return Err(self.fault(SyntaxFault::QuantityMalformed));
        }
        if max.is_some_and(|max| max < min) {
            return Err(self.fault_before(SyntaxFault::QuantityReversed));
        }
        Ok(Quantifier { min, max })
    }

    fn number(&mut self) -> Result<u32, PatternError> {
        let start = self.at;
        let mut number: u32 = 0;
        while let Some(digit) = self.peek().filter(char::is_ascii_digit) {
            self.at += 1;
            number = number.saturating_mul(10).saturating_add(u32::from(digit) - u32::from('0'));
        }
        if self.at == start {
            return Err(self.fault(SyntaxFault::QuantityMalformed));
        }
        let max = self.limits.repeat_max;
        if number > max { Err(PatternError::RepeatsTooOften { max }) } else { Ok(number) }
    }

    /// `charClassExpr`, past the `[`.
    fn class(&mut self) -> Result<Class, PatternError> {
        self.descend()?;
        let negative = self.eat('^');
        let mut parts = Vec::new();
        let mut subtracted = None;
        while self.peek() != Some(']') {
            if self.peek() == Some('-') && self.peek_second() == Some('[') && !parts.is_empty() {
                self.at += 2;
                subtracted = Some(Box::new(self.class()?));
                break;
            }
            let part = self.part(parts.is_empty())?;
            parts.push(part);
        }
        if parts.is_empty() {
            return Err(self.fault(SyntaxFault::ClassEmpty));
        }
        if !self.eat(']') {
            return Err(self.fault(SyntaxFault::SubtractionNotLast));
        }
        self.depth -= 1;
        Ok(Class { negative, parts, subtracted })
    }

    /// `charRange` or `charClassEsc`.
    fn part(&mut self, first: bool) -> Result<Part, PatternError> {
        let start = match self.next()? {
            '\\' => match self.escape()? {
                Escape::Char(character) => character,
                Escape::Set(set) => return Ok(Part::Set(set)),
            },
            '[' => return Err(self.fault_before(SyntaxFault::MustEscape('['))),
            '-' => return self.lone_dash(first),
            character => character,
        };
        // `a-]` ends the class with a dash, `a-[…]` subtracts, `a--[…]` does both; anything else
        // makes a range.
        let ends_group = matches!(self.chars[self.at..], ['-', '[' | ']', ..] | ['-', '-', '[', ..]);
        if self.peek() != Some('-') || ends_group {
            return Ok(Part::Range(start, start));
        }
        self.at += 1;
        let end = self.range_end()?;
        if end < start {
            return Err(self.fault_before(SyntaxFault::RangeReversed));
        }
        Ok(Part::Range(start, end))
    }

    /// A dash stands for itself only at the beginning or end of a group.
    fn lone_dash(&self, first: bool) -> Result<Part, PatternError> {
        let rest = &self.chars[self.at..];
        let last = matches!(rest, [']', ..] | ['-', '[', ..]);
        let before_last = matches!(rest, ['-', ']', ..] | ['-', '-', '[', ..]);
        // `[--z]`: the first dash would begin a range, and a dash begins none; `[--]` begins and ends.
        let begins_range = self.peek() == Some('-') && !last && !before_last;
        if (first && !begins_range) || last {
            Ok(Part::Range('-', '-'))
        } else {
            Err(self.fault_before(SyntaxFault::DashMisplaced))
        }
    }

    /// `charOrEsc` at the end of a range.
    fn range_end(&mut self) -> Result<char, PatternError> {
        match self.next()? {
            '\\' => match self.escape()? {
                Escape::Char(character) => Ok(character),
                Escape::Set(_) => Err(self.fault_before(SyntaxFault::DashMisplaced)),
            },
            '-' => Err(self.fault_before(SyntaxFault::DashMisplaced)),
            character => Ok(character),
        }
    }

    /// `SingleCharEsc`, `MultiCharEsc`, `catEsc` or `complEsc`, past the `\`.
    fn escape(&mut self) -> Result<Escape, PatternError> {
        use Polarity::{Except, Of};
        Ok(match self.next()? {
            'n' => Escape::Char('\n'),
            'r' => Escape::Char('\r'),
            't' => Escape::Char('\t'),
            itself @ ('\\' | '|' | '.' | '?' | '*' | '+' | '(' | ')' | '{' | '}' | '-' | '[' | ']' | '^') => {
                Escape::Char(itself)
            }
            's' => Escape::Set(Set::Space(Of)),
            'S' => Escape::Set(Set::Space(Except)),
            'i' => Escape::Set(Set::NameStart(Of)),
            'I' => Escape::Set(Set::NameStart(Except)),
            'c' => Escape::Set(Set::NameChar(Of)),
            'C' => Escape::Set(Set::NameChar(Except)),
            'd' => Escape::Set(Set::Digit(Of)),
            'D' => Escape::Set(Set::Digit(Except)),
            'w' => Escape::Set(Set::Word(Of)),
            'W' => Escape::Set(Set::Word(Except)),
            'p' => Escape::Set(self.property(Of)?),
            'P' => Escape::Set(self.property(Except)?),
            other => return Err(self.fault_before(SyntaxFault::UnknownEscape(other))),
        })
    }

    /// `'{' charProp '}'`
    fn property(&mut self, polarity: Polarity) -> Result<Set, PatternError> {
        if !self.eat('{') {
            return Err(self.fault(SyntaxFault::UnknownProperty(String::new())));
        }
        let start = self.at;
        while self.next()? != '}' {}
        let name: String = self.chars[start..self.at - 1].iter().collect();
        let set = match name.strip_prefix("Is") {
            Some(block) => blocks::find(block).map(|block| Set::Block(block, polarity)),
            None => {
                CATEGORIES.into_iter().find(|known| *known == name).map(|name| Set::Category(name, polarity))
            }
        };
        set.ok_or_else(|| self.fault_before(SyntaxFault::UnknownProperty(name)))
    }
}

/// What an escape stands for.
enum Escape {
    Char(char),
    Set(Set),
}

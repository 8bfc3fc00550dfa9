//! In which form a text is written: the lexical class that it belongs to, and its length.
//!
//! Every text has one class. A byte says what it is by a table, all bytes of a text together say which classes are
//! possible, and the few that need a closer look (dates, addresses) get one.

use serde::{Deserialize, Serialize};

/// The form in which a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LexicalClass {
    /// No character.
    Empty,
    /// White space before or behind it.
    Padded,
    /// Digits, with a sign or without.
    Integer,
    /// Digits and a decimal point.
    DecimalPoint,
    /// Digits and a decimal comma.
    DecimalComma,
    /// Eight digits that are a day: `20261001`.
    DatePlain,
    /// A day, month or time with hyphens: `2026-10-01`.
    DateIso,
    /// A day with a time of day.
    DateTime,
    /// Twelve to fourteen digits, as trade item numbers have.
    TradeNumber,
    /// A few capital letters and digits.
    Code,
    /// A few small letters and digits.
    Word,
    /// An address on the web.
    Url,
    /// An address of mail.
    Email,
    /// Several characters without a space, such as a reference.
    Token,
    /// Text with tags in it.
    Markup,
    /// Words without a small letter.
    Capitals,
    /// Words in one line.
    Line,
    /// Words in several lines.
    Lines,
}

/// How many classes there are.
pub(super) const CLASSES: usize = 18;

/// Longest code or word, in bytes.
const CODE_BYTES_MAX: usize = 8;

impl LexicalClass {
    /// All of them, each at its own number.
    pub const ALL: [Self; CLASSES] = [
        Self::Empty,
        Self::Padded,
        Self::Integer,
        Self::DecimalPoint,
        Self::DecimalComma,
        Self::DatePlain,
        Self::DateIso,
        Self::DateTime,
        Self::TradeNumber,
        Self::Code,
        Self::Word,
        Self::Url,
        Self::Email,
        Self::Token,
        Self::Markup,
        Self::Capitals,
        Self::Line,
        Self::Lines,
    ];

    /// What texts of it are called, in the singular with an article where it has one.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Padded => "text with white space around it",
            Self::Integer => "a whole number",
            Self::DecimalPoint => "a number with a decimal point",
            Self::DecimalComma => "a number with a decimal comma",
            Self::DatePlain => "a date such as 20261001",
            Self::DateIso => "a date such as 2026-10-01",
            Self::DateTime => "a date with a time",
            Self::TradeNumber => "a number of 12 to 14 digits",
            Self::Code => "a code in capitals or digits",
            Self::Word => "a short word in small letters",
            Self::Url => "an address on the web",
            Self::Email => "an address of mail",
            Self::Token => "one word",
            Self::Markup => "text with markup",
            Self::Capitals => "text in capitals",
            Self::Line => "a line of text",
            Self::Lines => "text of several lines",
        }
    }

    /// Whether people write it as they like, so that one text of another form says nothing.
    pub(super) const fn is_free(self) -> bool {
        matches!(self, Self::Token | Self::Markup | Self::Capitals | Self::Line | Self::Lines | Self::Padded)
    }

    /// Whether it is a number that may be weighed.
    pub(super) const fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::DecimalPoint | Self::DecimalComma)
    }
}

/// What is seen of a text at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) class: LexicalClass,
    /// Length in characters.
    pub(super) chars: u32,
}

const DIGIT: u16 = 1;
const UPPER: u16 = 2;
const LOWER: u16 = 4;
const POINT: u16 = 8;
const COMMA: u16 = 16;
const SIGN: u16 = 32;
const COLON: u16 = 64;
const SPACE: u16 = 128;
const BREAK: u16 = 256;
const ANGLE: u16 = 512;
const AT: u16 = 1024;
const OTHER: u16 = 2048;
/// A byte that continues a character.
const MORE: u16 = 4096;

/// What each byte is.
const TABLE: [u16; 256] = table();

const fn table() -> [u16; 256] {
    let mut table = [OTHER; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "256 values fit a byte")]
        let kind = kind_of(byte as u8);
        table[byte] = kind;
        byte += 1;
    }
    table
}

const fn kind_of(byte: u8) -> u16 {
    match byte {
        b'0'..=b'9' => DIGIT,
        b'A'..=b'Z' => UPPER,
        b'a'..=b'z' => LOWER,
        b'.' => POINT,
        b',' => COMMA,
        b'-' | b'+' => SIGN,
        b':' => COLON,
        b' ' | b'\t' => SPACE,
        b'\n' | b'\r' => BREAK,
        b'<' => ANGLE,
        b'@' => AT,
        0x80..=0xBF => MORE,
        _ => OTHER,
    }
}

/// What can be seen of a text.
pub(super) fn shape(text: &str) -> Shape {
    let bytes = text.as_bytes();
    let (kinds, continued) = scan(bytes);
    let chars = u32::try_from(bytes.len() - continued).unwrap_or(u32::MAX);
    Shape { class: class(bytes, kinds), chars }
}

/// Texts of at least so many bytes are looked at in stretches, by what words alone are told apart by.
const LONG_BYTES_MIN: usize = 48;
const STRETCH_BYTES: usize = 32;

/// All kinds of bytes in a text, and how many bytes continue a character.
fn scan(bytes: &[u8]) -> (u16, usize) {
    if bytes.len() < LONG_BYTES_MIN {
        return scan_each(bytes);
    }
    let stretches = bytes.chunks_exact(STRETCH_BYTES);
    let (mut kinds, mut continued) = scan_each(stretches.remainder());
    for stretch in stretches {
        let (more_kinds, more) = scan_stretch(stretch);
        kinds |= more_kinds;
        continued += more;
    }
    (kinds, continued)
}

fn scan_each(bytes: &[u8]) -> (u16, usize) {
    let (mut kinds, mut continued) = (0, 0);
    for byte in bytes {
        let kind = TABLE[usize::from(*byte)];
        kinds |= kind;
        continued += usize::from(kind == MORE);
    }
    (kinds, continued)
}

/// The same for what long texts are told apart by, in a form of which compilers make vectors.
fn scan_stretch(stretch: &[u8]) -> (u16, usize) {
    let (mut continued, mut small, mut space, mut breaks, mut angle) = (0_u8, 0_u8, 0_u8, 0_u8, 0_u8);
    let mut large = 0_u8;
    for byte in stretch {
        continued += u8::from(byte & 0xC0 == 0x80);
        small |= u8::from(byte.wrapping_sub(b'a') < 26);
        large |= u8::from(byte.wrapping_sub(b'A') < 26);
        space |= u8::from(*byte == b' ') | u8::from(*byte == b'\t');
        breaks |= u8::from(*byte == b'\n') | u8::from(*byte == b'\r');
        angle |= u8::from(*byte == b'<');
    }
    let flag = |seen: u8, kind: u16| u16::from(seen) * kind;
    let kinds = flag(small, LOWER) | flag(large, UPPER) | flag(space, SPACE);
    (kinds | flag(breaks, BREAK) | flag(angle, ANGLE) | OTHER, usize::from(continued))
}

fn class(bytes: &[u8], kinds: u16) -> LexicalClass {
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return LexicalClass::Empty };
    if (TABLE[usize::from(*first)] | TABLE[usize::from(*last)]) & (SPACE | BREAK) != 0 {
        return LexicalClass::Padded;
    }
    let numeric = kinds & (SPACE | BREAK | ANGLE | OTHER | AT | MORE) == 0 && kinds & DIGIT != 0;
    let number = if numeric { number_class(bytes, kinds) } else { None };
    number.unwrap_or_else(|| word_class(bytes, kinds))
}

/// What is written in digits, with what stands between digits.
fn number_class(bytes: &[u8], kinds: u16) -> Option<LexicalClass> {
    let signed = TABLE[usize::from(bytes[0])] == SIGN;
    let digits = &bytes[usize::from(signed)..];
    let inner = digits.iter().fold(0, |kinds, byte| kinds | TABLE[usize::from(*byte)]);
    match inner {
        DIGIT if !signed && is_day(bytes) => Some(LexicalClass::DatePlain),
        DIGIT if !signed && (12..=14).contains(&bytes.len()) => Some(LexicalClass::TradeNumber),
        DIGIT => Some(LexicalClass::Integer),
        _ if inner & !(DIGIT | POINT | COMMA) == 0 => decimal_class(digits),
        _ => date_class(bytes, kinds),
    }
}

fn decimal_class(digits: &[u8]) -> Option<LexicalClass> {
    let at = digits.iter().rposition(|byte| matches!(byte, b'.' | b','))?;
    let mark = digits[at];
    let once = !digits[..at].contains(&mark);
    let class = if mark == b',' { LexicalClass::DecimalComma } else { LexicalClass::DecimalPoint };
    once.then_some(class)
}

/// `2026-10`, `2026-10-01`, `2026-10-01T06:00:00Z`, `20261001T0600Z`.
fn date_class(bytes: &[u8], kinds: u16) -> Option<LexicalClass> {
    let digits = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_digit);
    let hyphened =
        bytes.len() >= 7 && digits(&bytes[..4]) && bytes[4] == b'-' && digits(&bytes[5..7]) && is_year(bytes);
    let plain = bytes.len() > 9 && bytes[8] == b'T' && is_day(&bytes[..8]);
    let timed = kinds & (UPPER | COLON) != 0;
    match (hyphened, plain) {
        (true, _) if timed => Some(LexicalClass::DateTime),
        (true, _) if kinds & LOWER == 0 => Some(LexicalClass::DateIso),
        (_, true) => Some(LexicalClass::DateTime),
        _ => None,
    }
}

/// Eight digits that are a day of the last or this century.
fn is_day(bytes: &[u8]) -> bool {
    let two = |at: usize| (bytes[at] - b'0') * 10 + (bytes[at + 1] - b'0');
    bytes.len() == 8
        && bytes.iter().all(u8::is_ascii_digit)
        && is_year(bytes)
        && (1..=12).contains(&two(4))
        && (1..=31).contains(&two(6))
}

fn is_year(bytes: &[u8]) -> bool {
    bytes.starts_with(b"19") || bytes.starts_with(b"20")
}

fn word_class(bytes: &[u8], kinds: u16) -> LexicalClass {
    let one_word = kinds & (SPACE | BREAK) == 0;
    match kinds {
        _ if kinds & ANGLE != 0 && has_tag(bytes) => LexicalClass::Markup,
        _ if kinds & BREAK != 0 => LexicalClass::Lines,
        _ if one_word && is_address(bytes) => LexicalClass::Url,
        _ if one_word && kinds & AT != 0 && kinds & POINT != 0 => LexicalClass::Email,
        _ if kinds & !(UPPER | DIGIT) == 0 && bytes.len() <= CODE_BYTES_MAX => LexicalClass::Code,
        _ if kinds & !(LOWER | DIGIT) == 0 && bytes.len() <= CODE_BYTES_MAX => LexicalClass::Word,
        _ if one_word => LexicalClass::Token,
        _ if kinds & LOWER == 0 && kinds & UPPER != 0 => LexicalClass::Capitals,
        _ => LexicalClass::Line,
    }
}

/// An angle that opens a tag, and one that closes it.
fn has_tag(bytes: &[u8]) -> bool {
    let opens = |pair: &[u8]| pair[0] == b'<' && (pair[1].is_ascii_alphabetic() || pair[1] == b'/');
    bytes.windows(2).any(opens) && bytes.contains(&b'>')
}

fn is_address(bytes: &[u8]) -> bool {
    ["http://", "https://", "www.", "ftp://"].iter().any(|scheme| bytes.starts_with(scheme.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(class: LexicalClass, texts: &[&str]) {
        for text in texts {
            assert_eq!(shape(text).class, class, "`{text}`");
        }
    }

    #[test]
    fn numbers_and_dates_are_told_apart() {
        case(LexicalClass::Integer, &["0", "12", "-7", "1995", "12345678", "20269901", "123456789012345"]);
        case(LexicalClass::DecimalPoint, &["12.50", "-0.5", "1,234.50", ".5"]);
        case(LexicalClass::DecimalComma, &["12,50", "1.234,50"]);
        case(LexicalClass::DatePlain, &["20261001", "19991231"]);
        case(LexicalClass::DateIso, &["2026-10", "2026-10-01"]);
        case(
            LexicalClass::DateTime,
            &["2026-10-01T06:00:00Z", "20261001T0600Z", "2026-10-01T06:00:00+02:00"],
        );
        case(LexicalClass::TradeNumber, &["979011001000", "9790110010006", "09790110010006"]);
    }

    #[test]
    fn words_are_told_apart() {
        case(LexicalClass::Empty, &[""]);
        case(LexicalClass::Padded, &[" ", " 12.50", "a\n", "12 "]);
        case(LexicalClass::Code, &["EUR", "B25", "MUS03700"]);
        case(LexicalClass::Word, &["ger", "b25", "cm"]);
        case(LexicalClass::Url, &["https://example.org/a?b=1", "www.example.org"]);
        case(LexicalClass::Email, &["info@example.org"]);
        case(
            LexicalClass::Token,
            &["de.house.1", "BE-000123", "Klavier", "score-and-parts", "1.2.3", "Größe"],
        );
        case(LexicalClass::Markup, &["<p>a</p>", "a <b>c</b>", "x</p>"]);
        case(LexicalClass::Line, &["Sonate B-Dur", "a < b", "a, b", "BE 1000 x"]);
        case(LexicalClass::Capitals, &["SONATE B DUR", "BE 1000"]);
        case(LexicalClass::Lines, &["a\nb"]);
    }

    /// What a vector says of a long text is what its bytes say one by one.
    #[test]
    fn long_texts_are_looked_at_in_stretches() {
        let long = |part: &str| part.repeat(40);
        case(LexicalClass::Line, &[&format!("a{}b", long("Größe ü ")), &format!("x{}x", long(" ab"))]);
        case(LexicalClass::Capitals, &[&format!("A{}A", long(" AB "))]);
        case(LexicalClass::Lines, &[&format!("a{}\n{}b", long("cd "), long("x "))]);
        case(LexicalClass::Markup, &[&format!("{}<em>x</em>", long("ab "))]);
        case(LexicalClass::Token, &[&long("abc"), &long("a1")]);
        case(LexicalClass::Url, &[&format!("https://{}", long("abc"))]);
        for count in [0, 1, LONG_BYTES_MIN - 1, LONG_BYTES_MIN, LONG_BYTES_MIN + 1, 1000] {
            let text = "ü".repeat(count);
            assert_eq!(shape(&text).chars as usize, count);
        }
    }

    #[test]
    fn each_class_stands_at_its_number() {
        assert!(LexicalClass::ALL.iter().enumerate().all(|(at, class)| *class as usize == at));
    }
}

//! Check digits: GTIN-13, ISBN-13, ISBN-10 and ISMN.
//!
//! Each function takes a number as people write it, with hyphens and spaces, and gives it back as it is
//! stored, or says what is wrong with it and what the right number would be.
//!
//! ```text
//!  9 7 9 0 1 1 0 0 0 0 0 0 7      GTIN-13, ISBN-13, ISMN: digits weigh 1 3 1 3 …, the sum ends in 0
//!  3 8 3 8 9 5 0 1 8 7            ISBN-10: digits weigh 10 9 8 …, the sum is a multiple of 11, X is 10
//!  M 1 1 0 0 0 0 0 0 7            ISMN before 2008: M stands for 979-0, so the digit is the same; stored with it
//! ```

/// Why a text is not a number of its scheme.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Nothing but white space.
    #[error("the number is empty")]
    Empty,
    /// Too short or too long.
    #[error("`{text}` has {found} characters, {scheme} has {expected}")]
    Length {
        /// Name of the scheme.
        scheme: &'static str,
        /// The number as it came, cut.
        text: String,
        /// How many characters it has without hyphens and spaces.
        found: usize,
        /// How many it should have.
        expected: usize,
    },
    /// Too long for any scheme.
    #[error("the number has {found} bytes, {OPAQUE_BYTES_MAX} are the most")]
    TooLong {
        /// How many bytes it has.
        found: usize,
    },
    /// A character that is no digit.
    #[error("`{found}` in `{text}` is no digit of {scheme}")]
    Character {
        /// Name of the scheme.
        scheme: &'static str,
        /// The number as it came.
        text: String,
        /// The first wrong character.
        found: char,
    },
    /// A number of another scheme.
    #[error("`{text}` does not begin as {scheme} does: {expected}")]
    Prefix {
        /// Name of the scheme.
        scheme: &'static str,
        /// The number as it came.
        text: String,
        /// What the scheme begins with.
        expected: &'static str,
    },
    /// The last digit does not follow from the others.
    #[error("the check digit of `{text}` is wrong: it is `{found}`, the digits before it give `{right}`")]
    CheckDigit {
        /// The number as it came.
        text: String,
        /// The check digit that stands there.
        found: char,
        /// The one that should.
        right: char,
    },
}

impl NumberError {
    /// What should stand in place of the number, in a few words.
    #[must_use]
    pub fn expected(&self) -> String {
        match self {
            Self::Empty => "a number".to_owned(),
            Self::TooLong { .. } => format!("a number of at most {OPAQUE_BYTES_MAX} bytes"),
            Self::Length { scheme, expected, .. } => format!("{scheme} with {expected} characters"),
            Self::Character { .. } => "digits only".to_owned(),
            Self::Prefix { expected, .. } => (*expected).to_owned(),
            Self::CheckDigit { right, .. } => format!("check digit {right}"),
        }
    }
}

/// Bytes of a number without a scheme of its own at most: an index of any database has room for it.
const OPAQUE_BYTES_MAX: usize = 1_000;

/// Characters of a number that an error repeats at most.
const QUOTED_CHARS_MAX: usize = 40;

/// A GTIN-13.
pub(super) fn gtin13(text: &str) -> Result<String, NumberError> {
    thirteen("GTIN-13", text)
}

/// An ISBN-13.
pub(super) fn isbn13(text: &str) -> Result<String, NumberError> {
    let number = thirteen("ISBN-13", text)?;
    let begins = (number.starts_with("978") || number.starts_with("979")) && !number.starts_with("9790");
    if begins { Ok(number) } else { Err(prefix("ISBN-13", text, "978 or 979, and not 979-0, which is ISMN")) }
}

/// An ISMN: thirteen digits that begin with 9790, or `M` and nine digits, which become the same thirteen.
pub(super) fn ismn(text: &str) -> Result<String, NumberError> {
    let compact = compact(text)?;
    if let Some(digits) = compact.strip_prefix(['M', 'm']) {
        check_length("ISMN", text, &compact, 10)?;
        let number = format!("9790{digits}");
        check_digit(text, &number, ean_digit(&digits_of("ISMN", text, &number)?))?;
        return Ok(number);
    }
    let number = thirteen("ISMN", text)?;
    if number.starts_with("9790") { Ok(number) } else { Err(prefix("ISMN", text, "9790 or M")) }
}

/// The thirteen digits that an ISBN-10 stands for; `None` when it has not nine digits and one more.
pub(super) fn isbn10_as_13(number: &str) -> Option<String> {
    let body = number.get(..9).filter(|_| number.len() == 10)?;
    let twelve = format!("978{body}");
    let digits: Option<Vec<u32>> = twelve.chars().map(|c| c.to_digit(10)).collect();
    let mut digits = digits?;
    digits.push(0);
    Some(format!("{twelve}{}", ean_digit(&digits)))
}

/// The ISBN-10 of an ISBN-13 that has one.
pub(super) fn isbn13_as_10(number: &str) -> Option<String> {
    let body = number.strip_prefix("978")?.get(..9)?;
    let digits: Option<Vec<u32>> = body.chars().map(|c| c.to_digit(10)).collect();
    Some(format!("{body}{}", isbn10_digit(&digits?)))
}

/// An ISBN-10; its last digit may be an `X`.
pub(super) fn isbn10(text: &str) -> Result<String, NumberError> {
    let number = compact(text)?.to_ascii_uppercase();
    check_length("ISBN-10", text, &number, 10)?;
    let (body, last) = number.split_at(number.len() - 1);
    let digits = digits_of("ISBN-10", text, body)?;
    if last != "X" {
        digits_of("ISBN-10", text, last)?;
    }
    check_digit(text, &number, isbn10_digit(&digits))?;
    Ok(number)
}

/// The last character of an ISBN-10 with these nine digits.
fn isbn10_digit(digits: &[u32]) -> char {
    let sum: u32 = digits.iter().zip((2..=10).rev()).map(|(digit, weight)| digit * weight).sum();
    match (11 - sum % 11) % 11 {
        10 => 'X',
        digit => as_char(digit),
    }
}

/// A number of a scheme that has no check digit: anything but nothing.
pub(super) fn opaque(text: &str) -> Result<String, NumberError> {
    let text = text.trim();
    match text.len() {
        0 => Err(NumberError::Empty),
        1..=OPAQUE_BYTES_MAX => Ok(text.to_owned()),
        found => Err(NumberError::TooLong { found }),
    }
}

fn thirteen(scheme: &'static str, text: &str) -> Result<String, NumberError> {
    let number = compact(text)?;
    check_length(scheme, text, &number, 13)?;
    check_digit(text, &number, ean_digit(&digits_of(scheme, text, &number)?))?;
    Ok(number)
}

/// The check digit that belongs to the first twelve of thirteen digits.
fn ean_digit(digits: &[u32]) -> char {
    let body = &digits[..digits.len() - 1];
    let sum: u32 = body.iter().zip([1, 3].iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    as_char((10 - sum % 10) % 10)
}

fn as_char(digit: u32) -> char {
    char::from_digit(digit, 10).expect("a remainder below ten is a digit")
}

/// A number without its hyphens and spaces.
pub(crate) fn compact(text: &str) -> Result<String, NumberError> {
    let compact: String = text.chars().filter(|c| !matches!(c, '-' | ' ' | '\t' | '\n' | '\r')).collect();
    if compact.is_empty() { Err(NumberError::Empty) } else { Ok(compact) }
}

fn check_length(scheme: &'static str, text: &str, number: &str, expected: usize) -> Result<(), NumberError> {
    let found = number.chars().count();
    if found == expected {
        return Ok(());
    }
    Err(NumberError::Length { scheme, text: quoted(text), found, expected })
}

fn digits_of(scheme: &'static str, text: &str, number: &str) -> Result<Vec<u32>, NumberError> {
    let wrong = |found| NumberError::Character { scheme, text: quoted(text), found };
    number.chars().map(|c| c.to_digit(10).ok_or_else(|| wrong(c))).collect()
}

fn check_digit(text: &str, number: &str, right: char) -> Result<(), NumberError> {
    let found = number.chars().next_back().expect("the length was checked");
    if found == right {
        return Ok(());
    }
    Err(NumberError::CheckDigit { text: quoted(text), found, right })
}

fn prefix(scheme: &'static str, text: &str, expected: &'static str) -> NumberError {
    NumberError::Prefix { scheme, text: quoted(text), expected }
}

/// A text that an error repeats, cut.
pub(super) fn quoted(text: &str) -> String {
    let text = text.trim();
    let cut: String = text.chars().take(QUOTED_CHARS_MAX).collect();
    if cut.len() < text.len() { cut + "…" } else { cut }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Scheme = fn(&str) -> Result<String, NumberError>;

    #[track_caller]
    fn case(scheme: Scheme, text: &str, expected: &str) {
        let found = scheme(text).unwrap_or_else(|error| error.to_string());
        assert_eq!(found, expected, "for `{text}`");
    }

    #[test]
    fn good_numbers_lose_their_hyphens() {
        case(gtin13, "9790110000007", "9790110000007");
        case(gtin13, " 4006381 333931 ", "4006381333931");
        case(isbn13, "978-3-16-148410-0", "9783161484100");
        case(isbn10, "3-16-148410-X", "316148410X");
        case(isbn10, "3-16-148410-x", "316148410X");
        case(isbn10, "0-306-40615-2", "0306406152");
        case(opaque, " BE-1 ", "BE-1");
    }

    #[test]
    fn an_ismn_has_one_form_however_it_is_written() {
        let written = [
            "9790260000438",
            "979-0-2600-0043-8",
            " 979 0 2600 0043 8 ",
            "979-0 260000438",
            "M260000438",
            "M-2600-0043-8",
            "M 2600 0043 8",
            "m-260000438",
            "M-2600-\n0043-8",
        ];
        for text in written {
            case(ismn, text, "9790260000438");
        }
    }

    #[test]
    fn a_wrong_check_digit_is_answered_with_the_right_one() {
        let wrong = "is wrong: it is `8`, the digits before it give `7`";
        case(gtin13, "9790110000008", &format!("the check digit of `9790110000008` {wrong}"));
        case(ismn, "M110000008", &format!("the check digit of `M110000008` {wrong}"));
        case(
            isbn10,
            "3161484101",
            "the check digit of `3161484101` is wrong: it is `1`, the digits before it give `X`",
        );
    }

    #[test]
    fn a_wrong_length_says_both_lengths() {
        case(gtin13, "979011000000", "`979011000000` has 12 characters, GTIN-13 has 13");
        case(isbn10, "31614841009", "`31614841009` has 11 characters, ISBN-10 has 10");
        case(ismn, "M1100000078", "`M1100000078` has 11 characters, ISMN has 10");
        case(ismn, "979026000043", "`979026000043` has 12 characters, ISMN has 13");
        case(ismn, "M", "`M` has 1 characters, ISMN has 10");
        case(gtin13, "  ", "the number is empty");
    }

    #[test]
    fn a_wrong_character_is_named() {
        case(gtin13, "979011000O007", "`O` in `979011000O007` is no digit of GTIN-13");
        case(isbn10, "31614841Y0", "`Y` in `31614841Y0` is no digit of ISBN-10");
        case(ismn, "M11000000é", "`é` in `M11000000é` is no digit of ISMN");
        case(ismn, "MM10000007", "`M` in `MM10000007` is no digit of ISMN");
        case(ismn, "979M000000007", "`M` in `979M000000007` is no digit of ISMN");
    }

    #[test]
    fn a_number_of_the_other_scheme_is_refused() {
        case(
            isbn13,
            "9790110000007",
            "`9790110000007` does not begin as ISBN-13 does: 978 or 979, and not 979-0, which is ISMN",
        );
        case(isbn10, "M260000438", "`M` in `M260000438` is no digit of ISBN-10");
        case(isbn10, "9783161484100", "`9783161484100` has 13 characters, ISBN-10 has 10");
        case(ismn, "9791090636071", "`9791090636071` does not begin as ISMN does: 9790 or M");
        case(ismn, "9783161484100", "`9783161484100` does not begin as ISMN does: 9790 or M");
    }

    #[test]
    fn a_long_text_is_quoted_in_part() {
        let at_limit = "1".repeat(QUOTED_CHARS_MAX);
        case(gtin13, &at_limit, &format!("`{at_limit}` has 40 characters, GTIN-13 has 13"));
        case(gtin13, &format!("{at_limit}1"), &format!("`{at_limit}…` has 41 characters, GTIN-13 has 13"));
    }

    #[test]
    fn opaque_bytes_max() {
        assert!(opaque(&"x".repeat(OPAQUE_BYTES_MAX)).is_ok());
        let found = OPAQUE_BYTES_MAX + 1;
        assert_eq!(opaque(&"x".repeat(found)), Err(NumberError::TooLong { found }));
    }
}

//! `decimal` and the integers: exact, of any length.
//!
//! A decimal is its digits: no conversion, no limit, and two borrowed literals compare by comparing
//! bytes, which is also the fast way.

use std::cmp::Ordering;
use std::fmt;

use super::{Lexical, write_bytes};

/// The significant digits of a decimal, borrowed from a literal.
///
/// Normal form: no leading zeros before the point, no trailing zeros behind it, zero is not negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digits<'a> {
    negative: bool,
    integer: &'a [u8],
    fraction: &'a [u8],
}

impl<'a> Digits<'a> {
    /// Reads a literal of `decimal` (3.2.3.1): sign, digits, one period; at least one digit.
    #[inline]
    pub fn parse(text: &'a str) -> Result<Self, Lexical> {
        let (negative, digits) = split_sign(text.as_bytes());
        let point = digits.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
        let (integer, rest) = digits.split_at(point);
        let fraction = match rest {
            [] => rest,
            [b'.', fraction @ ..] if fraction.iter().all(u8::is_ascii_digit) => fraction,
            _ => return Err(Lexical::Form),
        };
        if integer.is_empty() && fraction.is_empty() {
            return Err(Lexical::Form);
        }
        Ok(Self::normal(negative, integer, fraction))
    }

    /// Reads a literal of `integer` (3.3.13.1): sign and digits.
    #[inline]
    pub fn parse_integer(text: &'a str) -> Result<Self, Lexical> {
        let (negative, digits) = split_sign(text.as_bytes());
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return Err(Lexical::Form);
        }
        Ok(Self::normal(negative, digits, &[]))
    }

    fn normal(negative: bool, integer: &'a [u8], fraction: &'a [u8]) -> Self {
        let start = integer.iter().position(|&byte| byte != b'0').unwrap_or(integer.len());
        let end = fraction.iter().rposition(|&byte| byte != b'0').map_or(0, |last| last + 1);
        let (integer, fraction) = (&integer[start..], &fraction[..end]);
        Self { negative: negative && !(integer.is_empty() && fraction.is_empty()), integer, fraction }
    }

    /// The least n so that the value is i × 10^-m with |i| < 10^n and m ≤ n (`totalDigits`, 4.3.11).
    #[must_use]
    pub fn total(self) -> u64 {
        (self.integer.len() + self.fraction.len()) as u64
    }

    /// The least n so that the value is i × 10^-n (`fractionDigits`, 4.3.12).
    #[must_use]
    pub fn fraction(self) -> u64 {
        self.fraction.len() as u64
    }

    /// The order of `decimal`, which is total.
    #[must_use]
    pub fn compare(self, other: Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.compare_magnitude(other),
            (true, true) => other.compare_magnitude(self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }

    fn compare_magnitude(self, other: Self) -> Ordering {
        (self.integer.len().cmp(&other.integer.len()))
            .then_with(|| self.integer.cmp(other.integer))
            .then_with(|| self.fraction.cmp(other.fraction))
    }

    /// See [`super::Value::write_key`].
    pub(crate) fn write_key(self, out: &mut Vec<u8>) {
        out.push(u8::from(self.negative));
        write_bytes(self.integer, out);
        write_bytes(self.fraction, out);
    }
}

fn split_sign(bytes: &[u8]) -> (bool, &[u8]) {
    match bytes {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, bytes),
    }
}

/// A decimal of any length, kept.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    negative: bool,
    /// How many of `digits` stand before the point.
    integer_length: usize,
    digits: Box<[u8]>,
}

impl Decimal {
    /// Its digits, lent.
    #[must_use]
    pub fn digits(&self) -> Digits<'_> {
        let (integer, fraction) = self.digits.split_at(self.integer_length);
        Digits { negative: self.negative, integer, fraction }
    }
}

impl From<Digits<'_>> for Decimal {
    fn from(digits: Digits<'_>) -> Self {
        Self {
            negative: digits.negative,
            integer_length: digits.integer.len(),
            digits: [digits.integer, digits.fraction].concat().into(),
        }
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.digits().compare(other.digits())
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Digits { negative, integer, fraction } = self.digits();
        let text = |digits: &[u8]| String::from_utf8_lossy(digits).into_owned();
        let sign = if negative { "-" } else { "" };
        let integer = if integer.is_empty() { "0".to_owned() } else { text(integer) };
        match fraction {
            [] => write!(f, "{sign}{integer}"),
            _ => write!(f, "{sign}{integer}.{}", text(fraction)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, canonical: &str, total: u64, fraction: u64) {
        let digits = Digits::parse(text).expect("a decimal");
        assert_eq!(Decimal::from(digits).to_string(), canonical, "{text}");
        assert_eq!((digits.total(), digits.fraction()), (total, fraction), "{text}");
    }

    #[test]
    fn literals_have_one_normal_form() {
        case("12.50", "12.5", 3, 1);
        case("+012.500", "12.5", 3, 1);
        case("-0.0", "0", 0, 0);
        case(".5", "0.5", 1, 1);
        case("5.", "5", 1, 0);
        case("0.001", "0.001", 3, 3);
        case("-1000", "-1000", 4, 0);
        case("123456789012345678901234567890.5", "123456789012345678901234567890.5", 31, 1);
    }

    #[test]
    fn what_is_no_decimal_is_refused() {
        for text in ["", "+", "-", ".", "12,50", "1e3", "1.2.3", "--1", " 1", "1 ", "INF", "١"] {
            assert_eq!(Digits::parse(text), Err(Lexical::Form), "{text:?}");
        }
        for text in ["", "+", "1.", "1.0", "12,5", ".0"] {
            assert_eq!(Digits::parse_integer(text), Err(Lexical::Form), "{text:?}");
        }
        assert!(Digits::parse_integer("-007").is_ok());
    }

    #[track_caller]
    fn order(smaller: &str, greater: &str) {
        let (a, b) = (Digits::parse(smaller).unwrap(), Digits::parse(greater).unwrap());
        assert_eq!((a.compare(b), b.compare(a)), (Ordering::Less, Ordering::Greater), "{smaller} {greater}");
    }

    #[test]
    fn the_order_is_numeric() {
        order("9", "10");
        order("-10", "-9");
        order("-1", "0.1");
        order("1.09", "1.1");
        order("0.99", "0.991");
        order("-0.991", "-0.99");
        order("99999999999999999999999999999999999999998", "99999999999999999999999999999999999999999");
    }
}

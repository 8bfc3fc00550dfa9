//! `duration` and its partial order.
//!
//! A month has no fixed length, so durations are compared by adding them to four moments that
//! were chosen for their extreme months (3.2.6.2). The four sums *are* the value here.

use std::cmp::Ordering;

use super::date_time::{DAY_SECONDS, days_before, trimmed};
use super::{Lexical, write_bytes};

/// Most digits a component may have. Months and days are counted in 64 bits.
pub const DIGITS_MAX: usize = 15;

/// 1696-09-01, 1697-02-01, 1903-03-01, 1903-07-01, each at 00:00:00Z: year and months after January.
const REFERENCES: [(i64, i64); 4] = [(1696, 8), (1697, 1), (1903, 2), (1903, 6)];

/// The moments a duration leads to from the four references.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Duration {
    seconds: [i128; 4],
    /// Digits of the fraction of a second towards the future, without trailing zeros.
    fraction: Box<[u8]>,
}

/// The components of a literal.
#[derive(Default)]
struct Components<'a> {
    negative: bool,
    months: i64,
    seconds: i128,
    fraction: &'a [u8],
}

/// Whether the literal is in the lexical space (3.2.6.1).
pub(super) fn check(text: &str) -> Result<(), Lexical> {
    Components::parse(text).map(drop)
}

impl Duration {
    /// Reads a literal.
    pub fn parse(text: &str) -> Result<Self, Lexical> {
        let components = Components::parse(text)?;
        let sign = if components.negative { -1 } else { 1 };
        let fraction = trimmed(components.fraction);
        let borrow = i128::from(components.negative && !fraction.is_empty());
        let seconds = REFERENCES.map(|(year, months)| {
            let days = days_before(year, months + sign * components.months);
            i128::from(days) * DAY_SECONDS + i128::from(sign) * components.seconds - borrow
        });
        let fraction = if components.negative { complement(fraction) } else { fraction.into() };
        Ok(Self { seconds, fraction })
    }

    /// The order: what holds from all four references.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        let order_from =
            |k: usize| (self.seconds[k], &self.fraction).cmp(&(other.seconds[k], &other.fraction));
        let first = order_from(0);
        (1..REFERENCES.len()).all(|k| order_from(k) == first).then_some(first)
    }

    /// See [`super::Value::write_key`].
    pub(crate) fn write_key(&self, out: &mut Vec<u8>) {
        for seconds in self.seconds {
            out.extend_from_slice(&seconds.to_be_bytes());
        }
        write_bytes(&self.fraction, out);
    }
}

/// One minus the fraction; its last digit is not zero.
fn complement(fraction: &[u8]) -> Box<[u8]> {
    let last = fraction.len().saturating_sub(1);
    let digit = |(at, digit): (usize, &u8)| b'0' + b'9' - digit + u8::from(at == last);
    fraction.iter().enumerate().map(digit).collect()
}

/// Letters of the date and of the time part, in order, with what one of each is worth.
const DATE_UNITS: [(u8, Unit); 3] =
    [(b'Y', Unit::Months(12)), (b'M', Unit::Months(1)), (b'D', Unit::Seconds(86_400))];
const TIME_UNITS: [(u8, Unit); 3] =
    [(b'H', Unit::Seconds(3600)), (b'M', Unit::Seconds(60)), (b'S', Unit::Seconds(1))];

#[derive(Clone, Copy)]
enum Unit {
    Months(i64),
    Seconds(i64),
}

impl<'a> Components<'a> {
    fn parse(text: &'a str) -> Result<Self, Lexical> {
        let mut components = Self::default();
        let bytes = text.as_bytes();
        let unsigned = bytes.strip_prefix(b"-");
        components.negative = unsigned.is_some();
        let rest = unsigned.unwrap_or(bytes).strip_prefix(b"P").ok_or(Lexical::Form)?;
        let split = rest.iter().position(|&byte| byte == b'T');
        let (date, time) = split.map_or((rest, None), |at| (&rest[..at], Some(&rest[at + 1..])));
        // At least one component, and at least one behind a T.
        if time.is_some_and(<[u8]>::is_empty) || (time.is_none() && date.is_empty()) {
            return Err(Lexical::Form);
        }
        components.part(date, &DATE_UNITS)?;
        components.part(time.unwrap_or_default(), &TIME_UNITS)?;
        Ok(components)
    }

    /// Numbers with their letters, each letter at most once and in order.
    fn part(&mut self, mut rest: &'a [u8], units: &[(u8, Unit)]) -> Result<(), Lexical> {
        let mut units = units.iter();
        while !rest.is_empty() {
            let (number, behind) = split_digits(rest)?;
            let (fraction, behind) = match behind {
                [b'.', behind @ ..] => split_digits(behind)?,
                _ => (&[][..], behind),
            };
            let (&letter, behind) = behind.split_first().ok_or(Lexical::Form)?;
            let &(_, unit) = units.find(|(known, _)| *known == letter).ok_or(Lexical::Form)?;
            self.add(number, fraction, letter, unit)?;
            rest = behind;
        }
        Ok(())
    }

    fn add(&mut self, number: &[u8], fraction: &'a [u8], letter: u8, unit: Unit) -> Result<(), Lexical> {
        if !fraction.is_empty() {
            if letter != b'S' {
                return Err(Lexical::Form);
            }
            self.fraction = fraction;
        }
        let number = whole(number)?;
        match unit {
            Unit::Months(months) => self.months += number * months,
            Unit::Seconds(seconds) => self.seconds += i128::from(number) * i128::from(seconds),
        }
        Ok(())
    }
}

fn split_digits(bytes: &[u8]) -> Result<(&[u8], &[u8]), Lexical> {
    let end = bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(bytes.len());
    if end == 0 { Err(Lexical::Form) } else { Ok(bytes.split_at(end)) }
}

fn whole(digits: &[u8]) -> Result<i64, Lexical> {
    let start = digits.iter().position(|&digit| digit != b'0').unwrap_or(digits.len());
    let significant = &digits[start..];
    if significant.len() > DIGITS_MAX {
        return Err(Lexical::TooManyDigits);
    }
    Ok(significant.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lexical_forms() {
        let good =
            ["P1Y2M3DT10H30M", "-P120D", "P1347Y", "P1347M", "P1Y2MT2H", "P0Y1347M", "P0Y1347M0D", "PT0S"];
        for text in good.iter().chain(&["PT1.5S", "P20M", "PT1M", "PT00100S", "P0D"]) {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        let bad =
            ["P-1347M", "P1Y2MT", "P", "PT", "-P", "1Y", "P1", "P1S", "PT1Y", "P1M1Y", "P1Y1Y", "+P1Y", ""];
        for text in
            bad.iter().chain(&["P1.5Y", "PT1.S", "PT.5S", "PT1.5M", "P 1Y", "P1YT1H1H", "P1YT1HT1M", "p1y"])
        {
            assert_eq!(check(text), Err(Lexical::Form), "{text}");
        }
    }

    #[test]
    fn components_have_a_limit() {
        let years = |digits: usize| format!("-P{0}Y{0}M{0}DT{0}H{0}M{0}.{0}S", "9".repeat(digits));
        assert!(Duration::parse(&years(DIGITS_MAX)).is_ok());
        assert_eq!(Duration::parse(&years(DIGITS_MAX + 1)), Err(Lexical::TooManyDigits));
    }

    #[track_caller]
    fn order(a: &str, b: &str, expected: Option<Ordering>) {
        let (x, y) = (Duration::parse(a).unwrap(), Duration::parse(b).unwrap());
        assert_eq!(x.compare(&y), expected, "{a} {b}");
        assert_eq!(y.compare(&x), expected.map(Ordering::reverse), "{b} {a}");
        assert_eq!(x == y, expected == Some(Ordering::Equal), "{a} {b}");
    }

    #[test]
    fn the_order_is_partial() {
        use Ordering::{Equal, Greater, Less};
        // The table of 3.2.6.2.
        for (days, expected) in [(364, Some(Greater)), (365, None), (366, None), (367, Some(Less))] {
            order("P1Y", &format!("P{days}D"), expected);
        }
        for (days, expected) in [(27, Some(Greater)), (28, None), (30, None), (31, None), (32, Some(Less))] {
            order("P1M", &format!("P{days}D"), expected);
        }
        for (days, expected) in [(149, Some(Greater)), (150, None), (153, None), (154, Some(Less))] {
            order("P5M", &format!("P{days}D"), expected);
        }
        order("P1Y", "P12M", Some(Equal));
        order("PT1H", "PT3600.0S", Some(Equal));
        order("-P1D", "P0D", Some(Less));
        order("-PT0.5S", "-PT0.25S", Some(Less));
        order("-PT0.5S", "PT0S", Some(Less));
        order("-PT1S", "-PT0.5S", Some(Less));
        order("PT0.05S", "PT0.5S", Some(Less));
        order("-P0D", "P0D", Some(Equal));
    }
}

//! The seven date and time types and `dateTime`: moments on the time line, with or without time zone.
//!
//! Each literal is read into [`Fields`]; its value is the [`Instant`] its period begins, missing
//! fields filled in from an arbitrary leap year, and shifted to UTC when it names a zone. Values
//! with and without zone compare only when more than fourteen hours lie between them (3.2.7.4).
//!
//! There is no year 0000 in XML Schema 1.0; the year before 0001 is -0001.

use std::cmp::Ordering;

use super::{Lexical, Primitive, write_bytes};

/// Most digits a year may have; the Recommendation asks for four. Days are counted in 64 bits.
pub const YEAR_DIGITS_MAX: usize = 15;

/// Fills in what a type leaves open: a leap year, so that `--02-29` is a day.
const ARBITRARY_YEAR: i64 = 2000;

/// Farthest a zone may be from UTC.
const ZONE_SECONDS_MAX: i128 = 14 * 3600;

/// Seconds of a day.
pub(super) const DAY_SECONDS: i128 = 86_400;

/// The parts of a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fields<'a> {
    year: i64,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    /// Digits behind the point of the seconds.
    fraction: &'a [u8],
    /// Minutes ahead of UTC.
    zone: Option<i16>,
}

/// A moment: seconds on the time line, in UTC if it had a zone, else in local time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Instant {
    zoned: bool,
    seconds: i128,
    /// Digits of the fraction of a second, without trailing zeros.
    fraction: Box<[u8]>,
}

/// Whether the literal is in the lexical space of the date or time type.
pub(super) fn check(primitive: Primitive, text: &str) -> Result<(), Lexical> {
    Fields::parse(primitive, text).map(drop)
}

impl Instant {
    /// Reads a literal of one of the date and time types.
    pub fn parse(primitive: Primitive, text: &str) -> Result<Self, Lexical> {
        Ok(Self::from_fields(primitive, Fields::parse(primitive, text)?))
    }

    fn from_fields(primitive: Primitive, fields: Fields<'_>) -> Self {
        // 24:00:00 is the first moment of the next day; a time has no next day.
        let hour = if primitive == Primitive::Time { fields.hour % 24 } else { fields.hour };
        let of_day = i128::from(hour) * 3600 + i128::from(fields.minute) * 60 + i128::from(fields.second);
        let day = day_number(fields.year, fields.month) + i64::from(fields.day) - 1;
        let zone = i128::from(fields.zone.unwrap_or(0)) * 60;
        Self {
            zoned: fields.zone.is_some(),
            seconds: i128::from(day) * DAY_SECONDS + of_day - zone,
            fraction: trimmed(fields.fraction).into(),
        }
    }

    /// Whether the literal named a time zone.
    #[must_use]
    pub fn is_zoned(&self) -> bool {
        self.zoned
    }

    /// The order of 3.2.7.4.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self.zoned, other.zoned) {
            (true, false) => other.compare(self).map(Ordering::reverse),
            (false, true) => self.compare_unzoned(other),
            _ => Some(self.order_shifted(0, other)),
        }
    }

    /// `self` has no zone: it lies somewhere between the moments it would be at +14:00 and -14:00.
    fn compare_unzoned(&self, zoned: &Self) -> Option<Ordering> {
        let latest = self.order_shifted(ZONE_SECONDS_MAX, zoned);
        let earliest = self.order_shifted(-ZONE_SECONDS_MAX, zoned);
        match (earliest, latest) {
            (_, Ordering::Less) => Some(Ordering::Less),
            (Ordering::Greater, _) => Some(Ordering::Greater),
            _ => None,
        }
    }

    fn order_shifted(&self, seconds: i128, other: &Self) -> Ordering {
        (self.seconds + seconds, &self.fraction).cmp(&(other.seconds, &other.fraction))
    }

    /// See [`super::Value::write_key`].
    pub(crate) fn write_key(&self, out: &mut Vec<u8>) {
        out.push(u8::from(self.zoned));
        out.extend_from_slice(&self.seconds.to_be_bytes());
        write_bytes(&self.fraction, out);
    }
}

/// Digits without trailing zeros.
pub(super) fn trimmed(fraction: &[u8]) -> &[u8] {
    let end = fraction.iter().rposition(|&digit| digit != b'0').map_or(0, |last| last + 1);
    &fraction[..end]
}

/// Days from 0001-01-01 to the first of a month. The leap years before 0001 are -0004, -0008, …
/// (appendix E computes with the year as written); the year 0000, which that rule knows, is cut out.
fn day_number(year: i64, month: u8) -> i64 {
    let gap = if year < 0 { 366 } else { 0 };
    days_before(year, i64::from(month) - 1) + gap
}

/// Days from 0001-01-01 to the first of the month that is `months` after January of `year`, in a
/// calendar that has a year 0.
pub(super) fn days_before(year: i64, months: i64) -> i64 {
    let (year, month) = (year + months.div_euclid(12), months.rem_euclid(12));
    let past = year - 1;
    let leap_days = past.div_euclid(4) - past.div_euclid(100) + past.div_euclid(400);
    let before_month = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let before_month: i64 = before_month[usize::try_from(month).expect("a remainder of twelve")];
    let leap_day = i64::from(month > 1 && is_leap(year));
    past * 365 + leap_days + before_month + leap_day
}

fn is_leap(year: i64) -> bool {
    year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0)
}

fn month_length(year: i64, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl<'a> Fields<'a> {
    fn parse(primitive: Primitive, text: &'a str) -> Result<Self, Lexical> {
        let mut fields = Self {
            year: ARBITRARY_YEAR,
            month: 1,
            day: 1,
            hour: 0,
            minute: 0,
            second: 0,
            fraction: &[],
            zone: None,
        };
        let mut reader = Reader { rest: text.as_bytes() };
        reader.period(primitive, &mut fields)?;
        fields.zone = reader.zone()?;
        Ok(fields)
    }

    fn check_day(&self) -> Result<(), Lexical> {
        let days = month_length(self.year, self.month);
        if (1..=days).contains(&self.day) { Ok(()) } else { Err(Lexical::NoSuchDay) }
    }

    /// Hours to 23, or 24:00:00; minutes and seconds to 59 (leap seconds are not supported, appendix D).
    fn check_time(&self) -> Result<(), Lexical> {
        let zeros = self.minute == 0 && self.second == 0 && trimmed(self.fraction).is_empty();
        let hour_is_known = self.hour <= 23 || (self.hour == 24 && zeros);
        if hour_is_known && self.minute <= 59 && self.second <= 59 {
            Ok(())
        } else {
            Err(Lexical::NoSuchTime)
        }
    }
}

/// Reads a literal from the left.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn period(&mut self, primitive: Primitive, fields: &mut Fields<'a>) -> Result<(), Lexical> {
        match primitive {
            Primitive::DateTime => {
                self.date(fields)?;
                self.eat(b"T")?;
                self.time(fields)
            }
            Primitive::Date => self.date(fields),
            Primitive::Time => self.time(fields),
            Primitive::GYearMonth => {
                self.year(fields)?;
                self.eat(b"-")?;
                self.month(fields)
            }
            Primitive::GYear => self.year(fields),
            Primitive::GMonthDay => {
                self.eat(b"--")?;
                self.month(fields)?;
                self.eat(b"-")?;
                self.day(fields)
            }
            Primitive::GDay => {
                self.eat(b"---")?;
                self.day(fields)
            }
            Primitive::GMonth => {
                self.eat(b"--")?;
                self.month(fields)
            }
            _ => Err(Lexical::Form),
        }
    }

    fn date(&mut self, fields: &mut Fields<'a>) -> Result<(), Lexical> {
        self.year(fields)?;
        self.eat(b"-")?;
        self.month(fields)?;
        self.eat(b"-")?;
        self.day(fields)
    }

    /// At least four digits, no leading zero beyond four, not 0000.
    fn year(&mut self, fields: &mut Fields<'a>) -> Result<(), Lexical> {
        let negative = self.eat(b"-").is_ok();
        let digits = self.digits();
        if digits.len() < 4 || (digits.len() > 4 && digits[0] == b'0') {
            return Err(Lexical::Form);
        }
        if digits.len() > YEAR_DIGITS_MAX {
            return Err(Lexical::TooManyDigits);
        }
        let year = digits.iter().fold(0_i64, |year, digit| year * 10 + i64::from(digit - b'0'));
        fields.year = if negative { -year } else { year };
        if year == 0 { Err(Lexical::NoYearZero) } else { Ok(()) }
    }

    fn month(&mut self, fields: &mut Fields<'a>) -> Result<(), Lexical> {
        fields.month = self.two_digits()?;
        if (1..=12).contains(&fields.month) { Ok(()) } else { Err(Lexical::NoSuchMonth) }
    }

    fn day(&mut self, fields: &mut Fields<'a>) -> Result<(), Lexical> {
        fields.day = self.two_digits()?;
        fields.check_day()
    }

    fn time(&mut self, fields: &mut Fields<'a>) -> Result<(), Lexical> {
        fields.hour = self.two_digits()?;
        self.eat(b":")?;
        fields.minute = self.two_digits()?;
        self.eat(b":")?;
        fields.second = self.two_digits()?;
        if self.eat(b".").is_ok() {
            fields.fraction = self.digits();
            if fields.fraction.is_empty() {
                return Err(Lexical::Form);
            }
        }
        fields.check_time()
    }

    /// `Z`, or `(+|-)hh:mm` up to 14:00; then the literal ends.
    fn zone(&mut self) -> Result<Option<i16>, Lexical> {
        let sign = match self.rest {
            [] => return Ok(None),
            b"Z" => return Ok(Some(0)),
            [b'+', ..] => 1,
            [b'-', ..] => -1,
            _ => return Err(Lexical::Form),
        };
        self.rest = &self.rest[1..];
        let hours = self.two_digits()?;
        self.eat(b":")?;
        let minutes = self.two_digits()?;
        if !self.rest.is_empty() {
            return Err(Lexical::Form);
        }
        let in_range = (hours <= 13 && minutes <= 59) || (hours == 14 && minutes == 0);
        if in_range {
            Ok(Some(sign * (i16::from(hours) * 60 + i16::from(minutes))))
        } else {
            Err(Lexical::NoSuchZone)
        }
    }

    fn eat(&mut self, expected: &[u8]) -> Result<(), Lexical> {
        self.rest = self.rest.strip_prefix(expected).ok_or(Lexical::Form)?;
        Ok(())
    }

    fn digits(&mut self) -> &'a [u8] {
        let end = self.rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        digits
    }

    fn two_digits(&mut self) -> Result<u8, Lexical> {
        match self.rest {
            [tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] => {
                self.rest = rest;
                Ok((tens - b'0') * 10 + (ones - b'0'))
            }
            _ => Err(Lexical::Form),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Primitive::{Date, DateTime, GDay, GMonth, GMonthDay, GYear, GYearMonth, Time};

    #[track_caller]
    fn good(primitive: Primitive, texts: &[&str]) {
        for text in texts {
            assert_eq!(check(primitive, text), Ok(()), "{primitive:?} {text:?}");
        }
    }

    #[track_caller]
    fn bad(primitive: Primitive, expected: Lexical, texts: &[&str]) {
        for text in texts {
            assert_eq!(check(primitive, text), Err(expected), "{primitive:?} {text:?}");
        }
    }

    #[test]
    fn lexical_forms() {
        good(DateTime, &["2026-11-23T23:59:59", "2026-11-23T24:00:00Z", "-0001-01-01T00:00:00.5-14:00"]);
        good(DateTime, &["12026-01-01T00:00:00+13:59", "2000-02-29T00:00:00.000000000000000000001"]);
        good(Date, &["2026-11-23", "2026-11-23Z", "2026-11-23+01:00", "2024-02-29", "-0004-02-29"]);
        good(Time, &["00:00:00", "24:00:00", "23:59:59.999Z"]);
        good(GYearMonth, &["2026-11", "2026-11+01:00"]);
        good(GYear, &["2026", "-2026", "12026Z"]);
        good(GMonthDay, &["--02-29", "--12-31Z"]);
        good(GDay, &["---31", "---01-05:00"]);
        good(GMonth, &["--12", "--01Z"]);
    }

    #[test]
    fn malformed() {
        bad(
            DateTime,
            Lexical::Form,
            &["2026-11-23", "2026-11-23 00:00:00", "2026-11-23T00:00", "2026-11-23T00:00:00.Z"],
        );
        bad(
            DateTime,
            Lexical::Form,
            &["", "+2026-01-01T00:00:00", "2026-1-01T00:00:00", "2026-01-01T00:00:00z"],
        );
        bad(
            Date,
            Lexical::Form,
            &["20261123", "026-11-23", "02026-11-23", "23.11.2026", "2026-11-23T", "2026-11-23 "],
        );
        bad(Date, Lexical::Form, &["2026-11-23+1:00", "2026-11-23+0100", "2026-11-23+01", "2026-11-23ZZ"]);
        bad(GMonth, Lexical::Form, &["--12--", "12", "-12"]);
        bad(GDay, Lexical::Form, &["--31", "31", "----1"]);
    }

    #[test]
    fn out_of_range() {
        bad(
            Date,
            Lexical::NoSuchDay,
            &["2026-02-29", "2026-11-31", "2026-01-00", "1900-02-29", "-0001-02-29"],
        );
        bad(Date, Lexical::NoSuchMonth, &["2026-13-01", "2026-00-01"]);
        bad(Date, Lexical::NoYearZero, &["0000-01-01", "-0000-01-01"]);
        bad(Date, Lexical::NoSuchZone, &["2026-01-01+14:01", "2026-01-01-15:00", "2026-01-01+13:60"]);
        bad(Time, Lexical::NoSuchTime, &["24:00:01", "24:00:00.1", "25:00:00", "00:60:00", "00:00:60"]);
        bad(GMonthDay, Lexical::NoSuchDay, &["--02-30", "--04-31"]);
        bad(GDay, Lexical::NoSuchDay, &["---32", "---00"]);
    }

    #[test]
    fn years_have_a_limit() {
        let year = |digits: usize| "9".repeat(digits);
        good(GYear, &[&year(YEAR_DIGITS_MAX)]);
        bad(GYear, Lexical::TooManyDigits, &[&year(YEAR_DIGITS_MAX + 1)]);
        assert!(Instant::parse(DateTime, &format!("-{}-12-31T23:59:59Z", year(YEAR_DIGITS_MAX))).is_ok());
    }

    #[track_caller]
    fn order(primitive: Primitive, a: &str, b: &str, expected: Option<Ordering>) {
        let (x, y) = (Instant::parse(primitive, a).unwrap(), Instant::parse(primitive, b).unwrap());
        assert_eq!(x.compare(&y), expected, "{a} {b}");
        assert_eq!(y.compare(&x), expected.map(Ordering::reverse), "{b} {a}");
        assert_eq!(x == y, expected == Some(Ordering::Equal), "{a} {b}");
    }

    #[test]
    fn with_one_zone_order_needs_fourteen_hours() {
        // The table of 3.2.7.4.
        let (less, none) = (Some(Ordering::Less), None);
        order(DateTime, "2000-01-15T00:00:00", "2000-02-15T00:00:00", less);
        order(DateTime, "2000-01-15T12:00:00", "2000-01-16T12:00:00Z", less);
        order(DateTime, "2000-01-01T12:00:00", "1999-12-31T23:00:00Z", none);
        order(DateTime, "2000-01-16T12:00:00", "2000-01-16T12:00:00Z", none);
        order(DateTime, "2000-01-16T00:00:00", "2000-01-16T12:00:00Z", none);
        order(DateTime, "2000-01-15T22:00:00", "2000-01-16T12:00:00Z", none);
        order(DateTime, "2000-01-15T21:59:59", "2000-01-16T12:00:00Z", less);
        order(DateTime, "2000-01-15T21:59:59.9", "2000-01-16T12:00:00Z", less);
    }

    #[test]
    fn equal_moments_are_equal_values() {
        let equal = Some(Ordering::Equal);
        order(DateTime, "2000-03-04T20:00:00Z", "2000-03-04T23:00:00+03:00", equal);
        order(DateTime, "1999-12-31T24:00:00", "2000-01-01T00:00:00.00", equal);
        order(DateTime, "-0001-12-31T23:30:00-01:00", "0001-01-01T00:30:00Z", equal);
        order(Date, "2002-10-10+13:00", "2002-10-09-11:00", equal);
        order(Time, "24:00:00", "00:00:00", equal);
        order(Time, "12:00:00+01:00", "11:00:00Z", equal);
        order(GYear, "2000Z", "2000+00:00", equal);
    }

    #[test]
    fn order_within_a_type() {
        let less = Some(Ordering::Less);
        order(DateTime, "-0002-01-01T00:00:00", "-0001-01-01T00:00:00", less);
        order(DateTime, "-0001-12-31T23:59:59", "0001-01-01T00:00:00", less);
        order(DateTime, "2000-01-01T00:00:00.1", "2000-01-01T00:00:00.15", less);
        order(Date, "2026-02-28", "2026-03-01", less);
        order(GMonthDay, "--02-29", "--03-01", less);
        order(GYearMonth, "1999-12", "2000-01", less);
        order(GDay, "---01", "---31", less);
    }

    #[test]
    fn days_are_counted_from_the_first() {
        assert_eq!(day_number(1, 1), 0);
        assert_eq!(day_number(1970, 1), 719_162);
        assert_eq!(day_number(2000, 3) - day_number(2000, 2), 29);
        assert_eq!(day_number(1, 1) - day_number(-1, 12), 31);
    }
}

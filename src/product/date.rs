//! Calendar dates as feeds write them, checked against the calendar.
//!
//! A feed says how precise a date is; the shop keeps just that: `2026`, `2026-03` or `2026-03-07`.
//! [`DateForm`] is how a text is laid out (the date formats of ONIX code list 55, and ISO 8601), a
//! [`DateValue`] what it says. Islamic calendar dates are checked for their digits only.

use std::fmt;

/// A date with the precision it was given in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartialDate {
    year: u16,
    month: Option<u8>,
    day: Option<u8>,
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        [self.month, self.day].into_iter().flatten().try_for_each(|part| write!(f, "-{part:02}"))
    }
}

/// What a text says: a date, a stretch of time, or nothing a calendar knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DateValue {
    /// The date, or the first of a stretch.
    pub from: Option<PartialDate>,
    /// The date, or the last of a stretch.
    pub until: Option<PartialDate>,
}

/// Why a text is no date of its form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// Not laid out as the form says.
    #[error("`{text}` is not written as {expected}")]
    Form {
        /// The text, cut.
        text: String,
        /// The layout.
        expected: &'static str,
    },
    /// The calendar has no such day.
    #[error("`{text}` is no date of the calendar: {reason}")]
    Calendar {
        /// The text.
        text: String,
        /// Which part is wrong.
        reason: String,
    },
    /// A stretch that ends before it begins.
    #[error("`{text}` ends before it begins")]
    Backwards {
        /// The text.
        text: String,
    },
}

/// How a date is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateForm {
    /// `YYYYMMDD`.
    Day,
    /// `YYYYMM`.
    Month,
    /// `YYYYWW`.
    Week,
    /// `YYYYQ`.
    Quarter,
    /// `YYYYS`.
    Season,
    /// `YYYY`.
    Year,
    /// `YYYYMMDDYYYYMMDD`.
    Days,
    /// `YYYYMMYYYYMM`.
    Months,
    /// `YYYYWWYYYYWW`.
    Weeks,
    /// `YYYYQYYYYQ`.
    Quarters,
    /// `YYYYSYYYYS`.
    Seasons,
    /// `YYYYYYYY`.
    Years,
    /// `YYYYMMDDThhmm`, with an optional `Z` or offset.
    Minute,
    /// `YYYYMMDDThhmmss`, with an optional `Z` or offset.
    Second,
    /// Islamic calendar, this many digits.
    Hijri(usize),
    /// Words.
    Text,
    /// ISO 8601: `YYYY-MM-DD`.
    IsoDay,
    /// ISO 8601, as precise as is known: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    Iso,
}

impl DateForm {
    /// The form behind a code of ONIX list 55.
    #[must_use]
    pub fn of_onix_code(code: &str) -> Option<Self> {
        Some(match code {
            "00" => Self::Day,
            "01" => Self::Month,
            "02" => Self::Week,
            "03" => Self::Quarter,
            "04" => Self::Season,
            "05" => Self::Year,
            "06" => Self::Days,
            "07" => Self::Months,
            "08" => Self::Weeks,
            "09" => Self::Quarters,
            "10" => Self::Seasons,
            "11" => Self::Years,
            "12" | "32" => Self::Text,
            "13" => Self::Minute,
            "14" => Self::Second,
            "20" => Self::Hijri(8),
            "21" => Self::Hijri(6),
            "25" => Self::Hijri(4),
            _ => return None,
        })
    }

    /// The layout in letters.
    #[must_use]
    pub const fn layout(self) -> &'static str {
        match self {
            Self::Day | Self::Hijri(8) => "YYYYMMDD",
            Self::Month | Self::Hijri(6) => "YYYYMM",
            Self::Week => "YYYYWW",
            Self::Quarter => "YYYYQ",
            Self::Season => "YYYYS",
            Self::Year | Self::Hijri(_) => "YYYY",
            Self::Days => "YYYYMMDDYYYYMMDD",
            Self::Months => "YYYYMMYYYYMM",
            Self::Weeks => "YYYYWWYYYYWW",
            Self::Quarters => "YYYYQYYYYQ",
            Self::Seasons => "YYYYSYYYYS",
            Self::Years => "YYYYYYYY",
            Self::Minute => "YYYYMMDDThhmm",
            Self::Second => "YYYYMMDDThhmmss",
            Self::Text => "words",
            Self::IsoDay => "YYYY-MM-DD",
            Self::Iso => "YYYY, YYYY-MM or YYYY-MM-DD",
        }
    }

    /// Reads a text in this form; white space at its ends does not count.
    pub fn parse(self, text: &str) -> Result<DateValue, DateError> {
        let text = text.trim();
        match self {
            Self::Text if !text.is_empty() => Ok(DateValue::default()),
            Self::Hijri(digits) if is_digits(text, digits) => Ok(DateValue::default()),
            Self::Text | Self::Hijri(_) => Err(self.misfit(text)),
            Self::Days | Self::Months | Self::Weeks | Self::Quarters | Self::Seasons | Self::Years => {
                self.stretch(text)
            }
            _ => self.single(text).map(|date| DateValue { from: Some(date), until: Some(date) }),
        }
    }

    fn stretch(self, text: &str) -> Result<DateValue, DateError> {
        let half = match self {
            Self::Days => Self::Day,
            Self::Months => Self::Month,
            Self::Weeks => Self::Week,
            Self::Quarters => Self::Quarter,
            Self::Seasons => Self::Season,
            _ => Self::Year,
        };
        if !is_digits(text, self.layout().len()) {
            return Err(self.misfit(text));
        }
        let (from, until) = text.split_at(text.len() / 2);
        let value = DateValue { from: Some(half.single(from)?), until: Some(half.single(until)?) };
        // Digits in order of weight: as texts they compare as dates do.
        if from > until {
            return Err(DateError::Backwards { text: quoted(text) });
        }
        Ok(value)
    }

    fn single(self, text: &str) -> Result<PartialDate, DateError> {
        let parts = self.parts(text).ok_or_else(|| self.misfit(text))?;
        parts.date().map_err(|reason| DateError::Calendar { text: quoted(text), reason })
    }

    fn parts(self, text: &str) -> Option<Parts<'_>> {
        match self {
            Self::Day => digits(text, [4, 2, 2]).map(|[y, m, d]| Parts::date_of(y, Some(m), Some(d))),
            Self::Month => digits(text, [4, 2]).map(|[y, m]| Parts::date_of(y, Some(m), None)),
            Self::Year => digits(text, [4]).map(|[y]| Parts::date_of(y, None, None)),
            Self::Week => digits(text, [4, 2]).map(|[y, w]| Parts::part_of(y, "week", w, 53)),
            Self::Quarter => digits(text, [4, 1]).map(|[y, q]| Parts::part_of(y, "quarter", q, 4)),
            Self::Season => digits(text, [4, 1]).map(|[y, s]| Parts::part_of(y, "season", s, 4)),
            Self::Minute | Self::Second => self.timed(text),
            Self::IsoDay | Self::Iso => self.iso(text),
            _ => None,
        }
    }

    fn iso(self, text: &str) -> Option<Parts<'_>> {
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next()?, parts.next(), parts.next());
        let whole = self == Self::Iso || day.is_some();
        let fits = is_digits(year, 4) && [month, day].into_iter().flatten().all(|part| is_digits(part, 2));
        (whole && fits && parts.next().is_none()).then(|| Parts::date_of(year, month, day))
    }

    fn timed(self, text: &str) -> Option<Parts<'_>> {
        let (date, time) = text.split_once('T')?;
        let clock = if self == Self::Minute { 4 } else { 6 };
        let (time, zone) = time.split_at_checked(clock)?;
        let fits = is_digits(time, clock) && is_zone(zone);
        let [year, month, day] = digits(date, [4, 2, 2])?;
        fits.then(|| Parts { time: Some(time), ..Parts::date_of(year, Some(month), Some(day)) })
    }

    fn misfit(self, text: &str) -> DateError {
        DateError::Form { text: quoted(text), expected: self.layout() }
    }
}

/// The digits of one date, laid apart but not yet judged.
struct Parts<'a> {
    year: &'a str,
    month: Option<&'a str>,
    day: Option<&'a str>,
    time: Option<&'a str>,
    other: Option<(&'static str, &'a str, u16)>,
}

impl<'a> Parts<'a> {
    fn date_of(year: &'a str, month: Option<&'a str>, day: Option<&'a str>) -> Self {
        Self { year, month, day, time: None, other: None }
    }

    fn part_of(year: &'a str, name: &'static str, part: &'a str, most: u16) -> Self {
        Self { other: Some((name, part, most)), ..Self::date_of(year, None, None) }
    }

    fn date(&self) -> Result<PartialDate, String> {
        let year = number(self.year);
        within("year", year, 1, 9999)?;
        let month = self.month.map(number);
        month.map_or(Ok(()), |month| within("month", month, 1, 12))?;
        let day = self.day.map(number);
        if let (Some(month), Some(day)) = (month, day) {
            let most = days_in(year, month);
            if day == 0 || day > most {
                return Err(format!(
                    "month {month:02} of {year:04} has {most} days, the date has day {day:02}"
                ));
            }
        }
        self.other.map_or(Ok(()), |(name, part, most)| within(name, number(part), 1, most))?;
        self.time.map_or(Ok(()), clock)?;
        let small = |value: Option<u16>| value.and_then(|value| u8::try_from(value).ok());
        Ok(PartialDate { year, month: small(month), day: small(day) })
    }
}

fn clock(time: &str) -> Result<(), String> {
    within("hour", number(&time[..2]), 0, 23)?;
    within("minute", number(&time[2..4]), 0, 59)?;
    within("second", number(&time[4..]), 0, 60)
}

fn within(name: &str, value: u16, least: u16, most: u16) -> Result<(), String> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(format!("the {name} is {value:02}, it lies between {least:02} and {most:02}"))
}

fn days_in(year: u16, month: u16) -> u16 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 => 28 + u16::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The value of at most four digits; of none, 0.
fn number(digits: &str) -> u16 {
    digits.bytes().fold(0, |value, digit| value * 10 + u16::from(digit - b'0'))
}

fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_zone(zone: &str) -> bool {
    zone.is_empty() || zone == "Z" || zone.strip_prefix(['+', '-']).is_some_and(|offset| is_digits(offset, 4))
}

/// Cuts a text of digits into parts of these lengths.
fn digits<const N: usize>(text: &str, lengths: [usize; N]) -> Option<[&str; N]> {
    if !is_digits(text, lengths.iter().sum()) {
        return None;
    }
    let mut rest = text;
    Some(lengths.map(|length| {
        let (part, tail) = rest.split_at(length);
        rest = tail;
        part
    }))
}

fn quoted(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(form: DateForm, text: &str, expected: &str) {
        let found = match form.parse(text) {
            Ok(DateValue { from: Some(from), until: Some(until) }) if from == until => from.to_string(),
            Ok(DateValue { from: Some(from), until: Some(until) }) => format!("{from} to {until}"),
            Ok(_) => "words".to_owned(),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected, "for `{text}` as {form:?}");
    }

    #[test]
    fn dates_keep_the_precision_they_came_in() {
        case(DateForm::Day, "20240229", "2024-02-29");
        case(DateForm::Month, " 202402 ", "2024-02");
        case(DateForm::Year, "1685", "1685");
        case(DateForm::Week, "202453", "2024");
        case(DateForm::Quarter, "20244", "2024");
        case(DateForm::Minute, "20240229T0930", "2024-02-29");
        case(DateForm::Second, "20240229T093059+0100", "2024-02-29");
        case(DateForm::Second, "20240229T093059Z", "2024-02-29");
        case(DateForm::IsoDay, "2024-02-29", "2024-02-29");
        case(DateForm::Iso, "2024-02", "2024-02");
        case(DateForm::Iso, "2024", "2024");
    }

    #[test]
    fn a_stretch_has_two_ends() {
        case(DateForm::Days, "2026010120261231", "2026-01-01 to 2026-12-31");
        case(DateForm::Years, "19651968", "1965 to 1968");
        case(DateForm::Months, "202612202601", "`202612202601` ends before it begins");
        case(DateForm::Days, "20260101", "`20260101` is not written as YYYYMMDDYYYYMMDD");
    }

    #[test]
    fn days_the_calendar_lacks_are_refused() {
        let lacks = "is no date of the calendar: month 02 of 2023 has 28 days, the date has day";
        case(DateForm::Day, "20230230", &format!("`20230230` {lacks} 30"));
        case(DateForm::Day, "20230200", &format!("`20230200` {lacks} 00"));
        case(DateForm::IsoDay, "2023-02-29", &format!("`2023-02-29` {lacks} 29"));
        let month = "is no date of the calendar: the month is 13, it lies between 01 and 12";
        case(DateForm::Day, "20231345", &format!("`20231345` {month}"));
        case(
            DateForm::Year,
            "0000",
            "`0000` is no date of the calendar: the year is 00, it lies between 01 and 9999",
        );
        case(
            DateForm::Day,
            "19000229",
            "`19000229` is no date of the calendar: month 02 of 1900 has 28 days, the date has day 29",
        );
        case(DateForm::Day, "20000229", "2000-02-29");
    }

    #[test]
    fn a_wrong_layout_names_the_right_one() {
        case(DateForm::Day, "2023-02-28", "`2023-02-28` is not written as YYYYMMDD");
        case(DateForm::Day, "", "`` is not written as YYYYMMDD");
        case(DateForm::Day, "2023022٣", "`2023022٣` is not written as YYYYMMDD");
        case(DateForm::IsoDay, "2023-02", "`2023-02` is not written as YYYY-MM-DD");
        case(DateForm::Iso, "2023-2", "`2023-2` is not written as YYYY, YYYY-MM or YYYY-MM-DD");
        case(DateForm::Iso, "2023-02-03-04", "`2023-02-03-04` is not written as YYYY, YYYY-MM or YYYY-MM-DD");
        case(DateForm::Minute, "20240229T09é0", "`20240229T09é0` is not written as YYYYMMDDThhmm");
        case(
            DateForm::Minute,
            "20240229T0960",
            "`20240229T0960` is no date of the calendar: the minute is 60, it lies between 00 and 59",
        );
    }

    #[test]
    fn words_and_the_islamic_calendar_are_let_through() {
        case(DateForm::Text, "spring, perhaps", "words");
        case(DateForm::Text, " ", "`` is not written as words");
        case(DateForm::Hijri(8), "14451230", "words");
        case(DateForm::Hijri(8), "1445", "`1445` is not written as YYYYMMDD");
    }

    #[test]
    fn every_code_of_the_list_has_a_form() {
        let known = (0..=99).filter(|code| DateForm::of_onix_code(&format!("{code:02}")).is_some()).count();
        assert_eq!(known, 19);
    }
}

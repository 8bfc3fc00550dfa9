//! Sizes and durations as people write them: `16MiB`, `60s`.

use super::value::{Refusal, SettingValue};
use crate::xsd::{NESTING_RAISED_MAX, PATTERN_NESTING_RAISED_MAX};
use std::error::Error;
use std::time::Duration;

/// Why a text is no size or duration.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum QuantityError {
    /// It counts nothing.
    #[error("`{0}` is no whole number that fits here")]
    Count(String),
    /// It does not begin with digits.
    #[error("`{0}` does not begin with a whole number")]
    Number(String),
    /// What follows the number is no known unit.
    #[error("`{unit}` is no unit here: use {known}")]
    Unit {
        /// What follows the number.
        unit: String,
        /// What may.
        known: &'static str,
    },
    /// Deeper than the stack bears.
    #[error("`{depth}` is deeper than anything is followed: at most {most}")]
    Nesting {
        /// What was written.
        depth: u32,
        /// What may be.
        most: u32,
    },
    /// More than can be counted.
    #[error("`{0}` is more than can be counted")]
    TooLarge(String),
}

/// Splits `16 MiB` into 16 and `MiB`.
fn split(text: &str) -> Result<(u64, &str), QuantityError> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(text.len());
    let digits = text[..end].replace('_', "");
    if digits.is_empty() {
        return Err(QuantityError::Number(text.to_owned()));
    }
    let number = digits.parse().map_err(|_| QuantityError::TooLarge(text.to_owned()))?;
    Ok((number, text[end..].trim()))
}

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ByteSize(pub(super) u64);

impl SettingValue for ByteSize {
    const NOUN: &'static str = "size";

    fn read(text: &str) -> Result<Self, Refusal> {
        let (number, unit) = split(text.trim())?;
        let factor: u64 = match unit.to_ascii_lowercase().as_str() {
            "" | "b" => 1,
            "kb" => 1000,
            "k" | "kib" => 1 << 10,
            "mb" => 1_000_000,
            "m" | "mib" => 1 << 20,
            "gb" => 1_000_000_000,
            "g" | "gib" => 1 << 30,
            "tb" => 1_000_000_000_000,
            "t" | "tib" => 1 << 40,
            _ => return Err(unknown(unit, "B, KiB, MiB, GiB or TiB")),
        };
        number.checked_mul(factor).map(Self).ok_or_else(|| QuantityError::TooLarge(text.to_owned()).into())
    }
}

/// How deep something may be nested, which is limited by the stack to `MOST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Nesting<const MOST: u32>(pub(super) u32);

/// How deep definitions of a schema may be nested.
pub(super) type SchemaNesting = Nesting<NESTING_RAISED_MAX>;

/// How deep groups of a pattern may be nested.
pub(super) type PatternNesting = Nesting<PATTERN_NESTING_RAISED_MAX>;

impl<const MOST: u32> SettingValue for Nesting<MOST> {
    const NOUN: &'static str = u32::NOUN;

    fn read(text: &str) -> Result<Self, Refusal> {
        let depth = u32::read(text)?;
        let is_deep = depth > MOST;
        if is_deep { Err(QuantityError::Nesting { depth, most: MOST }.into()) } else { Ok(Self(depth)) }
    }
}

/// A span of time as settings write it: `90d`, `12h`, `30min`, `60s`, `250ms`; a number without a unit counts seconds.
///
/// # Errors
///
/// It is none, or more than can be counted.
pub fn duration(text: &str) -> Result<Duration, Box<dyn Error + Send + Sync>> {
    Duration::read(text)
}

/// A span of time; a number without a unit counts seconds.
impl SettingValue for Duration {
    const NOUN: &'static str = "time";

    fn read(text: &str) -> Result<Self, Refusal> {
        let (number, unit) = split(text.trim())?;
        let milliseconds: u64 = match unit.to_ascii_lowercase().as_str() {
            "ms" => 1,
            "" | "s" => 1000,
            "m" | "min" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(unknown(unit, "ms, s, min, h or d")),
        };
        let total = number.checked_mul(milliseconds).map(Self::from_millis);
        total.ok_or_else(|| QuantityError::TooLarge(text.to_owned()).into())
    }
}

fn unknown(unit: &str, known: &'static str) -> Refusal {
    QuantityError::Unit { unit: unit.to_owned(), known }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn size(text: &str, expected: Result<u64, &str>) {
        let found = ByteSize::read(text).map(|size| size.0).map_err(|error| error.to_string());
        assert_eq!(found, expected.map_err(str::to_owned));
    }

    #[test]
    fn sizes() {
        size("0", Ok(0));
        size("16MiB", Ok(16 << 20));
        size(" 16 mib ", Ok(16 << 20));
        size("1_000", Ok(1000));
        size("2k", Ok(2048));
        size("2KB", Ok(2000));
        size("16777215TiB", Ok(16_777_215 << 40));
        size("16777216TiB", Err("`16777216TiB` is more than can be counted"));
        size("MiB", Err("`MiB` does not begin with a whole number"));
        size("-1", Err("`-1` does not begin with a whole number"));
        size("1.5MiB", Err("`.5MiB` is no unit here: use B, KiB, MiB, GiB or TiB"));
    }

    #[test]
    fn depths() {
        let depth = |text| SchemaNesting::read(text).map(|depth| depth.0).map_err(|error| error.to_string());
        assert_eq!(depth("1000"), Ok(1_000));
        assert_eq!(depth("1001"), Err("`1001` is deeper than anything is followed: at most 1000".to_owned()));
        assert_eq!(depth("deep"), Err("`deep` is no whole number that fits here".to_owned()));
        assert!(PatternNesting::read("150").is_ok() && PatternNesting::read("151").is_err());
    }

    #[test]
    fn durations() {
        let milliseconds = |text| Duration::read(text).expect("a span of time").as_millis();
        assert_eq!(milliseconds("60s"), 60_000);
        assert_eq!(milliseconds("60"), 60_000);
        assert_eq!(milliseconds("250ms"), 250);
        assert_eq!(milliseconds("2 min"), 120_000);
        assert_eq!(milliseconds("14d"), 14 * 86_400_000);
        assert!(Duration::read("1 week").is_err());
    }
}

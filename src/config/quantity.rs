//! Sizes and durations as people write them: `16MiB`, `60s`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Why a text is no size or duration.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
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
pub struct ByteSize(pub u64);

impl FromStr for ByteSize {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
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
            _ => return Err(QuantityError::Unit { unit: unit.to_owned(), known: "B, KiB, MiB, GiB or TiB" }),
        };
        number.checked_mul(factor).map(Self).ok_or_else(|| QuantityError::TooLarge(text.to_owned()))
    }
}

impl fmt::Display for ByteSize {
    /// In the largest unit that divides it: what is shown can be written back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")];
        let fits = units.iter().find(|(shift, _)| self.0 != 0 && self.0.trailing_zeros() >= *shift);
        match fits {
            Some((shift, unit)) => write!(f, "{}{unit}", self.0 >> shift),
            None => write!(f, "{}B", self.0),
        }
    }
}

/// A span of time; a number without a unit counts seconds.
pub fn parse_duration(text: &str) -> Result<Duration, QuantityError> {
    let (number, unit) = split(text.trim())?;
    let milliseconds: u64 = match unit.to_ascii_lowercase().as_str() {
        "ms" => 1,
        "" | "s" => 1000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err(QuantityError::Unit { unit: unit.to_owned(), known: "ms, s, min, h or d" }),
    };
    let total = number.checked_mul(milliseconds).ok_or_else(|| QuantityError::TooLarge(text.to_owned()))?;
    Ok(Duration::from_millis(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn size(text: &str, expected: Result<u64, &str>) {
        let found = text.parse::<ByteSize>().map(|size| size.0).map_err(|error| error.to_string());
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
    fn a_size_shown_can_be_written_back() {
        for size in [0, 1, 1000, 1024, 1536, 16 << 20, 16 << 30, (1 << 40) + 1, u64::MAX] {
            assert_eq!(ByteSize(size).to_string().parse(), Ok(ByteSize(size)));
        }
        assert_eq!(ByteSize(16 << 30).to_string(), "16GiB");
    }

    #[test]
    fn durations() {
        let milliseconds = |text| parse_duration(text).map(|span| span.as_millis());
        assert_eq!(milliseconds("60s"), Ok(60_000));
        assert_eq!(milliseconds("60"), Ok(60_000));
        assert_eq!(milliseconds("250ms"), Ok(250));
        assert_eq!(milliseconds("2 min"), Ok(120_000));
        assert_eq!(milliseconds("1d"), Ok(86_400_000));
        assert!(parse_duration("1 week").is_err());
    }
}

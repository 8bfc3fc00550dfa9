//! Moments as feeds write them: dates, and dates with a time.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// A moment in seconds since 1970, from `20240115`, `20240115T1200`, `2024-01-15T12:00:00Z` and the like. Without a
/// zone, UTC is taken: the same sender leaves it out every time.
#[must_use]
pub fn moment(text: &str) -> Option<i64> {
    let text = text.trim();
    let utc = |at: DateTime| at.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp().as_second());
    let moment = text.parse::<Timestamp>().ok().map(Timestamp::as_second);
    let at = || text.parse::<DateTime>().ok().and_then(utc);
    let day = || text.parse::<Date>().ok().and_then(|date| utc(date.at(0, 0, 0, 0)));
    moment.or_else(at).or_else(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_formats_write_them() {
        for text in [
            "20240115T1200",
            "20240115T120000",
            "2024-01-15T12:00:00",
            "2024-01-15T12:00Z",
            "20240115T1300+0100",
            "20240115T130000+01:00",
            "2024-01-15T12:00:00.999Z",
            "2024-01-15T07:00:00-05:00",
        ] {
            assert_eq!(moment(text), moment("2024-01-15T12:00:00Z"), "{text}");
        }
        assert_eq!(moment(" 20240115 "), moment("2024-01-15T00:00:00Z"));
        for text in ["", "yesterday", "20241345", "2024-02-30", "2024", "20240115T2560"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}

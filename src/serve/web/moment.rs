//! Moments, as people read them: UTC, and how long ago.

use super::language::Language;
use jiff::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// For how many days it is said how long ago something was.
const DAYS_AGO_MAX: i64 = 14;

/// A moment that something happened at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// For programs (HTML, `datetime`).
    pub(super) machine: String,
    /// Day and time, UTC.
    pub(super) exact: String,
    /// Day and minute, UTC; of another year, the day.
    pub(super) short: String,
    /// The day, UTC.
    pub(super) day: String,
    /// How long ago, or the day when that is long ago.
    pub(super) ago: String,
}

impl Moment {
    /// Of a moment as the interface for programs tells it.
    pub(super) fn told(language: Language, now: Timestamp, said: &str) -> Option<Self> {
        said.parse().ok().map(|at| Self::of(language, now, at))
    }

    /// Of a moment, seen from now.
    pub(super) fn of(language: Language, now: Timestamp, at: Timestamp) -> Self {
        Self {
            machine: at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            exact: at
                .strftime(language.pick("%-d %b %Y, %H:%M:%S UTC", "%d.%m.%Y, %H:%M:%S UTC"))
                .to_string(),
            short: short(language, now, at),
            day: day(language, at),
            ago: ago(language, now.as_second() - at.as_second()).unwrap_or_else(|| day(language, at)),
        }
    }
}

fn day(language: Language, at: Timestamp) -> String {
    at.strftime(language.pick("%-d %b %Y", "%d.%m.%Y")).to_string()
}

fn short(language: Language, now: Timestamp, at: Timestamp) -> String {
    let year = |of: Timestamp| of.strftime("%Y").to_string();
    let form = if year(now) == year(at) {
        language.pick("%-d %b, %H:%M", "%d.%m., %H:%M")
    } else {
        return day(language, at);
    };
    at.strftime(form).to_string()
}

/// How long ago it was; `None` when that is better said as a day.
fn ago(language: Language, seconds: i64) -> Option<String> {
    let said = |number: i64, english: [&str; 2], german: [&str; 2]| {
        let number = number.unsigned_abs();
        match language {
            Language::English => format!("{} ago", language.counted(number, [english, german])),
            Language::German => format!("vor {}", language.counted(number, [english, german])),
        }
    };
    match seconds {
        ..MINUTE => Some(language.pick("just now", "gerade eben").to_owned()),
        MINUTE..HOUR => Some(said(seconds / MINUTE, ["min", "min"], ["Min.", "Min."])),
        HOUR..DAY => Some(said(seconds / HOUR, ["h", "h"], ["Std.", "Std."])),
        _ if seconds / DAY <= DAYS_AGO_MAX => Some(said(seconds / DAY, ["day", "days"], ["Tag", "Tagen"])),
        _ => None,
    }
}

/// How long something took.
pub(super) fn lasted(language: Language, ms: u64) -> String {
    let point = language.pick(".", ",");
    match (ms / 1_000, ms % 1_000 / 100) {
        (0, 0) => format!("{} 0{point}1 s", language.pick("less than", "unter")),
        (seconds @ 60.., _) => format!("{} min {} s", seconds / 60, seconds % 60),
        (seconds, tenths) => format!("{seconds}{point}{tenths} s"),
    }
}

/// Milliseconds from one moment to another, as the interface for programs tells them.
pub(super) fn between(from: &str, to: &str) -> Option<u64> {
    let (from, to): (Timestamp, Timestamp) = (from.parse().ok()?, to.parse().ok()?);
    u64::try_from(to.as_millisecond() - from.as_millisecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(seconds: i64, english: &str, german: &str) {
        let now: Timestamp = "2026-11-27T12:00:00Z".parse().expect("a moment");
        let at = Timestamp::from_second(now.as_second() - seconds).expect("in range");
        let of = |language| Moment::of(language, now, at).ago;
        assert_eq!((of(Language::English).as_str(), of(Language::German).as_str()), (english, german));
    }

    #[test]
    fn it_is_said_how_long_ago_something_was() {
        case(-5, "just now", "gerade eben");
        case(59, "just now", "gerade eben");
        case(60, "1 min ago", "vor 1 Min.");
        case(2 * 3_600, "2 h ago", "vor 2 Std.");
        case(24 * 3_600, "1 day ago", "vor 1 Tag");
        case(14 * 24 * 3_600, "14 days ago", "vor 14 Tagen");
        case(15 * 24 * 3_600, "12 Nov 2026", "12.11.2026");
    }

    #[test]
    fn a_moment_is_told_exactly_beside_that() {
        let now = Timestamp::from_second(1_800_000_000).expect("in range");
        let told = Moment::told(Language::German, now, "2026-11-23T04:03:51.123Z").expect("a moment");
        assert_eq!(
            (told.machine.as_str(), told.exact.as_str()),
            ("2026-11-23T04:03:51Z", "23.11.2026, 04:03:51 UTC")
        );
        assert_eq!(told.short, "23.11.2026");
        let then = Timestamp::from_second(1_800_000_000 - 60).expect("in range");
        assert_eq!(Moment::of(Language::English, now, then).short, "15 Jan, 07:59");
        assert_eq!(Moment::told(Language::English, now, "yesterday"), None);
    }

    #[test]
    fn how_long_it_took() {
        let of = |to| between("2026-11-23T04:03:51.123Z", to).map(|ms| lasted(Language::German, ms));
        assert_eq!(of("2026-11-23T04:03:52.500Z").as_deref(), Some("1,3 s"));
        assert_eq!(of("2026-11-23T04:05:51.123Z").as_deref(), Some("2 min 0 s"));
        assert_eq!(of("2026-11-23T04:03:51.200Z").as_deref(), Some("unter 0,1 s"));
        assert_eq!(of("2026-11-23T04:03:51.000Z"), None);
    }
}

//! When something is tried again: later each time, never in step with others, and not for ever.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use std::time::Duration;

/// How often an upload or a question is tried in all.
pub const TRIES_MAX: u32 = 8;
/// The longest pause that a service may ask for.
pub const RETRY_AFTER_MAX: Duration = Duration::from_mins(2);
/// The first pause, when nobody asks for one.
const PAUSE_FIRST: Duration = Duration::from_millis(500);
/// The longest of those that double.
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// The shortest one, whatever a service asks for.
const PAUSE_MIN: Duration = Duration::from_millis(100);

/// How long to wait after so many tries, the first being 1: what the service asks for, else twice as long each time.
/// `jitter`, of all its range, makes that up to a quarter longer.
pub(super) fn pause(tries: u32, asked: Option<Duration>, jitter: u32) -> Duration {
    let doubled = PAUSE_FIRST.saturating_mul(1 << tries.saturating_sub(1).min(16)).min(PAUSE_MAX);
    let pause = asked.map_or(doubled, |asked| asked.clamp(PAUSE_MIN, RETRY_AFTER_MAX));
    pause + pause.mul_f64(f64::from(jitter) / f64::from(u32::MAX) / 4.0)
}

/// Something random.
pub(super) fn jitter() -> u32 {
    // Without randomness all wait equally long, which is no reason not to wait.
    getrandom::u32().unwrap_or_default()
}

/// What `Retry-After` asks for: seconds, or a moment.
pub(super) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let said = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = said.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let moment = DateTimeParser::new().parse_timestamp(said).ok()?;
    Some(Duration::try_from(moment.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit() {
        let pauses: Vec<_> = (1..=TRIES_MAX).map(|tries| pause(tries, None, 0).as_millis()).collect();
        assert_eq!(pauses, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
        assert_eq!(pause(u32::MAX, None, 0), PAUSE_MAX);
        assert_eq!(pause(2, None, u32::MAX).as_millis(), 1250);
    }

    #[test]
    fn retry_after_max() {
        let asked = |seconds| pause(1, Some(Duration::from_secs(seconds)), 0);
        assert_eq!(asked(7), Duration::from_secs(7));
        assert_eq!(asked(120), RETRY_AFTER_MAX);
        assert_eq!(asked(121), RETRY_AFTER_MAX);
        assert_eq!(asked(0), PAUSE_MIN);
    }

    #[test]
    fn a_service_asks_in_seconds_or_by_a_moment() {
        let now: Timestamp = "2026-11-27T02:10:00Z".parse().expect("a moment");
        let of = |said: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, said.parse().expect("a header"));
            retry_after(&headers, now)
        };
        assert_eq!(of("5"), Some(Duration::from_secs(5)));
        assert_eq!(of("Fri, 27 Nov 2026 02:10:30 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(of("Fri, 27 Nov 2026 02:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(of("soon"), None);
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}

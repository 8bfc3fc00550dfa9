//! How long before its end a thing is told.

use super::state::State;
use super::term::Term;
use jiff::Timestamp;

/// How long before its end a thing is told, in seconds; `critical` is never more than `warning`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// Seconds left at which [`State::Warning`] begins.
    pub warning: i64,
    /// Seconds left at which [`State::Critical`] begins.
    pub critical: i64,
}

impl Default for Thresholds {
    /// 30 and 7 days.
    fn default() -> Self {
        Self { warning: 30 * 86_400, critical: 7 * 86_400 }
    }
}

impl Thresholds {
    /// How something stands that holds from `from` up to and with `until`.
    ///
    /// A second counts as it is named: what ends at this very second holds, and what has as many seconds left as a
    /// threshold says is within it.
    #[must_use]
    pub fn state(&self, from: Option<Timestamp>, until: Term, now: Timestamp) -> State {
        if from.is_some_and(|from| now.as_second() < from.as_second()) && !ended(until, now) {
            return State::NotYetValid;
        }
        let Some(left) = left(until, now) else { return State::Ok };
        match left {
            ..0 => State::Expired,
            left if left <= self.critical => State::Critical,
            left if left <= self.warning => State::Warning,
            _ => State::Ok,
        }
    }
}

fn ended(until: Term, now: Timestamp) -> bool {
    left(until, now).is_some_and(|left| left < 0)
}

/// Whole seconds left; `None` without an end.
pub(super) fn left(until: Term, now: Timestamp) -> Option<i64> {
    until.moment().map(|until| until.as_second() - now.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;
    const DAY: i64 = 86_400;

    #[track_caller]
    fn case(from: Option<i64>, until: i64, expected: State) {
        let moment = |second| Timestamp::from_second(second).expect("a moment");
        let state = Thresholds::default().state(from.map(moment), Term::of_second(until), moment(NOW));
        assert_eq!(state, expected, "{from:?}, {until}");
    }

    #[test]
    fn thresholds_hold_to_the_second() {
        case(None, NOW + 30 * DAY + 1, State::Ok);
        case(None, NOW + 30 * DAY, State::Warning);
        case(None, NOW + 7 * DAY + 1, State::Warning);
        case(None, NOW + 7 * DAY, State::Critical);
        case(None, NOW, State::Critical);
        case(None, NOW - 1, State::Expired);
        case(Some(NOW), NOW + 31 * DAY, State::Ok);
        case(Some(NOW + 1), NOW + 31 * DAY, State::NotYetValid);
    }

    #[test]
    fn what_ends_before_it_begins_has_expired() {
        case(Some(NOW + 1), NOW - 1, State::Expired);
    }

    #[test]
    fn parts_of_a_second_count_for_nothing() {
        let now = Timestamp::new(NOW, 999_999_999).expect("a moment");
        let until = Term::of_second(NOW);
        assert_eq!(Thresholds::default().state(None, until, now), State::Critical);
    }

    #[test]
    fn what_never_ends_is_ok() {
        let now = Timestamp::from_second(NOW).expect("a moment");
        assert_eq!(Thresholds::default().state(None, Term::Never, now), State::Ok);
    }
}

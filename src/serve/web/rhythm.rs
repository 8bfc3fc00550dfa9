//! When a source sends: the usual time between its feeds, and since when the next one is late.
//!
//! ```text
//!  feeds      Mo  Tu  We  Th  Fr  ·   ·   Mo  Tu  We  Th  Fr  ·   ·   Mo
//!  days       1   1   1   1   1   –   –   1   1   1   1   1   –   –   1      three silent Saturdays: none counts
//! ```
//!
//! The clock by which a feed is late stands still on days of the week on which none comes. So a source that sends from
//! Monday to Friday is on time on Sunday, and one that sends on Mondays has one day a week that counts.

use super::language::Language;
use jiff::{SignedDuration, Timestamp};

/// Intervals from which on a source has a rhythm.
pub(super) const INTERVALS_MIN: usize = 5;
/// Feeds that it is made of, at most.
pub(super) const FEEDS_MAX: u32 = 60;
/// How often a day of the week was silent before it counts as one on which nothing comes.
const SILENT_WEEKS: i64 = 3;
/// What comes within this after another feed belongs to it: some send a catalogue in parts, or again.
pub(super) const TOGETHER: SignedDuration = SignedDuration::from_mins(15);
const DAY: i64 = 24 * 60 * 60;
/// 1 January 1970 was a Thursday; days are counted from Monday on.
const FIRST_WEEKDAY: i64 = 3;

/// When a source sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rhythm {
    /// The middle of its last intervals.
    pub(super) usual: SignedDuration,
    /// From when on its next feed is late.
    pub(super) late_from: Timestamp,
    /// There are days of the week on which nothing comes.
    pub(super) has_silent_days: bool,
}

impl Rhythm {
    /// Of the moments of feeds, newest first; none where they are too few to know.
    pub(super) fn of(moments: &[Timestamp]) -> Option<Self> {
        let pairs: Vec<[Timestamp; 2]> = moments
            .windows(2)
            .map(|pair| [pair[1], pair[0]])
            .filter(|[from, to]| to.duration_since(*from) > TOGETHER)
            .collect();
        if pairs.len() < INTERVALS_MIN {
            return None;
        }
        let usual = middle(pairs.iter().map(|[from, to]| to.duration_since(*from).as_secs()).collect());
        let (last, week) = (moments.first()?.as_second(), Week::of(moments));
        let counted =
            pairs.iter().map(|[from, to]| week.counted(to.as_second()) - week.counted(from.as_second()));
        let late_from = week.after(last, middle(counted.collect()) * 3 / 2);
        Some(Self {
            usual: SignedDuration::from_secs(usual),
            late_from: Timestamp::from_second(late_from).ok()?,
            has_silent_days: week.0.contains(&false),
        })
    }

    /// Whether the next feed is late.
    pub(super) fn is_late(&self, now: Timestamp) -> bool {
        now > self.late_from
    }
}

fn middle(mut of: Vec<i64>) -> i64 {
    of.sort_unstable();
    of[of.len() / 2]
}

/// The days of the week that count, from Monday on, UTC.
#[derive(Debug)]
struct Week([bool; 7]);

impl Week {
    /// Of feeds, newest first: all days count but those that were silent again and again.
    fn of(moments: &[Timestamp]) -> Self {
        let days: Vec<i64> = moments.iter().map(|at| at.as_second().div_euclid(DAY)).collect();
        let (Some(last), Some(first)) = (days.first(), days.last()) else { return Self([true; 7]) };
        let mut counts = [true; 7];
        for back in 0..7 {
            let of_weekday = (0..SILENT_WEEKS).map(|weeks| last - back - 7 * weeks);
            let is_silent = of_weekday.clone().all(|day| day >= *first && !days.contains(&day));
            counts[weekday(last - back)] = !is_silent;
        }
        Self(counts)
    }

    /// Seconds that count, of all that have gone by at a moment.
    fn counted(&self, at: i64) -> i64 {
        let (day, second) = (at.div_euclid(DAY), at.rem_euclid(DAY));
        let whole = (0..day.rem_euclid(7)).filter(|rest| self.0[weekday(*rest)]).count();
        let days = day.div_euclid(7) * self.days() + i64::try_from(whole).unwrap_or_default();
        days * DAY + if self.0[weekday(day)] { second } else { 0 }
    }

    /// When so many seconds that count have gone by since a moment.
    fn after(&self, from: i64, seconds: i64) -> i64 {
        let weeks = seconds / (self.days() * DAY);
        let mut left = seconds - weeks * self.days() * DAY;
        let mut at = from + weeks * 7 * DAY;
        while left > 0 {
            let rest = DAY - at.rem_euclid(DAY);
            let counts = self.0[weekday(at.div_euclid(DAY))];
            let step = if counts { rest.min(left) } else { rest };
            left -= if counts { step } else { 0 };
            at += step;
        }
        at
    }

    /// At least one: that of the last feed.
    fn days(&self) -> i64 {
        i64::try_from(self.0.iter().filter(|counts| **counts).count()).unwrap_or_default()
    }
}

fn weekday(day: i64) -> usize {
    usize::try_from((day + FIRST_WEEKDAY).rem_euclid(7)).unwrap_or_default()
}

/// How long something is, for people: in days, hours or minutes.
pub(super) fn long(language: Language, duration: SignedDuration) -> String {
    let minutes = duration.as_mins().unsigned_abs();
    let rounded = |unit: u64| (minutes + unit / 2) / unit;
    match minutes {
        ..90 => format!("{minutes} {}", language.pick("min", "Min.")),
        90..2_160 => format!("{} {}", rounded(60), language.pick("h", "Std.")),
        _ => language.counted(rounded(24 * 60), [["day", "days"], ["Tag", "Tage"]]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(hours: &[i64]) -> Vec<Timestamp> {
        hours
            .iter()
            .map(|hour| Timestamp::from_second(1_800_000_000 + hour * 3_600).expect("in range"))
            .collect()
    }

    #[test]
    fn a_rhythm_is_the_middle_of_enough_intervals() {
        let rhythm = Rhythm::of(&moments(&[121, 96, 72, 48, 25, 0])).expect("five intervals");
        assert_eq!(rhythm.usual, SignedDuration::from_hours(24));
        let late = moments(&[121 + 36])[0];
        assert_eq!(rhythm.late_from, late);
        assert!(!rhythm.is_late(late) && rhythm.is_late(late + SignedDuration::from_secs(1)));
        assert_eq!(Rhythm::of(&moments(&[96, 72, 48, 24, 0])), None, "four intervals");
        assert_eq!(Rhythm::of(&[]), None);
    }

    /// Monday, 4 January 2027, and so many days and hours later.
    fn at(day: i64, hour: i64) -> Timestamp {
        let monday: Timestamp = "2027-01-04T00:00:00Z".parse().expect("a moment");
        monday + SignedDuration::from_hours(24 * day + hour)
    }

    /// Feeds at two in the morning of these days, newest first.
    fn at_two(days: impl DoubleEndedIterator<Item = i64>) -> Vec<Timestamp> {
        days.rev().map(|day| at(day, 2)).collect()
    }

    #[test]
    fn days_of_the_week_that_are_silent_do_not_count() {
        let workdays = |until: i64| at_two((0..until).filter(|day| day % 7 < 5));
        let rhythm = Rhythm::of(&workdays(26)).expect("a rhythm");
        assert_eq!((rhythm.usual, rhythm.has_silent_days), (SignedDuration::from_hours(24), true));
        assert_eq!(rhythm.late_from, at(28, 14), "the last was on Friday, and Monday afternoon is late");
        let short = Rhythm::of(&workdays(19)).expect("a rhythm");
        assert!(!short.has_silent_days, "two silent week-ends are not enough");
        assert_eq!(short.late_from, at(19, 14));
    }

    #[test]
    fn a_source_that_sends_weekly_has_one_day_that_counts() {
        let rhythm = Rhythm::of(&at_two((0..50).filter(|day| day % 7 == 0))).expect("a rhythm");
        assert_eq!((rhythm.usual, rhythm.late_from), (SignedDuration::from_hours(168), at(56, 14)));
    }

    #[test]
    fn what_comes_together_counts_as_one() {
        let mut all = moments(&[120, 96, 72, 48, 24, 0]);
        let parts: Vec<_> = all.iter().map(|at| *at + SignedDuration::from_mins(15)).collect();
        all.extend(parts);
        all.sort_by_key(|at| std::cmp::Reverse(*at));
        assert_eq!(
            Rhythm::of(&all).map(|rhythm| rhythm.usual),
            Some(SignedDuration::from_mins(24 * 60 - 15))
        );
    }

    #[test]
    fn a_duration_is_told_in_its_unit() {
        let of = |minutes| long(Language::English, SignedDuration::from_mins(minutes));
        assert_eq!([of(89), of(90), of(1_440), of(2_159)], ["89 min", "2 h", "24 h", "36 h"]);
        assert_eq!([of(2_160), of(10_080)], ["2 days", "7 days"]);
    }
}

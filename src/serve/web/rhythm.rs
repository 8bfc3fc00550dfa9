//! When a source sends: the usual time between its feeds, and since when the next one is late.

use super::language::Language;
use jiff::{SignedDuration, Timestamp};

/// Intervals from which on a source has a rhythm.
pub(super) const INTERVALS_MIN: usize = 5;
/// What comes within this after another feed belongs to it: some send a catalogue in parts, or again.
const TOGETHER: SignedDuration = SignedDuration::from_mins(15);

/// When a source sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rhythm {
    /// The middle of its last intervals.
    pub(super) usual: SignedDuration,
    /// From when on its next feed is late.
    pub(super) late_from: Timestamp,
}

impl Rhythm {
    /// Of the moments of feeds, newest first; none where they are too few to know.
    pub(super) fn of(moments: &[Timestamp]) -> Option<Self> {
        let mut intervals: Vec<SignedDuration> = moments
            .windows(2)
            .map(|pair| pair[0].duration_since(pair[1]))
            .filter(|interval| *interval > TOGETHER)
            .collect();
        if intervals.len() < INTERVALS_MIN {
            return None;
        }
        intervals.sort_unstable();
        let usual = intervals[intervals.len() / 2];
        let late_from = moments.first()?.saturating_add(usual * 3 / 2).ok()?;
        Some(Self { usual, late_from })
    }

    /// Whether the next feed is late.
    pub(super) fn is_late(&self, now: Timestamp) -> bool {
        now > self.late_from
    }
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

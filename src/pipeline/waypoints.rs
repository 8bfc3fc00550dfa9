//! Where records stood, for what the end of a feed still has to say about them.
//!
//! A dangling reference is known only when everything was read, long after its bytes are gone. The
//! starts of records are remembered, in bounded memory: when the list is full, every second one goes.

use crate::judgement::RecordOrdinal;
use crate::xml::{Offset, Place};

/// Records remembered at most.
const WAYPOINTS_MAX: usize = 1 << 14;

/// Starts of records, thinned out.
#[derive(Debug, Default)]
pub(super) struct Waypoints {
    points: Vec<Waypoint>,
    /// One in so many records is remembered, as a power of two.
    spacing: u32,
    seen: u64,
}

/// A record that was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waypoint {
    /// Its number.
    pub(super) ordinal: RecordOrdinal,
    /// Where it begins.
    pub(super) start: Offset,
    /// One past its end.
    pub(super) end: Offset,
    /// Where it begins.
    pub(super) place: Place,
}

impl Waypoints {
    /// Takes note of a record.
    pub(super) fn add(&mut self, point: Waypoint) {
        if self.seen.is_multiple_of(1 << self.spacing) {
            if self.points.len() == WAYPOINTS_MAX {
                self.spacing += 1;
                let mut index = 0;
                self.points.retain(|_| {
                    index += 1;
                    index % 2 == 1
                });
            }
            if self.seen.is_multiple_of(1 << self.spacing) {
                self.points.push(point);
            }
        }
        self.seen += 1;
    }

    /// The last known place before a position, and the record if it is known to be in it.
    pub(super) fn find(&self, at: Offset) -> Option<(Place, Option<RecordOrdinal>)> {
        let after = self.points.partition_point(|point| point.start <= at);
        let point = self.points[..after].last()?;
        Some((point.place, (at < point.end).then_some(point.ordinal)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::ByteOffset;

    fn filled(count: u64) -> Waypoints {
        let mut waypoints = Waypoints::default();
        for number in 0..count {
            let (start, end) = (Offset(10 * number + 5), Offset(10 * number + 13));
            let place = Place { byte: ByteOffset(start.0), line: number + 1, column: 1 };
            waypoints.add(Waypoint { ordinal: RecordOrdinal(number + 1), start, end, place });
        }
        waypoints
    }

    #[test]
    fn a_position_leads_to_its_record() {
        let waypoints = filled(3);
        assert!(waypoints.find(Offset(4)).is_none());
        let found = |at| waypoints.find(Offset(at)).map(|(place, record)| (place.line, record.map(|r| r.0)));
        assert_eq!(found(5), Some((1, Some(1))));
        assert_eq!(found(12), Some((1, Some(1))));
        assert_eq!(found(13), Some((1, None)));
        assert_eq!(found(1000), Some((3, None)));
    }

    #[test]
    fn a_full_list_is_thinned_out() {
        let max = WAYPOINTS_MAX as u64;
        assert_eq!(filled(max).points.len(), WAYPOINTS_MAX);
        let thin = filled(max + 1);
        assert_eq!(thin.points.len(), WAYPOINTS_MAX / 2 + 1);
        assert!(filled(5 * max).points.len() <= WAYPOINTS_MAX);
        let far = filled(5 * max).find(Offset(10 * 4 * max)).unwrap();
        assert!(far.0.line > 4 * max - 8 && far.0.line <= 4 * max + 1);
    }
}

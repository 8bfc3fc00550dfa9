//! Watching a feed go by: for those who want to know what records look like, and have no say in what becomes of
//! them.

use super::cut::Header;
use super::record::Record;

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// It goes on its way.
    Accepted,
    /// Something in it was wrong.
    Refused,
}

/// Looks at what is cut from feeds of a format, in their order.
///
/// A feed begins with its header and may end anywhere; a record in which reading breaks off is never shown.
pub trait RecordObserver: Send {
    /// The header of the next feed is complete.
    fn header(&mut self, header: &Header);
    /// A record was judged.
    fn record(&mut self, record: &Record, judged: Judged);
}

//! How a file stands: enough of it to see that somebody is still writing it.
//!
//! Size and time of the last change are compared, before the first byte is read and behind the last. A file that is
//! replaced by a rename is no such case: what was opened stays as it was.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::time::{Duration, SystemTime};

/// Size and time of the last change of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stand {
    bytes: u64,
    changed: Option<SystemTime>,
}

/// Why a file is not to be used yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsettled {
    /// It was another file when it was opened.
    #[error("it is still being written: it changed while it was read; try again when it is whole")]
    Changed,
    /// It was changed a moment ago.
    #[error(
        "it is still being written: it was changed within the last {} s (`settle`); try again when it is whole",
        .0.as_secs_f64()
    )]
    Young(Duration),
}

impl Unsettled {
    /// Whether this is why reading failed.
    #[must_use]
    pub fn caused(error: &io::Error) -> bool {
        error.get_ref().and_then(|cause| cause.downcast_ref::<Self>()).is_some()
    }
}

impl From<Unsettled> for io::Error {
    fn from(unsettled: Unsettled) -> Self {
        // A kind that no decoder uses: they pass it on as it is.
        Self::new(io::ErrorKind::ResourceBusy, unsettled)
    }
}

impl Stand {
    pub(super) fn of(data: &Metadata) -> Self {
        Self { bytes: data.len(), changed: data.modified().ok() }
    }

    /// Whether the file was left alone for so long. A change that far in the future is that of a wrong clock.
    pub(super) fn is_settled(self, settle: Duration, now: SystemTime) -> Result<(), Unsettled> {
        let Some(changed) = self.changed.filter(|_| !settle.is_zero()) else { return Ok(()) };
        let away = now.duration_since(changed).unwrap_or_else(|error| error.duration());
        if away < settle { Err(Unsettled::Young(settle)) } else { Ok(()) }
    }

    /// Whether an open file stands as it did.
    pub(super) fn is_kept(self, file: &File) -> io::Result<()> {
        if Self::of(&file.metadata()?) == self { Ok(()) } else { Err(Unsettled::Changed.into()) }
    }
}

/// A file that is read to where it ended when it was opened, and no further.
pub(super) struct Steady {
    file: File,
    stand: Stand,
}

impl Steady {
    pub(super) fn new(file: File, stand: Stand) -> Self {
        Self { file, stand }
    }
}

impl Read for Steady {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        if count == 0 && !buffer.is_empty() {
            self.stand.is_kept(&self.file)?;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(changed: i64, settle: u64, expected: bool) {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        let changed =
            SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(1_000 + changed).expect("then"));
        let stand = Stand { bytes: 1, changed: Some(changed) };
        assert_eq!(stand.is_settled(Duration::from_secs(settle), now).is_ok(), expected);
    }

    #[test]
    fn a_file_is_left_alone_for_a_while_before_it_is_read() {
        case(-30, 30, true);
        case(-29, 30, false);
        case(0, 30, false);
        case(0, 0, true);
        // Clocks of two machines differ a little, or one of them is wrong.
        case(5, 30, false);
        case(60, 30, true);
    }
}

//! A feed on its way to somebody else: its bytes as they are, as often as they are wanted.

use super::discover::{FeedOrigin, FeedSource};
use super::error::InputError;
use super::input::{open_file, unsettled};
use super::stand::Stand;
use super::wrapping::Wrapping;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::SystemTime;

/// The bytes of a feed as they were delivered, in a file.
#[derive(Debug)]
pub struct Delivery {
    name: Arc<str>,
    file: File,
    bytes: u64,
    stand: Stand,
    wrapping: Wrapping,
}

impl Delivery {
    /// Opens a feed; what can be read only once is copied to a temporary file first.
    pub fn open(feed: &FeedSource) -> Result<Self, InputError> {
        match &feed.origin {
            FeedOrigin::Stdin | FeedOrigin::Copied { stream: None, .. } => Self::copied(feed, io::stdin()),
            FeedOrigin::File(path) | FeedOrigin::Copied { stream: Some(path), .. } => {
                let (file, data) = open_file(feed, path)?;
                if !data.is_file() {
                    return Self::copied(feed, file);
                }
                let settled = Stand::of(&data).is_settled(feed.settle, SystemTime::now());
                settled.map_err(|source| unsettled(feed, source))?;
                Self::of(feed, file)
            }
        }
    }

    fn copied(feed: &FeedSource, mut stream: impl Read) -> Result<Self, InputError> {
        let copy = tempfile::tempfile().and_then(|mut copy| io::copy(&mut stream, &mut copy).map(|_| copy));
        Self::of(feed, copy.map_err(|source| InputError::Read { feed: feed.name.to_string(), source })?)
    }

    fn of(feed: &FeedSource, file: File) -> Result<Self, InputError> {
        let read = |source| InputError::Read { feed: feed.name.to_string(), source };
        let data = file.metadata().map_err(read)?;
        let mut first = [0; Wrapping::SIGNATURE_BYTES];
        let count = file.read_at(&mut first, 0).map_err(read)?;
        let (bytes, stand) = (data.len(), Stand::of(&data));
        let wrapping = Wrapping::of(&first[..count]);
        Ok(Self { name: Arc::clone(&feed.name), file, bytes, stand, wrapping })
    }

    /// Name for people.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// How many there are.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// What they are, by the first of them.
    #[must_use]
    pub const fn media_type(&self) -> &'static str {
        match self.wrapping {
            Wrapping::Plain => "application/xml",
            Wrapping::Gzip => "application/gzip",
            Wrapping::Zstd => "application/zstd",
            Wrapping::Zip => "application/zip",
        }
    }

    /// The bytes from a place on, at most so many; none behind the last.
    ///
    /// # Errors
    ///
    /// They cannot be read, or the file was changed since it was opened.
    pub fn piece(&self, at: u64, bytes_max: usize) -> io::Result<Vec<u8>> {
        let left = usize::try_from(self.bytes.saturating_sub(at)).unwrap_or(usize::MAX);
        let mut piece = vec![0; left.min(bytes_max)];
        let read = self.file.read_exact_at(&mut piece, at);
        // Said first: a file that has become shorter cannot be read either.
        self.stand.is_kept(&self.file)?;
        read.map(|()| piece)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn opened(bytes: &[u8]) -> (tempfile::TempDir, Delivery) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("feed");
        fs::write(&path, bytes).expect("written");
        let delivery = Delivery::open(&FeedSource::file(path)).expect("opened");
        (folder, delivery)
    }

    #[test]
    fn it_is_read_as_often_as_it_is_wanted() {
        let (_folder, delivery) = opened(b"<list/>");
        for _ in 0..2 {
            assert_eq!(delivery.piece(0, 5).expect("read"), b"<list");
            assert_eq!(delivery.piece(5, 5).expect("read"), b"/>");
            assert_eq!(delivery.piece(7, 5).expect("read"), b"");
        }
        assert_eq!(delivery.bytes(), 7);
    }

    #[test]
    fn the_first_bytes_say_what_it_is() {
        for (bytes, expected) in [
            (&b""[..], "application/xml"),
            (b"<?xml", "application/xml"),
            (&[0x1f, 0x8b, 8, 0], "application/gzip"),
            (&[0x28, 0xb5, 0x2f, 0xfd], "application/zstd"),
            (b"PK\x03\x04", "application/zip"),
        ] {
            assert_eq!(opened(bytes).1.media_type(), expected);
        }
    }

    #[test]
    fn a_stream_is_copied_and_a_file_that_shrinks_is_told() {
        let feed = FeedSource::stdin();
        let copied = Delivery::copied(&feed, &b"<list/>"[..]).expect("copied");
        assert_eq!((copied.piece(1, 4).expect("read"), copied.bytes()), (b"list".to_vec(), 7));
        let (folder, delivery) = opened(b"<list/>");
        fs::write(folder.path().join("feed"), "<").expect("written");
        let error = delivery.piece(0, 7).expect_err("shorter");
        assert!(error.to_string().starts_with("it is still being written"), "{error}");
    }
}

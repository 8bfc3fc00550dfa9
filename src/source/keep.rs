//! Feeds as they were delivered, kept: packed by zstd to be put away, and unpacked again to be read.
//!
//! A stream can be read once; one whose bytes may have to be kept leaves a copy in a temporary file while it is read.

use super::digest::{Digest, DigestSlot, Hashing};
use super::discover::{FeedOrigin, FeedSource};
use super::wrapping;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;
use tempfile::NamedTempFile;

/// How hard zstd tries; feeds are XML, which even the fastest level packs to a tenth.
const LEVEL: i32 = 3;

/// Why a feed cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// It cannot be read again, or there is no room for a copy.
    #[error("the feed `{0}` cannot be read once more and copied")]
    Copy(String, #[source] io::Error),
    /// Another file stands in its place by now.
    #[error("the feed `{0}` has changed since it was read")]
    Changed(String),
    /// It was a stream.
    #[error("the feed `{0}` was a stream and is gone")]
    Gone(String),
}

/// A stream as a feed that leaves a copy in a file while it is read; `None` when the feed lies in a file anyway.
///
/// # Errors
///
/// The file for the copy cannot be made.
pub fn copied(source: &FeedSource) -> Result<Option<(FeedSource, NamedTempFile)>, KeepError> {
    let path = match &source.origin {
        FeedOrigin::Stdin => None,
        FeedOrigin::File(path) if path.exists() && !path.is_file() && !path.is_dir() => Some(path.clone()),
        FeedOrigin::File(_) | FeedOrigin::Copied { .. } => return Ok(None),
    };
    let copy = NamedTempFile::new().map_err(|error| KeepError::Copy(source.name.to_string(), error))?;
    let origin = FeedOrigin::Copied { stream: path, copy: copy.path().to_owned() };
    Ok(Some((FeedSource { origin, ..source.clone() }, copy)))
}

/// A reader that leaves a copy of all that passes.
pub(super) struct Tee<R> {
    inner: R,
    copy: File,
}

impl<R: Read> Tee<R> {
    pub(super) fn new(inner: R, copy: &Path) -> io::Result<Self> {
        Ok(Self { inner, copy: File::create(copy)? })
    }
}

impl<R: Read> Read for Tee<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.copy.write_all(&buffer[..count])?;
        Ok(count)
    }
}

/// The bytes of a feed as they were delivered, packed into a temporary file that nobody else sees, with how many they
/// are then; only if they are those of the digest.
///
/// # Errors
///
/// They are gone or others by now, or the copy cannot be written.
pub fn packed(source: &FeedSource, digest: &[u8; 32]) -> Result<(File, u64), KeepError> {
    let failed = |error| KeepError::Copy(source.name.to_string(), error);
    let path = match &source.origin {
        FeedOrigin::File(path) | FeedOrigin::Copied { copy: path, .. } => path,
        FeedOrigin::Stdin => return Err(KeepError::Gone(source.name.to_string())),
    };
    let slot = DigestSlot::default();
    let file = File::open(path).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    let raw = Hashing::new(file, slot.clone());
    let mut file = pack(raw, Some(size), tempfile::tempfile().map_err(failed)?).map_err(failed)?;
    if slot.get() != Some(&Digest(*digest)) {
        return Err(KeepError::Changed(source.name.to_string()));
    }
    let bytes = file.stream_position().map_err(failed)?;
    file.rewind().map_err(failed)?;
    Ok((file, bytes))
}

/// Packs all that a reader gives; gives back where it went. For little, it takes less when it is known how much it is.
///
/// # Errors
///
/// It cannot be read or written, or it is not as much as was said.
pub fn pack<W: Write>(mut from: impl Read, bytes: Option<u64>, to: W) -> io::Result<W> {
    let mut pack = zstd::Encoder::new(to, LEVEL)?;
    pack.set_pledged_src_size(bytes)?;
    io::copy(&mut from, &mut pack)?;
    pack.finish()
}

/// What was packed, unpacked while it is read; memory does not depend on its size.
pub fn unpacking(packed: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    wrapping::zstd(packed)
}

/// A feed from its packed bytes, under the name it had; it is there as long as the file is.
///
/// # Errors
///
/// The bytes are not what was packed, or the copy cannot be written.
pub fn unpacked(name: &str, mut packed: File) -> Result<(FeedSource, NamedTempFile), KeepError> {
    let failed = |error| KeepError::Copy(name.to_owned(), error);
    packed.rewind().map_err(failed)?;
    let mut copy = NamedTempFile::new().map_err(failed)?;
    zstd::stream::copy_decode(packed, &mut copy).and_then(|()| copy.flush()).map_err(failed)?;
    // The reader of an archive adds the name of what is in it by itself.
    let mut first = [0; 4];
    let read = File::open(copy.path()).and_then(|mut file| file.read(&mut first)).map_err(failed)?;
    let outer = name.split_once('!').map(|(outer, _)| outer).filter(|_| first[..read].starts_with(b"PK"));
    let origin = FeedOrigin::File(copy.path().to_owned());
    Ok((FeedSource::new(outer.unwrap_or(name).into(), origin), copy))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_is_kept_as_it_was_delivered() {
        let mut file = NamedTempFile::new().expect("a temporary file");
        file.write_all(b"<list>\r\n</list>").expect("written");
        let source = FeedSource::file(file.path().to_owned());
        let digest = Digest::of(b"<list>\r\n</list>");
        let (pack, bytes) = packed(&source, &digest.0).expect("packs");
        assert_eq!(pack.metadata().expect("a file").len(), bytes);
        let (again, _copy) = unpacked("a!b", pack).expect("unpacks");
        let FeedOrigin::File(path) = &again.origin else { panic!("a file") };
        assert_eq!(std::fs::read(path).expect("readable"), b"<list>\r\n</list>");
        assert_eq!(&*again.name, "a!b");
        file.write_all(b" ").expect("written");
        assert!(matches!(packed(&source, &digest.0), Err(KeepError::Changed(_))));
    }

    #[test]
    fn what_was_packed_is_unpacked_while_it_is_read() {
        let text = b"a report ".repeat(100_000);
        let packed = zstd::encode_all(&text[..], LEVEL).expect("packs");
        let mut found = Vec::new();
        let mut reader = unpacking(io::Cursor::new(packed.clone()));
        reader.read_to_end(&mut found).expect("unpacks");
        assert_eq!(found, text);
        let cut = io::Cursor::new(packed[..packed.len() - 4].to_vec());
        assert!(unpacking(cut).read_to_end(&mut Vec::new()).is_err());
    }

    #[test]
    fn a_stream_leaves_a_copy() {
        let copy = NamedTempFile::new().expect("a temporary file");
        let mut text = String::new();
        let tee = Tee::new(&b"<list/>"[..], copy.path()).expect("writable");
        { tee }.read_to_string(&mut text).expect("readable");
        assert_eq!(text, "<list/>");
        assert_eq!(std::fs::read(copy.path()).expect("readable"), b"<list/>");
        let file = FeedSource::file(copy.path().to_owned());
        assert!(copied(&file).expect("nothing to do").is_none());
        assert!(copied(&FeedSource::stdin()).expect("a file").is_some());
    }
}

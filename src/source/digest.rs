//! SHA-256 of bytes as they were delivered: what makes a feed version, or a schema document, the same.

use super::limits::RAW_READ_BYTES;
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// A SHA-256 digest; `Display` writes it in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of bytes at hand.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The digest of a file, read once from start to end.
pub(super) fn digest_file(path: &Path) -> io::Result<Digest> {
    digest_reader(&mut File::open(path)?)
}

/// The digest of all that a reader still holds.
pub(crate) fn digest_reader(reader: &mut impl Read) -> io::Result<Digest> {
    let mut state = Sha256::new();
    let mut block = vec![0; RAW_READ_BYTES];
    loop {
        match reader.read(&mut block) {
            Ok(0) => return Ok(Digest(state.finalize().into())),
            Ok(count) => state.update(&block[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Where a digest appears once its reader has met the end.
pub(crate) type DigestSlot = Arc<OnceLock<Digest>>;

/// A reader that hashes what passes and fills its slot at the end.
pub(crate) struct Hashing<R> {
    inner: R,
    state: Sha256,
    slot: DigestSlot,
}

impl<R> Hashing<R> {
    pub(crate) fn new(inner: R, slot: DigestSlot) -> Self {
        Self { inner, state: Sha256::new(), slot }
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.state.update(&buffer[..count]);
        if count == 0 && !buffer.is_empty() {
            let state = &self.state;
            self.slot.get_or_init(|| Digest(state.clone().finalize().into()));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn the_digest_is_the_known_one() {
        assert_eq!(Digest::of(b"abc").to_string(), OF_ABC);
        assert_eq!(digest_reader(&mut &b"abc"[..]).expect("reads").to_string(), OF_ABC);
    }

    #[test]
    fn the_slot_fills_at_the_end_and_not_before() {
        let slot = DigestSlot::default();
        let mut reader = Hashing::new(&b"abc"[..], Arc::clone(&slot));
        let mut all = [0; 3];
        reader.read_exact(&mut all).expect("three bytes are there");
        assert!(slot.get().is_none());
        assert_eq!(reader.read(&mut all).expect("the end"), 0);
        assert_eq!(slot.get().expect("filled").to_string(), OF_ABC);
    }
}

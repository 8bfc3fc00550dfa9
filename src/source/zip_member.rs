//! The one file inside a zip archive.
//!
//! The directory at the end of the archive says where the member lies; from there on it is read
//! as a plain stream, with its length and checksum compared at the end.

use super::error::InputError;
use super::wrapping;
use flate2::Crc;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use zip::CompressionMethod;
use zip::result::ZipError;

/// What the record at the end of an archive begins with, how long it is, and what its comment can add to that.
const END_SIGNATURE: &[u8] = b"PK\x05\x06";
const END_BYTES: usize = 22;
const COMMENT_BYTES_MAX: u64 = u16::MAX as u64;

/// Whether an archive ends before the record that stands at the end of each.
pub(crate) fn is_cut_off(mut file: &File) -> io::Result<bool> {
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(END_BYTES as u64 + COMMENT_BYTES_MAX)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    file.rewind()?;
    Ok(memchr::memmem::rfind(&tail, END_SIGNATURE).is_none_or(|at| tail.len() < at + END_BYTES))
}

/// Where the only member of an archive lies and how it is packed.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    start: u64,
    packed_bytes: u64,
    method: CompressionMethod,
    crc: u32,
}

impl Member {
    /// The only file of an archive; what file managers of other systems add does not count.
    pub(crate) fn find(feed: &str, file: &File) -> Result<Self, InputError> {
        let damaged = |source| InputError::ZipDamaged { feed: feed.to_owned(), source };
        let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(damaged)?;
        let members = Self::candidates(&archive).map_err(damaged)?;
        let index = match &members[..] {
            [] => return Err(InputError::ZipEmpty { feed: feed.to_owned() }),
            [(index, _)] => *index,
            [(_, first), (_, second), ..] => {
                return Err(InputError::ZipMembers {
                    feed: feed.to_owned(),
                    count: members.len(),
                    first: first.clone(),
                    second: second.clone(),
                });
            }
        };
        let (_, name) = members.into_iter().next().expect("one member was found above");
        let raw = archive.by_index_raw(index).map_err(damaged)?;
        let entry = raw.entry();
        if entry.encrypted() {
            return Err(InputError::ZipEncrypted { feed: feed.to_owned(), member: name });
        }
        let method = entry.compression();
        if !matches!(method, CompressionMethod::Stored | CompressionMethod::Deflated) {
            let method = method.to_string();
            return Err(InputError::ZipMethod { feed: feed.to_owned(), member: name, method });
        }
        let start = raw.data_start().ok_or_else(|| damaged(ZipError::FileNotFound))?;
        Ok(Self { name, start, packed_bytes: entry.compressed_size(), method, crc: entry.crc32() })
    }

    fn candidates(archive: &zip::ZipArchive<BufReader<&File>>) -> Result<Vec<(usize, String)>, ZipError> {
        let metadata = archive.metadata();
        let mut found = Vec::new();
        for index in 0..metadata.len() {
            let entry = metadata.entry(index)?;
            let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
            let added = name.starts_with("__MACOSX/") || name.ends_with(".DS_Store");
            if !entry.is_dir() && !added {
                found.push((index, name));
            }
        }
        Ok(found)
    }

    /// The packed bytes of the member.
    pub(crate) fn packed(&self, mut file: File) -> io::Result<io::Take<File>> {
        file.seek(SeekFrom::Start(self.start))?;
        Ok(file.take(self.packed_bytes))
    }

    /// The member, unpacked from the bytes that [`packed`](Self::packed) gave.
    pub(crate) fn unpack(&self, packed: impl Read + Send + 'static) -> Box<dyn Read + Send> {
        let inner = match self.method {
            CompressionMethod::Stored => Box::new(packed),
            _ => wrapping::deflate(packed),
        };
        Box::new(Summed { inner, crc: Crc::new(), expected: self.crc })
    }
}

/// The bytes do not sum up to what the archive says.
#[derive(Debug, thiserror::Error)]
#[error("the checksum of the zip member is wrong: the archive is damaged; have it sent again")]
struct ChecksumError;

/// A reader that compares the checksum at the end.
struct Summed {
    inner: Box<dyn Read + Send>,
    crc: Crc,
    expected: u32,
}

impl Read for Summed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.crc.update(&buffer[..count]);
        if count == 0 && !buffer.is_empty() && self.crc.sum() != self.expected {
            return Err(io::Error::new(io::ErrorKind::InvalidData, ChecksumError));
        }
        Ok(count)
    }
}

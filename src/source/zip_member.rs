//! The one feed inside a zip archive.
//!
//! The directory at the end of the archive says where the member lies; from there on it is read
//! as a plain stream, with its length and checksum compared at the end.

use super::discover::ENDINGS;
use super::error::InputError;
use super::wrapping;
use flate2::Crc;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
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

/// Endings of files that come along with feeds, whatever they begin with.
const OTHER_ENDINGS: &[&str] = &[
    "html", "htm", "xhtml", "svg", "xsd", "xsl", "xslt", "dtd", "rng", "css", "jpg", "jpeg", "png", "gif",
    "webp", "tif", "tiff", "pdf",
];

/// So many files of one archive may have an ending that says nothing: each of them is looked into.
const LOOKED_INTO_MAX: usize = 1_000;

/// So many first bytes of a file are looked at: a byte order mark, some space, and a bracket.
const FIRST_BYTES: u64 = 256;

/// Where the feed of an archive lies and how it is packed.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    start: u64,
    packed_bytes: u64,
    method: CompressionMethod,
    crc: u32,
    encrypted: bool,
}

impl Member {
    /// The feed of an archive: its only file, or the only one among others that looks like a feed. What file managers
    /// of other systems add does not count.
    pub(crate) fn find(feed: &str, file: &File) -> Result<Self, InputError> {
        let damaged = |source| InputError::ZipDamaged { feed: feed.to_owned(), source };
        let members = Self::all(file).map_err(damaged)?;
        let member = match members.len() {
            0 => return Err(InputError::ZipEmpty { feed: feed.to_owned() }),
            1 => members.into_iter().next().expect("there is one"),
            _ => Self::only_feed(feed, members, file)?,
        };
        member.readable(feed)
    }

    /// The one of several files that looks like a feed.
    fn only_feed(feed: &str, members: Vec<Self>, file: &File) -> Result<Self, InputError> {
        let undecided = members.iter().filter(|member| member.is_feed_by_name().is_none()).count();
        let several = |count: usize, what, members: &[Self]| InputError::ZipMembers {
            feed: feed.to_owned(),
            count,
            what,
            first: members[0].name.clone(),
            second: members[1].name.clone(),
        };
        if undecided > LOOKED_INTO_MAX {
            return Err(several(members.len(), "files", &members));
        }
        let looks = |member: &Self| member.is_feed_by_name().unwrap_or_else(|| member.begins_like_feed(file));
        let (mut feeds, others): (Vec<_>, Vec<_>) = members.into_iter().partition(looks);
        match feeds.len() {
            0 => Err(several(others.len(), "files and none that looks like a feed", &others)),
            1 => Ok(feeds.remove(0)),
            count => Err(several(count, "feeds", &feeds)),
        }
    }

    /// Every file of an archive that somebody has put there.
    fn all(file: &File) -> Result<Vec<Self>, ZipError> {
        let mut archive = zip::ZipArchive::new(BufReader::new(file))?;
        let mut found = Vec::new();
        for (index, name) in Self::candidates(&archive)? {
            let raw = archive.by_index_raw(index)?;
            let start = raw.data_start().ok_or(ZipError::FileNotFound)?;
            let entry = raw.entry();
            let (packed_bytes, method) = (entry.compressed_size(), entry.compression());
            let (crc, encrypted) = (entry.crc32(), entry.encrypted());
            found.push(Self { name, start, packed_bytes, method, crc, encrypted });
        }
        Ok(found)
    }

    fn candidates(archive: &zip::ZipArchive<BufReader<&File>>) -> Result<Vec<(usize, String)>, ZipError> {
        let metadata = archive.metadata();
        let mut found = Vec::new();
        for index in 0..metadata.len() {
            let entry = metadata.entry(index)?;
            let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
            let last = name.rsplit('/').next().unwrap_or_default();
            let added = name.starts_with("__MACOSX/") || last.starts_with("._") || last == ".DS_Store";
            if !entry.is_dir() && !added {
                found.push((index, name));
            }
        }
        Ok(found)
    }

    /// What the ending of its name says, when it says something.
    fn is_feed_by_name(&self) -> Option<bool> {
        let ending = Path::new(&self.name).extension()?.to_string_lossy().to_lowercase();
        let ending = ending.as_str();
        if ENDINGS.contains(&ending) { Some(true) } else { OTHER_ENDINGS.contains(&ending).then_some(false) }
    }

    /// Whether its first character is that of a document, in any encoding.
    fn begins_like_feed(&self, file: &File) -> bool {
        if self.encrypted || !self.is_of_known_method() {
            return false;
        }
        let mut first = Vec::new();
        let packed = file.try_clone().and_then(|file| self.packed(file));
        // What cannot be unpacked is no feed; it is told when it is the only file.
        let read = packed.map(|packed| self.unpack(packed).take(FIRST_BYTES).read_to_end(&mut first));
        let is_passed =
            |byte: &&u8| !matches!(byte, 0 | 0xef | 0xbb | 0xbf | 0xfe | 0xff | b' ' | b'\t' | b'\r' | b'\n');
        read.is_ok() && first.iter().find(is_passed) == Some(&b'<')
    }

    fn is_of_known_method(&self) -> bool {
        matches!(self.method, CompressionMethod::Stored | CompressionMethod::Deflated)
    }

    /// The same, when it can be read.
    fn readable(self, feed: &str) -> Result<Self, InputError> {
        let (feed, is_known) = (feed.to_owned(), self.is_of_known_method());
        match self {
            Self { encrypted: true, name, .. } => Err(InputError::ZipEncrypted { feed, member: name }),
            Self { name, method, .. } if !is_known => {
                Err(InputError::ZipMethod { feed, member: name, method: method.to_string() })
            }
            member => Ok(member),
        }
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

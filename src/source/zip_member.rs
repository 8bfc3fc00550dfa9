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

/// So many bytes are searched for that record at a time, from the end on.
const LOOKED_AT_BYTES: u64 = END_BYTES as u64 + COMMENT_BYTES_MAX;

/// What stands between the directory and that record where the archive is a large one (zip64).
const LARGE_BYTES: u64 = 76;
/// What the record says of a number that only zip64 can hold.
const LARGE: u32 = u32::MAX;

/// Where the record at the end of an archive ends; `None` when the archive ends before that. A record that an archive
/// in the archive brings is none: its directory would stand elsewhere. What stands behind the record, as padding does,
/// is no part of the archive.
pub(crate) fn end(mut file: &File) -> io::Result<Option<u64>> {
    let mut end = file.seek(SeekFrom::End(0))?;
    let mut found = None;
    while end >= END_BYTES as u64 && found.is_none() {
        let from = end.saturating_sub(LOOKED_AT_BYTES);
        file.seek(SeekFrom::Start(from))?;
        let mut tail = Vec::new();
        file.take(LOOKED_AT_BYTES + COMMENT_BYTES_MAX).read_to_end(&mut tail)?;
        let mut records = memchr::memmem::rfind_iter(&tail, END_SIGNATURE);
        found = records.find_map(|at| end_of(&tail[at..], from + at as u64));
        // A record may stand across the border.
        end = if from == 0 { 0 } else { from + END_BYTES as u64 };
    }
    file.rewind()?;
    Ok(found)
}

/// An archive in a file, without what stands behind it.
struct Archive<'a> {
    file: &'a File,
    at: u64,
    end: u64,
}

impl Read for Archive<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.take(self.end.saturating_sub(self.at)).read(buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Archive<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = self.file.seek(match to {
            SeekFrom::End(distance) => SeekFrom::Start(self.end.saturating_add_signed(distance)),
            to => to,
        })?;
        Ok(self.at)
    }
}

/// Where the record at the end of this archive ends, if that is what `rest` begins with, at `position` of the file.
fn end_of(rest: &[u8], position: u64) -> Option<u64> {
    let record = rest.first_chunk::<END_BYTES>()?;
    let number = |at: usize| u32::from_le_bytes([record[at], record[at + 1], record[at + 2], record[at + 3]]);
    let (size, start) = (number(12), number(16));
    let comment = usize::from(u16::from_le_bytes([record[20], record[21]]));
    let directory_end = u64::from(size) + u64::from(start);
    let is_here = size == LARGE
        || start == LARGE
        || directory_end == position
        || directory_end + LARGE_BYTES == position;
    let length = END_BYTES + comment;
    (is_here && rest.len() >= length).then_some(position + length as u64)
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

/// Documents of office programs by folders in them.
const OF_OFFICE: &[(&str, &str)] = &[
    ("xl/", "an Excel workbook (xlsx)"),
    ("word/", "a Word document (docx)"),
    ("ppt/", "a PowerPoint presentation (pptx)"),
    ("visio/", "a Visio drawing (vsdx)"),
];

/// Documents by what their member `mimetype` begins with.
const OF_MIMETYPE: &[(&str, &str)] = &[
    ("application/epub+zip", "an e-book (EPUB)"),
    ("application/vnd.oasis.opendocument.spreadsheet", "an OpenDocument spreadsheet (ods)"),
    ("application/vnd.oasis.opendocument", "an OpenDocument file (odt)"),
    ("application/vnd.recordare.musicxml", "a score (compressed MusicXML, mxl)"),
];

/// Documents by other members.
const OF_OTHERS: &[(&str, &str)] = &[
    ("META-INF/MANIFEST.MF", "a program (Java archive)"),
    ("META-INF/container.xml", "an e-book or a score (EPUB, mxl)"),
    ("AndroidManifest.xml", "a program (Android)"),
];

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
    pub(crate) fn find(feed: &str, file: &File, end: u64) -> Result<Self, InputError> {
        let damaged = |source| InputError::ZipDamaged { feed: feed.to_owned(), source };
        let members = Self::all(file, end).map_err(damaged)?;
        if let Some(what) = Self::document(&members, file) {
            return Err(InputError::ZipDocument { feed: feed.to_owned(), what });
        }
        let member = match members.len() {
            0 => return Err(InputError::ZipEmpty { feed: feed.to_owned() }),
            1 => members.into_iter().next().expect("there is one"),
            _ => Self::only_feed(feed, members, file)?,
        };
        member.readable(feed)
    }

    /// What a document of another trade is that comes as an archive, by its members; with an article.
    fn document(members: &[Self], file: &File) -> Option<&'static str> {
        let has = |name: &str| members.iter().find(|member| member.name == name);
        let begins = |folder: &str| members.iter().any(|member| member.name.starts_with(folder));
        let by_folder = |kinds: &[(&str, &'static str)]| {
            kinds.iter().find(|(folder, _)| begins(folder)).map(|&(_, what)| what)
        };
        if has("[Content_Types].xml").is_some() {
            return by_folder(OF_OFFICE);
        }
        let kind = has("mimetype").map(|member| member.text(file)).unwrap_or_default();
        let declared = OF_MIMETYPE.iter().find(|(beginning, _)| kind.starts_with(beginning.as_bytes()));
        declared.map(|&(_, what)| what).or_else(|| by_folder(OF_OTHERS))
    }

    /// The first bytes of the member, or none where it cannot be unpacked.
    fn text(&self, file: &File) -> Vec<u8> {
        let mut first = Vec::new();
        if !self.encrypted && self.is_of_known_method() {
            let packed = file.try_clone().and_then(|file| self.packed(file));
            let read = packed.map(|packed| self.unpack(packed).take(FIRST_BYTES).read_to_end(&mut first));
            if !matches!(read, Ok(Ok(_))) {
                first.clear();
            }
        }
        first
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
    fn all(mut file: &File, end: u64) -> Result<Vec<Self>, ZipError> {
        file.rewind()?;
        let mut archive = zip::ZipArchive::new(BufReader::new(Archive { file, at: 0, end }))?;
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

    fn candidates(
        archive: &zip::ZipArchive<BufReader<Archive<'_>>>,
    ) -> Result<Vec<(usize, String)>, ZipError> {
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
        // What cannot be unpacked is no feed; it is told when it is the only file.
        let is_passed =
            |byte: &&u8| !matches!(byte, 0 | 0xef | 0xbb | 0xbf | 0xfe | 0xff | b' ' | b'\t' | b'\r' | b'\n');
        self.text(file).iter().find(is_passed) == Some(&b'<')
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

//! Parts of a feed again, after it was read: a record here and there, by its bytes.
//!
//! ```text
//!  plain file          ─▶ read where it stands
//!  gzip, zstd, zip     ─▶ unpacked once more, the wanted parts copied to a temporary file
//!  standard input, pipe ─▶ copied to a temporary file before it is read for the first time
//! ```

use super::discover::{FeedOrigin, FeedSource};
use super::error::InputError;
use super::input::{Digesting, Input};
use super::limits::InputLimits;
use super::wrapping::Wrapping;
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use tempfile::NamedTempFile;

/// A part of a feed: where it begins and how many bytes it has, decompressed.
pub type Part = (u64, u64);

/// What was read before is not there any more.
#[derive(Debug, thiserror::Error)]
#[error("it is shorter than when it was read first: somebody has changed it; start again")]
struct Shorter;

/// A feed that can be read again.
#[derive(Debug)]
pub struct Recall {
    source: FeedSource,
    limits: InputLimits,
    form: Form,
    /// Keeps the copy of a stream until the last part was read.
    _spool: Option<NamedTempFile>,
}

#[derive(Debug)]
enum Form {
    Plain(PathBuf),
    Packed,
    Extracted(NamedTempFile, Vec<Extract>),
}

/// Where a part stands in the temporary file.
#[derive(Debug)]
struct Extract {
    start: u64,
    at: u64,
}

impl Recall {
    /// Makes a feed ready to be read more than once: a stream is copied first.
    ///
    /// # Errors
    ///
    /// The feed cannot be opened or read, or the copy cannot be written.
    pub fn prepare(source: &FeedSource, limits: &InputLimits) -> Result<Self, InputError> {
        let failed = |error| InputError::Read { feed: source.name.to_string(), source: error };
        let path = match &source.origin {
            FeedOrigin::File(path) if path.is_file() => path.clone(),
            _ => {
                let spool = spooled(source, limits)?;
                let origin = FeedOrigin::File(spool.path().to_owned());
                let copy = FeedSource { origin, ..source.clone() };
                let form = Form::Plain(spool.path().to_owned());
                return Ok(Self { source: copy, limits: *limits, form, _spool: Some(spool) });
            }
        };
        let opened = |error| InputError::Open { feed: source.name.to_string(), source: error };
        let mut first = Vec::new();
        let file = File::open(&path).map_err(opened)?;
        file.take(Wrapping::SIGNATURE_BYTES as u64).read_to_end(&mut first).map_err(failed)?;
        let form = if Wrapping::of(&first) == Wrapping::Plain { Form::Plain(path) } else { Form::Packed };
        Ok(Self { source: source.clone(), limits: *limits, form, _spool: None })
    }

    /// The feed as it is to be opened for the first pass.
    #[must_use]
    pub fn source(&self) -> &FeedSource {
        &self.source
    }

    /// Whether parts can only be had after [`extract`](Self::extract).
    #[must_use]
    pub fn needs_extracts(&self) -> bool {
        matches!(self.form, Form::Packed)
    }

    /// Unpacks the feed once more and keeps these parts, which stand in the order of the feed.
    ///
    /// # Errors
    ///
    /// The feed cannot be read as before, or the temporary file cannot be written.
    pub fn extract(&mut self, parts: impl IntoIterator<Item = Part>) -> Result<(), InputError> {
        let failed = |error| InputError::Read { feed: self.source.name.to_string(), source: error };
        let mut input = Input::open(&self.source, &self.limits, Digesting::Never)?;
        let mut out = BufWriter::new(NamedTempFile::new().map_err(failed)?);
        let (mut position, mut at, mut extracts) = (0, 0, Vec::new());
        for (start, length) in parts {
            copy(&mut input, &mut io::sink(), start.saturating_sub(position)).map_err(failed)?;
            copy(&mut input, &mut out, length).map_err(failed)?;
            position = start + length;
            extracts.push(Extract { start, at });
            at += length;
        }
        let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
        self.form = Form::Extracted(file, extracts);
        Ok(())
    }

    /// A reader of parts, one for each thread.
    ///
    /// # Errors
    ///
    /// The file cannot be opened again.
    pub fn reader(&self) -> Result<PartReader<'_>, InputError> {
        let failed = |error| InputError::Open { feed: self.source.name.to_string(), source: error };
        let file = match &self.form {
            Form::Plain(path) => File::open(path).map_err(failed)?,
            Form::Extracted(file, _) => file.reopen().map_err(failed)?,
            Form::Packed => return Err(failed(io::Error::other("its parts were not extracted"))),
        };
        Ok(PartReader { recall: self, file })
    }
}

/// Reads parts of a feed.
#[derive(Debug)]
pub struct PartReader<'a> {
    recall: &'a Recall,
    file: File,
}

impl PartReader<'_> {
    /// The bytes of a part.
    ///
    /// # Errors
    ///
    /// They cannot be read: the file has changed or gone.
    pub fn read(&mut self, (start, length): Part, bytes: &mut Vec<u8>) -> Result<(), InputError> {
        let at = match &self.recall.form {
            Form::Extracted(_, extracts) => {
                let found = extracts.binary_search_by_key(&start, |extract| extract.start);
                found.map_or(u64::MAX, |found| extracts[found].at)
            }
            _ => start,
        };
        let failed = |error| InputError::Read { feed: self.recall.source.name.to_string(), source: error };
        self.file.seek(SeekFrom::Start(at)).map_err(failed)?;
        bytes.clear();
        let read = (&mut self.file).take(length).read_to_end(bytes).map_err(failed)?;
        if read as u64 == length { Ok(()) } else { Err(failed(io::Error::other(Shorter))) }
    }
}

/// A stream, decoded, in a file.
fn spooled(source: &FeedSource, limits: &InputLimits) -> Result<NamedTempFile, InputError> {
    let failed = |error| InputError::Read { feed: source.name.to_string(), source: error };
    let mut input = Input::open(source, limits, Digesting::Never)?;
    let mut spool = NamedTempFile::new().map_err(failed)?;
    io::copy(&mut input, &mut spool).map_err(failed)?;
    spool.flush().map_err(failed)?;
    Ok(spool)
}

fn copy(input: &mut Input, out: &mut impl Write, bytes: u64) -> io::Result<()> {
    match io::copy(&mut input.take(bytes), out)? {
        copied if copied == bytes => Ok(()),
        _ => Err(io::Error::other(Shorter)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"<list><a>one</a><b>two</b><c>three</c></list>";

    #[track_caller]
    fn case(bytes: &[u8], needs_extracts: bool) {
        let mut file = NamedTempFile::new().expect("a temporary file");
        file.write_all(bytes).expect("written");
        let source = FeedSource::file(file.path().to_owned());
        let mut recall = Recall::prepare(&source, &InputLimits::default()).expect("readable");
        assert_eq!(recall.needs_extracts(), needs_extracts);
        if needs_extracts {
            assert!(recall.reader().is_err());
            recall.extract([(6, 10), (26, 12)]).expect("readable");
        }
        let mut reader = recall.reader().expect("readable");
        let mut part = Vec::new();
        for (wanted, expected) in [((26, 12), "<c>three</c>"), ((6, 10), "<a>one</a>")] {
            reader.read(wanted, &mut part).expect("readable");
            assert_eq!(String::from_utf8_lossy(&part), expected);
        }
        assert!(reader.read((40, 10), &mut part).is_err(), "beyond the end, or not extracted");
    }

    #[test]
    fn parts_are_had_again_from_any_wrapping() {
        case(TEXT, false);
        case(&zstd::encode_all(TEXT, 0).expect("encodes"), true);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(TEXT).expect("writes to memory");
        case(&gzip.finish().expect("writes to memory"), true);
    }
}

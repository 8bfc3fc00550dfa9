//! A feed, opened: decoded bytes under caps, its digest and how far reading has come.

use super::capped::Capped;
use super::digest::{Digest, DigestSlot, Hashing, digest_reader};
use super::discover::{FeedOrigin, FeedSource};
use super::error::InputError;
use super::keep::Tee;
use super::limits::InputLimits;
use super::meter::{Meter, Metered};
use super::stand::{Stand, Steady, Unsettled};
use super::wrapping::{self, Wrapping};
use super::zip_member::{self, Member};
use crate::xml::{PackingCutOff, Rest};
use std::fs::{self, File, Metadata};
use std::io::{self, Cursor, Read, Seek};
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

/// When the digest of the delivered bytes is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digesting {
    /// Not at all.
    Never,
    /// While reading; known at the end of the input. That of an archive is known at once: it is not read in order.
    WhileReading,
}

/// A feed opened for reading: decoded, capped, measured.
pub struct Input {
    reader: Box<dyn Read + Send>,
    name: Arc<str>,
    meter: Arc<Meter>,
    delivered_bytes: Option<u64>,
    digest: DigestSlot,
    /// The file and how it stood when it was opened.
    stood: Option<(File, Stand)>,
}

impl Input {
    /// Opens a feed and unwraps it by its first bytes.
    pub fn open(feed: &FeedSource, limits: &InputLimits, digesting: Digesting) -> Result<Self, InputError> {
        let opening = Opening::new(feed, *limits, digesting);
        match &feed.origin {
            FeedOrigin::Stdin => opening.stream(io::stdin()),
            FeedOrigin::Copied { stream, copy } => {
                let stream: Box<dyn Read + Send> = match stream {
                    Some(path) => Box::new(opening.read(File::open(path))?),
                    None => Box::new(io::stdin()),
                };
                let tee = opening.read(Tee::new(stream, copy))?;
                opening.stream(tee)
            }
            FeedOrigin::File(path) => {
                let (file, data) = open_file(feed, path)?;
                // A pipe or device cannot be read twice, nor from its end.
                if !data.is_file() {
                    return opening.stream(file);
                }
                let stand = Stand::of(&data);
                stand.is_settled(feed.settle, SystemTime::now()).map_err(|source| unsettled(feed, source))?;
                opening.settled_file(file, stand, data.len())
            }
        }
    }

    /// Unwraps bytes that are at hand, by the first of them; `name` is for people.
    pub fn of_bytes(name: &str, bytes: Vec<u8>, limits: &InputLimits) -> Result<Self, InputError> {
        let feed = FeedSource { name: name.into(), ..FeedSource::stdin() };
        Opening::new(&feed, *limits, Digesting::Never).stream(Cursor::new(bytes))
    }

    /// Name for people; the member of an archive stands behind a `!`.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// How far reading has come, shared with whoever shows progress.
    #[must_use]
    pub fn meter(&self) -> &Arc<Meter> {
        &self.meter
    }

    /// How many bytes will be read from the source, when that is known.
    #[must_use]
    pub fn delivered_bytes(&self) -> Option<u64> {
        self.delivered_bytes
    }

    /// Whether the file stands as it did when it was opened.
    ///
    /// # Errors
    ///
    /// Somebody is still writing it: what was read is no feed yet.
    pub fn is_kept(&self) -> io::Result<()> {
        self.stood.as_ref().map_or(Ok(()), |(file, stand)| stand.is_kept(file))
    }

    /// Digest of the delivered bytes, once known (see [`Digesting`]).
    #[must_use]
    pub fn digest(&self) -> Option<Digest> {
        self.digest.get().copied()
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer)
    }
}

/// What a file is before anything of it is read: its name as a feed, and its bytes as delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Name for people; the member of an archive stands behind a `!`.
    pub name: Arc<str>,
    /// Digest of the delivered bytes.
    pub digest: Digest,
    /// How many they are.
    pub delivered_bytes: u64,
}

/// Hashes a file as it lies there, packed where it is. Nothing for what gives its bytes only once, and for a file with
/// which anything is wrong: whoever reads it tells what that is.
#[must_use]
pub fn identify(feed: &FeedSource, limits: &InputLimits) -> Option<Identity> {
    let FeedOrigin::File(path) = &feed.origin else { return None };
    let (mut file, data) = open_file(feed, path).ok()?;
    if !data.is_file() {
        return None;
    }
    let stand = Stand::of(&data);
    stand.is_settled(feed.settle, SystemTime::now()).ok()?;
    let first = first_bytes(&mut file).ok()?;
    file.rewind().ok()?;
    let (name, digest) = if Wrapping::of(&first) == Wrapping::Zip {
        let opened = Opening::new(feed, *limits, Digesting::WhileReading);
        let input = opened.file(file.try_clone().ok()?, stand, data.len()).ok()?;
        (Arc::clone(input.name()), input.digest()?)
    } else {
        (Arc::clone(&feed.name), digest_reader(&mut file).ok()?)
    };
    stand.is_kept(&file).ok()?;
    Some(Identity { name, digest, delivered_bytes: data.len() })
}

/// The steps of opening one feed, with what each of them needs.
struct Opening<'a> {
    name: &'a Arc<str>,
    limits: InputLimits,
    digesting: Digesting,
    meter: Arc<Meter>,
    digest: DigestSlot,
}

impl<'a> Opening<'a> {
    fn new(feed: &'a FeedSource, limits: InputLimits, digesting: Digesting) -> Self {
        Self { name: &feed.name, limits, digesting, meter: Arc::default(), digest: DigestSlot::default() }
    }

    /// A file that is compared with itself, before and after.
    fn settled_file(self, file: File, stand: Stand, delivered: u64) -> Result<Input, InputError> {
        let name = Arc::clone(self.name);
        let read = |source| InputError::Read { feed: name.to_string(), source };
        let witness = file.try_clone().map_err(read)?;
        match self.file(file, stand, delivered) {
            Ok(input) => Ok(Input { stood: Some((witness, stand)), ..input }),
            // An archive that is not all there yet looks damaged.
            Err(error) => Err(stand.is_kept(&witness).map_or_else(read, |()| error)),
        }
    }

    fn file(self, mut file: File, stand: Stand, delivered: u64) -> Result<Input, InputError> {
        let first = self.read(first_bytes(&mut file))?;
        let wrapping = Wrapping::of(&first);
        self.read(file.rewind())?;
        let digests = self.digesting == Digesting::WhileReading;
        if digests && wrapping == Wrapping::Zip {
            let digest = self.read(digest_reader(&mut file))?;
            self.digest.set(digest).expect("the slot is new");
            self.read(file.rewind())?;
        }
        match wrapping {
            Wrapping::Zip => self.zip(file),
            wrapping if digests => Ok(self.unwrapped(wrapping, Steady::new(file, stand), Some(delivered))),
            wrapping => {
                let metered = Metered::new(Steady::new(file, stand), Arc::clone(&self.meter));
                Ok(self.decoded(wrapping, metered, Some(delivered)))
            }
        }
    }

    fn stream(self, mut stream: impl Read + Send + 'static) -> Result<Input, InputError> {
        let first = self.read(first_bytes(&mut stream))?;
        let wrapping = Wrapping::of(&first);
        let whole = Cursor::new(first).chain(stream);
        match wrapping {
            Wrapping::Zip => self.spooled_zip(whole),
            wrapping if self.digesting == Digesting::Never => {
                let metered = Metered::new(whole, Arc::clone(&self.meter));
                Ok(self.decoded(wrapping, metered, None))
            }
            wrapping => Ok(self.unwrapped(wrapping, whole, None)),
        }
    }

    /// Hashed while it is read.
    fn unwrapped(self, wrapping: Wrapping, raw: impl Read + Send + 'static, delivered: Option<u64>) -> Input {
        let metered = Metered::new(raw, Arc::clone(&self.meter));
        let hashed = Hashing::new(metered, Arc::clone(&self.digest));
        self.decoded(wrapping, hashed, delivered)
    }

    fn decoded(self, wrapping: Wrapping, raw: impl Read + Send + 'static, delivered: Option<u64>) -> Input {
        let decoder: Box<dyn Read + Send> = match wrapping {
            Wrapping::Gzip => wrapping::gzip(raw),
            Wrapping::Zstd => wrapping::zstd(raw),
            Wrapping::Plain | Wrapping::Zip => Box::new(raw),
        };
        let name = Arc::clone(self.name);
        self.finished(decoder, name, delivered)
    }

    /// Spooled to a nameless file first: the directory of an archive stands at its end.
    fn spooled_zip(self, stream: impl Read + Send + 'static) -> Result<Input, InputError> {
        let mut spool = self.read(tempfile::tempfile())?;
        let hashed = Hashing::new(stream, Arc::clone(&self.digest));
        // What is delivered passes no decoder: the meter counts it, so the ratio is one.
        let meter = Arc::new(Meter::default());
        let mut capped = Capped::new(Metered::new(hashed, Arc::clone(&meter)), meter, self.limits);
        self.read(io::copy(&mut capped, &mut spool))?;
        self.zip(spool)
    }

    fn zip(self, file: File) -> Result<Input, InputError> {
        let Some(end) = self.read(zip_member::end(&file))? else {
            let name = Arc::clone(self.name);
            return Ok(self.finished(Box::new(CutOff("zip")), name, None));
        };
        let member = Member::find(self.name, &file, end)?;
        let packed = self.read(member.packed(file))?;
        let delivered = packed.limit();
        let decoder = member.unpack(Metered::new(packed, Arc::clone(&self.meter)));
        let name = format!("{}!{}", self.name, member.name).into();
        Ok(self.finished(decoder, name, Some(delivered)))
    }

    fn finished(self, decoder: Box<dyn Read + Send>, name: Arc<str>, delivered_bytes: Option<u64>) -> Input {
        let reader = Box::new(Capped::new(decoder, Arc::clone(&self.meter), self.limits));
        Input { reader, name, meter: self.meter, delivered_bytes, digest: self.digest, stood: None }
    }

    fn read<T>(&self, result: io::Result<T>) -> Result<T, InputError> {
        result.map_err(|source| InputError::Read { feed: self.name.to_string(), source })
    }
}

/// Packed data of which nothing can be read, since it is cut off.
struct CutOff(&'static str);

impl Read for CutOff {
    fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
        Err(PackingCutOff { packing: self.0, rest: Rest::Absent }.into())
    }
}

/// Opens a file; says of a link that leads nowhere that it is one.
pub(super) fn open_file(feed: &FeedSource, path: &Path) -> Result<(File, Metadata), InputError> {
    let name = || feed.name.to_string();
    let opened = File::open(path).and_then(|file| file.metadata().map(|data| (file, data)));
    opened.map_err(|source| match fs::read_link(path) {
        Ok(target) if source.kind() == io::ErrorKind::NotFound => {
            InputError::Dangling { feed: name(), target: target.to_string_lossy().into_owned() }
        }
        _ => InputError::Open { feed: name(), source },
    })
}

/// What a feed is not to be used for yet.
pub(super) fn unsettled(feed: &FeedSource, source: Unsettled) -> InputError {
    InputError::Unsettled { feed: feed.name.to_string(), source }
}

/// The first few bytes; fewer only at the end.
fn first_bytes(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut first = Vec::with_capacity(Wrapping::SIGNATURE_BYTES);
    reader.take(Wrapping::SIGNATURE_BYTES as u64).read_to_end(&mut first)?;
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::write::SimpleFileOptions;

    const TEXT: &[u8] = b"<a>text</a>";

    fn gzipped(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text).expect("writes to memory");
        encoder.finish().expect("writes to memory")
    }

    fn zipped(members: &[(&str, &[u8])], options: SimpleFileOptions) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in members {
            writer.start_file(*name, options).expect("starts");
            writer.write_all(text).expect("writes to memory");
        }
        writer.finish().expect("finishes").into_inner()
    }

    fn deflated(members: &[(&str, &[u8])]) -> Vec<u8> {
        zipped(members, SimpleFileOptions::default())
    }

    #[test]
    fn bytes_at_hand_are_unwrapped_under_the_same_limits() {
        let exact = InputLimits { decoded_bytes_max: TEXT.len() as u64, ..InputLimits::default() };
        let read_under = |bytes: Vec<u8>, limits: InputLimits| {
            let mut input = Input::of_bytes("feed", bytes, &limits).expect("opens");
            let mut text = Vec::new();
            input.read_to_end(&mut text).map(|_| text).map_err(|error| error.to_string())
        };
        let read = |bytes| read_under(bytes, exact);
        for bytes in [TEXT.to_vec(), gzipped(TEXT)] {
            assert_eq!(read(bytes), Ok(TEXT.to_vec()));
        }
        // An archive is longer than what is in it, and all of it is taken in first.
        let archive = deflated(&[("a.xml", TEXT)]);
        assert_eq!(read_under(archive, InputLimits::default()), Ok(TEXT.to_vec()));
        assert!(read(gzipped(&[TEXT, b" "].concat())).is_err());
    }

    /// Opens the bytes as a file and as a stream; both must say the same. Gives name and text.
    fn open(bytes: &[u8], limits: InputLimits) -> Result<(String, Vec<u8>), String> {
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(bytes).expect("written");
        file.rewind().expect("rewound");
        let source = FeedSource::file("feed".into());
        let from_file = Opening::new(&source, limits, Digesting::WhileReading);
        let stand = Stand::of(&file.metadata().expect("it is open"));
        let from_file = from_file.settled_file(file, stand, bytes.len() as u64);
        let from_file = drained(from_file, bytes);
        let stream = Cursor::new(bytes.to_vec());
        let from_stream = Opening::new(&source, limits, Digesting::WhileReading).stream(stream);
        let from_stream = drained(from_stream, bytes);
        assert_eq!(from_file, from_stream);
        from_file
    }

    fn drained(input: Result<Input, InputError>, raw: &[u8]) -> Result<(String, Vec<u8>), String> {
        let mut input = input.map_err(|error| match std::error::Error::source(&error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        })?;
        let mut text = Vec::new();
        input.read_to_end(&mut text).map_err(|error| error.to_string())?;
        assert_eq!(input.digest(), Some(Digest::of(raw)), "the digest is that of the delivered bytes");
        if let Some(expected) = input.delivered_bytes() {
            assert_eq!(input.meter().bytes(), expected, "the meter ends where it was said to");
        }
        Ok((input.name().to_string(), text))
    }

    #[track_caller]
    fn case(bytes: &[u8], name: &str) {
        let expected = Ok((name.to_owned(), TEXT.to_vec()));
        assert_eq!(open(bytes, InputLimits::default()), expected);
    }

    #[track_caller]
    fn refused(bytes: &[u8], part: &str) {
        let error = open(bytes, InputLimits::default()).expect_err("must be refused");
        assert!(error.contains(part), "{error}");
    }

    #[test]
    fn every_wrapping_is_read_as_it_is() {
        case(TEXT, "feed");
        case(&gzipped(TEXT), "feed");
        case(&zstd::encode_all(TEXT, 0).expect("encodes"), "feed");
        case(&deflated(&[("inner.xml", TEXT)]), "feed!inner.xml");
        let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        case(&zipped(&[("in/ner.xml", TEXT)], stored), "feed!in/ner.xml");
    }

    #[test]
    fn a_file_is_known_by_its_bytes_as_they_were_delivered() {
        let folder = tempfile::tempdir().expect("a folder");
        let identity = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).expect("written");
            (identify(&FeedSource::file(path.clone()), &InputLimits::default()), path.display().to_string())
        };
        for (name, bytes, member) in [
            ("a.xml", TEXT.to_vec(), ""),
            ("a.xml.gz", gzipped(TEXT), ""),
            ("a.zip", deflated(&[("inner.xml", TEXT)]), "!inner.xml"),
        ] {
            let (found, path) = identity(name, &bytes);
            let found = found.expect("a file");
            assert_eq!((found.digest, found.delivered_bytes), (Digest::of(&bytes), bytes.len() as u64));
            assert_eq!(&*found.name, format!("{path}{member}"));
        }
        // What is wrong with it is told by whoever reads it.
        assert_eq!(
            identify(&FeedSource::file(folder.path().join("none.xml")), &InputLimits::default()),
            None
        );
        assert_eq!(identify(&FeedSource::stdin(), &InputLimits::default()), None);
        let young = FeedSource {
            settle: std::time::Duration::from_hours(1),
            ..FeedSource::file(folder.path().join("a.xml"))
        };
        assert_eq!(identify(&young, &InputLimits::default()), None, "somebody may be writing it");
    }

    #[test]
    fn what_file_managers_add_to_an_archive_does_not_count() {
        let archive = deflated(&[("__MACOSX/._a.xml", b"x"), ("a.xml", TEXT), (".DS_Store", b"x")]);
        case(&archive, "feed!a.xml");
    }

    #[test]
    fn a_feed_is_found_among_other_files() {
        let utf_16 = b"\xff\xfe<\0a\0/\0>\0";
        let page = b"<html/>";
        case(
            &deflated(&[("cover.jpg", b"\xff\xd8"), ("in/A.XML", TEXT), ("readme.html", page)]),
            "feed!in/A.XML",
        );
        case(&deflated(&[("readme", b"read me"), ("feed", TEXT), ("._feed.xml", b"x")]), "feed!feed");
        refused(&deflated(&[("a.xml", TEXT), ("b", utf_16)]), "holds 2 feeds, such as `a.xml` and `b`");
        refused(
            &deflated(&[("a.onx", TEXT), ("b.dat", b" \n<a/>")]),
            "holds 2 feeds, such as `a.onx` and `b.dat`",
        );
        refused(
            &deflated(&[("a.jpg", b"a"), ("b.txt", b"b")]),
            "holds 2 files and none that looks like a feed",
        );
    }

    #[test]
    fn looked_into_max() {
        let archive = |others: usize| {
            let names: Vec<_> = (0..others).map(|number| number.to_string()).collect();
            let others = names.iter().map(|name| (name.as_str(), &b"x"[..]));
            deflated(&others.chain([("a.xml", TEXT)]).collect::<Vec<_>>())
        };
        case(&archive(1_000), "feed!a.xml");
        refused(&archive(1_001), "holds 1002 files");
    }

    #[test]
    fn nothing_is_read_as_nothing() {
        for (bytes, name) in
            [(vec![], "feed"), (gzipped(b""), "feed"), (deflated(&[("a.xml", b"")]), "feed!a.xml")]
        {
            assert_eq!(open(&bytes, InputLimits::default()), Ok((name.to_owned(), Vec::new())));
        }
    }

    #[test]
    fn an_archive_must_hold_one_readable_file() {
        refused(&deflated(&[]), "holds no file");
        refused(&deflated(&[("a.xml", TEXT), ("b.xml", TEXT)]), "holds 2 feeds, such as `a.xml` and `b.xml`");
        let mut secret = deflated(&[("a.xml", TEXT)]);
        let directory = secret.windows(4).position(|four| four == b"PK\x01\x02").expect("a directory");
        secret[6] |= 1;
        secret[directory + 8] |= 1;
        refused(&secret, "is encrypted: decrypt it first");
    }

    #[test]
    fn an_archive_cut_anywhere_is_told() {
        let whole = deflated(&[("a.xml", TEXT)]);
        for end in 2..whole.len() {
            refused(&whole[..end], "the zip data ends early");
        }
    }

    #[test]
    fn what_stands_behind_an_archive_does_not_cut_it_off() {
        let whole = deflated(&[("a.xml", TEXT)]);
        for behind in [b"\0".to_vec(), b"junk".to_vec(), vec![0; 100], vec![0; 70_000], vec![b'x'; 200_000]] {
            case(&[whole.clone(), behind].concat(), "feed!a.xml");
        }
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        writer.set_comment("x".repeat(65_535)).expect("short enough");
        writer.start_file("a.xml", SimpleFileOptions::default()).expect("starts");
        writer.write_all(TEXT).expect("writes to memory");
        let commented = writer.finish().expect("finishes").into_inner();
        case(&commented, "feed!a.xml");
        refused(&commented[..commented.len() - 1], "the zip data ends early");
    }

    #[test]
    fn documents_that_come_as_archives_are_named() {
        let case = |members: &[(&str, &[u8])], what: &str| refused(&deflated(members), what);
        let types = ("[Content_Types].xml", TEXT);
        let office = [types, ("xl/workbook.xml", TEXT), ("xl/styles.xml", TEXT)];
        case(&office, "`feed` is an Excel workbook (xlsx), no feed");
        case(&[types, ("word/document.xml", TEXT)], "is a Word document (docx)");
        let container = ("META-INF/container.xml", TEXT);
        case(&[("mimetype", b"application/epub+zip"), container], "is an e-book (EPUB)");
        let sheet = b"application/vnd.oasis.opendocument.spreadsheet";
        case(&[("mimetype", sheet), ("content.xml", TEXT)], "is an OpenDocument spreadsheet (ods)");
        case(&[container, ("score.xml", TEXT)], "is an e-book or a score");
        case(&[("META-INF/MANIFEST.MF", b"x"), ("a.xml", TEXT)], "is a program (Java archive)");
        case(&[types, ("a.xml", TEXT)], "holds 2 feeds");
    }

    #[test]
    fn an_archive_in_a_cut_one_does_not_end_it() {
        let inner = deflated(&[("inner.xml", TEXT)]);
        let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        let whole = zipped(&[("in.zip", &inner), ("b.xml", &TEXT.repeat(50))], stored);
        let end = whole.windows(inner.len()).position(|bytes| bytes == inner).expect("stored") + inner.len();
        for end in [end, end + 1, end + 100] {
            refused(&whole[..end], "the zip data ends early");
        }
        case(&zipped(&[("a.xml", TEXT)], stored), "feed!a.xml");
    }

    #[test]
    fn a_damaged_member_is_told() {
        let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        let mut archive = zipped(&[("a.xml", TEXT)], stored);
        let at = archive.windows(4).position(|four| four == b"text").expect("the text");
        archive[at] = b'T';
        refused(&archive, "checksum");
    }

    #[test]
    fn decoded_bytes_max_counts_what_was_unpacked() {
        let limits = |max| InputLimits { decoded_bytes_max: max, ..InputLimits::default() };
        let packed = gzipped(&[b'x'; 10_000]);
        assert!(open(&packed, limits(10_000)).is_ok());
        let error = open(&packed, limits(9_999)).expect_err("too long");
        assert!(error.contains("`decoded_bytes_max`"), "{error}");
    }

    #[test]
    fn a_bomb_is_met_by_its_ratio() {
        let limits = InputLimits { ratio_free_bytes: 1000, ..InputLimits::default() };
        let bomb = gzipped(&vec![0; 4_000_000]);
        let error = open(&bomb, limits).expect_err("a bomb");
        assert!(error.contains("more than 250 times"), "{error}");
    }
}

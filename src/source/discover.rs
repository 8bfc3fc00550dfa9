//! From what was named on the command line to the feeds that are meant.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// So many folders may lie inside each other.
const FOLDER_DEPTH_MAX: usize = 64;

/// So many feeds one call may take.
const FEEDS_MAX: usize = 1_000_000;

/// Endings of files that a folder offers as feeds; a file named outright may be called anything.
pub(super) const ENDINGS: &[&str] = &["xml", "onx", "onix"];

/// Endings that may follow: how the file is packed.
const PACKINGS: &[&str] = &["gz", "zst", "zstd", "zip"];

/// Where the bytes of a feed lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedOrigin {
    /// A file, pipe or device.
    File(PathBuf),
    /// Standard input.
    Stdin,
    /// A stream that leaves a copy while it is read.
    Copied {
        /// The pipe or device; `None` for standard input.
        stream: Option<PathBuf>,
        /// The file that gets the copy.
        copy: PathBuf,
    },
}

/// A feed that is meant, not opened yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedSource {
    /// Name for people: the path as it was given or found, `-` for standard input.
    pub name: Arc<str>,
    /// Where its bytes lie.
    pub origin: FeedOrigin,
    /// How long a file must have been left alone before it is read; zero when that does not matter.
    pub settle: Duration,
}

impl FeedSource {
    /// A feed of that name, wherever it lies.
    #[must_use]
    pub fn new(name: Arc<str>, origin: FeedOrigin) -> Self {
        Self { name, origin, settle: Duration::ZERO }
    }

    /// Standard input.
    #[must_use]
    pub fn stdin() -> Self {
        Self::new("-".into(), FeedOrigin::Stdin)
    }

    /// A file.
    #[must_use]
    pub fn file(path: PathBuf) -> Self {
        Self::new(shown(&path).into(), FeedOrigin::File(path))
    }

    /// Bytes that lie where the feed was delivered, or where a stream has left its copy; nothing when they are gone.
    #[must_use]
    pub fn left_bytes(&self) -> Option<u64> {
        match &self.origin {
            FeedOrigin::Stdin => None,
            FeedOrigin::File(path) | FeedOrigin::Copied { copy: path, .. } => {
                fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|data| data.len())
            }
        }
    }

    /// Size of the delivered file, when it is one; that of a file that cannot be looked at is zero.
    #[must_use]
    pub fn delivered_bytes(&self) -> Option<u64> {
        match &self.origin {
            FeedOrigin::Stdin | FeedOrigin::Copied { .. } => None,
            FeedOrigin::File(path) => match fs::metadata(path) {
                Ok(data) => data.is_file().then_some(data.len()),
                Err(_) => Some(0),
            },
        }
    }
}

/// Why the feeds cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum DiscoverError {
    /// Nothing of that name.
    #[error("there is no file or folder `{0}`: check the path")]
    Missing(String),
    /// A folder or file that the system does not let us look at.
    #[error("cannot look at `{path}`")]
    Unreadable {
        /// Its path.
        path: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A folder without feeds.
    #[error(
        "the folder `{folder}` holds no feeds ({others} other files): feeds end in .xml, .onx or .onix, \
         packed ones in .gz, .zst or .zip behind that; a file named outright may be called anything"
    )]
    NoFeeds {
        /// Its path.
        folder: String,
        /// How many files it holds that are no feeds.
        others: usize,
    },
    /// `-` more than once.
    #[error("`-` may be named once: standard input can be read only once")]
    StdinTwice,
    /// Folders nested too deeply.
    #[error(
        "`{0}` lies more than {FOLDER_DEPTH_MAX} folders deep (`FOLDER_DEPTH_MAX`): name a folder further down"
    )]
    TooDeep(String),
    /// Too many feeds.
    #[error("more than {FEEDS_MAX} feeds (`FEEDS_MAX`): import the folders one after another")]
    TooMany,
}

/// The feeds meant by paths, folders searched all the way down, in the order of their names.
/// What is named twice is meant once. A folder without feeds is an error. Files of folders must have been left alone
/// for `settle` when their turn comes.
pub fn discover(arguments: &[PathBuf], settle: Duration) -> Result<Discovered, DiscoverError> {
    let mut found = discover_any(arguments, settle)?;
    if found.without.is_empty() { Ok(found) } else { Err(found.without.swap_remove(0)) }
}

/// The same, where a folder may be without feeds.
pub fn discover_any(arguments: &[PathBuf], settle: Duration) -> Result<Discovered, DiscoverError> {
    let mut search = Search { settle, ..Search::default() };
    for argument in arguments {
        search.argument(argument)?;
    }
    Ok(Discovered { feeds: search.feeds, without: search.without, folders: search.folders })
}

/// What is meant by paths.
#[derive(Debug)]
pub struct Discovered {
    /// The feeds.
    pub feeds: Vec<FeedSource>,
    /// Folders without any, each told as the error that it may be.
    pub without: Vec<DiscoverError>,
    /// True paths of the folders that were searched, each level down.
    pub folders: Vec<PathBuf>,
}

#[derive(Default)]
struct Search {
    feeds: Vec<FeedSource>,
    /// Files and folders already taken, by their true path: links may lead in circles.
    seen: HashSet<PathBuf>,
    /// Feeds met in the folder at hand, new or known.
    met: usize,
    /// Files met there that are no feeds.
    others: usize,
    /// Folders that were named and hold no feeds.
    without: Vec<DiscoverError>,
    /// Folders that were searched, by their true path.
    folders: Vec<PathBuf>,
    /// How long files of folders must have been left alone.
    settle: Duration,
}

impl Search {
    fn argument(&mut self, path: &Path) -> Result<(), DiscoverError> {
        if path.as_os_str() == "-" {
            if self.feeds.iter().any(|feed| feed.origin == FeedOrigin::Stdin) {
                return Err(DiscoverError::StdinTwice);
            }
            self.feeds.push(FeedSource::stdin());
            return Ok(());
        }
        let metadata = fs::metadata(path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => DiscoverError::Missing(shown(path)),
            _ => DiscoverError::Unreadable { path: shown(path), source },
        })?;
        if !metadata.is_dir() {
            let is_new = self.is_new(path)?;
            return self.add(is_new.then(|| FeedSource::file(path.to_owned())));
        }
        if !self.is_new(path)? {
            return Ok(());
        }
        (self.met, self.others) = (0, 0);
        self.folder(path, 0)?;
        if self.met == 0 {
            self.without.push(DiscoverError::NoFeeds { folder: shown(path), others: self.others });
        }
        Ok(())
    }

    /// Takes a feed, if it is a new one.
    fn add(&mut self, feed: Option<FeedSource>) -> Result<(), DiscoverError> {
        self.feeds.extend(feed);
        if self.feeds.len() > FEEDS_MAX { Err(DiscoverError::TooMany) } else { Ok(()) }
    }

    fn folder(&mut self, folder: &Path, depth: usize) -> Result<(), DiscoverError> {
        if depth > FOLDER_DEPTH_MAX {
            return Err(DiscoverError::TooDeep(shown(folder)));
        }
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let entries = match entries {
            // Whoever opens it as a feed is told why it cannot be looked at; its neighbours are none the worse.
            Err(_) if depth > 0 => return self.unseen(folder),
            entries => entries.map_err(|source| DiscoverError::Unreadable { path: shown(folder), source })?,
        };
        self.folders.extend(fs::canonicalize(folder));
        let mut paths: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
        paths.sort_unstable();
        paths.iter().filter(|path| !is_hidden(path)).try_for_each(|path| self.entry(path, depth))
    }

    fn entry(&mut self, path: &Path, depth: usize) -> Result<(), DiscoverError> {
        match fs::metadata(path) {
            Ok(data) if data.is_dir() => match self.is_new(path) {
                Ok(true) => self.folder(path, depth + 1),
                Ok(false) => Ok(()),
                // It has gone since it was listed.
                Err(_) => self.unseen(path),
            },
            Ok(data) if data.is_file() && is_feed(path) => match self.is_new(path) {
                Ok(is_new) => {
                    self.met += 1;
                    let settle = self.settle;
                    self.add(is_new.then(|| FeedSource { settle, ..FeedSource::file(path.to_owned()) }))
                }
                Err(_) => self.unseen(path),
            },
            // A link that leads nowhere may have led to a folder of feeds.
            Err(_) if is_feed(path) || path.extension().is_none() => self.unseen(path),
            _ => {
                self.others += 1;
                Ok(())
            }
        }
    }

    /// Takes what cannot be looked at for a feed, so that it is told as one that cannot be read.
    fn unseen(&mut self, path: &Path) -> Result<(), DiscoverError> {
        self.met += 1;
        let is_new = self.seen.insert(path.to_owned());
        self.add(is_new.then(|| FeedSource::file(path.to_owned())))
    }

    fn is_new(&mut self, path: &Path) -> Result<bool, DiscoverError> {
        let unreadable = |source| DiscoverError::Unreadable { path: shown(path), source };
        let true_path = fs::canonicalize(path).map_err(unreadable)?;
        Ok(self.seen.insert(true_path))
    }
}

/// A path as text. Bytes that are none are told one by one: two files whose names differ in them are two feeds.
fn shown(path: &Path) -> String {
    path.as_os_str().as_encoded_bytes().utf8_chunks().fold(String::new(), |mut text, chunk| {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            write!(text, "\\x{byte:02x}").expect("writes to memory");
        }
        text
    })
}

/// Whether a search passes it over.
pub(super) fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// By ending: `.xml`, `.xml.gz`, `.zip`, in any case.
pub(super) fn is_feed(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let mut parts = name.rsplit('.');
    let last = parts.next().unwrap_or_default();
    let ends_as_feed = |part: &str| ENDINGS.contains(&part);
    name.contains('.')
        && (ends_as_feed(last)
            || last == "zip"
            || PACKINGS.contains(&last) && parts.next().is_some_and(ends_as_feed))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes the files, discovers the arguments, compares names relative to the folder.
    #[track_caller]
    fn case(files: &[&str], arguments: &[&str], expected: Result<&[&str], &str>) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().expect("inside the folder")).expect("made");
            fs::write(path, "<a/>").expect("written");
        }
        let paths: Vec<_> = arguments
            .iter()
            .map(|each| if *each == "-" { PathBuf::from("-") } else { folder.path().join(each) })
            .collect();
        let root = format!("{}/", folder.path().display());
        let found = discover(&paths, Duration::ZERO).map_err(|error| error.to_string().replace(&root, ""));
        let names = found
            .map(|found| found.feeds.iter().map(|feed| feed.name.replace(&root, "")).collect::<Vec<_>>());
        match (names, expected) {
            (Ok(names), Ok(expected)) => assert_eq!(names, expected),
            (Err(error), Err(part)) => assert!(error.contains(part), "{error}"),
            (found, expected) => panic!("{found:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn a_folder_gives_its_feeds_in_order() {
        let files = ["b.XML", "a/z.xml.gz", "a/y.onx", "c.zip", "d.xml.zst", ".hidden.xml", ".git/x.xml"];
        case(&files, &["."], Ok(&["./a/y.onx", "./a/z.xml.gz", "./b.XML", "./c.zip", "./d.xml.zst"]));
    }

    #[test]
    fn other_files_are_no_feeds_unless_named() {
        case(&["a.txt", "xml", "b.tar.gz", "c.xml"], &["."], Ok(&["./c.xml"]));
        case(&["a.txt"], &["a.txt"], Ok(&["a.txt"]));
        case(&[".hidden.xml"], &[".hidden.xml"], Ok(&[".hidden.xml"]));
    }

    #[test]
    fn what_is_named_twice_is_meant_once() {
        case(&["a.xml", "b.xml"], &["b.xml", ".", "a.xml"], Ok(&["b.xml", "./a.xml"]));
    }

    #[test]
    fn what_cannot_be_is_told() {
        case(&[], &["nowhere.xml"], Err("there is no file or folder `nowhere.xml`"));
        case(&["empty/a.txt"], &["empty"], Err("the folder `empty` holds no feeds (1 other files)"));
        case(&["empty/deep/.x.xml"], &["empty"], Err("holds no feeds (0 other files)"));
        case(&[], &["-", "-"], Err("`-` may be named once"));
    }

    #[test]
    fn folder_depth_max() {
        let deep = |levels: usize| format!("{}a.xml", "d/".repeat(levels));
        let most = deep(FOLDER_DEPTH_MAX);
        case(&[&most], &["."], Ok(&[&format!("./{most}")]));
        case(&[&deep(FOLDER_DEPTH_MAX + 1)], &["."], Err("`FOLDER_DEPTH_MAX`"));
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_no_text_are_told_apart() {
        use std::os::unix::ffi::OsStrExt;
        let names = [&b"a\xff.xml"[..], b"a\xfe.xml", "ä.xml".as_bytes()];
        let shown = names.map(|name| shown(Path::new(std::ffi::OsStr::from_bytes(name))));
        assert_eq!(shown, ["a\\xff.xml", "a\\xfe.xml", "ä.xml"]);
    }

    #[test]
    fn what_has_gone_since_it_was_listed_is_told_as_a_feed() {
        let mut search = Search::default();
        for (path, is_feed) in [("gone/a.xml", true), ("gone/folder", true), ("gone/a.txt", false)] {
            search.entry(Path::new(path), 1).expect("its neighbours are none the worse");
            assert_eq!(search.feeds.iter().any(|feed| &*feed.name == path), is_feed, "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_in_a_circle_end() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("a.xml"), "<a/>").expect("written");
        std::os::unix::fs::symlink(folder.path(), folder.path().join("again")).expect("linked");
        let found = discover(&[folder.path().to_owned()], Duration::ZERO).expect("discovers");
        assert_eq!(found.feeds.len(), 1);
    }
}

//! What is read, so that nothing that is written takes its place.
//!
//! A file is known by its device and inode: links, hard links and other spellings of its path are the same file. A
//! folder that is searched for feeds owns every name in it that the next search would take for a feed.

use super::discover::{Discovered, FeedOrigin, FeedSource, is_feed, is_hidden};
use std::collections::{HashMap, HashSet};
use std::fs::{self, File, Metadata};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Device and inode.
type FileId = (u64, u64);

/// Files and folders that a command reads.
#[derive(Debug, Default)]
pub struct Inputs {
    files: HashMap<FileId, String>,
    /// True paths of folders whose feeds are read, each level down.
    folders: HashSet<PathBuf>,
    /// True paths of files that are read or made, whether they are there yet or not.
    places: HashMap<PathBuf, String>,
    /// True paths of folders whose schema documents and profiles may be read, each level down.
    documents: Vec<PathBuf>,
    /// True paths that something is written to.
    outputs: HashSet<PathBuf>,
}

/// How the files are called that stand beside a database of SQLite while it is open.
const BESIDE_DATABASE: [&str; 3] = ["-wal", "-shm", "-journal"];
/// How the names of schema documents and profiles end.
const DOCUMENT_ENDINGS: [&str; 3] = ["xsd", "toml", "dtd"];

/// Why something cannot be written where it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// It would take the place of something that is read.
    #[error("`{output}` would be written over {input}, which is read here: name another file")]
    Input {
        /// Where it was to be written.
        output: String,
        /// What is read there, in words.
        input: String,
    },
    /// It would take the place of a schema document, or become one.
    #[error(
        "`{output}` lies in the folder of schema documents `{folder}` and is called like one: name another file"
    )]
    Document {
        /// Where it was to be written.
        output: String,
        /// The folder.
        folder: String,
    },
    /// Two reports would go to one file.
    #[error("`{0}` gets another report already: each has a file of its own")]
    Twice(String),
    /// It is no file, but as other programs call standard output.
    #[error("`-` is no file: `--report FORM` writes to standard output")]
    Dash,
    /// The next call would read it as a feed.
    #[error(
        "`{output}` lies in a folder of feeds and is called like one: the next call would read it as a feed; write \
         it elsewhere, or let its name end otherwise"
    )]
    Feed {
        /// Where it was to be written.
        output: String,
    },
    /// There is no folder for it.
    #[error("there is no folder `{folder}` for `{output}`: make it, or name another file")]
    NoFolder {
        /// Where it was to be written.
        output: String,
        /// The folder that is missing.
        folder: String,
    },
    /// A folder stands there.
    #[error("`{0}` is a folder: name a file")]
    Folder(String),
    /// What the shell has opened for the program is one of its inputs.
    #[error("{stream} goes to {input}, which is read here: let it go elsewhere")]
    Stream {
        /// Which stream.
        stream: &'static str,
        /// What is read there, in words.
        input: String,
    },
}

impl Inputs {
    /// Notes a file that is read; `words` say which one. What is not there, or is no file, is in no danger.
    pub fn file(&mut self, path: &Path, words: String) {
        if let Ok(data) = fs::metadata(path) {
            self.note(&data, words);
        }
    }

    /// Notes the file of a database, which may be made only later, and those that stand beside it.
    pub fn database(&mut self, path: &Path, words: &str) {
        self.file(path, words.to_owned());
        let path = true_path(path);
        for ending in BESIDE_DATABASE {
            let mut beside = path.clone().into_os_string();
            beside.push(ending);
            self.places.insert(beside.into(), format!("a file of {words}"));
        }
        self.places.insert(path, words.to_owned());
    }

    /// Notes a folder whose schema documents and profiles may be read, or a document whose folder is such a one.
    pub fn documents(&mut self, path: &Path) {
        let folder = if path.is_dir() { path } else { folder_of(path) };
        self.documents.extend(fs::canonicalize(folder).ok());
    }

    /// Notes feeds, and the folders that were searched for them.
    pub fn discovered(&mut self, found: &Discovered) {
        self.feeds(&found.feeds);
        self.folders.extend(found.folders.iter().cloned());
    }

    /// Notes feeds that are read.
    pub fn feeds(&mut self, feeds: &[FeedSource]) {
        for feed in feeds {
            match &feed.origin {
                FeedOrigin::File(path) => self.file(path, format!("the feed `{}`", feed.name)),
                FeedOrigin::Stdin | FeedOrigin::Copied { stream: None, .. } => {
                    if let Some(data) = opened(io::stdin()) {
                        self.note(&data, "standard input".to_owned());
                    }
                }
                FeedOrigin::Copied { stream: Some(_), .. } => {}
            }
        }
    }

    fn note(&mut self, data: &Metadata, words: String) {
        if data.is_file() {
            self.files.entry(id(data)).or_insert(words);
        }
    }

    /// Whether something may be written to a file that is named.
    ///
    /// # Errors
    ///
    /// It would take the place of something that is read or of another report, or be read as a feed by the next call;
    /// there is no folder for it, or a folder in its place.
    pub fn admit(&mut self, output: &Path) -> Result<(), OutputError> {
        let shown = || output.to_string_lossy().into_owned();
        let folder = folder_of(output);
        if output == Path::new("-") {
            return Err(OutputError::Dash);
        }
        if !folder.is_dir() {
            return Err(OutputError::NoFolder { output: shown(), folder: folder.to_string_lossy().into() });
        }
        if let Ok(data) = fs::metadata(output) {
            if data.is_dir() {
                return Err(OutputError::Folder(shown()));
            }
            if let Some(input) = self.input(&data) {
                return Err(OutputError::Input { output: shown(), input });
            }
            if !data.is_file() {
                return Ok(());
            }
        }
        let path = true_path(output);
        if let Some(input) = self.places.get(&path).cloned() {
            return Err(OutputError::Input { output: shown(), input });
        }
        if self.reads(output) || self.reads(&path) {
            return Err(OutputError::Feed { output: shown() });
        }
        if let Some(folder) =
            self.documents.iter().find(|folder| is_document(&path) && path.starts_with(folder))
        {
            return Err(OutputError::Document { output: shown(), folder: folder.to_string_lossy().into() });
        }
        if self.outputs.insert(path) { Ok(()) } else { Err(OutputError::Twice(shown())) }
    }

    /// Whether standard output and standard error, as whoever started the program opened them, lead elsewhere.
    ///
    /// # Errors
    ///
    /// One of them leads to something that is read.
    pub fn admit_streams(&self) -> Result<(), OutputError> {
        let streams = [("standard output", opened(io::stdout())), ("standard error", opened(io::stderr()))];
        for (stream, data) in streams {
            if let Some(input) = data.and_then(|data| self.input(&data)) {
                return Err(OutputError::Stream { stream, input });
            }
        }
        Ok(())
    }

    fn input(&self, data: &Metadata) -> Option<String> {
        self.files.get(&id(data)).filter(|_| data.is_file()).cloned()
    }

    /// Whether a search of the folders would take a file of this path for a feed.
    fn reads(&self, path: &Path) -> bool {
        let is_searched = || {
            let folder = fs::canonicalize(folder_of(path));
            folder.is_ok_and(|folder| self.folders.contains(&folder))
        };
        is_feed(path) && !is_hidden(path) && is_searched()
    }
}

fn id(data: &Metadata) -> FileId {
    (data.dev(), data.ino())
}

/// The path without links and detours, also of a file that is not there yet.
fn true_path(path: &Path) -> PathBuf {
    let of_folder = || Some(fs::canonicalize(folder_of(path)).ok()?.join(path.file_name()?));
    fs::canonicalize(path).ok().or_else(of_folder).unwrap_or_else(|| path.to_owned())
}

/// Whether a file is called as schema documents and profiles are.
fn is_document(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    ending.is_some_and(|ending| DOCUMENT_ENDINGS.contains(&&*ending))
}

/// The folder that a path lies in.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// What a stream leads to, whoever opened it.
fn opened(stream: impl AsFd) -> Option<Metadata> {
    File::from(stream.as_fd().try_clone_to_owned().ok()?).metadata().ok()
}

#[cfg(test)]
mod tests {
    use super::super::discover::discover;
    use super::*;
    use std::os::unix::fs::symlink;

    /// A folder with the feed `feeds/deep/a.xml`, links to it, and what is read there.
    fn desk() -> (tempfile::TempDir, Inputs) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::create_dir_all(path("feeds/deep")).expect("made");
        fs::create_dir_all(path("feeds/.hidden")).expect("made");
        fs::create_dir(path("out")).expect("made");
        fs::write(path("feeds/deep/a.xml"), "<a/>").expect("written");
        symlink(path("feeds/deep/a.xml"), path("out/link")).expect("linked");
        symlink(path("feeds/deep"), path("out/there")).expect("linked");
        symlink(path("feeds/new.xml"), path("out/new")).expect("linked");
        fs::hard_link(path("feeds/deep/a.xml"), path("out/hard")).expect("linked");
        let mut inputs = Inputs::default();
        inputs.discovered(&discover(&[path("feeds")], std::time::Duration::ZERO).expect("found"));
        (folder, inputs)
    }

    #[test]
    fn a_database_that_is_still_to_be_made_is_not_written_over() {
        let (folder, mut inputs) = desk();
        let path = |name: &str| folder.path().join(name);
        inputs.database(&path("out/shop.db"), "the database `shop.db`");
        for output in
            ["out/shop.db", "out/../out/shop.db-wal", "out/shop.db-journal", "feeds/../out/shop.db-shm"]
        {
            let error = inputs.admit(&path(output)).expect_err(output).to_string();
            assert!(error.contains("the database `shop.db`, which is read here"), "{error}");
        }
        inputs.admit(&path("out/shop.db.json")).expect("another file");
    }

    #[test]
    fn schema_documents_are_not_written_over_nor_added() {
        let (folder, mut inputs) = desk();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("out/main.xsd"), "").expect("written");
        inputs.documents(&path("out/main.xsd"));
        inputs.documents(&path("feeds"));
        for output in ["out/common.XSD", "feeds/deep/installed.toml", "out/there/b.xsd"] {
            let error = inputs.admit(&path(output)).expect_err(output).to_string();
            assert!(error.contains("in the folder of schema documents"), "{error}");
        }
        inputs.admit(&path("out/report.html")).expect("no document");
    }

    #[test]
    fn two_reports_have_two_files() {
        let (folder, mut inputs) = desk();
        inputs.admit(&folder.path().join("out/report.json")).expect("it is free");
        let again = inputs.admit(&folder.path().join("feeds/../out/report.json")).expect_err("it is taken");
        assert!(again.to_string().contains("gets another report already"), "{again}");
        assert!(matches!(inputs.admit(Path::new("-")), Err(OutputError::Dash)));
        for _ in 0..2 {
            inputs.admit(Path::new("/dev/null")).expect("a device takes everything");
        }
    }

    #[track_caller]
    fn case(output: &str, expected: Option<&str>) {
        let (folder, mut inputs) = desk();
        let found = inputs.admit(&folder.path().join(output)).map_err(|error| error.to_string());
        match (found, expected) {
            (Ok(()), None) => {}
            (Err(error), Some(part)) => assert!(error.contains(part), "{error}"),
            (found, expected) => panic!("{output}: {found:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn what_is_read_is_not_written_over_whatever_it_is_called() {
        for output in ["feeds/deep/a.xml", "feeds/../feeds/deep/./a.xml", "out/link", "out/hard"] {
            case(output, Some("would be written over the feed"));
        }
        case("out/there/a.xml", Some("would be written over the feed"));
    }

    #[test]
    fn what_would_be_a_feed_is_not_written_among_them() {
        for output in ["feeds/report.xml", "feeds/deep/b.XML.gz", "out/there/b.xml"] {
            case(output, Some("the next call would read it as a feed"));
        }
        for output in
            ["feeds/report.json", "feeds/.report.xml", "feeds/.hidden/b.xml", "out/b.xml", "out/new"]
        {
            case(output, None);
        }
    }

    #[test]
    fn there_has_to_be_a_place() {
        case("nowhere/report.json", Some("there is no folder"));
        case("feeds/deep/a.xml/report.json", Some("there is no folder"));
        case("out", Some("is a folder: name a file"));
        let (_folder, mut inputs) = desk();
        inputs.admit(Path::new("/dev/null")).expect("a device takes everything");
    }
}

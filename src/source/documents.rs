//! Where schema documents may come from: a closed set, nothing else.
//!
//! A `schemaLocation` is a wish. It is granted when the document lies inside a root: the folder of the
//! schema, a folder named by `--schema-root` or by `--schemas`, links followed. `..` leads from one root
//! into another and nowhere outside; nothing is ever fetched from a network.

use super::embedded::EmbeddedDocument;
use crate::xsd::SchemaLimits;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Bytes of one schema document.
const SCHEMA_DOCUMENT_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Why a document of the set cannot be had; what to do included.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// Nowhere in the set.
    #[error("there is no `{name}` in {places}")]
    Absent {
        /// The document.
        name: String,
        /// Where it was looked for.
        places: String,
    },
    /// A URL, and no copy of the file at hand.
    #[error("the network is never asked, and there is no copy called `{name}` in {places}")]
    Remote {
        /// Last part of the URL.
        name: String,
        /// Where it was looked for.
        places: String,
    },
    /// Outside of the set.
    #[error(
        "`{name}`{} lies outside of {places}: name a folder that holds it by `--schema-root`, or copy it there",
        path_of(.name, .path)
    )]
    Outside {
        /// The document.
        name: String,
        /// The file that it is.
        path: PathBuf,
        /// What it should lie in.
        places: String,
    },
    /// Longer than a schema document may be.
    #[error("`{name}` is longer than {SCHEMA_DOCUMENT_BYTES_MAX} bytes (`SCHEMA_DOCUMENT_BYTES_MAX`)")]
    TooLong {
        /// The document.
        name: String,
    },
    /// The system does not let us read it.
    #[error("cannot read `{name}`: {source}")]
    Read {
        /// The document.
        name: String,
        /// What the system said; part of the message, because an engine takes it as one sentence.
        source: io::Error,
    },
}

/// The path of a document behind its name, where that does not say it.
fn path_of(name: &str, path: &Path) -> String {
    if Path::new(name) == path { String::new() } else { format!(" (`{}`)", path.display()) }
}

/// A closed set of schema documents, asked by location.
#[derive(Clone, Debug)]
pub struct Documents {
    kind: Kind,
    /// What a schema that is made of them may cost.
    limits: SchemaLimits,
}

#[derive(Clone, Debug)]
enum Kind {
    Embedded(&'static [EmbeddedDocument]),
    /// Any file, wherever a location leads.
    Files,
    /// Documents at hand, by their path.
    Memory(BTreeMap<String, Vec<u8>>),
    /// The schema's own folder as its locations write it, and the other roots.
    Folders {
        own: PathBuf,
        others: Vec<PathBuf>,
    },
}

impl Documents {
    fn of(kind: Kind) -> Self {
        Self { kind, limits: SchemaLimits::default() }
    }

    /// The same, for schemas that may cost more, or less.
    #[must_use]
    pub fn within(self, limits: SchemaLimits) -> Self {
        Self { limits, ..self }
    }

    /// What a schema that is made of them may cost.
    #[must_use]
    pub fn limits(&self) -> SchemaLimits {
        self.limits
    }

    /// Documents that are part of the program; a location is a name.
    pub(crate) fn embedded(documents: &'static [EmbeddedDocument]) -> Self {
        Self::of(Kind::Embedded(documents))
    }

    /// Any file of this machine, by path or `file:` URL: for suites whose documents refer to each other
    /// by `../`. Never for a feed.
    #[must_use]
    pub fn files() -> Self {
        Self::of(Kind::Files)
    }

    /// Documents at hand; a location is a path among them.
    #[must_use]
    pub fn memory(documents: BTreeMap<String, Vec<u8>>) -> Self {
        Self::of(Kind::Memory(documents))
    }

    /// Documents inside a folder and the folders beside it; locations begin with the folder's path.
    #[must_use]
    pub fn folder(own: &Path, others: &[PathBuf]) -> Self {
        let own = if own.as_os_str().is_empty() { PathBuf::from(".") } else { own.to_owned() };
        Self::of(Kind::Folders { own, others: others.to_owned() })
    }

    /// The location of a document by its name in the set.
    #[must_use]
    pub fn location(&self, name: &str) -> String {
        match &self.kind {
            Kind::Embedded(_) | Kind::Memory(_) | Kind::Files => name.to_owned(),
            Kind::Folders { own, .. } if own.as_os_str() == "." => name.to_owned(),
            Kind::Folders { own, .. } => own.join(name).to_string_lossy().into_owned(),
        }
    }

    /// The bytes of a document.
    pub fn fetch(&self, location: &str) -> Result<Vec<u8>, DocumentError> {
        match &self.kind {
            Kind::Embedded(documents) => documents
                .iter()
                .find(|document| document.name == location)
                .map(|document| document.text.as_bytes().to_vec())
                .ok_or_else(|| self.missing(location)),
            Kind::Files => self.file(location),
            Kind::Memory(documents) => {
                let found = documents.get(&local_name(location));
                found.cloned().ok_or_else(|| self.missing(location))
            }
            Kind::Folders { own, others } => {
                let roots: Vec<PathBuf> =
                    [own].into_iter().chain(others).filter_map(|root| root.canonicalize().ok()).collect();
                let mut outside = None;
                for wanted in
                    candidates(own, others, location).into_iter().chain(decoded(own, others, location))
                {
                    match fs::canonicalize(&wanted) {
                        Ok(path) if roots.iter().any(|root| path.starts_with(root)) => {
                            return read(location, &path);
                        }
                        Ok(path) => outside = outside.or(Some(path)),
                        Err(error) if is_absence(&error) => {}
                        Err(source) => return Err(DocumentError::Read { name: location.to_owned(), source }),
                    }
                }
                Err(match outside {
                    Some(path) => self.outside(location, path),
                    None => self.missing(location),
                })
            }
        }
    }

    fn file(&self, location: &str) -> Result<Vec<u8>, DocumentError> {
        let path = match (file_path(location), remote_name(location)) {
            (Some(path), _) => path,
            (None, Some(_)) => return Err(self.missing(location)),
            (None, None) => PathBuf::from(location),
        };
        let absent = || DocumentError::Absent { name: location.to_owned(), places: self.places() };
        match read(location, &path) {
            Err(DocumentError::Read { source, .. }) if is_absence(&source) => Err(absent()),
            read => read,
        }
    }

    fn missing(&self, location: &str) -> DocumentError {
        match remote_name(location).filter(|_| file_path(location).is_none()) {
            Some(name) => DocumentError::Remote { name: name.to_owned(), places: self.places() },
            None => DocumentError::Absent { name: location.to_owned(), places: self.places() },
        }
    }

    fn outside(&self, location: &str, path: PathBuf) -> DocumentError {
        DocumentError::Outside { name: location.to_owned(), path, places: self.places() }
    }

    fn places(&self) -> String {
        match &self.kind {
            Kind::Embedded(_) => "the documents of the program".to_owned(),
            Kind::Files => "the file system".to_owned(),
            Kind::Memory(_) => "the documents at hand".to_owned(),
            Kind::Folders { own, others } => {
                let mut quoted: Vec<String> = Vec::new();
                for path in [own].into_iter().chain(others) {
                    let path = format!("`{}`", path.display());
                    if !quoted.contains(&path) {
                        quoted.push(path);
                    }
                }
                quoted.join(" or ")
            }
        }
    }
}

/// The name under which a copy answers for a URL; a path stays what it is.
pub(crate) fn local_name(location: &str) -> String {
    remote_name(location).unwrap_or(location).to_owned()
}

/// Last part of a URL; `None` for a path.
fn remote_name(location: &str) -> Option<&str> {
    let (scheme, rest) = location.split_once(':')?;
    let is_scheme =
        scheme.len() > 1 && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    is_scheme.then(|| rest.rsplit('/').next().unwrap_or(rest))
}

/// The path of a `file:` URL of this machine, escapes resolved.
fn file_path(location: &str) -> Option<PathBuf> {
    let rest = location.strip_prefix("file:")?;
    let path = rest.strip_prefix("//localhost").or_else(|| rest.strip_prefix("//")).unwrap_or(rest);
    path.starts_with('/').then(|| PathBuf::from(unescaped(path)))
}

/// `%20` and the like as the characters they stand for; left as they are where they stand for none.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = (*first == b'%').then(|| after.get(..2)).flatten().and_then(hexadecimal);
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    digits
        .iter()
        .try_fold(0, |value, byte| Some(value * 16 + digit(*byte)?))
        .and_then(|v| u8::try_from(v).ok())
}

/// Where a location may be found, in the order of trying.
fn candidates(own: &Path, others: &[PathBuf], location: &str) -> Vec<PathBuf> {
    if let Some(name) = remote_name(location) {
        return [own]
            .into_iter()
            .chain(others.iter().map(PathBuf::as_path))
            .filter(|_| !name.is_empty())
            .map(|root| root.join(name))
            .collect();
    }
    let path = Path::new(location);
    let relative = path.strip_prefix(own).unwrap_or(path);
    let beside = others.iter().map(|root| root.join(relative));
    [path.to_owned()].into_iter().chain(beside).collect()
}

/// The same for a location that is written as an address is: of a file, or with escapes. What it says is judged as a
/// path like any other.
fn decoded(own: &Path, others: &[PathBuf], location: &str) -> Vec<PathBuf> {
    if let Some(path) = file_path(location) {
        return vec![path];
    }
    let plain = unescaped(location);
    if plain == location || remote_name(location).is_some() {
        Vec::new()
    } else {
        candidates(own, others, &plain)
    }
}

fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn read(name: &str, path: &Path) -> Result<Vec<u8>, DocumentError> {
    let failed = |source| DocumentError::Read { name: name.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    read_capped(name, file)
}

/// All bytes of a document, up to the limit.
pub(crate) fn read_capped(name: &str, reader: impl Read) -> Result<Vec<u8>, DocumentError> {
    let mut bytes = Vec::new();
    let read = reader.take(SCHEMA_DOCUMENT_BYTES_MAX + 1).read_to_end(&mut bytes);
    read.map_err(|source| DocumentError::Read { name: name.to_owned(), source })?;
    if bytes.len() as u64 > SCHEMA_DOCUMENT_BYTES_MAX {
        return Err(DocumentError::TooLong { name: name.to_owned() });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `schema/` is the own folder, `beside/` one of `--schemas`, `secret.xsd` lies outside of both.
    #[track_caller]
    fn case(location: &str, expected: Result<&str, &str>) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path();
        for (path, text) in [
            ("schema/main.xsd", "main"),
            ("schema/deep/part.xsd", "part"),
            ("schema/xml.xsd", "copy"),
            ("schema/C one.xsd", "escaped"),
            ("schema/100%25.xsd", "as written"),
            ("beside/common.xsd", "common"),
            ("secret.xsd", "secret"),
        ] {
            let path = root.join(path);
            fs::create_dir_all(path.parent().expect("inside")).expect("made");
            fs::write(path, text).expect("written");
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(root.join("secret.xsd"), root.join("schema/link.xsd")).expect("linked");
        let documents = Documents::folder(&root.join("schema"), &[root.join("beside")]);
        let location = location.replace("ROOT", &root.display().to_string());
        let found = documents.fetch(&location).map_err(|error| error.to_string());
        match (found, expected) {
            (Ok(bytes), Ok(text)) => assert_eq!(bytes, text.as_bytes()),
            (Err(error), Err(part)) => assert!(error.contains(part), "{error}"),
            (found, expected) => panic!("{found:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn documents_of_the_folder_and_beside_it_are_found() {
        case("ROOT/schema/main.xsd", Ok("main"));
        case("ROOT/schema/deep/part.xsd", Ok("part"));
        case("ROOT/schema/deep/../main.xsd", Ok("main"));
        case("ROOT/schema/common.xsd", Ok("common"));
        case("ROOT/schema/../beside/common.xsd", Ok("common"));
        case("ROOT/beside/common.xsd", Ok("common"));
    }

    #[test]
    fn a_copy_answers_for_a_url() {
        case("http://www.w3.org/2001/xml.xsd", Ok("copy"));
        case("http://www.w3.org/2001/other.xsd", Err("the network is never asked"));
        case("file:///none/xml.xsd", Ok("copy"));
        case("file:///etc/passwd", Err("lies outside of"));
    }

    #[test]
    fn addresses_of_files_and_escapes_are_read_as_paths() {
        case("ROOT/schema/C%20one.xsd", Ok("escaped"));
        case("ROOT/schema/100%25.xsd", Ok("as written"));
        case("file://ROOT/schema/main.xsd", Ok("main"));
        case("file:ROOT/schema/C%20one.xsd", Ok("escaped"));
        case("file://localhostROOT/beside/common.xsd", Ok("common"));
        case("file://ROOT/secret.xsd", Err("lies outside of"));
        case("ROOT/schema/%2e%2e/secret.xsd", Err("lies outside of"));
        case("ROOT/schema/..%2Fsecret.xsd", Err("lies outside of"));
        case("file://ROOT/schema/none.xsd", Err("there is no `"));
    }

    #[test]
    fn each_root_is_told_once() {
        let folder = PathBuf::from("schema");
        let documents =
            Documents::folder(&folder, &[folder.clone(), PathBuf::from("beside"), folder.clone()]);
        assert_eq!(documents.places(), "`schema` or `beside`");
    }

    #[test]
    fn nothing_leads_outside() {
        case("ROOT/schema/../secret.xsd", Err("lies outside of"));
        case("ROOT/secret.xsd", Err("lies outside of"));
        case("/etc/passwd", Err("lies outside of"));
        case("http://host/..", Err("lies outside of"));
        #[cfg(unix)]
        case("ROOT/schema/link.xsd", Err("lies outside of"));
    }

    #[test]
    fn a_refusal_says_which_path_lies_outside_of_which_roots() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().canonicalize().expect("a path");
        for inner in ["maindoc", "common"] {
            fs::create_dir(root.join(inner)).expect("made");
        }
        fs::write(root.join("common/c.xsd"), "c").expect("written");
        let (own, name) = (root.join("maindoc"), root.join("maindoc/../common/c.xsd"));
        let fetch = |others: &[PathBuf]| Documents::folder(&own, others).fetch(&name.to_string_lossy());
        let error = fetch(&[]).expect_err("it lies outside").to_string();
        let expected = format!(
            "`{}` (`{}`) lies outside of `{}`: name a folder",
            name.display(),
            root.join("common/c.xsd").display(),
            own.display()
        );
        assert!(error.starts_with(&expected), "{error}");
        assert_eq!(fetch(std::slice::from_ref(&root)).ok().as_deref(), Some(&b"c"[..]));
        assert_eq!(fetch(&[root.join("common")]).ok().as_deref(), Some(&b"c"[..]));
    }

    #[test]
    fn what_is_nowhere_is_told() {
        case("ROOT/schema/none.xsd", Err("there is no `"));
    }

    #[test]
    fn a_suite_reads_any_file_and_no_network() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("a b.xsd"), "text").expect("written");
        let root = folder.path().display();
        let fetch = |location: &str| Documents::files().fetch(location).map_err(|error| error.to_string());
        for location in
            [format!("{root}/a b.xsd"), format!("file://{root}/a%20b.xsd"), format!("{root}/./a b.xsd")]
        {
            assert_eq!(fetch(&location).as_deref(), Ok("text".as_bytes()), "{location}");
        }
        assert!(fetch(&format!("file:{root}/a%2")).is_err_and(|error| error.contains("there is no `")));
        assert!(
            fetch("http://www.w3.org/a%20b.xsd").is_err_and(|error| error.contains("network is never asked"))
        );
    }

    #[test]
    fn schema_document_bytes_max() {
        let read =
            |length: u64| read_capped("a.xsd", io::repeat(b' ').take(length)).map(|bytes| bytes.len() as u64);
        assert!(matches!(read(SCHEMA_DOCUMENT_BYTES_MAX), Ok(SCHEMA_DOCUMENT_BYTES_MAX)));
        assert!(matches!(read(SCHEMA_DOCUMENT_BYTES_MAX + 1), Err(DocumentError::TooLong { .. })));
    }
}

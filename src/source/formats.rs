//! The formats at hand: those of the program, and those of a folder laid out the same way.
//!
//! ```text
//!  FOLDER/<format>/<version>/profile.toml      a format of your own, or another profile for one of ours
//!                            *.xsd             its schema documents
//!                            installed.toml    what `schema install` put there, with digests
//! ```

use super::digest::{Digest, digest_file};
use super::documents::Documents;
use super::embedded;
use crate::xsd::SchemaLimits;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// File that holds the profile of a format.
const PROFILE_FILE: &str = "profile.toml";

/// File in which an installation is recorded.
pub(super) const RECORD_FILE: &str = "installed.toml";

/// Bytes of one profile.
const PROFILE_BYTES_MAX: u64 = 1024 * 1024;

/// A format in one of its versions, such as `onix/3.0`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FormatId {
    name: String,
    version: String,
}

/// The text is no `FORMAT/VERSION`.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no format: write it as `onix/3.0`, in small letters, digits, `.`, `-` and `_`")]
pub struct FormatIdError(String);

impl FormatId {
    /// A format by name and version.
    pub fn new(name: &str, version: &str) -> Result<Self, FormatIdError> {
        // Both become folder names: nothing that could lead elsewhere.
        let plain = |part: &str| {
            let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
            !part.is_empty() && !part.starts_with('.') && part.len() <= 64 && part.chars().all(known)
        };
        if plain(name) && plain(version) {
            Ok(Self { name: name.to_owned(), version: version.to_owned() })
        } else {
            Err(FormatIdError(format!("{name}/{version}")))
        }
    }

    /// The format without its version.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its folder below a folder of formats.
    #[must_use]
    pub fn folder(&self, root: &Path) -> PathBuf {
        root.join(&self.name).join(&self.version)
    }
}

impl FromStr for FormatId {
    type Err = FormatIdError;

    fn from_str(text: &str) -> Result<Self, FormatIdError> {
        let (name, version) = text.split_once('/').ok_or_else(|| FormatIdError(text.to_owned()))?;
        Self::new(name, version)
    }
}

impl fmt::Display for FormatId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.name, self.version)
    }
}

/// Where the schema documents of a format are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentState {
    /// Part of the program.
    Embedded,
    /// Installed, and as they were installed.
    Installed,
    /// Installed, and changed or removed since: these.
    Changed(Vec<String>),
    /// In the folder without a record of an installation.
    Unrecorded,
    /// Nowhere: to be installed.
    Missing,
}

/// A format at hand.
#[derive(Clone, Debug)]
pub struct Format {
    /// Name and version.
    pub id: FormatId,
    /// Text of its profile.
    pub profile: String,
    /// File of its profile, for messages; the program's own are named by their place in the source.
    pub profile_file: String,
    /// Folder with its documents, or where they belong once installed.
    folder: Option<PathBuf>,
    embedded: Option<&'static embedded::EmbeddedFormat>,
    /// What its schemas may cost.
    limits: SchemaLimits,
}

impl Format {
    /// The same, for schemas that may cost more, or less.
    #[must_use]
    pub fn within(self, limits: SchemaLimits) -> Self {
        Self { limits, ..self }
    }

    /// What its schemas may cost.
    #[must_use]
    pub fn limits(&self) -> SchemaLimits {
        self.limits
    }

    /// Its schema documents; `None` when they have to be installed first.
    #[must_use]
    pub fn documents(&self) -> Option<Documents> {
        if let Some(folder) = self.installed_folder() {
            return Some(Documents::folder(folder, &[]).within(self.limits));
        }
        let embedded = self.embedded.filter(|format| !format.documents.is_empty());
        embedded.map(|format| Documents::embedded(format.documents).within(self.limits))
    }

    /// Where its schema documents are; looks at every byte of them.
    pub fn document_state(&self) -> io::Result<DocumentState> {
        let Some(folder) = self.installed_folder() else {
            let embedded = self.embedded.is_some_and(|format| !format.documents.is_empty());
            return Ok(if embedded { DocumentState::Embedded } else { DocumentState::Missing });
        };
        match Record::read(folder)? {
            None => Ok(DocumentState::Unrecorded),
            Some(record) => {
                let changed = record.changed(folder);
                Ok(if changed.is_empty() {
                    DocumentState::Installed
                } else {
                    DocumentState::Changed(changed)
                })
            }
        }
    }

    fn installed_folder(&self) -> Option<&Path> {
        self.folder.as_deref().filter(|folder| holds_documents(folder))
    }
}

fn holds_documents(folder: &Path) -> bool {
    let is_schema = |entry: fs::DirEntry| {
        entry.path().extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xsd"))
    };
    fs::read_dir(folder).is_ok_and(|mut entries| entries.any(|entry| entry.is_ok_and(is_schema)))
}

/// What an installation put into a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Where the documents were copied from.
    pub source: String,
    /// When, in UTC.
    pub installed_at: String,
    /// Each document with its SHA-256 digest.
    pub documents: BTreeMap<String, String>,
}

impl Record {
    /// The record in a folder, if there is one.
    pub fn read(folder: &Path) -> io::Result<Option<Self>> {
        match fs::read_to_string(folder.join(RECORD_FILE)) {
            Ok(text) => toml::from_str(&text).map(Some).map_err(io::Error::other),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Documents that are not as they were installed, or gone.
    fn changed(&self, folder: &Path) -> Vec<String> {
        let is_as_recorded = |name: &str, digest: &str| {
            digest_file(&folder.join(name)).is_ok_and(|found| found.to_string() == digest)
        };
        let changed = self.documents.iter().filter(|(name, digest)| !is_as_recorded(name, digest));
        changed.map(|(name, _)| name.clone()).collect()
    }

    /// Notes a document.
    pub fn note(&mut self, name: &str, bytes: &[u8]) {
        self.documents.insert(name.to_owned(), Digest::of(bytes).to_string());
    }
}

/// Why the formats cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum FormatsError {
    /// A folder of formats that was named is not there.
    #[error("there is no folder `{}` (named by `--schemas` or `FEEDGATE_SCHEMAS`): make it, or name another",
        .0.display())]
    NoFolder(PathBuf),
    /// A folder or profile cannot be read.
    #[error("cannot read `{}`", .path.display())]
    Read {
        /// Its path.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A profile in a folder whose name is none of a format.
    #[error("the profile `{}` lies in a folder that names no format", .path.display())]
    Name {
        /// Its path.
        path: PathBuf,
        /// What is wrong with the name.
        #[source]
        source: FormatIdError,
    },
    /// A profile of a senseless length.
    #[error("the profile `{}` is longer than {PROFILE_BYTES_MAX} bytes (`PROFILE_BYTES_MAX`)", .0.display())]
    TooLong(PathBuf),
}

/// Where formats of a folder are looked for.
#[derive(Clone, Debug)]
pub enum SchemaFolder {
    /// Named by the user: must be there.
    Named(PathBuf),
    /// The usual place: may be absent.
    Usual(PathBuf),
    /// No place at all.
    None,
}

impl SchemaFolder {
    /// Its path.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Named(path) | Self::Usual(path) => Some(path),
            Self::None => None,
        }
    }
}

/// Every format at hand, in the order of their names.
pub fn formats(folder: &SchemaFolder) -> Result<Vec<Format>, FormatsError> {
    let mut found = BTreeMap::new();
    for format in embedded::FORMATS {
        let id = FormatId { name: format.name.to_owned(), version: format.version.to_owned() };
        let own = folder.path().map(|root| id.folder(root));
        let profile_file = format!("schemas/{id}/{PROFILE_FILE}");
        let profile = format.profile.to_owned();
        let limits = SchemaLimits::default();
        found.insert(
            id.clone(),
            Format { id, profile, profile_file, folder: own, embedded: Some(format), limits },
        );
    }
    match folder {
        SchemaFolder::Named(path) if !path.is_dir() => return Err(FormatsError::NoFolder(path.clone())),
        SchemaFolder::Named(path) | SchemaFolder::Usual(path) if path.is_dir() => {
            of_folder(path, &mut found)?;
        }
        _ => {}
    }
    Ok(found.into_values().collect())
}

fn of_folder(root: &Path, found: &mut BTreeMap<FormatId, Format>) -> Result<(), FormatsError> {
    for format in folders(root)? {
        for version in folders(&format)? {
            let path = version.join(PROFILE_FILE);
            if !path.is_file() {
                continue;
            }
            let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let id = FormatId::new(&name(&format), &name(&version))
                .map_err(|source| FormatsError::Name { path: path.clone(), source })?;
            let profile = read_profile(&path)?;
            let embedded = found.get(&id).and_then(|format| format.embedded);
            let profile_file = path.to_string_lossy().into_owned();
            let (folder, limits) = (Some(version), SchemaLimits::default());
            found.insert(id.clone(), Format { id, profile, profile_file, folder, embedded, limits });
        }
    }
    Ok(())
}

fn folders(root: &Path) -> Result<Vec<PathBuf>, FormatsError> {
    let failed = |source| FormatsError::Read { path: root.to_owned(), source };
    let entries = fs::read_dir(root).and_then(Iterator::collect::<io::Result<Vec<_>>>).map_err(failed)?;
    let mut paths: Vec<_> = entries.iter().map(fs::DirEntry::path).filter(|path| path.is_dir()).collect();
    paths.sort_unstable();
    Ok(paths)
}

fn read_profile(path: &Path) -> Result<String, FormatsError> {
    let failed = |source| FormatsError::Read { path: path.to_owned(), source };
    if fs::metadata(path).map_err(failed)?.len() > PROFILE_BYTES_MAX {
        return Err(FormatsError::TooLong(path.to_owned()));
    }
    fs::read_to_string(path).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().expect("inside")).expect("made");
        fs::write(path, text).expect("written");
    }

    fn own(root: &Path) -> Format {
        let all = formats(&SchemaFolder::Named(root.to_owned())).expect("formats");
        all.into_iter().find(|format| format.id.name() == "own").expect("the format")
    }

    #[test]
    fn an_id_is_two_plain_words() {
        let id: FormatId = "onix/3.0".parse().expect("an id");
        assert_eq!((id.name(), id.to_string()), ("onix", "onix/3.0".to_owned()));
        for wrong in ["onix", "onix/", "/3.0", "ONIX/3.0", "../3.0", "onix/..", "a/b/c", "a b/1"] {
            assert!(wrong.parse::<FormatId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_folder_with_a_profile_is_a_format() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        write(folder.path(), "own/1.0/profile.toml", "profile");
        write(folder.path(), "no-format/1.0/readme.txt", "");
        assert_eq!(own(folder.path()).profile, "profile");
        assert_eq!(own(folder.path()).document_state().expect("a state"), DocumentState::Missing);
        assert!(own(folder.path()).documents().is_none());
    }

    #[test]
    fn documents_are_compared_with_their_record() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        write(folder.path(), "own/1.0/profile.toml", "profile");
        write(folder.path(), "own/1.0/a.xsd", "document");
        let state = || own(folder.path()).document_state().expect("a state");
        assert_eq!(state(), DocumentState::Unrecorded);
        let mut record = Record { source: "elsewhere".to_owned(), ..Record::default() };
        record.note("a.xsd", b"document");
        write(folder.path(), "own/1.0/installed.toml", &toml::to_string(&record).expect("serialises"));
        assert_eq!(state(), DocumentState::Installed);
        write(folder.path(), "own/1.0/a.xsd", "changed");
        assert_eq!(state(), DocumentState::Changed(vec!["a.xsd".to_owned()]));
    }

    #[test]
    fn a_named_folder_must_be_there() {
        let named = formats(&SchemaFolder::Named("/nowhere/at/all".into()));
        assert!(matches!(named, Err(FormatsError::NoFolder(_))));
        assert!(formats(&SchemaFolder::Usual("/nowhere/at/all".into())).is_ok());
    }

    #[test]
    fn profile_bytes_max() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let most = usize::try_from(PROFILE_BYTES_MAX).expect("small");
        let found = |length: usize| {
            write(folder.path(), "own/1.0/profile.toml", &" ".repeat(length));
            formats(&SchemaFolder::Named(folder.path().to_owned()))
        };
        assert!(found(most).is_ok());
        assert!(matches!(found(most + 1), Err(FormatsError::TooLong(_))));
    }
}

//! Schema documents of a format, copied from where their publisher offers them.
//!
//! ```text
//!  folder or zip ─▶ package ─▶ the documents the profile names, and what they include
//!                                 └─ compiled ─▶ written one by one ─▶ record with digests
//! ```
//!
//! Nothing is written before the whole schema compiled, and nothing else is copied.

use super::documents::{DocumentError, Documents, local_name, read_capped};
use super::formats::{FormatId, RECORD_FILE, Record};
use super::loader::{LoadError, gather};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};
use zip::result::ZipError;

/// Schema documents that a package may hold.
pub(crate) const PACKAGE_DOCUMENTS_MAX: usize = 10_000;

/// Bytes of all schema documents of a package.
pub(crate) const PACKAGE_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// So deep may the documents lie in a folder.
const PACKAGE_DEPTH_MAX: usize = 8;

/// What to install, from where, to where.
#[derive(Clone, Copy, Debug)]
pub struct Installation<'a> {
    /// The format.
    pub id: &'a FormatId,
    /// Schema documents that feeds are validated against.
    pub main: &'a [String],
    /// Every document the profile names.
    pub expected: &'a [String],
    /// Folder or zip archive.
    pub from: &'a Path,
    /// The folder of formats.
    pub into: &'a Path,
    /// The moment, for the record.
    pub now: &'a str,
}

/// Why nothing was installed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// The package cannot be read.
    #[error("cannot read `{}`", .path.display())]
    Read {
        /// Its path.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Neither folder nor zip archive.
    #[error("`{}` is no zip archive that can be read: name the folder or the zip archive with the schema \
        documents", .path.display())]
    Zip {
        /// Its path.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: ZipError,
    },
    /// A document in it cannot be read.
    #[error("cannot read a document of `{}`", .path.display())]
    Document {
        /// Path of the package.
        path: PathBuf,
        /// Which, and why.
        #[source]
        source: DocumentError,
    },
    /// Too much in it.
    #[error("`{}` holds more than {PACKAGE_DOCUMENTS_MAX} schema documents or {PACKAGE_BYTES_MAX} bytes of \
        them: name the folder that holds those of the format only", .0.display())]
    TooMuch(PathBuf),
    /// Documents that the profile names are not in it.
    #[error("`{}` lacks {}, which {id} needs: is it the package of this version?", .path.display(), .names.join(", "))]
    Lacks {
        /// Path of the package.
        path: PathBuf,
        /// The format.
        id: FormatId,
        /// What is missing.
        names: Vec<String>,
    },
    /// Documents of one name that differ.
    #[error("`{}` holds different documents called `{name}` ({}): name the folder that holds the right one",
        .path.display(), .places.join(", "))]
    Ambiguous {
        /// Path of the package.
        path: PathBuf,
        /// The name.
        name: String,
        /// Where they are.
        places: Vec<String>,
    },
    /// Its documents make no schema.
    #[error("the documents of `{}` make no schema for {id}", .path.display())]
    Schema {
        /// Path of the package.
        path: PathBuf,
        /// The format.
        id: FormatId,
        /// What is wrong with them.
        #[source]
        source: Box<LoadError>,
    },
    /// The folder of formats cannot be written.
    #[error("cannot write `{}`: check that its folder may be written, or name another by `--schemas`", .path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// What was installed.
#[derive(Debug)]
pub struct Installed {
    /// Folder of the documents.
    pub folder: PathBuf,
    /// The documents with their digests.
    pub record: Record,
    /// What the engine does not check of the schemas, if anything.
    pub not_checked: Vec<String>,
}

/// Schema documents by their path in a package.
type Package = BTreeMap<String, Vec<u8>>;

/// Installs the schema documents of a format.
pub fn install(plan: &Installation<'_>) -> Result<Installed, InstallError> {
    let package = read_package(plan.from)?;
    let lacking = |name: &&String| !package.keys().any(|path| file_name(path) == name.as_str());
    let lacks: BTreeSet<&String> = plan.expected.iter().chain(plan.main).filter(lacking).collect();
    let names: Vec<String> = lacks.into_iter().cloned().collect();
    if !names.is_empty() {
        let (path, id) = (plan.from.to_owned(), plan.id.clone());
        return Err(InstallError::Lacks { path, id, names });
    }
    let (mut chosen, mut not_checked) = (BTreeMap::new(), Vec::new());
    for name in plan.main {
        let schema = compile(plan, &package, name, &mut chosen)?;
        not_checked.extend(schema);
    }
    for name in plan.expected {
        if !chosen.contains_key(name) {
            chosen.insert(name.clone(), package[find(plan, &package, name)?].clone());
        }
    }
    not_checked.sort_unstable();
    not_checked.dedup();
    let (folder, record) = write(plan, &chosen)?;
    Ok(Installed { folder, record, not_checked })
}

/// Compiles one schema of the package and chooses the documents it consists of.
fn compile(
    plan: &Installation<'_>,
    package: &Package,
    name: &str,
    chosen: &mut BTreeMap<String, Vec<u8>>,
) -> Result<Vec<String>, InstallError> {
    let main = find(plan, package, name)?;
    // What a schema refers to lies beside or below it: its folder in the package becomes the root.
    let base = &main[..main.len() - file_name(main).len()];
    let below =
        package.iter().filter_map(|(path, bytes)| Some((path.strip_prefix(base)?.to_owned(), bytes.clone())));
    let documents = Documents::memory(below.collect());
    let schema = gather(&documents, name, |location, bytes| {
        // A copy may have answered for a URL: it is installed under its own name.
        chosen.insert(local_name(location), bytes);
    });
    let schema = schema.map_err(|source| {
        let (path, id, source) = (plan.from.to_owned(), plan.id.clone(), Box::new(source));
        InstallError::Schema { path, id, source }
    })?;
    Ok(schema.not_checked().to_vec())
}

/// The only document of that name, or one of several that are the same.
fn find<'a>(plan: &Installation<'_>, package: &'a Package, name: &str) -> Result<&'a str, InstallError> {
    let found: Vec<_> = package.iter().filter(|(path, _)| file_name(path) == name).collect();
    let (first, bytes) = found.first().expect("what is lacking was told before");
    if found.iter().any(|(_, other)| other != bytes) {
        let places = found.iter().map(|(path, _)| format!("`{path}`")).collect();
        return Err(InstallError::Ambiguous { path: plan.from.to_owned(), name: name.to_owned(), places });
    }
    Ok(first)
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn write(
    plan: &Installation<'_>,
    documents: &BTreeMap<String, Vec<u8>>,
) -> Result<(PathBuf, Record), InstallError> {
    let folder = plan.id.folder(plan.into);
    let before = Record::read(&folder).ok().flatten().unwrap_or_default();
    let mut record = Record {
        source: plan.from.to_string_lossy().into_owned(),
        installed_at: plan.now.to_owned(),
        documents: BTreeMap::new(),
    };
    for (name, bytes) in documents {
        record.note(name, bytes);
        replace(&folder.join(name), bytes)?;
    }
    // What an earlier installation brought and this one has not: gone, or it would be read with it.
    for name in before.documents.keys().filter(|name| !documents.contains_key(*name)) {
        let path = folder.join(name);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(InstallError::Write { path, source });
            }
            _ => {}
        }
    }
    let text = toml::to_string(&record).expect("a record is texts by names");
    replace(&folder.join(RECORD_FILE), text.as_bytes())?;
    Ok((folder, record))
}

/// The whole file or the one before; never half of it.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), InstallError> {
    let failed = |source| InstallError::Write { path: path.to_owned(), source };
    fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).map_err(failed)?;
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    fs::write(&fresh, bytes).and_then(|()| fs::rename(&fresh, path)).map_err(failed)
}

fn read_package(path: &Path) -> Result<Package, InstallError> {
    let failed = |source| InstallError::Read { path: path.to_owned(), source };
    let mut reading = Reading { path, package: Package::new(), bytes: 0 };
    if fs::metadata(path).map_err(failed)?.is_dir() {
        reading.folder(path, "", 0)?;
    } else {
        reading.zip()?;
    }
    Ok(reading.package)
}

/// A package while it is read.
struct Reading<'a> {
    path: &'a Path,
    package: Package,
    bytes: u64,
}

impl Reading<'_> {
    fn folder(&mut self, folder: &Path, prefix: &str, depth: usize) -> Result<(), InstallError> {
        let failed = |source| InstallError::Read { path: folder.to_owned(), source };
        for entry in fs::read_dir(folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let name = format!("{prefix}{}", path.file_name().unwrap_or_default().to_string_lossy());
            if path.is_dir() && depth < PACKAGE_DEPTH_MAX {
                self.folder(&path, &format!("{name}/"), depth + 1)?;
            } else if is_document(&name) && path.is_file() {
                let file = File::open(&path).map_err(|source| InstallError::Read { path, source })?;
                self.take(name, file)?;
            }
        }
        Ok(())
    }

    fn zip(&mut self) -> Result<(), InstallError> {
        let failed = |source| InstallError::Zip { path: self.path.to_owned(), source };
        let file = File::open(self.path)
            .map_err(|source| InstallError::Read { path: self.path.to_owned(), source })?;
        let mut archive = zip::ZipArchive::new(io::BufReader::new(file)).map_err(failed)?;
        for index in 0..archive.len() {
            let failed = |source| InstallError::Zip { path: self.path.to_owned(), source };
            let member = archive.by_index(index).map_err(failed)?;
            let name = String::from_utf8_lossy(member.entry().name_raw()).into_owned();
            if member.entry().is_file() && is_document(&name) && !name.starts_with("__MACOSX/") {
                self.take(name, member)?;
            }
        }
        Ok(())
    }

    fn take(&mut self, name: String, reader: impl io::Read) -> Result<(), InstallError> {
        let read = read_capped(&name, reader);
        let bytes = read.map_err(|source| InstallError::Document { path: self.path.to_owned(), source })?;
        self.bytes += bytes.len() as u64;
        self.package.insert(name, bytes);
        if self.package.len() > PACKAGE_DOCUMENTS_MAX || self.bytes > PACKAGE_BYTES_MAX {
            return Err(InstallError::TooMuch(self.path.to_owned()));
        }
        Ok(())
    }
}

/// A schema document by its ending, at a path that leads nowhere else.
fn is_document(name: &str) -> bool {
    let path = Path::new(name);
    let plain = |part| matches!(part, Component::Normal(_));
    !name.contains('\\')
        && path.components().all(plain)
        && path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xsd"))
}

#[cfg(test)]
mod tests {
    use super::super::formats::{DocumentState, SchemaFolder, formats};
    use super::*;
    use std::error::Error;
    use std::io::Write;

    const MAIN: &str = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>\
        <xs:include schemaLocation='types.xsd'/><xs:element name='a' type='t'/></xs:schema>";
    const TYPES: &str = "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'>\
        <xs:simpleType name='t'><xs:restriction base='xs:string'/></xs:simpleType></xs:schema>";

    /// Installs `main.xsd`, and what the profile expects besides, from a folder with these files.
    fn installed(
        files: &[(&str, &str)],
        expected: &[&str],
    ) -> (tempfile::TempDir, Result<Installed, String>) {
        let root = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in files {
            let path = root.path().join("package").join(name);
            fs::create_dir_all(path.parent().expect("inside")).expect("made");
            fs::write(path, text).expect("written");
        }
        let found = run(&root.path().join("package"), &root.path().join("formats"), expected);
        (root, found)
    }

    fn run(from: &Path, into: &Path, expected: &[&str]) -> Result<Installed, String> {
        let expected: Vec<String> = expected.iter().map(|name| (*name).to_owned()).collect();
        let plan = Installation {
            id: &"own/1.0".parse().expect("an id"),
            main: &["main.xsd".to_owned()],
            expected: &expected,
            from,
            into,
            now: "2026-11-23T00:00:00Z",
        };
        install(&plan).map_err(|error| {
            let chain = error.source().map(|source| format!(": {source}")).unwrap_or_default();
            format!("{error}{chain}")
        })
    }

    fn names(installed: &Installed) -> Vec<&str> {
        installed.record.documents.keys().map(String::as_str).collect()
    }

    #[test]
    fn what_the_schema_includes_comes_along_and_nothing_else() {
        let files =
            [("deep/main.xsd", MAIN), ("deep/types.xsd", TYPES), ("other.xsd", "no schema"), ("a.txt", "")];
        let (root, found) = installed(&files, &["main.xsd"]);
        let found = found.expect("installs");
        assert_eq!(names(&found), ["main.xsd", "types.xsd"]);
        assert!(found.not_checked.is_empty());
        let folder = root.path().join("formats");
        fs::write(folder.join("own/1.0/profile.toml"), "").expect("written");
        let all = formats(&SchemaFolder::Named(folder)).expect("formats");
        let own = all.iter().find(|format| format.id.name() == "own").expect("installed");
        assert_eq!(own.document_state().expect("a state"), DocumentState::Installed);
    }

    #[test]
    fn a_new_installation_takes_the_place_of_the_old() {
        let (root, found) =
            installed(&[("main.xsd", MAIN), ("types.xsd", TYPES), ("more.xsd", TYPES)], &["more.xsd"]);
        assert_eq!(names(&found.expect("installs")), ["main.xsd", "more.xsd", "types.xsd"]);
        let again = run(&root.path().join("package"), &root.path().join("formats"), &[]).expect("installs");
        assert_eq!(names(&again), ["main.xsd", "types.xsd"]);
        assert!(!again.folder.join("more.xsd").exists());
    }

    #[test]
    fn a_zip_archive_is_read_and_leads_nowhere_else() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let path = root.path().join("package.zip");
        let mut writer = zip::ZipWriter::new(File::create(&path).expect("made"));
        for (name, text) in [("in/main.xsd", MAIN), ("in/types.xsd", TYPES), ("in/../../evil.xsd", TYPES)] {
            writer.start_file(name, zip::write::SimpleFileOptions::default()).expect("starts");
            writer.write_all(text.as_bytes()).expect("written");
        }
        writer.finish().expect("finishes");
        let found = run(&path, &root.path().join("formats"), &[]).expect("installs");
        assert_eq!(names(&found), ["main.xsd", "types.xsd"]);
        let lacks = run(&path, &root.path().join("formats"), &["evil.xsd"]).expect_err("not taken");
        assert!(lacks.contains("lacks evil.xsd"), "{lacks}");
    }

    #[track_caller]
    fn refused(files: &[(&str, &str)], expected: &[&str], part: &str) {
        let (root, found) = installed(files, expected);
        let error = found.expect_err("must be refused");
        assert!(error.contains(part), "{error}");
        assert!(!root.path().join("formats").exists(), "nothing may be written");
    }

    #[test]
    fn what_is_not_right_is_not_installed() {
        refused(&[("types.xsd", TYPES)], &["b.xsd"], "lacks b.xsd, main.xsd, which own/1.0 needs");
        refused(&[("main.xsd", MAIN)], &[], "`types.xsd`");
        refused(&[("main.xsd", "<a/>")], &[], "make no schema for own/1.0");
        let twice = [("a/main.xsd", MAIN), ("b/main.xsd", TYPES)];
        refused(&twice, &[], "different documents called `main.xsd` (`a/main.xsd`, `b/main.xsd`)");
    }

    #[test]
    fn package_documents_max() {
        let root = tempfile::tempdir().expect("a temporary folder");
        let mut reading = Reading { path: root.path(), package: Package::new(), bytes: 0 };
        for number in 0..PACKAGE_DOCUMENTS_MAX {
            reading.take(format!("{number}.xsd"), &b""[..]).expect("within the limit");
        }
        assert!(matches!(reading.take("one.xsd".to_owned(), &b""[..]), Err(InstallError::TooMuch(_))));
    }

    #[test]
    fn package_bytes_max() {
        let at = |bytes| {
            let mut reading = Reading { path: Path::new("a"), package: Package::new(), bytes };
            reading.take("a.xsd".to_owned(), &b"x"[..])
        };
        assert!(at(PACKAGE_BYTES_MAX - 1).is_ok());
        assert!(matches!(at(PACKAGE_BYTES_MAX), Err(InstallError::TooMuch(_))));
    }
}

//! Files and folders of a thing.
//!
//! A secret of Kubernetes is a folder in which names lead to `..data/NAME`: names that begin with two dots are its
//! workings and passed over, links to files are followed, links to folders are not.

use crate::expiry::limits::{FILE_BYTES_MAX, FILES_MAX, FOLDER_DEPTH_MAX, ITEMS_MAX};
use crate::expiry::{Form, Known, Password, ReadError, Reason, Sight, State, Trouble, read};
use jiff::Timestamp;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// Bytes of a file.
pub(super) enum Capped {
    /// All of them, and when they were written.
    Whole(Vec<u8>, Option<Timestamp>),
    /// It has more than the limit.
    TooLong,
}

/// All bytes of a regular file, up to a limit.
pub(super) fn read_capped(path: &Path, max: u64) -> io::Result<Capped> {
    // Whoever opens a pipe waits for its other end.
    let data = fs::metadata(path)?;
    if !data.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "it is no regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(max + 1).read_to_end(&mut bytes)?;
    let written = data.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
    Ok(if bytes.len() as u64 > max { Capped::TooLong } else { Capped::Whole(bytes, written) })
}

/// What is seen of a file or folder.
pub(super) fn look(form: Form, path: &Path, password: Option<&Password>, except: &[String]) -> Sight {
    let mut looking = Looking { form, password, except, sight: Sight::default(), items: 0 };
    match fs::metadata(path) {
        Err(error) => looking.trouble("", of_system(&error)),
        Ok(data) if data.is_dir() => looking.folder(path),
        Ok(_) => looking.file(path, ""),
    }
    looking.sight
}

/// What it means that a file cannot be had.
fn of_system(error: &io::Error) -> Trouble {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => {
            Trouble::new(State::NothingFound, Reason::File, "there is no such file or folder: check `path`")
        }
        _ => Trouble::new(State::Unreadable, Reason::File, format!("it cannot be read: {error}")),
    }
}

struct Looking<'a> {
    form: Form,
    password: Option<&'a Password>,
    except: &'a [String],
    sight: Sight,
    items: usize,
}

impl Looking<'_> {
    fn trouble(&mut self, place: &str, trouble: Trouble) {
        let place = match (place, trouble.place.as_str()) {
            ("", inner) => inner.to_owned(),
            (outer, "") => outer.to_owned(),
            (outer, inner) => format!("{outer}, {inner}"),
        };
        self.sight.troubles.push(trouble.at(place));
    }

    fn limit(&mut self, limit: &'static str, max: usize, what: &'static str) {
        self.trouble("", ReadError::Limit { limit, max: max as u64, what }.trouble());
    }

    /// One file that was named, or is taken for what it should be.
    fn file(&mut self, path: &Path, place: &str) {
        match read_capped(path, FILE_BYTES_MAX) {
            Err(error) => self.trouble(place, of_system(&error)),
            Ok(Capped::TooLong) => {
                let error = ReadError::Limit { limit: "FILE_BYTES_MAX", max: FILE_BYTES_MAX, what: "bytes" };
                self.trouble(place, error.trouble());
            }
            Ok(Capped::Whole(bytes, written)) => self.bytes(&bytes, written, place),
        }
    }

    fn bytes(&mut self, bytes: &[u8], fetched: Option<Timestamp>, place: &str) {
        match read(self.form, bytes, Known { password: self.password, fetched }) {
            Err(error) => self.trouble(place, error.trouble()),
            Ok(reading) => {
                self.items += reading.dated.len() + reading.faults.len();
                if self.is_full() {
                    return self.limit("ITEMS_MAX", ITEMS_MAX, "entries");
                }
                self.sight.found.extend(reading.dated.into_iter().map(|dated| (place.to_owned(), dated)));
                for (inner, error) in reading.faults {
                    self.trouble(place, error.trouble().at(inner));
                }
            }
        }
    }

    fn folder(&mut self, root: &Path) {
        let mut files = Vec::new();
        if let Err(trouble) = walk(root, &mut files) {
            self.sight.troubles.push(trouble);
        }
        files.sort();
        for path in files {
            let place = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            self.member(&path, &place);
            if self.is_full() {
                return;
            }
        }
    }

    /// Whether more was found than is looked at; it is told where that is seen.
    fn is_full(&self) -> bool {
        self.items > ITEMS_MAX
    }

    /// One file of a folder: what is neither named like the form nor looks like it is passed over.
    fn member(&mut self, path: &Path, place: &str) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        if self.except.iter().any(|pattern| is_meant(pattern, &name)) {
            self.sight.passed_over += 1;
        } else if self.form.is_named(&name) {
            self.file(path, place);
        } else if Form::is_store_named(&name) {
            let sentence = "a key store lies there, which this kind does not open: watch it as a thing of its own, \
                            or name it in `except`";
            self.trouble(place, Trouble::new(State::Unreadable, Reason::Form, sentence));
        } else {
            self.unnamed(path, place);
        }
    }

    fn unnamed(&mut self, path: &Path, place: &str) {
        match read_capped(path, FILE_BYTES_MAX) {
            Ok(Capped::Whole(bytes, written)) if self.form.is_like(&bytes) => {
                let before = self.items;
                self.bytes(&bytes, written, place);
                self.sight.passed_over += usize::from(self.items == before);
            }
            Ok(_) => self.sight.passed_over += 1,
            Err(error) => self.trouble(place, of_system(&error)),
        }
    }
}

/// Whether an exception means a file: by its name, or `*.ENDING`.
fn is_meant(pattern: &str, name: &str) -> bool {
    let pattern = pattern.to_lowercase();
    pattern.strip_prefix('*').map_or(pattern == name, |ending| name.ends_with(ending))
}

/// All files of a folder and those below it.
fn walk(root: &Path, files: &mut Vec<PathBuf>) -> Result<(), Trouble> {
    let mut folders = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let below = |path: &Path| path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
        let entries = fs::read_dir(&folder).map_err(|error| of_system(&error).at(below(&folder)))?;
        for entry in entries {
            let entry = entry.map_err(|error| of_system(&error).at(below(&folder)))?;
            if entry.file_name().to_string_lossy().starts_with("..") {
                continue;
            }
            let path = entry.path();
            let kind = entry.file_type().map_err(|error| of_system(&error).at(below(&path)))?;
            if kind.is_dir() && depth >= FOLDER_DEPTH_MAX {
                return Err(limit("FOLDER_DEPTH_MAX", FOLDER_DEPTH_MAX, "folders in folders"));
            } else if kind.is_dir() {
                folders.push((path, depth + 1));
            } else if !kind.is_symlink() || !leads_to_folder(&path) {
                files.push(path);
            }
            if files.len() + folders.len() > FILES_MAX {
                return Err(limit("FILES_MAX", FILES_MAX, "files"));
            }
        }
    }
    Ok(())
}

fn leads_to_folder(link: &Path) -> bool {
    fs::metadata(link).is_ok_and(|data| data.is_dir())
}

fn limit(limit: &'static str, max: usize, what: &'static str) -> Trouble {
    ReadError::Limit { limit, max: max as u64, what }.trouble()
}

#[cfg(test)]
mod tests {
    use super::{Form, Sight, look};
    use crate::expiry::State;
    use crate::expiry::limits::{ENTRIES_MAX, FILES_MAX, FOLDER_DEPTH_MAX, ITEMS_MAX};
    use std::fs;
    use std::path::Path;

    fn of(folder: &Path) -> Sight {
        look(Form::Certificates, folder, None, &[])
    }

    /// The limits that are told.
    fn limits(sight: &Sight) -> Vec<&str> {
        let told = sight.troubles.iter().filter(|trouble| trouble.sentence.contains("_MAX"));
        told.inspect(|trouble| assert_eq!(trouble.state, State::Unreadable))
            .map(|trouble| trouble.sentence.split(|letter| " `(),:".contains(letter)))
            .filter_map(|mut words| words.find(|word| word.ends_with("_MAX")))
            .collect()
    }

    #[test]
    fn files_max() {
        let folder = tempfile::tempdir().expect("a folder");
        for number in 0..FILES_MAX {
            fs::write(folder.path().join(number.to_string()), "").expect("written");
        }
        let sight = of(folder.path());
        assert_eq!((sight.passed_over, sight.troubles.len()), (FILES_MAX, 0));
        fs::write(folder.path().join("one-more"), "").expect("written");
        assert_eq!(limits(&of(folder.path())), ["FILES_MAX"]);
    }

    #[test]
    fn folder_depth_max() {
        let root = tempfile::tempdir().expect("a folder");
        let deep = |depth: usize| (0..depth).fold(root.path().to_owned(), |folder, _| folder.join("d"));
        fs::create_dir_all(deep(FOLDER_DEPTH_MAX)).expect("made");
        fs::write(deep(FOLDER_DEPTH_MAX).join("note.txt"), "").expect("written");
        let sight = of(root.path());
        assert_eq!((sight.passed_over, sight.troubles.len()), (1, 0));
        fs::create_dir(deep(FOLDER_DEPTH_MAX + 1)).expect("made");
        assert_eq!(limits(&of(root.path())), ["FOLDER_DEPTH_MAX"]);
    }

    #[test]
    fn items_max() {
        let folder = tempfile::tempdir().expect("a folder");
        let entry = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
        for name in ["a.pem", "b.pem"] {
            fs::write(folder.path().join(name), entry.repeat(ENTRIES_MAX)).expect("written");
        }
        assert_eq!(ITEMS_MAX, 2 * ENTRIES_MAX);
        let sight = of(folder.path());
        assert_eq!((sight.troubles.len(), limits(&sight).len()), (ITEMS_MAX, 0));
        // The last file goes beyond, and none comes after it that would notice.
        fs::write(folder.path().join("c.pem"), entry).expect("written");
        assert_eq!(limits(&of(folder.path())), ["ITEMS_MAX"]);
    }
}

//! The spool: a folder where feeds that were received wait to be read.
//!
//! ```text
//!  begin ─▶ NAME.part ─ write, write, … ─▶ finish: synced, renamed ─▶ NAME.feed ─▶ removed when it is not needed
//!              └ left behind by a program that was killed ─▶ swept ◀─ needed by nobody ─┘
//! ```
//!
//! What is finished is on the disk, the entry in its folder too: whoever is told of it may rely on it. Names are random
//! and say nothing of senders or feeds. Several programs may share the folder.

use super::digest::Digest;
use super::discover::{FeedOrigin, FeedSource};
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tempfile::{Builder, NamedTempFile};

/// Letters and digits of a name.
const NAME_CHARS: usize = 24;
/// Ending of what is being received.
const PART: &str = "part";
/// Ending of what is whole.
const WHOLE: &str = "feed";

/// Bytes of a file that are copied at a time.
const CHUNK_BYTES: usize = 64 << 10;

/// Why there is no spool.
#[derive(Debug, thiserror::Error)]
#[error("the spool `{folder}` cannot be used: check that the folder may be made and written to")]
pub struct SpoolError {
    folder: String,
    #[source]
    source: io::Error,
}

/// A folder where feeds wait.
#[derive(Clone, Debug)]
pub struct Spool {
    folder: PathBuf,
}

/// A feed that is being received; gone when it is dropped before its end.
#[derive(Debug)]
pub struct Incoming {
    file: NamedTempFile,
    digest: Sha256,
    bytes: u64,
}

/// A feed that is whole, and on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spooled {
    /// Its name in the spool.
    pub name: String,
    /// Bytes as delivered.
    pub bytes: u64,
    /// SHA-256 of them.
    pub digest: Digest,
}

impl Spool {
    /// Opens the folder, and makes it when there is none.
    pub fn open(folder: &Path) -> Result<Self, SpoolError> {
        let spool = Self { folder: folder.to_owned() };
        let failed = |source| SpoolError { folder: folder.display().to_string(), source };
        fs::create_dir_all(folder).and_then(|()| spool.probe()).map_err(failed)?;
        Ok(spool)
    }

    /// Whether something can be written there now.
    pub fn probe(&self) -> io::Result<()> {
        let mut probe = self.part()?;
        probe.write_all(b"probe")?;
        probe.close()
    }

    /// Begins to receive a feed.
    pub fn begin(&self) -> io::Result<Incoming> {
        Ok(Incoming { file: self.part()?, digest: Sha256::new(), bytes: 0 })
    }

    fn part(&self) -> io::Result<NamedTempFile> {
        let suffix = format!(".{PART}");
        Builder::new().prefix("").rand_bytes(NAME_CHARS).suffix(&suffix).tempfile_in(&self.folder)
    }

    /// Puts a feed that was received whole where it is found.
    pub fn finish(&self, incoming: Incoming) -> io::Result<Spooled> {
        let Incoming { file, digest, bytes } = incoming;
        file.as_file().sync_all()?;
        let stem = file.path().file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let name = format!("{stem}.{WHOLE}");
        file.persist(self.folder.join(&name)).map_err(|error| error.error)?;
        let synced = File::open(&self.folder).and_then(|folder| folder.sync_all());
        if let Err(error) = synced {
            self.remove(&name)?;
            return Err(error);
        }
        Ok(Spooled { name, bytes, digest: Digest(digest.finalize().into()) })
    }

    /// Takes a copy of a file as a feed that was received whole.
    pub fn take(&self, file: &Path) -> io::Result<Spooled> {
        let (mut file, mut incoming) = (File::open(file)?, self.begin()?);
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            match file.read(&mut chunk)? {
                0 => return self.finish(incoming),
                read => incoming.write(&chunk[..read])?,
            }
        }
    }

    /// A feed in the spool, under the name that people know it by.
    #[must_use]
    pub fn feed(&self, name: &str, feed: &str) -> FeedSource {
        FeedSource::new(feed.into(), FeedOrigin::File(self.folder.join(name)))
    }

    /// Removes a feed; one that is gone already is no error.
    pub fn remove(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.folder.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Removes what nobody needs and is older than this; says how many.
    pub fn sweep(&self, needed: &HashSet<String>, age: Duration, now: SystemTime) -> io::Result<u64> {
        let mut removed = 0;
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_ours(&name) && !needed.contains(&name) && is_older(&entry, age, now) {
                self.remove(&name)?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}

/// Whether a file is one that a spool has made.
fn is_ours(name: &str) -> bool {
    name.split_once('.').is_some_and(|(stem, ending)| {
        stem.len() == NAME_CHARS
            && stem.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && [PART, WHOLE].contains(&ending)
    })
}

fn is_older(entry: &fs::DirEntry, age: Duration, now: SystemTime) -> bool {
    let changed = entry.metadata().and_then(|data| data.modified());
    changed.is_ok_and(|changed| now.duration_since(changed).is_ok_and(|since| since >= age))
}

impl Incoming {
    /// Takes the next bytes.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.digest.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// How many there are.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let name = |entry: io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
        let mut names: Vec<_> = fs::read_dir(folder)
            .expect("a folder")
            .map(|entry| name(entry).to_string_lossy().into_owned())
            .collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn what_is_whole_is_there_and_what_is_not_is_gone() {
        let folder = tempfile::tempdir().expect("a folder");
        let spool = Spool::open(&folder.path().join("a/b")).expect("made");
        let place = folder.path().join("a/b");
        let mut incoming = spool.begin().expect("begun");
        incoming.write(b"<list>").expect("written");
        incoming.write(b"</list>").expect("written");
        let spooled = spool.finish(incoming).expect("finished");
        assert_eq!((spooled.bytes, spooled.digest), (13, Digest::of(b"<list></list>")));
        assert_eq!(names(&place), [spooled.name.as_str()]);
        let feed = spool.feed(&spooled.name, "nightly.xml");
        assert_eq!((&*feed.name, feed.delivered_bytes()), ("nightly.xml", Some(13)));
        let mut broken_off = spool.begin().expect("begun");
        broken_off.write(b"<li").expect("written");
        drop(broken_off);
        assert_eq!(names(&place), [spooled.name.as_str()]);
        spool.remove(&spooled.name).expect("removed");
        spool.remove(&spooled.name).expect("gone already");
        assert!(names(&place).is_empty());
    }

    #[test]
    fn what_nobody_needs_is_swept_once_it_is_old() {
        let folder = tempfile::tempdir().expect("a folder");
        let spool = Spool::open(folder.path()).expect("opened");
        let [needed, orphan] = [0, 1].map(|_| {
            let incoming = spool.begin().expect("begun");
            spool.finish(incoming).expect("finished").name
        });
        fs::write(folder.path().join("others.feed"), "not ours").expect("written");
        let (hour, now) = (Duration::from_hours(1), SystemTime::now());
        let known = HashSet::from([needed.clone()]);
        assert_eq!(spool.sweep(&known, hour, now).expect("swept"), 0);
        assert_eq!(spool.sweep(&known, hour, now + hour * 2).expect("swept"), 1);
        let left = names(folder.path());
        assert!(left.contains(&needed) && left.contains(&"others.feed".to_owned()), "{left:?}");
        assert!(!left.contains(&orphan), "{left:?}");
    }

    #[test]
    fn a_place_that_cannot_be_is_refused() {
        let error = Spool::open(Path::new("/dev/null/spool")).expect_err("no folder").to_string();
        assert!(error.starts_with("the spool `/dev/null/spool` cannot be used"), "{error}");
    }
}

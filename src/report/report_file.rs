//! A file that a report goes to: all of it, or what stood there before.
//!
//! The report is written beside its place and takes it at the end by a rename, so that whoever reads
//! the file never sees half of one. What is no file (a pipe, a terminal) is written to as it is.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// How much of a report waits before it is written.
pub(super) const BUFFER_BYTES: usize = 64 * 1024;

/// The place of a report that is being written.
#[derive(Debug)]
pub(super) struct ReportFile {
    path: PathBuf,
    /// Stands in for the file until it is whole; none when the place is no file.
    beside: Option<NamedTempFile>,
}

impl ReportFile {
    /// Begins a report that shall stand at `path`; gives what to write it to.
    pub(super) fn create(path: &Path) -> io::Result<(Self, File)> {
        let there = fs::metadata(path);
        if let Ok(there) = &there
            && !there.is_file()
        {
            let file = OpenOptions::new().write(true).open(path)?;
            return Ok((Self { path: path.to_owned(), beside: None }, file));
        }
        // A link is followed: it stays, and what it leads to is replaced.
        let path = if there.is_ok() { fs::canonicalize(path)? } else { path.to_owned() };
        let beside = open_beside(&path)?;
        let file = beside.as_file().try_clone()?;
        Ok((Self { path, beside: Some(beside) }, file))
    }

    /// The report is whole: it takes its place.
    pub(super) fn finish(self) -> io::Result<()> {
        let Some(beside) = self.beside else { return Ok(()) };
        beside.as_file().sync_all()?;
        beside.persist(&self.path).map(drop).map_err(|error| error.error)
    }
}

fn open_beside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".feedgate-report-");
    // As any file the process makes, not for its owner alone: other programs read reports.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn names(folder: &Path) -> Vec<String> {
        let name = |entry: io::Result<fs::DirEntry>| {
            entry.expect("an entry").file_name().to_string_lossy().into_owned()
        };
        fs::read_dir(folder).expect("a folder").map(name).collect()
    }

    #[test]
    fn a_report_takes_its_place_when_it_is_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("report.xml");
        fs::write(&path, "yesterday's").expect("written");
        let (report, mut file) = ReportFile::create(&path).expect("begun");
        file.write_all(b"today's").expect("written");
        assert_eq!(fs::read_to_string(&path).expect("there"), "yesterday's");
        report.finish().expect("finished");
        assert_eq!(fs::read_to_string(&path).expect("there"), "today's");
        assert_eq!(names(folder.path()), ["report.xml"]);
    }

    #[test]
    fn what_is_not_finished_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        drop(ReportFile::create(&folder.path().join("report.xml")).expect("begun"));
        assert_eq!(names(folder.path()), <[String; 0]>::default());
    }

    #[test]
    fn a_place_that_cannot_be_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(ReportFile::create(&folder.path().join("no/such/report.xml")).is_err());
        assert!(ReportFile::create(folder.path()).is_err(), "a folder");
    }

    #[cfg(unix)]
    #[test]
    fn others_may_read_it_a_link_stays_and_a_device_is_no_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let (real, link) = (folder.path().join("real.xml"), folder.path().join("link.xml"));
        fs::write(&real, "old").expect("written");
        std::os::unix::fs::symlink(&real, &link).expect("linked");
        let (report, mut file) = ReportFile::create(&link).expect("begun");
        file.write_all(b"new").expect("written");
        report.finish().expect("finished");
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        assert_eq!(fs::read_to_string(&real).expect("there"), "new");
        let mode = fs::metadata(&real).expect("there").permissions().mode();
        let plain = folder.path().join("plain");
        fs::write(&plain, "").expect("written");
        assert_eq!(mode, fs::metadata(&plain).expect("there").permissions().mode());

        let (report, mut file) = ReportFile::create(Path::new("/dev/null")).expect("begun");
        file.write_all(b"gone").expect("written");
        report.finish().expect("finished");
    }
}

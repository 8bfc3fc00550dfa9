//! One form on its way to one place, with what may go wrong there.

use super::report_file::{BUFFER_BYTES, ReportFile};
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

/// A report that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the report to {place}")]
pub struct ReportError {
    place: String,
    #[source]
    source: io::Error,
}

/// A reporter that falls silent once its reader is gone, and remembers any other failure.
///
/// Each has its own: one that fails does not silence the others, and none stops the work.
pub struct Written<R: ?Sized> {
    place: String,
    state: io::Result<Open<R>>,
}

struct Open<R: ?Sized> {
    file: Option<ReportFile>,
    reporter: Box<R>,
}

impl<R: ?Sized> Written<R> {
    /// A reporter that writes to standard output, or into memory.
    #[must_use]
    pub fn to_output(reporter: Box<R>) -> Self {
        Self { place: "standard output".to_owned(), state: Ok(Open { reporter, file: None }) }
    }

    /// A reporter, made by `make`, that writes to a file.
    ///
    /// A file that cannot be made is told when the run is over: a shop is not left without its products
    /// because a folder for reports is gone.
    pub fn to_file(path: &Path, make: impl FnOnce(BufWriter<File>) -> Box<R>) -> Self {
        let state = ReportFile::create(path).map(|(report, file)| Open {
            reporter: make(BufWriter::with_capacity(BUFFER_BYTES, file)),
            file: Some(report),
        });
        Self { place: format!("`{}`", path.display()), state }
    }

    /// Tells the reporter something, unless it is silent.
    pub fn tell(&mut self, say: impl FnOnce(&mut R) -> io::Result<()>) {
        if let Ok(open) = &mut self.state
            && let Err(error) = say(&mut *open.reporter)
        {
            self.state = Err(error);
        }
    }

    /// Whether it failed, a closed pipe set aside.
    pub(super) fn has_failed(&self) -> bool {
        matches!(&self.state, Err(error) if error.kind() != io::ErrorKind::BrokenPipe)
    }

    /// Tells the last; what went wrong, if anything but a closed pipe did.
    pub fn finish(mut self, last: impl FnOnce(&mut R) -> io::Result<()>) -> Result<(), ReportError> {
        self.tell(last);
        let finished = self.state.and_then(|Open { file, reporter }| {
            drop(reporter);
            file.map_or(Ok(()), ReportFile::finish)
        });
        match finished {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            Err(source) => Err(ReportError { place: self.place, source }),
            Ok(()) => Ok(()),
        }
    }
}

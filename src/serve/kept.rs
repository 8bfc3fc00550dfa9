//! What is kept of a run: its reports in every form, and the bytes of its feed.
//!
//! Reports are written while the run goes on, in memory as long as they are small, into nameless files beyond.

use crate::config::ReportForm;
use crate::import::ImportReport;
use crate::judgement::Language;
use crate::report::{
    GitlabReporter, HtmlReporter, JsonReporter, JunitReporter, LinesReporter, Paint, Reporter, SarifReporter,
    TextReporter, Written,
};
use crate::source::{FeedSource, pack, packed};
use crate::store::{FeedState, PackedBytes, PackedFeed, PackedReport};
use std::io::{self, Read, Seek, Write};
use std::sync::{Arc, Mutex, PoisonError};
use tempfile::SpooledTempFile;

/// Bytes of a report that is kept in memory.
const MEMORY_BYTES_MAX: usize = 256 << 10;

/// Forms of reports that are kept, with their names and languages: the page in each.
pub(super) const FORMS: [(&str, ReportForm, Language); 8] = [
    ("txt", ReportForm::Text, Language::English),
    ("lines", ReportForm::Lines, Language::English),
    ("json", ReportForm::Json, Language::English),
    ("junit.xml", ReportForm::Junit, Language::English),
    ("sarif", ReportForm::Sarif, Language::English),
    ("gitlab.json", ReportForm::Gitlab, Language::English),
    ("html", ReportForm::Html, Language::English),
    ("de.html", ReportForm::Html, Language::German),
];

/// The reports of one run, while they are written.
#[derive(Debug)]
pub(super) struct KeptReports(Vec<(&'static str, Shared)>);

impl KeptReports {
    /// Begins all forms; gives back those who write them.
    pub(super) fn begin(samples: usize) -> (Self, Vec<Written<dyn Reporter>>) {
        let of = |(name, form, language): (&'static str, ReportForm, Language)| {
            let shared = Shared::new();
            let written = Written::to_output(reporter((form, language), shared.clone(), samples));
            ((name, shared), written)
        };
        let (kept, written) = FORMS.into_iter().map(of).unzip();
        (Self(kept), written)
    }

    /// Packs them, once they are written.
    pub(super) fn packed(self) -> io::Result<Vec<PackedReport>> {
        let pack = |(name, shared): (&'static str, Shared)| {
            Ok(PackedReport { form: name.to_owned(), bytes: shared.packed()? })
        };
        self.0.into_iter().map(pack).collect()
    }
}

fn reporter((form, language): (ReportForm, Language), out: Shared, samples: usize) -> Box<dyn Reporter> {
    match form {
        ReportForm::Text => Box::new(TextReporter::new(out, Paint::Plain, samples)),
        ReportForm::Lines => Box::new(LinesReporter::new(out)),
        ReportForm::Json => Box::new(JsonReporter::new(out)),
        ReportForm::Junit => Box::new(JunitReporter::new(out)),
        ReportForm::Sarif => Box::new(SarifReporter::new(out)),
        ReportForm::Gitlab => Box::new(GitlabReporter::new(out)),
        ReportForm::Html => Box::new(HtmlReporter::new(out, samples).in_language(language)),
    }
}

/// A report on its way, held by who writes it and by who keeps it.
#[derive(Clone, Debug)]
struct Shared(Arc<Mutex<SpooledTempFile>>);

impl Shared {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(SpooledTempFile::new(MEMORY_BYTES_MAX))))
    }

    fn packed(&self) -> io::Result<PackedBytes> {
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.rewind()?;
        if file.is_rolled() {
            return Ok(PackedBytes::File(pack(&mut *file, None, tempfile::tempfile()?)?));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let packed =
            if bytes.is_empty() { bytes } else { pack(&bytes[..], Some(bytes.len() as u64), Vec::new())? };
        Ok(PackedBytes::Memory(packed))
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The feed of a run, packed, with the number of its version; a held one is kept with its plan.
pub(super) fn read(feed: &FeedSource, report: &ImportReport, digest: [u8; 32]) -> Option<(i64, PackedFeed)> {
    let is_kept = |state| matches!(state, FeedState::Applied | FeedState::Checked | FeedState::Refused);
    let read = report.feeds.iter().find(|feed| is_kept(feed.state))?;
    // What cannot be kept is done all the same.
    let (file, bytes) = packed(feed, &digest).ok()?;
    Some((read.id, PackedFeed { file, bytes }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(bytes: usize, in_memory: bool) {
        let mut shared = Shared::new();
        shared.write_all(&vec![b'x'; bytes]).expect("written");
        let packed = shared.packed().expect("packed");
        assert_eq!(matches!(packed, PackedBytes::Memory(_)), in_memory);
    }

    #[test]
    fn memory_bytes_max() {
        case(0, true);
        case(MEMORY_BYTES_MAX, true);
        case(MEMORY_BYTES_MAX + 1, false);
    }
}

//! Uploads, as they are counted.

use crate::serve::problem::{Kind, Problem};
use crate::store::Enqueued;
use crate::telemetry::{Telemetry, UploadOutcome};
use std::time::Instant;

/// What became of an upload, as it is counted.
pub(super) fn outcome(taken: Result<&Enqueued, &Problem>) -> UploadOutcome {
    match taken {
        Ok(Enqueued::New(_)) => UploadOutcome::Accepted,
        Ok(Enqueued::Same(_)) => UploadOutcome::Repeated,
        Ok(Enqueued::OtherBytes(_)) => UploadOutcome::KeyReused,
        Err(problem) => match problem.kind() {
            Kind::Unauthorized => UploadOutcome::Unauthorized,
            Kind::Forbidden | Kind::SourceForbidden => UploadOutcome::Forbidden,
            Kind::TooLarge => UploadOutcome::TooLarge,
            Kind::UnsupportedMediaType => UploadOutcome::UnsupportedType,
            Kind::Timeout => UploadOutcome::TimedOut,
            Kind::TooManyUploads | Kind::Stopping => UploadOutcome::Busy,
            Kind::QueueFull => UploadOutcome::QueueFull,
            Kind::StorageFull => UploadOutcome::StorageFull,
            Kind::DatabaseUnavailable => UploadOutcome::DatabaseUnavailable,
            Kind::Internal => UploadOutcome::Failed,
            _ => UploadOutcome::Invalid,
        },
    }
}

/// An upload that is counted as given up by its client when it is dropped before its end.
pub(super) struct Unfinished<'a> {
    telemetry: &'a Telemetry,
    began: Instant,
    is_over: bool,
}

impl<'a> Unfinished<'a> {
    /// It begins now.
    pub(super) fn begin(telemetry: &'a Telemetry) -> Self {
        Self { telemetry, began: Instant::now(), is_over: false }
    }

    /// It has ended.
    pub(super) fn over(mut self, outcome: UploadOutcome) {
        self.is_over = true;
        self.telemetry.uploaded(outcome, self.began.elapsed());
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.telemetry.uploaded(UploadOutcome::Aborted, self.began.elapsed());
        }
    }
}

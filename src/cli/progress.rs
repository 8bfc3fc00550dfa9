//! Progress on standard error: a bar on a terminal, a line every few seconds, or nothing.
//!
//! Threads that read count up; one thread looks at the counts and shows them. Nobody waits for it.

use super::output::Messages;
use crate::config::ProgressForm;
use crate::pipeline::{Advance, Progress};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Between two looks of a bar.
const BAR_INTERVAL: Duration = Duration::from_millis(100);

/// Between two plain lines.
const LINE_INTERVAL: Duration = Duration::from_secs(5);

const BAR: &str = "{wide_bar} {percent:>3}%  \
    {decimal_bytes} of {decimal_total_bytes}, {decimal_bytes_per_sec}, {eta} left\n{msg}";
const NO_BAR: &str = "{spinner} {decimal_bytes}, {decimal_bytes_per_sec}, {elapsed}\n{msg}";

/// What is done with feeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// They are read, here or elsewhere.
    Reading,
    /// They are sent as they are.
    Sending,
}

/// How much work there is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    pub(super) work: Work,
    pub(super) feeds: u64,
    /// Delivered bytes of all feeds, when they are known.
    pub(super) bytes: Option<u64>,
}

/// Looks how far the work is.
pub(super) type Look = Arc<dyn Fn() -> Advance + Send + Sync>;

/// Looks at what threads that read count up.
pub(super) fn look_at(progress: &Arc<Progress>) -> Look {
    let progress = Arc::clone(progress);
    Arc::new(move || progress.now())
}

/// Shows progress until it is dropped.
pub(super) struct ProgressDisplay {
    thread: Option<(Sender<()>, JoinHandle<()>)>,
}

impl ProgressDisplay {
    /// Begins to show progress. `prints` says whether results go to a terminal meanwhile: then a bar
    /// would be written over.
    pub(super) fn start(
        form: ProgressForm,
        extent: Extent,
        look: Look,
        prints: bool,
        messages: &Messages,
    ) -> Self {
        let bar = form == ProgressForm::Auto
            && !messages.writes_lines()
            && io::stderr().is_terminal()
            && !(prints && io::stdout().is_terminal());
        let thread = match form {
            ProgressForm::Auto if bar => Some(ticking(BAR_INTERVAL, Bar::new(look, extent))),
            ProgressForm::Plain => Some(ticking(
                LINE_INTERVAL,
                Lines { look, extent, start: Instant::now(), messages: messages.clone() },
            )),
            ProgressForm::Auto | ProgressForm::None => None,
        };
        Self { thread }
    }
}

impl Drop for ProgressDisplay {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.thread.take() {
            drop(stop);
            // What a display does wrong is no concern of the work.
            let _ = thread.join();
        }
    }
}

trait Display: Send + 'static {
    fn show(&mut self);
    fn clear(&mut self) {}
}

fn ticking(interval: Duration, mut display: impl Display) -> (Sender<()>, JoinHandle<()>) {
    let (stop, stopped) = mpsc::channel::<()>();
    let thread = std::thread::spawn(move || {
        while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(interval) {
            display.show();
        }
        display.clear();
    });
    (stop, thread)
}

struct Bar {
    look: Look,
    extent: Extent,
    shown: ProgressBar,
}

impl Bar {
    fn new(look: Look, extent: Extent) -> Self {
        let (bar, template) = match extent.bytes {
            Some(bytes) => (ProgressBar::new(bytes), BAR),
            None => (ProgressBar::no_length(), NO_BAR),
        };
        bar.set_style(ProgressStyle::with_template(template).expect("the template is right"));
        Self { look, extent, shown: bar }
    }
}

impl Display for Bar {
    fn show(&mut self) {
        let advance = (self.look)();
        self.shown.set_message(counts(advance, self.extent, self.shown.elapsed()));
        self.shown.set_position(advance.delivered_bytes);
    }

    fn clear(&mut self) {
        self.shown.finish_and_clear();
    }
}

struct Lines {
    look: Look,
    extent: Extent,
    start: Instant,
    messages: Messages,
}

impl Display for Lines {
    fn show(&mut self) {
        self.messages.notice(&plain((self.look)(), self.extent, self.start.elapsed()));
    }
}

fn counts(advance: Advance, extent: Extent, elapsed: Duration) -> String {
    let Advance { feeds, records, refused, .. } = advance;
    let rate = per_second(records, elapsed);
    if extent.work == Work::Sending {
        return format!("{feeds} of {} feeds sent", extent.feeds);
    }
    format!("{feeds} of {} feeds, {records} records ({rate:.0}/s), {refused} refused", extent.feeds)
}

fn plain(advance: Advance, extent: Extent, elapsed: Duration) -> String {
    let bytes = advance.delivered_bytes;
    let rate = per_second(bytes, elapsed);
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let (of, left) = match extent.bytes {
        Some(total) if rate > 0.0 => (
            format!(" of {:.1}", megabytes(total)),
            format!(", {:.0} s left", total.saturating_sub(bytes) as f64 / rate),
        ),
        _ => (String::new(), String::new()),
    };
    format!(
        "progress: {:.1}{of} MB, {:.1} MB/s, {}{left}",
        megabytes(bytes),
        rate / 1e6,
        counts(advance, extent, elapsed)
    )
}

fn per_second(count: u64, elapsed: Duration) -> f64 {
    let seconds = elapsed.as_secs_f64();
    if seconds > 0.0 { count as f64 / seconds } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_line_says_how_far_and_how_fast() {
        let advance = Advance {
            feeds: 1,
            delivered_bytes: 40_000_000,
            records: 1000,
            refused: 3,
            ..Advance::default()
        };
        let line = |work, bytes| plain(advance, Extent { work, feeds: 2, bytes }, Duration::from_secs(2));
        assert_eq!(
            line(Work::Reading, Some(100_000_000)),
            "progress: 40.0 of 100.0 MB, 20.0 MB/s, 1 of 2 feeds, 1000 records (500/s), 3 refused, 3 s left"
        );
        assert_eq!(
            line(Work::Reading, None),
            "progress: 40.0 MB, 20.0 MB/s, 1 of 2 feeds, 1000 records (500/s), 3 refused"
        );
        assert_eq!(line(Work::Sending, None), "progress: 40.0 MB, 20.0 MB/s, 1 of 2 feeds sent");
    }

    #[test]
    fn the_templates_are_right() {
        for bytes in [None, Some(1)] {
            Bar::new(look_at(&Arc::default()), Extent { work: Work::Reading, feeds: 1, bytes }).clear();
        }
    }

    #[test]
    fn nothing_is_shown_when_nothing_is_asked() {
        let extent = Extent { work: Work::Reading, feeds: 1, bytes: None };
        let messages = Messages::default();
        let display =
            ProgressDisplay::start(ProgressForm::None, extent, look_at(&Arc::default()), false, &messages);
        assert!(display.thread.is_none());
    }
}

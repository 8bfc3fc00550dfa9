//! `feedgate submit`.

use super::context::{Context, block_on};
use super::output::{self, Messages};
use super::progress::{Extent, Look, ProgressDisplay, Work};
use super::remote::RemoteReports;
use super::reports;
use super::stop;
use crate::client::{
    BearerToken, Client, ClientError, Mode, RemoteRun, Repeated, ServiceUrl, SubmitOptions, TOKEN_BYTES_MAX,
    Upload,
};
use crate::config::{ReportForm, Settings, duration};
use crate::judgement::Acceptance;
use crate::pipeline::Advance;
use crate::report::escape::clean;
use crate::source::{Delivery, FeedSource, Inputs, discover};
use anyhow::{Context as _, anyhow, bail};
use clap::Args;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Runs that are told one by one when they are left.
const LEFT_MAX: usize = 5;

/// Submit feeds to a service
///
/// Sends feeds to `feedgate serve`, one after another. With `--wait`, follows their runs, prints their reports and ends
/// as `import` would have done. A feed that was submitted before is the same run, unless that failed or was cancelled:
/// calling this again does nothing twice.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate submit https://feedgate.example/ feed.xml.gz
  feedgate submit https://feedgate.example/ --wait --report-file junit=junit.xml feed.xml
  feedgate submit https://feedgate.example/ --wait --check --token-file token.txt feeds/

Exit status:
  0  all feeds were taken; with --wait, everything is imported
  1  deviations at error severity: what was right is imported, what was not is in quarantine
  2  could not do it: usage, a feed that cannot be read, a service that is away or refuses, no end within --timeout
  3  held: the feed is older than what was imported, or the guard holds it; nothing of it is imported
  4  not fully checked: the schema uses constructs that the engine does not check
  5  ended by SIGTERM or SIGINT: runs go on at the service; or the run was cancelled there
Without --wait, it is 0, 2 or 5.")]
pub(super) struct SubmitArgs {
    /// Address of the service, such as `https://feedgate.example/`
    #[arg(value_name = "URL")]
    url: String,
    /// Feeds: files, folders, or `-` for standard input
    #[arg(value_name = "FEED", required = true)]
    feeds: Vec<PathBuf>,
    /// Follow the runs to their end, print their reports, and exit with the gravest status of theirs
    #[arg(long)]
    wait: bool,
    /// Have the feeds judged only; the shop stays as it is
    #[arg(long)]
    check: bool,
    /// Format of the feeds, such as `onix` or `onix/3.0`; without it, each feed's root element decides
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    /// Whose products the feeds bring, whatever their headers say
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Begin new runs, also for feeds that were submitted before
    #[arg(long)]
    again: bool,
    /// File with the token to show; without it, the variable `FEEDGATE_TOKEN` has the token
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Give up after so long, such as `90s` or `2h`; runs that were submitted go on at the service
    #[arg(long, value_name = "TIME")]
    timeout: Option<String>,
    #[arg(long, value_name = "FORM", requires = "wait")]
    report: Option<String>,
    /// Write a report to a file as well, in any form; may be repeated [variables:
    /// `FEEDGATE_REPORT_FILE_JUNIT` and so on]
    #[arg(long, value_name = "FORM=PATH", requires = "wait")]
    report_file: Vec<String>,
    #[arg(long, value_name = "TIME")]
    settle: Option<String>,
    #[arg(long, value_name = "FORM")]
    progress: Option<String>,
}

pub(super) fn run(args: SubmitArgs, mut context: Context) -> anyhow::Result<Acceptance> {
    let timeout = args.timeout.as_deref().map(time).transpose()?;
    let mut submission = args.settle(&mut context)?;
    block_on(async move {
        let end = tokio::select! {
            () = submission.all() => End::Done,
            () = stop::signalled() => End::Signalled,
            () = until(timeout) => End::Late(timeout.unwrap_or_default()),
        };
        Ok(submission.end(&end))
    })?
}

/// How it came to its end.
enum End {
    Done,
    Signalled,
    Late(Duration),
}

fn time(text: &str) -> anyhow::Result<Duration> {
    duration(text).map_err(|error| anyhow!("`--timeout {text}` cannot be used: {error}"))
}

async fn until(timeout: Option<Duration>) {
    match timeout {
        Some(timeout) => tokio::time::sleep(timeout).await,
        None => std::future::pending().await,
    }
}

/// What is done, and how far it is.
struct Submission {
    settings: Settings,
    client: Client,
    options: SubmitOptions,
    messages: Messages,
    waits: bool,
    /// Those that are still to be sent.
    feeds: VecDeque<Feed>,
    /// Those that were sent and have not ended, as far as is known.
    under_way: VecDeque<Submitted>,
    reports: RemoteReports,
    status: Acceptance,
}

/// A feed to be sent; what can be read only once has been read.
struct Feed {
    source: FeedSource,
    read: Option<Delivery>,
}

struct Submitted {
    feed: Arc<str>,
    run: i64,
    bytes: u64,
}

impl SubmitArgs {
    fn settle(self, context: &mut Context) -> anyhow::Result<Submission> {
        context.flag("report", self.report.as_ref());
        context.flag("progress", self.progress.as_ref());
        context.flag("settle", self.settle.as_ref());
        reports::settle_files(&self.report_file, context)?;
        let settings = context.settle()?;
        let messages = context.messages().clone();
        let client = self.client(context, &messages)?;
        let found = discover(&self.feeds, settings.settle)?;
        if self.wait {
            one_document_each(&settings, found.feeds.len())?;
        }
        let mut inputs = Inputs::default();
        inputs.discovered(&found);
        if let Some(file) = &self.token_file {
            inputs.file(file, format!("the token file `{}`", file.display()));
        }
        reports::admit(&settings, context, inputs)?;
        Ok(Submission {
            client,
            waits: self.wait,
            options: self.options(context),
            messages: messages.clone(),
            feeds: found.feeds.into_iter().map(Feed::of).collect::<anyhow::Result<_>>()?,
            under_way: VecDeque::new(),
            reports: RemoteReports::new(&settings, messages),
            status: Acceptance::Accepted,
            settings,
        })
    }

    fn client(&self, context: &Context, messages: &Messages) -> anyhow::Result<Client> {
        let address: ServiceUrl = self.url.parse()?;
        let token = self.token(context)?;
        if token.is_some() && address.is_readable_on_the_way() {
            messages.notice(&format!(
                "notice: `{}` is not encrypted: the token and the feeds can be read on the way",
                address.host()
            ));
        }
        let messages = messages.clone();
        Ok(Client::new(address, token, Box::new(move |sentence| messages.notice(sentence)))?)
    }

    fn token(&self, context: &Context) -> anyhow::Result<Option<BearerToken>> {
        if let Some(path) = &self.token_file {
            let wrong = || format!("the token file `{}` cannot be used", path.display());
            return Ok(Some(BearerToken::of(&token_text(path).with_context(wrong)?).with_context(wrong)?));
        }
        let token = context.environment().get("FEEDGATE_TOKEN").map(BearerToken::of).transpose();
        token.context("the variable `FEEDGATE_TOKEN` cannot be used")
    }

    fn options(self, context: &Context) -> SubmitOptions {
        SubmitOptions {
            mode: if self.check { Mode::Check } else { Mode::Import },
            format: self.format,
            source: self.source,
            repeated: if self.again { Repeated::Again } else { Repeated::Same },
            traceparent: context.environment().get("TRACEPARENT").map(str::to_owned),
        }
    }
}

/// Reads no more than a token and a line break can have.
fn token_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(TOKEN_BYTES_MAX as u64 + 3).read_to_string(&mut text)?;
    Ok(text)
}

/// Each feed is a run of its own, and some reports are documents about one.
fn one_document_each(settings: &Settings, feeds: usize) -> anyhow::Result<()> {
    let joins = |form| matches!(form, ReportForm::Text | ReportForm::Lines | ReportForm::Json);
    if feeds > 1
        && let Some((form, _)) = reports::outputs(settings).find(|(form, _)| !joins(*form))
    {
        bail!(
            "a {form} report is a document about one run, and each of the {feeds} feeds is a run of its own: name one \
             feed in each call, or ask for text, lines or json"
        );
    }
    Ok(())
}

impl Feed {
    fn of(source: FeedSource) -> anyhow::Result<Self> {
        // Before signals are listened to: whoever waits for input is ended by them at once.
        let read = source.delivered_bytes().is_none().then(|| Delivery::open(&source)).transpose()?;
        Ok(Self { source, read })
    }

    fn bytes(&self) -> u64 {
        let read = self.read.as_ref().map(Delivery::bytes);
        read.or_else(|| self.source.delivered_bytes()).unwrap_or_default()
    }
}

impl Submission {
    async fn all(&mut self) {
        self.send_all().await;
        while let Some(next) = self.under_way.front().filter(|_| self.waits) {
            let (feed, run) = (Arc::clone(&next.feed), next.run);
            match self.follow(run, next.bytes).await {
                Ok(ended) => self.ended(&feed, &ended).await,
                Err(error) => {
                    let context = format!("run {run} of `{feed}` cannot be followed to its end");
                    self.failed(&anyhow::Error::new(error).context(context));
                    return;
                }
            }
            self.under_way.pop_front();
        }
    }

    async fn send_all(&mut self) {
        let sending = Arc::new(Sending::default());
        let extent = Extent {
            work: Work::Sending,
            feeds: self.feeds.len() as u64,
            bytes: Some(self.feeds.iter().map(Feed::bytes).sum()),
        };
        let display = self.display(extent, sending.look());
        while let Some(feed) = self.feeds.pop_front() {
            let name = Arc::clone(&feed.source.name);
            let Err(error) = self.send(feed, &sending).await else { continue };
            let goes_on = error.downcast_ref().is_none_or(ClientError::is_about_feed);
            self.failed(&error.context(format!("`{name}` was not submitted")));
            if !goes_on {
                break;
            }
        }
        drop(display);
        self.tell_unsent();
    }

    async fn send(&mut self, feed: Feed, sending: &Sending) -> anyhow::Result<()> {
        let name = Arc::clone(&feed.source.name);
        let delivery = feed.read.map_or_else(|| Delivery::open(&feed.source), Ok)?;
        let bytes = delivery.bytes();
        let upload = Upload::new(delivery, &self.options)?;
        sending.begin(upload.sent());
        let taken = self.client.submit(&upload, &self.options).await?;
        sending.end(bytes);
        if taken.is_repeated {
            self.messages.notice(&format!("notice: `{name}` was submitted before, as run {}", taken.run));
        }
        self.taken(Submitted { feed: name, run: taken.run, bytes });
        Ok(())
    }

    fn taken(&mut self, submitted: Submitted) {
        let line = format!(
            "{} → run {} {}",
            clean(&submitted.feed),
            submitted.run,
            self.client.address().run(submitted.run)
        );
        if self.waits {
            self.messages.notice(&line);
        } else if let Err(error) = output::print(&(line + "\n")) {
            let error = anyhow::Error::new(error);
            // Nobody reads it: no reason to send no more.
            if !output::is_closed_pipe(&error) {
                self.failed(&error.context("cannot write to standard output"));
            }
        }
        // Two feeds of the same bytes are one run.
        if self.under_way.iter().all(|other| other.run != submitted.run) {
            self.under_way.push_back(submitted);
        }
    }

    async fn follow(&self, run: i64, bytes: u64) -> Result<RemoteRun, ClientError> {
        let seen = Arc::new(Mutex::new(Advance::default()));
        let look: Look = {
            let seen = Arc::clone(&seen);
            Arc::new(move || *seen.lock().unwrap_or_else(PoisonError::into_inner))
        };
        let _display = self.display(Extent { work: Work::Reading, feeds: 1, bytes: Some(bytes) }, look);
        let watch = |run: &RemoteRun| *seen.lock().unwrap_or_else(PoisonError::into_inner) = advance(run);
        self.client.follow(run, watch).await
    }

    async fn ended(&mut self, feed: &str, run: &RemoteRun) {
        let told = self.reports.tell(&self.client, feed, run).await;
        self.status = self.status.and(run.acceptance()).and(told);
    }

    fn display(&self, extent: Extent, look: Look) -> ProgressDisplay {
        ProgressDisplay::start(self.settings.progress, extent, look, false, &self.messages)
    }

    fn failed(&mut self, error: &anyhow::Error) {
        self.messages.error(error);
        self.status = self.status.and(Acceptance::Failed);
    }

    fn tell_unsent(&self) {
        let unsent = self.feeds.len();
        if unsent > 0 {
            self.messages.notice(&format!("error: {unsent} more of the feeds were not submitted"));
        }
    }

    /// Tells what is left to the service, and gives back what all of it came to.
    fn end(mut self, end: &End) -> Acceptance {
        match end {
            End::Done => {}
            End::Signalled => self.status = self.status.and(Acceptance::Cancelled),
            End::Late(timeout) => {
                let seconds = timeout.as_secs_f64();
                self.failed(&anyhow!("not all of it was done within {seconds} s (`--timeout`)"));
            }
        }
        if !matches!(end, End::Done) {
            self.tell_unsent();
        }
        self.tell_under_way();
        for unwritten in self.reports.finish() {
            self.messages.error(&anyhow::Error::new(unwritten));
            self.status = self.status.and(Acceptance::Failed);
        }
        self.status
    }

    fn tell_under_way(&self) {
        if !self.waits {
            return;
        }
        let again = match self.options.repeated {
            Repeated::Same => "; the same call again follows it",
            Repeated::Again => "",
        };
        for Submitted { feed, run, .. } in self.under_way.iter().take(LEFT_MAX) {
            let place = self.client.address().run(*run);
            let sentence =
                format!("notice: run {run} of `{feed}` goes on at the service: look at {place}{again}");
            self.messages.notice(&output::lines(&sentence));
        }
        if let Some(more) = self.under_way.len().checked_sub(LEFT_MAX).filter(|more| *more > 0) {
            self.messages.notice(&format!("notice: {more} runs more go on there"));
        }
    }
}

/// How far a run is, as it says.
fn advance(run: &RemoteRun) -> Advance {
    let progress = run.progress.unwrap_or_default();
    Advance {
        feeds: u64::from(run.has_ended()),
        delivered_bytes: progress.bytes,
        records: progress.records,
        refused: progress.refused,
        ..Advance::default()
    }
}

/// How far sending is, for the display.
#[derive(Default)]
struct Sending(Mutex<Sent>);

#[derive(Default)]
struct Sent {
    feeds: u64,
    bytes: u64,
    /// Bytes of the feed at hand.
    at_hand: Arc<AtomicU64>,
}

impl Sending {
    fn look(self: &Arc<Self>) -> Look {
        let sending = Arc::clone(self);
        Arc::new(move || {
            let sent = sending.0.lock().unwrap_or_else(PoisonError::into_inner);
            let delivered_bytes = sent.bytes + sent.at_hand.load(Ordering::Relaxed);
            Advance { feeds: sent.feeds, delivered_bytes, ..Advance::default() }
        })
    }

    fn begin(&self, at_hand: &Arc<AtomicU64>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).at_hand = Arc::clone(at_hand);
    }

    fn end(&self, bytes: u64) {
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sent.feeds += 1;
        sent.bytes += bytes;
        sent.at_hand = Arc::default();
    }
}

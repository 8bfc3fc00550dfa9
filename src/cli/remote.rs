//! Reports of runs at a service: passed on as they were made there, or what the run itself says.

use super::output::{self, Messages};
use super::reports;
use crate::client::{Client, RemoteRun};
use crate::config::{ReportForm, Settings};
use crate::judgement::Acceptance;
use crate::report::escape::shown;
use crate::report::{ReportError, Written};
use anyhow::anyhow;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::PathBuf;

/// Every report that was asked for.
pub(super) struct RemoteReports {
    places: Vec<Place>,
    messages: Messages,
}

/// Where the reports of one form go, those of several runs one after another.
struct Place {
    form: ReportForm,
    /// `None` for standard output.
    path: Option<PathBuf>,
    /// Once there is one.
    out: Option<Written<dyn Write + Send>>,
}

impl RemoteReports {
    pub(super) fn new(settings: &Settings, messages: Messages) -> Self {
        let place = |(form, path): (ReportForm, Option<&std::path::Path>)| Place {
            form,
            path: path.map(PathBuf::from),
            out: None,
        };
        Self { places: reports::outputs(settings).map(place).collect(), messages }
    }

    /// Passes on the reports of a run that has ended; what of them could not be done.
    pub(super) async fn tell(&mut self, client: &Client, feed: &str, run: &RemoteRun) -> Acceptance {
        let mut done = Acceptance::Accepted;
        for place in &mut self.places {
            let form = place.form;
            match client.report(run.id, form).await {
                Ok(Some(mut report)) => place.pass_on(|out| io::copy(&mut report, out).map(drop)),
                Ok(None) => done = done.and(place.missing(&self.messages, feed, run)),
                Err(error) => {
                    let context = format!("cannot fetch the {form} report of run {}", run.id);
                    self.messages.error(&anyhow::Error::new(error).context(context));
                    done = done.and(Acceptance::Failed);
                }
            }
        }
        self.closing(feed, run);
        done
    }

    /// The last word on a run, where its report has none for people.
    fn closing(&self, feed: &str, run: &RemoteRun) {
        if self.places.first().is_some_and(|place| place.form != ReportForm::Text) {
            self.messages.notice(&format!(
                "run {} of `{}`: {}",
                run.id,
                shown(feed),
                verdict(run.acceptance())
            ));
        }
    }

    /// Reports are whole: they take their places.
    pub(super) fn finish(self) -> Vec<ReportError> {
        let written = self.places.into_iter().filter_map(|place| place.out);
        written.filter_map(|out| out.finish(Write::flush).err()).collect()
    }
}

impl Place {
    fn pass_on(&mut self, write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>) {
        let out = self.out.get_or_insert_with(|| reports::passed_on(self.path.as_deref()));
        // Whatever ends the program: what was told of a run stands.
        out.tell(|out| write(out).and_then(|()| out.flush()));
    }

    /// The service has no such report: the run itself says what it came to.
    fn missing(&mut self, messages: &Messages, feed: &str, run: &RemoteRun) -> Acceptance {
        let (form, id) = (self.form, run.id);
        if let Some(path) = &self.path {
            let path = path.display();
            messages.error(&anyhow!("the service keeps no {form} report of run {id}: `{path}` lacks it"));
            return Acceptance::Failed;
        }
        messages.notice(&format!(
            "notice: the service keeps no {form} report of run {id}: this is what the run says"
        ));
        let said = said(feed, run);
        if form == ReportForm::Text {
            self.pass_on(|out| out.write_all(said.as_bytes()));
        } else {
            messages.notice(&output::lines(&said));
        }
        Acceptance::Accepted
    }
}

fn verdict(acceptance: Acceptance) -> String {
    format!("exit status {}: {}", acceptance.exit_status(), acceptance.meaning())
}

/// What a run says of itself.
fn said(feed: &str, run: &RemoteRun) -> String {
    let mut lines = String::new();
    let mut line = |name: &str, value: &str| {
        writeln!(lines, "{name:<10}{value}").expect("writes to memory");
    };
    line("run", &format!("{}, {}", run.id, shown(&run.state)));
    line("feed", &shown(feed));
    if let Some(counts) = &run.counts {
        line("records", &format!("{} read, {} refused", counts.records, counts.refused));
        line(
            "products",
            &format!(
                "{} new, {} changed, {} unchanged, {} withdrawn",
                counts.inserted, counts.updated, counts.unchanged, counts.withdrawn
            ),
        );
    }
    let checks: Vec<_> = run.checks().map(|(check, state)| format!("{check} {state}")).collect();
    if !checks.is_empty() {
        line("checked", &shown(&checks.join("; ")));
    }
    if let Some(message) = &run.message {
        line("because", &shown(message));
    }
    line("verdict", &verdict(run.acceptance()));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_says_what_it_came_to_and_commands_no_terminal() {
        let run = serde_json::from_str(
            r#"{"id": 17, "state": "failed\u001b[2J", "exit_status": 2, "message": "no\nroom",
                "counts": {"records": 3, "refused": 1, "inserted": 2},
                "verdict": {"checks": [{"check": "well-formed", "state": "passed"},
                    {"check": "schema", "state": "failed"}]}}"#,
        );
        assert_eq!(
            said("a.xml", &run.expect("a run")),
            "run       17, failed\\u{1b}[2J\nfeed      a.xml\nrecords   3 read, 1 refused\n\
             products  2 new, 0 changed, 0 unchanged, 0 withdrawn\nchecked   well-formed passed; schema failed\n\
             because   no\\nroom\nverdict   exit status 2: could not do all of it; see the errors above\n"
        );
    }
}

//! A run, as a service tells it.

use super::client::Client;
use super::error::{ClientError, chain};
use super::retry::RETRY_AFTER_MAX;
use crate::judgement::Acceptance;
use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// The shortest time between two looks at a run.
const LOOK_MIN: Duration = Duration::from_millis(250);
/// The longest one.
const LOOK_MAX: Duration = Duration::from_secs(5);

/// A run. Its texts are the service's: they are made harmless before they are shown.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct RemoteRun {
    /// Its number.
    pub id: i64,
    /// How it stands: `queued`, `running`, or how it ended.
    pub state: String,
    /// `import` or `check`, where the service says it.
    #[serde(default)]
    pub command: Option<String>,
    /// What it came to, as an exit status; none before the end.
    pub exit_status: Option<u8>,
    /// Why it failed.
    pub message: Option<String>,
    /// When it ended.
    pub finished_at: Option<String>,
    /// How far it is.
    pub progress: Option<RemoteProgress>,
    /// What became of its records.
    pub counts: Option<RemoteCounts>,
    /// How its checks went.
    verdict: Value,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct RemoteProgress {
    /// Bytes read, as they were delivered.
    pub bytes: u64,
    /// Records read.
    pub records: u64,
    /// Records refused.
    pub refused: u64,
}

/// What became of the records of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct RemoteCounts {
    /// Records read.
    pub records: u64,
    /// Records refused.
    pub refused: u64,
    /// Products that are new.
    pub inserted: u64,
    /// Products that were changed.
    pub updated: u64,
    /// Products that were the same already.
    pub unchanged: u64,
    /// Products that were withdrawn.
    pub withdrawn: u64,
}

impl RemoteRun {
    /// Whether it is over.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        let ended = ["succeeded", "deviations", "failed", "held", "cancelled"];
        let said = self.exit_status.is_some() || self.finished_at.is_some();
        ended.contains(&self.state.as_str()) || said && !["queued", "running"].contains(&self.state.as_str())
    }

    /// What it came to, once it is over.
    #[must_use]
    pub fn acceptance(&self) -> Acceptance {
        match (self.exit_status, self.state.as_str()) {
            (Some(status), _) => Acceptance::of_exit_status(status),
            (None, "succeeded") => Acceptance::Accepted,
            (None, state) => Acceptance::of_word(state).unwrap_or(Acceptance::Failed),
        }
    }

    /// The checks with how each went, as far as it says so.
    pub fn checks(&self) -> impl Iterator<Item = (&str, &str)> {
        let checks = self.verdict["checks"].as_array().map(Vec::as_slice).unwrap_or_default();
        checks.iter().filter_map(|check| Some((check["check"].as_str()?, check["state"].as_str()?)))
    }
}

/// When to look again: the longer it goes on, the later.
fn next_look(elapsed: Duration) -> Duration {
    (elapsed / 10).clamp(LOOK_MIN, LOOK_MAX)
}

impl Client {
    /// Looks at a run, once.
    pub async fn run(&self, run: i64) -> Result<RemoteRun, ClientError> {
        let response = self.asked(self.request(Method::GET, &format!("v1/runs/{run}"), &[])).await?;
        let found: RemoteRun = self.json(response).await?;
        if found.id == run { Ok(found) } else { Err(self.other_program(&format!("run {}", found.id))) }
    }

    /// Looks at a run until it is over, as long as that takes; `seen` gets each look. A service that is away for a
    /// while is waited for.
    pub async fn follow(&self, run: i64, mut seen: impl FnMut(&RemoteRun)) -> Result<RemoteRun, ClientError> {
        let (began, mut is_away) = (Instant::now(), false);
        loop {
            let mut pause = next_look(began.elapsed());
            match self.run(run).await {
                Ok(found) => {
                    seen(&found);
                    if found.has_ended() {
                        return Ok(found);
                    }
                    if is_away {
                        self.tell(&format!("notice: run {run}: the service answers again"));
                    }
                    is_away = false;
                }
                Err(error) if error.may_pass() => {
                    if !is_away {
                        self.tell(&format!("notice: run {run}: {}; it is asked on", chain(&error)));
                    }
                    is_away = true;
                    pause = pause.max(error.retry_after().unwrap_or_default().min(RETRY_AFTER_MAX));
                }
                Err(error) => return Err(error),
            }
            tokio::time::sleep(pause).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> RemoteRun {
        serde_json::from_str(text).expect("a run")
    }

    #[track_caller]
    fn case(text: &str, has_ended: bool, acceptance: Acceptance) {
        let run = read(text);
        assert_eq!((run.has_ended(), run.acceptance()), (has_ended, acceptance), "{text}");
    }

    #[test]
    fn the_exit_status_decides_and_without_it_the_state() {
        case(r#"{"state": "succeeded", "exit_status": 4}"#, true, Acceptance::NotFullyChecked);
        case(r#"{"state": "deviations", "exit_status": 1}"#, true, Acceptance::Deviations);
        case(r#"{"state": "succeeded"}"#, true, Acceptance::Accepted);
        case(r#"{"state": "failed", "exit_status": null}"#, true, Acceptance::Failed);
        case(r#"{"state": "cancelled"}"#, true, Acceptance::Cancelled);
        case(r#"{"state": "held"}"#, true, Acceptance::Held);
        case(r#"{"state": "rolled-back", "exit_status": 0}"#, true, Acceptance::Accepted);
    }

    #[test]
    fn what_is_under_way_has_not_ended() {
        for state in ["queued", "running", "new-word", ""] {
            assert!(!read(&format!(r#"{{"state": "{state}"}}"#)).has_ended(), "{state}");
        }
        assert!(!read(r#"{"state": "running", "exit_status": 0}"#).has_ended());
    }

    #[test]
    fn checks_are_told_as_far_as_they_are_said() {
        let run = read(
            r#"{"verdict": {"checks": [{"check": "schema", "state": "failed", "parts": []}, {"x": 1}]}}"#,
        );
        assert_eq!(run.checks().collect::<Vec<_>>(), [("schema", "failed")]);
        assert_eq!(read(r#"{"verdict": null, "progress": null}"#).checks().count(), 0);
    }

    #[test]
    fn looks_become_rarer() {
        let looks = [0, 5, 30, 600].map(|seconds| next_look(Duration::from_secs(seconds)).as_millis());
        assert_eq!(looks, [250, 500, 3000, 5000]);
    }
}

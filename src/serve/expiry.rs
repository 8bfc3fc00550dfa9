//! What expires of the sources, looked at now and then and shown on their pages.

use super::cpu;
use super::service::Service;
use crate::config::{Environment, ExpirySettings};
use crate::expiry::{Scan, Standing};
use crate::survey::{Survey, SurveyError};
use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often it is looked whether it is time.
const LOOK: Duration = Duration::from_millis(200);

/// What the last look came to.
#[derive(Clone, Debug)]
pub(super) enum Seen {
    /// It was not looked yet, or nothing is listed.
    Nothing,
    /// All things with a source.
    Scan(Arc<Scan>),
    /// The inventory cannot be used.
    Failed,
}

/// The last look.
#[derive(Debug)]
pub(super) struct Expiring(Mutex<Seen>);

impl Default for Expiring {
    fn default() -> Self {
        Self(Mutex::new(Seen::Nothing))
    }
}

impl Expiring {
    /// What the last look came to.
    pub(super) fn seen(&self) -> Seen {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, seen: Seen) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = seen;
    }
}

/// The things of a source, what needs a hand first in front.
pub(super) fn of_source<'a>(scan: &'a Scan, source: &'a str) -> impl Iterator<Item = &'a Standing> {
    scan.standings.iter().filter(move |standing| standing.thing.source.as_deref() == Some(source))
}

/// Looks again and again until the service stops.
pub(super) async fn look(service: Arc<Service>) {
    let mut last: Option<Instant> = None;
    while !service.stopping.is_raised() {
        if last.is_none_or(|last| last.elapsed() >= service.plan.expiry.every) {
            let (settings, secrets) = (service.plan.expiry.clone(), service.plan.secrets.clone());
            let now = service.now();
            let seen = cpu::blocking(move || look_once(&settings, &secrets.0, now)).await;
            // Whatever goes wrong is seen on the page: what is not known is not well.
            service.expiring.set(seen.ok().and_then(Result::ok).unwrap_or(Seen::Failed));
            last = Some(Instant::now());
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn look_once(
    settings: &ExpirySettings,
    environment: &Environment,
    now: Timestamp,
) -> Result<Seen, SurveyError> {
    let Some(path) = &settings.inventory else { return Ok(Seen::Nothing) };
    let survey = Survey::open(path)?.select(|thing| thing.source.is_some());
    let variables = |name: &str| environment.get(name).map(str::to_owned);
    Ok(Seen::Scan(Arc::new(survey.scan(&variables, now))))
}

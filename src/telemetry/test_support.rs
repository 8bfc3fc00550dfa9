//! Telemetry for unit tests: without a collector, told by its exposition.

use super::{Exposition, LogReader, Telemetry};
use crate::config::{Environment, Layers, Settings};

/// Metrics that are asked for, and nothing else.
pub(super) fn scraped() -> Telemetry {
    let environment = Environment::of(&[]);
    let layers = Layers::gather(environment.clone(), None).expect("defaults");
    let settings = Settings::settle(&layers).expect("defaults");
    let (reader, exposition) = (LogReader::Terminal, Exposition::Scrape);
    let started = Telemetry::start(&settings.telemetry, settings.log, &environment, reader, exposition);
    started.expect("nothing is sent").0
}

//! Telemetry for unit tests: without a collector, told by its exposition.

use super::{Exposition, Instance, LogReader, Telemetry};
use crate::config::{Environment, Layers, Settings};

/// Metrics that are asked for, and nothing else.
pub(super) fn scraped() -> Telemetry {
    started(&[], Exposition::Scrape)
}

/// Telemetry of a process with these variables, at a terminal.
pub(super) fn started(variables: &[(&str, &str)], exposition: Exposition) -> Telemetry {
    let environment = Environment::of(variables);
    let layers = Layers::gather(environment.clone(), None).expect("settings");
    let settings = Settings::settle(&layers).expect("settings");
    let (reader, instance) = (LogReader::Terminal, &Instance::Process);
    let started =
        Telemetry::start(&settings.telemetry, settings.log, &environment, reader, exposition, instance);
    started.expect("nothing is sent").0
}

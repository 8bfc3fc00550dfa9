//! What every command starts from: settings and the place of the formats.

use super::GlobalArgs;
use super::output::{self, Messages};
use crate::config::{
    Environment, Layers, LogSettings, ProgressForm, SETTINGS, Scope, SettingKey, Settings, TelemetrySettings,
};
use crate::run;
use crate::source::SchemaFolder;
use crate::telemetry::{Exposition, Instance, LogReader, Telemetry};
use anyhow::Context as _;
use std::io::{self, IsTerminal};

/// Settings in layers, before and after the flags of a command are laid over them.
pub(super) struct Context {
    layers: Layers,
    messages: Messages,
    instance: Instance,
}

impl Context {
    /// Reads environment and settings file; `instance` is who tells of the command.
    pub(super) fn new(global: GlobalArgs, messages: Messages, instance: Instance) -> anyhow::Result<Self> {
        let environment = Environment::of_process();
        for name in environment.unknown() {
            messages.notice(&format!("notice: the environment variable `{name}` means nothing to feedgate"));
        }
        let mut layers = Layers::gather(environment, global.config.as_deref())?;
        for assignment in &global.set {
            layers.assignment(assignment)?;
        }
        layers.flag("color", global.color);
        Ok(Self { layers, messages, instance })
    }

    /// Lays the flag of a setting over the other layers.
    pub(super) fn flag(&mut self, key: &str, value: Option<impl ToString>) {
        self.layers.flag(key, value.map(|value| value.to_string()));
    }

    /// The environment.
    pub(super) fn environment(&self) -> &Environment {
        self.layers.environment()
    }

    /// What tells what is no result.
    pub(super) fn messages(&self) -> &Messages {
        &self.messages
    }

    /// All layers, one over the other.
    pub(super) fn layers(&self) -> &Layers {
        &self.layers
    }

    /// The settings, all layers taken together.
    pub(super) fn settle(&self) -> anyhow::Result<Settings> {
        let mut settings = Settings::settle(&self.layers)?;
        if output::is_quiet() {
            settings.progress = ProgressForm::None;
        }
        self.detailed();
        Ok(settings)
    }

    /// Tells what is not set by default, and by whom it is.
    fn detailed(&self) {
        let file = || match self.layers.file() {
            Some(path) => format!("the settings file is `{}`", path.display()),
            None => "there is no settings file".to_owned(),
        };
        output::detail(file);
        for setting in SETTINGS {
            let view = self.layers.view(&SettingKey { scope: Scope::All, setting });
            if let (Some(value), Some(place)) = (&view.value, view.set_by.place()) {
                output::detail(|| format!("{} is `{value}`, set by {place}", view.key));
            }
        }
    }

    /// The settings with one more flag.
    pub(super) fn with_flag(&self, key: &str, value: Option<impl ToString>) -> anyhow::Result<Settings> {
        let mut layers = self.layers.clone();
        layers.flag(key, value.map(|value| value.to_string()));
        Ok(Settings::settle(&layers)?)
    }

    /// Begins to trace, measure and log a command.
    pub(super) fn telemetry(&self, command: &'static str, settings: &Settings) -> anyhow::Result<()> {
        let (signals, begin) = (&settings.telemetry, |telemetry| self.messages.begin(telemetry, command));
        let who = (Exposition::None, &self.instance);
        start((signals, settings.log), &self.layers, who, &self.messages, begin)
    }

    /// Begins to measure and log a job that is no run of feeds.
    pub(super) fn job_telemetry(&self, settings: &Settings) -> anyhow::Result<()> {
        let (signals, begin) = (&settings.telemetry, |telemetry| self.messages.begin_process(telemetry));
        let who = (Exposition::None, &self.instance);
        start((signals, settings.log), &self.layers, who, &self.messages, begin)
    }

    /// Begins to trace, measure and log what has many runs; its metrics can be asked for.
    pub(super) fn process_telemetry(&self, settings: &Settings) -> anyhow::Result<()> {
        let (signals, begin) = (&settings.telemetry, |telemetry| self.messages.begin_process(telemetry));
        let who = (Exposition::Scrape, &self.instance);
        start((signals, settings.log), &self.layers, who, &self.messages, begin)
    }

    /// Where formats are looked for beside those of the program.
    pub(super) fn schema_folder(&self, settings: &Settings) -> SchemaFolder {
        match (&settings.schemas, self.environment().schema_folder()) {
            (Some(named), _) => SchemaFolder::Named(named.clone()),
            (None, Some(usual)) => SchemaFolder::Usual(usual),
            (None, None) => SchemaFolder::None,
        }
    }
}

fn start(
    (signals, log): (&TelemetrySettings, LogSettings),
    layers: &Layers,
    (exposition, instance): (Exposition, &Instance),
    messages: &Messages,
    begin: impl FnOnce(Telemetry),
) -> anyhow::Result<()> {
    let terminal = io::stderr().is_terminal();
    let reader = if terminal { LogReader::Terminal } else { LogReader::Program };
    let environment = layers.environment();
    let (telemetry, notices) = Telemetry::start(signals, log, environment, reader, exposition, instance)?;
    telemetry.hear_process();
    begin(telemetry);
    for notice in notices {
        messages.notice(&format!("notice: telemetry: {notice}"));
    }
    Ok(())
}

/// Begins to tell of a command that has failed before it could begin, so that its failure is seen where runs are
/// looked at. Without `layers`, those could not be gathered, and the environment has to do.
pub(super) fn tell_anyway(
    layers: Option<Layers>,
    command: &'static str,
    instance: &Instance,
    messages: &Messages,
) {
    let layers = layers.unwrap_or_else(|| Layers::of_environment(Environment::of_process()));
    if messages.is_begun() {
        return;
    }
    if let Ok((signals, log)) = Settings::settle_signals(&layers) {
        let begin = |telemetry| messages.begin(telemetry, command);
        // Why telemetry cannot be set up matters less than why the command has failed, which is told next.
        let _ = start((&signals, log), &layers, (Exposition::None, instance), messages, begin);
    }
}

/// Runs asynchronous work to its end.
pub(super) fn block_on<T>(work: impl Future<Output = T>) -> anyhow::Result<T> {
    run::block_on(work).context("cannot start the threads that talk to the database")
}

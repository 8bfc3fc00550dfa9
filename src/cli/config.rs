//! `feedgate config`.

use super::context::Context;
use super::output;
use crate::config::{Layers, SETTINGS, Scope, SetBy, SettingKey, SettingView};
use crate::judgement::Acceptance;
use crate::report::escape::{clean, json_safe};
use clap::Args;
use serde::Serialize;

/// Characters of a key or value that what stands behind it is aligned with.
const ALIGNED_CHARS_MAX: usize = 40;

/// Show every setting, its value, and who set it
///
/// Values are shown as they were written, secrets as `***`. Behind each stands the flag, the environment variable
/// or the line of the settings file it comes from, or `default`. Standard error says which file that is. What is set
/// for one format or sender comes last. With KEY, the value of that setting is printed and nothing else.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate config
  feedgate config database
  feedgate config 'sender.\"GLN 4012345000009\".guard.withdraw'
  feedgate config --config shop.toml --set threads=4
  feedgate config --json | jq -r 'select(.set_by != \"default\") | .key'

Each line of JSON has `version` (1), `type` (`setting`), `key`, `value` (null when there is none),
`set_by` (`flag`, `variable`, `file` or `default`) and `place` (the flag, the variable, FILE:LINE, or null).

Exit status:
  0  shown
  2  a setting that does not exist, a value that cannot be used, a settings file that cannot be read")]
pub(super) struct ConfigArgs {
    /// Key of one setting, such as `limits.ratio_max`
    key: Option<String>,
    /// Print JSON lines, one for each setting
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &ConfigArgs, context: &Context) -> anyhow::Result<Acceptance> {
    let layers = context.layers();
    let text = if let Some(key) = &args.key {
        let view = layers.view(&SettingKey::named(key, None)?);
        if args.json { json_line(&view) } else { value(&view) + "\n" }
    } else {
        output::notice(&source(layers));
        let global = SETTINGS.iter().map(|setting| SettingKey { scope: Scope::All, setting });
        let views: Vec<_> = global.chain(layers.scoped()).map(|key| layers.view(&key)).collect();
        if args.json { views.iter().map(json_line).collect() } else { listed(&views) }
    };
    output::print(&text)?;
    // What cannot be used is shown all the same, and then told as by every other command.
    context.settle()?;
    Ok(Acceptance::Accepted)
}

/// Which settings file was read.
fn source(layers: &Layers) -> String {
    match layers.file() {
        Some(path) => format!("notice: the settings file is `{}`", path.display()),
        None => "notice: there is no settings file".to_owned(),
    }
}

fn listed(views: &[SettingView]) -> String {
    let keys = width(views.iter().map(key));
    let values = width(views.iter().map(value));
    let line = |key: &str, value: &str, set_by: &str| format!("{key:keys$}  {value:values$}  {set_by}\n");
    let lines = views.iter().map(|view| line(&key(view), &value(view), &clean(&place(&view.set_by))));
    line("key", "value", "set by") + &lines.collect::<String>()
}

/// Characters of the longest text that others are aligned with.
fn width(texts: impl Iterator<Item = String>) -> usize {
    let widths = texts.map(|text| text.chars().count());
    widths.filter(|width| *width <= ALIGNED_CHARS_MAX).max().unwrap_or(0)
}

fn key(view: &SettingView) -> String {
    clean(&view.key).into_owned()
}

fn value(view: &SettingView) -> String {
    clean(view.value.as_deref().unwrap_or_default()).into_owned()
}

fn place(set_by: &SetBy) -> String {
    set_by.place().unwrap_or_else(|| set_by.layer().to_owned())
}

/// A setting for programs.
#[derive(Serialize)]
struct JsonLine<'a> {
    version: u32,
    r#type: &'static str,
    key: &'a str,
    value: Option<&'a str>,
    set_by: &'static str,
    place: Option<String>,
}

fn json_line(view: &SettingView) -> String {
    let SettingView { key, value, set_by } = view;
    let (value, place) = (value.as_deref(), set_by.place());
    let line = JsonLine { version: 1, r#type: "setting", key, value, set_by: set_by.layer(), place };
    json_safe(&serde_json::to_string(&line).expect("texts and numbers are JSON")).into_owned() + "\n"
}

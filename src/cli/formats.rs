//! The formats at hand, or those that were asked for.

use super::context::Context;
use super::output;
use crate::config::Settings;
use crate::pipeline::KnownFormat;
use crate::source::{Format, formats};
use anyhow::bail;
use std::time::Instant;

/// Every format at hand, or those that `--format` names: `onix` for all its versions, `onix/3.0` for one.
pub(super) fn known(
    context: &Context,
    settings: &Settings,
    wanted: Option<&str>,
) -> anyhow::Result<Vec<KnownFormat>> {
    let all = formats(&context.schema_folder(settings))?;
    let is_wanted = |format: &Format| {
        wanted.is_none_or(|wanted| format.id.name() == wanted || format.id.to_string() == wanted)
    };
    let (chosen, others): (Vec<_>, Vec<_>) = all.into_iter().partition(is_wanted);
    if chosen.is_empty() {
        let names: Vec<_> = others.iter().map(|format| format!("`{}`", format.id)).collect();
        bail!("there is no format `{}`: known are {}", wanted.unwrap_or_default(), names.join(", "));
    }
    let limits = settings.limits.schema;
    chosen.into_iter().map(|format| read(format.within(limits))).collect()
}

/// Reads the profile of a format.
fn read(format: Format) -> anyhow::Result<KnownFormat> {
    let (id, file, start) = (format.id.clone(), format.profile_file.clone(), Instant::now());
    let known = KnownFormat::read(format)?;
    output::detail(|| format!("format {id}: profile `{file}`, read in {:.1} ms", milliseconds(start)));
    Ok(known)
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1000.0
}

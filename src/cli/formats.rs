//! The formats at hand, or those that were asked for.

use super::context::Context;
use super::output;
use crate::config::Settings;
use crate::pipeline::KnownFormat;
use crate::source::{Format, formats};
use crate::xsd::SchemaLimits;
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
    let limits = schema_limits(settings);
    chosen.into_iter().map(|format| read(format.within(limits))).collect()
}

/// What a schema may cost.
pub(super) fn schema_limits(settings: &Settings) -> SchemaLimits {
    let limits = &settings.limits.schema;
    SchemaLimits {
        work_max: limits.work_max,
        documents_max: limits.documents_max,
        positions_max: limits.positions_max,
        edges_max: limits.edges_max,
        members_max: limits.members_max,
        paths_max: limits.paths_max,
        fields_max: limits.fields_max,
        restriction_steps_max: limits.restriction_steps_max,
        pattern_compiled_bytes_max: limits.pattern_compiled_bytes_max,
    }
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

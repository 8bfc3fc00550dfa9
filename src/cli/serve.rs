//! `feedgate serve`.

use super::context::Context;
use super::formats::known;
use super::import::settled;
use super::output;
use super::stop;
use crate::judgement::Acceptance;
use crate::pipeline::{FeedLimits, FeedsOptions, FormatPlans};
use crate::serve::{Secrets, ServePlan, Serving};
use crate::source::InputLimits;
use clap::Args;
use std::path::PathBuf;

/// Take feeds over HTTP, and import or check them in order
///
/// What was answered by 202 is stored and will be done, whatever happens to this process. Feeds of one sender are done
/// one after another, others beside them. With PostgreSQL several instances may share a database and a spool folder.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate serve
  feedgate serve --listen 0.0.0.0:8080 --database postgres://shop@db.example/shop --spool file:/var/spool/feedgate
  curl --data-binary @feed.xml.gz -H 'Content-Type: application/gzip' http://127.0.0.1:8080/v1/feeds

Exit status:
  0  stopped by SIGTERM or SIGINT; runs under way were given back and go on elsewhere, or after the next start
  2  could not begin: an address that is taken, no database, no spool")]
pub(super) struct ServeArgs {
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    #[arg(long, value_name = "ADDRESS")]
    admin_listen: Option<String>,
    #[arg(long, value_name = "PLACE")]
    spool: Option<String>,
    #[arg(long, value_name = "N")]
    workers: Option<String>,
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    #[arg(long, value_name = "FILE")]
    inventory: Option<PathBuf>,
    #[arg(long, value_name = "DIR")]
    schemas: Option<PathBuf>,
}

pub(super) fn run(args: ServeArgs, mut context: Context) -> anyhow::Result<Acceptance> {
    context.flag("serve.listen", args.listen);
    context.flag("serve.admin_listen", args.admin_listen);
    context.flag("serve.spool", args.spool);
    context.flag("serve.workers", args.workers);
    context.flag("database", args.database);
    context.flag("expiry.inventory", args.inventory.as_ref().map(|path| path.to_string_lossy()));
    context.flag("schemas", args.schemas.as_ref().map(|path| path.to_string_lossy()));
    let settings = context.settle()?;
    context.process_telemetry(&settings)?;
    let formats = known(&context, &settings, None)?;
    let expected = formats.iter().map(|known| known.format.id.to_string());
    context.messages().telemetry().expect_formats(expected);
    let limits = &settings.limits;
    let plan = ServePlan {
        settings: settings.serve.clone(),
        import: settled(&settings, &FormatPlans::new(formats.clone())),
        reading: FeedsOptions {
            input: InputLimits {
                decoded_bytes_max: limits.decoded_bytes_max,
                ratio_max: limits.ratio_max,
                ratio_free_bytes: limits.ratio_free_bytes,
            },
            limits: FeedLimits {
                xml: limits.xml,
                findings_max: limits.findings_max,
                record_findings_max: limits.record_findings_max,
                samples_max: u32::MAX,
                ..FeedLimits::default()
            },
            ..FeedsOptions::default()
        },
        formats,
        samples: settings.samples,
        telemetry: context.messages().telemetry(),
        versions_keep: settings.versions_keep,
        keep: settings.serve_keep,
        expiry: settings.expiry.clone(),
        secrets: Secrets(context.environment().clone()),
        trace_url: settings.telemetry.trace_url.clone(),
    };
    let stop = stop::listen(context.messages().clone());
    let serving = Serving::open(plan)?;
    for notice in &serving.notices {
        context.messages().notice(&format!("notice: {notice}"));
    }
    output::notice(&format!("listening on http://{}", serving.address()?));
    if let Some(admin) = serving.admin_address() {
        output::notice(&format!("for operators: http://{admin}"));
    }
    serving.run(&stop);
    Ok(Acceptance::Accepted)
}

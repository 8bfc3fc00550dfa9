//! Command line; the only place that names clap and anyhow.
//!
//! ```text
//!  arguments ─▶ XArgs (what was said) ─▶ XPlan (what is meant) ─▶ run ─▶ Acceptance
//!                    └─ flags, lifted over environment and file: Settings
//! ```
//!
//! Results go to standard output, everything else to standard error. One file per command; its doc
//! comment is its help.

mod audit;
mod baseline;
mod columns;
mod config;
mod conformance;
mod context;
mod decision;
mod definition;
mod diff;
mod drift;
mod expiry;
mod explain;
mod flags;
mod formats;
mod held;
mod import;
mod migrate;
mod output;
mod progress;
mod quarantine;
mod reading;
mod remote;
mod replay;
mod reports;
mod rollback;
mod rows;
mod runs;
mod schema;
mod schema_check;
mod serve;
mod stop;
mod submit;
mod token;
mod validate;

use crate::judgement::Acceptance;
use crate::store::tell_waits;
use crate::telemetry::Instance;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use context::{Context, tell_anyway};
use output::{Messages, Verbosity};
use std::path::PathBuf;
use std::process::ExitCode;

/// Check product feeds against their schema and import what is right
///
/// feedgate streams XML feeds, validates every record against the schema and the rules of its
/// format, writes what is right into the shop database, keeps what is wrong in quarantine, and
/// names every deviation with its place.
#[derive(Debug, Parser)]
#[command(name = "feedgate", version = VERSION, long_version = LONG_VERSION)]
#[command(max_term_width = 100, after_long_help = HELP)]
struct Cli {
    #[command(flatten)]
    global: GlobalArgs,
    #[command(subcommand)]
    command: Command,
}

/// Version and commit.
const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("BUILT_FROM_COMMIT"), ")");

/// The same, with what it was built by and for.
const LONG_VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\ncommit  ",
    env!("BUILT_FROM_COMMIT"),
    "\nrustc   ",
    env!("BUILT_WITH_RUSTC"),
    "\ntarget  ",
    env!("BUILT_FOR_TARGET")
);

const HELP: &str = "\
Exit status:
  0  accepted
  1  deviations at error severity; the same feed will fail again
  2  could not do it: usage, input, database; may be tried again
  3  held for approval
  4  not fully checked: the schema uses constructs that the engine does not check
  5  cancelled by SIGTERM or SIGINT: nothing is half applied; may be tried again

Settings come from flags, from the environment (FEEDGATE_DATABASE, FEEDGATE_LIMITS_RATIO_MAX),
from a TOML file (--config, FEEDGATE_CONFIG, ./feedgate.toml or ~/.config/feedgate/config.toml),
and from the defaults, in that order. `feedgate config` lists them all.

The JSON report is described in the README: JSON lines, each with `version` and `type`.";

/// Flags of every command.
#[derive(Debug, Args)]
struct GlobalArgs {
    /// Settings file (TOML) [variable: `FEEDGATE_CONFIG`]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Settings")]
    config: Option<PathBuf>,
    /// Set one setting, such as `limits.ratio_max=500`; may be repeated
    #[arg(long, global = true, value_name = "KEY=VALUE", help_heading = "Settings")]
    set: Vec<String>,
    #[arg(long, global = true, value_name = "WHEN", help_heading = "Settings")]
    color: Option<String>,
    /// Nothing on standard error but errors, and no table at the end of a text report
    ///
    /// The log that `log.form` and `log.level` ask for is as it is without.
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Settings")]
    quiet: bool,
    /// Tell on standard error what is done: settings that are not the default, formats, schemas, the database
    #[arg(short, long, global = true, help_heading = "Settings")]
    verbose: bool,
}

impl GlobalArgs {
    /// How much is told.
    const fn verbosity(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, true) => Verbosity::Verbose,
            (false, false) => Verbosity::Usual,
        }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    Validate(validate::ValidateArgs),
    Import(import::ImportArgs),
    Diff(diff::DiffArgs),
    Drift(drift::DriftArgs),
    Baseline(baseline::BaselineArgs),
    Runs(runs::RunsArgs),
    Serve(serve::ServeArgs),
    Submit(submit::SubmitArgs),
    Rollback(rollback::RollbackArgs),
    Held(held::HeldArgs),
    Quarantine(quarantine::QuarantineArgs),
    Expiry(expiry::ExpiryArgs),
    Token(token::TokenArgs),
    Audit(audit::AuditArgs),
    Migrate(migrate::MigrateArgs),
    Schema(schema::SchemaArgs),
    Config(config::ConfigArgs),
    Explain(explain::ExplainArgs),
    Completions(definition::CompletionsArgs),
    Man(definition::ManArgs),
    #[command(hide = true)]
    Conformance(conformance::ConformanceArgs),
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let parsed = flags::explained(Cli::command()).try_get_matches();
    let cli = match parsed.and_then(|mut matches| Cli::from_arg_matches_mut(&mut matches)) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are results, a wrong call is an error; a closed pipe is neither.
            if error.use_stderr() {
                output::notice(error.render().to_string().trim_end());
            } else {
                let _ = error.print();
            }
            return if error.use_stderr() { code(Acceptance::Failed) } else { code(Acceptance::Accepted) };
        }
    };
    output::speak(cli.global.verbosity());
    tell_waits(output::notice);
    let messages = Messages::default();
    let (told, last) = (std::panic::take_hook(), messages.clone());
    std::panic::set_hook(Box::new(move |panic| {
        told(panic);
        // The program aborts when this returns: what it had to tell goes now or never.
        last.end(Acceptance::Failed);
    }));
    let status = match run(cli, messages.clone()) {
        Ok(status) => status,
        Err(error) if output::is_closed_pipe(&error) => Acceptance::Accepted,
        Err(error) => {
            messages.error(&error);
            Acceptance::Failed
        }
    };
    let exit_status = messages.exit_status(status);
    if exit_status != status.exit_status() {
        let (own, meaning) = (status.exit_status(), status.meaning());
        messages.notice(&format!(
            "notice: exit status {exit_status}, not {own}, as `--deviations-ok` asks: {meaning}"
        ));
    }
    messages.end(status);
    ExitCode::from(exit_status)
}

fn code(status: Acceptance) -> ExitCode {
    ExitCode::from(status.exit_status())
}

impl Command {
    /// How traces and metrics name the run that the command is; `None` for one that only looks or decides.
    fn run(&self) -> Option<&'static str> {
        match self {
            Self::Validate(_) => Some("validate"),
            Self::Import(_) => Some("import"),
            Self::Rollback(_) => Some("rollback"),
            Self::Quarantine(args) => args.run(),
            _ => None,
        }
    }

    /// Who tells of it: a run has the same name each night, and each shard its own.
    fn instance(&self) -> Instance {
        match (self, self.run()) {
            (Self::Import(args), _) => Instance::Job(args.instance()),
            (Self::Expiry(args), _) => args.instance(),
            (_, Some(run)) => Instance::Job(run.into()),
            (_, None) => Instance::Process,
        }
    }
}

fn run(cli: Cli, messages: Messages) -> anyhow::Result<Acceptance> {
    let (run, instance, told) = (cli.command.run(), cli.command.instance(), messages.clone());
    let context = Context::new(cli.global, messages, instance.clone());
    let layers = context.as_ref().ok().map(|context| context.layers().clone());
    let ended = context.and_then(|context| carry_out(cli.command, context));
    // Alerts wait for the run of the night, also for the one that could not begin.
    if let (Err(_), Some(run)) = (&ended, run) {
        tell_anyway(layers, run, &instance, &told);
    }
    ended
}

fn carry_out(command: Command, context: Context) -> anyhow::Result<Acceptance> {
    match command {
        Command::Validate(args) => validate::run(&args, context),
        Command::Import(args) => import::run(args, context),
        Command::Diff(args) => diff::run(&args, context),
        Command::Drift(args) => drift::run(&args, context),
        Command::Baseline(args) => baseline::run(args, context),
        Command::Runs(args) => runs::run(args, context),
        Command::Serve(args) => serve::run(args, context),
        Command::Submit(args) => submit::run(args, context),
        Command::Rollback(args) => rollback::run(args, context),
        Command::Held(args) => held::run(args, context),
        Command::Quarantine(args) => quarantine::run(args, context),
        Command::Expiry(args) => expiry::run(args, context),
        Command::Token(args) => token::run(args, context),
        Command::Audit(args) => audit::run(args, context),
        Command::Migrate(args) => migrate::run(args, context),
        Command::Schema(args) => schema::run(args, context),
        Command::Config(args) => config::run(&args, &context),
        Command::Explain(args) => explain::run(&args),
        Command::Completions(args) => definition::completions(&args),
        Command::Man(args) => definition::man(&args),
        Command::Conformance(conformance::ConformanceArgs {}) => conformance::run(),
    }
}

//! What is made from the definition of the arguments: completions for shells, and pages of the manual.

use super::{Cli, flags, output};
use crate::judgement::Acceptance;
use anyhow::Context as _;
use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;
use std::fs;
use std::path::{Path, PathBuf};

/// Print completions for a shell
///
/// What is printed makes the shell complete commands, flags and their values.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate completions bash > /etc/bash_completion.d/feedgate
  feedgate completions zsh > ~/.zfunc/_feedgate
  feedgate completions fish > ~/.config/fish/completions/feedgate.fish

Exit status:
  0  printed
  2  could not do it: no such shell")]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Write the pages of the manual, one for each command
///
/// Each has what `--help` says. Pages that are there are replaced.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  feedgate man --dir /usr/local/share/man/man1
  feedgate man --dir . && man ./feedgate-import.1

Exit status:
  0  written
  2  could not do it: folder not writable")]
pub(super) struct ManArgs {
    /// Folder for the pages; made when absent
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
}

pub(super) fn completions(args: &CompletionsArgs) -> anyhow::Result<Acceptance> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut definition(), "feedgate", &mut script);
    output::print(&String::from_utf8(script).expect("a script is text"))?;
    Ok(Acceptance::Accepted)
}

pub(super) fn man(args: &ManArgs) -> anyhow::Result<Acceptance> {
    let folder = args.dir.as_path();
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder `{}`", folder.display()))?;
    let mut definition = definition().disable_help_subcommand(true);
    definition.build();
    let count = pages(definition, folder)?;
    output::notice(&format!("{count} pages written to `{}`", folder.display()));
    Ok(Acceptance::Accepted)
}

fn definition() -> Command {
    flags::explained(Cli::command())
}

/// Writes the page of a command and those of what stands below it; how many they are.
fn pages(command: Command, folder: &Path) -> anyhow::Result<usize> {
    let below = command.get_subcommands().filter(|below| !below.is_hide_set()).cloned();
    let count = below.map(|below| pages(below, folder)).sum::<anyhow::Result<usize>>()?;
    let man = Man::new(command.version(env!("CARGO_PKG_VERSION"))).manual("feedgate");
    let path = folder.join(man.get_filename());
    let mut page = Vec::new();
    man.render(&mut page)?;
    fs::write(&path, page).with_context(|| format!("cannot write `{}`", path.display()))?;
    Ok(count + 1)
}

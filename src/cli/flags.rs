//! Flags of settings: what the table of settings says of them becomes their help.

use crate::config::Setting;
use clap::builder::PossibleValuesParser;
use clap::{Arg, Command};

/// Explains every flag without help of its own, of all commands: such a flag is that of a setting.
pub(super) fn explained(command: Command) -> Command {
    command.mut_args(argument).mut_subcommands(explained)
}

fn argument(arg: Arg) -> Arg {
    let Some(setting) = arg.get_long().and_then(Setting::of_flag).filter(|_| arg.get_help().is_none()) else {
        return arg;
    };
    let words = setting.words();
    let arg = arg.help(setting.help());
    if words.is_empty() { arg } else { arg.value_parser(PossibleValuesParser::new(words)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::CommandFactory;

    #[test]
    fn the_definition_of_the_arguments_holds_together() {
        explained(Cli::command()).debug_assert();
    }

    /// Arguments of a command and those below it.
    fn arguments(command: &Command) -> Vec<&Arg> {
        command.get_arguments().chain(command.get_subcommands().flat_map(arguments)).collect()
    }

    #[test]
    fn every_argument_is_explained_and_every_flag_of_the_table_exists() {
        let command = explained(Cli::command());
        let arguments = arguments(&command);
        for arg in &arguments {
            assert!(arg.get_help().is_some(), "nothing explains `{}`", arg.get_id());
        }
        for flag in crate::config::SETTINGS.iter().filter_map(|setting| setting.flag) {
            let long = flag.trim_start_matches('-');
            assert!(arguments.iter().any(|arg| arg.get_long() == Some(long)), "no command has `{flag}`");
        }
    }
}

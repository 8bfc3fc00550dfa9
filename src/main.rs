//! The `feedgate` program: parses arguments, runs, maps the outcome to an exit status.

fn main() -> std::process::ExitCode {
    feedgate::cli::main()
}

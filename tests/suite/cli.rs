//! The program as a person calls it: help, exit statuses, reports, and what bad input gets.

mod agreement;
mod bad_input;
mod conformance;
mod databases;
mod dates;
mod definition;
mod drift;
mod files;
mod forms;
mod help;
mod json_lines;
mod lists;
mod lone_record;
mod mended;
mod quarantine;
mod reports;
mod rollback;
mod rows;
mod schema_check;
mod settings;
mod tokens;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder to call the program in, with nothing of the caller's environment: who calls is `desk`.
pub(crate) struct Desk {
    pub(crate) folder: tempfile::TempDir,
}

/// What a call came to.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder for a test") }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts a file into the folder.
    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("inside the folder")).expect("made");
        std::fs::write(&path, bytes).expect("written");
        path
    }

    /// The program, about to be called.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_feedgate"));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        command.env_clear().env("HOME", self.folder.path()).env("USER", "desk");
        command
    }

    /// Calls the program in the folder.
    pub(crate) fn call(&self, arguments: &[&str]) -> Call {
        Call::of(self.command(arguments).output().expect("the program starts"))
    }

    /// Calls the program with bytes on standard input.
    pub(crate) fn call_with(&self, arguments: &[&str], input: &[u8]) -> Call {
        use std::io::Write;
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("its input is a pipe");
        let input = input.to_vec();
        // The program may stop reading early: that is its right.
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output().expect("the program ends");
        let _ = writer.join().expect("no panic");
        Call::of(output)
    }
}

impl Call {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            status: output.status.code().expect("no signal ended it"),
            stdout: String::from_utf8(output.stdout).expect("text"),
            stderr: String::from_utf8(output.stderr).expect("text"),
        }
    }

    /// Ended with this status.
    #[track_caller]
    pub(crate) fn ends(self, status: i32) -> Self {
        assert_eq!(self.status, status, "{self:#?}");
        self
    }

    /// Standard error has each of these.
    #[track_caller]
    pub(crate) fn tells(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.stderr.contains(part), "`{part}` is missing: {self:#?}");
        }
        self
    }

    /// Standard output has each of these.
    #[track_caller]
    pub(crate) fn prints(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.stdout.contains(part), "`{part}` is missing: {self:#?}");
        }
        self
    }
}

impl Call {
    /// The table of the text report has each of these rows.
    #[track_caller]
    pub(crate) fn counts(self, rows: &[(&str, &str)]) -> Self {
        for (label, number) in rows {
            let is_row = |line: &str| {
                line.trim()
                    .strip_prefix(label)
                    .is_some_and(|rest| rest.starts_with("  ") && rest.trim() == *number)
            };
            assert!(self.stdout.lines().any(is_row), "`{label} {number}` is missing: {self:#?}");
        }
        self
    }
}

/// A file of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Compares with a file below `tests/data/cli`; with `FEEDGATE_TEST_ACCEPT` set, writes it.
#[track_caller]
pub(crate) fn snapshot(name: &str, text: &str) {
    let path = repository("tests/data/cli").join(name);
    if std::env::var_os("FEEDGATE_TEST_ACCEPT").is_some() {
        std::fs::create_dir_all(path.parent().expect("inside")).expect("made");
        std::fs::write(&path, text).expect("written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, expected, "tests/data/cli/{name} differs; FEEDGATE_TEST_ACCEPT=1 accepts");
}

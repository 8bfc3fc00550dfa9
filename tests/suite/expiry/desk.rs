//! A folder in which other programs make what is watched.

use feedgate::expiry::{Scan, Standing, State};
use feedgate::survey::Survey;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

/// Whether a program is there; says loudly when it is not.
pub(crate) fn tool(name: &str) -> bool {
    let is_there = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).is_file()));
    if !is_there {
        eprintln!("SKIPPED: there is no `{name}`, so what it makes is not looked at");
    }
    is_there
}

/// `Nov 28 07:12:34 2027 GMT`, as openssl and keytool say it, each in its order.
pub(crate) fn moment_of(text: &str, form: &str) -> Timestamp {
    let civil = DateTime::strptime(form, text.trim()).unwrap_or_else(|error| panic!("`{text}`: {error}"));
    civil.to_zoned(TimeZone::UTC).expect("a moment").timestamp()
}

/// A folder, and the programs that fill it.
pub(crate) struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder for a test") }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("inside")).expect("made");
        fs::write(&path, bytes).expect("written");
        path
    }

    /// Calls a program in the folder; it has to succeed.
    #[track_caller]
    pub(crate) fn run(&self, line: &str) -> String {
        let output = self.output(line);
        assert!(output.status.success(), "`{line}`: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn output(&self, line: &str) -> Output {
        // A word in quotes may hold blanks, or be empty.
        let mut words: Vec<String> = Vec::new();
        for (index, part) in line.split('\'').enumerate() {
            if index % 2 == 1 {
                words.push(part.to_owned());
            } else {
                words.extend(part.split_whitespace().map(str::to_owned));
            }
        }
        Command::new(&words[0])
            .args(&words[1..])
            .current_dir(self.folder.path())
            .env("TZ", "UTC")
            .env("LC_ALL", "C")
            .env("GNUPGHOME", self.path("gnupg"))
            .output()
            .unwrap_or_else(|error| panic!("`{}`: {error}", words[0]))
    }

    /// A key and a certificate of its own, `NAME.key` and `NAME.pem`.
    #[track_caller]
    pub(crate) fn certificate(&self, name: &str, key: &str, days: u32) {
        self.run(&format!(
            "openssl req -x509 -newkey {key} -nodes -keyout {name}.key -out {name}.pem -days {days} -subj /CN={name}"
        ));
    }

    /// When openssl says that a certificate ends.
    #[track_caller]
    pub(crate) fn end_of(&self, name: &str) -> Timestamp {
        let said = self.run(&format!("openssl x509 -enddate -noout -in {name}"));
        let said = said.trim().strip_prefix("notAfter=").expect("it says so").to_owned();
        moment_of(said.trim_end_matches(" GMT"), "%b %d %H:%M:%S %Y")
    }

    /// Scans things that are said like this, after the name of each.
    #[track_caller]
    pub(crate) fn scan(&self, things: &[(&str, &str)], now: Timestamp) -> Scan {
        let things: String =
            things.iter().map(|(name, keys)| format!("[[thing]]\nname = \"{name}\"\n{keys}\n")).collect();
        let path = self.file("expiry.toml", format!("version = 1\n{things}"));
        Survey::open(&path).expect("an inventory").scan(&|_| None, now)
    }

    /// Scans one thing.
    #[track_caller]
    pub(crate) fn look(&self, keys: &str, now: Timestamp) -> Standing {
        self.scan(&[("t", keys)], now).standings.remove(0)
    }

    /// Whether a thing stands like this, a day before this end and the second behind it.
    #[track_caller]
    pub(crate) fn ends(&self, keys: &str, end: Timestamp) -> Standing {
        let after = self.look(keys, second(end, 1));
        assert_eq!(after.state, State::Expired, "{keys}: {after:#?}");
        let standing = self.look(keys, second(end, -31 * 86_400));
        assert_eq!(standing.state, State::Ok, "{keys}: {standing:#?}");
        let until = standing.until.map(feedgate::expiry::Term::second);
        assert_eq!(until, Some(end.as_second()), "{keys}: {standing:#?}");
        assert_eq!(self.look(keys, second(end, -30 * 86_400)).state, State::Warning);
        assert_eq!(self.look(keys, second(end, -7 * 86_400)).state, State::Critical);
        standing
    }

    /// Whether a thing stands like this, and says so.
    #[track_caller]
    pub(crate) fn stands(&self, keys: &str, now: Timestamp, state: State, words: &str) {
        let standing = self.look(keys, now);
        assert_eq!(standing.state, state, "{keys}: {standing:#?}");
        let said = standing.troubles.first().map(|trouble| trouble.sentence.as_str()).unwrap_or_default();
        assert!(said.contains(words), "{keys}: `{said}`");
    }
}

/// So many seconds later.
pub(crate) fn second(moment: Timestamp, seconds: i64) -> Timestamp {
    Timestamp::from_second(moment.as_second() + seconds).expect("a moment")
}

//! Where settings come from, one layer over the other; the only place that reads the environment.

use super::error::{ConfigError, TomlFault};
use super::keys::{KEYS, Key};
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Who set a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A flag of the command line, as it is written.
    Flag(String),
    /// An environment variable.
    Variable(String),
    /// A settings file.
    File(PathBuf),
    /// Nobody.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => write!(f, "the flag `{flag}`"),
            Self::Variable(name) => write!(f, "the environment variable `{name}`"),
            Self::File(path) => write!(f, "the settings file `{}`", path.display()),
            Self::Default => f.write_str("the defaults"),
        }
    }
}

/// The part of the process environment that the program looks at, read once.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    const OTHERS: &'static [&'static str] = &[
        "HOME",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "NO_COLOR",
        "TERM",
        // A scheduler that traces hands its trace on in these.
        "TRACEPARENT",
        "TRACESTATE",
    ];

    /// Reads the environment of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let prefixes = ["FEEDGATE_", "OTEL_"];
        let wanted = |name: &str| {
            prefixes.iter().any(|prefix| name.starts_with(prefix)) || Self::OTHERS.contains(&name)
        };
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
        };
        Self { variables: std::env::vars_os().filter_map(text).filter(|(name, _)| wanted(name)).collect() }
    }

    /// An environment made by hand, for tests.
    #[must_use]
    pub fn of(pairs: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self { variables: pairs.iter().map(owned).collect() }
    }

    /// A variable that is set and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether the environment asks for output without colour.
    #[must_use]
    pub fn forbids_color(&self) -> bool {
        self.get("NO_COLOR").is_some() || self.get("TERM") == Some("dumb")
    }

    /// Where installed schema documents lie when nobody says otherwise.
    #[must_use]
    pub fn schema_folder(&self) -> Option<PathBuf> {
        Some(self.base("XDG_DATA_HOME", ".local/share")?.join("feedgate/schemas"))
    }

    fn base(&self, variable: &str, below_home: &str) -> Option<PathBuf> {
        // The XDG specification asks to ignore relative paths.
        let given = self.get(variable).map(PathBuf::from).filter(|path| path.is_absolute());
        given.or_else(|| Some(Path::new(self.get("HOME")?).join(below_home)))
    }

    /// Names that begin as ours do and mean nothing; told, not refused: an orchestrator adds
    /// variables of its own, such as those Kubernetes makes for a service called `feedgate`, and the
    /// tests have theirs.
    #[must_use]
    pub fn unknown(&self) -> Vec<&str> {
        let known: Vec<_> = KEYS.iter().map(Key::variable).chain(["FEEDGATE_CONFIG".to_owned()]).collect();
        let others = ["FEEDGATE_SERVICE_", "FEEDGATE_PORT", "FEEDGATE_TEST_"];
        let of_others = |name: &str| others.iter().any(|start| name.starts_with(start));
        let ours = self.variables.keys().filter(|name| name.starts_with("FEEDGATE_"));
        ours.filter(|name| !known.contains(name) && !of_others(name)).map(String::as_str).collect()
    }
}

/// All layers above the defaults.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    flags: BTreeMap<&'static str, (String, Origin)>,
    environment: Environment,
    file: Option<(PathBuf, BTreeMap<&'static str, String>)>,
}

impl Layers {
    /// Reads the settings file: the one asked for, else the one in the current folder, else the
    /// one of the user, else none.
    pub fn read(environment: Environment, asked: Option<&Path>) -> Result<Self, ConfigError> {
        let asked =
            asked.map(Path::to_owned).or_else(|| environment.get("FEEDGATE_CONFIG").map(PathBuf::from));
        let file = match asked {
            Some(path) => {
                let text = fs::read_to_string(&path)
                    .map_err(|source| ConfigError::File { path: path.clone(), source })?;
                Some((path, text))
            }
            None => Self::usual_file(&environment)?,
        };
        let file = file.map(|(path, text)| flat(&path, &text).map(|values| (path, values))).transpose()?;
        Ok(Self { flags: BTreeMap::new(), environment, file })
    }

    fn usual_file(environment: &Environment) -> Result<Option<(PathBuf, String)>, ConfigError> {
        let user =
            environment.base("XDG_CONFIG_HOME", ".config").map(|base| base.join("feedgate/config.toml"));
        for path in [Some(PathBuf::from("feedgate.toml")), user].into_iter().flatten() {
            match fs::read_to_string(&path) {
                Ok(text) => return Ok(Some((path, text))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(ConfigError::File { path, source }),
            }
        }
        Ok(None)
    }

    /// Lays a flag over everything else; nothing happens when it was not given.
    ///
    /// # Panics
    /// When the key is none of [`KEYS`].
    pub fn flag(&mut self, flag: &str, key: &str, value: Option<String>) {
        let key = Key::find(key).expect("flags set keys that exist");
        if let Some(value) = value {
            self.flags.insert(key.name, (value, Origin::Flag(flag.to_owned())));
        }
    }

    /// Lays `KEY=VALUE` of `--set` over everything else.
    pub fn assignment(&mut self, text: &str) -> Result<(), ConfigError> {
        let (name, value) = text.split_once('=').ok_or(ConfigError::NoValue)?;
        let origin = Origin::Flag("--set".to_owned());
        let key = Key::find(name.trim()).ok_or_else(|| ConfigError::Unknown {
            key: name.trim().to_owned(),
            origin: origin.clone(),
            nearest: Key::nearest(name.trim()),
        })?;
        self.flags.insert(key.name, (value.trim().to_owned(), origin));
        Ok(())
    }

    /// The environment the layers were read from.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The uppermost value of a key, with who set it.
    pub(crate) fn value(&self, key: &'static Key) -> (&str, Origin) {
        if let Some((value, origin)) = self.flags.get(key.name) {
            return (value, origin.clone());
        }
        let variable = key.variable();
        if let Some(value) = self.environment.get(&variable) {
            return (value, Origin::Variable(variable));
        }
        let in_file = self.file.as_ref().and_then(|(path, values)| Some((path, values.get(key.name)?)));
        match in_file {
            Some((path, value)) => (value, Origin::File(path.clone())),
            None => (key.default, Origin::Default),
        }
    }
}

/// A TOML text as keys with dots and values as texts; what is no key of ours is refused.
fn flat(path: &Path, text: &str) -> Result<BTreeMap<&'static str, String>, ConfigError> {
    let table: toml::Table = toml::from_str(text)
        .map_err(|error| ConfigError::Toml { path: path.to_owned(), source: TomlFault::new(text, &error) })?;
    let mut values = BTreeMap::new();
    let mut open: Vec<(String, toml::Value)> = table.into_iter().collect();
    while let Some((name, value)) = open.pop() {
        let value = match value {
            toml::Value::Table(section) => {
                open.extend(section.into_iter().map(|(part, value)| (format!("{name}.{part}"), value)));
                continue;
            }
            toml::Value::String(text) => text,
            other => other.to_string(),
        };
        let key = Key::find(&name).ok_or_else(|| ConfigError::Unknown {
            nearest: Key::nearest(&name),
            key: name,
            origin: Origin::File(path.to_owned()),
        })?;
        values.insert(key.name, value);
    }
    Ok(values)
}

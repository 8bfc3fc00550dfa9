//! Where settings come from, one layer over the other; the only place that reads the environment.

use super::error::{ConfigError, TomlFault, line_of};
use super::key::{self, Scope, SettingKey};
use super::table::{SETTINGS, Setting};
use super::value::SettingValue;
use std::any::TypeId;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io;
use std::iter::successors;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// Who set a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetBy {
    /// A flag of the command line, as it is written.
    Flag(&'static str),
    /// An environment variable.
    Variable(String),
    /// A line of a settings file, counted from 1.
    File(PathBuf, usize),
    /// Nobody.
    Default,
}

impl SetBy {
    /// Where to look for it: the flag, the variable, `FILE:LINE`; nowhere for a default.
    #[must_use]
    pub fn place(&self) -> Option<String> {
        match self {
            Self::Flag(flag) => Some((*flag).to_owned()),
            Self::Variable(name) => Some(name.clone()),
            Self::File(path, line) => Some(format!("{}:{line}", path.display())),
            Self::Default => None,
        }
    }

    /// Which of the layers it is, as a word.
    #[must_use]
    pub fn layer(&self) -> &'static str {
        match self {
            Self::Flag(_) => "flag",
            Self::Variable(_) => "variable",
            Self::File(..) => "file",
            Self::Default => "default",
        }
    }
}

impl fmt::Display for SetBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layer = match self {
            Self::Flag(_) => "the flag",
            Self::Variable(_) => "the environment variable",
            Self::File(..) => "the settings file",
            Self::Default => return f.write_str("the defaults"),
        };
        write!(f, "{layer} `{}`", self.place().unwrap_or_default())
    }
}

/// A setting as it holds, for people to see.
#[derive(Debug)]
pub struct SettingView {
    /// Which one, as it is written.
    pub key: String,
    /// Its value as it was written, secrets hidden; `None` when there is none.
    pub value: Option<String>,
    /// Who set it.
    pub set_by: SetBy,
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
        // Who decides something is written down.
        "USER",
        "LOGNAME",
        // A scheduler that traces hands its trace on in these.
        "TRACEPARENT",
        "TRACESTATE",
    ];

    /// Reads the environment of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let prefixes = ["FEEDGATE_", "OTEL_", "K8S_"];
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

    /// Who uses the program, as far as the environment tells.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.get("USER").or_else(|| self.get("LOGNAME"))
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
        let no_settings = ["FEEDGATE_CONFIG", "FEEDGATE_TOKEN"].map(str::to_owned);
        let known: Vec<_> = SETTINGS.iter().map(Setting::variable).chain(no_settings).collect();
        let others = ["FEEDGATE_SERVICE_", "FEEDGATE_PORT", "FEEDGATE_TEST_"];
        let of_others = |name: &str| others.iter().any(|start| name.starts_with(start));
        let ours = self.variables.keys().filter(|name| name.starts_with("FEEDGATE_"));
        ours.filter(|name| !known.contains(name) && !of_others(name)).map(String::as_str).collect()
    }
}

/// What was written for each setting, and by whom.
type Written = BTreeMap<(Scope, &'static str), (String, SetBy)>;

/// All layers above the defaults.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    flags: Written,
    environment: Environment,
    path: Option<PathBuf>,
    file: Written,
    aliases: Aliases,
}

/// Names of senders and the source they mean, as `[aliases]` of the settings file says.
pub type Aliases = BTreeMap<String, String>;

/// The section of the settings file whose keys are names of senders.
const ALIASES: &str = "aliases";

impl Layers {
    /// The environment alone, for what has to go on although the settings file is wrong.
    #[must_use]
    pub fn of_environment(environment: Environment) -> Self {
        Self { environment, ..Self::default() }
    }

    /// Reads the settings file: the one asked for, else the one in the current folder, else the
    /// one of the user, else none.
    pub fn gather(environment: Environment, asked: Option<&Path>) -> Result<Self, ConfigError> {
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
        let mut layers = Self { environment, ..Self::default() };
        if let Some((path, text)) = file {
            (layers.file, layers.aliases) = written(&path, &text)?;
            layers.path = Some(path);
        }
        Ok(layers)
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

    /// Lays the flag of a setting over everything else; nothing happens when it was not given.
    ///
    /// # Panics
    /// When there is no such setting, or it has no flag.
    pub fn flag(&mut self, key: &str, value: Option<String>) {
        let setting = Setting::known(key);
        let flag = setting.flag.expect("a flag sets it, so the table names one");
        if let Some(value) = value {
            self.flags.insert((Scope::All, setting.key), (value, SetBy::Flag(flag)));
        }
    }

    /// Lays `KEY=VALUE` of `--set` over everything else.
    pub fn assignment(&mut self, text: &str) -> Result<(), ConfigError> {
        let (key, value) = key::assignment(text).ok_or(ConfigError::NoValue)?;
        let set_by = SetBy::Flag("--set");
        let SettingKey { scope, setting } = SettingKey::named(key, Some(&set_by))?;
        self.flags.insert((scope, setting.key), (value.to_owned(), set_by));
        Ok(())
    }

    /// The environment the layers were read from.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The settings file that was read.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Names of senders and the source they mean.
    #[must_use]
    pub fn aliases(&self) -> &Aliases {
        &self.aliases
    }

    /// The settings that were written for one format or sender.
    pub fn scoped(&self) -> impl Iterator<Item = SettingKey> {
        let written: BTreeSet<_> = self.flags.keys().chain(self.file.keys()).collect();
        let narrow = written.into_iter().filter(|(scope, _)| *scope != Scope::All);
        narrow.map(|(scope, key)| SettingKey { scope: scope.clone(), setting: Setting::known(key) })
    }

    /// A setting as it holds.
    #[must_use]
    pub fn view(&self, key: &SettingKey) -> SettingView {
        let (text, set_by) = self.value_for(key.scope.clone(), key.setting);
        SettingView { key: key.to_string(), value: key.setting.shown(text, &self.environment), set_by }
    }

    /// The uppermost value of a setting, with who set it.
    pub(super) fn value(&self, setting: &'static Setting) -> (&str, SetBy) {
        self.value_for(Scope::All, setting)
    }

    /// The value that holds for a scope: its own, else that of the next wider one.
    fn value_for(&self, scope: Scope, setting: &'static Setting) -> (&str, SetBy) {
        let scopes = successors(Some(scope), Scope::wider);
        let written = scopes.into_iter().find_map(|scope| self.written(&scope, setting));
        written.unwrap_or((setting.default, SetBy::Default))
    }

    /// The uppermost value that was written for exactly this scope.
    fn written(&self, scope: &Scope, setting: &'static Setting) -> Option<(&str, SetBy)> {
        let key = (scope.clone(), setting.key);
        if let Some((value, set_by)) = self.flags.get(&key) {
            return Some((value, set_by.clone()));
        }
        if *scope == Scope::All {
            let variable = setting.variable();
            if let Some(value) = self.environment.get(&variable) {
                return Some((value, SetBy::Variable(variable)));
            }
        }
        self.file.get(&key).map(|(value, set_by)| (value.as_str(), set_by.clone()))
    }

    /// The uppermost value, read as the type that the table names.
    pub(super) fn read<T: SettingValue>(&self, key: &str) -> Result<T, ConfigError> {
        let setting = Setting::known(key);
        read(&SettingKey { scope: Scope::All, setting }, self.value(setting))
    }

    /// The value that was written for exactly this scope, read as the type that the table names.
    pub(super) fn said<T: SettingValue>(&self, scope: &Scope, key: &str) -> Result<Option<T>, ConfigError> {
        let setting = Setting::known(key);
        let key = SettingKey { scope: scope.clone(), setting };
        self.written(scope, setting).map(|written| read(&key, written)).transpose()
    }
}

/// A value that was written for a key.
fn read<T: SettingValue>(key: &SettingKey, (text, set_by): (&str, SetBy)) -> Result<T, ConfigError> {
    assert_eq!((key.setting.kind.type_id)(), TypeId::of::<T>(), "`{key}` is read as what the table says");
    T::read(text).map_err(|source| ConfigError::Value {
        key: key.to_string(),
        set_by,
        source: key.setting.explained(source),
    })
}

/// What a settings file sets; what is no setting of ours is refused.
fn written(path: &Path, text: &str) -> Result<(Written, Aliases), ConfigError> {
    let table = DeTable::parse(text)
        .map_err(|error| ConfigError::Toml { path: path.to_owned(), source: TomlFault::new(text, &error) })?;
    let (mut written, mut aliases) = (Written::new(), Aliases::new());
    let mut open = vec![(Vec::new(), table.into_inner())];
    while let Some((section, table)) = open.pop() {
        for (part, value) in table {
            let key: Vec<String> = section.iter().cloned().chain([part.get_ref().to_string()]).collect();
            let at = value.span();
            let value = match value.into_inner() {
                DeValue::Table(table) => {
                    open.push((key, table));
                    continue;
                }
                DeValue::String(value) => value.into_owned(),
                DeValue::Integer(number) => i128::from_str_radix(number.as_str(), number.radix())
                    .map_or_else(|_| number.to_string(), |number| number.to_string()),
                _ => text[at].to_owned(),
            };
            if let [section, name @ ..] = key.as_slice()
                && section == ALIASES
                && !name.is_empty()
            {
                aliases.insert(name.join("."), value);
                continue;
            }
            let set_by = SetBy::File(path.to_owned(), line_of(text, part.span().start));
            let SettingKey { scope, setting } = SettingKey::of_parts(&key, Some(&set_by))?;
            written.insert((scope, setting.key), (value, set_by));
        }
    }
    Ok((written, aliases))
}

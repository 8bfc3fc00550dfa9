//! The inventory: what is watched, as people write it down.
//!
//! Read in two steps: what was said (`Said`, every key of every kind), and what is meant ([`Thing`]). A key that means
//! nothing for its kind is an error, as is one that nobody knows: a threshold that is misspelt must not be silent.

use super::limits::{INVENTORY_BYTES_MAX, TAGS_MAX, TEXT_CHARS_MAX, THINGS_MAX};
use super::name::ThingName;
use super::thing::{Confirmation, Counting, Endpoint, Kind, PasswordSource, StartTls, Thing, Watched};
use super::thresholds::Thresholds;
use jiff::civil;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use toml::value::Datetime;

/// A commented inventory to begin with.
pub const INVENTORY_EXAMPLE: &str = include_str!("inventory.toml");
/// What an inventory is like, as JSON Schema.
pub const INVENTORY_SCHEMA: &str = include_str!("inventory.schema.json");

/// Faults that are told of one inventory.
const FAULTS_MAX: usize = 20;
/// Longest threshold or age: a century.
const SECONDS_MAX: i64 = 100 * 366 * 86_400;
/// How long an endpoint may take unless said otherwise.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long it may take at most.
const TIMEOUT_MAX: i64 = 60;
/// For how long a confirmation is believed unless said otherwise.
const CONFIRMED: i64 = 400 * 86_400;

/// What is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inventory {
    /// The things, as they are listed.
    pub things: Vec<Arc<Thing>>,
}

/// Why an inventory cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InventoryError {
    /// It is too long.
    #[error("it is longer than {INVENTORY_BYTES_MAX} bytes (`INVENTORY_BYTES_MAX`): part it into several")]
    TooLong,
    /// It is no text.
    #[error("it is no text in UTF-8")]
    NoText,
    /// It is not TOML, or has keys that nobody knows. The line is not repeated: it may hold what is secret.
    #[error("line {line}: {message}")]
    Toml {
        /// Line, from 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// It says what makes no sense.
    #[error("{}", faults(.0))]
    Faults(Vec<InventoryFault>),
}

/// One thing that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", place(.thing))]
pub struct InventoryFault {
    /// Name of the thing, or its number; empty for the inventory itself.
    pub thing: String,
    /// What is wrong and what to do.
    pub message: String,
}

fn place(thing: &str) -> String {
    if thing.is_empty() { "the inventory".to_owned() } else { format!("thing {thing}") }
}

fn faults(faults: &[InventoryFault]) -> String {
    let mut lines: Vec<String> = faults.iter().take(FAULTS_MAX).map(ToString::to_string).collect();
    if let Some(more) = faults.len().checked_sub(FAULTS_MAX).filter(|more| *more > 0) {
        lines.push(format!("and {more} more"));
    }
    lines.join("; ")
}

/// What was said.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SaidInventory {
    version: i64,
    #[serde(default)]
    defaults: SaidDefaults,
    #[serde(default, rename = "thing")]
    things: Vec<Said>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SaidDefaults {
    warning: Option<String>,
    critical: Option<String>,
    owner: Option<String>,
    contact: Option<String>,
    runbook: Option<String>,
}

/// Everything that may be said of a thing.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Said {
    name: Option<String>,
    kind: Option<String>,
    owner: Option<String>,
    contact: Option<String>,
    runbook: Option<String>,
    source: Option<String>,
    tags: Vec<String>,
    warning: Option<String>,
    critical: Option<String>,
    path: Option<String>,
    password_file: Option<String>,
    password_env: Option<String>,
    counts: Option<String>,
    except: Option<Vec<String>>,
    expires: Option<Datetime>,
    confirmed_by: Option<String>,
    confirmed_on: Option<Datetime>,
    confirmed_max: Option<String>,
    issued: Option<Datetime>,
    age_max: Option<String>,
    address: Option<String>,
    starttls: Option<String>,
    server_name: Option<String>,
    stored: Option<String>,
    trust: Option<String>,
    client_certificate: Option<String>,
    client_key: Option<String>,
    timeout: Option<String>,
}

impl Inventory {
    /// Reads an inventory.
    pub fn read(bytes: &[u8]) -> Result<Self, InventoryError> {
        if bytes.len() as u64 > INVENTORY_BYTES_MAX {
            return Err(InventoryError::TooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| InventoryError::NoText)?;
        let said: SaidInventory = toml::from_str(text).map_err(|error| toml_error(text, &error))?;
        settle(said).map_err(InventoryError::Faults)
    }

    /// The same with those things only that `keep` keeps.
    #[must_use]
    pub fn select(self, keep: impl Fn(&Thing) -> bool) -> Self {
        Self { things: self.things.into_iter().filter(|thing| keep(thing)).collect() }
    }
}

fn toml_error(text: &str, error: &toml::de::Error) -> InventoryError {
    let at = error.span().map_or(0, |span| span.start);
    let line = text.get(..at).unwrap_or_default().matches('\n').count() + 1;
    let mut message = error.message().to_owned();
    if message.contains("unknown field `password`") {
        "passwords never stand here: use `password_file` or `password_env`".clone_into(&mut message);
    }
    InventoryError::Toml { line, message }
}

fn settle(said: SaidInventory) -> Result<Inventory, Vec<InventoryFault>> {
    let mut faults = Vec::new();
    let mut whole = |message: String| faults.push(InventoryFault { thing: String::new(), message });
    if said.version != 1 {
        whole(format!("`version` is {}: this program knows 1", said.version));
    }
    if said.things.len() > THINGS_MAX {
        let count = said.things.len();
        whole(format!(
            "it lists {count} things, more than {THINGS_MAX} (`THINGS_MAX`): part it into several"
        ));
        return Err(faults);
    }
    let (mut names, mut things) = (HashSet::new(), Vec::with_capacity(said.things.len()));
    for (index, each) in said.things.into_iter().enumerate() {
        let called = called(index, each.name.as_deref());
        let thing = each.settle(&said.defaults);
        match thing {
            Ok(thing) if names.insert(thing.name.clone()) => things.push(Arc::new(thing)),
            Ok(_) => {
                let message = "another thing has its name: each needs one of its own".to_owned();
                faults.push(InventoryFault { thing: called, message });
            }
            Err(message) => faults.push(InventoryFault { thing: called, message }),
        }
    }
    if faults.is_empty() { Ok(Inventory { things }) } else { Err(faults) }
}

/// How a fault names a thing.
fn called(index: usize, name: Option<&str>) -> String {
    match name {
        Some(name) => format!("`{}`", shortened(name)),
        None => format!("number {}", index + 1),
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

/// Why a thing makes no sense, in words.
type Meaning<T> = Result<T, String>;

impl Said {
    fn settle(self, defaults: &SaidDefaults) -> Meaning<Thing> {
        let name = self.name.as_deref().ok_or("it has no `name`")?;
        let name = ThingName::new(name).map_err(|error| error.to_string())?;
        let word = self.kind.as_deref().ok_or_else(|| format!("it has no `kind`: use {}", kinds()))?;
        let kind = Kind::of_word(word)
            .ok_or_else(|| format!("`{}` is no kind: use {}", shortened(word), kinds()))?;
        self.only_known(kind)?;
        let watched = match kind {
            Kind::Files(form) => Watched::Files {
                form,
                path: required("path", self.path.as_deref())?,
                password: self.password()?,
                counting: self.counting()?,
                except: self.except.clone().unwrap_or_default(),
            },
            Kind::Date => self.date()?,
            Kind::Edition => Watched::Edition {
                issued: moment("issued", self.issued.as_ref())?,
                age_max: seconds("age_max", &required("age_max", self.age_max.as_deref())?)?,
            },
            Kind::Tls => Watched::Endpoint(Box::new(self.endpoint()?)),
        };
        let thresholds = self.thresholds(defaults)?;
        let Self { owner, contact, runbook, source, tags, .. } = self;
        let text = |key, own: Option<String>, default: &Option<String>| {
            short(key, own.or_else(|| default.clone()).unwrap_or_default())
        };
        Ok(Thing {
            name,
            watched,
            owner: text("owner", owner, &defaults.owner)?,
            contact: text("contact", contact, &defaults.contact)?,
            runbook: address(text("runbook", runbook, &defaults.runbook)?)?,
            source: source.map(|source| short("source", source)).transpose()?,
            tags: few(tags)?,
            thresholds,
        })
    }

    /// Lets pass if every key that was said means something for the kind.
    fn only_known(&self, kind: Kind) -> Meaning<()> {
        let files: &[&str] = match kind {
            Kind::Files(form) if form.has_password() => {
                &["path", "counts", "except", "password_file", "password_env"]
            }
            Kind::Files(_) => &["path", "counts", "except"],
            Kind::Date => &["expires", "confirmed_by", "confirmed_on", "confirmed_max"],
            Kind::Edition => &["issued", "age_max"],
            Kind::Tls => &[
                "address",
                "starttls",
                "server_name",
                "stored",
                "trust",
                "client_certificate",
                "client_key",
                "timeout",
                "counts",
            ],
        };
        let alien = self.said().into_iter().find(|key| !files.contains(key));
        match alien {
            Some(key) => Err(format!("`{key}` means nothing for kind `{}`: take it out", kind.as_str())),
            None => Ok(()),
        }
    }

    /// The keys of some kind that were said.
    fn said(&self) -> Vec<&'static str> {
        let keys = [
            ("path", self.path.is_some()),
            ("password_file", self.password_file.is_some()),
            ("password_env", self.password_env.is_some()),
            ("counts", self.counts.is_some()),
            ("except", self.except.is_some()),
            ("expires", self.expires.is_some()),
            ("confirmed_by", self.confirmed_by.is_some()),
            ("confirmed_on", self.confirmed_on.is_some()),
            ("confirmed_max", self.confirmed_max.is_some()),
            ("issued", self.issued.is_some()),
            ("age_max", self.age_max.is_some()),
            ("address", self.address.is_some()),
            ("starttls", self.starttls.is_some()),
            ("server_name", self.server_name.is_some()),
            ("stored", self.stored.is_some()),
            ("trust", self.trust.is_some()),
            ("client_certificate", self.client_certificate.is_some()),
            ("client_key", self.client_key.is_some()),
            ("timeout", self.timeout.is_some()),
        ];
        keys.into_iter().filter(|(_, is_said)| *is_said).map(|(key, _)| key).collect()
    }

    fn password(&self) -> Meaning<Option<PasswordSource>> {
        match (&self.password_file, &self.password_env) {
            (Some(_), Some(_)) => {
                Err("it has `password_file` and `password_env`: name one of them".to_owned())
            }
            (Some(file), None) => Ok(Some(PasswordSource::File(file.clone()))),
            (None, Some(name)) => Ok(Some(PasswordSource::Variable(name.clone()))),
            (None, None) => Ok(None),
        }
    }

    fn counting(&self) -> Meaning<Counting> {
        self.counts.as_deref().map_or(Ok(Counting::All), |word| choice("counts", word, &Counting::WORDS))
    }

    fn date(&self) -> Meaning<Watched> {
        let by = required("confirmed_by", self.confirmed_by.as_deref())?;
        let age_max =
            self.confirmed_max.as_deref().map_or(Ok(CONFIRMED), |max| seconds("confirmed_max", max))?;
        let on = moment("confirmed_on", self.confirmed_on.as_ref())?;
        let confirmed = Confirmation { by: short("confirmed_by", by)?, on, age_max };
        Ok(Watched::Date { expires: moment("expires", self.expires.as_ref())?, confirmed })
    }

    fn endpoint(&self) -> Meaning<Endpoint> {
        let address = required("address", self.address.as_deref())?;
        let (host, port) = host_and_port(&address)
            .ok_or_else(|| format!("`{}` is no address: write `HOST:PORT`", shortened(&address)))?;
        let start_tls = self.starttls.as_deref();
        let timeout = self.timeout.as_deref().map(|text| seconds("timeout", text)).transpose()?;
        Ok(Endpoint {
            port,
            start_tls: start_tls.map(|word| choice("starttls", word, &StartTls::WORDS)).transpose()?,
            server_name: self.server_name.clone().unwrap_or_else(|| host.clone()),
            stored: self.stored.clone(),
            trust: self.trust.clone(),
            client: self.client()?,
            timeout: timeout.map_or(Ok(TIMEOUT), limited)?,
            counting: self.counting()?,
            host,
        })
    }

    fn thresholds(&self, defaults: &SaidDefaults) -> Meaning<Thresholds> {
        let usual = Thresholds::default();
        let of = |key, own: &Option<String>, default: &Option<String>, usual| {
            own.as_deref().or(default.as_deref()).map_or(Ok(usual), |text| seconds(key, text))
        };
        let warning = of("warning", &self.warning, &defaults.warning, usual.warning)?;
        let critical = of("critical", &self.critical, &defaults.critical, usual.critical)?;
        if critical > warning {
            return Err("`critical` is more than `warning`: it is the time left that is shorter".to_owned());
        }
        Ok(Thresholds { warning, critical })
    }

    fn client(&self) -> Meaning<Option<(String, String)>> {
        match (&self.client_certificate, &self.client_key) {
            (Some(certificate), Some(key)) => Ok(Some((certificate.clone(), key.clone()))),
            (None, None) => Ok(None),
            _ => Err("`client_certificate` and `client_key` go together: name both".to_owned()),
        }
    }
}

fn kinds() -> String {
    let words: Vec<String> = Kind::all().map(|kind| format!("`{}`", kind.as_str())).collect();
    words.join(", ")
}

fn required(key: &str, text: Option<&str>) -> Meaning<String> {
    match text {
        Some(text) if !text.trim().is_empty() => Ok(text.to_owned()),
        _ => Err(format!("it has no `{key}`")),
    }
}

fn short(key: &str, text: String) -> Meaning<String> {
    if text.chars().count() > TEXT_CHARS_MAX {
        return Err(format!("`{key}` is longer than {TEXT_CHARS_MAX} characters (`TEXT_CHARS_MAX`)"));
    }
    Ok(text)
}

/// A page that people are sent to: nothing else may stand behind a link.
fn address(text: String) -> Meaning<String> {
    let is_page = text.is_empty() || text.starts_with("https://") || text.starts_with("http://");
    if is_page { Ok(text) } else { Err("`runbook` is no address of a page: write `https://...`".to_owned()) }
}

fn few(tags: Vec<String>) -> Meaning<Vec<String>> {
    if tags.len() > TAGS_MAX {
        return Err(format!("it has {} tags, more than {TAGS_MAX} (`TAGS_MAX`)", tags.len()));
    }
    tags.into_iter().map(|tag| short("tags", tag)).collect()
}

fn choice<T: Copy>(key: &str, word: &str, words: &[(&'static str, T)]) -> Meaning<T> {
    let found = words.iter().find(|(known, _)| *known == word).map(|(_, value)| *value);
    let known = || words.iter().map(|(known, _)| format!("`{known}`")).collect::<Vec<_>>().join(", ");
    found.ok_or_else(|| format!("`{}` is no `{key}`: use {}", shortened(word), known()))
}

/// A time as people write it, in whole seconds.
fn seconds(key: &str, text: &str) -> Meaning<i64> {
    let digits = text.trim().bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.trim().split_at(digits);
    let unit = match unit.trim() {
        "s" => Some(1),
        "min" => Some(60),
        "h" => Some(3_600),
        "d" => Some(86_400),
        _ => None,
    };
    let total = number.parse::<i64>().ok().zip(unit).and_then(|(number, unit)| number.checked_mul(unit));
    let within = total.filter(|total| *total <= SECONDS_MAX);
    within.ok_or_else(|| {
        format!("`{key}` is `{}`: write a whole number with s, min, h or d, such as `30d`", shortened(text))
    })
}

fn limited(seconds: i64) -> Meaning<Duration> {
    let within = u64::try_from(seconds).ok().filter(|_| (1..=TIMEOUT_MAX).contains(&seconds));
    within.map(Duration::from_secs).ok_or_else(|| format!("`timeout` is from 1s to {TIMEOUT_MAX}s"))
}

/// A date or moment of TOML. Without a time it is the beginning of the day, without an offset it is UTC.
fn moment(key: &str, said: Option<&Datetime>) -> Meaning<Timestamp> {
    let said = said.ok_or_else(|| format!("it has no `{key}`"))?;
    let no_date = || format!("`{key}` is no date: write `2027-03-01` or `2027-03-01T12:00:00Z`");
    let date = said.date.and_then(civil_date).ok_or_else(no_date)?;
    let time = said.time.map_or(Some(civil::Time::midnight()), civil_time).ok_or_else(no_date)?;
    let utc = date.to_datetime(time).to_zoned(TimeZone::UTC).map_err(|_| no_date())?.timestamp();
    let ahead = match said.offset {
        Some(toml::value::Offset::Custom { minutes }) => i64::from(minutes),
        Some(toml::value::Offset::Z) | None => 0,
    };
    utc.checked_sub(SignedDuration::from_mins(ahead)).map_err(|_| no_date())
}

fn civil_date(date: toml::value::Date) -> Option<civil::Date> {
    let (year, month) = (i16::try_from(date.year).ok()?, i8::try_from(date.month).ok()?);
    civil::Date::new(year, month, i8::try_from(date.day).ok()?).ok()
}

fn civil_time(time: toml::value::Time) -> Option<civil::Time> {
    let part = |value: u8| i8::try_from(value).ok();
    civil::Time::new(part(time.hour)?, part(time.minute)?, part(time.second)?, 0).ok()
}

/// `host:port`; a host that is an address of IPv6 stands in brackets.
fn host_and_port(address: &str) -> Option<(String, u16)> {
    let (host, port) = address.rsplit_once(':')?;
    let inner = host.strip_prefix('[').map_or(Some(host), |rest| rest.strip_suffix(']'))?;
    let is_bare = host == inner && host.contains(':');
    let fits = !inner.is_empty() && inner.len() <= 255 && !inner.contains(char::is_whitespace) && !is_bare;
    fits.then_some(())?;
    Some((inner.to_owned(), port.parse().ok().filter(|port| *port > 0)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expiry::Form;

    fn read(text: &str) -> Result<Inventory, String> {
        Inventory::read(text.as_bytes()).map_err(|error| error.to_string())
    }

    fn thing(keys: &str) -> String {
        format!("version = 1\n[[thing]]\nname = \"t\"\n{keys}")
    }

    #[track_caller]
    fn refused(keys: &str, expected: &str) {
        let error = read(&thing(keys)).expect_err("it makes no sense");
        assert!(error.contains(expected), "{error}");
    }

    const FILE: &str = "kind = \"certificates\"\npath = \"a\"\n";

    #[test]
    fn the_example_can_be_used_and_so_can_all_of_its_comments() {
        assert_eq!(read(INVENTORY_EXAMPLE).expect("it reads").things.len(), 1);
        let uncommented: Vec<&str> = INVENTORY_EXAMPLE
            .lines()
            .map(|line| {
                let inner = line.strip_prefix("# ").unwrap_or(line);
                let is_toml = inner.starts_with("[[")
                    || inner.split_once(" = ").is_some_and(|(key, _)| {
                        key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
                    });
                if is_toml { inner } else { line }
            })
            .collect();
        let all = read(&uncommented.join("\n")).expect("it reads, too");
        let kinds: HashSet<Kind> = all.things.iter().map(|thing| thing.kind()).collect();
        assert_eq!(kinds, Kind::all().collect::<HashSet<_>>());
    }

    #[test]
    fn a_thing_has_what_was_said_and_the_defaults() {
        let defaults = "version = 1\n[defaults]\nwarning = \"10d\"\ncritical = \"36h\"\nowner = \"us\"\n";
        let text = format!("{defaults}[[thing]]\nname = \"t\"\ncritical = \"90min\"\ntags = [\"a\"]\n{FILE}");
        let inventory = read(&text).expect("it reads");
        let thing = &inventory.things[0];
        assert_eq!((thing.thresholds.warning, thing.thresholds.critical), (864_000, 5_400));
        assert_eq!((thing.owner.as_str(), thing.tags.len()), ("us", 1));
        assert_eq!(thing.kind(), Kind::Files(Form::Certificates));
    }

    #[test]
    fn what_makes_no_sense_is_told() {
        refused("", "thing `t`: it has no `kind`: use `certificates`");
        refused("kind = \"cert\"", "`cert` is no kind");
        refused("kind = \"certificates\"", "it has no `path`");
        refused(&format!("{FILE}issued = 2026-01-01"), "`issued` means nothing for kind `certificates`");
        refused(&format!("{FILE}warnings = \"3d\""), "line 6: unknown field `warnings`");
        refused(&format!("{FILE}warning = \"3 weeks\""), "`warning` is `3 weeks`: write a whole number");
        refused(&format!("{FILE}warning = \"1d\""), "`critical` is more than `warning`");
        refused(&format!("{FILE}counts = \"some\""), "`some` is no `counts`: use `all`, `leaf`, `newest`");
        refused(&format!("{FILE}runbook = \"javascript:x\""), "`runbook` is no address of a page");
        refused(&format!("{FILE}password = \"hunter2\""), "passwords never stand here");
        refused("kind = \"date\"\nexpires = 2027-01-01", "it has no `confirmed_by`");
        refused("kind = \"edition\"\nissued = 12:00:00\nage_max = \"1d\"", "`issued` is no date");
        refused("kind = \"tls\"\naddress = \"host\"", "`host` is no address: write `HOST:PORT`");
        refused("kind = \"tls\"\naddress = \"::1:443\"", "is no address");
        refused("kind = \"tls\"\naddress = \"h:0\"", "is no address");
        refused("kind = \"tls\"\naddress = \"h:1\"\ntimeout = \"61s\"", "`timeout` is from 1s to 60s");
        refused("kind = \"tls\"\naddress = \"h:1\"\nclient_key = \"k\"", "go together");
        refused(&format!("{FILE}[[thing]]\nname = \"t\"\n{FILE}"), "another thing has its name");
        let error = read("version = 2").expect_err("it makes no sense");
        assert_eq!(error, "the inventory: `version` is 2: this program knows 1");
        assert!(read("version = 1\n[[thing]]\n").is_err_and(|error| error.starts_with("thing number 1: ")));
    }

    #[test]
    fn what_was_written_is_not_repeated_where_it_may_be_secret() {
        let error = read(&thing(&format!("{FILE}password = \"hunter2\""))).expect_err("it is refused");
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn dates_without_a_time_begin_the_day() {
        let of = |written: &str| {
            let text = format!("kind = \"edition\"\nage_max = \"1d\"\nissued = {written}");
            let inventory = read(&thing(&text)).expect("it reads");
            match &inventory.things[0].watched {
                Watched::Edition { issued, .. } => issued.to_string(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(of("2027-03-01"), "2027-03-01T00:00:00Z");
        assert_eq!(of("2027-03-01T12:00:30+02:00"), "2027-03-01T10:00:30Z");
        assert_eq!(of("2027-03-01T12:00:00"), "2027-03-01T12:00:00Z");
    }

    #[test]
    fn hosts_and_ports() {
        assert_eq!(host_and_port("[::1]:443"), Some(("::1".to_owned(), 443)));
        assert_eq!(host_and_port("a.example:25"), Some(("a.example".to_owned(), 25)));
        for text in ["a.example", "a b:1", ":1", "a:65536", "a:", "[::1:443"] {
            assert_eq!(host_and_port(text), None, "{text}");
        }
    }

    #[test]
    fn things_max() {
        let of = |count: usize| {
            let things: String = (0..count)
                .fold(String::new(), |all, number| all + &format!("[[thing]]\nname = \"t{number}\"\n{FILE}"));
            read(&format!("version = 1\n{things}"))
        };
        assert_eq!(of(THINGS_MAX).expect("it reads").things.len(), THINGS_MAX);
        assert!(of(THINGS_MAX + 1).is_err_and(|error| error.contains("THINGS_MAX")));
    }

    #[test]
    fn tags_max_and_text_chars_max() {
        let tags = |count: usize| read(&thing(&format!("{FILE}tags = {:?}", vec!["a"; count])));
        assert!(tags(TAGS_MAX).is_ok() && tags(TAGS_MAX + 1).is_err_and(|error| error.contains("TAGS_MAX")));
        let owner = |length: usize| read(&thing(&format!("{FILE}owner = {:?}", "ä".repeat(length))));
        assert!(owner(TEXT_CHARS_MAX).is_ok());
        assert!(owner(TEXT_CHARS_MAX + 1).is_err_and(|error| error.contains("TEXT_CHARS_MAX")));
    }

    #[test]
    fn inventory_bytes_max() {
        let of = |length: u64| {
            let mut text = "version = 1\n#".to_owned();
            text.push_str(&" ".repeat(usize::try_from(length).expect("small") - text.len()));
            Inventory::read(text.as_bytes()).map(|inventory| inventory.things.len())
        };
        assert_eq!(of(INVENTORY_BYTES_MAX), Ok(0));
        assert_eq!(of(INVENTORY_BYTES_MAX + 1), Err(InventoryError::TooLong));
    }

    #[test]
    fn many_faults_are_told_shortly() {
        let things = "[[thing]]\n".repeat(FAULTS_MAX + 2);
        let error = read(&format!("version = 1\n{things}")).expect_err("nothing has a name");
        assert!(error.ends_with("; and 2 more"), "{error}");
    }
}

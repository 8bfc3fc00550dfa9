//! What is done about drift, for all, for a format, for a sender, and path by path.
//!
//! What is said for a sender beats what is said for a format, and that what is said for all; of what is said for one of
//! them, a path beats what is above it, and that the policy for all paths.

use super::choice::Choice;
use super::error::ConfigError;
use super::key::Scope;
use super::layers::Layers;
use super::value::{Refusal, SettingValue};
use crate::drift::ALARMS_MAX;
use std::collections::{BTreeMap, BTreeSet};

/// Paths of one setting that have a policy of their own.
pub const DRIFT_PATHS_MAX: usize = 200;

/// What is done about a feed that is valid, and not as the feeds before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DriftPolicy {
    /// It is told as a notice.
    #[default]
    Observe,
    /// It is told as a warning.
    Warn,
    /// It is told as a warning, and nothing of the feed is imported before somebody has looked.
    Hold,
}

impl DriftPolicy {
    /// All of them, the mildest first.
    pub const ALL: [Self; 3] = [Self::Observe, Self::Warn, Self::Hold];

    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Warn => "warn",
            Self::Hold => "hold",
        }
    }
}

impl Choice for DriftPolicy {
    const WORDS: &'static [(&'static str, Self)] = &[
        (Self::Observe.as_str(), Self::Observe),
        (Self::Warn.as_str(), Self::Warn),
        (Self::Hold.as_str(), Self::Hold),
    ];
}

/// Paths with their policies: `Price/Tax=hold, Title=observe`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PathPolicies(BTreeMap<Box<str>, DriftPolicy>);

impl PathPolicies {
    /// That of the path, or of the nearest above it.
    fn of(&self, path: &str) -> Option<DriftPolicy> {
        let above = path.rmatch_indices('/').map(|(at, _)| &path[..at]);
        std::iter::once(path).chain(above).find_map(|path| self.0.get(path).copied())
    }
}

/// Why a text is no list of paths with policies.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum PathsError {
    /// Something without `=`, or with nothing before it.
    #[error("`{0}` is no path with its policy: write `PATH=POLICY, PATH=POLICY`, such as `Price/Tax=hold`")]
    Form(String),
    /// A path that is none from the record inwards.
    #[error(
        "`{0}` is no path from the record inwards: write it as findings tell it, such as `Price/@currency`"
    )]
    Path(String),
    /// The same path again.
    #[error("`{0}` stands twice")]
    Twice(String),
    /// More than [`DRIFT_PATHS_MAX`].
    #[error("{0} paths are too many: {DRIFT_PATHS_MAX} are the most")]
    Many(usize),
}

impl SettingValue for PathPolicies {
    const NOUN: &'static str = "`PATH=POLICY, …`";

    fn read(text: &str) -> Result<Self, Refusal> {
        let mut policies = BTreeMap::new();
        for said in text.split(',').map(str::trim).filter(|said| !said.is_empty()) {
            let form = || PathsError::Form(said.to_owned());
            let (path, policy) = said.rsplit_once('=').ok_or_else(form)?;
            let path = path.trim();
            if path.is_empty() {
                return Err(form().into());
            }
            if path.starts_with('/') || path.ends_with('/') || path.contains("//") {
                return Err(PathsError::Path(path.to_owned()).into());
            }
            let policy = DriftPolicy::of(policy.trim())?;
            if policies.insert(path.into(), policy).is_some() {
                return Err(PathsError::Twice(path.to_owned()).into());
            }
        }
        if policies.len() > DRIFT_PATHS_MAX {
            return Err(PathsError::Many(policies.len()).into());
        }
        Ok(Self(policies))
    }
}

/// What is said for fewer than all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Said {
    policy: Option<DriftPolicy>,
    paths: Option<PathPolicies>,
}

impl Said {
    fn of(&self, path: &str) -> Option<DriftPolicy> {
        self.paths.as_ref().and_then(|paths| paths.of(path)).or(self.policy)
    }
}

/// What is done about drift, for every sender, format and path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriftSettings {
    /// Drifts of one feed that are told one by one.
    pub alarms_max: usize,
    policy: DriftPolicy,
    paths: PathPolicies,
    scopes: BTreeMap<Scope, Said>,
}

impl Default for DriftSettings {
    fn default() -> Self {
        Self::of(DriftPolicy::default())
    }
}

impl DriftSettings {
    /// The same policy for all.
    #[must_use]
    pub fn of(policy: DriftPolicy) -> Self {
        Self { alarms_max: ALARMS_MAX, policy, paths: PathPolicies::default(), scopes: BTreeMap::new() }
    }

    /// What is done about a drift at a path of feeds of a format, such as `onix/3.0`, that bring products of a source.
    #[must_use]
    pub fn policy(&self, source: &str, format: &str, path: &str) -> DriftPolicy {
        let scopes = Scope::narrowing(source, format).into_iter();
        let said = scopes.filter_map(|scope| self.scopes.get(&scope)).find_map(|said| said.of(path));
        said.or_else(|| self.paths.of(path)).unwrap_or(self.policy)
    }

    /// A piece of the settings file that gives paths of a sender a policy, beside those that have one already.
    #[must_use]
    pub fn patch(&self, source: &str, paths: &[&str], policy: DriftPolicy) -> String {
        let quoted = |text: &str| toml::Value::from(text).to_string();
        let (source, paths) = (source.trim(), self.paths_with(source, paths, policy));
        format!("[sender.{}.drift]\npaths = {}\n", quoted(source), quoted(&paths))
    }

    /// What `drift.paths` is for a sender with these paths beside those that are said for it already.
    fn paths_with(&self, source: &str, paths: &[&str], policy: DriftPolicy) -> String {
        let said = self.scopes.get(&Scope::Sender(source.trim().to_owned()));
        let mut policies = said.and_then(|said| said.paths.clone()).unwrap_or_default();
        policies.0.extend(paths.iter().map(|&path| (path.into(), policy)));
        let policies = policies.0.iter().map(|(path, policy)| format!("{path}={}", policy.as_str()));
        policies.collect::<Vec<_>>().join(", ")
    }

    pub(super) fn settle(layers: &Layers) -> Result<Self, ConfigError> {
        let scopes: BTreeSet<_> = layers.scoped().map(|key| key.scope).collect();
        let said = |scope: Scope| {
            let policy = layers.said(&scope, "drift.policy")?;
            let paths = layers.said(&scope, "drift.paths")?;
            Ok((scope, Said { policy, paths }))
        };
        Ok(Self {
            alarms_max: layers.read("drift.alarms_max")?,
            policy: layers.read("drift.policy")?,
            paths: layers.read("drift.paths")?,
            scopes: scopes.into_iter().map(said).collect::<Result<_, ConfigError>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn read(text: &str) -> PathPolicies {
        PathPolicies::read(text).expect("paths with policies")
    }

    #[test]
    fn the_nearest_path_decides() {
        let paths = read(" Price = hold, Price/Tax=warn , Price/@currency=observe,");
        assert_eq!(paths.of("Price"), Some(DriftPolicy::Hold));
        assert_eq!(paths.of("Price/Amount"), Some(DriftPolicy::Hold));
        assert_eq!(paths.of("Price/Tax/Rate"), Some(DriftPolicy::Warn));
        assert_eq!(paths.of("Price/@currency"), Some(DriftPolicy::Observe));
        assert_eq!((paths.of("Prices"), paths.of("Offer/Price"), paths.of("")), (None, None, None));
        assert_eq!(read("line ends=warn").of("line ends"), Some(DriftPolicy::Warn));
        assert_eq!(read(""), PathPolicies::default());
    }

    #[test]
    fn what_is_no_path_with_its_policy_is_refused() {
        let reason = |text: &str| PathPolicies::read(text).expect_err("must be refused").to_string();
        assert!(reason("Price").starts_with("`Price` is no path with its policy: write `PATH=POLICY"));
        assert!(reason("=hold").starts_with("`=hold` is no path with its policy"));
        assert!(
            reason("/ONIXMessage/Product=hold").starts_with("`/ONIXMessage/Product` is no path from the")
        );
        assert_eq!(reason("Price=stop"), "`stop` is none of observe, warn, hold");
        assert_eq!(reason("Price=hold, Price = warn"), "`Price` stands twice");
    }

    #[test]
    fn drift_paths_max() {
        let of = |count: usize| {
            let paths: Vec<_> = (0..count).map(|number| format!("p{number}=warn")).collect();
            PathPolicies::read(&paths.join(",")).map_err(|error| error.to_string())
        };
        assert!(of(DRIFT_PATHS_MAX).is_ok());
        assert_eq!(of(DRIFT_PATHS_MAX + 1), Err("201 paths are too many: 200 are the most".to_owned()));
    }
}

//! Settings of the watch over what expires.

use super::error::ConfigError;
use super::layers::Layers;
use super::value::{Refusal, SettingValue};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Shortest time between two looks.
const EVERY_MIN: Duration = Duration::from_secs(1);

/// What the watch over what expires is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpirySettings {
    /// The file that lists what is watched.
    pub inventory: Option<PathBuf>,
    /// Time between two looks.
    pub every: Duration,
    /// Where a watch answers its operators; nowhere when there is none.
    pub listen: Option<SocketAddr>,
}

impl ExpirySettings {
    pub(super) fn settle(layers: &Layers) -> Result<Self, ConfigError> {
        Ok(Self {
            inventory: layers.read("expiry.inventory")?,
            every: layers.read::<ExpiryInterval>("expiry.every")?.0,
            listen: layers.read("expiry.listen")?,
        })
    }
}

/// Time between two looks.
pub(super) struct ExpiryInterval(Duration);

/// Why a time is too short.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is too short: at least 1 s, so that looking is not all that is done")]
struct IntervalError(String);

impl SettingValue for ExpiryInterval {
    const NOUN: &'static str = Duration::NOUN;

    fn read(text: &str) -> Result<Self, Refusal> {
        let every = Duration::read(text)?;
        if every < EVERY_MIN { Err(IntervalError(text.to_owned()).into()) } else { Ok(Self(every)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_min() {
        assert!(ExpiryInterval::read("1s").is_ok_and(|every| every.0 == EVERY_MIN));
        assert!(ExpiryInterval::read("999ms").is_err());
    }
}

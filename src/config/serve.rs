//! Settings of the upload service.

use super::error::ConfigError;
use super::layers::Layers;
use super::quantity::ByteSize;
use super::value::{Refusal, SettingValue};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Workers that one instance may have: each takes a connection and memory for a feed.
const WORKERS_MAX: usize = 64;

/// What the upload service is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServeSettings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Where it answers its operators: health, readiness, metrics; nowhere when there is none.
    pub admin_listen: Option<SocketAddr>,
    /// The folder where feeds wait.
    pub spool: PathBuf,
    /// Runs worked on at a time.
    pub workers: usize,
    /// Bytes of an uploaded feed, as delivered.
    pub body_bytes_max: u64,
    /// Bytes of a record or feed that is judged at once.
    pub check_bytes_max: u64,
    /// Runs that may wait.
    pub queue_max: u64,
    /// Uploads received at a time.
    pub uploads_max: usize,
    /// The same, of one token.
    pub uploads_per_token_max: usize,
    /// Bytes per second below which an upload is ended.
    pub body_rate_min: u64,
}

impl ServeSettings {
    pub(super) fn settle(layers: &Layers) -> Result<Self, ConfigError> {
        let size = |key| layers.read::<ByteSize>(key).map(|size| size.0);
        Ok(Self {
            listen: layers.read("serve.listen")?,
            admin_listen: layers.read("serve.admin_listen")?,
            spool: layers.read::<SpoolPlace>("serve.spool")?.0,
            workers: layers.read::<Workers>("serve.workers")?.0,
            body_bytes_max: size("serve.body_bytes_max")?,
            check_bytes_max: size("serve.check_bytes_max")?,
            queue_max: layers.read("serve.queue_max")?,
            uploads_max: layers.read("serve.uploads_max")?,
            uploads_per_token_max: layers.read("serve.uploads_per_token_max")?,
            body_rate_min: size("serve.body_rate_min")?,
        })
    }
}

/// Why an address is none.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no address to listen on: write `HOST:PORT` with a numeric host, such as `127.0.0.1:8080`")]
struct AddressError(String);

impl SettingValue for SocketAddr {
    const NOUN: &'static str = "address";

    fn read(text: &str) -> Result<Self, Refusal> {
        text.trim().parse().map_err(|_| AddressError(text.to_owned()).into())
    }
}

/// Where feeds wait.
pub(super) struct SpoolPlace(PathBuf);

/// Why feeds cannot wait there.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no place for a spool: write `file:PATH`, the only kind there is")]
struct SpoolError(String);

impl SettingValue for SpoolPlace {
    const NOUN: &'static str = "place";

    fn read(text: &str) -> Result<Self, Refusal> {
        let path = text.trim().strip_prefix("file:").unwrap_or_default();
        // As an address of a file is written, with an empty host: `file:///var/spool`.
        let path = if path.starts_with("///") { &path[2..] } else { path };
        if path.is_empty() || path.starts_with("//") {
            return Err(SpoolError(text.to_owned()).into());
        }
        Ok(Self(path.into()))
    }
}

/// Runs worked on at a time.
pub(super) struct Workers(usize);

/// Too many or none.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` workers cannot be: from 1 to {WORKERS_MAX} may work (`WORKERS_MAX`)")]
struct WorkersError(usize);

impl SettingValue for Workers {
    const NOUN: &'static str = usize::NOUN;

    fn read(text: &str) -> Result<Self, Refusal> {
        let count = usize::read(text)?;
        if (1..=WORKERS_MAX).contains(&count) { Ok(Self(count)) } else { Err(WorkersError(count).into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn spool(text: &str, expected: Option<&str>) {
        assert_eq!(SpoolPlace::read(text).ok().map(|place| place.0), expected.map(PathBuf::from));
    }

    #[test]
    fn a_spool_is_a_folder() {
        spool("file:spool", Some("spool"));
        spool("file:///var/spool/feedgate", Some("/var/spool/feedgate"));
        spool("file:/var/spool", Some("/var/spool"));
        spool("file://host/var", None);
        spool("file:", None);
        spool("s3://bucket/x", None);
        spool("/var/spool", None);
    }

    #[test]
    fn workers_max() {
        let count = |text| Workers::read(text).ok().map(|workers| workers.0);
        assert_eq!((count("0"), count("1"), count("64"), count("65")), (None, Some(1), Some(64), None));
    }

    #[test]
    fn an_address_has_a_numeric_host() {
        assert!(SocketAddr::read("[::1]:8080").is_ok());
        let error = SocketAddr::read("localhost:8080").expect_err("a name").to_string();
        assert!(error.starts_with("`localhost:8080` is no address to listen on"), "{error}");
    }
}

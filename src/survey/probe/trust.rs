//! Whether what is served leads to what is trusted, and is for the host.

use crate::expiry::limits::FILE_BYTES_MAX;
use crate::expiry::{Dated, Endpoint, Reason, State, Trouble};
use crate::survey::files::{Capped, read_capped};
use jiff::Timestamp;
use rustls::RootCertStore;
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// The roots of the system, read when they are first needed.
#[derive(Default)]
pub(in crate::survey) struct SystemRoots(OnceLock<Arc<Roots>>);

/// What is trusted.
#[derive(Debug)]
struct Roots {
    store: RootCertStore,
    /// The same, to be found as they are: what is trusted itself needs no chain.
    whole: Vec<CertificateDer<'static>>,
}

impl Roots {
    fn of(whole: Vec<CertificateDer<'static>>) -> Self {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(whole.iter().cloned());
        Self { store, whole }
    }
}

impl SystemRoots {
    fn get(&self) -> Arc<Roots> {
        Arc::clone(self.0.get_or_init(|| Arc::new(Roots::of(rustls_native_certs::load_native_certs().certs))))
    }
}

fn trouble(reason: Reason, sentence: String) -> Trouble {
    Trouble::new(State::Mismatch, reason, sentence)
}

/// The roots that are trusted for this endpoint.
fn roots(endpoint: &Endpoint, folder: &Path, system: &SystemRoots) -> Result<Arc<Roots>, Trouble> {
    let Some(path) = &endpoint.trust else { return Ok(system.get()) };
    let wrong = |why: &str| {
        Trouble::new(
            State::Unreadable,
            Reason::File,
            format!("`{path}`, which is trusted, cannot be used: {why}"),
        )
    };
    let bytes = match read_capped(&folder.join(path), FILE_BYTES_MAX) {
        Ok(Capped::Whole(bytes, _)) => bytes,
        Ok(Capped::TooLong) => return Err(wrong("it is too long")),
        Err(error) => return Err(wrong(&error.to_string())),
    };
    let whole: Vec<_> = CertificateDer::pem_slice_iter(&bytes).filter_map(Result::ok).collect();
    if whole.is_empty() {
        return Err(wrong("it holds no certificate in PEM"));
    }
    Ok(Arc::new(Roots::of(whole)))
}

/// What is wrong with the chain, dates of the leaf apart: those are told by themselves.
pub(super) fn chain(
    endpoint: &Endpoint,
    folder: &Path,
    system: &SystemRoots,
    chain: &[Vec<u8>],
    leaf: &Dated,
    now: Timestamp,
) -> Option<Trouble> {
    let roots = match roots(endpoint, folder, system) {
        Ok(roots) => roots,
        Err(trouble) => return Some(trouble),
    };
    let chain: Vec<CertificateDer<'_>> =
        chain.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    if roots.whole.iter().any(|root| root.as_ref() == chain[0].as_ref()) {
        return None;
    }
    let algorithms = ring::default_provider().signature_verification_algorithms;
    let verified = ParsedCertificate::try_from(&chain[0]).and_then(|parsed| {
        let at = when(leaf, now);
        verify_server_cert_signed_by_trust_anchor(&parsed, &roots.store, &chain[1..], at, algorithms.all)
    });
    let why = |error| match error {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "its issuer is not known: serve the issuers, too, or name the root in `trust`".to_owned()
        }
        Error::InvalidCertificate(CertificateError::BadSignature) => {
            "its issuer has the name of one that is known, and another key".to_owned()
        }
        Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "one of its issuers has expired".to_owned()
        }
        error => error.to_string(),
    };
    verified.err().map(|error| {
        trouble(Reason::Chain, format!("what is served leads to nothing that is trusted: {}", why(error)))
    })
}

/// Now, or the nearest moment at which the leaf holds.
fn when(leaf: &Dated, now: Timestamp) -> UnixTime {
    let until = leaf.until.map_or(i64::MAX, crate::expiry::Term::second);
    let from = leaf.from.map_or(i64::MIN, Timestamp::as_second);
    let second = now.as_second().min(until).max(from);
    UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(second).unwrap_or_default()))
}

/// Whether the certificate is for the host.
pub(super) fn host_name(der: &[u8], name: &str) -> Option<Trouble> {
    let der = CertificateDer::from(der);
    let (parsed, asked) = (ParsedCertificate::try_from(&der).ok()?, ServerName::try_from(name).ok()?);
    let error = verify_server_name(&parsed, &asked).err()?;
    let names = match error {
        Error::InvalidCertificate(CertificateError::NotValidForNameContext { presented, .. }) => presented,
        _ => Vec::new(),
    };
    let names = if names.is_empty() { "no host".to_owned() } else { names.join(", ") };
    let sentence =
        format!("what is served is not for `{name}`: it is for {names}; check `server_name`, or renew it");
    Some(trouble(Reason::HostName, sentence))
}

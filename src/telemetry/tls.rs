//! TLS to the collector: whom it is believed, and who we are to it.
//!
//! The exporters read neither `OTEL_EXPORTER_OTLP_CERTIFICATE` nor `_CLIENT_CERTIFICATE` and `_CLIENT_KEY`, and over
//! gRPC they trust nobody; so both are done here, for each signal. Without a certificate, the roots of the system count
//! (`SSL_CERT_FILE` and `SSL_CERT_DIR` say otherwise); with one, nobody else. What the files hold is looked at when the
//! program starts: a night's signals are not lost for a path that is mistyped.
//!
//! Where the address asks for no TLS, no roots are looked for: a container may have none.

use super::export_plan::Signal;
use crate::config::Environment;
use opentelemetry_otlp::WithTonicConfig;
use opentelemetry_otlp::tonic_types::transport::{Certificate, ClientTlsConfig, Identity};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use std::fs::File;
use std::io::{self, Read};
use std::time::Duration;

/// Bytes of a file with certificates or a key; the roots of a system have a quarter of a million.
const PEM_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// How long one request may take when the environment does not say, as the specification has it.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Why a connection cannot be encrypted as it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file cannot be read.
    #[error("`{variable}` names `{path}`, which cannot be read")]
    Unreadable {
        /// The variable of the environment.
        variable: String,
        /// The file it names.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The file is no certificate and no key.
    #[error("`{variable}` names `{path}`, which is of no use: {why}")]
    Unusable {
        /// The variable of the environment.
        variable: String,
        /// The file it names.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// A certificate of the client without its key, or a key without its certificate.
    #[error("`{given}` is set and `{missing}` is not: a client proves who it is by both")]
    Half {
        /// The variable that is set.
        given: String,
        /// The one that is needed, too.
        missing: String,
    },
    /// The client that speaks HTTP cannot be made.
    #[error("no connection to a collector over HTTP can be made")]
    Client(#[from] reqwest::Error),
    /// A thread panicked.
    #[error("the thread that prepares connections has failed")]
    Thread,
}

/// A file that a variable names, and what it holds.
#[derive(Clone, Debug)]
struct Pem {
    variable: String,
    path: String,
    bytes: Vec<u8>,
}

impl Pem {
    /// The file of a signal's own variable, else that of the one for all signals.
    fn of(ending: &str, signal: Signal, environment: &Environment) -> Result<Option<Self>, TlsError> {
        let Some((variable, path)) = signal.setting(ending, environment) else { return Ok(None) };
        match read(&path) {
            Ok(bytes) if bytes.len() as u64 <= PEM_BYTES_MAX => Ok(Some(Self { variable, path, bytes })),
            Ok(_) => {
                let why = format!("it has more than {PEM_BYTES_MAX} bytes");
                Err(TlsError::Unusable { variable, path, why })
            }
            Err(source) => Err(TlsError::Unreadable { variable, path, source }),
        }
    }

    fn unusable(&self, why: impl Into<String>) -> TlsError {
        TlsError::Unusable { variable: self.variable.clone(), path: self.path.clone(), why: why.into() }
    }

    fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, TlsError> {
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.bytes).collect();
        match found {
            Ok(found) if !found.is_empty() => Ok(found),
            Ok(_) => {
                Err(self.unusable("it holds no certificate in PEM form (`-----BEGIN CERTIFICATE-----`)"))
            }
            Err(error) => Err(self.unusable(error.to_string())),
        }
    }

    fn key(&self) -> Result<PrivateKeyDer<'static>, TlsError> {
        PrivateKeyDer::from_pem_slice(&self.bytes)
            .map_err(|error| self.unusable(format!("it holds no private key in PEM form: {error}")))
    }
}

/// The first bytes of a file: one more than it may have.
fn read(path: &str) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(PEM_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// How the connection of one signal is encrypted.
#[derive(Clone, Debug)]
pub(super) struct Tls {
    /// The address asks for it.
    is_asked: bool,
    /// Whom it is believed; `None` for the roots of the system.
    authorities: Option<Pem>,
    /// Certificate and key of the client.
    client: Option<(Pem, Pem)>,
    timeout: Duration,
}

impl Tls {
    /// Reads what the environment names for a signal, and looks whether it can be used.
    pub(super) fn of(signal: Signal, environment: &Environment) -> Result<Self, TlsError> {
        let authorities = Pem::of("CERTIFICATE", signal, environment)?;
        let certificate = Pem::of("CLIENT_CERTIFICATE", signal, environment)?;
        let key = Pem::of("CLIENT_KEY", signal, environment)?;
        let half = |given: Pem, other: &str, missing: &str| TlsError::Half {
            missing: given.variable.replace(other, missing),
            given: given.variable,
        };
        let client = match (certificate, key) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (Some(certificate), None) => return Err(half(certificate, "CLIENT_CERTIFICATE", "CLIENT_KEY")),
            (None, Some(key)) => return Err(half(key, "CLIENT_KEY", "CLIENT_CERTIFICATE")),
            (None, None) => None,
        };
        let tls = Self {
            is_asked: is_asked(signal, environment),
            authorities,
            client,
            timeout: timeout(signal, environment),
        };
        tls.check()?;
        Ok(tls)
    }

    /// Whether the connection is encrypted and we do not say who we are.
    pub(super) fn is_unproven(&self) -> bool {
        self.is_asked && self.client.is_none()
    }

    /// Whether certificates are such, and the key is that of the client's certificate.
    fn check(&self) -> Result<(), TlsError> {
        let mut roots = RootCertStore::empty();
        if let Some(pem) = &self.authorities {
            for certificate in pem.certificates()? {
                roots.add(certificate).map_err(|error| pem.unusable(error.to_string()))?;
            }
        }
        if let Some((certificate, key)) = &self.client {
            let config = ClientConfig::builder().with_root_certificates(roots);
            let fits = config.with_client_auth_cert(certificate.certificates()?, key.key()?);
            fits.map_err(|error| key.unusable(format!("with `{}`: {error}", certificate.path)))?;
        }
        Ok(())
    }

    /// Gives an exporter over gRPC what it needs for TLS.
    pub(super) fn grpc<B: WithTonicConfig>(&self, builder: B) -> B {
        match self.of_grpc() {
            Some(config) => builder.with_tls_config(config),
            None => builder,
        }
    }

    /// For gRPC; `None` where the address asks for no TLS.
    fn of_grpc(&self) -> Option<ClientTlsConfig> {
        if !self.is_asked {
            return None;
        }
        let config = match &self.authorities {
            Some(pem) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(&pem.bytes)),
            None => ClientTlsConfig::new().with_native_roots(),
        };
        Some(match &self.client {
            Some((certificate, key)) => config.identity(Identity::from_pem(&certificate.bytes, &key.bytes)),
            None => config,
        })
    }

    /// The client that speaks HTTP.
    pub(super) fn client(&self) -> Result<reqwest::blocking::Client, TlsError> {
        // It waits for a thread of its own while it is made, which is not allowed where tasks run.
        std::thread::scope(|scope| {
            let made = scope.spawn(|| self.make_client());
            made.join().map_err(|_| TlsError::Thread)?
        })
    }

    fn make_client(&self) -> Result<reqwest::blocking::Client, TlsError> {
        let builder = reqwest::blocking::Client::builder().timeout(self.timeout);
        let builder = match &self.authorities {
            Some(pem) => builder.tls_certs_only(reqwest::Certificate::from_pem_bundle(&pem.bytes)?),
            None if self.is_asked => builder,
            None => builder.tls_certs_only([]),
        };
        let builder = match &self.client {
            Some((certificate, key)) => {
                let both = [key.bytes.as_slice(), b"\n", &certificate.bytes].concat();
                builder.identity(reqwest::Identity::from_pem(&both)?)
            }
            None => builder,
        };
        Ok(builder.build()?)
    }
}

/// Whether the address of a signal asks for TLS: by its scheme, or because over gRPC it has none and nothing says that
/// it may go without.
fn is_asked(signal: Signal, environment: &Environment) -> bool {
    let Some((_, address)) = signal.setting("ENDPOINT", environment) else { return false };
    if let Some((scheme, _)) = address.split_once("://") {
        return scheme.eq_ignore_ascii_case("https");
    }
    let insecure = signal.setting("INSECURE", environment);
    !insecure.is_some_and(|(_, value)| value.eq_ignore_ascii_case("true"))
}

fn timeout(signal: Signal, environment: &Environment) -> Duration {
    let asked = signal.setting("TIMEOUT", environment).and_then(|(_, value)| value.parse().ok());
    asked.map_or(TIMEOUT, Duration::from_millis)
}

/// What errors of connections say, and what it means for whoever has to put it right.
const ADVICE: &[(&str, &str)] = &[
    (
        "UnknownIssuer",
        "the certificate of the collector is not of an authority that is trusted here: name that authority's \
         certificate in `OTEL_EXPORTER_OTLP_CERTIFICATE`",
    ),
    (
        "certificate not valid for name",
        "the certificate of the collector is for another name than that of its address: check \
         `OTEL_EXPORTER_OTLP_ENDPOINT`",
    ),
    ("certificate expired", "the certificate of the collector is not valid any more: it has to be renewed"),
];
/// How a connection ends on which a certificate of the client was asked for in vain: by an alert, if that arrives
/// before the end does.
const BROKEN_OFF: &[&str] =
    &["CertificateRequired", "broken pipe", "onnection reset", "closed", "unexpected end"];

/// Why an export failed, in words for whoever has to put it right. A client that is `unproven` may have been asked for
/// a certificate.
pub(super) fn explained(reason: &str, is_unproven: bool) -> String {
    let unproven = "the collector breaks the connection off, as one does that asks for a certificate of the client: \
        name it in `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE` and its key in `OTEL_EXPORTER_OTLP_CLIENT_KEY`";
    let broken_off = is_unproven && BROKEN_OFF.iter().any(|sign| reason.contains(sign));
    let known = ADVICE.iter().find(|(sign, _)| reason.contains(sign)).map(|(_, advice)| *advice);
    let advice = known.or(broken_off.then_some(unproven));
    advice.map_or_else(|| reason.to_owned(), |advice| format!("{advice} ({reason})"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    /// What comes of a file under this name with these bytes.
    fn case(ending: &str, bytes: &[u8]) -> String {
        let folder = tempfile::tempdir().expect("a folder for a test");
        let path = folder.path().join("file.pem");
        std::fs::write(&path, bytes).expect("written");
        tls(&[(ending, path)]).expect_err("it is refused").to_string()
    }

    fn tls(files: &[(&str, PathBuf)]) -> Result<Tls, TlsError> {
        let owned: Vec<_> = files
            .iter()
            .map(|(ending, path)| (format!("OTEL_EXPORTER_OTLP_{ending}"), path.display().to_string()))
            .collect();
        let pairs: Vec<_> = owned.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Tls::of(Signal::Traces, &Environment::of(&pairs))
    }

    #[test]
    fn what_is_no_certificate_is_refused_by_name() {
        let missing =
            tls(&[("CERTIFICATE", "/nowhere/ca.pem".into())]).expect_err("it is not there").to_string();
        assert_eq!(missing, "`OTEL_EXPORTER_OTLP_CERTIFICATE` names `/nowhere/ca.pem`, which cannot be read");
        let refused = case("CERTIFICATE", b"no such thing");
        assert!(
            refused.contains("OTEL_EXPORTER_OTLP_CERTIFICATE") && refused.contains("file.pem"),
            "{refused}"
        );
        assert!(
            refused.ends_with("it holds no certificate in PEM form (`-----BEGIN CERTIFICATE-----`)"),
            "{refused}"
        );
        let garbage = b"-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n";
        assert!(case("CERTIFICATE", garbage).contains("of no use"));
        let half = "`OTEL_EXPORTER_OTLP_CLIENT_KEY` is set and `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE` is not: \
            a client proves who it is by both";
        assert_eq!(case("CLIENT_KEY", b"x"), half);
        assert!(case("CLIENT_CERTIFICATE", b"x").contains("`OTEL_EXPORTER_OTLP_CLIENT_KEY` is not"));
        assert!(
            case("TRACES_CLIENT_KEY", b"x").contains("`OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE` is not")
        );
    }

    #[test]
    fn pem_bytes_max() {
        let max = usize::try_from(PEM_BYTES_MAX).expect("it fits");
        assert!(case("CERTIFICATE", &vec![b' '; max]).contains("no certificate in PEM form"));
        assert!(case("CERTIFICATE", &vec![b' '; max + 1]).contains("more than 4194304 bytes"));
    }

    #[test]
    fn tls_is_asked_for_by_the_address() {
        let case = |pairs: &[(&str, &str)], expected: bool| {
            let of = Tls::of(Signal::Logs, &Environment::of(pairs)).expect("no files");
            assert_eq!((of.is_asked, of.of_grpc().is_some()), (expected, expected), "{pairs:?}");
        };
        let all = "OTEL_EXPORTER_OTLP_ENDPOINT";
        case(&[], false);
        case(&[(all, "http://a:4317")], false);
        case(&[(all, "HTTPS://a:4317")], true);
        case(&[(all, "a:4317")], true);
        case(&[(all, "a:4317"), ("OTEL_EXPORTER_OTLP_INSECURE", "TRUE")], false);
        case(&[(all, "http://a"), ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "https://b")], true);
    }

    #[test]
    fn what_is_wrong_with_certificates_is_told_with_what_to_do() {
        let reason = "tcp connect: invalid peer certificate: UnknownIssuer";
        let told = explained(reason, false);
        assert!(
            told.contains("`OTEL_EXPORTER_OTLP_CERTIFICATE`") && told.ends_with(&format!("({reason})")),
            "{told}"
        );
        assert_eq!(explained("connection refused", true), "connection refused");
        let broken = "stream closed because of a broken pipe";
        assert_eq!(explained(broken, false), broken);
        assert!(explained(broken, true).contains("`OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE`"));
    }
}

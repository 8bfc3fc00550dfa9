//! The handshake of TLS, in which any certificate will do whose key the other side has.

use super::timed::Timed;
use super::{ProbeError, Served};
use crate::expiry::limits::FILE_BYTES_MAX;
use crate::survey::files::{Capped, read_capped};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme};
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Certificate and key of the client.
pub(super) struct Client {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

/// Reads certificate and key of the client. Of the key nothing is told.
pub(super) fn client((certificate, key): &(String, String), folder: &Path) -> Result<Client, ProbeError> {
    let wrong =
        |path: &str, why: &str| ProbeError::File(format!("`{path}` for the client cannot be used: {why}"));
    let read = |path: &str| match read_capped(&folder.join(path), FILE_BYTES_MAX) {
        Ok(Capped::Whole(bytes, _)) => Ok(bytes),
        Ok(Capped::TooLong) => Err(wrong(path, "it is too long")),
        Err(error) => Err(wrong(path, &error.to_string())),
    };
    let bytes = read(certificate)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty());
    let chain = chain.ok_or_else(|| wrong(certificate, "it holds no certificate in PEM"))?;
    let held = PrivateKeyDer::from_pem_slice(&read(key)?);
    Ok(Client { chain, key: held.map_err(|_| wrong(key, "it holds no private key in PEM"))? })
}

/// Takes any certificate, and checks that the other side has its key.
#[derive(Debug)]
struct AnyCertificate(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

fn config(client: Option<Client>) -> Result<ClientConfig, Error> {
    let provider: CryptoProvider = ring::default_provider();
    let any = Arc::new(AnyCertificate(provider.signature_verification_algorithms));
    let builder = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(any);
    match client {
        None => Ok(builder.with_no_client_auth()),
        Some(Client { chain, key }) => builder.with_client_auth_cert(chain, key),
    }
}

/// The chain that is served, also when the other side ends the handshake after it.
pub(super) fn chain(stream: &mut Timed, name: &str, client: Option<Client>) -> Result<Served, ProbeError> {
    let protocol = |error: Error| ProbeError::Protocol(format!("TLS fails: {error}"));
    let name = ServerName::try_from(name.to_owned())
        .map_err(|_| ProbeError::Protocol(format!("`{name}` is no name of a host: check `server_name`")))?;
    let config = config(client).map_err(|error| ProbeError::File(format!("TLS cannot begin: {error}")))?;
    let mut connection = ClientConnection::new(Arc::new(config), name).map_err(protocol)?;
    let error = finish(&mut connection, stream).err();
    let served = connection.peer_certificates().unwrap_or_default();
    let chain: Vec<Vec<u8>> = served.iter().map(|certificate| certificate.to_vec()).collect();
    match error {
        Some(error) if chain.is_empty() => Err(error),
        error => Ok(Served { chain, error }),
    }
}

fn finish(connection: &mut ClientConnection, stream: &mut Timed) -> Result<(), ProbeError> {
    while connection.is_handshaking() {
        let (read, written) = connection.complete_io(stream).map_err(broken)?;
        if read + written == 0 {
            return Err(ProbeError::Broken(io::ErrorKind::UnexpectedEof.into()));
        }
    }
    connection.send_close_notify();
    // It was seen; whether the other side hears of the end is its matter.
    let _ = connection.complete_io(stream);
    Ok(())
}

/// What is wrong with TLS comes as an error of the connection.
fn broken(error: io::Error) -> ProbeError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(tls) => ProbeError::Protocol(format!("TLS fails: {tls}")),
        None => ProbeError::Broken(error),
    }
}

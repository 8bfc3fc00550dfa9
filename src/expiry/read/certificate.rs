//! One certificate or revocation list in DER.

use super::ReadError;
use crate::expiry::chain::Role;
use crate::expiry::dated::{Dated, KeyDigest, Link};
use crate::expiry::term::Term;
use jiff::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::{CertificateRevocationList, FromDer};
use x509_parser::time::ASN1Time;
use x509_parser::x509::X509Name;

const CERTIFICATE: &str = "certificate in DER";
const CRL: &str = "revocation list in DER";

/// Reads a certificate; nothing may stand behind it.
pub(super) fn certificate(der: &[u8]) -> Result<Dated, ReadError> {
    let (rest, certificate) =
        X509Certificate::from_der(der).map_err(|error| ReadError::malformed(CERTIFICATE, plain(&error)))?;
    ended(CERTIFICATE, rest)?;
    let issues = certificate.basic_constraints().ok().flatten().is_some_and(|basic| basic.value.ca);
    let digest = |name: &X509Name<'_>| KeyDigest::of(name.as_raw());
    Ok(Dated {
        serial: Some(certificate.raw_serial_as_string()),
        from: moment(certificate.validity().not_before),
        until: Some(Term::of_second(certificate.validity().not_after.timestamp())),
        key: Some(KeyDigest::of(certificate.public_key().raw)),
        digest: Some(KeyDigest::of(der)),
        link: Some(Link {
            subject: digest(certificate.subject()),
            issuer: digest(certificate.issuer()),
            issues,
        }),
        ..Dated::new(Role::Leaf, &named(&certificate))
    })
}

/// Reads a revocation list. Without `nextUpdate` it does not say until when it holds.
pub(super) fn crl(der: &[u8]) -> Result<Dated, ReadError> {
    let (rest, list) =
        CertificateRevocationList::from_der(der).map_err(|error| ReadError::malformed(CRL, plain(&error)))?;
    ended(CRL, rest)?;
    Ok(Dated {
        serial: list.crl_number().map(ToString::to_string),
        from: moment(list.last_update()),
        until: list.next_update().map(|next| Term::of_second(next.timestamp())),
        ..Dated::new(Role::Crl, &list.issuer().to_string())
    })
}

/// The subject; without one, the first name that it is for.
fn named(certificate: &X509Certificate<'_>) -> String {
    let subject = certificate.subject().to_string();
    if !subject.is_empty() {
        return subject;
    }
    let alternatives = certificate.subject_alternative_name().ok().flatten();
    let first = alternatives.and_then(|names| names.value.general_names.first());
    first.map_or_else(String::new, ToString::to_string)
}

fn moment(time: ASN1Time) -> Option<Timestamp> {
    Timestamp::from_second(time.timestamp()).ok()
}

fn ended(expected: &'static str, rest: &[u8]) -> Result<(), ReadError> {
    match rest.len() {
        0 => Ok(()),
        more => Err(ReadError::malformed(expected, format!("{more} bytes stand behind its end"))),
    }
}

/// What a parser says, without its way of saying it.
fn plain<E: std::fmt::Display>(error: &x509_parser::nom::Err<E>) -> String {
    match error {
        x509_parser::nom::Err::Incomplete(_) => "it is cut off".to_owned(),
        x509_parser::nom::Err::Error(error) | x509_parser::nom::Err::Failure(error) => error.to_string(),
    }
}

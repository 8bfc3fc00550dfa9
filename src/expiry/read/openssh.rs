//! Certificates of OpenSSH, as they stand in `id_ed25519-cert.pub`.

use super::{ReadError, Reading};
use crate::expiry::chain::Role;
use crate::expiry::dated::{Dated, KeyDigest};
use crate::expiry::term::Term;
use jiff::Timestamp;
use ssh_key::Certificate;
use ssh_key::certificate::CertType;

const EXPECTED: &str = "certificate of OpenSSH";
/// What stands in the name of every type of certificate, and of no key.
const MARK: &str = "-cert-v01@openssh.com";

/// Whether there is a certificate in it.
pub(super) fn is_openssh(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, MARK.as_bytes()).is_some()
}

/// Reads every line that is a certificate; keys without one do not expire and are passed over.
pub(super) fn certificates(bytes: &[u8]) -> Result<Reading, ReadError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ReadError::malformed(EXPECTED, "it is no text"))?;
    let mut reading = Reading::default();
    for (index, line) in text.lines().enumerate() {
        // Options may stand before it, as in `authorized_keys`.
        let Some(start) = start(line) else { continue };
        match Certificate::from_openssh(line[start..].trim()) {
            Ok(certificate) => reading.push(dated(&certificate))?,
            Err(error) => {
                reading.fault(format!("line {}", index + 1), ReadError::malformed(EXPECTED, error))?
            }
        }
    }
    Ok(reading)
}

/// Where the name of the type begins.
fn start(line: &str) -> Option<usize> {
    let mark = line.find(MARK).filter(|_| !line.starts_with('#'))?;
    Some(line[..mark].rfind(char::is_whitespace).map_or(0, |at| at + 1))
}

fn dated(certificate: &Certificate) -> Dated {
    let whose = match certificate.cert_type() {
        CertType::User => "user",
        CertType::Host => "host",
    };
    let principals = certificate.valid_principals().join(", ");
    let name = format!("{whose} {} ({principals})", certificate.key_id());
    // From the beginning of time on is no beginning.
    let from = Some(certificate.valid_after()).filter(|after| *after > 0);
    // Valid *before* that second (PROTOCOL.certkeys): the last one is the one before.
    let until = match certificate.valid_before() {
        u64::MAX => Term::Never,
        before => Term::of_unsigned(before.saturating_sub(1)),
    };
    let key = ssh_key::PublicKey::from(certificate.public_key().clone()).to_bytes().ok();
    Dated {
        serial: Some(certificate.serial().to_string()),
        from: from.and_then(|after| Timestamp::from_second(i64::try_from(after).ok()?).ok()),
        until: Some(until),
        key: key.as_deref().map(KeyDigest::of),
        ..Dated::new(Role::Leaf, &name)
    }
}

//! Bytes for the readers, and what they say of them.

use super::*;
use rcgen::{CertificateParams, KeyPair};

/// A certificate of somebody who vouches for nobody.
pub(super) fn self_signed(name: &str) -> Vec<u8> {
    let key = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(vec![format!("{name}.example")]).expect("a name");
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.self_signed(&key).expect("a certificate").der().to_vec()
}

#[track_caller]
pub(super) fn refusal(found: Result<Reading, ReadError>, expected: &str) {
    let error = found.expect_err("it is refused").to_string();
    assert!(error.contains(expected), "{error}");
}

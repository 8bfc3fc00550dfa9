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

/// A value with its tag and length before it.
pub(super) fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = u32::try_from(contents.len()).expect("small").to_be_bytes();
    let mut bytes = vec![tag];
    if contents.len() < 0x80 {
        bytes.push(length[3]);
    } else {
        let significant = length.iter().position(|byte| *byte != 0).expect("it is not 0");
        bytes.push(0x80 | u8::try_from(4 - significant).expect("at most 4"));
        bytes.extend(&length[significant..]);
    }
    bytes.extend(contents);
    bytes
}

fn known() -> Known<'static> {
    Known::default()
}

#[test]
fn file_bytes_max() {
    let of = |length: u64| {
        let bytes = vec![b' '; usize::try_from(length).expect("small")];
        Form::ALL.map(|form| {
            read(form, &bytes, known()).is_err_and(|error| error.to_string().contains("FILE_BYTES_MAX"))
        })
    };
    assert_eq!(of(FILE_BYTES_MAX), [false; Form::ALL.len()]);
    assert_eq!(of(FILE_BYTES_MAX + 1), [true; Form::ALL.len()]);
}

#[test]
fn a_chain_of_ten_megabytes_ends() {
    let der = self_signed("a");
    let text: String = {
        use ::base64::Engine;
        let body = ::base64::prelude::BASE64_STANDARD.encode(&der);
        format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
    };
    let many = text.repeat((10 << 20) / text.len());
    match read(Form::Certificates, many.as_bytes(), known()) {
        Ok(reading) => assert_eq!(reading.dated.len(), (10 << 20) / text.len()),
        Err(error) => assert!(error.to_string().contains("ENTRIES_MAX"), "{error}"),
    }
}

#[test]
fn entries_max() {
    let block = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
    let of = |count: usize| read(Form::Certificates, block.repeat(count).as_bytes(), known());
    assert_eq!(of(ENTRIES_MAX).map(|reading| reading.faults.len()), Ok(ENTRIES_MAX));
    refusal(of(ENTRIES_MAX + 1), "ENTRIES_MAX");
}

#[test]
fn ocsp_bytes_max() {
    use super::super::limits::OCSP_BYTES_MAX;
    let of = |length: u64| read(Form::Ocsp, &vec![0; usize::try_from(length).expect("small")], known());
    refusal(of(OCSP_BYTES_MAX), "this is no response of OCSP");
    refusal(of(OCSP_BYTES_MAX + 1), "OCSP_BYTES_MAX");
}

#[test]
fn json_bytes_max() {
    use super::super::limits::JSON_BYTES_MAX;
    let of = |length: u64| {
        let mut text = "{}".to_owned();
        text.push_str(&" ".repeat(usize::try_from(length).expect("small") - 2));
        read(Form::Jwks, text.as_bytes(), known())
    };
    assert_eq!(of(JSON_BYTES_MAX), Ok(Reading::default()));
    refusal(of(JSON_BYTES_MAX + 1), "JSON_BYTES_MAX");
}

#[test]
fn values_of_json_are_followed_up_to_nesting_max() {
    use super::super::limits::NESTING_MAX;
    let of = |depth: usize| {
        let text = format!("{}{}{}", "[".repeat(depth), r#"{"kty":"x","exp":9}"#, "]".repeat(depth));
        read(Form::Jwks, text.as_bytes(), known())
    };
    assert_eq!(of(NESTING_MAX).map(|reading| reading.dated.len()), Ok(1));
    refusal(of(NESTING_MAX + 1), "NESTING_MAX");
    // Deeper than the parser of JSON goes.
    refusal(of(100_000), "it is no JSON");
}

#[test]
fn names_are_cut() {
    use super::super::limits::NAME_CHARS_MAX;
    use crate::expiry::Role;
    let of = |length: usize| Dated::new(Role::Key, &"\u{e4}".repeat(length)).name.chars().count();
    assert_eq!((of(NAME_CHARS_MAX), of(NAME_CHARS_MAX + 1)), (NAME_CHARS_MAX, NAME_CHARS_MAX));
}

#[test]
fn structures_in_structures_end_in_a_named_state() {
    let nested = (0..5_000).fold(Vec::new(), |inner, _| tlv(0x30, &inner));
    let endless = [vec![0x30, 0x80], vec![0x30; 100_000]].concat();
    let huge = [0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0x02];
    for form in Form::ALL {
        for bytes in [&nested[..], &endless, &huge, &[], &[0xFF; 64], &[0; 64]] {
            match read(form, bytes, known()) {
                Ok(reading) => assert!(reading.dated.is_empty(), "{form:?}: {reading:?}"),
                Err(error) => assert_ne!(error.trouble().state, State::Ok),
            }
        }
    }
}

#[test]
fn what_stands_behind_a_certificate_is_told() {
    let mut der = self_signed("a");
    der.push(0);
    refusal(read(Form::Certificates, &der, known()), "1 bytes stand behind its end");
    der.truncate(der.len() - 2);
    assert!(read(Form::Certificates, &der, known()).is_err());
}

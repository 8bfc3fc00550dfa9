//! PKCS#7 (CMS, RFC 5652): the certificates and revocation lists that a signed message carries; its signatures are not
//! looked at.

use super::certificate::{certificate, crl};
use super::der::Values;
use super::{ReadError, Reading, pem};
use der::asn1::ObjectIdentifier;
use der::{Tag, TagNumber};

const EXPECTED: &str = "bundle of certificates (PKCS#7)";
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");

/// Reads a bundle in DER or PEM.
pub(super) fn bundle(bytes: &[u8]) -> Result<Reading, ReadError> {
    let mut reading = Reading::default();
    if !pem::is_pem(bytes) {
        signed(bytes, "", &mut reading)?;
        return Ok(reading);
    }
    for (index, block) in pem::blocks(bytes).enumerate() {
        let block = block?;
        if ["PKCS7", "CMS", "PKCS #7 SIGNED DATA"].contains(&block.label) {
            signed(&block.bytes()?, &format!("block {}, ", index + 1), &mut reading)?;
        }
    }
    Ok(reading)
}

fn signed(der: &[u8], place: &str, reading: &mut Reading) -> Result<(), ReadError> {
    let mut outer = Values::of(EXPECTED, der)?;
    if outer.identifier()? != SIGNED_DATA {
        return Err(ReadError::malformed(
            EXPECTED,
            "it is no signed message, the only one with certificates in it",
        ));
    }
    let mut data = Values::inside(EXPECTED, outer.explicit()?, Tag::Sequence)?;
    // Version, digests and content.
    for _ in 0..3 {
        data.any()?;
    }
    if let Some(certificates) = data.implicit(TagNumber::N0)? {
        each(certificates, &format!("{place}certificate"), certificate, reading)?;
    }
    if let Some(lists) = data.implicit(TagNumber::N1)? {
        each(lists, &format!("{place}list"), crl, reading)?;
    }
    Ok(())
}

fn each(
    values: &[u8],
    place: &str,
    read: fn(&[u8]) -> Result<super::Dated, ReadError>,
    reading: &mut Reading,
) -> Result<(), ReadError> {
    let mut values = Values::of_contents(EXPECTED, values)?;
    let mut number = 0;
    while !values.is_over() {
        number += 1;
        match read(values.raw()?) {
            Ok(dated) => reading.push(dated)?,
            Err(error) => reading.fault(format!("{place} {number}"), error)?,
        }
    }
    Ok(())
}

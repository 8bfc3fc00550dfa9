//! Responses of OCSP on disk (RFC 6960), as they are stapled.

use super::certificate::certificate;
use super::{ReadError, Reading};
use crate::expiry::chain::Role;
use crate::expiry::dated::Dated;
use crate::expiry::limits::OCSP_BYTES_MAX;
use crate::expiry::term::Term;
use der::{Decode, Encode};
use jiff::Timestamp;
use x509_ocsp::{
    BasicOcspResponse, CertStatus, OcspGeneralizedTime, OcspResponse, OcspResponseStatus, SingleResponse,
};

const EXPECTED: &str = "response of OCSP";

/// Reads a response in DER: each answer, and the certificates of whoever has signed it.
pub(super) fn response(bytes: &[u8]) -> Result<Reading, ReadError> {
    if bytes.len() as u64 > OCSP_BYTES_MAX {
        return Err(ReadError::limit("OCSP_BYTES_MAX", OCSP_BYTES_MAX, "bytes"));
    }
    let malformed = |error: der::Error| ReadError::malformed(EXPECTED, error);
    let response = OcspResponse::from_der(bytes).map_err(malformed)?;
    let body = response.response_bytes.filter(|_| response.response_status == OcspResponseStatus::Successful);
    let body = body.ok_or_else(|| ReadError::malformed(EXPECTED, "it says that there is no answer"))?;
    let basic = BasicOcspResponse::from_der(body.response.as_bytes()).map_err(malformed)?;
    let mut reading = Reading::default();
    for answer in &basic.tbs_response_data.responses {
        reading.push(dated(answer))?;
    }
    for signer in basic.certs.iter().flatten() {
        reading.push(certificate(&signer.to_der().map_err(malformed)?)?)?;
    }
    Ok(reading)
}

/// Without `nextUpdate` newer information is always to be had (4.2.2.1): it does not say until when it holds.
fn dated(answer: &SingleResponse) -> Dated {
    let serial = answer.cert_id.serial_number.as_bytes();
    let number: Vec<String> = serial.iter().map(|byte| format!("{byte:02x}")).collect();
    let status = match answer.cert_status {
        CertStatus::Good(_) => "good",
        CertStatus::Revoked(_) => "revoked",
        CertStatus::Unknown(_) => "unknown",
    };
    Dated {
        serial: Some(number.join(":")),
        from: Timestamp::from_second(second(&answer.this_update)).ok(),
        until: answer.next_update.as_ref().map(|next| Term::of_second(second(next))),
        ..Dated::new(Role::Ocsp, &format!("certificate {}, {status}", number.join(":")))
    }
}

fn second(time: &OcspGeneralizedTime) -> i64 {
    i64::try_from(time.0.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
}

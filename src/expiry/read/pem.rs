//! PEM: certificates and lists between other things, or one of them in DER.

use super::certificate::{certificate, crl};
use super::{ReadError, Reading, base64};
use crate::expiry::dated::Dated;
use x509_parser::asn1_rs::{Any, FromDer};

/// How a block of PEM begins.
const BEGIN: &str = "-----BEGIN ";
/// How it ends.
const END: &str = "-----END ";
/// What a revocation list says it is.
const LIST: &str = "X509 CRL";

/// Whether there is a block of PEM in it.
pub(super) fn is_pem(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, BEGIN.as_bytes()).is_some()
}

/// All certificates and revocation lists. Keys, parameters and requests have no dates and are passed over.
pub(super) fn certificates(bytes: &[u8]) -> Result<Reading, ReadError> {
    if !is_pem(bytes) {
        let mut reading = Reading::default();
        // Which of the two it is, only reading tells; most often it is a certificate.
        reading.push(certificate(bytes).or_else(|error| crl(bytes).map_err(|_| error))?)?;
        return Ok(reading);
    }
    each(bytes, |_| true)
}

/// All revocation lists in PEM, or one in DER.
pub(super) fn lists(bytes: &[u8]) -> Result<Reading, ReadError> {
    if is_pem(bytes) {
        return each(bytes, |label| label == LIST);
    }
    let mut reading = Reading::default();
    reading.push(crl(bytes)?)?;
    Ok(reading)
}

fn each(bytes: &[u8], is_wanted: impl Fn(&str) -> bool) -> Result<Reading, ReadError> {
    let mut reading = Reading::default();
    for (index, block) in blocks(bytes).enumerate() {
        let dated = block.and_then(|block| if is_wanted(block.label) { block.dated() } else { Ok(None) });
        match dated {
            Ok(None) => {}
            Ok(Some(dated)) => reading.push(dated)?,
            Err(error) => reading.fault(format!("block {}", index + 1), error)?,
        }
    }
    Ok(reading)
}

/// A block of PEM, not decoded yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block<'a> {
    /// What it says it is.
    pub(super) label: &'a str,
    /// Its lines.
    body: &'a str,
}

impl Block<'_> {
    /// Its bytes. Lines of a header, as encrypted keys have them, are left out.
    pub(super) fn bytes(&self) -> Result<Vec<u8>, ReadError> {
        let body = match self.body.split_once("\n\n").or_else(|| self.body.split_once("\r\n\r\n")) {
            Some((header, body)) if header.contains(": ") => body,
            _ => self.body,
        };
        base64::standard(body).ok_or_else(|| malformed("it is no base64"))
    }

    /// Its bytes, as `OpenPGP` writes them: a checksum stands behind them on a line that begins with `=`.
    pub(super) fn armoured(&self) -> Result<Vec<u8>, ReadError> {
        let end = self.body.find("\n=").unwrap_or(self.body.len());
        Block { body: &self.body[..end], ..self.clone() }.bytes()
    }

    fn dated(&self) -> Result<Option<Dated>, ReadError> {
        match self.label {
            "CERTIFICATE" | "X509 CERTIFICATE" => certificate(&self.bytes()?).map(Some),
            "TRUSTED CERTIFICATE" => trusted(&self.bytes()?).map(Some),
            LIST => crl(&self.bytes()?).map(Some),
            _ => Ok(None),
        }
    }
}

fn malformed(why: &str) -> ReadError {
    ReadError::malformed("block of PEM", why)
}

/// OpenSSL writes behind the certificate what it is trusted for.
fn trusted(der: &[u8]) -> Result<Dated, ReadError> {
    let behind = Any::from_der(der).map_or(0, |(rest, _)| rest.len());
    certificate(&der[..der.len() - behind])
}

/// The blocks in order, whatever stands between them. One that does not end hides none behind it.
pub(super) fn blocks(bytes: &[u8]) -> impl Iterator<Item = Result<Block<'_>, ReadError>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let at = memchr::memmem::find(rest, BEGIN.as_bytes())?;
        let inside = &rest[at + BEGIN.len()..];
        let next = memchr::memmem::find(inside, BEGIN.as_bytes()).unwrap_or(inside.len());
        rest = &inside[next..];
        Some(block(&inside[..next]))
    })
}

/// The block behind its first words, with whatever follows up to the next.
fn block(text: &[u8]) -> Result<Block<'_>, ReadError> {
    let end = memchr::memmem::find(text, END.as_bytes()).ok_or_else(|| malformed("it is cut off"))?;
    let text = std::str::from_utf8(&text[..end]).map_err(|_| malformed("it is no text"))?;
    let (label, body) = text.split_once("-----").ok_or_else(|| malformed("its first line does not end"))?;
    Ok(Block { label, body: body.trim_start_matches([' ', '\t', '\r']).trim_start_matches('\n') })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, expected: &[Result<(&str, &[u8]), &str>]) {
        let found: Vec<_> = blocks(text.as_bytes())
            .map(|block| {
                let block = block.map_err(|error| error.to_string())?;
                let bytes = block.bytes().map_err(|error| error.to_string())?;
                Ok((block.label.to_owned(), bytes))
            })
            .collect();
        let expected: Vec<Result<(String, Vec<u8>), String>> = expected
            .iter()
            .map(|each| match each {
                Ok((label, bytes)) => Ok(((*label).to_owned(), bytes.to_vec())),
                Err(why) => Err(format!("this is no block of PEM: {why}")),
            })
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn blocks_stand_between_other_things() {
        case("-----BEGIN A-----\nQUJD\n-----END A-----\n", &[Ok(("A", b"ABC"))]);
        case("text\r\n  -----BEGIN A B-----\r\nQU\r\n JD\r\n-----END A B-----", &[Ok(("A B", b"ABC"))]);
        case("\u{feff}-----BEGIN A-----\nQQ\n-----END A-----", &[Ok(("A", b"A"))]);
        case("nothing", &[]);
    }

    #[test]
    fn lines_of_a_header_are_left_out() {
        let key = "-----BEGIN K-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: X,Y\n\nQUJD\n-----END K-----\n";
        case(key, &[Ok(("K", b"ABC"))]);
        case(&key.replace('\n', "\r\n"), &[Ok(("K", b"ABC"))]);
    }

    #[test]
    fn a_block_that_is_wrong_hides_no_other() {
        let good = "-----BEGIN B-----\nQUJD\n-----END B-----\n";
        case(&format!("-----BEGIN A-----\nQUJD\n{good}"), &[Err("it is cut off"), Ok(("B", b"ABC"))]);
        case(
            &format!("-----BEGIN A-----\n*\n-----END A-----\n{good}"),
            &[Err("it is no base64"), Ok(("B", b"ABC"))],
        );
        case("-----BEGIN A", &[Err("it is cut off")]);
    }
}

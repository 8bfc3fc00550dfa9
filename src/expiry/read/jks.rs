//! Key stores of Java, JKS and JCEKS.
//!
//! ```text
//!  magic version count  entry*  digest
//!  entry: 1 alias time key chain          a private key, encrypted, with its certificates
//!         2 alias time certificate        a trusted certificate
//!         3 alias time object             a secret key (JCEKS), a serialised object of Java
//! ```
//!
//! Certificates stand there in the clear; the password is in the digest over all of it (SHA-1, the password before the
//! bytes). A length is never taken for more than the bytes that are there, so a store that says that it is huge is cut
//! off and nothing else.

use super::certificate::certificate;
use super::{ReadError, Reading};
use crate::expiry::limits::ENTRIES_MAX;
use crate::expiry::password::Password;
use sha1::{Digest, Sha1};

const EXPECTED: &str = "key store of Java (JKS or JCEKS)";
const JKS: u32 = 0xFEED_FEED;
const JCEKS: u32 = 0xCECE_CECE;
const DIGEST_BYTES: usize = 20;
/// What stands between the password and the bytes.
const WHITENER: &[u8] = b"Mighty Aphrodite";

/// Whether these are the bytes of such a store.
pub(super) fn is_jks(bytes: &[u8]) -> bool {
    let magic = bytes.first_chunk::<4>().map(|magic| u32::from_be_bytes(*magic));
    magic.is_some_and(|magic| [JKS, JCEKS].contains(&magic))
}

/// Reads a store. Without a password it is read unchecked: its dates are in the clear.
pub(super) fn store(bytes: &[u8], password: Option<&Password>) -> Result<Reading, ReadError> {
    if bytes.first() == Some(&0x30) && !is_jks(bytes) {
        return Err(ReadError::malformed(EXPECTED, "it looks like PKCS#12: watch it as kind `pkcs12`"));
    }
    let mut input = Input(bytes);
    let magic = input.u32()?;
    if !is_jks(bytes) {
        return Err(ReadError::malformed(EXPECTED, format!("it begins with {magic:08x}")));
    }
    let version = input.u32()?;
    if !(1..=2).contains(&version) {
        return Err(ReadError::Unknown(format!("version {version} of a key store of Java")));
    }
    let count = input.u32()?;
    if count as usize > ENTRIES_MAX {
        return Err(ReadError::limit("ENTRIES_MAX", ENTRIES_MAX as u64, "entries"));
    }
    let mut reading = Reading::default();
    for _ in 0..count {
        entry(&mut input, version, &mut reading)?;
    }
    if input.0.len() != DIGEST_BYTES {
        return Err(ReadError::malformed(EXPECTED, "its end is not where its entries end"));
    }
    match password {
        // Structure first: what is cut off or damaged is no matter of the password.
        Some(password) if !opens(password, bytes) => Err(ReadError::WrongPassword),
        _ => Ok(reading),
    }
}

fn opens(password: &Password, bytes: &[u8]) -> bool {
    let (content, digest) = bytes.split_at(bytes.len() - DIGEST_BYTES);
    let own = Sha1::new().chain_update(password.utf16()).chain_update(WHITENER).chain_update(content);
    own.finalize()[..] == *digest
}

fn entry(input: &mut Input<'_>, version: u32, reading: &mut Reading) -> Result<(), ReadError> {
    let tag = input.u32()?;
    let alias = input.text()?;
    input.bytes(8)?;
    match tag {
        1 => {
            let key = input.u32()?;
            input.bytes(key as usize)?;
            let length = input.u32()?;
            for number in 0..length {
                one(input, version, &format!("entry `{alias}`, certificate {}", number + 1), reading)?;
            }
            Ok(())
        }
        2 => one(input, version, &format!("entry `{alias}`"), reading),
        3 => super::java::object(&mut input.0).ok_or_else(|| {
            ReadError::malformed(EXPECTED, format!("the secret key of entry `{alias}` cannot be passed over"))
        }),
        tag => Err(ReadError::malformed(EXPECTED, format!("entry `{alias}` has the unknown tag {tag}"))),
    }
}

fn one(input: &mut Input<'_>, version: u32, place: &str, reading: &mut Reading) -> Result<(), ReadError> {
    let kind = if version == 2 { input.text()? } else { "X.509".to_owned() };
    let length = input.u32()?;
    let der = input.bytes(length as usize)?;
    if !["X.509", "X509"].contains(&kind.as_str()) {
        return reading
            .fault(place.to_owned(), ReadError::Unknown(format!("a certificate of type `{kind}`")));
    }
    match certificate(der) {
        Ok(dated) => reading.push(dated),
        Err(error) => reading.fault(place.to_owned(), error),
    }
}

/// The bytes that are left.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn bytes(&mut self, count: usize) -> Result<&'a [u8], ReadError> {
        let cut_off = || ReadError::malformed(EXPECTED, "it is cut off");
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(cut_off)?;
        self.0 = rest;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32, ReadError> {
        self.bytes(4).map(|bytes| bytes.iter().fold(0, |value, byte| value << 8 | u32::from(*byte)))
    }

    /// A text with its length before it. Java has an UTF-8 of its own; names of entries hardly differ by it.
    fn text(&mut self) -> Result<String, ReadError> {
        let length = self.bytes(2)?.iter().fold(0, |value, byte| value << 8 | usize::from(*byte));
        Ok(String::from_utf8_lossy(self.bytes(length)?).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expiry::read::tests::{refusal, self_signed};

    /// A store of trusted certificates, as the format has it.
    fn store_of(magic: u32, count: u32, certificates: &[&[u8]], password: &str) -> Vec<u8> {
        let mut bytes = [magic, 2, count].map(u32::to_be_bytes).concat();
        for (index, der) in certificates.iter().enumerate() {
            let alias = format!("a{index}");
            bytes.extend(2_u32.to_be_bytes());
            text(&mut bytes, &alias);
            bytes.extend(0_u64.to_be_bytes());
            text(&mut bytes, "X.509");
            bytes.extend(u32::try_from(der.len()).expect("small").to_be_bytes());
            bytes.extend(*der);
        }
        let password = Password::new(password);
        let own = Sha1::new().chain_update(password.utf16()).chain_update(WHITENER).chain_update(&bytes);
        bytes.extend(own.finalize());
        bytes
    }

    fn text(bytes: &mut Vec<u8>, text: &str) {
        bytes.extend(u16::try_from(text.len()).expect("short").to_be_bytes());
        bytes.extend(text.as_bytes());
    }

    #[test]
    fn a_store_is_read_with_and_without_its_password() {
        let der = self_signed("a");
        for magic in [JKS, JCEKS] {
            let bytes = store_of(magic, 1, &[&der], "changeit");
            for password in [None, Some(Password::new("changeit"))] {
                assert_eq!(store(&bytes, password.as_ref()).expect("it reads").dated.len(), 1);
            }
            let wrong = store(&bytes, Some(&Password::new("other")));
            assert_eq!(wrong, Err(ReadError::WrongPassword));
        }
    }

    #[test]
    fn a_store_that_is_cut_off_anywhere_is_no_matter_of_the_password() {
        let bytes = store_of(JKS, 1, &[&self_signed("a")], "changeit");
        for length in 0..bytes.len() {
            let error = store(&bytes[..length], Some(&Password::new("changeit"))).expect_err("it is cut off");
            assert!(matches!(error, ReadError::Malformed { .. }), "{length}: {error}");
        }
    }

    #[test]
    fn what_a_store_says_of_its_size_costs_nothing() {
        let mut bytes = [JKS, 2, 1, 1].map(u32::to_be_bytes).concat();
        text(&mut bytes, "a");
        bytes.extend(0_u64.to_be_bytes());
        bytes.extend(u32::MAX.to_be_bytes());
        refusal(store(&bytes, None), "it is cut off");
    }

    #[test]
    fn entries_max() {
        let max = u32::try_from(ENTRIES_MAX).expect("small");
        let one = [0x30_u8, 0];
        let certificates = vec![&one[..]; ENTRIES_MAX];
        let reading = store(&store_of(JKS, max, &certificates, ""), None).expect("it reads");
        assert_eq!(reading.faults.len(), ENTRIES_MAX);
        refusal(store(&store_of(JKS, max + 1, &certificates, ""), None), "ENTRIES_MAX");
    }

    #[test]
    fn other_files_are_told_apart() {
        refusal(store(&[0x30, 0x82], None), "watch it as kind `pkcs12`");
        refusal(store(b"-----BEGIN", None), "it begins with 2d2d2d2d");
        refusal(store(&[JKS, 3, 0].map(u32::to_be_bytes).concat(), None), "version 3");
    }
}

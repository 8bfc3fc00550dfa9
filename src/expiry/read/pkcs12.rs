//! PKCS#12 (RFC 7292), opened as far as its certificates.
//!
//! ```text
//!  PFX ─▶ MAC over the whole, by the password ─▶ safes, each plain or encrypted ─▶ bags
//!                                                  certificate │ list │ key: passed over │ bags in a bag
//! ```
//!
//! Keys stay encrypted. The rounds of key derivation that all parts ask for are added up before any of them is done, so
//! a store cannot ask for hours of work: [`ROUNDS_MAX`].

use super::certificate::{certificate, crl};
use super::der::Values;
use super::{ReadError, Reading};
use crate::expiry::limits::{NESTING_MAX, ROUNDS_MAX, SAFES_MAX, SCRYPT_BYTES_MAX};
use crate::expiry::password::Password;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipher, BlockDecryptMut, KeyInit, KeyIvInit};
use der::asn1::ObjectIdentifier as Oid;
use der::{AnyRef, Decode, Tag, TagNumber, Tagged};
use hmac::{Mac, SimpleHmac};
use pkcs5::pbes2::{Kdf, Parameters, Pbkdf2Prf};
use pkcs12::kdf::{Pkcs12KeyType, derive_key};
use sha1::Sha1;
use sha2_of_pkcs12::digest::core_api::BlockSizeUser;
use sha2_of_pkcs12::digest::{Digest, FixedOutputReset, OutputSizeUser};
use sha2_of_pkcs12::{Sha224, Sha256, Sha384, Sha512};

const EXPECTED: &str = "key store (PKCS#12)";

const DATA: Oid = Oid::new_unwrap("1.2.840.113549.1.7.1");
const ENCRYPTED_DATA: Oid = Oid::new_unwrap("1.2.840.113549.1.7.6");
const PBES2: Oid = Oid::new_unwrap("1.2.840.113549.1.5.13");
const THREE_KEY_TRIPLE_DES: Oid = Oid::new_unwrap("1.2.840.113549.1.12.1.3");
const TWO_KEY_TRIPLE_DES: Oid = Oid::new_unwrap("1.2.840.113549.1.12.1.4");
const RC2_128: Oid = Oid::new_unwrap("1.2.840.113549.1.12.1.5");
const RC2_40: Oid = Oid::new_unwrap("1.2.840.113549.1.12.1.6");
const CERT_BAG: Oid = Oid::new_unwrap("1.2.840.113549.1.12.10.1.3");
const CRL_BAG: Oid = Oid::new_unwrap("1.2.840.113549.1.12.10.1.4");
const SAFE_CONTENTS_BAG: Oid = Oid::new_unwrap("1.2.840.113549.1.12.10.1.6");
const X509_CERTIFICATE: Oid = Oid::new_unwrap("1.2.840.113549.1.9.22.1");
const X509_CRL: Oid = Oid::new_unwrap("1.2.840.113549.1.9.23.1");
const SHA1: Oid = Oid::new_unwrap("1.3.14.3.2.26");
const SHA224: Oid = Oid::new_unwrap("2.16.840.1.101.3.4.2.4");
const SHA256: Oid = Oid::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA384: Oid = Oid::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA512: Oid = Oid::new_unwrap("2.16.840.1.101.3.4.2.3");

/// Reads a store; without a password, the empty one is tried.
pub(super) fn store(bytes: &[u8], password: Option<&Password>) -> Result<Reading, ReadError> {
    if super::jks::is_jks(bytes) {
        return Err(ReadError::malformed(EXPECTED, "it is one of Java: watch it as kind `jks`"));
    }
    let store = Store::of(bytes)?;
    store.admit()?;
    let empty = Password::default();
    let password = password.unwrap_or(&empty);
    let key = store.key(password)?;
    let mut reading = Reading::default();
    for safe in &store.safes {
        let opened = safe.open(password, &key)?;
        let contents = opened.as_deref().unwrap_or(safe.content);
        // Without a MAC, what comes out of a wrong password is no structure.
        bags(contents, 0, &mut reading).map_err(|error| match (&store.mac, safe.cipher.is_some()) {
            (None, true) => ReadError::WrongPassword,
            _ => error,
        })?;
    }
    Ok(reading)
}

/// A store, taken apart and not opened.
struct Store<'a> {
    /// What the MAC is over.
    content: &'a [u8],
    safes: Vec<Safe<'a>>,
    mac: Option<StoreMac<'a>>,
}

struct StoreMac<'a> {
    digest: Oid,
    expected: &'a [u8],
    salt: &'a [u8],
    rounds: u32,
}

/// One part of a store.
struct Safe<'a> {
    content: &'a [u8],
    cipher: Option<Cipher<'a>>,
}

/// How a part is encrypted.
enum Cipher<'a> {
    /// By the scheme of PKCS#5.
    Pbes2(Parameters<'a>),
    /// By one of PKCS#12.
    Pbes1 { scheme: Oid, salt: &'a [u8], rounds: u32 },
}

/// Characters of the password as the derivation of PKCS#12 takes them: some programs end an empty one, some do not.
struct Key(Vec<u8>);

impl<'a> Store<'a> {
    fn of(bytes: &'a [u8]) -> Result<Self, ReadError> {
        let mut pfx = Values::of(EXPECTED, bytes)?;
        if pfx.next::<u8>()? != 3 {
            return Err(ReadError::Unknown("a version of PKCS#12 other than 3".to_owned()));
        }
        let mut outer = pfx.sequence()?;
        if outer.identifier()? != DATA {
            return Err(ReadError::Unknown(
                "a key store that is signed and not sealed by a password".to_owned(),
            ));
        }
        let content = octets(outer.explicit()?)?;
        let mac = if pfx.is_over() { None } else { Some(StoreMac::of(pfx.sequence()?)?) };
        let mut parts = Values::of(EXPECTED, content)?;
        let mut safes = Vec::new();
        while !parts.is_over() {
            if safes.len() >= SAFES_MAX {
                return Err(ReadError::limit("SAFES_MAX", SAFES_MAX as u64, "parts"));
            }
            safes.push(Safe::of(parts.sequence()?)?);
        }
        Ok(Self { content, safes, mac })
    }

    /// Lets pass when opening it takes no more work and memory than any store that is meant.
    fn admit(&self) -> Result<(), ReadError> {
        // Twice: the empty password has two forms.
        let mut rounds = self.mac.as_ref().map_or(0, |mac| u64::from(mac.rounds) * 2);
        for cipher in self.safes.iter().filter_map(|safe| safe.cipher.as_ref()) {
            rounds = rounds.saturating_add(cipher.rounds()?);
        }
        if rounds > ROUNDS_MAX {
            return Err(ReadError::limit("ROUNDS_MAX", ROUNDS_MAX, "rounds of key derivation"));
        }
        Ok(())
    }

    /// The form of the password that the MAC says is right. Without a MAC there is nothing to tell by.
    fn key(&self, password: &Password) -> Result<Key, ReadError> {
        let mut ended = password.utf16();
        let bare = ended.is_empty().then(Vec::new);
        ended.extend([0, 0]);
        let Some(mac) = &self.mac else { return Ok(Key(ended)) };
        for key in [Some(ended), bare].into_iter().flatten() {
            if mac.holds(&key, self.content)? {
                return Ok(Key(key));
            }
        }
        Err(ReadError::WrongPassword)
    }
}

fn octets(value: AnyRef<'_>) -> Result<&[u8], ReadError> {
    if value.tag() != Tag::OctetString {
        return Err(ReadError::malformed(EXPECTED, "it is not in one piece"));
    }
    Ok(value.value())
}

impl<'a> StoreMac<'a> {
    fn of(mut values: Values<'a>) -> Result<Self, ReadError> {
        let mut info = values.sequence()?;
        let digest = info.sequence()?.identifier()?;
        let expected = info.octets()?;
        let salt = values.octets()?;
        let rounds = if values.is_over() { 1 } else { values.next()? };
        Ok(Self { digest, expected, salt, rounds })
    }

    fn holds(&self, key: &[u8], content: &[u8]) -> Result<bool, ReadError> {
        match self.digest {
            SHA1 => Ok(self.holds_by::<Sha1>(key, content)),
            SHA224 => Ok(self.holds_by::<Sha224>(key, content)),
            SHA256 => Ok(self.holds_by::<Sha256>(key, content)),
            SHA384 => Ok(self.holds_by::<Sha384>(key, content)),
            SHA512 => Ok(self.holds_by::<Sha512>(key, content)),
            other => Err(ReadError::Unknown(format!("a key store that is sealed by `{other}`"))),
        }
    }

    fn holds_by<D: Digest + FixedOutputReset + BlockSizeUser>(&self, key: &[u8], content: &[u8]) -> bool {
        let length = <D as OutputSizeUser>::output_size();
        let key = derived::<D>(key, self.salt, Pkcs12KeyType::Mac, self.rounds, length);
        let mac = <SimpleHmac<D> as Mac>::new_from_slice(&key).expect("any length of a key will do");
        mac.chain_update(content).verify_slice(self.expected).is_ok()
    }
}

/// A key by the derivation of PKCS#12.
fn derived<D: Digest + FixedOutputReset + BlockSizeUser>(
    key: &[u8],
    salt: &[u8],
    purpose: Pkcs12KeyType,
    rounds: u32,
    length: usize,
) -> Vec<u8> {
    derive_key::<D>(key, salt, purpose, i32::try_from(rounds).expect("they were admitted"), length)
}

impl<'a> Safe<'a> {
    fn of(mut info: Values<'a>) -> Result<Self, ReadError> {
        match info.identifier()? {
            DATA => Ok(Self { content: octets(info.explicit()?)?, cipher: None }),
            ENCRYPTED_DATA => {
                let mut data = Values::inside(EXPECTED, info.explicit()?, Tag::Sequence)?;
                data.any()?;
                let mut encrypted = data.sequence()?;
                encrypted.identifier()?;
                let cipher = Cipher::of(encrypted.raw()?)?;
                let content = encrypted.implicit(TagNumber::N0)?.unwrap_or_default();
                Ok(Self { content, cipher: Some(cipher) })
            }
            other => Err(ReadError::Unknown(format!("a part of a key store of type `{other}`"))),
        }
    }

    /// The bytes in it, if they were encrypted.
    fn open(&self, password: &Password, key: &Key) -> Result<Option<Vec<u8>>, ReadError> {
        match &self.cipher {
            None => Ok(None),
            // An empty part holds nothing, and is not encrypted either.
            Some(_) if self.content.is_empty() => Ok(Some(vec![0x30, 0])),
            Some(cipher) => cipher.open(self.content, password, key).map(Some),
        }
    }
}

impl<'a> Cipher<'a> {
    fn of(identifier: &'a [u8]) -> Result<Self, ReadError> {
        let mut values = Values::of(EXPECTED, identifier)?;
        let scheme = values.identifier()?;
        match scheme {
            PBES2 => {
                let unknown = |error| ReadError::Unknown(format!("a cipher of a key store ({error})"));
                Parameters::from_der(values.raw()?).map(Self::Pbes2).map_err(unknown)
            }
            THREE_KEY_TRIPLE_DES | TWO_KEY_TRIPLE_DES | RC2_128 | RC2_40 => {
                let mut parameters = values.sequence()?;
                let salt = parameters.octets()?;
                Ok(Self::Pbes1 { scheme, salt, rounds: parameters.next()? })
            }
            other => Err(ReadError::Unknown(format!("the cipher `{other}` of a key store"))),
        }
    }

    /// How many rounds it takes.
    fn rounds(&self) -> Result<u64, ReadError> {
        match self {
            // A key and an initial vector, of one block of the digest and up to two.
            Self::Pbes1 { rounds, .. } => Ok(u64::from(*rounds) * 3),
            Self::Pbes2(parameters) => match &parameters.kdf {
                // One block of the digest is a key, but of SHA-1.
                Kdf::Pbkdf2(pbkdf2) if pbkdf2.prf == Pbkdf2Prf::HmacWithSha1 => {
                    Ok(u64::from(pbkdf2.iteration_count) * 2)
                }
                Kdf::Pbkdf2(pbkdf2) => Ok(u64::from(pbkdf2.iteration_count)),
                Kdf::Scrypt(scrypt) => {
                    let block = u64::from(scrypt.block_size) * 128;
                    let bytes = scrypt.cost_parameter.saturating_mul(block);
                    if bytes > SCRYPT_BYTES_MAX {
                        return Err(ReadError::limit(
                            "SCRYPT_BYTES_MAX",
                            SCRYPT_BYTES_MAX,
                            "bytes of memory to open",
                        ));
                    }
                    // A round for each 64 bytes that are mixed.
                    Ok((bytes / 64).saturating_mul(u64::from(scrypt.parallelization)))
                }
                _ => Err(ReadError::Unknown("a key derivation of a key store".to_owned())),
            },
        }
    }

    fn open(&self, content: &[u8], password: &Password, key: &Key) -> Result<Vec<u8>, ReadError> {
        match self {
            // The padding is not as it should be: this is how a wrong password shows without a MAC.
            Self::Pbes2(parameters) => {
                parameters.decrypt(password.reveal(), content).map_err(|_| ReadError::WrongPassword)
            }
            Self::Pbes1 { scheme, salt, rounds } => {
                let derived = |purpose, length| derived::<Sha1>(&key.0, salt, purpose, *rounds, length);
                let iv = derived(Pkcs12KeyType::Iv, 8);
                let of_length = |length| derived(Pkcs12KeyType::EncryptionKey, length);
                let opened = match *scheme {
                    THREE_KEY_TRIPLE_DES => decrypted::<des::TdesEde3>(&of_length(24), &iv, content),
                    TWO_KEY_TRIPLE_DES => decrypted::<des::TdesEde2>(&of_length(16), &iv, content),
                    RC2_128 => decrypted::<rc2::Rc2>(&of_length(16), &iv, content),
                    _ => decrypted::<rc2::Rc2>(&of_length(5), &iv, content),
                };
                opened.ok_or(ReadError::WrongPassword)
            }
        }
    }
}

fn decrypted<C: BlockDecryptMut + BlockCipher + KeyInit>(
    key: &[u8],
    iv: &[u8],
    content: &[u8],
) -> Option<Vec<u8>> {
    cbc::Decryptor::<C>::new_from_slices(key, iv).ok()?.decrypt_padded_vec_mut::<Pkcs7>(content).ok()
}

/// Reads bags, and those in them.
fn bags(contents: &[u8], depth: usize, reading: &mut Reading) -> Result<(), ReadError> {
    if depth > NESTING_MAX {
        return Err(ReadError::limit("NESTING_MAX", NESTING_MAX as u64, "bags in bags"));
    }
    let mut bags = Values::of(EXPECTED, contents)?;
    while !bags.is_over() {
        let mut bag = bags.sequence()?;
        let kind = bag.identifier()?;
        let value = bag.raw()?;
        match kind {
            CERT_BAG => held(value, X509_CERTIFICATE, certificate, reading)?,
            CRL_BAG => held(value, X509_CRL, crl, reading)?,
            SAFE_CONTENTS_BAG => self::bags(wrapped(value)?, depth + 1, reading)?,
            _ => {}
        }
    }
    Ok(())
}

/// What stands in a value that is tagged with 0.
fn wrapped(value: &[u8]) -> Result<&[u8], ReadError> {
    let outer = AnyRef::from_der(value).map_err(|error| ReadError::malformed(EXPECTED, error))?;
    Ok(outer.value())
}

/// A certificate or list that a bag holds.
fn held(
    value: &[u8],
    expected: Oid,
    read: fn(&[u8]) -> Result<super::Dated, ReadError>,
    reading: &mut Reading,
) -> Result<(), ReadError> {
    let mut bag = Values::of(EXPECTED, wrapped(value)?)?;
    let number = reading.dated.len() + reading.faults.len() + 1;
    let place = format!("bag {number}");
    let kind = bag.identifier()?;
    if kind != expected {
        return reading.fault(place, ReadError::Unknown(format!("a certificate of type `{kind}`")));
    }
    match read(octets(bag.explicit()?)?) {
        Ok(dated) => reading.push(dated),
        Err(error) => reading.fault(place, error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expiry::limits::ENTRIES_MAX;
    use crate::expiry::read::tests::{refusal, self_signed, tlv};
    use der::Encode;

    fn oid(oid: Oid) -> Vec<u8> {
        oid.to_der().expect("an identifier")
    }

    fn number(value: u64) -> Vec<u8> {
        value.to_der().expect("a number")
    }

    fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
        tlv(0x30, &parts.concat())
    }

    fn plain(contents: &[u8]) -> Vec<u8> {
        sequence(&[oid(DATA), tlv(0xA0, &tlv(4, contents))])
    }

    /// A store of these parts, with a MAC that no password fits.
    fn store_of(safes: &[Vec<u8>], rounds: Option<u64>) -> Vec<u8> {
        let mac = rounds.map(|rounds| {
            let info = sequence(&[sequence(&[oid(SHA1)]), tlv(4, &[0; 20])]);
            sequence(&[info, tlv(4, b"salt"), number(rounds)])
        });
        sequence(&[number(3), plain(&sequence(safes)), mac.unwrap_or_default()])
    }

    fn certificate_bag(der: &[u8]) -> Vec<u8> {
        let bag = sequence(&[oid(X509_CERTIFICATE), tlv(0xA0, &tlv(4, der))]);
        sequence(&[oid(CERT_BAG), tlv(0xA0, &bag)])
    }

    fn encrypted(scheme: Oid, parameters: &[u8]) -> Vec<u8> {
        let cipher = sequence(&[oid(scheme), parameters.to_vec()]);
        let info = sequence(&[oid(DATA), cipher, tlv(0x80, &[0; 16])]);
        sequence(&[oid(ENCRYPTED_DATA), tlv(0xA0, &sequence(&[number(0), info]))])
    }

    fn triple_des(rounds: u64) -> Vec<u8> {
        encrypted(THREE_KEY_TRIPLE_DES, &sequence(&[tlv(4, b"salt"), number(rounds)]))
    }

    fn pbes2(kdf: Vec<u8>) -> Vec<u8> {
        let aes = sequence(&[oid(Oid::new_unwrap("2.16.840.1.101.3.4.1.42")), tlv(4, &[0; 16])]);
        encrypted(PBES2, &sequence(&[kdf, aes]))
    }

    fn pbkdf2(rounds: u64) -> Vec<u8> {
        let digest = sequence(&[oid(Oid::new_unwrap("1.2.840.113549.2.9")), vec![5, 0]]);
        let parameters = sequence(&[tlv(4, b"salt"), number(rounds), digest]);
        pbes2(sequence(&[oid(Oid::new_unwrap("1.2.840.113549.1.5.12")), parameters]))
    }

    fn scrypt(cost: u64, block: u64) -> Vec<u8> {
        let parameters = sequence(&[tlv(4, b"salt"), number(cost), number(block), number(1)]);
        pbes2(sequence(&[oid(Oid::new_unwrap("1.3.6.1.4.1.11591.4.11")), parameters]))
    }

    #[track_caller]
    fn admits(safes: &[Vec<u8>], rounds: Option<u64>, expected: Option<&str>) {
        let bytes = store_of(safes, rounds);
        let found = Store::of(&bytes).and_then(|store| store.admit()).err().map(|error| error.to_string());
        match expected {
            None => assert_eq!(found, None),
            Some(limit) => assert!(found.as_ref().is_some_and(|found| found.contains(limit)), "{found:?}"),
        }
    }

    #[test]
    fn rounds_max() {
        let over = Some("ROUNDS_MAX");
        admits(&[], Some(ROUNDS_MAX / 2), None);
        admits(&[], Some(ROUNDS_MAX / 2 + 1), over);
        admits(&[pbkdf2(ROUNDS_MAX)], None, None);
        admits(&[pbkdf2(ROUNDS_MAX + 1)], None, over);
        admits(&[triple_des(ROUNDS_MAX / 3)], None, None);
        admits(&[triple_des(ROUNDS_MAX / 3 + 1)], None, over);
        // All parts together.
        let part = || pbkdf2(ROUNDS_MAX / 4);
        admits(&[part(), part()], Some(ROUNDS_MAX / 4), None);
        admits(&[part(), part()], Some(ROUNDS_MAX / 4 + 1), over);
    }

    #[test]
    fn scrypt_bytes_max() {
        let cost = SCRYPT_BYTES_MAX / (128 * 8);
        admits(&[scrypt(cost, 8)], None, None);
        // The next cost there is.
        admits(&[scrypt(cost * 2, 8)], None, Some("SCRYPT_BYTES_MAX"));
    }

    #[test]
    fn a_refused_store_costs_no_work() {
        let bytes = store_of(&[triple_des(u64::from(u32::MAX))], Some(1));
        refusal(store(&bytes, None), "ROUNDS_MAX");
        refusal(store(&store_of(&[], Some(u64::from(u32::MAX))), None), "ROUNDS_MAX");
    }

    #[test]
    fn safes_max() {
        let of = |count: usize| store(&store_of(&vec![plain(&sequence(&[])); count], None), None);
        assert_eq!(of(SAFES_MAX), Ok(Reading::default()));
        refusal(of(SAFES_MAX + 1), "SAFES_MAX");
    }

    #[test]
    fn bags_in_bags_are_followed_up_to_nesting_max() {
        let of = |depth: usize| {
            let inner = sequence(&[certificate_bag(&self_signed("a"))]);
            let nested = (0..depth)
                .fold(inner, |inner, _| sequence(&[sequence(&[oid(SAFE_CONTENTS_BAG), tlv(0xA0, &inner)])]));
            store(&store_of(&[plain(&nested)], None), None)
        };
        assert_eq!(of(0).map(|reading| reading.dated.len()), Ok(1));
        assert_eq!(of(NESTING_MAX).map(|reading| reading.dated.len()), Ok(1));
        refusal(of(NESTING_MAX + 1), "NESTING_MAX");
    }

    #[test]
    fn entries_max() {
        let bag = certificate_bag(&[0x30, 0]);
        let of = |count: usize| store(&store_of(&[plain(&sequence(&vec![bag.clone(); count]))], None), None);
        assert_eq!(of(ENTRIES_MAX).map(|reading| reading.faults.len()), Ok(ENTRIES_MAX));
        refusal(of(ENTRIES_MAX + 1), "ENTRIES_MAX");
    }

    #[test]
    fn a_wrong_password_shows_without_a_mac() {
        assert_eq!(store(&store_of(&[triple_des(1)], None), None), Err(ReadError::WrongPassword));
        assert_eq!(store(&store_of(&[pbkdf2(1)], None), None), Err(ReadError::WrongPassword));
        assert_eq!(store(&store_of(&[], Some(1)), None), Err(ReadError::WrongPassword));
    }

    #[test]
    fn ciphers_that_are_not_known_are_told() {
        let rc4 = Oid::new_unwrap("1.2.840.113549.1.12.1.1");
        refusal(
            store(&store_of(&[encrypted(rc4, &sequence(&[]))], None), None),
            "the cipher `1.2.840.113549.1.12.1.1`",
        );
    }
}

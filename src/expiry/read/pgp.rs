//! Public keys of `OpenPGP` (RFC 9580), armoured or not.
//!
//! ```text
//!  primary key, created ─┬ signatures of its own: so many seconds after that it ends, or it is revoked
//!                        ├ names, each with signatures; those of others say nothing of an end
//!                        └ subkeys, each with a signature that binds it
//! ```
//!
//! The latest signature of its own decides (5.2.3.10). Signatures are not verified: whoever could forge one could as
//! well send another key.

use super::{ReadError, Reading, pem};
use crate::expiry::chain::Role;
use crate::expiry::dated::{Dated, KeyDigest};
use crate::expiry::term::Term;
use jiff::Timestamp;
use sha1::{Digest, Sha1};
use sha2_of_pkcs12::Sha256;

const EXPECTED: &str = "public key of OpenPGP";
const LABEL: &str = "PGP PUBLIC KEY BLOCK";

const SIGNATURE: u8 = 2;
const SECRET_KEY: u8 = 5;
const PUBLIC_KEY: u8 = 6;
const SECRET_SUBKEY: u8 = 7;
const USER_ID: u8 = 13;
const PUBLIC_SUBKEY: u8 = 14;

/// Whether there is an armoured key in it.
pub(super) fn is_pgp(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, LABEL.as_bytes()).is_some()
}

/// Reads all keys.
pub(super) fn keys(bytes: &[u8]) -> Result<Reading, ReadError> {
    let mut reading = Reading::default();
    if !pem::is_pem(bytes) {
        ring(bytes, &mut reading)?;
        return Ok(reading);
    }
    for block in pem::blocks(bytes) {
        let block = block?;
        if block.label == LABEL {
            ring(&block.armoured()?, &mut reading)?;
        } else if block.label.starts_with("PGP PRIVATE") {
            return Err(private());
        }
    }
    Ok(reading)
}

fn private() -> ReadError {
    ReadError::malformed(EXPECTED, "it is a private one: keep it elsewhere, and watch the public key")
}

fn malformed(why: &str) -> ReadError {
    ReadError::malformed(EXPECTED, why)
}

/// A key and what its own signatures say of it.
struct Key {
    created: u32,
    /// Its number, as people compare it.
    id: [u8; 8],
    digest: KeyDigest,
    is_primary: bool,
    said: Said,
}

/// What the latest signature says.
#[derive(Default)]
struct Said {
    at: Option<u32>,
    /// Seconds after the key was made.
    ends_after: Option<u32>,
    revoked: Option<u32>,
    /// What the key is for, as the signature says.
    flags: Option<u8>,
}

fn ring(bytes: &[u8], reading: &mut Reading) -> Result<(), ReadError> {
    let mut rest = bytes;
    let (mut keys, mut owner): (Vec<Key>, String) = (Vec::new(), String::new());
    while !rest.is_empty() {
        let (tag, body) = packet(&mut rest)?;
        match tag {
            PUBLIC_KEY => {
                tell(&mut keys, &mut owner, reading)?;
                keys.push(key(body, true)?);
            }
            PUBLIC_SUBKEY if !keys.is_empty() => keys.push(key(body, false)?),
            SECRET_KEY | SECRET_SUBKEY => return Err(private()),
            USER_ID if owner.is_empty() => owner = String::from_utf8_lossy(body).into_owned(),
            SIGNATURE => sign(&mut keys, body)?,
            _ if keys.is_empty() => return Err(malformed("it does not begin with a key")),
            _ => {}
        }
    }
    tell(&mut keys, &mut owner, reading)
}

fn tell(keys: &mut Vec<Key>, owner: &mut String, reading: &mut Reading) -> Result<(), ReadError> {
    let owner = std::mem::take(owner);
    keys.drain(..).try_for_each(|key| reading.push(key.dated(&owner)))
}

impl Key {
    fn dated(&self, owner: &str) -> Dated {
        let part = if self.is_primary { "primary key".to_owned() } else { self.purpose() };
        let id = format!("{:016X}", u64::from_be_bytes(self.id));
        Dated {
            serial: Some(id),
            from: Timestamp::from_second(i64::from(self.created)).ok(),
            until: Some(self.term()),
            key: Some(self.digest),
            ..Dated::new(Role::Key, &format!("{owner}, {part}"))
        }
    }

    fn term(&self) -> Term {
        let end = self.said.ends_after.filter(|after| *after > 0);
        // From the second on that is said it has ended.
        let end = end.map(|after| i64::from(self.created) + i64::from(after) - 1);
        let revoked = self.said.revoked.map(|at| i64::from(at) - 1);
        [end, revoked].into_iter().flatten().min().map_or(Term::Never, Term::of_second)
    }

    /// Subkeys for one purpose follow each other.
    fn purpose(&self) -> String {
        let flags = self.said.flags.unwrap_or(0);
        let known = [(0x02, "signing"), (0x0C, "encryption"), (0x20, "authentication")];
        let words: Vec<&str> =
            known.iter().filter(|(flag, _)| flags & flag != 0).map(|(_, word)| *word).collect();
        if words.is_empty() { "subkey".to_owned() } else { format!("subkey for {}", words.join(" and ")) }
    }
}

/// The next packet.
fn packet<'a>(rest: &mut &'a [u8]) -> Result<(u8, &'a [u8]), ReadError> {
    let first = byte(rest)?;
    if first & 0x80 == 0 {
        return Err(malformed("it is no packet"));
    }
    let (tag, length) = if first & 0x40 == 0 {
        let width = [1, 2, 4].get(usize::from(first & 3)).ok_or_else(|| malformed("a length is not said"))?;
        (first >> 2 & 0xF, number(rest, *width)?)
    } else {
        (first & 0x3F, length(rest, "a packet is in parts")?)
    };
    Ok((tag, take(rest, length)?))
}

/// A length as packets and subpackets have it.
fn length(rest: &mut &[u8], partial: &str) -> Result<u32, ReadError> {
    let first = byte(rest)?;
    match first {
        0..192 => Ok(u32::from(first)),
        192..224 => Ok(((u32::from(first) - 192) << 8) + u32::from(byte(rest)?) + 192),
        255 => number(rest, 4),
        _ => Err(malformed(partial)),
    }
}

fn take<'a>(rest: &mut &'a [u8], count: u32) -> Result<&'a [u8], ReadError> {
    let (taken, left) = rest.split_at_checked(count as usize).ok_or_else(|| malformed("it is cut off"))?;
    *rest = left;
    Ok(taken)
}

fn byte(rest: &mut &[u8]) -> Result<u8, ReadError> {
    take(rest, 1).map(|bytes| bytes[0])
}

fn number(rest: &mut &[u8], width: u32) -> Result<u32, ReadError> {
    Ok(take(rest, width)?.iter().fold(0, |value, byte| value << 8 | u32::from(*byte)))
}

fn key(body: &[u8], is_primary: bool) -> Result<Key, ReadError> {
    let mut rest = body;
    let version = byte(&mut rest)?;
    let created = number(&mut rest, 4)?;
    let mut said = Said::default();
    let last_of = |bytes: &[u8]| bytes.last_chunk().copied().unwrap_or_default();
    let id = match version {
        2 | 3 => {
            // Days stand in the key itself; its number is that of another time and is not needed here.
            said.ends_after = Some(number(&mut rest, 2)?.saturating_mul(86_400));
            last_of(body)
        }
        4 => {
            let length = u16::try_from(body.len()).map_err(|_| malformed("a key is too long"))?;
            let print = Sha1::new().chain_update([0x99]).chain_update(length.to_be_bytes());
            last_of(&print.chain_update(body).finalize())
        }
        6 => {
            let length = u32::try_from(body.len()).map_err(|_| malformed("a key is too long"))?;
            let print = Sha256::new().chain_update([0x9B]).chain_update(length.to_be_bytes());
            print.chain_update(body).finalize().first_chunk().copied().unwrap_or_default()
        }
        version => return Err(ReadError::Unknown(format!("version {version} of a key of OpenPGP"))),
    };
    Ok(Key { created, id, digest: KeyDigest::of(body), is_primary, said })
}

/// A signature says something of the key before it, if the primary key has made it.
fn sign(keys: &mut [Key], body: &[u8]) -> Result<(), ReadError> {
    let Some(primary) = keys.first().map(|key| key.id) else {
        return Err(malformed("it does not begin with a key"));
    };
    let Some(signature) = Signature::of(body)? else { return Ok(()) };
    if signature.issuer.is_some_and(|issuer| issuer != primary) {
        return Ok(());
    }
    let (first, last) = (0, keys.len() - 1);
    let (about, is_revocation) = match signature.kind {
        0x10..=0x13 | 0x1F => (first, false),
        0x18 => (last, false),
        0x20 => (first, true),
        0x28 => (last, true),
        _ => return Ok(()),
    };
    let said = &mut keys[about].said;
    if is_revocation {
        said.revoked = Some(signature.at);
    } else if said.at.is_none_or(|at| at <= signature.at) {
        *said = Said {
            at: Some(signature.at),
            ends_after: signature.ends_after,
            flags: signature.flags,
            revoked: said.revoked,
        };
    }
    Ok(())
}

struct Signature {
    kind: u8,
    at: u32,
    ends_after: Option<u32>,
    flags: Option<u8>,
    issuer: Option<[u8; 8]>,
}

impl Signature {
    /// Takes a signature apart; older ones say nothing of ends.
    fn of(body: &[u8]) -> Result<Option<Self>, ReadError> {
        let mut rest = body;
        let width = match byte(&mut rest)? {
            4 => 2,
            6 => 4,
            _ => return Ok(None),
        };
        let kind = byte(&mut rest)?;
        take(&mut rest, 2)?;
        let mut signature = Self { kind, at: 0, ends_after: None, flags: None, issuer: None };
        for is_hashed in [true, false] {
            let length = number(&mut rest, width)?;
            let mut parts = take(&mut rest, length)?;
            while !parts.is_empty() {
                let length = length_of_part(&mut parts)?;
                let part = take(&mut parts, length)?;
                signature.part(part, is_hashed)?;
            }
        }
        Ok(Some(signature))
    }

    /// One part. What is not signed itself may say who has signed, and nothing more.
    fn part(&mut self, part: &[u8], is_hashed: bool) -> Result<(), ReadError> {
        let mut rest = part;
        // The highest bit says that it has to be understood.
        match (byte(&mut rest)? & 0x7F, is_hashed) {
            (2, true) => self.at = number(&mut rest, 4)?,
            (9, true) => self.ends_after = Some(number(&mut rest, 4)?),
            (27, true) => self.flags = rest.first().copied(),
            (16, _) => self.issuer = rest.first_chunk().copied(),
            (33, _) => {
                self.issuer = match byte(&mut rest)? {
                    4 => rest.last_chunk().copied(),
                    _ => rest.first_chunk().copied(),
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// The length of a part; here the numbers that mean parts of packets are lengths of two bytes.
fn length_of_part(parts: &mut &[u8]) -> Result<u32, ReadError> {
    match parts.first() {
        Some(first @ 224..=254) => {
            byte(parts)?;
            Ok(((u32::from(*first) - 192) << 8) + u32::from(byte(parts)?) + 192)
        }
        _ => length(parts, "a part of a signature has no length"),
    }
}

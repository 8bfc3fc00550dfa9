//! Certificates of OpenSSH, as they stand in `id_ed25519-cert.pub` (`PROTOCOL.certkeys`).
//!
//! ```text
//!  type nonce key-fields serial kind key-id principals valid-after valid-before ...
//! ```
//!
//! Texts have their length before them.
//!
//! The `ssh-key` crate refuses those that hold for ever, as most certificates of hosts do: so the fields are read here.

use super::{ReadError, Reading, base64};
use crate::expiry::chain::Role;
use crate::expiry::dated::{Dated, KeyDigest};
use crate::expiry::term::Term;

const EXPECTED: &str = "certificate of OpenSSH";
/// What stands in the name of every type of certificate, and of no key.
const MARK: &str = "-cert-v01@openssh.com";

/// Types of keys, and how many fields a key of each has.
const KEY_FIELDS: [(&str, usize); 8] = [
    ("ssh-ed25519", 1),
    ("ssh-rsa", 2),
    ("rsa-sha2-256", 2),
    ("rsa-sha2-512", 2),
    ("sk-ssh-ed25519", 2),
    ("sk-ecdsa-sha2-nistp256", 3),
    ("ssh-dss", 4),
    ("ecdsa-sha2-", 2),
];

/// Whether there is a certificate in it.
pub(super) fn is_openssh(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, MARK.as_bytes()).is_some()
}

/// Reads every line that is a certificate; keys without one do not expire and are passed over.
pub(super) fn certificates(bytes: &[u8]) -> Result<Reading, ReadError> {
    let text = std::str::from_utf8(bytes).map_err(|_| malformed("it is no text"))?;
    let mut reading = Reading::default();
    for (index, line) in text.lines().enumerate() {
        // Options may stand before it, as in `authorized_keys`.
        let Some(start) = start(line) else { continue };
        match certificate(&line[start..]) {
            Ok(dated) => reading.push(dated)?,
            Err(error) => reading.fault(format!("line {}", index + 1), error)?,
        }
    }
    Ok(reading)
}

fn malformed(why: &str) -> ReadError {
    ReadError::malformed(EXPECTED, why)
}

/// Where the name of the type begins.
fn start(line: &str) -> Option<usize> {
    let mark = line.find(MARK).filter(|_| !line.starts_with('#'))?;
    Some(line[..mark].rfind(char::is_whitespace).map_or(0, |at| at + 1))
}

fn certificate(line: &str) -> Result<Dated, ReadError> {
    let mut words = line.split_whitespace();
    let kind =
        words.next().and_then(|word| word.strip_suffix(MARK)).ok_or_else(|| malformed("it has no type"))?;
    let bytes = words.next().and_then(base64::standard).ok_or_else(|| malformed("it is no base64"))?;
    let mut fields = Fields(&bytes);
    if fields.text()? != format!("{kind}{MARK}") {
        return Err(malformed("its two types are not the same"));
    }
    fields.bytes()?;
    let key = fields.key(kind)?;
    let serial = fields.number::<8>().map(u64::from_be_bytes)?;
    let whose = match fields.number::<4>().map(u32::from_be_bytes)? {
        1 => "user",
        2 => "host",
        other => return Err(malformed(&format!("it is of the unknown kind {other}"))),
    };
    let id = fields.text()?;
    let mut principals = Fields(fields.bytes()?);
    let mut names = Vec::new();
    while !principals.0.is_empty() {
        names.push(principals.text()?);
    }
    let after = fields.number::<8>().map(u64::from_be_bytes)?;
    let before = fields.number::<8>().map(u64::from_be_bytes)?;
    Ok(Dated {
        serial: Some(serial.to_string()),
        // From the beginning of time on is no beginning.
        from: Some(after).filter(|after| *after > 0).and_then(|after| Term::of_unsigned(after).moment()),
        until: Some(term(before)),
        key: Some(key),
        ..Dated::new(Role::Leaf, &format!("{whose} {id} ({})", names.join(", ")))
    })
}

/// It holds *before* that second: the last one is the one before.
fn term(before: u64) -> Term {
    if before == u64::MAX { Term::Never } else { Term::of_unsigned(before.saturating_sub(1)) }
}

/// What is left of a certificate.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], ReadError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(|| malformed("it is cut off"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn number<const BYTES: usize>(&mut self) -> Result<[u8; BYTES], ReadError> {
        self.take(BYTES).map(|bytes| bytes.first_chunk().copied().expect("as many as were taken"))
    }

    fn bytes(&mut self) -> Result<&'a [u8], ReadError> {
        let length = self.number::<4>().map(u32::from_be_bytes)?;
        self.take(length as usize)
    }

    fn text(&mut self) -> Result<&'a str, ReadError> {
        std::str::from_utf8(self.bytes()?).map_err(|_| malformed("a text of it is no text"))
    }

    /// The key, as a digest of its fields.
    fn key(&mut self, kind: &str) -> Result<KeyDigest, ReadError> {
        let known = KEY_FIELDS
            .iter()
            .find(|(name, _)| kind == *name || (name.ends_with('-') && kind.starts_with(name)));
        let (_, count) =
            known.ok_or_else(|| ReadError::Unknown(format!("a certificate of OpenSSH for `{kind}`")))?;
        let before = self.0;
        for _ in 0..*count {
            self.bytes()?;
        }
        Ok(KeyDigest::of(&before[..before.len() - self.0.len()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::base64::Engine;

    fn line(before: u64, length: usize) -> String {
        let text =
            |text: &str| [&u32::try_from(text.len()).expect("short").to_be_bytes(), text.as_bytes()].concat();
        let kind = format!("ssh-ed25519{MARK}");
        let numbers = [&5_u64.to_be_bytes()[..], &2_u32.to_be_bytes()].concat();
        let dates = [1_u64.to_be_bytes(), before.to_be_bytes()].concat();
        let bytes = [text(&kind), text("nonce"), text("key"), numbers, text("id"), text(""), dates].concat();
        let body = ::base64::prelude::BASE64_STANDARD.encode(&bytes[..bytes.len() - length]);
        format!("cert-authority {kind} {body} comment\n")
    }

    #[test]
    fn it_holds_before_its_last_second_or_for_ever() {
        let of = |before| certificates(line(before, 0).as_bytes()).expect("it reads").dated[0].until;
        assert_eq!(of(1_800_000_001), Some(Term::of_second(1_800_000_000)));
        assert_eq!(of(u64::MAX), Some(Term::Never));
    }

    #[test]
    fn one_that_is_cut_off_is_told_and_hides_no_other() {
        for length in 1..70 {
            let reading = certificates((line(9, length) + &line(9, 0)).as_bytes()).expect("it reads");
            assert_eq!((reading.dated.len(), reading.faults.len()), (1, 1), "{length}");
        }
    }
}

//! What is said before TLS, in protocols that begin in the clear.
//!
//! Answers are read byte by byte: nothing may be taken from the connection that belongs to the handshake.

use super::ProbeError;
use crate::expiry::StartTls;
use std::io::{self, Read, Write};

/// Bytes of a line of an answer.
const LINE_BYTES_MAX: usize = 4 << 10;
/// Lines of an answer.
const LINES_MAX: usize = 100;
/// Bytes of an answer of LDAP.
const LDAP_BYTES_MAX: usize = 4 << 10;
/// Characters of an answer that are told.
const TOLD_CHARS_MAX: usize = 80;

/// `SSLRequest`: its length, and the number 80877103.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F];
/// The extended request `1.3.6.1.4.1.1466.20037` with the number 1.
const LDAP_REQUEST: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";

/// Asks for TLS.
pub(super) fn begin(protocol: StartTls, stream: &mut (impl Read + Write)) -> Result<(), ProbeError> {
    match protocol {
        StartTls::Smtp => smtp(stream),
        StartTls::Imap => imap(stream),
        StartTls::Postgresql => postgresql(stream),
        StartTls::Ldap => ldap(stream),
    }
}

fn send(stream: &mut impl Write, bytes: &[u8]) -> Result<(), ProbeError> {
    stream.write_all(bytes).and_then(|()| stream.flush()).map_err(ProbeError::Broken)
}

fn byte(stream: &mut impl Read) -> Result<u8, ProbeError> {
    let mut byte = [0];
    stream.read_exact(&mut byte).map_err(ProbeError::Broken)?;
    Ok(byte[0])
}

fn line(stream: &mut impl Read) -> Result<String, ProbeError> {
    let mut bytes = Vec::new();
    loop {
        match byte(stream)? {
            b'\n' => break,
            byte if bytes.len() < LINE_BYTES_MAX => bytes.push(byte),
            _ => return Err(too_much("LINE_BYTES_MAX")),
        }
    }
    Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
}

fn too_much(limit: &str) -> ProbeError {
    ProbeError::Protocol(format!("it answers more than is listened to (`{limit}`)"))
}

fn refused(protocol: &str, answer: &str) -> ProbeError {
    let answer: String = answer.chars().take(TOLD_CHARS_MAX).collect();
    ProbeError::Protocol(format!("it does not begin TLS as {protocol} does: it says `{answer}`"))
}

/// An answer of SMTP, the last line of which has a blank behind its number.
fn reply(stream: &mut impl Read, expected: &str) -> Result<Vec<String>, ProbeError> {
    let mut lines = Vec::new();
    loop {
        let line = line(stream)?;
        if !line.starts_with(expected) {
            return Err(refused("SMTP", &line));
        }
        let is_last = line.as_bytes().get(3) != Some(&b'-');
        lines.push(line);
        if is_last {
            return Ok(lines);
        }
        if lines.len() >= LINES_MAX {
            return Err(too_much("LINES_MAX"));
        }
    }
}

fn smtp(stream: &mut (impl Read + Write)) -> Result<(), ProbeError> {
    reply(stream, "220")?;
    send(stream, b"EHLO feedgate.invalid\r\n")?;
    let offered = reply(stream, "250")?;
    if !offered.iter().any(|line| line.get(4..).is_some_and(|word| word.eq_ignore_ascii_case("STARTTLS"))) {
        return Err(ProbeError::Protocol("it does not offer STARTTLS".to_owned()));
    }
    send(stream, b"STARTTLS\r\n")?;
    reply(stream, "220").map(drop)
}

fn imap(stream: &mut (impl Read + Write)) -> Result<(), ProbeError> {
    let greeting = line(stream)?;
    if !greeting.to_ascii_uppercase().starts_with("* OK") {
        return Err(refused("IMAP", &greeting));
    }
    send(stream, b"a1 STARTTLS\r\n")?;
    for _ in 0..LINES_MAX {
        let line = line(stream)?;
        if line.to_ascii_uppercase().starts_with("A1 OK") {
            return Ok(());
        } else if !line.starts_with("* ") {
            return Err(refused("IMAP", &line));
        }
    }
    Err(too_much("LINES_MAX"))
}

fn postgresql(stream: &mut (impl Read + Write)) -> Result<(), ProbeError> {
    send(stream, &SSL_REQUEST)?;
    match byte(stream)? {
        b'S' => Ok(()),
        b'N' => Err(ProbeError::Protocol("it has no TLS: turn `ssl` on".to_owned())),
        other => Err(refused("PostgreSQL", &char::from(other).to_string())),
    }
}

/// The answer is a message with a result in it: an enumeration of one byte, which is 0 when it is done.
fn ldap(stream: &mut (impl Read + Write)) -> Result<(), ProbeError> {
    send(stream, LDAP_REQUEST)?;
    if byte(stream)? != 0x30 {
        return Err(refused("LDAP", "no message"));
    }
    let mut length = usize::from(byte(stream)?);
    // Longer than it needs to be is how some servers write every length.
    if length > 0x80 {
        let width = length - 0x80;
        let mut value = 0_usize;
        for _ in 0..width.min(8) {
            value = value.checked_shl(8).unwrap_or(usize::MAX) | usize::from(byte(stream)?);
        }
        length = value;
    }
    if length > LDAP_BYTES_MAX {
        return Err(too_much("LDAP_BYTES_MAX"));
    }
    let mut message = vec![0; length];
    stream.read_exact(&mut message).map_err(|error: io::Error| ProbeError::Broken(error))?;
    let result = message.windows(3).find(|window| window.starts_with(&[0x0A, 1])).map(|window| window[2]);
    match result {
        Some(0) => Ok(()),
        Some(code) => Err(refused("LDAP", &format!("result {code}"))),
        None => Err(refused("LDAP", "no result")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the other side says, all of it at once, and what was said to it.
    struct Script<'a> {
        says: &'a [u8],
        heard: Vec<u8>,
    }

    impl Read for Script<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.says.read(buffer)
        }
    }

    impl Write for Script<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.heard.extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[track_caller]
    fn case(protocol: StartTls, says: &[u8], expected: Result<&str, &str>) {
        let mut script = Script { says, heard: Vec::new() };
        let found = begin(protocol, &mut script).map_err(|error| error.to_string());
        match (found, expected) {
            (Ok(()), Ok(rest)) => assert_eq!(script.says, rest.as_bytes(), "what is left for the handshake"),
            (Err(error), Err(part)) => assert!(error.contains(part), "{error}"),
            (found, expected) => panic!("{found:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn smtp_offers_and_begins() {
        let offer = "220-hello\r\n220 there\r\n250-host\r\n250-starttls\r\n250 HELP\r\n220 go\r\nTLS";
        case(StartTls::Smtp, offer.as_bytes(), Ok("TLS"));
        case(StartTls::Smtp, b"220 a\r\n250 HELP\r\n", Err("does not offer STARTTLS"));
        case(StartTls::Smtp, b"554 no\r\n", Err("it says `554 no`"));
        case(StartTls::Smtp, b"220 a\r\n250 STARTTLS\r\n454 later\r\n", Err("`454 later`"));
        case(StartTls::Smtp, b"220", Err("the connection broke"));
    }

    #[test]
    fn imap_and_postgresql_begin() {
        case(StartTls::Imap, b"* OK hi\r\n* CAPABILITY X\r\na1 OK go\r\nTLS", Ok("TLS"));
        case(StartTls::Imap, b"* OK hi\r\na1 BAD no\r\n", Err("`a1 BAD no`"));
        case(StartTls::Imap, b"* BYE\r\n", Err("`* BYE`"));
        case(StartTls::Postgresql, b"STLS", Ok("TLS"));
        case(StartTls::Postgresql, b"N", Err("turn `ssl` on"));
        case(StartTls::Postgresql, b"E", Err("it says `E`"));
    }

    #[test]
    fn ldap_begins_however_lengths_are_written() {
        let done = b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00TLS";
        case(StartTls::Ldap, done, Ok("TLS"));
        let long =
            b"\x30\x84\x00\x00\x00\x10\x02\x01\x01\x78\x84\x00\x00\x00\x07\x0a\x01\x00\x04\x00\x04\x00TLS";
        case(StartTls::Ldap, long, Ok("TLS"));
        case(StartTls::Ldap, b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x34\x04\x00\x04\x00", Err("result 52"));
        case(StartTls::Ldap, b"HTTP", Err("no message"));
    }

    #[test]
    fn line_bytes_max() {
        let of = |length: usize| format!("* OK {}\r\na1 OK\r\n", "x".repeat(length - 6));
        case(StartTls::Imap, of(LINE_BYTES_MAX).as_bytes(), Ok(""));
        case(StartTls::Imap, of(LINE_BYTES_MAX + 1).as_bytes(), Err("LINE_BYTES_MAX"));
    }

    #[test]
    fn lines_max() {
        let of = |lines: usize| format!("* OK\r\n{}a1 OK\r\n", "* x\r\n".repeat(lines - 1));
        case(StartTls::Imap, of(LINES_MAX).as_bytes(), Ok(""));
        case(StartTls::Imap, of(LINES_MAX + 1).as_bytes(), Err("LINES_MAX"));
        let of =
            |lines: usize| format!("{}220 x\r\n250 STARTTLS\r\n220 go\r\n", "220-x\r\n".repeat(lines - 1));
        case(StartTls::Smtp, of(LINES_MAX).as_bytes(), Ok(""));
        case(StartTls::Smtp, of(LINES_MAX + 1).as_bytes(), Err("LINES_MAX"));
    }

    #[test]
    fn ldap_bytes_max() {
        let of = |length: usize| {
            let high = u8::try_from(length >> 8).expect("small");
            let low = u8::try_from(length & 0xFF).expect("a byte");
            let mut bytes = vec![0x30, 0x82, high, low, 0x0A, 1, 0];
            bytes.resize(4 + length, 0);
            bytes
        };
        case(StartTls::Ldap, &of(LDAP_BYTES_MAX), Ok(""));
        case(StartTls::Ldap, &of(LDAP_BYTES_MAX + 1), Err("LDAP_BYTES_MAX"));
    }
}

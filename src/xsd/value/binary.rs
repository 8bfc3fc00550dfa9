//! `hexBinary` and `base64Binary`.

use super::Lexical;

/// Pairs of hexadecimal digits (3.2.15.1).
pub fn check_hex(text: &str) -> Result<(), Lexical> {
    let whole = text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if whole { Ok(()) } else { Err(Lexical::Form) }
}

/// Octets of a literal already found in the lexical space.
pub(crate) fn hex_length(text: &str) -> u64 {
    text.len() as u64 / 2
}

pub(super) fn decode_hex(text: &str) -> Result<Box<[u8]>, Lexical> {
    check_hex(text)?;
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    };
    Ok(text.as_bytes().chunks_exact(2).map(|pair| nibble(pair[0]) << 4 | nibble(pair[1])).collect())
}

/// The grammar of 3.2.16: groups of four, a single space allowed after any character, the bits a
/// shortened last group leaves over are zero.
pub fn check_base64(text: &str) -> Result<(), Lexical> {
    let mut count = 0_usize;
    let mut last = 0;
    let mut padding = 0_usize;
    let mut after_space = true;
    for &byte in text.as_bytes() {
        match byte {
            b' ' if !after_space => {
                after_space = true;
                continue;
            }
            b'=' => padding += 1,
            _ => {
                last = sextet(byte).filter(|_| padding == 0).ok_or(Lexical::Form)?;
                count += 1;
            }
        }
        after_space = false;
    }
    // A space may not end the literal either; with an empty literal none was seen.
    if after_space && !text.is_empty() {
        return Err(Lexical::Form);
    }
    match (count % 4, padding) {
        (0, 0) => Ok(()),
        (3, 1) if last % 4 == 0 => Ok(()),
        (2, 2) if last % 16 == 0 => Ok(()),
        _ => Err(Lexical::Form),
    }
}

/// Octets of a literal already found in the lexical space.
pub(crate) fn base64_length(text: &str) -> u64 {
    let sextets = text.bytes().filter(|byte| !matches!(byte, b' ' | b'=')).count() as u64;
    sextets * 3 / 4
}

pub(super) fn decode_base64(text: &str) -> Result<Box<[u8]>, Lexical> {
    check_base64(text)?;
    let mut octets = Vec::with_capacity(text.len() * 3 / 4);
    let mut left = (0_u8, 0);
    for sextet in text.bytes().filter_map(sextet) {
        // `left` holds the bits not yet in an octet, at its high end, and how many they are.
        let (bits, held) = left;
        if held == 0 {
            left = (sextet << 2, 6);
        } else {
            octets.push(bits | sextet >> (held - 2));
            left = (if held == 2 { 0 } else { sextet << (10 - held) }, held - 2);
        }
    }
    Ok(octets.into())
}

fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn hex(text: &str, expected: Option<&[u8]>) {
        assert_eq!(decode_hex(text).ok().as_deref(), expected, "{text:?}");
    }

    #[test]
    fn hexadecimal() {
        hex("", Some(b""));
        hex("0fB7", Some(&[0x0F, 0xB7]));
        hex("0fb", None);
        hex("0g", None);
        hex("0 f0", None);
    }

    #[track_caller]
    fn base64(text: &str, expected: Option<&[u8]>) {
        assert_eq!(decode_base64(text).ok().as_deref(), expected, "{text:?}");
        if let Some(octets) = expected {
            assert_eq!(base64_length(text), octets.len() as u64, "{text:?}");
        }
    }

    #[test]
    fn base64_groups() {
        base64("", Some(b""));
        base64("TWFu", Some(b"Man"));
        base64("TWE=", Some(b"Ma"));
        base64("TQ==", Some(b"M"));
        base64("T W F u T Q = =", Some(b"ManM"));
        base64("TWFuTWE =", Some(b"ManMa"));
        base64("+/9a", Some(&[0xFB, 0xFF, 0x5A]));
    }

    #[test]
    fn base64_that_is_none() {
        for text in
            ["T", "TW", "TWF", "TWFu=", "TQ=", "TR==", "TWF=", "====", "T=Q=", "TQ==TWFu", "TW-u", "TWF  u"]
        {
            base64(text, None);
        }
        base64(" TWFu", None);
        base64("TWFu ", None);
    }
}

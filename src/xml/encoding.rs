//! Encodings: recognised by byte order mark and declaration, decoded into UTF-8, mapped back.
//!
//! ```text
//!  first bytes            EF BB BF   FE FF   FF FE   00 3C   3C 00   3C 3F 78 6D 6C … encoding="…"
//!  encoding               UTF-8      UTF-16  UTF-16  UTF-16  UTF-16  as declared, else UTF-8
//! ```
//!
//! A position of the decoded stream maps back to the source by counting: one byte per character in a
//! single-byte encoding, two per code unit in UTF-16. No table is kept.
//!
//! What the declaration says is checked against the bytes once it was decoded, where its place is
//! known; see `declaration`.

use super::alien::{self, Alien};
use super::declaration::sniffed_encoding;
use super::error::XmlErrorKind;
use super::lines::count_characters;
use std::borrow::Cow;

/// An encoding we read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// UTF-8, read without a copy.
    #[default]
    Utf8,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// US-ASCII.
    UsAscii,
    /// ISO-8859-1, with its control characters from U+0080.
    Latin1,
    /// ISO-8859-15.
    Latin9,
    /// Windows-1252.
    Windows1252,
}

impl Encoding {
    /// The name to declare it by.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
            Self::UsAscii => "US-ASCII",
            Self::Latin1 => "ISO-8859-1",
            Self::Latin9 => "ISO-8859-15",
            Self::Windows1252 => "windows-1252",
        }
    }

    /// The encoding of a label, letters in any case; `UTF-16` alone stands for the form with low
    /// byte first.
    #[must_use]
    pub fn from_label(label: &str) -> Option<Self> {
        Some(match label.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Self::Utf8,
            "utf-16" | "utf-16le" => Self::Utf16Le,
            "utf-16be" => Self::Utf16Be,
            "us-ascii" | "ascii" => Self::UsAscii,
            "iso-8859-1" | "iso_8859-1" | "iso8859-1" | "latin1" | "latin-1" => Self::Latin1,
            "iso-8859-15" | "iso_8859-15" | "iso8859-15" | "latin9" | "latin-9" => Self::Latin9,
            "windows-1252" | "cp1252" => Self::Windows1252,
            _ => return None,
        })
    }

    /// The encoding of a document that was cut out of another one, and the length of its byte order mark: what its
    /// first bytes say, else the encoding `around` it. Where that has one byte for each character and the bytes are
    /// UTF-8 as well, an editor may have saved them so: then they have to say it.
    pub fn of_part(bytes: &[u8], around: Self) -> Result<(Self, usize), XmlErrorKind> {
        let head = &bytes[..bytes.len().min(SNIFFED_BYTES)];
        let Sniffed { encoding, mark, .. } = sniff(head)?;
        let says = mark > 0 || encoding != Self::Utf8 || sniffed_encoding(head).is_some();
        // What is not in units of two bytes does not stand in such a document any more; ASCII is UTF-8, too.
        if says || around.is_wide() || matches!(around, Self::Utf8 | Self::UsAscii) {
            return Ok((encoding, mark));
        }
        if !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok() {
            return Err(XmlErrorKind::EncodingUnclear { around: around.label() });
        }
        Ok((around, 0))
    }

    /// Whether its code units have two bytes.
    pub(super) const fn is_wide(self) -> bool {
        matches!(self, Self::Utf16Le | Self::Utf16Be)
    }

    /// The first bytes of a source as one byte for each letter of ASCII.
    fn as_bytes(self, head: &[u8]) -> Cow<'_, [u8]> {
        if self.is_wide() {
            // The last unit may be cut in two.
            let whole = &head[..head.len() & !1];
            Cow::Owned(self.decode(whole).into_owned().into_bytes())
        } else {
            Cow::Borrowed(head)
        }
    }

    /// How many bytes of the source the UTF-8 `bytes` were.
    pub(super) fn source_length(self, bytes: &[u8]) -> u64 {
        match self {
            Self::Utf8 | Self::UsAscii => bytes.len() as u64,
            Self::Latin1 | Self::Latin9 | Self::Windows1252 => count_characters(bytes),
            // A character beyond U+FFFF has four bytes here and two code units there.
            Self::Utf16Le | Self::Utf16Be => {
                let pairs = bytes.iter().filter(|&&byte| byte >= 0xF0).count() as u64;
                2 * (count_characters(bytes) + pairs)
            }
        }
    }

    /// Bytes of this encoding as text; what is no character becomes U+FFFD.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        let encoding = match self {
            Self::Utf8 | Self::UsAscii => return String::from_utf8_lossy(bytes),
            Self::Latin1 => return encoding_rs::mem::decode_latin1(bytes),
            Self::Utf16Le => encoding_rs::UTF_16LE,
            Self::Utf16Be => encoding_rs::UTF_16BE,
            Self::Latin9 => encoding_rs::ISO_8859_15,
            Self::Windows1252 => encoding_rs::WINDOWS_1252,
        };
        encoding.decode_without_bom_handling(bytes).0
    }

    /// UTF-8 `text` that was decoded from this encoding, turned back into the very same bytes.
    #[must_use]
    pub fn encode(self, text: &str) -> Cow<'_, [u8]> {
        match self {
            Self::Utf8 | Self::UsAscii => Cow::Borrowed(text.as_bytes()),
            Self::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>().into(),
            Self::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>().into(),
            Self::Latin1 => encoding_rs::mem::encode_latin1_lossy(text),
            Self::Latin9 => encoding_rs::ISO_8859_15.encode(text).0,
            Self::Windows1252 => encoding_rs::WINDOWS_1252.encode(text).0,
        }
    }
}

/// What the first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sniffed {
    /// The encoding to decode from.
    pub(super) encoding: Encoding,
    /// Length of the byte order mark.
    pub(super) mark: usize,
    /// What the bytes seem to be instead of XML.
    pub(super) alien: Option<Alien>,
    /// What they begin that is like XML, as long as it is read as such.
    pub(super) page: Option<Alien>,
}

/// How many bytes are looked at before anything is decoded.
pub(super) const SNIFFED_BYTES: usize = 1024;

/// Text in units of two bytes without a byte order mark, as far as its first character shows that.
fn unmarked(head: &[u8]) -> Option<Cow<'_, [u8]>> {
    match head {
        [0, 0x21..=0x7e, 0, ..] => Some(Encoding::Utf16Be.as_bytes(head)),
        [0x21..=0x7e, 0, _, 0, ..] => Some(Encoding::Utf16Le.as_bytes(head)),
        _ => None,
    }
}

/// How long a byte order mark can be.
const MARK_BYTES_MAX: usize = 3;

/// Recognises the encoding from the first bytes, at most [`SNIFFED_BYTES`] of them.
pub(super) fn sniff(head: &[u8]) -> Result<Sniffed, XmlErrorKind> {
    let unknown = |name: &str| Err(XmlErrorKind::UnknownEncoding { name: name.to_owned() });
    let marked = |encoding: Encoding, mark| {
        let text = encoding.as_bytes(&head[mark..]);
        let alien = alien::recognise(&text).or_else(|| alien::recognise(&unmarked(head)?));
        let alien = alien.or_else(|| alien::plain(&text));
        Ok(Sniffed { encoding, mark, alien, page: alien::page(&text) })
    };
    let written = head.len() - head.iter().rev().take_while(|&&byte| byte == 0).count();
    match head {
        // Zero bytes behind so little show no encoding; four bytes can be a mark of UTF-32.
        _ if written < MARK_BYTES_MAX && written + 1 < head.len() && head.len() != 4 => {
            sniff(&head[..written])
        }
        [0xEF | 0xFE | 0xFF] | [0xEF, 0xBB] => Err(XmlErrorKind::cut_in_character()),
        [0, 0, 0xFE, 0xFF, ..] | [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0, b'<', ..] | [b'<', 0, 0, 0, ..] => {
            unknown("UTF-32")
        }
        [0x4C, 0x6F, 0xA7, 0x94, ..] => unknown("EBCDIC"),
        [0xEF, 0xBB, 0xBF, ..] => marked(Encoding::Utf8, 3),
        [0xFE, 0xFF, ..] => marked(Encoding::Utf16Be, 2),
        [0xFF, 0xFE, ..] => marked(Encoding::Utf16Le, 2),
        [0, b'<', ..] => marked(Encoding::Utf16Be, 0),
        [b'<', 0, ..] => marked(Encoding::Utf16Le, 0),
        _ => {
            let declared = sniffed_encoding(head).and_then(Encoding::from_label);
            // A declaration of two-byte units in one-byte letters is refused where its place is known.
            marked(declared.filter(|declared| !declared.is_wide()).unwrap_or_default(), 0)
        }
    }
}

/// Decodes a source piece by piece into UTF-8.
#[derive(Debug)]
pub(super) enum Decoder {
    /// UTF-8 or US-ASCII: the bytes as they are, checked elsewhere.
    Identity,
    /// Every byte is the code point of the same number.
    Latin1,
    /// By table or code unit.
    Table(Box<encoding_rs::Decoder>),
}

/// How a step of decoding ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    /// Bytes taken from the source.
    pub(super) read: usize,
    /// Bytes of UTF-8 made.
    pub(super) written: usize,
    /// What follows in the source is not of the encoding.
    pub(super) malformed: bool,
}

impl Decoder {
    pub(super) fn new(encoding: Encoding) -> Self {
        let table = |encoding: &'static encoding_rs::Encoding| {
            Self::Table(Box::new(encoding.new_decoder_without_bom_handling()))
        };
        match encoding {
            Encoding::Utf8 | Encoding::UsAscii => Self::Identity,
            Encoding::Latin1 => Self::Latin1,
            Encoding::Latin9 => table(encoding_rs::ISO_8859_15),
            Encoding::Windows1252 => table(encoding_rs::WINDOWS_1252),
            Encoding::Utf16Le => table(encoding_rs::UTF_16LE),
            Encoding::Utf16Be => table(encoding_rs::UTF_16BE),
        }
    }

    /// Decodes as much of `source` as fits into `target`; `last` when nothing follows `source`.
    pub(super) fn decode(&mut self, source: &[u8], target: &mut [u8], last: bool) -> Decoded {
        match self {
            Self::Identity => {
                let length = source.len().min(target.len());
                target[..length].copy_from_slice(&source[..length]);
                Decoded { read: length, written: length, malformed: false }
            }
            Self::Latin1 => {
                let (read, written) = encoding_rs::mem::convert_latin1_to_utf8_partial(source, target);
                Decoded { read, written, malformed: false }
            }
            Self::Table(decoder) => {
                let (result, read, written) =
                    decoder.decode_to_utf8_without_replacement(source, target, last);
                let malformed = matches!(result, encoding_rs::DecoderResult::Malformed(..));
                Decoded { read, written, malformed }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(head: &[u8], expected: Result<(Encoding, usize), &str>) {
        let found = sniff(head).map(|sniffed| (sniffed.encoding, sniffed.mark));
        assert_eq!(
            found.map_err(|kind| kind.to_string().split('`').nth(1).unwrap_or_default().to_owned()),
            { expected.map_err(str::to_owned) }
        );
    }

    #[test]
    fn the_first_bytes_decide() {
        case(b"", Ok((Encoding::Utf8, 0)));
        case(b"<a/>", Ok((Encoding::Utf8, 0)));
        case(b"\xEF\xBB\xBF<a/>", Ok((Encoding::Utf8, 3)));
        case(b"\xFE\xFF\0<", Ok((Encoding::Utf16Be, 2)));
        case(b"\xFF\xFE<\0", Ok((Encoding::Utf16Le, 2)));
        case(b"\0<\0a", Ok((Encoding::Utf16Be, 0)));
        case(b"<\0a\0", Ok((Encoding::Utf16Le, 0)));
        case(b"\xFF\xFE\0\0", Err("UTF-32"));
        case(b"\x4C\x6F\xA7\x94", Err("EBCDIC"));
    }

    #[test]
    fn the_declaration_decides_among_one_byte_encodings() {
        case(b"<?xml version='1.0' encoding='ISO-8859-1'?><a/>", Ok((Encoding::Latin1, 0)));
        case(b"<?xml version='1.0' encoding = \"iso-8859-15\" ?>", Ok((Encoding::Latin9, 0)));
        case(b"<?xml version='1.0' encoding='WINDOWS-1252'?>", Ok((Encoding::Windows1252, 0)));
        case(b"<?xml version='1.0' encoding='us-ascii'?>", Ok((Encoding::UsAscii, 0)));
        case(b"<?xml version='1.0'?><a encoding='latin1'/>", Ok((Encoding::Utf8, 0)));
        case(b"<?xml version='1.0' encoding='UTF-16'?><a/>", Ok((Encoding::Utf8, 0)));
        case(b"<?xml version='1.0' encoding='klingon'?><a/>", Ok((Encoding::Utf8, 0)));
    }

    #[test]
    fn a_part_says_its_encoding_or_has_that_of_the_whole() {
        use Encoding::{Latin1, UsAscii, Utf8, Utf16Le};
        let case = |bytes: &[u8], around, expected: Option<(Encoding, usize)>| {
            assert_eq!(Encoding::of_part(bytes, around).ok(), expected, "{bytes:?} in {around:?}");
        };
        case(b"<a>\xFC</a>", Latin1, Some((Latin1, 0)));
        case(b"<a>u</a>", Latin1, Some((Latin1, 0)));
        case("<a>ü</a>".as_bytes(), Latin1, None);
        case("<?xml version='1.0' encoding='UTF-8'?><a>ü</a>".as_bytes(), Latin1, Some((Utf8, 0)));
        case("\u{FEFF}<a>ü</a>".as_bytes(), Latin1, Some((Utf8, 3)));
        case("<a>ü</a>".as_bytes(), UsAscii, Some((Utf8, 0)));
        case("<a>ü</a>".as_bytes(), Utf16Le, Some((Utf8, 0)));
        case(b"<\0a\0/\0>\0", Utf16Le, Some((Utf16Le, 0)));
        case(b"<\0a\0/\0>\0", Latin1, Some((Utf16Le, 0)));
        case(b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xFC</a>", Utf8, Some((Latin1, 0)));
    }

    #[test]
    fn every_byte_comes_back() {
        let all: Vec<u8> = (0..=255).collect();
        for encoding in [Encoding::Latin1, Encoding::Latin9, Encoding::Windows1252] {
            let mut target = [0; 1024];
            let decoded = Decoder::new(encoding).decode(&all, &mut target, true);
            assert_eq!((decoded.read, decoded.malformed), (256, false), "{encoding:?}");
            let text = std::str::from_utf8(&target[..decoded.written]).unwrap();
            assert_eq!(&*encoding.encode(text), all, "{encoding:?}");
            assert_eq!(encoding.source_length(text.as_bytes()), 256);
        }
    }

    #[test]
    fn latin1_keeps_control_characters_and_windows_does_not() {
        let mut target = [0; 8];
        Decoder::new(Encoding::Latin1).decode(b"\x80", &mut target, true);
        assert_eq!(&target[..2], "\u{80}".as_bytes());
        Decoder::new(Encoding::Windows1252).decode(b"\x80", &mut target, true);
        assert_eq!(&target[..3], "€".as_bytes());
    }

    #[test]
    fn utf_16_comes_back_and_a_lone_surrogate_is_malformed() {
        for encoding in [Encoding::Utf16Le, Encoding::Utf16Be] {
            let text = "a\u{FEFF}€😀";
            let bytes = encoding.encode(text).into_owned();
            assert_eq!(encoding.source_length(text.as_bytes()), bytes.len() as u64);
            let mut target = [0; 64];
            let decoded = Decoder::new(encoding).decode(&bytes, &mut target, true);
            assert_eq!(&target[..decoded.written], text.as_bytes());
        }
        let mut target = [0; 64];
        assert!(Decoder::new(Encoding::Utf16Le).decode(b"\0\xDC", &mut target, true).malformed);
        assert!(Decoder::new(Encoding::Utf16Le).decode(b"a", &mut target, true).malformed);
    }
}

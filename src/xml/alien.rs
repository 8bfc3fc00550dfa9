//! What a file is that is no XML, by its first bytes: said instead of what an XML reader stumbles over.

use std::fmt;

/// Something else than XML.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Alien {
    /// A page for a browser.
    Html,
    /// JSON.
    Json,
    /// A table in text.
    Csv,
    /// A document, a picture, a message of another trade format; its name with an article.
    File(&'static str),
    /// Compressed data, or an archive, of a kind that is not unpacked; its name with an article.
    Packed(&'static str),
    /// Packed twice.
    PackedTwice(&'static str),
    /// The answer of a web server with its head.
    HttpAnswer,
    /// Encrypted or signed.
    Sealed(&'static str),
}

impl fmt::Display for Alien {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Html => f.write_str(
                "an HTML page: a server probably answered with an error or a login page instead of the feed; \
                 open it in a browser, and get the file again",
            ),
            Self::Json => f.write_str(
                "JSON: ask for the feed in XML; where a server has answered with a message, read it and get the file \
                 again",
            ),
            Self::Csv => f.write_str("a table in text (CSV): ask the sender for the feed in XML"),
            Self::File(what) => write!(f, "{what}: ask the sender for the feed in XML"),
            Self::Packed(what) => {
                write!(
                    f,
                    "{what}, which is not unpacked here: unpack it, or have it packed with gzip, zstd or zip"
                )
            }
            Self::PackedTwice(what) => write!(f, "{what} inside of another packing: have it packed once"),
            Self::HttpAnswer => f.write_str(
                "the answer of a web server with its head: save the body alone, and see what its status says",
            ),
            Self::Sealed(what) => write!(f, "{what}: decrypt it or take the signature off first"),
        }
    }
}

/// Signatures at the very beginning.
const SIGNATURES: &[(&[u8], Alien)] = &[
    (b"%PDF", Alien::File("a PDF document")),
    (b"{\\rtf", Alien::File("an RTF document")),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Alien::File("an Office document (Excel or Word)")),
    (b"SQLite format 3\0", Alien::File("an SQLite database")),
    (b"\x89PNG\r\n\x1A\n", Alien::File("a picture (PNG)")),
    (b"\xFF\xD8\xFF", Alien::File("a picture (JPEG)")),
    (b"GIF8", Alien::File("a picture (GIF)")),
    (b"II*\0", Alien::File("a picture (TIFF)")),
    (b"MM\0*", Alien::File("a picture (TIFF)")),
    (b"\x7FELF", Alien::File("a program")),
    (b"MZ", Alien::File("a program")),
    (b"\xFD7zXZ\0", Alien::Packed("xz data")),
    (b"\x5D\0\0", Alien::Packed("LZMA data")),
    (b"LZIP", Alien::Packed("lzip data")),
    (b"\x04\x22\x4D\x18", Alien::Packed("LZ4 data")),
    (b"7z\xBC\xAF\x27\x1C", Alien::Packed("a 7z archive")),
    (b"Rar!\x1A\x07", Alien::Packed("a RAR archive")),
    (b"\x1F\x9D", Alien::Packed("data of `compress` (.Z)")),
    (b"MSCF", Alien::Packed("a cabinet archive")),
    (b"PK\x03\x04", Alien::PackedTwice("a zip archive")),
    (b"\x1F\x8B", Alien::PackedTwice("gzip data")),
    (b"\x28\xB5\x2F\xFD", Alien::PackedTwice("zstd data")),
    (b"HTTP/1.", Alien::HttpAnswer),
    (b"HTTP/2", Alien::HttpAnswer),
    (b"-----BEGIN PGP", Alien::Sealed("a PGP message")),
    (b"-----BEGIN ", Alien::Sealed("a PEM file")),
    (b"Salted__", Alien::Sealed("data encrypted by OpenSSL")),
    (b"UNA:", Alien::File("an EDIFACT message")),
    (b"UNB+", Alien::File("an EDIFACT message")),
    (b"ISA*", Alien::File("an X12 message")),
];

/// Where the signature of a tar archive stands.
const TAR_AT: usize = 257;

/// What the first bytes of a file show, if they show that it is no XML; `head` comes without a byte order mark.
pub(super) fn recognise(head: &[u8]) -> Option<Alien> {
    if let Some((_, alien)) = SIGNATURES.iter().find(|(signature, _)| head.starts_with(signature)) {
        return Some(*alien);
    }
    if head.starts_with(b"BZh") && head.get(3).is_some_and(u8::is_ascii_digit) {
        return Some(Alien::Packed("bzip2 data"));
    }
    if head.get(TAR_AT..).is_some_and(|rest| rest.starts_with(b"ustar")) {
        return Some(Alien::Packed("a tar archive"));
    }
    text(head.trim_ascii_start())
}

/// Whether the first bytes are those of an HTML page.
pub(super) fn is_page(head: &[u8]) -> bool {
    let begins = |tag: &str| {
        let rest = head.trim_ascii_start();
        let first = rest.get(..tag.len()).unwrap_or_default();
        let next = rest.get(tag.len()).copied().unwrap_or(b'>');
        first.eq_ignore_ascii_case(tag.as_bytes()) && (next.is_ascii_whitespace() || next == b'>')
    };
    ["<!doctype html", "<html", "<head", "<body"].iter().any(|tag| begins(tag))
}

fn text(head: &[u8]) -> Option<Alien> {
    match head.first()? {
        b'{' | b'[' => is_json(head[1..].trim_ascii_start()).then_some(Alien::Json),
        b'<' => None,
        _ => is_table(head).then_some(Alien::Csv),
    }
}

/// What can follow the first brace or bracket.
fn is_json(rest: &[u8]) -> bool {
    rest.first().is_none_or(|byte| matches!(byte, b'"' | b'{' | b'[' | b']' | b'}' | b'-' | b'0'..=b'9'))
        || [&b"true"[..], b"false", b"null"].iter().any(|word| rest.starts_with(word))
}

/// Separators that tables in text use. Commas stand in sentences as well.
const SEPARATORS: [u8; 4] = [b';', b'\t', b'|', b','];

/// Whether the first two lines have equally many columns, or a single line has several; no sentence has.
fn is_table(head: &[u8]) -> bool {
    let mut lines = head.split(|byte| matches!(byte, b'\n' | b'\r')).filter(|line| !line.is_empty());
    let (first, second) = (lines.next().unwrap_or_default(), lines.next());
    let is_text = !first.iter().any(|byte| matches!(byte, b'<' | 0));
    let columns = |line: &[u8], separator: u8| memchr::memchr_iter(separator, line).count();
    let is_prose = |line: &[u8], separator: u8| line.windows(2).any(|two| two == [separator, b' ']);
    let agrees = |&separator: &u8| {
        let count = columns(first, separator);
        let least = if second.is_some() && separator != b',' { 1 } else { 2 };
        let equal = second.is_none_or(|second| columns(second, separator) == count);
        count >= least && equal && !is_prose(first, separator)
    };
    is_text && SEPARATORS.iter().any(agrees)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(head: &[u8], expected: Option<Alien>) {
        assert_eq!(recognise(head), expected, "{}", String::from_utf8_lossy(head));
    }

    #[test]
    fn signatures_decide() {
        for (signature, alien) in SIGNATURES {
            case(signature, Some(*alien));
        }
        case(b"BZh91AY", Some(Alien::Packed("bzip2 data")));
        case(b"BZhx", None);
        case(&[&b"feed.xml"[..], &[0; 249], b"ustar\x0000"].concat(), Some(Alien::Packed("a tar archive")));
    }

    #[test]
    fn text_is_known_by_its_form() {
        case(b"", None);
        case(b"<a/>", None);
        case(b" \n {\"error\": 429}", Some(Alien::Json));
        case(b"[]", Some(Alien::Json));
        case(b"[null]", Some(Alien::Json));
        case(b"[INFO] export done", None);
        case(b"id;title;price\r\n1;Sonata;12,50\r\n", Some(Alien::Csv));
        case(b"id\ttitle\tprice", Some(Alien::Csv));
        case(b"id;title\n1;Sonata\n", Some(Alien::Csv));
        case(b"Sorry, the service, which you asked for, is down\n", None);
        case(b"Error 503: overloaded, please retry, later\nthe team, you know, of the shop\n", None);
        assert!(is_page(b"\n<HTML lang=en>") && is_page(b"<!DOCTYPE html>") && !is_page(b"<htmlx/>"));
        case(b"Dear colleagues, sorry, there is no feed today.\nRegards", None);
        case(b"x <a/>", None);
    }
}

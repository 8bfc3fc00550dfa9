//! What a file is that is no XML, by its first bytes: said instead of what an XML reader stumbles over.

use super::error::{XmlError, XmlErrorCategory};
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
    /// XML that was made safe to travel inside of something else; how.
    Wrapped(&'static str),
    /// A message with its head, or a part of one.
    Mail,
    /// A program that would write what is wanted.
    Script(&'static str),
    /// What stands for a file that is kept elsewhere.
    Pointer(&'static str),
    /// What a program has said into the file, before the document or in its place; what it is.
    Said(&'static str),
    /// Bytes of no kind that is known.
    Binary,
}

impl Alien {
    /// What it is, with its article, without what to do.
    pub(super) const fn named(self) -> &'static str {
        match self {
            Self::Html => "an HTML page",
            Self::Json => "JSON",
            Self::Csv => "a table in text (CSV)",
            Self::HttpAnswer => "the answer of a web server",
            Self::Mail => "an e-mail",
            Self::Binary => "binary data",
            Self::Wrapped(_) => "XML that was made safe to travel",
            Self::File(what)
            | Self::Packed(what)
            | Self::PackedTwice(what)
            | Self::Sealed(what)
            | Self::Script(what)
            | Self::Pointer(what)
            | Self::Said(what) => what,
        }
    }

    /// Whether what is wrong with a document, which may be XML, is that it is this. A page may be cut off as well.
    pub(super) fn is_meant_by(self, error: &XmlError) -> bool {
        let is_wrong = error.category() == XmlErrorCategory::NotWellFormed;
        is_wrong && (matches!(self, Self::Script(_)) || !error.is_cut_off())
    }
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
                "the answer of a web server as it was sent, with its head or the lengths of its parts: save the body \
                 alone, and see what its status says",
            ),
            Self::Wrapped(how) => write!(f, "XML {how}: turn it back, or have it sent as it is"),
            Self::Mail => f.write_str("an e-mail with its head (MIME): save the attachment alone"),
            Self::Script(what) => write!(
                f,
                "{what}: a server has sent the program instead of running it; tell the sender, and get the file again"
            ),
            Self::Pointer(what) => write!(f, "{what}: get the file that it stands for"),
            Self::Said(what) => write!(
                f,
                "{what} at its beginning: have the program that writes the file leave it out, or remove it"
            ),
            Self::Binary => {
                f.write_str("binary data of no known kind: see what wrote the file, and get it again")
            }
            Self::Sealed(what) => write!(f, "{what}: decrypt it or take the signature off first"),
        }
    }
}

/// Signatures at the very beginning.
const SIGNATURES: &[(&[u8], Alien)] = &[
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", Alien::File("an Office document (Excel or Word)")),
    (b"SQLite format 3\0", Alien::File("an SQLite database")),
    (b"PAR1", Alien::File("a Parquet file")),
    (b"Obj\x01", Alien::File("an Avro file")),
    (b"bplist00", Alien::File("a property list (binary)")),
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
    (b"\xFF\x06\0\0sNaPpY", Alien::Packed("Snappy data")),
    (b"7z\xBC\xAF\x27\x1C", Alien::Packed("a 7z archive")),
    (b"Rar!\x1A\x07", Alien::Packed("a RAR archive")),
    (b"\x1F\x9D", Alien::Packed("data of `compress` (.Z)")),
    (b"MSCF", Alien::Packed("a cabinet archive")),
    (b"!<arch>\n", Alien::Packed("an ar archive")),
    (b"PK\x03\x04", Alien::PackedTwice("a zip archive")),
    (b"\x1F\x8B", Alien::PackedTwice("gzip data")),
    (b"\x28\xB5\x2F\xFD", Alien::PackedTwice("zstd data")),
];

/// Beginnings of text, before which white space may stand.
const BEGINNINGS: &[(&[u8], Alien)] = &[
    (b"%PDF", Alien::File("a PDF document")),
    (b"%!PS", Alien::File("a PostScript document")),
    (b"{\\rtf", Alien::File("an RTF document")),
    (b"HTTP/1.", Alien::HttpAnswer),
    (b"HTTP/2", Alien::HttpAnswer),
    (b"-----BEGIN PGP", Alien::Sealed("a PGP message")),
    (b"-----BEGIN ", Alien::Sealed("a PEM file")),
    (b"age-encryption.org/", Alien::Sealed("data encrypted by age")),
    (b"Salted__", Alien::Sealed("data encrypted by OpenSSL")),
    (b"UNA:", Alien::File("an EDIFACT message")),
    (b"UNB+", Alien::File("an EDIFACT message")),
    (b"ISA*", Alien::File("an X12 message")),
    (b"%YAML", Alien::File("YAML")),
    (b"-- MySQL dump", SQL),
    (b"-- MariaDB dump", SQL),
    (b"-- phpMyAdmin SQL", SQL),
    (b"--\n-- PostgreSQL database", SQL),
    (b"--\r\n-- PostgreSQL database", SQL),
    (b"PRAGMA foreign_keys", SQL),
    (b"BEGIN TRANSACTION;", SQL),
    (b"CREATE TABLE ", SQL),
    (b"INSERT INTO ", SQL),
    (b"DROP TABLE ", SQL),
    (b"&lt;", Alien::Wrapped("with its markup escaped (`&lt;` stands for `<`)")),
    (b"&#60;", Alien::Wrapped("with its markup escaped (`&#60;` stands for `<`)")),
    (b"&#x3C;", Alien::Wrapped("with its markup escaped (`&#x3C;` stands for `<`)")),
    (b"%3C", Alien::Wrapped("with its markup escaped (`%3C` stands for `<`)")),
    (b"\"<?xml ", Alien::Wrapped("in quotes, as JSON holds it")),
    (b"\"\\u003c", Alien::Wrapped("in quotes, as JSON holds it")),
    // `<?xml` behind the marks of UTF-8 and UTF-16, gzip and zip.
    (b"PD94bW", Alien::Wrapped("in base64")),
    (b"77u/PD", Alien::Wrapped("in base64")),
    (b"//48AD", Alien::Wrapped("in base64")),
    (b"/v8APA", Alien::Wrapped("in base64")),
    (b"H4sIA", Alien::Wrapped("(packed with gzip) in base64")),
    (b"UEsDB", Alien::Wrapped("(packed with zip) in base64")),
    (b"3C3F786D6C", Alien::Wrapped("in hexadecimal digits")),
    (b"3c3f786d6c", Alien::Wrapped("in hexadecimal digits")),
    (b"+ADw-", Alien::Wrapped("in UTF-7")),
    (b"=ybegin ", Alien::Wrapped("in yEnc")),
    (b"version https://git-lfs.github.com/", Alien::Pointer("a pointer of Git LFS")),
    (b"[InternetShortcut]", Alien::Pointer("a shortcut to an address")),
    (b"#!/", Alien::Script("a script")),
    (b"\x1B[", Alien::Said("colour codes of a terminal (ANSI)")),
    (b"\xEF\xBB\xBF", Alien::Said("a second byte order mark")),
    (b"PHP Warning: ", PHP),
    (b"PHP Notice: ", PHP),
    (b"PHP Deprecated: ", PHP),
    (b"PHP Fatal", PHP),
    (b"PHP Parse", PHP),
];

/// What PHP writes into its output where it is told to.
const PHP: Alien = Alien::Said("a message of PHP");

/// A dump, as tools of databases write it.
const SQL: Alien = Alien::File("statements of SQL (a dump of a database)");

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

/// Plain text: there is something, and no markup in it, as far as the first bytes show.
pub(super) fn plain(head: &[u8]) -> Option<Alien> {
    let is_text = !head.trim_ascii().is_empty() && !head.contains(&b'<') && !head.contains(&b'&');
    is_text.then_some(Alien::File("plain text"))
}

/// What the first bytes begin that may be XML nevertheless.
pub(super) fn page(head: &[u8]) -> Option<Alien> {
    let rest = head.trim_ascii_start();
    let begins = |tag: &str| {
        let first = rest.get(..tag.len()).unwrap_or_default();
        let next = rest.get(tag.len()).copied().unwrap_or(b'>');
        first.eq_ignore_ascii_case(tag.as_bytes()) && (next.is_ascii_whitespace() || next == b'>')
    };
    if ["<!doctype html", "<html", "<head", "<body"].iter().any(|tag| begins(tag)) {
        return Some(Alien::Html);
    }
    let is_script = begins("<?php") || rest.starts_with(b"<%");
    is_script.then_some(Alien::Script("a script of a web server"))
}

fn text(head: &[u8]) -> Option<Alien> {
    let known = BEGINNINGS.iter().find(|(beginning, _)| head.starts_with(beginning));
    if let Some((_, alien)) = known {
        return Some(*alien);
    }
    if is_scalar(head.trim_ascii_end()) {
        return Some(Alien::Json);
    }
    if is_binary(head) {
        return Some(Alien::Binary);
    }
    match head.first()? {
        b'{' | b'[' => is_json(head[1..].trim_ascii_start()).then_some(Alien::Json),
        b'<' => None,
        _ => by_lines(head),
    }
}

/// What the first lines show.
fn by_lines(head: &[u8]) -> Option<Alien> {
    let mut lines = head.split(|byte| matches!(byte, b'\n' | b'\r')).filter(|line| !line.is_empty());
    let (first, second) = (lines.next().unwrap_or_default(), lines.next());
    if is_php(first) {
        Some(PHP)
    } else if is_mail(first, second) {
        Some(Alien::Mail)
    } else if is_uuencoded(first, second) {
        Some(Alien::Wrapped("in uuencode"))
    } else if is_chunked(first, second) {
        Some(Alien::HttpAnswer)
    } else if (first == b"---" || is_key(first)) && second.is_some_and(is_yaml) {
        Some(Alien::File("YAML"))
    } else if is_marc(head) {
        Some(Alien::File("MARC records (ISO 2709)"))
    } else {
        is_table(first, second).then_some(Alien::Csv)
    }
}

/// Fields that the head of a message begins with.
const FIELDS: [&str; 13] = [
    "Return-Path",
    "Received",
    "Delivered-To",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Content-Disposition",
    "Message-ID",
    "From",
    "Date",
    "Subject",
    "X-Original-To",
    "DKIM-Signature",
];

/// Whether this is the head of a message, or of a part of one behind its boundary.
fn is_mail(first: &[u8], second: Option<&[u8]>) -> bool {
    let is_field = |line: &[u8]| {
        let (name, value) = line.split_at(line.iter().position(|&byte| byte == b':').unwrap_or(0));
        value.starts_with(b": ") && FIELDS.iter().any(|field| name.eq_ignore_ascii_case(field.as_bytes()))
    };
    let is_continued = |line: &[u8]| line.starts_with(b" ") || line.starts_with(b"\t") || is_any_field(line);
    let is_boundary = first.starts_with(b"--") && !first.contains(&b' ');
    (is_field(first) && second.is_some_and(is_continued)) || (is_boundary && second.is_some_and(is_field))
}

/// A name without blanks, a colon and a blank.
fn is_any_field(line: &[u8]) -> bool {
    let length = line.iter().position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'-')).unwrap_or(0);
    length > 0 && line[length..].starts_with(b": ")
}

/// `begin 644 feed.xml`, and a line that says its length.
fn is_uuencoded(first: &[u8], second: Option<&[u8]>) -> bool {
    let mut words = first.splitn(3, |&byte| byte == b' ');
    let is_begun = matches!(words.next(), Some(b"begin" | b"begin-base64"));
    let mode = words.next().unwrap_or_default();
    let is_mode = matches!(mode.len(), 3 | 4) && mode.iter().all(|digit| (b'0'..=b'7').contains(digit));
    is_begun
        && is_mode
        && words.next().is_some()
        && second.is_some_and(|line| !line.contains(&b' ') || line.len() > 40)
}

/// The length of a part of an answer in hexadecimal digits, and the part.
fn is_chunked(first: &[u8], second: Option<&[u8]>) -> bool {
    (1..=8).contains(&first.len())
        && first.iter().all(u8::is_ascii_hexdigit)
        && second.is_some_and(|line| line.starts_with(b"<"))
}

/// `key:` and nothing else.
fn is_key(line: &[u8]) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    line.split_last().is_some_and(|(last, key)| *last == b':' && !key.is_empty() && key.iter().all(is_letter))
}

/// `key: value`, `key:` or `- item`.
fn is_yaml(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    line.starts_with(b"- ") || line.ends_with(b":") || line.windows(2).any(|two| two == b": ")
}

/// The leader of a record: its length, and the numbers that are the same in all of them.
fn is_marc(head: &[u8]) -> bool {
    let Some(leader) = head.first_chunk::<24>() else { return false };
    leader[..5].iter().all(u8::is_ascii_digit) && &leader[10..12] == b"22" && &leader[20..23] == b"450"
}

/// `Warning: … in FILE on line 3`, as PHP writes it in text and in HTML.
fn is_php(line: &[u8]) -> bool {
    let begins = ["Warning: ", "Notice: ", "Deprecated: ", "Fatal error: ", "Parse error: "];
    let has = |part: &[u8]| memchr::memmem::find(line, part).is_some();
    begins.iter().any(|each| line.starts_with(each.as_bytes())) && has(b" in ") && has(b" on line ")
}

/// A value of JSON that is no object and no list, and nothing beside it.
fn is_scalar(text: &[u8]) -> bool {
    match text {
        b"null" | b"true" | b"false" => true,
        [b'"', inner @ .., b'"'] => !inner.iter().any(|byte| matches!(byte, b'"' | b'\n' | b'\r' | b'<')),
        [b'-' | b'0'..=b'9', ..] => std::str::from_utf8(text).is_ok_and(is_number),
        _ => false,
    }
}

/// A number as JSON writes it.
fn is_number(text: &str) -> bool {
    let is_of_number = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E');
    text.bytes().all(is_of_number) && text.parse::<f64>().is_ok()
}

/// How many characters stand for one that no text has, in data that is binary.
const CONTROLS_ONE_IN: usize = 32;

/// Whether so many of these are control characters that they are no text; bytes of no encoding count as such.
fn is_binary(head: &[u8]) -> bool {
    let is_control =
        |byte: &&u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x1B);
    let controls = head.iter().filter(is_control).count();
    let is_utf8 = std::str::from_utf8(head).err().is_none_or(|error| error.error_len().is_none());
    let least = if is_utf8 { 2 } else { 1 };
    head.first() != Some(&b'<') && controls >= least && controls * CONTROLS_ONE_IN >= head.len()
}

/// What can follow the first brace or bracket.
fn is_json(rest: &[u8]) -> bool {
    rest.first().is_none_or(|byte| matches!(byte, b'"' | b'{' | b'[' | b']' | b'}' | b'-' | b'0'..=b'9'))
        || [&b"true"[..], b"false", b"null"].iter().any(|word| rest.starts_with(word))
}

/// Separators that tables in text use. Commas stand in sentences as well.
const SEPARATORS: [u8; 4] = [b';', b'\t', b'|', b','];

/// Whether a line is names of columns: words of letters, digits and underscores, parted by separators.
fn are_cells(line: &[u8]) -> bool {
    let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'"' | b'.');
    let is_cell = |cell: &[u8]| !cell.is_empty() && cell.iter().all(is_of_name);
    !line.ends_with(b".") && line.split(|byte| SEPARATORS.contains(byte)).all(is_cell)
}

/// Whether the first two lines have equally many columns, or a single line has several; no sentence has.
fn is_table(first: &[u8], second: Option<&[u8]>) -> bool {
    let is_text = !first.iter().any(|byte| matches!(byte, b'<' | 0));
    let columns = |line: &[u8], separator: u8| memchr::memchr_iter(separator, line).count();
    let is_prose = |line: &[u8], separator: u8| line.windows(2).any(|two| two == [separator, b' ']);
    let agrees = |&separator: &u8| {
        let count = columns(first, separator);
        let is_headed = second.is_some_and(|second| are_cells(first) && !second.ends_with(b"."));
        let least = if second.is_some() && (separator != b',' || is_headed) { 1 } else { 2 };
        let equal = second.is_none_or(|second| columns(second, separator) == count);
        count >= least && equal && !is_prose(first, separator)
    };
    // Cells in quotes hold separators as well.
    let is_quoted = |&separator: &u8| {
        first.starts_with(b"\"") && first.windows(3).any(|three| three == [b'"', separator, b'"'])
    };
    is_text && SEPARATORS.iter().any(|separator| agrees(separator) || is_quoted(separator))
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
        for (beginning, alien) in BEGINNINGS {
            case(beginning, Some(*alien));
            case(&[b"\r\n ", *beginning].concat(), Some(*alien));
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
        assert_eq!(page(b"\n<HTML lang=en>"), Some(Alien::Html));
        assert_eq!((page(b"<!DOCTYPE html>"), page(b"<htmlx/>")), (Some(Alien::Html), None));
        for script in [&b"<?php\necho 1;"[..], b"<%@ page language='java' %>", b"<% x %>"] {
            assert!(matches!(page(script), Some(Alien::Script(_))));
        }
        assert_eq!(page(b"<?xml version='1.0'?>"), None);
        case(b"Dear colleagues, sorry, there is no feed today.\nRegards", None);
        case(b"x <a/>", None);
    }

    #[test]
    fn small_tables_scalars_and_bytes_are_known() {
        case(b"id,name\n1,Foo\n", Some(Alien::Csv));
        case(b"id,name\r\n1,\"Foo\"", Some(Alien::Csv));
        case(b"Sorry,we\nare,closed.", None);
        case(b"Dear all,\nno feed,today", None);
        for scalar in
            [&b"null"[..], b" true\n", b"false", b"\"error\"", b"\"not found\"\r\n", b"42", b"-1.5e3"]
        {
            case(scalar, Some(Alien::Json));
        }
        for text in [&b"nullify"[..], b"1-2", b"e", b"\"a\" and \"b\"", b"\"", b"404 not found"] {
            case(text, None);
        }
        case(&[0x8A, 0x03, 0x9F, 0x41, 0xC3, 0x28, 0x11, 0xFE], Some(Alien::Binary));
        case(b"ab\x01\x02cd", Some(Alien::Binary));
        case("nothing t\u{1}oday, größer".as_bytes(), None);
        case(b"<a>\x01\x02</a>", None);
    }

    #[test]
    fn what_a_program_says_before_a_feed_is_known() {
        let php = Some(PHP);
        case(
            b"PHP Warning:  Undefined variable $x in /srv/export.php on line 3\n<?xml version='1.0'?><a/>",
            php,
        );
        case(b"\nWarning: include(a): failed in /srv/export.php on line 3\n<?xml version='1.0'?>", php);
        case(b"Warning: the export is late, look in the log\n<?xml version='1.0'?>", None);
        case(
            b"\x1B[32mexport done\x1B[0m\n<?xml version='1.0'?>",
            Some(Alien::Said("colour codes of a terminal (ANSI)")),
        );
        case("\u{FEFF}<?xml version='1.0'?>".as_bytes(), Some(Alien::Said("a second byte order mark")));
    }

    #[test]
    fn what_wraps_a_file_is_known_by_its_first_lines() {
        let mail = |head: &[u8]| case(head, Some(Alien::Mail));
        mail(b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x");
        mail(b"Received: from a\n\tby b; Thu, 1 Jan\nFrom: c");
        mail(b"------=_Part_1\r\nContent-Type: text/xml\r\n\r\n<?xml version='1.0'?>");
        case(b"From: the team\nThere is no feed today, sorry", None);
        case(b"Date: today", None);
        case(b"begin 644 feed.xml\nM/#]X;6P@=F5R<VEO;CTB,2XP(C\\^", Some(Alien::Wrapped("in uuencode")));
        case(b"begin with the end\nand so on", None);
        case(b"---\nproducts:\n  - id: 1\n", Some(Alien::File("YAML")));
        case(b"products:\n  - id: 1\n", Some(Alien::File("YAML")));
        case(b"Sorry:\nthere is no feed", None);
        case(b"1f4\r\n<?xml version='1.0'?>", Some(Alien::HttpAnswer));
        case(b"12\nproducts", None);
        case(b"\"id\",\"title\"\n\"1\",\"a, b\"\n", Some(Alien::Csv));
        case(b"---\nnothing today\n", None);
        case(b"00714cam a2200205 a 4500001001300000", Some(Alien::File("MARC records (ISO 2709)")));
        case(b"00714 products of 2200205 in 4500", None);
    }

    #[test]
    fn text_without_markup_is_plain() {
        let of = |head: &[u8]| plain(head).is_some();
        assert!(of(b"no gzip") && of(b"Dear colleagues,\nthere is no feed today."));
        assert!(!of(b" \r\n") && !of(b"x <a/>") && !of(b"&amp;"));
    }
}

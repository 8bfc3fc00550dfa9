//! Documents in, events or an error out; each document read in many ways (pieces, windows, with and
//! without the way of our own for common tokens), always with one result.

use super::*;
use std::fmt::Write;
use std::io::{self, Read};

/// Gives its bytes in pieces of changing size.
struct Pieces<'a> {
    bytes: &'a [u8],
    sizes: Sizes,
}

/// Sizes of pieces.
#[derive(Clone, Copy)]
enum Sizes {
    Always(usize),
    Random(u64),
}

impl Read for Pieces<'_> {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let size = match &mut self.sizes {
            Sizes::Always(size) => *size,
            Sizes::Random(state) => {
                *state =
                    state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                usize::try_from(*state >> 33).unwrap() % 97 + 1
            }
        };
        let length = size.min(target.len()).min(self.bytes.len());
        target[..length].copy_from_slice(&self.bytes[..length]);
        self.bytes = &self.bytes[length..];
        Ok(length)
    }
}

/// Everything there is to tell of a document: events with spans and places, then how it ends.
fn told<R: Read>(mut cursor: Cursor<R>) -> String {
    let mut told = String::new();
    match tell(&mut cursor, &mut told) {
        Ok(()) => write!(told, "end at {}, byte {}", cursor.position(), cursor.position().byte.0).unwrap(),
        Err(error) => {
            let Place { byte, .. } = error.place;
            write!(told, "{} at {}, byte {}: {error}", error.code(), error.place, byte.0).unwrap();
        }
    }
    told
}

fn tell<R: Read>(cursor: &mut Cursor<R>, told: &mut String) -> Result<(), XmlError> {
    while let Some(mut block) = cursor.block()? {
        while let Some(event) = block.next()? {
            let span = match event {
                Event::Start(tag) => {
                    write!(told, "<{}", tag.name.expanded()).unwrap();
                    for a in tag.attributes.iter() {
                        write!(told, " {}={:?}@{}", a.name.expanded(), a.value, a.at.0).unwrap();
                    }
                    write!(told, ">").unwrap();
                    tag.span
                }
                Event::End(tag) => {
                    write!(told, "</{} of {}>", tag.name.expanded(), tag.start.0).unwrap();
                    let (span, start) = (tag.span, tag.start);
                    write!(told, " began {}", block.locate(start)).unwrap();
                    span
                }
                Event::Text(text) => {
                    write!(told, "{:?}", text.text).unwrap();
                    text.span
                }
            };
            let (start, end) = (block.locate(span.start), block.locate(span.end));
            writeln!(told, " {}..{} {start} {}..{}", span.start.0, span.end.0, start.byte.0, end.byte.0)
                .unwrap();
        }
    }
    Ok(())
}

/// Reads `bytes` in many ways and gives the one result.
#[track_caller]
fn read(bytes: &[u8], limits: Limits) -> String {
    let whole = told(Cursor::new(bytes, limits));
    assert_eq!(told(Cursor::new(bytes, limits).by_reader_alone()), whole, "by the reader alone");
    let sizes = [Sizes::Always(1), Sizes::Always(2), Sizes::Always(7), Sizes::Random(1), Sizes::Random(2)];
    for sizes in sizes {
        for window in [16, 17, 33, 64, 1000] {
            let pieces = Pieces { bytes, sizes };
            let other = told(Cursor::with_window(pieces, limits, window));
            assert_eq!(other, whole, "window of {window}");
            let pieces = Pieces { bytes, sizes };
            let other = told(Cursor::with_window(pieces, limits, window).by_reader_alone());
            assert_eq!(other, whole, "window of {window}, by the reader alone");
        }
    }
    whole
}

/// The events without their spans: start tags, end tags and joined text.
fn outline(bytes: &[u8]) -> Result<String, XmlError> {
    outline_of(Cursor::new(bytes, Limits::default()))
}

fn outline_of(mut cursor: Cursor<&[u8]>) -> Result<String, XmlError> {
    let mut outline = String::new();
    cursor.for_each_event(|event| {
        match event {
            Event::Start(tag) => {
                write!(outline, "<{}", tag.name.expanded()).unwrap();
                for a in tag.attributes.iter() {
                    write!(outline, " {}={:?}", a.name.expanded(), a.value).unwrap();
                }
                outline.push('>');
            }
            Event::End(tag) => write!(outline, "</{}>", tag.name.local()).unwrap(),
            Event::Text(text) => outline.push_str(text.text),
        }
        Ok::<(), XmlError>(())
    })?;
    Ok(outline)
}

#[track_caller]
fn case(document: &str, expected: &str) {
    read(document.as_bytes(), Limits::default());
    match outline(document.as_bytes()) {
        Ok(found) => assert_eq!(found, expected, "{document}"),
        Err(error) => panic!("{document}: {error} at {}", error.place),
    }
}

/// The error as `code line:column`.
#[track_caller]
fn refused(document: impl AsRef<[u8]>, expected: &str) {
    let document = document.as_ref();
    read(document, Limits::default());
    let error = outline(document).expect_err(&String::from_utf8_lossy(document));
    assert_eq!(format!("{} {}", error.code(), error.place), expected, "{error}");
}

#[test]
fn elements_attributes_and_text() {
    case("<a/>", "<a></a>");
    case("<a>x<b c='1'>y</b >z</a\n>", "<a>x<b c=\"1\">y</b>z</a>");
    case("<?xml version='1.0'?>\n<!-- c --><?p i?><a/>\n<!-- d -->\n", "<a></a>");
    case("<a><!-- <b> & --><?p <c> ?></a>", "<a></a>");
    case("<ü:ä xmlns:ü='urn:ü' ü:ö='ß'/>", "<{urn:ü}ä {urn:ü}ö=\"ß\"></ä>");
}

#[test]
fn text_comes_in_pieces_that_belong_together() {
    case("<a>1 &lt; 2 &#x26; <![CDATA[<b> & ]]]]><![CDATA[>]]></a>", "<a>1 < 2 & <b> & ]]></a>");
    case("<a><![CDATA[]]></a>", "<a></a>");
    case("<a>]] ]> ></a>", "<a>]] ]> ></a>");
}

#[test]
fn line_ends_are_normalised_but_not_those_written_as_references() {
    case("<a>1\r\n2\r3\n4\r\r\n5</a>", "<a>1\n2\n3\n4\n\n5</a>");
    case("<a><![CDATA[\r\n]]>\r</a>", "<a>\n\n</a>");
    case("<a>&#13;&#10;</a>", "<a>\r\n</a>");
    case("<a b='\r\n'\r\nc='\r'\r/>", "<a b=\" \" c=\" \"></a>");
}

#[test]
fn namespaces_are_resolved() {
    case(
        "<a xmlns='u'><b/><c xmlns=''/><p:d xmlns:p='v' p:x='' x=''/></a>",
        "<{u}a><{u}b></b><c></c><{v}d {v}x=\"\" x=\"\"></d></a>",
    );
    case(
        "<p:a xmlns:p='u'><p:a xmlns:p='v'><p:b/></p:a><p:b/></p:a>",
        "<{u}a><{v}a><{v}b></b></a><{u}b></b></a>",
    );
    case("<a xml:lang='de'/>", "<a {http://www.w3.org/XML/1998/namespace}lang=\"de\"></a>");
}

#[test]
fn a_byte_order_mark_is_dropped_and_only_there() {
    let told = read("\u{FEFF}<a>\u{FEFF}x<b/>\u{FEFF}</a>".as_bytes(), Limits::default());
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "<a> 0..3 1:1 3..6");
    assert_eq!(lines[1], "\"\\u{feff}x\" 3..7 1:4 6..10");
    assert_eq!(lines[4], "\"\\u{feff}\" 11..14 1:10 14..17");
}

#[test]
fn places_and_spans_are_exact() {
    let told = read("<a>\r\n ä<b\n c=''/>&#x41;<![CDATA[z]]></a>".as_bytes(), Limits::default());
    assert_eq!(
        told.lines().collect::<Vec<_>>(),
        [
            "<a> 0..3 1:1 0..3",
            "\"\\n ä\" 3..8 1:4 3..8",
            "<b c=\"\"@12> 8..18 2:3 8..18",
            "</b of 8> began 2:3 18..18 3:8 18..18",
            "\"A\" 18..24 3:8 18..24",
            "\"z\" 24..37 3:14 24..37",
            "</a of 0> began 1:1 37..41 3:27 37..41",
            "end at 3:31, byte 41",
        ]
    );
}

#[test]
fn documents_that_are_not_whole() {
    refused("", "xml.empty 1:1");
    for mark in [&b"\xEF"[..], b"\xEF\xBB", b"\xEF\xBB\xBF", b"\xFE", b"\xFF\xFE"] {
        refused(mark, "xml.cut-off 1:1");
    }
    refused("  \n", "xml.no-root 2:1");
    refused("<!-- only -->", "xml.cut-off 1:14");
    refused("<a>\n <b>\n  text", "xml.cut-off 3:7");
    refused("<a><b", "xml.cut-off 1:6");
    refused("<a><b c='", "xml.cut-off 1:10");
    refused("<a></a", "xml.cut-off 1:7");
    refused("<a><!-- ", "xml.cut-off 1:9");
    refused("<a><![CDATA[ ]]", "xml.cut-off 1:16");
    refused("<a><?p ", "xml.cut-off 1:8");
    refused("<a>&am", "xml.cut-off 1:7");
    refused("<a>&", "xml.cut-off 1:5");
    refused("<a>x & y", "xml.ampersand 1:6");
    refused("<a><", "xml.cut-off 1:5");
    refused("<a/><!-- ", "xml.cut-off 1:10");
    refused(b"<a>\xC3", "xml.cut-off 1:4");
    refused(b"<a>\xC3<", "xml.undecodable 1:4");
    refused(b"\xFF\xFE<\0a\0>\0x", "xml.cut-off 1:4");
    refused("<a/><b/>", "xml.second-root 1:5");
    refused("<a/>x", "xml.text-outside-root 1:5");
    refused("<a/>&amp;", "xml.text-outside-root 1:5");
    refused("<a/><![CDATA[]]>", "xml.text-outside-root 1:5");
    refused("{\"json\": 1}", "xml.not-xml 1:1");
    refused("a;b;c\n1;2;3\n", "xml.not-xml 1:1");
    refused("sorry, no feed today", "xml.not-xml 1:1");
    refused("\n  text <a/>", "xml.text-outside-root 2:3");
    refused(b"\x1F\x8B\x08\xFF", "xml.not-xml 1:1");
}

#[test]
fn a_piece_that_swallows_the_end_of_the_document_is_not_closed() {
    refused("<a><!-- b</a>\n", "xml.unclosed 1:4");
    refused("<a><b/><![CDATA[ c</b></a>", "xml.unclosed 1:8");
    refused("<a><?p c</a>", "xml.unclosed 1:4");
    refused("<!-- c <a>b</a>", "xml.unclosed 1:1");
    refused("<a><b><!-- c</b>", "xml.cut-off 1:17");
    refused("<a><![CDATA[ b</a> <!-- c -->", "xml.unclosed 1:4");
    refused("<!-- see <http://x.org>", "xml.cut-off 1:24");
    refused("<a/><!-- <b></b>", "xml.cut-off 1:17");
}

/// Everything that a document can be cut in.
const VARIED: &str = "<?xml version='1.0' encoding='UTF-8'?>\n<!DOCTYPE a PUBLIC '-//x//y' \"http://x/y.dtd\">\n\
     <!-- ä -->\n<?p q?><a xmlns='urn:a' b=\"1 > 0\" c='d &amp; é'>\n <b>x &#xE4; y</b>\r\n<c/>\
     <![CDATA[ <d> ]]>ö<e f='&lt;'/>\n<g\n h='i'\n>&quot;</g ></a >\n<!-- end -->";

#[test]
fn a_document_is_cut_off_wherever_the_cut_falls() {
    let ends: Vec<_> = [VARIED.find("</a >").unwrap() + 5, VARIED.find("<!-- end").unwrap()].into();
    for end in 1..VARIED.len() {
        let code = outline(&VARIED.as_bytes()[..end]).map_err(|error| error.code());
        if (ends[0]..=ends[1]).contains(&end) {
            assert!(code.is_ok(), "nothing is missing at {end}");
        } else {
            assert_eq!(
                code,
                Err("xml.cut-off"),
                "at {end}: {}",
                &String::from_utf8_lossy(&VARIED.as_bytes()[..end])
            );
        }
    }
}

#[test]
fn so_is_one_in_units_of_two_bytes() {
    let document = VARIED.replace("UTF-8", "UTF-16");
    let bytes: Vec<u8> =
        [0xFEFF].into_iter().chain(document.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let whole = document[..document.find("</a >").unwrap() + 5].encode_utf16().count() * 2 + 2;
    for end in 4..whole {
        assert_eq!(outline(&bytes[..end]).map_err(|error| error.code()), Err("xml.cut-off"), "at {end}");
    }
}

#[test]
fn a_second_document_is_named() {
    refused("<a/>\n<?xml version='1.0'?><a/>", "xml.second-document 2:1");
    refused("<a/><!DOCTYPE a><a/>", "xml.second-document 1:5");
    refused("<a/>\n\u{FEFF}<a/>", "xml.second-document 2:1");
    refused("<a><b><?xml version='1.0'?><a/>", "xml.second-document 1:7");
    let error = outline(b"<a><b><?xml version='1.0'?><a/>").unwrap_err();
    assert!(error.to_string().contains("inside `b` of the first, which was probably cut off"), "{error}");
}

#[test]
fn tags_that_do_not_match_name_both_ends() {
    refused("<a>\n<b></c></a>", "xml.mismatched-tag 2:4");
    let error = outline(b"<a>\n<b></c></a>").unwrap_err();
    assert_eq!(
        error.to_string(),
        "`</c>` does not match the open element `b` (opened at 2:1): close that one first"
    );
    refused("</a>", "xml.stray-end-tag 1:1");
    refused("<a/></a>", "xml.stray-end-tag 1:5");
    refused("<a></a b='c'>", "xml.name 1:4");
    refused("<a></ a>", "xml.name 1:4");
    refused("<a></>", "xml.name 1:4");
    let error = outline(b"<a><b><c/>").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the document ends too early, inside `a` > `b` (opened at 1:4): it was probably cut off, get the file again"
    );
}

#[test]
fn markup_that_xml_does_not_know() {
    refused("<a>< b/></a>", "xml.markup 1:4");
    refused("<a><></a>", "xml.markup 1:4");
    refused("<a><!x></a>", "xml.markup 1:4");
    refused("<a><!-x></a>", "xml.markup 1:4");
    refused("<a><![x]]></a>", "xml.markup 1:4");
    refused("<a><?></a>", "xml.markup 1:4");
    refused("<a><1/></a>", "xml.name 1:4");
    refused("<a><b:c:d/></a>", "xml.name 1:4");
    refused("<a><b'c'/></a>", "xml.name 1:4");
    refused("<a><b/ ></a>", "xml.name 1:4");
    refused("<a><p:b/></a>", "xml.undeclared-prefix 1:4");
    refused("<a b='1'c='2'/>", "xml.attribute 1:9");
    refused("<a b=1/>", "xml.attribute 1:6");
    refused("<a b='\n<'/>", "xml.less-than-in-value 2:1");
    refused("<a b='x> <c d='y'/></a>", "xml.less-than-in-value 1:10");
    refused("<a xmlns:xml='u'/>", "xml.namespace-declaration 1:4");
    refused("<a b='' b=''/>", "xml.duplicate-attribute 1:9");
}

#[test]
fn comments_instructions_and_declarations() {
    refused("<a><!-- x -- y --></a>", "xml.comment-hyphens 1:11");
    refused("<a><!-- x ---></a>", "xml.comment-hyphens 1:11");
    refused("<!-- \u{1} --><a/>", "xml.character 1:6");
    refused("<a><?xml?></a>", "xml.second-document 1:4");
    refused(" <?xml version='1.0'?><a/>", "xml.declaration-misplaced 1:2");
    refused("<a><?XML x?></a>", "xml.instruction-target 1:6");
    refused("<a><?p:q x?></a>", "xml.instruction-target 1:6");
    refused("<a><? x?></a>", "xml.instruction-target 1:6");
    refused("<?xml encoding='UTF-8'?><a/>", "xml.declaration 1:6");
    refused("<?xml version='1.1'?><a>&#7;</a>", "xml.character-reference 1:25");
    refused("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "xml.doctype 1:1");
    refused("\n<!DOCTYPE", "xml.cut-off 2:10");
    refused("<a><!DOCTYPE a></a>", "xml.second-document 1:4");
    refused("<!doctype a><a/>", "xml.doctype 1:1");
    refused("<!DOCTYPEa><a/>", "xml.doctype 1:1");
    refused("<!DOCTYPE HTML PUBLIC '-//W3C//DTD HTML 4.01//EN'><html>", "xml.not-xml 1:1");
    refused("<!DOCTYPE a><!DOCTYPE a><a/>", "xml.doctype 1:13");
    refused("<!DOCTYPE a SYSTEM><a/>", "xml.doctype 1:1");
    refused("<!doctype html><html/>", "xml.not-xml 1:1");
    refused("<!DOCTYPE>", "xml.doctype 1:1");
}

#[test]
fn characters_that_xml_does_not_allow() {
    refused("<a>x\u{0}</a>", "xml.character 1:5");
    refused("<a>\u{FFFE}</a>", "xml.character 1:4");
    refused("<a b='\u{1B}'/>", "xml.character 1:7");
    refused("<a><![CDATA[\u{8}]]></a>", "xml.character 1:13");
    refused("<a><?p \u{2}?></a>", "xml.character 1:8");
    refused("<a>x ]]> y</a>", "xml.cdata-end 1:6");
    refused("<a>&nbsp;</a>", "xml.unknown-entity 1:4");
    refused("<a>&#0;</a>", "xml.character-reference 1:4");
    refused("<a>AT&T</a>", "xml.ampersand 1:6");
    refused("<a>a&& b;</a>", "xml.ampersand 1:5");
    refused("<a>a & b;</a>", "xml.ampersand 1:6");
    case("<a>\u{7F}\u{85}\u{FFFD}\u{FF21}</a>", "<a>\u{7F}\u{85}\u{FFFD}\u{FF21}</a>");
}

#[test]
fn bytes_that_are_not_utf_8_have_a_place() {
    refused(b"<a>\n x\xFF</a>", "xml.undecodable 2:3");
    refused(b"<a>\xC3</a>", "xml.undecodable 1:4");
    refused(b"<a>ok \xC3", "xml.cut-off 1:7");
    refused(b"<a b='\xE4'/>", "xml.undecodable 1:7");
    refused(b"<a><!-- \xE4 --></a>", "xml.undecodable 1:9");
    refused(b"<a>\xED\xA0\x80</a>", "xml.undecodable 1:4");
    refused(b"<![- a long way to what is not UTF-8 \xFF]]><a/>", "xml.markup 1:1");
    refused(b"<!DOCTYPE a long way to it \xFF><a/>", "xml.undecodable 1:28");
}

#[test]
fn encodings_give_the_same_events_and_source_places() {
    let text = "<?xml version='1.0' encoding='NAME'?>\n<a b='ä'>ö€😀</a>";
    let utf16 = |encoding: Encoding, name: &str, mark: bool| {
        let marked = if mark { "\u{FEFF}" } else { "" };
        encoding.encode(&format!("{marked}{}", text.replace("NAME", name))).into_owned()
    };
    for bytes in [
        utf16(Encoding::Utf16Le, "UTF-16", true),
        utf16(Encoding::Utf16Be, "utf-16", true),
        utf16(Encoding::Utf16Le, "UTF-16LE", false),
        utf16(Encoding::Utf16Be, "UTF-16BE", false),
    ] {
        assert_eq!(outline(&bytes).unwrap(), "<a b=\"ä\">ö€😀</a>");
        let told = read(&bytes, Limits::default());
        let skipped = bytes.len() - 2 * text.replace("NAME", "UTF-16").encode_utf16().count();
        assert!(told.contains("end at 2:17, byte"), "{told} {skipped}");
        assert!(told.ends_with(&format!("byte {}", bytes.len())), "{told}");
    }
    for (encoding, name) in [(Encoding::Latin9, "ISO-8859-15"), (Encoding::Windows1252, "windows-1252")] {
        let bytes = encoding.encode(&text.replace("NAME", name).replace('😀', "")).into_owned();
        assert_eq!(outline(&bytes).unwrap(), "<a b=\"ä\">ö€</a>");
        assert!(read(&bytes, Limits::default()).ends_with(&format!("byte {}", bytes.len())));
    }
    let latin1 = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE4\x80</a>";
    assert_eq!(outline(latin1).unwrap(), "<a>ä\u{80}</a>");
    read(latin1, Limits::default());
}

#[test]
fn contradicting_encodings_are_refused_where_they_stand() {
    refused("<?xml version='1.0' encoding='UTF-16'?><a/>", "xml.encoding-contradiction 1:31");
    refused("\u{FEFF}<?xml version='1.0' encoding='latin1'?><a/>", "xml.encoding-contradiction 1:31");
    refused("<?xml version='1.0'\n encoding='ebcdic'?><a/>", "xml.unknown-encoding 2:12");
    refused(b"<?xml version='1.0' encoding='us-ascii'?><a>x\xE4</a>", "xml.undecodable 1:46");
    refused(b"\xFF\xFE<\0a\0>\0\0\xDC<\0", "xml.undecodable 1:4");
    refused(b"\xFF\xFE<\0a\0>\0<\0/\0a\0>\0\n", "xml.cut-off 1:8");
    refused(b"\x4C\x6F\xA7\x94", "xml.unknown-encoding 1:1");
}

#[test]
fn the_root_can_be_looked_at_before_it_is_read() {
    let document = "<?xml version='1.0'?>\n<!-- x --><p:a xmlns:p='u' r='3.0' p:s=''><b/></p:a>";
    for window in [16, 1000] {
        let pieces = Pieces { bytes: document.as_bytes(), sizes: Sizes::Always(3) };
        let mut cursor = Cursor::with_window(pieces, Limits::default(), window);
        for _ in 0..2 {
            let root = cursor.peek_root().unwrap();
            assert_eq!((root.name.as_str(), root.local(), root.namespace.as_str()), ("p:a", "a", "u"));
            assert_eq!((root.attribute("", "r"), root.attribute("u", "s")), (Some("3.0"), Some("")));
            assert_eq!(root.attribute("", "s"), None);
            assert_eq!(root.bindings, [("p".to_owned(), "u".to_owned())]);
            assert_eq!(root.place.to_string(), "2:11");
        }
        assert_eq!(told(cursor), told(Cursor::new(document.as_bytes(), Limits::default())));
    }
    let code =
        |document: &str| Cursor::new(document.as_bytes(), Limits::default()).peek_root().unwrap_err().code();
    assert_eq!(code(""), "xml.empty");
    assert_eq!(code(" "), "xml.no-root");
    assert_eq!(code("<!-- x -->"), "xml.cut-off");
    assert_eq!(code("<a"), "xml.cut-off");
    assert_eq!(code("x"), "xml.not-xml");
    assert_eq!(code("<a b/>"), "xml.attribute");
}

#[test]
fn a_namespace_can_be_assumed_where_none_is_declared() {
    let outline = |document: &str| {
        let mut cursor = Cursor::new(document.as_bytes(), Limits::default());
        cursor.assume_namespace("urn:x");
        cursor.peek_root().unwrap();
        let mut names = String::new();
        let each = |event: Event<'_>| {
            if let Event::Start(tag) = event {
                write!(names, "{} ", tag.name.expanded()).unwrap();
            }
            Ok::<(), XmlError>(())
        };
        cursor.for_each_event(each).unwrap();
        names
    };
    assert_eq!(outline("<a><b/></a>"), "{urn:x}a {urn:x}b ");
    assert_eq!(outline("<a xmlns='u'><b/></a>"), "{u}a {u}b ");
    assert_eq!(outline("<a xmlns=''><b/></a>"), "a b ");
    assert_eq!(outline("<p:a xmlns:p='u'><b/></p:a>"), "{u}a {urn:x}b ");
}

/// A cursor on an element that is read by itself, with these prefixes bound around it.
fn inside<'a>(
    element: &'a [u8],
    encoding: Encoding,
    bindings: &[(&str, &str)],
) -> Result<Cursor<&'a [u8]>, XmlError> {
    let mut cursor = Cursor::new(element, Limits::default());
    let owned = |(prefix, name): &(&str, &str)| ((*prefix).to_owned(), (*name).to_owned());
    cursor.begin_inside(encoding, &bindings.iter().map(owned).collect::<Vec<_>>())?;
    Ok(cursor)
}

#[test]
fn an_element_is_read_by_itself_as_in_its_document() {
    let element = "<p a:x='1'>é<a:q/>\n<q xmlns='' xmlns:a='urn:b' a:y=''><a:q/></q><q/></p>";
    let whole = outline(format!("<r xmlns='urn:d' xmlns:a='urn:a'>{element}</r>").as_bytes()).unwrap();
    // Neither mark nor declaration tells the encoding.
    for encoding in [Encoding::Utf8, Encoding::Utf16Be, Encoding::Utf16Le, Encoding::Latin1] {
        let bytes = encoding.encode(element);
        let inside = || inside(&bytes, encoding, &[("", "urn:d"), ("a", "urn:a")]).unwrap();
        assert_eq!(format!("<{{urn:d}}r>{}</r>", outline_of(inside()).unwrap()), whole);
        assert!(told(inside()).ends_with(&format!("end at 2:54, byte {}", bytes.len())), "{encoding:?}");
    }
}

#[test]
fn an_element_by_itself_is_one_element_under_bindings_that_can_be() {
    let case = |element: &str, bindings: &[(&str, &str)], expected: &str| {
        let read = inside(element.as_bytes(), Encoding::Utf8, bindings).and_then(outline_of);
        assert_eq!(read.unwrap_or_else(|error| error.code().to_owned()), expected, "{element} {bindings:?}");
    };
    let bound = [("a", "urn:a")];
    case("<a:p/>", &bound, "<{urn:a}p></p>");
    case("<b:p/>", &bound, "xml.undeclared-prefix");
    case("<p/><p/>", &bound, "xml.second-root");
    case("<p/></r>", &bound, "xml.stray-end-tag");
    case("<p>", &bound, "xml.cut-off");
    case("", &bound, "xml.empty");
    case("<p/>", &[("xmlns", "urn:a")], "xml.namespace-declaration");
    case("<p/>", &[("a", "")], "xml.namespace-declaration");
    case("<p/>", &[("a b", "urn:a")], "xml.name");
}

#[test]
fn names_carry_the_numbers_of_the_schema() {
    let mut names = NameTableBuilder::default();
    let known = names.intern(ExpandedName { namespace: "u", local: "b" });
    let plain = names.intern(ExpandedName { namespace: "", local: "c" });
    let mut cursor = Cursor::new("<a xmlns='u'><b c='' d=''/></a>".as_bytes(), Limits::default());
    cursor.peek_root().unwrap();
    cursor.set_names(std::sync::Arc::new(names.freeze()));
    let mut seen = Vec::new();
    let each = |event: Event<'_>| {
        match event {
            Event::Start(tag) => {
                seen.push(tag.name.id);
                seen.extend(tag.attributes.iter().map(|a| a.name.id));
                assert_eq!(tag.attributes.by_id(plain).is_some(), tag.name.id == Some(known));
            }
            Event::End(tag) => seen.push(tag.name.id),
            Event::Text(_) => {}
        }
        Ok::<(), XmlError>(())
    };
    cursor.for_each_event(each).unwrap();
    assert_eq!(seen, [None, Some(known), Some(plain), None, Some(known), None]);
}

#[test]
fn marked_bytes_come_back_as_they_are_in_the_source() {
    let text = "<?xml version='1.0' encoding='ISO-8859-1'?><l>\r\n<r>ä &amp; <x/>\r\n</r>\n<r>ö</r></l>";
    for encoding in [Encoding::Utf8, Encoding::Latin1, Encoding::Utf16Be] {
        let text = text.replace("ISO-8859-1", encoding.label());
        let bytes = encoding.encode(&text).into_owned();
        for window in [16, 64, 10_000] {
            let mut cursor = Cursor::with_window(&bytes[..], Limits::default(), window);
            let mut records = Vec::new();
            while let Some(mut block) = cursor.block().unwrap() {
                while let Some(event) = block.next().unwrap() {
                    match event {
                        Event::Start(tag) if tag.name.qname == "r" => {
                            let start = tag.span.start;
                            block.mark(start);
                        }
                        Event::End(tag) if tag.name.qname == "r" => {
                            let span = Span { start: tag.start, end: tag.span.end };
                            records.push(block.source_bytes(span).unwrap().into_owned());
                            assert_eq!(block.open_names().collect::<Vec<_>>(), ["l", "r"]);
                            block.unmark();
                        }
                        _ => {}
                    }
                }
            }
            let expected = ["<r>ä &amp; <x/>\r\n</r>", "<r>ö</r>"].map(|r| encoding.encode(r).into_owned());
            assert_eq!(records, expected, "{encoding:?} {window}");
        }
    }
}

#[test]
fn excerpts_show_the_line_with_a_caret() {
    let mut cursor = Cursor::new("<a>\n\t<b c='ä\u{1F}".as_bytes(), Limits::default());
    let block = cursor.block().unwrap().unwrap();
    let excerpt = |start, end| block.excerpt(Span { start: Offset(start), end: Offset(end) });
    let text = "<b c='ä\\u{1f}".to_owned();
    assert_eq!(excerpt(8, 9), Excerpt { text: text.clone(), caret: 3, width: 1 });
    assert_eq!(excerpt(5, 99), Excerpt { text, caret: 0, width: 13 });
    assert_eq!(excerpt(0, 9), Excerpt { text: "<a>".to_owned(), caret: 0, width: 3 });

    let line = format!("<a>{}<b/>{}</a>", "x".repeat(300), "y".repeat(300));
    let mut cursor = Cursor::new(line.as_bytes(), Limits::default());
    let block = cursor.block().unwrap().unwrap();
    let excerpt = block.excerpt(Span { start: Offset(303), end: Offset(307) });
    assert_eq!((excerpt.caret, excerpt.width, excerpt.text.len()), (40, 4, 120));
    assert_eq!(&excerpt.text[40..44], "<b/>");
}

/// `limit` lets `good` pass and refuses `bad`.
#[track_caller]
fn limited(limits: Limits, good: &str, bad: &str, expected: &str) {
    let told = read(good.as_bytes(), limits);
    assert!(told.lines().last().unwrap().starts_with("end at"), "{told}");
    let told = read(bad.as_bytes(), limits);
    assert!(told.lines().last().unwrap().starts_with(expected), "{told}");
}

#[test]
fn every_limit_refuses_what_is_one_beyond_it() {
    let limits = Limits::default();
    limited(Limits { depth_max: 2, ..limits }, "<a><b/></a>", "<a><b><c/></b></a>", "xml.limit.depth at 1:7");
    limited(
        Limits { attributes_max: 1, ..limits },
        "<a b=''/>",
        "<a b='' c=''/>",
        "xml.limit.attributes at 1:9",
    );
    limited(Limits { tag_bytes_max: 20, ..limits }, "<a b='67890123456'/>", "<a b='678901234567'/>", {
        "xml.limit.tag-bytes at 1:1"
    });
    let text_limits = Limits { text_bytes_max: 40, ..limits };
    let (forty, more) = ("x".repeat(40), "x".repeat(41));
    let text = |text: &str| format!("<a>{text}</a>");
    limited(text_limits, &text(&forty), &text(&more), "xml.limit.text-bytes at 1:4");
    let cdata = |length: usize| format!("<a><![CDATA[{}]]></a>", "x".repeat(length));
    limited(text_limits, &cdata(28), &cdata(29), "xml.limit.text-bytes at 1:4");
    let comment_limits = Limits { comment_bytes_max: 40, ..limits };
    let comment = |length: usize| format!("<!--{}--><a/>", "x".repeat(length));
    limited(comment_limits, &comment(33), &comment(34), "xml.limit.comment-bytes at 1:1");
    let instruction = |length: usize| format!("<a><?x {}?></a>", "x".repeat(length));
    limited(comment_limits, &instruction(34), &instruction(35), "xml.limit.comment-bytes at 1:4");
    let name_limits = Limits { name_bytes_max: 8, ..limits };
    limited(name_limits, "<abcdefgh/>", "<abcdefghi/>", "xml.limit.name-bytes at 1:1");
    limited(name_limits, "<a abcdefgh=''/>", "<a abcdefghi=''/>", "xml.limit.name-bytes at 1:4");
    limited(name_limits, "<a>&#00032;</a>", "<a>&#000032;</a>", "xml.limit.name-bytes at 1:4");
    limited(name_limits, "<a xmlns='12345678'/>", "<a xmlns='123456789'/>", "xml.limit.name-bytes at 1:4");
    let bindings_limits = Limits { bindings_max: 1, ..limits };
    limited(
        bindings_limits,
        "<a xmlns='u'/>",
        "<a xmlns='u'><b xmlns='u'/></a>",
        "xml.limit.bindings at 1:17",
    );
    let namespaces_limits = Limits { namespaces_max: 1, ..limits };
    limited(namespaces_limits, "<a xmlns='u'><b xmlns='u'/></a>", "<a xmlns='u'><b xmlns='v'/></a>", {
        "xml.limit.namespaces at 1:17"
    });
}

#[test]
fn a_marked_record_has_a_limit_of_its_own() {
    let code = |limit: usize| {
        let limits = Limits { record_bytes_max: limit, ..Limits::default() };
        let mut cursor = Cursor::with_window(&b"<l>\n<r>1234</r></l>"[..], limits, 16);
        let mut result = || {
            let mut lost = false;
            while let Some(mut block) = cursor.block()? {
                while let Some(event) = block.next()? {
                    match event {
                        Event::Start(StartTag { name, span, .. }) if name.qname == "r" => {
                            block.mark(span.start);
                        }
                        Event::End(tag) if tag.name.qname == "r" => {
                            lost = block.is_mark_lost();
                            block.unmark();
                        }
                        _ => {}
                    }
                }
            }
            Ok::<bool, XmlError>(lost)
        };
        result().map_err(|error| format!("{} {}", error.code(), error.place))
    };
    assert_eq!(code(11), Ok(false));
    assert_eq!(code(10), Ok(true), "it is let go, and the document read on");
}

#[test]
fn an_input_that_fails_is_told_after_what_came_before() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    for window in [16, 1000] {
        let input = b"<a><b/>".chain(Failing);
        let told = told(Cursor::with_window(input, Limits::default(), window));
        assert_eq!(told.lines().count(), 4, "{told}");
        assert!(told.ends_with("xml.io at 1:8, byte 7: the input could not be read"), "{told}");
    }
}

#[test]
fn nothing_is_read_after_an_error() {
    let mut cursor = Cursor::new("<a></b></a>".as_bytes(), Limits::default());
    let mut block = cursor.block().unwrap().unwrap();
    assert!(block.next().unwrap().is_some());
    assert!(block.next().is_err());
    assert!(block.next().unwrap().is_none());
    assert_eq!(cursor.block().unwrap_err().code(), "xml.out-of-order");
}

#[test]
fn memory_stays_at_one_window() {
    let mut document = b"<l>".to_vec();
    (0..20_000).for_each(|_| document.extend_from_slice(b"<r>0123456789</r>\n"));
    document.extend_from_slice(b"</l>");
    let mut cursor = Cursor::with_window(&document[..], Limits::default(), 4096);
    cursor.for_each_event(|_| Ok::<(), XmlError>(())).unwrap();
    assert_eq!(cursor.window_bytes(), 4096);
}

#[test]
fn damaged_documents_end_the_same_in_any_pieces_and_by_the_reader_alone() {
    let whole = "<?xml version='1.0' encoding='UTF-8'?><!-- c --><p:a xmlns:p='u' b=\"1 &lt;\r\n 2\">\r\n\
        t\u{FEFF}ö]]&gt;<![CDATA[<x>]]]><?pi x?><b c='>'/>&#x20AC;<d\n>\u{10FFFF}</d ></p:a>\n";
    let mut state = 7_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let alphabet = b"<>&;!?-[]'\"= /:\r\nax\0\xC3\xEF\xBB\xBF#";
    for _ in 0..500 {
        let mut bytes = whole.as_bytes().to_vec();
        for _ in 0..=random(3) {
            let (at, byte) = (random(bytes.len()), alphabet[random(alphabet.len())]);
            match random(4) {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 if bytes.len() > 1 => _ = bytes.remove(at),
                _ => bytes.truncate(at.max(1)),
            }
        }
        read(
            &bytes,
            Limits { name_bytes_max: 30, comment_bytes_max: 40, tag_bytes_max: 50, ..Limits::default() },
        );
    }
}

#[test]
fn sample_feeds_read_the_same_in_any_pieces() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/onix/samples");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("SKIPPED: {} is not there", folder.display());
        return;
    };
    for entry in entries {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let told = read(&bytes, Limits::default());
        assert!(told.lines().count() > 10);
    }
}

#[test]
fn what_fuzzing_found_is_read_one_way() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/fuzz/cursor");
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        read(&std::fs::read(entry.unwrap().path()).unwrap(), Limits::default());
    }
}

/// Bytes that were looked at to locate so many places of one line, first in order, then not.
fn looked_at(places: u64) -> u64 {
    let line = format!("<a>{}</a>", "<b/>".repeat(50_000));
    let mut cursor = Cursor::with_window(line.as_bytes(), Limits::default(), 1 << 20);
    let mut block = cursor.block().unwrap().expect("a block");
    while block.next().unwrap().is_some() {}
    for number in 0..places {
        let at = Offset(3 + 4 * if number % 2 == 0 { number } else { 49_999 - number });
        assert_eq!(block.locate(at).column, at.0 + 1);
        assert_eq!(block.excerpt(Span { start: at, end: at }).caret as u64, at.0.min(40));
    }
    cursor.looked_at()
}

#[test]
fn a_place_costs_no_more_than_a_stretch_of_its_line() {
    let line = 4 * 50_000;
    for places in [100, 1_000, 10_000] {
        let most = 3 * line + places * (4_096 + 400);
        assert!(looked_at(places) <= most, "{places}: {} of {most}", looked_at(places));
    }
}

/// What is said of a document, whatever the window.
#[track_caller]
fn said(bytes: &[u8]) -> (&'static str, String, u64) {
    let of = |window| {
        let mut cursor = Cursor::with_window(bytes, Limits::default(), window);
        let error = cursor.for_each_event(|_| Ok::<_, XmlError>(())).expect_err("not well-formed");
        (error.code(), error.kind.to_string(), error.place.byte.0)
    };
    let found = of(1 << 18);
    for window in [16, 17, 40, 64] {
        assert_eq!(of(window), found, "window of {window}");
    }
    found
}

#[test]
fn a_file_that_ends_in_zero_bytes_is_cut_off_where_they_begin() {
    let whole = "<?xml version='1.0'?><!-- a --><a b='c'><d>x &amp; ü</d><![CDATA[e]]></a>";
    for length in [1, 2, 15, 16, 300, 70_000] {
        for end in 0..whole.len() {
            let bytes = [&whole.as_bytes()[..end], &vec![0; length]].concat();
            let (code, said, at) = said(&bytes);
            assert_eq!(code, "xml.cut-off", "{end}: {said}");
            // One zero byte may be half a character of two bytes.
            let is_told = said.contains("the rest of the file is filled with zero bytes");
            assert!(is_told || (end, length) == (1, 1), "{end}: {said}");
            assert!(at <= end as u64 || (end, length) == (1, 1), "{end}: {at}");
        }
        let (code, said, at) = said(&[whole.as_bytes(), &vec![0; length]].concat());
        assert_eq!((code, at), ("xml.text-outside-root", whole.len() as u64));
        assert!(said.starts_with("the document is complete, but zero bytes"), "{said}");
    }
    let wide = |text: &str| [vec![0xFF, 0xFE], Encoding::Utf16Le.encode(text).into_owned()].concat();
    for zeros in [1, 2, 3, 100] {
        let (code, said, _) = said(&[wide("<a>b</a"), vec![0; zeros]].concat());
        assert_eq!(code, "xml.cut-off");
        assert_eq!(said.contains("zero bytes"), zeros > 1, "{zeros}: {said}");
    }
}

#[test]
fn zero_bytes_before_something_else_are_forbidden_characters() {
    for (bytes, at) in [
        (&b"<a>\0</a>"[..], 3),
        (b"<a>\0\0\0\0x</a>", 3),
        (b"<a>b\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0 </a>", 4),
    ] {
        assert_eq!(said(bytes), ("xml.character", said(bytes).1, at));
    }
    let ascii = b"<?xml version='1.0' encoding='US-ASCII'?><a>\0\0\xFF</a>";
    assert_eq!((said(ascii).0, said(ascii).2), ("xml.undecodable", 46));
}

#[test]
fn what_servers_and_merges_leave_in_a_file_is_named() {
    let (code, text, at) = said(b"<a/>\n<html><body>session expired</body></html>");
    assert_eq!((code, at), ("xml.second-root", 5));
    assert!(text.starts_with("`<html>` begins an HTML page behind the document"), "{text}");
    let (code, text, at) = said(b"<a>\n<<<<<<< HEAD\n<b/></a>");
    assert_eq!((code, at), ("xml.markup", 4), "{text}");
}

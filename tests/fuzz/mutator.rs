//! Mutations that know elements and attributes: bytes changed at random hardly ever leave a schema
//! document that is read to its end.
//!
//! A document is scanned leniently into the stretches of its elements; elements are then deleted,
//! doubled, moved, wrapped, renamed and taken over from other inputs, attribute values exchanged for
//! others of the same attribute or for those that matter in a schema.

use std::ops::Range;

/// Changes `data[..size]` in place; the new size. Of a hundred mutations, `plain` are left to libFuzzer.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32, plain: usize) -> usize {
    let mut random = Random::new(seed);
    if random.below(100) < plain {
        return libfuzzer_sys::fuzzer_mutate(data, size, max_size);
    }
    let mut bytes = data[..size].to_vec();
    for _ in 0..=random.below(4) {
        bytes = changed(bytes, &mut random);
    }
    if bytes == data[..size] {
        return libfuzzer_sys::fuzzer_mutate(data, size, max_size);
    }
    let size = bytes.len().min(max_size);
    data[..size].copy_from_slice(&bytes[..size]);
    size
}

/// An element of one input put into another; the size of the result.
pub fn cross(one: &[u8], other: &[u8], out: &mut [u8], seed: u32) -> usize {
    let mut random = Random::new(seed);
    let (here, there) = (elements(one), elements(other));
    let mut bytes = one.to_vec();
    if let (Some(at), Some(from)) = (random.choose(&here), random.choose(&there)) {
        let piece = other[from.whole.clone()].to_vec();
        let place = match random.below(3) {
            0 => at.whole.clone(),
            1 => at.whole.end..at.whole.end,
            _ => at.open.end..at.open.end,
        };
        bytes.splice(place, piece);
    }
    let size = bytes.len().min(out.len());
    out[..size].copy_from_slice(&bytes[..size]);
    size
}

struct Random(u64);

impl Random {
    fn new(seed: u32) -> Self {
        Self(u64::from(seed) << 16 | 0x9E37)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 20).expect("44 bits") % bound.max(1)
    }

    fn choose<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.below(list.len()))
    }

    fn word(&mut self, list: &[&'static str]) -> &'static str {
        list[self.below(list.len())]
    }
}

/// An element: all of it, its start tag, its name in both tags, its attributes.
struct Element {
    whole: Range<usize>,
    open: Range<usize>,
    name: Range<usize>,
    end_name: Option<Range<usize>>,
    attributes: Vec<Attribute>,
}

/// Name and value without quotes; `whole` begins with the blank before it.
struct Attribute {
    whole: Range<usize>,
    name: Range<usize>,
    value: Range<usize>,
}

fn elements(bytes: &[u8]) -> Vec<Element> {
    let mut found: Vec<Element> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(step) = bytes[at..].iter().position(|&byte| byte == b'<') {
        let start = at + step;
        let end = tag_end(bytes, start);
        at = end;
        match bytes.get(start + 1) {
            Some(b'/') => {
                let Some(index) = open.pop() else { continue };
                let name = start + 2..start + 2 + name_length(&bytes[start + 2..]);
                found[index].whole.end = end;
                found[index].end_name = Some(name);
            }
            Some(b'!' | b'?') | None => {}
            Some(_) => {
                let name = start + 1..start + 1 + name_length(&bytes[start + 1..]);
                let attributes = attributes(bytes, name.end, end);
                if bytes[start..end].ends_with(b"/>") || end == bytes.len() {
                    found.push(Element {
                        whole: start..end,
                        open: start..end,
                        name,
                        end_name: None,
                        attributes,
                    });
                } else {
                    open.push(found.len());
                    found.push(Element {
                        whole: start..end,
                        open: start..end,
                        name,
                        end_name: None,
                        attributes,
                    });
                }
            }
        }
    }
    found
}

/// Past the `>` of a tag, or of a comment or section.
fn tag_end(bytes: &[u8], start: usize) -> usize {
    let rest = &bytes[start..];
    for (begin, close) in [(&b"<!--"[..], &b"-->"[..]), (b"<![CDATA[", b"]]>")] {
        if rest.starts_with(begin) {
            let found = rest.windows(close.len()).position(|window| window == close);
            return found.map_or(bytes.len(), |found| start + found + close.len());
        }
    }
    let mut quote = None;
    for (index, &byte) in rest.iter().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => return start + index + 1,
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    bytes.len()
}

fn name_length(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| b" \t\r\n/>=".contains(byte)).unwrap_or(bytes.len())
}

fn attributes(bytes: &[u8], from: usize, to: usize) -> Vec<Attribute> {
    let mut found = Vec::new();
    let mut at = from;
    while at < to {
        let Some(gap) = bytes[at..to].iter().position(|byte| !b" \t\r\n".contains(byte)) else { break };
        let start = at + gap;
        let name = start..start + name_length(&bytes[start..to]);
        let Some(opens) = bytes[name.end..to].iter().position(|byte| b"\"'".contains(byte)) else { break };
        let opens = name.end + opens;
        let Some(length) = bytes[opens + 1..to].iter().position(|&byte| byte == bytes[opens]) else { break };
        let value = opens + 1..opens + 1 + length;
        found.push(Attribute { whole: at..value.end + 1, name, value: value.clone() });
        at = value.end + 1;
    }
    found
}

fn changed(mut bytes: Vec<u8>, random: &mut Random) -> Vec<u8> {
    let list = elements(&bytes);
    let (Some(one), Some(other)) = (random.choose(&list), random.choose(&list)) else { return bytes };
    match random.below(16) {
        0 => drop(bytes.drain(one.whole.clone())),
        1 => {
            let copy = bytes[one.whole.clone()].to_vec();
            bytes.splice(one.whole.end..one.whole.end, copy);
        }
        2 => {
            let copy = bytes[one.whole.clone()].to_vec();
            bytes.splice(other.open.end..other.open.end, copy);
        }
        3 => {
            let copy = bytes[one.whole.clone()].to_vec();
            bytes.splice(other.whole.clone(), copy);
        }
        4 => wrap(&mut bytes, one, random),
        5 => {
            // What is in it, without its tags.
            if let Some(end) = &one.end_name {
                let inside = bytes[one.open.end..end.start - 2].to_vec();
                bytes.splice(one.whole.clone(), inside);
            }
        }
        6 => rename(&mut bytes, one, random),
        7 => {
            let piece = prefixed(random.word(PIECES), &bytes[one.name.clone()]);
            let place = if random.below(2) == 0 { one.open.end } else { one.whole.end };
            bytes.splice(place..place, piece);
        }
        8 => {
            let attribute = format!(" {}=\"{}\"", random.word(NAMES), random.word(VALUES));
            bytes.splice(one.name.end..one.name.end, attribute.into_bytes());
        }
        9 => {
            if let Some(attribute) = random.choose(&one.attributes) {
                bytes.drain(attribute.whole.clone());
            }
        }
        10 | 11 => borrow_value(&mut bytes, &list, one, random),
        12 => {
            if let Some(attribute) = random.choose(&one.attributes) {
                bytes.splice(attribute.value.clone(), random.word(VALUES).bytes());
            }
        }
        13 => {
            if let Some(attribute) = random.choose(&one.attributes) {
                let pattern = regular_expression(random);
                bytes.splice(attribute.value.clone(), pattern.into_bytes());
            }
        }
        14 => {
            if let Some(attribute) = random.choose(&one.attributes) {
                stir(&mut bytes, attribute.value.clone(), random);
            }
        }
        _ => {
            // The text of an element without children.
            if let Some(end) = &one.end_name {
                let inside = one.open.end..end.start - 2;
                if !bytes[inside.clone()].contains(&b'<') {
                    bytes.splice(inside, random.word(VALUES).bytes());
                }
            }
        }
    }
    bytes
}

/// A value of the same attribute, or of `name`, somewhere else.
fn borrow_value(bytes: &mut Vec<u8>, list: &[Element], one: &Element, random: &mut Random) {
    let Some(attribute) = random.choose(&one.attributes) else { return };
    let name = &bytes[attribute.name.clone()];
    let same = |each: &&Attribute| {
        let other = &bytes[each.name.clone()];
        other == name || other == b"name"
    };
    let others: Vec<&Attribute> = list.iter().flat_map(|each| &each.attributes).filter(same).collect();
    let Some(other) = random.choose(&others) else { return };
    let value = bytes[other.value.clone()].to_vec();
    bytes.splice(attribute.value.clone(), value);
}

/// A few bytes of a stretch changed, dropped or doubled.
fn stir(bytes: &mut Vec<u8>, within: Range<usize>, random: &mut Random) {
    let at = within.start + random.below(within.len() + 1);
    match random.below(3) {
        0 => drop(bytes.splice(at..at, random.word(VALUES).bytes())),
        1 if at < within.end => drop(bytes.remove(at)),
        _ => {
            let part = within.start + random.below(at - within.start + 1)..at;
            let copy = bytes[part].to_vec();
            bytes.splice(at..at, copy);
        }
    }
}

fn prefix_of(name: &[u8]) -> &[u8] {
    name.iter().position(|&byte| byte == b':').map_or(&[], |at| &name[..=at])
}

/// A piece with the prefix that stands in another's name.
fn prefixed(piece: &str, like: &[u8]) -> Vec<u8> {
    let prefix = String::from_utf8_lossy(prefix_of(like)).into_owned();
    piece.replace('~', &prefix).into_bytes()
}

fn rename(bytes: &mut Vec<u8>, one: &Element, random: &mut Random) {
    let name = prefixed(&format!("~{}", random.word(ELEMENTS)), &bytes[one.name.clone()]);
    if let Some(end) = &one.end_name {
        bytes.splice(end.clone(), name.iter().copied());
    }
    bytes.splice(one.name.clone(), name);
}

fn wrap(bytes: &mut Vec<u8>, one: &Element, random: &mut Random) {
    let name = prefixed(&format!("~{}", random.word(ELEMENTS)), &bytes[one.name.clone()]);
    let inside = bytes[one.whole.clone()].to_vec();
    let wrapped = [b"<", &name[..], b">", &inside, b"</", &name, b">"].concat();
    bytes.splice(one.whole.clone(), wrapped);
}

fn regular_expression(random: &mut Random) -> String {
    let mut pattern = String::new();
    for _ in 0..=random.below(6) {
        pattern.push_str(random.word(EXPRESSIONS));
    }
    pattern
}

const ELEMENTS: &[&str] = &[
    "all",
    "annotation",
    "any",
    "anyAttribute",
    "appinfo",
    "attribute",
    "attributeGroup",
    "choice",
    "complexContent",
    "complexType",
    "documentation",
    "element",
    "enumeration",
    "extension",
    "field",
    "fractionDigits",
    "group",
    "import",
    "include",
    "key",
    "keyref",
    "length",
    "list",
    "maxExclusive",
    "maxInclusive",
    "maxLength",
    "minExclusive",
    "minInclusive",
    "minLength",
    "notation",
    "pattern",
    "redefine",
    "restriction",
    "schema",
    "selector",
    "sequence",
    "simpleContent",
    "simpleType",
    "totalDigits",
    "union",
    "unique",
    "whiteSpace",
];

const NAMES: &[&str] = &[
    "abstract",
    "attributeFormDefault",
    "base",
    "block",
    "blockDefault",
    "default",
    "elementFormDefault",
    "final",
    "finalDefault",
    "fixed",
    "form",
    "id",
    "itemType",
    "maxOccurs",
    "memberTypes",
    "minOccurs",
    "mixed",
    "name",
    "namespace",
    "nillable",
    "processContents",
    "public",
    "ref",
    "refer",
    "schemaLocation",
    "substitutionGroup",
    "system",
    "targetNamespace",
    "type",
    "use",
    "value",
    "version",
    "xpath",
    "xml:lang",
    "xmlns",
    "xmlns:a",
    "xsi:type",
    "xsi:nil",
    "xmlns:xsi",
];

const VALUES: &[&str] = &[
    "",
    "0",
    "1",
    "2",
    "3",
    "-1",
    "+1",
    "00",
    "1000000",
    "4294967295",
    "4294967296",
    "18446744073709551616",
    "1e308",
    "-0",
    "INF",
    "NaN",
    "0.10",
    "unbounded",
    "true",
    "false",
    "qualified",
    "unqualified",
    "optional",
    "required",
    "prohibited",
    "lax",
    "skip",
    "strict",
    "##any",
    "##other",
    "##local",
    "##targetNamespace",
    "##local ##targetNamespace urn:a",
    "#all",
    "extension",
    "restriction",
    "substitution",
    "list",
    "union",
    "extension restriction",
    "preserve",
    "replace",
    "collapse",
    "a",
    "b",
    "a:b",
    "xs:string",
    "xs:anyType",
    "xs:anySimpleType",
    "xs:ID",
    "xs:IDREF",
    "xs:IDREFS",
    "xs:ENTITY",
    "xs:QName",
    "xs:NOTATION",
    "xs:decimal",
    "xs:double",
    "xs:date",
    "xs:duration",
    "xs:hexBinary",
    "xs:integer",
    "xs:token",
    "xs:NMTOKENS",
    "2000-02-29",
    "2001-02-29Z",
    "24:00:00",
    "12:00:00+14:00",
    "P1Y2M3DT4H5M6.7S",
    "-P1M",
    "--02-29",
    "0001-01-01T00:00:00",
    "-99999-01",
    "0F",
    "AA==",
    " a  b ",
    ".",
    "*",
    ".//a",
    "a/b|@c",
    "child::a",
    "@*",
    ".//@a",
    "a:*",
    "main.xsd",
    "1.xsd",
    "../a.xsd",
    "http://www.w3.org/2001/XMLSchema",
    "http://www.w3.org/2001/XMLSchema-instance",
    "http://www.w3.org/XML/1998/namespace",
    "urn:a",
    "&#10;",
    "&#x10FFFF;",
    "\u{10FFFF}",
    "\u{E9}",
];

const EXPRESSIONS: &[&str] = &[
    "a",
    "(a|b)",
    "[a-z]",
    "[^a]",
    "[a-z-[aeiou]]",
    "[\\w-[\\d-[5]]]",
    "\\p{L}",
    "\\P{IsBasicLatin}",
    "\\i",
    "\\c",
    "\\d",
    "\\S",
    ".",
    "*",
    "+",
    "?",
    "{2}",
    "{0}",
    "{1,3}",
    "{3,}",
    "{1000}",
    "{0,99999}",
    "(",
    ")",
    "[",
    "]",
    "-",
    "|",
    "^",
    "$",
    "\\",
    "\\-",
    "(a*)*",
    "((a?){30}){30}",
    "\\p{IsCJKUnifiedIdeographs}",
    "\\p{",
    "}",
    "&amp;",
    "()",
];

const PIECES: &[&str] = &[
    "<~element name=\"a\"/>",
    "<~element ref=\"a\"/>",
    "<~element name=\"a\" type=\"xs:string\" maxOccurs=\"1000\"/>",
    "<~any/>",
    "<~any namespace=\"##other\" processContents=\"lax\" minOccurs=\"0\" maxOccurs=\"unbounded\"/>",
    "<~anyAttribute/>",
    "<~anyAttribute namespace=\"##local\" processContents=\"skip\"/>",
    "<~attribute name=\"a\"/>",
    "<~attribute ref=\"xml:lang\" use=\"required\"/>",
    "<~attribute name=\"a\" type=\"xs:ID\"/>",
    "<~attributeGroup ref=\"a\"/>",
    "<~group ref=\"a\" minOccurs=\"0\" maxOccurs=\"3\"/>",
    "<~group name=\"a\"><~sequence><~element name=\"a\"/></~sequence></~group>",
    "<~attributeGroup name=\"a\"><~attribute name=\"a\"/></~attributeGroup>",
    "<~complexType name=\"a\"><~sequence><~element name=\"a\" type=\"a\" minOccurs=\"0\"/></~sequence></~complexType>",
    "<~simpleType name=\"a\"><~restriction base=\"xs:string\"/></~simpleType>",
    "<~simpleType name=\"a\"><~list itemType=\"xs:int\"/></~simpleType>",
    "<~simpleType name=\"a\"><~union memberTypes=\"xs:int xs:date\"/></~simpleType>",
    "<~complexType><~complexContent><~extension base=\"a\"/></~complexContent></~complexType>",
    "<~complexType><~complexContent><~restriction base=\"a\"/></~complexContent></~complexType>",
    "<~complexType><~simpleContent><~extension base=\"a\"/></~simpleContent></~complexType>",
    "<~all><~element name=\"a\" minOccurs=\"0\"/></~all>",
    "<~choice minOccurs=\"0\" maxOccurs=\"unbounded\"><~element ref=\"a\"/></~choice>",
    "<~sequence minOccurs=\"2\" maxOccurs=\"4294967295\"/>",
    "<~unique name=\"u\"><~selector xpath=\".//a\"/><~field xpath=\"@a\"/></~unique>",
    "<~key name=\"k\"><~selector xpath=\"a|b\"/><~field xpath=\".\"/><~field xpath=\"a/@b\"/></~key>",
    "<~keyref name=\"r\" refer=\"k\"><~selector xpath=\"*\"/><~field xpath=\".//a\"/></~keyref>",
    "<~include schemaLocation=\"1.xsd\"/>",
    "<~import namespace=\"urn:a\" schemaLocation=\"1.xsd\"/>",
    "<~redefine schemaLocation=\"1.xsd\"/>",
    "<~notation name=\"n\" public=\"p\"/>",
    "<~pattern value=\"a*\"/>",
    "<~enumeration value=\"a\"/>",
    "<~minInclusive value=\"1\"/>",
    "<~length value=\"3\"/>",
    "<~annotation><~documentation>a</~documentation></~annotation>",
    "<a/>",
    "<a a=\"1\">1</a>",
    "<a xsi:type=\"a\"/>",
    "<a xsi:nil=\"true\"/>",
    "<!-- a -->",
    "<![CDATA[a]]>",
    "&#65;",
    "\n=====\n",
];

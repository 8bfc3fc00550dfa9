//! What a record does to the shop: every notification type, with each kind of part absent, empty and present, of
//! products that are not there, there, and withdrawn. On both databases, with a format of the test's own.

use crate::cli::Desk;
use crate::support::database::{TestDatabase, on_each};
use std::collections::BTreeMap;

const PROFILE: &str = r#"
format = "cells"
version = "1.0"
profile_version = 1
title = "Cells of a truth table"
record = "shop/item"
key = "id"
duplicate_references = "rule"
date_form = "'iso'"
[[root]]
local = "shop"
namespace = "urn:example:cells"
schema = "cells.xsd"
[schema]
documents = ["cells.xsd"]
source = "it is made by a test"
[notification]
path = "@kind"
codes = { new = "new", update = "update", amend = "amend", delete = "delete", test = "ignore" }
[header]
sender = "@from"
message_number = "@number"
sent = "@sent"
[[header.sender_ids]]
each = "."
scheme = "'06'"
value = "@gln"
schemes = [["06", "GLN"]]
[[block]]
each = "name"
fields = ["title"]
[[block]]
each = "facts"
fields = ["subtitle", "pages"]
[[block]]
each = "offer"
fields = ["prices", "stock"]
[map]
required = ["title"]
title = "name"
subtitle = "facts/sub"
pages = "facts/pages"
stock = "offer/stock"
[[map.prices]]
each = "offer/prices/price"
kind = "'02'"
amount = "."
currency = "'EUR'"
"#;

const SCHEMA: &str = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:example:cells"
  elementFormDefault="qualified">
  <xs:element name="shop"><xs:complexType>
    <xs:sequence>
      <xs:element name="item" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
        <xs:sequence>
          <xs:element name="id" type="xs:string"/>
          <xs:element name="name" type="xs:string" minOccurs="0"/>
          <xs:element name="facts" minOccurs="0"><xs:complexType><xs:sequence>
            <xs:element name="sub" type="xs:string" minOccurs="0"/>
            <xs:element name="pages" type="xs:string" minOccurs="0"/>
          </xs:sequence></xs:complexType></xs:element>
          <xs:element name="offer" minOccurs="0"><xs:complexType><xs:sequence>
            <xs:element name="stock" type="xs:string" minOccurs="0"/>
            <xs:element name="prices" minOccurs="0"><xs:complexType><xs:sequence>
              <xs:element name="price" type="xs:string" minOccurs="0" maxOccurs="unbounded"/>
            </xs:sequence></xs:complexType></xs:element>
          </xs:sequence></xs:complexType></xs:element>
        </xs:sequence>
        <xs:attribute name="kind" type="xs:string" use="required"/>
      </xs:complexType></xs:element>
    </xs:sequence>
    <xs:attribute name="from" type="xs:string" use="required"/>
    <xs:attribute name="number" type="xs:string"/>
    <xs:attribute name="sent" type="xs:string"/>
    <xs:attribute name="gln" type="xs:string"/>
  </xs:complexType></xs:element>
</xs:schema>
"#;

/// What the record says of the part.
const CONTENTS: [&str; 4] = ["no block", "absent", "empty", "present"];
/// What the shop holds of the product before.
const BEFORE: [&str; 3] = ["unknown", "live", "withdrawn"];
/// A text, a number in a block with it, a number in a block with a list, the list.
const PARTS: [&str; 4] = ["sub", "pages", "stock", "prices"];
const KINDS: [&str; 5] = ["new", "update", "amend", "delete", "test"];

/// Puts the format where `--schemas formats` finds it.
pub(crate) fn format(desk: &Desk) {
    desk.file("formats/cells/1.0/profile.toml", PROFILE);
    desk.file("formats/cells/1.0/cells.xsd", SCHEMA);
}

struct Cell {
    kind: &'static str,
    part: &'static str,
    content: &'static str,
    before: &'static str,
}

impl Cell {
    fn key(&self) -> String {
        let Self { kind, part, content, before } = self;
        format!("{kind} {part} {content} {before}").replace(' ', "-")
    }

    /// The record that is judged.
    fn record(&self) -> String {
        let value = |text: &str| match self.part {
            "prices" => format!("<prices><price>{text}</price></prices>"),
            part => format!("<{part}>{text}</{part}>"),
        };
        let inner = match self.content {
            "present" => value("7"),
            "empty" => format!("<{}/>", self.part),
            _ => String::new(),
        };
        let block = if ["sub", "pages"].contains(&self.part) { "facts" } else { "offer" };
        let block =
            if self.content == "no block" { String::new() } else { format!("<{block}>{inner}</{block}>") };
        // A complete record has a name; an amendment of something else has none.
        let name = if self.kind == "amend" { "" } else { "<name>New</name>" };
        format!("<item kind=\"{}\"><id>{}</id>{name}{block}</item>\n", self.kind, self.key())
    }

    /// The product afterwards: the part, whether it is withdrawn; and whether the record was refused.
    #[expect(clippy::match_same_arms, reason = "a table is read row by row")]
    fn expected(&self) -> (Option<(&'static str, bool)>, bool) {
        let sent = if self.content == "present" { "7" } else { "" };
        let stored = "5";
        match (self.kind, self.before, self.content) {
            ("new" | "update", ..) => (Some((sent, false)), false),
            ("amend", "live", "no block") => (Some((stored, false)), false),
            ("amend", "live", _) => (Some((sent, false)), false),
            // Nothing is invented, nothing comes back.
            ("amend", "unknown", _) => (None, true),
            ("amend", "withdrawn", _) => (Some((stored, true)), true),
            (_, "unknown", _) => (None, false),
            ("delete", ..) => (Some((stored, true)), false),
            (_, before, _) => (Some((stored, before == "withdrawn")), false),
        }
    }
}

fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for kind in KINDS {
        for part in PARTS {
            for content in CONTENTS {
                cells.extend(BEFORE.map(|before| Cell { kind, part, content, before }));
            }
        }
    }
    cells
}

fn feed(number: u32, records: impl Iterator<Item = String>) -> String {
    let records: String = records.collect();
    format!("<shop xmlns=\"urn:example:cells\" from=\"Verlag A\" number=\"{number}\">\n{records}</shop>\n")
}

fn imported(desk: &Desk, database: &TestDatabase, name: &str, feed: String, status: i32) {
    desk.file(name, feed);
    // Half of the shop goes at once, under two titles, and that is what is looked at here.
    let off = ["withdraw", "size_min", "same_title", "refused"].map(|limit| format!("{limit} = \"off\"\n"));
    desk.file("feedgate.toml", format!("[guard]\n{}", off.concat()));
    let arguments = ["import", "--schemas", "formats", "--database", database.url.secret(), name];
    desk.call(&arguments).ends(status);
}

#[test]
fn a_record_does_to_the_shop_what_the_table_says() {
    on_each(async |database| {
        let desk = Desk::new();
        format(&desk);
        let cells = cells();
        let known = || cells.iter().filter(|cell| cell.before != "unknown");
        let full = |cell: &Cell| {
            format!(
                "<item kind=\"new\"><id>{}</id><name>Old</name><facts><sub>5</sub><pages>5</pages></facts>\
                 <offer><stock>5</stock><prices><price>5</price></prices></offer></item>\n",
                cell.key()
            )
        };
        imported(&desk, database, "1.xml", feed(1, known().map(full)), 0);
        let gone = known().filter(|cell| cell.before == "withdrawn");
        let delete = |cell: &Cell| format!("<item kind=\"delete\"><id>{}</id></item>\n", cell.key());
        imported(&desk, database, "2.xml", feed(2, gone.map(delete)), 0);
        imported(&desk, database, "3.xml", feed(3, cells.iter().map(Cell::record)), 1);

        let price =
            "(select cast(cast(amount as integer) as text) from product_price where product_id = product.id)";
        let sql = format!(
            "select record_reference || '|' || coalesce(subtitle, '') || '|' || coalesce(cast(pages as text), '')
                 || '|' || coalesce(cast(stock as text), '') || '|' || coalesce({price}, '')
                 || '|' || case when withdrawn_at is null then 'live' else 'withdrawn' end from product"
        );
        let rows = database.texts(&sql).await;
        let products: BTreeMap<&str, Vec<&str>> = rows
            .iter()
            .map(|row| {
                let mut columns: Vec<&str> = row.split('|').collect();
                (columns.remove(0), columns)
            })
            .collect();
        let refused = database.texts("select record_reference from quarantine where state = 'open'").await;
        let mut wrong = Vec::new();
        for cell in &cells {
            let key = cell.key();
            let at = PARTS.iter().position(|part| *part == cell.part).expect("one of them");
            let product = products.get(key.as_str()).map(|columns| (columns[at], columns[4] == "withdrawn"));
            let found = (product, refused.contains(&key));
            if found != cell.expected() {
                wrong.push(format!("{key}: {found:?} instead of {:?}", cell.expected()));
            }
        }
        assert!(wrong.is_empty(), "{} of {} cells:\n{}", wrong.len(), cells.len(), wrong.join("\n"));
    });
}

#[test]
fn control_characters_are_told_with_what_was_meant() {
    let desk = Desk::new();
    format(&desk);
    let feed =
        feed(1, ["<item kind=\"new\"><id>a</id><name>Op. 1&#150;3</name></item>\n".to_owned()].into_iter());
    let latin1: Vec<u8> = format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n{feed}")
        .replace("Op. 1", "\u{84}Op. 1")
        .chars()
        .map(|c| u8::try_from(u32::from(c)).expect("a character of Latin-1"))
        .collect();
    desk.file("feed.xml", latin1);
    let told = desk.call(&["validate", "--schemas", "formats", "--report", "lines", "feed.xml"]).ends(0);
    told.prints(&[
        "feed.xml:3:34: warning: The text has the control character U+0084",
        "its byte is `„`, so the text was probably written in Windows-1252 and passed on as ISO-8859-1",
        "U+0096",
        "[xml.c1-control]",
    ]);
}

#[test]
fn keys_that_the_shop_stores_as_one_are_one() {
    let desk = Desk::new();
    // The catalogue's schema has a key on the reference and takes these two for different ones.
    let sample = std::fs::read_to_string(crate::cli::repository("samples/catalogue/products/be-1000.xml"));
    let sample = sample.expect("the sample");
    let (before, rest) = sample.split_once("<product ").expect("a product");
    let (product, after) = rest.split_once("</product>").expect("its end");
    let again = product.replacen("reference=\"", "reference=\" ", 1);
    desk.file("feed.xml", format!("{before}<product {product}</product><product {again}</product>{after}"));
    desk.call(&["validate", "feed.xml"]).ends(1).counts(&[("accepted", "1"), ("refused", "1")]);
}

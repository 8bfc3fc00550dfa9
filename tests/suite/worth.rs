//! Prices, texts and numbers keep their meaning on the way into the shop: the program called, both databases.
//!
//! The catalogue's own always; ONIX where its schema documents and the field cases stand beside the repository.

use crate::cli::{Call, Desk};
use crate::support::database::{TestDatabase, on_each};
use crate::support::onix::{shared, with_onix};
use std::collections::BTreeMap;
use std::path::Path;

const PRICES: &str = "select p.record_reference || '|' || kind || '|' || coalesce(qualifier, '') || '|'
    || coalesce(cast(minimum_quantity as text), '') || '|' || coalesce(conditions, '') || '|' || cast(amount as text)
    from product_price join product p on p.id = product_id order by product_id, position";
const UNPRICED: &str =
    "select record_reference || '|' || coalesce(unpriced_reason, '') from product order by 1";
const NUMBERS: &str = "select p.record_reference || '|' || kind || '|' || value
    from product_identifier join product p on p.id = product_id order by product_id, position";

/// The format and source of the first text of each product.
async fn texts(database: &TestDatabase) -> Vec<(String, String)> {
    let rows = database.texts("select cast(attributes as text) from product order by record_reference").await;
    let part = |row: &str| {
        let attributes: serde_json::Value = serde_json::from_str(row).expect("JSON");
        let word = |name: &str| attributes["texts"][0][name].as_str().unwrap_or("none").to_owned();
        (word("format"), word("text"))
    };
    rows.iter().map(|row| part(row)).collect()
}

/// A desk with a folder for formats.
fn desk() -> Desk {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("formats")).expect("made");
    desk
}

fn import(desk: &Desk, database: &TestDatabase, feed: &Path) -> Call {
    let feed = feed.to_str().expect("paths of tests are UTF-8");
    desk.call(&[
        "import",
        "--report",
        "lines",
        "--schemas",
        "formats",
        "--database",
        database.url.secret(),
        feed,
    ])
}

/// A catalogue of one product, described by this beside its title.
fn catalogue(number: u32, identifiers: &str, offer: &str) -> String {
    format!(
        "<catalogue xmlns=\"urn:feedgate:catalogue:1.0\" version=\"1.0\"><header><sender>A</sender>\
         <messageNumber>{number}</messageNumber><sent>2026-10-01T06:00:00Z</sent><defaultCurrency>EUR</defaultCurrency>\
         </header><product reference=\"a\" notification=\"new\"><editionNumber>1</editionNumber>\
         <identifiers>{identifiers}</identifiers><title>Sonate</title><editionKind>score</editionKind>\
         <availability>21</availability>{offer}</product></catalogue>\n"
    )
}

#[test]
fn prices_of_a_catalogue_are_told_apart_and_what_has_none_says_why() {
    on_each(async |database| {
        let desk = desk();
        let price = |holds_for: &str, amount: &str| {
            format!("<price kind=\"02\" {holds_for}><amount>{amount}</amount></price>")
        };
        let feed = |number, offer: &str| desk.file("feed.xml", catalogue(number, "", offer));
        let prices = [
            price("", "20.00"),
            price("qualifier=\"06\"", "60.00"),
            price("minimumQuantity=\"10\"", "15.00"),
        ];
        let offer = format!("<prices>{}</prices>", prices.concat());
        import(&desk, database, &feed(1, &offer)).ends(0);
        assert_eq!(database.texts(PRICES).await, ["a|02||||20", "a|02|06|||60", "a|02||10||15"]);
        import(&desk, database, &feed(2, "<unpriced>04</unpriced>")).ends(0);
        assert_eq!(database.texts(UNPRICED).await, ["a|04"]);
        assert_eq!(database.number("select count(*) from product_price").await, 0);
        import(&desk, database, &feed(3, &format!("<prices>{}</prices>", prices[0]))).ends(0);
        assert_eq!(database.texts(UNPRICED).await, ["a|"]);

        let once = "currency=\"EUR\" territory=\"DE\" from=\"2026-01-01\"";
        let two = |other: &str| {
            format!("<prices>{}{}</prices>", price(once, "1"), price(&format!("{once} {other}"), "2"))
        };
        for (number, other) in [(4, "qualifier=\"05\""), (5, "minimumQuantity=\"2\"")] {
            import(&desk, database, &feed(number, &two(other))).ends(0);
        }
        for (number, other) in [(6, ""), (7, "qualifier=\"00\""), (8, "minimumQuantity=\"1\"")] {
            import(&desk, database, &feed(number, &two(other)))
                .ends(1)
                .prints(&["cvc-identity-constraint.4.1"]);
        }
        let untyped = offer.replace("kind=\"02\"", "");
        import(&desk, database, &feed(9, &untyped)).ends(1).prints(&["`kind`"]);
        assert_eq!(database.number("select count(*) from product_price where kind = ''").await, 0);
    });
}

#[test]
fn texts_of_a_catalogue_are_plain_or_marked_up() {
    on_each(async |database| {
        let desk = desk();
        let cases = [
            (
                "Rock &amp; &lt;b>Roll&lt;/b>",
                ("plain", "Rock &amp; &lt;b&gt;Roll&lt;/b&gt;"),
                &["rule.markup"][..],
            ),
            ("<p>Rock &amp; <em>Roll</em><br/></p>", ("xhtml", "<p>Rock &amp; <em>Roll</em><br/></p>"), &[]),
        ];
        for (number, (text, expected, told)) in (1..).zip(cases) {
            let texts_of = format!("<texts><text kind=\"03\" language=\"eng\">{text}</text></texts>");
            let feed = desk.file("feed.xml", catalogue(number, "", &texts_of));
            import(&desk, database, &feed).ends(0).prints(told);
            assert_eq!(texts(database).await, [(expected.0.to_owned(), expected.1.to_owned())]);
        }
    });
}

#[test]
fn an_ismn_of_a_catalogue_is_stored_in_one_form() {
    on_each(async |database| {
        let desk = desk();
        for (number, written) in (1..).zip(["M-2600-0043-8", "979-0-2600-0043-8", "9790260000438"]) {
            let feed = desk.file("feed.xml", catalogue(number, &format!("<ismn>{written}</ismn>"), ""));
            import(&desk, database, &feed).ends(0);
            assert_eq!(database.texts(NUMBERS).await, ["a|proprietary|1", "a|ismn|9790260000438"]);
        }
        let feed = desk.file("feed.xml", catalogue(9, "<isbn>979-0-2600-0043-8</isbn>", ""));
        import(&desk, database, &feed).ends(1).prints(&["rule.isbn", "which is ISMN"]);
    });
}

/// A format of the test's own, whose amendments have no blocks and whose texts may be HTML.
const PROFILE: &str = r#"
format = "worth"
version = "1.0"
profile_version = 1
title = "What is offered"
record = "shop/item"
key = "id"
duplicate_references = "rule"
date_form = "'iso'"
[[root]]
local = "shop"
namespace = "urn:example:worth"
schema = "worth.xsd"
[schema]
documents = ["worth.xsd"]
source = "it is made by a test"
[notification]
path = "@kind"
codes = { new = "new", amend = "amend" }
[header]
sender = "@from"
message_number = "@number"
[map]
title = "id"
unpriced_reason = "none"
[[map.prices]]
each = "price"
kind = "@kind"
amount = "."
currency = "'EUR'"
[[map.texts]]
each = "text"
kind = "'03'"
format = "@as"
formats = { html = "html" }
"#;

const SCHEMA: &str = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:example:worth"
  elementFormDefault="qualified">
  <xs:element name="shop"><xs:complexType>
    <xs:sequence>
      <xs:element name="item" maxOccurs="unbounded"><xs:complexType>
        <xs:sequence>
          <xs:element name="id" type="xs:string"/>
          <xs:element name="none" type="xs:string" minOccurs="0"/>
          <xs:element name="price" minOccurs="0"><xs:complexType><xs:simpleContent>
            <xs:extension base="xs:string"><xs:attribute name="kind"/></xs:extension>
          </xs:simpleContent></xs:complexType></xs:element>
          <xs:element name="text" minOccurs="0"><xs:complexType><xs:simpleContent>
            <xs:extension base="xs:string"><xs:attribute name="as"/></xs:extension>
          </xs:simpleContent></xs:complexType></xs:element>
        </xs:sequence>
        <xs:attribute name="kind" type="xs:string" use="required"/>
      </xs:complexType></xs:element>
    </xs:sequence>
    <xs:attribute name="from"/>
    <xs:attribute name="number"/>
  </xs:complexType></xs:element>
</xs:schema>
"#;

#[test]
fn markup_is_taken_out_and_told_and_a_price_takes_the_place_of_a_reason() {
    on_each(async |database| {
        let desk = desk();
        desk.file("formats/worth/1.0/profile.toml", PROFILE);
        desk.file("formats/worth/1.0/worth.xsd", SCHEMA);
        let feed = |number: u32, kind: &str, content: &str| {
            let shop = format!("<shop xmlns=\"urn:example:worth\" from=\"A\" number=\"{number}\">\n");
            desk.file(
                "feed.xml",
                format!("{shop}<item kind=\"{kind}\"><id>a</id>{content}</item>\n</shop>\n"),
            )
        };
        let text =
            "<text as=\"html\">&lt;p onclick=\"x()\">a&lt;br>b&lt;script>x()&lt;/script>&lt;/p></text>";
        let call = import(&desk, database, &feed(1, "new", &format!("<none>02</none>{text}"))).ends(0);
        let told =
            ":2:43: warning: taken out of the text: attribute `onclick`, element `script` [rule.markup]";
        call.prints(&[told, "/shop/item/text"]);
        assert_eq!(texts(database).await, [("html".to_owned(), "<p>a<br/>b</p>".to_owned())]);
        assert_eq!(database.texts(UNPRICED).await, ["a|02"]);

        import(&desk, database, &feed(2, "amend", "<price kind=\"02\">5</price>")).ends(0);
        assert_eq!(
            (database.texts(UNPRICED).await, database.texts(PRICES).await),
            (vec!["a|".into()], vec!["a|02||||5".into()])
        );
        import(&desk, database, &feed(3, "amend", "<none>01</none>")).ends(0);
        assert_eq!(
            (database.texts(UNPRICED).await, database.texts(PRICES).await),
            (vec!["a|01".into()], vec![])
        );
        import(&desk, database, &feed(4, "amend", "<price>5</price>")).ends(1).prints(&["rule.price-type"]);
        assert_eq!(database.texts(UNPRICED).await, ["a|01"]);

        // As a version without formats left it; an amendment reads it and writes it again.
        let old = "'{\"texts\": [{\"kind\": \"03\", \"language\": null, \"text\": \"a<script>x()</script> & b\"}]}'";
        database.execute(&format!("update product set attributes = {old}")).await;
        import(&desk, database, &feed(5, "amend", "<price kind=\"02\">6</price>")).ends(0);
        assert_eq!(texts(database).await, [("xhtml".to_owned(), "a &amp; b".to_owned())]);
    });
}

/// A desk with the schema documents of ONIX.
fn onix() -> Option<Desk> {
    with_onix(desk(), "formats")
}

/// A message of one product in each release, with reference names and with short tags.
fn messages(texts: &str, supply: &str) -> Vec<(String, String)> {
    let long = format!(
        "<ONIXMessage release=\"RELEASE\" xmlns=\"http://ns.editeur.org/onix/RELEASE/reference\"><Header><Sender>\
         <SenderName>A</SenderName></Sender><SentDateTime>20240115T1200</SentDateTime></Header>\n<Product>\
         <RecordReference>a</RecordReference><NotificationType>03</NotificationType><ProductIdentifier>\
         <ProductIDType>15</ProductIDType><IDValue>9783100000101</IDValue></ProductIdentifier><DescriptiveDetail>\
         <ProductComposition>00</ProductComposition><ProductForm>BC</ProductForm><TitleDetail><TitleType>01</TitleType>\
         <TitleElement><TitleElementLevel>01</TitleElementLevel><TitleText>Etude</TitleText></TitleElement>\
         </TitleDetail><NoContributor/></DescriptiveDetail>{texts}<ProductSupply><SupplyDetail><Supplier>\
         <SupplierRole>01</SupplierRole><SupplierName>A</SupplierName></Supplier>\
         <ProductAvailability>20</ProductAvailability>{supply}</SupplyDetail></ProductSupply></Product></ONIXMessage>\n"
    );
    let mut messages = Vec::new();
    for release in ["3.0", "3.1"] {
        let long = long.replace("RELEASE", release);
        let short = shortened(&long, release).replace("/reference\"", "/short\"");
        messages.push((format!("{release} reference"), long));
        messages.push((format!("{release} short"), short));
    }
    messages
}

/// The same with the short tags of the schema.
fn shortened(message: &str, release: &str) -> String {
    let file = format!("onix/{release}/ONIX_BookProduct_{release}_reference.xsd");
    let schema = std::fs::read_to_string(shared(&file).expect("it was there")).expect("readable");
    let short_of = |declaration: &str| {
        let short = declaration.split_once("name=\"shortname\"")?.1.split_once("enumeration value=\"")?.1;
        Some((declaration.split('"').next()?.to_owned(), short.split('"').next()?.to_owned()))
    };
    let names: BTreeMap<String, String> =
        schema.split("<xs:element name=\"").skip(1).filter_map(short_of).collect();
    let tag = |piece: &str| {
        let (slash, rest) = piece.strip_prefix('/').map_or(("", piece), |rest| ("/", rest));
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        format!("{slash}{}{rest}", names.get(name).map_or(name, String::as_str))
    };
    message.split('<').map(tag).collect::<Vec<_>>().join("<")
}

#[test]
fn prices_of_onix_are_told_apart_and_a_supply_without_price_says_why() {
    let Some(desk) = onix() else { return };
    let price = |holds_for: &str, value: &str| format!("<Price>{holds_for}{value}</Price>");
    let amount = "<PriceAmount>1</PriceAmount><CurrencyCode>EUR</CurrencyCode>";
    let kind = "<PriceType>02</PriceType>";
    let condition = "<PriceCondition><PriceConditionType>06</PriceConditionType><PriceConditionQuantity>\n  \
        <PriceConditionQuantityType>04</PriceConditionQuantityType><Quantity>2</Quantity>\n  \
        <QuantityUnit>00</QuantityUnit></PriceConditionQuantity></PriceCondition>";
    let prices = [
        price(&format!("{kind}<PriceQualifier>05</PriceQualifier>"), amount),
        price(&format!("{kind}<PriceQualifier>06</PriceQualifier>"), amount),
        price(&format!("{kind}<MinimumOrderQuantity>10</MinimumOrderQuantity>"), amount),
        price(&format!("{kind}{condition}"), amount),
    ];
    let expected = ["a|02|05|||1", "a|02|06|||1", "a|02||10||1", "a|02|||06 04 2 00|1"];
    let reason = "<UnpricedItemType>02</UnpricedItemType>";
    on_each(async |database| {
        for (name, message) in messages("", &prices.concat()) {
            import(&desk, database, &desk.file("feed.xml", message)).ends(0);
            assert_eq!(database.texts(PRICES).await, expected, "{name}");
            assert_eq!(database.texts(UNPRICED).await, ["a|"], "{name}");
            for unpriced in [reason.to_owned(), price("", reason)] {
                let messages: BTreeMap<_, _> = messages("", &unpriced).into_iter().collect();
                import(&desk, database, &desk.file("feed.xml", &messages[&name])).ends(0);
                assert_eq!(database.texts(UNPRICED).await, ["a|02"], "{name}");
                assert_eq!(database.number("select count(*) from product_price").await, 0, "{name}");
            }
        }
        for (name, message) in messages("", &price("", amount)) {
            import(&desk, database, &desk.file("feed.xml", &message)).ends(1).prints(&["rule.price-type"]);
            let typed = if name.ends_with("short") {
                "<x310>04</x310>"
            } else {
                "<DefaultPriceType>04</DefaultPriceType>"
            };
            let end = if name.ends_with("short") { "</header>" } else { "</Header>" };
            let message = message.replace(end, &format!("{typed}{end}"));
            import(&desk, database, &desk.file("feed.xml", message)).ends(0);
            assert_eq!(database.texts(PRICES).await, ["a|04||||1"], "{name}");
        }
    });
}

#[test]
fn texts_of_onix_reach_the_shop_in_their_format() {
    let Some(desk) = onix() else { return };
    let cases = [
        ("", "Rock &amp; &lt;i>Roll", ("plain", "Rock &amp; &lt;i&gt;Roll")),
        (
            " textformat=\"02\"",
            "<![CDATA[<p>a&nbsp;b<br>c<script>x()</script>]]>",
            ("html", "<p>a\u{a0}b<br/>c</p>"),
        ),
        (
            " textformat=\"05\"",
            "<p>a <a href=\"javascript:x()\">b</a><br/></p>",
            ("xhtml", "<p>a <a>b</a><br/></p>"),
        ),
    ];
    on_each(async |database| {
        for (attributes, content, (format, text)) in cases {
            let texts_of = format!(
                "<CollateralDetail><TextContent><TextType>03</TextType><ContentAudience>00</ContentAudience>\
                 <Text{attributes}>{content}</Text></TextContent></CollateralDetail>"
            );
            for (name, message) in messages(&texts_of, "<UnpricedItemType>01</UnpricedItemType>") {
                import(&desk, database, &desk.file("feed.xml", message)).ends(0).prints(&["rule.markup"]);
                assert_eq!(texts(database).await, [(format.to_owned(), text.to_owned())], "{name}");
            }
        }
    });
}

#[test]
fn field_cases_of_prices_and_numbers_are_right() {
    let (Some(desk), Some(cases)) = (onix(), shared("field-cases")) else { return };
    on_each(async |database| {
        import(&desk, database, &cases.join("16-price-qualifiers.xml")).ends(0);
        let told_apart = ["a.1|02|05|||20", "a.1|02|06|||60", "a.1|02||10||15"];
        assert_eq!(database.texts(PRICES).await, told_apart);
        let call = import(&desk, database, &cases.join("19-ismn-forms.xml")).ends(1);
        let begins = "is not written as numbers of scheme";
        call.prints(&[
            &format!("notice: `979-0-0000-0001-8` {begins} 05 are: they begin with M [rule.identifier-form]"),
            &format!("notice: `M-0000-0001-8` {begins} 25 are: they begin with 9790 [rule.identifier-form]"),
            "error: `9783100000101` has 13 characters, ISBN-10 has 10 [rule.isbn]",
        ]);
        let numbers = database.texts(NUMBERS).await;
        let one_form = ["i.1", "i.2", "i.3", "i.4"].map(|record| format!("{record}|ismn|9790000000018"));
        assert_eq!(numbers[1..], one_form);
    });
}

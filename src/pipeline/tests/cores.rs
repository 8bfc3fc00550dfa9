//! Many read a feed as one does.

use super::super::board::Board;
use super::super::spread::{Measure, PASSED};
use super::*;
use proptest::prelude::*;

/// All that is told of a feed but times, word for word.
#[derive(Default)]
struct Words(Vec<String>, Option<usize>, usize);

impl EventSink for Words {
    fn take(&mut self, event: FeedEvent) -> Flow {
        let (words, is_outcome) = match event {
            FeedEvent::Start(FeedStart { began: _, name, format, sender, context, .. }) => {
                (format!("{name} {format:?} {sender:?} {context:?}"), false)
            }
            FeedEvent::Outcome(outcome) => (format!("{:?}", Outcome { lapse: None, ..outcome }), true),
            FeedEvent::End(FeedEnd { verdict, acceptance, failure, tally, digest, structure, .. }) => {
                (format!("{verdict:?} {acceptance:?} {failure:?} {tally:?} {digest:?} {structure:?}"), false)
            }
            other => (format!("{other:?}"), false),
        };
        self.0.push(words);
        self.2 += usize::from(is_outcome);
        if self.1.is_some_and(|max| self.2 >= max) { Flow::NextFeed } else { Flow::Continue }
    }
}

/// How a feed is read.
#[derive(Clone, Copy, Debug)]
struct Way {
    helpers: usize,
    stretch_bytes: usize,
    window_bytes: usize,
    limits: FeedLimits,
    outcomes_max: Option<usize>,
    structure: Structure,
}

/// What is told of feeds one after the other.
fn told(feeds: &[Vec<u8>], plan: &Arc<FeedPlan>, way: Way, is_spread: bool) -> Vec<String> {
    let Way { helpers, stretch_bytes, window_bytes, limits, outcomes_max, structure } = way;
    let board = Arc::new(Board::new(1));
    let helping: Vec<_> = (0..helpers)
        .map(|_| {
            let board = Arc::clone(&board);
            std::thread::spawn(move || board.help())
        })
        .collect();
    let mut reader = FeedReader::new(limits, StopFlag::default()).with_structure(structure);
    reader.window_bytes = Some(window_bytes);
    if is_spread {
        let measure = Measure { stretch_bytes, first_bytes: 0, always: true };
        reader = reader.with_help(Arc::clone(&board), measure);
    }
    let mut words = Vec::new();
    for feed in feeds {
        let mut sink = Words(Vec::new(), outcomes_max, 0);
        reader
            .read(&**feed, &"feed".into(), plan, &Progress::default(), &mut sink)
            .expect("it can be judged");
        words.extend(sink.0);
    }
    board.retire();
    for helper in helping {
        helper.join().unwrap();
    }
    words
}

/// A format in which much depends on other records: keys, references, IDs, names of no schema, items in items.
const SHOP: &str = r###"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:small"
  targetNamespace="urn:small" elementFormDefault="qualified" xmlns:t="urn:small">
<xs:element name="item">
  <xs:complexType>
    <xs:sequence>
      <xs:element name="id" type="xs:string" minOccurs="0"/>
      <xs:element name="kind" minOccurs="0">
        <xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="[nuat]"/></xs:restriction></xs:simpleType>
      </xs:element>
      <xs:element name="title" type="xs:string" minOccurs="0"/>
      <xs:element name="code" type="xs:int" minOccurs="0" maxOccurs="unbounded"/>
      <xs:element name="near" type="xs:IDREFS" minOccurs="0"/>
      <xs:element ref="item" minOccurs="0"/>
      <xs:any namespace="##other" processContents="lax" minOccurs="0" maxOccurs="unbounded"/>
    </xs:sequence>
    <xs:attribute name="sku" type="xs:string"/>
    <xs:attribute name="like" type="xs:string"/>
    <xs:attribute name="key" type="xs:ID"/>
  </xs:complexType>
  <xs:key name="code"><xs:selector xpath="t:code"/><xs:field xpath="."/></xs:key>
</xs:element>
<xs:element name="list">
  <xs:complexType>
    <xs:choice minOccurs="0" maxOccurs="unbounded">
      <xs:element ref="item"/>
      <xs:element name="note" type="xs:int"/>
    </xs:choice>
  </xs:complexType>
  <xs:unique name="inList"><xs:selector xpath="t:item"/><xs:field xpath="@sku"/></xs:unique>
</xs:element>
<xs:element name="shop">
  <xs:complexType>
    <xs:sequence>
      <xs:element name="head" minOccurs="0"/>
      <xs:element ref="list" minOccurs="0" maxOccurs="3"/>
    </xs:sequence>
  </xs:complexType>
  <xs:key name="sku"><xs:selector xpath=".//t:item"/><xs:field xpath="@sku"/></xs:key>
  <xs:keyref name="like" refer="sku"><xs:selector xpath=".//t:item"/><xs:field xpath="@like"/></xs:keyref>
  <xs:keyref name="noted" refer="code"><xs:selector xpath="t:list/t:note"/><xs:field xpath="."/></xs:keyref>
</xs:element>
</xs:schema>"###;

fn shop() -> Arc<FeedPlan> {
    static PLAN: OnceLock<Arc<FeedPlan>> = OnceLock::new();
    let build = || {
        let mut assembler = Assembler::new();
        assembler.add("shop.xsd", SHOP.as_bytes());
        let text = crate::feed::profile::tests::SMALL.replacen("\"shop/item\"", "\"shop/list/item\"", 1);
        Arc::new(FeedPlan {
            schema: assembler.finish().expect("a schema"),
            profile: Some(Arc::new(FeedProfile::parse(&text, "small").expect("a profile"))),
            ..FeedPlan::clone(&plan())
        })
    };
    Arc::clone(PLAN.get_or_init(build))
}

/// Pieces of an item; `#` stands for a number.
const PIECES: &[&str] = &[
    "<id>a#</id>",
    "<kind>n</kind>",
    "<kind>u</kind>",
    "<kind>x</kind>",
    "<code>#</code>",
    "<code>x</code>",
    "<near>k#</near>",
    "<near>k1 k#</near>",
    "<!-- </item><item> -->",
    "<![CDATA[</item>]]>",
    "<?p </item> ?>",
    "<item sku='in#'><id>b</id></item>",
    "<item/>",
    "text",
    " \n ",
    "<q xmlns='urn:#'/>",
    "<q:q xmlns:q='urn:q#'>ü</q:q>",
    "<strange#/>",
    "<other xmlns=''><item>x</item></other>",
    "&#150;",
    "&amp;",
    "\u{96}",
    "<code>1</code><code>1</code>",
    "<title>T</title>",
];

/// Pieces that make a document another one, or none.
const WRECKS: &[&str] = &[
    "<",
    ">",
    "&",
    "]]>",
    "<!--",
    "-->",
    "<![CDATA[",
    "<?",
    "</item>",
    "<item>",
    "<item/>",
    "</list>",
    "<list>",
    "</item >",
    "<x:y/>",
    "\0",
    "\u{FEFF}",
    "'",
    "\"",
    "<note>7</note>",
    "<head/>",
    "</shop>",
    "\r",
    "\r\n",
];

/// What may stand behind an item.
const GAPS: &[&str] = &["", "\n", "\n  ", "<!-- <item> -->", "<note>#</note>", "<note>x</note>", "stray"];

fn numbered(piece: &str, number: u32) -> String {
    piece.replace("&#150;", "\u{1}").replace('#', &number.to_string()).replace('\u{1}', "&#150;")
}

prop_compose! {
    /// An item, mostly a good one.
    fn item()(
        good in prop::bool::weighted(0.7),
        number in 0..400_u32,
        attributes in prop::collection::vec(prop::sample::select(&["sku", "like", "key", "wrong"][..]), 0..3),
        pieces in prop::collection::vec((prop::sample::select(PIECES), 0..9_u32), 0..6),
        gap in prop::sample::select(GAPS),
        filler in 0..60_usize,
    ) -> String {
        let attributes: Vec<String> = attributes
            .iter()
            .enumerate()
            .filter(|(at, name)| !attributes[..*at].contains(name))
            .map(|(_, name)| name)
            .map(|name| format!(" {name}='{}{number}'", if *name == "key" { "k" } else { "s" }))
            .collect();
        let gap = numbered(gap, number % 9);
        if good {
            let filler = "z".repeat(filler);
            return format!("<item sku='s{number}'><id>i{number}{filler}</id><kind>n</kind><title>T</title>\
                 <code>{number}</code></item>\n");
        }
        let pieces: String = pieces.iter().map(|(piece, number)| numbered(piece, *number)).collect();
        format!("<item{}>{pieces}</item>{gap}", attributes.concat())
    }
}

prop_compose! {
    fn document()(
        lists in prop::collection::vec(prop::collection::vec(item(), 0..40), 1..4),
        head in prop::sample::select(&["", "<head number='1'><from>A</from></head>", "<head/>"][..]),
        root in prop::sample::select(&[
            "<shop xmlns='urn:small'>", "<shop>", "<shop xmlns='urn:small' xmlns:q='urn:q'>",
            "<?xml version='1.0' encoding='ISO-8859-1'?><shop xmlns='urn:small'>",
        ][..]),
        wrecks in prop::collection::vec((0..1_000_usize, prop::sample::select(WRECKS), 0..3_usize), 0..4),
        is_wrecked in prop::bool::weighted(0.5),
        cut in prop::option::weighted(0.15, 0..1_000_usize),
    ) -> Vec<u8> {
        let lists: Vec<String> = lists.iter().map(|items| format!("<list>{}</list>", items.concat())).collect();
        let mut bytes = format!("{root}{head}{}</shop>\n", lists.concat()).into_bytes();
        for (at, wreck, removed) in wrecks.into_iter().filter(|_| is_wrecked) {
            let at = at * bytes.len() / 1_000;
            let end = (at + removed).min(bytes.len());
            bytes.splice(at..end, wreck.bytes());
        }
        if let Some(cut) = cut {
            bytes.truncate(cut * bytes.len() / 1_000);
        }
        bytes
    }
}

prop_compose! {
    fn way()(
        helpers in 0..8_usize,
        stretch_bytes in prop::sample::select(&[1_usize, 64, 300, 1_000, 4_000][..]),
        window_bytes in prop::sample::select(&[16_usize, 100, 1_000, 4_096, 64 << 10][..]),
        small in prop::bool::weighted(0.3),
        outcomes_max in prop::option::weighted(0.2, 1..20_usize),
        structure in prop::sample::select(&[Structure::Ignored, Structure::Gathered][..]),
    ) -> Way {
        let mut limits = FeedLimits::default();
        if small {
            limits.xml.record_bytes_max = 150;
            limits.xml.namespaces_max = 6;
            limits.findings_max = 20;
            limits.record_findings_max = 3;
            limits.samples_max = 5;
        }
        Way { helpers, stretch_bytes, window_bytes, limits, outcomes_max, structure }
    }
}

fn long() -> bool {
    option_env!("FEEDGATE_TEST_LONG").is_some()
}

#[track_caller]
fn same_as_one(feeds: &[Vec<u8>], plan: &Arc<FeedPlan>, way: Way) {
    let (one, many) = (told(feeds, plan, way, false), told(feeds, plan, way, true));
    for (one, many) in one.iter().zip(&many) {
        assert_eq!(one, many, "{way:?}");
    }
    assert_eq!(one.len(), many.len(), "{way:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if long() { 60_000 } else { 150 }))]

    #[test]
    fn many_say_what_one_says(feeds in prop::collection::vec(document(), 1..3), way in way()) {
        same_as_one(&feeds, &shop(), way);
    }
}

/// How many records of a feed are judged apart, of how many.
fn apart(document: &str, structure: Structure) -> (u64, u64) {
    let limits = FeedLimits::default();
    let way =
        Way { helpers: 2, stretch_bytes: 500, window_bytes: 4_096, limits, outcomes_max: None, structure };
    let before = PASSED.get();
    same_as_one(&[document.as_bytes().to_vec()], &shop(), way);
    (PASSED.get() - before, document.matches("</item>").count() as u64)
}

#[test]
fn nearly_all_records_of_a_good_feed_are_judged_apart() {
    let item = |number: u32| {
        format!(
            "<item sku='s{number}' like='s{}'><id>{number}</id><kind>n</kind><title>T</title></item>\n",
            number / 2
        )
    };
    let items = (0..2_600).map(item).collect::<String>();
    for structure in [Structure::Ignored, Structure::Gathered] {
        let (passed, all) = apart(&format!("<shop xmlns='urn:small'><list>{items}</list></shop>"), structure);
        assert!(passed > all - 20, "{passed} of {all}");
    }
}

#[test]
fn wrong_records_are_judged_apart_as_well() {
    let item = |number: u32| {
        let number = number / 2;
        format!(
            "<item sku='s{number}' key='k{number}'><id>{number}</id><kind>oops</kind><code>x</code>&#150;</item>\n"
        )
    };
    let items = (0..2_000).map(item).collect::<String>();
    let (passed, all) =
        apart(&format!("<shop xmlns='urn:small'><list>{items}</list></shop>"), Structure::Ignored);
    assert!(passed < all / 4, "where keys and control characters meet, one thread reads: {passed} of {all}");
    let (passed, all) = apart(
        &format!("<shop xmlns='urn:small'><list>{}</list></shop>", items.replace("&#150;", "stray")),
        Structure::Ignored,
    );
    assert!(passed > all - 20, "{passed} of {all}");
}

#[test]
fn guesses_that_fail_are_given_up() {
    let item = |number: u32| format!("<item><id>{number}</id><item><id>in</id></item></item>\n");
    let items = (0..2_000).map(item).collect::<String>();
    let (passed, all) =
        apart(&format!("<shop xmlns='urn:small'><list>{items}</list></shop>"), Structure::Ignored);
    assert!(passed < all, "{passed} of {all}");
}

/// Every sample of the catalogue format, by every number of threads.
#[test]
fn samples_are_read_by_many_as_by_one() {
    let mut feeds = samples();
    let good = String::from_utf8(sample("good.xml")).unwrap();
    let (head, rest) = good.split_at(good.find("<product").unwrap());
    let (products, foot) = rest.split_at(rest.rfind("</catalogue>").unwrap());
    feeds.push(format!("{head}{}{foot}", products.repeat(12)).into_bytes());
    for (helpers, window_bytes) in [(0, 16), (1, 1_000), (3, 64 << 10), (8, 4_096)] {
        let limits = FeedLimits::default();
        let way = Way {
            helpers,
            stretch_bytes: 2_000,
            window_bytes,
            limits,
            outcomes_max: None,
            structure: Structure::Ignored,
        };
        same_as_one(&feeds, &plan(), way);
    }
}

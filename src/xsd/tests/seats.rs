//! A document read in stretches is judged as one that is read whole.

use super::compile;
use crate::xml::{Cursor, Encoding, Event, ExpandedName, Limits, Offset, Span};
use crate::xsd::deviation::{Deviation, DeviationBuffer};
use crate::xsd::{Closer, CompiledSchema, RecordKeys, Seat, Validator};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::fmt::Write;
use std::sync::Arc;

/// A catalogue whose products are records; `{above}` stands at the catalogue, `{group}` at a group of products,
/// `{within}` at a product, `{times}` says how often products and groups may come.
const CATALOGUE: &str = r#"
<xs:complexType name="coded"><xs:attribute name="code" type="xs:int"/></xs:complexType>
<xs:element name="product">
  <xs:complexType>
    <xs:sequence>
      <xs:element name="price" type="xs:decimal" nillable="true"/>
      <xs:element name="part" minOccurs="0" maxOccurs="unbounded">
        <xs:complexType>
          <xs:attribute name="no" type="xs:int"/><xs:attribute name="of" type="xs:string"/>
        </xs:complexType>
      </xs:element>
      <xs:element name="code" type="xs:int" minOccurs="0" maxOccurs="unbounded"/>
      <xs:element name="near" type="xs:IDREFS" minOccurs="0"/>
    </xs:sequence>
    <xs:attribute name="sku" type="xs:string"/>
    <xs:attribute name="like" type="xs:string"/>
    <xs:attribute name="id" type="xs:ID"/>
    <xs:attribute name="kind" type="xs:QName"/>
  </xs:complexType>
  {within}
</xs:element>
<xs:element name="group">
  <xs:complexType>
    <xs:sequence><xs:element ref="product" {times}/></xs:sequence>
    <xs:attribute name="like" type="xs:string"/>
  </xs:complexType>
  {group}
</xs:element>
<xs:element name="r">
  <xs:complexType>
    <xs:sequence>
      <xs:element name="header" type="coded"/>
      <xs:choice {times}>
        <xs:element ref="product"/>
        <xs:element ref="group"/>
        <xs:element name="any"><xs:complexType><xs:sequence>
          <xs:any processContents="lax" minOccurs="0" maxOccurs="unbounded"/>
        </xs:sequence></xs:complexType></xs:element>
        <xs:element name="closed"><xs:complexType><xs:sequence>
          <xs:any processContents="skip" minOccurs="0"/>
        </xs:sequence></xs:complexType></xs:element>
      </xs:choice>
      <xs:element name="footer" type="coded" minOccurs="0"/>
    </xs:sequence>
  </xs:complexType>
  {above}
</xs:element>"#;

/// A constraint that each schema has or has not: where it is declared, and how.
const CONSTRAINTS: &[(&str, &str)] = &[
    (
        "{above}",
        r#"<xs:key name="sku"><xs:selector xpath=".//t:product"/><xs:field xpath="@sku"/></xs:key>
           <xs:keyref name="like" refer="sku">
             <xs:selector xpath=".//t:product | t:group"/><xs:field xpath="@like"/>
           </xs:keyref>"#,
    ),
    (
        "{above}",
        r#"<xs:unique name="part">
             <xs:selector xpath="t:product/t:part"/><xs:field xpath="@no"/><xs:field xpath="@of"/>
           </xs:unique>"#,
    ),
    (
        "{above}",
        r#"<xs:key name="price"><xs:selector xpath="t:product"/><xs:field xpath="t:price"/></xs:key>"#,
    ),
    (
        "{within}",
        r#"<xs:key name="code"><xs:selector xpath="t:code"/><xs:field xpath="."/></xs:key>
           <xs:keyref name="ofCode" refer="code"><xs:selector xpath="t:part"/><xs:field xpath="@no"/></xs:keyref>"#,
    ),
    (
        "{group}",
        r#"<xs:unique name="inGroup"><xs:selector xpath="t:product"/><xs:field xpath="@sku"/></xs:unique>"#,
    ),
];

/// The same, where the key of a product is referred to from outside of it.
const FROM_OUTSIDE: &str = r#"<xs:keyref name="toCode" refer="code">
  <xs:selector xpath="t:header | t:footer"/><xs:field xpath="@code"/>
</xs:keyref>"#;

/// The selected element lies above records, its field in them: they cannot be seated.
const FIELD_WITHIN: &str = r#"<xs:unique name="once">
  <xs:selector xpath="."/><xs:field xpath="t:product/t:code"/>
</xs:unique>"#;

fn schema(constraints: u8, times: &str) -> Arc<CompiledSchema> {
    let mut text = CATALOGUE.replace("{times}", times);
    let mut put = |place: &str, constraint: &str| text = text.replace(place, &format!("{constraint}{place}"));
    let has = |bit: usize| constraints & (1 << bit) != 0;
    for (bit, (place, constraint)) in CONSTRAINTS.iter().enumerate() {
        if has(bit) {
            put(place, constraint);
        }
    }
    if has(3) && has(5) {
        put("{above}", FROM_OUTSIDE);
    }
    if has(6) {
        put("{above}", FIELD_WITHIN);
    }
    for place in ["{above}", "{group}", "{within}"] {
        text = text.replace(place, "");
    }
    // The names of paths need a prefix: they know no default namespace.
    let prefixed = text.replace("<xs:selector", r#"<xs:selector xmlns:t="urn:t""#);
    compile(&prefixed.replace("<xs:field", r#"<xs:field xmlns:t="urn:t""#))
        .unwrap_or_else(|error| panic!("{error}"))
}

fn attribute(name: &str, values: &'static [&'static str]) -> impl Strategy<Value = String> {
    let name = name.to_owned();
    proptest::option::of(proptest::sample::select(values))
        .prop_map(move |value| value.map_or_else(String::new, |value| format!(" {name}='{value}'")))
}

fn product() -> impl Strategy<Value = String> {
    let attributes = (
        attribute("sku", &["a", "b", "c", "d"]),
        attribute("like", &["a", "b", "z"]),
        attribute("id", &["i", "j", "k", "1"]),
        attribute("kind", &["t:x", "u:x"]),
        attribute("wrong", &["x"]),
    );
    let part = (attribute("no", &["1", "01", "2", "x"]), attribute("of", &["s"]))
        .prop_map(|(no, of)| format!("<part{no}{of}/>"));
    let parts = proptest::collection::vec(part, 0..3);
    let price =
        ["<price>1.0</price>", "<price>1</price>", "<price>2,5</price>", "<price xsi:nil='1'/>", "", "é"];
    let codes =
        ["<code>1</code>", "<code>1</code><code>2</code>", "<code>2</code><code>2</code>", "<code/>", ""];
    let near = ["<near>i k</near>", "<near>i&#10;q</near>", "<near/>", "<far/>", "", ""];
    let (price, codes) = (proptest::sample::select(price.to_vec()), proptest::sample::select(codes.to_vec()));
    (attributes, price, parts, codes, proptest::sample::select(near.to_vec())).prop_map(
        |((sku, like, id, kind, wrong), price, parts, codes, near)| {
            let parts = parts.concat();
            format!("<product{sku}{like}{id}{kind}{wrong}>\n{price}{parts}{codes}{near}</product>")
        },
    )
}

fn items() -> impl Strategy<Value = String> {
    let some = || proptest::collection::vec(product(), 0..3).prop_map(|products| products.concat());
    let item = prop_oneof![
        6 => product(),
        2 => (attribute("like", &["a", "d"]), some()).prop_map(|(like, some)| format!("<group{like}>{some}</group>")),
        1 => some().prop_map(|some| format!("<any>{some}<x>{some}</x></any>")),
        1 => some().prop_map(|some| format!("<closed>{some}</closed>")),
        1 => some().prop_map(|some| format!("<stray>{some}</stray>")),
        1 => some().prop_map(|some| format!("<header code='1'>{some}</header>")),
        1 => Just("text".to_owned()),
    ];
    proptest::collection::vec(item, 0..6).prop_map(|items| items.join("\n"))
}

fn document() -> impl Strategy<Value = String> {
    let header = prop_oneof![Just("<header code='1'/>"), Just("<header code='7'/>"), Just("")];
    let footer = prop_oneof![Just("<footer code='2'/>"), Just("<footer code='x'/>"), Just("")];
    (header, items(), footer).prop_map(|(header, items, footer)| {
        let bound = "xmlns='urn:t' xmlns:t='urn:t' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'";
        format!("<r {bound}>{header}{items}{footer}</r>")
    })
}

/// How a record is read that is validated apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// By the same cursor, as a document without threads would be.
    Together,
    /// By a cursor of its own, which begins inside.
    Apart,
}

/// A record that is validated apart.
struct Record {
    validator: Validator,
    start: Offset,
    bindings: Vec<(String, String)>,
}

/// Validates a document in stretches.
struct Stretches<'a> {
    schema: &'a Arc<CompiledSchema>,
    document: &'a str,
    around: Validator,
    closer: Closer,
    told: Vec<Deviation>,
    seated: u32,
}

fn in_stretches(schema: &Arc<CompiledSchema>, document: &str, reading: Reading) -> (Vec<Deviation>, u32) {
    let stretches = Stretches {
        schema,
        document,
        around: Validator::around_records(Arc::clone(schema)),
        closer: Closer::new(Arc::clone(schema)),
        told: Vec::new(),
        seated: 0,
    };
    stretches.read(reading)
}

impl Stretches<'_> {
    fn read(mut self, reading: Reading) -> (Vec<Deviation>, u32) {
        let mut found = DeviationBuffer::with_limit(1_000);
        let mut record: Option<Record> = None;
        let mut depth = 0;
        let mut cursor = Cursor::new(self.document.as_bytes(), Limits::default());
        cursor.set_names(Arc::clone(self.schema.names()));
        while let Some(mut block) = cursor.block().expect("the document is well-formed") {
            while let Some(event) = block.next().expect("the document is well-formed") {
                if let (None, Event::Start(tag)) = (&record, &event)
                    && tag.name.local() == "product"
                    && let Some(seat) = self.around.seat(tag, &mut found)
                {
                    let keys = self.around.keys();
                    self.close(keys, &mut found);
                    let bound =
                        tag.bindings.in_scope().map(|(prefix, name)| (prefix.to_owned(), name.to_owned()));
                    record = Some(Record {
                        validator: self.sit(seat),
                        start: tag.span.start,
                        bindings: bound.collect(),
                    });
                }
                let Some(Record { validator, start, bindings }) = &mut record else {
                    self.around.event(&event, &mut found);
                    continue;
                };
                if reading == Reading::Together {
                    validator.event(&event, &mut found);
                }
                match &event {
                    Event::Start(_) => depth += 1,
                    Event::End(_) => depth -= 1,
                    Event::Text(_) => {}
                }
                if let (0, Event::End(tag)) = (depth, &event) {
                    let at = Span { start: *start, end: tag.span.end };
                    if reading == Reading::Apart {
                        self.read_apart(validator, at, bindings, &mut found);
                    } else {
                        let keys = validator.keys();
                        self.close(keys, &mut found);
                    }
                    record = None;
                }
            }
        }
        self.around.finish(&mut found);
        let keys = self.around.keys();
        self.close(keys, &mut found);
        self.closer.finish(&mut found);
        self.told.extend(found.drain());
        (self.told, self.seated)
    }

    fn sit(&mut self, seat: Seat) -> Validator {
        self.seated += 1;
        Validator::seated(Arc::clone(self.schema), seat)
    }

    fn read_apart(
        &mut self,
        validator: &mut Validator,
        at: Span,
        bindings: &[(String, String)],
        found: &mut DeviationBuffer,
    ) {
        let index = |at: Offset| usize::try_from(at.0).unwrap();
        let bytes = &self.document.as_bytes()[index(at.start)..index(at.end)];
        let mut cursor = Cursor::new(bytes, Limits::default());
        cursor.set_names(Arc::clone(self.schema.names()));
        cursor.begin_inside(Encoding::Utf8, bindings).unwrap();
        let mut own = DeviationBuffer::with_limit(1_000);
        cursor
            .for_each_event(|event| {
                validator.event(&event, &mut own);
                Ok::<(), crate::xml::XmlError>(())
            })
            .unwrap();
        validator.finish(&mut own);
        for mut deviation in own.drain() {
            deviation.at.start.0 += at.start.0;
            deviation.at.end.0 += at.start.0;
            found.push(deviation);
        }
        let keys = validator.keys().moved(at.start);
        self.close(keys, found);
    }

    /// A stretch is complete: its own deviations, and those of its keys where they belong.
    fn close(&mut self, keys: RecordKeys, found: &mut DeviationBuffer) {
        let mut late = Vec::new();
        self.closer.take(keys, |before, deviation| late.push((before, deviation)));
        let mut late = late.into_iter().peekable();
        for (number, own) in (0..).zip(found.drain()) {
            while let Some((_, deviation)) = late.next_if(|(before, _)| *before <= number) {
                self.told.push(deviation);
            }
            self.told.push(own);
        }
        self.told.extend(late.map(|(_, deviation)| deviation));
    }
}

/// A document whose own validator absorbs what is said of the records that sit apart; at each of so many it stays
/// itself.
fn absorbed(schema: &Arc<CompiledSchema>, document: &str, stays: u32) -> Vec<Deviation> {
    let mut around = Validator::new(Arc::clone(schema));
    let mut apart: Option<(Validator, usize)> = None;
    let (mut seats, mut told) = (0_u32, Vec::new());
    let (mut found, mut own) = (DeviationBuffer::with_limit(1_000), DeviationBuffer::with_limit(1_000));
    let mut cursor = Cursor::new(document.as_bytes(), Limits::default());
    cursor.set_names(Arc::clone(schema.names()));
    let read = cursor.for_each_event(|event| {
        if let (None, Event::Start(tag)) = (&apart, &event)
            && tag.name.local() == "product"
            && let Some(seat) = around.seat(tag, &mut found)
        {
            seats += 1;
            if seats.is_multiple_of(stays) {
                around.stay(tag, &seat, &mut found);
                return Ok(());
            }
            apart = Some((Validator::seated(Arc::clone(schema), seat), 0));
        }
        let Some((validator, depth)) = &mut apart else {
            around.event(&event, &mut found);
            return Ok(());
        };
        validator.event(&event, &mut own);
        match event {
            Event::Start(_) => *depth += 1,
            Event::End(_) => *depth -= 1,
            Event::Text(_) => {}
        }
        if *depth == 0 {
            told.extend(found.drain());
            around.meet_unknown_names(&validator.take_unknown_names());
            let mut late = Vec::new();
            around.absorb(validator.keys(), |before, deviation| late.push((before, deviation)));
            let mut late = late.into_iter().peekable();
            for (number, deviation) in (0..).zip(own.drain()) {
                while let Some((_, deviation)) = late.next_if(|(before, _)| *before <= number) {
                    told.push(deviation);
                }
                told.push(deviation);
            }
            told.extend(late.map(|(_, deviation)| deviation));
            apart = None;
        }
        Ok::<(), crate::xml::XmlError>(())
    });
    read.expect("the document is well-formed");
    around.finish(&mut found);
    told.extend(found.drain());
    told
}

fn shown(deviations: &[Deviation]) -> String {
    deviations.iter().fold(String::new(), |mut text, each| {
        writeln!(
            text,
            "{}..{} {each}; {} | {} | {}",
            each.at.start.0, each.at.end.0, each.found, each.expected, each.operand
        )
        .unwrap();
        text
    })
}

const TIMES: &[&str] = &[r#"minOccurs="0" maxOccurs="unbounded""#, r#"minOccurs="2" maxOccurs="3""#];

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 500,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn stretches_say_what_the_whole_says(
        constraints in 0_u8..128,
        times in proptest::sample::select(TIMES),
        document in document(),
    ) {
        let schema = schema(constraints, times);
        let whole = shown(&super::validate(&schema, &document));
        for reading in [Reading::Together, Reading::Apart] {
            let (told, _) = in_stretches(&schema, &document, reading);
            prop_assert_eq!(shown(&told), &whole[..], "{:?}: {}", reading, document);
        }
        for stays in [1, 2, u32::MAX] {
            prop_assert_eq!(shown(&absorbed(&schema, &document, stays)), &whole[..], "{}: {}", stays, document);
        }
    }
}

/// How many records of a document with two are seated.
#[track_caller]
fn seated(constraints: u8, expected: u32) {
    let document = "<r xmlns='urn:t'><header/><product sku='a'><price>1</price></product>\
                    <product sku='b'><price>2</price></product></r>";
    let schema = schema(constraints, TIMES[0]);
    assert_eq!(
        in_stretches(&schema, document, Reading::Together),
        (super::validate(&schema, document), expected)
    );
}

#[test]
fn a_record_is_seated_unless_it_holds_a_field_of_what_stands_around_it() {
    seated(0, 2);
    seated(0b11_1111, 2);
    seated(0b100_0000, 0);
}

/// `record` as a child of `r`, of whose content nothing is known; `expected` as in `case`.
#[track_caller]
fn below(model: &str, record: &str, expected: &str) {
    let schema = compile(model).unwrap_or_else(|error| panic!("{error}"));
    let root = ExpandedName { namespace: "urn:t", local: "r" };
    let mut validator = Validator::below(Arc::clone(&schema), &[root]);
    let mut cursor = Cursor::new(record.as_bytes(), Limits::default());
    cursor.set_names(Arc::clone(schema.names()));
    cursor.begin_inside(Encoding::Utf8, &[(String::new(), "urn:t".to_owned())]).unwrap();
    let mut found = DeviationBuffer::with_limit(10);
    cursor
        .for_each_event(|event| {
            validator.event(&event, &mut found);
            Ok::<(), crate::xml::XmlError>(())
        })
        .unwrap();
    let found: Vec<String> =
        found.drain().map(|each| format!("{} {}", each.clause.code(), each.path)).collect();
    assert_eq!(found.join("; "), expected, "{record}");
}

#[test]
fn below_a_name_a_record_is_taken_as_it_is_declared_there() {
    let number = r#"<xs:element name="b" type="xs:int"/>"#;
    let first = r#"<xs:element name="a" type="xs:string"/>"#;
    for model in [
        format!("<xs:sequence>{first}{number}</xs:sequence>"),
        format!("<xs:all>{first}{number}</xs:all>"),
        format!(
            r#"<xs:sequence><xs:sequence minOccurs="3" maxOccurs="7">{first}{number}</xs:sequence></xs:sequence>"#
        ),
    ] {
        let model = super::content(&model);
        below(&model, "<b>1</b>", "");
        below(&model, "<b>x</b>", "cvc-datatype-valid.1.2.1 /r/b");
        below(&model, "<c>1</c>", "cvc-complex-type.2.4.c /r/c");
    }
    let elsewhere = super::content("<xs:sequence/>") + number;
    below(&elsewhere, "<b>x</b>", "cvc-datatype-valid.1.2.1 /r/b");
}

#[test]
fn below_a_name_constraints_of_the_elements_around_hold_within_the_record() {
    let unique = r#"<xs:unique name="u" xmlns:t="urn:t">
        <xs:selector xpath="t:a/t:b"/><xs:field xpath="."/>
    </xs:unique>"#;
    let inner = r#"<xs:element name="b" type="xs:int" maxOccurs="9"/>"#;
    let model = format!(
        "<xs:element name='a'><xs:complexType><xs:sequence>{inner}</xs:sequence></xs:complexType></xs:element>"
    );
    let model = super::content(&format!("<xs:sequence>{model}</xs:sequence>"));
    let model = model.strip_suffix("</xs:element>").unwrap().to_owned() + unique + "</xs:element>";
    below(&model, "<a><b>1</b><b>2</b></a>", "");
    below(&model, "<a><b>1</b><b>01</b></a>", "cvc-identity-constraint.4.1 /r/a/b[2]");
}

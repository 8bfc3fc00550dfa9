//! Feeds of the catalogue format, read in every way, told to a sink that writes it all down.

mod cores;

use super::plan::{Assumed, Unplanned};
use super::*;
use crate::feed::{FeedProfile, Header, Judged, Record, RecordObserver};
use crate::judgement::{
    Acceptance, Action, CheckState, EventSink, FeedEnd, FeedEvent, FeedStart, Finding, Flow, Outcome,
    RecordContext, RecordOrdinal, RecordResult, Severity, Tally,
};
use crate::product::RecordReference;
use crate::source::{Digesting, FeedSource, Input, InputLimits};
use crate::xml::{Encoding, RootTag};
use crate::xsd::{Assembler, CompiledSchema};
use std::fmt::Write as _;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

const CATALOGUE: &str = "urn:feedgate:catalogue:1.0";

fn schema() -> Arc<CompiledSchema> {
    static SCHEMA: OnceLock<Arc<CompiledSchema>> = OnceLock::new();
    let build = || {
        let mut assembler = Assembler::new();
        assembler.add("catalogue.xsd", include_bytes!("../../schemas/catalogue/1.0/catalogue.xsd"));
        assert!(assembler.missing().is_none());
        assembler.finish().expect("our own schema")
    };
    Arc::clone(SCHEMA.get_or_init(build))
}

fn profile() -> Arc<FeedProfile> {
    let text = include_str!("../../schemas/catalogue/1.0/profile.toml");
    Arc::new(FeedProfile::parse(text, "catalogue").expect("our own profile"))
}

fn plan() -> Arc<FeedPlan> {
    Arc::new(FeedPlan {
        schema: schema(),
        profile: Some(profile()),
        assumed: None,
        misspelt: None,
        alone: None,
        judged_by: None,
    })
}

/// Plans for the catalogue only.
struct Catalogue(Arc<FeedPlan>);

impl Plans for Catalogue {
    fn plan(&self, root: &RootTag) -> Result<Arc<FeedPlan>, Unplanned> {
        if root.namespace == CATALOGUE {
            return Ok(Arc::clone(&self.0));
        }
        let sentence = format!("The root element `{}` is unknown", root.local());
        Err(Unplanned::Refused { code: "feed.unknown-root", sentence })
    }
}

/// Writes down what it is told.
#[derive(Default)]
struct Told {
    lines: Vec<String>,
    outcomes: Vec<Outcome>,
    starts: Vec<FeedStart>,
    ends: Vec<FeedEnd>,
    findings: Vec<Finding>,
    /// Says stop after so many outcomes.
    outcomes_max: Option<usize>,
}

impl EventSink for Told {
    fn take(&mut self, event: FeedEvent) -> Flow {
        match event {
            FeedEvent::Start(start) => {
                self.lines.push(format!("start {}", start.name));
                self.starts.push(start);
            }
            FeedEvent::Outcome(outcome) => {
                self.lines.push(outcome_line(&outcome));
                self.outcomes.push(outcome);
                if self.outcomes_max.is_some_and(|max| self.outcomes.len() >= max) {
                    return Flow::NextFeed;
                }
            }
            FeedEvent::Finding(finding) => {
                let Finding { severity, code, place, path, record, .. } = &finding;
                let record = record.map_or(String::new(), |record| format!(" in record {}", record.0));
                self.lines.push(format!("{severity} {code} {place} {path}{record}"));
                self.findings.push(finding);
            }
            FeedEvent::End(end) => {
                self.lines.push(end_line(&end));
                self.ends.push(end);
            }
            FeedEvent::Failed(feed, failure) => {
                let file = feed.rsplit('/').next().unwrap_or_default();
                self.lines.push(format!("failed {file}: {}", failure.causes[0].replace(&*feed, file)));
            }
        }
        Flow::Continue
    }
}

fn outcome_line(outcome: &Outcome) -> String {
    let Outcome { ordinal, key, place, end, result, bytes, findings, .. } = outcome;
    let key = key.as_ref().map_or("?", |key| key.as_str());
    let result = match result {
        RecordResult::Accepted(Action::Upsert(..)) => "upsert".to_owned(),
        RecordResult::Accepted(action) => format!("{action:?}").to_lowercase(),
        RecordResult::Refused => format!("refused, {} bytes", bytes.len()),
    };
    let mut line = format!("{} {key} at {place} to {}: {result}", ordinal.0, end.0);
    for Finding { severity, code, place, path, .. } in findings {
        write!(line, "; {severity} {code} {place} {path}").unwrap();
    }
    line
}

fn end_line(end: &FeedEnd) -> String {
    let states = end.verdict.checks.iter().map(|(_, state)| match state {
        CheckState::Passed => "passed",
        CheckState::Failed => "failed",
        CheckState::Partial(_) => "partial",
        CheckState::NotApplicable(_) => "not applicable",
        CheckState::NotDone(_) => "not done",
    });
    let Tally { records, accepted, refused, .. } = end.tally;
    let states = states.collect::<Vec<_>>().join(", ");
    format!("end {records} = {accepted} + {refused}; {states}; {}", end.acceptance.as_str())
}

fn read_with(bytes: &[u8], limits: FeedLimits, told: &mut Told) {
    let plans = Catalogue(plan());
    let mut reader = FeedReader::new(limits, StopFlag::default());
    reader.read(bytes, &"feed".into(), &plans, &Progress::default(), told).expect("it can be judged");
}

fn read(bytes: &[u8]) -> Told {
    let mut told = Told::default();
    read_with(bytes, FeedLimits::default(), &mut told);
    told
}

/// A feed of these products, each on a line of its own from line 4 on.
fn feed(products: &[&str]) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<catalogue xmlns=\"{CATALOGUE}\" version=\"1.0\">\n\
         <header><sender>Ä &amp; Co</sender><messageNumber>17</messageNumber><sent>2026-10-01T06:00:00Z</sent>\
         <defaultLanguage>ger</defaultLanguage><defaultCurrency>EUR</defaultCurrency></header>\n{}\n</catalogue>\n",
        products.join("\n")
    )
}

/// A withdrawal, which needs nothing but its key.
fn delete(key: &str) -> String {
    format!("<product reference=\"{key}\" notification=\"delete\"/>")
}

#[track_caller]
fn case(bytes: impl AsRef<[u8]>, expected: &[&str]) {
    assert_eq!(read(bytes.as_ref()).lines, expected);
}

fn sample(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/catalogue").join(name);
    std::fs::read(path).expect("a sample of ours")
}

/// All samples of the format.
fn samples() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/catalogue");
    let files = ["", "faults", "products"].map(|each| std::fs::read_dir(folder.join(each)).unwrap());
    let files = files.into_iter().flatten().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    files.map(|path| std::fs::read(path).unwrap()).collect()
}

#[test]
fn a_good_feed_is_accepted_whole() {
    let told = read(&sample("good.xml"));
    let end = &told.ends[0];
    assert_eq!(end.acceptance, Acceptance::Accepted, "{:?}", told.lines);
    assert_eq!(end.tally.records, end.tally.accepted);
    assert_eq!(end.tally.bytes, sample("good.xml").len() as u64);
    assert!(told.outcomes.len() > 40);
    assert!(told.findings.is_empty());
    let start = &told.starts[0];
    assert_eq!(start.format.as_deref(), Some("catalogue/1.0"));
    assert_eq!(start.sender.as_deref(), Some("Musikverlag Beispiel"));
    assert_eq!(start.context.bindings, [(String::new(), CATALOGUE.to_owned())]);
    assert_eq!((start.context.encoding.as_str(), start.context.root.as_str()), ("UTF-8", "catalogue"));
    assert_eq!(start.context.currency.as_deref(), Some("EUR"));
}

#[test]
fn a_wrong_record_is_refused_with_its_bytes_and_its_neighbours_are_not() {
    let wrong = "<product reference='b' notification='delete'><tïtle/></product>";
    let document = feed(&[&delete("a"), wrong, &delete("c")]);
    let told = read(document.as_bytes());
    assert_eq!(told.lines.len(), 5, "{:?}", told.lines);
    assert!(told.lines[2].starts_with("2 b at 5:1 to "), "{}", told.lines[2]);
    assert!(told.lines[2].contains(": refused, 64 bytes; error cvc-"), "{}", told.lines[2]);
    assert!(told.lines[2].contains(" 5:46 /catalogue/product[2]"), "{}", told.lines[2]);
    assert_eq!(told.lines[4], "end 3 = 2 + 1; passed, failed, passed; deviations");
    assert!(told.outcomes[1].is_refused());
    assert_eq!(told.outcomes[1].bytes, wrong.as_bytes());
    let finding = &told.outcomes[1].findings[0];
    assert_eq!(finding.excerpt.text, &wrong[5..]);
    assert_eq!((finding.excerpt.caret, finding.record), (40, Some(RecordOrdinal(2))));
    assert_eq!(finding.key.as_ref().map(RecordReference::as_str), Some("b"));
}

#[test]
fn refused_bytes_are_those_of_the_source_in_its_encoding() {
    let wrong = "<product reference='b' notification='delete'>ü</product>";
    let document = feed(&[wrong]).replace("UTF-8", "ISO-8859-1");
    let told = read(&Encoding::Latin1.encode(&document));
    assert!(told.outcomes[0].is_refused());
    assert_eq!(told.outcomes[0].bytes, *Encoding::Latin1.encode(wrong));
    let span = told.outcomes[0].end.0 - told.outcomes[0].place.byte.0;
    assert_eq!(span, told.outcomes[0].bytes.len() as u64);
}

#[test]
fn a_duplicate_reference_is_the_second_records_fault() {
    let told = read(feed(&[&delete("a"), &delete("b"), &delete("a")]).as_bytes());
    assert!(told.lines[3].starts_with("3 a at 6:1"), "{:?}", told.lines);
    assert!(told.lines[3].contains("refused") && told.lines[3].contains("cvc-identity-constraint.4.2.2"));
    assert_eq!(told.lines[4], "end 3 = 2 + 1; passed, failed, passed; deviations");
}

#[test]
fn a_feed_that_breaks_off_ends_with_one_fatal_finding() {
    let whole = feed(&[&delete("a"), &delete("b")]);
    let cut = &whole[..whole.find("\"b\"").unwrap()];
    let told = read(cut.as_bytes());
    assert_eq!(told.lines.len(), 4, "{:?}", told.lines);
    assert!(told.lines[1].starts_with("1 a at 4:1"));
    assert_eq!(told.lines[2], "fatal xml.cut-off 5:20 /catalogue");
    assert_eq!(told.lines[3], "end 1 = 1 + 0; not done, not done, not done; failed");
    assert_eq!(told.ends[0].digest, None);
    let inside = feed(&["<product reference='a' notification='new'><title></product>"]);
    let told = read(inside.as_bytes());
    assert_eq!(told.lines[1], "fatal xml.mismatched-tag 4:50 /catalogue/product/title in record 1");
    assert_eq!(told.lines[2], "end 0 = 0 + 0; failed, not done, not done; deviations");
    assert!(told.findings[0].excerpt.text.ends_with("notification='new'><title></product>"));
}

#[test]
fn a_feed_without_a_root_is_told_too() {
    case("", &["start feed", "fatal xml.empty 1:1 ", "end 0 = 0 + 0; not done, not done, not done; failed"]);
    case(
        "{}",
        &["start feed", "fatal xml.not-xml 1:1 ", "end 0 = 0 + 0; failed, not done, not done; deviations"],
    );
    case(
        "<a/>",
        &[
            "start feed",
            "fatal feed.unknown-root 1:1 /a",
            "end 0 = 0 + 0; not done, not done, not done; deviations",
        ],
    );
}

#[test]
fn what_is_wrong_with_the_header_is_told_after_the_start() {
    let document = feed(&[&delete("a")]).replace("<sender>", "<from/><sender>");
    let told = read(document.as_bytes());
    assert_eq!(told.lines[0], "start feed");
    assert!(told.lines[1].starts_with("error cvc-complex-type.2.4") && told.lines[1].contains(" 3:9 "));
    assert!(told.lines[2].starts_with("1 a at 4:1"));
    assert_eq!(told.lines[3], "end 1 = 1 + 0; passed, failed, passed; deviations");
    assert_eq!(told.starts[0].sender.as_deref(), Some("Ä & Co"));
}

#[test]
fn an_assumed_namespace_is_told_as_a_notice() {
    let assumed = Assumed { namespace: CATALOGUE.to_owned(), notice: "It has none".to_owned() };
    let plan = Arc::new(FeedPlan { assumed: Some(assumed), ..(*plan()).clone() });
    let document = feed(&[&delete("a")]).replace(&format!(" xmlns=\"{CATALOGUE}\""), "");
    let mut told = Told::default();
    let mut reader = FeedReader::new(FeedLimits::default(), StopFlag::default());
    reader.read(document.as_bytes(), &"feed".into(), &plan, &Progress::default(), &mut told).unwrap();
    assert_eq!(told.lines[1], "notice feed.namespace-assumed 2:1 /catalogue");
    assert_eq!(told.lines[3], "end 1 = 1 + 0; passed, passed, passed; accepted");
    assert_eq!(told.starts[0].context.assumed_namespace.as_deref(), Some(CATALOGUE));
}

#[test]
fn without_a_profile_a_document_is_validated_whole() {
    let plan = Arc::new(FeedPlan {
        schema: schema(),
        profile: None,
        assumed: None,
        misspelt: None,
        alone: None,
        judged_by: None,
    });
    let mut told = Told::default();
    let mut reader = FeedReader::new(FeedLimits::default(), StopFlag::default());
    let document = feed(&[&delete("a"), "<product/>"]);
    reader.read(document.as_bytes(), &"feed".into(), &plan, &Progress::default(), &mut told).unwrap();
    assert!(told.outcomes.is_empty());
    assert!(told.findings.len() >= 2, "{:?}", told.lines);
    assert_eq!(told.lines.last().unwrap(), "end 0 = 0 + 0; passed, failed, not applicable; deviations");
    assert_eq!(told.starts[0].format, None);
}

/// A schema of which much is found late: keys, references, identifiers, long texts.
const LATE: &str = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
 <xs:simpleType name="word"><xs:restriction base="xs:string">
  <xs:pattern value="[a-z]*"/></xs:restriction></xs:simpleType>
 <xs:element name="list">
  <xs:complexType><xs:sequence maxOccurs="unbounded">
   <xs:element name="item"><xs:complexType><xs:sequence>
     <xs:element name="number" type="xs:string"/><xs:element name="text" type="word"/>
     <xs:element name="see" type="xs:string"/><xs:element name="ref" type="xs:IDREF"/></xs:sequence>
     <xs:attribute name="id" type="xs:ID"/></xs:complexType></xs:element>
  </xs:sequence></xs:complexType>
  <xs:unique name="u"><xs:selector xpath="item"/><xs:field xpath="number"/></xs:unique>
  <xs:key name="k"><xs:selector xpath="item"/><xs:field xpath="number"/></xs:key>
  <xs:keyref name="r" refer="k"><xs:selector xpath="item"/><xs:field xpath="see"/></xs:keyref>
 </xs:element>
</xs:schema>"#;

fn late_schema() -> Arc<FeedPlan> {
    let mut assembler = Assembler::new();
    assembler.add("late.xsd", LATE.as_bytes());
    let schema = assembler.finish().expect("a schema");
    Arc::new(FeedPlan { schema, profile: None, assumed: None, misspelt: None, alone: None, judged_by: None })
}

/// Findings of a document read through a window of this size, with all that is told of each.
fn told_through(window_bytes: usize, document: &str, plans: &dyn Plans) -> Vec<String> {
    let mut told = Told::default();
    let mut reader = FeedReader::new(FeedLimits::default(), StopFlag::default());
    reader.window_bytes = Some(window_bytes);
    reader.read(document.as_bytes(), &"feed".into(), plans, &Progress::default(), &mut told).expect("judged");
    let of_records = told.outcomes.iter().flat_map(|outcome| &outcome.findings);
    told.findings.iter().chain(of_records).map(|finding| format!("{finding:?}")).collect()
}

#[test]
fn findings_do_not_depend_on_the_window() {
    let item = |number: usize| {
        let (key, bad) = (number / 2, if number.is_multiple_of(3) { "Wrong" } else { "right" });
        let filler = format!("<!-- {} -->", "x".repeat(90));
        format!(
            "<item id='i{number}'>{filler}<number>{key}</number>{filler}\n<text>{bad}<![CDATA[ ]]>{}</text>{filler}\
             <see>{}</see><ref>i{}</ref>{filler}</item>\n",
            "y".repeat(70),
            number + 5,
            number + 3
        )
    };
    let document = format!("<list>\n{}</list>", (0..12).map(item).collect::<Vec<_>>().concat());
    let plan = late_schema();
    let whole = told_through(1 << 20, &document, &plan);
    for code in ["4.1", "4.2.2", "4.3", "cvc-id.1", "cvc-pattern-valid"] {
        assert!(whole.iter().any(|told| told.contains(code)), "{code} is found: {whole:#?}");
    }
    let placeless = |told: &&String| told.contains("line: 0") || told.contains("text: \"\"");
    assert_eq!(whole.iter().find(placeless), None);
    for window_bytes in [16, 64, 300, 1_000, 4_000] {
        same(&whole, &told_through(window_bytes, &document, &plan), window_bytes);
    }
    let products: Vec<String> = (0..20).map(|at| wrong_product(at, &"z".repeat(50 * at))).collect();
    let document = feed(&products.iter().map(String::as_str).collect::<Vec<_>>());
    let plans = Catalogue(self::plan());
    let whole = told_through(1 << 20, &document, &plans);
    assert!(whole.len() > 20);
    for window_bytes in [16, 300, 1_000] {
        same(&whole, &told_through(window_bytes, &document, &plans), window_bytes);
    }
}

/// Whether the line of each dangling reference is shown, of so many that leave the window.
fn lines_shown(references: usize) -> Vec<bool> {
    let item = |number: usize| {
        format!(
            "<item id='i{number}'><number>{number}</number><text>a</text><see>{number}</see><ref>i{number}</ref></item>"
        )
    };
    let dangling = "<item id='z'><number>z</number><text>a</text><see>0</see><ref>nowhere</ref></item>";
    let items: String = (0..references).map(item).collect::<Vec<_>>().concat();
    let document = format!("<list>{items}{dangling}<!-- {} --></list>", "x".repeat(2_000));
    let told = told_through(64, &document, &late_schema());
    assert_eq!(told.len(), 1, "{told:?}");
    told.iter().map(|told| told.contains("<ref>nowhere")).collect()
}

#[test]
fn reference_lines_max() {
    // The keyref of each item waits for the end of the list, its IDREF does not; the one to nowhere comes last.
    let before = super::pins::REFERENCE_LINES_MAX - 2;
    assert_eq!(lines_shown(before), [true]);
    assert_eq!(lines_shown(before + 1), [true], "the last line that is kept");
    assert_eq!(lines_shown(before + 2), [false]);
}

#[track_caller]
fn same(whole: &[String], found: &[String], window_bytes: usize) {
    for (whole, found) in whole.iter().zip(found) {
        assert_eq!(whole, found, "through {window_bytes} bytes");
    }
    assert_eq!(whole.len(), found.len());
}

fn wrong_product(number: usize, filler: &str) -> String {
    format!(
        "<product reference='{}' notification='delete'><!-- {filler} --><x/>{filler}</product>",
        number / 2
    )
}

#[test]
fn a_record_that_is_too_large_is_refused_alone() {
    let large =
        format!("<product reference='b' notification='delete'><!-- {} --></product>", "x".repeat(500));
    let document = feed(&[&delete("a"), &large, &delete("c")]);
    let read = |record_bytes_max| {
        let mut told = Told::default();
        let xml = crate::xml::Limits { record_bytes_max, ..crate::xml::Limits::default() };
        read_with(document.as_bytes(), FeedLimits { xml, ..FeedLimits::default() }, &mut told);
        told
    };
    assert_eq!(read(large.len()).ends[0].tally.refused, 0);
    let told = read(large.len() - 1);
    assert!(
        told.lines[2].ends_with(": refused, 0 bytes; error rule.record-size 5:1 /catalogue/product[2]"),
        "{:?}",
        told.lines
    );
    assert_eq!(told.lines.last().unwrap(), "end 3 = 2 + 1; passed, passed, failed; deviations");
    let sentence = &told.outcomes[1].findings[0].sentence;
    assert!(sentence.contains("raise `limits.record_bytes_max`"), "{sentence}");
}

#[test]
fn findings_before_the_header_is_complete_wait_up_to_a_limit() {
    let wrong: Vec<String> = (0..10_003).map(|number| format!("<n{number}/>")).collect();
    let document = format!("<catalogue xmlns='{CATALOGUE}' version='1.0'>{}</catalogue>", wrong.concat());
    let mut told = Told::default();
    let limits = FeedLimits { findings_max: usize::MAX, ..FeedLimits::default() };
    read_with(document.as_bytes(), limits, &mut told);
    assert_eq!(
        (told.findings.len() - 1, told.ends[0].tally.at(Severity::Error)),
        (9_999, 10_003),
        "one waits for the end of the root"
    );
}

#[test]
fn samples_are_bounded_and_counts_exact() {
    let wrong: Vec<String> = (0..10)
        .map(|number| format!("<product reference='{number}' notification='delete'><x/></product>"))
        .collect();
    let wrong: Vec<&str> = wrong.iter().map(String::as_str).collect();
    let kept = |limits| {
        let mut told = Told::default();
        read_with(feed(&wrong).as_bytes(), limits, &mut told);
        assert_eq!(told.ends[0].tally.at(Severity::Error), 10);
        assert_eq!(told.ends[0].tally.refused, 10);
        told.outcomes.iter().map(|outcome| outcome.findings.len()).sum::<usize>()
    };
    assert_eq!(kept(FeedLimits::default()), 10);
    assert_eq!(kept(FeedLimits { samples_max: 3, ..FeedLimits::default() }), 3);
    assert_eq!(kept(FeedLimits { findings_max: 4, ..FeedLimits::default() }), 4);
    assert_eq!(kept(FeedLimits { record_findings_max: 0, ..FeedLimits::default() }), 0);
}

#[test]
fn a_sink_may_stop_a_feed() {
    let records: Vec<String> = (0..5).map(|number| delete(&number.to_string())).collect();
    let records: Vec<&str> = records.iter().map(String::as_str).collect();
    let mut told = Told { outcomes_max: Some(2), ..Told::default() };
    read_with(feed(&records).as_bytes(), FeedLimits::default(), &mut told);
    assert_eq!(told.outcomes.len(), 2);
    assert_eq!(told.lines.last().unwrap(), "end 2 = 2 + 0; not done, not done, not done; cancelled");
    assert_eq!(told.ends[0].digest, None);
}

#[test]
fn an_input_that_fails_is_told_with_the_end_or_instead_of_a_start() {
    struct Failing<'a>(&'a [u8]);
    impl Read for Failing<'_> {
        fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() { Err(io::Error::other("gone")) } else { self.0.read(target) }
        }
    }
    impl FeedInput for Failing<'_> {}
    let read = |bytes: &[u8]| {
        let mut told = Told::default();
        let mut reader = FeedReader::new(FeedLimits::default(), StopFlag::default());
        let plans = Catalogue(plan());
        let read = reader.read(Failing(bytes), &"f".into(), &plans, &Progress::default(), &mut told);
        let told_at_end = told.ends.pop().and_then(|end| end.failure);
        let failure = read.err().map(|error| error.failure()).or(told_at_end).expect("it failed");
        assert_eq!(failure.causes, ["cannot read `f` to its end", "gone"]);
        told.lines
    };
    let whole = feed(&[&delete("a"), &delete("b")]);
    let lines = read(&whole.as_bytes()[..whole.len() - 30]);
    assert_eq!(lines.last().unwrap(), "end 1 = 1 + 0; not done, not done, not done; failed");
    assert_eq!(read(b"<cata"), Vec::<String>::new());
}

#[test]
fn a_reader_reads_one_feed_after_the_other_whatever_happened() {
    let good = sample("good.xml");
    let broken = &good[..good.len() / 2];
    let latin1 = feed(&[&delete("ä")]).replace("UTF-8", "ISO-8859-1");
    let latin1 = Encoding::Latin1.encode(&latin1);
    let plans = Catalogue(plan());
    let mut reader = FeedReader::new(FeedLimits::default(), StopFlag::default());
    for bytes in [&good[..], broken, &latin1, b"<x/>", &good, b"", &good] {
        let mut told = Told::default();
        reader.read(bytes, &"feed".into(), &plans, &Progress::default(), &mut told).unwrap();
        assert_eq!(told.lines, read(bytes).lines);
    }
}

/// Counts what it is shown: headers, accepted and refused records, and elements in them.
#[derive(Clone, Default)]
struct Counts(Arc<[AtomicU64; 4]>);

impl Counts {
    fn add(&self, number: usize, more: u64) {
        self.0[number].fetch_add(more, Ordering::Relaxed);
    }
}

impl RecordObserver for Counts {
    fn header(&mut self, header: &Header) {
        self.add(0, u64::from(header.sender.is_some()));
    }

    fn record(&mut self, record: &Record, judged: Judged) {
        self.add(if judged == Judged::Accepted { 1 } else { 2 }, 1);
        let root = record.root().expect("a record has its element");
        self.add(3, record.children(root).count() as u64);
    }
}

#[test]
fn observers_are_shown_what_was_cut_and_how_it_was_judged() {
    let counts = [Counts::default(), Counts::default()];
    let mut reader = FeedReader::new(FeedLimits::default(), StopFlag::default());
    for each in &counts {
        reader.observe(Box::new(each.clone()));
    }
    let mut tallies = [0; 4];
    let good = sample("good.xml");
    let cut_off = &good[..good.len() - 20];
    for bytes in [&good[..], &sample("faults/bad-gtin.xml"), b"<x/>", cut_off, &good] {
        let mut told = Told::default();
        reader.read(bytes, &"feed".into(), &Catalogue(plan()), &Progress::default(), &mut told).unwrap();
        let tally = &told.ends[0].tally;
        tallies[0] += u64::from(told.starts[0].sender.is_some());
        tallies[1] += tally.accepted;
        tallies[2] += tally.refused;
        let plain = read(bytes);
        assert_eq!(told.lines, plain.lines);
    }
    for each in &counts {
        let [header, accepted, refused, children] = &*each.0;
        let counted = [header, accepted, refused].map(|count| count.load(Ordering::Relaxed));
        assert_eq!(counted, tallies[..3]);
        assert!(children.load(Ordering::Relaxed) >= tallies[1] + tallies[2]);
    }
    assert!(tallies[0] > 3 && tallies[1] > 3 && tallies[2] > 0, "{tallies:?}");
}

fn product_files() -> Vec<FeedSource> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/catalogue");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder.join("products")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.push(folder.join("faults/cut-off.xml"));
    files.push(folder.join("good.xml"));
    files.push(folder.join("faults/unknown-root.xml"));
    files.push(folder.join("there-is-none.xml"));
    files.push(folder.join("products/be-1000.xml"));
    files.into_iter().map(FeedSource::file).collect()
}

/// Reads feeds on threads, and tells what comes.
fn run_feeds(feeds: Vec<FeedSource>, options: FeedsOptions, told: &mut Told) -> Advance {
    let progress = Arc::new(Progress::default());
    let mut readers =
        FeedReaders::start(feeds, Arc::new(Catalogue(plan())), options, Arc::clone(&progress)).unwrap();
    while let Some(events) = queue::waited(|task| readers.poll_next(task)) {
        for event in events {
            if told.take(event) == Flow::NextFeed {
                readers.next_feed();
            }
        }
    }
    progress.now()
}

#[test]
fn many_threads_tell_the_same_as_one() {
    let feeds = product_files();
    let tell = |threads| {
        let mut told = Told::default();
        let options = FeedsOptions { threads, ..FeedsOptions::default() };
        let progress = run_feeds(feeds.clone(), options, &mut told);
        assert_eq!(progress.feeds, feeds.len() as u64 - 1);
        assert_eq!(progress.records, told.outcomes.len() as u64);
        assert!(told.ends.iter().all(|end| end.digest.is_some() == end.verdict.is_whole()));
        told.lines
    };
    let one = tell(1);
    assert!(
        one.iter().any(|line| line == "failed there-is-none.xml: cannot open `there-is-none.xml`"),
        "{one:?}"
    );
    for threads in [2, 3, 8] {
        assert_eq!(tell(threads), one);
    }
}

/// Large feeds between small ones, by fewer threads than feeds and by more.
#[test]
fn threads_share_large_feeds() {
    let folder = tempfile::tempdir().unwrap();
    let good = String::from_utf8(sample("good.xml")).unwrap();
    let (head, rest) = good.split_at(good.find("<product").unwrap());
    let (products, foot) = rest.split_at(rest.rfind("</catalogue>").unwrap());
    let mut feeds = product_files();
    feeds.truncate(3);
    for (name, times) in [("a.xml", 24), ("b.xml", 16)] {
        let numbered = |number| products.replace("reference=\"de", &format!("reference=\"{number}"));
        let products: String = (0..times).map(numbered).collect();
        std::fs::write(folder.path().join(name), format!("{head}{products}{foot}")).unwrap();
        feeds.push(FeedSource::file(folder.path().join(name)));
    }
    let tell = |threads| {
        let mut told = Told::default();
        let options = FeedsOptions { threads, ..FeedsOptions::default() };
        run_feeds(feeds.clone(), options, &mut told);
        (
            told.lines,
            told.outcomes.into_iter().map(|each| format!("{:?}", Outcome { lapse: None, ..each })).collect(),
        )
    };
    let one: (Vec<String>, Vec<String>) = tell(1);
    for threads in [2, 8] {
        let many = tell(threads);
        assert!(many == one, "{threads} threads tell something else");
    }
}

/// Adds to a file when the feed in it begins.
struct Writer<'a> {
    path: &'a Path,
    more: &'a [u8],
    told: Told,
}

impl EventSink for Writer<'_> {
    fn take(&mut self, event: FeedEvent) -> Flow {
        if matches!(event, FeedEvent::Start(_)) {
            let mut file = std::fs::OpenOptions::new().append(true).open(self.path).unwrap();
            io::Write::write_all(&mut file, self.more).unwrap();
        }
        self.told.take(event)
    }
}

/// What becomes of a feed that somebody adds to while it is read.
#[track_caller]
fn written_on(name: &str, bytes: &[u8], more: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let mut sink = Writer { path: &path, more, told: Told::default() };
    let feed = FeedSource::file(path.clone());
    let input = Input::open(&feed, &InputLimits::default(), Digesting::WhileReading).unwrap();
    let mut reader = FeedReader::new(FeedLimits::default(), StopFlag::default());
    reader.read(input, &name.into(), &Catalogue(plan()), &Progress::default(), &mut sink).unwrap();
    let end = &sink.told.ends[0];
    let failure = end.failure.as_ref().map(|failure| (failure.kind, failure.one_line()));
    let (kind, sentence) = failure.expect("it failed");
    assert_eq!((kind, end.acceptance), ("unsettled", Acceptance::Failed), "{sentence}");
    assert!(sentence.contains("it is still being written: it changed while it was read"), "{sentence}");
    assert!(end.digest.is_none() && !end.verdict.is_whole(), "nothing of it may be applied");
}

#[test]
fn a_feed_that_somebody_is_writing_is_told_as_that_and_not_blamed() {
    let good = sample("good.xml");
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    io::Write::write_all(&mut packed, &good).unwrap();
    let packed = packed.finish().unwrap();
    let half = &good[..good.len() / 2];
    written_on("whole.xml", &good, b"\n");
    written_on("half.xml", half, &good[good.len() / 2..]);
    written_on("broken.xml", &[half, b"<oops/></oops>"].concat(), b"\n");
    written_on("packed.xml.gz", &packed[..packed.len() - 9], &packed[packed.len() - 9..]);
    let mut archive = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    archive.start_file("a.xml", zip::write::SimpleFileOptions::default()).unwrap();
    io::Write::write_all(&mut archive, &good).unwrap();
    written_on("a.zip", &archive.finish().unwrap().into_inner(), b"\n");
}

#[test]
fn a_raised_flag_ends_all_feeds() {
    let feeds = product_files();
    let options = FeedsOptions { threads: 2, ..FeedsOptions::default() };
    options.stop.raise();
    let mut told = Told::default();
    run_feeds(feeds, options, &mut told);
    assert!(told.lines.is_empty(), "{:?}", told.lines);
}

#[test]
fn a_sink_that_stops_one_feed_hears_of_the_next() {
    let feeds = vec![product_files().swap_remove(0); 3];
    let mut told = Told { outcomes_max: Some(1), ..Told::default() };
    let options = FeedsOptions { threads: 2, ..FeedsOptions::default() };
    run_feeds(feeds, options, &mut told);
    assert_eq!((told.starts.len(), told.ends.len()), (3, 3));
    // One was asked for of each; what was on its way with it is told too.
    assert!(
        told.outcomes.len() >= 3 && told.ends.iter().all(|end| end.tally.records >= 1),
        "{:?}",
        told.lines
    );
}

#[test]
fn a_record_alone_is_judged_as_in_its_feed() {
    let plan = plan();
    for bytes in [sample("good.xml"), sample("faults/bad-gtin.xml"), sample("faults/missing-element.xml")] {
        let told = read(&bytes);
        let context = &told.starts[0].context;
        for in_feed in &told.outcomes {
            let index = |at: u64| usize::try_from(at).unwrap();
            let record = &bytes[index(in_feed.place.byte.0)..index(in_feed.end.0)];
            let alone = judge_record(record, context, &plan, &FeedLimits::default()).unwrap();
            assert_eq!(format!("{:?}", alone.result), format!("{:?}", in_feed.result));
            assert_eq!((alone.key.as_ref(), alone.place.byte.0), (in_feed.key.as_ref(), 0));
            assert_eq!((alone.place.line, alone.end.0), (1, record.len() as u64));
            let codes = |outcome: &Outcome| outcome.findings.iter().map(|f| f.code).collect::<Vec<_>>();
            assert_eq!(codes(&alone), codes(in_feed));
        }
    }
}

#[test]
fn a_record_alone_is_read_in_its_encoding() {
    let context = RecordContext {
        encoding: "UTF-16BE".to_owned(),
        root: "c:catalogue".to_owned(),
        bindings: vec![("c".to_owned(), CATALOGUE.to_owned())],
        ..RecordContext::default()
    };
    let record = Encoding::Utf16Be.encode("<c:product reference='a' notification='delete'/>").into_owned();
    let judge = |record: &[u8]| judge_record(record, &context, &plan(), &FeedLimits::default());
    let outcome = judge(&record).unwrap();
    assert_eq!(outcome.key.unwrap().as_str(), "a");
    assert!(matches!(outcome.result, RecordResult::Accepted(Action::Withdraw)), "{:?}", outcome.findings);
    let broken = judge(&record[..20]).unwrap_err().to_string();
    assert!(broken.starts_with("the bytes are no record of the format: "), "{broken}");
}

/// What everybody is told of a feed, whoever takes products.
#[derive(Default)]
struct Judgements(Vec<String>);

impl EventSink for Judgements {
    fn take(&mut self, event: FeedEvent) -> Flow {
        let line = match event {
            FeedEvent::Outcome(outcome) if !outcome.is_refused() && outcome.findings.is_empty() => {
                return Flow::Continue;
            }
            FeedEvent::Outcome(Outcome { ordinal, key, changed, place, end, result, findings, .. }) => {
                let refused = result == RecordResult::Refused;
                format!("{ordinal:?} {key:?} {changed:?} {place} {end:?} {refused} {findings:?}")
            }
            FeedEvent::Finding(finding) => format!("{finding:?}"),
            FeedEvent::End(FeedEnd { verdict, acceptance, tally, failure, .. }) => {
                format!("{verdict:?} {acceptance:?} {tally:?} {failure:?}")
            }
            FeedEvent::Start(start) => format!("{:?} {:?}", start.sender, start.context),
            FeedEvent::Failed(feed, failure) => format!("{feed} {failure:?}"),
        };
        self.0.push(line);
        Flow::Continue
    }
}

/// Reads a feed with readers of products and without, and gives back what was told, which is the same.
#[track_caller]
fn judged_both_ways(readers: &mut [FeedReader; 2], bytes: &[u8]) -> Vec<String> {
    let [wanted, unread] = readers.each_mut().map(|reader| {
        let mut told = Judgements::default();
        let read = reader.read(bytes, &"feed".into(), &Catalogue(plan()), &Progress::default(), &mut told);
        told.0.extend(read.err().map(|error| error.to_string()));
        told.0
    });
    assert_eq!(wanted, unread, "{}", String::from_utf8_lossy(bytes));
    wanted
}

#[test]
fn without_readers_of_products_the_same_is_found() {
    let reader =
        |products| FeedReader::new(FeedLimits::default(), StopFlag::default()).with_products(products);
    let mut readers = [Products::Wanted, Products::Unread].map(reader);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/catalogue");
    let mut files = vec![folder.join("good.xml")];
    files.extend(std::fs::read_dir(folder.join("faults")).unwrap().map(|entry| entry.unwrap().path()));
    let mut kinds = std::collections::BTreeSet::new();
    let mut seed = 7_u64;
    for file in files.iter().filter(|path| path.is_file()) {
        let bytes = std::fs::read(file).unwrap();
        let mut draw = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(seed >> 33).unwrap() % below.max(1)
        };
        kinds.extend(judged_both_ways(&mut readers, &bytes));
        for _ in 0..20 {
            // A stretch is taken out, doubled, or written over.
            let (from, length) = (draw(bytes.len()), 1 + draw(40));
            let to = (from + length).min(bytes.len());
            let part = match draw(3) {
                0 => Vec::new(),
                1 => [&bytes[from..to], &bytes[from..to]].concat(),
                _ => vec![b"0-9,5. Zx"[draw(9)]; to - from],
            };
            kinds.extend(judged_both_ways(&mut readers, &[&bytes[..from], &part, &bytes[to..]].concat()));
        }
    }
    assert!(kinds.len() > 200, "{}", kinds.len());
}

#[test]
fn feeds_whose_products_nobody_takes_do_not_wait_for_each_other() {
    let feeds: Vec<FeedSource> = product_files();
    let mut told = Told::default();
    let options = FeedsOptions { products: Products::Unread, ..FeedsOptions::default() };
    let progress = run_feeds(feeds, options, &mut told);
    // Records are counted all the same.
    assert!(progress.records > told.outcomes.len() as u64, "{progress:?}");
    let counted: u64 = told.ends.iter().map(|end| end.tally.records).sum();
    assert_eq!(progress.records, counted);
}

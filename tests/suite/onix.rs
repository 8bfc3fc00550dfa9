//! ONIX end to end: the program, the official schema, feeds with known deviations, both databases.
//!
//! The schema documents and the feed generator stand beside the repository in `../shared`; without
//! them, or without `python3`, these tests say that they are left out.

use crate::support::database::{TestDatabase, on_each, sqlite};
use feedgate::config::DatabaseKind;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Products of the generated feed, and the share of them with a deviation.
const PRODUCTS: usize = 3_000;
const RATE: &str = "0.1";

fn shared() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared")
}

/// The official schemas, installed into a folder of the test's own.
struct Onix {
    folder: tempfile::TempDir,
}

impl Onix {
    /// `None`, said aloud, when something is not there.
    fn installed() -> Option<Self> {
        let python = Command::new("python3").arg("--version").output().is_ok();
        if !python || !shared().join("onix/3.0").is_dir() || !shared().join("bench/gen_onix.py").is_file() {
            eprintln!("SKIPPED: ONIX end to end; needs python3, ../shared/onix and ../shared/bench");
            return None;
        }
        let onix = Self { folder: tempfile::tempdir().expect("a folder for a test") };
        for version in ["3.0", "3.1"] {
            let package = shared().join("onix").join(version);
            let output = onix.feedgate(&["schema", "install", &format!("onix/{version}"), text(&package)]);
            assert_eq!(output.status.code(), Some(0), "{}", shown(&output));
        }
        Some(onix)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn feedgate(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_feedgate"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env("FEEDGATE_SCHEMAS", self.path("schemas"))
            .output()
            .expect("the program starts")
    }

    /// Imports feeds into a database; exit status and the JSON report, line by line.
    fn import(&self, database: &TestDatabase, feeds: &[&Path]) -> (i32, Vec<Value>) {
        let mut arguments = vec!["import", "--database", database.url.secret(), "--report", "json"];
        arguments.extend(feeds.iter().map(|feed| text(feed)));
        let output = self.feedgate(&arguments);
        let report = String::from_utf8_lossy(&output.stdout);
        let lines = report.lines().map(|line| serde_json::from_str(line).expect("the report is JSON lines"));
        (output.status.code().unwrap_or_else(|| panic!("{}", shown(&output))), lines.collect())
    }

    /// Writes a feed with the shared generator.
    fn generate(&self, name: &str, arguments: &[&str]) -> PathBuf {
        let path = self.path(name);
        let status = Command::new("python3")
            .arg(shared().join("bench/gen_onix.py"))
            .args(["-o", text(&path)])
            .args(arguments)
            .stderr(std::process::Stdio::null())
            .status()
            .expect("python3 starts");
        assert!(status.success(), "the generator failed");
        path
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("paths of tests are UTF-8")
}

fn shown(output: &Output) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn of_type<'a>(report: &'a [Value], kind: &str) -> Vec<&'a Value> {
    report.iter().filter(|line| line["type"] == kind).collect()
}

/// A deviation the generator put into the feed.
#[derive(Debug)]
struct Injected {
    reference: String,
    kind: String,
    line: u64,
    first_line: u64,
    last_line: u64,
}

fn manifest(path: &Path) -> Vec<Injected> {
    let text = fs::read_to_string(path).expect("the generator wrote a manifest");
    text.lines()
        .map(|line| {
            let row: Value = serde_json::from_str(line).expect("the manifest is JSON lines");
            let number = |name: &str| row[name].as_u64().expect("a number");
            let word = |name: &str| row[name].as_str().expect("a word").to_owned();
            Injected {
                reference: word("ref"),
                kind: word("kind"),
                line: number("line"),
                first_line: number("first_line"),
                last_line: number("last_line"),
            }
        })
        .collect()
}

/// What each kind of deviation has to be found as.
fn code_of(kind: &str) -> &'static [&'static str] {
    match kind {
        "missing_mandatory" | "unknown_element" | "wrong_order" => {
            &["cvc-complex-type.2.4.a", "cvc-complex-type.2.4.d"]
        }
        "bad_code" => &["cvc-enumeration-valid"],
        "bad_datestamp" => &["cvc-datatype-valid.1.2.3"],
        "duplicate_ref" => &["cvc-identity-constraint.4.1"],
        "empty_price" => &["cvc-datatype-valid.1.2.1"],
        "bad_date" => &["rule.date"],
        "bad_gtin" => &["rule.gtin", "rule.ismn", "rule.isbn"],
        other => panic!("the generator has a new kind: {other}"),
    }
}

/// Every injected deviation is found in its record, at its line, once; nothing else is.
fn findings_are_those_injected(report: &[Value], injected: &[Injected]) {
    let findings = of_type(report, "finding");
    let mut left: BTreeSet<usize> = (0..findings.len()).collect();
    for each in injected {
        let own: Vec<usize> = (0..findings.len())
            .filter(|&index| {
                let line = findings[index]["line"].as_u64().expect("a line");
                (each.first_line..=each.last_line).contains(&line)
            })
            .collect();
        let [only] = own.as_slice() else { panic!("{each:?} gives {} findings", own.len()) };
        let finding = findings[*only];
        assert!(finding["line"].as_u64().expect("a line").abs_diff(each.line) <= 1, "{each:?}: {finding}");
        assert!(
            code_of(&each.kind).contains(&finding["code"].as_str().expect("a code")),
            "{each:?}: {finding}"
        );
        left.remove(only);
    }
    assert_eq!(
        left.len(),
        0,
        "found and not injected: {}",
        left.iter().map(|&i| findings[i].to_string()).collect::<String>()
    );
}

fn source_lines(feed: &Path) -> Vec<String> {
    fs::read_to_string(feed).expect("the feed is UTF-8").split_inclusive('\n').map(str::to_owned).collect()
}

fn as_hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes everything");
        hex
    })
}

#[test]
fn a_feed_with_known_deviations_is_taken_apart_exactly() {
    let Some(onix) = Onix::installed() else { return };
    let count = PRODUCTS.to_string();
    let rows = onix.path("deviations.jsonl");
    let feed = onix.generate("deviations.xml", &["-n", &count, "--rate", RATE, "--manifest", text(&rows)]);
    let injected = manifest(&rows);
    assert!(injected.len() > PRODUCTS / 20, "the generator made too few deviations");
    let lines = source_lines(&feed);
    on_each(async |database| {
        let (status, report) = onix.import(database, &[&feed]);
        assert_eq!(status, 1);
        findings_are_those_injected(&report, &injected);
        agree(database, &report, &injected).await;
        quarantined_bytes(database, &injected, &lines).await;
    });
}

/// Counts of report, run row and tables are the same.
async fn agree(database: &TestDatabase, report: &[Value], injected: &[Injected]) {
    let refused = i64::try_from(injected.len()).expect("a small number");
    let total = i64::try_from(PRODUCTS).expect("a small number");
    let summary = of_type(report, "summary")[0];
    assert_eq!(summary["records"], total);
    assert_eq!(summary["refused"], refused);
    assert_eq!(summary["accepted"], total - refused);
    assert_eq!(summary["exit_status"], 1);
    assert_eq!(summary["import"]["imported"], total - refused);
    assert_eq!(of_type(report, "record").len(), injected.len());
    assert_eq!(database.number("select count(*) from product").await, total - refused);
    assert_eq!(database.number("select count(*) from quarantine where state = 'open'").await, refused);
    assert_eq!(database.number("select records from run").await, total);
    assert_eq!(database.number("select refused from run").await, refused);
    assert_eq!(database.number("select inserted from run").await, total - refused);
    assert_eq!(database.number("select errors from run").await, refused);
    assert_eq!(database.number("select exit_status from run").await, 1);
    assert_eq!(database.texts("select state from run").await, ["deviations"]);
    let references: BTreeSet<String> =
        database.texts("select record_reference from product").await.into_iter().collect();
    for each in injected.iter().filter(|each| each.kind != "duplicate_ref") {
        assert!(!references.contains(&each.reference), "{each:?} was imported");
    }
}

/// Each refused record is in quarantine byte for byte.
async fn quarantined_bytes(database: &TestDatabase, injected: &[Injected], lines: &[String]) {
    let hex = match database.kind() {
        DatabaseKind::Postgres => "encode(bytes, 'hex')",
        DatabaseKind::Sqlite => "lower(hex(bytes))",
    };
    let rows =
        database.texts(&format!("select cast(line_number as text) || ' ' || {hex} from quarantine")).await;
    let kept: BTreeMap<u64, String> = rows
        .iter()
        .map(|row| {
            let (line, bytes) = row.split_once(' ').expect("`LINE HEX`");
            (line.parse().expect("a line"), bytes.to_owned())
        })
        .collect();
    assert_eq!(kept.len(), injected.len());
    for each in injected {
        let from = usize::try_from(each.first_line - 1).expect("a line");
        let to = usize::try_from(each.last_line).expect("a line");
        let source = lines[from..to].concat();
        assert_eq!(kept[&each.first_line], as_hex(source.trim_end().as_bytes()), "{each:?}");
    }
}

#[test]
fn the_same_products_in_another_order_write_nothing() {
    let Some(onix) = Onix::installed() else { return };
    let feed = onix.generate("clean.xml", &["-n", "400"]);
    let whole = fs::read_to_string(&feed).expect("the feed is UTF-8");
    let (head, rest) = whole.split_at(whole.find("<Product ").expect("there are products"));
    let mut products: Vec<&str> = rest.split_inclusive("</Product>\n").collect();
    let tail = products.pop().expect("the end of the message");
    products.reverse();
    let other = onix.path("reversed.xml");
    fs::write(&other, format!("{head}{}{tail}", products.concat())).expect("written");
    on_each(async |database| {
        let (status, _) = onix.import(database, &[&feed]);
        assert_eq!(status, 0);
        let before = database.shop().await;
        let changed = "select count(*) from product where last_changed_run > 1";
        let (status, report) = onix.import(database, &[&other]);
        assert_eq!(status, 0);
        let summary = of_type(&report, "summary")[0];
        assert_eq!(
            (&summary["import"]["imported"], &summary["import"]["unchanged"]),
            (&0.into(), &400.into())
        );
        assert_eq!(database.number(changed).await, 0);
        assert_eq!(database.shop().await, before);
        // The very same feed again is recognised.
        let (status, report) = onix.import(database, &[&other]);
        assert_eq!(status, 0);
        assert_eq!(of_type(&report, "summary")[0]["import"]["feeds_known"], 1);
    });
}

#[test]
fn a_feed_cut_at_any_byte_changes_nothing() {
    let Some(onix) = Onix::installed() else { return };
    let feed = onix.generate("small.xml", &["-n", "3"]);
    let whole = fs::read(&feed).expect("the feed can be read");
    let database = sqlite();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let last = whole.len() - "</ONIXMessage>\n".len();
    // Primes step over the feed without a rhythm; the last places are inside the last end tag.
    let cuts = (1..whole.len() - 1).step_by(whole.len() / 37).chain(last..whole.len() - 2);
    let cut = onix.path("cut.xml");
    for at in cuts {
        fs::write(&cut, &whole[..at]).expect("written");
        let (status, _) = onix.import(&database, &[&cut]);
        assert!(status == 1 || status == 2, "cut at {at}: exit status {status}");
        let rows = "select (select count(*) from product) + (select count(*) from quarantine)";
        assert_eq!(runtime.block_on(database.number(rows)), 0, "cut at {at}");
    }
}

#[test]
fn official_samples_are_judged_as_xmllint_judges_them() {
    let Some(onix) = Onix::installed() else { return };
    let mut samples: Vec<PathBuf> = fs::read_dir(shared().join("onix/samples"))
        .expect("the samples can be listed")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "xml"))
        .collect();
    samples.sort();
    assert!(samples.len() >= 10, "samples are missing");
    for sample in samples {
        let name = sample.file_name().and_then(|name| name.to_str()).expect("a name");
        let expected = i32::from(name.starts_with("invalid_"));
        let output = onix.feedgate(&["validate", "--report", "lines", text(&sample)]);
        assert_eq!(output.status.code(), Some(expected), "{name}\n{}", shown(&output));
        if fs::read_to_string(&sample).expect("readable").contains("xmlns=") {
            xmllint_agrees(&sample, expected == 0);
        }
    }
}

/// The other validator says the same, where it is installed.
fn xmllint_agrees(sample: &Path, accepted: bool) {
    let source = fs::read_to_string(sample).expect("readable");
    let release = if source.contains("/3.1/") { "3.1" } else { "3.0" };
    let names = if source.contains("/short") { "short" } else { "reference" };
    let schema = shared().join(format!("onix/{release}/ONIX_BookProduct_{release}_{names}.xsd"));
    let Ok(output) =
        Command::new("xmllint").args(["--noout", "--schema", text(&schema), text(sample)]).output()
    else {
        eprintln!("SKIPPED: comparison with xmllint, it is not installed");
        return;
    };
    assert_eq!(output.status.success(), accepted, "{}\n{}", sample.display(), shown(&output));
}

/// Documents of one product in which one or two leaf elements are left out, doubled, swapped,
/// renamed or given another text.
fn mutations(whole: &str, count: usize) -> Vec<String> {
    let (head, rest) = whole.split_at(whole.find("<Product ").expect("there are products"));
    let products: Vec<&str> =
        rest.split_inclusive("</Product>\n").filter(|part| part.contains("</Product>")).collect();
    let mut dice = Dice(1);
    (0..count)
        .map(|number| {
            let mut lines: Vec<String> =
                products[number % products.len()].split_inclusive('\n').map(str::to_owned).collect();
            for _ in 0..=dice.below(4) / 3 {
                mutate(&mut lines, &mut dice);
            }
            format!("{head}{}</ONIXMessage>\n", lines.concat())
        })
        .collect()
}

fn mutate(lines: &mut Vec<String>, dice: &mut Dice) {
    let leaf = |line: &String| {
        line.contains("</") && line.trim_start().starts_with('<') && line.matches('<').count() == 2
    };
    let leaves: Vec<usize> = (0..lines.len()).filter(|&index| leaf(&lines[index])).collect();
    let (one, other) = (leaves[dice.below(leaves.len())], leaves[dice.below(leaves.len())]);
    let parts = |line: &str| -> (String, String) {
        let name: String = line.trim_start()[1..].chars().take_while(char::is_ascii_alphanumeric).collect();
        let text =
            line.split_once('>').and_then(|(_, rest)| rest.split_once('<')).map_or("", |(text, _)| text);
        (name, text.to_owned())
    };
    let (name, text) = parts(&lines[one]);
    let texts = ["", " ", "x", "12", "-3", "12.5", "20261301", "99", "ZZ", "EUR", "ger", " 03 "];
    match dice.below(5) {
        0 => drop(lines.remove(one)),
        1 => lines.insert(one, lines[one].clone()),
        2 => lines.swap(one, other),
        3 => lines[one] = lines[one].replace(&format!("{name}>"), &format!("{}>", parts(&lines[other]).0)),
        _ if !text.is_empty() => {
            lines[one] =
                lines[one].replace(&format!(">{text}<"), &format!(">{}<", texts[dice.below(texts.len())]));
        }
        _ => {}
    }
}

/// The same numbers every time (a linear congruential generator).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % bound
    }
}

#[test]
fn mutated_products_are_judged_as_xmllint_judges_them() {
    let Some(onix) = Onix::installed() else { return };
    if Command::new("xmllint").arg("--version").output().is_err() {
        eprintln!("SKIPPED: mutations against xmllint, it is not installed");
        return;
    }
    let feed = onix.generate("source.xml", &["-n", "40"]);
    let folder = onix.path("mutations");
    fs::create_dir(&folder).expect("made");
    let documents = mutations(&fs::read_to_string(&feed).expect("the feed is UTF-8"), 400);
    let files: Vec<PathBuf> =
        (0..documents.len()).map(|number| folder.join(format!("{number:03}.xml"))).collect();
    for (file, document) in files.iter().zip(&documents) {
        fs::write(file, document).expect("written");
    }
    let schema = shared().join("onix/3.0/ONIX_BookProduct_3.0_reference.xsd");
    let other = Command::new("xmllint")
        .args(["--noout", "--schema", text(&schema)])
        .args(&files)
        .output()
        .expect("xmllint starts");
    let other = String::from_utf8_lossy(&other.stderr).into_owned();
    let valid: BTreeSet<&str> = other.lines().filter_map(|line| line.strip_suffix(" validates")).collect();
    let ours = onix.feedgate(&["validate", "--schema", text(&schema), "--report", "json", text(&folder)]);
    let mut judged = 0;
    for line in String::from_utf8_lossy(&ours.stdout).lines() {
        let line: Value = serde_json::from_str(line).expect("the report is JSON lines");
        if line["type"] == "feed_end" {
            let name = line["feed"].as_str().expect("a name");
            assert_eq!(line["exit_status"] == 0, valid.contains(name), "{name}");
            judged += 1;
        }
    }
    assert_eq!(judged, documents.len());
    assert!(valid.len() > 20 && valid.len() < 380, "{} of {judged} are valid", valid.len());
}

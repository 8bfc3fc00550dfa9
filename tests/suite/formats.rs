//! The formats of `schemas/`: every profile loads, finds its feeds and maps them.
//!
//! Reads ONIX samples and the generator from `../shared` where they are; says so where they are not.

use feedgate::feed::{CutStep, Cutter, FeedProfile, RecordLimits, detect};
use feedgate::judgement::Action;
use feedgate::map::{Mapped, Mapper};
use feedgate::xml::{Cursor, Limits, Offset, XmlError};
use feedgate::xsd::{Assembler, Deviation, DeviationBuffer, Validator};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder or file beside the project, if it is there.
fn shared(path: &str) -> Option<PathBuf> {
    let path = root().join("../shared").join(path);
    let found = path.exists();
    if !found {
        eprintln!("SKIPPED: `../shared` is not at hand");
    }
    found.then_some(path)
}

fn profile(format: &str) -> Arc<FeedProfile> {
    let origin = format!("schemas/{format}/profile.toml");
    let text = fs::read_to_string(root().join(&origin)).expect("the format is there");
    Arc::new(FeedProfile::parse(&text, &origin).unwrap_or_else(|error| {
        let reason = std::error::Error::source(&error).map(ToString::to_string);
        panic!("{error}: {}", reason.unwrap_or_default())
    }))
}

fn profiles() -> Vec<Arc<FeedProfile>> {
    ["catalogue/1.0", "onix/3.0", "onix/3.1"].map(profile).into()
}

/// A record of a feed and where its faults are.
struct Judged {
    mapped: Mapped,
    lines: Vec<u64>,
}

/// A feed that is read no further: the code and the line of the reason.
type Broken = (&'static str, u64);

/// Detects, cuts and maps a feed.
fn judge(path: &Path) -> (String, Vec<Judged>) {
    try_judge(path).unwrap_or_else(|broken| panic!("{}: {broken:?}", path.display()))
}

fn try_judge(path: &Path) -> Result<(String, Vec<Judged>), Broken> {
    let bytes = fs::read(path).expect("the feed can be read");
    let broken = |error: XmlError| (error.code(), error.place.line);
    let mut cursor = Cursor::new(bytes.as_slice(), Limits::default());
    let tag = cursor.peek_root().map_err(broken)?;
    let found = detect(&profiles(), &tag).map_err(|error| (error.code(), tag.place.line))?;
    let mut cutter = Cutter::new(Arc::clone(&found.profile), RecordLimits::default());
    let rules = Mapper::new(Arc::clone(&found.profile));
    let mut judged = Vec::new();
    while let Some(mut block) = cursor.block().map_err(broken)? {
        while let Some(event) = block.next().map_err(broken)? {
            if cutter.event(&event) != CutStep::RecordEnd {
                continue;
            }
            let mapped = rules.map(cutter.record(), cutter.header());
            let lines = mapped.faults.iter().map(|fault| line_of(&bytes, fault.at)).collect();
            judged.push(Judged { mapped, lines });
        }
    }
    Ok((found.profile.id(), judged))
}

/// Line of an offset in a UTF-8 file; a byte order mark is not part of the stream.
fn line_of(bytes: &[u8], at: Offset) -> u64 {
    let start = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let end = usize::try_from(at.0).expect("a test file is small") + start;
    bytes[..end].split(|byte| *byte == b'\n').count() as u64
}

#[test]
fn every_word_of_the_onix_profiles_is_an_element_of_the_schema() {
    let Some(onix) = shared("onix") else { return };
    for version in ["3.0", "3.1"] {
        let read = |kind: &str| {
            let file = onix.join(version).join(format!("ONIX_BookProduct_{version}_{kind}.xsd"));
            fs::read_to_string(file).expect("the schema document can be read")
        };
        let schemas = read("reference") + &read("short");
        for name in profile(&format!("onix/{version}")).vocabulary().names() {
            let declared = format!("<xs:element name=\"{name}\"");
            assert!(schemas.contains(&declared), "`{name}` is no element of ONIX {version}");
        }
    }
}

#[test]
fn short_tags_are_those_of_the_schema() {
    let Some(onix) = shared("onix") else { return };
    for version in ["3.0", "3.1"] {
        let file = onix.join(version).join(format!("ONIX_BookProduct_{version}_reference.xsd"));
        let schema = fs::read_to_string(file).expect("the schema document can be read");
        let profile = profile(&format!("onix/{version}"));
        let words = profile.vocabulary();
        for declaration in schema.split("<xs:element name=\"").skip(1) {
            let reference = declaration.split('"').next().unwrap_or_default();
            let short = declaration.split_once("name=\"shortname\"").map_or("", |(_, rest)| rest);
            let short = short.split_once("enumeration value=\"").map_or("", |(_, rest)| rest);
            let short = short.split('"').next().unwrap_or_default();
            if words.get(reference).is_some() {
                assert_eq!(
                    words.get(reference),
                    words.get(short),
                    "`{reference}` is `{short}` in ONIX {version}"
                );
            }
        }
    }
}

#[test]
fn samples_that_are_valid_are_mapped_without_error() {
    let Some(samples) = shared("onix/samples") else { return };
    let mut seen = 0;
    for entry in fs::read_dir(samples).expect("the folder can be read") {
        let path = entry.expect("an entry can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with("invalid_") {
            continue;
        }
        let (format, judged) = judge(&path);
        assert_eq!(format, if name.contains("31") { "onix/3.1" } else { "onix/3.0" }, "{name}");
        assert_eq!(judged.len(), 1, "{name}");
        let mapped = &judged[0].mapped;
        assert!(mapped.action.is_some() && mapped.key.is_some(), "{name}: {mapped:?}");
        seen += 1;
    }
    assert!(seen >= 8, "{seen} samples");
}

#[test]
fn one_book_in_short_tags_is_the_same_product() {
    let Some(samples) = shared("onix/samples") else { return };
    let product = |name: &str| match judge(&samples.join(name)).1.remove(0).mapped.action {
        Some(Action::Upsert(product, fingerprint)) => (product, fingerprint),
        other => panic!("{name}: {other:?}"),
    };
    let (long, short) = (product("single-book-onix3.xml"), product("single-book-onix3-short.xml"));
    assert_eq!(long, short);
    assert_eq!(long.0.title, "Roseanna");
    let names: Vec<_> = long.0.contributors.iter().map(|each| each.name.as_str()).collect();
    assert_eq!(names, ["Maj Sjöwall", "Per Wahlöö", "Lois Roth", "Henning Mankell"]);
    assert_eq!((long.0.pages, long.0.prices.len(), long.0.related.len()), (Some(245), 3, 4));
    assert_eq!(long.0.series[0].title, "The Martin Beck series");
    assert_eq!(long.0.publication_date.as_deref(), Some("2006-08-07"));
}

/// Runs the generator of ONIX feeds; gives the feed and its manifest.
fn generate(folder: &Path, count: u32, rate: &str) -> Option<(PathBuf, Vec<serde_json::Value>)> {
    let generator = shared("bench/gen_onix.py")?;
    let (feed, manifest) = (folder.join("feed.xml"), folder.join("manifest.jsonl"));
    let status = Command::new("python3")
        .arg(generator)
        .args(["-n", &count.to_string(), "--rate", rate, "--kinds", "bad_date,bad_gtin"])
        .arg("-o")
        .arg(&feed)
        .arg("--manifest")
        .arg(&manifest)
        .status();
    if !status.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: python3 is not at hand");
        return None;
    }
    let manifest = fs::read_to_string(manifest).expect("the manifest is written");
    let entries = manifest.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    Some((feed, entries))
}

#[test]
fn a_clean_generated_feed_has_no_fault() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let Some((feed, _)) = generate(folder.path(), 500, "0") else { return };
    let (_, judged) = judge(&feed);
    assert_eq!(judged.len(), 500);
    for each in &judged {
        assert_eq!(each.mapped.faults, []);
        assert!(matches!(each.mapped.action, Some(Action::Upsert(..))));
    }
}

#[test]
fn bad_dates_and_numbers_are_found_where_they_are() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let Some((feed, manifest)) = generate(folder.path(), 1000, "0.1") else { return };
    let (_, judged) = judge(&feed);
    let mut found = Vec::new();
    for (index, each) in judged.iter().enumerate() {
        for (fault, line) in each.mapped.faults.iter().zip(&each.lines) {
            found.push((index as u64, fault.rule.code(), *line));
        }
        assert_eq!(each.mapped.action.is_none(), !each.mapped.faults.is_empty());
    }
    let expected: Vec<_> = manifest
        .iter()
        .map(|entry| {
            let rule = if entry["kind"] == "bad_gtin" { "rule.gtin" } else { "rule.date" };
            (entry["index"].as_u64().unwrap_or_default(), rule, entry["line"].as_u64().unwrap_or_default())
        })
        .collect();
    assert!(expected.len() > 50, "{} deviations", expected.len());
    assert_eq!(found, expected);
}

fn samples() -> PathBuf {
    root().join("samples/catalogue")
}

/// Every file of a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder can be read");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry can be read").path()).collect();
    files.sort();
    files
}

#[test]
fn the_good_catalogue_is_good() {
    let (format, judged) = judge(&samples().join("good.xml"));
    assert_eq!((format.as_str(), judged.len()), ("catalogue/1.0", 51));
    for each in &judged {
        assert_eq!(each.mapped.faults, []);
    }
    assert_eq!(judged[50].mapped.action, Some(Action::Withdraw));
    let Some(Action::Upsert(product, _)) = &judged[0].mapped.action else { panic!("a product") };
    assert_eq!(product.reference.as_str(), "de.musikverlag-beispiel.be-1000");
    let numbers: Vec<_> = product.identifiers.iter().map(|number| number.value.as_str()).collect();
    assert_eq!(numbers, ["BE 1000", "9790110010006", "9790110010006"]);
    assert_eq!(product.measurements.height_mm, Some(305.into()));
    assert_eq!(product.prices[0].territory.as_deref(), Some("DE AT"));
    assert_eq!(product.prices[0].currency, "EUR");
    let text =
        "<p><strong>Sonate B-Dur</strong> von Johann Sebastian Bach in einer Ausgabe nach dem Erstdruck.</p>";
    assert!(product.texts[0].text.starts_with(text), "{}", product.texts[0].text);
    assert!(product.texts[0].text.contains("Fingersätzen &amp; Vorwort"));
}

#[test]
fn feeds_of_one_product_are_good() {
    let files = files(&samples().join("products"));
    assert_eq!(files.len(), 100);
    for file in files {
        let (_, judged) = judge(&file);
        assert_eq!((judged.len(), judged[0].mapped.faults.len()), (1, 0), "{}", file.display());
    }
}

/// The table of `samples/README.md`: file, code, line.
fn faults() -> Vec<(String, String, u64)> {
    let text = fs::read_to_string(root().join("samples/README.md")).expect("the table is there");
    let (_, table) = text.split_once("| file | fault | code | line |").expect("the table has its head");
    let cell = |text: &str| text.trim().trim_matches('`').to_owned();
    let row = |line: &str| {
        let cells: Vec<String> = line.split('|').map(cell).collect();
        (cells[1].clone(), cells[3].clone(), cells[4].parse().expect("a line number"))
    };
    table.lines().filter(|line| line.starts_with("| `")).map(row).collect()
}

#[test]
fn every_fault_of_the_samples_is_in_the_table_and_the_other_way_round() {
    let listed: Vec<_> = faults().into_iter().map(|(file, ..)| samples().join("faults").join(file)).collect();
    assert_eq!(listed, files(&samples().join("faults")));
}

/// What the program finds in a feed at error severity or above, with its line.
fn broken(path: &Path) -> Vec<(String, u64)> {
    let output = Command::new(env!("CARGO_BIN_EXE_feedgate"))
        .args(["validate", "--report", "json"])
        .arg(path)
        .output()
        .expect("the program starts");
    let report = String::from_utf8(output.stdout).expect("the report is text");
    report
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("the report is JSON lines"))
        .filter(|line| {
            line["type"] == "finding" && matches!(line["severity"].as_str(), Some("error" | "fatal"))
        })
        .map(|line| {
            (line["code"].as_str().expect("a code").to_owned(), line["line"].as_u64().expect("a line"))
        })
        .collect()
}

/// What a catalogue breaks of its schema.
fn deviations(feed: &[u8]) -> Vec<Deviation> {
    let schema = fs::read(root().join("schemas/catalogue/1.0/catalogue.xsd")).expect("the schema is there");
    let mut assembler = Assembler::new();
    assembler.add("catalogue.xsd", &schema);
    assert!(assembler.missing().is_none(), "one document is all");
    let schema = assembler.finish().unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(schema.not_checked(), [""; 0]);
    let mut cursor = Cursor::new(feed, Limits::default());
    cursor.set_names(Arc::clone(schema.names()));
    let mut validator = Validator::new(schema);
    let mut buffer = DeviationBuffer::with_limit(100);
    let well_formed = "the feed was read before";
    while let Some(mut block) = cursor.block().expect(well_formed) {
        while let Some(event) = block.next().expect(well_formed) {
            validator.event(&event, &mut buffer);
        }
    }
    validator.finish(&mut buffer);
    buffer.drain().collect()
}

#[test]
fn every_fault_is_found_once_where_the_table_says() {
    for (file, code, line) in faults() {
        assert_eq!(broken(&samples().join("faults").join(&file)), [(code, line)], "{file}");
    }
}

#[test]
fn the_engine_agrees_about_the_good_samples() {
    for file in files(&samples().join("products")).into_iter().chain([samples().join("good.xml")]) {
        let feed = fs::read(&file).expect("the feed can be read");
        assert_eq!(deviations(&feed), [], "{}", file.display());
    }
}

#[test]
fn xmllint_agrees_about_the_samples() {
    let schema = root().join("schemas/catalogue/1.0/catalogue.xsd");
    let valid = |file: &Path| {
        let mut command = Command::new("xmllint");
        let output = command.args(["--noout", "--nonet", "--schema"]).arg(&schema).arg(file).output();
        output.ok().map(|output| output.status.success())
    };
    if valid(&samples().join("good.xml")).is_none() {
        eprintln!("SKIPPED: xmllint is not at hand");
        return;
    }
    let good = files(&samples().join("products")).into_iter().chain([samples().join("good.xml")]);
    good.for_each(|file| assert_eq!(valid(&file), Some(true), "{}", file.display()));
    for (file, code, _) in faults() {
        let by_schema = !code.starts_with("rule.");
        assert_eq!(valid(&samples().join("faults").join(&file)), Some(!by_schema), "{file}");
    }
}

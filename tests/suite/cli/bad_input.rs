//! What bad input gets: a clear error with file, place and remedy, the right status, and a database as
//! it was.

use super::{Desk, repository};
use crate::support::catalogue::{Fault, catalogue};
use std::fs;
use std::io::Write;

const GOOD: &str = "samples/catalogue/products/be-1000.xml";

fn good() -> Vec<u8> {
    fs::read(repository(GOOD)).expect("the sample is there")
}

/// The faults of `samples/README.md`: file, code, line.
fn faults() -> Vec<(String, String, u64)> {
    let readme = fs::read_to_string(repository("samples/README.md")).expect("the samples have a README");
    let table = readme.split("## Faults").nth(1).expect("it has a table of faults");
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().replace('`', "")).collect::<Vec<_>>();
    let rows = table.lines().filter(|line| line.starts_with("| `")).map(cells);
    rows.map(|row| (row[1].clone(), row[3].clone(), row[4].parse().expect("a line number"))).collect()
}

#[test]
fn every_fault_of_the_samples_is_found_in_its_line() {
    let desk = Desk::new();
    let found = faults();
    assert!(found.len() > 20, "{found:?}");
    for (file, code, line) in found {
        let path = repository("samples/catalogue/faults").join(&file);
        let path = path.to_string_lossy();
        let status = if ["xml.cut-off", "xml.empty"].contains(&&*code) { 2 } else { 1 };
        let call = desk.call(&["validate", "--report", "lines", &path]).ends(status);
        let lines: Vec<&str> = call.stdout.lines().collect();
        assert_eq!(lines.len(), 1, "one mistake, one deviation: {call:#?}");
        assert!(lines[0].starts_with(&format!("{path}:{line}:")), "line {line}: {call:#?}");
        assert!(lines[0].contains(&format!("[{code}]")), "{code}: {call:#?}");
    }
}

#[test]
fn an_import_of_a_feed_that_is_not_whole_changes_no_product() {
    let desk = Desk::new();
    let sample = repository("samples/catalogue/good.xml");
    desk.call(&["import", &sample.to_string_lossy()]).ends(0);
    let before = products(&desk);
    assert!(before.len() > 40);
    let whole = fs::read_to_string(&sample).expect("the sample is text");
    let whole = whole.replace("<stock>", "<stock>1").replace("<messageNumber>17", "<messageNumber>18");
    // Up to the last `>`: what follows is white space.
    let end = whole.rfind('>').expect("a last tag");
    for cut in [0, 1, 40, 200, 700, 1_000, end / 3, end / 2, end - 20, end - 1, end] {
        let name = format!("cut-{cut}.xml");
        desk.file(&name, &whole.as_bytes()[..cut]);
        desk.call(&["import", &name]).ends(2);
        assert_eq!(products(&desk), before, "cut at {cut}");
    }
    desk.file("whole.xml", &whole);
    desk.call(&["import", "whole.xml"]).ends(0);
    assert_ne!(products(&desk), before);
}

/// Every product row as text.
fn products(desk: &Desk) -> Vec<String> {
    use sqlx::{Connection, Row, SqliteConnection};
    let url = format!("sqlite://{}", desk.path("feedgate.db").display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut connection = SqliteConnection::connect(&url).await.expect("the database opens");
        let query = "select record_reference || ' ' || hex(fingerprint) || ' ' || coalesce(withdrawn_at, '') as row_text
                     from product order by id";
        let rows = sqlx::query(query).fetch_all(&mut connection).await.expect("the query is right");
        rows.iter().map(|row| row.get::<String, _>("row_text")).collect()
    })
}

#[test]
fn what_is_not_there_is_told() {
    let desk = Desk::new();
    desk.file("folder/readme.txt", "no feed");
    desk.call(&["validate", "nowhere.xml"]).ends(2).tells(&["there is no file or folder `nowhere.xml`"]);
    desk.call(&["validate", "folder"])
        .ends(2)
        .tells(&["the folder `folder` holds no feeds", "feeds end in .xml"]);
    desk.call(&["validate", "-", "-"]).ends(2).tells(&["`-` may be named once"]);
    desk.call(&["import", "nowhere.xml"]).ends(2);
    assert!(!desk.path("feedgate.db").exists(), "no database is made for feeds that are not there");
}

#[test]
fn a_folder_without_feeds_may_be_nothing_to_do() {
    let desk = Desk::new();
    desk.file("folder/readme.txt", "no feed");
    let import = |more: &[&str]| desk.call(&[&["import", "--empty-ok", "folder"], more].concat());
    desk.call(&["import", "folder"]).ends(2).tells(&["the folder `folder` holds no feeds"]);
    import(&[])
        .ends(0)
        .tells(&["notice: the folder `folder` holds no feeds (1 other files)"])
        .counts(&[("feeds", "0")]);
    import(&["nowhere"]).ends(2).tells(&["there is no file or folder `nowhere`"]);
    import(&["--shard", "1", "--shards", "2"]).ends(0);
    let runs = desk.call(&["runs"]).ends(0);
    assert_eq!(
        runs.stdout.lines().filter(|line| line.contains("succeeded     0      0")).count(),
        2,
        "{runs:#?}"
    );
    desk.file("a.xml", good());
    import(&["a.xml"]).ends(0).tells(&["holds no feeds"]).counts(&[("feeds", "1")]);
    assert!(!products(&desk).is_empty());
}

#[test]
fn an_unknown_format_names_those_there_are() {
    let desk = Desk::new();
    desk.file("a.xml", good());
    desk.call(&["validate", "--format", "bmecat", "a.xml"]).ends(2).tells(&[
        "there is no format `bmecat`",
        "`catalogue/1.0`",
        "`onix/3.0`",
    ]);
    desk.call(&["validate", "--format", "catalogue", "a.xml"]).ends(0);
    desk.call(&["validate", "--format", "onix", "a.xml"]).ends(1).prints(&["feed.unknown-root"]);
}

#[test]
fn a_missing_schema_says_how_to_install_it() {
    let desk = Desk::new();
    desk.file("a.xml", "<ONIXMessage xmlns='http://ns.editeur.org/onix/3.0/reference' release='3.0'/>");
    for command in ["validate", "import"] {
        desk.call(&[command, "a.xml"])
            .ends(2)
            .tells(&[
                "cannot validate `a.xml`",
                "feedgate schema install onix/3.0 PACKAGE",
                "https://www.editeur.org/",
            ])
            .prints(&["not readable"]);
    }
    let schemas = ["validate", "--schemas", "nowhere", "a.xml"];
    desk.call(&schemas).ends(2).tells(&["there is no folder `nowhere`"]);
}

#[test]
fn one_feed_that_cannot_be_read_does_not_stop_the_others() {
    let desk = Desk::new();
    desk.file("b.xml", good());
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for name in ["a.xml", "b.xml"] {
        writer.start_file(name, zip::write::SimpleFileOptions::default()).expect("starts");
    }
    desk.file("a.zip", writer.finish().expect("finishes").into_inner());
    let call = desk.call(&["validate", "."]).ends(2);
    // The other one is imported, and the run says the same as the program.
    desk.call(&["import", "."]).ends(2).counts(&[("imported", "1"), ("not readable", "1")]);
    desk.call(&["runs", "1"]).ends(0).prints(&["failed", "exit status 2", "one feed could not be read"]);
    call.tells(&["the zip archive `./a.zip` holds 2 feeds"])
        .counts(&[("records read", "1"), ("not readable", "1")]);
}

#[test]
fn a_packed_feed_that_is_cut_off_is_told() {
    let desk = Desk::new();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(&good()).expect("writes to memory");
    let packed = encoder.finish().expect("writes to memory");
    desk.file("whole.xml.gz", &packed);
    desk.call(&["validate", "whole.xml.gz"]).ends(0);
    desk.file("cut.xml.gz", &packed[..packed.len() - 9]);
    desk.call(&["import", "cut.xml.gz"])
        .ends(2)
        .tells(&["inside the packed data that it comes in", "get the file again"]);
    let bomb = [b"<catalogue xmlns='urn:feedgate:catalogue:1.0'>".as_slice(), &vec![b' '; 64 << 20]].concat();
    desk.file("bomb.xml.zst", zstd::encode_all(&bomb[..], 3).expect("encodes"));
    desk.call(&["validate", "bomb.xml.zst"]).ends(2).tells(&["`ratio_max`", "as bombs do"]);
    let raised = ["validate", "--set", "limits.decoded_bytes_max=1KiB", "whole.xml.gz"];
    desk.call(&raised).ends(2).tells(&["longer than 1024 bytes", "`decoded_bytes_max`"]);
}

#[test]
fn what_stands_behind_packed_data_is_passed_over_or_told() {
    let desk = Desk::new();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(&good()).expect("writes to memory");
    let packed = encoder.finish().expect("writes to memory");
    let half = &packed[..packed.len() / 2];
    desk.file("padded.xml.gz", [&packed[..], &[0; 512]].concat());
    desk.file("more.xml.gz", [&packed[..], b"\n"].concat());
    desk.file("stopped.xml.gz", [half, &[0; 4096]].concat());
    desk.file("stopped.xml", [&good()[..good().len() / 2], &[0; 4096]].concat());
    for command in [&["validate"][..], &["import"]] {
        let call = |feed| desk.call(&[command, &[feed]].concat());
        call("padded.xml.gz").ends(0);
        call("more.xml.gz").ends(2).tells(&["bytes stand behind the end of the packed data (gzip)"]);
        for stopped in ["stopped.xml.gz", "stopped.xml"] {
            call(stopped).ends(2).prints(&["xml.cut-off", "the rest of the file is filled with zero bytes"]);
        }
    }
    desk.call(&["diff", "padded.xml.gz", "more.xml.gz"]).ends(2);
}

#[test]
fn a_record_beyond_the_limit_is_refused_alone_and_can_be_given_again() {
    let desk = Desk::new();
    let large = catalogue("A", 3, |_| Fault::None).replacen(
        "</product>",
        &format!("<!--{}--></product>", "x".repeat(2_000)),
        1,
    );
    desk.file("a.xml", large);
    let limit = ["--set", "limits.record_bytes_max=1KiB"];
    desk.call(&[&["import", "a.xml"], &limit[..]].concat())
        .ends(1)
        .counts(&[("imported", "2"), ("refused", "1")]);
    desk.call(&["quarantine", "show", "1"]).ends(0).prints(&["[rule.record-size]", "its text was not kept"]);
    desk.call(&["quarantine", "replay", "1"]).ends(2).prints(&["its text was not kept", "`--with FILE`"]);
    let whole = catalogue("A", 3, |_| Fault::None);
    let record = whole.find("<product").zip(whole.find("</product>")).map(|(from, to)| &whole[from..to + 10]);
    desk.file("record.xml", record.expect("a record"));
    desk.call(&["quarantine", "replay", "1", "--with", "record.xml"]).ends(0);
    // By another limit the same feed is right, and looked at again.
    let other = Desk::new();
    other.file("a.xml", fs::read(desk.path("a.xml")).expect("written above"));
    other.call(&[&["import", "a.xml"], &limit[..]].concat()).ends(1);
    other.call(&["import", "a.xml"]).ends(0).counts(&[("imported", "1"), ("unchanged", "2")]);
}

#[test]
fn a_database_that_cannot_be_used_is_told_and_the_feed_not_blamed() {
    let desk = Desk::new();
    desk.file("a.xml", good());
    desk.file("other.db", "this is no database, and long enough to be sure of it");
    let refused = |url: &str, parts: &[&str]| {
        desk.call(&["import", "--database", url, "a.xml"]).ends(2).tells(parts);
    };
    refused(
        "postgres://shop:geheim@127.0.0.1:1/shop",
        &["cannot reach the database `postgres://shop:***@127.0.0.1:1/shop`"],
    );
    refused("sqlite://nowhere/at/all/feedgate.db", &["cannot be opened", "folder exists"]);
    refused("sqlite://other.db", &["is no SQLite database"]);
    refused("mysql://shop@db/shop", &["unknown database scheme `mysql`"]);
    for command in [["runs"].as_slice(), &["quarantine", "list"], &["quarantine", "replay", "1"]] {
        desk.call(command).ends(2).tells(&["nothing was ever imported into `sqlite://feedgate.db`"]);
    }
    assert!(!desk.path("feedgate.db").exists(), "looking makes no database");
}

#[test]
fn a_feed_of_any_wrapping_may_come_on_standard_input() {
    let desk = Desk::new();
    desk.call_with(&["validate", "-"], &good()).ends(0);
    desk.call_with(&["validate", "-"], &zstd::encode_all(&good()[..], 0).expect("encodes")).ends(0);
    desk.call_with(&["validate", "-"], b"").ends(2).prints(&["xml.empty", "-:1:1"]);
    desk.call_with(&["import", "-"], &good()).ends(0).counts(&[("imported", "1")]);
}

#[test]
fn a_feed_whose_packing_is_damaged_is_told_as_a_finding_once() {
    let desk = Desk::new();
    let packed = gzip(&good());
    let damaged = [&packed[..20], &[0xFF; 8], &packed[28..]].concat();
    let followed = [&packed[..], b"<html>502 Bad Gateway</html>"].concat();
    let text = "the gzip data is damaged";
    for (name, bytes, text) in
        [("a.xml.gz", damaged, text), ("b.xml.gz", followed, "stand behind the end of the packed data")]
    {
        desk.file(name, bytes);
        let lines = desk.call(&["validate", "--report", "lines", name]).ends(2).stdout;
        assert!(lines.contains("[xml.packing]") && lines.to_lowercase().contains(text), "{lines}");
        assert_eq!(lines.lines().count(), 1, "{lines}");
        let gitlab = desk.call(&["validate", "--report", "gitlab", name]).ends(2).stdout;
        assert_eq!(gitlab.matches("check_name").count(), 1, "{gitlab}");
        desk.call(&["import", name]).ends(2).counts(&[("feeds", "1"), ("not readable", "1")]);
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("writes to memory");
    encoder.finish().expect("writes to memory")
}

/// A schema of one element in a namespace.
const ONE_ELEMENT: &str = r#"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
    targetNamespace="http://example.org/list">
  <xs:element name="list" type="xs:string"/>
</xs:schema>"#;

#[test]
fn what_is_no_document_of_a_schema_is_named_once() {
    let desk = Desk::new();
    desk.file("list.xsd", ONE_ELEMENT);
    let told = |document: &str, status: i32, code: &str| {
        desk.file("feed.xml", document);
        let call =
            desk.call(&["validate", "--schema", "list.xsd", "feed.xml", "--report", "json"]).ends(status);
        assert!(call.stdout.contains(&format!(r#""code":"{code}""#)), "{document}: {}", call.stdout);
        assert!(code.starts_with("cvc-") || !call.stdout.contains("cvc-"), "{document}: {}", call.stdout);
    };
    told("<html><head><title>Log in</title></head><body>Log in</body></html>", 1, "feed.html-page");
    told("<rss version='2.0'><channel/></rss>", 1, "feed.other-document");
    told("<Error><Code>AccessDenied</Code></Error>", 1, "feed.server-error");
    told("<list xmlns='https://www.example.org/list/'>a</list>", 0, "feed.namespace-misspelt");
    told("<list xmlns='urn:other'>a</list>", 1, "cvc-elt.1");
}

#[test]
fn a_folder_in_place_of_a_schema_is_told_once() {
    let desk = Desk::new();
    desk.file("schemas/list.xsd", ONE_ELEMENT);
    desk.file("feed.xml", "<list/>");
    let call = desk.call(&["validate", "--schema", "schemas", "feed.xml"]).ends(2);
    call.tells(&["`--schema schemas` names a folder"]);
}

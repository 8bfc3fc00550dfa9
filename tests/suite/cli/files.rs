//! Files that are read and written side by side: no report takes the place of a feed, and no feed that cannot be read
//! takes another with it.

use super::forms::elements;
use super::{Desk, repository};
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;

fn good() -> Vec<u8> {
    fs::read(repository("samples/catalogue/products/be-1000.xml")).expect("the sample is there")
}

/// A folder with a feed, links to it, and a schema.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.file("feeds/a.xml", good());
    desk.file(
        "order.xsd",
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:element name='order'/></xs:schema>",
    );
    desk.file("token.txt", "secret");
    fs::create_dir(desk.path("out")).expect("made");
    symlink(desk.path("feeds/a.xml"), desk.path("out/link.json")).expect("linked");
    symlink(desk.path("feeds"), desk.path("out/folder")).expect("linked");
    fs::hard_link(desk.path("feeds/a.xml"), desk.path("out/hard.json")).expect("linked");
    desk
}

/// What a command line that ends in a report file says, and that no feed is touched and nothing read.
#[track_caller]
fn refused(desk: &Desk, arguments: &[&str], part: &str) {
    let call = desk.call(arguments).ends(2).tells(&[part]);
    assert_eq!(call.stdout, "", "nothing was read");
    assert_eq!(fs::read(desk.path("feeds/a.xml")).expect("it is there"), good());
    assert!(!desk.path("feedgate.db").exists(), "nothing was imported");
}

#[test]
fn no_report_of_any_form_takes_the_place_of_a_feed() {
    let desk = desk();
    for form in ["text", "lines", "json", "junit", "sarif", "gitlab", "html"] {
        for place in
            ["feeds/a.xml", "./feeds/../feeds/a.xml", "out/link.json", "out/hard.json", "out/folder/a.xml"]
        {
            let file = format!("{form}={place}");
            for command in ["validate", "import"] {
                refused(&desk, &[command, "--report-file", &file, "feeds"], "would be written over the feed");
            }
        }
    }
    refused(
        &desk,
        &["validate", "--report-file", "json=feeds/a.xml", "feeds/a.xml"],
        "would be written over the feed",
    );
    let submit =
        ["submit", "http://127.0.0.1:9/", "--wait", "--report-file", "json=feeds/a.xml", "feeds/a.xml"];
    refused(&desk, &submit, "would be written over the feed");
}

#[test]
fn no_report_becomes_a_feed_of_the_next_night() {
    let desk = desk();
    for place in ["feeds/report.xml", "out/folder/report.xml.gz", "feeds/report.ONX"] {
        let file = format!("junit={place}");
        refused(&desk, &["import", "--report-file", &file, "feeds"], "the next call would read it as a feed");
    }
    // A file named outright claims nothing beside it.
    desk.call(&["validate", "--report-file", "junit=feeds/report.xml", "feeds/a.xml"]).ends(0);
}

#[test]
fn a_report_has_a_folder_and_spares_whatever_else_is_read() {
    let desk = desk();
    refused(
        &desk,
        &["validate", "--report-file", "json=no/such/r.json", "feeds"],
        "there is no folder `no/such`",
    );
    refused(&desk, &["import", "--report-file", "json=out", "feeds"], "`out` is a folder: name a file");
    desk.file("order.xml", "<order/>");
    let schema = ["validate", "--schema", "order.xsd", "--report-file", "json=order.xsd", "order.xml"];
    refused(&desk, &schema, "would be written over the schema document `order.xsd`");
    let check = ["schema", "check", "--report-file", "sarif=order.xsd", "order.xsd"];
    refused(&desk, &check, "would be written over the schema document `order.xsd`");
    desk.file("feedgate.toml", "samples = 3");
    refused(
        &desk,
        &["validate", "--report-file", "json=feedgate.toml", "feeds"],
        "the settings file `feedgate.toml`",
    );
    let submit = ["submit", "http://127.0.0.1:9/", "--wait", "--token-file", "token.txt"];
    refused(
        &desk,
        &[&submit[..], &["--report-file", "json=token.txt", "feeds"]].concat(),
        "the token file `token.txt`",
    );
    desk.file("out/shop.db", "");
    let database =
        ["import", "--database", "sqlite://out/shop.db", "--report-file", "json=out/shop.db", "feeds"];
    refused(&desk, &database, "would be written over the database `sqlite://out/shop.db`");
}

#[test]
fn what_the_shell_opens_is_looked_at_as_well() {
    let desk = desk();
    let append = |name: &str| fs::OpenOptions::new().append(true).open(desk.path(name)).expect("opens");
    for command in [&["validate", "feeds"][..], &["diff", "feeds/a.xml", "feeds/a.xml"]] {
        let mut call = desk.command(command);
        let call =
            super::Call::of(call.stdout(append("feeds/a.xml")).output().expect("the program starts")).ends(2);
        call.tells(&["standard output goes to the feed `feeds/a.xml`"]);
        assert_eq!(fs::read(desk.path("feeds/a.xml")).expect("it is there"), good());
    }
    let mut call = desk.command(&["validate", "--report-file", "json=feeds/a.xml", "-"]);
    let input = fs::File::open(desk.path("feeds/a.xml")).expect("opens");
    let call = super::Call::of(call.stdin(input).output().expect("the program starts")).ends(2);
    call.tells(&["`feeds/a.xml` would be written over standard input"]);
}

#[test]
fn an_export_leaves_files_as_they_are() {
    let desk = Desk::new();
    let feed = repository("samples/catalogue/faults/bad-gtin.xml");
    desk.call(&["import", &feed.to_string_lossy()]).ends(1);
    desk.call(&["quarantine", "export", "--to", "out"]).ends(0);
    desk.call(&["quarantine", "export", "--to", "out"]).ends(0).tells(&["1 records written"]);
    desk.file("out/1.xml", "corrected by hand");
    desk.call(&["quarantine", "export", "--to", "out"]).ends(2).tells(&["`out/1.xml` is there already"]);
    assert_eq!(fs::read_to_string(desk.path("out/1.xml")).expect("it is there"), "corrected by hand");
    let left: Vec<_> = fs::read_dir(desk.path("out")).expect("there").collect();
    assert_eq!(left.len(), 1, "nothing stays beside: {left:?}");
}

#[test]
fn what_cannot_be_read_does_not_stop_its_neighbours() {
    let desk = Desk::new();
    desk.file("feeds/a.xml", good());
    desk.file("feeds/z.xml", fs::read(repository("samples/catalogue/good.xml")).expect("the sample"));
    symlink("gone.xml", desk.path("feeds/dangling.xml")).expect("linked");
    symlink("circle.xml", desk.path("feeds/circle.xml")).expect("linked");
    symlink("/no/such/folder", desk.path("feeds/mounted")).expect("linked");
    symlink("gone.txt", desk.path("feeds/readme.txt")).expect("linked");
    for command in [&["validate", "feeds"][..], &["import", "feeds"]] {
        desk.call(command)
            .ends(2)
            .tells(&[
                "`feeds/dangling.xml` is a link to `gone.xml`, where there is nothing",
                "cannot open `feeds/circle.xml`",
                "`feeds/mounted` is a link to `/no/such/folder`",
            ])
            .counts(&[("feeds", "5"), ("not readable", "3")]);
    }
    // Every shard looks at all of them.
    for shard in ["0", "1"] {
        let call = desk.call(&["import", "--shard", shard, "--shards", "2", "feeds"]);
        assert!(!call.stderr.contains("can be read only once"), "{call:#?}");
    }
}

/// Names that a file may have, and a terminal, a table or a page should not take at their word.
fn odd_names() -> [&'static OsStr; 8] {
    [
        &b"new\nline.xml"[..],
        b"bytes\xff.xml",
        b"bytes\xfe.xml",
        b"escape\x1b[31m.xml",
        b"quotes\"<&'.xml",
        b"next line\xc2\x85.xml",
        b"=1+1,.xml",
        b"-- --x=`y`.xml",
    ]
    .map(OsStr::from_bytes)
}

#[test]
fn a_folder_of_all_sorts_gives_its_feeds_and_no_more() {
    let desk = Desk::new();
    desk.file("feeds/a.xml", good());
    desk.file("feeds/empty.xml", "");
    symlink(".", desk.path("feeds/here")).expect("linked");
    symlink("../feeds", desk.path("feeds/up.xml")).expect("linked");
    symlink("a.xml", desk.path("feeds/b.xml")).expect("linked");
    // What looks like a file, and cannot be read; whoever calls.
    symlink("/proc/self/mem", desk.path("feeds/unread.xml")).expect("linked");
    symlink("/dev/zero", desk.path("feeds/device.xml")).expect("linked");
    let made = std::process::Command::new("mkfifo").arg(desk.path("feeds/pipe.xml")).status();
    assert!(made.expect("there is a mkfifo").success());
    let _socket = UnixListener::bind(desk.path("feeds/socket.xml")).expect("a socket");
    for command in ["validate", "import"] {
        desk.call(&[command, "feeds"])
            .ends(2)
            .tells(&["cannot read `feeds/unread.xml`"])
            .prints(&["xml.empty", "feeds/empty.xml:1:1"])
            .counts(&[("feeds", "3"), ("not readable", "2"), ("records read", "1")]);
    }
    // However it is spelled, and whoever names it.
    let mut spelled = desk.command(&["validate", ".", "a.xml", "./a.xml", "../feeds/a.xml", "b.xml", "here"]);
    let spelled = spelled.current_dir(desk.path("feeds")).output().expect("the program starts");
    super::Call::of(spelled).ends(2).counts(&[("feeds", "3")]);
    fs::create_dir(desk.path("none")).expect("made");
    desk.call(&["validate", "none"]).ends(2).tells(&["the folder `none` holds no feeds (0 other files)"]);
    let report = ["validate", "--report-file", "junit=report.xml", "."];
    let mut here = desk.command(&report);
    let here = here.current_dir(desk.path("feeds")).output().expect("the program starts");
    super::Call::of(here).ends(2).tells(&["the next call would read it as a feed"]);
}

#[test]
fn whatever_a_file_is_called_it_is_told_in_every_form() {
    let desk = Desk::new();
    let bad =
        String::from_utf8(good()).expect("text").replace("notification=\"new\"", "notification=\"oops\"");
    let mut paths = Vec::new();
    for (number, name) in odd_names().into_iter().enumerate() {
        let path = desk.path("").join("feeds").join(name);
        fs::create_dir_all(desk.path("feeds")).expect("made");
        fs::write(&path, format!("{bad}<!-- {number} -->")).expect("written");
        paths.push(path);
    }
    let call = |arguments: &[&str], paths: &[PathBuf]| {
        let mut command = desk.command(arguments);
        super::Call::of(command.args(paths).output().expect("the program starts"))
    };
    let harmless = |text: &str| {
        let is_command = |c: char| c.is_control() && c != '\n';
        assert!(!text.contains(is_command) && !text.contains(char::REPLACEMENT_CHARACTER), "{text:?}");
    };
    for form in ["text", "lines", "json", "junit", "sarif", "gitlab", "html"] {
        for (arguments, paths) in [
            (&["validate", "--report", form, "feeds"][..], &[][..]),
            (&["validate", "--report", form], &paths),
        ] {
            let told = call(arguments, paths).ends(1);
            harmless(&told.stdout);
            harmless(&told.stderr);
            assert!(!told.stdout.lines().any(|line| line.starts_with("line.xml")), "{form}: {}", told.stdout);
            if form != "text" {
                // The text report tells three places of equal findings.
                assert!(
                    told.stdout.contains("xff.xml") && told.stdout.contains("xfe.xml"),
                    "{}",
                    told.stdout
                );
            }
            if ["sarif", "gitlab"].contains(&form) {
                serde_json::from_str::<serde_json::Value>(&told.stdout).expect("JSON");
            }
            if form == "junit" {
                assert!(!elements(&told.stdout, "testsuite").is_empty(), "{}", told.stdout);
            }
        }
    }
    let told = call(&["import", "--source", "a", "--set", "guard.refused=off"], &paths).ends(1);
    harmless(&told.stdout);
    for list in [&["runs", "1"][..], &["quarantine", "list"], &["quarantine", "show", "1"]] {
        harmless(&desk.call(list).ends(0).stdout);
    }
    for form in ["json", "csv"] {
        let rows = desk.call(&["quarantine", "list", "--output", form]).ends(0).stdout;
        harmless(&rows);
        // Of one key, the last of them.
        assert_eq!(rows.lines().count(), if form == "csv" { 2 } else { 1 }, "{rows}");
    }
    for arguments in [&["validate"][..], &["submit", "http://127.0.0.1:9/", "--timeout", "1s"]] {
        let told = call(arguments, &[paths[1].clone(), desk.path("").join(OsStr::from_bytes(b"gone\xff"))]);
        harmless(&told.ends(2).stderr);
    }
}

#[test]
fn a_cover_beside_a_feed_is_no_feed() {
    let desk = Desk::new();
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in [("cover.jpg", &b"\xff\xd8\xff"[..]), ("feed.xml", &good()), ("notes", b"read me")] {
        writer.start_file(name, zip::write::SimpleFileOptions::default()).expect("starts");
        writer.write_all(bytes).expect("writes to memory");
    }
    desk.file("feeds/a.zip", writer.finish().expect("finishes").into_inner());
    desk.call(&["import", "feeds"]).ends(0).counts(&[("imported", "1")]);
}

#[test]
fn a_file_of_a_folder_is_left_to_settle() {
    let desk = Desk::new();
    desk.file("feeds/young.xml", good());
    let old =
        desk.file("feeds/old.xml", fs::read(repository("samples/catalogue/good.xml")).expect("the sample"));
    let then = std::time::SystemTime::now() - std::time::Duration::from_hours(1);
    fs::File::open(old).and_then(|file| file.set_modified(then)).expect("its time is set");
    let settled = ["import", "--settle", "10m", "feeds"];
    desk.call(&settled)
        .ends(2)
        .tells(&["`feeds/young.xml` cannot be used yet", "it is still being written", "600 s (`settle`)"])
        .counts(&[("imported", "50"), ("not readable", "1")]);
    let submit =
        desk.call(&["submit", "http://127.0.0.1:9/", "--timeout", "1s", "--settle", "10m", "feeds/"]).ends(2);
    assert!(!submit.stderr.contains("panicked") && submit.stderr.contains("not submitted"), "{submit:#?}");
    // Who names a file means it, and nothing is settled unless that is asked for.
    desk.call(&["validate", "--settle", "10m", "feeds/young.xml"]).ends(0);
    desk.call(&["validate", "feeds"]).ends(0).counts(&[("feeds", "2")]);
    let mut command = desk.command(&["validate", "feeds"]);
    let call = command.env("FEEDGATE_SETTLE", "10m").output().expect("the program starts");
    assert_eq!(call.status.code(), Some(2));
}

//! `feedgate submit`: against the service itself, and against one that does what it likes.

use super::submit::small;
use crate::cli::{Call, Desk};
use crate::support::catalogue::{Fault, catalogue};
use crate::support::database::{TestDatabase, on_each, sqlite};
use crate::support::fake_service::{Answer, Asked, FakeService, say};
use crate::support::service::Service;
use std::fs;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

fn run_on<T>(work: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().expect("a runtime").block_on(work)
}

#[test]
fn the_exit_status_is_that_of_an_import() {
    on_each(async |database| {
        let (service, desk) = (Service::start(database, &[]), Desk::new());
        let url = service.url("/");
        desk.file("good.xml", small("A", 1));
        desk.file("bad.xml", catalogue("A", 3, |n| if n == 1 { Fault::Price } else { Fault::None }));
        desk.file("cut.xml", &small("A", 2)[..200]);
        desk.call(&["submit", &url, "--wait", "good.xml"])
            .ends(0)
            .prints(&["exit status 0"])
            .tells(&["good.xml → run 1 http://"]);
        desk.call(&["submit", &url, "--wait", "bad.xml"])
            .ends(1)
            .prints(&["exit status 1: deviations at error severity"]);
        desk.call(&["submit", &url, "--wait", "cut.xml", "good.xml"])
            .ends(2)
            .tells(&["`good.xml` was submitted before, as run 1"]);
        assert_eq!(database.number("select count(*) from product").await, 3);
        assert_eq!(
            database.texts("select feed from feed_version where state = 'applied' order by id").await,
            ["good.xml", "bad.xml"]
        );
    });
}

/// Any change of a product is too much, and nothing else is.
const STRICT: [&str; 14] = [
    "--set",
    "guard.update=0%/0",
    "--set",
    "guard.create=off",
    "--set",
    "guard.same_title=off",
    "--set",
    "guard.price=off",
    "--set",
    "guard.size_min=off",
    "--set",
    "guard.size_max=off",
    "--set",
    "guard.price_jump=off",
];

/// A report without how long reading took.
fn timeless(report: &str) -> Vec<&str> {
    report.lines().map(|line| if line.starts_with("read  ") { "read" } else { line }).collect()
}

#[test]
fn the_report_and_the_exit_status_are_those_of_an_import() {
    on_each(async |database| {
        let (service, desk, shop) = (Service::start(database, &STRICT), Desk::new(), sqlite());
        let url = service.url("/");
        desk.file("good.xml", catalogue("A", 3, |_| Fault::None));
        desk.file("bad.xml", catalogue("A", 3, |n| if n == 1 { Fault::Price } else { Fault::None }));
        desk.file("held.xml", catalogue("A", 3, |_| Fault::None).replace("Sonate", "Fuge"));
        desk.file("cut.xml", &catalogue("A", 3, |_| Fault::None)[..400]);
        for (feed, status, says) in [
            ("good.xml", 0, "imported    3"),
            ("bad.xml", 1, "amount"),
            ("held.xml", 3, "held for approval"),
            ("cut.xml", 2, "exit status"),
        ] {
            let import = ["import", "--database", shop.url.secret(), feed];
            let imported = desk.call(&[&import[..], &STRICT].concat()).ends(status).prints(&[says]);
            let submitted = desk.call(&["submit", &url, "--wait", feed]).ends(status);
            assert_eq!(timeless(&submitted.stdout), timeless(&imported.stdout), "{feed}");
        }
    });
}

#[test]
fn feeds_are_taken_in_order_and_again_only_when_that_is_wanted() {
    let database = sqlite();
    let (service, desk) = (Service::start(&database, &[]), Desk::new());
    let url = service.url("/");
    desk.file("feeds/a.xml", small("A", 1));
    desk.file("feeds/b.xml.gz", gzip(&small("A", 2)));
    let lines = |from: u32| {
        format!(
            "feeds/a.xml → run {from} {url}v1/runs/{from}\nfeeds/b.xml.gz → run {0} {url}v1/runs/{0}\n",
            from + 1
        )
    };
    let call = desk.call(&["submit", &url, "feeds"]).ends(0);
    assert_eq!((call.stdout, call.stderr.as_str()), (lines(1), ""));
    assert_eq!(desk.call(&["submit", &url, "feeds"]).ends(0).stdout, lines(1));
    assert_eq!(desk.call(&["submit", &url, "--again", "feeds"]).ends(0).stdout, lines(3));
    let stdin = desk.call_with(&["submit", &url, "--wait", "-"], small("A", 3).as_bytes());
    stdin.ends(0).tells(&["- → run 5"]);
    let texts = |sql: &str| run_on(database.texts(sql));
    assert_eq!(texts("select feed from feed_version where run_id = 5"), ["-"]);
}

#[test]
fn a_check_changes_nothing_and_a_source_is_taken_at_its_word() {
    let database = sqlite();
    let (service, desk) = (Service::start(&database, &[]), Desk::new());
    let url = service.url("/");
    desk.file("a.xml", small("A", 1));
    desk.call(&["submit", &url, "--wait", "--check", "a.xml"]).ends(0);
    assert_eq!(run_on(database.number("select count(*) from product")), 0);
    desk.call(&["submit", &url, "--wait", "--source", "B", "--format", "catalogue", "a.xml"]).ends(0);
    assert_eq!(run_on(database.texts("select source from product")), ["B"]);
    desk.call(&["submit", &url, "--format", "nothing", "a.xml"])
        .ends(2)
        .tells(&["`a.xml` was not submitted", "`format`: there is no format `nothing`"]);
}

#[test]
fn a_service_with_tokens_wants_one_and_it_is_not_told() {
    let database = sqlite();
    let desk = Desk::new();
    let token = token(&desk, &database);
    let (service, feed) = (Service::start(&database, &[]), small("A", 1));
    let url = service.url("/");
    desk.file("a.xml", feed);
    desk.file("token.txt", format!("{token}\n"));
    desk.file("wrong.txt", "fgt_wrong");
    desk.file("none.txt", "two words");
    desk.call(&["submit", &url, "a.xml"])
        .ends(2)
        .tells(&["status 401, `unauthorized`", "`--token-file` names"]);
    desk.call(&["submit", &url, "--token-file", "wrong.txt", "a.xml"]).ends(2).tells(&["revoked or expired"]);
    let none = desk.call(&["submit", &url, "--token-file", "none.txt", "a.xml"]).ends(2);
    assert!(
        none.stderr.contains("`none.txt` cannot be used") && !none.stderr.contains("two words"),
        "{none:?}"
    );
    let call = desk.call(&["submit", &url, "--wait", "--token-file", "token.txt", "a.xml"]).ends(0);
    let mut command = desk.command(&["submit", &url, "--wait", "a.xml"]);
    let by_variable = Call::of(command.env("FEEDGATE_TOKEN", &token).output().expect("it starts")).ends(0);
    for told in [call.stdout, call.stderr, by_variable.stdout, by_variable.stderr, service.log()] {
        assert!(!told.contains(&token[4..]) && !told.contains("means nothing"), "{told}");
    }
}

/// Makes a token that may submit and read.
fn token(desk: &Desk, database: &TestDatabase) -> String {
    let arguments = ["token", "create", "ci", "--scope", "submit", "--scope", "read", "--database"];
    let call = desk.call(&[&arguments[..], &[database.url.secret()]].concat()).ends(0);
    call.stdout.trim().to_owned()
}

fn gzip(text: &str) -> Vec<u8> {
    use std::io::Write;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).expect("writes to memory");
    packed.finish().expect("writes to memory")
}

/// What a service says that takes everything as run 17, which has ended so, and keeps this text report.
fn usual(request: &Asked, exit_status: u8, report: Option<&str>) -> Answer {
    match (request.line.split(' ').nth(1).unwrap_or_default(), report) {
        (path, _) if path.starts_with("/v1/feeds?") => {
            say(202, "", r#"{"run": 17, "location": "/v1/runs/17"}"#)
        }
        ("/v1/runs/17", _) => say(200, "", &ended(17, exit_status)),
        ("/v1/runs/17/report.txt", Some(report)) => say(200, "", report),
        _ => say(404, "", r#"{"type": "urn:feedgate:problem:not-found", "detail": "not kept"}"#),
    }
}

fn ended(run: i64, exit_status: u8) -> String {
    format!(
        r#"{{"id": {run}, "state": "succeeded", "exit_status": {exit_status}, "counts": {{"records": 3}}, "verdict":
        {{"checks": [{{"check": "schema", "state": "passed", "parts": []}}]}}, "unknown": []}}"#
    )
}

fn desk() -> Desk {
    let desk = Desk::new();
    desk.file("a.xml", "<catalogue/>");
    desk
}

#[test]
fn what_passes_is_tried_again() {
    let service = FakeService::start(|number, request| match number {
        0 => {
            say(503, "retry-after: 0\r\n", r#"{"type": "urn:feedgate:problem:queue-full", "detail": "full"}"#)
        }
        1 => say(507, "retry-after: 0\r\n", "<html>"),
        2 => Answer::Cut,
        _ => usual(request, 0, Some("fine\n")),
    });
    let desk = desk();
    desk.file("large.xml", "x".repeat(3_000_000));
    let call = desk.call(&["submit", &service.url(), "--wait", "large.xml"]).ends(0);
    assert_eq!(call.stdout, "fine\n");
    call.tells(&["full (status 503, `queue-full`); try 2 of 8", "status 507); try 3 of 8", "broke off"]);
    let asked = service.asked();
    assert_eq!(asked[0].line, "POST /v1/feeds?mode=import&name=large.xml HTTP/1.1");
    assert_eq!(asked[3].body.len(), 3_000_000, "the feed is sent whole");
    assert_eq!(asked[3].header("content-type"), Some("application/xml"));
    assert!(asked.iter().all(|request| request.header("idempotency-key").is_none()), "its bytes decide");
}

#[test]
fn a_new_run_is_one_run_however_often_it_is_sent() {
    let service = FakeService::start(|number, request| match number {
        0 => Answer::Cut,
        _ => usual(request, 0, None),
    });
    let desk = desk();
    desk.file("a.xml.gz", gzip("<catalogue/>"));
    desk.call(&["submit", &service.url(), "--again", "a.xml.gz"]).ends(0);
    desk.call(&["submit", &service.url(), "--again", "a.xml.gz"]).ends(0);
    let asked = service.asked();
    let keys: Vec<_> =
        asked.iter().map(|request| request.header("idempotency-key").expect("a key")).collect();
    assert!(keys.len() == 3 && keys[0] == keys[1] && keys[1] != keys[2], "{keys:?}");
    assert_eq!(asked[1].header("content-type"), Some("application/gzip"));
}

#[test]
fn tries_are_bounded() {
    let service = FakeService::start(|_, _| say(503, "retry-after: 0\r\n", ""));
    let desk = desk();
    desk.file("b.xml", "<catalogue/>");
    desk.call(&["submit", &service.url(), "a.xml", "b.xml"]).ends(2).tells(&[
        "`a.xml` was not submitted",
        "status 503",
        "1 more of the feeds were not submitted",
    ]);
    assert_eq!(service.asked().len(), 8);
}

#[test]
fn what_is_wrong_with_one_feed_stops_no_other_and_what_is_wrong_with_us_does() {
    let service = FakeService::start(|number, request| match number {
        0 => say(413, "", "<html>"),
        1 => usual(request, 0, None),
        _ => say(401, "", r#"{"type": "urn:feedgate:problem:unauthorized", "detail": "a token is needed"}"#),
    });
    let desk = desk();
    desk.file("b.xml", "<catalogue/>");
    let call = desk.call(&["submit", &service.url(), "a.xml", "b.xml"]).ends(2);
    assert!(call.stdout.starts_with("b.xml → run 17 "), "{call:?}");
    call.tells(&["`a.xml` was not submitted", "pack the feed"]);
    desk.call(&["submit", &service.url(), "a.xml", "b.xml"]).ends(2).tells(&["a token is needed", "1 more"]);
    assert_eq!(service.asked().len(), 3, "a refusal is not tried again");
}

#[test]
fn another_program_is_told_from_the_service() {
    for (status, body) in
        [(200, "<html>hello</html>"), (202, "{}"), (202, r#"{"run": 0}"#), (201, r#"{"run": 1}"#)]
    {
        let service = FakeService::start(move |_, _| say(status, "", body));
        let call = desk().call(&["submit", &service.url(), "a.xml"]).ends(2);
        call.tells(&["does not answer as feedgate does"]);
    }
    let garbage = FakeService::start(|_, _| Answer::Say("\x1b[2J\r\n\r\n".to_owned()));
    let call = desk().call(&["submit", &garbage.url(), "--timeout", "1s", "a.xml"]).ends(2);
    assert!(!call.stderr.contains('\x1b'), "{call:?}");
    let other = FakeService::start(|_, request| {
        if request.line.starts_with("POST") { usual(request, 0, None) } else { say(200, "", &ended(18, 0)) }
    });
    desk()
        .call(&["submit", &other.url(), "--wait", "a.xml"])
        .ends(2)
        .tells(&["run 18", "goes on at the service"]);
}

#[test]
fn nothing_is_sent_where_a_service_sends_us_on() {
    let target = FakeService::start(|_, request| usual(request, 0, None));
    let to = format!("location: {}v1/feeds\r\n", target.url());
    let service = FakeService::start(move |_, _| say(307, &to, ""));
    let desk = desk();
    let mut command = desk.command(&["submit", &service.url(), "a.xml"]);
    let call = Call::of(command.env("FEEDGATE_TOKEN", "fgt_secret").output().expect("it starts")).ends(2);
    call.tells(&["sends us on to `http://127.0.0.1:", "name that address instead"]);
    assert_eq!(service.asked()[0].header("authorization"), Some("bearer fgt_secret"));
    assert!(target.asked().is_empty());
}

#[test]
fn a_report_is_passed_on_and_commands_no_terminal() {
    let report = "error: `é` — \x1b[2J\n  a.xml:1:2\x07\n";
    let service = FakeService::start(move |_, request| usual(request, 1, Some(report)));
    let call = desk().call(&["submit", &service.url(), "--wait", "a.xml"]).ends(1);
    assert_eq!(call.stdout, "error: `é` — \\u{1b}[2J\n  a.xml:1:2\\u{7}\n");
    let evil = r#"{"type": "urn:feedgate:problem:\u001b[1m", "detail": "\u001b]0;title\u0007"}"#;
    let refusing = FakeService::start(move |_, _| say(400, "", evil));
    let call = desk().call(&["submit", &refusing.url(), "a.xml"]).ends(2);
    assert!(!call.stderr.contains(['\x1b', '\x07']), "{call:?}");
}

#[test]
fn a_report_that_is_not_kept_is_told_and_the_run_speaks_for_itself() {
    let service = FakeService::start(|_, request| usual(request, 4, None));
    let desk = desk();
    let call = desk.call(&["submit", &service.url(), "--wait", "a.xml"]).ends(4);
    assert_eq!(
        call.stdout,
        "run       17, succeeded\nfeed      a.xml\nrecords   3 read, 0 refused\n\
         products  0 new, 0 changed, 0 unchanged, 0 withdrawn\nchecked   schema passed\n\
         verdict   exit status 4: not fully checked\n"
    );
    call.tells(&["the service keeps no text report of run 17"]);
    let json = desk.call(&["submit", &service.url(), "--wait", "--report", "json", "a.xml"]).ends(4);
    assert_eq!(json.stdout, "", "what is for programs is that or nothing");
    let file =
        desk.call(&["submit", &service.url(), "--wait", "--report-file", "junit=j.xml", "a.xml"]).ends(2);
    file.tells(&["no junit report of run 17: `j.xml` lacks it"]);
    assert!(!desk.path("j.xml").exists());
}

#[test]
fn reports_go_to_files_and_the_gravest_run_decides() {
    let service = FakeService::start(|number, request| {
        let path = request.line.split(' ').nth(1).unwrap_or_default();
        match path.strip_prefix("/v1/runs/").and_then(|rest| rest.split_once("/report.")) {
            Some((run, form)) => say(200, "", &format!("{form} of {run}\n")),
            None if path.starts_with("/v1/feeds") => say(202, "", &format!(r#"{{"run": {}}}"#, number + 1)),
            None => {
                let run: i64 = path.rsplit('/').next().and_then(|run| run.parse().ok()).expect("a run");
                say(200, "", &ended(run, if run == 2 { 3 } else { 1 }))
            }
        }
    });
    let desk = desk();
    for name in ["b.xml", "c.xml"] {
        desk.file(name, "<catalogue/>");
    }
    let feeds = ["--wait", "--report-file", "json=r.json", "a.xml", "b.xml", "c.xml"];
    let call = desk.call(&[&["submit", &service.url()], &feeds[..]].concat()).ends(3);
    assert_eq!(call.stdout, "txt of 1\ntxt of 2\ntxt of 3\n");
    let json = fs::read_to_string(desk.path("r.json")).expect("written");
    assert_eq!(json, "json of 1\njson of 2\njson of 3\n");
    let url = service.url();
    let before = service.asked().len();
    let wrong = desk.call(&["submit", &url, "--wait", "--report", "sarif", "a.xml", "b.xml"]).ends(2);
    wrong.tells(&["a sarif report is a document about one run, and each of the 2 feeds"]);
    desk.call(&["submit", &url, "--report", "json", "a.xml"]).ends(2).tells(&["--wait"]);
    assert_eq!(service.asked().len(), before, "nothing was sent");
    let one = desk.call(&["submit", &url, "--wait", "--report", "junit", "a.xml"]);
    assert!(one.stdout.starts_with("junit.xml of "), "{one:?}");
}

/// Starts it, to be looked at while it runs.
fn begun(desk: &Desk, arguments: &[&str]) -> Child {
    let mut command = desk.command(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
}

#[track_caller]
fn until(what: &str, mut look: impl FnMut() -> bool) {
    let began = Instant::now();
    while !look() {
        assert!(began.elapsed() < Duration::from_mins(1), "it never happens: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn running(request: &Asked) -> Answer {
    if request.line.starts_with("POST") {
        usual(request, 0, None)
    } else {
        say(200, "", r#"{"id": 17, "state": "running", "exit_status": null, "progress": {"bytes": 5}}"#)
    }
}

#[test]
fn a_signal_leaves_the_run_to_the_service() {
    let service = FakeService::start(|_, request| running(request));
    let desk = desk();
    for (signal, again) in [("INT", false), ("TERM", true)] {
        let before = service.asked().len();
        let url = service.url();
        let flags = if again { &["--again"][..] } else { &[] };
        let child = begun(&desk, &[&["submit", &url, "--wait", "a.xml"], flags].concat());
        until("it follows", || service.asked().len() > before + 2);
        let sent = Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status();
        assert!(sent.expect("there is a kill").success());
        let call = Call::of(child.wait_with_output().expect("it ends")).ends(5);
        assert_eq!(call.stderr.contains("the same call again follows it"), !again, "{call:?}");
        call.tells(&[&format!("run 17 of `a.xml` goes on at the service: look at {url}v1/runs/17")]);
    }
}

#[test]
fn what_takes_too_long_is_left() {
    let service = FakeService::start(|_, request| running(request));
    let call = desk().call(&["submit", &service.url(), "--wait", "--timeout", "1s", "a.xml"]).ends(2);
    call.tells(&["not all of it was done within 1 s (`--timeout`)", "run 17 of `a.xml` goes on"]);
    let call = desk().call(&["submit", &service.url(), "--timeout", "soon", "a.xml"]).ends(2);
    call.tells(&["`--timeout soon` cannot be used"]);
}

#[test]
fn a_service_that_is_away_for_a_while_is_waited_for() {
    let first = FakeService::start(|_, request| running(request));
    let (desk, address) = (desk(), first.address);
    let child = begun(&desk, &["submit", &first.url(), "--wait", "a.xml"]);
    until("it follows", || first.asked().len() > 2);
    drop(first);
    std::thread::sleep(Duration::from_secs(2));
    let second = FakeService::start_on(address, |number, request| match number {
        0 => say(503, "", ""),
        1 => running(request),
        _ => usual(request, 1, Some("report\n")),
    });
    let call = Call::of(child.wait_with_output().expect("it ends")).ends(1);
    assert_eq!((call.stdout.as_str(), second.asked().len()), ("report\n", 4));
    call.tells(&["cannot reach `127.0.0.1:", "it is asked on", "the service answers again"]);
}

#[test]
fn what_cannot_be_meant_is_refused_before_anything_is_sent() {
    let desk = desk();
    desk.call(&["submit", "feedgate.example", "a.xml"]).ends(2).tells(&["is no address of a service"]);
    let secret = desk.call(&["submit", "https://user:hidden@feedgate.example/", "a.xml"]).ends(2);
    assert!(secret.stderr.contains("holds no name and no password"), "{secret:?}");
    assert!(!secret.stderr.contains("hidden"), "{secret:?}");
    desk.call(&["submit", "http://127.0.0.1:9/", "b.xml"])
        .ends(2)
        .tells(&["there is no file or folder `b.xml`"]);
    let service = FakeService::start(|_, request| usual(request, 0, None));
    let tls = service.url().replace("http", "https");
    desk.call(&["submit", &tls, "--timeout", "9s", "a.xml"]).ends(2).tells(&["does not speak TLS"]);
    assert!(service.asked().is_empty());
}

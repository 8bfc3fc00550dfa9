//! What is told of runs, findings, reports and sources; records that are judged at once; what a bound token sees.

use super::submit::small;
use super::web::{browser, page, signed_in};
use crate::support::catalogue::{Fault, catalogue};
use crate::support::database::{TestDatabase, on_each};
use crate::support::service::{Service, client, ended, said, sent, submitted, upload};
use feedgate::access::TokenText;
use feedgate::judgement::Acceptance;
use feedgate::store::{Attempt, Decision, NewToken, PackedBytes, PackedReport, RunEnd, Store};
use jiff::{SignedDuration, Timestamp};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;
use std::io::{Seek, Write};

async fn get(client: &Client, service: &Service, path: &str) -> (u16, Value) {
    sent(client.get(service.url(path))).await
}

fn ids(page: &Value) -> Vec<i64> {
    page["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| item["id"].as_i64().expect("a number"))
        .collect()
}

/// All pages of a list, followed to the last one.
async fn pages(client: &Client, service: &Service, path: &str) -> Vec<Value> {
    let (mut pages, mut cursor): (Vec<Value>, _) = (Vec::new(), String::new());
    loop {
        let (status, page) = get(client, service, &format!("{path}{cursor}")).await;
        assert_eq!(status, 200, "{page}");
        let next = page["next"].as_str().map(|next| format!("&cursor={next}"));
        pages.push(page);
        match next {
            Some(next) => cursor = next,
            None => break,
        }
    }
    let all: usize = pages.iter().map(|page| page["items"].as_array().expect("items").len()).sum();
    assert_eq!(pages[0]["total"], all, "{path}");
    assert!(pages[1..].iter().all(|page| page["total"].is_null()), "{path}");
    pages
}

#[test]
fn runs_are_listed_newest_first_in_pages() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &[]), client());
        for number in 1..=5 {
            let sender = if number == 3 { "B" } else { "A" };
            let run = submitted(upload(&client, &service, "", small(sender, number))).await;
            ended(&client, &service, run).await;
        }
        let pages = pages(&client, &service, "/v1/runs?limit=2").await;
        assert_eq!(pages.iter().map(ids).collect::<Vec<_>>(), [vec![5, 4], vec![3, 2], vec![1]]);
        let (_, of_b) = get(&client, &service, "/v1/runs?source=B&state=succeeded").await;
        assert_eq!((ids(&of_b), &of_b["next"]), (vec![3], &Value::Null));
        assert!(ids(&get(&client, &service, "/v1/runs?state=failed").await.1).is_empty());
        let run = &of_b["items"][0];
        assert_eq!((&run["acceptance"], &run["location"]), (&"accepted".into(), &"/v1/runs/3".into()));
        assert_eq!(run["progress"]["bytes"], run["progress"]["bytes_all"]);
        assert_eq!(run["verdict"]["checks"][1]["state"], "passed");
        for wrong in ["limit=0", "limit=501", "state=later", "cursor=x", "source=%00", "unknown=1"] {
            let (status, problem) = get(&client, &service, &format!("/v1/runs?{wrong}")).await;
            assert_eq!((status, problem["status"].as_u64()), (400, Some(400)), "{wrong}: {problem}");
        }
        assert_eq!(get(&client, &service, "/v1/runs?limit=500").await.0, 200);
    });
}

#[test]
fn findings_have_groups_and_pages() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &[]), client());
        let feed = catalogue("A", 6, |number| if number % 2 == 0 { Fault::Price } else { Fault::Pages });
        let run = submitted(upload(&client, &service, "?mode=check", feed)).await;
        ended(&client, &service, run).await;
        let path = format!("/v1/runs/{run}/findings?limit=4");
        let pages = pages(&client, &service, &path).await;
        let count = |page: &Value, part: &str| page[part].as_array().map(Vec::len);
        assert_eq!([count(&pages[0], "items"), count(&pages[1], "items")], [Some(4), Some(2)]);
        assert_eq!([count(&pages[0], "groups"), count(&pages[1], "groups")], [Some(2), Some(0)]);
        assert_eq!(pages[0]["groups"][0]["count"], 3);
        for (filter, expected) in [
            ("severity=error", 6),
            ("severity=notice", 0),
            ("path=price/amount", 3),
            ("key=r-1", 1),
            ("code=cvc-datatype-valid.1.2.1", 6),
            ("code=cvc-elt.1", 0),
        ] {
            let (status, found) = get(&client, &service, &format!("/v1/runs/{run}/findings?{filter}")).await;
            assert_eq!((status, count(&found, "items")), (200, Some(expected)), "{filter}: {found}");
        }
        assert_eq!(get(&client, &service, "/v1/runs/99/findings").await.0, 404);
    });
}

#[test]
fn every_list_says_how_many_there_are() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &["--set", "guard.refused=60%/1"]), client());
        for (sender, fault) in [("A", 1), ("A", 2), ("B", 2), ("C", 0)] {
            // Of `C`, all are refused, and it is held for that.
            let is_bad = |number| number == fault || fault == 0;
            let feed = catalogue(sender, 3, |number| if is_bad(number) { Fault::Price } else { Fault::None });
            let run = submitted(upload(&client, &service, "", feed)).await;
            ended(&client, &service, run).await;
        }
        let store = Store::open(&database.url).await.expect("the database opens");
        let decision = Decision::new("cli:somebody", Some("so")).expect("it fits");
        // The first one is superseded: its record was right the second time.
        for entry in 2..=3 {
            assert!(store.discard(entry, Timestamp::now(), &decision).await.expect("it is done"), "{entry}");
        }
        for (path, total) in [
            ("/v1/runs?limit=1", 4),
            ("/v1/runs?source=A&limit=1", 2),
            ("/v1/runs?state=held&limit=1", 1),
            ("/v1/runs?state=failed&limit=1", 0),
            ("/v1/quarantine?limit=1", 3),
            ("/v1/quarantine?state=discarded&source=A&limit=1", 1),
            ("/v1/held?limit=1", 1),
            ("/v1/held?source=B&limit=1", 0),
            ("/v1/audit?limit=1", 2),
            ("/v1/sources?limit=1", 3),
            ("/v1/sources/A/versions?limit=1", 2),
            ("/v1/runs/4/findings?limit=1", 4),
        ] {
            let pages = pages(&client, &service, path).await;
            assert_eq!(pages[0]["total"], total, "{path}: {pages:?}");
        }
        let formats = get(&client, &service, "/v1/formats").await.1;
        assert_eq!(formats["total"], formats["items"].as_array().expect("items").len());
        let token = token(database, "bound", "read", Some("A")).await;
        let seen = async |path: &str| {
            sent(client.get(service.url(path)).bearer_auth(&token)).await.1["total"].as_u64()
        };
        assert_eq!((seen("/v1/runs").await, seen("/v1/sources").await), (Some(2), Some(1)));
        assert_eq!((seen("/v1/quarantine").await, seen("/v1/held").await), (Some(2), Some(0)));
    });
}

#[test]
fn no_answer_turns_the_direction_of_writing() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &[]), client());
        let feed = catalogue("A\u{202e}", 2, |_| Fault::Price).replace("r-1", "r-\u{2066}1");
        let run = submitted(upload(&client, &service, "?name=a%E2%80%AE.xml", feed)).await;
        ended(&client, &service, run).await;
        let paths = ["/v1/runs", "/v1/quarantine", "/v1/quarantine/1", "/v1/sources", "/v1/nowhere%E2%80%AE"];
        let of_run = ["", "/findings", "/events", "/report.json", "/report.html", "/report.txt"];
        let of_run = of_run.map(|part| format!("/v1/runs/{run}{part}"));
        for path in paths.map(str::to_owned).iter().chain(&of_run) {
            let answer = client.get(service.url(path)).send().await.expect("the service answers");
            let text = answer.text().await.expect("a body");
            assert!(!text.contains(['\u{202e}', '\u{2066}']), "{path}: {text}");
        }
        let quarantine = client.get(service.url("/v1/quarantine")).send().await.expect("it answers");
        let quarantine = quarantine.text().await.expect("a body");
        assert!(quarantine.contains("A\\u202e") && quarantine.contains("r-\\u20661"), "{quarantine}");
        assert!(!service.log().contains(['\u{202e}', '\u{2066}']), "{}", service.log());
    });
}

/// A run of a command that has ended, with a report.
async fn reported(database: &TestDatabase, form: &str, report: &[u8]) -> i64 {
    let store = Store::open(&database.url).await.expect("the database opens");
    let now = Timestamp::now();
    let run = store.begin_run(now, now + SignedDuration::from_secs(60), None).await.expect("it begins");
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(&zstd::encode_all(report, 0).expect("packs")).expect("written");
    file.rewind().expect("a file");
    let reports = [PackedReport { form: form.to_owned(), bytes: PackedBytes::File(file) }];
    store.write_reports(Attempt::from(run), &reports).await.expect("they are kept");
    let end = RunEnd { acceptance: Acceptance::Accepted, message: None, summary: None };
    store.finish_run(run, now, end).await.expect("it ends");
    run.0
}

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().expect("ASCII"))
}

#[test]
fn reports_are_unpacked_on_their_way() {
    on_each(async |database| {
        let page = format!("<html>{}</html>", "x".repeat(1 << 20));
        let (service, client) = (Service::start(database, &["--workers", "1"]), client());
        let run = reported(database, "html", page.as_bytes()).await;
        let address = |form: &str| service.url(&format!("/v1/runs/{run}/report.{form}"));
        let response = client.get(address("html")).send().await.expect("an answer");
        assert_eq!(header(&response, "content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(header(&response, "x-content-type-options"), Some("nosniff"));
        assert_eq!(
            header(&response, "content-disposition"),
            Some(format!("inline; filename=\"run-{run}.html\"").as_str())
        );
        assert!(
            header(&response, "content-security-policy")
                .is_some_and(|policy| policy.contains("default-src 'none'"))
        );
        assert_eq!(said(response).await, (200, Value::String(page)));
        let (status, problem) = sent(client.get(address("json"))).await;
        assert_eq!((status, problem["detail"].as_str().map(|told| told.contains("html"))), (404, Some(true)));
        assert_eq!(sent(client.get(address("pdf"))).await.0, 404);
        // Not yet: said so.
        let long = catalogue("A", 20_000, |_| Fault::None);
        let running = submitted(upload(&client, &service, "", long)).await;
        let (status, problem) = get(&client, &service, &format!("/v1/runs/{running}/report.html")).await;
        let told = problem["detail"].as_str().expect("a sentence").to_owned();
        assert!(status == 404 && told.contains("written at its end"), "{status} {told}");
    });
}

/// The events of an answer: number, kind, state.
async fn events(response: Response) -> Vec<(String, String, String)> {
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), Some("text/event-stream"));
    let text = response.text().await.expect("it ends");
    let event = |block: &str| {
        let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
        let run: Value = serde_json::from_str(&field("data: ")?).expect("JSON");
        Some((field("id: ")?, field("event: ")?, run["state"].as_str()?.to_owned()))
    };
    text.split("\n\n").filter_map(event).collect()
}

#[test]
fn a_run_is_followed_to_its_end_by_any_instance() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &["--workers", "1"]), client());
        let long = catalogue("A", 20_000, |_| Fault::None);
        let run = submitted(upload(&client, &service, "", long)).await;
        let path = format!("/v1/runs/{run}/events");
        let follow = |service: &Service, heard: Option<&str>| {
            let request = client.get(service.url(&path));
            heard.map_or_else(
                || client.get(service.url(&path)),
                |heard| request.header("last-event-id", heard),
            )
        };
        let told = events(follow(&service, None).send().await.expect("an answer")).await;
        let (last, kind, state) = told.last().expect("at least the end").clone();
        assert_eq!((kind.as_str(), state.as_str()), ("state", "succeeded"));
        let numbers: std::collections::BTreeSet<_> = told.iter().map(|(number, ..)| number).collect();
        assert_eq!(numbers.len(), told.len(), "nothing is told twice: {told:?}");
        assert!(service.stop().success());
        // Another instance knows what was heard.
        let service = Service::start(database, &[]);
        let (status, _) = sent(follow(&service, Some(&last))).await;
        assert_eq!(status, 204, "all was heard");
        let waited = events(follow(&service, Some("0-queued-0-0-0")).send().await.expect("an answer")).await;
        let told: Vec<_> = waited.iter().map(|(_, kind, state)| (kind.as_str(), state.as_str())).collect();
        assert_eq!(told, [("state", "running"), ("state", "succeeded")]);
        assert_eq!(sent(client.get(service.url("/v1/runs/99/events"))).await.0, 404);
    });
}

#[test]
fn followers_are_let_go_when_the_service_stops() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &["--workers", "1"]), client());
        let long = catalogue("A", 20_000, |_| Fault::None);
        submitted(upload(&client, &service, "", long.clone())).await;
        let waiting = submitted(upload(&client, &service, "?again=true", long)).await;
        let response = client.get(service.url(&format!("/v1/runs/{waiting}/events"))).send().await;
        let following = tokio::spawn(events(response.expect("an answer")));
        assert!(service.stop().success());
        let told = following.await.expect("no panic");
        assert_eq!(told.first().map(|(_, _, state)| state.as_str()), Some("queued"));
    });
}

fn check(client: &Client, service: &Service, query: &str, body: impl Into<reqwest::Body>) -> RequestBuilder {
    let address = service.url(&format!("/v1/records:check{query}"));
    client.post(address).header("content-type", "application/xml").body(body)
}

#[test]
fn records_are_judged_at_once_and_nothing_is_kept() {
    on_each(async |database| {
        let (service, client) =
            (Service::start(database, &["--set", "serve.check_bytes_max=100000"]), client());
        let feed = catalogue("A", 3, |number| if number == 1 { Fault::Price } else { Fault::None });
        let (status, found) = sent(check(&client, &service, "", feed.clone())).await;
        assert_eq!(
            (status, &found["acceptance"], &found["exit_status"]),
            (200, &"deviations".into(), &1.into())
        );
        assert_eq!((&found["records"], &found["refused"]), (&3.into(), &1.into()));
        assert_eq!(found["findings"][0]["key"], "r-1", "{found}");
        let record = feed.lines().find(|line| line.contains("r-0")).expect("a record").to_owned();
        let (status, found) = sent(check(&client, &service, "?format=catalogue", record)).await;
        assert_eq!((status, &found["acceptance"]), (200, &"accepted".into()), "{found}");
        assert_eq!(found["findings"][0]["code"], "feed.record-alone");
        let many = catalogue("A", 250, |_| Fault::Price);
        let (_, found) = sent(check(&client, &service, "", many)).await;
        assert_eq!(
            (found["findings"].as_array().map(Vec::len), &found["findings_count"]),
            (Some(200), &250.into())
        );
        assert_eq!(sent(check(&client, &service, "", "x".repeat(100_001))).await.0, 413);
        assert_eq!(sent(check(&client, &service, "?format=nothing", "<a/>")).await.0, 400);
        assert_eq!(sent(check(&client, &service, "", "")).await.0, 400);
        let typed =
            client.post(service.url("/v1/records:check")).header("content-type", "text/plain").body("x");
        assert_eq!(sent(typed).await.0, 415);
        for table in ["run", "feed_version", "deviation", "product"] {
            assert_eq!(database.number(&format!("select count(*) from {table}")).await, 0, "{table}");
        }
        let left = std::fs::read_dir(database.folder.path().join("spool")).expect("a spool").count();
        assert_eq!(left, 0);
    });
}

/// A form of parts, each with its name and what follows its head.
fn check_form(client: &Client, service: &Service, parts: &[(&str, &str)]) -> RequestBuilder {
    let part = |(name, body): &(&str, &str)| {
        format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"f\"\r\n\r\n{body}\r\n")
    };
    let body = parts.iter().map(part).collect::<String>() + "--b--\r\n";
    let address = service.url("/v1/records:check");
    client.post(address).header("content-type", "multipart/form-data; boundary=b").body(body)
}

#[test]
fn records_are_judged_when_they_are_sent_as_a_form() {
    on_each(async |database| {
        let (service, client) =
            (Service::start(database, &["--set", "serve.check_bytes_max=100000"]), client());
        let of = async |parts: &[(&str, &str)]| sent(check_form(&client, &service, parts)).await;
        let feed = catalogue("A", 3, |number| if number == 1 { Fault::Price } else { Fault::None });
        let as_body = sent(check(&client, &service, "", feed.clone())).await;
        assert_eq!(of(&[("feed", &feed)]).await, as_body);
        assert_eq!(of(&[("feed", &feed), ("format", "catalogue")]).await, as_body, "in any order");
        assert_eq!(of(&[("format", ""), ("feed", &feed)]).await, as_body, "an empty format is none");
        let long = "x".repeat(100_001);
        for (parts, status, name) in [
            (&[("feed", feed.as_str()), ("format", "nothing")][..], 400, "invalid-parameter"),
            (&[("format", "catalogue")], 400, "invalid-request"),
            (&[("feed", "")], 400, "invalid-request"),
            (&[("feed", "<a/>"), ("feed", "<a/>")], 400, "invalid-request"),
            (&[("mode", "check"), ("feed", "<a/>")], 400, "invalid-request"),
            (&[("feed", &long)], 413, "too-large"),
        ] {
            let (told, problem) = of(parts).await;
            let name = format!("urn:feedgate:problem:{name}");
            assert_eq!((told, problem["type"].as_str()), (status, Some(name.as_str())), "{problem}");
        }
        assert_eq!(database.number("select count(*) from run").await, 0);
    });
}

#[test]
fn a_bomb_ends_in_a_named_limit() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &[]), client());
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packed
            .write_all(b"<catalogue xmlns='urn:feedgate:catalogue:1.0' version='1.0'>")
            .expect("writes to memory");
        for _ in 0..100 {
            packed.write_all(&vec![b' '; 1 << 20]).expect("writes to memory");
        }
        let bomb = packed.finish().expect("writes to memory");
        let (status, found) = sent(check(&client, &service, "", bomb)).await;
        assert_eq!((status, &found["acceptance"]), (200, &"failed".into()), "{found}");
        let failure = found["failure"].as_str().expect("a sentence");
        assert!(failure.contains("ratio_max") || failure.contains("decoded_bytes_max"), "{failure}");
    });
}

#[test]
fn sources_versions_and_formats_are_listed() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &[]), client());
        for (number, sender) in [(1, "A"), (2, "B"), (3, "A")] {
            let run = submitted(upload(&client, &service, "", small(sender, number))).await;
            ended(&client, &service, run).await;
        }
        let pages = pages(&client, &service, "/v1/sources?limit=1").await;
        let names: Vec<_> = pages.iter().map(|page| page["items"][0]["source"].as_str()).collect();
        assert_eq!(names, [Some("A"), Some("B")]);
        let (status, versions) = get(&client, &service, "/v1/sources/A/versions").await;
        let runs: Vec<_> =
            versions["items"].as_array().expect("items").iter().map(|each| each["run"].clone()).collect();
        assert_eq!((status, runs), (200, vec![3.into(), 1.into()]));
        assert_eq!(get(&client, &service, "/v1/sources/C/versions").await.0, 404);
        let (status, formats) = get(&client, &service, "/v1/formats").await;
        let catalogue = &formats["items"][0];
        assert_eq!(
            (status, &catalogue["id"], &catalogue["installed"]),
            (200, &"catalogue/1.0".into(), &true.into())
        );
        assert_eq!(get(&client, &service, "/v1/diff?old=998&new=999").await.0, 404);
        assert_eq!(get(&client, &service, "/v1/diff?old=1&new=1&limit=1001").await.0, 400);
        assert_eq!(get(&client, &service, "/v1/diff?old=1").await.0, 400);
    });
}

#[test]
fn two_applied_feeds_are_compared() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &[]), client());
        let old = catalogue("A", 3, |_| Fault::None);
        let new = catalogue("A", 4, |_| Fault::None).replacen("Sonate", "Fuge", 1);
        let mut ids = Vec::new();
        for feed in [&old, &new] {
            let run = submitted(upload(&client, &service, "?name=a.xml", feed.clone())).await;
            ids.push(ended(&client, &service, run).await["read"][0]["id"].as_i64().expect("a number"));
        }
        let diff = async |old: i64, new: i64, limit: &str| {
            let path = format!("/v1/diff?old={old}&new={new}{limit}");
            let response = client.get(service.url(&path)).send().await.expect("an answer");
            assert_eq!(header(&response, "content-type"), Some("application/x-ndjson"));
            assert_eq!(
                (response.status().as_u16(), header(&response, "x-content-type-options")),
                (200, Some("nosniff"))
            );
            let text = response.text().await.expect("a body");
            text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect::<Vec<Value>>()
        };
        let lines = diff(ids[0], ids[1], "").await;
        let kinds: Vec<_> = lines.iter().map(|line| line["type"].as_str().expect("a type")).collect();
        assert_eq!(kinds, ["diff_started", "change", "change", "diff_summary"]);
        assert_eq!((&lines[0]["old"]["feed"], &lines[0]["new"]["feed"]), (&"a.xml".into(), &"a.xml".into()));
        let mut changes: Vec<_> =
            lines[1..3].iter().map(|line| (line["key"].as_str(), line["kind"].as_str())).collect();
        changes.sort_unstable();
        assert_eq!(changes, [(Some("r-0"), Some("changed")), (Some("r-3"), Some("added"))], "{lines:?}");
        let summary = &lines[3];
        let count = |name: &str| summary[name].as_u64();
        assert_eq!(
            [count("added"), count("changed"), count("removed"), count("unchanged"), count("untold")],
            [Some(1), Some(1), Some(0), Some(2), Some(0)],
            "{summary}"
        );
        let one = diff(ids[0], ids[1], "&limit=1").await;
        assert_eq!((one.len(), &one[2]["untold"]), (3, &1.into()));
        let back = diff(ids[1], ids[0], "").await;
        assert_eq!((&back[3]["removed"], &back[3]["added"]), (&1.into(), &0.into()));
        let same = diff(ids[1], ids[1], "").await;
        assert_eq!((same.len(), &same[1]["exit_status"]), (2, &0.into()));
    });
}

/// A token, made beside the program.
async fn token(database: &TestDatabase, name: &str, scopes: &str, source: Option<&str>) -> String {
    let store = Store::open(&database.url).await.expect("the database opens");
    let text = TokenText::random().expect("random bytes");
    let hash = text.hash();
    let token = NewToken { name, hash: hash.bytes(), scopes, source, expires_at: None };
    let decision = Decision::new("cli:test", None).expect("it fits");
    assert!(store.create_token(token, Timestamp::now(), &decision).await.expect("it is made"));
    text.secret().to_owned()
}

#[test]
fn a_bound_token_sees_its_source_alone() {
    on_each(async |database| {
        let all = token(database, "all", "read submit", None).await;
        let bound = token(database, "bound", "read submit", Some("A")).await;
        let reads = token(database, "reads", "read", None).await;
        let (service, client) = (Service::start(database, &[]), client());
        let of = async |request: RequestBuilder, token: &str| sent(request.bearer_auth(token)).await;
        let look = async |path: &str, token: &str| of(client.get(service.url(path)), token).await;
        for (number, sender) in [(1, "A"), (2, "B")] {
            let (status, body) = of(upload(&client, &service, "", small(sender, number)), &all).await;
            assert_eq!(status, 202, "{body}");
        }
        crate::support::service::until("both end", async || {
            let (_, page) = look("/v1/runs?state=succeeded", &all).await;
            (ids(&page).len() == 2).then_some(())
        })
        .await;
        assert_eq!(ids(&look("/v1/runs", &bound).await.1), [1]);
        for path in ["/v1/runs/2", "/v1/runs/2/findings", "/v1/runs/2/events", "/v1/runs/2/report.json"] {
            assert_eq!(look(path, &bound).await.0, 404, "{path}");
        }
        assert_eq!(of(client.post(service.url("/v1/runs/2/cancel")), &bound).await.0, 404);
        for path in ["/v1/runs?source=B", "/v1/sources/B/versions", "/v1/sources/nobody/versions"] {
            let (status, problem) = look(path, &bound).await;
            assert_eq!(
                (status, &problem["type"]),
                (403, &"urn:feedgate:problem:source-forbidden".into()),
                "{path}"
            );
        }
        let (_, sources) = look("/v1/sources", &bound).await;
        assert_eq!(sources["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(of(check(&client, &service, "", small("B", 1)), &bound).await.0, 403);
        assert_eq!(of(check(&client, &service, "", small("A", 1)), &bound).await.0, 200);
        assert_eq!(of(check(&client, &service, "", small("A", 1)), &reads).await.0, 403);
        assert_eq!(
            (look("/v1/runs", "fgt_x").await.0, get(&client, &service, "/v1/runs").await.0),
            (401, 401)
        );
    });
}

#[test]
fn a_run_of_several_sources_is_told_without_the_others() {
    on_each(async |database| {
        let bound = token(database, "bound", "read submit", Some("A")).await;
        let all = token(database, "all", "read submit", None).await;
        let (service, client) = (Service::start(database, &[]), client());
        let request = upload(&client, &service, "", small("A", 1)).bearer_auth(&all);
        let run = submitted(request).await;
        crate::support::service::until("it ends", async || {
            let (_, body) = sent(client.get(service.url(&format!("/v1/runs/{run}"))).bearer_auth(&all)).await;
            (body["state"] == "succeeded").then_some(())
        })
        .await;
        // As if the feed had been submitted for another source.
        database.execute("update submission set source = 'B'").await;
        database.execute("update run set message = 'B is told of'").await;
        let look = async |path: &str| sent(client.get(service.url(path)).bearer_auth(&bound)).await;
        let (status, told) = look(&format!("/v1/runs/{run}")).await;
        assert_eq!((status, &told["state"], &told["feeds"]), (200, &"succeeded".into(), &1.into()));
        for hidden in ["message", "verdict", "counts", "source", "digest", "exit_status", "feed"] {
            assert_eq!(told[hidden], Value::Null, "{hidden}");
        }
        assert_eq!(look(&format!("/v1/runs/{run}/report.json")).await.0, 403);
        let cancel = client.post(service.url(&format!("/v1/runs/{run}/cancel"))).bearer_auth(&bound);
        assert_eq!(sent(cancel).await.0, 403);
    });
}

#[test]
fn who_cancels_is_written_down() {
    on_each(async |database| {
        let all = token(database, "all", "read submit", None).await;
        let (service, client) = (Service::start(database, &["--workers", "1"]), client());
        let long = catalogue("A", 20_000, |_| Fault::None);
        let submit = |query: &str| upload(&client, &service, query, long.clone()).bearer_auth(&all);
        submitted(submit("")).await;
        let waiting = submitted(submit("?again=true")).await;
        let cancel = || client.post(service.url(&format!("/v1/runs/{waiting}/cancel"))).bearer_auth(&all);
        let (status, run) = sent(cancel()).await;
        assert_eq!((status, &run["state"]), (202, &"cancelled".into()));
        assert_eq!(sent(cancel()).await.0, 409);
        let rows = database
            .texts("select who || ' ' || action || ' ' || object from audit where action like 'run%'")
            .await;
        assert_eq!(rows, [format!("token:all run.cancel run {waiting}")]);
        // The page says so, too, and who sent it: to those who may know who decided.
        let path = format!("/runs/{waiting}");
        let told = async |name: &str, scopes: &str| {
            let cookie = signed_in(&service, &token(database, name, scopes, None).await).await;
            page(browser().get(service.url(&path)).header("cookie", cookie)).await
        };
        let told_operator = told("boss", "read operate").await;
        assert!(told_operator.contains("<dt>Cancelled by</dt><dd>all</dd>"), "{told_operator}");
        assert!(told_operator.contains("<dt>Sent by</dt><dd>all</dd>"), "{told_operator}");
        let told_reader = told("reader", "read").await;
        assert!(!told_reader.contains("Cancelled by"), "{told_reader}");
    });
}

#[test]
fn every_failure_is_a_problem() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &[]), client());
        for (method, path, expected) in [
            ("GET", "/v1/nothing", 404),
            ("DELETE", "/v1/runs/1", 405),
            ("GET", "/v1/records:check", 405),
            ("GET", "/v1/runs/0", 400),
            ("GET", "/v1/runs/x", 400),
            ("GET", "/v1/runs/99999999999999999999", 400),
            ("GET", "/v1/runs/1", 404),
            ("GET", "/v1/runs/%ff", 404),
            ("GET", "/v1/sources/%00/versions", 400),
            ("POST", "/v1/runs/1/cancel", 404),
            ("POST", "/v1/records:check", 415),
        ] {
            let method = method.parse().expect("a method");
            let response = client.request(method, service.url(path)).send().await.expect("an answer");
            assert_eq!(header(&response, "content-type"), Some("application/problem+json"), "{path}");
            let (status, problem) = said(response).await;
            assert_eq!(
                (status, problem["status"].as_u64()),
                (expected, Some(u64::from(expected))),
                "{path}: {problem}"
            );
        }
        let (status, document) = get(&client, &service, "/openapi.json").await;
        assert_eq!((status, &document["servers"][0]["url"]), (200, &"/".into()));
        assert_eq!(
            document["security"],
            serde_json::json!([{"bearer": []}, {}]),
            "nobody has to say who they are"
        );
        let report = &document["paths"]["/v1/runs/{id}/{report}"]["get"]["responses"]["200"]["content"];
        assert_eq!(report["application/json"]["schema"]["type"], "array", "GitLab's form is a list");
    });
}

/// The names of an object, with those inside.
fn names(value: &Value, before: &str, found: &mut Vec<String>) {
    for (name, inner) in value.as_object().into_iter().flatten() {
        found.push(format!("{before}{name}"));
        names(inner, &format!("{before}{name}."), found);
    }
}

#[test]
fn examples_are_as_answers_are() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &[]), client());
        let feed = catalogue("A", 3, |number| if number == 1 { Fault::Price } else { Fault::None });
        let run = submitted(upload(&client, &service, "", feed.clone())).await;
        ended(&client, &service, run).await;
        let (_, document) = get(&client, &service, "/openapi.json").await;
        let answers = [
            ("Run", get(&client, &service, &format!("/v1/runs/{run}")).await.1),
            ("Findings", get(&client, &service, &format!("/v1/runs/{run}/findings")).await.1),
            ("Checked", sent(check(&client, &service, "", feed)).await.1),
            ("Version", get(&client, &service, "/v1/sources/A/versions").await.1["items"][0].clone()),
        ];
        for (schema, answer) in answers {
            let (mut shown, mut given) = (Vec::new(), Vec::new());
            names(&document["components"]["schemas"][schema]["example"], "", &mut shown);
            names(&answer, "", &mut given);
            assert_eq!(shown, given, "{schema}");
        }
    });
}

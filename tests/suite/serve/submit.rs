//! Feeds come in: what is taken, what is the same, what is refused, and what comes of it.

use crate::support::catalogue::{Fault, catalogue};
use crate::support::database::on_each;
use crate::support::service::{Service, client, ended, sent, submitted, until, upload};
use feedgate::source::Digest;
use serde_json::{Value, json};
use std::fs;
use std::io::Write;

/// A small feed, another one for each number.
pub(crate) fn small(sender: &str, number: u32) -> String {
    catalogue(sender, 1, |_| Fault::None).replace("r-0", &format!("r-{number}"))
}

#[test]
fn a_feed_is_imported_and_its_bytes_are_gone_then() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &[]), client());
        let run = submitted(upload(&client, &service, "?name=a.xml", small("A", 1))).await;
        let ended = ended(&client, &service, run).await;
        assert_eq!((&ended["state"], &ended["counts"]["inserted"]), (&"succeeded".into(), &1.into()));
        assert_eq!(database.number("select count(*) from product").await, 1);
        assert_eq!(database.texts("select feed from feed_version").await, ["a.xml"]);
        let left = fs::read_dir(database.folder.path().join("spool")).expect("a spool").count();
        assert_eq!(left, 0, "what is done is not kept");
        assert!(service.stop().success());
    });
}

#[test]
fn a_check_changes_nothing_and_keeps_what_it_found() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &[]), client());
        let feed = catalogue("A", 3, |number| if number == 1 { Fault::Price } else { Fault::None });
        let run = submitted(upload(&client, &service, "?mode=check", feed)).await;
        let ended = ended(&client, &service, run).await;
        assert_eq!((&ended["state"], &ended["counts"]["inserted"]), (&"deviations".into(), &2.into()));
        assert_eq!(database.number("select count(*) from product").await, 0);
        assert_eq!(database.number("select count(*) from quarantine").await, 0);
        assert_eq!(database.texts("select state from feed_version").await, ["checked"]);
        assert_eq!(database.number("select count(*) from deviation").await, 1);
    });
}

#[test]
fn the_same_submission_is_the_same_run() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &[]), client());
        let (feed, other) = (small("A", 1), small("A", 2));
        let of = |query: &str, feed: &String| upload(&client, &service, query, feed.clone());
        let first = submitted(of("", &feed)).await;
        ended(&client, &service, first).await;
        let (status, again) = sent(of("", &feed)).await;
        assert_eq!((status, again["run"].as_i64()), (200, Some(first)));
        assert_eq!((&again["state"], &again["location"]), (&"succeeded".into(), &"/v1/runs/1".into()));
        // Another mode, another source, or when it is wanted: another run.
        for query in ["?mode=check", "?source=B", "?again=true"] {
            assert_ne!(submitted(of(query, &feed)).await, first, "{query}");
        }
        let keyed = submitted(of("", &other).header("idempotency-key", "k-1")).await;
        let (status, again) = sent(of("", &other).header("idempotency-key", "k-1")).await;
        assert_eq!((status, again["run"].as_i64()), (200, Some(keyed)));
        let (status, problem) = sent(of("", &feed).header("idempotency-key", "k-1")).await;
        assert_eq!((status, &problem["type"]), (409, &"urn:feedgate:problem:key-reused".into()), "{problem}");
        assert_eq!(problem["run"].as_i64(), Some(keyed));
    });
}

#[test]
fn a_submission_is_told_as_it_stands() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &["--workers", "1"]), client());
        let long = catalogue("A", 20_000, |_| Fault::None);
        let of = |name: &str| {
            let query = format!("?name={name}.xml&again=true");
            upload(&client, &service, &query, long.clone()).header("idempotency-key", name)
        };
        let (status, first) = sent(of("a")).await;
        assert_eq!((status, &first["state"]), (202, &"queued".into()), "{first}");
        let told = |answer: (u16, Value)| (answer.0, answer.1["state"].as_str().map(str::to_owned));
        until("it runs", async || (told(sent(of("a")).await) == (200, Some("running".into()))).then_some(()))
            .await;
        assert_eq!(told(sent(of("b")).await), (202, Some("queued".into())));
        assert_eq!(told(sent(of("b")).await), (200, Some("queued".into())), "its turn has not come");
    });
}

#[test]
fn what_has_ended_long_ago_is_forgotten() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &["--set", "serve.keep=3d"]), client());
        let check = |service: &Service, number| upload(&client, service, "?mode=check", small("A", number));
        for number in [1, 2] {
            let run = submitted(check(&service, number)).await;
            ended(&client, &service, run).await;
        }
        database.execute("update run set finished_at = '2026-01-01T00:00:00.000Z' where id = 1").await;
        let (status, again) = sent(check(&service, 1)).await;
        assert_eq!((status, &again["run"]), (200, &1.into()), "as long as it is kept it is known again");
        assert!(service.stop().success());

        let service = Service::start(database, &["--set", "serve.keep=3d"]);
        let kept = "select cast(run_id as text) from submission";
        until("it is forgotten", async || (database.texts(kept).await == ["2"]).then_some(())).await;
        let (_, run) = sent(client.get(service.url("/v1/runs/1"))).await;
        assert_eq!((&run["state"], &run["command"]), (&"succeeded".into(), &"check".into()), "{run}");
        assert_eq!((&run["mode"], &run["reports"], &run["feeds"]), (&Value::Null, &json!([]), &1.into()));
        assert_eq!(submitted(check(&service, 1)).await, 3);
        let (status, again) = sent(check(&service, 2)).await;
        assert_eq!((status, &again["run"]), (200, &2.into()));
    });
}

#[test]
fn what_has_failed_may_be_submitted_again() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &[]), client());
        let cut = small("A", 1)[..120].to_owned();
        let of = || upload(&client, &service, "", cut.clone());
        let first = submitted(of()).await;
        let end = ended(&client, &service, first).await;
        let again = sent(of()).await;
        let is_failed = end["state"] == "failed";
        assert_eq!(again.0, if is_failed { 202 } else { 200 }, "{end}");
    });
}

#[test]
fn forms_and_packed_feeds_are_taken() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &[]), client());
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(small("A", 1).as_bytes()).expect("writes to memory");
        let packed = packed.finish().expect("writes to memory");
        let gzip =
            client.post(service.url("/v1/feeds")).header("content-type", "application/gzip").body(packed);
        let run = submitted(gzip).await;
        assert_eq!(ended(&client, &service, run).await["state"], "succeeded");
        let form = format!(
            "--b\r\ncontent-disposition: form-data; name=\"source\"\r\n\r\nS\r\n--b\r\ncontent-disposition: form-data; \
             name=\"feed\"; filename=\"f.xml\"\r\n\r\n{}\r\n--b--\r\n",
            small("A", 2)
        );
        let form = client
            .post(service.url("/v1/feeds"))
            .header("content-type", "multipart/form-data; boundary=b")
            .body(form);
        let run = submitted(form).await;
        assert_eq!(ended(&client, &service, run).await["state"], "succeeded");
        let feeds = database.texts("select source || ' ' || feed from feed_version order by id").await;
        assert_eq!(feeds, ["A upload", "S f.xml"]);
    });
}

#[test]
fn a_large_form_is_taken_whole() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &[]), client());
        let noise = "x\r\n--\r".repeat(1 << 20);
        let form =
            format!("--b\r\ncontent-disposition: form-data; name=\"feed\"\r\n\r\n{noise}\r\n--b--\r\n");
        let request = client.post(service.url("/v1/feeds"));
        let request = request.header("content-type", "multipart/form-data; boundary=b").body(form);
        let run = submitted(request).await;
        let end = ended(&client, &service, run).await;
        assert_eq!(end["bytes"].as_u64(), Some(noise.len() as u64));
        assert_eq!(end["digest"].as_str(), Some(Digest::of(noise.as_bytes()).to_string().as_str()));
    });
}

/// A source of so many characters, four bytes each, that no database can store in fewer bytes.
fn long_source(chars: u32) -> String {
    let mut seed = 1_u32;
    let mut next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from_u32(0x20000 + (seed >> 16) % 0xa000).expect("an ideograph")
    };
    (0..chars).map(|_| next()).collect()
}

#[test]
fn a_source_has_as_many_characters_as_the_document_says() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &[]), client());
        let (_, document) = sent(client.get(service.url("/openapi.json"))).await;
        let parameters = document["paths"]["/v1/feeds"]["post"]["parameters"].as_array().expect("a list");
        let source = parameters.iter().find(|each| each["name"] == "source").expect("it may be said");
        let said = &source["schema"]["maxLength"];
        assert_eq!(said, &document["components"]["schemas"]["FeedForm"]["properties"]["source"]["maxLength"]);
        let most = u32::try_from(said.as_u64().expect("a limit")).expect("a small one");
        let of = |source: &str| {
            let source = source.bytes().map(|byte| format!("%{byte:02x}")).collect::<Vec<_>>().concat();
            upload(&client, &service, &format!("?source={source}"), small("A", 1))
        };
        let run = submitted(of(&long_source(most))).await;
        assert_eq!(ended(&client, &service, run).await["state"], "succeeded");
        assert_eq!(database.texts("select source from product").await, [long_source(most)]);
        let (status, problem) = sent(of(&long_source(most + 1))).await;
        assert_eq!((status, &problem["parameter"]), (400, &"source".into()), "{problem}");
        let form = |source: &str| {
            let head = "content-disposition: form-data; name=";
            let feed = small("A", 2);
            let form = client.post(service.url("/v1/feeds"));
            form.header("content-type", "multipart/form-data; boundary=b").body(format!(
                "--b\r\n{head}\"source\"\r\n\r\n{source}\r\n--b\r\n{head}\"feed\"\r\n\r\n{feed}\r\n--b--\r\n"
            ))
        };
        submitted(form(&long_source(most))).await;
        assert_eq!(sent(form(&long_source(most + 1))).await.0, 400);
    });
}

#[test]
fn what_cannot_be_taken_is_refused_before_it_is_read() {
    on_each(async |database| {
        let arguments = ["--set", "serve.body_bytes_max=1000", "--set", "serve.queue_max=0"];
        let (full, client) = (Service::start(database, &arguments), client());
        let of = |length: usize| upload(&client, &full, "", "x".repeat(length));
        assert_eq!(sent(of(1001)).await.0, 413);
        assert_eq!(sent(of(1000)).await.0, 503);
        let typed = client.post(full.url("/v1/feeds")).header("content-type", "text/plain").body("x");
        assert_eq!(sent(typed).await.0, 415);
        for query in ["?mode=later", "?format=nothing", "?unknown=1", "?name=%00", "?again=maybe"] {
            let (status, problem) = sent(upload(&client, &full, query, "x")).await;
            assert_eq!((status, &problem["status"]), (400, &400.into()), "{query}: {problem}");
        }
        assert_eq!(database.number("select count(*) from run").await, 0);
    });
}

#[test]
fn a_run_that_waits_is_cancelled_at_once_and_one_that_runs_soon() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &["--workers", "1"]), client());
        let long = catalogue("A", 20_000, |_| Fault::None);
        let running = submitted(upload(&client, &service, "", long.clone())).await;
        let waiting = submitted(upload(&client, &service, "?again=true", long)).await;
        let cancel =
            async |run: i64| sent(client.post(service.url(&format!("/v1/runs/{run}/cancel")))).await.0;
        let spooled = || std::fs::read_dir(database.folder.path().join("spool")).expect("a folder").count();
        let before = spooled();
        assert_eq!(cancel(waiting).await, 202);
        assert_eq!(spooled(), before - 1, "its bytes are of no use any more");
        assert_eq!(ended(&client, &service, waiting).await["state"], "cancelled");
        assert_eq!(cancel(running).await, 202);
        assert_eq!(ended(&client, &service, running).await["state"], "cancelled");
        assert_eq!(database.number("select count(*) from product").await, 0);
        assert_eq!((cancel(running).await, cancel(99).await), (409, 404));
    });
}

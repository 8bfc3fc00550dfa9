//! What people decide over HTTP: refused records, held feeds, rollbacks; who may, and that it is written down.

use super::submit::small;
use crate::support::catalogue::{Fault, catalogue};
use crate::support::database::{TestDatabase, on_each};
use crate::support::service::{Service, client, ended, said, sent, submitted, upload};
use feedgate::access::TokenText;
use feedgate::store::{Decision, NewToken, Store};
use jiff::Timestamp;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

/// Any change of a product is too much.
const STRICT: [&str; 2] = ["--set", "guard.update=0%/0"];

/// A service and whoever speaks to it, by a token or without one.
struct Desk<'a> {
    client: &'a Client,
    service: &'a Service,
    token: Option<String>,
}

impl<'a> Desk<'a> {
    fn new(client: &'a Client, service: &'a Service) -> Self {
        Self { client, service, token: None }
    }

    fn with(&self, token: &TokenText) -> Self {
        Self { token: Some(token.secret().to_owned()), ..*self }
    }

    fn shown(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        sent(self.shown(self.client.get(self.service.url(path)))).await
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        sent(self.shown(self.client.post(self.service.url(path)).json(&body))).await
    }

    /// Sends a corrected record, or nothing.
    async fn replay(&self, path: &str, record: &str) -> (u16, Value) {
        let request = self.client.post(self.service.url(path));
        let request = match record {
            "" => request,
            record => request.header("content-type", "application/xml").body(record.to_owned()),
        };
        sent(self.shown(request)).await
    }

    /// Submits a feed and waits for its end.
    async fn feed(&self, feed: String) -> Value {
        let run = submitted(self.shown(upload(self.client, self.service, "", feed))).await;
        self.ended(run).await
    }

    async fn ended(&self, run: i64) -> Value {
        match &self.token {
            None => ended(self.client, self.service, run).await,
            Some(_) => panic!("runs are looked at without a token"),
        }
    }

    /// Whole numbers that a list has as this.
    async fn ids(&self, path: &str) -> Vec<i64> {
        let (status, page) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {page}");
        let items = page["items"].as_array().expect("a list");
        items.iter().map(|item| item["id"].as_i64().expect("a number")).collect()
    }
}

/// The name of a problem.
fn problem(body: &Value) -> &str {
    let name = body["type"].as_str().unwrap_or_default();
    name.strip_prefix("urn:feedgate:problem:").unwrap_or_else(|| panic!("no problem: {body}"))
}

#[track_caller]
fn refused(answer: &(u16, Value), status: u16, name: &str) {
    assert_eq!((answer.0, problem(&answer.1)), (status, name), "{}", answer.1);
}

/// Three records, of which the second and the third are refused.
fn faulty(sender: &str) -> String {
    catalogue(sender, 3, |number| match number {
        1 => Fault::Price,
        2 => Fault::Pages,
        _ => Fault::None,
    })
}

/// The record of a feed with this key, as it stands there.
fn record_of(feed: &str, key: &str) -> String {
    let start = feed.find(&format!("<product reference=\"{key}\"")).expect("it is there");
    let end = feed[start..].find("</product>").expect("it ends") + "</product>".len();
    feed[start..start + end].to_owned()
}

async fn make_token(database: &TestDatabase, name: &str, scopes: &str, source: Option<&str>) -> TokenText {
    let store = Store::open(&database.url).await.expect("the database opens");
    let text = TokenText::random().expect("random bytes");
    let hash = text.hash();
    let token = NewToken { name, hash: hash.bytes(), scopes, source, expires_at: None };
    let decision = Decision::new("cli:test", None).expect("it fits");
    assert!(store.create_token(token, Timestamp::now(), &decision).await.expect("it is made"));
    store.close().await;
    text
}

/// Rows of the audit: who, what, to what, of which source, why.
async fn audit(database: &TestDatabase) -> Vec<String> {
    let sql = "select who || ' ' || action || ' ' || object || ' ' || coalesce(source, '-') || ' '
                   || coalesce(reason, '-') from audit where action not like 'token%' order by id";
    database.texts(sql).await
}

#[test]
fn refused_records_are_listed_shown_and_fetched() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &[]), client());
        let desk = Desk::new(&client, &service);
        let feed = faulty("A");
        let run = desk.feed(feed.clone()).await["id"].as_i64().expect("a number");
        let all = desk.ids("/v1/quarantine").await;
        let [first, second] = all[..] else { panic!("two are refused: {all:?}") };

        let (_, page) = desk.get("/v1/quarantine?limit=1").await;
        assert_eq!(
            (page["items"][0]["id"].as_i64(), &page["next"]),
            (Some(first), &first.to_string().into())
        );
        let (_, page) = desk.get(&format!("/v1/quarantine?limit=1&cursor={first}")).await;
        assert_eq!((page["items"][0]["id"].as_i64(), &page["next"]), (Some(second), &Value::Null));

        let (_, entry) = desk.get(&format!("/v1/quarantine/{first}")).await;
        let code = entry["findings"][0]["code"].as_str().expect("a code");
        assert_eq!((entry["state"].as_str(), entry["key"].as_str()), (Some("open"), Some("r-1")), "{entry}");
        let record = record_of(&feed, "r-1");
        assert_eq!(entry["size"].as_u64(), Some(record.len() as u64));
        for (filter, expected) in [
            ("key=r-2".to_owned(), vec![second]),
            (format!("code={code}&key=r-1"), vec![first]),
            ("code=rule.none".to_owned(), vec![]),
            (format!("run={run}&state=open&source=A"), all.clone()),
            ("state=discarded".to_owned(), vec![]),
            ("source=B".to_owned(), vec![]),
        ] {
            assert_eq!(desk.ids(&format!("/v1/quarantine?{filter}")).await, expected, "{filter}");
        }

        let fetched = client.get(service.url(&format!("/v1/quarantine/{first}/bytes"))).send().await;
        let fetched = fetched.expect("the service answers");
        let header = |name: &str| fetched.headers()[name].to_str().expect("a text").to_owned();
        assert_eq!(header("content-type"), "application/octet-stream");
        assert_eq!(header("content-disposition"), format!("attachment; filename=\"entry-{first}.xml\""));
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(said(fetched).await, (200, Value::String(record)));
        refused(&desk.get(&format!("/v1/quarantine/{first}/bytes?mended=true")).await, 404, "not-found");

        refused(&desk.get("/v1/quarantine/99").await, 404, "not-found");
        refused(&desk.get("/v1/quarantine/99/bytes").await, 404, "not-found");
        for wrong in ["limit=0", "limit=501", "cursor=x", "state=shut", "run=0", "key=%00", "page=2"] {
            let answer = desk.get(&format!("/v1/quarantine?{wrong}")).await;
            refused(&answer, 400, "invalid-parameter");
        }
    });
}

#[test]
fn a_refused_record_is_judged_again_and_imported_when_it_is_right() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &[]), client());
        let desk = Desk::new(&client, &service);
        let feed = faulty("A");
        desk.feed(feed.clone()).await;
        let [first, second] = desk.ids("/v1/quarantine").await[..] else { panic!("two are refused") };
        let path = format!("/v1/quarantine/{first}/replay");
        let products = async || database.number("select count(*) from product").await;

        let (status, answer) = desk.replay(&path, "").await;
        assert_eq!((status, &answer["outcome"]), (200, &"refused".into()), "{answer}");
        assert!(answer["findings"][0]["sentence"].as_str().is_some_and(|told| told.contains("12,50")));

        let mended = record_of(&feed, "r-1").replace("12,50", "12.50");
        let runs = database.number("select count(*) from run").await;
        let (status, answer) = desk.replay(&format!("{path}?check=true"), &mended).await;
        assert_eq!((status, &answer["outcome"]), (200, &"right".into()), "{answer}");
        let (_, answer) = desk.replay(&format!("{path}?check=true"), "").await;
        assert_eq!(answer["outcome"], "refused", "{answer}");
        assert_eq!((products().await, database.number("select count(*) from run").await), (1, runs));

        let other = mended.replace("r-1", "r-9");
        for query in ["?check=true", ""] {
            refused(&desk.replay(&format!("{path}{query}"), &other).await, 409, "conflict");
            refused(&desk.replay(&format!("{path}{query}"), "<x/>").await, 409, "conflict");
        }
        let broken = desk.replay(&path, "<product").await;
        assert_eq!((broken.0, &broken.1["outcome"]), (200, &"refused".into()), "{}", broken.1);
        let json = client.post(service.url(&path)).json(&json!({})).send().await;
        refused(&said(json.expect("an answer")).await, 415, "unsupported-media-type");
        refused(&desk.replay(&format!("{path}?reason=%20"), &mended).await, 400, "invalid-parameter");
        for no_digest in ["", "3f9a", "zzzzzzzzzzzz"] {
            refused(
                &desk.replay(&format!("{path}?seen={no_digest}"), &mended).await,
                400,
                "invalid-parameter",
            );
        }
        let another = "0".repeat(32);
        refused(&desk.replay(&format!("{path}?seen={another}"), &mended).await, 409, "conflict");
        refused(&desk.replay("/v1/quarantine/99/replay", &mended).await, 404, "not-found");
        assert_eq!((products().await, audit(database).await), (1, Vec::<String>::new()));

        let (_, entry) = desk.get(&format!("/v1/quarantine/{first}")).await;
        let seen = &entry["digest"].as_str().expect("a digest")[..12];
        let (status, answer) = desk.replay(&format!("{path}?reason=by%20phone&seen={seen}"), &mended).await;
        assert_eq!((status, &answer["outcome"]), (200, &"imported".into()), "{answer}");
        assert_eq!(products().await, 2);
        let (_, kept) = desk.get(&format!("/v1/quarantine/{first}/bytes?mended=true")).await;
        assert_eq!(kept, Value::String(mended.clone()));
        let (_, entry) = desk.get(&format!("/v1/quarantine/{first}")).await;
        assert_eq!(
            (&entry["state"], entry["mended_size"].as_u64()),
            (&"replayed".into(), Some(mended.len() as u64))
        );
        refused(&desk.replay(&path, &mended).await, 409, "conflict");
        assert_eq!(
            audit(database).await,
            [format!("anonymous quarantine.replay entry {first} A by phone")],
            "what was only tried is not written down"
        );
        assert_eq!(desk.ids("/v1/quarantine?state=open").await, [second]);
    });
}

#[test]
fn a_corrected_record_has_a_limit() {
    on_each(async |database| {
        let (service, client) =
            (Service::start(database, &["--set", "limits.record_bytes_max=1000"]), client());
        let desk = Desk::new(&client, &service);
        desk.feed(faulty("A")).await;
        let entry = desk.ids("/v1/quarantine").await[0];
        let path = format!("/v1/quarantine/{entry}/replay?check=true");
        let of = |length: usize| format!("{:length$}", "<product/>");
        assert_ne!(desk.replay(&path, &of(1_000)).await.0, 413);
        refused(&desk.replay(&path, &of(1_001)).await, 413, "too-large");
    });
}

#[test]
fn a_refused_record_is_given_up_once_and_for_a_reason() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &[]), client());
        let desk = Desk::new(&client, &service);
        desk.feed(faulty("A")).await;
        let entry = desk.ids("/v1/quarantine").await[0];
        let path = format!("/v1/quarantine/{entry}/discard");
        for (body, status, name) in [
            (json!({}), 400, "invalid-request"),
            (json!({"reason": 7}), 400, "invalid-request"),
            (json!({"reason": "so", "force": true}), 400, "invalid-request"),
            (json!({"reason": " "}), 400, "invalid-parameter"),
            (json!({"reason": "ü".repeat(1_001)}), 400, "invalid-parameter"),
            (json!({"reason": "x".repeat(64 << 10)}), 413, "too-large"),
        ] {
            refused(&desk.post(&path, body).await, status, name);
        }
        let typed = client.post(service.url(&path)).header("content-type", "text/plain").body("{}");
        refused(&sent(typed).await, 415, "unsupported-media-type");
        refused(&desk.post("/v1/quarantine/99/discard", json!({"reason": "so"})).await, 404, "not-found");
        assert_eq!(audit(database).await, Vec::<String>::new());

        let longest = "ü".repeat(1_000);
        let (status, entry_then) = desk.post(&path, json!({"reason": longest})).await;
        assert_eq!((status, &entry_then["state"]), (200, &"discarded".into()), "{entry_then}");
        refused(&desk.post(&path, json!({"reason": "again"})).await, 409, "conflict");
        refused(&desk.replay(&format!("/v1/quarantine/{entry}/replay"), "").await, 409, "conflict");
        assert_eq!(
            audit(database).await,
            [format!("anonymous quarantine.discard entry {entry} A {longest}")]
        );
        let (_, page) = desk.get("/v1/audit?limit=1").await;
        assert_eq!(page["items"][0]["action"], "quarantine.discard", "{page}");
    });
}

/// Brings a product, then a feed that changes it and is held; gives back the held feed.
async fn hold(desk: &Desk<'_>, sender: &str) -> Value {
    assert_eq!(desk.feed(small(sender, 1)).await["state"], "succeeded");
    let changed = small(sender, 1).replace("Sonate", "Partita");
    assert_eq!(desk.feed(changed).await["state"], "held");
    let ids = desk.ids(&format!("/v1/held?state=open&source={sender}")).await;
    let [id] = ids[..] else { panic!("one is held: {ids:?}") };
    desk.get(&format!("/v1/held/{id}")).await.1
}

#[test]
fn a_held_feed_is_let_in_as_it_was_seen_by_a_run_of_the_queue() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &STRICT), client());
        let desk = Desk::new(&client, &service);
        let held = hold(&desk, "A").await;
        let (id, plan) = (held["id"].as_i64().expect("a number"), held["plan_digest"].clone());
        assert_eq!(
            held["reasons"][0], "it would change 1 of 1 products; `guard.update` allows 0%/0",
            "{held}"
        );
        assert_eq!(held["plan"]["changes"]["updated"], 1);
        assert_eq!(held["plan"]["samples"][0]["fields"][0]["new"], "Partita", "{held}");
        assert_eq!(held["earlier"][0]["inserted"], 1);
        let path = format!("/v1/held/{id}/release");
        let other = json!({"plan": "0123456789ab", "reason": "so"});
        refused(&desk.post(&path, other).await, 409, "conflict");
        refused(&desk.post(&path, json!({"plan": plan, "reason": ""})).await, 400, "invalid-parameter");
        refused(&desk.post(&path, json!({"plan": plan})).await, 400, "invalid-request");
        let missing = json!({"plan": plan, "reason": "so"});
        refused(&desk.post("/v1/held/99/release", missing).await, 404, "not-found");
        assert_eq!(database.texts("select title from product").await, ["Sonate"]);

        let body = json!({"plan": plan, "reason": "confirmed"});
        let request = client.post(service.url(&path)).json(&body);
        let response = request.send().await.expect("the service answers");
        let location = response.headers()["location"].to_str().expect("a text").to_owned();
        let (status, queued) = said(response).await;
        assert_eq!((status, queued["location"].as_str()), (202, Some(location.as_str())), "{queued}");
        let run = queued["run"].as_i64().expect("a number");
        let end = desk.ended(run).await;
        assert_eq!((&end["state"], &end["counts"]["updated"]), (&"succeeded".into(), &1.into()), "{end}");
        assert_eq!(database.texts("select title from product").await, ["Partita"]);
        let (_, after) = desk.get(&format!("/v1/held/{id}")).await;
        assert_eq!(
            (&after["state"], after["resolved_run"].as_i64(), &after["reason"]),
            (&"released".into(), Some(run), &"confirmed".into())
        );
        assert_eq!(audit(database).await, [format!("anonymous held.release held {id} A confirmed")]);
        refused(&desk.post(&path, body).await, 409, "conflict");
        assert_eq!(
            database
                .number(
                    "select count(*) from submission where identity is not null
            and release_held is not null"
                )
                .await,
            0
        );
    });
}

#[test]
fn a_release_that_waits_is_one_run_and_another_instance_may_do_it() {
    on_each(async |database| {
        let service = Service::start(database, &STRICT);
        let client = client();
        let held = hold(&Desk::new(&client, &service), "A").await;
        assert!(service.stop().success());
        // One worker, and a long feed before it.
        let arguments = [&STRICT[..], &["--workers", "1"]].concat();
        let service = Service::start(database, &arguments);
        let desk = Desk::new(&client, &service);
        let long = catalogue("B", 20_000, |_| Fault::None);
        let running = submitted(upload(&client, &service, "", long)).await;
        let path = format!("/v1/held/{}/release", held["id"]);
        let body = json!({"plan": held["plan_digest"], "reason": "so"});
        let (first, queued) = desk.post(&path, body.clone()).await;
        let (again, same) = desk.post(&path, body).await;
        assert_eq!((first, again, &same["run"]), (202, 200, &queued["run"]));
        assert_eq!((&queued["state"], &same["state"]), (&"queued".into(), &"queued".into()));
        service.kill();

        let service = Service::start(database, &STRICT);
        let desk = Desk::new(&client, &service);
        let end = desk.ended(queued["run"].as_i64().expect("a number")).await;
        assert_eq!(end["state"], "succeeded", "{end}");
        assert_eq!(desk.ended(running).await["state"], "succeeded");
        let titles = "select title from product where source = 'A'";
        assert_eq!(database.texts(titles).await, ["Partita"]);
    });
}

#[test]
fn a_held_feed_that_is_decided_about_waits_for_nobody() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &STRICT), client());
        let desk = Desk::new(&client, &service);
        let held = hold(&desk, "A").await;
        let id = held["id"].as_i64().expect("a number");
        let refuse = format!("/v1/held/{id}/refuse");
        refused(&desk.post(&refuse, json!({"reason": ""})).await, 400, "invalid-parameter");
        let (status, after) = desk.post(&refuse, json!({"reason": "by mistake"})).await;
        assert_eq!(
            (status, &after["state"], &after["reason"]),
            (200, &"refused".into(), &"by mistake".into())
        );
        refused(&desk.post(&refuse, json!({"reason": "again"})).await, 409, "conflict");
        let body = json!({"plan": held["plan_digest"], "reason": "so"});
        refused(&desk.post(&format!("/v1/held/{id}/release"), body).await, 409, "conflict");
        refused(&desk.post("/v1/held/99/refuse", json!({"reason": "so"})).await, 404, "not-found");
        assert_eq!(audit(database).await, [format!("anonymous held.refuse held {id} A by mistake")]);
        assert_eq!(database.texts("select title from product").await, ["Sonate"]);
        assert_eq!(desk.ids("/v1/held?state=refused").await, [id]);
        assert_eq!(desk.ids("/v1/held?state=open").await, <[i64; 0]>::default());
    });
}

#[test]
fn bytes_that_were_not_kept_cannot_be_let_in() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &STRICT), client());
        let desk = Desk::new(&client, &service);
        let held = hold(&desk, "A").await;
        database.execute("update held_feed set packed_bytes = 0").await;
        let body = json!({"plan": held["plan_digest"], "reason": "so"});
        let answer = desk.post(&format!("/v1/held/{}/release", held["id"]), body).await;
        refused(&answer, 409, "conflict");
        assert!(answer.1["detail"].as_str().is_some_and(|told| told.contains("not kept")), "{}", answer.1);
    });
}

#[test]
fn a_run_is_taken_back_or_it_is_told_why_not() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &[]), client());
        let desk = Desk::new(&client, &service);
        let first = desk.feed(small("A", 1)).await["id"].clone();
        let second = desk.feed(small("A", 1).replace("Sonate", "Partita")).await["id"].clone();
        let roll = async |run: &Value, later: &str, dry_run: bool| {
            let body = json!({"run": run, "later": later, "reason": "without tax", "dry_run": dry_run});
            desk.post("/v1/rollback", body).await
        };
        let titles = async || database.texts("select title from product where withdrawn_at is null").await;

        let (status, outlook) = roll(&second, "refuse", true).await;
        assert_eq!((status, &outlook["rollback"]), (200, &Value::Null), "{outlook}");
        assert_eq!(
            (&outlook["sources"][0]["source"], &outlook["sources"][0]["restored"]),
            (&"A".into(), &1.into())
        );
        assert_eq!((titles().await, audit(database).await.len()), (vec!["Partita".to_owned()], 0));

        let in_the_way = roll(&first, "refuse", false).await;
        refused(&in_the_way, 409, "conflict");
        assert_eq!((in_the_way.1["run"].clone(), in_the_way.1.get("parameter")), (first.clone(), None));
        refused(&roll(&json!(99), "refuse", false).await, 404, "not-found");
        refused(&roll(&json!(0), "refuse", false).await, 400, "invalid-parameter");
        refused(&roll(&first, "never", false).await, 400, "invalid-request");
        let nameless = json!({"run": second, "reason": ""});
        refused(&desk.post("/v1/rollback", nameless).await, 400, "invalid-parameter");

        let (status, done) = roll(&second, "refuse", false).await;
        assert_eq!((status, done["rollback"].is_i64()), (200, true), "{done}");
        assert_eq!(titles().await, ["Sonate"]);
        assert_eq!(audit(database).await, [format!("anonymous run.rollback run {second} A without tax")]);
        refused(&roll(&second, "refuse", false).await, 409, "conflict");
    });
}

#[test]
fn a_bound_token_sees_and_decides_its_source_alone() {
    on_each(async |database| {
        let all = make_token(database, "all", "read submit operate", None).await;
        let bound = make_token(database, "bound", "read submit operate", Some("A")).await;
        let reader = make_token(database, "reader", "read", None).await;
        let (service, client) = (Service::start(database, &STRICT), client());
        let nobody = Desk::new(&client, &service);
        let (all, bound, reader) = (nobody.with(&all), nobody.with(&bound), nobody.with(&reader));
        for sender in ["A", "B"] {
            for feed in [faulty(sender), catalogue(sender, 1, |_| Fault::None).replace("Sonate", "Partita")] {
                submitted(all.shown(upload(&client, &service, "", feed))).await;
            }
        }
        super::order::all_ended(database).await;
        refused(&nobody.get("/v1/quarantine").await, 401, "unauthorized");

        let entry = async |source: &str| {
            let ids = all.ids(&format!("/v1/quarantine?source={source}")).await;
            *ids.first().unwrap_or_else(|| panic!("`{source}` has some"))
        };
        let (own, other) = (entry("A").await, entry("B").await);
        let mine = bound.ids("/v1/quarantine").await;
        assert!(mine.contains(&own) && !mine.contains(&other), "{mine:?}");
        refused(&bound.get("/v1/quarantine?source=B").await, 403, "source-forbidden");
        refused(&bound.get(&format!("/v1/quarantine/{other}")).await, 404, "not-found");
        refused(&bound.get(&format!("/v1/quarantine/{other}/bytes")).await, 404, "not-found");
        refused(&bound.replay(&format!("/v1/quarantine/{other}/replay"), "").await, 404, "not-found");
        let why = json!({"reason": "so"});
        refused(&bound.post(&format!("/v1/quarantine/{other}/discard"), why.clone()).await, 404, "not-found");

        let held = all.ids("/v1/held").await;
        let [own_held] = bound.ids("/v1/held").await[..] else { panic!("one of its own is held") };
        let others: Vec<_> = held.iter().copied().filter(|id| *id != own_held).collect();
        let [other_held] = others[..] else { panic!("two are held: {held:?}") };
        refused(&bound.get("/v1/held?source=B").await, 403, "source-forbidden");
        refused(&bound.get(&format!("/v1/held/{other_held}")).await, 404, "not-found");
        refused(&bound.post(&format!("/v1/held/{other_held}/refuse"), why.clone()).await, 404, "not-found");
        let seen = all.get(&format!("/v1/held/{other_held}")).await.1;
        let release = json!({"plan": seen["plan_digest"], "reason": "so"});
        refused(&bound.post(&format!("/v1/held/{other_held}/release"), release).await, 404, "not-found");

        let rollback = json!({"run": 1, "reason": "so", "dry_run": true});
        refused(&bound.post("/v1/rollback", rollback.clone()).await, 403, "source-forbidden");
        refused(&bound.get("/v1/audit").await, 403, "source-forbidden");

        for path in [
            format!("/v1/quarantine/{own}/discard"),
            format!("/v1/quarantine/{own}/replay"),
            format!("/v1/held/{own_held}/release"),
            format!("/v1/held/{own_held}/refuse"),
            "/v1/rollback".to_owned(),
        ] {
            refused(&reader.post(&path, why.clone()).await, 403, "forbidden");
        }
        refused(&reader.get("/v1/audit").await, 403, "forbidden");
        assert_eq!(reader.ids("/v1/held").await, held);

        assert_eq!(bound.post(&format!("/v1/quarantine/{own}/discard"), why.clone()).await.0, 200);
        assert_eq!(bound.post(&format!("/v1/held/{own_held}/refuse"), why).await.0, 200);
        let decided = [
            format!("token:bound quarantine.discard entry {own} A so"),
            format!("token:bound held.refuse held {own_held} A so"),
        ];
        assert_eq!(audit(database).await, decided);
        assert_eq!(all.post("/v1/rollback", rollback).await.0, 200);
        let (_, newest) = all.get("/v1/audit?limit=1").await;
        assert_eq!((&newest["items"][0]["who"], newest["next"].is_string()), (&"token:bound".into(), true));
        let (_, next) = all.get(&format!("/v1/audit?limit=1&cursor={}", newest["items"][0]["id"])).await;
        assert_eq!(next["items"][0]["action"], "quarantine.discard");
    });
}

//! The page, as a browser asks for it: signing in, languages, what is refused, feeds, runs and findings.

use super::submit::small;
use crate::cli::Desk;
use crate::support::catalogue::{Fault, catalogue};
use crate::support::database::{TestDatabase, on_each};
use crate::support::service::{Service, client, ended, submitted, until, upload};
use feedgate::access::TokenText;
use feedgate::store::Store;
use jiff::{SignedDuration, Timestamp};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};

/// What the cookie of whoever is signed in begins with.
const COOKIE: &str = "__Host-feedgate=";

/// A browser that goes nowhere by itself.
pub(super) fn browser() -> Client {
    drop(client());
    Client::builder().redirect(Policy::none()).build().expect("a client")
}

pub(super) fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("text"))
}

pub(super) async fn sent(request: RequestBuilder) -> Response {
    request.send().await.expect("the service answers")
}

/// A page that is there.
pub(super) async fn page(request: RequestBuilder) -> String {
    let response = sent(request).await;
    let (status, kind) = (response.status().as_u16(), header(&response, "content-type").to_owned());
    let text = response.text().await.expect("a body");
    assert_eq!((status, kind.as_str()), (200, "text/html; charset=utf-8"), "{text}");
    text
}

pub(super) fn token(database: &TestDatabase, arguments: &[&str]) -> String {
    let all = [&["token"], arguments, &["--database", database.url.secret()]].concat();
    Desk::new().call(&all).ends(0).stdout.trim().to_owned()
}

/// A form as a browser sends it from our own page.
fn form(service: &Service, path: &str, said: &'static str) -> RequestBuilder {
    let own = format!("http://{}", service.address);
    let form = browser().post(service.url(path)).header("origin", own);
    form.header("content-type", "application/x-www-form-urlencoded").body(said)
}

/// Signs somebody in; gives back the cookie.
pub(super) async fn signed_in(service: &Service, token: &str) -> String {
    let own = format!("http://{}", service.address);
    let form = browser().post(service.url("/sign-in")).header("origin", own);
    let form = form.header("content-type", "application/x-www-form-urlencoded");
    let response = sent(form.body(format!("token={token}&to=/runs/1"))).await;
    assert_eq!((response.status().as_u16(), header(&response, "location")), (303, "/runs/1"));
    let cookie = header(&response, "set-cookie");
    for part in [COOKIE, "Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=43200"] {
        assert!(cookie.contains(part), "{part}: {cookie}");
    }
    assert!(!cookie.contains(token), "the token stays where it is");
    cookie.split(';').next().expect("a value").to_owned()
}

/// A form with a file, as a browser writes it.
pub(super) fn file(service: &Service, mode: &str, name: &str, feed: &str) -> RequestBuilder {
    let part =
        |head: &str, text: &str| format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}\r\n");
    let body = [
        part("name=\"mode\"", mode),
        part("name=\"source\"", ""),
        part("name=\"format\"", ""),
        part(&format!("name=\"feed\"; filename=\"{name}\""), feed),
        "--b--\r\n".to_owned(),
    ];
    let own = format!("http://{}", service.address);
    let form = browser().post(service.url("/upload")).header("origin", own);
    form.header("content-type", "multipart/form-data; boundary=b").body(body.concat())
}

#[test]
fn whoever_signs_in_is_in_until_the_token_ends() {
    on_each(async |database| {
        let secret = token(database, &["create", "editor", "--scope", "read"]);
        let service = Service::start(database, &[]);
        let get = |path: &str, cookie: &str| browser().get(service.url(path)).header("cookie", cookie);
        let first = sent(get("/?source=A%26B", "")).await;
        let there = (first.status().as_u16(), header(&first, "location"));
        assert_eq!(there, (303, "/sign-in?to=%2F%3Fsource%3DA%2526B"));
        let cookie = signed_in(&service, &secret).await;
        let inbox = page(get("/", &cookie)).await;
        assert!(inbox.contains("<b>editor</b>") && !inbox.contains("type=\"file\""), "{inbox}");
        // The cookie is for pages: programs show the token itself.
        assert_eq!(sent(get("/v1/runs", &cookie)).await.status(), 401);
        assert_eq!(sent(get("/", &format!("{COOKIE}{}", "A".repeat(43)))).await.status(), 303);
        let out = sent(form(&service, "/sign-out", "").header("cookie", &cookie)).await;
        assert_eq!((out.status().as_u16(), header(&out, "location")), (303, "/sign-in?why=out"));
        assert!(page(get("/sign-in?why=out", "")).await.contains("You are signed out."));
        let ended = sent(get("/sources", &cookie)).await;
        assert_eq!(header(&ended, "location"), "/sign-in?to=%2Fsources&why=ended");
        assert!(header(&out, "set-cookie").contains("Max-Age=0"));
        assert_eq!(sent(get("/", &cookie)).await.status(), 303, "signed out");
        let late = |path, said| form(&service, path, said).header("cookie", &cookie);
        let mended = sent(late("/quarantine/1", "do=import&text=%3Ca/%3E&reason=a+%26+b&seen=7")).await;
        assert_eq!(mended.status(), 401);
        let mended = mended.text().await.expect("a page");
        for part in ["Nothing was stored.", "\n&#60;a/&#62;</textarea>", "value=\"a &#38; b\"", "value=\"7\""]
        {
            assert!(mended.contains(part), "{part}: {mended}");
        }
        let unsaved = [
            ("/quarantine/1", "/sign-in?to=%2Fquarantine%2F1&why=unsaved"),
            ("/runs/1/cancel", "/sign-in?to=%2Fruns%2F1&why=unsaved"),
        ];
        for (path, to) in unsaved {
            assert_eq!(header(&sent(late(path, "do=discard&reason=x")).await, "location"), to);
        }
        assert_eq!(
            sent(form(&service, "/quarantine/1", "do=import&text=x")).await.status(),
            303,
            "nobody was in"
        );
        let cookie = signed_in(&service, &secret).await;
        assert_eq!(sent(get("/", &cookie)).await.status(), 200);
        token(database, &["revoke", "editor", "--reason", "lost"]);
        // So that somebody has to sign in at all.
        token(database, &["create", "other", "--scope", "read"]);
        until("nobody is in any more", async || {
            (sent(get("/", &cookie)).await.status() == 303).then_some(())
        })
        .await;
    });
}

#[test]
fn whoever_is_signed_in_is_out_after_some_hours() {
    on_each(async |database| {
        let secret: TokenText =
            token(database, &["create", "editor", "--scope", "read"]).parse().expect("a token");
        let store = Store::open(&database.url).await.expect("the database opens");
        let (now, hash) = (Timestamp::now(), [7; 32]);
        let end = now.saturating_add(SignedDuration::from_hours(1)).expect("in range");
        let name =
            async |at| store.signed_in(&hash, at).await.expect("it is looked up").map(|token| token.name);
        assert!(!store.sign_in(&hash, &[1; 32], now, end).await.expect("it is asked"), "no such token");
        assert!(store.sign_in(&hash, secret.hash().bytes(), now, end).await.expect("it is done"));
        assert_eq!((name(now).await.as_deref(), name(end).await), (Some("editor"), None));
        assert_eq!(store.forget_sign_ins(now).await.expect("it is swept"), 0);
        assert_eq!(store.forget_sign_ins(end).await.expect("it is swept"), 1);
        assert_eq!(name(now).await, None);
        assert!(store.sign_in(&hash, secret.hash().bytes(), now, end).await.expect("it is done"));
        token(database, &["revoke", "editor", "--reason", "lost"]);
        assert_eq!(name(now).await, None);
        assert_eq!(store.forget_sign_ins(now).await.expect("it is swept"), 1, "its token is revoked");
    });
}

#[test]
fn a_wrong_token_is_told_and_nobody_is_sent_elsewhere() {
    on_each(async |database| {
        let secret = token(database, &["create", "editor", "--scope", "read"]);
        let service = Service::start(database, &[]);
        let wrong = sent(form(&service, "/sign-in", "token=fgt_wrong&to=//evil.example")).await;
        assert_eq!(wrong.status(), 422);
        assert!(wrong.headers().get("set-cookie").is_none());
        let text = wrong.text().await.expect("a body");
        assert!(text.contains("role=\"alert\"") && !text.contains("evil") && !text.contains("fgt_wrong"));
        for to in ["//evil.example", "https://evil.example", "/%5Cevil.example", "javascript:alert(1)"] {
            let said = format!("token={secret}&to={to}");
            let right = sent(form(&service, "/sign-in", said.leak())).await;
            assert_eq!((right.status().as_u16(), header(&right, "location")), (303, "/"), "{to}");
        }
    });
}

#[test]
fn forms_of_other_pages_are_refused_whatever_a_proxy_takes_away() {
    on_each(async |database| {
        let secret = token(database, &["create", "editor", "--scope", "read", "--scope", "submit"]);
        let service = Service::start(database, &[]);
        let cookie = signed_in(&service, &secret).await;
        let post = |said: &[(&str, &str)]| {
            let form = browser().post(service.url("/sign-out")).header("cookie", &cookie);
            let form = form.header("content-type", "application/x-www-form-urlencoded").body("");
            said.iter().fold(form, |form, (name, value)| form.header(*name, *value))
        };
        let own = format!("http://{}", service.address);
        for (said, expected) in [
            // The proxy drops what a browser says: nobody can tell whose form it is.
            (vec![], 403),
            (vec![("origin", "https://evil.example")], 403),
            (vec![("origin", "null")], 403),
            (vec![("sec-fetch-site", "cross-site"), ("origin", own.as_str())], 403),
            // The proxy calls the service by another name, and passes on what the browser knows of its own.
            (vec![("host", "internal:8080"), ("origin", "https://feeds.example")], 403),
            (vec![("host", "feeds.example"), ("origin", "https://feeds.example")], 303),
            (vec![("host", "internal:8080"), ("sec-fetch-site", "same-origin")], 303),
            (vec![("origin", own.as_str())], 303),
        ] {
            assert_eq!(sent(post(&said)).await.status(), expected, "{said:?}");
        }
        // What is wrong is no token's fault, and a browser is told so on a page.
        let told = async |said: &[(&str, &str)]| {
            let form = post(said).header("accept", "text/html").header("accept-language", "de");
            sent(form).await.text().await.expect("a page")
        };
        let unsaid = told(&[]).await;
        assert!(unsaid.contains("ohne Herkunftsangabe") && !unsaid.contains("Zugangsschlüssel"), "{unsaid}");
        let foreign = told(&[("origin", "https://evil.example")]).await;
        assert!(foreign.contains("Das kam von einer anderen Seite"), "{foreign}");
    });
}

#[test]
fn pages_say_what_they_may_and_have_nothing_in_them_that_runs() {
    on_each(async |database| {
        let service = Service::start(database, &[]);
        let response = sent(browser().get(service.url("/"))).await;
        let policy = header(&response, "content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'self'; script-src 'self'"), "{policy}");
        for (name, value) in [
            ("referrer-policy", "same-origin"),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(header(&response, name), value);
        }
        let text = response.text().await.expect("a body");
        for wrong in ["<style", " style=", " onclick", "javascript:"] {
            assert!(!text.contains(wrong), "{wrong}");
        }
        let mut assets = 0;
        for part in text.split('"').filter(|part| part.starts_with("/assets/")) {
            let asset = sent(browser().get(service.url(part))).await;
            assert_eq!(asset.status(), 200, "{part}");
            assert!(header(&asset, "cache-control").contains("immutable"));
            assets += 1;
        }
        assert_eq!(assets, 3);
        assert_eq!(sent(browser().get(service.url("/assets/feedgate-0.css"))).await.status(), 404);
    });
}

#[test]
fn a_problem_is_a_page_for_a_browser_and_a_document_for_a_program() {
    on_each(async |database| {
        let service = Service::start(database, &[]);
        let get = |path: &str, accept: &str| browser().get(service.url(path)).header("accept", accept);
        let none = sent(get("/nothing/here", "text/html,*/*;q=0.8").header("accept-language", "de")).await;
        assert_eq!(
            (none.status().as_u16(), header(&none, "content-type")),
            (404, "text/html; charset=utf-8")
        );
        let text = none.text().await.expect("a body");
        assert!(text.contains("<html lang=\"de\">") && text.contains("Diese Seite gibt es nicht"), "{text}");
        let none = sent(get("/nothing/here", "*/*")).await;
        assert_eq!(header(&none, "content-type"), "application/problem+json");
        let run = sent(get("/runs/99", "text/html")).await;
        assert_eq!((run.status().as_u16(), header(&run, "content-type")), (404, "text/html; charset=utf-8"));
        assert_eq!(sent(get("/runs/x", "text/html")).await.status(), 400);
        // From elsewhere nobody is in, without tokens either.
        let led = sent(get("/", "text/html").header("host", "feeds.example")).await;
        assert_eq!((led.status().as_u16(), header(&led, "location")), (303, "/sign-in"));
    });
}

#[test]
fn a_language_is_chosen_and_kept() {
    on_each(async |database| {
        let service = Service::start(database, &[]);
        let get = |path: &str| browser().get(service.url(path));
        assert!(page(get("/")).await.contains("<html lang=\"en\">"));
        let german = page(get("/").header("accept-language", "de-AT,en;q=0.7")).await;
        assert!(german.contains("<html lang=\"de\">") && german.contains("Was auf Sie wartet"), "{german}");
        let chosen = sent(get("/language/de?to=%2Fruns%2F7")).await;
        assert_eq!((chosen.status().as_u16(), header(&chosen, "location")), (303, "/runs/7"));
        let cookie = header(&chosen, "set-cookie").split(';').next().unwrap_or_default();
        assert!(page(get("/").header("cookie", cookie)).await.contains("<html lang=\"de\">"));
        assert_eq!(header(&sent(get("/language/en?to=//evil.example")).await, "location"), "/");
        assert_eq!(sent(get("/language/xx")).await.status(), 404);
    });
}

#[test]
fn a_feed_goes_from_the_form_to_its_findings() {
    on_each(async |database| {
        let service = Service::start(database, &[]);
        let feed = |number| if number == 2 { Fault::Price } else { Fault::None };
        let hostile = "<script>alert(1)</script>.xml";
        let taken = sent(file(&service, "check", hostile, &catalogue("A&amp;B", 3, feed))).await;
        assert_eq!((taken.status().as_u16(), header(&taken, "location")), (303, "/runs/1"));
        ended(&client(), &service, 1).await;
        let get = |path: &str| browser().get(service.url(path));
        let run = page(get("/runs/1")).await;
        assert!(run.contains("1 of 3 records would be refused") && run.contains("Only checked"), "{run}");
        let inbox = page(get("/")).await;
        for text in [&run, &inbox] {
            assert!(!text.contains("<script>alert") && text.contains("script&#62;alert"), "{text}");
            assert!(text.len() < 60 << 10, "{}", text.len());
        }
        let found = page(get("/runs/1/findings")).await;
        assert!(found.contains("/runs/1/records/3") && found.contains("<mark>"), "{found}");
        // The record of a check lies in no quarantine, and is shown all the same.
        let record = page(get("/runs/1/records/3")).await;
        for said in ["Only checked: an import would refuse this record", "id=\"line-", "<mark>"] {
            assert!(record.contains(said), "{said}: {record}");
        }
        let none = sent(get("/runs/1/records/99").header("accept", "text/html")).await;
        assert_eq!(none.status(), 404);
        let none = none.text().await.expect("a page");
        assert!(none.contains("There is no such record") && none.contains("/runs/1/findings"), "{none}");
        for (asked, expected) in [
            ("search=R-2", 1),
            ("search=nowhere", 0),
            ("severity=error&code=cvc-datatype-valid.1.2.1", 1),
            ("severity=warning", 0),
            ("severity=&code=&source=&search=", 1),
            ("source=A%26B", 1),
            ("source=C", 0),
            ("page=3", 0),
            ("page=99999999", 0),
        ] {
            let found = page(get(&format!("/runs/1/findings?{asked}"))).await;
            assert_eq!(found.matches("<details class=\"item\"").count(), expected, "{asked}");
        }
        assert_eq!(sent(get("/runs/1/findings?severity=later")).await.status(), 400);
        assert_eq!(sent(get("/runs/99/findings")).await.status(), 404);
        let report = sent(get("/runs/1/report.html")).await;
        assert!(header(&report, "content-security-policy").contains("sandbox"), "its own policy stays");
        // A check is done again: the shop may have changed. An import is not, and that is said.
        let again = async |mode: &str| {
            let sent = sent(file(&service, mode, "again.xml", &catalogue("A&amp;B", 3, feed))).await;
            header(&sent, "location").to_owned()
        };
        assert_eq!(again("check").await, "/runs/2");
        assert_eq!(
            (again("import").await, again("import").await),
            ("/runs/3".into(), "/runs/3?known=1".into())
        );
        assert!(page(get("/runs/3?known=1")).await.contains("Nothing was done now."));
        checked_again(&service, &run).await;
    });
}

/// The feed of a check is checked again out of what is kept of it: as if its very bytes had been sent again.
async fn checked_again(service: &Service, shown: &str) {
    assert!(shown.contains("<form class=\"line\" method=\"post\" action=\"/runs/1/check\">"), "{shown}");
    let import = page(browser().get(service.url("/runs/3"))).await;
    assert!(!import.contains("/check\""), "an import is not offered to be checked: {import}");
    let again = sent(form(service, "/runs/1/check", "")).await;
    assert_eq!((again.status().as_u16(), header(&again, "location")), (303, "/runs/4"));
    let first = ended(&client(), service, 1).await;
    let again = ended(&client(), service, 4).await;
    for part in ["command", "feed", "digest", "bytes", "source", "counts", "acceptance"] {
        assert_eq!(first[part], again[part], "{part}");
    }
    assert_eq!(sent(form(service, "/runs/99/check", "")).await.status(), 404);
}

#[test]
fn a_source_that_the_header_does_not_name_is_doubted() {
    on_each(async |database| {
        let service = Service::start(database, &[]);
        let get = |path: &str| browser().get(service.url(path));
        let form = |source: &str| {
            let part = |head: &str, text: &str| {
                format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}\r\n")
            };
            let text = catalogue("Musikverlag", 3, |_| Fault::None);
            let feed = part("name=\"feed\"; filename=\"f.xml\"", &text);
            let body = [
                part("name=\"mode\"", "import"),
                part("name=\"source\"", source),
                feed,
                "--b--\r\n".to_owned(),
            ];
            let form = browser()
                .post(service.url("/upload"))
                .header("origin", format!("http://{}", service.address));
            form.header("content-type", "multipart/form-data; boundary=b").body(body.concat())
        };
        let shown = async |run: i64, source: &str| {
            sent(form(source)).await;
            ended(&client(), &service, run).await;
            page(get(&format!("/runs/{run}"))).await.replace("&#34;", "\"")
        };
        let named = shown(1, "Musikverlag").await;
        assert!(!named.contains("counts for"), "{named}");
        let slip = shown(2, "Musikverlog").await;
        let (above, _) = slip.split_once("class=\"steps\"").expect("steps");
        assert!(above.contains("The header names \"Musikverlag\" as the sender"), "{above}");
        assert!(slip.contains("counts for \"Musikverlog\", a source that had no products yet"), "{slip}");
        let inbox = page(get("/")).await;
        assert!(inbox.contains("<option value=\"Musikverlag\"></option>"), "{inbox}");
    });
}

#[test]
fn what_is_refused_of_a_form_is_a_page_that_says_nothing_was_stored() {
    on_each(async |database| {
        let service = Service::start(database, &["--set", "serve.body_bytes_max=1KiB"]);
        let refused = async |request: RequestBuilder| {
            let response = sent(request).await;
            let status = response.status().as_u16();
            let text = response.text().await.expect("a body");
            assert!(text.contains("Nothing was stored."), "{text}");
            status
        };
        assert_eq!(refused(file(&service, "check", "", "")).await, 400);
        assert_eq!(refused(file(&service, "later", "a.xml", "<a/>")).await, 400);
        let part = |name: &str| {
            format!(
                "--b\r\nContent-Disposition: form-data; name=\"feed\"; filename=\"{name}\"\r\n\r\n<a/>\r\n"
            )
        };
        let two = format!("{}{}--b--\r\n", part("a.xml"), part("b.xml"));
        let two = browser()
            .post(service.url("/upload"))
            .header("origin", format!("http://{}", service.address))
            .header("accept-language", "de")
            .header("content-type", "multipart/form-data; boundary=b")
            .body(two);
        let two = sent(two).await.text().await.expect("a page");
        assert!(two.contains("Es lässt sich nur eine Lieferung auf einmal senden"), "{two}");
        assert_eq!(refused(file(&service, "check", "a.xml", &" ".repeat(2_000))).await, 413);
        let inbox = page(browser().get(service.url("/"))).await;
        assert!(inbox.contains("There are no runs yet"), "{inbox}");
    });
}

#[test]
fn kinds_of_findings_are_new_or_ongoing_or_gone() {
    on_each(async |database| {
        let (service, client) = (Service::start(database, &[]), client());
        let faults = [Fault::Price, Fault::Price, Fault::Pages];
        for (count, fault) in (3..).zip(faults) {
            // Each of another length, so that none is known.
            let feed = catalogue("A", count, |number| if number == 1 { fault } else { Fault::None });
            let run = submitted(upload(&client, &service, "?mode=check", feed)).await;
            ended(&client, &service, run).await;
        }
        let found = async |run: i64| page(browser().get(service.url(&format!("/runs/{run}/findings")))).await;
        let first = found(1).await;
        assert!(!first.contains("<b>new</b>") && !first.contains("ongoing"), "{first}");
        assert!(found(2).await.contains("ongoing since run 1"));
        let third = found(3).await;
        assert!(third.contains("<b>new</b>") && third.contains("Gone since run"), "{third}");
        let cut = catalogue("A", 9, |_| Fault::None);
        let cut =
            submitted(upload(&client, &service, "?mode=check", cut[..cut.len() * 3 / 4].to_owned())).await;
        ended(&client, &service, cut).await;
        let feed = catalogue("A", 7, |number| if number == 1 { Fault::Pages } else { Fault::None });
        let run = submitted(upload(&client, &service, "?mode=check", feed)).await;
        ended(&client, &service, run).await;
        let told = found(run).await;
        assert!(told.contains("ongoing since run 3"), "what broke off is no measure: {told}");
        let of_one = submitted(upload(&client, &service, "", small("B", 1))).await;
        ended(&client, &service, of_one).await;
        let clean = found(of_one).await;
        assert!(clean.contains("Nothing was found."), "{clean}");
    });
}

#[test]
fn a_token_of_one_source_sees_pages_of_that_source() {
    on_each(async |database| {
        let secret = token(database, &["create", "a", "--scope", "read", "--source", "A"]);
        let all = token(database, &["create", "all", "--scope", "read", "--scope", "submit"]);
        let service = Service::start(database, &[]);
        for sender in ["A", "B"] {
            let feed = catalogue(sender, 2, |_| Fault::Price);
            let request = upload(&client(), &service, "", feed).bearer_auth(&all);
            let run = submitted(request).await;
            until("it has ended", async || {
                let run = client().get(service.url(&format!("/v1/runs/{run}"))).bearer_auth(&all);
                let text = sent(run).await.text().await.expect("a body");
                text.contains("\"finished_at\":\"").then_some(())
            })
            .await;
        }
        let cookie = signed_in(&service, &secret).await;
        let get = |path: &str| browser().get(service.url(path)).header("cookie", &cookie);
        let inbox = page(get("/")).await;
        assert!(inbox.contains("/runs/1\"") && !inbox.contains("/runs/2\""), "{inbox}");
        assert_eq!(sent(get("/runs/1/findings")).await.status(), 200);
        for path in ["/runs/2", "/runs/2/findings", "/runs/2/events", "/runs/2/report.json"] {
            assert_eq!(sent(get(path)).await.status(), 404, "{path}");
        }
        let cancel = form(&service, "/runs/1/cancel", "").header("cookie", &cookie);
        assert_eq!(sent(cancel).await.status(), 403, "it may only read");
    });
}

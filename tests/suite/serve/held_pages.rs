//! Held feeds and runs that are taken back, as somebody with a browser decides about them.

use super::submit::small;
use super::web::{browser, header, page, sent, signed_in, token};
use crate::support::browser::{Browser, Scheme};
use crate::support::catalogue::{Fault, catalogue};
use crate::support::database::{TestDatabase, on_each, sqlite};
use crate::support::service::{Service, client, ended, submitted, upload};
use fantoccini::Locator;
use reqwest::{RequestBuilder, Response};

/// Any change of a product is too much.
const STRICT: [&str; 2] = ["--set", "guard.update=0%/0"];
/// A sender that no page may take at its word, as a feed writes it, and as a page has to.
const HOSTILE: [&str; 2] =
    ["&lt;script&gt;alert(1)&lt;/script&gt;\"", "&#60;script&#62;alert(1)&#60;/script&#62;&#34;"];

/// A form as a browser sends it from our own page.
pub(super) fn posted(service: &Service, path: &str, said: &str) -> RequestBuilder {
    let form = browser().post(service.url(path)).header("origin", format!("http://{}", service.address));
    form.header("content-type", "application/x-www-form-urlencoded").body(said.to_owned())
}

/// Where a form leads to.
#[track_caller]
pub(super) fn goes(response: &Response) -> String {
    assert_eq!(response.status(), 303);
    header(response, "location").to_owned()
}

/// Submits a feed, and waits for its end; says how it stands and which run it was.
pub(super) async fn feed(service: &Service, feed: String) -> (String, i64) {
    let client = client();
    let run = submitted(upload(&client, service, "?name=night.xml", feed)).await;
    (ended(&client, service, run).await["state"].as_str().expect("a state").to_owned(), run)
}

/// A feed of three products, then one that gives them other prices and is held; gives back its number.
async fn hold(database: &TestDatabase, service: &Service, sender: &str) -> i64 {
    let first = catalogue(sender, 3, |_| Fault::None);
    assert_eq!(feed(service, first.clone()).await.0, "succeeded");
    let dear = first.replacen("12.50", "125.00", 1).replace("12.50", "12.00");
    assert_eq!(feed(service, dear).await.0, "held");
    database.number("select max(feed_version_id) from held_feed").await
}

/// What a page has in a hidden field.
fn hidden(page: &str, name: &str) -> String {
    let start = format!("<input type=\"hidden\" name=\"{name}\" value=\"");
    let rest = page.split_once(&start).unwrap_or_else(|| panic!("no `{name}`: {page}")).1;
    rest.split('"').next().expect("a value").to_owned()
}

#[test]
fn a_held_feed_is_seen_and_let_in_for_a_reason() {
    on_each(async |database| {
        let service = Service::start(database, &STRICT);
        let id = hold(database, &service, HOSTILE[0]).await;
        let get = async |path: &str| page(browser().get(service.url(path))).await;
        let list = get("/held").await;
        for part in [HOSTILE[1], "It would change 3 of 3 products", &format!("href=\"/held/{id}\"")] {
            assert!(list.contains(part), "`{part}`: {list}");
        }
        assert!(!list.contains("<script>alert"));
        let path = format!("/held/{id}");
        let shown = get(&path).await;
        for part in [
            HOSTILE[1],
            "Held: it would change 3 of 3 products",
            ">0 %</td>",
            "guard.update",
            "<del>12.50</del>",
            "<ins>125.00</ins> EUR",
            "+900.0 %",
            "<span>more than 150 % dearer</span> <b>1</b>",
            "<span>up to 5 % cheaper</span> <b>2</b>",
            "<dt>Prices</dt><dd><del>12.50 EUR",
            "this feed",
        ] {
            assert!(shown.contains(part), "`{part}`: {shown}");
        }
        assert!(!shown.contains("<script>alert") && !shown.contains(" style="));

        let plan = hidden(&shown, "plan");
        let release = format!("/held/{id}/release");
        for (said, status) in [
            ("plan=0123456789ab&reason=so".to_owned(), 409),
            (format!("plan={plan}&reason=+"), 400),
            (format!("plan={plan}"), 400),
        ] {
            assert_eq!(sent(posted(&service, &release, &said)).await.status(), status, "{said}");
        }
        assert_eq!(database.number("select count(*) from audit").await, 0);
        let said = format!("plan={plan}&reason=confirmed+%3Cb%3E");
        let run = goes(&sent(posted(&service, &release, &said)).await);
        let number = run.strip_prefix("/runs/").expect("a run").parse().expect("a number");
        assert_eq!(ended(&client(), &service, number).await["state"], "succeeded");
        let after = get(&path).await;
        for part in [
            "Released",
            "not signed in",
            "confirmed &#60;b&#62;",
            "It was to change the price",
            &format!("href=\"{run}\""),
            "All 3 records accepted",
            ">Before</th>",
        ] {
            assert!(after.contains(part), "`{part}`: {after}");
        }
        let holder =
            get(&format!("/runs/{}", database.number("select min(id) from run where state = 'held'").await))
                .await;
        for page in [&holder, &get("/").await] {
            assert!(page.contains(&format!("Held, then released: run {number} let it in")), "{page}");
        }
        assert!(!after.contains("<form class=\"narrow\""), "it is decided");
        assert!(get("/held").await.contains("Nothing is held"));
        assert!(get("/held?state=released").await.contains(&format!("href=\"/held/{id}\"")));
        // Who decides too late is shown what was decided.
        let late = goes(&sent(posted(&service, &release, &said)).await);
        assert_eq!(late, format!("{path}?late=1"));
        assert!(get(&late).await.contains("Released"));
        assert_eq!(sent(browser().get(service.url("/held/99"))).await.status(), 404);
        assert_eq!(sent(browser().get(service.url("/held?state=later"))).await.status(), 400);
    });
}

#[test]
fn a_message_that_is_held_is_not_told_as_missing_and_an_old_one_says_what_it_is() {
    on_each(async |database| {
        let service = Service::start(database, &STRICT);
        let get = async |path: String| page(browser().get(service.url(&path))).await;
        let message = |number: u32, price: &str| {
            let numbered = format!("</sender>\n    <messageNumber>{number}</messageNumber>");
            let feed = catalogue("A", 3, |_| Fault::None).replacen("</sender>", &numbered, 1);
            feed.replace("2026-10-01", &format!("2026-10-0{number}")).replace("12.50", price)
        };
        assert_eq!(feed(&service, message(5, "12.50")).await.0, "succeeded");
        assert_eq!(feed(&service, message(6, "12.75")).await.0, "held");
        let held = database.number("select max(feed_version_id) from held_feed").await;
        let (state, run) = feed(&service, message(7, "12.50")).await;
        assert_eq!(state, "succeeded");
        let shown = get(format!("/runs/{run}")).await;
        assert!(shown.contains("1 message of this sender is missing before message 7"), "{shown}");
        assert!(shown.contains("Not lost: message 6 was held.</span>"), "{shown}");
        assert!(shown.contains(&format!("<a href=\"/held/{held}\">")), "{shown}");
        let (state, run) = feed(&service, message(4, "12.75")).await;
        assert_eq!(state, "held");
        let shown = get(format!("/runs/{run}")).await;
        assert!(shown.contains("Held: it is older than what was applied of its source</h1>"), "{shown}");
        assert_eq!(shown.matches("older than what").count(), 2, "in title and heading alone: {shown}");
    });
}

#[test]
fn a_release_that_was_not_done_is_told_and_its_reason_is_kept() {
    on_each(async |database| {
        let service = Service::start(database, &STRICT);
        let id = hold(database, &service, "A").await;
        database.execute("update held_feed set plan_digest = '0123456789ab'").await;
        let said = "plan=0123456789ab&reason=autumn+%3Cprices%3E";
        let run = goes(&sent(posted(&service, &format!("/held/{id}/release"), said)).await);
        let number = run.strip_prefix("/runs/").expect("a run").parse().expect("a number");
        assert_eq!(ended(&client(), &service, number).await["state"], "held");
        let get = async |path: &str| page(browser().get(service.url(path))).await;
        assert!(get(&run).await.contains("Not released"));
        let shown = get(&format!("/held/{id}")).await;
        for part in [
            "It was to be released on",
            "and was not",
            &format!("href=\"{run}\""),
            ">autumn &#60;prices&#62;</textarea>",
        ] {
            assert!(shown.contains(part), "`{part}`: {shown}");
        }
        assert_eq!(
            goes(&sent(posted(&service, &format!("/held/{id}/refuse"), "reason=so")).await),
            format!("/held/{id}")
        );
        assert!(!get(&format!("/held/{id}")).await.contains("It was to be released"), "it is decided");
    });
}

#[test]
fn a_held_feed_is_refused_in_german_by_whoever_may() {
    on_each(async |database| {
        let service = Service::start(database, &STRICT);
        let id = hold(database, &service, "A").await;
        assert!(service.stop().success());
        let secrets = [
            token(database, &["create", "editor", "--scope", "operate", "--scope", "read"]),
            token(database, &["create", "reader", "--scope", "read"]),
            token(database, &["create", "other", "--scope", "read", "--scope", "operate", "--source", "B"]),
        ];
        let service = Service::start(database, &STRICT);
        let [editor, reader, other] = &secrets;
        let path = format!("/held/{id}");
        let get = |cookie: &str| {
            browser().get(service.url(&path)).header("cookie", cookie).header("accept-language", "de")
        };
        let refuse = |cookie: &str, said: &str| {
            posted(&service, &format!("{path}/refuse"), said).header("cookie", cookie)
        };
        let cookie = signed_in(&service, other).await;
        assert_eq!(sent(get(&cookie)).await.status(), 404, "of another source");
        assert_eq!(sent(refuse(&cookie, "reason=so")).await.status(), 404);
        let cookie = signed_in(&service, reader).await;
        let shown = page(get(&cookie)).await;
        assert!(shown.contains("darf ansehen, nicht entscheiden") && !shown.contains("<textarea"), "{shown}");
        assert_eq!(sent(refuse(&cookie, "reason=so")).await.status(), 403);

        let cookie = signed_in(&service, editor).await;
        let shown = page(get(&cookie)).await;
        assert!(shown.contains("Angehalten: Die Lieferung würde 3 von 3 Produkten ändern"), "{shown}");
        assert_eq!(sent(refuse(&cookie, "reason=")).await.status(), 400);
        assert_eq!(goes(&sent(refuse(&cookie, "reason=Versehen")).await), path);
        let after = page(get(&cookie)).await;
        for part in ["Abgelehnt", "<dd>editor</dd>", "<b>Versehen</b>", "Was die Lieferung bewirken sollte"] {
            assert!(after.contains(part), "`{part}`: {after}");
        }
        assert!(!after.contains("würde"), "it is decided: {after}");
        let told = database
            .texts("select who || ' ' || action || ' ' || reason from audit where object = 'held 2'")
            .await;
        assert_eq!(told, ["token:editor held.refuse Versehen"]);
        // Whoever decides later is shown what was decided.
        let late = goes(&sent(refuse(&cookie, "reason=again")).await);
        assert_eq!(late, format!("{path}?late=1"));
        let shown = page(browser().get(service.url(&late)).header("cookie", &cookie)).await;
        assert!(shown.contains("your decision was not carried out") && shown.contains("Versehen"), "{shown}");
    });
}

#[test]
fn a_plan_of_before_has_no_prices_and_is_shown_all_the_same() {
    on_each(async |database| {
        let service = Service::start(database, &STRICT);
        let id = hold(database, &service, "A").await;
        let plan = database.texts("select cast(plan as text) from held_feed").await.remove(0);
        let mut plan: serde_json::Value = serde_json::from_str(&plan).expect("JSON");
        assert!(plan.as_object_mut().expect("an object").remove("price_moves").is_some());
        database.execute(&format!("update held_feed set plan = '{plan}'")).await;
        let get = async |path: String| page(browser().get(service.url(&path))).await;
        let shown = get(format!("/held/{id}")).await;
        assert!(shown.contains("it would change 3 of 3") && !shown.contains("<svg"), "{shown}");
        database.execute("update held_feed set plan = '{}', packed_bytes = 0").await;
        let shown = get(format!("/held/{id}")).await;
        for part in ["Another version of feedgate held it", "Its bytes are not kept"] {
            assert!(shown.contains(part), "`{part}`: {shown}");
        }
    });
}

#[test]
fn a_run_is_taken_back_after_a_look() {
    on_each(async |database| {
        let service = Service::start(database, &[]);
        let (_, first) = feed(&service, small("A", 1)).await;
        let (_, second) = feed(&service, small("A", 1).replace("Sonate", "Partita")).await;
        let get = async |path: String| page(browser().get(service.url(&path))).await;
        let run = get(format!("/runs/{second}")).await;
        assert!(
            run.contains(&format!("href=\"/runs/{second}/rollback\"")) && run.contains("It can be until")
        );
        let path = format!("/runs/{first}/rollback");
        let shown = get(path.clone()).await;
        for part in ["It cannot be rolled back so", "<h1>Roll back run", "<select name=\"later\">"] {
            assert!(shown.contains(part), "`{part}`: {shown}");
        }
        assert!(!shown.contains("<textarea"), "{shown}");
        let undo = get(format!("{path}?later=undo")).await;
        assert_eq!(hidden(&undo, "later"), "undo");
        assert_eq!(sent(posted(&service, &path, "reason=so")).await.status(), 409);

        let path = format!("/runs/{second}/rollback");
        let shown = get(path.clone()).await;
        assert!(shown.contains("<li>1 product goes back to what it was before</li>"), "{shown}");
        assert!(
            shown.contains("BE 0 · Partita")
                && shown.contains("<td data-label=\"What happens to it\">goes back")
        );
        let kept = get(format!("/runs/{first}/rollback?later=undo")).await;
        assert!(kept.contains(">goes away again</td>"), "{kept}");
        assert_eq!(database.texts("select title from product").await, ["Partita"], "only looked at");
        assert_eq!(sent(posted(&service, &path, "reason=+")).await.status(), 400);
        let run = goes(&sent(posted(&service, &path, "later=refuse&reason=by+mistake")).await);
        assert_eq!(database.texts("select title from product").await, ["Sonate"]);
        let told = database.texts("select action || ' ' || object || ' ' || reason from audit").await;
        assert_eq!(told, [format!("run.rollback run {second} by mistake")]);
        assert_ne!(run, format!("/runs/{second}"));
        assert!(!get(format!("/runs/{second}")).await.contains("/rollback"), "once");
        assert_eq!(sent(browser().get(service.url("/runs/99/rollback"))).await.status(), 404);
        assert_eq!(sent(browser().get(service.url(&format!("{path}?later=x")))).await.status(), 400);
    });
}

#[test]
fn a_rollback_is_for_whoever_may_see_all() {
    on_each(async |database| {
        let service = Service::start(database, &[]);
        let (_, run) = feed(&service, small("A", 1)).await;
        assert!(service.stop().success());
        let bound =
            token(database, &["create", "bound", "--scope", "operate", "--scope", "read", "--source", "A"]);
        let reader = token(database, &["create", "reader", "--scope", "read"]);
        let service = Service::start(database, &[]);
        for secret in [bound, reader] {
            let cookie = signed_in(&service, &secret).await;
            let path = format!("/runs/{run}/rollback");
            assert_eq!(sent(browser().get(service.url(&path)).header("cookie", &cookie)).await.status(), 403);
            assert_eq!(
                sent(posted(&service, &path, "reason=so").header("cookie", &cookie)).await.status(),
                403
            );
            let shown =
                page(browser().get(service.url(&format!("/runs/{run}"))).header("cookie", &cookie)).await;
            assert!(!shown.contains("/rollback"), "{shown}");
        }
    });
}

/// Fills the field for a reason, and presses the button of its form.
async fn decides(browser: &Browser, field: &str, reason: &str) {
    let found = browser.client().find(Locator::Css(field)).await.expect("a field");
    found.send_keys(reason).await.expect("somebody types");
    let button =
        browser.client().find(Locator::Css(&format!("form:has({field}) button"))).await.expect("a button");
    button.click().await.expect("it is pressed");
}

#[tokio::test(flavor = "multi_thread")]
async fn feeds_are_released_and_refused_in_a_browser() {
    let Some(browser) = Browser::start("no held feed is decided about in a browser").await else { return };
    let database = sqlite();
    let service = Service::start(&database, &STRICT);
    let id = hold(&database, &service, HOSTILE[0]).await;
    let path = service.url(&format!("/held/{id}"));
    for (width, scheme) in
        [320, 390, 1280].into_iter().flat_map(|width| Scheme::BOTH.map(|scheme| (width, scheme)))
    {
        browser.looks(width, scheme).await;
        for (name, address) in [("held", service.url("/held")), ("held-feed", path.clone())] {
            browser.open(&address).await;
            assert_eq!(browser.overflow().await, 0, "{name} at {width}");
            browser.picture(&format!("{name}-{width}-{scheme:?}")).await;
            if let Some(obstacles) = browser.obstacles().await {
                assert_eq!(obstacles, [""; 0], "{name} at {width}, {scheme:?}");
            }
        }
    }
    assert_eq!(browser.complaints().await, [""; 0]);
    // Nothing of it needs a script.
    browser.scripts(false).await;
    browser.open(&path).await;
    decides(&browser, "#release-reason", "autumn prices").await;
    browser.until("return location.pathname.startsWith('/runs/')").await;
    browser.scripts(true).await;
    browser.open(&path).await;
    browser
        .until(
            "if (document.body.innerText.includes('Released')) return true; location.reload(); return false",
        )
        .await;
    assert!(browser.text().await.contains("autumn prices"));

    let id = hold(&database, &service, "B").await;
    browser.open(&service.url("/held")).await;
    let link = browser.client().find(Locator::Css(&format!("a[href='/held/{id}']"))).await.expect("a link");
    link.click().await.expect("it is followed");
    decides(&browser, "#refuse-reason", "by mistake").await;
    browser.until("return document.body.innerText.includes('Refused: nothing of it was imported')").await;
    assert!(browser.text().await.contains("by mistake"));
    assert_eq!(browser.complaints().await, [""; 0]);
}

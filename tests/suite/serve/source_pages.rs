//! Sources with what is known of them, two versions beside each other, and links to refused records.

use super::held_pages::{feed, goes, posted};
use super::submit::small;
use super::web::{browser, header, page, sent, signed_in, token};
use crate::drifts::{Taxes, night};
use crate::support::browser::{Browser, Scheme};
use crate::support::catalogue::{Fault, catalogue};
use crate::support::database::{TestDatabase, on_each, sqlite};
use crate::support::service::Service;
use fantoccini::Locator;
use std::fmt::Write;
use std::time::{Duration, Instant};

/// A sender that no page may take at its word: as a feed writes it, as a page has to, and as an address has it.
const HOSTILE: [&str; 3] = ["&lt;b&gt;A/B\"?", "&#60;b&#62;A/B&#34;?", "/sources/%3Cb%3EA%2FB%22%3F"];

/// Two refused records of three.
fn faulty(sender: &str) -> String {
    catalogue(sender, 3, |number| match number {
        1 => Fault::Price,
        2 => Fault::Pages,
        _ => Fault::None,
    })
}

#[test]
fn sources_are_listed_and_shown() {
    on_each(async |database| {
        let service = Service::start(database, &[]);
        let get = async |path: &str| page(browser().get(service.url(path))).await;
        assert!(get("/sources").await.contains("Nobody has sent anything yet"));
        feed(&service, faulty(HOSTILE[0])).await;
        let list = get("/sources").await;
        for part in [HOSTILE[1], HOSTILE[2], "66.7 %", "/quarantine?source=", "</span> imported</td>"] {
            assert!(list.contains(part), "`{part}`: {list}");
        }
        let shown = get(HOSTILE[2]).await;
        for part in [
            HOSTILE[1],
            "not known yet: 6 feeds are needed",
            "</span> Last import",
            ", 2 records wait</h1>",
            "cvc-datatype-valid.1.2.1",
            "guard.price_factor",
            "no limit",
            "up to 5 %, or 20 products if that is more",
            "up to 10 %, or 20 records if that is more",
            "Two are needed to compare.",
            "The value is not written as its type asks</a>",
        ] {
            assert!(shown.contains(part), "`{part}`: {shown}");
        }
        assert!(!list.contains("<b>A") && !shown.contains("<b>A"));
        assert_eq!(sent(browser().get(service.url("/sources/none"))).await.status(), 404);
    });
}

#[test]
fn a_source_with_a_rhythm_is_on_time_or_late() {
    on_each(async |database| {
        let service = Service::start(database, &[]);
        for number in 1..=7 {
            feed(&service, small("A", number)).await;
        }
        let moved = |days: u32| match database.kind() {
            feedgate::config::DatabaseKind::Postgres => {
                format!("update feed_version set imported_at = now() - interval '{days} days' * (8 - run_id)")
            }
            feedgate::config::DatabaseKind::Sqlite => format!(
                "update feed_version set imported_at =
                    strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-' || ({days} * (8 - run_id)) || ' days')"
            ),
        };
        let get = async || page(browser().get(service.url("/sources/A"))).await;
        database.execute(&moved(2)).await;
        let shown = get().await;
        assert!(
            shown.contains("On time") && shown.contains("2 days") && shown.contains("<polyline"),
            "{shown}"
        );
        database.execute("delete from feed_version where run_id = 7").await;
        let shown = get().await;
        assert!(shown.contains("Late: the last feed came 4 days ago, 2 days are usual"), "{shown}");
    });
}

#[test]
fn two_versions_are_compared_within_a_limit() {
    on_each(async |database| {
        let service = Service::start(database, &[]);
        let first = catalogue(HOSTILE[0], 205, |_| Fault::None);
        feed(&service, first.clone()).await;
        feed(&service, first.replace("Sonate", "&lt;i&gt;Partita")).await;
        let get = async |path: &str| page(browser().get(service.url(path))).await;
        let source = get(HOSTILE[2]).await;
        assert!(
            source.contains("name=\"old\" value=\"1\"") && source.contains("action=\"/compare\""),
            "{source}"
        );
        let shown = get("/compare?old=1&new=2").await;
        for part in [
            "<h1>205 records changed</h1>",
            "<del>Sonate</del> → <ins>&#60;i&#62;Partita</ins>",
            "5 records more not shown.",
            HOSTILE[2],
            "</html>",
        ] {
            assert!(shown.contains(part), "`{part}`: {shown}");
        }
        assert_eq!(shown.matches("class=\"item\"").count(), 200);
        for wrong in ["<i>Partita", "<!--changes", "<style", "`--limit`", "are shown"] {
            assert!(!shown.contains(wrong), "{wrong}");
        }
        for (path, status) in [
            ("/compare?old=1&new=99", 404),
            ("/compare?old=1", 400),
            ("/compare?old=0&new=1", 400),
            ("/compare?old=2&new=2", 400),
        ] {
            assert_eq!(sent(browser().get(service.url(path))).await.status(), status, "{path}");
        }
    });
}

#[test]
fn whoever_is_of_one_source_sees_no_other() {
    on_each(async |database| {
        let service = Service::start(database, &[]);
        feed(&service, small("A", 1)).await;
        feed(&service, small("B", 1)).await;
        assert!(service.stop().success());
        let secret = token(database, &["create", "bound", "--scope", "read", "--source", "A"]);
        let service = Service::start(database, &[]);
        let cookie = signed_in(&service, &secret).await;
        let get = |path: &str| browser().get(service.url(path)).header("cookie", &cookie);
        let list = page(get("/sources")).await;
        assert!(list.contains("/sources/A") && !list.contains("/sources/B"), "{list}");
        assert_eq!(sent(get("/sources/A")).await.status(), 200);
        assert_eq!(sent(get("/sources/B")).await.status(), 403);
        assert_eq!(sent(get("/compare?old=1&new=2")).await.status(), 404);
        assert_eq!(sent(browser().get(service.url("/sources"))).await.status(), 303);
    });
}

/// The link that was made: its secret goes to the browser alone.
fn link(response: &reqwest::Response) -> String {
    let cookie = header(response, "set-cookie");
    let secret = cookie.strip_prefix("feedgate-link=").and_then(|rest| rest.split(';').next());
    format!("/shared/{}", secret.expect("it is handed on"))
}

/// What whoever follows a link sees, and no more.
async fn shows_its_record(service: &Service, address: &str) {
    let response = sent(browser().get(service.url(address)).header("accept-language", "de")).await;
    assert_eq!((response.status().as_u16(), header(&response, "referrer-policy")), (200, "no-referrer"));
    assert_eq!(header(&response, "x-robots-tag"), "noindex, nofollow");
    assert!(header(&response, "content-security-policy").contains("default-src 'none'"));
    let text = response.text().await.expect("a page");
    for part in
        [HOSTILE[1], "r-1", "hat den Wert", "<mark>12,50</mark>", "&#60;title&#62;Sonate&#60;/title&#62;"]
    {
        assert!(text.contains(part), "`{part}`: {text}");
    }
    let bytes = format!("<a href=\"{address}/bytes\"");
    assert_eq!(text.matches(&bytes).count(), 1, "the record itself is all that it leads to: {text}");
    let text = text.replace(&bytes, "");
    for wrong in ["<a href=\"/", "href=\"http", "<form", "<script", "<b>A", "This is the link", "r-2"] {
        assert!(!text.contains(wrong), "{wrong}: {text}");
    }
    let response = sent(browser().get(service.url(&format!("{address}/bytes")))).await;
    assert_eq!((response.status().as_u16(), header(&response, "referrer-policy")), (200, "no-referrer"));
    assert!(header(&response, "content-disposition").starts_with("attachment"));
    let record = response.text().await.expect("a record");
    assert!(record.starts_with("<product reference=\"r-1\"") && record.ends_with("</product>"), "{record}");
}

async fn keeps_a_hash_alone(database: &TestDatabase, secret: &str) {
    let mut hash = String::new();
    for byte in <sha2::Sha256 as sha2::Digest>::digest(secret.as_bytes()) {
        write!(hash, "{byte:02x}").expect("writes to memory");
    }
    let hex = match database.kind() {
        feedgate::config::DatabaseKind::Postgres => "encode(hash, 'hex')",
        feedgate::config::DatabaseKind::Sqlite => "lower(hex(hash))",
    };
    assert_eq!(database.texts(&format!("select {hex} from share")).await, [hash]);
}

#[test]
fn a_link_shows_one_record_until_it_ends() {
    on_each(async |database| {
        let service = Service::start(database, &[]);
        feed(&service, faulty(HOSTILE[0])).await;
        feed(&service, faulty("B")).await;
        assert!(service.stop().success());
        let editor = token(database, &["create", "editor", "--scope", "operate", "--scope", "read"]);
        let reader = token(database, &["create", "reader", "--scope", "read"]);
        let bound =
            token(database, &["create", "bound", "--scope", "operate", "--scope", "read", "--source", "B"]);
        let service = Service::start(database, &[]);
        let cookies = [
            signed_in(&service, &editor).await,
            signed_in(&service, &reader).await,
            signed_in(&service, &bound).await,
        ];
        let share =
            |cookie: &str, said: &str| posted(&service, "/quarantine/1/share", said).header("cookie", cookie);
        assert_eq!(sent(share(&cookies[1], "")).await.status(), 403);
        assert_eq!(sent(share(&cookies[2], "")).await.status(), 404);
        assert_eq!(sent(share(&cookies[0], "days=91")).await.status(), 400);
        let asked =
            page(browser().get(service.url("/quarantine/1/share")).header("cookie", &cookies[0])).await;
        assert!(asked.contains("<option value=\"14\" selected=\"\">"), "{asked}");
        let response = sent(share(&cookies[0], "days=7")).await;
        assert_eq!(goes(&response), "/quarantine/1/share");
        for part in ["Path=/quarantine/1/share", "Secure", "HttpOnly", "SameSite=Strict", "Max-Age=60"] {
            assert!(header(&response, "set-cookie").contains(part), "{part}");
        }
        let address = &*link(&response);
        let secret = address.strip_prefix("/shared/").expect("a link");
        assert_eq!(secret.len(), 43);

        let made = async |entry: u32, secret: &str| {
            let cookie = format!("{}; feedgate-link={secret}", cookies[0]);
            let path = format!("/quarantine/{entry}/share");
            sent(browser().get(service.url(&path)).header("cookie", cookie)).await
        };
        let shown = made(1, secret).await;
        assert!(header(&shown, "set-cookie").starts_with("feedgate-link=; "), "it is shown once");
        let shown = shown.text().await.expect("a page");
        let whole = format!("value=\"{}\"", service.url(address));
        for part in ["This is the link", &whole, "href=\"/quarantine/1\"", "data-copy=\"address\""] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        for (entry, secret) in [(2, secret), (1, "x"), (1, &"A".repeat(43))] {
            let other = made(entry, secret).await.text().await.expect("a page");
            assert!(other.contains("<select id=\"share-days\"") && !other.contains("This is the link"));
        }
        shows_its_record(&service, address).await;
        assert!(!service.log().contains(secret), "no log has it");
        keeps_a_hash_alone(database, secret).await;

        let gone = async |address: &str| sent(browser().get(service.url(address))).await.status() == 404;
        assert!(gone(&format!("/shared/{}", "A".repeat(43))).await && gone("/shared/x").await);
        let source = page(browser().get(service.url(HOSTILE[2])).header("cookie", &cookies[0])).await;
        assert!(source.contains("/shares/1/revoke") && !source.contains(secret), "{source}");
        let revoke = |cookie: &str| posted(&service, "/shares/1/revoke", "").header("cookie", cookie);
        assert_eq!(sent(revoke(&cookies[2])).await.status(), 404);
        assert_eq!(sent(revoke(&cookies[1])).await.status(), 403);
        assert_eq!(goes(&sent(revoke(&cookies[0])).await), HOSTILE[2]);
        assert!(gone(address).await && gone(&format!("{address}/bytes")).await, "revoked");
        assert_eq!(sent(revoke(&cookies[0])).await.status(), 409);
        let other = link(&sent(share(&cookies[0], "")).await);
        assert!(!gone(&other).await);
        database.execute("update share set expires_at = '2026-01-01T00:00:00.000Z'").await;
        assert!(gone(&other).await, "expired");
        let told = database
            .texts("select who || ' ' || action || ' ' || object from audit where action like 'share%' order by id")
            .await;
        let by = |what: &str| format!("token:editor share.{what}");
        assert_eq!(told, [by("create share 1"), by("revoke share 1"), by("create share 2")]);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_are_compared_in_a_browser() {
    let Some(browser) = Browser::start("no versions are compared in a browser").await else { return };
    let database = sqlite();
    let service = Service::start(&database, &[]);
    let long = format!("<title>{}</title>", "Sämtliche Werke für Klavier ".repeat(11));
    feed(&service, faulty(HOSTILE[0])).await;
    let run = feed(&service, faulty(HOSTILE[0]).replacen("<title>Sonate</title>", &long, 1)).await.1;
    let shared = link(&sent(posted(&service, "/quarantine/1/share", "")).await);
    let pages = [
        ("sources", "/sources".to_owned()),
        ("source", HOSTILE[2].to_owned()),
        ("compare", "/compare?old=1&new=2".to_owned()),
        ("rollback", format!("/runs/{run}/rollback")),
        ("shared", shared),
    ];
    for (width, scheme) in
        [320, 390, 1280].into_iter().flat_map(|width| Scheme::BOTH.map(|scheme| (width, scheme)))
    {
        browser.looks(width, scheme).await;
        for (name, path) in &pages {
            browser.open(&service.url(path)).await;
            assert_eq!(browser.overflow().await, 0, "{name} at {width}");
            browser.picture(&format!("{name}-{width}-{scheme:?}")).await;
            if let Some(obstacles) = browser.obstacles().await {
                assert_eq!(obstacles, [""; 0], "{name} at {width}, {scheme:?}");
            }
        }
    }
    browser.open(&service.url(HOSTILE[2])).await;
    let button =
        browser.client().find(Locator::Css("form[action='/compare'] button")).await.expect("a button");
    button.click().await.expect("it is pressed");
    browser.until("return location.pathname === '/compare'").await;
    assert!(browser.text().await.contains("1 record changed"));
    assert_eq!(browser.complaints().await, [""; 0]);
}

/// What expires of two sources and of none.
const INVENTORY: &str = r#"version = 1
[[thing]]
name = "client-key"
kind = "crl"
path = "nowhere.crl"
owner = "<b>desk</b>"
source = "A"
runbook = "https://wiki.example/crl?a=1&b=2"
[[thing]]
name = "agreement"
kind = "date"
expires = 2090-03-01
confirmed_by = "contracts"
confirmed_on = 2026-01-07
owner = "contracts"
source = "A"
[[thing]]
name = "key-of-another"
kind = "crl"
path = "nowhere.crl"
owner = "desk"
source = "B"
[[thing]]
name = "key-of-nobody"
kind = "crl"
path = "nowhere.crl"
owner = "desk"
"#;

/// Waits until the page of a source says something.
async fn says(service: &Service, path: &str, part: &str) -> String {
    let begun = Instant::now();
    loop {
        let shown = page(browser().get(service.url(path))).await;
        if shown.contains(part) {
            return shown;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "no `{part}`: {shown}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[test]
fn a_source_shows_what_expires_of_it_what_needs_a_hand_first() {
    on_each(async |database| {
        let inventory = database.folder.path().join("expiry.toml");
        std::fs::write(&inventory, INVENTORY).expect("written");
        let setting = format!("expiry.inventory={}", inventory.display());
        let service = Service::start(database, &["--set", &setting, "--set", "expiry.every=1s"]);
        feed(&service, small("A", 1)).await;
        let shown = says(&service, "/sources/A", "What expires").await;
        let place = |part: &str| shown.find(part).unwrap_or_else(|| panic!("no `{part}`: {shown}"));
        assert!(place("client-key") < place("agreement"), "{shown}");
        for part in [
            "href=\"https://wiki.example/crl?a=1&#38;b=2\"",
            "</span> nothing found</td>",
            "datetime=\"2090-03-",
            "&#60;b&#62;desk&#60;/b&#62;",
            "</span> ok</td>",
        ] {
            place(part);
        }
        assert!(!shown.contains("key-of-") && !shown.contains("<b>desk"), "{shown}");
        // The next look sees what was changed; an inventory that cannot be used is not nothing to watch.
        std::fs::write(&inventory, "version = 1\n").expect("written");
        let begun = Instant::now();
        while page(browser().get(service.url("/sources/A"))).await.contains("id=\"expiry\"") {
            assert!(begun.elapsed() < Duration::from_mins(1), "the section stays");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        std::fs::write(&inventory, "version = 7\n").expect("written");
        says(&service, "/sources/A", "so nothing is known").await;
        let german = browser().get(service.url("/sources/A")).header("accept-language", "de");
        assert!(page(german).await.contains("feedgate expiry check“ sagt, woran es liegt"));
    });
}

#[test]
fn what_changed_in_feeds_is_shown_and_called_expected() {
    on_each(async |database| {
        let service = Service::start(database, &[]);
        let address = "/sources/Musikverlag%20Beispiel";
        let get = async || page(browser().get(service.url(address))).await;
        for number in 1..=4 {
            feed(&service, night(number, Taxes::All, 60)).await;
        }
        let learning = get().await;
        for part in ["catalogue/1.0: learning, 4 of 5 imports.", "is told once enough is known"] {
            assert!(learning.contains(part), "`{part}`: {learning}");
        }
        feed(&service, night(5, Taxes::All, 60)).await;
        feed(&service, night(6, Taxes::None, 60)).await;
        let shown = get().await;
        for part in [
            "catalogue/1.0: held against the last 6 imports.",
            "<code>prices/price/tax</code> was in 100 % of records",
            "href=\"/runs/6/findings\"",
            "In your feed ",
            "[sender.&#34;Musikverlag Beispiel&#34;.drift]",
            "prices/price/tax=hold",
        ] {
            assert!(shown.contains(part), "`{part}`: {shown}");
        }
        let german = page(browser().get(service.url(address)).header("accept-language", "de")).await;
        for part in ["Was sich in den Lieferungen geändert hat", "In Ihrer Lieferung ", "Dem Absender sagen"]
        {
            assert!(german.contains(part), "`{part}`: {german}");
        }
        let form = |path: &str| {
            let said = format!("path={path}&format=catalogue%2F1.0&reason=told+%3Celsewhere%3E");
            posted(&service, &format!("{address}/expected"), &said)
        };
        assert_eq!(sent(form("prices/price/none")).await.status(), 409);
        assert_eq!(sent(form("")).await.status(), 400);
        let done = sent(form("prices/price/tax")).await;
        assert_eq!((done.status().as_u16(), header(&done, "location")), (303, &*format!("{address}#drift")));
        let shown = get().await;
        assert!(shown.contains("Expected, said ") && !shown.contains("prices/price/tax=hold"), "{shown}");
        feed(&service, night(7, Taxes::None, 60)).await;
        assert!(!get().await.contains("/runs/7/findings"), "what is expected is told no more");
        let body = serde_json::json!({ "paths": ["title"], "reason": "so it is" });
        let told = sent(browser().post(service.url(&format!("/v1{address}/expected"))).json(&body)).await;
        assert_eq!(told.status(), 200);
        let told: serde_json::Value = told.json().await.expect("JSON");
        assert_eq!(told, serde_json::json!({ "format": "catalogue/1.0", "since": 7 }));
    });
}

//! What tokens see on pages that are bound to a source, or may look, or send, and nothing else: what is not theirs to
//! do is not offered, and refused when it is asked for.

use super::held_pages::{feed, goes, posted};
use super::web::{browser, file, page, sent, signed_in, token};
use crate::support::catalogue::{Fault, catalogue};
use crate::support::database::{TestDatabase, on_each};
use crate::support::service::Service;

/// Any change of a product is too much.
const STRICT: [&str; 2] = ["--set", "guard.update=0%/0"];
/// What pages offer to those who may do more than look.
const DEEDS: [&str; 8] = [
    "type=\"file\"",
    "<textarea",
    "/share\"",
    "/rollback\"",
    "/cancel\"",
    "/release\"",
    "/refuse\"",
    "<form method=\"post\" action=\"/quarantine\"",
];

/// Two products of `A`, a feed of it that is held, and a refused record of `B`: runs 1 to 3. Gives back the number of
/// the held feed.
async fn filled(database: &TestDatabase) -> i64 {
    let service = Service::start(database, &STRICT);
    let first = catalogue("A", 2, |_| Fault::None);
    assert_eq!(feed(&service, first.clone()).await.0, "succeeded");
    assert_eq!(feed(&service, first.replace("12.50", "13.00")).await.0, "held");
    let faulty = catalogue("B", 2, |number| if number == 1 { Fault::Price } else { Fault::None });
    assert_eq!(feed(&service, faulty).await.0, "deviations");
    assert!(service.stop().success());
    database.number("select max(feed_version_id) from held_feed").await
}

/// Somebody who is signed in.
struct Visitor<'a> {
    service: &'a Service,
    cookie: String,
}

impl Visitor<'_> {
    async fn page(&self, path: &str) -> String {
        page(browser().get(self.service.url(path)).header("cookie", &self.cookie)).await
    }

    async fn status(&self, path: &str) -> u16 {
        let response = sent(browser().get(self.service.url(path)).header("cookie", &self.cookie)).await;
        response.status().as_u16()
    }

    async fn posts(&self, path: &str, said: &str) -> u16 {
        sent(posted(self.service, path, said).header("cookie", &self.cookie)).await.status().as_u16()
    }
}

/// All that may be asked for about what is there, as a form sends it.
fn deeds(held: i64, entry: &str) -> Vec<(String, String)> {
    let of = |path: String, said: &str| (path, said.to_owned());
    vec![
        of("/runs/1/cancel".to_owned(), ""),
        of("/runs/1/rollback".to_owned(), "reason=so"),
        of(format!("/quarantine/{entry}"), "do=import"),
        of(format!("/quarantine/{entry}"), "do=discard&reason=so"),
        of(format!("/quarantine/{entry}/share"), "days=7"),
        of("/quarantine".to_owned(), "source=B&code=cvc-datatype-valid.1.2.1"),
        of(format!("/held/{held}/release"), "plan=0123456789ab&reason=so"),
        of(format!("/held/{held}/refuse"), "reason=so"),
    ]
}

#[test]
fn whoever_may_only_look_is_offered_nothing_and_changes_nothing() {
    on_each(async |database| {
        let held = filled(database).await;
        let secret = token(database, &["create", "reader", "--scope", "read"]);
        let service = Service::start(database, &STRICT);
        let reader = Visitor { service: &service, cookie: signed_in(&service, &secret).await };
        let held_feed = format!("/held/{held}");
        for path in [
            "/",
            "/runs/1",
            "/runs/2",
            "/runs/3",
            "/runs/3/findings",
            "/quarantine",
            "/quarantine?source=B&code=cvc-datatype-valid.1.2.1",
            "/quarantine/1",
            "/held",
            &held_feed,
            "/sources",
            "/sources/A",
            "/sources/B",
        ] {
            let shown = reader.page(path).await;
            for deed in DEEDS {
                assert!(!shown.contains(deed), "`{deed}` on {path}: {shown}");
            }
        }
        assert!(reader.page(&held_feed).await.contains("Your token may look, and not decide."));
        for path in ["/runs/1/rollback", "/quarantine/1/share"] {
            assert_eq!(reader.status(path).await, 403, "{path}");
        }
        for (path, said) in deeds(held, "1") {
            assert_eq!(reader.posts(&path, &said).await, 403, "{path} {said}");
        }
        let upload = file(&service, "import", "a.xml", &catalogue("A", 1, |_| Fault::None));
        assert_eq!(sent(upload.header("cookie", &reader.cookie)).await.status(), 403);
        assert_eq!(database.number("select count(*) from audit where action not like 'token%'").await, 0);
        assert_eq!(database.number("select count(*) from run").await, 3);
    });
}

#[test]
fn whoever_is_of_one_source_sees_and_does_nothing_about_another() {
    on_each(async |database| {
        let held = filled(database).await;
        let scopes = ["--scope", "read", "--scope", "submit", "--scope", "operate"];
        let secret = token(database, &[&["create", "bound"], &scopes[..], &["--source", "A"]].concat());
        let service = Service::start(database, &STRICT);
        let bound = Visitor { service: &service, cookie: signed_in(&service, &secret).await };
        for path in ["/", "/quarantine", "/held?state=any", "/sources"] {
            let shown = bound.page(path).await;
            for other in ["/runs/3\"", "source=B", "/sources/B", "/quarantine/1\"", ">B<"] {
                assert!(!shown.contains(other), "`{other}` on {path}: {shown}");
            }
        }
        for (path, status) in [
            ("/runs/3", 404),
            ("/runs/3/findings", 404),
            ("/quarantine/1", 404),
            ("/quarantine/1/bytes", 404),
            ("/quarantine/1/share", 404),
            ("/quarantine?source=B", 403),
            ("/sources/B", 403),
            ("/?source=B", 403),
        ] {
            assert_eq!(bound.status(path).await, status, "{path}");
        }
        // A rollback is of all that a run did.
        assert!(!bound.page("/runs/1").await.contains("/rollback\""));
        assert_eq!(bound.status("/runs/1/rollback").await, 403);
        for (path, said) in deeds(held, "1") {
            let status = bound.posts(&path, &said).await;
            let own = path.starts_with("/held/");
            let expected: &[u16] = if own { &[303, 409] } else { &[403, 404, 409] };
            assert!(expected.contains(&status), "{status}: {path} {said}");
        }
        assert_eq!(database.texts("select state from quarantine").await, ["open"]);
        assert_eq!(database.texts("select state from held_feed").await, ["refused"]);
    });
}

#[test]
fn whoever_may_only_send_has_a_place_to_do_so() {
    on_each(async |database| {
        let held = filled(database).await;
        let secret = token(database, &["create", "sender", "--scope", "submit"]);
        let service = Service::start(database, &STRICT);
        let sender = Visitor { service: &service, cookie: signed_in(&service, &secret).await };
        let inbox = sender.page("/").await;
        assert!(inbox.contains("type=\"file\""), "{inbox}");
        for other in ["href=\"/quarantine\"", "href=\"/held\"", "href=\"/sources\"", "/runs/", "What waits"] {
            assert!(!inbox.contains(other), "`{other}`: {inbox}");
        }
        let held_feed = format!("/held/{held}");
        for path in
            ["/runs/1", "/runs/1/findings", "/quarantine", "/quarantine/1", "/held", &held_feed, "/sources"]
        {
            assert_eq!(sender.status(path).await, 403, "{path}");
        }
        for (path, said) in deeds(held, "1").into_iter().skip(1) {
            assert_eq!(sender.posts(&path, &said).await, 403, "{path} {said}");
        }
        let upload = file(&service, "check", "a.xml", &catalogue("A", 1, |_| Fault::None));
        let to = goes(&sent(upload.header("cookie", &sender.cookie)).await);
        assert_eq!(to, "/?sent=4");
        assert!(sender.page(&to).await.contains("Sent, as run 4."));
    });
}

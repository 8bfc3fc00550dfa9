//! Refused records on pages: looked at, mended, checked, imported, given up; as a browser asks for them, and in one.

use crate::support::browser::{Browser, Scheme};
use crate::support::catalogue::{Fault, catalogue};
use crate::support::database::{TestDatabase, on_each, sqlite};
use crate::support::service::{Service, client, ended, submitted, upload};
use fantoccini::Locator;
use fantoccini::key::Key;
use feedgate::store::Store;
use jiff::{SignedDuration, Timestamp};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};

/// Bytes of the page about a record of half a megabyte.
const LARGE_PAGE_BYTES_MAX: usize = 128 << 10;

/// Three records, of which the second and the third are refused.
fn faulty(sender: &str) -> String {
    catalogue(sender, 3, |number| match number {
        1 => Fault::Price,
        2 => Fault::Pages,
        _ => Fault::None,
    })
}

/// The record of a feed with this key.
fn record_of(feed: &str, key: &str) -> String {
    let start = feed.find(&format!("<product reference=\"{key}\"")).expect("it is there");
    let end = feed[start..].find("</product>").expect("it ends") + "</product>".len();
    feed[start..start + end].to_owned()
}

/// Somebody with a browser that goes nowhere by itself.
struct Editor<'a> {
    client: Client,
    service: &'a Service,
}

impl<'a> Editor<'a> {
    fn new(service: &'a Service) -> Self {
        drop(client());
        let client = Client::builder().redirect(Policy::none()).build().expect("a client");
        Self { client, service }
    }

    async fn feed(&self, feed: impl Into<reqwest::Body>) -> i64 {
        let run = submitted(upload(&self.client, self.service, "", feed)).await;
        ended(&self.client, self.service, run).await;
        run
    }

    async fn get(&self, path: &str) -> Response {
        self.client.get(self.service.url(path)).send().await.expect("the service answers")
    }

    async fn page(&self, path: &str) -> String {
        let response = self.get(path).await;
        let status = response.status().as_u16();
        let text = response.text().await.expect("a body");
        assert_eq!(status, 200, "{path}: {text}");
        text
    }

    /// Sends a form as our own page does; gives back status, where it leads, and the page.
    async fn post(&self, path: &str, said: &[(&str, &str)]) -> (u16, String, String) {
        let own = format!("http://{}", self.service.address);
        let body = form_urlencoded(said);
        let form = self.client.post(self.service.url(path)).header("origin", own);
        let form = form.header("content-type", "application/x-www-form-urlencoded").body(body);
        let response = form.send().await.expect("the service answers");
        let location =
            response.headers().get("location").map_or("", |to| to.to_str().expect("text")).to_owned();
        (response.status().as_u16(), location, response.text().await.expect("a body"))
    }
}

fn form_urlencoded(said: &[(&str, &str)]) -> String {
    let escaped = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
    said.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect::<Vec<_>>().join("&")
}

#[track_caller]
fn holds(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "no {part}:\n{page}");
    }
}

#[test]
fn a_refused_record_is_shown_with_its_product_and_its_faults() {
    on_each(async |database| {
        let service = Service::start(database, &[]);
        let editor = Editor::new(&service);
        editor.feed(catalogue("A", 3, |_| Fault::None)).await;
        let run = editor.feed(faulty("A").replace("<title>Sonate</title>", "<title>Fuge</title>")).await;
        let list = editor.page("/quarantine").await;
        holds(
            &list,
            &[
                "2 records",
                "href=\"/quarantine/1\">BE 1 · Fuge</a> <span class=\"quiet\">r-1<",
                "<code>12,50</code>",
            ],
        );
        let by_source =
            "<th scope=\"row\"><a href=\"/quarantine?source=A\">A</a></th><td class=\"number\">2</td>";
        holds(&list, &["By source", by_source, "<option value=\"A\">"]);
        let by_kind = editor.page("/quarantine?source=A").await;
        // One clause is broken by a price and by a number of pages: two kinds.
        let kind =
            |field: &str| format!("/quarantine?source=A&#38;code=cvc-datatype-valid.1.2.1&#38;field={field}");
        holds(&by_kind, &["By kind of fault", &kind("amount"), &kind("pages"), "<code>pages</code>: "]);
        let pages = editor.page(&kind("pages").replace("&#38;", "&")).await;
        holds(&pages, &["1 record", "<code>viele</code>", "name=\"field\" value=\"pages\""]);
        assert!(!pages.contains("<code>12,50</code>"), "{pages}");
        assert!(!editor.page("/quarantine?key=r-2").await.contains("By source"), "somebody searches");
        holds(&editor.page("/quarantine?source=A&key=r-2").await, &["<code>viele</code>"]);
        for part in ["source=a", "key=R-", "source=a&key=-2"] {
            holds(&editor.page(&format!("/quarantine?{part}")).await, &["<code>viele</code>"]);
        }
        assert!(editor.page("/quarantine?source=nobody").await.contains("No record fits."));
        let found = editor.page(&format!("/runs/{run}/findings")).await;
        holds(&found, &["<b>r-1</b></a> <span>BE 1 · Sonate</span>", "href=\"/quarantine/1?run="]);
        assert!(editor.page("/quarantine?code=rule.gtin").await.contains("No record fits."));
        assert!(editor.page("/quarantine?state=discarded").await.contains("No record was discarded."));
        assert_eq!(editor.get("/quarantine?run=x").await.status(), 400);
        assert_eq!(editor.get("/quarantine/99").await.status(), 404);
        let to = editor.get(&format!("/runs/{run}/records/2")).await;
        assert_eq!(
            (to.status().as_u16(), to.headers()["location"].to_str().ok()),
            (303, Some(format!("/quarantine/1?run={run}").as_str()))
        );
        assert_eq!(editor.get(&format!("/runs/{run}/records/1")).await.status(), 404);
        let page = editor.page("/quarantine/1").await;
        holds(
            &page,
            &["<h1>Fuge</h1>", "Refused for 1 fault", "BE 1", "<del>Sonate</del>", "<ins>Fuge</ins>"],
        );
        holds(
            &page,
            &[
                "<mark>12,50</mark>",
                "</span> 12,50</b>",
                "faulty, see below",
                "What this means",
                "Who can mend it",
            ],
        );
        holds(&page, &["Line 10, column", &format!("href=\"/runs/{run}\""), "&#60;product reference="]);
        let german = editor.client.get(service.url("/quarantine/1")).header("accept-language", "de");
        let german = german.send().await.expect("it answers").text().await.expect("a body");
        holds(&german, &["lang=\"de\"", "Abgewiesen wegen 1 Fehler", "hat den Wert <code>12,50</code>"]);
        let bytes = editor.get("/quarantine/1/bytes").await;
        assert!(bytes.headers()["content-disposition"].to_str().expect("text").starts_with("attachment"));
        assert_eq!(
            bytes.text().await.expect("a body"),
            record_of(&faulty("A").replace("Sonate", "Fuge"), "r-1")
        );
    });
}

/// The run that imported it says what was mended, of whom, and by whom.
async fn names_what_was_mended(editor: &Editor<'_>, database: &TestDatabase) {
    let run = database.number("select min(id) from run where message like 'replay % 1 imported'").await;
    let list = editor.page("/").await;
    holds(&list, &["Mended record imported", "href=\"/quarantine/1\">r-1</a>", "by not signed in"]);
    let page = editor.page(&format!("/runs/{run}")).await;
    holds(&page, &["Mended record imported", "href=\"/quarantine/1\">r-1</a>", "href=\"/sources/A\""]);
    holds(&page, &["with corrections by <b>not signed in</b>", "a typing error"]);
    assert!(!page.contains("started by a command"), "{page}");
}

/// What is sent for a record that somebody has imported before.
async fn is_given_back(editor: &Editor<'_>, right: &str) {
    let import = [("do", "import"), ("text", right), ("reason", "a typing error")];
    let (status, _, page) = editor.post("/quarantine/1", &import).await;
    assert_eq!(status, 409);
    holds(&page, &["It was imported before, just as you sent it now."]);
    assert!(!page.contains("<textarea"), "{page}");
    let other = right.replace("12.50", "13.75");
    for said in ["import", "check"] {
        let (status, _, page) = editor.post("/quarantine/1", &[("do", said), ("text", &other)]).await;
        assert_eq!(status, 409, "{said}");
        holds(&page, &["Somebody was quicker", "Your text, which was not imported", "13.75", "readonly"]);
        holds(&page, &["<del><code>", "12.50"]);
    }
}

#[test]
fn a_record_is_mended_checked_and_imported() {
    on_each(async |database| {
        let service = Service::start(database, &[]);
        let editor = Editor::new(&service);
        editor.feed(faulty("A")).await;
        let wrong = record_of(&faulty("A"), "r-1");
        let right = wrong.replace("12,50", "12.50");
        let still = wrong.replace("12,50", "zwölf\r\n");
        let (status, _, page) = editor.post("/quarantine/1", &[("do", "check"), ("text", &still)]).await;
        assert_eq!(status, 200);
        holds(&page, &["It is still refused.", "a check stores nothing", "zwölf", "data-line=\"1\""]);
        let (_, _, page) = editor.post("/quarantine/1", &[("do", "check"), ("text", &right)]).await;
        // The page stays where somebody goes back to it: what it says holds whatever was done since.
        holds(
            &page,
            &["It is right now.", "Checked on", "a check stores nothing", "it would be new", "12.50 EUR"],
        );
        assert!(!page.contains("Nothing was stored"), "by the time it is read, something may be:\n{page}");
        holds(&page, &["value=\"import\" form=\"mending\"", "<form class=\"mend\" id=\"mending\""]);
        assert!(!page.contains("Refused for 1 fault"), "it is right now:\n{page}");
        let (_, _, page) =
            editor.post("/quarantine/1", &[("do", "check"), ("text", &format!("  {still}"))]).await;
        let of = |page: &str| {
            page.split("data-column=\"").nth(1).and_then(|rest| rest.split('"').next()?.parse::<u32>().ok())
        };
        let (_, _, bare) = editor.post("/quarantine/1", &[("do", "check"), ("text", &still)]).await;
        assert_eq!(of(&page), of(&bare).map(|column| column + 2), "places count in the text as it was sent");
        let (_, _, page) = editor.post("/quarantine/1", &[("do", "check"), ("text", "<product")]).await;
        holds(&page, &["It is still refused."]);
        let (_, _, page) = editor.post("/quarantine/1", &[("do", "check"), ("text", "<x/>")]).await;
        holds(&page, &["This cannot be judged. Nothing was stored."]);
        let other = right.replace("r-1", "r-9");
        let (_, _, page) = editor.post("/quarantine/1", &[("do", "check"), ("text", &other)]).await;
        holds(&page, &["has to stay r-1; the text has r-9. Nothing was stored."]);
        assert_eq!(database.texts("select state from quarantine order by id").await, ["open", "open"]);
        assert_eq!(database.number("select count(*) from audit").await, 0);
        let import =
            |text, seen| [("do", "import"), ("text", text), ("seen", seen), ("reason", "a typing error")];
        let (status, _, page) = editor.post("/quarantine/1", &import(&still, "")).await;
        assert_eq!(status, 200);
        holds(&page, &["It is still refused, and was not imported."]);
        let (status, _, page) = editor.post("/quarantine/1", &import(&right, "000000000000")).await;
        assert_eq!(status, 409);
        holds(&page, &["has brought the record anew"]);
        let (status, location, _) = editor.post("/quarantine/1", &import(&right, "")).await;
        assert_eq!((status, location.as_str()), (303, "/quarantine/1?done=import"));
        let page = editor.page(&location).await;
        holds(
            &page,
            &[
                "It was imported.",
                "not signed in",
                "imported with corrections",
                "a typing error",
                "bytes?mended=true",
            ],
        );
        assert!(!page.contains("<textarea"), "it waits for nobody");
        holds(
            &page,
            &["<del><code>", "12,50", "<ins><code>", "12.50", "href=\"/quarantine/2\">Next refused record"],
        );
        assert!(!page.contains("Refused, then imported"), "once is enough");
        holds(
            &editor.page("/quarantine/1?run=1").await,
            &["Refused, then imported", "href=\"/runs/1/findings\""],
        );
        is_given_back(&editor, &right).await;
        assert_eq!(database.texts("select record_reference from product order by 1").await, ["r-0", "r-1"]);
        assert_eq!(database.texts("select action from audit").await, ["quarantine.replay"]);
        names_what_was_mended(&editor, database).await;
    });
}

#[test]
fn a_text_is_not_lost_while_an_import_of_the_source_goes_on() {
    on_each(async |database| {
        let service = Service::start(database, &[]);
        let editor = Editor::new(&service);
        editor.feed(faulty("A")).await;
        let store = Store::open(&database.url).await.expect("the database opens");
        let now = Timestamp::now();
        let run = store.begin_run(now, now + SignedDuration::from_mins(10), None).await.expect("it begins");
        let mut session = store.session(run).await.expect("a session begins");
        session.lock("A").await.expect("the source is free");
        let right = record_of(&faulty("A"), "r-1").replace("12,50", "12.50");
        let said = [("do", "import"), ("text", right.as_str()), ("reason", "a typing error")];
        let (status, _, page) = editor.post("/quarantine/1", &said).await;
        assert_eq!(status, 409);
        holds(
            &page,
            &["Another import of this source is going on", "Your text stands below", "a typing error"],
        );
        holds(&page, &["<textarea", "12.50", &format!("href=\"/runs/{run}\"")]);
        assert_eq!(database.texts("select state from quarantine where id = 1").await, ["open"]);
        drop(session);
        // What was not even understood keeps it, too.
        let long = "x".repeat(1_001);
        let said = [("do", "import"), ("text", right.as_str()), ("reason", &long)];
        let (status, _, page) = editor.post("/quarantine/1", &said).await;
        assert_eq!(status, 400);
        holds(&page, &["It has 1001 characters", "Your text stands below", "12.50"]);
    });
}

#[test]
fn a_record_says_when_it_was_refused_again_and_how_many_like_it_wait() {
    on_each(async |database| {
        let service = Service::start(database, &["--set", "guard.refused=off"]);
        let editor = Editor::new(&service);
        let feed = |faults: [Fault; 3]| catalogue("A", 3, move |number| faults[number as usize]);
        editor.feed(feed([Fault::Price, Fault::Price, Fault::None])).await;
        editor.feed(feed([Fault::None, Fault::Price, Fault::None]).replace("Sonate", "Fuge")).await;
        let page = editor.page("/quarantine/1").await;
        holds(
            &page,
            &["Refused, then sent again", "right since <a href=\"/runs/2\">Run 2", "1 record like it waits"],
        );
        assert!(!page.contains("refused again later"), "{page}");
        editor.feed(feed([Fault::Price, Fault::Price, Fault::None]).replace("Sonate", "Gigue")).await;
        let again = database.number("select max(id) from quarantine where record_reference = 'r-0'").await;
        let page = editor.page("/quarantine/1").await;
        holds(
            &page,
            &["refused again later", &format!("href=\"/quarantine/{again}\""), "2 records like it wait"],
        );
    });
}

#[test]
fn what_is_answered_to_a_form_may_be_gone_back_to() {
    on_each(async |database| {
        let service = Service::start(database, &[]);
        let editor = Editor::new(&service);
        editor.feed(faulty("A")).await;
        assert_eq!(editor.get("/quarantine/1").await.headers()["cache-control"], "no-store");
        let own = format!("http://{}", service.address);
        let form = editor.client.post(service.url("/quarantine/1")).header("origin", own);
        let form = form.header("content-type", "application/x-www-form-urlencoded").body("do=check");
        let response = form.send().await.expect("it answers");
        assert_eq!(response.headers()["cache-control"], "private, no-cache");
    });
}

#[test]
fn a_record_is_given_up_for_a_reason() {
    on_each(async |database| {
        let service = Service::start(database, &[]);
        let editor = Editor::new(&service);
        editor.feed(faulty("A")).await;
        let (status, _, page) = editor.post("/quarantine/2", &[("do", "discard"), ("reason", " ")]).await;
        assert_eq!(status, 422);
        holds(&page, &["Say why it is discarded"]);
        let said = [("do", "discard"), ("reason", "<b>a test</b>")];
        let (status, location, _) = editor.post("/quarantine/2", &said).await;
        assert_eq!((status, location.as_str()), (303, "/quarantine/2?done=discard"));
        holds(&editor.page(&location).await, &["It was discarded.", "&#60;b&#62;a test"]);
        assert_eq!(editor.post("/quarantine/2", &said).await.0, 409);
        holds(&editor.page("/quarantine?state=discarded").await, &["href=\"/quarantine/2\""]);
        assert!(!editor.page("/quarantine").await.contains("href=\"/quarantine/2\""));
        assert_eq!(database.texts("select reason from audit").await, ["<b>a test</b>"]);
    });
}

#[test]
fn a_mended_record_is_utf_8_whatever_its_feed_was() {
    on_each(async |database| {
        let service = Service::start(database, &[]);
        let editor = Editor::new(&service);
        let feed = faulty("A").replace("UTF-8", "ISO-8859-1").replace("Sonate", "Für Elise");
        let latin: Vec<u8> = feed.chars().map(|c| u8::try_from(u32::from(c)).expect("Latin-1")).collect();
        editor.feed(latin).await;
        let page = editor.page("/quarantine/1").await;
        holds(&page, &["<h1>Für Elise</h1>", "<mark>12,50</mark>", "&#60;title&#62;Für Elise"]);
        let right = record_of(&feed, "r-1").replace("12,50", "12.50").replace("Elise", "Éloïse");
        let (status, ..) = editor.post("/quarantine/1", &[("do", "import"), ("text", &right)]).await;
        assert_eq!(status, 303);
        let title = "select title from product where record_reference = 'r-1'";
        assert_eq!(database.texts(title).await, ["Für Éloïse"]);
    });
}

#[test]
fn a_group_is_judged_again_a_number_at_a_time() {
    on_each(async |database| {
        let service = Service::start(database, &["--set", "guard.refused=off"]);
        let editor = Editor::new(&service);
        editor.feed(catalogue("A", 103, |number| if number == 7 { Fault::None } else { Fault::Price })).await;
        let code = database.texts("select distinct code from deviation_group").await.remove(0);
        let list = editor.page(&format!("/quarantine?source=A&code={code}")).await;
        holds(&list, &["Check again, and import what is right: the first 100 records of 102"]);
        assert!(!editor.page("/quarantine?source=A").await.contains("Check again, and import"));
        let said = [("source", "A"), ("code", code.as_str()), ("reason", "new schema"), ("after", "0")];
        // Of another element, there are none.
        let (_, location, _) = editor.post("/quarantine", &[said[0], said[1], ("field", "pages")]).await;
        holds(&editor.page(&location).await, &["Imported: 0; not imported: 0."]);
        let (status, location, _) =
            editor.post("/quarantine", &[&said[..], &[("field", "amount")]].concat()).await;
        assert_eq!(status, 303);
        let page = editor.page(&location).await;
        holds(
            &page,
            &[
                "Imported: 0; not imported: 100.",
                "None of them is right",
                "Go on: 2 records",
                "name=\"after\" value=\"100\"",
            ],
        );
        let (_, location, _) = editor.post("/quarantine", &[said[0], said[1], ("after", "100")]).await;
        // All have been judged, and those that are left are shown.
        let page = editor.page(&location).await;
        holds(&page, &["not imported: 2.", "None of them is right", "102 records", "r-50"]);
    });
}

#[test]
fn some_of_a_group_get_in_after_a_rule_has_changed() {
    on_each(async |database| {
        let schemas = tempfile::tempdir().expect("a folder");
        let own = schemas.path().join("catalogue/1.0");
        std::fs::create_dir_all(&own).expect("a folder");
        let theirs = crate::cli::repository("schemas/catalogue/1.0");
        std::fs::copy(theirs.join("profile.toml"), own.join("profile.toml")).expect("it is there");
        let schema = std::fs::read_to_string(theirs.join("catalogue.xsd")).expect("it is there");
        let strict = schema.replace("<xs:maxInclusive value=\"99999\"/>", "<xs:maxInclusive value=\"20\"/>");
        assert_ne!(strict, schema);
        std::fs::write(own.join("catalogue.xsd"), strict).expect("it is written");
        let folder = schemas.path().to_str().expect("paths of tests are UTF-8");
        let off = ["--set", "guard.refused=off"];
        let service = Service::start(database, &[&off[..], &["--schemas", folder]].concat());
        // All but the first have more pages than may be, and one of them a wrong price, too.
        let feed = catalogue("A", 5, |number| if number == 3 { Fault::Price } else { Fault::None });
        Editor::new(&service).feed(feed.replacen("<pages>24<", "<pages>8<", 1)).await;
        assert!(service.stop().success());
        assert_eq!(database.number("select count(*) from quarantine where state = 'open'").await, 4);

        let service = Service::start(database, &off);
        let editor = Editor::new(&service);
        let group = "/quarantine?source=A&code=cvc-maxInclusive-valid";
        holds(&editor.page(group).await, &["4 records", "Check again, and import what is right"]);
        let said = [("source", "A"), ("code", "cvc-maxInclusive-valid"), ("reason", "larger editions")];
        let (status, location, _) = editor.post("/quarantine", &said).await;
        assert_eq!(status, 303);
        holds(
            &editor.page(&location).await,
            &["Imported: 3; not imported: 1.", "The others are still wrong"],
        );
        let open = "select record_reference from quarantine where state = 'open'";
        assert_eq!(database.texts(open).await, ["r-3"]);
        let products = "select record_reference from product order by 1";
        assert_eq!(database.texts(products).await, ["r-0", "r-1", "r-2", "r-4"]);
        let decided = "select distinct action || ': ' || reason from audit";
        assert_eq!(database.texts(decided).await, ["quarantine.replay: larger editions"]);
        // Its price is all that is wrong with the one that is left.
        holds(&editor.page("/quarantine?source=A&code=cvc-datatype-valid.1.2.1").await, &["r-3", "1 record"]);
    });
}

#[test]
fn a_large_record_is_cut_around_its_fault_and_a_finding_of_an_attribute_marks_its_value() {
    on_each(async |database| {
        let service = Service::start(database, &[]);
        let editor = Editor::new(&service);
        // Half a megabyte on one line, which is wrong at its end; and an attribute that is.
        let prices = "<price kind=\"04\"><amount>12.50</amount></price>".repeat(10_600);
        let feed = faulty("A").replacen("<prices>", &format!("<prices>{prices}"), 2).replace("viele", "24");
        let feed = feed.replacen(
            "<price kind=\"04\"><amount>12.50</amount></price></prices></product>\n</cat",
            "<price kind=\"0\"><amount>1</amount></price></prices></product>\n</cat",
            1,
        );
        let run = editor.feed(feed).await;
        let large = editor.page("/quarantine/1").await;
        assert!(large.len() < LARGE_PAGE_BYTES_MAX, "{} bytes", large.len());
        holds(&large, &["<mark>12,50</mark>", "characters left out", "href=\"/quarantine/1/bytes\""]);
        let bytes = editor.get("/quarantine/1/bytes").await.bytes().await.expect("a body");
        assert!(bytes.len() > 498_000, "all of it is given out: {}", bytes.len());
        let attribute = editor.page("/quarantine/2").await;
        holds(&attribute, &["kind=&#34;<mark>0</mark>&#34;"]);
        holds(&editor.page(&format!("/runs/{run}/findings")).await, &["kind=&#34;<mark>0</mark>&#34;"]);
    });
}

/// Waits until the page says something.
async fn until_told(browser: &Browser, words: &str) {
    browser.until(&format!("return !!document.body && document.body.innerText.includes({words:?})")).await;
}

/// A record whose names, values and key would do something, were they not escaped.
fn hostile() -> String {
    let feed = faulty("A");
    let evil = "&lt;script&gt;document.title='evil'&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;";
    let feed = feed.replace("<title>Sonate</title>", &format!("<title>{evil}</title>"));
    let feed = feed.replace("r-1\"", "r-1&quot;&gt;&lt;script&gt;document.title='evil'&lt;/script&gt;\"");
    feed.replace(">viele<", "><![CDATA[</textarea><script>document.title='evil'</script>]]><")
}

#[tokio::test]
async fn a_record_is_mended_in_a_browser_within_few_clicks_and_nothing_of_it_runs() {
    let Some(browser) = Browser::start("no record is mended in a browser").await else { return };
    let database = sqlite();
    let service = Service::start(&database, &[]);
    let editor = Editor::new(&service);
    let run = editor.feed(faulty("A")).await;
    let find = async |css: &str| browser.client().find(Locator::Css(css)).await.expect("it is there");
    let click = async |css: &str| find(css).await.click().await.expect("it can be clicked");
    // From what waits: source, record, and the value is to be seen.
    browser.open(&service.url("/")).await;
    click(".lines a[href^='/quarantine']").await;
    click("a[href='/quarantine/1']").await;
    assert_eq!(browser.run("return document.querySelector('mark').textContent").await, "12,50");
    // From a finding: run, findings, record.
    browser.open(&service.url(&format!("/runs/{run}/findings"))).await;
    click(&format!("a[href='/quarantine/1?run={run}']")).await;
    until_told(&browser, "Refused for 1 fault").await;
    // By script, as the field is long.
    browser
        .run("const t = document.getElementById('text'); t.value = t.value.replace('12,50', '12.5O')")
        .await;
    click("button[value=check]").await;
    until_told(&browser, "It is still refused.").await;
    click("a[data-line]").await;
    let chosen =
        "const t = document.activeElement; return t.value.slice(t.selectionStart, t.selectionStart + 5)";
    assert_eq!(browser.run(chosen).await, "12.5O", "the place is selected in the field");
    browser
        .run("const t = document.getElementById('text'); t.value = t.value.replace('12.5O', '12.50')")
        .await;
    click("button[value=check]").await;
    until_told(&browser, "It is right now.").await;
    click("button[value=import]").await;
    until_told(&browser, "It was imported.").await;
    assert_eq!(database.number("select count(*) from product").await, 2);
    // What was right when it was said is not shown as how it stands.
    browser.client().back().await.expect("one goes back");
    until_told(&browser, "imported or discarded meanwhile").await;
    assert!(!browser.text().await.contains("It is right now."), "{}", browser.text().await);
    let shown =
        "return [...document.querySelectorAll('button[value=import]')].filter((b) => b.offsetParent).length";
    assert_eq!(browser.run(shown).await, 0, "nothing is to be imported twice");
    browser.client().forward().await.expect("one goes forward");
    until_told(&browser, "It was imported.").await;
    editor.feed(hostile().replace("<sender>A<", "<sender>&lt;script&gt;B<")).await;
    for path in ["/quarantine", "/quarantine/1", "/quarantine/2", "/quarantine/3", "/quarantine/4"] {
        for (width, scheme) in [(320, Scheme::Dark), (390, Scheme::Dark), (1280, Scheme::Light)] {
            browser.looks(width, scheme).await;
            browser.open(&service.url(path)).await;
            assert_eq!(browser.overflow().await, 0, "{path} at {width}");
            browser.picture(&format!("{}-{width}-{scheme:?}", path[1..].replace('/', "-"))).await;
            assert_ne!(browser.run("return document.title").await, "evil", "{path}");
            assert_eq!(
                browser.run("return document.querySelectorAll('main script, main img').length").await,
                0
            );
        }
        if let Some(obstacles) = browser.obstacles().await {
            assert_eq!(obstacles, [""; 0], "{path}");
        }
    }
    assert_eq!(browser.complaints().await, [""; 0]);
}

#[tokio::test]
async fn a_record_is_mended_by_keyboard_alone_and_without_script() {
    let Some(browser) = Browser::start("no record is mended by keyboard").await else { return };
    let database = sqlite();
    let service = Service::start(&database, &[]);
    Editor::new(&service).feed(faulty("A")).await;
    browser.scripts(false).await;
    browser.open(&service.url("/quarantine/2")).await;
    let press = async |keys: &str| {
        let active = browser.client().active_element().await.expect("something has the focus");
        active.send_keys(keys).await.expect("keys are pressed");
    };
    let tab = String::from(char::from(Key::Tab));
    let reach = async |what: &str| {
        for _ in 0..60 {
            let script = format!("return document.activeElement.matches({what:?})");
            if browser.run(&script).await == true {
                return;
            }
            press(&tab).await;
        }
        panic!("the keyboard does not reach {what}");
    };
    reach("textarea").await;
    let all = format!("{}a{}", char::from(Key::Control), char::from(Key::Null));
    press(&all).await;
    press(&record_of(&faulty("A"), "r-2").replace("viele", "24")).await;
    reach("button[value=check]").await;
    press(&String::from(char::from(Key::Enter))).await;
    until_told(&browser, "It is right now.").await;
    reach("button[value=import]").await;
    press(&String::from(char::from(Key::Enter))).await;
    until_told(&browser, "It was imported.").await;
    assert_eq!(database.number("select count(*) from product").await, 2);
}

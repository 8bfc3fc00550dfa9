//! A held feed and what becomes of it, through the program, on both databases.

use crate::cli::{Call, Desk};
use crate::support::database::{TestDatabase, on_each};
use serde_json::Value;
use std::fmt::Write;

/// Products of the sender.
const PRODUCTS: u32 = 60;

/// A catalogue of so many products, of the given message, with this price.
pub(crate) fn feed(message: u32, products: u32, price: &str) -> String {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<catalogue xmlns=\"urn:feedgate:catalogue:1.0\" \
         version=\"1.0\">\n<header>\n    <sender>Verlag A</sender>\n    <messageNumber>{message}</messageNumber>\n    \
         <sent>2026-10-{message:02}T06:00:00Z</sent>\n    <defaultLanguage>ger</defaultLanguage>\n    \
         <defaultCurrency>EUR</defaultCurrency>\n  </header>\n"
    );
    for number in 0..products {
        writeln!(
            text,
            "  <product reference=\"p-{number}\" notification=\"new\"><editionNumber>BE {number}</editionNumber>\
             <title>Sonate {number}</title><editionKind>score</editionKind><pages>24</pages>\
             <availability>21</availability><prices><price kind=\"04\"><amount>{price}</amount></price></prices>\
             </product>"
        )
        .expect("writes to memory");
    }
    text + "</catalogue>\n"
}

pub(crate) struct Shop<'a> {
    pub(crate) desk: Desk,
    pub(crate) database: &'a TestDatabase,
}

impl<'a> Shop<'a> {
    pub(crate) fn new(database: &'a TestDatabase) -> Self {
        let shop = Self { desk: Desk::new(), database };
        shop.import(&feed(1, PRODUCTS, "10.00")).ends(0);
        shop
    }

    pub(crate) fn call(&self, arguments: &[&str]) -> Call {
        let mut all = arguments.to_vec();
        all.extend(["--database", self.database.url.secret()]);
        self.desk.call(&all)
    }

    pub(crate) fn import(&self, feed: &str) -> Call {
        self.desk.file("feed.xml", feed);
        self.call(&["import", "feed.xml"])
    }

    /// Number and plan of the last held feed.
    pub(crate) fn held(&self) -> (String, String) {
        let all = self.call(&["held", "list", "--state", "all", "--json"]).ends(0).stdout;
        let last: Value = serde_json::from_str(all.lines().last().expect("a held feed")).expect("JSON");
        let digest = last["plan_digest"].as_str().expect("a digest").to_owned();
        (last["id"].to_string(), digest)
    }

    fn states(&self) -> Vec<String> {
        let list = self.call(&["held", "list", "--state", "all", "--json"]).ends(0).stdout;
        let state = |line: &str| {
            let feed: Value = serde_json::from_str(line).expect("JSON");
            feed["state"].as_str().expect("a state").to_owned()
        };
        list.lines().map(state).collect()
    }

    pub(super) fn release(&self) -> Call {
        let (id, plan) = self.held();
        self.call(&["held", "release", &id, "--plan", &plan, "--reason", "asked the publisher"])
    }

    pub(super) async fn prices(&self) -> Vec<String> {
        let sql = "select cast(cast(amount as integer) as text) || ' ' || cast(count(*) as text)
             from product_price group by amount order by min(product_id)";
        self.database.texts(sql).await
    }
}

#[test]
fn a_held_feed_is_shown_and_let_in() {
    on_each(async |database| {
        let shop = Shop::new(database);
        let before = database.shop().await;
        shop.import(&feed(2, PRODUCTS, "1000.00")).ends(3).prints(&[
            "would raise or cut prices of 60 of 60 products beyond the factor allowed",
            "beyond what `guard.price_jump` allows (1%/10)",
            "held for approval",
            "`feedgate held show ",
        ]);
        assert_eq!(database.shop().await, before);
        shop.call(&["held", "list"]).ends(0).prints(&[
            "Verlag A",
            "feed.xml",
            "guard.price_jump: 60 of 60 (1%/10)",
        ]);
        let (id, plan) = shop.held();
        shop.call(&["held", "show", &id]).ends(0).prints(&[
            "sender    Verlag A",
            "it would raise or cut prices of 60 of 60 products",
            "prices: 10 EUR (04) → 1000 EUR (04)",
            "60 records, 0 of them refused; 60 are usual",
            &format!("feedgate held release {id} --plan {plan} --reason TEXT"),
        ]);
        let of_another = ["held", "release", &id, "--plan", "000000000000", "--reason", "guessed"];
        shop.call(&of_another).ends(3).prints(&[&format!("its plan is {plan}, not 000000000000")]);
        assert_eq!(database.shop().await, before);
        shop.release().ends(0).prints(&["is let in: asked the publisher"]);
        assert_eq!(shop.prices().await, ["1000 60"]);
        shop.release().ends(2).tells(&["is released and waits for nobody"]);
        shop.call(&["held", "show", &id]).ends(0).prints(&["state     released", "asked the publisher"]);
        assert_eq!(database.number("select count(*) from held_chunk").await, 0);
        // The same bytes have said what they have to say.
        shop.import(&feed(2, PRODUCTS, "1000.00")).ends(0).prints(&["imported before, skipped"]);
    });
}

#[test]
fn a_held_feed_can_be_refused_and_comes_again() {
    on_each(async |database| {
        let shop = Shop::new(database);
        shop.import(&feed(2, PRODUCTS, "1000.00")).ends(3);
        let (id, _) = shop.held();
        shop.call(&["held", "refuse", &id, "--reason", "a mistake"]).ends(0);
        shop.call(&["held", "refuse", &id, "--reason", "a mistake"]).ends(2).tells(&["waits for nobody"]);
        shop.release().ends(2).tells(&["is refused and waits for nobody"]);
        assert_eq!(database.number("select count(*) from held_chunk").await, 0);
        // Held again, and once: the same feed night after night is one feed that waits.
        shop.import(&feed(2, PRODUCTS, "1000.00")).ends(3);
        shop.import(&feed(2, PRODUCTS, "1000.00")).ends(3);
        assert_eq!(shop.states(), ["refused", "superseded", "open"]);
    });
}

#[test]
fn a_newer_full_feed_that_passes_supersedes_a_held_one() {
    on_each(async |database| {
        let shop = Shop::new(database);
        shop.import(&feed(2, PRODUCTS, "1000.00")).ends(3);
        shop.import(&feed(3, 30, "10.00")).ends(3);
        assert_eq!(shop.states(), ["open", "open"], "what is held itself supersedes nothing");
        shop.import(&feed(4, PRODUCTS, "11.00")).ends(0).prints(&["is not needed any more"]);
        assert_eq!(shop.states(), ["superseded", "superseded"]);
        assert_eq!(shop.prices().await, ["11 60"]);
    });
}

#[test]
fn what_is_held_in_one_run_is_superseded_and_held_once_in_it() {
    on_each(async |database| {
        let shop = Shop::new(database);
        for (name, feed) in [
            ("1.xml", feed(2, PRODUCTS, "1000.00")),
            ("2.xml", feed(2, PRODUCTS, "1000.00")),
            ("3.xml", feed(3, PRODUCTS, "11.00")),
        ] {
            shop.desk.file(&format!("feeds/{name}"), feed);
        }
        shop.call(&["import", "feeds"]).ends(3).prints(&["is not needed any more"]);
        assert_eq!(shop.states(), ["superseded", "superseded"]);
        assert_eq!(shop.prices().await, ["11 60"]);
    });
}

#[test]
fn a_plan_that_is_no_longer_what_was_seen_is_not_applied() {
    on_each(async |database| {
        let shop = Shop::new(database);
        shop.import(&feed(2, PRODUCTS, "1000.00")).ends(3);
        let (id, plan) = shop.held();
        // A delta of some prices comes in between: it does not supersede, and stays.
        shop.import(&feed(3, 5, "12.00")).ends(0);
        let call = shop.call(&["held", "release", &id, "--plan", &plan, "--reason", "seen before"]);
        call.ends(3).prints(&["would do something else by now"]);
        assert_ne!(shop.held().1, plan);
        shop.release().ends(0).prints(&["records were passed over"]);
        assert_eq!(shop.prices().await, ["12 5", "1000 55"]);
    });
}

#[test]
fn a_stale_feed_waits_and_can_be_let_in() {
    on_each(async |database| {
        let shop = Shop::new(database);
        shop.import(&feed(5, 5, "12.00")).ends(0);
        shop.import(&feed(3, 50, "11.00")).ends(3).prints(&["is older than what run"]);
        let (id, _) = shop.held();
        shop.call(&["held", "show", &id]).ends(0).prints(&["older than what was applied", "prices"]);
        shop.release().ends(0);
        assert_eq!(shop.prices().await, ["12 5", "11 45", "10 10"]);
    });
}

#[test]
fn holding_one_sender_holds_nobody_else() {
    on_each(async |database| {
        let shop = Shop::new(database);
        shop.desk.file("feeds/a.xml", feed(2, PRODUCTS, "1000.00"));
        shop.desk.file("feeds/b.xml", feed(2, 3, "5.00").replace("Verlag A", "Verlag B"));
        shop.call(&["import", "feeds"]).ends(3);
        assert_eq!(database.number("select count(*) from product where source = 'Verlag B'").await, 3);
    });
}

#[test]
fn what_came_through_a_pipe_or_packed_is_kept_as_it_was_delivered() {
    on_each(async |database| {
        let shop = Shop::new(database);
        let arguments = ["import", "-", "--database", database.url.secret()];
        shop.desk.call_with(&arguments, feed(2, PRODUCTS, "1000.00").as_bytes()).ends(3);
        shop.release().ends(0);
        assert_eq!(shop.prices().await, ["1000 60"]);
        let packed = zstd::encode_all(feed(3, PRODUCTS, "1.00").as_bytes(), 0).expect("packs");
        shop.desk.file("feed.xml.zst", packed);
        shop.call(&["import", "feed.xml.zst"]).ends(3);
        shop.release().ends(0);
        assert_eq!(shop.prices().await, ["1 60"]);
        shop.call(&["import", "feed.xml.zst"]).ends(0).prints(&["imported before, skipped"]);
    });
}

#[test]
fn limits_are_those_of_the_sender() {
    on_each(async |database| {
        let shop = Shop::new(database);
        shop.desk.file(
            "feedgate.toml",
            "[guard]\nprice = \"off\"\n[sender.\"Verlag A\".guard]\nprice_jump = \"off\"\n\
             [sender.\"Verlag B\".guard]\nprice_jump = \"0%/0\"\n",
        );
        shop.import(&feed(2, PRODUCTS, "1000.00")).ends(0);
        shop.import(&feed(2, 3, "5.00").replace("Verlag A", "Verlag B")).ends(0);
        shop.import(&feed(3, 3, "500.00").replace("Verlag A", "Verlag B")).ends(3);
    });
}

#[test]
fn a_sender_may_be_said_to_send_all_or_changes() {
    on_each(async |database| {
        let shop = Shop::new(database);
        // A third of what is there, as it was: too few for a catalogue, nothing special for a delta.
        shop.import(&feed(2, 20, "10.00")).ends(3).prints(&["has 20 records where 60 are usual"]);
        shop.desk.file("feedgate.toml", "[sender.\"Verlag A\"]\nfeeds = \"delta\"\n");
        shop.import(&feed(2, 20, "10.00")).ends(0);
        shop.desk.file("feedgate.toml", "[sender.\"Verlag A\"]\nfeeds = \"full\"\n");
        shop.import(&feed(3, 45, "10.00")).ends(0);
        let standing = database.number("select count(*) from product where withdrawn_at is null").await;
        assert_eq!(standing, 45, "fifteen are few enough to go unseen");
        shop.import(&feed(4, 0, "10.00")).ends(3).prints(&["The feed has no records: it is held"]);
    });
}

#[test]
fn held_feeds_are_kept_for_so_long() {
    on_each(async |database| {
        let shop = Shop::new(database);
        shop.import(&feed(2, PRODUCTS, "1000.00")).ends(3);
        shop.call(&["import", "--set", "held.keep=1h", "feed.xml"]).ends(3);
        assert_eq!(shop.states(), ["superseded", "open"]);
        database
            .execute("update held_feed set keep_until = '2026-01-01T00:00:00.000Z' where state = 'open'")
            .await;
        shop.import(&feed(3, 5, "12.00")).ends(0);
        assert_eq!(shop.states(), ["superseded", "expired"]);
        assert_eq!(database.number("select count(*) from held_chunk").await, 0);
    });
}

#[test]
fn a_release_can_be_rolled_back() {
    on_each(async |database| {
        let shop = Shop::new(database);
        let before = database.shop().await;
        shop.import(&feed(2, PRODUCTS, "1000.00")).ends(3);
        shop.release().ends(0);
        let run = database.number("select max(id) from run").await.to_string();
        shop.call(&["rollback", &run]).ends(0);
        assert_eq!(database.shop().await, before);
        shop.import(&feed(2, PRODUCTS, "1000.00")).ends(3).prints(&["60 of 60 products"]);
    });
}

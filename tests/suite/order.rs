//! The order of messages and who sends them, through the program, on both databases: nothing old overwrites what is
//! new, whatever order files come in, and a sender stays one source under another name.

use crate::cli::{Call, Desk};
use crate::meaning::format;
use crate::support::database::{TestDatabase, on_each};

/// A message of a sender, with records.
struct Message {
    number: u32,
    sent: &'static str,
    records: &'static str,
}

const FULL: Message =
    Message { number: 1, sent: "2026-10-01", records: "new a 10; new b 10; new c 10; new d 10" };
const DELTA: Message = Message { number: 2, sent: "2026-10-02", records: "new e 20; update b 20" };
const DELETE: Message = Message { number: 3, sent: "2026-10-03", records: "delete c; update a 30" };
const PRICE: Message = Message { number: 4, sent: "2026-10-04", records: "amend d 40" };
const ALL: [&Message; 4] = [&FULL, &DELTA, &DELETE, &PRICE];
/// After all four, in order.
const RIGHT: [&str; 5] = ["a=30", "b=20", "c=10 gone", "d=40", "e=20"];

impl Message {
    fn feed(&self, sender: &str) -> String {
        let record = |text: &str| {
            let mut words = text.split_whitespace();
            let (kind, key) = (words.next().expect("a kind"), words.next().expect("a key"));
            let name = if kind == "amend" { "" } else { "<name>Title</name>" };
            let offer = words
                .next()
                .map(|price| format!("<offer><prices><price>{price}</price></prices></offer>"))
                .unwrap_or_default();
            let name = if kind == "delete" { "" } else { name };
            format!("<item kind=\"{kind}\"><id>{key}</id>{name}{offer}</item>\n")
        };
        let records: String = self.records.split(';').map(record).collect();
        let Self { number, sent, .. } = self;
        format!(
            "<shop xmlns=\"urn:example:cells\" from=\"{sender}\" number=\"{number}\" \
             sent=\"{sent}\">\n{records}</shop>\n"
        )
    }
}

/// How a message that was held comes in.
#[derive(Clone, Copy, Debug)]
enum LetIn {
    /// It is delivered again, and older messages are accepted.
    Again,
    /// It is released.
    Release,
}

struct Shop<'a> {
    desk: Desk,
    database: &'a TestDatabase,
    sender: String,
}

impl<'a> Shop<'a> {
    fn new(database: &'a TestDatabase, sender: &str) -> Self {
        let desk = Desk::new();
        format(&desk);
        Self { desk, database, sender: sender.to_owned() }
    }

    fn call(&self, flags: &[&str], feed: &str) -> Call {
        self.desk.file("feed.xml", feed);
        let mut arguments = vec!["import", "--schemas", "formats", "--database", self.database.url.secret()];
        arguments.extend(flags);
        arguments.push("feed.xml");
        self.desk.call(&arguments)
    }

    fn import(&self, message: &Message) -> Call {
        self.call(&[], &message.feed(&self.sender))
    }

    /// Lets in what is held, in the order of messages.
    async fn release_all(&self, database: &TestDatabase) {
        let held = format!(
            "select cast(v.id as text) from held_feed h join feed_version v on v.id = h.feed_version_id
             where h.state = 'open' and v.source = '{}' order by v.place_number",
            self.sender
        );
        for id in database.texts(&held).await {
            // One that would do something else by now is looked at again.
            let mut status = 3;
            for _ in 0..2 {
                let plan = database
                    .texts(&format!("select plan_digest from held_feed where feed_version_id = {id}"))
                    .await
                    .remove(0);
                let arguments = ["held", "release", &id, "--plan", &plan, "--reason", "in order"];
                let flags = ["--schemas", "formats", "--database", database.url.secret()];
                status = self.desk.call(&[&arguments[..], &flags].concat()).status;
                if status != 3 {
                    break;
                }
            }
            assert!([0, 1].contains(&status), "held feed {id} ends with {status}");
        }
    }

    async fn products(&self) -> Vec<String> {
        let price =
            "(select cast(cast(amount as integer) as text) from product_price where product_id = product.id)";
        let sql = format!(
            "select record_reference || '=' || coalesce({price}, '') ||
                 case when withdrawn_at is null then '' else ' gone' end
             from product where source = '{}' order by record_reference",
            self.sender
        );
        self.database.texts(&sql).await
    }
}

#[test]
fn what_was_imported_before_is_repeated_and_what_is_older_is_held() {
    on_each(async |database| {
        let shop = Shop::new(database, "Verlag A");
        for message in ALL {
            shop.import(message).ends(0);
        }
        assert_eq!(shop.products().await, RIGHT);
        // The very bytes again: nothing to do, whatever came later.
        for message in ALL {
            shop.import(message).ends(0).counts(&[("imported before, skipped", "1")]);
        }
        assert_eq!(shop.products().await, RIGHT);
        // Other bytes that are older: held, with the run that is newer.
        let other = Message { records: "new a 99; new f 99", ..FULL };
        shop.import(&other).ends(3).prints(&["[rule.stale]", "run 4"]);
        assert_eq!(shop.products().await, RIGHT);
        let accepted = shop.call(&["--accept-old"], &other.feed("Verlag A")).ends(0);
        accepted.prints(&["[rule.stale-records]"]);
        // What a newer message has set stays.
        assert_eq!(shop.products().await, [&RIGHT[..], &["f=99"]].concat());
        // And the newest is still the newest.
        shop.import(&Message { records: "new a 98", ..DELETE }).ends(3);
    });
}

#[test]
fn every_order_of_four_messages_ends_in_the_right_state() {
    on_each(async |database| {
        // The same five in each run; all 24 when there is time.
        let step = if std::env::var_os("FEEDGATE_TEST_LONG").is_some() { 1 } else { 5 };
        for (turn, order) in orders().into_iter().enumerate().step_by(step) {
            for way in [LetIn::Again, LetIn::Release] {
                let shop = Shop::new(database, &format!("Verlag {turn} {way:?}"));
                for &number in &order {
                    let call = shop.import(ALL[number]);
                    assert!([0, 1, 3].contains(&call.status), "{order:?}: {call:#?}");
                }
                // What was held is let in, in the right order; then what waits in quarantine.
                match way {
                    LetIn::Again => {
                        for message in ALL {
                            // One that was refused in part before ends as it did then.
                            let call = shop.call(&["--accept-old"], &message.feed(&shop.sender));
                            assert!([0, 1].contains(&call.status), "{order:?}: {call:#?}");
                        }
                    }
                    LetIn::Release => shop.release_all(database).await,
                }
                let entries = format!(
                    "select cast(id as text) from quarantine where state = 'open' and source = '{}'",
                    shop.sender
                );
                for entry in database.texts(&entries).await {
                    let arguments = [
                        "quarantine",
                        "--database",
                        database.url.secret(),
                        "replay",
                        "--schemas",
                        "formats",
                        &entry,
                    ];
                    shop.desk.call(&arguments).ends(0);
                }
                // A product that was withdrawn before it came is not there at all.
                let live =
                    |products: Vec<String>| products.into_iter().filter(|each| !each.ends_with(" gone"));
                let right: Vec<_> = live(RIGHT.map(str::to_owned).to_vec()).collect();
                assert_eq!(live(shop.products().await).collect::<Vec<_>>(), right, "{order:?} {way:?}");
            }
        }
    });
}

#[test]
fn gaps_resets_and_messages_from_the_future_are_told() {
    on_each(async |database| {
        let shop = Shop::new(database, "Verlag A");
        let message = |number, sent, records| Message { number, sent, records };
        shop.import(&message(5, "2026-10-01", "new a 1")).ends(0);
        shop.import(&message(8, "2026-10-02", "new a 2"))
            .ends(0)
            .prints(&["2 messages of this sender are missing"]);
        shop.import(&message(1, "2026-10-03", "new a 3")).ends(0).prints(&["[rule.message-reset]"]);
        shop.import(&message(2, "2999-01-01", "new a 4")).ends(0).prints(&["[rule.message-ahead]"]);
        // It did not move the mark: what is really the next one is not older.
        shop.import(&message(3, "2026-10-04", "new a 5")).ends(0);
        assert_eq!(shop.products().await, ["a=5"]);
    });
}

#[test]
fn a_sender_stays_one_source_and_nobody_shares_one_by_accident() {
    on_each(async |database| {
        let shop = Shop::new(database, "Verlag A");
        let by = |ids: &str, name: &str, message: &Message| {
            message.feed(name).replace("<shop ", &format!("<shop {ids} "))
        };
        // At first the sender is known by its name only.
        shop.import(&FULL).ends(0);
        let named = shop.call(&[], &by("gln=\"4012345000009\"", "Verlag A", &DELTA)).ends(0);
        named.prints(&["[rule.source-renamed]"]);
        // Renamed, and still the same.
        shop.call(&[], &by("gln=\"40 12345 00000-9\"", "Verlag A und Söhne", &DELETE)).ends(0);
        let sources = "select distinct source from product";
        assert_eq!(database.texts(sources).await, ["GLN 4012345000009"]);
        assert_eq!(database.number("select count(*) from product where withdrawn_at is not null").await, 1);
        // Another one of the same name is another one, and a withdrawal that reaches nothing is told.
        let other = shop.call(&[], &by("gln=\"4099999000008\"", "Verlag A und Söhne", &DELETE));
        other.ends(0).prints(&["[rule.withdraw-unknown]"]);
        assert_eq!(database.number("select count(distinct source) from product").await, 2);
        // Nobody: refused, unless somebody says it.
        let nobody = FULL.feed("");
        shop.call(&[], &nobody).ends(1).prints(&["[rule.no-sender]"]);
        shop.call(&["--source", "By hand"], &nobody).ends(0);
        assert_eq!(database.number("select count(*) from product where source = 'By hand'").await, 4);
        // What the settings say is the same is the same.
        shop.desk.file("feedgate.toml", "[aliases]\n\"Old House\" = \"By hand\"\n");
        shop.call(&[], &DELTA.feed("Old House")).ends(0);
        assert_eq!(database.number("select count(*) from product where source = 'By hand'").await, 5);
    });
}

fn orders() -> Vec<Vec<usize>> {
    let mut orders = vec![Vec::new()];
    for number in 0..4 {
        orders = orders
            .into_iter()
            .flat_map(|order: Vec<usize>| {
                (0..=order.len()).map(move |at| {
                    let mut longer = order.clone();
                    longer.insert(at, number);
                    longer
                })
            })
            .collect();
    }
    orders
}

#[test]
fn feeds_of_one_run_are_applied_in_the_order_of_their_messages() {
    on_each(async |database| {
        let shop = Shop::new(database, "Verlag A");
        for (file, message) in ["4.xml", "3.xml", "2.xml", "1.xml"].into_iter().zip(ALL) {
            shop.desk.file(&format!("feeds/{file}"), message.feed("Verlag A"));
        }
        let arguments = ["import", "--schemas", "formats", "--database", database.url.secret(), "feeds"];
        shop.desk.call(&arguments).ends(0);
        assert_eq!(shop.products().await, RIGHT);
    });
}

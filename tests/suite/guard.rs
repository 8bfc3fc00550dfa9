//! The guard, on both databases: feeds that would do harm are held, feeds as they come every week are not.

pub(crate) mod approval;
mod kill;

use crate::support::database::{TestDatabase, on_each};
use crate::support::feeds::{Feed, Imported, Record, feed, imported, outcome as support_outcome};
use crate::support::products::plain;
use feedgate::config::{GuardLimit, GuardLimits, GuardSettings};
use feedgate::import::{FormatRules, ImportPlan, Replayed, Revalidate, replay};
use feedgate::judgement::{Acceptance, Coverage, Outcome};
use feedgate::product::{Price, Product};
use feedgate::store::QuarantinedRecord;
use feedgate::telemetry::RunTelemetry;
use std::error::Error;
use std::sync::atomic::{AtomicU8, Ordering};

/// Products of a sender.
const PRODUCTS: u32 = 1_000;
/// Of each hundred, those of one series.
const SERIES_PRODUCTS: u32 = 19;

/// A product as the sender's catalogue has it: no two have one title.
fn product(number: u32) -> Product {
    let price = Price {
        kind: "04".into(),
        qualifier: None,
        minimum_quantity: None,
        conditions: None,
        amount: format!("{}.50", 10 + number % 40).parse().expect("a number"),
        currency: "EUR".into(),
        tax_code: None,
        tax_percent: None,
        territory: None,
        valid_from: None,
        valid_until: None,
    };
    let reference = format!("p-{number}");
    Product {
        prices: vec![price],
        availability: Some("21".into()),
        stock: Some(5),
        ..plain(&reference, &format!("Sonate {number}"))
    }
}

/// The catalogue, changed: `None` leaves a product out.
fn catalogue(change: impl Fn(u32, Product) -> Option<Product>) -> Vec<Record> {
    (0..PRODUCTS).filter_map(|number| change(number, product(number))).map(Record::Product).collect()
}

fn priced(mut product: Product, change: impl Fn(&mut Price)) -> Product {
    product.prices.iter_mut().for_each(change);
    product
}

fn times(product: Product, factor: &str) -> Product {
    let factor = factor.parse::<rust_decimal::Decimal>().expect("a number");
    priced(product, |price| price.amount *= factor)
}

fn others(prefix: &str, count: u32) -> impl Iterator<Item = Record> {
    let other = move |number| {
        Record::Product(Product { ..plain(&format!("{prefix}-{number}"), &format!("{prefix} {number}")) })
    };
    (0..count).map(other)
}

fn deletes(count: u32) -> Vec<Record> {
    (0..count).map(|number| Record::Delete(key(number))).collect()
}

/// A key for the length of the tests.
fn key(number: u32) -> &'static str {
    format!("p-{number}").leak()
}

type Case = (&'static str, Vec<Record>);

/// What must never reach a shop unseen.
fn harmful() -> Vec<Case> {
    vec![
        ("empty", Vec::new()),
        ("half", catalogue(|number, product| (number % 2 == 0).then_some(product))),
        ("one series only", catalogue(|number, product| (number < SERIES_PRODUCTS).then_some(product))),
        ("all deletes", deletes(PRODUCTS)),
        (
            "all unavailable",
            catalogue(|_, product| Some(Product { availability: Some("40".into()), ..product })),
        ),
        ("out of stock", catalogue(|_, product| Some(Product { stock: Some(0), ..product }))),
        ("prices times 100", catalogue(|_, product| Some(times(product, "100")))),
        ("prices by 100", catalogue(|_, product| Some(times(product, "0.01")))),
        (
            "currency swapped",
            catalogue(|_, product| Some(priced(product, |price| price.currency = "USD".into()))),
        ),
        ("all titles equal", catalogue(|_, product| Some(Product { title: "Title".into(), ..product }))),
        ("another sender's catalogue", others("x", PRODUCTS).collect()),
        (
            "doubled under other keys",
            catalogue(|_, p| Some(p)).into_iter().chain(others("x", PRODUCTS)).collect(),
        ),
        (
            "doubled, the second ones refused",
            (0..PRODUCTS)
                .flat_map(|number| {
                    [Record::Product(product(number)), Record::Bad(Some(key(number)), b"<second/>")]
                })
                .collect(),
        ),
        // Siblings: each spoils less than all, and more than somebody would want to find out by the shop.
        (
            "prices of a twentieth times 100",
            catalogue(|number, product| Some(if number % 20 == 0 { times(product, "100") } else { product })),
        ),
        ("prices gone", catalogue(|_, product| Some(Product { prices: Vec::new(), ..product }))),
        (
            "titles of a quarter equal",
            catalogue(|number, product| {
                Some(if number % 4 == 0 { Product { title: "N.N.".into(), ..product } } else { product })
            }),
        ),
        ("a tenth gone", deletes(PRODUCTS / 10)),
    ]
}

/// What happens in a year.
fn harmless() -> Vec<Case> {
    let mut cases: Vec<Case> = vec![
        ("the same again", catalogue(|_, product| Some(product))),
        (
            "new prices for 8 percent",
            catalogue(|number, product| {
                Some(if number % 100 < 8 { times(product, "1.05") } else { product })
            }),
        ),
        (
            "new prices for 30 percent",
            catalogue(|number, product| Some(if number % 10 < 3 { times(product, "1.04") } else { product })),
        ),
        ("400 novelties", catalogue(|_, p| Some(p)).into_iter().chain(others("new", 400)).collect()),
        (
            "a series withdrawn",
            catalogue(|_, p| Some(p)).into_iter().chain(deletes(SERIES_PRODUCTS)).collect(),
        ),
        ("a series withdrawn, told alone", deletes(SERIES_PRODUCTS)),
        (
            "a series out of print",
            catalogue(|number, product| {
                let gone = number < SERIES_PRODUCTS;
                Some(if gone { Product { availability: Some("40".into()), ..product } } else { product })
            }),
        ),
        (
            "a sale of ten titles",
            catalogue(|number, product| Some(if number < 10 { times(product, "0.3") } else { product })),
        ),
        (
            "a new look for half of the texts",
            catalogue(|number, product| {
                Some(if number % 2 == 0 {
                    Product { subtitle: Some("Urtext".into()), ..product }
                } else {
                    product
                })
            }),
        ),
        (
            "a few titles put right",
            catalogue(|number, product| {
                let title = format!("{} (Urtext)", product.title);
                Some(if number % 50 == 0 { Product { title, ..product } } else { product })
            }),
        ),
        (
            "a series renamed",
            catalogue(|number, product| {
                let is_of = number < SERIES_PRODUCTS;
                Some(if is_of { Product { title: "Trio".into(), ..product } } else { product })
            }),
        ),
        ("a tenth refused", catalogue(|_, p| Some(p)).into_iter().chain(refused(100)).collect()),
        (
            "stock moves",
            catalogue(|number, product| {
                Some(Product { stock: Some(i64::from(number % 40) * 5 + 1), ..product })
            })
            .into_iter()
            .take(500)
            .chain(catalogue(|number, p| (number >= 500).then_some(p)))
            .collect(),
        ),
        (
            "another currency beside",
            catalogue(|number, mut product| {
                let mut dollar = product.prices[0].clone();
                dollar.currency = "USD".into();
                if number % 4 == 0 {
                    product.prices.push(dollar);
                }
                Some(product)
            }),
        ),
    ];
    cases.extend(deltas());
    cases
}

/// Deltas of any size, as long as they are news.
fn deltas() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for count in [1, 2, 5, 10, 20, 40, 80, 150] {
        let news = (0..count).map(|number| Record::Product(times(product(number), "1.10"))).collect();
        cases.push(("a delta of prices", news));
        cases.push(("a delta of novelties", others("delta", count).collect()));
    }
    cases
}

fn refused(count: u32) -> impl Iterator<Item = Record> {
    (0..count).map(|number| Record::Bad(Some(format!("bad-{number}").leak()), b"<bad/>"))
}

/// A feed of a sender; feeds of one test have bytes of their own, up to 256 of them.
fn from(sender: &str, records: Vec<Record>) -> Feed {
    static NUMBER: AtomicU8 = AtomicU8::new(0);
    let name = format!("{sender}.xml").leak();
    let digest = NUMBER.fetch_add(1, Ordering::Relaxed);
    Feed { sender: sender.to_owned().leak(), digest, ..feed(name, records) }
}

fn plan(database: &TestDatabase, feeds: Option<Coverage>) -> ImportPlan {
    let unavailable = feedgate::feed::Unavailable {
        availability: vec!["40".to_owned()],
        ..feedgate::feed::Unavailable::default()
    };
    let rules = FormatRules { feeds, unavailable };
    ImportPlan {
        formats: [("catalogue/1.0".to_owned(), rules)].into(),
        ..ImportPlan::new(database.url.clone())
    }
}

async fn import(plan: &ImportPlan, feeds: &[Feed]) -> Imported {
    imported(plan, feeds).await.expect("the import can be done")
}

/// Imports the catalogue, then what a case changes; gives back what that came to, and whether the shop is as before.
async fn outcome(
    database: &TestDatabase,
    feeds: Option<Coverage>,
    case: (usize, &Case),
) -> (Acceptance, bool) {
    let (number, (_, records)) = case;
    let sender = format!("Verlag {number} {feeds:?}");
    let plan = plan(database, feeds);
    import(&plan, &[from(&sender, catalogue(|_, product| Some(product)))]).await;
    let rows = format!(
        "select record_reference || title || coalesce(availability, '') || coalesce(cast(stock as text), '') ||
             cast(withdrawn_at is null as text) || coalesce((select sum(cast(amount as numeric)) || currency
                 from product_price p where p.product_id = product.id group by currency), '')
         from product where source = '{sender}' order by record_reference"
    );
    let before = if feeds.is_some() { database.texts(&rows).await } else { Vec::new() };
    let report = import(&plan, &[from(&sender, records.clone())]).await;
    let is_same = feeds.is_none() || database.texts(&rows).await == before;
    (report.acceptance, is_same)
}

#[test]
fn harmful_feeds_are_held_and_change_nothing() {
    on_each(async |database| {
        for feeds in [Some(Coverage::Full), None] {
            for case in harmful().iter().enumerate() {
                let (acceptance, is_same) = outcome(database, feeds, case).await;
                assert_eq!((acceptance, is_same), (Acceptance::Held, true), "{} {feeds:?}", case.1.0);
            }
        }
        assert_eq!(database.number("select count(*) from quarantine").await, 0);
        let held = database.number("select count(*) from held_feed where state = 'open'").await;
        assert_eq!(held, 2 * i64::try_from(harmful().len()).expect("few"));
    });
}

#[test]
fn harmless_feeds_are_not_held() {
    let cases = harmless();
    assert!(cases.len() >= 30, "{}", cases.len());
    on_each(async |database| {
        for case in cases.iter().enumerate() {
            let (acceptance, _) = outcome(database, None, case).await;
            let refused = case.1.0 == "a tenth refused";
            let expected = if refused { Acceptance::Deviations } else { Acceptance::Accepted };
            assert_eq!(acceptance, expected, "{}: {}", case.0, case.1.0);
        }
    });
}

#[test]
fn what_many_feeds_of_one_run_do_is_no_smaller_than_what_one_does() {
    on_each(async |database| {
        let plan = plan(database, None);
        import(&plan, &[from("Verlag A", catalogue(|_, product| Some(product)))]).await;
        let parts: Vec<Feed> = deletes(200).chunks(10).map(|part| from("Verlag A", part.to_vec())).collect();
        let report = import(&plan, &parts).await;
        assert_eq!(report.acceptance, Acceptance::Held);
        let gone = database.number("select count(*) from product where withdrawn_at is not null").await;
        assert_eq!(gone, 50, "five percent of the products, and no more");
        // The next run is another one.
        import(&plan, &[from("Verlag A", deletes(60).split_off(50))]).await;
        assert_eq!(database.number("select count(*) from product where withdrawn_at is not null").await, 60);
    });
}

#[test]
fn a_first_import_in_many_files_is_not_held() {
    on_each(async |database| {
        let some = |number: u32| {
            let records = (number..number + 5).map(|number| Record::Product(product(number)));
            from("Verlag A", records.collect())
        };
        let feeds: Vec<Feed> = (0..PRODUCTS).step_by(5).map(some).collect();
        let report = import(&plan(database, None), &feeds).await;
        assert_eq!(report.acceptance, Acceptance::Accepted);
        assert_eq!(database.number("select count(*) from product").await, i64::from(PRODUCTS));
    });
}

#[test]
fn slow_erosion_is_seen_against_the_last_full_feeds() {
    on_each(async |database| {
        let mut plan = plan(database, Some(Coverage::Full));
        // Somebody who has given up on the nightly limit.
        let limits = GuardLimits { withdraw: GuardLimit::Off, ..GuardLimits::default() };
        plan.guard = GuardSettings::of(limits);
        let mut left = PRODUCTS;
        let night = |left: u32| catalogue(move |number, product| (number < left).then_some(product));
        import(&plan, &[from("Verlag A", night(left))]).await;
        let mut held = 0;
        for _ in 0..7 {
            left = left * 4 / 5;
            let report = import(&plan, &[from("Verlag A", night(left))]).await;
            held += u32::from(report.acceptance == Acceptance::Held);
        }
        assert_eq!(held, 6, "the first night is one of many, the second is too much");
        let standing = database.number("select count(*) from product where withdrawn_at is null").await;
        assert_eq!(standing, 800);
    });
}

#[test]
fn products_of_earlier_versions_are_compared_as_they_stand() {
    on_each(async |database| {
        let plan = plan(database, None);
        import(&plan, &[from("Verlag A", catalogue(|_, product| Some(product)))]).await;
        database.execute("update product set facts = null").await;
        let feed =
            catalogue(|number, product| Some(if number < 20 { times(product, "100") } else { product }));
        let report = import(&plan, &[from("Verlag A", feed)]).await;
        assert_eq!(report.acceptance, Acceptance::Held);
        let sentence = &report.found[0].sentence;
        assert!(sentence.contains("would raise or cut prices of 20 of 1000 products"), "{sentence}");
    });
}

#[test]
fn a_dry_run_says_what_would_be_held_and_keeps_nothing() {
    on_each(async |database| {
        let mut plan = plan(database, None);
        import(&plan, &[from("Verlag A", catalogue(|_, product| Some(product)))]).await;
        plan.mode = feedgate::import::Mode::DryRun;
        let feed = catalogue(|_, product| Some(times(product, "100")));
        let report = import(&plan, &[from("Verlag A", feed)]).await;
        assert_eq!(report.acceptance, Acceptance::Held);
        assert!(report.found.iter().any(|found| found.sentence.contains("raise or cut prices of 1000")));
        assert_eq!(database.number("select count(*) from held_feed").await, 0);
    });
}

/// Judges every record to be right, with a price that jumps.
struct Jump;

impl Revalidate for Jump {
    fn revalidate(&mut self, record: &QuarantinedRecord) -> Result<Outcome, Box<dyn Error + Send + Sync>> {
        let key = record.entry.reference.as_deref().expect("each has a key");
        let number = key.trim_start_matches("p-").parse().expect("a number");
        Ok(support_outcome(1, &Record::Product(times(product(number), "100"))))
    }
}

#[test]
fn replays_of_one_run_count_together() {
    on_each(async |database| {
        let plan = plan(database, None);
        import(&plan, &[from("Verlag A", catalogue(|_, product| Some(product)))]).await;
        let bad =
            |number: u32| Record::Bad(Some(key(number)), format!("<bad n='{number}'/>").leak().as_bytes());
        import(&plan, &[from("Verlag A", (0..15).map(bad).collect())]).await;
        let open = async || {
            let sql = "select cast(id as text) from quarantine where state = 'open' order by id";
            let texts = database.texts(sql).await;
            texts.iter().map(|id| id.parse().expect("a number")).collect::<Vec<i64>>()
        };
        let entries = open().await;
        let report =
            replay(plan.clone(), RunTelemetry::off(), &entries, &mut Jump).await.expect("it can be done");
        let held =
            report.entries.iter().filter(|(_, replayed)| matches!(replayed, Replayed::Held(_))).count();
        assert_eq!((report.acceptance(), held), (Acceptance::Held, 5), "ten jumps are let in");
        assert_eq!(open().await, entries[10..]);
        // Somebody has looked: another run is another one.
        let report =
            replay(plan, RunTelemetry::off(), &entries[10..], &mut Jump).await.expect("it can be done");
        assert_eq!(report.acceptance(), Acceptance::Accepted);
        assert!(open().await.is_empty());
    });
}

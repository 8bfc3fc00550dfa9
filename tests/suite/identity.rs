//! Two products of a source with one number are told, and one that moves to a new reference; on both databases.

use crate::support::database::{TestDatabase, on_each};
use crate::support::feeds::{Feed, Imported, Record, cut, feed, imported};
use crate::support::products::plain;
use feedgate::import::{BatchLimits, FormatRules, ImportPlan, Mode};
use feedgate::judgement::Coverage;
use feedgate::product::{Identifier, IdentifierKind, Product};

const ISBN: &str = "9783161484100";

fn numbered(key: &str, numbers: &[(IdentifierKind, &str)]) -> Record {
    let identifiers =
        numbers.iter().map(|(kind, value)| Identifier { kind: *kind, value: (*value).to_owned() }).collect();
    Record::Product(Product { identifiers, ..plain(key, key) })
}

fn gtin(key: &str, number: &str) -> Record {
    numbered(key, &[(IdentifierKind::Gtin13, number)])
}

fn plan(database: &TestDatabase) -> ImportPlan {
    ImportPlan::new(database.url.clone())
}

async fn import(database: &TestDatabase, feeds: &[Feed]) -> Imported {
    imported(&plan(database), feeds).await.expect("the import can be done")
}

/// What is told of numbers, without what stands around.
fn told(imported: &Imported) -> Vec<String> {
    let ours = ["rule.identifier-shared", "rule.reference-changed"];
    let found = imported.found.iter().filter(|finding| ours.contains(&finding.code));
    found.map(|finding| format!("{}: {}", &finding.code["rule.".len()..], finding.sentence)).collect()
}

fn shared(number: &str, one: &str, other: &str) -> String {
    format!(
        "identifier-shared: Number {number} stands on two products of this sender, \"{one}\" and \"{other}\": \
         it can be that of one only."
    )
}

fn changed(number: &str, before: &str, now: &str) -> String {
    format!(
        "reference-changed: Product \"{before}\" is \"{now}\" now: the feed withdraws it, and number {number} \
         stands on that one."
    )
}

#[test]
fn two_records_of_one_feed_with_one_number_are_told() {
    on_each(async |database| {
        let records = vec![
            numbered("a", &[(IdentifierKind::Isbn13, ISBN), (IdentifierKind::Gtin13, ISBN)]),
            gtin("b", "9790000000015"),
            numbered("c", &[(IdentifierKind::Isbn10, "316148410X")]),
            // The sender's own numbers may be those of others.
            numbered("d", &[(IdentifierKind::Proprietary, ISBN), (IdentifierKind::Other, "9790000000015")]),
        ];
        let report = import(database, &[feed("a.xml", records)]).await;
        assert_eq!(told(&report), [shared(ISBN, "a", "c")]);
        assert_eq!(report.report.counts.warnings, 1);
        assert_eq!(database.number("select count(*) from deviation_group").await, 1);
    });
}

#[test]
fn a_number_that_another_product_has_is_told_whenever_it_was_imported() {
    on_each(async |database| {
        let first = feed("a.xml", vec![gtin("a", "9790000000015"), gtin("b", "9790000000022")]);
        let second = feed("b.xml", vec![gtin("c", "9790000000015"), gtin("d", "9790000000039")]);
        let expected = [shared("9790000000015", "a", "c")];
        // In one transaction, in two of one run, and in two runs.
        let of_other = |name: &'static str, feed: &Feed| Feed { sender: name, ..feed.clone() };
        let both = [of_other("together", &first), of_other("together", &second)];
        assert_eq!(told(&import(database, &both).await), expected);
        let apart = ImportPlan { batch: BatchLimits { feeds_max: 1, products_max: 1 }, ..plan(database) };
        let both = [of_other("apart", &first), of_other("apart", &second)];
        assert_eq!(told(&imported(&apart, &both).await.expect("it can be done")), expected);
        assert_eq!(told(&import(database, &[first]).await), [""; 0]);
        assert_eq!(told(&import(database, &[second]).await), expected);
        // Nothing changed: nothing to tell again; one of the two did: told again.
        let again = feed("c.xml", vec![gtin("c", "9790000000015"), gtin("x", "9790000000046")]);
        assert_eq!(told(&import(database, &[again]).await), [""; 0]);
        let Record::Product(product) = gtin("a", "9790000000015") else { unreachable!() };
        let other = Record::Product(Product { pages: Some(1), ..product });
        assert_eq!(told(&import(database, &[feed("d.xml", vec![other])]).await), expected);
    });
}

#[test]
fn a_number_may_pass_from_one_product_to_another() {
    on_each(async |database| {
        let one = "9790000000015";
        import(database, &[feed("a.xml", vec![gtin("a", one)])]).await;
        let swapped = vec![gtin("b", one), gtin("a", "9790000000022")];
        assert_eq!(told(&import(database, &[feed("b.xml", swapped)]).await), [""; 0]);
        let back = vec![gtin("b", "9790000000039"), gtin("a", one)];
        assert_eq!(told(&import(database, &[feed("c.xml", back)]).await), [""; 0]);
        // A product that is gone has none.
        import(database, &[feed("d.xml", vec![Record::Delete("a")])]).await;
        assert_eq!(told(&import(database, &[feed("e.xml", vec![gtin("c", one)])]).await), [""; 0]);
        let back = import(database, &[feed("f.xml", vec![gtin("a", one), gtin("z", "9790000000053")])]).await;
        assert_eq!(told(&back), [shared(one, "a", "c")]);
    });
}

#[test]
fn a_product_that_moves_to_a_new_reference_is_told() {
    on_each(async |database| {
        let one = "9790000000015";
        import(database, &[feed("a.xml", vec![gtin("old", one), gtin("b", "9790000000022")])]).await;
        let moved = feed("b.xml", vec![gtin("new", one), Record::Delete("old")]);
        let report = import(database, &[moved]).await;
        assert_eq!(told(&report), [changed(one, "old", "new")]);
        assert_eq!(report.report.counts.notices, 1);
        let moved = feed("c.xml", vec![Record::Delete("new"), gtin("newest", one)]);
        assert_eq!(told(&import(database, &[moved]).await), [changed(one, "new", "newest")]);

        let rules = FormatRules { feeds: Some(Coverage::Full), ..FormatRules::default() };
        let full = ImportPlan { formats: [("catalogue/1.0".to_owned(), rules)].into(), ..plan(database) };
        let moved = feed("d.xml", vec![gtin("b", "9790000000022"), gtin("last", one)]);
        let report = imported(&full, &[moved]).await.expect("the import can be done");
        assert_eq!(told(&report), [changed(one, "newest", "last")]);
    });
}

#[test]
fn what_a_feed_that_was_dropped_has_said_counts_for_nothing() {
    on_each(async |database| {
        let one = "9790000000015";
        let feeds = [
            cut("a.xml", vec![gtin("a", one)]),
            Feed { sender: "another", ..feed("b.xml", vec![gtin("a", one)]) },
            feed("c.xml", vec![gtin("c", one)]),
        ];
        assert_eq!(told(&import(database, &feeds).await), [""; 0]);
        let dry = ImportPlan { mode: Mode::DryRun, ..plan(database) };
        let report = imported(&dry, &[feed("d.xml", vec![gtin("d", one)])]).await.expect("it can be done");
        assert_eq!(told(&report), [""; 0], "a dry run stages nothing to compare");
    });
}

#[test]
fn shared_told_max() {
    on_each(async |database| {
        let number = |number: u64| format!("97900000{number:05}");
        let records = |prefix: &str, count: u64| -> Vec<Record> {
            (0..count).map(|each| gtin(&format!("{prefix}{each:02}"), &number(each))).collect()
        };
        import(database, &[feed("a.xml", records("a", 23))]).await;
        let report = import(database, &[feed("b.xml", records("b", 20))]).await;
        assert_eq!(told(&report).len(), 20);
        let report = import(database, &[feed("c.xml", records("c", 22))]).await;
        let told = told(&report);
        assert_eq!(told.len(), 21);
        assert_eq!(
            told[0],
            "identifier-shared: Number 9790000000000 stands on 3 products of this sender, among them \"a00\" and \
             \"b00\": it can be that of one only."
        );
        assert_eq!(told[20], "identifier-shared: 2 numbers more stand on several products of this sender.");
    });
}

#[test]
fn feeds_of_one_record_find_what_feeds_of_many_find() {
    on_each(async |database| {
        let number = |number: usize| format!("97900000{number:05}");
        let many = (0..400).map(|each| gtin(&format!("a{each}"), &number(each))).collect();
        import(database, &[feed("a.xml", many)]).await;
        // Looked up one by one first, then read as a whole.
        let feeds: Vec<Feed> =
            (390..410).map(|each| feed("b.xml", vec![gtin(&format!("b{each}"), &number(each))])).collect();
        let report = import(database, &feeds).await;
        let expected: Vec<_> =
            (390..400).map(|each| shared(&number(each), &format!("a{each}"), &format!("b{each}"))).collect();
        assert_eq!(told(&report), expected);
    });
}

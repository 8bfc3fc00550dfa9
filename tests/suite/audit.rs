//! What people decide on the command line is written down with the deed, once, with its reason, on both databases.

use crate::cli::{Call, Desk, repository};
use crate::guard::approval::{Shop, feed};
use crate::support::database::{TestDatabase, on_each};
use serde_json::Value;
use std::fs;

/// A feed with one refused record.
const BAD_GTIN: &str = "samples/catalogue/faults/bad-gtin.xml";

/// What the audit has, newest first: who, action, object, source, reason.
fn told(shop: &Shop<'_>) -> Vec<[String; 5]> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let row = |line: &str| {
        let row: Value = serde_json::from_str(line).expect("JSON");
        ["who", "action", "object", "source", "reason"].map(|name| text(&row[name]))
    };
    shop.call(&["audit", "--json"]).ends(0).stdout.lines().map(row).collect()
}

#[track_caller]
fn is_told(shop: &Shop<'_>, expected: &[[&str; 4]]) {
    let told = told(shop);
    let expected: Vec<_> =
        expected.iter().map(|[a, b, c, d]| ["cli:desk", a, b, c, d].map(str::to_owned)).collect();
    assert_eq!(told, expected);
}

/// A shop with a held feed; its number and the digest of its plan.
fn with_held(database: &TestDatabase) -> (Shop<'_>, String, String) {
    let shop = Shop::new(database);
    shop.import(&feed(2, 60, "1000.00")).ends(3);
    let (id, plan) = shop.held();
    (shop, id, plan)
}

/// Makes the audit unwritable, and back.
async fn without_audit(database: &TestDatabase, deed: impl Fn() -> Call) -> Call {
    database.execute("alter table audit rename to audit_gone").await;
    let call = deed();
    database.execute("alter table audit_gone rename to audit").await;
    call
}

#[test]
fn whatever_is_decided_is_decided_by_who_is_named() {
    on_each(async |database| {
        let (shop, id, plan) = with_held(database);
        let by = |command: &[&str]| shop.call(&[command, &["--by", "anna", "--reason", "so"]].concat());
        by(&["held", "release", &id, "--plan", &plan]).ends(0);
        by(&["rollback", "3"]).ends(0);
        shop.import(&feed(3, 60, "1000.00")).ends(3);
        by(&["held", "refuse", &shop.held().0]).ends(0);
        shop.call(&["token", "create", "ci", "--scope", "read", "--by", "anna"]).ends(0);
        by(&["token", "revoke", "ci"]).ends(0);
        let shop = with_refused(database);
        shop.call(&["quarantine", "replay", "1", "--schemas", "formats", "--by", "anna"]).ends(0);
        let whos: Vec<_> = told(&shop).into_iter().map(|[who, action, ..]| (who, action)).collect();
        let actions = [
            "quarantine.replay",
            "token.revoke",
            "token.create",
            "held.refuse",
            "run.rollback",
            "held.release",
        ];
        assert_eq!(whos, actions.map(|action| ("cli:anna".to_owned(), action.to_owned())));
    });
}

#[test]
fn a_release_is_written_down_when_it_lets_in() {
    on_each(async |database| {
        let (shop, id, plan) = with_held(database);
        let of_another = ["held", "release", &id, "--plan", "000000000000", "--reason", "guessed"];
        shop.call(&of_another).ends(3);
        is_told(&shop, &[]);
        let before = database.shop().await;
        let release = || shop.call(&["held", "release", &id, "--plan", &plan, "--reason", "asked them"]);
        without_audit(database, release).await.ends(2).tells(&["could not write down who decided"]);
        assert_eq!(database.shop().await, before);
        release().ends(0);
        let object = format!("held {id}");
        is_told(&shop, &[["held.release", &object, "Verlag A", "asked them"]]);
        release().ends(2);
        assert_eq!(told(&shop).len(), 1);
    });
}

#[test]
fn a_refusal_is_written_down() {
    on_each(async |database| {
        let (shop, id, _) = with_held(database);
        let refuse = || shop.call(&["held", "refuse", &id, "--reason", " a mistake "]);
        without_audit(database, refuse).await.ends(2).tells(&["could not write down who decided"]);
        assert_eq!(database.texts("select state from held_feed").await, ["open"]);
        refuse().ends(0);
        refuse().ends(2);
        let object = format!("held {id}");
        is_told(&shop, &[["held.refuse", &object, "Verlag A", "a mistake"]]);
        assert_eq!(database.texts("select reason from held_feed").await, ["a mistake"]);
    });
}

#[test]
fn a_rollback_is_written_down_when_it_is_done() {
    on_each(async |database| {
        let shop = Shop::new(database);
        shop.import(&feed(2, 60, "10.10")).ends(0);
        shop.call(&["rollback", "2", "--dry-run"]).ends(0);
        shop.call(&["rollback", "1", "--reason", "too early"]).ends(1);
        is_told(&shop, &[]);
        let before = database.shop().await;
        let rollback = || shop.call(&["rollback", "2", "--reason", "wrong prices"]);
        without_audit(database, rollback).await.ends(2).tells(&["could not write down who decided"]);
        assert_eq!(database.shop().await, before);
        rollback().ends(0);
        assert_ne!(database.shop().await, before);
        is_told(&shop, &[["run.rollback", "run 2", "Verlag A", "wrong prices"]]);
    });
}

/// A shop with three refused records.
fn with_refused(database: &TestDatabase) -> Shop<'_> {
    let shop = Shop { desk: Desk::new(), database };
    let sample = fs::read_to_string(repository(BAD_GTIN)).expect("the sample");
    shop.import(&sample).ends(1);
    let profile = fs::read_to_string(repository("schemas/catalogue/1.0/profile.toml")).expect("the profile");
    let (before, after) = profile.split_once("[severity]\n").unwrap_or((&profile, ""));
    let lenient = format!("{before}[severity]\n\"rule.gtin\" = \"warning\"\n{after}");
    shop.desk.file("formats/catalogue/1.0/profile.toml", lenient);
    shop
}

#[test]
fn a_replay_is_written_down_when_it_imports() {
    on_each(async |database| {
        let shop = with_refused(database);
        shop.call(&["quarantine", "replay", "1", "7", "--reason", "hoped"]).ends(1);
        is_told(&shop, &[]);
        let before = database.shop().await;
        let replay = || {
            let lenient = ["quarantine", "replay", "1", "--schemas", "formats", "--reason", "they mean it"];
            shop.call(&lenient)
        };
        without_audit(database, replay).await.ends(2).tells(&["could not write down who decided"]);
        assert_eq!(database.shop().await, before);
        replay().ends(0);
        replay().ends(1);
        let source = database.texts("select source from quarantine").await.remove(0);
        is_told(&shop, &[["quarantine.replay", "entry 1", &source, "they mean it"]]);
    });
}

#[test]
fn a_discard_is_written_down() {
    on_each(async |database| {
        let shop = with_refused(database);
        let discard = || shop.call(&["quarantine", "discard", "1", "--by", "anna"]);
        without_audit(database, discard).await.ends(2).tells(&["could not write down who decided"]);
        assert_eq!(database.texts("select state from quarantine").await, ["open"]);
        discard().ends(0);
        discard().ends(2);
        let source = database.texts("select source from quarantine").await.remove(0);
        let expected = ["cli:anna", "quarantine.discard", "entry 1", &source, "-"];
        assert_eq!(told(&shop), [expected.map(str::to_owned)]);
    });
}

#[test]
fn nobody_decides_an_import() {
    on_each(async |database| {
        let shop = Shop::new(database);
        is_told(&shop, &[]);
        shop.call(&["audit"]).ends(0).prints(&["no such decisions\n"]);
        // A newer feed that passes makes the held one pointless: that is no decision.
        shop.import(&feed(2, 60, "1000.00")).ends(3);
        shop.import(&feed(3, 60, "10.00")).ends(0);
        is_told(&shop, &[]);
    });
}

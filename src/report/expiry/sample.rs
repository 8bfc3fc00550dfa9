//! A scan to tell.

use crate::expiry::{
    Counting, Dated, Form, KeyDigest, Reason, Role, Scan, Sight, State, Term, Thing, ThingName, Thresholds,
    Trouble, Watched, judge,
};
use jiff::Timestamp;
use std::sync::Arc;

pub(super) const NOW: i64 = 1_800_000_000;

fn thing(name: &str) -> Thing {
    let path = format!("{name}.pem");
    Thing {
        name: ThingName::new(name).expect("a name"),
        watched: Watched::Files {
            form: Form::Certificates,
            path,
            password: None,
            counting: Counting::All,
            except: Vec::new(),
        },
        owner: String::new(),
        contact: String::new(),
        runbook: String::new(),
        source: None,
        tags: Vec::new(),
        thresholds: Thresholds::default(),
    }
}

fn dated(role: Role, name: &str, days: i64) -> Dated {
    Dated::new(role, name).until(Term::of_second(NOW + days * 86_400))
}

fn leaf(name: &str, days: i64) -> Dated {
    let mut leaf = dated(Role::Leaf, name, days);
    leaf.key = Some(KeyDigest::of(b"key"));
    leaf
}

/// One that is fine, one that has expired and shares its key, one that is not there.
pub(super) fn scan() -> Scan {
    let now = Timestamp::from_second(NOW).expect("a moment");
    let fine = Sight { found: vec![(String::new(), leaf("CN=shop", 90))], ..Sight::default() };
    let found = vec![
        ("b.pem".to_owned(), leaf("CN=client", -2)),
        ("b.pem".to_owned(), dated(Role::Issuer, "CN=issuing authority", 20)),
    ];
    let over = Sight { found, ..Sight::default() };
    let absent =
        Trouble::new(State::NothingFound, Reason::File, "there is no such file or folder: check `path`");
    let gone = Sight { troubles: vec![absent], ..Sight::default() };
    let client = Thing {
        owner: "shop-platform".to_owned(),
        contact: "#shop".to_owned(),
        runbook: "https://wiki.example/r".to_owned(),
        source: Some("publisher".to_owned()),
        tags: vec!["tls".to_owned()],
        ..thing("partner-client")
    };
    let standings = [(thing("shop-chain"), fine), (client, over), (thing("gone"), gone)];
    Scan::new(now, standings.map(|(thing, sight)| judge(Arc::new(thing), sight, now)).into())
}

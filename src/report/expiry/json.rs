//! The scan for programs: a line for each thing, and one for all of it at the end.

use crate::expiry::{Item, Scan, Standing, State, Term, Trouble};
use jiff::Timestamp;
use serde_json::{Value, json};

/// Items of one thing that are listed; how many there are more is said.
const ITEMS_TOLD_MAX: usize = 1_000;

/// One thing.
#[must_use]
pub fn thing_row(standing: &Standing, now: Timestamp) -> Value {
    let thing = &standing.thing;
    let items = standing.items.iter().take(ITEMS_TOLD_MAX).map(item);
    json!({
        "version": 1,
        "type": "expiry_thing",
        "name": thing.name.as_str(),
        "kind": thing.kind().as_str(),
        "place": thing.place(),
        "state": standing.state.as_str(),
        "until": moment(standing.until),
        "never": standing.until == Some(Term::Never),
        "seconds_left": seconds_left(standing.until, now),
        "warning_seconds": thing.thresholds.warning,
        "critical_seconds": thing.thresholds.critical,
        "owner": thing.owner,
        "contact": thing.contact,
        "runbook": thing.runbook,
        "source": thing.source,
        "tags": thing.tags,
        "troubles": standing.troubles.iter().map(trouble).collect::<Vec<_>>(),
        "items": items.collect::<Vec<_>>(),
        "items_left_out": standing.items.len().saturating_sub(ITEMS_TOLD_MAX),
        "passed_over": standing.passed_over,
        "shared_with": standing.shared_with,
    })
}

fn item(item: &Item) -> Value {
    let dated = &item.dated;
    json!({
        "role": dated.role.as_str(),
        "name": dated.name,
        "place": item.place,
        "serial": dated.serial,
        "from": dated.from.map(|from| from.to_string()),
        "until": moment(dated.until),
        "never": dated.until == Some(Term::Never),
        "state": item.state.as_str(),
        "counts": item.counts,
        "key_sha256": dated.key.map(|key| key.to_string()),
        "certificate_sha256": dated.digest.map(|digest| digest.to_string()),
    })
}

fn trouble(trouble: &Trouble) -> Value {
    json!({
        "state": trouble.state.as_str(),
        "reason": trouble.reason.as_str(),
        "place": trouble.place,
        "sentence": trouble.sentence,
    })
}

fn moment(until: Option<Term>) -> Option<String> {
    until.and_then(Term::moment).map(|until| until.to_string())
}

fn seconds_left(until: Option<Term>, now: Timestamp) -> Option<i64> {
    Some(until?.moment()?.as_second() - now.as_second())
}

/// All of it in one line.
#[must_use]
pub fn scan_row(scan: &Scan) -> Value {
    let of = |state| scan.standings.iter().filter(|standing| standing.state == state).count();
    let counts = State::ALL.into_iter().map(|state| (state.as_str().to_owned(), Value::from(of(state))));
    json!({
        "version": 1,
        "type": "expiry_scan",
        "at": scan.at.to_string(),
        "state": scan.state().as_str(),
        "things": scan.standings.len(),
        "counts": counts.collect::<serde_json::Map<_, _>>(),
        "exit_status": u8::from(scan.state() != State::Ok),
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn a_thing_is_told_with_all_that_is_known() {
        let scan = sample::scan();
        let row = thing_row(&scan.standings[0], scan.at);
        assert_eq!(row["name"], "partner-client");
        assert_eq!(row["state"], "expired");
        assert_eq!(row["until"], "2027-01-13T08:00:00Z");
        assert_eq!(row["seconds_left"], -2 * 86_400);
        assert_eq!(row["items"][1]["role"], "issuer");
        assert_eq!(row["shared_with"][0], "shop-chain");
        assert_eq!(row["source"], "publisher");
        let row = thing_row(&scan.standings[1], scan.at);
        assert_eq!(row["troubles"][0]["reason"], "file");
        assert_eq!(row["until"], Value::Null);
        let all = scan_row(&scan);
        assert_eq!((&all["exit_status"], &all["counts"]["expired"]), (&1.into(), &1.into()));
    }

    #[test]
    fn items_told_max() {
        let mut scan = sample::scan();
        let first = scan.standings[0].items[0].clone();
        let of = |scan: &mut Scan, count: usize| {
            scan.standings[0].items = vec![first.clone(); count];
            let row = thing_row(&scan.standings[0], scan.at);
            (row["items"].as_array().map(Vec::len), row["items_left_out"].as_u64())
        };
        assert_eq!(of(&mut scan, ITEMS_TOLD_MAX), (Some(ITEMS_TOLD_MAX), Some(0)));
        assert_eq!(of(&mut scan, ITEMS_TOLD_MAX + 1), (Some(ITEMS_TOLD_MAX), Some(1)));
    }
}

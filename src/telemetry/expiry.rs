//! What expires, told: gauges of each thing as the last scan saw it, and an event for whatever stands otherwise.
//!
//! A thing that is watched no more, or under other labels, is set to 0: a gauge would say its last word for ever.

use super::Telemetry;
use super::instruments::Instruments;
use super::names::{EXPIRY_KIND, EXPIRY_OWNER, EXPIRY_STATE, EXPIRY_THING};
use crate::expiry::limits::THINGS_MAX;
use crate::expiry::{Change, Scan, Standing, State, Term, Thing};
use opentelemetry::KeyValue;
use opentelemetry_sdk::metrics::{Instrument, Stream};
use std::collections::HashSet;

/// The gauge with a series for each thing and state.
pub(super) const STATE_GAUGE: &str = "feedgate.expiry.state";
/// Its series: all things in all states, twice over for those that were renamed while a process lives.
const SERIES_MAX: usize = 2 * THINGS_MAX * State::ALL.len();

/// Room for the series of a whole inventory, which are more than the SDK allows an instrument by itself.
pub(super) fn room(instrument: &Instrument) -> Option<Stream> {
    let is_state = instrument.name() == STATE_GAUGE;
    is_state.then(|| Stream::builder().with_cardinality_limit(SERIES_MAX).build().ok()).flatten()
}

impl Telemetry {
    /// Sets the gauges to a scan that has just ended, and logs what stands otherwise than in the one before;
    /// `sentence` says why a thing stands as it does.
    pub fn expiry(&self, scan: &Scan, earlier: Option<&Scan>, sentence: impl Fn(&Standing) -> String) {
        let Some(equipment) = &self.0 else { return };
        if let Some(instruments) = &equipment.instruments {
            gauges(instruments, scan, earlier);
        }
        for change in scan.changes(earlier) {
            equipment.tells(|| log(&change, &sentence(change.standing)));
        }
    }
}

/// What tells a thing from the others.
type Labels = (String, &'static str, String);

fn labels(thing: &Thing) -> Labels {
    (thing.name.to_string(), thing.kind().as_str(), thing.owner.clone())
}

fn attributes((name, kind, owner): &Labels) -> [KeyValue; 3] {
    [
        KeyValue::new(EXPIRY_THING, name.clone()),
        KeyValue::new(EXPIRY_KIND, *kind),
        KeyValue::new(EXPIRY_OWNER, owner.clone()),
    ]
}

#[expect(clippy::cast_precision_loss, reason = "seconds of this age are whole in a double")]
fn gauges(instruments: &Instruments, scan: &Scan, earlier: Option<&Scan>) {
    let here: HashSet<Labels> = scan.standings.iter().map(|standing| labels(&standing.thing)).collect();
    let before = earlier.into_iter().flat_map(|scan| &scan.standings).map(|standing| labels(&standing.thing));
    for gone in before.filter(|labels| !here.contains(labels)) {
        set(instruments, &gone, None, None);
    }
    for standing in &scan.standings {
        set(instruments, &labels(&standing.thing), standing.until, Some(standing.state));
    }
    instruments.expiry_things.record(scan.standings.len() as u64, &[]);
    instruments.expiry_last_scan.record(scan.at.as_second() as f64, &[]);
}

#[expect(clippy::cast_precision_loss, reason = "seconds up to the year 9999 are whole in a double")]
fn set(instruments: &Instruments, labels: &Labels, until: Option<Term>, in_force: Option<State>) {
    let thing = attributes(labels);
    instruments.expiry_not_after.record(until.map_or(0, Term::second) as f64, &thing);
    for state in State::ALL {
        let is_in_force = u64::from(in_force == Some(state));
        let of_state = [&thing[..], &[KeyValue::new(EXPIRY_STATE, state.as_str())]].concat();
        instruments.expiry_state.record(is_in_force, &of_state);
    }
}

fn log(change: &Change<'_>, sentence: &str) {
    let (thing, state) = (&change.standing.thing, change.standing.state);
    let (name, kind) = (thing.name.as_str(), thing.kind().as_str());
    let before = change.before.map_or("unknown", State::as_str);
    if state == State::Ok {
        tracing::info!(
            name: "feedgate.expiry.changed",
            target: "feedgate",
            { feedgate.expiry.thing = name,
            feedgate.expiry.kind = kind,
            feedgate.expiry.state = state.as_str(),
            feedgate.expiry.before = before },
            "`{name}` is {state}: {sentence}",
        );
    } else {
        tracing::warn!(
            name: "feedgate.expiry.changed",
            target: "feedgate",
            { feedgate.expiry.thing = name,
            feedgate.expiry.kind = kind,
            feedgate.expiry.state = state.as_str(),
            feedgate.expiry.before = before },
            "`{name}` is {state}: {sentence}",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expiry::{Inventory, judge};
    use crate::telemetry::test_support::scraped;
    use jiff::Timestamp;
    use std::sync::Arc;

    const NOW: i64 = 1_800_000_000;

    fn scan(count: usize, expires: &str) -> Scan {
        let thing = |number: usize| {
            format!(
                "[[thing]]\nname = \"t{number}\"\nkind = \"date\"\nowner = \"o\"\nexpires = {expires}\n\
                 confirmed_by = \"x\"\nconfirmed_on = 2027-01-01\n"
            )
        };
        let things: String = (0..count).map(thing).collect();
        let inventory = Inventory::read(format!("version = 1\n{things}").as_bytes()).expect("it reads");
        let now = Timestamp::from_second(NOW).expect("a moment");
        let standing =
            |thing: &Arc<Thing>| judge(Arc::clone(thing), thing.known(now).expect("a date is known"), now);
        Scan::new(now, inventory.things.iter().map(standing).collect())
    }

    fn series<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
        text.lines()
            .filter(|line| line.starts_with(&format!("{name}{{")) || line.starts_with(&format!("{name} ")))
            .collect()
    }

    #[test]
    fn every_thing_has_its_end_and_one_state() {
        let telemetry = scraped();
        let first = scan(1, "2027-01-17");
        telemetry.expiry(&first, None, |_| String::new());
        let text = telemetry.exposition().expect("a text");
        let labels = "feedgate_expiry_kind=\"date\",feedgate_expiry_owner=\"o\"";
        let end =
            format!("feedgate_expiry_not_after_seconds{{{labels},feedgate_expiry_thing=\"t0\"}} 1800144000");
        assert_eq!(series(&text, "feedgate_expiry_not_after_seconds"), [end.as_str()]);
        let states = series(&text, "feedgate_expiry_state");
        assert_eq!(states.len(), State::ALL.len(), "{text}");
        let in_force: Vec<_> = states.iter().filter(|line| line.ends_with(" 1")).collect();
        let critical = format!(
            "feedgate_expiry_state{{{labels},feedgate_expiry_state=\"critical\",feedgate_expiry_thing=\"t0\"}} 1"
        );
        assert_eq!(in_force, [&critical.as_str()]);
        assert_eq!(
            series(&text, "feedgate_expiry_last_scan_seconds"),
            ["feedgate_expiry_last_scan_seconds 1800000000"]
        );
        assert_eq!(series(&text, "feedgate_expiry_things"), ["feedgate_expiry_things 1"]);
        // Nothing is watched any more.
        telemetry.expiry(&scan(0, ""), Some(&first), |_| String::new());
        let text = telemetry.exposition().expect("a text");
        assert!(series(&text, "feedgate_expiry_state").iter().all(|line| line.ends_with(" 0")), "{text}");
    }

    #[test]
    fn things_max_have_series_of_their_own() {
        let telemetry = scraped();
        telemetry.expiry(&scan(THINGS_MAX, "2030-01-01"), None, |_| String::new());
        let text = telemetry.exposition().expect("a text");
        assert_eq!(series(&text, "feedgate_expiry_state").len(), THINGS_MAX * State::ALL.len());
        assert_eq!(series(&text, "feedgate_expiry_not_after_seconds").len(), THINGS_MAX);
        assert!(!text.contains("otel_metric_overflow"));
    }
}

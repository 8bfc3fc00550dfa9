//! Parts of a feed come to what the whole comes to, and a feed that wants to be too much is held to the caps.

use super::feeds::{Chance, Element, Format, Night, facts};
use crate::drift::{
    DEPTH_MAX, Gatherer, NAME_BYTES_MAX, NEIGHBOURS_MAX, PACKED_BYTES_MAX, PATHS_MAX, PackedError, Profile,
    RECORDS_ALL, RECORDS_ONE_IN, RecordKind, VALUES_MAX,
};
use std::sync::Arc;

/// The profile of the feed in so many parts, the last of which is merged first.
fn in_parts(format: &Format, records: &[Element], parts: usize) -> Profile {
    let size = records.len().div_ceil(parts).max(1);
    let mut whole: Option<Profile> = None;
    for (at, part) in records.chunks(size).enumerate().rev() {
        let mut gatherer = Gatherer::new(Arc::clone(&format.profile));
        format.gather(part, (at * size) as u64, &mut gatherer);
        let part = gatherer.finish(facts(), 0);
        match &mut whole {
            Some(whole) => whole.merge(part),
            None => whole = Some(part),
        }
    }
    whole.expect("there is a part")
}

#[track_caller]
fn same_in_parts(format: &Format, records: &[Element]) {
    let whole = in_parts(format, records, 1);
    for parts in [2, 3, 8] {
        let merged = in_parts(format, records, parts);
        assert_eq!(merged, whole, "{parts} parts");
        assert_eq!(merged.pack(), whole.pack(), "{parts} parts");
    }
}

#[test]
fn parts_of_a_feed_come_to_the_whole() {
    for format in [Format::catalogue(), Format::onix()] {
        let mut chance = Chance(3);
        let mut records: Vec<_> =
            (0..150).map(|at| format.record(at, &Night::usual(), &mut chance)).collect();
        // A path that comes late, texts that are mixed, a value that is long.
        let text = Element { text: "b".into(), ..Element::new("em", &[], Vec::new()) };
        records[120].children.push(Element { text: "a".into(), ..Element::new("late", &[], vec![text]) });
        records[7].children[0].text = "x".repeat(80);
        same_in_parts(&format, &records);
    }
}

/// All of the first records are looked at, then one in four, the same ones whatever stands before them.
#[test]
fn of_many_records_some_are_looked_at() {
    let format = Format::catalogue();
    let record =
        |number: u64| Element::new("product", &[("reference", &format!("key {number}"))], Vec::new());
    let looked_at = |records: std::ops::Range<u64>| {
        let records: Vec<_> = records.map(record).collect();
        let profile = in_parts(&format, &records, 1);
        assert_eq!(profile.records, records.len() as u64);
        profile.kinds[&RecordKind::New].records
    };
    assert_eq!(looked_at(0..RECORDS_ALL), RECORDS_ALL);
    let more = looked_at(0..RECORDS_ALL + 4_000) - RECORDS_ALL;
    assert!(more.abs_diff(4_000 / RECORDS_ONE_IN) < 150, "{more}");
    let records: Vec<_> = (0..RECORDS_ALL + 500).map(record).collect();
    same_in_parts(&format, &records);
}

fn plain(names: impl Iterator<Item = String>) -> Element {
    Element::new("product", &[("notification", "new")], names.map(|name| Element::text(&name, "x")).collect())
}

#[test]
fn parts_with_too_many_paths_come_to_the_whole() {
    let format = Format::catalogue();
    // Record and notification are paths, too.
    let exact: Vec<_> =
        (0..8).map(|at| plain((0..512).map(move |name| format!("n{}", at * 512 + name)))).collect();
    let mut records = exact.clone();
    records.extend((0..8).map(|at| plain((0..300).map(move |name| format!("n{}x{at}", name * 7)))));
    same_in_parts(&format, &records);
    let whole = in_parts(&format, &records, 1);
    assert_eq!((whole.paths(), whole.beyond > 2_000), (PATHS_MAX, true));
}

#[test]
fn paths_are_kept_up_to_the_limit() {
    let format = Format::catalogue();
    let of = |names: usize| in_parts(&format, &[plain((0..names).map(|name| format!("n{name}")))], 1);
    let (all, above) = (of(PATHS_MAX - 2), of(PATHS_MAX - 1));
    assert_eq!((all.paths(), all.beyond), (PATHS_MAX, 0));
    assert_eq!((above.paths(), above.beyond), (PATHS_MAX, 1));
}

#[test]
fn names_depth_and_neighbours_have_limits() {
    let format = Format::catalogue();
    let named = |bytes: usize| in_parts(&format, &[plain(std::iter::once("n".repeat(bytes)))], 1);
    assert_eq!((named(NAME_BYTES_MAX).beyond, named(NAME_BYTES_MAX + 1).beyond), (0, 1));
    let deep = |levels: u16| {
        let wrap = |inside: Element, _| Element::new("d", &[], vec![inside]);
        let element = (1..levels).fold(Element::text("d", "x"), wrap);
        in_parts(&format, &[Element::new("product", &[], vec![element])], 1)
    };
    assert_eq!((deep(DEPTH_MAX).beyond, deep(DEPTH_MAX + 1).beyond), (0, 1));
    let behind = |count: usize| {
        let pair = |at: usize| [format!("n{at}"), "last".to_owned()];
        let record = plain((1..count).flat_map(pair));
        let first = plain(std::iter::once("last".to_owned()));
        let profile = in_parts(&format, &[first, record], 1);
        profile.kinds[&RecordKind::New].paths["last"].neighbours.as_ref().map(std::collections::BTreeSet::len)
    };
    assert_eq!((behind(NEIGHBOURS_MAX), behind(NEIGHBOURS_MAX + 1)), (Some(NEIGHBOURS_MAX), None));
}

/// The most that a feed can make of 4,096 paths: each with as many values as it is given.
#[test]
fn a_profile_of_the_most_paths_takes_four_mebibytes_at_most() {
    const BYTES_MAX: usize = 4 << 20;
    let format = Format::catalogue();
    let mut gatherer = Gatherer::new(Arc::clone(&format.profile));
    let record = |number: usize| {
        let text =
            |name: usize| Element::text(&format!("path-{name}"), format!("value {number} of {name} is long"));
        Element::new("product", &[], (0..PATHS_MAX).map(text).collect())
    };
    let records: Vec<_> = (0..VALUES_MAX + 6).map(record).collect();
    format.gather(&records, 0, &mut gatherer);
    let bytes = gatherer.heap_bytes();
    eprintln!("{PATHS_MAX} paths: {bytes} bytes");
    assert!(bytes <= BYTES_MAX, "{bytes}");
    let packed = gatherer.finish(facts(), 0).pack();
    eprintln!("packed: {} bytes", packed.len());
    assert!(packed.len() <= PACKED_BYTES_MAX);
    assert!(Profile::unpack(&packed).is_ok());
}

/// A million different names, in elements and attributes.
#[test]
fn a_feed_of_a_million_names_stays_within_the_caps() {
    let format = Format::catalogue();
    let mut gatherer = Gatherer::new(Arc::clone(&format.profile));
    let (records, names) = if super::is_long() { (1_000, 1_000) } else { (40, 500) };
    let record = |number: u64| {
        let element = |name: u64| {
            Element::text(&format!("e{number}-{name}"), "x").with(&format!("a{number}-{name}"), "y")
        };
        Element::new("product", &[], (0..names / 2).map(element).collect())
    };
    let all: Vec<_> = (0..records).map(record).collect();
    format.gather(&all, 0, &mut gatherer);
    let bytes = gatherer.heap_bytes();
    let profile = gatherer.finish(facts(), 0);
    assert!(bytes <= 4 << 20, "{bytes}");
    assert_eq!(profile.paths(), PATHS_MAX);
    let counted: u64 = profile.kinds[&RecordKind::New].paths.values().map(|path| path.instances).sum();
    assert_eq!(profile.beyond + counted, records * names + records);
}

#[test]
fn what_is_packed_comes_back_and_nothing_else() {
    let format = Format::catalogue();
    let mut chance = Chance(4);
    let records: Vec<_> = (0..50).map(|at| format.record(at, &Night::usual(), &mut chance)).collect();
    let profile = format.profile_of(&records, facts());
    let packed = profile.pack();
    assert_eq!(Profile::unpack(&packed).as_ref(), Ok(&profile));
    for end in 0..packed.len() {
        assert!(Profile::unpack(&packed[..end]).is_err(), "cut at {end}");
    }
    let longer = [&packed[..], &[0]].concat();
    assert_eq!(Profile::unpack(&longer), Err(PackedError::Damaged));
    let older = [&[0], &packed[1..]].concat();
    assert_eq!(Profile::unpack(&older), Err(PackedError::Version { found: 0 }));
    let mut too_large = packed.clone();
    too_large.resize(PACKED_BYTES_MAX, 0);
    assert_eq!(Profile::unpack(&too_large), Err(PackedError::Damaged));
    too_large.push(0);
    assert_eq!(Profile::unpack(&too_large), Err(PackedError::TooLarge(PACKED_BYTES_MAX + 1)));
    // Any damage is refused or read as some profile, and never more than that.
    for _ in 0..2_000 {
        let mut damaged = packed.clone();
        let at = usize::try_from(chance.below(damaged.len() as u64)).expect("it is small");
        damaged[at] = damaged[at].wrapping_add(1 + u8::try_from(chance.below(255)).expect("a byte"));
        if let Ok(read) = Profile::unpack(&damaged) {
            let mut merged = profile.clone();
            let _ = crate::drift::judge(&crate::drift::Baseline::default(), &read, 5);
            merged.places.clear();
        }
    }
}

//! Feeds that are changed in 25 ways, each of which leaves them valid.

use super::feeds::{Chance, Element, Format, Night, facts};
use super::is_long;
use crate::drift::{ALARMS_MAX, Baseline, Drift, DriftKind, FeedFacts, Profile, Remembered, judge};

/// A change, and how it may be named: by the kinds of which one has to be told, and at which path.
struct Mutation {
    name: &'static str,
    kinds: &'static [DriftKind],
    /// The path that has to be named, or one below it; empty of the feed as a whole.
    at: &'static str,
    records: fn(&mut [Element], &Format, &mut Chance),
    facts: fn(&mut FeedFacts),
}

fn nothing(_: &mut FeedFacts) {}
fn same(_: &mut [Element], _: &Format, _: &mut Chance) {}

/// Changes the elements at a path in a share of the records.
fn change(
    records: &mut [Element],
    path: &str,
    share: f64,
    chance: &mut Chance,
    how: &mut dyn FnMut(&mut Element),
) {
    for record in records {
        if chance.is(share) {
            record.each(path, how);
        }
    }
}

/// Changes the texts at a path, an attribute's when its last step begins with `@`.
fn texts(records: &mut [Element], path: &str, chance: &mut Chance, share: f64, how: &dyn Fn(&str) -> String) {
    let (above, attribute) = path.rsplit_once('@').map_or((path, None), |(above, name)| (above, Some(name)));
    let above = above.trim_end_matches('/');
    for record in records {
        let mut one = |element: &mut Element| {
            let text = match attribute {
                None => Some(&mut element.text),
                Some(name) => {
                    element.attributes.iter_mut().find(|(each, _)| each == name).map(|(_, value)| value)
                }
            };
            if let Some(text) = text.filter(|_| chance.is(share)) {
                *text = how(text);
            }
        };
        if above.is_empty() { one(record) } else { record.each(above, &mut one) }
    }
}

fn parents(records: &mut [Element], path: &str, how: &mut dyn FnMut(&mut Element, &str)) {
    for record in records {
        record.each_parent(path, how);
    }
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn mutations(format: &Format) -> Vec<Mutation> {
    use DriftKind as Kind;
    let at = format.at;
    let of = |name, kinds, at, records| Mutation { name, kinds, at, records, facts: nothing };
    let whole = |name, kinds, facts| Mutation { name, kinds, at: "", records: same, facts };
    vec![
        of("path lost", &[Kind::PathLost], at.block, |records, format, _| {
            parents(records, format.at.block, &mut |parent, name| {
                parent.children.retain(|child| child.name != name);
            });
        }),
        of("path renamed", &[Kind::PathRenamed], at.leaf, |records, format, _| {
            for record in records {
                record.each(format.at.leaf, &mut |each| each.name.push_str("Name"));
            }
        }),
        of("path moved", &[Kind::PathMoved], at.leaf, |records, format, _| {
            for record in records {
                let mut moved = Vec::new();
                record.each_parent(format.at.leaf, &mut |parent, name| {
                    let (out, kept) = parent.children.drain(..).partition(|child| child.name == name);
                    (moved, parent.children) = (out, kept);
                });
                record.each(format.at.elsewhere, &mut |target| target.children.append(&mut moved));
            }
        }),
        of("path new", &[Kind::PathNew], "", |records, format, chance| {
            change(records, format.at.elsewhere, 0.4, chance, &mut |each| {
                each.children.push(Element::text("Sample", "yes"));
            });
        }),
        of("attribute lost", &[Kind::PathLost], at.attribute.0, |records, format, _| {
            let (path, name) = format.at.attribute;
            let lose = &mut |each: &mut Element| each.attributes.retain(|(attribute, _)| attribute != name);
            for record in records {
                record.each(path, lose);
            }
        }),
        of("presence 0.95 to 0.7", &[Kind::Presence], at.frequent, |records, format, chance| {
            parents(records, format.at.frequent, &mut |parent, name| {
                let lost = chance.is(0.26);
                parent.children.retain(|child| child.name != name || !lost);
            });
        }),
        of("decimal comma", &[Kind::Class], at.amount, |records, format, chance| {
            texts(records, format.at.amount, chance, 1.0, &|text| text.replace('.', ","));
        }),
        of("date form", &[Kind::Class], at.date, |records, format, chance| {
            texts(records, format.at.date, chance, 1.0, &|text| match text.split_once('-') {
                Some(_) => text.replace('-', ""),
                None => format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]),
            });
        }),
        of("code to name", &[Kind::Class, Kind::Value], at.code, |records, format, chance| {
            texts(records, format.at.code, chance, 1.0, &|text| format!("Form {text} in words"));
        }),
        of("currency new", &[Kind::Value], at.currency, |records, format, chance| {
            texts(records, format.at.currency, chance, 0.1, &|_| "SEK".to_owned());
        }),
        of("share of a value times three", &[Kind::Value], at.rare_code, |records, format, chance| {
            texts(records, format.at.rare_code, chance, 0.17, &|_| "42".to_owned());
        }),
        of("always one to two", &[Kind::Occurrence], at.single, |records, format, chance| {
            parents(records, format.at.single, &mut |parent, name| {
                let at = parent.children.iter().position(|child| child.name == name && chance.is(0.2));
                if let Some(at) = at {
                    parent.children.insert(at, parent.children[at].clone());
                }
            });
        }),
        of("order", &[Kind::Order], "", |records, format, _| {
            parents(records, format.at.single, &mut |parent, name| {
                let at =
                    parent.children.iter().position(|child| child.name == name).expect("it is always there");
                parent.children.swap(at - 1, at);
            });
        }),
        of("markup into text", &[Kind::Class], at.description, |records, format, chance| {
            texts(records, format.at.description, chance, 0.5, &|text| format!("<p>{text}</p>"));
        }),
        of("texts cut at 100", &[Kind::Cut], at.description, |records, format, chance| {
            texts(records, format.at.description, chance, 1.0, &|text| text.chars().take(100).collect());
        }),
        of("prices times 100", &[Kind::Number], at.amount, |records, format, chance| {
            texts(records, format.at.amount, chance, 1.0, &|text| {
                format!("{}00.00", &text[..text.len() - 3])
            });
        }),
        // Records are left out by whoever runs it.
        whole("half volume", &[Kind::Volume], nothing),
        whole("encoding", &[Kind::Encoding], |facts| "windows-1252".clone_into(&mut facts.encoding)),
        whole("prefix", &[Kind::Namespace], |facts| {
            let name = facts.namespaces.remove("").expect("it is bound");
            facts.namespaces.insert("f".to_owned(), name);
        }),
        of("empty instead of absent", &[Kind::Class, Kind::Presence], at.optional, |records, format, _| {
            parents(records, format.at.optional, &mut |parent, name| {
                if !parent.children.iter().any(|child| child.name == name) {
                    let at = parent
                        .children
                        .iter()
                        .position(|child| child.name.to_lowercase().starts_with("title"));
                    parent.children.insert(at.map_or(0, |at| at + 1), Element::text(name, ""));
                }
            });
        }),
        of("one value for all", &[Kind::Value], at.number, |records, format, chance| {
            texts(records, format.at.number, chance, 1.0, &|_| "100".to_owned());
        }),
        of("white space", &[Kind::Class], at.title, |records, format, chance| {
            texts(records, format.at.title, chance, 0.3, &|text| format!("{text} "));
        }),
        of("case of language codes", &[Kind::Class, Kind::Value], at.language, |records, format, chance| {
            texts(records, format.at.language, chance, 1.0, &str::to_uppercase);
        }),
        of("mix of notification types", &[Kind::Notification, Kind::Value], "", |records, format, chance| {
            let code = if format.name == "onix" { "04" } else { "update" };
            texts(records, format.at.notification, chance, 0.5, &|_| code.to_owned());
        }),
        whole("line ends", &[Kind::LineEnds], |facts| "CRLF".clone_into(&mut facts.line_ends)),
    ]
}

/// Whole catalogues of which a little changes each night, or the changes alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coverage {
    Full,
    Delta,
}

/// The nights of a sender.
struct Nights<'f> {
    format: &'f Format,
    coverage: Coverage,
    size: usize,
    chance: Chance,
    records: Vec<Element>,
    next: u64,
}

impl<'f> Nights<'f> {
    fn new(format: &'f Format, coverage: Coverage, size: usize, seed: u64) -> Self {
        Self { format, coverage, size, chance: Chance(seed), records: Vec::new(), next: 0 }
    }

    /// The records of the next night.
    fn night(&mut self) -> Vec<Element> {
        let usual = Night::usual();
        match self.coverage {
            Coverage::Full if self.records.is_empty() => self.records = self.made(self.size, &usual),
            Coverage::Full => {
                for _ in 0..=self.size / 100 {
                    let at = usize::try_from(self.chance.below(self.size as u64)).expect("it is small");
                    self.records[at] = self.made(1, &usual).remove(0);
                }
            }
            Coverage::Delta => {
                let night = Night::of(&mut self.chance);
                let size = self.size * 3 / 4
                    + usize::try_from(self.chance.below(self.size as u64 / 2)).expect("small");
                self.records = self.made(size, &night);
            }
        }
        self.records.clone()
    }

    fn made(&mut self, count: usize, night: &Night) -> Vec<Element> {
        let make = |_| {
            self.next += 1;
            self.format.record(self.next, night, &mut self.chance)
        };
        (0..count).map(make).collect()
    }
}

fn remembered(number: u64, profile: Profile) -> Remembered {
    let mut digest = [0; 32];
    digest[..8].copy_from_slice(&number.to_le_bytes());
    Remembered { number, digest, profile }
}

/// Nights that are looked back at.
const NIGHTS: u64 = 10;

/// Found and rightly named of all, with what was missed.
fn run(format: &Format, coverage: Coverage, size: usize, seed: u64) -> (usize, Vec<String>) {
    let mut nights = Nights::new(format, coverage, size, seed);
    let mut baseline = Baseline::default();
    for number in 1..=NIGHTS {
        // As it comes out of the database.
        let profile = format.profile_of(&nights.night(), facts());
        let profile = Profile::unpack(&profile.pack()).expect("it was just packed");
        baseline.add(remembered(number, profile));
    }
    let tonight = nights.night();
    let clean = judge(&baseline, &format.profile_of(&tonight, facts()), ALARMS_MAX);
    assert_eq!(clean.told, [], "nothing was changed");
    let (mut found, mut missed) = (0, Vec::new());
    for mutation in mutations(format) {
        let mut records = tonight.clone();
        if mutation.kinds == [DriftKind::Volume] {
            records.truncate(records.len() / 2);
        }
        (mutation.records)(&mut records, format, &mut nights.chance.clone());
        let mut facts = facts();
        (mutation.facts)(&mut facts);
        let judged = judge(&baseline, &format.profile_of(&records, facts), ALARMS_MAX);
        let is_it = |drift: &Drift| {
            mutation.kinds.contains(&drift.kind) && drift.subject.path.starts_with(mutation.at)
        };
        if judged.told.iter().any(is_it) {
            found += 1;
        } else {
            let told = judged.told.iter().map(|drift| (drift.kind, drift.sentence.clone()));
            let told: Vec<_> =
                told.chain(judged.possible.iter().map(|d| (d.kind, d.sentence.clone()))).collect();
            missed.push(format!("{} {coverage:?} {seed}: {}: {told:?}", format.name, mutation.name));
        }
    }
    assert_eq!(found + missed.len(), 25);
    (found, missed)
}

fn seeds() -> impl Iterator<Item = u64> {
    1..=if is_long() { 3 } else { 1 }
}

#[test]
fn every_change_of_a_whole_catalogue_is_found_and_rightly_named() {
    let size = if is_long() { 2_000 } else { 400 };
    for format in [Format::catalogue(), Format::onix()] {
        for seed in seeds() {
            let (found, missed) = run(&format, Coverage::Full, size, seed);
            eprintln!("{} full, seed {seed}: {found} of 25", format.name);
            assert!(missed.is_empty(), "{missed:#?}");
        }
    }
}

#[test]
fn most_changes_of_deltas_are_found_and_rightly_named() {
    for format in [Format::catalogue(), Format::onix()] {
        for seed in seeds() {
            let (found, missed) = run(&format, Coverage::Delta, 300, seed);
            eprintln!("{} delta, seed {seed}: {found} of 25; {missed:#?}", format.name);
            assert!(found >= 22, "{missed:#?}");
        }
    }
}

/// Two feeds are enough to see what changed, with less to say about chance.
#[test]
fn one_feed_is_something_to_hold_another_against() {
    let format = Format::catalogue();
    let mut nights = Nights::new(&format, Coverage::Full, 400, 7);
    let mut baseline = Baseline::default();
    baseline.add(remembered(1, format.profile_of(&nights.night(), facts())));
    let mut records = nights.night();
    let same = judge(&baseline, &format.profile_of(&records, facts()), ALARMS_MAX);
    assert_eq!((same.told.len(), same.learning()), (0, Some(1)));
    texts(&mut records, "prices/price/amount", &mut Chance(1), 1.0, &|text| text.replace('.', ","));
    let judged = judge(&baseline, &format.profile_of(&records, facts()), ALARMS_MAX);
    let [drift] = judged.told.as_slice() else { panic!("{judged:#?}") };
    assert_eq!((drift.kind, &*drift.subject.path), (DriftKind::Class, "prices/price/amount"));
    let place =
        drift.first.as_ref().and_then(|first| first.place.clone()).expect("the first record is known");
    assert_eq!((place.line, place.key.starts_with("de.example.")), (10, true));
}

#[test]
fn an_accepted_drift_is_not_told_again_and_nothing_else_is_forgotten() {
    let format = Format::catalogue();
    let mut nights = Nights::new(&format, Coverage::Full, 400, 8);
    let mut baseline = Baseline::default();
    (1..=NIGHTS)
        .for_each(|number| baseline.add(remembered(number, format.profile_of(&nights.night(), facts()))));
    let mut records = nights.night();
    parents(&mut records, "contributors", &mut |parent, name| {
        parent.children.retain(|child| child.name != name);
    });
    let changed = format.profile_of(&records, facts());
    let told = judge(&baseline, &changed, ALARMS_MAX).told;
    let subject = told[0].subject.clone();
    assert_eq!((told.len(), told[0].kind, told[0].folded), (1, DriftKind::PathLost, 3));
    baseline.add(remembered(NIGHTS + 1, changed.clone()));
    baseline.accept(subject, NIGHTS + 1);
    assert_eq!(judge(&baseline, &changed, ALARMS_MAX).told, []);
    texts(&mut records, "published", &mut Chance(1), 1.0, &|text| text.replace('-', ""));
    let told = judge(&baseline, &format.profile_of(&records, facts()), ALARMS_MAX).told;
    assert_eq!(told.iter().map(|drift| drift.kind).collect::<Vec<_>>(), [DriftKind::Class]);
}

#[test]
fn very_much_at_once_is_one_finding() {
    let format = Format::onix();
    let mut nights = Nights::new(&format, Coverage::Full, 400, 9);
    let mut baseline = Baseline::default();
    (1..=NIGHTS)
        .for_each(|number| baseline.add(remembered(number, format.profile_of(&nights.night(), facts()))));
    let other = Format::catalogue();
    let records = Nights::new(&other, Coverage::Full, 400, 9).night();
    let mut records: Vec<_> =
        records.into_iter().map(|record| Element { name: "Product".to_owned(), ..record }).collect();
    for record in &mut records {
        record.children.insert(0, Element::text("NotificationType", "03"));
    }
    let judged = judge(&baseline, &format.profile_of(&records, facts()), ALARMS_MAX);
    assert!(judged.told.iter().any(|drift| drift.kind == DriftKind::Generator), "{:#?}", judged.told);
    assert!(judged.drifts() <= 3, "{:#?}", judged.told);
}

#[test]
fn as_many_are_told_as_were_asked_for_and_the_rest_is_counted() {
    let format = Format::catalogue();
    let mut nights = Nights::new(&format, Coverage::Full, 400, 10);
    let mut baseline = Baseline::default();
    (1..=NIGHTS)
        .for_each(|number| baseline.add(remembered(number, format.profile_of(&nights.night(), facts()))));
    let mut records = nights.night();
    for path in ["title", "publisher", "binding"] {
        texts(&mut records, path, &mut Chance(1), 0.3, &|text| format!("{text} "));
    }
    let profile = format.profile_of(&records, facts());
    for (alarms_max, told, more) in [(3, 3, 0), (2, 2, 1), (0, 0, 3)] {
        let judged = judge(&baseline, &profile, alarms_max);
        assert_eq!((judged.told.len(), judged.more, judged.drifts()), (told, more, 3));
    }
}

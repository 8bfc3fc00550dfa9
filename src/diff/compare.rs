//! Two versions of one record, path by path.
//!
//! ```text
//!  children of one name      one and one      compared
//!                            with a key       matched by it       Price[PriceType=02][CurrencyCode=EUR]
//!                            else             equal ones first, then those most alike, in order
//!  text, mixed content       one value        old → new
//!  attributes                by name          @unit
//! ```

use super::canonical::{Content, Fingerprinter, collapsed, local, markup};
use super::pattern::Filter;
use crate::feed::{FeedProfile, NodeId, Record};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;

/// Elements of one name under one parent that are matched by how alike they are; more are matched in order.
const LIKENESS_MAX: usize = 64;

/// Something that is different at one path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Where, seen from the record: `prices/price[@kind=04]/amount`, `@unit` for an attribute, `.` for the
    /// record's own text.
    pub path: String,
    /// The same without conditions and positions, to count changes of one kind.
    pub general: String,
    /// What stood there: text, or markup for an element with children; none where nothing did.
    pub old: Option<String>,
    /// What stands there now.
    pub new: Option<String>,
}

/// Compares versions of records; one for each thread.
pub(super) struct Comparer<'a> {
    profile: &'a FeedProfile,
    filter: &'a Filter,
    old: Fingerprinter,
    new: Fingerprinter,
}

/// The two versions.
#[derive(Clone, Copy)]
struct Pair<'a> {
    old: &'a Record,
    new: &'a Record,
}

/// Where the comparison is.
#[derive(Default)]
struct Walk {
    path: String,
    general: String,
    changes: Vec<Change>,
}

impl<'a> Comparer<'a> {
    pub(super) fn new(
        profile: &'a FeedProfile,
        filter: &'a Filter,
        fingerprinter: impl Fn() -> Fingerprinter,
    ) -> Self {
        Self { profile, filter, old: fingerprinter(), new: fingerprinter() }
    }

    /// What is different, without what the filter leaves out.
    pub(super) fn changes(&mut self, old: &Record, new: &Record) -> Vec<Change> {
        self.old.record(old);
        self.new.record(new);
        let mut walk = Walk::default();
        if let (Some(a), Some(b)) = (old.root(), new.root()) {
            self.element(Pair { old, new }, a, b, &mut walk);
        }
        if walk.changes.is_empty() {
            // Not alike, and no path says why: told as a whole rather than not at all.
            let whole =
                |record: &Record| record.root().map(|root| Cow::Owned(markup(record, root).into_owned()));
            walk.change(whole(old), whole(new));
        }
        walk.changes.retain(|change| self.filter.wants(&change.general));
        walk.changes
    }

    fn element(&self, pair: Pair<'_>, old: NodeId, new: NodeId, walk: &mut Walk) {
        attributes(pair, old, new, walk);
        match (Content::of(pair.old, old), Content::of(pair.new, new)) {
            (Content::Text(a), Content::Text(b)) if a == b => {}
            (Content::Text(a), Content::Text(b)) => walk.change(Some(a), Some(b)),
            (Content::Children, Content::Children) => self.children(pair, old, new, walk),
            // Nothing on one side: what stands on the other comes or goes part by part.
            (Content::Text(a), Content::Children) if a.is_empty() => self.children(pair, old, new, walk),
            (Content::Children, Content::Text(b)) if b.is_empty() => self.children(pair, old, new, walk),
            _ => walk.change(Some(markup(pair.old, old)), Some(markup(pair.new, new))),
        }
    }

    fn children(&self, pair: Pair<'_>, old: NodeId, new: NodeId, walk: &mut Walk) {
        let mut names: Vec<&str> = Vec::new();
        let mut lists: HashMap<&str, [Vec<NodeId>; 2]> = HashMap::new();
        // In the order of the new version, what it lacks behind.
        for (side, record, parent) in [(1, pair.new, new), (0, pair.old, old)] {
            for child in record.children(parent) {
                let name = record.name(child);
                let list = lists.entry(name).or_insert_with(|| {
                    names.push(name);
                    Default::default()
                });
                list[side].push(child);
            }
        }
        for name in names {
            let [old, new] = &lists[name];
            self.list(pair, name, old, new, walk);
        }
    }

    /// Elements of one name under one parent.
    fn list(&self, pair: Pair<'_>, name: &str, old: &[NodeId], new: &[NodeId], walk: &mut Walk) {
        if let ([a], [b]) = (old, new) {
            let label = self.label(pair.old, *a);
            if label == self.label(pair.new, *b) {
                let label = label.unwrap_or_default();
                return walk.within(name, &label, |walk| self.unless_equal(pair, *a, *b, walk));
            }
        }
        let single = old.len() <= 1 && new.len() <= 1;
        for matched in self.matched(pair, old, new) {
            let label = match (matched.label.as_deref(), single) {
                (Some(label), _) => label.to_owned(),
                (None, true) => String::new(),
                (None, false) => format!("[{}]", matched.position),
            };
            walk.within(name, &label, |walk| match (matched.old, matched.new) {
                (Some(a), Some(b)) => self.unless_equal(pair, a, b, walk),
                (Some(a), None) => walk.change(Some(markup(pair.old, a)), None),
                (None, Some(b)) => walk.change(None, Some(markup(pair.new, b))),
                (None, None) => {}
            });
        }
    }

    fn unless_equal(&self, pair: Pair<'_>, old: NodeId, new: NodeId, walk: &mut Walk) {
        if self.old.element(pair.old, old) != self.new.element(pair.new, new) {
            self.element(pair, old, new, walk);
        }
    }

    /// The key of an element in a list, as conditions of a path.
    fn label(&self, record: &Record, node: NodeId) -> Option<String> {
        let list = self.profile.list(record.key(node)?)?;
        let mut label = String::new();
        for part in &list.key {
            if let Some(found) = part.value.find(record, node) {
                write!(label, "[{}={}]", part.written, found.text).expect("a string takes all");
            }
        }
        (!label.is_empty()).then_some(label)
    }

    fn matched(&self, pair: Pair<'_>, old: &[NodeId], new: &[NodeId]) -> Vec<Match> {
        let mut labels: HashMap<String, Labelled> = HashMap::new();
        for (a, node) in old.iter().enumerate() {
            if let Some(label) = self.label(pair.old, *node) {
                labels.entry(label).or_default().old.push(a);
            }
        }
        for (b, node) in new.iter().enumerate() {
            if let Some(label) = self.label(pair.new, *node) {
                labels.entry(label).or_default().new.push(b);
            }
        }
        let mut matches = Matches::new(old, new);
        for (label, found) in labels {
            match (found.old.as_slice(), found.new.as_slice()) {
                ([a], [b]) => matches.both(*a, *b, Some(label)),
                ([a], []) => matches.only_old(*a, Some(label)),
                ([], [b]) => matches.only_new(*b, Some(label)),
                // A key that stands twice on one side is none.
                _ => {}
            }
        }
        self.by_content(pair, &mut matches);
        matches.finish()
    }

    /// Matches what no key matched: equal ones, then those most alike, then in order.
    fn by_content(&self, pair: Pair<'_>, matches: &mut Matches<'_>) {
        let mut waiting: HashMap<u128, Vec<usize>> = HashMap::new();
        for a in matches.free_old().into_iter().rev() {
            waiting.entry(self.old.element(pair.old, matches.old[a])).or_default().push(a);
        }
        for b in matches.free_new() {
            let equal = waiting.get_mut(&self.new.element(pair.new, matches.new[b]));
            if let Some(a) = equal.and_then(Vec::pop) {
                matches.both(a, b, None);
            }
        }
        let (old, new) = (matches.free_old(), matches.free_new());
        if old.len() > LIKENESS_MAX || new.len() > LIKENESS_MAX {
            return;
        }
        let mut likeness = Vec::new();
        for &a in &old {
            for &b in &new {
                let shared = self.shared(pair, matches.old[a], matches.new[b]);
                if shared > 0 {
                    likeness.push((std::cmp::Reverse(shared), a.abs_diff(b), b, a));
                }
            }
        }
        likeness.sort_unstable();
        for (_, _, b, a) in likeness {
            if matches.is_free(a, b) {
                matches.both(a, b, None);
            }
        }
    }

    /// How many children and attributes two elements share.
    fn shared(&self, pair: Pair<'_>, old: NodeId, new: NodeId) -> usize {
        let mut known: HashMap<u128, usize> = HashMap::new();
        for child in pair.old.children(old) {
            *known.entry(self.old.element(pair.old, child)).or_default() += 1;
        }
        let mut shared = 0;
        for child in pair.new.children(new) {
            if let Some(count) = known.get_mut(&self.new.element(pair.new, child)).filter(|count| **count > 0)
            {
                *count -= 1;
                shared += 1;
            }
        }
        let same = |(name, value): &(&str, &str)| pair.old.attribute_value(old, local(name)) == Some(*value);
        shared + pair.new.attributes_of(new).filter(same).count()
    }
}

fn attributes(pair: Pair<'_>, old: NodeId, new: NodeId, walk: &mut Walk) {
    let of = |record: &Record, node, name: &str| {
        record.attribute_value(node, name).map(|value| collapsed(value).into_owned())
    };
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in pair.new.attributes_of(new).chain(pair.old.attributes_of(old)) {
        if !names.contains(&local(name)) {
            names.push(local(name));
        }
    }
    for name in names {
        let (a, b) = (of(pair.old, old, name), of(pair.new, new, name));
        if a != b {
            walk.within(&format!("@{name}"), "", |walk| walk.change(a.map(Cow::Owned), b.map(Cow::Owned)));
        }
    }
}

impl Walk {
    fn within(&mut self, name: &str, label: &str, work: impl FnOnce(&mut Self)) {
        let lengths = (self.path.len(), self.general.len());
        if !self.path.is_empty() {
            self.path.push('/');
            self.general.push('/');
        }
        self.path.push_str(name);
        self.path.push_str(label);
        self.general.push_str(name);
        work(self);
        self.path.truncate(lengths.0);
        self.general.truncate(lengths.1);
    }

    fn change(&mut self, old: Option<Cow<'_, str>>, new: Option<Cow<'_, str>>) {
        let here = |path: &str| if path.is_empty() { ".".to_owned() } else { path.to_owned() };
        self.changes.push(Change {
            path: here(&self.path),
            general: here(&self.general),
            old: old.map(Cow::into_owned),
            new: new.map(Cow::into_owned),
        });
    }
}

/// Where the elements with one label stand.
#[derive(Default)]
struct Labelled {
    old: Vec<usize>,
    new: Vec<usize>,
}

/// An element of a list with its other version.
struct Match {
    old: Option<NodeId>,
    new: Option<NodeId>,
    label: Option<String>,
    /// Its number among its siblings of one name: the new one, or the old one where there is no new one.
    position: usize,
}

/// Elements of one name while they are matched.
struct Matches<'a> {
    old: &'a [NodeId],
    new: &'a [NodeId],
    old_taken: Vec<bool>,
    new_taken: Vec<bool>,
    /// With the place where each is to be told: as the new elements stand, old ones behind them.
    found: Vec<(usize, Match)>,
}

impl<'a> Matches<'a> {
    fn new(old: &'a [NodeId], new: &'a [NodeId]) -> Self {
        let (old_taken, new_taken) = (vec![false; old.len()], vec![false; new.len()]);
        Self { old, new, old_taken, new_taken, found: Vec::new() }
    }

    fn both(&mut self, a: usize, b: usize, label: Option<String>) {
        self.old_taken[a] = true;
        self.new_taken[b] = true;
        self.found
            .push((b, Match { old: Some(self.old[a]), new: Some(self.new[b]), label, position: b + 1 }));
    }

    fn only_old(&mut self, a: usize, label: Option<String>) {
        self.old_taken[a] = true;
        self.found
            .push((self.new.len() + a, Match { old: Some(self.old[a]), new: None, label, position: a + 1 }));
    }

    fn only_new(&mut self, b: usize, label: Option<String>) {
        self.new_taken[b] = true;
        self.found.push((b, Match { old: None, new: Some(self.new[b]), label, position: b + 1 }));
    }

    fn is_free(&self, a: usize, b: usize) -> bool {
        !self.old_taken[a] && !self.new_taken[b]
    }

    fn free_old(&self) -> Vec<usize> {
        (0..self.old.len()).filter(|a| !self.old_taken[*a]).collect()
    }

    fn free_new(&self) -> Vec<usize> {
        (0..self.new.len()).filter(|b| !self.new_taken[*b]).collect()
    }

    /// What is left over is matched in order, and what is left then came or went.
    fn finish(mut self) -> Vec<Match> {
        let (old, new) = (self.free_old(), self.free_new());
        for (&a, &b) in old.iter().zip(&new) {
            self.both(a, b, None);
        }
        old.iter().skip(new.len()).for_each(|a| self.only_old(*a, None));
        new.iter().skip(old.len()).for_each(|b| self.only_new(*b, None));
        self.found.sort_by_key(|(place, _)| *place);
        self.found.into_iter().map(|(_, matched)| matched).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::canonical::Hashes;
    use super::super::testing::{profile, record};
    use super::*;

    #[track_caller]
    fn case(old: &str, new: &str, expected: &[&str]) {
        let (profile, filter, hashes) = (profile(), Filter::default(), Hashes::default());
        let mut comparer = Comparer::new(&profile, &filter, || Fingerprinter::new(hashes.clone()));
        let [a, b] = [old, new].map(|inner| record(&format!("<item>{inner}</item>")));
        let told = |change: &Change| {
            let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
            format!("{}: {} → {}", change.path, value(&change.old), value(&change.new))
        };
        let found: Vec<String> = comparer.changes(&a, &b).iter().map(told).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn values_and_attributes() {
        case("<a>1</a><b>x</b>", "<b>x</b><a>2</a>", &["a: 1 → 2"]);
        case("<a u='1' v='2'/>", "<a v='3' w='4'/>", &["a/@v: 2 → 3", "a/@w: - → 4", "a/@u: 1 → -"]);
        case("x", "y", &[".: x → y"]);
        case("<a>1</a>", "", &["a: 1 → -"]);
        case("", "<a><b>1</b></a>", &["a: - → <b>1</b>"]);
        case("<a>1</a>", "<a><b>1</b></a>", &["a: 1 → <b>1</b>"]);
    }

    #[test]
    fn mixed_content_is_one_value() {
        case("<p>a <em>b</em></p>", "<p>a <em>c</em></p>", &["p: a <em>b</em> → a <em>c</em>"]);
    }

    #[test]
    fn lists_with_a_key_are_matched_by_it() {
        let old =
            "<price><type>1</type><amount>5</amount></price><price><type>2</type><amount>7</amount></price>";
        let new =
            "<price><type>2</type><amount>8</amount></price><price><type>1</type><amount>5</amount></price>";
        case(old, new, &["price[type=2]/amount: 7 → 8"]);
        let other = "<price><type>3</type><amount>5</amount></price>";
        case(
            &old[..old.len() / 2],
            other,
            &[
                "price[type=3]: - → <type>3</type><amount>5</amount>",
                "price[type=1]: <type>1</type><amount>5</amount> → -",
            ],
        );
    }

    #[test]
    fn a_key_that_stands_twice_is_none() {
        let twice =
            "<price><type>1</type><amount>5</amount></price><price><type>1</type><amount>6</amount></price>";
        let other = twice.replace('6', "7");
        case(twice, &other, &["price[2]/amount: 6 → 7"]);
    }

    #[test]
    fn lists_without_key_are_matched_by_content() {
        case("<a>1</a><a>2</a><a>3</a>", "<a>2</a><a>3</a>", &["a[1]: 1 → -"]);
        case("<a>1</a><a>2</a>", "<a>1</a><a>4</a><a>2</a>", &["a[2]: - → 4"]);
        case("<a>1</a><a>2</a>", "<a>1</a><a>5</a>", &["a[2]: 2 → 5"]);
        let old = "<a><b>1</b><c>1</c><d>1</d></a><a><b>2</b><c>2</c><d>2</d></a>";
        let new = "<a><b>2</b><c>2</c><d>9</d></a><a><b>1</b><c>8</c><d>1</d></a>";
        case(old, new, &["a[1]/d: 2 → 9", "a[2]/c: 1 → 8"]);
    }

    #[test]
    fn long_lists_are_matched_in_order() {
        let list = |count: usize, from: usize| {
            (0..count).map(|n| format!("<a><b>{}</b></a>", n + from)).collect::<Vec<_>>().concat()
        };
        let count = LIKENESS_MAX + 1;
        let expected: Vec<String> =
            (0..count).map(|n| format!("a[{}]/b: {n} → {}", n + 1, n + 1000)).collect();
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        case(&list(count, 0), &list(count, 1000), &expected);
    }
}

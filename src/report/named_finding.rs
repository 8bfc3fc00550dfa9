//! A finding with the name it goes by in every form and in every run.

use super::TraceLink;
use crate::judgement::{FeedStart, Finding};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt;

/// Kinds of findings of one feed whose repetitions are counted to number them.
///
/// Beyond it, a finding is told from its like by its byte instead: still a name of its own, but one
/// that changes when something is inserted before it.
const REPETITIONS_MAX: usize = 100_000;

/// A finding as it is told to every form.
#[derive(Clone, Copy, Debug)]
pub struct NamedFinding<'a> {
    /// Its feed.
    pub feed: &'a FeedStart,
    /// What was found.
    pub finding: &'a Finding,
    /// Its name.
    pub id: FindingId,
    /// Where to see its record, when that is sampled.
    pub link: Option<&'a TraceLink>,
}

/// The name of one finding, the same in every form and in every run over the same feed.
///
/// Where [`Finding::fingerprint`] is shared by equal deviations, this one is not: it is made of the
/// feed, the record, the fingerprint, and how often that stood in the record before. Neither lines nor
/// positions are in it, unless the record has no key, so it stays when records are inserted before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FindingId(u128);

impl FindingId {
    /// The name of something that is told as if it were a finding.
    pub(super) fn of_parts(parts: &[&str]) -> Self {
        Self(hash(parts))
    }

    /// Its first half.
    pub(super) fn short(self) -> u64 {
        u64::try_from(self.0 >> 64).expect("a half of 128 bits")
    }

    #[cfg(test)]
    pub(super) fn of(number: u128) -> Self {
        Self(number)
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Names the findings of one feed after the other.
#[derive(Debug, Default)]
pub(super) struct FindingIds {
    repetitions: HashMap<u128, u64>,
}

impl FindingIds {
    /// Another feed begins.
    pub(super) fn begin(&mut self) {
        self.repetitions.clear();
    }

    /// The name of a finding.
    pub(super) fn next(&mut self, feed: &str, finding: &Finding) -> FindingId {
        let (kind, record) = match &finding.key {
            Some(key) => ("key", key.as_str()),
            None => ("path", finding.path.as_str()),
        };
        let print = finding.fingerprint.to_string();
        let base = hash(&["feedgate-finding-1", feed, kind, record, &print]);
        let full = self.repetitions.len() >= REPETITIONS_MAX;
        match self.repetitions.get_mut(&base) {
            Some(count) => {
                *count += 1;
                FindingId(hash(&[&base.to_string(), "repetition", &count.to_string()]))
            }
            None if full => FindingId(hash(&[&base.to_string(), "byte", &finding.place.byte.0.to_string()])),
            None => {
                self.repetitions.insert(base, 0);
                FindingId(base)
            }
        }
    }
}

/// The first half of a SHA-256 over texts that are kept apart.
fn hash(parts: &[&str]) -> u128 {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    let whole = digest.finalize();
    u128::from_be_bytes(whole[..16].try_into().expect("a SHA-256 has 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::finding;
    use super::*;
    use crate::product::RecordReference;
    use crate::xml::{ByteOffset, Place};
    use std::collections::HashSet;

    fn ids(findings: &[Finding]) -> Vec<FindingId> {
        let mut ids = FindingIds::default();
        findings.iter().map(|finding| ids.next("a.xml", finding)).collect()
    }

    #[test]
    fn equal_findings_have_names_of_their_own() {
        let other = Finding { key: RecordReference::new("HN-4712"), ..finding(31, 15) };
        let outside = Finding { key: None, record: None, path: "/a/b[2]".to_owned(), ..finding(31, 15) };
        let all = [finding(31, 15), finding(31, 15), finding(31, 15), other, outside.clone(), outside];
        let named: HashSet<_> = ids(&all).into_iter().collect();
        assert_eq!(named.len(), all.len());
    }

    #[test]
    fn a_name_outlives_what_is_inserted_before() {
        assert_eq!(ids(&[finding(31, 15)]), ids(&[finding(99, 1)]));
        let mut again = FindingIds::default();
        let first = again.next("a.xml", &finding(1, 1));
        again.begin();
        assert_eq!(again.next("a.xml", &finding(1, 1)), first);
        assert_ne!(again.next("b.xml", &finding(1, 1)), first);
    }

    #[test]
    fn names_never_change() {
        // Tools compare them between runs and between versions of this program.
        assert_eq!(ids(&[finding(31, 15)])[0].to_string(), "c2ca7e448cbbbac306a49e1ce3db97db");
    }

    #[test]
    fn repetitions_max() {
        let mut ids = FindingIds::default();
        let kind = |n: u64| Finding { fingerprint: n, ..finding(1, 1) };
        ids.repetitions.extend((1..REPETITIONS_MAX as u128).map(|n| (n, 0)));
        // The last one that there is room for.
        ids.next("a.xml", &kind(3));
        let at =
            |byte| Finding { place: Place { byte: ByteOffset(byte), line: 1, column: 1 }, ..kind(u64::MAX) };
        assert_ne!(ids.next("a.xml", &at(7)), ids.next("a.xml", &at(8)));
        assert_eq!(ids.repetitions.len(), REPETITIONS_MAX);
        // What is known already is counted on.
        assert_ne!(ids.next("a.xml", &kind(3)), ids.next("a.xml", &kind(3)));
    }
}

//! Wildcards: which namespaces they let through, and their set algebra.

use std::collections::BTreeSet;
use std::sync::Arc;

/// What to do with the items a wildcard lets through (3.10.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProcessContents {
    /// They must have a declaration and be valid.
    Strict,
    /// They must be valid if they have a declaration.
    Lax,
    /// They are not looked at.
    Skip,
}

impl ProcessContents {
    /// Whether this is at least as strong as `other`: strict, then lax, then skip.
    pub(crate) fn is_as_strong_as(self, other: Self) -> bool {
        self as u8 <= other as u8
    }
}

/// Which namespaces; the empty name stands for "in no namespace".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NamespaceConstraint {
    Any,
    /// Any namespace but this one, and not "no namespace" either.
    Not(Arc<str>),
    OneOf(BTreeSet<Arc<str>>),
}

impl NamespaceConstraint {
    /// `cvc-wildcard-namespace` (3.10.4).
    pub(crate) fn allows(&self, namespace: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Not(other) => !namespace.is_empty() && **other != *namespace,
            Self::OneOf(names) => names.contains(namespace),
        }
    }

    /// `cos-ns-subset` (3.10.6): whatever this lets through, `other` lets through.
    pub(crate) fn is_subset_of(&self, other: &Self) -> bool {
        use NamespaceConstraint::{Any, Not, OneOf};
        match (self, other) {
            (_, Any) => true,
            (OneOf(names), _) => names.iter().all(|name| other.allows(name)),
            (Not(a), Not(b)) => a == b,
            (Any, _) | (Not(_), OneOf(_)) => false,
        }
    }

    /// Whether some namespace is let through by both.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        // What cannot be expressed is all namespaces but two.
        !matches!(self.intersection(other), Some(Self::OneOf(names)) if names.is_empty())
    }

    /// `cos-aw-union` (3.10.6); `None` when the union cannot be expressed.
    pub(crate) fn union(&self, other: &Self) -> Option<Self> {
        use NamespaceConstraint::{Any, Not, OneOf};
        Some(match (self, other) {
            (a, b) if a == b => a.clone(),
            (Any, _) | (_, Any) => Any,
            (OneOf(a), OneOf(b)) => OneOf(a.union(b).cloned().collect()),
            (Not(_), Not(_)) => Not("".into()),
            (Not(not), OneOf(set)) | (OneOf(set), Not(not)) => return Self::union_with_not(not, set),
        })
    }

    /// 5.1 to 5.4 and 6.1 to 6.2 of `cos-aw-union`.
    fn union_with_not(not: &Arc<str>, set: &BTreeSet<Arc<str>>) -> Option<Self> {
        let (has_not, has_absent) = (set.contains(not), set.contains(""));
        if not.is_empty() {
            return Some(if has_absent { Self::Any } else { Self::Not(Arc::clone(not)) });
        }
        match (has_not, has_absent) {
            (true, true) => Some(Self::Any),
            (true, false) => Some(Self::Not("".into())),
            (false, true) => None,
            (false, false) => Some(Self::Not(Arc::clone(not))),
        }
    }

    /// `cos-aw-intersect` (3.10.6); `None` when the intersection cannot be expressed.
    pub(crate) fn intersection(&self, other: &Self) -> Option<Self> {
        use NamespaceConstraint::{Any, Not, OneOf};
        Some(match (self, other) {
            (a, b) if a == b => a.clone(),
            (Any, each) | (each, Any) => each.clone(),
            (OneOf(a), OneOf(b)) => OneOf(a.intersection(b).cloned().collect()),
            (Not(not), OneOf(set)) | (OneOf(set), Not(not)) => {
                OneOf(set.iter().filter(|each| !each.is_empty() && *each != not).cloned().collect())
            }
            (Not(a), Not(b)) if a.is_empty() => Not(Arc::clone(b)),
            (Not(a), Not(b)) if b.is_empty() => Not(Arc::clone(a)),
            (Not(_), Not(_)) => return None,
        })
    }
}

/// Most namespaces told in words.
const NAMES_TOLD_MAX: usize = 8;

impl NamespaceConstraint {
    /// What it allows, in words; `item` is `element` or `attribute`.
    pub(crate) fn words(&self, item: &str) -> String {
        match self {
            Self::Any => format!("any {item}"),
            Self::Not(name) if name.is_empty() => format!("any {item} of a namespace"),
            Self::Not(name) => format!("any {item} of another namespace than `{name}`"),
            Self::OneOf(names) => {
                let cut = names.len() > NAMES_TOLD_MAX;
                let mut names: Vec<_> = names
                    .iter()
                    .take(NAMES_TOLD_MAX)
                    .map(|n| if n.is_empty() { "no namespace".into() } else { format!("`{n}`") })
                    .collect();
                if cut {
                    names.push("others".to_owned());
                }
                format!("any {item} of {}", names.join(" or "))
            }
        }
    }
}

impl Wildcard {
    /// About how many bytes a copy takes.
    pub(crate) fn bytes(&self) -> u64 {
        match &self.namespaces {
            NamespaceConstraint::OneOf(names) => 64 + 40 * names.len() as u64,
            NamespaceConstraint::Any | NamespaceConstraint::Not(_) => 64,
        }
    }
}

/// A wildcard (3.10.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wildcard {
    pub(crate) namespaces: NamespaceConstraint,
    pub(crate) process: ProcessContents,
    /// Version 1.1 takes some names away from it, which is listed as not checked.
    pub(crate) narrowed: bool,
}

#[cfg(test)]
mod tests {
    use super::NamespaceConstraint::{self, Any, Not, OneOf};

    fn set(names: &[&str]) -> NamespaceConstraint {
        OneOf(names.iter().map(|&name| name.into()).collect())
    }

    fn not(name: &str) -> NamespaceConstraint {
        Not(name.into())
    }

    #[test]
    fn not_excludes_the_absent_namespace_too() {
        assert!(!not("a").allows(""));
        assert!(!not("a").allows("a"));
        assert!(not("a").allows("b"));
        assert!(set(&["", "a"]).allows(""));
    }

    #[test]
    fn subsets_and_overlaps() {
        let case = |a: &NamespaceConstraint, b: &NamespaceConstraint, subset: bool, overlap: bool| {
            assert_eq!((a.is_subset_of(b), a.overlaps(b)), (subset, overlap), "{a:?} and {b:?}");
        };
        case(&set(&["a"]), &Any, true, true);
        case(&Any, &set(&["a"]), false, true);
        case(&set(&["a", ""]), &set(&["a"]), false, true);
        case(&set(&["b"]), &not("a"), true, true);
        case(&set(&["a", ""]), &not("a"), false, false);
        case(&not("a"), &not("b"), false, true);
        case(&set(&["a"]), &set(&["b"]), false, false);
    }

    #[test]
    fn unions_follow_the_clauses() {
        let case =
            |a: &NamespaceConstraint, b: &NamespaceConstraint, expected: Option<NamespaceConstraint>| {
                assert_eq!(a.union(b), expected, "{a:?} with {b:?}");
                assert_eq!(b.union(a), expected, "{b:?} with {a:?}");
            };
        case(&Any, &set(&["a"]), Some(Any));
        case(&set(&["a"]), &set(&["b"]), Some(set(&["a", "b"])));
        case(&not("a"), &not("b"), Some(not("")));
        case(&not("a"), &set(&["a", ""]), Some(Any));
        case(&not("a"), &set(&["a"]), Some(not("")));
        case(&not("a"), &set(&[""]), None);
        case(&not("a"), &set(&["b"]), Some(not("a")));
        case(&not(""), &set(&["", "b"]), Some(Any));
    }

    #[test]
    fn intersections_follow_the_clauses() {
        let case =
            |a: &NamespaceConstraint, b: &NamespaceConstraint, expected: Option<NamespaceConstraint>| {
                assert_eq!(a.intersection(b), expected, "{a:?} with {b:?}");
                assert_eq!(b.intersection(a), expected, "{b:?} with {a:?}");
            };
        case(&Any, &not("a"), Some(not("a")));
        case(&not("a"), &set(&["a", "", "b"]), Some(set(&["b"])));
        case(&set(&["a", "b"]), &set(&["b", "c"]), Some(set(&["b"])));
        case(&not("a"), &not("b"), None);
        case(&not("a"), &not(""), Some(not("a")));
    }
}

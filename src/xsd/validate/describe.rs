//! Sentences about children: what stands where it may not, and what is missing.

use super::report::Words;
use crate::xml::Name;
use crate::xsd::automaton::Expected;
use crate::xsd::compile::CompiledSchema;
use crate::xsd::component::ElementId;
use crate::xsd::deviation::others;
use std::collections::BTreeSet;

/// Most names listed as expected; the rest is counted.
const EXPECTED_NAMES_MAX: usize = 8;

/// How several of a list go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Joined {
    /// One of them would do.
    Any,
    /// Each is needed.
    All,
}

/// What sentences about children are made from.
pub(super) struct Describe<'a> {
    pub(super) schema: &'a CompiledSchema,
    /// Local name of the innermost element.
    pub(super) element: String,
    /// Its namespace, where the schema knows its name.
    pub(super) namespace: Option<&'a str>,
}

impl Describe<'_> {
    /// A child that may not stand where it stands.
    pub(super) fn child(&self, name: &Name<'_>, expected: &[Expected], step: String) -> Words {
        let list = self.list(expected, Some(name), Joined::Any);
        let called = self.called(name, expected);
        let sentence = match expected {
            [] => format!("{called} may not stand here: `{}` is complete", self.element),
            _ => format!("{called} may not stand here; expected {list}"),
        };
        let found = self.distinct(name, expected);
        let expected = if expected.is_empty() { "nothing".to_owned() } else { list };
        Words { sentence, operand: found.clone(), found, expected, step: Some(step) }
    }

    /// A child that would be right behind those that are missing.
    pub(super) fn early(
        &self,
        name: &Name<'_>,
        expected: &[Expected],
        missing: &[Expected],
        joined: Joined,
        step: String,
    ) -> Words {
        let sentence = format!("{} before `{}`", self.lacking(missing, joined), name.local());
        Words { sentence, ..self.child(name, expected, step) }
    }

    /// The element ends without those that are missing.
    pub(super) fn incomplete(&self, expected: &[Expected], missing: &[Expected], joined: Joined) -> Words {
        let sentence = format!("{} at the end of `{}`", self.lacking(missing, joined), self.element);
        let list = self.list(expected, None, joined);
        Words { sentence, found: String::new(), operand: "#end".to_owned(), expected: list, step: None }
    }

    /// `` `a` is missing ``, `` one of `a` or `b` is missing ``, `` `a` and `b` are missing ``.
    fn lacking(&self, missing: &[Expected], joined: Joined) -> String {
        let items = self.items(missing, None, joined);
        let several = items.len() > 1;
        let list = enumerated(items, joined).replace("any element", "an element");
        match joined {
            Joined::All if several => format!("{list} are missing"),
            Joined::Any if several => format!("one of {list} is missing"),
            _ => format!("{list} is missing"),
        }
    }

    /// The child in a sentence; with its namespace where that is what is wrong.
    fn called(&self, name: &Name<'_>, expected: &[Expected]) -> String {
        let called = format!("`{}`", name.local());
        if self.is_foreign(name, expected) { format!("{called} {}", of(name.namespace)) } else { called }
    }

    /// The local name; with its namespace where that is what is wrong.
    fn distinct(&self, name: &Name<'_>, expected: &[Expected]) -> String {
        match name.namespace {
            _ if !self.is_foreign(name, expected) => name.local().to_owned(),
            "" => format!("{} (in no namespace)", name.local()),
            _ => name.expanded().to_string(),
        }
    }

    /// Whether its namespace is none of those that are expected, or an element of its name is expected in another.
    fn is_foreign(&self, name: &Name<'_>, expected: &[Expected]) -> bool {
        if expected.is_empty() {
            return self.namespace.is_some_and(|own| own != name.namespace);
        }
        let names = || expected.iter().flat_map(|each| self.offered(each)).map(|id| self.name(*id));
        let admitted = |each: &Expected| match each {
            Expected::Wildcard(wildcard) => wildcard.namespaces.allows(name.namespace),
            Expected::Element(_) => false,
        };
        let nameless = names().next().is_none() && !expected.iter().any(is_wildcard);
        let at_home =
            nameless || names().any(|each| each.namespace == name.namespace) || expected.iter().any(admitted);
        !at_home || names().any(|each| each.local == name.local() && each.namespace != name.namespace)
    }

    fn offered<'e>(&'e self, expected: &'e Expected) -> &'e [ElementId] {
        match expected {
            Expected::Element(id) => self.schema.offered(id),
            Expected::Wildcard(_) => &[],
        }
    }

    fn name(&self, id: ElementId) -> crate::xml::ExpandedName<'_> {
        self.schema.names().name(self.schema.element(id).name)
    }

    /// The elements that may stand for an abstract one, cut sensibly; nothing where there are none.
    pub(super) fn members(&self, head: ElementId) -> String {
        let offered = self.schema.offered(&head);
        let names = offered.iter().map(|id| self.item(*id, None).1).collect();
        if offered.is_empty() { String::new() } else { enumerated(names, Joined::Any) }
    }

    /// What is expected, cut sensibly; with namespaces where that of `beside` is what is wrong.
    fn list(&self, expected: &[Expected], beside: Option<&Name<'_>>, joined: Joined) -> String {
        let Some(foreign) = beside.filter(|name| self.is_foreign(name, expected)) else {
            return enumerated(self.items(expected, None, joined), joined);
        };
        let ids = expected.iter().flat_map(|each| self.offered(each));
        let namespaces: BTreeSet<&str> = ids.map(|id| self.name(*id).namespace).collect();
        let items = self.items(expected, Some((foreign, namespaces.len() > 1)), joined);
        let list = enumerated(items, joined);
        match namespaces.first() {
            Some(only) if namespaces.len() == 1 && !expected.iter().any(is_wildcard) => {
                format!("{list} {}", of(only))
            }
            _ => list,
        }
    }

    /// Each in schema order, once. Beside a foreign child, that of its name comes first; each has its namespace
    /// where they differ.
    fn items(&self, expected: &[Expected], beside: Option<(&Name<'_>, bool)>, joined: Joined) -> Vec<String> {
        let mut items: Vec<(bool, String)> = Vec::new();
        for each in expected {
            let (own, words) = match each {
                Expected::Wildcard(wildcard) => (Vec::new(), Some(wildcard.namespaces.words("element"))),
                Expected::Element(id) if self.schema.offered(id).is_empty() => {
                    let head = self.name(*id).local;
                    (Vec::new(), Some(format!("an element for the abstract `{head}` (the schema has none)")))
                }
                Expected::Element(id) => (self.schema.offered(id).to_vec(), None),
            };
            let mut texts: Vec<(bool, String)> = own.iter().map(|id| self.item(*id, beside)).collect();
            if joined == Joined::All && texts.len() > 1 {
                let one = enumerated(texts.into_iter().map(|(_, text)| text).collect(), Joined::Any);
                texts = vec![(true, format!("one of {one}"))];
            }
            items.extend(texts);
            items.extend(words.map(|text| (true, text)));
        }
        items.sort_by_key(|(later, _)| beside.is_some() && *later);
        let mut seen = std::collections::HashSet::new();
        items.into_iter().map(|(_, text)| text).filter(|text| seen.insert(text.clone())).collect()
    }

    /// One name, and whether it is another than that of the child beside.
    fn item(&self, id: ElementId, beside: Option<(&Name<'_>, bool)>) -> (bool, String) {
        let name = self.name(id);
        match beside {
            Some((_, true)) => (true, format!("`{}` {}", name.local, of(name.namespace))),
            Some((child, false)) => (child.local() != name.local, format!("`{}`", name.local)),
            None => (true, format!("`{}`", name.local)),
        }
    }
}

fn is_wildcard(expected: &Expected) -> bool {
    matches!(expected, Expected::Wildcard(_))
}

/// A namespace behind a name.
pub(super) fn of(namespace: &str) -> String {
    match namespace {
        "" => "in no namespace".to_owned(),
        _ => format!("of the namespace `{namespace}`"),
    }
}

/// So many of a list, in words: `` `a`, `b` or `c` ``.
fn enumerated(mut items: Vec<String>, joined: Joined) -> String {
    let word = if joined == Joined::All { "and" } else { "or" };
    let more = items.len().saturating_sub(EXPECTED_NAMES_MAX);
    items.truncate(EXPECTED_NAMES_MAX);
    match items.as_slice() {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [first @ .., last] if more == 0 => format!("{} {word} {last}", first.join(", ")),
        all => format!("{} {word} {}", all.join(", "), others(more)),
    }
}

#[cfg(test)]
mod tests {
    use super::{EXPECTED_NAMES_MAX, Joined, enumerated};

    #[test]
    fn what_is_cut_is_counted_in_the_right_number() {
        let list = |count: usize, joined| enumerated((1..=count).map(|n| n.to_string()).collect(), joined);
        assert_eq!(list(0, Joined::Any), "nothing");
        assert_eq!(list(2, Joined::Any), "1 or 2");
        assert_eq!(list(3, Joined::All), "1, 2 and 3");
        assert_eq!(list(EXPECTED_NAMES_MAX, Joined::Any), "1, 2, 3, 4, 5, 6, 7 or 8");
        assert_eq!(list(EXPECTED_NAMES_MAX + 1, Joined::Any), "1, 2, 3, 4, 5, 6, 7, 8 or 1 other");
        assert_eq!(list(EXPECTED_NAMES_MAX + 2, Joined::All), "1, 2, 3, 4, 5, 6, 7, 8 and 2 others");
    }
}

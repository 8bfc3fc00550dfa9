//! Evaluates paths over a record.

use super::path::{Axis, Condition, Path, Step, Term, Value};
use super::record::{NodeId, Record};
use super::vocabulary::Key;
use std::borrow::Cow;
use std::ops::ControlFlow;

/// A text found in a record and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// The text, white space at its ends removed.
    pub text: Cow<'a, str>,
    /// The element it stands in, or whose attribute it is; `None` for a constant.
    pub node: Option<NodeId>,
    /// The attribute it is the value of.
    pub attribute: Option<&'a str>,
}

impl Value {
    /// The first alternative that says something, seen from an element.
    #[must_use]
    pub fn find<'a>(&'a self, record: &'a Record, context: NodeId) -> Option<Found<'a>> {
        self.alternatives.iter().find_map(|sum| find_sum(sum, record, context))
    }

    /// The element that the first alternative that leads anywhere leads to, its text empty or not.
    #[must_use]
    pub fn node(&self, record: &Record, context: NodeId) -> Option<NodeId> {
        self.paths().find_map(|path| path.first(record, context))
    }

    /// All texts of the first alternative that says something; sums count once.
    #[must_use]
    pub fn find_all<'a>(&'a self, record: &'a Record, context: NodeId) -> Vec<Found<'a>> {
        let all = |sum: &'a Vec<Term<Key>>| match sum.as_slice() {
            [Term::Path(path)] => path.find_all(record, context),
            sum => find_sum(sum, record, context).into_iter().collect(),
        };
        self.alternatives.iter().map(all).find(|found| !found.is_empty()).unwrap_or_default()
    }

    fn paths(&self) -> impl Iterator<Item = &Path> {
        self.alternatives.iter().flatten().filter_map(|term| match term {
            Term::Path(path) => Some(path),
            Term::Constant(_) => None,
        })
    }
}

fn find_sum<'a>(sum: &'a [Term<Key>], record: &'a Record, context: NodeId) -> Option<Found<'a>> {
    if let [term] = sum {
        return find_term(term, record, context);
    }
    let parts: Vec<_> = sum.iter().filter_map(|term| find_term(term, record, context)).collect();
    // Constants say nothing by themselves.
    let node = parts.iter().find_map(|part| part.node)?;
    let text = parts.iter().map(|part| part.text.as_ref()).collect::<Vec<_>>().join(" ");
    Some(Found { text: Cow::Owned(text), node: Some(node), attribute: None })
}

fn find_term<'a>(term: &'a Term<Key>, record: &'a Record, context: NodeId) -> Option<Found<'a>> {
    match term {
        Term::Constant(text) => Some(Found { text: Cow::Borrowed(text), node: None, attribute: None }),
        Term::Path(path) => path.find(record, context),
    }
}

impl Path {
    /// The first element this path leads to.
    #[must_use]
    pub fn first(&self, record: &Record, context: NodeId) -> Option<NodeId> {
        let mut first = None;
        let _ = walk(&self.steps, record, context, &mut |node| {
            first = Some(node);
            ControlFlow::Break(())
        });
        first
    }

    /// Every element this path leads to, in document order.
    #[must_use]
    pub fn all(&self, record: &Record, context: NodeId) -> Vec<NodeId> {
        let mut all = Vec::new();
        let _ = walk(&self.steps, record, context, &mut |node| {
            all.push(node);
            ControlFlow::Continue(())
        });
        all
    }

    /// The first text that is not empty.
    #[must_use]
    pub fn find<'a>(&'a self, record: &'a Record, context: NodeId) -> Option<Found<'a>> {
        let mut found = None;
        let _ = walk(&self.steps, record, context, &mut |node| {
            found = self.found(record, node);
            if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        found
    }

    fn find_all<'a>(&'a self, record: &'a Record, context: NodeId) -> Vec<Found<'a>> {
        self.all(record, context).into_iter().filter_map(|node| self.found(record, node)).collect()
    }

    fn found<'a>(&'a self, record: &'a Record, node: NodeId) -> Option<Found<'a>> {
        let text = self.text(record, node)?;
        let found =
            Found { text: Cow::Borrowed(text), node: Some(node), attribute: self.attribute.as_deref() };
        (!text.is_empty()).then_some(found)
    }

    fn text<'a>(&self, record: &'a Record, node: NodeId) -> Option<&'a str> {
        let text = match &self.attribute {
            Some(name) => record.attribute_value(node, name)?,
            None => record.string(node),
        };
        Some(text.trim_matches([' ', '\t', '\n', '\r']))
    }
}

type Visitor<'v> = &'v mut dyn FnMut(NodeId) -> ControlFlow<()>;

fn walk(steps: &[Step<Key>], record: &Record, node: NodeId, visit: Visitor<'_>) -> ControlFlow<()> {
    let Some((step, rest)) = steps.split_first() else { return visit(node) };
    if step.axis == Axis::Parent {
        let Some(parent) = record.parent(node) else { return ControlFlow::Continue(()) };
        return enter(step, rest, record, parent, visit);
    }
    let (mut next, end) = record.inside(node);
    while let Some((each, key, after)) = record.step(next, end) {
        if step.name.is_none() || step.name == key {
            enter(step, rest, record, each, visit)?;
        }
        // Children are reached by jumping over their subtrees, descendants one by one.
        next = if step.axis == Axis::Child { after } else { next + 1 };
    }
    ControlFlow::Continue(())
}

/// Goes on from an element of the right name, if the conditions hold.
fn enter(
    step: &Step<Key>,
    rest: &[Step<Key>],
    record: &Record,
    node: NodeId,
    visit: Visitor<'_>,
) -> ControlFlow<()> {
    if step.conditions.iter().all(|condition| condition.holds(record, node)) {
        return walk(rest, record, node, visit);
    }
    ControlFlow::Continue(())
}

impl Condition<Key> {
    fn holds(&self, record: &Record, node: NodeId) -> bool {
        let mut holds = false;
        let _ = walk(&self.path.steps, record, node, &mut |each| {
            let text = self.path.text(record, each);
            holds = text.is_some_and(|text| {
                self.values.is_empty() || self.values.iter().any(|value| **value == *text)
            });
            if holds { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        holds != self.negated
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::path::OneOrMany;
    use crate::feed::record::RecordLimits;
    use crate::feed::testing;
    use crate::feed::vocabulary::Vocabulary;
    use std::sync::Arc;

    const FEED: &str = "<P><Id><K>01</K><V> a </V></Id><Id><K>03</K><V>b</V><V>c</V></Id><N/>\
        <T l='de'>Hal<em>lo</em></T><First>Clara</First><Last>Schumann</Last></P>";

    #[track_caller]
    fn case(paths: &[&str], expected: &str) {
        let mut words = Vocabulary::default();
        let many = paths.iter().map(|path| (*path).to_owned()).collect();
        let value = Value::try_from(OneOrMany::Many(many)).unwrap().bind(&mut words);
        let mut record = Record::new(Arc::new(words), RecordLimits::default());
        testing::fill(&mut record, FEED);
        let found = value.find_all(&record, record.root().unwrap());
        let texts: Vec<_> = found.iter().map(|found| found.text.as_ref()).collect();
        assert_eq!(texts.join(","), expected, "{paths:?}");
        let first = value.find(&record, record.root().unwrap());
        assert_eq!(
            first.map(|found| found.text).as_deref().unwrap_or(""),
            expected.split(',').next().unwrap()
        );
    }

    #[test]
    fn steps_conditions_and_axes() {
        case(&["Id/V"], "a,b,c");
        case(&["Id[K=03]/V"], "b,c");
        case(&["Id[K=01|03][not K=03]/V"], "a");
        case(&["Id[V=a]/K"], "01");
        case(&["Id[X]/K"], "");
        case(&["Id[not X]/K"], "01,03");
        case(&["//V"], "a,b,c");
        case(&["//V[../K=03]"], "b,c");
        case(&["T"], "Hallo");
        case(&["T/@l"], "de");
        case(&["*[@l=de]"], "Hallo");
        case(&["Id/../Last"], "Schumann,Schumann");
        case(&["../P"], "");
        case(&["N"], "");
    }

    #[test]
    fn the_first_alternative_that_says_something_counts() {
        case(&["N", "X", "Last", "First"], "Schumann");
        case(&["X", "'none'"], "none");
    }

    #[test]
    fn sums_join_what_is_there() {
        case(&["First + Last"], "Clara Schumann");
        case(&["X + Last"], "Schumann");
        case(&["'Frau' + X"], "");
        case(&["X + Y", "First"], "Clara");
    }
}

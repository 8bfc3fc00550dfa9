//! What is wrong with a record beyond its schema.

use crate::feed::{Found, NodeId, Record, Rule};
use crate::judgement::Level;
use crate::xml::Offset;
use std::collections::BTreeMap;

/// Characters of a text that a fault repeats at most.
const QUOTED_CHARS_MAX: usize = 80;

/// Faults of one record that are kept with place and sentence; the others are counted.
pub(super) const FAULTS_KEPT_MAX: usize = 200;

/// A rule that a record broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingFault {
    /// The rule; its code is [`Rule::code`].
    pub rule: Rule,
    /// How much it weighs in this profile.
    pub level: Level,
    /// Where the element or attribute begins.
    pub at: Offset,
    /// Element path with positions.
    pub path: String,
    /// The text found, cut; empty when there is none.
    pub found: String,
    /// What should stand there.
    pub expected: String,
    /// One English sentence, without place.
    pub sentence: String,
}

/// Where in a record a fault is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot<'a> {
    pub(super) node: NodeId,
    pub(super) attribute: Option<&'a str>,
    pub(super) text: &'a str,
}

impl<'a> Spot<'a> {
    /// The spot of a text; of a constant, the element it was looked up from.
    pub(super) fn of(found: &'a Found<'_>, context: NodeId) -> Self {
        Self { node: found.node.unwrap_or(context), attribute: found.attribute, text: &found.text }
    }

    /// An element that lacks something.
    pub(super) fn lack(node: NodeId) -> Self {
        Self { node, attribute: None, text: "" }
    }
}

/// Collects the faults of one record.
#[derive(Debug, Default)]
pub(super) struct Faults {
    pub(super) kept: Vec<MappingFault>,
    pub(super) unkept: BTreeMap<(Rule, Level), u64>,
}

impl Faults {
    pub(super) fn push(
        &mut self,
        (rule, level): (Rule, Level),
        (record, spot): (&Record, Spot<'_>),
        (expected, sentence): (String, String),
    ) {
        let at = spot.attribute.and_then(|name| record.attribute_at(spot.node, name));
        let at = at.unwrap_or_else(|| record.at(spot.node));
        // A date that is both mapped and checked is wrong once.
        if self.kept.iter().any(|fault| fault.rule == rule && fault.at == at) {
            return;
        }
        if self.kept.len() == FAULTS_KEPT_MAX {
            *self.unkept.entry((rule, level)).or_default() += 1;
            return;
        }
        let mut path = record.path(spot.node);
        if let Some(name) = spot.attribute {
            path.push_str("/@");
            path.push_str(name);
        }
        let found = cut(spot.text);
        self.kept.push(MappingFault { rule, level, at, path, found, expected, sentence });
    }

    pub(super) fn refuse(&self) -> bool {
        let kept = self.kept.iter().any(|fault| fault.level == Level::Error);
        kept || self.unkept.keys().any(|(_, level)| *level == Level::Error)
    }
}

/// A text short enough to repeat.
pub(super) fn cut(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(QUOTED_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

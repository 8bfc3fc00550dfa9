//! Places of what a deviation may still be about once its bytes are gone.
//!
//! Most deviations are found where they stand. Some are found later: a text is judged at the end of its element, a key
//! at the end of what it identifies, a reference at the end of the document. Before bytes leave the window, the places
//! of such positions are noted, and for some of them the line.

use crate::judgement::Excerpt;
use crate::xml::{Block, Offset, Place, Span};
use crate::xsd::{REFERENCES_MAX, Validator};
use std::collections::{BTreeMap, HashSet};

/// Of so many references the line is kept as well.
pub(super) const REFERENCE_LINES_MAX: usize = 4_096;
/// Notes of references; more are looked through for those that wait no more.
const NOTES_MAX: usize = 2 * REFERENCES_MAX;

/// A position that was noted.
#[derive(Clone, Debug)]
struct Pin {
    at: Offset,
    /// Where it is.
    place: Place,
    /// The line around it; empty when too many are kept already.
    excerpt: Excerpt,
}

/// Positions that were noted.
#[derive(Debug, Default)]
pub(super) struct Pins {
    /// In elements that are open.
    open: Vec<Pin>,
    /// Of references.
    references: BTreeMap<Offset, Pin>,
    lines: usize,
    /// So many references are noted before those are looked for that wait no more.
    notes_max: usize,
}

impl Pins {
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Notes what the block is going to take along.
    pub(super) fn note(&mut self, block: &Block<'_>, validator: &mut Validator) {
        // What was a field of an open element may be a reference now.
        self.note_references(block, validator);
        let unsettled: HashSet<Offset> = validator.unsettled().collect();
        self.open.retain(|pin| unsettled.contains(&pin.at));
        let known: HashSet<Offset> = self.open.iter().map(|pin| pin.at).collect();
        let mut new: Vec<Offset> = unsettled.difference(&known).copied().collect();
        new.sort_unstable();
        self.open.extend(new.into_iter().filter_map(|at| pin(at, block, true)));
    }

    fn note_references(&mut self, block: &Block<'_>, validator: &mut Validator) {
        let mut fresh = validator.fresh_references();
        fresh.sort_unstable();
        fresh.dedup();
        for at in fresh {
            let with_line = self.lines < REFERENCE_LINES_MAX;
            let open = self.open.iter().find(|pin| pin.at == at).cloned();
            let Some(mut pin) = open.or_else(|| pin(at, block, with_line)) else { continue };
            if !with_line {
                pin.excerpt = Excerpt::default();
            }
            self.lines += usize::from(with_line);
            self.references.insert(at, pin);
        }
        if self.references.len() > self.notes_max.max(NOTES_MAX) {
            let waiting: HashSet<Offset> = validator.waiting_references().collect();
            self.references.retain(|at, _| waiting.contains(at));
            self.notes_max = 2 * self.references.len();
        }
    }

    /// What was noted of the beginning of a stretch: its place, and the line.
    pub(super) fn find(&self, span: Span) -> Option<(Place, Excerpt)> {
        let at = span.start;
        let open = || self.open.iter().find(|pin| pin.at == at);
        let Pin { place, excerpt, .. } = self.references.get(&at).or_else(open)?;
        Some((*place, covering(excerpt.clone(), span.end.0 - span.start.0)))
    }
}

/// The excerpt with its caret under so many bytes.
fn covering(excerpt: Excerpt, bytes: u64) -> Excerpt {
    if excerpt.text.is_empty() {
        return excerpt;
    }
    let mut left = bytes;
    let covers = |c: &char| {
        let before = left;
        left = left.saturating_sub(c.len_utf8() as u64);
        before > 0
    };
    let width = excerpt.text.chars().skip(excerpt.caret).take_while(covers).count();
    Excerpt { width: width.max(1), ..excerpt }
}

fn pin(at: Offset, block: &Block<'_>, with_line: bool) -> Option<Pin> {
    let here = Span { start: at, end: at };
    let excerpt = if with_line { block.excerpt(here).into() } else { Excerpt::default() };
    block.is_at_hand(at).then(|| Pin { at, place: block.locate(at), excerpt })
}

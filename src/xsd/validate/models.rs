//! Content models in progress: what does not fit into a frame, in stacks that grow and shrink with them.

use super::open::ContentState;
use crate::xml::NameId;
use crate::xsd::automaton::ContentModel;
use crate::xsd::automaton::counted::Progress;
use crate::xsd::component::ElementId;

/// A child reported as missing: when it comes late, it is not reported again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Forgiven {
    /// Number of frames while its parent is innermost.
    pub(super) depth: usize,
    pub(super) name: NameId,
    pub(super) element: ElementId,
}

/// What content models remember beyond a state of the table.
#[derive(Debug, Default)]
pub(super) struct Models {
    /// Bits of `all` groups.
    pub(super) all_seen: Vec<u64>,
    /// Progress of counted models; only the first `counted_used` are in use, the others keep their memory.
    pub(super) counted: Vec<Progress>,
    counted_used: usize,
    pub(super) forgiven: Vec<Forgiven>,
}

impl Models {
    pub(super) fn clear(&mut self) {
        self.all_seen.clear();
        self.counted_used = 0;
        self.forgiven.clear();
    }

    /// The beginning of a model.
    #[inline]
    pub(super) fn begin(&mut self, model: &ContentModel) -> ContentState {
        match model {
            ContentModel::Table(start) => ContentState::Table(*start),
            ContentModel::All(group) => {
                let from = self.all_seen.len();
                self.all_seen.resize(from + group.words(), 0);
                ContentState::All(u32::try_from(from).expect("depth and group size are limited"))
            }
            ContentModel::Counted(model) => {
                if self.counted_used == self.counted.len() {
                    self.counted.push(Progress::default());
                }
                model.start(&mut self.counted[self.counted_used]);
                self.counted_used += 1;
                ContentState::Counted(u32::try_from(self.counted_used - 1).expect("depth is limited"))
            }
        }
    }

    /// Lets go of the content of an element that is closed, `depth` elements staying open.
    #[inline]
    pub(super) fn end(&mut self, content: ContentState, depth: usize) {
        match content {
            ContentState::All(from) => self.all_seen.truncate(from as usize),
            ContentState::Counted(index) => self.counted_used = index as usize,
            _ => {}
        }
        if !self.forgiven.is_empty() {
            self.forgiven.retain(|each| each.depth <= depth);
        }
    }

    /// Whether a child of the innermost element, one of `depth`, was reported as missing and is not there yet.
    pub(super) fn is_waiting(&self, depth: usize) -> bool {
        self.forgiven.iter().any(|each| each.depth == depth)
    }

    /// The declaration of a child that was reported as missing and comes late.
    pub(super) fn forgive(&mut self, depth: usize, name: Option<NameId>) -> Option<ElementId> {
        let index = self.forgiven.iter().position(|each| each.depth == depth && Some(each.name) == name)?;
        Some(self.forgiven.swap_remove(index).element)
    }
}

//! The open elements: what an end tag must say, and where each element began.

use super::error::{Opened, quoted};
use super::name_cache::Resolved;
use super::position::{Offset, Place};
use super::window::Window;

/// An open element.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenElement {
    pub(super) resolved: Resolved,
    /// Where its start tag begins.
    pub(super) start: Offset,
    /// Whether it declares namespaces.
    pub(super) declares: bool,
    /// Where its name begins in `names`.
    name: usize,
}

/// Stack of open elements, outermost first.
#[derive(Clone, Debug, Default)]
pub(super) struct OpenElements {
    elements: Vec<OpenElement>,
    /// Their names as written, one after the other.
    names: String,
    /// Places of the outermost ones, whose start tags have left the window.
    places: Vec<(Offset, Place)>,
}

impl OpenElements {
    #[inline]
    pub(super) fn push(&mut self, name: &str, resolved: Resolved, start: Offset, declares: bool) {
        self.elements.push(OpenElement { resolved, start, declares, name: self.names.len() });
        self.names.push_str(name);
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<OpenElement> {
        let element = self.elements.pop()?;
        self.names.truncate(element.name);
        Some(element)
    }

    #[inline]
    pub(super) fn depth(&self) -> usize {
        self.elements.len()
    }

    /// The innermost element and its name.
    #[inline]
    pub(super) fn last(&self) -> Option<(&OpenElement, &str)> {
        let element = self.elements.last()?;
        Some((element, &self.names[element.name..]))
    }

    /// The element around the innermost one.
    pub(super) fn parent(&self) -> Option<&OpenElement> {
        self.elements.iter().nth_back(1)
    }

    /// All names, outermost first.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let ends = self.elements.iter().skip(1).map(|next| next.name).chain([self.names.len()]);
        self.elements.iter().zip(ends).map(|(element, end)| &self.names[element.name..end])
    }

    /// Remembers the places of all that begin before `index` of the window.
    pub(super) fn leave(&mut self, window: &Window, index: usize) {
        let edge = window.offset(index);
        let known = self.places.iter().zip(&self.elements);
        let known = known.take_while(|((at, _), element)| *at == element.start).count();
        self.places.truncate(known);
        for element in self.elements[known..].iter().take_while(|element| element.start < edge) {
            self.places.push((element.start, window.locate(element.start)));
        }
    }

    /// The place of an element that has left the window.
    pub(super) fn place(&self, at: Offset) -> Option<Place> {
        self.places.iter().find(|(start, _)| *start == at).map(|&(_, place)| place)
    }

    /// All of them with their places, for a message.
    pub(super) fn listed(&self, window: &Window) -> Vec<Opened> {
        let opened = |(name, element): (&str, &OpenElement)| Opened {
            name: quoted(name),
            place: self.place(element.start).unwrap_or_else(|| window.locate(element.start)),
        };
        self.names().zip(&self.elements).map(opened).collect()
    }
}

//! Element paths with positions: counted while reading, rendered when a deviation needs one.

use super::open::{Frame, NameRef};
use crate::xml::{Name, NameTable};
use std::collections::HashMap;
use std::fmt::Write;

/// Most names outside of the schema that are told apart in paths; beyond, they share one entry.
pub const UNKNOWN_NAMES_MAX: usize = 4_096;

/// Counts siblings by name for every open element, in one stack.
#[derive(Debug, Default)]
pub(super) struct Siblings {
    counts: Vec<(NameRef, u32)>,
    unknown: Vec<Box<str>>,
    by_text: HashMap<Box<str>, u32>,
}

impl Siblings {
    pub(super) fn len(&self) -> usize {
        self.counts.len()
    }

    pub(super) fn truncate(&mut self, length: usize) {
        self.counts.truncate(length);
    }

    /// The name as paths hold it.
    #[inline]
    pub(super) fn name_ref(&mut self, name: &Name<'_>) -> NameRef {
        match name.id {
            Some(id) => NameRef::Known(id),
            None => self.unknown_ref(name.local()),
        }
    }

    /// Takes the names outside of the schema that were met, where no element is open.
    pub(super) fn take_unknown(&mut self) -> Vec<Box<str>> {
        self.by_text.clear();
        std::mem::take(&mut self.unknown)
    }

    /// Whether these names outside of the schema are told apart, those met before and those that are new.
    pub(super) fn tells_apart(&self, unknown: &[Box<str>]) -> bool {
        let new = unknown.iter().filter(|local| !self.by_text.contains_key(*local)).count();
        unknown.is_empty() || self.unknown.len() + new <= UNKNOWN_NAMES_MAX
    }

    /// Meets names outside of the schema.
    pub(super) fn meet(&mut self, unknown: &[Box<str>]) {
        for local in unknown {
            self.unknown_ref(local);
        }
    }

    #[cold]
    fn unknown_ref(&mut self, local: &str) -> NameRef {
        if let Some(&known) = self.by_text.get(local) {
            return NameRef::Unknown(known);
        }
        let local = if self.unknown.len() < UNKNOWN_NAMES_MAX { local } else { "*" };
        let index = *self.by_text.entry(local.into()).or_insert_with(|| {
            self.unknown.push(local.into());
            u32::try_from(self.unknown.len() - 1).expect("bounded by UNKNOWN_NAMES_MAX")
        });
        NameRef::Unknown(index)
    }

    /// The position of a new child among those of its name; the parent's part of the stack begins at `from`.
    #[inline]
    pub(super) fn count(&mut self, from: usize, name: NameRef) -> u32 {
        // Most siblings of one name stand together, so the search begins at the end.
        for (each, count) in self.counts[from..].iter_mut().rev() {
            if *each == name {
                *count += 1;
                return *count;
            }
        }
        self.counts.push((name, 1));
        1
    }

    /// The last step of a path for a child that is not counted yet.
    pub(super) fn next_step(&self, from: usize, name: &Name<'_>) -> String {
        let local = name.local();
        let known = match name.id {
            Some(id) => Some(NameRef::Known(id)),
            None => self.by_text.get(local).map(|&index| NameRef::Unknown(index)),
        };
        let before = self.counts[from..].iter().find(|(each, _)| Some(*each) == known);
        before.map_or_else(|| local.to_owned(), |(_, count)| format!("{local}[{}]", count + 1))
    }

    pub(super) fn local<'a>(&'a self, names: &'a NameTable, name: NameRef) -> &'a str {
        match name {
            NameRef::Known(id) => names.name(id).local,
            NameRef::Unknown(index) => &self.unknown[index as usize],
        }
    }

    /// The path of the innermost frame below `around`, with an optional last step.
    pub(super) fn render(
        &self,
        around: &str,
        names: &NameTable,
        frames: &[Frame],
        last: Option<&str>,
    ) -> String {
        let mut path = String::with_capacity(64);
        path.push_str(around);
        for frame in frames {
            path.push('/');
            path.push_str(self.local(names, frame.name));
            if frame.position > 1 {
                write!(path, "[{}]", frame.position).expect("a string takes everything");
            }
        }
        if let Some(last) = last {
            path.push('/');
            path.push_str(last);
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::{NameRef, Siblings, UNKNOWN_NAMES_MAX};
    use crate::xml::Name;

    #[test]
    fn unknown_names_are_told_apart_up_to_the_limit() {
        let mut siblings = Siblings::default();
        let mut refer = |number: usize| {
            let qname = format!("n{number}");
            siblings.name_ref(&Name { id: None, qname: &qname, namespace: "" })
        };
        let numbers: Vec<NameRef> = (0..UNKNOWN_NAMES_MAX).map(&mut refer).collect();
        assert_eq!(refer(UNKNOWN_NAMES_MAX - 1), numbers[UNKNOWN_NAMES_MAX - 1]);
        let beyond = refer(UNKNOWN_NAMES_MAX);
        assert!(!numbers.contains(&beyond));
        assert_eq!(refer(UNKNOWN_NAMES_MAX + 1), beyond);
    }
}

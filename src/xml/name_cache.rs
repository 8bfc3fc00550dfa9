//! Names as written, resolved once and remembered.
//!
//! A feed uses a few hundred different names, millions of times. The key of a name is its length, its
//! first and its last eight bytes: up to sixteen bytes that is the name itself, and no byte-wise
//! comparison is needed.
//!
//! The table has a fixed size; when a hostile document fills it, names push each other out and are
//! resolved again, slower but right.

use super::character::is_qname;
use super::error::{XmlErrorKind, quoted};
use super::limits::{Limit, Limits};
use super::name::{ExpandedName, NameId, NameTable};
use super::namespace::{Bindings, NamespaceIndex, ScopeId};
use std::sync::Arc;

/// What a name stands for under one set of bindings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resolved {
    pub(super) id: Option<NameId>,
    pub(super) namespace: NamespaceIndex,
}

#[derive(Clone, Debug)]
struct Slot {
    first: u64,
    last: u64,
    scope: ScopeId,
    resolved: Resolved,
    name: Box<str>,
}

/// Turns names as written into resolved ones.
#[derive(Debug)]
pub(super) struct NameResolver {
    table: Arc<NameTable>,
    elements: NameCache,
    attributes: NameCache,
}

impl NameResolver {
    pub(super) fn new(table: Arc<NameTable>) -> Self {
        Self { table, elements: NameCache::new(), attributes: NameCache::new() }
    }

    /// The table that numbers names.
    pub(super) fn table(&self) -> &Arc<NameTable> {
        &self.table
    }

    /// Numbers names by another table from now on.
    pub(super) fn set_table(&mut self, table: Arc<NameTable>) {
        if !Arc::ptr_eq(&self.table, &table) {
            self.table = table;
            self.forget();
        }
    }

    /// Forgets what it knows: bindings do not mean any more what they meant.
    pub(super) fn forget(&mut self) {
        self.elements.slots.fill(None);
        self.attributes.slots.fill(None);
    }

    /// The name of an element: without a prefix it is in the default namespace.
    #[inline]
    pub(super) fn element(
        &mut self,
        name: &str,
        bindings: &Bindings,
        limits: &Limits,
    ) -> Result<Resolved, XmlErrorKind> {
        if let Some(known) = self.elements.get(name, bindings.scope()) {
            return Ok(known);
        }
        let resolved = resolve(&self.table, name, bindings.index(""), bindings, limits)?;
        self.elements.insert(name, bindings.scope(), resolved);
        Ok(resolved)
    }

    /// The name of an attribute: without a prefix it is in no namespace.
    #[inline]
    pub(super) fn attribute(
        &mut self,
        name: &str,
        bindings: &Bindings,
        limits: &Limits,
    ) -> Result<Resolved, XmlErrorKind> {
        if let Some(known) = self.attributes.get(name, bindings.scope()) {
            return Ok(known);
        }
        let resolved = resolve(&self.table, name, Some(NamespaceIndex::NONE), bindings, limits)?;
        self.attributes.insert(name, bindings.scope(), resolved);
        Ok(resolved)
    }
}

#[cold]
fn resolve(
    table: &NameTable,
    name: &str,
    unprefixed: Option<NamespaceIndex>,
    bindings: &Bindings,
    limits: &Limits,
) -> Result<Resolved, XmlErrorKind> {
    if name.len() > limits.name_bytes_max {
        return Err(XmlErrorKind::Limit { limit: Limit::NameBytes, max: limits.name_bytes_max });
    }
    if name.is_empty() {
        return Err(XmlErrorKind::Markup);
    }
    if !is_qname(name) {
        return Err(XmlErrorKind::Name { name: quoted(name) });
    }
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    let namespace = if prefix.is_empty() { unprefixed } else { bindings.index(prefix) };
    let namespace = namespace.ok_or_else(|| XmlErrorKind::UndeclaredPrefix { prefix: quoted(prefix) })?;
    let id = table.get(ExpandedName { namespace: bindings.namespace(namespace), local });
    Ok(Resolved { id, namespace })
}

/// Slots in the table, a power of two.
const SLOTS: usize = 2048;
/// Slots tried for one name.
const PROBES: usize = 4;

/// Remembers resolved names.
#[derive(Debug)]
struct NameCache {
    slots: Vec<Option<Slot>>,
}

impl NameCache {
    fn new() -> Self {
        Self { slots: vec![None; SLOTS] }
    }

    /// What `name` stood for under `scope`, if that is still known.
    #[expect(
        clippy::inline_always,
        reason = "left to the compiler it depends on how the crate is cut into units"
    )]
    #[inline(always)]
    fn get(&self, name: &str, scope: ScopeId) -> Option<Resolved> {
        let key = Key::of(name.as_bytes());
        let start = key.slot();
        for probe in 0..PROBES {
            match &self.slots[(start + probe) % SLOTS] {
                Some(slot) if slot.holds(key, name, scope) => return Some(slot.resolved),
                Some(_) => {}
                None => return None,
            }
        }
        None
    }

    /// Remembers what `name` stands for under `scope`.
    fn insert(&mut self, name: &str, scope: ScopeId, resolved: Resolved) {
        let key = Key::of(name.as_bytes());
        let start = key.slot();
        let free = (0..PROBES).map(|probe| (start + probe) % SLOTS).find(|&at| self.slots[at].is_none());
        let Key { first, last } = key;
        self.slots[free.unwrap_or(start)] = Some(Slot { first, last, scope, resolved, name: name.into() });
    }
}

impl Slot {
    #[inline]
    fn holds(&self, key: Key, name: &str, scope: ScopeId) -> bool {
        self.first == key.first
            && self.last == key.last
            && self.name.len() == name.len()
            && self.scope == scope
            && (name.len() <= 16 || *self.name == *name)
    }
}

/// First and last bytes of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    first: u64,
    last: u64,
}

impl Key {
    #[inline]
    fn of(name: &[u8]) -> Self {
        if let (Some(first), Some(last)) = (name.first_chunk::<8>(), name.last_chunk::<8>()) {
            Self { first: u64::from_le_bytes(*first), last: u64::from_le_bytes(*last) }
        } else if let (Some(first), Some(last)) = (name.first_chunk::<4>(), name.last_chunk::<4>()) {
            Self { first: u32::from_le_bytes(*first).into(), last: u32::from_le_bytes(*last).into() }
        } else {
            let byte = |at: usize| u64::from(name.get(at).copied().unwrap_or(0));
            Self { first: byte(0) | byte(1) << 8 | byte(2) << 16, last: 0 }
        }
    }

    #[inline]
    fn slot(self) -> usize {
        const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;
        let mixed = (self.first.wrapping_mul(SPREAD) ^ self.last).wrapping_mul(SPREAD);
        usize::try_from(mixed >> 53).unwrap_or(0) % SLOTS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::Bindings;

    #[test]
    fn names_of_every_length_are_told_apart() {
        let scope = Bindings::default().scope();
        let resolved = Resolved { id: None, namespace: NamespaceIndex::NONE };
        let names: Vec<String> = (1..=40).map(|length| "a".repeat(length)).collect();
        let mut cache = NameCache::new();
        for name in &names {
            assert!(cache.get(name, scope).is_none());
            cache.insert(name, scope, resolved);
            assert!(cache.get(name, scope).is_some(), "{name}");
        }
        let middle = format!("{}b{}", "a".repeat(9), "a".repeat(9));
        assert!(cache.get(&middle, scope).is_none(), "equal at both ends only");
    }

    #[test]
    fn a_full_table_forgets_instead_of_growing() {
        let scope = Bindings::default().scope();
        let resolved = Resolved { id: None, namespace: NamespaceIndex::NONE };
        let mut cache = NameCache::new();
        for number in 0..3 * SLOTS {
            let name = format!("name{number}");
            cache.insert(&name, scope, resolved);
            assert!(cache.get(&name, scope).is_some());
        }
        assert_eq!(cache.slots.len(), SLOTS);
    }
}

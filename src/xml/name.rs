//! Names with their namespace, and the table that numbers the names a schema knows.
//!
//! The table is built while a schema is compiled, then frozen and shared. A name of a feed that
//! stands in no schema has no [`NameId`]; it is compared by its text, on the slow path, once.

use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroU32;

/// A name with its namespace; the namespace is empty for a name in none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExpandedName<'a> {
    /// Namespace name, empty for none.
    pub namespace: &'a str,
    /// Local part.
    pub local: &'a str,
}

impl fmt::Display for ExpandedName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.namespace.is_empty() {
            f.write_str(self.local)
        } else {
            write!(f, "{{{}}}{}", self.namespace, self.local)
        }
    }
}

/// Number of a name in a [`NameTable`]; `Option<NameId>` is as small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameId(NonZeroU32);

impl NameId {
    /// Index into tables that run parallel to the name table.
    #[must_use]
    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }

    fn from_index(index: usize) -> Self {
        let number = u32::try_from(index + 1).ok().and_then(NonZeroU32::new);
        Self(number.expect("a schema has fewer than 2^32 names"))
    }
}

/// Collects names; [`freeze`](Self::freeze) makes the shared table.
#[derive(Clone, Debug, Default)]
pub struct NameTableBuilder {
    table: NameTable,
}

impl NameTableBuilder {
    /// The number of `name`, new or known.
    pub fn intern(&mut self, name: ExpandedName<'_>) -> NameId {
        if let Some(known) = self.table.get(name) {
            return known;
        }
        let id = NameId::from_index(self.table.names.len());
        self.table.names.push((name.namespace.into(), name.local.into()));
        self.table.by_namespace.entry(name.namespace.into()).or_default().insert(name.local.into(), id);
        id
    }

    /// The name behind a number given out by this builder.
    #[must_use]
    pub fn name(&self, id: NameId) -> ExpandedName<'_> {
        self.table.name(id)
    }

    /// The finished table.
    #[must_use]
    pub fn freeze(self) -> NameTable {
        self.table
    }
}

/// The names a schema knows, numbered; never changes once built.
#[derive(Clone, Debug, Default)]
pub struct NameTable {
    names: Vec<(Box<str>, Box<str>)>,
    by_namespace: HashMap<Box<str>, HashMap<Box<str>, NameId>>,
}

impl NameTable {
    /// The number of a name, if the table holds it.
    #[must_use]
    pub fn get(&self, name: ExpandedName<'_>) -> Option<NameId> {
        self.by_namespace.get(name.namespace)?.get(name.local).copied()
    }

    /// The name behind a number.
    #[must_use]
    pub fn name(&self, id: NameId) -> ExpandedName<'_> {
        let (namespace, local) = &self.names[id.index()];
        ExpandedName { namespace, local }
    }

    /// How many names the table holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether the table holds no name.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
}

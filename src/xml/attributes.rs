//! The attributes of one start tag, lent.

use super::event::Attribute;

/// Attributes in document order.
#[derive(Clone, Copy, Debug)]
pub struct AttributeList<'a> {
    items: &'a [Attribute<'a>],
}

impl<'a> AttributeList<'a> {
    /// Every attribute in document order.
    pub fn iter(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        self.items.iter().copied()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The value of an attribute by expanded name; namespace empty for none.
    #[must_use]
    pub fn get(&self, namespace: &str, local: &str) -> Option<Attribute<'a>> {
        self.iter().find(|a| a.name.local() == local && a.name.namespace == namespace)
    }
}

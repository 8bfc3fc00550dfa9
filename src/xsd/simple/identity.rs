//! Which values are identifiers or point to them: `ID`, `IDREF`, `ENTITY` and what is made of them.

use super::{Namespaces, Scratch, Shape, SimpleType};
use crate::xsd::facet::white_space::tokens;

/// What the values of a type identify.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdKind {
    /// Nothing.
    None,
    /// Derived from `ID`.
    Id,
    /// Derived from `IDREF`.
    Idref,
    /// A list of `IDREF`.
    Idrefs,
    /// Derived from `ENTITY`.
    Entity,
    /// A list of `ENTITY`.
    Entities,
    /// A union of which a member is one of these, or a list of such a union: it depends on the literal.
    Varies,
}

impl IdKind {
    pub(super) fn of_list(self) -> Self {
        match self {
            Self::None => Self::None,
            Self::Idref => Self::Idrefs,
            Self::Entity => Self::Entities,
            _ => Self::Varies,
        }
    }

    pub(super) fn of_union(mut members: impl Iterator<Item = Self>) -> Self {
        if members.all(|member| member == Self::None) { Self::None } else { Self::Varies }
    }
}

impl SimpleType {
    /// Calls `visit` with `Id`, `Idref` or `Entity` and the normalised name for every such value in
    /// a valid literal; items of lists one by one, unions by the member that accepts the literal.
    pub fn visit_identifiers(
        &self,
        lexical: &str,
        namespaces: &dyn Namespaces,
        scratch: &mut Scratch,
        visit: &mut dyn FnMut(IdKind, &str),
    ) {
        if self.id_kind == IdKind::None {
            return;
        }
        match &self.shape {
            Shape::Any => {}
            Shape::Atomic(_) => tokens(lexical).for_each(|name| visit(self.id_kind, name)),
            Shape::List(item) => {
                tokens(lexical).for_each(|text| item.visit_identifiers(text, namespaces, scratch, visit));
            }
            Shape::Union(_) => {
                if let Some(member) = self.accepting(lexical, namespaces, scratch) {
                    member.visit_identifiers(lexical, namespaces, scratch, visit);
                }
            }
        }
    }
}

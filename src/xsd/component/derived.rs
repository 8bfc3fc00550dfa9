//! Whether one type definition is validly derived from another (3.4.6, 3.14.6).

use super::{Derivations, Schema, TypeDefinition};
use std::sync::Arc;

impl TypeDefinition {
    /// Whether both are the same component.
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Complex(a), Self::Complex(b)) => a == b,
            (Self::Simple(a), Self::Simple(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl Schema {
    /// Whether what a type is derived from is known all the way, so that derivation can be judged.
    pub(crate) fn has_known_bases(&self, definition: &TypeDefinition) -> bool {
        let mut current = definition;
        loop {
            match current {
                TypeDefinition::Absent => return false,
                TypeDefinition::Complex(id) if *id != self.any_type => {
                    let Some(base) = &self.complex_types[*id].base else { return true };
                    current = base;
                }
                TypeDefinition::Complex(_) | TypeDefinition::Simple(_) => return true,
            }
        }
    }

    /// `cos-ct-derived-ok` and `cos-st-derived-ok`: from `base` to `derived` by steps none of which is
    /// in `blocked`.
    pub(crate) fn is_derived(
        &self,
        derived: &TypeDefinition,
        base: &TypeDefinition,
        blocked: Derivations,
    ) -> bool {
        self.derives(derived, base, blocked, false)
    }

    /// 2.3 of `cos-equiv-derived-ok-rec`: the same, where each type on the way, `base` included, adds
    /// what it blocks itself.
    pub(crate) fn derives_unblocked(
        &self,
        derived: &TypeDefinition,
        base: &TypeDefinition,
        blocked: Derivations,
    ) -> bool {
        self.derives(derived, base, blocked, true)
    }

    fn derives(
        &self,
        derived: &TypeDefinition,
        base: &TypeDefinition,
        blocked: Derivations,
        add: bool,
    ) -> bool {
        let mut used = Derivations::default();
        let mut blocked = blocked;
        let mut current = derived.clone();
        while !current.is(base) {
            let id = match (&current, base) {
                (TypeDefinition::Complex(id), _) if *id != self.any_type => *id,
                (TypeDefinition::Simple(_), TypeDefinition::Complex(any)) if *any == self.any_type => {
                    used.restriction = true;
                    break;
                }
                (TypeDefinition::Simple(simple), TypeDefinition::Simple(base))
                    if simple.is_derived_from(base) =>
                {
                    used.restriction = true;
                    break;
                }
                _ => return false,
            };
            let complex = &self.complex_types[id];
            used.insert(complex.derivation);
            let Some(next) = complex.base.clone() else { return false };
            if let (true, TypeDefinition::Complex(id)) = (add, &next) {
                blocked = blocked.or(self.complex_types[*id].block);
            }
            current = next;
        }
        !(used.extension && blocked.extension || used.restriction && blocked.restriction)
    }
}

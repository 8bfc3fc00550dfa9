//! Whether one type is validly derived from another, for `xsi:type` (3.4.6, 3.14.6).

use super::{CompiledSchema, CompiledType, TypeIndex};
use crate::xsd::component::{Derivation, Derivations};

impl CompiledSchema {
    /// `cos-ct-derived-ok` and `cos-st-derived-ok`: `derived` comes from `base` by steps none of which is blocked.
    pub(crate) fn is_derived(&self, derived: TypeIndex, base: TypeIndex, blocked: Derivations) -> bool {
        let mut current = derived;
        loop {
            if current == base || self.is_union_member(current, base, blocked) {
                return true;
            }
            let Some((parent, derivation)) = self.type_at(current).base else { return false };
            let stopped = match derivation {
                Derivation::Extension => blocked.extension,
                Derivation::Restriction => blocked.restriction,
            };
            if stopped || parent == current {
                return false;
            }
            current = parent;
        }
    }

    /// 2.2.4 of `cos-st-derived-ok`: a union accepts what derives from one of its members.
    fn is_union_member(&self, derived: TypeIndex, base: TypeIndex, blocked: Derivations) -> bool {
        let (CompiledType { simple: Some(derived), .. }, CompiledType { simple: Some(base), .. }) =
            (self.type_at(derived), self.type_at(base))
        else {
            return false;
        };
        !blocked.restriction && base.members().iter().any(|member| derived.is_derived_from(member))
    }
}

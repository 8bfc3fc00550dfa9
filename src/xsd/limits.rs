//! What one schema may cost: bounds that large schemas may need to have raised, with what holds when nothing is said.
//!
//! Not here: bounds on nesting, which keep the stack, and those on what a document can make grow.

/// Largest compiled program, where nothing else is said.
pub const COMPILED_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Most units of work on one schema: a unit is a step of some ten nanoseconds, or a byte that is kept.
///
/// The schema of ONIX 3.1 takes 15 million, the greediest of the W3C suite half as many.
pub const WORK_MAX: u64 = 200_000_000;

/// Most schema documents one schema may consist of.
pub const DOCUMENTS_MAX: usize = 1_000;

/// Most positions of one content model.
pub const POSITIONS_MAX: usize = 20_000;

/// Most edges between the positions of one content model.
pub const EDGES_MAX: usize = 4_000_000;

/// Most member types of a union, those of its members included: so often may one literal be tried.
pub const MEMBERS_MAX: usize = 4_096;

/// Most alternatives of a selector or field.
pub const PATHS_MAX: usize = 4_096;

/// Most fields of an identity constraint.
pub const FIELDS_MAX: usize = 256;

/// Most pairs of particles looked at for one restriction.
pub const RESTRICTION_STEPS_MAX: u32 = 1_000_000;

/// Bounds on a schema; each is told by its name where a schema goes beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaLimits {
    /// Units of work for putting a schema together and checking it: a step of some ten nanoseconds, or a byte.
    pub work_max: u64,
    /// Schema documents of one schema.
    pub documents_max: usize,
    /// Places for a child in a content model.
    pub positions_max: usize,
    /// Ways from one of them to the next, in one content model.
    pub edges_max: usize,
    /// Member types of a union, with those of its members.
    pub members_max: usize,
    /// Alternatives of a selector or field.
    pub paths_max: usize,
    /// Fields of an identity constraint.
    pub fields_max: usize,
    /// Steps to tell whether one content model restricts another.
    pub restriction_steps_max: u32,
    /// Bytes that the patterns of one step of a simple type take compiled.
    pub pattern_compiled_bytes_max: usize,
}

impl Default for SchemaLimits {
    fn default() -> Self {
        Self {
            work_max: WORK_MAX,
            documents_max: DOCUMENTS_MAX,
            positions_max: POSITIONS_MAX,
            edges_max: EDGES_MAX,
            members_max: MEMBERS_MAX,
            paths_max: PATHS_MAX,
            fields_max: FIELDS_MAX,
            restriction_steps_max: RESTRICTION_STEPS_MAX,
            pattern_compiled_bytes_max: COMPILED_BYTES_MAX,
        }
    }
}

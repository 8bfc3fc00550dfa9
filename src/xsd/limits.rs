//! What one schema and one document may cost: bounds that large ones may need to have raised, with what holds when
//! nothing is said.

/// Most units of work on one schema: a unit is a step of some ten nanoseconds, or a byte that is kept.
///
/// The schema of ONIX 3.1 takes 15 million, the greediest of the W3C suite half as many.
pub const WORK_MAX: u64 = 200_000_000;

/// Most schema documents one schema may consist of.
pub const DOCUMENTS_MAX: usize = 1_000;

/// Deepest chain of definitions that need each other complete (bases, groups in groups, unions of unions).
pub const DEFINITION_DEPTH_MAX: u32 = 128;

/// Deepest nesting of model groups, those of groups referred to and of base types included.
pub const MODEL_DEPTH_MAX: u32 = 512;

/// Longest chain of simple types restricting each other.
pub const RESTRICTION_CHAIN_MAX: usize = 512;

/// Most positions of one content model.
pub const POSITIONS_MAX: usize = 20_000;

/// Most edges between the positions of one content model.
pub const EDGES_MAX: usize = 4_000_000;

/// Most member types of a union, those of its members included: so often may one literal be tried.
pub const MEMBERS_MAX: usize = 4_096;

/// Most alternatives of a selector or field.
pub const PATHS_MAX: usize = 4_096;

/// Most steps of a path; no document is read that is nested so deep that a longer one led somewhere.
pub const PATH_STEPS_MAX: usize = 256;

/// Most fields of an identity constraint.
pub const FIELDS_MAX: usize = 256;

/// Most pairs of particles looked at for one restriction.
pub const RESTRICTION_STEPS_MAX: u32 = 1_000_000;

/// Longest pattern that is read.
pub const PATTERN_BYTES_MAX: usize = 64 * 1024;

/// Deepest nesting of groups and class subtractions of a pattern.
pub const PATTERN_NESTING_MAX: u32 = 100;

/// Largest number in a quantifier of a pattern.
pub const PATTERN_REPEAT_MAX: u32 = 100_000;

/// Largest compiled pattern.
pub const PATTERN_COMPILED_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Most keys one table holds; beyond, uniqueness is no longer known and the deviation says so.
pub const KEYS_MAX: usize = 10_000_000;

/// Most references that wait for their key or ID at one time; those beyond are refused, and that is said.
pub const REFERENCES_MAX: usize = 250_000;

/// Most configurations of a content model carried at once; beyond, the content is not judged further, and that is
/// said.
pub const CONFIGURATIONS_MAX: usize = 256;

/// What nesting in schemas may be raised to: a level takes a kilobyte or two of a stack that has 2 MiB.
pub const NESTING_RAISED_MAX: u32 = 1_000;

/// What nesting in patterns may be raised to: a level takes some ten kilobytes.
pub const PATTERN_NESTING_RAISED_MAX: u32 = 150;

/// Bounds on a schema; each is told by its name where a schema goes beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SchemaLimits {
    /// Units of work for putting a schema together and checking it: a step of some ten nanoseconds, or a byte.
    pub work_max: u64,
    /// Schema documents of one schema.
    pub documents_max: usize,
    /// Definitions that build on each other; [`NESTING_RAISED_MAX`] at most.
    pub definition_depth_max: u32,
    /// Model groups in model groups; [`NESTING_RAISED_MAX`] at most.
    pub model_depth_max: u32,
    /// Simple types that restrict each other; [`NESTING_RAISED_MAX`] at most.
    pub restriction_chain_max: usize,
    /// Places for a child in a content model.
    pub positions_max: usize,
    /// Ways from one of them to the next, in one content model.
    pub edges_max: usize,
    /// Member types of a union, with those of its members.
    pub members_max: usize,
    /// Alternatives of a selector or field.
    pub paths_max: usize,
    /// Steps of one such alternative.
    pub path_steps_max: usize,
    /// Fields of an identity constraint.
    pub fields_max: usize,
    /// Steps to tell whether one content model restricts another.
    pub restriction_steps_max: u32,
    /// Bounds on patterns.
    pub pattern: PatternLimits,
    /// Bounds on what is kept of a document.
    pub document: DocumentLimits,
}

/// Bounds on the patterns of a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PatternLimits {
    /// Bytes of one pattern.
    pub bytes_max: usize,
    /// Groups in groups, and classes in classes; [`PATTERN_NESTING_RAISED_MAX`] at most.
    pub nesting_max: u32,
    /// What a quantifier counts to.
    pub repeat_max: u32,
    /// Bytes that the patterns of one step of a simple type take compiled.
    pub compiled_bytes_max: usize,
}

/// Bounds on what a document can make grow while it is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocumentLimits {
    /// Keys in one table of an identity constraint, and IDs: 16 bytes each.
    pub keys_max: usize,
    /// References that wait for what they refer to.
    pub references_max: usize,
    /// Ways that a content model leaves open at one time.
    pub configurations_max: usize,
}

impl Default for SchemaLimits {
    fn default() -> Self {
        Self {
            work_max: WORK_MAX,
            documents_max: DOCUMENTS_MAX,
            definition_depth_max: DEFINITION_DEPTH_MAX,
            model_depth_max: MODEL_DEPTH_MAX,
            restriction_chain_max: RESTRICTION_CHAIN_MAX,
            positions_max: POSITIONS_MAX,
            edges_max: EDGES_MAX,
            members_max: MEMBERS_MAX,
            paths_max: PATHS_MAX,
            path_steps_max: PATH_STEPS_MAX,
            fields_max: FIELDS_MAX,
            restriction_steps_max: RESTRICTION_STEPS_MAX,
            pattern: PatternLimits::default(),
            document: DocumentLimits::default(),
        }
    }
}

impl Default for PatternLimits {
    fn default() -> Self {
        Self {
            bytes_max: PATTERN_BYTES_MAX,
            nesting_max: PATTERN_NESTING_MAX,
            repeat_max: PATTERN_REPEAT_MAX,
            compiled_bytes_max: PATTERN_COMPILED_BYTES_MAX,
        }
    }
}

impl Default for DocumentLimits {
    fn default() -> Self {
        Self { keys_max: KEYS_MAX, references_max: REFERENCES_MAX, configurations_max: CONFIGURATIONS_MAX }
    }
}

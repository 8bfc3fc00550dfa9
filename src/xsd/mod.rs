//! XML Schema 1.0, streaming: schema documents in, deviations out. Pure.
//!
//! ```text
//!  validate → compile → check → automaton → component → simple → facet → regexp → value
//!    assemble → compile
//!    assemble → document ──────────────────────────────────────────────────────→ value
//!     explain → document
//!  all may use: clause, rule, fault, faults, deviation, namespaces, work
//! ```
//!
//! A stage uses what stands to its right, near or far, and `tests/suite/layering.rs` holds it to that. The
//! one arrow that is not of the order in which a schema is made: `assemble` ends by calling `compile`, so that
//! nobody outside holds a schema that was put together and not checked.
//!
//! Four stages, three types to hold on to: an [`Assembler`] collects schema documents and resolves
//! them, a [`CompiledSchema`] is shared by all threads, a [`Validator`] belongs to one and turns
//! events into [`Deviation`]s. Where several read one document, each takes a [`Seat`], and a [`Closer`] says what
//! none of them could know alone.
//!
//! # Limits
//!
//! Whatever a schema or a document can make grow has a bound, and what goes beyond is told by its name. Those that
//! large schemas and documents may need to have raised stand together in [`SchemaLimits`], and are settings.
//!
//! * [`simple::REASONED_BYTES_MAX`]: a value for which more is said than the rule it breaks;
//! * [`DOCUMENTS_MAX`]: schema documents of one schema;
//! * [`WORK_MAX`]: whatever multiplies: time and memory for putting a schema together and checking it;
//! * [`DEFINITION_DEPTH_MAX`]: definitions that build on each other: bases, groups in groups, heads of
//!   substitution groups;
//! * [`RESTRICTION_CHAIN_MAX`]: simple types that restrict each other;
//! * [`MODEL_DEPTH_MAX`]: model groups in model groups;
//! * [`POSITIONS_MAX`], [`EDGES_MAX`]: places for a child in a content model, ways from one to the next;
//! * [`simple::MEMBERS_MAX`]: member types of a union, with those of its members;
//! * [`PATTERN_BYTES_MAX`], [`PATTERN_NESTING_MAX`], [`PATTERN_REPEAT_MAX`], [`PATTERN_COMPILED_BYTES_MAX`]: a pattern;
//! * [`PATHS_MAX`], [`PATH_STEPS_MAX`], [`FIELDS_MAX`]: the parts of an identity constraint;
//! * [`FAULTS_MAX`], [`SENTENCE_BYTES_MAX`]: faults that are told, and how long each is;
//! * [`KEYS_MAX`], [`REFERENCES_MAX`]: keys and IDs of a document, references that wait for theirs;
//! * [`CONFIGURATIONS_MAX`]: ways a content model leaves open at once;
//! * [`UNKNOWN_NAMES_MAX`]: names of a document that its schema does not know, told apart in paths;
//! * [`crate::xml::Limits`]: a document as XML: depth, attributes, names, tags, texts.

mod assemble;
mod automaton;
mod check;
pub mod clause;
mod compile;
mod component;
mod deviation;
mod document;
mod explain;
pub mod facet;
mod fault;
mod faults;
mod limits;
mod namespaces;
pub mod regexp;
pub mod rule;
pub mod simple;
#[cfg(test)]
mod tests;
mod validate;
pub mod value;
mod work;

pub use assemble::{Assembler, MissingInclude, Request, RequestKind, Unresolved};
pub use clause::Clause;
pub use compile::CompiledSchema;
pub use deviation::{Deviation, DeviationBuffer};
pub use explain::{Surroundings, explain};
pub use fault::{Rule, SchemaError, SchemaFault};
pub use faults::{FAULTS_MAX, SENTENCE_BYTES_MAX};
pub use limits::{
    CONFIGURATIONS_MAX, DEFINITION_DEPTH_MAX, DOCUMENTS_MAX, DocumentLimits, EDGES_MAX, FIELDS_MAX, KEYS_MAX,
    MODEL_DEPTH_MAX, NESTING_RAISED_MAX, PATH_STEPS_MAX, PATHS_MAX, PATTERN_BYTES_MAX,
    PATTERN_COMPILED_BYTES_MAX, PATTERN_NESTING_MAX, PATTERN_NESTING_RAISED_MAX, PATTERN_REPEAT_MAX,
    POSITIONS_MAX, PatternLimits, REFERENCES_MAX, RESTRICTION_CHAIN_MAX, RESTRICTION_STEPS_MAX, SchemaLimits,
    WORK_MAX,
};
pub(crate) use namespaces::INSTANCE_NAMESPACE;
pub use validate::{Closer, RecordKeys, Seat, UNKNOWN_NAMES_MAX, Validator};

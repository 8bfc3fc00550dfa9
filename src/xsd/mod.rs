//! XML Schema 1.0, streaming: schema documents in, deviations out. Pure.
//!
//! ```text
//!  validate → compile → check → automaton → component → simple → facet → regexp → value
//!                       assemble → document
//!                       assemble ─────────→ component       all may use: clause, rule, fault, deviation
//! ```
//!
//! Four stages, three types to hold on to: an [`Assembler`] collects schema documents and resolves
//! them, a [`CompiledSchema`] is shared by all threads, a [`Validator`] belongs to one and turns
//! events into [`Deviation`]s.

mod assemble;
mod automaton;
mod check;
pub mod clause;
mod compile;
mod component;
pub mod deviation;
mod document;
mod explain;
pub mod facet;
pub mod fault;
mod faults;
pub mod regexp;
pub mod rule;
pub mod simple;
#[cfg(test)]
mod tests;
mod validate;
pub mod value;

pub use assemble::{
    Assembler, DEFINITION_DEPTH_MAX, DOCUMENTS_MAX, MODEL_DEPTH_MAX, MissingInclude, RESTRICTION_CHAIN_MAX,
    Request, RequestKind, Unresolved,
};
pub use automaton::{CONFIGURATIONS_MAX, EDGES_MAX, POSITIONS_MAX};
pub use clause::Clause;
pub use compile::CompiledSchema;
pub use deviation::{Deviation, DeviationBuffer};
pub use explain::{Surroundings, explain};
pub use fault::{Rule, SchemaError, SchemaFault};
pub use faults::FAULTS_MAX;
pub use validate::{KEYS_MAX, REFERENCES_MAX, UNKNOWN_NAMES_MAX, Validator};

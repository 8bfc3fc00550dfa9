//! XML Schema 1.0, streaming: schema documents in, deviations out. Pure.
//!
//! ```text
//!  validate → compile → check → automaton → component → simple → facet → value, regexp
//!                       assemble → document
//!                       assemble ─────────→ component         all may use: clause, deviation
//! ```

pub mod clause;
pub mod facet;
pub mod regexp;
pub mod simple;
pub mod value;

pub use clause::Clause;

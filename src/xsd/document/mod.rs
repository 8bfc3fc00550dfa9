//! Stage 1: a schema document as written.
//!
//! A document becomes a small tree of [`Node`]s: elements of the schema namespace in source order,
//! names unresolved, places kept. Annotations are dropped while reading, so a document of a megabyte
//! of prose costs what its declarations cost. Which element may hold which attributes and children
//! is the flat table of [`grammar`]; a tree that breaks it is reported, not guessed at.
//!
//! Not here: what the names refer to. That is `assemble`.

mod edition;
mod grammar;
mod literal;
mod node;
mod parse;
pub(crate) mod vocabulary;

pub(crate) use node::{Node, NodeId, QualifiedName, SchemaDocument};
pub(crate) use parse::{NODE_BYTES, parse};
pub(crate) use vocabulary::Kind;

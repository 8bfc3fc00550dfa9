//! Stage 1: a schema document as written.
//!
//! A document becomes a small tree of [`Node`]s: elements of the schema namespace in source order,
//! names unresolved, places kept. Annotations are dropped while reading, so a document of a megabyte
//! of prose costs what its declarations cost. Which element may hold which attributes and children
//! is the flat table of [`grammar`]; a tree that breaks it is reported, not guessed at.
//!
//! Not here: what the names refer to. That is `assemble`.

mod grammar;
mod literal;
mod node;
mod parse;
pub(crate) mod vocabulary;

pub(crate) use node::{Node, NodeId, QualifiedName, SchemaDocument};
pub(crate) use parse::{NODE_BYTES, parse};
pub(crate) use vocabulary::Kind;

/// Namespace of schema documents.
pub(crate) const SCHEMA_NAMESPACE: &str = "http://www.w3.org/2001/XMLSchema";
/// Namespace of `type`, `nil`, `schemaLocation`, `noNamespaceSchemaLocation` in instances.
pub(crate) const INSTANCE_NAMESPACE: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// Namespace of `xml:lang`, `xml:space`, `xml:base`.
pub(crate) const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";

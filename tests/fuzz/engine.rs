//! The engine's sources as a crate of their own: what `xsd` promises in its module doc, made use of.

#[path = "../../src/xml/mod.rs"]
pub mod xml;
#[path = "../../src/xsd/mod.rs"]
pub mod xsd;

//! The engine's sources as a crate of their own: what `xsd` promises in its module doc, made use of; and what reads
//! that which expires, which needs no more.

#[path = "../../src/expiry/mod.rs"]
pub mod expiry;
#[path = "../../src/xml/mod.rs"]
pub mod xml;
#[path = "../../src/xsd/mod.rs"]
pub mod xsd;

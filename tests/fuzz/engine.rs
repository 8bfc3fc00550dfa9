//! The engine's sources as a crate of their own: what `xsd` promises in its module doc, made use of; and what reads
//! that which expires, which needs no more.

#[path = "../../src/expiry/mod.rs"]
pub mod expiry;
#[path = "../../src/xml/mod.rs"]
pub mod xml;
// What the layers above name of it is not here.
#[allow(unused_imports)]
#[path = "../../src/xsd/mod.rs"]
pub mod xsd;

//! feedgate: the gate between product XML feeds and a shop's database.
//!
//! A feed is streamed, each record validated against its schema, what is right imported, what is
//! not quarantined, and every deviation named with its place.
//!
//! # Layers
//!
//! ```text
//!  cli                                  what a person asks for            async, I/O
//!  import  store  config                runs, databases, settings         async, I/O
//!  report  pipeline  source             output, work on feeds, files      sync I/O, no async
//!  map  feed                            record → product; what a record is   pure
//!  xsd                                  schema → automata → deviations    pure
//!  xml  product                         events, positions; product types  pure
//!
//!  rule: a module uses only what stands below it or to its right
//! ```
//!
//! *Pure* means bytes in, values out: no file, socket, clock, thread or logger. The test
//! `tests/suite/layering.rs` reads the `use` lines and holds the crate to this picture.

pub mod cli;
pub mod config;
pub mod feed;
pub mod import;
pub mod map;
pub mod pipeline;
pub mod product;
pub mod report;
pub mod source;
pub mod store;
pub mod xml;
pub mod xsd;

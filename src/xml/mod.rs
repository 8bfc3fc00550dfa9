//! XML events and positions; the only module that names `quick_xml`.
//!
//! Bytes in any accepted encoding go in, [`Event`]s borrowed from the read window come out. Consumers
//! pull block by block, and event by event inside a block:
//!
//! ```text
//!  bytes ─▶ encoding (to UTF-8) ─▶ window ─▶ Block ─▶ Event<'_>      lent until the next pull
//!                                    └── locate(offset) ─▶ Place      byte of the source, line, column
//! ```
//!
//! Accepted: XML 1.0 with namespaces; UTF-8, UTF-16, ISO-8859-1/-15, Windows-1252. A DOCTYPE is
//! refused. Nothing is ever fetched.

pub mod attributes;
pub mod event;
pub mod name;
pub mod namespace;
pub mod position;

pub use attributes::AttributeList;
pub use event::{Attribute, EndTag, Event, Name, StartTag, Text};
pub use name::{ExpandedName, NameId, NameTable, NameTableBuilder};
pub use namespace::Bindings;
pub use position::{ByteOffset, Offset, Place, Span};

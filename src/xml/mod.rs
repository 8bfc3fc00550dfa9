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
//! passed over unread or refused. Nothing is ever fetched.

mod alien;
mod apart;
mod attributes;
mod block;
mod character;
mod common;
mod control;
mod cursor;
mod declaration;
mod doctype;
mod encoding;
mod error;
mod event;
mod limits;
mod lines;
mod markup;
mod name;
mod name_cache;
mod namespace;
mod open;
mod position;
mod reference;
mod source;
mod state;
#[cfg(test)]
mod tests;
mod window;
mod writer;
mod zeros;

pub use alien::Alien;
pub use apart::{Apart, Stretch, Surroundings};
pub use attributes::AttributeList;
pub use block::Block;
pub use control::{Control, control_in};
pub use cursor::{Cursor, RootAttribute, RootTag};
pub use doctype::{DoctypeFault, DoctypePolicy};
pub use encoding::Encoding;
pub use error::{PackingCutOff, PackingFault, Piece, Rest, XmlError, XmlErrorCategory, XmlErrorKind};
pub use event::{Attribute, EndTag, Event, Name, StartTag, Text};
pub use limits::{Limit, Limits};
pub use name::{ExpandedName, NameId, NameTable, NameTableBuilder};
pub use namespace::{Bindings, XML_NAMESPACE, is_misspelt};
pub use position::{ByteOffset, Offset, Place, Span};
pub use state::PassedDoctype;
pub use window::Excerpt;
pub use writer::{Layout, MarkupWriter};

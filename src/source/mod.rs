//! Where bytes come from: feeds, in any wrapping they are delivered in, and schema documents.
//!
//! ```text
//!  FEED ─▶ discover ─▶ FeedSource ─▶ Input ─▶ raw bytes ─▶ decode ─▶ caps ─▶ whoever reads
//!                                                └─ meter, digest
//!                        └─▶ Delivery ─▶ raw bytes in pieces, as often as they are wanted ─▶ whoever sends
//!  format, version ─▶ formats ─▶ loader ─▶ xsd::Assembler     the closed folder only
//! ```
//!
//! Files are read in large blocks and never mapped: a file that shrinks while it is mapped is a
//! signal, not an error. Nothing here looks at what the bytes say, and nothing reaches the network.

mod capped;
mod delivery;
mod digest;
mod discover;
mod documents;
mod embedded;
mod error;
mod formats;
mod input;
mod inputs;
mod install;
mod keep;
mod limits;
mod loader;
mod members;
mod meter;
mod recall;
mod spool;
mod stand;
mod wrapping;
mod zip_member;

pub use delivery::Delivery;
pub use digest::Digest;
pub use discover::{Discovered, FeedSource, discover, discover_any};
pub use documents::Documents;
pub use error::InputError;
pub use formats::{DocumentState, Format, FormatId, SchemaFolder, formats};
pub use input::{Digesting, Identity, Input, identify};
pub use inputs::{Inputs, OutputError};
pub use install::{Installation, install};
pub use keep::{KeepError, copied, pack, packed, unpacked, unpacking};
pub use limits::InputLimits;
pub use loader::{LoadError, load, load_from, load_lenient};
pub use meter::Meter;
pub use recall::{Part, PartReader, Recall};
pub use spool::{Incoming, Spool, SpoolError, Spooled};
pub use stand::Unsettled;

//! Record → product: rules are data, converters are code.
//!
//! ```text
//!  Record + Header ──▶ Mapper ──▶ Mapped { key, action, faults }
//!                        │
//!                        ├── which element feeds which field: feed::Mapping, from the profile
//!                        └── what its text becomes, and what is wrong with it: convert
//! ```
//!
//! A fault never stops the mapper: a record's faults are told all at once. A record with a fault at
//! error level has no action, so nothing half-read reaches the shop. [`References`] finds the second
//! record with one reference where no schema does.

mod convert;
mod fault;
mod mapper;
mod parts;
mod pass;
mod references;

pub use fault::MappingFault;
pub use mapper::{Mapped, Mapper, Products};
pub use references::{Admission, References};

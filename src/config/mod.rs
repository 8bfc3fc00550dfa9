//! Settings: what the program was told, by whom, and what holds when nothing was said.

pub mod database;

pub use database::{DatabaseKind, DatabaseUrl, DatabaseUrlError};

//! What templates say of a value.
//!
//! What stems from a feed passes `shown` or `clean`, a sentence `spans`, a path `short_path`: the filters of the report
//! pages. Numbers, moments and signs come as words from Rust.

pub(super) use crate::report::filters::{breaking, clean, short_path, shown, spans};

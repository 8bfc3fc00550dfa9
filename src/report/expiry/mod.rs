//! A scan of what expires, told: for people, for programs, for calendars and for whatever shows tests.

mod calendar;
mod json;
mod junit;
mod text;
mod words;

pub use calendar::calendar;
pub use json::{scan_row, thing_row};
pub use junit::junit;
pub use text::text;
pub use words::sentence;

#[cfg(test)]
mod sample;

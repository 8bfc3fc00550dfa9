//! What templates say of a value: `{{ feed.name|shown }}`.
//!
//! Everything is escaped for HTML behind these; whatever stems from a feed passes [`shown`] or [`clean`] before.

#![expect(
    unreachable_pub,
    clippy::inline_always,
    clippy::unused_self,
    reason = "what the macro of filters makes"
)]
#![expect(clippy::unnecessary_wraps, reason = "what the macro of filters asks for")]

use super::{codes, escape, summary_table};
use crate::judgement::{Acceptance, Group};
use askama::{Result, Values, filter_fn};
use std::borrow::Borrow;

/// On one line, harmless and cut.
#[filter_fn]
pub(super) fn shown<T: AsRef<str>>(text: T, _: &dyn Values) -> Result<String> {
    Ok(escape::shown(text.as_ref()))
}

/// On one line and harmless, however long.
#[filter_fn]
pub(super) fn clean<T: AsRef<str>>(text: T, _: &dyn Values) -> Result<String> {
    Ok(escape::clean(text.as_ref()).into_owned())
}

/// A number, however many loops and macros it was lent through.
pub(super) trait Number {
    fn get(&self) -> u64;
}

impl Number for u64 {
    fn get(&self) -> u64 {
        *self
    }
}

impl<N: Number> Number for &N {
    fn get(&self) -> u64 {
        (**self).get()
    }
}

/// With its thousands set apart.
#[filter_fn]
pub(super) fn grouped<N: Number>(number: N, _: &dyn Values) -> Result<String> {
    Ok(summary_table::grouped(number.get()))
}

/// How often the findings of a group stand in how many records.
#[filter_fn]
pub(super) fn times<S>(group: &Group<S>, _: &dyn Values) -> Result<String> {
    Ok(summary_table::times(group.count, group.records))
}

/// What is asked for under a code.
#[filter_fn]
pub(super) fn demand(code: &str, _: &dyn Values) -> Result<Option<&'static str>> {
    Ok(codes::demand(code))
}

/// Where the Recommendation says so.
#[filter_fn]
pub(super) fn reference(code: &str, _: &dyn Values) -> Result<Option<String>> {
    Ok(codes::reference(code))
}

/// The style of a verdict.
#[filter_fn]
pub(super) fn class<A: Borrow<Acceptance>>(acceptance: A, _: &dyn Values) -> Result<&'static str> {
    Ok(match acceptance.borrow() {
        Acceptance::Accepted => "good",
        Acceptance::NotFullyChecked | Acceptance::Held | Acceptance::Cancelled => "warning",
        Acceptance::Deviations | Acceptance::Failed => "error",
    })
}

//! How two feeds are compared.

use super::index::INDEX_ROWS_MAX;
use super::pattern::Filter;
use crate::source::InputLimits;
use crate::xml::Limits;
use std::collections::BTreeSet;

/// How two feeds are compared.
#[derive(Clone, Debug)]
pub struct DiffOptions {
    /// Bounds on their XML.
    pub xml: Limits,
    /// Caps on inputs.
    pub input: InputLimits,
    /// Records of each feed remembered in memory; more are sorted on disk.
    pub index_rows_max: usize,
    /// Which changes count.
    pub filter: Filter,
    /// Only records with these keys; all when there is none.
    pub records: BTreeSet<String>,
    /// Records told one by one; the summary counts all.
    pub told_max: u64,
    /// Whether records that came or changed are told with their new source.
    pub with_source: bool,
    /// Threads; 0 takes one for each core.
    pub threads: usize,
}

impl Default for DiffOptions {
    fn default() -> Self {
        Self {
            xml: Limits::default(),
            input: InputLimits::default(),
            index_rows_max: INDEX_ROWS_MAX,
            filter: Filter::default(),
            records: BTreeSet::new(),
            told_max: u64::MAX,
            with_source: false,
            threads: 0,
        }
    }
}

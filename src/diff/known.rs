//! Whether what was asked for is there at all: a slip would compare nothing and find it the same.

use super::error::DiffError;
use super::options::DiffOptions;
use super::pattern::{Filter, Pattern};
use crate::feed::{NodeId, Record};
use std::collections::BTreeSet;

/// Different paths of one feed that are remembered; where there are more, no pattern is called a slip.
const PATHS_MAX: usize = 10_000;

/// A text is near enough to be meant.
const NEAR: f64 = 0.8;

/// What was met in one feed of what was asked for.
#[derive(Debug, Default)]
pub(super) struct Met {
    /// Keys that were asked for, in their order, each with the nearest that was met.
    keys: Vec<(f64, String)>,
    /// Paths from the record inwards, when there are patterns that only they count for.
    paths: BTreeSet<String>,
}

impl Met {
    pub(super) fn key(&mut self, options: &DiffOptions, key: &str) {
        self.keys.resize_with(options.records.len(), Default::default);
        for ((near, nearest), wanted) in self.keys.iter_mut().zip(&options.records) {
            // One that is there needs no other.
            let score = if *near < 1.0 { strsim::jaro_winkler(wanted, key) } else { 0.0 };
            if score > *near || wanted == key {
                (*near, *nearest) = (if wanted == key { 1.0 } else { score.min(0.999) }, key.to_owned());
            }
        }
    }

    pub(super) fn record(&mut self, options: &DiffOptions, record: &Record) {
        let Filter { only, ignore } = &options.filter;
        if let Some(root) = record.root().filter(|_| !only.is_empty() || !ignore.is_empty()) {
            self.walk(record, root, &mut String::new());
        }
    }

    /// Takes the paths below an element; as deep as a record may be.
    fn walk(&mut self, record: &Record, node: NodeId, path: &mut String) {
        let length = path.len();
        for (name, _) in record.attributes_of(node) {
            self.below(path, &format!("@{name}"));
            path.truncate(length);
        }
        for child in record.children(node) {
            self.below(path, record.name(child));
            self.walk(record, child, path);
            path.truncate(length);
        }
    }

    fn below(&mut self, path: &mut String, name: &str) {
        if !path.is_empty() {
            path.push('/');
        }
        path.push_str(name);
        if self.paths.len() <= PATHS_MAX && !self.paths.contains(path) {
            self.paths.insert(path.clone());
        }
    }
}

/// Whether every key and every pattern that was asked for is in one of both feeds.
pub(super) fn check(options: &DiffOptions, feeds: [&Met; 2]) -> Result<(), DiffError> {
    for (at, wanted) in options.records.iter().enumerate() {
        let met = feeds.iter().filter_map(|met| met.keys.get(at));
        let nearest = met.max_by(|(a, _), (b, _)| a.total_cmp(b));
        if nearest.is_none_or(|(near, _)| *near < 1.0) {
            let nearest = nearest.filter(|(near, _)| *near > NEAR).map(|(_, key)| key.as_str());
            return Err(DiffError::UnknownRecord { key: wanted.clone(), hint: hint(nearest) });
        }
    }
    let is_all = feeds.iter().all(|met| met.paths.len() <= PATHS_MAX);
    let paths: BTreeSet<&str> = feeds.iter().flat_map(|met| met.paths.iter().map(String::as_str)).collect();
    // Without any record there is nothing to be wrong about.
    if !is_all || paths.is_empty() {
        return Ok(());
    }
    let Filter { only, ignore } = &options.filter;
    check_paths("--only", only, &paths)?;
    check_paths("--ignore", ignore, &paths)
}

fn check_paths(flag: &'static str, patterns: &[Pattern], paths: &BTreeSet<&str>) -> Result<(), DiffError> {
    let is_met = |pattern: &Pattern| pattern.is_whole() || paths.iter().any(|path| pattern.matches(path));
    let Some(pattern) = patterns.iter().find(|pattern| !is_met(pattern)) else { return Ok(()) };
    let path = pattern.to_string();
    let anywhere = format!("//{}", path.trim_start_matches('/'));
    let is_deeper = anywhere.parse::<Pattern>().is_ok_and(|pattern| is_met(&pattern));
    let nearest = if is_deeper { Some(anywhere) } else { nearest_path(&path, paths) };
    Err(DiffError::UnknownPath { flag, path, hint: hint(nearest.as_deref()) })
}

fn nearest_path(text: &str, paths: &BTreeSet<&str>) -> Option<String> {
    let (slashes, wanted) = text.split_at(text.len() - text.trim_start_matches('/').len());
    // With `//`, any end of a path may be meant.
    let steps = wanted.split('/').count();
    let part = |path: &&str| match slashes {
        "" => (*path).to_owned(),
        _ => path
            .rsplitn(steps + 1, '/')
            .take(steps)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect::<Vec<_>>()
            .join("/"),
    };
    let scored = paths.iter().map(part).map(|path| (strsim::jaro_winkler(wanted, &path), path));
    let best = scored.max_by(|(a, _), (b, _)| a.total_cmp(b));
    best.filter(|(near, _)| *near > NEAR).map(|(_, path)| format!("{slashes}{path}"))
}

fn hint(nearest: Option<&str>) -> String {
    nearest
        .map_or_else(|| "check how it is written".to_owned(), |nearest| format!("did you mean `{nearest}`?"))
}

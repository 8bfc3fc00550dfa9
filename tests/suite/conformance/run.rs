//! Every question is asked once, on all cores, schema by schema; every row gets its answer.

use super::CASE_TIME_MAX;
use super::suite::{Row, Suite};
use feedgate::pipeline::{CaseAnswer, CaseSchema, CaseVerdict};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

/// A row with our answer.
pub(super) struct Outcome<'s> {
    pub(super) row: &'s Row,
    pub(super) answer: CaseAnswer,
    pub(super) wrong: Option<Wrong>,
}

/// How an answer can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// The engine panicked.
    Crash,
    /// It took longer than it may.
    Late,
    /// It is another than the row expects.
    Unexpected,
}

impl Outcome<'_> {
    /// Whether the answer is held against what the row expects.
    pub(super) fn is_scored(&self) -> bool {
        self.row.counts() || self.row.is_nist()
    }
}

/// What was answered, or how it failed.
type Answered = Result<CaseAnswer, Wrong>;

/// Both versions ask the same of a processor that knows one.
type Question<'s> = (&'s str, Option<&'s str>);

/// The outcome of every row, in the order of the suite.
pub(super) fn all(suite: &Suite) -> Vec<Outcome<'_>> {
    let mut by_schema: BTreeMap<&str, Vec<Option<&str>>> = BTreeMap::new();
    for row in &suite.rows {
        let (schema, instance) = question(row);
        by_schema.entry(schema).or_default().push(instance);
    }
    let groups: Vec<_> = by_schema.into_iter().collect();
    let answers: BTreeMap<Question<'_>, Answered> =
        groups.into_par_iter().flat_map_iter(|(schema, instances)| group(suite, schema, instances)).collect();
    suite.rows.iter().map(|row| outcome(row, &answers[&question(row)])).collect()
}

fn question(row: &Row) -> Question<'_> {
    (row.schema.as_deref().unwrap_or_default(), row.instance.as_deref())
}

/// All that is asked about one schema; `None` asks about the schema itself.
fn group<'s>(
    suite: &'s Suite,
    schema: &'s str,
    mut instances: Vec<Option<&'s str>>,
) -> Vec<(Question<'s>, Answered)> {
    instances.sort_unstable();
    instances.dedup();
    let compiled = guarded(|| CaseSchema::load(&suite.documents, schema));
    let answer = |instance: Option<&'s str>| {
        let compiled = compiled.as_ref().map_err(|wrong| *wrong)?;
        guarded(|| instance.map_or_else(|| compiled.answer(), |instance| judge(suite, compiled, instance)))
    };
    instances.into_iter().map(|instance| ((schema, instance), answer(instance))).collect()
}

fn judge(suite: &Suite, schema: &CaseSchema, instance: &str) -> CaseAnswer {
    match suite.documents.fetch(instance) {
        Ok(bytes) => schema.judge(&*bytes),
        Err(error) => CaseAnswer::error(error.to_string()),
    }
}

fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, Wrong> {
    let begin = Instant::now();
    let done = catch_unwind(AssertUnwindSafe(work)).map_err(|_| Wrong::Crash);
    if begin.elapsed() > CASE_TIME_MAX { Err(Wrong::Late) } else { done }
}

fn outcome<'s>(row: &'s Row, answered: &Answered) -> Outcome<'s> {
    match answered {
        Ok(answer) => {
            let right = match answer.verdict {
                CaseVerdict::Valid => row.expected == "valid",
                CaseVerdict::Invalid => row.expected == "invalid",
                CaseVerdict::InvalidSchema | CaseVerdict::Error => false,
            };
            Outcome { row, answer: answer.clone(), wrong: (!right).then_some(Wrong::Unexpected) }
        }
        Err(wrong) => Outcome { row, answer: CaseAnswer::error(format!("{wrong:?}")), wrong: Some(*wrong) },
    }
}

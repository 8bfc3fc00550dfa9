//! What a held feed would do, and what earlier ones did, as it is told.

use crate::import::{ChangeSample, Changes, HeldPlan};
use crate::judgement::Coverage;
use crate::store::EarlierRun;
use serde::Serialize;
use utoipa::ToSchema;

/// What a held feed would do.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::serve) struct PlanAnswer {
    /// Whether it speaks of all products of its source: `full` or `delta`.
    #[schema(example = "full")]
    extent: &'static str,
    /// Products of the source that stood before.
    live: u64,
    /// Records that full feeds of it usually have.
    usual_records: Option<u64>,
    /// It is older than what was applied: the sentence that says so.
    stale: Option<String>,
    /// How much of each kind it would change.
    changes: ChangesAnswer,
    /// A few of the changes.
    samples: Vec<SampleAnswer>,
    /// Why its bytes could not be kept, if they could not.
    not_kept: Option<String>,
}

/// Products that would change, by kind.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::serve) struct ChangesAnswer {
    /// Records read.
    records: u64,
    /// Records refused.
    refused: u64,
    /// New.
    created: u64,
    /// Not what they were.
    updated: u64,
    /// Withdrawn.
    withdrawn: u64,
    /// Brought back.
    revived: u64,
    /// Not to be had any more.
    unavailable: u64,
    /// With a price that changes.
    prices: u64,
    /// With a price that changes by more than the factor allowed.
    price_jumps: u64,
    /// With a title that others get, too.
    same_titles: u64,
}

impl From<Changes> for ChangesAnswer {
    fn from(of: Changes) -> Self {
        Self {
            records: of.records,
            refused: of.refused,
            created: of.created,
            updated: of.updated,
            withdrawn: of.withdrawn,
            revived: of.revived,
            unavailable: of.unavailable,
            prices: of.prices,
            price_jumps: of.price_jumps,
            same_titles: of.same_titles,
        }
    }
}

/// One change.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::serve) struct SampleAnswer {
    /// What kind it is.
    #[schema(example = "withdrawn")]
    kind: String,
    /// Key of the record.
    key: String,
    /// The title as it stands, or the new one.
    title: String,
    /// What is not as it was.
    fields: Vec<FieldAnswer>,
}

/// A field that changes.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::serve) struct FieldAnswer {
    /// Its name.
    #[schema(example = "prices")]
    name: String,
    /// What stands.
    old: String,
    /// What would stand.
    new: String,
}

impl From<ChangeSample> for SampleAnswer {
    fn from(sample: ChangeSample) -> Self {
        let ChangeSample { kind, key, title, fields } = sample;
        let fields = fields.into_iter().map(|(name, old, new)| FieldAnswer { name, old, new }).collect();
        Self { kind, key, title, fields }
    }
}

impl From<HeldPlan> for PlanAnswer {
    fn from(plan: HeldPlan) -> Self {
        let extent = match plan.extent {
            Coverage::Full => "full",
            Coverage::Delta => "delta",
        };
        Self {
            extent,
            live: plan.live,
            usual_records: plan.usual_records,
            stale: plan.stale,
            changes: plan.changes.into(),
            samples: plan.samples.into_iter().map(SampleAnswer::from).collect(),
            not_kept: plan.not_kept,
        }
    }
}

/// What an earlier feed of the source did.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::serve) struct EarlierAnswer {
    /// Its run.
    run: i64,
    /// When.
    at: String,
    /// What became of it.
    #[schema(example = "applied")]
    state: String,
    /// Records in it.
    records: u64,
    /// New products.
    inserted: u64,
    /// Changed products.
    updated: u64,
    /// Withdrawn products.
    withdrawn: u64,
    /// Refused records.
    refused: u64,
}

impl From<EarlierRun> for EarlierAnswer {
    fn from(of: EarlierRun) -> Self {
        let EarlierRun { run, at, state, records, inserted, updated, withdrawn, refused } = of;
        Self { run: run.0, at, state, records, inserted, updated, withdrawn, refused }
    }
}

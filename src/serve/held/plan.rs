//! What a held feed would do, and what earlier ones did, as it is told.

use crate::import::{ChangeSample, Changes, Exceeded, GuardKind, HeldPlan, PriceMove, PriceMoves};
use crate::judgement::Coverage;
use crate::store::EarlierRun;
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

/// What a held feed would do.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::serve) struct PlanAnswer {
    /// Whether it speaks of all products of its source: `full` or `delta`.
    #[schema(example = "full")]
    pub(in crate::serve) extent: &'static str,
    /// Products of the source that stood before.
    pub(in crate::serve) live: u64,
    /// Records that full feeds of it usually have.
    pub(in crate::serve) usual_records: Option<u64>,
    /// It is older than what was applied: the sentence that says so.
    pub(in crate::serve) stale: Option<String>,
    /// How much of each kind it would change.
    pub(in crate::serve) changes: ChangesAnswer,
    /// A few of the changes.
    pub(in crate::serve) samples: Vec<SampleAnswer>,
    /// How prices would move.
    pub(in crate::serve) price_moves: PriceMovesAnswer,
    /// There may be more jumps of prices than are counted: in feeds before it, nobody had to look.
    pub(in crate::serve) has_unseen_prices: bool,
    /// Why its bytes could not be kept, if they could not.
    pub(in crate::serve) not_kept: Option<String>,
}

/// A limit that is exceeded.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::serve) struct ExceededAnswer {
    /// What is too much.
    #[serde(skip)]
    pub(in crate::serve) kind: GuardKind,
    /// The setting that would allow it; none for what is always held.
    #[schema(example = "guard.withdraw")]
    pub(in crate::serve) setting: Option<&'static str>,
    /// How much it is.
    pub(in crate::serve) count: u64,
    /// Of how many.
    pub(in crate::serve) base: u64,
    /// What is allowed, as the setting writes it.
    #[schema(example = "5%/20")]
    pub(in crate::serve) limit: String,
}

impl From<&Exceeded> for ExceededAnswer {
    fn from(of: &Exceeded) -> Self {
        let Exceeded { kind, count, base, ref limit } = *of;
        Self { kind, setting: of.setting(), count, base, limit: limit.clone() }
    }
}

/// How prices would move.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::serve) struct PriceMovesAnswer {
    /// Products by the furthest move of their prices: down by more than 50 %, by more than 20, 10, 5 %, by less; up by
    /// at most 5 %, by more than 5, 10, 20, 50 %. Empty where an earlier version held the feed.
    pub(in crate::serve) counts: Vec<u64>,
    /// The furthest moves, the furthest first.
    pub(in crate::serve) largest: Vec<PriceMoveAnswer>,
    /// The factor that was allowed; told on the page.
    #[serde(skip)]
    pub(in crate::serve) factor: Option<Decimal>,
    /// Products beyond it, down and up.
    #[serde(skip)]
    pub(in crate::serve) beyond: [u64; 2],
}

/// A price that would move.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::serve) struct PriceMoveAnswer {
    /// Key of the record.
    pub(in crate::serve) key: String,
    /// The title as it stands.
    pub(in crate::serve) title: String,
    /// Currency, ISO 4217.
    #[schema(example = "EUR")]
    pub(in crate::serve) currency: String,
    /// The amount that stands.
    #[schema(example = "24.00")]
    pub(in crate::serve) old: String,
    /// The amount that would stand.
    #[schema(example = "2.40")]
    pub(in crate::serve) new: String,
}

impl From<PriceMoves> for PriceMovesAnswer {
    fn from(PriceMoves { counts, largest, factor, beyond }: PriceMoves) -> Self {
        let told = |PriceMove { key, title, currency, old, new }: PriceMove| PriceMoveAnswer {
            key,
            title,
            currency,
            old,
            new,
        };
        Self { counts, largest: largest.into_iter().map(told).collect(), factor, beyond }
    }
}

/// Products that would change, by kind.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::serve) struct ChangesAnswer {
    /// Records read.
    pub(in crate::serve) records: u64,
    /// Records refused.
    pub(in crate::serve) refused: u64,
    /// New.
    pub(in crate::serve) created: u64,
    /// Not what they were.
    pub(in crate::serve) updated: u64,
    /// Withdrawn.
    pub(in crate::serve) withdrawn: u64,
    /// Brought back.
    pub(in crate::serve) revived: u64,
    /// Not to be had any more.
    pub(in crate::serve) unavailable: u64,
    /// With a price that changes.
    pub(in crate::serve) prices: u64,
    /// With a price that changes by more than the factor allowed.
    pub(in crate::serve) price_jumps: u64,
    /// With a title that others get, too.
    pub(in crate::serve) same_titles: u64,
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
    pub(in crate::serve) kind: String,
    /// Key of the record.
    pub(in crate::serve) key: String,
    /// The title as it stands, or the new one.
    pub(in crate::serve) title: String,
    /// What is not as it was.
    pub(in crate::serve) fields: Vec<FieldAnswer>,
}

/// A field that changes.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::serve) struct FieldAnswer {
    /// Its name.
    #[schema(example = "prices")]
    pub(in crate::serve) name: String,
    /// What stands.
    pub(in crate::serve) old: String,
    /// What would stand.
    pub(in crate::serve) new: String,
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
            price_moves: plan.price_moves.into(),
            has_unseen_prices: plan.has_unseen_prices,
            not_kept: plan.not_kept,
        }
    }
}

/// What an earlier feed of the source did.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::serve) struct EarlierAnswer {
    /// Its run.
    pub(in crate::serve) run: i64,
    /// When.
    pub(in crate::serve) at: String,
    /// What became of it.
    #[schema(example = "applied")]
    pub(in crate::serve) state: String,
    /// Records in it.
    pub(in crate::serve) records: u64,
    /// New products.
    pub(in crate::serve) inserted: u64,
    /// Changed products.
    pub(in crate::serve) updated: u64,
    /// Withdrawn products.
    pub(in crate::serve) withdrawn: u64,
    /// Refused records.
    pub(in crate::serve) refused: u64,
}

impl From<EarlierRun> for EarlierAnswer {
    fn from(of: EarlierRun) -> Self {
        let EarlierRun { run, at, state, records, inserted, updated, withdrawn, refused } = of;
        Self { run: run.0, at, state, records, inserted, updated, withdrawn, refused }
    }
}

//! What a feed is read with: settled from its root element, shared by all threads.

use super::formats::sentence;
use crate::feed::{FeedProfile, RecordLimits, named_other};
use crate::judgement::{Compilation, Failure};
use crate::source::{InputError, Unsettled};
use crate::xml::{ExpandedName, Limits, RootTag, XmlErrorKind, is_misspelt};
use crate::xsd::{CompiledSchema, INSTANCE_NAMESPACE};
use std::error::Error;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Schema and format of a feed.
#[derive(Clone, Debug)]
pub struct FeedPlan {
    /// What it has to be valid against.
    pub schema: Arc<CompiledSchema>,
    /// Its format; `None` for plain schema validation, without records.
    pub profile: Option<Arc<FeedProfile>>,
    /// The namespace it is read as if it carried, with what to tell about that.
    pub assumed: Option<Assumed>,
    /// The namespace that misspellings of it are read as, where its root element carries one.
    pub misspelt: Option<String>,
    /// Where the document is a record without its feed.
    pub alone: Option<Alone>,
    /// Digest of profile and schema documents, when records are kept by what they were judged by.
    pub judged_by: Option<Arc<str>>,
}

/// A namespace that a feed does not carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumed {
    /// Its name.
    pub namespace: String,
    /// One English sentence.
    pub notice: String,
}

/// A record that stands alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alone {
    /// Namespace and local name of the root element that it is judged below.
    pub root: (String, String),
    /// One English sentence.
    pub notice: String,
}

/// Finds the plan for a feed by its root element.
///
/// Asked once for each feed, by many threads; whoever answers keeps what it has compiled, and gives
/// equal feeds the same `Arc`.
pub trait Plans: Send + Sync {
    /// The plan for a feed with this root element.
    fn plan(&self, root: &RootTag) -> Result<Arc<FeedPlan>, Unplanned>;

    /// The format of a feed with this root element, when it is known without a schema.
    fn profile(&self, _root: &RootTag) -> Option<Arc<FeedProfile>> {
        None
    }

    /// Whether some format has records of this local name.
    fn is_record(&self, _local: &str) -> bool {
        false
    }

    /// Digest of all by which a feed's plan is found; nothing when that cannot be said.
    fn detection(&self) -> Option<String> {
        None
    }

    /// Digest of profile and schema documents of a format as they are now, as plans for it
    /// [say](FeedPlan::judged_by).
    fn judged_by(&self, _format: &str) -> Option<Arc<str>> {
        None
    }

    /// The schemas that were compiled for feeds so far.
    fn compiled(&self) -> Vec<Compilation> {
        Vec::new()
    }
}

/// One plan for every feed.
impl Plans for Arc<FeedPlan> {
    fn plan(&self, root: &RootTag) -> Result<Arc<FeedPlan>, Unplanned> {
        let name = ExpandedName { namespace: &root.namespace, local: root.local() };
        let is_typed = root.attribute(INSTANCE_NAMESPACE, "type").is_some();
        if self.profile.is_some() || is_typed || self.schema.declares(name) {
            return Ok(Arc::clone(self));
        }
        if let Some(error) = named_other(root) {
            return Err(Unplanned::Refused { code: error.code(), sentence: sentence(&error) });
        }
        let right = self.schema.namespaces_of(root.local()).find(|right| is_misspelt(&root.namespace, right));
        Ok(right.map_or_else(
            || Arc::clone(self),
            |right| Arc::new(FeedPlan { misspelt: Some(right.to_owned()), ..FeedPlan::clone(self) }),
        ))
    }
}

/// Why there is no plan for a feed.
#[derive(Debug)]
pub enum Unplanned {
    /// The feed is to blame: its root element belongs to no format we know.
    Refused {
        /// Stable code, such as `feed.unknown-root`.
        code: &'static str,
        /// One English sentence.
        sentence: String,
    },
    /// We are: a schema is missing or cannot be used.
    Failed(Box<dyn Error + Send + Sync>),
}

/// Bounds on one feed. What it holds beyond them is counted, not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedLimits {
    /// Of its XML.
    pub xml: Limits,
    /// Of each record's tree.
    pub record: RecordLimits,
    /// Findings kept of one feed.
    pub findings_max: usize,
    /// Findings kept of one record.
    pub record_findings_max: usize,
    /// Equal findings, by fingerprint, kept of one feed.
    pub samples_max: u32,
}

impl Default for FeedLimits {
    fn default() -> Self {
        Self {
            xml: Limits::default(),
            record: RecordLimits::default(),
            findings_max: 10_000,
            record_findings_max: 200,
            samples_max: 200,
        }
    }
}

/// Whether it is gathered what the records of a feed look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Structure {
    /// Nobody asks.
    #[default]
    Ignored,
    /// It is told with the end of the feed, see [`drift`](crate::drift).
    Gathered,
}

/// Asks all threads to stop; shared by cloning.
#[derive(Clone, Debug, Default)]
pub struct StopFlag(Arc<AtomicBool>);

impl StopFlag {
    /// Raises it, for good.
    pub fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was raised.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl FeedError {
    /// What went wrong, as people are told.
    #[must_use]
    pub fn failure(&self) -> Failure {
        let kind = match self {
            Self::Open(InputError::Unsettled { .. }) => "unsettled",
            Self::Open(InputError::Read { source, .. }) | Self::Read { source, .. }
                if Unsettled::caused(source) =>
            {
                "unsettled"
            }
            Self::Open(_) => "open",
            Self::Read { .. } => "read",
            Self::Packing { .. } => Failure::PACKING,
            Self::CutOff { .. } => Failure::CUT_OFF,
            Self::Plan { .. } => "schema",
        };
        Failure::of(kind, self)
    }
}

/// Why a feed could not be judged; what is wrong with its content is a finding instead.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// It cannot be opened.
    #[error(transparent)]
    Open(#[from] InputError),
    /// It cannot be read to its end.
    #[error("cannot read `{feed}` to its end")]
    Read {
        /// Name of the feed.
        feed: Arc<str>,
        /// What the system or the decoder said.
        #[source]
        source: io::Error,
    },
    /// It ends before its time, which is told as a finding as well.
    #[error("`{feed}` is not whole")]
    CutOff {
        /// Name of the feed.
        feed: Arc<str>,
        /// Where it ends.
        #[source]
        source: XmlErrorKind,
    },
    /// What it comes packed in is damaged, which is told as a finding as well.
    #[error("cannot read `{feed}` to its end")]
    Packing {
        /// Name of the feed.
        feed: Arc<str>,
        /// What is wrong with it.
        #[source]
        source: XmlErrorKind,
    },
    /// Its schema is missing or cannot be used.
    #[error("cannot validate `{feed}`")]
    Plan {
        /// Name of the feed.
        feed: Arc<str>,
        /// What is wrong with the schema.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
}

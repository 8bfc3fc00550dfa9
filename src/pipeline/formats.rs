//! Plans from the formats at hand: profile by root element, schema compiled when first needed.
//!
//! Equal feeds share one plan. A schema is compiled once, whatever the number of threads that ask for
//! it at the same moment: the first compiles, the others wait.

use super::identities::hexadecimal;
use super::plan::{Alone, Assumed, FeedPlan, Plans, Unplanned};
use crate::feed::{
    Detected, FeedProfile, ProfileError, RECORD_ALONE, Root, detect, detect_record, is_record,
};
use crate::judgement::{Compilation, Lapse, RecordContext};
use crate::source::{Format, LoadError, load};
use crate::xml::{ExpandedName, RootTag};
use crate::xsd::CompiledSchema;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::error::Error;
use std::hash::Hash;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

/// A format with its profile read.
#[derive(Clone, Debug)]
pub struct KnownFormat {
    /// Where it comes from and its schema documents.
    pub format: Format,
    /// Its profile.
    pub profile: Arc<FeedProfile>,
}

impl KnownFormat {
    /// Reads the profile of a format.
    pub fn read(format: Format) -> Result<Self, FormatError> {
        let profile = FeedProfile::parse(&format.profile, &format.profile_file)?;
        if profile.id() != format.id.to_string() {
            return Err(FormatError::Name {
                profile: format.profile_file.clone(),
                says: profile.id(),
                folder: format.id.to_string(),
            });
        }
        Ok(Self { format, profile: Arc::new(profile) })
    }

    /// Whether it is meant by this: `onix` for all its versions, `onix/3.0` for one.
    #[must_use]
    pub fn is_called(&self, wanted: &str) -> bool {
        self.format.id.name() == wanted || self.format.id.to_string() == wanted
    }

    /// Names of the schema documents that feeds are validated against.
    #[must_use]
    pub fn main_documents(&self) -> Vec<String> {
        let mut names: Vec<String> = self.profile.roots.iter().map(|root| root.schema.clone()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Digest of the profile and all schema documents; `None` when one of them cannot be read.
    fn digest(&self) -> Option<Arc<str>> {
        let documents = self.format.documents()?;
        let mut digest = Sha256::new();
        digest.update(self.format.profile.as_bytes());
        for name in &self.profile.schema.documents {
            digest.update(Sha256::digest(documents.fetch(&documents.location(name)).ok()?));
        }
        Some(hexadecimal(&digest.finalize()).into())
    }

    fn compile(&self, document: &str) -> Result<Arc<CompiledSchema>, FormatError> {
        let missing = || FormatError::Missing {
            format: self.format.id.to_string(),
            origin: self.profile.schema.source.clone(),
        };
        let documents = self.format.documents().ok_or_else(missing)?;
        load(&documents, &documents.location(document)).map_err(|source| FormatError::Schema {
            format: self.format.id.to_string(),
            source: Box::new(source),
        })
    }
}

/// Why a format cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// Its profile is not right.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// Profile and folder disagree.
    #[error("the profile `{profile}` says it is `{says}`, its folder says `{folder}`: rename one of them")]
    Name {
        /// The profile.
        profile: String,
        /// Format and version in it.
        says: String,
        /// Format and version by its folder.
        folder: String,
    },
    /// Its schema documents are not there.
    #[error(
        "the schema documents of {format} are not installed: get them and run \
         `feedgate schema install {format} PACKAGE`; {origin}"
    )]
    Missing {
        /// The format.
        format: String,
        /// Where to get them, a sentence for people.
        origin: String,
    },
    /// Its schema documents are not right.
    #[error("the schema documents of {format} cannot be used")]
    Schema {
        /// The format.
        format: String,
        /// What is wrong with them.
        #[source]
        source: Box<LoadError>,
    },
}

/// One error for all feeds that meet it.
#[derive(Clone, Debug, thiserror::Error)]
#[error(transparent)]
pub struct SharedError(Arc<FormatError>);

/// Why there is no plan for a record that was kept.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The format is gone.
    #[error("the record is of format `{0}`, which is not known any more: name its folder by `--schemas`")]
    Format(String),
    /// The format has no such root element any more.
    #[error("the record stood in `{root}`, which is no root element of {format} any more")]
    Root {
        /// The format.
        format: String,
        /// Name of the root element.
        root: String,
    },
    /// Its schema is missing or cannot be used.
    #[error(transparent)]
    Schema(#[from] SharedError),
}

/// A record alone may be one of several formats.
#[derive(Debug, thiserror::Error)]
#[error(
    "the outermost element `{name}` may be a record of {candidates}: `--format` decides, or the namespace of the \
     format on the element"
)]
struct AmbiguousRecord {
    name: String,
    candidates: String,
}

/// What is made of a document that is a record without its feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LoneRecords {
    /// It is no feed.
    Refused,
    /// It is judged as one.
    Judged,
}

/// Format, root, whether a namespace is assumed or misspelt, and whether the document is a record without its feed.
type PlanKey = (usize, usize, bool, bool, bool);

/// Compiled schemas, by format and document.
type Schemas = Slots<(String, String), Result<Arc<CompiledSchema>, SharedError>>;

/// Finds the plan of a feed among formats.
#[derive(Debug)]
pub struct FormatPlans {
    formats: Vec<KnownFormat>,
    profiles: Vec<Arc<FeedProfile>>,
    lone_records: LoneRecords,
    /// Shared with all plans that were [selected](FormatPlans::select) from the same.
    schemas: Arc<Schemas>,
    /// Schemas compiled so far, by all of them.
    compiled: Arc<Mutex<Vec<Compilation>>>,
    plans: Slots<PlanKey, Result<Arc<FeedPlan>, SharedError>>,
    /// Digests of formats, by their numbers.
    digests: Slots<usize, Option<Arc<str>>>,
}

impl FormatPlans {
    /// Plans from these formats.
    #[must_use]
    pub fn new(formats: Vec<KnownFormat>) -> Self {
        let profiles = formats.iter().map(|known| Arc::clone(&known.profile)).collect();
        Self {
            formats,
            profiles,
            lone_records: LoneRecords::Refused,
            schemas: Arc::default(),
            compiled: Arc::default(),
            plans: Slots::default(),
            digests: Slots::default(),
        }
    }

    /// Plans from some of these formats alone; what is compiled for one is there for the other.
    #[must_use]
    pub fn select(&self, wanted: impl Fn(&KnownFormat) -> bool) -> Self {
        let chosen = self.formats.iter().filter(|known| wanted(known)).cloned().collect();
        Self {
            lone_records: self.lone_records,
            schemas: Arc::clone(&self.schemas),
            compiled: Arc::clone(&self.compiled),
            ..Self::new(chosen)
        }
    }

    /// The same, for documents that may be records without their feeds: each is judged as one of its format.
    #[must_use]
    pub fn with_lone_records(self) -> Self {
        Self { lone_records: LoneRecords::Judged, ..self }
    }

    /// The formats.
    #[must_use]
    pub fn formats(&self) -> &[KnownFormat] {
        &self.formats
    }

    /// The plan for a record that was kept with what stood around it.
    pub fn plan_of(&self, format: &str, context: &RecordContext) -> Result<Arc<FeedPlan>, RecordError> {
        let number = self.formats.iter().position(|known| known.format.id.to_string() == format);
        let number = number.ok_or_else(|| RecordError::Format(format.to_owned()))?;
        let ExpandedName { namespace, local } = super::single_record::root(context);
        let profile = Arc::clone(&self.profiles[number]);
        let fits = |root: &Root| root.local == local && root.namespace == namespace;
        let root = profile
            .roots
            .iter()
            .position(fits)
            .ok_or_else(|| RecordError::Root { format: format.to_owned(), root: context.root.clone() })?;
        let assumed_namespace = context.assumed_namespace.is_some();
        let detected = Detected { profile, root, assumed_namespace, misspelt_namespace: false };
        let key = (number, root, assumed_namespace, false, false);
        Ok(self.plans.get(key, || self.settle(number, &detected, None))?)
    }

    /// The plan for a document that is a record; `None` when it is none of a format here.
    fn plan_of_lone(&self, outermost: &RootTag) -> Option<Result<Arc<FeedPlan>, Unplanned>> {
        let mut candidates = detect_record(&self.profiles, outermost);
        let name = outermost.local();
        if self.lone_records == LoneRecords::Refused && !candidates.is_empty() {
            let sentence = format!(
                "The document is no feed: its outermost element is `{name}`, a record of {}. `feedgate quarantine \
                 replay ENTRY --with FILE` imports a corrected record in place of a refused one.",
                named(&candidates)
            );
            return Some(Err(Unplanned::Refused { code: RECORD_ALONE, sentence }));
        }
        let is_installed =
            |candidate: &Detected| self.formats[self.number(candidate)].format.documents().is_some();
        if candidates.iter().any(is_installed) {
            candidates.retain(is_installed);
        }
        match candidates.as_slice() {
            [] => None,
            [only] => {
                let root = only.root();
                let alone = Alone {
                    root: (root.namespace.clone(), root.local.clone()),
                    notice: notice_of_lone(only, name),
                };
                let number = self.number(only);
                let key = (number, only.root, only.assumed_namespace, false, true);
                let plan = self.plans.get(key, || self.settle(number, only, Some(alone)));
                Some(plan.map_err(|error| Unplanned::Failed(Box::new(error))))
            }
            several => {
                let (name, candidates) = (name.to_owned(), named(several));
                Some(Err(Unplanned::Failed(Box::new(AmbiguousRecord { name, candidates }))))
            }
        }
    }

    fn number(&self, detected: &Detected) -> usize {
        let number = self.profiles.iter().position(|profile| Arc::ptr_eq(profile, &detected.profile));
        number.expect("the profile is one of those that were offered")
    }

    /// Digest of profile and schema documents of a format; they are read once.
    fn digest_of(&self, format: usize) -> Option<Arc<str>> {
        self.digests.get(format, || self.formats[format].digest())
    }

    fn settle(
        &self,
        format: usize,
        detected: &Detected,
        alone: Option<Alone>,
    ) -> Result<Arc<FeedPlan>, SharedError> {
        let document = &detected.root().schema;
        let name = self.formats[format].format.id.to_string();
        let schema = self.schemas.get((name.clone(), document.clone()), || {
            let began = Instant::now();
            let compiled = self.formats[format].compile(document);
            let lapse = Lapse { began, ended: Instant::now() };
            let compilation =
                Compilation { format: name, document: document.clone(), lapse, done: compiled.is_ok() };
            self.compiled.lock().unwrap_or_else(PoisonError::into_inner).push(compilation);
            compiled.map_err(|error| SharedError(Arc::new(error)))
        })?;
        let assumed =
            detected.notice().map(|notice| Assumed { namespace: detected.root().namespace.clone(), notice });
        let misspelt = detected.misspelt_namespace.then(|| detected.root().namespace.clone());
        let judged_by = self.digest_of(format);
        let profile = Some(Arc::clone(&detected.profile));
        Ok(Arc::new(FeedPlan { schema, profile, assumed, misspelt, alone, judged_by }))
    }
}

impl Plans for FormatPlans {
    fn compiled(&self) -> Vec<Compilation> {
        self.compiled.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn detection(&self) -> Option<String> {
        let mut digest = Sha256::new();
        digest.update(format!("{:?}", self.lone_records));
        for known in &self.formats {
            let installed = known.format.documents().is_some();
            digest.update(format!("\0{}\0{installed}\0{:?}\0", known.format.id, known.format.limits()));
            digest.update(Sha256::digest(known.format.profile.as_bytes()));
        }
        Some(hexadecimal(&digest.finalize()))
    }

    fn judged_by(&self, format: &str) -> Option<Arc<str>> {
        let number = self.formats.iter().position(|known| known.profile.id() == format)?;
        self.digest_of(number)
    }

    fn profile(&self, root: &RootTag) -> Option<Arc<FeedProfile>> {
        detect(&self.profiles, root).ok().map(|detected| detected.profile)
    }

    fn plan(&self, root: &RootTag) -> Result<Arc<FeedPlan>, Unplanned> {
        let detected = match detect(&self.profiles, root) {
            Ok(detected) => detected,
            Err(error) => {
                let refused = || Err(Unplanned::Refused { code: error.code(), sentence: sentence(&error) });
                return self.plan_of_lone(root).unwrap_or_else(refused);
            }
        };
        let format = self.number(&detected);
        let key = (format, detected.root, detected.assumed_namespace, detected.misspelt_namespace, false);
        let plan = self.plans.get(key, || self.settle(format, &detected, None));
        plan.map_err(|error| Unplanned::Failed(Box::new(error)))
    }

    fn is_record(&self, local: &str) -> bool {
        is_record(&self.profiles, local)
    }
}

/// The formats, each once.
fn named(candidates: &[Detected]) -> String {
    let mut names: Vec<_> = candidates.iter().map(|each| each.profile.id()).collect();
    names.dedup();
    match names.as_slice() {
        [before @ .., last] if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        names => names.concat(),
    }
}

fn notice_of_lone(record: &Detected, name: &str) -> String {
    let namespace = if record.assumed_namespace {
        format!(", as if it carried the namespace `{}`", record.root().namespace)
    } else {
        String::new()
    };
    format!(
        "The document is a record of {} without its feed, `{name}`: it is judged alone{namespace}; what it leaves to \
         the header of a feed and to other records is not judged.",
        record.profile.id()
    )
}

/// An error message as a sentence of a finding.
pub(super) fn sentence(error: &dyn Error) -> String {
    let text = error.to_string();
    let mut rest = text.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}

/// Values that are made once by whoever asks first.
#[derive(Debug)]
struct Slots<K, V>(Mutex<HashMap<K, Arc<OnceLock<V>>>>);

impl<K, V> Default for Slots<K, V> {
    fn default() -> Self {
        Self(Mutex::new(HashMap::new()))
    }
}

impl<K: Eq + Hash, V: Clone> Slots<K, V> {
    fn get(&self, key: K, make: impl FnOnce() -> V) -> V {
        let slot = Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default());
        slot.get_or_init(make).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{SchemaFolder, formats};
    use crate::xml::{Cursor, Limits};

    fn plans() -> FormatPlans {
        let formats = formats(&SchemaFolder::None).expect("the program's own formats");
        FormatPlans::new(
            formats.into_iter().map(|format| KnownFormat::read(format).expect("a profile")).collect(),
        )
    }

    fn plan(plans: &FormatPlans, feed: &str) -> Result<Arc<FeedPlan>, String> {
        let root = Cursor::new(feed.as_bytes(), Limits::default()).peek_root().expect("a root element");
        plans.plan(&root).map_err(|error| match error {
            Unplanned::Refused { code, sentence } => format!("{code}: {sentence}"),
            Unplanned::Failed(error) => error.to_string(),
        })
    }

    #[test]
    fn equal_feeds_share_a_plan() {
        let plans = plans();
        let feed = "<catalogue xmlns='urn:feedgate:catalogue:1.0' version='1.0'/>";
        let first = plan(&plans, feed).expect("a plan");
        assert!(Arc::ptr_eq(&first, &plan(&plans, feed).expect("a plan")));
        let bare = plan(&plans, "<catalogue version='1.0'/>").expect("a plan");
        assert!(Arc::ptr_eq(&bare.schema, &first.schema));
        assert!(bare.assumed.is_some() && first.assumed.is_none());
    }

    #[test]
    fn selected_plans_share_what_is_compiled() {
        let plans = plans();
        let feed = "<catalogue xmlns='urn:feedgate:catalogue:1.0' version='1.0'/>";
        let some = plans.select(|known| known.format.id.name() == "catalogue").with_lone_records();
        let first = plan(&some, feed).expect("a plan");
        assert!(Arc::ptr_eq(&first.schema, &plan(&plans, feed).expect("a plan").schema));
        assert_eq!((plans.compiled().len(), some.compiled().len()), (1, 1));
        assert!(plan(&plans.select(|_| false), feed).is_err());
    }

    #[test]
    fn other_formats_make_another_detection() {
        let all = plans();
        assert_eq!(all.detection(), plans().detection());
        let one = all.select(|known| known.format.id.name() == "catalogue");
        let lone = all.select(|known| known.format.id.name() == "catalogue").with_lone_records();
        let digests = [all.detection(), one.detection(), lone.detection()];
        assert!(digests.iter().all(Option::is_some) && digests[0] != digests[1] && digests[1] != digests[2]);
        let feed = "<catalogue xmlns='urn:feedgate:catalogue:1.0' version='1.0'/>";
        assert_eq!(all.judged_by("catalogue/1.0"), plan(&all, feed).expect("a plan").judged_by);
        assert_eq!(all.judged_by("catalogue/0.9"), None);
    }

    #[test]
    fn a_feed_of_no_format_is_to_blame_itself() {
        let error = plan(&plans(), "<rsx/>").expect_err("no such format");
        assert!(
            error.starts_with("feed.unknown-root: The root element `rsx` belongs to no known format"),
            "{error}"
        );
        let error = plan(&plans(), "<rss/>").expect_err("no such format");
        assert!(
            error.starts_with("feed.other-document: The document is an RSS feed: ask the sender"),
            "{error}"
        );
    }

    #[test]
    fn a_missing_schema_says_how_to_get_it() {
        let feed = "<ONIXMessage xmlns='http://ns.editeur.org/onix/3.0/reference' release='3.0'/>";
        let error = plan(&plans(), feed).expect_err("not installed");
        assert!(error.contains("run `feedgate schema install onix/3.0 PACKAGE`"), "{error}");
        assert!(error.contains("https://www.editeur.org/"), "{error}");
    }
}

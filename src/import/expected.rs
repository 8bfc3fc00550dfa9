//! Drifts that somebody calls expected: what is usual there is learned anew.

use crate::drift::{Profile, RecordKind, subjects};
use crate::store::{
    ACCEPTANCES_MAX, Decision, EarlierStructure, ExpectedDrifts, RunId, Store, StoreError, StructureView,
};
use jiff::Timestamp;

/// Baselines that are looked through for those of a source.
const FORMATS_MAX: u32 = 1_000;
/// How near a name has to be to be meant.
const NEAR: f64 = 0.8;

/// What somebody calls expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expectation<'a> {
    /// The sender.
    pub source: &'a str,
    /// Format and version; needed only where the sender has feeds of several.
    pub format: Option<&'a str>,
    /// Records of this kind alone.
    pub kind: Option<RecordKind>,
    /// Paths from the record inwards, and facts of the feed as a whole; none for everything.
    pub paths: &'a [&'a str],
    /// The first run that says what is usual there. Without it, for paths the last one that stands, and for everything
    /// the one after that.
    pub since: Option<RunId>,
}

/// What is expected from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Format and version.
    pub format: String,
    /// The first run that says what is usual there.
    pub since: RunId,
}

/// Why it is not.
#[derive(Debug, thiserror::Error)]
pub enum ExpectError {
    /// Nothing is known of the sender, or of its feeds of the format.
    #[error(
        "nothing is known yet of what feeds of `{0}` look like: `feedgate baseline show` lists the senders of which \
         something is known"
    )]
    NoBaseline(String),
    /// The sender has feeds of several formats.
    #[error("`{source_name}` has feeds of several formats ({}): say which by `--format`", .formats.join(", "))]
    SeveralFormats {
        /// The sender.
        source_name: String,
        /// Its formats.
        formats: Vec<String>,
    },
    /// No feed ever had the path.
    #[error("`{path}` stands in none of the feeds that are remembered: {}", meant(.near.as_deref()))]
    UnknownPath {
        /// The path.
        path: String,
        /// One that is written much like it.
        near: Option<String>,
    },
    /// There would be more than are kept.
    #[error(
        "more than {ACCEPTANCES_MAX} drifts of one sender and format are called expected: begin anew by \
         `feedgate baseline reset`"
    )]
    TooMany,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn meant(near: Option<&str>) -> String {
    near.map_or_else(
        || "write it as findings tell it, such as `Price/@currency`".to_owned(),
        |near| format!("do you mean `{near}`?"),
    )
}

/// Calls drifts expected. Who did so, and why, is written down with it.
///
/// # Errors
///
/// See [`ExpectError`]; nothing is changed then.
pub async fn expect_drifts(
    store: &Store,
    expectation: Expectation<'_>,
    now: Timestamp,
    decision: &Decision,
) -> Result<Expected, ExpectError> {
    let Expectation { source, kind, paths, since, .. } = expectation;
    let format = format_of(store, source, expectation.format).await?;
    let earlier = store.structures(source, &format, None).await?;
    let last = earlier.first().ok_or_else(|| ExpectError::NoBaseline(source.to_owned()))?.run;
    admit(&earlier, paths)?;
    let everything = [""];
    let (paths, usual) = if paths.is_empty() { (&everything[..], RunId(last.0 + 1)) } else { (paths, last) };
    let since = since.unwrap_or(usual);
    let kind = kind.map_or("", RecordKind::as_str);
    let pairs: Vec<_> = paths.iter().map(|&path| (kind, path)).collect();
    let expected = ExpectedDrifts { source, format: &format, paths: &pairs, since };
    if store.accept_drifts(expected, now, decision).await? {
        Ok(Expected { format, since })
    } else {
        Err(ExpectError::TooMany)
    }
}

/// The format of a sender's feeds, which has to be said where there are several.
///
/// # Errors
///
/// Nothing is known of the sender, or several formats are.
pub async fn format_of(store: &Store, source: &str, said: Option<&str>) -> Result<String, ExpectError> {
    let views = store.structures_of(Some(source), FORMATS_MAX).await?;
    let formats = views.into_iter().map(|StructureView { format, .. }| format);
    let mut formats: Vec<String> = formats.filter(|format| said.is_none_or(|said| said == format)).collect();
    match (formats.pop(), formats.is_empty()) {
        (None, _) => Err(ExpectError::NoBaseline(source.to_owned())),
        (Some(format), true) => Ok(format),
        (Some(last), false) => {
            formats.push(last);
            Err(ExpectError::SeveralFormats { source_name: source.to_owned(), formats })
        }
    }
}

/// Lets paths pass that some feed had.
fn admit(earlier: &[EarlierStructure], paths: &[&str]) -> Result<(), ExpectError> {
    if paths.is_empty() {
        return Ok(());
    }
    let profiles: Vec<Profile> =
        earlier.iter().filter_map(|structure| Profile::unpack(&structure.packed).ok()).collect();
    let known = subjects(&profiles);
    let Some(unknown) = paths.iter().find(|path| !known.contains(**path)) else { return Ok(()) };
    let alike = known.into_iter().map(|name| (strsim::jaro_winkler(unknown, &name), name));
    let near = alike.filter(|(score, _)| *score >= NEAR).max_by(|a, b| a.0.total_cmp(&b.0));
    Err(ExpectError::UnknownPath { path: (*unknown).to_owned(), near: near.map(|(_, name)| name) })
}

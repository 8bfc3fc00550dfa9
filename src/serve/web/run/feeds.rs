//! The feeds of a run that has several.

use super::super::language::Language;
use super::super::sources::name_of;
use super::super::visit::Viewer;
use super::MORE_FEEDS;
use crate::judgement::Acceptance;
use crate::report::filters::{class_of, sign_of};
use crate::serve::problem::Problem;
use crate::serve::run::Run;
use crate::serve::service::Service;
use crate::store::{RunFeed, RunId};

/// Feeds of a run that are told, and those of them that are not folded away.
const FEEDS_MAX: u32 = 500;
const FEEDS_OPEN: usize = 10;

/// Feeds that are folded away, and how many these are.
pub(super) type Folded = Option<(Vec<FeedLine>, String)>;

/// A feed among several.
pub(super) struct FeedLine {
    pub(super) feed: String,
    pub(super) source: String,
    pub(super) format: String,
    pub(super) words: &'static str,
    pub(super) class: &'static str,
    pub(super) sign: &'static str,
    pub(super) is_accepted: bool,
}

impl FeedLine {
    fn of(language: Language, feed: RunFeed) -> Self {
        let came_to = feed.acceptance.as_deref().and_then(Acceptance::of_word);
        let (class, sign) = came_to.map_or(("quiet", "○"), |came_to| (class_of(came_to), sign_of(came_to)));
        let (english, german) = match came_to {
            Some(Acceptance::Accepted) => ("accepted", "angenommen"),
            Some(Acceptance::Deviations) => ("with deviations", "mit Abweichungen"),
            Some(Acceptance::Held) => ("held", "angehalten"),
            Some(Acceptance::Failed) => ("could not be read", "nicht lesbar"),
            Some(Acceptance::NotFullyChecked) => ("not fully checked", "nicht vollständig geprüft"),
            Some(Acceptance::Cancelled) | None => ("broken off", "abgebrochen"),
        };
        Self {
            source: name_of(language, &feed.source).to_owned(),
            feed: feed.feed,
            format: feed.format,
            words: language.pick(english, german),
            class,
            sign,
            is_accepted: came_to == Some(Acceptance::Accepted),
        }
    }
}

/// Its feeds, where there are several: the first of them, and those that are folded away; those of which something is
/// to be said come first.
pub(super) async fn feeds(
    service: &Service,
    viewer: &Viewer,
    run: &Run,
) -> Result<(Vec<FeedLine>, Folded), Problem> {
    let language = viewer.visit.language;
    if run.feeds < 2 {
        return Ok((Vec::new(), None));
    }
    let all = service.store.run_feeds(RunId(run.id), viewer.caller.0.source(), 0, FEEDS_MAX).await?;
    let mut lines: Vec<FeedLine> = all.into_iter().map(|feed| FeedLine::of(language, feed)).collect();
    lines.sort_by_key(|line| line.is_accepted);
    let folded = lines.split_off(lines.len().min(FEEDS_OPEN));
    let told = language.counted(folded.len() as u64, MORE_FEEDS);
    Ok((lines, (!folded.is_empty()).then_some((folded, told))))
}

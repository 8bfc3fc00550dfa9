//! What stands around every page: its title, where one may go, who is signed in, the language.

use super::asked::{address, local};
use super::assets;
use super::language::Language;
use super::visit::Visit;
use super::words::FrameWords;
use crate::access::Scope;

/// Part of the page, as the navigation names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    /// Feeds come in, runs go on.
    Inbox,
    /// Refused records.
    Quarantine,
    /// Feeds that wait for somebody to decide.
    Held,
    /// Who sends.
    Sources,
}

impl Section {
    const ALL: [Self; 4] = [Self::Inbox, Self::Quarantine, Self::Held, Self::Sources];

    const fn path(self) -> &'static str {
        match self {
            Self::Inbox => "/",
            Self::Quarantine => "/quarantine",
            Self::Held => "/held",
            Self::Sources => "/sources",
        }
    }

    const fn name(self, words: &FrameWords) -> &'static str {
        match self {
            Self::Inbox => words.inbox,
            Self::Quarantine => words.quarantine,
            Self::Held => words.held,
            Self::Sources => words.sources,
        }
    }
}

/// What the layout is filled with.
#[derive(Debug)]
pub(super) struct Frame {
    /// Title of the page.
    pub(super) title: String,
    /// Its language.
    pub(super) language: Language,
    /// What the layout says.
    pub(super) words: &'static FrameWords,
    /// After how many seconds it is asked for again where there is no script.
    pub(super) refresh: Option<u32>,
    section: Option<Section>,
    /// Whether whoever is let in may look around; none who is not let in.
    is_in: Option<bool>,
    who: Option<String>,
    here: String,
}

/// A link of the layout.
pub(super) struct Link {
    pub(super) name: &'static str,
    pub(super) address: String,
    pub(super) is_here: bool,
    pub(super) tag: &'static str,
}

impl Frame {
    /// Around a page of a section.
    pub(super) fn of(visit: &Visit, section: impl Into<Option<Section>>, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            language: visit.language,
            words: FrameWords::of(visit.language),
            refresh: None,
            section: section.into(),
            is_in: visit.caller().map(|caller| caller.0.allows(Scope::Read)),
            who: visit.who().map(str::to_owned),
            here: visit.page().to_owned(),
        }
    }

    /// Asked for again while something goes on.
    pub(super) fn refreshed(self, seconds: Option<u32>) -> Self {
        Self { refresh: seconds, ..self }
    }

    /// Where one may go; nowhere before one is let in.
    pub(super) fn sections(&self) -> Vec<Link> {
        let link = |section: Section| Link {
            name: section.name(self.words),
            address: section.path().to_owned(),
            is_here: self.section == Some(section),
            tag: self.language.tag(),
        };
        match self.is_in {
            Some(true) => Section::ALL.map(link).into(),
            // Whoever may only send has one place to do so.
            Some(false) => vec![link(Section::Inbox)],
            None => Vec::new(),
        }
    }

    /// This page in each language.
    pub(super) fn languages(&self) -> [Link; 2] {
        Language::ALL.map(|language| Link {
            name: language.name(),
            address: address(&format!("/language/{}", language.tag()), &[("to", local(&self.here))]),
            is_here: language == self.language,
            tag: language.tag(),
        })
    }

    /// Name of the token by which somebody is signed in.
    pub(super) fn who(&self) -> Option<&str> {
        self.who.as_deref()
    }

    /// Where the style is.
    #[expect(clippy::unused_self, reason = "a template calls it so")]
    pub(super) fn style(&self) -> &'static str {
        assets::style()
    }

    /// Where the script is.
    #[expect(clippy::unused_self, reason = "a template calls it so")]
    pub(super) fn script(&self) -> &'static str {
        assets::script()
    }

    /// Where the icon is.
    #[expect(clippy::unused_self, reason = "a template calls it so")]
    pub(super) fn icon(&self) -> &'static str {
        assets::icon()
    }
}

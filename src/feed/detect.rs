//! The profile of a feed, found from its first start tag; never from a file name.
//!
//! A root element is known by its name and namespace. Where it carries no namespace and the profile
//! allows it, attributes such as `release="3.0"` decide, and the feed is read as if it carried the
//! namespace: many real feeds are like that, and a notice says so.

use super::others;
use super::profile::{FeedProfile, NotRead, Root};
use crate::xml::{Alien, ExpandedName, RootTag, is_misspelt};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Why no profile fits a root element.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DetectError {
    /// No format has this root element.
    #[error("the root element `{found}` belongs to no known format; known are {known}")]
    UnknownRoot {
        /// The root element as found.
        found: String,
        /// Formats with their root elements.
        known: String,
    },
    /// A root element of this name, in a namespace nobody expects.
    #[error("the root element `{local}` is in namespace `{found}`; known for it are {known}")]
    UnknownNamespace {
        /// Local name.
        local: String,
        /// Its namespace.
        found: String,
        /// Namespaces with their formats.
        known: String,
    },
    /// A root element without namespace where one is needed.
    #[error("the root element `{local}` has no namespace; write xmlns=\"…\" with one of {known}")]
    NoNamespace {
        /// Local name.
        local: String,
        /// Namespaces with their formats.
        known: String,
    },
    /// Another format, which is known by its name.
    #[error("the feed is {name}, which is not read: ask the sender for one of {known}")]
    NotRead {
        /// Its name.
        name: String,
        /// Formats that are read instead.
        known: String,
    },
    /// Perhaps another format: nothing in it says which it is.
    #[error(
        "the root element `{local}` names neither a namespace nor {lacking}: perhaps the feed is {name}, which is not \
         read; ask the sender for one of {known}, with its namespace"
    )]
    PerhapsNotRead {
        /// Local name.
        local: String,
        /// The attributes that would say it.
        lacking: String,
        /// Its name.
        name: String,
        /// Formats that are read instead.
        known: String,
    },
    /// A page for a browser.
    #[error("the document is {}", Alien::Html)]
    Html,
    /// A document of another trade.
    #[error("the document is {what}: {action}")]
    Other {
        /// What it is, with an article.
        what: &'static str,
        /// What to do.
        action: &'static str,
    },
    /// The answer of a server that has no feed for who asked.
    #[error("the document is {what}: {action}")]
    ServerAnswer {
        /// What it is, with an article.
        what: &'static str,
        /// What to do.
        action: &'static str,
    },
    /// The attributes name a version that no profile is for.
    #[error("the root element `{local}` says {found}; known are {known}")]
    UnknownVersion {
        /// Local name.
        local: String,
        /// The attributes in question as found.
        found: String,
        /// What profiles there are.
        known: String,
    },
}

/// Code of the notice that a namespace was assumed.
pub const NAMESPACE_ASSUMED: &str = "feed.namespace-assumed";

/// Code of the notice that a namespace was read as the one it misspells.
pub const NAMESPACE_MISSPELT: &str = "feed.namespace-misspelt";

impl DetectError {
    /// The code; stable, so reports may be filtered by it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownRoot { .. } => "feed.unknown-root",
            Self::UnknownNamespace { .. } => "feed.unknown-namespace",
            Self::NoNamespace { .. } => "feed.no-namespace",
            Self::UnknownVersion { .. } => "feed.unknown-version",
            Self::NotRead { .. } | Self::PerhapsNotRead { .. } => "feed.not-read",
            Self::Other { .. } => "feed.other-document",
            Self::ServerAnswer { .. } => "feed.server-error",
            Self::Html => "feed.html-page",
        }
    }
}

/// A feed's profile.
#[derive(Clone, Debug)]
pub struct Detected {
    /// The profile.
    pub profile: Arc<FeedProfile>,
    /// Which of its roots.
    pub root: usize,
    /// Whether the feed carries no namespace and is read as if it carried the root's.
    pub assumed_namespace: bool,
    /// Whether it carries a misspelling of the root's namespace, and is read as if it carried that.
    pub misspelt_namespace: bool,
}

impl Detected {
    /// The root as the profile declares it.
    #[must_use]
    pub fn root(&self) -> &Root {
        &self.profile.roots[self.root]
    }

    /// What to tell about an assumed namespace, under [`NAMESPACE_ASSUMED`].
    #[must_use]
    pub fn notice(&self) -> Option<String> {
        let Root { local, namespace, .. } = self.root();
        self.assumed_namespace.then(|| {
            format!(
                "the root element `{local}` has no namespace; the feed is read as if it carried `{namespace}`"
            )
        })
    }
}

/// What to tell under [`NAMESPACE_MISSPELT`] of a root element in the namespace `found`, which is read as `right`.
#[must_use]
pub fn misspelling(local: &str, found: &str, right: &str) -> String {
    format!(
        "The root element `{local}` is in namespace `{found}`, which misspells `{right}`: the feed is read as \
         if it were that"
    )
}

/// Finds the profile that a feed with this root element is written for.
pub fn detect(profiles: &[Arc<FeedProfile>], root: &RootTag) -> Result<Detected, DetectError> {
    let name = ExpandedName { namespace: &root.namespace, local: root.local() };
    let found = detect_by(profiles, name, |attribute| root.attribute("", attribute));
    found.map_err(|error| by_name(profiles, root).unwrap_or(error))
}

/// Elements that HTML pages begin with.
const OF_PAGES: [&str; 8] = ["html", "head", "body", "title", "meta", "script", "style", "br"];

/// What a document is that is no feed of any format, by its root element, where that has a name here: a page, or a
/// document of another trade.
#[must_use]
pub fn named_other(root: &RootTag) -> Option<DetectError> {
    if OF_PAGES.iter().any(|local| root.local().eq_ignore_ascii_case(local)) {
        return Some(DetectError::Html);
    }
    others::named(root)
}

/// What is delivered so often that it has a name here.
fn by_name(profiles: &[Arc<FeedProfile>], root: &RootTag) -> Option<DetectError> {
    if OF_PAGES.iter().any(|local| root.local().eq_ignore_ascii_case(local)) {
        return Some(DetectError::Html);
    }
    let meant =
        |profile: &Arc<FeedProfile>| profile.not_read.iter().find(|other| other.is_meant(root)).cloned();
    let Some(other) = profiles.iter().find_map(meant) else {
        let is_ours = candidates(profiles).any(|each| each.root().local == root.local());
        return others::named(root).filter(|_| !is_ours);
    };
    let is_near = |profile: &&Arc<FeedProfile>| profile.roots.iter().any(|each| each.local == root.local());
    let known = join(profiles.iter().filter(is_near).map(|profile| profile.id()));
    Some(told_apart(other, root, known))
}

/// What is told of a feed that is not read: that it is one, or may be one.
fn told_apart(other: NotRead, root: &RootTag, known: String) -> DetectError {
    if other.is_said(root) {
        return DetectError::NotRead { name: other.name, known };
    }
    let quoted = other.attributes.keys().map(|name| format!("`{name}`"));
    let (local, lacking) = (root.local().to_owned(), join(quoted));
    DetectError::PerhapsNotRead { local, lacking, name: other.name, known }
}

fn detect_by<'a>(
    profiles: &[Arc<FeedProfile>],
    name: ExpandedName<'_>,
    attribute: impl Fn(&str) -> Option<&'a str>,
) -> Result<Detected, DetectError> {
    let named: Vec<_> = candidates(profiles).filter(|each| each.root().local == name.local).collect();
    if named.is_empty() {
        return Err(unknown_root(profiles, name));
    }
    let exact: Vec<_> = named.iter().filter(|each| each.root().namespace == name.namespace).collect();
    // One root by name and namespace is enough, unless the feed says that it is of another version.
    // An attribute that is left out is for the schema to judge.
    if let [only] = exact.as_slice() {
        let contradicts =
            |(name, value): (&String, &String)| attribute(name).is_some_and(|said| said != value);
        if only.root().attributes.iter().any(contradicts) {
            return Err(unknown_version(&exact, name, attribute));
        }
        return Ok((*only).clone());
    }
    if exact.is_empty() && !name.namespace.is_empty() {
        return misspelt(&named, name, &attribute);
    }
    let assumable = named.iter().filter(|each| each.root().assume_namespace);
    let allowed: Vec<_> = if exact.is_empty() { assumable.collect() } else { exact };
    if allowed.is_empty() {
        return Err(DetectError::NoNamespace { local: name.local.to_owned(), known: namespaces(&named) });
    }
    let fits =
        |each: &&&Detected| each.root().attributes.iter().all(|(name, value)| attribute(name) == Some(value));
    let fitting = allowed.iter().find(fits).map(|each| (*each).clone());
    fitting
        .map(|found| Detected { assumed_namespace: name.namespace != found.root().namespace, ..found })
        .ok_or_else(|| unknown_version(&allowed, name, attribute))
}

/// A namespace that is none of those known may be meant as one of them; the attributes must not speak against it.
fn misspelt<'a>(
    named: &[Detected],
    name: ExpandedName<'_>,
    attribute: &impl Fn(&str) -> Option<&'a str>,
) -> Result<Detected, DetectError> {
    let is_meant = |each: &&Detected| {
        let Root { namespace, attributes, assume_namespace, .. } = each.root();
        let contradicts =
            attributes.iter().any(|(name, value)| attribute(name).is_some_and(|said| said != value));
        *assume_namespace && is_misspelt(name.namespace, namespace) && !contradicts
    };
    let meant = named.iter().find(is_meant);
    let found = meant.map(|each| Detected { misspelt_namespace: true, ..each.clone() });
    found.ok_or_else(|| unknown_namespace(named, name))
}

fn candidates(profiles: &[Arc<FeedProfile>]) -> impl Iterator<Item = Detected> {
    profiles.iter().flat_map(|profile| {
        (0..profile.roots.len()).map(|root| Detected {
            profile: Arc::clone(profile),
            root,
            assumed_namespace: false,
            misspelt_namespace: false,
        })
    })
}

fn unknown_root(profiles: &[Arc<FeedProfile>], name: ExpandedName<'_>) -> DetectError {
    let describe = |each: Detected| format!("`{}` ({})", each.root().local, each.profile.id());
    let known = join(candidates(profiles).map(describe));
    DetectError::UnknownRoot { found: name.to_string(), known }
}

fn unknown_namespace(named: &[Detected], name: ExpandedName<'_>) -> DetectError {
    let (local, found) = (name.local.to_owned(), name.namespace.to_owned());
    DetectError::UnknownNamespace { local, found, known: namespaces(named) }
}

fn namespaces(named: &[Detected]) -> String {
    join(named.iter().map(|each| format!("`{}` ({})", each.root().namespace, each.profile.id())))
}

fn unknown_version<'a>(
    allowed: &[&Detected],
    name: ExpandedName<'_>,
    attribute: impl Fn(&str) -> Option<&'a str>,
) -> DetectError {
    let names: BTreeSet<&str> =
        allowed.iter().flat_map(|each| each.root().attributes.keys()).map(String::as_str).collect();
    let found = join(names.iter().map(|name| match attribute(name) {
        Some(value) => format!("`{name}=\"{value}\"`"),
        None => format!("nothing about `{name}`"),
    }));
    let describe = |each: &&Detected| {
        let attributes = each.root().attributes.iter().map(|(name, value)| format!("`{name}=\"{value}\"`"));
        format!("{} ({})", join(attributes), each.profile.id())
    };
    let known = join(allowed.iter().map(describe));
    DetectError::UnknownVersion { local: name.local.to_owned(), found, known }
}

/// Sorted and without doubles, so that a message does not depend on the order of folders.
fn join(parts: impl Iterator<Item = String>) -> String {
    let parts: BTreeSet<String> = parts.collect();
    if parts.is_empty() { "none".to_owned() } else { parts.into_iter().collect::<Vec<_>>().join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::profile::tests::SMALL;

    /// Format `small` once, format `big` in two versions told apart by an attribute.
    fn profiles() -> Vec<Arc<FeedProfile>> {
        let big = |version: &str| {
            let attributes = format!("attributes = {{ release = \"{version}\" }}\nlocal = \"Big\"");
            SMALL
                .replacen("format = \"small\"", "format = \"big\"", 1)
                .replacen("\"1.0\"", &format!("\"{version}\""), 1)
                .replacen("urn:small", &format!("urn:big:{version}"), 1)
                .replacen("local = \"shop\"", &attributes, 1)
                .replacen("shop/item", "Big/item", 1)
                .replacen("s = \"shop\"", "", 1)
        };
        let strict = SMALL.replacen("\"small\"", "\"strict\"", 1).replacen("urn:small", "urn:strict", 1);
        let strict = strict.replacen("assume_namespace = true", "", 1).replacen("\"shop\"", "\"store\"", 1);
        let strict = strict.replacen("shop/item", "store/item", 1).replacen("s = \"shop\"", "", 1);
        let texts = [SMALL.to_owned(), big("3.0"), big("3.1"), strict];
        texts.iter().map(|text| Arc::new(FeedProfile::parse(text, "test").unwrap())).collect()
    }

    #[track_caller]
    fn case(namespace: &str, local: &str, release: Option<&str>, expected: &str) {
        let attribute = |name: &str| release.filter(|_| name == "release");
        let found = match detect_by(&profiles(), ExpandedName { namespace, local }, attribute) {
            Ok(found) if found.assumed_namespace => format!("{} assumed", found.profile.id()),
            Ok(found) => found.profile.id(),
            Err(error) => error.to_string(),
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn a_namespace_decides() {
        case("urn:small", "shop", None, "small/1.0");
        case("urn:big:3.1", "Big", Some("3.1"), "big/3.1");
        case(
            "urn:big:3.1",
            "Big",
            Some("3.0"),
            "the root element `Big` says `release=\"3.0\"`; known are `release=\"3.1\"` (big/3.1)",
        );
        case("urn:big:3.0", "Big", None, "big/3.0");
    }

    #[test]
    fn without_one_attributes_decide_and_it_is_assumed() {
        case("", "shop", None, "small/1.0 assumed");
        case("", "Big", Some("3.0"), "big/3.0 assumed");
        case("", "Big", Some("3.1"), "big/3.1 assumed");
    }

    #[test]
    fn what_is_unknown_is_told_with_what_is_known() {
        case(
            "urn:x",
            "Pig",
            None,
            "the root element `{urn:x}Pig` belongs to no known format; known are `Big` (big/3.0), `Big` (big/3.1), \
             `shop` (small/1.0), `store` (strict/1.0)",
        );
        case(
            "urn:big:2.1",
            "Big",
            Some("3.0"),
            "the root element `Big` is in namespace `urn:big:2.1`; known for it are `urn:big:3.0` (big/3.0), \
             `urn:big:3.1` (big/3.1)",
        );
        let known = "known are `release=\"3.0\"` (big/3.0), `release=\"3.1\"` (big/3.1)";
        case("", "Big", Some("2.1"), &format!("the root element `Big` says `release=\"2.1\"`; {known}"));
        case("", "Big", None, &format!("the root element `Big` says nothing about `release`; {known}"));
        case(
            "",
            "store",
            None,
            "the root element `store` has no namespace; write xmlns=\"…\" with one of `urn:strict` (strict/1.0)",
        );
    }

    #[test]
    fn an_assumed_namespace_is_told() {
        let attribute = |_: &str| None;
        let found = detect_by(&profiles(), ExpandedName { namespace: "", local: "shop" }, attribute).unwrap();
        assert_eq!(
            found.notice().unwrap(),
            "the root element `shop` has no namespace; the feed is read as if it carried `urn:small`"
        );
    }
}

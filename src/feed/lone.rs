//! A record without its feed: recognised by the name of its element.
//!
//! Records are written out as they stand in their feed, mostly without the namespace that the root element declares:
//! then the formats are many that could be meant. Only who asks for one record wants to know; a feed is never a record.

use super::cut::Header;
use super::detect::Detected;
use super::profile::FeedProfile;
use crate::xml::{ExpandedName, RootTag};
use std::sync::Arc;

/// Code of what is told about a record that stands alone.
pub const RECORD_ALONE: &str = "feed.record-alone";

/// The formats of which this outermost element is a record, each with the root element that it would stand below.
/// Several fit when the element has no namespace.
#[must_use]
pub fn detect_record(profiles: &[Arc<FeedProfile>], outermost: &RootTag) -> Vec<Detected> {
    let name = ExpandedName { namespace: &outermost.namespace, local: outermost.local() };
    profiles.iter().flat_map(|profile| seats(profile, name)).collect()
}

/// Whether some format has records of this local name.
#[must_use]
pub fn is_record(profiles: &[Arc<FeedProfile>], local: &str) -> bool {
    profiles.iter().any(|profile| profile.root_of_record(local).is_some())
}

/// A header that leaves no default out which one of this format may have: what it says is not known of a record without
/// its feed, and nothing wrong with the record.
#[must_use]
pub fn presumed_header(profile: &FeedProfile) -> Header {
    let named = |is_there: bool, value: &str| is_there.then(|| value.to_owned());
    Header {
        // ISO 4217 has it for no currency.
        currency: named(profile.header.currency.is_some(), "XXX"),
        price_kind: named(profile.header.price_kind.is_some(), "?"),
        ..Header::default()
    }
}

/// The root elements of a format below which this is a record.
fn seats(profile: &Arc<FeedProfile>, name: ExpandedName<'_>) -> Vec<Detected> {
    let Some(around) = profile.root_of_record(name.local) else { return Vec::new() };
    let seat = |(root, each): (usize, &super::Root)| {
        let assumed_namespace = each.namespace != name.namespace;
        let fits = if name.namespace.is_empty() { around(&each.local) } else { !assumed_namespace };
        fits.then(|| Detected {
            profile: Arc::clone(profile),
            root,
            assumed_namespace,
            misspelt_namespace: false,
        })
    };
    profile.roots.iter().enumerate().filter_map(seat).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Cursor, Limits};

    fn profiles() -> Vec<Arc<FeedProfile>> {
        let texts = [
            include_str!("../../schemas/catalogue/1.0/profile.toml"),
            include_str!("../../schemas/onix/3.0/profile.toml"),
            include_str!("../../schemas/onix/3.1/profile.toml"),
        ];
        texts.iter().map(|text| Arc::new(FeedProfile::parse(text, "test").unwrap())).collect()
    }

    #[track_caller]
    fn case(document: &str, expected: &[&str]) {
        let root = Cursor::new(document.as_bytes(), Limits::default()).peek_root().unwrap();
        let found = detect_record(&profiles(), &root);
        let told = |each: &Detected| {
            let assumed = if each.assumed_namespace { " assumed" } else { "" };
            format!("{} {}{assumed}", each.profile.id(), each.root().local)
        };
        assert_eq!(found.iter().map(told).collect::<Vec<_>>(), expected, "{document}");
    }

    #[test]
    fn a_namespace_decides_and_without_one_the_name() {
        case("<product xmlns='urn:feedgate:catalogue:1.0'/>", &["catalogue/1.0 catalogue"]);
        case("<o:Product xmlns:o='http://ns.editeur.org/onix/3.1/reference'/>", &["onix/3.1 ONIXMessage"]);
        case("<product xmlns='http://ns.editeur.org/onix/3.0/short'/>", &["onix/3.0 ONIXmessage"]);
        case("<Product/>", &["onix/3.0 ONIXMessage assumed", "onix/3.1 ONIXMessage assumed"]);
        let short = ["onix/3.0 ONIXmessage assumed", "onix/3.1 ONIXmessage assumed"];
        case("<product/>", &[&["catalogue/1.0 catalogue assumed"][..], &short].concat());
        case("<product xmlns='urn:other'/>", &[]);
        case("<catalogue/>", &[]);
        case("<title/>", &[]);
    }
}

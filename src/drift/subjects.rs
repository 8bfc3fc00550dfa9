//! What a drift can be about: the names by which it is called expected.

use super::profile::Profile;
use std::collections::BTreeSet;

/// What is known of a feed as a whole, beside its header.
pub(super) const FACTS: [&str; 8] = [
    "encoding",
    "line ends",
    "namespaces",
    "notification types",
    "record bytes",
    "records",
    "refused records",
    "root",
];

/// The names of all that profiles know of: paths from the record inwards, and facts of the feed as a whole.
#[must_use]
pub fn subjects<'p>(profiles: impl IntoIterator<Item = &'p Profile>) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = FACTS.iter().map(|&name| name.to_owned()).collect();
    for profile in profiles {
        let paths = profile.kinds.values().flat_map(|kind| kind.paths.keys());
        names.extend(paths.filter(|path| !path.is_empty()).map(ToString::to_string));
        names.extend(profile.facts.header.keys().map(|name| format!("header/{name}")));
    }
    names
}

//! Leaf and issuers, told apart.

use super::dated::{Dated, KeyDigest, Link};
use std::collections::HashSet;

/// What something with dates is among those it came with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A certificate of somebody who issues none here.
    Leaf,
    /// A certificate that others are issued by.
    Issuer,
    /// The same, issued by itself.
    Root,
    /// A list of certificates that are revoked.
    Crl,
    /// A response of OCSP.
    Ocsp,
    /// A key that carries its own date.
    Key,
    /// A document as a whole.
    Document,
    /// How long a copy of a document may be used.
    Cache,
    /// A token (JWT).
    Token,
    /// A date that the inventory says.
    Date,
}

impl Role {
    /// The word under which it is published.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Leaf => "leaf",
            Self::Issuer => "issuer",
            Self::Root => "root",
            Self::Crl => "crl",
            Self::Ocsp => "ocsp",
            Self::Key => "key",
            Self::Document => "document",
            Self::Cache => "cache",
            Self::Token => "token",
            Self::Date => "date",
        }
    }

    /// What it is, for people.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Leaf => "leaf",
            Self::Issuer => "issuer",
            Self::Root => "root",
            Self::Crl => "revocation list",
            Self::Ocsp => "response of OCSP",
            Self::Key => "key",
            Self::Document => "document",
            Self::Cache => "copy",
            Self::Token => "token",
            Self::Date => "the date",
        }
    }

    /// Whether it only vouches for others.
    #[must_use]
    pub const fn vouches(self) -> bool {
        matches!(self, Self::Issuer | Self::Root)
    }
}

/// Tells leaf, issuers and roots apart among certificates that came together.
///
/// Who has issued another one of them is an issuer, whatever it says of itself: certificates of version 1 say nothing.
pub(super) fn settle_roles(dated: &mut [Dated]) {
    let issuers: HashSet<KeyDigest> = dated
        .iter()
        .filter_map(|each| each.link)
        .filter(|link| !is_own(link))
        .map(|link| link.issuer)
        .collect();
    for each in dated {
        if let Some(link) = each.link {
            each.role = role(&link, issuers.contains(&link.subject));
        }
    }
}

fn is_own(link: &Link) -> bool {
    link.issuer == link.subject
}

fn role(link: &Link, has_issued: bool) -> Role {
    match (link.issues || has_issued, is_own(link)) {
        (true, true) => Role::Root,
        (true, false) => Role::Issuer,
        (false, _) => Role::Leaf,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(subject: &str, issuer: &str, vouches: bool) -> Dated {
        let digest = |name: &str| KeyDigest::of(name.as_bytes());
        let link = Link { subject: digest(subject), issuer: digest(issuer), issues: vouches };
        Dated { link: Some(link), ..Dated::new(Role::Leaf, subject) }
    }

    #[track_caller]
    fn case(mut dated: Vec<Dated>, expected: &[Role]) {
        settle_roles(&mut dated);
        assert_eq!(dated.iter().map(|each| each.role).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_chain_has_a_leaf_and_issuers_in_any_order() {
        let chain = || {
            vec![
                certificate("root", "root", true),
                certificate("leaf", "ca", false),
                certificate("ca", "root", true),
            ]
        };
        case(chain(), &[Role::Root, Role::Leaf, Role::Issuer]);
    }

    #[test]
    fn who_has_issued_another_is_an_issuer_without_saying_so() {
        case(
            vec![certificate("old", "old", false), certificate("leaf", "old", false)],
            &[Role::Root, Role::Leaf],
        );
    }

    #[test]
    fn what_is_issued_by_itself_and_issues_nothing_is_a_leaf() {
        case(vec![certificate("self", "self", false)], &[Role::Leaf]);
        case(vec![certificate("ca", "root", true)], &[Role::Issuer]);
    }
}

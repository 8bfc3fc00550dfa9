//! What all pages share: one style, one script that searches and filters, and the policy that lets a page have nothing
//! else.
//!
//! A page is one file that asks for nothing: style and script stand in it, and its policy names them by their digests,
//! so that nothing else that may have come in with a feed is ever run or looked at. Without the script a page shows
//! everything.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// The style of every page.
pub(crate) const STYLE: &str = include_str!("style.css");
/// The script of every page.
pub(crate) const SCRIPT: &str = include_str!("sift.js");

static POLICY: LazyLock<String> = LazyLock::new(|| with_style(&by_digest(STYLE)));

/// A policy with this style and the script of ours.
fn with_style(style: &str) -> String {
    let script = by_digest(SCRIPT);
    format!("default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'; form-action 'none'")
}

/// What stands in a page as a source of its policy.
fn by_digest(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

/// What a page may do, as the value of a `Content-Security-Policy` (Content Security Policy Level 3).
pub(super) fn policy() -> &'static str {
    &POLICY
}

/// The policy under which a service gives out a page that it has kept: an earlier build may have made it with another
/// style, which the page's own policy names. In a sandbox, so that it is of no origin.
#[must_use]
pub fn kept_policy() -> String {
    format!("{}; frame-ancestors 'none'; sandbox allow-scripts", with_style("'unsafe-inline'"))
}

/// A page as tests look at it.
#[cfg(test)]
pub(super) mod testing {
    use crate::xml::{Cursor, Event, Limits, XmlError};

    /// Names of all elements and their attributes; a page is well-formed XML but for its first line.
    pub(in crate::report) fn outline(page: &str) -> Vec<(String, Vec<(String, String)>)> {
        let page = page.strip_prefix("<!DOCTYPE html>").expect("a document type");
        let mut found = Vec::new();
        let mut cursor = Cursor::new(page.as_bytes(), Limits::default());
        let read = cursor.for_each_event(|event| {
            if let Event::Start(tag) = event {
                let attributes = tag.attributes.iter();
                let attributes = attributes.map(|a| (a.name.local().to_owned(), a.value.to_owned()));
                found.push((tag.name.local().to_owned(), attributes.collect()));
            }
            Ok::<(), XmlError>(())
        });
        read.expect("well-formed");
        found
    }

    /// Nothing of the page comes from elsewhere, and nothing in it runs but the script that its policy names.
    pub(in crate::report) fn asks_for_nothing(page: &str) {
        let elements = outline(page);
        let count = |wanted: &str| elements.iter().filter(|(name, _)| name == wanted).count();
        assert_eq!((count("script"), count("style")), (1, 1));
        assert!(page.contains(&format!("<script>{}</script>", super::SCRIPT)));
        assert!(page.contains(&format!("<style>{}</style>", super::STYLE)));
        assert!(page.contains(super::policy()));
        for (name, attributes) in elements {
            assert!(!["img", "link", "iframe", "object", "form"].contains(&name.as_str()), "{name}");
            for (attribute, value) in attributes {
                assert!(!matches!(attribute.as_str(), "src" | "style" | "srcset"), "{name} {attribute}");
                assert!(!attribute.starts_with("on"), "{name} {attribute}");
                if attribute == "href" {
                    let known = ["https://www.w3.org/", "#"].iter().any(|start| value.starts_with(start));
                    assert!(name == "a" && known, "{name} {value}");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_and_script_ask_for_nothing_and_stand_in_any_markup() {
        for (text, wrong) in [
            (STYLE, &["url(", "@import", "<", "&"][..]),
            (SCRIPT, &["<", "&", "innerHTML", "eval", "fetch", "http", "import", "document.write"][..]),
        ] {
            for part in wrong {
                assert!(!text.contains(part), "`{part}`");
            }
        }
    }

    #[test]
    fn the_policy_names_what_it_lets_in_by_its_digest() {
        let sources = policy().matches("'sha256-").count();
        assert_eq!(sources, 2);
        assert!(!policy().contains("unsafe") && policy().starts_with("default-src 'none'"), "{}", policy());
        assert!(kept_policy().contains(&by_digest(SCRIPT)) && !kept_policy().contains("same-origin"));
    }
}

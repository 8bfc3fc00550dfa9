//! Style, script and icon: files that never change under their names, which have the digest of what is in them.

use crate::report::{PAGE_SCRIPT, PAGE_STYLE};
use crate::serve::problem::Problem;
use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::sync::LazyLock;

/// Bytes of the digest that stand in a name.
const NAMED_BYTES: usize = 8;

static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("css", "text/css", [PAGE_STYLE, include_str!("web.css")].concat()));
static SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("js", "text/javascript", [PAGE_SCRIPT, include_str!("web.js")].concat()));
static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("svg", "image/svg+xml", include_str!("icon.svg").to_owned()));

/// A file.
struct Asset {
    address: String,
    media_type: &'static str,
    text: String,
}

impl Asset {
    fn new(ending: &str, media_type: &'static str, text: String) -> Self {
        let digest = Sha256::digest(&text);
        let mut address = "/assets/feedgate-".to_owned();
        for byte in digest.iter().take(NAMED_BYTES) {
            write!(address, "{byte:02x}").expect("writes to memory");
        }
        address.extend([".", ending]);
        Self { address, media_type, text }
    }
}

/// Where the style is.
pub(super) fn style() -> &'static str {
    &STYLE.address
}

/// Where the script is.
pub(super) fn script() -> &'static str {
    &SCRIPT.address
}

/// Where the icon is.
pub(super) fn icon() -> &'static str {
    &ICON.address
}

/// Gives one out.
pub(super) async fn fetch(Path(name): Path<String>) -> Result<Response, Problem> {
    let called = |asset: &&LazyLock<Asset>| asset.address.strip_prefix("/assets/") == Some(name.as_str());
    let none = || Problem::not_found("there is no such file: an older version may have had it");
    let asset = [&STYLE, &SCRIPT, &ICON].into_iter().find(called).ok_or_else(none)?;
    let headers = [
        (CONTENT_TYPE, asset.media_type),
        (CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, asset.text.as_str()).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_what_is_in_the_file() {
        let of = |text: &str| Asset::new("css", "text/css", text.to_owned()).address;
        assert_ne!(of("a"), of("b"));
        // Of `sha256sum`, its beginning.
        assert_eq!(of("a"), "/assets/feedgate-ca978112ca1bbdca.css");
    }

    #[test]
    fn files_ask_for_nothing() {
        for (text, wrong) in [
            (&STYLE.text, &["url(", "@import"][..]),
            (&SCRIPT.text, &["innerHTML", "eval", "document.write", "import("]),
            (&ICON.text, &["script", "href"]),
        ] {
            for part in wrong {
                assert!(!text.contains(part), "`{part}`");
            }
        }
    }
}

//! Examples of the document: answers that a service gave.

use serde_json::Value;

/// A record alone.
pub(super) const RECORD: &str =
    "<product xmlns=\"urn:feedgate:catalogue:1.0\" reference=\"r-1\" notification=\"new\">…</product>";

macro_rules! example {
    ($name:ident) => {
        pub(super) fn $name() -> Value {
            serde_json::from_str(include_str!(concat!("examples/", stringify!($name), ".json")))
                .expect("JSON")
        }
    };
}

example!(run);
example!(findings);
example!(check);
example!(source);
example!(version);

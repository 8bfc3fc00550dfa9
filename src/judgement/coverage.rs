//! What the feeds of a sender speak of: all products, or those that changed.

use serde::{Deserialize, Serialize};

/// Whether a feed is a whole catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Coverage {
    /// It has every product there is: what it lacks is no more.
    Full,
    /// It has what changed: what it lacks stays as it is.
    Delta,
}

impl Coverage {
    /// Its word in profiles and settings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Delta => "delta",
        }
    }
}

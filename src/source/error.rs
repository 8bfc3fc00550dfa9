//! Why a feed could not be opened or read.

use super::stand::Unsettled;
use std::io;

/// Why the bytes of a feed cannot be had. The message names the feed and what to do.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// The file cannot be opened.
    #[error("cannot open `{feed}`")]
    Open {
        /// Name of the feed.
        feed: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A link that leads to nothing.
    #[error("`{feed}` is a link to `{target}`, where there is nothing: remove it, or deliver the file")]
    Dangling {
        /// Name of the feed.
        feed: String,
        /// Where it leads.
        target: String,
    },
    /// Somebody is still writing the file.
    #[error("`{feed}` cannot be used yet")]
    Unsettled {
        /// Name of the feed.
        feed: String,
        /// How that is known.
        #[source]
        source: Unsettled,
    },
    /// The first bytes cannot be read or decoded.
    #[error("cannot read `{feed}`")]
    Read {
        /// Name of the feed.
        feed: String,
        /// What the system or the decoder said.
        #[source]
        source: io::Error,
    },
    /// A zip archive that cannot be read.
    #[error("`{feed}` begins like a zip archive but is none: cut off or damaged; have it sent again")]
    ZipDamaged {
        /// Name of the feed.
        feed: String,
        /// What is wrong with it.
        #[source]
        source: zip::result::ZipError,
    },
    /// A document of another trade, which comes as a zip archive.
    #[error("`{feed}` is {what}, no feed: ask the sender for the feed in XML")]
    ZipDocument {
        /// Name of the feed.
        feed: String,
        /// What it is, with an article.
        what: &'static str,
    },
    /// A zip archive without a file.
    #[error("the zip archive `{feed}` holds no file")]
    ZipEmpty {
        /// Name of the feed.
        feed: String,
    },
    /// A zip archive with more than one feed, or with several files none of which looks like one.
    #[error(
        "the zip archive `{feed}` holds {count} {what}, such as `{first}` and `{second}`: deliver one feed in \
         each archive, or each by itself"
    )]
    ZipMembers {
        /// Name of the feed.
        feed: String,
        /// How many.
        count: usize,
        /// Of what.
        what: &'static str,
        /// The first.
        first: String,
        /// The second.
        second: String,
    },
    /// A zip member that needs a password.
    #[error("`{member}` in the zip archive `{feed}` is encrypted: decrypt it first")]
    ZipEncrypted {
        /// Name of the feed.
        feed: String,
        /// Name of the file inside.
        member: String,
    },
    /// A zip member in a compression we do not read.
    #[error(
        "`{member}` in the zip archive `{feed}` is compressed by `{method}`: pack it with deflate, or use gzip or zstd"
    )]
    ZipMethod {
        /// Name of the feed.
        feed: String,
        /// Name of the file inside.
        member: String,
        /// Name of the method.
        method: String,
    },
}

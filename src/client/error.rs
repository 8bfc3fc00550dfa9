//! Why something could not be had of a service.

use super::refusal::Refusal;
use crate::judgement::escape::shown;
use std::error::Error;
use std::io;
use std::time::Duration;

/// Why something could not be had of a service. What comes from there is made harmless before it is kept here.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// There is no way to speak to any service.
    #[error("cannot prepare connections")]
    Setup(#[source] Reason),
    /// The feed could not be read while it was sent.
    #[error("cannot read `{feed}` to its end, and nothing of it was taken")]
    Feed {
        /// Name of the feed.
        feed: String,
        /// What the system said.
        #[source]
        source: Reason,
    },
    /// Nobody is there.
    #[error("cannot reach `{host}`")]
    Unreachable {
        /// The machine.
        host: String,
        /// What the system said.
        #[source]
        source: Reason,
    },
    /// It does not prove who it is.
    #[error(
        "the certificate of `{host}` is refused: check the address; an authority that this system does not know is \
         named by the variable `SSL_CERT_FILE`, a file with its certificate"
    )]
    Certificate {
        /// The machine.
        host: String,
        /// What is wrong with it.
        #[source]
        source: Reason,
    },
    /// The two cannot agree on how to encrypt.
    #[error("`{host}` does not speak TLS as it must: check address and port, and whether it is `http://`")]
    Tls {
        /// The machine.
        host: String,
        /// What went wrong.
        #[source]
        source: Reason,
    },
    /// The connection ended in the middle.
    #[error("the connection to `{host}` broke off")]
    BrokenOff {
        /// The machine.
        host: String,
        /// What the system said.
        #[source]
        source: Reason,
    },
    /// Nothing came in time.
    #[error("`{host}` was silent for {} s", .time.as_secs())]
    Silent {
        /// The machine.
        host: String,
        /// How long it was waited for.
        time: Duration,
    },
    /// It is somewhere else.
    #[error(
        "`{host}` sends us on to `{to}`, where nothing is sent: name that address instead if it is right"
    )]
    Redirected {
        /// The machine.
        host: String,
        /// Where to.
        to: String,
    },
    /// The service does not do it.
    #[error(transparent)]
    Refused(Refusal),
    /// It is another program that answers.
    #[error("`{host}` does not answer as feedgate does ({what}): check the address")]
    NotFeedgate {
        /// The machine.
        host: String,
        /// What is wrong.
        what: String,
    },
    /// More than is taken of any service.
    #[error("`{host}` answers with more than {bytes_max} bytes (`{limit}`): check the address")]
    TooLong {
        /// The machine.
        host: String,
        /// Bytes that are taken.
        bytes_max: u64,
        /// Name of the limit.
        limit: &'static str,
    },
    /// A report has no place until it is whole.
    #[error("cannot keep a report in the folder for temporary files (`TMPDIR`)")]
    Keep(#[source] io::Error),
}

impl ClientError {
    /// Whether the same may go well later.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::BrokenOff { .. } | Self::Silent { .. } => true,
            Self::Refused(refusal) => refusal.may_pass(),
            _ => false,
        }
    }

    /// Whether it is about the feed alone: others may go well.
    #[must_use]
    pub fn is_about_feed(&self) -> bool {
        match self {
            Self::Feed { .. } => true,
            Self::Refused(refusal) => refusal.is_about_feed(),
            _ => false,
        }
    }

    /// When the service asks to be asked again.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        if let Self::Refused(refusal) = self { refusal.retry_after } else { None }
    }

    /// What a connection came to, for people.
    pub(super) fn of_transport(host: String, error: &reqwest::Error) -> Self {
        let source = Reason::of(error);
        if let Some(unread) = find::<UnreadableFeed>(error) {
            return Self::Feed { feed: unread.feed.clone(), source: Reason::of(&unread.source) };
        }
        match find::<rustls::Error>(error) {
            Some(rustls::Error::InvalidCertificate(_)) => return Self::Certificate { host, source },
            Some(_) => return Self::Tls { host, source },
            None => {}
        }
        if error.is_connect() { Self::Unreachable { host, source } } else { Self::BrokenOff { host, source } }
    }
}

/// The innermost cause, in a line.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Reason(String);

impl Reason {
    pub(super) fn of(error: &(dyn Error + 'static)) -> Self {
        let innermost = causes(error).last().unwrap_or(error);
        Self(shown(&innermost.to_string()))
    }
}

/// Marks what went wrong with the feed among all that goes wrong with a request.
#[derive(Debug, thiserror::Error)]
#[error("the feed cannot be read")]
pub(super) struct UnreadableFeed {
    pub(super) feed: String,
    #[source]
    pub(super) source: io::Error,
}

/// An error and its causes.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| deeper(*error))
}

/// The cause of an error; an error of the system is followed by what it wraps.
fn deeper<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

fn find<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// An error with its causes, in one line.
pub(super) fn chain(error: &ClientError) -> String {
    let source = error.source().map(|source| format!(": {source}")).unwrap_or_default();
    format!("{error}{source}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_innermost_cause_is_told_and_what_is_wrapped_is_found() {
        let bad = rustls::Error::General("\x1b[2Jbad".to_owned());
        let error = io::Error::other(io::Error::other(bad));
        assert!(find::<rustls::Error>(&error).is_some());
        assert_eq!(Reason::of(&error).to_string(), "unexpected error: \\u{1b}[2Jbad");
        let unread = UnreadableFeed { feed: "a.xml".to_owned(), source: io::Error::other("gone") };
        let error = io::Error::other(unread);
        assert_eq!(find::<UnreadableFeed>(&error).expect("found").feed, "a.xml");
        assert_eq!(Reason::of(&error).to_string(), "gone");
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let host = || "h".to_owned();
        assert!(ClientError::Silent { host: host(), time: Duration::ZERO }.may_pass());
        assert!(!ClientError::NotFeedgate { host: host(), what: String::new() }.may_pass());
        let unread = Reason("gone".to_owned());
        assert!(ClientError::Feed { feed: host(), source: unread }.is_about_feed());
        assert!(!ClientError::Redirected { host: host(), to: host() }.is_about_feed());
    }
}

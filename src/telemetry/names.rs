//! Names of attributes, the same on spans, metrics and log events.
//!
//! Our own stand below `feedgate.`, where no convention has any; the others are OpenTelemetry's. No name is another one
//! with more behind a dot: a store that takes dots for objects (Elasticsearch) could not hold both.

pub(super) use opentelemetry_semantic_conventions::attribute::{
    CLIENT_ADDRESS, DB_SYSTEM_NAME, ERROR_TYPE, HTTP_REQUEST_BODY_SIZE, HTTP_REQUEST_METHOD,
    HTTP_REQUEST_METHOD_ORIGINAL, HTTP_RESPONSE_BODY_SIZE, HTTP_RESPONSE_STATUS_CODE, HTTP_ROUTE,
    PROCESS_EXIT_CODE, PROCESS_PID, SERVER_ADDRESS, SERVER_PORT, URL_PATH, URL_SCHEME, USER_AGENT_ORIGINAL,
};

pub(super) use opentelemetry_semantic_conventions::SCHEMA_URL;

use opentelemetry::InstrumentationScope;

/// Who makes our signals, in which version, and by which conventions.
pub(super) fn scope() -> InstrumentationScope {
    InstrumentationScope::builder("feedgate")
        .with_version(env!("CARGO_PKG_VERSION"))
        .with_schema_url(SCHEMA_URL)
        .build()
}

/// What was asked for: `validate` or `import`.
pub(super) const COMMAND: &str = "feedgate.command";
/// What became of a run, feed or record.
pub(super) const OUTCOME: &str = "feedgate.outcome";
/// Name of a feed.
pub(super) const FEED: &str = "feedgate.feed";
/// Feeds of a run.
pub(super) const FEEDS: &str = "feedgate.feeds";
/// Feeds without a span of their own.
pub(super) const FEEDS_LEFT_OUT: &str = "feedgate.feeds_left_out";
/// Format of a feed, such as `onix/3.0`.
pub(super) const FORMAT: &str = "feedgate.format";
/// Sender of a feed.
pub(super) const SENDER: &str = "feedgate.sender";
/// Number of a feed as its sender counts.
pub(super) const MESSAGE_NUMBER: &str = "feedgate.message_number";
/// Bytes read.
pub(super) const BYTES: &str = "feedgate.bytes";
/// Records read.
pub(super) const RECORDS: &str = "feedgate.records";
/// Records refused.
pub(super) const REFUSED: &str = "feedgate.records_refused";
/// Key of a record.
pub(super) const RECORD_KEY: &str = "feedgate.record.key";
/// Number of a record in its feed, from 1.
pub(super) const RECORD_NUMBER: &str = "feedgate.record.number";
/// Deviations: of a record, a feed, a run.
pub(super) const DEVIATIONS: &str = "feedgate.deviations";
/// Those of them that spans or log events tell.
pub(super) const DEVIATIONS_TOLD: &str = "feedgate.deviations_told";
/// Those that were only counted.
pub(super) const DEVIATIONS_LEFT_OUT: &str = "feedgate.deviations_left_out";
/// Groups of equal deviations with their counts, the largest first.
pub(super) const DEVIATION_GROUPS: &str = "feedgate.deviation.groups";
/// Clause of the Recommendation, or rule of the format.
pub(super) const CODE: &str = "feedgate.deviation.code";
/// The other codes in the same record.
pub(super) const OTHER_CODES: &str = "feedgate.deviation.other_codes";
/// How much it weighs.
pub(super) const SEVERITY: &str = "feedgate.deviation.severity";
/// The sentence for people.
pub(super) const SENTENCE: &str = "feedgate.deviation.sentence";
/// Element path.
pub(super) const PATH: &str = "feedgate.deviation.path";
/// Line, from 1.
pub(super) const LINE: &str = "feedgate.deviation.line";
/// Column in characters, from 1.
pub(super) const COLUMN: &str = "feedgate.deviation.column";
/// What was found, cut.
pub(super) const FOUND: &str = "feedgate.deviation.found";
/// What was expected, cut.
pub(super) const EXPECTED: &str = "feedgate.deviation.expected";
/// The group of equal deviations.
pub(super) const FINGERPRINT: &str = "feedgate.deviation.fingerprint";
/// Number of a run in the database.
pub(super) const RUN: &str = "feedgate.run";
/// What is done in the database.
pub(super) const OPERATION: &str = "feedgate.operation";
/// Main document of a schema.
pub(super) const DOCUMENT: &str = "feedgate.schema.document";
/// Hundreds of the status of a response: `2xx`.
pub(super) const STATUS_CLASS: &str = "feedgate.http.status_class";
/// Name of the token that a request came with.
pub(super) const TOKEN: &str = "feedgate.token";
/// What is sent to a collector: spans, log events, metrics.
pub(super) const SIGNAL: &str = "feedgate.signal";
/// What a run of the queue does: it waits or it runs.
pub(super) const QUEUE_STATE: &str = "feedgate.queue.state";
/// Name of a thing that expires.
pub(super) const EXPIRY_THING: &str = "feedgate.expiry.thing";
/// What kind of thing it is.
pub(super) const EXPIRY_KIND: &str = "feedgate.expiry.kind";
/// Whose it is.
pub(super) const EXPIRY_OWNER: &str = "feedgate.expiry.owner";
/// How it stands.
pub(super) const EXPIRY_STATE: &str = "feedgate.expiry.state";

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Names of the conventions that are used here.
    const OF_CONVENTIONS: &[&str] = &[
        CLIENT_ADDRESS,
        DB_SYSTEM_NAME,
        ERROR_TYPE,
        HTTP_REQUEST_BODY_SIZE,
        HTTP_REQUEST_METHOD,
        HTTP_REQUEST_METHOD_ORIGINAL,
        HTTP_RESPONSE_BODY_SIZE,
        HTTP_RESPONSE_STATUS_CODE,
        HTTP_ROUTE,
        PROCESS_EXIT_CODE,
        PROCESS_PID,
        SERVER_ADDRESS,
        SERVER_PORT,
        URL_PATH,
        URL_SCHEME,
        USER_AGENT_ORIGINAL,
    ];

    /// Where events and spans are made whose fields are written out.
    const MAKERS: &[&str] = &[
        include_str!("database.rs"),
        include_str!("deviation.rs"),
        include_str!("expiry.rs"),
        include_str!("feed_signals.rs"),
        include_str!("losses.rs"),
        include_str!("request.rs"),
    ];

    /// The constants of this file.
    fn constants() -> impl Iterator<Item = &'static str> {
        let declared =
            include_str!("names.rs").lines().filter_map(|line| line.strip_prefix("pub(super) const "));
        declared.filter_map(|line| line.split('"').nth(1))
    }

    /// The dotted names of fields: `feedgate.run = ...`.
    fn fields(source: &'static str) -> impl Iterator<Item = &'static str> {
        let names =
            source.lines().filter_map(|line| Some(line.trim().trim_start_matches("{ ").split_once(" = ")?.0));
        let is_name = |name: &&str| name.chars().all(|each| each.is_ascii_lowercase() || "._".contains(each));
        names.filter(is_name).filter(|name| name.contains('.') && !name.starts_with("self."))
    }

    #[test]
    fn no_name_is_an_object_that_holds_another() {
        let fields: BTreeSet<&str> = MAKERS.iter().flat_map(|source| fields(source)).collect();
        for known in ["feedgate.records_refused", "feedgate.deviation.code", "feedgate.lost.spans"] {
            assert!(fields.contains(known), "{fields:?}");
        }
        let constants: BTreeSet<&str> = constants().collect();
        assert!(constants.contains(REFUSED) && constants.contains(QUEUE_STATE), "{constants:?}");
        let all: BTreeSet<&str> = fields.union(&constants).chain(OF_CONVENTIONS).copied().collect();
        for name in &all {
            let inner =
                all.iter().find(|other| other.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')));
            assert_eq!(inner, None, "`{name}` would have to be a value and an object");
        }
    }
}

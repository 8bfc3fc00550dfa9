//! Problem details (RFC 9457), as a service tells why it does not do something.

use super::retry;
use crate::judgement::escape::shown;
use jiff::Timestamp;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde::Deserialize;
use std::time::Duration;

/// What every name of a problem of ours begins with.
const PROBLEM: &str = "urn:feedgate:problem:";

/// Why a service does not do something, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the service refuses it: {detail} (status {status}{kind}){}", self.hint())]
pub struct Refusal {
    /// The status of the answer.
    pub status: u16,
    kind: Kind,
    detail: String,
    has_token: bool,
    pub(super) retry_after: Option<Duration>,
}

/// The stable name of a problem, empty when whoever answers has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Kind(String);

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, ", `{}`", self.0) }
    }
}

/// Problem details as they are written, or nothing of them.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Details {
    #[serde(rename = "type")]
    kind: Option<String>,
    title: Option<String>,
    detail: Option<String>,
    parameter: Option<String>,
}

impl Refusal {
    /// Reads a refusal; what is no problem of ours is told by its status. `has_token` says whether one was shown.
    pub(super) fn read(status: StatusCode, headers: &HeaderMap, body: &[u8], has_token: bool) -> Self {
        let details: Details = serde_json::from_slice(body).unwrap_or_default();
        let kind = details.kind.as_deref().and_then(|kind| kind.strip_prefix(PROBLEM)).unwrap_or_default();
        let usual = status.canonical_reason().unwrap_or("no reason is given").to_lowercase();
        let said = details.detail.filter(|detail| !detail.is_empty()).or(details.title);
        let detail = shown(&said.unwrap_or(usual));
        let about = details.parameter.map(|name| format!("`{}`: ", shown(&name))).unwrap_or_default();
        Self {
            status: status.as_u16(),
            kind: Kind(shown(kind)),
            detail: about + &detail,
            has_token,
            retry_after: retry::retry_after(headers, Timestamp::now()),
        }
    }

    /// Whether the same may go well later.
    pub(super) const fn may_pass(&self) -> bool {
        matches!(self.status, 408 | 429 | 502 | 503 | 504 | 507)
    }

    /// Whether it is about what was sent, and not about whoever sends or where to.
    pub(super) fn is_about_feed(&self) -> bool {
        matches!(self.status, 400 | 409 | 413 | 415 | 422) || self.kind.0 == "source-forbidden"
    }

    /// What to do, where whoever answers cannot know it or does not say it.
    fn hint(&self) -> &'static str {
        let says_it = !self.kind.0.is_empty();
        match self.status {
            401 if !self.has_token => {
                "; show a token: the variable `FEEDGATE_TOKEN` has it, or a file that `--token-file` names"
            }
            401 => "; it is unknown there, revoked or expired: ask those who run the service for another",
            403 => {
                "; ask those who run the service for a token with the scopes `submit` and, to wait, `read`"
            }
            404 => "; check the address: it is written up to what stands before `/v1`",
            413 if !says_it => "; pack the feed (gzip, zstd, zip), or deliver it in parts",
            415 if !says_it => "; check the address, and that nothing in between changes what is sent",
            _ => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(status: u16, body: &str, expected: &str) {
        let status = StatusCode::from_u16(status).expect("a status");
        let refusal = Refusal::read(status, &HeaderMap::new(), body.as_bytes(), false);
        assert_eq!(refusal.to_string(), expected);
    }

    #[test]
    fn what_was_wrong_stands_before_what_to_do() {
        case(
            401,
            r#"{"type": "urn:feedgate:problem:unauthorized", "title": "t", "detail": "no token is shown"}"#,
            "the service refuses it: no token is shown (status 401, `unauthorized`); show a token: the variable \
             `FEEDGATE_TOKEN` has it, or a file that `--token-file` names",
        );
        case(
            400,
            r#"{"type": "urn:feedgate:problem:invalid-parameter", "detail": "no such", "parameter": "format"}"#,
            "the service refuses it: `format`: no such (status 400, `invalid-parameter`)",
        );
    }

    #[test]
    fn what_is_no_problem_is_told_by_its_status_and_nothing_reaches_the_terminal() {
        case(502, "<html>", "the service refuses it: bad gateway (status 502)");
        case(
            413,
            "<html>",
            "the service refuses it: payload too large (status 413); pack the feed (gzip, zstd, zip), or deliver it in \
             parts",
        );
        case(500, "[1]", "the service refuses it: internal server error (status 500)");
        let evil = r#"{"type": "urn:feedgate:problem:\u001b[2J", "detail": "a\u001b]0;x\u0007\nb"}"#;
        case(500, evil, r"the service refuses it: a\u{1b}]0;x\u{7}\nb (status 500, `\u{1b}[2J`)");
        let long = format!(r#"{{"detail": "{}"}}"#, "x".repeat(10_000));
        let refusal = Refusal::read(StatusCode::CONFLICT, &HeaderMap::new(), long.as_bytes(), true);
        assert!(refusal.to_string().len() < 1_000);
    }

    #[test]
    fn statuses_say_whether_it_may_pass_and_whom_it_is_about() {
        let of = |status: u16, body: &str| {
            let status = StatusCode::from_u16(status).expect("a status");
            Refusal::read(status, &HeaderMap::new(), body.as_bytes(), true)
        };
        for status in [408, 429, 502, 503, 504, 507] {
            assert!(of(status, "").may_pass() && !of(status, "").is_about_feed(), "{status}");
        }
        for status in [400, 409, 413, 415] {
            assert!(!of(status, "").may_pass() && of(status, "").is_about_feed(), "{status}");
        }
        for status in [401, 403, 404, 500] {
            assert!(!of(status, "").may_pass() && !of(status, "").is_about_feed(), "{status}");
        }
        assert!(of(403, r#"{"type": "urn:feedgate:problem:source-forbidden"}"#).is_about_feed());
    }
}

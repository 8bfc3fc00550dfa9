//! Answers, read under limits of size and time.

use super::client::Client;
use super::error::ClientError;
use super::refusal::Refusal;
use crate::judgement::escape::shown;
use reqwest::header::LOCATION;
use reqwest::{RequestBuilder, Response};
use serde::de::DeserializeOwned;
use std::time::Duration;
use tokio::time::timeout;

/// Bytes of an answer that is no report.
pub const ANSWER_BYTES_MAX: usize = 1 << 20;
/// How long an answer, or the next piece of one, is waited for.
pub(super) const ANSWER_PAUSE_MAX: Duration = Duration::from_secs(30);

impl Client {
    /// Asks, without a body, and takes what is no refusal.
    pub(super) async fn asked(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        match timeout(ANSWER_PAUSE_MAX, request.send()).await {
            Err(_) => Err(ClientError::Silent { host: self.host(), time: ANSWER_PAUSE_MAX }),
            Ok(Err(error)) => Err(ClientError::of_transport(self.host(), &error)),
            Ok(Ok(response)) => self.accepted(response).await,
        }
    }

    /// Takes an answer that is neither a refusal nor sends us on.
    pub(super) async fn accepted(&self, response: Response) -> Result<Response, ClientError> {
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        if status.is_redirection() {
            let to = response.headers().get(LOCATION).map(|to| String::from_utf8_lossy(to.as_bytes()));
            let to = shown(&to.unwrap_or_default());
            return Err(ClientError::Redirected { host: self.host(), to });
        }
        let headers = response.headers().clone();
        // A refusal that cannot be read is one all the same.
        let body = self.body(response).await.unwrap_or_default();
        Err(ClientError::Refused(Refusal::read(status, &headers, &body, self.has_token())))
    }

    /// The next piece of an answer, in time.
    pub(super) async fn piece(&self, response: &mut Response) -> Result<Option<Vec<u8>>, ClientError> {
        match timeout(ANSWER_PAUSE_MAX, response.chunk()).await {
            Err(_) => Err(ClientError::Silent { host: self.host(), time: ANSWER_PAUSE_MAX }),
            Ok(Err(error)) => Err(ClientError::of_transport(self.host(), &error)),
            Ok(Ok(piece)) => Ok(piece.map(Vec::from)),
        }
    }

    async fn body(&self, mut response: Response) -> Result<Vec<u8>, ClientError> {
        let mut body = Vec::new();
        while let Some(piece) = self.piece(&mut response).await? {
            body.extend_from_slice(&piece);
            if body.len() > ANSWER_BYTES_MAX {
                let (bytes_max, limit) = (ANSWER_BYTES_MAX as u64, "ANSWER_BYTES_MAX");
                return Err(ClientError::TooLong { host: self.host(), bytes_max, limit });
            }
        }
        Ok(body)
    }

    /// Reads an answer that is JSON of ours.
    pub(super) async fn json<T: DeserializeOwned>(&self, response: Response) -> Result<T, ClientError> {
        let body = self.body(response).await?;
        serde_json::from_slice(&body).map_err(|error| self.other_program(&error.to_string()))
    }

    /// Whatever answers, it is not feedgate.
    pub(super) fn other_program(&self, what: &str) -> ClientError {
        ClientError::NotFeedgate { host: self.host(), what: shown(what) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, body: impl Into<reqwest::Body>) -> Response {
        let response = hyper::Response::builder().status(status).header("location", "http://other/~");
        response.body(body.into()).expect("a response").into()
    }

    fn client() -> Client {
        let address = "http://service.example/".parse().expect("an address");
        Client::new(address, None, Box::new(|_| {})).expect("a client")
    }

    #[tokio::test]
    async fn answer_bytes_max() {
        let of = |length: usize| response(200, format!("\"{}\"", "x".repeat(length - 2)));
        let text: String = client().json(of(ANSWER_BYTES_MAX)).await.expect("at the limit");
        assert_eq!(text.len(), ANSWER_BYTES_MAX - 2);
        let error = client().json::<String>(of(ANSWER_BYTES_MAX + 1)).await.expect_err("one above");
        assert!(matches!(error, ClientError::TooLong { limit: "ANSWER_BYTES_MAX", .. }), "{error}");
    }

    #[tokio::test]
    async fn what_is_no_answer_of_ours_is_told() {
        let error = client().json::<u8>(response(200, "<html>")).await.expect_err("no JSON").to_string();
        assert!(
            error.starts_with("`service.example` does not answer as feedgate does (expected value"),
            "{error}"
        );
        let error = client().accepted(response(307, "")).await.expect_err("sent on").to_string();
        assert!(error.contains("sends us on to `http://other/~`"), "{error}");
    }
}

//! The client of exporters over HTTP, which keeps what they throw away: why a connection could not be made.

use super::delivery::Delivery;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;

/// What an answer comes to.
type Answer<'a> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'a>>;

/// Sends, and tells the delivery of its signal what goes wrong.
#[derive(Debug)]
pub(super) struct HeardClient {
    pub(super) client: reqwest::blocking::Client,
    pub(super) delivery: Arc<Delivery>,
}

impl HttpClient for HeardClient {
    fn send_bytes<'life0, 'async_trait>(&'life0 self, request: Request<Bytes>) -> Answer<'async_trait>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async {
            let answer = self.client.send_bytes(request).await;
            self.delivery.hears(answer.as_ref().err().map(|error| chain(error.as_ref())));
            answer
        })
    }
}

/// An error with all its causes. The first names the address, and the address may hold a password.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut told = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        told.push(error.to_string());
        cause = error.source();
    }
    if told.is_empty() { "the request failed".to_owned() } else { told.join(": ") }
}

//! Whoever speaks to a service.

use super::address::ServiceUrl;
use super::error::{ClientError, Reason, chain};
use super::retry::{self, TRIES_MAX};
use super::token::BearerToken;
use reqwest::header::{ACCEPT, AUTHORIZATION};
use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder};
use std::fmt;
use std::time::Duration;

/// How long a connection may take to be made.
const CONNECT_MAX: Duration = Duration::from_secs(15);

/// Tells people what goes on, a sentence each.
pub type Tell = Box<dyn Fn(&str) + Send + Sync>;

/// Speaks to one service, as one caller. What may pass is tried again, up to [`TRIES_MAX`] times in all.
pub struct Client {
    http: reqwest::Client,
    address: ServiceUrl,
    token: Option<BearerToken>,
    tell: Tell,
}

impl Client {
    /// Prepares to speak to a service; nothing is sent yet.
    pub fn new(address: ServiceUrl, token: Option<BearerToken>, tell: Tell) -> Result<Self, ClientError> {
        // Without it, a client panics when it is made. A second call finds the first one's choice.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .user_agent(concat!("feedgate/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_MAX)
            // A token is for whom it is shown to, and a feed cannot be sent on.
            .redirect(Policy::none())
            .build()
            .map_err(|error| ClientError::Setup(Reason::of(&error)))?;
        Ok(Self { http, address, token, tell })
    }

    /// Where it is.
    #[must_use]
    pub const fn address(&self) -> &ServiceUrl {
        &self.address
    }

    pub(super) fn host(&self) -> String {
        self.address.host()
    }

    pub(super) const fn has_token(&self) -> bool {
        self.token.is_some()
    }

    pub(super) fn tell(&self, sentence: &str) {
        (self.tell)(sentence);
    }

    /// A request with all that every request has; the query is empty.
    pub(super) fn request(&self, method: Method, path: &str, query: &[(&str, &str)]) -> RequestBuilder {
        let mut url = self.address.at(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = self.http.request(method, url).header(ACCEPT, "application/json, */*;q=0.5");
        match &self.token {
            Some(token) => request.header(AUTHORIZATION, token.header().clone()),
            None => request,
        }
    }

    /// Does something that may be done twice, and again when what went wrong may pass. `act` is told which try it is.
    pub(super) async fn persistently<T>(
        &self,
        what: &str,
        mut act: impl AsyncFnMut(u32) -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        let mut tries = 1;
        loop {
            let error = match act(tries).await {
                Err(error) if error.may_pass() && tries < TRIES_MAX => error,
                done => return done,
            };
            let pause = retry::pause(tries, error.retry_after(), retry::jitter());
            tries += 1;
            self.tell(&format!(
                "notice: {what}: {}; try {tries} of {TRIES_MAX} in {:.1} s",
                chain(&error),
                pause.as_secs_f64()
            ));
            tokio::time::sleep(pause).await;
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("address", &self.address).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    fn client(told: &Arc<Mutex<Vec<String>>>) -> Client {
        let (address, told) = ("http://service.example/".parse().expect("an address"), Arc::clone(told));
        let tell = move |text: &str| told.lock().expect("no panic while held").push(text.to_owned());
        Client::new(address, None, Box::new(tell)).expect("a client")
    }

    fn silent() -> ClientError {
        ClientError::Silent { host: "h".to_owned(), time: Duration::from_secs(30) }
    }

    #[tokio::test(start_paused = true)]
    async fn tries_max() {
        let told = Arc::default();
        let client = client(&told);
        let until = async |last: u32| {
            client
                .persistently("`a.xml`", async |tries| if tries < last { Err(silent()) } else { Ok(tries) })
                .await
        };
        assert_eq!(until(TRIES_MAX).await.expect("the last try"), TRIES_MAX);
        until(TRIES_MAX + 1).await.expect_err("one more is not made");
        let told = told.lock().expect("no panic while held");
        assert_eq!(told.len(), 2 * (TRIES_MAX as usize - 1));
        assert!(
            told[0].starts_with("notice: `a.xml`: `h` was silent for 30 s; try 2 of 8 in 0."),
            "{}",
            told[0]
        );
    }

    #[tokio::test]
    async fn what_does_not_pass_is_not_tried_again() {
        let client = client(&Arc::default());
        let mut tries = 0;
        let act = async |_| {
            tries += 1;
            Err::<(), _>(client.other_program("garbage"))
        };
        client.persistently("`a.xml`", act).await.expect_err("garbage stays garbage");
        assert_eq!(tries, 1);
    }
}

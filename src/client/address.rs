//! Where a service is.

use reqwest::Url;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// Address of a service: all its routes stand below it.
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceUrl(Url);

/// Why a text is no address of a service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not an address at all.
    #[error("`{text}` is no address of a service: write it like `https://feedgate.example/`")]
    Malformed {
        /// What was written.
        text: String,
    },
    /// A password or token would be seen by all that see the command line.
    #[error(
        "the address of a service holds no name and no password: a token is read from a file or from a variable"
    )]
    Secret,
}

impl ServiceUrl {
    /// What stands below it under a path, `v1/runs`.
    pub(super) fn at(&self, path: &str) -> Url {
        self.0.join(path).expect("a path of ours below an address is one")
    }

    /// Where people and programs find a run.
    #[must_use]
    pub fn run(&self, run: i64) -> String {
        self.at(&format!("v1/runs/{run}")).to_string()
    }

    /// The machine, for people.
    #[must_use]
    pub fn host(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        self.0.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Whether what is said to it can be read on the way: not encrypted, and not to this machine.
    #[must_use]
    pub fn is_readable_on_the_way(&self) -> bool {
        let host = self.0.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let is_here = host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
        self.0.scheme() == "http" && !is_here
    }
}

impl FromStr for ServiceUrl {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let malformed = || AddressError::Malformed { text: hidden(text) };
        let mut url = Url::parse(text.trim()).map_err(|_| malformed())?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::Secret);
        }
        let is_right = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.query().is_none()
            && url.fragment().is_none();
        if !is_right {
            return Err(malformed());
        }
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Ok(Self(url))
    }
}

/// What was written, but for what stands where a password does.
fn hidden(text: &str) -> String {
    text.rsplit_once('@').map_or_else(|| text.to_owned(), |(_, behind)| format!("…@{behind}"))
}

impl fmt::Display for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())
    }
}

impl fmt::Debug for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn case(text: &str, run: &str, host: &str) {
        let address: ServiceUrl = text.parse().expect("an address");
        assert_eq!((address.run(17).as_str(), address.host().as_str()), (run, host));
    }

    #[test]
    fn routes_stand_below_it() {
        case("https://feedgate.example", "https://feedgate.example/v1/runs/17", "feedgate.example");
        case("https://feedgate.example/", "https://feedgate.example/v1/runs/17", "feedgate.example");
        case("http://10.0.0.1:8080/gate", "http://10.0.0.1:8080/gate/v1/runs/17", "10.0.0.1:8080");
    }

    #[test]
    fn what_is_no_address_is_refused_and_a_password_is_not_repeated() {
        for text in
            ["", "feedgate.example", "feedgate.example:8080", "ftp://a/", "https://a/?x=1", "https://a/#x"]
        {
            let error = text.parse::<ServiceUrl>().expect_err("no address");
            assert_eq!(error, AddressError::Malformed { text: text.to_owned() });
        }
        for text in ["https://user:hidden@a/", "https://hidden@a/"] {
            assert_eq!(text.parse::<ServiceUrl>(), Err(AddressError::Secret));
        }
        let error = "user:hidden@a".parse::<ServiceUrl>().expect_err("no address").to_string();
        assert!(!error.contains("hidden"), "{error}");
    }

    #[test]
    fn only_what_stays_on_this_machine_is_safe_unencrypted() {
        let readable = |text: &str| text.parse::<ServiceUrl>().expect("right").is_readable_on_the_way();
        assert!(readable("http://feedgate.example/") && readable("http://10.0.0.1/"));
        for text in ["https://feedgate.example/", "http://localhost:1/", "http://127.0.0.1/", "http://[::1]/"]
        {
            assert!(!readable(text), "{text}");
        }
    }
}

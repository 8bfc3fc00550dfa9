//! The only place that opens connections: what an endpoint serves, and whether it is what it should be.
//!
//! ```text
//!  connect ─▶ STARTTLS, if the protocol has it ─▶ handshake, any certificate will do ─▶ chain, as served
//!     its dates │ leads to what is trusted? │ is for this host? │ is what is stored?        each told apart
//! ```
//!
//! The handshake proves that the other side has the key of what it serves; everything else is judged afterwards, so
//! that a certificate that has expired is told with its date and not only refused.

mod handshake;
mod start_tls;
mod timed;
mod trust;

pub(super) use trust::SystemRoots;

use super::files;
use crate::expiry::limits::SERVED_MAX;
use crate::expiry::{Dated, Endpoint, Form, ReadError, Reason, Sight, State, Trouble, read_chain};
use jiff::Timestamp;
use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;
use timed::Timed;

/// Why nothing was served.
#[derive(Debug, thiserror::Error)]
enum ProbeError {
    /// No connection, or none in time.
    #[error("cannot connect: {0}")]
    Connect(io::Error),
    /// The connection broke or took too long.
    #[error("the connection broke: {0}")]
    Broken(io::Error),
    /// The other side does not speak as it should.
    #[error("{0}")]
    Protocol(String),
    /// A file that the connection needs cannot be used.
    #[error("{0}")]
    File(String),
}

impl ProbeError {
    fn trouble(&self) -> Trouble {
        let (state, reason) = match self {
            Self::Connect(_) | Self::Broken(_) => (State::Unreachable, Reason::Connection),
            Self::Protocol(_) => (State::Unreachable, Reason::Protocol),
            Self::File(_) => (State::Unreadable, Reason::File),
        };
        Trouble::new(state, reason, self.to_string())
    }
}

/// Looks at an endpoint.
pub(super) fn look(endpoint: &Endpoint, folder: &Path, roots: &SystemRoots, now: Timestamp) -> Sight {
    let mut sight = Sight::default();
    match served(endpoint, folder) {
        Ok(served) => {
            sight.troubles.extend(served.error.map(|error| error.trouble()));
            judge(endpoint, folder, roots, &served.chain, now, &mut sight);
        }
        Err(error) => sight.troubles.push(error.trouble()),
    }
    sight
}

/// What was served, and what went wrong after that.
struct Served {
    chain: Vec<Vec<u8>>,
    error: Option<ProbeError>,
}

fn served(endpoint: &Endpoint, folder: &Path) -> Result<Served, ProbeError> {
    // Before the connection: a file that is not there is no matter of the other side.
    let client = endpoint.client.as_ref().map(|files| handshake::client(files, folder)).transpose()?;
    let mut stream = connect(endpoint)?;
    if let Some(protocol) = endpoint.start_tls {
        start_tls::begin(protocol, &mut stream)?;
    }
    handshake::chain(&mut stream, &endpoint.server_name, client)
}

fn connect(endpoint: &Endpoint) -> Result<Timed, ProbeError> {
    let deadline = Instant::now() + endpoint.timeout;
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for address in addresses(endpoint)? {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            last = io::ErrorKind::TimedOut.into();
            break;
        }
        match TcpStream::connect_timeout(&address, left) {
            Ok(stream) => return Ok(Timed::new(stream, deadline)),
            Err(error) => last = error,
        }
    }
    Err(ProbeError::Connect(last))
}

/// The addresses of a host. Who answers for names may take longer than the whole look may: the system's call cannot be
/// ended, so a thread of its own waits for it, and is left behind when the time is over.
fn addresses(endpoint: &Endpoint) -> Result<Vec<SocketAddr>, ProbeError> {
    let (send, receive) = mpsc::channel();
    let (host, port) = (endpoint.host.clone(), endpoint.port);
    let asked = move || send.send((host.as_str(), port).to_socket_addrs().map(Iterator::collect));
    thread::Builder::new().name("resolve".to_owned()).spawn(asked).map_err(ProbeError::Connect)?;
    let late =
        |_| Err(io::Error::new(io::ErrorKind::TimedOut, "the name of the host is not resolved in time"));
    receive.recv_timeout(endpoint.timeout).unwrap_or_else(late).map_err(ProbeError::Connect)
}

fn judge(
    endpoint: &Endpoint,
    folder: &Path,
    roots: &SystemRoots,
    chain: &[Vec<u8>],
    now: Timestamp,
    sight: &mut Sight,
) {
    if chain.len() > SERVED_MAX {
        let (limit, what) = ("SERVED_MAX", "certificates");
        let error = ReadError::Limit { limit, max: SERVED_MAX as u64, what };
        return sight.troubles.push(error.trouble());
    }
    let reading = read_chain(chain);
    for (place, error) in reading.faults {
        sight.troubles.push(error.trouble().at(place));
    }
    let leaf = chain.first().and_then(|der| reading.dated.iter().find(|dated| dated.is_of(der)));
    if let Some((der, leaf)) = chain.first().zip(leaf) {
        sight.troubles.extend(trust::chain(endpoint, folder, roots, chain, leaf, now));
        sight.troubles.extend(trust::host_name(der, &endpoint.server_name));
        sight.troubles.extend(stored(endpoint, folder, leaf));
    }
    sight.found.extend(reading.dated.into_iter().map(|dated| (String::new(), dated)));
}

/// Whether what is served is what is stored.
fn stored(endpoint: &Endpoint, folder: &Path, served: &Dated) -> Vec<Trouble> {
    let Some(path) = &endpoint.stored else { return Vec::new() };
    let stored = files::look(Form::Certificates, &folder.join(path), None, &[]);
    let mut troubles: Vec<Trouble> = stored.troubles;
    for trouble in &mut troubles {
        trouble.place = ["stored", path, &trouble.place].join(" ");
    }
    let is_there =
        stored.found.iter().any(|(_, dated)| dated.digest.is_some() && dated.digest == served.digest);
    if is_there || !troubles.is_empty() {
        return troubles;
    }
    let latest = stored.found.iter().map(|(_, dated)| dated).filter(|dated| !dated.role.vouches());
    let other = latest
        .max_by_key(|dated| dated.until)
        .map_or("none is stored".to_owned(), |dated| format!("stored is {}", described(dated)));
    let sentence = format!(
        "what is served is not what is stored: served is {}, {other}; load the service anew, or store what it serves",
        described(served)
    );
    troubles.push(Trouble::new(State::Mismatch, Reason::Stored, sentence));
    troubles
}

fn described(dated: &Dated) -> String {
    let serial = dated.serial.as_deref().unwrap_or("-");
    let until = dated.until.and_then(crate::expiry::Term::moment).map(|until| until.to_string());
    format!("`{}`, serial {serial}, until {}", dated.name, until.as_deref().unwrap_or("-"))
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, SERVED_MAX, Sight, SystemRoots, judge};
    use crate::expiry::Counting;
    use jiff::Timestamp;
    use std::path::Path;
    use std::time::Duration;

    #[test]
    fn served_max() {
        let endpoint = Endpoint {
            host: "127.0.0.1".to_owned(),
            port: 443,
            server_name: "shop.example".to_owned(),
            start_tls: None,
            timeout: Duration::from_secs(1),
            client: None,
            trust: None,
            stored: None,
            counting: Counting::default(),
        };
        let told = |count: usize| {
            let mut sight = Sight::default();
            let chain = vec![vec![0x30, 0]; count];
            judge(
                &endpoint,
                Path::new("."),
                &SystemRoots::default(),
                &chain,
                Timestamp::UNIX_EPOCH,
                &mut sight,
            );
            sight.troubles.iter().map(|trouble| trouble.sentence.contains("SERVED_MAX")).collect::<Vec<_>>()
        };
        assert_eq!(told(SERVED_MAX), vec![false; SERVED_MAX]);
        assert_eq!(told(SERVED_MAX + 1), [true]);
    }
}

//! Endpoints on this machine: what is served, against what is trusted, asked for and stored.

use super::Bench;
use super::desk::second;
use feedgate::expiry::{Reason, Standing, State};
use jiff::Timestamp;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

/// An authority that ends in 2035, and certificates of it that end in 2030.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

struct Held {
    der: Vec<u8>,
    pem: String,
    key: KeyPair,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new([]).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "authority");
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2035, 1, 1));
        let pem = params.self_signed(&key).expect("signed").pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    fn certifies(&self, name: &str) -> Held {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2030, 1, 1));
        let certificate = params.signed_by(&key, &self.issuer).expect("signed");
        Held { der: certificate.der().to_vec(), pem: certificate.pem(), key }
    }
}

/// What is said before TLS: what comes first, then what has to be heard and what is answered to it.
type Preface = &'static [(&'static [u8], &'static [u8])];

/// Serves a certificate to whoever comes, until the test ends.
fn serve(held: &Held, preface: Preface, trusts: Option<&Authority>) -> SocketAddr {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("versions");
    let key = PrivateKeyDer::try_from(held.key.serialize_der()).expect("a key");
    let config = match trusts {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            use rustls::pki_types::pem::PemObject;
            let mut roots = RootCertStore::empty();
            let der =
                rustls::pki_types::CertificateDer::from_pem_slice(authority.pem.as_bytes()).expect("PEM");
            roots.add(der).expect("a root");
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build().expect("a verifier"))
        }
    };
    let config = Arc::new(config.with_single_cert(vec![held.der.clone().into()], key).expect("its key"));
    let listener = TcpListener::bind("127.0.0.1:0").expect("an address");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (Ok(stream), config) = (stream, Arc::clone(&config)) else { continue };
            std::thread::spawn(move || answer(stream, config, preface));
        }
    });
    address
}

fn answer(mut stream: TcpStream, config: Arc<ServerConfig>, preface: Preface) -> Option<()> {
    for (heard, said) in preface {
        let mut bytes = vec![0; heard.len()];
        stream.read_exact(&mut bytes).ok()?;
        assert_eq!(bytes, *heard);
        stream.write_all(said).ok()?;
    }
    let mut connection = ServerConnection::new(config).ok()?;
    while connection.is_handshaking() {
        connection.complete_io(&mut stream).ok()?;
    }
    // Until the other side ends it.
    let _ = connection.complete_io(&mut stream);
    Some(())
}

fn now() -> Timestamp {
    "2029-06-01T00:00:00Z".parse().expect("a moment")
}

fn reasons(standing: &Standing) -> Vec<(State, Reason)> {
    standing.troubles.iter().map(|trouble| (trouble.state, trouble.reason)).collect()
}

/// A bench with the authority's certificate, a certificate for this machine that is served, and the keys of the thing.
fn bench(preface: Preface) -> (Bench, Authority, Held, SocketAddr) {
    let (bench, authority) = (Bench::new(), Authority::new());
    let held = authority.certifies("localhost");
    bench.file("ca.pem", &authority.pem);
    bench.file("served.pem", &held.pem);
    let address = serve(&held, preface, None);
    (bench, authority, held, address)
}

fn keys(address: SocketAddr, more: &str) -> String {
    let more = if more.contains("server_name") {
        more.to_owned()
    } else {
        format!("server_name = \"localhost\"\n{more}")
    };
    format!("kind = \"tls\"\naddress = \"{address}\"\ntrust = \"ca.pem\"\n{more}")
}

#[test]
fn what_is_served_ends_when_it_says() {
    let (bench, _, _, address) = bench(&[]);
    let end: Timestamp = "2030-01-01T00:00:00Z".parse().expect("a moment");
    bench.ends(&keys(address, "stored = \"served.pem\""), end);
}

#[test]
fn chain_host_name_and_stored_are_told_apart() {
    let (bench, authority, _, address) = bench(&[]);
    bench.file("other-ca.pem", Authority::new().pem);
    bench.file("other.pem", authority.certifies("localhost").pem);
    let of = |keys: &str| {
        let standing = bench.look(keys, now());
        assert_eq!(standing.items.len(), 1, "{standing:#?}");
        reasons(&standing)
    };
    let good = keys(address, "");
    assert_eq!(of(&good), []);
    assert_eq!(of(&good.replace("ca.pem", "other-ca.pem")), [(State::Mismatch, Reason::Chain)]);
    assert_eq!(of(&good.replace("\"localhost\"", "\"shop.example\"")), [(State::Mismatch, Reason::HostName)]);
    assert_eq!(of(&keys(address, "stored = \"other.pem\"")), [(State::Mismatch, Reason::Stored)]);
    assert_eq!(of(&keys(address, "stored = \"none.pem\"")), [(State::NothingFound, Reason::File)]);
    assert_eq!(
        of(&keys(address, "trust = \"x\"").replace("trust = \"ca.pem\"\n", "")),
        [(State::Unreadable, Reason::File)]
    );
    // What has expired still has the chain that it had.
    let standing = bench.look(&good, second(now(), 400 * 86_400));
    assert_eq!((standing.state, reasons(&standing)), (State::Expired, Vec::new()));
    let standing = bench.look(&good.replace("ca.pem", "other-ca.pem"), now());
    assert!(standing.troubles[0].sentence.contains("another key"), "{standing:#?}");
    let standing = bench.look(&keys(address, "stored = \"other.pem\""), now());
    assert!(standing.troubles[0].sentence.contains("until 2030-01-01T00:00:00Z"), "{standing:#?}");
}

#[test]
fn what_trusts_itself_needs_no_chain() {
    let (bench, _, held, address) = bench(&[]);
    bench.file("ca.pem", held.pem);
    assert_eq!(bench.look(&keys(address, ""), now()).state, State::Ok);
}

#[test]
fn tls_begins_after_what_a_protocol_says_first() {
    let smtp: Preface = &[
        (b"", b"220 relay\r\n"),
        (b"EHLO feedgate.invalid\r\n", b"250-relay\r\n250 STARTTLS\r\n"),
        (b"STARTTLS\r\n", b"220 go\r\n"),
    ];
    let imap: Preface = &[(b"", b"* OK hi\r\n"), (b"a1 STARTTLS\r\n", b"a1 OK go\r\n")];
    let postgresql: Preface = &[(&[0, 0, 0, 8, 4, 0xD2, 0x16, 0x2F], b"S")];
    let ldap: Preface = &[(
        b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037",
        b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00",
    )];
    for (word, preface) in [("smtp", smtp), ("imap", imap), ("postgresql", postgresql), ("ldap", ldap)] {
        let (bench, _, _, address) = bench(preface);
        let standing = bench.look(&keys(address, &format!("starttls = \"{word}\"")), now());
        assert_eq!((standing.state, standing.items.len()), (State::Ok, 1), "{word}: {standing:#?}");
    }
    let (bench, _, _, address) = bench(&[(&[0, 0, 0, 8, 4, 0xD2, 0x16, 0x2F], b"N")]);
    let standing = bench.look(&keys(address, "starttls = \"postgresql\""), now());
    assert_eq!(reasons(&standing), [(State::Unreachable, Reason::Protocol)]);
}

#[test]
fn a_client_certificate_is_shown_and_its_lack_is_told_beside_the_dates() {
    let (bench, authority) = (Bench::new(), Authority::new());
    let (held, client) = (authority.certifies("localhost"), authority.certifies("client"));
    let address = serve(&held, &[], Some(&authority));
    for (name, text) in
        [("ca.pem", &authority.pem), ("c.pem", &client.pem), ("c.key", &client.key.serialize_pem())]
    {
        bench.file(name, text);
    }
    let with = "client_certificate = \"c.pem\"\nclient_key = \"c.key\"";
    let standing = bench.look(&keys(address, with), now());
    assert_eq!((standing.state, standing.items.len()), (State::Ok, 1), "{standing:#?}");
    let standing = bench.look(&keys(address, ""), now());
    assert_eq!(standing.items.len(), 1, "the dates are known all the same: {standing:#?}");
    let standing = bench.look(&keys(address, &with.replace("c.key", "c.pem")), now());
    assert_eq!(reasons(&standing), [(State::Unreadable, Reason::File)]);
}

#[test]
fn who_does_not_answer_is_unreachable_in_time() {
    let bench = Bench::new();
    bench.file("ca.pem", Authority::new().pem);
    let closed = TcpListener::bind("127.0.0.1:0").expect("an address").local_addr().expect("an address");
    let standing = bench.look(&keys(closed, ""), now());
    assert_eq!(reasons(&standing), [(State::Unreachable, Reason::Connection)]);
    // One that takes the connection and says nothing, and one that says a byte now and then.
    let listener = TcpListener::bind("127.0.0.1:0").expect("an address");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            std::thread::spawn(move || {
                while stream.write_all(b"2").is_ok() {
                    std::thread::sleep(Duration::from_millis(100));
                }
            });
        }
    });
    let begun = std::time::Instant::now();
    let standing = bench.look(&keys(address, "starttls = \"smtp\"\ntimeout = \"1s\""), now());
    assert_eq!(reasons(&standing), [(State::Unreachable, Reason::Connection)], "{standing:#?}");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

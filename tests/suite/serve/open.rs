//! A service without tokens: whom it answers, and whether it is ready for others.

use crate::cli::Desk;
use crate::support::database::{TestDatabase, on_each};
use crate::support::service::{Service, client, sent, until};
use reqwest::RequestBuilder;
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

/// An address under which others know this machine; looking for a way to them sends nothing.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    let own = socket.local_addr().ok()?.ip();
    (!own.is_loopback() && !own.is_unspecified()).then_some(own)
}

fn port(address: &str) -> u16 {
    address.parse::<SocketAddr>().expect("an address").port()
}

/// The service as somebody reaches it.
fn runs(service: &Service, host: IpAddr) -> RequestBuilder {
    client().get(format!("http://{host}:{}/v1/runs", port(&service.address)))
}

/// What its operators are told.
async fn ready(service: &Service) -> (u16, Value) {
    sent(client().get(format!("http://127.0.0.1:{}/readyz", port(&service.admin)))).await
}

fn token(database: &TestDatabase, arguments: &[&str]) -> String {
    let all = [&["token"], arguments, &["--database", database.url.secret()]].concat();
    Desk::new().call(&all).ends(0).stdout.trim().to_owned()
}

#[test]
fn without_tokens_it_is_ready_for_nobody_else_and_with_the_first_one_it_is() {
    on_each(async |database| {
        let here = IpAddr::from(Ipv4Addr::LOCALHOST);
        let service = Service::start(database, &["--listen", "0.0.0.0:0", "--admin-listen", "0.0.0.0:0"]);
        let (status, told) = ready(&service).await;
        assert_eq!((status, &told["type"]), (503, &"urn:feedgate:problem:closed".into()), "{told}");
        assert!(
            told["detail"].as_str().is_some_and(|told| told.contains("there are no valid tokens")),
            "{told}"
        );
        assert!(service.log().contains("there are no tokens, so callers of this machine may do everything"));
        assert_eq!(sent(runs(&service, here)).await.0, 200);
        assert_eq!(sent(runs(&service, here).header("host", "feeds.example")).await.0, 401);
        let own = own_address();
        match own {
            Some(own) => assert_eq!(sent(runs(&service, own).header("host", "localhost")).await.0, 401),
            None => eprintln!("SKIPPED: calls from elsewhere, this machine has no other address"),
        }
        let secret = token(database, &["create", "ci", "--scope", "read"]);
        until("it is ready", async || (ready(&service).await.0 == 200).then_some(())).await;
        assert_eq!(sent(runs(&service, here)).await.0, 401);
        assert_eq!(sent(runs(&service, own.unwrap_or(here)).bearer_auth(&secret)).await.0, 200);
        token(database, &["revoke", "ci", "--reason", "lost"]);
        until("it is ready no more", async || (ready(&service).await.0 == 503).then_some(())).await;
    });
}

#[test]
fn listening_to_its_own_machine_it_is_ready_for_operators_there_alone() {
    on_each(async |database| {
        token(database, &["create", "ci", "--scope", "read"]);
        let service = Service::start(database, &["--admin-listen", "0.0.0.0:0"]);
        let (status, told) = ready(&service).await;
        assert_eq!(status, 503, "{told}");
        assert!(told["detail"].as_str().is_some_and(|told| told.contains("change `serve.listen`")), "{told}");
        let alive = client().get(format!("http://127.0.0.1:{}/healthz", port(&service.admin)));
        assert_eq!(sent(alive).await.0, 200);
        assert!(service.stop().success());
        token(database, &["revoke", "ci", "--reason", "lost"]);
        let (status, told) = ready(&Service::start(database, &[])).await;
        assert_eq!(status, 200, "{told}");
    });
}

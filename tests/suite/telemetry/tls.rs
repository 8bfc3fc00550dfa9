//! Connections that are encrypted: whom the program trusts, who it is itself, and what it says when that does not fit.

use super::{call, hang_together};
use crate::cli::{Call, Desk};
use crate::support::authority::{Authority, Certified};
use crate::support::catalogue::{Fault, catalogue};
use crate::support::collector::{Collector, Manner, ServerTls, Tongue};

const CERTIFICATE: &str = "OTEL_EXPORTER_OTLP_CERTIFICATE";
const CLIENT_CERTIFICATE: &str = "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE";
const CLIENT_KEY: &str = "OTEL_EXPORTER_OTLP_CLIENT_KEY";
const BOTH: [Tongue; 2] = [Tongue::Grpc, Tongue::Http];

/// A desk with a feed, the certificates of an authority and of another one, and a client's.
struct Place {
    desk: Desk,
    authority: Authority,
}

impl Place {
    fn new() -> Self {
        let (desk, authority) = (Desk::new(), Authority::new("ours"));
        let fault = |number| if number == 3 { Fault::Price } else { Fault::None };
        desk.file("feed.xml", catalogue("Verlag A", 5, fault));
        desk.file("ca.pem", &authority.certificate);
        desk.file("other.pem", Authority::new("another").certificate);
        let Certified { certificate, key } = authority.certifies("feedgate.example");
        desk.file("client.pem", certificate);
        desk.file("client.key", key);
        desk.file("no.pem", "no certificate\n");
        Self { desk, authority }
    }

    /// A collector that encrypts, and asks for a certificate of the client's when it should.
    fn collector(&self, tongue: Tongue, asks: bool) -> Collector {
        let client_authority = asks.then(|| self.authority.certificate.clone());
        let tls = ServerTls { own: self.authority.certifies("127.0.0.1"), client_authority };
        Collector::start_encrypted(tongue, Manner::Good, Some(&tls))
    }

    fn validate(&self, collector: &Collector, variables: &[(&str, &str)]) -> Call {
        call(&self.desk, collector, variables, &["validate", "feed.xml"])
    }

    /// Everything arrives.
    #[track_caller]
    fn arrives(&self, collector: &Collector, variables: &[(&str, &str)]) {
        let ended = self.validate(collector, variables).ends(1);
        assert_eq!(ended.stderr, "", "{variables:?}");
        let received = collector.received();
        hang_together(&received);
        assert!(!received.metrics.is_empty() && !received.logs.is_empty(), "{variables:?}");
    }

    /// Nothing arrives, and it is said why.
    #[track_caller]
    fn is_lost(&self, collector: &Collector, variables: &[(&str, &str)], why: &str) {
        let ended = self.validate(collector, variables).ends(1);
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
        ended.tells(&["notice: telemetry was lost: ", "the metrics", why]);
        assert!(collector.received().spans.is_empty());
    }
}

#[test]
fn a_collector_is_trusted_by_the_authority_that_is_named() {
    let place = Place::new();
    for tongue in BOTH {
        let collector = place.collector(tongue, false);
        place.arrives(&collector, &[(CERTIFICATE, "ca.pem")]);
        // A variable of a signal wins over that of all.
        let of_signal =
            ["TRACES", "METRICS", "LOGS"].map(|signal| format!("OTEL_EXPORTER_OTLP_{signal}_CERTIFICATE"));
        let mut variables: Vec<_> = of_signal.iter().map(|variable| (variable.as_str(), "ca.pem")).collect();
        place.arrives(&collector, &variables);
        variables.push((CERTIFICATE, "other.pem"));
        place.arrives(&collector, &variables);
    }
}

#[test]
fn without_a_name_the_roots_of_the_system_are_trusted() {
    let place = Place::new();
    let roots = place.desk.path("ca.pem").display().to_string();
    for tongue in BOTH {
        place.arrives(&place.collector(tongue, false), &[("SSL_CERT_FILE", &roots)]);
        // Where nothing is encrypted, none are needed.
        place.arrives(&Collector::start(tongue, Manner::Good), &[("SSL_CERT_FILE", "/nowhere/roots.pem")]);
    }
}

#[test]
fn a_collector_that_asks_who_we_are_is_told() {
    let place = Place::new();
    let ours = [(CERTIFICATE, "ca.pem"), (CLIENT_CERTIFICATE, "client.pem"), (CLIENT_KEY, "client.key")];
    for tongue in BOTH {
        let collector = place.collector(tongue, true);
        place.arrives(&collector, &ours);
        place.is_lost(&collector, &ours[..1], "as one does that asks for a certificate of the client");
    }
}

#[test]
fn a_collector_of_another_authority_is_told_in_words() {
    let place = Place::new();
    for tongue in BOTH {
        let collector = place.collector(tongue, false);
        let why = "the certificate of the collector is not of an authority that is trusted here: name that \
            authority's certificate in `OTEL_EXPORTER_OTLP_CERTIFICATE`";
        place.is_lost(&collector, &[(CERTIFICATE, "other.pem")], why);
    }
}

#[test]
fn a_collector_under_another_name_is_told_in_words() {
    let place = Place::new();
    for tongue in BOTH {
        let tls = ServerTls { own: place.authority.certifies("collector.example"), client_authority: None };
        let collector = Collector::start_encrypted(tongue, Manner::Good, Some(&tls));
        let why = "the certificate of the collector is for another name than that of its address";
        place.is_lost(&collector, &[(CERTIFICATE, "ca.pem")], why);
    }
}

#[test]
fn a_file_that_is_no_certificate_is_refused_at_the_start_by_name() {
    let place = Place::new();
    for tongue in BOTH {
        let collector = place.collector(tongue, false);
        for (variable, path) in [
            (CERTIFICATE, "nowhere.pem"),
            (CERTIFICATE, "no.pem"),
            (CERTIFICATE, "client.key"),
            ("OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE", "no.pem"),
        ] {
            let ended = place.validate(&collector, &[(variable, path)]).ends(2);
            ended.tells(&["error: telemetry cannot be sent: ", &format!("`{variable}` names `{path}`")]);
        }
        let client = |certificate, key| {
            [(CERTIFICATE, "ca.pem"), (CLIENT_CERTIFICATE, certificate), (CLIENT_KEY, key)]
        };
        place
            .validate(&collector, &client("client.pem", "no.pem"))
            .ends(2)
            .tells(&["`no.pem`", "no private key"]);
        place
            .validate(&collector, &client("ca.pem", "client.key"))
            .ends(2)
            .tells(&["`client.key`", "`ca.pem`"]);
        let half = [(CERTIFICATE, "ca.pem"), (CLIENT_KEY, "client.key")];
        place.validate(&collector, &half).ends(2).tells(&[CLIENT_KEY, CLIENT_CERTIFICATE]);
    }
}

#[test]
fn what_has_no_effect_is_named_at_the_start() {
    let place = Place::new();
    let collector = Collector::start(Tongue::Grpc, Manner::Good);
    let zstd = ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd");
    let ended = place.validate(&collector, &[zstd]).ends(1);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
    ended.tells(&[
        "notice: telemetry: `OTEL_EXPORTER_OTLP_COMPRESSION` asks for `zstd`, which has no effect here",
    ]);
}

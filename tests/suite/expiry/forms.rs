//! Certificates of OpenSSH, keys of `OpenPGP`, SAML, JWKS.

use super::desk::second;
use super::{Bench, moment_of, tool};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use feedgate::expiry::{State, Term};
use jiff::Timestamp;

#[test]
fn certificates_of_openssh_end_when_ssh_keygen_says() {
    if !tool("ssh-keygen") {
        return;
    }
    let bench = Bench::new();
    bench.run("ssh-keygen -q -t ed25519 -N '' -f ca");
    for kind in ["ed25519", "rsa", "ecdsa"] {
        bench.run(&format!("ssh-keygen -q -t {kind} -N '' -f {kind}"));
        bench.run(&format!("ssh-keygen -q -s ca -I host-{kind} -h -n host.example -V -1d:+120d {kind}.pub"));
        let said = bench.run(&format!("ssh-keygen -L -f {kind}-cert.pub"));
        let until = said.split_once(" to ").expect("it says so").1.lines().next().expect("a line");
        // Valid before that second.
        let end = second(moment_of(until, "%Y-%m-%dT%H:%M:%S"), -1);
        bench.ends(&format!("kind = \"openssh\"\npath = \"{kind}-cert.pub\""), end);
    }
    bench.run("ssh-keygen -q -s ca -I user -n deploy -V always:forever ed25519.pub");
    let now = Timestamp::now();
    let standing = bench.look("kind = \"openssh\"\npath = \"ed25519-cert.pub\"", now);
    assert_eq!((standing.state, standing.until), (State::Ok, Some(Term::Never)));
    bench.stands("kind = \"openssh\"\npath = \"ca.pub\"", now, State::NothingFound, "nothing that expires");
    bench.file("bad-cert.pub", "ssh-ed25519-cert-v01@openssh.com AAAA");
    bench.stands(
        "kind = \"openssh\"\npath = \"bad-cert.pub\"",
        now,
        State::Unreadable,
        "certificate of OpenSSH",
    );
    bench.run("ssh-keygen -q -s ca -I user -n deploy -V +10d:+100d ed25519.pub");
    bench.stands("kind = \"openssh\"\npath = \"ed25519-cert.pub\"", now, State::NotYetValid, "");
}

#[test]
fn keys_of_openpgp_end_when_gpg_says() {
    if !tool("gpg") {
        return;
    }
    let bench = Bench::new();
    std::fs::create_dir(bench.path("gnupg")).expect("made");
    std::os::unix::fs::PermissionsExt::set_mode(
        &mut std::fs::metadata(bench.path("gnupg")).expect("there").permissions(),
        0o700,
    );
    let gpg = "gpg --batch --quiet --no-permission-warning --pinentry-mode loopback --passphrase ''";
    bench.run(&format!("{gpg} --quick-generate-key 'Shop <shop@shop.example>' ed25519 sign 100d"));
    bench.run(&format!("{gpg} --armor --output key.asc --export shop@shop.example"));
    bench.run(&format!("{gpg} --output key.gpg --export shop@shop.example"));
    let listed = bench.run(&format!("{gpg} --with-colons --list-keys shop@shop.example"));
    let of = |kind: &str| -> Vec<String> {
        let line = listed.lines().find(|line| line.starts_with(kind)).expect("it is listed");
        line.split(':').map(str::to_owned).collect()
    };
    let key = of("pub");
    let end: i64 = key[6].parse().expect("seconds");
    let end = Timestamp::from_second(end - 1).expect("a moment");
    for name in ["key.asc", "key.gpg"] {
        let standing = bench.ends(&format!("kind = \"pgp\"\npath = \"{name}\""), end);
        assert_eq!(standing.items[0].dated.serial.as_deref(), Some(key[4].as_str()));
        assert!(
            standing.items[0].dated.name.starts_with("Shop <shop@shop.example>, primary"),
            "{standing:#?}"
        );
    }
    bench.run(&format!("{gpg} --quick-add-key {} cv25519 encr 40d", of("fpr")[9]));
    bench.run(&format!("{gpg} --yes --armor --output key.asc --export shop@shop.example"));
    let standing = bench.look("kind = \"pgp\"\npath = \"key.asc\"", Timestamp::now());
    assert_eq!(standing.items.len(), 2);
    assert!(standing.items[0].dated.name.ends_with("subkey for encryption"), "{standing:#?}");
    // A new end is a new signature; the latest decides.
    bench.run(&format!("{gpg} --quick-set-expire {} 200d", of("fpr")[9]));
    bench.run(&format!("{gpg} --yes --armor --output key.asc --export shop@shop.example"));
    let standing = bench.look("kind = \"pgp\"\npath = \"key.asc\"\ncounts = \"newest\"", Timestamp::now());
    let primary = standing.items.iter().find(|item| item.dated.name.ends_with("primary key")).expect("there");
    assert!(primary.dated.until > Some(Term::Until(end)), "{standing:#?}");
    bench.run(&format!("{gpg} --armor --output secret.asc --export-secret-keys shop@shop.example"));
    let now = Timestamp::now();
    bench.stands("kind = \"pgp\"\npath = \"secret.asc\"", now, State::Unreadable, "it is a private one");
    let whole = std::fs::read(bench.path("key.gpg")).expect("made");
    bench.file("cut.gpg", &whole[..whole.len() - 5]);
    bench.stands("kind = \"pgp\"\npath = \"cut.gpg\"", now, State::Unreadable, "it is cut off");
}

/// A certificate that lasts so long, as base64 of its DER.
fn certificate(bench: &Bench, name: &str, days: u32) -> String {
    bench.certificate(name, "ed25519", days);
    let text = std::fs::read_to_string(bench.path(&format!("{name}.pem"))).expect("made");
    text.lines().filter(|line| !line.starts_with("-----")).collect()
}

#[test]
fn metadata_of_saml_is_read_with_its_certificates_and_its_own_end() {
    if !tool("openssl") {
        return;
    }
    let bench = Bench::new();
    let (signing, encryption) = (certificate(&bench, "signing", 100), certificate(&bench, "encryption", 90));
    let text = |attributes: &str| {
        let descriptor = |use_: &str, text: &str| {
            let (head, tail) = text.split_at(40);
            format!(
                "<md:KeyDescriptor use='{use_}'><ds:KeyInfo><ds:X509Data><ds:X509Certificate>\n  {head}\n  {tail}\n\
                 </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
            )
        };
        format!(
            "<md:EntityDescriptor xmlns:md='urn:oasis:names:tc:SAML:2.0:metadata' \
             xmlns:ds='http://www.w3.org/2000/09/xmldsig#' entityID='https://idp.example/' {attributes}>\
             <md:IDPSSODescriptor>{}{}</md:IDPSSODescriptor></md:EntityDescriptor>",
            descriptor("signing", &signing),
            descriptor("encryption", &encryption)
        )
    };
    bench.file("idp.xml", text(""));
    let keys = "kind = \"saml\"\npath = \"idp.xml\"";
    let standing = bench.ends(keys, bench.end_of("encryption.pem"));
    assert_eq!(standing.items[0].dated.name, "https://idp.example/ encryption: CN=encryption");
    assert_eq!(standing.items.len(), 2);
    let until = second(bench.end_of("encryption.pem"), -30 * 86_400);
    bench.file("idp.xml", text(&format!("validUntil='{until}'")));
    bench.ends(keys, until);
    // Without a zone it is UTC.
    bench.file("idp.xml", text(&format!("validUntil='{}'", until.to_string().trim_end_matches('Z'))));
    bench.ends(keys, until);
    bench.file("idp.xml", text("cacheDuration='PT6H'"));
    let now = Timestamp::now();
    bench.stands(keys, now, State::Ok, "");
    let standing = bench.look(keys, second(now, 7 * 3_600));
    assert_eq!(standing.state, State::Warning, "{standing:#?}");
    bench.file("idp.xml", text("validUntil='soon'"));
    bench.stands(keys, now, State::Unreadable, "`soon` is no time");
    bench.file("idp.xml", "<a/>");
    bench.stands(keys, now, State::Unreadable, "its root is `a`");
    bench.file("idp.xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>");
    bench.stands(keys, now, State::Unreadable, "");
}

#[test]
fn key_sets_and_tokens_are_read() {
    if !tool("openssl") {
        return;
    }
    let bench = Bench::new();
    let leaf = certificate(&bench, "leaf", 100);
    bench.file(
        "keys.json",
        format!(r#"{{"keys":[{{"kty":"OKP","kid":"a","x5c":["{leaf}"]}},{{"kty":"OKP","kid":"b"}}]}}"#),
    );
    let keys = "kind = \"jwks\"\npath = \"keys.json\"";
    let standing = bench.ends(keys, bench.end_of("leaf.pem"));
    assert_eq!(standing.items[0].dated.name, "key a: CN=leaf");
    let end = Timestamp::from_second(1_900_000_000).expect("a moment");
    let part = |json: &str| BASE64_URL_SAFE_NO_PAD.encode(json);
    let token = |exp: i64| {
        format!(
            "{}.{}.c2lnbmF0dXJl",
            part(r#"{"alg":"none"}"#),
            part(&format!(r#"{{"iss":"partner","sub":"shop","exp":{}}}"#, exp + 1))
        )
    };
    bench.file("keys.json", token(1_900_000_000));
    let standing = bench.ends(keys, end);
    assert_eq!(standing.items[0].dated.name, "by partner for shop");
    bench.file("keys.json", format!(r#"{{"access":{{"token":"{}"}}}}"#, token(1_900_000_000)));
    bench.ends(keys, end);
    bench.file("keys.json", r#"{"keys":[{"kty":"OKP","kid":"a","exp":1900000001.5}]}"#);
    bench.ends(keys, end);
    let now = Timestamp::now();
    bench.file("keys.json", r#"{"keys":[{"kty":"OKP","kid":"b"}]}"#);
    bench.stands(keys, now, State::NothingFound, "says no end");
    bench.file("keys.json", "{\"secret\": \"hunter2\"");
    bench.stands(keys, now, State::Unreadable, "it is no JSON from line 1");
    bench.file("keys.json", r#"{"keys":[{"kty":"OKP","x5c":["AAAA"]}]}"#);
    bench.stands(keys, now, State::Unreadable, "certificate in DER");
}

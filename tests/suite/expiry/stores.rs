//! Certificates and key stores as openssl and keytool make them.

use super::desk::second;
use super::{Bench, moment_of, tool};
use feedgate::expiry::{Role, State};

const KEYS: [(&str, &str); 3] =
    [("rsa", "rsa:2048"), ("ec", "ec -pkeyopt ec_paramgen_curve:P-256"), ("ed", "ed25519")];

#[test]
fn pem_der_and_bundles_end_when_openssl_says() {
    if !tool("openssl") {
        return;
    }
    let bench = Bench::new();
    for (name, key) in KEYS {
        bench.certificate(name, key, 200);
        let end = bench.end_of(&format!("{name}.pem"));
        bench.run(&format!("openssl x509 -in {name}.pem -outform DER -out {name}.der"));
        bench.run(&format!("openssl x509 -in {name}.pem -trustout -addtrust serverAuth -out {name}.trusted"));
        bench.run(&format!("openssl crl2pkcs7 -nocrl -certfile {name}.pem -out {name}.p7b"));
        bench.run(&format!("openssl crl2pkcs7 -nocrl -certfile {name}.pem -outform DER -out {name}-der.p7b"));
        for file in [format!("{name}.pem"), format!("{name}.der"), format!("{name}.trusted")] {
            bench.ends(&format!("kind = \"certificates\"\npath = \"{file}\""), end);
        }
        for file in [format!("{name}.p7b"), format!("{name}-der.p7b")] {
            bench.ends(&format!("kind = \"pkcs7\"\npath = \"{file}\""), end);
        }
        let standing = bench.look(&format!("kind = \"certificates\"\npath = \"{name}.pem\""), end);
        let serial = bench.run(&format!("openssl x509 -serial -noout -in {name}.pem"));
        let own = standing.items[0].dated.serial.clone().unwrap_or_default().replace(':', "").to_uppercase();
        assert!(serial.contains(own.trim_start_matches('0')), "{serial} is not {own}");
    }
}

#[test]
fn a_chain_is_told_apart_and_its_earliest_end_counts() {
    if !tool("openssl") {
        return;
    }
    let bench = Bench::new();
    bench.certificate("root", "rsa:2048", 3650);
    bench.run("openssl req -newkey rsa:2048 -nodes -keyout ca.key -out ca.csr -subj /CN=ca");
    bench.file("ca.ext", "basicConstraints=critical,CA:TRUE\n");
    bench.run(
        "openssl x509 -req -in ca.csr -CA root.pem -CAkey root.key -days 50 -extfile ca.ext -out ca.pem",
    );
    bench.run("openssl req -newkey rsa:2048 -nodes -keyout leaf.key -out leaf.csr -subj /CN=leaf");
    bench.run("openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -days 90 -out leaf.pem");
    let read = |name: &str| std::fs::read_to_string(bench.path(name)).expect("made");
    let text =
        ["leaf.key", "leaf.pem", "ca.pem", "root.pem"].map(|name| format!("text before\r\n{}", read(name)));
    bench.file("chain.pem", text.concat().replace('\n', "\r\n"));
    let keys = "kind = \"certificates\"\npath = \"chain.pem\"";
    let standing = bench.ends(keys, bench.end_of("ca.pem"));
    let roles: Vec<Role> = standing.items.iter().map(|item| item.dated.role).collect();
    assert_eq!(roles, [Role::Issuer, Role::Leaf, Role::Root]);
    bench.ends(&format!("{keys}\ncounts = \"leaf\""), bench.end_of("leaf.pem"));
}

#[test]
fn folders_are_looked_into_as_kubernetes_mounts_them() {
    if !tool("openssl") {
        return;
    }
    let bench = Bench::new();
    bench.certificate("tls", "ed25519", 200);
    let (pem, key) = ("tls.pem", "tls.key");
    let read = |name: &str| std::fs::read(bench.path(name)).expect("made");
    bench.file("mount/..2026_11_28/tls.crt", read(pem));
    bench.file("mount/..2026_11_28/tls.key", read(key));
    bench.file("mount/..2026_11_28/note.txt", "nothing");
    let link = |from: &str, to: &str| std::os::unix::fs::symlink(to, bench.path(from)).expect("linked");
    link("mount/..data", "..2026_11_28");
    for name in ["tls.crt", "tls.key", "note.txt"] {
        link(&format!("mount/{name}"), &format!("..data/{name}"));
    }
    let keys = "kind = \"certificates\"\npath = \"mount\"";
    let end = bench.end_of(pem);
    let standing = bench.ends(keys, end);
    assert_eq!((standing.items.len(), standing.passed_over), (1, 2));
    assert_eq!(standing.items[0].place, "tls.crt");
    let now = second(end, -100 * 86_400);
    bench.file("mount/other.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    bench.stands(keys, now, State::Unreadable, "this is no certificate in DER");
    bench.stands(&format!("{keys}\nexcept = [\"other.*\", \"OTHER.pem\"]"), now, State::Ok, "");
    bench.file("mount/sub/store.p12", "?");
    bench.stands(&format!("{keys}\nexcept = [\"*.pem\"]"), now, State::Unreadable, "a key store lies there");
    link("mount/lost.pem", "nowhere");
    bench.stands(
        &format!("{keys}\nexcept = [\"other.pem\", \"*.p12\"]"),
        now,
        State::NothingFound,
        "no such file",
    );
}

#[test]
fn key_stores_of_openssl_end_when_it_says() {
    if !tool("openssl") {
        return;
    }
    let bench = Bench::new();
    bench.file("password", "geheim\n");
    let with = "password_file = \"password\"";
    for (name, key) in KEYS {
        bench.certificate(name, key, 200);
        let now = jiff::Timestamp::now();
        let end = bench.end_of(&format!("{name}.pem"));
        let export = format!("openssl pkcs12 -export -in {name}.pem -inkey {name}.key");
        for (kind, flags) in [
            ("new", ""),
            ("old", "-legacy"),
            ("sha1", "-macalg sha1 -certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES"),
            ("rc2", "-legacy -certpbe PBE-SHA1-RC2-128"),
            ("bare", "-certpbe NONE"),
            ("nomac", "-nomac"),
            ("only", "-nokeys"),
            ("sha512", "-macalg sha512 -iter 10000"),
        ] {
            bench.run(&format!("{export} {flags} -passout pass:geheim -out {name}-{kind}.p12"));
            let keys = format!("kind = \"pkcs12\"\npath = \"{name}-{kind}.p12\"");
            bench.ends(&format!("{keys}\n{with}"), end);
            // Without a MAC it is not encrypted either.
            if kind != "nomac" {
                bench.stands(&keys, now, State::WrongPassword, "the password does not open it");
            }
        }
        bench.run(&format!("{export} -passout pass: -out {name}-empty.p12"));
        bench.ends(&format!("kind = \"pkcs12\"\npath = \"{name}-empty.p12\""), end);
        bench.stands(
            &format!("kind = \"pkcs12\"\npath = \"{name}-empty.p12\"\n{with}"),
            now,
            State::WrongPassword,
            "does not open",
        );
    }
    let whole = std::fs::read(bench.path("ec-new.p12")).expect("made");
    let now = jiff::Timestamp::now();
    for part in [0, 1, 10, whole.len() / 2, whole.len() - 1] {
        bench.file("cut.p12", &whole[..part]);
        bench.stands(
            &format!("kind = \"pkcs12\"\npath = \"cut.p12\"\n{with}"),
            now,
            State::Unreadable,
            "this is no key store",
        );
    }
}

#[test]
fn key_stores_of_java_end_when_keytool_says() {
    if !tool("keytool") {
        return;
    }
    let bench = Bench::new();
    bench.file("password", "geheim1");
    bench.file("wrong", "anders1");
    let now = jiff::Timestamp::now();
    for (kind, form) in [("jks", "jks"), ("jceks", "jks"), ("pkcs12", "pkcs12")] {
        let store = format!("-storetype {kind} -keystore {kind}.ks -storepass geheim1");
        let make = |alias: &str, days: u32, flags: &str| {
            bench.run(&format!(
                "keytool -genkeypair {store} -keypass geheim1 -alias {alias} {flags} -dname CN={alias} -validity {days}"
            ));
        };
        make("first", 300, "-keyalg RSA -keysize 2048");
        make("second", 150, "-keyalg EC -groupname secp256r1");
        bench.run(&format!("keytool -exportcert {store} -alias first -file first.der"));
        bench.run(&format!("keytool -importcert -noprompt {store} -alias trusted -file first.der"));
        if kind == "jceks" {
            bench.run(&format!(
                "keytool -genseckey {store} -keypass geheim1 -alias a-secret -keyalg AES -keysize 256"
            ));
        }
        let listed = bench.run(&format!("keytool -list -v {store} -alias second"));
        let until = listed.lines().find_map(|line| line.split_once("until: ")).expect("it says so").1;
        let end = moment_of(&until.replace(" UTC", ""), "%a %b %d %H:%M:%S %Y");
        let keys = format!("kind = \"{form}\"\npath = \"{kind}.ks\"");
        let standing = bench.ends(&format!("{keys}\npassword_file = \"password\""), end);
        assert_eq!(standing.items.len(), 3, "{standing:#?}");
        bench.stands(
            &format!("{keys}\npassword_file = \"wrong\""),
            now,
            State::WrongPassword,
            "does not open",
        );
        bench.stands(&format!("{keys}\npassword_env = \"NO_SUCH\""), now, State::WrongPassword, "`NO_SUCH`");
        if form == "jks" {
            bench.ends(&keys, end);
            bench.stands(
                &keys.replace("jks\"\npath", "pkcs12\"\npath"),
                now,
                State::Unreadable,
                "kind `jks`",
            );
        }
    }
}

#[test]
fn revocation_lists_and_responses_end_when_openssl_says() {
    if !tool("openssl") {
        return;
    }
    let bench = Bench::new();
    bench.certificate("ca", "rsa:2048", 900);
    bench.certificate("leaf", "rsa:2048", 900);
    bench.file("index.txt", "");
    bench
        .file("ca.cnf", "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ndefault_md=sha256\ncrlnumber=number\n");
    bench.file("number", "1000\n");
    bench.run("openssl ca -config ca.cnf -gencrl -crldays 60 -cert ca.pem -keyfile ca.key -out ca.crl");
    bench.run("openssl crl -in ca.crl -outform DER -out der.crl");
    let said = bench.run("openssl crl -in ca.crl -noout -nextupdate");
    let end = moment_of(
        said.trim().trim_start_matches("nextUpdate=").trim_end_matches(" GMT"),
        "%b %d %H:%M:%S %Y",
    );
    for name in ["ca.crl", "der.crl"] {
        bench.ends(&format!("kind = \"crl\"\npath = \"{name}\""), end);
        bench.ends(&format!("kind = \"certificates\"\npath = \"{name}\""), end);
    }
    let serial = bench.run("openssl x509 -serial -noout -in leaf.pem");
    let serial = serial.trim().trim_start_matches("serial=");
    bench.file("index.txt", format!("V\t351231235959Z\t\t{serial}\tunknown\t/CN=leaf\n"));
    bench.run("openssl ocsp -issuer ca.pem -cert leaf.pem -reqout request.der -no_nonce");
    bench.run(
        "openssl ocsp -index index.txt -rsigner ca.pem -rkey ca.key -CA ca.pem -reqin request.der -ndays 40 \
         -respout answer.ocsp",
    );
    let said = bench.run("openssl ocsp -respin answer.ocsp -noverify -resp_text");
    let next = said.lines().find_map(|line| line.trim().strip_prefix("Next Update: ")).expect("it says so");
    let end = moment_of(next.trim_end_matches(" GMT"), "%b %d %H:%M:%S %Y");
    bench.ends("kind = \"ocsp\"\npath = \"answer.ocsp\"", end);
    bench.stands("kind = \"ocsp\"\npath = \"ca.crl\"", end, State::Unreadable, "this is no response of OCSP");
}

#[test]
fn a_store_of_a_thousand_entries_is_read_whole() {
    if !tool("openssl") {
        return;
    }
    let bench = Bench::new();
    bench.certificate("one", "ed25519", 200);
    let one = std::fs::read_to_string(bench.path("one.pem")).expect("made");
    bench.file("many.pem", one.repeat(1_000));
    bench.run("openssl pkcs12 -export -nokeys -in many.pem -passout pass:x -out many.p12");
    bench.file("password", "x");
    let keys = "kind = \"pkcs12\"\npath = \"many.p12\"\npassword_file = \"password\"";
    let standing = bench.ends(keys, bench.end_of("one.pem"));
    assert_eq!(standing.items.len(), 1_000);
    bench.run("openssl crl2pkcs7 -nocrl -certfile many.pem -out many.p7b");
    assert_eq!(
        bench.look("kind = \"pkcs7\"\npath = \"many.p7b\"", jiff::Timestamp::now()).items.len(),
        1_000
    );
}

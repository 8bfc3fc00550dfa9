//! What the commands print, and how they end.

use super::{Bench, tool};
use crate::cli::Desk;

#[test]
fn the_exit_status_says_whether_all_is_known_and_ok() {
    if !tool("openssl") {
        return;
    }
    let (bench, desk) = (Bench::new(), Desk::new());
    bench.certificate("shop", "ed25519", 200);
    desk.file("shop.pem", std::fs::read(bench.path("shop.pem")).expect("made"));
    let inventory = |things: &str| desk.file("expiry.toml", format!("version = 1\n{things}"));
    let fine = "[[thing]]\nname = \"shop\"\nkind = \"certificates\"\npath = \"shop.pem\"\ntags = [\"a\"]\n";
    inventory(fine);
    let call = |arguments: &[&str]| {
        let all = [&["expiry", "check", "--inventory", "expiry.toml"], arguments].concat();
        desk.call(&all)
    };
    assert!(call(&[]).ends(0).stdout.ends_with("1 thing: 1 ok\n"));
    assert!(call(&["--at", "2100-01-01"]).ends(1).stdout.contains("has ended on"));
    inventory(&format!(
        "{fine}[[thing]]\nname = \"gone\"\nkind = \"crl\"\npath = \"none\"\nsource = \"S\"\n"
    ));
    assert!(call(&[]).ends(1).stdout.contains("nothing found"));
    call(&["--tag", "a"]).ends(0);
    call(&["--source", "S"]).ends(1);
    let told = call(&["--output", "json"]).ends(1).stdout;
    assert_eq!(told.lines().count(), 3);
    assert!(told.lines().last().expect("a line").contains("\"exit_status\":1"), "{told}");
    call(&["--report-file", "ics=e.ics", "--report-file", "junit=e.xml"]).ends(1);
    assert!(std::fs::read_to_string(desk.path("e.ics")).expect("written").starts_with("BEGIN:VCALENDAR\r\n"));
    assert!(
        std::fs::read_to_string(desk.path("e.xml")).expect("written").contains("<testsuite name=\"expiry\"")
    );
    call(&["--report-file", "ics=none/e.ics"]).ends(2).tells(&["there is no folder `none`"]);
    inventory("[[thing]]\nname = \"shop\"\n");
    call(&[]).ends(2).tells(&["the inventory `expiry.toml` cannot be used", "it has no `kind`"]);
    desk.call(&["expiry", "check", "--inventory", "none.toml"]).ends(2).tells(&["cannot read the inventory"]);
    desk.call(&["expiry", "check"]).ends(2).tells(&["there is no inventory"]);
}

#[test]
fn what_init_prints_can_be_checked_and_listed() {
    let desk = Desk::new();
    let example = desk.call(&["expiry", "init"]).ends(0).stdout;
    desk.file("expiry.toml", &example);
    let listed = desk.call(&["expiry", "list", "--inventory", "expiry.toml"]).ends(0).stdout;
    assert!(listed.contains("shop-chain  certificates  shop-platform  tls/shop.example.pem"), "{listed}");
    desk.call(&["expiry", "check", "--inventory", "expiry.toml"]).ends(1);
    let schema = desk.call(&["expiry", "init", "--schema"]).ends(0).stdout;
    let schema: serde_json::Value = serde_json::from_str(&schema).expect("JSON");
    let said: serde_json::Value = toml::from_str(&example).expect("TOML");
    assert_eq!(crate::support::json_schema::broken(&schema, &said), Vec::<String>::new());
}

#[test]
fn a_password_is_told_nowhere() {
    if !tool("openssl") {
        return;
    }
    let (bench, desk) = (Bench::new(), Desk::new());
    bench.certificate("a", "ed25519", 200);
    bench.run("openssl pkcs12 -export -in a.pem -inkey a.key -passout pass:geheim7 -out a.p12");
    desk.file("a.p12", std::fs::read(bench.path("a.p12")).expect("made"));
    desk.file("right", "geheim7");
    desk.file("wrong", "falsch8");
    let thing = |name: &str, key: &str| {
        format!("[[thing]]\nname = \"{name}\"\nkind = \"pkcs12\"\npath = \"a.p12\"\n{key}\n")
    };
    let things = [
        thing("right", "password_file = \"right\""),
        thing("wrong", "password_file = \"wrong\""),
        thing("variable", "password_env = \"STORE\""),
    ];
    desk.file("expiry.toml", format!("version = 1\n{}", things.concat()));
    for form in ["text", "json", "ics", "junit"] {
        let mut command =
            desk.command(&["expiry", "check", "--inventory", "expiry.toml", "--output", form, "--verbose"]);
        let call =
            crate::cli::Call::of(command.env("STORE", "niemals9").output().expect("it starts")).ends(1);
        for secret in ["geheim7", "falsch8", "niemals9"] {
            assert!(!call.stdout.contains(secret) && !call.stderr.contains(secret), "{call:#?}");
        }
        assert!(
            call.stdout.to_lowercase().replace('_', " ").contains("wrong password") || form == "ics",
            "{call:#?}"
        );
    }
}

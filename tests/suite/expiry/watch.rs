//! The watch as a process: what it prints, what it answers, and what a collector gets.

use super::{Bench, tool};
use crate::cli::Desk;
use crate::support::collector::{Collector, Manner, Tongue, of};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_mins(2);

/// A watch under way; killed when it is dropped.
struct Watch {
    child: Child,
    said: Receiver<String>,
    address: String,
}

impl Watch {
    fn start(desk: &Desk) -> Self {
        let arguments =
            ["expiry", "watch", "--inventory", "expiry.toml", "--every", "1s", "--listen", "127.0.0.1:0"];
        let mut command = desk.command(&arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let said = lines(child.stdout.take().expect("a pipe"));
        let noticed = lines(child.stderr.take().expect("a pipe"));
        let address = loop {
            let line = noticed.recv_timeout(PATIENCE).expect("it says where it listens");
            if let Some((_, address)) = line.split_once("for operators: http://") {
                break address.to_owned();
            }
        };
        // Read on, so that it never waits for a reader.
        std::thread::spawn(move || noticed.iter().count());
        Self { child, said, address }
    }

    #[track_caller]
    fn says(&self, part: &str) {
        let line = self.said.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("it does not say `{part}`"));
        assert!(line.contains(part), "`{line}` instead of `{part}`");
    }

    fn metrics(&self) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("it answers");
        write!(stream, "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").expect("written");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("text");
        text
    }

    /// Waits until a line of the metrics is there.
    #[track_caller]
    fn tells(&self, line: &str) {
        let begun = Instant::now();
        while !self.metrics().lines().any(|each| each == line) {
            assert!(begun.elapsed() < PATIENCE, "no `{line}` in {}", self.metrics());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn last_scan(&self) -> f64 {
        let text = self.metrics();
        let line = text.lines().find_map(|line| line.strip_prefix("feedgate_expiry_last_scan_seconds "));
        line.expect("it is told").parse().expect("a number")
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            let _ = send.send(line);
        }
    });
    receive
}

fn state(thing: &str, state: &str, value: u8) -> String {
    format!(
        "feedgate_expiry_state{{feedgate_expiry_kind=\"certificates\",feedgate_expiry_owner=\"us\",\
         feedgate_expiry_state=\"{state}\",feedgate_expiry_thing=\"{thing}\"}} {value}"
    )
}

#[test]
fn a_watch_tells_what_changes_and_a_renewal_clears() {
    if !tool("openssl") {
        return;
    }
    let (bench, desk) = (Bench::new(), Desk::new());
    bench.certificate("soon", "ed25519", 3);
    bench.certificate("fine", "ed25519", 300);
    let copy = |from: &str| {
        desk.file("shop.pem.new", std::fs::read(bench.path(from)).expect("made"));
        std::fs::rename(desk.path("shop.pem.new"), desk.path("shop.pem")).expect("moved");
    };
    copy("soon.pem");
    let keys = "kind = \"certificates\"\npath = \"shop.pem\"\nowner = \"us\"";
    let inventory = format!("version = 1\n[[thing]]\nname = \"shop\"\n{keys}\n");
    desk.file("expiry.toml", inventory);
    let mut watch = Watch::start(&desk);
    watch.says("shop: critical: ");
    watch.tells(&state("shop", "critical", 1));
    watch.tells("feedgate_expiry_things 1");
    copy("fine.pem");
    watch.says("shop: ok (was critical)");
    watch.tells(&state("shop", "ok", 1));
    watch.tells(&state("shop", "critical", 0));
    std::fs::remove_file(desk.path("shop.pem")).expect("removed");
    watch.says("shop: nothing found (was ok)");
    let labels =
        "feedgate_expiry_kind=\"certificates\",feedgate_expiry_owner=\"us\",feedgate_expiry_thing=\"shop\"";
    watch.tells(&format!("feedgate_expiry_not_after_seconds{{{labels}}} 0"));
    // An inventory that cannot be used any more is no whole look.
    desk.file("expiry.toml", "version = 2\n");
    std::thread::sleep(Duration::from_millis(1_500));
    let before = watch.last_scan();
    std::thread::sleep(Duration::from_millis(2_500));
    assert!((watch.last_scan() - before).abs() < f64::EPSILON, "it was not looked");
    desk.file("expiry.toml", "version = 1\n");
    watch.says("shop: no longer watched");
    watch.tells(&state("shop", "nothing_found", 0));
    let killed = Command::new("kill").arg(watch.child.id().to_string()).status().expect("kill is there");
    assert!(killed.success());
    assert_eq!(watch.child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn a_check_sends_gauges_and_events_at_its_end() {
    let desk = Desk::new();
    desk.file(
        "expiry.toml",
        "version = 1\n[[thing]]\nname = \"gone\"\nkind = \"crl\"\npath = \"none.crl\"\n",
    );
    let collector = Collector::start(Tongue::Grpc, Manner::Good);
    let mut command = desk.command(&["expiry", "check", "--inventory", "expiry.toml"]);
    for (name, value) in collector.variables() {
        command.env(name, value);
    }
    crate::cli::Call::of(command.output().expect("it starts")).ends(1);
    let received = collector.received();
    let states = received.points("feedgate.expiry.state");
    assert_eq!(states.len(), 10, "{states:?}");
    let in_force: Vec<_> = states.iter().filter(|(_, value)| *value > 0.5).collect();
    assert!(in_force.len() == 1 && in_force[0].0.contains("nothing_found"), "{in_force:?}");
    assert_eq!(received.points("feedgate.expiry.last_scan").len(), 1);
    let events: Vec<_> =
        received.logs.iter().filter_map(|log| of(&log.attributes, "feedgate.expiry.thing")).collect();
    assert_eq!(events, ["gone"]);
}

/// Of a part nobody could tell what became of the rest, and another day is no news: neither is sent.
#[test]
fn a_check_of_a_part_or_of_another_day_sends_nothing() {
    let desk = Desk::new();
    let thing =
        "[[thing]]\nname = \"gone\"\nkind = \"crl\"\npath = \"none.crl\"\ntags = [\"a\"]\nsource = \"s\"\n";
    desk.file("expiry.toml", format!("version = 1\n{thing}"));
    let collector = Collector::start(Tongue::Grpc, Manner::Good);
    for asked in [&["--tag", "a"], &["--source", "s"], &["--at", "2027-01-01"]] {
        let mut command =
            desk.command(&[&["expiry", "check", "--inventory", "expiry.toml"], &asked[..]].concat());
        for (name, value) in collector.variables() {
            command.env(name, value);
        }
        crate::cli::Call::of(command.output().expect("it starts")).ends(1);
    }
    let received = collector.received();
    assert_eq!(received.points("feedgate.expiry.state"), []);
    assert_eq!(
        received.logs.iter().filter(|log| of(&log.attributes, "feedgate.expiry.thing").is_some()).count(),
        0
    );
}

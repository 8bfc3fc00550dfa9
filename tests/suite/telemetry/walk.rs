//! The way from an alert to the record, as README tells it, with a real Collector, Prometheus and Jaeger; and what the
//! documented queries give when nights follow each other.

use crate::cli::{Call, Desk, repository};
use crate::support::catalogue::{Fault, catalogue};
use crate::support::observatory::{Observatory, Programs, until};
use serde_json::{Deserializer, Value};
use std::path::Path;
use std::process::Command;

/// Records of a night, and each how many-th is refused: an eighth, which is more than the alert allows.
const RECORDS: u32 = 40;
const EACH: u32 = 8;
/// The keys of the refused ones.
const REFUSED: [&str; 5] = ["r-0", "r-8", "r-16", "r-24", "r-32"];
/// Those that a trace may tell of.
const BUDGET: &str = "3";
const CODE: &str = "cvc-datatype-valid.1.2.1";
const FORMAT: &str = "catalogue/1.0";

/// Blocks of a kind in a section of a document, in their order.
fn blocks(document: &str, heading: &str, kind: &str) -> Vec<String> {
    let text = std::fs::read_to_string(repository(document)).expect("it is there");
    let level = heading.split(' ').next().expect("a heading").len();
    let is_end = |line: &&str| {
        line.starts_with('#') && line.split(' ').next().is_some_and(|hashes| hashes.len() <= level)
    };
    let section = text.lines().skip_while(|line| *line != heading).skip(1).take_while(|line| !is_end(line));
    let (mut found, mut open): (Vec<String>, bool) = (Vec::new(), false);
    for line in section {
        match line.trim() {
            "```" => open = false,
            fence if fence.strip_prefix("```") == Some(kind) => {
                open = true;
                found.push(String::new());
            }
            _ if open => {
                let block = found.last_mut().expect("one is open");
                block.push_str(line);
                block.push('\n');
            }
            _ => {}
        }
    }
    found
}

/// Blocks of a section of README.
fn of_readme<const COUNT: usize>(kind: &str) -> [String; COUNT] {
    let found = blocks("README.md", "### From an alert to the failed record", kind);
    found.try_into().expect("a step more or less in README is one more or less here")
}

/// One import of a night.
fn night(desk: &Desk, observatory: &Observatory, sender: &str, fault: impl Fn(u32) -> Fault) -> Call {
    let name = format!("{sender}.xml");
    desk.file(&name, catalogue(sender, RECORDS, fault));
    let mut command = desk.command(&["import", &name]);
    command.envs(observatory.variables()).env("FEEDGATE_TELEMETRY_BUDGET", BUDGET);
    let call = Call::of(command.output().expect("the program starts"));
    assert!(!call.stderr.contains("lost"), "{call:#?}");
    call
}

fn prices(number: u32) -> Fault {
    if number.is_multiple_of(EACH) { Fault::Price } else { Fault::None }
}

/// Runs commands of a step, each of whose names behind `$` has a value.
fn shell(desk: &Desk, observatory: &Observatory, step: &str, values: &[(&str, &str)]) -> String {
    let program = desk.command(&[]).get_program().to_owned();
    let folder = Path::new(&program).parent().expect("the program is in a folder");
    let path = std::env::var_os("PATH").expect("programs are found");
    let path = std::env::join_paths(std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path)));
    let mut command = Command::new("sh");
    command.args(["-euc", step]).current_dir(desk.folder.path()).env("PATH", path.expect("folders"));
    command.env("JAEGER", &observatory.jaeger).env("PROMETHEUS", &observatory.prometheus);
    Call::of(command.envs(values.iter().copied()).output().expect("a shell")).ends(0).stdout
}

/// The spans of each answer of Jaeger.
fn spans(answers: &str) -> Vec<Vec<Value>> {
    let answers = Deserializer::from_str(answers).into_iter::<Value>().map(|answer| answer.expect("JSON"));
    let of_trace = |trace: &Value| trace["spans"].as_array().cloned().unwrap_or_default();
    let of_answer =
        |answer: Value| answer["data"].as_array().map(|data| data.iter().flat_map(of_trace).collect());
    answers.map(|answer| of_answer(answer).unwrap_or_default()).collect()
}

/// A tag of a span.
fn tag(span: &Value, name: &str) -> Option<String> {
    let tag = span["tags"].as_array()?.iter().find(|tag| tag["key"] == name)?;
    Some(tag["value"].as_str().map_or_else(|| tag["value"].to_string(), str::to_owned))
}

/// The spans that tell of a record.
fn records(spans: &[Value]) -> Vec<&Value> {
    spans.iter().filter(|span| tag(span, "feedgate.record.key").is_some()).collect()
}

/// What stands behind a word at the beginning of a line.
fn behind<'a>(text: &'a str, word: &str) -> &'a str {
    let line = text.lines().find_map(|line| line.strip_prefix(word)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no `{word}` in {text}")).trim()
}

#[test]
fn readme_leads_from_an_alert_to_the_record() {
    let Some(programs) = Programs::all("the way from an alert to the record") else { return };
    let (desk, observatory) = (Desk::new(), Observatory::open(&programs));
    night(&desk, &observatory, "Verlag A", prices).ends(1).counts(&[("refused", "5")]);
    let [alerts, without_rules, deviations] = of_readme("promql");
    let [search, by_key, run, trace, quarantine] = of_readme("sh");
    let ask = |step: &str, values: &[(&str, &str)]| shell(&desk, &observatory, step, values);

    // What is wrong, and what deviates.
    fires(&observatory, &alerts);
    let given: Vec<_> = without_rules.lines().map(|expression| observatory.query(expression)).collect();
    assert_eq!(given.iter().map(Vec::len).collect::<Vec<_>>(), [1, 0, 0, 0], "{given:?}");
    assert!((given[0][0].1 - 5.0).abs() < 0.5, "{given:?}");
    let found = observatory.query(&deviations);
    let [(labels, count)] = found.as_slice() else { panic!("{found:?}") };
    assert!((count - 5.0).abs() < 0.5, "{count}");
    let of = |name: &str| labels[name].as_str().expect("a label").to_owned();
    let (format, code) = (of("feedgate_format"), of("feedgate_deviation_code"));
    assert_eq!((format.as_str(), code.as_str()), (FORMAT, CODE));

    // Which records: by operation, by tags, and each by its key.
    let values = [("CODE", code.as_str()), ("FORMAT", format.as_str())];
    let mut answers = Vec::new();
    let arrives = || {
        answers = spans(&ask(&search, &values));
        answers.iter().all(|spans| records(spans).len() == 3)
    };
    until("Jaeger finds three records by operation and by tags", arrives, || observatory.logs());
    assert_eq!(answers.len(), 2);
    let told = records(&answers[0]);
    let (span, key) = (told[1], tag(told[1], "feedgate.record.key").expect("its key"));
    tells(&desk, span, &key);
    let by_key = |key: &str| spans(&ask(&by_key, &[("KEY", key)])).remove(0);
    assert!(records(&by_key(&key)).contains(&span));

    // One or all of them, and of which run.
    let number = tag(span, "feedgate.run").expect("a number");
    let shown = ask(&run, &[("RUN", &number)]);
    assert!(shown.contains("      5  error `amount` has the value `12,50`"), "{shown}");
    let of_run = spans(&ask(&trace, &[("TRACE", behind(&shown, "trace"))])).remove(0);
    assert!(of_run.contains(span));
    let named = |name: &str| of_run.iter().find(|span| span["operationName"] == name).expect("a span");
    let (feed, root) = (named("feed catalogue/1.0"), named("feedgate import"));
    let groups = tag(feed, "feedgate.deviation.groups").expect("groups");
    assert!(groups.contains(&format!("5 × error {CODE} ")), "{groups}");
    assert_eq!(tag(root, "feedgate.deviations_left_out").as_deref(), Some("2"));

    // Beyond the budget: not in Jaeger, but in the quarantine.
    let is_told =
        |key: &&str| told.iter().any(|span| tag(span, "feedgate.record.key").as_deref() == Some(*key));
    let left_out: Vec<&str> = REFUSED.into_iter().filter(|key| !is_told(key)).collect();
    assert_eq!(left_out.len(), 2);
    for key in left_out {
        assert!(by_key(key).is_empty(), "{key}");
        in_quarantine(&desk, &quarantine, (&number, key), &ask);
    }
}

/// The alert for the night fires, and it alone says something of the run.
fn fires(observatory: &Observatory, alerts: &str) {
    let mut firing = Vec::new();
    let fires = || {
        let alerts = observatory.query(alerts).into_iter();
        firing = alerts
            .filter_map(|(labels, _)| Some((labels["alertname"].as_str()?.to_owned(), labels)))
            .collect();
        !firing.is_empty()
    };
    until("an alert fires", fires, || observatory.logs());
    let [(name, labels)] = firing.as_slice() else { panic!("{firing:?}") };
    assert_eq!(name, "FeedgateRefusedAboveUsual");
    assert_eq!((&labels["instance"], &labels["namespace"]), (&"import".into(), &"test".into()), "{labels}");
}

/// The span says whose record it is, which, where it stands and what is wrong.
#[track_caller]
fn tells(desk: &Desk, span: &Value, key: &str) {
    let tag = |name: &str| tag(span, name).unwrap_or_default();
    assert_eq!((span["operationName"].as_str(), tag("error")), (Some(CODE), "true".to_owned()));
    assert_eq!((tag("feedgate.sender"), tag("feedgate.feed")), ("Verlag A".into(), "Verlag A.xml".into()));
    assert_eq!(
        (tag("feedgate.deviation.code"), tag("feedgate.deviation.found")),
        (CODE.into(), "12,50".into())
    );
    assert!(tag("feedgate.deviation.expected").contains("decimal"), "{span}");
    assert!(tag("feedgate.deviation.path").ends_with("/prices/price/amount"), "{span}");
    let feed = std::fs::read_to_string(desk.path("Verlag A.xml")).expect("the feed");
    let line = tag("feedgate.deviation.line").parse::<usize>().expect("a line");
    let text = feed.lines().nth(line - 1).expect("it is in the feed");
    assert!(text.contains(&format!("reference=\"{key}\"")), "{text}");
    let column = text.find("12,50").map(|at| (at + 1).to_string());
    assert_eq!(Some(tag("feedgate.deviation.column")), column);
}

/// A record that no span tells of is found by run and key, with everything that a span would tell.
#[track_caller]
fn in_quarantine(
    desk: &Desk,
    step: &str,
    (run, key): (&str, &str),
    ask: &impl Fn(&str, &[(&str, &str)]) -> String,
) {
    // The number of the entry is known when the list has been seen: here, before the step is done as a whole.
    let list = desk.call(&["quarantine", "list", "--key", key]).ends(0).stdout;
    let entry = list.lines().nth(1).and_then(|line| line.split_whitespace().next()).expect("an entry");
    let shown = ask(step, &[("RUN", run), ("KEY", key), ("ENTRY", entry)]);
    assert_eq!(
        shown.lines().filter(|line| line.contains("  open   r-")).count(),
        REFUSED.len() + 1,
        "{shown}"
    );
    assert_eq!((behind(&shown, "record"), behind(&shown, "sender")), (key, "Verlag A"));
    for part in [CODE, "`12,50`", "Verlag A.xml:", &format!("reference=\"{key}\"")] {
        assert!(shown.contains(part), "no `{part}` in {shown}");
    }
}

/// What each documented query about a job says of a night: labels that tell its series apart, and values.
fn said(observatory: &Observatory, query: &str) -> Vec<String> {
    let label = |labels: &Value, name: &str| labels[name].as_str().map(str::to_owned);
    let names = ["feedgate_sender", "feedgate_format", "feedgate_deviation_code", "feedgate_outcome"];
    let mut said: Vec<String> = observatory
        .query(query)
        .iter()
        .map(|(labels, value)| {
            let labels: Vec<String> = names.iter().filter_map(|name| label(labels, name)).collect();
            format!("{}={value:.0}", labels.join(" "))
        })
        .collect();
    said.sort();
    said
}

#[test]
fn documented_queries_about_jobs_are_right_night_after_night() {
    let Some(programs) = Programs::of_metrics("queries about nights that follow each other") else { return };
    let (desk, observatory) = (Desk::new(), Observatory::open(&programs));
    let instruments = "src/telemetry/INSTRUMENTS.md";
    let of_run = blocks(instruments, "# What a run has told, and the next one replaces", "promql");
    let [run, senders] = of_run.as_slice() else { panic!("{of_run:?}") };
    let [records, feeds, outcome, age] = run.lines().collect::<Vec<_>>()[..] else { panic!("{run}") };
    let found = blocks(instruments, "# What the last run has found", "promql");
    let [of_service, of_job] = found.as_slice() else { panic!("{found:?}") };

    // Two nights that come to the same, one that is clean, one of another sender.
    let title = |number: u32| if number.is_multiple_of(EACH) { Fault::Title } else { Fault::None };
    let faults: [(&str, &dyn Fn(u32) -> Fault); 4] =
        [("Verlag A", &prices), ("Verlag A", &title), ("Verlag A", &|_| Fault::None), ("Verlag B", &prices)];
    let mut starts = Vec::new();
    for (sender, fault) in faults {
        let status = night(&desk, &observatory, sender, fault).status;
        let start = "feedgate_last_run_start_seconds{job=\"feedgate\", instance=\"import\"}";
        let mut now = Vec::new();
        let arrives = || {
            now = observatory.query(&format!("last_over_time({start}[26h])"));
            now.first().is_some_and(|(_, start)| !starts.contains(&start.to_bits()))
        };
        until("the night arrives", arrives, || observatory.logs());
        // One series: a night replaces the one before it.
        assert_eq!(now.len(), 1, "{now:?}");
        starts.push(now[0].1.to_bits());

        let is_clean = status == 0;
        let (accepted, refused) = if is_clean { (40, 0) } else { (35, 5) };
        let expected = [format!("accepted={accepted}"), format!("refused={refused}"), "stale=0".to_owned()];
        assert_eq!(said(&observatory, records), expected);
        let became = if is_clean { "accepted=1" } else { "deviations=1" };
        assert_eq!(said(&observatory, feeds), [became]);
        assert_eq!(said(&observatory, outcome), [became]);
        assert!(observatory.query(age).iter().all(|(_, seconds)| (0.0..60.0).contains(seconds)));
        let of_senders = said(&observatory, senders);
        for expected in [format!("{sender} accepted={accepted}"), format!("{sender} refused={refused}")] {
            assert!(of_senders.contains(&expected), "no `{expected}` in {of_senders:?}");
        }
        let code = if starts.len() == 2 { "cvc-complex-type.2.4.a" } else { CODE };
        let expected = if is_clean { Vec::new() } else { vec![format!("{FORMAT} {code}=5")] };
        let told = || said(&observatory, of_job) == expected;
        until("the deviations are those of the night", told, || format!("{:?}", said(&observatory, of_job)));
        assert_eq!(said(&observatory, of_service), Vec::<String>::new());
    }
    assert_eq!(starts.len(), 4);
}

//! A feed through the whole pipeline on one thread: cursor, validator, cutter, mapper, outcomes.
//!
//! `cargo bench --bench pipeline -- FEED MAIN.xsd PROFILE.toml [RUNS]`; the schema's includes are read from
//! its folder. Each run is done twice, without and with gathering what records look like. Prints MB/s, what was found,
//! and the peak memory of the process so far (Linux).

use feedgate::feed::FeedProfile;
use feedgate::judgement::{EventSink, FeedEnd, FeedEvent, Flow};
use feedgate::pipeline::{FeedInput, FeedLimits, FeedPlan, FeedReader, Progress, StopFlag, Structure};
use feedgate::xsd::{Assembler, CompiledSchema};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|each| !each.starts_with("--")).collect();
    let [feed, schema, profile, rest @ ..] = arguments.as_slice() else {
        eprintln!(
            "SKIPPED: give a feed, a schema and a profile: cargo bench --bench pipeline -- FEED XSD PROFILE"
        );
        return;
    };
    let runs = rest.first().and_then(|text| text.parse().ok()).unwrap_or(3);
    let text = fs::read_to_string(profile).expect("the profile can be read");
    let profile = FeedProfile::parse(&text, profile).expect("the profile can be used");
    let profile = Some(Arc::new(profile));
    let plan = Arc::new(FeedPlan {
        schema: load(Path::new(schema)),
        profile,
        assumed: None,
        misspelt: None,
        alone: None,
        judged_by: None,
    });
    let mut reader = FeedReader::new(FeedLimits::default(), StopFlag::default());
    let both = [Structure::Ignored, Structure::Gathered];
    for structure in (0..runs).flat_map(|_| both) {
        reader = reader.with_structure(structure);
        let input = Opened(File::open(feed).expect("the feed can be opened"));
        let mut counts = Counts::default();
        let started = Instant::now();
        let read = reader.read(input, &feed.as_str().into(), &plan, &Progress::default(), &mut counts);
        let seconds = started.elapsed().as_secs_f64();
        read.expect("the feed can be judged");
        let end = counts.end.expect("a feed has an end");
        let (tally, packed) = (end.tally, end.structure.map_or(0, |packed| packed.len()));
        let rate = tally.bytes as f64 / 1e6 / seconds;
        println!(
            "{structure:?} ({packed} bytes): {:.0} ms, {rate:.0} MB/s, {} records, {} refused, peak {}",
            seconds * 1e3,
            tally.records,
            tally.refused,
            peak()
        );
        for ((code, severity), count) in &tally.findings {
            println!("  {count:>8} {severity} {code}");
        }
    }
}

/// A file as a feed.
struct Opened(File);

impl Read for Opened {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        self.0.read(target)
    }
}

impl FeedInput for Opened {}

/// Drops what it is told but the end.
#[derive(Default)]
struct Counts {
    end: Option<FeedEnd>,
}

impl EventSink for Counts {
    fn take(&mut self, event: FeedEvent) -> Flow {
        if let FeedEvent::End(end) = event {
            self.end = Some(end);
        }
        Flow::Continue
    }
}

fn load(main: &Path) -> Arc<CompiledSchema> {
    let folder = main.parent().expect("a schema file has a folder");
    let name = main.file_name().and_then(|name| name.to_str()).expect("a schema file has a name");
    let mut assembler = Assembler::new();
    assembler.add(name, &fs::read(main).expect("the schema can be read"));
    while let Some(request) = assembler.missing() {
        match fs::read(folder.join(&*request.location)) {
            Ok(bytes) => assembler.add(&request.location, &bytes),
            Err(error) => assembler.unavailable(&request, &error.to_string()),
        }
    }
    assembler.finish().unwrap_or_else(|error| panic!("{error}"))
}

fn peak() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".to_owned(), |line| line.trim().to_owned())
}

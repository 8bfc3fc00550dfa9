//! Validation throughput: the same feed through quick-xml alone, our cursor, and the validator.
//!
//! `cargo bench --bench validate -- FEED MAIN.xsd [RUNS]`; the schema's includes are read from its folder.

use feedgate::xml::{Cursor, Event, Limits};
use feedgate::xsd::{Assembler, CompiledSchema, DeviationBuffer, Validator};
use std::fs::{self, File};
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|each| !each.starts_with("--")).collect();
    let [feed, schema, rest @ ..] = arguments.as_slice() else {
        eprintln!("SKIPPED: give a feed and a schema: cargo bench --bench validate -- FEED MAIN.xsd [RUNS]");
        return;
    };
    let runs = rest.first().and_then(|text| text.parse().ok()).unwrap_or(3);
    let started = Instant::now();
    let schema = load(Path::new(schema));
    println!("{:<12} {:>8.1} ms", "schema", started.elapsed().as_secs_f64() * 1e3);
    for _ in 0..runs {
        measure("quick-xml", feed, || bare(feed));
        measure("cursor", feed, || cursor(feed, &schema));
        measure("validator", feed, || validate(feed, &schema));
    }
}

fn load(main: &Path) -> Arc<CompiledSchema> {
    let folder = main.parent().expect("a schema file has a folder");
    let name = main.file_name().and_then(|name| name.to_str()).expect("a schema file has a name");
    let mut assembler = Assembler::new();
    assembler.add(name, &fs::read(main).expect("the schema can be read"));
    while let Some(request) = assembler.missing() {
        let path = folder.join(&*request.location);
        match fs::read(&path) {
            Ok(bytes) => assembler.add(&request.location, &bytes),
            Err(error) => assembler.unavailable(&request, &error.to_string()),
        }
    }
    assembler.finish().unwrap_or_else(|error| panic!("{error}"))
}

fn measure(what: &str, feed: &str, work: impl FnOnce() -> u64) {
    let bytes = fs::metadata(feed).expect("the feed can be read").len();
    let started = Instant::now();
    let count = black_box(work());
    let seconds = started.elapsed().as_secs_f64();
    println!("{what:<12} {:>8.1} ms {:>8.1} MB/s {count:>10}", seconds * 1e3, bytes as f64 / 1e6 / seconds);
}

fn bare(feed: &str) -> u64 {
    let bytes = fs::read(feed).expect("the feed can be read");
    let mut reader = quick_xml::Reader::from_reader(bytes.as_slice());
    let mut events = 0;
    loop {
        match reader.read_event().expect("the feed is well-formed") {
            quick_xml::events::Event::Eof => return events,
            event => {
                black_box(&event);
                events += 1;
            }
        }
    }
}

fn cursor(feed: &str, schema: &Arc<CompiledSchema>) -> u64 {
    let mut cursor = Cursor::new(File::open(feed).expect("the feed can be read"), Limits::default());
    cursor.set_names(Arc::clone(schema.names()));
    let mut events = 0;
    while let Some(mut block) = cursor.block().expect("the feed is well-formed") {
        while let Some(event) = block.next().expect("the feed is well-formed") {
            black_box(matches!(event, Event::Start(_)));
            events += 1;
        }
    }
    events
}

fn validate(feed: &str, schema: &Arc<CompiledSchema>) -> u64 {
    let mut cursor = Cursor::new(File::open(feed).expect("the feed can be read"), Limits::default());
    cursor.set_names(Arc::clone(schema.names()));
    let mut validator = Validator::new(Arc::clone(schema));
    let mut found = DeviationBuffer::with_limit(100);
    let mut deviations = 0;
    while let Some(mut block) = cursor.block().expect("the feed is well-formed") {
        while let Some(event) = block.next().expect("the feed is well-formed") {
            validator.event(&event, &mut found);
            if !found.is_empty() {
                for each in found.drain() {
                    deviations += 1;
                    if deviations <= 5 {
                        println!("{each}");
                    }
                }
            }
        }
    }
    validator.finish(&mut found);
    deviations + found.drain().count() as u64
}

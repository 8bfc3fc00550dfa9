//! Events per second: the bare loop of quick-xml and our cursor over the same file, in one run.
//!
//! `cargo bench --bench xml -- FEED.xml` prints MB/s, the best of several rounds each. The bare loop has
//! the whole file in memory; the cursor reads it from there piece by piece, resolves names, checks what
//! quick-xml lets pass, and keeps one window.

use feedgate::xml::{Cursor, Event, Limits, XmlError};
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: usize = 15;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    let Some(path) = arguments.next() else {
        eprintln!("usage: cargo bench --bench xml -- FEED.xml [bare|cursor|located]");
        return;
    };
    let only = arguments.next();
    let wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    let bytes = std::fs::read(&path).expect("the feed can be read");
    let mut work: Vec<Work> =
        vec![("bare", bare, f64::MAX), ("cursor", cursor, f64::MAX), ("located", located, f64::MAX)];
    work.retain(|(name, ..)| wanted(name));
    for _ in 0..ROUNDS {
        for (_, run, best) in &mut work {
            let began = Instant::now();
            black_box(run(&bytes));
            *best = best.min(began.elapsed().as_secs_f64());
        }
    }
    for (name, _, best) in work {
        println!("{name:10} {:7.0} MB/s", bytes.len() as f64 / 1e6 / best);
    }
}

/// Name, what to run, the best time so far in seconds.
type Work = (&'static str, fn(&[u8]) -> usize, f64);

fn bare(bytes: &[u8]) -> usize {
    let mut reader = quick_xml::Reader::from_reader(bytes);
    reader.config_mut().check_end_names = false;
    let mut count = 0;
    loop {
        match reader.read_event().expect("the feed is well-formed") {
            quick_xml::events::Event::Eof => return count,
            event => {
                black_box(&event);
                count += 1;
            }
        }
    }
}

fn cursor(bytes: &[u8]) -> usize {
    let mut count = 0;
    let each = |event: Event<'_>| {
        black_box(&event);
        count += 1;
        Ok::<(), XmlError>(())
    };
    Cursor::new(bytes, Limits::default()).for_each_event(each).expect("the feed is well-formed");
    count
}

fn located(bytes: &[u8]) -> usize {
    let mut cursor = Cursor::new(bytes, Limits::default());
    let mut count = 0;
    while let Some(mut block) = cursor.block().expect("the feed is well-formed") {
        while let Some(event) = block.next().expect("the feed is well-formed") {
            if let Event::Start(tag) = event {
                let at = tag.span.start;
                count += usize::from(block.locate(at).line > 0);
            }
        }
    }
    count
}

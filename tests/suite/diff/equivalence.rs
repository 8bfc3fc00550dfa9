//! However the two feeds are delivered and however little memory there is, the diff is the same.

use crate::cli::{Desk, repository};
use feedgate::diff::{DiffOptions, RecordChange, compare};
use feedgate::feed::FeedProfile;
use feedgate::pipeline::{Progress, StopFlag};
use feedgate::source::FeedSource;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

/// The sample, and the sample in reversed order with every seventh product changed and every tenth gone.
fn versions() -> (String, String) {
    let old = std::fs::read_to_string(repository("samples/catalogue/good.xml")).expect("the sample is there");
    let begin = old.find("  <product ").expect("a product");
    let (head, rest) = old.split_at(begin);
    let rest = rest.trim_end().strip_suffix("</catalogue>").expect("the end");
    let products = rest.split_inclusive("</product>\n").collect::<Vec<_>>();
    let changed = |(number, product): (usize, &&str)| match number {
        n if n % 10 == 3 => None,
        n if n % 7 == 2 => Some(product.replace("<title>", "<title>Neu: ")),
        _ => Some((*product).to_owned()),
    };
    let mut products: Vec<String> = products.iter().enumerate().filter_map(changed).collect();
    products.reverse();
    (old.clone(), format!("{head}{}</catalogue>\n", products.concat()))
}

fn profile() -> Arc<FeedProfile> {
    let path = repository("schemas/catalogue/1.0/profile.toml");
    let text = std::fs::read_to_string(path).expect("the profile is there");
    Arc::new(FeedProfile::parse(&text, "catalogue").expect("it is a profile"))
}

fn changes(old: &Path, new: &Path, options: &DiffOptions) -> Vec<RecordChange> {
    let [old, new] = [old, new].map(|path| FeedSource::file(path.to_owned()));
    let (progress, stop) = (Progress::default(), StopFlag::default());
    let mut compared =
        compare(&old, &new, &[profile()], options, &progress, &stop).expect("the feeds can be compared");
    let changes: Vec<RecordChange> =
        compared.changes.read().expect("readable").collect::<Result<_, _>>().expect("readable");
    let summary = compared.summary;
    assert_eq!(summary.added + summary.removed + summary.changed, changes.len() as u64);
    assert_eq!(progress.now().feeds, 2);
    changes
}

#[test]
fn wrapping_and_memory_make_no_difference() {
    let (old, new) = versions();
    let desk = Desk::new();
    let plain = (desk.file("old.xml", &old), desk.file("new.xml", &new));
    let expected = changes(&plain.0, &plain.1, &DiffOptions::default());
    assert!(expected.len() > 10, "{}", expected.len());

    let gzip = |text: &str| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).expect("writes to memory");
        encoder.finish().expect("writes to memory")
    };
    let packed = (
        desk.file("old.xml.gz", gzip(&old)),
        desk.file("new.xml.zst", zstd::encode_all(new.as_bytes(), 1).expect("encodes")),
    );
    assert_eq!(changes(&packed.0, &packed.1, &DiffOptions::default()), expected);
    let mixed = DiffOptions { index_rows_max: 4, threads: 1, ..DiffOptions::default() };
    assert_eq!(changes(&packed.0, &plain.1, &mixed), expected);
    let spilled = DiffOptions { index_rows_max: 1, threads: 3, ..DiffOptions::default() };
    assert_eq!(changes(&plain.0, &packed.1, &spilled), expected);
}

#[test]
fn the_other_way_round_what_came_went() {
    let (old, new) = versions();
    let desk = Desk::new();
    let (old, new) = (desk.file("old.xml", old), desk.file("new.xml", new));
    let summary = |old: &Path, new: &Path| {
        let mut told: Vec<String> = changes(old, new, &DiffOptions::default())
            .into_iter()
            .map(|change| format!("{} {:?}", change.key, change.old.is_some() && change.new.is_some()))
            .collect();
        told.sort();
        told
    };
    assert_eq!(summary(&old, &new), summary(&new, &old));
}

#[test]
fn standard_input_is_as_good_as_a_file() {
    let (old, new) = versions();
    let desk = Desk::new();
    desk.file("new.xml", &new);
    desk.file("old.xml", &old);
    let from_file = desk.call(&["diff", "old.xml", "new.xml"]).ends(1);
    let from_pipe = desk.call_with(&["diff", "-", "new.xml"], old.as_bytes()).ends(1);
    assert_eq!(from_pipe.stdout.replacen("-:", "old.xml:", 1), from_file.stdout);
    assert_eq!(from_pipe.stderr, "", "no progress into a pipe");
}

//! What the fuzz targets once found (`tests/data/fuzz/TARGET/NAME`), held to their properties ever after.

#[path = "../fuzz/properties.rs"]
mod properties;

use std::fs;
use std::path::Path;

/// Runs every kept input of a target; the name of the one at work is printed when it fails.
fn kept(target: &str, property: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/fuzz").join(target);
    let mut inputs: Vec<_> = fs::read_dir(&folder)
        .expect("every target keeps inputs")
        .map(|entry| entry.expect("an entry can be read").path())
        .collect();
    inputs.sort();
    assert!(!inputs.is_empty(), "{} is empty", folder.display());
    for path in inputs {
        eprintln!("{}", path.display());
        property(&fs::read(&path).expect("an input can be read"));
    }
}

#[test]
fn the_cursor_ends_every_document_the_same_way_however_it_is_read() {
    kept("cursor", properties::cursor);
}

#[test]
fn every_schema_is_compiled_or_refused_the_same_way_each_time() {
    kept("schema", properties::schema);
}

#[test]
fn every_document_gets_one_verdict_however_it_is_read() {
    kept("validate", properties::validate);
}

/// The properties reach what they are about: their inputs are parted, loaded and validated.
#[test]
fn inputs_of_several_documents_are_read_as_such() {
    let input = b"<a/>\n=====\n\n=====\n<b/>";
    let parts: Vec<&[u8]> = vec![b"<a/>", b"", b"<b/>"];
    assert_eq!(properties::parts(input), parts);
}

//! What the fuzz targets once found (`tests/data/fuzz/TARGET/NAME`), held to their properties ever after.

#[path = "../fuzz/properties.rs"]
mod properties;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

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

#[test]
fn every_inventory_is_read_or_refused() {
    kept("inventory", properties::inventory);
    changed("inventory", properties::inventory);
}

#[test]
fn every_key_store_of_java_is_read_or_refused() {
    kept("jks", properties::jks);
    changed("jks", properties::jks);
}

#[test]
fn every_key_store_in_pkcs12_is_read_or_refused() {
    kept("pkcs12", properties::pkcs12);
    changed("pkcs12", properties::pkcs12);
}

#[test]
fn all_metadata_of_saml_is_read_or_refused() {
    kept("saml", properties::saml);
    changed("saml", properties::saml);
}

#[test]
fn all_key_sets_and_tokens_are_read_or_refused() {
    kept("jwks", properties::jwks);
    changed("jwks", properties::jwks);
}

/// For how long kept inputs are changed: the fuzz targets need a toolchain of their own, this does not.
const CHANGES: Duration = Duration::from_millis(1_500);
/// The same when there is time (`FEEDGATE_TEST_LONG`).
const CHANGES_LONG: Duration = Duration::from_mins(15);

/// Changes the kept inputs of a target in a few places each, and holds them to its property. The same changes in the
/// same order each time; how many there are depends on the machine.
fn changed(target: &str, property: fn(&[u8])) {
    let long = std::env::var_os("FEEDGATE_TEST_LONG").is_some();
    let (begun, time) = (Instant::now(), if long { CHANGES_LONG } else { CHANGES });
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/fuzz").join(target);
    let mut inputs: Vec<_> =
        fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("read").path()).collect();
    inputs.sort();
    let inputs: Vec<Vec<u8>> = inputs.iter().map(|path| fs::read(path).expect("read")).collect();
    let (mut dice, mut count) = (Dice(0x9E37_79B9_7F4A_7C15), 0_u64);
    while begun.elapsed() < time {
        let mut input = inputs[dice.below(inputs.len())].clone();
        for _ in 0..=dice.below(4) {
            dice.change(&mut input, &inputs);
        }
        let at_hand = input.clone();
        if std::panic::catch_unwind(move || property(&at_hand)).is_err() {
            let path = std::env::temp_dir().join(format!("feedgate-fuzz-{target}-{count}"));
            fs::write(&path, &input).expect("written");
            panic!("change {count} of `{target}` fails: it is kept in {}", path.display());
        }
        count += 1;
    }
    eprintln!("{target}: {count} changed inputs");
    assert!(count > 20, "hardly anything was tried: {count}");
}

/// Numbers that come as if by chance, the same each time.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).expect("below a length")
    }

    fn change(&mut self, input: &mut Vec<u8>, others: &[Vec<u8>]) {
        if input.is_empty() {
            return input.push(0x30);
        }
        let at = self.below(input.len());
        match self.below(8) {
            0 => input[at] ^= 1 << self.below(8),
            1 => input[at] = [0, 1, 0x30, 0x7F, 0x80, 0x84, 0xFF, b'"'][self.below(8)],
            2 => input.truncate(at),
            3 => drop(input.drain(at..at + self.below(input.len() - at).min(16))),
            4 => {
                let piece = input[at..(at + 24).min(input.len())].to_vec();
                let place = self.below(input.len());
                input.splice(place..place, piece);
            }
            5 => {
                let other = &others[self.below(others.len())];
                let from = self.below(other.len());
                let piece = other[from..(from + 32).min(other.len())].to_vec();
                input.splice(at..at, piece);
            }
            6 => {
                let value = u32::try_from(self.next() & 0xFFFF_FFFF).expect("masked").to_be_bytes();
                let end = (at + 4).min(input.len());
                input[at..end].copy_from_slice(&value[..end - at]);
            }
            _ => {
                let byte = input[at];
                input.splice(at..at, std::iter::repeat_n(byte, 40));
            }
        }
    }
}

/// The properties reach what they are about: their inputs are parted, loaded and validated.
#[test]
fn inputs_of_several_documents_are_read_as_such() {
    let input = b"<a/>\n=====\n\n=====\n<b/>";
    let parts: Vec<&[u8]> = vec![b"<a/>", b"", b"<b/>"];
    assert_eq!(properties::parts(input), parts);
}

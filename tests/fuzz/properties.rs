//! What must hold of any input whatsoever: one function a target. The fuzz targets call them with what
//! they make up, `tests/suite/fuzz.rs` with what they once found.
//!
//! An input for `schema` or `validate` holds several documents, parted by lines of [`PART`]. The first
//! is the schema document to load; each further one answers the next request for another document,
//! whatever its name; for `validate` the last is the instance.

use feedgate::expiry::{Form, Inventory, Known, Password, read};
use feedgate::xml::{Cursor, Event, Limits, Offset, XmlError, XmlErrorKind};
use feedgate::xsd::{Assembler, CompiledSchema, DeviationBuffer, MissingInclude, SchemaError, Validator};
use std::fmt::Write;
use std::sync::Arc;

/// The line between two documents of one input.
pub(crate) const PART: &str = "=====";

/// Most deviations kept while validating.
const KEPT: usize = 1_000;
/// Longest sentence of a fault or deviation: it quotes names and values, which are cut or limited.
const SENTENCE_BYTES_MAX: usize = 64 << 10;

/// Windows to read through, beside the usual one.
const WINDOWS: [usize; 4] = [16, 17, 61, 4096];

/// The cursor ends every document, well-formed or not, with events in order or an error at a place
/// inside, and always the same however it is read.
pub(crate) fn cursor(input: &[u8]) {
    for limits in [Limits::default(), narrow()] {
        let whole = told(&mut Cursor::with_window(input, limits, 1 << 14), input.len());
        for window in WINDOWS {
            let other = told(&mut Cursor::with_window(input, limits, window), input.len());
            assert_eq!(other, whole, "read through a window of {window} bytes");
        }
        #[cfg(fuzzing)]
        {
            let other = told(&mut Cursor::new(input, limits).by_reader_alone(), input.len());
            assert_eq!(other, whole, "by the reader alone");
        }
        let root = Cursor::new(input, limits).peek_root();
        if let Ok(root) = root {
            let first = whole.lines().next().unwrap_or_default();
            let begins = format!("start {{{}}}{} ", root.namespace, root.local());
            // What is behind the root's name may still be refused with it.
            assert!(first.starts_with(&begins) || !first.starts_with("start"), "{first} is not {begins}");
        }
    }
}

/// Limits that a small input reaches.
fn narrow() -> Limits {
    Limits {
        depth_max: 6,
        attributes_max: 4,
        tag_bytes_max: 64,
        text_bytes_max: 48,
        comment_bytes_max: 32,
        name_bytes_max: 16,
        record_bytes_max: 256,
        bindings_max: 4,
        namespaces_max: 4,
        ..Limits::default()
    }
}

/// A line for each event, then how it ends.
fn told<R: std::io::Read>(cursor: &mut Cursor<R>, bytes: usize) -> String {
    let mut told = String::new();
    let mut open = 0_usize;
    match tell(cursor, &mut told, &mut open, bytes) {
        Ok(()) => {
            assert_eq!(open, 0, "every element of a document that is well-formed ends");
            writeln!(told, "end at {}", cursor.position()).unwrap();
        }
        Err(error) => {
            assert!(!matches!(error.kind, XmlErrorKind::OutOfOrder { .. } | XmlErrorKind::Io(_)), "{error}");
            assert!(error.place.byte.0 <= bytes as u64, "`{error}` at byte {}", error.place.byte.0);
            assert!(cursor.block().is_err(), "nothing is read after an error");
            writeln!(told, "{} at {}: {error}", error.code(), error.place).unwrap();
        }
    }
    told
}

fn tell<R: std::io::Read>(
    cursor: &mut Cursor<R>,
    told: &mut String,
    open: &mut usize,
    bytes: usize,
) -> Result<(), XmlError> {
    let mut reached = Offset(0);
    while let Some(mut block) = cursor.block()? {
        while let Some(event) = block.next()? {
            let span = match event {
                Event::Start(tag) => {
                    *open += 1;
                    write!(told, "start {{{}}}{} ", tag.name.namespace, tag.name.local()).unwrap();
                    for a in tag.attributes.iter() {
                        assert!(tag.span.start < a.at && a.at < tag.span.end, "an attribute is in its tag");
                        write!(told, "{{{}}}{}={:?} ", a.name.namespace, a.name.local(), a.value).unwrap();
                    }
                    tag.span
                }
                Event::End(tag) => {
                    *open = open.checked_sub(1).expect("what ends was open");
                    assert!(tag.start < tag.span.end, "an element ends behind its beginning");
                    write!(told, "end {{{}}}{}", tag.name.namespace, tag.name.local()).unwrap();
                    tag.span
                }
                Event::Text(text) => {
                    write!(told, "text {:?}", text.text).unwrap();
                    text.span
                }
            };
            assert!(reached <= span.start && span.start <= span.end, "{span:?} begins before {reached:?}");
            reached = span.end;
            let place = block.locate(span.start);
            assert!(place.byte.0 <= bytes as u64, "{span:?} is at byte {}", place.byte.0);
            assert!(block.excerpt(span).width > 0);
            writeln!(told, " at {place} byte {} {span:?}", place.byte.0).unwrap();
        }
    }
    Ok(())
}

/// Every schema is compiled or refused with faults at places, the same each time.
pub(crate) fn schema(input: &[u8]) {
    let parts = parts(input);
    for missing in [MissingInclude::Refused, MissingInclude::NotChecked] {
        let first = outcome(&compile(&parts, missing));
        assert_eq!(outcome(&compile(&parts, missing)), first, "compiled a second time");
    }
}

fn compile(parts: &[&[u8]], missing: MissingInclude) -> Result<Arc<CompiledSchema>, SchemaError> {
    let (main, mut others) = match parts.split_first() {
        Some((main, others)) => (*main, others.iter()),
        None => (&[][..], [].iter()),
    };
    let mut assembler = Assembler::new();
    assembler.set_missing_include(missing);
    assembler.add("main.xsd", main);
    while let Some(request) = assembler.missing() {
        match others.next() {
            Some(bytes) => assembler.add(&request.location, bytes),
            None => assembler.unavailable(&request, "there is no other document"),
        }
    }
    assembler.finish()
}

/// A schema in words, to compare.
fn outcome(compiled: &Result<Arc<CompiledSchema>, SchemaError>) -> String {
    match compiled {
        Ok(schema) => format!("{:?} {:?}", schema.size(), schema.not_checked()),
        Err(error) => {
            assert!(!error.faults.is_empty(), "a refusal has a reason");
            let mut told = String::new();
            for fault in &error.faults {
                assert!(fault.sentence.len() <= SENTENCE_BYTES_MAX, "a long sentence: {}", fault.sentence);
                writeln!(told, "{fault}").unwrap();
            }
            told
        }
    }
}

/// Every document gets a verdict, the same each time and however it is cut into reads, in bounded words.
pub(crate) fn validate(input: &[u8]) {
    let parts = parts(input);
    let Some((instance, schemas)) = parts.split_last() else { return };
    let Ok(schema) = compile(schemas, MissingInclude::NotChecked) else { return };
    let mut validator = Validator::new(Arc::clone(&schema));
    let whole = verdict(&mut validator, cursor_of(instance, &schema, 1 << 14));
    for window in WINDOWS {
        let other = verdict(&mut validator, cursor_of(instance, &schema, window));
        assert_eq!(other, whole, "read through a window of {window} bytes");
    }
}

fn cursor_of<'a>(instance: &'a [u8], schema: &CompiledSchema, window: usize) -> Cursor<&'a [u8]> {
    let mut cursor = Cursor::with_window(instance, Limits::default(), window);
    cursor.set_names(Arc::clone(schema.names()));
    cursor
}

/// All deviations, then how the document ends.
fn verdict(validator: &mut Validator, mut cursor: Cursor<&[u8]>) -> String {
    let mut found = DeviationBuffer::with_limit(KEPT);
    let mut told = String::new();
    let end = cursor.for_each_event(|event| {
        validator.event(&event, &mut found);
        Ok::<(), XmlError>(())
    });
    validator.finish(&mut found);
    for each in found.drain() {
        for words in [&each.sentence, &each.found, &each.expected, &each.operand] {
            assert!(words.len() <= SENTENCE_BYTES_MAX, "long words: {words}");
        }
        assert!(each.at.start <= each.at.end, "{each:?}");
        writeln!(told, "{:?} {each}", each.at).unwrap();
    }
    writeln!(told, "beyond: {:?}", found.cut()).unwrap();
    match end {
        Ok(()) => told + "complete",
        Err(error) => format!("{told}{} at {}", error.code(), error.place),
    }
}

/// The documents of an input.
pub(crate) fn parts(input: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut rest = input;
    let line = format!("\n{PART}\n");
    while let Some(at) = rest.windows(line.len()).position(|window| window == line.as_bytes()) {
        parts.push(&rest[..at]);
        rest = &rest[at + line.len()..];
    }
    parts.push(rest);
    parts
}

/// Most bytes of a sentence on what expires: it quotes little, and shortly.
const EXPIRY_SENTENCE_BYTES_MAX: usize = 4 << 10;
/// What opens the kept stores; it must stand in no sentence.
const PASSWORD: &str = "sample";

/// Every inventory is read or refused, the same each time and in bounded words.
pub(crate) fn inventory(input: &[u8]) {
    let first = Inventory::read(input);
    assert_eq!(Inventory::read(input), first, "read a second time");
    match first {
        Ok(inventory) => {
            for thing in &inventory.things {
                assert!(thing.thresholds.critical <= thing.thresholds.warning, "{thing:?}");
            }
        }
        // Each fault quotes a name or a value, shortened; of TOML the line is not repeated.
        Err(error) => assert!(error.to_string().len() <= SENTENCE_BYTES_MAX, "{error}"),
    }
}

/// Every store of Java is read or refused.
pub(crate) fn jks(input: &[u8]) {
    store(Form::Jks, input);
}

/// Every store in PKCS#12 is read or refused.
pub(crate) fn pkcs12(input: &[u8]) {
    store(Form::Pkcs12, input);
}

/// All metadata is read or refused.
pub(crate) fn saml(input: &[u8]) {
    reads(Form::Saml, input, None);
}

/// All key sets and tokens are read or refused.
pub(crate) fn jwks(input: &[u8]) {
    reads(Form::Jwks, input, None);
}

fn store(form: Form, input: &[u8]) {
    reads(form, input, None);
    reads(form, input, Some(&Password::new(PASSWORD)));
}

fn reads(form: Form, input: &[u8], password: Option<&Password>) {
    let known = Known { password, ..Known::default() };
    let first = read(form, input, known);
    assert_eq!(read(form, input, known), first, "read a second time");
    let faults: Vec<String> = match &first {
        Ok(reading) => reading.faults.iter().map(|(place, error)| format!("{place}: {error}")).collect(),
        Err(error) => vec![error.to_string()],
    };
    for fault in faults {
        assert!(fault.len() <= EXPIRY_SENTENCE_BYTES_MAX || form == Form::Jks, "{fault}");
    }
}

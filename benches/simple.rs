//! Nanoseconds per check of typical simple types: `cargo bench --bench simple`, or only those whose
//! label contains a word: `cargo bench --bench simple -- date`.
//!
//! No thresholds: a number to compare with the one from before a change, on the same machine.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use feedgate::xsd::simple::{FacetDeclaration, FacetKind, NoNamespaces, Scratch, SimpleType};

/// The fastest of so many rounds counts.
const ROUNDS: u32 = 10;
const CHECKS: u32 = 200_000;

fn main() {
    let codes: Vec<String> = (0..250).map(|code| format!("{code:02X}")).collect();
    let code_list: Vec<_> = codes.iter().map(|code| (FacetKind::Enumeration, code.as_str())).collect();
    let words: Vec<String> = (0..250).map(|code| format!("instrument-{code}")).collect();
    let word_list: Vec<_> = words.iter().map(|word| (FacetKind::Enumeration, word.as_str())).collect();
    let token = "NMTOKEN";

    measure("string", "string", &[], "Die Kunst der Fuge");
    measure(
        "string, length 1 to 100",
        "string",
        &[(FacetKind::MinLength, "1"), (FacetKind::MaxLength, "100")],
        "Präludium",
    );
    measure("token, at most 100", "token", &[(FacetKind::MaxLength, "100")], "Die Kunst der Fuge für Orgel");
    measure("token, made up of lines", "token", &[(FacetKind::MaxLength, "9")], "\n    Fuge in\n    g\n");
    measure("code list of 250, short", "string", &code_list, "7F");
    measure("code list of 250, long", "string", &word_list, "instrument-99");
    measure("NMTOKEN", token, &[], "M-2306-7118-7");
    measure("integer", "positiveInteger", &[], "128");
    measure("decimal", "decimal", &[], "12.50");
    measure("price", "decimal", &[(FacetKind::MinInclusive, "0"), (FacetKind::FractionDigits, "2")], "12.50");
    measure("double", "double", &[], "12.50");
    measure("date", "date", &[], "2026-11-23");
    measure("dateTime", "dateTime", &[], "2026-11-23T18:30:00+01:00");
    measure("date with bound", "date", &[(FacetKind::MinInclusive, "1900-01-01")], "2026-11-23");
    measure("pattern, 13 digits", "string", &[(FacetKind::Pattern, r"\d{13}")], "9790006520282");
    measure("pattern, ASCII digits", "string", &[(FacetKind::Pattern, "[0-9]{13}")], "9790006520282");
    measure("anyURI", "anyURI", &[], "https://www.example.com/covers/9790006520282.jpg");
    measure("IDREFS", "IDREFS", &[], "a1 b2 c3 d4");
}

fn measure(label: &str, base: &str, facets: &[(FacetKind, &str)], literal: &str) {
    let word = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    if word.is_some_and(|word| !label.contains(&word)) {
        return;
    }
    let simple_type = build(base, facets);
    let mut scratch = Scratch::default();
    assert!(simple_type.check(literal, &NoNamespaces, &mut scratch).is_ok(), "{label}");
    let round = |_| {
        let start = Instant::now();
        for _ in 0..CHECKS {
            let checked = simple_type.check(black_box(literal), &NoNamespaces, &mut scratch);
            let _ = black_box(checked);
        }
        start.elapsed().as_secs_f64() * 1e9 / f64::from(CHECKS)
    };
    let each = (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min);
    println!("{label:28} {each:7.1} ns");
}

fn build(base: &str, facets: &[(FacetKind, &str)]) -> Arc<SimpleType> {
    let base = SimpleType::builtin(base).expect("built in");
    let declare = |&(kind, value)| FacetDeclaration { kind, value, fixed: false, namespaces: &NoNamespaces };
    let declared: Vec<_> = facets.iter().map(declare).collect();
    SimpleType::restriction(&base, None, &declared).expect("facets that fit")
}

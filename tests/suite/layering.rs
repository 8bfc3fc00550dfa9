//! The crate doc's layer picture, held against the source: who uses whom, who names which crate;
//! and how long a line may be.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A module and the modules of ours it uses: no more, and no less.
const MAY_USE: &[(&str, &[&str])] = &[
    ("xml", &[]),
    ("product", &[]),
    ("xsd", &["xml"]),
    ("judgement", &["product", "xml"]),
    ("feed", &["judgement", "product", "xml"]),
    ("map", &["feed", "judgement", "product", "xml"]),
    ("expiry", &["xml"]),
    ("survey", &["expiry"]),
    ("drift", &["feed"]),
    ("source", &["xsd", "xml"]),
    ("pipeline", &["source", "map", "drift", "feed", "judgement", "xsd", "product", "xml"]),
    ("diff", &["pipeline", "source", "feed", "xml"]),
    ("report", &["diff", "drift", "expiry", "judgement", "product", "xsd", "xml"]),
    ("config", &["drift", "judgement", "xsd", "xml"]),
    ("store", &["config", "judgement", "product", "xml"]),
    ("telemetry", &["config", "expiry", "judgement", "product"]),
    ("import", &["store", "telemetry", "config", "drift", "judgement", "feed", "product", "xml"]),
    ("access", &["store", "product"]),
    ("run", &["import", "store", "telemetry", "config", "report", "diff", "pipeline", "judgement", "source"]),
    ("client", &["config", "judgement", "source"]),
    (
        "serve",
        &[
            "access",
            "config",
            "diff",
            "drift",
            "expiry",
            "import",
            "judgement",
            "pipeline",
            "product",
            "report",
            "run",
            "source",
            "store",
            "survey",
            "telemetry",
        ],
    ),
    (
        "cli",
        &[
            "access",
            "client",
            "config",
            "diff",
            "drift",
            "expiry",
            "feed",
            "import",
            "judgement",
            "pipeline",
            "report",
            "run",
            "serve",
            "source",
            "store",
            "survey",
            "telemetry",
            "xsd",
        ],
    ),
];

/// The stages of `xsd`: each may use those behind it in its row, and [`COMMON_STAGES`].
const XSD_STAGES: &[&[&str]] = &[
    &["validate", "compile", "check", "automaton", "component", "simple", "facet", "regexp", "value"],
    &["assemble", "compile", "check", "automaton", "component", "simple", "facet", "regexp", "value"],
    &["assemble", "document", "value"],
    &["explain", "document"],
];

/// What every stage of `xsd` may use: each those behind it.
const COMMON_STAGES: &[&str] =
    &["faults", "fault", "rule", "deviation", "clause", "namespaces", "work", "limits"];

/// A name and the only modules that may say it.
const OWNED: &[(&str, &[&str])] = &[
    ("quick_xml::", &["xml"]),
    ("encoding_rs::", &["xml"]),
    ("sqlx::", &["store"]),
    ("clap::", &["cli"]),
    ("clap_complete::", &["cli"]),
    ("clap_mangen::", &["cli"]),
    ("strsim::", &["config", "diff", "import", "report"]),
    ("anyhow::", &["cli"]),
    ("indicatif::", &["cli"]),
    ("similar::", &["report"]),
    ("base64::", &["expiry", "report"]),
    ("askama::", &["report", "serve"]),
    ("ammonia::", &["product"]),
    ("axum::", &["serve"]),
    ("hyper::", &["serve"]),
    ("tower::", &["serve"]),
    ("utoipa::", &["serve"]),
    ("opentelemetry::", &["telemetry"]),
    ("opentelemetry_sdk::", &["telemetry"]),
    ("opentelemetry_http::", &["telemetry"]),
    ("opentelemetry_otlp::", &["telemetry"]),
    ("opentelemetry_prometheus::", &["telemetry"]),
    ("prometheus::", &["telemetry"]),
    ("tracing::", &["telemetry"]),
    ("reqwest::", &["client", "telemetry"]),
    ("rustls::", &["telemetry", "client", "survey"]),
    ("rustls_native_certs::", &["survey"]),
    ("x509_parser::", &["expiry"]),
    ("x509_ocsp::", &["expiry"]),
    ("der::", &["expiry"]),
    ("pkcs12::", &["expiry"]),
    ("pkcs5::", &["expiry"]),
    ("getrandom::", &["access", "client", "telemetry"]),
    ("whoami::", &["telemetry"]),
    ("rustix::", &["config"]),
    ("subtle::", &["access"]),
    ("tokio::", &["access", "client", "store", "import", "run", "serve", "telemetry", "cli"]),
    ("rayon::", &["pipeline", "diff", "xsd", "cli"]),
    ("flate2::", &["source"]),
    ("zstd::", &["source"]),
    ("zip::", &["source"]),
    // Telemetry reads the certificates that its connections are made with.
    (
        "std::fs",
        &["client", "source", "diff", "store", "import", "report", "survey", "telemetry", "config", "cli"],
    ),
    ("TcpStream", &["serve", "survey"]),
    ("TcpListener", &["serve"]),
    ("UdpSocket", &[]),
    ("ToSocketAddrs", &["survey"]),
    ("std::thread", &["pipeline", "run", "serve", "survey", "telemetry", "cli"]),
    ("std::env", &["config", "cli"]),
    (
        "std::time::Instant",
        &["judgement", "pipeline", "report", "run", "serve", "survey", "telemetry", "cli"],
    ),
    ("SystemTime", &["serve", "source", "telemetry", "cli"]),
    ("async fn", &["access", "client", "store", "import", "pipeline", "run", "serve", "telemetry", "cli"]),
    ("println!", &["cli"]),
];

/// Characters of a line of code.
const LINE_CHARS_MAX: usize = 120;

/// A report as it is written, lines and all.
const UNMEASURED: &str = "src/report/junit/tests.rs";

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files below a folder that are no unit tests, in order.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = all_rust_files(folder);
    let is_test = |path: &PathBuf| {
        let mut names = path.strip_prefix(folder).expect("below it").components();
        names.any(|name| name.as_os_str().to_string_lossy().trim_end_matches(".rs").ends_with("tests"))
    };
    found.retain(|path| !is_test(path));
    found
}

/// All Rust files below a folder, in order.
fn all_rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of ours can be read") {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The first part of a path below `src`, without its ending.
fn module_of(path: &Path) -> String {
    let below = path.strip_prefix(root().join("src")).expect("a file of ours");
    let first = below.components().next().expect("a file has a name").as_os_str();
    first.to_string_lossy().trim_end_matches(".rs").to_owned()
}

/// The lines that are code outside of comments and unit tests. Unit tests stand at the end of a file.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let code = text.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default();
    let numbered = code.lines().enumerate().map(|(index, line)| (index + 1, line.trim_start()));
    numbered.filter(|(_, line)| !line.starts_with("//"))
}

/// The modules of ours that a line names by `crate::`, also in `use crate::{a, b::c};` on one line.
fn used(line: &str) -> Vec<String> {
    used_below("crate::", line)
}

/// What a line names directly below a path.
fn used_below(path: &str, line: &str) -> Vec<String> {
    let name = |text: &str| {
        let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
        text[..end].to_owned()
    };
    let mut found = Vec::new();
    for (at, _) in line.match_indices(path) {
        let rest = &line[at + path.len()..];
        match rest.strip_prefix('{') {
            Some(list) => found.extend(top_level(list).iter().map(|part| name(part.trim()))),
            None => found.push(name(rest)),
        }
    }
    found
}

/// The parts of a list in braces, parted by commas that stand in no inner braces.
fn top_level(list: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0_usize, 0, Vec::new());
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                parts.push(&list[start..at]);
                return parts;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&list[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&list[start..]);
    parts
}

#[test]
fn a_module_uses_only_what_stands_below_it() {
    let (mut wrong, mut arrows) = (Vec::new(), BTreeSet::new());
    for path in rust_files(&root().join("src")) {
        let module = module_of(&path);
        let Some((_, may)) = MAY_USE.iter().find(|(name, _)| *name == module) else {
            assert!(matches!(module.as_str(), "lib" | "main"), "module `{module}` is not in the table");
            continue;
        };
        let text = fs::read_to_string(&path).expect("a file of ours is text");
        for (number, line) in code(&text) {
            for name in used(line) {
                if name != module && !may.contains(&name.as_str()) {
                    wrong.push(format!("{}:{number}: `{module}` may not use `{name}`", path.display()));
                }
                arrows.insert((module.clone(), name));
            }
        }
    }
    for (module, may) in MAY_USE {
        let gone = may.iter().filter(|name| !arrows.contains(&((*module).to_owned(), (**name).to_owned())));
        wrong.extend(gone.map(|name| format!("`{module}` does not use `{name}`: take it out of the table")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a stage of `xsd` may use another.
fn stage_may_use(stage: &str, other: &str) -> bool {
    let behind = |row: &[&str]| {
        let place = |name: &str| row.iter().position(|each| *each == name);
        place(stage).zip(place(other)).is_some_and(|(stage, other)| stage < other)
    };
    let common = |name: &str| COMMON_STAGES.contains(&name);
    stage == other
        || (common(other) && !common(stage))
        || behind(COMMON_STAGES)
        || XSD_STAGES.iter().any(|row| behind(row))
}

#[test]
fn a_stage_of_xsd_uses_only_what_stands_behind_it() {
    let folder = root().join("src/xsd");
    let mut wrong = Vec::new();
    for path in rust_files(&folder) {
        let below = path.strip_prefix(&folder).expect("a file of the folder");
        let first = below.components().next().expect("a file has a name").as_os_str().to_string_lossy();
        let stage = first.trim_end_matches(".rs");
        if matches!(stage, "mod" | "tests") {
            continue;
        }
        let is_known = XSD_STAGES.iter().chain([&COMMON_STAGES]).any(|row| row.contains(&stage));
        assert!(is_known, "stage `{stage}` is not in the table");
        let text = fs::read_to_string(&path).expect("a file of ours is text");
        for (number, line) in code(&text) {
            let alone = below.components().count() == 1;
            let siblings = if alone { used_below("super::", line) } else { Vec::new() };
            for name in used_below("crate::xsd::", line).into_iter().chain(siblings) {
                if !stage_may_use(stage, &name) {
                    wrong.push(format!("{}:{number}: `{stage}` may not use `{name}`", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_name_is_said_only_by_those_who_own_it() {
    let mut wrong = Vec::new();
    for path in rust_files(&root().join("src")) {
        let module = module_of(&path);
        let text = fs::read_to_string(&path).expect("a file of ours is text");
        for (number, line) in code(&text) {
            for (name, owners) in OWNED {
                if names(line, name) && !owners.contains(&module.as_str()) {
                    wrong.push(format!("{}:{number}: `{module}` may not name `{name}`", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a line says a name, and not only a longer one that ends with it.
fn names(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':')
    })
}

#[test]
fn the_table_has_no_circle() {
    // A module comes after all it may use: then no chain of uses leads back.
    let mut settled = BTreeSet::new();
    while settled.len() < MAY_USE.len() {
        let before = settled.len();
        for (module, may) in MAY_USE {
            if may.iter().all(|name| settled.contains(name)) {
                settled.insert(*module);
            }
        }
        assert!(settled.len() > before, "a circle among those outside of {settled:?}");
    }
}

#[test]
fn every_file_of_the_suite_is_listed() {
    let folder = root().join("tests/suite");
    let main = fs::read_to_string(folder.join("main.rs")).expect("the suite has a main file");
    for entry in fs::read_dir(&folder).expect("the suite has a folder") {
        let path = entry.expect("an entry can be read").path();
        let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        if name != "main" {
            assert!(main.contains(&format!("mod {name};")), "tests/suite/{name} is not listed in main.rs");
        }
    }
}

#[test]
fn every_file_of_the_source_is_named_by_a_module() {
    for path in rust_files(&root().join("src")) {
        let stem = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        let folder = path.parent().expect("a file has a folder");
        let (name, parents) = match stem.as_str() {
            "main" | "lib" => continue,
            "mod" => {
                let name =
                    folder.file_name().expect("a module's folder has a name").to_string_lossy().into_owned();
                let above = folder.parent().expect("it stands in another").to_owned();
                (name, [above.join("mod.rs"), above.join("lib.rs"), above.with_extension("rs")])
            }
            _ => (stem, [folder.join("mod.rs"), folder.join("lib.rs"), folder.with_extension("rs")]),
        };
        let declared = parents.iter().filter_map(|parent| fs::read_to_string(parent).ok());
        let named = declared.into_iter().any(|text| text.contains(&format!("mod {name};")));
        assert!(named, "{} is in no module", path.display());
    }
}

/// The names by which a manifest's code calls what it depends on.
fn crates(manifest: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join(manifest)).expect("a manifest");
    let lines = text.lines().skip_while(|line| *line != "[dependencies]").skip(1);
    let names = lines.take_while(|line| !line.starts_with('[')).filter_map(|line| line.split_once(" = "));
    names.map(|(name, _)| name.replace('-', "_")).collect()
}

/// The fuzz targets take these modules by path into a package that no test builds.
#[test]
fn what_is_fuzzed_finds_its_crates() {
    let (all, given) = (crates("Cargo.toml"), crates("tests/fuzz/Cargo.toml"));
    assert!(
        all.len() > 60 && given.is_subset(&all.iter().cloned().chain(["libfuzzer_sys".to_owned()]).collect())
    );
    for module in ["expiry", "xml", "xsd"] {
        for path in rust_files(&root().join("src").join(module)) {
            let text = fs::read_to_string(&path).expect("a file");
            let missing = all.difference(&given).find(|name| {
                let path = format!("{name}::");
                code(&text).any(|(_, line)| {
                    line.match_indices(&path).any(|(at, _)| !line[..at].ends_with(is_of_a_name))
                })
            });
            assert_eq!(missing, None, "`{}` names a crate that tests/fuzz/Cargo.toml lacks", path.display());
        }
    }
}

const fn is_of_a_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '_' | ':')
}

#[test]
fn no_line_is_too_long() {
    let mut wrong = Vec::new();
    for path in ["src", "tests", "benches"].iter().flat_map(|folder| all_rust_files(&root().join(folder))) {
        let below = path.strip_prefix(root()).expect("a file of ours");
        if below == Path::new(UNMEASURED) {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a file of ours is text");
        for (index, line) in text.lines().enumerate() {
            let chars = line.chars().count();
            if chars > LINE_CHARS_MAX {
                wrong.push(format!("{}:{}: {chars} characters", below.display(), index + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "more than {LINE_CHARS_MAX} characters:\n{}", wrong.join("\n"));
}

#[test]
fn the_reading_of_lines_is_right() {
    assert_eq!(used("use crate::{feed, product::{Price, Product}, xml::Span};"), ["feed", "product", "xml"]);
    assert_eq!(used("pub fn f(a: crate::xml::Span) -> crate::product::Price {"), ["xml", "product"]);
    assert_eq!(used_below("crate::xsd::", "use crate::xsd::{check, rule::Rule};"), ["check", "rule"]);
    assert!(stage_may_use("check", "value") && !stage_may_use("value", "check"));
    assert!(!stage_may_use("document", "component") && !stage_may_use("fault", "check"));
    assert!(names("use sqlx::Row;", "sqlx::") && names("-> Result<(), sqlx::Error>", "sqlx::"));
    assert!(!names("use my_sqlx::Row;", "sqlx::"));
    let text = "//! sqlx::x\nuse a;\n#[cfg(test)]\nmod tests {\n    use b;\n}\n";
    assert_eq!(code(text).collect::<Vec<_>>(), [(2, "use a;")]);
}

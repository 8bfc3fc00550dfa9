//! The suite as it is packed: rows, and documents by their path.

use feedgate::source::Documents;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::io::Read;

/// Rows and documents.
pub(super) struct Suite {
    pub(super) rows: Vec<Row>,
    pub(super) documents: Documents,
}

/// A case and the version of the Recommendation it is asked under.
#[derive(Deserialize)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) set: String,
    pub(super) kind: String,
    pub(super) xsd: String,
    pub(super) contributor: String,
    pub(super) schema: Option<String>,
    pub(super) instance: Option<String>,
    pub(super) expected: String,
    pub(super) counted: bool,
}

impl Row {
    /// Whether it is one of those the suite's score is made of.
    pub(super) fn counts(&self) -> bool {
        self.counted && self.xsd == "1.0"
    }

    /// Whether it is one of NIST's, whose expectations are taken from the names of its files.
    pub(super) fn is_nist(&self) -> bool {
        self.contributor == "NIST" && self.xsd == "1.0"
    }
}

impl Suite {
    pub(super) fn unpack(packed: impl Read) -> Self {
        let plain = zstd::Decoder::new(packed).expect("the suite is a zstd file");
        let mut archive = tar::Archive::new(plain);
        let mut files = BTreeMap::new();
        for entry in archive.entries().expect("the suite is a tar archive") {
            let mut entry = entry.expect("the archive is whole");
            let path = entry.path().expect("paths are UTF-8").to_string_lossy().into_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).expect("the archive is whole");
            files.insert(path.trim_start_matches("./").to_owned(), bytes);
        }
        let rows = files.remove("cases-open.jsonl").expect("the suite has its rows");
        let rows = String::from_utf8(rows).expect("the rows are UTF-8");
        let rows = rows.lines().map(|row| serde_json::from_str(row).expect("a row is a case")).collect();
        Self { rows, documents: Documents::memory(files) }
    }
}

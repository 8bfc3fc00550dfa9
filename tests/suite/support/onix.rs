//! Schema documents and feeds that stand beside the repository, for tests that are left out without them.

use crate::cli::Desk;
use std::path::{Path, PathBuf};

/// A file or folder of `../shared`; `None`, said aloud, when it is not there.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    let found = path.exists();
    if !found {
        eprintln!("SKIPPED: `../shared` is not at hand");
    }
    found.then_some(path)
}

/// The desk with the schema documents of ONIX installed into this folder of it.
pub(crate) fn with_onix(desk: Desk, schemas: &str) -> Option<Desk> {
    let package = shared("onix")?;
    for version in ["3.0", "3.1"] {
        let package = package.join(version);
        let package = package.to_str().expect("paths of tests are UTF-8");
        let format = format!("onix/{version}");
        desk.call(&["schema", "install", "--schemas", schemas, &format, package]).ends(0);
    }
    Some(desk)
}

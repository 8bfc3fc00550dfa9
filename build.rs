//! Tells the program which build it is: commit, compiler and target, for `feedgate --version`.
//!
//! The commit is `FEEDGATE_COMMIT`, which a build without repository (an image, an archive) is given. Without it, a
//! release reads it from the repository it stands in; a build for development does not, since each commit would compile
//! the program anew. Nothing else of the machine or the time goes in: equal sources give equal programs.
//!
//! And it gives a digest of those sources: what one build has judged is not told as the judgement of another.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Digits of a commit that are told.
const COMMIT_DIGITS: usize = 12;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=FEEDGATE_COMMIT");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo names the folder"));
    let given = env::var("FEEDGATE_COMMIT").ok().filter(|commit| !commit.is_empty());
    let is_release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let commit = given.or_else(|| if is_release { of_repository(&root) } else { None });
    let commit = commit.map_or_else(|| "unknown".to_owned(), |commit| shortened(&commit));
    println!("cargo::rustc-env=BUILT_FROM_COMMIT={commit}");
    println!("cargo::rustc-env=BUILT_FROM_SOURCES={:016x}", of_sources(&root));
    println!("cargo::rustc-env=BUILT_WITH_RUSTC={}", compiler());
    println!("cargo::rustc-env=BUILT_FOR_TARGET={}", env::var("TARGET").expect("cargo names the target"));
}

/// The commit without what would make a line of its own, and cut where it is long enough to be told from others.
pub(crate) fn shortened(commit: &str) -> String {
    commit.trim().chars().filter(char::is_ascii_alphanumeric).take(COMMIT_DIGITS).collect()
}

/// The commit that is checked out; the build is done again when that is another one.
pub(crate) fn of_repository(root: &Path) -> Option<String> {
    let git = folder_of(&root.join(".git"))?;
    let head = git.join("HEAD");
    println!("cargo::rerun-if-changed={}", head.display());
    let text = fs::read_to_string(&head).ok()?;
    let Some(name) = text.trim().strip_prefix("ref: ") else { return Some(text) };
    // Of a worktree, branches stand in the repository that it belongs to.
    let common =
        fs::read_to_string(git.join("commondir")).map_or_else(|_| git.clone(), |to| git.join(to.trim()));
    let (loose, packed) = (common.join(name), common.join("packed-refs"));
    for path in [&loose, &packed] {
        println!("cargo::rerun-if-changed={}", path.display());
    }
    fs::read_to_string(loose).ok().or_else(|| of_packed(&fs::read_to_string(packed).ok()?, name))
}

/// Where the repository has its files: `.git`, or the folder that a file in its place names.
fn folder_of(git: &Path) -> Option<PathBuf> {
    if git.is_dir() {
        return Some(git.to_owned());
    }
    let text = fs::read_to_string(git).ok()?;
    Some(git.parent()?.join(text.trim().strip_prefix("gitdir: ")?))
}

/// The commit of a branch in the list of packed ones: `COMMIT NAME` on each line.
fn of_packed(list: &str, name: &str) -> Option<String> {
    let mut lines = list.lines().filter_map(|line| line.split_once(' '));
    lines.find(|(_, known)| *known == name).map(|(commit, _)| commit.to_owned())
}

/// Folders and files of which the program is made.
const SOURCES: [&str; 3] = ["src", "schemas", "Cargo.lock"];

/// A digest of all that decides how feeds are judged; the build is done again when that changes.
pub(crate) fn of_sources(root: &Path) -> u64 {
    let mut files = Vec::new();
    for name in SOURCES {
        let path = root.join(name);
        println!("cargo::rerun-if-changed={}", path.display());
        files_of(&path, &mut files);
    }
    files.sort();
    files.iter().fold(FNV_BASIS, |digest, path| {
        let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy();
        let bytes = fs::read(path).unwrap_or_default();
        fnv(fnv(fnv(digest, name.as_bytes()), &bytes.len().to_le_bytes()), &bytes)
    })
}

/// A file, or those of a folder all the way down.
fn files_of(path: &Path, files: &mut Vec<PathBuf>) {
    match fs::read_dir(path) {
        Ok(entries) => entries.flatten().for_each(|entry| files_of(&entry.path(), files)),
        Err(_) if path.is_file() => files.push(path.to_owned()),
        Err(_) => {}
    }
}

const FNV_BASIS: u64 = 0xCBF2_9CE4_8422_2325;

/// FNV-1a: nobody is to be defended against here.
fn fnv(digest: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(digest, |digest, byte| (digest ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3))
}

/// Name and version of the compiler.
fn compiler() -> String {
    let rustc = env::var_os("RUSTC").expect("cargo names the compiler");
    let output = Command::new(rustc).arg("--version").output().ok();
    let text = output.and_then(|output| String::from_utf8(output.stdout).ok()).unwrap_or_default();
    text.trim().to_owned()
}

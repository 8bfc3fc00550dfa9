//! Which build it is: what the build script reads of a repository, and what `--version` tells.

#[expect(dead_code, reason = "the script is run by cargo; its reading of repositories is held here")]
#[path = "../../build.rs"]
mod build;

use crate::cli::Desk;
use std::fs;
use std::path::Path;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("inside")).expect("made");
    fs::write(path, text).expect("written");
}

#[test]
fn the_commit_is_that_of_the_branch_loose_packed_or_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    assert_eq!(build::of_repository(root), None, "no repository");
    write(root, ".git/HEAD", "ref: refs/heads/main\n");
    assert_eq!(build::of_repository(root), None, "a branch without commits");
    write(root, ".git/packed-refs", &format!("# pack-refs with: peeled\n{COMMIT} refs/heads/main\n"));
    assert_eq!(build::of_repository(root).as_deref(), Some(COMMIT));
    write(root, ".git/refs/heads/main", "fedcba9876543210\n");
    assert_eq!(build::of_repository(root).as_deref().map(build::shortened).as_deref(), Some("fedcba987654"));
    write(root, ".git/HEAD", COMMIT);
    assert_eq!(build::of_repository(root).as_deref(), Some(COMMIT), "no branch is checked out");
}

#[test]
fn a_worktree_finds_the_branches_of_its_repository() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    write(root, "tree/.git", "gitdir: ../main/.git/worktrees/tree\n");
    write(root, "main/.git/worktrees/tree/HEAD", "ref: refs/heads/side\n");
    write(root, "main/.git/worktrees/tree/commondir", "../..\n");
    write(root, "main/.git/refs/heads/side", COMMIT);
    assert_eq!(build::of_repository(&root.join("tree")).as_deref(), Some(COMMIT));
}

#[test]
fn other_sources_make_another_build() {
    let folder = tempfile::tempdir().expect("a folder for a test");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
        build::of_sources(folder.path())
    };
    let first = write("src/a/rule.rs", "1");
    assert_eq!(write("tests/suite/main.rs", "judges nothing"), first);
    let mut digests = vec![first];
    digests.push(write("src/a/rule.rs", "2"));
    digests.push(write("schemas/a/profile.toml", "2"));
    digests.push(write("Cargo.lock", "2"));
    std::fs::rename(folder.path().join("src/a"), folder.path().join("src/b")).expect("renamed");
    digests.push(build::of_sources(folder.path()));
    let all: std::collections::BTreeSet<u64> = digests.iter().copied().collect();
    assert_eq!(all.len(), digests.len(), "{digests:?}");
}

#[test]
fn a_version_says_which_build_it_is() {
    let desk = Desk::new();
    let short = desk.call(&["-V"]).ends(0).stdout;
    assert_eq!(short.lines().count(), 1, "{short}");
    assert!(short.starts_with(concat!("feedgate ", env!("CARGO_PKG_VERSION"), " (")), "{short}");
    desk.call(&["--version"]).ends(0).prints(&["\ncommit  ", "\nrustc   rustc 1.", "\ntarget  "]);
}

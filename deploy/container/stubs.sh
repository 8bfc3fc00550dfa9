#!/bin/sh
# Puts an empty source tree in the place of the real one: stubs.sh FOLDER, where FOLDER has Cargo.toml.
#
# With it, `cargo build` compiles the dependencies alone, and the engine keeps that layer until Cargo.toml or Cargo.lock
# change. Tests and measurements stand in Cargo.toml, so cargo wants to find them; the image has no need of the real ones.
set -eu
cd "$1"

mkdir -p src tests/suite benches
echo 'fn main() {}' >src/main.rs
: >src/lib.rs
echo 'fn main() {}' >tests/suite/main.rs
# `name = "..."` behind each [[bench]].
sed -n '/^\[\[bench\]\]/,/^name/s/^name = "\([^"]*\)".*/\1/p' Cargo.toml | while read -r name; do
    echo 'fn main() {}' >"benches/$name.rs"
done

#!/bin/sh
# What a change does to the rendered manifests: manifests-diff.sh BASE FOLDER
#
# Renders every overlay as of commit BASE and as of the working tree, and writes FOLDER/manifests.diff and
# FOLDER/index.html. An overlay that did not exist then, or does not any more, is a difference like others. Exit status 0
# whether something differs or not; 2 when an overlay cannot be rendered now.
set -eu

base=$1
output=$2
root=$(git rev-parse --show-toplevel)
kubectl=${KUBECTL:-kubectl}
folder=$(mktemp -d)
trap 'git -C "$root" worktree remove --force "$folder/base" 2>/dev/null || true; rm -rf "$folder"' EXIT

git -C "$root" worktree add --quiet --detach "$folder/base" "$base"

# rendered TREE TO: each overlay of the tree as a file.
rendered() {
    mkdir -p "$2"
    for overlay in "$1"/deploy/kubernetes/overlays/*/; do
        [ -f "$overlay/kustomization.yaml" ] || continue
        name=$(basename "$overlay")
        $kubectl kustomize "$overlay" >"$2/$name.yaml" || return 1
    done
}
# What could not be rendered before is no fault of this change.
rendered "$folder/base" "$folder/before" || echo "manifests-diff.sh: some overlays of $base cannot be rendered" >&2
rendered "$root" "$folder/after" || exit 2

mkdir -p "$output"
differs=0
(cd "$folder" && diff -U 5 -r -N before after) >"$output/manifests.diff" || differs=$?
[ "$differs" -le 1 ] || exit 2

{
    printf '<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    printf '<title>Changes of the manifests</title><style>body{font:14px ui-monospace,monospace;margin:1rem}'
    printf 'pre{white-space:pre-wrap}ins{color:#1c6b3f;text-decoration:none}del{color:#a8231b;text-decoration:none}'
    printf 'b{display:block;margin-top:1rem}</style><h1>Changes of the manifests</h1><pre>'
    if [ "$differs" -eq 0 ]; then
        printf 'Nothing that is deployed changes.'
    else
        sed -e 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g' \
            -e '/^diff /d' -e 's/^--- .*//' -e 's,^+++ after/\([^[:space:]]*\).*,<b>\1</b>,' \
            -e 's,^+.*,<ins>&</ins>,' -e 's,^-.*,<del>&</del>,' "$output/manifests.diff"
    fi
    printf '</pre>\n'
} >"$output/index.html"

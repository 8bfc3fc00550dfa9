#!/bin/sh
# What the documentation of deploy/ tells to do: every command of feedgate parses, every file, link and object of a cluster
# is there. And the checks themselves: shell scripts, whether a mutation can change more than its copy, a list for each area.
#
# FEEDGATE_BIN   a feedgate (else that of target/release, of target/debug, on PATH)
set -eu

deploy=$(cd "$(dirname "$0")/.." && pwd)
root=$(dirname "$deploy")
# shellcheck source-path=SCRIPTDIR source=support/lib.sh
. "$deploy/checks/support/lib.sh"
support=$deploy/checks/support

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 143' INT TERM HUP

python=python3
! fetch_py_infra || python=$tools/py-infra/bin/python
"$python" -c 'import yaml' 2> /dev/null || { skip "documentation and mutations: Python has no PyYAML"; finish; }

set -- "$root"
if fetch_py_kubectl; then
    command -v kubectl > /dev/null || PATH=$PATH:$tools/py-kubectl/bin
    mkdir "$work/rendered"
    for folder in "$deploy"/kubernetes/overlays/*/ "$deploy"/kubernetes/namespaces/*/; do
        kind=$(basename "$(dirname "$folder")")
        kubectl kustomize "$folder" > "$work/rendered/$kind-$(basename "$folder").yaml" || fail "kustomize: $folder"
    done
    set -- "$@" --rendered "$work/rendered"
else
    skip "objects that documentation names: no kubectl, which has kustomize"
fi
if feedgate=$(feedgate_binary); then
    set -- "$@" --feedgate "$feedgate"
else
    skip "whether feedgate takes what documentation tells: no feedgate (set FEEDGATE_BIN)"
fi
(cd "$work" && PYTHONDONTWRITEBYTECODE=1 "$python" "$support/docs.py" "$@") || findings=$((findings + 1))

expect "project and registry are everywhere those of addresses.txt" 0 python3 "$deploy/addresses.py" --check
# They can be set: in a copy, nothing is left of the examples, and rules and their wrapping still agree.
mkdir "$work/set"
cp -R "$deploy" "$root/Dockerfile" "$work/set/"
# shellcheck disable=SC2317 # called by expect
moved() {
    "$python" "$work/set/deploy/addresses.py" project=https://code.test/a/feedgate registry=images.test:5000/a/feedgate &&
        "$python" "$work/set/deploy/kubernetes/components/prometheus-rules/generate.py" &&
        "$python" "$work/set/deploy/addresses.py" --check || return 1
    left=$(grep -rlE "git\.example|registry\.example/shop" "$work/set/deploy" --exclude-dir=checks || :)
    [ -z "$left" ] || { echo "examples are left in: $left"; return 1; }
}
expect "other addresses are put everywhere" 0 moved

expect "a mutation changes nothing but its copy" 0 "$python" "$deploy/checks/mutate.py" --self-check
for check in "$deploy"/checks/*.sh; do
    name=$(basename "$check" .sh)
    [ -s "$deploy/checks/mutations/$name.yaml" ] || fail "nobody has tried whether $name.sh notices anything: no mutations/$name.yaml"
done
if command -v shellcheck > /dev/null || fetch_debian; then
    expect "shellcheck: scripts of deploy/ and .ci/run" 0 shellcheck -x "$root/.ci/run" "$deploy"/*.sh "$deploy"/checks/*.sh \
        "$support"/*.sh "$deploy"/kubernetes/*.sh "$deploy"/kubernetes/components/*/*.sh "$deploy"/cluster-test/*.sh
else
    skip "shellcheck cannot be had"
fi
finish

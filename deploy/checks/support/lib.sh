# What the checks share. Sourced, not run; `deploy` is the folder of that name.
# shellcheck shell=sh
# shellcheck disable=SC2154
: "${deploy:?}"

# shellcheck source-path=SCRIPTDIR source=fetch.sh
. "$deploy/checks/support/fetch.sh"
# Where tools are kept that the checks install for themselves.
# shellcheck disable=SC2034
tools=$FEEDGATE_TOOLS
findings=0

ok() { echo "ok    $*"; }
skip() { echo "SKIP  $*"; }
fail() {
    echo "FAIL  $*"
    findings=$((findings + 1))
}
# The end of every check.
finish() {
    [ "$findings" = 0 ] || exit 1
    exit 0
}

# expect WHAT STATUS COMMAND...: the command must end with that status; else its output is shown.
expect() {
    expect_what=$1
    expect_status=$2
    shift 2
    expect_found=0
    expect_output=$("$@" 2>&1) || expect_found=$?
    if [ "$expect_found" = "$expect_status" ]; then
        ok "$expect_what"
    else
        fail "$expect_what: exit status $expect_found, not $expect_status
$expect_output"
    fi
}

# same WHAT FOUND EXPECTED: two values must be equal.
same() {
    if [ "$2" = "$3" ]; then ok "$1"; else fail "$1: found \`$2\`, expected \`$3\`"; fi
}

# A feedgate to try things with.
feedgate_binary() {
    if [ -n "${FEEDGATE_BIN:-}" ]; then
        echo "$FEEDGATE_BIN"
        return
    fi
    for binary in "$deploy/../target/release/feedgate" "$deploy/../target/debug/feedgate" "$(command -v feedgate)"; do
        if [ -x "$binary" ]; then
            echo "$binary"
            return
        fi
    done
    return 1
}

# The folder with initdb, pg_ctl and postgres.
postgres_folder() {
    for folder in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin "$(dirname "$(command -v postgres || echo /nowhere/x)")"; do
        if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ] && [ -x "$folder/pg_dump" ]; then
            echo "$folder"
            return
        fi
    done
    return 1
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

#!/usr/bin/env bash
# Runs all tests, those that need PostgreSQL too: on a throw-away server of its own, stopped and removed on every
# exit. Arguments go to `cargo test`. With FEEDGATE_TEST_POSTGRES set, that server is used and none is started.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf 'tests/run.sh: %s\n' "$*" >&2; }
die() { say "$*"; exit 2; }

# The folder with the server's programs, or nothing.
server_programs() {
    local found
    if found=$(command -v initdb) && command -v postgres >/dev/null && command -v pg_ctl >/dev/null; then
        dirname "$found"
        return
    fi
    { find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null || true; } | sort -V | tail -n 1 | xargs -r dirname
}

install_server() {
    local sudo=()
    command -v apt-get >/dev/null || die "no PostgreSQL server found and no apt-get: install PostgreSQL"
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null ||
            die "no PostgreSQL server found: install the package postgresql as root, then start again"
        sudo=(sudo)
    fi
    say "no PostgreSQL server found, installing the package postgresql"
    "${sudo[@]}" apt-get update -qq
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >&2
}

# Pages are looked at in a browser. Without one, those tests are skipped and say so.
install_browser() {
    local sudo=()
    command -v chromedriver >/dev/null && return
    command -v apt-get >/dev/null || return 0
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null && sudo -n true 2>/dev/null || return 0
        sudo=(sudo)
    fi
    say "no browser found, installing the packages chromium and chromium-driver"
    if ! { "${sudo[@]}" timeout 120 apt-get update -qq &&
        "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive timeout 300 apt-get install -y -qq --no-install-recommends \
            chromium chromium-driver >&2; }; then
        say "no browser could be installed: no page is looked at in one"
    fi
}

# PostgreSQL refuses to run as root: then the account that its package makes runs it.
as_server() {
    if [ "$(id -u)" -ne 0 ]; then
        "$@"
    elif command -v runuser >/dev/null; then
        runuser -u postgres -- "$@"
    else
        su postgres -s /bin/sh -c "$(printf '%q ' "$@")"
    fi
}

folder=
started=
tests=
# shellcheck disable=SC2317 # called by the traps
clean_up() {
    local status=$?
    trap - EXIT INT TERM HUP
    # Its group: cargo and the tests it has started.
    [ -z "$tests" ] || kill -TERM -- "-$tests" 2>/dev/null || true
    [ -z "$started" ] || as_server "$programs/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1 || true
    [ -z "$folder" ] || rm -rf "$folder"
    exit "$status"
}

# Several tries: between asking for a free port and taking it, somebody else may.
start_server() {
    local port try
    for try in 1 2 3 4 5; do
        # Before the start: a signal in between must find the server.
        started=yes
        port=$((20000 + (RANDOM * 32768 + RANDOM) % 40000))
        if as_server "$programs/pg_ctl" -D "$folder/data" -l "$folder/data/server.log" -w -t 60 -o \
            "-c listen_addresses= -c unix_socket_directories='$folder' -c port=$port -c max_connections=200 -c fsync=off" \
            start >/dev/null; then
            export FEEDGATE_TEST_POSTGRES="postgres://feedgate@localhost:$port/postgres?host=$folder"
            return
        fi
        say "port $port, try $try: the server did not start"
    done
    cat "$folder/data/server.log" >&2 || true
    die "PostgreSQL does not start"
}

trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

install_browser

if [ -z "${FEEDGATE_TEST_POSTGRES:-}" ]; then
    programs=$(server_programs)
    if [ -z "$programs" ]; then
        install_server
        programs=$(server_programs)
        [ -n "$programs" ] || die "the package postgresql brought no server"
    fi
    folder=$(mktemp -d "${TMPDIR:-/tmp}/feedgate-test.XXXXXX")
    if [ "$(id -u)" -eq 0 ]; then
        id postgres >/dev/null 2>&1 || die "there is no account postgres to run the server: create one, or run as another user"
        chown postgres "$folder"
    fi
    chmod 755 "$folder"
    as_server "$programs/initdb" -D "$folder/data" -U feedgate -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null
    start_server
fi

# In the background and waited for: a shell takes note of a signal only between commands. In a group of its own, so
# that all of it can be ended.
set -m
cargo test --locked "$@" &
tests=$!
set +m
status=0
wait "$tests" || status=$?
tests=
exit "$status"

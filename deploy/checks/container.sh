#!/bin/sh
# Checks the image without a container engine: the Dockerfile is read, and the root file system that
# deploy/container/rootfs.sh assembles, the same script as in the Dockerfile, is tried with bubblewrap: read-only, as a
# user that nobody knows, without a network where none is needed, the program as process 1.
#
# FEEDGATE_BIN names the program; without it target/release/feedgate or target/debug/feedgate is taken.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
# shellcheck source=deploy/checks/support/tools.sh
. "$here/support/tools.sh"

# Bytes of the whole root file system; more means that something got in that nobody asked for.
SIZE_MAX=48000000
# Bytes of it without the program.
REST_MAX=8000000

folder=$(mktemp -d "${TMPDIR:-/tmp}/feedgate-container.XXXXXX")
server=
# shellcheck disable=SC2317 # called by the trap
clean_up() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    chmod -R u+w "$folder" && rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 143' INT TERM HUP

if python_tools; then
    check "hadolint: Dockerfile" hadolint --failure-threshold style "$root/Dockerfile"
else
    skipped "hadolint cannot be had (see $FEEDGATE_TOOLS/py-infra.log)"
fi
if debian_tool shellcheck; then
    check "shellcheck: deploy/container, deploy/checks/container.sh" \
        shellcheck -x -P "$root" "$root"/deploy/container/*.sh "$here/container.sh" "$here/support/tools.sh"
else
    skipped "shellcheck cannot be had"
fi
check "Dockerfile and .dockerignore agree" python3 "$here/support/dockerfile.py" "$root"

mkdir "$folder/dockerfile" && cp "$root/Dockerfile" "$folder/dockerfile/"
scanned "Dockerfile" "$folder/dockerfile"

# The stubs have to satisfy cargo's reading of Cargo.toml; nothing is built.
stubs() {
    mkdir "$folder/stubs" && cp "$root/Cargo.toml" "$root/Cargo.lock" "$folder/stubs/"
    sh "$root/deploy/container/stubs.sh" "$folder/stubs" &&
        cargo metadata --no-deps --offline --format-version 1 --manifest-path "$folder/stubs/Cargo.toml" \
            >"$folder/metadata.json" &&
        python3 -c 'import json, pathlib, sys
targets = json.load(open(sys.argv[1]))["packages"][0]["targets"]
for target in targets:
    assert pathlib.Path(target["src_path"]).exists(), target["src_path"]
wanted = pathlib.Path(sys.argv[2]).read_text().count("[[bench]]")
found = sum("bench" in target["kind"] for target in targets)
assert found == wanted, f"{found} of {wanted} measurements"' "$folder/metadata.json" "$root/Cargo.toml"
}
if command -v cargo >/dev/null; then
    check "cargo finds all its targets in the stubs" stubs
else
    skipped "no cargo: whether the stubs are complete"
fi

binary=${FEEDGATE_BIN:-}
for candidate in "$root/target/release/feedgate" "$root/target/debug/feedgate"; do
    [ -n "$binary" ] || [ ! -x "$candidate" ] || binary=$candidate
done
if [ -z "$binary" ]; then
    skipped "no program to put into the root file system: set FEEDGATE_BIN or build it"
    finish
    exit
fi
if ! debian_tool bwrap || ! bwrap --ro-bind / / --unshare-user --uid 12345 true 2>/dev/null; then
    skipped "bubblewrap cannot be had, or may not make user namespaces here: the root file system is not tried"
    finish
    exit
fi

image=$folder/rootfs
check "rootfs.sh assembles" sh "$root/deploy/container/rootfs.sh" "$binary" "$image"
sbom() {
    mkdir -p "$image/usr/share/sbom"
    python3 "$root/deploy/container/sbom.py" "$root/Cargo.toml" "$root/Cargo.lock" "$image" \
        >"$image/usr/share/sbom/feedgate.cdx.json" &&
        python3 -c 'import json, sys
names = {c["name"] for c in json.load(open(sys.argv[1]))["components"]}
missing = {"sqlx", "rustls", "quick-xml", "libc6", "ca-certificates"} - names
assert not missing, missing
assert "proptest" not in names, "a development dependency is listed"' "$image/usr/share/sbom/feedgate.cdx.json"
}
check "SBOM lists crates and Debian's packages, and nothing of development" sbom

size=$(du --apparent-size --block-size=1 --summarize "$image" | cut -f 1)
# Only a release is delivered; a debug program, known by its line tables, is twice as large. Of that, what is around it.
if readelf --sections --wide "$binary" | grep -q ' \.debug_line '; then
    size=$((size - $(stat -c %s "$image/usr/local/bin/feedgate")))
    check "size without a debug program: $size bytes, at most $REST_MAX" test "$size" -le "$REST_MAX"
else
    check "size: $size bytes, at most $SIZE_MAX" test "$size" -le "$SIZE_MAX"
fi

contents() {
    bad=$(find "$image" \( -name sh -o -name bash -o -name busybox -o -name apt -o -name dpkg -type f -o -perm /6000 \) -print
        find "$image" -type d -perm -0002 ! -path "$image/tmp" -print
        find "$image" -type f -perm /0022 -print)
    for place in feeds schemas spool work; do
        [ "$(stat -c %a "$image/$place")" = 775 ] || bad="$bad /$place is not writable for its group"
    done
    [ "$(stat -c %a "$image/tmp")" = 1777 ] || bad="$bad /tmp"
    [ -z "$bad" ] || { echo "$bad"; return 1; }
}
check "no shell, no set-user-id, nothing writable but the places to mount on" contents
authorities() {
    [ "$(grep -c 'BEGIN CERTIFICATE' "$image/etc/ssl/certs/ca-certificates.crt")" -ge 100 ]
}
check "certificate authorities are there" authorities

# What the image would say: taken from the Dockerfile, so that the trial is of that.
environment=$(sed -n 's/^ENV //p' "$root/Dockerfile" | tail -n 1)
directory=$(sed -n 's/^WORKDIR //p' "$root/Dockerfile" | tail -n 1)
declared=$(sed -n 's/^USER //p' "$root/Dockerfile" | tail -n 1)

# inside USER OPTION... -- ARGUMENT...: feedgate with these arguments in the root file system, as this user in group 0.
inside() {
    user=$1
    shift
    # shellcheck disable=SC2046,SC2086 # one option for each variable; its values have no blanks
    set -- --setenv LANG C.UTF-8 $(printf '%s\n' $environment | sed 's/^\([^=]*\)=\(.*\)/--setenv \1 \2/') "$@"
    arguments=$#
    while [ "$arguments" -gt 0 ]; do
        if [ "$1" = -- ]; then
            set -- "$@" /usr/local/bin/feedgate
        else
            set -- "$@" "$1"
        fi
        shift
        arguments=$((arguments - 1))
    done
    bwrap --unshare-user --unshare-pid --unshare-ipc --unshare-uts --unshare-cgroup-try --as-pid-1 --die-with-parent \
        --cap-drop ALL --uid "$user" --gid 0 --clearenv --ro-bind "$image" / --proc /proc --dev /dev \
        --ro-bind "$root/samples" /feeds --chdir "$directory" "$@"
}
# expect STATUS WHAT inside...: the exit status is part of what feedgate promises.
expect() {
    wanted=$1
    what=$2
    shift 2
    status=0
    output=$("$@" 2>&1) || status=$?
    if [ "$status" -eq "$wanted" ]; then
        passed "$what"
    else
        failed "$what: exit status $status, not $wanted
$output"
    fi
}

# The users: the image's own, and one out of a range as OpenShift makes them up.
for user in "${declared%%:*}" 1000650000; do
    mkdir -p "$folder/work-$user" && chmod 0777 "$folder/work-$user"
    set -- "$user" --unshare-net --tmpfs /tmp --bind "$folder/work-$user" /work --
    expect 0 "user $user: --help" inside "$@" --help
    expect 0 "user $user: validate, without a network" inside "$@" validate /feeds/catalogue/good.xml
    expect 1 "user $user: validate of a fault is exit status 1" inside "$@" validate /feeds/catalogue/faults/comma-in-price.xml
    expect 0 "user $user: import into SQLite in a volume" inside "$@" import /feeds/catalogue/good.xml
    expect 0 "user $user: import again" inside "$@" import /feeds/catalogue/good.xml
    check "user $user: the database is in the volume" test -s "$folder/work-$user/feedgate.db"
    expect 2 "user $user: the root file system is read-only" \
        inside "$@" validate --report-file json=/schemas/report.json /feeds/catalogue/good.xml
    expect 2 "user $user: without a volume, import says so by exit status 2" \
        inside "$user" --unshare-net --tmpfs /tmp -- import /feeds/catalogue/good.xml
done

# TLS: a server whose certificate comes from an authority of its own is refused, and taken once that authority is known.
certificates() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=check -keyout "$folder/ca.key" -out "$folder/ca.pem" &&
        openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout "$folder/server.key" -out "$folder/server.csr" &&
        printf 'subjectAltName=DNS:localhost\n' >"$folder/names" &&
        openssl x509 -req -in "$folder/server.csr" -CA "$folder/ca.pem" -CAkey "$folder/ca.key" -CAcreateserial -days 2 \
            -extfile "$folder/names" -out "$folder/server.pem"
}
if command -v openssl >/dev/null && certificates >"$folder/openssl.log" 2>&1; then
    python3 - "$folder" <<'P' &
import http.server, pathlib, ssl, sys
folder = pathlib.Path(sys.argv[1])
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        (folder / "asked").write_text(self.path)
        self.send_error(403)
    def log_message(self, *arguments):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(folder / "server.pem", folder / "server.key")
server.socket = context.wrap_socket(server.socket, server_side=True)
(folder / "port").write_text(str(server.server_port))
server.serve_forever()
P
    server=$!
    for _ in 1 2 3 4 5 6 7 8 9 10; do [ -s "$folder/port" ] || sleep 0.3; done
    url=https://localhost:$(cat "$folder/port")
    set -- 1000650000 --tmpfs /tmp --ro-bind /etc/hosts /etc/hosts
    expect 2 "TLS: an unknown authority is refused" inside "$@" -- submit "$url" /feeds/catalogue/good.xml
    check "TLS: no request went to a server that nobody vouches for" test ! -e "$folder/asked"
    inside "$@" --ro-bind "$folder/ca.pem" /tmp/ca.pem --setenv SSL_CERT_FILE /tmp/ca.pem -- \
        submit "$url" /feeds/catalogue/good.xml >"$folder/submit.log" 2>&1 || true
    check "TLS: an authority of one's own is taken by SSL_CERT_FILE" test -e "$folder/asked"
else
    skipped "openssl cannot be had: TLS is not tried"
fi

# Process 1 gets no default action for signals: a service that forgets one is killed after the grace period.
service() {
    set -- "$folder/work-1000650000" "$folder/spool"
    mkdir -p "$2" && chmod 0777 "$2"
    inside 1000650000 --info-fd 3 --unshare-net --tmpfs /tmp --bind "$1" /work --bind "$2" /spool -- \
        serve --spool file:/spool 3>"$folder/info" >"$folder/serve.log" 2>&1 &
    process=$!
    sleep 2
    child=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["child-pid"])' "$folder/info") || return 1
    kill -0 "$child" || { cat "$folder/serve.log"; return 1; }
    kill -TERM "$child"
    for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$child" 2>/dev/null || break; sleep 1; done
    kill -0 "$child" 2>/dev/null && { kill -KILL "$child"; echo "still there after 10 s"; return 1; }
    wait "$process" || { echo "exit status $?"; cat "$folder/serve.log"; return 1; }
}
check "the service, as process 1, ends in order at SIGTERM" service

finish

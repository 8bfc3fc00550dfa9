#!/bin/sh
# Assembles the root file system of the image: rootfs.sh BINARY FOLDER
#
# The Dockerfile runs it in its last stage but one, and deploy/checks/container.sh runs the very same script to try
# the result without a container engine. What is in the image is therefore what is said here, and nothing else: the
# program, the libraries it is linked with, certificate authorities, an account, and folders to mount things on.
# There is no shell and no package manager in it.
set -eu

binary=$1
root=$2
case $root in
/*) ;;
*) root=$PWD/$root ;;
esac
[ -x "$binary" ] || { echo "rootfs.sh: \`$binary\` is not a program" >&2; exit 2; }
[ ! -e "$root" ] || { echo "rootfs.sh: \`$root\` exists already" >&2; exit 2; }
umask 022

install -d "$root/usr/local/bin" "$root/etc/ssl/certs" "$root/usr/share/doc" "$root/var/lib/dpkg/status.d"
install -m 0755 "$binary" "$root/usr/local/bin/feedgate"
# Names of functions stay, so that a stack trace can be read; the rest of the symbols goes.
strip --strip-debug "$root/usr/local/bin/feedgate"

# What the package `$1` says about itself: by this a scanner knows the version, and the licence travels with the file.
record() {
    [ ! -e "$root/var/lib/dpkg/status.d/$1" ] || return 0
    dpkg-query --status "$1" | sed '/^Conffiles:/,/^[^ ]/{/^Conffiles:/d;/^ /d}' >"$root/var/lib/dpkg/status.d/$1"
    install -d "$root/usr/share/doc/$1"
    install -m 0644 "/usr/share/doc/$1/copyright" "$root/usr/share/doc/$1/copyright"
}

# The package that `$1` belongs to. Debian 12 knows /lib/... and calls it so; the file may be asked for as /usr/lib/...
owner() {
    { dpkg-query --search "$1" 2>/dev/null || dpkg-query --search "${1#/usr}" 2>/dev/null ||
        dpkg-query --search "/usr$1"; } | sed -n '1s/:.*//p'
}

# Libraries, the loader among them, each where the loader looks for it. A static program has none.
libraries=$(ldd "$binary" 2>/dev/null | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p; s/^[[:space:]]*\(\/[^ ]*\) (.*/\1/p')
for library in $libraries; do
    install -D -m 0755 "$(readlink -f "$library")" "$root$library"
    record "$(owner "$library")"
done
# Not linked, loaded by name: needed to look up host names.
for library in libnss_dns.so.2 libnss_files.so.2 libresolv.so.2; do
    for found in /lib/*-linux-gnu/"$library"; do
        [ -z "$libraries" ] || [ ! -e "$found" ] || install -D -m 0644 "$found" "$root$found"
    done
done

# Certificate authorities, for a database, a collector and a service reached by TLS.
[ -s /etc/ssl/certs/ca-certificates.crt ] ||
    { echo "rootfs.sh: the package ca-certificates is missing" >&2; exit 2; }
install -m 0644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
record ca-certificates

install -m 0644 /etc/os-release "$root/etc/os-release"
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
# Any user will do, known here or not. This one is for engines that insist on a name.
printf 'root:x:0:0:root:/work:/sbin/nologin\nfeedgate:x:65532:0:feedgate:/work:/sbin/nologin\n' >"$root/etc/passwd"
printf 'root:x:0:\nfeedgate:x:65532:\n' >"$root/etc/group"

# Places to mount something on; writable for group 0, which is what OpenShift gives to the user it makes up.
install -d -m 0775 "$root/feeds" "$root/schemas" "$root/spool" "$root/work"
install -d -m 1777 "$root/tmp"
# Engines put their own in these places; some cannot make them where the root file system is read-only.
install -d "$root/dev" "$root/proc" "$root/sys"
: >"$root/etc/hosts"
: >"$root/etc/resolv.conf"

#!/bin/sh
# Builds etcd, kube-apiserver and kube-controller-manager into a folder, once; says the folder. About seven minutes on two
# cores. Needs Go 1.25 or newer and the Go module proxy. Exit status 1 when they cannot be had.
#
#   control-plane.sh [--at-hand]     with it, builds nothing: exit status 1 unless they are there
set -eu

kubernetes=1.35.0
etcd=3.6.5

tools=${FEEDGATE_TOOLS:-$HOME/.cache/feedgate-tools}
folder=$tools/control-plane-$kubernetes
mkdir -p "$folder"
exec 9> "$tools/.lock-control-plane"
flock 9

at_hand() { [ -x "$folder/etcd" ] && [ -x "$folder/kube-apiserver" ] && [ -x "$folder/kube-controller-manager" ]; }
if at_hand; then
    echo "$folder"
    exit
fi
[ "${1:-}" != --at-hand ] || exit 1
command -v go > /dev/null || { echo "no go" >&2; exit 1; }

export GOFLAGS=-mod=mod GOTOOLCHAIN=local
if [ ! -x "$folder/etcd" ]; then
    mkdir -p "$folder/etcd-build"
    cd "$folder/etcd-build"
    [ -f go.mod ] || go mod init build
    go get -tool "go.etcd.io/etcd/server/v3@v$etcd"
    nice -n 19 go build -p "${GO_PARALLEL:-1}" -o "$folder/etcd" go.etcd.io/etcd/server/v3
fi

# Kubernetes takes its libraries from its own tree; outside of it they are modules of version 0.x of the same release.
mkdir -p "$folder/kubernetes-build"
cd "$folder/kubernetes-build"
if [ ! -f go.mod ]; then
    libraries=$(go mod download -json "k8s.io/kubernetes@v$kubernetes" | sed -n 's/.*"GoMod": "\(.*\)".*/\1/p')
    {
        echo "module build"
        sed -n 's/^go /go /p' "$libraries"
        echo "require k8s.io/kubernetes v$kubernetes"
        sed -n "s|^\t\(k8s.io/[a-z-]*\) => ./staging/.*|replace \1 => \1 v0${kubernetes#1}|p" "$libraries"
    } > go.mod
fi
git=-X\ k8s.io/component-base/version
flags="$git.gitVersion=v$kubernetes $git.gitMajor=1 $git.gitMinor=$(echo "$kubernetes" | cut -d. -f2) -s -w"
nice -n 19 go build -p "${GO_PARALLEL:-1}" -ldflags "$flags" -o "$folder/" \
    k8s.io/kubernetes/cmd/kube-apiserver k8s.io/kubernetes/cmd/kube-controller-manager
at_hand
echo "$folder"

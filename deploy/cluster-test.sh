#!/bin/sh
# The manifests under a real control plane: etcd, kube-apiserver and kube-controller-manager, built once into
# $FEEDGATE_TOOLS (about seven minutes), a PostgreSQL, and a process that plays kubelet and runs our program
# (cluster-test/kubelet.py). Skipped loudly where a part cannot be had. About six minutes.
#
#   cluster-test.sh [SCENARIO...]      all, or those of cluster-test/scenarios.py that are named
#
# FEEDGATE_BIN                the program to run
# FEEDGATE_CONTROL_PLANE      `at-hand`: builds nothing
set -eu

deploy=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=checks/support/lib.sh
. "$deploy/checks/support/lib.sh"

feedgate=$(feedgate_binary) || { skip "cluster test: no feedgate (set FEEDGATE_BIN)"; finish; }
postgres=$(postgres_folder) || { skip "cluster test: no PostgreSQL server"; finish; }
for program in bwrap kubectl openssl python3; do
    command -v "$program" > /dev/null || { skip "cluster test: no $program"; finish; }
done
bwrap --unshare-user --ro-bind / / true 2> /dev/null || { skip "cluster test: bubblewrap may not make sandboxes here"; finish; }
control_plane=$("$deploy/cluster-test/control-plane.sh" ${FEEDGATE_CONTROL_PLANE:+--at-hand}) ||
    { skip "cluster test: no control plane"; finish; }

export PYTHONDONTWRITEBYTECODE=1
exec python3 "$deploy/cluster-test/scenarios.py" "$control_plane" "$feedgate" "$postgres" "$@"

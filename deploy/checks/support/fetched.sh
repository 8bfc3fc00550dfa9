#!/bin/sh
# Brings all programs that the checks use into $FEEDGATE_TOOLS, at once; at most FEEDGATE_FETCH_SECONDS (180) long. What is
# there is left alone. What cannot be had, or not within that time, is said; the checks say what they leave out for it.
#
#   fetched.sh [NAME...]       as in fetch.sh
set -eu
support=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=fetch.sh
. "$support/fetch.sh"
# shellcheck disable=SC2034 # for fetch_stand_in
PROVIDER=$support/provider
limit=${FEEDGATE_FETCH_SECONDS:-180}

if [ "${1:-}" = --one ]; then
    "fetch_$2"
    exit
fi
[ $# != 0 ] || set -- stand_in node_infra py_kube py_infra py_observe node_kube node_observe debian prometheus py_kubectl
for name in "$@"; do
    (
        start=$(date +%s)
        status=0
        timeout -k 5 "$limit" sh "$0" --one "$name" || status=$?
        seconds=$(($(date +%s) - start))
        case $status in
        0) [ "$seconds" -lt 2 ] || echo "ok    tool $name: $seconds s" ;;
        124 | 137) echo "SKIP  tool $name: not within $limit s; FEEDGATE_FETCH_SECONDS gives it longer" ;;
        *) echo "SKIP  tool $name cannot be had here (logs are in $FEEDGATE_TOOLS)" ;;
        esac
    ) &
done
wait

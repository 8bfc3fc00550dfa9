#!/bin/sh
# Everything below deploy/, checked: every script of checks/ in turn. The same in CI and by hand; what a missing tool leaves
# unchecked is said by lines that begin with SKIP.
#
#   validate.sh [NAME...]     only these, such as `kubernetes`; all by default
set -eu

checks=$(cd "$(dirname "$0")/checks" && pwd)
if [ $# = 0 ]; then
    for check in "$checks"/*.sh; do set -- "$@" "$(basename "$check" .sh)"; done
fi

failed=
for name in "$@"; do
    echo "=== $name"
    sh "$checks/$name.sh" || failed="$failed $name"
done
if [ "$failed" ]; then
    echo "=== findings in:$failed"
    exit 1
fi
echo "=== no findings"

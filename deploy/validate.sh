#!/bin/sh
# Everything below deploy/, checked: every script of checks/. The same in CI and by hand; what a missing tool leaves unchecked
# is said by lines that begin with SKIP. At the end, each area's seconds.
#
#   validate.sh [NAME...]     only these, such as `kubernetes`; all by default
#
# FEEDGATE_JOBS             how many areas at a time: 2; each one's output comes as a whole when it has ended
# FEEDGATE_FETCH=no         uses what is there of programs and fetches nothing; else checks/support/fetched.sh is run before
# FEEDGATE_CHECKS           `quick`: see the areas' scripts
set -eu

deploy=$(cd "$(dirname "$0")" && pwd)
checks=$deploy/checks

# Once for each area, by xargs below.
if [ "${1:-}" = --one ]; then
    work=$2
    name=$3
    start=$(date +%s)
    status=0
    sh "$checks/$name.sh" > "$work/$name" 2>&1 < /dev/null || status=$?
    (
        flock 9
        echo "=== $name"
        cat "$work/$name"
        echo "$name $status $(($(date +%s) - start))" >> "$work/.ended"
    ) 9> "$work/.lock"
    exit
fi

if [ $# = 0 ]; then
    # The longest one first, so that the others are done beside it.
    set -- observability
    for check in "$checks"/*.sh; do
        [ "$check" = "$checks/observability.sh" ] || set -- "$@" "$(basename "$check" .sh)"
    done
fi
for name in "$@"; do
    [ -f "$checks/$name.sh" ] || { echo "validate.sh: there is no area \`$name\` in $checks" >&2; exit 2; }
done

work=$(mktemp -d "${TMPDIR:-/tmp}/feedgate-validate.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 143' INT TERM HUP
start=$(date +%s)
[ "${FEEDGATE_FETCH:-}" = no ] || "$checks/support/fetched.sh"
fetched=$(($(date +%s) - start))
export FEEDGATE_FETCH=no
: > "$work/.ended"
printf '%s\n' "$@" | xargs -n 1 -P "${FEEDGATE_JOBS:-2}" sh "$0" --one "$work"

echo "=== seconds: tools $fetched, $(sort "$work/.ended" | sed 's/^\([^ ]*\) [0-9]* \([0-9]*\)$/\1 \2/' | paste -s -d , | sed 's/,/, /g'); all $(($(date +%s) - start))"
skips=$(cat "$work"/* | grep -c '^SKIP' || :)
[ "$skips" = 0 ] || echo "=== left out for want of something: $skips lines that begin with SKIP"
[ "$(wc -l < "$work/.ended")" = $# ] || { echo "=== not every area came to an end"; exit 1; }
failed=$(sort "$work/.ended" | sed -n '/ 0 [0-9]*$/!s/ .*//p' | paste -s -d ' ')
if [ "$failed" ]; then
    echo "=== findings in: $failed"
    exit 1
fi
echo "=== no findings"

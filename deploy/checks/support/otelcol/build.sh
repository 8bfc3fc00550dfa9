#!/bin/sh
# Builds a Collector with the components that deploy/collector/pipeline.yaml names, into $FEEDGATE_TOOLS/otelcol: some
# minutes, once. deploy/checks/observability.sh uses it when it is there.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tools=${FEEDGATE_TOOLS:-$HOME/.cache/feedgate-tools}
mkdir -p "$tools/otelcol"
exec 9> "$tools/.lock-otelcol"
flock 9
cp "$here/main.go" "$here/go.mod" "$here/go.sum" "$tools/otelcol/"
cd "$tools/otelcol"
nice -n 19 go build -p "${JOBS:-1}" -trimpath -ldflags=-s -o otelcol .

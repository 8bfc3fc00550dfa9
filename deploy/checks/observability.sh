#!/bin/sh
# deploy/alloy, collector, prometheus, alertmanager, grafana, fluent-bit and compose.yaml.
#
# FEEDGATE_TOOLS         where tools are kept that this installs
# FEEDGATE_BIN           a feedgate: what it tells is held against prometheus/instruments.tsv
# FEEDGATE_CHECKS=quick  ends at the first tool with findings; leaves out what runs feedgate and the Collector
set -eu

deploy=$(cd "$(dirname "$0")/.." && pwd)
root=$(dirname "$deploy")
# shellcheck source-path=SCRIPTDIR source=support/lib.sh
. "$deploy/checks/support/lib.sh"
is_quick=${FEEDGATE_CHECKS:-}
support=$deploy/checks/support
# After a tool: a quick check need not know more.
enough() { if [ "$is_quick" = quick ] && [ "$findings" != 0 ]; then finish; fi; }
# passes WHAT COMMAND...: the command must succeed; its output is shown when it does not.
passes() {
    passes_what=$1
    shift
    if passes_output=$("$@" 2>&1); then
        ok "$passes_what"
    else
        fail "$passes_what
$passes_output"
    fi
}

# --- tools

fetch_py_observe || skip "Python packages could not be installed by pip (see $tools/py-observe.log)"
python=$tools/py-observe/bin/python
fetch_prometheus || :
PATH=$PATH:$tools/prometheus-deb/usr/bin
fetch_node_observe || :
node=$tools/node-observe

# --- our own check of everything

if "$python" -c 'import promql_parser, yaml' 2> /dev/null; then
    FEEDGATE_ROOT=$root PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$support "$python" "$support/observability.py" ||
        findings=$((findings + 1))
else
    skip "PromQL, dashboards, runbook, Alloy against the Collector: no promql-parser and PyYAML for Python"
fi
enough

# --- dashboards

if [ -x "$node/node_modules/.bin/tsc" ]; then
    passes "tsc: dashboards have the types of Grafana 13" \
        sh "$support/dashboards.sh" "$node/node_modules" "$deploy"/grafana/dashboards/*.json
else
    skip "types of dashboards: no npm, or it cannot have @grafana/schema"
fi
enough

# --- rules

if command -v promtool > /dev/null; then
    passes "promtool: rules are right" promtool check rules --lint-fatal "$deploy"/prometheus/rules/*.yaml
    passes "promtool: the laptop's configuration is right" promtool check config "$deploy/prometheus/prometheus.yaml"
    enough
    for test in "$deploy"/prometheus/tests/*_test.yaml; do
        passes "promtool: $(grep -c '  - name: "' "$test") tests of $(basename "$test")" promtool test rules "$test"
        enough
    done
else
    skip "rules and their tests: no promtool, and apt-get cannot have it"
fi

# --- routes

if command -v amtool > /dev/null; then
    routing=$deploy/alertmanager/alertmanager.yaml
    passes "amtool: routing is right" amtool check-config "$routing"
    routes=0
    while IFS='	' read -r receiver labels; do
        case $receiver in '' | '#'*) continue ;; esac
        routes=$((routes + 1))
        # shellcheck disable=SC2086
        found=$(amtool config routes test --config.file "$routing" $labels 2> /dev/null) || :
        [ "$found" = "$receiver" ] || fail "amtool: $labels goes to \`$found\`, not to \`$receiver\`"
    done < "$deploy/alertmanager/routes_test.tsv"
    ok "amtool: $routes alerts were routed"
else
    skip "routes of alerts: no amtool, and apt-get cannot have it"
fi
enough

# --- this script

if command -v shellcheck > /dev/null; then
    passes "shellcheck: observability.sh" shellcheck -x "$0" "$support/dashboards.sh" "$support/otelcol/build.sh"
else
    skip "shellcheck of observability.sh: there is none"
fi

[ "$is_quick" != quick ] || finish

# --- a real feedgate

binary=$(feedgate_binary || :)
if [ -x "$binary" ] && "$python" -c 'import opentelemetry.proto' 2> /dev/null; then
    FEEDGATE_ROOT=$root PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$support "$python" "$support/live.py" "$binary" ||
        findings=$((findings + 1))
else
    skip "what a feedgate really tells: no feedgate (set FEEDGATE_BIN), or no opentelemetry-proto for Python"
fi

# --- a real Collector, and a real Prometheus behind it

otelcol=${OTELCOL:-$tools/otelcol/otelcol}
if [ -x "$otelcol" ]; then
    export JAEGER_OTLP_ENDPOINT=jaeger:4317 PROMETHEUS_REMOTE_WRITE_URL=http://prometheus:9090/api/v1/write \
        LOGS_OTLP_ENDPOINT=http://logs:4318
    passes "otelcol: the pipeline is right" "$otelcol" validate --config="$deploy/collector/pipeline.yaml"
    if [ -x "$binary" ] && command -v prometheus > /dev/null; then
        FEEDGATE_ROOT=$root PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$support \
            "$python" "$support/pipeline.py" "$otelcol" "$(command -v prometheus)" "$binary" || findings=$((findings + 1))
    else
        skip "a night through the Collector to Prometheus: no prometheus, or no feedgate"
    fi
else
    skip "the Collector's own opinion: no $otelcol (support/otelcol/build.sh builds one in some minutes)"
fi

finish

"""Checks of alloy/, collector/, prometheus/, alertmanager/, grafana/, fluent-bit/ and compose.yaml.

One line for each thing that was checked, one for each finding; exit status 1 when there is any. What programs of others
check (promtool, amtool, a real Collector, a running feedgate) is in ../observability.sh.
"""

import datetime
import json
import os
import re
import sys
from pathlib import Path

import promql_parser
import yaml

import alloy

DEPLOY = Path(__file__).resolve().parents[2]
ROOT = Path(os.environ.get("FEEDGATE_ROOT", DEPLOY.parent))
PROMETHEUS = DEPLOY / "prometheus"
# What scraping, remote write, external labels and the pipeline put on series of anybody.
COMMON_LABELS = {"job", "instance", "cluster", "namespace", "environment", "pod", "le"}
# Regular expressions of job labels select programs, and these are the programs: see OBSERVABILITY.md.
JOBS = {"(.+/)?feedgate", "(.+/)?feedgate-(admin|serve)", "(.+/)?feedgate-tls", "(.+/)?feedgate(-expiry)?"}
SEVERITIES = {"critical", "warning", "info"}
ENDINGS = {"counter": [""], "gauge": [""], "histogram": ["_bucket", "_sum", "_count"]}

findings = []


def finding(where, what):
    findings.append(f"{where}: {what}")
    print(f"FAIL  {where}: {what}")


def load(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


# The instrument table.


def instruments():
    """Labels by name of series, and the rows."""
    labels, rows = {}, []
    for number, line in enumerate((PROMETHEUS / "instruments.tsv").read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) != 6:
            finding("instruments.tsv", f"line {number} has {len(cells)} cells, not 6")
            continue
        name, kind, unit, listed, origin, source = cells
        if kind not in ENDINGS:
            finding("instruments.tsv", f"`{kind}` of `{name}` is no type of Prometheus")
            continue
        own = [] if listed == "-" else listed.split(",")
        rows.append((name, kind, unit, own, origin, source))
        for ending in ENDINGS[kind]:
            if name + ending in labels:
                finding("instruments.tsv", f"`{name}` stands there twice")
            labels[name + ending] = {label.lstrip("+") for label in own}
    return labels, rows


def documented(rows):
    """The table against that of the program's documentation, which a test of the program holds to its code."""
    path = ROOT / "src/telemetry/INSTRUMENTS.md"
    if not path.exists():
        print(f"SKIP  instruments.tsv against the program: no {path}")
        return
    theirs = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().replace("`", "") for cell in line.strip().strip("|").split("|")]
        if len(cells) == 6 and cells[0].startswith("feedgate."):
            kind = {"up-down counter": "gauge"}.get(cells[2], cells[2])
            own = {label.strip().replace(".", "_") for label in cells[3].split(",") if label.strip()}
            theirs[cells[4]] = (kind, cells[1], own, cells[0])
    ours = {}
    for name, kind, unit, own, origin, source in rows:
        if origin == "feedgate":
            to_come = {label[1:] for label in own if label.startswith("+")}
            there = theirs.get(name, (None, None, set(), None))[2]
            ours[name] = (kind, unit, {label.lstrip("+") for label in own} - (to_come - there), source)
    for name in sorted(ours.keys() | theirs.keys()):
        mine, program = ours.get(name), theirs.get(name)
        if mine is None or program is None:
            finding("instruments.tsv", f"`{name}` is known to {'the program' if program else 'the table'} only")
        elif mine[:2] + mine[3:] != program[:2] + program[3:]:
            finding("instruments.tsv", f"`{name}` is {mine} here and {program} in the program")
        elif mine[2] != program[2]:
            gone = sorted(mine[2] ^ program[2])
            finding("instruments.tsv", f"labels of `{name}` differ from the program's: {', '.join(gone)}")
    print(f"ok    instruments.tsv: {len(ours)} instruments as in src/telemetry/INSTRUMENTS.md")


# PromQL.


class Query:
    """What a query asks for, and the labels that its result may have."""

    def __init__(self, where, text, known):
        self.where, self.known = where, known
        self.names, self.made = set(), set()
        try:
            self.tree = promql_parser.parse(text)
        except ValueError as error:
            finding(where, f"is no PromQL: {error}")
            self.tree, self.labels = None, set()
            return
        self.labels = self.walk(self.tree)

    def say(self, what):
        finding(self.where, what)

    def walk(self, node):
        """The labels that the result of a part may have."""
        kind = type(node).__name__
        return getattr(self, kind, self.unknown)(node)

    def unknown(self, node):
        self.say(f"`{type(node).__name__}` is not known to this check")
        return set()

    def VectorSelector(self, node):
        wanted = {matcher.name: matcher for matcher in node.matchers.matchers}
        name = node.name
        if name is None:
            self.say("a series has to be named")
            return set()
        self.names.add(name)
        if name not in self.known:
            self.say(f"`{name}` is in no line of instruments.tsv")
            return COMMON_LABELS
        own = self.known[name] | COMMON_LABELS
        for label in sorted(wanted.keys() - own - {"__name__"}):
            self.say(f"`{name}` has no label `{label}`")
        if "job" in wanted and wanted["job"].value not in JOBS and "$" not in wanted["job"].value:
            self.say(f"`{wanted['job'].value}` is no job of ours")
        if name.startswith("feedgate_") and "job" not in wanted and self.needs_job(name):
            self.say(f"`{name}` is told by jobs and by the service: say by `job` which is meant")
        return set(own)

    @staticmethod
    def needs_job(name):
        # What the database holds is the same whoever tells it; everything else is not.
        return name not in (
            "feedgate_quarantine_size",
            "feedgate_quarantine_age_seconds",
            "feedgate_held_feeds",
            "feedgate_drift_baseline",
            "feedgate_sender_last_good_seconds",
        )

    def MatrixSelector(self, node):
        return self.walk(node.vector_selector)

    def SubqueryExpr(self, node):
        return self.walk(node.expr)

    def ParenExpr(self, node):
        return self.walk(node.expr)

    def UnaryExpr(self, node):
        return self.walk(node.expr)

    def NumberLiteral(self, _):
        return set()

    def StringLiteral(self, _):
        return set()

    def Call(self, node):
        inner = [self.walk(argument) for argument in node.args]
        labels = set().union(*inner) if inner else set()
        name = node.func.name
        if name in ("label_replace", "label_join"):
            strings = [getattr(argument, "val", None) for argument in node.args]
            labels.add(strings[1])
            sources = strings[3:4] if name == "label_replace" else strings[3:]
            for source in filter(None, sources):
                if source not in inner[0]:
                    self.say(f"`{name}` reads `{source}`, which is not there")
        if name in ("time", "vector"):
            return set()
        return labels

    def AggregateExpr(self, node):
        inner = self.walk(node.expr)
        if node.modifier is None:
            return set()
        named = set(node.modifier.labels)
        for label in sorted(named - inner):
            self.say(f"`{label}` is a label of nothing in `{node.op}`")
        return named if node.modifier.type == promql_parser.AggModifierType.By else inner - named

    def BinaryExpr(self, node):
        left, right = self.walk(node.lhs), self.walk(node.rhs)
        matching = node.modifier.matching if node.modifier else None
        if matching is not None:
            for label in sorted(set(matching.labels) - (left & right)):
                self.say(f"`{label}` is matched on and is no label of both sides")
        return self.joined(node, left, right, matching)

    @staticmethod
    def joined(node, left, right, matching):
        """The labels of two sides put together, as Prometheus does it."""
        if str(node.op) == "or":
            return left | right
        card = node.modifier.card if node.modifier else None
        taken = set(node.modifier.group_labels or []) if node.modifier else set()
        if card == promql_parser.VectorMatchCardinality.OneToMany:
            return right | taken
        if card == promql_parser.VectorMatchCardinality.ManyToOne:
            return left | taken
        if card == promql_parser.VectorMatchCardinality.OneToOne and matching is not None:
            on = matching.type == promql_parser.LabelModifierType.Include
            return set(matching.labels) if on else left - set(matching.labels)
        return left or right


def rules(known, rows):
    """Recording and alert rules; gives back the alerts."""
    recorded, alerts = {}, {}
    groups = []
    for path in sorted((PROMETHEUS / "rules").glob("*.yaml")):
        for group in load(path)["groups"]:
            groups.append(group["name"])
            for rule in group["rules"]:
                if "record" in rule:
                    recorded[rule["record"]] = (path.name, rule)
                else:
                    if rule["alert"] in alerts:
                        finding(path.name, f"`{rule['alert']}` is there twice")
                    alerts[rule["alert"]] = (path.name, rule)
    if len(groups) != len(set(groups)):
        finding("rules", "two groups have one name")
    listed = {name for name, *_, origin, _ in rows if origin == "rule"}
    for name in sorted(recorded.keys() ^ listed):
        where = "the rules" if name in recorded else "instruments.tsv"
        finding("rules", f"`{name}` is in {where} only")
    for name, (file, rule) in recorded.items():
        query = Query(f"{file} {name}", rule["expr"], known)
        made = query.labels | set(rule.get("labels", {}))
        for label in sorted(known.get(name, set()) - made):
            finding(f"{file} {name}", f"instruments.tsv says that it has the label `{label}`, its query does not")
    for name, (file, rule) in alerts.items():
        alert(name, file, rule, known)
    print(f"ok    {len(recorded)} recording rules and {len(alerts)} alerts: PromQL, series, labels, annotations")
    return alerts


def alert(name, file, rule, known):
    where = f"{file} {name}"
    query = Query(where, rule["expr"], known)
    if rule.get("labels", {}).get("severity") not in SEVERITIES:
        finding(where, f"the label `severity` has to be one of {', '.join(sorted(SEVERITIES))}")
    if rule.get("labels", {}).get("service") != "feedgate":
        finding(where, "the label `service` has to be `feedgate`: routes ask for it")
    annotations = rule.get("annotations", {})
    for wanted in ("summary", "description", "runbook_url"):
        if not annotations.get(wanted):
            finding(where, f"has no annotation `{wanted}`")
    absent = any(function in rule["expr"] for function in ("absent(", "absent_over_time("))
    for text in annotations.values():
        for label in re.findall(r"\$labels\.(\w+)", text):
            if label not in query.labels or (absent and "or" not in rule["expr"]):
                finding(where, f"an annotation names the label `{label}`, which the alert does not have")


def runbook(alerts):
    """Every runbook_url leads to an entry, every entry is led to, and each has its four parts."""
    text = (PROMETHEUS / "RUNBOOK.md").read_text(encoding="utf-8")
    parts = re.split(r"^### (.+)$", text, flags=re.M)[1:]
    entries = {}
    for heading, body in zip(parts[::2], parts[1::2]):
        anchor = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        if anchor in entries:
            finding("RUNBOOK.md", f"`{heading}` is there twice")
        entries[anchor] = heading
        words = re.findall(
            r"^\*\*(Meaning|Impact|Look|Do)\.\*\* \S", re.split(r"^## ", body, flags=re.M)[0], flags=re.M
        )
        if words != ["Meaning", "Impact", "Look", "Do"]:
            finding("RUNBOOK.md", f"`{heading}` has {words}, not meaning, impact, look and do")
    used = set()
    for name, (file, rule) in alerts.items():
        url = rule.get("annotations", {}).get("runbook_url", "")
        address, _, anchor = url.partition("#")
        path = address.partition("/-/blob/main/deploy/")[2]
        if not path or not (DEPLOY / path).exists():
            finding(f"{file} {name}", f"runbook_url leads to no file of deploy/: {url}")
        elif anchor not in entries or entries[anchor] != name:
            finding(f"{file} {name}", f"runbook_url leads to no entry of that name: #{anchor}")
        used.add(anchor)
    for anchor in sorted(entries.keys() - used):
        finding("RUNBOOK.md", f"no alert leads to `{entries[anchor]}`")
    print(f"ok    RUNBOOK.md: {len(entries)} entries, each led to, each with meaning, impact, look, do")


def tests_of_alerts(alerts):
    """Each alert is tested three ways."""
    seen = {name: set() for name in alerts}
    for path in sorted((PROMETHEUS / "tests").glob("*_test.yaml")):
        for test in load(path)["tests"]:
            for case in test.get("alert_rule_test", []):
                if case["alertname"] not in seen:
                    finding(path.name, f"`{case['alertname']}` is no alert")
                    continue
                expected = bool(case["exp_alerts"])
                if not test["input_series"]:
                    kind = "series missing"
                else:
                    kind = "fires" if expected else "does not fire"
                seen[case["alertname"]].add(kind)
    for name, kinds in seen.items():
        for kind in {"fires", "does not fire", "series missing"} - kinds:
            finding("tests", f"`{name}`: no test `{kind}`")
    print(f"ok    tests of {len(seen)} alerts: fires, does not fire, series missing")


def routes(alerts):
    text = load(DEPLOY / "alertmanager/alertmanager.yaml")
    for rule in text["inhibit_rules"]:
        for matcher in rule["source_matchers"] + rule["target_matchers"]:
            match = re.fullmatch(r'alertname=~?"([^"]+)"', matcher)
            for name in match.group(1).split("|") if match else []:
                if name not in alerts:
                    finding("alertmanager.yaml", f"`{name}` is inhibited or inhibits and is no alert")
    for line in (DEPLOY / "alertmanager/routes_test.tsv").read_text(encoding="utf-8").splitlines():
        name = re.search(r"alertname=(Feedgate\w+)", line)
        if name and name.group(1) not in alerts:
            finding("routes_test.tsv", f"`{name.group(1)}` is no alert")
    print("ok    alertmanager.yaml: its inhibitions name alerts that there are")


# Dashboards.

VARIABLES = {
    "$namespace": ".*",
    "${namespace}": ".*",
    "$code": "rule.gtin",
    "$__rate_interval": "5m",
    "$__range": "1d",
}


def replaced(text):
    for variable, value in VARIABLES.items():
        text = text.replace(variable, value)
    return text


def dashboards(known):
    uids, count = set(), 0
    for path in sorted((DEPLOY / "grafana/dashboards").glob("*.json")):
        board = json.loads(path.read_text(encoding="utf-8"))
        if board["uid"] != path.stem or board["uid"] in uids:
            finding(path.name, f"uid `{board['uid']}` has to be the name of the file")
        uids.add(board["uid"])
        names = {variable["name"] for variable in board["templating"]["list"]}
        text = path.read_text(encoding="utf-8")
        for used in set(re.findall(r"\$\{?([a-z_]+)\b", text)) - {"__value", "__all", "__data"}:
            if used not in names and not used.startswith("__"):
                finding(path.name, f"the variable `{used}` is used and not there")
        sources(path.name, board)
        count += sum(panel(f"{path.name} {each.get('title')}", each, known) for each in board["panels"])
        layout(path.name, board["panels"])
        for variable in board["templating"]["list"]:
            if variable["type"] == "query":
                selector = re.fullmatch(r"label_values\((.+), (\w+)\)", replaced(variable["query"]["query"]))
                label_values(f"{path.name} ${variable['name']}", selector, known)
        if "/trace/${__value.raw}" not in text and any("jaeger" in json.dumps(each) for each in board["panels"]):
            finding(path.name, "traces have no link into Jaeger by trace id")
    for name in ("runs", "deviations", "service", "sources", "certificates", "expiry"):
        if f"feedgate-{name}" not in uids:
            finding("grafana", f"there is no dashboard `feedgate-{name}`")
    print(f"ok    {len(uids)} dashboards, {count} queries: PromQL, series, labels, data sources, links, layout")


def label_values(where, selector, known):
    if not selector:
        finding(where, "is no label_values(selector, label)")
        return
    named = re.match(r"\{__name__=~\"([\w|]+)\"\}|(\w+)", selector.group(1))
    for name in (named.group(1) or named.group(2)).split("|"):
        if name not in known:
            finding(where, f"`{name}` is in no line of instruments.tsv")
        elif selector.group(2) not in known[name] | COMMON_LABELS:
            finding(where, f"`{name}` has no label `{selector.group(2)}`")


def sources(where, node):
    """No data source is wired in."""
    if isinstance(node, dict):
        source = node.get("datasource")
        if source is not None and (not isinstance(source, dict) or source.get("uid") != f"${{{source.get('type')}}}"):
            finding(where, f"a data source is wired in: {source}")
        for value in node.values():
            sources(where, value)
    elif isinstance(node, list):
        for value in node:
            sources(where, value)


def panel(where, each, known):
    for wanted in ("id", "type", "title", "gridPos", "datasource", "targets", "fieldConfig"):
        if wanted not in each:
            finding(where, f"has no `{wanted}`")
            return 0
    count = 0
    for target in each["targets"]:
        if target["datasource"].get("type") == "jaeger":
            if "/trace/${__value.raw}" not in json.dumps(each):
                finding(where, "traces have no link into Jaeger by trace id")
            if target.get("queryType") != "search" or target.get("service") != "feedgate":
                finding(where, "a search for traces has to ask for the service `feedgate`")
            continue
        count += 1
        query = Query(where, replaced(target["expr"]), known)
        if "$namespace" not in target["expr"] and any(name.startswith("feedgate") for name in query.names):
            if not all(name.startswith("feedgate:certificate") for name in query.names):
                finding(where, "does not ask for the namespace that was chosen")
        for label in re.findall(r"\{\{(\w+)\}\}", target.get("legendFormat", "")):
            if query.tree is not None and label not in query.labels:
                finding(where, f"the legend names `{label}`, which the series do not have")
    if not each["targets"]:
        finding(where, "asks for nothing")
    return count


def layout(where, panels):
    ids = [each["id"] for each in panels]
    if len(ids) != len(set(ids)):
        finding(where, "two panels have one id")
    taken = {}
    for each in panels:
        grid = each["gridPos"]
        if grid["x"] + grid["w"] > 24:
            finding(where, f"`{each['title']}` is wider than the page")
        for x in range(grid["x"], grid["x"] + grid["w"]):
            for y in range(grid["y"], grid["y"] + grid["h"]):
                if taken.setdefault((x, y), each["title"]) != each["title"]:
                    finding(where, f"`{each['title']}` covers `{taken[x, y]}`")
                    return


# The pipeline, twice.

# Attributes and blocks of Alloy's components, as far as ours use them: a wrong name is an error when Alloy starts.
ALLOY = {
    "otelcol.receiver.otlp": (
        {},
        {
            "grpc": ({"endpoint", "max_recv_msg_size"}, {}),
            "http": ({"endpoint", "max_request_body_size"}, {}),
            "output": "output",
        },
    ),
    "otelcol.processor.memory_limiter": ({"check_interval", "limit", "spike_limit"}, {"output": "output"}),
    "otelcol.processor.tail_sampling": (
        {"decision_wait", "num_traces", "decision_cache"},
        {
            "output": "output",
            "policy": (
                {"name", "type"},
                {
                    "status_code": ({"status_codes"}, {}),
                    "string_attribute": ({"key", "values", "enabled_regex_matching"}, {}),
                    "latency": ({"threshold_ms"}, {}),
                    "probabilistic": ({"sampling_percentage"}, {}),
                },
            ),
        },
    ),
    "otelcol.processor.transform": (
        {"error_mode"},
        {"output": "output", "metric_statements": ({"context", "statements"}, {})},
    ),
    "otelcol.processor.batch": ({"timeout", "send_batch_size", "send_batch_max_size"}, {"output": "output"}),
    "otelcol.exporter.otlp": (
        {},
        {
            "client": ({"endpoint"}, {"tls": ({"insecure"}, {})}),
            "sending_queue": ({"queue_size"}, {}),
            "retry_on_failure": ({"max_elapsed_time"}, {}),
        },
    ),
    "otelcol.exporter.otlphttp": (
        {},
        {
            "client": ({"endpoint"}, {}),
            "sending_queue": ({"queue_size"}, {}),
            "retry_on_failure": ({"max_elapsed_time"}, {}),
        },
    ),
    "otelcol.exporter.prometheus": (
        {
            "add_metric_suffixes",
            "include_scope_labels",
            "include_target_info",
            "resource_to_telemetry_conversion",
            "forward_to",
        },
        {},
    ),
    "prometheus.remote_write": ({}, {"endpoint": ({"url"}, {})}),
    "discovery.kubernetes": ({"role"}, {"selectors": ({"role", "label"}, {})}),
    "discovery.relabel": (
        {"targets"},
        {"rule": ({"source_labels", "regex", "action", "target_label", "replacement"}, {})},
    ),
    "prometheus.scrape": ({"targets", "forward_to", "scrape_interval", "scrape_timeout"}, {}),
    "loki.source.kubernetes": ({"targets", "forward_to"}, {}),
    "otelcol.receiver.loki": ({}, {"output": "output"}),
}
EXPORTS = {"input": "otelcol.", "receiver": "", "targets": "discovery.kubernetes", "output": "discovery.relabel"}


def allowed(where, block, schema):
    attributes, blocks = ({"traces", "metrics", "logs"}, {}) if schema == "output" else schema
    for name in sorted(block.attributes.keys() - set(attributes)):
        finding(where, f"`{block.name}` has no attribute `{name}`")
    for inner in block.blocks:
        if inner.name not in blocks:
            finding(where, f"`{block.name}` has no block `{inner.name}`")
        else:
            allowed(where, inner, blocks[inner.name])


def alloy_components():
    components = {}
    for path in sorted((DEPLOY / "alloy").glob("*.alloy")):
        try:
            blocks = alloy.parse(path.read_text(encoding="utf-8"))
        except alloy.AlloyError as error:
            finding(path.name, str(error))
            continue
        for block in blocks:
            if block.name not in ALLOY:
                finding(path.name, f"`{block.name}` is no component that this check knows")
                continue
            allowed(f"{path.name} {block.label}", block, ALLOY[block.name])
            name = f"{block.name}.{block.label}"
            if name in components:
                finding(path.name, f"`{name}` is there twice")
            components[name] = block
    for name, block in components.items():
        for reference in references(block):
            target, _, export = reference.rpartition(".")
            if target not in components or export not in EXPORTS or not target.startswith(EXPORTS[export]):
                finding("alloy", f"`{name}` refers to `{reference}`, which is not there")
    return components


def references(node):
    if isinstance(node, alloy.Block):
        for value in [*node.attributes.values(), *node.blocks]:
            yield from references(value)
    elif isinstance(node, dict):
        for value in node.values():
            yield from references(value)
    elif isinstance(node, (list, alloy.Call)):
        for value in node:
            yield from references(value)
    elif isinstance(node, alloy.Reference):
        yield node


def size(text):
    number, unit = re.fullmatch(r"(\d+)(MiB|KiB)", text).groups()
    return int(number) * {"MiB": 1024 * 1024, "KiB": 1024}[unit]


def environment(value):
    """A variable, in Alloy or in the Collector, with what holds when it is not set."""
    if isinstance(value, str):
        match = re.fullmatch(r"\$\{env:(\w+)(?::-(\w+))?\}", value)
        return ("environment", match.group(1), match.group(2)) if match else value
    if value == alloy.Call(("sys.env", value[1] if len(value) > 1 else "")):
        return ("environment", value[1], None)
    if value[0] == "==" and value[2] == "true" and value[1][0] == "coalesce":
        return ("environment", value[1][1][1], value[1][2])
    return value


def of_alloy(components):
    """The pipeline as Alloy has it."""

    def get(name):
        return components.get(name, alloy.Block(name, None))

    receiver, memory = get("otelcol.receiver.otlp.default"), get("otelcol.processor.memory_limiter.default")
    sampling, transform = get("otelcol.processor.tail_sampling.default"), get("otelcol.processor.transform.metrics")
    jaeger, logs = get("otelcol.exporter.otlp.jaeger"), get("otelcol.exporter.otlphttp.logs")
    metrics, write = get("otelcol.exporter.prometheus.default"), get("prometheus.remote_write.default")
    policies = [
        dict(policy.attributes, **{inner.name: inner.attributes for inner in policy.blocks})
        for policy in sampling.all("policy")
    ]

    def way(signal):
        steps, at = [], "otelcol.receiver.otlp.default"
        while at and len(steps) < 10:
            following = get(at).one("output").attributes.get(signal)
            if not following:
                break
            if len(following) != 1:
                finding("alloy", f"`{at}` sends {signal} to {len(following)} places")
            at = following[0].rpartition(".")[0]
            steps.append(at.split(".")[2])
        return steps

    def sending(block):
        return {
            "queue_size": block.one("sending_queue").attributes.get("queue_size"),
            "max_elapsed_time": block.one("retry_on_failure").attributes.get("max_elapsed_time"),
        }

    return {
        "receiver": {
            "grpc": (
                receiver.one("grpc").attributes.get("endpoint"),
                size(receiver.one("grpc").attributes["max_recv_msg_size"]),
            ),
            "http": (
                receiver.one("http").attributes.get("endpoint"),
                size(receiver.one("http").attributes["max_request_body_size"]),
            ),
        },
        "memory limit": (
            memory.attributes.get("check_interval"),
            size(memory.attributes["limit"]),
            size(memory.attributes["spike_limit"]),
        ),
        "tail sampling": dict(sampling.attributes, policies=policies),
        "transform": (
            transform.attributes.get("error_mode"),
            [each.attributes for each in transform.all("metric_statements")],
        ),
        "batch": get("otelcol.processor.batch.default").attributes,
        "jaeger": dict(
            sending(jaeger),
            endpoint=environment(jaeger.one("client").attributes["endpoint"]),
            plaintext=environment(jaeger.one("client").one("tls").attributes["insecure"]),
        ),
        "prometheus": {
            "endpoint": environment(write.one("endpoint").attributes["url"]),
            "suffixes": metrics.attributes.get("add_metric_suffixes"),
            "target_info": metrics.attributes.get("include_target_info"),
            "scope": metrics.attributes.get("include_scope_labels"),
            "resource": metrics.attributes.get("resource_to_telemetry_conversion"),
        },
        "logs": dict(sending(logs), endpoint=environment(logs.one("client").attributes["endpoint"])),
        "ways": {signal: way(signal) for signal in ("traces", "metrics", "logs")},
    }


def of_collector(config):
    """The pipeline as the Collector has it."""
    otlp, processors, exporters = config["receivers"]["otlp"]["protocols"], config["processors"], config["exporters"]
    memory, transform, write = (
        processors["memory_limiter"],
        processors["transform/metrics"],
        exporters["prometheus_remote_write"],
    )

    def sending(name):
        return {
            "queue_size": exporters[name].get("sending_queue", {}).get("queue_size"),
            "max_elapsed_time": exporters[name].get("retry_on_failure", {}).get("max_elapsed_time"),
            "endpoint": environment(exporters[name]["endpoint"]),
        }

    def way(signal):
        pipeline = config["service"]["pipelines"][signal]
        if pipeline["receivers"] != ["otlp"]:
            finding("collector", f"{signal} come from {pipeline['receivers']}")
        for name in pipeline["processors"]:
            if name not in processors:
                finding("collector", f"`{name}` is no processor")
        for name in pipeline["exporters"]:
            if name not in exporters:
                finding("collector", f"`{name}` is no exporter")
        kinds = {
            "transform/metrics": "transform",
            "otlp_grpc/jaeger": "otlp",
            "otlp_http/logs": "otlphttp",
            "prometheus_remote_write": "prometheus",
        }
        return [kinds.get(name, name) for name in pipeline["processors"] + pipeline["exporters"]]

    used = {
        name
        for pipeline in config["service"]["pipelines"].values()
        for key in ("processors", "exporters")
        for name in pipeline[key]
    }
    for name in sorted((processors.keys() | exporters.keys()) - used):
        finding("collector", f"`{name}` is in no pipeline")
    return {
        "receiver": {
            "grpc": (otlp["grpc"]["endpoint"], otlp["grpc"]["max_recv_msg_size_mib"] * 1024 * 1024),
            "http": (otlp["http"]["endpoint"], otlp["http"]["max_request_body_size"]),
        },
        "memory limit": (
            memory["check_interval"],
            memory["limit_mib"] * 1024 * 1024,
            memory["spike_limit_mib"] * 1024 * 1024,
        ),
        "tail sampling": processors["tail_sampling"],
        "transform": (transform["error_mode"], transform["metric_statements"]),
        "batch": processors["batch"],
        "jaeger": dict(
            sending("otlp_grpc/jaeger"), plaintext=environment(exporters["otlp_grpc/jaeger"]["tls"]["insecure"])
        ),
        "prometheus": {
            "endpoint": environment(write["endpoint"]),
            "suffixes": write["translation_strategy"] == "UnderscoreEscapingWithSuffixes",
            "target_info": write["target_info"]["enabled"],
            "scope": not write["disable_scope_info"],
            "resource": write["resource_to_telemetry_conversion"]["enabled"],
        },
        "logs": sending("otlp_http/logs"),
        "ways": {signal: way(signal) for signal in ("traces", "metrics", "logs")},
    }


def scraping_of_alloy(components):
    discovery = components["discovery.kubernetes.pods"]
    scrape = components["prometheus.scrape.service"]
    selectors = [each.attributes for each in discovery.all("selectors")]
    relabel = [each.attributes for each in components["discovery.relabel.metrics"].all("rule")]
    return {
        "role": discovery.attributes["role"],
        "selectors": selectors,
        "relabel": relabel,
        "interval": scrape.attributes["scrape_interval"],
        "timeout": scrape.attributes["scrape_timeout"],
    }


def scraping_of_collector(config):
    (job,) = config["receivers"]["prometheus/service"]["config"]["scrape_configs"]
    (discovery,) = job["kubernetes_sd_configs"]
    return {
        "role": discovery["role"],
        "selectors": discovery["selectors"],
        "relabel": job["relabel_configs"],
        "interval": job["scrape_interval"],
        "timeout": job["scrape_timeout"],
    }


def pipelines():
    components = alloy_components()
    collector = load(DEPLOY / "collector/pipeline.yaml")
    try:
        compare("pipeline", of_alloy(components), of_collector(collector))
        cluster = load(DEPLOY / "collector/kubernetes.yaml")
        compare("scraping", scraping_of_alloy(components), scraping_of_collector(cluster))
        for signal in ("metrics", "logs"):
            ours, theirs = (config["service"]["pipelines"][signal] for config in (collector, cluster))
            if ours["processors"] != theirs["processors"] or ours["exporters"] != theirs["exporters"]:
                finding("collector", f"{signal} take another way in a cluster")
            if not set(ours["receivers"]) <= set(theirs["receivers"]):
                finding("collector", f"{signal} have lost a receiver in a cluster")
    except (KeyError, ValueError, TypeError, AttributeError, IndexError) as error:
        finding("pipelines", f"cannot be compared: {type(error).__name__} {error}")
        return
    policies = {policy["name"]: policy for policy in collector["processors"]["tail_sampling"]["policies"]}
    if policies.get("failed", {}).get("status_code", {}).get("status_codes") != ["ERROR"]:
        finding("tail sampling", "traces with an error have to be kept, whatever else is")
    kept = {policy.get("string_attribute", {}).get("key") for policy in policies.values()}
    for key in {"feedgate.command", "feedgate.format", "feedgate.operation"} - kept:
        finding("tail sampling", f"a run whose first spans have only `{key}` would be dropped before its end")
    for signal, way in of_collector(collector)["ways"].items():
        if way[0] != "memory_limiter":
            finding("collector", f"the memory limit has to come first for {signal}")
    print(f"ok    Alloy and the Collector do the same: {len(components)} components, scraping, tail sampling, ways")


def compare(where, ours, theirs):
    for key in ours.keys() | theirs.keys():
        if ours.get(key) != theirs.get(key):
            finding(where, f"Alloy and the Collector differ in `{key}`:\n  {ours.get(key)}\n  {theirs.get(key)}")


# compose.yaml, Fluent Bit, and what manifests have to hold.


def compose():
    path = DEPLOY / "compose.yaml"
    config = load(path)
    services = config["services"]
    for name, service in services.items():
        where = f"compose.yaml {name}"
        image = service.get("image", "")
        if not re.search(r":[\w.]+\d[\w.]*$|:laptop\}$", image):
            finding(where, f"the image has no version: {image}")
        for port in service.get("ports", []):
            if not port.startswith("127.0.0.1:"):
                finding(where, f"port {port} is open to others")
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                if not (DEPLOY / source).exists() and not (source.startswith("../") and (ROOT / source[3:]).exists()):
                    if (ROOT / "src").exists() or not source.startswith("../"):
                        finding(where, f"mounts `{source}`, which is not there")
            elif source not in config["volumes"]:
                finding(where, f"mounts `{source}`, which is no volume")
        wanted = service.get("depends_on", {})
        for other in wanted:
            if other not in services:
                finding(where, f"depends on `{other}`, which is not there")
            elif (
                isinstance(wanted, dict)
                and wanted[other]["condition"] == "service_healthy"
                and "healthcheck" not in services[other]
            ):
                finding(where, f"waits until `{other}` is healthy, which it never says")
    text = "".join(each.read_text(encoding="utf-8") for each in (DEPLOY / "alloy").glob("*.alloy"))
    told = set(services["alloy"]["environment"])
    for variable in sorted(set(re.findall(r'sys\.env\("(\w+)"\)', text)) ^ told):
        finding("compose.yaml alloy", f"`{variable}` is set or asked for, not both")
    if services["serve"]["environment"].get("OTEL_METRICS_EXPORTER") != "none":
        finding("compose.yaml serve", "pushes the metrics that are scraped")
    if "service.instance.id=" not in services["import"]["environment"]["OTEL_RESOURCE_ATTRIBUTES"]:
        finding("compose.yaml import", "has no instance that stays from night to night")
    if "--web.enable-remote-write-receiver" not in services["prometheus"]["command"]:
        finding("compose.yaml prometheus", "does not take what Alloy writes")
    jobs = {job["job_name"] for job in load(PROMETHEUS / "prometheus.yaml")["scrape_configs"]}
    if not any(re.fullmatch("(.+/)?feedgate-(admin|serve)", job) for job in jobs):
        finding("prometheus.yaml", "no job is the upload service that the rules ask for")
    print(f"ok    compose.yaml: {len(services)} services, versions, ports, mounts, variables")
    specified(path)


def specified(path):
    """compose.yaml against the specification, which refuses words that it does not know."""
    try:
        import compose_spec
    except ImportError:
        print("SKIP  compose.yaml against the Compose specification: no Python package compose-spec")
        return
    text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", path.read_text(encoding="utf-8"))
    try:
        compose_spec.PyCompose.from_json(json.dumps(yaml.safe_load(text)))
    except ValueError as error:
        finding("compose.yaml", f"is not as the Compose specification wants it: {error}")
        return
    print("ok    compose.yaml is as the Compose specification wants it")


def fluent_bit():
    config = load(DEPLOY / "fluent-bit/fluent-bit.yaml")
    (parser,) = config["parsers"]
    used = [each["parser"] for each in config["pipeline"]["filters"] if each["name"] == "parser"]
    if used != [parser["name"]]:
        finding("fluent-bit.yaml", f"parser {used} is used, `{parser['name']}` is there")
    tags = {each["tag"] for each in config["pipeline"]["inputs"]}
    for each in config["pipeline"]["filters"] + config["pipeline"]["outputs"]:
        if each["match"] not in tags:
            finding("fluent-bit.yaml", f"`{each['name']}` matches `{each['match']}`, which nothing is tagged with")
    names = set()
    for number, line in enumerate((DEPLOY / "fluent-bit/example.log").read_text(encoding="utf-8").splitlines(), 1):
        event = json.loads(line)
        names |= event.keys()
        try:
            form = parser["time_format"].replace("%L", "%f")
            datetime.datetime.strptime(event[parser["time_key"]], form)
        except (ValueError, KeyError) as error:
            finding("fluent-bit.yaml", f"the time of line {number} of example.log is not read: {error}")
    dots = all(each.get("replace_dots") for each in config["pipeline"]["outputs"])
    for name in sorted(names):
        for other in names - {name}:
            if other.startswith(name + ".") and not dots:
                finding(
                    "example.log", f"`{name}` is a value and `{other}` makes it an object: Elasticsearch refuses one"
                )
            if dots and other.replace(".", "_") == name.replace(".", "_"):
                finding("example.log", f"`{name}` and `{other}` are one name without dots")
    for wanted in ("timestamp", "level", "message", "trace_id", "span_id"):
        if wanted not in names:
            finding("example.log", f"no event has `{wanted}`")
    print(f"ok    fluent-bit.yaml: tags, parser, and the {len(names)} names of example.log")


def manifests():
    """What rules rely on, in the manifests, when they are there."""
    folder = DEPLOY / "kubernetes"
    if not folder.exists():
        print("SKIP  what rules ask of manifests: no deploy/kubernetes")
        return
    documents = []
    for path in sorted(folder.rglob("*.yaml")):
        documents += [each for each in yaml.safe_load_all(path.read_text(encoding="utf-8")) if isinstance(each, dict)]
    environment_of = {}
    for each in documents:
        if each.get("kind") in ("Deployment", "CronJob"):
            spec = (
                each["spec"] if each["kind"] == "Deployment" else each["spec"].get("jobTemplate", {}).get("spec", {})
            )
            for container in spec.get("template", {}).get("spec", {}).get("containers", []):
                variables = {item["name"]: item.get("value", "") for item in container.get("env", [])}
                environment_of.setdefault(each["metadata"]["name"], {}).update(variables)
    serve, night = environment_of.get("feedgate-serve", {}), environment_of.get("feedgate-import", {})
    if serve.get("OTEL_METRICS_EXPORTER") != "none":
        finding(
            "kubernetes feedgate-serve",
            "OTEL_METRICS_EXPORTER has to be `none`: it is scraped, and what it pushed "
            "would pass for a nightly import",
        )
    if "service.instance.id=" not in night.get("OTEL_RESOURCE_ATTRIBUTES", ""):
        finding("kubernetes feedgate-import", "needs a service.instance.id that stays from night to night")
    claims = [each["metadata"]["name"] for each in documents if each.get("kind") == "PersistentVolumeClaim"]
    if not any(re.fullmatch("feedgate-.*spool.*", name) for name in claims):
        finding("kubernetes", f"no claim is the spool that FeedgateSpoolFilling looks at: {claims}")
    print("ok    what rules ask of manifests: metrics of the service, instance of the night, name of the spool")


def main():
    known, rows = instruments()
    documented(rows)
    alerts = rules(known, rows)
    runbook(alerts)
    tests_of_alerts(alerts)
    routes(alerts)
    dashboards(known)
    pipelines()
    compose()
    fluent_bit()
    manifests()
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())

"""Runs a real feedgate and holds what it tells against instruments.tsv and the example of its log.

    live.py FEEDGATE

Starts `feedgate serve` on SQLite, uploads feeds that are right and wrong, reads /metrics; then imports feeds, and looks at
what expires, while a receiver of OTLP over HTTP listens, and reads its metrics, spans and log lines.
"""

import gzip
import http.server
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import observability
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

SAMPLES = observability.ROOT / "samples/catalogue"
REQUESTS = {
    "/v1/traces": ExportTraceServiceRequest,
    "/v1/metrics": ExportMetricsServiceRequest,
    "/v1/logs": ExportLogsServiceRequest,
}
finding = observability.finding
# Something of each sort that the alerts tell apart: ended, not there, in order.
INVENTORY = """version = 1
[defaults]
owner = "platform"
[[thing]]
name = "ended"
kind = "date"
expires = 2020-01-01
confirmed_by = "accounting"
confirmed_on = 2019-01-01
[[thing]]
name = "away"
kind = "certificates"
path = "nothing-here.pem"
[[thing]]
name = "far"
kind = "edition"
issued = 2026-01-01
age_max = "36500d"
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def receiver(taken):
    """An OTLP receiver; what it takes goes to the list."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            request = REQUESTS[self.path]()
            request.ParseFromString(body)
            taken.append((self.path, MessageToDict(request)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def clean():
    return {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "FEEDGATE_"))}


def exposed(folder, feedgate):
    """The text of /metrics of a service that has done something."""
    port, admin = free_port(), free_port()
    command = [
        feedgate,
        "serve",
        "--listen",
        f"127.0.0.1:{port}",
        "--admin-listen",
        f"127.0.0.1:{admin}",
        "--database",
        "sqlite://served.db",
        "--spool",
        "file:spool",
        "--set",
        "log.form=json",
    ]
    with open(folder / "serve.log", "wb") as log:
        service = subprocess.Popen(command, cwd=folder, env=clean(), stderr=log, stdout=log)
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{admin}/readyz", timeout=2).read()
                break
            except OSError:
                time.sleep(0.1)
        for feed in ("good.xml", "faults/comma-in-price.xml", "faults/cut-off.xml"):
            for mode in ("check", "import"):
                request = urllib.request.Request(
                    f"http://127.0.0.1:{port}/v1/feeds?name={Path(feed).name}&mode={mode}",
                    data=(SAMPLES / feed).read_bytes(),
                    headers={"Content-Type": "application/xml"},
                )
                try:
                    urllib.request.urlopen(request, timeout=10).read()
                except urllib.error.HTTPError as error:
                    finding("serve", f"{feed} was answered by {error.code}")
        text = ""
        for _ in range(100):
            text = urllib.request.urlopen(f"http://127.0.0.1:{admin}/metrics", timeout=5).read().decode()
            done = re.search(r'^feedgate_queue_depth\{feedgate_queue_state="(queued|running)"\} [1-9]', text, re.M)
            if not done and text.count("feedgate_run_duration_seconds_count{") >= 4:
                break
            time.sleep(0.1)
        return text
    finally:
        service.terminate()
        service.wait(30)


def of_text(text):
    """Series of a text: kind of family by name, labels by name of series."""
    kinds, labels = {}, {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            kinds[name] = kind
        elif line and not line.startswith("#"):
            name, inner = re.match(r"(\w+)(?:\{(.*)\})? ", line).groups()
            labels.setdefault(name, set()).update(re.findall(r'(\w+)="', inner or ""))
    return kinds, labels


def of_otlp(taken):
    """The same of what was sent, under the names that Prometheus gives."""
    units = {"s": "_seconds", "By": "_bytes"}
    kinds, labels = {}, {}
    for path, body in taken:
        for resource in body.get("resourceMetrics", []):
            for scope in resource["scopeMetrics"]:
                for metric in scope["metrics"]:
                    data = next(key for key in ("sum", "gauge", "histogram") if key in metric)
                    counts = data == "sum" and metric["sum"].get("isMonotonic")
                    name = metric["name"].replace(".", "_") + units.get(metric.get("unit"), "")
                    name += "_total" if counts else ""
                    kinds[name] = "counter" if counts else "histogram" if data == "histogram" else "gauge"
                    for point in metric[data]["dataPoints"]:
                        keys = {each["key"].replace(".", "_") for each in point.get("attributes", [])}
                        for ending in observability.ENDINGS[kinds[name]]:
                            labels.setdefault(name + ending, set()).update(keys)
    return kinds, labels


def hold(where, found, known, rows):
    kinds, labels = found
    types = {row[0]: row[1] for row in rows}
    for name, kind in sorted(kinds.items()):
        if name == "target_info":
            continue
        if types.get(name) != kind:
            finding(where, f"`{name}` is a {kind}; instruments.tsv says {types.get(name)}")
    for name, found_labels in sorted(labels.items()):
        if name in known and (found_labels - {"le"}) - known[name]:
            finding(
                where, f"`{name}` has labels that instruments.tsv does not know: {sorted(found_labels - known[name])}"
            )
    told = sum(1 for name in kinds if name in types)
    print(f"ok    {where}: {told} metrics are those of instruments.tsv")
    return {name for name in kinds if name in types}


def sampled(taken):
    """Every trace of a run has a span that the tail sampling keeps before its root has ended."""
    kept, roots = set(), set()
    for _, body in taken:
        for resource in body.get("resourceSpans", []):
            for scope in resource["scopeSpans"]:
                for span in scope["spans"]:
                    keys = {each["key"] for each in span.get("attributes", [])}
                    if span["name"].startswith("feedgate "):
                        roots.add(span["traceId"])
                    elif keys & {"feedgate.format", "feedgate.operation"}:
                        kept.add(span["traceId"])
    if not roots or roots - kept:
        finding("import over OTLP", f"the tail sampling would not know {len(roots - kept)} of {len(roots)} runs")
    print(f"ok    the tail sampling knows {len(roots)} runs by spans that come before the root")


def logged(text):
    """Lines of the log against the example that Fluent Bit's configuration is checked with."""
    example = (observability.DEPLOY / "fluent-bit/example.log").read_text(encoding="utf-8").splitlines()
    known = set().union(*(json.loads(line).keys() for line in example))
    lines = [line for line in text.splitlines() if line.startswith("{")]
    names = set().union(*(json.loads(line).keys() for line in lines)) if lines else set()
    for name in sorted(names - known):
        finding("log", f"`{name}` is in no line of fluent-bit/example.log")
    if not lines:
        finding("log", "has no line of JSON")
    print(f"ok    {len(lines)} lines of the log are JSON with the names of fluent-bit/example.log")


def watched(feedgate, folder, environment):
    """A scan of what expires, as the CronJob does it."""
    (folder / "inventory.toml").write_text(INVENTORY, encoding="utf-8")
    done = subprocess.run(
        [feedgate, "expiry", "check", "--inventory", "inventory.toml"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode != 1:
        finding("expiry check", f"ended with {done.returncode}: {(done.stdout + done.stderr)[-500:]}")
    return done


def night(number, is_taxed):
    """A catalogue whose prices have taxes, or have not."""
    tax = '<tax code="R" percent="7.00"/>' if is_taxed else ""
    products = "".join(
        f'<product reference="r-{each}" notification="new"><editionNumber>BE {each}</editionNumber>'
        f"<title>Sonate {each}</title><editionKind>solo</editionKind><availability>21</availability>"
        f'<stock>{each % 90}</stock><prices><price kind="04" territory="DE"><amount>{10 + each % 40}.50</amount>'
        f"{tax}</price></prices></product>\n"
        for each in range(100)
    )
    return (
        '<catalogue xmlns="urn:feedgate:catalogue:1.0" version="1.0"><header><sender>Nightly</sender>'
        f"<messageNumber>{number}</messageNumber><sent>2026-10-0{number}T06:00:00Z</sent>"
        f"<defaultCurrency>EUR</defaultCurrency></header>\n{products}</catalogue>\n"
    )


def drifted(feedgate, folder, environment):
    """Nights that are as ever, and one that is not, which is told over OTLP."""
    for number in range(1, 7):
        (folder / "night.xml").write_text(night(number, number < 6), encoding="utf-8")
        done = subprocess.run(
            [feedgate, "import", "--database", "sqlite://nights.db", "--set", "guard.update=off", "night.xml"],
            cwd=folder,
            env=clean() if number < 6 else environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode != 0:
            finding("import of nights", f"night {number} ended with {done.returncode}: {done.stderr[-500:]}")
    return done


def main():
    feedgate = str(Path(sys.argv[1]).resolve())
    known, rows = observability.instruments()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seen = hold("/metrics of serve", of_text(exposed(folder, feedgate)), known, rows)
        taken = []
        server = receiver(taken)
        environment = clean() | {
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{server.server_port}",
            "FEEDGATE_LOG_FORM": "json",
        }
        feeds = [SAMPLES / "good.xml", SAMPLES / "faults"]
        done = subprocess.run(
            [feedgate, "import", "--database", "sqlite://imported.db", *map(str, feeds)],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        night_told = drifted(feedgate, folder, environment)
        scan = watched(feedgate, folder, environment)
        server.shutdown()
        # One of the samples is cut off.
        if done.returncode != 2:
            finding("import", f"ended with {done.returncode}: {done.stderr[-500:]}")
        seen |= hold("import and scan over OTLP", of_otlp(taken), known, rows)
        sampled(taken)
        logged(done.stderr + night_told.stderr + scan.stderr + (folder / "serve.log").read_text(encoding="utf-8"))
    never = {row[0] for row in rows if row[4] == "feedgate"} - seen
    if never:
        finding("instruments.tsv", f"a real run never told: {', '.join(sorted(never))}")
    return 1 if observability.findings else 0


if __name__ == "__main__":
    sys.exit(main())

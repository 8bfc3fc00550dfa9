"""A night, a scan of what expires and an upload service through the real Collector, with the configuration of
deploy/collector, to a real Prometheus with the rules of deploy/prometheus.

    pipeline.py OTELCOL PROMETHEUS FEEDGATE

Traces and logs go to a receiver here instead of Jaeger and the log store, and decisions of the tail sampling are made
after 3 s instead of 30; everything else is as it is delivered.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

import observability
import yaml
from live import SAMPLES, clean, free_port, receiver, watched

OTELCOL, PROMETHEUS, FEEDGATE = (str(Path(each).resolve()) for each in sys.argv[1:4])
REQUESTS = 80
finding = observability.finding


def started(stack, name, command, folder, environment):
    """A program that is stopped at the end; its output goes to a file."""
    log = open(folder / f"{name}.log", "wb")
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    stack.append(process)
    return process


def waited_for(url, process=None, seconds=60):
    """What the address answers; nothing when the process has ended before it did."""
    for _ in range(seconds * 5):
        try:
            return urllib.request.urlopen(url, timeout=2).read()
        except OSError:
            if process is not None and process.poll() is not None:
                return None
            time.sleep(0.2)
    raise SystemExit(f"FAIL  {url} did not answer within {seconds} s")


def up(start):
    """What `start` gives back beside its process and the address that answers when it is up. Between asking for a free
    port and taking it, somebody else may: then it ends at once, and is started again with others."""
    for _ in range(3):
        process, url, result = start()
        if waited_for(url, process) is not None:
            return result
    raise SystemExit(f"FAIL  what should answer at {url} ended at once, three times")


def prometheus(stack, folder, scraped):
    """With its address; evaluates our rules every second."""
    for path in (observability.PROMETHEUS / "rules").glob("*.yaml"):
        rules = observability.load(path)
        for group in rules["groups"]:
            group["interval"] = "1s"
        (folder / path.name).write_text(yaml.safe_dump(rules), encoding="utf-8")
    target = {"targets": [f"127.0.0.1:{scraped}"], "labels": {"namespace": "test"}}
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": ["recording.yaml", "alerts.yaml"],
        "scrape_configs": [{"job_name": "feedgate-serve", "static_configs": [target]}],
    }
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    port = free_port()
    command = [PROMETHEUS, "--config.file=prometheus.yaml", "--storage.tsdb.path=data"]
    command += [f"--web.listen-address=127.0.0.1:{port}", "--web.enable-remote-write-receiver"]
    process = started(stack, "prometheus", command, folder, os.environ)
    return process, f"http://127.0.0.1:{port}/-/ready", f"http://127.0.0.1:{port}"


def collector(stack, folder, store, metrics):
    """With its OTLP port for HTTP, and that of its own metrics."""
    port, own = free_port(), free_port()
    telemetry = observability.load(observability.DEPLOY / "collector/pipeline.yaml")["service"]["telemetry"][
        "metrics"
    ]
    telemetry["readers"][0]["pull"]["exporter"]["prometheus"] |= {"host": "127.0.0.1", "port": own}
    changes = {
        "receivers": {
            "otlp": {
                "protocols": {
                    "grpc": {"endpoint": f"127.0.0.1:{free_port()}"},
                    "http": {"endpoint": f"127.0.0.1:{port}"},
                }
            }
        },
        "processors": {"tail_sampling": {"decision_wait": "3s"}},
        "exporters": {"otlp_http/traces": {"endpoint": f"http://127.0.0.1:{store}"}},
        "service": {
            "pipelines": {"traces": {"exporters": ["otlp_http/traces"]}},
            "telemetry": {"metrics": telemetry},
        },
    }
    (folder / "changes.yaml").write_text(yaml.safe_dump(changes), encoding="utf-8")
    environment = os.environ | {
        "JAEGER_OTLP_ENDPOINT": "127.0.0.1:1",
        "PROMETHEUS_REMOTE_WRITE_URL": f"{metrics}/api/v1/write",
        "LOGS_OTLP_ENDPOINT": f"http://127.0.0.1:{store}",
    }
    command = [OTELCOL, f"--config={observability.DEPLOY}/collector/pipeline.yaml", "--config=changes.yaml"]
    process = started(stack, "otelcol", command, folder, environment)
    return process, f"http://127.0.0.1:{own}/metrics", (port, own)


def query(address, text):
    parameters = urllib.parse.urlencode({"query": text})
    return json.load(urllib.request.urlopen(f"{address}/api/v1/query?{parameters}", timeout=10))["data"]["result"]


def until(what, ask, seconds=40):
    """The answer as soon as there is one."""
    for _ in range(seconds):
        found = ask()
        if found:
            print(f"ok    {what}")
            return found
        time.sleep(1)
    finding("pipeline", f"{what}: not within {seconds} s")
    return []


def night(folder, otlp, feeds):
    """An import as the CronJob runs it."""
    place = "service.instance.id=import,k8s.namespace.name=test,k8s.cluster.name=here,deployment.environment.name=dev"
    environment = clean() | {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{otlp}",
        "OTEL_RESOURCE_ATTRIBUTES": place,
        "FEEDGATE_DATABASE": "sqlite://shop.db",
    }
    command = [FEEDGATE, "import", *map(str, feeds)]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def spans(taken):
    for path, body in taken:
        for resource in body.get("resourceSpans", []):
            for scope in resource["scopeSpans"]:
                yield from scope["spans"]


def metrics_arrive(address):
    labels = '{job="feedgate", instance="import", namespace="test", cluster="here", environment="dev"}'
    until(
        "metrics of a night are in Prometheus, with job, instance, namespace, cluster and environment",
        lambda: query(address, f"feedgate_last_run_start_seconds{labels}"),
    )
    known, _ = observability.instruments()
    names = {each["metric"]["__name__"] for each in query(address, '{job="feedgate"}')}
    extra = {name for name in names if name not in known and name != "target_info"}
    if extra:
        finding("pipeline", f"Prometheus has names that instruments.tsv does not know: {sorted(extra)}")
    for each in query(address, '{job="feedgate", __name__=~"feedgate_.+"}'):
        more = set(each["metric"]) - known[each["metric"]["__name__"]] - observability.COMMON_LABELS - {"__name__"}
        if more:
            finding("pipeline", f"`{each['metric']['__name__']}` has the labels {sorted(more)} as well")
            break
    print(f"ok    {len(names - extra)} series names of the night are those of instruments.tsv")


def alerts_fire(address):
    until("FeedgateRunHeld fires", lambda: query(address, 'ALERTS{alertname="FeedgateRunHeld", alertstate="firing"}'))
    until("the night is known as the last", lambda: query(address, "feedgate:last_run:start_seconds"))
    rules = json.load(urllib.request.urlopen(f"{address}/api/v1/rules", timeout=10))["data"]["groups"]
    for rule in (rule for group in rules for rule in group["rules"]):
        if rule["health"] == "err":
            finding("pipeline", f"Prometheus cannot evaluate `{rule['name']}`: {rule.get('lastError')}")


def scanned(address, folder, otlp):
    """A scan of what expires is told by its alerts' own series: states, and which of them count."""
    place = "service.instance.id=expiry,k8s.namespace.name=test,k8s.cluster.name=here,deployment.environment.name=dev"
    environment = clean() | {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{otlp}",
        "OTEL_RESOURCE_ATTRIBUTES": place,
    }
    watched(FEEDGATE, folder, environment)
    states = until(
        "all things of a scan have a state in Prometheus",
        lambda: [found for found in [query(address, 'feedgate:expiry:state{namespace="test"}')] if len(found) == 3],
    )
    told = {each["metric"]["feedgate_expiry_thing"]: each["metric"]["feedgate_expiry_state"] for each in sum(states, [])}
    if told.get("ended") != "expired" or told.get("far") != "ok" or told.get("away", "ok") == "ok":
        finding("pipeline", f"the states of a scan are {told}")
    until(
        "FeedgateExpiryExpired is about to fire",
        lambda: query(address, 'ALERTS{alertname="FeedgateExpiryExpired", feedgate_expiry_thing="ended"}'),
    )


def what_is_gone(address, clean_night):
    """A clean night takes back what the night before has found."""
    told = 'feedgate:last_run:deviations{feedgate_command="import"} > 0'
    faults = {"rule.gtin", "cvc-datatype-valid.1.2.1"}

    def codes():
        return {each["metric"].get("feedgate_deviation_code") for each in query(address, told)}

    found = until("what the night has found is there", codes)
    if found == {None}:
        print("SKIP  a clean night: this feedgate does not tell deviations of the last run by code")
    elif not faults <= found:
        finding("pipeline", f"the night has found {sorted(map(str, found))}")
    clean_night()
    until("after a clean night, none of it is left", lambda: not codes() & faults)
    until("FeedgateRunHeld is over", lambda: not query(address, 'ALERTS{alertname="FeedgateRunHeld"}'))


def traces_are_kept(taken):
    names = [span["name"] for span in spans(taken)]
    for wanted in ("feedgate import", "cvc-datatype-valid.1.2.1", "rule.gtin"):
        if wanted not in names:
            finding("pipeline", f"no span `{wanted}` was kept: {sorted(set(names))}")
    print(f"ok    the run and its failed records were kept: {len(names)} spans")


def requests_are_sampled(taken, port):
    for _ in range(REQUESTS):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/runs", timeout=10).read()
    time.sleep(12)
    kept = {span["traceId"] for span in spans(taken) if span["name"] == "GET /v1/runs"}
    if len(kept) > REQUESTS / 2:
        finding("pipeline", f"{len(kept)} of {REQUESTS} requests without a fault were kept, a tenth was asked for")
    print(f"ok    {len(kept)} of {REQUESTS} requests without a fault were kept")


def own_metrics(own):
    """The names that FeedgateTelemetryLost asks for are those of the Collector."""
    text = waited_for(f"http://127.0.0.1:{own}/metrics").decode()
    for name in (
        "otelcol_receiver_accepted_spans_total",
        "otelcol_exporter_sent_spans_total",
        "otelcol_exporter_send_failed_spans_total",
    ):
        state = "is" if f"{name}{{" in text else "is not"
        if state == "is not" and "failed" not in name:
            told = sorted(set(re.findall(r"^(otelcol_\w+)\{", text, re.MULTILINE)))
            finding("pipeline", f"the Collector does not tell `{name}`, but {told}")
        print(f"ok    `{name}` {state} among the Collector's own metrics")


def main():
    stack, taken = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = receiver(taken)
        try:
            port, admin = free_port(), free_port()
            address = up(lambda: prometheus(stack, folder, admin))
            otlp, own = up(lambda: collector(stack, folder, server.server_port, address))
            serve = [FEEDGATE, "serve", "--listen", f"127.0.0.1:{port}", "--admin-listen", f"127.0.0.1:{admin}"]
            serve += ["--spool", "file:spool", "--database", "sqlite://served.db"]
            environment = clean() | {
                "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{otlp}",
                "OTEL_METRICS_EXPORTER": "none",
            }
            started(stack, "serve", serve, folder, environment)
            if waited_for(f"http://127.0.0.1:{admin}/readyz", stack[-1]) is None:
                raise SystemExit("FAIL  the service ended at once")
            feeds = [SAMPLES / each for each in ("good.xml", "faults/comma-in-price.xml", "faults/bad-gtin.xml")]
            done = night(folder, otlp, feeds)
            if done.returncode != 3 or "telemetry was lost" in done.stderr:
                finding("pipeline", f"the import ended with {done.returncode}: {done.stderr[-400:]}")
            metrics_arrive(address)
            alerts_fire(address)
            requests_are_sampled(taken, port)
            traces_are_kept(taken)
            scanned(address, folder, otlp)
            what_is_gone(address, lambda: night(folder, otlp, feeds[:1]))
            if not any(path == "/v1/logs" for path, _ in taken):
                finding("pipeline", "no log arrived")
            own_metrics(own)
        except SystemExit as ended:
            finding("pipeline", str(ended.code).removeprefix("FAIL  "))
        finally:
            for process in reversed(stack):
                process.terminate()
                process.wait(30)
            server.shutdown()
            if observability.findings:
                for log in sorted(folder.glob("*.log")):
                    print(f"--- {log.name}\n{log.read_text(encoding='utf-8')[-3000:]}")
    return 1 if observability.findings else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""What the manifests do under a real API server and real controllers, with the real program. See ../cluster-test.sh.

scenarios.py CONTROL-PLANE FEEDGATE POSTGRES-BINARIES [NAME...]      NAME: only these scenarios
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml
from cluster import DATABASE_ADDRESS, Cluster, Database
from kubelet import Kubelet

DEPLOY = Path(__file__).resolve().parents[1]
ROOT = DEPLOY.parent
SPACE = "feedgate-test"
SENDERS = 40
# How often the sample is repeated in a feed that takes some seconds.
PARTS = 400
findings = 0


def ok(what):
    print(f"ok    {what}", flush=True)


def expect(what, holds, told=""):
    global findings
    if holds:
        ok(what)
    else:
        findings += 1
        print(f"FAIL  {what}: {told}", flush=True)


# --- the environment under test -----------------------------------------------------------------------------------

OVERLAY = """apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: feedgate-test
resources: [../../base]
components:
  - ../../components/formats-configmap
  - ../../components/backup
  - ../../components/expiry
  - ../../components/service-monitor
  - ../../components/prometheus-rules
{more}  - ../../components/fixed-user
# Those of components as well: the base names the images of its own workloads only.
images:
  - name: feedgate
    newName: registry.example/shop/feedgate
    newTag: 0.1.0
configMapGenerator:
  - name: feedgate-environment
    behavior: merge
    literals:
      - DEPLOYMENT_ENVIRONMENT=test
      - CLUSTER=test
      - FEEDGATE_DATABASE=postgres://feedgate@postgres:5432/shop?sslmode=disable
      - OTEL_SDK_DISABLED=true
"""
# What the component's CronJob mounts, and nothing that has to be reached.
INVENTORY = """version = 1
[defaults]
owner = "test"
[[thing]]
name = "payment-client"
kind = "pkcs12"
path = "/watched/payment/client.p12"
password_file = "/watched/payment/password"
"""
CRDS = {
    "ServiceMonitor": "monitoring.coreos.com",
    "PrometheusRule": "monitoring.coreos.com",
    "Route": "route.openshift.io",
    "ExternalSecret": "external-secrets.io",
    "SecretStore": "external-secrets.io",
}


def overlays(folder):
    """A copy of the manifests with an environment `test`, plain and sharded."""
    copy = folder / "kubernetes"
    shutil.copytree(DEPLOY / "kubernetes", copy)
    for name, more in (("test", ""), ("test-sharded", "  - ../../components/sharded\n")):
        (copy / "overlays" / name).mkdir()
        (copy / "overlays" / name / "kustomization.yaml").write_text(OVERLAY.format(more=more))
    (copy / "namespaces/test").mkdir()
    (copy / "namespaces/test/kustomization.yaml").write_text(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
        "namespace: feedgate-test\nresources: [../base]\n"
    )
    (copy / "components/expiry/inventory.toml").write_text(INVENTORY)
    # For exit status 4: a schema with a construct of XML Schema 1.1, which is not checked.
    schema = copy / "components/formats-configmap/house-stock/stock.xsd"
    schema.write_text(
        schema.read_text()
        .replace('<xs:attribute name="number"', '<xs:attribute name="number"', 1)
        .replace(
            'use="required"/>\n          </xs:complexType>',
            'use="required"/>\n            <xs:assert test="true()"/>\n          </xs:complexType>',
            1,
        )
    )
    return copy


def definition(kind, group):
    plural = kind.lower() + "s"
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
                }
            ],
        },
    }


class Test:
    """Everything that the scenarios share."""

    def __init__(self, folder, control_plane, feedgate, postgres):
        self.folder = folder
        self.feedgate = feedgate
        self.kubernetes = overlays(folder)
        self.database = Database(folder / "database", postgres, "geheim")
        (folder / "cluster").mkdir()
        self.cluster = Cluster(folder / "cluster", control_plane)
        self.kubectl = self.cluster.kubectl
        self.api = self.cluster.api
        images = {
            "/feedgate:": ["/program/feedgate"],
            "library/postgres:": [],
            "PATH": f"{postgres}:/usr/bin:/bin",
            "FILES": {feedgate: "/program/feedgate"},
        }
        self.kubelet = Kubelet(self.api, folder / "kubelet", SPACE, images, f"{DATABASE_ADDRESS} postgres\n")
        self.kubelet.start()
        self.number = 0

    def stop(self):
        self.kubelet.stop()
        self.cluster.stop()
        self.database.stop()

    def apply(self, folder, *more):
        """Server-side apply of a folder of the copy; gives back what it said."""
        return self.kubectl("apply", "--server-side", "-k", str(self.kubernetes / folder), *more, check=False)

    def feeds(self, **texts):
        """The drop folder has these and nothing else."""
        folder = self.kubelet.claim(SPACE, "feedgate-feeds")
        shutil.rmtree(folder)
        folder.mkdir()
        for name, text in texts.items():
            (folder / f"{name}.xml").write_text(text)
        return folder

    def begin(self, cronjob, *variables):
        """A Job of a CronJob, now; its name."""
        self.number += 1
        name = f"{cronjob.removeprefix('feedgate-')}-{self.number}"
        made = self.kubectl(
            "create", "job", name, "-n", SPACE, f"--from=cronjob/{cronjob}", "--dry-run=client", "-o", "yaml"
        ).stdout
        if variables:
            made = self.kubectl("set", "env", "--local", "-f", "-", "-o", "yaml", *variables, stdin=made).stdout
        self.kubectl("apply", "-n", SPACE, "-f", "-", stdin=made)
        return name

    def ended(self, name, seconds=120):
        """How a Job has ended: `Complete`, `Failed BackoffLimitExceeded`, …"""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            job = self.api.get(f"/apis/batch/v1/namespaces/{SPACE}/jobs/{name}")
            for condition in job["status"].get("conditions", []):
                if condition["status"] == "True" and condition["type"] in ("Complete", "Failed"):
                    return condition["type"] + (f" {condition['reason']}" if condition["type"] == "Failed" else "")
            time.sleep(0.3)
        return f"not over after {seconds} s: {json.dumps(job['status'])[:300]}"

    def statuses(self, name):
        """Exit statuses of a Job's pods, in the order in which they were begun."""
        return [pod.exit_status for pod in self.kubelet.ran(SPACE, f"{name}-")]

    def said(self, name):
        return "\n".join(pod.text()[-600:] for pod in self.kubelet.ran(SPACE, f"{name}-"))

    def until(self, condition, seconds):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if condition():
                return True
            time.sleep(0.1)
        return False

    def own(self, *words, database="shop"):
        """The program itself with these words, from outside of the cluster; what it came to."""
        environment = os.environ | {
            "PGPASSWORD": "geheim",
            "FEEDGATE_DATABASE": f"postgres://feedgate@{DATABASE_ADDRESS}:5432/{database}",
        }
        return subprocess.run([self.feedgate, *words], env=environment, capture_output=True, text=True, check=False)

    def scalar(self, statement, database="shop"):
        return self.database.query(database, statement)


def good(sender=0, message=17):
    """A feed of a sender of its own."""
    text = (ROOT / "samples/catalogue/good.xml").read_text()
    text = text.replace("<sender>Musikverlag Beispiel<", f"<sender>Verlag {sender}<")
    text = (
        text.replace("<messageNumber>17<", f"<messageNumber>{message}<")
        .replace("Sonate B-Dur", f"Sonate {message}")
        .replace("de.musikverlag-beispiel.be", f"de.verlag-{sender}")
    )
    return text


def large():
    """A feed that takes some seconds."""
    text = good(sender=900)
    head, first, rest = text.partition("  <product ")
    body, _, tail = (first + rest).rpartition("</catalogue>")
    body = body[: body.rindex("</product>") + len("</product>\n")]
    parts = (re.sub(r'reference="([^"]+)"', rf'reference="\g<1>.{n}"', body) for n in range(PARTS))
    return head + "".join(parts) + "</catalogue>" + tail


# --- scenarios ----------------------------------------------------------------------------------------------------


def deployed_by_agent(test):
    """What namespaces/base/deployer.yaml gives to GitLab's agent: the overlays, and neither secrets nor rights."""
    agent = "--as=system:serviceaccount:gitlab-agent:gitlab-agent"
    for name in ("dev", "stage", "prod"):
        done = test.kubectl(
            "apply", "--server-side", "--dry-run=server", "--force-conflicts", agent,
            "-k", str(test.kubernetes / f"overlays/{name}"), check=False,
        )
        expect(f"GitLab's agent may apply overlays/{name}", done.returncode == 0, done.stderr[-500:])
    for what in ("get secrets", "create rolebindings", "create pods/exec", "delete namespaces"):
        done = test.kubectl("auth", "can-i", *what.split(), "-n", "feedgate-prod", agent, check=False)
        expect(f"GitLab's agent may not {what}", done.stdout.strip() == "no", done.stdout + done.stderr)


def applied(test):
    """All overlays by server-side apply, twice, under restricted Pod Security."""
    for kind, group in CRDS.items():
        test.kubectl("apply", "-f", "-", stdin=json.dumps(definition(kind, group)))
    for kind, group in CRDS.items():
        test.kubectl("wait", "--for=condition=Established", f"crd/{kind.lower()}s.{group}", "--timeout=30s")
    for name in ("dev", "stage", "prod", "test"):
        done = test.apply(f"namespaces/{name}")
        expect(f"namespaces/{name} is applied", done.returncode == 0, done.stderr)
        counted = "--for=jsonpath={.status.hard.pods}=40"
        test.kubectl("wait", "resourcequota/feedgate", "-n", f"feedgate-{name}", counted, "--timeout=60s")
    for name in ("dev", "stage", "prod"):
        done = test.apply(f"overlays/{name}")
        is_right = done.returncode == 0 and "Warning" not in done.stderr
        expect(f"overlays/{name} is applied, without a warning", is_right, done.stderr)
        again = test.kubectl("diff", "--server-side", "-k", str(test.kubernetes / f"overlays/{name}"), check=False)
        told = again.stdout[:500] + again.stderr[:500]
        expect(f"overlays/{name} applied again would change nothing", again.returncode == 0, told)
    deployed_by_agent(test)
    # The same namespace of another cluster: here a namespace of its own.
    for folder in ("namespaces/prod", "overlays/prod-openshift"):
        rendered = test.kubectl("kustomize", str(test.kubernetes / folder)).stdout
        rendered = re.sub(r"\bfeedgate-prod$", "feedgate-openshift", rendered, flags=re.M)
        done = test.kubectl("apply", "--server-side", "-f", "-", stdin=rendered, check=False)
        is_right = done.returncode == 0 and "Warning" not in done.stderr
        expect(f"{folder} of OpenShift is applied, without a warning", is_right, done.stderr)
        test.kubectl("wait", "resourcequota/feedgate", "-n", "feedgate-openshift", counted, "--timeout=60s")
    for name in ("dev", "stage", "prod", "openshift"):
        test.kubectl("delete", "namespace", f"feedgate-{name}", "--wait=false")
    pod = yaml.safe_load((DEPLOY / "kubernetes/tools/drop-pod.yaml").read_text())
    done = test.kubectl(
        "apply", "--server-side", "--dry-run=server", "-n", SPACE, "-f", "-", stdin=json.dumps(pod), check=False
    )
    expect("tools/drop-pod.yaml is taken", done.returncode == 0 and "Warning" not in done.stderr, done.stderr)
    pod["spec"]["containers"][0]["securityContext"]["capabilities"] = {}
    done = test.kubectl(
        "apply", "--server-side", "--dry-run=server", "-n", SPACE, "-f", "-", stdin=json.dumps(pod), check=False
    )
    expect(
        "a pod that is not restricted is refused", done.returncode != 0 and "PodSecurity" in done.stderr, done.stderr
    )


def released(test):
    """apply.sh: settings, migration, then what runs; again; and a migration that fails."""
    test.kubectl("create", "secret", "generic", "feedgate-database", "-n", SPACE, "--from-literal=password=geheim")
    script = str(test.kubernetes / "apply.sh")
    environment = os.environ | {"KUBECTL": f"kubectl --kubeconfig={test.cluster.kubeconfig}"}

    def run(*words, **more):
        return subprocess.run(
            ["sh", script, *words], env=environment | more, capture_output=True, text=True, check=False
        )

    done = run("test")
    expect("apply.sh brings up an empty namespace", done.returncode == 0, done.stderr[-1500:])
    expect("the migration has made the tables", test.scalar("select count(*) > 10 from _sqlx_migrations") == "t", "")
    # Also without a token: addresses of pods are those of this machine here.
    serving = test.kubelet.running(SPACE, "feedgate-serve")
    expect("the service is ready", len(serving) == 1, str(serving))
    done = run("--diff", "test")
    expect("apply.sh --diff then shows nothing", done.returncode == 0, done.stdout[-1500:] + done.stderr[-500:])
    done = run("test")
    expect(
        "apply.sh a second time makes a backup, migrates, and starts nothing anew",
        done.returncode == 0 and test.kubelet.running(SPACE, "feedgate-serve") == serving,
        done.stderr[-1500:],
    )
    backups = [f.name for f in test.kubelet.claim(SPACE, "feedgate-backups").glob("feedgate-*.dump")]
    expect("the backup is there", len(backups) == 1, str(backups))
    test.database.stop()
    done = run("test", NO_BACKUP="1", MIGRATION="240")
    expect(
        "without a database the migration fails, and what ran still runs",
        done.returncode == 2 and test.kubelet.running(SPACE, "feedgate-serve") == serving,
        done.stderr[-1500:],
    )
    pod = test.api.get(f"/api/v1/namespaces/{SPACE}/pods/{serving[0].name}")
    ready = [c["status"] for c in pod["status"]["conditions"] if c["type"] == "Ready"]
    expect("without a database the service is alive and not ready", ready == ["False"], str(ready))
    test.database.start()
    expect("with the database it is ready again", test.until(serving[0].answers, 60), serving[0].text()[-500:])


def statuses(test):
    """Exit statuses 0 to 5 of the real program, and what the Job controller makes of each."""
    good_feed, faults = good(1), (ROOT / "samples/catalogue/faults/comma-in-price.xml").read_text()
    stock = (DEPLOY / "kubernetes/components/formats-configmap/example.xml").read_text()
    cases = [
        ("0, accepted: done at the first attempt", {"a": good_feed}, "Complete", [0]),
        ("1, deviations: failed at once", {"a": faults}, "Failed PodFailurePolicy", [1]),
        (
            "3, an older message is held: failed at once",
            {"a": good(1, message=3).replace("2026-10-01", "2026-09-01")},
            "Failed PodFailurePolicy",
            [3],
        ),
        ("2, an empty drop folder: tried three times", {}, "Failed BackoffLimitExceeded", [2, 2, 2]),
        ("4, not fully checked: failed at once", {"a": stock}, "Failed PodFailurePolicy", [4]),
    ]
    for what, feeds, condition, exits in cases:
        test.feeds(**feeds)
        name = test.begin("feedgate-import")
        ended = test.ended(name, 240)
        expect(
            f"exit status {what}",
            ended == condition and test.statuses(name) == exits,
            f"{ended}, {test.statuses(name)}\n{test.said(name)}",
        )
    folder = test.feeds()
    name = test.begin("feedgate-import")
    expect(
        "exit status 2 once: an attempt is spent",
        test.until(lambda: test.statuses(name)[:1] == [2], 60),
        str(test.statuses(name)),
    )
    (folder / "late.xml").write_text(good(2))
    expect(
        "and the next attempt takes the feed that came meanwhile",
        test.ended(name) == "Complete" and test.statuses(name)[-1] == 0,
        str(test.statuses(name)),
    )


def signals(test):
    """A pod deleted by hand, one evicted, one killed: ended in time, begun again, nothing half done."""
    whole = large()
    ways = [
        ("deleted by hand", lambda pod: test.kubectl("delete", "pod", pod.name, "-n", SPACE, "--wait=false"), 5, 1),
        ("evicted", lambda pod: evict(test, pod.name), 5, 0),
        ("killed as when memory is short", lambda pod: pod.kill(), 137, 1),
    ]
    for number, (what, way, exit_status, counted) in enumerate(ways):
        test.feeds(
            a=whole.replace("Verlag 900", f"Verlag {901 + number}").replace("verlag-900", f"verlag-{901 + number}")
        )
        name = test.begin("feedgate-import")
        test.until(lambda job=name: test.kubelet.running(SPACE, f"{job}-"), 30)
        pod = test.kubelet.running(SPACE, f"{name}-")[0]
        test.until(lambda: int(test.scalar("select count(*) from run where state = 'running'")) > 0, 30)
        time.sleep(0.3)
        way(pod)
        ended = test.ended(name, 240)
        job = test.api.get(f"/apis/batch/v1/namespaces/{SPACE}/jobs/{name}")
        expect(
            f"an import that is {what} ends with {exit_status}, and another does it",
            ended == "Complete" and test.statuses(name) == [exit_status, 0],
            f"{ended}, {test.statuses(name)}\n{test.said(name)}",
        )
        expect(
            f"{'an' if counted else 'no'} attempt is counted for it",
            job["status"].get("failed", 0) == counted,
            str(job["status"]),
        )
        if pod.ending_seconds is not None:
            expect(
                f"it ended {pod.ending_seconds:.1f} s after the signal, within its time", pod.ending_seconds < 30, ""
            )
        count = test.scalar(f"select count(*) from product where source like '%90{1 + number}%'")
        sample = int(test.scalar("select count(*) from product where source like '%Verlag 1'"))
        expect("everything is imported, once", int(count) == PARTS * sample > 0, f"{count}, not {PARTS} times {sample}")


def evict(test, name):
    test.api.post(
        f"/api/v1/namespaces/{SPACE}/pods/{name}/eviction",
        {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": SPACE}},
    )


def sharded(test):
    """An Indexed Job of eight shards: one killed and begun again, one that finds deviations; then one process alone."""
    done = test.apply("overlays/test-sharded", "--field-manager=feedgate-apply")
    expect("the import becomes sharded where it is live", done.returncode == 0, done.stderr)
    test.scalar("truncate product, run, message_mark, tombstone, quarantine cascade")
    feeds = {f"feed-{n:03}": good(n % SENDERS, message=100 + n // SENDERS) for n in range(4 * SENDERS)}
    feeds["faulty"] = (
        (ROOT / "samples/catalogue/faults/comma-in-price.xml")
        .read_text()
        .replace("<sender>Musikverlag Beispiel<", "<sender>Verlag 41<")
    )
    folder = test.feeds(**feeds)
    name = test.begin("feedgate-import")
    victims = []

    def kill_one():
        for pod in test.kubelet.running(SPACE, f"{name}-3-"):
            if pod.inner():
                pod.kill()
                victims.append(pod)
                return True
        return False

    test.until(kill_one, 60)
    ended = test.ended(name, 300)
    by_index = {}
    for pod in test.kubelet.ran(SPACE, f"{name}-"):
        by_index.setdefault(int(pod.name.removeprefix(f"{name}-").split("-")[0]), []).append(pod.exit_status)
    expect(
        "all eight shards are done, the killed one at its second attempt",
        ended == "Complete" and by_index == {i: [137, 0] if i == 3 else [0] for i in range(8)},
        f"{ended} {by_index} {test.said(name)[-1500:]}",
    )
    test.own("import", str(folder), database="alone")
    # Feeds of the drop folder are called otherwise outside of the sandbox: names of files are left out.
    for table, columns in (
        ("product", "source, record_reference, title, stock, attributes, fingerprint"),
        ("message_mark", "source, format, number, repeat, sent"),
        ("quarantine", "state, source, record_reference, line_number, bytes_digest"),
    ):
        chosen = ", ".join(f"{column}::text" for column in columns.split(", "))
        whole = f"select count(*), md5(string_agg(t::text, '|' order by t::text)) from (select {chosen} from {table}) t"
        shards, alone = test.scalar(whole), test.scalar(whole, "alone")
        expect(
            f"`{table}` is as one process makes it ({shards.split('|')[0]} rows)",
            shards == alone and shards[0] != "0",
            f"{shards}, and alone {alone}",
        )
    test.apply("overlays/test", "--field-manager=feedgate-apply")


def clock(test):
    """The CronJob by the clock, and what is left out while it runs (Forbid)."""
    test.feeds(a=large().replace("Verlag 900", "Verlag 950").replace("verlag-900", "verlag-950"))
    test.kubectl(
        "patch", "cronjob", "feedgate-import", "-n", SPACE, "--type=merge", "-p", '{"spec": {"schedule": "* * * * *"}}'
    )

    def jobs():
        listed = test.api.get(f"/apis/batch/v1/namespaces/{SPACE}/jobs")["items"]
        return [j["metadata"]["name"] for j in listed if re.fullmatch(r"feedgate-import-\d+", j["metadata"]["name"])]

    expect("the clock starts it", test.until(jobs, 90), "")
    first = jobs()[0]
    test.until(lambda: test.kubelet.running(SPACE, f"{first}-"), 20)
    for pod in test.kubelet.running(SPACE, f"{first}-"):
        for pid in pod.inner():
            os.kill(pid, signal.SIGSTOP)
        held = pod
    time.sleep(75)
    expect("while it runs, the next night is left out (Forbid)", jobs() == [first], str(jobs()))
    for pid in held.inner():
        os.kill(pid, signal.SIGCONT)
    test.kubectl(
        "patch", "cronjob", "feedgate-import", "-n", SPACE, "--type=merge", "-p", '{"spec": {"schedule": "30 3 * * *"}}'
    )
    expect("and it ends as if nothing had been", test.ended(first, 120) == "Complete", test.said(first))


def restored(test):
    """A backup and the way back, by their CronJobs."""
    test.feeds(a=good(5, message=500))
    name = test.begin("feedgate-import")
    expect("something is there", test.ended(name) == "Complete", test.said(name))
    before = test.scalar("select count(*) || ' ' || md5(string_agg(p::text, '|' order by id)) from product p")
    name = test.begin("feedgate-backup")
    expect("a backup is made", test.ended(name) == "Complete", test.said(name))
    backup = max(f.name for f in test.kubelet.claim(SPACE, "feedgate-backups").glob("feedgate-*.dump"))
    test.scalar("delete from product")
    variables = (f"BACKUP={backup}", f"CONFIRM={backup}")
    name = test.begin("feedgate-restore", *variables)
    expect(
        "a restore while the service runs is refused, once",
        test.ended(name) == "Failed PodFailurePolicy",
        test.said(name),
    )
    test.kubectl("scale", "deployment", "feedgate-serve", "-n", SPACE, "--replicas=0")
    expect("the service ends", test.until(lambda: not test.kubelet.running(SPACE, "feedgate-serve"), 60), "")
    serving = [p for p in test.kubelet.ran(SPACE, "feedgate-serve") if p.ending_seconds is not None]
    expect(
        "in order, within its time",
        all(p.exit_status == 0 and p.ending_seconds < 40 for p in serving),
        str([(p.exit_status, p.ending_seconds) for p in serving]),
    )
    name = test.begin("feedgate-restore", *variables)
    expect("then it is restored", test.ended(name) == "Complete", test.said(name))
    after = test.scalar("select count(*) || ' ' || md5(string_agg(p::text, '|' order by id)) from product p")
    expect("to the last byte of `product`", before == after, f"{before} {after}")


def key_store(test, password, told):
    """The Secret that the expiry watch looks at: a store with `password`, and the password that is told beside it."""
    folder = test.folder / "stores"
    folder.mkdir(exist_ok=True)
    key, certificate, store = (folder / name for name in ("key.pem", "certificate.pem", "client.p12"))
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    made += ["-days", "365", "-subj", "/CN=client", "-keyout", key, "-out", certificate]
    subprocess.run(made, check=True, capture_output=True)
    packed = ["openssl", "pkcs12", "-export", "-inkey", key, "-in", certificate, "-out", store]
    subprocess.run([*packed, "-passout", f"pass:{password}"], check=True, capture_output=True)
    test.kubectl("delete", "secret", "feedgate-expiry-payment", "-n", SPACE, "--ignore-not-found")
    test.kubectl(
        "create", "secret", "generic", "feedgate-expiry-payment", "-n", SPACE,
        f"--from-file=client.p12={store}", f"--from-literal=password={told}",
    )


def scanned(test):
    """The expiry watch: what it finds fails its Job once, at once; so does an inventory that cannot be used."""

    def scan():
        name = test.begin("feedgate-expiry")
        return test.ended(name), test.statuses(name), test.said(name)

    once = ("Failed PodFailurePolicy", [1])
    *came_to, said = scan()
    expect("a Secret that is missing is told, and stops nothing", tuple(came_to) == once, said)
    expect("by the name of the thing", "payment-client" in said, said)
    key_store(test, "wilde-erdbeere", "wilde-erdbeere")
    *came_to, said = scan()
    expect("a store that opens is in order", tuple(came_to) == ("Complete", [0]), said)
    key_store(test, "wilde-erdbeere", "zahme-himbeere")
    *came_to, said = scan()
    expect("a wrong password is told, not tried again", tuple(came_to) == once and "wrong password" in said, said)
    expect("and no password stands in the log", "erdbeere" not in said and "himbeere" not in said, said)
    broken = test.kubernetes / "components/expiry/inventory.toml"
    broken.write_text(INVENTORY.replace("pkcs12", "pkcs21"))
    test.apply("overlays/test", "--field-manager=feedgate-apply")
    *came_to, said = scan()
    is_final = tuple(came_to) == ("Failed PodFailurePolicy", [2])
    expect("an inventory that cannot be used is not tried again", is_final, said)
    broken.write_text(INVENTORY)
    test.apply("overlays/test", "--field-manager=feedgate-apply")


SCENARIOS = (applied, released, statuses, signals, sharded, clock, scanned, restored)


def main():
    control_plane, feedgate, postgres, *names = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="feedgate-cluster-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        copy = folder / "bin"
        copy.mkdir()
        shutil.copy(feedgate, copy / "feedgate-program")
        test = Test(folder, control_plane, str(copy / "feedgate-program"), postgres)
        try:
            for scenario in SCENARIOS:
                if not names or scenario.__name__ in names or scenario in (applied, released):
                    print(f"--- {scenario.__name__}: {scenario.__doc__}", flush=True)
                    scenario(test)
        finally:
            if os.environ.get("KEEP_LOGS"):
                shutil.copytree(
                    folder / "cluster",
                    os.environ["KEEP_LOGS"],
                    dirs_exist_ok=True,
                    ignore=shutil.ignore_patterns("etcd", "certificates*"),
                )
            test.stop()
    print("no findings" if not findings else f"{findings} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())

"""What must hold of rendered manifests beyond their schema.

    policy.py ROOT RENDERED...

ROOT is the repository, each RENDERED a file that `kubectl kustomize` wrote; `NAME.yaml` of an overlay is judged
together with `namespace-NAME.yaml` where that is there. One line for each finding; exit status 1 when there is one.
"""

import re
import sys
import tomllib
import zoneinfo
from pathlib import Path

import yaml

# Made beside the manifests: by hand or by other operators; deploy/README.md says how.
ELSEWHERE = {
    ("Secret", "feedgate-database"): "by hand in DEV, by the External Secrets Operator elsewhere",
    ("Secret", "feedgate-registry"): "deploy token",
    ("Secret", "feedgate-tls"): "cert-manager",
    ("ConfigMap", "feedgate-database-ca"): "trust-manager",
}
CLUSTER_WIDE = {"Namespace", "PersistentVolume"}
WORKLOADS = {"CronJob", "Job", "Deployment", "StatefulSet"}
# Which action the first rule that fits must have, by exit status, for containers with feedgate.
FINAL = {1, 3, 4}
PASSING = {2, 5}
# Exit status of a script of ours: anything but 0 is one and the same.
SCRIPTS = {"backup": "Count", "restore": "FailJob"}
# Seconds a replica takes no requests any more before it is told to end, at least.
PRE_STOP_MIN = 3
TELEMETRY_SECONDS = 5
# Variables of OpenTelemetry that stand in the manifests and that feedgate reads.
OTEL = {"OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME", "OTEL_METRICS_EXPORTER"} | {
    f"OTEL_EXPORTER_OTLP_{name}" for name in ("ENDPOINT", "PROTOCOL", "CERTIFICATE", "COMPRESSION")
}

findings = []


def finding(where, sentence):
    findings.append(f"{where}: {sentence}")


def name_of(thing):
    return f"{thing['kind']}/{thing['metadata']['name']}"


def quantity(text):
    """A Kubernetes quantity as a number."""
    match = re.fullmatch(r"([0-9.]+)(m|Ki|Mi|Gi|Ti|k|M|G)?", str(text))
    unit = {"m": 0.001, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "k": 1e3, "M": 1e6, "G": 1e9, None: 1}
    return float(match[1]) * unit[match[2]]


class Overlay:
    """The objects of one rendered overlay."""

    def __init__(self, name, things, root, around=()):
        """`around`: what an administrator makes beside it, with the namespace."""
        self.name = name
        self.things = things
        self.root = root
        self.around = around

    def finding(self, thing, sentence):
        finding(f"{self.name} {name_of(thing)}", sentence)

    def of(self, *kinds):
        return [thing for thing in self.things if thing["kind"] in kinds]

    def get(self, kind, name):
        around = [thing for thing in self.around if thing["kind"] == kind]
        return next((t for t in self.of(kind) + around if t["metadata"]["name"] == name), None)

    def workloads(self):
        """Each workload with its pod template and, for jobs, the specification of the job."""
        for thing in self.of(*WORKLOADS):
            spec = thing["spec"]
            job = (
                spec["jobTemplate"]["spec"] if thing["kind"] == "CronJob" else spec if thing["kind"] == "Job" else None
            )
            yield thing, (job or spec)["template"], job

    def pods(self):
        """Labels of the pods of each workload."""
        return [(thing, template["metadata"].get("labels", {})) for thing, template, _ in self.workloads()]

    def exists(self, thing, kind, name, what):
        made = {es["spec"]["target"]["name"] for es in self.of("ExternalSecret")} if kind == "Secret" else set()
        if not (self.get(kind, name) or name in made or (kind, name) in ELSEWHERE):
            self.finding(thing, f"{what} names {kind} `{name}`, which is not there")


def selects(selector, labels):
    return all(labels.get(key) == value for key, value in selector.items())


# --- pods ---------------------------------------------------------------------------------------------------------


def restricted(overlay):
    """The restricted Pod Security profile and what goes beyond it."""
    is_openshift = bool(overlay.of("Route"))
    for thing, template, _ in overlay.workloads():
        pod = template["spec"]
        context = pod.get("securityContext", {})
        if context.get("runAsNonRoot") is not True:
            overlay.finding(thing, "runAsNonRoot is not true")
        if context.get("seccompProfile", {}).get("type") != "RuntimeDefault":
            overlay.finding(thing, "seccompProfile is not RuntimeDefault")
        if overlay.name != "base":
            users = {"runAsUser", "runAsGroup", "fsGroup"} & context.keys()
            if is_openshift and users:
                overlay.finding(thing, f"{sorted(users)} fixed, which OpenShift refuses")
            if not is_openshift and (len(users) < 3 or context["runAsUser"] == 0):
                overlay.finding(thing, "no fixed user: the component `fixed-user` is missing, or stands too early")
        for host in ("hostNetwork", "hostPID", "hostIPC"):
            if pod.get(host):
                overlay.finding(thing, f"{host} is set")
        if pod.get("automountServiceAccountToken") is not False:
            overlay.finding(thing, "the pod gets a token of its account")
        if pod.get("enableServiceLinks") is not False:
            overlay.finding(thing, "the pod gets variables of all services")
        for volume in pod.get("volumes", []):
            kinds = set(volume) - {"name"}
            if len(kinds) != 1:
                overlay.finding(thing, f"volume `{volume['name']}` has {len(kinds)} sources")
            if not kinds <= {
                "configMap",
                "emptyDir",
                "persistentVolumeClaim",
                "csi",
                "projected",
                "secret",
                "downwardAPI",
            }:
                overlay.finding(thing, f"volume `{volume['name']}` is of a kind that is not allowed")
            if "emptyDir" in kinds and "sizeLimit" not in volume["emptyDir"]:
                overlay.finding(thing, f"volume `{volume['name']}` has no size limit")
        for container in pod["containers"] + pod.get("initContainers", []):
            own = container.get("securityContext", {})
            if own.get("allowPrivilegeEscalation") is not False:
                overlay.finding(thing, "allowPrivilegeEscalation is not false")
            if own.get("readOnlyRootFilesystem") is not True:
                overlay.finding(thing, "readOnlyRootFilesystem is not true")
            if own.get("capabilities", {}).get("drop") != ["ALL"] or own.get("capabilities", {}).get("add"):
                overlay.finding(thing, "not all capabilities are dropped")
            if own.get("privileged") or own.get("runAsUser") == 0:
                overlay.finding(thing, "a privileged container")


def resources(overlay):
    for thing, template, _ in overlay.workloads():
        pod = template["spec"]
        scratch = sum(
            quantity(v["emptyDir"]["sizeLimit"]) for v in pod.get("volumes", []) if "sizeLimit" in v.get("emptyDir", {})
        )
        for container in pod["containers"]:
            wanted = container.get("resources", {})
            for what in ("cpu", "memory", "ephemeral-storage"):
                if what not in wanted.get("requests", {}) or what not in wanted.get("limits", {}):
                    overlay.finding(thing, f"no request or no limit of {what}")
                elif quantity(wanted["requests"][what]) > quantity(wanted["limits"][what]):
                    overlay.finding(thing, f"asks for more {what} than its limit")
            limit = wanted.get("limits", {}).get("ephemeral-storage")
            if limit and quantity(limit) < scratch:
                overlay.finding(
                    thing, "its scratch volumes may grow beyond its limit of ephemeral-storage: it would be evicted"
                )


def images(overlay):
    for thing, template, _ in overlay.workloads():
        for container in template["spec"]["containers"]:
            image = container["image"]
            found = re.fullmatch(
                r"[a-z0-9.-]+\.[a-z]+(:\d+)?/[a-z0-9/._-]+(:(?P<tag>[A-Za-z0-9._-]+))?(?P<digest>@sha256:[0-9a-f]{64})?",
                image,
            )
            if not found or not (found["tag"] or found["digest"]):
                overlay.finding(thing, f"image `{image}` names no registry or no version")
            elif not found["digest"] and (found["tag"] == "latest" or not re.search(r"\d", found["tag"])):
                overlay.finding(thing, f"image `{image}` is not pinned to a version")


def variables(overlay):
    """$(NAME) is replaced only where NAME stands before it."""
    for thing, template, _ in overlay.workloads():
        for container in template["spec"]["containers"]:
            known = set()
            for entry in container.get("env", []):
                for used in re.findall(r"\$\((\w+)\)", entry.get("value", "")):
                    if used not in known:
                        overlay.finding(
                            thing, f"variable `{entry['name']}` uses `{used}`, which does not stand before it"
                        )
                known.add(entry["name"])
            for used in re.findall(r"\$\((\w+)\)", " ".join(container.get("args", []) + container.get("command", []))):
                if used not in known:
                    overlay.finding(thing, f"an argument uses the variable `{used}`, which is not there")


def settings(overlay):
    """Names of settings, in variables and in the settings file, are those of the README's table."""
    table = re.findall(r"^\| `([a-z_.]+)` \|", (overlay.root / "README.md").read_text(), re.M)
    known = {"FEEDGATE_" + key.upper().replace(".", "_") for key in table} | {"FEEDGATE_CONFIG"}
    used = {}
    for thing in overlay.of("ConfigMap"):
        if thing["metadata"]["name"].startswith("feedgate-environment"):
            used |= {key: thing for key in thing["data"]}
        if "feedgate.toml" in thing.get("data", {}):
            for key in flat(tomllib.loads(thing["data"]["feedgate.toml"])):
                if key.split(".")[0] not in ("format", "sender", "aliases") and key not in table:
                    overlay.finding(thing, f"feedgate.toml sets `{key}`, which is no setting")
    for thing, template, _ in overlay.workloads():
        for container in template["spec"]["containers"]:
            used |= {entry["name"]: thing for entry in container.get("env", [])}
    for name, thing in used.items():
        if name.startswith("FEEDGATE_") and name not in known:
            overlay.finding(thing, f"variable `{name}` is no setting")
        if name.startswith("OTEL_") and name not in OTEL:
            overlay.finding(thing, f"variable `{name}` is none that feedgate reads")


def flat(table, before=""):
    for key, value in table.items():
        if isinstance(value, dict):
            yield from flat(value, f"{before}{key}.")
        else:
            yield before + key


# --- services -----------------------------------------------------------------------------------------------------


def seconds_in(root, path, constant):
    """A duration that the program has as a constant, else what it is known to be."""
    file = root / path
    found = file.is_file() and re.search(constant + r": Duration = Duration::from_secs\((\d+)\)", file.read_text())
    return int(found[1]) if found else {"GRACE": 20, "DRAIN_MAX": 10}[constant]


def probes(overlay):
    for thing, template, job in overlay.workloads():
        if job is not None:
            continue
        for container in template["spec"]["containers"]:
            ports = {port["name"] for port in container.get("ports", [])}
            wanted = {"livenessProbe", "readinessProbe"}
            is_feedgate = container["name"] == "serve"
            if is_feedgate:
                wanted |= {"startupProbe"}
            for probe in wanted:
                if probe not in container:
                    overlay.finding(thing, f"no {probe}")
            for probe in wanted & container.keys():
                get = container[probe].get("httpGet") or container[probe].get("tcpSocket") or {}
                if "port" in get and get["port"] not in ports:
                    overlay.finding(thing, f"{probe} asks port `{get['port']}`, which is not there")
                path = {"readinessProbe": "/readyz"}.get(probe, "/healthz")
                if is_feedgate and get.get("path") != path:
                    overlay.finding(thing, f"{probe} asks `{get.get('path')}`, not `{path}`")
            if is_feedgate and container.get("readinessProbe", {}).get("timeoutSeconds", 1) <= 5:
                overlay.finding(thing, "readinessProbe gives up before the service does (5 s for the database)")


def endings(overlay):
    """The time to end in order is enough for what the program does then."""
    grace = seconds_in(overlay.root, "src/cli/stop.rs", "GRACE")
    drain = seconds_in(overlay.root, "src/serve/listener.rs", "DRAIN_MAX")
    for thing, template, _ in overlay.workloads():
        pod = template["spec"]
        given = pod.get("terminationGracePeriodSeconds", 30)
        for container in pod["containers"]:
            if container["name"] == "serve":
                pause = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
                if pause < PRE_STOP_MIN:
                    overlay.finding(
                        thing, "no pause before the end: requests still come to a service that is about to stop"
                    )
                needed = pause + drain + grace + TELEMETRY_SECONDS
            elif container["name"] in ("import", "expiry"):
                needed = grace + TELEMETRY_SECONDS
            else:
                continue
            if given < needed:
                overlay.finding(
                    thing, f"terminationGracePeriodSeconds is {given}, and ending in order may take {needed}"
                )


def services(overlay):
    for service in overlay.of("Service"):
        targets = [t for t, labels in overlay.pods() if selects(service["spec"]["selector"], labels)]
        if not targets:
            overlay.finding(service, "no pod has the labels it selects")
        if len(targets) > 1:
            overlay.finding(service, f"it selects pods of {[name_of(t) for t in targets]}")
        for target in targets:
            ports = {p["name"] for c in target["spec"]["template"]["spec"]["containers"] for p in c.get("ports", [])}
            for port in service["spec"]["ports"]:
                if port["targetPort"] not in ports:
                    overlay.finding(service, f"port `{port['targetPort']}` is none of {name_of(target)}")
                if port["name"] == "admin" and service["metadata"]["name"] == "feedgate":
                    overlay.finding(service, "the operators' listener has no sign-in and stands in the Service for all")
    for ingress in overlay.of("Ingress"):
        hosts = {rule["host"] for rule in ingress["spec"]["rules"]}
        if hosts != {host for tls in ingress["spec"].get("tls", []) for host in tls["hosts"]}:
            overlay.finding(ingress, "hosts and hosts with TLS differ")
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                port_of(
                    overlay, ingress, path["backend"]["service"]["name"], path["backend"]["service"]["port"]["name"]
                )
        for tls in ingress["spec"].get("tls", []):
            overlay.exists(ingress, "Secret", tls["secretName"], "TLS")
    for route in overlay.of("Route"):
        service = overlay.get("Service", route["spec"]["to"]["name"])
        if not service or route["spec"]["port"]["targetPort"] not in {
            p["targetPort"] for p in service["spec"]["ports"]
        }:
            overlay.finding(route, "its Service or the port of it is not there")
        if route["spec"].get("tls", {}).get("insecureEdgeTerminationPolicy") != "Redirect":
            overlay.finding(route, "it lets in what is not encrypted")
    for monitor in overlay.of("ServiceMonitor"):
        chosen = [
            s
            for s in overlay.of("Service")
            if selects(monitor["spec"]["selector"]["matchLabels"], s["metadata"].get("labels", {}))
        ]
        if not chosen:
            overlay.finding(monitor, "no Service has the labels it selects")
        for endpoint in monitor["spec"]["endpoints"]:
            jobs = [r.get("replacement") for r in endpoint.get("relabelings", []) if r.get("targetLabel") == "job"]
            if jobs != ["feedgate-serve"]:
                overlay.finding(monitor, "`job` is not feedgate-serve, by which rules tell the service from the import")
            for service in chosen:
                port_of(overlay, monitor, service["metadata"]["name"], endpoint["port"])


def port_of(overlay, thing, service_name, port):
    service = overlay.get("Service", service_name)
    if service is None or port not in {p["name"] for p in service["spec"]["ports"]}:
        overlay.finding(thing, f"Service `{service_name}` or its port `{port}` is not there")


def scaling(overlay):
    for scaler in overlay.of("HorizontalPodAutoscaler"):
        spec = scaler["spec"]
        target = overlay.get(spec["scaleTargetRef"]["kind"], spec["scaleTargetRef"]["name"])
        if target is None:
            overlay.finding(scaler, "what it scales is not there")
            continue
        if "replicas" in target["spec"]:
            overlay.finding(target, "replicas is set, and an autoscaler sets it, too")
        if spec["minReplicas"] > spec["maxReplicas"] or (
            overlay.name not in ("dev", "dev-sharded", "base") and spec["minReplicas"] < 2
        ):
            overlay.finding(scaler, "fewer than two replicas")
        claims = [
            v["persistentVolumeClaim"]["claimName"]
            for v in target["spec"]["template"]["spec"]["volumes"]
            if "persistentVolumeClaim" in v
        ]
        for claim in claims:
            found = overlay.get("PersistentVolumeClaim", claim)
            if found and found["spec"]["accessModes"] == ["ReadWriteOnce"] and spec["maxReplicas"] > 1:
                overlay.finding(found, "several replicas share it, and only one node may mount it")
        if not any(
            selects(b["spec"]["selector"]["matchLabels"], target["spec"]["template"]["metadata"]["labels"])
            for b in overlay.of("PodDisruptionBudget")
        ):
            overlay.finding(target, "no disruption budget")
    for budget in overlay.of("PodDisruptionBudget"):
        if not any(selects(budget["spec"]["selector"]["matchLabels"], labels) for _, labels in overlay.pods()):
            overlay.finding(budget, "no pod has the labels it selects")
        if budget["spec"].get("maxUnavailable") in (0, "0%") or "minAvailable" in budget["spec"]:
            overlay.finding(budget, "it may hold up the drain of a node for ever")
        if budget["spec"].get("unhealthyPodEvictionPolicy") != "AlwaysAllow":
            overlay.finding(budget, "replicas that are not ready hold up the drain of a node")
    for thing in overlay.of("Deployment", "StatefulSet"):
        selector = thing["spec"]["selector"]["matchLabels"]
        if not selects(selector, thing["spec"]["template"]["metadata"]["labels"]):
            overlay.finding(thing, "its selector does not fit its own pods")
        if "app.kubernetes.io/part-of" in selector or "app.kubernetes.io/version" in selector:
            overlay.finding(thing, "a label that may change stands in its selector")


# --- jobs ---------------------------------------------------------------------------------------------------------


def decided(rules, container, status):
    """The action of the first rule that fits an exit status."""
    for rule in rules:
        codes = rule.get("onExitCodes")
        if codes is None or codes.get("containerName", container) != container:
            continue
        if (status in codes["values"]) == (codes["operator"] == "In"):
            return rule["action"]
    return None


def failures(overlay):
    for thing, template, job in overlay.workloads():
        if job is None:
            continue
        pod = template["spec"]
        rules = job.get("podFailurePolicy", {}).get("rules", [])
        is_indexed = job.get("completionMode") == "Indexed"
        if not rules:
            overlay.finding(thing, "no podFailurePolicy")
            continue
        if pod["restartPolicy"] != "Never":
            overlay.finding(thing, "restartPolicy is not Never, which a podFailurePolicy asks for")
        if job.get("podReplacementPolicy") != "Failed":
            overlay.finding(thing, "podReplacementPolicy is not Failed: two pods of one import could run at a time")
        names = {c["name"] for c in pod["containers"]}
        for rule in rules:
            if rule.get("onExitCodes", {}).get("containerName") not in names | {None}:
                overlay.finding(
                    thing, f"a rule is about the container `{rule['onExitCodes']['containerName']}`, which is not there"
                )
            if rule["action"] == "FailIndex" and "backoffLimitPerIndex" not in job:
                overlay.finding(thing, "FailIndex without backoffLimitPerIndex")
        container = pod["containers"][0]["name"]
        ignored = (
            rules[0].get("onPodConditions", [{}])[0].get("type") == "DisruptionTarget"
            and rules[0]["action"] == "Ignore"
        )
        if container != "restore" and not ignored:
            overlay.finding(thing, "a disruption of the node costs an attempt, or more")
        for status in range(1, 6):
            if container in SCRIPTS:
                wanted = SCRIPTS[container]
            elif container == "schemas":
                wanted = "FailJob"
            elif container == "expiry":
                wanted = "Count" if status == 5 else "FailJob"
            else:
                wanted = "Count" if status in PASSING else "FailIndex" if is_indexed else "FailJob"
            found = decided(rules, container, status)
            if found != wanted:
                overlay.finding(thing, f"exit status {status} leads to {found}, not to {wanted}")


def schedules(overlay):
    for thing in overlay.of("CronJob"):
        spec = thing["spec"]
        job = spec["jobTemplate"]["spec"]
        if "timeZone" not in spec:
            overlay.finding(thing, "no timeZone: the controller's own decides")
        elif spec["timeZone"] not in zoneinfo.available_timezones():
            overlay.finding(thing, f"there is no time zone `{spec['timeZone']}`")
        if spec.get("concurrencyPolicy") != "Forbid":
            overlay.finding(thing, "concurrencyPolicy is not Forbid")
        if not 60 <= spec.get("startingDeadlineSeconds", 0) <= 6 * 3600:
            overlay.finding(thing, "startingDeadlineSeconds is missing, too short to be met, or of no use")
        if not 0 < job.get("activeDeadlineSeconds", 0) < 20 * 3600:
            overlay.finding(thing, "activeDeadlineSeconds is missing, or runs into the next night")
        hour = spec["schedule"].split()[1]
        if spec.get("timeZone", "").startswith("Europe/") and hour == "2" and not spec.get("suspend"):
            overlay.finding(thing, "between two and three o'clock: comes twice or not at all when the clocks change")
    backup, nightly = overlay.get("CronJob", "feedgate-backup"), overlay.get("CronJob", "feedgate-import")
    if backup and nightly:
        at = {
            t["metadata"]["name"]: int(t["spec"]["schedule"].split()[1]) * 60 + int(t["spec"]["schedule"].split()[0])
            for t in (backup, nightly)
        }
        longest = backup["spec"]["jobTemplate"]["spec"]["activeDeadlineSeconds"] / 60
        if at["feedgate-backup"] + longest > at["feedgate-import"]:
            overlay.finding(backup, "it may still run when the import begins")
    restore = overlay.get("CronJob", "feedgate-restore")
    if restore and restore["spec"].get("suspend") is not True:
        overlay.finding(restore, "a restore by the clock")
    if nightly and nightly["spec"].get("suspend"):
        overlay.finding(nightly, "the import is suspended")


def shards(overlay):
    for thing, template, job in overlay.workloads():
        args = template["spec"]["containers"][0].get("args", [])
        if job is None or (job.get("completionMode") == "Indexed") != ("--shards" in args):
            if job is not None:
                overlay.finding(thing, "shards without Indexed, or Indexed without shards")
            continue
        if "--shards" not in args:
            continue
        if int(args[args.index("--shards") + 1]) != job["completions"]:
            overlay.finding(thing, "--shards and completions differ: feeds would be left out")
        if "--shard" not in args or args[args.index("--shard") + 1] != "$(JOB_COMPLETION_INDEX)":
            overlay.finding(thing, "--shard is not the index")
        if "--deviations-ok" not in args:
            overlay.finding(thing, "without --deviations-ok one bad record makes the whole night failed")
        if "backoffLimitPerIndex" not in job or "backoffLimit" in job:
            overlay.finding(thing, "attempts are not counted for each index")
        instance = next((e["value"] for e in template["spec"]["containers"][0]["env"] if e["name"] == "INSTANCE"), "")
        if "$(JOB_COMPLETION_INDEX)" not in instance:
            overlay.finding(thing, "shards share one instance: each overwrites the others' metrics")


# --- what is named ------------------------------------------------------------------------------------------------


def references(overlay):
    for thing, template, _ in overlay.workloads():
        pod = template["spec"]
        overlay.exists(thing, "ServiceAccount", pod.get("serviceAccountName", "default"), "serviceAccountName")
        volumes = {v["name"]: v for v in pod.get("volumes", [])}
        claims = {c["metadata"]["name"] for c in thing["spec"].get("volumeClaimTemplates", [])}
        mounted = set()
        for container in pod["containers"]:
            for mount in container.get("volumeMounts", []):
                mounted.add(mount["name"])
                if mount["name"] not in volumes.keys() | claims:
                    overlay.finding(thing, f"mounts the volume `{mount['name']}`, which is not there")
            for source in container.get("envFrom", []):
                for kind, key in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
                    if key in source:
                        overlay.exists(thing, kind, source[key]["name"], "envFrom")
            for entry in container.get("env", []):
                for kind, key in (("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef")):
                    if key in entry.get("valueFrom", {}):
                        keyed(overlay, thing, kind, entry["valueFrom"][key]["name"], entry["valueFrom"][key]["key"])
        for name in volumes.keys() - mounted:
            overlay.finding(thing, f"the volume `{name}` is mounted nowhere")
        for volume in volumes.values():
            if "persistentVolumeClaim" in volume:
                overlay.exists(thing, "PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"], "a volume")
            for kind, key, name in (("ConfigMap", "configMap", "name"), ("Secret", "secret", "secretName")):
                if key in volume and not volume[key].get("optional"):
                    overlay.exists(thing, kind, volume[key][name], "a volume")
                    for item in volume[key].get("items", []):
                        keyed(overlay, thing, kind, volume[key][name], item["key"])
    for account in overlay.of("ServiceAccount"):
        if account.get("automountServiceAccountToken") is not False:
            overlay.finding(account, "its pods get a token")
        for secret in account.get("imagePullSecrets", []):
            overlay.exists(account, "Secret", secret["name"], "imagePullSecrets")
    pulling = {a["metadata"]["name"] for a in overlay.of("ServiceAccount") if a.get("imagePullSecrets")}
    for thing, template, _ in overlay.workloads():
        if pulling and template["spec"].get("serviceAccountName") not in pulling:
            overlay.finding(thing, "its account has no imagePullSecrets, and others have: its image is not pulled")
    for external in overlay.of("ExternalSecret"):
        ref = external["spec"]["secretStoreRef"]
        overlay.exists(external, ref["kind"], ref["name"], "secretStoreRef")
    for store in overlay.of("SecretStore"):
        azure = store["spec"]["provider"]["azurekv"]
        overlay.exists(store, "ServiceAccount", azure["serviceAccountRef"]["name"], "serviceAccountRef")
    for claim in overlay.of("PersistentVolumeClaim"):
        if "volumeName" in claim["spec"]:
            overlay.exists(claim, "PersistentVolume", claim["spec"]["volumeName"], "volumeName")
            volume = overlay.get("PersistentVolume", claim["spec"]["volumeName"])
            if volume and volume["spec"]["accessModes"] != claim["spec"]["accessModes"]:
                overlay.finding(claim, "its access modes are not those of its volume")
    for thing in overlay.of("Secret"):
        overlay.finding(thing, "a Secret stands in the repository")


def keyed(overlay, thing, kind, name, key):
    overlay.exists(thing, kind, name, "a variable or volume")
    made = overlay.get(kind, name)
    keys = set(made.get("data", {})) if made else None
    for external in overlay.of("ExternalSecret"):
        if kind == "Secret" and external["spec"]["target"]["name"] == name:
            keys = {entry["secretKey"] for entry in external["spec"]["data"]}
    if keys is not None and key not in keys:
        overlay.finding(thing, f"{kind} `{name}` has no key `{key}`")


def placed(overlay):
    """Everything in one namespace, nothing twice."""
    spaces, seen = set(), set()
    for thing in overlay.things:
        if thing["kind"] not in CLUSTER_WIDE:
            spaces.add(thing["metadata"].get("namespace"))
        key = (thing["kind"], thing["metadata"]["name"])
        if key in seen:
            overlay.finding(thing, "it is there twice")
        seen.add(key)
        if thing["kind"] in CLUSTER_WIDE:
            overlay.finding(thing, "it belongs to the whole cluster: whoever deploys may not make it, see namespaces/")
    if overlay.name != "base" and (None in spaces or len(spaces) != 1):
        finding(overlay.name, f"objects in the namespaces {spaces}")
    environment = [
        t["data"].get("DEPLOYMENT_ENVIRONMENT")
        for t in overlay.of("ConfigMap")
        if "feedgate-environment" in t["metadata"]["name"]
    ]
    if environment != [overlay.name.split("-")[0]]:
        finding(overlay.name, f"telemetry says it is of {environment}")


# --- network ------------------------------------------------------------------------------------------------------


def network(overlay):
    policies = overlay.of("NetworkPolicy")
    pods = overlay.pods()
    if not any(
        p["spec"]["podSelector"] == {}
        and set(p["spec"]["policyTypes"]) == {"Ingress", "Egress"}
        and "ingress" not in p["spec"]
        and "egress" not in p["spec"]
        for p in policies
    ):
        finding(overlay.name, "no policy denies by default what comes in and what goes out")
    for policy in policies:
        selector = policy["spec"]["podSelector"].get("matchLabels", {})
        if selector and not any(selects(selector, labels) for _, labels in pods):
            overlay.finding(policy, "no pod has the labels it selects")
        for direction, peer in (("egress", "to"), ("ingress", "from")):
            for rule in policy["spec"].get(direction, []):
                if not rule.get(peer) or not rule.get("ports"):
                    overlay.finding(policy, f"{direction} with everybody, or by every port")
                for other in rule.get(peer, []):
                    local = other.get("podSelector", {}).get("matchLabels")
                    if (
                        local
                        and "namespaceSelector" not in other
                        and not any(selects(local, labels) for _, labels in pods)
                    ):
                        overlay.finding(policy, "it names pods that are not there")
    names = [
        port["protocol"]
        for p in policies
        for rule in p["spec"].get("egress", [])
        for port in rule["ports"]
        if port["port"] in (53, 5353) and p["spec"]["podSelector"] == {}
    ]
    if set(names) != {"UDP", "TCP"}:
        finding(overlay.name, f"names are asked for by UDP and by TCP, and only {names} are let through")
    environment = next(
        (t["data"] for t in overlay.of("ConfigMap") if "feedgate-environment" in t["metadata"]["name"]), {}
    )
    if "OTEL_EXPORTER_OTLP_ENDPOINT" in environment:
        host, port = re.match(r"https?://([^:/]+):(\d+)", environment["OTEL_EXPORTER_OTLP_ENDPOINT"]).groups()
        reached(overlay, "telemetry", "sender", host.split(".")[1], int(port))
    database = re.search(r"@([^:/]+):(\d+)/", environment.get("FEEDGATE_DATABASE", ""))
    if database:
        reached(overlay, "database", "client", None, int(database[2]))
        if overlay.name not in ("dev", "dev-sharded", "base") and "sslmode=verify-full" not in environment["FEEDGATE_DATABASE"]:
            finding(overlay.name, "the database may be anybody's: no sslmode=verify-full")
        if re.match(r"postgres://[^@/]*:[^@/]*@", environment["FEEDGATE_DATABASE"]):
            finding(overlay.name, "a password in the database's address")
        path = re.search(r"sslrootcert=([^&]+)", environment["FEEDGATE_DATABASE"])
        for thing, template, _ in overlay.workloads():
            mounts = {m["mountPath"] for c in template["spec"]["containers"] for m in c.get("volumeMounts", [])}
            if path and is_client(template) and not any(path[1].startswith(m + "/") for m in mounts):
                overlay.finding(thing, f"`{path[1]}` is not mounted")
    monitored = bool(overlay.of("ServiceMonitor"))
    for thing, template, _ in overlay.workloads():
        sent = {e["name"]: e.get("value") for e in template["spec"]["containers"][0].get("env", [])}
        if monitored and thing["kind"] == "Deployment" and sent.get("OTEL_METRICS_EXPORTER") != "none":
            overlay.finding(thing, "its metrics are fetched and sent: each is there twice")
        labels = template["metadata"]["labels"]
        if is_client(template) and labels.get("feedgate.example/database") != "client":
            overlay.finding(thing, "it has the database's password and no way to the database: a label is missing")
        runs_feedgate = template["spec"]["containers"][0]["name"] in ("import", "serve", "migrate", "expiry")
        if runs_feedgate and labels.get("feedgate.example/telemetry") != "sender":
            overlay.finding(thing, "no way to the collector: a label is missing")
    if overlay.of("Ingress", "Route") and not any(
        port["port"] == 8080 for p in policies for rule in p["spec"].get("ingress", []) for port in rule["ports"]
    ):
        finding(overlay.name, "nobody may reach the service: no policy lets in what the Ingress or Route sends")


def is_client(template):
    return any(e["name"] == "PGPASSWORD" for c in template["spec"]["containers"] for e in c.get("env", []))


def reached(overlay, label, value, namespace, port):
    """A policy lets pods with the label out to the port, and to the namespace where one is known."""
    for policy in overlay.of("NetworkPolicy"):
        if policy["spec"]["podSelector"].get("matchLabels") != {f"feedgate.example/{label}": value}:
            continue
        for rule in policy["spec"].get("egress", []):
            spaces = {
                t.get("namespaceSelector", {}).get("matchLabels", {}).get("kubernetes.io/metadata.name")
                for t in rule["to"]
            }
            if port in {p["port"] for p in rule["ports"]} and (namespace is None or namespace in spaces):
                return
    finding(
        overlay.name,
        f"nothing lets the pods out to port {port}" + (f" of the namespace `{namespace}`" if namespace else ""),
    )


# --- the expiry watch ---------------------------------------------------------------------------------------------

# Hours after which FeedgateExpiryScanStale tells, and words of a thing that are paths.
STALE_HOURS = 13
WATCHED = ("path", "password_file", "stored", "trust", "client_certificate", "client_key")


def expiry(overlay):
    """What the inventory names is mounted, read only, and no more of it; what it probes is let out."""
    cron = overlay.get("CronJob", "feedgate-expiry")
    if cron is None:
        return
    pod = cron["spec"]["jobTemplate"]["spec"]["template"]
    container = pod["spec"]["containers"][0]
    hours = re.fullmatch(r"\d+ \*/(\d+) \* \* \*", cron["spec"]["schedule"])
    if not hours or 2 * int(hours[1]) >= STALE_HOURS:
        overlay.finding(cron, f"so rarely that one missed scan passes for a stale watch ({STALE_HOURS} hours)")
    if not any(e["name"] == "INSTANCE" and e.get("value") == "expiry" for e in container["env"]):
        overlay.finding(
            cron, "its instance is not `expiry`: scans stand beside each other, and alerts are not taken back"
        )
    files = mounted(overlay, cron, pod["spec"], container)
    arguments = dict(zip(container["args"], container["args"][1:]))
    inventory = files.get(arguments.get("--inventory"))
    if not inventory:
        overlay.finding(cron, f"the inventory `{arguments.get('--inventory')}` is not mounted")
        return
    for each in tomllib.loads(inventory).get("thing", []):
        watched(overlay, cron, pod, each, files)


def mounted(overlay, cron, pod, container):
    """Text by path of what is mounted from ConfigMaps; nothing as text of what comes from Secrets and volumes."""
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    files = {}
    for mount in container["volumeMounts"]:
        volume = volumes.get(mount["name"], {})
        if not mount.get("readOnly") and "emptyDir" not in volume:
            overlay.finding(cron, f"`{mount['mountPath']}` is watched and may be written to")
        if "configMap" in volume:
            made = overlay.get("ConfigMap", volume["configMap"]["name"])
            # One that is made beside the manifests may have any key.
            kept = {f"{mount['mountPath']}/{key}": text for key, text in made["data"].items()} if made else {}
            files |= kept or {mount["mountPath"]: None}
        elif "secret" in volume:
            secret = volume["secret"]
            if not secret.get("optional"):
                overlay.finding(cron, f"without the Secret `{secret['secretName']}` it never starts, and nothing is told")
            if not secret.get("items"):
                overlay.finding(cron, f"all of the Secret `{secret['secretName']}` is mounted, what is not watched as well")
            files |= {f"{mount['mountPath']}/{item['path']}": None for item in secret.get("items", [])}
        else:
            files[mount["mountPath"]] = None
    return files


def watched(overlay, cron, pod, thing, files):
    """A thing of the inventory: its paths are mounted, its address is let out, no password stands in it."""
    for word in WATCHED:
        path = thing.get(word)
        if path and not any(f"{path}/".startswith(f"{file}/") or file.startswith(f"{path}/") for file in files):
            overlay.finding(cron, f"`{thing['name']}` of the inventory reads `{path}`, which is not mounted")
    if "password" in thing:
        overlay.finding(cron, f"`{thing['name']}` of the inventory has its password in it")
    if "partner.example" in thing.get("address", "") and overlay.name not in ("dev", "dev-sharded"):
        overlay.finding(
            cron, f"`{thing['name']}` of the inventory probes what is only an example: see overlays/prod/expiry"
        )
    if "address" in thing:
        port = int(thing["address"].rpartition(":")[2])
        labels = pod["metadata"]["labels"]
        out = [
            rule_port["port"]
            for policy in overlay.of("NetworkPolicy")
            if policy["spec"]["podSelector"] and selects(policy["spec"]["podSelector"]["matchLabels"], labels)
            for rule in policy["spec"].get("egress", [])
            for rule_port in rule["ports"]
        ]
        if port not in out:
            overlay.finding(cron, f"`{thing['name']}` of the inventory is probed at port {port}, and nothing lets it out")


# --- namespaces ---------------------------------------------------------------------------------------------------


# What whoever deploys may not do: read passwords, give rights, run commands in pods.
NOT_DEPLOYED = {"secrets", "roles", "rolebindings", "clusterroles", "pods/exec", "pods/attach", "serviceaccounts/token", "*"}


def plural(kind):
    lower = kind.lower()
    return lower[:-1] + "ies" if lower.endswith("y") else lower + ("es" if lower.endswith("s") else "s")


def deployer(overlay, things):
    """The pipeline may apply what the overlay has, and neither read secrets nor give rights."""
    where = f"namespace-{overlay.name}"
    allowed = set()
    for rule in (rule for t in things if t["kind"] == "Role" for rule in t["rules"]):
        if excess := NOT_DEPLOYED & set(rule["resources"]) or {"*"} & set(rule["verbs"] + rule["apiGroups"]):
            finding(where, f"whoever deploys may do more than that: {sorted(excess)}")
        if "patch" in rule["verbs"]:
            allowed |= {(group, resource) for group in rule["apiGroups"] for resource in rule["resources"]}
    for thing in overlay.things:
        needed = thing["apiVersion"].rpartition("/")[0], plural(thing["kind"])
        if needed not in allowed:
            overlay.finding(thing, f"whoever deploys may not apply {needed[1]}: see namespaces/base/deployer.yaml")
    subjects = [subject for t in things if t["kind"] == "RoleBinding" for subject in t["subjects"]]
    if {(s["kind"], s.get("namespace")) for s in subjects} != {("ServiceAccount", "gitlab-agent")}:
        finding(where, "somebody else than GitLab's agent may deploy")


def namespace(overlay, things):
    """The namespace keeps the restricted profile, and what the overlay may use fits into its quota."""
    found = {t["kind"]: t for t in things}
    for volume in [t for t in things if t["kind"] == "PersistentVolume"]:
        if overlay.name.split("-")[0] not in volume["metadata"]["name"]:
            finding(
                f"namespace-{overlay.name}", "a volume belongs to the whole cluster, and its name says no environment"
            )
    labels = found["Namespace"]["metadata"]["labels"]
    where = f"namespace-{overlay.name}"
    for mode in ("enforce", "audit", "warn"):
        if labels.get(f"pod-security.kubernetes.io/{mode}") != "restricted":
            finding(where, f"Pod Security does not {mode} `restricted`")
        if f"pod-security.kubernetes.io/{mode}-version" not in labels:
            finding(where, f"Pod Security's {mode} has no version")
    if not re.fullmatch(r"v1\.\d+", labels.get("pod-security.kubernetes.io/enforce-version", "")):
        finding(where, "Pod Security's enforce is not pinned to a version")
    if found["Namespace"]["metadata"]["name"] not in {t["metadata"].get("namespace") for t in overlay.things}:
        finding(where, "its name is not the overlay's namespace")
    if found.get("ServiceAccount", {}).get("automountServiceAccountToken") is not False:
        finding(where, "pods that name no account get a token")
    if "LimitRange" not in found or "ResourceQuota" not in found:
        finding(where, "no quota, or no limits")
        return
    deployer(overlay, things)
    hard = found["ResourceQuota"]["spec"]["hard"]
    used = dict.fromkeys(("requests.cpu", "requests.memory", "limits.cpu", "limits.memory", "pods"), 0.0)
    storage = 0.0
    for thing, template, job in overlay.workloads():
        if thing["metadata"]["name"] == "feedgate-restore":
            continue
        scalers = [
            s
            for s in overlay.of("HorizontalPodAutoscaler")
            if s["spec"]["scaleTargetRef"]["name"] == thing["metadata"]["name"]
        ]
        # One more while a release rolls out.
        count = scalers[0]["spec"]["maxReplicas"] + 1 if scalers else (job or {}).get("parallelism", 1)
        used["pods"] += count
        for container in template["spec"]["containers"]:
            for half in ("requests", "limits"):
                for what in ("cpu", "memory"):
                    used[f"{half}.{what}"] += count * quantity(
                        container.get("resources", {}).get(half, {}).get(what, 0)
                    )
        storage += sum(
            quantity(c["spec"]["resources"]["requests"]["storage"])
            for c in thing["spec"].get("volumeClaimTemplates", [])
        )
    used["requests.storage"] = storage + sum(
        quantity(c["spec"]["resources"]["requests"]["storage"]) for c in overlay.of("PersistentVolumeClaim")
    )
    used["persistentvolumeclaims"] = len(overlay.of("PersistentVolumeClaim")) + (storage > 0)
    for what, amount in used.items():
        if what not in hard:
            finding(where, f"no quota of {what}")
        elif amount > quantity(hard[what]):
            finding(where, f"all together may take {amount:g} of {what}, and the quota is {hard[what]}")


# --- all ----------------------------------------------------------------------------------------------------------

RULES = (
    restricted,
    resources,
    images,
    variables,
    settings,
    probes,
    endings,
    services,
    scaling,
    failures,
    schedules,
    shards,
    references,
    placed,
    network,
    expiry,
)


def sources(root):
    """What must not stand in a kustomization."""
    for path in sorted((root / "deploy/kubernetes").rglob("kustomization.yaml")):
        text = path.read_text()
        where = path.relative_to(root)
        for word, why in (
            ("commonLabels", "changes selectors of what is live"),
            ("disableNameSuffixHash: true", "pods do not start anew when settings change"),
            ("includeSelectors: true", "changes selectors of what is live"),
        ):
            if word in text:
                finding(where, f"`{word}`: {why}")
    used = "\n".join(p.read_text() for p in (root / "deploy/kubernetes/overlays").rglob("kustomization.yaml"))
    for component in sorted((root / "deploy/kubernetes/components").iterdir()):
        if f"components/{component.name}\n" not in used:
            finding(component.relative_to(root), "no overlay takes it, so nothing checks it")


def main():
    root = Path(sys.argv[1])
    rendered = {Path(p).stem: [t for t in yaml.safe_load_all(Path(p).read_text()) if t] for p in sys.argv[2:]}
    sources(root)
    for name, things in rendered.items():
        if name.startswith("namespace-"):
            continue
        space = rendered.get(f"namespace-{name.split('-')[0]}")
        overlay = Overlay(name, things, root, space or ())
        before = len(findings)
        for rule in RULES:
            rule(overlay)
        if space:
            namespace(overlay, space)
        if len(findings) == before:
            print(f"ok    policy: {name}, {len(things)} objects")
    for each in findings:
        print(f"FAIL  policy: {each}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())

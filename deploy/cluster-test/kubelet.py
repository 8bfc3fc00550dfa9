"""Plays kubelet: takes pending pods of the API server, runs their container as a process in a sandbox of its own
(bubblewrap: read-only root, the pod's user, its volumes and nothing else), and reports its state and exit status.

What it does as a kubelet does: variables with their sources and $(NAME), arguments, volumes (ConfigMap and
Secret with items, emptyDir, claims as folders), preStop sleep, SIGTERM, grace period, SIGKILL, readiness by HTTP. What it does
not: several containers, networks (each pod has an address of 127/8 instead, and the service is told to listen
there), limits, images (a table says what stands for them), restarts.
"""

import base64
import os
import re
import signal
import subprocess
import threading
import time
import traceback
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

from api import Refused

NODE = "stand-in"
LOOK_SECONDS = 0.2


def now():
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Kubelet:
    """The pods of a namespace, run below a folder."""

    def __init__(self, api, folder, namespace, images, hosts):
        """`images`: from a part of an image's name to the command that stands for it. `hosts`: lines of /etc/hosts."""
        self.api = api
        self.folder = Path(folder)
        self.namespace = namespace
        self.images = images
        self.hosts = self.folder / "hosts"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.hosts.write_text(hosts)
        self.pods = {}
        self.addresses = 0
        self.is_over = threading.Event()
        self.looker = threading.Thread(target=self.look, daemon=True)

    def start(self):
        self.looker.start()

    def stop(self):
        self.is_over.set()
        self.looker.join(5)
        for pod in self.pods.values():
            pod.kill()

    def look(self):
        while not self.is_over.wait(LOOK_SECONDS):
            try:
                listed = self.api.get(f"/api/v1/namespaces/{self.namespace}/pods")["items"]
            except (Refused, OSError):
                continue
            for found in listed:
                self.see(found)

    def see(self, found):
        uid = found["metadata"]["uid"]
        is_ending = "deletionTimestamp" in found["metadata"]
        if uid in self.pods:
            if is_ending:
                self.pods[uid].end(found["metadata"]["deletionGracePeriodSeconds"])
        elif is_ending:
            self.forget(found)
        elif found["status"].get("phase") == "Pending":
            image = found["spec"]["containers"][0]["image"]
            command = next((c for part, c in self.images.items() if part in image), None)
            if command is not None:
                self.addresses += 1
                address = f"127.0.{1 + self.addresses // 200}.{1 + self.addresses % 200}"
                self.pods[uid] = Pod(self, found, command, address)

    def forget(self, found):
        """A pod that is at its end, and that somebody wants away."""
        try:
            self.api.delete(
                path_of(found), {"gracePeriodSeconds": 0, "preconditions": {"uid": found["metadata"]["uid"]}}
            )
        except Refused as refused:
            if refused.status not in (404, 409):
                raise

    def claim(self, namespace, name):
        """The folder that stands for a claim."""
        folder = self.folder / "claims" / namespace / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def running(self, namespace, prefix):
        """Pods of that name under way, oldest first."""
        return [
            p
            for p in self.pods.values()
            if p.namespace == namespace and p.name.startswith(prefix) and p.process and p.process.poll() is None
        ]

    def ran(self, namespace, prefix):
        """All pods of that name that were ever begun."""
        return [p for p in self.pods.values() if p.namespace == namespace and p.name.startswith(prefix)]


def path_of(pod):
    return f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods/{pod['metadata']['name']}"


class Pod:
    """One pod from its start to its end, on a thread of its own."""

    def __init__(self, kubelet, found, command, address):
        self.kubelet = kubelet
        self.api = kubelet.api
        self.found = found
        self.namespace = found["metadata"]["namespace"]
        self.name = found["metadata"]["name"]
        self.container = found["spec"]["containers"][0]
        self.command = command
        self.address = address
        self.folder = kubelet.folder / "pods" / found["metadata"]["uid"]
        self.log = self.folder / "log"
        self.process = None
        self.exit_status = None
        self.asked_to_end = None
        self.ending_seconds = None
        self.grace = threading.Event()
        self.grace_seconds = 30
        threading.Thread(target=self.live, daemon=True).start()

    # -- from outside

    def end(self, seconds):
        self.grace_seconds = seconds
        self.grace.set()

    def kill(self):
        """As the kernel does when memory is short: at once, and nobody is asked."""
        for pid in self.inner():
            os.kill(pid, signal.SIGKILL)

    def inner(self):
        """Processes in the sandbox: children of the one that made it."""
        if self.process is None or self.process.poll() is not None:
            return []
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in listed.read_text().split()] if listed.exists() else []

    def text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    # -- its life

    def live(self):
        try:
            self.bind()
            self.begin()
            self.report("Running", {"running": {"startedAt": now()}}, self.ready_at_once())
            self.follow()
            self.exit_status = self.process.wait()
            if self.exit_status < 0:
                self.exit_status = 128 - self.exit_status
            state = {
                "terminated": {
                    "exitCode": self.exit_status,
                    "reason": "Error" if self.exit_status else "Completed",
                    "startedAt": now(),
                    "finishedAt": now(),
                }
            }
            self.report("Failed" if self.exit_status else "Succeeded", state, False)
            if self.grace.is_set():
                self.kubelet.forget(self.found)
            else:
                threading.Thread(target=self.wait_for_deletion, daemon=True).start()
        except Refused as refused:
            if refused.status != 404:
                traceback.print_exc()
        except Exception:
            # At the end the server goes before the last pods.
            if not self.kubelet.is_over.is_set():
                traceback.print_exc()

    def wait_for_deletion(self):
        self.grace.wait()
        self.kubelet.forget(self.found)

    def bind(self):
        target = {"apiVersion": "v1", "kind": "Node", "name": NODE}
        self.api.post(
            path_of(self.found) + "/binding",
            {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": self.name}, "target": target},
        )

    def ready_at_once(self):
        return "readinessProbe" not in self.container

    def report(self, phase, state, ready):
        conditions = [{"type": kind, "status": "True" if ready else "False"} for kind in ("Ready", "ContainersReady")]
        conditions += [{"type": kind, "status": "True"} for kind in ("PodScheduled", "Initialized")]
        # A Deployment counts minReadySeconds from here; it is reported only when something has changed.
        for condition in conditions:
            condition["lastTransitionTime"] = now()
        self.api.patch(
            path_of(self.found) + "/status",
            {
                "status": {
                    "phase": phase,
                    "podIP": self.address,
                    "podIPs": [{"ip": self.address}],
                    "startTime": now(),
                    "conditions": conditions,
                    "containerStatuses": [
                        {
                            "name": self.container["name"],
                            "image": self.container["image"],
                            "imageID": "stand-in",
                            "ready": ready,
                            "started": "running" in state,
                            "restartCount": 0,
                            "state": state,
                            "lastState": {},
                        }
                    ],
                }
            },
        )

    def follow(self):
        """Until the process ends: asks whether it is ready, ends it when the pod is to go."""
        is_ready = self.ready_at_once()
        while self.process.poll() is None:
            if self.grace.wait(LOOK_SECONDS):
                self.terminate()
                return
            if not self.ready_at_once():
                answers = self.answers()
                if answers != is_ready:
                    is_ready = answers
                    self.report("Running", {"running": {"startedAt": now()}}, is_ready)

    def answers(self):
        get = self.container["readinessProbe"]["httpGet"]
        port = next(p["containerPort"] for p in self.container["ports"] if p["name"] == get["port"])
        try:
            with urllib.request.urlopen(f"http://{self.address}:{port}{get['path']}", timeout=7) as answer:
                return answer.status == 200
        except OSError:
            return False

    def terminate(self):
        deadline = time.monotonic() + self.grace_seconds
        pause = self.container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
        time.sleep(min(pause, self.grace_seconds))
        self.asked_to_end = time.monotonic()
        for pid in self.inner():
            os.kill(pid, signal.SIGTERM)
        while self.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        if self.process.poll() is None:
            self.kill()
        self.process.wait()
        self.ending_seconds = time.monotonic() - self.asked_to_end

    # -- its beginning

    def begin(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        variables = self.variables()
        words = self.container.get("command") or self.command
        words = words + [expanded(word, variables) for word in self.container.get("args", [])]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self.sandbox() + words,
                env={"PATH": self.kubelet.images["PATH"]} | variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
            )

    def variables(self):
        variables = {}
        for source in self.container.get("envFrom", []):
            variables |= self.data("configmaps", source["configMapRef"]["name"])
        for entry in self.container.get("env", []):
            variables[entry["name"]] = self.value(entry, variables)
        if self.container["name"] == "serve":
            variables |= {
                "FEEDGATE_SERVE_LISTEN": f"{self.address}:8080",
                "FEEDGATE_SERVE_ADMIN_LISTEN": f"{self.address}:9464",
            }
        return variables

    def value(self, entry, variables):
        source = entry.get("valueFrom")
        if source is None:
            # As a kubelet: only what stands before it in `env`.
            names = [e["name"] for e in self.container["env"]]
            before = names[: names.index(entry["name"])]
            return expanded(entry.get("value", ""), {n: variables[n] for n in before})
        if "configMapKeyRef" in source:
            return self.data("configmaps", source["configMapKeyRef"]["name"])[source["configMapKeyRef"]["key"]]
        if "secretKeyRef" in source:
            found = self.data("secrets", source["secretKeyRef"]["name"])[source["secretKeyRef"]["key"]]
            return base64.b64decode(found).decode()
        return self.field(source["fieldRef"]["fieldPath"])

    def field(self, path):
        label = re.fullmatch(r"metadata\.(labels|annotations)\['(.+)'\]", path)
        if label:
            return self.found["metadata"].get(label[1], {}).get(label[2], "")
        return {"metadata.name": self.name, "metadata.namespace": self.namespace, "spec.nodeName": NODE}[path]

    def data(self, kind, name):
        return self.api.get(f"/api/v1/namespaces/{self.namespace}/{kind}/{name}").get("data", {})

    def sandbox(self):
        context = self.found["spec"].get("securityContext", {})
        words = [
            "bwrap",
            "--die-with-parent",
            "--unshare-user",
            "--uid",
            str(context.get("runAsUser", 65532)),
            "--gid",
            str(context.get("runAsGroup", 65532)),
            "--cap-drop",
            "ALL",
            "--proc",
            "/proc",
            "--dev",
            "/dev",
        ]
        for path in ("/usr", "/lib", "/lib64", "/bin", "/sbin", "/etc/ssl", "/etc/alternatives", "/etc/ld.so.cache"):
            if os.path.islink(path):
                words += ["--symlink", os.readlink(path), path]
            elif os.path.exists(path):
                words += ["--ro-bind", path, path]
        for path, inside in self.kubelet.images["FILES"].items():
            words += ["--ro-bind", path, inside]
        words += ["--ro-bind", str(self.kubelet.hosts), "/etc/hosts"]
        for mount in self.container.get("volumeMounts", []):
            volume = next(v for v in self.found["spec"]["volumes"] if v["name"] == mount["name"])
            bind = "--ro-bind" if mount.get("readOnly") else "--bind"
            words += [bind, str(self.volume(volume)), mount["mountPath"]]
        # The root is read-only, as `readOnlyRootFilesystem` says.
        return [*words, "--remount-ro", "/", "--chdir", "/", "--"]

    def volume(self, volume):
        if "persistentVolumeClaim" in volume:
            return self.kubelet.claim(self.namespace, volume["persistentVolumeClaim"]["claimName"])
        folder = self.folder / "volumes" / volume["name"]
        folder.mkdir(parents=True, exist_ok=True)
        if "configMap" in volume:
            data = self.data("configmaps", volume["configMap"]["name"])
            items = volume["configMap"].get("items") or [{"key": key, "path": key} for key in data]
            for item in items:
                path = folder / item["path"]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(data[item["key"]])
        if "secret" in volume:
            data = self.secret(volume["secret"])
            for item in volume["secret"].get("items") or [{"key": key, "path": key} for key in data]:
                if item["key"] in data:
                    (folder / item["path"]).write_bytes(base64.b64decode(data[item["key"]]))
        return folder

    def secret(self, source):
        """Nothing for one that is not there and need not be."""
        try:
            return self.data("secrets", source["secretName"])
        except Refused as refused:
            if refused.status == 404 and source.get("optional"):
                return {}
            raise


def expanded(text, variables):
    """$(NAME) as kubelet replaces it: what is unknown stays as it stands."""
    return re.sub(r"\$\((\w+)\)", lambda found: variables.get(found[1], found[0]), text)

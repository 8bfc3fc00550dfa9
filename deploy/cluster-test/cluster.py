"""A control plane and a PostgreSQL on this machine, for as long as a test takes."""

import os
import secrets
import shutil
import socket
import subprocess
import time
from pathlib import Path

from api import Api, Refused

# No scheduler, no nodes: kubelet.py binds pods itself.
CONTROLLERS = (
    "job-controller,cronjob-controller,deployment-controller,replicaset-controller,statefulset-controller,"
    "garbage-collector-controller,namespace-controller,ttl-after-finished-controller,resourcequota-controller,"
    "disruption-controller"
)
DATABASE_ADDRESS = "127.0.0.77"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Started:
    """Processes that this began, ended in reverse order."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.processes = []

    def start(self, name, *words):
        log = (self.folder / f"{name}.log").open("wb")
        self.processes.append(subprocess.Popen([str(w) for w in words], stdout=log, stderr=subprocess.STDOUT))

    def stop(self):
        for process in reversed(self.processes):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


class Cluster(Started):
    """etcd, API server, controllers."""

    def __init__(self, folder, binaries):
        super().__init__(folder)
        binaries = Path(binaries)
        etcd, peer, port, controllers = free_port(), free_port(), free_port(), free_port()
        token = secrets.token_hex(16)
        (self.folder / "tokens.csv").write_text(f'{token},admin,admin,"system:masters"\n')
        key = self.folder / "accounts.key"
        subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
        self.start(
            "etcd",
            binaries / "etcd",
            "--data-dir",
            self.folder / "etcd",
            "--unsafe-no-fsync",
            "--listen-client-urls",
            f"http://127.0.0.1:{etcd}",
            "--advertise-client-urls",
            f"http://127.0.0.1:{etcd}",
            "--listen-peer-urls",
            f"http://127.0.0.1:{peer}",
        )
        self.start(
            "apiserver",
            binaries / "kube-apiserver",
            "--etcd-servers",
            f"http://127.0.0.1:{etcd}",
            "--bind-address",
            "127.0.0.1",
            "--secure-port",
            port,
            "--cert-dir",
            self.folder / "certificates",
            "--token-auth-file",
            self.folder / "tokens.csv",
            "--authorization-mode",
            "RBAC",
            "--service-account-issuer",
            "https://test.example",
            "--service-account-key-file",
            key,
            "--service-account-signing-key-file",
            key,
            "--service-cluster-ip-range",
            "10.96.0.0/16",
            "--disable-admission-plugins",
            "DefaultStorageClass",
            "--endpoint-reconciler-type",
            "none",
        )
        authority = self.folder / "certificates/apiserver.crt"
        self.kubeconfig = self.folder / "kubeconfig"
        self.kubeconfig.write_text(f"""apiVersion: v1
kind: Config
clusters: [{{name: test, cluster: {{server: "https://127.0.0.1:{port}", certificate-authority: {authority}}}}}]
users: [{{name: admin, user: {{token: {token}}}}}]
contexts: [{{name: test, context: {{cluster: test, user: admin}}}}]
current-context: test
""")
        self.wait_for(authority.exists, 60)
        self.api = Api(f"https://127.0.0.1:{port}", token, authority)
        self.wait_for(self.is_ready, 90)
        self.start(
            "controllers",
            binaries / "kube-controller-manager",
            "--kubeconfig",
            self.kubeconfig,
            "--controllers",
            CONTROLLERS,
            "--leader-elect=false",
            "--secure-port",
            controllers,
            "--bind-address",
            "127.0.0.1",
            "--cert-dir",
            self.folder / "certificates-controllers",
            "--concurrent-job-syncs",
            "5",
        )

    def is_ready(self):
        try:
            self.api.get("/api/v1/namespaces/default")
        except (Refused, OSError):
            return False
        return True

    def wait_for(self, condition, seconds):
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline or any(p.poll() is not None for p in self.processes):
                raise SystemExit(f"the control plane does not start: see {self.folder}/*.log")
            time.sleep(0.2)

    def kubectl(self, *words, stdin=None, check=True):
        done = subprocess.run(
            ["kubectl", f"--kubeconfig={self.kubeconfig}", *words],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and done.returncode != 0:
            raise RuntimeError(f"kubectl {' '.join(words)}: {done.stderr}")
        return done


class Database:
    """A PostgreSQL at an address of its own, port 5432, as pods expect it."""

    def __init__(self, folder, binaries, password):
        self.folder = Path(folder)
        self.binaries = Path(binaries)
        self.password = password
        self.folder.mkdir()
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres")
        secret = self.folder.parent / "database-password"
        secret.write_text(password)
        secret.chmod(0o644)
        self.server(
            "initdb",
            "-D",
            self.folder / "data",
            "-U",
            "owner",
            "-A",
            "scram-sha-256",
            f"--pwfile={secret}",
            "--no-sync",
        )
        self.start()
        self.query(
            "postgres",
            f"create role feedgate login password '{password}'",
            "create database shop owner feedgate",
            "create database alone owner feedgate",
        )

    def server(self, program, *words):
        prefix = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        subprocess.run(
            [*prefix, str(self.binaries / program), *map(str, words)],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def start(self):
        options = (
            f"-c listen_addresses={DATABASE_ADDRESS} -c unix_socket_directories={self.folder} -c fsync=off -c port=5432"
        )
        self.server("pg_ctl", "-D", self.folder / "data", "-l", self.folder / "log", "-w", "-o", options, "start")

    def stop(self):
        self.server("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop")

    def query(self, database, *statements):
        words = [word for statement in statements for word in ("-c", statement)]
        return subprocess.run(
            [
                str(self.binaries / "psql"),
                "-X",
                "-qAt",
                "-v",
                "ON_ERROR_STOP=1",
                "-h",
                DATABASE_ADDRESS,
                "-U",
                "owner",
                "-d",
                database,
                *words,
            ],
            check=True,
            capture_output=True,
            text=True,
            env=os.environ | {"PGPASSWORD": self.password},
        ).stdout.strip()

#!/usr/bin/env python3
"""What `terraform validate` does not ask: terraform.py FOLDER; or lays out providers: terraform.py --mirror SCHEMAS STAND_IN FOLDER

Modules are described and typed, every provider is bounded, environments differ in values alone, no secret stands
anywhere or would get into the state.
"""

import json
import pathlib
import platform
import re
import shutil
import sys

ENVIRONMENTS = ["dev", "stage", "prod"]
# Attributes that providers keep in the state as they are; those that end with _wo are not kept.
SECRET = re.compile(
    r"^\s*(administrator_password|admin_password|password|value|client_secret|access_key|sas_token|token|secret_key)\s*=", re.M
)
# A resource whose state is a secret.
SECRET_TYPES = ["gitlab_cluster_agent_token", "kubernetes_secret", "kubernetes_secret_v1", "tls_private_key", "gitlab_deploy_token"]
LITERALS = [
    (r"-----BEGIN [A-Z ]*PRIVATE KEY", "a private key"),
    (r"\b(glpat|gldt|glcbt|glagent)-[\w-]{10,}", "a token of GitLab"),
    (r"AccountKey=[A-Za-z0-9+/]{20,}", "a storage key"),
    (r"postgres(ql)?://[^:/@\s\"]+:(?!password@)[^@\s\"$]+@", "a password in an address"),
]


def blocks(text, kind):
    """(labels, body) of the blocks of this kind; the files are formatted, so a block ends at its indentation."""
    for match in re.finditer(rf'^(?P<indent> *){kind} ?(?P<labels>(?:"[^"]*" ?)*)\{{(?P<body>.*?)^(?P=indent)\}}', text, re.M | re.S):
        yield re.findall(r'"([^"]*)"', match["labels"]), match["body"]


def module_faults(folder):
    files = {path.name: path.read_text() for path in folder.glob("*.tf")}
    text = "\n".join(files.values())
    for name in ("main.tf", "variables.tf", "outputs.tf", "versions.tf"):
        if name not in files and not (name == "outputs.tf" and folder.name == "in-cluster"):
            yield f"{name} is missing"
    for kind in ("variable", "output"):
        for (name,), body in blocks(text, kind):
            if not re.search(r"^\s*description\s*=", body, re.M):
                yield f"{kind} `{name}` has no description"
            if kind == "variable" and not re.search(r"^\s*type\s*=", body, re.M):
                yield f"variable `{name}` has no type"
            if kind == "variable" and not re.search(rf"\bvar\.{name}\b", text.replace(body, "")):
                yield f"variable `{name}` is declared and not used"
    required = re.search(r'required_version = "([^"]*)"', files.get("versions.tf", ""))
    if not required or ">=" not in required[1] or "<" not in required[1]:
        yield "versions.tf bounds Terraform on one side or not at all"
    for version in re.findall(r'^\s+version = "([^"]*)"', files.get("versions.tf", ""), re.M):
        if "~>" not in version and "<" not in version:
            yield f"provider version `{version}` has no upper bound"
    for _, body in blocks(text, "module"):
        if re.search(r'source\s*=\s*"(?!\.\.?/)', body):
            yield "a module from elsewhere: modules here are our own"


def secret_faults(path, text):
    for type_ in SECRET_TYPES:
        if f'resource "{type_}"' in text:
            yield f"resource {type_} would put a secret into the state"
    for labels, body in blocks(text, "resource"):
        # A parameter of the server is no secret.
        if labels[0] == "azurerm_postgresql_flexible_server_configuration":
            continue
        for name in SECRET.findall(body):
            yield f"{labels[0]}.{labels[1]}: `{name}` is kept in the state; take the argument that ends with _wo"
    if re.search(r'resource "random_password"', text):
        yield "random_password as a resource is kept in the state; it has to be ephemeral"
    for pattern, what in LITERALS:
        if re.search(pattern, text):
            yield f"looks like {what}"


def skeleton(folder):
    """The environment's files with all values taken out: environments may differ in values alone."""
    found = {}
    for path in sorted(folder.rglob("*.tf")):
        text = re.sub(r"#.*", "", path.read_text())
        text = re.sub(r'"[^"]*"|\b\d+\b|\btrue\b|\bfalse\b', "_", text)
        found[str(path.relative_to(folder))] = re.sub(r"\s+", " ", text)
    return found


def value(text, name):
    return re.search(rf"\b{name}\s*=\s*(\S+)", text)[1]


def environment_faults(root):
    folders = {name: root / "environments" / name for name in ENVIRONMENTS}
    shapes = {name: skeleton(folder) for name, folder in folders.items()}
    networks = {name: value((folder / "main.tf").read_text(), "network").strip('"') for name, folder in folders.items()}
    for name, folder in folders.items():
        for file in sorted(set(shapes[name]) | set(shapes["prod"])):
            if shapes[name].get(file) != shapes["prod"].get(file):
                yield f"{name}/{file} differs from prod in more than values"
        text = (folder / "main.tf").read_text()
        if value(text, "environment") != f'"{name}"':
            yield f"{name}/main.tf says it is {value(text, 'environment')}"
        for file in (folder / "in-cluster" / "main.tf", folder / "backend.hcl.example"):
            if value(file.read_text(), "container_name") != f'"{name}"':
                yield f"{file.relative_to(root)} takes the state of another environment"
        for other in set(ENVIRONMENTS) - {name}:
            if networks[other] == networks[name]:
                yield f"{name} and {other} have one network"
            if networks[other] not in text:
                yield f"{name}/main.tf does not reserve the network of {other}"
        for file in ("versions.tf", "in-cluster/versions.tf"):
            backend = next((body for labels, body in blocks((folder / file).read_text(), "backend")), "")
            if "use_oidc         = true" not in backend or "use_azuread_auth = true" not in backend:
                yield f"{name}/{file}: the state is not reached by identity alone"
    keys = [value((root / "environments/prod" / f).read_text(), "key") for f in ("versions.tf", "in-cluster/versions.tf")]
    if len(set(keys)) != len(keys):
        yield "two states of one environment have one key"
    prod = (folders["prod"] / "main.tf").read_text()
    for name in ("production", "private_cluster"):
        if value(prod, name) != "true":
            yield f"prod/main.tf: {name} is not true"


def main(root):
    faults = []
    for folder in sorted({path.parent for path in root.rglob("*.tf")}):
        faults += [f"{folder.relative_to(root)}: {fault}" for fault in module_faults(folder)]
    for path in sorted(p for p in root.rglob("*") if p.is_file() and p.suffix in (".tf", ".tfvars", ".example", ".hcl", ".md")):
        faults += [f"{path.relative_to(root)}: {fault}" for fault in secret_faults(path, path.read_text())]
    faults += environment_faults(root)
    readme = (root / "README.md").read_text()
    for folder in sorted((root / "modules").iterdir()):
        if f"`{folder.name}`" not in readme:
            faults.append(f"README.md does not tell of the module `{folder.name}`")
    print("\n".join(faults))
    return 1 if faults else 0


def mirror(schemas, stand_in, folder):
    """A file system mirror of providers that are all the stand-in; prints the configuration that takes it."""
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    for name, provider in json.loads(schemas.read_text()).items():
        version = provider["version"]
        for registry in ("registry.terraform.io", "registry.opentofu.org"):
            target = folder / registry / provider["source"] / version / f"{platform.system().lower()}_{machine}"
            target.mkdir(parents=True)
            shutil.copy(stand_in, target / f"terraform-provider-{name}_v{version}")
    print(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{folder}"\n  }}\n}}')
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "--mirror":
        sys.exit(mirror(*map(pathlib.Path, sys.argv[2:])))
    sys.exit(main(pathlib.Path(sys.argv[1])))

"""Manifests against the schemas of Kubernetes, strictly: unknown fields and wrong types are findings.

    schema.py FIRST-LAST RENDERED...     versions such as 30-37, files that `kubectl kustomize` wrote

Needs the packages kubernetes-validate, which has the schemas, and jsonschema-rs, which is fast with them. Kinds of operators have schemas beside this file
(schemas/KIND.json): what they say of the fields that we use. A kind that has neither is a finding.
"""

import functools
import json
import sys
from pathlib import Path

import jsonschema_rs
import kubernetes_validate.utils as known
import yaml

OWN = Path(__file__).parent / "schemas"
# The address under which a version's schemas name each other; nothing is asked there.
BASE = "http://schemas.invalid/api/"
FOLDER = Path(known.__file__).parent / "kubernetes-json-schema"


@functools.cache
def validator(version, kind, group):
    """The checker for a kind, or None when the version does not know it."""
    folder = FOLDER / f"v1.{version}.0-local-strict"
    file = folder / f"{kind.lower()}-{group}.json"
    if not file.is_file():
        return None
    schema = json.loads(file.read_text()) | {"$id": f"{BASE}{file.name}"}
    return jsonschema_rs.Draft202012Validator(schema, registry=definitions(version))


@functools.cache
def definitions(version):
    shared = json.loads((FOLDER / f"v1.{version}.0-local-strict" / "_definitions.json").read_text())
    place = f"{BASE}_definitions.json"
    return jsonschema_rs.Registry([(place, shared | {"$id": place})])


@functools.cache
def own(kind):
    file = OWN / f"{kind}.json"
    return jsonschema_rs.Draft202012Validator(json.loads(file.read_text())) if file.is_file() else None


def group_of(api_version):
    group, _, version = api_version.rpartition("/")
    return f"{group.split('.')[0]}-{version}" if group else version


@functools.cache
def faults_of(text, version):
    """Faults of an object as text: overlays have much in common, which is judged once."""
    return faults(json.loads(text), version)


def faults(thing, version):
    checker = own(thing["kind"]) or validator(version, thing["kind"], group_of(thing["apiVersion"]))
    if checker is None:
        return [f"1.{version} has no {thing['apiVersion']} {thing['kind']}"]
    return [
        f"1.{version}: {'/'.join(map(str, e.instance_path))}: {e.message[:200]}" for e in checker.iter_errors(thing)
    ]


def main():
    first, last = map(int, sys.argv[1].split("-"))
    bad = 0
    for path in map(Path, sys.argv[2:]):
        things = [t for t in yaml.safe_load_all(path.read_text()) if t]
        told = {}
        for version in range(first, last + 1):
            for thing in things:
                # The name of the namespace makes no difference.
                common = thing | {"metadata": thing["metadata"] | {"namespace": "x"}}
                for fault in faults_of(json.dumps(common, default=str), version):
                    told.setdefault((thing["kind"], thing["metadata"]["name"], fault.split(": ", 1)[-1]), fault)
        for (kind, name, _), fault in told.items():
            print(f"FAIL  schema: {path.stem} {kind}/{name}: {fault}")
        bad += len(told)
        if not told:
            print(f"ok    schema: {path.stem}, {len(things)} objects, Kubernetes 1.{first} to 1.{last}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
